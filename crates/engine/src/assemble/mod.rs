//! How do facts become one case, as of an instant?
//!
//! Order matters and is fixed: identity, retraction, supersession, time, names, what is current, merging, lines, tumour,
//! gaps, conflicts.
//! Nothing leaves without standing in `retracted` or in an issue.

mod conflicts;
mod current;
mod derive;
mod gaps;
mod identity;
mod lineage;
mod merge;
mod retract;
mod text;
mod tumour;
mod vocabulary;

pub use identity::IdentityError;
pub(crate) use identity::one_person;
pub use text::join as join_text;

use concilium_case::{Case, Facts};
use concilium_knowledge::Knowledge;
use concilium_terms::AsOf;

/// Joins facts into a case.
///
/// # Errors
/// The records do not speak of one person.
pub fn assemble(mut facts: Facts, knowledge: &Knowledge, as_of: AsOf) -> Result<Case, IdentityError> {
    let mut retracted = retract::retract(&mut facts, &as_of);
    let patient = identity::one_person(&facts.patients)?;
    vocabulary::resolve_names(&mut facts, knowledge);
    current::mark(&mut facts, &as_of);
    retracted.extend(merge::merge(&mut facts));
    derive::derive(&mut facts, &patient, knowledge);
    let (lines, line_issues) = concilium_criteria::derive_lines(&facts, knowledge, &as_of);
    facts.issues.extend(line_issues);
    let tumours = tumour::resolve(&mut facts, knowledge);
    let foreign = tumours.first().map(|tumour| conflicts::foreign_scales(&facts, &tumour.doid, knowledge));
    facts.issues.extend(foreign.into_iter().flatten());
    let history_gaps =
        tumours.first().map(|tumour| gaps::find(&facts, tumour, knowledge)).unwrap_or_default();
    let conflicts = conflicts::find(&facts, &tumours, &lines, knowledge);
    sort(&mut facts);
    retracted.sort_by(|a, b| (&a.id, &a.why).cmp(&(&b.id, &b.why)));
    let mut tumours = tumours.into_iter();
    Ok(Case {
        as_of,
        patient,
        tumour: tumours.next(),
        other_tumours: tumours.collect(),
        facts,
        lines,
        history_gaps,
        from_text: None,
        conflicts,
        retracted,
    })
}

/// Input order must not show: every list is sorted by fact id.
fn sort(facts: &mut Facts) {
    macro_rules! by_id { ($($field:ident),*) => { $( facts.$field.sort_by(|a, b| a.meta.id.cmp(&b.meta.id)); )* } }
    by_id!(patients, conditions, stages, performance, alterations, regions, markers, pharmacogenes, labs);
    by_id!(medications, responses, procedures, radiotherapies, allergies, specimens, lab_opinions);
    by_id!(observations, documents, imaging);
    facts.inputs.sort();
    facts.issues.sort();
    facts.issues.dedup();
}
