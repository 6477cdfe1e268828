//! What is read is what was written, whatever the syntax, the bits and the order.

use crate::sample::*;
use concilium_imaging::{Unit, Voxels};
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

#[test]
fn slices_are_ordered_by_place_and_keep_their_identifiers() {
    let series = stack(4).load().unwrap();
    assert_eq!(series.volume.voxels(), &Voxels::I16(expected(4)));
    let grid = series.volume.grid();
    assert_eq!(grid.shape(), [4, 2, 3]);
    assert_eq!(grid.spacing_mm(), [2.5, 0.5, 0.75]);
    assert_eq!(grid.origin_mm(), [-10.0, 20.0, -100.0]);
    assert_eq!(grid.directions(), [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]);
    assert_eq!((series.unit, series.source.modality.as_str()), (Unit::Hounsfield, "CT"));
    let uids: Vec<_> = series.source.frames.iter().map(|frame| frame.sop_instance.as_str()).collect();
    assert_eq!(uids, ["1.2.3.4.1.1.100", "1.2.3.4.1.1.101", "1.2.3.4.1.1.102", "1.2.3.4.1.1.103"]);
    assert!(series.source.frames.iter().all(|frame| frame.number.is_none()));
}

#[test]
#[allow(deprecated)]
fn every_native_syntax_gives_the_same_volume() {
    for syntax in [
        uids::IMPLICIT_VR_LITTLE_ENDIAN,
        uids::EXPLICIT_VR_LITTLE_ENDIAN,
        uids::EXPLICIT_VR_BIG_ENDIAN,
        uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    ] {
        let folder = Folder::new();
        for k in 0..3 {
            let written = match syntax {
                uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN => deflated(slice(k)),
                _ => bytes(slice(k), syntax),
            };
            std::fs::write(folder.0.join(format!("{k}")), written).unwrap();
        }
        let series = folder.load().unwrap_or_else(|error| panic!("{syntax}: {error}"));
        assert_eq!(series.volume.voxels(), &Voxels::I16(expected(3)), "{syntax}");
    }
}

/// The data set packed by hand: raw deflate behind the file meta information.
pub fn deflated(object: InMemDicomObject) -> Vec<u8> {
    use std::io::Write;
    let plain = bytes(object, uids::EXPLICIT_VR_LITTLE_ENDIAN);
    let group = u32::from_le_bytes(plain[140..144].try_into().unwrap()) as usize;
    let start = 144 + group;
    let syntax = plain.windows(8).position(|at| at == b"\x02\x00\x10\x00UI\x14\x00").unwrap();
    let name = format!("{}\0\0", uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN);
    let mut file = plain[..syntax].to_vec();
    file.extend(b"\x02\x00\x10\x00UI");
    file.extend((name.trim_end_matches('\0').len() as u16).to_le_bytes());
    file.extend(name.trim_end_matches('\0').as_bytes());
    file.extend(&plain[syntax + 8 + 20..start]);
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&plain[start..]).unwrap();
    file.extend(packed.finish().unwrap());
    file
}

/// One slice whose pixels are stored as said.
fn stored(allocated: u16, bits: u16, high: u16, sign: u16, value: PrimitiveValue) -> Voxels {
    let folder = changed(1, |_, object| {
        whole(object, tags::BITS_ALLOCATED, allocated);
        whole(object, tags::BITS_STORED, bits);
        whole(object, tags::HIGH_BIT, high);
        whole(object, tags::PIXEL_REPRESENTATION, sign);
        text(object, tags::RESCALE_INTERCEPT, "0");
        object.put(DataElement::new(
            tags::PIXEL_DATA,
            if allocated == 8 { VR::OB } else { VR::OW },
            value.clone(),
        ));
    });
    folder.load().unwrap().volume.voxels().clone()
}

#[test]
fn bits_are_read_as_they_are_stored() {
    let words = |values: [u16; 6]| PrimitiveValue::U16(values.into_iter().collect());
    // What stands above the stored bits (overlays, in old files) is no part of the value.
    let read = stored(16, 12, 11, 0, words([0, 1, 0xF001, 4095, 0x1FFF, 2]));
    assert_eq!(read, Voxels::I16(vec![0, 1, 1, 4095, 4095, 2]));
    let read = stored(16, 12, 11, 1, words([0, 0x0FFF, 0xFFFF, 0x0800, 0x07FF, 1]));
    assert_eq!(read, Voxels::I16(vec![0, -1, -1, -2048, 2047, 1]));
    let read = stored(16, 12, 15, 0, words([0x0010, 0xFFF0, 0x000F, 0, 0, 0]));
    assert_eq!(read, Voxels::I16(vec![1, 4095, 0, 0, 0, 0]));
    let read = stored(16, 16, 15, 0, words([0, 65_535, 1, 2, 3, 4]));
    assert_eq!(read, Voxels::U16(vec![0, 65_535, 1, 2, 3, 4]));
    let read = stored(8, 8, 7, 0, PrimitiveValue::from([0u8, 255, 1, 2, 3, 4]));
    assert_eq!(read, Voxels::U8(vec![0, 255, 1, 2, 3, 4]));
    let wide: Vec<u8> =
        [-70_000i32, 70_000, 0, 1, 2, 3].iter().flat_map(|value| value.to_le_bytes()).collect();
    let read = stored(32, 32, 31, 1, PrimitiveValue::from(wide));
    assert_eq!(read, Voxels::I32(vec![-70_000, 70_000, 0, 1, 2, 3]));
}

#[test]
fn every_slice_has_its_own_scale() {
    let series = changed(2, |k, object| {
        text(object, tags::RESCALE_SLOPE, if k == 0 { "0.5" } else { "0.25" });
        text(object, tags::RESCALE_INTERCEPT, "1");
    })
    .load()
    .unwrap();
    let expected: Vec<f64> =
        (0..6).map(|i| f64::from(i) * 0.5 + 1.0).chain((10..16).map(|i| f64::from(i) * 0.25 + 1.0)).collect();
    assert_eq!(series.volume.voxels(), &Voxels::F64(expected));
}

#[test]
fn how_a_picture_is_shown_changes_no_value() {
    let series =
        changed(2, |_, object| text(object, tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME1")).load().unwrap();
    assert_eq!(series.volume.voxels(), &Voxels::I16(expected(2)));
}

#[test]
fn oblique_stacks_keep_their_directions() {
    // Row along (0.8, 0.6, 0), column along −z: the normal is row × column = (−0.6, 0.8, 0).
    let series = changed(3, |k, object| {
        text(object, tags::IMAGE_ORIENTATION_PATIENT, "0.8\\0.6\\0\\0\\0\\-1");
        let at = f64::from(k) * 3.0;
        text(object, tags::IMAGE_POSITION_PATIENT, &format!("{}\\{}\\7", -0.6 * at, 0.8 * at));
    })
    .load()
    .unwrap();
    let grid = series.volume.grid();
    let near = |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
    assert!(near(grid.directions()[0], [-0.6, 0.8, 0.0]), "{:?}", grid.directions());
    assert!((grid.spacing_mm()[0] - 3.0).abs() < 1e-12);
    assert_eq!(series.volume.voxels(), &Voxels::I16(expected(3)));
}

/// A series of one square picture of `n` pixels whose one frame is encoded.
fn encoded(n: u16, sign: u16, syntax: &str, fragments: Vec<Vec<u8>>) -> Voxels {
    let folder = Folder::new();
    let mut object = slice(0);
    for (tag, value) in [(tags::ROWS, n), (tags::COLUMNS, n), (tags::PIXEL_REPRESENTATION, sign)] {
        whole(&mut object, tag, value);
    }
    text(&mut object, tags::RESCALE_INTERCEPT, "0");
    encapsulated(&mut object, &[], fragments);
    std::fs::write(folder.0.join("a"), bytes(object, syntax)).unwrap();
    folder.load().unwrap_or_else(|error| panic!("{syntax}: {error}")).volume.voxels().clone()
}

/// 0 to 15 × 250 + 3, 4 × 4, 12 bits, encoded by dcmtk 3.6.7 (`dcmcjpeg +e1`, `+el`, `dcmcjpls`).
pub const JPEG_SV1: &str = "ffd8ffe000104a46494600010100000100010000ffc3000b100004000401011100ffc400160001010100000000000000000000\
    000000080a0fffda0008010100010000c0009f4fa7d5f43e9f4fabe87d3e9f57d0fa7d3ebfffd9";
const JPEG_LOSSLESS: &str = "ffd8ffe000104a46494600010100000100010000ffc3000b100004000401011100ffc4001700010101010000000000000000\
    0000000009080a0fffda0008010100060000e00057d5f57d6fa1f47d1f4df43e8fa3e9be87d1f47d3fffffd9";
/// 20 × (row + column) + 3 (no sign) and − 500 (signed), 32 × 32, 12 bits, encoded by OpenJPEG 2.5.
pub const J2K: &str = "\
     ff4fff5100290000000000200000002000000000000000000000002000000020000000000000000000010b0101ff52000c000000010005 \
     04040001ff5c00134060686870686870686870686870686870ff640025000143726561746564206279204f70656e4a5045472076657273 \
     696f6e20322e352e32ff90000a00000000006b0001ff93cfe4080857c1f98141f9810003290329c0fc00e07e00600d00550b3cacc07da0 \
     b01f68282219d31c07037fbbcc2fc03ea07807d41036a19ac4ceb4873da6343432a405dfc01f389803e7125fa7c789e3a4d0907f9dac29 \
     403e1eb8483fffd9";
const J2K_SIGNED: &str = "\
     ff4fff5100290000000000200000002000000000000000000000002000000020000000000000000000018b0101ff52000c000000010005 \
     04040001ff5c00134060686870686870686870686870686870ff640025000143726561746564206279204f70656e4a5045472076657273 \
     696f6e20322e352e32ff90000a00000000006c0001ff93c1f80100073bc1f98141f9810003290329c0fc00e07e00600d00550b3cacc07d \
     a0b01f68282219d31c07037fbbcc2fc03ea07807d41036a19ac4ceb4873da6343432a405dfc01f389803e7125fa7c789e3a4d0907f9dac \
     29403e1eb8483fffd9";

#[test]
fn compressed_frames_are_read() {
    let ramp = Voxels::I16((0..16).map(|i| i * 250 + 3).collect());
    assert_eq!(encoded(4, 0, uids::JPEG_LOSSLESS_SV1, vec![hex(JPEG_SV1)]), ramp);
    assert_eq!(encoded(4, 0, uids::JPEG_LOSSLESS, vec![hex(JPEG_LOSSLESS)]), ramp);
    // A frame may be cut anywhere.
    let whole = hex(JPEG_SV1);
    let pieces = vec![whole[..50].to_vec(), whole[50..].to_vec()];
    assert_eq!(encoded(4, 0, uids::JPEG_LOSSLESS_SV1, pieces), ramp);
    let slope = |from: i16| Voxels::I16((0..1024).map(|i| 20 * (i / 32 + i % 32) + from).collect());
    assert_eq!(encoded(32, 0, uids::JPEG2000_LOSSLESS, vec![hex(J2K)]), slope(3));
    assert_eq!(encoded(32, 1, uids::JPEG2000_LOSSLESS, vec![hex(J2K_SIGNED)]), slope(-500));
}

/// One RLE fragment of 16-bit cells: high bytes, low bytes; literal runs only.
pub fn rle(values: &[u16]) -> Vec<u8> {
    let plane = |byte: fn(&u16) -> u8| {
        let mut packed = vec![values.len() as u8 - 1];
        packed.extend(values.iter().map(byte));
        packed
    };
    let (high, low) = (plane(|value| (value >> 8) as u8), plane(|value| *value as u8));
    let mut words = [0u32; 16];
    (words[0], words[1], words[2]) = (2, 64, 64 + high.len() as u32);
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.extend(high);
    bytes.extend(low);
    bytes
}

#[test]
fn rle_frames_are_read() {
    let values: Vec<u16> = (0..16).map(|i| i * 250 + 3).collect();
    let ramp = Voxels::I16(values.iter().map(|&value| value as i16).collect());
    assert_eq!(encoded(4, 0, uids::RLE_LOSSLESS, vec![rle(&values)]), ramp);
    // Runs: 16 times the high byte 1, 16 times the low byte 2.
    let mut packed = rle(&[0; 16])[..64].to_vec();
    packed[8..12].copy_from_slice(&66u32.to_le_bytes());
    packed.extend([0xF1, 1, 0xF1, 2]);
    assert_eq!(encoded(4, 0, uids::RLE_LOSSLESS, vec![packed]), Voxels::I16(vec![0x0102; 16]));
}

/// An enhanced CT of `n` frames, stored from the last to the first; pixels as in `slice`.
pub fn enhanced(n: i32) -> InMemDicomObject {
    let mut object = slice(0);
    text(&mut object, tags::SOP_CLASS_UID, uids::ENHANCED_CT_IMAGE_STORAGE);
    let gone = [
        tags::IMAGE_POSITION_PATIENT,
        tags::IMAGE_ORIENTATION_PATIENT,
        tags::PIXEL_SPACING,
        tags::RESCALE_SLOPE,
    ];
    gone.into_iter().for_each(|tag| {
        object.remove_element(tag);
    });
    text(&mut object, tags::NUMBER_OF_FRAMES, &n.to_string());
    let mut shared = InMemDicomObject::new_empty();
    sequence(
        &mut shared,
        tags::PIXEL_MEASURES_SEQUENCE,
        vec![item(&[(tags::PIXEL_SPACING, "0.5\\0.75"), (tags::SLICE_THICKNESS, "2.5")])],
    );
    sequence(
        &mut shared,
        tags::PLANE_ORIENTATION_SEQUENCE,
        vec![item(&[(tags::IMAGE_ORIENTATION_PATIENT, "1\\0\\0\\0\\1\\0")])],
    );
    sequence(&mut object, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared]);
    let frame = |k: i32| {
        let mut frame = InMemDicomObject::new_empty();
        let position = format!("-10\\20\\{}", 2.5 * f64::from(k) - 100.0);
        sequence(
            &mut frame,
            tags::PLANE_POSITION_SEQUENCE,
            vec![item(&[(tags::IMAGE_POSITION_PATIENT, &position)])],
        );
        let scale = item(&[
            (tags::RESCALE_INTERCEPT, "-1024"),
            (tags::RESCALE_SLOPE, "1"),
            (tags::RESCALE_TYPE, "HU"),
        ]);
        sequence(&mut frame, tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, vec![scale]);
        frame
    };
    sequence(&mut object, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, (0..n).rev().map(frame).collect());
    let values: Vec<u16> = (0..n as u16).rev().flat_map(|k| (0..6).map(move |i| 10 * k + i)).collect();
    cells(&mut object, &values);
    object
}

#[test]
fn frames_of_one_file_make_a_volume() {
    let folder = Folder::new();
    put(&folder.0, "a", enhanced(4));
    let series = folder.load().unwrap();
    assert_eq!(series.volume.voxels(), &Voxels::I16(expected(4)));
    assert_eq!(series.volume.grid().origin_mm(), [-10.0, 20.0, -100.0]);
    let numbers: Vec<_> = series.source.frames.iter().map(|frame| frame.number).collect();
    assert_eq!(numbers, [Some(4), Some(3), Some(2), Some(1)]);
}

/// One PET slice: 1000 Bq/ml and 0 in turn, 80 kg, 400 MBq an hour before, half-life one hour.
pub fn pet(change: impl Fn(&mut InMemDicomObject, &mut InMemDicomObject)) -> Folder {
    changed(1, |_, object| {
        for (tag, value) in [
            (tags::SOP_CLASS_UID, uids::POSITRON_EMISSION_TOMOGRAPHY_IMAGE_STORAGE),
            (tags::MODALITY, "PT"),
            (tags::UNITS, "BQML"),
            (tags::CORRECTED_IMAGE, "DECY\\ATTN\\SCAT"),
            (tags::DECAY_CORRECTION, "START"),
            (tags::PATIENT_WEIGHT, "80"),
            (tags::SERIES_DATE, "20260105"),
            (tags::SERIES_TIME, "110000"),
            (tags::ACQUISITION_TIME, "110000.5"),
            (tags::RESCALE_SLOPE, "2.5"),
            (tags::RESCALE_INTERCEPT, "0"),
        ] {
            text(object, tag, value);
        }
        cells(object, &[400, 0, 400, 0, 400, 0]);
        let mut drug = item(&[
            (tags::RADIONUCLIDE_TOTAL_DOSE, "400000000"),
            (tags::RADIONUCLIDE_HALF_LIFE, "3600"),
            (tags::RADIOPHARMACEUTICAL_START_TIME, "100000.00"),
        ]);
        change(object, &mut drug);
        sequence(object, tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, vec![drug]);
    })
}

#[test]
fn uptake_is_decay_corrected_and_by_body_weight() {
    let suv = |folder: Folder| folder.scan().groups[0].load(true).unwrap();
    // 1000 Bq/ml × 80 000 g ÷ 200 MBq that were left.
    let series = suv(pet(|_, _| {}));
    assert_eq!((series.volume.at([0, 0, 0]), series.unit), (Some(0.4), Unit::SuvBodyWeight));
    let series = suv(pet(|object, _| text(object, tags::DECAY_CORRECTION, "ADMIN")));
    assert_eq!(series.volume.at([0, 0, 0]), Some(0.2));
    let dated = |_: &mut InMemDicomObject, drug: &mut InMemDicomObject| {
        text(drug, tags::RADIOPHARMACEUTICAL_START_DATE_TIME, "20260105100000");
        text(drug, tags::RADIOPHARMACEUTICAL_START_TIME, "235900");
    };
    assert_eq!(suv(pet(dated)).volume.at([0, 0, 0]), Some(0.4));
    let plain = pet(|_, _| {}).load().unwrap();
    assert_eq!((plain.volume.at([0, 0, 0]), plain.unit), (Some(1000.0), Unit::BecquerelPerMl));
    let already = suv(pet(|object, _| text(object, tags::UNITS, "GML")));
    assert_eq!((already.volume.at([0, 0, 0]), already.unit), (Some(1000.0), Unit::SuvBodyWeight));
}

#[test]
fn nothing_of_a_folder_is_passed_over() {
    let folder = stack(3);
    std::fs::create_dir(folder.0.join("deeper")).unwrap();
    std::fs::write(folder.0.join("deeper/notes.txt"), "no picture").unwrap();
    let mut other = slice(0);
    text(&mut other, tags::SERIES_INSTANCE_UID, "1.2.3.4.1.2");
    put(&folder.0.join("deeper"), "other.dcm", other);
    put(&folder.0, "report.dcm", anybody(uids::BASIC_TEXT_SR_STORAGE, "1.2.3.4.7", "SR"));
    let mut broken = bytes(slice(5), uids::EXPLICIT_VR_LITTLE_ENDIAN);
    broken.truncate(400);
    std::fs::write(folder.0.join("broken.dcm"), broken).unwrap();
    let scan = folder.scan();
    let series: Vec<_> = scan.groups.iter().map(|group| (group.series.as_str(), group.pictures())).collect();
    assert_eq!(series, [(SERIES, 3), ("1.2.3.4.1.2", 1)]);
    assert_eq!((scan.foreign.len(), scan.other.len(), scan.refused.len()), (1, 1, 1));
}
