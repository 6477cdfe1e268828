//! How long does a question take, by words, by meaning and by both, and a whole plan with passages?
//!
//! `cargo run --release -p concilium-cli --features full --example queries -- FOLDER STORE MODEL`: a folder of indexed
//! corpora, `exact` or `edge`, a folder of models' weights. No question is asked twice, so that each is embedded.

use concilium_engine::demo::demo_cases;
use concilium_engine::terms::AsOf;
use concilium_engine::texts::{Legs, Query, Retrieval};
use concilium_engine::{Backends, Engine, Settings};
use std::error::Error;
use std::time::{Duration, Instant};

/// Questions; each is asked in several rounds, with another word added.
const QUESTIONS: [&str; 8] = [
    "osimertinib resistance C797S",
    "what follows when BRAF inhibitors stop working in colon cancer",
    "HER2 amplified gastric cancer trastuzumab",
    "KRAS G12C lung adenocarcinoma sotorasib",
    "ESR1 mutation elacestrant breast cancer",
    "ALK fusion after alectinib",
    "FLT3 internal tandem duplication acute myeloid leukaemia",
    "microsatellite instability pembrolizumab",
];
const ROUNDS: usize = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [corpora, store, models] = arguments.as_slice() else {
        return Err("give a folder of corpora, a store and a folder of models".into());
    };
    let mut settings = Settings { corpora: corpora.into(), models: models.into(), ..Settings::default() };
    settings.retrieval.embedder = "all-MiniLM-L6-v2".into();
    settings.retrieval.store = serde_json::from_value(store.as_str().into())?;
    let backends = Backends {
        embedder: Some(concilium_models_candle::open_embedder),
        reranker: Some(concilium_models_candle::open_reranker),
        store: Some(concilium_vectors_qdrant::open),
    };
    let engine = Engine::new(settings)?.with_backends(backends);
    let started = Instant::now();
    let texts = engine.open_texts(&|_| true)?;
    println!("opened in {:.0} ms", millis(started.elapsed()));
    texts.notices().iter().for_each(|notice| println!("{notice}"));
    for (name, legs) in [("words", Legs::Lexical), ("meaning", Legs::Vector), ("both", Legs::All)] {
        asked(&texts, name, legs)?;
    }
    for case in demo_cases() {
        let mut times = vec![];
        for _ in 0..2 {
            let started = Instant::now();
            engine.plan(&case.files, AsOf::parse(&case.as_of)?)?;
            times.push(format!("{:.0} ms", millis(started.elapsed())));
        }
        println!("plan {}: {} (the first opens, embeds its questions)", case.name, times.join(", again "));
    }
    Ok(())
}

fn asked(texts: &Retrieval, name: &str, legs: Legs) -> Result<(), Box<dyn Error>> {
    let mut times = vec![];
    for round in 0..ROUNDS {
        for question in QUESTIONS {
            let query = Query { legs, ..Query::new(&format!("{question} {name} {round}")) };
            let started = Instant::now();
            texts.search(&query)?;
            times.push(started.elapsed());
        }
    }
    times.sort();
    let at = |share: f64| millis(times[((times.len() - 1) as f64 * share) as usize]);
    println!("{name}: {} questions, p50 {:.1} ms, p99 {:.1} ms", times.len(), at(0.5), at(0.99));
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
