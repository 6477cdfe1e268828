//! What does each stretch of a clause mean, taken alone? The longest name, phrase or number at a place wins.

mod disease;
mod people;

use super::clinical::{ANALYTES, CHANGES, CONDITIONS, JUDGED, METASTASES, SCALES, STAINS, TREATMENTS};
use super::number::{Limit, Pieces, Unit};
use super::passes::{self, Row};
use super::token::{Kind, OneOf, Token, phrase, tokens};
use super::words::{ADEQUATE, Change, PHRASES, STOP, Sense};
use concilium_criteria::eligibility::{Expr, Judgement, TherapyRef, Washout};
use concilium_knowledge::{Knowledge, PriorTherapy};
use concilium_terms::lexicon::{Kind as Named, Lexicon, Mention, VariantMention, Writing};
use concilium_terms::{ClassId, Doid, DrugName, GeneSymbol};
use std::collections::HashMap;

/// Key of the group of solid tumours: every cancer but those of blood and lymph.
pub(crate) const SOLID: &str = "CIVIC:solid-tumor";

/// Meaning of a stretch.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A phrase of the tables.
    Word(Sense),
    Comma,
    Semicolon,
    Colon,
    Slash,
    Open,
    Close,
    /// Complete in itself.
    Ask(Expr),
    Biomarker(Expr),
    Therapy(TherapyRef),
    Disease(Doid),
    Limit(Limit),
    /// Inside a window (`false`), or at least so long ago (`true`).
    Window(Washout, bool),
    Stage(Vec<String>, Option<String>),
    Prednisone(f64),
    Unknown,
}

/// A stretch of pieces with its meaning.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    /// First piece.
    pub from: usize,
    /// One past the last piece.
    pub to: usize,
    pub what: What,
}

impl Tag {
    pub fn is(&self, sense: &Sense) -> bool {
        matches!(&self.what, What::Word(own) if own == sense)
    }
}

/// Phrases by their first word, longest first.
#[derive(Debug, Default)]
pub(crate) struct Words {
    rows: HashMap<String, Vec<(Vec<String>, Sense)>>,
    judged: HashMap<String, Vec<(Vec<String>, Judgement)>>,
}

impl Words {
    pub fn new() -> Words {
        let mut words = Words::default();
        for (sense, phrases) in PHRASES {
            words.add(phrases, sense.clone());
        }
        CONDITIONS.iter().for_each(|(key, phrases)| words.add(phrases, Sense::Condition(key)));
        METASTASES.iter().for_each(|(key, phrases)| words.add(phrases, Sense::Metastasis(key)));
        TREATMENTS.iter().for_each(|(key, phrases)| words.add(phrases, Sense::Therapy(*key)));
        ANALYTES.iter().for_each(|(key, phrases)| words.add(phrases, Sense::Analyte(key)));
        SCALES.iter().for_each(|(key, phrases)| words.add(phrases, Sense::Scale(key)));
        STAINS.iter().for_each(|(key, phrases)| words.add(phrases, Sense::Stain(key)));
        CHANGES.iter().for_each(|(key, phrases)| words.add(phrases, Sense::Mutation(*key)));
        words.add(ADEQUATE, Sense::Adequate);
        words.add(STOP, Sense::Stop);
        for rows in words.rows.values_mut() {
            rows.sort_by_key(|(row, _)| std::cmp::Reverse(row.len()));
        }
        for (judgement, phrases) in JUDGED {
            for row in phrases.split('|').map(phrase).filter(|row| !row.is_empty()) {
                words.judged.entry(row[0].clone()).or_default().push((row, *judgement));
            }
        }
        words
    }

    /// The first table that holds a phrase gives its meaning.
    fn add(&mut self, phrases: &str, sense: Sense) {
        for row in phrases.split('|').map(phrase).filter(|row| !row.is_empty()) {
            let rows = self.rows.entry(row[0].clone()).or_default();
            if !rows.iter().any(|(known, _)| *known == row) {
                rows.push((row, sense.clone()));
            }
        }
    }

    fn longest(&self, pieces: Pieces, at: usize) -> Option<(&Sense, usize)> {
        let rows = self.rows.get(pieces.word(at))?;
        rows.iter().find_map(|(row, sense)| Some((sense, pieces.row(at, row)?)))
    }

    /// The judgement a clause asks for, by the first table that has a phrase of it.
    pub fn judged(&self, pieces: Pieces) -> Option<Judgement> {
        let found = (0..pieces.tokens.len()).flat_map(|at| {
            let rows = self.judged.get(pieces.word(at)).map_or(&[][..], Vec::as_slice);
            rows.iter().filter(move |(row, _)| pieces.row(at, row).is_some()).map(|(_, judgement)| *judgement)
        });
        found.min_by_key(|judgement| JUDGED.iter().position(|(known, _)| known == judgement))
    }
}

/// What the tagger needs.
pub(crate) struct Tools<'k> {
    pub knowledge: &'k Knowledge,
    pub lexicon: &'k Lexicon,
    pub words: &'k Words,
    /// Terms at or below cancer.
    pub tumours: &'k std::collections::HashSet<Doid>,
}

/// A clause cut and tagged.
pub(crate) struct Tagged<'t> {
    pub text: &'t str,
    pub end: usize,
    pub tokens: Vec<Token>,
    pub tags: Vec<Tag>,
}

impl<'t> Tagged<'t> {
    pub fn pieces(&self) -> Pieces<'_> {
        Pieces { text: self.text, tokens: &self.tokens, end: self.end }
    }

    /// A tag as people read it: the words of a name or of what no table knows, the meaning of the rest.
    pub fn shown(&self, tag: &Tag) -> String {
        let words = &self.text[self.tokens[tag.from].start..self.tokens[tag.to - 1].end];
        match &tag.what {
            What::Unknown => format!("?{words}"),
            What::Word(sense) => format!("{sense:?}"),
            What::Comma => ",".to_owned(),
            What::Semicolon => ";".to_owned(),
            What::Colon => ":".to_owned(),
            What::Slash => "/".to_owned(),
            What::Open => "(".to_owned(),
            What::Close => ")".to_owned(),
            What::Ask(_) => format!("Ask[{words}]"),
            What::Biomarker(_) => format!("Biomarker[{words}]"),
            What::Therapy(_) => format!("Therapy[{words}]"),
            What::Disease(_) => format!("Disease[{words}]"),
            What::Limit(_) => format!("Limit[{words}]"),
            What::Window(..) => format!("Window[{words}]"),
            What::Stage(..) => format!("Stage[{words}]"),
            What::Prednisone(_) => format!("Prednisone[{words}]"),
        }
    }
}

/// Names found in the clause, by the piece they start at.
pub(crate) struct Names<'l> {
    /// Piece → (one past the last piece, mention).
    pub mentions: HashMap<usize, (usize, Mention<'l>)>,
    pub variants: HashMap<usize, (usize, VariantMention)>,
}

/// Tags `text[from..to]`.
pub(crate) fn tag<'t>(tools: &Tools, text: &'t str, from: usize, to: usize) -> Tagged<'t> {
    let tokens = tokens(text, from, to);
    let names = names(tools, &text[from..to], from, &tokens);
    let mut tags = vec![];
    {
        let pieces = Pieces { text, tokens: &tokens, end: to };
        let tagger = Tagger { tools, pieces, names, offset: from };
        let mut at = 0;
        while at < tokens.len() {
            let (what, next) = tagger.next(at);
            let next = next.max(at + 1);
            if let Some(what) = what.filter(|what| !matches!(what, What::Word(Sense::Stop))) {
                tags.push(Tag { from: at, to: next, what });
                // `inhibitors or inducers of …`: two classes in one phrase.
                if let Some(other) = tagger.other_class(at) {
                    tags.push(Tag { from: at, to: next, what: What::Word(Sense::Or) });
                    tags.push(Tag { from: at, to: next, what: What::Therapy(other) });
                }
            }
            at = next;
        }
    }
    passes::all(&Row { text, tokens: &tokens }, &mut tags);
    Tagged { text, end: to, tokens, tags }
}

/// `metastatic melanoma` is a name of melanoma; here the first word is a question of its own.
fn shorten<'l>(tools: &Tools<'l>, text: &str, mention: &mut Mention<'l>) {
    let words = &text[mention.span.clone()];
    let Some((first, rest)) = words.split_once(' ').filter(|_| mention.is(Named::Disease)) else { return };
    if !EXTENT_WORDS.holds(&first.to_ascii_lowercase()) {
        return;
    }
    let found = tools.lexicon.named(rest, Named::Disease);
    if !found.is_empty() {
        mention.span.start += first.len() + 1;
        mention.candidates = found;
    }
}

fn names<'l>(tools: &Tools<'l>, text: &str, from: usize, tokens: &[Token]) -> Names<'l> {
    let reading = tools.lexicon.read(text, Writing::Prose);
    let starts = |byte: usize| tokens.partition_point(|token| token.start < byte + from);
    let ends = |byte: usize| tokens.partition_point(|token| token.start < byte + from);
    let mut names = Names { mentions: HashMap::new(), variants: HashMap::new() };
    for mut mention in reading.mentions.into_iter().filter(|mention| !mention.nested) {
        shorten(tools, text, &mut mention);
        names.mentions.insert(starts(mention.span.start), (ends(mention.span.end), mention));
    }
    for variant in reading.variants {
        names.variants.insert(starts(variant.span.start), (ends(variant.span.end), variant));
    }
    names
}

pub(crate) struct Tagger<'a, 'k, 'p> {
    pub tools: &'a Tools<'k>,
    pub pieces: Pieces<'p>,
    pub names: Names<'k>,
    /// Where the clause starts in the text.
    pub offset: usize,
}

impl Tagger<'_, '_, '_> {
    /// Meaning of what starts here; `None`: nothing.
    fn next(&self, at: usize) -> (Option<What>, usize) {
        let token = &self.pieces.tokens[at];
        // `HER2-positive breast cancer` is one name; its first words alone are a result.
        let name_end = self
            .names
            .mentions
            .get(&at)
            .filter(|(_, mention)| mention.is(Named::Disease))
            .map_or(at, |(next, _)| *next);
        if let Some((what, next)) = self.structured(at).filter(|(_, next)| name_end <= *next) {
            return (Some(what), next);
        }
        let phrase = self.tools.words.longest(self.pieces, at);
        let name = self.names.mentions.get(&at);
        let phrase_next = phrase.as_ref().map_or(at, |(_, next)| *next);
        if let Some(found) = self.of_organ(at) {
            return (Some(found.0), found.1);
        }
        if let Some((next, mention)) = name.filter(|(next, _)| phrase_next < *next || phrase.is_none()) {
            match (self.named(mention), &phrase) {
                // A name nothing here asks for, and a phrase at its front that means something.
                (What::Unknown, Some(_)) => {}
                (what, _) => return (Some(what), *next),
            }
        }
        if let Some((sense, next)) = phrase {
            return (self.sense(sense.clone(), at), next);
        }
        if token.norm == "s" && at.checked_sub(1).is_some_and(|before| self.pieces.is(before, '\'')) {
            return (None, at + 1);
        }
        let what = match token.kind {
            Kind::Sign(sign) => match sign {
                ',' => What::Comma,
                ';' => What::Semicolon,
                ':' => What::Colon,
                '(' | '[' | '{' => What::Open,
                ')' | ']' | '}' => What::Close,
                '/' => What::Slash,
                '-' if token.glued => return (None, at + 1),
                '-' => What::Comma,
                '.' | '\'' | '•' | '?' | '!' | '#' => return (None, at + 1),
                '&' => What::Word(Sense::And),
                _ => What::Unknown,
            },
            Kind::Word | Kind::Number(_) => What::Unknown,
        };
        (Some(what), at + 1)
    }

    fn sense(&self, sense: Sense, at: usize) -> Option<What> {
        match sense {
            Sense::Stop => None,
            Sense::Therapy(treatment) => Some(What::Therapy(treatment.reference())),
            // A row of letters that are a disease's everyday name and a gene's.
            Sense::Analyte("egfr") if self.raw(at) == "EGFR" => Some(What::Unknown),
            other => Some(What::Word(other)),
        }
    }

    /// The second class of a phrase that names two.
    fn other_class(&self, at: usize) -> Option<TherapyRef> {
        match self.tools.words.longest(self.pieces, at)? {
            (Sense::Therapy(treatment), _) => treatment.other(),
            _ => None,
        }
    }

    pub fn raw(&self, at: usize) -> &str {
        self.pieces.tokens.get(at).map_or("", |token| &self.pieces.text[token.start..token.end])
    }

    fn named(&self, mention: &Mention) -> What {
        let (mention_start, mention_end) = (mention.span.start + self.offset, mention.span.end + self.offset);
        let Some(entry) = mention.likely().or_else(|| mention.preferred().next()) else {
            return What::Unknown;
        };
        if mention.likely().is_none() && mention.preferred().nth(1).is_some() {
            return What::Unknown;
        }
        match entry.kind {
            Named::Drug => What::Therapy(TherapyRef::Drug(PriorTherapy::Drug(DrugName::new(&*entry.id)))),
            Named::DrugClass => {
                let class = ClassId::new(&*entry.id);
                match self.tools.knowledge.drugs.classes.contains_key(&class) {
                    true => What::Therapy(TherapyRef::Drug(PriorTherapy::Class(class))),
                    false => What::Unknown,
                }
            }
            Named::Disease
                if ORGANS.contains(&self.pieces.text[mention_start..mention_end].to_lowercase().as_str()) =>
            {
                What::Unknown
            }
            Named::Disease => {
                let doid = Doid::new(&*entry.id);
                match self.tools.tumours.contains(&doid) || doid.as_str() == SOLID {
                    true if doid.as_str() == "DOID:162" => What::Word(Sense::Malignancy),
                    true => What::Disease(doid),
                    false => What::Unknown,
                }
            }
            Named::Gene | Named::Other => What::Unknown,
        }
    }

    /// `adenocarcinoma of the prostate`, `cancer of the breast`: the name with the organ in front.
    fn of_organ(&self, at: usize) -> Option<(What, usize)> {
        let p = self.pieces;
        let (next, head) = match self.names.mentions.get(&at) {
            Some((next, mention)) if mention.is(Named::Disease) => {
                (*next, &p.text[mention.span.start + self.offset..mention.span.end + self.offset])
            }
            _ if p.any(
                at,
                &[
                    "cancer",
                    "carcinoma",
                    "adenocarcinoma",
                    "sarcoma",
                    "tumor",
                    "lymphoma",
                    "malignancy",
                    "melanoma",
                ],
            ) =>
            {
                (at + 1, self.raw(at))
            }
            _ => return None,
        };
        if !p.any(next, &["of"]) {
            return None;
        }
        let start = if p.any(next + 1, &["the"]) { next + 2 } else { next + 1 };
        (1..=3).rev().find_map(|length| {
            let last = p.tokens.get(start + length - 1)?;
            let organ = &p.text[p.tokens[start].start..last.end];
            let found = self.tools.lexicon.named(&format!("{organ} {head}"), Named::Disease);
            let doid = Doid::new(&*found.first()?.id);
            (found.len() == 1 && self.tools.tumours.contains(&doid))
                .then_some((What::Disease(doid), start + length))
        })
    }

    /// Numbers, windows, ages, scales, stages, biomarkers.
    fn structured(&self, at: usize) -> Option<(What, usize)> {
        let p = self.pieces;
        if self.tools.words.longest(p, at).is_some_and(|(sense, _)| matches!(sense, Sense::Scale(_)))
            && let Some((ask, next)) = self.performance(at)
        {
            return Some((What::Ask(ask), next));
        }
        if self.raw(at) == "eGFR" {
            return Some((What::Word(Sense::Analyte("egfr")), at + 1));
        }
        if let Some(found) = self.age(at) {
            return Some(found);
        }
        if let Some((washout, elapsed, next)) = p.window(at) {
            return Some((What::Window(washout, elapsed), next));
        }
        if let Some(found) = self.prednisone(at) {
            return Some(found);
        }
        if let Some((expr, next)) = self.biomarker(at) {
            return Some((What::Biomarker(expr), next));
        }
        if let Some(next) = self.response_criteria(at) {
            return Some((What::Word(Sense::Stop), next)).filter(|_| at < next);
        }
        if self.tools.words.longest(p, at).is_some_and(|(sense, _)| *sense == Sense::Stage)
            && let Some(found) = self.stage(at)
        {
            return Some(found);
        }
        if let Some(found) = self.heart_class(at) {
            return Some(found);
        }
        let limit = p.limit(at)?;
        // A number that names something (`1 of the following`) is no limit.
        let plain = limit.0.unit == Unit::None && limit.0.range.min == limit.0.range.max;
        (!plain || p.any(limit.1, &["prior", "previous", "or", "line"]))
            .then_some((What::Limit(limit.0), limit.1))
    }

    /// A gene's symbols when one is named here: several for a family.
    pub fn genes(&self, at: usize) -> Option<(Vec<GeneSymbol>, usize)> {
        let (next, mention) = self.names.mentions.get(&at)?;
        if !mention.is(Named::Gene) {
            return None;
        }
        let symbols: Vec<GeneSymbol> = match mention.likely() {
            Some(entry) if entry.kind == Named::Gene => vec![GeneSymbol::new(&*entry.id)],
            Some(_) => return None,
            None => mention
                .preferred()
                .filter(|e| e.kind == Named::Gene)
                .map(|e| GeneSymbol::new(&*e.id))
                .collect(),
        };
        Some((symbols, *next))
    }

    /// The change a word behind or before a gene names.
    pub fn change(&self, at: usize) -> Option<(Change, usize)> {
        match self.tools.words.longest(self.pieces, at)? {
            (Sense::Mutation(change), next) => Some((*change, next)),
            _ => None,
        }
    }

    pub fn sense_at(&self, at: usize) -> Option<(&Sense, usize)> {
        self.tools.words.longest(self.pieces, at)
    }
}

/// Organs a classification names its groups of tumours by: in prose they are organs.
const ORGANS: [&str; 34] = [
    "prostate",
    "breast",
    "lung",
    "skin",
    "liver",
    "pancreas",
    "kidney",
    "bladder",
    "bowel",
    "brain",
    "cervix",
    "uterus",
    "ovary",
    "thyroid",
    "eye",
    "bone",
    "soft tissue",
    "stomach",
    "head and neck",
    "esophagus",
    "lymphoid",
    "myeloid",
    "blood",
    "peritoneum",
    "pleura",
    "testis",
    "thymus",
    "vulva",
    "penis",
    "adrenal gland",
    "biliary tract",
    "ampulla of vater",
    "colon",
    "rectum",
];

static EXTENT_WORDS: OneOf =
    OneOf::new("metastatic advanced recurrent refractory relapsed unresectable resectable localized");
