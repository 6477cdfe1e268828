//! What was measured, how much, in which unit, against which range?
//!
//! A unit is what the unit tables understand for that analyte, or what is plainly written as one; a number without a
//! unit stays without one.

use super::marker::comparator;
use super::{Own, Part};
use crate::accept::Proposed;
use crate::mention::Finding;
use crate::token::{Kind, Tokens};
use concilium_terms::quantity::Quantity;
use std::ops::Range;

pub(super) fn find(part: &Part) -> Vec<Proposed> {
    let labs: Vec<&Own> = part.own.iter().filter(|own| &*own.kind == "lab").collect();
    let mut found = vec![];
    for (at, own) in labs.iter().enumerate() {
        let span = part.span(own.start, own.end);
        let with_next = labs.get(at + 1).is_some_and(|next| paired(part, own, next));
        let with_last = at.checked_sub(1).is_some_and(|last| paired(part, labs[last], own));
        if with_next || with_last {
            continue;
        }
        found.extend(one(part, own, &span));
    }
    found
}

fn one(part: &Part, own: &Own, span: &Range<usize>) -> Option<Proposed> {
    let value = if &*own.key == "blood-pressure" {
        pressure(&part.tokens, span.end)
    } else {
        measured(&part.tokens, span.end, &own.key)
    };
    match value {
        Some(found) => part.over(span.start..found.end, found.finding(&own.key)),
        None if &*own.flag == "number" => None,
        // A name alone stands for a test that was not done.
        None => {
            let (words, end) = in_words(&part.tokens, span.end).unzip();
            let finding = Finding::Lab {
                analyte: own.key.to_string(),
                value: None,
                upto: None,
                low: None,
                high: None,
                words,
            };
            part.over(span.start..end.unwrap_or(span.end), finding)
        }
    }
}

struct Measured {
    value: Quantity,
    upto: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    end: usize,
}

impl Measured {
    fn finding(self, analyte: &str) -> Finding {
        let Measured { value, upto, low, high, .. } = self;
        Finding::Lab { analyte: analyte.to_owned(), value: Some(value), upto, low, high, words: None }
    }
}

/// Words between a name and its number.
const LINKS: [&str; 29] = [
    "of",
    "was",
    "is",
    "were",
    ":",
    "=",
    "at",
    "level",
    "levels",
    "count",
    "to",
    "around",
    "about",
    "approximately",
    "(",
    "value",
    "today",
    "now",
    "currently",
    "-",
    "being",
    "measured",
    "result",
    "stable",
    "estimated",
    "–",
    "up",
    "down",
    "serum",
];

fn measured(tokens: &Tokens, at: usize, analyte: &str) -> Option<Measured> {
    let mut next = at;
    while LINKS.contains(&tokens.word(next)) && next < at + 5 {
        // A bracket may explain the name: `AST (SGOT): 17`.
        next += 1;
    }
    if tokens.word(next - 1) == "(" && tokens.number(next).is_none() {
        next = past_bracket(tokens, next)?;
        while LINKS.contains(&tokens.word(next)) && next < at + 12 {
            next += 1;
        }
    }
    let (comparator, number) = comparator(tokens, next);
    let (value, text) = (tokens.number(number)?, tokens.raw(number));
    let mut end = number + 1;
    // `90k`, `120 K`: thousands, where no unit makes it one.
    let thousands = matches!(tokens.raw(end), "k" | "K") && tokens.word(end + 1) != "/" && counts(analyte);
    end += usize::from(thousands);
    let upto = matches!(tokens.word(end), "-" | "–")
        .then(|| tokens.number(end + 1))
        .flatten()
        .filter(|upper| value < *upper);
    if upto.is_some() {
        end += 2;
    }
    if !thousands && other_thing(tokens, end) {
        return None;
    }
    let (unit, end) = if thousands { (String::new(), end) } else { unit(tokens, end, analyte) };
    let (value, text) = if thousands {
        (value * 1000.0, format!("{text}{}", tokens.raw(number + 1)))
    } else {
        (value, text.to_owned())
    };
    let (low, high, end) = range(tokens, end).unwrap_or((None, None, end));
    Some(Measured { value: Quantity { value, text, comparator, unit }, upto, low, high, end })
}

/// Are they cells counted by the thousand?
fn counts(analyte: &str) -> bool {
    matches!(analyte, "platelets" | "wbc" | "neutrophils" | "lymphocytes")
}

/// A number that counts something else: `creatinine 2 weeks ago`, `ALT 3 times`, `hemoglobin 2nd`.
fn other_thing(tokens: &Tokens, at: usize) -> bool {
    let word = tokens.word(at);
    let unit = word.strip_suffix('s').unwrap_or(word);
    matches!(
        unit,
        "day"
            | "week"
            | "month"
            | "year"
            | "hour"
            | "time"
            | "dose"
            | "cycle"
            | "transfusion"
            | "nd"
            | "rd"
            | "th"
            | "st"
            | "unit"
            | "tablet"
            | "drip"
            | "patient"
            | "minute"
    ) || word == "x" && tokens.word(at + 1) == "uln"
        || (word == "/" && tokens.number(at + 1).is_some())
}

fn past_bracket(tokens: &Tokens, from: usize) -> Option<usize> {
    (from..from + 6).find(|at| tokens.word(*at) == ")").map(|at| at + 1)
}

/// `110/75`: the upper value, the lower one beside it.
fn pressure(tokens: &Tokens, at: usize) -> Option<Measured> {
    let mut next = at;
    while LINKS.contains(&tokens.word(next)) && next < at + 4 {
        next += 1;
    }
    let (upper, lower) = (tokens.number(next)?, tokens.number(next + 2)?);
    if tokens.word(next + 1) != "/" || !(40.0..=300.0).contains(&upper) || upper < lower {
        return None;
    }
    let (unit, end) = unit(tokens, next + 3, "blood-pressure");
    // Two numbers are no range: the lower one is kept in the words only.
    let text = format!("{}/{}", tokens.raw(next), tokens.raw(next + 2));
    let value = Quantity { value: upper, text, comparator: None, unit };
    Some(Measured { value, upto: None, low: None, high: None, end })
}

/// `AST/ALT 45/50 U/L`: names and numbers cross, neither has a span of its own, so that both stay unread.
fn paired(part: &Part, first: &Own, second: &Own) -> bool {
    let tokens = &part.tokens;
    let (a, b) = (part.span(first.start, first.end), part.span(second.start, second.end));
    let mut at = b.end;
    while LINKS.contains(&tokens.word(at)) && at < b.end + 3 {
        at += 1;
    }
    let numbers =
        tokens.number(at).is_some() && tokens.number(at + 2).is_some() && tokens.word(at + 1) == "/";
    numbers && a.end + 1 == b.start && tokens.word(a.end) == "/"
}

/// A unit behind a number, as written, and the token behind it.
fn unit(tokens: &Tokens, at: usize, analyte: &str) -> (String, usize) {
    let none = (String::new(), at);
    let Some(first) = tokens.list.get(at) else { return none };
    // Longest first; a unit has no more parts than `mL/min/1.73 m2`.
    let most = (at + 12).min(tokens.len());
    for end in (at + 1..=most).rev() {
        let Some(text) = tokens.text.get(first.start..tokens.list[end - 1].end) else { continue };
        if text.len() <= 24 && looks_like_a_unit(text) && known(text, analyte) {
            return (text.to_owned(), end);
        }
    }
    none
}

/// Signs that words do not have, or one of the short units that stand alone.
fn looks_like_a_unit(text: &str) -> bool {
    let signs = text.contains(['/', '%', '°', '^'])
        && !text.ends_with(['.', ',', '(', ')', ';', ':', '/', '-'])
        && !text.contains([',', ';', ':', '(', ')'])
        && text.split_whitespace().count() <= 3;
    let alone = [
        "g", "kg", "lb", "lbs", "cm", "mm", "m", "ms", "msec", "bpm", "mmHg", "mm Hg", "percent", "m2", "C",
        "F", "sec", "inches",
    ];
    signs || alone.contains(&text)
}

/// Do the unit tables read it for this analyte, or is it a unit of vital signs they lack?
fn known(text: &str, analyte: &str) -> bool {
    let vital = [
        "°C",
        "°F",
        "°",
        "C",
        "F",
        "bpm",
        "beats/min",
        "breaths/min",
        "beats/minute",
        "/min",
        "lb",
        "lbs",
        "mm Hg",
        "mmHg",
        "inches",
        "% RA",
    ];
    if vital.contains(&text) || (matches!(text, "g" | "kg" | "m" | "cm") && !analyte.starts_with("body-")) {
        return vital.contains(&text)
            && (analyte.starts_with("body-")
                || matches!(
                    analyte,
                    "temperature"
                        | "heart-rate"
                        | "respiratory-rate"
                        | "blood-pressure"
                        | "oxygen-saturation"
                ));
    }
    // `x 109/L` lost its superscript: kept as written, so that a comparison can refuse it.
    let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let lost = ["x109/L", "109/L", "x1012/L", "x103/uL", "x103/µL"].contains(&squeezed.as_str());
    lost || Quantity::new(1.0, text).to(text, Some(analyte)).is_ok()
}

/// `(ref 0.6-1.2)`, `(normal < 1.2)`, `(12-16)`, `[0.6–1.2 mg/dL]`: limits and the token behind.
fn range(tokens: &Tokens, at: usize) -> Option<(Option<f64>, Option<f64>, usize)> {
    if !matches!(tokens.word(at), "(" | "[") {
        return None;
    }
    let close = (at + 1..at + 16).find(|at| matches!(tokens.word(*at), ")" | "]"))?;
    let mut next = at + 1;
    while matches!(
        tokens.word(next),
        "ref" | "reference" | "range" | "normal" | "nl" | ":" | "." | "rr" | "uln" | "limit" | "upper" | "of"
    ) {
        next += 1;
    }
    let labelled = at + 1 < next;
    let (sign, number) = comparator(tokens, next);
    let value = tokens.number(number)?;
    let second =
        matches!(tokens.word(number + 1), "-" | "–" | "to").then(|| tokens.number(number + 2)).flatten();
    let uln = (at..close).any(|at| tokens.word(at) == "uln");
    match (sign.as_deref(), second) {
        (None, Some(high)) if value < high => Some((Some(value), Some(high), close + 1)),
        (Some("<" | "<="), None) if labelled => Some((None, Some(value), close + 1)),
        (Some(">" | ">="), None) if labelled => Some((Some(value), None, close + 1)),
        (None, None) if uln => Some((None, Some(value), close + 1)),
        _ => None,
    }
}

/// `creatinine normal`, `elevated LDH` is read only behind the name: our word and the token behind.
fn in_words(tokens: &Tokens, at: usize) -> Option<(String, usize)> {
    let mut next = at;
    while matches!(
        tokens.word(next),
        "is" | "was" | "were" | "are" | ":" | "level" | "levels" | "within" | "remained" | "count"
    ) && next < at + 4
    {
        next += 1;
    }
    let word = match tokens.word(next) {
        "normal" | "unremarkable" => "normal",
        "elevated" | "high" | "raised" | "increased" => "high",
        "low" | "decreased" | "reduced" => "low",
        _ => return None,
    };
    let kind = tokens.list.get(next).map(|token| token.kind);
    (kind == Some(Kind::Word)).then(|| (word.to_owned(), next + 1))
}
