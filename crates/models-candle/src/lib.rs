//! The questions of `models` answered on candle: vectors of texts, scores of passages.
//!
//! The only home of candle and tokenizers. A model is a folder as its publisher made it (`config.json`,
//! `model.safetensors`, `tokenizer.json`, the files of sentence-transformers beside them); nothing is fetched here.
//! The encoder is BERT with its closest kin (RoBERTa, XLM-R); anything else is refused by name.

mod batches;
mod config;
mod embedder;
mod encoder;
mod folder;
mod kernels;
mod reranker;
mod sentence;
mod tokens;
mod weights;

pub use embedder::CandleEmbedder;
pub use reranker::CandleReranker;

use concilium_models::{Embedder, ModelError, Reranker};
use std::path::Path;

/// Opens a sentence encoder with the default options.
///
/// # Errors
/// As [`CandleEmbedder::open`].
pub fn open_embedder(name: &str, folder: &Path) -> Result<Box<dyn Embedder>, ModelError> {
    Ok(Box::new(CandleEmbedder::open(name, folder, Options::default())?))
}

/// Opens a cross-encoder with the default options.
///
/// # Errors
/// As [`CandleReranker::open`].
pub fn open_reranker(name: &str, folder: &Path) -> Result<Box<dyn Reranker>, ModelError> {
    Ok(Box::new(CandleReranker::open(name, folder, Options::default())?))
}

/// How a model is run; what it answers does not depend on it beyond rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Most tokens computed at once; more need memory (about 20 kB a token for a model of 384 numbers), fewer leave
    /// cores waiting. A text longer than this is a batch of its own.
    pub tokens_per_batch: usize,
    /// Where it runs.
    pub device: Place,
}

impl Default for Options {
    fn default() -> Options {
        Options { tokens_per_batch: 4096, device: Place::Cpu }
    }
}

/// Where a model runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// All cores, or as many as `RAYON_NUM_THREADS` says; single precision.
    Cpu,
    /// An NVIDIA card by number, half precision; only in a build with the feature `cuda`.
    Cuda(usize),
}
