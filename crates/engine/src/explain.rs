//! Why does an option stand where it stands, and what stands next to it?

use concilium_recommend::{KEY_BY_KEY, Plan, PlanOption, Score};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An explanation of one option's place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// The option.
    pub option: PlanOption,
    /// Key by key against the option above it in its section, and the one below.
    pub compared: Vec<Compared>,
}

/// One neighbour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// `stands above` or `stands below`.
    pub relation: String,
    /// Neighbour's id.
    pub option: String,
    /// The first key that decides, in words of both; "level in every key" for a tie.
    pub decided_by: String,
}

/// Finds an option by id, label, or a part of either that names exactly one.
pub fn explain(plan: &Plan, wanted: &str) -> Result<Explanation, String> {
    let option = find(plan, wanted)?;
    let same: Vec<&PlanOption> = plan.options.iter().filter(|o| o.section == option.section).collect();
    let at = same.iter().position(|o| o.id == option.id).unwrap_or(0);
    let above = at.checked_sub(1).map(|i| compared("stands below", option, same[i]));
    let below = same.get(at + 1).map(|o| compared("stands above", option, o));
    Ok(Explanation { option: option.clone(), compared: above.into_iter().chain(below).collect() })
}

fn find<'p>(plan: &'p Plan, wanted: &str) -> Result<&'p PlanOption, String> {
    let plain = |text: &str| text.to_lowercase().replace([' ', '-'], "");
    let name = plain(wanted);
    if name.is_empty() {
        return Err("the name of an option is empty; `concilium explain PLAN` lists them".into());
    }
    if let Some(exact) =
        plan.options.iter().find(|o| plain(&o.id) == name || plain(&o.regimen.label()) == name)
    {
        return Ok(exact);
    }
    let hits: Vec<&PlanOption> = plan.options.iter().filter(|o| plain(&o.id).contains(&name)).collect();
    match hits.as_slice() {
        [one] => Ok(one),
        [] => Err(format!(
            "no option of this plan is called `{wanted}`; the nearest: {} (`concilium explain PLAN` lists all {})",
            names(nearest(plan, &name).into_iter()),
            plan.options.len()
        )),
        several => Err(format!("`{wanted}` names several options: {}", names(several.iter().copied()))),
    }
}

/// The three options whose names take the fewest changes.
fn nearest<'p>(plan: &'p Plan, name: &str) -> Vec<&'p PlanOption> {
    let mut all: Vec<(usize, &PlanOption)> =
        plan.options.iter().map(|option| (distance(name, &option.id), option)).collect();
    all.sort_by(|(a, x), (b, y)| (a, &x.id).cmp(&(b, &y.id)));
    all.into_iter().take(3).map(|(_, option)| option).collect()
}

/// Letters of the shorter name that are in the wrong place, missing or too many: edit distance against the best
/// matching part of the longer one, so that `vemurafnib` is near `cobimetinib+vemurafenib`.
fn distance(wanted: &str, id: &str) -> usize {
    let (wanted, id): (Vec<char>, Vec<char>) = (wanted.chars().take(200).collect(), id.chars().collect());
    let mut row = vec![0; id.len() + 1];
    for (i, a) in wanted.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in id.iter().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.into_iter().min().unwrap_or(wanted.len())
}

fn names<'p>(options: impl Iterator<Item = &'p PlanOption>) -> String {
    options.map(|o| o.id.as_str()).collect::<Vec<_>>().join(", ")
}

fn compared(relation: &str, option: &PlanOption, other: &PlanOption) -> Compared {
    let words = if option.rank == other.rank {
        "level in every key: a tie, the name only fixes the order of printing".to_owned()
    } else {
        first_difference(&option.score, &other.score)
    };
    Compared { relation: relation.into(), option: other.id.clone(), decided_by: words }
}

fn first_difference(a: &Score, b: &Score) -> String {
    // A comparison inside a statement overrules the keys: what was moved says so.
    if let Some(moved) = [a, b].into_iter().find(|score| score.because != KEY_BY_KEY) {
        return moved.because.clone();
    }
    let differing = a.parts.iter().zip(&b.parts).find(|(x, y)| x.value != y.value);
    match differing {
        Some((x, y)) => format!("{}: {} / {}", x.name, x.because, y.because),
        None => format!("{} / {}", a.because, b.because),
    }
}
