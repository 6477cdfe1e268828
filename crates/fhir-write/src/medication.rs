//! What would be asked for? One draft request a component, without dose: none is modelled.

use crate::bundle::Cx;
use crate::ids::Name;
use crate::model::{ProposedDrug, ProposedOption};
use crate::parts::{self, DRAFT};
use fhir_sdk::BuilderError;
use fhir_sdk::r4b::resources::{MedicationRequest, MedicationRequestMedication};

/// The request for one component of a proposed option.
pub fn request(
    cx: &Cx<'_>,
    option: &ProposedOption,
    drug: &ProposedDrug,
    name: &Name,
) -> Result<MedicationRequest, BuilderError> {
    let mut medication = parts::concept(&drug.name)?;
    if let Some(code) = &drug.code {
        medication.coding = vec![Some(parts::coding(code, &drug.name)?)];
    }
    let mut request = MedicationRequest::builder()
        .id(name.id.clone())
        .status("draft".into())
        .intent("proposal".into())
        .medication(MedicationRequestMedication::CodeableConcept(medication))
        .subject(parts::to(&cx.patient)?)
        .build()?;
    request.identifier = vec![Some(parts::identifier(name)?)];
    request.authored_on = Some(cx.time());
    request.requester = Some(parts::to_device(&cx.device)?);
    request.reason_code =
        cx.plan.disease.iter().map(|words| parts::concept(words).map(Some)).collect::<Result<_, _>>()?;
    request.based_on = vec![Some(parts::to(&cx.care_plan)?)];
    // All components of one option share it: they belong to one regimen.
    request.group_identifier = Some(parts::identifier(&cx.evaluation(&option.id))?);
    let about = format!("Part of option {}. {DRAFT} Dose and schedule are not modelled.", option.title);
    request.note = parts::notes(std::iter::once(about).chain(drug.notes.iter().cloned()))?;
    let findings = cx.plan.issues.iter().filter(|issue| cx.implicated(issue).contains(name));
    let findings: Vec<Name> = findings.map(|issue| cx.issue(issue)).collect();
    request.detected_issue = parts::to_all(&findings)?;
    Ok(request)
}
