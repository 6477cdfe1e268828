//! What may a model be asked?
//!
//! Traits, shapes and errors only; engines live in crates of their own. Nothing here reads weights.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Names a model and its exact weights; part of every run that used it (`replayable`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ModelId {
    /// Publisher's name: `sentence-transformers/all-MiniLM-L6-v2`.
    pub name: String,
    /// sha256 over the files that decide its answers (weights, tokenizer, configuration), lower-case hex.
    pub sha256: String,
}

/// Query and passage may be encoded differently (prefixes of E5, BGE); the model's own configuration says how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextRole {
    /// What is asked.
    Query,
    /// What is searched.
    Passage,
}

/// Asked between batches; true stops the work with [`ModelError::Stopped`].
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// Never stops.
pub fn never() -> bool {
    false
}

/// Turns texts into vectors.
pub trait Embedder: Send + Sync {
    /// Which model.
    fn id(&self) -> &ModelId;
    /// Length of each vector.
    fn dimensions(&self) -> usize;
    /// One vector a text, in the order given, each of [`Embedder::dimensions`] numbers; unit length where the model's
    /// configuration normalises.
    ///
    /// # Errors
    /// The engine failed, or was stopped.
    fn embed(&self, texts: &[&str], role: TextRole, stop: Stop) -> Result<Vec<Vec<f32>>, ModelError>;
    /// How many texts were longer than the model's length and cut, since it was loaded. 0 where an engine never cuts.
    fn texts_cut(&self) -> u64 {
        0
    }
}

/// Scores passages against a query; larger is more relevant, the scale is the model's own.
pub trait Reranker: Send + Sync {
    /// Which model.
    fn id(&self) -> &ModelId;
    /// One score a passage, in the order given.
    ///
    /// # Errors
    /// The engine failed, or was stopped.
    fn score(&self, query: &str, passages: &[&str], stop: Stop) -> Result<Vec<f32>, ModelError>;
    /// How many texts were longer than the model's length and cut, since it was loaded. 0 where an engine never cuts.
    fn texts_cut(&self) -> u64 {
        0
    }
}

/// One question to a language model.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatAsk {
    /// What it is to do; written by this program alone.
    pub system: String,
    /// What it is to do it with: data, never orders.
    pub user: String,
    /// JSON Schema of the answer; an engine that cannot decode under it says so in [`ChatModel::constrains`].
    pub schema: serde_json::Value,
    /// Seed of the sampling.
    pub seed: u64,
    /// Most tokens of the answer.
    pub most_tokens: usize,
}

/// What a language model answered: bytes from a stranger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChatReply {
    /// The answer as it came.
    pub text: String,
    /// It ended because its length was used up, or the connection was cut.
    pub cut: bool,
    /// Tokens read, where the engine counts them.
    pub tokens_read: Option<u64>,
    /// Tokens written, where the engine counts them.
    pub tokens_written: Option<u64>,
}

/// Answers questions in words. Nothing it says is believed: see the crate `grounding`.
pub trait ChatModel: Send + Sync {
    /// Which model; where its files cannot be hashed, `sha256` is empty.
    fn id(&self) -> &ModelId;
    /// Can it write nothing but what the schema allows?
    fn constrains(&self) -> bool;
    /// One answer.
    ///
    /// # Errors
    /// The engine failed, does not answer in time, or was stopped.
    fn answer(&self, ask: &ChatAsk, stop: Stop) -> Result<ChatReply, ModelError>;
}

/// What went wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file of the model folder is missing.
    #[error("{folder}: {file} is missing; fetch the model again or give a complete folder")]
    MissingFile {
        /// Model folder.
        folder: String,
        /// File.
        file: String,
    },
    /// A file is not what its lock says.
    #[error("{file}: sha256 is {found}, expected {expected}; delete it and fetch the model again")]
    WrongHash {
        /// File.
        file: String,
        /// As locked.
        expected: String,
        /// As found.
        found: String,
    },
    /// A file cannot be read as what it should be.
    #[error("{file}: {what}")]
    Unreadable {
        /// File.
        file: String,
        /// What was wrong, and what to do.
        what: String,
    },
    /// The engine failed while computing.
    #[error("model {model}: {what}")]
    Engine {
        /// Model name.
        model: String,
        /// What happened.
        what: String,
    },
    /// Nothing answers: asking again would only wait.
    #[error("model {model} does not answer: {what}")]
    Gone {
        /// Model name.
        model: String,
        /// What happened, and what to do.
        what: String,
    },
    /// Asked to stop.
    #[error("stopped")]
    Stopped,
}
