//! How does a judged case become a graph?
//!
//! What the plan cites goes in first, so that a very large record can only crowd out facts nobody cites.

use crate::facts::{FactNode, fact_nodes, image_nodes};
use crate::graph::CaseGraph;
use crate::node::{Edge, Node, NodeKind, Relation};
use concilium_case::Case;
use concilium_evidence::{Bearing, Statement};
use concilium_knowledge::Knowledge;
use concilium_terms::{Doid, DrugName, StatementKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One statement as the plan uses it for one option. Plain values: the engine maps a plan to these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatementUse {
    /// Statement.
    pub statement: StatementKey,
    /// Option id, as in the plan.
    pub option: String,
    /// Components of the option's regimen.
    pub components: Vec<DrugName>,
    /// What it means for the option.
    pub bearing: Bearing,
    /// Does it count, or is it only listed?
    pub counts: bool,
    /// Why it counts or does not.
    pub remark: String,
    /// Ids of the facts that satisfy its profile.
    pub facts: Vec<String>,
    /// Profile id.
    pub profile: u64,
    /// Disease of the statement.
    pub disease: Option<Doid>,
}

/// One passage beside an option, tied to the statements it was curated for, or to the option it was found for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PassageUse {
    /// Passage key.
    pub key: String,
    /// Title of its document.
    pub title: String,
    /// What a reader must know first; may be empty.
    pub detail: String,
    /// Statements of the option that were curated from its document; empty where it was found.
    pub statements: Vec<StatementKey>,
    /// Genes it speaks of.
    pub genes: Vec<String>,
    /// Drugs it speaks of.
    pub drugs: Vec<String>,
    /// Option id, as in the plan.
    pub option: String,
}

/// Adds passages to a graph that was built, tied to what they bear on and to the genes and drugs they speak of. What is
/// not in the graph is passed by.
pub fn add_passages(graph: &mut CaseGraph, uses: &[PassageUse]) {
    let mut uses: Vec<&PassageUse> = uses.iter().collect();
    uses.sort_by(|a, b| (&a.key, &a.option).cmp(&(&b.key, &b.option)));
    for one in uses {
        let id = format!("passage:{}", one.key);
        let mut ends: Vec<String> = one.statements.iter().map(|key| format!("statement:{key}")).collect();
        if ends.is_empty() {
            ends.push(format!("option:{}", one.option));
        }
        ends.retain(|end| graph.node(end).is_some());
        let edge = |end: &String| {
            let mut edge = Edge::new(&id, end, Relation::BearsOn, &one.key);
            if one.statements.is_empty() {
                edge.remark = "found, not curated".to_owned();
            }
            edge
        };
        let mut edges: Vec<Edge> = ends.iter().map(edge).collect();
        for (kind, relation, names) in
            [("gene", Relation::ConcernsGene, &one.genes), ("drug", Relation::NamesDrug, &one.drugs)]
        {
            let spoken_of = names.iter().map(|name| format!("{kind}:{name}"));
            let there = spoken_of.filter(|end| graph.node(end).is_some());
            edges.extend(there.map(|end| Edge::new(&id, &end, relation, &one.key)));
        }
        let node = Node::new(&id, NodeKind::Passage, &one.title).detail(&one.detail);
        graph.attach_or_leave(node, edges);
    }
}

/// The graph of a case under these uses. The order of facts and uses does not matter.
pub fn build(case: &Case, knowledge: &Knowledge, uses: &[StatementUse]) -> CaseGraph {
    let mut graph = CaseGraph::default();
    let patient = patient_id(case);
    graph.attach_or_leave(Node::new(&patient, NodeKind::Patient, "Patient"), vec![]);
    let (cited, others) = facts_by_use(case, uses);
    cited.into_iter().for_each(|fact| add_fact(&mut graph, fact, &patient));
    let mut uses: Vec<&StatementUse> = uses.iter().collect();
    uses.sort_by(|a, b| {
        (&a.option, &a.statement, a.profile, &a.facts).cmp(&(&b.option, &b.statement, b.profile, &b.facts))
    });
    for one in uses {
        add_use(&mut graph, knowledge, one, &patient);
    }
    add_tumour(&mut graph, case, knowledge, &patient);
    others.into_iter().for_each(|fact| add_fact(&mut graph, fact, &patient));
    image_nodes(case).into_iter().for_each(|node| {
        let edge = Edge::new(&patient, &node.id, Relation::HasFact, node.id.trim_start_matches("finding:"));
        graph.attach_or_leave(node, vec![edge]);
    });
    graph
}

pub(crate) fn patient_id(case: &Case) -> String {
    format!("patient:{}", case.patient.meta.id)
}

/// Facts some statement uses, and the rest; each sorted by id.
fn facts_by_use(case: &Case, uses: &[StatementUse]) -> (Vec<FactNode>, Vec<FactNode>) {
    let used: BTreeSet<&str> = uses.iter().flat_map(|one| &one.facts).map(String::as_str).collect();
    let mut facts = fact_nodes(case);
    facts.sort_by(|a, b| a.id.cmp(&b.id));
    facts.into_iter().partition(|fact| used.contains(fact.id.as_str()))
}

fn add_fact(graph: &mut CaseGraph, fact: FactNode, patient: &str) {
    let id = format!("fact:{}", fact.id);
    let node = Node::new(&id, NodeKind::Fact, fact.label).detail(fact.detail);
    graph.attach_or_leave(node, vec![Edge::new(patient, &id, Relation::HasFact, &fact.id)]);
    if graph.node(&id).is_none() {
        return;
    }
    for gene in &fact.genes {
        let gene_id = format!("gene:{gene}");
        let edge = Edge::new(&id, &gene_id, Relation::ConcernsGene, &fact.id);
        graph.attach_or_leave(Node::new(gene_id, NodeKind::Gene, gene.as_str()), vec![edge]);
    }
    for drug in &fact.drugs {
        let drug_id = format!("drug:{drug}");
        let edge = Edge::new(&id, &drug_id, Relation::NamesDrug, &fact.id);
        graph.attach_or_leave(Node::new(drug_id, NodeKind::Drug, drug.as_str()), vec![edge]);
    }
}

fn add_use(graph: &mut CaseGraph, knowledge: &Knowledge, one: &StatementUse, patient: &str) {
    let key = one.statement.as_str();
    let statement = statement_of(knowledge, one);
    let (profile_id, statement_id) = (format!("profile:{}", one.profile), format!("statement:{key}"));
    let profile_name =
        knowledge.profile(one.profile).map_or_else(|| format!("profile {}", one.profile), |p| p.name.clone());
    graph.attach_or_leave(Node::new(&profile_id, NodeKind::Profile, profile_name), vec![]);
    for fact in &one.facts {
        add_satisfies(graph, fact, &profile_id, key, patient);
    }
    let level = statement.map_or_else(|| "level not in this knowledge".to_owned(), level_words);
    let ground = Edge::new(&profile_id, &statement_id, Relation::GroundOf, key);
    graph.attach_or_leave(Node::new(&statement_id, NodeKind::Statement, key).detail(level), vec![ground]);
    add_option(graph, knowledge, one, &statement_id);
    add_disease(graph, knowledge, one, &statement_id);
    if let Some(statement) = statement {
        add_source(graph, statement, &statement_id);
    }
}

/// The row that was used: same key, and the option's regimen when the source lists substitutes.
fn statement_of<'a>(knowledge: &'a Knowledge, one: &StatementUse) -> Option<&'a Statement> {
    let rows = knowledge.statements_of(&one.statement);
    let same = |row: &&Statement| row.regimen.as_ref().is_some_and(|r| r.components == one.components);
    rows.iter().find(same).or_else(|| rows.first())
}

fn level_words(statement: &Statement) -> String {
    let year = statement.year.map_or_else(String::new, |year| format!(", {year}"));
    let flagged = if statement.flagged { ", flagged" } else { "" };
    format!("level {:?}{year}{flagged}", statement.level)
}

/// A fact the case does not hold is still shown by its id: a path is never cut silently.
fn add_satisfies(graph: &mut CaseGraph, fact: &str, profile_id: &str, key: &str, patient: &str) {
    let fact_id = format!("fact:{fact}");
    let has = Edge::new(patient, &fact_id, Relation::HasFact, fact);
    let satisfies = Edge::new(&fact_id, profile_id, Relation::Satisfies, key);
    graph.attach_or_leave(Node::new(&fact_id, NodeKind::Fact, fact), vec![has, satisfies]);
}

fn add_option(graph: &mut CaseGraph, knowledge: &Knowledge, one: &StatementUse, statement_id: &str) {
    let option_id = format!("option:{}", one.option);
    let relation = relation_of(one);
    let mut edge = Edge::new(statement_id, &option_id, relation, one.statement.as_str());
    edge.remark.clone_from(&one.remark);
    let label = option_label(one);
    graph.attach_or_leave(Node::new(&option_id, NodeKind::Option, label), vec![edge]);
    for drug in &one.components {
        let drug_id = format!("drug:{drug}");
        let edge = Edge::new(&option_id, &drug_id, Relation::NamesDrug, &one.option);
        graph.attach_or_leave(Node::new(&drug_id, NodeKind::Drug, drug.as_str()), vec![edge]);
        add_targets(graph, knowledge, drug, &drug_id);
    }
}

fn option_label(one: &StatementUse) -> String {
    if one.components.is_empty() {
        return one.option.clone();
    }
    one.components.iter().map(DrugName::as_str).collect::<Vec<_>>().join(" + ")
}

fn relation_of(one: &StatementUse) -> Relation {
    match (one.counts, one.bearing) {
        (true, Bearing::For) => Relation::For,
        (true, Bearing::Against | Bearing::AgainstWeaker) => Relation::Against,
        (true, Bearing::Neutral | Bearing::SafetyOnly | Bearing::Context) | (false, _) => Relation::Listed,
    }
}

fn add_targets(graph: &mut CaseGraph, knowledge: &Knowledge, drug: &DrugName, drug_id: &str) {
    let targets = knowledge.drugs.get(drug).map(|row| row.targets.as_slice()).unwrap_or_default();
    for gene in targets {
        let gene_id = format!("gene:{gene}");
        let edge = Edge::new(drug_id, &gene_id, Relation::ConcernsGene, "drugs.tsv");
        graph.attach_or_leave(Node::new(gene_id, NodeKind::Gene, gene.as_str()), vec![edge]);
    }
}

fn add_disease(graph: &mut CaseGraph, knowledge: &Knowledge, one: &StatementUse, statement_id: &str) {
    if let Some(doid) = &one.disease {
        let disease_id = format!("disease:{doid}");
        let edge = Edge::new(statement_id, &disease_id, Relation::AboutDisease, one.statement.as_str());
        let node = Node::new(disease_id, NodeKind::Disease, knowledge.diseases.name(doid));
        graph.attach_or_leave(node.detail(doid.as_str()), vec![edge]);
    }
}

fn add_source(graph: &mut CaseGraph, statement: &Statement, statement_id: &str) {
    let kind = if statement.source_type == "PubMed" { "PMID" } else { statement.source_type.as_str() };
    let name = format!("{kind} {}", statement.citation);
    let source_id = format!("source:{name}");
    let edge = Edge::new(statement_id, &source_id, Relation::PublishedIn, statement.key.as_str());
    graph.attach_or_leave(Node::new(source_id, NodeKind::Source, name), vec![edge]);
}

/// The patient's tumour, and the ancestors that a used statement is about.
fn add_tumour(graph: &mut CaseGraph, case: &Case, knowledge: &Knowledge, patient: &str) {
    let Some(tumour) = &case.tumour else { return };
    let own = format!("disease:{}", tumour.doid);
    let has = Edge::new(patient, &own, Relation::HasDisease, &tumour.condition);
    let node = Node::new(&own, NodeKind::Disease, &tumour.name).detail(tumour.doid.as_str());
    graph.attach_or_leave(node, vec![has]);
    for (doid, distance) in knowledge.diseases.ancestors(&tumour.doid) {
        let id = format!("disease:{doid}");
        if 0 < distance
            && let Some(there) = graph.node(&id).cloned()
        {
            graph.attach_or_leave(there, vec![Edge::new(&own, &id, Relation::IsA, tumour.doid.as_str())]);
        }
    }
}
