//! Which number has each line, and between which bounds?

use super::LineRules;
use super::course::Course;
use super::split::{Draft, words};
use concilium_case::{Exposure, Line, LineIntent, StopReason};
use concilium_terms::date::days_between;
use concilium_terms::{DrugName, PartialDate};
use std::collections::BTreeSet;

/// Numbers lines within their intent. Undated drugs that belong to no dated line widen the advanced count.
pub(super) fn number(rules: &LineRules, drafts: Vec<Draft>, undated: &[Course]) -> Vec<Line> {
    let mut lines: Vec<Line> = drafts.iter().map(line).collect();
    let advanced = |line: &&Line| line.intent == LineIntent::Advanced;
    let next_start = |at: usize| lines.get(at + 1).filter(advanced).and_then(|line| line.start.clone());
    let early: Vec<bool> = (0..lines.len())
        .map(|at| {
            lines[at].after_metastasis.is_some()
                || relapsed_early_before(rules, &lines[at], next_start(at).as_ref())
        })
        .collect();
    let apart: Vec<&Course> =
        undated.iter().filter(|course| !lines.iter().any(|line| line.drugs.contains(&course.drug))).collect();
    let extra = count(apart.iter().map(|course| &course.drug).collect::<BTreeSet<_>>().len());
    for intent in [LineIntent::Neoadjuvant, LineIntent::Adjuvant, LineIntent::Advanced] {
        number_intent(&mut lines, &drafts, &early, intent, extra);
    }
    lines.extend(undated_line(&lines, &apart, extra));
    lines
}

/// Why the number of a line for advanced disease is a range after early therapy.
const COUNTED_BOTH_WAYS: &str = "relapse within 6 months of neo- or adjuvant therapy, or such therapy after a metastasis: counted both ways";

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn number_intent(lines: &mut [Line], drafts: &[Draft], early: &[bool], intent: LineIntent, extra: u32) {
    let (mut seen, mut unsure, mut counted_twice) = (0, 0, 0);
    for (at, line) in lines.iter_mut().enumerate() {
        let advanced = intent == LineIntent::Advanced;
        if line.intent != intent {
            counted_twice += u32::from(advanced && early[at] && line.intent != LineIntent::Advanced);
            continue;
        }
        seen += 1;
        unsure += u32::from(drafts[at].unsure && 1 < seen);
        let most = if advanced { seen + extra + counted_twice } else { seen };
        line.number = (seen - unsure.min(seen - 1), most);
        if advanced && 0 < counted_twice {
            line.because.push(COUNTED_BOTH_WAYS.into());
        }
        if advanced && 0 < extra {
            line.because.push("drugs without a start date may have come before".into());
        }
    }
}

fn line(draft: &Draft) -> Line {
    let ongoing = draft.courses.iter().any(|course| course.ongoing);
    let stopped_for = |reason: StopReason| {
        let courses = draft.courses.iter().filter(move |course| course.stop == Some(reason));
        courses.map(|course| course.drug.clone()).collect::<BTreeSet<DrugName>>()
    };
    let mut from: Vec<String> = draft.courses.iter().map(|course| course.record.meta.id.clone()).collect();
    from.extend(draft.responses.iter().cloned());
    from.sort();
    from.dedup();
    let mut because = draft.because.clone();
    because.push(format!("counted as {}", words(draft.intent)));
    if let Some(day) = &draft.after_metastasis {
        because
            .push(format!("begun after a metastasis was recorded ({}): counted both ways", day.day_text()));
    }
    Line {
        number: (0, 0),
        intent: draft.intent,
        drugs: draft.drugs().into_iter().collect(),
        start: draft.start().cloned(),
        end: if ongoing { None } else { draft.courses.iter().filter_map(known_end).max() },
        ongoing,
        progression: draft.progression.clone(),
        intolerant: stopped_for(StopReason::Intolerance).into_iter().collect(),
        from,
        because,
        after_metastasis: draft.after_metastasis.clone(),
    }
}

/// The end as recorded; an administration ends on its day.
fn known_end(course: &Course) -> Option<PartialDate> {
    let single = course.record.exposure == Exposure::Administered;
    course.end.clone().or_else(|| if single { course.start.clone() } else { None })
}

/// Undated drugs as one entry: how many lines they were, and where, is not known.
fn undated_line(lines: &[Line], apart: &[&Course], extra: u32) -> Option<Line> {
    if apart.is_empty() {
        return None;
    }
    let dated = count(lines.iter().filter(|line| line.intent == LineIntent::Advanced).count());
    let drugs: BTreeSet<DrugName> = apart.iter().map(|course| course.drug.clone()).collect();
    let stopped = apart.iter().filter(|course| course.stop == Some(StopReason::Intolerance));
    let progressed = apart.iter().filter(|course| course.stop == Some(StopReason::Progression));
    let mut from: Vec<String> = apart.iter().map(|course| course.record.meta.id.clone()).collect();
    from.sort();
    from.dedup();
    Some(Line {
        number: (1, dated + extra),
        intent: apart.iter().find_map(|course| course.intent()).unwrap_or(LineIntent::Advanced),
        drugs: drugs.into_iter().collect(),
        start: None,
        end: apart.iter().filter_map(|course| course.end.clone()).max(),
        ongoing: apart.iter().any(|course| course.ongoing),
        progression: progressed.filter_map(|course| course.end.clone()).min(),
        intolerant: stopped.map(|course| course.drug.clone()).collect::<BTreeSet<_>>().into_iter().collect(),
        from,
        because: vec!["start not recorded: place and number of lines are not known".into()],
        after_metastasis: None,
    })
}

/// Did the disease come back within the window after this neo- or adjuvant line?
pub(crate) fn relapsed_early(rules: &LineRules, line: &Line) -> bool {
    relapsed_early_before(rules, line, None)
}

/// The start of a next line for advanced disease stands for a relapse that no one dated.
fn relapsed_early_before(rules: &LineRules, line: &Line, next: Option<&PartialDate>) -> bool {
    let Some(relapse) = line.progression.as_ref().or(next) else { return false };
    let Some(end) = line.end.as_ref().or(line.start.as_ref()) else { return false };
    line.intent != LineIntent::Advanced
        && days_between(end.latest(), relapse.earliest()) <= rules.early_relapse_days
}
