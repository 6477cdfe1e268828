//! How does a volume come onto another grid?
//!
//! One axis after the other: each output index has weights on input indices, so nearest, linear and cubic B-spline
//! interpolation are one loop. Beyond the edge the nearest voxel counts, for splines the mirrored one.

use crate::{Grid, ImagingError};

/// How values between voxels come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// The nearest voxel.
    Nearest,
    /// Linear along each axis.
    Linear,
    /// Cubic B-spline through the voxels.
    CubicSpline,
}

/// Index on the old axis of each new voxel: `first + step * i`.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// Where the first new voxel lies, in old voxels.
    pub first: f64,
    /// New spacing over old spacing.
    pub step: f64,
    /// Number of new voxels.
    pub count: usize,
}

impl Axis {
    /// The axis as it is.
    pub fn same(count: usize) -> Axis {
        Axis { first: 0.0, step: 1.0, count }
    }

    /// IBSI's rule, grids aligned by centre: as many voxels as cover the old extent.
    pub fn centred(count: usize, spacing: f64, wanted: f64) -> Axis {
        let step = wanted / spacing;
        // A quotient that is whole but for rounding must not gain a voxel.
        let new = ((count as f64 / step) - 1e-9).ceil().max(1.0);
        Axis { first: (count as f64 - 1.0) / 2.0 - step * (new - 1.0) / 2.0, step, count: new as usize }
    }
}

/// IBSI's grid for a new spacing in mm, `[z, y, x]`; `None` leaves an axis alone.
pub fn centred(grid: &Grid, spacing: [Option<f64>; 3]) -> Result<(Grid, [Axis; 3]), ImagingError> {
    let axes = std::array::from_fn(|i| match spacing[i] {
        Some(wanted) => Axis::centred(grid.shape()[i], grid.spacing_mm()[i], wanted),
        None => Axis::same(grid.shape()[i]),
    });
    let spacing = std::array::from_fn(|i| spacing[i].unwrap_or(grid.spacing_mm()[i]));
    Ok((grid.regrid(axes.map(|axis: Axis| axis.count), spacing, axes.map(|axis| axis.first))?, axes))
}

/// Up to four old indices with their weights for one new voxel.
type Taps = [(usize, f64); 4];

fn taps(at: f64, n: usize, how: Interpolation) -> Taps {
    let last = n as f64 - 1.0;
    match how {
        Interpolation::Nearest => {
            // Halfway counts upwards, as ITK's index rounding does.
            let nearest = (at + 0.5).floor().clamp(0.0, last) as usize;
            [(nearest, 1.0), (nearest, 0.0), (nearest, 0.0), (nearest, 0.0)]
        }
        Interpolation::Linear => {
            let at = at.clamp(0.0, last);
            let low = at.floor();
            let high = (low + 1.0).min(last) as usize;
            [(low as usize, 1.0 - (at - low)), (high, at - low), (high, 0.0), (high, 0.0)]
        }
        Interpolation::CubicSpline => {
            let at = at.clamp(0.0, last);
            let low = at.floor();
            let t = at - low;
            let weights = [
                (1.0 - t).powi(3) / 6.0,
                2.0 / 3.0 - t * t * (2.0 - t) / 2.0,
                2.0 / 3.0 - (1.0 - t).powi(2) * (1.0 + t) / 2.0,
                t.powi(3) / 6.0,
            ];
            std::array::from_fn(|i| (mirror(low as i64 + i as i64 - 1, n), weights[i]))
        }
    }
}

fn mirror(at: i64, n: usize) -> usize {
    if n == 1 {
        return 0;
    }
    let period = 2 * (n as i64 - 1);
    let at = at.rem_euclid(period);
    at.min(period - at) as usize
}

/// B-spline coefficients of a line in place (Unser, Aldroubi and Eden 1993: one pole, mirrored ends).
fn coefficients(line: &mut [f64]) {
    let n = line.len();
    if n < 2 {
        return;
    }
    let pole = 3f64.sqrt() - 2.0;
    line.iter_mut().for_each(|value| *value *= 6.0);
    let horizon = n.min(60);
    let mut sum = line[0];
    let mut power = pole;
    for &value in &line[1..horizon] {
        sum += power * value;
        power *= pole;
    }
    if horizon == n {
        sum = closed_start(line, pole);
    }
    line[0] = sum;
    for i in 1..n {
        line[i] += pole * line[i - 1];
    }
    line[n - 1] = pole / (pole * pole - 1.0) * (pole * line[n - 2] + line[n - 1]);
    for i in (0..n - 1).rev() {
        line[i] = pole * (line[i + 1] - line[i]);
    }
}

/// The exact first causal coefficient of a short mirrored line.
fn closed_start(line: &[f64], pole: f64) -> f64 {
    let n = line.len();
    let end = pole.powi(n as i32 - 1);
    let mut sum = line[0] + end * line[n - 1];
    for (i, &value) in line.iter().enumerate().take(n - 1).skip(1) {
        sum += (pole.powi(i as i32) + end * end / pole.powi(i as i32)) * value;
    }
    sum / (1.0 - end * end)
}

/// Values of a block on new axes; `values` is `[z, y, x]` of `shape`.
pub fn resample(values: &[f64], shape: [usize; 3], axes: [Axis; 3], how: Interpolation) -> Vec<f64> {
    let mut values = values.to_vec();
    let mut shape = shape;
    for axis in 0..3 {
        let same = axes[axis].first == 0.0 && axes[axis].step == 1.0 && axes[axis].count == shape[axis];
        if !same {
            values = along(&values, shape, axis, axes[axis], how);
            shape[axis] = axes[axis].count;
        }
    }
    values
}

fn along(values: &[f64], shape: [usize; 3], axis: usize, new: Axis, how: Interpolation) -> Vec<f64> {
    let inner: usize = shape[axis + 1..].iter().product();
    let (n, outer) = (shape[axis], shape[..axis].iter().product::<usize>());
    let all: Vec<Taps> = (0..new.count).map(|i| taps(new.first + new.step * i as f64, n, how)).collect();
    let mut result = vec![0.0; outer * new.count * inner];
    let mut line = vec![0.0; n];
    for o in 0..outer {
        for i in 0..inner {
            (0..n).for_each(|k| line[k] = values[(o * n + k) * inner + i]);
            if how == Interpolation::CubicSpline {
                coefficients(&mut line);
            }
            for (k, taps) in all.iter().enumerate() {
                result[(o * new.count + k) * inner + i] =
                    taps.iter().map(|(at, weight)| line[*at] * weight).sum();
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ibsi_grids_share_their_centre() {
        let axis = Axis::centred(204, 0.977, 2.0);
        assert_eq!(axis.count, 100);
        let middle = axis.first + axis.step * 49.5;
        assert!((middle - 101.5).abs() < 1e-9);
        assert_eq!(Axis::centred(60, 3.0, 2.0).count, 90);
    }

    proptest::proptest! {
        #[test]
        fn voxels_keep_their_values_at_their_own_places(line in proptest::collection::vec(-1e3..1e3f64, 1..90)) {
            let axes = [Axis::same(1), Axis::same(1), Axis { first: 0.0, step: 1.0 + 1e-12, count: line.len() }];
            for how in [Interpolation::Nearest, Interpolation::Linear, Interpolation::CubicSpline] {
                let same = resample(&line, [1, 1, line.len()], axes, how);
                proptest::prop_assert!(same.iter().zip(&line).all(|(a, b)| (a - b).abs() < 1e-6), "{how:?} {same:?}");
            }
        }
    }
}
