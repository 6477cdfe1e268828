//! Whom is the plan for? The record's own Patient as far as it was read.

use crate::ids::{Name, is_id, name};
use crate::model::{PatientRecord, Sex};
use crate::parts::instant;
use crate::text;
use fhir_sdk::r4b::codes::AdministrativeGender;
use fhir_sdk::r4b::resources::{Patient, PatientDeceased};
use fhir_sdk::r4b::types::{HumanName, Identifier};
use fhir_sdk::{BuilderError, Date, DateTime};
use std::str::FromStr;

/// The person outlives a run: the name does not depend on it.
pub fn name_of(record: &PatientRecord) -> Name {
    name("", "Patient", &format!("{:?}", (&record.id, &record.identifiers)))
}

/// The Patient. Its id is the record's own where that is a valid id, so that a receiver knows the person again.
pub fn patient(record: &PatientRecord, name: &Name) -> Result<Patient, BuilderError> {
    let own = record.id.clone().filter(|id| is_id(id));
    let mut patient = Patient::builder().id(own.unwrap_or_else(|| name.id.clone())).build()?;
    patient.identifier = identifiers(record)?;
    if let Some(words) = record.name.as_deref().and_then(text::string) {
        patient.name = vec![Some(HumanName::builder().text(words).build()?)];
    }
    patient.gender = record.sex.map(gender);
    patient.birth_date = record.birth_date.as_deref().and_then(date);
    patient.deceased = record.deceased.as_ref().map(|when| deceased(when.as_deref()));
    Ok(patient)
}

fn identifiers(record: &PatientRecord) -> Result<Vec<Option<Identifier>>, BuilderError> {
    let one = |(system, value): &(String, String)| {
        let mut identifier = Identifier::builder().build()?;
        identifier.system = text::string(system);
        identifier.value = text::string(value);
        Ok(Some(identifier))
    };
    record.identifiers.iter().filter(|(_, value)| text::string(value).is_some()).map(one).collect()
}

fn gender(sex: Sex) -> AdministrativeGender {
    match sex {
        Sex::Female => AdministrativeGender::Female,
        Sex::Male => AdministrativeGender::Male,
        Sex::Other => AdministrativeGender::Other,
        Sex::Unknown => AdministrativeGender::Unknown,
    }
}

/// The calendar day as precise as written, without a time. Years before 1000 cannot be said in FHIR and are left out.
fn date(text: &str) -> Option<Date> {
    let day = text.split('T').next().unwrap_or(text);
    if day.starts_with('0') { None } else { Date::from_str(day).ok() }
}

/// An instant with its offset where the record has one, else the day, else only that it happened.
fn deceased(when: Option<&str>) -> PatientDeceased {
    let time = when.and_then(|text| instant(text).ok()).map(DateTime::DateTime);
    let when = time.or_else(|| when.and_then(date).map(DateTime::Date));
    when.map_or(PatientDeceased::Boolean(true), PatientDeceased::DateTime)
}

#[cfg(test)]
mod tests {
    use super::patient;
    use crate::ids::name;
    use crate::model::{PatientRecord, Sex};
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(record: PatientRecord, expect: Expect) {
        let built = patient(&record, &name("run", "Patient", "")).expect("complete");
        expect.assert_eq(&serde_json::to_value(&built).expect("json").to_string());
    }

    #[test]
    fn what_is_not_recorded_is_not_said() {
        check(
            PatientRecord { id: Some("not an id".into()), ..PatientRecord::default() },
            expect![[r#"{"resourceType":"Patient","id":"patient-156c680a07c4bbd18c2232f89593bed2"}"#]],
        );
    }

    #[test]
    fn dates_are_as_precise_as_recorded() {
        let record = |birth: &str, died: Option<Option<&str>>| PatientRecord {
            id: Some("p-1".into()),
            birth_date: Some(birth.into()),
            deceased: died.map(|when| when.map(str::to_owned)),
            ..PatientRecord::default()
        };
        check(
            record("1951", Some(None)),
            expect![[r#"{"resourceType":"Patient","id":"p-1","birthDate":"1951","deceasedBoolean":true}"#]],
        );
        check(
            record("1951-03", Some(Some("2026-05"))),
            expect![[
                r#"{"resourceType":"Patient","id":"p-1","birthDate":"1951-03","deceasedDateTime":"2026-05"}"#
            ]],
        );
        check(
            record("1951-03-09T10:00:00Z", Some(Some("2026-05-04T03:02:01+02:00"))),
            expect![[
                r#"{"resourceType":"Patient","id":"p-1","birthDate":"1951-03-09","deceasedDateTime":"2026-05-04T03:02:01+02:00"}"#
            ]],
        );
        check(
            record("0951", Some(Some("2026-05-04T03:02+02:00"))),
            expect![[r#"{"resourceType":"Patient","id":"p-1","deceasedDateTime":"2026-05-04"}"#]],
        );
    }

    #[test]
    fn the_person_is_known_again() {
        check(
            PatientRecord {
                id: Some("p-1".into()),
                identifiers: vec![
                    ("http://hospital.example.org/mrn".into(), "B-1".into()),
                    (String::new(), "loose".into()),
                    ("http://hospital.example.org/mrn".into(), " ".into()),
                ],
                name: Some("Ada (invented)".into()),
                sex: Some(Sex::Female),
                ..PatientRecord::default()
            },
            expect![[
                r#"{"resourceType":"Patient","id":"p-1","identifier":[{"system":"http://hospital.example.org/mrn","value":"B-1"},{"value":"loose"}],"name":[{"text":"Ada (invented)"}],"gender":"female"}"#
            ]],
        );
    }
}
