//! What do curated rows call this very change?

use super::context::Context;
use super::exact::{Comparison, compare};
use concilium_case::{Alteration, AlterationKind};

/// Calls of the release for one alteration. Only rows about exactly this change count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Curated {
    pub oncogenic: bool,
    pub gain_of_function: bool,
    pub loss_of_function: bool,
    pub neutral: bool,
}

/// Gathers the curated calls of an alteration.
pub(super) fn calls(context: &Context, alteration: &Alteration) -> Curated {
    let mut found = Curated { oncogenic: is_recurrent(context, alteration), ..Curated::default() };
    for (row, leaf) in context.knowledge.calls_on(&alteration.gene) {
        if compare(alteration, &leaf.pattern) == Comparison::Same {
            found.add(&row.call);
        }
    }
    found
}

/// A protein change listed in `oncogenic.tsv`, where the lab gave no call of its own.
fn is_recurrent(context: &Context, alteration: &Alteration) -> bool {
    if alteration.significance.is_some() {
        return false;
    }
    let AlterationKind::Small { protein: Some(protein), .. } = &alteration.kind else { return false };
    context.knowledge.oncogenic.contains_key(&(alteration.gene.clone(), protein.to_string()))
}

impl Curated {
    fn add(&mut self, call: &str) {
        match call {
            "oncogenic" | "likely-oncogenic" | "pathogenic" | "likely-pathogenic" => self.oncogenic = true,
            "gain-of-function" => self.gain_of_function = true,
            "loss-of-function" => self.loss_of_function = true,
            "neutral" => self.neutral = true,
            _ => {}
        }
    }
}
