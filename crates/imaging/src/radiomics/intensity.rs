//! How are intensities distributed? Statistics (IBSI 3.3), histogram (3.4) and intensity-volume histogram (3.5).

/// Number of statistical features.
pub const STATISTICS: usize = 18;
/// Number of histogram features.
pub const HISTOGRAM: usize = 23;
/// Number of features of the intensity-volume histogram.
pub const VOLUME: usize = 6;

/// A percentile of ascending values, linear between neighbours (NumPy's default).
pub fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let at = percent / 100.0 * (sorted.len() as f64 - 1.0);
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    sorted[low] + (sorted[high] - sorted[low]) * (at - low as f64)
}

/// Moments and order statistics of a sample.
pub struct Summary {
    /// Ascending values.
    pub sorted: Vec<f64>,
    /// Arithmetic mean.
    pub mean: f64,
    /// Central moments 2, 3, 4, divided by the number of values.
    pub moments: [f64; 3],
    /// Mean absolute deviation from the mean.
    pub deviation: f64,
    /// The same within the 10th and 90th percentile.
    pub robust_deviation: f64,
    /// Sum of squares.
    pub energy: f64,
}

impl Summary {
    /// Of at least one value.
    pub fn new(values: &[f64]) -> Summary {
        let n = values.len() as f64;
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let mean = sorted.iter().sum::<f64>() / n;
        let (mut moments, mut deviation, mut energy) = ([0.0; 3], 0.0, 0.0);
        for value in &sorted {
            let off = value - mean;
            let square = off * off;
            moments[0] += square;
            moments[1] += square * off;
            moments[2] += square * square;
            deviation += off.abs();
            energy += value * value;
        }
        let (p10, p90) = (percentile(&sorted, 10.0), percentile(&sorted, 90.0));
        let first = sorted.partition_point(|v| *v < p10);
        let core = &sorted[first..sorted.partition_point(|v| *v <= p90).max(first)];
        let centre = core.iter().sum::<f64>() / core.len() as f64;
        let robust_deviation = core.iter().map(|v| (v - centre).abs()).sum::<f64>() / core.len() as f64;
        let moments = moments.map(|sum| sum / n);
        Summary { mean, moments, deviation: deviation / n, robust_deviation, energy, sorted }
    }

    /// A percentile.
    pub fn percentile(&self, percent: f64) -> f64 {
        percentile(&self.sorted, percent)
    }

    /// Standardised third moment; 0 for equal values.
    pub fn skewness(&self) -> f64 {
        if self.moments[0] > 0.0 { self.moments[1] / self.moments[0].powf(1.5) } else { 0.0 }
    }

    /// Standardised fourth moment (3 for a normal distribution); 0 for equal values.
    pub fn kurtosis(&self) -> f64 {
        if self.moments[0] > 0.0 { self.moments[2] / self.moments[0].powi(2) } else { 0.0 }
    }

    /// The features of 3.3 that 3.4 shares, up to the quartile coefficient.
    fn shared(&self) -> [f64; 16] {
        let p = |percent| self.percentile(percent);
        let (median, low, high) = (p(50.0), self.sorted[0], self.sorted[self.sorted.len() - 1]);
        let excess = if self.moments[0] > 0.0 { self.kurtosis() - 3.0 } else { 0.0 };
        let around_median =
            self.sorted.iter().map(|v| (v - median).abs()).sum::<f64>() / self.sorted.len() as f64;
        let (q1, q3) = (p(25.0), p(75.0));
        [
            self.mean,
            self.moments[0],
            self.skewness(),
            excess,
            median,
            low,
            p(10.0),
            p(90.0),
            high,
            q3 - q1,
            high - low,
            self.deviation,
            self.robust_deviation,
            around_median,
            self.moments[0].sqrt() / self.mean,
            (q3 - q1) / (q3 + q1),
        ]
    }
}

/// The 18 statistical features in the order of the list.
pub fn statistics(values: &[f64]) -> [f64; STATISTICS] {
    let summary = Summary::new(values);
    let mut all = [0.0; STATISTICS];
    all[..16].copy_from_slice(&summary.shared());
    all[16] = summary.energy;
    all[17] = (summary.energy / values.len() as f64).sqrt();
    all
}

/// Number of voxels of each level from `low` to `high`, empty levels too.
fn histogram(levels: &[u32]) -> (u32, Vec<f64>) {
    let low = levels.iter().copied().min().unwrap_or(1);
    let high = levels.iter().copied().max().unwrap_or(1);
    let mut counts = vec![0.0; (high - low + 1) as usize];
    levels.iter().for_each(|level| counts[(level - low) as usize] += 1.0);
    (low, counts)
}

/// The 23 histogram features in the order of the list.
pub fn discretised(levels: &[u32], bins: u32) -> [f64; HISTOGRAM] {
    let values: Vec<f64> = levels.iter().map(|&level| f64::from(level)).collect();
    let shared = Summary::new(&values).shared();
    let (low, counts) = histogram(levels);
    let n = values.len() as f64;
    // The mode; of several, the one nearest to the mean, of two as near the lower (IBSI 3.4.11).
    let most = counts.iter().copied().fold(0.0, f64::max);
    let modes = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count == most)
        .map(|(i, _)| f64::from(low) + i as f64);
    let mode = modes.reduce(|a, b| if (b - shared[0]).abs() < (a - shared[0]).abs() { b } else { a });
    let p = || counts.iter().filter(|count| **count > 0.0).map(|count| count / n);
    let gradient = gradient(low, &counts, bins);
    let pick = |better: fn(f64, f64) -> bool| {
        let first = (gradient[0], 1.0);
        gradient
            .iter()
            .enumerate()
            .fold(first, |best, (i, g)| if better(*g, best.0) { (*g, i as f64 + 1.0) } else { best })
    };
    let (steepest, falling) = (pick(|a, b| a > b), pick(|a, b| a < b));
    let mut all = [0.0; HISTOGRAM];
    all[..9].copy_from_slice(&shared[..9]);
    all[9] = mode.unwrap_or(0.0);
    all[10..17].copy_from_slice(&shared[9..]);
    all[17] = -p().map(|p| p * p.log2()).sum::<f64>();
    all[18] = p().map(|p| p * p).sum();
    all[19..].copy_from_slice(&[steepest.0, steepest.1, falling.0, falling.1]);
    all
}

/// Differences of the histogram over levels 1 to `bins`: one-sided at its ends, else over two bins (IBSI 3.4.20).
fn gradient(low: u32, counts: &[f64], bins: u32) -> Vec<f64> {
    let n = (bins.max(low + counts.len() as u32 - 1)) as usize;
    let at = |level: usize| counts.get((level + 1).wrapping_sub(low as usize)).copied().unwrap_or(0.0);
    let one = |i: usize| match (i, n) {
        (_, 1) => 0.0,
        (0, _) => at(1) - at(0),
        (i, n) if i == n - 1 => at(i) - at(i - 1),
        (i, _) => (at(i + 1) - at(i - 1)) / 2.0,
    };
    (0..n).map(one).collect()
}

/// How the intensity-volume histogram sees intensities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum VolumeBins {
    /// Steps of one unit between the smallest and largest intensity, or the re-segmentation's limits.
    Units,
    /// Bins of this width; their centres are the intensities.
    Size(f64),
    /// This many bins; their numbers are the intensities.
    Number(u32),
}

/// Volume at 10 % and 90 % intensity, intensity at 10 % and 90 % volume, and the two differences.
/// `limits` are the re-segmentation's, where given; they are the ends of the intensity axis.
pub fn volume_histogram(values: &[f64], bins: VolumeBins, limits: [Option<f64>; 2]) -> [f64; VOLUME] {
    let low = limits[0].unwrap_or_else(|| values.iter().copied().fold(f64::INFINITY, f64::min));
    let high = limits[1].unwrap_or_else(|| values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    let (mut axis, first, last, step): (Vec<f64>, f64, f64, f64) = match bins {
        VolumeBins::Units => (values.to_vec(), low, high, 1.0),
        VolumeBins::Size(width) => {
            let centre = |bin: f64| low + (bin + 0.5) * width;
            let all = values.iter().map(|v| centre(((v - low) / width).floor())).collect();
            (all, centre(0.0), centre(((high - low) / width).ceil()), width)
        }
        VolumeBins::Number(n) => {
            let n = f64::from(n);
            let (low, high) =
                (values.iter().copied().fold(low, f64::min), values.iter().copied().fold(high, f64::max));
            let all =
                values.iter().map(|v| ((n * (v - low) / (high - low)).floor() + 1.0).clamp(1.0, n)).collect();
            (all, 1.0, n, 1.0)
        }
    };
    axis.sort_unstable_by(f64::total_cmp);
    let n = axis.len() as f64;
    // The share of voxels with at least this intensity.
    let share = |intensity: f64| 1.0 - axis.partition_point(|v| *v < intensity - 1e-9) as f64 / n;
    let levels = ((last - first) / step).round() as usize;
    let level = |k: usize| first + k as f64 * step;
    let volume_at = |fraction: f64| {
        let from =
            (0..=levels).find(|&k| (level(k) - first) / (last - first) >= fraction - 1e-12).unwrap_or(levels);
        share(level(from))
    };
    let intensity_at = |fraction: f64| {
        let found = (0..=levels).find(|&k| share(level(k)) <= fraction + 1e-12);
        found.map_or(last + step, level)
    };
    let (v10, v90) = (volume_at(0.1), volume_at(0.9));
    let (i10, i90) = (intensity_at(0.1), intensity_at(0.9));
    [v10, v90, i10, i90, v10 - v90, i10 - i90]
}
