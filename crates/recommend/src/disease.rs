//! How far has the disease gone, as the records say it? Stage, sites, lesions, course; every reading, none chosen in silence.

use crate::images;
use crate::patient::{aged_day, first_words};
use concilium_case::{
    Case, Condition, ConditionRole, Extent, Lab, OtherObservation, Response, Stage, StageScale,
};
use concilium_criteria::tumour::{CENTRAL_NERVOUS_SYSTEM, HAEMATOLOGICAL};
use concilium_criteria::{outdated_by, scale_fits};
use concilium_knowledge::Knowledge;
use concilium_terms::{Code, Doid, PartialDate};
use std::collections::BTreeSet;

/// Acute lymphoblastic leukaemia (Disease Ontology): whether the central nervous system is involved is always asked.
const ACUTE_LYMPHOBLASTIC: &str = "DOID:9952";
/// A staging this long before the diagnosis may be another person's, another tumour's or a wrong date.
const DAYS_BEFORE_DIAGNOSIS: i32 = 60;

/// The stage the tumour rests on, and every statement beside it. Scales of other tumours are counted only.
pub fn stage(case: &Case, knowledge: &Knowledge) -> Option<String> {
    let stages = case.facts.stages.iter().filter(|s| s.scale != StageScale::Grade);
    let (fitting, foreign): (Vec<_>, Vec<_>) = stages.partition(|s| match (&s.scale, case.tumour.as_ref()) {
        (StageScale::Other(scale), Some(tumour)) => scale_fits(scale, &tumour.doid, knowledge),
        _ => true,
    });
    let mut said: Vec<String> = fitting.iter().map(|stage| stage_words(stage, case)).collect();
    said.sort();
    said.dedup();
    if !foreign.is_empty() {
        said.push(format!("and {} on scales of other tumours (see the issues)", foreign.len()));
    }
    match (stage_now(case), said.is_empty()) {
        (Some(now), true) => Some(now),
        (Some(now), false) => Some(format!("{now} — recorded: {}", said.join(", "))),
        (None, false) => Some(said.join(", ")),
        (None, true) => None,
    }
}

/// What counts now: both sides where the records disagree, and metastases before a stage group from before them.
fn stage_now(case: &Case) -> Option<String> {
    let tumour = case.tumour.as_ref()?;
    let disagreeing =
        case.conflicts.iter().find(|c| matches!(c.about.as_str(), "stage group" | "risk group"));
    if let Some(conflict) = disagreeing {
        let sides: Vec<&str> = conflict.sides.iter().map(|(said, _)| said.as_str()).collect();
        return Some(format!("the records disagree: {}", sides.join(" or ")));
    }
    let group = tumour.stage.clone()?;
    if tumour.extent != Extent::Metastatic || tumour.metastases.is_empty() || group.contains("IV") {
        return Some(group);
    }
    let first = metastases(case).filter_map(|c| c.meta.when.as_ref()).min();
    let since = first.map_or("undated".to_owned(), |day| day.day_text().to_owned());
    Some(format!("metastatic (metastases recorded, {since}), against a stage group of {group}"))
}

fn stage_words(stage: &Stage, case: &Case) -> String {
    let day = stage.meta.when.as_ref().map_or("undated".to_owned(), |d| d.day_text().to_owned());
    let diagnosed = case.tumour.as_ref().and_then(|tumour| tumour.diagnosed.as_ref());
    let early = match (stage.meta.when.as_ref(), diagnosed) {
        (Some(when), Some(diagnosed)) => DAYS_BEFORE_DIAGNOSIS < when.days_until(diagnosed.earliest()).0,
        (None, _) | (_, None) => false,
    };
    let early = match (early, diagnosed) {
        (true, Some(diagnosed)) => format!(", before the diagnosis of {}: check", diagnosed.day_text()),
        _ => String::new(),
    };
    match &stage.scale {
        StageScale::Other(name) if !stage.value.contains(name.as_str()) => {
            format!("{name} {} ({day}{early})", stage.value)
        }
        _ => format!("{} ({day}{early})", stage.value),
    }
}

fn metastases(case: &Case) -> impl Iterator<Item = &Condition> {
    case.facts.conditions.iter().filter(|c| c.role == ConditionRole::Metastasis && c.present != Some(false))
}

/// A measurement of a lesion, which is no organ function.
pub fn is_lesion(lab: &Lab) -> bool {
    lab.analyte.as_deref().is_some_and(|analyte| analyte.starts_with("tumour-size"))
}

/// Known sites with the lesions measured in them, and what is said of the central nervous system; that nothing is said
/// of it is worth a word for solid tumours outside it and for acute lymphoblastic leukaemia.
pub fn sites(case: &Case, knowledge: &Knowledge) -> Vec<String> {
    let known = case.tumour.as_ref().map(|t| t.metastases.clone()).unwrap_or_default();
    let mut sites: Vec<String> = known.iter().map(|site| with_lesions(site, case)).collect();
    sites.extend(other_lesions(&known, case));
    sites.extend(images::lesions(case));
    let written = in_words(case, &CNS_WORDS);
    sites.extend(written.iter().map(|said| format!("CNS: {said}")));
    let is_a =
        |doid: &str| case.tumour.as_ref().is_some_and(|t| knowledge.diseases.is_a(&t.doid, &Doid::new(doid)));
    let solid = case.tumour.is_some() && !is_a(CENTRAL_NERVOUS_SYSTEM) && !is_a(HAEMATOLOGICAL);
    let named = known.iter().chain(&images::sites(case)).any(|site| is_of_brain(site));
    if (solid || is_a(ACUTE_LYMPHOBLASTIC)) && !named && written.is_empty() {
        sites.push("CNS: no word in the records".into());
    }
    sites
}

const CNS_WORDS: [&str; 7] =
    ["brain", "cns", "cerebr", "mening", "spine", "spinal", "central nervous system"];

fn is_of_brain(site: &str) -> bool {
    let lower = site.to_lowercase();
    ["brain", "cns", "cerebr", "mening", "central nervous"].iter().any(|word| lower.contains(word))
}

/// Does a text of a table speak of the brain?
pub(crate) fn says_brain(text: &str) -> bool {
    is_of_brain(text) || text.to_lowercase().contains("intracranial")
}

/// A metastasis of the central nervous system is on record.
pub(crate) fn has_brain_metastases(case: &Case) -> bool {
    case.tumour.as_ref().is_some_and(|tumour| tumour.metastases.iter().any(|site| is_of_brain(site)))
}

/// How many metastases of the brain were measured: `2 lesions measured`; none where no such metastasis is on record.
pub(crate) fn brain_count(case: &Case) -> Option<String> {
    let measured = brain_lesions(case).map(|said| said.split(": ").next().unwrap_or_default().to_owned());
    let here = || measured.unwrap_or_else(|| "brain metastases, number not recorded".to_owned());
    has_brain_metastases(case).then(here)
}

/// What is known of metastases of the brain, for whatever depends on whether they are active: number and size, and what
/// was done about them. That nothing is recorded is said; what it means is for the reader.
pub(crate) fn brain_state(case: &Case) -> Option<String> {
    if !has_brain_metastases(case) {
        return None;
    }
    let measured = brain_lesions(case).unwrap_or_else(|| "number and size not recorded".to_owned());
    let local = match local_treatment(case).as_slice() {
        [] => "no local treatment of them recorded".to_owned(),
        some => some.join(", "),
    };
    Some(format!("brain metastases here: {measured}; {local}"))
}

/// Imaging and biopsies treat nothing.
const NO_TREATMENT: [&str; 5] = ["imaging", "tomography", "magnetic resonance", "mri", "biopsy"];

/// Radiotherapy that began and operations, of the brain; a course without a site may be one.
fn local_treatment(case: &Case) -> Vec<String> {
    let day = |when: Option<&PartialDate>| when.map_or("undated", |day| day.day_text()).to_owned();
    let of_brain = |codes: &[Code]| codes.iter().any(|code| is_of_brain(&code.display));
    let begun = |status: &str| matches!(status, "completed" | "stopped" | "in-progress" | "");
    let courses = case.facts.radiotherapies.iter().filter(|course| begun(&course.status));
    let courses = courses.filter_map(|course| match (course.sites.is_empty(), of_brain(&course.sites)) {
        (true, _) => Some(format!("radiotherapy, site not recorded ({})", day(course.meta.when.as_ref()))),
        (false, true) => Some(format!("radiotherapy ({})", day(course.meta.when.as_ref()))),
        (false, false) => None,
    });
    let operations = case.facts.procedures.iter().filter_map(|procedure| {
        let words = first_words(&procedure.codes)?;
        let treats = !NO_TREATMENT.iter().any(|word| words.to_lowercase().contains(word));
        let here = of_brain(&procedure.sites) || of_brain(&procedure.codes);
        (here && treats && begun(&procedure.status))
            .then(|| format!("{words} ({})", day(procedure.meta.when.as_ref())))
    });
    courses.chain(operations).collect()
}

/// `… of brain: 2 lesions measured: left frontal lobe 6 mm, right parietal lobe 6 mm (2026-05-28)`.
fn with_lesions(site: &str, case: &Case) -> String {
    let here = |c: &&Condition| {
        let words = c.sites.iter().chain(&c.codes).map(|code| code.display.as_str());
        words.into_iter().find(|words| !words.is_empty()) == Some(site)
    };
    let of: Vec<&str> = metastases(case).filter(here).map(|c| c.meta.id.as_str()).collect();
    let measured = |lab: &&Lab| lab.condition.as_deref().is_some_and(|id| of.contains(&id));
    lesions(case, measured).map_or_else(|| site.to_owned(), |said| format!("{site}: {said}"))
}

/// What was measured and belongs to no metastasis on record: the primary, as a rule.
fn other_lesions(known: &[String], case: &Case) -> Option<String> {
    let of: Vec<&str> = metastases(case).map(|c| c.meta.id.as_str()).collect();
    let elsewhere =
        |lab: &&Lab| known.is_empty() || lab.condition.as_deref().is_none_or(|id| !of.contains(&id));
    lesions(case, elsewhere)
}

/// Lesions of the newest day, each by its longest diameter, with the remarks that stand beside them.
fn lesions(case: &Case, wanted: impl Fn(&&Lab) -> bool) -> Option<String> {
    let longest = |lab: &&Lab| {
        matches!(lab.analyte.as_deref(), Some("tumour-size" | "tumour-size-longest")) && lab.value.is_some()
    };
    let mut found: Vec<&Lab> = case.facts.labs.iter().filter(longest).filter(wanted).collect();
    let newest: Option<PartialDate> = found.iter().filter_map(|lab| lab.meta.when.clone()).max();
    found.retain(|lab| lab.meta.when == newest);
    found.sort_by_key(|lab| (lab.site.clone(), lab.meta.id.clone()));
    let sizes: Vec<String> = found.iter().map(|lab| size(lab)).collect();
    let count = match found.len() {
        0 => return None,
        1 => "1 lesion measured".to_owned(),
        n => format!("{n} lesions measured"),
    };
    let day = newest.map_or("undated".to_owned(), |day| day.day_text().to_owned());
    let remarks: BTreeSet<String> = found.iter().flat_map(|lab| remarks(lab, case)).collect();
    let remarks: String = remarks.iter().map(|said| format!("; “{said}”")).collect();
    Some(format!("{count}: {} ({day}){remarks}", sizes.join(", ")))
}

fn size(lab: &Lab) -> String {
    let value = lab.value.as_ref().map(|q| format!("{} {}", q.text, q.unit)).unwrap_or_default();
    lab.site.as_ref().map_or_else(|| value.clone(), |site| format!("{site} {value}"))
}

/// Notes of the observation a measurement stands in.
fn remarks(lab: &Lab, case: &Case) -> Vec<String> {
    let own = format!("{}#note", lab.meta.id.split('#').next().unwrap_or_default());
    let notes = case.facts.documents.iter().filter(|d| d.meta.id.starts_with(&own));
    notes.map(|note| note.text.trim().to_owned()).collect()
}

/// Measured lesions of the brain, for what asks for their number and size.
pub fn brain_lesions(case: &Case) -> Option<String> {
    let of_brain = |c: &&Condition| c.sites.iter().chain(&c.codes).any(|code| is_of_brain(&code.display));
    let of: Vec<&str> = metastases(case).filter(of_brain).map(|c| c.meta.id.as_str()).collect();
    lesions(case, |lab| lab.condition.as_deref().is_some_and(|id| of.contains(&id)))
}

/// The newest word on how far the disease goes: stages, metastases, responses, measured lesions.
pub(crate) fn newest_word(case: &Case) -> Option<&PartialDate> {
    let facts = &case.facts;
    // Scales of single tumours may be another tumour's.
    let says = |s: &&Stage| !matches!(s.scale, StageScale::Grade | StageScale::Other(_));
    let stages = facts.stages.iter().filter(says).map(|s| &s.meta);
    let responses = facts.responses.iter().map(|r| &r.meta);
    let lesions = facts.labs.iter().filter(|lab| is_lesion(lab)).map(|lab| &lab.meta);
    let all = stages.chain(responses).chain(lesions).chain(metastases(case).map(|c| &c.meta));
    all.filter(|meta| meta.retraction.is_none()).filter_map(|meta| meta.when.as_ref()).max()
}

/// The newest statement of response or progression, as the record words it, and what images say beside it.
pub fn status(case: &Case) -> Option<String> {
    let said: Vec<String> = stated_status(case).into_iter().chain(images::responses(case)).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn stated_status(case: &Case) -> Option<String> {
    let mut responses: Vec<&Response> =
        case.facts.responses.iter().filter(|r| r.meta.retraction.is_none()).collect();
    responses.sort_by_key(|r| (r.meta.when.clone(), r.meta.id.clone()));
    let newest = responses.last()?;
    let words = first_words(&newest.codes).map_or_else(|| format!("{:?}", newest.status), str::to_owned);
    let day = aged_day(newest.meta.when.as_ref(), "undated", case);
    let since = newest.meta.when.as_ref().and_then(|when| outdated_by(case, when));
    let since = since
        .map(|line| format!("; before the last systemic line began ({})", line.day_text()))
        .unwrap_or_default();
    Some(format!("{words} ({day}){since}"))
}

/// Results in words that no other part of the plan types, quoted as written.
pub fn findings(case: &Case) -> Vec<String> {
    in_words(case, &[""])
}

/// `Bone marrow aspiration report: “predominance of immature cells” (2024-01-07, as written)`.
fn in_words(case: &Case, about: &[&str]) -> Vec<String> {
    let written = case.facts.observations.iter().filter(|o| is_written(o));
    let wanted = written.filter(|o| {
        let said = format!("{} {}", first_words(&o.codes).unwrap_or(""), o.value).to_lowercase();
        about.iter().any(|word| said.contains(word))
    });
    let mut said: Vec<String> = wanted.map(quote).collect();
    said.sort();
    said.dedup();
    said
}

/// A result of its own, not a part of another, and one that says something.
fn is_written(observation: &OtherObservation) -> bool {
    let own = observation.kind == "Observation" && !observation.meta.id.contains('#');
    let says = !observation.value.starts_with("no value") && !observation.value.starts_with("groups ");
    own && says && first_words(&observation.codes).is_some()
}

pub(crate) fn quote(observation: &OtherObservation) -> String {
    let day = observation.meta.when.as_ref().map_or("undated", |when| when.day_text());
    let name = first_words(&observation.codes).unwrap_or("result");
    format!("{name}: “{}” ({day}, as written)", observation.value)
}

/// The newest such result that holds every one of the words, each as a word of its own.
pub(crate) fn written_with<'c>(words: &[&str], case: &'c Case) -> Option<&'c OtherObservation> {
    let holds = |o: &&OtherObservation| {
        let text = o.value.to_lowercase();
        words.iter().all(|word| text.split(|c: char| !c.is_alphanumeric()).any(|said| said == *word))
    };
    let found = case.facts.observations.iter().filter(|o| is_written(o)).filter(holds);
    found.max_by_key(|o| (o.meta.when.clone(), o.meta.id.clone()))
}
