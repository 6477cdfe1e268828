//! What follows from the facts by a named formula or table? Every derived fact says from which.

use concilium_case::{Facts, Issue, Lab, Level, Meta, Patient, Sex};
use concilium_knowledge::Knowledge;
use concilium_terms::quantity::Quantity;

/// Phenotypes of stated diplotypes and creatinine clearance where none was stated.
pub fn derive(facts: &mut Facts, patient: &Patient, knowledge: &Knowledge) {
    for result in facts.pharmacogenes.iter_mut().filter(|r| r.uncovered.is_empty() && r.phenotype.is_none()) {
        let stated = result.diplotype.clone();
        if let Some(row) =
            stated.and_then(|text| concilium_genomics::phenotype_of(knowledge, &result.gene, &text))
        {
            result.meta.derived = Some("phenotype and activity from the CPIC diplotype table".into());
            result.phenotype = Some(row.phenotype.clone());
            result.activity = result.activity.or(row.activity);
        }
    }
    let stated = facts.labs.iter().any(|lab| lab.analyte.as_deref() == Some("creatinine-clearance"));
    if stated {
        return;
    }
    match too_young(facts, patient) {
        Some(issue) => facts.issues.push(issue),
        None => facts.labs.extend(cockcroft_gault(facts, patient)),
    }
}

fn newest<'f>(facts: &'f Facts, analyte: &str) -> Option<&'f Lab> {
    let of_it =
        facts.labs.iter().filter(|lab| lab.analyte.as_deref() == Some(analyte) && lab.value.is_some());
    of_it.max_by(|a, b| (&a.meta.when, &a.meta.id).cmp(&(&b.meta.when, &b.meta.id)))
}

/// The formula was made on adults: below 18 years nothing is derived, and the page says so.
fn too_young(facts: &Facts, patient: &Patient) -> Option<Issue> {
    let creatinine = newest(facts, "creatinine")?;
    let age = age_on(creatinine, patient).filter(|age| *age < 18)?;
    Some(Issue {
        level: Level::Doubtful,
        source: creatinine.meta.sources.first()?.clone(),
        what: format!("creatinine clearance is not derived at {age} years: Cockcroft-Gault is for adults"),
        remedy: "state a measured clearance, or the estimate by a formula for children".into(),
    })
}

/// Whole years on the day of the measurement.
fn age_on(lab: &Lab, patient: &Patient) -> Option<i16> {
    let day = lab.meta.when.as_ref()?.latest();
    let born = patient.birth_date.as_ref().filter(|d| d.is_exact())?.latest();
    Some(born.until((jiff::Unit::Year, day)).ok()?.get_years())
}

/// `body weight 64 kg (2026-06-08)`: what a clinician can check; the sources say where it stands.
fn words(lab: &Lab) -> String {
    let name = lab.analyte.as_deref().unwrap_or("value").replace('-', " ");
    let value = lab.value.as_ref().map(|q| format!("{} {}", q.text, q.unit)).unwrap_or_default();
    let day = lab.meta.when.as_ref().map_or("undated", |when| when.day_text());
    format!("{name} {value} ({day})")
}

/// Cockcroft and Gault, Nephron 1976;16:31-41: (140 − age) × kg / (72 × creatinine mg/dL), × 0.85 for women.
/// The newest dated creatinine and weight; age on the day of the creatinine.
fn cockcroft_gault(facts: &Facts, patient: &Patient) -> Option<Lab> {
    let creatinine = newest(facts, "creatinine")?;
    let weight = newest(facts, "body-weight")?;
    let age = age_on(creatinine, patient)?;
    let mg_dl = creatinine.value.as_ref()?.to("mg/dL", Some("creatinine")).ok().filter(|v| 0.0 < *v)?;
    let kg = weight.value.as_ref()?.to("kg", None).ok().filter(|v| 0.0 < *v)?;
    let factor = match patient.sex? {
        Sex::Female => 0.85,
        Sex::Male => 1.0,
        Sex::Other | Sex::Unknown => return None,
    };
    let value = f64::from(140 - age) * kg / (72.0 * mg_dl) * factor;
    let rounded = format!("{value:.0}");
    let mut sources = creatinine.meta.sources.clone();
    sources.extend(weight.meta.sources.iter().cloned());
    Some(Lab {
        site: None,
        condition: None,
        meta: Meta {
            id: format!("{}#cockcroft-gault", creatinine.meta.id),
            when: creatinine.meta.when.clone(),
            issued: creatinine.meta.issued.clone(),
            derived: Some(format!("Cockcroft-Gault from {} and {}", words(creatinine), words(weight))),
            sources,
            ..Meta::default()
        },
        analyte: Some("creatinine-clearance".into()),
        codes: vec![],
        value: Some(Quantity {
            value: value.round(),
            text: rounded,
            comparator: None,
            unit: "mL/min".into(),
        }),
        text: None,
        low: None,
        high: None,
        interpretation: None,
        implausible: None,
    })
}
