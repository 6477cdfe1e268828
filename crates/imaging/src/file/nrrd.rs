//! How is an NRRD file read and written?
//!
//! Three-dimensional scalar images, attached or detached, encodings raw and gzip. Fields that change what a voxel means
//! or where it lies and that we do not follow are refused, never ignored.

use super::bytes::{Kind, decode, encode, unzip, zip};
use super::{Beside, MAX_BYTES};
use crate::{Grid, ImagingError, Volume};
use std::collections::BTreeMap;

/// Longest header that is looked at.
const MAX_HEADER: usize = 1 << 20;

struct Header<'a> {
    file: &'a str,
    fields: BTreeMap<String, String>,
    data: &'a [u8],
}

impl Header<'_> {
    fn bad(&self, field: &str, what: impl Into<String>) -> ImagingError {
        ImagingError::field(self.file, field, what)
    }

    fn get(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }

    fn need(&self, field: &str) -> Result<&str, ImagingError> {
        self.get(field).ok_or_else(|| self.bad(field, "is missing"))
    }

    fn numbers<T: std::str::FromStr>(&self, field: &str) -> Result<Vec<T>, ImagingError> {
        let words = self.need(field)?.split_whitespace();
        words.map(|word| word.parse().map_err(|_| self.bad(field, "is not a list of numbers"))).collect()
    }

    /// `(a,b,c) (d,e,f) …`, axes in the file's order.
    fn vectors(&self, field: &str) -> Result<Vec<[f64; 3]>, ImagingError> {
        let refuse = || self.bad(field, "is not a list of three-dimensional vectors such as (1,0,0)");
        let mut vectors = Vec::new();
        for part in self.need(field)?.split(')').map(str::trim).filter(|part| !part.is_empty()) {
            let inner = part.strip_prefix('(').ok_or_else(refuse)?;
            let numbers: Option<Vec<f64>> = inner.split(',').map(|word| word.trim().parse().ok()).collect();
            vectors.push(numbers.and_then(|n| <[f64; 3]>::try_from(n).ok()).ok_or_else(refuse)?);
        }
        Ok(vectors)
    }
}

fn header<'a>(file: &'a str, bytes: &'a [u8]) -> Result<Header<'a>, ImagingError> {
    let mut fields = BTreeMap::new();
    let mut at = 0;
    let mut first = true;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let end = rest.iter().take(MAX_HEADER.saturating_sub(at)).position(|&b| b == b'\n');
        let line = &rest[..end.unwrap_or(rest.len().min(MAX_HEADER))];
        at += line.len() + 1;
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end_matches('\r');
        if first {
            if !matches!(line, "NRRD0001" | "NRRD0002" | "NRRD0003" | "NRRD0004" | "NRRD0005") {
                return Err(ImagingError::field(file, "magic", "is not NRRD0001 to NRRD0005"));
            }
            first = false;
        } else if line.is_empty() {
            return Ok(Header { file, fields, data: bytes.get(at..).unwrap_or_default() });
        } else if !line.starts_with('#') && !line.contains(":=") {
            let Some((field, value)) = line.split_once(": ") else {
                return Err(ImagingError::field(
                    file,
                    "header",
                    "has a line that is no field, comment or key",
                ));
            };
            if fields.insert(field.trim().to_lowercase(), value.trim().to_owned()).is_some() {
                return Err(ImagingError::field(file, field, "stands twice"));
            }
        }
        if end.is_none() {
            // A detached header may end with its file.
            return Ok(Header { file, fields, data: &[] });
        }
    }
}

/// Reads an NRRD file or a detached header.
pub fn parse(file: &str, bytes: &[u8], beside: &Beside) -> Result<Volume, ImagingError> {
    let header = header(file, bytes)?;
    for field in ["line skip", "lineskip", "byte skip", "byteskip"] {
        if header.get(field).is_some_and(|value| value != "0") {
            return Err(header.bad(field, "skipping is not supported"));
        }
    }
    let grid = grid(&header)?;
    let kind = kind(&header)?;
    let big = match (kind.size(), header.get("endian")) {
        (1, _) | (_, Some("little")) => false,
        (_, Some("big")) => true,
        (_, other) => return Err(header.bad("endian", format!("is {}", other.unwrap_or("missing")))),
    };
    let size = grid.len() * kind.size();
    if size > MAX_BYTES {
        return Err(header.bad("sizes", format!("need more than {MAX_BYTES} bytes")));
    }
    let detached = match header.get("data file").or(header.get("datafile")) {
        Some(name) => Some(beside.load(file, name)?),
        None => None,
    };
    let stored = detached.as_deref().unwrap_or(header.data);
    let encoding = header.need("encoding")?.to_lowercase();
    let unpacked = match encoding.as_str() {
        "raw" => std::borrow::Cow::Borrowed(stored),
        "gzip" | "gz" => std::borrow::Cow::Owned(unzip(file, "encoding", stored, Some(size))?),
        other => return Err(header.bad("encoding", format!("{other} is not supported (raw and gzip are)"))),
    };
    if unpacked.len() != size {
        return Err(header.bad("sizes", format!("need {size} bytes of voxels, there are {}", unpacked.len())));
    }
    Volume::new(grid, decode(file, &unpacked, kind, big)?)
}

fn kind(header: &Header) -> Result<Kind, ImagingError> {
    Ok(match header.need("type")?.to_lowercase().as_str() {
        "signed char" | "int8" | "int8_t" => Kind::I8,
        "uchar" | "unsigned char" | "uint8" | "uint8_t" => Kind::U8,
        "short" | "short int" | "signed short" | "signed short int" | "int16" | "int16_t" => Kind::I16,
        "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => Kind::U16,
        "int" | "signed int" | "int32" | "int32_t" => Kind::I32,
        "uint" | "unsigned int" | "uint32" | "uint32_t" => Kind::U32,
        "longlong" | "long long" | "long long int" | "signed long long" | "int64" | "int64_t" => Kind::I64,
        "ulonglong" | "unsigned long long" | "unsigned long long int" | "uint64" | "uint64_t" => Kind::U64,
        "float" => Kind::F32,
        "double" => Kind::F64,
        other => return Err(header.bad("type", format!("{other} is not supported"))),
    })
}

fn grid(header: &Header) -> Result<Grid, ImagingError> {
    if header.need("dimension")?.parse() != Ok(3u8) {
        return Err(header.bad("dimension", "must be 3: split channels or time points first"));
    }
    let sizes: Vec<usize> = header.numbers("sizes")?;
    let [nx, ny, nz] = sizes[..] else { return Err(header.bad("sizes", "must be three")) };
    let wrap = |field: &'static str| move |error: ImagingError| header.bad(field, error.to_string());
    let sign = match header.get("space").map(str::to_lowercase).as_deref() {
        Some("left-posterior-superior" | "lps") => [1.0, 1.0, 1.0],
        Some("right-anterior-superior" | "ras") => [-1.0, -1.0, 1.0],
        Some("left-anterior-superior" | "las") => [1.0, -1.0, 1.0],
        None if header.get("spacings").is_some() => {
            let spacings: Vec<f64> = header.numbers("spacings")?;
            let [x, y, z] = spacings[..] else { return Err(header.bad("spacings", "must be three")) };
            return Grid::upright([nz, ny, nx], [z, y, x]).map_err(wrap("spacings"));
        }
        None => return Err(header.bad("space", "is missing, and so are spacings")),
        Some(other) => return Err(header.bad("space", format!("{other} is not supported"))),
    };
    if header.get("space units").is_some_and(|units| units.split_whitespace().any(|unit| unit != "\"mm\"")) {
        return Err(header.bad("space units", "must be \"mm\""));
    }
    let vectors = header.vectors("space directions")?;
    let [x, y, z] = vectors[..] else { return Err(header.bad("space directions", "must be three")) };
    let lps = |v: [f64; 3]| -> [f64; 3] { std::array::from_fn(|part| sign[part] * v[part]) };
    let length = |v: [f64; 3]| v.iter().map(|part| part * part).sum::<f64>().sqrt();
    let spacing = [length(z), length(y), length(x)];
    let unit = |v: [f64; 3]| lps(v).map(|part| part / length(v));
    let origin = match header.get("space origin") {
        Some(_) => header.vectors("space origin")?.first().copied().map(lps),
        None => None,
    };
    let origin = origin.unwrap_or_default();
    Grid::new([nz, ny, nx], spacing, origin, [unit(z), unit(y), unit(x)]).map_err(wrap("space directions"))
}

/// Bytes of an attached NRRD, gzip-encoded.
pub fn compose(volume: &Volume) -> Vec<u8> {
    let grid = volume.grid();
    let ([nz, ny, nx], spacing, directions) = (grid.shape(), grid.spacing_mm(), grid.directions());
    let vector = |v: [f64; 3]| format!("({},{},{})", v[0], v[1], v[2]);
    let step = |axis: usize| vector(directions[axis].map(|part| part * spacing[axis]));
    let kind = match Kind::of(volume.voxels()) {
        Kind::U8 => "uint8",
        Kind::I8 => "int8",
        Kind::U16 => "uint16",
        Kind::I16 => "int16",
        Kind::U32 => "uint32",
        Kind::I32 => "int32",
        Kind::U64 => "uint64",
        Kind::I64 => "int64",
        Kind::F32 => "float",
        Kind::F64 => "double",
    };
    let head = format!(
        "NRRD0004\ntype: {kind}\ndimension: 3\nspace: left-posterior-superior\nsizes: {nx} {ny} {nz}\n\
         space directions: {} {} {}\nkinds: domain domain domain\nendian: little\nencoding: gzip\nspace origin: {}\n\n",
        step(2),
        step(1),
        step(0),
        vector(grid.origin_mm())
    );
    let mut bytes = head.into_bytes();
    bytes.extend(zip(&encode(volume.voxels())));
    bytes
}
