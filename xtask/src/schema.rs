//! Are the committed schemas those of the program?

use crate::shell::{output, root};
use std::process::ExitCode;

const PROGRAM: [&str; 7] = ["cargo", "run", "--quiet", "-p", "concilium-cli", "--", "schema"];

/// Writes `schemas/<name>.schema.json`, or compares.
pub fn run(check: bool) -> ExitCode {
    match sync(check) {
        Ok(stale) if stale.is_empty() => ExitCode::SUCCESS,
        Ok(stale) => {
            eprintln!("stale schemas (run `cargo xtask schema`): {}", stale.join(", "));
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(1)
        }
    }
}

fn sync(check: bool) -> Result<Vec<String>, String> {
    let mut stale = Vec::new();
    for name in output(&PROGRAM)?.lines() {
        let text = output(&[&PROGRAM[..], &[name]].concat())?;
        let path = root().join("schemas").join(format!("{name}.schema.json"));
        let current = std::fs::read_to_string(&path).is_ok_and(|old| old == text);
        if !current && check {
            stale.push(name.to_owned());
        } else if !current {
            std::fs::create_dir_all(root().join("schemas")).map_err(|error| error.to_string())?;
            std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    Ok(stale)
}
