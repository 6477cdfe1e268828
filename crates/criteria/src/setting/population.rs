//! Does the patient have what the studied population had in common: receptors, genes without an alteration, grade?

use crate::receptor::judge_receptors;
use crate::verdict::{NotTested, Verdict};
use concilium_case::{Alteration, AlterationKind, Case, Origin, Presence, Significance, Stage, StageScale};
use concilium_knowledge::{DiseaseMarker, RequiredMarkers};
use concilium_terms::GeneSymbol;

/// All of the row; `coded` is the receptor-defined disease the patient's tumour is coded as.
pub(super) fn judge(case: &Case, row: &RequiredMarkers, coded: Option<&DiseaseMarker>) -> Verdict {
    let genes = row.not_altered.iter().map(|gene| not_altered(case, gene));
    let grade = (!row.grades.is_empty()).then(|| grade(case, &row.grades));
    Verdict::all([judge_receptors(case, &row.requires, coded)].into_iter().chain(genes).chain(grade))
}

/// A population without an alteration of the gene: one that may be of weight closes it, an uncertain one leaves it open,
/// and a gene nobody looked at is not wild type.
fn not_altered(case: &Case, gene: &GeneSymbol) -> Verdict {
    let asked = format!("studied without {gene} alteration");
    let of_tumour = |a: &&Alteration| a.presence == Presence::Present && a.origin != Origin::Germline;
    let of_gene = |a: &&Alteration| a.gene == *gene && of_tumour(a);
    let present: Vec<&Alteration> = case.facts.alterations.iter().filter(of_gene).collect();
    let ids = |of: &[&Alteration]| of.iter().map(|a| a.meta.id.clone()).collect::<Vec<_>>();
    let weighty: Vec<&Alteration> = present.iter().copied().filter(|a| weighs(a)).collect();
    if let Some(first) = weighty.first() {
        return Verdict::not_met(format!("{asked}: {} found", first.label), ids(&weighty));
    }
    let uncertain: Vec<&Alteration> = present.iter().copied().filter(|a| is_uncertain(a)).collect();
    if let Some(first) = uncertain.first() {
        let what = format!("{asked}: {} of uncertain significance", first.label);
        return Verdict::not_tested(NotTested::Uncertain, what, ids(&uncertain));
    }
    let studied = case
        .facts
        .regions
        .iter()
        .find(|region| region.genes.contains(gene) && !region.uncovered.contains(gene));
    match studied {
        Some(region) => Verdict::met(format!("{asked}: none found"), vec![region.meta.id.clone()]),
        None if !present.is_empty() => Verdict::met(format!("{asked}: none of weight"), ids(&present)),
        None => Verdict::not_tested(NotTested::NeverDone, format!("{asked}: not tested"), vec![]),
    }
}

fn is_uncertain(alteration: &Alteration) -> bool {
    matches!(alteration.significance, Some(Significance::Uncertain))
}

/// Not called benign or uncertain; a synonymous or non-coding change by its kind stays out with the lab's own call.
fn weighs(alteration: &Alteration) -> bool {
    let small = matches!(alteration.kind, AlterationKind::Small { .. });
    let innocent = matches!(
        alteration.significance,
        Some(Significance::Uncertain | Significance::Benign | Significance::LikelyBenign)
    );
    small && !innocent
}

/// Words of grades; a Roman numeral stands before those it begins with.
const GRADES: [(&str, u8); 12] = [
    ("grade 1", 1),
    ("grade 2", 2),
    ("grade 3", 3),
    ("grade 4", 4),
    ("grade iv", 4),
    ("grade iii", 3),
    ("grade ii", 2),
    ("grade i", 1),
    ("g1", 1),
    ("g2", 2),
    ("g3", 3),
    ("g4", 4),
];

/// The grade recorded for the tumour; silence leaves it open.
fn grade(case: &Case, wanted: &[u8]) -> Verdict {
    let said: Vec<String> = wanted.iter().map(u8::to_string).collect();
    let asked = format!("grade {}", said.join(" or "));
    let own = |stage: &&Stage| {
        let of = case.tumour.as_ref().map(|tumour| &tumour.condition);
        stage.scale == StageScale::Grade && (stage.condition.is_none() || stage.condition.as_ref() == of)
    };
    let read = |stage: &Stage| {
        let words = stage.value.to_lowercase();
        GRADES.iter().find(|(name, _)| words.contains(name)).map(|(_, grade)| *grade)
    };
    let graded = case.facts.stages.iter().filter(own).filter_map(|stage| Some((stage, read(stage)?)));
    let newest = graded.max_by_key(|(stage, _)| (stage.meta.when.clone(), stage.meta.id.clone()));
    match newest {
        Some((stage, grade)) if wanted.contains(&grade) => {
            Verdict::met(format!("{asked}: grade {grade}"), vec![stage.meta.id.clone()])
        }
        Some((stage, grade)) => {
            Verdict::not_met(format!("{asked}: grade {grade}"), vec![stage.meta.id.clone()])
        }
        None => Verdict::not_tested(NotTested::NeverDone, format!("{asked}: not recorded"), vec![]),
    }
}
