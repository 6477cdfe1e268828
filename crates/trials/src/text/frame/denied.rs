//! What does `no …` deny?

use super::lines::lines;
use super::nouns::nouns;
use super::second::second_malignancy;
use super::tumour::disease;
use super::{Mode, single, trimmed};
use crate::text::tag::{Tag, Tagged, What};
use crate::text::words::Sense;
use concilium_criteria::eligibility::{Ask, Expr};

/// `no …`: what follows, denied as a whole.
pub(super) fn negation(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let (first, rest) = tags.split_first()?;
    // `no X` in a list of what keeps out may mean that X keeps out, or that its lack does.
    if !first.is(&Sense::Not) || mode.negated || mode.exclusion {
        return None;
    }
    // `no A, and no B`, `not A nor B`: repeated, it is the same denial.
    let rest: Vec<Tag> = rest.iter().filter(|tag| !tag.is(&Sense::Not)).cloned().collect();
    let inner = Mode { negated: true, ..mode };
    let rest = trimmed(&rest);
    if rest.iter().any(|tag| tag.is(&Sense::Except)) {
        return None;
    }
    if let Some(counted) = lines(rest, inner) {
        return Some(Expr::Not(Box::new(counted)));
    }
    let deniable = !rest.iter().any(|tag| {
        matches!(&tag.what, What::Limit(_) | What::Word(Sense::Analyte(_) | Sense::Allowed | Sense::If))
    }) && !rest.iter().any(|tag| matches!(&tag.what, What::Ask(expr) if numeric(expr)));
    let expr = deniable.then(|| {
        nouns(tagged, rest, inner)
            .or_else(|| second_malignancy(tagged, rest, inner))
            .or_else(|| single(rest))
            .or_else(|| disease(tagged, rest, inner))
            .or_else(|| mixed_nouns(tagged, rest, inner))
    })??;
    Some(Expr::Not(Box::new(expr)))
}

fn numeric(expr: &Expr) -> bool {
    expr.asks().iter().any(|ask| matches!(ask, Ask::Age { .. } | Ask::Performance { .. } | Ask::Lab { .. }))
}

/// A denied list whose members need frames of their own; each is one that can be denied.
fn mixed_nouns(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    if tags.iter().any(|tag| matches!(tag.what, What::Open | What::Close | What::Window(..))) {
        return None;
    }
    let parts = tags.split(|tag| {
        matches!(tag.what, What::Comma | What::Semicolon) || tag.is(&Sense::Or) || tag.is(&Sense::And)
    });
    let parts: Option<Vec<Expr>> = parts
        .filter(|part| !part.is_empty())
        .map(|part| {
            nouns(tagged, part, mode)
                .or_else(|| second_malignancy(tagged, part, mode))
                .or_else(|| single(part))
        })
        .collect();
    parts.filter(|parts| 1 < parts.len()).map(Expr::Any)
}
