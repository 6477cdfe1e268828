//! Which untested facts would change the plan, and what would each unlock?
//!
//! Sources: conditions of standard rows, doubts in the case itself, facts that conditional options wait for, tests a
//! gate asks for, and level A/B statements whose profile was never tested.

mod untested;

use crate::disease;
use crate::judge::Index;
use crate::patient::{aged_day, stated_absent};
use crate::place::WAITS_FOR;
use crate::plan::{NextFact, PlanOption, Section, StandardBox};
use crate::standard::OTHER_KIND;
use concilium_case::{Case, Extent, Gap, Origin, Pharmacogene, Presence};
use concilium_knowledge::Knowledge;
use concilium_safety::{SafetyFinding, SafetyVerdict, spoken};
use std::collections::{BTreeMap, BTreeSet};

/// Order of what a fact can change, smaller first; the steps leave room for an order inside.
mod priority {
    /// Standard treatment, in the order of the curated rows.
    pub const STANDARD: i64 = 0;
    /// Whether a finding is the tumour's at all.
    pub const FINDINGS: i64 = 500;
    /// An option that waits for it.
    pub const OPTION: i64 = 1000;
    /// How the findings act together.
    pub const PHASE: i64 = 2000;
    /// A gate before an option of (1).
    pub const GATE: i64 = 2200;
    /// What a standard row asks to look at.
    pub const NEED: i64 = 2500;
    /// Level A of this tumour, of any tumour; level B of this tumour.
    pub const UNTESTED: [i64; 3] = [3000, 3500, 5000];
    /// Other drivers where one is proved.
    pub const DRIVERS: i64 = 3600;
    /// A gate before an option of (2).
    pub const LATER_GATE: i64 = 4500;
    /// Level B across tumours.
    pub const WIDER: i64 = 6000;
}

/// Ordered by what they unlock: standard treatment, conditional options, level A, then level B statements.
pub fn next_facts(
    case: &Case,
    knowledge: &Knowledge,
    index: &Index,
    options: &[PlanOption],
    standard: &StandardBox,
    nothing_ranked: bool,
) -> Vec<NextFact> {
    let mut found: BTreeMap<String, NextFact> = BTreeMap::new();
    let safety = from_safety(options, standard, &stated_absent(case));
    let gates: BTreeSet<String> = safety.iter().map(|fact| fact.fact.clone()).collect();
    let of_standard = from_standard(standard).into_iter().chain(from_needs(standard, options, &gates));
    for fact in of_standard.chain(from_options(options, case)).chain(from_case(case)).chain(safety) {
        merge(&mut found, fact);
    }
    // In remission or before a cure no marker is worth a test for what nobody would give.
    if !nothing_ranked {
        for fact in untested::from_untested(case, knowledge, index, options) {
            merge(&mut found, fact);
        }
    }
    one_panel(&mut found);
    let mut facts: Vec<NextFact> = found.into_values().collect();
    facts.iter_mut().for_each(|fact| fact.unlocks = told_once(std::mem::take(&mut fact.unlocks)));
    facts.sort_by(|a, b| (a.priority, &a.fact).cmp(&(b.priority, &b.fact)));
    facts
}

/// Genes from which on they are one question: one panel answers them together.
const PANEL: usize = 3;
const ALTERED_OR_NOT: &str = " (altered or not)";

/// Genes nobody tested that standard rows wait for are asked for as one panel, at the place of the first of them.
fn one_panel(found: &mut BTreeMap<String, NextFact>) {
    let waits = |fact: &NextFact| fact.fact.ends_with(ALTERED_OR_NOT) && fact.state == "not known";
    let mut genes: Vec<(i64, String)> =
        found.values().filter(|fact| waits(fact)).map(|fact| (fact.priority, fact.fact.clone())).collect();
    if genes.len() < PANEL {
        return;
    }
    genes.sort();
    let facts: Vec<NextFact> = genes.iter().filter_map(|(_, name)| found.remove(name)).collect();
    let names: Vec<&str> = facts.iter().map(|fact| fact.fact.trim_end_matches(ALTERED_OR_NOT)).collect();
    let fact = format!("one sequencing panel with fusions: {}", names.join(", "));
    let panel = NextFact {
        fact: fact.clone(),
        state: "not known".into(),
        unlocks: facts.iter().flat_map(|fact| fact.unlocks.clone()).collect(),
        priority: facts.iter().map(|fact| fact.priority).min().unwrap_or(priority::STANDARD),
        statements: facts.iter().flat_map(|fact| fact.statements.clone()).collect(),
    };
    found.insert(fact, panel);
}

const GATE: &str = "gate before ";
const AVOID: &str = "find the cause, repeat: as it stands, avoid ";
const NEED: &str = "looked at before ";

/// `gate before a`, `gate before b` is `gate before a, b`.
fn told_once(unlocks: Vec<String>) -> Vec<String> {
    let mut told = Vec::new();
    for prefix in [AVOID, GATE, NEED] {
        let mut named: Vec<&str> = unlocks.iter().filter_map(|one| one.strip_prefix(prefix)).collect();
        // Two rows may carry one name: the reader needs it once.
        let mut seen = BTreeSet::new();
        named.retain(|name| seen.insert(*name));
        if !named.is_empty() {
            told.push(format!("{prefix}{}", named.join(", ")));
        }
    }
    let apart = |one: &String| ![AVOID, GATE, NEED].iter().any(|prefix| one.starts_with(prefix));
    let mut rest: Vec<String> = unlocks.into_iter().filter(apart).collect();
    rest.extend(told);
    rest
}

fn merge(found: &mut BTreeMap<String, NextFact>, fact: NextFact) {
    match found.get_mut(&fact.fact) {
        Some(known) => {
            if fact.priority < known.priority {
                known.priority = fact.priority;
            }
            if known.state == "not known" && fact.state != "not known" {
                known.state = fact.state;
            }
            known.unlocks.extend(fact.unlocks);
            known.unlocks.sort();
            known.unlocks.dedup();
            known.statements.extend(fact.statements);
            known.statements.sort();
            known.statements.dedup();
        }
        None => {
            found.insert(fact.fact.clone(), fact);
        }
    }
}

/// A standard row waits for a condition nobody has looked at: first of all, for it may change standard treatment.
fn from_standard(standard: &StandardBox) -> Vec<NextFact> {
    let mut facts = Vec::new();
    for (row, entry) in (0_i64..).zip(&standard.entries) {
        let open = entry.conditions.iter().filter_map(|c| Some(c.split_once(": not known")?.0));
        for condition in open {
            facts.push(NextFact {
                fact: fact_of_condition(condition),
                state: "not known".into(),
                unlocks: vec![format!("standard option if {condition}: {} (not a CIViC row)", entry.option)],
                priority: priority::STANDARD + row.min(400),
                statements: vec![],
            });
        }
    }
    facts
}

/// What standard rows ask to look at and the record does not hold; needs of the same rows are one line. A test that a
/// gate asks for already stands on its own.
fn from_needs(standard: &StandardBox, options: &[PlanOption], gates: &BTreeSet<String>) -> Vec<NextFact> {
    let mut asked: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, entry) in standard.entries.iter().enumerate() {
        let needs = entry.needs.split("; ").filter(|need| !need.is_empty() && !gates.contains(*need));
        needs.for_each(|need| asked.entry(need).or_default().push(row));
    }
    let mut groups: BTreeMap<Vec<usize>, Vec<String>> = BTreeMap::new();
    let mut markers: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (need, rows) in asked {
        // A marker is one question, whichever words a row asks it in.
        match marker_of(need) {
            Some(marker) => markers.entry(marker).or_default().extend(rows),
            None => groups.entry(rows).or_default().push(need.to_owned()),
        }
    }
    let markers = markers.into_iter().map(|(marker, rows)| (rows.into_iter().collect(), vec![marker]));
    let fact = |(rows, needs): (Vec<usize>, Vec<String>)| {
        let asked = needs.join("; ");
        let asks = |option: &&PlanOption| option.needs.iter().any(|need| asked.contains(need.as_str()));
        let options: Vec<&PlanOption> = options.iter().filter(asks).collect();
        let named = options.iter().map(|option| option.name.as_str());
        let of_rows = rows.iter().map(|row| standard.entries[*row].option.as_str());
        let row = rows.first().and_then(|row| i64::try_from(*row).ok()).unwrap_or(400).min(400);
        let decides = options.iter().any(|option| option.section == Section::ToDiscuss);
        NextFact {
            unlocks: named.chain(of_rows).map(|name| format!("{NEED}{name}")).collect(),
            fact: asked,
            state: "not recorded".into(),
            // What decides on an option of (1) stands before its gates.
            priority: if decides { priority::GATE - 100 } else { priority::NEED + row },
            statements: vec![],
        }
    };
    groups.into_iter().chain(markers).map(fact).collect()
}

/// Several rows may wait for one test: `HER2 low`, `HER2 negative` are one question.
fn fact_of_condition(condition: &str) -> String {
    if let Some(marker) = marker_of(condition) {
        return marker;
    }
    if let Some(kind) = condition.strip_prefix(OTHER_KIND) {
        return format!("histology: {kind} or not");
    }
    match condition.split(' ').next() {
        Some(gene) if condition.ends_with("altered") => format!("{gene}{ALTERED_OR_NOT}"),
        // Whether it was given is one question, whichever answer a row waits for.
        Some("no") => condition.trim_start_matches("no ").to_owned(),
        _ => condition.to_owned(),
    }
}

/// `MSI high`, `MSI or mismatch repair`, `PD-L1 tumour proportion score`: the marker as one question.
fn marker_of(words: &str) -> Option<String> {
    match words.split(' ').next()? {
        "MSI" | "MMR" => Some("MSI / mismatch repair".into()),
        "HER2" => Some(HER2_STATUS.into()),
        marker @ ("ER" | "PR" | "PD-L1" | "TMB" | "HRD") => Some(format!("{marker} status")),
        _ => None,
    }
}

const HER2_STATUS: &str = "HER2 (ERBB2) status";

fn from_options(options: &[PlanOption], case: &Case) -> Vec<NextFact> {
    let conditional = options.iter().filter(|o| o.section == Section::Conditional);
    conditional
        .flat_map(|option| {
            // A reason without a statement is a caution, not a fact to obtain.
            let waits = option.reasons.iter().filter(|reason| !reason.statements.is_empty());
            waits.map(|reason| {
                let (fact, state) = question(&reason.text, case);
                NextFact {
                    fact,
                    state,
                    unlocks: vec![option.regimen.label()],
                    priority: priority::OPTION,
                    statements: reason.statements.clone(),
                }
            })
        })
        .collect()
}

/// The question behind a reason, so that reasons which one answer settles are one line.
fn question(reason: &str, case: &Case) -> (String, String) {
    let about_her2 = ["HER2 ", "ERBB2 "].iter().any(|start| reason.starts_with(start));
    if about_her2 {
        let state = format!("records disagree, repeat the test on the newest tissue: {reason}");
        return (HER2_STATUS.to_owned(), state);
    }
    let in_gap = |gap: &&Gap| reason.ends_with(&gap.words());
    if let Some(gap) = case.history_gaps.iter().find(in_gap) {
        return (EARLIER_TREATMENT.to_owned(), gap.words());
    }
    match reason.split_once(": ") {
        Some((asked, why)) if asked.starts_with(WAITS_FOR) => {
            (asked.trim_start_matches(WAITS_FOR).to_owned(), why.to_owned())
        }
        Some((asked, why)) if asked.starts_with("prior ") && asked.ends_with(" required") => {
            (asked.trim_end_matches(" required").to_owned(), why.to_owned())
        }
        Some((asked, why)) if asked.starts_with("no prior ") => {
            (asked.trim_start_matches("no ").to_owned(), why.to_owned())
        }
        _ => (reason.to_owned(), "open".to_owned()),
    }
}

const EARLIER_TREATMENT: &str = "earlier treatment records";

/// Tests a gate asks for before an option that may be given now, the gates of the best option first; and what makes
/// an option of (1) one to avoid, for its cause may pass.
fn from_safety(options: &[PlanOption], standard: &StandardBox, absent: &[String]) -> Vec<NextFact> {
    let open = options.iter().filter(|o| o.section <= Section::Conditional);
    let of_options = open.flat_map(|o| {
        let (base, first) = match o.section {
            Section::ToDiscuss => (priority::GATE, true),
            _ => (priority::LATER_GATE, false),
        };
        let place = base + i64::from(o.rank.min(90));
        o.safety.iter().map(move |f| (f, o.name.clone(), place, first))
    });
    let of_standard = standard
        .entries
        .iter()
        .flat_map(|e| e.safety.iter().map(|f| (f, e.option.clone(), priority::GATE + 95, false)));
    let all: Vec<_> = of_options.chain(of_standard).collect();
    let diagnoses =
        unasked_diagnoses(all.iter().map(|(finding, option, ..)| (*finding, option.as_str())), absent);
    let gates = all.iter().flat_map(|(finding, option, place, first)| gate(finding, option, *place, *first));
    gates.chain(diagnoses).collect()
}

/// Diagnoses nobody stated that rules of the drugs read: one question for the whole plan, each with the options it
/// stands before. What the records deny in other words stands beside it.
fn unasked_diagnoses<'a>(
    findings: impl Iterator<Item = (&'a SafetyFinding, &'a str)>,
    absent: &[String],
) -> Option<NextFact> {
    let mut before: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (finding, option) in findings.filter(|(finding, _)| finding.rule == "not-recorded") {
        let named = finding.about.split(", ").find_map(|list| list.strip_prefix("other diagnoses: "));
        for diagnosis in named.into_iter().flat_map(|named| named.split(" / ")) {
            before.entry(diagnosis).or_default().insert(option);
        }
    }
    let names: Vec<&str> = before.keys().copied().collect();
    let mut groups: BTreeMap<BTreeSet<&str>, Vec<&str>> = BTreeMap::new();
    for (diagnosis, options) in &before {
        groups.entry(options.clone()).or_default().push(diagnosis);
    }
    let words = |(options, diagnoses): (&BTreeSet<&str>, &Vec<&str>)| {
        let options: Vec<&str> = options.iter().copied().collect();
        format!("{}: before {}", diagnoses.join(", "), options.join(", "))
    };
    (!names.is_empty()).then(|| NextFact {
        fact: format!("other diagnoses, each yes or no: {}", names.join(", ")),
        state: match absent {
            [] => "not stated either way; a list of diagnoses need not be complete".into(),
            absent => format!("stated absent: {}; none of these stated either way", absent.join(", ")),
        },
        unlocks: groups.iter().map(words).collect(),
        priority: priority::GATE + 94,
        statements: vec![],
    })
}

fn gate(finding: &SafetyFinding, option: &str, place: i64, first: bool) -> Vec<NextFact> {
    if finding.rule == "not-recorded" {
        // Diagnoses are asked for together (`unasked_diagnoses`).
        let lists = finding.about.split(", ").filter(|list| !list.starts_with("other diagnoses"));
        return lists.map(|list| silent_list(list, option)).collect();
    }
    if finding.rule == "intolerance-class" {
        return vec![NextFact {
            fact: finding.about.clone(),
            state: finding.found.clone(),
            unlocks: vec![format!("{GATE}{option}")],
            priority: place,
            statements: vec![],
        }];
    }
    let asks = finding.verdict == SafetyVerdict::TestFirst && !finding.about.contains(' ');
    let avoid = first && finding.verdict == SafetyVerdict::Avoid;
    let unlocks = match (asks, avoid) {
        (true, _) => format!("{GATE}{option}"),
        (_, true) => format!("{AVOID}{option}"),
        _ => return vec![],
    };
    vec![NextFact {
        fact: spoken(&finding.about).to_owned(),
        state: match finding.facts.is_empty() && finding.found.starts_with("holds for everyone") {
            true => "asked of every patient given this drug".to_owned(),
            false => finding.found.split(';').next().unwrap_or_default().to_owned(),
        },
        unlocks: vec![unlocks],
        priority: if avoid { priority::OPTION } else { place },
        statements: vec![],
    }]
}

/// A whole list of the record is empty: nobody asked is not "none".
fn silent_list(list: &str, option: &str) -> NextFact {
    NextFact {
        fact: list.split(':').next().unwrap_or(list).to_owned(),
        state: "not recorded; nobody asked is not “none”".into(),
        unlocks: vec![format!("{GATE}{option}")],
        priority: priority::GATE + 96,
        statements: vec![],
    }
}

/// Doubts in the case itself: phase never reported, paired germline missing, tissue never sequenced.
fn from_case(case: &Case) -> Vec<NextFact> {
    let mut facts = Vec::new();
    facts.extend(unphased(case));
    facts.extend(unpaired_plasma(case));
    facts.extend(case.facts.pharmacogenes.iter().filter(|p| !p.uncovered.is_empty()).map(uncovered));
    facts.extend(case.history_gaps.iter().map(gap));
    facts.extend(restaging(case));
    facts
}

/// Days after which the newest word on the extent of the disease says little of today. Own convention, unreviewed: to be
/// checked against the intervals of imaging in guidelines of each tumour.
const EXTENT_DAYS: i32 = 180;

/// Stage, lines and what could be measured rest on the newest word on the disease; an old one is asked for anew.
fn restaging(case: &Case) -> Option<NextFact> {
    let tumour = case.tumour.as_ref().filter(|tumour| tumour.extent != Extent::Remission)?;
    let newest = disease::newest_word(case).or(tumour.diagnosed.as_ref());
    if newest.is_some_and(|when| when.days_until(case.as_of.date()).0 <= EXTENT_DAYS) {
        return None;
    }
    Some(NextFact {
        fact: "restaging: imaging of all sites, brain where the tumour goes there".into(),
        state: match newest {
            Some(_) => format!("the newest word on its extent: {}", aged_day(newest, "undated", case)),
            None => "no dated word on its extent".into(),
        },
        unlocks: vec!["stage, line and intent, and with them every option".into()],
        priority: priority::STANDARD,
        statements: vec![],
    })
}

/// A pharmacogene whose defining positions the assay did not cover has no phenotype.
fn uncovered(result: &Pharmacogene) -> NextFact {
    NextFact {
        fact: format!("{} genotype", result.gene),
        state: format!("tested, not covered: {}", result.uncovered.join(", ")),
        unlocks: vec![format!("dose of every drug that {} clears", result.gene)],
        priority: priority::OPTION,
        statements: vec![],
    }
}

/// Treatment that is not in the records decides which lines and settings fit.
fn gap(gap: &Gap) -> NextFact {
    NextFact {
        fact: EARLIER_TREATMENT.into(),
        state: gap.words(),
        unlocks: vec!["lines of therapy, prior therapies that options ask for".into()],
        priority: priority::FINDINGS,
        statements: vec![],
    }
}

fn unphased(case: &Case) -> Option<NextFact> {
    let mut by_gene: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for alteration in case.facts.alterations.iter().filter(|a| a.presence == Presence::Present) {
        by_gene.entry(alteration.gene.as_str()).or_default().insert(&alteration.label);
    }
    let (gene, labels) = by_gene.into_iter().find(|(_, labels)| 2 < labels.len() || in_resistance(labels))?;
    let stated = case
        .facts
        .alterations
        .iter()
        .any(|a| a.gene.as_str() == gene && a.phase.iter().any(|p| p.1.is_some()));
    (!stated).then(|| NextFact {
        fact: format!("phase (cis or trans) of {gene} variants"),
        state: "not reported".into(),
        unlocks: vec![format!("how {} act together", labels.into_iter().collect::<Vec<_>>().join(", "))],
        priority: priority::PHASE,
        statements: vec![],
    })
}

/// T790M with C797S is where phase decides on combinations (clinical rules, acceptance case A).
fn in_resistance(labels: &BTreeSet<&str>) -> bool {
    let has = |name: &str| labels.iter().any(|label| label.ends_with(name));
    has("T790M") && has("C797S")
}

/// Plasma findings without paired leucocytes or germline cannot tell tumour from clonal haematopoiesis.
fn unpaired_plasma(case: &Case) -> Vec<NextFact> {
    let is_plasma = |id: &Option<String>| {
        id.as_ref().is_some_and(|id| case.facts.specimens.iter().any(|s| s.plasma && &s.meta.id == id))
    };
    let present = || case.facts.alterations.iter().filter(|a| a.presence == Presence::Present);
    let in_plasma = present().any(|a| a.origin != Origin::Germline && is_plasma(&a.specimen));
    let is_blood = |id: &str| case.facts.specimens.iter().any(|s| s.blood && s.meta.id == id);
    let in_tissue = present().any(|a| {
        let other = a.specimen.as_deref().is_some_and(|id| !is_blood(id)) && !is_plasma(&a.specimen);
        a.origin != Origin::Germline && other
    });
    if !in_plasma || in_tissue {
        return vec![];
    }
    let fact = |name: &str, unlocks: &str, priority| NextFact {
        fact: name.into(),
        state: "only plasma was sequenced".into(),
        unlocks: vec![unlocks.into()],
        priority,
        statements: vec![],
    };
    vec![
        fact("tissue sequencing", "confirms or removes every plasma finding", priority::FINDINGS),
        fact(
            "paired germline or leucocyte sequencing",
            "tells tumour from clonal haematopoiesis",
            priority::FINDINGS + 1,
        ),
    ]
}
