//! What is being read? One input file: hashed, unpacked when it is gzip, counted for progress, stoppable.

use super::error::{CorpusError, Result, files};
use concilium_models::Stop;
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// How much of the beginning is looked at to tell what a file is.
const HEAD: u64 = 4096;

/// Largest side file, bytes.
const SIDE: u64 = 1 << 20;

/// An input opened for reading; reads give the unpacked bytes.
pub struct Source<'a> {
    /// File name without its folder.
    pub name: String,
    /// sha256 over the file as it lies on disk, and over its side file when there is one; lower-case hex.
    pub sha256: String,
    /// Size on disk, bytes.
    pub bytes: u64,
    /// Contents of `NAME.meta.json`.
    pub side: Option<Vec<u8>>,
    head: Vec<u8>,
    reader: Box<dyn BufRead + 'a>,
    done: Rc<Cell<u64>>,
}

impl<'a> Source<'a> {
    /// Opens and hashes a file. Asks `stop` at every read.
    ///
    /// # Errors
    /// Unreadable, empty, or stopped.
    pub fn open(path: &Path, stop: Stop<'a>) -> Result<Source<'a>> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let mut file = File::open(path).map_err(files("read", path))?;
        let side = side(path)?;
        let (sha256, bytes) = hash(&mut file, side.as_deref(), path, stop)?;
        if bytes == 0 {
            return Err(refuse(&name, "the file is empty", "copy or download it again"));
        }
        file.rewind().map_err(files("read", path))?;
        let done = Rc::new(Cell::new(0));
        let counted = Counted { inner: file, done: Rc::clone(&done), stop };
        let mut packed = BufReader::with_capacity(1 << 16, counted);
        let gzip = packed.fill_buf().map_err(files("read", path))?.starts_with(&[0x1f, 0x8b]);
        let mut reader: Box<dyn BufRead + 'a> = if gzip {
            Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(packed)))
        } else {
            Box::new(packed)
        };
        let mut head = vec![];
        let peeked = reader.by_ref().take(HEAD).read_to_end(&mut head);
        let mut source = Source { name, sha256, bytes, side, head, reader: Box::new(io::empty()), done };
        peeked.map_err(|error| source.failed(error))?;
        source.refuse_other_encodings()?;
        source.reader = Box::new(io::Cursor::new(source.head.clone()).chain(reader));
        Ok(source)
    }

    /// Bytes of the file read so far, as it lies on disk.
    pub(crate) fn done(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.done)
    }

    /// The beginning of the file; reading starts before it.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Drops a UTF-8 mark; UTF-16 and UTF-32 marks are refused.
    fn refuse_other_encodings(&mut self) -> Result<()> {
        if self.head.starts_with(&[0xef, 0xbb, 0xbf]) {
            self.head.drain(..3);
        }
        if self.head.starts_with(&[0xff, 0xfe]) || self.head.starts_with(&[0xfe, 0xff]) {
            return Err(refuse(&self.name, "the file is UTF-16 or UTF-32", "convert it to UTF-8"));
        }
        Ok(())
    }

    /// What an error of reading means for the input.
    pub(crate) fn failed(&self, error: io::Error) -> CorpusError {
        if error.get_ref().is_some_and(|inner| inner.is::<StopAsked>()) {
            return CorpusError::Stopped;
        }
        if error.get_ref().is_some_and(|inner| inner.is::<TooLong>()) {
            return refuse(&self.name, "one record is too large to be read", "cut the file into records");
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                refuse(&self.name, "the gzip stream is cut short or damaged", "copy or download it again")
            }
            _ => CorpusError::Files { what: "read", path: PathBuf::from(&self.name), source: error },
        }
    }

    /// Refuses this input as a whole.
    pub(crate) fn refuse(&self, what: &str, remedy: &str) -> CorpusError {
        refuse(&self.name, what, remedy)
    }

    /// One line without its line break; `None` at the end. Longer lines than `limit` bytes are cut to nothing and
    /// given as `Err(length)`.
    pub(crate) fn line(&mut self, limit: usize) -> Result<Option<std::result::Result<Vec<u8>, u64>>> {
        let (mut line, mut length, mut any) = (vec![], 0u64, false);
        loop {
            let bytes = match self.reader.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) => return Err(self.failed(error)),
            };
            if bytes.is_empty() {
                break;
            }
            any = true;
            let end = memchr::memchr(b'\n', bytes);
            let part = &bytes[..end.unwrap_or(bytes.len())];
            length += part.len() as u64;
            if length <= limit as u64 {
                line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.reader.consume(used);
            if end.is_some() {
                break;
            }
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(any.then_some(if length <= limit as u64 { Ok(line) } else { Err(length) }))
    }

    /// Everything that is left, refused when longer than `limit` bytes.
    pub(crate) fn all(&mut self, limit: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![];
        let read = self.reader.by_ref().take(limit as u64 + 1).read_to_end(&mut bytes);
        read.map_err(|error| self.failed(error))?;
        if limit < bytes.len() {
            let what = format!("one document of more than {} MB", limit / 1_000_000);
            return Err(self.refuse(&what, "cut it into several files"));
        }
        Ok(bytes)
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

fn refuse(file: &str, what: &str, remedy: &str) -> CorpusError {
    CorpusError::Input { file: file.to_owned(), what: what.to_owned(), remedy: remedy.to_owned() }
}

/// `guideline.md` → `guideline.md.meta.json`, when there.
fn side(path: &Path) -> Result<Option<Vec<u8>>> {
    let mut name = path.as_os_str().to_owned();
    name.push(".meta.json");
    let side = PathBuf::from(name);
    let file = match File::open(&side) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(files("read", &side)(error)),
    };
    let mut bytes = vec![];
    file.take(SIDE).read_to_end(&mut bytes).map_err(files("read", &side))?;
    Ok(Some(bytes))
}

fn hash(file: &mut File, side: Option<&[u8]>, path: &Path, stop: Stop) -> Result<(String, u64)> {
    let (mut sha, mut length, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        if stop() {
            return Err(CorpusError::Stopped);
        }
        let n = file.read(&mut buffer).map_err(files("read", path))?;
        if n == 0 {
            break;
        }
        sha.update(&buffer[..n]);
        length += n as u64;
    }
    if let Some(side) = side {
        sha.update([0]);
        sha.update(side);
    }
    Ok((hex(&sha.finalize()), length))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// sha256 of bytes, lower-case hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Counts what passes and fails when asked to stop.
struct Counted<'a> {
    inner: File,
    done: Rc<Cell<u64>>,
    stop: Stop<'a>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if (self.stop)() {
            return Err(io::Error::other(StopAsked));
        }
        let n = self.inner.read(buffer)?;
        self.done.set(self.done.get() + n as u64);
        Ok(n)
    }
}

/// Marks an I/O error that only means "stop".
#[derive(Debug, thiserror::Error)]
#[error("stopped")]
struct StopAsked;

/// Fails when one record takes more bytes than allowed; whoever reads records resets the allowance after each.
pub(crate) struct Bounded<R> {
    inner: R,
    allowance: Allowance,
}

/// Bytes that may still be read for this record.
#[derive(Clone)]
pub(crate) struct Allowance {
    left: Rc<Cell<usize>>,
    limit: usize,
}

impl<R> Bounded<R> {
    pub fn new(inner: R, limit: usize) -> Bounded<R> {
        Bounded { inner, allowance: Allowance { left: Rc::new(Cell::new(limit)), limit } }
    }
    pub fn allowance(&self) -> Allowance {
        self.allowance.clone()
    }
}

impl Allowance {
    pub fn reset(&self) {
        self.left.set(self.limit);
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        let left = self.allowance.left.get().checked_sub(n).ok_or_else(|| io::Error::other(TooLong))?;
        self.allowance.left.set(left);
        Ok(n)
    }
}

/// Marks an I/O error that only means "this record is too long".
#[derive(Debug, thiserror::Error)]
#[error("a record is too large")]
struct TooLong;
