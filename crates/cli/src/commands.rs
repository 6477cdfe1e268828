//! What does each job do? Thin: gather, call the engine, show.

mod cohort;
mod corpus;
mod eval;
mod explain;
mod image;
mod knowledge;
mod models;
mod notes;
mod search;
mod stop;
mod trials;
mod word;

pub use cohort::cohort;
pub use corpus::corpus;
pub use eval::eval;
pub use explain::explain;
pub use image::image;
pub use knowledge::knowledge;
pub use models::models;
pub use notes::notes;
pub use search::search;
pub use trials::trials;
pub use word::word;

use crate::args::{CaseArgs, Cli, DemoArgs, DiffArgs, PlanArgs, ReplayArgs, SchemaArgs, ServeArgs};
use crate::{backends, output};
use concilium_engine::case::{Case, Level};
use concilium_engine::diff::RunDiff;
use concilium_engine::input::gather;
use concilium_engine::models::Task;
use concilium_engine::replay::{KeptPassages, Replay};
use concilium_engine::store::short_run;
use concilium_engine::terms::AsOf;
use concilium_engine::{CODE_HASH, Corpora, Engine, PROGRAM, Planned, Settings, vectors};
use concilium_server::Reach;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

type Done = Result<ExitCode, Box<dyn std::error::Error>>;

/// Only programs read the clock.
pub fn as_of(given: Option<&AsOf>) -> Result<AsOf, Box<dyn std::error::Error>> {
    match given {
        Some(instant) => Ok(instant.clone()),
        None => Ok(AsOf::parse(&jiff::Zoned::now().to_string())?),
    }
}

/// Plans the invented patients and writes their sheets.
pub fn demo(cli: &Cli, settings: Settings, args: &DemoArgs) -> Done {
    use concilium_engine::demo::{cases, demo_cases, records, texts};
    let out = args.out.clone().unwrap_or_else(|| settings.out.clone());
    if args.vectors && settings.retrieval.embedder.is_empty() {
        return Err(
            "the settings name no model: set retrieval.embedder, for example to \"all-MiniLM-L6-v2\"".into(),
        );
    }
    // The demo is the same everywhere: no model has a part in it unless one is asked for.
    let retrieval = if args.vectors { settings.retrieval.clone() } else { Default::default() };
    let settings =
        Settings { corpora: out.join("corpora"), trials: out.join("trials"), retrieval, ..settings };
    let engine = backends::engine(settings)?.quoting(Corpora::Invented);
    texts(&engine.settings.corpora, &engine.knowledge)?;
    let asked = (&engine.settings, engine.backends());
    concilium_engine::texts::index_meaning(asked, None, &engine.knowledge, &mut |_, _| {}, &|| false)?;
    let chosen = if args.all { cases() } else { demo_cases() };
    let bar = output::progress(cli, chosen.len());
    let mut summaries = Vec::new();
    for case in &chosen {
        bar.set_message(case.name.clone());
        let files = records(case, &engine)?;
        match engine.plan(&files, AsOf::parse(&case.as_of)?) {
            Ok(planned) => {
                let folder = out.join(&case.name);
                concilium_engine::store::write_pages(&engine, &planned, &folder, None)?;
                concilium_engine::store::keep(&planned, &files, &out.join("runs"))?;
                bar.suspend(|| show(cli, &case.name, &planned))?;
                summaries.push(summary(&case.name, &planned, &folder));
            }
            Err(error) => {
                bar.suspend(|| output::say(cli, &format!("\n{}: no plan: {error}", case.name)));
                summaries.push(serde_json::json!({ "case": case.name, "refused": error.to_string() }));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if cli.json {
        output::json(&summaries)?;
    }
    output::say(
        cli,
        &format!(
            "\nInvented patients, no real person. Sheets: {}/<case>/plan.html (FHIR: plan.fhir.json)",
            out.display()
        ),
    );
    Ok(ExitCode::SUCCESS)
}

fn show(cli: &Cli, name: &str, planned: &Planned) -> std::io::Result<()> {
    if cli.json || cli.quiet {
        return Ok(());
    }
    output::text(&format!("\n=== {name}\n{}\n", on_terminal(planned)))
}

fn on_terminal(planned: &Planned) -> String {
    concilium_engine::report::terminal(&planned.plan, output::width(), output::colour())
}

fn summary(name: &str, planned: &Planned, folder: &Path) -> serde_json::Value {
    let options = planned
        .plan
        .options
        .iter()
        .map(|o| serde_json::json!({ "section": o.section.number(), "rank": o.rank, "option": o.id }));
    serde_json::json!({
        "case": name,
        "run": planned.plan.manifest.run,
        "folder": folder,
        "abstains": planned.plan.abstains,
        "no_systemic_ranking": planned.plan.no_systemic_ranking,
        "options": options.collect::<Vec<_>>(),
    })
}

/// Plans records.
pub fn plan(cli: &Cli, settings: Settings, args: &PlanArgs) -> Done {
    let runs = settings.runs.clone();
    apart(&args.records, args.out.as_deref())?;
    let files = gather(&args.records)?;
    let engine = backends::engine(settings)?;
    let planned = engine.plan(&files, as_of(args.as_of.as_ref())?)?;
    planned.notices.iter().for_each(|notice| output::say(cli, notice));
    let earlier = match &args.replaces {
        Some(run) => {
            let kept = concilium_engine::store::find(run, &runs)?;
            Some(concilium_engine::store::earlier(&kept, &planned)?)
        }
        None => None,
    };
    if let Some(folder) = &args.out {
        concilium_engine::store::write_pages(&engine, &planned, folder, earlier.as_deref())?;
        output::say(cli, &format!("sheet: {}", folder.join("plan.html").display()));
    }
    if !args.no_keep {
        let kept = concilium_engine::store::keep(&planned, &files, &runs)?;
        output::say(cli, &format!("run kept: {}", kept.display()));
    }
    if cli.json {
        output::json(&planned.plan)?;
    } else {
        output::text(&format!("{}\n", on_terminal(&planned)))?;
    }
    Ok(outcome(&planned.case, cli))
}

/// A sheet among the records would be read as a record next time.
fn apart(records: &[PathBuf], out: Option<&Path>) -> Result<(), Box<dyn std::error::Error>> {
    let Some(out) = out else { return Ok(()) };
    let whole = |path: &Path| std::path::absolute(path).map(|p| p.canonicalize().unwrap_or(p));
    for folder in records.iter().filter(|path| path.is_dir()) {
        if whole(out)?.starts_with(whole(folder)?) {
            return Err(format!(
                "--out {} lies among the records: choose a folder beside them",
                out.display()
            )
            .into());
        }
    }
    Ok(())
}

/// Exit code 3 when something was handed in that could not be read.
fn outcome(case: &Case, cli: &Cli) -> ExitCode {
    let lost: Vec<_> = case.facts.issues.iter().filter(|issue| issue.level == Level::Lost).collect();
    if lost.is_empty() {
        return ExitCode::SUCCESS;
    }
    let things = if lost.len() == 1 { "thing" } else { "things" };
    output::say(cli, &format!("{} {things} could not be read and stand in no fact:", lost.len()));
    for issue in lost.iter().take(SHOWN) {
        output::say(cli, &format!("  {}: {}; {}", issue.source, issue.what, issue.remedy));
    }
    if SHOWN < lost.len() {
        output::say(cli, &format!("  and {} more; `concilium case` lists all", lost.len() - SHOWN));
    }
    ExitCode::from(3)
}

/// Lines of one kind shown at most where a full list is a command away.
const SHOWN: usize = 20;

/// Shows the assembled case.
pub fn case(cli: &Cli, settings: Settings, args: &CaseArgs) -> Done {
    let files = gather(&args.records)?;
    let engine = Engine::new(settings)?;
    let case = engine.case_with_text(&files, as_of(args.as_of.as_ref())?)?;
    if cli.json {
        output::json(&case)?;
    } else {
        output::text(&output::plain(&concilium_engine::report::case_text(&case)))?;
    }
    let lost = case.facts.issues.iter().any(|issue| issue.level == Level::Lost);
    Ok(if lost { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

/// Replays a run.
pub fn replay(cli: &Cli, settings: Settings, args: &ReplayArgs) -> Done {
    let folder = concilium_engine::store::find(&args.run, &settings.runs)?;
    let quoted = concilium_engine::store::read_manifest(&folder)?.corpora.into_keys().collect();
    let engine = backends::engine(settings)?.quoting(Corpora::Named(quoted));
    let (report, _) = concilium_engine::replay::replay(&engine, &folder, args.anyway)?;
    if cli.json {
        output::json(&report)?;
    } else {
        output::text(&output::plain(&replay_words(&report)))?;
    }
    let as_named = report.passages.as_ref().is_none_or(|kept| kept.as_named);
    let holds =
        report.same && as_named && report.changed_inputs.is_empty() && report.changed_artefacts.is_empty();
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

fn replay_words(report: &Replay) -> String {
    let words = if report.same { "same bytes" } else { "differs" };
    let mut lines = vec![format!("run {}: {words}", short_run(&report.run))];
    lines.extend(report.changed_inputs.iter().map(|name| format!("  input changed on disk: {name}")));
    lines.extend(report.changed_artefacts.iter().map(|name| format!("  kept file changed on disk: {name}")));
    lines.extend(report.other_maker.iter().map(|maker| format!("  here: {maker}")));
    lines.extend(report.passages.iter().map(kept_passages));
    lines.extend(report.first_difference.iter().map(|line| format!("  first difference: {line}")));
    let moved = report.difference.iter().map(diff_words);
    lines.join("\n") + "\n" + &moved.collect::<String>()
}

/// How passages stand that were not searched again.
fn kept_passages(kept: &KeptPassages) -> String {
    let named = if kept.as_named { "" } else { "; they are not those the manifest names" };
    let not_held = match kept.not_held.as_slice() {
        [] => String::new(),
        keys => format!(", not held: {}", keys.join(", ")),
    };
    format!(
        "  passages taken from the run, not searched again: {} held word for word by the corpora here{not_held}{named}",
        kept.held
    )
}

/// Compares two runs.
pub fn diff(cli: &Cli, settings: &Settings, args: &DiffArgs) -> Done {
    let find = |run: &str| concilium_engine::store::find(run, &settings.runs);
    let found = concilium_engine::diff::diff_runs(&find(&args.older)?, &find(&args.newer)?)?;
    if cli.json {
        output::json(&found)?;
    } else {
        output::text(&output::plain(&diff_words(&found)))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A run difference for people.
pub fn diff_words(found: &RunDiff) -> String {
    let mut lines = found.circumstances.clone();
    if found.moves.is_empty() {
        lines.push("no option moved".into());
    }
    for moved in &found.moves {
        lines.push(format!("{}: {} → {}", moved.option, moved.before, moved.after));
        lines.extend(moved.because.iter().take(8).map(|line| format!("    {line}")));
        if 8 < moved.because.len() {
            lines.push(format!("    and {} more; --json lists all", moved.because.len() - 8));
        }
    }
    let facts =
        [("gone", &found.facts_gone), ("added", &found.facts_added), ("changed", &found.facts_changed)];
    for (what, ids) in facts {
        lines.extend(ids.iter().map(|id| format!("fact {what}: {id}")));
    }
    lines.join("\n") + "\n"
}

/// Serves plans.
pub fn serve(cli: &Cli, mut settings: Settings, args: &ServeArgs) -> Done {
    if let Some(bind) = &args.bind {
        settings.bind = bind.clone();
    }
    if let Some(port) = args.port {
        settings.bind = format!("127.0.0.1:{port}");
    }
    let reach = if args.allow_remote { Reach::Network } else { Reach::ThisMachine };
    let json = cli.json;
    concilium_server::serve(backends::engine(settings)?, reach, |address| match json {
        true => output::text(&format!("{}\n", serde_json::json!({ "address": address }))),
        false => output::text(&format!("concilium serves {address} (stop with Ctrl-C)\n")),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Checks machine, settings and knowledge.
pub fn doctor(cli: &Cli, settings: Settings) -> Done {
    let engine = backends::engine(settings)?;
    let release = &engine.knowledge.manifest;
    let meaning = meaning(&engine);
    let problems = concilium_engine::knowledge::verify(&engine.knowledge);
    let checks = serde_json::json!({
        "program": PROGRAM,
        "code": CODE_HASH,
        "cores": std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        "avx2": has_avx2(),
        "features": backends::FEATURES.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        "models": meaning,
        "knowledge": { "name": release.name, "hash": release.hash, "date": release.date, "problems": problems },
        "settings": engine.settings,
    });
    if cli.json {
        output::json(&checks)?;
    } else {
        output::text(&doctor_words(&engine, &meaning, &problems))?;
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

/// The models the settings name, as they open here.
fn meaning(engine: &Engine) -> Vec<String> {
    let (settings, backends) = (&engine.settings, engine.backends());
    let embedder = vectors::embedder(settings, backends).map(|found| {
        found.map(|model| format!("{}, {} numbers a vector", named(model.id()), model.dimensions()))
    });
    let reranker = vectors::reranker(settings, backends).map(|found| found.map(|model| named(model.id())));
    let say = |what: &str, without: &str, found: Result<Option<String>, vectors::Unmet>| match found {
        Ok(None) => format!("{what}: none is set; {without}"),
        Ok(Some(model)) => format!("{what}: {model}"),
        Err(unmet) => format!("{what}: {unmet}; {without}"),
    };
    let (embed, rerank) = (Task::Embed.without(), Task::Rerank.without());
    vec![say("embedder", embed, embedder), say("reranker", rerank, reranker)]
}

fn named(model: &vectors::ModelId) -> String {
    format!("{} ({})", model.name, model.sha256.get(..12).unwrap_or(""))
}

fn doctor_words(engine: &Engine, meaning: &[String], problems: &[String]) -> String {
    let release = &engine.knowledge.manifest;
    let vectors = if has_avx2() { "yes" } else { "no: later vision and embedding stages will be slow" };
    let problems: String = problems.iter().map(|problem| format!("problem: {problem}\n")).collect();
    let meaning: String = meaning.iter().map(|line| format!("{line}\n")).collect();
    format!(
        "{PROGRAM} (code {}), {}\nknowledge {} of {} ({}): {} statements\nvector instructions AVX2: {vectors}\n\
         {meaning}settings in force:\n{}{problems}",
        CODE_HASH.get(..12).unwrap_or(CODE_HASH),
        backends::features(),
        release.name,
        release.date,
        release.hash.get(..12).unwrap_or(&release.hash),
        engine.knowledge.statements.len(),
        toml_text(&engine.settings),
    )
}

fn toml_text(settings: &Settings) -> String {
    toml::to_string(settings).unwrap_or_default().lines().map(|line| format!("  {line}\n")).collect()
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}

/// Prints a schema, or the names of all.
pub fn schema(cli: &Cli, args: &SchemaArgs) -> Done {
    let schemas = concilium_engine::schema::schemas();
    let names: Vec<&str> = schemas.iter().map(|(name, _)| *name).collect();
    match &args.name {
        None if cli.json => output::json(&names)?,
        None => output::text(&(names.join("\n") + "\n"))?,
        Some(name) => {
            let found = schemas.iter().find(|(known, _)| known == name);
            let (_, schema) =
                found.ok_or_else(|| format!("no artefact `{name}`; there are: {}", names.join(", ")))?;
            output::json(schema)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
