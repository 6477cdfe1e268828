//! Which encoder does `config.json` describe?

use crate::folder::Folder;
use concilium_models::ModelError;
use serde::Deserialize;
use serde_json::Value;

const FILE: &str = "config.json";

/// BERT's shape. Field names are those of the file.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub intermediate_size: usize,
    pub max_position_embeddings: usize,
    #[serde(default = "two")]
    pub type_vocab_size: usize,
    #[serde(default = "bert_eps")]
    pub layer_norm_eps: f64,
    #[serde(default)]
    pub pad_token_id: usize,
    #[serde(skip)]
    pub family: Family,
    #[serde(skip)]
    pub activation: Activation,
}

fn two() -> usize {
    2
}

fn bert_eps() -> f64 {
    1e-12
}

/// Architectures that share the encoder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// Positions from 0.
    #[default]
    Bert,
    /// RoBERTa, XLM-R, CamemBERT: positions start behind the padding token's id.
    Roberta,
}

/// Between the two dense layers of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// None; used where only a bias is added.
    Identity,
    /// x Φ(x), with the error function.
    #[default]
    Gelu,
    /// Its approximation by tanh.
    GeluTanh,
    /// x σ(1.702 x).
    QuickGelu,
    /// max(x, 0).
    Relu,
}

impl Config {
    /// Reads and checks `config.json`.
    pub fn read(folder: &mut Folder) -> Result<(Config, Value), ModelError> {
        let value = folder.need_json(FILE)?;
        let wrong = |what: String| folder.wrong(FILE, what);
        let family = family(&value).map_err(wrong)?;
        let activation = activation(&value).map_err(wrong)?;
        let config: Config =
            serde_json::from_value(value.clone()).map_err(|error| wrong(error.to_string()))?;
        let config = Config { family, activation, ..config };
        config.check().map_err(wrong)?;
        Ok((config, value))
    }

    /// The first position a token gets.
    pub fn first_position(&self) -> usize {
        match self.family {
            Family::Bert => 0,
            Family::Roberta => self.pad_token_id + 1,
        }
    }

    /// Most tokens a text may have.
    pub fn most_tokens(&self) -> usize {
        self.max_position_embeddings.saturating_sub(self.first_position())
    }

    fn check(&self) -> Result<(), String> {
        let sizes = [
            ("vocab_size", self.vocab_size),
            ("hidden_size", self.hidden_size),
            ("num_hidden_layers", self.num_hidden_layers),
            ("num_attention_heads", self.num_attention_heads),
            ("intermediate_size", self.intermediate_size),
            ("type_vocab_size", self.type_vocab_size),
            ("max_position_embeddings behind the padding token", self.most_tokens()),
        ];
        // Far above any encoder; keeps products of two sizes from overflowing.
        if let Some((name, size)) = sizes.iter().find(|(_, size)| !(1..=1 << 24).contains(size)) {
            return Err(format!("{name} is {size}"));
        }
        if !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return Err(format!(
                "hidden_size {} is not a multiple of num_attention_heads {}",
                self.hidden_size, self.num_attention_heads
            ));
        }
        if !(0.0..1.0).contains(&self.layer_norm_eps) {
            return Err(format!("layer_norm_eps is {}", self.layer_norm_eps));
        }
        Ok(())
    }
}

fn family(value: &Value) -> Result<Family, String> {
    let family = match value["model_type"].as_str() {
        Some("bert") => Family::Bert,
        Some("roberta" | "xlm-roberta" | "camembert") => Family::Roberta,
        Some(other) => {
            return Err(format!(
                "model_type is `{other}`; only bert, roberta, xlm-roberta and camembert can be run"
            ));
        }
        None => return Err("has no model_type; it is not the configuration of an encoder".into()),
    };
    match value["position_embedding_type"].as_str() {
        None | Some("absolute") => Ok(family),
        Some(other) => {
            Err(format!("position_embedding_type is `{other}`; only absolute positions can be run"))
        }
    }
}

fn activation(value: &Value) -> Result<Activation, String> {
    match value["hidden_act"].as_str() {
        None | Some("gelu" | "gelu_python") => Ok(Activation::Gelu),
        Some("gelu_new" | "gelu_fast" | "gelu_pytorch_tanh") => Ok(Activation::GeluTanh),
        Some("quick_gelu") => Ok(Activation::QuickGelu),
        Some("relu") => Ok(Activation::Relu),
        Some(other) => Err(format!("hidden_act is `{other}`; gelu, its approximations and relu can be run")),
    }
}
