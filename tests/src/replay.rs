//! Does a kept run replay to the same bytes, and does a difference name what moved it? (`replayable`, `retractable`)

use crate::support::{ENGINE, case, plan};
use concilium_engine::{diff, replay, store};
use std::path::PathBuf;

/// A folder of this test alone.
fn folder(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("concilium-{name}-{}", std::process::id()))
}

#[test]
fn a_kept_run_replays_to_the_same_bytes() {
    let case = case("C-melanoma");
    let kept = store::keep(&plan(&case).expect("plan"), &case.files, &folder("replay")).expect("kept");
    let (report, _) = replay::replay(&ENGINE, &kept, false).expect("replay");
    assert!(report.same, "{report:?}");
    std::fs::remove_dir_all(folder("replay")).expect("clean");
}

#[test]
fn a_changed_input_is_named() {
    let case = case("C-melanoma");
    let kept = store::keep(&plan(&case).expect("plan"), &case.files, &folder("changed")).expect("kept");
    let note =
        kept.join("inputs").join(&case.files.iter().find(|f| f.name.ends_with(".txt")).expect("note").name);
    std::fs::write(&note, "another note").expect("write");
    let (report, _) = replay::replay(&ENGINE, &kept, false).expect("replay");
    assert!(!report.same && report.changed_inputs.len() == 1, "{report:?}");
    std::fs::remove_dir_all(folder("changed")).expect("clean");
}

#[test]
fn another_maker_is_refused_unless_anyway() {
    let case = case("C-melanoma");
    let kept = store::keep(&plan(&case).expect("plan"), &case.files, &folder("maker")).expect("kept");
    let path = kept.join("manifest.json");
    let text = std::fs::read_to_string(&path)
        .expect("manifest")
        .replace(concilium_engine::CODE_HASH, "0123456789abcdef");
    std::fs::write(&path, text).expect("write");
    let refused = replay::replay(&ENGINE, &kept, false).expect_err("made by another program");
    assert!(refused.to_string().contains("made by"), "{refused}");
    let (report, _) = replay::replay(&ENGINE, &kept, true).expect("anyway");
    assert!(!report.other_maker.is_empty());
    std::fs::remove_dir_all(folder("maker")).expect("clean");
}

#[test]
fn the_difference_names_the_retracted_resource() {
    let (before, after) = (plan(&case("F-breast")).expect("plan"), plan(&case("F2-breast")).expect("plan"));
    let found = diff::diff(&before.plan, &before.case, &after.plan, &after.case);
    let elacestrant = found.moves.iter().find(|m| m.option == "elacestrant").expect("elacestrant moves");
    assert!(
        elacestrant.because.iter().any(|b| b.contains("esr1") && b.contains("entered-in-error")),
        "{elacestrant:?}"
    );
}
