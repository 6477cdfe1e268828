//! How does a wheel come here? By the ordinary client, which brings it and runs nothing of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Downloads a wheel into `folder`, which must hold none yet.
pub fn download(
    pip: &[String],
    package: &str,
    version: &str,
    folder: &Path,
    most: Duration,
) -> Result<PathBuf, String> {
    let words = pip.join(" ");
    let (program, before) = pip.split_first().ok_or("no command for pip is set")?;
    let log = folder.join("log");
    let opened = std::fs::File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let mut child = Command::new(program)
        .args(before)
        .args(["download", "--quiet", "--no-input", "--no-deps", "--only-binary", ":all:", "--dest"])
        .arg(folder)
        .arg(format!("{package}=={version}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(opened)
        .spawn()
        .map_err(|error| format!("cannot run `{words}` ({error}); install Python's pip"))?;
    let started = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if started.elapsed() < most => std::thread::sleep(Duration::from_millis(30)),
            Ok(None) => {
                let killed = child.kill().and_then(|()| child.wait());
                let killed = killed
                    .map_or_else(|error| format!(" and could not be ended: {error}"), |_| String::new());
                return Err(format!("`{words}` did not end within {} s{killed}", most.as_secs()));
            }
            Err(error) => return Err(format!("`{words}`: {error}")),
        }
    };
    if !status.success() {
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        return Err(format!("`{words}` failed: {last}"));
    }
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let wheel = paths.find(|path| path.extension().is_some_and(|e| e == "whl"));
    wheel.ok_or_else(|| format!("`{words}` brought no wheel"))
}
