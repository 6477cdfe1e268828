//! Does the project keep its own rules? Each check names file, place and rule.

use crate::licences;
use crate::shell::{output, root};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Heavy crates and the one folder that may depend on each (`quarantine`).
const HOMES: [(&str, &str); 14] = [
    ("rusqlite", "store"),
    ("petgraph", "graph"),
    ("actix-web", "server"),
    ("fhir-sdk", "fhir-write"),
    ("tantivy", "retrieval"),
    ("dicom-core", "dicom"),
    ("dicom-dictionary-std", "dicom"),
    ("dicom-object", "dicom"),
    ("dicom-transfer-syntax-registry", "dicom"),
    ("candle-core", "models-candle"),
    ("candle-nn", "models-candle"),
    ("tokenizers", "models-candle"),
    ("qdrant-edge", "vectors-qdrant"),
    ("qdrant-client", "vectors-qdrant"),
];

/// Runs all checks.
pub fn run() -> ExitCode {
    let problems = all().unwrap_or_else(|error| vec![error]);
    problems.iter().for_each(|problem| eprintln!("tidy: {problem}"));
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

fn all() -> Result<Vec<String>, String> {
    let architecture = read(&root().join("ARCHITECTURE.md"))?;
    let metadata = metadata()?;
    let sources = sources()?;
    let mut problems = undocumented(&sources);
    problems.extend(edges(&metadata, &architecture));
    problems.extend(quarantine(&metadata));
    problems.extend(invariants(&architecture, &sources));
    problems.extend(licences::problems(&metadata));
    problems.extend(foreign_words()?);
    problems.extend(unsourced_rows()?);
    Ok(problems)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn metadata() -> Result<Value, String> {
    let text = output(&["cargo", "metadata", "--format-version", "1", "--locked"])?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// Every Rust file of the project with its text.
fn sources() -> Result<Vec<(PathBuf, String)>, String> {
    let mut found = Vec::new();
    for folder in ["crates", "xtask", "tests", "benches"] {
        walk(&root().join(folder), "rs", &mut found);
    }
    found.sort();
    found.into_iter().map(|path| read(&path).map(|text| (path, text))).collect()
}

fn walk(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|e| e.ok().map(|e| e.path())) {
        if path.is_dir() && !path.ends_with("target") {
            walk(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

/// Every module opens with the question it answers.
fn undocumented(sources: &[(PathBuf, String)]) -> Vec<String> {
    let silent = sources.iter().filter(|(_, text)| !text.starts_with("//!"));
    silent.map(|(path, _)| format!("{}: no `//!` line on top", path.display())).collect()
}

type Edges = BTreeMap<String, BTreeSet<String>>;

/// Dependencies among our crates must be those of ARCHITECTURE.md's table, both ways.
fn edges(metadata: &Value, architecture: &str) -> Vec<String> {
    let (real, allowed) = (real_edges(metadata), table_edges(architecture));
    let mut problems = Vec::new();
    for (from, targets) in &real {
        let table = allowed.get(from).cloned().unwrap_or_default();
        let new = targets
            .difference(&table)
            .map(|to| format!("edge {from} → {to} is not in ARCHITECTURE.md's table"));
        let gone = table
            .difference(targets)
            .map(|to| format!("ARCHITECTURE.md lists {from} → {to}, the code does not"));
        problems.extend(new.chain(gone));
    }
    problems.extend(
        allowed.keys().filter(|c| !real.contains_key(*c)).map(|c| format!("ARCHITECTURE.md lists crate {c}")),
    );
    problems
}

fn real_edges(metadata: &Value) -> Edges {
    let ours = |name: &str| name.strip_prefix("concilium-").map(str::to_owned);
    let mut edges = Edges::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let Some(from) = package["name"].as_str().and_then(ours) else { continue };
        if matches!(from.as_str(), "tests" | "benches") {
            continue;
        }
        let normal = package["dependencies"].as_array().into_iter().flatten().filter(|d| d["kind"].is_null());
        edges.insert(from, normal.filter_map(|d| d["name"].as_str().and_then(ours)).collect());
    }
    edges
}

/// Rows `| \`crate\` | question | \`a\`, \`b\` |`.
fn table_edges(architecture: &str) -> Edges {
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    let section =
        architecture.split("## Crates").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or("");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|line| {
        let cells: Vec<&str> = line.split('|').collect();
        let targets = cells.get(3).map(|cell| names(cell)).unwrap_or_default();
        names(cells.get(1).unwrap_or(&"")).into_iter().map(move |from| (from, targets.clone()))
    })
    .collect()
}

fn quarantine(metadata: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let Some(from) = package["name"].as_str().and_then(|n| n.strip_prefix("concilium-")) else {
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let strays = HOMES.iter().filter(|(heavy, home)| dependency["name"] == *heavy && from != *home);
            let dev = dependency["kind"] == "dev";
            problems.extend(
                strays
                    .filter(|_| !dev)
                    .map(|(heavy, home)| format!("{from} depends on {heavy}; its home is {home}")),
            );
        }
    }
    problems
}

/// Each named invariant stands in ARCHITECTURE.md, in code, and on a test.
fn invariants(architecture: &str, sources: &[(PathBuf, String)]) -> Vec<String> {
    let section = architecture
        .split("## What always holds")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next())
        .unwrap_or("");
    let names = section.lines().filter_map(|line| line.strip_prefix("- `")?.split('`').next());
    let mut problems = Vec::new();
    for name in names {
        let marked = format!("`{name}`");
        let named = |tests: bool| {
            let here = |path: &Path| path.starts_with(root().join("tests")) == tests;
            sources.iter().any(|(path, text)| here(path) && text.contains(&marked))
        };
        if !named(false) {
            problems.push(format!("invariant {marked} is named by no code"));
        }
        // These two are held by this very task.
        if !named(true) && !matches!(name, "sourced" | "quarantine") {
            problems.push(format!("invariant {marked} is named by no test under tests/"));
        }
    }
    problems
}

/// Words that have no place in the project: machine paths and unfinished marks.
fn foreign_words() -> Result<Vec<String>, String> {
    let paths = [["/", "root/"].concat(), ["/", "work/"].concat(), ["/home", "/runner"].concat()];
    let marks = [["todo", "!("].concat(), ["unimplemented", "!("].concat(), ["FIX", "ME"].concat()];
    let mut problems = Vec::new();
    for file in output(&["git", "ls-files"])?.lines().filter(|f| !f.ends_with(".lock")) {
        let Ok(text) = std::fs::read_to_string(root().join(file)) else { continue };
        for word in paths.iter().chain(&marks) {
            if let Some(at) = text.lines().position(|line| line.contains(word.as_str())) {
                problems.push(format!("{file}:{}: `{word}` does not belong here", at + 1));
            }
        }
    }
    Ok(problems)
}

/// `sourced`: every row of an authored table names its source.
fn unsourced_rows() -> Result<Vec<String>, String> {
    let mut tables = Vec::new();
    walk(&root().join("knowledge"), "tsv", &mut tables);
    tables.sort();
    let mut problems = Vec::new();
    for table in tables.iter().filter(|t| !t.to_string_lossy().contains("/pack/")) {
        let text = read(table)?;
        let Some(column) = text.lines().next().and_then(|head| head.split('\t').position(|c| c == "source"))
        else {
            problems.push(format!("{}: no `source` column", table.display()));
            continue;
        };
        for (at, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.starts_with('#')) {
            if line.split('\t').nth(column).is_none_or(|cell| cell.trim().is_empty()) {
                problems.push(format!("{}:{}: no source", table.display(), at + 1));
            }
        }
    }
    Ok(problems)
}
