//! What does a trial ask of a patient, as logic?
//!
//! A criterion is an expression over asks. An ask is one question about one fact of the patient with a closed set of
//! kinds; what no kind can say is kept as not computable with its words. Nothing here knows a trial or a file.

pub mod ask;
pub mod bounds;
pub mod expr;
pub mod json;
pub mod text;
mod words;

pub use ask::{
    Anchor, Ask, ConditionState, DiseaseExtent, Judgement, LesionState, MarkerAsk, PriorOutcome, Range, Span,
    SpanRule, SpanUnit, Stated, TherapyRef, UnitOf, Washout,
};
pub use bounds::OutOfBounds;
pub use expr::{Coverage, Criterion, Expr, Role, TextSpan};
pub use json::{NotJson, read_json};
pub use text::NotEligibility;
