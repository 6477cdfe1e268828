//! How is a coordinator's list said in FHIR R4: studies, evaluations, and subjects of research once a person acted?
//!
//! A match nobody has touched is a GuidanceResponse and nothing else: that a patient is a candidate is said by people.

use crate::bundle::entry;
use crate::ids::{Name, URI_SYSTEM, name};
use crate::model::{MissingFact, PatientRecord, Software};
use crate::text::string;
use crate::{Error, guidance, parts, patient, provenance};
use fhir_sdk::r4b::codes::{GuidanceResponseStatus, ResearchStudyStatus, ResearchSubjectStatus};
use fhir_sdk::r4b::resources::{GuidanceResponse, GuidanceResponseModule, ResearchStudy, ResearchSubject};
use fhir_sdk::r4b::types::Identifier;
use fhir_sdk::{BuilderError, DateTime};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A list, ready to be said in FHIR.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatchList {
    /// sha256 over what the list was made from: ids are derived from it.
    pub key: String,
    /// When it was made, RFC 3339 with offset.
    pub instant: String,
    /// What made it.
    pub software: Software,
    /// Trials of the matches.
    pub studies: Vec<Study>,
    /// Matches in the order of the list.
    pub matches: Vec<Match>,
}

/// A trial.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Study {
    /// Registry id or protocol number.
    pub id: String,
    /// Title.
    pub title: String,
    /// Does it take patients?
    pub status: StudyStatus,
}

/// Status of a trial as FHIR groups it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StudyStatus {
    /// Takes patients, or is not known to be closed: FHIR has no word for "not known".
    #[default]
    Active,
    /// Not yet open.
    Approved,
    /// Takes nobody any more.
    Closed,
    /// Suspended.
    Suspended,
    /// Over as planned.
    Completed,
    /// Ended early.
    Ended,
}

/// Where a person stands on a trial, by what people did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectStatus {
    /// Somebody looks at the chart or has asked the patient.
    Candidate,
    /// Consented, being checked.
    Screening,
    /// Checked by a person.
    Eligible,
    /// Failed by a criterion.
    Ineligible,
    /// Out for another reason.
    NotRegistered,
    /// Enrolled.
    OnStudy,
    /// Off again.
    Withdrawn,
}

/// One patient and one arm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Match {
    /// The person.
    pub patient: PatientRecord,
    /// Trial id.
    pub study: String,
    /// Arm label; empty for the unnamed one.
    pub arm: String,
    /// Whole answer in words.
    pub answer: String,
    /// A line a criterion: id, verdict, what decides.
    pub criteria: Vec<String>,
    /// Facts that would decide it.
    pub missing: Vec<MissingFact>,
    /// What people did; `None` while nobody has.
    pub subject: Option<SubjectStatus>,
}

/// The list as the JSON text of a FHIR R4 Bundle of type `collection`; ends with a line feed.
///
/// # Errors
/// The instant has no offset, or a resource cannot be built or written.
pub fn write_list(list: &MatchList) -> Result<String, Error> {
    let at = DateTime::DateTime(parts::instant(&list.instant)?);
    let device = provenance::device_name(&list.software);
    let mut entries = vec![entry(&device, &provenance::device(&list.software, &device)?)?];
    for one in &list.studies {
        let name = study_name(&one.id);
        entries.push(entry(&name, &study(one, &name)?)?);
    }
    let mut seen = BTreeSet::new();
    for one in &list.matches {
        let person = patient::name_of(&one.patient);
        if seen.insert(person.url.clone()) {
            entries.push(entry(&person, &patient::patient(&one.patient, &person)?)?);
        }
        entries.extend(resources(list, one, &person, &device, &at)?);
    }
    let bundle = name(&list.key, "Bundle", "");
    let bundle = json!({
        "resourceType": "Bundle",
        "id": bundle.id,
        "identifier": { "system": URI_SYSTEM, "value": bundle.url },
        "type": "collection",
        "timestamp": parts::instant(&list.instant)?,
        "entry": entries,
    });
    Ok(serde_json::to_string_pretty(&bundle)? + "\n")
}

/// A trial outlives a list: its name does not depend on it.
fn study_name(id: &str) -> Name {
    name("", "ResearchStudy", id)
}

fn study(study: &Study, name: &Name) -> Result<ResearchStudy, BuilderError> {
    let status = match study.status {
        StudyStatus::Active => ResearchStudyStatus::Active,
        StudyStatus::Approved => ResearchStudyStatus::Approved,
        StudyStatus::Closed => ResearchStudyStatus::ClosedToAccrual,
        StudyStatus::Suspended => ResearchStudyStatus::TemporarilyClosedToAccrual,
        StudyStatus::Completed => ResearchStudyStatus::Completed,
        StudyStatus::Ended => ResearchStudyStatus::AdministrativelyCompleted,
    };
    let mut resource = ResearchStudy::builder().id(name.id.clone()).status(status).build()?;
    let own =
        Identifier::builder().value(string(&study.id).unwrap_or_else(|| "not stated".into())).build()?;
    resource.identifier = vec![Some(own)];
    resource.title = string(&study.title);
    Ok(resource)
}

/// The evaluation, and the subject once a person acted.
fn resources(
    list: &MatchList,
    one: &Match,
    person: &Name,
    device: &Name,
    at: &DateTime,
) -> Result<Vec<Value>, Error> {
    let key = [&*person.url, &one.study, &one.arm].join("\n");
    let evaluation = name(&list.key, "GuidanceResponse", &key);
    let mut entries = vec![entry(&evaluation, &guidance_of(one, &evaluation, person, device, at)?)?];
    if let Some(status) = one.subject {
        // Where a person stands on a trial outlives a list too.
        let own = name("", "ResearchSubject", &key);
        entries.push(entry(&own, &subject(one, status, &own, person)?)?);
    }
    Ok(entries)
}

fn guidance_of(
    one: &Match,
    own: &Name,
    person: &Name,
    device: &Name,
    at: &DateTime,
) -> Result<GuidanceResponse, BuilderError> {
    let status = match one.missing.is_empty() {
        true => GuidanceResponseStatus::Success,
        false => GuidanceResponseStatus::DataRequired,
    };
    let mut response = GuidanceResponse::builder()
        .id(own.id.clone())
        .module(GuidanceResponseModule::Uri(device.url.clone()))
        .status(status)
        .build()?;
    response.identifier = vec![Some(parts::identifier(own)?)];
    response.subject = Some(parts::to(person)?);
    response.occurrence_date_time = Some(at.clone());
    response.performer = Some(parts::to_device(device)?);
    response.reason_reference = vec![Some(parts::to(&study_name(&one.study))?)];
    response.data_requirement =
        one.missing.iter().map(|fact| guidance::requirement(fact).map(Some)).collect::<Result<_, _>>()?;
    let arm = if one.arm.is_empty() { String::new() } else { format!(", {}", one.arm) };
    let head = format!("{}{arm}: {}. Nobody is called eligible by this program.", one.study, one.answer);
    let lines = [parts::DRAFT.to_owned(), head].into_iter().chain(one.criteria.iter().cloned());
    response.note = parts::notes(lines)?;
    Ok(response)
}

fn subject(
    one: &Match,
    status: SubjectStatus,
    own: &Name,
    person: &Name,
) -> Result<ResearchSubject, BuilderError> {
    let status = match status {
        SubjectStatus::Candidate => ResearchSubjectStatus::Candidate,
        SubjectStatus::Screening => ResearchSubjectStatus::Screening,
        SubjectStatus::Eligible => ResearchSubjectStatus::Eligible,
        SubjectStatus::Ineligible => ResearchSubjectStatus::Ineligible,
        SubjectStatus::NotRegistered => ResearchSubjectStatus::NotRegistered,
        SubjectStatus::OnStudy => ResearchSubjectStatus::OnStudy,
        SubjectStatus::Withdrawn => ResearchSubjectStatus::Withdrawn,
    };
    let mut subject = ResearchSubject::builder()
        .id(own.id.clone())
        .status(status)
        .study(parts::to(&study_name(&one.study))?)
        .individual(parts::to(person)?)
        .build()?;
    subject.identifier = vec![Some(parts::identifier(own)?)];
    subject.assigned_arm = string(&one.arm);
    Ok(subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(subject: Option<SubjectStatus>) -> Match {
        let patient = PatientRecord { id: Some("p-1".into()), ..PatientRecord::default() };
        let missing =
            MissingFact { kind: "Observation".into(), name: "lab:neutrophils".into(), ..Default::default() };
        Match {
            patient,
            study: "NCT00000000".into(),
            answer: "likely".into(),
            criteria: vec!["in-1: met".into()],
            missing: vec![missing],
            subject,
            ..Match::default()
        }
    }

    /// Kinds of the entries in order.
    #[track_caller]
    fn check(matches: Vec<Match>, kinds: &[&str]) -> Value {
        let list = MatchList {
            key: "k".into(),
            instant: "2026-06-15T08:00:00+02:00".into(),
            studies: vec![Study { id: "NCT00000000".into(), ..Study::default() }],
            matches,
            ..MatchList::default()
        };
        let bundle: Value = serde_json::from_str(&write_list(&list).expect("writes")).expect("json");
        let entries = bundle["entry"].as_array().expect("entries");
        let found: Vec<&str> =
            entries.iter().filter_map(|entry| entry["resource"]["resourceType"].as_str()).collect();
        assert_eq!(found, kinds);
        bundle
    }

    #[test]
    fn nobody_is_a_candidate_until_a_person_acts() {
        check(vec![one(None)], &["Device", "ResearchStudy", "Patient", "GuidanceResponse"]);
        let bundle = check(
            vec![one(Some(SubjectStatus::Candidate)), one(None)],
            &[
                "Device",
                "ResearchStudy",
                "Patient",
                "GuidanceResponse",
                "ResearchSubject",
                "GuidanceResponse",
            ],
        );
        let resource = |at: usize| &bundle["entry"][at]["resource"];
        assert_eq!(resource(4)["status"], "candidate");
        assert_eq!(resource(4)["study"]["reference"], bundle["entry"][1]["fullUrl"]);
        assert_eq!(resource(4)["individual"]["reference"], bundle["entry"][2]["fullUrl"]);
        assert_eq!(resource(3)["status"], "data-required");
    }
}
