//! Which small typed pieces do all resources share?

use crate::ids::{Name, URI_SYSTEM};
use crate::model::Coding;
use crate::text;
use fhir_sdk::r4b::types::{self, Annotation, CodeableConcept, Identifier, Reference};
use fhir_sdk::{BuilderError, Instant};
use std::str::FromStr;

/// Stands in every resource a person might act on.
pub const DRAFT: &str = "Draft, decision support: it ranks and explains, people decide.";

type Built<T> = Result<T, BuilderError>;

/// A reference to a resource of this Bundle.
pub fn to(name: &Name) -> Built<Reference> {
    Reference::builder().reference(name.url.clone()).build()
}

/// A reference to the program; its type is said, so that a reader without the Bundle knows that no person spoke.
pub fn to_device(name: &Name) -> Built<Reference> {
    Reference::builder().reference(name.url.clone()).r#type("Device".into()).build()
}

/// References to resources of this Bundle.
pub fn to_all<'n>(names: impl IntoIterator<Item = &'n Name>) -> Built<Vec<Option<Reference>>> {
    names.into_iter().map(|name| to(name).map(Some)).collect()
}

/// A reference in words: what it names is not in this Bundle.
pub fn in_words(words: &str) -> Built<Option<Reference>> {
    text::string(words).map(|words| Reference::builder().display(words).build()).transpose()
}

/// A concept in words.
pub fn concept(words: &str) -> Built<CodeableConcept> {
    CodeableConcept::builder().text(text::string(words).unwrap_or_else(|| "not stated".into())).build()
}

/// A coding with its words.
pub fn coding(code: &Coding, words: &str) -> Built<types::Coding> {
    let mut coding = types::Coding::builder().system(code.system.clone()).code(code.code.clone()).build()?;
    coding.display = text::string(words);
    Ok(coding)
}

/// Names a resource whatever server keeps it.
pub fn identifier(name: &Name) -> Built<Identifier> {
    Identifier::builder().system(URI_SYSTEM.into()).value(name.url.clone()).build()
}

/// A hash as an identifier; FHIR has no system for it, so its kind is said in words.
pub fn hash_identifier(kind: &str, sha256: &str) -> Built<Option<Identifier>> {
    let Some(value) = text::string(sha256) else { return Ok(None) };
    let kind = concept(&format!("{kind}, sha256"))?;
    Identifier::builder().r#type(kind).value(value).build().map(Some)
}

/// Annotations of non-empty texts; they are Markdown in FHIR.
pub fn notes(lines: impl IntoIterator<Item = String>) -> Built<Vec<Option<Annotation>>> {
    let lines = lines.into_iter().filter_map(|line| text::markdown(&line));
    lines.map(|line| Annotation::builder().text(line).build().map(Some)).collect()
}

/// RFC 3339 with the offset as written; the zone name that RFC 9557 adds in brackets is dropped.
pub fn instant(text: &str) -> Result<Instant, crate::Error> {
    let plain = text.split('[').next().unwrap_or(text);
    Instant::from_str(plain).map_err(|_| crate::Error::Instant)
}

#[cfg(test)]
mod tests {
    use super::instant;

    #[track_caller]
    fn check(text: &str, written: Option<&str>) {
        let json = instant(text).ok().map(|i| serde_json::to_value(i).expect("json"));
        assert_eq!(json.as_ref().and_then(|v| v.as_str()), written, "{text}");
    }

    #[test]
    fn an_instant_keeps_its_offset() {
        check("2026-06-15T08:00:00+02:00[Europe/Berlin]", Some("2026-06-15T08:00:00+02:00"));
        check("2026-06-15T08:00:00.25-05:30[-05:30]", Some("2026-06-15T08:00:00.25-05:30"));
        check("2026-06-15T12:00:00+00:00[UTC]", Some("2026-06-15T12:00:00Z"));
        check("2026-06-15", None);
        check("", None);
    }
}
