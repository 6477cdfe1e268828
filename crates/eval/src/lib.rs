//! How good is it against labels others wrote?
//!
//! [`metrics`] are the measures of the field with trec_eval's definitions, [`read`] the formats labels come in,
//! [`compare`] says whether a difference may be chance, [`retrieval`] measures which passages are found. Labels are read
//! where they lie and never copied; what is missing is named.

pub mod compare;
pub mod metrics;
pub mod read;
pub mod retrieval;

pub use concilium_models::Embedder;
