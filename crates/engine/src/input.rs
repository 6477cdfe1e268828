//! Which files were handed in, and which reader is each for?

use concilium_case::{Document, Facts, InputItem, Issue, Level, Meta, Origin, Place, Source};
use concilium_knowledge::Knowledge;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
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
}

impl InputFile {
    /// sha256 of the bytes, hex.
    pub fn sha256(&self) -> String {
        hex(&Sha256::digest(&self.bytes))
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// sha256 of a text, hex.
pub fn sha256_text(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// Files of the paths given; folders are walked in name order, hidden files and `expected.json` skipped.
///
/// # Errors
/// A path that cannot be read, or a folder without records.
pub fn gather(paths: &[PathBuf]) -> Result<Vec<InputFile>, InputError> {
    let mut files = Vec::new();
    for path in paths {
        let before = files.len();
        walk(path, path, &mut files)?;
        if files.len() == before {
            return Err(InputError::Empty { path: path.clone() });
        }
    }
    files.sort_by(|a: &InputFile, b| (&a.name, &a.bytes).cmp(&(&b.name, &b.bytes)));
    files.dedup();
    unique_names(&mut files);
    Ok(files)
}

/// Two different files of one name keep both: the later one is told apart by its hash.
fn unique_names(files: &mut [InputFile]) {
    for at in 1..files.len() {
        if files[..at].iter().any(|f| f.name == files[at].name) {
            files[at].name = format!("{}~{}", files[at].name, &files[at].sha256()[..8]);
        }
    }
}

fn walk(top: &Path, path: &Path, files: &mut Vec<InputFile>) -> Result<(), InputError> {
    let failed = |source| InputError::Read { path: path.to_owned(), source };
    if path.is_dir() {
        let mut inside: Vec<PathBuf> =
            std::fs::read_dir(path).map_err(failed)?.filter_map(|e| e.ok().map(|e| e.path())).collect();
        inside.sort();
        return inside.iter().filter(|p| is_record(p)).try_for_each(|p| walk(top, p, files));
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    files.push(InputFile { name: short_name(top, path), bytes });
    Ok(())
}

/// Inside a folder only files with a reader are taken; what a user names is always taken.
fn is_record(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let known = ["json", "ndjson", "vcf", "maf", "txt", "md", "gz"];
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    !name.starts_with('.')
        && name != "expected.json"
        && (path.is_dir() || known.contains(&extension.as_str()))
}

fn short_name(top: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(top).ok().filter(|p| !p.as_os_str().is_empty());
    let name = inside.map(|p| p.to_string_lossy().replace('\\', "/"));
    name.unwrap_or_else(|| path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default())
}

/// Reads one file into facts; what cannot be read at all is an issue that names the file and the remedy.
pub fn read_file(file: &InputFile, knowledge: &Knowledge, max_bytes: usize) -> Facts {
    match unpacked(file, max_bytes) {
        Ok(bytes) => read_bytes(file, &bytes, knowledge),
        Err(what) => lost(file, what, "unpack it, or raise max-input-bytes"),
    }
}

fn unpacked(file: &InputFile, max_bytes: usize) -> Result<Vec<u8>, String> {
    let packed = file.bytes.starts_with(&[0x1f, 0x8b]);
    if !packed {
        let fits = file.bytes.len() <= max_bytes;
        return if fits {
            Ok(file.bytes.clone())
        } else {
            Err(format!("{} bytes, limit {max_bytes}", file.bytes.len()))
        };
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX).saturating_add(1);
    let read = flate2::read::MultiGzDecoder::new(file.bytes.as_slice()).take(limit).read_to_end(&mut bytes);
    match read {
        Ok(_) if bytes.len() <= max_bytes => Ok(bytes),
        Ok(_) => Err(format!("more than {max_bytes} bytes when unpacked")),
        Err(error) => Err(format!("not a readable gzip file: {error}")),
    }
}

fn read_bytes(file: &InputFile, bytes: &[u8], knowledge: &Knowledge) -> Facts {
    match kind_of(&file.name, bytes) {
        Kind::Fhir => concilium_fhir::read(&file.name, bytes).unwrap_or_else(|error| {
            lost(file, error.to_string(), "give a FHIR R4 resource, Bundle or NDJSON export")
        }),
        Kind::Vcf => concilium_genomics::read_vcf(&file.name, bytes, &vcf_options(&file.name, knowledge))
            .unwrap_or_else(|error| lost(file, error.to_string(), "give a VCF 4.x file")),
        Kind::Maf => concilium_genomics::read_maf(&file.name, bytes, &vcf_options(&file.name, knowledge))
            .unwrap_or_else(|error| lost(file, error.to_string(), "give a MAF file with its header line")),
        Kind::Note => note(file, bytes),
        Kind::Unknown => lost(
            file,
            "no reader for this kind of file".into(),
            "give FHIR JSON, NDJSON, VCF, MAF or text notes",
        ),
    }
}

/// A file that calls itself germline is read as one; VCF has no standard place to say so.
fn vcf_options<'k>(name: &str, knowledge: &'k Knowledge) -> concilium_genomics::Options<'k> {
    let germline = name.to_lowercase().contains("germline");
    let origin = if germline { Origin::Germline } else { Origin::Unknown };
    concilium_genomics::Options { origin, ..concilium_genomics::Options::new(knowledge) }
}

enum Kind {
    Fhir,
    Vcf,
    Maf,
    Note,
    Unknown,
}

/// By what stands in it first, by its name second.
fn kind_of(name: &str, bytes: &[u8]) -> Kind {
    let lower = name.to_lowercase();
    let lower = lower.strip_suffix(".gz").unwrap_or(&lower);
    let lower = lower.split('~').next().unwrap_or(lower);
    let start = bytes.iter().find(|b| !b.is_ascii_whitespace() && !matches!(b, 0xef | 0xbb | 0xbf));
    match () {
        () if bytes.starts_with(b"##fileformat=VCF") || lower.ends_with(".vcf") => Kind::Vcf,
        () if lower.ends_with(".maf") || bytes.starts_with(b"Hugo_Symbol") => Kind::Maf,
        () if lower.ends_with(".txt") || lower.ends_with(".md") => Kind::Note,
        () if lower.ends_with("json") || matches!(start, Some(b'{' | b'[')) => Kind::Fhir,
        () => Kind::Unknown,
    }
}

/// A note is a document with spans for later stages; nothing in it is read as a fact here.
fn note(file: &InputFile, bytes: &[u8]) -> Facts {
    let source = Source { file: file.name.clone(), place: Place::File };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return lost(file, "not UTF-8".into(), "save the note as UTF-8 text");
    };
    let meta = Meta { id: format!("Note/{}", file.name), sources: vec![source], ..Meta::default() };
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
