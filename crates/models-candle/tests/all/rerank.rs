//! Do pairs get the scores that the formulas give?

use crate::reference::{dense, encode, pair};
use crate::tiny::Tiny;
use concilium_models::{ModelError, Reranker, never};
use concilium_models_candle::{CandleReranker, Options};
use serde_json::json;

const PASSAGES: [&str; 4] = ["c d e", "a", "", "z y x w v u t s r q"];

fn open(tiny: &Tiny, tokens_per_batch: usize) -> CandleReranker {
    let folder = tiny.write();
    let options = Options { tokens_per_batch, ..Options::default() };
    CandleReranker::open("tiny", folder.path(), options).unwrap_or_else(|error| panic!("{error}"))
}

fn expected(tiny: &Tiny, query: &str, passage: &str) -> f64 {
    let (tokens, kinds) = pair(query, passage);
    let first = &encode(tiny, &tokens, &kinds)[0];
    let names = match tiny.config["model_type"] == "bert" {
        true => ("pooler.dense", "classifier"),
        false => ("classifier.dense", "classifier.out_proj"),
    };
    let pooled: Vec<f64> = dense(tiny, names.0, first).iter().map(|x| x.tanh()).collect();
    dense(tiny, names.1, &pooled)[0]
}

#[track_caller]
fn check(tiny: &Tiny, sigmoid: bool) {
    for budget in [1, 30, 4096] {
        let scores = open(tiny, budget).score("a b", &PASSAGES, &never).expect("scores");
        assert_eq!(scores.len(), PASSAGES.len());
        for (passage, score) in PASSAGES.iter().zip(scores) {
            let raw = expected(tiny, "a b", passage);
            let wanted = if sigmoid { 1.0 / (1.0 + (-raw).exp()) } else { raw };
            let off = (f64::from(score) - wanted).abs();
            assert!(off < 1e-5, "{passage:?}: {score} is not {wanted}");
        }
    }
}

#[test]
fn scores_are_those_of_the_formulas() {
    for tiny in [Tiny::bert().cross_encoder(), Tiny::roberta().cross_encoder()] {
        check(&tiny, true);
        let mut raw = tiny.clone();
        raw.config["sbert_ce_default_activation_function"] = json!("torch.nn.modules.linear.Identity");
        check(&raw, false);
        let mut new = tiny;
        new.config["sentence_transformers"] =
            json!({ "activation_fn": "torch.nn.modules.activation.Sigmoid" });
        check(&new, true);
    }
}

#[test]
fn pairs_are_cut_at_the_longer_text_and_counted() {
    let model = open(&Tiny::bert().cross_encoder(), 64);
    let long = ["b "; 30].concat();
    let scores = model.score("a b", &[&long, &long[..long.len() - 2], "b"], &never).expect("scores");
    assert_eq!(scores[0], scores[1]);
    assert!((f64::from(scores[2]) - f64::from(scores[0])).abs() > 1e-6);
    assert_eq!(model.texts_cut(), 2);
    assert!(matches!(model.score("a", &["b"], &|| true), Err(ModelError::Stopped)));
}

#[test]
fn what_is_no_reranker_is_refused() {
    let refused = |tiny: &Tiny| {
        let folder = tiny.write();
        let said = CandleReranker::open("tiny", folder.path(), Options::default());
        said.err().map_or_else(String::new, |error| error.to_string())
    };
    let said = refused(&Tiny::bert());
    assert!(said.contains("model.safetensors") && said.contains("not a cross-encoder"), "{said}");
    let mut labels = Tiny::bert().cross_encoder();
    let (shape, numbers) = labels.tensors.get_mut("classifier.weight").expect("the head");
    *shape = vec![2, 4];
    assert_eq!(numbers.len(), 8);
    let said = refused(&labels);
    assert!(said.contains("2 labels"), "{said}");
    let mut other = Tiny::bert().cross_encoder();
    other.config["sentence_transformers"] = json!({ "activation_fn": "torch.nn.modules.activation.Softmax" });
    let said = refused(&other);
    assert!(said.contains("Softmax") && said.contains("config.json"), "{said}");
}
