//! How well does a passage answer a query? A cross-encoder reads both together.

use crate::Options;
use crate::batches::batches;
use crate::config::{Activation, Config, Family};
use crate::encoder::{Encoded, Encoder};
use crate::folder::Folder;
use crate::kernels::bias_activation;
use crate::tokens::{Piece, Tokens};
use crate::weights::Weights;
use candle_core::{DType, Result as Computed, Tensor};
use concilium_models::{ModelError, ModelId, Reranker, Stop};
use rayon::prelude::*;
use serde_json::Value;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// A BERT or RoBERTa with a classification head of one label.
pub struct CandleReranker {
    id: ModelId,
    encoder: Encoder,
    head: Head,
    tokens: Tokens,
    options: Options,
    cut: AtomicU64,
}

/// Dense, tanh, dense, over the first token.
struct Head {
    dense: Tensor,
    dense_bias: Tensor,
    label: Tensor,
    label_bias: Tensor,
    sigmoid: bool,
}

impl CandleReranker {
    /// Reads a model's folder. `name` is the publisher's name for it.
    ///
    /// # Errors
    /// A file is missing, unreadable, of another model, or asks for what cannot be run; each names the file.
    pub fn open(name: &str, folder: &Path, options: Options) -> Result<CandleReranker, ModelError> {
        let mut folder = Folder::new(folder);
        let (config, value) = Config::read(&mut folder)?;
        let tokens = Tokens::read(&mut folder, &config, None)?;
        let weights = Weights::read(&mut folder, options.device)?;
        let encoder = Encoder::new(&folder, &weights, &config)?;
        let head = Head::new(&folder, &weights, &config, &value)?;
        let id = folder.id(name);
        Ok(CandleReranker { id, encoder, head, tokens, options, cut: AtomicU64::new(0) })
    }

    fn batch(&self, pieces: &[&Piece]) -> Result<Vec<f32>, ModelError> {
        let computed = self.encoder.encode(pieces).and_then(|encoded| self.head.score(&encoded));
        let scores = computed.map_err(|error| self.failed(error.to_string()))?;
        if scores.iter().any(|x| !x.is_finite()) {
            return Err(self.failed("a score is not finite; the weights are damaged".into()));
        }
        Ok(scores)
    }

    fn failed(&self, what: String) -> ModelError {
        ModelError::Engine { model: self.id.name.clone(), what }
    }
}

impl Head {
    fn new(folder: &Folder, weights: &Weights, config: &Config, value: &Value) -> Result<Head, ModelError> {
        let n = config.hidden_size;
        let label = match config.family {
            Family::Bert => "classifier",
            Family::Roberta => "classifier.out_proj",
        };
        match weights.rows(&format!("{label}.weight")) {
            Some(1) => {}
            Some(labels) => {
                return Err(folder.wrong("config.json", format!("has {labels} labels; a reranker has one")));
            }
            None => {
                let what =
                    format!("tensor {label}.weight is missing: this is an encoder, not a cross-encoder");
                return Err(folder.wrong("model.safetensors", what));
            }
        }
        let dense = |what: &str, shape: &[usize]| match config.family {
            Family::Bert => weights.encoder(folder, &format!("pooler.dense.{what}"), shape),
            Family::Roberta => weights.head(folder, &format!("classifier.dense.{what}"), shape),
        };
        Ok(Head {
            dense: dense("weight", &[n, n])?,
            dense_bias: dense("bias", &[n])?,
            label: weights.head(folder, &format!("{label}.weight"), &[1, n])?,
            label_bias: weights.head(folder, &format!("{label}.bias"), &[1])?,
            sigmoid: sigmoid(value).map_err(|what| folder.wrong("config.json", what))?,
        })
    }

    fn score(&self, encoded: &Encoded) -> Computed<Vec<f32>> {
        let texts = &encoded.starts[..encoded.starts.len() - 1];
        let firsts: Vec<u32> = texts.iter().map(|&start| start as u32).collect();
        let firsts = Tensor::from_vec(firsts, texts.len(), encoded.vectors.device())?;
        let first = encoded.vectors.index_select(&firsts, 0)?;
        let dense = bias_activation(first.matmul(&self.dense.t()?)?, &self.dense_bias, Activation::Identity)?;
        let scores = dense.tanh()?.matmul(&self.label.t()?)?.broadcast_add(&self.label_bias)?;
        let scores = scores.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?;
        Ok(scores.into_iter().map(|x| if self.sigmoid { 1.0 / (1.0 + (-x).exp()) } else { x }).collect())
    }
}

/// What is done to the label's number: as the configuration says, else sigmoid, which is what sentence-transformers
/// does with one label.
fn sigmoid(config: &Value) -> Result<bool, String> {
    let new = config["sentence_transformers"]["activation_fn"].as_str();
    let said = new.or(config["sbert_ce_default_activation_function"].as_str());
    match said.map(|name| name.rsplit('.').next().unwrap_or(name)) {
        None | Some("Sigmoid") => Ok(true),
        Some("Identity") => Ok(false),
        Some(other) => Err(format!("asks for `{other}` over the score; Sigmoid or Identity can be run")),
    }
}

impl Reranker for CandleReranker {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn score(&self, query: &str, passages: &[&str], stop: Stop) -> Result<Vec<f32>, ModelError> {
        let made = passages.par_iter().map(|passage| self.tokens.pair(query, passage));
        let pieces: Vec<Piece> = made.collect::<Result<_, _>>().map_err(|what| self.failed(what))?;
        let lengths: Vec<usize> = pieces.iter().map(|piece| piece.ids.len()).collect();
        let (order, ranges) = batches(&lengths, self.options.tokens_per_batch);
        let mut scores = vec![0.0; passages.len()];
        for range in ranges {
            if stop() {
                return Err(ModelError::Stopped);
            }
            let texts = &order[range];
            let some: Vec<&Piece> = texts.iter().map(|&text| &pieces[text]).collect();
            for (&text, score) in texts.iter().zip(self.batch(&some)?) {
                scores[text] = score;
            }
        }
        let cut = pieces.iter().filter(|piece| piece.cut).count();
        self.cut.fetch_add(cut as u64, Ordering::Relaxed);
        Ok(scores)
    }

    fn texts_cut(&self) -> u64 {
        self.cut.load(Ordering::Relaxed)
    }
}
