//! What do facts read from text add to a case, and where do they contradict its records?
//!
//! They stand apart, below the records: no stage that judges, screens or ranks reads them, so that a sentence can
//! neither open an option nor close one. The rules that find contradictions among records look at both together.

use super::conflicts;
use concilium_case::{Case, Conflict, Facts, Patient, Place, Sex, Source, Tumour};
use concilium_knowledge::Knowledge;

/// Puts facts read from text beside a case's own; what contradicts a record becomes a conflict, with both sides.
/// Facts of a note written after the case's instant leave.
pub fn join(case: &mut Case, mut text: Facts, knowledge: &Knowledge) {
    case.retracted.extend(super::retract::retract(&mut text, &case.as_of));
    case.retracted.sort_by(|a, b| (&a.id, &a.why).cmp(&(&b.id, &b.why)));
    super::vocabulary::resolve_names(&mut text, knowledge);
    // A name that no table has is known from the mention; it is no fault of the records.
    text.issues.clear();
    super::sort(&mut text);
    let mut both = case.facts.clone();
    both.extend(text.clone());
    let tumours: Vec<Tumour> = case.tumour.iter().chain(&case.other_tumours).cloned().collect();
    let mut found = conflicts::find(&both, &tumours, &case.lines, knowledge);
    found.extend(sexes(&case.patient, &text.patients));
    found.iter_mut().for_each(say_where);
    found.sort_by(|a, b| a.about.cmp(&b.about));
    case.conflicts = found;
    case.from_text = Some(text);
}

/// The sex on record and another one in a note: a note of somebody else?
fn sexes(patient: &Patient, text: &[Patient]) -> Option<Conflict> {
    let recorded = patient.sex.filter(|sex| matches!(sex, Sex::Female | Sex::Male))?;
    let others = text.iter().filter(|other| other.sex.is_some_and(|sex| sex != recorded));
    let sources: Vec<Source> = others.flat_map(|other| other.meta.sources.clone()).collect();
    let words = |sex: Sex| if sex == Sex::Female { "female" } else { "male" }.to_owned();
    let other = if recorded == Sex::Female { Sex::Male } else { Sex::Female };
    let sides = vec![(words(recorded), patient.meta.sources.clone()), (words(other), sources.clone())];
    (!sources.is_empty()).then(|| Conflict { about: "sex: is the note this patient's?".into(), sides })
}

/// A side that only text states says so.
fn say_where(conflict: &mut Conflict) {
    for (words, sources) in &mut conflict.sides {
        if sources.iter().all(|source| matches!(source.place, Place::Span { .. })) {
            *words = format!("{words} (from text)");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use concilium_case::{Document, MarkerCall, MarkerName, Meta};
    use concilium_notes::{Options, Reader, facts};
    use concilium_testkit::{CaseBuilder, given, marker};
    use std::sync::LazyLock;

    static KNOWLEDGE: LazyLock<Knowledge> =
        LazyLock::new(|| concilium_knowledge::builtin().expect("the pack in the binary loads"));
    static READER: LazyLock<Reader> = LazyLock::new(|| Reader::new(&KNOWLEDGE));

    /// A woman on record with HER2 negative who was given palbociclib, as of 2026-06-15, and a note.
    #[track_caller]
    fn check(note: &str, expect: &[&str]) {
        let mut case = CaseBuilder::new("2026-06-15").build();
        case.patient.sex = Some(Sex::Female);
        case.facts.markers.push(marker(MarkerName::Her2, Some(MarkerCall::Negative)));
        case.facts.medications.push(given("palbociclib", "2024-01-10"));
        let before = case.facts.clone();
        let document = Document {
            meta: Meta { id: "Note/n".into(), ..Meta::default() },
            title: String::new(),
            text: note.into(),
        };
        let text = facts(&document, &READER.read(note, &Options::default()));
        join(&mut case, text, &KNOWLEDGE);
        let said = |conflict: &Conflict| {
            let sides: Vec<&str> = conflict.sides.iter().map(|(words, _)| words.as_str()).collect();
            format!("{}: {}", conflict.about, sides.join(" / "))
        };
        let found: Vec<String> = case.conflicts.iter().map(said).collect();
        assert_eq!(found, expect);
        assert_eq!(case.facts, before, "text changes no fact of the records");
    }

    #[test]
    fn text_against_the_records_is_a_conflict() {
        check("A 52-year-old woman. HER2 negative.", &[]);
        check("HER2 positive in the biopsy.", &["HER2: negative / positive (from text)"]);
        check("Possible HER2 mutation. Her mother had breast cancer.", &[]);
        check(
            "Never received a CDK4/6 inhibitor.",
            &["exposure to palbociclib: never received (from text) / received"],
        );
        check("If progression, palbociclib again. No palbociclib today.", &[]);
        check("A 60-year-old man.", &["sex: is the note this patient's?: female / male (from text)"]);
    }

    #[test]
    fn a_later_note_says_nothing_yet() {
        check("Clinic, 2026-07-01\n\nHER2 positive.", &[]);
    }
}
