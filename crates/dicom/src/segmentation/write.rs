//! How are masks written as a SEG object? One bit a voxel, one frame for each slice a segment reaches (PS3.3 A.51).

use super::{Description, Drawn, Object};
use crate::compose::{
    Code, Made, begin, decimals, file, item, reference, references, sequence, tag_value, text, uid, whole,
};
use crate::error::DicomError;
use crate::series::Series;
use concilium_imaging::{Frame, Grid, Mask};
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use sha2::{Digest, Sha256};

/// One segment to be written; its number is its place in the list, from 1.
#[derive(Clone, Debug)]
pub struct NewSegment<'a> {
    /// What it says of itself.
    pub description: Description,
    /// Its voxels, on the grid of the series.
    pub mask: &'a Mask,
}

/// A SEG object that was made.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its identifiers.
    pub object: Object,
    /// The file.
    pub bytes: Vec<u8>,
}

/// One frame: segment number, slice, and the truth value of each pixel.
struct Shown {
    segment: usize,
    slice: usize,
    inside: Vec<bool>,
}

/// Writes masks drawn on a series.
pub fn write(series: &Series, segments: &[NewSegment], made: &Made) -> Result<Written, DicomError> {
    let grid = series.volume.grid();
    for segment in segments {
        grid.check_same(segment.mask.grid())?;
    }
    if series.source.frame_of_reference.is_none() {
        let what = "the series says none: masks cannot be tied to it".to_owned();
        return Err(DicomError::tag("new object", tags::FRAME_OF_REFERENCE_UID, what));
    }
    let frames: Vec<Shown> =
        segments.iter().enumerate().flat_map(|(at, segment)| shown(at + 1, segment.mask)).collect();
    if segments.len() > usize::from(u16::MAX) || frames.is_empty() {
        return Err(DicomError::file("new object", "needs from 1 to 65535 segments"));
    }
    let bits = packed(&frames);
    let hash = format!("{:x}", Sha256::digest(&bits));
    let described = format!("{:?}", segments.iter().map(|segment| &segment.description).collect::<Vec<_>>());
    let named =
        |what| uid(&[what, &series.source.series, &hash, &described, &made.day, &made.time, &made.version]);
    let (own_series, instance) = (named("segmentation series"), named("segmentation"));
    let mut object = begin(&series.header, uids::SEGMENTATION_STORAGE, "SEG", [&own_series, &instance], made);
    image(&mut object, grid, frames.len(), bits);
    text(&mut object, tags::SEGMENTS_OVERLAP, if overlap(&frames) { "YES" } else { "NO" });
    let items = segments
        .iter()
        .enumerate()
        .map(|(at, segment)| described_item(at + 1, &segment.description))
        .collect();
    sequence(&mut object, tags::SEGMENT_SEQUENCE, items);
    place(&mut object, series, &frames, &named("dimensions"));
    let sop_class = uids::SEGMENTATION_STORAGE.to_owned();
    let named = Object { sop_class, sop_instance: instance, series: own_series };
    Ok(Written { object: named, bytes: file(object)? })
}

/// The slices a mask reaches.
fn shown(segment: usize, mask: &Mask) -> Vec<Shown> {
    let (bounds, [_, rows, columns]) = (mask.bounds(), mask.grid().shape());
    let [_, height, width] = bounds.shape();
    let frame = |(at, block): (usize, &[bool])| {
        let mut inside = vec![false; rows * columns];
        for (row, part) in block.chunks(width).enumerate() {
            let start = (bounds.lower[1] + row) * columns + bounds.lower[2];
            inside[start..start + width].copy_from_slice(part);
        }
        Shown { segment, slice: bounds.lower[0] + at, inside }
    };
    let blocks = mask.inside().chunks(height * width).enumerate();
    blocks.filter(|(_, block)| block.contains(&true)).map(frame).collect()
}

/// One bit a pixel, the lowest first, frames without a gap, an even number of bytes.
fn packed(frames: &[Shown]) -> Vec<u8> {
    let n: usize = frames.iter().map(|frame| frame.inside.len()).sum();
    let mut bytes = vec![0u8; n.div_ceil(16) * 2];
    let all = frames.iter().flat_map(|frame| &frame.inside).enumerate();
    all.filter(|(_, inside)| **inside).for_each(|(at, _)| bytes[at / 8] |= 1 << (at % 8));
    bytes
}

fn overlap(frames: &[Shown]) -> bool {
    let both = |a: &Shown, b: &Shown| a.inside.iter().zip(&b.inside).any(|(a, b)| *a && *b);
    let apart = |a: &Shown, b: &Shown| a.segment < b.segment && a.slice == b.slice;
    frames.iter().any(|a| frames.iter().any(|b| apart(a, b) && both(a, b)))
}

fn image(object: &mut InMemDicomObject, grid: &Grid, frames: usize, bits: Vec<u8>) {
    let [_, rows, columns] = grid.shape();
    for (tag, value) in [
        (tags::IMAGE_TYPE, "DERIVED\\PRIMARY"),
        (tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME2"),
        (tags::LOSSY_IMAGE_COMPRESSION, "00"),
        (tags::SEGMENTATION_TYPE, "BINARY"),
        (tags::CONTENT_LABEL, "SEGMENTATION"),
        (tags::CONTENT_DESCRIPTION, "Regions as they were measured"),
        (tags::CONTENT_CREATOR_NAME, ""),
    ] {
        text(object, tag, value);
    }
    text(object, tags::NUMBER_OF_FRAMES, &frames.to_string());
    // A grid made of DICOM has sizes that DICOM can hold.
    for (tag, value) in [
        (tags::ROWS, rows as u16),
        (tags::COLUMNS, columns as u16),
        (tags::SAMPLES_PER_PIXEL, 1),
        (tags::BITS_ALLOCATED, 1),
        (tags::BITS_STORED, 1),
        (tags::HIGH_BIT, 0),
        (tags::PIXEL_REPRESENTATION, 0),
    ] {
        whole(object, tag, value);
    }
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(bits)));
}

fn described_item(number: usize, description: &Description) -> InMemDicomObject {
    let mut object = item(&[(tags::SEGMENT_LABEL, &description.label)]);
    whole(&mut object, tags::SEGMENT_NUMBER, number as u16);
    let (kind, name) = match &description.drawn {
        Drawn::Manual => ("MANUAL", None),
        Drawn::SemiAutomatic(name) => ("SEMIAUTOMATIC", Some(name)),
        Drawn::Automatic(name) => ("AUTOMATIC", Some(name)),
    };
    text(&mut object, tags::SEGMENT_ALGORITHM_TYPE, kind);
    if let Some(name) = name {
        text(&mut object, tags::SEGMENT_ALGORITHM_NAME, name);
    }
    sequence(&mut object, tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE, vec![description.category.item()]);
    sequence(&mut object, tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, vec![description.kind.item()]);
    if let Some((id, uid)) = &description.tracking {
        text(&mut object, tags::TRACKING_ID, id);
        text(&mut object, tags::TRACKING_UID, uid);
    }
    object
}

/// Frame of reference, dimensions, functional groups, references.
fn place(object: &mut InMemDicomObject, series: &Series, frames: &[Shown], dimensions: &str) {
    let source = &series.source;
    text(object, tags::FRAME_OF_REFERENCE_UID, source.frame_of_reference.as_deref().unwrap_or_default());
    text(object, tags::POSITION_REFERENCE_INDICATOR, "");
    sequence(
        object,
        tags::DIMENSION_ORGANIZATION_SEQUENCE,
        vec![item(&[(tags::DIMENSION_ORGANIZATION_UID, dimensions)])],
    );
    let index = |pointer, group, label| {
        let parts =
            [(tags::DIMENSION_ORGANIZATION_UID, dimensions), (tags::DIMENSION_DESCRIPTION_LABEL, label)];
        let mut object = item(&parts);
        tag_value(&mut object, tags::DIMENSION_INDEX_POINTER, pointer);
        tag_value(&mut object, tags::FUNCTIONAL_GROUP_POINTER, group);
        object
    };
    let indices = vec![
        index(tags::REFERENCED_SEGMENT_NUMBER, tags::SEGMENT_IDENTIFICATION_SEQUENCE, "Segment Number"),
        index(tags::IMAGE_POSITION_PATIENT, tags::PLANE_POSITION_SEQUENCE, "Image Position Patient"),
    ];
    sequence(object, tags::DIMENSION_INDEX_SEQUENCE, indices);
    sequence(object, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared(series.volume.grid())]);
    let groups = frames.iter().map(|frame| group(frame, series.volume.grid(), &source.frames)).collect();
    sequence(object, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, groups);
    let mut drawn_on = references(source.frames.iter(), tags::REFERENCED_INSTANCE_SEQUENCE);
    text(&mut drawn_on, tags::SERIES_INSTANCE_UID, &source.series);
    sequence(object, tags::REFERENCED_SERIES_SEQUENCE, vec![drawn_on]);
}

fn shared(grid: &Grid) -> InMemDicomObject {
    let [between, rows_mm, columns_mm] = grid.spacing_mm();
    let [_, column, row] = grid.directions();
    let mut measures = InMemDicomObject::new_empty();
    decimals(&mut measures, tags::SLICE_THICKNESS, &[between]);
    decimals(&mut measures, tags::SPACING_BETWEEN_SLICES, &[between]);
    decimals(&mut measures, tags::PIXEL_SPACING, &[rows_mm, columns_mm]);
    let mut orientation = InMemDicomObject::new_empty();
    decimals(&mut orientation, tags::IMAGE_ORIENTATION_PATIENT, &[row, column].concat());
    let mut shared = InMemDicomObject::new_empty();
    sequence(&mut shared, tags::PIXEL_MEASURES_SEQUENCE, vec![measures]);
    sequence(&mut shared, tags::PLANE_ORIENTATION_SEQUENCE, vec![orientation]);
    shared
}

fn group(frame: &Shown, grid: &Grid, sources: &[Frame]) -> InMemDicomObject {
    let mut content = InMemDicomObject::new_empty();
    let indices = [frame.segment as u32, frame.slice as u32 + 1];
    content.put(DataElement::new(
        tags::DIMENSION_INDEX_VALUES,
        VR::UL,
        PrimitiveValue::U32(indices.into_iter().collect()),
    ));
    let mut position = InMemDicomObject::new_empty();
    decimals(&mut position, tags::IMAGE_POSITION_PATIENT, &grid.point([frame.slice as f64, 0.0, 0.0]));
    let mut identified = InMemDicomObject::new_empty();
    whole(&mut identified, tags::REFERENCED_SEGMENT_NUMBER, frame.segment as u16);
    let mut group = InMemDicomObject::new_empty();
    sequence(&mut group, tags::FRAME_CONTENT_SEQUENCE, vec![content]);
    sequence(&mut group, tags::PLANE_POSITION_SEQUENCE, vec![position]);
    sequence(&mut group, tags::SEGMENT_IDENTIFICATION_SEQUENCE, vec![identified]);
    if let Some(source) = sources.get(frame.slice) {
        sequence(&mut group, tags::DERIVATION_IMAGE_SEQUENCE, vec![derivation(source)]);
    }
    group
}

fn derivation(source: &Frame) -> InMemDicomObject {
    let mut image = reference(&source.sop_class, &source.sop_instance);
    if let Some(number) = source.number {
        text(&mut image, tags::REFERENCED_FRAME_NUMBER, &number.to_string());
    }
    text(&mut image, tags::SPATIAL_LOCATIONS_PRESERVED, "YES");
    let purpose = Code::new("121322", "DCM", "Source image for image processing operation");
    sequence(&mut image, tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, vec![purpose.item()]);
    let mut derivation = InMemDicomObject::new_empty();
    sequence(&mut derivation, tags::SOURCE_IMAGE_SEQUENCE, vec![image]);
    sequence(
        &mut derivation,
        tags::DERIVATION_CODE_SEQUENCE,
        vec![Code::new("113076", "DCM", "Segmentation").item()],
    );
    derivation
}
