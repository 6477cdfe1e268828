//! How many texts a second become vectors, at 32, 128 and 256 tokens each?
//!
//! Measured: `CandleEmbedder::embed` from text to unit vectors (tokenizer, encoder, pooling), texts and tokens a second
//! over rounds of 256 texts after a warming one, all cores or as many as `RAYON_NUM_THREADS` says. In the first three
//! sets every text has exactly the stated number of tokens, so that no engine gains by the order of lengths; in the
//! fourth they have 8 to 128, mixed, as passages do. Corpus: invented sentences of common words, seed 11. Model:
//! all-MiniLM-L6-v2 from `CONCILIUM_MODELS`, else `models` in this folder; without it the bench says so and ends.
//! Peers: sentence-transformers and onnxruntime, f32, by `benches/peers/embed.py` on the texts this bench writes, with
//! as many threads (`OMP_NUM_THREADS`), on the same machine.
//!
//! Target: as many texts a second as sentence-transformers. Run: `cargo bench -p concilium-benches --bench embed -- texts.json`

use concilium_benches::process::processor_seconds;
use concilium_benches::seeded::Seeded;
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
    for (name, least, most) in
        [("32", 32, 32), ("128", 128, 128), ("256", 256, 256), ("8 to 128 mixed", 8, 128)]
    {
        let (texts, tokens) = texts(&model, (least, most), count)?;
        let (rate, of_processor) = rate(&model, &texts, rounds)?;
        line(
            &format!("{name} tokens: texts a second"),
            format!("{rate:.1}, {of_processor:.1} of processor time"),
            "",
        );
        let each = tokens as f64 / texts.len() as f64;
        line(&format!("{name} tokens: tokens a second"), format!("{:.0}", rate * each), "");
        written.insert(name.to_owned(), texts.into());
    }
    if let Some(file) = std::env::args().skip(1).find(|argument| argument.ends_with(".json")) {
        std::fs::write(&file, serde_json::to_string(&written)?)?;
        println!("texts for the peers: {file}; python3 benches/peers/embed.py FOLDER_OF_THE_MODEL {file}");
    }
    Ok(())
}

/// Texts a second, and texts a second of processor time.
fn rate(model: &CandleEmbedder, texts: &[String], rounds: usize) -> Result<(f64, f64), Box<dyn Error>> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    model.embed(&texts, TextRole::Passage, &never)?;
    let (start, before) = (Instant::now(), processor_seconds());
    for _ in 0..rounds {
        std::hint::black_box(model.embed(&texts, TextRole::Passage, &never)?);
    }
    let several = (rounds * texts.len()) as f64;
    let used = processor_seconds().zip(before).map_or(f64::NAN, |(after, before)| after - before);
    Ok((several / start.elapsed().as_secs_f64(), several / used))
}

/// Invented texts of so many tokens, and their tokens together.
fn texts(
    model: &CandleEmbedder,
    (least, most): (usize, usize),
    count: usize,
) -> Result<(Vec<String>, usize), Box<dyn Error>> {
    let mut choice = Seeded::new(SEED);
    let (mut texts, mut all) = (Vec::new(), 0);
    for _ in 0..count {
        let tokens = least + choice.below(most - least + 1);
        // Each word is one token, two special ones stand around them.
        let words: Vec<&str> = (0..tokens - 2).map(|_| WORDS[choice.below(WORDS.len())]).collect();
        let text = words.join(" ");
        let said = model.count_tokens(&text, TextRole::Passage)?;
        if said != tokens {
            return Err(format!(
                "a text has {said} tokens instead of {tokens}: this tokenizer knows other words"
            )
            .into());
        }
        texts.push(text);
        all += tokens;
    }
    Ok((texts, all))
}
