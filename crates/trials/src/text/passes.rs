//! Which neighbours make one meaning together? Each pass rewrites the row of tags; what it drops says nothing more than
//! what stays.

use super::tag::{Tag, What};
use super::token::{OneOf, Token};
use super::words::{Sense, StateWord};
use concilium_criteria::eligibility::{Ask, DiseaseExtent, Expr, Judgement, TherapyRef};
use concilium_knowledge::PriorTherapy;

/// A clause with its pieces.
pub(super) struct Row<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token],
}

impl<'a> Row<'a> {
    fn words(&self, tag: &Tag) -> &'a str {
        &self.text[self.tokens[tag.from].start..self.tokens[tag.to - 1].end]
    }

    fn norm(&self, tag: &Tag) -> &'a str {
        self.tokens[tag.from].norm.as_str()
    }

    fn says(&self, words: &[&str]) -> bool {
        self.tokens.iter().any(|token| words.contains(&token.norm.as_str()))
    }

    /// A word no table knows, one of these.
    fn unknown(&self, tag: &Tag, words: &[&str]) -> bool {
        single(tag) && words.contains(&self.norm(tag))
    }

    /// The same, of a longer list.
    fn among(&self, tag: &Tag, words: &OneOf) -> bool {
        single(tag) && words.holds(self.norm(tag))
    }
}

/// One word no table knows.
fn single(tag: &Tag) -> bool {
    matches!(tag.what, What::Unknown) && tag.to == tag.from + 1
}

/// Every pass, in the order they build on one another.
pub(super) fn all(row: &Row, tags: &mut Vec<Tag>) {
    plural_brackets(row, tags);
    references(row, tags);
    not_pregnant(row, tags);
    study_drug_named(row, tags);
    whether(tags);
    plain_therapies(row, tags);
    general_therapies(row, tags);
    hepatitis_letters(row, tags);
    brain_before(row, tags);
    kinds_of_infection(row, tags);
    corrected_qt(row, tags);
    advanced_setting(row, tags);
    needed(row, tags);
    empty_brackets(tags);
    organ_function(row, tags);
    adults(row, tags);
}

/// `product(s)`: one word.
fn plural_brackets(row: &Row, tags: &mut Vec<Tag>) {
    let plural = |at: usize, tags: &[Tag]| {
        matches!(tags[at].what, What::Open)
            && row.tokens[tags[at].from].glued
            && tags.get(at + 1).is_some_and(|tag| row.unknown(tag, &["s", "es"]))
            && tags.get(at + 2).is_some_and(|tag| matches!(tag.what, What::Close))
    };
    let mut at = 0;
    while at < tags.len() {
        if plural(at, tags) {
            tags.drain(at..at + 3);
        } else {
            at += 1;
        }
    }
}

/// `(see Appendix A)`, `(refer to section 5.1)`.
fn references(row: &Row, tags: &mut Vec<Tag>) {
    let mut at = 0;
    while at + 1 < tags.len() {
        let refers = matches!(tags[at].what, What::Open)
            && ["see", "refer", "appendix", "section", "table", "appendice"]
                .contains(&row.norm(&tags[at + 1]));
        let close = (at + 1..tags.len()).find(|end| !matches!(tags[*end].what, What::Unknown));
        match close.filter(|end| refers && matches!(tags[*end].what, What::Close)) {
            Some(close) => drop(tags.drain(at..=close)),
            None => at += 1,
        }
    }
}

/// `non-pregnant women`, `women must be non-lactating`.
fn not_pregnant(row: &Row, tags: &mut Vec<Tag>) {
    for at in 1..tags.len() {
        if matches!(tags[at].what, What::Word(Sense::Reproductive(_))) && row.unknown(&tags[at - 1], &["non"])
        {
            tags[at - 1].what = What::Word(Sense::Not);
        }
    }
    let women = |pair: &[Tag]| pair[0].is(&Sense::Female) && pair[1].is(&Sense::Not);
    if 2 <= tags.len()
        && women(&tags[..2])
        && tags.iter().any(|tag| matches!(tag.what, What::Word(Sense::Reproductive(_))))
    {
        tags.remove(0);
    }
}

/// `within 14 days before the first dose of alisertib`: the name behind is that of the study drug.
fn study_drug_named(row: &Row, tags: &mut Vec<Tag>) {
    const ENDS: [&str; 5] = ["dose", "dosing", "administration", "infusion", "injection"];
    let mut at = 0;
    while at + 1 < tags.len() {
        let anchored = matches!(tags[at].what, What::Window(..))
            && ENDS.contains(&row.tokens[tags[at].to - 1].norm.as_str())
            && row.words(&tags[at]).contains("first");
        let of =
            row.tokens.get(tags[at].to).is_some_and(|token| ["of", "with"].contains(&token.norm.as_str()))
                && tags[at + 1].from == tags[at].to + 1;
        let name = matches!(
            tags[at + 1].what,
            What::Therapy(TherapyRef::Drug(PriorTherapy::Drug(_))) | What::Unknown
        );
        let ends = tags.get(at + 2).is_none_or(|tag| {
            matches!(tag.what, What::Comma | What::Semicolon | What::Close)
                || tag.is(&Sense::Or)
                || tag.is(&Sense::And)
        });
        if anchored && of && name && ends {
            tags.remove(at + 1);
        }
        at += 1;
    }
}

/// `with or without brain metastases` asks nothing of them.
fn whether(tags: &mut Vec<Tag>) {
    let mut at = 0;
    while at < tags.len() {
        let head = tags.get(at + 1).is_some_and(|tag| {
            matches!(tag.what, What::Therapy(_) | What::Word(Sense::Metastasis(_) | Sense::Condition(_)))
        });
        let ends = tags.get(at + 2).is_none_or(|tag| {
            matches!(tag.what, What::Comma | What::Semicolon | What::Close) || tag.is(&Sense::And)
        });
        if tags[at].is(&Sense::Whether) && head && ends {
            tags.drain(at..at + 2);
        } else {
            at += 1;
        }
    }
}

/// `systemic treatment with corticosteroids`: the second name says which.
fn general_therapies(row: &Row, tags: &mut Vec<Tag>) {
    let general = |tag: &Tag| match &tag.what {
        What::Therapy(TherapyRef::Drug(PriorTherapy::AnySystemic)) => true,
        What::Therapy(TherapyRef::Drug(PriorTherapy::Class(class))) => class.as_str() == "chemotherapy",
        _ => false,
    };
    let mut at = 0;
    while at + 1 < tags.len() {
        let joined =
            row.tokens.get(tags[at].to).is_some_and(|token| ["with", "using"].contains(&token.norm.as_str()));
        if general(&tags[at]) && joined && matches!(tags[at + 1].what, What::Therapy(_)) {
            tags.remove(at);
        } else {
            at += 1;
        }
    }
}

/// `hepatitis B or C (virus)`.
fn hepatitis_letters(row: &Row, tags: &mut Vec<Tag>) {
    let joint = |tag: &Tag| {
        matches!(tag.what, What::Comma | What::Slash) || tag.is(&Sense::Or) || tag.is(&Sense::And)
    };
    let mut at = 0;
    while at < tags.len() {
        let behind = tags[at + 1..].iter().take_while(|tag| joint(tag)).count();
        let letter = at + 1 + behind;
        let found = tags[at].is(&Sense::Condition("hepatitis-b"))
            && 0 < behind
            && tags.get(letter).is_some_and(|tag| row.unknown(tag, &["c"]));
        if found {
            tags[letter].what = What::Word(Sense::Condition("hepatitis-c"));
            if tags.get(letter + 1).is_some_and(|tag| {
                matches!(tag.what, What::Unknown)
                    && ["virus", "virus infection"].contains(&row.words(tag).to_lowercase().as_str())
            }) {
                tags.remove(letter + 1);
            }
        }
        at += 1;
    }
}

/// `CNS and/or leptomeningeal metastases`: metastases of the first place too.
fn brain_before(row: &Row, tags: &mut [Tag]) {
    let joint = |tag: &Tag| matches!(tag.what, What::Slash) || tag.is(&Sense::Or) || tag.is(&Sense::And);
    for at in 0..tags.len().saturating_sub(2) {
        let behind = tags[at + 1..].iter().take_while(|tag| joint(tag)).count();
        let next = tags.get(at + 1 + behind).map(|tag| &tag.what);
        if row.unknown(&tags[at], &["cns", "brain"])
            && 0 < behind
            && matches!(next, Some(What::Word(Sense::Metastasis("leptomeningeal" | "brain"))))
        {
            tags[at].what = What::Word(Sense::Metastasis("brain"));
        }
    }
}

/// `bacterial, viral, or fungal infection`: any infection.
fn kinds_of_infection(row: &Row, tags: &mut Vec<Tag>) {
    const KINDS: [&str; 6] = ["bacterial", "viral", "fungal", "systemic", "parasitic", "mycobacterial"];
    let kind = |tag: &Tag| row.unknown(tag, &KINDS);
    let joint = |tag: &Tag| {
        matches!(tag.what, What::Comma | What::Slash) || tag.is(&Sense::Or) || tag.is(&Sense::And)
    };
    let mut at = 0;
    while at < tags.len() {
        let length = tags[at..].iter().take_while(|tag| kind(tag) || joint(tag)).count();
        let named = tags[at..at + length]
            .iter()
            .filter(|tag| row.unknown(tag, &["bacterial", "viral", "fungal"]))
            .count();
        let ends = tags.get(at + length).is_some_and(|tag| tag.is(&Sense::Condition("active-infection")));
        if kind(&tags[at]) && ends && 2 <= named + usize::from(row.words(&tags[at + length]).contains(' ')) {
            tags.drain(at..at + length);
        }
        at += 1;
    }
}

/// `QTc (Fridericia)`: the formula belongs to the analyte; `QTc prolongation to > 470 ms` is a limit.
fn corrected_qt(row: &Row, tags: &mut Vec<Tag>) {
    let qt = |tag: &Tag| ["qtc", "qtcf", "qtcb"].iter().any(|key| tag.is(&Sense::Analyte(key)));
    if !tags.iter().any(qt) || !tags.iter().any(|tag| matches!(tag.what, What::Limit(_))) {
        return;
    }
    let (fridericia, bazett) = (
        row.says(&["fridericia", "fredericia", "friderica", "fridericia's"]),
        row.says(&["bazett", "bazzett"]),
    );
    let named = match (fridericia, bazett) {
        (true, false) => Some("qtcf"),
        (false, true) => Some("qtcb"),
        _ => None,
    };
    if fridericia && bazett {
        return;
    }
    tags.retain(|tag| !row.among(tag, &CORRECTED_QT_WORDS));
    for tag in tags.iter_mut() {
        if let Some(key) = named.filter(|_| tag.is(&Sense::Analyte("qtc"))) {
            tag.what = What::Word(Sense::Analyte(key));
        }
    }
}

/// `in the advanced/metastatic setting`.
fn advanced_setting(row: &Row, tags: &mut Vec<Tag>) {
    use DiseaseExtent as E;
    let far = |tag: &Tag| match &tag.what {
        What::Word(Sense::Extent(extents)) => extents
            .iter()
            .all(|e| matches!(e, E::LocallyAdvanced | E::Unresectable | E::Metastatic | E::Recurrent)),
        _ => false,
    };
    let joint = |tag: &Tag| {
        matches!(tag.what, What::Comma | What::Slash) || tag.is(&Sense::Or) || tag.is(&Sense::And)
    };
    let mut at = 0;
    while at < tags.len() {
        if !row.unknown(&tags[at], &["setting"]) {
            at += 1;
            continue;
        }
        let first = (0..at).rev().take_while(|before| far(&tags[*before]) || joint(&tags[*before])).last();
        match first.map(|first| (first..at).find(|inner| far(&tags[*inner])).unwrap_or(at)) {
            Some(first) if first < at => {
                tags[first] = Tag {
                    from: tags[first].from,
                    to: tags[at].to,
                    what: What::Word(Sense::Intent("advanced")),
                };
                tags.drain(first + 1..=at);
                at = first + 1;
            }
            _ => at += 1,
        }
    }
}

/// `requiring systemic steroids or antibiotics`: what is required says how the condition stands.
fn needed(row: &Row, tags: &mut Vec<Tag>) {
    let requires = |tag: &Tag| {
        tag.is(&Sense::Requiring)
            || tag.is(&Sense::Concurrent)
                && ["requiring", "require", "that"].contains(&row.norm(tag))
                && row.words(tag).contains("equir")
    };
    let care = |tag: &Tag| {
        row.among(tag, &CARE)
            || matches!(tag.what, What::Therapy(_))
            || [Sense::Given, Sense::Another, Sense::Concurrent].iter().any(|sense| tag.is(sense))
            || tag.is(&Sense::State(StateWord::Active))
    };
    let joint = |tag: &Tag| {
        matches!(tag.what, What::Comma | What::Slash) || tag.is(&Sense::Or) || tag.is(&Sense::And)
    };
    let mut at = 1;
    while at < tags.len() {
        let of_condition =
            matches!(tags[at - 1].what, What::Word(Sense::Condition(_) | Sense::Malignancy) | What::Close);
        if !(requires(&tags[at]) && of_condition) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        let mut last = at;
        while end < tags.len() && (care(&tags[end]) || joint(&tags[end]) && last + 1 == end) {
            if care(&tags[end]) {
                last = end;
            }
            end += 1;
        }
        if at < last {
            tags[at] = Tag { from: tags[at].from, to: tags[last].to, what: What::Word(Sense::Needed) };
            tags.drain(at + 1..=last);
        }
        at += 1;
    }
}

fn empty_brackets(tags: &mut Vec<Tag>) {
    let mut at = 0;
    while at + 1 < tags.len() {
        if matches!((&tags[at].what, &tags[at + 1].what), (What::Open, What::Close)) {
            tags.drain(at..at + 2);
            at = at.saturating_sub(1);
        } else {
            at += 1;
        }
    }
}

/// `Adults aged 18 or older`: the number says it.
fn adults(row: &Row, tags: &mut Vec<Tag>) {
    let has_age = tags
        .iter()
        .any(|tag| matches!(&tag.what, What::Ask(Expr::Ask(ask)) if matches!(**ask, Ask::Age { .. })));
    if has_age {
        tags.retain(|tag| !row.unknown(tag, &["adult"]));
    }
}

/// `adequate renal function: creatinine ≤ …` opens its limits; without any it is for a person.
fn organ_function(row: &Row, tags: &mut Vec<Tag>) {
    let mut at = 0;
    while at < tags.len() {
        if !tags[at].is(&Sense::Adequate) {
            at += 1;
            continue;
        }
        let next = tags[at + 1..].iter().find(|tag| {
            !matches!(tag.what, What::Colon | What::Open | What::Comma) && !tag.is(&Sense::Adequate)
        });
        match next.map(|tag| &tag.what) {
            Some(What::Word(Sense::Analyte(_))) => {
                tags.remove(at);
            }
            _ => {
                let words = row.words(&tags[at]).to_owned();
                tags[at].what =
                    What::Ask(Expr::ask(Ask::Judgement { about: Judgement::OrganFunction, words }));
                at += 1;
            }
        }
    }
}

/// `gemcitabine treatment`, `systemic cytotoxic therapy`: the word beside a therapy says nothing more.
fn plain_therapies(row: &Row, tags: &mut Vec<Tag>) {
    let unknown = |tag: &Tag, words: &[&str]| {
        matches!(tag.what, What::Unknown) && tag.to == tag.from + 1 && words.contains(&row.norm(tag))
    };
    let mut at = 0;
    while at < tags.len() {
        let after = 0 < at
            && matches!(tags[at - 1].what, What::Therapy(_))
            && row.among(&tags[at], &PLAIN_THERAPIES_BEHIND);
        let before = unknown(&tags[at], &["systemic"])
            && matches!(tags.get(at + 1).map(|tag| &tag.what), Some(What::Therapy(_)));
        if after || before {
            tags.remove(at);
        } else {
            at += 1;
        }
    }
}

static CORRECTED_QT_WORDS: OneOf = OneOf::new(
    "fridericia fredericia friderica bazett bazzett correction formula calculation interval corrected \
     prolongation prolonged qt heart rate",
);
static PLAIN_THERAPIES_BEHIND: OneOf =
    OneOf::new("therapy treatment agent drug medication therapies compound based containing");
static CARE: OneOf = OneOf::new(
    "iv intravenous parenteral oral systemic antibiotic antiviral antifungal antimicrobial treatment \
     therapy medication medical intervention drug immediate hospitalization daily immunosuppressive \
     specific agent anti infective antibacterial additional medicine management pharmacologic therapies \
     other",
);
