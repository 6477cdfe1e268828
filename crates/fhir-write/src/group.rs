//! In what order are the options listed? One RequestGroup: a group a section, a group a tie, an action an option.

use crate::bundle::Cx;
use crate::care_plan::sections;
use crate::model::{Citation, ProposedOption, ProposedSection};
use crate::parts::{self, DRAFT};
use crate::text::{Page, string};
use fhir_sdk::BuilderError;
use fhir_sdk::r4b::codes::{
    ActionGroupingBehavior, ActionSelectionBehavior, RelatedArtifactType, RequestIntent, RequestStatus,
};
use fhir_sdk::r4b::resources::{RequestGroup, RequestGroupAction};
use fhir_sdk::r4b::types::RelatedArtifact;

/// The RequestGroup.
pub fn group(cx: &Cx<'_>) -> Result<RequestGroup, BuilderError> {
    let mut group = RequestGroup::builder()
        .id(cx.group.id.clone())
        .status(RequestStatus::Draft)
        .intent(RequestIntent::Proposal)
        .build()?;
    let mut page = Page::default();
    page.heading("Options in order");
    page.paragraph(DRAFT);
    sections(&mut page, cx.plan);
    group.text = Some(page.narrative()?);
    group.identifier = vec![Some(parts::identifier(&cx.group)?)];
    group.subject = Some(parts::to(&cx.patient)?);
    group.authored_on = Some(cx.time());
    group.author = Some(parts::to_device(&cx.device)?);
    group.reason_code =
        cx.plan.disease.iter().map(|words| parts::concept(words).map(Some)).collect::<Result<_, _>>()?;
    group.note = parts::notes([DRAFT.to_owned()])?;
    let filled = cx.plan.sections.iter().filter(|section| !section.options.is_empty());
    group.action = filled.map(|one| section(cx, one).map(Some)).collect::<Result<_, _>>()?;
    Ok(group)
}

type Action = Result<RequestGroupAction, BuilderError>;

fn titled(title: &str, prefix: &str) -> Action {
    let mut action = RequestGroupAction::builder().build()?;
    action.title = string(title);
    action.prefix = string(prefix);
    Ok(action)
}

fn logical_group(mut group: RequestGroupAction, actions: Vec<RequestGroupAction>) -> RequestGroupAction {
    group.grouping_behavior = Some(ActionGroupingBehavior::LogicalGroup);
    group.action = actions.into_iter().map(Some).collect();
    group
}

fn section(cx: &Cx<'_>, section: &ProposedSection) -> Action {
    let ranks = section.options.chunk_by(|a, b| a.rank == b.rank);
    let actions = ranks.map(|options| rank(cx, options)).collect::<Result<_, _>>()?;
    Ok(logical_group(titled(&section.title, &format!("({})", section.number))?, actions))
}

/// Options of one rank are a tie: of those that are proposed at most one is meant.
fn rank(cx: &Cx<'_>, options: &[ProposedOption]) -> Action {
    if let [alone] = options {
        return option(cx, alone);
    }
    let rank = options.first().map_or(0, |option| option.rank);
    let mut tie =
        titled(&format!("Tie of {}: equal on every key of the order", options.len()), &rank.to_string())?;
    if options.iter().any(|option| !option.drugs.is_empty()) {
        tie.selection_behavior = Some(ActionSelectionBehavior::AtMostOne);
    }
    Ok(logical_group(tie, options.iter().map(|one| option(cx, one)).collect::<Result<_, _>>()?))
}

/// RequestGroup invariant rqg-1: an action has a resource or actions of its own. What is not proposed points to
/// its evaluation, never to a request.
fn option(cx: &Cx<'_>, option: &ProposedOption) -> Action {
    let mut action = titled(&option.title, &option.rank.to_string())?;
    action.description = string(&option.reasons.join("; "));
    action.code = vec![Some(parts::concept(&option.id)?)];
    action.documentation =
        option.citations.iter().map(|cited| artifact(cited).map(Some)).collect::<Result<_, _>>()?;
    match option.drugs.as_slice() {
        [] => action.resource = Some(parts::to(&cx.evaluation(&option.id))?),
        [drug] => action.resource = Some(parts::to(&cx.request(&option.id, &drug.name))?),
        drugs => {
            action.selection_behavior = Some(ActionSelectionBehavior::AllOrNone);
            let component = |name: &str| -> Action {
                let mut part = titled(name, "")?;
                part.resource = Some(parts::to(&cx.request(&option.id, name))?);
                Ok(part)
            };
            let parts = drugs.iter().map(|drug| component(&drug.name)).collect::<Result<_, _>>()?;
            action = logical_group(action, parts);
        }
    }
    Ok(action)
}

/// PubMed pages are addressed as <https://pubmed.ncbi.nlm.nih.gov/PMID/>.
fn artifact(cited: &Citation) -> Result<RelatedArtifact, BuilderError> {
    let mut artifact = RelatedArtifact::builder().r#type(RelatedArtifactType::Citation).build()?;
    artifact.label = string(&cited.key);
    artifact.display = string(&cited.bearing);
    artifact.citation = string(&cited.citation);
    artifact.url = cited.pmid.as_ref().map(|pmid| format!("https://pubmed.ncbi.nlm.nih.gov/{pmid}/"));
    Ok(artifact)
}
