//! What does a file of the site say? Guidelines, protocols, notes for the board as plain text or Markdown.
//!
//! What the file itself does not say (date, version, standing) comes from a file beside it, `NAME.meta.json`.

use super::date::is_iso_date;
use super::error::Result;
use super::format::{Item, Scope, Sink};
use super::source::{Source, sha256};
use super::text::{Draft, one_line};
use super::{Format, id};
use concilium_evidence::passage::{Access, Document, DocumentKind, Standing};
use serde::Deserialize;

/// The importer.
pub(crate) const FORMAT: Format = Format {
    name: "plain",
    reads: "a document of your own, .txt or .md, with NAME.meta.json beside it if you like",
    looks_like: |name, head| {
        let ending = name.trim_end_matches(".gz").rsplit('.').next().unwrap_or("");
        ["txt", "text", "md", "markdown"].contains(&ending) && !head.contains(&0)
    },
    read,
};

/// Largest document, bytes.
const LIMIT: usize = 32_000_000;

/// What may stand in `NAME.meta.json`; dates are ISO dates.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Beside {
    title: String,
    version: String,
    types: Vec<String>,
    date: String,
    venue: String,
    ids: Vec<String>,
    language: String,
    access: Option<Access>,
    /// `current`, `superseded`, `retracted` or `concern`.
    standing: String,
    /// What replaced or retracted it.
    by: Option<String>,
}

fn read(source: &mut Source, sink: &mut Sink) -> Result<Scope> {
    let beside = beside(source)?;
    let bytes = source.all(LIMIT)?;
    let hash = sha256(&bytes);
    let text = String::from_utf8(bytes).map_err(|error| {
        let what = format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to());
        source.refuse(&what, "convert it to UTF-8 (iconv)")
    })?;
    if text.contains('\0') {
        return Err(source.refuse("it holds zero bytes and is no text", "save it as text"));
    }
    let draft = draft(&text, &beside.title, is_markdown(&source.name));
    if draft.is_empty() {
        return Err(source.refuse("there is no text in it", "give the document itself"));
    }
    let access = beside.access.unwrap_or(Access::FullText);
    let mut document = draft.finish(id("file", &hash[..16]), DocumentKind::File, access);
    describe(beside, source, &mut document)?;
    sink(Item::Document(Box::new(document)))?;
    Ok(Scope::default())
}

fn is_markdown(name: &str) -> bool {
    let name = name.to_lowercase();
    let name = name.trim_end_matches(".gz");
    name.ends_with(".md") || name.ends_with(".markdown")
}

fn beside(source: &Source) -> Result<Beside> {
    let Some(bytes) = &source.side else { return Ok(Beside::default()) };
    serde_json::from_slice(bytes).map_err(|error| {
        // Position only: the message of the parser may quote the file.
        let what = format!("its .meta.json is wrong at line {}, column {}", error.line(), error.column());
        source.refuse(
            &what,
            "allowed are title, version, types, date, venue, ids, language, access, standing and by",
        )
    })
}

fn describe(beside: Beside, source: &Source, document: &mut Document) -> Result<()> {
    if !beside.date.is_empty() && !is_iso_date(&beside.date) {
        return Err(
            source.refuse("the date in its .meta.json is no date", "write 2024, 2024-03 or 2024-03-11")
        );
    }
    document.standing = match beside.standing.as_str() {
        "" | "current" => Standing::Current,
        "superseded" => Standing::Superseded(beside.by),
        "retracted" => Standing::Retracted(beside.by),
        "concern" => Standing::Concern(beside.by),
        _ => {
            let remedy = "write current, superseded, retracted or concern";
            return Err(source.refuse("the standing in its .meta.json is not known", remedy));
        }
    };
    document.version = beside.version;
    document.types = beside.types;
    document.date = beside.date;
    document.venue = if beside.venue.is_empty() { source.name.clone() } else { beside.venue };
    document.ids = beside.ids;
    document.language = beside.language;
    Ok(())
}

/// The title is the one given, else the first heading, else the first line; headings of Markdown name sections.
fn draft(text: &str, given: &str, markdown: bool) -> Draft {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let blocks = if markdown { sections(&text) } else { vec![(String::new(), text)] };
    let mut blocks =
        blocks.into_iter().filter(|(name, text)| !name.is_empty() || !text.trim().is_empty()).peekable();
    let mut title = one_line(given);
    if title.is_empty()
        && let Some((name, text)) = blocks.peek_mut()
    {
        title = if name.is_empty() { take_first_line(text) } else { std::mem::take(name) };
    }
    let mut draft = Draft::new(&title);
    for (name, text) in blocks {
        draft.push(if name.is_empty() { "text" } else { &name }, &text);
    }
    draft
}

fn take_first_line(text: &mut String) -> String {
    let whole = text.trim_start();
    let (first, rest) = whole.split_once('\n').unwrap_or((whole, ""));
    let title = one_line(first);
    *text = rest.to_owned();
    title
}

/// Heading (empty before the first) and the text under it. Lines of code blocks are no headings.
fn sections(text: &str) -> Vec<(String, String)> {
    let mut found = vec![(String::new(), String::new())];
    let mut in_code = false;
    for line in text.lines() {
        in_code ^= line.trim_start().starts_with("```");
        match heading(line).filter(|_| !in_code) {
            Some(name) => found.push((name, String::new())),
            None => {
                if let Some((_, text)) = found.last_mut() {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
    }
    found
}

/// `## Dose reduction ##` → `Dose reduction`.
fn heading(line: &str) -> Option<String> {
    let marks = line.bytes().take_while(|byte| *byte == b'#').count();
    let name = line.get(marks..)?;
    let is_heading = (1..=6).contains(&marks) && name.starts_with([' ', '\t']);
    let name = one_line(name.trim().trim_end_matches('#'));
    (is_heading && !name.is_empty()).then_some(name)
}
