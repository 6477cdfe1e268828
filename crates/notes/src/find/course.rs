//! How did the disease spread and go on, in which line, in which trial?

use super::{Own, Part};
use crate::accept::Proposed;
use crate::mention::Finding;
use crate::token::{Kind, Tokens};
use crate::words::ORGANS;
use concilium_case::Status;
use std::ops::Range;

pub(super) fn find(part: &Part, tumour: bool) -> Vec<Proposed> {
    let mut found = vec![];
    for at in 0..part.tokens.len() {
        found.extend(metastases(part, at));
        found.extend(
            line(&part.tokens, at)
                .and_then(|(span, number, prior)| part.over(span, Finding::Line { number, prior })),
        );
        found.extend(trial(&part.tokens, at).and_then(|span| part.over(span, Finding::Trial)));
    }
    if tumour {
        found.extend(
            part.own.iter().filter(|own| &*own.kind == "response").filter_map(|own| response(part, own)),
        );
    }
    found
}

fn response(part: &Part, own: &Own) -> Option<Proposed> {
    let span = part.span(own.start, own.end);
    if &*own.flag == "context" && !assessed(part, &span) {
        return None;
    }
    let tokens = &part.tokens;
    let before = span.start.checked_sub(1).map_or("", |at| tokens.word(at));
    let after = tokens.word(span.end);
    // Symptoms progress too, and survival is no event.
    let other = after == "free"
        || tokens.word(span.end + 1) == "free"
        || matches!(before, "symptom" | "weakness" | "pain" | "relapsing");
    let symptom = ["symptom", "weakness", "pain", "edema", "oedema", "dyspnea"];
    let of_symptom = after == "of"
        && (span.end..span.end + 4).any(|at| symptom.iter().any(|word| tokens.word(at).starts_with(word)));
    if other || of_symptom {
        return None;
    }
    let status = status_of(&own.key)?;
    part.at(own.start, own.end, Finding::Response { status }, None)
}

/// `PD`, `CR`, `PR`, `SD` beside words of assessment, and no number or receptor sign behind.
fn assessed(part: &Part, span: &Range<usize>) -> bool {
    let words = [
        "response",
        "recist",
        "restaging",
        "restaged",
        "scan",
        "scans",
        "ct",
        "pet",
        "imaging",
        "achieved",
        "best",
        "cycles",
        "remission",
        "chemotherapy",
        "assessment",
        "irecist",
    ];
    let next = part.tokens.word(span.end);
    let behind = part.tokens.list.get(span.end).map(|token| token.kind);
    let value = behind == Some(Kind::Number)
        || matches!(next, "+" | "-" | "/" | "interval" | "positive" | "negative" | ":");
    let neuro = part.says(&["levodopa", "tremor", "parkinson", "bradykines"]);
    part.near(span, 8, &words) && !value && !neuro
}

fn status_of(key: &str) -> Option<Status> {
    Some(match key {
        "progressed" => Status::Progressed,
        "stable" => Status::Stable,
        "partial" => Status::Partial,
        "complete" => Status::Complete,
        _ => return None,
    })
}

/// Key of a status in the authored list.
pub(crate) fn status_key(status: Status) -> &'static str {
    match status {
        Status::Progressed => "progressed",
        Status::Stable => "stable",
        Status::Partial => "partial",
        Status::Complete => "complete",
        Status::Undetermined => "",
    }
}

/// Is it the short form of metastases?
pub(crate) fn is_mets(lower: &str) -> bool {
    lower.split(|c: char| !c.is_alphanumeric()).any(|word| word == "mets")
}

/// Is the organ named in words in lower case?
pub(crate) fn organ_in(lower: &str, site: &str) -> bool {
    let named = ORGANS.iter().find(|(organ, _)| *organ == site);
    named.is_some_and(|(_, words)| {
        lower.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
    })
}

fn organ(word: &str) -> Option<&'static str> {
    ORGANS.iter().find(|(_, words)| words.contains(&word)).map(|(organ, _)| *organ)
}

/// `liver and lung metastases`, `metastatic to bone`, `brain mets`, `metastatic`.
fn metastases(part: &Part, at: usize) -> Option<Proposed> {
    let tokens = &part.tokens;
    let word = tokens.word(at);
    let before = at.checked_sub(1).map_or("", |at| tokens.word(at));
    let noun = matches!(word, "metastasis" | "metastases" | "mets" | "metastasized" | "metastasised");
    let adjective = word == "metastatic";
    let none = matches!(before, "non")
        || (before == "-" && at.checked_sub(2).is_some_and(|at| tokens.word(at) == "non"));
    let other = matches!(
        tokens.word(at + 1),
        "workup" | "work" | "potential" | "survey" | "free" | "screening" | "risk"
    );
    if !(noun || adjective) || none || other {
        return None;
    }
    let behind = organs_behind(tokens, at);
    let ahead = if noun { organs_before(tokens, at) } else { vec![] };
    let listed = if behind.is_empty() { ahead } else { behind };
    let places = listed.iter().map(|(place, _)| *place).chain([at]);
    let (first, last) = (places.clone().min().unwrap_or(at), places.max().unwrap_or(at));
    let mut sites: Vec<String> = listed.iter().map(|(_, organ)| (*organ).to_owned()).collect();
    sites.sort();
    sites.dedup();
    let qualities = qualities(part, &(first..last + 1));
    part.over(first..last + 1, Finding::Metastasis { sites, qualities })
}

fn qualities(part: &Part, span: &Range<usize>) -> Vec<String> {
    let said = [
        "treated",
        "untreated",
        "stable",
        "asymptomatic",
        "symptomatic",
        "irradiated",
        "resected",
        "active",
        "new",
    ];
    let near = span.start.saturating_sub(4)..span.end + 4;
    let words = near.filter(|at| !span.contains(at)).map(|at| part.tokens.word(at));
    words.filter(|word| said.contains(word)).map(str::to_owned).collect()
}

type Place = (usize, &'static str);

/// Organs directly before: `liver, lung and bone`.
fn organs_before(tokens: &Tokens, at: usize) -> Vec<Place> {
    let mut found = vec![];
    for place in (at.saturating_sub(8)..at).rev() {
        match (organ(tokens.word(place)), tokens.word(place)) {
            (Some(organ), _) => found.push((place, organ)),
            (None, "," | "and" | "/" | "&" | "+" | "or" | "-" | "multiple" | "lesions" | "known") => {}
            (None, _) => break,
        }
    }
    found
}

/// Organs behind "to": `metastatic to the liver and bones`, `metastases in lung`.
fn organs_behind(tokens: &Tokens, at: usize) -> Vec<Place> {
    let opens = matches!(tokens.word(at + 1), "to" | "in" | "involving" | "of" | "(" | ":" | "within");
    let mut found: Vec<Place> = vec![];
    for place in at + 2..at + 12 {
        match (organ(tokens.word(place)), tokens.word(place)) {
            _ if !opens => break,
            (Some(organ), _) if found.iter().all(|(_, known)| *known != organ) => found.push((place, organ)),
            (Some(_), _)
            | (
                None,
                "," | "and" | "/" | "&" | "the" | "both" | "left" | "right" | "her" | "his" | "multiple"
                | "a" | "bilateral",
            ) => {}
            (None, _) => break,
        }
    }
    found
}

/// A whole number, spelled, an ordinal, or in digits.
pub(crate) fn count(tokens: &Tokens, at: usize) -> Option<u32> {
    let ordinals = ["first", "second", "third", "fourth", "fifth", "sixth"];
    let ordinal =
        ordinals.iter().position(|word| *word == tokens.word(at)).and_then(|at| u32::try_from(at + 1).ok());
    ordinal.or_else(|| tokens.whole(at))
}

/// `second-line`, `2nd line`, `two prior lines`, `3 lines of therapy`.
fn line(tokens: &Tokens, at: usize) -> Option<(Range<usize>, u32, bool)> {
    let number = count(tokens, at).filter(|number| (1..=12).contains(number))?;
    let mut next = at + 1;
    let suffixed = ["st", "nd", "rd", "th"].contains(&tokens.word(next)) && tokens.glued(next);
    next += usize::from(suffixed);
    let ordinal = suffixed
        || tokens.number(at).is_none()
            && tokens.word(at).ends_with(['t', 'd', 'h'])
            && !matches!(tokens.word(at), "eight");
    if tokens.word(next) == "-" {
        next += 1;
    }
    if ordinal && matches!(tokens.word(next), "line" | "lines") {
        return Some((at..next + 1, number, false));
    }
    let prior = matches!(tokens.word(next), "prior" | "previous");
    next += usize::from(prior);
    if !matches!(tokens.word(next), "line" | "lines") {
        return None;
    }
    let of_therapy = tokens.word(next + 1) == "of"
        && ["therap", "treat", "chemo", "systemic"]
            .iter()
            .any(|word| tokens.word(next + 2).starts_with(word));
    (prior || of_therapy).then_some((at..next + 1, number, true))
}

/// `enrolled in a phase I trial`: from the verb to the word.
fn trial(tokens: &Tokens, at: usize) -> Option<Range<usize>> {
    let verbs = [
        "enrolled",
        "participated",
        "participating",
        "randomized",
        "randomised",
        "enrollment",
        "participation",
        "participates",
    ];
    if !verbs.contains(&tokens.word(at)) {
        return None;
    }
    let end =
        (at + 1..at + 9).find(|at| matches!(tokens.word(*at), "trial" | "study" | "trials" | "studies"))?;
    Some(at..end + 1)
}
