//! Whatever the bytes, a reader gives a value or an error.

use crate::regions::{seg, square, structures};
use crate::sample::*;
use crate::volumes::{J2K, JPEG_SV1, deflated, enhanced, rle};
use concilium_dicom::{Segmentation, Structures};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use proptest::prelude::*;
use std::sync::LazyLock;

fn encoded(n: u16, syntax: &str, frame: Vec<u8>) -> Vec<u8> {
    let mut object = slice(0);
    whole(&mut object, tags::ROWS, n);
    whole(&mut object, tags::COLUMNS, n);
    encapsulated(&mut object, &[], vec![frame]);
    bytes(object, syntax)
}

fn plain(object: InMemDicomObject) -> Vec<u8> {
    bytes(object, uids::EXPLICIT_VR_LITTLE_ENDIAN)
}

/// One file of each kind.
#[allow(deprecated)]
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    vec![
        plain(slice(0)),
        bytes(slice(0), uids::IMPLICIT_VR_LITTLE_ENDIAN),
        bytes(slice(0), uids::EXPLICIT_VR_BIG_ENDIAN),
        deflated(slice(0)),
        plain(enhanced(3)),
        bytes(enhanced(2), uids::IMPLICIT_VR_LITTLE_ENDIAN),
        encoded(4, uids::JPEG_LOSSLESS_SV1, hex(JPEG_SV1)),
        encoded(4, uids::RLE_LOSSLESS, rle(&[7; 16])),
        encoded(32, uids::JPEG2000_LOSSLESS, hex(J2K)),
        structures(&[&square(0.5, 4.0, 0.0)], |_, _| {}),
        seg(|_| {}),
    ]
});

/// Everything that reads.
fn read(bytes: &[u8]) {
    let folder = Folder::new();
    std::fs::write(folder.0.join("a"), bytes).unwrap();
    for group in folder.scan().groups {
        for suv in [false, true] {
            if let Ok(series) = group.load(suv) {
                assert_eq!(series.volume.voxels().len(), series.volume.grid().len());
                assert_eq!(series.source.frames.len(), series.volume.grid().shape()[0]);
            }
        }
    }
    let _ = Structures::parse("a", bytes);
    let _ = Segmentation::parse("a", bytes, None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]
    #[test]
    fn changed_files_never_panic(
        which in 0usize..11,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        end in proptest::option::weighted(0.2, any::<prop::sample::Index>()),
        doubled in proptest::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let mut bytes = FILES[which].clone();
        // The preamble says nothing: what changes is behind it.
        for (at, value) in changes {
            let at = 132 + at.index(bytes.len() - 132);
            bytes[at] = value;
        }
        if let Some(at) = doubled {
            let at = 132 + at.index(bytes.len() - 132);
            let tail = bytes[at..].to_vec();
            bytes.extend(tail);
        }
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len()));
        }
        read(&bytes);
    }

    #[test]
    fn noise_never_panics(mut bytes in proptest::collection::vec(any::<u8>(), 0..400), head in any::<bool>()) {
        if head {
            let meta = &FILES[0][..FILES[0].windows(4).position(|at| at == b"\x08\x00\x05\x00" || at == b"\x08\x00\x08\x00").unwrap()];
            bytes.splice(0..0, meta.iter().copied());
        }
        read(&bytes);
    }
}

#[test]
fn deep_sequences_are_refused_and_not_followed() {
    let mut object = plain(slice(0));
    let at = object.windows(4).position(|at| at == b"\x08\x00\x08\x00").unwrap();
    let mut deep = Vec::new();
    for _ in 0..100_000 {
        deep.extend(b"\x08\x00\x05\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff");
    }
    object.splice(at..at, deep);
    let folder = Folder::new();
    std::fs::write(folder.0.join("a"), object).unwrap();
    let message = folder.load().unwrap_err().to_string();
    assert!(message.contains("nested deeper"), "{message}");
}
