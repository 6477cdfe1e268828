//! What do a million sentence vectors look like? Drawn from a seed with the structure measured on real ones.
//!
//! Measured on the 4,587 statements of CIViC's release of September 2025, all-MiniLM-L6-v2, 68 clusters by k-means
//! (√n): mean cosine of any two 0.33, of two centroids 0.50, of a statement to its centroid 0.80 ± 0.11; variance
//! around centroids falls off as e^(−i/60) over its principal axes (0.57 of it in the first 50, 0.79 in 100, 0.96 in
//! 200). Drawn are √n clusters of that shape, turned so that no axis is a coordinate. Not drawn: near-duplicates (a
//! statement's nearest neighbour has 0.88), which would make finding the nearest easier.

use crate::seeded::Seeded;

/// As all-MiniLM-L6-v2.
pub const DIMENSIONS: usize = 384;
const CENTROID_PAIR: f32 = 0.50;
const OWN: f64 = 0.80;
const OWN_SPREAD: f64 = 0.11;
const FALL: f64 = 60.0;

/// A family of vectors.
pub struct Clusters {
    centroids: Vec<Vec<f32>>,
    /// Standard deviation along each principal axis; squares sum to 1.
    axes: Vec<f32>,
    /// Where each number goes, and with which sign, in each of two turns.
    turns: [Vec<(usize, f32)>; 2],
    seed: u64,
}

impl Clusters {
    /// For so many vectors.
    pub fn new(several: usize, seed: u64) -> Clusters {
        let mut choice = Seeded::new(seed);
        let turns = [turn(&mut choice), turn(&mut choice)];
        let spectrum: Vec<f64> = (0..DIMENSIONS).map(|at| (-(at as f64) / FALL).exp()).collect();
        let sum: f64 = spectrum.iter().sum();
        let axes = spectrum.iter().map(|share| (share / sum).sqrt() as f32).collect();
        let mut family = Clusters { centroids: vec![], axes, turns, seed };
        let common = family.direction(&mut choice);
        let count = several.isqrt().max(1);
        for _ in 0..count {
            let own = family.direction(&mut choice);
            let centroid: Vec<f32> = common
                .iter()
                .zip(&own)
                .map(|(common, own)| CENTROID_PAIR.sqrt() * common + (1.0 - CENTROID_PAIR).sqrt() * own)
                .collect();
            family.centroids.push(unit(centroid));
        }
        family
    }

    /// The vector of a number, always the same; numbers of vectors and of questions must differ.
    pub fn vector(&self, number: u64) -> Vec<f32> {
        let mut choice = Seeded::new(self.seed ^ number.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let centroid = &self.centroids[choice.below(self.centroids.len())];
        let cosine = (OWN + OWN_SPREAD * normal(&mut choice)).clamp(0.2, 0.98) as f32;
        let around = self.direction(&mut choice);
        let beside = (1.0 - cosine * cosine).sqrt();
        unit(centroid.iter().zip(around).map(|(own, around)| cosine * own + beside * around).collect())
    }

    /// A direction with the measured spectrum, at unit length.
    fn direction(&self, choice: &mut Seeded) -> Vec<f32> {
        let mut x: Vec<f32> = self.axes.iter().map(|axis| axis * normal(choice) as f32).collect();
        for turn in &self.turns {
            let mut turned = vec![0.0; DIMENSIONS];
            x.iter().zip(turn).for_each(|(x, (to, sign))| turned[*to] = x * sign);
            turned.chunks_exact_mut(128).for_each(hadamard);
            x = turned;
        }
        unit(x)
    }
}

fn turn(choice: &mut Seeded) -> Vec<(usize, f32)> {
    let mut order: Vec<usize> = (0..DIMENSIONS).collect();
    (1..DIMENSIONS).rev().for_each(|at| order.swap(at, choice.below(at + 1)));
    order.into_iter().map(|to| (to, if choice.bits() & 1 == 0 { 1.0 } else { -1.0 })).collect()
}

/// Walsh-Hadamard transform in place, lengths kept.
fn hadamard(x: &mut [f32]) {
    let mut step = 1;
    while step < x.len() {
        for pair in x.chunks_exact_mut(2 * step) {
            let (left, right) = pair.split_at_mut(step);
            for (a, b) in left.iter_mut().zip(right) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        step *= 2;
    }
    let scale = 1.0 / (x.len() as f32).sqrt();
    x.iter_mut().for_each(|x| *x *= scale);
}

/// Normal deviate: the sum of twelve uniform ones less six.
fn normal(choice: &mut Seeded) -> f64 {
    let mut sum = -6.0;
    for _ in 0..6 {
        let bits = choice.bits();
        sum += (bits >> 32) as f64 / 4_294_967_296.0 + (bits & 0xffff_ffff) as f64 / 4_294_967_296.0;
    }
    sum
}

fn unit(mut x: Vec<f32>) -> Vec<f32> {
    let length = x.iter().map(|x| x * x).sum::<f32>().sqrt();
    x.iter_mut().for_each(|x| *x /= length.max(f32::MIN_POSITIVE));
    x
}

#[cfg(test)]
mod tests {
    use super::Clusters;

    /// Mean cosine of vectors with numbers that lie so far apart.
    fn mean(family: &Clusters, apart: u64) -> f64 {
        let cosine = |n: u64| {
            let (a, b) = (family.vector(n), family.vector(n + apart));
            f64::from(a.iter().zip(&b).map(|(a, b)| a * b).sum::<f32>())
        };
        (0..400).map(cosine).sum::<f64>() / 400.0
    }

    #[test]
    fn a_family_has_the_measured_structure_and_a_seed_names_it() {
        let family = Clusters::new(4_587, 5);
        assert_eq!(family.centroids.len(), 67);
        assert_eq!(family.vector(7), Clusters::new(4_587, 5).vector(7));
        let any = mean(&family, 1_000);
        assert!((0.27..0.39).contains(&any), "{any}");
        let nearest = |n: u64| {
            let x = family.vector(n);
            let cosine = |c: &Vec<f32>| x.iter().zip(c).map(|(a, b)| a * b).sum::<f32>();
            family.centroids.iter().map(cosine).fold(-1.0, f32::max)
        };
        let own = (0..400).map(|n| f64::from(nearest(n))).sum::<f64>() / 400.0;
        assert!((0.75..0.86).contains(&own), "{own}");
    }
}
