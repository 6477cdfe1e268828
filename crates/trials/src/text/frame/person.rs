//! Who is asked for: sexes, ages with their scale, women who may be pregnant.

use super::{Mode, performance};
use crate::text::tag::{Tag, What};
use crate::text::words::Sense;
use concilium_criteria::eligibility::{Ask, Expr};

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
