//! How long do the 107 features of PyRadiomics take? `speed IMAGE MASK [RUNS]`: reading, then measuring, each on its own;
//! `speed --ball FOLDER` writes an invented image with a region of about 10⁶ voxels.
//!
//! The numbers and the peer are in BENCHMARKS.md.

use concilium_imaging::radiomics::pyradiomics::{Settings, measure};
use concilium_imaging::{Grid, Mask, Volume, Voxels, file};
use std::path::Path;
use std::time::Instant;

type Done = Result<(), Box<dyn std::error::Error>>;

fn main() -> Done {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--ball", folder] => ball(Path::new(folder)),
        [image, mask] => time(Path::new(image), Path::new(mask), 1),
        [image, mask, runs] => time(Path::new(image), Path::new(mask), runs.parse()?),
        _ => Err("speed IMAGE MASK [RUNS] | speed --ball FOLDER".into()),
    }
}

fn time(image: &Path, mask: &Path, runs: usize) -> Done {
    let (mut reading, mut measuring) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let start = Instant::now();
        let (labels, volume) = std::thread::scope(|scope| {
            let labels = scope.spawn(|| file::read(mask));
            let volume = file::read(image);
            (labels.join(), volume)
        });
        let (labels, volume) = (labels.map_err(|_| "reading stopped")??, volume?);
        reading.push(start.elapsed().as_secs_f64() * 1e3);
        let start = Instant::now();
        let values = measure(&volume, &Mask::from_labels("mask", &labels, 1)?, &Settings::default())?;
        measuring.push(start.elapsed().as_secs_f64() * 1e3);
        assert_eq!(values.len(), 107);
    }
    for (what, times) in [("read", &mut reading), ("measure", &mut measuring)] {
        times.sort_unstable_by(f64::total_cmp);
        println!("{what}: median {:.2} ms, best {:.2} ms", times[times.len() / 2], times[0]);
    }
    Ok(())
}

/// A ball of radius 62 voxels in smoothed noise from a fixed seed.
fn ball(folder: &Path) -> Done {
    let n = 140usize;
    let mut state = 1u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / 16_777_216.0
    };
    let raw: Vec<f64> = (0..n * n * n).map(|_| noise()).collect();
    let value = |at: usize| {
        let near = [at, (at + 1) % raw.len(), (at + n) % raw.len(), (at + n * n) % raw.len()];
        (near.iter().map(|&at| raw[at]).sum::<f64>() * 250.0 - 500.0) as i16
    };
    let off = |i: usize| (i as f64 - 69.5).powi(2);
    let inside = |at: usize| off(at / (n * n)) + off(at / n % n) + off(at % n) <= 62.0 * 62.0;
    let grid = Grid::upright([n; 3], [1.0; 3])?;
    let image = Volume::new(grid.clone(), Voxels::I16((0..n * n * n).map(value).collect()))?;
    let mask = Volume::new(grid, Voxels::U8((0..n * n * n).map(|at| u8::from(inside(at))).collect()))?;
    file::write(&folder.join("ball_image.nrrd"), &image, file::Format::Nrrd)?;
    Ok(file::write(&folder.join("ball_label.nrrd"), &mask, file::Format::Nrrd)?)
}
