//! By what means may passages be found, beside their words?

use super::SettingsError;
use concilium_retrieval::fusion::Fusion;
use concilium_retrieval::vectors::{Beams, StoreKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Models and vectors. Nothing of this is in use until `embedder` or `reranker` names a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct RetrievalSettings {
    /// Model that turns texts into vectors: a name of models.lock, or a model's folder. Empty: words alone. Needs a
    /// build with the feature `embed`.
    pub embedder: String,
    /// Cross-encoder that reads the best passages again: as above. Empty: none.
    pub reranker: String,
    /// Where vectors lie: `exact` (a file; enough for some hundred thousand passages), `edge` (a folder, qdrant-edge) or
    /// `server` (a Qdrant server). The last two need a build with the feature `qdrant`.
    pub store: StoreKind,
    /// How words and vectors are joined.
    pub fusion: FusionMethod,
    /// Weight of the vectors. By rank: beside 1 for words, 0 to 10. Convex: their share, 0 to 0.9; words always count.
    pub vector_weight: f64,
    /// Joining by rank: how much the top ranks are damped.
    pub rank_damping: f64,
    /// Search in eight-bit copies and score the best again with the full vectors (`edge`, `server`).
    pub quantize: bool,
    /// Links a point in the graph of neighbours (`edge`, `server`), 4 to 128.
    pub graph_links: usize,
    /// Candidates kept while the graph is built, 4 to 4096.
    pub build_beam: usize,
    /// Candidates kept while it is searched, 4 to 4096.
    pub search_beam: usize,
    /// The server, where `store` is `server`.
    pub server: ServerSettings,
}

/// A Qdrant server: an outgoing connection to this address and no other. What is sent: vectors, keys and facets of
/// passages, and for each question its vector and filter, which are made from the case. Its key never stands here: it
/// comes from the file below, or from the environment variable `CONCILIUM_QDRANT_API_KEY`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ServerSettings {
    /// `https://qdrant.example.org:6334`: the gRPC port. `https` is TLS, by the certificates of the system.
    pub url: String,
    /// File whose first line is the key; empty: the environment variable, or no key.
    pub api_key_file: PathBuf,
    /// Collections are named by this, the corpus and the model. One prefix a site: what nobody recorded is overwritten.
    pub collection_prefix: String,
    /// Longest time one search may take, in milliseconds, repetitions included; search then goes on without vectors.
    pub timeout_ms: u64,
}

/// How the legs are joined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FusionMethod {
    /// Weighted reciprocal ranks; needs no tuning.
    ReciprocalRank,
    /// Convex combination of scores, tuned on development labels (`retrieval::Fusion`).
    #[default]
    Convex,
}

impl Default for RetrievalSettings {
    fn default() -> RetrievalSettings {
        RetrievalSettings {
            embedder: String::new(),
            reranker: String::new(),
            store: StoreKind::Exact,
            fusion: FusionMethod::Convex,
            vector_weight: 0.3,
            rank_damping: 60.0,
            quantize: true,
            graph_links: 16,
            build_beam: 100,
            search_beam: 128,
            server: ServerSettings::default(),
        }
    }
}

impl Default for ServerSettings {
    fn default() -> ServerSettings {
        ServerSettings {
            url: String::new(),
            api_key_file: PathBuf::new(),
            collection_prefix: "concilium-".into(),
            timeout_ms: 2_000,
        }
    }
}

impl RetrievalSettings {
    /// As retrieval takes it.
    pub fn joined_by(&self) -> Fusion {
        #[expect(clippy::cast_possible_truncation, reason = "checked to be small")]
        let (vector, k) = (self.vector_weight as f32, self.rank_damping as f32);
        match self.fusion {
            FusionMethod::ReciprocalRank => Fusion::ReciprocalRank { k, vector },
            FusionMethod::Convex => Fusion::Convex { vector },
        }
    }

    /// As retrieval takes it.
    pub fn beams(&self) -> Beams {
        Beams {
            links: self.graph_links,
            build: self.build_beam,
            search: self.search_beam,
            quantize: self.quantize,
        }
    }

    /// Refuses what makes no sense.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let refuse = |key: &'static str, what: &str| {
            Err(SettingsError::Value { key: format!("retrieval.{key}"), what: what.to_owned() })
        };
        let most = if self.fusion == FusionMethod::Convex { 0.9 } else { 10.0 };
        if !(0.0..=most).contains(&self.vector_weight) {
            return refuse("vector-weight", &format!("must lie between 0 and {most}"));
        }
        if !(1.0..=1_000.0).contains(&self.rank_damping) {
            return refuse("rank-damping", "must lie between 1 and 1000");
        }
        if !(4..=128).contains(&self.graph_links) {
            return refuse("graph-links", "must lie between 4 and 128");
        }
        for (key, beam) in [("build-beam", self.build_beam), ("search-beam", self.search_beam)] {
            if !(4..=4_096).contains(&beam) {
                return refuse(key, "must lie between 4 and 4096");
            }
        }
        if !(50..=600_000).contains(&self.server.timeout_ms) {
            return refuse("server.timeout-ms", "must lie between 50 and 600000");
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !self.server.collection_prefix.chars().all(plain) || 64 < self.server.collection_prefix.len() {
            return refuse("server.collection-prefix", "takes letters, digits, `-`, `_` and `.`, at most 64");
        }
        if self.store == StoreKind::Server && !self.embedder.is_empty() && self.server.url.is_empty() {
            return refuse("server.url", "is empty and `store` is `server`: say where it is");
        }
        Ok(())
    }

    /// Sets the value an environment variable names: `SERVER_URL` is `server.url`. `false` when there is none.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<bool, String> {
        super::set_nested(self, name, value)
    }
}
