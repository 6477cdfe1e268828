//! Which findings follow from a response, and how are they said in FHIR?

use super::{RespondError, Responded};
use crate::input::sha256_text;
use crate::run::{CODE_HASH, PROGRAM};
use concilium_case::{FINDING_SYSTEM, FindingKind, Patient};
use concilium_fhir_write as write;
use concilium_fhir_write::{Finding, FindingValue};
use concilium_imaging::follow::{At, Event, Tracked, Visit};
use concilium_imaging::picture;
use concilium_imaging::response::{Seen, Timeline, measurable};
use concilium_report::base64;
use concilium_terms::code::system;

/// The findings as a FHIR R4 Bundle, about this person (nobody in particular where none is given).
///
/// # Errors
/// A resource cannot be written, an image holds values that are no numbers.
pub fn fhir(responded: &Responded, patient: Option<&Patient>) -> Result<String, RespondError> {
    let patient = patient.map(concilium_report::patient_record).unwrap_or_default();
    let visits = &responded.visits;
    let mut findings = vec![];
    for (exam, visit) in visits.iter().enumerate() {
        for lesion in &responded.followup.lesions {
            findings.extend(of_lesion(responded, lesion, exam)?);
        }
        findings.extend(of_exam(responded, exam, visit));
        findings.extend(responded.lines.iter().flat_map(|line| of_line(line, exam, visit)));
    }
    let (name, version) = PROGRAM.rsplit_once(' ').unwrap_or((PROGRAM, ""));
    let software = write::Software { name: name.into(), version: version.into(), code: CODE_HASH.into() };
    let bundle = write::FindingsBundle {
        run: sha256_text(&serde_json::to_string(responded).unwrap_or_default()),
        software,
        patient,
        system: FINDING_SYSTEM.to_owned(),
        studies: visits.iter().map(study).collect(),
        findings,
    };
    Ok(write::write_findings(&bundle)?)
}

fn study(visit: &Visit) -> write::StudyRecord {
    write::StudyRecord {
        key: key(visit),
        day: visit.exam.day.to_string(),
        description: format!("{}, regions drawn by {}", visit.name, visit.drawn_by),
        modality: visit.modality.clone(),
        study_uid: visit.study.clone(),
        series_uid: visit.series.clone(),
    }
}

fn key(visit: &Visit) -> String {
    visit.exam.day.to_string()
}

/// A finding without what tells it apart.
fn finding(visit: &Visit, kind: FindingKind, key_of: &str, value: FindingValue, how: &str) -> Finding {
    let confirmed = if visit.confirmed { "confirmed by a person" } else { "not confirmed by a person" };
    let series = visit.series.clone().unwrap_or_else(|| visit.name.clone());
    Finding {
        study: key(visit),
        key: key_of.to_owned(),
        code: kind.key().to_owned(),
        words: kind.words().to_owned(),
        codes: vec![],
        value,
        site: None,
        method: format!("{how}; {PROGRAM}"),
        parts: vec![
            ("confidence".to_owned(), format!("region drawn by {}; {confirmed}", visit.drawn_by)),
            ("series".to_owned(), series),
        ],
        confirmed: visit.confirmed,
        picture: None,
    }
}

fn number(value: f64, unit: &str) -> FindingValue {
    // A tenth of a millimetre is below any voxel; more digits would only differ between machines.
    let parts = if unit.starts_with("mm") { 10.0 } else { 100.0 };
    FindingValue::Number((value * parts).round() / parts, unit.to_owned())
}

fn of_lesion(responded: &Responded, lesion: &Tracked, exam: usize) -> Result<Vec<Finding>, RespondError> {
    let (visit, at) = (&responded.visits[exam], &lesion.exams[exam]);
    let seen =
        responded.followup.history.lesions.iter().find(|one| one.id == lesion.id).map(|one| one.seen[exam]);
    let gone = at.events.contains(&Event::Gone);
    let sizes = match seen {
        Some(Seen::Measured(sizes)) => Some(sizes),
        _ => None,
    };
    if sizes.is_none() && !gone {
        return Ok(vec![]);
    }
    let make = |kind: FindingKind, value: FindingValue, how: &str| {
        let mut made = finding(visit, kind, &lesion.id, value, how);
        made.site = Some(lesion.organ.clone());
        let role = role(responded, lesion);
        let words =
            [("lesion", lesion.id.clone()), ("role", role.to_owned()), ("region", region(visit, lesion, at))];
        made.parts.extend(words.map(|(key, words)| (key.to_owned(), words)));
        made.parts.extend(at.events.iter().map(|event| ("open".to_owned(), open(event))));
        made
    };
    let longest = sizes.map_or(0.0, |sizes| sizes.longest_mm);
    let how = "longest diameter in the axial plane, half-way outline";
    let mut first = make(FindingKind::LongestDiameter, number(longest, "mm"), how);
    // mCODE 4.0.0, tumour size: the maximum dimension.
    first.codes =
        vec![(write::Coding { system: system::LOINC.to_owned(), code: "33728-7".to_owned() }, String::new())];
    first.picture = Some(base64(&picture::slice(&responded.followup, visit, lesion, exam)?));
    let mut found = vec![first];
    if let Some(sizes) = sizes {
        let how = "longest chord across the longest diameter in its slice";
        found.push(make(FindingKind::ShortAxis, number(sizes.short_mm, "mm"), how));
        found.push(make(
            FindingKind::LesionVolume,
            number(sizes.volume_mm3 / 1000.0, "mL"),
            "voxels times their volume",
        ));
    }
    Ok(found)
}

fn role(responded: &Responded, lesion: &Tracked) -> &'static str {
    let Some(line) = responded.lines.first() else { return "lesion" };
    if line.targets.contains(&lesion.id) {
        "target"
    } else if line.non_targets.contains(&lesion.id) {
        "non-target"
    } else {
        "new"
    }
}

fn region(visit: &Visit, lesion: &Tracked, at: &At) -> String {
    let label = visit.regions.iter().find(|region| region.organ == lesion.organ).map(|region| region.label);
    let label = label.map_or("no label".to_owned(), |label| format!("label {label}"));
    let centre = at.parts.first().map(|part| part.centre_mm.map(|part| format!("{part:.0}")).join(", "));
    centre.map_or(label.clone(), |centre| format!("{label}, centre ({centre}) mm LPS"))
}

fn open(event: &Event) -> String {
    match event {
        Event::New => "new since the baseline: a reader confirms that it is a lesion".to_owned(),
        Event::Gone => "not delineated any more".to_owned(),
        Event::Back => "delineated again".to_owned(),
        Event::Split(parts) => format!("in {parts} parts; their diameters are added up"),
        Event::MergedInto(id) => format!("merged into {id}, which carries the size"),
    }
}

/// Burden and measurable disease of one exam.
fn of_exam(responded: &Responded, exam: usize, visit: &Visit) -> Vec<Finding> {
    let lesions = &responded.followup.lesions;
    let burden: f64 =
        lesions.iter().flat_map(|lesion| &lesion.exams[exam].parts).map(|part| part.volume_mm3).sum();
    let how = "volume of all lesions delineated";
    let burden = finding(visit, FindingKind::TumourBurden, "", number(burden / 1000.0, "mL"), how);
    let ids = measurable(&responded.followup.history, exam);
    let answer = FindingValue::Answer(!ids.is_empty());
    let mut any = finding(visit, FindingKind::MeasurableDisease, "", answer, "RECIST 1.1 bounds of size");
    any.parts.push(("role".to_owned(), "RECIST 1.1".to_owned()));
    let which = if ids.is_empty() { "no lesion reaches them".to_owned() } else { ids.join(", ") };
    any.parts.push(("lesion".to_owned(), which));
    vec![burden, any]
}

/// Sum and category of one exam under one set of criteria.
fn of_line(line: &Timeline, exam: usize, visit: &Visit) -> Vec<Finding> {
    let (point, name) = (&line.points[exam], line.criteria.name());
    let unit = match line.unit {
        "mm²" => "mm2",
        "mm³" => "mm3",
        "SUL" => "1",
        unit => unit,
    };
    let role = |mut made: Finding| {
        made.parts.push(("role".to_owned(), name.to_owned()));
        made
    };
    let how = format!("{name}, targets {}", line.targets.join(", "));
    let sum =
        point.sum.map(|sum| role(finding(visit, FindingKind::SumOfTargets, name, number(sum, unit), &how)));
    let unreviewed =
        line.thresholds.iter().any(|one| one.review == concilium_imaging::response::Review::Unreviewed);
    let overall = point.overall.map(|overall| {
        let value = FindingValue::Code(overall.short().to_owned(), overall.words().to_owned());
        let how = format!("{name}: {}", point.because.join("; "));
        let mut made = role(finding(visit, FindingKind::Response, name, value, &how));
        made.parts.extend(point.open.iter().map(|open| ("open".to_owned(), open.clone())));
        if unreviewed {
            made.parts.push(("open".to_owned(), format!("{name}: some of its thresholds are unreviewed")));
        }
        made
    });
    sum.into_iter().chain(overall).collect()
}
