//! Which facts does each entry give, and what do entries say about one another?

pub mod allergy;
pub mod condition;
pub mod document;
pub mod genomics;
pub mod medication;
pub mod observation;
pub mod other;
pub mod patient;
pub mod procedure;
pub mod specimen;
pub mod stage;

mod cycle;
mod late;

use crate::cx::{Cx, Late, version};
use crate::hazard;
use crate::input::Input;
use crate::json::Json;
use crate::kinds::{KINDS, set_aside};
use concilium_case::{Facts, InputItem, Issue, Level, Place, Source};

/// Reads all documents of one file. `issues` are those of lines that are no JSON.
pub fn facts(file: &str, documents: &[Json], issues: Vec<Issue>) -> Facts {
    let input = Input::new(file, documents);
    let mut facts = Facts { issues, ..Facts::default() };
    lost_lines(&mut facts, file);
    let mut late: Vec<Late> = Vec::new();
    for at in 0..input.entries.len() {
        let before = count(&facts);
        let issues_before = facts.issues.len();
        let mut cx = Cx { input: &input, at, facts: &mut facts, late: &mut late };
        read_entry(&mut cx);
        let given = count(&facts) - before;
        let id = input.entries[at].id.clone();
        if given == 0 && facts.issues.len() == issues_before {
            Cx { input: &input, at, facts: &mut facts, late: &mut late }.note("", "gives no fact", "");
        }
        facts.inputs.push(InputItem { id, file: file.to_owned(), facts: given });
    }
    one_person(&input, &mut facts);
    cycle::check(&input, &mut facts);
    late::apply(late, &mut facts);
    facts
}

/// A line that is no JSON is an input too.
fn lost_lines(facts: &mut Facts, file: &str) {
    for issue in &facts.issues {
        if let Place::Line { line, .. } = issue.source.place {
            facts.inputs.push(InputItem {
                id: format!("{file} line {line}"),
                file: file.to_owned(),
                facts: 0,
            });
        }
    }
}

fn count(facts: &Facts) -> usize {
    let disease =
        facts.conditions.len() + facts.stages.len() + facts.performance.len() + facts.responses.len();
    let molecular =
        facts.alterations.len() + facts.regions.len() + facts.markers.len() + facts.pharmacogenes.len();
    let treatment = facts.medications.len() + facts.procedures.len() + facts.radiotherapies.len();
    let other = facts.patients.len() + facts.labs.len() + facts.allergies.len() + facts.specimens.len();
    let words =
        facts.lab_opinions.len() + facts.observations.len() + facts.documents.len() + facts.imaging.len();
    disease + molecular + treatment + other + words
}

fn read_entry(cx: &mut Cx) {
    let entry = cx.entry();
    if let Some(first) = entry.repeats {
        if cx.input.entries[first].json == entry.json {
            return cx.note("", "the same resource stood in the input before; read once", "");
        }
        let versions = [&cx.input.entries[first], entry].map(|entry| version(entry.json));
        if versions[0].is_some() && versions[1].is_some() && versions[0] != versions[1] {
            cx.note("meta", "another version of a resource in this input; both are handed on", "");
        } else {
            let what = "another resource in this input has the same id and other content; both are read";
            cx.doubt("", what, "keep the version that holds, or give each its own id and version");
        }
    }
    let kind = KINDS.iter().find(|kind| kind.name == entry.kind);
    if let Some(container) = entry.container {
        let read = KINDS.iter().any(|kind| kind.name == cx.input.entries[container].kind);
        if !read && kind.is_some() {
            return cx.note(
                "",
                "stands inside a resource that is set aside",
                "send it as an entry of its own",
            );
        }
    }
    match kind {
        Some(kind) => {
            hazard::check(cx, kind);
            (kind.read)(cx);
        }
        None => unread(cx),
    }
}

fn unread(cx: &mut Cx) {
    let kind = cx.entry().kind;
    if kind.is_empty() {
        let what = "the entry has no resource, or one without `resourceType`";
        return cx.issue(Level::Lost, "", what, "send the resource itself");
    }
    match set_aside(kind) {
        Some(why) => cx.note("", format!("{kind} set aside: {why}"), ""),
        None => {
            let what = "not a resource type of R4; nothing in it was read";
            cx.issue(Level::Lost, "resourceType", what, "send R4, or have a reader written for it");
        }
    }
}

/// Facts of another person in the same file would mix two patients into one plan.
fn one_person(input: &Input, facts: &mut Facts) {
    let patients: Vec<usize> =
        (0..input.entries.len()).filter(|&i| input.entries[i].kind == "Patient").collect();
    let mut subjects: Vec<String> = Vec::new();
    for (at, entry) in input.entries.iter().enumerate() {
        let read = KINDS.iter().any(|kind| kind.name == entry.kind);
        let Some(subject) = entry.json.one("subject").or(entry.json.one("patient")).filter(|_| read) else {
            continue;
        };
        let known = input.resolve(at, subject).is_some_and(|target| patients.contains(&target));
        let Some(target) = input.target(at, subject).filter(|_| !known) else { continue };
        if patients.is_empty() && (subjects.is_empty() || subjects.contains(&target)) {
            subjects.push(target);
            continue;
        }
        let place = Place::Resource { resource: entry.id.clone(), element: "subject".into() };
        let source = Source { file: input.file.to_owned(), place };
        let what =
            "the subject is not the patient of this input; the fact may belong to another person".into();
        let remedy = "send one patient's record, with the Patient resource".into();
        facts.issues.push(Issue { level: Level::Doubtful, source, what, remedy });
    }
}
