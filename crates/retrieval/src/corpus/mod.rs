//! What texts do we have, from where, and which version counts?
//!
//! A corpus is a folder: `corpus.json` says what it is, `parts/` holds one immutable part for each input file
//! ([`part`]). Parts get their names only when whole, so a killed import leaves nothing behind and the same command goes
//! on; the same input again is nothing to do. [`Live`] says which document of which part counts.

mod civic;
mod date;
pub(crate) mod disk;
mod error;
mod format;
mod jats;
mod jsonl;
mod link;
mod live;
mod part;
mod plain;
mod pubmed;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod trials;
mod xml;

pub use error::CorpusError;
pub use format::{FORMATS, Format, by_name};
pub use link::Links;
pub(crate) use live::worse;
pub use live::{Changes, Documents, Live};
pub use part::{Notice, Part, Refusal};

pub use concilium_evidence::passage::{Document, DocumentId, Passage};
use concilium_models::Stop;
use disk::{Disk, Real};
use error::{Result, files};
use format::{Item, Scope};
use part::PartWriter;
use serde::{Deserialize, Serialize};
use source::Source;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a corpus is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Name, written into every document.
    pub name: String,
    /// Licence or terms under which the site holds the texts; empty = not stated.
    pub licence: String,
    /// When it was created, as given by the caller.
    pub created: String,
    /// Holds invented documents and nothing else.
    #[serde(default)]
    pub invented: bool,
}

/// How an input is to be read.
pub struct ImportOptions {
    /// Importer; `None` = recognise it.
    pub format: Option<&'static Format>,
    /// Now, from the program's clock.
    pub time: String,
    /// Stop at the first record that cannot be read instead of leaving it out and counting it.
    pub strict: bool,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the input file read.
    pub bytes: u64,
    /// Size of the input file.
    pub of_bytes: u64,
    /// Documents kept so far.
    pub kept: u64,
    /// Records left out so far.
    pub refused: u64,
}

/// What an import came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A new part.
    Imported(Part),
    /// This input was imported before; nothing was done.
    Already(Part),
}

/// A corpus on disk.
pub struct Corpus {
    folder: PathBuf,
    about: About,
    parts: Vec<Part>,
    disk: Arc<dyn Disk>,
}

impl Corpus {
    /// Makes a new corpus. Folders get mode 0700, files 0600.
    ///
    /// # Errors
    /// There is one already, or the folder cannot be written.
    pub fn create(folder: &Path, about: About) -> Result<Corpus> {
        Corpus::create_on(Arc::new(Real), folder, about)
    }

    fn create_on(disk: Arc<dyn Disk>, folder: &Path, about: About) -> Result<Corpus> {
        let path = folder.join(ABOUT);
        if path.exists() {
            return Err(wrong(folder, "is there already", "open it, or choose another name"));
        }
        disk::private_folder(&folder.join("parts")).map_err(files("create", folder))?;
        let mut bytes = serde_json::to_vec_pretty(&about).unwrap_or_default();
        bytes.push(b'\n');
        disk::write_whole(disk.as_ref(), &path, &bytes).map_err(files("write", &path))?;
        disk.sync_folder(folder).map_err(files("write", folder))?;
        Ok(Corpus { folder: folder.to_owned(), about, parts: vec![], disk })
    }

    /// Opens a corpus; remains of a killed import are removed unless an import is running.
    ///
    /// # Errors
    /// No corpus there, or a damaged record.
    pub fn open(folder: &Path) -> Result<Corpus> {
        Corpus::open_on(Arc::new(Real), folder)
    }

    fn open_on(disk: Arc<dyn Disk>, folder: &Path) -> Result<Corpus> {
        let path = folder.join(ABOUT);
        if !path.is_file() {
            return Err(wrong(folder, "holds no corpus.json", "give the folder of a corpus, or create one"));
        }
        let bytes = std::fs::read(&path).map_err(files("read", &path))?;
        let about = serde_json::from_slice(&bytes).map_err(|_| {
            wrong(folder, "corpus.json is not what it should be", "write name, licence and created into it")
        })?;
        let mut corpus = Corpus { folder: folder.to_owned(), about, parts: vec![], disk };
        if let Ok(lock) = corpus.lock() {
            corpus.clean()?;
            drop(lock);
        }
        corpus.reload()?;
        Ok(corpus)
    }

    /// Folders of the corpora under a folder, sorted; none when it does not exist.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn list(root: &Path) -> Result<Vec<PathBuf>> {
        let mut found = entries(root)?;
        found.retain(|folder| folder.join(ABOUT).is_file());
        Ok(found)
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it is.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Finished parts in their order (rank, then import).
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Which documents count now.
    ///
    /// # Errors
    /// A part is damaged.
    pub fn live(&self) -> Result<Live> {
        Live::of(&self.folder, &self.parts.iter().collect::<Vec<_>>())
    }

    /// Which documents counted when only these parts were there; unknown keys are left out.
    ///
    /// # Errors
    /// A part is damaged.
    pub fn live_of(&self, keys: &[String]) -> Result<Live> {
        let parts: Vec<_> = self.parts.iter().filter(|part| keys.contains(&part.key)).collect();
        Live::of(&self.folder, &parts)
    }

    /// Names the contents for the manifest of a run: the same parts in the same order give the same hash, whenever and
    /// wherever they were imported.
    pub fn hash(&self) -> String {
        let mut lines = vec![format!("corpus {} invented {}", self.about.name, self.about.invented)];
        for part in &self.parts {
            let taken = serde_json::json!([part.deleted, part.complete, part.notices]);
            lines.push(format!("{} {} {taken}", part.input_sha256, part.content_sha256));
        }
        source::sha256(lines.join("\n").as_bytes())
    }

    /// What is wrong with the files; empty when every hash, id and section holds.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn verify(&self) -> Result<Vec<String>> {
        let mut problems = vec![];
        for part in &self.parts {
            problems.extend(part::verify(&self.folder, part)?);
        }
        Ok(problems)
    }

    /// Reads one input file into a new part.
    ///
    /// # Errors
    /// The input is refused as a whole (nothing of it is kept), the corpus cannot be written, another import is
    /// running, or the caller asked to stop.
    pub fn import(
        &mut self,
        input: &Path,
        options: &ImportOptions,
        progress: &mut dyn FnMut(Progress),
        stop: Stop,
    ) -> Result<Outcome> {
        let _lock = self.lock()?;
        self.clean()?;
        self.reload()?;
        let mut source = Source::open(input, stop)?;
        if let Some(part) = self.parts.iter().find(|part| part.input_sha256 == source.sha256) {
            return Ok(Outcome::Already(part.clone()));
        }
        let format = match options.format {
            Some(format) => format,
            None => format::detect(&source)?,
        };
        let part = Part::empty(source.name.clone(), source.sha256.clone(), format.name, options.time.clone());
        let disk = Arc::clone(&self.disk);
        let written = write(&disk, self, &mut source, format, part, options.strict, progress);
        if written.is_err() {
            // What is left is removed now; if even that fails, the next open does it.
            let _ = self.clean();
        }
        let part = written?;
        self.reload()?;
        Ok(Outcome::Imported(part))
    }

    fn lock(&self) -> Result<File> {
        let path = self.folder.join("lock");
        let file = disk::private(&path).map_err(files("write", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => {
                Err(wrong(&self.folder, "another import is running", "wait for it to end"))
            }
            Err(std::fs::TryLockError::Error(error)) => Err(files("lock", &path)(error)),
        }
    }

    /// Removes unfinished files, and documents without a record.
    fn clean(&self) -> Result<()> {
        for folder in [self.folder.clone(), self.folder.join("parts")] {
            for path in entries(&folder)? {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let (stem, ending) = name.split_once('.').unwrap_or((&name, ""));
                let orphan =
                    matches!(ending, "jsonl.gz" | "ids") && !folder.join(format!("{stem}.json")).is_file();
                if orphan || path.extension().is_some_and(|ending| ending == disk::UNFINISHED) {
                    self.disk.remove(&path).map_err(files("remove", &path))?;
                }
            }
        }
        Ok(())
    }

    fn reload(&mut self) -> Result<()> {
        let mut parts = vec![];
        for path in entries(&self.folder.join("parts"))? {
            if path.extension().is_some_and(|ending| ending == "json") {
                parts.push(Part::read_record(&self.folder, &path)?);
            }
        }
        parts.sort_by_key(|part| (part.rank, part.sequence));
        self.parts = parts;
        Ok(())
    }
}

const ABOUT: &str = "corpus.json";

fn wrong(folder: &Path, what: &str, remedy: &'static str) -> CorpusError {
    CorpusError::Corpus { folder: folder.to_owned(), what: what.to_owned(), remedy }
}

/// Paths in a folder, sorted; none when it does not exist.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(files("read", folder)(error)),
    };
    let paths: std::io::Result<Vec<_>> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(files("read", folder))?;
    paths.sort();
    Ok(paths)
}

/// Runs the importer into a part.
fn write(
    disk: &Arc<dyn Disk>,
    corpus: &Corpus,
    source: &mut Source,
    format: &Format,
    part: Part,
    strict: bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<Part> {
    let writer = PartWriter::new(disk.as_ref(), &corpus.folder, &part.key)?;
    let (done, of_bytes, name) = (source.done(), source.bytes, source.name.clone());
    let mut keeper =
        Keeper { writer, part, about: &corpus.about, strict, file: name, seen: HashMap::new(), line: vec![] };
    let scope = (format.read)(source, &mut |item| {
        keeper.take(item)?;
        let (kept, refused) = (keeper.part.kept, keeper.part.refused_in_all());
        progress(Progress { bytes: done.get(), of_bytes, kept, refused });
        Ok(())
    })?;
    keeper.finish(scope, &corpus.parts)
}

/// Takes what the importer finds into the part, and counts.
struct Keeper<'a> {
    writer: PartWriter<'a>,
    part: Part,
    about: &'a About,
    strict: bool,
    file: String,
    /// Hashes of the lines kept of each id.
    seen: HashMap<String, HashSet<u64>>,
    line: Vec<u8>,
}

impl Keeper<'_> {
    fn take(&mut self, item: Item) -> Result<()> {
        match item {
            Item::Document(document) => self.document(*document),
            Item::Deleted(id) => {
                self.part.deleted.push(id);
                Ok(())
            }
            Item::Notice(notice) => {
                self.part.notices.push(notice);
                Ok(())
            }
            Item::Refused(refusal) => {
                self.part.read += 1;
                self.refuse(refusal)
            }
        }
    }

    fn document(&mut self, mut document: Document) -> Result<()> {
        self.part.read += 1;
        document.corpus = self.about.name.clone();
        if let Some(what) = text::problem(&document).or_else(|| self.invention(&document)) {
            let at = document.id.0.chars().take(40).collect();
            return self.refuse(Refusal { at, reason: "not a sound document".to_owned(), detail: what });
        }
        self.line.clear();
        if serde_json::to_writer(&mut self.line, &document).is_err() {
            return Ok(());
        }
        let print = fingerprint(&self.line);
        if !self.seen.entry(document.id.0.clone()).or_default().insert(print) {
            self.part.repeated += 1;
            return Ok(());
        }
        self.part.kept += 1;
        let line = std::mem::take(&mut self.line);
        let written = self.writer.line(&document, &line);
        self.line = line;
        written
    }

    /// Invented and real documents never lie in one corpus, and an invented one never bears a real id.
    fn invention(&self, document: &Document) -> Option<String> {
        let id = &document.id;
        if document.invented != self.about.invented {
            let (is, belongs) = if document.invented { ("invented", "real") } else { ("real", "invented") };
            return Some(
                format!("{id}: an {is} document in a corpus of {belongs} ones").replace("an real", "a real"),
            );
        }
        if document.invented != id.0.starts_with("demo:") {
            return Some(format!("{id}: invented documents, and only they, have ids of the form `demo:…`"));
        }
        None
    }

    fn refuse(&mut self, refusal: Refusal) -> Result<()> {
        if self.strict {
            let what = match refusal.detail.as_str() {
                "" => refusal.reason,
                detail => format!("{}: {detail}", refusal.reason),
            };
            return Err(CorpusError::Refused { file: self.file.clone(), at: refusal.at, what });
        }
        self.part.refuse(refusal);
        Ok(())
    }

    fn finish(mut self, scope: Scope, parts: &[Part]) -> Result<Part> {
        let part = &mut self.part;
        if part.kept == 0 && part.deleted.is_empty() {
            let what = match part.refusals.first() {
                None => "no record found".to_owned(),
                Some(Refusal { at, reason, detail }) => {
                    let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
                    format!("none of {} records can be kept; the first, at {at}: {reason}{detail}", part.read)
                }
            };
            let remedy = format!("is this a file of format `{}`?", part.importer);
            return Err(CorpusError::Input { file: self.file, what, remedy });
        }
        part.deleted.sort();
        part.deleted.dedup();
        part.complete = scope.complete;
        let last = parts.iter().map(|part| part.rank).max().unwrap_or(0);
        part.rank = scope.rank.unwrap_or(last);
        part.sequence = parts.iter().map(|part| part.sequence + 1).max().unwrap_or(0);
        self.writer.finish(self.part)
    }
}

/// First eight bytes of the sha256 of a line.
fn fingerprint(line: &[u8]) -> u64 {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(line);
    hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Ids as the sources write them.
pub(crate) fn id(scheme: &str, rest: &str) -> DocumentId {
    DocumentId(format!("{scheme}:{}", rest.trim()))
}
