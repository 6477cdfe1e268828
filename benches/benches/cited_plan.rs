//! How long does a whole plan take with the passages it quotes, by words and with vectors?
//!
//! Measured: `Engine::plan` with corpora, for many different invented patients (demo cases redrawn, seed 7), in one
//! process as `serve` keeps it: a first round, in which the questions of each patient are embedded, searched and their
//! passages verified against the stored texts, and a second one of the same patients. All work of a plan is done in one
//! thread (two are faster), and its waiting for a processor is not counted. No language model. Corpora and
//! weights are a site's own: `CONCILIUM_CORPORA` names a folder of indexed corpora (CIViC's sentences), and
//! `CONCILIUM_MODELS` one of models, `CONCILIUM_STORE` where the vectors lie (`exact`, `edge`); without them the bench
//! says so and ends. Peer: none. Target: p99 under 100 ms.
//! Run: `CONCILIUM_CORPORA=… CONCILIUM_MODELS=… CONCILIUM_STORE=edge cargo bench -p concilium-benches --bench cited_plan`

use concilium_benches::cases::{Drawn, draw};
use concilium_benches::timing::{Times, Watch, one_thread};
use concilium_benches::{is_quick, line};
use concilium_engine::terms::AsOf;
use concilium_engine::vectors::OpenStore;
use concilium_engine::{Backends, Engine, Settings};
use std::error::Error;
use std::time::Instant;

#[cfg(feature = "qdrant")]
const OPEN: Option<OpenStore> = Some(concilium_vectors_qdrant::open);
#[cfg(not(feature = "qdrant"))]
const OPEN: Option<OpenStore> = None;
const SEED: u64 = 7;

fn main() -> Result<(), Box<dyn Error>> {
    if !one_thread() {
        return Err("threads were made before the first line".into());
    }
    let folder = |name: &str| std::env::var_os(name).map(std::path::PathBuf::from);
    let Some(corpora) = folder("CONCILIUM_CORPORA") else {
        println!("CONCILIUM_CORPORA names no folder of indexed corpora: nothing measured");
        return Ok(());
    };
    let cases = draw(if is_quick() { 2 } else { 300 }, SEED);
    let words = Settings { corpora, ..Settings::default() };
    measure("words", &words, &cases)?;
    let Some(models) = folder("CONCILIUM_MODELS") else {
        println!("CONCILIUM_MODELS names no folder of models: words only");
        return Ok(());
    };
    let mut both = Settings { models, ..words };
    both.retrieval.embedder = "all-MiniLM-L6-v2".into();
    let store = std::env::var("CONCILIUM_STORE").unwrap_or_else(|_| "exact".into());
    both.retrieval.store = serde_json::from_value(store.as_str().into())?;
    measure(&format!("words and vectors ({store})"), &both, &cases)
}

fn measure(name: &str, settings: &Settings, cases: &[Drawn]) -> Result<(), Box<dyn Error>> {
    let backends =
        Backends { embedder: Some(concilium_models_candle::open_embedder), reranker: None, store: OPEN };
    let engine = Engine::new(settings.clone())?.with_backends(backends);
    let start = Instant::now();
    engine.corpora();
    line(&format!("{name}: opened in"), format!("{:.0} ms", start.elapsed().as_secs_f64() * 1e3), "");
    for round in ["first", "second"] {
        let (mut times, mut quoted, mut options) = (vec![], 0, 0);
        for case in cases {
            let as_of = AsOf::parse(&case.as_of)?;
            let start = Watch::start();
            let planned = engine.plan(&case.files, as_of)?;
            times.push(start.elapsed());
            options += planned.plan.options.len();
            let sides = planned.plan.literature.values();
            quoted += sides
                .map(|of| of.for_.len() + of.against.len() + of.found_for.len() + of.found_against.len())
                .sum::<usize>();
            if let (1, Some(notice)) = (times.len(), planned.notices.first()) {
                println!("{name}: {notice}");
            }
        }
        line(&format!("{name}: one cited plan, {round} round"), Times::new(times).words(), "p99 100 ms");
        let each = |count: usize| count as f64 / cases.len() as f64;
        line("  options, quoted passages a plan", format!("{:.1}, {:.1}", each(options), each(quoted)), "");
    }
    Ok(())
}
