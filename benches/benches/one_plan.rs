//! How long does one plan take once the knowledge is loaded?
//!
//! Measured: `Engine::plan` (read, assemble, judge, screen, rank, draw the graph), one thread, after warming; then
//! its stages one by one on the heaviest case, and the load itself. Corpus: every demo case with a plan, whole
//! folders. No seed. Peer: none. Target: p99 under 5 ms.
//! Run: `cargo bench -p concilium-benches --bench one_plan`

use concilium_benches::cases::{Drawn, plannable};
use concilium_benches::timing::Times;
use concilium_benches::{engine, is_quick, line};
use concilium_engine::terms::AsOf;
use concilium_engine::{Engine, report, store};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let n = if is_quick() { 2 } else { 300 };
    line("load of the embedded pack and its index", Times::of(n.min(20), engine).words(), "");
    let engine = engine()?;
    let mut worst: Option<(f64, Drawn)> = None;
    for case in plannable() {
        let as_of = AsOf::parse(&case.as_of)?;
        engine.plan(&case.files, as_of.clone())?;
        let times = Times::of(n, || engine.plan(&case.files, as_of.clone()).is_ok());
        line(&format!("one plan, {}", patient(&engine, &case)?), times.words(), "p99 5 ms");
        if worst.as_ref().is_none_or(|(ms, _)| *ms < times.percentile_ms(50)) {
            worst = Some((times.percentile_ms(50), case));
        }
    }
    let (_, case) = worst.ok_or("no demo case")?;
    stages(&engine, &case, n)
}

fn patient(engine: &Engine, case: &Drawn) -> Result<String, Box<dyn Error>> {
    let planned = engine.plan(&case.files, AsOf::parse(&case.as_of)?)?;
    let tumour = planned.case.tumour.as_ref().map_or("no tumour", |tumour| tumour.name.as_str());
    Ok(format!("{tumour}, {} options", planned.plan.options.len()))
}

fn stages(engine: &Engine, drawn: &Drawn, n: usize) -> Result<(), Box<dyn Error>> {
    let as_of = AsOf::parse(&drawn.as_of)?;
    let planned = engine.plan(&drawn.files, as_of.clone())?;
    let read = Times::of(n, || engine.case(&drawn.files, as_of.clone()).is_ok());
    line("heaviest case: read and assemble", read.words(), "");
    let manifest = engine.manifest(&drawn.files, &planned.case.as_of);
    let build = || {
        let (knowledge, index) = (&engine.knowledge, &engine.index);
        concilium_engine::recommend::build_plan(&planned.case, knowledge, index, manifest.clone())
    };
    line("heaviest case: judge, screen and rank", Times::of(n, build).words(), "");
    line("heaviest case: plan as JSON", Times::of(n, || store::json(&planned.plan)).words(), "");
    let page = || report::html(&planned.plan, &store::pictures(&planned));
    line("heaviest case: page with pictures", Times::of(n, page).words(), "");
    Ok(())
}
