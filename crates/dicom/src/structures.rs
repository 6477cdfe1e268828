//! Which regions do the contours of an RTSTRUCT enclose?
//!
//! The raster rule: a voxel belongs when its centre lies inside the contours of its slice, counted even-odd over all
//! contours of the region together, so that a contour inside another is a hole (XOR) and a keyhole is one too. A centre
//! exactly on a contour belongs where the region lies towards higher row and column indices; regions that share an edge
//! thus share no voxel and lose none between them. A contour must lie in a slice (within a tenth of the slice distance).

use crate::element::Record;
use crate::error::DicomError;
use crate::file::Opened;
use crate::instance::dot;
use concilium_imaging::{Grid, Mask, Source};
use dicom_dictionary_std::{tags, uids};
use std::collections::BTreeMap;
use std::path::Path;

/// How far a contour may be from its slice, in slices: points are written with few digits.
const IN_SLICE: f64 = 0.1;

/// One region.
#[derive(Clone, Debug, PartialEq)]
pub struct Structure {
    /// ROI Number.
    pub number: u32,
    /// ROI Name, as somebody typed it.
    pub name: String,
    frame_of_reference: Option<String>,
    /// LPS points of closed contours, mm.
    contours: Vec<Vec<[f64; 3]>>,
}

/// An RTSTRUCT file.
#[derive(Clone, Debug, PartialEq)]
pub struct Structures {
    /// The file's name, for messages.
    pub file: String,
    /// SOP Instance UID.
    pub sop_instance: String,
    /// The regions in the order of the file.
    pub structures: Vec<Structure>,
}

impl Structures {
    /// Reads an RTSTRUCT.
    pub fn read(path: &Path) -> Result<Structures, DicomError> {
        parse(&Opened::open(path)?)
    }

    /// The same from bytes. `file` is the name for messages.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Structures, DicomError> {
        parse(&Opened::parse(file, bytes)?)
    }

    /// The region of this number.
    pub fn numbered(&self, number: u32) -> Option<&Structure> {
        self.structures.iter().find(|structure| structure.number == number)
    }

    /// The voxels a region encloses on the grid of the series it was drawn on.
    pub fn mask(&self, structure: &Structure, grid: &Grid, source: &Source) -> Result<Mask, DicomError> {
        let wrong =
            |tag, what: String| DicomError::tag(&self.file, tag, format!("ROI {}: {what}", structure.number));
        if let (Some(own), Some(other)) = (&structure.frame_of_reference, &source.frame_of_reference)
            && own != other
        {
            let what = "was drawn in another frame of reference than the series has".to_owned();
            return Err(wrong(tags::REFERENCED_FRAME_OF_REFERENCE_UID, what));
        }
        let mut slices: BTreeMap<usize, Vec<Vec<[f64; 2]>>> = BTreeMap::new();
        for contour in &structure.contours {
            let (slice, points) = placed(contour, grid).map_err(|what| wrong(tags::CONTOUR_DATA, what))?;
            slices.entry(slice).or_default().push(points);
        }
        let [_, rows, columns] = grid.shape();
        let mut inside = vec![false; grid.len()];
        for (slice, contours) in slices {
            let place = &mut inside[slice * rows * columns..(slice + 1) * rows * columns];
            place.chunks_mut(columns).enumerate().for_each(|(row, place)| fill(&contours, row as f64, place));
        }
        Ok(Mask::from_bools(&format!("ROI {}", structure.number), grid.clone(), &inside)?)
    }
}

fn parse(opened: &Opened) -> Result<Structures, DicomError> {
    let record = Record { file: &opened.name, object: &opened.header };
    if record.needed_text(tags::SOP_CLASS_UID)? != uids::RT_STRUCTURE_SET_STORAGE {
        return Err(record.wrong(tags::SOP_CLASS_UID, "is not that of RT structure sets"));
    }
    let mut structures = Vec::new();
    for item in record.items(tags::STRUCTURE_SET_ROI_SEQUENCE) {
        structures.push(Structure {
            number: item.needed_whole(tags::ROI_NUMBER)?,
            name: item.text(tags::ROI_NAME).unwrap_or_default(),
            frame_of_reference: item.text(tags::REFERENCED_FRAME_OF_REFERENCE_UID),
            contours: Vec::new(),
        });
    }
    for item in record.items(tags::ROI_CONTOUR_SEQUENCE) {
        let number = item.needed_whole(tags::REFERENCED_ROI_NUMBER)?;
        let Some(structure) = structures.iter_mut().find(|structure| structure.number == number) else {
            return Err(item.wrong(tags::REFERENCED_ROI_NUMBER, "names no ROI of the file"));
        };
        for contour in item.items(tags::CONTOUR_SEQUENCE) {
            structure.contours.push(points(&contour)?);
        }
    }
    Ok(Structures {
        file: opened.name.clone(),
        sop_instance: record.needed_text(tags::SOP_INSTANCE_UID)?,
        structures,
    })
}

fn points(contour: &Record) -> Result<Vec<[f64; 3]>, DicomError> {
    let kind = contour.needed_text(tags::CONTOUR_GEOMETRIC_TYPE)?;
    if !matches!(kind.as_str(), "CLOSED_PLANAR" | "CLOSEDPLANAR_XOR") {
        return Err(
            contour.wrong(tags::CONTOUR_GEOMETRIC_TYPE, "is no closed planar contour: it encloses nothing")
        );
    }
    let numbers = contour.numbers(tags::CONTOUR_DATA)?.unwrap_or_default();
    let (points, rest) = numbers.as_chunks::<3>();
    let said = contour.whole(tags::NUMBER_OF_CONTOUR_POINTS)?;
    if !rest.is_empty() || said.is_some_and(|said| said as usize != points.len()) {
        let what =
            format!("holds {} numbers, not three for each point that is said to be there", numbers.len());
        return Err(contour.wrong(tags::CONTOUR_DATA, what));
    }
    Ok(points.to_vec())
}

/// The slice a contour lies in and its points as `[row, column]` indices.
fn placed(contour: &[[f64; 3]], grid: &Grid) -> Result<(usize, Vec<[f64; 2]>), String> {
    let (origin, spacing, directions) = (grid.origin_mm(), grid.spacing_mm(), grid.directions());
    let index = |point: &[f64; 3], axis: usize| {
        dot(std::array::from_fn(|part| point[part] - origin[part]), directions[axis]) / spacing[axis]
    };
    let Some(first) = contour.first() else { return Err("a contour has no points".to_owned()) };
    let slice = index(first, 0).round();
    let off = contour.iter().map(|point| (index(point, 0) - slice).abs()).fold(0.0, f64::max);
    if off > IN_SLICE {
        return Err(format!("a contour lies {off:.2} slices off its slice: it was drawn on another series"));
    }
    if slice < 0.0 || slice >= grid.shape()[0] as f64 {
        return Err("a contour lies above or below the series".to_owned());
    }
    Ok((slice as usize, contour.iter().map(|point| [index(point, 1), index(point, 2)]).collect()))
}

/// Marks the centres of one row that lie inside.
fn fill(contours: &[Vec<[f64; 2]>], row: f64, place: &mut [bool]) {
    let mut crossings = Vec::new();
    for contour in contours {
        for (at, &a) in contour.iter().enumerate() {
            let b = contour[(at + 1) % contour.len()];
            // From low to high, so that an edge that two regions share crosses at the very same number.
            let (low, high) = if a[0] <= b[0] { (a, b) } else { (b, a) };
            if low[0] <= row && row < high[0] {
                crossings.push(low[1] + (row - low[0]) / (high[0] - low[0]) * (high[1] - low[1]));
            }
        }
    }
    crossings.sort_unstable_by(f64::total_cmp);
    let n = place.len();
    let first_at_or_after = |column: f64| if column <= 0.0 { 0 } else { (column.ceil() as usize).min(n) };
    for pair in crossings.chunks_exact(2) {
        let (start, end) = (first_at_or_after(pair[0]), first_at_or_after(pair[1]));
        place[start..end.max(start)].fill(true);
    }
}
