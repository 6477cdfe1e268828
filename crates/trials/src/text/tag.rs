//! What does each stretch of a clause mean, taken alone? The longest name, phrase or number at a place wins.

use super::clinical::{ANALYTES, CHANGES, CONDITIONS, JUDGED, METASTASES, SCALES, STAINS, TREATMENTS};
use super::number::{Limit, Pieces, Unit};
use super::passes::{self, Row};
use super::token::{Kind, Rows, Token, phrase, tokens};
use super::words::{ADEQUATE, Change, PHRASES, STOP, Sense};
use concilium_criteria::eligibility::{Ask, Expr, Judgement, Range, SpanUnit, TherapyRef, Washout};
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
    let extent = [
        "metastatic",
        "advanced",
        "recurrent",
        "refractory",
        "relapsed",
        "unresectable",
        "resectable",
        "localized",
    ];
    if !extent.iter().any(|word| first.eq_ignore_ascii_case(word)) {
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

    /// `age ≥ 18 years`, `18 years of age or older`.
    fn age(&self, at: usize) -> Option<(What, usize)> {
        let p = self.pieces;
        let named = p.any(at, &["age", "aged", "ages"]);
        let mut start = at;
        if named {
            start += 1;
            let filler = [
                "is", "of", "must", "be", "range", "at", "between", "year", "from", "years", "patient", "in",
                "the", "limit", "being",
            ];
            let mut end = start;
            while p.is(start, ':')
                || p.is(start, ',')
                || p.is(start, '-')
                || p.is(start, '(')
                || p.any(start, &filler)
            {
                if p.any(start, &["between", "from", "at"]) && p.limit(start).is_some() {
                    break;
                }
                start += 1;
                end += 1;
                if end - at > 6 {
                    return None;
                }
            }
        }
        let (limit, mut next) = p.limit(start)?;
        let said = named || limit.unit == Unit::Age;
        let years = matches!(limit.unit, Unit::Age | Unit::Time(SpanUnit::Years) | Unit::None);
        if !years {
            return None;
        }
        // `18 years or older`: only a person is older.
        let older = |at: usize| p.any(at, &["older", "younger"]);
        let before =
            p.tokens.get(next.wrapping_sub(1)).is_some_and(|t| t.norm == "older" || t.norm == "younger");
        let said = said
            || before && limit.unit == Unit::Time(SpanUnit::Years)
            || p.any(next, &["old"])
            || p.any(at, &["older", "younger"]);
        if !said || limit.range.min == limit.range.max {
            return None;
        }
        if limit.unit == Unit::None && !named && !p.any(at, &["older", "younger"]) {
            return None;
        }
        while p.any(next, &["year", "old", "of", "age", "inclusive"])
            || (p.is(next, '(') && p.any(next + 1, &["inclusive"]) && p.is(next + 2, ')'))
        {
            next += if p.is(next, '(') { 3 } else { 1 };
        }
        if p.any(next, &["or", "and"]) && (older(next + 1) || p.any(next + 1, &["above", "over"])) {
            next += 2;
        }
        if p.any(next, &["at", "on"]) {
            next = self.skip_time_of(next);
        }
        Some((What::Ask(Expr::ask(Ask::Age { years: limit.range })), next))
    }

    /// `at the time of signing informed consent`: when an age is taken changes nothing a record can tell.
    fn skip_time_of(&self, at: usize) -> usize {
        let p = self.pieces;
        let words = [
            "at",
            "the",
            "time",
            "of",
            "signing",
            "informed",
            "consent",
            "form",
            "icf",
            "enrollment",
            "screening",
            "registration",
            "study",
            "entry",
            "on",
            "day",
            "randomization",
            "signature",
            "a",
            "date",
            "diagnosis",
            "main",
            "inclusion",
            "first",
            "dose",
            "treatment",
            "signed",
            "enrolment",
            "consenting",
            "initial",
            "visit",
            "infusion",
            "written",
        ];
        let mut next = at;
        while p.any(next, &words) {
            next += 1;
        }
        next
    }

    /// `ECOG performance status 0-1`, `Karnofsky ≥ 70 %`.
    fn performance(&self, at: usize) -> Option<(Expr, usize)> {
        let p = self.pieces;
        let Some((Sense::Scale(scale), mut next)) = self.tools.words.longest(p, at) else { return None };
        let mut scale = *scale;
        let filler = [
            "performance",
            "status",
            "test",
            "score",
            "scale",
            "of",
            "ps",
            "is",
            "must",
            "be",
            "grade",
            "level",
            "the",
            "a",
            "who",
            "ecog",
            "patient",
            "have",
            "an",
            "at",
            "screening",
            "baseline",
            "zubrod",
            "index",
            "with",
            "group",
            "either",
            "in",
            "kps",
            "current",
            "oncology",
            "range",
            "from",
            "to",
            "swog",
            "entry",
            "study",
            "by",
            "points",
            "assessed",
            "category",
            "has",
            "cooperative",
            "according",
            "value",
            "equal",
        ];
        let mut steps = 0;
        while steps < 12 {
            steps += 1;
            let skip = p.any(next, &filler)
                || p.is(next, ':')
                || p.is(next, ',')
                || p.is(next, '=') && !p.is(next + 1, '<') && !p.is(next + 1, '>')
                || p.is(next, '-')
                || p.is(next, '/')
                || p.is(next, '\'')
                || p.any(next, &["s"]);
            // `PS = 0 or 1`
            if p.is(next, '=') && p.tokens.get(next + 1).is_some_and(|token| token.number().is_some()) {
                next += 1;
            }
            // `at least 70`, `equal to or less than`: the bound starts here.
            if p.limit(next).is_some() || self.points(next, scale).is_some() {
                break;
            }
            if let Some((Sense::Scale(other), behind)) = self.tools.words.longest(p, next) {
                if scale == "ecog" {
                    scale = other;
                }
                next = behind;
            } else if let Some(behind) = p.abbreviation(next) {
                next = behind;
            } else if p.is(next, '(')
                && self
                    .tools
                    .words
                    .longest(p, next + 1)
                    .is_some_and(|(sense, end)| matches!(sense, Sense::Scale(_)) && p.is(end, ')'))
            {
                next = self.tools.words.longest(p, next + 1).map_or(next + 1, |(_, end)| end + 1);
            } else if skip {
                next += 1;
            } else {
                break;
            }
        }
        let (points, mut next) = self.points(next, scale)?;
        if p.is(next, '%') {
            next += 1;
        }
        // `≤ 2 on the ECOG scale`, `0-1 (ECOG)`.
        let scale = match self.scale_behind(next) {
            Some((found, behind)) => {
                next = behind;
                found
            }
            None => scale,
        };
        let top = if scale == "ecog" { 5.0 } else { 100.0 };
        let fits = |value: Option<f64>| {
            value.is_none_or(|value| value <= top && (scale == "ecog" || 10.0 <= value || value == 0.0))
        };
        (fits(points.min) && fits(points.max))
            .then(|| (Expr::ask(Ask::Performance { scale: scale.to_owned(), points }), next))
    }

    fn scale_behind(&self, at: usize) -> Option<(&'static str, usize)> {
        let p = self.pieces;
        let open = p.is(at, '(');
        let mut next = if open { at + 1 } else { at };
        if !open && !p.any(at, &["on", "by", "according", "per", "using", "in"]) {
            return None;
        }
        while p.any(next, &["on", "by", "according", "to", "the", "per", "using", "in"]) {
            next += 1;
        }
        let (Sense::Scale(scale), mut next) = self.tools.words.longest(p, next)? else { return None };
        while p.any(next, &["scale", "score", "performance", "status", "criteria", "group"]) {
            next += 1;
        }
        if p.limit(next).is_some() {
            return None;
        }
        match (open, p.is(next, ')')) {
            (true, true) => Some((scale, next + 1)),
            (true, false) => None,
            (false, _) => Some((scale, next)),
        }
    }

    /// `0 or 1`, `0, 1, or 2`, `0-1`, `< 2`, `2 or better`.
    fn points(&self, at: usize, scale: &str) -> Option<(Range, usize)> {
        let p = self.pieces;
        let (first, behind) = match p.tokens.get(at).and_then(Token::number) {
            Some(value) => (value, at + 1),
            None => {
                return p
                    .limit(at)
                    .filter(|(limit, _)| matches!(limit.unit, Unit::None | Unit::Ucum("%")))
                    .map(|(limit, next)| (limit.range, next));
            }
        };
        let closed = |min, max| Range { min: Some(min), above_min: false, max: Some(max), below_max: false };
        let (mut low, mut high, mut next) = (first, first, behind);
        if p.is(next, '%') {
            next += 1;
        }
        if p.any(next, &["or", "and"])
            && p.any(
                next + 1,
                &["better", "less", "lower", "below", "more", "greater", "higher", "above", "over"],
            )
        {
            let up = match p.word(next + 1) {
                "better" => scale != "ecog",
                "less" | "lower" | "below" => false,
                _ => true,
            };
            let range = if up {
                Range { min: Some(first), above_min: false, max: None, below_max: false }
            } else {
                Range { min: None, above_min: false, max: Some(first), below_max: false }
            };
            return Some((range, next + 2));
        }
        loop {
            let mut after = next;
            while p.any(after, &["or", "and", "to", "through"])
                || p.is(after, ',')
                || p.is(after, '-')
                || p.is(after, '/')
            {
                after += 1;
            }
            let value = p.tokens.get(after).and_then(Token::number).filter(|_| next < after);
            match value.filter(|value| *value <= 100.0 && (scale != "ecog" || *value <= 5.0)) {
                Some(value) if high < value => (high, next) = (value, after + 1),
                Some(value) if value < low => (low, next) = (value, after + 1),
                _ => break,
            }
            if p.is(next, '%') {
                next += 1;
            }
        }
        if low == high && scale != "ecog" {
            return None;
        }
        Some((closed(low, high), next))
    }

    /// `> 10 mg/day of prednisone or equivalent`, in either order.
    fn prednisone(&self, at: usize) -> Option<(What, usize)> {
        let p = self.pieces;
        let open = usize::from(p.is(at, '('));
        let start = at + open;
        let drug = |at: usize| {
            p.any(at, &["prednisone", "prednisolone", "methylprednisolone"])
                && p.word(at) != "methylprednisolone"
        };
        let filler = [
            "equivalent",
            "or",
            "an",
            "of",
            "per",
            "day",
            "daily",
            "its",
            "dose",
            "at",
            "a",
            "the",
            "d",
            "mg",
            "doses",
            "other",
            "corticosteroid",
            "in",
            "steroid",
            "to",
            "bioequivalent",
            "glucocorticoid",
            "po",
            "oral",
            "orally",
            "once",
            "qd",
            "dosing",
            "exceeding_",
        ];
        let mut next = start;
        let mut seen = drug(next);
        if seen {
            next += 1;
        }
        while p.any(next, &["equivalent", "dose", "or", "an", "doses", "of", "in", "at", "its", "a", "daily"])
            && next < start + 6
        {
            next += 1;
        }
        let (limit, mut behind) = p.limit(next).filter(|(limit, behind)| {
            limit.range.min.is_some()
                && limit.range.max.is_none()
                && (matches!(limit.unit, Unit::Ucum("mg/d"))
                    || limit.unit == Unit::None && p.any(*behind, &["mg", "milligram"]))
        })?;
        while p.any(behind, &filler)
            || p.is(behind, '/')
            || drug(behind)
            || p.is(behind, ',') && drug(behind + 1)
        {
            seen |= drug(behind);
            behind += 1;
        }
        while behind > next && (p.any(behind - 1, &["or", "of", "in", "at", "a", "the", "an", "to"])) {
            behind -= 1;
        }
        if open == 1 {
            if !p.is(behind, ')') {
                return None;
            }
            behind += 1;
        }
        let value = limit.range.min.filter(|_| seen)?;
        // `at least 10 mg` is just above what the ask can say; the next smaller step of tablets is 0.5 mg.
        let over = if limit.range.above_min { value } else { value - 0.5 };
        Some((What::Prednisone(over), behind))
    }

    /// Name and version of response criteria with what joins them: `by RECIST v1.1`.
    fn response_criteria(&self, at: usize) -> Option<usize> {
        let p = self.pieces;
        let mut next = at;
        let join = [
            "by",
            "per",
            "according",
            "to",
            "based",
            "on",
            "as",
            "defined",
            "using",
            "the",
            "in",
            "with",
            "assessed",
            "determined",
            "under",
            "accordance",
            "measured",
            "evaluated",
            "investigator",
            "and",
            "modified",
            "revised",
            "standard",
        ];
        while p.any(next, &join) && next < at + 6 {
            next += 1;
        }
        next = p.longest(next, &RESPONSE_CRITERIA)?;
        let tail = [
            "version",
            "v",
            "v1",
            "criteria",
            "guideline",
            "classification",
            "1",
            "2",
            "vs",
            "working",
            "group",
            "response",
            "recist",
            "ver",
            "solid",
            "tumor",
            "for",
            "rano",
            "imwg",
            "edition",
        ];
        let mut steps = 0;
        while steps < 10 {
            steps += 1;
            let number = p
                .tokens
                .get(next)
                .and_then(Token::number)
                .is_some_and(|n| n < 4.0 || (2000.0..2040.0).contains(&n));
            if p.any(next, &tail)
                || number
                || p.is(next, '.') && !p.is(next + 1, '.') && p.tokens.get(next + 1).is_some_and(|t| t.glued)
            {
                next += 1;
            } else if p.is(next, '(') || p.is(next, '[') {
                let close = (next + 1..next + 7).find(|at| p.is(*at, ')') || p.is(*at, ']'))?;
                let inside = (next + 1..close).all(|at| {
                    p.any(at, &tail)
                        || p.tokens[at].kind != Kind::Word
                        || p.tokens[at].norm.starts_with('v')
                        || p.any(at, &["recist", "rano", "lugano", "imwg", "mrecist"])
                });
                if !inside {
                    break;
                }
                next = close + 1;
            } else if p.is(next, ',') && (p.any(next + 1, &["version", "v", "v1", "ver"])) {
                next += 1;
            } else {
                break;
            }
        }
        if p.any(next, &["and", "or"])
            && let Some(more) = self.response_criteria(next + 1)
        {
            next = more;
        }
        Some(next)
    }

    /// `stage IIIB or IV`, `stage III-IV`.
    fn stage(&self, at: usize) -> Option<(What, usize)> {
        let p = self.pieces;
        let (_, mut next) = self.tools.words.longest(p, at)?;
        let scale = ["figo", "ann", "iss"].iter().find(|word| p.any(at, &[word])).map(|word| match *word {
            "figo" => "FIGO".to_owned(),
            "ann" => "Ann Arbor".to_owned(),
            _ => "ISS".to_owned(),
        });
        while p.is(next, ':') || p.any(next, &["group", "of"]) {
            next += 1;
        }
        let (first, behind) = self.group(next)?;
        next = behind;
        let mut groups = vec![first];
        loop {
            let mut after = next;
            let mut range = false;
            while p.any(after, &["or", "and", "to", "through", "stage"])
                || p.is(after, ',')
                || p.is(after, '/')
                || p.is(after, '-')
            {
                range |= p.any(after, &["to", "through"]) || p.is(after, '-');
                after += 1;
            }
            let Some((group, behind)) = self.group(after).filter(|_| next < after) else { break };
            if range {
                let last = groups.last().cloned().unwrap_or_default();
                groups.extend(between(&last, &group)?);
            }
            groups.push(group);
            next = behind;
        }
        Some((What::Stage(groups, scale), next))
    }

    fn group(&self, at: usize) -> Option<(String, usize)> {
        let raw = self.raw(at);
        let upper = raw.to_uppercase();
        let digits = raw.trim_end_matches(|c: char| c.is_alphabetic());
        let roman = match digits {
            "0" => Some("0"),
            "1" => Some("I"),
            "2" => Some("II"),
            "3" => Some("III"),
            "4" => Some("IV"),
            _ => None,
        };
        if let Some(roman) = roman {
            let letter = self.raw(at + 1);
            let glued = self.pieces.tokens.get(at + 1).is_some_and(|t| t.glued)
                && letter.len() == 1
                && "abcdABCD".contains(letter);
            return Some(if glued {
                (format!("{roman}{}", letter.to_uppercase()), at + 2)
            } else {
                (roman.to_owned(), at + 1)
            });
        }
        let body = upper.trim_end_matches(|c: char| c.is_ascii_digit());
        let major = body.trim_end_matches(['A', 'B', 'C', 'D']);
        let fits = ["I", "II", "III", "IV"].contains(&major)
            && upper.len() - major.len() <= 2
            && raw.chars().next().is_some_and(char::is_uppercase);
        fits.then(|| (upper.clone(), at + 1))
    }

    /// `NYHA class III or IV heart failure`: heart failure that is there and matters.
    fn heart_class(&self, at: usize) -> Option<(What, usize)> {
        let p = self.pieces;
        let mut next = p.first(at, &NYHA)?;
        if let Some(behind) = p.abbreviation(next) {
            next = behind;
        }
        while p.any(
            next,
            &[
                "class",
                "classification",
                "functional",
                "grade",
                "stage",
                "heart",
                "failure",
                "greater",
                "than",
                "or",
                "equal",
                "to",
            ],
        ) || p.is(next, '≥')
            || p.is(next, '>')
            || p.is(next, '=')
        {
            next += 1;
        }
        let (first, behind) = self.group(next)?;
        next = behind;
        while p.any(
            next,
            &["or", "and", "to", "greater", "higher", "above", "ii", "iii", "iv", "class", "2", "3", "4"],
        ) || p.is(next, '/')
            || p.is(next, '-')
        {
            next += 1;
        }
        let behind = p.first(next, &HEART_FAILURE);
        (first != "I").then_some(())?;
        let ask = Ask::Condition {
            any_of: vec!["heart-failure".to_owned()],
            state: concilium_criteria::eligibility::ConditionState::Uncontrolled,
            within: None,
            known: false,
        };
        Some((What::Ask(Expr::ask(ask)), behind.unwrap_or(next)))
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

static RESPONSE_CRITERIA: Rows = Rows::new(&[
            "response evaluation criteria in solid tumors",
            "response evaluation criteria in solid tumor",
            "response evaluation criteria for solid tumors",
            "recist",
            "irecist",
            "mrecist",
            "rano",
            "lugano",
            "lugano classification",
            "imwg",
            "cheson",
            "pcwg3",
            "prostate cancer working group 3",
            "recist1",
            "lugano criteria",
            "iwcll",
            "recist criteria",
            "international myeloma working group",
            "response assessment in neuro oncology",
            "lugano response criteria",
            "response evaluation criteria in solid tumours",
        ]);
static NYHA: Rows = Rows::new(&["new york heart association", "nyha"]);
static HEART_FAILURE: Rows = Rows::new(&[
    "congestive heart failure",
    "heart failure",
    "cardiac disease",
    "heart disease",
    "chf",
    "cardiac failure",
    "cardiac insufficiency",
]);

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

/// Stage groups strictly between two: `I` to `III` gives `II`; `IB` to `IIIA` gives `IC`, `II`.
fn between(first: &str, last: &str) -> Option<Vec<String>> {
    const MAJOR: [&str; 5] = ["0", "I", "II", "III", "IV"];
    let split = |group: &str| {
        let major =
            group.trim_end_matches(|c: char| "ABCD".contains(c) || c.is_ascii_digit() && group != "0");
        MAJOR.iter().position(|known| *known == major).map(|at| (at, group[major.len()..].chars().next()))
    };
    let ((low, low_letter), (high, high_letter)) = (split(first)?, split(last)?);
    if high < low {
        return None;
    }
    let letters = |from: char, to: char| ('A'..='C').filter(move |c| from < *c && *c < to);
    let mut found = vec![];
    if low == high {
        if let (Some(from), Some(to)) = (low_letter, high_letter) {
            found.extend(letters(from, to).map(|c| format!("{}{c}", MAJOR[low])));
        }
        return Some(found);
    }
    if let Some(from) = low_letter {
        found.extend(letters(from, 'D').map(|c| format!("{}{c}", MAJOR[low])));
    }
    found.extend((low + 1..high).map(|at| MAJOR[at].to_owned()));
    if let Some(to) = high_letter {
        found.extend(letters('@', to).map(|c| format!("{}{c}", MAJOR[high])));
    }
    Some(found)
}
