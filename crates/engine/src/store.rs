//! How is a run kept, so that it can be replayed, and how are its pages written?
//!
//! `runs/<id>/`: `manifest.json`, `inputs/`, `case.json`, `plan.json`. Content-addressed: the same run is the same
//! folder. Files hold records, so they are readable by their owner only (`no-phi-out`).

use crate::input::InputFile;
use crate::run::{Engine, EngineError, Planned};
use concilium_recommend::{Plan, RunManifest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes the pages of one case into a folder; gives the files written.
///
/// # Errors
/// A file cannot be written, or the plan cannot be said in FHIR.
pub fn write_pages(engine: &Engine, planned: &Planned, folder: &Path) -> Result<Vec<PathBuf>, EngineError> {
    let pictures = pictures(planned);
    let plan = &planned.plan;
    let pages = [
        ("plan.html", concilium_report::html(plan, &pictures)),
        ("plan.md", concilium_report::markdown(plan)),
        ("plan.json", json(plan)),
        ("plan.fhir.json", fhir(engine, planned)?),
        ("case.json", json(&planned.case)),
        ("graph.json", planned.graph.json().unwrap_or_default()),
        ("graph.graphml", planned.graph.graphml()),
        ("graph.dot", planned.graph.dot()),
    ];
    pages.iter().map(|(name, text)| write(&folder.join(name), text.as_bytes())).collect()
}

/// The plan as a FHIR R4 Bundle. Runs do not know of one another yet, so that it replaces none.
///
/// # Errors
/// The plan cannot be said in FHIR.
pub fn fhir(engine: &Engine, planned: &Planned) -> Result<String, EngineError> {
    Ok(concilium_report::fhir(&planned.plan, &planned.case, &engine.knowledge, None)?)
}

/// One picture an option: its paths through the graph.
pub fn pictures(planned: &Planned) -> BTreeMap<String, String> {
    let options = planned.plan.options.iter();
    options.map(|option| (option.id.clone(), planned.graph.svg(&option.id))).collect()
}

/// Keeps the run for replay; gives its folder.
///
/// # Errors
/// A file cannot be written.
pub fn keep(planned: &Planned, inputs: &[InputFile], runs: &Path) -> Result<PathBuf, EngineError> {
    let folder = runs.join(&planned.plan.manifest.run[..16]);
    for input in inputs {
        write(&folder.join("inputs").join(&input.name), &input.bytes)?;
    }
    write(&folder.join("case.json"), json(&planned.case).as_bytes())?;
    write(&folder.join("plan.json"), json(&planned.plan).as_bytes())?;
    write(&folder.join("manifest.json"), json(&planned.plan.manifest).as_bytes())?;
    Ok(folder)
}

/// Folder of a run: a path, or an id (or its beginning) under `runs`.
///
/// # Errors
/// No such run, or the beginning names several.
pub fn find(run: &str, runs: &Path) -> Result<PathBuf, EngineError> {
    let direct = PathBuf::from(run);
    if direct.join("manifest.json").is_file() {
        return Ok(direct);
    }
    let wrong = |what: &str| EngineError::Artefact { path: runs.join(run), what: what.into() };
    let entries =
        std::fs::read_dir(runs).map_err(|_| wrong("no such run, and no folder of runs; see --runs"))?;
    let mut hits: Vec<PathBuf> = entries
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(run)))
        .filter(|p| p.join("manifest.json").is_file())
        .collect();
    hits.sort();
    match hits.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(wrong("no such run")),
        _ => Err(wrong("several runs begin so; give more of the id")),
    }
}

/// Plan of a stored run.
///
/// # Errors
/// Missing or malformed file.
pub fn read_plan(folder: &Path) -> Result<Plan, EngineError> {
    read_json(&folder.join("plan.json"))
}

/// Manifest of a stored run.
///
/// # Errors
/// Missing or malformed file.
pub fn read_manifest(folder: &Path) -> Result<RunManifest, EngineError> {
    read_json(&folder.join("manifest.json"))
}

/// Any artefact.
///
/// # Errors
/// Missing or malformed file.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, EngineError> {
    let text = std::fs::read_to_string(path).map_err(|source| EngineError::Files {
        what: "read",
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|error| EngineError::Artefact {
        path: path.to_owned(),
        what: format!("not a valid artefact: {error}"),
    })
}

/// Pretty JSON with a final line break: the one spelling of every artefact.
pub fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string_pretty(value).map(|text| text + "\n").unwrap_or_default()
}

/// Writes a file readable by its owner only, folders included.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<PathBuf, EngineError> {
    let failed = |source| EngineError::Files { what: "write", path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = private(path).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    Ok(path.to_owned())
}

#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> std::io::Result<std::fs::File> {
    std::fs::File::create(path)
}
