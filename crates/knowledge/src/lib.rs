//! What do curated sources say?
//!
//! A release is a folder of tables in our own schema (`pack/` plus the authored tables), content-addressed.
//! `Knowledge` is one release in memory: sorted arrays with indexes, never changed after loading.

mod authored;
mod disease;
mod error;
pub mod import;
mod lexicon;
mod lookup;
pub mod model;
mod pgx;
mod release;
mod search;
pub mod tsv;

pub use authored::{Texts, need, prior_condition, prior_item, prior_therapy};
pub use concilium_evidence::Statement;
pub use concilium_terms::{Doid, DrugName, GeneSymbol, StatementKey};
pub use disease::{Resolution, Unresolved};
pub use error::{Error, Refusal, Result};
pub use import::Strictness;
pub use lexicon::lexicon;
pub use model::*;
pub use release::SCHEMA;
pub use release::build::{
    INPUTS, Options, build, build_layer, build_with_builtin_tables, compile, hash_of, read_authored, sha256,
};
pub use release::check::{verify, verify_folder};
pub use release::diff::{KnowledgeDiff, diff};
pub use release::export::{exportable, exportable_sentences, layer_of, sentence_for_export};
pub use release::load::{builtin, load, load_layered};
pub use release::schema;
pub use release::sources::SourcePaths;
