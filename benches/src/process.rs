//! What does a process cost? Wall-clock time from start to exit, and its largest resident set.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Largest resident set of this process so far, in bytes (`VmHWM` of `/proc/self/status`); `None` off Linux.
pub fn peak_bytes() -> Option<u64> {
    status_bytes("VmHWM:")
}

/// Resident set of this process now, in bytes (`VmRSS`); `None` off Linux.
pub fn resident_bytes() -> Option<u64> {
    status_bytes("VmRSS:")
}

fn status_bytes(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// Processor time of this process so far, all threads together, in seconds (`/proc/self/stat`, hundredths); `None` off
/// Linux.
pub fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name stands in brackets and may hold blanks; user and system time are the 12th and 13th field behind it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<f64>);
    let (user, system) = (ticks.next()?.ok()?, ticks.next()?.ok()?);
    Some((user + system) / 100.0)
}

/// Time from start to exit; standard output is thrown away. `None` when it cannot be started or fails.
pub fn whole_run(command: &mut Command) -> Option<Duration> {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    status.success().then(|| start.elapsed())
}

/// The `concilium` program built with the same profile, if it is there.
pub fn concilium() -> Option<PathBuf> {
    let deps = std::env::current_exe().ok()?.parent()?.to_owned();
    let program = deps.parent()?.join(format!("concilium{}", std::env::consts::EXE_SUFFIX));
    program.is_file().then_some(program)
}

/// The first line of `program --version`; `None` when it is not installed.
pub fn version_of(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    String::from_utf8(output.stdout).ok()?.lines().next().map(str::to_owned)
}
