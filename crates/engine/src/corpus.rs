//! Which texts does the site hold, and how do they come in? Thin over [`concilium_retrieval::corpus`].

pub use crate::vectors::VectorsSummary;
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
    /// Vectors there are of its passages, by model and kind of store.
    pub vectors: Vec<VectorsSummary>,
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
        let corpus = Corpus::open(&folder)?;
        let about = corpus.about();
        let other_licence = !job.licence.is_empty() && job.licence != about.licence;
        if other_licence || (job.invented && !about.invented) {
            return Err(CorpusError::Corpus {
                folder,
                what: "was made with another licence, or for real documents".to_owned(),
                remedy: "leave --licence and --invented out, or import into a new corpus",
            });
        }
        return Ok(corpus);
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
pub(crate) fn folder(root: &Path, name: &str) -> Result<PathBuf, CorpusError> {
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
        vectors: crate::vectors::summaries(corpus),
    })
}

#[cfg(test)]
mod tests {
    use super::{FileReport, ImportJob, document, import, inputs, list, show, verify};
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Folder {
            static NEXT: AtomicU64 = AtomicU64::new(0);
            let name =
                format!("concilium-texts-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let folder = std::env::temp_dir().join(name);
            std::fs::create_dir_all(folder.join("in").join("deep")).expect("temporary folder");
            Folder(folder)
        }
        fn file(&self, name: &str, text: &str) {
            std::fs::write(self.0.join("in").join(name), text).expect("temporary file");
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn job<'j>(root: &'j Path, name: &'j str, files: &'j [PathBuf]) -> ImportJob<'j> {
        ImportJob {
            root,
            name,
            licence: "own",
            invented: false,
            files,
            format: None,
            strict: false,
            time: "2026-01-02T03:04:05Z",
        }
    }

    #[track_caller]
    fn run(job: &ImportJob) -> Result<Vec<String>, String> {
        let report = import(job, &mut |_, _| {}, &|| false).map_err(|error| error.to_string())?;
        let said = report.files.into_iter().map(|file| match file {
            FileReport::Imported(part) => format!("{} {}", part.input, part.importer),
            FileReport::Already { input, .. } => format!("{input} already"),
            FileReport::Refused { why, .. } => why,
        });
        Ok(said.collect())
    }

    #[test]
    fn folders_are_imported_file_by_file() {
        let folder = Folder::new();
        folder.file("b.txt", "Title\n\nWords of the second file.");
        folder.file("b.txt.meta.json", r#"{"date": "2024"}"#);
        folder.file("a.md", "# Title\n\nWords of the first.");
        folder.file("c.xml.gz.md5", "no input");
        folder.file(".hidden", "no input");
        folder.file("deep/d.pdf", "%PDF-1.7");
        let files = inputs(&[folder.0.join("in")]).expect("readable");
        let root = folder.0.join("corpora");
        let pdf = "d.pdf: a PDF file; save its text as .txt or .md and import that";
        assert_eq!(run(&job(&root, "own", &files)).expect("done"), ["a.md plain", "b.txt plain", pdf]);
        assert_eq!(run(&job(&root, "own", &files)).expect("done"), ["a.md already", "b.txt already", pdf]);
        let strict = ImportJob { strict: true, ..job(&root, "own", &files) };
        assert_eq!(run(&strict).expect_err("strict"), pdf);
        let found = list(&root).expect("readable");
        assert_eq!((found.len(), found[0].documents, found[0].about.name.as_str()), (1, 2, "own"));
        assert_eq!(show(&root, "own").expect("there").hash, found[0].hash);
        assert_eq!(verify(&root, "own").expect("readable"), Vec::<String>::new());
        assert!(document(&root, "own", "pmid:1").expect("readable").is_none());
    }

    #[test]
    fn names_and_terms_are_held_to() {
        let folder = Folder::new();
        let root = folder.0.join("corpora");
        for name in ["", "..", "a/b", "A", ".hidden", "a b"] {
            let said = run(&job(&root, name, &[])).expect_err("no name");
            assert!(said.contains("lower-case letters"), "{said}");
        }
        run(&job(&root, "own", &[])).expect("made");
        run(&ImportJob { licence: "", ..job(&root, "own", &[]) }).expect("the same");
        for other in [
            ImportJob { licence: "other", ..job(&root, "own", &[]) },
            ImportJob { invented: true, ..job(&root, "own", &[]) },
        ] {
            assert!(run(&other).expect_err("refused").contains("another licence"));
        }
    }
}
