//! Which passages bear on this?
//!
//! Documents come in through `corpus`, are cut by `chunk`, found by `lexical` words and by `vectors`, and joined by
//! `fusion`. The only home of tantivy.

<<<<<<< HEAD
pub mod chunk;
pub mod corpus;
=======
pub mod annotate;
>>>>>>> c4f1e1f31ab6d2993857977e9c0c8420b34f0a5b
pub mod filter;
pub mod fusion;
pub mod lexical;
#[cfg(test)]
mod testing;
pub mod vectors;

pub use filter::{Field, Filter};
