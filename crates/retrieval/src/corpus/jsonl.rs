//! Which documents stand in a JSON Lines file of our own schema? For invented corpora, tests and other programs.
//!
//! One document a line. Instead of `text`, `sections` and `sha256` a line may give `title` and `parts`
//! (`[{"name": "abstract", "text": "…"}]`).

use super::Format;
use super::error::Result;
use super::format::{Item, Scope, Sink, holds, refused};
use super::source::{Source, sha256};
use super::text::Draft;
use concilium_evidence::passage::{Access, Document, DocumentId, DocumentKind, Standing, TextSection};
use concilium_terms::StatementKey;
use serde::Deserialize;

/// The importer.
pub(crate) const FORMAT: Format = Format {
    name: "documents",
    reads: "documents of our own schema, one a line, .jsonl",
    looks_like: |_, head| {
        let first = head.split(|&byte| byte == b'\n').next().unwrap_or(head).trim_ascii_start();
        first.starts_with(b"{") && holds(first, "\"id\"") && holds(first, "\"kind\"")
    },
    read,
};

/// Longest line, bytes.
const LIMIT: usize = 64 << 20;

#[derive(Deserialize)]
struct Piece {
    name: String,
    text: String,
}

/// A document as given: only `id` and `kind` are needed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    id: DocumentId,
    kind: DocumentKind,
    #[serde(default)]
    version: String,
    /// Replaced by the name of the corpus it comes into.
    #[serde(default, rename = "corpus")]
    _corpus: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    sections: Vec<TextSection>,
    #[serde(default)]
    parts: Vec<Piece>,
    #[serde(default)]
    sha256: String,
    access: Option<Access>,
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    date: String,
    #[serde(default)]
    venue: String,
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    language: String,
    #[serde(default)]
    standing: Standing,
    #[serde(default)]
    invented: bool,
    #[serde(default)]
    statements: Vec<StatementKey>,
}

fn read(source: &mut Source, sink: &mut Sink) -> Result<Scope> {
    let mut number = 0;
    while let Some(line) = source.line(LIMIT)? {
        number += 1;
        let at = format!("line {number}");
        match line {
            Ok(line) if line.trim_ascii().is_empty() => {}
            Ok(line) => match document(&line) {
                Ok(document) => sink(Item::Document(Box::new(document)))?,
                Err((what, detail)) => sink(refused(at, what, detail))?,
            },
            Err(_) => sink(refused(at, "a line of more than 64 MB", ""))?,
        }
    }
    Ok(Scope::default())
}

fn document(line: &[u8]) -> std::result::Result<Document, (&'static str, String)> {
    let given: Given = serde_json::from_slice(line).map_err(|error| {
        let what = if error.is_data() { "no document of our schema" } else { "broken JSON" };
        (what, format!("column {}", error.column()))
    })?;
    let wrong = |what| Err((what, given.id.0.chars().take(40).collect()));
    if !given.text.is_empty() && !given.parts.is_empty() {
        return wrong("both `text` and `parts`");
    }
    let mut made = draft(&given).finish(given.id.clone(), given.kind, access(&given));
    if made.text.is_empty() && given.text.is_empty() {
        return wrong("no text");
    }
    if !given.text.is_empty() {
        (made.sha256, made.text) = (sha256(given.text.as_bytes()), given.text);
        made.title = given.title;
        made.sections = given.sections;
        if made.sections.is_empty() {
            made.sections = vec![TextSection { name: "text".into(), start: 0, end: made.text.len() }];
        }
    }
    if !given.sha256.is_empty() && given.sha256 != made.sha256 {
        return Err(("the text is not what was hashed", given.id.0.chars().take(40).collect()));
    }
    made.version = given.version;
    made.types = given.types;
    made.date = given.date;
    made.venue = given.venue;
    made.ids = given.ids;
    made.language = given.language;
    made.standing = given.standing;
    made.invented = given.invented;
    made.statements = given.statements;
    Ok(made)
}

fn draft(given: &Given) -> Draft {
    let mut draft = Draft::new(&given.title);
    given.parts.iter().for_each(|part| draft.push(&part.name, &part.text));
    draft
}

/// As given, else what the kind usually is.
fn access(given: &Given) -> Access {
    given.access.unwrap_or(match given.kind {
        DocumentKind::Article => Access::AbstractOnly,
        DocumentKind::Statement => Access::CuratedSummary,
        DocumentKind::Trial | DocumentKind::File => Access::FullText,
    })
}
