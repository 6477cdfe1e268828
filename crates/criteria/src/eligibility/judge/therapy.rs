//! What was given, what is taken now, what is not tolerated.
//!
//! A missing record is not "never received" (as in `setting::prior`): only records that keep drugs, without a gap and
//! without an anticancer drug nobody could name, say that something was not among them.

use super::disease::at_site;
use super::{Context, FactClass};
use crate::eligibility::ask::{PriorOutcome, Range, TherapyRef};
use crate::eligibility::text::{range_words, ref_words};
use crate::eligibility::words::Worded;
use crate::exposure::{ExposureState, exposure_to};
use crate::lines::{LineRules, relapsed_early};
use crate::record::{at_word, plain_words};
use crate::setting::prior::{gap_words, name, unmapped_cancer_drug};
use crate::setting::stage::history_known;
use crate::verdict::{NotTested, Verdict, Why};
use concilium_case::{Case, Exposure, Line, LineIntent, Medication, MedicationState, Procedure};
use concilium_knowledge::PriorTherapy;
use concilium_terms::{ClassId, Code, DrugName, PartialDate, Truth};
use std::collections::BTreeSet;

/// When something was last given.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Last {
    On(PartialDate),
    Ongoing,
    Unknown(&'static str),
}

/// One drug, course or operation the records hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    pub words: String,
    pub drug: Option<DrugName>,
    pub last: Last,
    pub facts: Vec<String>,
}

/// What the records hold of one therapy, and what their silence about any more of it is.
pub(super) struct Given {
    pub events: Vec<Event>,
    /// True never: open, or false where nothing more can have been given.
    pub silence: Verdict,
}

/// Everything the records hold of one therapy.
pub(super) fn given(context: &Context, therapy: &TherapyRef) -> Given {
    let words = context.say(|| ref_words(therapy));
    match therapy {
        TherapyRef::Drug(item) => match unknown(context, [item]) {
            Some(silence) => Given { events: vec![], silence },
            None => drugs(context, item),
        },
        TherapyRef::GrowthFactor => {
            let classes = ["g-csf", "erythropoietin-class"];
            let parts = classes.map(|class| drugs(context, &PriorTherapy::Class(ClassId::new(class))));
            let events = parts.iter().flat_map(|part| part.events.clone()).collect();
            Given { events, silence: Verdict::any(parts.into_iter().map(|part| part.silence)) }
        }
        TherapyRef::CellTherapy => {
            let mut of_class = drugs(context, &PriorTherapy::Class(ClassId::new("cell-therapy")));
            of_class.events.extend(operations(context, &["car t", "chimeric antigen", "cellular therapy"]));
            of_class
        }
        TherapyRef::Radiotherapy(site) => radiotherapy(context, site.as_deref(), &words),
        TherapyRef::MajorSurgery => surgery(context, &words),
        TherapyRef::TumourSurgery => {
            let curative =
                |p: &&Procedure| p.intent.as_deref().is_some_and(|i| i.to_lowercase().contains("curative"));
            let done = done(context.case).filter(curative).map(operation).collect();
            Given { events: done, silence: unless_kept(context, FactClass::Procedures, &words) }
        }
        TherapyRef::Transplant(kind) => transplant(context, kind.as_deref(), &words),
        TherapyRef::Transfusion => Given {
            events: operations(context, &["transfusion"]),
            silence: context.silent(FactClass::Procedures, &words, true),
        },
        TherapyRef::LiveVaccine => {
            Given { events: vec![], silence: context.silent(FactClass::Procedures, &words, true) }
        }
        TherapyRef::Investigational => Given {
            events: named(context, &["investigational", "study drug"]),
            silence: context.silent(FactClass::Drugs, &words, true),
        },
        TherapyRef::Unresolved(words) => {
            let what = format!("{words}: no drug or class of this name is known");
            Given { events: vec![], silence: Verdict::not_computable(what, vec![]) }
        }
    }
}

/// A drug or class this release does not have: no record could ever name it, so that silence says nothing.
fn unknown<'i>(context: &Context, items: impl IntoIterator<Item = &'i PriorTherapy>) -> Option<Verdict> {
    let drugs = &context.knowledge.drugs;
    let missing = |item: &&PriorTherapy| match item {
        PriorTherapy::Drug(drug) => drugs.get(drug).is_none(),
        PriorTherapy::Class(class) => !drugs.classes.contains_key(class),
        PriorTherapy::AnySystemic => false,
    };
    let item = items.into_iter().find(missing)?;
    let what = format!("{}: no drug or class of this release", name(context.knowledge, item));
    Some(Verdict::not_computable(what, vec![]))
}

/// Each drug of the records that is the item, with its last day.
fn drugs(context: &Context, item: &PriorTherapy) -> Given {
    let case = context.case;
    let recorded = case.facts.medications.iter().flat_map(|record| &record.drugs);
    let in_lines = case.lines.iter().flat_map(|line| &line.drugs);
    let is_it = |drug: &&DrugName| context.knowledge.drugs.is(drug, item);
    let drugs: BTreeSet<&DrugName> = recorded.chain(in_lines).filter(is_it).collect();
    let (mut events, mut open) = (vec![], vec![]);
    for drug in drugs {
        let state = exposure_to(case, context.knowledge, &PriorTherapy::Drug(drug.clone()));
        if state.conflicting {
            let what = format!("{drug}: records say received and never received");
            open.push(Verdict::conflicting(what, state.facts));
        } else if state.received {
            let last = last_of(case, drug, &state);
            events.push(Event {
                words: drug.to_string(),
                drug: Some(drug.clone()),
                last,
                facts: state.facts,
            });
        } else if state.may_have_received {
            let what = format!("{drug}: ordered, receipt not recorded");
            open.push(Verdict::not_tested(NotTested::Uncertain, what, state.facts));
        }
    }
    open.push(drug_silence(context, &name(context.knowledge, item)));
    Given { events, silence: Verdict::any(open) }
}

/// Its own records say when it was last given; only a drug that lines alone name is read from its lines.
fn last_of(case: &Case, drug: &DrugName, state: &ExposureState) -> Last {
    let records =
        case.facts.medications.iter().filter(|r| r.exposure.is_exposure() && r.drugs.contains(drug));
    let records: Vec<&Medication> = records.collect();
    let last_day = |record: &Medication| match record.exposure {
        Exposure::Administered => record.end.clone().or_else(|| record.meta.when.clone()),
        _ => record.end.clone(),
    };
    let newest = records.iter().filter_map(|record| last_day(record)).max();
    // A record without an end may have gone on unless another of the drug says that it ended after it began.
    let open_end = records.iter().filter(|record| last_day(record).is_none()).any(|record| {
        match (&record.meta.when, &newest) {
            (Some(start), Some(end)) => !start.surely_before(end),
            (None, _) | (_, None) => true,
        }
    });
    match (records.is_empty(), newest) {
        (true, _) if state.ongoing => Last::Ongoing,
        (true, _) => state.end.clone().map_or(Last::Unknown("last day not recorded"), Last::On),
        (false, _) if records.iter().any(|record| record.ongoing) => Last::Ongoing,
        (false, _) if state.may_be_ongoing => Last::Unknown("an old record that nothing ended"),
        (false, Some(end)) if !open_end => Last::On(end),
        (false, _) => Last::Unknown("last day not recorded"),
    }
}

/// What it means that no record names the drug.
fn drug_silence(context: &Context, words: &str) -> Verdict {
    let case = context.case;
    let open = |how, why: String| Verdict::not_tested(how, format!("{words}: {why}"), vec![]);
    match () {
        () if !case.history_gaps.is_empty() && !context.gaps_over => {
            open(NotTested::Elsewhere, gap_words(case))
        }
        () if unmapped_cancer_drug(case) => {
            open(NotTested::Uncertain, "an anticancer drug of the record could not be named".into())
        }
        () if history_known(case) => {
            Verdict::not_met(format!("{words}: not among the drugs recorded"), vec![])
        }
        () => match context.policy(FactClass::Drugs) {
            Some(policy) => Verdict::not_met(format!("{words}: absent, by policy {policy}"), vec![]),
            None => open(NotTested::NeverDone, "no record of drugs".into()),
        },
    }
}

/// Records that keep things of this kind, and not this one.
fn unless_kept(context: &Context, class: FactClass, words: &str) -> Verdict {
    let facts = &context.case.facts;
    let kept = match class {
        FactClass::Radiotherapy => facts.radiotherapies.len() + done(context.case).count(),
        _ => done(context.case).count(),
    };
    match kept {
        0 => context.silent(class, words, true),
        _ => Verdict::not_met(format!("{words}: not among the {kept} procedures recorded"), vec![]),
    }
}

fn radiotherapy(context: &Context, site: Option<&str>, words: &str) -> Given {
    let begun = |status: &str| matches!(status, "completed" | "stopped" | "in-progress" | "");
    let courses = context.case.facts.radiotherapies.iter().filter(|course| begun(&course.status));
    let at = |codes: &[Code]| site.is_none_or(|site| at_site(site, &plain_words(codes)));
    let (mut events, mut open) = (vec![], vec![]);
    for course in courses {
        let facts = vec![course.meta.id.clone()];
        let last = match (course.status.as_str(), course.end.clone()) {
            ("in-progress", None) => Last::Ongoing,
            (_, end) => end.map_or(Last::Unknown("last fraction not recorded"), Last::On),
        };
        match (course.sites.is_empty() && site.is_some(), at(&course.sites)) {
            (true, _) => open.push(Verdict::not_tested(
                NotTested::Uncertain,
                format!("{words}: a course without a site is recorded"),
                facts,
            )),
            (false, true) => events.push(Event { words: words.to_owned(), drug: None, last, facts }),
            (false, false) => {}
        }
    }
    open.push(unless_kept(context, FactClass::Radiotherapy, words));
    Given { events, silence: Verdict::any(open) }
}

fn done(case: &Case) -> impl Iterator<Item = &Procedure> {
    case.facts.procedures.iter().filter(|procedure| matches!(procedure.status.as_str(), "completed" | ""))
}

fn operation(procedure: &Procedure) -> Event {
    Event {
        words: "operation".into(),
        drug: None,
        last: procedure.meta.when.clone().map_or(Last::Unknown("undated"), Last::On),
        facts: vec![procedure.meta.id.clone()],
    }
}

fn operations(context: &Context, stems: &[&str]) -> Vec<Event> {
    let says = |p: &&Procedure| {
        let words = plain_words(&p.codes);
        stems.iter().any(|stem| at_word(&words, stem).is_some())
    };
    done(context.case).filter(says).map(operation).collect()
}

/// Procedures that are no operation at all, by the words they begin with.
const MINOR: [&str; 12] = [
    "biopsy",
    "imaging",
    "computed tomography",
    "magnetic resonance",
    "positron",
    "ultraso",
    "radiograph",
    "endoscop",
    "venipuncture",
    "blood",
    "assessment",
    "counsel",
];

/// Curative operations are major; of others a person must say.
fn surgery(context: &Context, words: &str) -> Given {
    let (mut events, mut open) = (vec![], vec![]);
    for procedure in done(context.case) {
        let said = plain_words(&procedure.codes);
        let curative = procedure.intent.as_deref().is_some_and(|i| i.to_lowercase().contains("curative"));
        if curative {
            events.push(operation(procedure));
        } else if !MINOR.iter().any(|stem| at_word(&said, stem).is_some()) {
            let day = procedure.meta.when.as_ref().map_or("undated", |when| when.day_text());
            let what = format!("{words}: is the procedure of {day} major?");
            open.push((procedure.meta.when.clone(), what, procedure.meta.id.clone()));
        }
    }
    let unsure =
        open.into_iter().map(|(_, what, id)| Verdict::leaf(Truth::Open, Why::NeedsJudgement, what, vec![id]));
    let silence = unless_kept(context, FactClass::Procedures, words);
    Given { events, silence: Verdict::any(unsure.chain([silence])) }
}

fn transplant(context: &Context, kind: Option<&str>, words: &str) -> Given {
    let stems: Vec<String> = match kind {
        Some("organ") => {
            ["organ", "kidney", "renal", "liver", "heart", "lung"].map(|o| format!("{o} transplant")).into()
        }
        Some(kind) => vec![kind.to_owned()],
        None => vec!["transplant".into(), "transplantation".into()],
    };
    let says = |codes: &[Code]| {
        let said = plain_words(codes);
        said.contains("transplant")
            && (kind.is_none() || stems.iter().any(|stem| at_word(&said, stem).is_some()))
    };
    let mut events: Vec<Event> = done(context.case).filter(|p| says(&p.codes)).map(operation).collect();
    let recorded = context.case.facts.conditions.iter();
    events.extend(recorded.filter(|c| c.present != Some(false) && says(&c.codes)).map(|condition| Event {
        words: words.to_owned(),
        drug: None,
        last: condition.meta.when.clone().map_or(Last::Unknown("undated"), Last::On),
        facts: vec![condition.meta.id.clone()],
    }));
    Given { events, silence: context.silent(FactClass::Procedures, words, true) }
}

/// Drug records that call themselves so.
fn named(context: &Context, stems: &[&str]) -> Vec<Event> {
    let says = |record: &&Medication| {
        let words = plain_words(&record.codes);
        record.exposure.is_exposure() && stems.iter().any(|stem| at_word(&words, stem).is_some())
    };
    let event = |record: &Medication| Event {
        words: "investigational drug".into(),
        drug: None,
        last: match (record.ongoing, record.end.clone()) {
            (true, _) => Last::Ongoing,
            (false, end) => end.map_or(Last::Unknown("last day not recorded"), Last::On),
        },
        facts: vec![record.meta.id.clone()],
    };
    context.case.facts.medications.iter().filter(says).map(event).collect()
}

/// Any of the therapies, in so many lines, with an intent, ended so.
pub(super) fn prior(
    context: &Context,
    any_of: &[TherapyRef],
    lines: Option<&Range>,
    intent: Option<&str>,
    outcome: PriorOutcome,
) -> Verdict {
    let items: Vec<&PriorTherapy> = any_of.iter().filter_map(drug_of).collect();
    let mut parts: Vec<Verdict> = unknown(context, items.iter().copied()).into_iter().collect();
    if !items.is_empty() {
        parts.push(in_lines(context, &items, lines, intent, outcome));
    }
    let plain = lines.is_none() && intent.is_none() && outcome == PriorOutcome::Received;
    let others = any_of.iter().filter(|therapy| drug_of(therapy).is_none());
    parts.extend(others.map(|therapy| received(context, therapy, plain)));
    Verdict::any(parts)
}

fn drug_of(therapy: &TherapyRef) -> Option<&PriorTherapy> {
    match therapy {
        TherapyRef::Drug(item) => Some(item),
        _ => None,
    }
}

/// A therapy that makes no line. Lines, intent and outcome are not read for it.
fn received(context: &Context, therapy: &TherapyRef, plain: bool) -> Verdict {
    let words = ref_words(therapy);
    let given = given(context, therapy);
    let facts: Vec<String> = given.events.iter().flat_map(|event| event.facts.clone()).collect();
    match (facts.is_empty(), plain) {
        (true, _) => given.silence,
        (false, true) => Verdict::met(format!("prior {words}: received"), facts),
        (false, false) => Verdict::not_computable(
            format!("prior {words}: its lines, intent and outcome are not read"),
            facts,
        ),
    }
}

/// Fewest and most lines that count.
struct Count {
    low: u32,
    high: u32,
    facts: Vec<String>,
}

fn in_lines(
    context: &Context,
    items: &[&PriorTherapy],
    lines: Option<&Range>,
    intent: Option<&str>,
    outcome: PriorOutcome,
) -> Verdict {
    let at_least_one = Range { min: Some(1.0), above_min: false, max: None, below_max: false };
    let wanted = lines.unwrap_or(&at_least_one);
    let asked = context.say(|| asked(context, items, lines, intent, outcome));
    if intent.is_some_and(|intent| intent_of(intent).is_none()) {
        return Verdict::not_computable(format!("{asked}: intent not known"), vec![]);
    }
    let states: Vec<_> =
        items.iter().map(|item| exposure_to(context.case, context.knowledge, item)).collect();
    let count = count(context, items, intent, outcome, states.iter().any(|state| state.received));
    let mut facts: Vec<String> =
        states.iter().flat_map(|state| state.facts.clone()).chain(count.facts).collect();
    facts.sort();
    facts.dedup();
    if states.iter().any(|state| state.conflicting) || disputed(context, items) {
        return Verdict::conflicting(format!("{asked}: records disagree"), facts);
    }
    let found = match (count.low, count.high) {
        (low, high) if low == high => format!("{asked}: {low} on record"),
        (low, u32::MAX) => format!("{asked}: at least {low} on record"),
        (low, high) => format!("{asked}: {low} to {high} on record"),
    };
    if wanted.admits_counts(count.low, u32::MAX) == Truth::True {
        return Verdict::met(found, facts);
    }
    if wanted.admits_counts(count.low, u32::MAX) == Truth::False {
        return Verdict::not_met(found, facts);
    }
    let silence = drug_silence(context, &asked);
    let ordered = states.iter().any(|state| state.may_have_received);
    match (wanted.admits_counts(count.low, count.high), silence.truth) {
        (_, _) if ordered => Verdict::not_tested(
            NotTested::Uncertain,
            format!("{asked}: ordered, receipt not recorded"),
            facts,
        ),
        (_, Truth::Open) => with_facts(silence, facts),
        (Truth::True, _) => Verdict::met(found, facts),
        (Truth::False, _) => Verdict::not_met(found, facts),
        (Truth::Open, _) => Verdict::not_tested(NotTested::Uncertain, found, facts),
    }
}

/// Each drug on record that is one of the items is said to have been received and never received.
fn disputed(context: &Context, items: &[&PriorTherapy]) -> bool {
    let given: Vec<Given> = items.iter().map(|item| drugs(context, item)).collect();
    let conflict = |given: &Given| given.silence.leaves.iter().any(|leaf| leaf.why == Why::Conflicting);
    given.iter().all(|given| given.events.is_empty()) && given.iter().any(conflict)
}

fn with_facts(mut verdict: Verdict, facts: Vec<String>) -> Verdict {
    for leaf in &mut verdict.leaves {
        leaf.facts.extend(facts.iter().cloned());
    }
    verdict
}

fn asked(
    context: &Context,
    items: &[&PriorTherapy],
    lines: Option<&Range>,
    intent: Option<&str>,
    outcome: PriorOutcome,
) -> String {
    let names: Vec<String> = items.iter().map(|item| name(context.knowledge, item)).collect();
    let mut words = format!("prior {}", names.join(" or "));
    words.extend(intent.map(|intent| format!(" ({intent})")));
    words.extend(lines.map(|lines| format!(" in {} lines", range_words(lines))));
    if outcome != PriorOutcome::Received {
        words += &format!(", {}", outcome.word());
    }
    words
}

fn intent_of(intent: &str) -> Option<LineIntent> {
    match intent {
        "neoadjuvant" => Some(LineIntent::Neoadjuvant),
        "adjuvant" => Some(LineIntent::Adjuvant),
        "advanced" => Some(LineIntent::Advanced),
        _ => None,
    }
}

/// Lines with one of the items. A line without a start may be any number of them; receipt outside every line too.
fn count(
    context: &Context,
    items: &[&PriorTherapy],
    intent: Option<&str>,
    outcome: PriorOutcome,
    received: bool,
) -> Count {
    let wanted = intent.and_then(intent_of);
    let is_it = |drug: &DrugName| items.iter().any(|item| context.knowledge.drugs.is(drug, item));
    let with_it: Vec<&Line> = context.case.lines.iter().filter(|line| line.drugs.iter().any(is_it)).collect();
    let mut count = Count { low: 0, high: 0, facts: vec![] };
    for line in &with_it {
        let truth = right_intent(line, wanted).and(ended(line, outcome, &is_it));
        count.low += u32::from(truth == Truth::True);
        count.high = count.high.saturating_add(match (truth, &line.start) {
            (Truth::False, _) => 0,
            (_, None) => u32::MAX,
            (_, Some(_)) => 1,
        });
        count.facts.extend(line.from.iter().cloned());
    }
    if received && with_it.is_empty() {
        let sure = wanted.is_none() && outcome == PriorOutcome::Received;
        count.low = u32::from(sure);
        count.high = u32::MAX;
    }
    count
}

/// A neo- or adjuvant line with early relapse counts both ways (clinical rules, section 3, "Lines").
fn right_intent(line: &Line, wanted: Option<LineIntent>) -> Truth {
    match wanted {
        None => Truth::True,
        Some(intent) if intent == line.intent => Truth::True,
        Some(LineIntent::Advanced) if relapsed_early(&LineRules::default(), line) => Truth::Open,
        Some(_) => Truth::False,
    }
}

/// Progression and intolerance where they are stated; what is not stated is not known.
fn ended(line: &Line, outcome: PriorOutcome, is_it: &impl Fn(&DrugName) -> bool) -> Truth {
    let given_to_the_end = line.drugs.iter().any(|drug| is_it(drug) && !line.intolerant.contains(drug));
    let intolerant = line.intolerant.iter().any(is_it);
    let progressed = line.progression.is_some() && given_to_the_end;
    let progressed_truth = if progressed { Truth::True } else { Truth::Open };
    let intolerant_truth = match (intolerant, progressed) {
        (true, _) => Truth::True,
        (false, true) => Truth::False,
        (false, false) => Truth::Open,
    };
    match outcome {
        PriorOutcome::Received => Truth::True,
        PriorOutcome::Progressed => progressed_truth,
        PriorOutcome::Intolerant => intolerant_truth,
        PriorOutcome::ProgressedOrIntolerant => progressed_truth.or(intolerant_truth),
    }
}

/// Taken now. Records that list no current drug at all say nothing.
pub(super) fn concomitant(context: &Context, any_of: &[TherapyRef], dose_asked: bool) -> Verdict {
    Verdict::any(any_of.iter().map(|therapy| match therapy {
        TherapyRef::Drug(item) => {
            unknown(context, [item]).unwrap_or_else(|| taken(context, item, dose_asked))
        }
        TherapyRef::GrowthFactor => {
            let classes =
                ["g-csf", "erythropoietin-class"].map(|class| PriorTherapy::Class(ClassId::new(class)));
            Verdict::any(classes.iter().map(|class| taken(context, class, dose_asked)))
        }
        other => Verdict::not_computable(format!("taking {}: not read", ref_words(other)), vec![]),
    }))
}

fn taken(context: &Context, item: &PriorTherapy, dose_asked: bool) -> Verdict {
    let words = context.say(|| format!("taking {}", name(context.knowledge, item)));
    let current = |record: &&Medication| {
        (record.ongoing || record.state == MedicationState::Stale)
            && !matches!(record.exposure, Exposure::NotTaken | Exposure::Planned)
    };
    let current: Vec<&Medication> = context.case.facts.medications.iter().filter(current).collect();
    let is_it = |drug: &DrugName| context.knowledge.drugs.is(drug, item);
    let hits: Vec<&Medication> =
        current.iter().filter(|record| record.drugs.iter().any(is_it)).copied().collect();
    let facts: Vec<String> = hits.iter().map(|record| record.meta.id.clone()).collect();
    let sure = |record: &&Medication| record.ongoing && record.exposure.is_exposure();
    let open = |how, why: &str, facts| Verdict::not_tested(how, format!("{words}: {why}"), facts);
    match hits.is_empty() {
        false if dose_asked => {
            Verdict::not_computable(format!("{words}: the daily dose in prednisone is not computed"), facts)
        }
        false if hits.iter().any(sure) => Verdict::met(format!("{words}: on record"), facts),
        false => open(NotTested::Uncertain, "ordered, or an old record that nothing ended", facts),
        true if current.iter().any(|record| record.drugs.is_empty()) => {
            open(NotTested::Uncertain, "a current drug could not be named", vec![])
        }
        true if !current.is_empty() => {
            Verdict::not_met(format!("{words}: not among {} current drugs", current.len()), vec![])
        }
        true => context.silent(FactClass::Drugs, &words, false),
    }
}

/// To any of the drugs, or to those of the arm.
pub(super) fn allergy(context: &Context, to: &[TherapyRef]) -> Verdict {
    let words = match to {
        [] => "allergy to the study drugs".to_owned(),
        to => format!("allergy to {}", to.iter().map(ref_words).collect::<Vec<_>>().join(" or ")),
    };
    let own: Vec<PriorTherapy> = match to {
        [] => context.options.study_drugs.iter().cloned().map(PriorTherapy::Drug).collect(),
        to => to.iter().filter_map(drug_of).cloned().collect(),
    };
    if to.iter().any(|therapy| drug_of(therapy).is_none()) || unknown(context, &own).is_some() {
        return Verdict::not_computable(format!("{words}: not all are known drugs"), vec![]);
    }
    let listed: Vec<_> = context.case.facts.allergies.iter().filter(|allergy| allergy.active).collect();
    let is_it = |drug: &DrugName| own.iter().any(|item| context.knowledge.drugs.is(drug, item));
    let hits: Vec<String> =
        listed.iter().filter(|a| a.drugs.iter().any(is_it)).map(|allergy| allergy.meta.id.clone()).collect();
    let none: Vec<String> = listed.iter().filter(|a| a.none_known).map(|a| a.meta.id.clone()).collect();
    let unread = listed.iter().any(|allergy| allergy.drugs.is_empty() && !allergy.none_known);
    match () {
        () if !hits.is_empty() && !none.is_empty() => {
            Verdict::conflicting(format!("{words}: one is listed, and none known"), [hits, none].concat())
        }
        () if !hits.is_empty() => Verdict::met(format!("{words}: listed"), hits),
        () if unread => Verdict::not_tested(
            NotTested::Uncertain,
            format!("{words}: a listed allergy names no known drug"),
            vec![],
        ),
        () if !none.is_empty() => Verdict::not_met(format!("{words}: no allergies known"), none),
        () if own.is_empty() || listed.is_empty() => context.silent(FactClass::Allergies, &words, true),
        () => Verdict::not_met(format!("{words}: not among {} listed", listed.len()), vec![]),
    }
}
