//! How do token vectors become one vector? The files of sentence-transformers, with its defaults where they lack.

use crate::folder::Folder;
use concilium_models::{ModelError, TextRole};
use serde_json::Value;

/// What happens around the encoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    pub pooling: Pooling,
    /// False: the tokens of the prompt do not count in pooling.
    pub include_prompt: bool,
    pub normalize: bool,
    pub lower_case: bool,
    /// Asked for by `sentence_bert_config.json`.
    pub max_tokens: Option<usize>,
    pub query_prompt: String,
    pub passage_prompt: String,
    /// What was assumed because no file says it.
    pub assumed: Vec<String>,
}

/// From token vectors to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// Mean over the tokens.
    Mean,
    /// The first token's vector.
    Cls,
    /// Largest value of each dimension.
    Max,
}

impl Sentence {
    /// Reads `modules.json` and what it names, the prompts and the length.
    pub fn read(folder: &mut Folder) -> Result<Sentence, ModelError> {
        let mut sentence = Sentence {
            pooling: Pooling::Mean,
            include_prompt: true,
            normalize: false,
            lower_case: false,
            max_tokens: None,
            query_prompt: String::new(),
            passage_prompt: String::new(),
            assumed: vec![],
        };
        match folder.may_json("modules.json")? {
            Some(modules) => sentence.modules(folder, &modules)?,
            // sentence-transformers does the same with a bare encoder.
            None => sentence.assumed.push("no modules.json: mean over tokens, not normalised".into()),
        }
        sentence.length(folder)?;
        sentence.prompts(folder)?;
        Ok(sentence)
    }

    fn modules(&mut self, folder: &mut Folder, modules: &Value) -> Result<(), ModelError> {
        const FILE: &str = "modules.json";
        let list = modules.as_array().ok_or_else(|| folder.wrong(FILE, "is not a list"))?;
        let mut pooled = false;
        for module in list {
            let kind = module["type"].as_str().unwrap_or("").rsplit('.').next().unwrap_or("");
            match kind {
                "Transformer" if module["path"].as_str().unwrap_or("").is_empty() => {}
                "Transformer" => {
                    return Err(
                        folder.wrong(FILE, "keeps the encoder in a folder below; give that layout up")
                    );
                }
                "Pooling" => {
                    pooled = true;
                    self.pooling(folder, module["path"].as_str().unwrap_or("1_Pooling"))?;
                }
                "Normalize" => self.normalize = true,
                other => {
                    let what = format!(
                        "asks for a module `{other}`; only Transformer, Pooling and Normalize can be run"
                    );
                    return Err(folder.wrong(FILE, what));
                }
            }
        }
        if !pooled {
            return Err(folder.wrong(FILE, "has no Pooling module: it makes no sentence vectors"));
        }
        Ok(())
    }

    fn pooling(&mut self, folder: &mut Folder, path: &str) -> Result<(), ModelError> {
        if path.contains("..") || path.starts_with('/') || path.contains(['\\', ':']) {
            return Err(folder.wrong("modules.json", "names a path outside the folder"));
        }
        let file = format!("{path}/config.json");
        let value = folder.need_json(&file)?;
        let modes = pooling_modes(&value);
        self.pooling = match modes.as_slice() {
            [mode] if mode == "mean" || mode == "mean_tokens" => Pooling::Mean,
            [mode] if mode == "cls" || mode == "cls_token" => Pooling::Cls,
            [mode] if mode == "max" || mode == "max_tokens" => Pooling::Max,
            [] => {
                return Err(folder.wrong(&file, "switches no pooling on; one of mean, cls or max is needed"));
            }
            other => {
                let what = format!(
                    "asks for pooling `{}`; one of mean, cls or max can be run",
                    other.join("` and `")
                );
                return Err(folder.wrong(&file, what));
            }
        };
        self.include_prompt = value["include_prompt"].as_bool().unwrap_or(true);
        Ok(())
    }

    fn length(&mut self, folder: &mut Folder) -> Result<(), ModelError> {
        match folder.may_json("sentence_bert_config.json")? {
            Some(value) => {
                self.max_tokens = value["max_seq_length"].as_u64().and_then(|n| usize::try_from(n).ok());
                self.lower_case = value["do_lower_case"].as_bool().unwrap_or(false);
            }
            None => self
                .assumed
                .push("no sentence_bert_config.json: the length the encoder and tokenizer allow".into()),
        }
        Ok(())
    }

    fn prompts(&mut self, folder: &mut Folder) -> Result<(), ModelError> {
        let Some(value) = folder.may_json("config_sentence_transformers.json")? else {
            self.assumed.push("no config_sentence_transformers.json: no prompts".into());
            return Ok(());
        };
        let prompt = |name: &str| value["prompts"][name].as_str().filter(|text| !text.is_empty());
        let default = value["default_prompt_name"].as_str().and_then(prompt).unwrap_or("");
        self.query_prompt = prompt("query").unwrap_or(default).to_owned();
        self.passage_prompt = prompt("passage").or_else(|| prompt("document")).unwrap_or(default).to_owned();
        Ok(())
    }

    /// What is put before a text.
    pub fn prompt(&self, role: TextRole) -> &str {
        match role {
            TextRole::Query => &self.query_prompt,
            TextRole::Passage => &self.passage_prompt,
        }
    }

    /// The text as the tokenizer gets it.
    pub fn dress(&self, text: &str, role: TextRole) -> String {
        let whole = format!("{}{text}", self.prompt(role));
        let trimmed = whole.trim();
        if self.lower_case { trimmed.to_lowercase() } else { trimmed.to_owned() }
    }
}

/// `"pooling_mode": "mean"`, or one `"pooling_mode_…": true` a mode.
fn pooling_modes(value: &Value) -> Vec<String> {
    if let Some(mode) = value["pooling_mode"].as_str() {
        return vec![mode.to_owned()];
    }
    let fields = value.as_object().into_iter().flatten();
    let on = fields.filter(|(_, on)| **on == Value::Bool(true));
    on.filter_map(|(name, _)| name.strip_prefix("pooling_mode_").map(str::to_owned)).collect()
}
