//! Why does an option stand where it stands?

use super::Done;
use crate::args::{Cli, ExplainArgs};
use crate::output;
use concilium_engine::Settings;
use concilium_engine::explain::Explanation;
use concilium_engine::recommend::{Cited, Plan, Score};
use concilium_engine::store;
use std::path::PathBuf;
use std::process::ExitCode;

/// Explains one option of a stored plan.
pub fn explain(cli: &Cli, settings: &Settings, args: &ExplainArgs) -> Done {
    let plan = stored(&args.plan, settings)?;
    let explanation = concilium_engine::explain::explain(&plan, &args.option)?;
    if cli.json {
        output::json(&explanation)?;
    } else {
        print(&explanation);
    }
    Ok(ExitCode::SUCCESS)
}

/// A plan.json, a folder with one, or a run.
fn stored(given: &str, settings: &Settings) -> Result<Plan, Box<dyn std::error::Error>> {
    let path = PathBuf::from(given);
    if path.is_file() {
        return Ok(store::read_json(&path)?);
    }
    if path.join("plan.json").is_file() {
        return Ok(store::read_plan(&path)?);
    }
    Ok(store::read_plan(&store::find(given, &settings.runs)?)?)
}

fn print(explanation: &Explanation) {
    let option = &explanation.option;
    println!("{}", option.regimen.label());
    println!("section {} {}, rank {}", option.section.number(), option.section.title(), option.rank);
    option.reasons.iter().for_each(|reason| println!("  because {}", reason.text));
    println!("order, key by key:");
    option.score.parts.iter().for_each(|part| print_score(part, 1));
    if option.score.because != "compared key by key, in this order" {
        println!("  {}", option.score.because);
    }
    for compared in &explanation.compared {
        println!("{} {}: {}", compared.relation, compared.option, compared.decided_by);
    }
    print_column("for", &option.for_);
    print_column("against", &option.against);
    print_column("noted, not counted", &option.notes);
    option.exposure.iter().for_each(|line| println!("exposure: {line}"));
    for finding in &option.safety {
        println!("safety: {:?} {} — {} ({})", finding.verdict, finding.drug, finding.action, finding.found);
    }
}

fn print_score(score: &Score, depth: usize) {
    println!("{}{}: {}", "  ".repeat(depth), score.name, score.because);
    score.parts.iter().for_each(|part| print_score(part, depth + 1));
}

fn print_column(name: &str, cited: &[Cited]) {
    if cited.is_empty() {
        println!("{name}: none in this release");
        return;
    }
    println!("{name}:");
    for c in cited {
        let facts = c.molecular.facts.join(", ");
        println!("  {} level {:?}: {} [{}; {}]", c.key, c.level, c.remark, facts, c.tumour.because);
    }
}
