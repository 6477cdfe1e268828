//! Neighbourhood grey tone difference (IBSI 3.10): how far is a voxel from the mean of its neighbours?

use super::grey::Grey;

/// Number of features of this family.
pub const COUNT: usize = 5;

/// Voxels with a neighbour and sum of differences, by level.
pub struct Tones {
    n: Vec<f64>,
    s: Vec<f64>,
}

/// Counts the tones of `roi`; neighbours by `offsets`.
pub fn tones(grey: &Grey, roi: &[u32], offsets: &[isize]) -> Tones {
    let mut tones = Tones { n: vec![0.0; grey.n()], s: vec![0.0; grey.n()] };
    // Level 0 stands for outside, so that a sum needs no question.
    let levels: Vec<u64> = std::iter::once(0).chain(grey.values.iter().map(|&v| u64::from(v))).collect();
    for &at in roi {
        let at = at as usize;
        let code = usize::from(grey.codes[at]);
        let (mut sum, mut count) = (0u64, 0u32);
        for &offset in offsets {
            let other = usize::from(grey.codes[at.wrapping_add_signed(offset)]);
            sum += levels[other];
            count += u32::from(other != 0);
        }
        if count > 0 {
            tones.n[code - 1] += 1.0;
            tones.s[code - 1] += (levels[code] as f64 - sum as f64 / f64::from(count)).abs();
        }
    }
    tones
}

/// Level, share of voxels and sum of differences.
type Row = (f64, f64, f64);

/// Coarseness, contrast, busyness, complexity, strength.
pub fn features(tones: &Tones, values: &[u32]) -> [f64; COUNT] {
    let voxels: f64 = tones.n.iter().sum();
    let rows: Vec<Row> = (0..values.len())
        .filter(|&i| tones.n[i] > 0.0)
        .map(|i| (f64::from(values[i]), tones.n[i] / voxels, tones.s[i]))
        .collect();
    let sum_s: f64 = rows.iter().map(|row| row.2).sum();
    let weighted: f64 = rows.iter().map(|row| row.1 * row.2).sum();
    let pairs = |of: fn(Row, Row) -> f64| -> f64 {
        rows.iter().map(|a| rows.iter().map(|b| of(*a, *b)).sum::<f64>()).sum()
    };
    let (levels, spread) = (rows.len() as f64, pairs(|a, b| (a.0 * a.1 - b.0 * b.1).abs()));
    let or_zero = |divisor: f64, value: f64| if divisor == 0.0 { 0.0 } else { value / divisor };
    [
        // IBSI 3.10.1: a flat region has coarseness 10⁶.
        if weighted == 0.0 { 1e6 } else { 1.0 / weighted },
        or_zero(levels * (levels - 1.0), pairs(|a, b| a.1 * b.1 * (a.0 - b.0).powi(2)) * sum_s / voxels),
        or_zero(spread, weighted),
        pairs(|a, b| (a.0 - b.0).abs() * (a.1 * a.2 + b.1 * b.2) / (a.1 + b.1)) / voxels,
        or_zero(sum_s, pairs(|a, b| (a.1 + b.1) * (a.0 - b.0).powi(2))),
    ]
}
