//! What does the encoder make of each token?
//!
//! BERT as published (Devlin et al. 2019): embeddings, blocks of attention and two dense layers, each with a residual
//! and a layer norm behind it. Texts are laid end to end, without padding: the dense layers see one long matrix of
//! tokens, attention sees each text alone. So padding can change nothing.

use crate::config::{Activation, Config};
use crate::folder::Folder;
use crate::kernels::{add_norm, bias_activation, softmax};
use crate::tokens::Piece;
use crate::weights::Weights;
use candle_core::{Result, Tensor};
use concilium_models::ModelError;
use rayon::prelude::*;

/// Weights in the precision they are computed in.
pub struct Encoder {
    words: Tensor,
    positions: Tensor,
    kinds: Tensor,
    norm: Tensor,
    blocks: Vec<Block>,
    first_position: usize,
    heads: usize,
    eps: f64,
    activation: Activation,
}

struct Block {
    /// Query, key and value side by side: `[3 n, n]`, `[3 n]`.
    query_key_value: Tensor,
    query_key_value_bias: Tensor,
    attended: Tensor,
    /// Bias of the dense layer before it, scale and shift: `[3, n]`.
    attended_norm: Tensor,
    wide: Tensor,
    wide_bias: Tensor,
    narrow: Tensor,
    narrow_norm: Tensor,
}

/// Token vectors of texts laid end to end.
pub struct Encoded {
    /// `[tokens, n]`.
    pub vectors: Tensor,
    /// Where each text begins, and one behind the last.
    pub starts: Vec<usize>,
}

impl Encoder {
    /// Takes the encoder's tensors.
    pub fn new(
        folder: &Folder,
        weights: &Weights,
        config: &Config,
    ) -> std::result::Result<Encoder, ModelError> {
        let n = config.hidden_size;
        let get = |name: &str, shape: &[usize]| weights.encoder(folder, &format!("embeddings.{name}"), shape);
        let zero = get("LayerNorm.bias", &[n])?.zeros_like().map_err(|error| engine(folder, error))?;
        let norm = [zero, get("LayerNorm.weight", &[n])?, get("LayerNorm.bias", &[n])?];
        let blocks = (0..config.num_hidden_layers).map(|at| Block::new(folder, weights, config, at));
        Ok(Encoder {
            words: get("word_embeddings.weight", &[config.vocab_size, n])?,
            positions: get("position_embeddings.weight", &[config.max_position_embeddings, n])?,
            kinds: get("token_type_embeddings.weight", &[config.type_vocab_size, n])?,
            norm: Tensor::stack(&norm, 0).map_err(|error| engine(folder, error))?,
            blocks: blocks.collect::<std::result::Result<_, _>>()?,
            first_position: config.first_position(),
            heads: config.num_attention_heads,
            eps: config.layer_norm_eps,
            activation: config.activation,
        })
    }

    /// Runs the encoder over texts of at least one token each.
    pub fn encode(&self, pieces: &[&Piece]) -> Result<Encoded> {
        let mut starts = vec![0];
        for piece in pieces {
            starts.push(starts[starts.len() - 1] + piece.ids.len());
        }
        let mut x = self.embed(pieces)?;
        for block in &self.blocks {
            x = self.block(block, x, &starts)?;
        }
        Ok(Encoded { vectors: x, starts })
    }

    fn embed(&self, pieces: &[&Piece]) -> Result<Tensor> {
        let select = |table: &Tensor, ids: Vec<u32>| {
            let n = ids.len();
            table.index_select(&Tensor::from_vec(ids, n, table.device())?, 0)
        };
        let all = |of: fn(&Piece) -> &[u32]| pieces.iter().flat_map(|p| of(p).iter().copied()).collect();
        let first = self.first_position as u32;
        let positions = pieces.iter().flat_map(|piece| first..first + piece.ids.len() as u32);
        let words = select(&self.words, all(|p| &p.ids))?;
        let others =
            (select(&self.positions, positions.collect())? + select(&self.kinds, all(|p| &p.kinds))?)?;
        add_norm(words, &others, &self.norm, self.eps)
    }

    fn block(&self, block: &Block, x: Tensor, starts: &[usize]) -> Result<Tensor> {
        let all = x.matmul(&block.query_key_value.t()?)?;
        let all = bias_activation(all, &block.query_key_value_bias, Activation::Identity)?;
        let attended = self.attend(&all, starts)?.matmul(&block.attended.t()?)?;
        let x = add_norm(attended, &x, &block.attended_norm, self.eps)?;
        let wide = bias_activation(x.matmul(&block.wide.t()?)?, &block.wide_bias, self.activation)?;
        add_norm(wide.matmul(&block.narrow.t()?)?, &x, &block.narrow_norm, self.eps)
    }

    /// `all` is `[tokens, 3 n]`; back comes `[tokens, n]`.
    fn attend(&self, all: &Tensor, starts: &[usize]) -> Result<Tensor> {
        let (tokens, three_n) = all.dims2()?;
        let size = three_n / 3 / self.heads;
        let all = all.reshape((tokens, 3, self.heads, size))?;
        let texts: Vec<(usize, usize)> = starts.windows(2).map(|w| (w[0], w[1] - w[0])).collect();
        let one = |&(start, length): &(usize, usize)| attend_within(&all.narrow(0, start, length)?);
        let attended: Vec<Tensor> = if all.device().is_cpu() {
            texts.par_iter().map(one).collect::<Result<_>>()?
        } else {
            texts.iter().map(one).collect::<Result<_>>()?
        };
        Tensor::cat(&attended, 0)
    }
}

/// Attention within one text: `[length, 3, heads, size]` to `[length, heads · size]`.
fn attend_within(all: &Tensor) -> Result<Tensor> {
    let (length, _, heads, size) = all.dims4()?;
    let part = |at: usize| all.narrow(1, at, 1)?.squeeze(1)?.transpose(0, 1); // [heads, length, size]
    let (query, key, value) = (part(0)?, part(1)?, part(2)?);
    let scores = query.matmul(&key.transpose(1, 2)?)?; // [heads, from, to]
    let shares = softmax(scores, 1.0 / (size as f64).sqrt())?;
    shares.matmul(&value)?.transpose(0, 1)?.reshape((length, heads * size))
}

impl Block {
    fn new(
        folder: &Folder,
        weights: &Weights,
        config: &Config,
        at: usize,
    ) -> std::result::Result<Block, ModelError> {
        let (n, m) = (config.hidden_size, config.intermediate_size);
        let get = |name: &str, shape: &[usize]| {
            weights.encoder(folder, &format!("encoder.layer.{at}.{name}"), shape)
        };
        let join = |parts: [Tensor; 3]| Tensor::cat(&parts, 0).map_err(|error| engine(folder, error));
        let attention = |what: &str, shape: &[usize]| -> std::result::Result<[Tensor; 3], ModelError> {
            let one = |of: &str| get(&format!("attention.self.{of}.{what}"), shape);
            Ok([one("query")?, one("key")?, one("value")?])
        };
        let norm = |of: &str| -> std::result::Result<Tensor, ModelError> {
            let one = |name: &str| get(&format!("{of}.{name}"), &[n]);
            let parts = [one("dense.bias")?, one("LayerNorm.weight")?, one("LayerNorm.bias")?];
            Tensor::stack(&parts, 0).map_err(|error| engine(folder, error))
        };
        Ok(Block {
            query_key_value: join(attention("weight", &[n, n])?)?,
            query_key_value_bias: join(attention("bias", &[n])?)?,
            attended: get("attention.output.dense.weight", &[n, n])?,
            attended_norm: norm("attention.output")?,
            wide: get("intermediate.dense.weight", &[m, n])?,
            wide_bias: get("intermediate.dense.bias", &[m])?,
            narrow: get("output.dense.weight", &[n, m])?,
            narrow_norm: norm("output")?,
        })
    }
}

fn engine(folder: &Folder, error: candle_core::Error) -> ModelError {
    ModelError::Engine { model: folder.name(), what: error.to_string() }
}
