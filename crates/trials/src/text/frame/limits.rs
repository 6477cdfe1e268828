//! What does a limit ask of an analyte? Units, alternatives under a condition, the same limit said twice.

use super::Mode;
use super::labs::{Exception, Measured};
use crate::text::number::{Limit, Unit};
use concilium_criteria::eligibility::{Ask, Expr, Range, Span, UnitOf};

/// The same limit in another unit: counts are compared, other units are taken at their word.
pub(super) fn restated(first: &Limit, again: &Limit) -> bool {
    let same_side =
        first.range.min.is_some() == again.range.min.is_some() || again.range.min == again.range.max;
    let scale = |limit: &Limit| {
        let value = limit.range.min.or(limit.range.max)?;
        let factor = match &limit.unit {
            Unit::Ucum("10*9/L" | "10*3/uL") => 1e9,
            Unit::Ucum("/uL" | "10*6/L") => 1e6,
            Unit::Ucum("/L") => 1.0,
            Unit::Ucum("g/dL") => 10.0,
            Unit::Ucum("g/L") => 1.0,
            _ => return None,
        };
        Some(value * factor)
    };
    match (scale(first), scale(again)) {
        (Some(a), Some(b)) => same_side && (a - b).abs() <= 0.02 * a.max(b),
        _ => {
            same_side
                && first.unit != again.unit
                && matches!((&first.unit, &again.unit), (Unit::Ucum(_), Unit::Ucum(_)))
        }
    }
}

pub(super) fn expression(measured: &Measured, mode: Mode) -> Option<Expr> {
    let base = match measured.sexes.as_slice() {
        [] => limited(measured, &measured.limits[0], mode)?,
        sexes => Expr::Any(
            sexes
                .iter()
                .map(|(female, limit)| {
                    let sex = Expr::ask(Ask::Sex { female: *female });
                    Some(Expr::All(vec![sex, limited(measured, limit, mode)?]))
                })
                .collect::<Option<_>>()?,
        ),
    };
    let expr = match &measured.exception {
        None => base,
        Some(Exception { when, limit: Some(limit) }) => {
            let other = limited(measured, &same_direction(&measured.limits[0], limit), mode)?;
            if mode.exclusion {
                let negated = Expr::Not(Box::new(when.clone()));
                Expr::Any(vec![Expr::All(vec![negated, base]), Expr::All(vec![when.clone(), other])])
            } else {
                Expr::Any(vec![base, Expr::All(vec![when.clone(), other])])
            }
        }
        Some(Exception { when, limit: None }) if mode.exclusion => {
            Expr::All(vec![base, Expr::Not(Box::new(when.clone()))])
        }
        Some(Exception { when, limit: None }) => Expr::Any(vec![base, when.clone()]),
    };
    Some(match &measured.also {
        Some(also) => Expr::All(vec![expr, also.clone()]),
        None => expr,
    })
}

/// `(5 × ULN if liver metastases)` bounds as the limit before it does.
fn same_direction(base: &Limit, limit: &Limit) -> Limit {
    if limit.range.min != limit.range.max {
        return limit.clone();
    }
    let value = limit.range.min;
    let range = match base.range.min.is_some() {
        true => Range { min: value, above_min: base.range.above_min, max: None, below_max: false },
        false => Range { min: None, above_min: false, max: value, below_max: base.range.below_max },
    };
    Limit { range, unit: limit.unit.clone() }
}

fn limited(measured: &Measured, limit: &Limit, mode: Mode) -> Option<Expr> {
    let asks: Option<Vec<Expr>> =
        measured.analytes.iter().map(|analyte| lab(analyte, limit, measured.within)).collect();
    let mut asks = asks?;
    if asks.len() == 1 {
        return asks.pop();
    }
    let liver = measured.analytes.iter().all(|key| ["ast", "alt", "alp", "bilirubin"].contains(key));
    Some(match (mode.exclusion, measured.or) {
        (true, _) => Expr::Any(asks),
        // `AST or ALT ≤ 2.5 × ULN` asks both: neither may be high.
        (false, true) if !liver => Expr::Any(asks),
        (false, _) => Expr::All(asks),
    })
}

fn lab(analyte: &str, limit: &Limit, within: Option<Span>) -> Option<Expr> {
    let empty = limit.range.min.is_none() && limit.range.max.is_none();
    let counts = ["neutrophils", "platelets", "wbc", "lymphocytes", "cd4-count"].contains(&analyte);
    let value = limit.range.min.or(limit.range.max).unwrap_or(0.0);
    let unit = match &limit.unit {
        Unit::None if empty => UnitOf::WithinLimits,
        Unit::Upper => UnitOf::TimesUpperLimit,
        Unit::Lower => UnitOf::TimesLowerLimit,
        // Giga per litre, written as grams per litre are.
        Unit::Ucum("g/L") if counts => UnitOf::Ucum("10*9/L".to_owned()),
        // `1500/mm3` and `1.5 x 10^9/L` without the sign for litre.
        Unit::Ucum("/L") if counts && value < 1e6 => return None,
        Unit::Ucum(unit) => UnitOf::Ucum((*unit).to_owned()),
        Unit::None if analyte == "inr" => UnitOf::Ucum(String::new()),
        Unit::None if counts && 500.0 <= value => UnitOf::Ucum("/uL".to_owned()),
        Unit::None | Unit::Time(_) | Unit::Age => return None,
    };
    (limit.range.min != limit.range.max || empty)
        .then(|| Expr::ask(Ask::Lab { analyte: analyte.to_owned(), value: limit.range, unit, within }))
}
