//! What do free-text notes say?
//!
//! Text → dated, typed mentions with byte spans, by rules → facts of the case, marked as read from text. Pure: no
//! clock, disk or network. A reader never guesses what a text leaves open: a negated finding is absent, an uncertain
//! one never present, what is said of a relative is never the patient's, a number without a unit stays without one.
//!
//! Names come from the release's lexicon and from the authored tables in [`words`]; every mention, whether a rule or a
//! model proposed it, passes the same door ([`Reader::accept`]): the span must slice the text to the words it claims,
//! the finding must stand in those words, and the context (negation, doubt, who, when) is read here.

mod accept;
mod context;
mod date;
mod facts;
mod find;
mod mention;
mod settle;
mod show;
mod text;
mod token;
mod words;

pub use accept::{Proposed, Refusal};
pub use facts::facts;
pub use mention::{About, AgeUnit, Assertion, Context, CueKind, CueSpan, DrugStatus, Finding, Mention, When};
pub use text::{Section, Sentence};

use concilium_knowledge::Knowledge;
use concilium_terms::lexicon::{Lexicon, Writing};
use concilium_terms::{Doid, DrugName, PartialDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The rules with their vocabularies; built once from a release, shared by all notes.
#[derive(Debug)]
pub struct Reader {
    /// Genes, drugs, classes, diseases of the release.
    names: Lexicon,
    /// Conditions, analytes, procedures and other authored words.
    own: Lexicon,
    /// Words that change what others mean.
    cues: Lexicon,
    /// Components of each regimen.
    regimens: BTreeMap<String, Vec<DrugName>>,
    /// Terms at or below cancer.
    tumours: BTreeSet<Doid>,
    /// Drugs that make a line of therapy.
    antineoplastic: BTreeSet<DrugName>,
    /// Names of the terms.
    diseases: BTreeMap<Doid, String>,
}

/// What is known of a note beside its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Day the note was written; without it the first whole date of the note's head is taken, else none.
    pub date: Option<PartialDate>,
}

/// Everything read from one note.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// Day the note was written, given or found in its head.
    pub date: Option<PartialDate>,
    /// Sentences in order.
    pub sentences: Vec<Sentence>,
    /// Mentions in order of their spans; no two read one span in two ways.
    pub mentions: Vec<Mention>,
}

impl Reader {
    /// Builds the vocabularies.
    pub fn new(knowledge: &Knowledge) -> Reader {
        let cancer = Doid::new(find::CANCER);
        let terms = &knowledge.diseases.terms;
        Reader {
            names: concilium_knowledge::lexicon(knowledge).0,
            own: words::own(),
            cues: words::cues(),
            regimens: regimens(knowledge),
            tumours: terms
                .iter()
                .map(|term| &term.doid)
                .filter(|doid| knowledge.diseases.is_a(doid, &cancer))
                .cloned()
                .collect(),
            antineoplastic: knowledge
                .drugs
                .rows
                .iter()
                .filter(|drug| drug.makes_a_line())
                .map(|drug| drug.name.clone())
                .collect(),
            diseases: terms.iter().map(|term| (term.doid.clone(), term.name.clone())).collect(),
        }
    }

    /// Reads a note.
    pub fn read(&self, text: &str, options: &Options) -> Reading {
        let note = text::Note::new(text, options.date.clone());
        let names = self.names.read(text, Writing::Prose);
        let proposed = find::all(self, &note, &names);
        let scopes = context::Scopes::new(&note, &self.cues);
        let admitted = proposed.into_iter().filter_map(|one| self.admit(&note, &scopes, one).ok());
        let mut mentions = settle::settle(admitted.collect());
        find::after(self, &note, &mut mentions);
        Reading { date: note.date, sentences: note.sentences, mentions }
    }
}

/// Day a note says in its head that it was written.
pub fn day_of(text: &str) -> Option<PartialDate> {
    date::of_head(text)
}

fn regimens(knowledge: &Knowledge) -> BTreeMap<String, Vec<DrugName>> {
    let named = knowledge.drugs.regimens.values();
    named.map(|regimen| (regimen.name.clone(), regimen.components.clone())).collect()
}
