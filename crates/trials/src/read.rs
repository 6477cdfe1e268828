//! How do trials come in? One file after another, whatever its shape: registry JSON, CTML, tables, FHIR, archives of
//! them. A record that cannot be kept is named and left out; the rest goes on.

mod ctgov;
mod ctml;
mod fhir;
mod json;
mod table;
mod yaml;

use crate::model::Trial;
use crate::text::Reader;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// A record that was left out: where it stands and why. Never its content.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Refusal {
    /// Line, number or name inside the file.
    pub at: String,
    /// Why.
    pub why: String,
}

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The disk.
    #[error("cannot read {file}")]
    Io {
        /// File name.
        file: String,
        /// Cause.
        source: io::Error,
    },
    /// Not one of the shapes.
    #[error("{file}: {what}; {remedy}")]
    Shape {
        /// File name.
        file: String,
        /// What was found.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
}

/// What a file gives, in its order.
#[derive(Debug)]
pub enum Item {
    /// A trial, with its criteria.
    Trial(Box<Trial>),
    /// Left out.
    Refused(Refusal),
}

/// Where items go.
pub type Sink<'a> = dyn FnMut(Item) + 'a;

/// Largest record and largest page, bytes of JSON or YAML.
const RECORD: usize = 64 << 20;
/// Largest entry of an archive, unpacked.
const ENTRY: u64 = 256 << 20;
/// Most entries of an archive.
const ENTRIES: usize = 2_000_000;

/// A record of one source with what names it.
pub(crate) struct Origin<'a> {
    pub reader: &'a Reader<'a>,
    /// File name without folders.
    pub file: String,
}

impl Origin<'_> {
    /// Source of a record in one format.
    pub fn source(&self, format: &str, version: &str, record: &[u8]) -> crate::model::TrialSource {
        crate::model::TrialSource {
            format: format.to_owned(),
            file: self.file.clone(),
            version: concilium_terms::PartialDate::parse(version.trim()).ok(),
            sha256: sha256(record),
        }
    }
}

/// Lower-case hexadecimal SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads one file.
///
/// # Errors
/// The file cannot be read, or is none of the shapes. Broken records are refused one by one.
pub fn read_file(path: &Path, reader: &Reader, sink: &mut Sink) -> Result<(), ReadError> {
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let failed = |source| ReadError::Io { file: file.clone(), source };
    let open = File::open(path).map_err(failed)?;
    let mut buffered = BufReader::with_capacity(1 << 16, open);
    let head = buffered.fill_buf().map_err(failed)?;
    if head.starts_with(b"PK\x03\x04") {
        return archive(path, &file, reader, sink);
    }
    let origin = Origin { reader, file: file.clone() };
    if head.starts_with(&[0x1f, 0x8b]) {
        let unpacked = BufReader::with_capacity(1 << 16, flate2::bufread::MultiGzDecoder::new(buffered));
        return stream(&origin, unpacked, sink);
    }
    stream(&origin, buffered, sink)
}

/// Reads bytes that stand for a file of this name.
///
/// # Errors
/// As [`read_file`].
pub fn read_bytes(name: &str, bytes: &[u8], reader: &Reader, sink: &mut Sink) -> Result<(), ReadError> {
    stream(&Origin { reader, file: name.to_owned() }, bytes, sink)
}

fn archive(path: &Path, file: &str, reader: &Reader, sink: &mut Sink) -> Result<(), ReadError> {
    let failed = |source| ReadError::Io { file: file.to_owned(), source };
    let damaged = || ReadError::Shape {
        file: file.to_owned(),
        what: "a damaged zip archive".to_owned(),
        remedy: "download it again",
    };
    let mut archive =
        zip::ZipArchive::new(BufReader::new(File::open(path).map_err(failed)?)).map_err(|_| damaged())?;
    let entries = archive.len().min(ENTRIES);
    for at in 0..entries {
        let mut refuse = |at: String, why: &str| sink(Item::Refused(Refusal { at, why: why.to_owned() }));
        let Ok(entry) = archive.by_index(at) else {
            refuse(format!("entry {}", at + 1), "the entry cannot be unpacked");
            continue;
        };
        if entry.is_dir() {
            continue;
        }
        let Ok(full) = entry.name().map(|name| name.into_owned()) else {
            refuse(format!("entry {}", at + 1), "the entry has no readable name");
            continue;
        };
        let name = Path::new(&full).file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.to_lowercase().ends_with("json") {
            refuse(name, "not a JSON file");
            continue;
        }
        let mut bytes = vec![];
        if entry.take(ENTRY + 1).read_to_end(&mut bytes).is_err() || ENTRY < bytes.len() as u64 {
            refuse(name, "the entry is damaged or larger than 256 MB");
            continue;
        }
        let origin = Origin { reader, file: format!("{file}/{name}") };
        if let Err(error) = stream(&origin, bytes.as_slice(), sink) {
            sink(Item::Refused(Refusal { at: name, why: error.to_string() }));
        }
    }
    Ok(())
}

fn stream(origin: &Origin, mut input: impl BufRead, sink: &mut Sink) -> Result<(), ReadError> {
    let failed = |source| ReadError::Io { file: origin.file.clone(), source };
    let mut head = vec![];
    input.by_ref().take(4096).read_to_end(&mut head).map_err(failed)?;
    let start = head.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(&head).to_vec();
    let first = start.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    let input = io::Cursor::new(start.clone()).chain(input);
    let name = origin.file.to_lowercase();
    let name = name.trim_end_matches(".gz");
    match first {
        None => Err(ReadError::Shape {
            file: origin.file.clone(),
            what: "the file is empty".into(),
            remedy: "copy it again",
        }),
        Some(b'{' | b'[') => json::read(origin, input, is_lines(name, &start), sink),
        _ if start.starts_with(b"nctid,") || start.starts_with(b"\"nctid\",") => {
            table::read(origin, input, sink)
        }
        _ if name.ends_with(".yaml") || name.ends_with(".yml") || start.starts_with(b"---") => {
            yaml::read(origin, input, sink)
        }
        _ => Err(ReadError::Shape {
            file: origin.file.clone(),
            what: "no shape that trials come in".into(),
            remedy: "give registry JSON (v2), CTML in JSON or YAML, a table with `nctid`, FHIR ResearchStudy, or a zip of JSON",
        }),
    }
}

/// By its name, or because its first line is a whole value and another follows.
fn is_lines(name: &str, head: &[u8]) -> bool {
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or(&[]);
    let whole = first.len() < head.len() && serde_json::from_slice::<serde::de::IgnoredAny>(first).is_ok();
    let more = head.get(first.len()..).is_some_and(|rest| rest.contains(&b'{'));
    name.ends_with(".jsonl") || name.ends_with(".ndjson") || whole && more
}
