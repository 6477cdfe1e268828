//! Who is asked for: sexes, ages with their scale, women who may be pregnant.

use super::tumour::disease;
use super::{Mode, performance, trimmed};
use crate::text::tag::{Tag, Tagged, What};
use crate::text::words::Sense;
use concilium_criteria::eligibility::{Ask, ConditionState, Expr};

/// `women of childbearing potential must have a negative pregnancy test`.
pub(super) fn pregnancy_test(tags: &[Tag], mode: Mode) -> Option<Expr> {
    let (mut negative, mut test, mut able, mut window) = (false, false, false, false);
    for tag in tags {
        match &tag.what {
            What::Word(Sense::Negative) => negative = true,
            What::Word(Sense::Reproductive("pregnant")) => test = true,
            What::Word(Sense::Reproductive("childbearing-potential")) => able = true,
            What::Word(Sense::Female | Sense::If | Sense::Or)
            | What::Open
            | What::Close
            | What::Comma
            | What::Slash => {}
            What::Window(_, false) => window = true,
            _ => return None,
        }
    }
    if !(negative && test) || mode.exclusion || mode.negated {
        return None;
    }
    let ask = |state: &str| Expr::Not(Box::new(Expr::ask(Ask::Reproductive { state: state.to_owned() })));
    let not_pregnant = match window {
        false => ask("pregnant"),
        true => Expr::All(vec![ask("pregnant"), Expr::not_computable("when the test is made")]),
    };
    Some(if able { Expr::Any(vec![ask("childbearing-potential"), not_pregnant]) } else { not_pregnant })
}

/// `Karnofsky ≥ 50 for patients ≥ 16 years, Lansky ≥ 50 for patients < 16 years`.
pub(super) fn scale_by_age(tags: &[Tag]) -> Option<Expr> {
    let mut asks = vec![];
    for tag in tags {
        match &tag.what {
            What::Ask(expr)
                if performance(expr)
                    || matches!(expr, Expr::Ask(ask) if matches!(**ask, Ask::Age { .. })) =>
            {
                asks.push(expr.clone())
            }
            What::Word(Sense::If | Sense::Or | Sense::And)
            | What::Comma
            | What::Semicolon
            | What::Open
            | What::Close => {}
            _ => return None,
        }
    }
    let pairs = asks.chunks(2);
    let each = |pair: &[Expr]| pair.len() == 2 && performance(&pair[0]) != performance(&pair[1]);
    (4 <= asks.len() && pairs.clone().all(each))
        .then(|| Expr::Any(pairs.map(|pair| Expr::All(pair.to_vec())).collect()))
}

/// `female`, `male or female`.
pub(super) fn people(tags: &[Tag]) -> Option<Expr> {
    let sex = |female| Expr::ask(Ask::Sex { female });
    let mut found = vec![];
    for tag in tags {
        match &tag.what {
            What::Word(Sense::Female) => found.push(sex(true)),
            What::Word(Sense::Male) => found.push(sex(false)),
            What::Word(Sense::Or | Sense::And) | What::Comma | What::Slash => {}
            _ => return None,
        }
    }
    found.dedup();
    match found.len() {
        1 => found.pop(),
        2 => Some(Expr::Any(found)),
        _ => None,
    }
}

/// `HIV negative`, `negative for hepatitis B and C`.
pub(super) fn tested_negative(tags: &[Tag], mode: Mode) -> Option<Expr> {
    let (mut keys, mut negative) = (vec![], 0);
    for tag in tags {
        match &tag.what {
            What::Word(Sense::Condition(key)) if ["hiv", "hepatitis-b", "hepatitis-c"].contains(key) => {
                keys.push((*key).to_owned());
            }
            What::Word(Sense::Negative) => negative += 1,
            What::Word(Sense::And | Sense::Or | Sense::Condition("active-infection"))
            | What::Comma
            | What::Slash => {}
            _ => return None,
        }
    }
    let known = negative == 1 && !keys.is_empty() && !mode.exclusion && !mode.negated;
    keys.dedup();
    known.then(|| {
        let ask = Ask::Condition { any_of: keys, state: ConditionState::Active, within: None, known: false };
        Expr::Not(Box::new(Expr::ask(ask)))
    })
}

/// `Male or female, at least 18 years old, with relapsed AML`: who, and then what they have.
pub(super) fn person_first(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let at = tags
        .iter()
        .position(|tag| matches!(&tag.what, What::Ask(Expr::Ask(ask)) if matches!(**ask, Ask::Age { .. })))?;
    let rest = trimmed(&tags[at + 1..]);
    if mode.exclusion || mode.negated || rest.is_empty() {
        return None;
    }
    // Both sexes, or none named, ask nothing.
    let before = &tags[..at];
    if !before.is_empty() && !matches!(people(before), Some(Expr::Any(_))) {
        return None;
    }
    let What::Ask(age) = &tags[at].what else { return None };
    let what = disease(tagged, rest, mode)?;
    Some(Expr::All(vec![age.clone(), what]))
}
