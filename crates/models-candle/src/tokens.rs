//! Which tokens does a text have, and was it cut?

use crate::config::Config;
use crate::folder::Folder;
use concilium_models::ModelError;
use tokenizers::{Encoding, Tokenizer, TruncationParams};

const FILE: &str = "tokenizer.json";

/// A tokenizer that cuts at the model's length and never pads.
pub struct Tokens {
    tokenizer: Tokenizer,
    max_tokens: usize,
    kinds: usize,
}

/// One text as the encoder gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub ids: Vec<u32>,
    /// 0 for the first text of a pair, 1 for the second.
    pub kinds: Vec<u32>,
    /// The text was longer than the model's length.
    pub cut: bool,
}

impl Tokens {
    /// Reads `tokenizer.json`; `asked` is the length the model's own files ask for.
    pub fn read(folder: &mut Folder, config: &Config, asked: Option<usize>) -> Result<Tokens, ModelError> {
        let bytes = folder.need(FILE)?;
        let read = Tokenizer::from_bytes(&bytes);
        let mut tokenizer = read.map_err(|error| {
            folder.wrong(FILE, format!("is no tokenizer ({error}); fetch the model again"))
        })?;
        let known = tokenizer.get_vocab(true).into_values().max().map_or(0, |id| id as usize + 1);
        if config.vocab_size < known {
            return Err(folder.wrong(
                FILE,
                format!(
                    "has {known} tokens, the weights know {}: tokenizer and weights are of different models; \
                     take both from one folder",
                    config.vocab_size
                ),
            ));
        }
        let said = folder.may_json("tokenizer_config.json")?;
        let said =
            said.and_then(|value| value["model_max_length"].as_u64()).and_then(|n| usize::try_from(n).ok());
        let max_tokens = asked.or(said).unwrap_or(usize::MAX).min(config.most_tokens());
        if max_tokens < 8 {
            return Err(
                folder.wrong(FILE, format!("a text may have {max_tokens} tokens, at least 8 are needed"))
            );
        }
        let cut = TruncationParams { max_length: max_tokens, ..TruncationParams::default() };
        let set = tokenizer.with_truncation(Some(cut)).map(|_| ());
        set.map_err(|error| folder.wrong(FILE, error.to_string()))?;
        tokenizer.with_padding(None);
        Ok(Tokens { tokenizer, max_tokens, kinds: config.type_vocab_size })
    }

    /// Most tokens of a text, special ones counted.
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// A text.
    pub fn one(&self, text: &str) -> Result<Piece, String> {
        self.tokenizer.encode_fast(text, true).map_err(|error| error.to_string()).and_then(|e| self.piece(&e))
    }

    /// A pair; the longer of the two is cut first.
    pub fn pair(&self, first: &str, second: &str) -> Result<Piece, String> {
        let encoded = self.tokenizer.encode_fast((first, second), true);
        encoded.map_err(|error| error.to_string()).and_then(|e| self.piece(&e))
    }

    /// Tokens a prompt takes at the beginning, the first special token counted, the last not.
    pub fn prompt(&self, prompt: &str) -> Result<usize, String> {
        let with = self.one(prompt)?;
        let last_is_special = self
            .tokenizer
            .encode_fast(prompt, true)
            .is_ok_and(|e| e.get_special_tokens_mask().last() == Some(&1));
        Ok(with.ids.len() - usize::from(last_is_special))
    }

    fn piece(&self, encoding: &Encoding) -> Result<Piece, String> {
        let ids = encoding.get_ids().to_vec();
        // Models with one kind of token are never told of pairs.
        let kinds = match self.kinds {
            1 => vec![0; ids.len()],
            _ => encoding.get_type_ids().to_vec(),
        };
        if ids.is_empty() {
            return Err("the tokenizer makes no token of this text, not even a special one".into());
        }
        Ok(Piece { ids, kinds, cut: !encoding.get_overflowing().is_empty() })
    }
}
