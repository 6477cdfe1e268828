//! What did the evaluation say, and what does it lack?

use crate::bundle::Cx;
use crate::ids::Name;
use crate::model::{MissingFact, ProposedOption};
use crate::parts::{self, DRAFT};
use crate::text::string;
use fhir_sdk::BuilderError;
use fhir_sdk::r4b::codes::GuidanceResponseStatus;
use fhir_sdk::r4b::resources::{GuidanceResponse, GuidanceResponseModule};
use fhir_sdk::r4b::types::{Coding, DataRequirement, DataRequirementCodeFilter};

/// The evaluation of the whole case: its result is the CarePlan. Facts that are missing are required by name: an
/// open fact is never passed over as a mere wish (`data-requested`), even where the plan could be drawn up without it.
pub fn of_plan(cx: &Cx<'_>) -> Result<GuidanceResponse, BuilderError> {
    let missing = &cx.plan.missing;
    let status = if missing.is_empty() {
        GuidanceResponseStatus::Success
    } else {
        GuidanceResponseStatus::DataRequired
    };
    let mut response = response(cx, &cx.guidance, status)?;
    response.result = Some(parts::to(&cx.care_plan)?);
    response.data_requirement =
        missing.iter().map(|fact| requirement(fact).map(Some)).collect::<Result<_, _>>()?;
    let lines = missing.iter().map(|fact| format!("{}: {}", fact.name, fact.detail));
    response.note = parts::notes(std::iter::once(DRAFT.to_owned()).chain(lines))?;
    Ok(response)
}

/// Why an option is listed and not proposed.
pub fn of_option(cx: &Cx<'_>, option: &ProposedOption) -> Result<GuidanceResponse, BuilderError> {
    let mut response = response(cx, &cx.evaluation(&option.id), GuidanceResponseStatus::Success)?;
    response.reason_code = vec![Some(parts::concept(&option.title)?)];
    let about = format!("{}: listed, not proposed.", option.title);
    response.note = parts::notes(std::iter::once(about).chain(option.reasons.iter().cloned()))?;
    Ok(response)
}

/// The module that was asked is the program: its address is that of the Device.
fn response(
    cx: &Cx<'_>,
    name: &Name,
    status: GuidanceResponseStatus,
) -> Result<GuidanceResponse, BuilderError> {
    let mut response = GuidanceResponse::builder()
        .id(name.id.clone())
        .module(GuidanceResponseModule::Uri(cx.device.url.clone()))
        .status(status)
        .build()?;
    response.identifier = vec![Some(parts::identifier(name)?)];
    response.subject = Some(parts::to(&cx.patient)?);
    response.occurrence_date_time = Some(cx.time());
    response.performer = Some(parts::to_device(&cx.device)?);
    Ok(response)
}

/// Any of the codes where some are known, else the name in words.
pub fn requirement(fact: &MissingFact) -> Result<DataRequirement, BuilderError> {
    let mut requirement = DataRequirement::builder().r#type(fact.kind.clone()).build()?;
    let words = string(&fact.name).unwrap_or_else(|| "not stated".into());
    let mut codes: Vec<Option<Coding>> =
        fact.codes.iter().map(|code| parts::coding(code, &words).map(Some)).collect::<Result<_, _>>()?;
    if codes.is_empty() {
        codes.push(Some(Coding::builder().display(words).build()?));
    }
    let filter = DataRequirementCodeFilter::builder().path("code".into()).code(codes).build()?;
    requirement.code_filter = vec![Some(filter)];
    Ok(requirement)
}
