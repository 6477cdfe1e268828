//! Which store is meant, where does it lie, and how is it reached? What a site's settings come to, for whoever opens it.

use super::{StoreError, VectorStore};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// A kind of store.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum StoreKind {
    /// Every vector is looked at: no approximation, one file; enough for some hundred thousand passages.
    #[default]
    Exact,
    /// qdrant-edge in a folder, in this process; one program at a time.
    Edge,
    /// A Qdrant server.
    Server,
}

impl StoreKind {
    /// All of them.
    pub const ALL: [StoreKind; 3] = [StoreKind::Exact, StoreKind::Edge, StoreKind::Server];

    /// As settings and file names spell it.
    pub fn name(self) -> &'static str {
        match self {
            StoreKind::Exact => "exact",
            StoreKind::Edge => "edge",
            StoreKind::Server => "server",
        }
    }
}

/// How a graph of neighbours is built and searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beams {
    /// Links a point.
    pub links: usize,
    /// Candidates kept while the graph is built.
    pub build: usize,
    /// Candidates kept while it is searched.
    pub search: usize,
    /// Search in eight-bit copies and score the best again with the full vectors.
    pub quantize: bool,
}

/// One store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file of an exact store.
    Exact {
        /// File.
        file: PathBuf,
    },
    /// The folder of an embedded one.
    Edge {
        /// Folder.
        folder: PathBuf,
        /// Graph.
        beams: Beams,
    },
    /// A collection of a server.
    Server(ServerPlace),
}

/// A collection of a Qdrant server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerPlace {
    /// `https://qdrant.example.org:6334`.
    pub url: String,
    /// File whose first line is the key; without one, the environment may hold it.
    pub key_file: Option<PathBuf>,
    /// Collection.
    pub collection: String,
    /// Longest time one request may take, repetitions included.
    pub timeout: Duration,
    /// Graph; what concerns its building is decided when the collection is made.
    pub beams: Beams,
    /// What for.
    pub to: Use,
}

/// What a store is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Searching: makes nothing, and asks nothing before the first search.
    Search,
    /// Writing: makes what is not there.
    Write,
}

/// Opens a store for vectors of this length.
pub type OpenStore = fn(&Place, usize) -> Result<Box<dyn VectorStore>, StoreError>;
