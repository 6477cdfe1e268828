//! What do words, codes and numbers mean?
//!
//! Value types shared by every other crate: identifiers, codes, partial dates, quantities, truth values,
//! HGVS names, alteration patterns and the matcher of names in text. Pure: no clock, disk or network.

pub mod code;
pub mod date;
pub mod hgvs;
pub mod id;
pub mod lexicon;
pub mod pattern;
pub mod quantity;
mod spelling;
pub mod truth;

pub use code::Code;
pub use date::{AsOf, PartialDate, days_between};
pub use id::{ClassId, Doid, DrugName, GeneSymbol, StatementKey};
pub use truth::Truth;
