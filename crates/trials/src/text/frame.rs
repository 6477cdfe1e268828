//! What does a clause ask, once its stretches are known? A frame accepts a row of tags only when it has a use for every
//! one of them; what no frame accepts is cut at its joints, and what is left then is not computable.

use super::number::{Limit, Unit};
use super::tag::{Tag, Tagged, What};
use super::words::{Sense, StateWord};
use concilium_criteria::eligibility::{
    Ask, ConditionState, DiseaseExtent, Expr, LesionState, PriorOutcome, Range, SpanUnit, TherapyRef, UnitOf,
    Washout,
};
use concilium_knowledge::PriorTherapy;
use concilium_terms::Doid;

/// How a clause is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mode {
    /// The clause names what keeps a patient out.
    pub exclusion: bool,
    /// Inside a negation.
    pub negated: bool,
}

impl Mode {
    /// Does `and` between things list what keeps out each for itself?
    fn lists(self) -> bool {
        self.exclusion != self.negated || self.negated
    }
}

/// Everything understood, as an expression; `None` when a tag had no use.
pub(crate) fn whole(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let tags = trimmed(tags);
    if tags.is_empty() {
        return None;
    }
    single(tags)
        .or_else(|| laboratory(tagged, tags, mode))
        .or_else(|| negation(tagged, tags, mode))
        .or_else(|| second_malignancy(tagged, tags, mode))
        .or_else(|| pregnancy_test(tags, mode))
        .or_else(|| nouns(tagged, tags, mode))
        .or_else(|| scale_by_age(tags))
        .or_else(|| lines(tags, mode))
        .or_else(|| disease(tagged, tags, mode))
        .or_else(|| measurable(tags))
        .or_else(|| people(tags))
        .or_else(|| asks(tags, mode))
        .or_else(|| lesion_exception(tagged, tags, mode))
        .or_else(|| split(tagged, tags, mode))
}

/// Without joints at either end, and without brackets around the whole.
fn trimmed(mut tags: &[Tag]) -> &[Tag] {
    loop {
        let joint = |tag: &Tag| {
            matches!(tag.what, What::Comma | What::Semicolon | What::Colon | What::Slash)
                || tag.is(&Sense::And)
                || tag.is(&Sense::Or)
        };
        let before = tags.len();
        while tags.first().is_some_and(joint) {
            tags = &tags[1..];
        }
        while tags.last().is_some_and(joint) {
            tags = &tags[..tags.len() - 1];
        }
        if let ([first, inner @ .., last], true) = (tags, 2 <= tags.len())
            && matches!(first.what, What::Open)
            && matches!(last.what, What::Close)
            && !inner.iter().any(|tag| matches!(tag.what, What::Open | What::Close))
        {
            tags = inner;
        }
        if tags.len() == before {
            return tags;
        }
    }
}

fn single(tags: &[Tag]) -> Option<Expr> {
    match tags {
        [Tag { what: What::Ask(expr) | What::Biomarker(expr), .. }] => Some(expr.clone()),
        // `ECOG 0-1 (Karnofsky ≥ 70)`: one scale or the other.
        [
            Tag { what: What::Ask(one), .. },
            Tag { what: What::Open, .. },
            Tag { what: What::Ask(two), .. },
            Tag { what: What::Close, .. },
        ] if performance(one) && performance(two) => Some(Expr::Any(vec![one.clone(), two.clone()])),
        [Tag { what: What::Stage(groups, scale), .. }] => Some(stage(groups, scale)),
        // `must be < 50 years`: nothing else of a patient is so long.
        [Tag { what: What::Limit(Limit { range, unit: Unit::Time(SpanUnit::Years) }), .. }]
            if range.min != range.max
                && [range.min, range.max]
                    .into_iter()
                    .flatten()
                    .all(|years| (12.0..=110.0).contains(&years)) =>
        {
            Some(Expr::ask(Ask::Age { years: *range }))
        }
        [first, Tag { what: What::Stage(groups, scale), .. }]
        | [Tag { what: What::Stage(groups, scale), .. }, first]
            if first.is(&Sense::OwnDisease) =>
        {
            Some(stage(groups, scale))
        }
        _ => None,
    }
}

fn performance(expr: &Expr) -> bool {
    matches!(expr, Expr::Ask(ask) if matches!(**ask, Ask::Performance { .. }))
}

fn stage(groups: &[String], scale: &Option<String>) -> Expr {
    Expr::ask(Ask::Stage { groups: groups.to_vec(), scale: scale.clone() })
}

/// `women of childbearing potential must have a negative pregnancy test`.
fn pregnancy_test(tags: &[Tag], mode: Mode) -> Option<Expr> {
    let (mut negative, mut test, mut able, mut window) = (false, false, false, false);
    for tag in tags {
        match &tag.what {
            What::Word(Sense::Negative) => negative = true,
            What::Word(Sense::Reproductive("pregnant")) => test = true,
            What::Word(Sense::Reproductive("childbearing-potential")) => able = true,
            What::Word(Sense::Female | Sense::If | Sense::Or)
            | What::Open
            | What::Close
            | What::Comma
            | What::Slash => {}
            What::Window(_, false) => window = true,
            _ => return None,
        }
    }
    if !(negative && test) || mode.exclusion || mode.negated {
        return None;
    }
    let ask = |state: &str| Expr::Not(Box::new(Expr::ask(Ask::Reproductive { state: state.to_owned() })));
    let not_pregnant = match window {
        false => ask("pregnant"),
        true => Expr::All(vec![ask("pregnant"), Expr::not_computable("when the test is made")]),
    };
    Some(if able { Expr::Any(vec![ask("childbearing-potential"), not_pregnant]) } else { not_pregnant })
}

/// `Karnofsky ≥ 50 for patients ≥ 16 years, Lansky ≥ 50 for patients < 16 years`.
fn scale_by_age(tags: &[Tag]) -> Option<Expr> {
    let mut asks = vec![];
    for tag in tags {
        match &tag.what {
            What::Ask(expr)
                if performance(expr)
                    || matches!(expr, Expr::Ask(ask) if matches!(**ask, Ask::Age { .. })) =>
            {
                asks.push(expr.clone())
            }
            What::Word(Sense::If | Sense::Or | Sense::And)
            | What::Comma
            | What::Semicolon
            | What::Open
            | What::Close => {}
            _ => return None,
        }
    }
    let pairs = asks.chunks(2);
    let each = |pair: &[Expr]| pair.len() == 2 && performance(&pair[0]) != performance(&pair[1]);
    (4 <= asks.len() && pairs.clone().all(each))
        .then(|| Expr::Any(pairs.map(|pair| Expr::All(pair.to_vec())).collect()))
}

/// `female`, `male or female`.
fn people(tags: &[Tag]) -> Option<Expr> {
    let sex = |female| Expr::ask(Ask::Sex { female });
    let mut found = vec![];
    for tag in tags {
        match &tag.what {
            What::Word(Sense::Female) => found.push(sex(true)),
            What::Word(Sense::Male) => found.push(sex(false)),
            What::Word(Sense::Or | Sense::And) | What::Comma | What::Slash => {}
            _ => return None,
        }
    }
    found.dedup();
    match found.len() {
        1 => found.pop(),
        2 => Some(Expr::Any(found)),
        _ => None,
    }
}

/// Complete asks in a row, with sexes and an age among them.
fn asks(tags: &[Tag], mode: Mode) -> Option<Expr> {
    let (mut found, mut sexes, mut or, mut and) = (vec![], vec![], false, false);
    for (at, tag) in tags.iter().enumerate() {
        match &tag.what {
            What::Ask(expr) | What::Biomarker(expr) => found.push(expr.clone()),
            What::Word(Sense::Known | Sense::Confirmed) => {}
            // The state of a patient is that of now, whenever it was written down.
            What::Window(..) if found.last().is_some_and(performance) => {}
            What::Word(Sense::Female) => sexes.push(true),
            What::Word(Sense::Male) => sexes.push(false),
            What::Word(Sense::Or) => {
                let between_sexes = matches!(
                    tags.get(at + 1).map(|t| &t.what),
                    Some(What::Word(Sense::Female | Sense::Male))
                );
                or |= !between_sexes;
            }
            What::Word(Sense::And) | What::Comma | What::Semicolon | What::Slash => and |= !found.is_empty(),
            _ => return None,
        }
    }
    if found.is_empty() || !sexes.is_empty() && (found.len() != 1 || or) {
        return None;
    }
    sexes.sort_unstable();
    sexes.dedup();
    if let [female] = sexes.as_slice() {
        found.insert(0, Expr::ask(Ask::Sex { female: *female }));
        return Some(Expr::All(found));
    }
    match (found.len(), or) {
        (1, _) => found.pop(),
        (_, true) if and && !only_commas_before_or(tags) => None,
        (_, true) => Some(Expr::Any(found)),
        (_, false) if mode.lists() => {
            and.then_some(Expr::Any(found)).filter(|_| !tags.iter().any(|t| t.is(&Sense::And)))
        }
        (_, false) => Some(Expr::All(found)),
    }
}

/// `a, b, or c`: commas of a list whose last joint is `or`.
fn only_commas_before_or(tags: &[Tag]) -> bool {
    let joints: Vec<&What> = tags
        .iter()
        .map(|tag| &tag.what)
        .filter(|what| {
            matches!(what, What::Comma | What::Semicolon | What::Slash | What::Word(Sense::Or | Sense::And))
        })
        .collect();
    !joints.iter().any(|what| matches!(what, What::Semicolon | What::Slash | What::Word(Sense::And)))
        && matches!(joints.last(), Some(What::Word(Sense::Or)))
}

/// `no …`: what follows, denied as a whole.
fn negation(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let (first, rest) = tags.split_first()?;
    // `no X` in a list of what keeps out may mean that X keeps out, or that its lack does.
    if !first.is(&Sense::Not) || mode.negated || mode.exclusion {
        return None;
    }
    // `no A, and no B`, `not A nor B`: repeated, it is the same denial.
    let rest: Vec<Tag> = rest.iter().filter(|tag| !tag.is(&Sense::Not)).cloned().collect();
    let inner = Mode { negated: true, ..mode };
    let rest = trimmed(&rest);
    if rest.iter().any(|tag| tag.is(&Sense::Except)) {
        return None;
    }
    let deniable = !rest.iter().any(|tag| {
        matches!(&tag.what, What::Limit(_) | What::Word(Sense::Analyte(_) | Sense::Allowed | Sense::If))
    }) && !rest.iter().any(|tag| matches!(&tag.what, What::Ask(expr) if numeric(expr)));
    let expr = deniable.then(|| {
        nouns(tagged, rest, inner)
            .or_else(|| second_malignancy(tagged, rest, inner))
            .or_else(|| single(rest))
            .or_else(|| disease(tagged, rest, inner))
            .or_else(|| mixed_nouns(tagged, rest, inner))
    })??;
    Some(Expr::Not(Box::new(expr)))
}

fn numeric(expr: &Expr) -> bool {
    expr.asks().iter().any(|ask| matches!(ask, Ask::Age { .. } | Ask::Performance { .. } | Ask::Lab { .. }))
}

/// A denied list whose members need frames of their own; each is one that can be denied.
fn mixed_nouns(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    if tags.iter().any(|tag| matches!(tag.what, What::Open | What::Close | What::Window(..))) {
        return None;
    }
    let parts = tags.split(|tag| {
        matches!(tag.what, What::Comma | What::Semicolon) || tag.is(&Sense::Or) || tag.is(&Sense::And)
    });
    let parts: Option<Vec<Expr>> = parts
        .filter(|part| !part.is_empty())
        .map(|part| {
            nouns(tagged, part, mode)
                .or_else(|| second_malignancy(tagged, part, mode))
                .or_else(|| single(part))
        })
        .collect();
    parts.filter(|parts| 1 < parts.len()).map(Expr::Any)
}

/// Things a patient has, had or takes, with what qualifies them.
#[derive(Clone)]
enum Head {
    Condition(String),
    Metastasis(String),
    Reproductive(String),
    Therapy(TherapyRef),
    /// Empty: the study drugs.
    Allergy(Option<TherapyRef>),
    Ready(Expr),
    Tumour(Doid),
}

#[derive(Clone, Default)]
struct Qualified {
    states: Vec<StateWord>,
    known: bool,
    verbs: Vec<Verb>,
    window: Option<(Washout, bool)>,
    intent: Option<String>,
    prednisone: Option<f64>,
    /// Given for a disease by name.
    purpose: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verb {
    Prior,
    Concurrent,
    Progressed,
    Intolerant,
}

/// Names of conditions, treatments, metastases and the like, joined by commas, `and`, `or`.
fn nouns(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let mut list = NounList {
        heads: vec![],
        now: Qualified::default(),
        group: 0,
        allergy: false,
        and: 0,
        or: 0,
        fresh: true,
        closed: false,
        torn: false,
        or_stood: false,
    };
    let mut depth = 0;
    for (at, tag) in tags.iter().enumerate() {
        match &tag.what {
            What::Open => {
                depth += 1;
                // Brackets hold what stands before in other words, or a window of its own.
                list.open(tags, at)?;
            }
            What::Close => depth -= 1,
            What::Comma | What::Semicolon | What::Slash => list.joint(false, None),
            What::Word(Sense::And) => list.joint(true, Some(true)),
            What::Word(Sense::Or) => list.joint(true, Some(false)),
            what => list.take(what, &tags[at + 1..])?,
        }
        if !(0..=1).contains(&depth) {
            return None;
        }
    }
    let _ = tagged;
    list.finish(mode)
}

struct NounList {
    heads: Vec<(Head, Qualified)>,
    now: Qualified,
    /// First head the next window or state behind belongs to.
    group: usize,
    allergy: bool,
    and: usize,
    or: usize,
    /// A joint stood since the last head: what comes qualifies the next.
    fresh: bool,
    /// A window or state behind the heads closed the group.
    closed: bool,
    /// Names stood side by side.
    torn: bool,
    /// The last joint was `or`.
    or_stood: bool,
}

impl NounList {
    fn open(&mut self, tags: &[Tag], at: usize) -> Option<()> {
        let inner = &tags[at + 1..];
        let only_windows = inner
            .iter()
            .take_while(|tag| !matches!(tag.what, What::Close))
            .all(|tag| matches!(&tag.what, What::Window(..) | What::Prednisone(_)));
        only_windows.then_some(())
    }

    fn joint(&mut self, word: bool, and: Option<bool>) {
        if word && !self.heads.is_empty() {
            match and {
                Some(true) => self.and += 1,
                _ => self.or += 1,
            }
        }
        self.or_stood = and == Some(false);
        self.fresh = true;
    }

    fn take(&mut self, what: &What, rest: &[Tag]) -> Option<()> {
        let more_heads = rest.iter().any(|tag| is_head(&tag.what));
        match what {
            What::Word(Sense::Known) => self.lead(|now| now.known = true),
            What::Word(Sense::State(state)) => {
                let state = *state;
                if self.heads.is_empty() || self.fresh && more_heads {
                    if self.fresh && !self.heads.is_empty() && self.now.states.is_empty() || self.closed {
                        self.start_group();
                    }
                    let adds = self.heads.len() == self.group || self.heads.is_empty();
                    if !adds {
                        self.start_group();
                        self.now.states.clear();
                    }
                    // `active or uncontrolled`: active is the wider of the two.
                    let pair = |one: StateWord, two: StateWord| {
                        matches!(
                            (one, two),
                            (StateWord::Active, StateWord::Uncontrolled)
                                | (StateWord::Uncontrolled, StateWord::Active)
                        )
                    };
                    match self.now.states.last_mut().filter(|last| self.or_stood && pair(**last, state)) {
                        Some(last) => *last = StateWord::Active,
                        None => self.now.states.push(state),
                    }
                    self.or_stood = false;
                } else if self.heads[self.group..].iter().all(|(_, own)| own.states.is_empty() || self.closed)
                {
                    for (_, own) in &mut self.heads[self.group..] {
                        own.states.push(state);
                    }
                    self.closed = true;
                } else {
                    return None;
                }
            }
            What::Word(Sense::Prior) => self.verb(Verb::Prior),
            What::Word(Sense::Given) => {}
            What::Word(Sense::Concurrent) => self.verb(Verb::Concurrent),
            What::Word(Sense::Progressed) => self.verb(Verb::Progressed),
            What::Word(Sense::Intolerant) if self.allergy => {}
            What::Word(Sense::Intolerant) => self.verb(Verb::Intolerant),
            What::Word(Sense::Intent(intent)) => {
                if self.heads.is_empty() || more_heads {
                    self.lead(|now| now.intent = Some((*intent).to_owned()));
                } else {
                    self.behind(|own| own.intent = Some((*intent).to_owned()));
                }
            }
            What::Window(washout, elapsed) => {
                if self.heads.is_empty() {
                    self.now.window = Some((washout.clone(), *elapsed));
                } else {
                    if self.heads[self.group..].iter().any(|(_, own)| own.window.is_some()) {
                        return None;
                    }
                    self.behind(|own| own.window = Some((washout.clone(), *elapsed)));
                }
            }
            What::Prednisone(over) => {
                let (_, own) = self.heads.last_mut()?;
                own.prednisone = Some(*over);
            }
            What::Word(Sense::Allergy) => self.allergy = true,
            What::Word(Sense::StudyDrug) if self.allergy => self.head(Head::Allergy(None)),
            What::Therapy(therapy) if self.allergy => self.head(Head::Allergy(Some(therapy.clone()))),
            What::Therapy(therapy) => self.head(Head::Therapy(therapy.clone())),
            What::Word(Sense::Positive)
                if rest.iter().any(|tag| {
                    matches!(tag.what, What::Word(Sense::Condition(_) | Sense::Reproductive(_)))
                }) && self.fresh
                    || matches!(self.heads.last(), Some((Head::Condition(_), _))) => {}
            // `HIV infection`, `infection with HIV`: one thing.
            What::Word(Sense::Condition("active-infection"))
                if !self.fresh && matches!(self.heads.last(), Some((Head::Condition(_), _))) => {}
            What::Word(Sense::Condition(key))
                if !self.fresh
                    && matches!(self.heads.last(), Some((Head::Condition(last), _)) if last == "active-infection") =>
            {
                let (_, own) = self.heads.pop()?;
                self.heads.push((Head::Condition((*key).to_owned()), own));
            }
            What::Word(Sense::Condition(key)) => self.head(Head::Condition((*key).to_owned())),
            What::Word(Sense::Reproductive("childbearing-potential"))
                if !self.fresh && matches!(self.heads.last(), Some((Head::Reproductive(_), _))) => {}
            What::Disease(doid) if self.fresh => self.head(Head::Tumour(doid.clone())),
            What::Word(Sense::Metastasis(site)) => self.head(Head::Metastasis((*site).to_owned())),
            What::Word(Sense::Reproductive(state)) => self.head(Head::Reproductive((*state).to_owned())),
            What::Ask(expr) if heart(expr) => self.head(Head::Ready(expr.clone())),
            What::Word(Sense::Another)
                if !self.heads.iter().any(|(head, _)| matches!(head, Head::Therapy(_))) || self.fresh => {}
            What::Word(Sense::If) if self.allergy => {}
            // `chemotherapy for NSCLC`: for another disease it may have been given too.
            What::Word(Sense::Extent(extent))
                if matches!(self.heads.last(), Some((Head::Therapy(_), _))) && !more_heads =>
            {
                let advanced = extent.iter().all(|e| {
                    matches!(
                        e,
                        DiseaseExtent::LocallyAdvanced
                            | DiseaseExtent::Unresectable
                            | DiseaseExtent::Metastatic
                    )
                });
                for (_, own) in &mut self.heads[self.group..] {
                    match advanced {
                        true => own.intent = Some("advanced".to_owned()),
                        false => own.purpose = true,
                    }
                }
            }
            What::Disease(_) | What::Word(Sense::OwnDisease)
                if matches!(self.heads.last(), Some((Head::Therapy(_), _))) && !self.fresh && !more_heads =>
            {
                self.heads[self.group..].iter_mut().for_each(|(_, own)| own.purpose = true);
            }
            // `pregnant women`, `breastfeeding females`
            What::Word(Sense::Female)
                if self.heads.is_empty()
                    && rest.iter().any(|tag| matches!(tag.what, What::Word(Sense::Reproductive(_))))
                    || matches!(self.heads.last(), Some((Head::Reproductive(_), _))) => {}
            // `active central nervous system (CNS) disease` and the like are names of their own.
            _ => return None,
        }
        Some(())
    }

    fn lead(&mut self, set: impl FnOnce(&mut Qualified)) {
        if self.closed {
            self.start_group();
        }
        set(&mut self.now);
    }

    fn verb(&mut self, verb: Verb) {
        let other = !self.now.verbs.contains(&verb) && verb != Verb::Prior;
        if self.closed || self.heads.len() != self.group && other {
            self.start_group();
            self.now.verbs.clear();
            self.now.window = None;
        }
        if !self.now.verbs.contains(&verb) {
            self.now.verbs.push(verb);
        }
    }

    /// What follows is qualified by itself; a verb or `known` at the front still holds.
    fn start_group(&mut self) {
        self.group = self.heads.len();
        self.now.states.clear();
        self.now.window = None;
        self.closed = false;
    }

    fn behind(&mut self, mut set: impl FnMut(&mut Qualified)) {
        self.heads[self.group..].iter_mut().for_each(|(_, own)| set(own));
        self.closed = true;
    }

    fn head(&mut self, head: Head) {
        // `heart failure, NYHA class III`: the class says how severe the same is.
        let same = matches!((&head, self.heads.last()), (Head::Ready(_), Some((Head::Condition(key), _))) if key == "heart-failure" || key == "cardiovascular-disease");
        if same {
            self.heads.pop();
        }
        if self.closed {
            self.start_group();
        }
        // Two names side by side without a joint: of which is said what?
        self.torn |= !same && !self.fresh && !self.heads.is_empty() && !self.allergy;
        self.heads.push((head, self.now.clone()));
        self.fresh = false;
    }

    fn finish(self, mode: Mode) -> Option<Expr> {
        // A head after which nothing closed the group takes nothing of the window of another group.
        // `gastrointestinal ulcer or hemorrhage`: the place may hold for the second too.
        let placed = self.heads.windows(2).any(|pair| matches!((&pair[0].0, &pair[1].0), (Head::Condition(first), Head::Condition(second)) if ["peptic-ulcer", "gastrointestinal-perforation", "venous-thromboembolism"].contains(&first.as_str()) && second == "bleeding"));
        if self.heads.is_empty() || self.torn || placed || self.open_window() {
            return None;
        }
        // `central nervous system tumours or metastases`: of which place are they?
        let bare = self.heads.iter().any(|(head, _)| matches!(head, Head::Metastasis(site) if site == "any"))
            && self.heads.iter().any(|(head, _)| matches!(head, Head::Tumour(_)));
        if bare {
            return None;
        }
        let exprs: Vec<Expr> =
            self.heads.iter().map(|(head, own)| said(head, own, mode)).collect::<Option<_>>()?;
        if exprs.len() == 1 {
            return exprs.into_iter().next();
        }
        let therapies =
            self.heads.iter().all(|(head, own)| matches!(head, Head::Therapy(_)) && own.window.is_none());
        let joined = match (self.and, self.or) {
            (0, 0) if mode.lists() => Expr::Any(exprs),
            (0, _) => Expr::Any(exprs),
            (_, 0) if mode.lists() && !therapies => Expr::Any(exprs),
            (_, 0) if !mode.lists() => Expr::All(exprs),
            _ => return None,
        };
        Some(merged(joined))
    }

    /// A window stands behind some heads and not behind others that lie in between without a word of their own.
    fn open_window(&self) -> bool {
        let windows: Vec<bool> = self.heads.iter().map(|(_, own)| own.window.is_some()).collect();
        let any = windows.contains(&true);
        // `chemotherapy within 4 weeks, or surgery`: does the window hold for the last one too?
        any && self.heads.iter().zip(&windows).any(|((head, own), has)| {
            let bare = own.states.is_empty() && own.verbs.is_empty();
            !has && bare && matches!(head, Head::Therapy(_) | Head::Condition(_))
        })
    }
}

fn heart(expr: &Expr) -> bool {
    matches!(expr, Expr::Ask(ask) if matches!(**ask, Ask::Condition { .. }))
}

fn is_head(what: &What) -> bool {
    matches!(
        what,
        What::Therapy(_)
            | What::Word(
                Sense::Condition(_)
                    | Sense::Metastasis(_)
                    | Sense::Reproductive(_)
                    | Sense::StudyDrug
                    | Sense::Malignancy
            )
            | What::Disease(_)
            | What::Ask(_)
    )
}

fn said(head: &Head, own: &Qualified, mode: Mode) -> Option<Expr> {
    match head {
        Head::Condition(key) => condition(key, own),
        Head::Metastasis(site) => metastasis(site, own),
        Head::Reproductive(state) => {
            let plain = own.states.iter().all(|state| *state == StateWord::Active)
                && own.window.is_none()
                && own.verbs.is_empty();
            plain.then(|| Expr::ask(Ask::Reproductive { state: state.clone() }))
        }
        Head::Therapy(therapy) => {
            let expr = treatment(therapy, own, mode)?;
            Some(if own.purpose {
                Expr::All(vec![expr, Expr::not_computable("for which disease it was given")])
            } else {
                expr
            })
        }
        Head::Allergy(to) => {
            if own.window.is_some() || own.verbs.iter().any(|verb| *verb != Verb::Prior) {
                return None;
            }
            let severe = own.states.iter().any(|state| !matches!(state, StateWord::Ever | StateWord::Active));
            let allergy = Expr::ask(Ask::Allergy { to: to.iter().cloned().collect() });
            Some(if severe {
                Expr::All(vec![allergy, Expr::not_computable("severity of the reaction")])
            } else {
                allergy
            })
        }
        Head::Tumour(doid) => {
            let plain = own.states.iter().all(|state| *state == StateWord::Active)
                && own.window.is_none()
                && own.verbs.is_empty()
                && own.intent.is_none();
            let denied = mode.exclusion || mode.negated;
            (plain && denied).then(|| {
                Expr::ask(Ask::Disease { any_of: vec![doid.clone()], words: String::new(), confirmed: false })
            })
        }
        Head::Ready(expr) => (own.window.is_none() && own.verbs.is_empty()).then(|| {
            match (expr, own.states.contains(&StateWord::Ever)) {
                (Expr::Ask(ask), true) => match &**ask {
                    Ask::Condition { any_of, known, .. } => Expr::ask(Ask::Condition {
                        any_of: any_of.clone(),
                        state: ConditionState::Ever,
                        within: None,
                        known: *known,
                    }),
                    _ => expr.clone(),
                },
                _ => expr.clone(),
            }
        }),
    }
}

fn condition(key: &str, own: &Qualified) -> Option<Expr> {
    let wrong_verb = own.verbs.iter().any(|verb| matches!(verb, Verb::Progressed | Verb::Intolerant));
    if wrong_verb || own.prednisone.is_some() || own.intent.is_some() {
        return None;
    }
    let within = match &own.window {
        None => None,
        Some((washout, false))
            if washout.spans.len() == 1 && washout.spans[0].unit != SpanUnit::HalfLives =>
        {
            Some(washout.spans[0])
        }
        Some(_) => return None,
    };
    let mut states: Vec<ConditionState> =
        own.states.iter().map(|state| state.condition()).collect::<Option<_>>()?;
    if own.verbs.contains(&Verb::Prior) {
        states.push(ConditionState::Ever);
    }
    if own.verbs.contains(&Verb::Concurrent) {
        states.push(ConditionState::Active);
    }
    let state = match states.as_slice() {
        // An event in a window is one that was; a diagnosis without a word is one that is.
        [] if within.is_some() => ConditionState::Ever,
        [] => ConditionState::Active,
        states if states.contains(&ConditionState::Ever) && states.len() == 1 => ConditionState::Ever,
        // `history of or active`: ever. `history of severe X`: severe then is not what a state says.
        states if states.contains(&ConditionState::Ever) && states.contains(&ConditionState::Active) => {
            ConditionState::Ever
        }
        states if states.contains(&ConditionState::Ever) => {
            let ever = Ask::Condition {
                any_of: vec![key.to_owned()],
                state: ConditionState::Ever,
                within,
                known: own.known,
            };
            return Some(Expr::All(vec![Expr::ask(ever), Expr::not_computable("how severe it was")]));
        }
        states
            if states.contains(&ConditionState::Uncontrolled)
                && !states.contains(&ConditionState::Active) =>
        {
            ConditionState::Uncontrolled
        }
        states if states.contains(&ConditionState::Uncontrolled) => ConditionState::Uncontrolled,
        _ => ConditionState::Active,
    };
    Some(Expr::ask(Ask::Condition { any_of: vec![key.to_owned()], state, within, known: own.known }))
}

fn metastasis(site: &str, own: &Qualified) -> Option<Expr> {
    if own.window.is_some()
        || own.prednisone.is_some()
        || own.intent.is_some()
        || own.verbs.iter().any(|verb| *verb != Verb::Prior)
    {
        return None;
    }
    let ask = |state| Expr::ask(Ask::Metastasis { site: site.to_owned(), state });
    let (stable, treated) =
        (own.states.contains(&StateWord::Stable), own.states.contains(&StateWord::Treated));
    if stable && treated {
        return own
            .states
            .iter()
            .all(|s| matches!(s, StateWord::Stable | StateWord::Treated))
            .then(|| ask(LesionState::TreatedStable));
    }
    let mut states: Vec<LesionState> =
        own.states.iter().map(|state| state.lesion()).collect::<Option<_>>()?;
    states.sort_unstable();
    states.dedup();
    match states.as_slice() {
        [] => Some(ask(LesionState::Any)),
        [state] => Some(ask(*state)),
        // `active or history of`: ever.
        states if states.contains(&LesionState::Any) => Some(ask(LesionState::Any)),
        states => Some(Expr::Any(states.iter().map(|state| ask(*state)).collect())),
    }
}

fn treatment(therapy: &TherapyRef, own: &Qualified, mode: Mode) -> Option<Expr> {
    let any_of = vec![therapy.clone()];
    let states = own.states.iter().all(|state| matches!(state, StateWord::Ever | StateWord::Active));
    if !states {
        return None;
    }
    let steroid = matches!(therapy, TherapyRef::Drug(PriorTherapy::Class(class)) if class.as_str() == "systemic-corticosteroid");
    if own.prednisone.is_some() && !steroid {
        return None;
    }
    if let Some((washout, elapsed)) = &own.window {
        if own.intent.is_some()
            || own.verbs.iter().any(|verb| matches!(verb, Verb::Progressed | Verb::Intolerant))
        {
            return None;
        }
        if own.prednisone.is_some() {
            // Dose and window together: no ask has both.
            return None;
        }
        // `must not have had X for at least 4 weeks`: the denial and the span do not add up to a rule.
        if *elapsed && (mode.negated || mode.exclusion) {
            return None;
        }
        let recent = Expr::ask(Ask::Recent { any_of, washout: washout.clone() });
        return Some(if *elapsed { Expr::Not(Box::new(recent)) } else { recent });
    }
    if own.verbs.contains(&Verb::Progressed) || own.verbs.contains(&Verb::Intolerant) {
        let outcome = match (own.verbs.contains(&Verb::Progressed), own.verbs.contains(&Verb::Intolerant)) {
            (true, true) => PriorOutcome::ProgressedOrIntolerant,
            (true, false) => PriorOutcome::Progressed,
            (false, _) => PriorOutcome::Intolerant,
        };
        return Some(Expr::ask(Ask::Prior { any_of, lines: None, intent: own.intent.clone(), outcome }));
    }
    let ever = own.states.contains(&StateWord::Ever) || own.verbs.contains(&Verb::Prior);
    let now = own.verbs.contains(&Verb::Concurrent)
        || own.states.contains(&StateWord::Active)
        || own.prednisone.is_some();
    let prior = || {
        Expr::ask(Ask::Prior {
            any_of: any_of.clone(),
            lines: None,
            intent: own.intent.clone(),
            outcome: PriorOutcome::Received,
        })
    };
    let concomitant =
        || Expr::ask(Ask::Concomitant { any_of: any_of.clone(), prednisone_mg_over: own.prednisone });
    match (ever, now) {
        (true, true) => Some(Expr::Any(vec![prior(), concomitant()])),
        (true, false) => Some(prior()),
        (false, true) if own.intent.is_none() => Some(concomitant()),
        // A transplant or cell therapy without a word of time is one that was.
        (false, false)
            if mode.exclusion && matches!(therapy, TherapyRef::Transplant(_) | TherapyRef::CellTherapy) =>
        {
            Some(prior())
        }
        (false, _) => None,
    }
}

/// Asks of one kind with the same qualifiers become one.
fn merged(expr: Expr) -> Expr {
    let Expr::Any(parts) = expr else { return expr };
    let mut found: Vec<Expr> = vec![];
    for part in parts.into_iter().flat_map(|part| match part {
        Expr::Any(inner) => inner,
        other => vec![other],
    }) {
        let joined = match (found.last_mut(), &part) {
            (Some(Expr::Ask(last)), Expr::Ask(next)) => join(last, next),
            _ => false,
        };
        if !joined {
            found.push(part);
        }
    }
    if found.len() == 1 { found.remove(0) } else { Expr::Any(found) }
}

fn join(last: &mut Ask, next: &Ask) -> bool {
    if last == next {
        return true;
    }
    match (last, next) {
        (
            Ask::Condition { any_of, state, within, known },
            Ask::Condition { any_of: more, state: other, within: span, known: also },
        ) if state == other && within == span && known == also => extend(any_of, more),
        (Ask::Recent { any_of, washout }, Ask::Recent { any_of: more, washout: other })
            if washout == other =>
        {
            extend(any_of, more)
        }
        (
            Ask::Prior { any_of, lines, intent, outcome },
            Ask::Prior { any_of: more, lines: n, intent: i, outcome: o },
        ) if lines == n && lines.is_none() && intent == i && outcome == o => extend(any_of, more),
        (
            Ask::Concomitant { any_of, prednisone_mg_over },
            Ask::Concomitant { any_of: more, prednisone_mg_over: over },
        ) if prednisone_mg_over == over => extend(any_of, more),
        _ => false,
    }
}

fn extend<T: Clone + PartialEq>(list: &mut Vec<T>, more: &[T]) -> bool {
    for item in more {
        if !list.contains(item) {
            list.push(item.clone());
        }
    }
    true
}

/// `at least 2 prior lines of systemic therapy`, `no more than 1 prior chemotherapy regimen`.
fn lines(tags: &[Tag], mode: Mode) -> Option<Expr> {
    let (mut count, mut therapy, mut line, mut intent, mut prior, mut outcome) =
        (None, None, false, None, false, PriorOutcome::Received);
    for tag in tags {
        match &tag.what {
            What::Limit(Limit { range, unit: Unit::None }) if count.is_none() => count = Some(*range),
            What::Word(Sense::Prior) => prior = true,
            What::Word(Sense::Given) => {}
            What::Word(Sense::Progressed) if count.is_none() => outcome = PriorOutcome::Progressed,
            What::Word(Sense::Line) => line = true,
            What::Therapy(reference) if therapy.is_none() => therapy = Some(reference.clone()),
            What::Word(Sense::Intent(name)) if intent.is_none() => intent = Some((*name).to_owned()),
            _ => return None,
        }
    }
    let range = count?;
    let of_therapy = line || therapy.is_some() && prior;
    if !of_therapy || range.min.is_none_or(|n| n.fract() != 0.0) && range.max.is_none_or(|n| n.fract() != 0.0)
    {
        return None;
    }
    if [range.min, range.max].into_iter().flatten().any(|n| 12.0 < n) {
        return None;
    }
    let any_of = vec![therapy.unwrap_or(TherapyRef::Drug(PriorTherapy::AnySystemic))];
    let _ = mode;
    Some(Expr::ask(Ask::Prior { any_of, lines: Some(range), intent, outcome }))
}

/// `measurable disease by RECIST 1.1`.
fn measurable(tags: &[Tag]) -> Option<Expr> {
    let (mut measurable, mut evaluable) = (false, false);
    for tag in tags {
        match &tag.what {
            What::Word(Sense::Measurable) => measurable = true,
            What::Word(Sense::Evaluable) => evaluable = true,
            What::Word(Sense::Or | Sense::OwnDisease) | What::Slash | What::Comma => {}
            What::Limit(Limit { range, unit: Unit::None })
                if range.min == Some(1.0) && range.max.is_none() => {}
            What::Word(Sense::And) if measurable || evaluable => {}
            _ => return None,
        }
    }
    (measurable || evaluable).then(|| Expr::ask(Ask::Measurable { by: None, evaluable_enough: evaluable }))
}

/// `histologically confirmed, locally advanced or metastatic NSCLC with EGFR mutation`.
fn disease(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let mut found = Tumour::default();
    let mut depth = 0;
    for tag in tags {
        match &tag.what {
            What::Open => depth += 1,
            What::Close => depth -= 1,
            what => found.take(what, depth)?,
        }
    }
    if depth != 0 || found.is_empty() {
        return None;
    }
    let words = words(tagged, tags);
    found.finish(words, mode)
}

#[derive(Default)]
struct Tumour {
    terms: Vec<Doid>,
    confirmed: bool,
    /// Alternatives, each of extents that hold together.
    extents: Vec<Vec<&'static [DiseaseExtent]>>,
    stages: Vec<Expr>,
    markers: Vec<Expr>,
    /// A joint since the last extent; `None`: none.
    joint: Option<Joint>,
    or_between_terms: bool,
    and_between_terms: bool,
    marker_before: bool,
    own: bool,
    after_term: bool,
    extent_behind: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    And,
    Or,
    Comma,
}

impl Tumour {
    fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.extents.is_empty() && self.stages.is_empty() && !self.confirmed
    }

    fn take(&mut self, what: &What, depth: i32) -> Option<()> {
        let joint = std::mem::take(&mut self.joint);
        match what {
            What::Word(Sense::Confirmed) if self.terms.is_empty() && !self.own => self.confirmed = true,
            What::Word(Sense::Known) => {}
            What::Word(Sense::State(StateWord::Ever)) => return None,
            What::Word(Sense::Extent(_)) if joint == Some(Joint::Or) && !self.stages.is_empty() => {
                return None;
            }
            What::Word(Sense::Extent(extent)) => {
                if self.after_term && (joint.is_some() && !self.extent_behind) && depth == 0 {
                    // `breast cancer, or metastatic colon cancer`: of which is it said?
                    return None;
                }
                if self.after_term {
                    if !self.extent_behind && !self.extents.is_empty() {
                        return None;
                    }
                    self.extent_behind = true;
                }
                match (joint, self.extents.last_mut()) {
                    (None | Some(Joint::And), Some(group)) => group.push(extent),
                    _ => self.extents.push(vec![extent]),
                }
            }
            What::Stage(groups, scale) => {
                if self.after_term && joint == Some(Joint::Or)
                    || joint == Some(Joint::Or) && !self.extents.is_empty()
                {
                    return None;
                }
                self.stages.push(stage(groups, scale));
            }
            What::Disease(doid) => {
                if self.after_term {
                    match joint {
                        Some(Joint::And) => self.and_between_terms = true,
                        Some(_) => self.or_between_terms = true,
                        // `NSCLC (adenocarcinoma)`, `melanoma skin cancer`: the same thing said twice is not sure.
                        None if depth == 0 => return None,
                        None => return None,
                    }
                }
                if self.extent_behind {
                    return None;
                }
                self.terms.push(doid.clone());
                self.after_term = true;
            }
            What::Word(Sense::Malignancy) if !self.after_term => {
                self.terms.push(Doid::new("DOID:162"));
                self.after_term = true;
            }
            What::Biomarker(expr) => {
                if joint == Some(Joint::Or) && (!self.markers.is_empty() || self.after_term) {
                    return None;
                }
                self.marker_before |= !self.after_term;
                self.markers.push(expr.clone());
            }
            What::Word(Sense::OwnDisease) => {
                self.own = true;
                self.after_term |= !self.terms.is_empty() || !self.extents.is_empty();
            }
            What::Word(Sense::Measurable) if self.after_term && joint != Some(Joint::Or) => {
                self.markers.push(Expr::ask(Ask::Measurable { by: None, evaluable_enough: false }));
            }
            What::Word(Sense::Or) => self.joint = Some(Joint::Or),
            What::Slash => self.joint = Some(Joint::Or),
            What::Word(Sense::And) => self.joint = Some(Joint::And),
            What::Comma => self.joint = Some(joint.unwrap_or(Joint::Comma)),
            _ => return None,
        }
        Some(())
    }

    fn finish(mut self, words: String, mode: Mode) -> Option<Expr> {
        if self.terms.is_empty() && (self.confirmed || self.extents.is_empty() && self.stages.is_empty()) {
            return None;
        }
        // Of which of several tumours is the marker asked?
        if 1 < self.terms.len() && !self.markers.is_empty() {
            return None;
        }
        if self.and_between_terms && !mode.lists() && !self.or_between_terms {
            return None;
        }
        let mut parts = vec![];
        if !self.terms.is_empty() {
            self.terms.dedup();
            parts.push(Expr::ask(Ask::Disease { any_of: self.terms, words, confirmed: self.confirmed }));
        }
        parts.extend(extent(&self.extents));
        parts.extend(self.stages);
        parts.extend(self.markers);
        Some(if parts.len() == 1 { parts.remove(0) } else { Expr::All(parts) })
    }
}

fn extent(groups: &[Vec<&'static [DiseaseExtent]>]) -> Option<Expr> {
    let ask = |any_of: Vec<DiseaseExtent>| Expr::ask(Ask::Extent { any_of });
    if groups.iter().all(|group| group.len() == 1) {
        let mut any_of: Vec<DiseaseExtent> =
            groups.iter().flatten().flat_map(|extent| extent.iter().copied()).collect();
        any_of.sort_unstable();
        any_of.dedup();
        return (!any_of.is_empty()).then(|| ask(any_of));
    }
    let all = |group: &Vec<&'static [DiseaseExtent]>| match group.as_slice() {
        [only] => ask(only.to_vec()),
        several => Expr::All(several.iter().map(|extent| ask(extent.to_vec())).collect()),
    };
    let mut groups: Vec<Expr> = groups.iter().map(all).collect();
    Some(if groups.len() == 1 { groups.remove(0) } else { Expr::Any(groups) })
}

/// The words of a stretch, for people.
fn words(tagged: &Tagged, tags: &[Tag]) -> String {
    let (Some(first), Some(last)) = (tags.first(), tags.last()) else { return String::new() };
    let (start, end) = (tagged.tokens[first.from].start, tagged.tokens[last.to - 1].end);
    tagged.text[start..end].split_whitespace().collect::<Vec<_>>().join(" ").replace('\\', "")
}

/// `other malignancy within 3 years except …`.
fn second_malignancy(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let cut = tags.iter().position(|tag| tag.is(&Sense::Except));
    let (mut before, after) = match cut {
        Some(at) => (&tags[..at], &tags[at + 1..]),
        None => (tags, &tags[..0]),
    };
    // `(except …)`: the bracket belongs to the exception.
    while let [rest @ .., Tag { what: What::Open | What::Comma, .. }] = before {
        before = rest;
    }
    let (mut malignancy, mut another, mut history, mut active, mut within) =
        (false, false, false, false, None);
    for tag in before {
        match &tag.what {
            What::Word(Sense::Malignancy) => malignancy = true,
            What::Word(Sense::Prior) => (another, history) = (true, true),
            What::Word(Sense::Another) => another = true,
            What::Word(Sense::Concurrent) => (another, active) = (true, true),
            What::Word(Sense::State(StateWord::Ever)) => history = true,
            What::Word(Sense::State(StateWord::Active | StateWord::Uncontrolled)) => active = true,
            What::Word(Sense::Known) | What::Word(Sense::Or) | What::Comma | What::Slash => {}
            What::Window(washout, false) if washout.spans.len() == 1 && within.is_none() => {
                within = Some(washout.spans[0])
            }
            _ => return None,
        }
    }
    let window_or_word = another || history || within.is_some() || !after.is_empty();
    if !malignancy || !window_or_word || !(mode.exclusion || mode.negated) {
        return None;
    }
    let (mut except, mut other) = (vec![], false);
    let mut skipped = usize::MAX;
    for tag in after {
        let named = |words: &[&str], around: usize| {
            (tag.from.saturating_sub(around)..tag.to)
                .any(|at| words.contains(&tagged.tokens[at].norm.as_str()))
        };
        // `basal cell skin cancer` is less than skin cancer; `low-grade localized prostate cancer` less than prostate cancer.
        let less = matches!(&tag.what, What::Disease(doid) if doid.as_str() == "DOID:4159")
            && named(&["basal", "squamous", "nonmelanoma"], 4)
            || named(
                &[
                    "localized",
                    "early",
                    "low",
                    "stage",
                    "grade",
                    "resected",
                    "superficial",
                    "noninvasive",
                    "indolent",
                ],
                5,
            );
        let situ = less
            || (tag.from.saturating_sub(3)..(tag.to + 3).min(tagged.tokens.len()))
                .any(|at| tagged.tokens[at].norm == "situ");
        let non = situ
            || tag.from.checked_sub(1).is_some_and(|at| {
                tagged.tokens[at].norm == "non"
                    || tagged.tokens[at].is('-')
                        && at.checked_sub(1).is_some_and(|at| tagged.tokens[at].norm == "non")
            });
        match &tag.what {
            // `non-melanoma skin cancer`, `carcinoma in situ of the cervix`: the term found says another thing or too much.
            What::Disease(_) if non || skipped == tag.from => {
                (other, skipped) = (true, tag.to);
            }
            What::Disease(doid) if ["DOID:305", "DOID:162", "DOID:299"].contains(&doid.as_str()) => {
                other = true
            }
            What::Disease(doid) => except.push(doid.clone()),
            What::Comma | What::Open | What::Close | What::Slash | What::Semicolon => {}
            // Behind the exceptions: of the malignancy, or of them?
            What::Window(..) if within.is_none() => return None,
            What::Word(Sense::Or | Sense::And | Sense::State(StateWord::Treated)) => {}
            // Anything else narrows an exception in words of its own.
            _ => other = true,
        }
    }
    other |= cut.is_some() && except.is_empty();
    Some(Expr::ask(Ask::SecondMalignancy {
        within,
        active: active && !history,
        except,
        other_exceptions: other,
    }))
}

/// `brain metastases unless treated and stable`.
fn lesion_exception(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let cut = tags.iter().position(|tag| tag.is(&Sense::Except))?;
    let (left, right) = (trimmed(&tags[..cut]), trimmed(&tags[cut + 1..]));
    let left = match left {
        [rest @ .., Tag { what: What::Open, .. }] => trimmed(rest),
        whole => whole,
    };
    let denied = left.first().is_some_and(|tag| tag.is(&Sense::Not));
    let found = if denied {
        nouns(tagged, &left[1..], Mode { negated: true, ..mode })
    } else {
        nouns(tagged, left, mode)
    }?;
    let sites: Option<Vec<String>> = found
        .asks()
        .into_iter()
        .map(|ask| match ask {
            Ask::Metastasis { site, .. } => Some(site.clone()),
            _ => None,
        })
        .collect();
    let sites = sites?;
    let (mut stable, mut treated) = (false, false);
    for tag in right {
        match &tag.what {
            What::Word(Sense::State(StateWord::Stable)) => stable = true,
            What::Word(Sense::State(StateWord::Treated)) => treated = true,
            What::Word(Sense::And | Sense::Metastasis(_)) | What::Comma | What::Open | What::Close => {}
            _ => return None,
        }
    }
    if !(stable && treated) {
        return None;
    }
    let fine =
        |site: &String| Expr::ask(Ask::Metastasis { site: site.clone(), state: LesionState::TreatedStable });
    let mut fine: Vec<Expr> = sites.iter().map(fine).collect();
    let fine = if fine.len() == 1 { fine.remove(0) } else { return None };
    let negated = |expr| Expr::Not(Box::new(expr));
    Some(match (mode.exclusion, denied) {
        (true, false) => Expr::All(vec![found, negated(fine)]),
        (false, true) => Expr::Any(vec![negated(found), fine]),
        _ => return None,
    })
}

/// What a clause is cut at, outermost first; each part must be whole.
fn split(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let cuts = |is: &dyn Fn(&Tag) -> bool| cut(tags, is);
    let semicolons = cuts(&|tag| matches!(tag.what, What::Semicolon));
    if 1 < semicolons.len() {
        let parts: Vec<Expr> =
            semicolons.iter().map(|part| whole(tagged, part, mode)).collect::<Option<_>>()?;
        return Some(if mode.lists() { Expr::Any(parts) } else { Expr::All(parts) });
    }
    if tags.iter().any(|tag| {
        tag.is(&Sense::Except) || tag.is(&Sense::If) || tag.is(&Sense::Examples) || tag.is(&Sense::Allowed)
    }) {
        return None;
    }
    let (ors, ands) = (cuts(&|tag| tag.is(&Sense::Or)), cuts(&|tag| tag.is(&Sense::And)));
    // A window behind a list may hold for all of it.
    let ambiguous = matches!(tags.last().map(|tag| &tag.what), Some(What::Window(..)));
    let parts = |parts: &[&[Tag]]| -> Option<Vec<Expr>> {
        parts.iter().map(|part| whole(tagged, part, mode)).collect()
    };
    let leading_not = tags.first().is_some_and(|tag| tag.is(&Sense::Not));
    if 1 < ors.len() && ands.len() == 1 && !ambiguous && !leading_not {
        let pieces = cut(tags, &|tag| tag.is(&Sense::Or) || matches!(tag.what, What::Comma));
        // `A with B, or C`: does C stand beside A, or beside B?
        let lines =
            |part: &Expr| part.asks().iter().any(|ask| matches!(ask, Ask::Prior { lines: Some(_), .. }));
        let sound = |found: &Vec<Expr>| !found.iter().any(|part| matches!(part, Expr::All(_)) || lines(part));
        return parts(&pieces).or_else(|| parts(&ors)).filter(sound).map(Expr::Any);
    }
    if 1 < ands.len() && ors.len() == 1 && !leading_not {
        let found = parts(&ands)?;
        // In a list of what keeps out, `and` between unlike things is not sure.
        return (!mode.lists()).then_some(Expr::All(found));
    }
    let commas = cuts(&|tag| matches!(tag.what, What::Comma));
    if ors.len() == 1 && ands.len() == 1 && 1 < commas.len() && !ambiguous {
        let found = parts(&commas)?;
        return Some(if mode.lists() { Expr::Any(found) } else { Expr::All(found) });
    }
    None
}

/// Outside brackets only; empty parts are left out.
pub(crate) fn cut<'t>(tags: &'t [Tag], is: &dyn Fn(&Tag) -> bool) -> Vec<&'t [Tag]> {
    let (mut found, mut from, mut depth) = (vec![], 0, 0);
    for (at, tag) in tags.iter().enumerate() {
        match tag.what {
            What::Open => depth += 1,
            What::Close => depth -= 1,
            _ if depth == 0 && is(tag) => {
                found.push(&tags[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(&tags[from..]);
    found.retain(|part| !trimmed(part).is_empty());
    found
}

/// One measurement with its limits.
struct Measured {
    analytes: Vec<&'static str>,
    or: bool,
    limits: Vec<Limit>,
    within: Option<concilium_criteria::eligibility::Span>,
    exception: Option<Exception>,
    also: Option<Expr>,
}

/// Another limit under a condition, or none.
struct Exception {
    when: Expr,
    limit: Option<Limit>,
}

/// Measurements with limits: `ANC ≥ 1,500/µL`, `AST/ALT ≤ 2.5 × ULN (≤ 5 × ULN if liver metastases)`.
fn laboratory(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    if !tags.iter().any(|tag| matches!(tag.what, What::Word(Sense::Analyte(_)))) {
        return None;
    }
    let mut reader = Labs { tagged, tags, at: 0, mode };
    let (mut parts, mut joints): (Vec<Expr>, Vec<Joint>) = (vec![], vec![]);
    loop {
        let measured = reader.measured()?;
        parts.push(expression(&measured, mode)?);
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
            return Some(Measured {
                analytes: vec![key],
                or,
                limits: vec![limit.clone()],
                within: None,
                exception: None,
                also: None,
            });
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
                return (analytes.len() == 1).then(|| Measured {
                    analytes,
                    or,
                    limits: vec![limit],
                    within: None,
                    exception: None,
                    also: None,
                });
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
                        What::Slash | What::Comma | What::Open | What::Close | What::Word(Sense::Or) => true,
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
        let mut measured =
            Measured { analytes, or, limits: vec![self.limit()?], within: None, exception: None, also: None };
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
        if conditions.is_empty() || depth != 0 || !seen_if && limit.is_some() {
            return None;
        }
        let when: Option<Vec<Expr>> = conditions
            .iter()
            .map(|tag| match &tag.what {
                What::Word(Sense::Condition(key)) => condition(key, &Qualified::default()),
                What::Word(Sense::Metastasis(site)) => metastasis(site, &Qualified::default()),
                What::Disease(doid) => Some(Expr::ask(Ask::Disease {
                    any_of: vec![doid.clone()],
                    words: words(self.tagged, std::slice::from_ref(tag)),
                    confirmed: false,
                })),
                _ => None,
            })
            .collect();
        let mut when = when?;
        let when = if when.len() == 1 { when.remove(0) } else { Expr::Any(when) };
        measured.exception = Some(Exception { when, limit });
        Some(())
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

/// The same limit in another unit: counts are compared, other units are taken at their word.
fn restated(first: &Limit, again: &Limit) -> bool {
    let same_side =
        first.range.min.is_some() == again.range.min.is_some() || again.range.min == again.range.max;
    let scale = |limit: &Limit| {
        let value = limit.range.min.or(limit.range.max)?;
        let factor = match &limit.unit {
            Unit::Ucum("10*9/L" | "10*3/uL") => 1e9,
            Unit::Ucum("/uL" | "10*6/L") => 1e6,
            Unit::Ucum("/L") => 1.0,
            Unit::Ucum("g/dL") => 10.0,
            Unit::Ucum("g/L") => 1.0,
            _ => return None,
        };
        Some(value * factor)
    };
    match (scale(first), scale(again)) {
        (Some(a), Some(b)) => same_side && (a - b).abs() <= 0.02 * a.max(b),
        _ => {
            same_side
                && first.unit != again.unit
                && matches!((&first.unit, &again.unit), (Unit::Ucum(_), Unit::Ucum(_)))
        }
    }
}

fn expression(measured: &Measured, mode: Mode) -> Option<Expr> {
    let base = limited(measured, &measured.limits[0], mode)?;
    let expr = match &measured.exception {
        None => base,
        Some(Exception { when, limit: Some(limit) }) => {
            let other = limited(measured, &same_direction(&measured.limits[0], limit), mode)?;
            if mode.exclusion {
                let negated = Expr::Not(Box::new(when.clone()));
                Expr::Any(vec![Expr::All(vec![negated, base]), Expr::All(vec![when.clone(), other])])
            } else {
                Expr::Any(vec![base, Expr::All(vec![when.clone(), other])])
            }
        }
        Some(Exception { when, limit: None }) if mode.exclusion => {
            Expr::All(vec![base, Expr::Not(Box::new(when.clone()))])
        }
        Some(Exception { when, limit: None }) => Expr::Any(vec![base, when.clone()]),
    };
    Some(match &measured.also {
        Some(also) => Expr::All(vec![expr, also.clone()]),
        None => expr,
    })
}

/// `(5 × ULN if liver metastases)` bounds as the limit before it does.
fn same_direction(base: &Limit, limit: &Limit) -> Limit {
    if limit.range.min != limit.range.max {
        return limit.clone();
    }
    let value = limit.range.min;
    let range = match base.range.min.is_some() {
        true => Range { min: value, above_min: base.range.above_min, max: None, below_max: false },
        false => Range { min: None, above_min: false, max: value, below_max: base.range.below_max },
    };
    Limit { range, unit: limit.unit.clone() }
}

fn limited(measured: &Measured, limit: &Limit, mode: Mode) -> Option<Expr> {
    let asks: Option<Vec<Expr>> =
        measured.analytes.iter().map(|analyte| lab(analyte, limit, measured.within)).collect();
    let mut asks = asks?;
    if asks.len() == 1 {
        return asks.pop();
    }
    let liver = measured.analytes.iter().all(|key| ["ast", "alt", "alp", "bilirubin"].contains(key));
    Some(match (mode.exclusion, measured.or) {
        (true, _) => Expr::Any(asks),
        // `AST or ALT ≤ 2.5 × ULN` asks both: neither may be high.
        (false, true) if !liver => Expr::Any(asks),
        (false, _) => Expr::All(asks),
    })
}

fn lab(analyte: &str, limit: &Limit, within: Option<concilium_criteria::eligibility::Span>) -> Option<Expr> {
    let empty = limit.range.min.is_none() && limit.range.max.is_none();
    let counts = ["neutrophils", "platelets", "wbc", "lymphocytes", "cd4-count"].contains(&analyte);
    let value = limit.range.min.or(limit.range.max).unwrap_or(0.0);
    let unit = match &limit.unit {
        Unit::None if empty => UnitOf::WithinLimits,
        Unit::Upper => UnitOf::TimesUpperLimit,
        Unit::Lower => UnitOf::TimesLowerLimit,
        // Giga per litre, written as grams per litre are.
        Unit::Ucum("g/L") if counts => UnitOf::Ucum("10*9/L".to_owned()),
        // `1500/mm3` and `1.5 x 10^9/L` without the sign for litre.
        Unit::Ucum("/L") if counts && value < 1e6 => return None,
        Unit::Ucum(unit) => UnitOf::Ucum((*unit).to_owned()),
        Unit::None if analyte == "inr" => UnitOf::Ucum(String::new()),
        Unit::None if counts && 500.0 <= value => UnitOf::Ucum("/uL".to_owned()),
        Unit::None | Unit::Time(_) | Unit::Age => return None,
    };
    (limit.range.min != limit.range.max || empty)
        .then(|| Expr::ask(Ask::Lab { analyte: analyte.to_owned(), value: limit.range, unit, within }))
}
