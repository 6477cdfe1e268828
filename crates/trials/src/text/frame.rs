//! What does a clause ask, once its stretches are known? A frame accepts a row of tags only when it has a use for every
//! one of them; what no frame accepts is cut at its joints, and what is left then is not computable.

mod denied;
mod labs;
mod lesion;
mod limits;
mod lines;
mod merge;
mod nouns;
mod person;
mod row;
mod said;
mod second;
mod tumour;
mod washout;

pub(crate) use row::{adjective, cut};
pub(crate) use second::second_malignancy;

use super::number::{Limit, Unit};
use super::tag::{Tag, Tagged, What};
use super::words::Sense;
use concilium_criteria::eligibility::{Ask, Expr, SpanUnit};
use denied::negation;
use labs::laboratory;
use lesion::lesion_exception;
use lines::lines;
use nouns::nouns;
use person::{people, person_first, pregnancy_test, scale_by_age, tested_negative};
use row::{asks, split};
use tumour::{disease, measurable};
use washout::since_and_not_now;

/// How a clause is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mode {
    /// The clause names what keeps a patient out.
    pub exclusion: bool,
    /// Inside a negation.
    pub negated: bool,
}

impl Mode {
    /// Does `and` between things list what keeps out each for itself?
    fn lists(self) -> bool {
        self.exclusion != self.negated || self.negated
    }
}

/// Everything understood, as an expression; `None` when a tag had no use.
pub(crate) fn whole(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let tags = trimmed(tags);
    if tags.is_empty() {
        return None;
    }
    single(tags)
        .or_else(|| laboratory(tagged, tags, mode))
        .or_else(|| negation(tagged, tags, mode))
        .or_else(|| second_malignancy(tagged, tags, mode))
        .or_else(|| pregnancy_test(tags, mode))
        .or_else(|| since_and_not_now(tags, mode))
        .or_else(|| tested_negative(tags, mode))
        .or_else(|| nouns(tagged, tags, mode))
        .or_else(|| scale_by_age(tags))
        .or_else(|| lines(tags, mode))
        .or_else(|| disease(tagged, tags, mode))
        .or_else(|| measurable(tags))
        .or_else(|| people(tags))
        .or_else(|| asks(tags, mode))
        .or_else(|| person_first(tagged, tags, mode))
        .or_else(|| lesion_exception(tagged, tags, mode))
        .or_else(|| split(tagged, tags, mode))
}

/// Without joints at either end, and without brackets around the whole.
fn trimmed(mut tags: &[Tag]) -> &[Tag] {
    loop {
        let joint = |tag: &Tag| {
            matches!(tag.what, What::Comma | What::Semicolon | What::Colon | What::Slash)
                || tag.is(&Sense::And)
                || tag.is(&Sense::Or)
        };
        let before = tags.len();
        while tags.first().is_some_and(joint) {
            tags = &tags[1..];
        }
        while tags.last().is_some_and(joint) {
            tags = &tags[..tags.len() - 1];
        }
        if let ([first, inner @ .., last], true) = (tags, 2 <= tags.len())
            && matches!(first.what, What::Open)
            && matches!(last.what, What::Close)
            && !inner.iter().any(|tag| matches!(tag.what, What::Open | What::Close))
        {
            tags = inner;
        }
        if tags.len() == before {
            return tags;
        }
    }
}

fn single(tags: &[Tag]) -> Option<Expr> {
    match tags {
        [Tag { what: What::Ask(expr) | What::Biomarker(expr), .. }] => Some(expr.clone()),
        // `ECOG 0-1 (Karnofsky ≥ 70)`: one scale or the other.
        [
            Tag { what: What::Ask(one), .. },
            Tag { what: What::Open, .. },
            Tag { what: What::Ask(two), .. },
            Tag { what: What::Close, .. },
        ] if performance(one) && performance(two) => Some(Expr::Any(vec![one.clone(), two.clone()])),
        [Tag { what: What::Stage(groups, scale), .. }] => Some(stage(groups, scale)),
        // `must be < 50 years`: nothing else of a patient is so long.
        [Tag { what: What::Limit(Limit { range, unit: Unit::Time(SpanUnit::Years) }), .. }]
            if range.min != range.max
                && [range.min, range.max]
                    .into_iter()
                    .flatten()
                    .all(|years| (12.0..=110.0).contains(&years)) =>
        {
            Some(Expr::ask(Ask::Age { years: *range }))
        }
        [first, Tag { what: What::Stage(groups, scale), .. }]
        | [Tag { what: What::Stage(groups, scale), .. }, first]
            if first.is(&Sense::OwnDisease) =>
        {
            Some(stage(groups, scale))
        }
        _ => None,
    }
}

fn performance(expr: &Expr) -> bool {
    matches!(expr, Expr::Ask(ask) if matches!(**ask, Ask::Performance { .. }))
}

fn stage(groups: &[String], scale: &Option<String>) -> Expr {
    Expr::ask(Ask::Stage { groups: groups.to_vec(), scale: scale.clone() })
}

/// The words of a stretch, for people.
fn words(tagged: &Tagged, tags: &[Tag]) -> String {
    let (Some(first), Some(last)) = (tags.first(), tags.last()) else { return String::new() };
    let (start, end) = (tagged.tokens[first.from].start, tagged.tokens[last.to - 1].end);
    tagged.text[start..end].split_whitespace().collect::<Vec<_>>().join(" ").replace('\\', "")
}
