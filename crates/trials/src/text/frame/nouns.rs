//! Things a patient has, had or takes, in a row, with what qualifies each of them.

use super::Mode;
use super::merge::merged;
use super::said::said;
use crate::text::tag::{SOLID, Tag, Tagged, What};
use crate::text::words::{Sense, StateWord};
use concilium_criteria::eligibility::{Ask, DiseaseExtent, Expr, TherapyRef, Washout};
use concilium_terms::Doid;

/// Things a patient has, had or takes, with what qualifies them.
#[derive(Clone)]
pub(super) enum Head {
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
pub(super) struct Qualified {
    pub states: Vec<StateWord>,
    pub known: bool,
    pub verbs: Vec<Verb>,
    pub window: Option<(Washout, bool)>,
    pub intent: Option<String>,
    pub prednisone: Option<f64>,
    /// Given for a disease by name.
    pub purpose: bool,
    /// In need of treatment.
    pub needing: bool,
    /// The states are alternatives.
    pub either: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verb {
    Prior,
    Concurrent,
    Progressed,
    Intolerant,
}

/// Names of conditions, treatments, metastases and the like, joined by commas, `and`, `or`.
pub(super) fn nouns(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
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
        mid: false,
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
            What::Comma | What::Semicolon => {
                list.comma();
                list.joint(false, None);
            }
            What::Slash => list.joint(false, None),
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
    /// The states of now were said in the middle of a list.
    mid: bool,
}

impl NounList {
    fn open(&mut self, tags: &[Tag], at: usize) -> Option<()> {
        let inner = &tags[at + 1..];
        let heart_stands = matches!(self.heads.last(), Some((Head::Condition(key), _)) if key == "heart-failure" || key == "cardiovascular-disease");
        let harmless = |tag: &Tag| match &tag.what {
            What::Window(..) | What::Prednisone(_) => true,
            What::Ask(expr) => heart_stands && heart(expr),
            _ => false,
        };
        inner.iter().take_while(|tag| !matches!(tag.what, What::Close)).all(harmless).then_some(())
    }

    /// `…, symptomatic heart failure, angina`: said in the middle of a list, a state ends with its member.
    fn comma(&mut self) {
        let symptomatic = self.now.states.contains(&StateWord::Symptomatic);
        if (self.mid || symptomatic) && !self.fresh {
            self.start_group();
            self.mid = false;
        }
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
        let more_things = rest.iter().any(|tag| {
            is_head(&tag.what) && !matches!(tag.what, What::Disease(_) | What::Word(Sense::Malignancy))
        });
        match what {
            What::Word(Sense::Known) => self.lead(|now| now.known = true),
            What::Word(Sense::State(state)) => self.state(*state, more_heads)?,
            What::Word(Sense::Prior) => self.verb(Verb::Prior),
            What::Word(Sense::Given) => {}
            // `last chemotherapy within 4 weeks`: without a span it would be one therapy of several.
            What::Word(Sense::Last)
                if self.heads.is_empty() && rest.iter().any(|tag| matches!(tag.what, What::Window(..))) => {}
            What::Word(Sense::Needed) => self.needed()?,
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
                    let group = &self.heads[self.group..];
                    if group.iter().any(|(_, own)| own.window.is_some()) {
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
            What::Disease(doid) if self.fresh && doid.as_str() != SOLID => {
                self.head(Head::Tumour(doid.clone()))
            }
            What::Word(Sense::Metastasis(site)) => self.head(Head::Metastasis((*site).to_owned())),
            What::Word(Sense::Reproductive(state)) => self.head(Head::Reproductive((*state).to_owned())),
            What::Ask(expr) if heart(expr) => self.head(Head::Ready(expr.clone())),
            What::Word(Sense::Another)
                if !self.heads.iter().any(|(head, _)| matches!(head, Head::Therapy(_))) || self.fresh => {}
            What::Word(Sense::If) if self.allergy => {}
            // `chemotherapy for NSCLC`: for another disease it may have been given too.
            What::Word(Sense::Extent(extent))
                if matches!(self.heads.last(), Some((Head::Therapy(_), _))) && !more_things =>
            {
                self.extent(extent);
                self.fresh = false;
            }
            What::Disease(_) | What::Word(Sense::OwnDisease)
                if matches!(self.heads.last(), Some((Head::Therapy(_), _))) && !self.fresh && !more_heads =>
            {
                for (_, own) in &mut self.heads[self.group..] {
                    own.purpose |= own.intent.is_none();
                }
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

    /// `active`, `history of`: in front of a name, or behind the names it is said of.
    fn state(&mut self, state: StateWord, more_heads: bool) -> Option<()> {
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
                None => {
                    self.now.either |= self.or_stood && !self.now.states.is_empty();
                    self.now.states.push(state);
                }
            }
            self.or_stood = false;
            self.mid = !self.heads.is_empty();
        } else if self.heads[self.group..].iter().all(|(_, own)| own.states.is_empty() || self.closed) {
            let or = self.or_stood;
            for (_, own) in &mut self.heads[self.group..] {
                own.either |= or && !own.states.is_empty();
                own.states.push(state);
            }
            self.closed = true;
        } else {
            return None;
        }
        Some(())
    }

    /// `chemotherapy for metastatic disease` says in which setting; for another disease it may have been given too.
    fn extent(&mut self, extent: &[DiseaseExtent]) {
        let advanced = extent.iter().all(|e| {
            matches!(
                e,
                DiseaseExtent::LocallyAdvanced | DiseaseExtent::Unresectable | DiseaseExtent::Metastatic
            )
        });
        for (_, own) in &mut self.heads[self.group..] {
            match advanced {
                true => own.intent = Some("advanced".to_owned()),
                false => own.purpose = true,
            }
        }
    }

    /// Which of several conditions needs it cannot be told.
    fn needed(&mut self) -> Option<()> {
        match &mut self.heads[self.group..] {
            [(Head::Condition(_), own)] if !self.fresh => own.needing = true,
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
        self.now.either = false;
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
        // `at least 4 weeks since chemotherapy or radiotherapy`: since each of them.
        let inner: Option<Vec<Expr>> = exprs.iter().map(over).collect();
        if let Some(recent) = inner {
            return Some(Expr::Not(Box::new(merged(Expr::Any(recent)))));
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
            // `history of thrombosis, embolism or another event within 6 months`: of which is the span said?
            let bare = own.states.iter().all(|state| *state == StateWord::Ever)
                && own.verbs.iter().all(|verb| *verb == Verb::Prior);
            !has && bare && matches!(head, Head::Therapy(_) | Head::Condition(_))
        })
    }
}

/// What must not be recent, when that is what is asked.
fn over(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::Not(inner) if matches!(&**inner, Expr::Ask(ask) if matches!(**ask, Ask::Recent { .. })) => {
            Some((**inner).clone())
        }
        _ => None,
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
