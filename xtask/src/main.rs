//! The one door for tasks: `cargo xtask <task>`.

mod knowledge;
mod licences;
mod schema;
mod shell;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "cargo xtask <task>

  dev                      build and run the demo with debug assertions
  ci                       what continuous integration runs
  tidy                     docs, crate edges, quarantine, invariants, licences, words that do not belong
  knowledge [--sources D]  rebuild knowledge/pack from downloads; without sources check its hashes and schema
  knowledge --links        OncoTree parents that are no ancestors here, for a review of disease_bridges.tsv
  schema [--check]         write schemas/ from the program's types, or check that they are current";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = args.split_first().map_or(("help", &[][..]), |(task, rest)| (task.as_str(), rest));
    match task {
        "dev" => shell::all(&[&["cargo", "run", "-p", "concilium-cli", "--", "demo"]]),
        "ci" => ci(),
        "tidy" => tidy::run(),
        "knowledge" => knowledge::run(rest),
        "schema" => schema::run(rest.iter().any(|arg| arg == "--check")),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            ExitCode::SUCCESS
        }
        other => {
            eprintln!("no task `{other}`\n\n{HELP}");
            ExitCode::from(2)
        }
    }
}

/// The program with its heavy engines; the libraries are tested with them in any case.
const HEAVY: &str = "concilium-cli/embed,concilium-cli/qdrant";

/// Tests first: they are what a reader looks for. The same words as in the README and in `.ci/run`.
fn ci() -> ExitCode {
    shell::all(&[
        &["cargo", "test", "--workspace"],
        &["cargo", "test", "--workspace", "--features", HEAVY, "--test", "cli"],
        &["cargo", "fmt", "--all", "--check"],
        &["cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
        &["cargo", "xtask", "tidy"],
        &["cargo", "xtask", "schema", "--check"],
        &["cargo", "xtask", "knowledge"],
    ])
}
