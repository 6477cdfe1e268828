//! `cargo xtask knowledge`: is the committed pack what its sources and this program make of it?
//!
//! `--links` lists OncoTree's parents that are no ancestors here, for a review of `disease_bridges.tsv`.
//! `--sources DIR` rebuilds `knowledge/pack` from downloads; without it hashes, schema and references are checked.

use concilium_knowledge::{Knowledge, Options, SourcePaths, build, builtin, verify};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs the subcommand. `args` are those behind `knowledge`.
pub fn run(args: &[String]) -> ExitCode {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        [] => check(),
        ["--links"] => links(),
        ["--sources", folder] => rebuild(Path::new(folder), &root().join("pack")),
        ["--sources", folder, "--check"] => compare(Path::new(folder)),
        _ => Err("usage: cargo xtask knowledge [--links | --sources DIR [--check]]".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../knowledge")
}

fn check() -> Result<(), String> {
    let knowledge = builtin().map_err(|error| describe(&error))?;
    print_summary(&knowledge);
    let problems = verify(&knowledge);
    problems.iter().for_each(|problem| println!("problem: {problem}"));
    if problems.is_empty() {
        Ok(())
    } else {
        Err(format!("{} problems in the pack or the authored tables", problems.len()))
    }
}

fn links() -> Result<(), String> {
    let knowledge = builtin().map_err(|error| describe(&error))?;
    let diseases = &knowledge.diseases;
    let found = diseases.oncotree_links_left_out();
    for (child, term, parent, parent_term) in &found {
        let names = (diseases.name(term), diseases.name(parent_term));
        println!("{} under {}: {term} {} < {parent_term} {}", child.code, parent.code, names.0, names.1);
    }
    println!("{} links of OncoTree are not carried over", found.len());
    Ok(())
}

fn rebuild(sources: &Path, out: &Path) -> Result<(), String> {
    let paths = SourcePaths::find(sources).map_err(|error| describe(&error))?;
    let manifest = build(&paths, &root(), out, &Options::pack()).map_err(|error| describe(&error))?;
    for count in &manifest.counts {
        println!("{}: {} read, {} kept", count.table, count.read, count.kept);
        count.left_out.iter().for_each(|(reason, n)| println!("    {n} × {reason}"));
    }
    println!("pack {} of {}", manifest.hash, manifest.date);
    Ok(())
}

/// Builds beside the committed pack and compares byte for byte.
fn compare(sources: &Path) -> Result<(), String> {
    let out = std::env::temp_dir().join(format!("concilium-pack-{}", std::process::id()));
    rebuild(sources, &out)?;
    let differing = differing(&out, &root().join("pack"));
    let removed = std::fs::remove_dir_all(&out);
    match (differing.as_slice(), removed) {
        ([], Ok(())) => Ok(()),
        ([], Err(error)) => Err(format!("cannot remove {}: {error}", out.display())),
        (files, _) => {
            Err(format!("the committed pack differs in {}: run with --sources alone", files.join(", ")))
        }
    }
}

fn differing(new: &Path, committed: &Path) -> Vec<String> {
    let names = |folder: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    };
    let mut all: Vec<String> = names(new).into_iter().chain(names(committed)).collect();
    all.sort();
    all.dedup();
    all.retain(|name| std::fs::read(new.join(name)).ok() != std::fs::read(committed.join(name)).ok());
    all
}

fn print_summary(knowledge: &Knowledge) {
    println!(
        "release `{}` of {}, hash {}",
        knowledge.manifest.name, knowledge.manifest.date, knowledge.manifest.hash
    );
    println!(
        "{} statements, {} profiles, {} leaves, {} diseases, {} genes, {} diplotypes",
        knowledge.statements.len(),
        knowledge.profiles.len(),
        knowledge.leaves.len(),
        knowledge.diseases.terms.len(),
        knowledge.genes.rows.len(),
        knowledge.pgx.diplotypes.values().map(Vec::len).sum::<usize>()
    );
}

/// The error with its causes.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
