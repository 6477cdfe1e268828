//! Which metastases, and which of them are let in?

use super::nouns::nouns;
use super::{Mode, trimmed};
use crate::text::tag::{Tag, Tagged, What};
use crate::text::words::{Sense, StateWord};
use concilium_criteria::eligibility::{Ask, Expr, LesionState};

/// `brain metastases unless treated and stable`.
pub(super) fn lesion_exception(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let cut = tags.iter().position(|tag| tag.is(&Sense::Except))?;
    let (left, right) = (trimmed(&tags[..cut]), trimmed(&tags[cut + 1..]));
    let left = match left {
        [rest @ .., Tag { what: What::Open, .. }] => trimmed(rest),
        whole => whole,
    };
    let denied = left.first().is_some_and(|tag| tag.is(&Sense::Not));
    let found = if denied {
        nouns(tagged, &left[1..], Mode { negated: true, ..mode })
    } else {
        nouns(tagged, left, mode)
    }?;
    let sites: Option<Vec<String>> = found
        .asks()
        .into_iter()
        .map(|ask| match ask {
            Ask::Metastasis { site, .. } => Some(site.clone()),
            _ => None,
        })
        .collect();
    let sites = sites?;
    let (mut stable, mut treated) = (false, false);
    for tag in right {
        match &tag.what {
            What::Word(Sense::State(StateWord::Stable)) => stable = true,
            What::Word(Sense::State(StateWord::Treated)) => treated = true,
            What::Word(Sense::And | Sense::Metastasis(_)) | What::Comma | What::Open | What::Close => {}
            _ => return None,
        }
    }
    if !(stable && treated) {
        return None;
    }
    let fine =
        |site: &String| Expr::ask(Ask::Metastasis { site: site.clone(), state: LesionState::TreatedStable });
    let mut fine: Vec<Expr> = sites.iter().map(fine).collect();
    let fine = if fine.len() == 1 { fine.remove(0) } else { return None };
    let negated = |expr| Expr::Not(Box::new(expr));
    Some(match (mode.exclusion, denied) {
        (true, false) => Expr::All(vec![found, negated(fine)]),
        (false, true) => Expr::Any(vec![negated(found), fine]),
        _ => return None,
    })
}
