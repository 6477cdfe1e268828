//! `concilium`: a subcommand per job.
//!
//! Exit codes: 0 done · 1 the job could not be done · 2 wrong usage · 3 done, with records that could not be read ·
//! 4 a replay or check found a difference.

mod args;
mod commands;
mod output;

use args::{Cli, Command};
use clap::Parser;
use concilium_engine::Settings;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(code) => code,
        Err(error) => {
            output::error(&cli, error.as_ref());
            ExitCode::from(1)
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let settings = settings(cli)?;
    match &cli.command {
        Command::Demo(args) => commands::demo(cli, settings, args),
        Command::Plan(args) => commands::plan(cli, settings, args),
        Command::Case(args) => commands::case(cli, settings, args),
        Command::Explain(args) => commands::explain(cli, &settings, args),
        Command::Replay(args) => commands::replay(cli, settings, args),
        Command::Diff(args) => commands::diff(cli, &settings, args),
        Command::Knowledge(args) => commands::knowledge(cli, settings, &args.command),
        Command::Serve(args) => commands::serve(settings, args),
        Command::Doctor => commands::doctor(cli, settings),
        Command::Schema(args) => commands::schema(args),
    }
}

/// `--config`, else `CONCILIUM_CONFIG`, else `concilium.toml` beside the caller; then environment, then flags.
fn settings(cli: &Cli) -> Result<Settings, Box<dyn std::error::Error>> {
    let beside = std::path::PathBuf::from("concilium.toml");
    let file = cli.config.clone().or_else(|| beside.is_file().then_some(beside));
    let mut settings = Settings::layered(file.as_deref(), std::env::vars_os())?;
    if let Some(knowledge) = &cli.knowledge {
        settings.knowledge = knowledge.clone();
    }
    if let Some(runs) = &cli.runs {
        settings.runs = runs.clone();
    }
    Ok(settings)
}
