//! What may be cited in one request?

use crate::clean::clean;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;

/// Names a record inside one request: `E1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct RecordKey(pub String);

impl fmt::Display for RecordKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Which way a record bears on what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Speaks for it.
    For,
    /// Speaks against it: must be shown when anything for it is.
    Against,
    /// A fact of the case, or a text on neither side.
    Neither,
}

/// One thing that may be cited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Its name in this request.
    pub key: RecordKey,
    /// What it is outside of this request: a passage key, a statement, a fact's id.
    pub source: String,
    /// The words, exactly as stored.
    pub text: String,
    /// The sentence this program makes of its typed slots, where it has such slots.
    pub sentence: Option<String>,
    /// Which way it bears.
    pub side: Side,
}

impl Record {
    /// sha256 of the words, lower-case hex.
    pub fn sha256(&self) -> String {
        Sha256::digest(self.text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The records of one request, each key once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records(BTreeMap<RecordKey, Record>);

/// A record that cannot be supplied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Two records of one name.
    Twice(RecordKey),
    /// A name that is empty or has other signs than letters, digits, hyphen and underscore.
    BadKey(RecordKey),
    /// Neither words nor a sentence.
    Empty(RecordKey),
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Twice(key) => write!(out, "record {key} is supplied twice"),
            Refused::BadKey(_) => {
                out.write_str("a record's key has signs other than letters, digits, - and _")
            }
            Refused::Empty(key) => write!(out, "record {key} has neither words nor a sentence"),
        }
    }
}

impl std::error::Error for Refused {}

impl Records {
    /// The records of a request.
    ///
    /// # Errors
    /// A key stands twice or could be mistaken for something else; a record is empty.
    pub fn new(records: impl IntoIterator<Item = Record>) -> Result<Records, Refused> {
        let mut supplied = BTreeMap::new();
        for record in records {
            let key = record.key.clone();
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            if key.0.is_empty() || !key.0.bytes().all(plain) {
                return Err(Refused::BadKey(key));
            }
            if clean(&record.text).trim().is_empty() && record.sentence.is_none() {
                return Err(Refused::Empty(key));
            }
            if supplied.insert(key.clone(), record).is_some() {
                return Err(Refused::Twice(key));
            }
        }
        Ok(Records(supplied))
    }

    /// The record of a key.
    pub fn get(&self, key: &RecordKey) -> Option<&Record> {
        self.0.get(key)
    }

    /// All records, by key.
    pub fn iter(&self) -> impl Iterator<Item = &Record> {
        self.0.values()
    }
}
