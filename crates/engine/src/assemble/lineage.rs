//! Do results in the record belong to a cancer of another lineage than the one the plan is for?
//!
//! A fusion that all curated evidence knows from blood cancers, or a staging scale of leukaemia, beside a solid tumour
//! (and the other way round) is a second cancer or another person's record: it is said first, and decides nothing.

use super::conflicts::{self, Sides};
use super::tumour::is_blood_cancer;
use concilium_case::{
    Alteration, AlterationKind, Conflict, Facts, Presence, Source, Stage, StageScale, Tumour,
};
use concilium_criteria::staging::made_for;
use concilium_knowledge::Knowledge;
use concilium_terms::pattern::Pattern;
use concilium_terms::{Doid, GeneSymbol};
use std::collections::BTreeSet;

/// Fewer statements than this say nothing of where a fusion occurs. Own convention, unreviewed.
const ENOUGH_STATEMENTS: usize = 3;
/// Terms that hold tumours of every lineage: Disease Ontology "cancer" and "disease of cellular proliferation".
const EVERY_LINEAGE: [&str; 2] = ["DOID:162", "DOID:14566"];

/// The tumour on one side, what belongs to the other lineage on the others.
pub(super) fn conflict(facts: &Facts, tumour: &Tumour, knowledge: &Knowledge) -> Option<Conflict> {
    let blood = is_blood_cancer(&tumour.doid, knowledge);
    let other = if blood { "solid tumours" } else { "blood cancers" };
    let own = facts.conditions.iter().find(|condition| condition.meta.id == tumour.condition)?;
    let mut sides = Sides::from([(tumour.name.clone(), own.meta.sources.clone())]);
    for fusion in facts.alterations.iter().filter(|one| one.presence == Presence::Present) {
        if is_of_other_lineage(fusion, blood, knowledge) {
            let day = fusion.meta.when.as_ref().map_or("undated", |day| day.day_text());
            let side = sides.entry(format!("{} ({day}), known from {other} only", fusion.label));
            side.or_default().extend(fusion.meta.sources.iter().cloned());
        }
    }
    let (scales, sources) = foreign_scales(facts, blood, knowledge);
    if !scales.is_empty() {
        sides.insert(format!("staging of {other}: {}", scales.join(", ")), sources);
    }
    conflicts::conflict("another cancer, or another person's record", sides)
}

/// A fusion that has statements enough, each of them about the other lineage or about cancer as a whole.
fn is_of_other_lineage(alteration: &Alteration, blood: bool, knowledge: &Knowledge) -> bool {
    let AlterationKind::Fusion { five: Some(one), three: Some(other), .. } = &alteration.kind else {
        return false;
    };
    let mut lineages = diseases_of([one, other], knowledge).into_iter().peekable();
    lineages.peek().is_some() && lineages.all(|of_blood| of_blood != blood)
}

/// Of each statement about the fusion of the two genes: is its disease a blood cancer? None where they are too few.
fn diseases_of(genes: [&GeneSymbol; 2], knowledge: &Knowledge) -> Vec<bool> {
    let named = |pattern: &Pattern| match pattern {
        Pattern::Fusion { five: Some(five), three: Some(three), .. } => {
            [five, three] == genes || [three, five] == genes
        }
        _ => false,
    };
    let leaves: BTreeSet<u64> =
        knowledge.leaves.iter().filter(|leaf| named(&leaf.pattern)).map(|leaf| leaf.id).collect();
    if leaves.is_empty() {
        return vec![];
    }
    let holds = |id: u64| {
        let profile = knowledge.profile(id);
        profile.is_some_and(|profile| profile.expr.leaves().iter().any(|leaf| leaves.contains(leaf)))
    };
    let profiles: BTreeSet<u64> =
        knowledge.profiles.iter().map(|profile| profile.id).filter(|id| holds(*id)).collect();
    let of_fusion = knowledge.statements.iter().filter(|statement| profiles.contains(&statement.profile));
    let diseases = of_fusion.filter_map(|statement| statement.disease.as_ref());
    let told = diseases.filter(|doid| {
        !EVERY_LINEAGE.contains(&doid.as_str()) && knowledge.diseases.is_a(doid, &Doid::new("DOID:162"))
    });
    let lineages: Vec<bool> = told.map(|doid| is_blood_cancer(doid, knowledge)).collect();
    if lineages.len() < ENOUGH_STATEMENTS { vec![] } else { lineages }
}

/// Scales all of whose diseases are of the other lineage, by name, with where they stand.
fn foreign_scales(facts: &Facts, blood: bool, knowledge: &Knowledge) -> (Vec<String>, Vec<Source>) {
    let foreign = |stage: &&Stage| {
        let StageScale::Other(scale) = &stage.scale else { return false };
        let mut diseases = made_for(scale).peekable();
        diseases.peek().is_some() && diseases.all(|doid| is_blood_cancer(&doid, knowledge) != blood)
    };
    let found: Vec<&Stage> = facts.stages.iter().filter(foreign).collect();
    let named = |stage: &&Stage| {
        let day = stage.meta.when.as_ref().map_or("undated", |day| day.day_text());
        match &stage.scale {
            StageScale::Other(scale) if !stage.value.contains(scale.as_str()) => {
                format!("{scale} {} ({day})", stage.value)
            }
            _ => format!("{} ({day})", stage.value),
        }
    };
    let names: BTreeSet<String> = found.iter().map(named).collect();
    let sources = found.iter().flat_map(|stage| stage.meta.sources.iter().cloned()).collect();
    (names.into_iter().collect(), sources)
}

#[cfg(test)]
mod tests {
    use super::*;
    use concilium_case::{Case, Extent};
    use concilium_testkit::{CaseBuilder, alteration, diagnosis, stage, tumour};
    use std::sync::LazyLock;

    static KNOWLEDGE: LazyLock<Knowledge> =
        LazyLock::new(|| concilium_knowledge::builtin().expect("the pack in the binary loads"));

    /// A case of that tumour with one fusion, and one staging scale where one is named.
    fn case(doid: &str, five: &str, three: &str, scale: &str) -> Case {
        let kind = AlterationKind::Fusion {
            five: Some(GeneSymbol::new(five)),
            three: Some(GeneSymbol::new(three)),
            oriented: true,
        };
        let label = format!("{five}::{three} fusion");
        let own = diagnosis("the tumour", concilium_case::ConditionRole::PrimaryCancer, "2026-01-01");
        let case = CaseBuilder::new("2026-06-15")
            .tumour(tumour(doid, "the tumour", Extent::Metastatic))
            .alteration(alteration(three, &label, kind));
        let mut case = case.build();
        let id = case.tumour.as_ref().map(|tumour| tumour.condition.clone()).unwrap_or_default();
        case.facts
            .conditions
            .push(concilium_case::Condition { meta: concilium_case::Meta { id, ..own.meta.clone() }, ..own });
        if !scale.is_empty() {
            case.facts.stages.push(stage(StageScale::Other(scale.into()), "B", "2026-02-01"));
        }
        case
    }

    #[test]
    fn results_of_the_other_lineage_are_said() {
        let (lung, leukaemia) = ("DOID:3908", "DOID:8552");
        for (doid, five, three, scale, sides) in [
            (lung, "EML4", "ALK", "", 0),
            (lung, "EML4", "ALK", "Binet", 2),
            (lung, "EML4", "ALK", "Gleason", 0),
            (lung, "BCR", "ABL1", "", 2),
            (lung, "BCR", "ABL1", "Rai", 3),
            (leukaemia, "BCR", "ABL1", "Rai", 0),
            (leukaemia, "EML4", "ALK", "", 2),
            // Nothing is curated of it: nothing can be said.
            (lung, "ABC1", "XYZ9", "", 0),
        ] {
            let case = case(doid, five, three, scale);
            let own = case.tumour.as_ref().expect("a tumour");
            let found = conflict(&case.facts, own, &KNOWLEDGE).map_or(0, |conflict| conflict.sides.len());
            assert_eq!(found, sides, "{doid} {five}::{three} {scale}");
        }
    }
}
