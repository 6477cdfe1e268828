//! How is a SEG object read? Frames of bits become masks on one grid: that of the series, or one of their own.

use super::{Description, Drawn, Object, Segment, Segmentation};
use crate::codec::{Cells, Frames, PixelFormat};
use crate::compose::Code;
use crate::element::Record;
use crate::error::DicomError;
use crate::file::Opened;
use crate::instance::{Groups, cross, dot, format, orientation, spacing};
use concilium_imaging::{Grid, Mask};
use dicom_dictionary_std::{tags, uids};
use std::collections::BTreeMap;
use std::path::Path;

/// How far a frame may lie from a voxel of the grid, in voxels: positions are written with few digits.
const OFF_GRID: f64 = 0.01;

/// One frame: where it lies and what it shows.
struct Plane {
    position: [f64; 3],
    row: [f64; 3],
    column: [f64; 3],
    spacing: [f64; 2],
    between: Option<f64>,
    /// Segment; `None` in label maps, whose values are the numbers.
    segment: Option<u32>,
}

impl Segmentation {
    /// Reads a SEG object onto a grid, or onto one of its own.
    pub fn read(path: &Path, onto: Option<&Grid>) -> Result<Segmentation, DicomError> {
        parse(&Opened::open(path)?, onto)
    }

    /// The same from bytes. `file` is the name for messages.
    pub fn parse(file: &str, bytes: &[u8], onto: Option<&Grid>) -> Result<Segmentation, DicomError> {
        parse(&Opened::parse(file, bytes)?, onto)
    }
}

fn parse(opened: &Opened, onto: Option<&Grid>) -> Result<Segmentation, DicomError> {
    let record = Record { file: &opened.name, object: &opened.header };
    let sop_class = record.needed_text(tags::SOP_CLASS_UID)?;
    let label_map = sop_class == uids::LABEL_MAP_SEGMENTATION_STORAGE;
    if sop_class != uids::SEGMENTATION_STORAGE && !label_map {
        return Err(record.wrong(tags::SOP_CLASS_UID, "is not that of segmentations"));
    }
    let planes = planes(&record, label_map)?;
    let (rows, columns) = (record.needed_whole(tags::ROWS)?, record.needed_whole(tags::COLUMNS)?);
    let size = [rows as usize, columns as usize];
    if size.contains(&0) {
        return Err(record.wrong(tags::ROWS, "or Columns is 0"));
    }
    let grid = onto.cloned().map_or_else(|| own_grid(&record, &planes, size), Ok)?;
    let descriptions = descriptions(&record)?;
    let mut voxels: BTreeMap<u32, Vec<bool>> = BTreeMap::new();
    let pixels = Pixels::read(opened, &record, size, planes.len(), label_map)?;
    for (frame, plane) in planes.iter().enumerate() {
        let place = Place::of(plane, &grid, size)
            .map_err(|what| record.wrong(tags::PLANE_POSITION_SEQUENCE, what))?;
        for (number, at) in pixels.inside(frame, plane.segment)? {
            if !descriptions.contains_key(&number) {
                return Err(record.wrong(tags::REFERENCED_SEGMENT_NUMBER, "names no segment of the file"));
            }
            voxels.entry(number).or_insert_with(|| vec![false; grid.len()])[place.voxel(at)] = true;
        }
    }
    let segment = |(number, description): (u32, Description)| {
        let named = format!("segment {number}");
        let mask =
            voxels.get(&number).map(|inside| Mask::from_bools(&named, grid.clone(), inside)).transpose()?;
        Ok(Segment { number, description, mask })
    };
    let segments = descriptions.into_iter().map(segment).collect::<Result<_, DicomError>>()?;
    let source_series =
        record.item(tags::REFERENCED_SERIES_SEQUENCE).and_then(|item| item.text(tags::SERIES_INSTANCE_UID));
    let object = Object {
        sop_class,
        sop_instance: record.needed_text(tags::SOP_INSTANCE_UID)?,
        series: record.needed_text(tags::SERIES_INSTANCE_UID)?,
    };
    Ok(Segmentation { file: opened.name.clone(), object, source_series, grid, segments })
}

fn planes(record: &Record, label_map: bool) -> Result<Vec<Plane>, DicomError> {
    let shared = record.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let frames = record.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    let count = record.needed_whole(tags::NUMBER_OF_FRAMES)? as usize;
    if frames.len() != count || count == 0 {
        let what = format!("has {} items for {count} frames", frames.len());
        return Err(record.wrong(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, what));
    }
    let plane = |own: Record| {
        let groups = Groups { own, shared };
        let measures = groups.needed(tags::PIXEL_MEASURES_SEQUENCE)?;
        let (row, column) = orientation(&groups.needed(tags::PLANE_ORIENTATION_SEQUENCE)?)?;
        let position =
            groups.needed(tags::PLANE_POSITION_SEQUENCE)?.needed_array(tags::IMAGE_POSITION_PATIENT)?;
        let segment = if label_map {
            None
        } else {
            let named = groups.needed(tags::SEGMENT_IDENTIFICATION_SEQUENCE)?;
            Some(named.needed_whole(tags::REFERENCED_SEGMENT_NUMBER)?)
        };
        let between =
            measures.number(tags::SPACING_BETWEEN_SLICES)?.or(measures.number(tags::SLICE_THICKNESS)?);
        Ok(Plane { position, row, column, spacing: spacing(&measures)?, between, segment })
    };
    frames.map(plane).collect()
}

fn descriptions(record: &Record) -> Result<BTreeMap<u32, Description>, DicomError> {
    let mut all = BTreeMap::new();
    for item in record.items(tags::SEGMENT_SEQUENCE) {
        let code = |tag| {
            item.item(tag).and_then(|item| Code::read(&item)).ok_or_else(|| item.wrong(tag, "is missing"))
        };
        let name = item.text(tags::SEGMENT_ALGORITHM_NAME).unwrap_or_default();
        let drawn = match item.needed_text(tags::SEGMENT_ALGORITHM_TYPE)?.as_str() {
            "AUTOMATIC" => Drawn::Automatic(name),
            "SEMIAUTOMATIC" => Drawn::SemiAutomatic(name),
            "MANUAL" => Drawn::Manual,
            _ => return Err(item.wrong(tags::SEGMENT_ALGORITHM_TYPE, "is none of the three that there are")),
        };
        let description = Description {
            label: item.text(tags::SEGMENT_LABEL).unwrap_or_default(),
            category: code(tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE)?,
            kind: code(tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE)?,
            drawn,
            tracking: item.text(tags::TRACKING_ID).zip(item.text(tags::TRACKING_UID)),
        };
        if all.insert(item.needed_whole(tags::SEGMENT_NUMBER)?, description).is_some() {
            return Err(item.wrong(tags::SEGMENT_NUMBER, "stands twice"));
        }
    }
    // A label map describes its background, which is no region, as segment 0.
    all.remove(&0);
    Ok(all)
}

/// The smallest grid that holds all frames; slices that no frame shows are part of it.
fn own_grid(record: &Record, planes: &[Plane], [rows, columns]: [usize; 2]) -> Result<Grid, DicomError> {
    let first = &planes[0];
    let normal = cross(first.row, first.column);
    let height = |plane: &Plane| dot(plane.position, normal);
    let mut heights: Vec<f64> = planes.iter().map(height).collect();
    heights.sort_unstable_by(f64::total_cmp);
    let apart = heights.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step > 1e-4);
    let step =
        first.between.filter(|step| *step > 0.0).unwrap_or_else(|| apart.fold(f64::INFINITY, f64::min));
    if !step.is_finite() {
        return Err(
            record.wrong(tags::SPACING_BETWEEN_SLICES, "is missing: one slice has no volume without it")
        );
    }
    let slices = ((heights[heights.len() - 1] - heights[0]) / step).round() as usize + 1;
    let lowest = planes.iter().min_by(|a, b| height(a).total_cmp(&height(b))).unwrap_or(first);
    let spacing = [step, first.spacing[0], first.spacing[1]];
    Ok(Grid::new([slices, rows, columns], spacing, lowest.position, [normal, first.column, first.row])?)
}

/// Where the pixels of a frame lie in the grid: its first voxel, and the steps of its rows and columns.
struct Place {
    first: [usize; 3],
    shape: [usize; 3],
    columns: usize,
}

impl Place {
    fn of(plane: &Plane, grid: &Grid, [rows, columns]: [usize; 2]) -> Result<Place, String> {
        let (shape, mm, directions) = (grid.shape(), grid.spacing_mm(), grid.directions());
        let near = |a: f64, b: f64, by: f64| (a - b).abs() <= by;
        let same = (0..3).all(|part| {
            near(directions[1][part], plane.column[part], 1e-4)
                && near(directions[2][part], plane.row[part], 1e-4)
        });
        if !same
            || !near(mm[1], plane.spacing[0], 1e-4 * mm[1])
            || !near(mm[2], plane.spacing[1], 1e-4 * mm[2])
        {
            return Err("a frame has other directions or spacings than the series".to_owned());
        }
        let origin = grid.origin_mm();
        let from: [f64; 3] = std::array::from_fn(|part| plane.position[part] - origin[part]);
        let index: [f64; 3] = std::array::from_fn(|axis| dot(from, directions[axis]) / mm[axis]);
        let first = index.map(f64::round);
        if (0..3).any(|axis| !near(index[axis], first[axis], OFF_GRID)) {
            return Err(format!("a frame lies between the voxels of the series, at {index:.2?} [z, y, x]"));
        }
        let held = [1, rows, columns];
        if (0..3).any(|axis| first[axis] < 0.0 || first[axis] + held[axis] as f64 > shape[axis] as f64) {
            return Err("a frame reaches beyond the series".to_owned());
        }
        Ok(Place { first: first.map(|index| index as usize), shape, columns })
    }

    fn voxel(&self, pixel: usize) -> usize {
        let (row, column) = (pixel / self.columns, pixel % self.columns);
        (self.first[0] * self.shape[1] + self.first[1] + row) * self.shape[2] + self.first[2] + column
    }
}

/// The pixels of all frames.
enum Pixels<'a> {
    /// One bit each, the lowest first, frames without a gap between them.
    Bits { bytes: Vec<u8>, pixels: usize },
    /// A share of the largest value.
    Shares { frames: Frames<'a>, largest: u32, file: &'a str },
    /// Segment numbers.
    Labels { frames: Frames<'a> },
}

impl<'a> Pixels<'a> {
    fn read(
        opened: &'a Opened,
        record: &Record,
        [rows, columns]: [usize; 2],
        count: usize,
        label_map: bool,
    ) -> Result<Pixels<'a>, DicomError> {
        if label_map {
            return Ok(Pixels::Labels { frames: Frames::read(opened, format(record, count)?)? });
        }
        match record.needed_text(tags::SEGMENTATION_TYPE)?.as_str() {
            "BINARY" => {
                let found = opened.pixels.as_ref().filter(|pixels| pixels.tag == tags::PIXEL_DATA);
                let pixel_data = found.ok_or_else(|| record.wrong(tags::PIXEL_DATA, "is missing"))?;
                if pixel_data.length.is_none() {
                    return Err(record.wrong(tags::PIXEL_DATA, "holds compressed bits, which are not read"));
                }
                let bytes = opened.pixel_bytes(pixel_data)?;
                let needed = (rows * columns).saturating_mul(count).div_ceil(8);
                if bytes.len() < needed || bytes.len() > needed + 1 {
                    let what =
                        format!("holds {} bytes, {count} frames of its size need {needed}", bytes.len());
                    return Err(record.wrong(tags::PIXEL_DATA, what));
                }
                Ok(Pixels::Bits { bytes, pixels: rows * columns })
            }
            "FRACTIONAL" => {
                let largest = record.needed_whole(tags::MAXIMUM_FRACTIONAL_VALUE)?;
                let format = PixelFormat { frames: count, ..format(record, count)? };
                Ok(Pixels::Shares { frames: Frames::read(opened, format)?, largest, file: &opened.name })
            }
            _ => Err(record.wrong(tags::SEGMENTATION_TYPE, "is neither BINARY nor FRACTIONAL")),
        }
    }

    /// Segment and pixel of everything inside in one frame.
    fn inside(&self, frame: usize, segment: Option<u32>) -> Result<Vec<(u32, usize)>, DicomError> {
        let number = segment.unwrap_or(0);
        let numbered = |cells: Cells| -> Vec<u32> {
            match cells {
                Cells::U8(v) => v.into_iter().map(u32::from).collect(),
                Cells::U16(v) => v.into_iter().map(u32::from).collect(),
                Cells::U32(v) => v,
            }
        };
        match self {
            Pixels::Bits { bytes, pixels } => {
                let set = |pixel: &usize| {
                    let bit = frame * pixels + pixel;
                    bytes[bit / 8] >> (bit % 8) & 1 == 1
                };
                Ok((0..*pixels).filter(set).map(|pixel| (number, pixel)).collect())
            }
            Pixels::Shares { frames, largest, file } => {
                let cells = numbered(frames.decode(frame)?);
                if cells.iter().any(|cell| *cell != 0 && cell != largest) {
                    let what = "is FRACTIONAL with values between none and all: threshold it to BINARY first";
                    return Err(DicomError::tag(file, tags::SEGMENTATION_TYPE, what));
                }
                Ok(cells
                    .iter()
                    .enumerate()
                    .filter(|(_, cell)| **cell != 0)
                    .map(|(at, _)| (number, at))
                    .collect())
            }
            Pixels::Labels { frames } => {
                let cells = numbered(frames.decode(frame)?).into_iter().enumerate();
                Ok(cells.filter(|(_, cell)| *cell != 0).map(|(at, cell)| (cell, at)).collect())
            }
        }
    }
}
