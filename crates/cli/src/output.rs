//! How does the program speak? Results to standard output, progress and errors to standard error.

use crate::args::Cli;
use std::error::Error;
use std::io::IsTerminal;

/// The error with its causes, or as JSON.
pub fn error(cli: &Cli, error: &dyn Error) {
    let mut words = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(inner) = cause {
        words.push(inner.to_string());
        cause = inner.source();
    }
    if cli.json {
        println!("{}", serde_json::json!({ "error": words[0], "causes": words[1..] }));
    } else {
        eprintln!("concilium: {}", words.join(": "));
    }
}

/// A note for a person watching.
pub fn say(cli: &Cli, words: &str) {
    if !cli.quiet && !cli.json {
        eprintln!("{words}");
    }
}

/// Is somebody watching?
pub fn is_watched(cli: &Cli) -> bool {
    !cli.quiet && !cli.json && std::io::stderr().is_terminal()
}

/// Columns of the terminal, 100 when it is none.
pub fn width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).filter(|w| 60 <= *w).unwrap_or(100)
}

/// Colour only for a person who has not asked for none (no-color.org).
pub fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Pretty JSON on standard output.
pub fn json<T: serde::Serialize>(value: &T) -> Result<(), Box<dyn Error>> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// A bar for `steps` steps; hidden when nobody watches.
pub fn progress(cli: &Cli, steps: usize) -> indicatif::ProgressBar {
    if !is_watched(cli) {
        return indicatif::ProgressBar::hidden();
    }
    let style = indicatif::ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}");
    let bar = indicatif::ProgressBar::new(steps as u64);
    style.map(|style| bar.with_style(style)).unwrap_or_else(|_| indicatif::ProgressBar::hidden())
}
