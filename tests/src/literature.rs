//! Do plans carry passages for and against, and does no passage move anything?

use crate::support::{ENGINE, case, plan};
use concilium_engine::demo::{demo_cases, texts};
use concilium_engine::graph::NodeKind;
use concilium_engine::recommend::Plan;
use concilium_engine::terms::AsOf;
use concilium_engine::{Corpora, Engine, Settings, replay, store};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("literature")
}

/// An engine that quotes the invented texts.
static QUOTING: LazyLock<Engine> = LazyLock::new(|| {
    let settings = Settings { corpora: folder().join("corpora"), ..Settings::default() };
    let engine = Engine::new(settings).expect("the pack loads").quoting(Corpora::Invented);
    texts(&engine.settings.corpora, &engine.knowledge).expect("indexed");
    engine
});

/// Everything but the passages and the names of what they come from.
fn unquoted(plan: &Plan) -> String {
    let mut plan = plan.clone();
    plan.literature = BTreeMap::new();
    plan.literature_notes = vec![];
    plan.manifest.corpora = BTreeMap::new();
    plan.manifest.run = String::new();
    store::json(&plan)
}

#[test]
fn passages_stand_beside_options_and_move_nothing() {
    for case in demo_cases() {
        let with = QUOTING.plan(&case.files, AsOf::parse(&case.as_of).expect("a day")).expect("plan");
        let without = plan(&case).expect("plan");
        assert_eq!(unquoted(&with.plan), unquoted(&without.plan), "{}", case.name);
        let all = with.plan.literature.values();
        let quotes: Vec<_> =
            all.flat_map(|found| found.found_for.iter().chain(&found.found_against)).collect();
        assert!(!quotes.is_empty(), "{}", case.name);
        for quote in quotes {
            assert!(quote.text.starts_with("Invented for the demo."), "{}", quote.key);
            assert_eq!(quote.flags, ["invented for the demo, no source"]);
            assert!(with.graph.node(&format!("passage:{}", quote.key)).is_some());
        }
        assert_eq!(without.graph.count(&NodeKind::Passage), 0);
        assert_eq!(without.plan.literature_notes.len(), 1);
        assert!(without.plan.literature_notes[0].starts_with("no text loaded"));
    }
}

#[test]
fn the_lung_plan_quotes_for_and_against() {
    let case = case("A-lung-egfr");
    let planned = QUOTING.plan(&case.files, AsOf::parse(&case.as_of).expect("a day")).expect("plan");
    let of = &planned.plan.literature["amivantamab+carboplatin+pemetrexed"];
    let keys = |quotes: &[concilium_engine::recommend::Quote]| -> Vec<String> {
        quotes.iter().map(|quote| quote.key.split('@').next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(
        (keys(&of.found_for), keys(&of.found_against)),
        (vec!["demo:a-1".to_owned()], vec!["demo:a-3".to_owned()])
    );
    let page = concilium_engine::report::html(&planned.plan, &BTreeMap::new());
    assert!(
        page.contains("Text for: “Invented for the demo.") && page.contains("found by words, not curated")
    );
    let kept = store::keep(&planned, &case.files, &folder().join("runs")).expect("kept");
    let (again, _) = replay::replay(&QUOTING, &kept, false).expect("replayed");
    assert!(again.same, "{:?}", again.first_difference);
    let said = replay::replay(&ENGINE, &kept, false).expect_err("another maker").to_string();
    assert!(said.contains("corpus demo") && said.contains("--corpora"), "{said}");
}

/// A passage about another tumour speaks neither for nor against; a result of two drugs does not support one of them.
#[test]
fn what_is_about_something_else_is_set_aside_with_its_reason() {
    let case = case("C-melanoma-braf");
    let planned = QUOTING.plan(&case.files, AsOf::parse(&case.as_of).expect("a day")).expect("plan");
    let aside = |option: &str, document: &str| -> Vec<String> {
        let of = &planned.plan.literature[option].set_aside;
        let hit = of.iter().find(|quote| quote.key.starts_with(&format!("{document}@")));
        hit.map(|quote| quote.flags.clone()).unwrap_or_default()
    };
    let other = "about another tumour: colorectal cancer";
    assert_eq!(aside("vemurafenib", "demo:d-2")[..1], [other.to_owned()]);
    let combination = "combination: the result is of dabrafenib + trametinib";
    assert_eq!(aside("trametinib", "demo:c-1")[..1], [combination.to_owned()]);
    for found in planned.plan.literature.values() {
        let mut sides = found.found_for.iter().chain(&found.found_against);
        assert!(sides.all(|quote| quote.key.starts_with("demo:c-")), "{:?}", found.found_against);
    }
    let doublet = &planned.plan.literature["dabrafenib+trametinib"].found_for;
    assert!(doublet.iter().any(|quote| quote.key.starts_with("demo:c-1@")));
}

/// Sentences written for this test in the place of curators' sentences; the source of one is retracted in another corpus.
#[test]
fn curated_passages_stand_first_and_a_retracted_source_supports_nothing() {
    use concilium_engine::corpus::{ImportJob, import};
    let root = folder().join("site");
    let statement = |key: &str, pmid: u32| {
        format!(
            r#"{{"id":"civic:{key}","kind":"statement","text":"A sentence of {key}, made for a test.","ids":["pmid:{pmid}"],"statements":["{key}"]}}"#
        )
    };
    let lines = [statement("EID12156", 90_000_001), statement("EID1592", 90_000_002)].join("\n");
    let retracted = r#"{"id":"pmid:90000002","kind":"article","text":"Retracted.","standing":{"standing":"retracted","by":null}}"#;
    let corpora = root.join("corpora");
    for (name, text) in [("statements", lines.as_str()), ("articles", retracted)] {
        let input = root.join(format!("{name}.jsonl"));
        store::write(&input, text.as_bytes()).expect("written");
        let files = [input];
        let (licence, format) = ("", None);
        let job = ImportJob {
            root: &corpora,
            name,
            licence,
            invented: false,
            files: &files,
            format,
            strict: true,
            time: "",
        };
        import(&job, &mut |_, _| {}, &|| false).expect("imported");
    }
    let settings = Settings { corpora, ..Settings::default() };
    let engine = Engine::new(settings).expect("the pack loads");
    concilium_engine::texts::index(
        &engine.settings.corpora,
        None,
        &engine.knowledge,
        &mut |_, _| {},
        &|| false,
    )
    .expect("indexed");
    let case = case("A-lung-egfr");
    let planned = engine.plan(&case.files, AsOf::parse(&case.as_of).expect("a day")).expect("plan");
    let texts = |quotes: &[concilium_engine::recommend::Quote]| -> Vec<String> {
        quotes.iter().map(|quote| format!("{}{}", quote.text, quote.flags.join(" "))).collect()
    };
    let amivantamab = &planned.plan.literature["amivantamab+carboplatin+pemetrexed"];
    assert_eq!(texts(&amivantamab.for_), ["A sentence of EID12156, made for a test."]);
    let osimertinib = &planned.plan.literature["osimertinib"];
    assert_eq!(texts(&osimertinib.for_), Vec::<String>::new());
    let aside = "A sentence of EID1592, made for a test.its source pmid:90000002 is retracted";
    assert_eq!(texts(&osimertinib.set_aside), [aside]);
    let tied = planned
        .graph
        .edges()
        .into_iter()
        .any(|edge| edge.from.starts_with("passage:civic:EID12156@") && edge.to == "statement:EID12156");
    assert!(tied, "the passage is tied to its statement");
}

#[test]
fn without_a_text_the_sheet_says_the_statements() {
    let page =
        concilium_engine::report::html(&plan(&case("A-lung-egfr")).expect("plan").plan, &BTreeMap::new());
    assert!(page.contains("Text for (no text loaded): CIViC EID12156, level A"));
}
