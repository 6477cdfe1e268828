//! How bright is the brightest cubic centimetre? Local and global intensity peak (IBSI 3.2).

use crate::Region;

/// Number of features of this family.
pub const COUNT: usize = 2;

/// Radius in mm of a sphere of 1 cm³.
pub fn radius_mm() -> f64 {
    10.0 * (3.0 / (4.0 * std::f64::consts::PI)).cbrt()
}

/// How many voxels `[z, y, x]` around the region the sphere reaches.
pub fn margin(spacing_mm: [f64; 3]) -> [usize; 3] {
    spacing_mm.map(|s| (radius_mm() / s).floor() as usize)
}

/// Rows of the sphere: steps in z and y, and how far it reaches in x.
fn sphere(spacing: [f64; 3]) -> Vec<(isize, isize, usize)> {
    let [rz, ry, _] = margin(spacing).map(|n| n as isize);
    let square = radius_mm() * radius_mm();
    let row = |z: isize, y: isize| {
        let left = square - (z as f64 * spacing[0]).powi(2) - (y as f64 * spacing[1]).powi(2);
        (left >= 0.0).then(|| (z, y, (left.sqrt() / spacing[2] + 1e-9).floor() as usize))
    };
    (-rz..=rz).flat_map(|z| (-ry..=ry).filter_map(move |y| row(z, y))).collect()
}

/// Mean of the sphere around the brightest voxel (the highest of several), and the highest mean around any voxel of
/// the region. Voxels outside the region count, voxels outside the block do not; the block must reach `margin` around
/// the region wherever the image does.
pub fn peaks(region: &Region, intensity: &[bool]) -> [f64; COUNT] {
    let [nz, ny, nx] = region.grid.shape();
    let sphere = sphere(region.grid.spacing_mm());
    // Running sums along x: a row of the sphere is one difference.
    let mut sums = vec![0.0; nz * ny * (nx + 1)];
    for (row, values) in region.values.chunks(nx).enumerate() {
        let sums = &mut sums[row * (nx + 1)..][..nx + 1];
        (0..nx).for_each(|x| sums[x + 1] = sums[x] + values[x]);
    }
    let mean = |at: usize| {
        let (z, y, x) = ((at / (ny * nx)) as isize, (at / nx % ny) as isize, at % nx);
        let (mut sum, mut count) = (0.0, 0usize);
        for &(dz, dy, reach) in &sphere {
            let (z, y) = (z + dz, y + dy);
            if (0..nz as isize).contains(&z) && (0..ny as isize).contains(&y) {
                let row = &sums[(z as usize * ny + y as usize) * (nx + 1)..][..nx + 1];
                let (low, high) = (x.saturating_sub(reach), (x + reach + 1).min(nx));
                sum += row[high] - row[low];
                count += high - low;
            }
        }
        sum / count as f64
    };
    let inside = || intensity.iter().enumerate().filter(|(_, inside)| **inside).map(|(at, _)| at);
    let brightest = inside().map(|at| region.values[at]).fold(f64::NEG_INFINITY, f64::max);
    let (mut local, mut global) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for at in inside() {
        let mean = mean(at);
        global = global.max(mean);
        if region.values[at] == brightest {
            local = local.max(mean);
        }
    }
    [local, global]
}
