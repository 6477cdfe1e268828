//! Which files were handed in, and which reader is each for?

use concilium_case::{Document, Facts, InputItem, Issue, Level, Meta, Origin, Place, Source};
use concilium_knowledge::Knowledge;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

/// One file as given: name without the folders above the input, bytes as read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Name shown in every source.
    pub name: String,
    /// Bytes as handed in.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// Why inputs cannot be gathered.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// A path cannot be read.
    #[error("cannot read {}: check the path and its permissions", path.display())]
    Read {
        /// Path as given.
        path: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// Nothing to read.
    #[error("no records in {}: give FHIR JSON or NDJSON, VCF, MAF or text notes", path.display())]
    Empty {
        /// Path as given.
        path: PathBuf,
    },
    /// Too large to load.
    #[error("{} is larger than 1 GiB: split it, or cut it down to the genes asked about", path.display())]
    TooLarge {
        /// Path.
        path: PathBuf,
    },
    /// A plan where records belong.
    #[error("{} holds a plan this program wrote, not records: move it out of the records", path.display())]
    OwnOutput {
        /// Folder.
        path: PathBuf,
    },
}

impl InputError {
    pub(crate) fn read(path: &Path, source: std::io::Error) -> InputError {
        InputError::Read { path: path.to_owned(), source }
    }
}

impl InputFile {
    /// sha256 of the bytes, hex.
    pub fn sha256(&self) -> String {
        sha256(&self.bytes)
    }
}

/// sha256 of bytes, hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// sha256 of a text, hex.
pub fn sha256_text(text: &str) -> String {
    sha256(text.as_bytes())
}

/// Largest single file that is loaded at all, bytes as stored; `max-input-bytes` bounds what is then read.
const LARGEST_FILE: u64 = 1 << 30;

/// Files of the paths given. Folders are walked in name order, each real folder once; hidden files, what file
/// managers leave behind and `expected.json` are skipped, everything else is handed on and ends in facts or an issue.
///
/// # Errors
/// A path that cannot be read, a file that is too large, a folder without records, or one with our own output.
pub fn gather(paths: &[PathBuf]) -> Result<Vec<InputFile>, InputError> {
    let mut files = Vec::new();
    for path in paths {
        let before = files.len();
        let mut walk = Walk { top: path, seen: BTreeSet::new(), files: &mut files };
        walk.take(path)?;
        if files.len() == before {
            return Err(InputError::Empty { path: path.clone() });
        }
    }
    Ok(settled(files))
}

/// Every regular file below a folder, whatever its name: what a kept run holds.
///
/// # Errors
/// A file that cannot be read.
pub fn stored(folder: &Path) -> Result<Vec<InputFile>, InputError> {
    let mut files = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(inside(&path)?);
        } else {
            files.push(load(folder, &path)?);
        }
    }
    Ok(settled(files))
}

/// In name order, without repetitions. Two different files of one name keep both: the later one is told apart by
/// its hash.
pub fn settled(mut files: Vec<InputFile>) -> Vec<InputFile> {
    files.sort_by(|a, b| (&a.name, &a.bytes).cmp(&(&b.name, &b.bytes)));
    files.dedup();
    for at in 1..files.len() {
        if files[..at].iter().any(|f| f.name == files[at].name) {
            files[at].name = format!("{}~{}", files[at].name, &files[at].sha256()[..8]);
        }
    }
    files
}

/// One walk below a path the user gave.
struct Walk<'w> {
    top: &'w Path,
    /// Real folders entered, so that a link to a folder above ends.
    seen: BTreeSet<PathBuf>,
    files: &'w mut Vec<InputFile>,
}

impl Walk<'_> {
    fn take(&mut self, path: &Path) -> Result<(), InputError> {
        if !path.is_dir() {
            self.files.push(load(self.top, path)?);
            return Ok(());
        }
        let real = path.canonicalize().map_err(|source| InputError::read(path, source))?;
        if !self.seen.insert(real) {
            return Ok(());
        }
        if is_own_output(path) {
            return Err(InputError::OwnOutput { path: path.to_owned() });
        }
        let mut names = inside(path)?;
        names.sort();
        names.iter().filter(|p| is_record(p)).try_for_each(|p| self.take(p))
    }
}

fn inside(folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    let entries = std::fs::read_dir(folder).map_err(|source| InputError::read(folder, source))?;
    entries.map(|entry| entry.map(|e| e.path()).map_err(|source| InputError::read(folder, source))).collect()
}

fn load(top: &Path, path: &Path) -> Result<InputFile, InputError> {
    let failed = |source| InputError::read(path, source);
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    if LARGEST_FILE < bytes.len() as u64 {
        return Err(InputError::TooLarge { path: path.to_owned() });
    }
    Ok(InputFile { name: short_name(top, path), bytes })
}

/// Inside a folder, what nobody meant as a record is left alone, and pipes and devices are never opened; what a
/// user names is always taken.
fn is_record(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let leftover = matches!(name.as_str(), "expected.json" | "thumbs.db" | "desktop.ini");
    let special = std::fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir());
    !name.starts_with('.') && !leftover && !special
}

/// A sheet folder or a kept run.
fn is_own_output(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_file();
    has("plan.json") && (has("plan.html") || has("manifest.json"))
}

fn short_name(top: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(top).ok().filter(|p| !p.as_os_str().is_empty());
    let name = inside.map(|p| p.to_string_lossy().replace('\\', "/"));
    name.unwrap_or_else(|| path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default())
}

/// How many bytes may still be read, after decompression.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Of one file.
    pub file: usize,
    /// Of all files of a run that are still to come.
    pub left: usize,
}

impl Budget {
    /// All files together may be eight times as large as one: many small archives must not unpack without end.
    pub fn new(max_file_bytes: usize) -> Budget {
        Budget { file: max_file_bytes, left: max_file_bytes.saturating_mul(8) }
    }
}

/// Reads one file into facts; what cannot be read at all is an issue that names the file and the remedy.
pub fn read_file(file: &InputFile, knowledge: &Knowledge, budget: &mut Budget) -> Facts {
    let whole = budget.left < budget.file;
    match unpacked(file, budget.file.min(budget.left)) {
        Ok(bytes) => {
            budget.left -= bytes.len();
            read_bytes(file, &bytes, knowledge)
        }
        Err((what, _)) if whole => lost(
            file,
            format!("{what} left for all files together"),
            "give fewer files, or raise max-input-bytes",
        ),
        Err((what, remedy)) => lost(file, what, remedy),
    }
}

type Refusal = (String, &'static str);

fn unpacked(file: &InputFile, max_bytes: usize) -> Result<Cow<'_, [u8]>, Refusal> {
    let raise = "split it, or raise max-input-bytes";
    if !file.bytes.starts_with(&[0x1f, 0x8b]) {
        let size = file.bytes.len();
        let fits = size <= max_bytes;
        return if fits {
            Ok(Cow::Borrowed(&file.bytes))
        } else {
            Err((format!("{size} bytes, limit {max_bytes}"), raise))
        };
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX).saturating_add(1);
    let read = flate2::read::MultiGzDecoder::new(file.bytes.as_slice()).take(limit).read_to_end(&mut bytes);
    match read {
        Ok(_) if bytes.len() <= max_bytes => Ok(Cow::Owned(bytes)),
        Ok(_) => Err((format!("more than {max_bytes} bytes when unpacked"), raise)),
        Err(error) => Err((
            format!("the gzip data breaks off or is damaged after {} unpacked bytes: {error}", bytes.len()),
            "copy the file again, or unpack it",
        )),
    }
}

fn read_bytes(file: &InputFile, bytes: &[u8], knowledge: &Knowledge) -> Facts {
    match kind_of(&file.name, bytes) {
        Kind::Fhir => concilium_fhir::read(&file.name, bytes)
            .unwrap_or_else(|error| lost(file, error.to_string(), error.remedy())),
        Kind::Vcf => sequencing(file, bytes, knowledge, concilium_genomics::read_vcf),
        Kind::Maf => sequencing(file, bytes, knowledge, concilium_genomics::read_maf),
        Kind::Note => note(file, bytes),
        Kind::Unread(what, remedy) => lost(file, what.into(), remedy),
    }
}

type Reader = fn(&str, &[u8], &concilium_genomics::Options) -> Result<Facts, concilium_genomics::ReadError>;

fn sequencing(file: &InputFile, bytes: &[u8], knowledge: &Knowledge, read: Reader) -> Facts {
    let (origin, said) = origin_by_name(file);
    let options = concilium_genomics::Options { origin, ..concilium_genomics::Options::new(knowledge) };
    let mut facts = read(&file.name, bytes, &options)
        .unwrap_or_else(|error| lost(file, error.to_string(), error.remedy()));
    facts.issues.extend(said);
    facts
}

/// VCF and MAF have no standard place for what an assay looked at, so a file may say it in its name: as a word of
/// its own, `germline.vcf`. It is an assumption and is said to be one; a name that speaks of both, or of taking the
/// germline away, decides nothing. Lines that state their own origin keep it.
fn origin_by_name(file: &InputFile) -> (Origin, Option<Issue>) {
    let name = file.name.rsplit('/').next().unwrap_or(&file.name).to_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
    if !words.iter().any(|word| word.contains("germline")) {
        return (Origin::Unknown, None);
    }
    let other =
        ["somatic", "tumor", "tumour", "no", "non", "without", "filtered", "removed", "subtracted", "vs"];
    let plain = words.contains(&"germline") && !words.iter().any(|word| other.contains(word));
    let (origin, level, what, remedy) = if plain {
        let what =
            "taken as a germline file because its name says so; lines marked otherwise keep their mark";
        (Origin::Germline, Level::Note, what, "if it is not, take `germline` out of the file name")
    } else {
        let what = "its name speaks of germline but not plainly; the origin of its calls is left unknown";
        (Origin::Unknown, Level::Doubtful, what, "name a germline file `germline.vcf`, or mark each line")
    };
    let source = Source { file: file.name.clone(), place: Place::File };
    (origin, Some(Issue { level, source, what: what.into(), remedy: remedy.into() }))
}

enum Kind {
    Fhir,
    Vcf,
    Maf,
    Note,
    /// What it seems to be, and what to give instead.
    Unread(&'static str, &'static str),
}

/// By what stands in it first, by its name second.
fn kind_of(name: &str, bytes: &[u8]) -> Kind {
    let lower = name.to_lowercase();
    let lower = lower.split('~').next().unwrap_or(&lower);
    let lower = lower.strip_suffix(".gz").unwrap_or(lower);
    let named = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let braced = matches!(text.first(), Some(b'{' | b'['));
    match () {
        () if text.is_empty() => Kind::Unread("the file is empty", "export it again"),
        () if text.starts_with(b"##fileformat=VCF") => Kind::Vcf,
        () if is_maf(text) => Kind::Maf,
        () if braced && (!named(&[".txt", ".md"]) || says_resource_type(text)) => Kind::Fhir,
        () => foreign(text).unwrap_or_else(|| match () {
            () if named(&[".vcf"]) => Kind::Vcf,
            () if named(&[".maf"]) => Kind::Maf,
            () if named(&[".txt", ".md"]) => Kind::Note,
            () if named(&["json"]) => Kind::Fhir,
            () => Kind::Unread(
                "no reader for this kind of file",
                "give FHIR JSON or NDJSON, VCF, MAF or text notes (.txt)",
            ),
        }),
    }
}

/// `Hugo_Symbol` opens the first line that is no comment.
fn is_maf(text: &[u8]) -> bool {
    let header = text.split(|b| *b == b'\n').take(1000).find(|line| !line.starts_with(b"#"));
    header.is_some_and(|line| line.get(..11).is_some_and(|name| name.eq_ignore_ascii_case(b"Hugo_Symbol")))
}

fn says_resource_type(text: &[u8]) -> bool {
    let start = &text[..text.len().min(1 << 16)];
    start.windows(14).any(|part| part == b"\"resourceType\"")
}

/// Formats hospitals hand over that have no reader, by their first bytes.
fn foreign(text: &[u8]) -> Option<Kind> {
    let found = match () {
        () if text.starts_with(&[0xff, 0xfe]) || text.starts_with(&[0xfe, 0xff]) => {
            ("UTF-16 text", "save it as UTF-8")
        }
        () if text.starts_with(b"<") => ("XML or HTML", "export it as FHIR JSON"),
        () if text.starts_with(b"%PDF") => ("a PDF document", "give its words as UTF-8 text (.txt)"),
        () if text.starts_with(b"PK\x03\x04") => {
            ("a zip archive or office document", "unpack it, or save it as text")
        }
        () if text.get(128..132) == Some(b"DICM") => {
            ("a DICOM image", "leave it out: images are not read yet")
        }
        () if text.iter().take(1024).any(|byte| *byte == 0) => {
            ("binary data", "give FHIR JSON or NDJSON, VCF, MAF or text notes (.txt)")
        }
        () => return None,
    };
    Some(Kind::Unread(found.0, found.1))
}

/// A note is a document with spans for later stages; nothing in it is read as a fact here but the day in its head.
fn note(file: &InputFile, bytes: &[u8]) -> Facts {
    let source = Source { file: file.name.clone(), place: Place::File };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => {
            let what = format!("not UTF-8 from byte {} on", error.valid_up_to());
            return lost(file, what, "save the note as UTF-8 text");
        }
    };
    let when = concilium_notes::day_of(text);
    let meta = Meta { id: format!("Note/{}", file.name), when, sources: vec![source], ..Meta::default() };
    let title = file.name.rsplit('/').next().unwrap_or(&file.name).to_owned();
    Facts {
        documents: vec![Document { meta, title, text: text.to_owned() }],
        inputs: vec![InputItem { id: file.name.clone(), file: file.name.clone(), facts: 1 }],
        ..Facts::default()
    }
}

fn lost(file: &InputFile, what: String, remedy: &str) -> Facts {
    let source = Source { file: file.name.clone(), place: Place::File };
    Facts {
        issues: vec![Issue { level: Level::Lost, source, what, remedy: remedy.into() }],
        inputs: vec![InputItem { id: file.name.clone(), file: file.name.clone(), facts: 0 }],
        ..Facts::default()
    }
}
