//! An invented patient: a trunk of plain shapes with lesions, scanned at several dates. Nobody stands behind it.
//!
//! For the demo and for tests: sizes, motions, splits and merges are known because they were put in.

use crate::follow::{Delineated, Visit};
use crate::register::Rigid;
use crate::response::{Exam, Kind, Stated};
use crate::{Grid, ImagingError, Mask, Volume, Voxels};
use jiff::civil::Date;

/// Shape of every scan, `[z, y, x]`.
const SHAPE: [usize; 3] = [40, 88, 112];
/// Spacing of every scan, `[z, y, x]`, mm.
const SPACING_MM: [f64; 3] = [5.0, 2.5, 2.5];

/// A lesion that was put in: an ellipsoid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ball {
    /// Centre in the patient, LPS `(x, y, z)`, mm.
    pub centre_mm: [f64; 3],
    /// Half axes along x, y, z, mm.
    pub radii_mm: [f64; 3],
    /// Intensity, Hounsfield units.
    pub value: f64,
    /// Its label in the mask.
    pub label: u8,
}

impl Ball {
    /// A round one.
    pub fn round(centre_mm: [f64; 3], radius_mm: f64, value: f64, label: u8) -> Ball {
        Ball { centre_mm, radii_mm: [radius_mm; 3], value, label }
    }

    fn holds(&self, point: [f64; 3]) -> bool {
        (0..3).map(|i| ((point[i] - self.centre_mm[i]) / self.radii_mm[i]).powi(2)).sum::<f64>() <= 1.0
    }
}

/// Organs of the trunk: later ones lie inside earlier ones.
const ORGANS: [Ball; 6] = [
    Ball { centre_mm: [0.0, 0.0, 0.0], radii_mm: [130.0, 95.0, 400.0], value: 40.0, label: 0 },
    Ball { centre_mm: [-60.0, -5.0, 40.0], radii_mm: [48.0, 62.0, 75.0], value: -820.0, label: 0 },
    Ball { centre_mm: [60.0, -5.0, 40.0], radii_mm: [48.0, 62.0, 75.0], value: -820.0, label: 0 },
    Ball { centre_mm: [-45.0, -5.0, -60.0], radii_mm: [65.0, 60.0, 42.0], value: 95.0, label: 0 },
    Ball { centre_mm: [0.0, 70.0, 0.0], radii_mm: [18.0, 16.0, 400.0], value: 420.0, label: 0 },
    Ball { centre_mm: [18.0, -20.0, 20.0], radii_mm: [34.0, 38.0, 40.0], value: 130.0, label: 0 },
];

fn grid() -> Result<Grid, ImagingError> {
    let half: [f64; 3] = std::array::from_fn(|axis| (SHAPE[axis] as f64 - 1.0) / 2.0 * SPACING_MM[axis]);
    let upright = [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]];
    Grid::new(SHAPE, SPACING_MM, [-half[2], -half[1], -half[0]], upright)
}

/// Points of the patient for each voxel of a scan in which the patient lies moved.
fn points(grid: &Grid, motion: &Rigid) -> Vec<[f64; 3]> {
    let [nz, ny, nx] = grid.shape();
    let all = (0..nz * ny * nx).map(|at| [at / (ny * nx), at / nx % ny, at % nx].map(|index| index as f64));
    all.map(|index| motion.back(grid.point(index))).collect()
}

/// Noise that is the same on every machine: about ±20.
fn noise(at: usize, seed: u64) -> f64 {
    let mut state = (at as u64 ^ seed.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state ^= state >> 29;
        state = state.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state ^= state >> 32;
        (state % 1000) as f64 / 1000.0 - 0.5
    };
    40.0 * (next() + next()) / 2.0
}

/// The image of the trunk with these lesions, the patient moved.
pub fn scan(lesions: &[Ball], motion: &Rigid, seed: u64) -> Result<Volume, ImagingError> {
    let grid = grid()?;
    let value = |point: &[f64; 3]| {
        let organ =
            ORGANS.iter().rev().find(|organ| organ.holds(*point)).map_or(-1000.0, |organ| organ.value);
        lesions.iter().rev().find(|lesion| lesion.holds(*point)).map_or(organ, |lesion| lesion.value)
    };
    let points = points(&grid, motion);
    let values: Vec<i16> = points
        .iter()
        .enumerate()
        .map(|(at, point)| (value(point) + noise(at, seed)).round() as i16)
        .collect();
    Volume::new(grid, Voxels::I16(values))
}

/// The label map that a perfect reader would draw.
pub fn labels(lesions: &[Ball], motion: &Rigid) -> Result<Volume, ImagingError> {
    let grid = grid()?;
    let label =
        |point: &[f64; 3]| lesions.iter().rev().find(|lesion| lesion.holds(*point)).map_or(0, |l| l.label);
    let labels: Vec<u8> = points(&grid, motion).iter().map(label).collect();
    Volume::new(grid, Voxels::U8(labels))
}

/// One exam of the invented study.
#[derive(Clone, Debug)]
pub struct Invented {
    /// Its day.
    pub day: Date,
    /// Lesions that were put in.
    pub lesions: Vec<Ball>,
    /// How the patient lay, from the baseline's points.
    pub motion: Rigid,
}

/// Labels of the invented study: label, organ, kind.
pub const SITES: [(u8, &str, Kind); 4] = [
    (1, "lung", Kind::Tumour),
    (2, "liver", Kind::Tumour),
    (3, "mediastinal lymph node", Kind::Node),
    (4, "vertebra", Kind::Bone),
];

/// Lesions of the demo's four exams: they shrink, then one grows and a new one stands in the liver.
pub fn study() -> Vec<Invented> {
    let exam = |year: i16, month: i8, day: i8, radii: [f64; 5], new: f64, motion: Rigid| {
        let places = [
            ([-62.0, -10.0, 45.0], -30.0, 1),
            ([66.0, 12.0, 60.0], -40.0, 1),
            ([-50.0, -15.0, -55.0], 45.0, 2),
            ([6.0, 8.0, 66.0], 70.0, 3),
            ([0.0, 72.0, -20.0], 180.0, 4),
        ];
        let mut lesions: Vec<Ball> = places
            .iter()
            .zip(radii)
            .filter(|(_, radius)| *radius > 0.0)
            .map(|((centre, value, label), radius)| Ball {
                centre_mm: *centre,
                radii_mm: [radius, 0.8 * radius, radius],
                value: *value,
                label: *label,
            })
            .collect();
        if new > 0.0 {
            lesions.push(Ball::round([-25.0, -30.0, -62.0], new, 40.0, 2));
        }
        Invented { day: Date::constant(year, month, day), lesions, motion }
    };
    vec![
        exam(2025, 1, 27, [22.0, 11.0, 16.0, 11.0, 9.0], 0.0, Rigid::STILL),
        exam(
            2025,
            4,
            14,
            [15.0, 7.0, 11.5, 8.0, 9.0],
            0.0,
            Rigid::new([0.0; 3], [0.03, 0.0, -0.04], [6.0, -4.0, 5.0]),
        ),
        exam(
            2025,
            10,
            6,
            [13.0, 0.0, 10.0, 5.5, 9.0],
            0.0,
            Rigid::new([0.0; 3], [0.0, 0.02, 0.05], [-8.0, 3.0, -6.0]),
        ),
        exam(
            2026,
            4,
            13,
            [18.5, 0.0, 12.0, 5.5, 9.0],
            8.0,
            Rigid::new([0.0; 3], [-0.02, 0.0, 0.03], [4.0, 6.0, 9.0]),
        ),
    ]
}

/// The invented study as visits, the masks as drawn by the generator.
///
/// # Errors
/// None in practice: the shapes are constants.
pub fn visits() -> Result<Vec<Visit>, ImagingError> {
    let visit = |(at, one): (usize, Invented)| {
        let labels = labels(&one.lesions, &one.motion)?;
        let mut regions = Vec::new();
        for (label, organ, kind) in SITES {
            if one.lesions.iter().any(|lesion| lesion.label == label) {
                let mask = Mask::from_labels(organ, &labels, u32::from(label))?;
                regions.push(Delineated { organ: organ.to_owned(), kind, label: u32::from(label), mask });
            }
        }
        let exam = Exam { day: one.day, slice_mm: SPACING_MM[0], stated: Stated::default() };
        let image = scan(&one.lesions, &one.motion, at as u64 + 1)?;
        Ok(Visit { exam, image, regions, ..Visit::invented(&one.day.to_string()) })
    };
    study().into_iter().enumerate().map(visit).collect()
}
