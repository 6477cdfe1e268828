//! What does a first line say of the lines below it? Labels of cohorts, headings, and how a list is joined.

use super::structure::Item;

/// How a list is joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joined {
    All,
    Any,
    None,
    AtLeast(usize),
    /// Not said.
    Listed,
}

pub(crate) const COHORT: [&str; 22] = [
    "cohort",
    "phase",
    "part",
    "arm",
    "group",
    "expansion",
    "escalation",
    "stratum",
    "substudy",
    "module",
    "stage 1",
    "stage 2",
    "monotherapy",
    "combination",
    "dose finding",
    "run in",
    "sub study",
    "optimization",
    "backfill",
    "cohorts",
    "arms",
    "dose-escalation",
];

/// `Cohort A:`, `Phase 2 only`: the label when a line is nothing else.
pub(crate) fn cohort_label(text: &str, item: &Item) -> Option<String> {
    let line = text[item.span.start..item.span.end].trim();
    let colon = line.strip_suffix(':');
    label_of(colon?).filter(|_| colon.is_some())
}

pub(crate) fn label_of(words: &str) -> Option<String> {
    let lower = words.to_lowercase();
    let count = lower.split_whitespace().count();
    let named = COHORT.iter().any(|name| {
        lower.match_indices(name).any(|(at, _)| {
            let before = lower[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
            let after = lower[at + name.len()..].chars().next().is_none_or(|c| !c.is_alphabetic());
            before && after
        })
    });
    let verbs = [" must ", " have ", " who ", " with ", " prior ", "eastern", "performance"];
    let sentence = verbs.iter().any(|verb| lower.contains(verb));
    (named && count <= 9 && !sentence && !lower.contains(['≥', '≤', '<']))
        .then(|| words.trim().replace('\\', ""))
}

/// `[Expansion] …`, `(Part A) …`, `For Cohort E, …`: the label and where the words behind it start.
pub(crate) fn leading_label(words: &str) -> Option<(String, usize)> {
    let start = words.len() - words.trim_start().len();
    let rest = words[start..].trim_start_matches('\\');
    let start = words.len() - rest.len();
    let (from, close) = match rest.chars().next()? {
        '[' => (1, ']'),
        '(' => (1, ')'),
        _ if rest.to_lowercase().starts_with("for ") => (4, ','),
        _ if rest.to_lowercase().starts_with("in ") => (3, ','),
        _ => return None,
    };
    let end = rest.find(close).filter(|end| from < *end && *end < 80)?;
    let label = label_of(rest[from..end].trim_end_matches('\\'))?;
    let behind = start + end + close.len_utf8();
    (!words.get(behind..)?.trim().is_empty()).then_some((label, behind))
}

/// `Not specified`, `See Disease Characteristics`: a line that fills the place of a criterion.
pub(crate) fn asks_nothing(words: &str) -> bool {
    let lower = words.trim().trim_end_matches('.').to_lowercase();
    let count = lower.split_whitespace().count();
    matches!(
        lower.as_str(),
        "not specified" | "not applicable" | "none" | "n/a" | "see disease characteristics"
    ) || lower.starts_with("see ") && count <= 4
}

/// `Key Inclusion Criteria (Group 1 …):` names a section whatever else it says.
pub(crate) fn names_criteria(words: &str) -> bool {
    let lower = words.to_lowercase();
    let named = ["inclusion criteria", "exclusion criteria"].iter().any(|name| lower.contains(name));
    named && lower.split_whitespace().count() <= 24 && !lower.contains(" must ") && !lower.contains(" if ")
}

pub(crate) fn is_label(words: &str) -> bool {
    let lower = words.trim().to_lowercase();
    const LABELS: [&str; 44] = [
        "coagulation function",
        "coagulation panel",
        "hemostasis criteria",
        "pulmonary function",
        "cardiac parameters",
        "renal function criteria",
        "hepatic function criteria",
        "liver function criteria",
        "bone marrow criteria",
        "contraception",
        "hematologic",
        "haematologic",
        "hepatic",
        "renal",
        "cardiac",
        "cardiovascular",
        "pulmonary",
        "coagulation",
        "liver",
        "kidney",
        "hematologic function",
        "hematopoietic",
        "hepatic function",
        "renal function",
        "bone marrow",
        "bone marrow function",
        "liver function",
        "kidney function",
        "cardiac function",
        "hematology",
        "hematological",
        "chemistry",
        "biochemistry",
        "laboratory",
        "laboratory values",
        "organ function",
        "disease status",
        "diagnosis",
        "performance status",
        "bone marrow reserve",
        "marrow function",
        "blood",
        "coagulation status",
        "prior therapy",
    ];
    LABELS.contains(&lower.as_str())
}

pub(crate) fn conditional(words: &str) -> bool {
    let lower = words.trim().to_lowercase();
    [
        "for ",
        "if ",
        "in ",
        "patients with",
        "subjects with",
        "participants with",
        "patients who",
        "subjects who",
        "participants who",
        "women",
        "men ",
        "female",
        "male",
        "when ",
        "patients in",
        "participants in",
        "during ",
        "in case",
    ]
    .iter()
    .any(|start| lower.starts_with(start))
}

pub(crate) fn explicit_all(words: &str) -> bool {
    let lower = words.to_lowercase();
    ["all of the following", "both of the following", "each of the following"]
        .iter()
        .any(|name| lower.contains(name))
}

/// How a first line joins its list; bytes before and behind the words that say so.
pub(crate) fn quantifier(words: &str) -> (Joined, usize, usize) {
    const NAMES: &[(Joined, &str)] = &[
        (Joined::None, "none of the following"),
        (Joined::None, "no evidence of the following"),
        (Joined::None, "no evidence of any of the following"),
        (Joined::None, "no history of any of the following"),
        (Joined::None, "not have any of the following"),
        (Joined::AtLeast(2), "at least two of the following"),
        (Joined::AtLeast(2), "at least 2 of the following"),
        (Joined::AtLeast(2), "two or more of the following"),
        (Joined::AtLeast(3), "at least three of the following"),
        (Joined::AtLeast(3), "at least 3 of the following"),
        (Joined::Any, "at least one of the following criteria"),
        (Joined::Any, "any of the following criteria"),
        (Joined::Any, "one of the following criteria"),
        (Joined::Any, "at least one of the following"),
        (Joined::Any, "at least 1 of the following"),
        (Joined::Any, "one or more of the following"),
        (Joined::Any, "1 or more of the following"),
        (Joined::Any, "any one of the following"),
        (Joined::Any, "any of the following conditions"),
        (Joined::Any, "either of the following"),
        (Joined::Any, "any of the following"),
        (Joined::Any, "one of the following"),
        (Joined::Any, "1 of the following"),
        (Joined::Any, "any of these"),
        (Joined::Any, "either one of the following"),
        (Joined::All, "all of the following criteria"),
        (Joined::All, "all of the following"),
        (Joined::All, "each of the following"),
        (Joined::All, "both of the following"),
        (Joined::All, "the following criteria"),
        (Joined::All, "the following"),
        (Joined::All, "as follows"),
    ];
    let lower = words.to_ascii_lowercase();
    let found =
        NAMES.iter().filter_map(|(joined, name)| lower.find(name).map(|at| (*joined, at, at + name.len())));
    let longest =
        found.max_by_key(|(joined, from, to)| (*joined != Joined::All || explicit_all(words), to - from));
    match longest {
        Some(found) => found,
        None if lower.trim_end().ends_with("either:") => {
            (Joined::Any, lower.rfind("either").unwrap_or(0), words.len())
        }
        None => (Joined::Listed, words.len(), words.len()),
    }
}
