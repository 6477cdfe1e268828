//! Asks of one kind with the same qualifiers become one.

use concilium_criteria::eligibility::{Ask, Expr};

/// Asks of one kind with the same qualifiers become one.
pub(super) fn merged(expr: Expr) -> Expr {
    let Expr::Any(parts) = expr else { return expr };
    let mut found: Vec<Expr> = vec![];
    for part in parts.into_iter().flat_map(|part| match part {
        Expr::Any(inner) => inner,
        other => vec![other],
    }) {
        let joined = match (found.last_mut(), &part) {
            (Some(Expr::Ask(last)), Expr::Ask(next)) => join(last, next),
            _ => false,
        };
        if !joined {
            found.push(part);
        }
    }
    if found.len() == 1 { found.remove(0) } else { Expr::Any(found) }
}

fn join(last: &mut Ask, next: &Ask) -> bool {
    if last == next {
        return true;
    }
    match (last, next) {
        (
            Ask::Condition { any_of, state, within, known },
            Ask::Condition { any_of: more, state: other, within: span, known: also },
        ) if state == other && within == span && known == also => extend(any_of, more),
        (Ask::Recent { any_of, washout }, Ask::Recent { any_of: more, washout: other })
            if washout == other =>
        {
            extend(any_of, more)
        }
        (
            Ask::Prior { any_of, lines, intent, outcome },
            Ask::Prior { any_of: more, lines: n, intent: i, outcome: o },
        ) if lines == n && lines.is_none() && intent == i && outcome == o => extend(any_of, more),
        (
            Ask::Concomitant { any_of, prednisone_mg_over },
            Ask::Concomitant { any_of: more, prednisone_mg_over: over },
        ) if prednisone_mg_over == over => extend(any_of, more),
        _ => false,
    }
}

fn extend<T: Clone + PartialEq>(list: &mut Vec<T>, more: &[T]) -> bool {
    for item in more {
        if !list.contains(item) {
            list.push(item.clone());
        }
    }
    true
}
