//! Whole-path tests: files in, plan out. One binary, one module a question.

mod bad_input;
mod cases;
mod fhir;
mod imaging;
mod laws;
mod literature;
mod meaning;
mod mutations;
mod real;
mod replay;
mod sheet;
mod statements;
mod support;
