//! Which facts contradict one another? Both sides stay, with their sources; the newest never wins silently.

use super::lineage;
use super::tumour::{is_blood_cancer, numeral};
use concilium_case::{
    Condition, ConditionRole, Conflict, Exposure, Facts, Issue, Level, Line, LineIntent, Marker, MarkerCall,
    Presence, Source, Stage, StageScale, Tumour,
};
use concilium_criteria::lines::is_distant;
use concilium_knowledge::{Knowledge, PriorTherapy};
use concilium_recommend::marker_label;
use concilium_terms::{ClassId, Doid, PartialDate};
use std::collections::BTreeMap;

/// Conflicts sorted by what they are about.
pub fn find(facts: &Facts, tumours: &[Tumour], lines: &[Line], knowledge: &Knowledge) -> Vec<Conflict> {
    let mut conflicts = markers(facts);
    conflicts.extend(stages(facts));
    conflicts.extend(tumours.iter().filter_map(|tumour| risk_group(facts, tumour, knowledge)));
    conflicts.extend(exposures(facts, knowledge));
    conflicts.extend(alterations(facts));
    conflicts.extend(metastasis(facts));
    conflicts.extend(in_situ(facts));
    conflicts.extend(lines.iter().filter_map(|line| adjuvant_after_metastasis(line, facts)));
    conflicts.extend(tumours.first().and_then(|tumour| lineage::conflict(facts, tumour, knowledge)));
    conflicts.extend(tumours.iter().filter_map(|tumour| second_malignancy(facts, tumour, knowledge)));
    conflicts.sort_by(|a, b| a.about.cmp(&b.about));
    conflicts
}

pub(super) type Sides = BTreeMap<String, Vec<Source>>;

pub(super) fn conflict(about: impl Into<String>, sides: Sides) -> Option<Conflict> {
    (1 < sides.len()).then(|| Conflict { about: about.into(), sides: sides.into_iter().collect() })
}

/// The same marker positive here and negative there. Method and specimen are named in each side.
fn markers(facts: &Facts) -> Vec<Conflict> {
    let mut by_name: BTreeMap<String, Vec<&Marker>> = BTreeMap::new();
    for marker in facts.markers.iter().filter(|m| polarity(m).is_some()) {
        let name = marker_label(marker);
        let name = name.split(" (").next().unwrap_or(&name).to_owned();
        by_name.entry(name).or_default().push(marker);
    }
    by_name.into_iter().filter_map(|(name, of_it)| marker_conflict(name, &of_it)).collect()
}

fn marker_conflict(name: String, of_it: &[&Marker]) -> Option<Conflict> {
    let mut poles: Vec<bool> = of_it.iter().filter_map(|m| polarity(m)).collect();
    poles.sort_unstable();
    poles.dedup();
    if poles.len() < 2 {
        return None;
    }
    let mut sides = Sides::new();
    for marker in of_it {
        let words = [
            marker.method.clone(),
            marker.score.clone(),
            Some(if polarity(marker) == Some(true) { "positive".into() } else { "negative".into() }),
            marker.specimen.clone(),
            marker.meta.when.as_ref().map(|d| d.day_text().to_owned()),
        ];
        let side = words.into_iter().flatten().collect::<Vec<_>>().join(", ");
        sides.entry(side).or_default().extend(marker.meta.sources.iter().cloned());
    }
    conflict(name, sides)
}

/// Positive or negative by the lab's call; for HER2 IHC also by its score (ASCO/CAP HER2 2018: 3+ positive, 0 and 1+ negative; unreviewed).
fn polarity(marker: &Marker) -> Option<bool> {
    match marker.call {
        Some(MarkerCall::Positive) => Some(true),
        Some(MarkerCall::Negative | MarkerCall::Low) => Some(false),
        Some(MarkerCall::Equivocal | MarkerCall::Failed) => None,
        None if marker.name == concilium_case::MarkerName::Her2 => {
            match marker.score.as_deref().map(str::trim) {
                Some("3+") => Some(true),
                Some("0" | "1+") => Some(false),
                _ => None,
            }
        }
        None => None,
    }
}

/// Stage groups of one basis that differ.
fn stages(facts: &Facts) -> Vec<Conflict> {
    let mut sides = Sides::new();
    for stage in facts.stages.iter().filter(|s| s.scale == StageScale::Group) {
        sides.entry(stage.value.clone()).or_default().extend(stage.meta.sources.iter().cloned());
    }
    conflict("stage group", sides).into_iter().collect()
}

/// Staging scales made for another tumour than this: kept as facts, used for nothing.
pub fn foreign_scales(facts: &Facts, tumour: &Doid, knowledge: &Knowledge) -> Vec<Issue> {
    let foreign = facts.stages.iter().filter_map(|stage| match &stage.scale {
        StageScale::Other(scale) if !concilium_criteria::scale_fits(scale, tumour, knowledge) => {
            Some((stage, scale))
        }
        _ => None,
    });
    foreign
        .filter_map(|(stage, scale)| {
            Some(Issue {
                level: Level::Doubtful,
                source: stage.meta.sources.first()?.clone(),
                what: format!("{scale}: a staging scale of another tumour; kept, not used"),
                remedy: "check whose stage this is".into(),
            })
        })
        .collect()
}

/// "Never received" beside a record of having received it, by drug or by class.
fn exposures(facts: &Facts, knowledge: &Knowledge) -> Vec<Conflict> {
    let denials = facts.medications.iter().filter(|m| m.exposure == Exposure::NotTaken);
    let mut conflicts = Vec::new();
    for denial in denials {
        let items: Vec<PriorTherapy> = denial
            .drugs
            .iter()
            .map(|d| PriorTherapy::Drug(d.clone()))
            .chain(denial.about_class.iter().filter_map(|words| class_named(words, knowledge)))
            .collect();
        for given in facts.medications.iter().filter(|m| m.exposure.is_exposure()) {
            for drug in given.drugs.iter().filter(|d| items.iter().any(|item| knowledge.drugs.is(d, item))) {
                let sides = Sides::from([
                    ("received".to_owned(), given.meta.sources.clone()),
                    ("never received".to_owned(), denial.meta.sources.clone()),
                ]);
                conflicts.extend(conflict(format!("exposure to {drug}"), sides));
            }
        }
    }
    conflicts.sort_by(|a, b| a.about.cmp(&b.about));
    conflicts.dedup_by(|a, b| a.about == b.about);
    conflicts
}

/// Class whose label or id occurs in the words, the longest such.
pub fn class_named(words: &str, knowledge: &Knowledge) -> Option<PriorTherapy> {
    let plain = |text: &str| text.to_lowercase().replace(['/', '-', '_'], " ");
    let said = plain(words);
    let named = knowledge
        .drugs
        .classes
        .iter()
        .filter(|(id, class)| said.contains(&plain(id.as_str())) || said.contains(&plain(&class.label)));
    named
        .max_by_key(|(id, _)| id.as_str().len())
        .map(|(id, _)| PriorTherapy::Class(ClassId::new(id.as_str())))
}

/// One change found and not found in the same specimen.
fn alterations(facts: &Facts) -> Vec<Conflict> {
    let mut by_test: BTreeMap<(&str, &str), Sides> = BTreeMap::new();
    for alteration in facts.alterations.iter().filter(|a| a.presence != Presence::Unknown) {
        let Some(specimen) = alteration.specimen.as_deref() else { continue };
        let side = if alteration.presence == Presence::Present { "found" } else { "not found" };
        let sides = by_test.entry((alteration.label.as_str(), specimen)).or_default();
        sides.entry(side.into()).or_default().extend(alteration.meta.sources.iter().cloned());
    }
    by_test
        .into_iter()
        .filter_map(|((label, specimen), sides)| conflict(format!("{label} in {specimen}"), sides))
        .collect()
}

/// B-cell acute lymphoblastic leukaemia (Disease Ontology).
const B_LYMPHOBLASTIC: &str = "DOID:0080638";
/// NCI/Rome criteria for B-cell acute lymphoblastic leukaemia of children: high risk from this age on, and from this
/// count of white cells (10*9/L) at diagnosis on. Unreviewed: to be checked against the criteria (1996) and the protocol.
const HIGH_RISK_AGE: i32 = 10;
const HIGH_RISK_WHITE_CELLS: f64 = 50.0;
/// A blood count this long after the diagnosis is no longer the one at diagnosis. Own convention, unreviewed.
const AT_DIAGNOSIS_DAYS: i32 = 30;

/// "Standard risk" beside a count of white cells, or an age, that the usual criteria call high risk.
fn risk_group(facts: &Facts, tumour: &Tumour, knowledge: &Knowledge) -> Option<Conflict> {
    if !knowledge.diseases.is_a(&tumour.doid, &Doid::new(B_LYMPHOBLASTIC)) {
        return None;
    }
    let diagnosed = tumour.diagnosed.as_ref()?;
    let standard = |s: &&Stage| s.value.to_lowercase().contains("standard risk");
    let mut sides = Sides::new();
    for stage in facts.stages.iter().filter(standard) {
        let side = sides.entry(format!("standard risk recorded ({})", on(stage.meta.when.as_ref())));
        side.or_default().extend(stage.meta.sources.iter().cloned());
    }
    let born = facts.patients.iter().find_map(|patient| patient.birth_date.as_ref());
    let years = born.map(|born| born.days_until(diagnosed.earliest()).0 / 365);
    if let Some(years) = years.filter(|years| HIGH_RISK_AGE <= *years) {
        let words = format!("age {years} at diagnosis: high risk by the NCI/Rome criteria (unreviewed)");
        sides.entry(words).or_default();
    }
    let near = |when: &PartialDate| when.days_until(diagnosed.latest()).0.abs() <= AT_DIAGNOSIS_DAYS;
    let counts = facts.labs.iter().filter(|lab| lab.analyte.as_deref() == Some("wbc"));
    for lab in counts.filter(|lab| lab.implausible.is_none() && lab.meta.when.as_ref().is_some_and(near)) {
        let Some(value) = &lab.value else { continue };
        let high = value.to("10*9/L", Some("wbc")).is_ok_and(|cells| HIGH_RISK_WHITE_CELLS <= cells);
        if high {
            let words = format!(
                "white cells {} {} at diagnosis ({}): high risk by the NCI/Rome criteria (unreviewed)",
                value.text,
                value.unit,
                on(lab.meta.when.as_ref())
            );
            sides.entry(words).or_default().extend(lab.meta.sources.iter().cloned());
        }
    }
    let recorded = sides.keys().any(|words| words.starts_with("standard"));
    conflict("risk group", sides).filter(|_| recorded)
}

fn on(when: Option<&PartialDate>) -> &str {
    when.map_or("undated", |day| day.day_text())
}

/// A metastasis on record beside M0.
fn metastasis(facts: &Facts) -> Option<Conflict> {
    let found =
        facts.conditions.iter().filter(|c| c.role == ConditionRole::Metastasis && c.present != Some(false));
    let m0 =
        facts.stages.iter().filter(|s| s.scale == StageScale::M && s.value.to_uppercase().contains("M0"));
    let mut sides = Sides::new();
    for condition in found {
        let side = sides.entry(format!("metastasis recorded ({})", on(condition.meta.when.as_ref())));
        side.or_default().extend(condition.meta.sources.iter().cloned());
    }
    for stage in m0 {
        let side = sides.entry(format!("M0 recorded ({})", on(stage.meta.when.as_ref())));
        side.or_default().extend(stage.meta.sources.iter().cloned());
    }
    // Several metastases, or several M0, are one side.
    let of = |start: &str| sides.keys().any(|words| words.starts_with(start));
    let both = of("M0") && of("metastasis");
    conflict("distant metastasis", sides).filter(|_| both)
}

/// Therapy counted as neo- or adjuvant that began after a metastasis was recorded: one of the two is not what it seems,
/// or the metastasis was treated with curative intent.
fn adjuvant_after_metastasis(line: &Line, facts: &Facts) -> Option<Conflict> {
    line.after_metastasis.as_ref()?;
    let start = line.start.as_ref()?;
    let intent = if line.intent == LineIntent::Neoadjuvant { "neoadjuvant" } else { "adjuvant" };
    let drugs: Vec<&str> = line.drugs.iter().map(|drug| drug.as_str()).collect();
    let given = facts.medications.iter().filter(|record| line.from.contains(&record.meta.id));
    let mut sides = Sides::from([(
        format!("{} began {}, counted as {intent}", drugs.join(" + "), start.day_text()),
        given.flat_map(|record| record.meta.sources.iter().cloned()).collect(),
    )]);
    for metastasis in facts.conditions.iter().filter(|c| is_distant(c)) {
        let Some(day) = metastasis.meta.when.as_ref().filter(|day| day.surely_before(start)) else {
            continue;
        };
        let words = metastasis.codes.iter().map(|code| code.display.as_str()).find(|words| !words.is_empty());
        let said = words.unwrap_or("metastasis");
        let side = sides.entry(format!("{said} recorded {}", day.day_text())).or_default();
        side.extend(metastasis.meta.sources.iter().cloned());
    }
    conflict(format!("{intent} therapy after a metastasis"), sides)
}

/// A histology in situ has no stage above 0.
fn in_situ(facts: &Facts) -> Vec<Conflict> {
    let says_so = |c: &&Condition| {
        let named = c.histology.iter().any(|code| code.display.to_lowercase().contains("in situ"));
        named && c.role == ConditionRole::PrimaryCancer && c.present != Some(false)
    };
    let of = |condition: &Condition| {
        let mut sides = Sides::from([("histology in situ".to_owned(), condition.meta.sources.clone())]);
        let own = facts.stages.iter().filter(|s| s.condition.as_ref() == Some(&condition.meta.id));
        for stage in own.filter(|s| s.scale == StageScale::Group) {
            if matches!(numeral(&stage.value).as_str(), "I" | "II" | "III" | "IV") {
                let side = sides.entry(format!("stage {}", stage.value)).or_default();
                side.extend(stage.meta.sources.iter().cloned());
            }
        }
        conflict("invasive or in situ", sides)
    };
    facts.conditions.iter().filter(says_so).filter_map(of).collect()
}

/// A blood cancer has no metastases: what is recorded as one, now or in the past, asks for another tumour.
fn second_malignancy(facts: &Facts, tumour: &Tumour, knowledge: &Knowledge) -> Option<Conflict> {
    if !is_blood_cancer(&tumour.doid, knowledge) {
        return None;
    }
    let spread = |c: &&Condition| {
        let past = c.codes.iter().any(|code| code.display.to_lowercase().contains("metasta"));
        c.present != Some(false)
            && (c.role == ConditionRole::Metastasis || c.role == ConditionRole::CancerHistory && past)
    };
    let own = facts.conditions.iter().find(|c| c.meta.id == tumour.condition)?;
    let mut sides = Sides::from([(tumour.name.clone(), own.meta.sources.clone())]);
    for condition in facts.conditions.iter().filter(spread) {
        let words = condition.codes.iter().map(|code| code.display.as_str()).find(|words| !words.is_empty());
        let side = sides.entry(words.unwrap_or("metastasis recorded").to_owned()).or_default();
        side.extend(condition.meta.sources.iter().cloned());
    }
    conflict("a second malignancy?", sides)
}
