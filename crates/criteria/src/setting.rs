//! Was the statement studied in the setting this patient is in?
//!
//! The row of `settings/` asks, one condition after the other; all must hold. What the studied population had in common
//! (`settings/required_markers.tsv`: receptors, genes without an alteration, grade) belongs to the setting as well.

mod population;
pub(crate) mod prior;
pub(crate) mod stage;

use crate::tumour::receptor_row;
use crate::verdict::{NotTested, Verdict};
use concilium_case::Case;
use concilium_evidence::Statement;
use concilium_knowledge::{Knowledge, Setting};
use concilium_terms::{Doid, Truth};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the setting fits. The order is the order of preference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "fit", content = "verdict")]
pub enum SettingFit {
    /// A row exists and its conditions hold.
    Fits(Verdict),
    /// A row exists and something it asks is not known.
    Open(Verdict),
    /// No row: cannot stand above one whose setting fits.
    NotStated,
    /// A row exists and a condition fails: wrong line, prior therapy, age, excluded population, intent.
    DoesNotFit(Verdict),
}

/// Judges the statement's setting row and the receptor state of its population.
pub fn judge_setting(case: &Case, knowledge: &Knowledge, statement: &Statement) -> SettingFit {
    let row = knowledge.settings.get(&statement.key);
    let coded = case.tumour.as_ref().and_then(|tumour| receptor_row(knowledge, &tumour.doid));
    let required = knowledge.required_markers.get(&statement.key);
    let markers = required.map(|row| population::judge(case, row, coded));
    let conditions = row.map(|row| judge_row(case, knowledge, row));
    let verdict = Verdict::all(conditions.clone().into_iter().chain(markers));
    match (verdict.truth, conditions) {
        (Truth::False, _) => SettingFit::DoesNotFit(verdict),
        (Truth::Open, _) => SettingFit::Open(verdict),
        (Truth::True, Some(_)) => SettingFit::Fits(verdict),
        (Truth::True, None) => SettingFit::NotStated,
    }
}

fn judge_row(case: &Case, knowledge: &Knowledge, row: &Setting) -> Verdict {
    let mut conditions = vec![
        stage::judge_intent(case, knowledge, row.intent.as_deref()),
        stage::judge_line(case, row.line_min, row.line_max),
        judge_age(case, row.age_min, row.age_max),
    ];
    let advanced = row.intent.as_deref() == Some("advanced");
    let required = |item| prior::judge_required(case, knowledge, item, advanced);
    let excluded = |item| prior::judge_excluded(case, knowledge, item, advanced);
    conditions.extend(row.prior_required.iter().map(required));
    conditions.extend(row.prior_excluded.iter().map(excluded));
    conditions.extend(row.excluded.iter().map(|doid| judge_excluded_tumour(case, knowledge, doid)));
    Verdict::all(conditions)
}

/// Years at the day of the case; an incomplete birth date gives a range, which may leave the gate open.
fn judge_age(case: &Case, min: Option<u32>, max: Option<u32>) -> Verdict {
    let asked = match (min, max) {
        (None, None) => return Verdict::all([]),
        (Some(min), None) => format!("age {min} or older"),
        (None, Some(max)) => format!("age {max} or younger"),
        (Some(min), Some(max)) => format!("age {min} to {max}"),
    };
    let Some((youngest, oldest)) = case.age_years() else {
        return Verdict::not_tested(NotTested::NeverDone, format!("{asked}: age not known"), vec![]);
    };
    let (min, max) = (min.unwrap_or(0), max.unwrap_or(u32::MAX));
    let facts = vec![case.patient.meta.id.clone()];
    let age = if youngest == oldest { youngest.to_string() } else { format!("{youngest} or {oldest}") };
    match () {
        () if min <= youngest && oldest <= max => Verdict::met(format!("{asked}: {age}"), facts),
        () if oldest < min || max < youngest => Verdict::not_met(format!("{asked}: {age}"), facts),
        () => Verdict::not_tested(NotTested::Uncertain, format!("{asked}: {age}"), facts),
    }
}

fn judge_excluded_tumour(case: &Case, knowledge: &Knowledge, excluded: &Doid) -> Verdict {
    let asked = format!("studied without {}", knowledge.diseases.name(excluded));
    let Some(tumour) = &case.tumour else {
        return Verdict::not_tested(NotTested::NeverDone, format!("{asked}: tumour unknown"), vec![]);
    };
    let facts = vec![tumour.condition.clone()];
    match () {
        () if knowledge.diseases.is_a(&tumour.doid, excluded) => Verdict::not_met(asked, facts),
        () if knowledge.diseases.is_a(excluded, &tumour.doid) => {
            let what = format!("{asked}: {} is broader and may be it", tumour.name);
            Verdict::not_tested(NotTested::Uncertain, what, facts)
        }
        () => Verdict::met(format!("{asked}: {}", tumour.name), facts),
    }
}
