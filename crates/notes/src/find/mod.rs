//! What is proposed, by which rule? One file per kind of finding; each returns proposals, none decides.

mod course;
mod drug;
mod gene;
mod lab;
mod marker;
mod named;
mod person;
mod stage;

pub(crate) use course::{is_mets, organ_in, status_key};
pub(crate) use marker::names_a_marker;
pub(crate) use person::sex_of;

use crate::Reader;
use crate::accept::Proposed;
use crate::date;
use crate::mention::{Assertion, Finding, Mention};
use crate::text::{Note, Section};
use crate::token::Tokens;
use concilium_terms::lexicon::{Entry, Kind, Reading, Writing};
use std::ops::Range;

/// Disease Ontology: cancer.
pub(crate) const CANCER: &str = "DOID:162";

/// A word of the authored list in a sentence; bytes of the note.
pub(crate) struct Own {
    pub start: usize,
    pub end: usize,
    pub kind: Box<str>,
    pub key: Box<str>,
    pub flag: Box<str>,
}

/// A sentence with what the vocabularies found in it.
pub(crate) struct Part<'n, 't> {
    pub note: &'n Note<'t>,
    pub tokens: Tokens<'t>,
    pub section: Section,
    pub own: Vec<Own>,
}

impl<'n, 't> Part<'n, 't> {
    fn new(reader: &Reader, note: &'n Note<'t>, at: usize) -> Part<'n, 't> {
        let sentence = &note.sentences[at];
        let words = &note.text[sentence.start..sentence.end];
        let mut own = vec![];
        for mention in reader.own.find(words, Writing::Prose) {
            for entry in mention.candidates {
                let (kind, key, flag) = crate::words::parts(&entry.id);
                own.push(Own {
                    start: sentence.start + mention.span.start,
                    end: sentence.start + mention.span.end,
                    kind: kind.into(),
                    key: key.into(),
                    flag: flag.into(),
                });
            }
        }
        Part {
            note,
            tokens: Tokens::new(note.text, sentence.start, sentence.end),
            section: sentence.section,
            own,
        }
    }

    /// A proposal over tokens `first..end`.
    pub fn over(&self, tokens: Range<usize>, finding: Finding) -> Option<Proposed> {
        let start = self.tokens.list.get(tokens.start)?.start;
        let end = self.tokens.list.get(tokens.end.checked_sub(1)?)?.end;
        self.at(start, end, finding, None)
    }

    /// A proposal over bytes of the note.
    pub fn at(
        &self,
        start: usize,
        end: usize,
        finding: Finding,
        assertion: Option<Assertion>,
    ) -> Option<Proposed> {
        let words = self.note.text.get(start..end)?.to_owned();
        Some(Proposed { start, end, words, finding, assertion })
    }

    /// Tokens of a byte span.
    pub fn span(&self, start: usize, end: usize) -> Range<usize> {
        self.tokens.at_or_after(start)..self.tokens.at_or_after(end)
    }

    /// Is one of the words within so many tokens of a place?
    pub fn near(&self, span: &Range<usize>, reach: usize, words: &[&str]) -> bool {
        let inside = |at: &usize| self.tokens.word(*at) != ";";
        let before = (span.start.saturating_sub(reach)..span.start).rev().take_while(inside);
        let behind = (span.end..span.end + reach).take_while(inside);
        before.chain(behind).any(|at| words.contains(&self.tokens.word(at)))
    }

    /// Does a word begin so within the sentence?
    pub fn says(&self, starts: &[&str]) -> bool {
        (0..self.tokens.len()).any(|at| starts.iter().any(|start| self.tokens.word(at).starts_with(start)))
    }
}

/// Every proposal of every rule.
pub(crate) fn all(reader: &Reader, note: &Note, names: &Reading) -> Vec<Proposed> {
    let mut found = vec![];
    let tumour = !names.variants.is_empty()
        || names
            .mentions
            .iter()
            .any(|mention| mention.candidates.iter().any(|entry| reader.of_a_tumour(entry)));
    for at in 0..note.sentences.len() {
        let part = Part::new(reader, note, at);
        found.extend(person::find(&part, at));
        found.extend(stage::find(&part));
        found.extend(marker::find(&part));
        found.extend(lab::find(&part));
        found.extend(named::conditions(&part));
        found.extend(course::find(&part, tumour));
        found.extend(drug::own(&part));
    }
    found.extend(named::diseases(reader, note, names));
    found.extend(gene::find(reader, note, names));
    found.extend(drug::find(reader, note, names));
    found
}

/// What needs all mentions: dates, what dates say of drugs, and what was only a stepping stone.
pub(crate) fn after(reader: &Reader, note: &Note, mentions: &mut Vec<Mention>) {
    date::assign(note, mentions);
    drug::after(mentions);
    stage::after(note, mentions);
    person::after(note, mentions);
    named::after(reader, note, mentions);
    // A marker without a result says something only where it says that there is none.
    mentions.retain(|mention| {
        let bare = matches!(mention.finding, Finding::Marker { .. } | Finding::Lab { .. })
            && !mention.finding.states_a_value();
        !bare || mention.context.assertion == Assertion::NotAssessed
    });
}

/// Whole numbers in words, in digits, spelled, roman or as ordinals.
pub(crate) fn counts_in(words: &str) -> Vec<u32> {
    let tokens = Tokens::new(words, 0, words.len());
    (0..tokens.len()).filter_map(|at| course::count(&tokens, at)).collect()
}

impl Reader {
    /// A tumour, or a drug or regimen against one: then progression and response are the tumour's.
    fn of_a_tumour(&self, entry: &Entry) -> bool {
        match entry.kind {
            Kind::Disease => self.tumours.contains(&*entry.id),
            Kind::Drug => self.antineoplastic.contains(&*entry.id),
            Kind::Other => entry.id.starts_with("regimen:"),
            Kind::Gene | Kind::DrugClass => false,
        }
    }

    /// Ids of one kind of the release in some words.
    pub(crate) fn names_in(&self, words: &str, kind: Kind) -> impl Iterator<Item = String> {
        let found = self.names.find(words, Writing::Prose);
        let named = found.into_iter().flat_map(|mention| mention.candidates);
        let ids: Vec<String> =
            named.filter(|entry| entry.kind == kind).map(|entry| entry.id.to_string()).collect();
        ids.into_iter()
    }
}
