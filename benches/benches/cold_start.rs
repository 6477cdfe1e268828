//! How long from nothing to the first plan?
//!
//! Measured: wall-clock time of a whole process, from start to exit: the embedded pack is loaded, one case is read,
//! planned, and its plan written as JSON. Twice: this program starting itself, and the `concilium` program when it
//! stands beside it (`concilium plan FOLDER --no-keep --json`). Files are in the page cache.
//! Corpus: demo case A (bundle, VCF, note). No seed. Peer: none; starting a process that does nothing is shown as
//! the floor. Target: under 300 ms.
//! Run: `cargo build --release -p concilium-cli && cargo bench -p concilium-benches --bench cold_start`

use concilium_benches::process::{concilium, whole_run};
use concilium_benches::timing::Times;
use concilium_benches::{cases, engine, is_quick, line};
use concilium_engine::store::{json, write};
use concilium_engine::terms::AsOf;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

const CHILD: &str = "--as-child";
const CHILD_IDLE: &str = "--as-idle-child";

fn main() -> Result<(), Box<dyn Error>> {
    let has = |flag: &str| std::env::args().any(|argument| argument == flag);
    match () {
        () if has(CHILD) => first_plan(),
        () if has(CHILD_IDLE) => Ok(()),
        () => measure(),
    }
}

fn first_plan() -> Result<(), Box<dyn Error>> {
    let engine = engine()?;
    let case = cases::plannable().into_iter().next().ok_or("no demo case")?;
    println!("{}", json(&engine.plan(&case.files, AsOf::parse(&case.as_of)?)?.plan));
    Ok(())
}

fn measure() -> Result<(), Box<dyn Error>> {
    let n = if is_quick() { 2 } else { 60 };
    let myself = std::env::current_exe()?;
    let started = |flag: &str| {
        times(n, || {
            let mut command = Command::new(&myself);
            command.arg(flag);
            command
        })
    };
    line("process that does nothing", started(CHILD_IDLE)?.words(), "");
    line("process to first plan, engine", started(CHILD)?.words(), "300 ms");
    let Some(program) = concilium() else {
        println!("the concilium program is not built in this profile: its cold start is not measured");
        return Ok(());
    };
    let (records, as_of) = records_on_disk()?;
    let plan = || {
        let mut command = Command::new(&program);
        command.arg("plan").arg(&records).args(["--as-of", &as_of, "--no-keep", "--json", "--quiet"]);
        command
    };
    line("process to first plan, concilium plan", times(n, plan)?.words(), "300 ms");
    std::fs::remove_dir_all(&records)?;
    Ok(())
}

/// One warming start, then `n` measured ones.
fn times(n: usize, mut command: impl FnMut() -> Command) -> Result<Times, Box<dyn Error>> {
    let mut once = || whole_run(&mut command()).ok_or("a measured process failed");
    once()?;
    let all: Result<Vec<_>, _> = (0..n).map(|_| once()).collect();
    Ok(Times::new(all?))
}

fn records_on_disk() -> Result<(PathBuf, String), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("concilium-cold-start-{}", std::process::id()));
    let case = cases::plannable().into_iter().next().ok_or("no demo case")?;
    for file in &case.files {
        write(&folder.join(Path::new(&file.name)), &file.bytes)?;
    }
    Ok((folder, case.as_of))
}
