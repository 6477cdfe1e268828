//! How is a release built, stored, loaded, checked and compared?

pub mod build;
pub mod check;
pub mod diff;
pub mod export;
pub mod load;
pub mod schema;
pub mod sources;

/// Schema version of the compiled tables. Raised when a column changes its meaning.
pub const SCHEMA: u32 = 1;
