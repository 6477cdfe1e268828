//! Which fields does the index hold, and how does a passage become its document?

use super::analyse::{Analysis, Slot};
use super::{DocumentHead, Entry, LexicalError};
use crate::filter::{Facets, Field};
use concilium_evidence::passage::Passage;
use std::collections::BTreeMap;
use tantivy::schema::{
    FAST, Field as Column, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{TantivyDocument, Term};

/// Columns of the index.
#[derive(Clone)]
pub(super) struct Columns {
    pub title: Column,
    pub body: Column,
    /// `gene:ERBB2`, `variant:BRAF V600E`: everything title and body name, without lengths, each once.
    pub entities: Column,
    /// The passage's key as text: to find it again and to order ties.
    pub key: Column,
    /// Passage and document head as JSON.
    stored: Column,
    /// Years padded to five digits, for ranges; `Field::Year` itself holds them as they are.
    pub year: Column,
    facets: BTreeMap<Field, Column>,
}

impl Columns {
    pub fn new() -> (Schema, Columns) {
        let mut schema = Schema::builder();
        let words = |option| TextFieldIndexing::default().set_tokenizer("raw").set_index_option(option);
        let text =
            TextOptions::default().set_indexing_options(words(IndexRecordOption::WithFreqsAndPositions));
        let named = words(IndexRecordOption::Basic).set_fieldnorms(false);
        let columns = Columns {
            title: schema.add_text_field("title", text.clone()),
            body: schema.add_text_field("body", text),
            entities: schema.add_text_field("entities", TextOptions::default().set_indexing_options(named)),
            key: schema.add_text_field("key", STRING | FAST),
            stored: schema.add_text_field("stored", STORED),
            year: schema.add_text_field("year_padded", STRING),
            facets: Field::ALL
                .map(|field| (field, schema.add_text_field(field.name(), STRING | FAST)))
                .into(),
        };
        (schema.build(), columns)
    }

    /// The term that a facet's value is in the index.
    pub fn facet(&self, field: Field, value: &str) -> Term {
        // `Columns::new` makes a column for every field.
        Term::from_field_text(self.facets[&field], value)
    }

    pub fn document(
        &self,
        entry: &Entry,
        title: &Analysis,
        body: &Analysis,
    ) -> Result<TantivyDocument, LexicalError> {
        let mut document = TantivyDocument::new();
        let key = entry.passage.key.to_string();
        let stored = serde_json::to_string(&(&entry.passage, &entry.head));
        let stored =
            stored.map_err(|error| LexicalError::Passage { key: key.clone(), what: error.to_string() })?;
        document.add_text(self.key, key);
        document.add_text(self.stored, stored);
        document.add_pre_tokenized_text(self.title, tokens(&title.slots));
        document.add_pre_tokenized_text(self.body, tokens(&body.slots));
        for entity in title.entities().union(&body.entities()) {
            document.add_text(self.entities, entity);
        }
        self.add_facets(&mut document, &entry.facets);
        Ok(document)
    }

    fn add_facets(&self, document: &mut TantivyDocument, facets: &Facets) {
        for (field, values) in &facets.values {
            for value in values {
                document.add_text(self.facets[field], value);
            }
        }
        for year in facets.of(Field::Year).iter().filter_map(|year| year.parse::<u16>().ok()) {
            document.add_text(self.year, padded(year));
        }
    }

    /// What was stored of a hit.
    pub fn read(&self, document: &TantivyDocument) -> Option<(Passage, DocumentHead)> {
        serde_json::from_str(document.get_first(self.stored)?.as_str()?).ok()
    }
}

/// Words of equal length are in the order of their numbers.
pub(super) fn padded(year: u16) -> String {
    format!("{year:05}")
}

fn tokens(slots: &[Slot]) -> PreTokenizedString {
    let token = |slot: &Slot, text: &String| Token {
        offset_from: slot.span.start,
        offset_to: slot.span.end,
        position: slot.position,
        text: text.clone(),
        position_length: 1,
    };
    let tokens = slots.iter().flat_map(|slot| slot.tokens().map(move |text| token(slot, text))).collect();
    PreTokenizedString { text: String::new(), tokens }
}
