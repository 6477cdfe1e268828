//! How is a NIfTI-1 or NIfTI-2 file read and written?
//!
//! Single files only (`n+1`, `n+2`). NIfTI's space is RAS: x and y change sign on the way to LPS. Orientation comes
//! from the sform when its code is above zero, else from the qform, else from the spacing alone (NIfTI-1.1, "3D image
//! orientation and location in space": methods 3, 2 and 1). Scaling applies when `scl_slope` is neither 0 nor NaN.

use super::bytes::{Kind, decode, encode};
use crate::volume::Sample;
use crate::volume::each;
use crate::{Grid, ImagingError, Volume, Voxels};

/// Which of the two headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    One,
    Two,
}

/// What a header says, of either version. Axes are in the file's order `i, j, k` = x, y, z.
struct Header {
    dim: [i64; 8],
    datatype: i16,
    bitpix: i16,
    pixdim: [f64; 8],
    vox_offset: f64,
    scl_slope: f64,
    scl_inter: f64,
    qform_code: i32,
    sform_code: i32,
    quaternion: [f64; 3],
    offset: [f64; 3],
    sform: [[f64; 4]; 3],
    units: i32,
}

/// A cursor-free reader of numbers at fixed places; the caller has checked the length.
struct At<'a> {
    bytes: &'a [u8],
    big: bool,
}

impl At<'_> {
    fn raw<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut raw = [0; N];
        raw.copy_from_slice(&self.bytes[at..at + N]);
        if self.big {
            raw.reverse();
        }
        raw
    }
    fn i16(&self, at: usize) -> i16 {
        i16::from_le_bytes(self.raw(at))
    }
    fn i32(&self, at: usize) -> i32 {
        i32::from_le_bytes(self.raw(at))
    }
    fn i64(&self, at: usize) -> i64 {
        i64::from_le_bytes(self.raw(at))
    }
    fn f32(&self, at: usize) -> f64 {
        f64::from(f32::from_le_bytes(self.raw(at)))
    }
    fn f64(&self, at: usize) -> f64 {
        f64::from_le_bytes(self.raw(at))
    }
}

/// Version and byte order from `sizeof_hdr`, then the magic.
fn recognise(file: &str, bytes: &[u8]) -> Result<(Version, bool), ImagingError> {
    let head: [u8; 4] = bytes.first_chunk().copied().unwrap_or_default();
    let (version, big) = match (i32::from_le_bytes(head), i32::from_be_bytes(head)) {
        (348, _) => (Version::One, false),
        (_, 348) => (Version::One, true),
        (540, _) => (Version::Two, false),
        (_, 540) => (Version::Two, true),
        _ => return Err(ImagingError::field(file, "sizeof_hdr", "neither NIfTI (348 or 540) nor NRRD")),
    };
    let (length, at, magic) = match version {
        Version::One => (348, 344, b"n+1\0".as_slice()),
        Version::Two => (540, 4, b"n+2\0\r\n\x1a\n".as_slice()),
    };
    if bytes.len() < length {
        return Err(ImagingError::field(
            file,
            "header",
            format!("ends after {} of {length} bytes", bytes.len()),
        ));
    }
    if !bytes[at..].starts_with(magic) {
        let what = "is not that of a single-file NIfTI (header and image in two files are not supported)";
        return Err(ImagingError::field(file, "magic", what));
    }
    Ok((version, big))
}

fn header_1(at: &At) -> Header {
    Header {
        dim: std::array::from_fn(|i| i64::from(at.i16(40 + 2 * i))),
        datatype: at.i16(70),
        bitpix: at.i16(72),
        pixdim: std::array::from_fn(|i| at.f32(76 + 4 * i)),
        vox_offset: at.f32(108),
        scl_slope: at.f32(112),
        scl_inter: at.f32(116),
        units: i32::from(at.bytes[123]),
        qform_code: i32::from(at.i16(252)),
        sform_code: i32::from(at.i16(254)),
        quaternion: std::array::from_fn(|i| at.f32(256 + 4 * i)),
        offset: std::array::from_fn(|i| at.f32(268 + 4 * i)),
        sform: std::array::from_fn(|r| std::array::from_fn(|c| at.f32(280 + 16 * r + 4 * c))),
    }
}

fn header_2(at: &At) -> Header {
    Header {
        datatype: at.i16(12),
        bitpix: at.i16(14),
        dim: std::array::from_fn(|i| at.i64(16 + 8 * i)),
        pixdim: std::array::from_fn(|i| at.f64(104 + 8 * i)),
        vox_offset: at.i64(168) as f64,
        scl_slope: at.f64(176),
        scl_inter: at.f64(184),
        qform_code: at.i32(344),
        sform_code: at.i32(348),
        quaternion: std::array::from_fn(|i| at.f64(352 + 8 * i)),
        offset: std::array::from_fn(|i| at.f64(376 + 8 * i)),
        sform: std::array::from_fn(|r| std::array::from_fn(|c| at.f64(400 + 32 * r + 8 * c))),
        units: at.i32(500),
    }
}

/// Reads a NIfTI file that is already unpacked.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Volume, ImagingError> {
    let (version, big) = recognise(file, bytes)?;
    let at = At { bytes, big };
    let header = match version {
        Version::One => header_1(&at),
        Version::Two => header_2(&at),
    };
    let grid = grid(file, &header)?;
    let kind = kind(file, &header)?;
    let size = grid.len() * kind.size();
    let start = if header.vox_offset >= 0.0 { header.vox_offset as usize } else { usize::MAX };
    let length = if version == Version::One { 348 } else { 540 };
    let Some(data) = bytes.get(start..).filter(|_| start >= length).and_then(|rest| rest.get(..size)) else {
        let what = format!("{size} bytes of voxels from byte {start} do not fit into {} bytes", bytes.len());
        return Err(ImagingError::field(file, "vox_offset", what));
    };
    let voxels = decode(file, data, kind, big)?;
    Volume::new(grid, scaled(file, voxels, &header)?)
}

fn kind(file: &str, header: &Header) -> Result<Kind, ImagingError> {
    let kind = match header.datatype {
        2 => Kind::U8,
        4 => Kind::I16,
        8 => Kind::I32,
        16 => Kind::F32,
        64 => Kind::F64,
        256 => Kind::I8,
        512 => Kind::U16,
        768 => Kind::U32,
        1024 => Kind::I64,
        1280 => Kind::U64,
        other => {
            let what =
                format!("{other} is not supported (complex, colour, 128 bits and single bits are not)");
            return Err(ImagingError::field(file, "datatype", what));
        }
    };
    if usize::try_from(header.bitpix).is_ok_and(|bits| bits == 8 * kind.size()) {
        return Ok(kind);
    }
    Err(ImagingError::field(
        file,
        "bitpix",
        format!("{} does not go with datatype {}", header.bitpix, header.datatype),
    ))
}

fn scaled(file: &str, voxels: Voxels, header: &Header) -> Result<Voxels, ImagingError> {
    let (slope, inter) = (header.scl_slope, header.scl_inter);
    if slope == 0.0 || slope.is_nan() || (slope == 1.0 && inter == 0.0) {
        return Ok(voxels);
    }
    if !slope.is_finite() || !inter.is_finite() {
        return Err(ImagingError::field(file, "scl_slope", "slope and intercept must be finite"));
    }
    Ok(Voxels::F64(each!(&voxels, v => v.iter().map(|s| s.value() * slope + inter).collect())))
}

fn grid(file: &str, header: &Header) -> Result<Grid, ImagingError> {
    let bad = |field: &str, what: String| ImagingError::field(file, field, what);
    let dimensions = header.dim[0];
    if !(1..=7).contains(&dimensions) {
        return Err(bad("dim[0]", format!("{dimensions} is not between 1 and 7")));
    }
    let used = dimensions as usize;
    if (4..=used).any(|axis| header.dim[axis] != 1) {
        return Err(bad("dim", "more than three dimensions: split time points or channels first".to_owned()));
    }
    let mut shape = [1usize; 3];
    for axis in 1..=used.min(3) {
        let n = usize::try_from(header.dim[axis]).ok().filter(|n| *n > 0);
        shape[3 - axis] =
            n.ok_or_else(|| bad("dim", format!("axis {axis} has {} voxels", header.dim[axis])))?;
    }
    let unit = match header.units & 7 {
        0 | 2 => 1.0,
        1 => 1000.0,
        3 => 0.001,
        other => return Err(bad("xyzt_units", format!("{other} is no unit of length"))),
    };
    let affine = affine(file, header)?;
    let column = |c: usize| [-affine[0][c] * unit, -affine[1][c] * unit, affine[2][c] * unit];
    let mut spacing = [1.0; 3];
    let mut directions = [[0.0; 3]; 3];
    for axis in 0..3 {
        let step = column(2 - axis);
        spacing[axis] = step.iter().map(|part| part * part).sum::<f64>().sqrt();
        directions[axis] = step.map(|part| part / spacing[axis]);
    }
    Grid::new(shape, spacing, column(3), directions).map_err(|error| bad("sform/qform", error.to_string()))
}

/// Voxel `i, j, k` to RAS.
fn affine(file: &str, header: &Header) -> Result<[[f64; 4]; 3], ImagingError> {
    if header.sform_code > 0 {
        return Ok(header.sform);
    }
    let steps: [f64; 3] = std::array::from_fn(|axis| header.pixdim[axis + 1].abs());
    if header.qform_code <= 0 {
        return Ok(std::array::from_fn(|r| std::array::from_fn(|c| if r == c { steps[r] } else { 0.0 })));
    }
    let [b, c, d] = header.quaternion;
    let rest = 1.0 - (b * b + c * c + d * d);
    if rest.is_nan() || rest < -1e-5 {
        return Err(ImagingError::field(file, "quatern_b", "b, c and d are no unit quaternion"));
    }
    let a = rest.max(0.0).sqrt();
    let turn = [
        [a * a + b * b - c * c - d * d, 2.0 * (b * c - a * d), 2.0 * (b * d + a * c)],
        [2.0 * (b * c + a * d), a * a + c * c - b * b - d * d, 2.0 * (c * d - a * b)],
        [2.0 * (b * d - a * c), 2.0 * (c * d + a * b), a * a + d * d - b * b - c * c],
    ];
    let qfac = if header.pixdim[0] < 0.0 { -1.0 } else { 1.0 };
    let scale = [steps[0], steps[1], steps[2] * qfac];
    Ok(std::array::from_fn(|r| {
        std::array::from_fn(|c| if c < 3 { turn[r][c] * scale[c] } else { header.offset[r] })
    }))
}

/// Bytes of a single-file NIfTI with an sform (code 1, scanner) and no qform.
pub fn compose(file: &str, volume: &Volume, version: Version) -> Result<Vec<u8>, ImagingError> {
    let shape = volume.grid().shape();
    if version == Version::One && shape.iter().any(|&n| i16::try_from(n).is_err()) {
        return Err(ImagingError::field(
            file,
            "dim",
            format!("{shape:?} does not fit NIfTI-1; write NIfTI-2 or NRRD"),
        ));
    }
    let kind = Kind::of(volume.voxels());
    let code: i16 = match kind {
        Kind::U8 => 2,
        Kind::I16 => 4,
        Kind::I32 => 8,
        Kind::F32 => 16,
        Kind::F64 => 64,
        Kind::I8 => 256,
        Kind::U16 => 512,
        Kind::U32 => 768,
        Kind::I64 => 1024,
        Kind::U64 => 1280,
    };
    let bits = (8 * kind.size()) as i16;
    let mut bytes = match version {
        Version::One => compose_1(volume, code, bits),
        Version::Two => compose_2(volume, code, bits),
    };
    bytes.extend(encode(volume.voxels()));
    Ok(bytes)
}

/// The sform's rows.
fn rows(volume: &Volume) -> [[f64; 4]; 3] {
    let (grid, sign) = (volume.grid(), [-1.0, -1.0, 1.0]);
    std::array::from_fn(|r| {
        std::array::from_fn(|c| match c {
            3 => sign[r] * grid.origin_mm()[r],
            c => sign[r] * grid.directions()[2 - c][r] * grid.spacing_mm()[2 - c],
        })
    })
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn compose_1(volume: &Volume, code: i16, bits: i16) -> Vec<u8> {
    let mut h = vec![0u8; 352];
    let (shape, spacing) = (volume.grid().shape(), volume.grid().spacing_mm());
    put(&mut h, 0, &348i32.to_le_bytes());
    let dim = [3, shape[2], shape[1], shape[0], 1, 1, 1, 1];
    dim.iter().enumerate().for_each(|(i, &n)| put(&mut h, 40 + 2 * i, &(n as i16).to_le_bytes()));
    put(&mut h, 70, &code.to_le_bytes());
    put(&mut h, 72, &bits.to_le_bytes());
    let pixdim = [1.0, spacing[2], spacing[1], spacing[0]];
    pixdim.iter().enumerate().for_each(|(i, &s)| put(&mut h, 76 + 4 * i, &(s as f32).to_le_bytes()));
    put(&mut h, 108, &352f32.to_le_bytes());
    put(&mut h, 112, &1f32.to_le_bytes());
    h[123] = 2;
    put(&mut h, 254, &1i16.to_le_bytes());
    let rows = rows(volume);
    rows.iter().flatten().enumerate().for_each(|(i, &v)| put(&mut h, 280 + 4 * i, &(v as f32).to_le_bytes()));
    put(&mut h, 344, b"n+1\0");
    h
}

fn compose_2(volume: &Volume, code: i16, bits: i16) -> Vec<u8> {
    let mut h = vec![0u8; 544];
    let (shape, spacing) = (volume.grid().shape(), volume.grid().spacing_mm());
    put(&mut h, 0, &540i32.to_le_bytes());
    put(&mut h, 4, b"n+2\0\r\n\x1a\n");
    put(&mut h, 12, &code.to_le_bytes());
    put(&mut h, 14, &bits.to_le_bytes());
    let dim = [3, shape[2], shape[1], shape[0], 1, 1, 1, 1];
    dim.iter().enumerate().for_each(|(i, &n)| put(&mut h, 16 + 8 * i, &(n as i64).to_le_bytes()));
    let pixdim = [1.0, spacing[2], spacing[1], spacing[0]];
    pixdim.iter().enumerate().for_each(|(i, &s)| put(&mut h, 104 + 8 * i, &s.to_le_bytes()));
    put(&mut h, 168, &544i64.to_le_bytes());
    put(&mut h, 176, &1f64.to_le_bytes());
    put(&mut h, 348, &1i32.to_le_bytes());
    let rows = rows(volume);
    rows.iter().flatten().enumerate().for_each(|(i, &v)| put(&mut h, 400 + 8 * i, &v.to_le_bytes()));
    put(&mut h, 500, &2i32.to_le_bytes());
    h
}
