//! Jobs on corpora of texts.

use super::Done;
use crate::args::{Cli, CorpusCommand, CorpusImportArgs};
use crate::output;
use concilium_engine::Settings;
use concilium_engine::corpus::{self as c, FileReport, ImportJob, ImportReport, Part, Shown, Summary};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs one job.
pub fn corpus(cli: &Cli, settings: &Settings, command: &CorpusCommand) -> Done {
    match command {
        CorpusCommand::Import(args) => import(cli, settings, args),
        CorpusCommand::List => list(cli, settings),
        CorpusCommand::Show { name, document: Some(id), .. } => document(cli, settings, name, id),
        CorpusCommand::Show { name, verify: true, .. } => verify(cli, settings, name),
        CorpusCommand::Show { name, .. } => show(cli, settings, name),
    }
}

static STOP: AtomicBool = AtomicBool::new(false);

/// The first Ctrl-C asks to stop at a whole part, the second ends the program at once (which loses nothing finished).
fn stop_on_ctrl_c() -> Result<(), Box<dyn std::error::Error>> {
    ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })?;
    Ok(())
}

fn import(cli: &Cli, settings: &Settings, args: &CorpusImportArgs) -> Done {
    let format = match args.format.as_deref() {
        None => None,
        Some(name) => {
            Some(c::by_name(name).ok_or_else(|| format!("no format `{name}`; there are {}", formats()))?)
        }
    };
    let files = c::inputs(&args.inputs)?;
    let size = |file: &std::path::PathBuf| std::fs::metadata(file).map_or(0, |found| found.len());
    stop_on_ctrl_c()?;
    let bar = output::progress_bytes(cli, files.iter().map(size).sum());
    let job = ImportJob {
        root: &settings.corpora,
        name: &args.name,
        licence: &args.licence,
        invented: args.invented,
        files: &files,
        format,
        strict: args.strict,
        time: &jiff::Timestamp::now().to_string(),
    };
    let (mut before, mut last) = (0, None);
    let mut progress = |file: &std::path::Path, step: c::Progress| {
        if last.as_deref() != Some(file) {
            before += last.as_ref().map_or(0, size);
            last = Some(file.to_owned());
            bar.set_message(file.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
        bar.set_position(before + step.bytes);
    };
    let report = c::import(&job, &mut progress, &|| STOP.load(Ordering::Relaxed));
    bar.finish_and_clear();
    let report = report?;
    if cli.json {
        output::json(&report)?;
    } else {
        print_report(&report);
    }
    Ok(outcome(cli, &report))
}

fn formats() -> String {
    c::FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().join(", ")
}

fn print_report(report: &ImportReport) {
    for file in &report.files {
        match file {
            FileReport::Imported(part) => print_part(part),
            FileReport::Already { input, key } => println!("{input}: already there as part {key}"),
            FileReport::Refused { why, .. } => println!("refused: {why}"),
        }
    }
    println!("corpus {}: {} documents, hash {}", report.corpus, report.documents, &report.hash[..12]);
}

fn print_part(part: &Part) {
    let (read, kept, deleted) = (part.read, part.kept, part.deleted.len());
    println!(
        "{} ({}): read {read}, kept {kept}, repeated {}, deleted {deleted}",
        part.input, part.importer, part.repeated
    );
    part.refused.iter().for_each(|(why, n)| println!("    left out {n}: {why}"));
    for refusal in part.refusals.iter().take(5) {
        println!("      {}: {} {}", refusal.at, refusal.reason, refusal.detail);
    }
}

/// 0 when everything was read, 3 when something was left out, 1 when stopped.
fn outcome(cli: &Cli, report: &ImportReport) -> ExitCode {
    if report.stopped {
        output::say(cli, "stopped; finished parts stay, the same command goes on from there");
        return ExitCode::from(1);
    }
    let lost = report.files.iter().any(|file| match file {
        FileReport::Imported(part) => 0 < part.refused_in_all(),
        FileReport::Refused { .. } => true,
        FileReport::Already { .. } => false,
    });
    if lost { ExitCode::from(3) } else { ExitCode::SUCCESS }
}

fn list(cli: &Cli, settings: &Settings) -> Done {
    let found = c::list(&settings.corpora)?;
    if cli.json {
        output::json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    found.iter().for_each(print_summary);
    if found.is_empty() {
        println!("no corpus under {}; see `concilium corpus import --help`", settings.corpora.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn print_summary(summary: &Summary) {
    let invented = if summary.about.invented { ", invented" } else { "" };
    let licence =
        if summary.about.licence.is_empty() { "licence not stated" } else { &summary.about.licence };
    println!(
        "{}{invented}: {} documents in {} parts, hash {}, {licence}",
        summary.about.name,
        summary.documents,
        summary.parts.len(),
        &summary.hash[..12]
    );
}

fn show(cli: &Cli, settings: &Settings, name: &str) -> Done {
    let summary = c::show(&settings.corpora, name)?;
    if cli.json {
        output::json(&summary)?;
    } else {
        print_summary(&summary);
        summary.parts.iter().for_each(print_part);
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(cli: &Cli, settings: &Settings, name: &str) -> Done {
    let problems = c::verify(&settings.corpora, name)?;
    if cli.json {
        output::json(&problems)?;
    } else if problems.is_empty() {
        println!("every hash, id and section holds");
    } else {
        problems.iter().for_each(|problem| println!("{problem}"));
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

fn document(cli: &Cli, settings: &Settings, name: &str, id: &str) -> Done {
    let found = c::document(&settings.corpora, name, id)?;
    let shown =
        found.ok_or_else(|| format!("corpus {name} holds no document `{id}`; ids look like `pmid:123`"))?;
    if cli.json {
        output::json(&shown)?;
    } else {
        print_document(&shown);
    }
    Ok(ExitCode::SUCCESS)
}

fn print_document(shown: &Shown) {
    let d = &shown.document;
    println!("{}  {}", d.id, d.title);
    println!(
        "  {} {} {} ({}), version {}, {:?}, {:?}",
        d.venue,
        d.date,
        d.types.join(", "),
        d.corpus,
        d.version,
        d.access,
        d.standing
    );
    if d.invented {
        println!("  invented: no source");
    }
    if !d.ids.is_empty() {
        println!("  also {}", d.ids.join(", "));
    }
    for passage in &shown.passages {
        println!("\n[{}] {}\n{}", passage.section, passage.key, passage.text);
    }
}
