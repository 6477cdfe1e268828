//! Do texts get the vectors that the formulas give, whatever stands beside them in a batch?

use crate::reference::{difference, encode, pool, tokens, unit};
use crate::tiny::{POSITIONS, Stored, Tiny};
use concilium_models::{Embedder, ModelError, TextRole, never};
use concilium_models_candle::{CandleEmbedder, Options};
use proptest::prelude::*;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

const TEXTS: [&str; 5] = ["a b c", "", "z", "q w e r t y u i o p", "a a a a b"];

pub fn open(tiny: &Tiny, tokens_per_batch: usize) -> CandleEmbedder {
    let folder = tiny.write();
    let options = Options { tokens_per_batch, ..Options::default() };
    CandleEmbedder::open("tiny", folder.path(), options).unwrap_or_else(|error| panic!("{error}"))
}

fn embed(model: &CandleEmbedder, texts: &[&str]) -> Vec<Vec<f32>> {
    model.embed(texts, TextRole::Passage, &never).expect("vectors")
}

fn expected(tiny: &Tiny, text: &str, most: usize, mode: &str, normalized: bool) -> Vec<f64> {
    let tokens = tokens(text, most);
    let pooled = pool(&encode(tiny, &tokens, &vec![0; tokens.len()]), mode);
    if normalized { unit(&pooled) } else { pooled }
}

#[track_caller]
fn check(tiny: &Tiny, mode: &str, normalized: bool) {
    for budget in [1, 12, 4096] {
        let model = open(tiny, budget);
        for (text, vector) in TEXTS.iter().zip(embed(&model, &TEXTS)) {
            let off = difference(&vector, &expected(tiny, text, POSITIONS - 2, mode, normalized));
            assert!(off < 1e-5, "{text:?} is off by {off} in batches of {budget}");
        }
    }
}

#[test]
fn vectors_are_those_of_the_formulas() {
    check(&Tiny::bert(), "mean_tokens", true);
    check(&Tiny::bert().pooling("mean_tokens"), "mean_tokens", false);
    check(&Tiny::bert().pooling("cls_token").normalized(), "cls_token", true);
    check(&Tiny::bert().pooling("max_tokens"), "max_tokens", false);
    check(&Tiny::roberta(), "mean_tokens", true);
    for act in ["gelu_new", "quick_gelu", "relu"] {
        let mut tiny = Tiny::bert();
        tiny.config["hidden_act"] = json!(act);
        check(&tiny, "mean_tokens", true);
    }
}

#[test]
fn precision_and_names_on_disk_do_not_matter() {
    check(&Tiny::bert().stored(Stored::F16), "mean_tokens", true);
    check(&Tiny::bert().stored(Stored::Bf16), "mean_tokens", true);
    let mut named = Tiny::bert();
    let tensors = std::mem::take(&mut named.tensors);
    named.tensors = tensors.into_iter().map(|(name, tensor)| (format!("bert.{name}"), tensor)).collect();
    check(&named, "mean_tokens", true);
    let mut old = Tiny::bert();
    let tensors = std::mem::take(&mut old.tensors);
    let rename = |name: String| {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
    };
    old.tensors = tensors.into_iter().map(|(name, tensor)| (rename(name), tensor)).collect();
    let (said, wanted) = (embed(&open(&old, 64), &TEXTS), embed(&open(&Tiny::bert(), 64), &TEXTS));
    assert_eq!(said, wanted);
}

#[test]
fn prompts_are_those_of_the_configuration() {
    let mut tiny = Tiny::bert();
    *tiny.other("config_sentence_transformers.json") =
        json!({ "prompts": { "query": "x y ", "document": "d " }, "default_prompt_name": null });
    let model = open(&tiny, 64);
    for (role, dressed) in [(TextRole::Query, "x y a b"), (TextRole::Passage, "d a b")] {
        let vector = &model.embed(&["a b"], role, &never).expect("a vector")[0];
        let off = difference(vector, &expected(&tiny, dressed, 22, "mean_tokens", true));
        assert!(off < 1e-5, "{role:?} is off by {off}");
    }
    assert!(model.description().contains("query prompt \"x y \""), "{}", model.description());

    tiny.other("1_Pooling/config.json")["include_prompt"] = json!(false);
    let vector = &open(&tiny, 64).embed(&["a b"], TextRole::Query, &never).expect("a vector")[0];
    let tokens = tokens("x y a b", 22);
    let rows = encode(&tiny, &tokens, &vec![0; tokens.len()]);
    let off = difference(vector, &unit(&pool(&rows[3..], "mean_tokens"))); // without [CLS] x y
    assert!(off < 1e-5, "off by {off}");
}

#[test]
fn long_texts_are_cut_and_counted() {
    let mut tiny = Tiny::bert();
    *tiny.other("sentence_bert_config.json") = json!({ "max_seq_length": 8, "do_lower_case": false });
    let model = open(&tiny, 64);
    assert_eq!(model.max_tokens(), 8);
    let texts = ["a b c d e f", "a b c d e f g", "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c"];
    let vectors = embed(&model, &texts);
    for (text, vector) in texts.iter().zip(&vectors) {
        assert!(difference(vector, &expected(&tiny, text, 8, "mean_tokens", true)) < 1e-5, "{text}");
    }
    assert_eq!(vectors[0], vectors[1]);
    assert_eq!(model.texts_cut(), 2);
    assert_eq!(model.count_tokens(texts[2], TextRole::Passage).expect("a count"), 8);
    // The encoder's positions bound what a file may ask for.
    *tiny.other("sentence_bert_config.json") = json!({ "max_seq_length": 4096 });
    assert_eq!(open(&tiny, 64).max_tokens(), POSITIONS);
    let mut roberta = Tiny::roberta();
    *roberta.other("sentence_bert_config.json") = json!({ "max_seq_length": 4096 });
    let model = open(&roberta, 64);
    assert_eq!(model.max_tokens(), POSITIONS - 2);
    let vector = &embed(&model, &texts[2..])[0];
    assert!(difference(vector, &expected(&roberta, texts[2], POSITIONS - 2, "mean_tokens", true)) < 1e-5);
}

#[test]
fn what_no_file_says_is_said() {
    let mut tiny = Tiny::bert();
    tiny.others.clear();
    let model = open(&tiny, 64);
    let said = model.description();
    for part in
        ["8 numbers", "mean pooling", "not normalised", "at most 24 tokens", "no modules.json", "no prompts"]
    {
        assert!(said.contains(part), "{said}");
    }
    let off = difference(&embed(&model, &["a b"])[0], &expected(&tiny, "a b", 24, "mean_tokens", false));
    assert!(off < 1e-5, "off by {off}");
    *tiny.other("tokenizer_config.json") = json!({ "model_max_length": 10 });
    assert_eq!(open(&tiny, 64).max_tokens(), 10);
}

#[test]
fn identity_covers_every_file_that_was_read() {
    let id = |tiny: &Tiny| open(tiny, 64).id().clone();
    let tiny = Tiny::bert();
    assert_eq!(id(&tiny), id(&tiny));
    assert_eq!(id(&tiny).name, "tiny");
    let mut other = tiny.clone();
    other.other("sentence_bert_config.json")["max_seq_length"] = json!(20);
    let mut weights = tiny.clone();
    weights.tensors.values_mut().next().expect("a tensor").1[0] += 1.0 / 256.0;
    assert_ne!(id(&tiny).sha256, id(&other).sha256);
    assert_ne!(id(&tiny).sha256, id(&weights).sha256);
}

#[test]
fn stops_between_batches() {
    let model = open(&Tiny::bert(), 1);
    // One question before making tokens, one before each of the five batches.
    for allowed in 0..7 {
        let asked = AtomicUsize::new(0);
        let stop = || allowed <= asked.fetch_add(1, Ordering::Relaxed);
        let said = model.embed(&TEXTS, TextRole::Passage, &stop);
        match said {
            Ok(_) => assert_eq!(allowed, 6),
            Err(error) => assert!(matches!(error, ModelError::Stopped) && allowed < 6, "{allowed}: {error}"),
        }
    }
    assert!(embed(&model, &[]).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_vector_does_not_depend_on_its_neighbours(
        texts in prop::collection::vec(prop::collection::vec(prop::char::range('a', 'z'), 0..20), 1..9),
        budget in 1usize..80,
    ) {
        let tiny = Tiny::bert();
        let texts: Vec<String> = texts
            .iter()
            .map(|letters| letters.iter().flat_map(|&letter| [letter, ' ']).collect())
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let together = embed(&open(&tiny, budget), &texts);
        let model = open(&tiny, 4096);
        for (text, vector) in texts.iter().zip(&together) {
            let alone = &embed(&model, &[text])[0];
            let alone: Vec<f64> = alone.iter().map(|&x| f64::from(x)).collect();
            prop_assert!(difference(vector, &alone) < 1e-5);
            prop_assert!(difference(vector, &expected(&tiny, text, 24, "mean_tokens", true)) < 1e-5);
        }
    }
}
