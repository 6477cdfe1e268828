//! Where does a sentence of a note begin and end, which number does it bear, and which section is it in?

use crate::date;
use crate::words::{self, ABBREVIATIONS};
use concilium_terms::PartialDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What a part of a note is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    /// No heading, or one that changes nothing.
    #[default]
    Body,
    /// Past medical, surgical or oncological history.
    PastHistory,
    /// Family history.
    FamilyHistory,
    /// Social history.
    SocialHistory,
    /// Allergies.
    Allergies,
    /// Current medications.
    Medications,
    /// Laboratory values and vital signs.
    Results,
    /// Impression.
    Assessment,
    /// What is to be done.
    Plan,
    /// Reason for the test, question asked.
    Indication,
}

/// A sentence; its index in the reading is its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sentence {
    /// First byte of the note.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Number written before it (`12. She …`), where the note numbers its sentences.
    pub number: Option<u32>,
    /// Section.
    pub section: Section,
}

/// A note cut into sentences.
pub(crate) struct Note<'t> {
    pub text: &'t str,
    pub date: Option<PartialDate>,
    pub sentences: Vec<Sentence>,
}

impl<'t> Note<'t> {
    pub fn new(text: &'t str, date: Option<PartialDate>) -> Note<'t> {
        let blocks = blocks(text);
        let numbered = numbered(text, &blocks);
        let mut sentences: Vec<Sentence> = vec![];
        let mut section = Open::default();
        for (at, block) in blocks.iter().enumerate() {
            let (number, body) = match numbered {
                true => number_before(text, block),
                false => (None, block.range.clone()),
            };
            section.block(block);
            for range in sentences_of(text, body) {
                let part = &text[range.clone()];
                let alone = range.end == block.range.end || part.ends_with(':');
                section.enter(part, alone && at + 1 < blocks.len());
                sentences.push(Sentence {
                    start: range.start,
                    end: range.end,
                    number,
                    section: section.section,
                });
            }
        }
        let date = date.or_else(|| date::of_head(text));
        Note { text, date, sentences }
    }

    /// Index of the sentence that holds a byte.
    pub fn sentence_at(&self, byte: usize) -> Option<usize> {
        let at = self.sentences.partition_point(|sentence| sentence.end <= byte);
        self.sentences.get(at).filter(|sentence| sentence.start <= byte).map(|_| at)
    }
}

/// Lines that belong together: a wrapped line joins the one before.
struct Block {
    range: Range<usize>,
    after_blank: bool,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = vec![];
    let mut at = 0;
    let mut after_blank = true;
    for line in text.split_inclusive(['\n', '\r']) {
        let start = at;
        at += line.len();
        let inner = line.trim();
        if inner.is_empty() {
            // The two bytes of one CRLF are one end of line.
            after_blank |= !(line == "\n" && text[..start].ends_with('\r'));
            continue;
        }
        let from = start + (line.len() - line.trim_start().len());
        let range = from..from + inner.len();
        match found.last_mut() {
            Some(last) if !after_blank && wraps(&text[last.range.clone()], inner) => {
                last.range.end = range.end;
            }
            _ => found.push(Block { range, after_blank }),
        }
        after_blank = false;
    }
    found
}

/// Does a line go on in the next? It was long, did not end, and the next begins small.
fn wraps(before: &str, next: &str) -> bool {
    let last_line = before.rsplit(['\n', '\r']).next().unwrap_or(before);
    let open = !before.ends_with(['.', ':', ';', '!', '?']);
    open && 50 <= last_line.len() && next.starts_with(|c: char| c.is_lowercase())
}

/// Are the lines numbered one by one, from 0 or 1?
fn numbered(text: &str, blocks: &[Block]) -> bool {
    let numbers: Vec<u32> = blocks.iter().filter_map(|block| number_before(text, block).0).collect();
    2 <= numbers.len()
        && numbers.len() == blocks.len()
        && numbers[0] <= 1
        && numbers.windows(2).all(|pair| pair[0].checked_add(1) == Some(pair[1]))
}

fn number_before(text: &str, block: &Block) -> (Option<u32>, Range<usize>) {
    let line = &text[block.range.clone()];
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = &line[digits..];
    match (line[..digits].parse(), rest.strip_prefix(['.', ')'])) {
        (Ok(number), Some(body)) if body.starts_with(char::is_whitespace) => {
            let start = block.range.end - body.trim_start().len();
            (Some(number), start..block.range.end)
        }
        _ => (None, block.range.clone()),
    }
}

/// Sentences of a block, trimmed, in order.
fn sentences_of(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let part = &text[range.clone()];
    let mut found = vec![];
    let mut start = 0;
    for (at, c) in part.char_indices() {
        if matches!(c, '.' | '!' | '?') && ends(part, start, at) {
            push(part, start..at + 1, range.start, &mut found);
            start = at + 1;
        }
    }
    push(part, start..part.len(), range.start, &mut found);
    found
}

fn push(part: &str, own: Range<usize>, from: usize, found: &mut Vec<Range<usize>>) {
    let text = &part[own.clone()];
    let inner = text.trim();
    if !inner.is_empty() {
        let start = from + own.start + (text.len() - text.trim_start().len());
        found.push(start..start + inner.len());
    }
}

/// Does the stop at `at` end a sentence? A blank follows, then no small letter, and no abbreviation stands before.
fn ends(part: &str, start: usize, at: usize) -> bool {
    let rest = &part[at + 1..];
    let next = rest.trim_start();
    if rest.len() == next.len() || next.is_empty() {
        return false;
    }
    if next.starts_with(|c: char| c.is_lowercase()) {
        return false;
    }
    let word = part[start..at].rsplit(|c: char| c.is_whitespace() || "([,/".contains(c)).next().unwrap_or("");
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    let known = ABBREVIATIONS.iter().any(|known| word.eq_ignore_ascii_case(known));
    !part[at..].starts_with('.') || !(initial || known)
}

/// The section that is open.
#[derive(Default)]
struct Open {
    section: Section,
    /// Its heading stood before words of the same line: it ends with that line.
    inline: bool,
}

impl Open {
    /// A new line begins.
    fn block(&mut self, block: &Block) {
        if self.inline || (block.after_blank && self.section == Section::FamilyHistory) {
            *self = Open::default();
        }
    }

    fn enter(&mut self, sentence: &str, alone: bool) {
        if let Some((section, rest)) = heading(sentence, alone) {
            *self = Open { section, inline: !rest.is_empty() };
        }
    }
}

/// The section a sentence opens, and what stands behind its heading.
fn heading(sentence: &str, alone: bool) -> Option<(Section, &str)> {
    let bare = sentence.trim_start_matches(|c: char| !c.is_alphanumeric());
    let (head, rest) = bare.split_once(':').map_or((bare, None), |(head, rest)| (head, Some(rest.trim())));
    if 60 < head.len() || (rest.is_none() && !alone) {
        return None;
    }
    let name = head.trim().to_lowercase();
    let name = name.trim_end_matches(|c: char| !c.is_alphanumeric());
    let known = words::section(name);
    // Another heading of its own line ends what was open.
    let other = rest.is_some_and(str::is_empty).then_some(Section::Body);
    Some((known.or(other)?, rest.unwrap_or("")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[(&str, Section)]) {
        let note = Note::new(text, None);
        let found: Vec<(&str, Section)> =
            note.sentences.iter().map(|s| (&text[s.start..s.end], s.section)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn sentences_keep_abbreviations_and_decimals() {
        check(
            "Seen by Dr. Smith. Hb 8.4 g/dL. Mass of ca. 3 cm! No pain",
            &[
                ("Seen by Dr. Smith.", Section::Body),
                ("Hb 8.4 g/dL.", Section::Body),
                ("Mass of ca. 3 cm!", Section::Body),
                ("No pain", Section::Body),
            ],
        );
        check("a\r\n\r\nb", &[("a", Section::Body), ("b", Section::Body)]);
    }

    #[test]
    fn headings_open_sections() {
        check(
            "Past Medical History:\nHypertension\nDiabetes\nFamily history: mother had breast cancer. Two sons.\nECOG 1",
            &[
                ("Past Medical History:", Section::PastHistory),
                ("Hypertension", Section::PastHistory),
                ("Diabetes", Section::PastHistory),
                ("Family history: mother had breast cancer.", Section::FamilyHistory),
                ("Two sons.", Section::FamilyHistory),
                ("ECOG 1", Section::Body),
            ],
        );
    }

    #[test]
    fn numbered_sentences_keep_their_numbers() {
        let note = Note::new("0. A man. He smokes.\n1. No pain.", None);
        let numbers: Vec<Option<u32>> = note.sentences.iter().map(|s| s.number).collect();
        assert_eq!(numbers, [Some(0), Some(0), Some(1)]);
        assert_eq!(
            &"0. A man. He smokes.\n1. No pain."[note.sentences[0].start..note.sentences[0].end],
            "A man."
        );
        assert_eq!(Note::new("1.5 mg daily\n2. No pain.", None).sentences[0].number, None);
    }

    #[test]
    fn wrapped_lines_are_one_sentence() {
        let text = "The patient has been treated with several courses of oral\nantibiotics since May.";
        check(text, &[(text, Section::Body)]);
    }
}
