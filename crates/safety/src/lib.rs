//! May this be offered, and what must be done first?
//!
//! `screen` is the only maker of a [`Screened`] value, and ranking takes nothing else (`screened`).
//! A drug no rule speaks of is "no rule for this drug": never green.

mod finding;
mod gates;
mod screen;

pub use finding::{SafetyFinding, SafetyVerdict, spoken};
pub use gates::Gates;
pub use gates::intolerance::notes as notes_of_intolerance;
pub use screen::{Candidate, CandidateOrigin, Screened, ScreenedCandidate, screen};

#[cfg(test)]
mod tests;
