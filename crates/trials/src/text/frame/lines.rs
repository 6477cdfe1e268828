//! How many lines of which therapy?

use super::Mode;
use crate::text::number::{Limit, Unit};
use crate::text::tag::{Tag, What};
use crate::text::words::Sense;
use concilium_criteria::eligibility::{Ask, DiseaseExtent, Expr, PriorOutcome, TherapyRef};
use concilium_knowledge::PriorTherapy;

/// `at least 2 prior lines of systemic therapy`, `no more than 1 prior chemotherapy regimen`.
pub(super) fn lines(tags: &[Tag], mode: Mode) -> Option<Expr> {
    let (mut count, mut therapy, mut line, mut intent, mut prior, mut outcome) =
        (None, None, false, None, false, PriorOutcome::Received);
    for tag in tags {
        match &tag.what {
            What::Limit(Limit { range, unit: Unit::None }) if count.is_none() => count = Some(*range),
            What::Word(Sense::Prior) => prior = true,
            What::Word(Sense::Given) => {}
            What::Word(Sense::Progressed) if count.is_none() => outcome = PriorOutcome::Progressed,
            What::Word(Sense::Line) => line = true,
            What::Therapy(reference) if therapy.is_none() => therapy = Some(reference.clone()),
            What::Word(Sense::Intent(name)) if intent.is_none() => intent = Some((*name).to_owned()),
            What::Word(Sense::Extent(extents)) if therapy.is_some() || line => {
                far(extents).then_some(())?;
                intent = Some("advanced".to_owned());
            }
            What::Word(Sense::Or | Sense::OwnDisease) | What::Comma | What::Slash if intent.is_some() => {}
            _ => return None,
        }
    }
    let Some(range) = count else {
        // `any line of endocrine therapy for metastatic disease`
        let any_of = vec![therapy.filter(|_| line && mode.exclusion && outcome == PriorOutcome::Received)?];
        return Some(Expr::ask(Ask::Prior { any_of, lines: None, intent, outcome }));
    };
    let of_therapy = line || therapy.is_some() && prior;
    if !of_therapy || range.min.is_none_or(|n| n.fract() != 0.0) && range.max.is_none_or(|n| n.fract() != 0.0)
    {
        return None;
    }
    if [range.min, range.max].into_iter().flatten().any(|n| 12.0 < n) {
        return None;
    }
    let any_of = vec![therapy.unwrap_or(TherapyRef::Drug(PriorTherapy::AnySystemic))];
    Some(Expr::ask(Ask::Prior { any_of, lines: Some(range), intent, outcome }))
}

/// Not to be cured by surgery.
fn far(extents: &[DiseaseExtent]) -> bool {
    use DiseaseExtent as E;
    extents.iter().all(|e| matches!(e, E::LocallyAdvanced | E::Unresectable | E::Metastatic))
}
