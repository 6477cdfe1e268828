//! What must hold of a passage, whatever the words? One type, lowered to every index and store.

use serde::{Deserialize, Serialize};

/// What is known of each passage beside its words. Every index keeps all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// Document id: `pmid:24265153`.
    Document,
    /// `article`, `statement`, `trial`, `file`.
    Kind,
    /// Corpus name.
    Corpus,
    /// Gene symbols named in the passage.
    Gene,
    /// Variants in normal form with their gene: `BRAF V600E`.
    Variant,
    /// DOIDs named in the passage and everything above them.
    Disease,
    /// Drugs by canonical name.
    Drug,
    /// Statement keys the document speaks of.
    Statement,
    /// Publication types, lower case.
    Type,
    /// `title-only`, `abstract-only`, `full-text`, `curated-summary`.
    Access,
    /// `current`, `retracted`, `superseded`, `concern`.
    Standing,
    /// Year of publication (number).
    Year,
    /// `true` or `false`.
    Invented,
}

impl Field {
    /// Name in every index and payload.
    pub fn name(self) -> &'static str {
        match self {
            Field::Document => "document",
            Field::Kind => "kind",
            Field::Corpus => "corpus",
            Field::Gene => "gene",
            Field::Variant => "variant",
            Field::Disease => "disease",
            Field::Drug => "drug",
            Field::Statement => "statement",
            Field::Type => "type",
            Field::Access => "access",
            Field::Standing => "standing",
            Field::Year => "year",
            Field::Invented => "invented",
        }
    }

    /// Every field.
    pub const ALL: [Field; 13] = [
        Field::Document,
        Field::Kind,
        Field::Corpus,
        Field::Gene,
        Field::Variant,
        Field::Disease,
        Field::Drug,
        Field::Statement,
        Field::Type,
        Field::Access,
        Field::Standing,
        Field::Year,
        Field::Invented,
    ];
}

/// A condition on a passage's fields. Fields hold several values; a value is met when any of them is it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// Everything.
    #[default]
    All,
    /// All of these.
    And(Vec<Filter>),
    /// At least one of these; none at all is never met.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// The field holds one of these values; an empty list is never met. Not for [`Field::Year`].
    AnyOf(Field, Vec<String>),
    /// The year lies in this range, both ends included; a passage without a year does not.
    Years(Option<u16>, Option<u16>),
}

/// Values of the fields of one passage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facets {
    /// Field and its values, sorted, without repetition; years as numbers in words (`"2024"`).
    pub values: std::collections::BTreeMap<Field, Vec<String>>,
}

impl Facets {
    /// Values of one field.
    pub fn of(&self, field: Field) -> &[String] {
        self.values.get(&field).map_or(&[], Vec::as_slice)
    }

    /// Sets the values of a field, sorted and each once.
    pub fn set(&mut self, field: Field, mut values: Vec<String>) {
        values.sort();
        values.dedup();
        self.values.insert(field, values);
    }
}

impl Filter {
    /// The meaning of a filter: every index must agree with this.
    pub fn holds(&self, facets: &Facets) -> bool {
        match self {
            Filter::All => true,
            Filter::And(parts) => parts.iter().all(|part| part.holds(facets)),
            Filter::Or(parts) => parts.iter().any(|part| part.holds(facets)),
            Filter::Not(part) => !part.holds(facets),
            Filter::AnyOf(field, wanted) => facets.of(*field).iter().any(|value| wanted.contains(value)),
            Filter::Years(from, to) => facets.of(Field::Year).iter().any(|year| {
                year.parse::<u16>()
                    .is_ok_and(|year| from.is_none_or(|from| from <= year) && to.is_none_or(|to| year <= to))
            }),
        }
    }
}
