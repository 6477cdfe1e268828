//! What does one sentence say, as far as rules can hold it?
//!
//! A sentence is read into points in their order: names and changes of the release's vocabularies, numbers with unit
//! and bound, words that turn the meaning, and every other word by its stem. What two sentences have in common is
//! decided on these and never on letters alone.

use crate::words::{cue, glue, negation, unit};
use concilium_terms::lexicon::{Kind, Lexicon, Reading, Writing};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

/// A thing that is named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    /// Gene, drug, class of drugs, disease: kind and id.
    Thing(Kind, String),
    /// A change: `EGFR T790M`; without a gene `T790M`.
    Change(String),
}

impl Name {
    /// Names of one sort are what may be mistaken for one another.
    pub(crate) fn sort(&self) -> Sort {
        match self {
            Name::Thing(Kind::Gene, _) => Sort::Gene,
            Name::Thing(Kind::Drug | Kind::DrugClass, _) => Sort::Drug,
            Name::Thing(Kind::Disease, _) => Sort::Disease,
            Name::Thing(Kind::Other, _) => Sort::Other,
            Name::Change(_) => Sort::Change,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Thing(kind, id) => write!(out, "{} {id}", kind.name()),
            Name::Change(change) => write!(out, "change {change}"),
        }
    }
}

/// Sorts of points that can be mixed up with others of their sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    Gene,
    Drug,
    Disease,
    Change,
    Other,
    Number,
    Turn,
}

/// A number as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number {
    /// Decimal digits without needless zeros.
    value: String,
    unit: Option<&'static str>,
    /// `<`, `>`, `≤`, `≥`, `=`, `±`, `~`, `-` directly before it.
    bound: Option<char>,
}

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(bound) = self.bound {
            write!(out, "{bound}")?;
        }
        write!(out, "{} {}", self.value, self.unit.unwrap_or(""))
    }
}

/// One point of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Point {
    Name(Name),
    Number(Number),
    /// A word that turns the meaning, by the part it is compared by.
    Cue(&'static str),
    /// A word that says no, with the stem of the word it stands before.
    Not(String),
    /// Any other word, by its stem; a sign that is no punctuation.
    Word(String),
}

impl Point {
    pub(crate) fn sort(&self) -> Option<Sort> {
        match self {
            Point::Name(name) => Some(name.sort()),
            Point::Number(_) => Some(Sort::Number),
            Point::Cue(_) | Point::Not(_) => Some(Sort::Turn),
            Point::Word(_) => None,
        }
    }
}

/// The points of a text, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) points: Vec<Point>,
}

impl Facts {
    /// Reads one sentence.
    pub(crate) fn read(lexicon: &Lexicon, sentence: &str) -> Facts {
        let reading = lexicon.read(sentence, Writing::Prose);
        let named = named(&reading);
        let tokens = tokens(sentence);
        let stemmer = frostem::Stemmer::new(frostem::Algorithm::English);
        let stem = |word: &str| stemmer.stem(word).to_string();
        let mut placed: Vec<(usize, Point)> = vec![];
        for (name, span) in &named {
            placed.push((span.start, Point::Name(name.clone())));
        }
        let covered = |at: usize| named.iter().any(|(_, span)| span.contains(&at));
        let open: Vec<&Token> = tokens.iter().filter(|token| !covered(token.start)).collect();
        for (index, token) in open.iter().enumerate() {
            let point = match &token.what {
                What::Number(number) => Some(Point::Number(number.clone())),
                What::Sign(sign) => Some(Point::Word(sign.to_string())),
                What::Word(word) if negation(word) => {
                    let next = open[index + 1..].iter().find_map(|token| token.content(&stem));
                    Some(Point::Not(next.unwrap_or_default()))
                }
                What::Word(word) => match cue(word) {
                    Some(cue) => Some(Point::Cue(cue)),
                    None if glue(word) => None,
                    None => Some(Point::Word(stem(word))),
                },
            };
            placed.extend(point.map(|point| (token.start, point)));
        }
        placed.sort_by_key(|(start, _)| *start);
        let mut points: Vec<Point> = placed.into_iter().map(|(_, point)| point).collect();
        points.dedup();
        Facts { points }
    }

    pub(crate) fn names(&self) -> BTreeSet<&Name> {
        self.points
            .iter()
            .filter_map(|point| if let Point::Name(name) = point { Some(name) } else { None })
            .collect()
    }
}

/// What a reader who must choose takes each name for; names that stay open count as plain words.
fn named(reading: &Reading) -> Vec<(Name, Range<usize>)> {
    let mut named = vec![];
    for mention in reading.mentions.iter().filter(|mention| !mention.nested) {
        if let Some(entry) = mention.likely() {
            named.push((Name::Thing(entry.kind, entry.id.to_string()), mention.span.clone()));
        }
    }
    for variant in &reading.variants {
        let names = variant.names();
        let change = if names.is_empty() { variant.change.clone() } else { names.join(" / ") };
        named.push((Name::Change(change), variant.span.clone()));
    }
    named
}

enum What {
    /// In small letters.
    Word(String),
    Number(Number),
    Sign(char),
}

struct Token {
    start: usize,
    what: What,
}

impl Token {
    /// The stem of a word that carries something.
    fn content(&self, stem: &impl Fn(&str) -> String) -> Option<String> {
        match &self.what {
            What::Word(word) if !glue(word) && !negation(word) => {
                Some(cue(word).map_or_else(|| stem(word), str::to_owned))
            }
            What::Number(number) => Some(number.value.clone()),
            _ => None,
        }
    }
}

/// Punctuation that carries nothing by itself.
fn punctuation(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '.' | ','
                | ';'
                | ':'
                | '('
                | ')'
                | '['
                | ']'
                | '"'
                | '\''
                | '’'
                | '“'
                | '”'
                | '–'
                | '—'
                | '-'
                | '/'
                | '!'
        )
}

/// Signs that bound the number behind them.
fn bound(c: char) -> bool {
    matches!(c, '<' | '>' | '≤' | '≥' | '=' | '±' | '~' | '≈')
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = vec![];
    let mut at = 0;
    let mut pending: Option<char> = None;
    while let Some(c) = text[at..].chars().next() {
        let start = at;
        let previous = text[..at].chars().next_back().unwrap_or(' ');
        if c.is_alphanumeric() {
            let end = word_end(text, at);
            let bound = pending.take().or_else(|| minus(text, at));
            at = take(text, start..end, bound, &mut tokens);
            continue;
        }
        at += c.len_utf8();
        if bound(c) {
            pending = Some(c);
        } else if !c.is_whitespace() {
            pending = None;
        }
        let dash_of_number = c == '-' && previous.is_whitespace();
        if !punctuation(c) && !bound(c) && c != '%' && !dash_of_number {
            tokens.push(Token { start, what: What::Sign(c) });
        }
    }
    tokens
}

/// A minus directly before the number that starts here.
fn minus(text: &str, at: usize) -> Option<char> {
    let mut before = text[..at].chars().rev();
    let sign = before.next().filter(|&c| c == '-' || c == '−')?;
    before.next().is_none_or(|c| c.is_whitespace() || c == '(').then_some(sign).map(|_| '-')
}

/// End of a run of letters and digits; a point or comma between digits and an apostrophe between letters belong to it.
fn word_end(text: &str, start: usize) -> usize {
    let mut end = start;
    let mut chars = text[start..].char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        let next = chars.peek().map(|&(_, c)| c);
        let last = text[start..start + offset].chars().next_back();
        let inner = match c {
            '.' | ',' => last.is_some_and(|c| c.is_ascii_digit()) && next.is_some_and(|c| c.is_ascii_digit()),
            '\'' | '’' => last.is_some_and(char::is_alphabetic) && next.is_some_and(char::is_alphabetic),
            c => c.is_alphanumeric(),
        };
        if !inner {
            break;
        }
        end = start + offset + c.len_utf8();
    }
    end
}

/// Adds the word or number of a span; gives where to read on (behind the unit of a number).
fn take(text: &str, span: Range<usize>, bound: Option<char>, tokens: &mut Vec<Token>) -> usize {
    let word = text[span.clone()].to_lowercase();
    let digits = word.bytes().take_while(|&b| b.is_ascii_digit() || b == b'.' || b == b',').count();
    let rest = &word[digits..];
    if digits == 0 || !(rest.is_empty() || unit(rest).is_some()) {
        let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(&word);
        tokens.push(Token { start: span.start, what: What::Word(word.to_owned()) });
        return span.end;
    }
    let (unit, end) = match unit(rest) {
        Some(unit) => (Some(unit), span.end),
        None => unit_behind(text, span.end),
    };
    let number = Number { value: canonical(&word[..digits]), unit, bound };
    tokens.push(Token { start: span.start, what: What::Number(number) });
    end
}

/// The unit behind a number and where it ends: `61 %`, `6-month`, `6 months`.
fn unit_behind(text: &str, end: usize) -> (Option<&'static str>, usize) {
    let gap = text[end..]
        .chars()
        .take_while(|&c| c == ' ' || c == '-' || c == '\u{a0}')
        .map(char::len_utf8)
        .sum::<usize>();
    let start = end + gap;
    if text[start..].starts_with('%') {
        return (Some("%"), start + 1);
    }
    let word_end = word_end(text, start);
    match unit(&text[start..word_end].to_lowercase()) {
        Some(unit) => (Some(unit), word_end),
        None => (None, end),
    }
}

/// `1,234` → `1234`, `45.0` → `45`, `007` → `7`; other commas stay, so that they match letter by letter only.
fn canonical(digits: &str) -> String {
    let grouped = digits
        .split(',')
        .skip(1)
        .all(|group| group.len() == 3 || group.split('.').next().is_some_and(|g| g.len() == 3));
    let plain = if grouped { digits.replace(',', "") } else { digits.to_owned() };
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}
