//! How fast are records read, beside a plain parse into `serde_json::Value`?
//!
//! `cargo run --release -p concilium-fhir --example speed -- FILES`: every file is read until a second has passed,
//! each way in turn; MB are 10⁶ bytes of JSON.

use std::time::{Duration, Instant};

fn main() {
    let files: Vec<Vec<u8>> = std::env::args().skip(1).filter_map(|path| std::fs::read(path).ok()).collect();
    let bytes: usize = files.iter().map(Vec::len).sum();
    println!("{} files, {:.1} MB", files.len(), bytes as f64 / 1e6);
    let read = rate(&files, |file| concilium_fhir::read("file", file).is_ok());
    let value = rate(&files, |file| serde_json::from_slice::<serde_json::Value>(file).is_ok());
    println!("read {read:.0} MB/s, serde_json::Value {value:.0} MB/s, ratio {:.2}", read / value);
}

/// MB/s over all files, repeated for a second after one warming round.
fn rate(files: &[Vec<u8>], work: impl Fn(&[u8]) -> bool) -> f64 {
    let bytes: usize = files.iter().map(Vec::len).sum();
    let round = || files.iter().filter(|file| work(file)).count();
    round();
    let start = Instant::now();
    let mut rounds = 0;
    while start.elapsed() < Duration::from_secs(1) {
        round();
        rounds += 1;
    }
    (bytes * rounds) as f64 / 1e6 / start.elapsed().as_secs_f64()
}
