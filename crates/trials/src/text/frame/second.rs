//! Which other malignancies keep out, and which do not?

use super::Mode;
use crate::text::tag::{SOLID, Tag, Tagged, What};
use crate::text::words::{Sense, StateWord};
use concilium_criteria::eligibility::{Ask, Expr};
use concilium_terms::Doid;

/// `other malignancy within 3 years except …`.
pub(crate) fn second_malignancy(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let cut = tags.iter().position(|tag| tag.is(&Sense::Except));
    let (mut before, after) = match cut {
        Some(at) => (&tags[..at], &tags[at + 1..]),
        None => (tags, &tags[..0]),
    };
    // `(except …)`: the bracket belongs to the exception.
    while let [rest @ .., Tag { what: What::Open | What::Comma, .. }] = before {
        before = rest;
    }
    let (mut malignancy, mut another, mut history, mut active, mut within) =
        (false, false, false, false, None);
    for tag in before {
        match &tag.what {
            What::Word(Sense::Malignancy) => malignancy = true,
            What::Word(Sense::Prior) => (another, history) = (true, true),
            What::Word(Sense::Another) => another = true,
            What::Word(Sense::Concurrent) => (another, active) = (true, true),
            What::Word(Sense::State(StateWord::Ever)) => history = true,
            What::Word(Sense::State(StateWord::Active | StateWord::Uncontrolled) | Sense::Needed) => {
                active = true
            }
            What::Word(Sense::Known) | What::Word(Sense::Or) | What::Comma | What::Slash => {}
            What::Window(washout, false) if washout.spans.len() == 1 && within.is_none() => {
                within = Some(washout.spans[0])
            }
            _ => return None,
        }
    }
    let window_or_word = another || history || within.is_some() || !after.is_empty();
    if !malignancy || !window_or_word || !(mode.exclusion || mode.negated) {
        return None;
    }
    let (except, unread) = exceptions(tagged, after, within.is_some())?;
    let other = unread || cut.is_some() && except.is_empty();
    Some(Expr::ask(Ask::SecondMalignancy {
        within,
        active: active && !history,
        except,
        other_exceptions: other,
    }))
}

/// Terms that do not count, and whether the words except more than that.
fn exceptions(tagged: &Tagged, after: &[Tag], windowed: bool) -> Option<(Vec<Doid>, bool)> {
    let (mut except, mut other) = (vec![], false);
    let mut skipped = usize::MAX;
    for tag in after {
        let non = narrowed(tagged, tag);
        match &tag.what {
            // `non-melanoma skin cancer`, `carcinoma in situ of the cervix`: the term found says another thing or too much.
            What::Disease(_) if non || skipped == tag.from => {
                (other, skipped) = (true, tag.to);
            }
            What::Disease(doid) if ["DOID:305", "DOID:162", "DOID:299", SOLID].contains(&doid.as_str()) => {
                other = true
            }
            What::Disease(doid) => except.push(doid.clone()),
            What::Comma | What::Open | What::Close | What::Slash | What::Semicolon => {}
            // Behind the exceptions: of the malignancy, or of them?
            What::Window(..) if !windowed => return None,
            What::Word(Sense::Or | Sense::And | Sense::State(StateWord::Treated)) => {}
            // Anything else narrows an exception in words of its own.
            _ => other = true,
        }
    }
    Some((except, other))
}

/// Words beside a term say that less is meant than the term, or another.
fn narrowed(tagged: &Tagged, tag: &Tag) -> bool {
    let named = |words: &[&str], around: usize| {
        (tag.from.saturating_sub(around)..tag.to).any(|at| words.contains(&tagged.tokens[at].norm.as_str()))
    };
    // `basal cell skin cancer` is less than skin cancer; `low-grade localized prostate cancer` less than prostate cancer.
    let less = matches!(&tag.what, What::Disease(doid) if doid.as_str() == "DOID:4159")
        && named(&["basal", "squamous", "nonmelanoma"], 4)
        || named(
            &[
                "localized",
                "early",
                "low",
                "stage",
                "grade",
                "resected",
                "superficial",
                "noninvasive",
                "indolent",
            ],
            5,
        );
    let situ = less
        || (tag.from.saturating_sub(3)..(tag.to + 3).min(tagged.tokens.len()))
            .any(|at| tagged.tokens[at].norm == "situ");
    situ || tag.from.checked_sub(1).is_some_and(|at| {
        tagged.tokens[at].norm == "non"
            || tagged.tokens[at].is('-')
                && at.checked_sub(1).is_some_and(|at| tagged.tokens[at].norm == "non")
    })
}
