//! Jobs on corpora of texts.

use super::Done;
use super::stop::{STOP, stop_on_ctrl_c};
use crate::args::{Cli, CorpusCommand, CorpusImportArgs};
use crate::{backends, output};
use concilium_engine::corpus::{
    self as c, FileReport, ImportJob, ImportReport, Part, Shown, Summary, VectorsSummary,
};
use concilium_engine::texts::{self, IndexProgress, IndexReport};
use concilium_engine::vectors::{self, Moved, StoreKind};
use concilium_engine::{Engine, Settings};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Runs one job.
pub fn corpus(cli: &Cli, settings: &Settings, command: &CorpusCommand) -> Done {
    match command {
        CorpusCommand::Import(args) => import(cli, settings, args),
        CorpusCommand::Index { name, lexical_only } => index(cli, settings, name.as_deref(), *lexical_only),
        CorpusCommand::Migrate { name, from, to } => migrate(cli, settings, name.as_deref(), (*from, *to)),
        CorpusCommand::Snapshot { name } => snapshot(cli, settings, name.as_deref()),
        CorpusCommand::List => list(cli, settings),
        CorpusCommand::Show { name, document: Some(id), .. } => document(cli, settings, name, id),
        CorpusCommand::Show { name, verify: true, .. } => verify(cli, settings, name),
        CorpusCommand::Show { name, .. } => show(cli, settings, name),
    }
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

fn stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}

fn index(cli: &Cli, settings: &Settings, name: Option<&str>, lexical_only: bool) -> Done {
    let engine = Engine::new(settings.clone())?;
    stop_on_ctrl_c()?;
    let mut reports = index_words(cli, settings, name, &engine)?;
    if !cli.json {
        show_words(&reports.iter().map(words_report).collect::<String>())?;
    }
    if reports.is_empty() {
        output::say(cli, "no corpus yet; see `concilium corpus import --help`");
    }
    let ended_early = |reports: &[IndexReport]| reports.iter().any(|report| report.stopped);
    if !lexical_only && !ended_early(&reports) {
        let started = Instant::now();
        let vectors = index_meaning(cli, settings, name, &engine)?;
        if !cli.json {
            show_words(&vectors.iter().map(vectors_report).collect::<String>())?;
            show_words(&speed(&vectors, started))?;
        }
        reports.extend(vectors);
    }
    if cli.json {
        output::json(&reports)?;
    }
    if ended_early(&reports) {
        output::say(cli, "stopped; what was indexed stays, the same command goes on from there");
        return Ok(ExitCode::from(1));
    }
    Ok(ExitCode::SUCCESS)
}

fn index_words(
    cli: &Cli,
    settings: &Settings,
    name: Option<&str>,
    engine: &Engine,
) -> Result<Vec<IndexReport>, texts::IndexError> {
    let bar = output::progress(cli, 0);
    let mut progress = |corpus: &str, step: IndexProgress| {
        bar.set_length(step.of);
        bar.set_position(step.done);
        bar.set_message(corpus.to_owned());
    };
    let reports = texts::index(&settings.corpora, name, &engine.knowledge, &mut progress, &stopped);
    bar.finish_and_clear();
    reports
}

fn index_meaning(
    cli: &Cli,
    settings: &Settings,
    name: Option<&str>,
    engine: &Engine,
) -> Result<Vec<IndexReport>, vectors::Unmet> {
    let bar = output::progress(cli, 0);
    let started = Instant::now();
    let mut progress = |corpus: &str, step: IndexProgress| {
        bar.set_length(step.of);
        bar.set_position(step.done);
        bar.set_message(format!("{corpus}: vectors, {:.0} texts/s", rate(step.texts, started)));
    };
    let asked = (settings, &backends::backends());
    let reports = texts::index_meaning(asked, name, &engine.knowledge, &mut progress, &stopped);
    bar.finish_and_clear();
    reports
}

fn rate(texts: u64, started: Instant) -> f64 {
    texts as f64 / started.elapsed().as_secs_f64().max(1e-3)
}

fn speed(reports: &[IndexReport], started: Instant) -> String {
    match reports.iter().map(|report| report.texts).sum() {
        0 => String::new(),
        texts => format!(
            "{texts} texts in {:.1} s, {:.1} texts/s\n",
            started.elapsed().as_secs_f64(),
            rate(texts, started)
        ),
    }
}

fn words_report(report: &IndexReport) -> String {
    let IndexReport { corpus, written, removed, documents, passages, .. } = report;
    format!(
        "corpus {corpus}: {written} documents indexed, {removed} taken out; {passages} passages of {documents} documents\n{}",
        made_anew(report)
    )
}

fn vectors_report(report: &IndexReport) -> String {
    let IndexReport { corpus, texts, removed, passages, cut, .. } = report;
    let model = report.model.as_ref().map_or("", |model| &model.name);
    let cut = match cut {
        0 => String::new(),
        cut => format!("  {cut} texts are longer than the model reads; it saw their beginning\n"),
    };
    format!(
        "corpus {corpus}: {texts} vectors of {model} made, {removed} documents taken out; {passages} passages have one\n{cut}{}",
        made_anew(report)
    )
}

fn made_anew(report: &IndexReport) -> String {
    report.anew.iter().map(|why| format!("  made anew: {why}\n")).collect()
}

fn migrate(cli: &Cli, settings: &Settings, name: Option<&str>, ways: (StoreKind, StoreKind)) -> Done {
    if ways.0 == ways.1 {
        return Err("--from and --to are the same store".into());
    }
    stop_on_ctrl_c()?;
    let bar = output::progress(cli, 0);
    let mut progress = |corpus: &str, done: u64, of: u64| {
        bar.set_length(of);
        bar.set_position(done);
        bar.set_message(corpus.to_owned());
    };
    let asked = (settings, &backends::backends());
    let moved = vectors::migrate_vectors(asked, name, ways, &mut progress, &stopped);
    bar.finish_and_clear();
    let moved = moved?;
    if cli.json {
        output::json(&moved)?;
    } else if moved.is_empty() {
        show_words(&format!("no corpus has vectors in store {}\n", ways.0.name()))?;
    } else {
        show_words(&moved.iter().map(moved_words).collect::<String>())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn moved_words(moved: &Moved) -> String {
    let Moved { corpus, model, from, to, points, already } = moved;
    let how = if *already { "were there already" } else { "copied and counted" };
    format!("corpus {corpus}: {points} vectors of {model} {how}: {from} to {to}\n")
}

fn snapshot(cli: &Cli, settings: &Settings, name: Option<&str>) -> Done {
    let made = vectors::snapshots(settings, &backends::backends(), name)?;
    if cli.json {
        output::json(&made)?;
    } else if made.is_empty() {
        show_words("no corpus has vectors in a server\n")?;
    } else {
        let line =
            |one: &vectors::Snapshot| format!("corpus {}: {} in {}\n", one.corpus, one.snapshot, one.store);
        show_words(&made.iter().map(line).collect::<String>())?;
    }
    Ok(ExitCode::SUCCESS)
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
    let vectors: String = summary.vectors.iter().map(summary_of_vectors).collect();
    format!(
        "{}{invented}: {} documents in {} parts, hash {}, {licence}\n{vectors}",
        summary.about.name,
        summary.documents,
        summary.parts.len(),
        &summary.hash[..12]
    )
}

fn summary_of_vectors(vectors: &VectorsSummary) -> String {
    let VectorsSummary { name, model, server, passages, current, .. } = vectors;
    let server = if server.is_empty() { String::new() } else { format!(" in {server}") };
    let state = if *current { "current" } else { "older than the texts, or not finished" };
    format!("  vectors {name}: {passages} passages by {model}{server}, {state}\n")
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
