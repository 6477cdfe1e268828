//! What do the benches share? Corpora made from a seed, times with their tails, and what a process costs.
//!
//! Each bench is a plain program; its header states what is measured, the corpus, the seed, the peer and how to run
//! it. Started without `--bench` (as a test would) it does one short round, so that it cannot rot.

pub mod cases;
pub mod clusters;
pub mod process;
pub mod seeded;
pub mod texts;
pub mod timing;
pub mod vcf;

use concilium_engine::{Engine, EngineError, Settings};

/// Short rounds, unless `cargo bench` runs us.
pub fn is_quick() -> bool {
    !std::env::args().any(|argument| argument == "--bench")
}

/// One line of a report: what, how much, and the target beside it.
pub fn line(what: &str, value: impl std::fmt::Display, target: &str) {
    let target = if target.is_empty() { String::new() } else { format!("  target {target}") };
    println!("{what:<52} {value}{target}");
}

/// The pack in the binary with the default settings.
///
/// # Errors
/// The pack cannot be loaded.
pub fn engine() -> Result<Engine, EngineError> {
    Engine::new(Settings::default())
}
