//! Which series lie in these files, and does each make one volume?
//!
//! Slices are ordered by where they lie along their common normal, never by a number somebody wrote. What does not make
//! one upright stack of evenly spaced slices is refused with what is wrong: a volume with a hole in it measures something,
//! but not the patient.

use crate::codec::{Cells, Frames, PixelFormat};
use crate::element::Record;
use crate::error::{DicomError, named};
use crate::file::{looks_like_dicom, name_of};
use crate::instance::{Instance, Kind, Plane, cross, dot, read};
use crate::suv::{Uptake, uptake};
use concilium_imaging::{Frame, Grid, Source, Unit, Volume, Voxels};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How far slices may be from even spacing, as a share of it: positions are written with few digits.
const SPACING_TOLERANCE: f64 = 0.01;
/// How far the last slice may have moved sideways, in pixels, before the stack counts as tilted.
const DRIFT_TOLERANCE: f64 = 0.05;
/// How far directions of two slices may differ.
const DIRECTION_TOLERANCE: f64 = 1e-4;
/// How far pixel spacings of two slices may differ, as a share.
const SAME_TOLERANCE: f64 = 1e-4;

/// What lies in a folder.
#[derive(Debug, Default)]
pub struct Scan {
    /// Series of pictures, ordered by their UID.
    pub groups: Vec<Group>,
    /// Files with contours (RTSTRUCT).
    pub structures: Vec<PathBuf>,
    /// Files with masks (SEG).
    pub segmentations: Vec<PathBuf>,
    /// DICOM files of other kinds, and what kind: SOP Class UID.
    pub other: Vec<(PathBuf, String)>,
    /// Files that are no DICOM.
    pub foreign: Vec<PathBuf>,
    /// Files that are DICOM and cannot be read, with the reason.
    pub refused: Vec<(PathBuf, DicomError)>,
}

/// The files of one series.
#[derive(Debug)]
pub struct Group {
    /// Series Instance UID.
    pub series: String,
    instances: Vec<Instance>,
}

/// A series as a volume.
#[derive(Clone, Debug)]
pub struct Series {
    /// The values: scaled, and SUV where that was asked for.
    pub volume: Volume,
    /// What the values mean.
    pub unit: Unit,
    /// Where each slice comes from.
    pub source: Source,
    /// What a reader should know and what changed nothing.
    pub notes: Vec<String>,
    /// Does a picture say that identifying text is burned into its pixels?
    pub burned_in: bool,
    /// The header of the first file, for objects made from this series.
    pub(crate) header: InMemDicomObject,
}

/// All files of a folder and the folders in it, or the file itself.
fn files(path: &Path, found: &mut Vec<PathBuf>) -> Result<(), DicomError> {
    let failed = |source| DicomError::Io { file: name_of(path), source };
    if !path.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(failed)?;
    inside.sort();
    // A link back up would lead in circles.
    inside.retain(|path| !(path.is_symlink() && path.is_dir()));
    inside.iter().try_for_each(|path| files(path, found))
}

/// Reads the headers of all files and folders given.
pub fn scan(paths: &[PathBuf]) -> Result<Scan, DicomError> {
    let mut found = Vec::new();
    paths.iter().try_for_each(|path| files(path, &mut found))?;
    let one = |path: PathBuf| {
        let kind = if is_dicom(&path)? { Some(read(&path)) } else { None };
        Ok((path, kind))
    };
    let kinds: Vec<(PathBuf, Option<Result<Kind, DicomError>>)> =
        found.into_par_iter().map(one).collect::<Result<_, DicomError>>()?;
    let (mut scan, mut groups) = (Scan::default(), BTreeMap::<String, Vec<Instance>>::new());
    for (path, kind) in kinds {
        match kind {
            None => scan.foreign.push(path),
            Some(Err(error)) => scan.refused.push((path, error)),
            Some(Ok(Kind::Structures)) => scan.structures.push(path),
            Some(Ok(Kind::Segmentation)) => scan.segmentations.push(path),
            Some(Ok(Kind::Other(class))) => scan.other.push((path, class)),
            Some(Ok(Kind::Image(instance))) => {
                groups.entry(instance.series.clone()).or_default().push(*instance)
            }
        }
    }
    scan.groups = groups.into_iter().map(|(series, instances)| Group { series, instances }).collect();
    Ok(scan)
}

/// Does the file begin as DICOM files do?
pub fn is_dicom(path: &Path) -> Result<bool, DicomError> {
    let failed = |source| DicomError::Io { file: name_of(path), source };
    let mut beginning = Vec::new();
    std::fs::File::open(path).and_then(|file| file.take(132).read_to_end(&mut beginning)).map_err(failed)?;
    Ok(looks_like_dicom(&beginning))
}

/// One slice: which frame of which file, and where it lies.
#[derive(Clone, Copy)]
struct Slice<'a> {
    instance: &'a Instance,
    frame: usize,
    plane: &'a Plane,
}

impl Slice<'_> {
    fn called(&self) -> String {
        if self.instance.multi_frame {
            format!("{} frame {}", self.instance.file, self.frame + 1)
        } else {
            self.instance.file.clone()
        }
    }
}

impl Group {
    /// `CT`, `MR` or `PT`.
    pub fn modality(&self) -> &str {
        self.instances.first().map_or("", |first| &first.modality)
    }

    /// Study Instance UID of the first file.
    pub fn study(&self) -> &str {
        self.instances.first().map_or("", |first| &first.study)
    }

    /// Number of pictures.
    pub fn pictures(&self) -> usize {
        self.instances.iter().map(|instance| instance.planes.len()).sum()
    }

    /// The grid of the volume, or why there is none. Reads no pixels.
    pub fn grid(&self) -> Result<Grid, DicomError> {
        self.stack().map(|(_, grid, _)| grid)
    }

    /// Reads the pixels into a volume; with `suv`, a PET scan becomes uptake values by body weight.
    pub fn load(&self, suv: bool) -> Result<Series, DicomError> {
        let (slices, grid, mut notes) = self.stack()?;
        let [first, ..] = slices.as_slice() else { return Err(DicomError::series("no file", "is empty")) };
        let (unit, factors) = self.units(suv)?;
        let voxels = voxels(&slices, &grid, &factors)?;
        if self.instances.iter().any(|instance| instance.burned_in) {
            notes
                .push(format!("{} says YES: text is part of the picture", named(tags::BURNED_IN_ANNOTATION)));
        }
        Ok(Series {
            volume: Volume::new(grid, voxels)?,
            unit,
            source: self.source(&slices),
            notes,
            burned_in: self.instances.iter().any(|instance| instance.burned_in),
            header: first.instance.opened.header.clone(),
        })
    }

    fn source(&self, slices: &[Slice]) -> Source {
        let first = slices[0].instance;
        let record = Record { file: &first.file, object: &first.opened.header };
        let days = [tags::ACQUISITION_DATE, tags::SERIES_DATE, tags::STUDY_DATE];
        let frame = |slice: &Slice| Frame {
            sop_class: slice.instance.sop_class.clone(),
            sop_instance: slice.instance.sop_instance.clone(),
            number: slice.instance.multi_frame.then_some(slice.frame as u32 + 1),
        };
        Source {
            study: first.study.clone(),
            series: first.series.clone(),
            frame_of_reference: first.frame_of_reference.clone(),
            modality: first.modality.clone(),
            day: days.into_iter().find_map(|tag| record.text(tag)),
            frames: slices.iter().map(frame).collect(),
        }
    }

    /// What the values are, and the factor of each file (by SOP Instance UID) that makes them so.
    fn units(&self, suv: bool) -> Result<(Unit, BTreeMap<&str, f64>), DicomError> {
        let Some(first) = self.instances.first() else { return Ok((Unit::Arbitrary, BTreeMap::new())) };
        if first.modality != "PT" {
            if suv {
                return Err(DicomError::series(&first.file, "is no PET scan: no SUV can be made of it"));
            }
            let hounsfield =
                |plane: &Plane| plane.scaled_to.as_deref().is_none_or(|to| matches!(to, "HU" | "HU_MOD"));
            let all = first.modality == "CT" && self.instances.iter().flat_map(|i| &i.planes).all(hounsfield);
            return Ok((if all { Unit::Hounsfield } else { Unit::Arbitrary }, BTreeMap::new()));
        }
        let (mut unit, mut factors) = (None, BTreeMap::new());
        for instance in &self.instances {
            let record = Record { file: &instance.file, object: &instance.opened.header };
            let Uptake { unit: own, factor } = uptake(&record)?;
            if unit.is_some_and(|unit| unit != own) {
                return Err(record.wrong(tags::UNITS, "differs from that of other files of the series"));
            }
            unit = Some(own);
            if suv {
                factors.insert(instance.sop_instance.as_str(), factor?);
            }
        }
        let unit = if suv { Unit::SuvBodyWeight } else { unit.unwrap_or(Unit::Arbitrary) };
        Ok((unit, factors))
    }

    /// The slices in their order, their grid, and notes.
    fn stack(&self) -> Result<(Vec<Slice<'_>>, Grid, Vec<String>), DicomError> {
        let of = |instance| {
            let frame = move |(frame, plane)| Slice { instance, frame, plane };
            instance.planes.iter().enumerate().map(frame)
        };
        let mut slices: Vec<Slice> = self.instances.iter().flat_map(of).collect();
        let Some(&first) = slices.first() else { return Err(DicomError::series("no file", "is empty")) };
        alike(&slices)?;
        let normal = cross(first.plane.row, first.plane.column);
        let height = |slice: &Slice| dot(slice.plane.position, normal);
        // Equal heights are refused below; the UID makes the message the same whatever the order of the files.
        slices.sort_by(|a, b| {
            height(a)
                .total_cmp(&height(b))
                .then_with(|| a.instance.sop_instance.cmp(&b.instance.sop_instance))
                .then(a.frame.cmp(&b.frame))
        });
        let mut notes = Vec::new();
        let heights: Vec<f64> = slices.iter().map(height).collect();
        let between = match heights.len() {
            1 => lone(slices[0], &mut notes)?,
            _ => even(&slices, &heights)?,
        };
        upright(&slices, between, normal)?;
        let (lowest, format) = (slices[0].plane, first.instance.format);
        let [rows_mm, columns_mm] = lowest.spacing;
        let grid = Grid::new(
            [slices.len(), format.rows, format.columns],
            [between, rows_mm, columns_mm],
            lowest.position,
            [normal, lowest.column, lowest.row],
        )?;
        Ok((slices, grid, notes))
    }
}

/// Refuses slices that cannot lie in one stack: other sizes, directions, spacings, patients' coordinates, kinds.
fn alike(slices: &[Slice]) -> Result<(), DicomError> {
    let first = slices[0];
    let near = |a: &[f64], b: &[f64], by: f64| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= by);
    for slice in slices {
        let (own, other, plane) = (slice.instance, first.instance, slice.plane);
        let sideways = (plane.row, plane.column) != (first.plane.row, first.plane.column)
            && !(near(&plane.row, &first.plane.row, DIRECTION_TOLERANCE)
                && near(&plane.column, &first.plane.column, DIRECTION_TOLERANCE));
        let checks = [
            (tags::STUDY_INSTANCE_UID, own.study != other.study),
            (tags::MODALITY, own.modality != other.modality),
            (tags::FRAME_OF_REFERENCE_UID, own.frame_of_reference != other.frame_of_reference),
            (tags::ROWS, own.format.rows != other.format.rows),
            (tags::COLUMNS, own.format.columns != other.format.columns),
            (tags::IMAGE_ORIENTATION_PATIENT, sideways),
            (
                tags::PIXEL_SPACING,
                !near(&plane.spacing, &first.plane.spacing, SAME_TOLERANCE * first.plane.spacing[0]),
            ),
        ];
        if let Some((tag, _)) = checks.into_iter().find(|(_, differs)| *differs) {
            let what = format!("differs from that of {}: the series is mixed", first.called());
            return Err(DicomError::tag(&slice.called(), tag, what));
        }
    }
    Ok(())
}

/// The thickness of a single slice.
fn lone(slice: Slice, notes: &mut Vec<String>) -> Result<f64, DicomError> {
    let plane = slice.plane;
    let Some(thickness) = plane.between.or(plane.thickness).filter(|distance| *distance > 0.0) else {
        let what = "is missing: one slice has no volume without it";
        return Err(DicomError::tag(&slice.called(), tags::SLICE_THICKNESS, what));
    };
    notes.push("one slice: its thickness stands for the distance of slices".to_owned());
    Ok(thickness)
}

/// The distance of slices; refuses slices at one place, gaps and uneven distances. `heights` ascend.
fn even(slices: &[Slice], heights: &[f64]) -> Result<f64, DicomError> {
    let steps: Vec<f64> = heights.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mut sorted = steps.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    let close = (SPACING_TOLERANCE * median).max(1e-6);
    if let Some(at) = steps.iter().position(|&step| step <= close) {
        return Err(twice(slices, &steps, close, at));
    }
    // Gaps leave most distances as they are, so that the median is the distance of neighbours.
    let missing = |step: f64| (step / median).round() - 1.0;
    let gap = |step: f64| missing(step) >= 1.0 && (step - (missing(step) + 1.0) * median).abs() <= close;
    if steps.iter().any(|&step| gap(step)) {
        let lost: f64 = steps.iter().filter(|&&step| gap(step)).map(|&step| missing(step)).sum();
        let at = steps.iter().position(|&step| gap(step)).unwrap_or(0);
        let what = format!("{lost} slices are missing, the first after {}", slices[at].called());
        return Err(DicomError::series(&slices[0].called(), what));
    }
    if let Some(at) = steps.iter().position(|step| (step - median).abs() > close) {
        let what = format!(
            "slices are not evenly spaced: {:.4} mm after {}, {median:.4} mm elsewhere; resample or split the series",
            steps[at],
            slices[at].called()
        );
        return Err(DicomError::series(&slices[0].called(), what));
    }
    Ok((heights[heights.len() - 1] - heights[0]) / steps.len() as f64)
}

/// Several slices at one place: which attribute tells them apart?
fn twice(slices: &[Slice], steps: &[f64], close: f64, at: usize) -> DicomError {
    let pairs = steps.iter().filter(|&&step| step <= close).count();
    let (one, other) = (slices[at], slices[at + 1]);
    let differs = one.instance.marks.iter().zip(&other.instance.marks).find(|(a, b)| a != b);
    let why = match differs {
        _ if one.instance.sop_instance == other.instance.sop_instance && one.frame == other.frame => {
            "it is the same object twice".to_owned()
        }
        Some(((tag, _), _)) => format!("they differ in {}: the series holds several volumes", named(*tag)),
        None => "nothing tells them apart".to_owned(),
    };
    let what =
        format!("{pairs} slices lie where another does, {} and {}: {why}", one.called(), other.called());
    DicomError::series(&slices[0].called(), what)
}

/// Refuses stacks whose slices move sideways: a tilted gantry.
fn upright(slices: &[Slice], between: f64, normal: [f64; 3]) -> Result<(), DicomError> {
    let (first, last) = (slices[0].plane, slices[slices.len() - 1].plane);
    for slice in slices {
        let moved: [f64; 3] = std::array::from_fn(|axis| slice.plane.position[axis] - first.position[axis]);
        let sideways = dot(moved, first.row).hypot(dot(moved, first.column));
        if sideways > DRIFT_TOLERANCE * first.spacing[0].min(first.spacing[1]) {
            let all: [f64; 3] = std::array::from_fn(|axis| last.position[axis] - first.position[axis]);
            let run = dot(all, first.row).hypot(dot(all, first.column));
            let height = dot(all, normal).max(between);
            let what = format!(
                "slices move sideways, {:.2} degrees from their normal over the stack: the gantry was tilted or slices are \
                 out of place; resample the series first",
                run.atan2(height).to_degrees()
            );
            return Err(DicomError::series(&slices[0].called(), what));
        }
    }
    Ok(())
}

/// A value type that holds every scaled value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    U8,
    I16,
    U16,
    I32,
    F64,
}

/// Whole slopes and intercepts keep whole numbers; the smallest type that holds what the headers allow is taken.
fn held(slices: &[Slice], factors: &BTreeMap<&str, f64>) -> Held {
    let whole = |plane: &Plane| plane.slope.fract() == 0.0 && plane.intercept.fract() == 0.0;
    if !factors.is_empty() || !slices.iter().all(|slice| whole(slice.plane)) {
        return Held::F64;
    }
    let ends = |slice: &Slice| {
        let (low, high) = slice.instance.format.range();
        let scaled = |value: i64| value as f64 * slice.plane.slope + slice.plane.intercept;
        [scaled(low), scaled(high)]
    };
    let all: Vec<f64> = slices.iter().flat_map(ends).collect();
    let within = |low: f64, high: f64| all.iter().all(|value| (low..=high).contains(value));
    let types = [
        (Held::U8, 0.0, 255.0),
        (Held::I16, -32_768.0, 32_767.0),
        (Held::U16, 0.0, 65_535.0),
        (Held::I32, f64::from(i32::MIN), f64::from(i32::MAX)),
    ];
    types.into_iter().find(|(_, low, high)| within(*low, *high)).map_or(Held::F64, |(held, ..)| held)
}

fn voxels(slices: &[Slice], grid: &Grid, factors: &BTreeMap<&str, f64>) -> Result<Voxels, DicomError> {
    let n = grid.len();
    Ok(match held(slices, factors) {
        Held::U8 => Voxels::U8(fill(slices, n, factors, |value| value as u8)?),
        Held::I16 => Voxels::I16(fill(slices, n, factors, |value| value as i16)?),
        Held::U16 => Voxels::U16(fill(slices, n, factors, |value| value as u16)?),
        Held::I32 => Voxels::I32(fill(slices, n, factors, |value| value as i32)?),
        Held::F64 => Voxels::F64(fill(slices, n, factors, |value| value)?),
    })
}

/// Every slice into its place, in parallel; a file of many frames is read once.
fn fill<T: Copy + Default + Send>(
    slices: &[Slice],
    n: usize,
    factors: &BTreeMap<&str, f64>,
    held: impl Fn(f64) -> T + Sync,
) -> Result<Vec<T>, DicomError> {
    let mut voxels = vec![T::default(); n];
    let mut places: BTreeMap<&str, Vec<(usize, &mut [T])>> = BTreeMap::new();
    for (slice, place) in slices.iter().zip(voxels.chunks_mut(n / slices.len())) {
        places.entry(&slice.instance.sop_instance).or_default().push((slice.frame, place));
    }
    let instances: BTreeMap<&str, &Instance> =
        slices.iter().map(|slice| (slice.instance.sop_instance.as_str(), slice.instance)).collect();
    places.into_par_iter().try_for_each(|(uid, places)| {
        let instance = instances[uid];
        let factor = factors.get(uid).copied().unwrap_or(1.0);
        let frames = Frames::read(&instance.opened, instance.format)?;
        places.into_par_iter().try_for_each(|(frame, place)| {
            let Plane { slope, intercept, .. } = instance.planes[frame];
            let scaled = |value: i64| held((value as f64 * slope + intercept) * factor);
            write(&frames.decode(frame)?, &instance.format, place, scaled);
            Ok::<(), DicomError>(())
        })
    })?;
    Ok(voxels)
}

fn write<T>(cells: &Cells, format: &PixelFormat, place: &mut [T], scaled: impl Fn(i64) -> T) {
    let into = |(voxel, cell): (&mut T, u32)| *voxel = scaled(format.value(cell));
    match cells {
        Cells::U8(v) => place.iter_mut().zip(v.iter().map(|&cell| u32::from(cell))).for_each(into),
        Cells::U16(v) => place.iter_mut().zip(v.iter().map(|&cell| u32::from(cell))).for_each(into),
        Cells::U32(v) => place.iter_mut().zip(v.iter().copied()).for_each(into),
    }
}
