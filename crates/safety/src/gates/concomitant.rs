//! Does a drug taken now, or given within the regimen, speak against this one?

use super::subject::Subject;
use super::{Answer, Ask};
use concilium_case::{Exposure, Medication, MedicationState};
use concilium_criteria::record::on_day;
use concilium_knowledge::{PriorTherapy, prior_therapy};
use concilium_terms::DrugName;

/// Drugs taken now, orders included, and those that may be: an old record that nothing ended. The drug itself and the regimen's other components do not count for a class;
/// a component the rule names does, when the two are given together.
pub fn ask(ask: &Ask) -> Answer {
    let Some(item) = prior_therapy(&ask.rule.what) else {
        return ask.open(&ask.rule.what, "the rule's other drug cannot be read".into(), vec![]);
    };
    let hits = current_hits(ask, &item);
    let about = match hits.first() {
        Some((drug, _)) => drug.to_string(),
        None => name(&item),
    };
    match hits.as_slice() {
        [] if given_together(ask, &item) => {
            ask.fired(&about, format!("{about} is given together with it in this regimen"), vec![])
        }
        [] => nothing(ask, &about),
        hits => ask.fired(&about, found(hits), hits.iter().map(|(_, m)| m.meta.id.clone()).collect()),
    }
}

fn current<'a>(ask: &Ask<'a>) -> impl Iterator<Item = &'a Medication> {
    let current = |m: &Medication| m.ongoing || m.state == MedicationState::Stale;
    let counts =
        move |m: &&Medication| current(m) && !matches!(m.exposure, Exposure::NotTaken | Exposure::Planned);
    ask.case.facts.medications.iter().filter(counts)
}

fn current_hits<'a>(ask: &Ask<'a>, item: &PriorTherapy) -> Vec<(&'a DrugName, &'a Medication)> {
    let own = |drug: &DrugName| ask.subject.is_named(drug) || ask.regimen.components.contains(drug);
    let hit = |drug: &DrugName| !own(drug) && Subject::new(drug, ask.knowledge).is(item);
    let of = |m: &'a Medication| m.drugs.iter().map(move |drug| (drug, m));
    let mut hits: Vec<_> = current(ask).flat_map(of).filter(|(drug, _)| hit(drug)).collect();
    hits.sort_by(|a, b| (a.0, &a.1.meta.id).cmp(&(b.0, &b.1.meta.id)));
    hits
}

fn given_together(ask: &Ask, item: &PriorTherapy) -> bool {
    let named = matches!(item, PriorTherapy::Drug(other) if ask.regimen.components.contains(other) && !ask.subject.is_named(other));
    named && !ask.regimen.sequential
}

fn nothing(ask: &Ask, about: &str) -> Answer {
    let unread = current(ask).filter(|m| m.drugs.is_empty()).count();
    match unread {
        _ if current(ask).next().is_none() => Answer::Silent("current drugs".into()),
        0 => Answer::Clear(format!("{about}: not among the current drugs")),
        n => Answer::Silent(format!("what {n} current drugs are, which no drug table names")),
    }
}

fn name(item: &PriorTherapy) -> String {
    match item {
        PriorTherapy::Drug(name) => name.to_string(),
        PriorTherapy::Class(class) => class.to_string(),
        PriorTherapy::AnySystemic => "any systemic therapy".into(),
    }
}

fn found(hits: &[(&DrugName, &Medication)]) -> String {
    let words = |(drug, m): &(&DrugName, &Medication)| {
        let how = match (m.state, m.exposure) {
            (MedicationState::Stale, _) => "on an old record, check whether it is still taken",
            (_, Exposure::Ordered) => "ordered",
            _ => "taken now",
        };
        format!("{drug} {how} (since: {})", on_day(m.meta.when.as_ref()))
    };
    hits.iter().map(words).collect::<Vec<_>>().join("; ")
}
