//! Files both ways, and files that lie.

use super::*;
use crate::{Grid, Voxels};
use proptest::prelude::*;

fn oblique(shape: [usize; 3]) -> Grid {
    let (s, c) = (0.6, 0.8);
    let directions = [[0.0, 0.0, -1.0], [-s, c, 0.0], [c, s, 0.0]];
    Grid::new(shape, [2.5, 0.5, 0.75], [-12.5, 30.25, 7.0], directions).unwrap()
}

fn near(a: &Grid, b: &Grid) -> bool {
    let parts = |g: &Grid| {
        let mut all = g.directions().concat();
        all.extend(g.spacing_mm());
        all.extend(g.origin_mm());
        all
    };
    a.shape() == b.shape() && parts(a).iter().zip(parts(b)).all(|(a, b)| (a - b).abs() < 1e-5)
}

fn every_kind() -> Vec<Voxels> {
    vec![
        Voxels::U8(vec![0, 1, 2, 253, 254, 255]),
        Voxels::I8(vec![-128, -1, 0, 1, 2, 127]),
        Voxels::U16(vec![0, 1, 2, 3, 4, 65_535]),
        Voxels::I16(vec![-32_768, -1, 0, 1, 2, 32_767]),
        Voxels::U32(vec![0, 1, 2, 3, 4, u32::MAX]),
        Voxels::I32(vec![i32::MIN, -1, 0, 1, 2, i32::MAX]),
        Voxels::F32(vec![-1.5, 0.0, 0.25, 1e-20, 1e20, 3.0]),
        Voxels::F64(vec![-1.5, 0.0, 0.1, 1e-200, 1e200, 3.0]),
    ]
}

fn composed(volume: &Volume) -> [Vec<u8>; 4] {
    let one = nifti::compose("f", volume, nifti::Version::One).unwrap();
    [bytes::zip(&one), one, nifti::compose("f", volume, nifti::Version::Two).unwrap(), nrrd::compose(volume)]
}

#[test]
fn what_is_written_is_read() {
    for voxels in every_kind() {
        let volume = Volume::new(oblique([1, 2, 3]), voxels).unwrap();
        for bytes in composed(&volume) {
            let read = parse("f", &bytes, &Beside::Nothing).unwrap();
            assert_eq!(read.voxels(), volume.voxels());
            assert!(near(read.grid(), volume.grid()), "{:?}\n{:?}", read.grid(), volume.grid());
        }
    }
}

/// A NIfTI-1 file of one row of three `int16` 1, 2, 3, little-endian, ready to be changed.
fn plain() -> Vec<u8> {
    let grid = Grid::upright([1, 1, 3], [3.0, 2.0, 1.0]).unwrap();
    let volume = Volume::new(grid, Voxels::I16(vec![1, 2, 3])).unwrap();
    nifti::compose("f", &volume, nifti::Version::One).unwrap()
}

fn with(mut bytes: Vec<u8>, at: usize, value: &[u8]) -> Vec<u8> {
    bytes[at..at + value.len()].copy_from_slice(value);
    bytes
}

#[track_caller]
fn refused(bytes: &[u8], words: &str) {
    let message = parse("f.img", bytes, &Beside::Nothing).expect_err("must be refused").to_string();
    assert!(message.starts_with("f.img: ") && message.contains(words), "`{message}` does not say `{words}`");
}

#[test]
fn nifti_scaling_applies() {
    let bytes = with(with(plain(), 112, &2f32.to_le_bytes()), 116, &(-1f32).to_le_bytes());
    assert_eq!(parse("f", &bytes, &Beside::Nothing).unwrap().voxels(), &Voxels::F64(vec![1.0, 3.0, 5.0]));
    let none = with(plain(), 112, &f32::NAN.to_le_bytes());
    assert_eq!(parse("f", &none, &Beside::Nothing).unwrap().voxels(), &Voxels::I16(vec![1, 2, 3]));
}

#[test]
fn nifti_without_forms_uses_the_spacing_and_the_quaternion_turns() {
    let none = with(plain(), 254, &0i16.to_le_bytes());
    let grid = parse("f", &none, &Beside::Nothing).unwrap().grid().clone();
    assert_eq!((grid.spacing_mm(), grid.directions()[2]), ([3.0, 2.0, 1.0], [-1.0, 0.0, 0.0]));
    // A half turn about z: i runs to the left of RAS, which is +x in LPS.
    let turned = with(with(none, 252, &1i16.to_le_bytes()), 264, &1f32.to_le_bytes());
    let grid = parse("f", &turned, &Beside::Nothing).unwrap().grid().clone();
    assert_eq!((grid.directions()[2], grid.directions()[0]), ([1.0, 0.0, 0.0], [0.0, 0.0, 1.0]));
}

#[test]
fn nifti_big_endian_is_read() {
    // Each field turned by its own width.
    let mut bytes = plain();
    let widths =
        [(0, 4, 1), (40, 2, 8), (70, 2, 2), (76, 4, 8), (108, 4, 3), (252, 2, 2), (256, 4, 18), (352, 2, 3)];
    for (start, width, count) in widths {
        (0..count).for_each(|i| bytes[start + i * width..start + (i + 1) * width].reverse());
    }
    assert_eq!(
        parse("f", &bytes, &Beside::Nothing).unwrap(),
        parse("f", &plain(), &Beside::Nothing).unwrap()
    );
}

#[test]
fn nifti_that_lies_is_refused() {
    refused(b"", "sizeof_hdr");
    refused(&plain()[..100], "header: ends after 100");
    refused(&plain()[..356], "do not fit");
    refused(&with(plain(), 344, b"ni1\0"), "magic");
    refused(&with(plain(), 70, &32i16.to_le_bytes()), "datatype: 32");
    refused(&with(plain(), 72, &8i16.to_le_bytes()), "bitpix");
    refused(&with(plain(), 42, &(-3i16).to_le_bytes()), "dim: axis 1");
    refused(
        &with(with(plain(), 40, &4i16.to_le_bytes()), 48, &9i16.to_le_bytes()),
        "more than three dimensions",
    );
    refused(&with(plain(), 108, &(-1f32).to_le_bytes()), "vox_offset");
    refused(&with(plain(), 108, &f32::NAN.to_le_bytes()), "vox_offset");
    refused(&with(plain(), 284, &0.5f32.to_le_bytes()), "not orthogonal");
    refused(&with(plain(), 280, &f32::NAN.to_le_bytes()), "sform/qform");
}

const HEAD: &str =
    "NRRD0004\ntype: short\ndimension: 3\nsizes: 3 1 1\nspacings: 1 2 3\nendian: big\nencoding: raw\n\n";

fn nrrd(change: (&str, &str)) -> Vec<u8> {
    let mut bytes = HEAD.replace(change.0, change.1).into_bytes();
    bytes.extend([0, 1, 0, 2, 0, 3]);
    bytes
}

#[test]
fn nrrd_that_lies_is_refused() {
    let good = parse("f", &nrrd(("", "")), &Beside::Nothing).unwrap();
    assert_eq!((good.voxels(), good.grid().spacing_mm()), (&Voxels::I16(vec![1, 2, 3]), [3.0, 2.0, 1.0]));
    refused(&nrrd(("sizes: 3 1 1", "sizes: 4 1 1")), "sizes: need 8 bytes");
    refused(&nrrd(("sizes: 3 1 1", "sizes: 3 1")), "sizes: must be three");
    refused(&nrrd(("sizes: 3 1 1", "sizes: 99999999999 9999999999 9")), "grid");
    refused(&nrrd(("endian: big\n", "")), "endian: is missing");
    refused(&nrrd(("type: short", "type: block")), "type: block");
    refused(&nrrd(("encoding: raw", "encoding: bzip2")), "encoding: bzip2");
    refused(&nrrd(("encoding: raw", "encoding: gzip")), "cannot be read");
    refused(&nrrd(("encoding: raw", "byte skip: -1\nencoding: raw")), "byte skip");
    refused(&nrrd(("encoding: raw", "encoding: raw\ndata file: ../secret.raw")), "data file");
    refused(&nrrd(("spacings: 1 2 3", "space: scanner-xyz")), "space: scanner-xyz");
    let sheared = "space: lps\nspace directions: (1,0.5,0) (0,1,0) (0,0,1)";
    refused(&nrrd(("spacings: 1 2 3", sheared)), "not orthogonal");
}

#[test]
fn a_detached_header_finds_its_data_beside_it() {
    let folder = std::env::temp_dir().join(format!("concilium-imaging-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let head = HEAD.replace("encoding: raw", "encoding: raw\ndata file: v.raw");
    std::fs::write(folder.join("v.nhdr"), head.trim_end()).unwrap();
    std::fs::write(folder.join("v.raw"), [0, 1, 0, 2, 0, 3]).unwrap();
    let volume = read(&folder.join("v.nhdr")).unwrap();
    assert_eq!(volume.voxels(), &Voxels::I16(vec![1, 2, 3]));
    for name in ["v.nii.gz", "v.nii", "v.nrrd"] {
        let path = folder.join(name);
        write(&path, &volume, Format::of(&path).unwrap()).unwrap();
        assert_eq!(read(&path).unwrap().voxels(), volume.voxels());
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

proptest! {
    #[test]
    fn parsers_never_panic_on_any_bytes(tail in proptest::collection::vec(any::<u8>(), 0..600), which in 0..4usize) {
        let head: &[u8] = [b"".as_slice(), b"NRRD0004\n", &[0x1f, 0x8b, 8, 0], &[0x5c, 1, 0, 0]][which];
        let bytes: Vec<u8> = head.iter().chain(&tail).copied().collect();
        let _ = parse("f", &bytes, &Beside::Nothing);
    }

    #[test]
    fn truncated_or_changed_files_never_panic(cut in 0..600usize, at in 0..400usize, byte in any::<u8>()) {
        let volume = Volume::new(oblique([1, 2, 3]), Voxels::I16(vec![1, 2, 3, 4, 5, 6])).unwrap();
        for bytes in composed(&volume) {
            let short = &bytes[..cut.min(bytes.len() - 1)];
            prop_assert!(parse("f", short, &Beside::Nothing).is_err());
            let mut changed = bytes.clone();
            let at = at.min(bytes.len() - 1);
            changed[at] = byte;
            let _ = parse("f", &changed, &Beside::Nothing);
        }
    }
}
