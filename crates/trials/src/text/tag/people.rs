//! Ages, performance scales and doses of steroids, wherever they start.

use super::{Tagger, What};
use crate::text::number::Unit;
use crate::text::token::{OneOf, Token};
use crate::text::words::Sense;
use concilium_criteria::eligibility::{Ask, Expr, Range, SpanUnit};

impl Tagger<'_, '_, '_> {
    /// `age ≥ 18 years`, `18 years of age or older`.
    pub(super) fn age(&self, at: usize) -> Option<(What, usize)> {
        let p = self.pieces;
        let named = p.any(at, &["age", "aged", "ages"]);
        let mut start = at;
        if named {
            start += 1;
            let mut end = start;
            while p.is(start, ':')
                || p.is(start, ',')
                || p.is(start, '-')
                || p.is(start, '(')
                || p.among(start, &AGE_FILLER)
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
    pub(super) fn skip_time_of(&self, at: usize) -> usize {
        let p = self.pieces;
        let mut next = at;
        while p.among(next, &SKIP_TIME_OF_WORDS) {
            next += 1;
        }
        next
    }

    /// `ECOG performance status 0-1`, `Karnofsky ≥ 70 %`.
    pub(super) fn performance(&self, at: usize) -> Option<(Expr, usize)> {
        let p = self.pieces;
        let Some((Sense::Scale(scale), mut next)) = self.tools.words.longest(p, at) else { return None };
        let mut scale = *scale;
        let mut steps = 0;
        while steps < 12 {
            steps += 1;
            let skip = p.among(next, &PERFORMANCE_FILLER)
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

    pub(super) fn scale_behind(&self, at: usize) -> Option<(&'static str, usize)> {
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
    pub(super) fn points(&self, at: usize, scale: &str) -> Option<(Range, usize)> {
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
    pub(super) fn prednisone(&self, at: usize) -> Option<(What, usize)> {
        let p = self.pieces;
        let open = usize::from(p.is(at, '('));
        let start = at + open;
        let drug = |at: usize| {
            p.any(at, &["prednisone", "prednisolone", "methylprednisolone"])
                && p.word(at) != "methylprednisolone"
        };
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
        while p.among(behind, &PREDNISONE_FILLER)
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
}

static AGE_FILLER: OneOf =
    OneOf::new("is of must be range at between year from years patient in the limit being");
static SKIP_TIME_OF_WORDS: OneOf = OneOf::new(
    "at the time of signing informed consent form icf enrollment screening registration study entry on \
     day randomization signature a date diagnosis main inclusion first dose treatment signed enrolment \
     consenting initial visit infusion written",
);
static PERFORMANCE_FILLER: OneOf = OneOf::new(
    "performance status test score scale of ps is must be grade level the a who ecog patient have an at \
     screening baseline zubrod index with group either in kps current oncology range from to swog entry \
     study by points assessed category has cooperative according value equal",
);
static PREDNISONE_FILLER: OneOf = OneOf::new(
    "equivalent or an of per day daily its dose at a the d mg doses other corticosteroid in steroid to \
     bioequivalent glucocorticoid po oral orally once qd dosing exceeding_",
);
