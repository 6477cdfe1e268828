//! What is asked of one thing with its qualifiers?

use super::Mode;
use super::nouns::{Head, Qualified, Verb};
use crate::text::words::StateWord;
use concilium_criteria::eligibility::{
    Ask, ConditionState, Expr, LesionState, PriorOutcome, SpanUnit, TherapyRef,
};
use concilium_knowledge::PriorTherapy;

pub(super) fn said(head: &Head, own: &Qualified, mode: Mode) -> Option<Expr> {
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

pub(super) fn condition(key: &str, own: &Qualified) -> Option<Expr> {
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
    let ask =
        |state| Expr::ask(Ask::Condition { any_of: vec![key.to_owned()], state, within, known: own.known });
    let state = state_of(&states, within.is_some());
    // Who never had an infection? Which one was meant is not said by the key.
    if key == "active-infection" && state == ConditionState::Ever && within.is_none() {
        return None;
    }
    if !own.needing {
        return Some(ask(state));
    }
    match state {
        // Severe, and in need of treatment: both.
        ConditionState::Uncontrolled if within.is_none() => {
            Some(Expr::All(vec![ask(state), ask(ConditionState::NeedingTreatment)]))
        }
        ConditionState::Active => Some(ask(ConditionState::NeedingTreatment)),
        // The span says when it was in need, whatever it is now.
        ConditionState::Ever if within.is_some() && states.is_empty() => {
            Some(ask(ConditionState::NeedingTreatment))
        }
        ConditionState::Ever => Some(ask(ConditionState::EverNeedingTreatment)),
        _ => None,
    }
}

/// The state that several words of state name together.
fn state_of(states: &[ConditionState], within: bool) -> ConditionState {
    use ConditionState as S;
    let says = |state| states.contains(&state);
    match (says(S::Ever), says(S::Active), says(S::Uncontrolled)) {
        // An event in a window is one that was, a severe one too; a diagnosis without a word is one that is.
        (false, false, false) if within => S::Ever,
        (false, false, true) if within => S::EverSevere,
        (true, _, true) => S::EverSevere,
        // `history of or active`: ever.
        (true, _, false) => S::Ever,
        (false, _, true) => S::Uncontrolled,
        (false, _, false) => S::Active,
    }
}

pub(super) fn metastasis(site: &str, own: &Qualified) -> Option<Expr> {
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
    if stable && treated && !own.either {
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
        states if own.either => Some(Expr::Any(states.iter().map(|state| ask(*state)).collect())),
        // `active, untreated`: both.
        states => Some(Expr::All(states.iter().map(|state| ask(*state)).collect())),
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
