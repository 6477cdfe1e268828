//! Jobs on knowledge releases.

use super::{Done, as_of, diff_words};
use crate::args::{Cli, KnowledgeCommand};
use crate::output;
use concilium_engine::input::gather;
use concilium_engine::knowledge as k;
use concilium_engine::terms::AsOf;
use concilium_engine::{Engine, Settings};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs one job.
pub fn knowledge(cli: &Cli, settings: Settings, command: &KnowledgeCommand) -> Done {
    match command {
        KnowledgeCommand::Build { sources, out, name, strict, authored, layer } => {
            let options = k::Options { layers: layer.clone(), ..k::Options::full(name, strictness(*strict)) };
            build(cli, sources, out, &options, authored.as_deref())
        }
        KnowledgeCommand::Layer { file, out, lenient } => layer(cli, settings, file, out, *lenient),
        KnowledgeCommand::Show { keys } => show(cli, settings, keys),
        KnowledgeCommand::Verify { release } => verify(cli, settings, release.as_deref()),
        KnowledgeCommand::Diff { older, newer, plan, as_of } => diff(cli, older, newer, plan, as_of.as_ref()),
        KnowledgeCommand::Search { words, limit } => search(cli, settings, words, *limit),
    }
}

fn strictness(strict: bool) -> k::Strictness {
    if strict { k::Strictness::Strict } else { k::Strictness::Lenient }
}

fn build(cli: &Cli, sources: &Path, out: &Path, options: &k::Options, authored: Option<&Path>) -> Done {
    let found = k::SourcePaths::find(sources)?;
    let manifest = match authored {
        Some(folder) => k::build(&found, folder, out, options)?,
        None => k::build_with_builtin_tables(&found, out, options)?,
    };
    if cli.json {
        output::json(&manifest)?;
    } else {
        let use_it = format!("written to {0}; use it with --knowledge {0}\n", out.display());
        output::text(&(manifest_words(&manifest) + &use_it))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn layer(cli: &Cli, settings: Settings, file: &Path, out: &Path, lenient: bool) -> Done {
    let engine = Engine::new(settings)?;
    let (info, count) = k::build_layer(file, &engine.knowledge, out, strictness(!lenient))?;
    if cli.json {
        output::json(&serde_json::json!({ "layer": info, "count": count }))?;
    } else {
        let mut lines = layer_words(&info);
        lines.extend(count_words(&count));
        lines.push(format!("written to {}; name the folder in the setting `layers`\n", out.display()));
        output::text(&lines.join("\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(cli: &Cli, settings: Settings, keys: &[String]) -> Done {
    let engine = Engine::new(settings)?;
    if !keys.is_empty() {
        return show_statements(cli, &engine.knowledge, keys);
    }
    if cli.json {
        output::json(&engine.knowledge.manifest)?;
    } else {
        output::text(&manifest_words(&engine.knowledge.manifest))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Statements by key, with their sentence where the release has one that may be shown.
fn show_statements(cli: &Cli, knowledge: &k::Knowledge, keys: &[String]) -> Done {
    let keys: Vec<k::StatementKey> = keys.iter().map(k::StatementKey::new).collect();
    if let Some(key) = keys.iter().find(|key| knowledge.statements_of(key).is_empty()) {
        return Err(format!("no statement {key} in this release; `knowledge search` finds keys").into());
    }
    if cli.json {
        let may_leave = |key: &&k::StatementKey| k::sentence_for_export(knowledge, key).is_ok();
        let rows: Vec<_> =
            keys.iter().filter(may_leave).flat_map(|key| knowledge.statements_of(key)).collect();
        output::json(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines: Vec<String> = Vec::new();
    for key in &keys {
        let statements = knowledge.statements_of(key).iter();
        lines.extend(statements.map(|statement| statement_words(knowledge, statement)));
        match k::sentence_for_export(knowledge, key) {
            Ok(Some(sentence)) => lines.push(format!("    {sentence}\n")),
            Ok(None) => {}
            Err(refused) => lines.push(format!("    its sentence is not shown: {refused}\n")),
        }
    }
    output::text(&lines.concat())?;
    Ok(ExitCode::SUCCESS)
}

fn manifest_words(manifest: &k::Manifest) -> String {
    let mut lines =
        vec![format!("release {} as of {}, hash {}", manifest.name, manifest.date, manifest.hash)];
    for source in &manifest.sources {
        lines.push(format!("  {} {} ({}), {}", source.name, source.version, source.date, source.licence));
        if !source.attribution.is_empty() {
            lines.push(format!("    {}", source.attribution));
        }
    }
    lines.extend(manifest.layers.iter().flat_map(layer_words));
    lines.extend(manifest.counts.iter().flat_map(count_words));
    lines.join("\n") + "\n"
}

fn layer_words(layer: &k::LayerInfo) -> Vec<String> {
    let named = format!(
        "  layer {} {} ({}), {}; never exported",
        layer.name, layer.version, layer.date, layer.licence
    );
    let attribution = (!layer.attribution.is_empty()).then(|| format!("    {}", layer.attribution));
    [Some(named), attribution].into_iter().flatten().collect()
}

/// Reasons that begin with `kept: ` are remarks on rows that were kept.
fn count_words(count: &k::ImportCount) -> Vec<String> {
    let mut lines = vec![format!("  {}: read {}, kept {}", count.table, count.read, count.kept)];
    let left_out = count.left_out.iter().filter(|(_, n)| 0 < **n);
    lines.extend(left_out.map(|(why, n)| match why.strip_prefix("kept: ") {
        Some(remark) => format!("    of these {n}: {remark}"),
        None => format!("    left out {n}: {why}"),
    }));
    lines
}

fn verify(cli: &Cli, settings: Settings, release: Option<&Path>) -> Done {
    let problems = match release {
        Some(folder) => match k::verify_folder(folder) {
            Ok(problems) => problems,
            // A release that is there and does not load is what this check looks for.
            Err(error) if folder.join("manifest.json").is_file() => vec![error.to_string()],
            Err(error) => return Err(error.into()),
        },
        None => k::verify(&Engine::new(settings)?.knowledge),
    };
    if cli.json {
        output::json(&problems)?;
    } else if problems.is_empty() {
        output::text("every hash and reference holds\n")?;
    } else {
        output::text(&problems.iter().map(|problem| format!("{problem}\n")).collect::<String>())?;
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

fn release(name: &str) -> Result<PathBuf, Box<dyn std::error::Error>> {
    if name == "builtin" {
        return Ok(PathBuf::new());
    }
    let path = PathBuf::from(name);
    if path.is_dir() {
        Ok(path)
    } else {
        Err(format!("no release folder {name}; give a folder or `builtin`").into())
    }
}

fn diff(cli: &Cli, older: &str, newer: &str, records: &[PathBuf], day: Option<&AsOf>) -> Done {
    let engine = |name: &str| -> Result<Engine, Box<dyn std::error::Error>> {
        Ok(Engine::new(Settings { knowledge: release(name)?, ..Settings::default() })?)
    };
    let (a, b) = (engine(older)?, engine(newer)?);
    let changed = k::diff(&a.knowledge, &b.knowledge);
    let moved: Vec<Moved> = patients(records)?
        .into_iter()
        .map(|patient| compare(&a, &b, patient, day))
        .collect::<Result<_, _>>()?;
    if cli.json {
        output::json(&serde_json::json!({ "knowledge": changed, "plans": moved }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut words = format!("{changed}\n");
    for plan in &moved {
        words.push_str(&match (&plan.diff, &plan.not_planned) {
            (Some(found), _) => {
                format!("\n{}: {} options moved\n{}", plan.patient, found.moves.len(), diff_words(found))
            }
            (None, why) => format!("\n{}: no plan: {}\n", plan.patient, why.as_deref().unwrap_or("")),
        });
    }
    let with_moves =
        moved.iter().filter(|plan| plan.diff.as_ref().is_some_and(|d| !d.moves.is_empty())).count();
    if !moved.is_empty() {
        words.push_str(&format!("\n{with_moves} of {} plans move\n", moved.len()));
    }
    output::text(&words)?;
    Ok(ExitCode::SUCCESS)
}

/// What two releases make of one patient's records.
#[derive(serde::Serialize)]
struct Moved {
    patient: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<concilium_engine::diff::RunDiff>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_planned: Option<String>,
}

fn compare(
    a: &Engine,
    b: &Engine,
    (patient, records): (String, Vec<PathBuf>),
    day: Option<&AsOf>,
) -> Result<Moved, Box<dyn std::error::Error>> {
    let files = gather(&records)?;
    let moved = match (a.plan(&files, as_of(day)?), b.plan(&files, as_of(day)?)) {
        (Ok(old), Ok(new)) => {
            let found = concilium_engine::diff::diff(&old.plan, &old.case, &new.plan, &new.case);
            Moved { patient, diff: Some(found), not_planned: None }
        }
        (Err(why), _) | (_, Err(why)) => Moved { patient, diff: None, not_planned: Some(why.to_string()) },
    };
    Ok(moved)
}

/// One patient per folder inside a folder that holds folders and, but for a readme, nothing else; otherwise all records
/// are one patient's.
fn patients(records: &[PathBuf]) -> std::io::Result<Vec<(String, Vec<PathBuf>)>> {
    let label = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let [one] = records else {
        let all = records.first().map(|first| (label(first), records.to_vec()));
        return Ok(all.into_iter().collect());
    };
    let mut inside: Vec<PathBuf> = match one.is_dir() {
        true => std::fs::read_dir(one)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?,
        false => vec![],
    };
    inside.retain(|path| path.extension().is_none_or(|end| end != "md"));
    inside.sort();
    if inside.is_empty() || !inside.iter().all(|path| path.is_dir()) {
        return Ok(vec![(label(one), vec![one.clone()])]);
    }
    Ok(inside.into_iter().map(|path| (label(&path), vec![path])).collect())
}

fn search(cli: &Cli, settings: Settings, words: &[String], limit: usize) -> Done {
    let engine = Engine::new(settings)?;
    let found = engine.knowledge.search(&words.join(" "));
    let shown: Vec<_> = found.iter().take(limit).collect();
    if cli.json {
        // Written for others to read: a site's layers stay here.
        let may_leave = |s: &&&&k::Statement| k::layer_of(&engine.knowledge, s).is_none();
        output::json(&shown.iter().filter(may_leave).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    let lines: String = shown.iter().map(|statement| statement_words(&engine.knowledge, statement)).collect();
    output::text(&format!("{lines}{} of {} statements\n", shown.len(), found.len()))?;
    Ok(ExitCode::SUCCESS)
}

/// One line; the layer is named when it is not the release's own, and what is known wrong stands below.
fn statement_words(knowledge: &k::Knowledge, statement: &k::Statement) -> String {
    let profile = knowledge.profile(statement.profile).map_or("", |p| p.name.as_str());
    let therapy = statement.regimen.as_ref().map(|r| r.label()).unwrap_or_default();
    let layer = k::layer_of(knowledge, statement).map(|l| format!(" [layer {}]", l.name)).unwrap_or_default();
    let mut line = format!(
        "{}{layer} {:?} {:?}: {profile} | {} | {therapy} | {} {} {}\n",
        statement.key,
        statement.kind,
        statement.level,
        statement.disease_name,
        statement.significance_text,
        statement.source_type,
        statement.citation
    );
    if let Some(erratum) = knowledge.erratum(statement) {
        let counts = if erratum.counts { "" } else { ", does not count" };
        line.push_str(&format!("    wrong in the source{counts}: {}\n", erratum.what));
    }
    line
}
