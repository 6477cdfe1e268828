//! In which stages, with which settings, recorded how?
//!
//! The facade for every program: files in, case, plan, graph and pages out. Only here are files read and written;
//! the clock is read by programs and handed in as `as_of`.

pub mod assemble;
pub mod cohort;
pub mod corpus;
pub mod demo;
pub mod diff;
pub mod explain;
pub mod imaging;
pub mod input;
pub mod language;
mod literature;
pub mod models;
pub mod notes;
mod plan_trials;
pub mod replay;
pub mod run;
pub mod schema;
pub mod settings;
pub mod store;
pub mod texts;
pub mod trials;
pub mod vectors;

pub use concilium_case as case;
pub use concilium_graph as graph;
pub use concilium_imaging as images;
pub use concilium_knowledge as knowledge;
pub use concilium_notes::Reading;
pub use concilium_recommend as recommend;
pub use concilium_report as report;
pub use concilium_terms as terms;
pub use run::{CODE_HASH, Corpora, Engine, EngineError, PROGRAM, Planned};
pub use settings::Settings;
pub use vectors::Backends;
