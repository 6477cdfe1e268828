//! How do bytes become voxels? Types, byte order, compression.

use super::MAX_BYTES;
use crate::{ImagingError, Voxels};
use std::io::{Read, Write};

/// How one voxel is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F32,
    F64,
}

impl Kind {
    /// Bytes of one voxel.
    pub fn size(self) -> usize {
        match self {
            Kind::U8 | Kind::I8 => 1,
            Kind::U16 | Kind::I16 => 2,
            Kind::U32 | Kind::I32 | Kind::F32 => 4,
            Kind::U64 | Kind::I64 | Kind::F64 => 8,
        }
    }

    /// The type a volume's voxels are written as.
    pub fn of(voxels: &Voxels) -> Kind {
        match voxels {
            Voxels::U8(_) => Kind::U8,
            Voxels::I8(_) => Kind::I8,
            Voxels::U16(_) => Kind::U16,
            Voxels::I16(_) => Kind::I16,
            Voxels::U32(_) => Kind::U32,
            Voxels::I32(_) => Kind::I32,
            Voxels::F32(_) => Kind::F32,
            Voxels::F64(_) => Kind::F64,
        }
    }
}

fn each_of<T, const N: usize>(data: &[u8], big: bool, little_end: fn([u8; N]) -> T) -> Vec<T> {
    let (chunks, _) = data.as_chunks::<N>();
    if !big {
        return chunks.iter().map(|chunk| little_end(*chunk)).collect();
    }
    let turned = |chunk: &[u8; N]| {
        let mut chunk = *chunk;
        chunk.reverse();
        little_end(chunk)
    };
    chunks.iter().map(turned).collect()
}

/// 64-bit integers become numbers when every one of them can.
fn exact<T: Copy>(file: &str, values: &[T], number: fn(T) -> Option<f64>) -> Result<Voxels, ImagingError> {
    let numbers: Option<Vec<f64>> = values.iter().map(|&value| number(value)).collect();
    let refuse = || ImagingError::field(file, "data", "64-bit integers above 2^53 cannot be held exactly");
    numbers.map(Voxels::F64).ok_or_else(refuse)
}

const EXACT: u64 = 1 << 53;

/// Voxels from bytes in the given order; `data` must hold whole voxels.
pub fn decode(file: &str, data: &[u8], kind: Kind, big: bool) -> Result<Voxels, ImagingError> {
    Ok(match kind {
        Kind::U8 => Voxels::U8(data.to_vec()),
        Kind::I8 => Voxels::I8(each_of(data, big, i8::from_le_bytes)),
        Kind::U16 => Voxels::U16(each_of(data, big, u16::from_le_bytes)),
        Kind::I16 => Voxels::I16(each_of(data, big, i16::from_le_bytes)),
        Kind::U32 => Voxels::U32(each_of(data, big, u32::from_le_bytes)),
        Kind::I32 => Voxels::I32(each_of(data, big, i32::from_le_bytes)),
        Kind::F32 => Voxels::F32(each_of(data, big, f32::from_le_bytes)),
        Kind::F64 => Voxels::F64(each_of(data, big, f64::from_le_bytes)),
        Kind::U64 => {
            let values = each_of(data, big, u64::from_le_bytes);
            return exact(file, &values, |value| (value <= EXACT).then_some(value as f64));
        }
        Kind::I64 => {
            let values = each_of(data, big, i64::from_le_bytes);
            return exact(file, &values, |value| (value.unsigned_abs() <= EXACT).then_some(value as f64));
        }
    })
}

/// Little-endian bytes of voxels.
pub fn encode(voxels: &Voxels) -> Vec<u8> {
    fn all<T: Copy, const N: usize>(values: &[T], bytes: fn(T) -> [u8; N]) -> Vec<u8> {
        values.iter().flat_map(|&value| bytes(value)).collect()
    }
    match voxels {
        Voxels::U8(v) => v.clone(),
        Voxels::I8(v) => all(v, i8::to_le_bytes),
        Voxels::U16(v) => all(v, u16::to_le_bytes),
        Voxels::I16(v) => all(v, i16::to_le_bytes),
        Voxels::U32(v) => all(v, u32::to_le_bytes),
        Voxels::I32(v) => all(v, i32::to_le_bytes),
        Voxels::F32(v) => all(v, f32::to_le_bytes),
        Voxels::F64(v) => all(v, f64::to_le_bytes),
    }
}

/// Unpacks gzip, all members, never beyond `MAX_BYTES`; with `expected`, exactly that many bytes must come.
pub fn unzip(
    file: &str,
    field: &str,
    packed: &[u8],
    expected: Option<usize>,
) -> Result<Vec<u8>, ImagingError> {
    let limit = expected.unwrap_or(MAX_BYTES);
    // What is asked for up front stays in proportion to what was given: gzip packs at most 1:1032.
    let room = limit.min(packed.len().saturating_mul(1032)).min(expected.map_or(packed.len() * 2, |n| n));
    let mut bytes = Vec::with_capacity(room + 1);
    let mut unpacked = flate2::read::MultiGzDecoder::new(packed).take(limit as u64 + 1);
    unpacked.read_to_end(&mut bytes).map_err(|source| ImagingError::Io { file: file.to_owned(), source })?;
    if bytes.len() > limit {
        return Err(ImagingError::field(file, field, format!("unpacks to more than {limit} bytes")));
    }
    Ok(bytes)
}

/// Packs with gzip; the same bytes give the same bytes.
pub fn zip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing into memory cannot fail.
    let _ = packed.write_all(bytes);
    packed.finish().unwrap_or_default()
}
