//! Does a source carry this sentence?
//!
//! A free sentence stands only when one sentence of each record it cites carries it whole:
//! - every name, change, number (with unit and bound) and word of it stands there; only the words of a short list need
//!   not (`words::glue`), and a name may be taken from elsewhere in the record where the record names no other of its
//!   sort;
//! - it leaves out no name, no "no" and no word that turns the meaning, except names that stand in the heading;
//! - "no" stands before the same word;
//! - where the source holds two of a sort (drugs, numbers, directions), everything stands in the source's order.
//!
//! So a result cannot change its drug, a combination's result cannot become a component's, a doubt cannot be dropped.
//! What is true but said too differently is withheld as well: that is the price, and it is counted.

use crate::facts::{Facts, Name, Point, Sort};
use concilium_terms::lexicon::{Lexicon, sentences};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Why a sentence is withheld. Words are the sentence's own or of its source, never of another record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It cites nothing.
    NoCitation,
    /// It cites a record that was not supplied.
    NotSupplied(String),
    /// It cites one record twice.
    CitedTwice(String),
    /// Its span is none of the record's words.
    NoSpan,
    /// The record has no sentence of its own.
    NoSentence(String),
    /// It holds signs a reader does not see.
    Hidden,
    /// It is not exactly one sentence.
    NotOneSentence,
    /// It says nothing a record could carry.
    Empty,
    /// It was said before.
    Repeated,
    /// A name, number or word that does not stand in the source.
    NotThere(String),
    /// A name, "no" or turn of the source that it leaves out.
    LeftOut(String),
    /// "No" stands before another word than in the source.
    OtherDenied,
    /// Things stand in another order than in a source that holds several of a sort.
    OtherOrder,
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NoCitation => out.write_str("cites nothing"),
            Reason::NotSupplied(_) => out.write_str("cites a record that was not supplied"),
            Reason::CitedTwice(key) => write!(out, "cites {key} twice"),
            Reason::NoSpan => out.write_str("points at no words of the record"),
            Reason::NoSentence(key) => write!(out, "{key} has no sentence of its own"),
            Reason::Hidden => out.write_str("holds signs that are not seen"),
            Reason::NotOneSentence => out.write_str("is not one sentence"),
            Reason::Empty => out.write_str("says nothing that could be checked"),
            Reason::Repeated => out.write_str("says what was said before"),
            Reason::NotThere(what) => write!(out, "{what} does not stand in the source"),
            Reason::LeftOut(what) => write!(out, "leaves out what the source says: {what}"),
            Reason::OtherDenied => out.write_str("denies another thing than the source"),
            Reason::OtherOrder => out.write_str("joins things otherwise than the source"),
        }
    }
}

/// A record's text, read once.
pub(crate) struct Source {
    /// Bytes and points of each sentence.
    sentences: Vec<(std::ops::Range<usize>, Facts)>,
    /// Names of the whole text, by sort.
    names: BTreeMap<Sort, BTreeSet<Name>>,
}

impl Source {
    pub(crate) fn read(lexicon: &Lexicon, text: &str) -> Source {
        let sentences: Vec<_> = sentences(text)
            .into_iter()
            .map(|range| (range.clone(), Facts::read(lexicon, &text[range])))
            .collect();
        let mut names: BTreeMap<Sort, BTreeSet<Name>> = BTreeMap::new();
        for name in sentences.iter().flat_map(|(_, facts)| facts.names()) {
            names.entry(name.sort()).or_default().insert(name.clone());
        }
        Source { sentences, names }
    }

    /// The sentences that hold bytes of a span: a quotation is widened to them, so that no "not" is cut off.
    pub(crate) fn around(&self, start: usize, end: usize) -> Option<std::ops::Range<usize>> {
        let mut touched = self.sentences.iter().filter(|(range, _)| range.start < end && start < range.end);
        let first = touched.next()?.0.clone();
        let last = touched.next_back().map_or(first.clone(), |(range, _)| range.clone());
        Some(first.start..last.end)
    }

    /// The sentence that carries what is said, or why none does: the reasons of the one that comes nearest.
    pub(crate) fn carries(
        &self,
        said: &Facts,
        heading: &Facts,
    ) -> Result<std::ops::Range<usize>, Vec<Reason>> {
        let mut nearest: Option<Vec<Reason>> = None;
        for (range, facts) in &self.sentences {
            let reasons = self.against(facts, said, heading);
            if reasons.is_empty() {
                return Ok(range.clone());
            }
            if nearest.as_ref().is_none_or(|best| reasons.len() < best.len()) {
                nearest = Some(reasons);
            }
        }
        Err(nearest.unwrap_or_else(|| vec![Reason::Empty]))
    }

    /// What speaks against `facts` carrying what is said.
    fn against(&self, facts: &Facts, said: &Facts, heading: &Facts) -> Vec<Reason> {
        let mut reasons = vec![];
        for point in &said.points {
            let stands = facts.points.contains(point) || self.only_one(point);
            if !stands {
                reasons.push(match point {
                    Point::Not(_) => Reason::OtherDenied,
                    Point::Name(name) => Reason::NotThere(name.to_string()),
                    Point::Number(number) => Reason::NotThere(format!("number {number}")),
                    Point::Cue(word) => Reason::NotThere(format!("{word}…")),
                    Point::Word(word) => Reason::NotThere(word.clone()),
                });
            }
        }
        for point in &facts.points {
            let dropped = !said.points.contains(point) && !heading.points.contains(point);
            match point {
                Point::Name(name) if dropped => reasons.push(Reason::LeftOut(name.to_string())),
                Point::Cue(word) if dropped => reasons.push(Reason::LeftOut(format!("{word}…"))),
                Point::Not(_) if dropped => reasons.push(Reason::LeftOut("a denial".to_owned())),
                _ => {}
            }
        }
        if reasons.is_empty() && several(facts) && !in_order(said, facts) {
            reasons.push(Reason::OtherOrder);
        }
        reasons.sort();
        reasons.dedup();
        reasons
    }

    /// Is it a name the record has elsewhere, with no other of its sort in the whole record?
    fn only_one(&self, point: &Point) -> bool {
        let Point::Name(name) = point else { return false };
        self.names.get(&name.sort()).is_some_and(|names| names.len() == 1 && names.contains(name))
    }
}

/// Does a sentence hold two things of one sort, so that they could be mixed up?
fn several(facts: &Facts) -> bool {
    let mut seen: BTreeMap<Sort, &Point> = BTreeMap::new();
    facts.points.iter().any(|point| {
        let Some(sort) = point.sort() else { return false };
        *seen.entry(sort).or_insert(point) != point
    })
}

/// Do the points said, those that stand in the source sentence, stand there in the same order?
fn in_order(said: &Facts, source: &Facts) -> bool {
    let mut rest = source.points.iter().filter(|point| point.sort().is_some());
    let points = said.points.iter().filter(|point| point.sort().is_some() && source.points.contains(point));
    points.into_iter().all(|point| rest.any(|other| other == point))
}
