//! How is a mention said in one line?

use crate::mention::{About, Assertion, Finding, Mention, When};
use concilium_terms::quantity::Quantity;
use std::fmt::{Debug, Display, Formatter, Result};

impl Display for Mention {
    /// `condition diabetes | absent | history`, parts that say nothing left out.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let context = &self.context;
        write!(f, "{}", self.finding)?;
        if context.assertion != Assertion::Present {
            write!(f, " | {}", lower(&context.assertion))?;
        }
        if context.about == About::Family {
            write!(f, " | family")?;
        }
        if context.history {
            write!(f, " | history")?;
        }
        for (name, when) in [("when", &context.when), ("until", &context.until)] {
            if let Some(When { date, .. }) = when {
                write!(f, " | {name} {}", date.as_ref().map_or("?".to_owned(), ToString::to_string))?;
            }
        }
        Ok(())
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let class = self.class();
        let said: Vec<String> = match self {
            Finding::Age { amount, unit } => vec![amount.to_string(), lower(unit)],
            Finding::Sex { sex } => vec![lower(sex)],
            Finding::Disease { name, tumour, .. } => {
                return write!(f, "{} {name}", if *tumour { "tumour" } else { class });
            }
            Finding::Condition { key } => vec![key.clone()],
            Finding::Stage { scale, value, basis } => vec![lower(scale), format!("{basis}{value}")],
            Finding::Metastasis { sites, qualities } => vec![sites.join(", "), qualities.join(" ")],
            Finding::Drug { drugs, class: named, status, stop } => {
                let drugs: Vec<&str> = drugs.iter().map(|drug| drug.as_str()).collect();
                let named = named.as_ref().map_or(String::new(), |named| format!("({named})"));
                vec![drugs.join(" + "), named, lower(status), stop.map_or(String::new(), |stop| lower(&stop))]
            }
            Finding::Line { number, prior } => {
                vec![number.to_string(), if *prior { "prior".into() } else { String::new() }]
            }
            Finding::Response { status } => vec![lower(status)],
            Finding::Lab { analyte, value, upto, low, high, words } => vec![
                analyte.clone(),
                value.as_ref().map_or(String::new(), amount),
                upto.map_or(String::new(), |upto| format!("to {upto}")),
                low.map_or(String::new(), |low| format!("low {low}")),
                high.map_or(String::new(), |high| format!("high {high}")),
                words.clone().unwrap_or_default(),
            ],
            Finding::Performance { scale, low, high } if low == high => vec![lower(scale), low.to_string()],
            Finding::Performance { scale, low, high } => vec![lower(scale), format!("{low} to {high}")],
            Finding::Marker { marker, call, score, value } => vec![
                lower(marker),
                call.map_or(String::new(), |call| lower(&call)),
                score.clone().unwrap_or_default(),
                value.as_ref().map_or(String::new(), amount),
            ],
            Finding::Alteration { genes, change, uncertain } => {
                let genes: Vec<&str> = genes.iter().map(|gene| gene.as_str()).collect();
                vec![
                    genes.join("/"),
                    change.clone(),
                    if *uncertain { "uncertain".into() } else { String::new() },
                ]
            }
            Finding::Procedure { what, name } => vec![what.clone(), format!("({name})")],
            Finding::Trial => vec![],
        };
        let said: Vec<String> = said.into_iter().filter(|part| !part.is_empty()).collect();
        write!(f, "{}", [vec![class.to_owned()], said].concat().join(" "))
    }
}

/// Names of our own types only.
fn lower(value: &impl Debug) -> String {
    format!("{value:?}").to_lowercase()
}

/// `<0.3 [mg/dL]`; empty brackets: no unit was written.
fn amount(value: &Quantity) -> String {
    format!("{}{} [{}]", value.comparator.as_deref().unwrap_or(""), value.value, value.unit)
}
