//! Is a broken folder refused with file and remedy, and does nothing panic?

use crate::tiny::{Tiny, Written};
use concilium_models_candle::{CandleEmbedder, Options, Place};
use proptest::prelude::*;
use serde_json::{Value, json};

fn refusal(folder: &Written) -> String {
    match CandleEmbedder::open("tiny", folder.path(), Options::default()) {
        Ok(_) => "opened".into(),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn check(change: impl Fn(&mut Tiny), parts: &[&str]) {
    let mut tiny = Tiny::bert();
    change(&mut tiny);
    let said = refusal(&tiny.write());
    parts.iter().for_each(|part| assert!(said.contains(part), "{said:?} lacks {part:?}"));
}

#[test]
fn configurations_that_cannot_be_run_are_refused_by_name() {
    let set = |key: &'static str, value: Value| move |tiny: &mut Tiny| tiny.config[key] = value.clone();
    check(set("model_type", json!("distilbert")), &["config.json", "distilbert", "only bert"]);
    check(set("model_type", Value::Null), &["config.json", "no model_type"]);
    check(set("hidden_act", json!("swish")), &["config.json", "swish"]);
    check(set("position_embedding_type", json!("relative_key")), &["config.json", "relative_key"]);
    check(set("num_attention_heads", json!(3)), &["config.json", "hidden_size 8", "3"]);
    check(set("num_attention_heads", json!(0)), &["config.json", "num_attention_heads is 0"]);
    check(set("hidden_size", json!(u64::MAX)), &["config.json"]);
    check(set("hidden_size", json!("8")), &["config.json"]);
    check(set("num_hidden_layers", json!(3)), &["model.safetensors", "encoder.layer.2", "missing"]);
    check(set("intermediate_size", json!(32)), &["model.safetensors", "[16, 8]", "[32, 8]"]);
    check(|tiny| tiny.config = json!([]), &["config.json", "model_type"]);
}

#[test]
fn tokenizer_and_weights_of_different_models_are_refused() {
    let more = |tiny: &mut Tiny| tiny.tokenizer["model"]["vocab"]["ä"] = json!(30);
    check(more, &["tokenizer.json", "31 tokens", "know 30", "take both from one folder"]);
    check(|tiny| tiny.tokenizer = json!({}), &["tokenizer.json", "no tokenizer"]);
    check(
        |tiny| tiny.other("sentence_bert_config.json")["max_seq_length"] = json!(2),
        &["tokenizer.json", "2 tokens"],
    );
}

#[test]
fn sentence_configurations_that_cannot_be_run_are_refused() {
    let modules = |kind: &'static str| {
        move |tiny: &mut Tiny| {
            tiny.other("modules.json")[1]["type"] = json!(format!("sentence_transformers.models.{kind}"));
        }
    };
    check(modules("Dense"), &["modules.json", "`Dense`"]);
    check(modules("Normalize"), &["modules.json", "no Pooling"]);
    check(|tiny| *tiny.other("modules.json") = json!({}), &["modules.json", "not a list"]);
    check(|tiny| tiny.other("modules.json")[1]["path"] = json!("../x"), &["modules.json", "outside"]);
    check(
        |tiny| tiny.other("modules.json")[0]["path"] = json!("0_Transformer"),
        &["modules.json", "folder below"],
    );
    let both = |tiny: &mut Tiny| tiny.other("1_Pooling/config.json")["pooling_mode_cls_token"] = json!(true);
    check(both, &["1_Pooling/config.json", "cls_token", "mean_tokens"]);
    check(
        |tiny| *tiny.other("1_Pooling/config.json") = json!({}),
        &["1_Pooling/config.json", "no pooling on"],
    );
    let root =
        |tiny: &mut Tiny| *tiny.other("1_Pooling/config.json") = json!({ "pooling_mode": "weightedmean" });
    check(root, &["weightedmean"]);
    check(
        |tiny| _ = tiny.others.remove("1_Pooling/config.json"),
        &["1_Pooling/config.json is missing", "fetch"],
    );
}

#[test]
fn missing_and_cut_files_are_named() {
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        let folder = Tiny::bert().write();
        std::fs::remove_file(folder.path().join(file)).expect("removed");
        let said = refusal(&folder);
        assert!(said.contains(&format!("{file} is missing")) && said.contains("fetch"), "{said}");
    }
    let whole = Tiny::bert().safetensors();
    for length in [0, 7, 8, 100, whole.len() - 1] {
        let folder = Tiny::bert().write();
        folder.put("model.safetensors", &whole[..length]);
        let said = refusal(&folder);
        assert!(
            said.contains("model.safetensors") && said.contains("fetch the model again"),
            "{length}: {said}"
        );
    }
    let folder = Tiny::bert().write();
    folder.put("config.json", b"{");
    let said = refusal(&folder);
    assert!(said.contains("config.json: is not JSON"), "{said}");
    let mut strange = Tiny::bert();
    strange.tensors.retain(|name, _| !name.contains("word_embeddings"));
    assert!(refusal(&strange.write()).contains("not the weights of a BERT encoder"));
}

#[test]
fn a_card_that_is_not_there_is_an_error() {
    let folder = Tiny::bert().write();
    let options = Options { device: Place::Cuda(63), ..Options::default() };
    let said = CandleEmbedder::open("tiny", folder.path(), options).err().expect("no such card").to_string();
    assert!(said.contains("card 63") && said.contains("processor"), "{said}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn damaged_headers_never_panic(at in 0usize..4000, byte in any::<u8>(), cut in 0usize..4000, kind in 0u8..3) {
        let folder = Tiny::bert().write();
        let mut bytes = Tiny::bert().safetensors();
        match kind {
            0 => bytes[at] = byte,
            1 => bytes.truncate(cut),
            _ => _ = bytes.splice(at..at, [byte; 3]),
        }
        folder.put("model.safetensors", &bytes);
        prop_assert!(!refusal(&folder).is_empty());
    }

    #[test]
    fn damaged_configurations_never_panic(file in 0usize..4, at in 0usize..10_000, byte in any::<u8>()) {
        let folder = Tiny::bert().write();
        let file = ["config.json", "tokenizer.json", "modules.json", "1_Pooling/config.json"][file];
        let mut bytes = std::fs::read(folder.path().join(file)).expect("written");
        let at = at % bytes.len();
        bytes[at] = byte;
        folder.put(file, &bytes);
        prop_assert!(!refusal(&folder).is_empty());
    }
}
