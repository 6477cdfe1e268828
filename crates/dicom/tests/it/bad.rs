//! Bad input is refused, with file and tag, and never becomes a number.

use crate::sample::*;
use crate::volumes::{enhanced, pet};
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};

#[track_caller]
fn refused(folder: &Folder, words: &[&str]) {
    said(&folder.load().map(|_| ()).expect_err("must be refused").to_string(), words);
}

fn without(object: &mut dicom_object::InMemDicomObject, tag: dicom_core::Tag) {
    assert!(object.remove_element(tag));
}

#[track_caller]
fn said(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "`{message}` does not say `{word}`");
    }
    assert!(!message.contains("Invented") && !message.contains("INV-1"), "`{message}` holds content");
}

#[test]
fn slices_that_make_no_even_stack() {
    let place = |object: &mut dicom_object::InMemDicomObject, z: f64| {
        text(object, tags::IMAGE_POSITION_PATIENT, &format!("-10\\20\\{z}"));
    };
    let skip = |k: i32| f64::from(if k > 2 { k + 2 } else { k }) * 2.5;
    refused(&changed(6, |k, object| place(object, skip(k))), &["2 slices are missing", "after 04.dcm"]);
    refused(
        &changed(6, |k, object| place(object, f64::from(k) * 2.5 + if k == 5 { 0.4 } else { 0.0 })),
        &["not evenly spaced", "2.9000 mm"],
    );
    refused(&changed(6, |k, object| place(object, f64::from(k / 2))), &["3 slices lie where another does"]);
    refused(
        &changed(6, |k, object| {
            place(object, f64::from(k / 2));
            text(object, tags::TEMPORAL_POSITION_IDENTIFIER, &(k % 2).to_string());
        }),
        &["(0020,0100) TemporalPositionIdentifier", "several volumes"],
    );
    let twice = stack(3);
    std::fs::copy(twice.0.join("00.dcm"), twice.0.join("copy.dcm")).unwrap();
    refused(&twice, &["same object twice"]);
}

#[test]
fn tilted_gantries_and_shifted_slices() {
    let tilt = |k: i32| format!("-10\\{}\\{}", 20.0 + f64::from(k) * 0.5, f64::from(k) * 2.5);
    refused(
        &changed(4, |k, object| text(object, tags::IMAGE_POSITION_PATIENT, &tilt(k))),
        &["11.31 degrees", "gantry", "resample"],
    );
    let aside = |k: i32| format!("{}\\20\\{}", if k == 1 { -11 } else { -10 }, f64::from(k) * 2.5);
    refused(
        &changed(4, |k, object| text(object, tags::IMAGE_POSITION_PATIENT, &aside(k))),
        &["out of place"],
    );
}

#[test]
fn mixed_series() {
    for (tag, value) in [
        (tags::PIXEL_SPACING, "0.5\\0.5"),
        (tags::IMAGE_ORIENTATION_PATIENT, "1\\0\\0\\0\\0\\1"),
        (tags::FRAME_OF_REFERENCE_UID, "1.2.3.99"),
        (tags::STUDY_INSTANCE_UID, "1.2.3.98"),
    ] {
        let folder = changed(3, |k, object| {
            if k == 2 {
                text(object, tag, value)
            }
        });
        refused(&folder, &["series is mixed", &format!("({:04X},{:04X})", tag.group(), tag.element())]);
    }
    let rows = changed(3, |k, object| {
        if k == 2 {
            whole(object, tags::ROWS, 3);
            whole(object, tags::COLUMNS, 2);
        }
    });
    refused(&rows, &["(0028,0010) Rows", "mixed"]);
}

#[test]
fn attributes_that_are_missing_or_make_no_sense() {
    for tag in [
        tags::IMAGE_POSITION_PATIENT,
        tags::IMAGE_ORIENTATION_PATIENT,
        tags::PIXEL_SPACING,
        tags::RESCALE_SLOPE,
        tags::RESCALE_INTERCEPT,
        tags::ROWS,
        tags::BITS_STORED,
        tags::PIXEL_REPRESENTATION,
        tags::PIXEL_DATA,
    ] {
        let folder = changed(1, |_, object| {
            object.remove_element(tag);
        });
        refused(&folder, &["00.dcm", &format!("({:04X},{:04X})", tag.group(), tag.element()), "is missing"]);
    }
    for (tag, value, words) in [
        (tags::PIXEL_SPACING, "0\\0.75", "not above zero"),
        (tags::PIXEL_SPACING, "0.75", "1 values, needs 2"),
        (tags::PIXEL_SPACING, "Invented\\1", "no number"),
        (tags::IMAGE_ORIENTATION_PATIENT, "1\\0\\0\\0.5\\0.8\\0", "right angles"),
        (tags::IMAGE_ORIENTATION_PATIENT, "2\\0\\0\\0\\1\\0", "unit vectors"),
        (tags::RESCALE_SLOPE, "0", "is 0"),
        (tags::RESCALE_SLOPE, "NaN", "RescaleSlope"),
        (tags::RESCALE_SLOPE, "1e400", "RescaleSlope"),
        (tags::PHOTOMETRIC_INTERPRETATION, "PALETTE COLOR", "MONOCHROME"),
        (tags::NUMBER_OF_FRAMES, "3", "where it lies"),
    ] {
        refused(&changed(1, |_, object| text(object, tag, value)), &[words]);
    }
    for (tag, value, words) in [
        (tags::SAMPLES_PER_PIXEL, 3, "colours"),
        (tags::BITS_ALLOCATED, 12, "8, 16 or 32"),
        (tags::BITS_STORED, 17, "17 of 16"),
        (tags::HIGH_BIT, 16, "is 16"),
        (tags::HIGH_BIT, 3, "is 3"),
        (tags::PIXEL_REPRESENTATION, 2, "neither 0 nor 1"),
        (tags::ROWS, 0, "is 0"),
        (tags::ROWS, 7, "holds 12 bytes"),
    ] {
        refused(&changed(1, |_, object| whole(object, tag, value)), &[words]);
    }
    let flat = changed(1, |_, object| {
        object.remove_element(tags::SLICE_THICKNESS);
    });
    refused(&flat, &["(0018,0050) SliceThickness", "one slice"]);
    let lut = changed(1, |_, object| sequence(object, tags::MODALITY_LUT_SEQUENCE, vec![item(&[])]));
    refused(&lut, &["ModalityLUTSequence"]);
}

fn one(bytes: &[u8]) -> Folder {
    let folder = Folder::new();
    std::fs::write(folder.0.join("a.dcm"), bytes).unwrap();
    folder
}

#[test]
#[allow(deprecated)]
fn files_that_break_off_or_lie_about_their_bytes() {
    let plain = bytes(slice(0), uids::EXPLICIT_VR_LITTLE_ENDIAN);
    refused(&one(&plain[..plain.len() - 5]), &["a.dcm", "(7FE0,0010) PixelData", "12 bytes", "7 are left"]);
    refused(&one(&plain[..plain.len() - 100]), &["a.dcm", "cut off"]);
    refused(&one(&plain[..135]), &["a.dcm"]);
    // Big-endian data under a little-endian name, and the other way round.
    let relabelled = |syntax: &str, as_syntax: &str| {
        let bytes = bytes(slice(0), syntax);
        let at = bytes.windows(syntax.len()).position(|part| part == syntax.as_bytes()).unwrap();
        let mut changed = bytes.clone();
        changed[at..at + syntax.len()].copy_from_slice(as_syntax.as_bytes());
        one(&changed)
    };
    let (big, little) = (uids::EXPLICIT_VR_BIG_ENDIAN, uids::EXPLICIT_VR_LITTLE_ENDIAN);
    refused(&relabelled(big, little), &["other order", "(0002,0010)"]);
    refused(&relabelled(little, big), &["other order", "(0002,0010)"]);
    refused(&relabelled("1.2.840.10008.1.2.1", "1.2.840.10008.1.2\0\0"), &["a.dcm", "cut off or damaged"]);
    let mut implicit = bytes(slice(0), uids::IMPLICIT_VR_LITTLE_ENDIAN);
    let at = implicit.windows(18).position(|part| part == b"1.2.840.10008.1.2\0").unwrap();
    implicit.splice(at..at + 18, *b"1.2.840.10008.1.2.1\0");
    implicit[at - 2] = 20;
    refused(&one(&implicit), &["(0002,0010) is not that of the data"]);
    let mut unnamed = plain.clone();
    unnamed[128..132].copy_from_slice(b"XXXX");
    let scan = one(&unnamed).scan();
    assert_eq!((scan.groups.len(), scan.foreign.len()), (0, 1));
}

#[test]
fn compressed_data_that_is_cut_or_of_another_kind() {
    let encoded = |syntax: &str, offsets: &[u32], fragments: Vec<Vec<u8>>, frames: Option<i32>| {
        let mut object = frames.map_or_else(|| slice(0), enhanced);
        encapsulated(&mut object, offsets, fragments);
        one(&bytes(object, syntax))
    };
    let jpeg = hex(
        "ffd8ffe000104a46494600010100000100010000ffc3000b100004000401011100ffc400160001010100000000000000000000\
         000000080a0fffda0008010100010000c0009f4fa7d5f43e9f4fabe87d3e9f57d0fa7d3ebfffd9",
    );
    refused(&encoded(uids::JPEG_LOSSLESS_SV1, &[], vec![jpeg.clone()], None), &["another size"]);
    refused(
        &encoded(uids::JPEG_LOSSLESS_SV1, &[], vec![jpeg[..30].to_vec()], None),
        &["PixelData", "damaged"],
    );
    refused(&encoded(uids::JPEG_LOSSLESS_SV1, &[], vec![], None), &["0 fragments for 1 frames"]);
    refused(&encoded(uids::RLE_LOSSLESS, &[], vec![vec![0; 70]], None), &["RLE"]);
    refused(&encoded(uids::RLE_LOSSLESS, &[], vec![vec![0; 70]; 3], Some(2)), &["3 fragments for 2 frames"]);
    refused(
        &encoded(uids::HTJ2K_LOSSLESS, &[], vec![vec![0; 70]], None),
        &["1.2.840.10008.1.2.4.201", "decompress"],
    );
    let mut cut = bytes(
        {
            let mut object = slice(0);
            encapsulated(&mut object, &[], vec![vec![0; 70]]);
            object
        },
        uids::RLE_LOSSLESS,
    );
    cut.truncate(cut.len() - 8);
    refused(&one(&cut), &["PixelData", "fragments"]);
}

#[test]
fn frames_that_do_not_say_where_they_lie() {
    let folder = Folder::new();
    let mut object = enhanced(3);
    text(&mut object, tags::NUMBER_OF_FRAMES, "4");
    put(&folder.0, "a", object);
    refused(&folder, &["(5200,9230)", "3 items for 4 frames"]);
    let folder = Folder::new();
    let mut object = enhanced(3);
    object.remove_element(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    put(&folder.0, "a", object);
    refused(&folder, &["(0028,9110) PixelMeasuresSequence", "missing for a frame"]);
}

#[test]
fn uptake_is_never_guessed() {
    let refused = |folder: Folder, words: &[&str]| {
        said(&folder.scan().groups[0].load(true).expect_err("must be refused").to_string(), words);
    };
    refused(
        pet(|object, _| text(object, tags::PATIENT_WEIGHT, "0")),
        &["(0010,1030) PatientWeight", "above zero"],
    );
    refused(pet(|object, _| without(object, tags::PATIENT_WEIGHT)), &["PatientWeight", "missing"]);
    refused(pet(|object, _| text(object, tags::CORRECTED_IMAGE, "ATTN")), &["CorrectedImage"]);
    refused(pet(|object, _| text(object, tags::DECAY_CORRECTION, "NONE")), &["DecayCorrection"]);
    refused(pet(|object, _| text(object, tags::UNITS, "CNTS")), &["Units"]);
    refused(pet(|_, drug| without(drug, tags::RADIONUCLIDE_TOTAL_DOSE)), &["RadionuclideTotalDose"]);
    refused(pet(|_, drug| text(drug, tags::RADIONUCLIDE_HALF_LIFE, "0")), &["RadionuclideHalfLife"]);
    refused(pet(|_, drug| text(drug, tags::RADIOPHARMACEUTICAL_START_TIME, "233000")), &["after the scan"]);
    refused(pet(|object, _| text(object, tags::SERIES_TIME, "120000")), &["SeriesTime", "not known"]);
    let ct = stack(2).scan().groups[0].load(true).expect_err("no PET").to_string();
    said(&ct, &["no PET scan"]);
    let mixed = pet(|_, _| {});
    let mut other = dicom_object::open_file(mixed.0.join("00.dcm")).unwrap().into_inner();
    text(&mut other, tags::SOP_INSTANCE_UID, "1.2.3.4.1.1.777");
    text(&mut other, tags::IMAGE_POSITION_PATIENT, "-10\\20\\-90");
    text(&mut other, tags::UNITS, "GML");
    put(&mixed.0, "b.dcm", other);
    refused(mixed, &["(0054,1001) Units", "differs"]);
}

#[test]
fn values_of_more_bits_than_stored() {
    // 12 bits encoded, 8 said to be stored.
    let jpeg = "ffd8ffe000104a46494600010100000100010000ffc3000b100004000401011100ffc400160001010100000000000000000000\
                000000080a0fffda0008010100010000c0009f4fa7d5f43e9f4fabe87d3e9f57d0fa7d3ebfffd9";
    let mut object = slice(0);
    for (tag, value) in [(tags::ROWS, 4), (tags::COLUMNS, 4), (tags::BITS_STORED, 8), (tags::HIGH_BIT, 7)] {
        whole(&mut object, tag, value);
    }
    encapsulated(&mut object, &[], vec![hex(jpeg)]);
    refused(&one(&bytes(object, uids::JPEG_LOSSLESS_SV1)), &["more bits than BitsStored"]);
}

#[test]
fn floating_point_pixels() {
    let folder = changed(1, |_, object| {
        object.remove_element(tags::PIXEL_DATA);
        let values = PrimitiveValue::F32([0.5f32; 6].into_iter().collect());
        object.put(DataElement::new(tags::FLOAT_PIXEL_DATA, VR::OF, values));
    });
    refused(&folder, &["(7FE0,0008) FloatPixelData"]);
}
