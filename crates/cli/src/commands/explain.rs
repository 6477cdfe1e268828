//! Why does an option stand where it stands?

use super::Done;
use crate::args::{Cli, ExplainArgs};
use crate::output;
use concilium_engine::Settings;
use concilium_engine::explain::Explanation;
use concilium_engine::recommend::{BeatenBy, Cited, Plan, Score};
use concilium_engine::store;
use std::path::PathBuf;
use std::process::ExitCode;

/// Explains one option of a stored plan; without one, lists them.
pub fn explain(cli: &Cli, settings: &Settings, args: &ExplainArgs) -> Done {
    let plan = stored(&args.plan, settings)?;
    let Some(wanted) = &args.option else { return list(cli, &plan) };
    let explanation = concilium_engine::explain::explain(&plan, wanted)?;
    if cli.json {
        output::json(&explanation)?;
    } else {
        output::text(&output::plain(&words(&explanation, output::width())))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list(cli: &Cli, plan: &Plan) -> Done {
    if cli.json {
        let line = |o: &concilium_engine::recommend::PlanOption| serde_json::json!({ "option": o.id, "section": o.section.number(), "rank": o.rank });
        output::json(&plan.options.iter().map(line).collect::<Vec<_>>())?;
    } else {
        let line = |o: &concilium_engine::recommend::PlanOption| {
            format!("({}) {:>2}  {}\n", o.section.number(), o.rank, o.id)
        };
        output::text(&output::plain(&plan.options.iter().map(line).collect::<String>()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A plan.json, a folder with one, or a run.
pub(super) fn stored(given: &str, settings: &Settings) -> Result<Plan, Box<dyn std::error::Error>> {
    let path = PathBuf::from(given);
    if path.is_file() {
        return Ok(store::read_json(&path)?);
    }
    if path.join("plan.json").is_file() {
        return Ok(store::read_plan(&path)?);
    }
    Ok(store::read_plan(&store::find(given, &settings.runs)?)?)
}

/// Lines of at most `width` letters where blanks allow it; nothing is left out.
struct Text {
    out: String,
    width: usize,
}

impl Text {
    fn line(&mut self, indent: usize, words: &str) {
        let mut used = 0;
        for word in words.split_whitespace() {
            let letters = word.chars().count();
            if used == 0 {
                self.out.push_str(&" ".repeat(indent));
                used = indent;
            } else if self.width < used + 1 + letters {
                self.out.push_str(&format!("\n{}", " ".repeat(indent + 4)));
                used = indent + 4;
            } else {
                self.out.push(' ');
                used += 1;
            }
            self.out.push_str(word);
            used += letters;
        }
        self.out.push('\n');
    }
}

fn words(explanation: &Explanation, width: usize) -> String {
    let option = &explanation.option;
    let mut text = Text { out: String::new(), width };
    text.line(0, &option.regimen.label());
    text.line(0, &format!("({}) {}, rank {}", option.section.number(), option.section.title(), option.rank));
    option.reasons.iter().for_each(|reason| text.line(2, &format!("because {}", reason.text)));
    text.line(0, "order, key by key:");
    option.score.parts.iter().for_each(|part| score(&mut text, part, 2));
    if option.score.because != concilium_engine::recommend::KEY_BY_KEY {
        text.line(2, &option.score.because);
    }
    for compared in &explanation.compared {
        text.line(0, &format!("{} {}: {}", compared.relation, compared.option, compared.decided_by));
    }
    column(&mut text, "for", &option.for_);
    column(&mut text, "against", &option.against);
    option.beaten_by.iter().for_each(|one| text.line(2, &beaten(one)));
    if !option.notes.is_empty() {
        column(&mut text, "noted, not counted", &option.notes);
    }
    option.exposure.iter().for_each(|line| text.line(0, &format!("exposure: {line}")));
    if !option.safety.is_empty() {
        text.line(0, "safety:");
    }
    for finding in &option.safety {
        let verdict = kebab(&finding.verdict);
        text.line(2, &format!("{verdict} {}: {} ({})", finding.drug, finding.action, finding.found));
    }
    text.out
}

fn beaten(one: &BeatenBy) -> String {
    let keys: Vec<&str> = one.statements.iter().map(|key| key.as_str()).collect();
    let only = one.only_shown.as_ref().map_or(String::new(), |why| format!("; orders nothing: {why}"));
    format!("beaten by {} in {}: {}{only}", one.by, keys.join(", "), one.effect)
}

/// The word JSON uses, so that both outputs say the same.
fn kebab<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn score(text: &mut Text, part: &Score, indent: usize) {
    text.line(indent, &format!("{}: {}", part.name, part.because));
    part.parts.iter().for_each(|inner| score(text, inner, indent + 2));
}

/// Statements with one remark and the same facts stand under it together.
fn column(text: &mut Text, name: &str, cited: &[Cited]) {
    if cited.is_empty() {
        return text.line(0, &format!("{name}: none in this release"));
    }
    text.line(0, &format!("{name}:"));
    let mut groups: Vec<(&str, &[String], Vec<&Cited>)> = Vec::new();
    for c in cited {
        let facts = c.molecular.facts.as_slice();
        match groups.iter_mut().find(|(remark, of, _)| *remark == c.remark && *of == facts) {
            Some((_, _, members)) => members.push(c),
            None => groups.push((&c.remark, facts, vec![c])),
        }
    }
    for (remark, facts, members) in groups {
        text.line(2, &format!("{remark} [{}]", facts.join(", ")));
        for c in members {
            text.line(4, &format!("{} level {:?}: {}", c.key, c.level, c.tumour.because));
        }
    }
}
