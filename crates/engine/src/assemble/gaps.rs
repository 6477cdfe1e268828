//! In which times may treatment have been given that no record handed in tells of?
//!
//! An unexplained time between the diagnosis and the first systemic therapy on record, or a note that says the
//! treatment was elsewhere. While there is one, "not among the lines recorded" is no answer (`unknown-stays`).

use super::tumour::numeral;
use concilium_case::{
    ConditionRole, Document, Facts, Gap, Medication, Place, Source, Stage, StageScale, Tumour,
};
use concilium_knowledge::{Drug, Knowledge};
use concilium_terms::PartialDate;
use concilium_terms::date::days_between;

/// Longest time from the diagnosis to systemic therapy that needs no explanation (6 months; `unreviewed`).
const UNEXPLAINED_DAYS: i32 = 183;

/// Gaps in the treatment of this tumour.
pub fn find(facts: &Facts, tumour: &Tumour, knowledge: &Knowledge) -> Vec<Gap> {
    let notes: Vec<Source> = facts.documents.iter().flat_map(treated_elsewhere).collect();
    let mut gap = before_first_therapy(facts, tumour, knowledge);
    if !notes.is_empty() {
        let said = "a note says that treatment was given elsewhere";
        match &mut gap {
            Some(gap) => gap.why = format!("{}; {said}", gap.why),
            None => {
                gap = Some(Gap { from: None, to: None, advanced: true, why: said.into(), sources: vec![] })
            }
        }
        gap.iter_mut().for_each(|gap| gap.sources.extend(notes.iter().cloned()));
    }
    gap.into_iter().collect()
}

/// From the first sign of the tumour to the first therapy, unless it was confined to its organ then.
fn before_first_therapy(facts: &Facts, tumour: &Tumour, knowledge: &Knowledge) -> Option<Gap> {
    let (from, mut sources) = first_sign(facts, tumour)?;
    let (to, given) = first_therapy(facts, knowledge)?;
    if days_between(from.latest(), to.earliest()) <= UNEXPLAINED_DAYS || confined(facts, tumour, &from) {
        return None;
    }
    let advanced = first_advanced(facts, tumour);
    let advanced = advanced.is_none_or(|day| UNEXPLAINED_DAYS < days_between(day.latest(), to.earliest()));
    sources.extend(given);
    let why =
        "more than 6 months from the diagnosis to the first systemic therapy on record, stage at the start \
               advanced or not known"
            .into();
    Some(Gap { from: Some(from), to: Some(to), advanced, why, sources })
}

/// Earliest of the condition's onset or recording, a tissue specimen, and a TNM stage.
fn first_sign(facts: &Facts, tumour: &Tumour) -> Option<(PartialDate, Vec<Source>)> {
    let condition = facts.conditions.iter().filter(|c| c.meta.id == tumour.condition);
    let dated = condition.flat_map(|c| [(&c.meta.when, &c.meta), (&c.meta.issued, &c.meta)]);
    let tissue = facts.specimens.iter().filter(|s| !s.plasma && !s.blood).map(|s| (&s.meta.when, &s.meta));
    let tnm = |s: &&Stage| !matches!(s.scale, StageScale::Grade | StageScale::Other(_));
    let staged = stages(facts, tumour).filter(tnm).map(|s| (&s.meta.when, &s.meta));
    let known = dated.chain(tissue).chain(staged).filter_map(|(day, meta)| Some((day.clone()?, meta)));
    let (day, meta) = known.min_by(|a, b| (&a.0, &a.1.id).cmp(&(&b.0, &b.1.id)))?;
    Some((day, meta.sources.clone()))
}

fn first_therapy(facts: &Facts, knowledge: &Knowledge) -> Option<(PartialDate, Vec<Source>)> {
    let systemic = |record: &&Medication| {
        record.exposure.is_exposure()
            && record.drugs.iter().any(|drug| knowledge.drugs.get(drug).is_some_and(Drug::makes_a_line))
    };
    let given = facts.medications.iter().filter(systemic);
    let first = given.filter(|r| r.meta.when.is_some()).min_by_key(|r| (&r.meta.when, &r.meta.id))?;
    Some((first.meta.when.clone()?, first.meta.sources.clone()))
}

fn stages<'f>(facts: &'f Facts, tumour: &'f Tumour) -> impl Iterator<Item = &'f Stage> {
    facts.stages.iter().filter(|s| s.condition.as_ref().is_none_or(|id| *id == tumour.condition))
}

/// Stage 0 to II at the start: local treatment and watching need no systemic therapy.
fn confined(facts: &Facts, tumour: &Tumour, from: &PartialDate) -> bool {
    let at_start = stages(facts, tumour).filter(|s| {
        let near = |day: &PartialDate| days_between(from.earliest(), day.latest()) <= UNEXPLAINED_DAYS;
        s.scale == StageScale::Group && s.meta.when.as_ref().is_some_and(near)
    });
    let numerals: Vec<String> = at_start.map(|s| numeral(&s.value)).collect();
    !numerals.is_empty() && numerals.iter().all(|n| matches!(n.as_str(), "0" | "I" | "II"))
}

/// First day on which the disease is known to have been advanced.
fn first_advanced(facts: &Facts, tumour: &Tumour) -> Option<PartialDate> {
    let spread = facts.conditions.iter().filter(|c| {
        c.role == ConditionRole::Metastasis
            && c.present != Some(false)
            && c.primary.as_ref().is_none_or(|id| *id == tumour.condition)
    });
    let staged = stages(facts, tumour).filter(|s| match s.scale {
        StageScale::Group => numeral(&s.value) == "IV",
        StageScale::M => s.value.to_uppercase().contains("M1"),
        _ => false,
    });
    let days = spread.map(|c| &c.meta.when).chain(staged.map(|s| &s.meta.when));
    days.flatten().min().cloned()
}

/// Sentences that say the treatment was given in another place. A sentence that denies anything is left alone.
fn treated_elsewhere(document: &Document) -> Vec<Source> {
    let place = ["elsewhere", "another hospital", "outside hospital", "other hospital", "abroad"];
    let treatment = ["treat", "therap", "chemo"];
    let denied = ["no", "not", "never", "without"];
    let mut at = 0;
    let mut found = Vec::new();
    for sentence in document.text.split_inclusive(['.', ';', '\n']) {
        let (start, end) = (at, at + sentence.len());
        at = end;
        let lower = sentence.to_lowercase();
        let any = |list: &[&str]| list.iter().any(|word| lower.contains(word));
        let word = |w: &str| denied.contains(&w);
        if any(&place) && any(&treatment) && !lower.split(|c: char| !c.is_alphanumeric()).any(word) {
            let file = document.meta.sources.first().map_or(String::new(), |source| source.file.clone());
            found
                .push(Source { file, place: Place::Span { document: document.meta.id.clone(), start, end } });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use concilium_case::{Extent, Meta};
    use concilium_knowledge::Knowledge;
    use concilium_testkit::{given, on, specimen, tumour};
    use std::sync::LazyLock;

    static KNOWLEDGE: LazyLock<Knowledge> =
        LazyLock::new(|| concilium_knowledge::builtin().expect("the pack in the binary loads"));

    /// Tissue of one day, letrozole from another, a stage in between, a note.
    #[track_caller]
    fn check(tissue: &str, therapy: &str, stage: Option<(&str, &str)>, note: &str, expect: &[&str]) {
        let mut facts = Facts { specimens: vec![specimen("Specimen/s", tissue, false)], ..Facts::default() };
        facts.medications.push(given("letrozole", therapy));
        facts.stages.extend(stage.map(|(value, on_day)| Stage {
            meta: on(on_day),
            scale: StageScale::Group,
            value: value.into(),
            basis: String::new(),
            codes: vec![],
            condition: None,
        }));
        facts.documents.push(Document { meta: Meta::default(), title: String::new(), text: note.into() });
        let tumour = tumour("DOID:1612", "breast cancer", Extent::Metastatic);
        let found = find(&facts, &tumour, &KNOWLEDGE);
        let words: Vec<String> = found.iter().map(|gap| format!("{} {}", gap.span(), gap.advanced)).collect();
        assert_eq!(words, expect);
    }

    #[test]
    fn times_without_records() {
        check("2021-03-08", "2021-05-01", None, "", &[]);
        check("2021-03-08", "2024-09-02", None, "", &["2021-03 to 2024-09 true"]);
        check("2021-03-08", "2024-09-02", Some(("IIA", "2021-04-01")), "", &[]);
        check("2021-03-08", "2024-09-02", Some(("IV", "2021-04-01")), "", &["2021-03 to 2024-09 true"]);
        check("2021-03-08", "2024-09-02", Some(("IV", "2024-08-19")), "", &["2021-03 to 2024-09 false"]);
        check("2021-03-08", "2021-05-01", None, "Treatment was given elsewhere.", &["time not stated true"]);
        check("2021-03-08", "2021-05-01", None, "No treatment was given elsewhere.", &[]);
    }

    #[test]
    fn a_span_is_the_sentence() {
        let text = "Biopsy in May. Chemotherapy abroad; papers asked for.";
        let note = Document { meta: on("2026-01-01"), title: String::new(), text: text.into() };
        let [source] = &treated_elsewhere(&note)[..] else { panic!("one sentence") };
        let Place::Span { start, end, .. } = source.place else { panic!("a span") };
        assert_eq!(&text[start..end], " Chemotherapy abroad;");
    }
}
