//! Which diseases and conditions are named?

use super::{Own, Part};
use crate::Reader;
use crate::accept::Proposed;
use crate::mention::{Assertion, Finding, Mention};
use crate::text::Note;
use concilium_terms::Doid;
use concilium_terms::lexicon::{Kind, Reading, Writing};
use std::ops::Range;

/// Names of the ontology that say nothing of a patient, or are parts of other words.
const EMPTY: &[&str] = &[
    "disease",
    "syndrome",
    "neoplasm",
    "benign neoplasm",
    "cell type cancer",
    "organ system cancer",
    "toxicity",
    "injury",
    "disease of anatomical entity",
    "genetic disease",
    "disease of cellular proliferation",
    "disease of metabolism",
    "disease of mental health",
    "physical disorder",
    "sleep disorder",
];

/// Organs: the ontologies name the tumours of an organ by it alone.
const ORGANS: &[&str] = &[
    "adrenal",
    "ampulla",
    "biliary",
    "bladder",
    "blood",
    "bone",
    "bowel",
    "brain",
    "breast",
    "cervix",
    "cns",
    "colon",
    "esophagus",
    "eye",
    "gallbladder",
    "head",
    "kidney",
    "liver",
    "lung",
    "lymphoid",
    "myeloid",
    "neck",
    "oesophagus",
    "other",
    "ovary",
    "pancreas",
    "penis",
    "peritoneum",
    "pleura",
    "prostate",
    "rectum",
    "skin",
    "stomach",
    "testis",
    "thymus",
    "thyroid",
    "uterus",
    "vagina",
    "vulva",
    "spleen",
    "nerve",
    "tissue",
    "gland",
    "tract",
    "system",
    "soft",
    "and",
    "the",
    "peripheral",
    "nervous",
    "duct",
];

/// Words that make a disease's name part of another thing's.
fn of_something_else(next: &str) -> bool {
    ["shot", "vaccin", "immuniz", "chemoprophyla", "prophyla", "department", "unit", "clinic", "scale"]
        .iter()
        .any(|word| next.starts_with(word))
}

fn only_an_organ(words: &str) -> bool {
    let lower = words.to_lowercase();
    let mut parts = lower.split(|c: char| !c.is_alphabetic()).filter(|part| !part.is_empty());
    parts
        .all(|part| ORGANS.contains(&part) || part.strip_suffix('s').is_some_and(|one| ORGANS.contains(&one)))
}

/// Diseases of the release, over the whole note.
pub(super) fn diseases(reader: &Reader, note: &Note, names: &Reading) -> Vec<Proposed> {
    let mut found = vec![];
    for mention in names.mentions.iter().filter(|mention| !mention.nested) {
        let mut diseases = mention.preferred().filter(|entry| entry.kind == Kind::Disease);
        let Some(first) = diseases.next() else { continue };
        let doid = Doid::new(&first.id);
        let name = reader.diseases.get(&doid).cloned().unwrap_or_else(|| first.id.to_string());
        let tumour = reader.tumours.contains(&doid);
        let (start, end) = (mention.span.start, mention.span.end);
        if EMPTY.contains(&name.as_str())
            || 1 < diseases.count() + 1 && !tumour
            || only_an_organ(&note.text[start..end])
            || of_something_else(&next_word(note, end))
            || !tumour && collides(note, start, end)
        {
            continue;
        }
        let words = note.text[start..end].to_owned();
        found.push(Proposed {
            start,
            end,
            words,
            finding: Finding::Disease { doid, name, tumour },
            assertion: None,
        });
    }
    found.extend(organ_ca(reader, note));
    found
}

fn next_word(note: &Note, end: usize) -> String {
    let behind = note.text[end..].trim_start_matches([' ', '-']);
    behind.chars().take_while(|c| c.is_alphabetic()).take(16).flat_map(char::to_lowercase).collect()
}

/// Capitals of no tumour are abbreviations of anything.
fn collides(note: &Note, start: usize, end: usize) -> bool {
    let words = &note.text[start..end];
    words.len() <= 5 && words.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// `lung CA`, `breast CA`: an organ before the letters.
fn organ_ca(reader: &Reader, note: &Note) -> Vec<Proposed> {
    let mut found = vec![];
    for (at, _) in note.text.match_indices("CA").chain(note.text.match_indices("Ca")) {
        let edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        let whole = edge(note.text[at + 2..].chars().next()) && note.text[..at].ends_with(' ');
        if !whole {
            continue;
        }
        let before = note.text[..at].trim_end();
        let start = before
            .rfind(|c: char| !c.is_alphabetic())
            .map_or(0, |place| place + before[place..].chars().next().map_or(1, char::len_utf8));
        let organ = before[start..].to_lowercase();
        let name = format!("{organ} cancer");
        let Some(doid) = (3 < organ.len()).then(|| reader.names_in(&name, Kind::Disease).next()).flatten()
        else {
            continue;
        };
        let doid = Doid::new(doid);
        let organ_named = reader.diseases.get(&doid).is_some_and(|name| name.contains(&organ));
        if organ_named && reader.tumours.contains(&doid) {
            let words = note.text[start..at + 2].to_owned();
            let name = reader.diseases[&doid].clone();
            found.push(Proposed {
                start,
                end: at + 2,
                words,
                finding: Finding::Disease { doid, name, tumour: true },
                assertion: None,
            });
        }
    }
    found
}

impl Reader {
    /// Terms the words name; `lung CA` names lung cancer.
    pub(crate) fn disease_in(&self, words: &str, doid: &Doid) -> bool {
        let spelled = words
            .strip_suffix("CA")
            .or(words.strip_suffix("Ca"))
            .map(|organ| format!("{}cancer", organ.to_lowercase()));
        let named = |words: &str| self.names_in(words, Kind::Disease).any(|id| id == doid.as_str());
        named(words) || spelled.is_some_and(|words| named(&words))
    }
}

/// Conditions, states, procedures of the authored list.
pub(super) fn conditions(part: &Part) -> Vec<Proposed> {
    let mut found = vec![];
    for own in &part.own {
        let span = part.span(own.start, own.end);
        let finding = match &*own.kind {
            "condition" => Finding::Condition { key: own.key.to_string() },
            "procedure" => {
                let name = part.note.text[own.start..own.end].to_lowercase();
                Finding::Procedure { what: own.key.to_string(), name }
            }
            _ => continue,
        };
        if !meant(part, own, &span) {
            continue;
        }
        let assertion = (&*own.flag == "absent").then_some(Assertion::Absent);
        found.extend(part.at(own.start, own.end, finding, assertion));
    }
    found
}

/// Words that other things are called too: do those around them fit?
fn meant(part: &Part, own: &Own, span: &Range<usize>) -> bool {
    let tokens = &part.tokens;
    let next = tokens.word(span.end);
    let before = span.start.checked_sub(1).map_or("", |at| tokens.word(at));
    let second_before = tokens.word(span.start.saturating_sub(2));
    // `anti-HCV`, `flu shot`, `stroke department` speak of something else.
    if before == "anti" || before == "-" && second_before == "anti" || of_something_else(next) {
        return false;
    }
    if own.flag.starts_with("context") {
        return abbreviation_meant(part, own, span, before, next);
    }
    match &*own.key {
        "radiotherapy" => before != "ionizing" && !(next == "of" && part.says(&["pain"])),
        "treatment-naive" => &*own.flag != "disease",
        // A count of pregnancies, or what is done in one, is not being pregnant.
        "pregnancy" => {
            let words = part.note.text[own.start..own.end].to_lowercase();
            let counted = part.near(span, 2, &["prior", "previous", "history", "pregnancies", "risk"]);
            next != "test" && !counted && words != "pregnancies"
        }
        // A child is fed, which says nothing of a mother.
        "lactation" => !part.says(&["baby", "infant", "newborn"]) && second_before != "he",
        "chemotherapy" => next != "naive" && next != "-",
        "surgery" => before != "general" && next != "service",
        "smoking" => next != "cessation",
        "depression" => next != "st" && !matches!(before, "st" | "respiratory" | "marrow"),
        _ => true,
    }
}

/// Words beside which an abbreviation means the condition.
const BESIDE: &[(&str, &str)] = &[
    (
        "venous-thromboembolism",
        "dvt embolism embolus heparin warfarin anticoagulation ctpa cta ct acute bilateral massive submassive saddle \
         segmental enoxaparin apixaban rivaroxaban thrombosis",
    ),
    (
        "autoimmune-disease",
        "relapsing remitting demyelinating interferon ocrelizumab natalizumab sclerosis plaques fingolimod progressive \
         glatiramer",
    ),
    ("atrial-fibrillation", "anticoagulation rvr paroxysmal warfarin apixaban rate chronic coumadin"),
    ("parkinson-disease", "levodopa tremor tremors carbidopa bradykinesia parkinsonism"),
];

fn abbreviation_meant(part: &Part, own: &Own, span: &Range<usize>, before: &str, next: &str) -> bool {
    let given = ["adjuvant", "concurrent", "received", "palliative", "p", "chemo", "pelvic", "post"];
    match &*own.key {
        "aortic-stenosis" => matches!(before, "severe" | "moderate" | "mild" | "critical" | "known"),
        "radiotherapy" => next == "to" || given.contains(&before),
        key => {
            let words = BESIDE.iter().find(|(known, _)| *known == key).map_or("", |(_, words)| *words);
            let words: Vec<&str> = words.split_whitespace().collect();
            !matches!(next, ":" | "tube") && part.near(span, 10, &words)
        }
    }
}

/// A test of pregnancy that is negative says so; one without a result, nothing. `ex-smoker` speaks of the past itself.
pub(super) fn after(reader: &Reader, note: &Note, mentions: &mut Vec<Mention>) {
    mentions.retain(|mention| {
        let test = matches!(&mention.finding, Finding::Condition { key } if key == "pregnancy")
            && note.text[mention.start..mention.end].to_lowercase().contains("test");
        !test || mention.context.assertion == Assertion::Absent
    });
    for mention in mentions.iter_mut().filter(|mention| matches!(mention.finding, Finding::Condition { .. }))
    {
        let words = &note.text[mention.start..mention.end];
        let found = reader.own.find(words, Writing::Prose);
        let past = found.iter().flat_map(|own| &own.candidates).any(|entry| entry.id.ends_with(":history"));
        mention.context.history |= past;
    }
}
