//! Whole-path tests: files in, plan out. One binary, one module a question.

mod bad_input;
mod cases;
mod cohort;
mod fhir;
mod imaging;
mod laws;
mod literature;
mod meaning;
mod mutations;
mod questions;
mod real;
mod replay;
mod sheet;
mod statements;
mod support;
mod wording;
