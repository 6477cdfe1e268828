//! Which number has the next line for advanced disease?
//!
//! It is one more than the last only after progression, relapse or a stop. While the last line runs, or ended without
//! a stated progression, the next decision may still be about that line: the number is a range.

use super::LineRules;
use super::number::relapsed_early;
use super::split::words;
use concilium_case::{Case, Line, LineIntent, Status, StopReason};

/// Bounds of the next line's number, and what made them a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextLine {
    /// At least.
    pub fewest: u32,
    /// At most; `u32::MAX` when lines may lie in a time the records leave out.
    pub most: u32,
    /// Why it is not one number.
    pub because: Vec<String>,
}

impl NextLine {
    /// `2`, `1–2`, `2 or later`.
    pub fn words(&self) -> String {
        match (self.fewest, self.most) {
            (fewest, most) if fewest == most => fewest.to_string(),
            (fewest, u32::MAX) => format!("{fewest} or later"),
            (fewest, most) => format!("{fewest}–{most}"),
        }
    }
}

/// Bounds of the next line's number. A neo- or adjuvant line with early relapse counts both ways.
pub fn next_line(case: &Case) -> NextLine {
    let advanced = || case.lines.iter().filter(|line| line.intent == LineIntent::Advanced);
    let rules = LineRules::default();
    let late = || case.lines.iter().filter(|line| line.after_metastasis.is_some());
    let early = |line: &&Line| {
        line.intent != LineIntent::Advanced && line.after_metastasis.is_none() && relapsed_early(&rules, line)
    };
    let relapses = case.lines.iter().filter(early).count();
    let twice = u32::try_from(relapses + late().count()).unwrap_or(u32::MAX);
    let fewest = advanced().map(|line| line.number.0).max();
    let most = advanced().map(|line| line.number.1).max().unwrap_or(twice);
    let mut because = Vec::new();
    if fewest.is_none() && 0 < relapses {
        because.push("relapse within 6 months of neo- or adjuvant therapy: counted both ways".to_owned());
    }
    if fewest.is_none() {
        because.extend(late().filter_map(both_ways));
    }
    let last = advanced().max_by_key(|line| (line.number.1, line.start.clone()));
    let unsettled = last.and_then(|line| Some((line, not_over(case, line)?)));
    because.extend(unsettled.iter().map(|(line, why)| format!("line {} {why}", number(line))));
    let gaps = case.history_gaps.iter().filter(|gap| gap.advanced);
    let hidden: Vec<String> = gaps.map(|gap| format!("lines may lie in {}", gap.span())).collect();
    let most = if hidden.is_empty() { most + 1 } else { u32::MAX };
    because.extend(hidden);
    NextLine { fewest: fewest.unwrap_or(0) + u32::from(unsettled.is_none()), most, because }
}

/// `cisplatin (2019-05-15) is counted as adjuvant, but a metastasis was recorded before it (2019-05-01)`.
fn both_ways(line: &Line) -> Option<String> {
    let (start, day) = (line.start.as_ref()?, line.after_metastasis.as_ref()?);
    let drugs: Vec<&str> = line.drugs.iter().map(|drug| drug.as_str()).collect();
    Some(format!(
        "{} ({}) is counted as {}, but a metastasis was recorded before it ({}): counted both ways",
        drugs.join(" + "),
        start.day_text(),
        words(line.intent),
        day.day_text()
    ))
}

fn number(line: &Line) -> String {
    let (low, high) = line.number;
    if low == high { low.to_string() } else { format!("{low}–{high}") }
}

/// Why the line may not be over; none after progression, relapse, or a stop of all its drugs for a reason.
fn not_over(case: &Case, line: &Line) -> Option<&'static str> {
    let after = |response: &concilium_case::Response| match (&line.start, &response.meta.when) {
        (Some(start), Some(when)) => start.surely_before(when),
        (None, _) | (_, None) => false,
    };
    let relapsed = case.facts.responses.iter().any(|r| r.status == Status::Progressed && after(r));
    if line.progression.is_some() || relapsed || stopped(case, line) {
        return None;
    }
    Some(if line.ongoing { "is running" } else { "has no stated progression" })
}

/// Every drug of the line was stopped, and not because the course was complete.
fn stopped(case: &Case, line: &Line) -> bool {
    let records = || case.facts.medications.iter().filter(|record| line.from.contains(&record.meta.id));
    let for_a_reason = |reason: StopReason| reason != StopReason::Completed;
    !line.drugs.is_empty()
        && line.drugs.iter().all(|drug| {
            records().any(|record| record.drugs.contains(drug) && record.stop.is_some_and(for_a_reason))
        })
}
