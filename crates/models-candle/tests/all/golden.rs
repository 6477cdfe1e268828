//! Are vectors of a real model those of its publisher's software? Runs where the weights are, and says so elsewhere.

use concilium_models::{Embedder, TextRole, never};
use concilium_models_candle::{CandleEmbedder, Options};
use serde_json::Value;
use std::path::PathBuf;

const MODEL: &str = "all-MiniLM-L6-v2";

/// `CONCILIUM_MODELS`, else `models` in the project's root.
fn folder() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../models");
    std::env::var_os("CONCILIUM_MODELS").map_or(root, PathBuf::from).join(MODEL)
}

#[test]
fn vectors_are_those_of_the_publishers_software() {
    let folder = folder();
    if !folder.join("model.safetensors").is_file() {
        println!("skipped: no weights in {}; `concilium models fetch {MODEL}` brings them", folder.display());
        return;
    }
    let golden: Value = serde_json::from_str(include_str!("../golden.json")).expect("the committed file");
    let model =
        CandleEmbedder::open(MODEL, &folder, Options::default()).unwrap_or_else(|error| panic!("{error}"));
    let cases = golden["texts"].as_array().expect("a list");
    let texts: Vec<&str> = cases.iter().map(|case| case["text"].as_str().expect("a text")).collect();
    let vectors = model.embed(&texts, TextRole::Passage, &never).expect("vectors");
    for (case, vector) in cases.iter().zip(&vectors) {
        let text = case["text"].as_str().expect("a text");
        let tokens = model.count_tokens(text, TextRole::Passage).expect("a count");
        assert_eq!(case["tokens"], tokens, "{text}");
        let wanted =
            case["vector"].as_array().expect("numbers").iter().map(|x| x.as_f64().expect("a number"));
        for (at, (said, wanted)) in vector.iter().zip(wanted).enumerate() {
            assert!((f64::from(*said) - wanted).abs() <= 1e-4, "{text}: number {at} is {said}, not {wanted}");
        }
    }
    assert_eq!((vectors[0].len(), model.texts_cut()), (384, 1));
}
