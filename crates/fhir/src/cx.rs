//! What does an extractor see, and where do its facts and issues go?

use crate::element;
use crate::input::{Entry, Input};
use crate::json::Json;
use concilium_case::{Document, Facts, Issue, Level, Meta, Place, Significance, Source};
use concilium_terms::hgvs::{CodingChange, ProteinChange};
use concilium_terms::{Code, PartialDate};

/// What one entry says about another, applied when all are read.
pub enum Late {
    /// Histology of a condition.
    Histology { condition: String, codes: Vec<Code> },
    /// The lab's call on a variant.
    Significance { variant: String, call: Significance, by: Source },
    /// The lab's functional call on a variant.
    Effect { variant: String, effect: concilium_case::Effect },
    /// Consequence and names of a variant, from a molecular-consequence entry.
    Names {
        variant: String,
        protein: Option<ProteinChange>,
        coding: Vec<CodingChange>,
        consequence: Option<concilium_case::Consequence>,
    },
    /// Phase of two variants.
    Phase { variants: Vec<String>, cis: Option<bool> },
    /// Metaboliser phenotype of a genotype.
    Phenotype { genotype: String, phenotype: String },
    /// A stage summary of a condition says the same as the assessment it points to.
    StageSummary { assessment: String, condition: String, by: Source },
    /// The condition of a stage group is that of its T, N and M.
    StageOf { members: Vec<String>, condition: String },
    /// The only specimen of a report, for its results.
    Specimen { result: String, specimen: String },
}

/// The entry being read, the input around it, and the facts so far.
pub struct Cx<'i, 'a> {
    /// All entries.
    pub input: &'i Input<'a>,
    /// Index of this one.
    pub at: usize,
    /// Facts so far.
    pub facts: &'i mut Facts,
    /// What to apply at the end.
    pub late: &'i mut Vec<Late>,
}

impl<'i, 'a> Cx<'i, 'a> {
    /// This entry.
    pub fn entry(&self) -> &'i Entry<'a> {
        &self.input.entries[self.at]
    }

    /// The resource.
    pub fn json(&self) -> &'i Json<'a> {
        self.entry().json
    }

    /// Where this entry stands.
    pub fn source(&self, element: &str) -> Source {
        let place = Place::Resource { resource: self.entry().id.clone(), element: element.to_owned() };
        Source { file: self.input.file.to_owned(), place }
    }

    /// Reports an issue of this entry.
    pub fn issue(&mut self, level: Level, element: &str, what: impl Into<String>, remedy: &str) {
        let source = self.source(element);
        self.facts.issues.push(Issue { level, source, what: what.into(), remedy: remedy.into() });
    }

    /// A doubtful reading.
    pub fn doubt(&mut self, element: &str, what: impl Into<String>, remedy: &str) {
        self.issue(Level::Doubtful, element, what, remedy);
    }

    /// Something set aside on purpose.
    pub fn note(&mut self, element: &str, what: impl Into<String>, remedy: &str) {
        self.issue(Level::Note, element, what, remedy);
    }

    /// Says something about a fact of another entry, unless this entry does not hold.
    pub fn say(&mut self, said: Late) {
        if self.retraction().is_none() {
            self.late.push(said);
        }
    }

    /// What every fact of this entry carries; `part` tells facts of one entry apart.
    pub fn meta(&self, part: &str) -> Meta {
        let json = self.json();
        let id = &self.entry().id;
        let first =
            |keys: &[&str]| keys.iter().find_map(|key| element::date(json.path(&parent(key))?, last(key)));
        Meta {
            id: if part.is_empty() { id.clone() } else { format!("{id}#{part}") },
            when: first(WHEN).or_else(|| timing(json)),
            issued: first(&[
                "issued",
                "recordedDate",
                "authoredOn",
                "dateAsserted",
                "date",
                "receivedTime",
                "recorded",
            ])
            .or_else(|| element::date(element::extension(json, "condition-assertedDate")?, "valueDateTime")),
            sources: vec![self.source(part)],
            derived: None,
            version: version(json),
            identifiers: json.all("identifier").iter().filter_map(identifier).collect(),
            retraction: self.retraction(),
        }
    }

    /// The record's own word that it does not hold.
    fn retraction(&self) -> Option<String> {
        let json = self.json();
        let states = [json.str("status"), json.str("docStatus")];
        let held = |s: &&str| matches!(*s, "entered-in-error" | "cancelled" | "revoked");
        let status = states.into_iter().flatten().find(held);
        let of_concept = |key: &str| {
            let codes = element::concept(json.one(key)?);
            ["entered-in-error", "refuted"].into_iter().find(|word| element::has(&codes, word))
        };
        let plain = json.str("verificationStatus").filter(|s| matches!(*s, "entered-in-error" | "refuted"));
        status.or(of_concept("verificationStatus")).or(plain).map(str::to_owned)
    }

    /// Ids the references under `key` mean.
    pub fn targets(&self, key: &str) -> Vec<String> {
        self.json().all(key).iter().filter_map(|r| self.input.target(self.at, r)).collect()
    }

    /// The entry a reference means.
    pub fn resolve(&self, reference: &Json) -> Option<&'i Entry<'a>> {
        self.input.resolve(self.at, reference).map(|index| &self.input.entries[index])
    }

    /// The condition this entry is about: `focus`, `reasonReference`, related-condition extension.
    pub fn condition(&self) -> Option<String> {
        let json = self.json();
        let related =
            element::extension(json, "mcode-related-condition").and_then(|e| e.one("valueReference"));
        let references = json.all("focus").iter().chain(json.all("reasonReference")).chain(related);
        references.filter_map(|r| self.input.target(self.at, r)).find(|id| id.starts_with("Condition/"))
    }

    /// The specimen named.
    pub fn specimen(&self) -> Option<String> {
        self.input.target(self.at, self.json().one("specimen")?)
    }

    /// Text of a note or report as a document of its own.
    pub fn document(&mut self, part: &str, title: String, text: &str) {
        if !text.trim().is_empty() {
            let document = Document { meta: self.meta(part), title, text: text.to_owned() };
            self.facts.documents.push(document);
        }
    }

    /// `note[].text` as documents.
    pub fn notes(&mut self) {
        let json = self.json();
        for (index, note) in json.all("note").iter().enumerate() {
            if let Some(text) = note.str("text").or(note.text()) {
                self.document(&format!("note[{index}]"), format!("note of {}", self.entry().id), text);
            }
        }
    }
}

static WHEN: &[&str] = &[
    "effectiveDateTime",
    "effectivePeriod.start",
    "effectiveInstant",
    "onsetDateTime",
    "onsetPeriod.start",
    "performedDateTime",
    "performedPeriod.start",
    "occurrenceDateTime",
    "collection.collectedDateTime",
    "collection.collectedPeriod.start",
    "whenHandedOver",
    "authoredOn",
    "effectiveTimeDateTime",
    "effectiveTimePeriod.start",
];

fn timing(json: &Json) -> Option<PartialDate> {
    let event = json.path("effectiveTiming.event")?;
    PartialDate::parse(event.text()?).ok()
}

/// `.` of `a.b` as a path to walk; the empty path is the value itself.
fn parent(key: &str) -> String {
    key.rsplit_once('.').map_or(String::new(), |(before, _)| before.to_owned())
}

fn last(key: &str) -> &str {
    key.rsplit_once('.').map_or(key, |(_, last)| last)
}

/// `versionId@lastUpdated`, as far as given.
pub fn version(json: &Json) -> Option<String> {
    let meta = json.one("meta")?;
    let parts = (meta.str("versionId"), meta.str("lastUpdated"));
    match parts {
        (None, None) => None,
        (id, updated) => Some(format!("{}@{}", id.unwrap_or(""), updated.unwrap_or(""))),
    }
}

fn identifier(json: &Json) -> Option<String> {
    Some(format!("{}|{}", json.str("system").unwrap_or(""), json.str("value")?))
}
