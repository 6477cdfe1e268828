//! Which bytes does a wheel hold under this path? A wheel is a zip archive; stored and deflated members are read.

use flate2::read::DeflateDecoder;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Signatures and sizes of PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16.
const END: [u8; 4] = *b"PK\x05\x06";
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const END_SIZE: u64 = 22;
const LONGEST_COMMENT: u64 = 0xffff;

/// Opens a member for reading.
pub fn member(wheel: &Path, path: &str) -> Result<Box<dyn Read>, String> {
    let mut file = File::open(wheel).map_err(|error| error.to_string())?;
    let found = find(&mut file, path).map_err(|error| format!("is no wheel that can be read ({error})"))?;
    let (method, packed, at) = found.ok_or_else(|| format!("holds no {path}"))?;
    let start = start(&mut file, at).map_err(|error| format!("{path}: {error}"))?;
    file.seek(SeekFrom::Start(start)).map_err(|error| error.to_string())?;
    let packed = file.take(packed);
    match method {
        0 => Ok(Box::new(packed)),
        8 => Ok(Box::new(DeflateDecoder::new(packed))),
        other => Err(format!("{path} is packed by method {other}; only 0 and 8 can be read")),
    }
}

/// Method, packed size and offset of the local header.
fn find(file: &mut File, path: &str) -> std::io::Result<Option<(u16, u64, u64)>> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail = length.min(END_SIZE + LONGEST_COMMENT);
    let bytes = read_at(file, length - tail, tail)?;
    let end = bytes.windows(4).rposition(|four| four == END);
    let end =
        end.and_then(|at| bytes.get(at..at + END_SIZE as usize)).ok_or_else(|| wrong("no end record"))?;
    let (size, offset) = (u64::from(u32_at(end, 12)), u64::from(u32_at(end, 16)));
    if length < offset + size {
        return Err(wrong("the directory lies outside"));
    }
    let directory = read_at(file, offset, size)?;
    let mut rest = &directory[..];
    while rest.starts_with(&ENTRY) && 46 <= rest.len() {
        let lengths = [28, 30, 32].map(|at| usize::from(u16_at(rest, at)));
        let whole = 46 + lengths.iter().sum::<usize>();
        let name = rest.get(46..46 + lengths[0]).ok_or_else(|| wrong("an entry is cut"))?;
        if name == path.as_bytes() {
            return Ok(Some((u16_at(rest, 10), u64::from(u32_at(rest, 20)), u64::from(u32_at(rest, 42)))));
        }
        rest = rest.get(whole..).ok_or_else(|| wrong("an entry is cut"))?;
    }
    Ok(None)
}

/// Where a member's bytes begin.
fn start(file: &mut File, at: u64) -> std::io::Result<u64> {
    let header = read_at(file, at, 30)?;
    if !header.starts_with(&LOCAL) {
        return Err(wrong("its header is missing"));
    }
    Ok(at + 30 + u64::from(u16_at(&header, 26)) + u64::from(u16_at(&header, 28)))
}

fn read_at(file: &mut File, at: u64, length: u64) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(wrong("it is cut")) }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn wrong(what: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::member;
    use proptest::prelude::*;
    use std::io::Read;

    /// Two stored members and a comment, as any zip program writes them.
    fn archive() -> Vec<u8> {
        let (mut bytes, mut directory) = (Vec::new(), Vec::new());
        for (name, data) in [("a/b", "first"), ("c", "second one")] {
            let at = bytes.len() as u32;
            let sizes =
                [[0u8; 4], (data.len() as u32).to_le_bytes(), (data.len() as u32).to_le_bytes()].concat();
            let names = [(name.len() as u16).to_le_bytes(), [0, 0]].concat();
            bytes.extend(
                [b"PK\x03\x04".as_slice(), &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0], &sizes, &names].concat(),
            );
            bytes.extend([name.as_bytes(), data.as_bytes()].concat());
            let head = [b"PK\x01\x02".as_slice(), &[20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0]].concat();
            directory
                .extend([&head, &sizes, &names, &[0; 10][..], &at.to_le_bytes(), name.as_bytes()].concat());
        }
        let (offset, size) = (bytes.len() as u32, directory.len() as u32);
        bytes.extend(directory);
        bytes.extend([b"PK\x05\x06".as_slice(), &[0, 0, 0, 0, 2, 0, 2, 0], &size.to_le_bytes()].concat());
        bytes.extend([&offset.to_le_bytes()[..], &[3, 0], b"end"].concat());
        bytes
    }

    fn read(bytes: &[u8], path: &str) -> Result<String, String> {
        let name = format!("concilium-wheel-{}-{:?}", std::process::id(), std::thread::current().id());
        let file = std::env::temp_dir().join(name);
        std::fs::write(&file, bytes).expect("temp file");
        let mut said = Vec::new();
        let read =
            member(&file, path).and_then(|mut m| m.read_to_end(&mut said).map_err(|error| error.to_string()));
        std::fs::remove_file(&file).expect("removed");
        read.map(|_| String::from_utf8_lossy(&said).into_owned())
    }

    #[test]
    fn members_are_found_by_path() {
        assert_eq!(read(&archive(), "a/b"), Ok("first".into()));
        assert_eq!(read(&archive(), "c"), Ok("second one".into()));
        assert_eq!(read(&archive(), "b"), Err("holds no b".into()));
        assert!(read(b"", "c").is_err_and(|why| why.contains("no end record")));
    }

    proptest! {
        #[test]
        fn damaged_archives_never_panic(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
            let mut bytes = archive();
            let at = at.index(bytes.len());
            if cut { bytes.truncate(at) } else { bytes[at] = byte }
            let _ = read(&bytes, "c");
        }
    }
}
