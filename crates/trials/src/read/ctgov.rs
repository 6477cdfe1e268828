//! What does a registry record say? ClinicalTrials.gov, JSON of its API version 2, and flat lines of its text.

use super::Origin;
use crate::model::{Arm, ArmStatus, RegistryStatus, Site, Standing, StatusSource, Trial};
use concilium_criteria::eligibility::{Ask, Criterion, Expr, Range, Role};
use concilium_terms::{DrugName, PartialDate};
use serde::Deserialize;

macro_rules! module {
    ($name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        #[derive(Default, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        struct $name { $($field: $type),* }
    };
}

module! { Study { protocol_section: Protocol } }
module! { Protocol {
    identification_module: Identification,
    status_module: Status,
    conditions_module: Conditions,
    design_module: Design,
    arms_interventions_module: Arms,
    eligibility_module: Eligibility,
    contacts_locations_module: Locations,
} }
module! { Identification {
    nct_id: String, nct_id_aliases: Vec<String>, org_study_id_info: OtherId, secondary_id_infos: Vec<OtherId>,
    brief_title: String, official_title: String,
} }
module! { OtherId { id: String } }
module! { Status { overall_status: String, status_verified_date: String, last_update_post_date_struct: When } }
module! { When { date: String } }
module! { Conditions { conditions: Vec<String> } }
module! { Design { phases: Vec<String> } }
module! { Arms { arm_groups: Vec<ArmGroup> } }
module! { ArmGroup { label: String, r#type: String, intervention_names: Vec<String> } }
module! { Eligibility { eligibility_criteria: String, sex: String, minimum_age: String, maximum_age: String } }
module! { Locations { locations: Vec<Location> } }
module! { Location { facility: String, city: String, country: String, status: String } }

/// One study of the API.
pub(super) fn study(origin: &Origin, raw: &[u8]) -> Result<Trial, String> {
    let study: Study = serde_json::from_slice(raw).map_err(|error| match error.is_data() {
        true => "a field of another type than expected".to_owned(),
        false => "broken JSON".to_owned(),
    })?;
    let protocol = study.protocol_section;
    let names = protocol.identification_module;
    let id = registry_id(&names.nct_id)?;
    let status = &protocol.status_module;
    let updated = match status.last_update_post_date_struct.date.as_str() {
        "" => status.status_verified_date.as_str(),
        date => date,
    };
    let as_of = PartialDate::parse(updated).ok();
    let others = names
        .nct_id_aliases
        .into_iter()
        .chain([names.org_study_id_info.id])
        .chain(names.secondary_id_infos.into_iter().map(|other| other.id));
    let eligibility = protocol.eligibility_module;
    let mut criteria = fields(&eligibility);
    criteria.extend(origin.reader.read(&eligibility.eligibility_criteria).criteria);
    Ok(Trial {
        id,
        other_ids: others.filter(|other| !other.is_empty()).collect(),
        title: if names.brief_title.is_empty() { names.official_title } else { names.brief_title },
        phase: phase(&protocol.design_module.phases),
        conditions: protocol.conditions_module.conditions,
        status: Standing {
            status: registry_status(&status.overall_status),
            as_of,
            by: StatusSource::Registry,
        },
        arms: arms(origin, protocol.arms_interventions_module.arm_groups),
        sites: protocol.contacts_locations_module.locations.into_iter().map(site).collect(),
        source: origin.source("ctgov-v2", updated, raw),
        eligibility_text: eligibility.eligibility_criteria,
        criteria,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Flat {
    nct_id: String,
    title: String,
    eligibility_criteria: String,
}

/// A line of a text collection: id, title, eligibility text; no status, no date.
pub(super) fn flat(origin: &Origin, raw: &[u8]) -> Result<Trial, String> {
    let flat: Flat =
        serde_json::from_slice(raw).map_err(|_| "a field of another type than expected".to_owned())?;
    let id = registry_id(&flat.nct_id)?;
    let criteria = origin.reader.read(&flat.eligibility_criteria).criteria;
    Ok(Trial {
        id,
        other_ids: vec![],
        title: flat.title,
        phase: String::new(),
        conditions: vec![],
        status: Standing { status: RegistryStatus::Unknown, as_of: None, by: StatusSource::Nobody },
        arms: vec![unnamed_arm()],
        sites: vec![],
        source: origin.source("ctgov-text", "", raw),
        eligibility_text: flat.eligibility_criteria,
        criteria,
    })
}

/// `NCT` and eight digits.
pub(super) fn registry_id(written: &str) -> Result<String, String> {
    let id = written.trim().to_uppercase();
    let digits = id.strip_prefix("NCT").unwrap_or("");
    match digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(id),
        false => Err("an NCT id of another form than NCT and eight digits".to_owned()),
    }
}

/// `PHASE1`, `PHASE2` → `1/2`.
fn phase(phases: &[String]) -> String {
    let number = |phase: &String| phase.trim_start_matches("EARLY_").trim_start_matches("PHASE").to_owned();
    let known = phases.iter().filter(|phase| *phase != "NA").map(number);
    known.collect::<Vec<_>>().join("/")
}

/// Groups the registry's words.
pub(super) fn registry_status(written: &str) -> RegistryStatus {
    match written.trim().to_uppercase().replace([' ', ','], "_").replace("__", "_").as_str() {
        "RECRUITING" | "AVAILABLE" => RegistryStatus::Recruiting,
        "ENROLLING_BY_INVITATION" => RegistryStatus::ByInvitation,
        "NOT_YET_RECRUITING" => RegistryStatus::NotYet,
        "ACTIVE_NOT_RECRUITING" => RegistryStatus::ActiveNotRecruiting,
        "SUSPENDED" | "TEMPORARILY_NOT_AVAILABLE" => RegistryStatus::Suspended,
        "COMPLETED" => RegistryStatus::Completed,
        "TERMINATED" | "WITHDRAWN" | "NO_LONGER_AVAILABLE" | "WITHHELD" => RegistryStatus::Ended,
        _ => RegistryStatus::Unknown,
    }
}

fn site(location: Location) -> Site {
    let status = (!location.status.is_empty()).then(|| registry_status(&location.status));
    Site { name: location.facility, city: location.city, country: location.country, status }
}

/// Stands for a trial whose source names no arm.
pub(super) fn unnamed_arm() -> Arm {
    Arm {
        label: String::new(),
        kind: String::new(),
        interventions: vec![],
        drugs: vec![],
        status: ArmStatus::AsTrial,
        slots: None,
    }
}

fn arms(origin: &Origin, groups: Vec<ArmGroup>) -> Vec<Arm> {
    if groups.is_empty() {
        return vec![unnamed_arm()];
    }
    let arm = |group: ArmGroup| Arm {
        kind: group.r#type.to_lowercase().replace('_', "-"),
        drugs: drugs(origin, &group.intervention_names),
        interventions: group.intervention_names,
        status: ArmStatus::AsTrial,
        slots: None,
        label: group.label,
    };
    groups.into_iter().map(arm).collect()
}

/// Interventions that name a known drug.
pub(super) fn drugs(origin: &Origin, interventions: &[String]) -> Vec<DrugName> {
    let mut found: Vec<DrugName> =
        interventions.iter().flat_map(|name| origin.reader.drugs_in(name)).collect();
    found.sort();
    found.dedup();
    found
}

/// Age and sex as registered in fields of their own.
fn fields(eligibility: &Eligibility) -> Vec<Criterion> {
    let mut found = vec![];
    let (min, max) = (years(&eligibility.minimum_age), years(&eligibility.maximum_age));
    if min.is_some() || max.is_some() {
        // The registry's upper limit is a whole number of years that is still let in.
        let years = Range { min, above_min: false, max, below_max: false };
        found.push(field("in-age", Ask::Age { years }));
    }
    match eligibility.sex.as_str() {
        "FEMALE" => found.push(field("in-sex", Ask::Sex { female: true })),
        "MALE" => found.push(field("in-sex", Ask::Sex { female: false })),
        _ => {}
    }
    found
}

fn field(id: &str, ask: Ask) -> Criterion {
    Criterion {
        id: id.to_owned(),
        role: Role::Inclusion,
        expr: Expr::ask(ask),
        span: None,
        applies_to: vec![],
        heading: None,
    }
}

/// `18 Years`, `6 Months`; `None` for nothing or another form.
fn years(written: &str) -> Option<f64> {
    let (number, unit) = written.trim().split_once(' ')?;
    let number: f64 = number.parse().ok()?;
    match unit.trim().to_lowercase().trim_end_matches('s') {
        "year" => Some(number),
        "month" => Some(number / 12.0),
        "week" => Some(number / 52.0),
        "day" => Some(number / 365.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{phase, registry_id, registry_status, years};
    use crate::model::RegistryStatus;

    #[test]
    fn words_of_the_registry() {
        assert_eq!(phase(&["PHASE1".into(), "PHASE2".into()]), "1/2");
        assert_eq!(phase(&["EARLY_PHASE1".into()]), "1");
        assert_eq!(phase(&["NA".into()]), "");
        assert_eq!(registry_status("Active, not recruiting"), RegistryStatus::ActiveNotRecruiting);
        assert_eq!(registry_status("ACTIVE_NOT_RECRUITING"), RegistryStatus::ActiveNotRecruiting);
        assert_eq!(registry_status("something new"), RegistryStatus::Unknown);
        assert_eq!(years("18 Years"), Some(18.0));
        assert_eq!(years("6 Months"), Some(0.5));
        assert_eq!(years("N/A"), None);
        assert!(registry_id("NCT1").is_err());
    }
}
