//! How good is the program against labels others wrote?

use super::Done;
use crate::args::{Cli, EvalCommand, EvalRetrievalArgs};
use crate::output;
use concilium_engine::models::{self as m, Task};
use concilium_engine::{Engine, Settings};
use concilium_eval::Embedder;
use concilium_eval::retrieval::{self, Job, Set};
use std::path::Path;
use std::process::ExitCode;

/// Measures what is asked for.
pub fn eval(cli: &Cli, settings: Settings, command: &EvalCommand) -> Done {
    match command {
        EvalCommand::Retrieval(args) => retrieval(cli, settings, args),
    }
}

fn retrieval(cli: &Cli, settings: Settings, args: &EvalRetrievalArgs) -> Done {
    let engine = Engine::new(settings)?;
    let sets = chosen(args);
    if sets.contains(&Set::Beir) && args.beir.is_none() {
        return Err("the set `beir` wants a folder: --beir FOLDER".into());
    }
    let job = Job {
        sets,
        data: &args.data,
        beir: args.beir.as_deref(),
        ablate: args.ablate,
        tune: args.tune,
        seed: args.seed,
        vectors: args.vectors.as_deref(),
    };
    let embedder = if args.no_vectors { None } else { embedder(&engine.settings.models)? };
    let report = retrieval::evaluate(&job, &engine.knowledge, embedder.as_deref(), &mut |step| {
        output::say(cli, step)
    })?;
    report.notices.iter().for_each(|notice| output::say(cli, notice));
    if cli.json {
        output::json(&report)?;
    } else {
        output::text(&output::plain(&retrieval::words(&report)))?;
    }
    Ok(if report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn chosen(args: &EvalRetrievalArgs) -> Vec<Set> {
    let all = Set::OWN.into_iter().chain([Set::Beir]);
    match (args.sets.as_slice(), &args.beir) {
        ([], None) => Set::OWN.to_vec(),
        ([], Some(_)) => vec![Set::Beir],
        (names, _) => all.filter(|set| names.iter().any(|name| name == set.name())).collect(),
    }
}

/// The first model of embeddings whose files are all there; none where this build cannot run one.
fn embedder(models: &Path) -> Result<Option<Box<dyn Embedder>>, Box<dyn std::error::Error>> {
    let Some(open) = crate::backends::backends().embedder else { return Ok(None) };
    let lock = m::lock()?;
    let embedders = lock.models.iter().filter(|model| model.task == Task::Embed);
    let Some(model) = embedders.into_iter().find(|model| m::look(model, models, false).is_whole()) else {
        return Ok(None);
    };
    Ok(Some(open(&model.publisher, &model.folder(models))?))
}
