//! How long since, and not now? `More than 4 weeks since prior and no concurrent chemotherapy`.

use super::Mode;
use crate::text::tag::{Tag, What};
use crate::text::words::Sense;
use concilium_criteria::eligibility::{Ask, Expr, TherapyRef};

/// A span that has to be over, `and no concurrent`, and the therapies both are said of.
pub(super) fn since_and_not_now(tags: &[Tag], mode: Mode) -> Option<Expr> {
    let [Tag { what: What::Window(washout, true), .. }, rest @ ..] = tags else { return None };
    let rest = match rest {
        [first, rest @ ..] if first.is(&Sense::Prior) => rest,
        rest => rest,
    };
    let [and, not, now, listed @ ..] = rest else { return None };
    let heads = and.is(&Sense::And) && not.is(&Sense::Not) && now.is(&Sense::Concurrent);
    if !heads || mode.exclusion || mode.negated {
        return None;
    }
    let any_of = therapies(listed)?;
    let denied = |ask| Expr::Not(Box::new(Expr::ask(ask)));
    Some(Expr::All(vec![
        denied(Ask::Recent { any_of: any_of.clone(), washout: washout.clone() }),
        denied(Ask::Concomitant { any_of, prednisone_mg_over: None }),
    ]))
}

/// Therapies in a row and nothing else.
fn therapies(tags: &[Tag]) -> Option<Vec<TherapyRef>> {
    let mut found = vec![];
    for tag in tags {
        match &tag.what {
            What::Therapy(therapy) => found.push(therapy.clone()),
            What::Comma | What::Slash | What::Word(Sense::Or | Sense::And | Sense::Another) => {}
            _ => return None,
        }
    }
    (!found.is_empty()).then_some(found)
}
