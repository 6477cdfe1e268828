//! Is progression under immunotherapy confirmed? iRECIST on the time points of RECIST 1.1.
//!
//! Seymour 2017, table 2, and the guideline's own answers on recist.eortc.org. Decision where they leave
//! two ways: progression that rests on new lesions alone stays unconfirmed while they are there and not smaller; once
//! they are smaller or gone, targets and non-targets decide.

use super::rules::{
    IMMUNE_EARLIEST, IMMUNE_INCREASE, IMMUNE_LATEST, IMMUNE_MOST_NEW, IMMUNE_NEW_PER_ORGAN, RECIST,
    thresholds,
};
use super::sums::{self, Roles, choose};
use super::{Category, Criteria, History, Lesion, Point, Stated, Timeline, days};
use jiff::civil::Date;

/// Progression that waits for confirmation.
struct Waiting {
    day: Date,
    target: bool,
    non_target: bool,
    new: bool,
    /// Sum of the targets then: later growth adds up from here.
    sum: Option<f64>,
    fresh: Fresh,
}

/// New lesions at one exam.
#[derive(Clone)]
struct Fresh {
    ids: Vec<String>,
    /// Sum over those that are measured.
    measured: f64,
    /// Size of each of the others.
    rest: Vec<(String, f64)>,
}

pub(super) fn assess(history: &History) -> Timeline {
    let roles = sums::roles(history, &RECIST);
    let mut line = sums::assess(history, &RECIST);
    let mut plain: Vec<Point> = vec![];
    let (mut waiting, mut confirmed): (Option<Waiting>, bool) = (None, false);
    for exam in 0..history.exams.len() {
        let mut point = sums::point(history, &RECIST, &roles, exam, &plain);
        plain.push(point.clone());
        if exam > 0 {
            let stated = &history.exams[exam].stated;
            let fresh = fresh(&roles, exam, history.exams[exam].slice_mm);
            let found = step(&mut point, stated, fresh, &mut waiting, confirmed);
            confirmed |= found == Category::Confirmed;
            point.overall = Some(found);
        }
        line.points[exam] = point;
    }
    line.criteria = Criteria::Irecist;
    line.thresholds = thresholds(Criteria::Irecist);
    line
}

fn fresh(roles: &Roles<'_>, exam: usize, slice_mm: f64) -> Fresh {
    let there = |lesion: &&&Lesion| sums::value(lesion, exam, &RECIST).is_some_and(|size| size > 0.0);
    let later: Vec<&Lesion> = roles.later.iter().filter(there).copied().collect();
    let most = [IMMUNE_MOST_NEW.value, IMMUNE_NEW_PER_ORGAN.value];
    let measured = choose(later.iter().copied(), exam, slice_mm, &RECIST, most);
    let size = |lesion: &Lesion| sums::value(lesion, exam, &RECIST).unwrap_or_default();
    let rest = later.iter().filter(|lesion| !measured.iter().any(|one| one.id == lesion.id));
    Fresh {
        ids: later.iter().map(|lesion| lesion.id.clone()).collect(),
        measured: measured.iter().map(|lesion| size(lesion)).sum(),
        rest: rest.map(|lesion| (lesion.id.clone(), size(lesion))).collect(),
    }
}

fn step(
    point: &mut Point,
    stated: &Stated,
    fresh: Fresh,
    waiting: &mut Option<Waiting>,
    confirmed: bool,
) -> Category {
    if confirmed {
        point.because.push("progression was confirmed before".to_owned());
        return Category::Confirmed;
    }
    let progressed = |part: Option<Category>| part == Some(Category::Progression);
    let (target, non_target) = (progressed(point.target), progressed(point.non_target));
    let Some(last) = waiting.as_ref() else {
        let new = !point.new_lesions.is_empty();
        if point.overall != Some(Category::Progression) {
            return immune(point.overall);
        }
        *waiting = Some(Waiting { day: point.day, target, non_target, new, sum: point.sum, fresh });
        let (from, to) = (IMMUNE_EARLIEST.value / 7.0, IMMUNE_LATEST.value / 7.0);
        point.because.push(format!("to be confirmed {from:.0} to {to:.0} weeks later"));
        return Category::Unconfirmed;
    };
    let grounds = grounds(point, stated, &fresh, last, [target, non_target]);
    let since = days(last.day, point.day);
    if !grounds.is_empty() && f64::from(since) >= IMMUNE_EARLIEST.value {
        point.because.push(format!("confirms the progression of {}: {}", last.day, grounds.join("; ")));
        if f64::from(since) > IMMUNE_LATEST.value {
            point.because.push(format!("{since} days after it, later than planned"));
        }
        return Category::Confirmed;
    }
    if !grounds.is_empty() {
        let (why, least) = (grounds.join("; "), IMMUNE_EARLIEST.value);
        point
            .because
            .push(format!("{why}, but only {since} days after it; less than {least:.0} confirm nothing"));
        return Category::Unconfirmed;
    }
    if target || non_target || still_there(&fresh, last) {
        point.because.push(format!("the progression of {} is not confirmed", last.day));
        return Category::Unconfirmed;
    }
    *waiting = None;
    point.because.push("the progression before is not confirmed; the bar is reset".to_owned());
    immune(Some(sums::overall(point.target, point.non_target, false)))
}

fn still_there(fresh: &Fresh, last: &Waiting) -> bool {
    let size = |fresh: &Fresh| fresh.measured + fresh.rest.iter().map(|(_, size)| size).sum::<f64>();
    last.new && !fresh.ids.is_empty() && size(fresh) >= size(&last.fresh)
}

/// What confirms: growth of what had progressed, or progression of another part.
fn grounds(
    point: &Point,
    stated: &Stated,
    fresh: &Fresh,
    last: &Waiting,
    [target, non_target]: [bool; 2],
) -> Vec<String> {
    let least = IMMUNE_INCREASE.value;
    let mut found = vec![];
    let more = point.sum.zip(last.sum).map_or(0.0, |(now, then)| now - then);
    if last.target && more >= least {
        found.push(format!("targets {more:+.1} mm since"));
    }
    if !last.target && target {
        found.push("targets have progressed too".to_owned());
    }
    if last.non_target && stated.non_target_increase == Some(true) {
        found.push("non-target disease grew further as stated".to_owned());
    }
    if !last.non_target && non_target {
        found.push("non-target disease has progressed too".to_owned());
    }
    let added: Vec<&str> =
        fresh.ids.iter().filter(|id| !last.fresh.ids.contains(id)).map(String::as_str).collect();
    if !added.is_empty() {
        found.push(format!("more new lesions: {}", added.join(", ")));
    }
    let more = fresh.measured - last.fresh.measured;
    if last.new && added.is_empty() && more >= least {
        found.push(format!("measured new lesions {more:+.1} mm since"));
    }
    let grown =
        |(id, size): &&(String, f64)| last.fresh.rest.iter().any(|(known, then)| known == id && size > then);
    if last.new && fresh.rest.iter().any(|one| grown(&one)) {
        found.push("a new lesion that is not measured grew".to_owned());
    }
    found
}

fn immune(overall: Option<Category>) -> Category {
    match overall {
        Some(Category::Complete) => Category::ImmuneComplete,
        Some(Category::Partial) => Category::ImmunePartial,
        Some(Category::Stable | Category::Neither) => Category::ImmuneStable,
        Some(Category::Progression) => Category::Unconfirmed,
        _ => Category::NotEvaluable,
    }
}
