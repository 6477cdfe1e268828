//! How much, in which unit, and can two amounts be compared?
//!
//! The unit grammar is UCUM's, read by `octofhir-ucum`. Around it stands what laboratories write instead of UCUM
//! (`K/uL`, `x10^9/L`), what only an analyte settles (mg/dL to umol/L), and what must never be mixed although
//! UCUM would allow it (a clearance with one normalised to body surface). An unknown or unstated unit is an
//! error, never a guess.

mod analyte;
mod spelling;

use crate::Truth;
use analyte::Analyte;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spelling::Unit;

/// A measured number with its unit as written. `text` keeps the decimal as written (trailing zeros matter).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quantity {
    /// Value as a number.
    pub value: f64,
    /// The decimal as the source wrote it.
    pub text: String,
    /// Comparator as written: `<`, `<=`, `>=`, `>`; `None` is an equality.
    pub comparator: Option<String>,
    /// Unit as written (UCUM where the source used it); empty when none was given.
    pub unit: String,
}

/// Why two amounts cannot be compared. Names units, never values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// No unit was written.
    #[error("no unit is stated; `{wanted}` is needed")]
    Unstated {
        /// The unit asked for.
        wanted: String,
    },
    /// Not a unit we know.
    #[error("unit `{unit}` is not known")]
    Unknown {
        /// As written.
        unit: String,
    },
    /// Two units of different kinds.
    #[error("`{from}` cannot be converted to `{to}`")]
    Different {
        /// As written.
        from: String,
        /// As asked for.
        to: String,
    },
    /// The comparator is none of the four.
    #[error("comparator `{comparator}` is not known")]
    Comparator {
        /// As written.
        comparator: String,
    },
    /// Not a finite number.
    #[error("the value is not a finite number")]
    NotFinite,
}

/// How a value is held against a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    More,
}

impl Comparison {
    /// Reads `<`, `<=`, `≤`, `=`, `==`, `>=`, `≥`, `>`.
    pub fn parse(text: &str) -> Option<Comparison> {
        match text.trim() {
            "<" => Some(Comparison::Less),
            "<=" | "≤" | "=<" => Some(Comparison::AtMost),
            "=" | "==" => Some(Comparison::Equal),
            ">=" | "≥" | "=>" => Some(Comparison::AtLeast),
            ">" => Some(Comparison::More),
            _ => None,
        }
    }
}

impl std::fmt::Display for Comparison {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Comparison::Less => "<",
            Comparison::AtMost => "<=",
            Comparison::Equal => "=",
            Comparison::AtLeast => ">=",
            Comparison::More => ">",
        })
    }
}

impl Quantity {
    /// A number with its unit; the text is the number's shortest form.
    pub fn new(value: f64, unit: &str) -> Quantity {
        Quantity { value, text: value.to_string(), comparator: None, unit: unit.to_owned() }
    }

    /// The value in `unit`. `analyte` is a key of the lab table (`creatinine`, `hba1c`, `ast`, …); it settles
    /// mass against substance, enzyme units and the two HbA1c scales. The comparator is not looked at.
    ///
    /// # Errors
    /// When a unit is unstated or unknown, or the two are of different kinds.
    pub fn to(&self, unit: &str, analyte: Option<&str>) -> Result<f64, UnitError> {
        if !self.value.is_finite() {
            return Err(UnitError::NotFinite);
        }
        let analyte = analyte.map_or(Analyte::NONE, Analyte::of);
        let to = Unit::read(unit, unit, &analyte)?;
        let from = Unit::read(&self.unit, unit, &analyte)?;
        let value = from.convert(self.value, &to, &analyte).filter(|value| value.is_finite());
        value.ok_or_else(|| UnitError::Different {
            from: spelling::shown(&self.unit),
            to: spelling::shown(unit),
        })
    }

    /// Does the amount stand in this relation to `threshold`, given in `unit`? A result such as `<5` is the whole
    /// range below 5: against `>= 10` it is false, against `>= 3` open.
    ///
    /// # Errors
    /// As [`Quantity::to`], and when the comparator is not one of the four.
    pub fn compare(
        &self,
        op: Comparison,
        threshold: f64,
        unit: &str,
        analyte: Option<&str>,
    ) -> Result<Truth, UnitError> {
        self.stands(self.to(unit, analyte)?, op, threshold)
    }

    /// The same of the amount once it is converted: `value` is what [`Quantity::to`] gave.
    ///
    /// # Errors
    /// The comparator is not one of the four.
    pub fn stands(&self, value: f64, op: Comparison, threshold: f64) -> Result<Truth, UnitError> {
        let value = snapped(value, threshold);
        let range = Range::of(value, self.comparator.as_deref())?;
        Ok(range.stands(op, threshold))
    }
}

/// Conversions are exact to about 15 digits; what differs by less is equal.
fn snapped(value: f64, threshold: f64) -> f64 {
    let scale = value.abs().max(threshold.abs());
    if (value - threshold).abs() <= 1e-12 * scale { threshold } else { value }
}

/// All values a result can stand for: an end is `(value, itself included)`, infinite when open.
struct Range {
    low: (f64, bool),
    high: (f64, bool),
}

impl Range {
    fn of(value: f64, comparator: Option<&str>) -> Result<Range, UnitError> {
        let (below, above) = ((f64::NEG_INFINITY, false), (f64::INFINITY, false));
        let (low, high) = match comparator.map_or(Some(Comparison::Equal), Comparison::parse) {
            Some(Comparison::Equal) => ((value, true), (value, true)),
            Some(Comparison::Less) => (below, (value, false)),
            Some(Comparison::AtMost) => (below, (value, true)),
            Some(Comparison::AtLeast) => ((value, true), above),
            Some(Comparison::More) => ((value, false), above),
            None => {
                let comparator = spelling::shown(comparator.unwrap_or_default());
                return Err(UnitError::Comparator { comparator });
            }
        };
        Ok(Range { low, high })
    }

    fn stands(&self, op: Comparison, threshold: f64) -> Truth {
        match op {
            Comparison::Less => self.all_below(threshold),
            Comparison::AtLeast => self.all_below(threshold).not(),
            Comparison::AtMost => self.all_above(threshold).not(),
            Comparison::More => self.all_above(threshold),
            Comparison::Equal => self.is(threshold),
        }
    }

    fn all_below(&self, threshold: f64) -> Truth {
        match () {
            () if self.high.0 < threshold || (self.high.0 == threshold && !self.high.1) => Truth::True,
            () if threshold <= self.low.0 => Truth::False,
            () => Truth::Open,
        }
    }

    fn all_above(&self, threshold: f64) -> Truth {
        match () {
            () if threshold < self.low.0 || (self.low.0 == threshold && !self.low.1) => Truth::True,
            () if self.high.0 <= threshold => Truth::False,
            () => Truth::Open,
        }
    }

    fn is(&self, threshold: f64) -> Truth {
        match self.low.0 == self.high.0 && self.low.0 == threshold {
            true => Truth::True,
            false => self.all_below(threshold).or(self.all_above(threshold)).not(),
        }
    }
}

#[cfg(test)]
mod tests;
