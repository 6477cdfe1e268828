//! Do importers and the store of parts keep their promises? Every text here is invented.

mod arbitrary;
mod civic;
mod jats;
mod jsonl;
mod plain;
mod pubmed;
mod store;
mod trials;

use super::{About, Corpus, ImportOptions, Outcome, Part, Progress, by_name};
use concilium_evidence::passage::Document;
use concilium_models::never;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A folder that goes with the test.
pub(super) struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name =
            format!("concilium-corpus-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("temporary folder");
        Folder(folder)
    }

    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).expect("temporary file");
        path
    }

    pub fn corpus(&self) -> PathBuf {
        self.0.join("corpora").join("small")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(super) fn about() -> About {
    About {
        name: "small".into(),
        licence: "invented for a test".into(),
        created: "2026-01-01".into(),
        invented: false,
    }
}

pub(super) fn options(format: Option<&str>, strict: bool) -> ImportOptions {
    let format = format.map(|name| by_name(name).expect("a known format"));
    ImportOptions { format, time: "2026-01-02T03:04:05Z".into(), strict }
}

/// Imports one file into a corpus at `folder`, made when missing.
pub(super) fn import(folder: &Folder, name: &str, bytes: &[u8], strict: bool) -> Result<Part, String> {
    let mut corpus = open(&folder.corpus());
    let input = folder.file(name, bytes);
    let outcome = corpus.import(&input, &options(None, strict), &mut |_: Progress| {}, &never);
    match outcome {
        Ok(Outcome::Imported(part) | Outcome::Already(part)) => Ok(part),
        Err(error) => Err(error.to_string()),
    }
}

pub(super) fn open(path: &Path) -> Corpus {
    if path.join("corpus.json").is_file() {
        Corpus::open(path).expect("a corpus")
    } else {
        Corpus::create(path, about()).expect("a new corpus")
    }
}

pub(super) fn documents(folder: &Folder) -> Vec<Document> {
    let live = open(&folder.corpus()).live().expect("live documents");
    live.documents().collect::<Result<_, _>>().expect("sound documents")
}

/// Imports one file alone; gives what was kept and the record.
#[track_caller]
pub(super) fn alone(name: &str, bytes: &[u8]) -> (Part, Vec<Document>) {
    let folder = Folder::new();
    let part = import(&folder, name, bytes, false).expect("an import");
    let problems = open(&folder.corpus()).verify().expect("readable");
    assert_eq!(problems, Vec::<String>::new());
    (part, documents(&folder))
}

/// Documents of lines of our own schema.
#[track_caller]
pub(super) fn documents_of(lines: &str) -> Vec<Document> {
    alone("some.jsonl", lines.as_bytes()).1
}

/// What an import of one file says and keeps, for people.
#[track_caller]
pub(super) fn check(name: &str, bytes: &[u8], expect: expect_test::Expect) {
    let (part, documents) = alone(name, bytes);
    let refusals = part.refusals.iter().map(|r| format!("{}: {} {}\n", r.at, r.reason, r.detail));
    let shown = documents.iter().map(shown);
    let all: String = refusals.chain(shown).collect();
    expect.assert_eq(&format!("{} {}\n{all}", part.importer, counts(&part)));
}

/// The file is refused as a whole with these words, and nothing of it is kept.
#[track_caller]
pub(super) fn check_refused(name: &str, bytes: &[u8], expect: &str) {
    let folder = Folder::new();
    let error = import(&folder, name, bytes, false).expect_err("a refusal");
    assert_eq!(error, expect);
    assert_eq!(documents(&folder), []);
}

/// Counts on one line: `read 3, kept 2, refused 1 broken XML`.
pub(super) fn counts(part: &Part) -> String {
    let mut words = format!("read {}, kept {}", part.read, part.kept);
    if 0 < part.repeated {
        words += &format!(", repeated {}", part.repeated);
    }
    for (why, n) in &part.refused {
        words += &format!(", refused {n} {why}");
    }
    if !part.deleted.is_empty() {
        words += &format!(", deleted {}", part.deleted.len());
    }
    words
}

/// A document for people: its fields, then each section with its words.
pub(super) fn shown(document: &Document) -> String {
    let d = document;
    let mut out = format!(
        "{} v[{}] {:?} {:?} {}\n  types {:?} date {} venue {} ids {:?} language {}\n  {:?}\n",
        d.id, d.version, d.kind, d.access, d.corpus, d.types, d.date, d.venue, d.ids, d.language, d.standing
    );
    if !d.statements.is_empty() {
        out += &format!("  statements {:?}\n", d.statements);
    }
    for section in &d.sections {
        out += &format!("  [{}] {}\n", section.name, &d.text[section.start..section.end]);
    }
    out
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    packer.write_all(bytes).expect("packed");
    packer.finish().expect("packed")
}
