//! What of a reply is shown?

use crate::clean::{clean, hidden};
use crate::facts::{Facts, Point};
use crate::free::{Reason, Source};
use crate::record::{Record, RecordKey, Records, Side};
use crate::reply::{Reply, Said, Unreadable};
use concilium_terms::lexicon::{Lexicon, sentences};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How a sentence came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Made by this program of a record's slots.
    Rendered,
    /// Copied by this program.
    Quoted,
    /// Written by a model and carried by a sentence of each record it cites.
    Free,
}

/// Words of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// Record.
    pub key: RecordKey,
    /// What the record is outside of this request.
    pub source: String,
    /// First byte of the record's text.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// sha256 of the record's text, lower-case hex.
    pub sha256: String,
}

/// A sentence that may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Published {
    /// How it came to be.
    pub how: How,
    /// The words.
    pub text: String,
    /// What carries it: at least one.
    pub carried_by: Vec<Span>,
    /// Added by this program because the reply passed over evidence against.
    pub added: bool,
}

/// A sentence that is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Index among the sentences read.
    pub index: usize,
    /// What the reply said there.
    pub said: Said,
    /// Why; never empty.
    pub reasons: Vec<Reason>,
}

/// A reply after the gate: nothing of it is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// In the reply's order; then what had to be added.
    pub published: Vec<Published>,
    /// What was withheld.
    pub withheld: Vec<Withheld>,
    /// What could not be read.
    pub unreadable: Vec<Unreadable>,
}

/// Holds replies against the records they were made from.
pub struct Gate<'r> {
    lexicon: &'r Lexicon,
    records: &'r Records,
    sources: BTreeMap<&'r RecordKey, Source>,
    heading: Facts,
}

impl<'r> Gate<'r> {
    /// Reads the records once. `heading` is what stands above every sentence on the page (tumour, alterations, the
    /// option's drugs): names in it need not be said again.
    pub fn new(lexicon: &'r Lexicon, records: &'r Records, heading: &str) -> Gate<'r> {
        let sources =
            records.iter().map(|record| (&record.key, Source::read(lexicon, &record.text))).collect();
        let mut heading = Facts::read(lexicon, heading);
        heading.points.retain(|point| matches!(point, Point::Name(_)));
        Gate { lexicon, records, sources, heading }
    }

    /// Publishes what the records carry, withholds the rest, and adds evidence against that the reply passed over.
    pub fn judge(&self, reply: Reply) -> Answer {
        let mut answer = Answer { unreadable: reply.unreadable, ..Answer::default() };
        let mut seen = BTreeSet::new();
        for (index, said) in reply.said.into_iter().enumerate() {
            match self.one(&said) {
                Ok(published) if seen.insert(published.text.clone()) => answer.published.push(published),
                Ok(_) => answer.withheld.push(Withheld { index, said, reasons: vec![Reason::Repeated] }),
                Err(reasons) => answer.withheld.push(Withheld { index, said, reasons }),
            }
        }
        self.add_against(&mut answer);
        answer
    }

    /// One sentence.
    fn one(&self, said: &Said) -> Result<Published, Vec<Reason>> {
        match said {
            Said::Record(key) => self.rendered(self.supplied(key)?),
            Said::Quote { key, start, end } => self.quoted(self.supplied(key)?, *start, *end),
            Said::Free { text, cites } => self.free(text, cites),
        }
    }

    fn supplied(&self, key: &RecordKey) -> Result<&'r Record, Vec<Reason>> {
        self.records.get(key).ok_or_else(|| vec![Reason::NotSupplied(key.0.clone())])
    }

    fn rendered(&self, record: &Record) -> Result<Published, Vec<Reason>> {
        let text = record.sentence.clone().ok_or_else(|| vec![Reason::NoSentence(record.key.0.clone())])?;
        let whole = span(record, 0, record.text.len());
        Ok(Published { how: How::Rendered, text, carried_by: vec![whole], added: false })
    }

    /// The whole sentences around the span, as they are stored but for signs a reader does not see.
    fn quoted(&self, record: &Record, start: usize, end: usize) -> Result<Published, Vec<Reason>> {
        let inside = record.text.get(start..end).is_some_and(|words| !words.trim().is_empty());
        let around = self.sources.get(&record.key).and_then(|source| source.around(start, end));
        let range = around.filter(|_| inside).ok_or_else(|| vec![Reason::NoSpan])?;
        let text = clean(&record.text[range.clone()]).trim().to_owned();
        Ok(Published {
            how: How::Quoted,
            text,
            carried_by: vec![span(record, range.start, range.end)],
            added: false,
        })
    }

    fn free(&self, text: &str, cites: &[RecordKey]) -> Result<Published, Vec<Reason>> {
        if text.chars().any(hidden) {
            return Err(vec![Reason::Hidden]);
        }
        let text = text.trim();
        if sentences(text).len() != 1 || text.contains(['\n', '\t']) {
            return Err(vec![Reason::NotOneSentence]);
        }
        if cites.is_empty() {
            return Err(vec![Reason::NoCitation]);
        }
        let facts = Facts::read(self.lexicon, text);
        if !facts.points.iter().any(|point| matches!(point, Point::Name(_) | Point::Word(_))) {
            return Err(vec![Reason::Empty]);
        }
        let mut carried_by = vec![];
        let mut reasons = BTreeSet::new();
        for (at, key) in cites.iter().enumerate() {
            if cites[..at].contains(key) {
                reasons.insert(Reason::CitedTwice(key.0.clone()));
                continue;
            }
            match self.supplied(key).and_then(|record| self.carried(record, &facts)) {
                Ok(span) => carried_by.push(span),
                Err(why) => reasons.extend(why),
            }
        }
        if !reasons.is_empty() {
            return Err(reasons.into_iter().collect());
        }
        Ok(Published { how: How::Free, text: text.to_owned(), carried_by, added: false })
    }

    fn carried(&self, record: &Record, facts: &Facts) -> Result<Span, Vec<Reason>> {
        let source =
            self.sources.get(&record.key).ok_or_else(|| vec![Reason::NotSupplied(record.key.0.clone())])?;
        source.carries(facts, &self.heading).map(|range| span(record, range.start, range.end))
    }

    /// Evidence against that no published sentence cites is shown all the same.
    fn add_against(&self, answer: &mut Answer) {
        let cited: BTreeSet<&RecordKey> =
            answer.published.iter().flat_map(|one| one.carried_by.iter().map(|span| &span.key)).collect();
        let passed_over =
            self.records.iter().filter(|record| record.side == Side::Against && !cited.contains(&record.key));
        let added: Vec<Published> = passed_over
            .filter_map(|record| {
                let whole = || self.quoted(record, 0, record.text.len());
                self.rendered(record).or_else(|_| whole()).ok()
            })
            .map(|published| Published { added: true, ..published })
            .collect();
        answer.published.extend(added);
    }
}

fn span(record: &Record, start: usize, end: usize) -> Span {
    Span { key: record.key.clone(), source: record.source.clone(), start, end, sha256: record.sha256() }
}
