//! Are near voxels alike? Moran's I and Geary's C with weights 1 / distance (IBSI 3.1.27 and 3.1.28).
//!
//! All pairs count. On a grid the sums over pairs are correlations, so they are taken in the frequency domain: exact
//! to rounding, in N log N instead of N².

use crate::Region;

/// Most points of the padded grid that are transformed (1 GiB for each of three arrays).
const MAX_POINTS: usize = 1 << 26;

#[derive(Clone, Copy, Default)]
struct Complex {
    re: f64,
    im: f64,
}

/// Moran's I and Geary's C; `None` when the region's box is too large to transform.
pub fn moran_geary(region: &Region, inside: &[bool]) -> Option<[f64; 2]> {
    let shape = region.grid.shape();
    let padded = shape.map(|n| if n == 1 { 1 } else { (2 * n - 1).next_power_of_two() });
    let points = padded.iter().try_fold(1usize, |product, n| product.checked_mul(*n))?;
    if points > MAX_POINTS {
        return None;
    }
    let n = inside.iter().filter(|inside| **inside).count() as f64;
    let of = || region.values.iter().zip(inside).filter(|(_, inside)| **inside).map(|(value, _)| *value);
    let mean = of().sum::<f64>() / n;
    let squares: f64 = of().map(|value| (value - mean).powi(2)).sum();
    // Deviations and membership share one transform, squared deviations and the weights another.
    let mut first = vec![Complex::default(); points];
    let mut second = first.clone();
    for (flat, _) in inside.iter().enumerate().filter(|(_, inside)| **inside) {
        let (z, y, x) = (flat / (shape[1] * shape[2]), flat / shape[2] % shape[1], flat % shape[2]);
        let at = (z * padded[1] + y) * padded[2] + x;
        let off = region.values[flat] - mean;
        first[at] = Complex { re: off, im: 1.0 };
        second[at].re = off * off;
    }
    weights(&mut second, shape, padded, region.grid.spacing_mm());
    transform(&mut first, padded);
    transform(&mut second, padded);
    let [products, sums, pairs] = sums(&first, &second, padded);
    let moran = n / pairs * products / squares;
    let geary = (n - 1.0) / (2.0 * pairs) * (2.0 * sums - 2.0 * products) / squares;
    Some([moran, geary])
}

/// 1 / distance of every displacement, wrapped around, as the imaginary part.
fn weights(into: &mut [Complex], shape: [usize; 3], padded: [usize; 3], spacing: [f64; 3]) {
    let along = |axis: usize| -> Vec<Option<f64>> {
        let (n, wide) = (shape[axis], padded[axis]);
        let step = |i: usize| if i < n { Some(i) } else { (wide - i < n).then(|| wide - i) };
        (0..wide).map(|i| step(i).map(|d| (d as f64 * spacing[axis]).powi(2))).collect()
    };
    let [z, y, x] = [along(0), along(1), along(2)];
    for (at, point) in into.iter_mut().enumerate() {
        let (k, j, i) = (at / (padded[1] * padded[2]), at / padded[2] % padded[1], at % padded[2]);
        if let (Some(z), Some(y), Some(x)) = (z[k], y[j], x[i]) {
            let square = z + y + x;
            point.im = if square > 0.0 { 1.0 / square.sqrt() } else { 0.0 };
        }
    }
}

/// Σ w dᵢ dⱼ, Σ w dᵢ² and Σ w over ordered pairs, by Parseval. Each array carries two real signals: the first is the
/// even part of the spectrum, the second the odd part over i.
fn sums(first: &[Complex], second: &[Complex], padded: [usize; 3]) -> [f64; 3] {
    let mut all = [0.0; 3];
    for at in 0..first.len() {
        let place = [at / (padded[1] * padded[2]), at / padded[2] % padded[1], at % padded[2]];
        let [k, j, i]: [usize; 3] = std::array::from_fn(|axis| (padded[axis] - place[axis]) % padded[axis]);
        let back = (k * padded[1] + j) * padded[2] + i;
        let split = |signal: &[Complex]| {
            let (a, b) = (signal[at], signal[back]);
            let even = Complex { re: (a.re + b.re) / 2.0, im: (a.im - b.im) / 2.0 };
            (even, Complex { re: (a.im + b.im) / 2.0, im: (b.re - a.re) / 2.0 })
        };
        let ((off, member), (square, weight)) = (split(first), split(second));
        // The weights are even, so their spectrum is real.
        all[0] += weight.re * (off.re * off.re + off.im * off.im);
        all[1] += weight.re * (square.re * member.re + square.im * member.im);
        all[2] += weight.re * (member.re * member.re + member.im * member.im);
    }
    all.map(|sum| sum / first.len() as f64)
}

fn transform(points: &mut [Complex], padded: [usize; 3]) {
    for axis in 0..3 {
        let n = padded[axis];
        if n == 1 {
            continue;
        }
        let inner: usize = padded[axis + 1..].iter().product();
        let turns: Vec<Complex> = (0..n / 2)
            .map(|k| {
                let (im, re) = (-2.0 * std::f64::consts::PI * k as f64 / n as f64).sin_cos();
                Complex { re, im }
            })
            .collect();
        let mut line = vec![Complex::default(); n];
        for block in points.chunks_mut(n * inner) {
            for i in 0..inner {
                (0..n).for_each(|k| line[k] = block[k * inner + i]);
                line_transform(&mut line, &turns);
                (0..n).for_each(|k| block[k * inner + i] = line[k]);
            }
        }
    }
}

/// Cooley and Tukey's transform of a line whose length is a power of two.
fn line_transform(line: &mut [Complex], turns: &[Complex]) {
    let n = line.len();
    let bits = n.trailing_zeros();
    for i in 0..n {
        let j = i.reverse_bits() >> (usize::BITS - bits);
        if i < j {
            line.swap(i, j);
        }
    }
    let mut half = 1;
    while half < n {
        for start in (0..n).step_by(2 * half) {
            for k in 0..half {
                let (turn, a, b) = (turns[k * (n / 2 / half)], line[start + k], line[start + k + half]);
                let b = Complex { re: b.re * turn.re - b.im * turn.im, im: b.re * turn.im + b.im * turn.re };
                line[start + k] = Complex { re: a.re + b.re, im: a.im + b.im };
                line[start + k + half] = Complex { re: a.re - b.re, im: a.im - b.im };
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Grid;

    fn by_pairs(region: &Region) -> [f64; 2] {
        let [_, ny, nx] = region.grid.shape();
        let points: Vec<([f64; 3], f64)> = (0..region.values.len())
            .filter(|&at| region.inside[at])
            .map(|at| {
                let index = [at / (ny * nx), at / nx % ny, at % nx];
                (std::array::from_fn(|k| index[k] as f64 * region.grid.spacing_mm()[k]), region.values[at])
            })
            .collect();
        let n = points.len() as f64;
        let mean = points.iter().map(|p| p.1).sum::<f64>() / n;
        let squares: f64 = points.iter().map(|p| (p.1 - mean).powi(2)).sum();
        let (mut weights, mut moran, mut geary) = (0.0, 0.0, 0.0);
        for (i, a) in points.iter().enumerate() {
            for b in points.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, b)| b) {
                let w = 1.0 / (0..3).map(|k| (a.0[k] - b.0[k]).powi(2)).sum::<f64>().sqrt();
                weights += w;
                moran += w * (a.1 - mean) * (b.1 - mean);
                geary += w * (a.1 - b.1).powi(2);
            }
        }
        [n / weights * moran / squares, (n - 1.0) / (2.0 * weights) * geary / squares]
    }

    #[test]
    fn frequencies_say_what_pairs_say() {
        let grid = Grid::upright([3, 4, 5], [2.5, 1.0, 0.7]).unwrap();
        let values: Vec<f64> = (0..60).map(|i| f64::from(i * i % 17)).collect();
        let inside: Vec<bool> = (0..60).map(|i| i % 7 != 3).collect();
        let region = Region { grid, values, inside: inside.clone() };
        let found = moran_geary(&region, &inside).unwrap();
        assert!(found.iter().zip(by_pairs(&region)).all(|(a, b)| (a - b).abs() < 1e-10), "{found:?}");
    }
}
