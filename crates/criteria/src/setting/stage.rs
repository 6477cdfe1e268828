//! Is the disease at the stage, and the patient at the line, the study was about?

use crate::lines::{NextLine, next_line};
use crate::tumour::{CENTRAL_NERVOUS_SYSTEM, HAEMATOLOGICAL};
use crate::verdict::{NotTested, Verdict};
use concilium_case::{Case, Extent, LineIntent, Tumour};
use concilium_knowledge::Knowledge;
use concilium_terms::Doid;

/// Intent of the study against the extent of disease.
pub(super) fn judge_intent(case: &Case, knowledge: &Knowledge, intent: Option<&str>) -> Verdict {
    let Some(intent) = intent.filter(|intent| *intent != "any") else { return Verdict::all([]) };
    let Some(tumour) = &case.tumour else {
        return Verdict::not_tested(
            NotTested::NeverDone,
            format!("{intent} disease: tumour unknown"),
            vec![],
        );
    };
    match intent {
        "advanced" => advanced(case, knowledge, tumour),
        "neoadjuvant" | "adjuvant" | "perioperative" => curative(case, tumour, intent),
        _ => Verdict::not_computable(format!("intent `{intent}` is not known"), vec![]),
    }
}

fn advanced(case: &Case, knowledge: &Knowledge, tumour: &Tumour) -> Verdict {
    let facts = vec![tumour.condition.clone()];
    let is_a = |doid: &str| knowledge.diseases.is_a(&tumour.doid, &Doid::new(doid));
    match tumour.extent {
        Extent::Metastatic => Verdict::met("advanced disease: metastatic", facts),
        Extent::Localised => Verdict::not_met("advanced disease: localised", facts),
        Extent::Remission => Verdict::not_met("advanced disease: in remission", facts),
        Extent::LocallyAdvanced => {
            let what = "advanced disease: locally advanced, resectable or not is not stated";
            Verdict::not_tested(NotTested::Uncertain, what, facts)
        }
        Extent::Unknown if is_a(HAEMATOLOGICAL) || is_a(CENTRAL_NERVOUS_SYSTEM) => {
            Verdict::met("advanced disease: this tumour has no local stages", facts)
        }
        Extent::Unknown if case.lines.iter().any(|line| line.intent == LineIntent::Advanced) => {
            Verdict::met("advanced disease: treated as such before", facts)
        }
        Extent::Unknown => {
            Verdict::not_tested(NotTested::NeverDone, "advanced disease: extent not known", facts)
        }
    }
}

fn curative(case: &Case, tumour: &Tumour, intent: &str) -> Verdict {
    let facts = vec![tumour.condition.clone()];
    let operations = || {
        let curative = case.facts.procedures.iter().filter(|procedure| {
            procedure.intent.as_deref().is_some_and(|intent| intent.to_lowercase().contains("curative"))
        });
        curative.map(|procedure| procedure.meta.id.clone()).collect::<Vec<_>>()
    };
    let open = |why: &str| {
        Verdict::not_tested(NotTested::NeverDone, format!("{intent} therapy: {why}"), facts.clone())
    };
    match (tumour.extent, intent, operations().is_empty()) {
        (Extent::Metastatic, _, _) => {
            Verdict::not_met(format!("{intent} therapy: metastatic disease"), facts)
        }
        (Extent::Remission | Extent::Unknown, _, _) => open("extent of disease now is not known"),
        (_, "adjuvant", false) => Verdict::met("adjuvant therapy: after a curative operation", operations()),
        (_, "adjuvant", true) => open("no curative operation recorded"),
        (_, _, true) => Verdict::met(format!("{intent} therapy: not operated yet"), facts),
        (_, _, false) => open("an operation is recorded"),
    }
}

/// The next line in the advanced setting.
pub(super) fn judge_line(case: &Case, min: Option<u32>, max: Option<u32>) -> Verdict {
    let asked = match (min, max) {
        (None, None) => return Verdict::all([]),
        (Some(min), Some(max)) if min == max => format!("line {min}"),
        (Some(min), Some(max)) => format!("line {min} to {max}"),
        (Some(min), None) => format!("line {min} or later"),
        (None, Some(max)) => format!("line {max} or earlier"),
    };
    if !history_known(case) {
        let what = format!("{asked}: no record of systemic therapy, and none that says untreated");
        return Verdict::not_tested(NotTested::NeverDone, what, vec![]);
    }
    let next = next_line(case);
    let mut facts: Vec<String> = case.lines.iter().flat_map(|line| line.from.clone()).collect();
    facts.sort();
    facts.dedup();
    let NextLine { fewest, most, .. } = next;
    let next = [vec![next.words()], next.because].concat().join("; ");
    let (min, max) = (min.unwrap_or(0), max.unwrap_or(u32::MAX));
    match () {
        () if min <= fewest && most <= max => {
            Verdict::met(format!("{asked}: the next line is {next}"), facts)
        }
        () if most < min || max < fewest => {
            Verdict::not_met(format!("{asked}: the next line is {next}"), facts)
        }
        () => Verdict::not_tested(NotTested::Uncertain, format!("{asked}: the next line is {next}"), facts),
    }
}

/// Do the records keep drugs at all? A record that lists no drug of any kind says nothing of treatment; one that
/// lists others, or a statement that anticancer drugs were not taken, says that none was recorded.
pub(crate) fn history_known(case: &Case) -> bool {
    !case.lines.is_empty()
        || case
            .facts
            .medications
            .iter()
            .any(|record| !record.drugs.is_empty() || record.about_class.is_some())
}
