//! What is the plan as a whole? A draft CarePlan that proposes, with all a reader must see first.

use crate::bundle::Cx;
use crate::ids::name;
use crate::model::{PlanBundle, ProposedOption};
use crate::parts::{self, DRAFT};
use crate::text::{Page, string};
use fhir_sdk::BuilderError;
use fhir_sdk::r4b::codes::RequestStatus;
use fhir_sdk::r4b::resources::{CarePlan, CarePlanActivity};
use fhir_sdk::r4b::types::{Narrative, Reference};

/// The CarePlan; without any option it has no activity.
pub fn care_plan(cx: &Cx<'_>) -> Result<CarePlan, BuilderError> {
    let mut plan = CarePlan::builder()
        .id(cx.care_plan.id.clone())
        .status(RequestStatus::Draft)
        .intent("proposal".into())
        .subject(parts::to(&cx.patient)?)
        .build()?;
    plan.text = Some(narrative(cx.plan)?);
    plan.identifier = vec![Some(parts::identifier(&cx.care_plan)?)];
    plan.identifier.extend(parts::hash_identifier("run manifest", &cx.plan.run)?.map(Some));
    plan.replaces = replaced(cx.plan)?;
    plan.title = Some("Therapy plan for the tumor board (draft, decision support)".into());
    plan.description = string(&cx.plan.summary.join("; "));
    plan.created = Some(cx.time());
    plan.author = Some(parts::to_device(&cx.device)?);
    if let Some(disease) = &cx.plan.disease {
        plan.addresses.extend(parts::in_words(disease)?.map(Some));
    }
    if cx.options().next().is_some() {
        let activity = CarePlanActivity::builder().reference(parts::to(&cx.group)?).build()?;
        plan.activity = vec![Some(activity)];
    }
    let boxes = cx.plan.boxes.iter().map(|noted| format!("{}: {}", noted.title, noted.lines.join("; ")));
    plan.note = parts::notes(std::iter::once(DRAFT.to_owned()).chain(boxes))?;
    Ok(plan)
}

/// The earlier plan is in another Bundle: it is named by its identifier, which its run alone decides.
fn replaced(plan: &PlanBundle) -> Result<Vec<Option<Reference>>, BuilderError> {
    let Some(run) = &plan.replaces else { return Ok(vec![]) };
    let earlier = parts::identifier(&name(run, "CarePlan", ""))?;
    let words = "earlier plan".to_owned();
    let reference =
        Reference::builder().r#type("CarePlan".into()).identifier(earlier).display(words).build()?;
    Ok(vec![Some(reference)])
}

/// All a person needs to read the plan safely without reading its data.
fn narrative(plan: &PlanBundle) -> Result<Narrative, BuilderError> {
    let mut page = Page::default();
    page.heading("Therapy plan");
    page.paragraph(DRAFT);
    page.paragraph(&person(plan));
    page.list(plan.summary.iter().cloned());
    for noted in &plan.boxes {
        page.heading(&noted.title);
        page.list(noted.lines.iter().cloned());
    }
    sections(&mut page, plan);
    page.heading("Safety findings");
    page.list(plan.issues.iter().map(|issue| {
        format!("{}: {} ({}): {}", issue.drug, issue.verdict, issue.options.join("; "), issue.detail)
    }));
    page.heading("Missing facts");
    page.list(plan.missing.iter().map(|fact| format!("{}: {}", fact.name, fact.detail)));
    page.narrative()
}

/// Name, birth date and identifiers, so that the page cannot be taken for another patient's.
fn person(plan: &PlanBundle) -> String {
    let patient = &plan.patient;
    let or_silent = |text: &Option<String>| text.clone().unwrap_or_else(|| "not recorded".into());
    let values = patient.identifiers.iter().map(|(_, value)| value.as_str());
    let values = values.collect::<Vec<_>>().join(", ");
    format!("{}, born {}, identifiers: {values}", or_silent(&patient.name), or_silent(&patient.birth_date))
}

/// Every option of every section in order, one line each.
pub fn sections(page: &mut Page, plan: &PlanBundle) {
    for section in &plan.sections {
        page.heading(&format!("({}) {}", section.number, section.title));
        page.list(section.options.iter().map(line));
        if section.options.is_empty() {
            page.paragraph("none");
        }
    }
}

fn line(option: &ProposedOption) -> String {
    let keys = option.citations.iter().map(|cited| format!("{} ({})", cited.key, cited.bearing));
    let notes =
        option.drugs.iter().flat_map(|drug| drug.notes.iter().map(move |n| format!("{}: {n}", drug.name)));
    let cited = keys.collect::<Vec<_>>().join(", ");
    let parts = [option.reasons.join("; "), notes.collect::<Vec<_>>().join("; "), cited];
    let said: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    format!("rank {}: {} – {}", option.rank, option.title, said.join(". "))
}
