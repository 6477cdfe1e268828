//! Grey level co-occurrence (IBSI 3.6): how often do two levels stand side by side?

use super::grey::Grey;

/// Number of IBSI features of this family.
pub const COUNT: usize = 25;

/// Symmetric counts of neighbouring pairs, `n × n` over the levels that occur.
#[derive(Clone)]
pub struct Matrix {
    n: usize,
    counts: Vec<u32>,
}

impl Matrix {
    /// Pairs of a voxel of `roi` and the one at `offset`, both ways. `scratch` is reused between calls.
    pub fn count(grey: &Grey, roi: &[u32], offset: isize, scratch: &mut Vec<u32>) -> Matrix {
        let n = grey.n();
        let wide = n + 1;
        scratch.clear();
        scratch.resize(wide * wide, 0);
        for &at in roi {
            let here = usize::from(grey.codes[at as usize]);
            let there = usize::from(grey.codes[(at as usize).wrapping_add_signed(offset)]);
            scratch[here * wide + there] += 1;
        }
        let mut counts = vec![0; n * n];
        for i in 0..n {
            for j in 0..n {
                counts[i * n + j] = scratch[(i + 1) * wide + j + 1] + scratch[(j + 1) * wide + i + 1];
            }
        }
        Matrix { n, counts }
    }

    /// Adds another matrix over the same levels.
    pub fn add(&mut self, other: &Matrix) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(a, b)| *a += b);
    }

    /// Are there no pairs?
    pub fn is_empty(&self) -> bool {
        self.counts.iter().all(|&count| count == 0)
    }
}

fn entropy(p: impl Iterator<Item = f64>) -> f64 {
    -p.filter(|p| *p > 0.0).map(|p| p * p.log2()).sum::<f64>()
}

/// Marginal, sum and difference distributions of a matrix.
struct Spread {
    levels: Vec<f64>,
    p: Vec<f64>,
    marginal: Vec<f64>,
    sums: Vec<f64>,
    differences: Vec<f64>,
    mean: f64,
    variance: f64,
}

impl Spread {
    fn new(matrix: &Matrix, values: &[u32]) -> Spread {
        let n = matrix.n;
        let total: f64 = matrix.counts.iter().map(|&count| f64::from(count)).sum();
        let p: Vec<f64> = matrix.counts.iter().map(|&count| f64::from(count) / total).collect();
        let marginal: Vec<f64> = p.chunks(n).map(|row| row.iter().sum()).collect();
        let top = values.last().copied().unwrap_or(0) as usize;
        let (mut sums, mut differences) = (vec![0.0; 2 * top + 1], vec![0.0; top + 1]);
        for (row, &i) in p.chunks(n).zip(values) {
            for (p, &j) in row.iter().zip(values) {
                sums[(i + j) as usize] += p;
                differences[i.abs_diff(j) as usize] += p;
            }
        }
        let levels: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
        let mean: f64 = marginal.iter().zip(&levels).map(|(p, v)| p * v).sum();
        let variance = marginal.iter().zip(&levels).map(|(p, v)| p * (v - mean).powi(2)).sum();
        Spread { levels, p, marginal, sums, differences, mean, variance }
    }

    fn by_difference(&self, weight: impl Fn(f64) -> f64) -> f64 {
        self.differences
            .iter()
            .enumerate()
            .filter(|(_, p)| **p > 0.0)
            .map(|(k, p)| p * weight(k as f64))
            .sum()
    }

    fn by_sum(&self, weight: impl Fn(f64) -> f64) -> f64 {
        self.sums.iter().enumerate().filter(|(_, p)| **p > 0.0).map(|(k, p)| p * weight(k as f64)).sum()
    }

    /// Information correlation 1 and 2 (IBSI 3.6.24 and 3.6.25); 0 for one level.
    fn information(&self, joint: f64) -> [f64; 2] {
        let hx = entropy(self.marginal.iter().copied());
        // Σ p(i,j) log p(i) p(j) and Σ p(i) p(j) log p(i) p(j) are both −2 HX for a symmetric matrix.
        let (hxy1, hxy2) = (2.0 * hx, 2.0 * hx);
        let first = if hx > 0.0 { (joint - hxy1) / hx } else { 0.0 };
        [first, (1.0 - (-2.0 * (hxy2 - joint)).exp()).max(0.0).sqrt()]
    }
}

/// The 25 features in the order of the feature list. `top` is N_g, the highest level of the region.
pub fn features(matrix: &Matrix, values: &[u32], top: f64) -> [f64; COUNT] {
    let s = Spread::new(matrix, values);
    let joint = entropy(s.p.iter().copied());
    let difference = s.by_difference(|k| k);
    let sum = s.by_sum(|k| k);
    let [info_1, info_2] = s.information(joint);
    let auto: f64 =
        s.p.chunks(matrix.n)
            .zip(&s.levels)
            .map(|(row, i)| row.iter().zip(&s.levels).map(|(p, j)| p * i * j).sum::<f64>())
            .sum();
    // One level only: IBSI leaves correlation open, PyRadiomics says 1.
    let correlation = if s.variance > 0.0 { (auto - s.mean * s.mean) / s.variance } else { 1.0 };
    let cluster = |power: i32| s.by_sum(|k| (k - 2.0 * s.mean).powi(power));
    [
        s.p.iter().copied().fold(0.0, f64::max),
        s.mean,
        s.variance,
        joint,
        difference,
        s.by_difference(|k| (k - difference).powi(2)),
        entropy(s.differences.iter().copied()),
        sum,
        s.by_sum(|k| (k - sum).powi(2)),
        entropy(s.sums.iter().copied()),
        s.p.iter().map(|p| p * p).sum(),
        s.by_difference(|k| k * k),
        difference,
        s.by_difference(|k| 1.0 / (1.0 + k)),
        s.by_difference(|k| 1.0 / (1.0 + k / top)),
        s.by_difference(|k| 1.0 / (1.0 + k * k)),
        s.by_difference(|k| 1.0 / (1.0 + k * k / (top * top))),
        s.by_difference(|k| if k > 0.0 { 1.0 / (k * k) } else { 0.0 }),
        correlation,
        auto,
        cluster(2),
        cluster(3),
        cluster(4),
        info_1,
        info_2,
    ]
}

/// Maximal correlation coefficient, a feature of PyRadiomics: root of the second largest eigenvalue of
/// Q(i,j) = Σ_k p(i,k) p(j,k) / (p(i) p(k)). For a symmetric matrix Q is similar to the square of
/// p(i,j) / √(p(i) p(j)), so its eigenvalues are squares of that matrix's.
pub fn maximal_correlation(matrix: &Matrix) -> f64 {
    let total: f64 = matrix.counts.iter().map(|&count| f64::from(count)).sum();
    let marginal: Vec<f64> = matrix
        .counts
        .chunks(matrix.n)
        .map(|row| row.iter().map(|&c| f64::from(c)).sum::<f64>() / total)
        .collect();
    let used: Vec<usize> = (0..matrix.n).filter(|&i| marginal[i] > 0.0).collect();
    if matrix.n < 2 {
        return 1.0;
    }
    if used.len() < 2 {
        return 0.0;
    }
    let m = used.len();
    let entry = |i: usize, j: usize| {
        let (i, j) = (used[i], used[j]);
        f64::from(matrix.counts[i * matrix.n + j]) / total / (marginal[i] * marginal[j]).sqrt()
    };
    let mut squares: Vec<f64> =
        eigenvalues((0..m * m).map(|at| entry(at / m, at % m)).collect(), m).iter().map(|v| v * v).collect();
    squares.sort_unstable_by(|a, b| b.total_cmp(a));
    squares[1].max(0.0).sqrt()
}

/// Eigenvalues of a symmetric matrix: Householder's reduction to three diagonals, then QL with implicit shifts
/// (Wilkinson and Reinsch 1971, procedures tred1 and imtql1).
pub(crate) fn eigenvalues(mut a: Vec<f64>, n: usize) -> Vec<f64> {
    let (mut d, mut e) = (vec![0.0; n], vec![0.0; n]);
    for i in (1..n).rev() {
        let scale: f64 = (0..i).map(|k| a[i * n + k].abs()).sum();
        if i == 1 || scale == 0.0 {
            e[i] = a[i * n + i - 1];
            continue;
        }
        let mut v: Vec<f64> = (0..i).map(|k| a[i * n + k] / scale).collect();
        let h: f64 = v.iter().map(|x| x * x).sum();
        let g = if v[i - 1] >= 0.0 { -h.sqrt() } else { h.sqrt() };
        e[i] = scale * g;
        let h = h - v[i - 1] * g;
        v[i - 1] -= g;
        // p = A v / h, then A − v qᵀ − q vᵀ with q = p − (vᵀp / 2h) v.
        let mut q: Vec<f64> = (0..i).map(|j| (0..i).map(|k| a[j * n + k] * v[k]).sum::<f64>() / h).collect();
        let half = q.iter().zip(&v).map(|(q, v)| q * v).sum::<f64>() / (2.0 * h);
        q.iter_mut().zip(&v).for_each(|(q, v)| *q -= half * v);
        for j in 0..i {
            for k in 0..i {
                a[j * n + k] -= v[j] * q[k] + q[j] * v[k];
            }
        }
    }
    (0..n).for_each(|i| d[i] = a[i * n + i]);
    e.rotate_left(1);
    implicit_ql(&mut d, &mut e);
    d
}

fn implicit_ql(d: &mut [f64], e: &mut [f64]) {
    let n = d.len();
    for l in 0..n {
        for _ in 0..60 {
            let small = |m: usize| e[m].abs() <= f64::EPSILON * (d[m].abs() + d[m + 1].abs());
            let m = (l..n - 1).find(|&m| small(m)).unwrap_or(n - 1);
            if m == l {
                break;
            }
            let g = (d[l + 1] - d[l]) / (2.0 * e[l]);
            let mut g = d[m] - d[l] + e[l] / (g + g.hypot(1.0).copysign(g));
            let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
            let mut done = true;
            for i in (l..m).rev() {
                let (f, b) = (s * e[i], c * e[i]);
                let r = f.hypot(g);
                e[i + 1] = r;
                if r == 0.0 {
                    d[i + 1] -= p;
                    e[m] = 0.0;
                    done = false;
                    break;
                }
                (s, c) = (f / r, g / r);
                g = d[i + 1] - p;
                let r = (d[i] - g) * s + 2.0 * c * b;
                p = s * r;
                d[i + 1] = g + p;
                g = c * r - b;
            }
            if done {
                d[l] -= p;
                e[l] = g;
                e[m] = 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_of_known_matrices() {
        let mut found = eigenvalues(vec![2.0, -1.0, 0.0, -1.0, 2.0, -1.0, 0.0, -1.0, 2.0], 3);
        found.sort_unstable_by(f64::total_cmp);
        let root = 2f64.sqrt();
        assert!(
            found.iter().zip([2.0 - root, 2.0, 2.0 + root]).all(|(a, b)| (a - b).abs() < 1e-12),
            "{found:?}"
        );
    }

    proptest::proptest! {
        #[test]
        fn eigenvalues_keep_trace_and_squares(half in proptest::collection::vec(-9.0..9.0f64, 36)) {
            let a: Vec<f64> = (0..36).map(|at| half[at] + half[at % 6 * 6 + at / 6]).collect();
            let found = eigenvalues(a.clone(), 6);
            let trace: f64 = (0..6).map(|i| a[i * 7]).sum();
            proptest::prop_assert!((found.iter().sum::<f64>() - trace).abs() < 1e-9);
            let squares: f64 = a.iter().map(|v| v * v).sum();
            proptest::prop_assert!((found.iter().map(|v| v * v).sum::<f64>() - squares).abs() < 1e-7);
        }
    }
}
