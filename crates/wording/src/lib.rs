//! In which words may a plan be explained?
//!
//! A finished plan goes in, an artefact of its own comes out ([`Wording`]): the plan itself is never touched, so no model
//! can move, add or drop an option. For each option to discuss the records it rests on are gathered ([`records_of`]), a
//! model is asked to say what they mean for this patient ([`ask`]), and what it answers passes the gate of `grounding`.
//! Without a model the same artefact holds the records' own sentences ([`templated`]): nothing waits for a model.

mod ask;
mod records;
mod word;

pub use ask::{TEMPLATE, ask};
pub use records::records_of;
pub use word::{Progress, WithheldSentence, Worded, Wording, replayed, templated, word};
