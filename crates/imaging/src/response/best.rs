//! What was the best response over all exams, with and without confirmation?

use super::rules::{LEAST_STABLE, of};
use super::{Category, Criteria, Timeline, days};
use jiff::civil::Date;
use serde::Serialize;

/// Best overall response.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Best {
    /// By order alone: what randomised trials report.
    pub unconfirmed: Option<Category>,
    /// Where a response must be confirmed by a later exam.
    pub confirmed: Option<Category>,
}

/// Of a line of RECIST 1.1 or criteria shaped like it; exams after the first progression do not count.
pub fn best(line: &Timeline) -> Best {
    let start = line.points.first().map(|point| point.day);
    let found: Vec<(Date, Category)> =
        line.points.iter().filter_map(|point| point.overall.map(|overall| (point.day, overall))).collect();
    let Some(start) = start.filter(|_| !found.is_empty()) else {
        return Best { unconfirmed: None, confirmed: None };
    };
    if line.criteria == Criteria::Irecist {
        return Best { unconfirmed: best_immune(&found), confirmed: None };
    }
    if line.criteria == Criteria::Percist {
        return Best { unconfirmed: found.iter().map(|(_, category)| *category).min(), confirmed: None };
    }
    let wait = of(line.criteria).confirm_days.map_or(0.0, |days| days.value);
    Best { unconfirmed: Some(plain(start, &found)), confirmed: Some(confirmed(start, &found, wait)) }
}

/// Up to and with the first progression.
fn until_progression(found: &[(Date, Category)]) -> &[(Date, Category)] {
    let end = found.iter().position(|(_, category)| *category == Category::Progression);
    end.map_or(found, |end| &found[..=end])
}

/// RECIST 1.1 (2009), "Best overall response: all time points": the best of the line; stable disease must have lasted.
fn plain(start: Date, found: &[(Date, Category)]) -> Category {
    let counted = until_progression(found);
    let any = |wanted: Category| counted.iter().any(|(_, category)| *category == wanted);
    if any(Category::Complete) {
        return Category::Complete;
    }
    if any(Category::Partial) {
        return Category::Partial;
    }
    rest(start, counted)
}

/// Without a response: stable disease that lasted, else progression, else not evaluable.
fn rest(start: Date, counted: &[(Date, Category)]) -> Category {
    use Category::{Complete, Neither, NotEvaluable, Partial, Progression, Stable};
    let lasted = |(day, category): &&(Date, Category)| {
        matches!(category, Stable | Partial | Complete | Neither)
            && f64::from(days(start, *day)) >= LEAST_STABLE.value
    };
    match counted.iter().find(lasted) {
        Some((_, Neither)) => Neither,
        Some(_) => Stable,
        None if counted.iter().any(|(_, category)| *category == Progression) => Progression,
        None => NotEvaluable,
    }
}

/// RECIST 1.1 (2009), table 3: a response counts once a later exam, far enough away, repeats it.
fn confirmed(start: Date, found: &[(Date, Category)], wait_days: f64) -> Category {
    use Category::{Complete, NotEvaluable, Partial};
    let counted = until_progression(found);
    let repeats = |first: usize, held: &[Category]| {
        let (day, _) = counted[first];
        let later = counted[first + 1..].iter().take_while(|(_, c)| held.contains(c) || *c == NotEvaluable);
        later.filter(|(_, c)| held.contains(c)).any(|(next, _)| f64::from(days(day, *next)) >= wait_days)
    };
    let holds = |wanted: Category, held: &[Category]| {
        (0..counted.len()).any(|at| counted[at].1 == wanted && repeats(at, held))
    };
    if holds(Complete, &[Complete]) {
        return Complete;
    }
    if holds(Partial, &[Partial, Complete]) {
        return Partial;
    }
    rest(start, counted)
}

/// iRECIST (Seymour 2017), table 3: the best immune category of the line up to confirmed progression;
/// unconfirmed progression counts only where nothing else follows, confirmed progression where nothing better came.
pub fn best_immune(found: &[(Date, Category)]) -> Option<Category> {
    use Category::{Confirmed, ImmuneComplete, ImmunePartial, ImmuneStable, NotEvaluable, Unconfirmed};
    let end = found.iter().position(|(_, category)| *category == Confirmed);
    let counted = end.map_or(found, |end| &found[..=end]);
    let order = [ImmuneComplete, ImmunePartial, ImmuneStable, Confirmed, Unconfirmed, NotEvaluable];
    order.into_iter().find(|wanted| counted.iter().any(|(_, category)| category == wanted))
}
