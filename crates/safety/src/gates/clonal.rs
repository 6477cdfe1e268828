//! Is a gene of clonal haematopoiesis found in blood, and are the counts low?
//!
//! Either alone is not the question: together they may be a marrow disease, which is looked for first.

use super::{Answer, Ask, lab};
use concilium_case::{Alteration, Origin, Presence};

/// `what` and `test` are a count and its threshold, as in a `lab` rule.
pub fn ask(ask: &Ask) -> Answer {
    let found: Vec<&Alteration> = ask.case.facts.alterations.iter().filter(|a| is_clonal(ask, a)).collect();
    if found.is_empty() {
        return match ask.case.facts.alterations.len() {
            0 => Answer::Silent("sequencing of blood or plasma".into()),
            n => Answer::Clear(format!("clonal haematopoiesis: no such gene in blood among {n} alterations")),
        };
    }
    match lab::ask(ask) {
        Answer::Fired(count) => {
            let labels: Vec<&str> = found.iter().map(|alteration| alteration.label.as_str()).collect();
            let ids = found.iter().map(|alteration| alteration.meta.id.clone()).chain(count.facts);
            let words = format!("{} found in blood or plasma; {}", labels.join(", "), count.found);
            ask.fired("clonal-haematopoiesis", words, ids.collect())
        }
        // The count's own rules ask for it where it is missing.
        Answer::Open(count) => Answer::Silent(count.found),
        clear_or_silent => clear_or_silent,
    }
}

/// A gene known for it, found in blood or plasma and not inherited.
fn is_clonal(ask: &Ask, alteration: &Alteration) -> bool {
    let id = alteration.specimen.as_deref();
    let specimen = ask.case.facts.specimens.iter().find(|specimen| Some(specimen.meta.id.as_str()) == id);
    let gene = ask.knowledge.genes.get(&alteration.gene);
    alteration.presence == Presence::Present
        && alteration.origin != Origin::Germline
        && specimen.is_some_and(|specimen| specimen.plasma)
        && gene.is_some_and(|gene| gene.clonal_haematopoiesis)
}
