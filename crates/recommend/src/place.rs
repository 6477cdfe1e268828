//! In which section does an option belong, and why?
//!
//! Clinical rules, section 4. Sections are never interleaved; each option carries its reasons.

use crate::describe::status_words;
use crate::judge::Judged;
use crate::plan::{Section, SectionReason};
use crate::reach::is_directed;
use crate::score::tier_of;
use crate::weigh::{Standing, Support, TumourClass, Weighed, caps, same_regimen};
use concilium_case::Case;
use concilium_criteria::{
    ExposureState, SettingFit, TumourRelation, Verdict, exposure_to, match_profile, match_tumour,
};
use concilium_evidence::{Bearing, EvidenceLevel, Regimen, Significance};
use concilium_knowledge::{Approval, Drug, Knowledge, PriorTherapy, Sourced};
use concilium_safety::{CandidateOrigin, SafetyVerdict, ScreenedCandidate};
use concilium_terms::{ClassId, DrugName, PartialDate, Truth};
use std::collections::BTreeSet;

/// What the whole case says about systemic therapy.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// No systemic ranking, and why.
    pub no_ranking: Option<String>,
}

/// Decides the section. The first rule that speaks decides; all reasons of that section are kept.
pub fn place(
    screened: &ScreenedCandidate,
    weighed: &Weighed,
    case: &Case,
    knowledge: &Knowledge,
    circumstances: &Circumstances,
) -> (Section, Vec<SectionReason>) {
    let refused = refusals(screened);
    if !refused.is_empty() {
        return (Section::RefusedBySafety, refused);
    }
    let blockers = blockers(screened, weighed, case, knowledge, circumstances);
    if !blockers.is_empty() {
        return (Section::NotApplicableNow, blockers);
    }
    by_support(screened, weighed, case, knowledge)
}

fn refusals(screened: &ScreenedCandidate) -> Vec<SectionReason> {
    let refusing = screened.findings.iter().filter(|f| f.verdict == SafetyVerdict::Contraindicated);
    refusing
        .map(|f| SectionReason {
            text: format!("{}: {} ({})", f.drug, f.action, f.found),
            facts: f.facts.clone(),
            statements: vec![],
            row: Some(f.sourced.clone()),
        })
        .collect()
}

fn blockers(
    screened: &ScreenedCandidate,
    weighed: &Weighed,
    case: &Case,
    knowledge: &Knowledge,
    circumstances: &Circumstances,
) -> Vec<SectionReason> {
    let regimen = &screened.candidate.regimen;
    let mut reasons = Vec::new();
    if let Some(why) = &circumstances.no_ranking {
        reasons.push(words(format!("no systemic ranking: {why}")));
    }
    let (own, by_class) = exposure_reasons(regimen, case, knowledge);
    reasons.extend(own);
    reasons.extend(later_resistance(regimen, weighed, case, knowledge));
    reasons.extend(cap_reason(weighed));
    reasons.extend(withdrawal_reasons(regimen, case, knowledge));
    // A setting that does not fit blocks only through the support it takes away; it is said beside other reasons, and
    // before progression on a class mate.
    let blocked = !reasons.is_empty() || !by_class.is_empty();
    if blocked {
        reasons.extend(setting_reasons(weighed));
    }
    reasons.extend(by_class);
    merged(reasons)
}

/// Why the best support does not count here, where that is its setting.
fn setting_reasons(weighed: &Weighed) -> Vec<SectionReason> {
    if weighed.counting().next().is_some() {
        return vec![];
    }
    let best = weighed.support.iter().filter(|s| s.class == TumourClass::Specific);
    let level = best.clone().map(|s| s.judged.statement.level).min();
    best.filter(|s| Some(s.judged.statement.level) == level)
        .filter_map(|s| match &s.judged.setting {
            SettingFit::DoesNotFit(verdict) => Some((s, verdict)),
            SettingFit::Fits(_) | SettingFit::Open(_) | SettingFit::NotStated => None,
        })
        .map(|(s, verdict)| SectionReason {
            text: open_leaves(verdict),
            facts: vec![],
            statements: vec![s.judged.statement.key.clone()],
            row: None,
        })
        .collect()
}

fn words(text: impl Into<String>) -> SectionReason {
    SectionReason { text: text.into(), facts: vec![], statements: vec![], row: None }
}

fn cap_reason(weighed: &Weighed) -> Option<SectionReason> {
    let capping = caps(weighed);
    if capping.is_empty() {
        return None;
    }
    let keys: Vec<_> = capping.iter().map(|j| j.statement.key.clone()).collect();
    let level = capping.iter().map(|j| j.statement.level).min()?;
    let facts = capping.iter().flat_map(|j| j.molecular.facts.clone()).collect();
    let text = format!("level {level:?} evidence against it in this tumour and alteration");
    Some(SectionReason { text, facts, statements: keys, row: None })
}

/// Clinical resistance evidence (levels A–C) found in a sample taken after exposure to the regimen's drug.
fn later_resistance(
    regimen: &Regimen,
    weighed: &Weighed,
    case: &Case,
    knowledge: &Knowledge,
) -> Vec<SectionReason> {
    // The exposure that counts is to what the statement tested, not to another drug of the regimen.
    let starts = |j: &Judged| -> Vec<PartialDate> {
        let tested = j.statement.regimen.iter().flat_map(|tested| &tested.components);
        tested
            .filter(|drug| regimen.components.contains(drug))
            .filter_map(|drug| exposure_to(case, knowledge, &PriorTherapy::Drug(drug.clone())).start)
            .collect()
    };
    let resistant = weighed.against.iter().filter(|j| {
        let starts = starts(j);
        let after = |sampled: &PartialDate| starts.iter().any(|start| start.surely_before(sampled));
        j.statement.significance == Significance::Resistance
            && j.statement.level <= EvidenceLevel::C
            && j.molecular.sampled.as_ref().is_some_and(after)
    });
    resistant
        .map(|j| SectionReason {
            text: format!("resistance found in a sample taken after exposure: {}", carried_words(j)),
            facts: j.molecular.facts.clone(),
            statements: vec![j.statement.key.clone()],
            row: None,
        })
        .collect()
}

fn carried_words(judged: &Judged) -> String {
    let leaves = judged.molecular.verdict.leaves.iter();
    leaves.map(|leaf| leaf.what.as_str()).collect::<Vec<_>>().join("; ")
}

/// Support that was earned before resistance was found in a later sample is history: shown, and no longer counted.
pub fn mark_outlived(regimen: &Regimen, weighed: &mut Weighed, case: &Case, knowledge: &Knowledge) {
    let later = later_resistance(regimen, weighed, case, knowledge);
    let Some(first) = later.first() else { return };
    let keys = later.iter().flat_map(|r| &r.statements).map(|k| k.as_str()).collect::<Vec<_>>().join(", ");
    let what = first.text.split_once(": ").map_or(first.text.as_str(), |(_, what)| what);
    for support in weighed.support.iter_mut().filter(|s| s.standing == Standing::Counts) {
        support.standing =
            Standing::Blocked(vec![format!("for, before what was found later: {what} ({keys})")]);
    }
}

/// Progressed on it, on all its drugs, on its targeted part, or on a later drug of the same line of inhibitors.
fn exposure_reasons(
    regimen: &Regimen,
    case: &Case,
    knowledge: &Knowledge,
) -> (Vec<SectionReason>, Vec<SectionReason>) {
    let states: Vec<(&DrugName, ExposureState)> = regimen
        .components
        .iter()
        .map(|drug| (drug, exposure_to(case, knowledge, &PriorTherapy::Drug(drug.clone()))))
        .collect();
    let all_progressed = states.iter().all(|(_, state)| state.progressed.is_some());
    if all_progressed && !states.is_empty() {
        return (states.iter().map(|(drug, state)| progressed_on(drug, state)).collect(), vec![]);
    }
    let alone = states.len() == 1;
    let targeted = states.iter().filter(|(drug, _)| is_targeted(drug, alone, knowledge));
    let (mut own, mut by_class) = (Vec::new(), Vec::new());
    for (drug, state) in targeted {
        if state.progressed.is_some() {
            own.push(progressed_on(drug, state));
        } else {
            by_class.extend(outlived_by_class(drug, case, knowledge));
        }
    }
    (own, by_class)
}

fn progressed_on(drug: &DrugName, state: &ExposureState) -> SectionReason {
    let days: Vec<&str> = state.progressions.iter().map(|day| day.day_text()).collect();
    let when = if days.is_empty() { String::new() } else { format!(" ({})", days.join(", ")) };
    let disputed = if state.conflicting { ", by one source; another says it was never received" } else { "" };
    SectionReason {
        text: format!("progressed on {}{when}{disputed}", drug.spelled()),
        facts: state.facts.clone(),
        statements: vec![],
        row: None,
    }
}

/// Classes given across lines in new combinations: progression on one regimen with them does not rule out the next.
/// Unreviewed; to be checked against the tumour's guideline (bevacizumab and trastuzumab beyond progression,
/// ipilimumab added after anti-PD-1).
const CARRIED_ACROSS: [&str; 5] = ["chemotherapy", "anti-vegf", "anti-her2", "endocrine", "supportive"];
/// Families in which another drug of the same generation is an accepted next step; only the very drug rules itself
/// out. Unreviewed; guideline: NCCN, chronic myeloid leukaemia and ALK-positive NSCLC, sequence of inhibitors.
const SWITCHED_WITHIN: [&str; 2] = ["bcr-abl-tki", "alk-inhibitor"];
/// Roles in interactions (substrates, QT), not families of drugs that share resistance.
const NOT_A_FAMILY: &str = "interaction-role";

/// Directed at a molecular target and not one of the classes that are given across lines (clinical rules,
/// section 4: "a class row may move an option", and the page says on which row it rests).
fn is_targeted(drug: &DrugName, alone: bool, knowledge: &Knowledge) -> bool {
    let classes = knowledge.drugs.classes_of(drug);
    let across = CARRIED_ACROSS.iter().any(|class| classes.contains(*class));
    let joined_immunotherapy = !alone && classes.contains("checkpoint-inhibitor");
    knowledge.drugs.get(drug).is_some_and(|row| !row.targets.is_empty()) && !across && !joined_immunotherapy
}

/// A drug of the same generation class as one progressed on, or of an earlier generation of it.
fn outlived_by_class(drug: &DrugName, case: &Case, knowledge: &Knowledge) -> Option<SectionReason> {
    let row = knowledge.drugs.get(drug)?;
    let family = |class: &&ClassId| {
        let above = ancestors(class, knowledge);
        !above.iter().any(|id| id.as_str() == NOT_A_FAMILY || SWITCHED_WITHIN.contains(&id.as_str()))
    };
    row.classes.iter().filter(family).find_map(|class| {
        generations_from(class, knowledge).iter().find_map(|later| {
            let state = exposure_to(case, knowledge, &PriorTherapy::Class(later.clone()));
            let on = state.progressed.as_ref()?;
            let text = format!(
                "progressed on {} ({}); {drug} is {}",
                label(later, knowledge),
                on.day_text(),
                label(class, knowledge)
            );
            Some(SectionReason {
                text,
                facts: state.facts.clone(),
                statements: vec![],
                row: Some(class_row(row)),
            })
        })
    })
}

/// The class and everything above it.
fn ancestors(class: &ClassId, knowledge: &Knowledge) -> Vec<ClassId> {
    let mut chain = vec![class.clone()];
    while let Some(parent) = chain.last().and_then(|id| knowledge.drugs.classes.get(id)?.parent.clone()) {
        if chain.contains(&parent) {
            break;
        }
        chain.push(parent);
    }
    chain
}

fn class_row(row: &Drug) -> Sourced {
    Sourced {
        source: format!("drugs.tsv, classes of {}: {}", row.name, row.sourced.source),
        checked: row.sourced.checked,
    }
}

fn label(class: &ClassId, knowledge: &Knowledge) -> String {
    knowledge.drugs.classes.get(class).map_or_else(|| class.to_string(), |row| row.label.clone())
}

/// `x-gen2` gives itself and the later generations of `x`; any other class only itself. Sibling classes of one
/// parent are not interchangeable.
fn generations_from(class: &ClassId, knowledge: &Knowledge) -> Vec<ClassId> {
    let Some((stem, number)) = class.as_str().rsplit_once("-gen") else { return vec![class.clone()] };
    let Ok(first) = number.parse::<u32>() else { return vec![class.clone()] };
    (first..=first + 9)
        .map(|n| ClassId::new(format!("{stem}-gen{n}")))
        .filter(|id| knowledge.drugs.classes.contains_key(id))
        .collect()
}

/// A curated approval row that withdraws the use, says it is not for this tumour, or that the drug is no longer made.
fn withdrawal_reasons(regimen: &Regimen, case: &Case, knowledge: &Knowledge) -> Vec<SectionReason> {
    let rows = approvals_for(regimen, case, knowledge);
    rows.filter(|row| matches!(row.status.as_str(), "withdrawn" | "not-approved" | "discontinued"))
        .map(|row| SectionReason {
            text: status_words(row),
            facts: vec![],
            statements: vec![],
            row: Some(row.sourced.clone()),
        })
        .collect()
}

/// Approval rows of the regimen for the patient's tumour or a term above it.
pub fn approvals_for<'k>(
    regimen: &Regimen,
    case: &Case,
    knowledge: &'k Knowledge,
) -> impl Iterator<Item = &'k Approval> {
    let tumour = case.tumour.as_ref().map(|tumour| tumour.doid.clone());
    let components = regimen.components.clone();
    knowledge.approvals.iter().filter(move |row| {
        let of_regimen = row.therapy.len() == components.len() && {
            let mut therapy = row.therapy.clone();
            therapy.sort();
            therapy == components
        };
        of_regimen && tumour.as_ref().is_some_and(|tumour| knowledge.diseases.is_a(tumour, &row.doid))
    })
}

/// No blocker spoke: counting clinical support is (1), support that waits for a fact is (2), anything else (3).
fn by_support(
    screened: &ScreenedCandidate,
    weighed: &Weighed,
    case: &Case,
    knowledge: &Knowledge,
) -> (Section, Vec<SectionReason>) {
    if let Some(best) =
        weighed.counting().filter(|s| is_clinical(s, case, knowledge)).min_by_key(|s| (s.class, tier_of(s)))
    {
        let better = better_marker(screened, weighed, case, knowledge);
        return match better.is_empty() {
            true => (Section::ToDiscuss, vec![supported_by(best)]),
            false => (Section::Conditional, better),
        };
    }
    let waiting: Vec<SectionReason> =
        weighed.conditional().filter(|s| is_clinical(s, case, knowledge)).flat_map(waits_for).collect();
    if !waiting.is_empty() {
        return (Section::Conditional, merged(waiting));
    }
    let open = open_resistance(screened, weighed, case, knowledge);
    if !open.is_empty() {
        return (Section::Conditional, open);
    }
    (Section::NotApplicableNow, merged(why_nothing_counts(screened, weighed, case, knowledge)))
}

/// Support that rests on expression alone waits for the alteration on which this tumour's level A evidence for the
/// same regimen rests (clinical rules, section 2: a positive EGFR immunohistochemistry is no EGFR mutation). An
/// alteration looked for and not found holds it back as well.
fn better_marker(
    screened: &ScreenedCandidate,
    weighed: &Weighed,
    case: &Case,
    knowledge: &Knowledge,
) -> Vec<SectionReason> {
    let markers: Vec<&str> = case.facts.markers.iter().map(|m| m.meta.id.as_str()).collect();
    let by_expression = |s: &Support| {
        EvidenceLevel::A < s.judged.statement.level
            && s.judged.molecular.facts.iter().all(|fact| markers.contains(&fact.as_str()))
    };
    if !weighed.counting().all(by_expression) {
        return vec![];
    }
    let regimen = &screened.candidate.regimen;
    let level_a = knowledge.statements.iter().filter(|s| {
        s.bearing() == Bearing::For
            && s.level == EvidenceLevel::A
            && s.regimen.as_ref().is_some_and(|tested| same_regimen(tested, regimen, knowledge))
            && match_tumour(case, knowledge, s.disease.as_ref()).relation == TumourRelation::Matches
    });
    let (mut names, mut states, mut statements) = (BTreeSet::new(), BTreeSet::new(), vec![]);
    for s in level_a {
        let Some(profile) = knowledge.profile(s.profile) else { continue };
        let verdict = match_profile(case, knowledge, &profile.expr, Some(s)).verdict;
        names.extend(profile.name.split(" OR ").map(str::to_owned));
        states.insert(match verdict.truth {
            Truth::False => "looked for and not found",
            Truth::True | Truth::Open => "not known here",
        });
        statements.push(s.key.clone());
    }
    if statements.is_empty() {
        return vec![];
    }
    let list = |of: BTreeSet<String>| of.into_iter().collect::<Vec<_>>().join(" or ");
    let states = list(states.into_iter().map(str::to_owned).collect());
    vec![SectionReason {
        text: format!(
            "{WAITS_FOR}{}: {states}; supported by expression only so far, and level A evidence for it in this tumour \
             rests on the alteration",
            list(names)
        ),
        facts: vec![],
        statements,
        row: None,
    }]
}

/// How a reason begins that names the alteration an option waits for.
pub(crate) const WAITS_FOR: &str = "waits for ";

/// Levels D and E are preclinical or inferential; a single case counts only when the drug is directed at the altered
/// gene, and never from another tumour.
fn is_clinical(support: &Support, case: &Case, knowledge: &Knowledge) -> bool {
    match support.judged.statement.level {
        EvidenceLevel::A | EvidenceLevel::B => true,
        EvidenceLevel::C => {
            support.class != TumourClass::Other && is_directed(support.judged, case, knowledge)
        }
        EvidenceLevel::D | EvidenceLevel::E => false,
    }
}

fn supported_by(support: &Support) -> SectionReason {
    let statement = support.judged.statement;
    let class = match support.class {
        TumourClass::Specific => "in this tumour",
        TumourClass::Agnostic => "across tumours",
        TumourClass::Other => "in another tumour",
    };
    SectionReason {
        text: format!(
            "level {:?} evidence for it {class}: {}",
            statement.level,
            carried_words(support.judged)
        ),
        facts: support.judged.molecular.facts.clone(),
        statements: vec![statement.key.clone()],
        row: None,
    }
}

fn waits_for(support: &Support) -> Vec<SectionReason> {
    let Standing::Conditional(facts_needed) = &support.standing else { return vec![] };
    let key = &support.judged.statement.key;
    facts_needed
        .iter()
        .map(|needed| SectionReason {
            text: needed.clone(),
            facts: support.judged.molecular.facts.clone(),
            statements: vec![key.clone()],
            row: None,
        })
        .collect()
}

/// Of a therapy the record proposes: it is no option to rank, and stands beside the standard box.
pub(crate) const NOTHING_SAID: &str =
    "ordered or running in the record; no statement of this release speaks for or against it here";

/// A drug the record itself proposes, with level A/B resistance that is neither shown nor excluded.
fn open_resistance(
    screened: &ScreenedCandidate,
    weighed: &Weighed,
    case: &Case,
    knowledge: &Knowledge,
) -> Vec<SectionReason> {
    let from_record = screened.candidate.origins.iter().any(|o| matches!(o, CandidateOrigin::Record(_)));
    if !from_record || !weighed.against.is_empty() {
        return vec![];
    }
    let regimen = &screened.candidate.regimen;
    let untested = untested_resistance(regimen, case, knowledge);
    if untested.is_empty() {
        return vec![words(NOTHING_SAID)];
    }
    merged(untested.into_iter().chain(class_progression(regimen, case, knowledge)).collect())
}

/// Progression on another drug of a class the regimen's drug is of: a caution for classes where a switch is accepted.
fn class_progression(regimen: &Regimen, case: &Case, knowledge: &Knowledge) -> Vec<SectionReason> {
    let rows = regimen.components.iter().filter_map(|drug| knowledge.drugs.get(drug).map(|row| (drug, row)));
    rows.flat_map(|(drug, row)| row.classes.iter().map(move |class| (drug, row, class)))
        .filter(|(_, _, class)| !ancestors(class, knowledge).iter().any(|id| id.as_str() == NOT_A_FAMILY))
        .filter_map(|(drug, row, class)| {
            let state = exposure_to(case, knowledge, &PriorTherapy::Class(class.clone()));
            let on = state.progressed.as_ref()?;
            Some(SectionReason {
                text: format!(
                    "progressed on another {} ({}): cross-resistance with {drug} is likely",
                    label(class, knowledge),
                    on.day_text()
                ),
                facts: state.facts.clone(),
                statements: vec![],
                row: Some(class_row(row)),
            })
        })
        .collect()
}

fn untested_resistance(regimen: &Regimen, case: &Case, knowledge: &Knowledge) -> Vec<SectionReason> {
    let against = knowledge.statements.iter().filter(|s| {
        s.bearing() == Bearing::Against
            && s.level <= EvidenceLevel::B
            && !knowledge.possibly_prognostic.contains_key(&s.key)
            && knowledge.counts(s)
            && s.regimen.as_ref().is_some_and(|tested| same_regimen(tested, regimen, knowledge))
    });
    against
        .filter(|s| match_tumour(case, knowledge, s.disease.as_ref()).relation == TumourRelation::Matches)
        .filter_map(|s| {
            let profile = knowledge.profile(s.profile)?;
            let verdict = match_profile(case, knowledge, &profile.expr, Some(s)).verdict;
            (verdict.truth == Truth::Open).then(|| SectionReason {
                text: format!("resistance not excluded: {}", open_leaves(&verdict)),
                facts: vec![],
                statements: vec![s.key.clone()],
                row: None,
            })
        })
        .collect()
}

fn open_leaves(verdict: &Verdict) -> String {
    verdict.leaves.iter().map(|leaf| leaf.what.as_str()).collect::<Vec<_>>().join("; ")
}

/// One reason a statement, best level first; same words from several statements are one.
fn why_nothing_counts(
    screened: &ScreenedCandidate,
    weighed: &Weighed,
    case: &Case,
    knowledge: &Knowledge,
) -> Vec<SectionReason> {
    let mut supports: Vec<&Support> = weighed.support.iter().collect();
    supports.sort_by_key(|s| (s.class, s.judged.statement.level, s.judged.statement.key.clone()));
    let reasons: Vec<SectionReason> = supports.into_iter().map(|s| why_not(s, case, knowledge)).collect();
    if reasons.is_empty() {
        let against_only = screened.candidate.origins.contains(&CandidateOrigin::AgainstOnly);
        return vec![words(if against_only {
            "only evidence against it"
        } else {
            "no supporting evidence matches"
        })];
    }
    reasons
}

fn why_not(support: &Support, case: &Case, knowledge: &Knowledge) -> SectionReason {
    let text = match &support.standing {
        _ if support.class == TumourClass::Other
            && support.judged.tumour.relation == TumourRelation::Other =>
        {
            "evidence of another tumour, not carried over to this one".to_owned()
        }
        Standing::Blocked(texts) | Standing::Conditional(texts) if is_clinical(support, case, knowledge) => {
            texts.join("; ")
        }
        Standing::Counts | Standing::Blocked(_) | Standing::Conditional(_) => thin_support(support),
    };
    SectionReason {
        text,
        facts: support.judged.molecular.facts.clone(),
        statements: vec![support.judged.statement.key.clone()],
        row: None,
    }
}

fn thin_support(support: &Support) -> String {
    match (support.judged.statement.level, support.class) {
        (EvidenceLevel::C, TumourClass::Other) => "only single cases in another tumour".into(),
        (EvidenceLevel::C, _) => "only single cases, of a drug not directed at the altered gene".into(),
        _ => "only preclinical or inferential evidence (level D or E)".into(),
    }
}

/// Same words from several statements are one reason with all keys.
fn merged(reasons: Vec<SectionReason>) -> Vec<SectionReason> {
    let mut out: Vec<SectionReason> = Vec::new();
    for reason in reasons {
        match out.iter_mut().find(|known| known.text == reason.text) {
            Some(known) => {
                known.statements.extend(reason.statements);
                known.statements.sort();
                known.statements.dedup();
                known.facts.extend(reason.facts);
                known.facts.sort();
                known.facts.dedup();
            }
            None => out.push(reason),
        }
    }
    out
}
