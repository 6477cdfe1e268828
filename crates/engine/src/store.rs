//! How is a run kept, so that it can be replayed, and how are its pages written?
//!
//! `runs/<id>/`: `inputs/`, `case.json`, `plan.json`, `SHA256SUMS`, `manifest.json`. Content-addressed: the same run
//! is the same folder. Files hold records, so they and the folders made for them are their owner's only
//! (`no-phi-out`). Each file appears whole or not at all, and the manifest last: a folder without it is no run.

use crate::assemble::one_person;
use crate::input::{InputFile, sha256, sha256_text};
use crate::run::{Engine, EngineError, Planned};
use concilium_case::Case;
use concilium_recommend::{Plan, RunManifest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes the pages of one case into a folder; gives the files written. `replaces` is the run of an earlier plan
/// ([`earlier`]) that this one takes the place of; only the FHIR Bundle says so.
///
/// # Errors
/// A file cannot be written, or the plan cannot be said in FHIR.
pub fn write_pages(
    engine: &Engine,
    planned: &Planned,
    folder: &Path,
    replaces: Option<&str>,
) -> Result<Vec<PathBuf>, EngineError> {
    let pictures = pictures(planned);
    let plan = &planned.plan;
    let pages = [
        ("plan.html", concilium_report::html(plan, &pictures)),
        ("plan.md", concilium_report::markdown(plan)),
        ("plan.json", json(plan)),
        ("plan.fhir.json", bundle(engine, planned, replaces)?),
        ("case.json", json(&planned.case)),
        ("graph.json", planned.graph.json().unwrap_or_default()),
        ("graph.graphml", planned.graph.graphml()),
        ("graph.dot", planned.graph.dot()),
    ];
    pages.iter().map(|(name, text)| write(&folder.join(name), text.as_bytes())).collect()
}

/// The plan as a FHIR R4 Bundle that replaces no other.
///
/// # Errors
/// The plan cannot be said in FHIR.
pub fn fhir(engine: &Engine, planned: &Planned) -> Result<String, EngineError> {
    bundle(engine, planned, None)
}

fn bundle(engine: &Engine, planned: &Planned, replaces: Option<&str>) -> Result<String, EngineError> {
    Ok(concilium_report::fhir(&planned.plan, &planned.case, &engine.knowledge, replaces)?)
}

/// Id of the kept run in this folder, whose plan the new one is to replace: of the same person, and another run.
///
/// # Errors
/// No such run, a run of another person, or the new plan's own run.
pub fn earlier(folder: &Path, now: &Planned) -> Result<String, EngineError> {
    let run = read_manifest(folder)?.run;
    let wrong = |what: &str| EngineError::Artefact { path: folder.to_owned(), what: what.to_owned() };
    if run == now.plan.manifest.run {
        return Err(wrong("this very run: a plan does not replace itself"));
    }
    let case: Case = read_json(&folder.join("case.json"))?;
    one_person(&[case.patient, now.case.patient.clone()])
        .map_err(|_| wrong("a plan for another person: it cannot be replaced by this one"))?;
    Ok(run)
}

/// One picture an option (its paths through the graph), and those of findings in images.
pub fn pictures(planned: &Planned) -> BTreeMap<String, String> {
    let options = planned.plan.options.iter();
    let paths = options.map(|option| (option.id.clone(), planned.graph.svg(&option.id)));
    paths.chain(crate::imaging::pictures(&planned.case.facts.imaging)).collect()
}

/// Keeps the run for replay; gives its folder.
///
/// # Errors
/// A file cannot be written.
pub fn keep(planned: &Planned, inputs: &[InputFile], runs: &Path) -> Result<PathBuf, EngineError> {
    let folder = runs.join(short_run(&planned.plan.manifest.run));
    for input in inputs {
        write(&folder.join("inputs").join(&input.name), &input.bytes)?;
    }
    let artefacts = [
        ("case.json", json(&planned.case)),
        ("plan.json", json(&planned.plan)),
        ("manifest.json", json(&planned.plan.manifest)),
    ];
    // The format of the `sha256sum` program, so that a site can check a folder without us.
    let sums = artefacts.iter().map(|(name, text)| format!("{}  {name}\n", sha256_text(text)));
    write(&folder.join(SUMS), sums.collect::<String>().as_bytes())?;
    for (name, text) in &artefacts {
        write(&folder.join(name), text.as_bytes())?;
    }
    Ok(folder)
}

const SUMS: &str = "SHA256SUMS";

/// The part of a run id that names its folder.
pub fn short_run(run: &str) -> &str {
    run.get(..16).unwrap_or(run)
}

/// Artefacts of a kept run whose bytes are not those that were written, by name; the list of sums itself when it is
/// missing or says nothing of one of them.
pub fn damaged(folder: &Path) -> Vec<String> {
    let sums = std::fs::read_to_string(folder.join(SUMS)).unwrap_or_default();
    let stated: BTreeMap<&str, &str> =
        sums.lines().filter_map(|line| line.split_once("  ")).map(|(sum, name)| (name, sum)).collect();
    let wrong = |name: &str| match stated.get(name) {
        None => Some(format!("{SUMS} (says nothing of {name})")),
        Some(sum) => {
            let found = std::fs::read(folder.join(name)).map(|bytes| sha256(&bytes));
            (found.ok().as_deref() != Some(*sum)).then(|| name.to_owned())
        }
    };
    ["case.json", "plan.json", "manifest.json"].iter().filter_map(|name| wrong(name)).collect()
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
    if run.is_empty() || run.contains(['/', '\\']) {
        return Err(EngineError::Artefact {
            path: direct,
            what: "no kept run there: it has no manifest.json".into(),
        });
    }
    let entries =
        std::fs::read_dir(runs).map_err(|_| wrong("no such run: there is no folder of runs; see --runs"))?;
    let mut hits: Vec<PathBuf> = entries
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.file_name().is_some_and(|n| begins(&n.to_string_lossy(), run)))
        .filter(|p| p.join("manifest.json").is_file())
        .collect();
    hits.sort();
    match hits.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(wrong("no such run; `plan` prints the folder of each run it keeps")),
        _ => Err(wrong("several runs begin so; give more of the id")),
    }
}

/// A folder carries the beginning of a run's id; a user gives a part of that, or the whole id as a plan prints it.
fn begins(folder: &str, run: &str) -> bool {
    folder.starts_with(run) || (folder == short_run(run) && short_run(run).len() < run.len())
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
    serde_json::from_str(&text)
        .map_err(|error| EngineError::Artefact { path: path.to_owned(), what: not_ours(&error) })
}

/// Where an artefact stops being one; without the words of serde, which repeat content (`no-phi-out`).
fn not_ours(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Data => "not the shape this version writes",
        serde_json::error::Category::Syntax => "not JSON",
        serde_json::error::Category::Eof => "cut off",
        serde_json::error::Category::Io => "cannot be read",
    };
    format!("{what} at line {}, column {}; make the plan again", error.line(), error.column())
}

/// Pretty JSON with a final line break: the one spelling of every artefact.
pub fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string_pretty(value).map(|text| text + "\n").unwrap_or_default()
}

/// Writes a file readable by its owner only; folders made on the way are the owner's only too. The file is whole or
/// not there: it is written beside its place and moved.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<PathBuf, EngineError> {
    let failed = |source| EngineError::Files { what: "write", path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        private_folder(folder).map_err(failed)?;
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = private(&beside)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|source| {
        // What is half written must not stay; if it cannot be removed, the first error says more.
        let _ = std::fs::remove_file(&beside);
        failed(source)
    })?;
    Ok(path.to_owned())
}

#[cfg(unix)]
pub(crate) fn private_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
pub(crate) fn private_folder(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)
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
