//! Which joints does a row have, and how do they bind? Each part must be whole.

use super::{Mode, performance, trimmed, whole};
use crate::text::tag::{Tag, Tagged, What};
use crate::text::words::Sense;
use concilium_criteria::eligibility::{Ask, Expr};

/// Complete asks in a row, with sexes and an age among them.
pub(super) fn asks(tags: &[Tag], mode: Mode) -> Option<Expr> {
    let (mut found, mut sexes, mut or, mut and) = (vec![], vec![], false, false);
    for (at, tag) in tags.iter().enumerate() {
        match &tag.what {
            What::Ask(expr) | What::Biomarker(expr) => found.push(expr.clone()),
            What::Word(Sense::Known | Sense::Confirmed) => {}
            // The state of a patient is that of now, whenever it was written down.
            What::Window(..) if found.last().is_some_and(performance) => {}
            What::Word(Sense::Female) => sexes.push(true),
            What::Word(Sense::Male) => sexes.push(false),
            What::Word(Sense::Or) => {
                let between_sexes = matches!(
                    tags.get(at + 1).map(|t| &t.what),
                    Some(What::Word(Sense::Female | Sense::Male))
                );
                or |= !between_sexes;
            }
            What::Word(Sense::And) | What::Comma | What::Semicolon | What::Slash => and |= !found.is_empty(),
            _ => return None,
        }
    }
    if found.is_empty() || !sexes.is_empty() && (found.len() != 1 || or) {
        return None;
    }
    sexes.sort_unstable();
    sexes.dedup();
    if let [female] = sexes.as_slice() {
        found.insert(0, Expr::ask(Ask::Sex { female: *female }));
        return Some(Expr::All(found));
    }
    match (found.len(), or) {
        (1, _) => found.pop(),
        (_, true) if and && !only_commas_before_or(tags) => None,
        (_, true) => Some(Expr::Any(found)),
        (_, false) if mode.lists() => {
            and.then_some(Expr::Any(found)).filter(|_| !tags.iter().any(|t| t.is(&Sense::And)))
        }
        (_, false) => Some(Expr::All(found)),
    }
}

/// `a, b, or c`: commas of a list whose last joint is `or`.
fn only_commas_before_or(tags: &[Tag]) -> bool {
    let joints: Vec<&What> = tags
        .iter()
        .map(|tag| &tag.what)
        .filter(|what| {
            matches!(what, What::Comma | What::Semicolon | What::Slash | What::Word(Sense::Or | Sense::And))
        })
        .collect();
    !joints.iter().any(|what| matches!(what, What::Semicolon | What::Slash | What::Word(Sense::And)))
        && matches!(joints.last(), Some(What::Word(Sense::Or)))
}

/// What a clause is cut at, outermost first; each part must be whole.
pub(super) fn split(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let cuts = |is: &dyn Fn(&Tag) -> bool| cut(tags, is);
    let semicolons = cuts(&|tag| matches!(tag.what, What::Semicolon));
    if 1 < semicolons.len() {
        let parts: Vec<Expr> =
            semicolons.iter().map(|part| whole(tagged, part, mode)).collect::<Option<_>>()?;
        return Some(if mode.lists() { Expr::Any(parts) } else { Expr::All(parts) });
    }
    if tags.iter().any(|tag| {
        tag.is(&Sense::Except) || tag.is(&Sense::If) || tag.is(&Sense::Examples) || tag.is(&Sense::Allowed)
    }) {
        return None;
    }
    let (ors, ands) = (cuts(&|tag| tag.is(&Sense::Or)), cuts(&|tag| tag.is(&Sense::And)));
    // A window behind a list may hold for all of it.
    let ambiguous =
        matches!(tags.last().map(|tag| &tag.what), Some(What::Window(..) | What::Word(Sense::Needed)));
    let parts = |parts: &[&[Tag]]| -> Option<Vec<Expr>> {
        parts.iter().map(|part| whole(tagged, part, mode)).collect()
    };
    let leading_not = tags.first().is_some_and(|tag| tag.is(&Sense::Not));
    if 1 < ors.len() && ands.len() == 1 && !ambiguous && !leading_not {
        let pieces = cut(tags, &|tag| tag.is(&Sense::Or) || matches!(tag.what, What::Comma));
        // `A with B, or C`: does C stand beside A, or beside B?
        let lines =
            |part: &Expr| part.asks().iter().any(|ask| matches!(ask, Ask::Prior { lines: Some(_), .. }));
        if pieces.iter().any(|piece| adjective(piece)) {
            return None;
        }
        let sound = |found: &Vec<Expr>| !found.iter().any(|part| matches!(part, Expr::All(_)) || lines(part));
        return parts(&pieces).or_else(|| parts(&ors)).filter(sound).map(Expr::Any);
    }
    if 1 < ands.len() && ors.len() == 1 && !leading_not {
        let found = parts(&ands)?;
        // In a list of what keeps out, `and` between unlike things is not sure.
        return (!mode.lists()).then_some(Expr::All(found));
    }
    let commas = cuts(&|tag| matches!(tag.what, What::Comma));
    if ors.len() == 1 && ands.len() == 1 && 1 < commas.len() && !ambiguous {
        let found = parts(&commas)?;
        return Some(if mode.lists() { Expr::Any(found) } else { Expr::All(found) });
    }
    None
}

/// `advanced or clinically significant lung disease`: an adjective alone asks of what stands behind.
pub(crate) fn adjective(part: &[Tag]) -> bool {
    part.iter()
        .all(|tag| matches!(tag.what, What::Word(Sense::Extent(_) | Sense::And) | What::Comma | What::Slash))
}

/// Outside brackets only; empty parts are left out.
pub(crate) fn cut<'t>(tags: &'t [Tag], is: &dyn Fn(&Tag) -> bool) -> Vec<&'t [Tag]> {
    let (mut found, mut from, mut depth) = (vec![], 0, 0);
    for (at, tag) in tags.iter().enumerate() {
        match tag.what {
            What::Open => depth += 1,
            What::Close => depth -= 1,
            _ if depth == 0 && is(tag) => {
                found.push(&tags[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(&tags[from..]);
    found.retain(|part| !trimmed(part).is_empty());
    found
}
