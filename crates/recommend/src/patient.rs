//! Who is this about? The patient line of the sheet; silence is said aloud.

use crate::disease;
use crate::plan::{Measured, PatientLine};
use concilium_case::{
    Case, Condition, ConditionRole, Exposure, Extent, LineIntent, Medication, MedicationState, Performance,
    PerformanceScale, Sex, StopReason,
};
use concilium_criteria::conditions::{Standing, standing};
use concilium_criteria::next_line;
use concilium_knowledge::Knowledge;
use concilium_safety::notes_of_intolerance;
use concilium_terms::{Code, DrugName, PartialDate};
use std::collections::BTreeSet;

const SILENT: &str = "not recorded";
/// Kind of the facts a FamilyMemberHistory gives.
pub(crate) const FAMILY_HISTORY: &str = "FamilyMemberHistory";

/// Every field of the sheet's header.
pub fn patient_line(case: &Case, knowledge: &Knowledge) -> PatientLine {
    let patient = &case.patient;
    let tumour = case.tumour.as_ref();
    PatientLine {
        name: patient.name.clone().unwrap_or_else(|| SILENT.into()),
        identifiers: patient.meta.identifiers.iter().take(2).cloned().collect(),
        birth_date: patient.birth_date.as_ref().map_or(SILENT.into(), |d| d.to_string()),
        age: age(case),
        sex: sex(patient.sex).into(),
        tumour: tumour.map_or("not recorded: the plan abstains on tumour type".into(), |t| t.name.clone()),
        tumour_steps: tumour.map(|t| t.steps.clone()).unwrap_or_default(),
        doid: tumour.map(|t| t.doid.to_string()).unwrap_or_default(),
        stage: disease::stage(case, knowledge).unwrap_or_else(|| SILENT.into()),
        sites: disease::sites(case, knowledge),
        status: disease::status(case).unwrap_or_else(|| SILENT.into()),
        performance: performance(case),
        line: line(case),
        lines: case.lines.clone(),
        organ_function: organ_function(case),
        current_drugs: current_drugs(case, knowledge),
        allergies: allergies(case),
        comorbidities: comorbidities(case),
        family_history: family_history(case),
        procedures: procedures(case),
        findings: disease::findings(case),
        sources: patient.meta.sources.clone(),
    }
}

fn age(case: &Case) -> String {
    match case.age_years() {
        Some((low, high)) if low == high => format!("{low} years"),
        Some((low, high)) => format!("{low}–{high} years"),
        None => SILENT.into(),
    }
}

fn sex(sex: Option<Sex>) -> &'static str {
    match sex {
        Some(Sex::Female) => "female",
        Some(Sex::Male) => "male",
        Some(Sex::Other) => "other",
        Some(Sex::Unknown) | None => SILENT,
    }
}

fn performance(case: &Case) -> String {
    let statuses = &case.facts.performance;
    let newest = statuses.iter().map(|p| &p.meta.when).max();
    let words = |p: &Performance| {
        let scale = match p.scale {
            PerformanceScale::Ecog => "ECOG",
            PerformanceScale::Karnofsky => "Karnofsky",
            PerformanceScale::Lansky => "Lansky",
        };
        format!("{scale} {} ({})", p.value, aged_day(p.meta.when.as_ref(), "undated", case))
    };
    // Two scales of one day are two statements; neither is turned into the other.
    let mut said: Vec<String> = statuses.iter().filter(|p| Some(&p.meta.when) == newest).map(words).collect();
    said.sort();
    said.dedup();
    if said.is_empty() { SILENT.into() } else { said.join(", ") }
}

/// The day, and how old it is when that is more than a year: `2019-04-01, 7 years old`.
pub(crate) fn aged_day(when: Option<&PartialDate>, silent: &str, case: &Case) -> String {
    let Some(when) = when else { return silent.to_owned() };
    let years = when.days_until(case.as_of.date()).0 / 365;
    match years {
        ..1 => when.day_text().to_owned(),
        1 => format!("{}, 1 year old", when.day_text()),
        years => format!("{}, {years} years old", when.day_text()),
    }
}

fn line(case: &Case) -> String {
    let next = next_line(case);
    let extent = case.tumour.as_ref().map_or("extent not recorded", |t| match t.extent {
        Extent::Localised => "localised disease",
        Extent::LocallyAdvanced => "locally advanced disease",
        Extent::Metastatic => "advanced disease",
        Extent::Remission => "in remission",
        Extent::Unknown => "extent not recorded",
    });
    let early = case.lines.iter().filter(|l| l.intent != LineIntent::Advanced).count();
    let before = if early > 0 { format!(", {early} (neo)adjuvant course(s) before") } else { String::new() };
    let why = if next.because.is_empty() { String::new() } else { format!(": {}", next.because.join("; ")) };
    let gaps: String =
        case.history_gaps.iter().map(|g| format!("; earlier treatment not recorded {}", g.span())).collect();
    format!("{extent}; next systemic line: {} (derived{why}){before}{gaps}", next.words())
}

/// Analytes a board asks for first, then all others with a known key; newest of each.
fn organ_function(case: &Case) -> Vec<Measured> {
    let mut newest: Vec<&concilium_case::Lab> = Vec::new();
    let of_organs = |lab: &&concilium_case::Lab| lab.analyte.is_some() && !disease::is_lesion(lab);
    let mut labs: Vec<_> = case.facts.labs.iter().filter(of_organs).collect();
    labs.sort_by_key(|lab| {
        (lab.analyte.clone(), std::cmp::Reverse(lab.meta.when.clone()), lab.meta.id.clone())
    });
    for lab in labs {
        if newest.last().is_none_or(|known| known.analyte != lab.analyte) {
            newest.push(lab);
        }
    }
    newest
        .into_iter()
        .map(|lab| measured(lab, case))
        .chain(case.facts.pharmacogenes.iter().map(pharmacogene))
        .collect()
}

/// A pharmacogene stands with the organs that clear a drug; a position that was not covered is no result.
fn pharmacogene(result: &concilium_case::Pharmacogene) -> Measured {
    let mut said: Vec<String> =
        [&result.diplotype, &result.phenotype].into_iter().flatten().cloned().collect();
    said.extend(result.activity.map(|score| format!("activity score {score}")));
    if !result.uncovered.is_empty() {
        said.push(format!("not covered: {}", result.uncovered.join(", ")));
    }
    Measured {
        name: result.gene.to_string(),
        value: if said.is_empty() { "no value".into() } else { said.join(", ") },
        date: result.meta.when.as_ref().map_or("date not stated".into(), |d| d.day_text().to_owned()),
        fact: result.meta.id.clone(),
    }
}

fn measured(lab: &concilium_case::Lab, case: &Case) -> Measured {
    let number =
        lab.value.as_ref().map(|q| format!("{}{} {}", q.comparator.as_deref().unwrap_or(""), q.text, q.unit));
    let odd = if lab.implausible.is_some() { " (implausible: ask the laboratory)" } else { "" };
    let value = number.or_else(|| lab.text.clone()).unwrap_or_else(|| "no value".into());
    Measured {
        name: lab.analyte.clone().unwrap_or_default(),
        value: format!("{value}{odd}"),
        date: aged_day(lab.meta.when.as_ref(), "date not stated", case),
        fact: lab.meta.id.clone(),
    }
}

/// Drugs taken or ordered now; and what an old record leaves open, so that somebody asks.
fn current_drugs(case: &Case, knowledge: &Knowledge) -> Vec<String> {
    let running = case.facts.medications.iter().filter(|m| m.ongoing);
    let mut names: Vec<String> = running.flat_map(|m| drug_names(m, knowledge)).collect();
    names.sort();
    names.dedup();
    names.extend(unknown_status(case, knowledge).into_iter().map(|(_, words)| words));
    names
}

/// Drugs of old records that nothing ended, each with its words.
pub(crate) fn unknown_status(case: &Case, knowledge: &Knowledge) -> Vec<(String, String)> {
    let doubtful = |m: &&Medication| {
        m.state == MedicationState::Stale && !matches!(m.exposure, Exposure::NotTaken | Exposure::Planned)
    };
    let stale = case.facts.medications.iter().filter(doubtful);
    let mut old: Vec<(String, String)> = stale.flat_map(|m| stale_words(m, knowledge)).collect();
    old.sort();
    old.dedup();
    old
}

/// `gefitinib` with `gefitinib: order of 2019-04-30, status unknown`.
fn stale_words(record: &Medication, knowledge: &Knowledge) -> Vec<(String, String)> {
    let what = if record.exposure == Exposure::Ordered { "order" } else { "record" };
    let day = record.meta.when.as_ref().or(record.meta.issued.as_ref());
    let of = day.map_or(String::new(), |day| format!(" of {}", day.day_text()));
    drug_names(record, knowledge)
        .into_iter()
        .map(|name| {
            let words = format!("{name}: {what}{of}, status unknown");
            (name, words)
        })
        .collect()
}

fn drug_names(record: &Medication, knowledge: &Knowledge) -> Vec<String> {
    let known = |drug| knowledge.drugs.get(drug).map_or(drug.to_string(), |row| row.name.to_string());
    match record.drugs.is_empty() {
        false => record.drugs.iter().map(known).collect(),
        true => first_words(&record.codes).map(|words| format!("{words} (not mapped)")).into_iter().collect(),
    }
}

pub(crate) fn first_words(codes: &[Code]) -> Option<&str> {
    codes.iter().map(|code| code.display.as_str()).find(|words| !words.is_empty())
}

fn allergies(case: &Case) -> String {
    let active: Vec<String> = case
        .facts
        .allergies
        .iter()
        .filter(|a| a.active && !a.none_known)
        .filter_map(|a| a.codes.iter().map(|c| c.display.clone()).find(|d| !d.is_empty()))
        .collect();
    let said = match () {
        () if !active.is_empty() => active.join(", "),
        () if case.facts.allergies.iter().any(|a| a.none_known) => "none known (stated)".into(),
        () => SILENT.into(),
    };
    let not_tolerated = not_tolerated(case);
    if not_tolerated.is_empty() {
        said
    } else {
        format!("{said}; not tolerated: {}", not_tolerated.join(", "))
    }
}

/// Drugs given and stopped for intolerance, with what their records note: `cisplatin (“Stopped due to …”)`.
fn not_tolerated(case: &Case) -> Vec<String> {
    let stopped = case
        .facts
        .medications
        .iter()
        .filter(|m| m.exposure.is_exposure() && m.stop == Some(StopReason::Intolerance));
    let drugs: BTreeSet<&DrugName> = stopped.flat_map(|m| &m.drugs).collect();
    let words = |drug: &DrugName| {
        let notes: Vec<String> =
            notes_of_intolerance(case, drug).iter().map(|note| format!("“{note}”")).collect();
        if notes.is_empty() { drug.to_string() } else { format!("{drug} ({})", notes.join("; ")) }
    };
    drugs.into_iter().map(words).collect()
}

fn comorbidities(case: &Case) -> Vec<String> {
    let mut names: Vec<String> = case
        .facts
        .conditions
        .iter()
        .filter(|c| c.present != Some(false) && !is_over(c))
        .filter_map(condition_words)
        .collect();
    names.sort();
    names.dedup();
    let over = |c: &&Condition| c.present != Some(false) && is_over(c);
    for (lead, some) in [("no longer present", named(case, over)), ("stated absent", stated_absent(case))] {
        names.extend((!some.is_empty()).then(|| format!("{lead}: {}", some.join(", "))));
    }
    names
}

/// Another diagnosis whose own status says that it is over.
fn is_over(condition: &Condition) -> bool {
    condition.role == ConditionRole::Comorbidity && standing(condition) == Standing::Past
}

/// Other diagnoses that the records deny.
pub(crate) fn stated_absent(case: &Case) -> Vec<String> {
    named(case, |c| c.role == ConditionRole::Comorbidity && c.present == Some(false))
}

fn named(case: &Case, wanted: impl Fn(&&Condition) -> bool) -> Vec<String> {
    let some = case.facts.conditions.iter().filter(wanted);
    let words: BTreeSet<&str> = some.filter_map(|c| first_words(&c.codes)).collect();
    words.into_iter().map(str::to_owned).collect()
}

/// Other diagnoses; a cancer in the past with its day, because it may not be this one.
fn condition_words(condition: &Condition) -> Option<String> {
    let words = first_words(&condition.codes)?;
    match condition.role {
        ConditionRole::Comorbidity => Some(words.to_owned()),
        ConditionRole::CancerHistory => {
            let day = condition.meta.when.as_ref().map_or(String::new(), |d| format!(" ({})", d.day_text()));
            Some(format!("{words}{day}"))
        }
        ConditionRole::PrimaryCancer | ConditionRole::Metastasis | ConditionRole::NonInvasive => None,
    }
}

/// As the reader put it in words: relative, condition, age at onset.
fn family_history(case: &Case) -> Vec<String> {
    let of_family = case.facts.observations.iter().filter(|o| o.kind == FAMILY_HISTORY);
    let mut said: Vec<String> = of_family.map(|o| o.value.clone()).collect();
    said.sort();
    said.dedup();
    said
}

/// Requests ask for tests too; what is done to the body goes by these words.
fn is_procedure(codes: &[Code]) -> bool {
    let words = [
        "ectomy",
        "resection",
        "excision",
        "surgery",
        "surgical",
        "operation",
        "biopsy",
        "radiotherapy",
        "radiation",
        "radiosurgery",
        "transplant",
        "ablation",
        "embolization",
    ];
    codes.iter().any(|code| words.iter().any(|word| code.display.to_lowercase().contains(word)))
}

/// What was done, by day, then what was asked for.
fn procedures(case: &Case) -> Vec<String> {
    let facts = &case.facts;
    let words = |codes: &[Code], status: &str, when: Option<&PartialDate>| {
        let day = when.map_or("undated".to_owned(), |d| d.day_text().to_owned());
        let status = if matches!(status, "completed" | "") { String::new() } else { format!(", {status}") };
        (day.clone(), format!("{} ({day}{status})", first_words(codes).unwrap_or("procedure without words")))
    };
    let mut done: Vec<(String, String)> =
        facts.procedures.iter().map(|p| words(&p.codes, &p.status, p.meta.when.as_ref())).collect();
    done.extend(facts.radiotherapies.iter().map(|r| {
        let site = first_words(&r.sites).map_or(String::new(), |site| format!(" to {site}"));
        let what = Code::text(&format!("{}{site}", r.modality.as_deref().unwrap_or("radiotherapy")));
        words(&[what], &r.status, r.meta.when.as_ref())
    }));
    let asked = facts.observations.iter().filter(|o| o.kind == "ServiceRequest" && is_procedure(&o.codes));
    let mut asked: Vec<(String, String)> =
        asked.map(|o| words(&o.codes, &o.value, o.meta.when.as_ref())).collect();
    done.sort();
    asked.sort();
    let mut said: Vec<String> = done.into_iter().chain(asked).map(|(_, words)| words).collect();
    said.dedup();
    said
}
