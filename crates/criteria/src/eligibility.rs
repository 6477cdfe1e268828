//! What does a trial ask of a patient, as logic?
//!
//! A criterion is an expression over asks. An ask is one question about one fact of the patient with a closed set of
//! kinds; what no kind can say is kept as not computable with its words. Nothing here knows a trial or a file.
//!
//! `ask` and `expr` are the types, `bounds` their limits, `text` and `json` how they are written and read; `judge` is the
//! reference evaluator, `brief` the same without words, `view` what people see of a verdict, `time` from which day on, `missing` which facts would help.

pub mod ask;
pub mod bounds;
pub mod brief;
pub mod expr;
pub mod json;
pub mod judge;
pub mod missing;
pub mod text;
pub mod time;
pub mod view;
mod words;

pub use ask::{
    Anchor, Ask, ConditionState, DiseaseExtent, Judgement, LesionState, MarkerAsk, PriorOutcome, Range, Span,
    SpanRule, SpanUnit, Stated, TherapyRef, UnitOf, Washout,
};
pub use bounds::OutOfBounds;
pub use brief::{Brief, Kinds, brief_ask, dated_brief};
pub use expr::{Coverage, Criterion, Expr, Role, TextSpan};
pub use json::{NotJson, read_json};
pub use judge::{FactClass, Options, Policy, judge};
pub use missing::{missing_facts, routine};
pub use text::NotEligibility;
pub use time::{Due, Earliest, MOST_DAYS, Wait, at, days_named, earliest_day, when_not_false};
pub use view::{CriterionVerdict, Shown, judge_criterion};
