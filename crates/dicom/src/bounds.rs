//! Where do the elements of a file lie, and does every length stay inside it?
//!
//! The parser behind us trusts the lengths it reads and goes as deep as the file does. This walk comes first: it follows
//! every element and item, refuses what leaves its bounds, and says where the header ends and the pixels begin, so that
//! pixels are never copied into a data set.

use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry, VirtualVr};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;

/// How elements are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// No type letters, little-endian.
    Implicit,
    /// Type letters, little-endian.
    Explicit,
    /// Type letters, big-endian (retired).
    ExplicitBig,
}

/// Why a walk stopped.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop {
    /// The bytes given end before the header does.
    Short,
    /// An element cannot be followed.
    At(Tag, String),
}

/// Where pixel data lies in the bytes walked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Which pixel element it is.
    pub tag: Tag,
    /// First byte of its value.
    pub start: usize,
    /// Its length; `None` where it is cut into fragments.
    pub length: Option<usize>,
}

/// What a walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// One past the last byte of the elements before the pixel data.
    pub end: usize,
    /// The pixel data, when there is any.
    pub pixels: Option<Pixels>,
}

const UNDEFINED: u32 = u32::MAX;
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
/// Deeper nesting than any object of the standard has.
const DEEPEST: usize = 24;

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Length of the whole data set, of which `bytes` may be the beginning.
    total: usize,
}

struct Head {
    tag: Tag,
    sequence: bool,
    unknown: bool,
    length: u32,
}

impl Walk<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let chunk = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>()).ok_or(Stop::Short)?;
        self.at += N;
        Ok(*chunk)
    }

    fn u16(&mut self, encoding: Encoding) -> Result<u16, Stop> {
        let bytes = self.take::<2>()?;
        Ok(if encoding == Encoding::ExplicitBig {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    }

    fn u32(&mut self, encoding: Encoding) -> Result<u32, Stop> {
        let bytes = self.take::<4>()?;
        Ok(if encoding == Encoding::ExplicitBig {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    }

    fn head(&mut self, encoding: Encoding) -> Result<Head, Stop> {
        let tag = Tag(self.u16(encoding)?, self.u16(encoding)?);
        if tag.group() == 0xFFFE {
            return Ok(Head { tag, sequence: false, unknown: false, length: self.u32(encoding)? });
        }
        if encoding == Encoding::Implicit {
            let vr = StandardDataDictionary.by_tag(tag).map(|entry| entry.vr());
            let length = self.u32(encoding)?;
            let sequence = vr == Some(VirtualVr::Exact(VR::SQ)) || length == UNDEFINED;
            return Ok(Head { tag, sequence, unknown: false, length });
        }
        let letters = self.take::<2>()?;
        let Some(vr) = VR::from_binary(letters) else {
            let what = "its type letters are none of DICOM's: the transfer syntax (0002,0010) is not that of the data";
            return Err(Stop::At(tag, what.to_owned()));
        };
        let short = [
            VR::AE,
            VR::AS,
            VR::AT,
            VR::CS,
            VR::DA,
            VR::DS,
            VR::DT,
            VR::FD,
            VR::FL,
            VR::IS,
            VR::LO,
            VR::LT,
            VR::PN,
            VR::SH,
            VR::SL,
            VR::SS,
            VR::ST,
            VR::TM,
            VR::UI,
            VR::UL,
            VR::US,
        ];
        let length = if short.contains(&vr) {
            u32::from(self.u16(encoding)?)
        } else {
            self.take::<2>()?;
            self.u32(encoding)?
        };
        Ok(Head { tag, sequence: vr == VR::SQ, unknown: vr == VR::UN, length })
    }

    /// One past the last byte of a value, inside `end`.
    fn value_end(&self, head: &Head, end: usize) -> Result<usize, Stop> {
        let left = end.saturating_sub(self.at);
        let length = head.length as usize;
        if length > left {
            let what =
                format!("is to be {length} bytes long, {left} are left: the file is cut off or damaged");
            return Err(Stop::At(head.tag, what));
        }
        Ok(self.at + length)
    }

    /// Follows the elements up to `end` or, with `open`, up to the end of the item.
    fn dataset(&mut self, encoding: Encoding, end: usize, open: bool, depth: usize) -> Result<(), Stop> {
        while self.at < end {
            let head = self.head(encoding)?;
            if head.tag == ITEM_END && open {
                return Ok(());
            }
            self.value(&head, encoding, end, depth)?;
        }
        if open { Err(Stop::At(ITEM_END, "is missing: an item does not end".to_owned())) } else { Ok(()) }
    }

    fn value(&mut self, head: &Head, encoding: Encoding, end: usize, depth: usize) -> Result<(), Stop> {
        if head.length == UNDEFINED {
            if !head.sequence && !head.unknown {
                return Err(Stop::At(head.tag, "has no length".to_owned()));
            }
            let inner = if head.unknown { Encoding::Implicit } else { encoding };
            return self.items(head.tag, inner, end, true, depth);
        }
        let value_end = self.value_end(head, end)?;
        if head.sequence {
            return self.items(head.tag, encoding, value_end, false, depth);
        }
        if value_end > self.bytes.len() {
            return Err(Stop::Short);
        }
        self.at = value_end;
        Ok(())
    }

    fn items(
        &mut self,
        tag: Tag,
        encoding: Encoding,
        end: usize,
        open: bool,
        depth: usize,
    ) -> Result<(), Stop> {
        if depth >= DEEPEST {
            return Err(Stop::At(tag, format!("sequences are nested deeper than {DEEPEST}")));
        }
        while self.at < end {
            let head = self.head(encoding)?;
            match head.tag {
                SEQUENCE_END if open => return Ok(()),
                ITEM if head.length == UNDEFINED => self.dataset(encoding, end, true, depth + 1)?,
                ITEM => {
                    let item_end = self.value_end(&head, end)?;
                    self.dataset(encoding, item_end, false, depth + 1)?;
                }
                _ => return Err(Stop::At(tag, "holds something that is no item".to_owned())),
            }
        }
        if open { Err(Stop::At(tag, "is a sequence that does not end".to_owned())) } else { Ok(()) }
    }
}

/// Is this one of the pixel elements?
fn is_pixels(tag: Tag) -> bool {
    tag.group() == 0x7FE0 && matches!(tag.element(), 0x0008..=0x0010)
}

/// Follows a data set from its first byte up to its pixel data. `total` is the length of the whole data set, of which
/// `bytes` may be the beginning.
pub fn walk(bytes: &[u8], total: usize, encoding: Encoding) -> Result<Layout, Stop> {
    let mut walk = Walk { bytes, at: 0, total };
    let mut first = true;
    while walk.at < walk.total {
        let start = walk.at;
        let head = walk.head(encoding)?;
        if std::mem::take(&mut first) && head.tag.group().swap_bytes() < head.tag.group() {
            let what =
                "is no first element: the bytes are in the other order than (0002,0010) says".to_owned();
            return Err(Stop::At(head.tag, what));
        }
        if is_pixels(head.tag) {
            let length = (head.length != UNDEFINED).then_some(head.length as usize);
            if length.is_some() {
                walk.value_end(&head, total)?;
            }
            let pixels = Pixels { tag: head.tag, start: walk.at, length };
            return Ok(Layout { end: start, pixels: Some(pixels) });
        }
        walk.value(&head, encoding, total, 0)?;
    }
    Ok(Layout { end: walk.at, pixels: None })
}

/// The fragments of encapsulated pixel data, the offset table first, as ranges of `bytes`, which begin at the value.
pub fn fragments(bytes: &[u8]) -> Result<Vec<std::ops::Range<usize>>, Stop> {
    let pixel_data = Tag(0x7FE0, 0x0010);
    let mut walk = Walk { bytes, at: 0, total: bytes.len() };
    let mut found = Vec::new();
    let cut = |_| Stop::At(pixel_data, "its fragments do not end: the file is cut off".to_owned());
    loop {
        let head = walk.head(Encoding::Explicit).map_err(cut)?;
        match head.tag {
            SEQUENCE_END => return Ok(found),
            ITEM => {
                let end = walk.value_end(&head, walk.total)?;
                found.push(walk.at..end);
                walk.at = end;
            }
            _ => return Err(Stop::At(pixel_data, "holds something that is no fragment".to_owned())),
        }
    }
}
