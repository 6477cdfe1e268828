//! How long, until what? Durations, windows and the events they end on.

use super::number::{Bound, Pieces, Unit};
use super::token::{Kind, OneOf};
use concilium_criteria::eligibility::{Anchor, Span, SpanRule, SpanUnit, Washout};

impl Pieces<'_> {
    /// `4 weeks or 5 half-lives, whichever is shorter`.
    fn duration(&self, at: usize) -> Option<(Vec<Span>, SpanRule, usize)> {
        let at = if self.word(at) == "a" && self.number(at + 1).is_some() { at + 1 } else { at };
        let (first, mut next) = self.span(at)?;
        let mut spans = vec![first];
        let mut rule = None;
        let mut at = next;
        let paren = self.is(at, '(');
        if paren {
            at += 1;
        }
        let mut joined = false;
        while self.any(at, &["or", "and"]) || self.is(at, ',') || self.is(at, '/') {
            at += 1;
            joined = true;
        }
        if self.any(at, &["at"]) && self.any(at + 1, &["least"]) {
            at += 2;
        }
        if let Some((second, behind)) = self.span(at).filter(|_| joined || paren) {
            spans.push(second);
            at = behind;
            if let Some((found, behind)) = self.whichever(at) {
                rule = Some(found);
                at = behind;
            }
        } else if let Some((found, behind)) = self.whichever(next) {
            rule = Some(found);
            at = behind;
        } else if paren && self.number(at).is_some() {
            return Some((spans, SpanRule::Longer, next));
        } else {
            at = next;
            return Some((spans, SpanRule::Longer, at));
        }
        if paren && self.is(at, ')') {
            at += 1;
        } else if paren {
            return None;
        }
        if let Some((found, behind)) = self.whichever(at) {
            rule = Some(found);
            at = behind;
        }
        next = at;
        match (spans.len(), rule) {
            (1, _) => Some((spans, SpanRule::Longer, next)),
            // Two spans and no rule which counts: the same length twice (`4 weeks (28 days)`), or not said.
            (_, Some(rule)) => Some((spans, rule, next)),
            (_, None) if same_length(&spans) => Some((spans[..1].to_vec(), SpanRule::Longer, next)),
            (_, None) => None,
        }
    }

    fn span(&self, at: usize) -> Option<(Span, usize)> {
        let (amount, behind) = self.number(at)?;
        let behind = if self.is(behind, '-') { behind + 1 } else { behind };
        match self.time_unit(behind)? {
            (Unit::Time(unit), next) => Some((Span { amount, unit }, next)),
            _ => None,
        }
    }

    fn whichever(&self, at: usize) -> Option<(SpanRule, usize)> {
        let mut next = at;
        let paren = self.is(next, '(');
        while self.is(next, ',') || self.is(next, '(') || self.is(next, '-') || self.is(next, ';') {
            next += 1;
        }
        if !self.any(next, &["whichever"]) {
            return None;
        }
        for word in next + 1..next + 8 {
            let rule = match self.word(word) {
                "shorter" | "less" | "earlier" | "shortest" | "first" | "sooner" | "lesser" | "smaller" => {
                    SpanRule::Shorter
                }
                "longer" | "greater" | "later" | "longest" | "last" | "more" | "greatest" => SpanRule::Longer,
                _ => continue,
            };
            let mut end = word + 1;
            if self.any(end, &["in"]) && self.any(end + 1, &["duration"]) {
                end += 2;
            }
            if self.any(end, &["period"]) {
                end += 1;
            }
            if paren && self.is(end, ')') {
                end += 1;
            }
            return Some((rule, end));
        }
        None
    }

    /// `within 4 weeks prior to first dose`: what lies in the window, or (`true`) at least so long ago.
    pub fn window(&self, at: usize) -> Option<(Washout, bool, usize)> {
        let mut next = at;
        let recent = ["last", "past", "previous", "preceding", "prior"];
        let (mut within, mut elapsed, mut needs_anchor) = (false, false, false);
        match self.word(next) {
            "within" | "during" => {
                within = true;
                next += 1;
            }
            "in" | "over" | "for" if self.any(next + 1, &["the"]) && self.any(next + 2, &recent) => {
                within = true;
                next += 1;
            }
            "in" if self.any(next + 1, &recent) => {
                within = true;
                next += 1;
            }
            "previous" | "past" | "last" | "prior" if self.span(next + 1).is_some() => within = true,
            _ => match self.bound(next) {
                Some((Bound::Below | Bound::AtMost, behind)) => {
                    (within, needs_anchor) = (true, true);
                    next = behind;
                }
                Some((Bound::AtLeast | Bound::Above, behind)) => {
                    (elapsed, needs_anchor) = (true, true);
                    next = behind;
                }
                Some((Bound::Equal, _)) | None => {}
            },
        }
        if !within && !elapsed {
            return None;
        }
        if self.any(next, &["the"]) {
            next += 1;
        }
        if self.any(next, &recent) {
            next += 1;
        }
        if self.any(next, &["approximately", "about"]) {
            next += 1;
        }
        if self.word(next) == "the" {
            next += 1;
        }
        // `within a year`, `in the past year`
        let (spans, rule, behind) = match self.duration(next) {
            Some(found) => found,
            None => {
                let at = if self.any(next, &["a", "one", "the"]) { next + 1 } else { next };
                let (unit, behind) = self.time_unit(at)?;
                let Unit::Time(unit) = unit else { return None };
                let plural =
                    self.tokens.get(at).is_some_and(|token| token.end - token.start > token.norm.len());
                if plural {
                    return None;
                }
                (vec![Span { amount: 1.0, unit }], SpanRule::Longer, behind)
            }
        };
        let mut next = behind;
        let mut since = false;
        // `at least 4 weeks must have elapsed since`, `at least 4 weeks since the last dose of`
        while self.any(
            next,
            &[
                "must", "have", "has", "should", "elapsed", "passed", "washout", "period", "off", "apart",
                "interval",
            ],
        ) {
            since = true;
            next += 1;
        }
        let mut before = Anchor::Screening;
        let mut anchored = false;
        if let Some((anchor, behind)) = self.anchor(next) {
            (before, anchored) = (anchor, true);
            next = behind;
        } else if within
            && self.any(next, &["prior", "before", "earlier", "ago"])
            && self.any(next + 1, &["", "and", "or"])
        {
            next += 1;
            anchored = true;
        }
        if elapsed && self.any(next, &["since", "after", "from", "following", "beyond", "post"]) {
            since = true;
            next = self.last_given(next + 1);
        }
        if within && self.any(next, &["since", "after", "of", "from", "following"]) && !anchored {
            // `within 6 months of adjuvant therapy`: an anchor we do not know.
            return None;
        }
        if needs_anchor && !anchored && !since {
            return None;
        }
        Some((Washout { spans, rule, before }, elapsed, next))
    }

    /// `prior to first dose of study drug`.
    pub fn anchor(&self, at: usize) -> Option<(Anchor, usize)> {
        let mut next = at;
        if self.is(next, ',') {
            next += 1;
        }
        if self.any(next, &["prior"]) && self.any(next + 1, &["to"]) {
            next += 2;
        } else if self.any(next, &["before", "preceding", "of", "from", "until", "to", "prior"]) {
            next += 1;
        } else {
            return None;
        }
        let start = next;
        let keys: &[(Anchor, &[&str])] = &[
            (
                Anchor::FirstDose,
                &[
                    "start",
                    "starting",
                    "initiation",
                    "initiating",
                    "beginning",
                    "commencement",
                    "commencing",
                    "dose",
                    "dosing",
                    "administration",
                    "treatment",
                    "therapy",
                    "drug",
                    "medication",
                    "product",
                    "agent",
                    "intervention",
                    "cycle",
                    "c1d1",
                    "d1",
                    "c1",
                    "infusion",
                    "investigational",
                    "receiving",
                    "leukapheresis",
                    "apheresis",
                    "conditioning",
                    "lymphodepletion",
                    "d0",
                    "0",
                    "begin",
                    "injection",
                ],
            ),
            (
                Anchor::Enrolment,
                &[
                    "enrollment",
                    "enrolment",
                    "registration",
                    "registering",
                    "randomization",
                    "randomisation",
                    "randomized",
                    "entry",
                    "entering",
                    "entrance",
                    "inclusion",
                    "enrolled",
                    "enrolling",
                    "allocation",
                    "enroll",
                    "enrollement",
                    "participation",
                ],
            ),
            (Anchor::Screening, &["screening", "baseline", "visit", "assessment", "evaluation"]),
            (Anchor::Consent, &["consent", "informed", "signing", "signature", "icf", "signed"]),
        ];
        let mut found = None;
        loop {
            let word = self.word(next);
            match keys.iter().find(|(_, words)| words.contains(&word)) {
                Some((anchor, _)) => {
                    if found != Some(Anchor::Consent) && found != Some(Anchor::Enrolment) {
                        found = Some(*anchor);
                    }
                }
                None if ANCHOR_FILLER.holds(word) => {}
                None if self.is(next, '\'') || (self.is(next, '-') && self.any(next + 1, &["1"])) => {}
                None if found.is_some()
                    && self.any(next.wrapping_sub(1), &["of", "with"])
                    && self.code(next).is_some() =>
                {
                    next = self.code(next).unwrap_or(next + 1);
                    continue;
                }
                None if found.is_some() && self.is(next, '(') => match self.abbreviation(next) {
                    Some(behind) => {
                        next = behind;
                        continue;
                    }
                    None => break,
                },
                None => break,
            }
            next += 1;
        }
        let found = found?;
        // `of` and `the` at the end belong to what follows.
        while start < next && self.any(next - 1, &["of", "in", "on", "with", "at", "to", "by", "a"]) {
            next -= 1;
        }
        Some((found, next))
    }

    /// A drug's code behind `first dose of`: `ABC-1234`, `PT217`.
    fn code(&self, at: usize) -> Option<usize> {
        let token = self.tokens.get(at).filter(|token| token.kind == Kind::Word)?;
        let written = &self.text[token.start..token.end];
        let capitals = 2 <= written.chars().filter(|c| c.is_ascii_uppercase()).count();
        let digits = written.bytes().any(|b| b.is_ascii_digit());
        let hyphen =
            self.is(at + 1, '-') && self.tokens.get(at + 2).is_some_and(|t| t.number().is_some() && t.glued);
        (capitals && (digits || hyphen)).then_some(if hyphen { at + 3 } else { at + 1 })
    }

    /// One word of capitals in brackets: an abbreviation of what stands before. Byte behind the bracket.
    pub fn abbreviation(&self, at: usize) -> Option<usize> {
        let token = self.tokens.get(at + 1).filter(|_| self.is(at, '(') || self.is(at, '['))?;
        let mut end = at + 2;
        while self.is(end, '-')
            || self.is(end, '/')
            || self.is(end, '.')
            || self.tokens.get(end).is_some_and(|t| t.glued && !t.is(')') && !t.is(']'))
        {
            end += 1;
        }
        if !(self.is(end, ')') || self.is(end, ']')) {
            return None;
        }
        let last = &self.tokens[end - 1];
        let written = self.text.get(token.start..last.end)?;
        let letters: Vec<char> = written.chars().filter(|c| c.is_alphabetic()).collect();
        let capitals = letters.iter().filter(|c| c.is_uppercase()).count();
        let short = (2..=8).contains(&letters.len()) && written.len() <= 10;
        (short && letters.len() <= capitals * 2 && !written.contains(['<', '>', '≥', '≤', ',']))
            .then_some(end + 1)
    }
}

fn same_length(spans: &[Span]) -> bool {
    let days = |span: &Span| {
        let unit = match span.unit {
            SpanUnit::Days => 1.0,
            SpanUnit::Weeks => 7.0,
            SpanUnit::Months => 30.44,
            SpanUnit::Years => 365.25,
            SpanUnit::Hours => 1.0 / 24.0,
            SpanUnit::HalfLives => return None,
        };
        Some(span.amount * unit)
    };
    let lengths: Option<Vec<f64>> = spans.iter().map(days).collect();
    lengths.is_some_and(|days| {
        days.windows(2).all(|pair| (pair[0] - pair[1]).abs() <= 0.08 * pair[0].max(pair[1]))
    })
}

static ANCHOR_FILLER: OneOf = OneOf::new(
    "the of to on into this in a at with planned scheduled anticipated date time day form 1 their any \
     day1 expected first by trial study protocol subject patient participant",
);
