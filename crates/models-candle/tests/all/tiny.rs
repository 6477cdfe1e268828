//! Which model is small enough to be written by a test? Two blocks of eight numbers, weights by a fixed formula.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

pub const HIDDEN: usize = 8;
pub const WIDE: usize = 16;
pub const HEADS: usize = 2;
pub const BLOCKS: usize = 2;
pub const POSITIONS: usize = 24;
/// Four special tokens and the letters.
pub const VOCABULARY: usize = 4 + 26;
pub const CLS: usize = 2;
pub const SEP: usize = 3;

/// How the numbers are stored. The formula's values are exact in all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stored {
    F32,
    F16,
    Bf16,
}

/// A model as files, each of which a test may change or drop before writing.
#[derive(Clone, Debug)]
pub struct Tiny {
    pub config: Value,
    pub tokenizer: Value,
    pub others: BTreeMap<String, Value>,
    pub tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
    pub stored: Stored,
}

impl Tiny {
    /// A BERT sentence encoder: mean pooling, unit length.
    pub fn bert() -> Tiny {
        let mut tiny = Tiny {
            config: json!({
                "model_type": "bert", "architectures": ["BertModel"], "hidden_act": "gelu",
                "vocab_size": VOCABULARY, "hidden_size": HIDDEN, "num_hidden_layers": BLOCKS,
                "num_attention_heads": HEADS, "intermediate_size": WIDE, "max_position_embeddings": POSITIONS,
                "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0
            }),
            tokenizer: tokenizer(),
            others: BTreeMap::new(),
            tensors: BTreeMap::new(),
            stored: Stored::F32,
        };
        tiny.encoder_tensors("", 2);
        tiny.pooling("mean_tokens").normalized()
    }

    /// The same shape as a RoBERTa: positions behind the padding token, one kind of token.
    pub fn roberta() -> Tiny {
        let mut tiny = Tiny::bert();
        tiny.config["model_type"] = json!("xlm-roberta");
        tiny.config["pad_token_id"] = json!(1);
        tiny.config["type_vocab_size"] = json!(1);
        tiny.tensors.clear();
        tiny.encoder_tensors("roberta.", 1);
        tiny
    }

    /// With the head of a cross-encoder; the encoder's names get the prefix such files have.
    pub fn cross_encoder(mut self) -> Tiny {
        self.others.clear();
        if self.config["model_type"] == "bert" {
            self.tensors.clear();
            self.encoder_tensors("bert.", 2);
            self.tensor("bert.pooler.dense.weight", &[HIDDEN, HIDDEN]);
            self.tensor("bert.pooler.dense.bias", &[HIDDEN]);
            self.tensor("classifier.weight", &[1, HIDDEN]);
            self.tensor("classifier.bias", &[1]);
        } else {
            self.tensor("classifier.dense.weight", &[HIDDEN, HIDDEN]);
            self.tensor("classifier.dense.bias", &[HIDDEN]);
            self.tensor("classifier.out_proj.weight", &[1, HIDDEN]);
            self.tensor("classifier.out_proj.bias", &[1]);
        }
        self
    }

    pub fn pooling(mut self, mode: &str) -> Tiny {
        self.others.insert(
            "modules.json".into(),
            json!([
                { "idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer" },
                { "idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling" }
            ]),
        );
        let off = json!({
            "word_embedding_dimension": HIDDEN, "pooling_mode_cls_token": false, "pooling_mode_mean_tokens": false,
            "pooling_mode_max_tokens": false, "pooling_mode_mean_sqrt_len_tokens": false
        });
        self.others.insert("1_Pooling/config.json".into(), off);
        self.other("1_Pooling/config.json")[format!("pooling_mode_{mode}")] = json!(true);
        self
    }

    pub fn normalized(mut self) -> Tiny {
        let module = json!({ "idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize" });
        self.other("modules.json").as_array_mut().expect("a list").push(module);
        self
    }

    pub fn stored(mut self, stored: Stored) -> Tiny {
        self.stored = stored;
        self
    }

    /// A file beside the three, made if it is not there.
    pub fn other(&mut self, file: &str) -> &mut Value {
        self.others.entry(file.to_owned()).or_insert_with(|| json!({}))
    }

    fn encoder_tensors(&mut self, prefix: &str, kinds: usize) {
        let n = HIDDEN;
        let mut put = |name: &str, shape: &[usize]| self.tensor(&format!("{prefix}{name}"), shape);
        put("embeddings.word_embeddings.weight", &[VOCABULARY, n]);
        put("embeddings.position_embeddings.weight", &[POSITIONS, n]);
        put("embeddings.token_type_embeddings.weight", &[kinds, n]);
        put("embeddings.LayerNorm.weight", &[n]);
        put("embeddings.LayerNorm.bias", &[n]);
        for at in 0..BLOCKS {
            let layer = format!("encoder.layer.{at}");
            for dense in [
                "attention.self.query",
                "attention.self.key",
                "attention.self.value",
                "attention.output.dense",
            ] {
                put(&format!("{layer}.{dense}.weight"), &[n, n]);
                put(&format!("{layer}.{dense}.bias"), &[n]);
            }
            put(&format!("{layer}.intermediate.dense.weight"), &[WIDE, n]);
            put(&format!("{layer}.intermediate.dense.bias"), &[WIDE]);
            put(&format!("{layer}.output.dense.weight"), &[n, WIDE]);
            put(&format!("{layer}.output.dense.bias"), &[n]);
            for norm in ["attention.output.LayerNorm", "output.LayerNorm"] {
                put(&format!("{layer}.{norm}.weight"), &[n]);
                put(&format!("{layer}.{norm}.bias"), &[n]);
            }
        }
    }

    /// Whole multiples of 1/256: -127 to 127, or 128 to 255 for a layer norm's scale.
    fn tensor(&mut self, name: &str, shape: &[usize]) {
        let mut state =
            name.bytes().fold(7u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let scale = name.ends_with("LayerNorm.weight");
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let whole = (state >> 40) as i32;
            (if scale { 128 + whole % 128 } else { whole % 255 - 127 }) as f32 / 256.0
        };
        let numbers = (0..shape.iter().product()).map(|_| next()).collect();
        self.tensors.insert(name.to_owned(), (shape.to_vec(), numbers));
    }

    /// `model.safetensors` as bytes: length of the header, header, numbers.
    pub fn safetensors(&self) -> Vec<u8> {
        let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
        let (word, dtype) = match self.stored {
            Stored::F32 => (4, "F32"),
            Stored::F16 => (2, "F16"),
            Stored::Bf16 => (2, "BF16"),
        };
        for (name, (shape, numbers)) in &self.tensors {
            let from = data.len();
            for number in numbers {
                let bits = number.to_bits();
                match self.stored {
                    Stored::F32 => data.extend(bits.to_le_bytes()),
                    Stored::F16 => data.extend(half(bits).to_le_bytes()),
                    Stored::Bf16 => data.extend(((bits >> 16) as u16).to_le_bytes()),
                }
            }
            assert_eq!(data.len() - from, numbers.len() * word);
            header.insert(
                name.clone(),
                json!({ "dtype": dtype, "shape": shape, "data_offsets": [from, data.len()] }),
            );
        }
        let mut header = Value::Object(header).to_string();
        while !header.len().is_multiple_of(8) {
            header.push(' ');
        }
        let length = (header.len() as u64).to_le_bytes();
        [&length[..], header.as_bytes(), &data].concat()
    }

    /// Writes the folder under a name of its own.
    pub fn write(&self) -> Written {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("concilium-tiny-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("temp folder");
        let written = Written(folder);
        written.put("config.json", self.config.to_string().as_bytes());
        written.put("tokenizer.json", self.tokenizer.to_string().as_bytes());
        written.put("model.safetensors", &self.safetensors());
        self.others.iter().for_each(|(file, value)| written.put(file, value.to_string().as_bytes()));
        written
    }
}

/// A folder that goes with the value.
pub struct Written(PathBuf);

impl Written {
    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn put(&self, file: &str, bytes: &[u8]) {
        let path = self.0.join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("temp folder");
        std::fs::write(path, bytes).expect("temp file");
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Half precision of a number that has one and is zero or at least 2⁻¹⁴.
fn half(bits: u32) -> u16 {
    let (sign, exponent, fraction) = ((bits >> 16) as u16 & 0x8000, (bits >> 23) & 0xff, bits & 0x7f_ffff);
    assert_eq!(fraction & 0x1fff, 0, "exact in half precision");
    if exponent == 0 { sign } else { sign | (((exponent - 112) << 10) | (fraction >> 13)) as u16 }
}

/// One token a letter; special tokens as BERT has them.
fn tokenizer() -> Value {
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];
    let mut vocabulary = serde_json::Map::new();
    special.iter().enumerate().for_each(|(id, token)| _ = vocabulary.insert((*token).to_owned(), json!(id)));
    ('a'..='z').enumerate().for_each(|(at, letter)| _ = vocabulary.insert(letter.to_string(), json!(4 + at)));
    let added = special.iter().enumerate().map(|(id, token)| {
        json!({ "id": id, "content": token, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true })
    });
    let token = |name: &str, kind: u32| json!({ "SpecialToken": { "id": name, "type_id": kind } });
    let text = |name: &str, kind: u32| json!({ "Sequence": { "id": name, "type_id": kind } });
    json!({
        "version": "1.0",
        "truncation": { "max_length": 4, "strategy": "LongestFirst", "stride": 0 },
        "padding": { "strategy": { "Fixed": 9 }, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
                     "pad_type_id": 0, "pad_token": "[PAD]" },
        "added_tokens": added.collect::<Vec<_>>(),
        "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                        "strip_accents": null, "lowercase": true },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [token("[CLS]", 0), text("A", 0), token("[SEP]", 0)],
            "pair": [token("[CLS]", 0), text("A", 0), token("[SEP]", 0), text("B", 1), token("[SEP]", 1)],
            "special_tokens": {
                "[CLS]": { "id": "[CLS]", "ids": [CLS], "tokens": ["[CLS]"] },
                "[SEP]": { "id": "[SEP]", "ids": [SEP], "tokens": ["[SEP]"] }
            }
        },
        "decoder": null,
        "model": { "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                   "max_input_chars_per_word": 100, "vocab": vocabulary }
    })
}
