//! Which stage, on which scale?

use super::Part;
use crate::accept::Proposed;
use crate::mention::{Finding, Mention};
use crate::text::Note;
use crate::token::Tokens;
use concilium_case::StageScale;
use std::ops::Range;

/// Scales with their own names.
const SCALES: [(&str, &str); 9] = [
    ("figo", "FIGO"),
    ("rai", "Rai"),
    ("binet", "Binet"),
    ("breslow", "Breslow"),
    ("clark", "Clark"),
    ("iss", "ISS"),
    ("gleason", "Gleason"),
    ("arbor", "Ann Arbor"),
    ("masaoka", "Masaoka"),
];

/// Diseases with stages of another kind.
const OTHERS: [&str; 23] = [
    "ckd",
    "kidney",
    "renal",
    "ulcer",
    "decubitus",
    "pressure",
    "tanner",
    "nyha",
    "fibrosis",
    "esophagitis",
    "bulb",
    "sleep",
    "hypertension",
    "dementia",
    "parkinson",
    "heart",
    "sacral",
    "osteoarthritis",
    "gvhd",
    "retinopathy",
    "encephalopathy",
    "hoehn",
    "puberty",
];

pub(super) fn find(part: &Part) -> Vec<Proposed> {
    let mut found = vec![];
    let staged = part.says(&[
        "stag",
        "tnm",
        "ajcc",
        "uicc",
        "carcinoma",
        "cancer",
        "tumor",
        "tumour",
        "melanoma",
        "adenocarcinoma",
    ]);
    let mut at = 0;
    while at < part.tokens.len() {
        let one = group(part, at).or_else(|| named_scale(part, at)).or_else(|| grade(part, at));
        if let Some((span, finding)) = one {
            found.extend(part.over(span.clone(), finding));
            at = span.end;
            continue;
        }
        let (categories, end) = tnm(&part.tokens, at, staged);
        for (span, finding) in categories {
            found.extend(part.over(span, finding));
        }
        at = end.max(at + 1);
    }
    found
}

type Found = (Range<usize>, Finding);

fn stage(scale: StageScale, value: &str, basis: &str) -> Finding {
    Finding::Stage { scale, value: value.to_owned(), basis: basis.to_owned() }
}

/// `stage IIIB`, `Stage 4`, `pathologic stage IIA`.
fn group(part: &Part, at: usize) -> Option<Found> {
    let tokens = &part.tokens;
    if !matches!(tokens.word(at), "stage" | "stages" | "stg") || of_another(tokens, at) {
        return None;
    }
    let before = at.checked_sub(1).map_or("", |at| tokens.word(at));
    if before == "end" || before == "-" || before == "late" {
        return None;
    }
    if let Some((_, scale)) = SCALES.iter().find(|(word, _)| *word == before) {
        let (value, end) = group_value(tokens, at + 1)?;
        return Some((at - 1..end, stage(StageScale::Other((*scale).to_owned()), &value, "")));
    }
    let basis = match before {
        "clinical" => "c",
        "pathologic" | "pathological" => "p",
        _ => "",
    };
    let mut from = at + 1;
    while matches!(tokens.word(from), "group" | "is" | "was" | ":" | "of" | "at") && from < at + 3 {
        from += 1;
    }
    let (value, end) = group_value(tokens, from)?;
    Some((at..end, stage(StageScale::Group, &value, basis)))
}

/// `IIIB`, `4`, `IV A`, `3c`: value without blanks and the token behind.
fn group_value(tokens: &Tokens, at: usize) -> Option<(String, usize)> {
    let raw = tokens.raw(at);
    let upper = raw.to_uppercase();
    let roman = upper.trim_end_matches(['A', 'B', 'C', 'D', 'E', 'S']);
    let letters = &upper[roman.len()..];
    if ["I", "II", "III", "IV"].contains(&roman) && letters.len() <= 1 && (raw.len() > 1 || raw == "I") {
        return Some(with_digit(tokens, upper.clone(), at + 1));
    }
    let digit = matches!(raw, "0" | "1" | "2" | "3" | "4");
    if !digit {
        return None;
    }
    let letter = tokens.word(at + 1);
    let suffix = tokens.glued(at + 1) && matches!(letter, "a" | "b" | "c" | "d");
    // "stage 2 weeks ago", "stage 3.5" are none.
    if !suffix
        && (matches!(letter, "weeks" | "days" | "years" | "months" | "trials")
            || tokens.word(at + 1) == "/"
            || tokens.glued(at + 1) && letter.chars().all(char::is_alphabetic) && !letter.is_empty())
    {
        return None;
    }
    let value = if suffix { format!("{raw}{}", letter.to_uppercase()) } else { raw.to_owned() };
    Some((value, at + 1 + usize::from(suffix)))
}

/// `IIIA2`, `IA3`.
fn with_digit(tokens: &Tokens, value: String, at: usize) -> (String, usize) {
    match tokens.raw(at) {
        digit @ ("1" | "2" | "3") if tokens.glued(at) => (format!("{value}{digit}"), at + 1),
        _ => (value, at),
    }
}

fn of_another(tokens: &Tokens, at: usize) -> bool {
    (at.saturating_sub(4)..at + 6).any(|near| OTHERS.iter().any(|word| tokens.word(near).starts_with(word)))
}

/// `Gleason 4+3`, `Gleason score 7`, `FIGO IIIC`, `Rai 2`, `Breslow 2.1 mm`.
fn named_scale(part: &Part, at: usize) -> Option<Found> {
    let tokens = &part.tokens;
    let (_, scale) = SCALES.iter().find(|(word, _)| *word == tokens.word(at))?;
    if *scale == "ISS" && tokens.raw(at) != "ISS" {
        return None;
    }
    let mut from = at + 1;
    while matches!(
        tokens.word(from),
        "score"
            | "stage"
            | "of"
            | "grade"
            | "group"
            | "is"
            | "was"
            | ":"
            | "="
            | "thickness"
            | "level"
            | "depth"
            | "sum"
    ) && from < at + 4
    {
        from += 1;
    }
    let first = at - usize::from(*scale == "Ann Arbor" && 0 < at);
    let scored = *scale == "Gleason"
        && tokens.number(from).is_some()
        && tokens.word(from + 1) == "+"
        && tokens.number(from + 2).is_some();
    let (value, end) = if scored {
        (format!("{}+{}", tokens.raw(from), tokens.raw(from + 2)), from + 3)
    } else if matches!(*scale, "Gleason" | "Breslow") {
        (tokens.number(from).filter(|n| *n <= 30.0).map(|_| tokens.raw(from).to_owned())?, from + 1)
    } else {
        group_value(tokens, from)?
    };
    Some((first..end, stage(StageScale::Other((*scale).to_owned()), &value, "")))
}

/// `grade 2`, `grade III`, `G3` beside a tumour; a toxicity has grades too.
fn grade(part: &Part, at: usize) -> Option<Found> {
    let tokens = &part.tokens;
    if tokens.word(at) != "grade" || of_another(tokens, at) {
        return None;
    }
    let before = at.checked_sub(1).map_or("", |at| tokens.word(at));
    if matches!(before, "low" | "high" | "intermediate" | "-") {
        return None;
    }
    let tumour = [
        "carcinoma",
        "adenocarcinoma",
        "glioma",
        "astrocytoma",
        "tumor",
        "tumour",
        "cancer",
        "ductal",
        "lobular",
        "sarcoma",
        "nottingham",
        "histologic",
        "histological",
        "lymphoma",
        "oligodendroglioma",
        "glioblastoma",
        "who",
        "neuroendocrine",
    ];
    let toxic = [
        "mucositis",
        "neuropathy",
        "toxicity",
        "diarrhea",
        "diarrhoea",
        "nausea",
        "rash",
        "fever",
        "neutropenia",
        "pneumonitis",
        "murmur",
        "fatigue",
        "vomiting",
        "colitis",
        "hepatitis",
    ];
    let span = at..at + 2;
    if part.near(&span, 6, &toxic) || !part.near(&span, 16, &tumour) {
        return None;
    }
    let (value, end) = group_value(tokens, at + 1)?;
    let single = ["I", "II", "III", "IV", "1", "2", "3", "4"].contains(&value.as_str());
    single.then(|| (at..end, stage(StageScale::Grade, &value, "")))
}

/// One category: its scale and value.
type Category = (StageScale, String);

/// `cT3 cN0 cM0`, `pT2N1M0`, `T2 N1`, `M1d`: categories and the token behind. One alone needs a prefix or a word of
/// staging beside it: `T2` is also an image and `M1` a muscarinic receptor.
fn tnm(tokens: &Tokens, at: usize, staged: bool) -> (Vec<Found>, usize) {
    let mut found: Vec<Found> = vec![];
    let mut basis = String::new();
    let mut prefixed = false;
    let mut next = at;
    while let Some((own_basis, category, end)) = category(tokens, next) {
        prefixed |= !own_basis.is_empty();
        if !own_basis.is_empty() {
            basis = own_basis;
        }
        let (scale, value) = category;
        found.push((next..end, stage(scale, &value, &basis)));
        next = end;
        while matches!(tokens.word(next), "," | "/" | "-") && category_starts(tokens, next + 1) {
            next += 1;
        }
    }
    let image = matches!(
        tokens.word(next),
        "weighted"
            | "hyperintense"
            | "hyperintensity"
            | "signal"
            | "flair"
            | "-"
            | "image"
            | "images"
            | "lesion"
            | "vertebra"
            | "vertebral"
            | "level"
            | "sequence"
            | "diabetes"
            | "dm"
    );
    let lone = found.len() < 2 && !(prefixed || (staged && !image));
    if found.is_empty() || lone {
        return (vec![], at + 1);
    }
    (found, next)
}

fn category_starts(tokens: &Tokens, at: usize) -> bool {
    category(tokens, at).is_some()
}

/// Basis, category and the token behind, from words such as `cT`, `3`, `b`.
fn category(tokens: &Tokens, at: usize) -> Option<(String, Category, usize)> {
    let raw = tokens.raw(at);
    let letter = raw.chars().last().filter(|c| matches!(c, 'T' | 'N' | 'M'))?;
    let basis = &raw[..raw.len() - 1];
    // `aN` of `T2aN0` belongs to the category before.
    let basis =
        if at > 0 && tokens.glued(at) { basis.trim_start_matches(['a', 'b', 'c', 'd']) } else { basis };
    if !matches!(basis, "" | "c" | "p" | "yp" | "yc" | "ypT" | "r" | "mi") || !tokens.glued(at + 1) {
        return None;
    }
    let number = tokens.raw(at + 1);
    let most = match letter {
        'T' => 4,
        'N' => 3,
        _ => 1,
    };
    let fits = number.len() == 1 && number.parse::<u32>().is_ok_and(|n| n <= most);
    let in_situ = letter == 'T' && number == "is";
    if !fits && !in_situ {
        return None;
    }
    let mut value = format!("{letter}{number}");
    let mut end = at + 2;
    let suffix = tokens.raw(end);
    if tokens.glued(end) && suffix.starts_with(|c: char| c.is_alphabetic()) {
        let own = suffix.trim_end_matches(['T', 'N', 'M']).trim_end_matches(['c', 'p']);
        let own = if suffix.ends_with(['T', 'N', 'M']) { own } else { suffix };
        match own {
            "a" | "b" | "c" | "d" | "mi" => value.push_str(own),
            "" => {}
            _ => return None,
        }
        end += usize::from(!own.is_empty() && own.len() == suffix.len());
    }
    let scale = match letter {
        'T' => StageScale::T,
        'N' => StageScale::N,
        _ => StageScale::M,
    };
    Some((basis.to_owned(), (scale, value), end))
}

/// A stage beside a disease that is no tumour is that disease's.
pub(super) fn after(note: &Note, mentions: &mut Vec<Mention>) {
    let tumours: Vec<usize> = mentions
        .iter()
        .filter(|m| matches!(m.finding, Finding::Disease { tumour: true, .. } | Finding::Metastasis { .. }))
        .map(|m| m.start)
        .collect();
    let others: Vec<(usize, usize)> = mentions
        .iter()
        .filter(|m| matches!(m.finding, Finding::Disease { tumour: false, .. } | Finding::Condition { .. }))
        .map(|m| (m.start, m.end))
        .collect();
    mentions.retain(|mention| {
        if !matches!(mention.finding, Finding::Stage { scale: StageScale::Group, .. }) {
            return true;
        }
        let beside = others.iter().any(|(start, end)| {
            let gap = if *end <= mention.start {
                note.text.get(*end..mention.start)
            } else {
                note.text.get(mention.end..*start)
            };
            gap.is_some_and(|gap| gap.len() <= 2 && !gap.contains(['.', ';', '\n']))
        });
        !beside && !tumours.is_empty()
    });
}
