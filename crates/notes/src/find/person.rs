//! Who is the patient, and how fit?

use super::Part;
use super::course::count;
use crate::accept::Proposed;
use crate::mention::{About, AgeUnit, Finding, Mention};
use crate::text::Note;
use crate::token::{Kind, Tokens};
use concilium_case::{PerformanceScale, Sex};
use std::ops::Range;

const FEMALE: [&str; 6] = ["woman", "female", "lady", "girl", "f", "women"];
const MALE: [&str; 6] = ["man", "male", "gentleman", "boy", "m", "men"];
const RELATIVES: [&str; 14] = [
    "son", "daughter", "brother", "sister", "mother", "father", "husband", "wife", "child", "children",
    "uncle", "aunt", "partner", "twin",
];

pub(super) fn find(part: &Part, sentence: usize) -> Vec<Proposed> {
    let mut found = vec![];
    for at in 0..part.tokens.len() {
        if let Some((finding, end, sexed)) = age(&part.tokens, at) {
            found.extend(part.over(at..end, finding));
            found.extend(sexed.and_then(|(place, sex)| part.over(place..place + 1, Finding::Sex { sex })));
        }
        found.extend(performance(&part.tokens, at).and_then(|(finding, end)| part.over(at..end, finding)));
        // "Patient is a woman": the opening says it, later men and women may be others.
        let long = 1 < part.tokens.raw(at).len();
        let opening = sentence < 3
            && long
            && matches!(
                at.checked_sub(1).map(|at| part.tokens.word(at)),
                Some(
                    "a" | "this"
                        | "old"
                        | "the"
                        | "is"
                        | "sex"
                        | ":"
                        | "american"
                        | "caucasian"
                        | "white"
                        | "black"
                        | "healthy"
                        | "asian"
                        | "hispanic"
                        | "infant"
                )
            );
        if let Some(sex) = sex_word(part.tokens.word(at)).filter(|_| opening) {
            found.extend(part.over(at..at + 1, Finding::Sex { sex }));
        }
    }
    found
}

fn sex_word(word: &str) -> Option<Sex> {
    if FEMALE.contains(&word) {
        return Some(Sex::Female);
    }
    MALE.contains(&word).then_some(Sex::Male)
}

/// Sex a word stands for, pronouns included.
pub(crate) fn sex_of(words: &str) -> Option<Sex> {
    let lower = words.trim().to_lowercase();
    match lower.as_str() {
        "she" | "her" => Some(Sex::Female),
        "he" | "his" | "him" => Some(Sex::Male),
        word => sex_word(word),
    }
}

/// An age, the token behind it, and where the sex stands beside it.
type AgeFound = (Finding, usize, Option<(usize, Sex)>);

/// `58-year-old woman`, `74M`, `62 yo male`, `aged 61`, `3-day-old`.
fn age(tokens: &Tokens, at: usize) -> Option<AgeFound> {
    let before = |n: usize| at.checked_sub(n).map_or("", |at| tokens.word(at));
    let labelled = matches!(before(1), "aged")
        || (matches!(before(1), "age" | ":")
            && (before(2) == "age"
                || (before(1) == "age"
                    && !matches!(before(2), "at" | "the" | "of" | "from" | "since" | "by"))));
    let amount = tokens.number(at)?;
    if !(0.0..=130.0).contains(&amount) {
        return None;
    }
    let (unit, mut end) = match unit_of_age(tokens, at + 1) {
        Some(found) => found,
        None if labelled => (AgeUnit::Years, at + 1),
        None => return glued_sex(tokens, at, amount),
    };
    let old = tokens.word(end) == "old" || (tokens.word(end) == "-" && tokens.word(end + 1) == "old");
    if old {
        end += if tokens.word(end) == "-" { 2 } else { 1 };
    }
    let abbreviated = matches!(tokens.word(end - 1), "yo" | "o" | "old");
    let sexed = (end..end + 6)
        .take_while(|at| !matches!(tokens.word(*at), "." | ";" | "" | "with" | "who"))
        .find_map(|at| {
            let sex = sex_word(tokens.word(at))?;
            let letter = tokens.raw(at).len() == 1;
            (!letter || (tokens.raw(at).chars().all(char::is_uppercase) && at < end + 2)).then_some((at, sex))
        });
    let of_another = (end..end + 3).any(|at| RELATIVES.contains(&tokens.word(at)));
    let then = matches!(before(1), "at" | "since" | "until" | "by")
        || (before(1) == "age" && before(2) == "at")
        || (before(1) == "of" && before(2) == "age");
    let says_so = old
        || abbreviated
        || labelled
        || (sexed.is_some() && end == at + 2 + usize::from(tokens.word(at + 1) == "-"));
    (says_so && !of_another && !then).then_some((Finding::Age { amount, unit }, end, sexed))
}

/// `-year`, ` years`, `yo`, `y/o`, `-day`: unit and the token behind.
fn unit_of_age(tokens: &Tokens, at: usize) -> Option<(AgeUnit, usize)> {
    let at = if tokens.word(at) == "-" { at + 1 } else { at };
    let unit = match tokens.word(at) {
        "y" if tokens.word(at + 1) == "/" && tokens.word(at + 2) == "o" => {
            return Some((AgeUnit::Years, at + 3));
        }
        "y" if tokens.word(at + 1) == "." && tokens.word(at + 2) == "o" => {
            return Some((AgeUnit::Years, at + 3));
        }
        "year" | "years" | "yo" | "yr" | "yrs" | "y" | "yof" | "yom" => AgeUnit::Years,
        "month" | "months" | "mo" => AgeUnit::Months,
        "week" | "weeks" | "wk" => AgeUnit::Weeks,
        "day" | "days" => AgeUnit::Days,
        _ => return None,
    };
    Some((unit, at + 1))
}

/// `74M`, `61F`: two digits and a capital at the beginning of a sentence, or behind "a".
fn glued_sex(tokens: &Tokens, at: usize, amount: f64) -> Option<AgeFound> {
    let sex = match tokens.raw(at + 1) {
        "F" => Sex::Female,
        "M" => Sex::Male,
        _ => return None,
    };
    let opens = at == 0 || (at == 1 && tokens.word(0) == "a");
    let fits = opens && tokens.raw(at).len() <= 2 && amount.fract() == 0.0 && tokens.word(at + 2) != ".";
    fits.then_some((Finding::Age { amount, unit: AgeUnit::Years }, at + 1, Some((at + 1, sex))))
}

/// `ECOG 1`, `ECOG performance status of 2`, `KPS 80 %`, `PS 0-1`, `Karnofsky: 90`.
fn performance(tokens: &Tokens, at: usize) -> Option<(Finding, usize)> {
    let (scale, mut behind) = match tokens.word(at) {
        "ecog" | "zubrod" => (PerformanceScale::Ecog, at + 1),
        "who" if tokens.raw(at) == "WHO" => (PerformanceScale::Ecog, at + 1),
        "kps" | "karnofsky" => (PerformanceScale::Karnofsky, at + 1),
        "lansky" => (PerformanceScale::Lansky, at + 1),
        "ps" if tokens.raw(at) == "PS" => (PerformanceScale::Ecog, at + 1),
        "performance" if tokens.word(at + 1) == "status" && !named_before(tokens, at) => {
            (PerformanceScale::Ecog, at + 2)
        }
        _ => return None,
    };
    if tokens.word(at) == "who" && !matches!(tokens.word(behind), "ps" | "performance") {
        return None;
    }
    let link = [
        "performance",
        "status",
        "ps",
        "score",
        "of",
        "is",
        "was",
        ":",
        "=",
        "-",
        "grade",
        "(",
        "ecog",
        "who",
        ")",
        "at",
        "scale",
    ];
    let limit = behind + 6;
    while link.contains(&tokens.word(behind)) && behind < limit {
        behind += 1;
    }
    let low = count(tokens, behind)?;
    let range = matches!(tokens.word(behind + 1), "-" | "–" | "to" | "or");
    let high = if range { count(tokens, behind + 2) } else { None };
    let (high, mut end) = high.map_or((low, behind + 1), |high| (high, behind + 3));
    let most = if scale == PerformanceScale::Ecog { 5 } else { 100 };
    let least = if scale == PerformanceScale::Ecog { 0 } else { 10 };
    let unit_behind =
        matches!(tokens.word(end), "mg" | "years" | "weeks" | "months" | "days" | "cm" | "/" | ".")
            && tokens.word(end) != "."
            || tokens
                .list
                .get(behind)
                .is_some_and(|token| token.kind == Kind::Number && tokens.raw(behind).contains('.'));
    if high < low || most < high || low < least || unit_behind {
        return None;
    }
    if tokens.word(end) == "%" {
        end += 1;
    }
    Some((Finding::Performance { scale, low, high }, end))
}

/// A scale's name stands just before: the reading begins there.
fn named_before(tokens: &Tokens, at: usize) -> bool {
    (1..=2)
        .filter_map(|n| at.checked_sub(n))
        .any(|at| matches!(tokens.word(at), "ecog" | "who" | "karnofsky" | "lansky" | "zubrod"))
}

/// Where no word names the sex, pronouns that all agree do; the first that opens a sentence stands for it.
/// A relative's age or sex is nobody's here.
pub(super) fn after(note: &Note, mentions: &mut Vec<Mention>) {
    mentions.retain(|mention| {
        !matches!(mention.finding, Finding::Age { .. } | Finding::Sex { .. })
            || mention.context.about == About::Patient
    });
    let mut seen = false;
    mentions.retain(|mention| {
        let age = matches!(mention.finding, Finding::Age { .. });
        let keep = !age || !seen;
        seen |= age;
        keep
    });
    one_sex(mentions);
    if mentions.iter().any(|mention| matches!(mention.finding, Finding::Sex { .. })) {
        return;
    }
    mentions.extend(pronoun(note));
    mentions.sort_by_key(|mention| (mention.start, mention.end));
}

/// The first word that says it; another one stands only where it disagrees.
fn one_sex(mentions: &mut Vec<Mention>) {
    let mut said: Vec<Sex> = vec![];
    mentions.retain(|mention| match &mention.finding {
        Finding::Sex { sex } => {
            let new = !said.contains(sex);
            said.push(*sex);
            new
        }
        _ => true,
    });
}

fn pronoun(note: &Note) -> Option<Mention> {
    let mut first: Option<(usize, Range<usize>, Sex)> = None;
    for (at, sentence) in note.sentences.iter().enumerate() {
        let tokens = Tokens::new(note.text, sentence.start, sentence.end);
        let relative = (0..tokens.len()).any(|at| RELATIVES.contains(&tokens.word(at)));
        for place in 0..tokens.len() {
            let shouted = 1 < tokens.raw(place).bytes().filter(u8::is_ascii_uppercase).count();
            let Some(sex) = pronoun_sex(tokens.word(place)).filter(|_| !shouted) else { continue };
            match &first {
                Some((.., known)) if *known != sex => return None,
                None if place == 0 && !relative => {
                    first = Some((at, tokens.list[place].start..tokens.list[place].end, sex));
                }
                _ => {}
            }
        }
    }
    let (sentence, span, sex) = first?;
    let context = crate::mention::Context {
        assertion: crate::mention::Assertion::Present,
        about: About::Patient,
        history: false,
        section: note.sentences[sentence].section,
        when: None,
        until: None,
        cues: vec![],
    };
    Some(Mention { start: span.start, end: span.end, sentence, finding: Finding::Sex { sex }, context })
}

fn pronoun_sex(word: &str) -> Option<Sex> {
    match word {
        "she" | "her" => Some(Sex::Female),
        "he" | "his" | "him" => Some(Sex::Male),
        _ => None,
    }
}
