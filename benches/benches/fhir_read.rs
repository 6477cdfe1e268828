//! How fast are records read, beside parsing the same bytes into `serde_json::Value`?
//!
//! Measured: MB (10⁶ bytes of JSON) a second of `concilium_fhir::read`, which parses, checks and extracts facts, and
//! of `serde_json::from_slice::<Value>`, which only parses; rounds in turn within one run.
//! Corpus: all JSON of the demo cases; then every JSON file below each folder named in `CONCILIUM_BENCH_RECORDS`
//! (separated as in PATH), if it is set. No seed. Peer: serde_json. Target: at least half its speed.
//! Run: `CONCILIUM_BENCH_RECORDS=FOLDER cargo bench -p concilium-benches --bench fhir_read`

use concilium_benches::timing::in_turn_s;
use concilium_benches::{is_quick, line};
use concilium_engine::demo;
use concilium_engine::input::gather;
use serde_json::Value;
use std::hint::black_box;

fn main() {
    let demo: Vec<Vec<u8>> = demo::cases().into_iter().flat_map(|case| case.files).filter_map(json).collect();
    compare("demo bundles", &demo);
    let folders = std::env::var_os("CONCILIUM_BENCH_RECORDS").unwrap_or_default();
    for folder in std::env::split_paths(&folders).filter(|folder| folder.is_dir()) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let files = gather(&[folder]).unwrap_or_default();
        compare(&name, &files.into_iter().filter_map(json).collect::<Vec<_>>());
    }
}

fn json(file: concilium_engine::input::InputFile) -> Option<Vec<u8>> {
    file.name.ends_with("json").then_some(file.bytes)
}

fn compare(name: &str, files: &[Vec<u8>]) {
    let mb = files.iter().map(Vec::len).sum::<usize>() as f64 / 1e6;
    if mb == 0.0 {
        return println!("{name}: no JSON");
    }
    // About 200 MB each way, so that small corpora are read often enough to be told apart.
    let rounds = if is_quick() { 1 } else { (200.0 / mb).ceil().clamp(3.0, 2_000.0) as usize };
    let ours = || files.iter().for_each(|file| drop(black_box(concilium_fhir::read("file", file))));
    let theirs = || files.iter().for_each(|file| drop(black_box(serde_json::from_slice::<Value>(file))));
    let (ours_s, theirs_s) = in_turn_s(rounds, ours, theirs);
    let rate = |seconds: f64| mb * rounds as f64 / seconds;
    let said = format!(
        "{:.0} MB/s, serde_json::Value {:.0} MB/s, ratio {:.2}",
        rate(ours_s),
        rate(theirs_s),
        theirs_s / ours_s
    );
    line(&format!("{name} ({} files, {mb:.2} MB)", files.len()), said, "ratio 0.5");
}
