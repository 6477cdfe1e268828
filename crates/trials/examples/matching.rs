//! How fast are arms and patients matched, beside the reference evaluator, and do both agree on every pair?
//!
//! `cargo run --release -p concilium-trials --example matching -- [--as-registered] [--check] TRIALS… --cases CASES…`:
//! trials in any shape `trials import` takes, of which those count whose conditions hold a word of [`ONCOLOGY`]; cases as
//! `concilium case FILES --json` writes them. Without `--as-registered` every trial is taken as recruiting: most of the
//! registry's are closed, and a closed arm costs nothing. `--check` holds every pair against the reference.

use concilium_case::Case;
use concilium_knowledge::{Knowledge, builtin};
use concilium_trials::matching::DecidedBy;
use concilium_trials::read::{Item, read_file};
use concilium_trials::text::Reader;
use concilium_trials::{Compiled, RegistryStatus, Settings, Trial, judge_arm};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// The oncology filter the evaluations use: a word in the conditions.
const ONCOLOGY: [&str; 9] =
    ["cancer", "carcinoma", "tumor", "lymphoma", "leukemia", "melanoma", "myeloma", "sarcoma", "neoplasm"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let flag = |name: &str| arguments.iter().any(|argument| argument == name);
    let files: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
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

/// One patient × all arms, again and again for a while.
fn whole_screens(compiled: &Compiled, cases: &[(String, Case)]) {
    let (mut times, mut pairs, mut settled, mut spent) = (vec![], 0, 0, Duration::ZERO);
    for (name, case) in cases {
        let mut mine = vec![];
        for _ in 0..20 {
            let start = Instant::now();
            let screening = std::hint::black_box(compiled.screen(case));
            mine.push(start.elapsed());
            pairs += screening.decisions.len();
            settled += screening.decisions.iter().filter(|(_, d)| d.by != DecidedBy::All).count();
        }
        spent += mine.iter().sum::<Duration>();
        mine.sort();
        println!("  {name:<60} median {:.2} ms, worst {:.2} ms", ms(mine[10]), ms(mine[19]));
        times.extend(mine);
    }
    times.sort();
    let at = |percent: usize| ms(times[(times.len() * percent).div_ceil(100).max(1) - 1]);
    println!("one patient, all arms: median {:.2} ms, p99 {:.2} ms (n = {})", at(50), at(99), times.len());
    println!(
        "{:.2} M pairs/s on one core; {:.1} % of them settled by one criterion, gate or death",
        pairs as f64 / spent.as_secs_f64() / 1e6,
        100.0 * settled as f64 / pairs as f64
    );
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Every 97th pair by the reference.
fn beside_reference(compiled: &Compiled, knowledge: &Knowledge, cases: &[(String, Case)]) {
    let settings = Settings::default();
    let (mut pairs, start) = (0, Instant::now());
    for (_, case) in cases {
        for id in compiled.arms().step_by(97) {
            let Some((trial, arm)) = compiled.arm(id) else { continue };
            std::hint::black_box(judge_arm(trial, arm, case, knowledge, &settings));
            pairs += 1;
        }
    }
    let rate = f64::from(pairs) / start.elapsed().as_secs_f64();
    println!("reference: {rate:.0} pairs/s on one core ({pairs} pairs)");
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
