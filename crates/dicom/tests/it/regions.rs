//! Contours become voxels by the rule that is written down; masks come back from a SEG as they went in.

use crate::sample::*;
use crate::volumes::enhanced;
use concilium_dicom::segmentation::{Description, Drawn, NewSegment, write};
use concilium_dicom::{
    Algorithm, Code, Finding, Made, Measurement, Segmentation, Series, Structures, report,
};
use concilium_imaging::{Mask, Unit};
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use proptest::prelude::*;

/// An RTSTRUCT of one ROI with closed contours, each a list of points.
pub fn structures(
    contours: &[&[[f64; 3]]],
    change: impl Fn(&mut InMemDicomObject, &mut Vec<InMemDicomObject>),
) -> Vec<u8> {
    let mut object = anybody(uids::RT_STRUCTURE_SET_STORAGE, "1.2.3.4.5", "RTSTRUCT");
    let roi = [
        (tags::ROI_NUMBER, "7"),
        (tags::ROI_NAME, "GTV"),
        (tags::REFERENCED_FRAME_OF_REFERENCE_UID, FRAME_OF_REFERENCE),
    ];
    sequence(&mut object, tags::STRUCTURE_SET_ROI_SEQUENCE, vec![item(&roi)]);
    let contour = |points: &&[[f64; 3]]| {
        let numbers: Vec<String> = points.iter().flatten().map(f64::to_string).collect();
        item(&[
            (tags::CONTOUR_GEOMETRIC_TYPE, "CLOSED_PLANAR"),
            (tags::NUMBER_OF_CONTOUR_POINTS, &points.len().to_string()),
            (tags::CONTOUR_DATA, &numbers.join("\\")),
        ])
    };
    let mut contours: Vec<_> = contours.iter().map(contour).collect();
    change(&mut object, &mut contours);
    let mut drawn = item(&[(tags::REFERENCED_ROI_NUMBER, "7")]);
    sequence(&mut drawn, tags::CONTOUR_SEQUENCE, contours);
    sequence(&mut object, tags::ROI_CONTOUR_SEQUENCE, vec![drawn]);
    bytes(object, uids::EXPLICIT_VR_LITTLE_ENDIAN)
}

/// Three slices of 8 × 9 pixels of 1 mm, the first pixel at (0, 0, 0), slices 2 mm apart.
fn field() -> Series {
    let folder = changed(3, |k, object| {
        whole(object, tags::ROWS, 8);
        whole(object, tags::COLUMNS, 9);
        text(object, tags::PIXEL_SPACING, "1\\1");
        text(object, tags::IMAGE_POSITION_PATIENT, &format!("0\\0\\{}", 2 * k));
        cells(object, &[0; 72]);
    });
    folder.load().unwrap()
}

pub fn square(from: f64, to: f64, z: f64) -> [[f64; 3]; 4] {
    [[from, from, z], [to, from, z], [to, to, z], [from, to, z]]
}

/// The slice `z` as rows of `#` and `.`.
fn picture(mask: &Mask, z: usize) -> Vec<String> {
    let (bounds, [_, rows, columns]) = (mask.bounds(), mask.grid().shape());
    let [_, height, width] = bounds.shape();
    let inside = |y: usize, x: usize| {
        let at = [z, y, x];
        (0..3).all(|axis| (bounds.lower[axis]..bounds.upper[axis]).contains(&at[axis]))
            && mask.inside()
                [((z - bounds.lower[0]) * height + y - bounds.lower[1]) * width + x - bounds.lower[2]]
    };
    (0..rows).map(|y| (0..columns).map(|x| if inside(y, x) { '#' } else { '.' }).collect()).collect()
}

fn drawn(contours: &[&[[f64; 3]]]) -> Mask {
    let (read, series) = (Structures::parse("rs", &structures(contours, |_, _| {})).unwrap(), field());
    assert_eq!((read.structures[0].number, read.structures[0].name.as_str()), (7, "GTV"));
    read.mask(&read.structures[0], series.volume.grid(), &series.source).unwrap()
}

#[test]
fn a_contour_within_another_is_a_hole() {
    let mask = drawn(&[&square(0.5, 6.5, 2.0), &square(2.5, 4.5, 2.0)]);
    assert_eq!(
        picture(&mask, 1),
        [
            ".........",
            ".######..",
            ".######..",
            ".##..##..",
            ".##..##..",
            ".######..",
            ".######..",
            "........."
        ]
    );
    assert_eq!(mask.count(), 32);
    // The same as one keyhole contour that goes in and out along one line.
    let keyhole = [
        [0.5, 0.5, 2.0],
        [6.5, 0.5, 2.0],
        [6.5, 6.5, 2.0],
        [0.5, 6.5, 2.0],
        [0.5, 2.5, 2.0],
        [2.5, 2.5, 2.0],
        [2.5, 4.5, 2.0],
        [4.5, 4.5, 2.0],
        [4.5, 2.5, 2.0],
        [0.5, 2.5, 2.0],
    ];
    assert_eq!(drawn(&[&keyhole]), mask);
}

#[test]
fn centres_on_a_contour_belong_once() {
    let (left, right) = (square(1.0, 4.0, 0.0), square(4.0, 6.0, 0.0));
    let mask = drawn(&[&left]);
    assert_eq!(picture(&mask, 0)[0..5], [".........", ".###.....", ".###.....", ".###.....", "........."]);
    assert_eq!(picture(&drawn(&[&right]), 0)[4], "....##...");
    // Parts outside of the picture are cut off.
    assert_eq!(drawn(&[&square(-5.0, 2.5, 0.0)]).count(), 9);
}

#[test]
fn contours_that_lie_elsewhere_are_refused() {
    let refused = |bytes: &[u8], words: &str| {
        let series = field();
        let message = match Structures::parse("rs", bytes) {
            Err(error) => error.to_string(),
            Ok(read) => {
                read.mask(&read.structures[0], series.volume.grid(), &series.source).unwrap_err().to_string()
            }
        };
        assert!(message.contains(words) && !message.contains("GTV"), "`{message}` does not say `{words}`");
    };
    let plain = |contour: &[[f64; 3]]| structures(&[contour], |_, _| {});
    refused(&plain(&square(1.0, 4.0, 0.9)), "0.45 slices off");
    refused(&plain(&square(1.0, 4.0, 6.0)), "above or below");
    refused(&plain(&[[1.0, 1.0, 0.0], [4.0, 1.0, 2.0], [4.0, 4.0, 4.0]]), "off its slice");
    refused(&plain(&square(1.1, 1.2, 0.0)), "is empty");
    let with = |tag, value: &'static str| {
        structures(&[&square(1.0, 4.0, 0.0)], move |_, contours| text(&mut contours[0], tag, value))
    };
    refused(&with(tags::CONTOUR_GEOMETRIC_TYPE, "OPEN_PLANAR"), "encloses nothing");
    refused(&with(tags::NUMBER_OF_CONTOUR_POINTS, "5"), "12 numbers");
    refused(&with(tags::CONTOUR_DATA, "1\\2\\3\\4"), "4 numbers");
    let other = structures(&[&square(1.0, 4.0, 0.0)], |object, _| {
        let roi = [(tags::ROI_NUMBER, "7"), (tags::REFERENCED_FRAME_OF_REFERENCE_UID, "1.2.3.99")];
        sequence(object, tags::STRUCTURE_SET_ROI_SEQUENCE, vec![item(&roi)]);
    });
    refused(&other, "another frame of reference");
    let nobody = structures(&[&square(1.0, 4.0, 0.0)], |object, _| {
        object.remove_element(tags::STRUCTURE_SET_ROI_SEQUENCE);
    });
    refused(&nobody, "names no ROI");
}

pub fn made() -> Made {
    Made { day: "20260201".to_owned(), time: "120000".to_owned(), version: "0.1.0".to_owned() }
}

fn described(label: &str) -> Description {
    Description {
        label: label.to_owned(),
        category: Code::new("49755003", "SCT", "Morphologically Abnormal Structure"),
        kind: Code::new("108369006", "SCT", "Neoplasm"),
        drawn: Drawn::Automatic("threshold".to_owned()),
        tracking: Some((label.to_owned(), "2.25.17".to_owned())),
    }
}

fn masks(series: &Series, all: &[Vec<bool>]) -> Vec<Mask> {
    all.iter().map(|inside| Mask::from_bools("m", series.volume.grid().clone(), inside).unwrap()).collect()
}

fn written(series: &Series, masks: &[Mask]) -> concilium_dicom::segmentation::Written {
    let segment = |mask| NewSegment { description: described("lésion 1"), mask };
    write(series, &masks.iter().map(segment).collect::<Vec<_>>(), &made()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn masks_come_back_from_a_seg(voxels in proptest::collection::vec((0usize..216, 0usize..2), 1..80)) {
        let series = field();
        let mut all = vec![vec![false; 216]; 2];
        voxels.iter().for_each(|(at, segment)| all[*segment][*at] = true);
        all.retain(|inside| inside.contains(&true));
        let masks = masks(&series, &all);
        let seg = written(&series, &masks);
        prop_assert_eq!(&seg.bytes, &written(&series, &masks).bytes);
        let read = Segmentation::parse("seg", &seg.bytes, Some(series.volume.grid())).unwrap();
        prop_assert_eq!(&read.object, &seg.object);
        prop_assert_eq!(read.source_series.as_deref(), Some(SERIES));
        prop_assert_eq!(read.segments.len(), masks.len());
        for (segment, mask) in read.segments.iter().zip(&masks) {
            prop_assert_eq!(&segment.description, &described("lésion 1"));
            let back = segment.mask.as_ref().unwrap();
            prop_assert_eq!((back.bounds(), back.inside()), (mask.bounds(), mask.inside()));
        }
        // On a grid of its own, the voxels lie at the same points.
        let alone = Segmentation::parse("seg", &seg.bytes, None).unwrap();
        for (segment, mask) in alone.segments.iter().zip(&masks) {
            let back = segment.mask.as_ref().unwrap();
            prop_assert_eq!(back.inside(), mask.inside());
            let corner = |mask: &Mask| mask.grid().point(mask.bounds().lower.map(|index| index as f64));
            prop_assert_eq!(corner(back), corner(mask));
        }
    }
}

#[test]
fn frames_of_one_file_are_referred_to_by_number() {
    let folder = Folder::new();
    put(&folder.0, "a", enhanced(3));
    let series = folder.load().unwrap();
    let mut inside = vec![false; 18];
    inside[7] = true;
    let seg = written(&series, &masks(&series, &[inside]));
    let path = folder.0.join("seg.dcm");
    std::fs::write(&path, &seg.bytes).unwrap();
    let object = dicom_object::open_file(&path).unwrap();
    let frames = object.element(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).unwrap().items().unwrap();
    let derivation = frames[0].element(tags::DERIVATION_IMAGE_SEQUENCE).unwrap().items().unwrap();
    let source = derivation[0].element(tags::SOURCE_IMAGE_SEQUENCE).unwrap().items().unwrap();
    assert_eq!(source[0].element(tags::REFERENCED_FRAME_NUMBER).unwrap().to_str().unwrap(), "2");
    assert_eq!(folder.scan().segmentations, [path]);
}

/// The SEG of one voxel, changed.
pub fn seg(change: impl Fn(&mut InMemDicomObject)) -> Vec<u8> {
    let series = field();
    let mut inside = vec![false; 216];
    (inside[80], inside[81]) = (true, true);
    let bytes = written(&series, &masks(&series, &[inside])).bytes;
    let mut object = dicom_object::from_reader(&bytes[128..]).unwrap().into_inner();
    change(&mut object);
    crate::sample::bytes(object, uids::EXPLICIT_VR_LITTLE_ENDIAN)
}

#[test]
fn segmentations_that_do_not_fit_are_refused() {
    let series = field();
    let refused = |bytes: Vec<u8>, words: &str| {
        let message = Segmentation::parse("seg", &bytes, Some(series.volume.grid())).unwrap_err().to_string();
        assert!(message.contains(words), "`{message}` does not say `{words}`");
    };
    let moved = |position: &'static str| {
        seg(move |object| {
            object
                .update_value_at(
                    (
                        tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
                        0,
                        tags::PLANE_POSITION_SEQUENCE,
                        0,
                        tags::IMAGE_POSITION_PATIENT,
                    ),
                    |value| {
                        *value = dicom_core::value::Value::from(PrimitiveValue::from(position));
                    },
                )
                .unwrap();
        })
    };
    refused(moved("0\\0\\1"), "between the voxels");
    refused(moved("0\\0\\20"), "beyond the series");
    refused(moved("1\\0\\2"), "beyond the series");
    refused(seg(|object| text(object, tags::SEGMENTATION_TYPE, "FRACTIONAL")), "MaximumFractionalValue");
    refused(seg(|object| whole(object, tags::ROWS, 9)), "holds 10 bytes, 1 frames of its size need 11");
    refused(seg(|object| text(object, tags::NUMBER_OF_FRAMES, "2")), "1 items for 2 frames");
    refused(
        seg(|object| {
            object.remove_element(tags::SEGMENT_SEQUENCE);
        }),
        "names no segment",
    );
    refused(
        seg(|object| {
            object.remove_element(tags::PIXEL_DATA);
        }),
        "PixelData",
    );
    refused(bytes(slice(0), uids::EXPLICIT_VR_LITTLE_ENDIAN), "not that of segmentations");
}

#[test]
fn fractions_count_when_they_are_none_or_all() {
    let share = |value: u8| {
        seg(move |object| {
            text(object, tags::SEGMENTATION_TYPE, "FRACTIONAL");
            for (tag, value) in [
                (tags::MAXIMUM_FRACTIONAL_VALUE, 200),
                (tags::BITS_ALLOCATED, 8),
                (tags::BITS_STORED, 8),
                (tags::HIGH_BIT, 7),
            ] {
                whole(object, tag, value);
            }
            let mut shares = vec![0u8; 72];
            (shares[8], shares[9]) = (200, value);
            object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(shares)));
        })
    };
    let read = Segmentation::parse("seg", &share(200), None).unwrap();
    assert_eq!(read.segments[0].mask.as_ref().unwrap().count(), 2);
    let message = Segmentation::parse("seg", &share(100), None).unwrap_err().to_string();
    assert!(message.contains("threshold"), "{message}");
}

#[test]
fn measurements_are_said_with_unit_region_and_algorithm() {
    let series = field();
    let mut inside = vec![false; 216];
    inside[80] = true;
    let seg = written(&series, &masks(&series, &[inside]));
    let volume = Measurement {
        concept: Code::new("RNU0", "IBSI", "Volume of Mesh"),
        value: 1.0 / 3.0,
        unit: report::unit("mm³", series.unit),
        parameters: vec!["aggregation none".to_owned()],
    };
    let finding = Finding {
        segment: 1,
        tracking: ("lesion 1".to_owned(), "2.25.17".to_owned()),
        kind: None,
        site: None,
        measurements: vec![volume.clone()],
    };
    let algorithm = Algorithm { name: "IBSI-1".to_owned(), version: "0.1.0".to_owned(), parameters: vec![] };
    let bytes =
        report::write(&series, &seg.object, std::slice::from_ref(&finding), &algorithm, &made()).unwrap();
    let object = dicom_object::from_reader(&bytes[128..]).unwrap();
    let steps = [
        (tags::CONTENT_SEQUENCE, 7),
        (tags::CONTENT_SEQUENCE, 0),
        (tags::CONTENT_SEQUENCE, 6),
        (tags::MEASURED_VALUE_SEQUENCE, 0),
    ];
    let into = |object: InMemDicomObject, (tag, at): (dicom_core::Tag, usize)| {
        object.element(tag).unwrap().items().unwrap()[at].clone()
    };
    let number = steps.into_iter().fold(object.into_inner(), into);
    let at = |tag| number.element(tag).unwrap();
    assert_eq!(at(tags::NUMERIC_VALUE).to_str().unwrap(), "0.33333333333333");
    assert_eq!(at(tags::FLOATING_POINT_VALUE).to_float64().unwrap(), 1.0 / 3.0);
    let infinite = Measurement { value: f64::NAN, ..volume };
    for measurements in [vec![], vec![infinite]] {
        let wrong = Finding { measurements, ..finding.clone() };
        assert!(report::write(&series, &seg.object, &[wrong], &algorithm, &made()).is_err());
    }
}

#[test]
fn units_of_features_are_ucum() {
    for (written, image, expected) in [
        ("mm³", Unit::Hounsfield, "mm3"),
        ("I", Unit::Hounsfield, "[hnsf'U]"),
        ("I²", Unit::SuvBodyWeight, "(g/ml{SUVbw})2"),
        ("I·mm³", Unit::SuvBodyWeight, "g/ml{SUVbw}.mm3"),
        ("I²", Unit::Arbitrary, "1"),
        ("1/mm", Unit::Hounsfield, "/mm"),
    ] {
        let code = report::unit(written, image);
        assert_eq!((code.value.as_str(), code.scheme.as_str()), (expected, "UCUM"));
        assert!(code.value.len() <= 16);
    }
    for feature in concilium_imaging::radiomics::features::FEATURES {
        assert!(report::unit(feature.unit, Unit::SuvBodyWeight).value.is_ascii(), "{}", feature.unit);
    }
}
