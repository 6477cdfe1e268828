//! How large may an expression be, and which values make no sense?
//!
//! Everything that reads one (text, JSON, a parser of prose) ends here, so that evaluation never meets a depth, a size
//! or a number it was not written for.

use super::ask::{Ask, MarkerAsk, Range, Span, TherapyRef, UnitOf};
use super::expr::Expr;
use super::text::{read_pattern, write_pattern};
use concilium_terms::Doid;

/// Levels of and, or, not and at-least.
pub const MAX_DEPTH: usize = 16;
/// Asks and joins together.
pub const MAX_NODES: usize = 1_000;
/// Entries of one list.
pub const MAX_LIST: usize = 500;
/// Bytes of one word or phrase.
pub const MAX_TEXT: usize = 4_000;
/// Bytes of one line of text.
pub const MAX_LINE: usize = 1_000_000;
/// Largest number, either way.
pub const MAX_NUMBER: f64 = 1e12;

/// What is out of bounds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutOfBounds {
    /// Nested too deeply.
    #[error("more than {MAX_DEPTH} levels")]
    Depth,
    /// Too many parts.
    #[error("more than {MAX_NODES} parts")]
    Size,
    /// A list too long.
    #[error("a list of more than {MAX_LIST} entries")]
    List,
    /// A list that must name something is empty.
    #[error("{of} names nothing")]
    Empty {
        /// Which ask.
        of: &'static str,
    },
    /// A phrase too long.
    #[error("a phrase of more than {MAX_TEXT} bytes")]
    Text,
    /// A number that is none, or too large.
    #[error("a number beyond {MAX_NUMBER:e}")]
    Number,
    /// A range without ends, with ends crossed, or open at an end it does not have.
    #[error("a range that admits nothing, everything, or is open at an end it does not have")]
    Range,
    /// A span that is not positive, or a washout without one.
    #[error("a span of time that is not positive")]
    Span,
    /// An alteration whose words would not read back.
    #[error("an alteration that cannot be written in words")]
    Alteration,
    /// A name with blanks around it, or none.
    #[error("a name with blanks around it, or an empty one")]
    Name,
}

/// Refuses what is out of bounds, at the first place.
///
/// # Errors
/// What was out of bounds.
pub fn check(expr: &Expr) -> Result<(), OutOfBounds> {
    let mut nodes = 0;
    walk(expr, 1, &mut nodes)
}

fn walk(expr: &Expr, depth: usize, nodes: &mut usize) -> Result<(), OutOfBounds> {
    *nodes += 1;
    if MAX_DEPTH < depth {
        return Err(OutOfBounds::Depth);
    }
    if MAX_NODES < *nodes {
        return Err(OutOfBounds::Size);
    }
    match expr {
        Expr::Ask(asked) => ask(asked),
        Expr::Not(inner) => walk(inner, depth + 1, nodes),
        Expr::All(of) | Expr::Any(of) | Expr::AtLeast { of, .. } => {
            of.iter().try_for_each(|part| walk(part, depth + 1, nodes))
        }
    }
}

fn ask(ask: &Ask) -> Result<(), OutOfBounds> {
    match ask {
        Ask::Age { years } => range(years),
        Ask::Sex { .. } => Ok(()),
        Ask::Disease { any_of, words, .. } => {
            phrase(words)?;
            names("disease", any_of.iter().map(Doid::as_str))
        }
        Ask::Stage { groups, scale } => {
            scale.iter().try_for_each(|scale| phrase(scale))?;
            names("stage", groups)
        }
        Ask::Category { of, any_of } => {
            phrase(of)?;
            names("category", any_of)
        }
        Ask::Extent { any_of } => filled("extent", any_of),
        Ask::Metastasis { site, .. } => phrase(site),
        Ask::Measurable { by, .. } => by.iter().try_for_each(|by| phrase(by)),
        Ask::Biomarker { any_of, words, .. } => {
            phrase(words)?;
            filled("biomarker", any_of)?;
            let reads_back = |pattern| read_pattern(&write_pattern(pattern)).as_ref() == Some(pattern);
            if any_of.iter().all(reads_back) { Ok(()) } else { Err(OutOfBounds::Alteration) }
        }
        Ask::Marker(asked) => marker(asked),
        Ask::Performance { scale, points } => {
            phrase(scale)?;
            range(points)
        }
        Ask::Lab { analyte, value, unit, within } => lab(analyte, value, unit, within.as_ref()),
        Ask::Prior { any_of, lines, intent, .. } => {
            intent.iter().try_for_each(|intent| phrase(intent))?;
            lines.iter().try_for_each(range)?;
            therapies("prior", any_of)
        }
        Ask::Recent { any_of, washout } => {
            filled("recent", &washout.spans)?;
            washout.spans.iter().try_for_each(span)?;
            therapies("recent", any_of)
        }
        Ask::Concomitant { any_of, prednisone_mg_over } => {
            prednisone_mg_over.iter().try_for_each(|mg| number(*mg))?;
            therapies("taking", any_of)
        }
        Ask::Condition { any_of, within, .. } => {
            within.iter().try_for_each(span)?;
            names("condition", any_of)
        }
        Ask::SecondMalignancy { within, except, .. } => {
            within.iter().try_for_each(span)?;
            if except.is_empty() { Ok(()) } else { names("except", except.iter().map(Doid::as_str)) }
        }
        Ask::Reproductive { state } => phrase(state),
        Ask::Allergy { to } => {
            if to.is_empty() {
                Ok(())
            } else {
                therapies("allergy", to)
            }
        }
        Ask::Judgement { words, .. } => phrase(words),
        Ask::NotComputable { why } => phrase(why),
    }
}

fn marker(asked: &MarkerAsk) -> Result<(), OutOfBounds> {
    let (name, score, unit) = match asked {
        MarkerAsk::Named { name, call, score, score_unit } => {
            call.iter().try_for_each(|call| phrase(call))?;
            (name.as_str(), score, score_unit)
        }
        MarkerAsk::Gene { gene, score, score_unit, .. } => (gene.as_str(), score, score_unit),
    };
    unit.iter().try_for_each(|unit| phrase(unit))?;
    score.iter().try_for_each(range)?;
    names("marker", [name])
}

fn lab(analyte: &str, value: &Range, unit: &UnitOf, within: Option<&Span>) -> Result<(), OutOfBounds> {
    phrase(analyte)?;
    within.into_iter().try_for_each(span)?;
    let empty = Range { min: None, above_min: false, max: None, below_max: false };
    match unit {
        UnitOf::WithinLimits if *value == empty => Ok(()),
        UnitOf::WithinLimits => Err(OutOfBounds::Range),
        UnitOf::Ucum(unit) => {
            phrase(unit)?;
            range(value)
        }
        UnitOf::TimesUpperLimit | UnitOf::TimesLowerLimit => range(value),
    }
}

fn therapies(of: &'static str, any_of: &[TherapyRef]) -> Result<(), OutOfBounds> {
    filled(of, any_of)?;
    any_of.iter().try_for_each(|therapy| match therapy {
        TherapyRef::Drug(concilium_knowledge::PriorTherapy::Drug(drug)) => name(drug.as_str()),
        TherapyRef::Drug(concilium_knowledge::PriorTherapy::Class(class)) => name(class.as_str()),
        TherapyRef::Radiotherapy(detail) | TherapyRef::Transplant(detail) => {
            detail.iter().try_for_each(|detail| name(detail))
        }
        TherapyRef::Unresolved(words) => phrase(words),
        _ => Ok(()),
    })
}

fn names<'t, T: AsRef<str> + ?Sized + 't>(
    of: &'static str,
    list: impl IntoIterator<Item = &'t T>,
) -> Result<(), OutOfBounds> {
    let mut count = 0;
    for text in list {
        count += 1;
        name(text.as_ref())?;
    }
    match count {
        0 => Err(OutOfBounds::Empty { of }),
        _ if MAX_LIST < count => Err(OutOfBounds::List),
        _ => Ok(()),
    }
}

fn filled<T>(of: &'static str, list: &[T]) -> Result<(), OutOfBounds> {
    match list.len() {
        0 => Err(OutOfBounds::Empty { of }),
        count if MAX_LIST < count => Err(OutOfBounds::List),
        _ => Ok(()),
    }
}

/// Ids are trimmed when they are made, so that a blank at an end would not read back.
fn name(text: &str) -> Result<(), OutOfBounds> {
    phrase(text)?;
    if text.is_empty() || text.trim() != text { Err(OutOfBounds::Name) } else { Ok(()) }
}

fn phrase(text: &str) -> Result<(), OutOfBounds> {
    if MAX_TEXT < text.len() { Err(OutOfBounds::Text) } else { Ok(()) }
}

fn number(number: f64) -> Result<(), OutOfBounds> {
    if number.is_finite() && number.abs() <= MAX_NUMBER { Ok(()) } else { Err(OutOfBounds::Number) }
}

fn range(range: &Range) -> Result<(), OutOfBounds> {
    range.min.iter().chain(&range.max).try_for_each(|end| number(*end))?;
    let open_at_nothing = range.above_min && range.min.is_none() || range.below_max && range.max.is_none();
    let sound = match (range.min, range.max) {
        (None, None) => false,
        (Some(min), Some(max)) => min < max || min == max && !range.above_min && !range.below_max,
        (Some(_), None) | (None, Some(_)) => true,
    };
    if sound && !open_at_nothing { Ok(()) } else { Err(OutOfBounds::Range) }
}

fn span(span: &Span) -> Result<(), OutOfBounds> {
    number(span.amount)?;
    if 0.0 < span.amount { Ok(()) } else { Err(OutOfBounds::Span) }
}
