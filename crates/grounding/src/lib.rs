//! May this sentence be shown?
//!
//! A model is handed [`Records`] and answers with a [`Reply`]: it may pick a record's own sentence, point at words of a
//! record, or write a sentence of its own that cites records. [`Gate::judge`] lets through what the records carry and
//! withholds the rest with its reasons. No model judges a model: a record's own sentence was made by this program, a
//! quotation is copied by this program, and a free sentence must be carried whole by one sentence of each record it
//! cites (module `free`). Pure: no clock, disk, network or model.

mod clean;
mod facts;
mod free;
mod gate;
mod record;
mod reply;
#[cfg(test)]
mod tests;
mod words;

pub use clean::{clean, escaped};
pub use free::Reason;
pub use gate::{Answer, Gate, How, Published, Span, Withheld};
pub use record::{Record, RecordKey, Records, Refused, Side};
pub use reply::{Reply, Said, Unreadable, schema};
