//! How did the patient lie at the later exam? A rigid motion that lays one volume over another of the same modality.
//!
//! Starts where scanner coordinates or centres of mass agree better, then climbs the correlation of intensities from
//! coarse to fine by trying one parameter at a time. Rigid only, and only where intensities mean the same (CT on CT,
//! the same MR sequence): good enough to tell which lesion is which, not to subtract images.

use crate::{Grid, ImagingError, IndexBox, Volume};
use serde::Serialize;

/// Spacing of the volumes compared at each step, mm.
const LEVELS_MM: [f64; 3] = [12.0, 6.0, 3.0];
/// Points compared at most.
const MOST_POINTS: usize = 40_000;
/// Share of points that must fall into the other volume for a motion to be believed.
const LEAST_OVERLAP: f64 = 0.4;
/// Distance at which a turn moves as much as a shift, mm: about half a trunk.
const LEVER_MM: f64 = 100.0;

/// A turn about a centre and a shift, in LPS millimetres.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rigid {
    /// What it turns about, `(x, y, z)`.
    pub centre_mm: [f64; 3],
    /// Turns about x, then y, then z, radians.
    pub turns_rad: [f64; 3],
    /// Shift after turning, `(x, y, z)`.
    pub shift_mm: [f64; 3],
    #[serde(skip)]
    matrix: [[f64; 3]; 3],
}

impl Rigid {
    /// No motion.
    pub const STILL: Rigid = Rigid {
        centre_mm: [0.0; 3],
        turns_rad: [0.0; 3],
        shift_mm: [0.0; 3],
        matrix: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    };

    /// A motion.
    pub fn new(centre_mm: [f64; 3], turns_rad: [f64; 3], shift_mm: [f64; 3]) -> Rigid {
        let [(sx, cx), (sy, cy), (sz, cz)] = turns_rad.map(f64::sin_cos);
        let matrix = [
            [cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx],
            [sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx],
            [-sy, cy * sx, cy * cx],
        ];
        Rigid { centre_mm, turns_rad, shift_mm, matrix }
    }

    /// Where a point goes.
    pub fn apply(&self, point: [f64; 3]) -> [f64; 3] {
        let from: [f64; 3] = std::array::from_fn(|i| point[i] - self.centre_mm[i]);
        std::array::from_fn(|i| {
            let turned: f64 = (0..3).map(|k| self.matrix[i][k] * from[k]).sum();
            turned + self.centre_mm[i] + self.shift_mm[i]
        })
    }

    /// Where a point came from.
    pub fn back(&self, point: [f64; 3]) -> [f64; 3] {
        let from: [f64; 3] = std::array::from_fn(|i| point[i] - self.centre_mm[i] - self.shift_mm[i]);
        std::array::from_fn(|i| (0..3).map(|k| self.matrix[k][i] * from[k]).sum::<f64>() + self.centre_mm[i])
    }
}

/// A motion and how well it fits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Registration {
    /// From points of the first volume to points of the second.
    pub motion: Rigid,
    /// Correlation of intensities with scanner coordinates as they are.
    pub correlation_before: f64,
    /// With the motion.
    pub correlation: f64,
}

/// A volume averaged to a coarser grid.
struct Coarse {
    grid: Grid,
    values: Vec<f64>,
}

impl Coarse {
    fn new(grid: &Grid, values: &[f64], wanted_mm: f64) -> Result<Coarse, ImagingError> {
        let (shape, spacing) = (grid.shape(), grid.spacing_mm());
        let block: [usize; 3] = std::array::from_fn(|axis| {
            ((wanted_mm / spacing[axis]).round().max(1.0) as usize).min(shape[axis])
        });
        let coarse: [usize; 3] = std::array::from_fn(|axis| shape[axis] / block[axis]);
        let first = block.map(|n| (n as f64 - 1.0) / 2.0);
        let wide = std::array::from_fn(|axis| spacing[axis] * block[axis] as f64);
        let grid = grid.regrid(coarse, wide, first)?;
        let mut averaged = vec![0.0; coarse.iter().product()];
        for z in 0..coarse[0] * block[0] {
            for y in 0..coarse[1] * block[1] {
                let from = &values[(z * shape[1] + y) * shape[2]..][..coarse[2] * block[2]];
                let to =
                    &mut averaged[((z / block[0]) * coarse[1] + y / block[1]) * coarse[2]..][..coarse[2]];
                from.chunks(block[2]).zip(to).for_each(|(some, mean)| *mean += some.iter().sum::<f64>());
            }
        }
        let n = block.iter().product::<usize>() as f64;
        averaged.iter_mut().for_each(|sum| *sum /= n);
        Ok(Coarse { grid, values: averaged })
    }

    /// Linear between voxels; `None` outside.
    fn at(&self, point: [f64; 3]) -> Option<f64> {
        let index = self.grid.index(point);
        let shape = self.grid.shape();
        let mut low = [0usize; 3];
        let mut part = [0.0; 3];
        for axis in 0..3 {
            if !(index[axis] >= 0.0 && index[axis] <= (shape[axis] - 1) as f64) {
                return None;
            }
            low[axis] = (index[axis] as usize).min(shape[axis].saturating_sub(2));
            part[axis] = index[axis] - low[axis] as f64;
        }
        let mut sum = 0.0;
        for corner in 0..8usize {
            let (mut weight, mut at) = (1.0, 0);
            for axis in 0..3 {
                let up = corner >> axis & 1;
                weight *= if up == 1 { part[axis] } else { 1.0 - part[axis] };
                at = at * shape[axis] + (low[axis] + up).min(shape[axis] - 1);
            }
            if weight > 0.0 {
                sum += weight * self.values[at];
            }
        }
        Some(sum)
    }

    /// Points with their values: every voxel, or every n-th where there are too many.
    fn points(&self) -> Vec<([f64; 3], f64)> {
        let [_, ny, nx] = self.grid.shape();
        let step = self.values.len().div_ceil(MOST_POINTS);
        let place = |at: usize| [at / (ny * nx), at / nx % ny, at % nx].map(|index| index as f64);
        (0..self.values.len()).step_by(step).map(|at| (self.grid.point(place(at)), self.values[at])).collect()
    }

    /// Centre of what is brighter than the mean.
    fn centre(&self) -> [f64; 3] {
        let mean = self.values.iter().sum::<f64>() / self.values.len() as f64;
        let (mut sum, mut weight) = ([0.0; 3], 0.0);
        for (point, value) in self.points().into_iter().filter(|(_, value)| *value > mean) {
            (0..3).for_each(|i| sum[i] += point[i] * (value - mean));
            weight += value - mean;
        }
        if weight > 0.0 { sum.map(|part| part / weight) } else { sum }
    }
}

fn correlation(points: &[([f64; 3], f64)], other: &Coarse, motion: &Rigid) -> f64 {
    let (mut n, mut sa, mut sb, mut saa, mut sbb, mut sab) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (point, a) in points {
        let Some(b) = other.at(motion.apply(*point)) else { continue };
        n += 1.0;
        sa += a;
        sb += b;
        saa += a * a;
        sbb += b * b;
        sab += a * b;
    }
    if n < LEAST_OVERLAP * points.len() as f64 {
        return -1.0;
    }
    let spread = (saa - sa * sa / n) * (sbb - sb * sb / n);
    if spread > 0.0 { (sab - sa * sb / n) / spread.sqrt() } else { 0.0 }
}

/// Lays `moving` over `fixed`.
///
/// # Errors
/// Values that are no numbers.
pub fn register(fixed: &Volume, moving: &Volume) -> Result<Registration, ImagingError> {
    let whole = |volume: &Volume| volume.crop(IndexBox::all(volume.grid().shape()));
    let ((fixed_grid, fixed), (moving_grid, moving)) = (whole(fixed)?, whole(moving)?);
    let mut best: Option<Registration> = None;
    for wanted in LEVELS_MM {
        let a = Coarse::new(&fixed_grid, &fixed, wanted)?;
        let b = Coarse::new(&moving_grid, &moving, wanted)?;
        let points = a.points();
        let start = match best {
            Some(found) => found.motion,
            None => start(&points, &a, &b),
        };
        let (motion, correlation_now) = climb(&points, &b, start, wanted);
        let correlation_before = correlation(&points, &b, &Rigid::STILL);
        best = Some(Registration { motion, correlation_before, correlation: correlation_now });
    }
    best.ok_or_else(|| ImagingError::Grid("there is nothing to compare".to_owned()))
}

/// Scanner coordinates as they are, or centres of mass laid over each other, whichever fits better.
fn start(points: &[([f64; 3], f64)], a: &Coarse, b: &Coarse) -> Rigid {
    let (from, to) = (a.centre(), b.centre());
    let still = Rigid::new(from, [0.0; 3], [0.0; 3]);
    let moved = Rigid::new(from, [0.0; 3], std::array::from_fn(|i| to[i] - from[i]));
    if correlation(points, b, &moved) > correlation(points, b, &still) { moved } else { still }
}

/// Tries each parameter up and down, keeps what fits better, halves the step where nothing does.
fn climb(points: &[([f64; 3], f64)], other: &Coarse, start: Rigid, spacing_mm: f64) -> (Rigid, f64) {
    let (mut motion, mut best) = (start, correlation(points, other, &start));
    let mut step = 2.0 * spacing_mm;
    while step > spacing_mm / 64.0 {
        let mut better = false;
        for parameter in 0..6 {
            for sign in [step, -step] {
                let (mut turns, mut shift) = (motion.turns_rad, motion.shift_mm);
                if parameter < 3 {
                    shift[parameter] += sign;
                } else {
                    turns[parameter - 3] += sign / LEVER_MM;
                }
                let tried = Rigid::new(motion.centre_mm, turns, shift);
                let fit = correlation(points, other, &tried);
                if fit > best {
                    (motion, best, better) = (tried, fit, true);
                }
            }
        }
        if !better {
            step /= 2.0;
        }
    }
    (motion, best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom;
    use proptest::prelude::*;

    /// Largest distance of two motions over a block of points around the trunk.
    fn apart(a: &Rigid, b: &Rigid) -> f64 {
        let corners =
            (0..8).map(|n| [n & 1, n >> 1 & 1, n >> 2].map(|up| if up == 1 { 60.0 } else { -60.0 }));
        let far = |point: [f64; 3]| {
            let (p, q) = (a.apply(point), b.apply(point));
            (0..3).map(|i| (p[i] - q[i]).powi(2)).sum::<f64>().sqrt()
        };
        corners.map(far).fold(0.0, f64::max)
    }

    #[test]
    fn known_motions_are_found_within_a_millimetre() {
        let fixed = phantom::scan(&[], &Rigid::STILL, 1).unwrap();
        for (turns, shift) in [
            ([0.0; 3], [0.0; 3]),
            ([0.0; 3], [12.0, -7.0, 9.0]),
            ([0.06, -0.04, 0.09], [-5.0, 8.0, 4.0]),
            ([0.0, 0.0, -0.15], [20.0, 0.0, 0.0]),
        ] {
            let moved = Rigid::new([0.0; 3], turns, shift);
            let moving = phantom::scan(&[], &moved, 2).unwrap();
            let found = register(&fixed, &moving).unwrap();
            let off = apart(&found.motion, &moved);
            assert!(off < 1.0, "{turns:?} {shift:?}: off by {off:.2} mm, {found:?}");
            assert!(found.correlation >= found.correlation_before && found.correlation > 0.9);
        }
    }

    proptest! {
        #[test]
        fn going_there_and_back_is_staying(
            turns in proptest::array::uniform3(-1.0..1.0f64), shift in proptest::array::uniform3(-50.0..50.0f64),
            point in proptest::array::uniform3(-200.0..200.0f64),
        ) {
            let motion = Rigid::new([3.0, -4.0, 5.0], turns, shift);
            let back = motion.back(motion.apply(point));
            prop_assert!((0..3).all(|i| (back[i] - point[i]).abs() < 1e-9));
        }
    }
}
