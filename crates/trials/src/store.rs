//! Which trials does this site hold? A folder of parts, one a file that was read; the newest version of a trial counts.
//!
//! A part is `parts/KEY.jsonl.gz` (a trial a line) and `parts/KEY.json` (counts), which is written last and makes the
//! part real. Parts never change. The same file again is nothing to do; a record that is stored as it stands is counted
//! and not written again.

use crate::model::Trial;
use crate::read::{Item, ReadError, Refusal, read_file, sha256};
use crate::text::Reader;
use concilium_criteria::eligibility::Coverage;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Refused records named one by one; the rest is only counted.
const NAMED: usize = 50;

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk.
    #[error("cannot {what} {}", path.display())]
    Io {
        /// Read, write …
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// A part is not what was written.
    #[error("{}: {what}; delete the part's two files and import its input again", path.display())]
    Damaged {
        /// Where.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Another import is running.
    #[error("{}: another import is running; wait for it to end", path.display())]
    Busy {
        /// Folder.
        path: PathBuf,
    },
    /// The input.
    #[error(transparent)]
    Input(#[from] ReadError),
}

/// Record of a finished part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// First 16 letters of the input's hash; name of the files.
    pub key: String,
    /// Input file name, without folders.
    pub input: String,
    /// SHA-256 of the input as it lay on disk.
    pub input_sha256: String,
    /// When, as given by the caller.
    pub imported: String,
    /// Order of import.
    pub sequence: u64,
    /// Records read.
    pub read: u64,
    /// Trials kept.
    pub kept: u64,
    /// Trials stored before, to the letter.
    pub same: u64,
    /// Trials older than what is stored: kept out of the way.
    pub older: u64,
    /// Records left out.
    pub refused: u64,
    /// The first of them by name.
    pub refusals: Vec<Refusal>,
    /// SHA-256 of the lines before packing.
    pub content_sha256: String,
}

/// What an import came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    /// A new part.
    Imported(Part),
    /// This file was imported before.
    Already(Part),
}

/// How many criteria of a trial are logic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Every part can be answered from a record.
    pub computed: u64,
    /// Some parts.
    pub partly: u64,
    /// A person's to judge.
    pub for_a_person: u64,
    /// Nothing.
    pub not: u64,
}

impl Counts {
    /// Of one trial.
    pub fn of(trial: &Trial) -> Counts {
        let mut counts = Counts::default();
        for criterion in &trial.criteria {
            counts.add(criterion.expr.coverage());
        }
        counts
    }

    /// One more.
    pub fn add(&mut self, coverage: Coverage) {
        match coverage {
            Coverage::Computed => self.computed += 1,
            Coverage::Partly => self.partly += 1,
            Coverage::ForAPerson => self.for_a_person += 1,
            Coverage::Not => self.not += 1,
        }
    }

    /// Both together.
    pub fn plus(self, other: Counts) -> Counts {
        Counts {
            computed: self.computed + other.computed,
            partly: self.partly + other.partly,
            for_a_person: self.for_a_person + other.for_a_person,
            not: self.not + other.not,
        }
    }

    /// All criteria.
    pub fn all(self) -> u64 {
        self.computed + self.partly + self.for_a_person + self.not
    }
}

/// The trials on disk.
#[derive(Debug)]
pub struct Trials {
    folder: PathBuf,
    parts: Vec<Part>,
}

impl Trials {
    /// Opens the folder, made when missing; remains of a killed import are removed.
    ///
    /// # Errors
    /// The folder cannot be written, or a record in it is damaged.
    pub fn open(folder: &Path) -> Result<Trials, StoreError> {
        let parts = folder.join("parts");
        private_folder(&parts).map_err(io("create", &parts))?;
        let mut trials = Trials { folder: folder.to_owned(), parts: vec![] };
        // Nobody is writing: what has no record is left of a killed import.
        if let Ok(lock) = trials.lock() {
            trials.reload(true)?;
            drop(lock);
        } else {
            trials.reload(false)?;
        }
        Ok(trials)
    }

    /// Held while a part is written.
    fn lock(&self) -> Result<File, StoreError> {
        let path = self.folder.join("lock");
        let file = private(&path).map_err(io("write", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::Busy { path: self.folder.clone() }),
            Err(std::fs::TryLockError::Error(error)) => Err(io("lock", &path)(error)),
        }
    }

    fn reload(&mut self, clean: bool) -> Result<(), StoreError> {
        let folder = self.folder.join("parts");
        let mut found = vec![];
        let mut packed = vec![];
        for entry in std::fs::read_dir(&folder).map_err(io("read", &folder))? {
            let path = entry.map_err(io("read", &folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".json") {
                let bytes = std::fs::read(&path).map_err(io("read", &path))?;
                let part: Part = serde_json::from_slice(&bytes).map_err(|_| StoreError::Damaged {
                    path: path.clone(),
                    what: "is no record of a part".to_owned(),
                })?;
                found.push(part);
            } else {
                packed.push((name, path));
            }
        }
        found.sort_by_key(|part| part.sequence);
        for (name, path) in packed.into_iter().filter(|_| clean) {
            let key = name.split('.').next().unwrap_or_default();
            if name.ends_with(".tmp") || !found.iter().any(|part| part.key == key) {
                std::fs::remove_file(&path).map_err(io("remove", &path))?;
            }
        }
        self.parts = found;
        Ok(())
    }

    /// Finished parts, in their order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Reads a file into a new part.
    ///
    /// # Errors
    /// The file is refused as a whole (nothing of it is kept), or the folder cannot be written.
    pub fn import(&mut self, input: &Path, reader: &Reader, time: &str) -> Result<Outcome, StoreError> {
        let _lock = self.lock()?;
        self.reload(true)?;
        let input_sha256 = hash_file(input)?;
        if let Some(part) = self.parts.iter().find(|part| part.input_sha256 == input_sha256) {
            return Ok(Outcome::Already(part.clone()));
        }
        let name = input.file_name().unwrap_or(input.as_os_str()).to_string_lossy().into_owned();
        let stored = self.heads()?;
        let mut writer = PartWriter::new(&self.folder, self.part(name, input_sha256, time))?;
        let mut failed = None;
        read_file(input, reader, &mut |item| {
            if failed.is_none() {
                failed = writer.take(item, &stored).err();
            }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        let part = writer.finish()?;
        self.reload(false)?;
        Ok(Outcome::Imported(part))
    }

    /// Reads the stored texts of every trial again, with the rules and names of now, into a part of its own; `None` when
    /// nothing would change.
    ///
    /// # Errors
    /// A part is damaged, or the folder cannot be written.
    pub fn update(&mut self, reader: &Reader, time: &str) -> Result<Option<Part>, StoreError> {
        let _lock = self.lock()?;
        self.reload(true)?;
        let mut changed = vec![];
        for trial in self.all()? {
            let read = reader.read(&trial.eligibility_text).criteria;
            let kept = trial.criteria.iter().filter(|criterion| criterion.span.is_none()).cloned();
            let criteria: Vec<_> = kept.chain(read).collect();
            if criteria != trial.criteria {
                changed.push(Trial { criteria, ..trial });
            }
        }
        if changed.is_empty() {
            return Ok(None);
        }
        let lines: Vec<Vec<u8>> = changed.iter().map(line).collect();
        let part = self.part("read again".to_owned(), sha256(&lines.concat()), time);
        let mut writer = PartWriter::new(&self.folder, part)?;
        for trial in changed {
            writer.keep(&trial)?;
        }
        let part = writer.finish()?;
        self.reload(false)?;
        Ok(Some(part))
    }

    fn part(&self, input: String, input_sha256: String, time: &str) -> Part {
        Part {
            key: input_sha256[..16.min(input_sha256.len())].to_owned(),
            input,
            input_sha256,
            imported: time.to_owned(),
            sequence: self.parts.last().map_or(0, |part| part.sequence + 1),
            read: 0,
            kept: 0,
            same: 0,
            older: 0,
            refused: 0,
            refusals: vec![],
            content_sha256: String::new(),
        }
    }

    /// Every trial that counts, by id.
    ///
    /// # Errors
    /// A part is damaged.
    pub fn all(&self) -> Result<Vec<Trial>, StoreError> {
        let mut found: BTreeMap<String, Trial> = BTreeMap::new();
        for part in &self.parts {
            self.each(part, &mut |trial| {
                found.insert(trial.id.clone(), trial);
            })?;
        }
        Ok(found.into_values().collect())
    }

    /// One trial by its id or another id of it.
    ///
    /// # Errors
    /// A part is damaged.
    pub fn get(&self, id: &str) -> Result<Option<Trial>, StoreError> {
        let wanted = id.trim();
        let named = |trial: &Trial| {
            trial.id.eq_ignore_ascii_case(wanted)
                || trial.other_ids.iter().any(|other| other.eq_ignore_ascii_case(wanted))
        };
        let mut found = None;
        for part in &self.parts {
            self.each(part, &mut |trial| {
                if named(&trial) {
                    found = Some(trial);
                }
            })?;
        }
        Ok(found)
    }

    fn heads(&self) -> Result<HashMap<String, Head>, StoreError> {
        let mut found = HashMap::new();
        for part in &self.parts {
            self.each(part, &mut |trial| {
                found.insert(trial.id.clone(), Head::of(&trial));
            })?;
        }
        Ok(found)
    }

    fn each(&self, part: &Part, take: &mut dyn FnMut(Trial)) -> Result<(), StoreError> {
        let path = self.folder.join("parts").join(format!("{}.jsonl.gz", part.key));
        let damaged = |what: &str| StoreError::Damaged { path: path.clone(), what: what.to_owned() };
        let file = File::open(&path).map_err(io("read", &path))?;
        let mut count = 0;
        for line in BufReader::new(MultiGzDecoder::new(BufReader::new(file))).split(b'\n') {
            let line = line.map_err(|_| damaged("is cut short"))?;
            take(serde_json::from_slice(&line).map_err(|_| damaged("a line is no trial"))?);
            count += 1;
        }
        if count == part.kept { Ok(()) } else { Err(damaged("holds another number of trials than recorded")) }
    }
}

/// What decides whether a record is new.
struct Head {
    version: Option<concilium_terms::PartialDate>,
    sha256: String,
}

impl Head {
    fn of(trial: &Trial) -> Head {
        Head { version: trial.source.version.clone(), sha256: trial.source.sha256.clone() }
    }
}

fn line(trial: &Trial) -> Vec<u8> {
    let mut line = serde_json::to_vec(trial).unwrap_or_default();
    line.push(b'\n');
    line
}

struct PartWriter {
    folder: PathBuf,
    part: Part,
    packed: GzEncoder<BufWriter<File>>,
    content: sha2::Sha256,
    /// Trials of this part, so that a file that names one twice keeps it once.
    own: HashMap<String, Head>,
}

impl PartWriter {
    fn new(folder: &Path, part: Part) -> Result<PartWriter, StoreError> {
        let path = folder.join("parts").join(format!("{}.jsonl.gz.tmp", part.key));
        let file = private(&path).map_err(io("write", &path))?;
        let packed = GzEncoder::new(BufWriter::new(file), Compression::fast());
        Ok(PartWriter {
            folder: folder.to_owned(),
            part,
            packed,
            content: sha2::Digest::new(),
            own: HashMap::new(),
        })
    }

    fn take(&mut self, item: Item, stored: &HashMap<String, Head>) -> Result<(), StoreError> {
        self.part.read += 1;
        let trial = match item {
            Item::Refused(refusal) => {
                self.part.refused += 1;
                if self.part.refusals.len() < NAMED {
                    self.part.refusals.push(refusal);
                }
                return Ok(());
            }
            Item::Trial(trial) => trial,
        };
        let known = self.own.get(&trial.id).or_else(|| stored.get(&trial.id));
        match known {
            Some(head) if head.sha256 == trial.source.sha256 => self.part.same += 1,
            Some(head)
                if head.version.is_some()
                    && trial.source.version.is_some()
                    && trial.source.version < head.version =>
            {
                self.part.older += 1
            }
            _ => {
                self.own.insert(trial.id.clone(), Head::of(&trial));
                self.keep(&trial)?;
            }
        }
        Ok(())
    }

    fn keep(&mut self, trial: &Trial) -> Result<(), StoreError> {
        let line = line(trial);
        sha2::Digest::update(&mut self.content, &line);
        self.part.kept += 1;
        let path = self.folder.join("parts");
        self.packed.write_all(&line).map_err(io("write", &path))
    }

    /// Gives both files their names, the record last.
    fn finish(mut self) -> Result<Part, StoreError> {
        let parts = self.folder.join("parts");
        let path = |ending: &str| parts.join(format!("{}.{ending}", self.part.key));
        let (packed, record) = (path("jsonl.gz"), path("json"));
        let digest = sha2::Digest::finalize(self.content);
        self.part.content_sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let file = self.packed.finish().map_err(io("write", &packed))?;
        let file = file.into_inner().map_err(|error| io("write", &packed)(error.into_error()))?;
        file.sync_all().map_err(io("write", &packed))?;
        std::fs::rename(path("jsonl.gz.tmp"), &packed).map_err(io("write", &packed))?;
        let unfinished = path("json.tmp");
        let mut file = private(&unfinished).map_err(io("write", &unfinished))?;
        let bytes = serde_json::to_vec_pretty(&self.part).unwrap_or_default();
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(io("write", &record))?;
        std::fs::rename(&unfinished, &record).map_err(io("write", &record))?;
        Ok(self.part)
    }
}

fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Io { what, path, source }
}

fn hash_file(path: &Path) -> Result<String, StoreError> {
    let mut file = File::open(path).map_err(io("read", path))?;
    let (mut sha, mut buffer) = (sha2::Sha256::default(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer).map_err(io("read", path))? {
            0 => break,
            n => sha2::Digest::update(&mut sha, &buffer[..n]),
        }
    }
    Ok(sha2::Digest::finalize(sha).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Opens for writing, mode 0600.
#[cfg(unix)]
fn private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Opens for writing.
#[cfg(not(unix))]
fn private(path: &Path) -> io::Result<File> {
    File::create(path)
}

/// The folder and those above it, mode 0700.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
