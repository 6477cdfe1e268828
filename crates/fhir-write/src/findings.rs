//! How are findings in images said in FHIR R4? Observations that point to the ImagingStudy they were made in.

use crate::Error;
use crate::bundle::entry;
use crate::ids::{Name, URI_SYSTEM, is_id, name};
use crate::model::{Coding, PatientRecord, Software};
use crate::{parts, patient, provenance, text};
use fhir_sdk::r4b::codes::{EventStatus, ImagingStudyStatus, ObservationStatus};
use fhir_sdk::r4b::resources::{
    ImagingStudy, ImagingStudySeries, Media, Observation, ObservationComponent, ObservationComponentValue,
    ObservationEffective, ObservationValue,
};
use fhir_sdk::r4b::types::{Attachment, Quantity};
use fhir_sdk::{BuilderError, Date, DateTime};
use serde_json::{Value, json};
use std::str::FromStr;

/// Findings of one patient, ready to be said in FHIR.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FindingsBundle {
    /// What the ids are derived from: a hash over everything the findings were made from.
    pub run: String,
    /// What measured.
    pub software: Software,
    /// Whom it is about.
    pub patient: PatientRecord,
    /// Code system of the findings and of their parts.
    pub system: String,
    /// Exams.
    pub studies: Vec<StudyRecord>,
    /// Findings, each of one exam.
    pub findings: Vec<Finding>,
}

/// One exam.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StudyRecord {
    /// Key that findings name it by.
    pub key: String,
    /// Its day, `2026-01-12`.
    pub day: String,
    /// In words.
    pub description: String,
    /// DICOM modality: `CT`.
    pub modality: String,
    /// Study instance UID.
    pub study_uid: Option<String>,
    /// Series instance UID.
    pub series_uid: Option<String>,
}

/// What a finding says.
#[derive(Clone, Debug, PartialEq)]
pub enum FindingValue {
    /// A number with its UCUM unit.
    Number(f64, String),
    /// A code of the findings' system with its words: `PR`.
    Code(String, String),
    /// Yes or no.
    Answer(bool),
}

/// One finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Key of its exam.
    pub study: String,
    /// What tells it apart within the exam.
    pub key: String,
    /// Code in the findings' system.
    pub code: String,
    /// In words.
    pub words: String,
    /// Other codes that mean the same, with their words.
    pub codes: Vec<(Coding, String)>,
    /// What it says.
    pub value: FindingValue,
    /// Organ or site.
    pub site: Option<String>,
    /// How it was found, with program and version.
    pub method: String,
    /// Further parts: code in the findings' system and words.
    pub parts: Vec<(String, String)>,
    /// A person has confirmed it; else it is preliminary.
    pub confirmed: bool,
    /// PNG in base64.
    pub picture: Option<String>,
}

struct Cx<'f> {
    bundle: &'f FindingsBundle,
    patient: Name,
    device: Name,
}

impl Cx<'_> {
    fn study(&self, key: &str) -> Name {
        name(&self.bundle.run, "ImagingStudy", key)
    }

    fn of(&self, kind: &str, finding: &Finding) -> Name {
        name(&self.bundle.run, kind, &format!("{}\n{}\n{}", finding.study, finding.code, finding.key))
    }
}

/// The findings as the JSON text of a FHIR R4 Bundle of type `collection`; ends with a line feed.
///
/// # Errors
/// A day that is none, or a resource that cannot be built or written.
pub fn write_findings(bundle: &FindingsBundle) -> Result<String, Error> {
    let person = name("", "Patient", &format!("{:?}", (&bundle.patient.id, &bundle.patient.identifiers)));
    let device = name("", "Device", &format!("{:?}", bundle.software));
    let cx = Cx { bundle, patient: person, device };
    let mut entries = vec![
        entry(&cx.patient, &patient::patient(&bundle.patient, &cx.patient)?)?,
        entry(&cx.device, &provenance::device(&bundle.software, &cx.device)?)?,
    ];
    for study in &bundle.studies {
        entries.push(entry(&cx.study(&study.key), &imaging_study(&cx, study)?)?);
    }
    for finding in &bundle.findings {
        if let Some(picture) = &finding.picture {
            entries.push(media(&cx, finding, picture)?);
        }
        entries.push(entry(&cx.of("Observation", finding), &observation(&cx, finding)?)?);
    }
    let own = name(&bundle.run, "Bundle", "findings");
    let bundle = json!({
        "resourceType": "Bundle",
        "id": own.id,
        "identifier": { "system": URI_SYSTEM, "value": own.url },
        "type": "collection",
        "entry": entries,
    });
    Ok(serde_json::to_string_pretty(&bundle)? + "\n")
}

fn day(text: &str) -> Result<DateTime, Error> {
    Date::from_str(text).map(DateTime::Date).map_err(|_| Error::Instant)
}

fn imaging_study(cx: &Cx<'_>, study: &StudyRecord) -> Result<ImagingStudy, Error> {
    let name = cx.study(&study.key);
    let mut built = ImagingStudy::builder()
        .id(name.id.clone())
        .status(ImagingStudyStatus::Available)
        .subject(parts::to(&cx.patient)?)
        .build()?;
    built.identifier = vec![Some(parts::identifier(&name)?)];
    if let Some(uid) = &study.study_uid {
        // FHIR R4, "ImagingStudy", notes: the study instance UID is an identifier of the DICOM system.
        let uid = fhir_sdk::r4b::types::Identifier::builder()
            .system("urn:dicom:uid".into())
            .value(format!("urn:oid:{uid}"))
            .build()?;
        built.identifier.push(Some(uid));
    }
    built.started = Some(day(&study.day)?);
    built.description = text::string(&study.description);
    let modality = modality(&study.modality)?;
    built.modality = vec![Some(modality.clone())];
    if let Some(uid) = study.series_uid.as_ref().filter(|uid| is_id(uid)) {
        let mut series = ImagingStudySeries::builder().uid(uid.clone()).modality(modality).build()?;
        series.started = Some(day(&study.day)?);
        built.series = vec![Some(series)];
        built.number_of_series = Some(1);
    }
    Ok(built)
}

/// DICOM PS3.16, context group 29 ("Acquisition Modality"), as FHIR R4 binds it.
fn modality(code: &str) -> Result<fhir_sdk::r4b::types::Coding, BuilderError> {
    let system = "http://dicom.nema.org/resources/ontology/DCM".to_owned();
    parts::coding(&Coding { system, code: code.into() }, code)
}

/// The picture, written as JSON: its data stay the text they are.
fn media(cx: &Cx<'_>, finding: &Finding, png: &str) -> Result<Value, Error> {
    let name = cx.of("Media", finding);
    let content = Attachment::builder().content_type("image/png".into()).build()?;
    let mut media =
        Media::builder().id(name.id.clone()).status(EventStatus::Completed).content(content).build()?;
    media.identifier = vec![Some(parts::identifier(&name)?)];
    media.subject = Some(parts::to(&cx.patient)?);
    let mut entry = entry(&name, &media)?;
    entry["resource"]["content"]["data"] = png.into();
    Ok(entry)
}

fn observation(cx: &Cx<'_>, finding: &Finding) -> Result<Observation, Error> {
    let own = cx.of("Observation", finding);
    let coded = |code: &str, words: &str| -> Result<_, BuilderError> {
        let mut concept = parts::concept(words)?;
        let coding = Coding { system: cx.bundle.system.clone(), code: code.into() };
        concept.coding = vec![Some(parts::coding(&coding, words)?)];
        Ok(concept)
    };
    let status = if finding.confirmed { ObservationStatus::Final } else { ObservationStatus::Preliminary };
    let mut code = coded(&finding.code, &finding.words)?;
    for (other, words) in &finding.codes {
        code.coding.push(Some(parts::coding(other, words)?));
    }
    let mut built = Observation::builder().id(own.id.clone()).status(status).code(code).build()?;
    built.identifier = vec![Some(parts::identifier(&own)?)];
    built.category = vec![Some(category()?)];
    built.subject = Some(parts::to(&cx.patient)?);
    let study = cx.bundle.studies.iter().find(|study| study.key == finding.study);
    built.effective = study.map(|study| day(&study.day).map(ObservationEffective::DateTime)).transpose()?;
    built.value = Some(match &finding.value {
        FindingValue::Number(number, unit) => ObservationValue::Quantity(quantity(*number, unit)?),
        FindingValue::Code(code, words) => ObservationValue::CodeableConcept({
            let mut value = coded(code, words)?;
            value.text = text::string(code);
            value
        }),
        FindingValue::Answer(answer) => ObservationValue::Boolean(*answer),
    });
    built.body_site = finding.site.as_deref().map(parts::concept).transpose()?;
    built.method = Some(parts::concept(&finding.method)?);
    built.device = Some(parts::to_device(&cx.device)?);
    let picture = finding.picture.is_some().then(|| cx.of("Media", finding));
    let from = study.map(|study| cx.study(&study.key)).into_iter().chain(picture).collect::<Vec<_>>();
    built.derived_from = parts::to_all(&from)?;
    for (key, words) in &finding.parts {
        let Some(words) = text::string(words) else { continue };
        let mut part = ObservationComponent::builder().code(coded(key, key)?).build()?;
        part.value = Some(ObservationComponentValue::String(words));
        built.component.push(Some(part));
    }
    Ok(built)
}

/// HL7 "observation-category": imaging.
fn category() -> Result<fhir_sdk::r4b::types::CodeableConcept, BuilderError> {
    let system = "http://terminology.hl7.org/CodeSystem/observation-category".to_owned();
    let mut category = parts::concept("Imaging")?;
    category.coding = vec![Some(parts::coding(&Coding { system, code: "imaging".into() }, "Imaging")?)];
    Ok(category)
}

fn quantity(number: f64, unit: &str) -> Result<Quantity, BuilderError> {
    let mut quantity = Quantity::builder().value(number).unit(unit.into()).build()?;
    quantity.system = Some("http://unitsofmeasure.org".into());
    quantity.code = Some(unit.into());
    Ok(quantity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect_file;

    fn finding(code: &str, value: FindingValue) -> Finding {
        Finding {
            study: "2026-01-12".into(),
            key: "L1".into(),
            code: code.into(),
            words: code.replace('-', " "),
            codes: vec![],
            value,
            site: Some("lung".into()),
            method: "by ruler".into(),
            parts: vec![("lesion".into(), "L1".into()), ("role".into(), "target".into())],
            confirmed: false,
            picture: None,
        }
    }

    fn bundle() -> FindingsBundle {
        let diameter = finding("longest-diameter", FindingValue::Number(22.5, "mm".into()));
        let loinc = Coding { system: "http://loinc.org".into(), code: "33728-7".into() };
        FindingsBundle {
            run: "0".repeat(64),
            system: "https://example.org/finding".into(),
            software: Software { name: "concilium".into(), version: "0".into(), code: "c".into() },
            patient: PatientRecord { id: Some("p-1".into()), ..PatientRecord::default() },
            studies: vec![StudyRecord {
                key: "2026-01-12".into(),
                day: "2026-01-12".into(),
                description: "invented".into(),
                modality: "CT".into(),
                study_uid: Some("1.2.3".into()),
                series_uid: Some("1.2.3.4".into()),
            }],
            findings: vec![
                Finding { codes: vec![(loinc, String::new())], picture: Some("aGVsbG8=".into()), ..diameter },
                Finding {
                    confirmed: true,
                    ..finding("response", FindingValue::Code("PR".into(), "partial response".into()))
                },
                finding("measurable-disease", FindingValue::Answer(true)),
            ],
        }
    }

    #[test]
    fn findings_point_to_their_study_and_picture() {
        let text = write_findings(&bundle()).expect("complete");
        expect_file!["findings.json"].assert_eq(&text);
        let json: Value = serde_json::from_str(&text).expect("json");
        let entries = json["entry"].as_array().expect("entries");
        let urls: Vec<&str> = entries.iter().filter_map(|entry| entry["fullUrl"].as_str()).collect();
        let mut unique = urls.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), urls.len());
        for entry in entries {
            for from in entry["resource"]["derivedFrom"].as_array().into_iter().flatten() {
                assert!(urls.contains(&from["reference"].as_str().expect("reference")));
            }
        }
    }

    #[test]
    fn a_day_that_is_none_is_refused() {
        let mut bundle = bundle();
        bundle.studies[0].day = "yesterday".into();
        assert!(write_findings(&bundle).is_err());
    }
}
