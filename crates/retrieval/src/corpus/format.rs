//! Which importers are there, and which one reads this file?

use super::error::Result;
use super::part::{Notice, Refusal};
use super::source::Source;
use concilium_evidence::passage::{Document, DocumentId};

/// What an importer finds, in the order it stands in the input.
#[derive(Debug)]
pub enum Item {
    /// A document; corpus name is filled in by the corpus.
    Document(Box<Document>),
    /// The source took this document back.
    Deleted(DocumentId),
    /// One document speaks of another.
    Notice(Notice),
    /// A record that cannot be kept.
    Refused(Refusal),
}

/// Where items go; an error ends the import.
pub type Sink<'a> = dyn FnMut(Item) -> Result<()> + 'a;

/// What an input is as a whole, known when it has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Place in the source's own order.
    pub rank: Option<u64>,
    /// Beginning of the ids it lists completely.
    pub complete: Option<String>,
}

/// One importer.
pub struct Format {
    /// Name on the command line and in records.
    pub name: &'static str,
    /// What it reads, for people.
    pub reads: &'static str,
    /// Does the beginning of a file (and its name, lower case) look like one of these?
    pub looks_like: fn(name: &str, head: &[u8]) -> bool,
    /// Reads the whole input.
    pub read: fn(&mut Source, &mut Sink) -> Result<Scope>,
}

/// All importers; the first that recognises a file reads it.
pub static FORMATS: &[Format] = &[
    super::pubmed::FORMAT,
    super::jats::FORMAT,
    super::civic::FORMAT,
    super::trials::FORMAT,
    super::jsonl::FORMAT,
    super::plain::FORMAT,
];

/// Importer by name.
pub fn by_name(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// Importer that recognises the input.
///
/// # Errors
/// None does; the message says what can be read.
pub fn detect(source: &Source) -> Result<&'static Format> {
    let name = source.name.to_lowercase();
    let head = source.head();
    if let Some((what, remedy)) = known_but_unread(head) {
        return Err(source.refuse(what, remedy));
    }
    let found = FORMATS.iter().find(|format| (format.looks_like)(&name, head));
    found.ok_or_else(|| {
        let names: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
        source.refuse("its format is not recognised", &format!("name it: {}", names.join(", ")))
    })
}

/// Types that people try and that are not read, with what to do instead.
fn known_but_unread(head: &[u8]) -> Option<(&'static str, &'static str)> {
    if head.starts_with(b"PK\x03\x04") {
        return Some(("a zip archive", "unpack it and import the folder"));
    }
    if head.starts_with(b"%PDF") {
        return Some(("a PDF file", "save its text as .txt or .md and import that"));
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some(("a tar archive", "unpack it and import the folder"));
    }
    if is_html(head) {
        return Some((
            "a web page (HTML)",
            "save its text as .txt or .md, or import the publisher's JATS XML",
        ));
    }
    None
}

fn is_html(head: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&head[..head.len().min(512)]).trim_start().to_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

/// Does the beginning hold this?
pub(crate) fn holds(head: &[u8], part: &str) -> bool {
    memchr::memmem::find(head, part.as_bytes()).is_some()
}

/// A refused record.
pub(crate) fn refused(at: impl Into<String>, reason: &str, detail: impl Into<String>) -> Item {
    Item::Refused(Refusal { at: at.into(), reason: reason.to_owned(), detail: detail.into() })
}
