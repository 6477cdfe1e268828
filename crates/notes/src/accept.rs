//! May a proposed reading stand? One door for rules and models.
//!
//! Who proposes says where and what; this code says whether the words are there, whether the finding stands in them,
//! and how surely it is meant. A proposer can make a statement weaker, never stronger.

use crate::Reader;
use crate::context::{Scopes, weaker};
use crate::find;
use crate::mention::{Assertion, DrugStatus, Finding, Mention};
use crate::text::Note;
use concilium_terms::lexicon::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A reading somebody proposes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Proposed {
    /// First byte of the note.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The words there, letter by letter.
    pub words: String,
    /// What they say.
    pub finding: Finding,
    /// How surely, when the proposer wants it weaker than the words around it.
    pub assertion: Option<Assertion>,
}

/// Why a reading does not stand. Never carries the note's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The span lies outside, is empty, or cuts a character.
    #[error("bytes {start} to {end} are no words of the note")]
    NoSpan {
        /// First byte.
        start: usize,
        /// One past the last.
        end: usize,
    },
    /// Other words stand there.
    #[error("the note has other words at bytes {start} to {end}")]
    OtherWords {
        /// First byte.
        start: usize,
        /// One past the last.
        end: usize,
    },
    /// The span crosses the end of a sentence.
    #[error("bytes {start} to {end} are not inside one sentence")]
    SeveralSentences {
        /// First byte.
        start: usize,
        /// One past the last.
        end: usize,
    },
    /// The finding is not in the words.
    #[error("the {class} proposed for bytes {start} to {end} does not stand in them")]
    NotInTheWords {
        /// First byte.
        start: usize,
        /// One past the last.
        end: usize,
        /// Class of the finding.
        class: &'static str,
    },
}

impl Reader {
    /// Accepts a proposed reading of a note, with the context its place gives it.
    ///
    /// # Errors
    /// The span is none, its words are others, or the finding does not stand in them.
    pub fn accept(
        &self,
        text: &str,
        options: &crate::Options,
        proposed: Proposed,
    ) -> Result<Mention, Refusal> {
        let note = Note::new(text, options.date.clone());
        if let Finding::Alteration { genes, .. } = &proposed.finding {
            let named: Vec<String> = self.names_in(text, Kind::Gene).collect();
            if !genes.iter().all(|gene| named.iter().any(|name| name == gene.as_str())) {
                let (start, end) = (proposed.start, proposed.end);
                return Err(Refusal::NotInTheWords { start, end, class: "gene" });
            }
        }
        self.admit(&note, &Scopes::new(&note, &self.cues), proposed)
    }

    pub(crate) fn admit(&self, note: &Note, scopes: &Scopes, proposed: Proposed) -> Result<Mention, Refusal> {
        let Proposed { start, end, words, finding, assertion } = proposed;
        let there = note.text.get(start..end).filter(|there| !there.is_empty());
        let there = there.ok_or(Refusal::NoSpan { start, end })?;
        if there != words {
            return Err(Refusal::OtherWords { start, end });
        }
        let several = Refusal::SeveralSentences { start, end };
        let sentence = note.sentence_at(start).ok_or(several.clone())?;
        if note.sentences[sentence].end < end {
            return Err(several);
        }
        if !self.stands_in(&finding, there) {
            return Err(Refusal::NotInTheWords { start, end, class: finding.class() });
        }
        let mut context = scopes.of(sentence).context(&finding, start, end);
        if let Some(assertion) = assertion {
            context.assertion = match (context.assertion, assertion) {
                // The words themselves say it: `EGFR wild-type`, `non-smoker`.
                (Assertion::Present, Assertion::Absent) => Assertion::Absent,
                // Denied before, and saying "not" itself: that is no statement. Behind it stands the same word again.
                (Assertion::Absent, Assertion::Absent) if context.cues.iter().any(|cue| cue.end <= start) => {
                    Assertion::Possible
                }
                (Assertion::Absent, Assertion::Absent) => Assertion::Absent,
                (own, said) => weaker(own, said),
            };
        }
        Ok(Mention { start, end, sentence, finding, context })
    }

    /// Is every name and number of the finding in the words?
    fn stands_in(&self, finding: &Finding, words: &str) -> bool {
        match finding {
            Finding::Age { amount, .. } => numbers(words).any(|number| number == *amount),
            Finding::Sex { sex } => find::sex_of(words) == Some(*sex),
            Finding::Disease { doid, .. } => self.disease_in(words, doid),
            Finding::Condition { key } => self.own_in(words, "condition", key),
            Finding::Stage { value, .. } => squeezed(words).contains(&squeezed(value)),
            Finding::Metastasis { sites, .. } => {
                let lower = words.to_lowercase();
                let spread = lower.contains("metasta") || find::is_mets(&lower);
                spread && sites.iter().all(|site| find::organ_in(&lower, site))
            }
            Finding::Drug { drugs, class, status, .. } => {
                let named = self.drugs_in(words);
                let known = !drugs.is_empty() && drugs.iter().all(|drug| named.0.contains(drug));
                let classed = drugs.is_empty() && class.as_ref().is_some_and(|class| named.1.contains(class));
                (known || classed) && (*status != DrugStatus::Allergic || !words.is_empty())
            }
            Finding::Line { number, .. } => find::counts_in(words).contains(number),
            Finding::Response { status } => self.own_in(words, "response", find::status_key(*status)),
            Finding::Lab { analyte, value, upto, low, high, .. } => {
                let stated = [value.as_ref().map(|value| value.value), *upto, *low, *high];
                let unit = value.as_ref().is_none_or(|value| words.contains(&value.unit));
                self.own_in(words, "lab", analyte)
                    && unit
                    && stated.into_iter().flatten().all(|wanted| has_number(words, wanted))
            }
            Finding::Performance { low, high, .. } => {
                [low, high].iter().all(|value| find::counts_in(words).contains(value))
            }
            Finding::Marker { value, score, .. } => {
                find::names_a_marker(words)
                    && value.as_ref().is_none_or(|value| has_number(words, value.value))
                    && score.as_ref().is_none_or(|score| squeezed(words).contains(&squeezed(score)))
            }
            Finding::Alteration { genes, change, .. } => self.change_in(genes, change, words),
            Finding::Procedure { what, .. } => self.own_in(words, "procedure", what),
            Finding::Trial => ["trial", "study"].iter().any(|word| words.to_lowercase().contains(word)),
        }
    }

    fn own_in(&self, words: &str, kind: &str, key: &str) -> bool {
        let found = self.own.find(words, concilium_terms::lexicon::Writing::Prose);
        found.iter().flat_map(|mention| &mention.candidates).any(|entry| {
            let (own_kind, own_key, _) = crate::words::parts(&entry.id);
            own_kind == kind && own_key == key
        })
    }
}

/// Numbers of a text, thousands by comma or `k` included.
fn numbers(words: &str) -> impl Iterator<Item = f64> {
    let tokens = crate::token::Tokens::new(words, 0, words.len());
    let spelled =
        (0..tokens.len()).filter_map(|at| tokens.number(at).or_else(|| tokens.whole(at).map(f64::from)));
    spelled.collect::<Vec<_>>().into_iter()
}

fn has_number(words: &str, wanted: f64) -> bool {
    numbers(words).any(|number| number == wanted || number * 1000.0 == wanted)
}

/// Letters and digits only, lower case.
fn squeezed(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric() || *c == '+' || *c == '%')
        .flat_map(char::to_lowercase)
        .collect()
}
