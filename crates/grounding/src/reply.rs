//! What did the model answer?
//!
//! A reply is bytes from a stranger: it is read within bounds, and what does not fit is named by its place, never a
//! panic and never a guess.

use crate::record::{RecordKey, Records};
use serde_json::{Value, json};
use std::fmt;

/// Bytes of a reply that are read.
const LONGEST_REPLY: usize = 256 * 1024;
/// Sentences of a reply that are read.
const MOST_SENTENCES: usize = 200;
/// Bytes of one free sentence.
const LONGEST_SENTENCE: usize = 1000;
/// Records one sentence may cite.
const MOST_CITED: usize = 8;

/// One thing a model says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The sentence this program makes of the record.
    Record(RecordKey),
    /// Words of the record: bytes `start..end` of its text.
    Quote {
        /// Record.
        key: RecordKey,
        /// First byte.
        start: usize,
        /// One past the last.
        end: usize,
    },
    /// A sentence of the model's own.
    Free {
        /// The sentence.
        text: String,
        /// What it cites.
        cites: Vec<RecordKey>,
    },
}

/// A reply as read: what it says, and what of it could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// In the model's order.
    pub said: Vec<Said>,
    /// Parts that are none of this.
    pub unreadable: Vec<Unreadable>,
}

/// A part of a reply that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Index among the sentences; `None` = the reply as a whole.
    pub sentence: Option<usize>,
    /// What was wrong; never holds the reply's words.
    pub what: &'static str,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sentence {
            Some(index) => write!(out, "sentence {}: {}", index + 1, self.what),
            None => write!(out, "reply: {}", self.what),
        }
    }
}

impl Reply {
    /// Reads a reply of the form [`schema`] gives: `{"sentences": [{"record": "E1"}, {"quote": "E1", "start": 0, "end":
    /// 9}, {"text": "…", "evidence": ["E1"]}]}`.
    pub fn read(bytes: &[u8]) -> Reply {
        let mut reply = Reply::default();
        let whole = |what| Reply { said: vec![], unreadable: vec![Unreadable { sentence: None, what }] };
        if LONGEST_REPLY < bytes.len() {
            return whole("longer than 256 KiB");
        }
        let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return whole("is no JSON") };
        let Some(sentences) = value.get("sentences").and_then(Value::as_array) else {
            return whole("has no list \"sentences\"");
        };
        for (index, sentence) in sentences.iter().take(MOST_SENTENCES).enumerate() {
            match said(sentence) {
                Ok(said) => reply.said.push(said),
                Err(what) => reply.unreadable.push(Unreadable { sentence: Some(index), what }),
            }
        }
        if MOST_SENTENCES < sentences.len() {
            reply
                .unreadable
                .push(Unreadable { sentence: None, what: "more than 200 sentences; the rest is not read" });
        }
        reply
    }
}

fn said(value: &Value) -> Result<Said, &'static str> {
    let key = |name: &str| value.get(name).and_then(Value::as_str).map(|key| RecordKey(key.to_owned()));
    let byte = |name: &str| value.get(name).and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok());
    let kinds = ["record", "quote", "text"].iter().filter(|name| value.get(name).is_some()).count();
    if kinds != 1 {
        return Err("is not exactly one of \"record\", \"quote\" and \"text\"");
    }
    if let Some(key) = key("record") {
        return Ok(Said::Record(key));
    }
    if let Some(key) = key("quote") {
        let (Some(start), Some(end)) = (byte("start"), byte("end")) else {
            return Err("a quotation needs \"start\" and \"end\" as bytes");
        };
        return Ok(Said::Quote { key, start, end });
    }
    let Some(text) = value.get("text").and_then(Value::as_str) else { return Err("its words are no string") };
    if LONGEST_SENTENCE < text.len() {
        return Err("longer than 1000 bytes");
    }
    let Some(cites) = value.get("evidence").and_then(Value::as_array) else {
        return Err("has no list \"evidence\"");
    };
    let keys: Option<Vec<RecordKey>> =
        cites.iter().map(|key| key.as_str().map(|key| RecordKey(key.to_owned()))).collect();
    match keys {
        Some(cites) if cites.len() <= MOST_CITED => Ok(Said::Free { text: text.to_owned(), cites }),
        Some(_) => Err("cites more than 8 records"),
        None => Err("\"evidence\" holds something that is no string"),
    }
}

/// JSON Schema of a reply in which only the records supplied can be named: for decoding under constraint.
pub fn schema(records: &Records) -> Value {
    let keys: Vec<&str> = records.iter().map(|record| record.key.0.as_str()).collect();
    let spoken: Vec<&str> = records
        .iter()
        .filter(|record| record.sentence.is_some())
        .map(|record| record.key.0.as_str())
        .collect();
    let object = |properties: Value, required: Value| json!({ "type": "object", "additionalProperties": false, "properties": properties, "required": required });
    let byte = json!({ "type": "integer", "minimum": 0 });
    let mut kinds = vec![
        object(
            json!({ "text": { "type": "string", "maxLength": LONGEST_SENTENCE / 4 },
                    "evidence": { "type": "array", "minItems": 1, "maxItems": MOST_CITED, "items": { "enum": keys } } }),
            json!(["text", "evidence"]),
        ),
        object(
            json!({ "quote": { "enum": keys }, "start": byte, "end": byte }),
            json!(["quote", "start", "end"]),
        ),
    ];
    if !spoken.is_empty() {
        kinds.push(object(json!({ "record": { "enum": spoken } }), json!(["record"])));
    }
    object(
        json!({ "sentences": { "type": "array", "maxItems": MOST_SENTENCES, "items": { "anyOf": kinds } } }),
        json!(["sentences"]),
    )
}
