//! How do encoded pixels become stored values? One frame at a time, never beyond what its bytes hold.
//!
//! Not read: JPEG with 12 bits and arithmetic coding, HTJ2K, JPEG XL, video. They are refused by name.

mod rle;

use crate::bounds::{Encoding, fragments};
use crate::error::DicomError;
use crate::file::Opened;
use dicom_dictionary_std::{tags, uids};
use std::borrow::Cow;
use std::ops::Range;

/// How one pixel is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PixelFormat {
    pub rows: usize,
    pub columns: usize,
    pub frames: usize,
    /// 8, 16 or 32.
    pub allocated: u32,
    pub stored: u32,
    pub high_bit: u32,
    pub signed: bool,
}

impl PixelFormat {
    /// Pixels of one frame.
    pub fn pixels(&self) -> usize {
        self.rows * self.columns
    }

    /// Smallest and largest value that can be stored.
    pub fn range(&self) -> (i64, i64) {
        if self.signed {
            (-(1i64 << (self.stored - 1)), (1i64 << (self.stored - 1)) - 1)
        } else {
            (0, (1i64 << self.stored) - 1)
        }
    }

    /// The stored value in the bits of a cell.
    pub fn value(&self, cell: u32) -> i64 {
        let moved = cell >> (self.high_bit + 1 - self.stored);
        let unused = 32 - self.stored;
        if self.signed {
            i64::from((moved << unused) as i32 >> unused)
        } else {
            i64::from(moved << unused >> unused)
        }
    }
}

/// Cells of one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cells {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Cells::U8(v) => v.len(),
            Cells::U16(v) => v.len(),
            Cells::U32(v) => v.len(),
        }
    }

    /// Does every cell hold no more than the stored bits, but for the sign? Decoders give right-aligned values.
    fn fit(&self, format: &PixelFormat) -> bool {
        let above = format.stored;
        let fits = |cell: i32| {
            let rest = i64::from(cell) >> above;
            rest == 0 || (format.signed && i64::from(cell) >> (above - 1) == -1)
        };
        match self {
            Cells::U8(v) => {
                above >= 8 || v.iter().all(|&cell| fits(i32::from(cell)) || fits(i32::from(cell as i8)))
            }
            Cells::U16(v) => {
                above >= 16 || v.iter().all(|&cell| fits(i32::from(cell)) || fits(i32::from(cell as i16)))
            }
            Cells::U32(v) => above >= 32 || v.iter().all(|&cell| fits(cell as i32)),
        }
    }
}

fn each<const N: usize, T>(bytes: &[u8], big: bool, little: fn([u8; N]) -> T) -> Vec<T> {
    let turned = |mut chunk: [u8; N]| {
        chunk.reverse();
        little(chunk)
    };
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|chunk| if big { turned(*chunk) } else { little(*chunk) }).collect()
}

fn native(bytes: &[u8], allocated: u32, big: bool) -> Cells {
    match allocated {
        8 => Cells::U8(bytes.to_vec()),
        16 => Cells::U16(each(bytes, big, u16::from_le_bytes)),
        _ => Cells::U32(each(bytes, big, u32::from_le_bytes)),
    }
}

/// The pixel bytes of a file, cut into frames.
pub(crate) struct Frames<'a> {
    opened: &'a Opened,
    format: PixelFormat,
    bytes: Vec<u8>,
    /// For each frame, its pieces in `bytes`.
    pieces: Vec<Vec<Range<usize>>>,
    encapsulated: bool,
}

impl<'a> Frames<'a> {
    /// Reads the pixel bytes and finds the frames.
    pub fn read(opened: &'a Opened, format: PixelFormat) -> Result<Frames<'a>, DicomError> {
        let name = &opened.name;
        let wrong = |what: String| DicomError::tag(name, tags::PIXEL_DATA, what);
        let Some(pixels) = &opened.pixels else { return Err(wrong("is missing".to_owned())) };
        if pixels.tag != tags::PIXEL_DATA {
            return Err(DicomError::tag(name, pixels.tag, "floating-point pixels are not read"));
        }
        let bytes = opened.pixel_bytes(pixels)?;
        if pixels.length.is_none() {
            let found =
                fragments(&bytes).map_err(|_| wrong("its fragments do not end or are damaged".to_owned()))?;
            let pieces = distribute(&bytes, &found, format.frames).map_err(wrong)?;
            return Ok(Frames { opened, format, bytes, pieces, encapsulated: true });
        }
        // A native value is as long as the frames need, and even.
        let frame = format.pixels() * (format.allocated as usize / 8);
        let needed = frame.saturating_mul(format.frames);
        if bytes.len() < needed || bytes.len() > needed + 1 {
            let (held, frames) = (bytes.len(), format.frames);
            return Err(wrong(format!("holds {held} bytes, {frames} frames of its size need {needed}")));
        }
        let pieces =
            (0..format.frames).map(|at| std::iter::once(at * frame..(at + 1) * frame).collect()).collect();
        Ok(Frames { opened, format, bytes, pieces, encapsulated: false })
    }

    /// The cells of one frame.
    pub fn decode(&self, frame: usize) -> Result<Cells, DicomError> {
        let wrong = |what: String| DicomError::tag(&self.opened.name, tags::PIXEL_DATA, what);
        let pieces = self.pieces.get(frame).map(Vec::as_slice).unwrap_or_default();
        if !self.encapsulated {
            let bytes =
                pieces.iter().flat_map(|piece| self.bytes.get(piece.clone())).next().unwrap_or_default();
            return Ok(native(bytes, self.format.allocated, self.opened.encoding == Encoding::ExplicitBig));
        }
        let bytes: Cow<[u8]> = match pieces {
            [one] => Cow::Borrowed(&self.bytes[one.clone()]),
            many => many.iter().flat_map(|piece| &self.bytes[piece.clone()]).copied().collect(),
        };
        let cells = decode(&self.opened.syntax, &bytes, &self.format).map_err(wrong)?;
        if cells.len() != self.format.pixels() {
            let (held, needed) = (cells.len(), self.format.pixels());
            return Err(wrong(format!(
                "frame {} decodes to {held} pixels, its size needs {needed}",
                frame + 1
            )));
        }
        if !cells.fit(&self.format) {
            return Err(wrong(format!("frame {} holds values of more bits than BitsStored says", frame + 1)));
        }
        Ok(cells)
    }
}

/// Which fragments make which frame. The first fragment is the offset table, which may be empty.
fn distribute(bytes: &[u8], found: &[Range<usize>], frames: usize) -> Result<Vec<Vec<Range<usize>>>, String> {
    let Some((table, data)) = found.split_first() else { return Err("has no offset table".to_owned()) };
    if data.len() == frames {
        return Ok(data.iter().map(|piece| vec![piece.clone()]).collect());
    }
    if frames == 1 && !data.is_empty() {
        return Ok(vec![data.to_vec()]);
    }
    let offsets: Vec<usize> = each(&bytes[table.clone()], false, u32::from_le_bytes)
        .into_iter()
        .map(|offset| offset as usize)
        .collect();
    let (Some(first), true) = (data.first(), offsets.len() == frames) else {
        return Err(format!("has {} fragments for {frames} frames and no offset table for them", data.len()));
    };
    // Offsets count from the first fragment's item header, 8 bytes before its value.
    let of = |piece: &Range<usize>| offsets.partition_point(|&offset| offset <= piece.start - first.start);
    let mut pieces = vec![Vec::new(); frames];
    data.iter().filter_map(|piece| Some((of(piece).checked_sub(1)?, piece))).for_each(|(frame, piece)| {
        pieces[frame].push(piece.clone());
    });
    if pieces.iter().any(Vec::is_empty) {
        Err("its offset table names no fragment for a frame".to_owned())
    } else {
        Ok(pieces)
    }
}

fn decode(syntax: &str, bytes: &[u8], format: &PixelFormat) -> Result<Cells, String> {
    match syntax {
        uids::ENCAPSULATED_UNCOMPRESSED_EXPLICIT_VR_LITTLE_ENDIAN => {
            Ok(native(bytes, format.allocated, false))
        }
        uids::RLE_LOSSLESS => rle::decode(bytes, format),
        uids::JPEG_BASELINE8_BIT
        | uids::JPEG_EXTENDED12_BIT
        | uids::JPEG_LOSSLESS
        | uids::JPEG_LOSSLESS_SV1 => jpeg(bytes, format),
        uids::JPEG2000_LOSSLESS | uids::JPEG2000 => jpeg_2000(bytes, format),
        other => Err(format!("transfer syntax {other} is not read: decompress the file first")),
    }
}

fn jpeg(bytes: &[u8], format: &PixelFormat) -> Result<Cells, String> {
    let damaged = |error: jpeg_decoder::Error| match error {
        jpeg_decoder::Error::Unsupported(_) => {
            "is JPEG of a kind that is not read (12 bits, arithmetic coding)"
        }
        _ => "its JPEG data is damaged or cut off",
    };
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    decoder.read_info().map_err(damaged)?;
    let info = decoder.info().ok_or("its JPEG data has no frame header")?;
    let size = (usize::from(info.height), usize::from(info.width));
    if size != (format.rows, format.columns) {
        return Err("its JPEG data has another size than Rows and Columns say".to_owned());
    }
    let cells = decoder.decode().map_err(damaged)?;
    match info.pixel_format {
        jpeg_decoder::PixelFormat::L8 => Ok(Cells::U8(cells)),
        jpeg_decoder::PixelFormat::L16 => Ok(Cells::U16(each(&cells, false, u16::from_ne_bytes))),
        _ => Err("its JPEG data holds colours".to_owned()),
    }
}

/// Is the first component signed? Bit 7 of the first `Ssiz` of the SIZ segment, which follows the start of codestream.
fn signed_codestream(bytes: &[u8]) -> Option<bool> {
    let start = bytes.windows(4).position(|marker| marker == [0xFF, 0x4F, 0xFF, 0x51])?;
    bytes.get(start + 42).map(|size| size & 0x80 != 0)
}

fn jpeg_2000(bytes: &[u8], format: &PixelFormat) -> Result<Cells, String> {
    let damaged = |_| "its JPEG 2000 data is damaged, cut off or of a kind that is not read".to_owned();
    let settings = hayro_jpeg2000::DecodeSettings { strict: true, ..Default::default() };
    let image = hayro_jpeg2000::Image::new(bytes, &settings).map_err(damaged)?;
    if (image.height() as usize, image.width() as usize) != (format.rows, format.columns) {
        return Err("its JPEG 2000 data has another size than Rows and Columns say".to_owned());
    }
    let depth = u32::from(image.original_bit_depth());
    // The decoder counts in single precision: 16 bits and the growth of the transform stay exact in it.
    if depth > 16 {
        return Err("its JPEG 2000 data has more than 16 bits a pixel".to_owned());
    }
    let mut context = hayro_jpeg2000::DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(damaged)?;
    let [component] = decoded.components() else { return Err("its JPEG 2000 data holds colours".to_owned()) };
    // The decoder adds half the range to every component; a signed one has none to add.
    let signed = signed_codestream(bytes).ok_or("its JPEG 2000 data has no size segment")?;
    let shift = if signed { 1i64 << (depth - 1) } else { 0 };
    let low = if signed { -shift } else { 0 };
    let cell = |sample: &f32| (sample.round() as i64 - shift).clamp(low, low + (1i64 << depth) - 1) as u32;
    Ok(Cells::U32(component.samples().iter().map(cell).collect()))
}
