//! Which resources does the Bundle hold, and how are they addressed?

use crate::ids::{Name, URI_SYSTEM, name};
use crate::model::{PlanBundle, ProposedOption, SafetyIssue};
use crate::{Error, care_plan, group, guidance, issue, medication, parts, patient, provenance};
use fhir_sdk::{DateTime, Instant};
use serde::Serialize;
use serde_json::{Value, json};

/// The plan with the name of every resource that is made of it.
pub struct Cx<'p> {
    pub plan: &'p PlanBundle,
    pub at: Instant,
    pub patient: Name,
    pub device: Name,
    pub care_plan: Name,
    pub group: Name,
    pub guidance: Name,
}

impl<'p> Cx<'p> {
    fn new(plan: &'p PlanBundle) -> Result<Cx<'p>, Error> {
        let single = |kind: &str| name(&plan.run, kind, "");
        Ok(Cx {
            plan,
            at: parts::instant(&plan.instant)?,
            patient: patient::name_of(&plan.patient),
            device: provenance::device_name(&plan.software),
            care_plan: single("CarePlan"),
            group: single("RequestGroup"),
            guidance: single("GuidanceResponse"),
        })
    }

    /// When everything here was said.
    pub fn time(&self) -> DateTime {
        DateTime::DateTime(self.at.clone())
    }

    /// All options in order.
    pub fn options(&self) -> impl Iterator<Item = &'p ProposedOption> {
        self.plan.sections.iter().flat_map(|section| &section.options)
    }

    /// The request for one component of an option.
    pub fn request(&self, option: &str, drug: &str) -> Name {
        name(&self.plan.run, "MedicationRequest", &format!("{option}\n{drug}"))
    }

    /// The evaluation of an option that is not proposed.
    pub fn evaluation(&self, option: &str) -> Name {
        name(&self.plan.run, "GuidanceResponse", option)
    }

    /// A safety finding.
    pub fn issue(&self, issue: &SafetyIssue) -> Name {
        name(&self.plan.run, "DetectedIssue", &[&*issue.verdict, &issue.drug, &issue.detail].join("\n"))
    }

    /// Requests that a finding is about.
    pub fn implicated(&self, issue: &SafetyIssue) -> Vec<Name> {
        let held = self.options().filter(|option| issue.options.contains(&option.id));
        let requested = held.filter(|option| option.drugs.iter().any(|drug| drug.name == issue.drug));
        requested.map(|option| self.request(&option.id, &issue.drug)).collect()
    }
}

/// The plan as the JSON text of a FHIR R4 Bundle of type `collection`; ends with a line feed.
///
/// # Errors
/// The instant has no offset, or a resource cannot be built or written.
pub fn write(plan: &PlanBundle) -> Result<String, Error> {
    let bundle_name = name(&plan.run, "Bundle", "");
    let bundle = json!({
        "resourceType": "Bundle",
        "id": bundle_name.id,
        "identifier": { "system": URI_SYSTEM, "value": bundle_name.url },
        "type": "collection",
        "timestamp": parts::instant(&plan.instant)?,
        "entry": entries(&Cx::new(plan)?)?,
    });
    Ok(serde_json::to_string_pretty(&bundle)? + "\n")
}

fn entries(cx: &Cx<'_>) -> Result<Vec<Value>, Error> {
    let mut entries = vec![
        entry(&cx.patient, &patient::patient(&cx.plan.patient, &cx.patient)?)?,
        entry(&cx.device, &provenance::device(&cx.plan.software, &cx.device)?)?,
        entry(&cx.care_plan, &care_plan::care_plan(cx)?)?,
    ];
    if cx.options().next().is_some() {
        entries.push(entry(&cx.group, &group::group(cx)?)?);
    }
    entries.push(entry(&cx.guidance, &guidance::of_plan(cx)?)?);
    for option in cx.options() {
        if option.drugs.is_empty() {
            entries.push(entry(&cx.evaluation(&option.id), &guidance::of_option(cx, option)?)?);
        }
        for drug in &option.drugs {
            let name = cx.request(&option.id, &drug.name);
            entries.push(entry(&name, &medication::request(cx, option, drug, &name)?)?);
        }
    }
    for finding in &cx.plan.issues {
        entries.push(entry(&cx.issue(finding), &issue::issue(cx, finding)?)?);
    }
    let name = name(&cx.plan.run, "Provenance", "");
    entries.push(entry(&name, &provenance::provenance(cx, &name)?)?);
    Ok(entries)
}

/// One concrete resource as JSON. Never the model's `Resource` enum: see the crate's first lines.
pub(crate) fn entry(name: &Name, resource: &impl Serialize) -> Result<Value, Error> {
    Ok(json!({ "fullUrl": name.url, "resource": serde_json::to_value(resource)? }))
}
