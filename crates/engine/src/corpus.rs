//! Which texts does the site hold, and how do they come in? Thin over [`concilium_retrieval::corpus`].

use concilium_retrieval::chunk::passages;
pub use concilium_retrieval::corpus::{About, Corpus, CorpusError, FORMATS, Part, Progress, by_name};
use concilium_retrieval::corpus::{Document, DocumentId, Format, ImportOptions, Outcome, Passage};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What to import, and where to.
pub struct ImportJob<'j> {
    /// Folder of all corpora.
    pub root: &'j Path,
    /// Corpus; made when missing.
    pub name: &'j str,
    /// Terms under which the site holds the texts; used when the corpus is made.
    pub licence: &'j str,
    /// Make a corpus of invented documents.
    pub invented: bool,
    /// Files, in the order they are imported ([`inputs`]).
    pub files: &'j [PathBuf],
    /// Importer; `None` = recognise each file.
    pub format: Option<&'static Format>,
    /// Stop at the first record or file that cannot be read.
    pub strict: bool,
    /// Now, from the program's clock.
    pub time: &'j str,
}

/// What an import came to.
#[derive(Debug, Serialize)]
pub struct ImportReport {
    /// Corpus.
    pub corpus: String,
    /// Hash of its contents now.
    pub hash: String,
    /// Documents that count now.
    pub documents: usize,
    /// Stopped before the last file.
    pub stopped: bool,
    /// Each file with what it gave.
    pub files: Vec<FileReport>,
}

/// One file of an import.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum FileReport {
    /// A new part.
    Imported(Box<Part>),
    /// Imported before.
    Already {
        /// Part it gave then.
        key: String,
        /// File.
        input: String,
    },
    /// Refused as a whole.
    Refused {
        /// File.
        input: PathBuf,
        /// Why, and what to do.
        why: String,
    },
}

/// What a corpus is and holds.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// Name, licence, when it was made.
    #[serde(flatten)]
    pub about: About,
    /// Hash of its contents.
    pub hash: String,
    /// Documents that count.
    pub documents: usize,
    /// Parts, in their order.
    pub parts: Vec<Part>,
}

/// A document with the passages cut from it.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// As stored.
    #[serde(flatten)]
    pub document: Document,
    /// Its passages.
    pub passages: Vec<Passage>,
}

/// Files to import: those given, and those in the folders given, sorted by name. Hidden files, checksums and
/// `NAME.meta.json` are no inputs of their own.
///
/// # Errors
/// A path that does not exist or cannot be read.
pub fn inputs(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CorpusError> {
    let mut found = vec![];
    for path in paths {
        gather(path, 0, &mut found)?;
    }
    Ok(found)
}

/// Folders nested deeper than this are not searched: a link may lead back up.
const DEPTH: usize = 16;

fn gather(path: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), CorpusError> {
    let failed = |source| CorpusError::Files { what: "read", path: path.to_owned(), source };
    if !std::fs::metadata(path).map_err(failed)?.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    let entries: std::io::Result<Vec<_>> = std::fs::read_dir(path).map_err(failed)?.collect();
    let mut names: Vec<_> = entries.map_err(failed)?.iter().map(std::fs::DirEntry::path).collect();
    names.sort();
    for entry in names {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let beside = [".md5", ".sha256", ".meta.json"].iter().any(|ending| name.ends_with(ending));
        if !beside && !name.starts_with('.') && depth < DEPTH {
            gather(&entry, depth + 1, found)?;
        }
    }
    Ok(())
}

/// Imports files one after another; a file that is refused does not keep the others out.
///
/// # Errors
/// The corpus cannot be used, or (strict) a file is refused.
pub fn import(
    job: &ImportJob,
    progress: &mut dyn FnMut(&Path, Progress),
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<ImportReport, CorpusError> {
    let mut corpus = open_or_create(job)?;
    let options = |format| ImportOptions { format, time: job.time.to_owned(), strict: job.strict };
    let (mut files, mut stopped) = (vec![], false);
    for file in job.files {
        match corpus.import(file, &options(job.format), &mut |step| progress(file, step), stop) {
            Ok(Outcome::Imported(part)) => files.push(FileReport::Imported(Box::new(part))),
            Ok(Outcome::Already(part)) => {
                files.push(FileReport::Already { key: part.key, input: part.input })
            }
            Err(CorpusError::Stopped) => {
                stopped = true;
                break;
            }
            Err(error @ CorpusError::Input { .. }) if !job.strict => {
                files.push(FileReport::Refused { input: file.clone(), why: error.to_string() });
            }
            Err(error) => return Err(error),
        }
    }
    let documents = corpus.live()?.len();
    Ok(ImportReport { corpus: corpus.about().name.clone(), hash: corpus.hash(), documents, stopped, files })
}

fn open_or_create(job: &ImportJob) -> Result<Corpus, CorpusError> {
    let folder = folder(job.root, job.name)?;
    if folder.join("corpus.json").exists() {
        return Corpus::open(&folder);
    }
    let about = About {
        name: job.name.to_owned(),
        licence: job.licence.to_owned(),
        created: job.time.to_owned(),
        invented: job.invented,
    };
    Corpus::create(&folder, about)
}

/// Folder of a corpus. Names are plain so that none leads elsewhere.
fn folder(root: &Path, name: &str) -> Result<PathBuf, CorpusError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || 64 < name.len() || name.starts_with('.') || !name.chars().all(plain) {
        return Err(CorpusError::Corpus {
            folder: root.to_owned(),
            what: "that is no name for a corpus".to_owned(),
            remedy: "use lower-case letters, digits, `-`, `_` and `.`, at most 64",
        });
    }
    Ok(root.join(name))
}

/// Every corpus, by name.
///
/// # Errors
/// A corpus is damaged.
pub fn list(root: &Path) -> Result<Vec<Summary>, CorpusError> {
    Corpus::list(root)?.iter().map(|folder| summary(&Corpus::open(folder)?)).collect()
}

/// One corpus.
///
/// # Errors
/// There is none, or it is damaged.
pub fn show(root: &Path, name: &str) -> Result<Summary, CorpusError> {
    summary(&Corpus::open(&folder(root, name)?)?)
}

/// What is wrong with the files of a corpus; empty when nothing is.
///
/// # Errors
/// There is none, or a file cannot be read.
pub fn verify(root: &Path, name: &str) -> Result<Vec<String>, CorpusError> {
    Corpus::open(&folder(root, name)?)?.verify()
}

/// One document that counts, with its passages; `None` when the corpus has no such document.
///
/// # Errors
/// There is no such corpus, or it is damaged.
pub fn document(root: &Path, name: &str, id: &str) -> Result<Option<Shown>, CorpusError> {
    let live = Corpus::open(&folder(root, name)?)?.live()?;
    let found = live.document(&DocumentId(id.to_owned()))?;
    Ok(found.map(|document| Shown { passages: passages(&document), document }))
}

fn summary(corpus: &Corpus) -> Result<Summary, CorpusError> {
    Ok(Summary {
        about: corpus.about().clone(),
        hash: corpus.hash(),
        documents: corpus.live()?.len(),
        parts: corpus.parts().to_vec(),
    })
}
