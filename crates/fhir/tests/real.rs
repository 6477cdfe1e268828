//! Do the published sample records read as we checked them by eye? Skipped where the samples are not at hand.

mod common;

use concilium_case::Facts;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The samples, found above the crate; `None` where they are not.
fn samples() -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.map(|folder| folder.join("shared/data/patients")).find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("skipped: no shared/data/patients above the workspace");
    }
    found
}

fn bytes(path: &Path) -> Vec<u8> {
    let raw = std::fs::read(path).expect("readable sample");
    if path.extension().is_some_and(|ext| ext == "gz") {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(raw.as_slice()).read_to_end(&mut plain).expect("gzip");
        return plain;
    }
    raw
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("folder").flatten() {
        if entry.path().is_dir() { found.extend(files(&entry.path())) } else { found.push(entry.path()) }
    }
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned())
}

/// Entries as plain JSON counts them: bundle entries, contained resources, or the resource itself.
fn entries(json: &serde_json::Value) -> usize {
    if json["resourceType"] == "Bundle" {
        let entries = json["entry"].as_array().into_iter().flatten();
        return entries
            .map(|e| if e["resource"].is_object() { self::entries(&e["resource"]) } else { 1 })
            .sum();
    }
    1 + json["contained"].as_array().map_or(0, Vec::len)
}

fn every_silent_input_is_explained(file: &str, facts: &Facts) {
    for input in facts.inputs.iter().filter(|input| input.facts == 0) {
        let explained = facts.issues.iter().any(|issue| issue.source.to_string().contains(&input.id));
        assert!(explained, "{file}: {} gives nothing and nobody says why", input.id);
    }
}

#[test]
fn every_entry_of_every_sample_is_accounted_for() {
    let Some(folder) = samples() else { return };
    let mut read = 0;
    for path in files(&folder).iter().filter(|path| !name(path).starts_with("README")) {
        let bytes = bytes(path);
        let json: serde_json::Value = serde_json::from_slice(&bytes).expect("json");
        let facts = concilium_fhir::read(&name(path), &bytes).expect("a FHIR file");
        assert_eq!(facts.inputs.len(), entries(&json), "{}", name(path));
        every_silent_input_is_explained(&name(path), &facts);
        read += 1;
    }
    assert!(read > 200, "only {read} samples");
}

/// What stands in the six bundles, checked by eye against the files: each kind of fact line by line, both sides of every
/// contradiction, and every doubt.
fn by_eye(bundle: &str) {
    let Some(folder) = samples() else { return };
    let facts = concilium_fhir::read(bundle, &bytes(&folder.join("bundles").join(bundle))).expect("a bundle");
    let expected =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real").join(bundle).with_extension("expected.json");
    let expected: serde_json::Value = serde_json::from_slice(&bytes(&expected)).expect("expectation");
    let lines = common::lines(&facts);
    let list = |value: &serde_json::Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|line| line.as_str().map(str::to_owned)).collect()
    };
    for kind in KINDS {
        let found: Vec<&String> = lines.iter().filter(|line| line.starts_with(&format!("{kind} "))).collect();
        assert_eq!(found, list(&expected[kind]).iter().collect::<Vec<_>>(), "{bundle}: {kind}");
    }
    for side in expected["contradictions"].as_array().into_iter().flatten().flat_map(|c| list(&c["sides"])) {
        assert!(lines.contains(&side), "{bundle}: one side of a contradiction is missing: {side}");
    }
    let doubts: Vec<String> =
        common::issues(&facts, false).iter().map(|i| i.replace(&format!("{bundle}: "), "")).collect();
    assert_eq!(doubts, list(&expected["issues"]), "{bundle}: issues");
    let counted = expected["inputs"].as_u64().expect("number of inputs");
    assert_eq!(facts.inputs.len() as u64, counted, "{bundle}: inputs");
}

const KINDS: [&str; 12] = [
    "condition",
    "stage",
    "performance",
    "alteration",
    "region",
    "marker",
    "lab",
    "drug",
    "response",
    "procedure",
    "specimen",
    "opinion",
];

#[test]
fn adam_anyperson_by_eye() {
    by_eye("mcode4-adam-anyperson.json");
}

#[test]
fn adam_everyman_by_eye() {
    by_eye("mcode4-adam-everyman.json");
}

#[test]
fn brian_l_by_eye() {
    by_eye("mcode4-brian-l.json");
}

#[test]
fn eve_anyperson_by_eye() {
    by_eye("mcode4-eve-anyperson.json");
}

#[test]
fn jenny_m_by_eye() {
    by_eye("mcode4-jenny-m.json");
}

#[test]
fn john_anyperson_by_eye() {
    by_eye("mcode4-john-anyperson.json");
}
