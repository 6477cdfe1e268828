//! What do curated rows call this very change?

use super::context::Context;
use super::exact::{Comparison, compare};
use concilium_case::{Alteration, AlterationKind};
use concilium_evidence::{Leaf, ProfileExpr};

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
    for row in &context.knowledge.oncogenicity {
        let leaf =
            context.knowledge.profile(row.profile).and_then(|profile| single_leaf(context, &profile.expr));
        if leaf.is_some_and(|leaf| is_same(alteration, leaf)) {
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

fn single_leaf<'k>(context: &Context<'k>, expr: &ProfileExpr) -> Option<&'k Leaf> {
    match expr {
        ProfileExpr::Leaf(id) => context.knowledge.leaf(*id),
        ProfileExpr::And(_) | ProfileExpr::Or(_) | ProfileExpr::Not(_) => None,
    }
}

fn is_same(alteration: &Alteration, leaf: &Leaf) -> bool {
    leaf.pattern.genes().contains(&&alteration.gene) && compare(alteration, &leaf.pattern) == Comparison::Same
}
