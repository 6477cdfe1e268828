//! What stands in the graph, and what does an arrow mean?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Kinds of node. Open: later stages attach passages, findings and criteria, or a kind of their own by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKind {
    /// The person.
    Patient,
    /// A fact of the case: alteration, marker, condition, drug record, line, measurement.
    Fact,
    /// A molecular profile of the knowledge.
    Profile,
    /// A curated statement.
    Statement,
    /// An option of the plan: one regimen.
    Option,
    /// A drug.
    Drug,
    /// A disease term.
    Disease,
    /// A gene.
    Gene,
    /// A publication or abstract.
    Source,
    /// A retrieved passage.
    Passage,
    /// An image or note finding.
    Finding,
    /// A trial or safety criterion.
    Criterion,
    /// Any other kind by name.
    Other(String),
}

impl NodeKind {
    /// The kind as exports spell it.
    pub fn name(&self) -> &str {
        match self {
            NodeKind::Patient => "patient",
            NodeKind::Fact => "fact",
            NodeKind::Profile => "profile",
            NodeKind::Statement => "statement",
            NodeKind::Option => "option",
            NodeKind::Drug => "drug",
            NodeKind::Disease => "disease",
            NodeKind::Gene => "gene",
            NodeKind::Source => "source",
            NodeKind::Passage => "passage",
            NodeKind::Finding => "finding",
            NodeKind::Criterion => "criterion",
            NodeKind::Other(name) => name,
        }
    }
}

/// One node. `id` is unique in the graph and says its kind by prefix: `option:dabrafenib+trametinib`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Node {
    /// Unique id.
    pub id: String,
    /// Kind.
    pub kind: NodeKind,
    /// For people.
    pub label: String,
    /// One more line for people: level of a statement, date of a fact; may be empty.
    pub detail: String,
}

impl Node {
    /// A node without detail.
    pub fn new(id: impl Into<String>, kind: NodeKind, label: impl Into<String>) -> Node {
        Node { id: id.into(), kind, label: label.into(), detail: String::new() }
    }

    /// The same with a second line.
    pub fn detail(self, detail: impl Into<String>) -> Node {
        Node { detail: detail.into(), ..self }
    }
}

/// What an edge means, read from its start to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// Patient has this fact.
    HasFact,
    /// Patient has this disease.
    HasDisease,
    /// Fact satisfies, or nearly satisfies, the profile.
    Satisfies,
    /// Profile is what the statement is about.
    GroundOf,
    /// Statement speaks for the option and counts.
    For,
    /// Statement speaks against the option and counts.
    Against,
    /// Statement is listed with the option and does not count.
    Listed,
    /// Statement is about the disease.
    AboutDisease,
    /// Statement was published in the source.
    PublishedIn,
    /// Option contains, or fact or passage names, the drug.
    NamesDrug,
    /// Drug acts on, fact lies in, or passage speaks of, the gene.
    ConcernsGene,
    /// Disease is a kind of the other.
    IsA,
    /// Attached by a later stage: the start bears on the end.
    BearsOn,
}

impl Relation {
    /// The relation as exports spell it.
    pub fn name(self) -> &'static str {
        match self {
            Relation::HasFact => "has-fact",
            Relation::HasDisease => "has-disease",
            Relation::Satisfies => "satisfies",
            Relation::GroundOf => "ground-of",
            Relation::For => "for",
            Relation::Against => "against",
            Relation::Listed => "listed",
            Relation::AboutDisease => "about-disease",
            Relation::PublishedIn => "published-in",
            Relation::NamesDrug => "names-drug",
            Relation::ConcernsGene => "concerns-gene",
            Relation::IsA => "is-a",
            Relation::BearsOn => "bears-on",
        }
    }
}

/// One edge between two nodes by id. Two edges of one relation between the same nodes are one: what they rest on unites.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Edge {
    /// Start, by node id.
    pub from: String,
    /// End, by node id.
    pub to: String,
    /// What it means.
    pub relation: Relation,
    /// Source keys and fact ids it rests on, sorted; never empty.
    pub provenance: Vec<String>,
    /// Why it does or does not count; may be empty.
    pub remark: String,
}

impl Edge {
    /// An edge resting on one key or fact.
    pub fn new(from: &str, to: &str, relation: Relation, rests_on: &str) -> Edge {
        let provenance = vec![rests_on.to_owned()];
        Edge { from: from.to_owned(), to: to.to_owned(), relation, provenance, remark: String::new() }
    }
}
