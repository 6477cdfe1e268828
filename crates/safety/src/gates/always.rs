//! What is due for every patient given this drug?

use super::{Answer, Ask};

/// Always holds.
pub fn ask(ask: &Ask) -> Answer {
    let about = if ask.rule.what.is_empty() { "every patient given this drug" } else { &ask.rule.what };
    ask.fired(about, "holds for everyone given this drug".into(), vec![])
}
