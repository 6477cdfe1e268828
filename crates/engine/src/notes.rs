//! What do the notes among the records say, read by rules?

use crate::input::{Budget, InputFile, read_file};
use crate::run::{Engine, EngineError};
use concilium_case::{Case, Document, Facts, Issue};
use concilium_notes::{Options, Reading};
use concilium_terms::{AsOf, PartialDate};
use schemars::JsonSchema;
use serde::Serialize;

/// One document with what was read of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NoteReading {
    /// Document id, as sources name it.
    pub document: String,
    /// Title or type.
    pub title: String,
    /// Its text: spans count its bytes.
    pub text: String,
    /// Sentences and mentions.
    pub reading: Reading,
}

/// Every document of some files, and what could not be read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Notes {
    /// Documents in the order of their ids.
    pub notes: Vec<NoteReading>,
    /// Issues of the files.
    pub issues: Vec<Issue>,
}

impl Engine {
    /// Reads the documents of some files: notes, and texts inside FHIR resources.
    ///
    /// # Errors
    /// No file holds a document.
    pub fn notes(&self, files: &[InputFile], date: Option<&PartialDate>) -> Result<Notes, EngineError> {
        let mut facts = Facts::default();
        let mut budget = Budget::new(self.settings.max_input_bytes);
        for file in files {
            facts.extend(read_file(file, &self.knowledge, &mut budget));
        }
        if facts.documents.is_empty() {
            let lost =
                "  no document in these records: give notes (.txt, .md) or FHIR resources that carry text";
            return Err(EngineError::NothingRead(lost.to_owned()));
        }
        facts.documents.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
        let notes = facts.documents.into_iter().map(|document| {
            let reading = self.note(&document, date);
            NoteReading { document: document.meta.id, title: document.title, text: document.text, reading }
        });
        Ok(Notes { notes: notes.collect(), issues: facts.issues })
    }

    /// The case with the facts its notes state beside it, and the contradictions between the two.
    ///
    /// # Errors
    /// As [`Engine::case`].
    pub fn case_with_text(&self, files: &[InputFile], as_of: AsOf) -> Result<Case, EngineError> {
        let mut case = self.case(files, as_of)?;
        let mut text = Facts::default();
        for document in &case.facts.documents {
            text.extend(concilium_notes::facts(document, &self.note(document, None)));
        }
        crate::assemble::join_text(&mut case, text, &self.knowledge);
        Ok(case)
    }

    /// A document's own day is that of its note unless its head says another.
    fn note(&self, document: &Document, date: Option<&PartialDate>) -> Reading {
        let own = document.meta.when.as_ref().or(document.meta.issued.as_ref());
        let date = date.or(own).filter(|date| date.is_exact());
        self.note_reader().read(&document.text, &Options { date: date.cloned() })
    }
}
