//! What lies in one part, and how is it written and read?
//!
//! A part is what one input file gave: `KEY.jsonl.gz` (documents, one a line, in gzip members of some documents each, so
//! that one document can be read without unpacking the rest), `KEY.ids` (which document stands where) and `KEY.json`
//! (the record below). The record is written last: without it the other two are remains of a killed import.

use super::disk::{Disk, Durable, unfinished, write_whole};
use super::error::{CorpusError, Result, files};
use super::source::{hex, sha256};
use concilium_evidence::passage::{Document, DocumentId, Standing};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Shape of the files of a part.
pub const PART_FORMAT: u32 = 1;

/// Documents of one gzip member at most.
const BLOCK_DOCUMENTS: u32 = 64;
/// Unpacked bytes after which a gzip member is closed.
const BLOCK_BYTES: usize = 1 << 18;
/// Refused records named one by one; the rest is only counted.
const NAMED_REFUSALS: usize = 50;

/// A record that was left out: where it stands and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Byte, line or id.
    pub at: String,
    /// Kind of reason, counted in [`Part::refused`].
    pub reason: String,
    /// More words, when there are any.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// What one document says about another: a retraction notice about the article it retracts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Spoken of.
    pub about: DocumentId,
    /// Said by.
    pub by: DocumentId,
    /// What it means.
    pub standing: Standing,
}

/// Record of a finished part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// [`PART_FORMAT`] of the program that wrote it.
    pub format: u32,
    /// First 16 letters of `input_sha256`; name of the files.
    pub key: String,
    /// Input file name, without its folder.
    pub input: String,
    /// sha256 of the input as it lay on disk, side file included.
    pub input_sha256: String,
    /// Importer.
    pub importer: String,
    /// When, as given by the caller.
    pub imported: String,
    /// Place in the source's own order (number of a PubMed file, newest review day of a CIViC release); a part without
    /// one stands with the last part before it.
    pub rank: u64,
    /// Order of import; decides among parts of the same rank.
    pub sequence: u64,
    /// Records read.
    pub read: u64,
    /// Documents kept.
    pub kept: u64,
    /// Records that repeat one of this input to the letter.
    pub repeated: u64,
    /// Records left out, by reason.
    pub refused: BTreeMap<String, u64>,
    /// The first of them by name.
    pub refusals: Vec<Refusal>,
    /// Documents the source took back: gone from this and every earlier part.
    pub deleted: Vec<DocumentId>,
    /// Beginning of the ids this input lists completely: what it does not hold is gone from earlier parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<String>,
    /// Notices about other documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// sha256 of the documents' lines before packing.
    pub content_sha256: String,
    /// sha256 of `KEY.jsonl.gz`.
    pub packed_sha256: String,
    /// sha256 of `KEY.ids`.
    pub ids_sha256: String,
    /// Bytes of `KEY.jsonl.gz`.
    pub packed_bytes: u64,
}

/// One line of `KEY.ids`: which document, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// First byte of its gzip member.
    pub at: u64,
    /// Line within the member.
    pub line: u32,
    pub id: String,
    pub version: String,
    /// Its other ids, under which a notice may speak of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
}

/// Paths of the three files of a part.
pub(crate) struct Paths {
    pub record: PathBuf,
    pub documents: PathBuf,
    pub ids: PathBuf,
}

impl Paths {
    /// Those of a key under `corpus/parts`.
    pub fn of(corpus: &Path, key: &str) -> Paths {
        let folder = corpus.join("parts");
        Paths {
            record: folder.join(format!("{key}.json")),
            documents: folder.join(format!("{key}.jsonl.gz")),
            ids: folder.join(format!("{key}.ids")),
        }
    }
}

/// Writes the documents of a part; nothing has its final name before [`PartWriter::finish`].
pub(crate) struct PartWriter<'d> {
    disk: &'d dyn Disk,
    paths: Paths,
    documents: Hashed,
    ids: Hashed,
    block: Vec<u8>,
    rows: Vec<u8>,
    lines: u32,
    content: Sha256,
}

impl<'d> PartWriter<'d> {
    /// Opens the unfinished files.
    pub fn new(disk: &'d dyn Disk, corpus: &Path, key: &str) -> Result<PartWriter<'d>> {
        let paths = Paths::of(corpus, key);
        let open = |path: &Path| {
            let path = unfinished(path);
            disk.create(&path).map(Hashed::new).map_err(files("write", &path))
        };
        let (documents, ids) = (open(&paths.documents)?, open(&paths.ids)?);
        Ok(PartWriter {
            disk,
            documents,
            ids,
            paths,
            block: vec![],
            rows: vec![],
            lines: 0,
            content: Sha256::new(),
        })
    }

    /// One document as its line; the line break is added here.
    pub fn line(&mut self, document: &Document, line: &[u8]) -> Result<()> {
        let row = Row {
            at: self.documents.bytes,
            line: self.lines,
            id: document.id.0.clone(),
            version: document.version.clone(),
            ids: document.ids.clone(),
        };
        self.rows.extend(serde_json::to_vec(&row).unwrap_or_default());
        self.rows.push(b'\n');
        self.block.extend_from_slice(line);
        self.block.push(b'\n');
        self.lines += 1;
        if BLOCK_DOCUMENTS <= self.lines || BLOCK_BYTES <= self.block.len() {
            self.close_block()?;
        }
        Ok(())
    }

    fn close_block(&mut self) -> Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        self.content.update(&self.block);
        let failed = |error| files("write", &self.paths.documents)(error);
        // Level 3: half the time of the default for a tenth more bytes; no time stamp in the header.
        let mut packer = GzEncoder::new(vec![], Compression::new(3));
        packer.write_all(&self.block).map_err(failed)?;
        let packed = packer.finish().map_err(failed)?;
        self.documents.write(&packed).map_err(failed)?;
        self.ids.write(&self.rows).map_err(files("write", &self.paths.ids))?;
        self.block.clear();
        self.rows.clear();
        self.lines = 0;
        Ok(())
    }

    /// Gives the files their names, the record last.
    pub fn finish(mut self, mut part: Part) -> Result<Part> {
        self.close_block()?;
        part.content_sha256 = hex(&self.content.finalize());
        part.packed_bytes = self.documents.bytes;
        let (disk, paths) = (self.disk, &self.paths);
        part.packed_sha256 = self.documents.finish().map_err(files("write", &paths.documents))?;
        part.ids_sha256 = self.ids.finish().map_err(files("write", &paths.ids))?;
        for path in [&paths.documents, &paths.ids] {
            disk.rename(&unfinished(path), path).map_err(files("write", path))?;
        }
        let folder = paths.record.parent().unwrap_or(Path::new("."));
        disk.sync_folder(folder).map_err(files("write", folder))?;
        let mut record = serde_json::to_vec_pretty(&part).unwrap_or_default();
        record.push(b'\n');
        write_whole(disk, &paths.record, &record).map_err(files("write", &paths.record))?;
        disk.sync_folder(folder).map_err(files("write", folder))?;
        Ok(part)
    }
}

/// A file that knows its length and hash.
struct Hashed {
    file: Box<dyn Durable>,
    sha: Sha256,
    bytes: u64,
}

impl Hashed {
    fn new(file: Box<dyn Durable>) -> Hashed {
        Hashed { file, sha: Sha256::new(), bytes: 0 }
    }
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.sha.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }
    fn finish(mut self) -> io::Result<String> {
        self.file.sync()?;
        Ok(hex(&self.sha.finalize()))
    }
}

impl Part {
    /// A record with nothing counted yet.
    pub(crate) fn empty(input: String, input_sha256: String, importer: &str, imported: String) -> Part {
        Part {
            format: PART_FORMAT,
            key: input_sha256.chars().take(16).collect(),
            input,
            input_sha256,
            importer: importer.to_owned(),
            imported,
            rank: 0,
            sequence: 0,
            read: 0,
            kept: 0,
            repeated: 0,
            refused: BTreeMap::new(),
            refusals: vec![],
            deleted: vec![],
            complete: None,
            notices: vec![],
            content_sha256: String::new(),
            packed_sha256: String::new(),
            ids_sha256: String::new(),
            packed_bytes: 0,
        }
    }

    /// Counts a refused record.
    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        *self.refused.entry(refusal.reason.clone()).or_default() += 1;
        if self.refusals.len() < NAMED_REFUSALS {
            self.refusals.push(refusal);
        }
    }

    /// Records left out, all reasons together.
    pub fn refused_in_all(&self) -> u64 {
        self.refused.values().sum()
    }

    /// Reads the record.
    pub(crate) fn read_record(corpus: &Path, path: &Path) -> Result<Part> {
        let bytes = std::fs::read(path).map_err(files("read", path))?;
        let part: Part = serde_json::from_slice(&bytes).map_err(|_| {
            damaged(corpus, path, "is no record of a part", "delete this part's files and import again")
        })?;
        if part.format != PART_FORMAT {
            let what = format!("has format {}, this program reads {PART_FORMAT}", part.format);
            return Err(damaged(corpus, path, &what, "import into a new corpus"));
        }
        Ok(part)
    }
}

/// Rows of `KEY.ids`, in order.
pub(crate) fn rows(corpus: &Path, key: &str) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
    let path = Paths::of(corpus, key).ids;
    let file = File::open(&path).map_err(files("read", &path))?;
    let corpus = corpus.to_owned();
    let lines = BufReader::with_capacity(1 << 16, file).split(b'\n');
    Ok(lines.map(move |line| {
        let line = line.map_err(files("read", &path))?;
        serde_json::from_slice(&line).map_err(|_| damaged(&corpus, &path, "a line is no row", REBUILD))
    }))
}

const REBUILD: &str = "delete this part's files and import its input again";

/// Lines of the documents, in order.
pub(crate) struct Lines {
    reader: BufReader<flate2::bufread::MultiGzDecoder<BufReader<File>>>,
    corpus: PathBuf,
    path: PathBuf,
}

impl Lines {
    pub fn open(corpus: &Path, key: &str) -> Result<Lines> {
        let path = Paths::of(corpus, key).documents;
        let file = File::open(&path).map_err(files("read", &path))?;
        let packed = BufReader::with_capacity(1 << 16, file);
        let unpacked = flate2::bufread::MultiGzDecoder::new(packed);
        let reader = BufReader::with_capacity(1 << 16, unpacked);
        Ok(Lines { reader, corpus: corpus.to_owned(), path })
    }

    /// The next line; an error at the end, because rows say how many there are.
    pub fn next_line(&mut self, line: &mut Vec<u8>) -> Result<()> {
        line.clear();
        let read = self.reader.read_until(b'\n', line);
        let whole = read.is_ok() && line.pop() == Some(b'\n');
        if whole { Ok(()) } else { Err(damaged(&self.corpus, &self.path, "is cut short", REBUILD)) }
    }

    /// The document of a line, its text held against its hash.
    pub fn parse(&self, line: &[u8]) -> Result<Document> {
        parse(&self.corpus, &self.path, line)
    }
}

fn parse(corpus: &Path, path: &Path, line: &[u8]) -> Result<Document> {
    let document: Document =
        serde_json::from_slice(line).map_err(|_| damaged(corpus, path, "a line is no document", REBUILD))?;
    if sha256(document.text.as_bytes()) != document.sha256 {
        let what = format!("the text of {} is not what was hashed", document.id);
        return Err(damaged(corpus, path, &what, REBUILD));
    }
    Ok(document)
}

/// The lines of the gzip member that begins here, unpacked.
pub(crate) fn member_at(corpus: &Path, key: &str, offset: u64) -> Result<Vec<u8>> {
    let path = Paths::of(corpus, key).documents;
    let mut file = File::open(&path).map_err(files("read", &path))?;
    file.seek(SeekFrom::Start(offset)).map_err(files("read", &path))?;
    let mut lines = vec![];
    let unpacked = GzDecoder::new(BufReader::new(file)).read_to_end(&mut lines);
    unpacked.map_err(|_| damaged(corpus, &path, "is cut short", REBUILD))?;
    Ok(lines)
}

/// The document of one of the member's lines.
pub(crate) fn document_in(corpus: &Path, key: &str, member: &[u8], line: u32) -> Result<Document> {
    let path = Paths::of(corpus, key).documents;
    match member.split(|byte| *byte == b'\n').nth(line as usize) {
        Some(bytes) if !bytes.is_empty() => parse(corpus, &path, bytes),
        _ => Err(damaged(corpus, &path, "is cut short", REBUILD)),
    }
}

/// What is wrong with the files of a part.
pub(crate) fn verify(corpus: &Path, part: &Part) -> Result<Vec<String>> {
    let paths = Paths::of(corpus, &part.key);
    let mut problems = vec![];
    for (path, expected) in [(&paths.documents, &part.packed_sha256), (&paths.ids, &part.ids_sha256)] {
        let found = hash_file(path)?;
        if &found != expected {
            problems.push(format!("{}: hash {found} is not the recorded {expected}", path.display()));
        }
    }
    if problems.is_empty() {
        problems.extend(verify_lines(corpus, part)?);
    }
    Ok(problems)
}

fn verify_lines(corpus: &Path, part: &Part) -> Result<Vec<String>> {
    let (mut lines, mut line, mut problems) = (Lines::open(corpus, &part.key)?, vec![], vec![]);
    let mut count = 0;
    for row in rows(corpus, &part.key)? {
        let row = row?;
        lines.next_line(&mut line)?;
        count += 1;
        match lines.parse(&line) {
            Ok(document) if document.id.0 == row.id => problems.extend(super::text::problem(&document)),
            Ok(_) => problems.push(format!("part {}: {} stands where another belongs", part.key, row.id)),
            Err(error) => problems.push(error.to_string()),
        }
    }
    if count != part.kept {
        problems.push(format!("part {}: {count} documents, recorded {}", part.key, part.kept));
    }
    Ok(problems)
}

fn hash_file(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(files("read", path))?;
    let (mut sha, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer).map_err(files("read", path))? {
            0 => return Ok(hex(&sha.finalize())),
            n => sha.update(&buffer[..n]),
        }
    }
}

pub(crate) fn damaged(corpus: &Path, path: &Path, what: &str, remedy: &'static str) -> CorpusError {
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    CorpusError::Corpus { folder: corpus.to_owned(), what: format!("{file} {what}"), remedy }
}
