//! How fast are arms and patients matched, beside the reference evaluator, and do both agree on every pair?
//!
//! `cargo run --release -p concilium-trials --example matching -- [--as-registered] [--check] TRIALS… --cases CASES…`:
//! trials in any shape `trials import` takes, of which those count whose conditions hold a word of [`ONCOLOGY`]; cases as
//! `concilium case FILES --json` writes them. Without `--as-registered` every trial is taken as recruiting: most of the
//! registry's are closed, and a closed arm costs nothing. `--check` holds every pair against the reference. `--cohort N`
//! takes N patients of `testkit::planted` (seed 1) beside. Times are of the processor where the system tells them.

use concilium_case::Case;
use concilium_knowledge::{Knowledge, builtin};
use concilium_testkit::lab;
use concilium_testkit::planted::{Draw, PatientPlan};
use concilium_trials::matching::DecidedBy;
use concilium_trials::read::{Item, read_file};
use concilium_trials::text::Reader;
use concilium_trials::{Compiled, Decision, Label, RegistryStatus, Settings, Trial, judge_arm};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// The oncology filter the evaluations use: a word in the conditions.
const ONCOLOGY: [&str; 9] =
    ["cancer", "carcinoma", "tumor", "lymphoma", "leukemia", "melanoma", "myeloma", "sarcoma", "neoplasm"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let flag = |name: &str| arguments.iter().any(|argument| argument == name);
    let files: Vec<&String> =
        arguments.iter().filter(|argument| argument.contains('.') && !argument.starts_with("--")).collect();
    let split = arguments.iter().position(|argument| argument == "--cases").unwrap_or(arguments.len());
    let is_case = |file: &&&String| arguments.iter().position(|argument| argument == **file) > Some(split);
    let (cases, trials): (Vec<&String>, Vec<&String>) = files.iter().partition(|file| is_case(file));
    let knowledge = builtin().expect("the pack loads");
    let trials = read_trials(&trials, &knowledge, flag("--as-registered"));
    let cases: Vec<(String, Case)> = cases.iter().filter_map(|file| read_case(file)).collect();
    let start = Instant::now();
    let compiled = Compiled::new(trials, &knowledge, Settings::default());
    println!("filter: a word of {ONCOLOGY:?} in the conditions");
    println!("compiled in {:.0} ms: {:?}", start.elapsed().as_secs_f64() * 1e3, compiled.size());
    println!("{} cases", cases.len());
    whole_screens(&compiled, &cases);
    beside_reference(&compiled, &knowledge, &cases);
    let wanted = arguments.iter().position(|argument| argument == "--cohort");
    if let Some(n) = wanted.and_then(|at| arguments.get(at + 1)?.parse().ok()) {
        cohort(&compiled, n);
    }
    if flag("--check") {
        check(&compiled, &knowledge, &cases);
    }
}

fn read_trials(files: &[&String], knowledge: &Knowledge, as_registered: bool) -> Vec<Trial> {
    let reader = Reader::new(knowledge);
    let mut found: BTreeMap<String, Trial> = BTreeMap::new();
    for file in files {
        let read = read_file(Path::new(file), &reader, &mut |item| {
            if let Item::Trial(trial) = item {
                found.entry(trial.id.clone()).or_insert(*trial);
            }
        });
        if let Err(error) = read {
            println!("{file}: {error}");
        }
    }
    let is_oncology = |trial: &Trial| {
        let conditions = trial.conditions.join(" ").to_lowercase();
        ONCOLOGY.iter().any(|word| conditions.contains(word))
    };
    let mut trials: Vec<Trial> = found.into_values().filter(is_oncology).collect();
    if !as_registered {
        trials.iter_mut().for_each(|trial| trial.status.status = RegistryStatus::Recruiting);
    }
    println!("{} trials, {} arms", trials.len(), trials.iter().map(|trial| trial.arms.len()).sum::<usize>());
    trials
}

fn read_case(file: &str) -> Option<(String, Case)> {
    let name = Path::new(file).file_stem()?.to_string_lossy().into_owned();
    let bytes = std::fs::read(file).ok()?;
    match serde_json::from_slice(&bytes) {
        Ok(case) => Some((name, case)),
        Err(error) => {
            println!("{name}: no case: {error}");
            None
        }
    }
}

/// Seconds this thread has run on a processor so far, where the system tells (ticks of a few milliseconds); else the
/// wall clock's.
fn seconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ran = told.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    ran.map_or_else(|| START.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

/// One patient × all arms, each patient several times; a patient's time is the mean of them.
fn whole_screens(compiled: &Compiled, cases: &[(String, Case)]) {
    const ROUNDS: u32 = 20;
    let (mut times, mut pairs, mut settled) = (vec![], 0, 0);
    for (name, case) in cases {
        let start = seconds();
        for _ in 0..ROUNDS {
            std::hint::black_box(compiled.screen(case));
        }
        let mean = (seconds() - start) / f64::from(ROUNDS);
        let screening = compiled.screen(case);
        pairs += screening.decisions.len();
        settled += screening.decisions.iter().filter(|(_, d)| d.by != DecidedBy::All).count();
        println!("  {name:<64} {:.2} ms", mean * 1e3);
        times.push(mean);
    }
    report("records", times, pairs, settled);
}

fn report(of: &str, mut times: Vec<f64>, pairs: usize, settled: usize) {
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times[(times.len() * percent).div_ceil(100).max(1) - 1] * 1e3;
    let spent: f64 = times.iter().sum();
    println!(
        "{of}: one patient, all arms: median {:.2} ms, p99 {:.2} ms, worst {:.2} ms (n = {})",
        at(50),
        at(99),
        at(100),
        times.len()
    );
    println!(
        "{of}: {:.3} M pairs/s on one core; {:.1} % of the pairs settled by one criterion, gate or death",
        pairs as f64 / spent / 1e6,
        100.0 * settled as f64 / pairs as f64
    );
}

/// Every 97th pair by the reference.
fn beside_reference(compiled: &Compiled, knowledge: &Knowledge, cases: &[(String, Case)]) {
    let settings = Settings::default();
    let (mut pairs, start) = (0, seconds());
    for (_, case) in cases {
        for id in compiled.arms().step_by(97) {
            let Some((trial, arm)) = compiled.arm(id) else { continue };
            std::hint::black_box(judge_arm(trial, arm, case, knowledge, &settings));
            pairs += 1;
        }
    }
    let rate = f64::from(pairs) / (seconds() - start);
    println!("reference: {rate:.0} pairs/s on one core ({pairs} pairs)");
}

/// Planted patients × all arms with the threads of the machine, then one change each.
fn cohort(compiled: &Compiled, n: usize) {
    let patients: Vec<PatientPlan> = {
        let mut draw = Draw::new(1);
        (0..n).map(|_| draw.patient()).collect()
    };
    let case_of = |at: usize| patients.get(at).map(PatientPlan::case);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (pairs, open) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let start = Instant::now();
    compiled.cohort(n, threads, &case_of, &|_, _, screening| {
        let is_open = |decision: &Decision| decision.label < Label::BlockedForNow;
        let found = screening.decisions.iter().filter(|(_, decision)| is_open(decision)).count();
        pairs.fetch_add(screening.decisions.len(), Ordering::Relaxed);
        open.fetch_add(found, Ordering::Relaxed);
        true
    });
    println!(
        "cohort: {n} planted patients × all arms: {:.1} s by the wall, {threads} threads; {} pairs, {} open",
        start.elapsed().as_secs_f64(),
        pairs.into_inner(),
        open.into_inner()
    );
    let some: Vec<Case> = (0..n.min(500)).filter_map(case_of).collect();
    let start = seconds();
    let screenings: Vec<_> = some.iter().map(|case| compiled.screen(case)).collect();
    let each = (seconds() - start) / some.len() as f64;
    let pairs: usize = screenings.iter().map(|screening| screening.decisions.len()).sum();
    let bytes = screenings.first().map_or(0, concilium_trials::matching::Screening::bytes_remembered);
    println!(
        "planted: one patient, all arms: mean {:.2} ms, {:.3} M pairs/s on one core; {bytes} bytes kept, {:.2} GB a million",
        each * 1e3,
        pairs as f64 / (each * some.len() as f64) / 1e6,
        bytes as f64 / 1e3
    );
    let changed: Vec<Case> = some.iter().map(with_new_result).collect();
    let start = seconds();
    let mut again = 0;
    for ((old, new), screening) in some.iter().zip(&changed).zip(&screenings) {
        again += compiled.rescreen(screening, old, new).decided_again;
    }
    println!(
        "one new result: mean {:.2} ms, {} arms decided again",
        (seconds() - start) / some.len() as f64 * 1e3,
        again / some.len()
    );
}

fn with_new_result(case: &Case) -> Case {
    let mut new = case.clone();
    let result = lab("haemoglobin", 110.0, "g/L", None, "2026-06-14");
    new.facts.labs.push(result);
    new
}

fn check(compiled: &Compiled, knowledge: &Knowledge, cases: &[(String, Case)]) {
    let settings = Settings::default();
    let (mut pairs, mut wrong) = (0, 0);
    for (name, case) in cases {
        let screening = compiled.screen(case);
        for (id, decision) in &screening.decisions {
            let Some((trial, arm)) = compiled.arm(*id) else { continue };
            let reference = judge_arm(trial, arm, case, knowledge, &settings);
            let shown: Vec<_> = reference.criteria.iter().map(|criterion| criterion.shown.clone()).collect();
            let same = decision.label == reference.label
                && decision.gate == reference.gate
                && decision.counts.as_ref().is_none_or(|counts| **counts == reference.counts)
                && compiled.shown(case, *id) == shown;
            pairs += 1;
            if !same {
                wrong += 1;
                println!(
                    "  {name} {} {}: {decision:?}, reference {:?}",
                    trial.id, arm.label, reference.label
                );
            }
        }
    }
    println!("held against the reference: {pairs} pairs, {wrong} differ");
}
