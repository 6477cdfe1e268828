//! Where does a sentence end? Good enough to keep a change with the genes of its own sentence.

use std::ops::Range;

/// Words whose full stop does not end a sentence.
const ABBREVIATIONS: [&str; 14] =
    ["al", "vs", "fig", "ref", "no", "e.g", "i.e", "approx", "resp", "ca", "dr", "st", "p", "c"];

/// The sentences of a text, in order, covering it without gaps.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = vec![];
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let ends = match byte {
            b'\n' => true,
            b'.' | b'!' | b'?' => {
                let blank_follows = bytes.get(at + 1).is_some_and(u8::is_ascii_whitespace);
                blank_follows && (*byte != b'.' || !abbreviation(&text[start..at]))
            }
            _ => false,
        };
        if ends {
            found.push(start..at + 1);
            start = at + 1;
        }
    }
    if start < text.len() {
        found.push(start..text.len());
    }
    found
}

fn abbreviation(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
    word.len() < 7 && ABBREVIATIONS.iter().any(|known| word.eq_ignore_ascii_case(known))
}
