//! What does one file say about its pictures? Identifiers, pixel format, and for every frame its place and scale.

use crate::codec::PixelFormat;
use crate::element::Record;
use crate::error::DicomError;
use crate::file::Opened;
use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use std::path::Path;

/// Place and scale of one picture. Points and directions are LPS, mm.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plane {
    /// Centre of the first pixel.
    pub position: [f64; 3],
    /// Unit vector along which the column index grows.
    pub row: [f64; 3],
    /// Unit vector along which the row index grows.
    pub column: [f64; 3],
    /// Distance of rows, then of columns.
    pub spacing: [f64; 2],
    /// Distance of slices, where the file says it.
    pub between: Option<f64>,
    /// Thickness of the slice.
    pub thickness: Option<f64>,
    pub slope: f64,
    pub intercept: f64,
    /// What the scaled numbers are (`HU`), where the file says it.
    pub scaled_to: Option<String>,
}

/// What tells apart pictures that lie at one place.
pub(crate) type Mark = (Tag, Option<String>);

/// One file.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub file: String,
    pub study: String,
    pub series: String,
    pub sop_class: String,
    pub sop_instance: String,
    pub modality: String,
    pub frame_of_reference: Option<String>,
    pub format: PixelFormat,
    /// One for each frame.
    pub planes: Vec<Plane>,
    pub marks: Vec<Mark>,
    /// Are frames of one object meant, or is the object one picture?
    pub multi_frame: bool,
    pub burned_in: bool,
    pub opened: Opened,
}

/// Storage classes whose pixels are measured on a scale, in three dimensions.
const IMAGES: [&str; 12] = [
    uids::CT_IMAGE_STORAGE,
    uids::ENHANCED_CT_IMAGE_STORAGE,
    uids::LEGACY_CONVERTED_ENHANCED_CT_IMAGE_STORAGE,
    uids::CT_IMAGE_STORAGE_FOR_PROCESSING,
    uids::ENHANCED_CT_IMAGE_STORAGE_FOR_PROCESSING,
    uids::MR_IMAGE_STORAGE,
    uids::ENHANCED_MR_IMAGE_STORAGE,
    uids::LEGACY_CONVERTED_ENHANCED_MR_IMAGE_STORAGE,
    uids::POSITRON_EMISSION_TOMOGRAPHY_IMAGE_STORAGE,
    uids::ENHANCED_PET_IMAGE_STORAGE,
    uids::LEGACY_CONVERTED_ENHANCED_PET_IMAGE_STORAGE,
    uids::LEGACY_CONVERTED_ENHANCED_CT_IMAGE_STORAGE_FOR_PROCESSING,
];

/// What a file is good for.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A picture of a series.
    Image(Box<Instance>),
    /// Contours.
    Structures,
    /// Masks.
    Segmentation,
    /// Something else, by its SOP Class UID.
    Other(String),
}

/// Opens a file and says what it is.
pub(crate) fn read(path: &Path) -> Result<Kind, DicomError> {
    classify(Opened::open(path)?)
}

/// The same for a file that is open.
pub(crate) fn classify(opened: Opened) -> Result<Kind, DicomError> {
    let sop_class = Record { file: &opened.name, object: &opened.header }.needed_text(tags::SOP_CLASS_UID)?;
    Ok(match sop_class.as_str() {
        uids::RT_STRUCTURE_SET_STORAGE => Kind::Structures,
        uids::SEGMENTATION_STORAGE | uids::LABEL_MAP_SEGMENTATION_STORAGE => Kind::Segmentation,
        class if IMAGES.contains(&class) => Kind::Image(Box::new(instance(opened, sop_class)?)),
        _ => Kind::Other(sop_class),
    })
}

/// Attributes by which a series may hold one place several times.
const MARKS: [Tag; 5] = [
    tags::IMAGE_TYPE,
    tags::ACQUISITION_NUMBER,
    tags::TEMPORAL_POSITION_IDENTIFIER,
    tags::ECHO_NUMBERS,
    tags::TRIGGER_TIME,
];

fn instance(mut opened: Opened, sop_class: String) -> Result<Instance, DicomError> {
    let record = Record { file: &opened.name, object: &opened.header };
    let shared = record.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let frames: Vec<_> = record.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).collect();
    let multi_frame = !frames.is_empty() || shared.is_some();
    let modality = record.needed_text(tags::MODALITY)?;
    let count = record.whole(tags::NUMBER_OF_FRAMES)?.unwrap_or(1) as usize;
    let planes = if multi_frame {
        if frames.len() != count {
            let what = format!("has {} items for {count} frames", frames.len());
            return Err(record.wrong(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, what));
        }
        let plane = |frame: &Record| enhanced(&record, &Groups { own: *frame, shared }, &modality);
        frames.iter().map(plane).collect::<Result<_, _>>()?
    } else if count == 1 {
        vec![single(&record, &modality)?]
    } else {
        return Err(record.wrong(tags::NUMBER_OF_FRAMES, "is above 1, but no frame says where it lies"));
    };
    let burned_in = record.text(tags::BURNED_IN_ANNOTATION).is_some_and(|answer| answer == "YES");
    Ok(Instance {
        file: opened.name.clone(),
        study: record.needed_text(tags::STUDY_INSTANCE_UID)?,
        series: record.needed_text(tags::SERIES_INSTANCE_UID)?,
        sop_class,
        sop_instance: record.needed_text(tags::SOP_INSTANCE_UID)?,
        modality,
        frame_of_reference: record.text(tags::FRAME_OF_REFERENCE_UID),
        format: format(&record, count)?,
        planes,
        marks: MARKS.iter().map(|&tag| (tag, record.text(tag))).collect(),
        multi_frame,
        burned_in,
        opened: {
            // Thousands of items that have been read.
            opened.header.remove_element(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
            opened
        },
    })
}

/// Pixels as they are stored; refuses what has no measured values.
pub(crate) fn format(record: &Record, frames: usize) -> Result<PixelFormat, DicomError> {
    if record.needed_whole(tags::SAMPLES_PER_PIXEL)? != 1 {
        return Err(record.wrong(tags::SAMPLES_PER_PIXEL, "is not 1: colours are no measured values"));
    }
    let photometric = record.needed_text(tags::PHOTOMETRIC_INTERPRETATION)?;
    // MONOCHROME1 says that low values are shown bright. It is about showing: the values stay as they are.
    if !matches!(photometric.as_str(), "MONOCHROME1" | "MONOCHROME2") {
        return Err(record.wrong(tags::PHOTOMETRIC_INTERPRETATION, "is neither MONOCHROME1 nor MONOCHROME2"));
    }
    let allocated = record.needed_whole(tags::BITS_ALLOCATED)?;
    if !matches!(allocated, 8 | 16 | 32) {
        return Err(record.wrong(tags::BITS_ALLOCATED, format!("is {allocated}, must be 8, 16 or 32")));
    }
    let stored = record.needed_whole(tags::BITS_STORED)?;
    if !(1..=allocated).contains(&stored) {
        return Err(record.wrong(tags::BITS_STORED, format!("is {stored} of {allocated} bits")));
    }
    let high_bit = record.whole(tags::HIGH_BIT)?.unwrap_or(stored - 1);
    if high_bit + 1 < stored || high_bit >= allocated {
        return Err(record.wrong(tags::HIGH_BIT, format!("is {high_bit} with {stored} of {allocated} bits")));
    }
    let sign = record.needed_whole(tags::PIXEL_REPRESENTATION)?;
    if sign > 1 {
        return Err(record.wrong(tags::PIXEL_REPRESENTATION, "is neither 0 nor 1"));
    }
    let size = |tag| match record.needed_whole(tag)? {
        0 => Err(record.wrong(tag, "is 0")),
        size => Ok(size as usize),
    };
    let (rows, columns) = (size(tags::ROWS)?, size(tags::COLUMNS)?);
    if frames == 0 {
        return Err(record.wrong(tags::NUMBER_OF_FRAMES, "is 0"));
    }
    Ok(PixelFormat { rows, columns, frames, allocated, stored, high_bit, signed: sign == 1 })
}

/// Slope, intercept and what they scale to. CT and PET must say them; other scanners count in units of their own.
fn scale(record: &Record, modality: &str) -> Result<(f64, f64, Option<String>), DicomError> {
    if record.item(tags::MODALITY_LUT_SEQUENCE).is_some() {
        return Err(
            record.wrong(tags::MODALITY_LUT_SEQUENCE, "is not followed: the scale is no straight line")
        );
    }
    let (slope, intercept) = (record.number(tags::RESCALE_SLOPE)?, record.number(tags::RESCALE_INTERCEPT)?);
    if matches!(modality, "CT" | "PT") && (slope.is_none() || intercept.is_none()) {
        let tag = if slope.is_none() { tags::RESCALE_SLOPE } else { tags::RESCALE_INTERCEPT };
        return Err(record.wrong(tag, "is missing: the values of this scan have no scale"));
    }
    if slope == Some(0.0) {
        return Err(record.wrong(tags::RESCALE_SLOPE, "is 0"));
    }
    Ok((slope.unwrap_or(1.0), intercept.unwrap_or(0.0), record.text(tags::RESCALE_TYPE)))
}

/// Two unit vectors at right angles from `ImageOrientationPatient`.
pub(crate) fn orientation(record: &Record) -> Result<([f64; 3], [f64; 3]), DicomError> {
    let [a, b, c, d, e, f] = record.needed_array::<6>(tags::IMAGE_ORIENTATION_PATIENT)?;
    let (row, column) = ([a, b, c], [d, e, f]);
    let off = (dot(row, row) - 1.0).abs().max((dot(column, column) - 1.0).abs()).max(dot(row, column).abs());
    // Directions are written with few digits; beyond this they are something else.
    if off.is_nan() || off > 1e-3 {
        return Err(
            record.wrong(tags::IMAGE_ORIENTATION_PATIENT, "is no pair of unit vectors at right angles")
        );
    }
    let row = unit(row);
    let lean = dot(row, column);
    let column = unit(std::array::from_fn(|axis| column[axis] - lean * row[axis]));
    Ok((row, column))
}

pub(crate) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    (0..3).map(|axis| a[axis] * b[axis]).sum()
}

pub(crate) fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn unit(vector: [f64; 3]) -> [f64; 3] {
    let length = dot(vector, vector).sqrt();
    vector.map(|part| part / length)
}

/// Distances must be above zero.
pub(crate) fn spacing(record: &Record) -> Result<[f64; 2], DicomError> {
    let spacing = record.needed_array::<2>(tags::PIXEL_SPACING)?;
    if spacing.iter().all(|distance| *distance > 0.0) {
        return Ok(spacing);
    }
    Err(record.wrong(tags::PIXEL_SPACING, "is not above zero"))
}

fn single(record: &Record, modality: &str) -> Result<Plane, DicomError> {
    let (row, column) = orientation(record)?;
    let (slope, intercept, scaled_to) = scale(record, modality)?;
    Ok(Plane {
        position: record.needed_array(tags::IMAGE_POSITION_PATIENT)?,
        row,
        column,
        spacing: spacing(record)?,
        between: record.number(tags::SPACING_BETWEEN_SLICES)?,
        thickness: record.number(tags::SLICE_THICKNESS)?,
        slope,
        intercept,
        scaled_to,
    })
}

/// The functional groups of one frame: its own item, or what all frames share.
pub(crate) struct Groups<'a> {
    pub own: Record<'a>,
    pub shared: Option<Record<'a>>,
}

impl<'a> Groups<'a> {
    /// The item of one functional group.
    pub fn find(&self, tag: Tag) -> Option<Record<'a>> {
        self.own.item(tag).or_else(|| self.shared?.item(tag))
    }

    /// The item of one functional group that must be there.
    pub fn needed(&self, tag: Tag) -> Result<Record<'a>, DicomError> {
        self.find(tag).ok_or_else(|| self.own.wrong(tag, "is missing for a frame"))
    }
}

fn enhanced(record: &Record, groups: &Groups, modality: &str) -> Result<Plane, DicomError> {
    let measures = groups.needed(tags::PIXEL_MEASURES_SEQUENCE)?;
    let (row, column) = orientation(&groups.needed(tags::PLANE_ORIENTATION_SEQUENCE)?)?;
    let position = groups.needed(tags::PLANE_POSITION_SEQUENCE)?;
    let scaled = match groups.find(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE) {
        Some(item) => scale(&item, modality)?,
        None if matches!(modality, "CT" | "PT") => {
            return Err(record.wrong(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, "is missing for a frame"));
        }
        None => (1.0, 0.0, None),
    };
    Ok(Plane {
        position: position.needed_array(tags::IMAGE_POSITION_PATIENT)?,
        row,
        column,
        spacing: spacing(&measures)?,
        between: measures.number(tags::SPACING_BETWEEN_SLICES)?,
        thickness: measures.number(tags::SLICE_THICKNESS)?,
        slope: scaled.0,
        intercept: scaled.1,
        scaled_to: scaled.2,
    })
}
