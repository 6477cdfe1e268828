//! What do findings in images answer? Measurable disease, lesions in the brain.
//!
//! Regions that nobody drew are no absence: images answer "yes" or leave the question as the records leave it. Findings
//! that no person confirmed count as what was seen, and the words say so.

use super::Context;
use super::disease::at_site;
use crate::record::plain;
use crate::tumour::CENTRAL_NERVOUS_SYSTEM;
use crate::verdict::Verdict;
use concilium_case::{Case, FindingKind, ImagingFinding, OtherObservation};
use concilium_terms::Doid;

fn words(finding: &ImagingFinding) -> String {
    let day = finding.meta.when.as_ref().map_or("undated", |when| when.day_text());
    let confirmed = if finding.confirmed { "" } else { ", not confirmed by a person" };
    format!("measured in images ({day}{confirmed})")
}

/// Measurable (or at least visible) disease in the newest exam, unless the records stated otherwise since.
pub(super) fn measurable(
    case: &Case,
    evaluable_enough: bool,
    asked: &str,
    stated: Option<&OtherObservation>,
) -> Option<Verdict> {
    let newest = case.facts.newest_images();
    let yes = newest.iter().find(|finding| match finding.kind {
        FindingKind::MeasurableDisease => finding.answer == Some(true),
        FindingKind::LongestDiameter => {
            evaluable_enough && finding.value.as_ref().is_some_and(|size| size.value > 0.0)
        }
        _ => false,
    })?;
    if stated.is_some_and(|stated| stated.meta.when >= yes.meta.when) {
        return None;
    }
    Some(Verdict::met(format!("{asked}: {}", words(yes)), vec![yes.meta.id.clone()]))
}

/// Lesions measured in the brain in the newest exam, by id; none where the tumour itself is one of the brain.
pub(super) fn brain_lesions(context: &Context) -> Vec<String> {
    let case = context.case;
    let of_brain = |tumour: &concilium_case::Tumour| {
        context.knowledge.diseases.is_a(&tumour.doid, &Doid::new(CENTRAL_NERVOUS_SYSTEM))
    };
    if case.tumour.as_ref().is_none_or(of_brain) {
        return vec![];
    }
    let there = |finding: &&&ImagingFinding| {
        let size = finding.value.as_ref().is_some_and(|size| size.value > 0.0);
        let site = finding.site.as_deref().is_some_and(|site| at_site("brain", &plain(site)));
        finding.kind == FindingKind::LongestDiameter && size && site
    };
    case.facts.newest_images().iter().filter(there).map(|finding| finding.meta.id.clone()).collect()
}
