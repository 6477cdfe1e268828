//! What did a safety gate find?

use crate::bundle::Cx;
use crate::model::{SafetyIssue, Severity};
use crate::parts;
use crate::text::string;
use fhir_sdk::BuilderError;
use fhir_sdk::r4b::codes::{DetectedIssueSeverity, ObservationStatus};
use fhir_sdk::r4b::resources::{DetectedIssue, DetectedIssueIdentified};

/// A preliminary finding: a person confirms it or does not. What has to be done stands in `detail`; `mitigation`
/// stays empty, for it says what *has been* done (FHIR R4, "DetectedIssue.mitigation").
pub fn issue(cx: &Cx<'_>, finding: &SafetyIssue) -> Result<DetectedIssue, BuilderError> {
    let name = cx.issue(finding);
    let mut issue =
        DetectedIssue::builder().id(name.id.clone()).status(ObservationStatus::Preliminary).build()?;
    issue.identifier = vec![Some(parts::identifier(&name)?)];
    issue.code = Some(parts::concept(&format!("{}: {}", finding.drug, finding.verdict))?);
    issue.severity = Some(match finding.severity {
        Severity::High => DetectedIssueSeverity::High,
        Severity::Moderate => DetectedIssueSeverity::Moderate,
        Severity::Low => DetectedIssueSeverity::Low,
    });
    issue.patient = Some(parts::to(&cx.patient)?);
    issue.identified = Some(DetectedIssueIdentified::DateTime(cx.time()));
    issue.author = Some(parts::to_device(&cx.device)?);
    issue.implicated = parts::to_all(&cx.implicated(finding))?;
    issue.detail = string(&format!("{} Options: {}.", finding.detail, finding.options.join("; ")));
    issue.reference = finding.url.clone();
    Ok(issue)
}
