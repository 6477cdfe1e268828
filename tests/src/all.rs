//! Whole-path tests: files in, plan out. One binary, one module a question.

mod cases;
mod fhir;
mod laws;
mod real;
mod replay;
mod sheet;
mod support;
