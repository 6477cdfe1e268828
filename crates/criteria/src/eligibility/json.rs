//! How is logic read from JSON somebody else wrote?

use super::bounds::{self, OutOfBounds};
use super::expr::Expr;

/// Why a JSON text is no expression.
#[derive(Debug, thiserror::Error)]
pub enum NotJson {
    /// Not JSON, or not of the schema.
    #[error("line {} column {}: not an eligibility expression", .0.line(), .0.column())]
    Shape(serde_json::Error),
    /// Of the schema, and out of bounds.
    #[error("not an eligibility expression: {0}")]
    Bounds(#[from] OutOfBounds),
}

/// Reads one expression.
///
/// # Errors
/// What was wrong and where; never the content.
pub fn read_json(text: &str) -> Result<Expr, NotJson> {
    let expr: Expr = serde_json::from_str(text).map_err(NotJson::Shape)?;
    bounds::check(&expr)?;
    Ok(expr)
}
