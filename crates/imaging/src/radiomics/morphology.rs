//! Which size and shape has a region? (IBSI 3.1)

use super::glcm::eigenvalues;
use super::spatial;
use crate::Region;
use crate::geometry::{hull, mesh};
use std::f64::consts::PI;

/// Number of features of this family.
pub const COUNT: usize = 25;

/// Squared semi-axes over 4: eigenvalues of the covariance of voxel centres in mm², ascending. `lost` degrees of
/// freedom: the covariance divides by N − `lost`.
pub fn principal(inside: &[bool], shape: [usize; 3], spacing: [f64; 3], lost: f64) -> [f64; 3] {
    let (mut n, mut sums, mut products) = (0.0, [0.0; 3], [0.0; 9]);
    for (flat, _) in inside.iter().enumerate().filter(|(_, inside)| **inside) {
        // Counted from the middle of the block: sums of large squares would lose digits.
        let index = [flat / (shape[1] * shape[2]), flat / shape[2] % shape[1], flat % shape[2]];
        let p: [f64; 3] =
            std::array::from_fn(|i| (index[i] as f64 - (shape[i] as f64 - 1.0) / 2.0) * spacing[i]);
        n += 1.0;
        for i in 0..3 {
            sums[i] += p[i];
            (0..3).for_each(|j| products[3 * i + j] += p[i] * p[j]);
        }
    }
    let covariance = (0..9).map(|at| (products[at] - sums[at / 3] * sums[at % 3] / n) / (n - lost)).collect();
    let mut found = eigenvalues(covariance, 3);
    found.sort_unstable_by(f64::total_cmp);
    std::array::from_fn(|i| found[i].max(0.0))
}

/// Surface of an ellipsoid by semi-axes a ≥ b ≥ c, the series in Legendre polynomials up to degree 20 as IBSI 3.1.22
/// prints it. Exact for a sphere; too large for a flat, too small for a long ellipsoid, as the reference values are.
fn ellipsoid_area(a: f64, b: f64, c: f64) -> f64 {
    let alpha = (1.0 - b * b / (a * a)).max(0.0).sqrt();
    let beta = (1.0 - c * c / (a * a)).max(0.0).sqrt();
    let product = alpha * beta;
    // (αβ)^ν P_ν(x) with x = (α² + β²) / 2αβ, by the polynomials' recurrence times αβ: no division by zero.
    let half = (alpha * alpha + beta * beta) / 2.0;
    let (mut before, mut now, mut sum) = (1.0, half, 1.0 - half / 3.0);
    for degree in 2..=20 {
        let nu = f64::from(degree);
        (before, now) = (now, ((2.0 * nu - 1.0) * half * now - (nu - 1.0) * product * product * before) / nu);
        sum += now / (1.0 - 4.0 * nu * nu);
    }
    4.0 * PI * a * b * sum
}

/// Distance in mm between the centre of the voxels and the centre of the intensities.
fn centre_shift(region: &Region, morphology: &[bool], intensity: &[bool]) -> f64 {
    let ([_, ny, nx], spacing) = (region.grid.shape(), region.grid.spacing_mm());
    let centre = |weight: &dyn Fn(usize) -> f64| -> [f64; 3] {
        let (mut total, mut sums) = (0.0, [0.0; 3]);
        for at in 0..region.values.len() {
            let w = weight(at);
            total += w;
            let index = [at / (ny * nx), at / nx % ny, at % nx];
            (0..3).for_each(|i| sums[i] += w * index[i] as f64 * spacing[i]);
        }
        sums.map(|sum| sum / total)
    };
    let shape = centre(&|at| f64::from(u8::from(morphology[at])));
    let weighted = centre(&|at| if intensity[at] { region.values[at] } else { 0.0 });
    (0..3).map(|i| (shape[i] - weighted[i]).powi(2)).sum::<f64>().sqrt()
}

/// The features in the order of the list. `morphology` and `intensity` are the two masks of IBSI 2.5.
pub fn features(region: &Region, morphology: &[bool], intensity: &[bool]) -> [f64; COUNT] {
    let (shape, spacing) = (region.grid.shape(), region.grid.spacing_mm());
    let mesh = mesh::mesh(morphology, shape, spacing);
    let (v, a) = (mesh.volume_mm3, mesh.area_mm2);
    let voxels = morphology.iter().filter(|inside| **inside).count() as f64;
    let corners = mesh.extremes();
    let (hull_volume, hull_area) = hull::convex(&corners, spacing);
    let [least, minor, major] = principal(morphology, shape, spacing, 1.0).map(f64::sqrt);
    let extent = |axis: usize| {
        let along = || corners.iter().map(|c| c[axis]);
        f64::from(along().max().unwrap_or(0) - along().min().unwrap_or(0)) / 2.0 * spacing[axis]
    };
    let [ez, ey, ex] = [extent(0), extent(1), extent(2)];
    let ellipsoid = 4.0 / 3.0 * PI * 8.0 * least * minor * major;
    let of = || region.values.iter().zip(intensity).filter(|(_, inside)| **inside).map(|(value, _)| *value);
    let mean = of().sum::<f64>() / of().count() as f64;
    let [moran, geary] = spatial::moran_geary(region, intensity).unwrap_or([f64::NAN; 2]);
    let sphere = (36.0 * PI * v * v).cbrt();
    [
        v,
        voxels * region.grid.voxel_mm3(),
        a,
        a / v,
        v / (PI.sqrt() * a.powf(1.5)),
        36.0 * PI * v * v / a.powi(3),
        a / sphere,
        sphere / a,
        a / sphere - 1.0,
        centre_shift(region, morphology, intensity),
        mesh.diameter_mm(spacing),
        4.0 * major,
        4.0 * minor,
        4.0 * least,
        minor / major,
        least / major,
        v / (ez * ey * ex),
        a / (2.0 * (ez * ey + ez * ex + ey * ex)),
        v / ellipsoid,
        a / ellipsoid_area(2.0 * major, 2.0 * minor, 2.0 * least),
        v / hull_volume,
        a / hull_area,
        mean * v,
        moran,
        geary,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_is_exact_for_a_sphere_and_steady_near_it() {
        assert!((ellipsoid_area(2.0, 2.0, 2.0) - 16.0 * PI).abs() < 1e-12);
        assert!((ellipsoid_area(2.0, 2.0 - 1e-6, 2.0 - 1e-6) - 16.0 * PI).abs() < 1e-4);
    }
}
