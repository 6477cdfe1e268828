//! Where did a fact come from, when was it so, and since when is it known?

use concilium_terms::PartialDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where something stands in what the user handed in. File names are as given, without folders above the input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// File name.
    pub file: String,
    /// Where inside.
    pub place: Place,
}

/// A place inside a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// FHIR resource `Observation/abc` and element path `component[2].valueQuantity`.
    Resource {
        /// `Type/id`.
        resource: String,
        /// Element path, empty for the whole resource.
        element: String,
    },
    /// 1-based line of a VCF, MAF or NDJSON file, with a column or field.
    Line {
        /// 1-based.
        line: usize,
        /// Column or INFO key.
        field: String,
    },
    /// Byte span of a document's text.
    Span {
        /// Document id.
        document: String,
        /// First byte.
        start: usize,
        /// One past the last byte.
        end: usize,
    },
    /// The whole file.
    File,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Place::Resource { resource, element } if element.is_empty() => {
                write!(f, "{}: {resource}", self.file)
            }
            Place::Resource { resource, element } => write!(f, "{}: {resource} {element}", self.file),
            Place::Line { line, field } => write!(f, "{} line {line} {field}", self.file),
            Place::Span { document, start, end } => write!(f, "{}: {document} [{start}..{end}]", self.file),
            Place::File => f.write_str(&self.file),
        }
    }
}

/// What every fact carries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Meta {
    /// Stable id, unique in the case: file-independent where the record has ids (`Observation/abc#2`).
    pub id: String,
    /// When it was true (effective, onset, collected).
    pub when: Option<PartialDate>,
    /// Since when it is known (issued, recorded). A fact issued after `as_of` is not used.
    pub issued: Option<PartialDate>,
    /// Everything that states it. Never empty for a read fact.
    pub sources: Vec<Source>,
    /// For derived facts: from which fact ids, by which rule.
    pub derived: Option<String>,
    /// Version of the record (`meta.versionId` / `lastUpdated`) for supersession.
    pub version: Option<String>,
    /// Business identifiers (`system|value`) for deduplication.
    pub identifiers: Vec<String>,
    /// The record's own status said it does not hold: `entered-in-error`, `refuted`, `cancelled`. Assembly removes it.
    pub retraction: Option<String>,
}
