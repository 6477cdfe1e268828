//! `concilium`: a subcommand per job.
//!
//! Exit codes: 0 done · 1 the job could not be done · 2 wrong usage · 3 done, with records that could not be read ·
//! 4 a replay or check found a difference.

mod args;
mod backends;
mod commands;
mod output;

use args::{Cli, Command};
use clap::Parser;
use concilium_engine::Settings;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refused) => return wrong_usage(&refused),
    };
    match run(&cli) {
        Ok(code) => code,
        Err(error) => {
            output::error(cli.json, error.as_ref());
            ExitCode::from(1)
        }
    }
}

/// Help and version are answers; anything else is a mistake in the command line, told as JSON where JSON was asked for.
fn wrong_usage(refused: &clap::Error) -> ExitCode {
    let json = std::env::args_os().any(|arg| arg == "--json");
    if !refused.use_stderr() || !json {
        // A reader that went away has read enough.
        let _ = refused.print();
    } else {
        output::error(true, &Usage(refused.to_string().trim().to_owned()));
    }
    ExitCode::from(if refused.use_stderr() { 2 } else { 0 })
}

#[derive(Debug)]
struct Usage(String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

fn run(cli: &Cli) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let settings = settings(cli)?;
    match &cli.command {
        Command::Demo(args) => commands::demo(cli, settings, args),
        Command::Plan(args) => commands::plan(cli, settings, args),
        Command::Case(args) => commands::case(cli, settings, args),
        Command::Notes(args) => commands::notes(cli, settings, args),
        Command::Explain(args) => commands::explain(cli, &settings, args),
        Command::Word(args) => commands::word(cli, settings, args),
        Command::Replay(args) => commands::replay(cli, settings, args),
        Command::Diff(args) => commands::diff(cli, &settings, args),
        Command::Knowledge(args) => commands::knowledge(cli, settings, &args.command),
        Command::Corpus(args) => commands::corpus(cli, &settings, &args.command),
        Command::Models(args) => commands::models(cli, &settings, &args.command),
        Command::Trials(args) => commands::trials(cli, settings, &args.command),
        Command::Cohort(args) => commands::cohort(cli, settings, &args.command),
        Command::Search(args) => commands::search(cli, settings, args),
        Command::Eval(args) => commands::eval(cli, settings, &args.command),
        Command::Image(args) => commands::image(cli, settings, &args.command),
        Command::Serve(args) => commands::serve(cli, settings, args),
        Command::Doctor => commands::doctor(cli, settings),
        Command::Schema(args) => commands::schema(cli, args),
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
    if let Some(trials) = &cli.trials {
        settings.trials = trials.clone();
    }
    if let Some(cohort) = &cli.cohort {
        settings.cohort = cohort.clone();
    }
    if let Some(corpora) = &cli.corpora {
        settings.corpora = corpora.clone();
    }
    if let Some(runs) = &cli.runs {
        settings.runs = runs.clone();
    }
    Ok(settings)
}
