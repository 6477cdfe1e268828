//! From one line to logic.

use super::super::ask::{
    Anchor, Ask, ConditionState, DiseaseExtent, Judgement, LesionState, MarkerAsk, PriorOutcome, Range, Span,
    SpanRule, SpanUnit, Stated, TherapyRef, UnitOf, Washout,
};
use super::super::bounds;
use super::super::expr::{Criterion, Expr, Role, TextSpan};
use super::super::words::Worded;
use super::NotEligibility;
use super::lex::{Placed, Token, tokens};
use super::pattern;
use concilium_knowledge::PriorTherapy;
use concilium_terms::{ClassId, Doid, DrugName, GeneSymbol};

type Read<T> = Result<T, NotEligibility>;

/// Brackets inside brackets; more than any expression within bounds needs.
const MOST_BRACKETS: usize = 4 * bounds::MAX_DEPTH;

/// A line that is one expression.
pub(super) fn whole_expr(text: &str) -> Read<Expr> {
    whole(text, |parser| {
        let expr = parser.expr()?;
        Ok((bounds::check(&expr), expr))
    })
}

/// A line that is one criterion.
pub(super) fn whole_criterion(text: &str) -> Read<Criterion> {
    whole(text, |parser| {
        let criterion = parser.criterion()?;
        Ok((bounds::check(&criterion.expr), criterion))
    })
}

fn whole<T>(
    text: &str,
    read: impl FnOnce(&mut Parser) -> Read<(Result<(), bounds::OutOfBounds>, T)>,
) -> Read<T> {
    if bounds::MAX_LINE < text.len() {
        let expected = format!("a line of at most {} bytes", bounds::MAX_LINE);
        return Err(NotEligibility { column: 1, expected });
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, brackets: 0, end: text.chars().count() + 1 };
    let (within, value) = read(&mut parser)?;
    if parser.at < parser.tokens.len() {
        return parser.fail("`and`, `or` or the end of the line");
    }
    match within {
        Ok(()) => Ok(value),
        Err(why) => {
            Err(NotEligibility { column: 1, expected: format!("an expression within bounds: {why}") })
        }
    }
}

struct Parser {
    tokens: Vec<Placed>,
    at: usize,
    brackets: usize,
    end: usize,
}

impl Parser {
    fn column(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(column, _)| *column)
    }

    fn fail<T>(&self, expected: impl Into<String>) -> Read<T> {
        Err(NotEligibility { column: self.column(), expected: expected.into() })
    }

    fn peek(&self) -> Option<&str> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Option<&str> {
        match self.tokens.get(self.at + ahead) {
            Some((_, Token::Word(word))) => Some(word),
            _ => None,
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_it = self.peek() == Some(word);
        self.at += usize::from(is_it);
        is_it
    }

    fn takes_sign(&mut self, sign: char) -> bool {
        let is_it = matches!(self.tokens.get(self.at), Some((_, Token::Sign(found))) if *found == sign);
        self.at += usize::from(is_it);
        is_it
    }

    fn expect(&mut self, word: &str) -> Read<()> {
        if self.takes(word) { Ok(()) } else { self.fail(format!("`{word}`")) }
    }

    fn expect_sign(&mut self, sign: char) -> Read<()> {
        if self.takes_sign(sign) { Ok(()) } else { self.fail(format!("`{sign}`")) }
    }

    /// A word, bare or quoted.
    fn text(&mut self, what: &str) -> Read<String> {
        match self.tokens.get(self.at) {
            Some((_, Token::Word(text) | Token::Quoted(text))) => {
                let text = text.clone();
                self.at += 1;
                Ok(text)
            }
            _ => self.fail(what),
        }
    }

    fn quoted(&mut self) -> Option<String> {
        let Some((_, Token::Quoted(text))) = self.tokens.get(self.at) else { return None };
        let text = text.clone();
        self.at += 1;
        Some(text)
    }

    fn one_of<T: Worded>(&mut self) -> Read<T> {
        match self.peek().and_then(T::of_word) {
            Some(value) => {
                self.at += 1;
                Ok(value)
            }
            None => self.fail(T::choices()),
        }
    }

    fn number(&mut self) -> Read<f64> {
        let digits = |word: &&str| word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        match self.peek().filter(digits).and_then(|word| word.parse::<f64>().ok()) {
            Some(number) if number.is_finite() => {
                self.at += 1;
                Ok(number)
            }
            _ => self.fail("a number"),
        }
    }

    fn count(&mut self) -> Read<usize> {
        match self.peek().and_then(|word| word.parse().ok()) {
            Some(count) => {
                self.at += 1;
                Ok(count)
            }
            None => self.fail("a whole number"),
        }
    }

    /// `[a b, "c"]`, each with its column.
    fn list(&mut self) -> Read<Vec<(usize, String)>> {
        self.expect_sign('[')?;
        let mut items = vec![];
        while !self.takes_sign(']') {
            if !items.is_empty() {
                if !self.takes_sign(',') {
                    return self.fail("`,` or `]`");
                }
            }
            items.push((self.column(), self.item()?));
        }
        Ok(items)
    }

    fn item(&mut self) -> Read<String> {
        if let Some(text) = self.quoted() {
            return Ok(text);
        }
        let mut words = vec![];
        while let Some(word) = self.peek() {
            words.push(word.to_owned());
            self.at += 1;
        }
        if words.is_empty() { self.fail("a word of the list") } else { Ok(words.join(" ")) }
    }

    fn texts(&mut self) -> Read<Vec<String>> {
        Ok(self.list()?.into_iter().map(|(_, text)| text).collect())
    }

    fn each<T>(&mut self, what: &str, read: impl Fn(&str) -> Option<T>) -> Read<Vec<T>> {
        let fail = |column| NotEligibility { column, expected: what.to_owned() };
        self.list()?.into_iter().map(|(column, text)| read(&text).ok_or_else(|| fail(column))).collect()
    }
}

/// Expressions and criteria.
impl Parser {
    fn criterion(&mut self) -> Read<Criterion> {
        let id = self.text("the id of the criterion")?;
        let applies_to = if self.takes("for") { self.texts()? } else { vec![] };
        let span = if self.takes("at") { Some(self.text_span()?) } else { None };
        let heading = match self.takes("under") {
            true => Some(self.text("the words of the heading")?),
            false => None,
        };
        let role = match () {
            () if self.takes("inclusion:") => Role::Inclusion,
            () if self.takes("exclusion:") => Role::Exclusion,
            () => return self.fail("`inclusion:` or `exclusion:`"),
        };
        Ok(Criterion { id, role, expr: self.expr()?, span, applies_to, heading })
    }

    fn text_span(&mut self) -> Read<TextSpan> {
        let ends = self.peek().and_then(|word| word.split_once('-'));
        let ends = ends.and_then(|(start, end)| Some((start.parse().ok()?, end.parse().ok()?)));
        match ends {
            Some((start, end)) => {
                self.at += 1;
                Ok(TextSpan { start, end })
            }
            None => self.fail("first and last byte, as `120-180`"),
        }
    }

    fn expr(&mut self) -> Read<Expr> {
        let mut parts = vec![self.unit()?];
        let Some(sign) = self.peek().filter(|word| matches!(*word, "and" | "or")).map(str::to_owned) else {
            return Ok(parts.remove(0));
        };
        while self.takes(&sign) {
            parts.push(self.unit()?);
        }
        match (self.peek(), sign.as_str()) {
            (Some("and" | "or"), _) => self.fail("brackets around what `and` and `or` join"),
            (_, "and") => Ok(Expr::All(parts)),
            _ => Ok(Expr::Any(parts)),
        }
    }

    fn unit(&mut self) -> Read<Expr> {
        if MOST_BRACKETS < self.brackets {
            return self.fail(format!("at most {MOST_BRACKETS} levels"));
        }
        self.brackets += 1;
        let unit = self.inner_unit();
        self.brackets -= 1;
        unit
    }

    fn inner_unit(&mut self) -> Read<Expr> {
        if self.takes("not") {
            return Ok(Expr::Not(Box::new(self.unit()?)));
        }
        if self.takes_sign('(') {
            let inner = self.expr()?;
            self.expect_sign(')')?;
            return Ok(inner);
        }
        match (self.peek(), self.peek_at(1)) {
            (Some("all"), Some("of")) => {
                self.at += 2;
                Ok(Expr::All(self.listed()?))
            }
            (Some("any"), Some("of")) => {
                self.at += 2;
                Ok(Expr::Any(self.listed()?))
            }
            (Some("at"), Some("least")) => {
                self.at += 2;
                let n = self.count()?;
                self.expect("of")?;
                Ok(Expr::AtLeast { n, of: self.listed()? })
            }
            _ => Ok(Expr::ask(self.ask()?)),
        }
    }

    fn listed(&mut self) -> Read<Vec<Expr>> {
        self.expect_sign('(')?;
        let mut of = vec![];
        while !self.takes_sign(')') {
            if !of.is_empty() && !self.takes_sign(';') {
                return self.fail("`;` or `)`");
            }
            of.push(self.expr()?);
        }
        Ok(of)
    }
}

/// Asks.
impl Parser {
    fn ask(&mut self) -> Read<Ask> {
        let Some(kind) = self.peek().map(str::to_owned) else { return self.fail(KINDS) };
        self.at += 1;
        match kind.as_str() {
            "age" => {
                let years = self.range()?;
                self.expect("years")?;
                Ok(Ask::Age { years })
            }
            "sex" => self.sex(),
            "disease" => self.disease(),
            "stage" => Ok(Ask::Stage { groups: self.texts()?, scale: self.by()? }),
            "category" => Ok(Ask::Category { of: self.text("the category")?, any_of: self.texts()? }),
            "extent" => {
                Ok(Ask::Extent { any_of: self.each(&DiseaseExtent::choices(), DiseaseExtent::of_word)? })
            }
            "metastasis" => {
                Ok(Ask::Metastasis { site: self.text("a site")?, state: self.one_of::<LesionState>()? })
            }
            "measurable" => self.measurable(false),
            "evaluable" => self.measurable(true),
            "biomarker" => self.biomarker(),
            "marker" => self.marker(),
            "protein" => self.protein(),
            "performance" => Ok(Ask::Performance { scale: self.text("the scale")?, points: self.range()? }),
            "lab" => self.lab(),
            "judgement" => {
                let about = self.one_of::<Judgement>()?;
                Ok(Ask::Judgement { about, words: self.quoted().unwrap_or_default() })
            }
            "not-computable" => Ok(Ask::NotComputable { why: self.text("why, in quotes")? }),
            _ => self.ask_of_history(&kind),
        }
    }

    fn ask_of_history(&mut self, kind: &str) -> Read<Ask> {
        match kind {
            "prior" => self.prior(),
            "recent" => self.recent(),
            "taking" => self.taking(),
            "allergy" => Ok(Ask::Allergy { to: self.refs()? }),
            "condition" => self.condition(),
            "second" => self.second_malignancy(),
            "reproductive" => Ok(Ask::Reproductive { state: self.text("the state")? }),
            _ => {
                self.at -= 1;
                self.fail(KINDS)
            }
        }
    }

    fn sex(&mut self) -> Read<Ask> {
        match () {
            () if self.takes("female") => Ok(Ask::Sex { female: true }),
            () if self.takes("male") => Ok(Ask::Sex { female: false }),
            () => self.fail("female or male"),
        }
    }

    fn disease(&mut self) -> Read<Ask> {
        let any_of = self.texts()?.into_iter().map(Doid::new).collect();
        let words = self.quoted().unwrap_or_default();
        Ok(Ask::Disease { any_of, words, confirmed: self.takes("confirmed") })
    }

    fn measurable(&mut self, evaluable_enough: bool) -> Read<Ask> {
        self.expect("disease")?;
        Ok(Ask::Measurable { by: self.by()?, evaluable_enough })
    }

    fn biomarker(&mut self) -> Read<Ask> {
        let stated = self.one_of::<Stated>()?;
        let any_of = self.each("an alteration, as `EGFR exon 20 insertion`", pattern::read)?;
        let germline = match () {
            () if self.takes("germline") => Some(true),
            () if self.takes("somatic") => Some(false),
            () => None,
        };
        Ok(Ask::Biomarker { any_of, stated, germline, words: self.quoted().unwrap_or_default() })
    }

    fn marker(&mut self) -> Read<Ask> {
        let name = self.text("the name of a marker")?;
        let call = if self.takes("is") { Some(self.text("a call")?) } else { None };
        let (score, score_unit) = self.scored()?;
        Ok(Ask::Marker(MarkerAsk::Named { name, call, score, score_unit }))
    }

    fn protein(&mut self) -> Read<Ask> {
        let gene = GeneSymbol::new(self.text("a gene")?);
        self.expect("is")?;
        let positive = match () {
            () if self.takes("positive") => true,
            () if self.takes("negative") => false,
            () => return self.fail("positive or negative"),
        };
        let (score, score_unit) = self.scored()?;
        Ok(Ask::Marker(MarkerAsk::Gene { gene, positive, score, score_unit }))
    }

    fn scored(&mut self) -> Read<(Option<Range>, Option<String>)> {
        let score = if self.takes("score") { Some(self.range()?) } else { None };
        let unit = if self.takes("in") { Some(self.text("a unit")?) } else { None };
        Ok((score, unit))
    }

    fn lab(&mut self) -> Read<Ask> {
        let analyte = self.text("an analyte")?;
        if self.peek() == Some("within") && self.peek_at(1) == Some("limits") {
            self.at += 2;
            let value = Range { min: None, above_min: false, max: None, below_max: false };
            return Ok(Ask::Lab { analyte, value, unit: UnitOf::WithinLimits, within: self.within()? });
        }
        let value = self.range()?;
        let unit = match self.peek() {
            Some("x") => {
                self.at += 1;
                match () {
                    () if self.takes("ULN") => UnitOf::TimesUpperLimit,
                    () if self.takes("LLN") => UnitOf::TimesLowerLimit,
                    () => return self.fail("ULN or LLN"),
                }
            }
            Some(word) if super::print::RESERVED.contains(&word) => UnitOf::Ucum(String::new()),
            Some(_) => UnitOf::Ucum(self.text("a unit")?),
            None => UnitOf::Ucum(self.quoted().unwrap_or_default()),
        };
        Ok(Ask::Lab { analyte, value, unit, within: self.within()? })
    }

    fn prior(&mut self) -> Read<Ask> {
        let any_of = self.refs()?;
        let lines = if self.takes("lines") { Some(self.range()?) } else { None };
        let intent = if self.takes("intent") { Some(self.text("an intent")?) } else { None };
        let outcome = match self.takes("outcome") {
            true => self.one_of::<PriorOutcome>()?,
            false => PriorOutcome::Received,
        };
        Ok(Ask::Prior { any_of, lines, intent, outcome })
    }

    fn recent(&mut self) -> Read<Ask> {
        self.expect_sign('(')?;
        let any_of = self.refs()?;
        self.expect_sign(',')?;
        let mut spans = vec![self.span()?];
        while self.takes("or") {
            spans.push(self.span()?);
        }
        self.expect_sign(',')?;
        let rule = match self.takes("whichever") {
            false => SpanRule::Shorter,
            true => {
                let rule = match () {
                    () if self.takes("shorter") => SpanRule::Shorter,
                    () if self.takes("longer") => SpanRule::Longer,
                    () => return self.fail("shorter or longer"),
                };
                self.expect_sign(',')?;
                rule
            }
        };
        self.expect("before")?;
        let before = self.one_of::<Anchor>()?;
        self.expect_sign(')')?;
        Ok(Ask::Recent { any_of, washout: Washout { spans, rule, before } })
    }

    fn taking(&mut self) -> Read<Ask> {
        let any_of = self.refs()?;
        let prednisone_mg_over = match self.takes("over") {
            true => {
                let mg = self.number()?;
                self.expect("mg")?;
                self.expect("prednisone")?;
                Some(mg)
            }
            false => None,
        };
        Ok(Ask::Concomitant { any_of, prednisone_mg_over })
    }

    fn condition(&mut self) -> Read<Ask> {
        let any_of = self.texts()?;
        let state = self.one_of::<ConditionState>()?;
        Ok(Ask::Condition { any_of, state, within: self.within()?, known: self.takes("known") })
    }

    fn second_malignancy(&mut self) -> Read<Ask> {
        self.expect("malignancy")?;
        let within = self.within()?;
        let active = self.takes("active");
        let except = if self.takes("except") { self.texts()? } else { vec![] };
        let other_exceptions = self.takes("other");
        if other_exceptions {
            self.expect("exceptions")?;
        }
        let except = except.into_iter().map(Doid::new).collect();
        Ok(Ask::SecondMalignancy { within, active, except, other_exceptions })
    }

    fn refs(&mut self) -> Read<Vec<TherapyRef>> {
        self.each("a therapy, as `drug:NAME`, `class:ID` or `radiotherapy:brain`", read_ref)
    }

    fn by(&mut self) -> Read<Option<String>> {
        if self.takes("by") { self.text("a name").map(Some) } else { Ok(None) }
    }

    fn within(&mut self) -> Read<Option<Span>> {
        if self.takes("within") { self.span().map(Some) } else { Ok(None) }
    }

    fn span(&mut self) -> Read<Span> {
        let amount = self.number()?;
        let known = |word: &str| {
            let singular = |unit: &SpanUnit| match unit {
                SpanUnit::HalfLives => word == "half-life",
                other => other.word().trim_end_matches('s') == word,
            };
            let units = SpanUnit::WORDS.iter().map(|(unit, _)| *unit);
            SpanUnit::of_word(word).or_else(|| units.into_iter().find(singular))
        };
        match self.peek().and_then(known) {
            Some(unit) => {
                self.at += 1;
                Ok(Span { amount, unit })
            }
            None => self.fail(SpanUnit::choices()),
        }
    }

    fn range(&mut self) -> Read<Range> {
        let empty = Range { min: None, above_min: false, max: None, below_max: false };
        match () {
            () if self.takes("any") => Ok(empty),
            () if self.takes(">=") => Ok(Range { min: Some(self.number()?), ..empty }),
            () if self.takes("<=") => Ok(Range { max: Some(self.number()?), ..empty }),
            () if self.takes("<") => Ok(Range { max: Some(self.number()?), below_max: true, ..empty }),
            () if self.takes(">") => {
                let above = Range { min: Some(self.number()?), above_min: true, ..empty };
                if self.takes("to") { self.upper(above) } else { Ok(above) }
            }
            () => {
                let Ok(min) = self.number() else {
                    return self.fail("a range: `>= 18`, `< 3` or `18 to 75`");
                };
                self.expect("to")?;
                self.upper(Range { min: Some(min), ..empty })
            }
        }
    }

    fn upper(&mut self, range: Range) -> Read<Range> {
        let below_max = self.takes("<");
        Ok(Range { max: Some(self.number()?), below_max, ..range })
    }
}

const KINDS: &str = "`not`, `(`, `all of`, `any of`, `at least` or a question: age, sex, disease, stage, category, \
                     extent, metastasis, measurable, evaluable, biomarker, marker, protein, performance, lab, prior, \
                     recent, taking, condition, second malignancy, reproductive, allergy, judgement, not-computable";

fn read_ref(text: &str) -> Option<TherapyRef> {
    if let Some((kind, detail)) = text.split_once(':') {
        return Some(match kind {
            "drug" => TherapyRef::Drug(PriorTherapy::Drug(DrugName::new(detail))),
            "class" => TherapyRef::Drug(PriorTherapy::Class(ClassId::new(detail))),
            "radiotherapy" => TherapyRef::Radiotherapy(Some(detail.to_owned())),
            "transplant" => TherapyRef::Transplant(Some(detail.to_owned())),
            "unresolved" => TherapyRef::Unresolved(detail.to_owned()),
            _ => return None,
        });
    }
    Some(match text {
        "any-systemic" => TherapyRef::Drug(PriorTherapy::AnySystemic),
        "investigational" => TherapyRef::Investigational,
        "radiotherapy" => TherapyRef::Radiotherapy(None),
        "major-surgery" => TherapyRef::MajorSurgery,
        "tumour-surgery" => TherapyRef::TumourSurgery,
        "transplant" => TherapyRef::Transplant(None),
        "cell-therapy" => TherapyRef::CellTherapy,
        "live-vaccine" => TherapyRef::LiveVaccine,
        "transfusion" => TherapyRef::Transfusion,
        "growth-factor" => TherapyRef::GrowthFactor,
        _ => return None,
    })
}
