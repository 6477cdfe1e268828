//! How many texts a second become vectors, at 32, 128 and 256 tokens each?
//!
//! Measured: `CandleEmbedder::embed` from text to unit vectors (tokenizer, encoder, pooling), texts and tokens a second
//! over rounds of 256 texts after a warming one, all cores or as many as `RAYON_NUM_THREADS` says. Every text has
//! exactly the stated number of tokens, so that no engine gains by the order of lengths. Corpus: invented sentences of
//! common words, seed 11. Model: all-MiniLM-L6-v2 from `CONCILIUM_MODELS`, else `models` in this folder; without it
//! the bench says so and ends. Peer: sentence-transformers, run outside on the texts this bench writes, with as many
//! threads (`OMP_NUM_THREADS`), on the same idle machine:
//!
//! ```text
//! python3 -c 'import json, sys, time
//! from sentence_transformers import SentenceTransformer
//! model = SentenceTransformer(sys.argv[1], device="cpu")
//! for size, texts in json.load(open(sys.argv[2])).items():
//!     model.encode(texts, batch_size=32)
//!     start = time.perf_counter()
//!     for _ in range(3): model.encode(texts, batch_size=32)
//!     print(size, "tokens:", 3 * len(texts) / (time.perf_counter() - start), "texts a second")
//! ' models/all-MiniLM-L6-v2 texts.json
//! ```
//!
//! Target: none stated. Run: `cargo bench -p concilium-benches --bench embed -- texts.json`

use concilium_benches::{is_quick, line};
use concilium_models::{Embedder, TextRole, never};
use concilium_models_candle::{CandleEmbedder, Options};
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

const MODEL: &str = "all-MiniLM-L6-v2";
const SEED: u64 = 11;
const WORDS: [&str; 16] = [
    "patient",
    "with",
    "lung",
    "cancer",
    "was",
    "given",
    "a",
    "new",
    "drug",
    "after",
    "first",
    "line",
    "treatment",
    "and",
    "no",
    "response",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../models");
    let folder = std::env::var_os("CONCILIUM_MODELS").map_or(root, PathBuf::from).join(MODEL);
    if !folder.join("model.safetensors").is_file() {
        println!(
            "no weights in {}: `concilium models fetch {MODEL}` brings them; nothing measured",
            folder.display()
        );
        return Ok(());
    }
    let start = Instant::now();
    let model = CandleEmbedder::open(MODEL, &folder, Options::default())?;
    line("open (read, hash, turn)", format!("{:.0} ms", start.elapsed().as_secs_f64() * 1e3), "");
    line("model", model.description(), "");
    let threads = std::env::var("RAYON_NUM_THREADS").unwrap_or_else(|_| "all cores".into());
    line("threads", threads, "");

    let (count, rounds) = if is_quick() { (2, 1) } else { (256, 3) };
    let mut written = serde_json::Map::new();
    for tokens in [32, 128, 256] {
        let texts = texts(&model, tokens, count)?;
        let rate = rate(&model, &texts, rounds)?;
        line(&format!("{tokens} tokens: texts a second"), format!("{rate:.1}"), "");
        line(&format!("{tokens} tokens: tokens a second"), format!("{:.0}", rate * tokens as f64), "");
        written.insert(tokens.to_string(), texts.into());
    }
    if let Some(file) = std::env::args().skip(1).find(|argument| argument.ends_with(".json")) {
        std::fs::write(&file, serde_json::to_string(&written)?)?;
        println!("texts for the peer: {file}; its command stands on top of benches/benches/embed.rs");
    }
    Ok(())
}

/// Texts a second.
fn rate(model: &CandleEmbedder, texts: &[String], rounds: usize) -> Result<f64, Box<dyn Error>> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    model.embed(&texts, TextRole::Passage, &never)?;
    let start = Instant::now();
    for _ in 0..rounds {
        std::hint::black_box(model.embed(&texts, TextRole::Passage, &never)?);
    }
    Ok((rounds * texts.len()) as f64 / start.elapsed().as_secs_f64())
}

/// Invented texts of exactly so many tokens.
fn texts(model: &CandleEmbedder, tokens: usize, count: usize) -> Result<Vec<String>, Box<dyn Error>> {
    let mut state = SEED;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        WORDS[(state >> 33) as usize % WORDS.len()]
    };
    let mut texts = Vec::new();
    for _ in 0..count {
        // Each word is one token, two special ones stand around them.
        let words: Vec<&str> = (0..tokens - 2).map(|_| next()).collect();
        let text = words.join(" ");
        let said = model.count_tokens(&text, TextRole::Passage)?;
        if said != tokens {
            return Err(format!(
                "a text has {said} tokens instead of {tokens}: this tokenizer knows other words"
            )
            .into());
        }
        texts.push(text);
    }
    Ok(texts)
}
