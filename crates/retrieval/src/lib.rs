//! Which passages bear on this?
//!
//! Documents come in through `corpus`, are cut by `chunk`, found by `lexical` words and by `vectors`, and joined by
//! `fusion`. The only home of tantivy.

pub mod annotate;
pub mod chunk;
pub mod claim;
pub mod corpus;
pub mod filter;
pub mod fusion;
pub mod index;
pub mod lexical;
pub mod search;
#[cfg(test)]
mod testing;
pub mod vectors;

pub use filter::{Field, Filter};
