//! How is one DICOM file opened? Its header becomes a data set; its pixels stay where they are until they are asked for.

use crate::bounds::{Encoding, Layout, Pixels, Stop, walk};
use crate::error::{DicomError, named};
use dicom_core::Tag;
use dicom_dictionary_std::uids;
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::entries;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Most headers fit; what does not is read again, whole.
const FIRST_READ: usize = 1 << 16;
/// Largest number of bytes a deflated data set may unpack to.
const MAX_INFLATED: u64 = 1 << 32;
const PREAMBLE: usize = 128;
const TRANSFER_SYNTAX: Tag = Tag(0x0002, 0x0010);

/// Where the bytes of a data set are.
#[derive(Clone, Debug)]
enum Bytes {
    /// On disk, the data set beginning at this byte.
    Disk { path: PathBuf, start: u64 },
    /// Here: a deflated data set, or one that was never on disk.
    Here(Vec<u8>),
}

/// A file that was opened.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    /// Its name for messages.
    pub name: String,
    /// What stands before the pixel data.
    pub header: InMemDicomObject,
    /// Transfer Syntax UID.
    pub syntax: String,
    pub encoding: Encoding,
    pub pixels: Option<Pixels>,
    bytes: Bytes,
}

/// The file's own name: folders may bear a patient's name.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn stopped(name: &str, stop: Stop) -> DicomError {
    match stop {
        Stop::Short => DicomError::file(name, "ends in the middle of an element: the file is cut off"),
        Stop::At(tag, what) => {
            DicomError::File { file: name.to_owned(), what: format!("{}: {what}", named(tag)) }
        }
    }
}

/// Do these bytes begin like a DICOM file?
pub(crate) fn looks_like_dicom(bytes: &[u8]) -> bool {
    bytes.get(PREAMBLE..PREAMBLE + 4) == Some(b"DICM")
}

/// The transfer syntax and where the data set begins, from the file meta information (always explicit little-endian).
fn meta(name: &str, bytes: &[u8]) -> Result<(String, usize), DicomError> {
    if !looks_like_dicom(bytes) {
        return Err(DicomError::file(name, "is no DICOM file: `DICM` does not stand at byte 128"));
    }
    let (mut at, mut syntax) = (PREAMBLE + 4, None);
    let cut = || DicomError::file(name, "ends in its file meta information: the file is cut off");
    while let Some(&[2, 0, low, high, vr @ .., short_low, short_high]) = chunk::<8>(bytes, at) {
        let (value, length) = if matches!(&vr, b"OB" | b"UN" | b"OW" | b"SQ" | b"UT") {
            (at + 12, u32::from_le_bytes(*chunk(bytes, at + 8).ok_or_else(cut)?) as usize)
        } else {
            (at + 8, usize::from(u16::from_le_bytes([short_low, short_high])))
        };
        at = value.saturating_add(length);
        let value = bytes.get(value..at).ok_or_else(cut)?;
        if [low, high] == [0x10, 0x00] {
            syntax = Some(String::from_utf8_lossy(value).trim_matches([' ', '\0']).to_owned());
        }
    }
    let missing = || DicomError::tag(name, TRANSFER_SYNTAX, "is missing");
    Ok((syntax.filter(|uid| !uid.is_empty()).ok_or_else(missing)?, at))
}

fn chunk<const N: usize>(bytes: &[u8], at: usize) -> Option<&[u8; N]> {
    bytes.get(at..)?.first_chunk()
}

fn encoding(syntax: &str) -> Encoding {
    match syntax {
        uids::IMPLICIT_VR_LITTLE_ENDIAN => Encoding::Implicit,
        EXPLICIT_BIG => Encoding::ExplicitBig,
        _ => Encoding::Explicit,
    }
}

/// Explicit VR Big Endian, retired from the standard.
pub(crate) const EXPLICIT_BIG: &str = "1.2.840.10008.1.2.2";

fn inflate(name: &str, packed: &[u8]) -> Result<Vec<u8>, DicomError> {
    let mut bytes = Vec::new();
    let mut unpacked = flate2::read::DeflateDecoder::new(packed).take(MAX_INFLATED + 1);
    unpacked
        .read_to_end(&mut bytes)
        .map_err(|_| DicomError::file(name, "its deflated data set is damaged or cut off"))?;
    if bytes.len() as u64 > MAX_INFLATED {
        return Err(DicomError::file(name, "its deflated data set unpacks to more than 4 GiB"));
    }
    Ok(bytes)
}

fn header(name: &str, bytes: &[u8], encoding: Encoding) -> Result<InMemDicomObject, DicomError> {
    let syntax = match encoding {
        Encoding::Implicit => entries::IMPLICIT_VR_LITTLE_ENDIAN.erased(),
        Encoding::Explicit => entries::EXPLICIT_VR_LITTLE_ENDIAN.erased(),
        Encoding::ExplicitBig => entries::EXPLICIT_VR_BIG_ENDIAN.erased(),
    };
    // What the parser says may hold a value of the record.
    InMemDicomObject::read_dataset_with_ts(bytes, &syntax)
        .map_err(|_| DicomError::file(name, "its elements cannot be read: the file is damaged"))
}

impl Opened {
    /// Opens a file, reading no more than its header.
    pub fn open(path: &Path) -> Result<Opened, DicomError> {
        let name = name_of(path);
        let failed = |source| DicomError::Io { file: name.clone(), source };
        let mut file = std::fs::File::open(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len() as usize;
        let mut bytes = Vec::with_capacity(FIRST_READ.min(size));
        (&mut file).take(FIRST_READ as u64).read_to_end(&mut bytes).map_err(failed)?;
        match Opened::begin(&name, &bytes, size, path) {
            Ok(Some(opened)) => Ok(opened),
            Ok(None) | Err(_) if bytes.len() < size => {
                file.read_to_end(&mut bytes).map_err(failed)?;
                let whole = Opened::begin(&name, &bytes, bytes.len(), path)?;
                whole.ok_or_else(|| stopped(&name, Stop::Short))
            }
            Ok(None) => Err(stopped(&name, Stop::Short)),
            Err(error) => Err(error),
        }
    }

    /// `None` when the bytes end before the header does.
    fn begin(name: &str, bytes: &[u8], size: usize, path: &Path) -> Result<Option<Opened>, DicomError> {
        let (syntax, start) = meta(name, bytes)?;
        if syntax == uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN {
            return if bytes.len() < size { Ok(None) } else { Opened::parse(name, bytes).map(Some) };
        }
        let encoding = encoding(&syntax);
        let layout = match walk(&bytes[start..], size - start, encoding) {
            Err(Stop::Short) => return Ok(None),
            other => other.map_err(|stop| stopped(name, stop))?,
        };
        let header = header(name, &bytes[start..start + layout.end], encoding)?;
        let bytes = Bytes::Disk { path: path.to_owned(), start: start as u64 };
        let pixels = layout.pixels;
        Ok(Some(Opened { name: name.to_owned(), header, syntax, encoding, pixels, bytes }))
    }

    /// The same from bytes that are all there is.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Opened, DicomError> {
        let (syntax, start) = meta(name, bytes)?;
        let encoding = encoding(&syntax);
        let data = match syntax.as_str() {
            uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN => inflate(name, &bytes[start..])?,
            _ => bytes[start..].to_vec(),
        };
        let Layout { end, pixels } = walk(&data, data.len(), encoding).map_err(|stop| stopped(name, stop))?;
        let header = header(name, &data[..end], encoding)?;
        Ok(Opened { name: name.to_owned(), header, syntax, encoding, pixels, bytes: Bytes::Here(data) })
    }

    /// Bytes of the pixel element from its value on: exactly its length, or all that follows where it has none.
    pub fn pixel_bytes(&self, pixels: &Pixels) -> Result<Vec<u8>, DicomError> {
        match &self.bytes {
            Bytes::Here(data) => {
                let end = pixels.length.map_or(data.len(), |length| pixels.start.saturating_add(length));
                let cut = || DicomError::tag(&self.name, pixels.tag, "is cut off");
                data.get(pixels.start..end).map(<[u8]>::to_vec).ok_or_else(cut)
            }
            Bytes::Disk { path, start } => {
                let failed = |source| DicomError::Io { file: self.name.clone(), source };
                let mut file = std::fs::File::open(path).map_err(failed)?;
                file.seek(SeekFrom::Start(start + pixels.start as u64)).map_err(failed)?;
                let mut bytes = Vec::with_capacity(pixels.length.unwrap_or(0));
                file.take(pixels.length.map_or(u64::MAX, |length| length as u64))
                    .read_to_end(&mut bytes)
                    .map_err(failed)?;
                if pixels.length.is_some_and(|length| length != bytes.len()) {
                    return Err(DicomError::tag(&self.name, pixels.tag, "is cut off"));
                }
                Ok(bytes)
            }
        }
    }
}
