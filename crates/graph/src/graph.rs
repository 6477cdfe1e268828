//! How is the graph held, and how does a later stage add to it?

use crate::node::{Edge, Node, NodeKind, Relation};
use petgraph::Direction;
use petgraph::stable_graph::{EdgeIndex, NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef;
use std::collections::BTreeMap;

/// Most nodes a case graph holds. What does not fit is named in [`CaseGraph::left_out`].
pub const MAX_NODES: usize = 4000;

/// The graph of one case. Reading it never depends on the order in which it was filled.
#[derive(Clone, Debug, Default)]
pub struct CaseGraph {
    inner: StableDiGraph<Node, Edge>,
    by_id: BTreeMap<String, NodeIndex>,
    left_out: Vec<String>,
}

/// Why a node was not attached. Nothing of it is then in the graph.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Full.
    #[error("graph holds {MAX_NODES} nodes already, `{id}` does not fit")]
    Full {
        /// Node refused.
        id: String,
    },
    /// An edge names a node that is not there.
    #[error("edge {from} → {to} names `{missing}`, which is not in the graph")]
    NoSuchNode {
        /// Start of the edge.
        from: String,
        /// End of the edge.
        to: String,
        /// The end that is missing.
        missing: String,
    },
    /// The same id was used for another kind.
    #[error("`{id}` is a {is} already and cannot become a {wanted}")]
    OtherKind {
        /// Node id.
        id: String,
        /// What it is.
        is: String,
        /// What was asked for.
        wanted: String,
    },
    /// An edge rests on nothing.
    #[error("edge {from} → {to} rests on no key and no fact")]
    NoProvenance {
        /// Start of the edge.
        from: String,
        /// End of the edge.
        to: String,
    },
}

impl CaseGraph {
    /// Adds a node with its edges, all or nothing. A node that is there keeps its label; edges unite.
    ///
    /// # Errors
    /// When the graph is full, an edge names an unknown node or rests on nothing, or the id has another kind.
    pub fn attach(&mut self, node: Node, edges: Vec<Edge>) -> Result<(), GraphError> {
        self.check_node(&node)?;
        edges.iter().try_for_each(|edge| self.check_edge(&node.id, edge))?;
        self.put_node(node);
        edges.into_iter().for_each(|edge| self.put_edge(edge));
        Ok(())
    }

    /// Like `attach`, for what the case itself holds: what does not fit is remembered by id.
    pub(crate) fn attach_or_leave(&mut self, node: Node, edges: Vec<Edge>) {
        let id = node.id.clone();
        if self.attach(node, edges).is_err() {
            self.left_out.push(id);
            self.left_out.sort();
            self.left_out.dedup();
        }
    }

    fn check_node(&self, node: &Node) -> Result<(), GraphError> {
        match self.node(&node.id) {
            Some(there) if there.kind != node.kind => Err(GraphError::OtherKind {
                id: node.id.clone(),
                is: there.kind.name().to_owned(),
                wanted: node.kind.name().to_owned(),
            }),
            None if MAX_NODES <= self.by_id.len() => Err(GraphError::Full { id: node.id.clone() }),
            Some(_) | None => Ok(()),
        }
    }

    fn check_edge(&self, new_id: &str, edge: &Edge) -> Result<(), GraphError> {
        let (from, to) = (edge.from.clone(), edge.to.clone());
        let unknown = |id: &&String| id.as_str() != new_id && !self.by_id.contains_key(id.as_str());
        if let Some(missing) = [&edge.from, &edge.to].into_iter().find(unknown) {
            return Err(GraphError::NoSuchNode { missing: missing.clone(), from, to });
        }
        if edge.provenance.is_empty() { Err(GraphError::NoProvenance { from, to }) } else { Ok(()) }
    }

    fn put_node(&mut self, node: Node) {
        let inner = &mut self.inner;
        self.by_id.entry(node.id.clone()).or_insert_with(|| inner.add_node(node));
    }

    fn put_edge(&mut self, edge: Edge) {
        let (Some(&from), Some(&to)) = (self.by_id.get(&edge.from), self.by_id.get(&edge.to)) else { return };
        match self.edge_between(from, to, edge.relation).and_then(|at| self.inner.edge_weight_mut(at)) {
            Some(there) => unite(there, edge),
            None => {
                let mut edge = edge;
                edge.provenance.sort();
                edge.provenance.dedup();
                self.inner.add_edge(from, to, edge);
            }
        }
    }

    fn edge_between(&self, from: NodeIndex, to: NodeIndex, relation: Relation) -> Option<EdgeIndex> {
        let same =
            |edge: &petgraph::stable_graph::EdgeReference<'_, Edge>| edge.weight().relation == relation;
        self.inner.edges_connecting(from, to).find(same).map(|edge| edge.id())
    }

    /// Node by id.
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.by_id.get(id).and_then(|at| self.inner.node_weight(*at))
    }

    /// All nodes, sorted by id.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.by_id.values().filter_map(|at| self.inner.node_weight(*at))
    }

    /// All edges, sorted.
    pub fn edges(&self) -> Vec<&Edge> {
        let mut edges: Vec<&Edge> = self.inner.edge_weights().collect();
        edges.sort();
        edges
    }

    /// Edges that end at a node, sorted.
    pub fn into_node(&self, id: &str) -> Vec<&Edge> {
        self.touching(id, Direction::Incoming)
    }

    /// Edges that start at a node, sorted.
    pub fn out_of(&self, id: &str) -> Vec<&Edge> {
        self.touching(id, Direction::Outgoing)
    }

    fn touching(&self, id: &str, direction: Direction) -> Vec<&Edge> {
        let Some(&at) = self.by_id.get(id) else { return vec![] };
        let mut edges: Vec<&Edge> =
            self.inner.edges_directed(at, direction).map(|edge| edge.weight()).collect();
        edges.sort();
        edges
    }

    /// Ids of what did not fit, sorted; empty in all but extreme cases.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// How many nodes of a kind.
    pub fn count(&self, kind: &NodeKind) -> usize {
        self.nodes().filter(|node| node.kind == *kind).count()
    }
}

/// Two edges of one meaning: keys unite; remarks unite too, in an order that does not depend on arrival.
fn unite(there: &mut Edge, new: Edge) {
    there.provenance.extend(new.provenance);
    there.provenance.sort();
    there.provenance.dedup();
    let mut remarks: Vec<&str> =
        there.remark.split("; ").chain(new.remark.split("; ")).filter(|r| !r.is_empty()).collect();
    remarks.sort_unstable();
    remarks.dedup();
    there.remark = remarks.join("; ");
}
