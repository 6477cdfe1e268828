//! How many different patients are planned in a second?
//!
//! Measured: `Engine::plan` over 1,000 different cases, first on one thread, then shared by all cores; plans a second
//! and core, and the tail of the single plans. Corpus: demo cases with tumour, alterations and year of birth drawn
//! anew (`concilium_benches::cases`), seed 20260610; how many plans came out different is printed. Peer: none.
//! Run: `cargo bench -p concilium-benches --bench thousand_cases`

use concilium_benches::cases::{Drawn, draw};
use concilium_benches::timing::Times;
use concilium_benches::{engine, is_quick, line};
use concilium_engine::terms::AsOf;
use concilium_engine::{Engine, store};
use std::collections::BTreeSet;
use std::error::Error;
use std::time::Instant;

const SEED: u64 = 20_260_610;

fn main() -> Result<(), Box<dyn Error>> {
    let engine = engine()?;
    let drawn = draw(if is_quick() { 12 } else { 1_000 }, SEED);
    let refused = drawn.iter().filter(|case| plan(&engine, case).is_none()).count();
    line("cases drawn; refused", format!("{}; {refused}", drawn.len()), "");
    line("different option lists", different(&engine, &drawn), "");

    let mut at = drawn.iter().cycle();
    let start = Instant::now();
    let times = Times::of(drawn.len(), || at.next().and_then(|case| plan(&engine, case)));
    let per_second = drawn.len() as f64 / start.elapsed().as_secs_f64();
    line("one thread, plans a second and core", format!("{per_second:.0}"), "");
    line("one thread, each plan", times.words(), "p99 5 ms");

    let cores = std::thread::available_parallelism()?.get();
    let start = Instant::now();
    std::thread::scope(|scope| {
        for share in drawn.chunks(drawn.len().div_ceil(cores)) {
            let engine = &engine;
            scope.spawn(move || share.iter().filter_map(|case| plan(engine, case)).count());
        }
    });
    let per_second = drawn.len() as f64 / start.elapsed().as_secs_f64();
    line(
        &format!("{cores} threads, plans a second and core"),
        format!("{:.0}", per_second / cores as f64),
        "",
    );
    Ok(())
}

/// Number of options; `None` when the case is refused.
fn plan(engine: &Engine, case: &Drawn) -> Option<usize> {
    let planned = engine.plan(&case.files, AsOf::parse(&case.as_of).ok()?).ok()?;
    Some(planned.plan.options.len())
}

fn different(engine: &Engine, drawn: &[Drawn]) -> usize {
    let options = drawn.iter().filter_map(|case| {
        let planned = engine.plan(&case.files, AsOf::parse(&case.as_of).ok()?).ok()?;
        Some(store::json(&planned.plan.options))
    });
    options.collect::<BTreeSet<String>>().len()
}
