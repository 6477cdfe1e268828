//! How does the program speak? Results to standard output, progress and errors to standard error.

use crate::args::Cli;
use std::error::Error;
use std::io::{ErrorKind, IsTerminal, Write};

/// The error with its causes, or as JSON.
pub fn error(json: bool, error: &dyn Error) {
    let mut words = vec![plain(&error.to_string())];
    let mut cause = error.source();
    while let Some(inner) = cause {
        words.push(plain(&inner.to_string()));
        cause = inner.source();
    }
    if json {
        let value = serde_json::json!({ "error": words[0], "causes": words[1..] });
        // Where even the error cannot be written, the exit code is all that is left.
        let _ = text(&format!("{value}\n"));
    } else {
        aside(&format!("concilium: {}", words.join(": ")));
    }
}

/// A note for a person watching.
pub fn say(cli: &Cli, words: &str) {
    if !cli.quiet && !cli.json {
        aside(&plain(words));
    }
}

fn aside(words: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{words}");
}

/// Text on standard output. A reader that has gone away (`| head`) has read what it wanted; anything else, such as a
/// full disk, is an error.
pub fn text(words: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(words.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Words from records, so that they cannot move the cursor, change colours or turn the writing direction.
pub fn plain(words: &str) -> String {
    let harmful = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    words.chars().map(|c| if harmful(c) { ' ' } else { c }).collect()
}

/// Is somebody watching?
pub fn is_watched(cli: &Cli) -> bool {
    !cli.quiet && !cli.json && std::io::stderr().is_terminal()
}

/// Columns of the terminal, 100 when it is none.
pub fn width() -> usize {
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let seen = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    asked.or_else(seen).filter(|columns| 60 <= *columns).unwrap_or(100)
}

/// Colour only for a person who has not asked for none (no-color.org).
pub fn colour() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stdout().is_terminal() && !unwanted && !dumb
}

/// Pretty JSON on standard output.
pub fn json<T: serde::Serialize>(value: &T) -> Result<(), Box<dyn Error>> {
    Ok(text(&(serde_json::to_string_pretty(value)? + "\n"))?)
}

/// A bar over bytes read; hidden when nobody watches.
pub fn progress_bytes(cli: &Cli, bytes: u64) -> indicatif::ProgressBar {
    if !is_watched(cli) {
        return indicatif::ProgressBar::hidden();
    }
    let style = indicatif::ProgressStyle::with_template("{bar:24} {bytes}/{total_bytes} {eta} {msg}");
    let bar = indicatif::ProgressBar::new(bytes);
    style.map(|style| bar.with_style(style)).unwrap_or_else(|_| indicatif::ProgressBar::hidden())
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

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn records_cannot_steer_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\tc\nd\u{202e}e\r"), "a [2Jb\tc\nd e ");
    }
}
