//! How long does a series take to become a volume? `series FOLDER [RUNS]`: headers, order, pixels, scale.
//!
//! The numbers and the peers are in BENCHMARKS.md.

use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().ok_or("series FOLDER [RUNS]")?);
    let runs: usize = args.next().map_or(Ok(1), |runs| runs.parse())?;
    let mut times = Vec::new();
    for _ in 0..runs.max(1) {
        let start = Instant::now();
        let scan = concilium_dicom::scan(std::slice::from_ref(&folder))?;
        for group in &scan.groups {
            let series = group.load(false)?;
            assert_eq!(series.source.frames.len(), group.pictures());
        }
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_unstable_by(f64::total_cmp);
    println!("median {:.1} ms, best {:.1} ms of {} runs", times[times.len() / 2], times[0], times.len());
    Ok(())
}
