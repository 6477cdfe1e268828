//! Which drugs, and what became of them?

use super::{Own, Part};
use crate::Reader;
use crate::accept::Proposed;
use crate::mention::{Assertion, CueKind, DrugStatus, Finding, Mention};
use crate::text::{Note, Section};
use crate::token::Tokens;
use concilium_case::StopReason;
use concilium_terms::DrugName;
use concilium_terms::lexicon::{Kind, Reading, Writing};

/// Components of the release that are no drug, and treatments that are read as procedures.
const NO_DRUGS: &[&str] = &[
    "not applicable",
    "ionizing radiotherapy",
    "radiation therapy",
    "cytoreductive surgery",
    "allogeneic hemopoietic stem-cell transplantation",
    "lysine",
    "live vaccine",
    "adjuvant chemotherapy",
    "chemotherapy",
    "hormone therapy",
    "induction therapy",
    "surgery",
];

/// Drugs, classes and regimens of the release.
pub(super) fn find(reader: &Reader, note: &Note, names: &Reading) -> Vec<Proposed> {
    let mut found = vec![];
    let mut open: Option<(usize, Tokens)> = None;
    for mention in names.mentions.iter().filter(|mention| !mention.nested) {
        let (start, end) = (mention.span.start, mention.span.end);
        let Some((drugs, class)) = meaning(reader, mention) else { continue };
        let Some(at) = note.sentence_at(start) else { continue };
        if open.as_ref().is_none_or(|(own, _)| *own != at) {
            let sentence = &note.sentences[at];
            open = Some((at, Tokens::new(note.text, sentence.start, sentence.end)));
        }
        let Some((_, tokens)) = &open else { continue };
        let (status, stop) = status(tokens, start, end, note.sentences[at].section);
        let words = note.text[start..end].to_owned();
        found.push(Proposed {
            start,
            end,
            words,
            finding: Finding::Drug { drugs, class, status, stop },
            assertion: None,
        });
    }
    found
}

/// Names of the authored list, which no rule of ours knows.
pub(super) fn own(part: &Part) -> Vec<Proposed> {
    let drugs = part.own.iter().filter(|own| &*own.kind == "drug");
    let read = |own: &Own| {
        let (status, stop) = status(&part.tokens, own.start, own.end, part.section);
        let finding = Finding::Drug { drugs: vec![], class: Some(own.key.to_string()), status, stop };
        part.at(own.start, own.end, finding, None)
    };
    drugs.filter_map(read).collect()
}

/// Drugs, or a class or regimen in words.
fn meaning(
    reader: &Reader,
    mention: &concilium_terms::lexicon::Mention,
) -> Option<(Vec<DrugName>, Option<String>)> {
    let entry = mention
        .likely()
        .or_else(|| mention.candidates.iter().copied().find(|entry| entry.kind == Kind::DrugClass))?;
    if NO_DRUGS.contains(&&*entry.id) {
        return None;
    }
    match entry.kind {
        Kind::Drug => Some((vec![DrugName::new(&*entry.id)], None)),
        Kind::DrugClass => Some((vec![], Some(entry.id.to_string()))),
        Kind::Other => {
            let regimen = entry.id.strip_prefix("regimen:")?;
            Some((reader.regimens.get(regimen).cloned().unwrap_or_default(), Some(regimen.to_owned())))
        }
        Kind::Gene | Kind::Disease => None,
    }
}

impl Reader {
    /// Drugs, and classes and regimens in words, that some words name.
    pub(crate) fn drugs_in(&self, words: &str) -> (Vec<DrugName>, Vec<String>) {
        let (mut drugs, mut classes) = (vec![], vec![]);
        for (own, class) in
            self.names.find(words, Writing::Prose).iter().filter_map(|mention| meaning(self, mention))
        {
            drugs.extend(own);
            classes.extend(class);
        }
        for mention in self.own.find(words, Writing::Prose) {
            let keys = mention.candidates.iter().filter_map(|entry| entry.id.strip_prefix("drug:"));
            classes.extend(keys.map(str::to_owned));
        }
        (drugs, classes)
    }
}

/// What the words before say of a drug; the nearest counts.
fn before(tokens: &Tokens, at: usize) -> Option<DrugStatus> {
    let next = tokens.word(at + 1);
    Some(match tokens.word(at) {
        "allergic" | "allergy" | "allergies" | "intolerant" | "hypersensitivity" | "anaphylaxis"
        | "intolerance" => DrugStatus::Allergic,
        "refused" | "declined" | "refuses" | "declines" => DrugStatus::Refused,
        "on" if at.checked_sub(1).is_some_and(|at| {
            ["progress", "relaps", "recur", "fail"].iter().any(|word| tokens.word(at).starts_with(word))
        }) =>
        {
            DrugStatus::Stopped
        }
        "start" | "begin" | "add" | "initiate" => DrugStatus::Planned,
        "stop" | "discontinue" | "hold" | "stopped" | "discontinued" | "held" | "ceased" | "withdrawn"
        | "off" | "discontinuing" | "tapered" | "weaned" | "stopping" => DrugStatus::Stopped,
        "completed" | "finished" | "failed" | "refractory" | "failure" => DrugStatus::Stopped,
        "takes" | "taking" | "take" | "uses" | "using" | "continues" | "continued" | "continue"
        | "maintained" | "currently" | "resumed" | "receives" | "receiving" => DrugStatus::Taking,
        "started" | "starting" | "treating" | "initiated" | "begun" | "began" | "commenced" | "placed"
        | "put" | "switched" | "changed" => DrugStatus::Taking,
        "include" | "includes" | "including"
            if at.checked_sub(1).is_some_and(|at| tokens.word(at).starts_with("medication")) =>
        {
            DrugStatus::Taking
        }
        "on" if !matches!(next, "examination" | "exam" | "admission" | "day" | "the" | "ct" | "mri")
            && tokens.number(at + 1).is_none() =>
        {
            DrugStatus::Taking
        }
        "received" | "given" | "underwent" | "treated" | "treatment" | "after" | "following" | "prior"
        | "previous" | "previously" | "cycles" | "courses" | "course" | "cycle" | "exposure" | "p"
        | "post" | "got" | "had" => DrugStatus::Given,
        "therapy" if matches!(next, "with" | "included") => DrugStatus::Given,
        "progressed" | "progression" | "progressing" | "relapsed"
            if matches!(next, "on" | "after" | "under" | "through" | "despite") =>
        {
            DrugStatus::Stopped
        }
        _ => return None,
    })
}

/// What the words behind say: `penicillin allergy`, `was stopped`, `was tolerated`.
fn behind(tokens: &Tokens, at: usize) -> Option<DrugStatus> {
    Some(match tokens.word(at) {
        "allergy" | "allergies" | "intolerance" | "hypersensitivity" | "anaphylaxis" => DrugStatus::Allergic,
        "stopped" | "discontinued" | "held" | "ceased" | "withdrawn" | "completed" | "finished"
        | "weaned" => DrugStatus::Stopped,
        "until" | "till" => DrugStatus::Stopped,
        "refused" | "declined" => DrugStatus::Refused,
        "tolerated" | "given" | "received" | "administered" => DrugStatus::Given,
        "started" | "initiated" | "continued" | "daily" | "bid" | "weekly" | "nightly" | "qd"
        | "continues" => DrugStatus::Taking,
        _ => return None,
    })
}

/// Most tokens looked at before and behind a drug.
const BEFORE: usize = 14;
const BEHIND: usize = 9;

fn status(tokens: &Tokens, start: usize, end: usize, section: Section) -> (DrugStatus, Option<StopReason>) {
    let (first, last) = (tokens.at_or_after(start), tokens.at_or_after(end));
    let ahead = (first.saturating_sub(BEFORE)..first)
        .rev()
        .take_while(|at| !matches!(tokens.word(*at), ";" | "." | "but" | "however" | ":"))
        .find_map(|at| before(tokens, at));
    let clause: Vec<usize> = (last..tokens.len().min(last + BEHIND))
        .take_while(|at| !matches!(tokens.word(*at), ";" | "." | "and" | "but"))
        .collect();
    let after = clause.iter().find_map(|at| behind(tokens, *at));
    let stop = reason(tokens, last);
    let said = match (ahead, after) {
        // What is said of the drug itself, behind it, goes before the verb of its list.
        (_, Some(status @ (DrugStatus::Stopped | DrugStatus::Allergic | DrugStatus::Refused))) => {
            Some(status)
        }
        (Some(status), _) => Some(status),
        (None, after) => after,
    };
    let by_section = match section {
        Section::Allergies => Some(DrugStatus::Allergic),
        Section::Medications => Some(DrugStatus::Taking),
        _ => None,
    };
    let progressed_on = ahead == Some(DrugStatus::Stopped) && progressed_before(tokens, first);
    let stop = if progressed_on { Some(StopReason::Progression) } else { stop };
    let ended = stop == Some(StopReason::Progression)
        && !matches!(said, Some(DrugStatus::Allergic | DrugStatus::Refused));
    let status = match by_section {
        Some(DrugStatus::Allergic) => DrugStatus::Allergic,
        _ if ended => DrugStatus::Stopped,
        Some(status) if said.is_none() => status,
        _ => said.unwrap_or(DrugStatus::Named),
    };
    let reason = matches!(status, DrugStatus::Stopped | DrugStatus::Given).then_some(stop).flatten();
    (status, reason.or((status == DrugStatus::Refused).then_some(StopReason::Refused)))
}

/// "progressed on X", "failed X", "refractory to X".
fn progressed_before(tokens: &Tokens, first: usize) -> bool {
    (first.saturating_sub(6)..first).any(|at| {
        ["progress", "relaps", "failed", "refractory", "failure"]
            .iter()
            .any(|word| tokens.word(at).starts_with(word))
    })
}

/// Why a drug ended, from the words behind it up to the next sentence part: what stands there of several is the first.
fn reason(tokens: &Tokens, last: usize) -> Option<StopReason> {
    let end = (last + 14).min(tokens.len());
    for at in last..end {
        let word = tokens.word(at);
        match word {
            ";" | "." => return None,
            _ => {}
        }
        let caused = (at.saturating_sub(4)..at).any(|at| {
            matches!(
                tokens.word(at),
                "due"
                    | "because"
                    | "for"
                    | "secondary"
                    | "owing"
                    | "given"
                    | "from"
                    | "worsening"
                    | "stopped"
                    | "discontinued"
                    | "held"
            )
        });
        let denied = (at.saturating_sub(3)..at).any(|at| matches!(tokens.word(at), "no" | "without" | "not"));
        if denied {
            continue;
        }
        if ["progress", "relaps"].iter().any(|start| word.starts_with(start)) || word == "ineffective" {
            return Some(StopReason::Progression);
        }
        let intolerant = [
            "toxic",
            "intoler",
            "neuropath",
            "rash",
            "diarrh",
            "pneumonitis",
            "colitis",
            "hepatitis",
            "cytopenia",
            "neutropenia",
            "nausea",
            "edema",
            "adverse",
            "mucositis",
            "cardiotox",
        ];
        if caused && intolerant.iter().any(|start| word.starts_with(start)) {
            return Some(StopReason::Intolerance);
        }
        if at < last + 6 && word == "completed" {
            return Some(StopReason::Completed);
        }
    }
    None
}

/// Dates and cues say what the verbs left open.
pub(super) fn after(mentions: &mut [Mention]) {
    for mention in mentions {
        let Finding::Drug { status, .. } = &mut mention.finding else { continue };
        let context = &mut mention.context;
        if *status == DrugStatus::Named && context.assertion == Assertion::Planned {
            *status = DrugStatus::Planned;
        }
        if context.assertion == Assertion::Planned
            && matches!(status, DrugStatus::Given | DrugStatus::Taking | DrugStatus::Named)
        {
            let planned = context.cues.iter().any(|cue| cue.says == CueKind::Planned);
            *status = if planned { DrugStatus::Planned } else { *status };
        }
        if context.until.is_some()
            && matches!(status, DrugStatus::Given | DrugStatus::Taking | DrugStatus::Named)
        {
            *status = DrugStatus::Stopped;
        }
        let dated = context.when.as_ref().is_some_and(|when| when.date.is_some());
        if *status == DrugStatus::Named && dated && context.assertion == Assertion::Present {
            *status = DrugStatus::Given;
        }
        if *status == DrugStatus::Named && context.history && context.assertion == Assertion::Present {
            *status = DrugStatus::Given;
        }
    }
}
