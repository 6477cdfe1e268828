//! Jobs on corpora of texts.

use super::Done;
use crate::args::{Cli, CorpusCommand, CorpusImportArgs};
use crate::output;
use concilium_engine::corpus::{self as c, FileReport, ImportJob, ImportReport, Part, Shown, Summary};
use concilium_engine::texts::{self, IndexProgress, IndexReport};
use concilium_engine::{Engine, Settings};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs one job.
pub fn corpus(cli: &Cli, settings: &Settings, command: &CorpusCommand) -> Done {
    match command {
        CorpusCommand::Import(args) => import(cli, settings, args),
        CorpusCommand::Index { name } => index(cli, settings, name.as_deref()),
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
    let format = args.format.as_deref().and_then(c::by_name);
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
        show_words(&report_words(&report))?;
    }
    Ok(outcome(cli, &report))
}

/// Words of texts and file names are shown without what could move the cursor.
fn show_words(words: &str) -> std::io::Result<()> {
    output::text(&output::plain(words))
}

fn report_words(report: &ImportReport) -> String {
    let files = report.files.iter().map(|file| match file {
        FileReport::Imported(part) => part_words(part),
        FileReport::Already { input, key } => format!("{input}: already there as part {key}\n"),
        FileReport::Refused { why, .. } => format!("refused: {why}\n"),
    });
    let (name, documents) = (&report.corpus, report.documents);
    files.collect::<String>()
        + &format!("corpus {name}: {documents} documents, hash {}\n", &report.hash[..12])
}

fn part_words(part: &Part) -> String {
    let Part { input, importer, read, kept, repeated, .. } = part;
    let deleted = part.deleted.len();
    let mut words =
        format!("{input} ({importer}): read {read}, kept {kept}, repeated {repeated}, deleted {deleted}\n");
    words.extend(part.refused.iter().map(|(why, n)| format!("    left out {n}: {why}\n")));
    let named = part.refusals.iter().take(5);
    words.extend(
        named.map(|refusal| format!("      {}: {} {}\n", refusal.at, refusal.reason, refusal.detail)),
    );
    words
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

fn index(cli: &Cli, settings: &Settings, name: Option<&str>) -> Done {
    let engine = Engine::new(settings.clone())?;
    stop_on_ctrl_c()?;
    let bar = output::progress(cli, 0);
    let mut progress = |corpus: &str, step: IndexProgress| {
        bar.set_length(step.of);
        bar.set_position(step.done);
        bar.set_message(corpus.to_owned());
    };
    let stop = || STOP.load(Ordering::Relaxed);
    let reports = texts::index(&settings.corpora, name, &engine.knowledge, &mut progress, &stop);
    bar.finish_and_clear();
    let reports = reports?;
    if cli.json {
        output::json(&reports)?;
    } else {
        show_words(&reports.iter().map(index_words).collect::<String>())?;
    }
    if reports.is_empty() {
        output::say(cli, "no corpus yet; see `concilium corpus import --help`");
    }
    if reports.iter().any(|report| report.stopped) {
        output::say(cli, "stopped; what was indexed stays, the same command goes on from there");
        return Ok(ExitCode::from(1));
    }
    Ok(ExitCode::SUCCESS)
}

fn index_words(report: &IndexReport) -> String {
    let IndexReport { corpus, written, removed, documents, passages, .. } = report;
    let anew = report.anew.iter().map(|why| format!("  made anew: {why}\n")).collect::<String>();
    format!(
        "corpus {corpus}: {written} documents indexed, {removed} taken out; {passages} passages of {documents} documents\n{anew}"
    )
}

fn list(cli: &Cli, settings: &Settings) -> Done {
    let found = c::list(&settings.corpora)?;
    if cli.json {
        output::json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    if found.is_empty() {
        output::say(cli, "no corpus yet; see `concilium corpus import --help`");
    }
    show_words(&found.iter().map(summary_words).collect::<String>())?;
    Ok(ExitCode::SUCCESS)
}

fn summary_words(summary: &Summary) -> String {
    let invented = if summary.about.invented { ", invented" } else { "" };
    let licence =
        if summary.about.licence.is_empty() { "licence not stated" } else { &summary.about.licence };
    format!(
        "{}{invented}: {} documents in {} parts, hash {}, {licence}\n",
        summary.about.name,
        summary.documents,
        summary.parts.len(),
        &summary.hash[..12]
    )
}

fn show(cli: &Cli, settings: &Settings, name: &str) -> Done {
    let summary = c::show(&settings.corpora, name)?;
    if cli.json {
        output::json(&summary)?;
    } else {
        let parts: String = summary.parts.iter().map(part_words).collect();
        show_words(&(summary_words(&summary) + &parts))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(cli: &Cli, settings: &Settings, name: &str) -> Done {
    let problems = c::verify(&settings.corpora, name)?;
    if cli.json {
        output::json(&problems)?;
    } else if problems.is_empty() {
        show_words("every hash, id and section holds\n")?;
    } else {
        show_words(&(problems.join("\n") + "\n"))?;
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
        show_words(&document_words(&shown))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn document_words(shown: &Shown) -> String {
    let d = &shown.document;
    let (types, also) = (d.types.join(", "), d.ids.join(", "));
    let mut words = format!("{}  {}\n  {} {} {types} ({})", d.id, d.title, d.venue, d.date, d.corpus);
    words += &format!(", version {}, {:?}, {:?}\n", d.version, d.access, d.standing);
    if d.invented {
        words += "  invented: no source\n";
    }
    if !also.is_empty() {
        words += &format!("  also {also}\n");
    }
    words.extend(shown.passages.iter().map(|p| format!("\n[{}] {}\n{}\n", p.section, p.key, p.text)));
    words
}
