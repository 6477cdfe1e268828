//! What does the page say about one option, beyond its place?

use crate::compare::{excludes_brain, studied_with_brain};
use crate::disease;
use crate::patient::unknown_status;
use crate::place::approvals_for;
use crate::plan::{Cited, PlanOption, Score, Section, SectionReason};
use crate::weigh::{Standing, Support, TumourClass, Weighed, cite};
use concilium_case::Case;
use concilium_criteria::{ExposureState, SettingFit, exposure_to, match_profile};
use concilium_evidence::{ProfileExpr, Regimen};
use concilium_knowledge::{Approval, Drug, Knowledge, PriorTherapy, Setting};
use concilium_safety::{CandidateOrigin, SafetyFinding, ScreenedCandidate};
use concilium_terms::{DrugName, StatementKey, Truth};
use std::collections::BTreeSet;

/// What ranking knows about an option when it is described.
pub struct OptionFacts<'a, 'j, 'k> {
    /// Candidate with its safety findings.
    pub screened: &'a ScreenedCandidate,
    /// What bears on it.
    pub weighed: &'a Weighed<'j, 'k>,
    /// Where it stands.
    pub section: Section,
    /// Why.
    pub reasons: Vec<SectionReason>,
    /// Order keys.
    pub score: Score,
}

/// Puts everything the page shows about an option into one value.
pub fn describe(facts: OptionFacts, case: &Case, knowledge: &Knowledge) -> PlanOption {
    let regimen = &facts.screened.candidate.regimen;
    let here = facts.weighed.counting().any(|s| s.class != TumourClass::Other);
    let (for_, aside): (Vec<_>, Vec<_>) = facts.weighed.support.iter().partition(|s| speaks_for(s, here));
    let mut notes: Vec<Cited> = aside.into_iter().map(|s| cite(s.judged, aside_remark(s))).collect();
    notes.extend(facts.weighed.notes.iter().map(|(judged, remark)| cite(judged, remark.clone())));
    PlanOption {
        id: regimen_id(regimen),
        name: name(regimen, &for_, knowledge),
        regimen: regimen.clone(),
        section: facts.section,
        reasons: facts.reasons,
        rank: 0,
        score: facts.score,
        population: population(&for_, disease::brain_count(case).as_deref(), knowledge),
        effects: effects(&for_, knowledge),
        for_: for_.into_iter().map(cite_support).collect(),
        against: facts.weighed.against.iter().map(|j| counting(cite(j, against_remark(j)))).collect(),
        beaten_by: vec![],
        notes,
        safety: facts.screened.findings.clone(),
        needs: vec![],
        approval: approval(regimen, case, knowledge),
        would_stop: would_stop(regimen, &facts.screened.findings, case, knowledge),
        exposure: exposure(regimen, case, knowledge),
        origin: facts.screened.candidate.origins.iter().map(origin_words).collect(),
        assertions: assertions(facts.weighed, knowledge),
    }
}

/// `everolimus (studied with trastuzumab)` where every statement for it names only a part of what was given.
fn name(regimen: &Regimen, supports: &[&Support], knowledge: &Knowledge) -> String {
    let with = |s: &&Support| {
        let backbone = knowledge.settings.get(&s.judged.statement.key).map(|row| row.backbone.clone());
        let missing = backbone.unwrap_or_default().into_iter().filter(|d| !regimen.components.contains(d));
        missing.map(|drug| drug.spelled()).collect::<Vec<_>>()
    };
    // The strongest statements say what was given; a cell line has no backbone.
    let best = supports.iter().map(|s| s.judged.statement.level).min();
    let strongest = supports.iter().filter(|s| Some(s.judged.statement.level) == best);
    let backbones: Vec<Vec<String>> = strongest.map(with).collect();
    match backbones.first() {
        Some(first) if backbones.iter().all(|backbone| !backbone.is_empty()) => {
            format!("{} (studied with {})", regimen.label(), first.join(", "))
        }
        _ => regimen.label(),
    }
}

fn counting(cited: Cited) -> Cited {
    Cited { counts: true, ..cited }
}

fn cite_support(support: &Support) -> Cited {
    Cited { counts: support.standing == Standing::Counts, ..cite(support.judged, support_remark(support)) }
}

/// Stable id: components joined by `+`, blanks as `-`.
pub fn regimen_id(regimen: &Regimen) -> String {
    let joint = if regimen.sequential { ">" } else { "+" };
    regimen.components.iter().map(|d| d.as_str().replace(' ', "-")).collect::<Vec<_>>().join(joint)
}

/// A satisfied profile in this tumour (or across tumours) stands in the "for" column even when its setting does
/// not fit; it is then marked as not counting. Uncertain alterations, rows that yield, and rows of other tumours where
/// this tumour has its own, are notes.
fn speaks_for(support: &Support, here: bool) -> bool {
    let carried = support.judged.is_carried() || matches!(support.standing, Standing::Conditional(_));
    let yields = matches!(&support.standing, Standing::Blocked(words) if words.iter().any(|w| w.contains("yields to")));
    let elsewhere = support.class == TumourClass::Other && (here || support.standing != Standing::Counts);
    carried && !yields && !elsewhere
}

/// What would count for another tumour, where this one has rows of its own, is only shown.
fn aside_remark(support: &Support) -> String {
    match (&support.standing, support.class) {
        (Standing::Counts | Standing::Conditional(_), TumourClass::Other) => {
            "shown only: another tumour, and this tumour has evidence of its own".into()
        }
        _ => support_remark(support),
    }
}

fn support_remark(support: &Support) -> String {
    let flag = if support.judged.statement.flagged { "flagged by its curators; " } else { "" };
    let words = match &support.standing {
        Standing::Counts => "counts".to_owned(),
        Standing::Conditional(open) => format!("would count if settled: {}", open.join("; ")),
        Standing::Blocked(why) => format!("does not count: {}", why.join("; ")),
    };
    let notes = &support.judged.molecular.notes;
    let tail = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
    format!("{flag}{words}{tail}")
}

fn against_remark(judged: &crate::judge::Judged) -> String {
    let notes = &judged.molecular.notes;
    if notes.is_empty() { "counts against".into() } else { format!("counts against ({})", notes.join("; ")) }
}

fn settings_of<'k>(
    supports: &[&Support],
    knowledge: &'k Knowledge,
) -> Vec<(StatementKey, &'k Setting, bool)> {
    supports
        .iter()
        .filter_map(|s| {
            let key = &s.judged.statement.key;
            let fits = matches!(s.judged.setting, SettingFit::Fits(_));
            knowledge.settings.get(key).map(|setting| (key.clone(), setting, fits))
        })
        .collect()
}

/// Said of a studied population where this patient has metastases of the central nervous system.
pub const CNS_OPEN: &str = "the curated row does not say whether patients with CNS metastases took part";

/// A patient with metastases of the central nervous system does not simply fit a population that does not speak of them.
fn population(supports: &[&Support], cns: Option<&str>, knowledge: &Knowledge) -> Vec<String> {
    settings_of(supports, knowledge)
        .into_iter()
        .map(|(key, setting, fits)| {
            let excluded = cns.is_some() && excludes_brain(setting);
            let silent = cns.filter(|_| !excluded && !studied_with_brain(setting));
            let open = silent.map(|here| format!("{CNS_OPEN}; this patient has {here}"));
            let fit = match (fits, open) {
                _ if excluded => "does not fit: it left out patients with CNS metastases".to_owned(),
                (true, None) => "fits".to_owned(),
                (true, Some(open)) => format!("open: {open}"),
                (false, None) => "does not fit, or is not settled".to_owned(),
                (false, Some(open)) => format!("does not fit, or is not settled; {open}"),
            };
            format!("{key}: {} — {fit}", setting_words(setting))
        })
        .collect()
}

fn setting_words(setting: &Setting) -> String {
    let mut words: Vec<String> = setting.intent.iter().cloned().collect();
    match (setting.line_min, setting.line_max) {
        (Some(min), Some(max)) if min == max => words.push(format!("line {min}")),
        (Some(min), Some(max)) => words.push(format!("lines {min}–{max}")),
        (Some(min), None) => words.push(format!("line {min} or later")),
        (None, Some(max)) => words.push(format!("up to line {max}")),
        (None, None) => {}
    }
    match (setting.age_min, setting.age_max) {
        (Some(min), Some(max)) => words.push(format!("age {min}–{max}")),
        (Some(min), None) => words.push(format!("age {min} or above")),
        (None, Some(max)) => words.push(format!("age up to {max}")),
        (None, None) => {}
    }
    if !setting.population.is_empty() {
        words.push(setting.population.clone());
    }
    if !setting.backbone.is_empty() {
        let drugs: Vec<&str> = setting.backbone.iter().map(DrugName::as_str).collect();
        words.push(format!("given with {}", drugs.join(", ")));
    }
    if !setting.comparator.is_empty() {
        words.push(format!("compared with {}", setting.comparator));
    }
    words.join("; ")
}

fn effects(supports: &[&Support], knowledge: &Knowledge) -> Vec<String> {
    let rows = settings_of(supports, knowledge);
    let curated = rows.into_iter().filter(|(_, setting, _)| !setting.effect.is_empty());
    curated.map(|(key, setting, _)| format!("{key}: {}", setting.effect)).collect()
}

fn approval(regimen: &Regimen, case: &Case, knowledge: &Knowledge) -> Vec<String> {
    let words = |row: &Approval| approval_words(row, biomarker_here(row, case, knowledge));
    let mut rows: Vec<String> = approvals_for(regimen, case, knowledge).map(words).collect();
    rows.dedup();
    if rows.is_empty() {
        rows.push("not in our table for this tumour, check the label".into());
    }
    rows
}

/// Words of a row that stand behind its alterations and say when, not which.
const BEHIND_THE_ALTERATIONS: [&str; 4] = [" after ", "; ", ", first line", ", treatment"];

/// Does this patient carry what the row is for? None where its words are not all names of alterations of the release:
/// `EGFR exon 19 deletion, L858R or T790M` is three of them.
fn biomarker_here(row: &Approval, case: &Case, knowledge: &Knowledge) -> Option<Truth> {
    let ends = BEHIND_THE_ALTERATIONS.iter().filter_map(|word| row.biomarker.find(word));
    let named = &row.biomarker[..ends.min().unwrap_or(row.biomarker.len())];
    let gene = named.split(' ').next().unwrap_or_default();
    let items = named.split(", ").flat_map(|part| part.split(" or ")).map(str::trim);
    let truths = items.map(|item| {
        let with_gene = format!("{gene} {item}");
        let is_it = |name: &str| name.eq_ignore_ascii_case(item) || name.eq_ignore_ascii_case(&with_gene);
        let leaf = knowledge.leaves.iter().find(|leaf| is_it(&leaf.name))?;
        Some(match_profile(case, knowledge, &ProfileExpr::Leaf(leaf.id), None).verdict.truth)
    });
    truths.collect::<Option<Vec<Truth>>>().map(|all| all.into_iter().fold(Truth::False, Truth::or))
}

fn approval_words(row: &Approval, here: Option<Truth>) -> String {
    let review = if row.sourced.checked { "" } else { ", unreviewed" };
    let read = match row.read_on.as_str() {
        "" => String::new(),
        day => format!("status as of assertion review {day}; "),
    };
    let here = match here {
        Some(Truth::True) => ", found here",
        Some(Truth::False) => ", NOT found in this patient",
        Some(Truth::Open) => ", not known of this patient",
        None => "",
    };
    format!("{}{here} ({read}{}{review})", status_words(row), row.sourced.source)
}

/// `US withdrawn: EGFR exon 20 insertion`, with the day of the decision where the source gives it.
pub(crate) fn status_words(row: &Approval) -> String {
    let day = if row.date.is_empty() { String::new() } else { format!(" {}", row.date) };
    format!("{} {}{day}: {}", row.region, row.status, row.biomarker)
}

/// Castration and ovarian suppression go on beside any therapy.
const KEPT_THROUGHOUT: &str = "gnrh-analogue";

/// Running systemic drugs that are not part of it, and running drugs a finding names.
fn would_stop(
    regimen: &Regimen,
    safety: &[SafetyFinding],
    case: &Case,
    knowledge: &Knowledge,
) -> Vec<String> {
    let running = case.facts.medications.iter().filter(|m| m.ongoing && m.exposure.is_exposure());
    let kept = |d: &DrugName| knowledge.drugs.classes_of(d).contains(KEPT_THROUGHOUT);
    let drugs: BTreeSet<&DrugName> = running
        .flat_map(|m| &m.drugs)
        .filter(|d| !regimen.components.contains(d) && knowledge.drugs.get(d).is_some_and(Drug::makes_a_line))
        .filter(|d| !kept(d))
        .collect();
    let anticancer = drugs.iter().map(|d| format!("{d} is running"));
    // A finding about a running drug is something to look at, whatever that drug is for.
    let interacting: BTreeSet<String> = safety
        .iter()
        .filter(|f| f.found.contains("taken now"))
        .map(|f| format!("{}: {}", f.about, f.action))
        .collect();
    // What an old record leaves open may be running too.
    let open = unknown_status(case, knowledge).into_iter();
    let open = open.filter(|(drug, _)| !regimen.components.iter().any(|own| own.as_str() == drug));
    let open = open.map(|(_, words)| format!("{words}: ask whether it is taken"));
    anticancer.chain(interacting).chain(open).collect()
}

/// What of it the patient has had, and how that ended.
pub fn exposure(regimen: &Regimen, case: &Case, knowledge: &Knowledge) -> Vec<String> {
    let state = |drug: &DrugName| exposure_to(case, knowledge, &PriorTherapy::Drug(drug.clone()));
    regimen.components.iter().filter_map(|drug| exposure_words(drug, &state(drug))).collect()
}

fn exposure_words(drug: &DrugName, state: &ExposureState) -> Option<String> {
    if state.conflicting {
        return Some(format!("{drug}: records conflict, received and never received"));
    }
    if !state.received {
        return match (state.ordered_only, state.may_have_received) {
            (_, true) => Some(format!("{drug}: ordered; whether it was taken is not recorded")),
            (true, false) => Some(format!("{drug}: ordered or planned only, no prior exposure recorded")),
            (false, false) => None,
        };
    }
    let day = |d: &Option<concilium_terms::PartialDate>| {
        d.as_ref().map_or("?".to_owned(), |d| d.day_text().to_owned())
    };
    let mut words = vec![format!("{drug}: prior exposure {} to {}", day(&state.start), day(&state.end))];
    if !state.progressions.is_empty() {
        let days: Vec<&str> = state.progressions.iter().map(|on| on.day_text()).collect();
        words.push(format!("progressed {}", days.join(", ")));
    }
    if state.intolerant {
        words.push("not tolerated: stopped for intolerance".into());
    }
    if state.ongoing {
        words.push("running".into());
    }
    if state.may_be_ongoing && !state.ongoing {
        words.push("whether it is still taken is not known".into());
    }
    if state.progressed.is_none() && !state.intolerant && !state.ongoing {
        words.push("no intolerance recorded".into());
    }
    Some(words.join(", "))
}

/// Where a therapy comes from that the record itself proposes.
pub(crate) const IN_RECORD: &str = "ordered, planned or running in the record";

fn origin_words(origin: &CandidateOrigin) -> String {
    match origin {
        CandidateOrigin::Statement => "supporting statement".into(),
        CandidateOrigin::AgainstOnly => "named only by evidence against it".into(),
        CandidateOrigin::Record(facts) => {
            format!("{IN_RECORD} ({})", facts.join(", "))
        }
        CandidateOrigin::Standard(row) => format!("standard option: {row}"),
    }
}

fn assertions(weighed: &Weighed, knowledge: &Knowledge) -> Vec<String> {
    let keys: BTreeSet<&StatementKey> = weighed
        .support
        .iter()
        .filter(|s| s.judged.molecular.verdict.truth == Truth::True)
        .map(|s| &s.judged.statement.key)
        .collect();
    let mut found: BTreeSet<String> = BTreeSet::new();
    for key in keys {
        for assertion in knowledge.assertions_on(key) {
            let amp = if assertion.amp.is_empty() { "no AMP category" } else { &assertion.amp };
            found.insert(format!("{}: AMP/ASCO/CAP {amp} (by CIViC, on {key})", assertion.key));
        }
    }
    found.into_iter().collect()
}
