//! Into which tokens is a text cut, at indexing and at asking?
//!
//! Each part of a word (`HER2`, `positive`) has its place, so that phrases meet whatever joins the parts. At the place
//! of its first part a word with inner signs also stands whole (`her2-positive`), and a name of the lexicon stands as
//! what it means (`gene:ERBB2`, `change:V600E`). The parts of a gene, drug or variant share one place: `HER-2/neu` is as long as `HER2`.

use concilium_terms::lexicon::{Entry, Kind, Lexicon, Reading, VariantMention, Writing, plain_word};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// Words that say nothing alone. They keep their place, so that phrases over them still fit. `no`, `not` and `without`
/// are kept as words: they tell support from contradiction.
const STOP: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "for", "from", "had", "has", "have",
    "in", "into", "is", "it", "its", "of", "on", "or", "s", "such", "that", "the", "their", "then", "there",
    "these", "they", "this", "to", "was", "were", "which", "who", "will", "with",
];

/// Longest word that is indexed, in bytes: tantivy refuses terms over 65,530 and nobody asks for such a word.
const LONGEST: usize = 200;

/// Bumped when the same text gives other tokens: an index of another version is made anew.
pub(super) const VERSION: u32 = 1;

/// Cuts text with one lexicon.
#[derive(Clone)]
pub(super) struct Analyser {
    pub lexicon: Arc<Lexicon>,
}

/// One part of a word with what stands at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// Place for phrases.
    pub position: usize,
    /// Stemmed word; `None` for a stop word.
    pub word: Option<String>,
    /// The whole word with its inner signs, at its first part.
    pub whole: Option<String>,
    /// What the name that starts here means.
    pub entities: Vec<String>,
}

impl Slot {
    /// Every token at this place: word, whole, entities.
    pub fn tokens(&self) -> impl Iterator<Item = &String> {
        self.word.iter().chain(&self.whole).chain(&self.entities)
    }
}

/// A text cut, with what was read in it.
pub(super) struct Analysis<'l> {
    pub slots: Vec<Slot>,
    pub reading: Reading<'l>,
}

impl Analysis<'_> {
    /// Everything the text names: `gene:ERBB2`, `variant:BRAF V600E`.
    pub fn entities(&self) -> BTreeSet<String> {
        self.named().into_keys().collect()
    }

    /// The same with the bytes of the text that name it first.
    pub fn named(&self) -> BTreeMap<String, Range<usize>> {
        let mut named = BTreeMap::new();
        for mention in &self.reading.mentions {
            for token in mention.preferred().map(entity) {
                named.entry(token).or_insert_with(|| mention.span.clone());
            }
        }
        for variant in &self.reading.variants {
            let genes = variant.genes.iter().map(|gene| format!("gene:{gene}"));
            let names = variant.names().into_iter().map(|name| format!("variant:{name}"));
            for token in genes.chain(names) {
                named.entry(token).or_insert_with(|| variant.span.clone());
            }
        }
        named
    }
}

/// `gene:ERBB2`, `drug:osimertinib`, `disease:DOID:3908`.
pub(super) fn entity(entry: &Entry) -> String {
    format!("{}:{}", entry.kind.name(), entry.id)
}

/// `change:V600E`, whatever the gene: also where a text names none.
pub(super) fn change_token(variant: &VariantMention) -> String {
    format!("change:{}", variant.change)
}

impl Analyser {
    pub fn analyse(&self, text: &str, writing: Writing) -> Analysis<'_> {
        let reading = self.lexicon.read(text, writing);
        let mut slots = slots(text, &one_place(&reading));
        for mention in &reading.mentions {
            place(&mut slots, mention.span.start, mention.preferred().map(entity));
        }
        for variant in &reading.variants {
            let change = std::iter::once(change_token(variant));
            let names = variant.names().into_iter().map(|name| format!("variant:{name}"));
            let genes = variant.genes.iter().map(|gene| format!("gene:{gene}"));
            // `BRAFV600E` names its gene nowhere else; elsewhere the gene stands at its own place.
            let glued =
                !reading.mentions.iter().any(|m| m.is(Kind::Gene) && m.span.end <= variant.span.start);
            place(&mut slots, variant.span.start, change.chain(names).chain(genes.filter(|_| glued)));
        }
        Analysis { slots, reading }
    }
}

/// Spans whose parts share one place.
fn one_place(reading: &Reading) -> Vec<Range<usize>> {
    let names = reading.mentions.iter().filter(|m| !m.nested && (m.is(Kind::Gene) || m.is(Kind::Drug)));
    let variants = reading.variants.iter().filter(|v| !v.change.contains(' ')).map(|v| v.span.clone());
    let mut spans: Vec<Range<usize>> = names.map(|m| m.span.clone()).chain(variants).collect();
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    spans
}

/// Puts tokens where the part stands that holds a byte.
fn place(slots: &mut [Slot], byte: usize, tokens: impl Iterator<Item = String>) {
    let at = slots.partition_point(|slot| slot.span.end <= byte);
    let Some(slot) = slots.get_mut(at) else { return };
    for token in tokens {
        if !slot.entities.contains(&token) {
            slot.entities.push(token);
        }
    }
}

fn slots(text: &str, one_place: &[Range<usize>]) -> Vec<Slot> {
    let stemmer = frostem::Stemmer::new(frostem::Algorithm::English);
    let mut slots: Vec<Slot> = vec![];
    let mut position = 0;
    let mut spans = one_place.iter().peekable();
    for word in words(text) {
        let parts = parts(&text[word.clone()], word.start);
        for (at, span) in parts.iter().enumerate() {
            while spans.peek().is_some_and(|name| name.end <= span.start) {
                spans.next();
            }
            let shared = spans.peek().is_some_and(|name| {
                slots.last().is_some_and(|last| name.start < last.span.end && span.start < name.end)
            });
            if !slots.is_empty() && !shared {
                position += 1;
            }
            let whole = (at == 0 && 1 < parts.len() && word.len() <= LONGEST)
                .then(|| text[word.clone()].to_lowercase());
            slots.push(Slot {
                span: span.clone(),
                position,
                word: term(&text[span.clone()], &stemmer),
                whole,
                entities: vec![],
            });
        }
    }
    slots
}

/// Runs without blanks, without the signs around them.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    text.split(char::is_whitespace).filter_map(move |piece| {
        let start = at;
        at += piece.len() + text[at + piece.len()..].chars().next().map_or(0, char::len_utf8);
        let inner = piece.trim_start_matches(|c: char| !c.is_alphanumeric());
        let start = start + piece.len() - inner.len();
        let inner = inner.trim_end_matches(|c: char| !c.is_alphanumeric());
        (!inner.is_empty()).then_some(start..start + inner.len())
    })
}

/// Letters and digits between other signs.
fn parts(word: &str, start: usize) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = vec![];
    for (at, c) in word.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
        let end = start + at + c.len_utf8();
        match found.last_mut() {
            Some(last) if last.end == start + at => last.end = end,
            _ => found.push(start + at..end),
        }
    }
    found
}

/// The token of an ordinary word: folded, stemmed; `None` for a stop word and for what is no word.
fn term(part: &str, stemmer: &frostem::Stemmer) -> Option<String> {
    if LONGEST < part.len() {
        return None;
    }
    let lower = part.to_lowercase();
    if STOP.binary_search(&lower.as_str()).is_ok() {
        return None;
    }
    if lower.len() < 3 || !lower.bytes().all(|b| b.is_ascii_lowercase()) {
        return Some(lower);
    }
    Some(stemmer.stem(&plain_word(&lower)).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_sorted() {
        assert!(STOP.is_sorted());
    }
}
