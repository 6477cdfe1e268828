//! How is RLE Lossless unpacked? PackBits segments, one a byte of the cell, the highest byte first (PS3.5 Annex G).

use super::{Cells, PixelFormat};

/// The cells of one frame.
pub fn decode(bytes: &[u8], format: &PixelFormat) -> Result<Cells, String> {
    let word = |at: usize| {
        bytes
            .get(at * 4..at * 4 + 4)
            .and_then(|chunk| chunk.first_chunk())
            .map(|chunk| u32::from_le_bytes(*chunk))
    };
    let planes = format.allocated as usize / 8;
    if word(0) != Some(planes as u32) {
        return Err(format!("its RLE header does not say {planes} segments"));
    }
    let mut cells = vec![0u32; format.pixels()];
    for plane in 0..planes {
        let start = word(plane + 1).unwrap_or(u32::MAX) as usize;
        let end = if plane + 1 < planes { word(plane + 2).unwrap_or(0) as usize } else { bytes.len() };
        let segment = bytes.get(start..end).ok_or("its RLE segments leave the fragment")?;
        let unpacked = packbits(segment, cells.len()).ok_or("an RLE segment is cut off")?;
        cells.iter_mut().zip(unpacked).for_each(|(cell, byte)| *cell = *cell << 8 | u32::from(byte));
    }
    Ok(match format.allocated {
        8 => Cells::U8(cells.into_iter().map(|cell| cell as u8).collect()),
        16 => Cells::U16(cells.into_iter().map(|cell| cell as u16).collect()),
        _ => Cells::U32(cells),
    })
}

/// Exactly `wanted` bytes; a segment may be padded behind them.
fn packbits(mut packed: &[u8], wanted: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(wanted.min(packed.len() * 64));
    while bytes.len() < wanted {
        let (&control, rest) = packed.split_first()?;
        let control = control as i8;
        if control >= 0 {
            let (copied, rest) = rest.split_at_checked(control as usize + 1)?;
            bytes.extend_from_slice(copied);
            packed = rest;
        } else if control == i8::MIN {
            packed = rest;
        } else {
            let (&byte, rest) = rest.split_first()?;
            bytes.extend(std::iter::repeat_n(byte, (1 - i16::from(control)) as usize));
            packed = rest;
        }
    }
    (bytes.len() == wanted).then_some(bytes)
}
