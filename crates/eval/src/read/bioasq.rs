//! Questions with the snippets that answer them: BioASQ's golden files.

use super::{Broken, Read, ReadError, Result, text};
use serde::Deserialize;
use std::path::Path;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Question {
    /// Id.
    pub id: String,
    /// The question.
    pub body: String,
    /// `yesno`, `factoid`, `list`, `summary`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Addresses of the documents that answer it.
    #[serde(default)]
    pub documents: Vec<String>,
    /// What of them answers it.
    #[serde(default)]
    pub snippets: Vec<Snippet>,
}

/// Part of a document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Snippet {
    /// Address of the document.
    pub document: String,
    /// Its words.
    pub text: String,
    /// `title`, `abstract`.
    #[serde(rename = "beginSection", default)]
    pub section: String,
}

/// Number of the PubMed record an address leads to.
pub fn pmid(address: &str) -> Option<&str> {
    let number = address.trim_end_matches('/').rsplit('/').next()?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(number)
}

/// A list of questions, bare or under `questions`; one that is not whole, or has no snippet, is left out.
///
/// # Errors
/// The file cannot be read, or is no such JSON.
pub fn read(file: &Path) -> Result<Read<Vec<Question>>> {
    parse(file, &text(file)?)
}

pub(super) fn parse(file: &Path, text: &str) -> Result<Read<Vec<Question>>> {
    let wrong = |what: String| ReadError::Wrong { file: file.to_owned(), what };
    let json: serde_json::Value =
        serde_json::from_str(text).map_err(|error| wrong(format!("line {}: no JSON", error.line())))?;
    let list = json.as_array().or_else(|| json["questions"].as_array());
    let list = list.ok_or_else(|| wrong("no list of questions, bare or under `questions`".to_owned()))?;
    let mut found = Read::<Vec<Question>>::default();
    for (at, item) in list.iter().enumerate() {
        let question = Question::deserialize(item).map_err(|_| "lacks id, body or the text of a snippet");
        match question {
            Ok(question) if question.snippets.iter().any(|snippet| pmid(&snippet.document).is_some()) => {
                found.value.push(question);
            }
            other => {
                let what = other.err().unwrap_or("no snippet of a PubMed record").to_owned();
                found.broken.push(Broken { file: file.to_owned(), at: at + 1, what });
            }
        }
    }
    Ok(found)
}
