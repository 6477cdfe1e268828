//! What is read from these files? One line a fact, then the issues, for checking by eye.
//!
//! `cargo run -p concilium-fhir --example show -- FILES`

#[path = "../tests/common/mod.rs"]
mod common;

fn main() {
    for path in std::env::args().skip(1) {
        println!("## {path}");
        let read = std::fs::read(&path).map_err(|e| e.to_string());
        match read.and_then(|bytes| concilium_fhir::read(&path, &bytes).map_err(|e| e.to_string())) {
            Ok(facts) => {
                for line in common::lines(&facts).into_iter().chain(common::issues(&facts, true)) {
                    println!("{line}");
                }
            }
            Err(wrong) => println!("{wrong}"),
        }
    }
}
