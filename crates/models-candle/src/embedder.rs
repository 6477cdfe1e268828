//! Which vector does a text get?

use crate::Options;
use crate::batches::batches;
use crate::config::Config;
use crate::encoder::{Encoded, Encoder};
use crate::folder::Folder;
use crate::sentence::{Pooling, Sentence};
use crate::tokens::{Piece, Tokens};
use crate::weights::Weights;
use candle_core::DType;
use concilium_models::{Embedder, ModelError, ModelId, Stop, TextRole};
use rayon::prelude::*;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Texts made into tokens between two questions whether to stop.
const TEXTS_AT_ONCE: usize = 1024;

/// A sentence encoder.
pub struct CandleEmbedder {
    id: ModelId,
    encoder: Encoder,
    tokens: Tokens,
    sentence: Sentence,
    dimensions: usize,
    options: Options,
    cut: AtomicU64,
}

impl CandleEmbedder {
    /// Reads a model's folder. `name` is the publisher's name for it.
    ///
    /// # Errors
    /// A file is missing, unreadable, of another model, or asks for what cannot be run; each names the file.
    pub fn open(name: &str, folder: &Path, options: Options) -> Result<CandleEmbedder, ModelError> {
        let mut folder = Folder::new(folder);
        let (config, _) = Config::read(&mut folder)?;
        let sentence = Sentence::read(&mut folder)?;
        let tokens = Tokens::read(&mut folder, &config, sentence.max_tokens)?;
        let weights = Weights::read(&mut folder, options.device)?;
        let encoder = Encoder::new(&folder, &weights, &config)?;
        let dimensions = config.hidden_size;
        let id = folder.id(name);
        Ok(CandleEmbedder { id, encoder, tokens, sentence, dimensions, options, cut: AtomicU64::new(0) })
    }

    /// Most tokens of a text, special ones counted; what is longer is cut.
    pub fn max_tokens(&self) -> usize {
        self.tokens.max_tokens()
    }

    /// Tokens of a text as it would be encoded, after cutting.
    ///
    /// # Errors
    /// The tokenizer refuses the text.
    pub fn count_tokens(&self, text: &str, role: TextRole) -> Result<usize, ModelError> {
        self.piece(text, role).map(|piece| piece.ids.len())
    }

    /// One line: shape, pooling, length, prompts, and what was assumed because no file says it.
    pub fn description(&self) -> String {
        let sentence = &self.sentence;
        let mut parts = vec![
            format!("{} numbers", self.dimensions),
            format!("{} pooling", format!("{:?}", sentence.pooling).to_lowercase()),
            if sentence.normalize { "unit length" } else { "not normalised" }.to_owned(),
            format!("at most {} tokens", self.max_tokens()),
        ];
        for (role, prompt) in [("query", &sentence.query_prompt), ("passage", &sentence.passage_prompt)] {
            if !prompt.is_empty() {
                parts.push(format!("{role} prompt {prompt:?}"));
            }
        }
        parts.extend(sentence.assumed.iter().map(|what| format!("assumed ({what})")));
        parts.join(", ")
    }

    fn piece(&self, text: &str, role: TextRole) -> Result<Piece, ModelError> {
        self.tokens.one(&self.sentence.dress(text, role)).map_err(|what| self.failed(what))
    }

    fn pieces(&self, texts: &[&str], role: TextRole, stop: Stop) -> Result<Vec<Piece>, ModelError> {
        let mut pieces = Vec::with_capacity(texts.len());
        for some in texts.chunks(TEXTS_AT_ONCE) {
            if stop() {
                return Err(ModelError::Stopped);
            }
            let made: Result<Vec<Piece>, ModelError> =
                some.par_iter().map(|text| self.piece(text, role)).collect();
            pieces.extend(made?);
        }
        Ok(pieces)
    }

    /// Tokens at the beginning that pooling leaves out.
    fn left_out(&self, role: TextRole) -> Result<usize, ModelError> {
        let prompt = self.sentence.prompt(role);
        if self.sentence.include_prompt || prompt.is_empty() {
            return Ok(0);
        }
        self.tokens.prompt(&self.sentence.dress("", role)).map_err(|what| self.failed(what))
    }

    fn batch(&self, pieces: &[&Piece], left_out: usize) -> Result<Vec<Vec<f32>>, ModelError> {
        let computed = self.encoder.encode(pieces).and_then(|encoded| self.pool(&encoded, left_out));
        let vectors = computed.map_err(|error| self.failed(error.to_string()))?;
        if vectors.iter().flatten().any(|x| !x.is_finite()) {
            return Err(
                self.failed("a vector holds a number that is not finite; the weights are damaged".into())
            );
        }
        Ok(vectors)
    }

    fn pool(&self, encoded: &Encoded, left_out: usize) -> candle_core::Result<Vec<Vec<f32>>> {
        let all = encoded.vectors.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?;
        let n = self.dimensions;
        let texts = encoded.starts.windows(2).map(|w| &all[w[0] * n..w[1] * n]);
        Ok(texts
            .map(|rows| {
                let mut vector = pooled(rows, n, self.sentence.pooling, left_out);
                if self.sentence.normalize {
                    normalize(&mut vector);
                }
                vector
            })
            .collect())
    }

    fn failed(&self, what: String) -> ModelError {
        ModelError::Engine { model: self.id.name.clone(), what }
    }
}

impl Embedder for CandleEmbedder {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn embed(&self, texts: &[&str], role: TextRole, stop: Stop) -> Result<Vec<Vec<f32>>, ModelError> {
        let pieces = self.pieces(texts, role, stop)?;
        let left_out = self.left_out(role)?;
        let lengths: Vec<usize> = pieces.iter().map(|piece| piece.ids.len()).collect();
        let (order, ranges) = batches(&lengths, self.options.tokens_per_batch);
        let mut vectors = vec![Vec::new(); texts.len()];
        for range in ranges {
            if stop() {
                return Err(ModelError::Stopped);
            }
            let texts = &order[range];
            let some: Vec<&Piece> = texts.iter().map(|&text| &pieces[text]).collect();
            for (&text, vector) in texts.iter().zip(self.batch(&some, left_out)?) {
                vectors[text] = vector;
            }
        }
        let cut = pieces.iter().filter(|piece| piece.cut).count();
        self.cut.fetch_add(cut as u64, Ordering::Relaxed);
        Ok(vectors)
    }

    fn texts_cut(&self) -> u64 {
        self.cut.load(Ordering::Relaxed)
    }
}

/// `rows` holds `n` numbers a token. All zero when every token is left out.
fn pooled(rows: &[f32], n: usize, pooling: Pooling, left_out: usize) -> Vec<f32> {
    let counted = rows.chunks_exact(n).skip(left_out);
    match pooling {
        Pooling::Cls => rows[..n].to_vec(),
        Pooling::Mean => {
            let tokens = counted.len().max(1) as f64;
            let mut sum = vec![0.0; n];
            counted.for_each(|row| sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x)));
            sum.into_iter().map(|sum| (sum / tokens) as f32).collect()
        }
        Pooling::Max => {
            let largest = counted
                .map(<[f32]>::to_vec)
                .reduce(|a, b| a.iter().zip(&b).map(|(a, b)| a.max(*b)).collect());
            largest.unwrap_or_else(|| vec![0.0; n])
        }
    }
}

fn normalize(vector: &mut [f32]) {
    let length = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
    if 0.0 < length {
        vector.iter_mut().for_each(|x| *x = (f64::from(*x) / length) as f32);
    }
}
