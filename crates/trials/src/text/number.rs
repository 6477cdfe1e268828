//! Which number, compared how, in which unit? Limits, durations and windows of time.

use super::token::{Kind, OneOf, Rows, Token, phrase, skipped};
use super::units::UNITS;
use concilium_criteria::eligibility::{Range, SpanUnit};
use std::sync::OnceLock;

/// How a number bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    AtLeast,
    Above,
    AtMost,
    Below,
    Equal,
}

/// What a number is in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unit {
    None,
    Ucum(&'static str),
    Upper,
    Lower,
    Time(SpanUnit),
    /// Years of life: said so.
    Age,
}

/// A range with its unit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit {
    pub range: Range,
    pub unit: Unit,
}

const BOUNDS: &[(Bound, &str)] = &[
    (
        Bound::AtLeast,
        "greater than or equal to|greater or equal to|more than or equal to|equal to or greater than|equal or greater than|\
         at least|not less than|no less than|minimum|a minimum of|minimum of|not lower than|no lower than|at minimum|\
         higher than or equal to|above or equal to|equal to or more than|greater than or equal|equal to or above|\
         greater than equal to|a minimum|more or equal to|larger than or equal to|great than or equal to|must be at least|\
         equal to and greater than|greater than and equal to|superior or equal to",
    ),
    (
        Bound::Above,
        "greater than|more than|above|over|exceeding|higher than|superior to|in excess of|exceed|older than|larger than|exceeds|greater then",
    ),
    (
        Bound::AtMost,
        "less than or equal to|lower than or equal to|no more than|no greater than|not more than|not greater than|\
         not exceeding|up to|at most|maximum|maximum of|a maximum of|not to exceed|below or equal to|equal to or less than|\
         equal or less than|no higher than|not higher than|less or equal to|does not exceed|less than or equal|\
         equal to or lower than|fewer than or equal to|not exceed|must not exceed|less than equal to|inferior or equal to|\
         equal to or below|no larger than|not above|not exceeded|no older than|smaller than or equal to",
    ),
    (Bound::Below, "less than|below|under|lower than|fewer than|inferior to|younger than|smaller than"),
];

/// Numbers written as words.
pub(crate) const NUMBERS: &[(&str, f64)] = &[
    ("zero", 0.0),
    ("one", 1.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("twelve", 12.0),
    ("fourteen", 14.0),
    ("eighteen", 18.0),
    ("single", 1.0),
];

static UPPER: Rows = Rows::new(&[
    "upper limit of the normal range",
    "upper limit of normal range",
    "upper limit of the normal",
    "upper limits of normal",
    "upper limit of normal",
    "upper limit of reference range",
    "upper normal limit",
    "upper limit normal",
    "upper limit",
    "uln",
    "unl",
    "ulnx",
    "iuln",
    "institutional norm",
    "upper normal levels",
    "upper normal value",
]);
static NORMAL: Rows =
    Rows::new(&["normal limits", "normal limit", "normal range", "normal values", "normal value", "normal"]);
static LOWER: Rows = Rows::new(&[
    "lower limit of the normal range",
    "lower limit of normal",
    "lower limits of normal",
    "lower normal limit",
    "lln",
]);
static BEHIND_LIMIT: Rows =
    Rows::new(&["for the laboratory", "for the institution", "for age", "range", "institution"]);
static YEARS_OF_AGE: Rows = Rows::new(&[
    "years of age",
    "year of age",
    "years old",
    "year old",
    "yrs old",
    "yr old",
    "yo",
    "y o",
    "years age",
    "yrs of age",
    "y old",
]);
static HALF_LIVES: Rows = Rows::new(&[
    "drug elimination half lives",
    "elimination half lives",
    "half lives",
    "half life",
    "plasma half lives",
    "terminal half lives",
    "half live",
    "halflives",
    "drug half lives",
    "times the half life",
    "biological half lives",
]);

type Phrases<T> = Vec<(Vec<String>, T)>;

fn bounds() -> &'static Phrases<Bound> {
    static TABLE: OnceLock<Phrases<Bound>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let rows = BOUNDS.iter().flat_map(|(bound, words)| words.split('|').map(|w| (phrase(w), *bound)));
        let mut rows: Phrases<Bound> = rows.collect();
        rows.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        rows
    })
}

/// A text with its pieces.
#[derive(Clone, Copy)]
pub(crate) struct Pieces<'t> {
    pub text: &'t str,
    pub tokens: &'t [Token],
    /// One past the last byte that may be read.
    pub end: usize,
}

impl<'t> Pieces<'t> {
    pub fn word(&self, at: usize) -> &'t str {
        self.tokens.get(at).map_or("", |token| token.norm.as_str())
    }

    pub fn is(&self, at: usize, sign: char) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is(sign))
    }

    pub fn any(&self, at: usize, words: &[&str]) -> bool {
        let word = self.word(at);
        words.contains(&word)
    }

    pub fn among(&self, at: usize, words: &OneOf) -> bool {
        words.holds(self.word(at))
    }

    /// Length of the row of words that starts here, hyphens between passed over.
    pub fn row(&self, at: usize, row: &[String]) -> Option<usize> {
        let mut next = at;
        for (place, word) in row.iter().enumerate() {
            while 0 < place && (self.tokens.get(next).is_some_and(skipped) || self.inner_stop(next)) {
                next += 1;
            }
            if self.tokens.get(next)?.norm != *word {
                return None;
            }
            next += 1;
        }
        Some(next)
    }

    /// The full stop of `e.g`: letters stand close on both sides.
    fn inner_stop(&self, at: usize) -> bool {
        let glued = |at: usize| self.tokens.get(at).is_some_and(|token| token.glued);
        self.is(at, '.') && glued(at) && glued(at + 1)
    }

    /// Where the first of the phrases that stands here ends.
    pub fn first(&self, at: usize, rows: &Rows) -> Option<usize> {
        rows.all().iter().find_map(|row| self.row(at, row))
    }

    /// Where the longest of the phrases that stands here ends.
    pub fn longest(&self, at: usize, rows: &Rows) -> Option<usize> {
        rows.all().iter().filter_map(|row| self.row(at, row)).max()
    }

    pub(super) fn bound(&self, at: usize) -> Option<(Bound, usize)> {
        let sign = |at: usize| match self.tokens.get(at).map(|token| token.kind) {
            Some(Kind::Sign(sign)) => sign,
            _ => ' ',
        };
        let equal = |at: usize| match (sign(at), self.word(at)) {
            ('=', _) => Some(at + 1),
            ('/', _) if sign(at + 1) == '=' => Some(at + 2),
            (_, "or") if sign(at + 1) == '=' => Some(at + 2),
            (_, "or") if self.word(at + 1) == "equal" && self.word(at + 2) == "to" => Some(at + 3),
            _ => None,
        };
        let found = match sign(at) {
            '≥' => (Bound::AtLeast, equal(at + 1).unwrap_or(at + 1)),
            '≤' => (Bound::AtMost, equal(at + 1).unwrap_or(at + 1)),
            '>' => equal(at + 1).map_or((Bound::Above, at + 1), |next| (Bound::AtLeast, next)),
            '<' => equal(at + 1).map_or((Bound::Below, at + 1), |next| (Bound::AtMost, next)),
            '=' if sign(at + 1) == '>' => (Bound::AtLeast, at + 2),
            '=' if sign(at + 1) == '<' => (Bound::AtMost, at + 2),
            '=' => (Bound::Equal, at + 1),
            _ => {
                let row = bounds().iter().find_map(|(row, bound)| Some((*bound, self.row(at, row)?)));
                return row
                    .map(|(bound, next)| (bound, if self.word(next) == "of" { next + 1 } else { next }));
            }
        };
        Some(found)
    }

    /// A number in digits or as a word; `four (4)` and `4 (four)` are one.
    pub fn number(&self, at: usize) -> Option<(f64, usize)> {
        let one = |at: usize| {
            let token = self.tokens.get(at)?;
            token.number().or_else(|| NUMBERS.iter().find(|(word, _)| *word == token.norm).map(|(_, n)| *n))
        };
        let value = one(at)?;
        if self.is(at + 1, '(') && self.is(at + 3, ')') && one(at + 2) == Some(value) {
            return Some((value, at + 4));
        }
        Some((value, at + 1))
    }

    /// The unit that starts behind byte `from`: longest spelling first.
    fn ucum(&self, from: usize) -> Option<(&'static str, usize)> {
        let mut squeezed = String::new();
        let mut ends = vec![];
        for (at, c) in self.text.get(from..self.end)?.char_indices().take(48) {
            let plain = match c {
                c if c.is_whitespace() => continue,
                '\\' | '^' | '(' | ')' | '*' | '[' | ']' | '{' | '}' if squeezed.len() < 24 && c != ')' => {
                    continue;
                }
                ')' if squeezed.starts_with("x10") && squeezed.len() < 6 => continue,
                '×' | 'X' | '•' => 'x',
                'µ' | 'μ' => 'u',
                '²' => '2',
                '³' => '3',
                '⁶' => '6',
                '⁹' => '9',
                '⁄' | '∕' => '/',
                c => c.to_ascii_lowercase(),
            };
            squeezed.push(plain);
            for _ in 0..plain.len_utf8() {
                ends.push(from + at + c.len_utf8());
            }
        }
        let fits = |spelling: &str| {
            let next = squeezed.get(spelling.len()..).and_then(|rest| rest.chars().next());
            let end = ends.get(spelling.len().wrapping_sub(1)).copied()?;
            let bare = self.text.get(end..).and_then(|rest| rest.chars().next());
            let word_goes_on =
                next.is_some_and(char::is_alphanumeric) && bare.is_some_and(char::is_alphanumeric);
            (squeezed.starts_with(spelling) && !word_goes_on).then_some(end)
        };
        let found =
            UNITS.iter().filter_map(|(spelling, ucum)| Some((spelling.len(), *ucum, fits(spelling)?)));
        found.max_by_key(|(length, ..)| *length).map(|(_, ucum, end)| (ucum, end))
    }

    /// First piece at or behind a byte.
    fn piece_from(&self, byte: usize) -> usize {
        self.tokens.partition_point(|token| token.start < byte)
    }

    fn times_limit(&self, at: usize) -> Option<(Unit, usize)> {
        let mut next = at;
        if self.any(next, &["x", "time", "fold", "xuln"]) || self.is(next, '×') || self.is(next, '-') {
            if self.word(next) == "xuln" {
                return Some((Unit::Upper, next + 1));
            }
            next += 1;
            if self.word(next) == "fold" {
                next += 1;
            }
        }
        let start = next;
        while self.among(next, &TIMES_LIMIT_FILLER) && next < start + 6 || self.is(next, '\'') {
            if self.word(next) == "normal" && !self.any(next + 1, &["upper"]) {
                break;
            }
            next += 1;
        }
        let (unit, mut next) = match (self.first(next, &UPPER), self.first(next, &LOWER)) {
            (Some(next), _) => (Unit::Upper, next),
            (None, Some(next)) => (Unit::Lower, next),
            (None, None) => return None,
        };
        // `upper limit of normal (ULN)`
        if self.is(next, '(') && self.any(next + 1, &["uln", "lln", "unl"]) && self.is(next + 2, ')') {
            next += 3;
        }
        if self.is(next, '[') && self.any(next + 1, &["uln", "lln", "unl"]) && self.is(next + 2, ']') {
            next += 3;
        }
        while let Some(behind) = self.first(next, &BEHIND_LIMIT) {
            next = behind;
        }
        Some((unit, next))
    }

    /// `(above) institutional normal`: above the upper limit.
    fn normal(&self, at: usize) -> Option<(Unit, usize)> {
        let mut next = at;
        while self.any(next, &["the", "institutional", "institution", "local", "laboratory"]) {
            next += 1;
        }
        Some((Unit::Upper, self.first(next, &NORMAL)?))
    }

    fn unit(&self, at: usize) -> (Unit, usize) {
        if let Some(found) = self.times_limit(at) {
            return found;
        }
        if let Some((unit, next)) = self.time_unit(at) {
            return (unit, next);
        }
        let from = match at.checked_sub(1).and_then(|last| self.tokens.get(last)) {
            Some(last) => last.end,
            None => return (Unit::None, at),
        };
        match self.ucum(from) {
            Some((ucum, end)) => (Unit::Ucum(ucum), self.piece_from(end)),
            None => (Unit::None, at),
        }
    }

    pub(super) fn time_unit(&self, at: usize) -> Option<(Unit, usize)> {
        let mut at = at;
        if self.is(at, '-') {
            at += 1;
        }
        if let Some(next) = self.first(at, &YEARS_OF_AGE) {
            return Some((Unit::Age, next));
        }
        let (unit, next) = match self.word(at) {
            "day" | "d" | "days" => (SpanUnit::Days, at + 1),
            "week" | "wk" | "weeks" | "wks" => (SpanUnit::Weeks, at + 1),
            "month" | "mo" | "mos" | "mth" => (SpanUnit::Months, at + 1),
            "year" | "yr" | "years" | "yrs" | "y" => (SpanUnit::Years, at + 1),
            "hour" | "hr" | "h" | "hours" | "hrs" => (SpanUnit::Hours, at + 1),
            _ => {
                let next = self.first(at, &HALF_LIVES)?;
                (SpanUnit::HalfLives, next)
            }
        };
        // `week(s)`, `month's`
        let next = if self.is(next, '(') && self.any(next + 1, &["s"]) && self.is(next + 2, ')') {
            next + 3
        } else {
            next
        };
        let next =
            if self.is(next, '\'') { next + 1 + usize::from(self.any(next + 1, &["s"])) } else { next };
        Some((Unit::Time(unit), next))
    }

    /// `≥ 1,500/µL`, `18 to 75 years`, `1.5 x ULN`, `60 mL/min or more`, `> ULN`.
    pub fn limit(&self, at: usize) -> Option<(Limit, usize)> {
        let between = self.word(at) == "between" || self.word(at) == "from";
        let start = if between { at + 1 } else { at };
        if let Some((bound, behind)) = self.bound(start) {
            if self.number(behind).is_none() {
                // `≤ ULN`, `≤ the institutional ULN`
                let above = || (bound == Bound::Above).then(|| self.normal(behind))?;
                let (unit, next) = self.times_limit(behind).or_else(above)?;
                return Some((Limit { range: bounded(bound, 1.0), unit }, next));
            }
            let (value, behind) = self.number(behind)?;
            let (unit, next) = self.unit(behind);
            let mut limit = Limit { range: bounded(bound, value), unit };
            return Some(self.second_bound(&mut limit, next));
        }
        let (low, behind) = self.number(start)?;
        let (first_unit, behind) = self.unit(behind);
        let joined = self.is(behind, '-')
            || self.any(behind, &["to", "through"])
            || between && self.word(behind) == "and";
        if let Some((high, after)) = self.number(behind + 1).filter(|_| joined) {
            let (unit, next) = self.unit(after);
            let unit = if unit == Unit::None { first_unit } else { unit };
            let range = Range { min: Some(low), above_min: false, max: Some(high), below_max: false };
            return (low <= high).then_some((Limit { range, unit }, next));
        }
        if between {
            return None;
        }
        let mut limit = Limit { range: bounded(Bound::Equal, low), unit: first_unit };
        let next = self.tail(behind, low, &mut limit)?;
        Some((limit, next))
    }

    /// `and ≤ 75 years` behind a lower bound.
    fn second_bound(&self, limit: &mut Limit, at: usize) -> (Limit, usize) {
        let mut next = at;
        while self.any(next, &["and", "but", "to"]) || self.is(next, ',') || self.is(next, '-') {
            next += 1;
        }
        let lower = limit.range.min.is_some() && limit.range.max.is_none();
        let other =
            self.bound(next).filter(|(bound, _)| lower && matches!(bound, Bound::AtMost | Bound::Below));
        if let Some((bound, (value, behind))) = other.and_then(|(bound, at)| Some((bound, self.number(at)?)))
        {
            let (unit, behind) = self.unit(behind);
            let same = unit == limit.unit
                || limit.unit == Unit::None
                || unit == Unit::None
                || matches!(
                    (&unit, &limit.unit),
                    (Unit::Age, Unit::Time(SpanUnit::Years)) | (Unit::Time(SpanUnit::Years), Unit::Age)
                );
            if same && limit.range.min <= Some(value) {
                let upper = bounded(bound, value);
                limit.range.max = upper.max;
                limit.range.below_max = upper.below_max;
                if unit != Unit::None {
                    limit.unit = unit;
                }
                return (limit.clone(), behind);
            }
        }
        // `≥ 18 years or older`: said twice.
        let at = self.tail_words(at).filter(|(up, _)| *up == lower).map_or(at, |(_, next)| next);
        (limit.clone(), at)
    }

    /// `or older`, `and above`, `or less`: a plain number becomes a bound.
    fn tail(&self, at: usize, value: f64, limit: &mut Limit) -> Option<usize> {
        let Some((up, next)) = self.tail_words(at) else { return Some(at) };
        limit.range = bounded(if up { Bound::AtLeast } else { Bound::AtMost }, value);
        // `18 or older years`, `70 or greater %`
        if limit.unit == Unit::None {
            let (unit, next) = self.unit(next);
            limit.unit = unit;
            return Some(next);
        }
        Some(next)
    }

    /// `true` upwards.
    fn tail_words(&self, at: usize) -> Option<(bool, usize)> {
        let at = if self.is(at, ',') { at + 1 } else { at };
        if self.is(at, '+') {
            return Some((true, at + 1));
        }
        if !self.any(at, &["or", "and"]) {
            return None;
        }
        match self.word(at + 1) {
            "more" | "greater" | "higher" | "above" | "older" | "over" | "up" | "longer" | "upward"
            | "upwards" => {
                let next = at + 2;
                // `or greater than` is no tail
                (!self.any(next, &["than"])).then_some((true, next))
            }
            "less" | "lower" | "below" | "younger" | "fewer" | "under" => {
                (!self.any(at + 2, &["than"])).then_some((false, at + 2))
            }
            _ => None,
        }
    }

    /// `the last dose of`, `completion of`, `prior`.
    pub(super) fn last_given(&self, at: usize) -> usize {
        let mut next = at;
        while self.among(next, &LAST_GIVEN_WORDS) {
            next += 1;
        }
        next
    }
}

/// The range a bound leaves.
pub(crate) fn bounded(bound: Bound, value: f64) -> Range {
    let (min, max) = match bound {
        Bound::AtLeast | Bound::Above => (Some(value), None),
        Bound::AtMost | Bound::Below => (None, Some(value)),
        Bound::Equal => (Some(value), Some(value)),
    };
    Range { min, above_min: bound == Bound::Above, max, below_max: bound == Bound::Below }
}

static TIMES_LIMIT_FILLER: OneOf = OneOf::new(
    "the institutional laboratory local of above institution s center over greater than institution's lab \
     normal age adjusted appropriate for site reference",
);
static LAST_GIVEN_WORDS: OneOf = OneOf::new(
    "the last dose of completion end final most recent administration receipt any treatment with their \
     completing discontinuation stopping previous prior treatment",
);
