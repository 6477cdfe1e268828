//! Does a kept run replay to the same bytes, and does a difference name what moved it? (`replayable`, `retractable`)

use crate::support::{ENGINE, case, plan};
use concilium_engine::input::{InputFile, settled};
use concilium_engine::terms::AsOf;
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

/// What names the changed file in the report.
#[track_caller]
fn check_damage(name: &str, change: impl Fn(&str) -> String, expect: &str) {
    let folder = folder(&format!("damage-{}", expect.len() + name.len()));
    let case = case("C-melanoma");
    let kept = store::keep(&plan(&case).expect("plan"), &case.files, &folder).expect("kept");
    let text = std::fs::read_to_string(kept.join(name)).expect("kept file");
    std::fs::write(kept.join(name), change(&text)).expect("write");
    let said = match replay::replay(&ENGINE, &kept, false) {
        Ok((report, _)) => format!("same {} {:?}", report.same, report.changed_artefacts),
        Err(error) => error.to_string(),
    };
    std::fs::remove_dir_all(folder).expect("clean");
    assert!(said.contains(expect), "{name}: {said}");
}

#[test]
fn a_damaged_run_is_named() {
    let flip = |text: &str| text.replacen('3', "4", 1);
    check_damage("plan.json", flip, "same false [\"plan.json\"]");
    check_damage("case.json", flip, "same true [\"case.json\"]");
    let other_day = |text: &str| text.replacen("\"as_of\": \"2026", "\"as_of\": \"2027", 1);
    check_damage("manifest.json", other_day, "[\"manifest.json\"]");
    check_damage("SHA256SUMS", |_| String::new(), "says nothing of plan.json");
    check_damage("manifest.json", |text| text[..20].to_owned(), "manifest.json: cut off at line");
    check_damage(
        "manifest.json",
        |_| "{\"program\": 7}".into(),
        "manifest.json: not the shape this version writes",
    );
}

/// A file of any name, and two of one name, come back when a run is replayed.
#[test]
fn every_input_that_was_kept_is_replayed() {
    let case = case("C-melanoma");
    let note = |name: &str, text: &str| InputFile { name: name.into(), bytes: text.into() };
    let odd = [note("notes.dat", "a"), note(".note.txt", "b"), note("note.txt", "c"), note("note.txt", "d")];
    let files = settled(case.files.iter().cloned().chain(odd).collect());
    let planned = ENGINE.plan(&files, AsOf::parse(&case.as_of).expect("a day")).expect("plan");
    let kept = store::keep(&planned, &files, &folder("odd")).expect("kept");
    let (report, _) = replay::replay(&ENGINE, &kept, false).expect("replay");
    assert!(report.same && report.changed_artefacts.is_empty(), "{report:?}");
    std::fs::remove_dir_all(folder("odd")).expect("clean");
}

/// `no-phi-out`: folders too, and nothing half written stays.
#[cfg(unix)]
#[test]
fn a_kept_run_is_its_owners_alone_and_whole() {
    use std::os::unix::fs::PermissionsExt;
    let case = case("C-melanoma");
    let kept = store::keep(&plan(&case).expect("plan"), &case.files, &folder("owner")).expect("kept");
    let mut left = vec![folder("owner")];
    let mut seen = 0;
    while let Some(path) = left.pop() {
        let mode = std::fs::metadata(&path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        assert!(!path.to_string_lossy().ends_with(".tmp"), "{}", path.display());
        if path.is_dir() {
            left.extend(std::fs::read_dir(&path).expect("folder").map(|e| e.expect("entry").path()));
        }
        seen += 1;
    }
    assert!(8 < seen && kept.is_dir());
    std::fs::remove_dir_all(folder("owner")).expect("clean");
}

#[test]
fn anyway_shows_what_moved() {
    let case = case("C-melanoma");
    let kept = store::keep(&plan(&case).expect("plan"), &case.files, &folder("moved")).expect("kept");
    for name in ["plan.json", "manifest.json"] {
        let text = std::fs::read_to_string(kept.join(name)).expect("kept");
        let text = text.replace(concilium_engine::CODE_HASH, "0123456789abcdef");
        std::fs::write(kept.join(name), text).expect("write");
    }
    let (report, _) = replay::replay(&ENGINE, &kept, true).expect("anyway");
    let moved = report.difference.expect("a difference");
    assert!(
        moved.moves.is_empty() && moved.circumstances.iter().any(|c| c.starts_with("code:")),
        "{moved:?}"
    );
    std::fs::remove_dir_all(folder("moved")).expect("clean");
}

/// What cannot be written leaves nothing half written behind.
#[test]
fn a_failed_write_leaves_nothing() {
    let folder = folder("half");
    std::fs::create_dir_all(folder.join("plan.json")).expect("folder");
    let error = store::write(&folder.join("plan.json"), b"text").expect_err("a folder stands there");
    assert!(error.to_string().contains("cannot write") && error.to_string().contains("plan.json"), "{error}");
    assert_eq!(std::fs::read_dir(&folder).expect("folder").count(), 1);
    std::fs::remove_dir_all(folder).expect("clean");
}
