//! How is each fact of a case named in the graph?

use crate::node::{Node, NodeKind};
use concilium_case::{
    Alteration, Case, ImagingFinding, Lab, Line, Marker, MarkerName, Medication, Meta, Origin, Presence,
};
use concilium_terms::{Code, DrugName, GeneSymbol};
use std::collections::BTreeMap;

/// A fact on its way into the graph.
pub(crate) struct FactNode {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) detail: String,
    pub(crate) genes: Vec<GeneSymbol>,
    pub(crate) drugs: Vec<DrugName>,
}

/// Alterations, markers, conditions, stages, drug records, lines, pharmacogenes, and the newest value of each
/// analyte the safety tables know.
pub(crate) fn fact_nodes(case: &Case) -> Vec<FactNode> {
    let facts = &case.facts;
    let mut nodes: Vec<FactNode> = facts.alterations.iter().map(alteration).collect();
    nodes.extend(facts.markers.iter().map(marker));
    nodes.extend(facts.conditions.iter().map(|c| plain(&c.meta, words(&c.codes), String::new())));
    nodes.extend(facts.stages.iter().map(|s| plain(&s.meta, format!("stage {}", s.value), String::new())));
    nodes.extend(
        facts.performance.iter().map(|p| plain(&p.meta, format!("{:?} {}", p.scale, p.value), String::new())),
    );
    nodes.extend(facts.medications.iter().map(medication));
    nodes.extend(facts.pharmacogenes.iter().map(pharmacogene));
    nodes.extend(newest_labs(&facts.labs).into_iter().map(lab));
    nodes.extend(case.lines.iter().enumerate().map(|(at, one)| line(at, one)));
    nodes
}

/// Findings of the newest exam, with region, series and how sure they are.
pub(crate) fn image_nodes(case: &Case) -> Vec<Node> {
    let node = |finding: &&ImagingFinding| {
        let number = finding.value.as_ref().map(|value| format!("{} {}", value.text, value.unit));
        let answer = finding.answer.map(|yes| if yes { "yes" } else { "no" }.to_owned());
        let value = number.or(finding.text.clone()).or(answer).unwrap_or_default();
        let about = [finding.role.as_ref(), finding.lesion.as_ref(), finding.site.as_ref()];
        let about: Vec<&str> = about.into_iter().flatten().map(String::as_str).collect();
        let label = format!("{} {value} ({})", finding.kind.words(), about.join(", "));
        let day = finding.meta.when.as_ref().map(|when| when.day_text().to_owned());
        let series = finding.series.as_ref().map(|series| format!("series {series}"));
        let detail = [day, finding.region.clone(), series, finding.confidence.clone()];
        let detail: Vec<String> = detail.into_iter().flatten().collect();
        let id = format!("finding:{}", finding.meta.id);
        Node::new(id, NodeKind::Finding, label).detail(detail.join("; "))
    };
    case.facts.newest_images().iter().map(node).collect()
}

fn plain(meta: &Meta, label: String, detail: String) -> FactNode {
    let day = meta.when.as_ref().map(|when| when.day_text().to_owned());
    let detail: Vec<String> =
        [Some(detail), day].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let label = if label.is_empty() { meta.id.clone() } else { label };
    FactNode { id: meta.id.clone(), label, detail: detail.join(", "), genes: vec![], drugs: vec![] }
}

fn words(codes: &[Code]) -> String {
    let named = codes.iter().find(|code| !code.display.is_empty());
    named
        .map(|code| code.display.clone())
        .or_else(|| codes.first().map(|code| code.code.clone()))
        .unwrap_or_default()
}

fn alteration(one: &Alteration) -> FactNode {
    let presence = match one.presence {
        Presence::Present => "",
        Presence::Absent => "not found",
        Presence::Unknown => "not assessed",
    };
    let origin = match one.origin {
        Origin::Somatic => "",
        Origin::Germline => "germline",
        Origin::Unknown => "origin not stated",
    };
    let fraction = one.vaf.map_or_else(String::new, |vaf| format!("VAF {:.1} %", vaf * 100.0));
    let detail = [presence, origin, &fraction]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ");
    let genes = if one.gene.as_str().is_empty() { vec![] } else { vec![one.gene.clone()] };
    FactNode { genes, ..plain(&one.meta, one.label.clone(), detail) }
}

fn marker(one: &Marker) -> FactNode {
    let (name, genes) = match &one.name {
        MarkerName::Gene(gene, kind) => (format!("{gene} {kind:?}").to_lowercase(), vec![gene.clone()]),
        MarkerName::Other(name) => (name.clone(), vec![]),
        MarkerName::Signature(which) => (format!("{which:?}").to_uppercase(), vec![]),
        MarkerName::PdL1 => ("PD-L1".to_owned(), vec![]),
        MarkerName::Ki67 => ("Ki-67".to_owned(), vec![]),
        MarkerName::Er | MarkerName::Pr | MarkerName::Her2 => {
            (format!("{:?}", one.name).to_uppercase(), vec![])
        }
    };
    let call = one.call.map_or_else(String::new, |call| format!("{call:?}").to_lowercase());
    let score = one.score.clone().unwrap_or_default();
    let label = [name, call, score].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    FactNode { genes, ..plain(&one.meta, label, one.method.clone().unwrap_or_default()) }
}

fn medication(one: &Medication) -> FactNode {
    let named = one.drugs.iter().map(DrugName::as_str).collect::<Vec<_>>().join(" + ");
    let label = if named.is_empty() { words(&one.codes) } else { named };
    let detail = format!("{:?}", one.exposure).to_lowercase();
    FactNode { drugs: one.drugs.clone(), ..plain(&one.meta, label, detail) }
}

fn pharmacogene(one: &concilium_case::Pharmacogene) -> FactNode {
    let result = one.diplotype.as_ref().or(one.phenotype.as_ref()).cloned().unwrap_or_default();
    let label = format!("{} {result}", one.gene).trim().to_owned();
    FactNode {
        genes: vec![one.gene.clone()],
        ..plain(&one.meta, label, one.phenotype.clone().unwrap_or_default())
    }
}

/// One per analyte: the latest date, then the last id, so that input order cannot decide.
fn newest_labs(labs: &[Lab]) -> Vec<&Lab> {
    let mut newest: BTreeMap<&str, &Lab> = BTreeMap::new();
    for lab in labs {
        let Some(analyte) = lab.analyte.as_deref() else { continue };
        let kept = newest.entry(analyte).or_insert(lab);
        if (&kept.meta.when, &kept.meta.id) < (&lab.meta.when, &lab.meta.id) {
            *kept = lab;
        }
    }
    newest.into_values().collect()
}

fn lab(one: &Lab) -> FactNode {
    let name = one.analyte.clone().unwrap_or_else(|| words(&one.codes));
    let value = one
        .value
        .as_ref()
        .map(|q| format!("{}{} {}", q.comparator.as_deref().unwrap_or_default(), q.text, q.unit));
    let value = value.or_else(|| one.text.clone()).unwrap_or_default();
    plain(&one.meta, format!("{name} {value}").trim().to_owned(), String::new())
}

fn line(at: usize, one: &Line) -> FactNode {
    let drugs = one.drugs.iter().map(DrugName::as_str).collect::<Vec<_>>().join(" + ");
    let detail = if one.progression.is_some() { "ended by progression" } else { "" };
    let meta = Meta { id: format!("line/{}", at + 1), when: one.start.clone(), ..Meta::default() };
    let label = format!("{:?} line {}: {drugs}", one.intent, one.number.0).to_lowercase();
    FactNode { drugs: one.drugs.clone(), ..plain(&meta, label, detail.to_owned()) }
}
