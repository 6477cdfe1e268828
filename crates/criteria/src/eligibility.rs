//! What does a trial ask of a patient, as logic?
//!
//! A criterion is an expression over asks. An ask is one question about one fact of the patient with a closed set of
//! kinds; what no kind can say is kept as not computable with its words. Nothing here knows a trial or a file.

pub mod ask;
pub mod expr;

pub use ask::{
    Anchor, Ask, ConditionState, DiseaseExtent, Judgement, LesionState, MarkerAsk, PriorOutcome, Range, Span,
    SpanRule, SpanUnit, Stated, TherapyRef, UnitOf, Washout,
};
pub use expr::{Coverage, Criterion, Expr, Role, TextSpan};
