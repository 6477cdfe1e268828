//! How does a case become a plan? The stages in order; the screen cannot be left out.

use crate::alerts;
use crate::alterations::alteration_verdicts;
use crate::candidates::find_candidates;
use crate::describe::IN_RECORD;
use crate::germline::germline_flags;
use crate::judge::{Index, Judged, judge_statements};
use crate::next_facts::next_facts;
use crate::patient::patient_line;
use crate::place::{Circumstances, NOTHING_SAID};
use crate::plan::{Cited, EvidenceItem, Plan, PlanOption, RunManifest, Section, StandardBox, StandardEntry};
use crate::rank::{Ranked, rank};
use crate::standard::{is_here, needs_of_rows, standard_box};
use crate::weigh::cite;
use concilium_case::{Case, Extent, ImagingFinding, Origin, PerformanceScale, Presence, RegionStudied};
use concilium_criteria::{TumourRelation, outdated_by};
use concilium_evidence::{Bearing, EvidenceLevel, Statement};
use concilium_knowledge::{Knowledge, Sourced};
use concilium_safety::{Gates, SafetyFinding, SafetyVerdict, screen, spoken};
use concilium_terms::{DrugName, StatementKey, Truth};
use std::collections::{BTreeMap, BTreeSet};

/// Judges, screens, ranks and describes.
pub fn build_plan(case: &Case, knowledge: &Knowledge, index: &Index, manifest: RunManifest) -> Plan {
    let judged = judge_statements(case, knowledge, index);
    let found = find_candidates(case, knowledge, &judged);
    let mut gates = Gates::new(case, knowledge);
    let screened = screen(found.candidates, &mut gates);
    let circumstances = Circumstances { no_ranking: no_systemic_ranking(case) };
    let Ranked { options: ranked, winners } = rank(screened, &judged, case, knowledge, &circumstances);
    let nothing_ranked = circumstances.no_ranking.is_some();
    let (recorded_only, options): (Vec<_>, Vec<_>) =
        ranked.into_iter().partition(|o| is_only_recorded(o, nothing_ranked));
    let (options, set_aside): (Vec<_>, Vec<_>) =
        options.into_iter().partition(|o| !nothing_ranked || o.section == Section::RefusedBySafety);
    // What is not ranked is no option another row could have lost to.
    let winners = if nothing_ranked { vec![] } else { winners };
    let mut standard = standard_box(case, knowledge, &judged, &winners, &mut gates);
    standard
        .entries
        .extend(recorded_only.into_iter().map(|o| recorded(o, circumstances.no_ranking.as_deref())));
    let rows = needs_of_rows(case, knowledge);
    let options: Vec<PlanOption> = options.into_iter().map(|o| asking(o, &rows)).collect();
    let context = context(&judged);
    let evidence = evidence(&options, &standard, &context, knowledge);
    Plan {
        patient: patient_line(case, knowledge),
        abstains: case
            .tumour
            .is_none()
            .then(|| "tumour type: no cancer condition could be resolved".to_owned()),
        no_systemic_ranking: circumstances.no_ranking,
        outdated: alerts::outdated(case, knowledge),
        alterations: alteration_verdicts(case, knowledge, &judged, &options),
        next_facts: next_facts(case, knowledge, index, &options, &standard, nothing_ranked),
        unreviewed: unreviewed(&options, &standard, knowledge),
        germline_flags: germline_flags(case),
        conflicts: case.conflicts.clone(),
        lab_opinions: case.facts.lab_opinions.clone(),
        issues: case.facts.issues.clone(),
        retracted: case.retracted.clone(),
        not_covered: not_covered(&found.preclinical, &set_aside, !case.facts.imaging.is_empty()),
        alerts: alerts::of_current_drugs(case, knowledge, &mut gates),
        asked: asked(&options, &standard),
        negatives: negatives(case),
        manifest,
        standard,
        options,
        context,
        evidence,
        literature: BTreeMap::new(),
        imaging: case.facts.imaging.iter().map(|f| ImagingFinding { picture: None, ..f.clone() }).collect(),
        literature_notes: vec![],
        trials: Default::default(),
    }
}

/// A curative path untreated, remission, or unfit for systemic therapy (clinical rules, section 4).
fn no_systemic_ranking(case: &Case) -> Option<String> {
    let tumour = case.tumour.as_ref()?;
    if tumour.extent == Extent::Remission {
        return Some("the disease is recorded as in remission".into());
    }
    let newest = case.facts.performance.iter().max_by_key(|p| (p.meta.when.clone(), p.meta.id.clone()));
    if let Some(status) = newest.filter(|p| p.scale == PerformanceScale::Ecog && 4 <= p.value) {
        return Some(format!(
            "ECOG {} is recorded: unfit for systemic therapy until judged otherwise",
            status.value
        ));
    }
    let untreated = case.lines.is_empty();
    (tumour.extent == Extent::Localised && untreated)
        .then(|| "a curative path is open and untreated: local treatment is decided first".into())
}

/// Ordered, planned or running in the record, and this release says nothing of it (or nothing is ranked): no option.
/// What safety refuses stays one, so that it is seen.
fn is_only_recorded(option: &PlanOption, nothing_ranked: bool) -> bool {
    let recorded = option.origin.iter().all(|origin| origin.starts_with(IN_RECORD));
    let silent = option.reasons.iter().all(|reason| reason.text == NOTHING_SAID);
    let unsupported = option.for_.is_empty() && option.against.is_empty();
    recorded && option.section != Section::RefusedBySafety && (silent || nothing_ranked && unsupported)
}

/// An option that may be given and holds all drugs of a standard row asks first for what that row asks.
fn asking(option: PlanOption, rows: &[(Vec<DrugName>, Vec<String>)]) -> PlanOption {
    if Section::Conditional < option.section {
        return option;
    }
    let held = |drugs: &[DrugName]| drugs.iter().all(|drug| option.regimen.components.contains(drug));
    let mut needs: Vec<String> = vec![];
    for need in rows.iter().filter(|(drugs, _)| held(drugs)).flat_map(|(_, needs)| needs) {
        if !needs.contains(need) {
            needs.push(need.clone());
        }
    }
    PlanOption { needs, ..option }
}

fn is_about_this(cited: &Cited) -> bool {
    is_here(cited.molecular.verdict.truth == Truth::True, cited.tumour.relation, &cited.setting)
}

/// Such a therapy as an entry of the box of what is not ranked, with its safety findings.
fn recorded(option: PlanOption, no_ranking: Option<&str>) -> StandardEntry {
    StandardEntry {
        option: option.regimen.label(),
        kind: RECORDED.into(),
        setting: "ordered, planned or running".into(),
        conditions: vec![
            no_ranking.map_or_else(|| NOTHING_SAID.to_owned(), |why| format!("not ranked: {why}")),
        ],
        needs: String::new(),
        have: vec![],
        sequence: String::new(),
        exposure: option.exposure,
        safety: option.safety,
        evidence: option.notes.into_iter().filter(is_about_this).collect(),
        beaten_by: vec![],
        sourced: Sourced { source: option.origin.join("; "), checked: true },
    }
}

/// Prognostic, diagnostic and predisposing statements the patient's facts satisfy in this tumour, levels A–C.
fn context(judged: &[Judged]) -> Vec<Cited> {
    judged
        .iter()
        .filter(|j| j.bearing == Bearing::Context && j.is_carried())
        .filter(|j| j.tumour.relation == TumourRelation::Matches && j.statement.level <= EvidenceLevel::C)
        .map(|j| cite(j, j.remark_or("context, never an option")))
        .collect()
}

fn evidence(
    options: &[PlanOption],
    standard: &StandardBox,
    context: &[Cited],
    knowledge: &Knowledge,
) -> BTreeMap<StatementKey, EvidenceItem> {
    let of_options = options.iter().flat_map(|o| o.for_.iter().chain(&o.against).chain(&o.notes));
    let of_standard = standard.entries.iter().flat_map(|e| &e.evidence);
    let cited = of_options.chain(of_standard).chain(context);
    let lost =
        options.iter().flat_map(|o| &o.beaten_by).chain(standard.entries.iter().flat_map(|e| &e.beaten_by));
    let lost = lost.flat_map(|one| &one.statements);
    let keys: BTreeSet<&StatementKey> = cited.map(|c| &c.key).chain(lost).collect();
    keys.into_iter().filter_map(|key| evidence_item(knowledge.statements_of(key), knowledge)).collect()
}

fn evidence_item(statements: &[Statement], knowledge: &Knowledge) -> Option<(StatementKey, EvidenceItem)> {
    let first = statements.first()?;
    let therapies: Vec<String> =
        statements.iter().filter_map(|s| s.regimen.as_ref().map(|r| r.label())).collect();
    let joint = if first.substitute { " or " } else { ", " };
    let stance = match first.stance {
        concilium_evidence::Stance::Supports => "supports",
        concilium_evidence::Stance::DoesNotSupport => "does not support",
        concilium_evidence::Stance::NotStated => "direction not stated:",
    };
    let source = if first.source_type == "PubMed" { "PMID" } else { first.source_type.as_str() };
    let item = EvidenceItem {
        key: first.key.clone(),
        layer: first.layer.clone(),
        profile: knowledge.profile(first.profile).map(|p| p.name.clone()).unwrap_or_default(),
        disease: first.disease_name.clone(),
        therapies: therapies.join(joint),
        kind: first.kind,
        claim: format!("{stance} {}", first.significance_text),
        level: first.level,
        rating: first.rating,
        origin: first.origin,
        flagged: first.flagged,
        citation: format!("{source} {}", first.citation),
        year: first.year,
        trials: first.trials.clone(),
        reviewed: first.reviewed.clone().unwrap_or_default(),
    };
    Some((first.key.clone(), item))
}

fn unreviewed(options: &[PlanOption], standard: &StandardBox, knowledge: &Knowledge) -> Vec<String> {
    let mut rows: BTreeSet<String> = BTreeSet::new();
    let mut add = |what: String, sourced: &Sourced| {
        if !sourced.checked {
            rows.insert(format!("{what}: {}", sourced.source));
        }
    };
    for option in options {
        for finding in &option.safety {
            add(format!("safety {}", finding.rule), &finding.sourced);
        }
        for reason in &option.reasons {
            if let Some(row) = &reason.row {
                add(format!("placement of {}", option.regimen.label()), row);
            }
        }
        for cited in option.for_.iter().chain(&option.against) {
            if let Some(setting) = knowledge.settings.get(&cited.key) {
                add(format!("setting {}", cited.key), &setting.sourced);
            }
        }
    }
    for entry in &standard.entries {
        add(format!("standard {}", entry.option), &entry.sourced);
    }
    rows.into_iter().collect()
}

/// The record's own proposals with the answer of this plan.
fn asked(options: &[PlanOption], standard: &StandardBox) -> Vec<String> {
    let of_option = options.iter().filter(|o| o.origin.iter().any(|origin| origin.starts_with(IN_RECORD)));
    let answered = of_option.map(|o| {
        let why = o.reasons.first().map_or("", |reason| reason.text.as_str());
        let mut words =
            vec![format!("{}: ({}) {}: {why}", o.name, o.section.number(), o.section.title().to_lowercase())];
        words.extend(grave_findings(&o.safety));
        words.join("; ")
    });
    let unranked = standard.entries.iter().filter(|e| e.kind == RECORDED);
    let silent = unranked.map(|e| format!("{}: {}", e.option, e.conditions.join("; ")));
    answered.chain(silent).collect()
}

/// What was found is said once, with all that it asks for.
fn grave_findings(safety: &[SafetyFinding]) -> Vec<String> {
    let mut said: Vec<(&str, &str, Vec<&str>)> = vec![];
    for finding in safety.iter().filter(|f| f.verdict <= SafetyVerdict::TestFirst) {
        let (about, found) = (spoken(&finding.about), finding.found.as_str());
        match said.iter_mut().find(|(a, f, _)| (*a, *f) == (about, found)) {
            Some((_, _, actions)) => actions.push(&finding.action),
            None => said.push((about, found, vec![&finding.action])),
        }
    }
    let words = |(about, found, actions): (&str, &str, Vec<&str>)| {
        format!("{about}: {} ({found})", actions.join(" / "))
    };
    said.into_iter().map(words).collect()
}

/// Kind of an entry that only the record proposes.
const RECORDED: &str = "in the record";

/// Genes studied without a reported variant: a wild type is a result.
fn negatives(case: &Case) -> Vec<String> {
    let reported: BTreeSet<&str> = case
        .facts
        .alterations
        .iter()
        .filter(|a| a.presence == Presence::Present)
        .map(|a| a.gene.as_str())
        .collect();
    let mut lines: Vec<String> = case
        .facts
        .regions
        .iter()
        .filter_map(|region| {
            let silent: BTreeSet<&str> = region
                .genes
                .iter()
                .map(|gene| gene.as_str())
                .filter(|gene| !reported.contains(gene))
                .collect();
            let genes: Vec<&str> = silent.into_iter().collect();
            let day = region.meta.when.as_ref().map_or("undated", |when| when.day_text());
            let mut test = vec![region.specimen.as_deref().unwrap_or("specimen not stated"), day];
            test.extend(
                is_stale(region, case).then_some("before the last systemic line: may have changed since"),
            );
            let test = test.join(", ");
            (!genes.is_empty()).then(|| format!("{} ({test})", genes.join(", ")))
        })
        .collect();
    lines.sort();
    lines.dedup();
    lines
}

/// A negative ages as a finding does; an inherited change, found or not, does not.
fn is_stale(region: &RegionStudied, case: &Case) -> bool {
    let specimen = case.facts.specimens.iter().find(|s| Some(&s.meta.id) == region.specimen.as_ref());
    let sampled = specimen.and_then(|s| s.meta.when.as_ref()).or(region.meta.when.as_ref());
    region.origin != Origin::Germline && sampled.is_some_and(|day| outdated_by(case, day).is_some())
}

fn not_covered(preclinical: &[String], set_aside: &[PlanOption], images: bool) -> Vec<String> {
    let mut lines = [
        "dose, schedule and formulation are not modelled",
        "ESCAT tiers: no open table exists; AMP categories cover CIViC assertions only",
        "approval is stated only where a curated row exists",
        "patient wishes are not read from the records",
        if images {
            "what was measured in images is shown and ranks nothing"
        } else {
            "imaging measurements are not part of this plan"
        },
    ]
    .map(str::to_owned)
    .to_vec();
    if !set_aside.is_empty() {
        let names: Vec<&str> = set_aside.iter().map(|option| option.name.as_str()).collect();
        lines.push(format!("evidence was found and nothing is ranked: {}", names.join("; ")));
    }
    if !preclinical.is_empty() {
        lines.push(format!(
            "preclinical or inferential evidence only (level D or E), not listed as options: {}",
            preclinical.join("; ")
        ));
    }
    lines
}
