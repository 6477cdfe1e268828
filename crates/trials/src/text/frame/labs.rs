//! Measurements with their limits, windows, restatements and exceptions, in the order they stand.

use super::limits::{expression, restated};
use super::nouns::{Qualified, nouns};
use super::said::{condition, metastasis};
use super::tumour::Joint;
use super::{Mode, words};
use crate::text::number::{Limit, Unit};
use crate::text::tag::{Tag, Tagged, What};
use crate::text::words::{Sense, StateWord};
use concilium_criteria::eligibility::{Ask, Expr, Range, Span};

/// One measurement with its limits.
pub(super) struct Measured {
    pub analytes: Vec<&'static str>,
    pub or: bool,
    pub limits: Vec<Limit>,
    pub within: Option<Span>,
    pub exception: Option<Exception>,
    pub also: Option<Expr>,
    /// A limit for women (`true`) and another for men.
    pub sexes: Vec<(bool, Limit)>,
}

impl Measured {
    fn plain(analytes: Vec<&'static str>, or: bool, limit: Limit) -> Measured {
        Measured {
            analytes,
            or,
            limits: vec![limit],
            within: None,
            exception: None,
            also: None,
            sexes: vec![],
        }
    }
}

/// Another limit under a condition, or none.
pub(super) struct Exception {
    pub when: Expr,
    pub limit: Option<Limit>,
}

/// Measurements with limits: `ANC ≥ 1,500/µL`, `AST/ALT ≤ 2.5 × ULN (≤ 5 × ULN if liver metastases)`.
pub(super) fn laboratory(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    if !tags.iter().any(|tag| matches!(tag.what, What::Word(Sense::Analyte(_)))) {
        return None;
    }
    let mut reader = Labs { tagged, tags, at: 0, mode, before: None };
    let (mut parts, mut joints): (Vec<Expr>, Vec<Joint>) = (vec![], vec![]);
    loop {
        let measured = reader.measured()?;
        parts.push(expression(&measured, mode)?);
        reader.before = Some((measured.analytes.clone(), measured.limits[0].clone()));
        let Some(joint) = reader.joint() else { break };
        joints.push(joint);
    }
    if reader.at < tags.len() {
        return None;
    }
    join_labs(parts, &joints, mode)
}

fn join_labs(mut parts: Vec<Expr>, joints: &[Joint], mode: Mode) -> Option<Expr> {
    if parts.len() == 1 {
        return parts.pop();
    }
    if mode.exclusion {
        let and = joints.contains(&Joint::And);
        let or = joints.iter().any(|joint| *joint != Joint::And);
        return match (and, or) {
            (false, _) => Some(Expr::Any(parts)),
            (true, false) => Some(Expr::All(parts)),
            (true, true) => None,
        };
    }
    // `or` binds what stands beside it: creatinine or its clearance, hemoglobin in two units.
    let mut groups: Vec<Vec<Expr>> = vec![];
    for (at, part) in parts.into_iter().enumerate() {
        let or = at.checked_sub(1).and_then(|before| joints.get(before)) == Some(&Joint::Or);
        match groups.last_mut().filter(|_| or) {
            Some(group) => group.push(part),
            None => groups.push(vec![part]),
        }
    }
    // `a ≤ 1, b ≤ 2, or c ≤ 3`: all alternatives, or only the last two?
    let mixed =
        1 < groups.len() && groups.iter().any(|group| 1 < group.len()) && joints.contains(&Joint::Comma);
    if mixed && !groups.iter().all(|group| group.len() == 1 || kidney(group)) {
        return None;
    }
    let mut groups: Vec<Expr> = groups
        .into_iter()
        .map(|mut group| if group.len() == 1 { group.remove(0) } else { Expr::Any(group) })
        .collect();
    Some(if groups.len() == 1 { groups.remove(0) } else { Expr::All(groups) })
}

fn kidney(group: &[Expr]) -> bool {
    group.iter().all(|expr| {
        expr.asks().iter().all(|ask| matches!(ask, Ask::Lab { analyte, .. } if ["creatinine", "creatinine-clearance", "egfr"].contains(&analyte.as_str())))
    })
}

struct Labs<'a, 't> {
    tagged: &'a Tagged<'t>,
    tags: &'a [Tag],
    at: usize,
    mode: Mode,
    /// What was measured before, with its limit.
    before: Option<(Vec<&'static str>, Limit)>,
}

impl<'a> Labs<'a, '_> {
    fn what(&self, ahead: usize) -> Option<&'a What> {
        self.tags.get(self.at + ahead).map(|tag| &tag.what)
    }

    fn measured(&mut self) -> Option<Measured> {
        let (mut analytes, mut or) = (vec![], false);
        if let (Some(What::Limit(limit)), Some(What::Word(Sense::Analyte(key)))) =
            (self.what(0), self.what(1))
            && limit.unit != Unit::None
        {
            self.at += 2;
            return Some(Measured::plain(vec![key], or, limit.clone()));
        }
        let normal_first = matches!(
            (self.what(0), self.what(1)),
            (Some(What::Word(Sense::NormalLimits)), Some(What::Word(Sense::Analyte(_))))
        );
        if normal_first {
            self.at += 1;
        }
        loop {
            if normal_first && !matches!(self.what(0), Some(What::Word(Sense::Analyte(_)))) {
                let limit = Limit {
                    range: Range { min: None, above_min: false, max: None, below_max: false },
                    unit: Unit::None,
                };
                return (analytes.len() == 1).then(|| Measured::plain(analytes, or, limit));
            }
            match self.what(0)? {
                What::Word(Sense::Analyte(key)) => {
                    match *key {
                        "ast+alt" => analytes.extend(["ast", "alt"]),
                        key => analytes.push(key),
                    }
                    self.at += 1;
                }
                What::Word(Sense::And) | What::Slash | What::Comma | What::Colon if !analytes.is_empty() => {
                    self.at += 1
                }
                What::Word(Sense::Or) if !analytes.is_empty() => {
                    or = true;
                    self.at += 1;
                }
                // `(ANC)`, `[SGOT]`: the same again.
                What::Open if !analytes.is_empty() => {
                    let inner = self.bracket();
                    let same = inner.iter().all(|what| match what {
                        What::Word(Sense::Analyte(key)) => analytes.contains(key) || *key == "ast+alt",
                        What::Slash
                        | What::Comma
                        | What::Semicolon
                        | What::Open
                        | What::Close
                        | What::Word(Sense::Or) => true,
                        What::Unknown => true,
                        _ => false,
                    });
                    let abbreviation = self.tagged.pieces().abbreviation(self.tags[self.at].from).is_some();
                    let known = inner.iter().all(|what| !matches!(what, What::Unknown));
                    if !(same && (known || abbreviation)) {
                        return None;
                    }
                    self.at += inner.len() + 2;
                }
                What::Limit(_) | What::Word(Sense::NormalLimits | Sense::UpperLimit)
                    if !analytes.is_empty() =>
                {
                    break;
                }
                _ => return None,
            }
        }
        analytes.dedup();
        let mut measured = Measured::plain(analytes, or, self.limit()?);
        self.behind(&mut measured)?;
        Some(measured)
    }

    /// What stands between the bracket here and the one that closes it.
    fn bracket(&self) -> Vec<&'a What> {
        let mut depth = 0;
        let mut inner = vec![];
        for tag in &self.tags[self.at..] {
            match tag.what {
                What::Open => depth += 1,
                What::Close => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            inner.push(&tag.what);
        }
        inner.split_off(1.min(inner.len()))
    }

    fn limit(&mut self) -> Option<Limit> {
        let found = match self.what(0)? {
            What::Limit(limit) => limit.clone(),
            What::Word(Sense::NormalLimits) => Limit {
                range: Range { min: None, above_min: false, max: None, below_max: false },
                unit: Unit::None,
            },
            _ => return None,
        };
        self.at += 1;
        Some(found)
    }

    /// Restatements, windows, exceptions behind a limit.
    fn behind(&mut self, measured: &mut Measured) -> Option<()> {
        loop {
            let open = matches!(self.what(0), Some(What::Open));
            let start = usize::from(open);
            match self.what(start) {
                Some(What::Window(washout, false)) if washout.spans.len() == 1 => {
                    measured.within = Some(washout.spans[0]);
                    self.at += 1 + start;
                    self.close(open)?;
                }
                Some(What::Word(Sense::Female | Sense::Male)) => self.sexes(measured)?,
                Some(What::Therapy(_) | What::Word(Sense::Last | Sense::Prior | Sense::Given)) if open => {
                    self.supported(measured)?
                }
                Some(What::Word(Sense::If)) if !open && self.only_otherwise(measured) => self.at += 3,
                // `9 g/dL (90 g/L)`, `≥ 1500/mm3 or ≥ 1.5 x 10^9/L`: the same in another unit.
                Some(What::Limit(again)) if open && matches!(self.what(2), Some(What::Close)) => {
                    if !restated(&measured.limits[0], again) {
                        return None;
                    }
                    self.at += 3;
                }
                Some(What::Word(Sense::Or)) if matches!(self.what(1), Some(What::Limit(_))) => {
                    let Some(What::Limit(again)) = self.what(1) else { return None };
                    if matches!(self.what(2), Some(What::Word(Sense::If | Sense::Analyte(_))))
                        || !restated(&measured.limits[0], again)
                    {
                        self.exception(measured)?;
                        continue;
                    }
                    self.at += 2;
                }
                Some(What::Word(Sense::Not))
                    if open || matches!(self.what(0), Some(What::Word(Sense::Not))) =>
                {
                    self.also(measured, open)?;
                }
                Some(What::Word(Sense::Except | Sense::If)) | Some(What::Limit(_))
                    if measured.exception.is_none() =>
                {
                    self.exception(measured)?
                }
                Some(What::Word(Sense::Or)) if open && measured.exception.is_none() => {
                    self.exception(measured)?
                }
                // `≤ 2.5 × ULN, and ≤ 5 × ULN if …`
                Some(What::Word(Sense::And))
                    if measured.exception.is_none()
                        && matches!(
                            (self.what(start + 1), self.what(start + 2)),
                            (Some(What::Limit(_)), Some(What::Word(Sense::If)))
                        ) =>
                {
                    self.exception(measured)?
                }
                Some(What::Comma | What::Semicolon)
                    if self.exception_follows() && measured.exception.is_none() =>
                {
                    self.exception(measured)?
                }
                Some(What::Comma) if matches!(self.what(1), Some(What::Window(..) | What::Open)) => {
                    self.at += 1
                }
                _ => return Some(()),
            }
        }
    }

    /// `> 470 ms (females) or > 450 ms (males)`: the limit read first is that of the first sex.
    fn sexes(&mut self, measured: &mut Measured) -> Option<()> {
        let mut limit = measured.limits[0].clone();
        loop {
            let open = matches!(self.what(0), Some(What::Open));
            self.at += usize::from(open);
            let female = match self.what(0)? {
                What::Word(Sense::Female) => true,
                What::Word(Sense::Male) => false,
                _ => return None,
            };
            self.at += 1;
            self.close(open)?;
            measured.sexes.push((female, limit));
            if measured.sexes.len() == 2 {
                return (measured.sexes[0].0 != female).then_some(());
            }
            while let Some(What::Comma | What::Slash | What::Semicolon | What::Word(Sense::Or | Sense::And)) =
                self.what(0)
            {
                self.at += 1;
            }
            limit = self.limit()?;
        }
    }

    /// `(last transfusion > 14 days before)`, `(transfusion within 7 days not allowed)`: the value stands without help.
    fn supported(&mut self, measured: &mut Measured) -> Option<()> {
        let length = self.tags[self.at + 1..].iter().position(|tag| matches!(tag.what, What::Close))?;
        let inner = &self.tags[self.at + 1..self.at + 1 + length];
        let has = |sense: &Sense| inner.iter().any(|tag| tag.is(sense));
        let elapsed = inner.iter().any(|tag| matches!(tag.what, What::Window(_, true)));
        let forbidden = has(&Sense::Not) && has(&Sense::Allowed);
        let plain: Vec<Tag> =
            inner.iter().filter(|tag| !tag.is(&Sense::Not) && !tag.is(&Sense::Allowed)).cloned().collect();
        if self.mode.exclusion
            || measured.also.is_some()
            || elapsed == forbidden
            || plain.len() + 2 < inner.len()
        {
            return None;
        }
        let windowed = plain.iter().any(|tag| matches!(tag.what, What::Window(..)));
        let found =
            nouns(self.tagged, &plain, Mode { negated: forbidden, ..self.mode }).filter(|_| windowed)?;
        measured.also = Some(if forbidden { Expr::Not(Box::new(found)) } else { found });
        self.at += length + 2;
        Some(())
    }

    /// `creatinine ≤ ULN, or clearance ≥ 30 for those with creatinine > ULN`: the condition is that the first fails.
    fn only_otherwise(&self, measured: &Measured) -> bool {
        let Some((analytes, first)) = &self.before else { return false };
        match (self.what(1), self.what(2)) {
            (Some(What::Word(Sense::Analyte(key))), Some(What::Limit(when))) => {
                // Whoever fails the first limit lies above this one too.
                let normal =
                    first.unit == Unit::None && first.range.max.is_none() && first.range.min.is_none();
                let most = if normal { Some(1.0) } else { first.range.max };
                let implied = most.zip(when.range.min).is_some_and(|(most, least)| least <= most);
                let unit = if normal { when.unit == Unit::Upper } else { first.unit == when.unit };
                analytes == &[*key]
                    && !measured.analytes.contains(key)
                    && unit
                    && implied
                    && when.range.max.is_none()
            }
            _ => false,
        }
    }

    fn close(&mut self, open: bool) -> Option<()> {
        if open { matches!(self.what(0), Some(What::Close)).then(|| self.at += 1) } else { Some(()) }
    }

    fn exception_follows(&self) -> bool {
        matches!(self.what(1), Some(What::Word(Sense::Except | Sense::If)))
            || matches!(
                (self.what(1), self.what(2)),
                (Some(What::Word(Sense::Or)), Some(What::Limit(_) | What::Word(Sense::If)))
            )
            || matches!((self.what(1), self.what(2)), (Some(What::Limit(_)), Some(What::Word(Sense::If))))
    }

    /// `(without transfusion within 7 days)`.
    fn also(&mut self, measured: &mut Measured, open: bool) -> Option<()> {
        let from = self.at + usize::from(open);
        let length = self.tags[from..]
            .iter()
            .take_while(|tag| !matches!(tag.what, What::Close | What::Semicolon))
            .count();
        let denied = &self.tags[from + 1..from + length];
        let found = nouns(self.tagged, denied, Mode { negated: true, ..self.mode })?;
        if self.mode.exclusion {
            return None;
        }
        let of_patient =
            found.asks().iter().all(|ask| matches!(ask, Ask::Metastasis { .. } | Ask::Condition { .. }));
        if of_patient && measured.exception.is_none() {
            // `≤ 2.5 × ULN in the absence of liver metastases`: the limit is not asked of the others here.
            measured.exception = Some(Exception { when: found, limit: None });
        } else {
            measured.also = Some(Expr::Not(Box::new(found)));
        }
        self.at = from + length;
        self.close(open)
    }

    /// `≤ 5 × ULN if liver metastases`, `unless Gilbert's syndrome`, `or ≤ 3 x ULN for patients with Gilbert`.
    fn exception(&mut self, measured: &mut Measured) -> Option<()> {
        let mut depth = 0;
        while let Some(
            What::Open | What::Comma | What::Semicolon | What::Word(Sense::Or | Sense::And | Sense::Except),
        ) = self.what(0)
        {
            depth += i32::from(matches!(self.what(0), Some(What::Open)));
            self.at += 1;
        }
        let mut limit = None;
        let mut seen_if = false;
        let mut extra = None;
        let mut conditions: Vec<Tag> = vec![];
        while let Some(what) = self.what(0) {
            match what {
                What::Limit(found) if limit.is_none() => limit = Some(found.clone()),
                What::Word(Sense::If) => seen_if = true,
                What::Word(Sense::Analyte(key))
                    if measured.analytes.contains(key)
                        || *key == "ast+alt" && measured.analytes.contains(&"ast") => {}
                What::Word(Sense::Condition(_) | Sense::Metastasis(_)) | What::Disease(_) => {
                    // `hepatic involvement with lymphoma`: one condition in two words.
                    let joined = self.at.checked_sub(1).is_some_and(|at| {
                        self.tags[at].is(&Sense::Or)
                            || matches!(self.tags[at].what, What::Slash | What::Comma)
                    });
                    if !conditions.is_empty() && !joined {
                        return None;
                    }
                    conditions.push(self.tags[self.at].clone());
                }
                What::Word(
                    Sense::Known | Sense::Confirmed | Sense::Allowed | Sense::State(StateWord::Ever),
                ) => {}
                // `creatinine > 1.5 mg/dL unless clearance ≥ 60`
                What::Word(Sense::Analyte(key))
                    if conditions.is_empty()
                        && limit.is_none()
                        && extra.is_none()
                        && !seen_if
                        && !measured.analytes.contains(key) =>
                {
                    extra = Some(self.nested(0)?);
                    continue;
                }
                // `unless receiving anticoagulants`
                What::Word(Sense::Concurrent) if conditions.is_empty() => {}
                What::Therapy(_)
                    if self.at.checked_sub(1).is_some_and(|at| self.tags[at].is(&Sense::Concurrent)) =>
                {
                    conditions.push(self.tags[self.at].clone());
                }
                // `… and direct bilirubin within normal limits)`
                What::Word(Sense::And)
                    if 0 < depth
                        && !conditions.is_empty()
                        && !self.mode.exclusion
                        && extra.is_none()
                        && matches!(self.what(1), Some(What::Word(Sense::Analyte(_)))) =>
                {
                    extra = Some(self.nested(1)?);
                    continue;
                }
                What::Word(Sense::OwnDisease) if !conditions.is_empty() => {}
                What::Slash | What::Comma if conditions.is_empty() && limit.is_none() => {}
                What::Word(Sense::Or) if !conditions.is_empty() || limit.is_some() => {}
                What::Comma
                    if limit.is_some() && conditions.is_empty()
                        || limit.is_none() && !conditions.is_empty() && depth > 0 => {}
                What::Slash if !conditions.is_empty() => {}
                What::Close if depth > 0 => {
                    self.at += 1;
                    depth -= 1;
                    break;
                }
                What::Semicolon | What::Word(Sense::And) | What::Comma if depth == 0 => break,
                _ => return None,
            }
            self.at += 1;
        }
        if conditions.is_empty()
            && limit.is_none()
            && depth == 0
            && let Some(when) = extra
        {
            measured.exception = Some(Exception { when, limit: None });
            return Some(());
        }
        if conditions.is_empty() || depth != 0 || !seen_if && limit.is_some() {
            return None;
        }
        let when = self.any_of(&conditions)?;
        let when = match extra {
            Some(extra) => Expr::All(vec![when, extra]),
            None => when,
        };
        measured.exception = Some(Exception { when, limit });
        Some(())
    }

    /// Another measurement inside an exception, as what must hold.
    fn nested(&mut self, ahead: usize) -> Option<Expr> {
        let mode = Mode { exclusion: false, ..self.mode };
        let mut inner =
            Labs { tagged: self.tagged, tags: self.tags, at: self.at + ahead, mode, before: None };
        let measured = inner.measured()?;
        self.at = inner.at;
        expression(&measured, mode)
    }

    /// Conditions of an exception, any of which will do.
    fn any_of(&self, conditions: &[Tag]) -> Option<Expr> {
        let when: Option<Vec<Expr>> = conditions
            .iter()
            .map(|tag| match &tag.what {
                What::Word(Sense::Condition(key)) => condition(key, &Qualified::default()),
                What::Word(Sense::Metastasis(site)) => metastasis(site, &Qualified::default()),
                What::Therapy(therapy) => Some(Expr::ask(Ask::Concomitant {
                    any_of: vec![therapy.clone()],
                    prednisone_mg_over: None,
                })),
                What::Disease(doid) => Some(Expr::ask(Ask::Disease {
                    any_of: vec![doid.clone()],
                    words: words(self.tagged, std::slice::from_ref(tag)),
                    confirmed: false,
                })),
                _ => None,
            })
            .collect();
        let mut when = when?;
        Some(if when.len() == 1 { when.remove(0) } else { Expr::Any(when) })
    }

    fn joint(&mut self) -> Option<Joint> {
        let mut found = None;
        while let Some(what) = self.what(0) {
            let joint = match what {
                What::Word(Sense::And) => Joint::And,
                What::Word(Sense::Or) => Joint::Or,
                What::Comma | What::Semicolon => Joint::Comma,
                _ => break,
            };
            found = Some(match found {
                Some(Joint::Or) => Joint::Or,
                Some(Joint::And) if joint == Joint::Comma => Joint::And,
                _ => joint,
            });
            self.at += 1;
        }
        found.filter(|_| self.at < self.tags.len())
    }
}
