//! Does a stored run give the same bytes again?

use crate::input::{InputFile, gather};
use crate::run::{CODE_HASH, Engine, EngineError, PROGRAM, Planned};
use crate::store::{json, read_manifest};
use concilium_recommend::RunManifest;
use concilium_terms::AsOf;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What a replay found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Replay {
    /// Run id.
    pub run: String,
    /// The plan's bytes are the same.
    pub same: bool,
    /// Inputs whose bytes changed since.
    pub changed_inputs: Vec<String>,
    /// Made by another program or knowledge: what differs.
    pub other_maker: Vec<String>,
    /// First differing line of the two plans, when they differ.
    pub first_difference: Option<String>,
}

/// Plans the stored inputs again and compares. Under another code or knowledge it stops with "made by X" unless
/// `anyway`.
///
/// # Errors
/// No such run, inputs changed on disk beyond reading, or another maker without `anyway`.
pub fn replay(engine: &Engine, folder: &Path, anyway: bool) -> Result<(Replay, Planned), EngineError> {
    let manifest = read_manifest(folder)?;
    let other_maker = other_maker(&manifest, engine);
    if !other_maker.is_empty() && !anyway {
        return Err(EngineError::OtherMaker(format!(
            "this run was made by {} (code {}) on knowledge {} ({}); here: {}. Use --anyway to run it all the same and see the difference",
            manifest.program,
            short(&manifest.code),
            manifest.knowledge,
            short(&manifest.knowledge_hash),
            other_maker.join("; ")
        )));
    }
    let inputs = gather(&[folder.join("inputs")])?;
    let changed_inputs = changed(&manifest, &inputs);
    let as_of = AsOf::parse(&manifest.as_of).map_err(|error| EngineError::Artefact {
        path: folder.join("manifest.json"),
        what: error.to_string(),
    })?;
    let planned = engine.plan(&inputs, as_of)?;
    let path = folder.join("plan.json");
    let stored =
        std::fs::read_to_string(&path).map_err(|source| EngineError::Files { what: "read", path, source })?;
    let now = json(&planned.plan);
    let report = Replay {
        run: manifest.run,
        same: stored == now,
        changed_inputs,
        other_maker,
        first_difference: first_difference(&stored, &now),
    };
    Ok((report, planned))
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

fn other_maker(manifest: &RunManifest, engine: &Engine) -> Vec<String> {
    let mut differs = Vec::new();
    if manifest.program != PROGRAM || manifest.code != CODE_HASH {
        differs.push(format!("{PROGRAM} (code {})", short(CODE_HASH)));
    }
    let release = &engine.knowledge.manifest;
    if manifest.knowledge_hash != release.hash {
        differs.push(format!("knowledge {} ({})", release.name, short(&release.hash)));
    }
    differs
}

fn changed(manifest: &RunManifest, inputs: &[InputFile]) -> Vec<String> {
    let mut names: Vec<String> = inputs
        .iter()
        .filter(|file| manifest.inputs.get(&file.name) != Some(&file.sha256()))
        .map(|file| file.name.clone())
        .collect();
    names.extend(manifest.inputs.keys().filter(|name| !inputs.iter().any(|f| f.name == **name)).cloned());
    names
}

fn first_difference(stored: &str, now: &str) -> Option<String> {
    let (mut a, mut b) = (stored.lines(), now.lines());
    let mut line = 0;
    loop {
        line += 1;
        match (a.next(), b.next()) {
            (None, None) => return None,
            (x, y) if x == y => {}
            (x, y) => {
                let say =
                    |side: Option<&str>| side.map_or("end of file".to_owned(), |text| text.trim().to_owned());
                return Some(format!("plan.json line {line}: stored `{}`, now `{}`", say(x), say(y)));
            }
        }
    }
}
