//! Which paths lead from this case to a therapy?
//!
//! One typed property graph per case: patient → fact → profile → statement → option, with drugs, diseases, genes and
//! publications beside it. Every edge says which relation it is and on which keys or facts it rests. The graph
//! explains a plan; it never makes or moves a rank. The only home of petgraph.

mod build;
mod export;
mod facts;
mod graph;
mod node;
mod paths;
mod picture;
mod rank;

pub use build::{PassageUse, StatementUse, add_passages, build};
pub use graph::{CaseGraph, GraphError, MAX_NODES};
pub use node::{Edge, Node, NodeKind, Relation};
pub use paths::{Hanging, Path, Side};
pub use rank::{DAMPING, ROUNDS};
