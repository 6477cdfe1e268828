//! Which identifiers do we hand around, and what makes one valid?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Trims; the text is otherwise kept as written.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(text.as_ref().trim().to_owned())
            }
            /// The text as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

text_id! {
    /// HGNC gene symbol as current in the knowledge release, e.g. `ERBB2`. Aliases are resolved before one is made.
    GeneSymbol
}
text_id! {
    /// Canonical generic drug name of `drugs.tsv`, lower case, e.g. `trastuzumab deruxtecan`.
    DrugName
}
text_id! {
    /// Drug class of `classes.tsv`, e.g. `egfr-tki`.
    ClassId
}
text_id! {
    /// Disease Ontology id with its prefix and leading zeros, e.g. `DOID:0060318`; or `CIVIC:solid-tumor`.
    Doid
}
text_id! {
    /// Citation key of a statement, e.g. `EID1411` (CIViC evidence) or `AID6` (CIViC assertion).
    StatementKey
}
