//! Who is this about? The patient line of the sheet; silence is said aloud.

use crate::plan::{Measured, PatientLine};
use crate::standard::next_line;
use concilium_case::{Case, ConditionRole, Extent, LineIntent, PerformanceScale, Sex, Stage, StageScale};
use concilium_criteria::scale_fits;
use concilium_knowledge::Knowledge;

const SILENT: &str = "not recorded";

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
        stage: stage(case, knowledge),
        sites: sites(case),
        performance: performance(case),
        line: line(case),
        lines: case.lines.clone(),
        organ_function: organ_function(case),
        current_drugs: current_drugs(case, knowledge),
        allergies: allergies(case),
        comorbidities: comorbidities(case),
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

/// The stage the tumour rests on, and every other statement beside it. Scales of other tumours are counted only.
fn stage(case: &Case, knowledge: &Knowledge) -> String {
    let stages = case.facts.stages.iter().filter(|s| s.scale != StageScale::Grade);
    let (fitting, foreign): (Vec<_>, Vec<_>) = stages.partition(|s| match (&s.scale, case.tumour.as_ref()) {
        (StageScale::Other(scale), Some(tumour)) => scale_fits(scale, &tumour.doid, knowledge),
        _ => true,
    });
    let mut said: Vec<String> = fitting.into_iter().map(stage_words).collect();
    said.sort();
    said.dedup();
    if !foreign.is_empty() {
        said.push(format!("and {} on scales of other tumours (see the issues)", foreign.len()));
    }
    let now = case.tumour.as_ref().and_then(|t| t.stage.clone());
    match (now, said.is_empty()) {
        (Some(now), true) => now,
        (Some(now), false) => format!("{now} — recorded: {}", said.join(", ")),
        (None, false) => said.join(", "),
        (None, true) => SILENT.into(),
    }
}

fn stage_words(stage: &Stage) -> String {
    let day = stage.meta.when.as_ref().map_or("undated".to_owned(), |d| d.day_text().to_owned());
    match &stage.scale {
        StageScale::Other(name) if !stage.value.contains(name.as_str()) => {
            format!("{name} {} ({day})", stage.value)
        }
        _ => format!("{} ({day})", stage.value),
    }
}

fn sites(case: &Case) -> Vec<String> {
    let mut sites = case.tumour.as_ref().map(|t| t.metastases.clone()).unwrap_or_default();
    let words = ["brain", "cns", "cerebr", "mening"];
    if !sites.iter().any(|site| words.iter().any(|w| site.to_lowercase().contains(w))) {
        sites.push("CNS: not reported".into());
    }
    sites
}

fn performance(case: &Case) -> String {
    let newest = case.facts.performance.iter().max_by_key(|p| (p.meta.when.clone(), p.meta.id.clone()));
    newest.map_or(SILENT.into(), |p| {
        let scale = match p.scale {
            PerformanceScale::Ecog => "ECOG",
            PerformanceScale::Karnofsky => "Karnofsky",
            PerformanceScale::Lansky => "Lansky",
        };
        let day = p.meta.when.as_ref().map_or("undated".to_owned(), |d| d.day_text().to_owned());
        format!("{scale} {} ({day})", p.value)
    })
}

fn line(case: &Case) -> String {
    let (fewest, most) = next_line(case);
    let number = if fewest == most { fewest.to_string() } else { format!("{fewest}–{most}") };
    let extent = case.tumour.as_ref().map_or("extent not recorded", |t| match t.extent {
        Extent::Localised => "localised disease",
        Extent::LocallyAdvanced => "locally advanced disease",
        Extent::Metastatic => "advanced disease",
        Extent::Remission => "in remission",
        Extent::Unknown => "extent not recorded",
    });
    let early = case.lines.iter().filter(|l| l.intent != LineIntent::Advanced).count();
    let before = if early > 0 { format!(", {early} (neo)adjuvant course(s) before") } else { String::new() };
    format!("{extent}; next systemic line: {number} (derived){before}")
}

/// Analytes a board asks for first, then all others with a known key; newest of each.
fn organ_function(case: &Case) -> Vec<Measured> {
    let mut newest: Vec<&concilium_case::Lab> = Vec::new();
    let mut labs: Vec<_> = case.facts.labs.iter().filter(|lab| lab.analyte.is_some()).collect();
    labs.sort_by_key(|lab| {
        (lab.analyte.clone(), std::cmp::Reverse(lab.meta.when.clone()), lab.meta.id.clone())
    });
    for lab in labs {
        if newest.last().is_none_or(|known| known.analyte != lab.analyte) {
            newest.push(lab);
        }
    }
    newest.into_iter().map(measured).chain(case.facts.pharmacogenes.iter().map(pharmacogene)).collect()
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

fn measured(lab: &concilium_case::Lab) -> Measured {
    let number =
        lab.value.as_ref().map(|q| format!("{}{} {}", q.comparator.as_deref().unwrap_or(""), q.text, q.unit));
    Measured {
        name: lab.analyte.clone().unwrap_or_default(),
        value: number.or_else(|| lab.text.clone()).unwrap_or_else(|| "no value".into()),
        date: lab.meta.when.as_ref().map_or("date not stated".into(), |d| d.day_text().to_owned()),
        fact: lab.meta.id.clone(),
    }
}

fn current_drugs(case: &Case, knowledge: &Knowledge) -> Vec<String> {
    let running = case.facts.medications.iter().filter(|m| m.ongoing);
    let mut names: Vec<String> = running
        .flat_map(|m| {
            let known = m
                .drugs
                .iter()
                .map(|d| knowledge.drugs.get(d).map_or(d.to_string(), |row| row.name.to_string()));
            let unmapped =
                m.codes.iter().find(|c| !c.display.is_empty()).map(|c| format!("{} (not mapped)", c.display));
            if m.drugs.is_empty() { unmapped.into_iter().collect::<Vec<_>>() } else { known.collect() }
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

fn allergies(case: &Case) -> String {
    let active: Vec<String> = case
        .facts
        .allergies
        .iter()
        .filter(|a| a.active && !a.none_known)
        .filter_map(|a| a.codes.iter().map(|c| c.display.clone()).find(|d| !d.is_empty()))
        .collect();
    match () {
        () if !active.is_empty() => active.join(", "),
        () if case.facts.allergies.iter().any(|a| a.none_known) => "none known (stated)".into(),
        () => SILENT.into(),
    }
}

fn comorbidities(case: &Case) -> Vec<String> {
    let mut names: Vec<String> = case
        .facts
        .conditions
        .iter()
        .filter(|c| c.role == ConditionRole::Comorbidity && c.present != Some(false))
        .filter_map(|c| c.codes.iter().map(|code| code.display.clone()).find(|d| !d.is_empty()))
        .collect();
    names.sort();
    names.dedup();
    names
}
