//! How is a point said to Qdrant: id, payload, and conditions on it?
//!
//! One shape for the folder and the server. A payload holds the four parts of the passage's key, each facet as a list of
//! keywords under its own name, and the years once more as numbers.

use concilium_evidence::passage::{DocumentId, PassageKey};
use concilium_retrieval::filter::{Facets, Field, Filter};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Name of the vector in each point.
pub(crate) const VECTOR: &str = "passage";
/// Document id of the passage, whatever its facets say.
pub(crate) const DOCUMENT: &str = "passage_document";
const TEXT: &str = "passage_text";
const START: &str = "passage_start";
const END: &str = "passage_end";
/// What names a passage.
pub(crate) const KEY: [&str; 4] = [DOCUMENT, TEXT, START, END];
/// Years as numbers, for ranges.
pub(crate) const YEARS: &str = "year_number";

/// How an indexed payload field is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Indexed {
    /// Is it this word?
    Keyword,
    /// Does it lie in this range?
    Integer,
}

/// Every payload field that is ever asked for; without an index a filter reads every payload.
pub(crate) fn indexes() -> impl Iterator<Item = (&'static str, Indexed)> {
    let facets = Field::ALL.into_iter().map(|field| (field.name(), Indexed::Keyword));
    facets.chain([(DOCUMENT, Indexed::Keyword), (YEARS, Indexed::Integer)])
}

/// UUID of a passage: the first half of the sha256 of its key, marked as version 8 (RFC 9562, section 5.8: made by a
/// rule of one's own). The same passage is the same point everywhere.
pub(crate) fn point_id(key: &PassageKey) -> String {
    let mut bytes: [u8; 16] = std::array::from_fn(|_| 0);
    bytes.copy_from_slice(&Sha256::digest(key.to_string())[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Payload of a point.
pub(crate) fn payload(key: &PassageKey, facets: &Facets) -> Map<String, Value> {
    let mut payload = Map::new();
    payload.insert(DOCUMENT.into(), json!(key.document.0));
    payload.insert(TEXT.into(), json!(key.text_hash));
    payload.insert(START.into(), json!(key.start));
    payload.insert(END.into(), json!(key.end));
    for (field, values) in &facets.values {
        payload.insert(field.name().into(), json!(values));
    }
    let years: Vec<u16> = facets.of(Field::Year).iter().filter_map(|year| year.parse().ok()).collect();
    payload.insert(YEARS.into(), json!(years));
    payload
}

/// Key out of a payload; the error names the field.
pub(crate) fn key_of(payload: &Map<String, Value>) -> Result<PassageKey, String> {
    let foreign = |name: &str| {
        format!("a point has no {name}: it was not written by concilium; use a place of its own")
    };
    let words = |name: &str| {
        payload.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| foreign(name))
    };
    let number = |name: &str| {
        let number =
            payload.get(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
        number.ok_or_else(|| foreign(name))
    };
    Ok(PassageKey {
        document: DocumentId(words(DOCUMENT)?),
        text_hash: words(TEXT)?,
        start: number(START)?,
        end: number(END)?,
    })
}

/// Facets out of a payload.
pub(crate) fn facets_of(payload: &Map<String, Value>) -> Facets {
    let mut facets = Facets::default();
    for field in Field::ALL {
        if let Some(values) = payload.get(field.name()).and_then(Value::as_array) {
            facets.set(field, values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect());
        }
    }
    facets
}

/// What is to be asked of a store.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Asked {
    /// Every point.
    Always,
    /// No point: the store need not be asked.
    Never,
    /// Points that meet this.
    When(Condition),
}

/// A condition without empty parts, so that no store's own reading of emptiness matters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    /// All of these, at least one.
    All(Vec<Condition>),
    /// Any of these, at least one.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// The keyword field holds one of these, at least one.
    OneOf(&'static str, Vec<String>),
    /// A year lies from the first to the second, both included.
    Years(u16, u16),
}

/// Lowers a filter.
pub(crate) fn lower(filter: &Filter) -> Asked {
    match filter {
        Filter::All => Asked::Always,
        Filter::And(parts) => join(parts, Asked::Always, Asked::Never, Condition::All),
        Filter::Or(parts) => join(parts, Asked::Never, Asked::Always, Condition::Any),
        Filter::Not(part) => match lower(part) {
            Asked::Always => Asked::Never,
            Asked::Never => Asked::Always,
            Asked::When(condition) => Asked::When(Condition::Not(Box::new(condition))),
        },
        Filter::AnyOf(_, values) if values.is_empty() => Asked::Never,
        Filter::AnyOf(field, values) => Asked::When(Condition::OneOf(field.name(), values.clone())),
        Filter::Years(from, to) => {
            let (from, to) = (from.unwrap_or(u16::MIN), to.unwrap_or(u16::MAX));
            if from <= to { Asked::When(Condition::Years(from, to)) } else { Asked::Never }
        }
    }
}

/// Joins parts: `neutral` ones fall away, one `decisive` part decides.
fn join(parts: &[Filter], neutral: Asked, decisive: Asked, joined: fn(Vec<Condition>) -> Condition) -> Asked {
    let mut conditions = Vec::new();
    for part in parts.iter().map(lower) {
        match part {
            Asked::When(condition) => conditions.push(condition),
            constant if constant == decisive => return decisive,
            Asked::Always | Asked::Never => {}
        }
    }
    if conditions.is_empty() { neutral } else { Asked::When(joined(conditions)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use concilium_retrieval::vectors::contract;

    #[test]
    fn a_payload_holds_the_whole_point() {
        for point in contract::points(100, 1, 4) {
            let payload = payload(&point.key, &point.facets);
            assert_eq!(key_of(&payload).as_ref(), Ok(&point.key));
            assert_eq!(facets_of(&payload), point.facets);
        }
        assert!(key_of(&Map::new()).unwrap_err().contains("passage_document"));
    }

    #[test]
    fn ids_are_uuids_and_differ() {
        let ids: Vec<_> = contract::points(100, 1, 4).iter().map(|point| point_id(&point.key)).collect();
        assert_eq!(ids[0], "59b2d345-eb8f-83d3-a709-b049de3163f9");
        assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 100);
    }

    /// The meaning of a lowered filter on a payload, said once more in the plainest way.
    fn holds(condition: &Condition, payload: &Map<String, Value>) -> bool {
        let values = |name: &str| payload.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        match condition {
            Condition::All(parts) => parts.iter().all(|part| holds(part, payload)),
            Condition::Any(parts) => parts.iter().any(|part| holds(part, payload)),
            Condition::Not(part) => !holds(part, payload),
            Condition::OneOf(name, wanted) => {
                values(name).iter().any(|value| wanted.iter().any(|word| value == word))
            }
            Condition::Years(from, to) => values(YEARS)
                .iter()
                .filter_map(Value::as_u64)
                .any(|year| (u64::from(*from)..=u64::from(*to)).contains(&year)),
        }
    }

    #[test]
    fn lowering_keeps_the_meaning() {
        for filter in contract::filters() {
            for point in contract::points(200, 1, 4) {
                let payload = payload(&point.key, &point.facets);
                let held = match lower(&filter) {
                    Asked::Always => true,
                    Asked::Never => false,
                    Asked::When(condition) => holds(&condition, &payload),
                };
                assert_eq!(held, filter.holds(&point.facets), "{filter:?}");
            }
        }
    }
}
