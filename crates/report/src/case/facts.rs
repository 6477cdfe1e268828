//! How is each kind of fact said in one line?

use concilium_case::{
    Allergy, Alteration, Condition, ConditionRole, Facts, ImagingFinding, Lab, Marker, Medication, Meta,
    OtherObservation, Pharmacogene, Presence, RegionStudied, Stage,
};
use concilium_recommend::marker_label;
use concilium_terms::Code;
use concilium_terms::quantity::Quantity;
use std::collections::BTreeMap;

/// Title and lines of every kind of fact, in the order in which a board reads them.
pub(super) fn sections(facts: &Facts) -> Vec<(&'static str, Vec<String>)> {
    let conditions = facts.conditions.iter().filter(|c| c.role != ConditionRole::PrimaryCancer);
    vec![
        ("stage", facts.stages.iter().map(stage).collect()),
        (
            "performance",
            facts
                .performance
                .iter()
                .map(|p| with(&p.meta, &[kebab(&p.scale), p.value.to_string()]))
                .collect(),
        ),
        ("metastases and other conditions", conditions.map(condition).collect()),
        ("alterations", facts.alterations.iter().map(alteration).collect()),
        ("regions studied", facts.regions.iter().map(region).collect()),
        ("markers", facts.markers.iter().map(marker).collect()),
        ("pharmacogenes", facts.pharmacogenes.iter().map(pharmacogene).collect()),
        ("drugs in the records", medications(&facts.medications)),
        ("measured in images", facts.imaging.iter().map(finding).collect()),
        ("responses", facts.responses.iter().map(|r| with(&r.meta, &[kebab(&r.status)])).collect()),
        (
            "procedures",
            facts.procedures.iter().map(|p| with(&p.meta, &[words(&p.codes), p.status.clone()])).collect(),
        ),
        (
            "radiotherapy",
            facts
                .radiotherapies
                .iter()
                .map(|r| {
                    with(
                        &r.meta,
                        &[r.modality.clone().unwrap_or_default(), words(&r.sites), r.status.clone()],
                    )
                })
                .collect(),
        ),
        ("allergies", facts.allergies.iter().map(allergy).collect()),
        ("laboratory, newest of each", labs(&facts.labs)),
        ("other observations", facts.observations.iter().map(observation).collect()),
        (
            "documents",
            facts.documents.iter().map(|d| with(&d.meta, std::slice::from_ref(&d.title))).collect(),
        ),
    ]
}

/// Primary cancers, which a case resolves and a text only names.
pub(super) fn tumours(facts: &Facts) -> Vec<String> {
    facts.conditions.iter().filter(|c| c.role == ConditionRole::PrimaryCancer).map(condition).collect()
}

/// The parts that say something, the day, and the fact's id.
fn with(meta: &Meta, parts: &[String]) -> String {
    let day = meta.when.as_ref().or(meta.issued.as_ref()).map(|day| day.day_text().to_owned());
    let said: Vec<String> = parts.iter().filter(|part| !part.is_empty()).cloned().chain(day).collect();
    let derived = meta.derived.as_ref().map_or(String::new(), |rule| format!(", derived: {rule}"));
    format!("{}{derived} [{}]", said.join(", "), meta.id)
}

/// The word the JSON artefacts use.
pub(super) fn kebab<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// The record's own words: text or display, else the code.
fn words(codes: &[Code]) -> String {
    let shown = codes.iter().rev().find(|c| c.code.is_empty() && !c.display.is_empty());
    let shown = shown.or_else(|| codes.iter().find(|c| !c.display.is_empty()));
    match (shown, codes.first()) {
        (Some(code), _) => code.display.clone(),
        (None, Some(code)) => code.code.clone(),
        (None, None) => String::new(),
    }
}

fn quantity(quantity: &Quantity) -> String {
    format!("{}{} {}", quantity.comparator.as_deref().unwrap_or(""), quantity.text, quantity.unit)
        .trim()
        .to_owned()
}

fn stage(stage: &Stage) -> String {
    with(&stage.meta, &[kebab(&stage.scale), stage.value.clone(), stage.basis.clone()])
}

fn condition(condition: &Condition) -> String {
    let absent = if condition.present == Some(false) { "not present" } else { "" };
    let status = condition.clinical_status.clone().unwrap_or_default();
    with(
        &condition.meta,
        &[words(&condition.codes), kebab(&condition.role), absent.into(), status, words(&condition.sites)],
    )
}

fn alteration(alteration: &Alteration) -> String {
    let presence = match alteration.presence {
        Presence::Present => "present",
        Presence::Absent => "tested, not found",
        Presence::Unknown => "tested, no answer",
    };
    let reads = |depth: u32| format!(" of {depth} reads");
    let fraction = alteration.vaf.map(|vaf| {
        format!("allele fraction {:.1} %{}", vaf * 100.0, alteration.depth.map_or(String::new(), reads))
    });
    let parts = [
        alteration.label.clone(),
        presence.into(),
        match alteration.origin {
            concilium_case::Origin::Unknown => "origin not said".into(),
            said => kebab(&said),
        },
        alteration.significance.map_or(String::new(), |call| kebab(&call)),
        fraction.unwrap_or_default(),
        alteration.specimen.clone().unwrap_or_default(),
    ];
    with(&alteration.meta, &parts)
}

fn region(region: &RegionStudied) -> String {
    const SHOWN: usize = 12;
    let names: Vec<&str> = region.genes.iter().take(SHOWN).map(|gene| gene.as_str()).collect();
    let more = region.genes.len().saturating_sub(SHOWN);
    let more = if 0 < more { format!(" and {more} more") } else { String::new() };
    let uncovered: Vec<&str> = region.uncovered.iter().map(|gene| gene.as_str()).collect();
    let uncovered =
        if uncovered.is_empty() { String::new() } else { format!("not covered: {}", uncovered.join(" ")) };
    with(&region.meta, &[format!("{}{more}", names.join(" ")), region.ranges.join(" "), uncovered])
}

fn marker(marker: &Marker) -> String {
    let parts = [
        marker_label(marker),
        marker.call.map_or(String::new(), |call| kebab(&call)),
        marker.score.clone().unwrap_or_default(),
        marker.value.as_ref().map_or(String::new(), quantity),
        marker.specimen.clone().unwrap_or_default(),
    ];
    with(&marker.meta, &parts)
}

fn pharmacogene(gene: &Pharmacogene) -> String {
    let uncovered = &gene.uncovered;
    let parts = [
        gene.gene.to_string(),
        gene.diplotype.clone().unwrap_or_default(),
        gene.phenotype.clone().unwrap_or_default(),
        gene.activity.map_or(String::new(), |score| format!("activity score {score}")),
        if uncovered.is_empty() { String::new() } else { format!("not covered: {}", uncovered.join(" ")) },
    ];
    with(&gene.meta, &parts)
}

/// Courses told more often than this stand in one line, e.g. every infusion of a year.
const COURSES: usize = 4;

/// One line a course; of many, one line a drug with first and last day and how often it is told.
fn medications(all: &[Medication]) -> Vec<String> {
    let mut told: BTreeMap<(String, String), Vec<&Medication>> = BTreeMap::new();
    for medication in all {
        told.entry((drug_words(medication), kebab(&medication.exposure))).or_default().push(medication);
    }
    let lines = |((name, exposure), mut times): ((String, String), Vec<&Medication>)| {
        times.sort_by_key(|m| m.meta.when.as_ref().map(|day| day.latest()));
        let groups = if times.len() <= COURSES { times.chunks(1) } else { times.chunks(times.len()) };
        groups.map(|of_it| format!("{name}, {exposure}{}", course(of_it))).collect::<Vec<_>>()
    };
    told.into_iter().flat_map(lines).collect()
}

fn drug_words(medication: &Medication) -> String {
    match medication.drugs.as_slice() {
        [] => Some(words(&medication.codes))
            .filter(|name| !name.is_empty())
            .or_else(|| medication.about_class.clone())
            .unwrap_or_default(),
        drugs => drugs.iter().map(|drug| drug.as_str()).collect::<Vec<_>>().join(" + "),
    }
}

/// Span, reason of the last stop, and how often, of courses sorted by their start.
fn course(times: &[&Medication]) -> String {
    let text = |day: &concilium_terms::PartialDate| day.day_text().to_owned();
    let first = times.iter().find_map(|m| m.meta.when.as_ref()).map(text);
    let last = times.iter().filter_map(|m| m.end.as_ref().or(m.meta.when.as_ref())).max().map(text);
    let last = if times.iter().any(|m| m.ongoing) { Some("running".to_owned()) } else { last };
    let span = match (first, last) {
        (Some(first), Some(last)) if first != last => format!(", {first} to {last}"),
        (Some(day), _) | (None, Some(day)) => format!(", {day}"),
        (None, None) => String::new(),
    };
    let stop = times
        .iter()
        .rev()
        .find_map(|m| m.stop)
        .map_or(String::new(), |stop| format!(", stopped: {}", kebab(&stop)));
    let often = if 1 < times.len() { format!(", told {} times", times.len()) } else { String::new() };
    let id = times.first().map_or("", |m| m.meta.id.as_str());
    format!("{span}{stop}{often} [{id}]")
}

fn allergy(allergy: &Allergy) -> String {
    let none = if allergy.none_known { "none known" } else { "" };
    let active = if allergy.active { "" } else { "not active" };
    with(&allergy.meta, &[words(&allergy.codes), none.into(), active.into()])
}

/// The newest value of each analyte, and how many older ones stand behind it.
fn labs(all: &[Lab]) -> Vec<String> {
    let name = |lab: &Lab| lab.analyte.clone().unwrap_or_else(|| words(&lab.codes));
    let mut by_name: BTreeMap<String, Vec<&Lab>> = BTreeMap::new();
    for lab in all {
        by_name.entry(name(lab)).or_default().push(lab);
    }
    let line = |(name, mut values): (String, Vec<&Lab>)| {
        values.sort_by(|a, b| (&b.meta.when, &a.meta.id).cmp(&(&a.meta.when, &b.meta.id)));
        let newest = values[0];
        let value =
            newest.value.as_ref().map(quantity).or_else(|| newest.text.clone()).unwrap_or("no value".into());
        let mark = newest.interpretation.clone().unwrap_or_default();
        let older =
            if 1 < values.len() { format!(", and {} older", values.len() - 1) } else { String::new() };
        with(&newest.meta, &[format!("{name} {value}"), mark]) + &older
    };
    by_name.into_iter().map(line).collect()
}

fn finding(one: &ImagingFinding) -> String {
    let number = one.value.as_ref().map(quantity).or_else(|| one.text.clone());
    let answer = one.answer.map(|yes| if yes { "yes" } else { "no" }.to_owned());
    let value = number.or(answer).unwrap_or("no value".into());
    let about =
        [&one.lesion, &one.site, &one.role].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let confirmed = if one.confirmed { "" } else { "not confirmed by a person" };
    with(&one.meta, &[format!("{} {value}", one.kind.words()), about, confirmed.into()])
}

fn observation(observation: &OtherObservation) -> String {
    with(&observation.meta, &[words(&observation.codes), observation.value.clone()])
}
