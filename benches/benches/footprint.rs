//! How much memory do the loaded knowledge and a case's graph take, and how large is the program?
//!
//! Measured: resident set after loading, largest resident set (`VmHWM`) after loading and planning every demo case
//! with the last plan and graph still held; size of the `concilium` program when it stands beside. Corpus: demo cases. No seed. Peer: none. Target: under 200 MB for knowledge and graph. Linux only.
//! Run: `cargo build --release -p concilium-cli && cargo bench -p concilium-benches --bench footprint`

use concilium_benches::process::{concilium, peak_bytes, resident_bytes};
use concilium_benches::{cases, engine, line};
use concilium_engine::terms::AsOf;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    line("before loading, resident", megabytes(resident_bytes()), "");
    let engine = engine()?;
    line("knowledge loaded, resident", megabytes(resident_bytes()), "200 MB");
    line("knowledge loaded, largest so far", megabytes(peak_bytes()), "200 MB");
    let mut held = None;
    let (mut nodes, mut edges) = (0, 0);
    for case in cases::plannable() {
        let planned = engine.plan(&case.files, AsOf::parse(&case.as_of)?)?;
        (nodes, edges) = (nodes.max(planned.graph.nodes().count()), edges.max(planned.graph.edges().len()));
        held = Some(planned);
    }
    line("every demo case planned, largest so far", megabytes(peak_bytes()), "200 MB");
    line("largest graph", format!("{nodes} nodes, {edges} edges"), "");
    drop(held);
    match concilium() {
        Some(program) => line("concilium program", megabytes(Some(std::fs::metadata(program)?.len())), ""),
        None => println!("the concilium program is not built in this profile: its size is not measured"),
    }
    Ok(())
}

fn megabytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "not known here".to_owned(), |bytes| format!("{:.1} MB", bytes as f64 / 1e6))
}
