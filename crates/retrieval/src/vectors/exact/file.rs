//! How do vectors lie in a file that cannot be mistaken for a whole one when it is not?
//!
//! Little-endian: eight letters of kind and version; dimensions, points and length of the names as `u64`; the names (one
//! JSON line of key and facets a point, ordered by key); the matrix of `f32`, row by row; sha256 of all that. The same
//! points give the same bytes.

use super::Rows;
use crate::corpus::disk::{Disk, Durable, Real, private_folder, unfinished};
use crate::filter::Facets;
use crate::vectors::StoreError;
use concilium_evidence::passage::PassageKey;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

/// Kind of file and version of its layout.
const KIND: &[u8; 8] = b"CONVEC01";
/// Kind, three numbers.
const HEADER: u64 = 8 + 3 * 8;
/// sha256.
const DIGEST: u64 = 32;

/// Writes under another name and renames when whole; an older file is replaced.
pub(super) fn write(path: &Path, dimensions: usize, rows: &Rows) -> Result<(), StoreError> {
    let whole = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        private_folder(folder)?;
        let unfinished = unfinished(path);
        let mut file = Real.create(&unfinished)?;
        write_rows(&mut *file, dimensions, rows)?;
        file.sync()?;
        Real.rename(&unfinished, path)?;
        Real.sync_folder(folder)
    };
    whole().map_err(|error: io::Error| failed(path, &format!("cannot be written: {error}")))
}

fn write_rows(file: &mut dyn Durable, dimensions: usize, rows: &Rows) -> io::Result<()> {
    let mut order: Vec<usize> = (0..rows.keys.len()).collect();
    order.sort_by_key(|&row| &rows.keys[row]);
    let mut names = Vec::new();
    for &row in &order {
        serde_json::to_writer(&mut names, &(&rows.keys[row], &rows.facets[row]))?;
        names.push(b'\n');
    }
    let mut file = Hashed { inner: file, hash: Sha256::new() };
    file.write_all(KIND)?;
    for number in [dimensions, order.len(), names.len()] {
        file.write_all(&(number as u64).to_le_bytes())?;
    }
    file.write_all(&names)?;
    for &row in &order {
        let numbers: Vec<u8> =
            rows.row(row, dimensions).iter().flat_map(|number| number.to_le_bytes()).collect();
        file.write_all(&numbers)?;
    }
    let digest = file.hash.finalize();
    file.inner.write_all(&digest)
}

/// Reads and verifies.
pub(super) fn read(path: &Path, dimensions: usize) -> Result<Rows, StoreError> {
    let unreadable = |error: io::Error| failed(path, &format!("cannot be read: {error}"));
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let damaged = |what: &str| failed(path, &format!("{what}; delete the file and index again"));
    if size < HEADER + DIGEST {
        return Err(damaged("is too short to be a file of vectors"));
    }
    let mut file = Hashed { inner: BufReader::with_capacity(1 << 20, file), hash: Sha256::new() };
    let kind: [u8; 8] = array(&mut file).map_err(unreadable)?;
    if &kind != KIND {
        return Err(damaged("is not a file of vectors, or one of another version"));
    }
    let mut numbers = [0_u64; 3];
    for number in &mut numbers {
        *number = u64::from_le_bytes(array(&mut file).map_err(unreadable)?);
    }
    let [width, points, names] = numbers;
    // Before anything is allocated: the header must agree with the size of the file.
    let expected = points.checked_mul(width).and_then(|cells| cells.checked_mul(4)?.checked_add(names));
    let fits = expected.and_then(|body| body.checked_add(HEADER + DIGEST)) == Some(size);
    if !fits || width == 0 || names < points {
        return Err(damaged(&format!(
            "has {size} bytes and says otherwise in its header: cut short or damaged"
        )));
    }
    let rows = rows(&mut file, width as usize, points as usize, names).map_err(unreadable)?;
    let digest = file.hash.finalize();
    let stated: [u8; DIGEST as usize] = array(&mut file.inner).map_err(unreadable)?;
    if digest[..] != stated {
        return Err(damaged("does not have the sha256 it states: damaged"));
    }
    if width != dimensions as u64 {
        let store = format!("exact at {}", path.display());
        return Err(StoreError::WrongSize { store, expected: width as usize, found: dimensions });
    }
    rows.ok_or_else(|| damaged("names its points in a way this version does not read"))
}

/// Names and matrix; `None` when the names make no sense. Reads to the end of the matrix in any case, for the hash.
fn rows(file: &mut impl Read, width: usize, points: usize, names: u64) -> io::Result<Option<Rows>> {
    let mut text = Vec::new();
    file.by_ref().take(names).read_to_end(&mut text)?;
    let mut matrix = Vec::with_capacity(width.saturating_mul(points));
    let mut row = vec![0_u8; width * 4];
    for _ in 0..points {
        file.read_exact(&mut row)?;
        matrix
            .extend(row.chunks_exact(4).map(|cell| f32::from_le_bytes([cell[0], cell[1], cell[2], cell[3]])));
    }
    let lines = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let Ok(named) = lines.map(serde_json::from_slice).collect::<Result<Vec<(PassageKey, Facets)>, _>>()
    else {
        return Ok(None);
    };
    let (keys, facets): (Vec<_>, Vec<_>) = named.into_iter().unzip();
    let row_of: std::collections::HashMap<_, _> = keys.iter().cloned().zip(0..).collect();
    Ok((row_of.len() == points).then_some(Rows { matrix, keys, facets, row_of }))
}

fn array<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn failed(path: &Path, what: &str) -> StoreError {
    StoreError::Failed { store: format!("exact at {}", path.display()), what: what.into() }
}

/// Hashes what passes.
struct Hashed<T> {
    inner: T,
    hash: Sha256,
}

impl<T: Read> Read for Hashed<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}

impl Write for Hashed<&mut dyn Durable> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.hash.update(&buffer[..written]);
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
