//! Does a stored run give the same bytes again?

use crate::diff::{RunDiff, diff};
use crate::input::{InputFile, sha256_text, stored};
use crate::run::{CODE_HASH, Engine, EngineError, PROGRAM, Planned, passages_hash, run_id};
use crate::store::{damaged, json, read_json, read_manifest, read_plan};
use concilium_recommend::{Plan, RunManifest};
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
    /// Artefacts in the folder whose bytes are not those that were written.
    pub changed_artefacts: Vec<String>,
    /// Made by another program, knowledge or settings: what differs.
    pub other_maker: Vec<String>,
    /// First differing line of the two plans, when they differ.
    pub first_difference: Option<String>,
    /// What moved between the kept plan and the new one, when they differ and the kept one can still be read.
    pub difference: Option<RunDiff>,
    /// Where models had a part in finding the passages: they were taken from the run, and this is how they stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passages: Option<KeptPassages>,
}

/// Passages that were not searched again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeptPassages {
    /// Those that the corpora here hold word for word.
    pub held: usize,
    /// Keys of those they do not hold.
    pub not_held: Vec<String>,
    /// They are those the manifest names.
    pub as_named: bool,
}

/// Plans the stored inputs again and compares. Passages that models had a part in finding are taken from the run: their
/// answers may differ from machine to machine, and neither models nor corpora need be here. Under another code, knowledge or settings it stops with "made by X"
/// unless `anyway`.
///
/// # Errors
/// No such run, inputs changed on disk beyond reading, or another maker without `anyway`.
pub fn replay(engine: &Engine, folder: &Path, anyway: bool) -> Result<(Replay, Planned), EngineError> {
    let manifest = read_manifest(folder)?;
    let changed_artefacts = changed_artefacts(folder, &manifest);
    let other_maker = other_maker(&manifest, engine);
    if !other_maker.is_empty() && !anyway {
        return Err(EngineError::OtherMaker(made_by(&manifest, &other_maker, &changed_artefacts)));
    }
    let inputs = stored(&folder.join("inputs"))?;
    let changed_inputs = changed(&manifest, &inputs);
    let wrong = |what: String| EngineError::Artefact { path: folder.join("manifest.json"), what };
    let as_of = AsOf::parse(&manifest.as_of).map_err(|error| wrong(error.to_string()))?;
    let kept_plan = match manifest.meaning {
        Some(_) => Some(read_plan(folder)?),
        None => None,
    };
    let planned = match &kept_plan {
        Some(kept) => engine.plan_with_passages_of(kept, &inputs, as_of),
        None => engine.plan(&inputs, as_of),
    };
    let planned = planned.map_err(|error| match changed_inputs.as_slice() {
        [] => error,
        names => {
            wrong(format!("inputs changed since ({}) and give no plan any more: {error}", names.join(", ")))
        }
    })?;
    let path = folder.join("plan.json");
    let kept = std::fs::read(&path).map_err(|source| EngineError::Files { what: "read", path, source })?;
    let kept = String::from_utf8_lossy(&kept);
    let now = json(&planned.plan);
    let same = kept == now;
    let report = Replay {
        run: manifest.run,
        same,
        changed_inputs,
        changed_artefacts,
        other_maker,
        first_difference: first_difference(&kept, &now),
        difference: if same { None } else { difference(folder, &planned) },
        passages: kept_plan.as_ref().map(|kept| kept_passages(engine, kept)),
    };
    Ok((report, planned))
}

fn kept_passages(engine: &Engine, kept: &Plan) -> KeptPassages {
    let (held, not_held) = engine.held(kept);
    let named = kept.manifest.meaning.as_ref().map(|meaning| &meaning.passages);
    KeptPassages { held, not_held, as_named: named == Some(&passages_hash(kept)) }
}

/// Sums that do not hold, and a manifest that is not the one its run id was made from.
fn changed_artefacts(folder: &Path, manifest: &RunManifest) -> Vec<String> {
    let mut names = damaged(folder);
    if run_id(manifest) != manifest.run && !names.iter().any(|name| name == "manifest.json") {
        names.push("manifest.json".into());
    }
    names
}

fn made_by(manifest: &RunManifest, here: &[String], changed: &[String]) -> String {
    let changed = match changed {
        [] => String::new(),
        names => format!(" (changed on disk since: {})", names.join(", ")),
    };
    format!(
        "this run was made by {} (code {}) on knowledge {} ({}){changed}; here: {}. Use --anyway to run it all the same and see the difference",
        manifest.program,
        short(&manifest.code),
        manifest.knowledge,
        short(&manifest.knowledge_hash),
        here.join("; ")
    )
}

fn difference(folder: &Path, now: &Planned) -> Option<RunDiff> {
    let plan = read_plan(folder).ok()?;
    let case = read_json(&folder.join("case.json")).ok()?;
    Some(diff(&plan, &case, &now.plan, &now.case))
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

fn other_maker(manifest: &RunManifest, engine: &Engine) -> Vec<String> {
    let mut differs = Vec::new();
    if manifest.program != PROGRAM || manifest.code != CODE_HASH {
        differs.push(format!("{PROGRAM} (code {})", short(CODE_HASH)));
    }
    let settings = engine.settings.plan_relevant();
    if manifest.settings != sha256_text(&settings) {
        differs.push(format!("settings {settings}"));
    }
    let release = &engine.knowledge.manifest;
    if manifest.knowledge_hash != release.hash {
        differs.push(format!("knowledge {} ({})", release.name, short(&release.hash)));
    }
    if manifest.trials != engine.trials().hash {
        let say = |hash: Option<&String>| hash.map_or("none", |hash| short(hash)).to_owned();
        let here = say(engine.trials().hash.as_ref());
        differs.push(format!(
            "trials ({}): {here}; give their folder with --trials",
            say(manifest.trials.as_ref())
        ));
    }
    if manifest.meaning.is_some() {
        // Nothing is searched: see `Replay::passages`.
        return differs;
    }
    let here = engine.corpora();
    for (name, hash) in manifest.corpora.iter().filter(|(name, hash)| here.get(*name) != Some(*hash)) {
        let found = here.get(name).map_or("not here; give its folder with --corpora", |found| short(found));
        differs.push(format!("corpus {name} ({}): {found}", short(hash)));
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
