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
        KnowledgeCommand::Build { sources, out, name, strict, authored } => {
            build(cli, sources, out, name, *strict, authored.as_deref())
        }
        KnowledgeCommand::Show => show(cli, settings),
        KnowledgeCommand::Verify { release } => verify(cli, settings, release.as_deref()),
        KnowledgeCommand::Diff { older, newer, plan, as_of } => diff(cli, older, newer, plan, as_of.as_ref()),
        KnowledgeCommand::Search { words, limit } => search(cli, settings, words, *limit),
    }
}

fn build(cli: &Cli, sources: &Path, out: &Path, name: &str, strict: bool, authored: Option<&Path>) -> Done {
    let found = k::SourcePaths::find(sources)?;
    let strictness = if strict { k::Strictness::Strict } else { k::Strictness::Lenient };
    let options = k::Options::full(name, strictness);
    let manifest = match authored {
        Some(folder) => k::build(&found, folder, out, &options)?,
        None => k::build_with_builtin_tables(&found, out, &options)?,
    };
    if cli.json {
        output::json(&manifest)?;
    } else {
        let use_it = format!("written to {0}; use it with --knowledge {0}\n", out.display());
        output::text(&(manifest_words(&manifest) + &use_it))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(cli: &Cli, settings: Settings) -> Done {
    let engine = Engine::new(settings)?;
    if cli.json {
        output::json(&engine.knowledge.manifest)?;
    } else {
        output::text(&manifest_words(&engine.knowledge.manifest))?;
    }
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
    for count in &manifest.counts {
        lines.push(format!("  {}: read {}, kept {}", count.table, count.read, count.kept));
        lines.extend(count.left_out.iter().map(|(why, n)| format!("    left out {n}: {why}")));
    }
    lines.join("\n") + "\n"
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
    let moved = if records.is_empty() {
        None
    } else {
        let files = gather(records)?;
        let (old, new) = (a.plan(&files, as_of(day)?)?, b.plan(&files, as_of(day)?)?);
        Some(concilium_engine::diff::diff(&old.plan, &old.case, &new.plan, &new.case))
    };
    if cli.json {
        output::json(&serde_json::json!({ "knowledge": changed, "plan": moved }))?;
    } else {
        output::text(&format!("{changed}\n{}", moved.iter().map(diff_words).collect::<String>()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn search(cli: &Cli, settings: Settings, words: &[String], limit: usize) -> Done {
    let engine = Engine::new(settings)?;
    let found = engine.knowledge.search(&words.join(" "));
    let shown: Vec<_> = found.iter().take(limit).collect();
    if cli.json {
        output::json(&shown)?;
        return Ok(ExitCode::SUCCESS);
    }
    let lines = shown.iter().map(|statement| {
        let profile = engine.knowledge.profile(statement.profile).map_or("", |p| p.name.as_str());
        let therapy = statement.regimen.as_ref().map(|r| r.label()).unwrap_or_default();
        format!(
            "{} {:?} {:?}: {profile} | {} | {therapy} | {} {} {}\n",
            statement.key,
            statement.kind,
            statement.level,
            statement.disease_name,
            statement.significance_text,
            statement.source_type,
            statement.citation
        )
    });
    let lines: String = lines.collect();
    output::text(&format!("{lines}{} of {} statements\n", shown.len(), found.len()))?;
    Ok(ExitCode::SUCCESS)
}
