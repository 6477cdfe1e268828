//! Documents and the passages cut from them: immutable text with its origin, access and standing.

use concilium_terms::StatementKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// `pmid:24265153`, `pmc:PMC123`, `nct:NCT01234567`, `civic:EID1409`, `file:<first 16 of sha256>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct DocumentId(pub String);

impl fmt::Display for DocumentId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Where a document comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// PubMed / MEDLINE record.
    Article,
    /// Curated statement of a site's own release (CIViC and the like), with its sentence.
    Statement,
    /// Trial registry record.
    Trial,
    /// A file a site brought: guideline, protocol, note for the board.
    File,
}

/// How much of the source the text holds. What is said of an abstract must not be said of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// No abstract in the record.
    TitleOnly,
    /// Title and abstract.
    AbstractOnly,
    /// The whole text.
    FullText,
    /// A curator's sentence about a publication, not the publication.
    CuratedSummary,
}

/// Standing of the source. Only `Current` may support anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "standing", content = "by")]
pub enum Standing {
    /// Nothing known against it.
    #[default]
    Current,
    /// Retracted; the notice when known.
    Retracted(Option<String>),
    /// Replaced by a newer version or another document.
    Superseded(Option<String>),
    /// An expression of concern stands.
    Concern(Option<String>),
}

/// Part of the text: UTF-8 byte offsets, `start..end`, on character boundaries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextSection {
    /// `title`, `abstract`, `methods`, `eligibility` …; lower case.
    pub name: String,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// One document as stored: its text never changes; a changed source is a new version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// Id.
    pub id: DocumentId,
    /// Kind.
    pub kind: DocumentKind,
    /// The source's own version, or the date it was last changed; empty = not stated.
    pub version: String,
    /// Corpus it was imported with: `pubmed-2026-baseline`, `demo (invented)`.
    pub corpus: String,
    /// Title as written; empty = none.
    pub title: String,
    /// The whole text, title first, sections in order, as stored and hashed.
    pub text: String,
    /// Sections of `text`, in order, not overlapping.
    pub sections: Vec<TextSection>,
    /// sha256 of `text`, lower-case hex.
    pub sha256: String,
    /// How much of the source this is.
    pub access: Access,
    /// Publication types as the source spells them: `Randomized Controlled Trial`, `Review`.
    pub types: Vec<String>,
    /// ISO date as precise as the source: `2024`, `2024-03`, `2024-03-11`; empty = not stated.
    pub date: String,
    /// Journal, registry or collection.
    pub venue: String,
    /// Other ids: `doi:10.…`, `pmc:PMC…`.
    pub ids: Vec<String>,
    /// Language code as the source states it; empty = not stated.
    pub language: String,
    /// Retraction, supersession.
    pub standing: Standing,
    /// Invented for the demo; never cited as a source.
    pub invented: bool,
    /// Statements the document speaks of: those curated from it, or the one it is.
    pub statements: Vec<StatementKey>,
}

impl Document {
    /// Year of `date`, when stated.
    pub fn year(&self) -> Option<u16> {
        self.date.get(..4)?.parse().ok()
    }
}

/// Names a span of one exact text: `pmid:24265153@1f0c…#120-480`. Minted by the chunker and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct PassageKey {
    /// Document.
    pub document: DocumentId,
    /// First twelve letters of the text's sha256: a key of another version does not resolve.
    pub text_hash: String,
    /// First byte of the span in the document's text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

impl PassageKey {
    /// A key as it is printed; `None` for anything else. Ids may hold any sign, so that it is read from its end.
    pub fn parse(text: &str) -> Option<PassageKey> {
        let (id, rest) = text.rsplit_once('@')?;
        let (hash, span) = rest.split_once('#')?;
        let (start, end) = span.split_once('-')?;
        Some(PassageKey {
            document: DocumentId(id.to_owned()),
            text_hash: hash.to_owned(),
            start: start.parse().ok()?,
            end: end.parse().ok()?,
        })
    }
}

impl fmt::Display for PassageKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}@{}#{}-{}", self.document, self.text_hash, self.start, self.end)
    }
}

/// A span with its words: what is indexed, retrieved and quoted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Passage {
    /// Key.
    pub key: PassageKey,
    /// Section it lies in.
    pub section: String,
    /// The words, byte for byte as in the document.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::{DocumentId, PassageKey};

    #[test]
    fn a_key_is_read_as_it_is_printed() {
        for id in ["pmid:90000001", "file:a@b#c-1", ""] {
            let document = DocumentId(id.to_owned());
            let key = PassageKey { document, text_hash: "1f0c".to_owned(), start: 120, end: 480 };
            assert_eq!(PassageKey::parse(&key.to_string()), Some(key));
        }
        for wrong in
            ["pmid:90000001", "pmid:90000001@1f0c", "pmid:90000001@1f0c#120", "pmid:90000001@1f0c#a-b"]
        {
            assert_eq!(PassageKey::parse(wrong), None, "{wrong}");
        }
    }
}
