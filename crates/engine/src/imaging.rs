//! How do folders of images become findings? Exams in, lesions followed, response assessed, FHIR Observations out.
//!
//! Findings come back into a plan only as that FHIR, among the records: images themselves are no input of a plan, so
//! that its replay needs none, and the stage can be left out (setting `imaging`).

mod findings;
mod study;
mod words;

pub use findings::fhir;
pub use study::{StudyError, invent, read_visit};
pub use words::text;

use concilium_case::{Facts, ImagingFinding, Issue, Level};
use concilium_imaging::ImagingError;
use concilium_imaging::follow::{Followup, Visit, follow};
use concilium_imaging::picture::{self, Plotted};
use concilium_imaging::response::{Best, Criteria, ResponseError, Timeline, assess, best, partial_percent};
use serde::Serialize;
use std::collections::BTreeMap;

/// Exams, lesions and categories.
#[derive(Debug, Serialize)]
pub struct Responded {
    /// Exams in order of time, by name.
    pub exams: Vec<String>,
    /// Lesions over the exams.
    pub followup: Followup,
    /// One line a set of criteria.
    pub lines: Vec<Timeline>,
    /// Best response of each.
    pub best: Vec<(Criteria, Best)>,
    /// The exams as handed in.
    #[serde(skip)]
    pub visits: Vec<Visit>,
}

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub enum RespondError {
    /// Images or masks.
    #[error(transparent)]
    Imaging(#[from] ImagingError),
    /// The order of exams.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// FHIR.
    #[error("cannot write the findings as FHIR")]
    Fhir(#[from] concilium_fhir_write::Error),
}

/// Follows the lesions and assesses them by each set of criteria. Exams may come in any order.
///
/// # Errors
/// A mask on another grid than its image, two exams of one day, nothing to compare.
pub fn respond(
    mut visits: Vec<Visit>,
    criteria: &[Criteria],
    align: bool,
) -> Result<Responded, RespondError> {
    visits.sort_by(|a, b| (a.exam.day, &a.name).cmp(&(b.exam.day, &b.name)));
    let followup = follow(&visits, align)?;
    let lines: Result<Vec<Timeline>, ResponseError> =
        criteria.iter().map(|criteria| assess(&followup.history, *criteria)).collect();
    let lines = lines?;
    let best = lines.iter().map(|line| (line.criteria, best(line))).collect();
    let exams = visits.iter().map(|visit| visit.name.clone()).collect();
    Ok(Responded { exams, followup, lines, best, visits })
}

/// What pages show beside the words, by key: plots of sums (`plot:RECIST 1.1`) and pictures of lesions as base64
/// (`image:` and the finding's id).
pub fn pictures(findings: &[ImagingFinding]) -> BTreeMap<String, String> {
    let of_lesions = findings.iter().filter_map(|finding| {
        finding.picture.as_ref().map(|png| (format!("image:{}", finding.meta.id), png.clone()))
    });
    of_lesions.chain(plots(findings)).collect()
}

/// The page of findings written by [`fhir`].
///
/// # Errors
/// It is not what [`fhir`] writes.
pub fn page(fhir: &str) -> Result<String, concilium_fhir::ReadError> {
    let facts = concilium_fhir::read("findings.fhir.json", fhir.as_bytes())?;
    Ok(concilium_report::imaging_page(&facts.imaging, &pictures(&facts.imaging)))
}

fn plots(findings: &[ImagingFinding]) -> Vec<(String, String)> {
    let sums = concilium_report::imaging_lines(findings);
    let plot = |line: concilium_report::ImagingLine| {
        let first = line.points.first().map(|point| point.day.clone());
        let since = |day: &concilium_terms::PartialDate| {
            first.as_ref().map_or(0.0, |first| f64::from(first.days_until(day.earliest()).0))
        };
        let points: Vec<Plotted> = line
            .points
            .iter()
            .map(|point| Plotted {
                days: since(&point.day),
                day: point.day.day_text().to_owned(),
                sum: point.sum,
                category: point.category.clone().unwrap_or_default(),
            })
            .collect();
        let criteria = Criteria::ALL.into_iter().find(|one| one.name() == line.criteria);
        let title = format!("{}: sum of target lesions", line.criteria);
        let svg = picture::timeline(&title, &line.unit, &points, criteria.and_then(partial_percent));
        (format!("plot:{}", line.criteria), svg)
    };
    sums.into_iter().filter(|line| line.points.len() > 1).map(plot).collect()
}

/// The stage is off: its findings, and the disease status that follows from them, leave; each is named.
pub(crate) fn set_aside(facts: &mut Facts) {
    for finding in std::mem::take(&mut facts.imaging) {
        let status = format!("{}#status", finding.meta.id);
        facts.responses.retain(|response| response.meta.id != status);
        for source in finding.meta.sources {
            let what = "a finding in images is set aside: the stage is switched off".to_owned();
            let remedy = "set `imaging = true` to use it".to_owned();
            facts.issues.push(Issue { level: Level::Note, source, what, remedy });
        }
    }
}
