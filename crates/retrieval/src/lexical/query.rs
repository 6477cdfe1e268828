//! How do words become a scored query?
//!
//! A query is a row of units: a name of the lexicon, or a word. Each unit is met in the title or the body by any of its
//! alternatives and scores as the best of them, with a little for the others (dis_max). A name's alternatives are what
//! it means (`drug:osimertinib`, put beside every synonym at indexing) and its words; a doubtful gene has no words, so
//! that `MET` never finds "met". Of many units a part must be met; what the query names as a whole is a bonus.

use super::analyse::{Analyser, Analysis, Slot, change_token, entity};
use super::filter::lower;
use super::parse::{Parsed, QueryError};
use super::schema::Columns;
use crate::filter::{Field, Filter};
use concilium_terms::lexicon::{Case, Kind, Mention, VariantKind, Writing};
use serde::{Deserialize, Serialize};
use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field as Column, IndexRecordOption};

/// What counts how much. Set by hand: what was best on development labels did not hold on the test halves
/// (`eval retrieval --tune`, BENCHMARKS.md).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// Of a match in the title, where the body counts 1.
    pub title: f32,
    /// Of a name met anywhere in title or body.
    pub entities: f32,
    /// Of a narrower disease than the one asked for.
    pub narrower: f32,
    /// How much of the scores of a unit's other matches is added to the best.
    pub tie_breaker: f32,
    /// Share of the units that must be met when there are more than three.
    pub minimum: f32,
}

impl Default for Weights {
    fn default() -> Weights {
        Weights { title: 1.2, entities: 0.5, narrower: 0.3, tie_breaker: 0.1, minimum: 0.34 }
    }
}

/// One way to meet a unit, and how to name it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    /// A token: `drug:osimertinib`, `resist`.
    Token(String),
    /// A disease at or below this one, by the facet: `NSCLC` is met by a lung adenocarcinoma.
    Below(String),
    /// Most of these words: `lung`, `adenocarcinoma`.
    Words(Vec<String>),
}

/// A word or name of the query.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Unit {
    /// As written.
    written: String,
    ways: Vec<Way>,
}

/// What a hit may have met: as written, token, column.
pub(super) type Explain = Vec<(String, String, Column)>;

/// A query ready to run, with the terms that explain its hits.
pub(super) struct Built {
    pub query: Box<dyn Query>,
    /// No words: a list of what meets the filter, by key.
    pub listing: bool,
    pub explain: Explain,
}

pub(super) struct Builder<'a> {
    pub columns: &'a Columns,
    pub analyser: &'a Analyser,
    pub weights: Weights,
    pub synonyms: bool,
}

impl Builder<'_> {
    /// # Errors
    /// Nothing to search for.
    pub fn build(&self, parsed: &Parsed, filter: &Filter) -> Result<Built, QueryError> {
        let analysis = self.analyser.analyse(&parsed.words, Writing::Query);
        let units = self.units(&parsed.words, &analysis);
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = vec![];
        let mut explain = vec![];
        if !units.is_empty() {
            let minimum = self.minimum(units.len());
            let parts = units.iter().map(|unit| (Occur::Should, self.unit(unit, &mut explain))).collect();
            clauses
                .push((Occur::Must, Box::new(BooleanQuery::with_minimum_required_clauses(parts, minimum))));
            clauses.extend(
                self.bonus(&parsed.words, &analysis, &mut explain)
                    .into_iter()
                    .map(|bonus| (Occur::Should, bonus)),
            );
        }
        for phrase in &parsed.phrases {
            let query = self.phrase(phrase, &mut explain).ok_or(QueryError::NoWords)?;
            clauses.push((Occur::Must, query));
        }
        let listing = clauses.is_empty();
        if listing
            && (!parsed.words.trim().is_empty() || *filter == Filter::All && parsed.filter == Filter::All)
        {
            return Err(QueryError::NoWords);
        }
        let without = parsed.without.iter().filter_map(|phrase| self.phrase(phrase, &mut vec![]));
        clauses.extend(without.map(|query| (Occur::MustNot, query)));
        for filter in [filter, &parsed.filter] {
            if *filter != Filter::All || listing {
                let lowered = lower(filter, self.columns);
                clauses.push((Occur::Must, Box::new(ConstScoreQuery::new(lowered, 0.0))));
            }
        }
        Ok(Built { query: Box::new(BooleanQuery::new(clauses)), listing, explain })
    }

    /// One of up to three units, two of up to five, then a share.
    fn minimum(&self, units: usize) -> usize {
        match units {
            0..=3 => 1,
            4..=5 => 2,
            // A share of a count of words: no precision is lost that matters.
            _ => ((units as f32 * self.weights.minimum) as usize).clamp(2, units),
        }
    }

    /// Names first where synonyms are wanted, then the words outside names; each once.
    fn units(&self, text: &str, analysis: &Analysis) -> Vec<Unit> {
        let mut units: Vec<Unit> = vec![];
        let mut covered = vec![];
        if self.synonyms {
            for mention in analysis.reading.mentions.iter().filter(|mention| !mention.nested) {
                covered.push(mention.span.clone());
                units.push(name_unit(text, mention, &analysis.slots));
            }
            for variant in &analysis.reading.variants {
                // Phrases (`exon 19 deletion`, `EML4-ALK`) are words or names already; their meaning is a bonus.
                if !variant.change.contains([' ', ':']) && variant.kind != VariantKind::Amplification {
                    covered.push(variant.span.clone());
                    let ways = vec![Way::Token(change_token(variant))];
                    units.push(Unit { written: text[variant.span.clone()].to_owned(), ways });
                }
            }
        }
        let free = |slot: &&Slot| {
            !covered.iter().any(|span| span.start <= slot.span.start && slot.span.start < span.end)
        };
        for slot in analysis.slots.iter().filter(free) {
            if let Some(word) = &slot.word {
                let ways = vec![Way::Token(word.clone())];
                units.push(Unit { written: text[slot.span.clone()].to_owned(), ways });
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        units.retain(|unit| !unit.ways.is_empty() && seen.insert(format!("{:?}", unit.ways)));
        units
    }

    fn unit(&self, unit: &Unit, explain: &mut Explain) -> Box<dyn Query> {
        let ways = unit.ways.iter().flat_map(|way| self.way(way, &unit.written, explain)).collect();
        Box::new(DisjunctionMaxQuery::with_tie_breaker(ways, self.weights.tie_breaker))
    }

    /// One way in every column it can be met in.
    fn way(&self, way: &Way, written: &str, explain: &mut Explain) -> Vec<Box<dyn Query>> {
        let mut term = |term: Term, token: &str, option| -> Box<dyn Query> {
            explain.push((written.to_owned(), token.to_owned(), term.field()));
            Box::new(TermQuery::new(term, option))
        };
        let mut token = |column, token: &str| {
            term(Term::from_field_text(column, token), token, IndexRecordOption::WithFreqs)
        };
        let columns = self.text_columns();
        match way {
            Way::Token(text) => {
                columns.map(|(column, weight)| boosted(token(column, text), weight)).into_iter().collect()
            }
            Way::Words(words) => {
                let minimum = (2 * words.len()).div_ceil(3);
                let most = |(column, weight)| {
                    let parts = words.iter().map(|word| (Occur::Should, token(column, word))).collect();
                    boosted(Box::new(BooleanQuery::with_minimum_required_clauses(parts, minimum)), weight)
                };
                columns.map(most).into_iter().collect()
            }
            Way::Below(doid) => {
                let facet = self.columns.facet(Field::Disease, doid);
                vec![boosted(term(facet, doid, IndexRecordOption::Basic), self.weights.narrower)]
            }
        }
    }

    /// Title and body with their weights.
    fn text_columns(&self) -> [(Column, f32); 2] {
        [(self.columns.title, self.weights.title), (self.columns.body, 1.0)]
    }

    /// Names met anywhere, and words with inner signs met whole.
    fn bonus(&self, text: &str, analysis: &Analysis, explain: &mut Explain) -> Vec<Box<dyn Query>> {
        let mut found: Vec<Box<dyn Query>> = vec![];
        let mut add = |written: &str, token: &str, column| {
            explain.push((written.to_owned(), token.to_owned(), column));
            let term = Term::from_field_text(column, token);
            let query = Box::new(TermQuery::new(term, IndexRecordOption::Basic));
            found.push(boosted(query, self.weights.entities));
        };
        if self.synonyms {
            let named = analysis.named();
            named.iter().for_each(|(token, span)| add(&text[span.clone()], token, self.columns.entities));
        }
        let wholes = analysis.slots.iter().filter_map(|slot| slot.whole.as_ref());
        wholes.for_each(|token| add(token, token, self.columns.body));
        found
    }

    /// The words of a phrase at their places, in the title or the body; `None` without any.
    fn phrase(&self, text: &str, explain: &mut Explain) -> Option<Box<dyn Query>> {
        let analysis = self.analyser.analyse(text, Writing::Query);
        let mut tokens: Vec<(usize, String)> = vec![];
        for slot in &analysis.slots {
            // What a gene, drug or variant means stands at one place; a disease's words stand one by one.
            let meaning =
                |token: &&String| ["gene:", "drug:", "change:"].iter().any(|kind| token.starts_with(kind));
            let meant: Vec<&String> =
                slot.entities.iter().filter(meaning).filter(|_| self.synonyms).collect();
            let inside = tokens
                .last()
                .is_some_and(|(position, token)| *position == slot.position && token.contains(':'));
            match (meant.as_slice(), &slot.word) {
                ([only], _) => tokens.push((slot.position, (*only).clone())),
                (_, Some(word)) if !inside => tokens.push((slot.position, word.clone())),
                _ => {}
            }
        }
        tokens.dedup();
        let columns = self.text_columns();
        let ways: Vec<Box<dyn Query>> = columns
            .into_iter()
            .filter_map(|(column, weight)| Some(boosted(at_places(column, &tokens)?, weight)))
            .collect();
        for (_, token) in &tokens {
            explain.extend(columns.map(|(column, _)| (text.to_owned(), token.clone(), column)));
        }
        (!ways.is_empty()).then(|| {
            Box::new(DisjunctionMaxQuery::with_tie_breaker(ways, self.weights.tie_breaker)) as Box<dyn Query>
        })
    }
}

fn at_places(column: Column, tokens: &[(usize, String)]) -> Option<Box<dyn Query>> {
    let terms: Vec<(usize, Term)> =
        tokens.iter().map(|(at, token)| (*at, Term::from_field_text(column, token))).collect();
    match terms.as_slice() {
        [] => None,
        [(_, only)] => Some(Box::new(TermQuery::new(only.clone(), IndexRecordOption::WithFreqs))),
        _ => Some(Box::new(PhraseQuery::new_with_offset(terms))),
    }
}

fn boosted(query: Box<dyn Query>, weight: f32) -> Box<dyn Query> {
    if weight == 1.0 { query } else { Box::new(BoostQuery::new(query, weight)) }
}

/// What a name means, and its words unless they would find something else.
fn name_unit(text: &str, mention: &Mention, slots: &[Slot]) -> Unit {
    let inside = |slot: &&Slot| mention.span.start <= slot.span.start && slot.span.start < mention.span.end;
    let words: Vec<String> = slots.iter().filter(inside).filter_map(|slot| slot.word.clone()).collect();
    let only_meaning = mention
        .candidates
        .iter()
        .all(|entry| entry.kind == Kind::Gene && (entry.needs_context || entry.case == Case::Exact));
    let mut ways: Vec<Way> = mention.preferred().map(|entry| Way::Token(entity(entry))).collect();
    let diseases = mention.preferred().filter(|entry| entry.kind == Kind::Disease);
    ways.extend(diseases.map(|entry| Way::Below(entry.id.to_string())));
    match words.as_slice() {
        [] => {}
        _ if only_meaning => {}
        [only] => ways.push(Way::Token(only.clone())),
        _ => ways.push(Way::Words(words)),
    }
    Unit { written: text[mention.span.clone()].to_owned(), ways }
}
