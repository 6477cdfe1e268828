//! What does each job do? Thin: gather, call the engine, show.

mod explain;
mod knowledge;

pub use explain::explain;
pub use knowledge::knowledge;

use crate::args::{CaseArgs, Cli, DemoArgs, DiffArgs, PlanArgs, ReplayArgs, SchemaArgs, ServeArgs};
use crate::output;
use concilium_engine::case::{Case, Level};
use concilium_engine::input::{InputFile, gather};
use concilium_engine::terms::AsOf;
use concilium_engine::{CODE_HASH, Engine, PROGRAM, Planned, Settings};
use std::path::Path;
use std::process::ExitCode;

type Done = Result<ExitCode, Box<dyn std::error::Error>>;

/// Only programs read the clock.
pub fn as_of(given: Option<&str>) -> Result<AsOf, Box<dyn std::error::Error>> {
    match given {
        Some(text) => Ok(AsOf::parse(text)?),
        None => Ok(AsOf::parse(&jiff::Zoned::now().to_string())?),
    }
}

/// Plans the invented patients and writes their sheets.
pub fn demo(cli: &Cli, settings: Settings, args: &DemoArgs) -> Done {
    use concilium_engine::demo::{cases, demo_cases};
    let engine = Engine::new(settings)?;
    let chosen = if args.all { cases() } else { demo_cases() };
    let bar = output::progress(cli, chosen.len());
    let mut summaries = Vec::new();
    for case in &chosen {
        bar.set_message(case.name.clone());
        match engine.plan(&case.files, AsOf::parse(&case.as_of)?) {
            Ok(planned) => {
                let folder = args.out.join(&case.name);
                concilium_engine::store::write_pages(&engine, &planned, &folder)?;
                concilium_engine::store::keep(&planned, &case.files, &args.out.join("runs"))?;
                bar.suspend(|| show(cli, &case.name, &planned));
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
            args.out.display()
        ),
    );
    Ok(ExitCode::SUCCESS)
}

fn show(cli: &Cli, name: &str, planned: &Planned) {
    if !cli.json && !cli.quiet {
        println!(
            "\n=== {name}\n{}",
            concilium_engine::report::terminal(&planned.plan, output::width(), output::colour())
        );
    }
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
    let files = gather(&args.records)?;
    let engine = Engine::new(settings)?;
    let planned = engine.plan(&files, as_of(args.as_of.as_deref())?)?;
    if let Some(folder) = &args.out {
        concilium_engine::store::write_pages(&engine, &planned, folder)?;
        output::say(cli, &format!("sheet: {}", folder.join("plan.html").display()));
    }
    if !args.no_keep {
        let kept = concilium_engine::store::keep(&planned, &files, &runs)?;
        output::say(cli, &format!("run kept: {}", kept.display()));
    }
    if cli.json {
        output::json(&planned.plan)?;
    } else {
        println!("{}", concilium_engine::report::terminal(&planned.plan, output::width(), output::colour()));
    }
    Ok(outcome(&planned.case, &files, cli))
}

/// Exit code 3 when something was handed in that could not be read.
fn outcome(case: &Case, files: &[InputFile], cli: &Cli) -> ExitCode {
    let lost: Vec<_> = case.facts.issues.iter().filter(|issue| issue.level == Level::Lost).collect();
    if lost.is_empty() {
        return ExitCode::SUCCESS;
    }
    output::say(
        cli,
        &format!("{} of the {} file(s) hold something that could not be read:", lost.len(), files.len()),
    );
    for issue in lost.iter().take(20) {
        output::say(cli, &format!("  {}: {}; {}", issue.source, issue.what, issue.remedy));
    }
    ExitCode::from(3)
}

/// Shows the assembled case.
pub fn case(cli: &Cli, settings: Settings, args: &CaseArgs) -> Done {
    let files = gather(&args.records)?;
    let engine = Engine::new(settings)?;
    let case = engine.case(&files, as_of(args.as_of.as_deref())?)?;
    if cli.json {
        output::json(&case)?;
    } else {
        println!("{}", concilium_engine::report::case_text(&case));
    }
    Ok(outcome(&case, &files, cli))
}

/// Replays a run.
pub fn replay(cli: &Cli, settings: Settings, args: &ReplayArgs) -> Done {
    let folder = concilium_engine::store::find(&args.run, &settings.runs)?;
    let engine = Engine::new(settings)?;
    let (report, _) = concilium_engine::replay::replay(&engine, &folder, args.anyway)?;
    if cli.json {
        output::json(&report)?;
    } else {
        let words = if report.same { "same bytes" } else { "differs" };
        println!("run {}: {words}", &report.run[..16]);
        report.changed_inputs.iter().for_each(|name| println!("  input changed: {name}"));
        report.other_maker.iter().for_each(|maker| println!("  here: {maker}"));
        report.first_difference.iter().for_each(|line| println!("  first difference: {line}"));
    }
    Ok(if report.same { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

/// Compares two runs.
pub fn diff(cli: &Cli, settings: &Settings, args: &DiffArgs) -> Done {
    let find = |run: &str| concilium_engine::store::find(run, &settings.runs);
    let found = concilium_engine::diff::diff_runs(&find(&args.older)?, &find(&args.newer)?)?;
    if cli.json {
        output::json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    print_diff(&found);
    Ok(ExitCode::SUCCESS)
}

/// A run difference for people.
pub fn print_diff(found: &concilium_engine::diff::RunDiff) {
    found.circumstances.iter().for_each(|line| println!("{line}"));
    if found.moves.is_empty() {
        println!("no option moved");
    }
    for moved in &found.moves {
        println!("{}: {} → {}", moved.option, moved.before, moved.after);
        moved.because.iter().take(8).for_each(|line| println!("    {line}"));
        if 8 < moved.because.len() {
            println!("    and {} more", moved.because.len() - 8);
        }
    }
    found.facts_gone.iter().for_each(|id| println!("fact gone: {id}"));
    found.facts_added.iter().for_each(|id| println!("fact added: {id}"));
    found.facts_changed.iter().for_each(|id| println!("fact changed: {id}"));
}

/// Serves plans.
pub fn serve(mut settings: Settings, args: &ServeArgs) -> Done {
    if let Some(bind) = &args.bind {
        settings.bind = bind.clone();
    }
    concilium_server::serve(Engine::new(settings)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Checks machine, settings and knowledge.
pub fn doctor(cli: &Cli, settings: Settings) -> Done {
    let engine = Engine::new(settings)?;
    let release = &engine.knowledge.manifest;
    let problems = concilium_engine::knowledge::verify(&engine.knowledge);
    let checks = serde_json::json!({
        "program": PROGRAM,
        "code": CODE_HASH,
        "cores": std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        "avx2": has_avx2(),
        "knowledge": { "name": release.name, "hash": release.hash, "date": release.date, "problems": problems },
        "settings": engine.settings,
    });
    if cli.json {
        output::json(&checks)?;
    } else {
        println!("{PROGRAM} (code {})", &CODE_HASH[..12]);
        println!(
            "knowledge {} of {} ({}): {} statements",
            release.name,
            release.date,
            &release.hash[..12],
            engine.knowledge.statements.len()
        );
        println!(
            "vector instructions AVX2: {}",
            if has_avx2() { "yes" } else { "no: later vision and embedding stages will be slow" }
        );
        println!("settings in force:\n{}", toml_text(&engine.settings));
        problems.iter().for_each(|problem| println!("problem: {problem}"));
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(4) })
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

/// Prints a schema.
pub fn schema(args: &SchemaArgs) -> Done {
    let schemas = concilium_engine::schema::schemas();
    let Some(name) = &args.name else {
        schemas.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(ExitCode::SUCCESS);
    };
    let found = schemas.iter().find(|(known, _)| known == name);
    let (_, schema) = found.ok_or_else(|| format!("no artefact `{name}`; see `concilium schema`"))?;
    output::json(schema)?;
    Ok(ExitCode::SUCCESS)
}
