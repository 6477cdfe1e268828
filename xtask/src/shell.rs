//! How are commands run, and where is the project?

use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// The workspace root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs commands in the root, one after another; stops at the first that fails and says which.
pub fn all(commands: &[&[&str]]) -> ExitCode {
    for command in commands {
        println!("$ {}", command.join(" "));
        let ran = Command::new(command[0]).args(&command[1..]).current_dir(root()).status();
        if !ran.is_ok_and(|status| status.success()) {
            eprintln!("failed: {}", command.join(" "));
            return ExitCode::from(1);
        }
    }
    ExitCode::SUCCESS
}

/// Standard output of a command in the root.
pub fn output(command: &[&str]) -> Result<String, String> {
    let ran = Command::new(command[0]).args(&command[1..]).current_dir(root()).output();
    let ran = ran.map_err(|error| format!("{}: {error}", command.join(" ")))?;
    if !ran.status.success() {
        return Err(format!("{}: {}", command.join(" "), String::from_utf8_lossy(&ran.stderr)));
    }
    String::from_utf8(ran.stdout).map_err(|_| format!("{}: output is not UTF-8", command.join(" ")))
}
