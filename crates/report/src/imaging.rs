//! How are findings in images shown? A plot of the sums, a table of the dates with their reasons, a picture a lesion.

use crate::{drawing, style};
use concilium_case::{FindingKind, ImagingFinding};
use concilium_terms::PartialDate;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::collections::{BTreeMap, BTreeSet};

/// One set of criteria over all exams.
#[derive(Clone, Debug, PartialEq)]
pub struct ImagingLine {
    /// `RECIST 1.1`
    pub criteria: String,
    /// Unit of its sums.
    pub unit: String,
    /// In order of time.
    pub points: Vec<ImagingPoint>,
}

/// One exam under one set of criteria.
#[derive(Clone, Debug, PartialEq)]
pub struct ImagingPoint {
    /// Day of the exam.
    pub day: PartialDate,
    /// Sum over the targets.
    pub sum: Option<f64>,
    /// `PR`; none at the baseline.
    pub category: Option<String>,
    /// Why, with the numbers.
    pub because: String,
    /// What is open.
    pub open: Vec<String>,
}

/// Sums and categories by criteria; undated findings have no place on a line.
pub fn imaging_lines(findings: &[ImagingFinding]) -> Vec<ImagingLine> {
    let of_line = |f: &&ImagingFinding| matches!(f.kind, FindingKind::SumOfTargets | FindingKind::Response);
    let mut lines: BTreeMap<&str, BTreeMap<&str, Vec<&ImagingFinding>>> = BTreeMap::new();
    for finding in findings.iter().filter(of_line) {
        let (Some(criteria), Some(day)) = (finding.role.as_deref(), finding.meta.when.as_ref()) else {
            continue;
        };
        lines.entry(criteria).or_default().entry(day.day_text()).or_default().push(finding);
    }
    // RECIST first where it is there, the others by name.
    let mut named: Vec<_> = lines.into_iter().collect();
    named.sort_by_key(|(criteria, _)| (*criteria != "RECIST 1.1", *criteria));
    named.into_iter().map(|(criteria, days)| line(criteria, days.into_values())).collect()
}

fn line<'f>(criteria: &str, days: impl Iterator<Item = Vec<&'f ImagingFinding>>) -> ImagingLine {
    let mut unit = String::new();
    let mut points = vec![];
    for found in days {
        let Some(day) = found.first().and_then(|finding| finding.meta.when.clone()) else { continue };
        let sum = found.iter().find(|f| f.kind == FindingKind::SumOfTargets).and_then(|f| f.value.as_ref());
        let response = found.iter().find(|f| f.kind == FindingKind::Response);
        if let Some(sum) = sum {
            unit = match sum.unit.as_str() {
                "mm2" => "mm²".to_owned(),
                "mm3" => "mm³".to_owned(),
                "1" => "SUL".to_owned(),
                other => other.to_owned(),
            };
        }
        let method = response.and_then(|f| f.method.clone()).unwrap_or_default();
        // The program stands last.
        let method = method.rsplit_once("; ").map_or(method.as_str(), |(how, _)| how);
        points.push(ImagingPoint {
            day,
            sum: sum.map(|sum| sum.value),
            category: response.and_then(|f| f.text.clone()),
            because: method.strip_prefix(&format!("{criteria}: ")).unwrap_or(method).to_owned(),
            open: response.map(|f| f.open.clone()).unwrap_or_default(),
        });
    }
    ImagingLine { criteria: criteria.to_owned(), unit, points }
}

/// The section; nothing without findings.
pub(crate) fn section(findings: &[ImagingFinding], pictures: &BTreeMap<String, String>) -> Markup {
    if findings.is_empty() {
        return html! {};
    }
    let confirmed = findings.iter().all(|finding| finding.confirmed);
    let who: BTreeSet<&str> = findings.iter().filter_map(|f| f.confidence.as_deref()).collect();
    let who = who.into_iter().collect::<Vec<_>>().join("; ");
    html! {
        section.images aria-labelledby="images" {
            h2 #images { "Measured in images" }
            p.lead {
                "Measured by a program in regions others drew: " (who) ". "
                @if !confirmed {
                    strong { "Preliminary: not confirmed by a person; ends no line of therapy and ranks nothing." }
                }
            }
            @for line in imaging_lines(findings) { (response(&line, pictures)) }
            (lesions(findings, pictures))
            @let other: Vec<String> = whole_exams(findings);
            @if !other.is_empty() { h3 { "Burden and measurable disease" } ul { @for one in &other { li { (one) } } } }
        }
    }
}

fn response(line: &ImagingLine, pictures: &BTreeMap<String, String>) -> Markup {
    let plot = pictures.get(&format!("plot:{}", line.criteria)).filter(|svg| drawing::check(svg).is_ok());
    html! {
        h3 { (line.criteria) }
        @if let Some(svg) = plot { figure { (PreEscaped(svg)) } }
        table {
            thead { tr { th { "Exam" } th { "Sum" } th { "Category" } th { "Why" } th { "Open" } } }
            tbody { @for point in &line.points { tr {
                th { (point.day.day_text()) }
                td { @match point.sum { Some(sum) => { (format!("{sum:.1} {}", line.unit)) } None => { "–" } } }
                td { strong { (point.category.as_deref().unwrap_or("baseline")) } }
                td { (point.because) }
                td { @if point.open.is_empty() { "–" } (point.open.join("; ")) }
            } } }
        }
    }
}

/// One row a lesion, one column an exam: diameters, what happened, picture.
fn lesions(findings: &[ImagingFinding], pictures: &BTreeMap<String, String>) -> Markup {
    let longest = |f: &&ImagingFinding| f.kind == FindingKind::LongestDiameter;
    let days: BTreeSet<&str> =
        findings.iter().filter(longest).filter_map(|f| Some(f.meta.when.as_ref()?.day_text())).collect();
    let mut rows: BTreeMap<&str, Vec<&ImagingFinding>> = BTreeMap::new();
    for finding in findings.iter().filter(longest) {
        rows.entry(finding.lesion.as_deref().unwrap_or("lesion")).or_default().push(finding);
    }
    html! {
        @if !rows.is_empty() {
            h3 { "Lesions" }
            p.lead { "Slice with the longest diameter, seen from the feet (the patient's left is on the right): contour, longest "
                "diameter and short axis; a cross marks where a lesion was that is gone." }
            table.lesions {
                thead { tr { th { "Lesion" } @for day in &days { th { (day) } } } }
                tbody { @for (lesion, found) in &rows { tr {
                    th {
                        (lesion)
                        p.small {
                            (found[0].site.as_deref().unwrap_or("site not stated")) ", "
                            (found[0].role.as_deref().unwrap_or("role not stated"))
                        }
                    }
                    @for day in &days { td {
                        @for one in found.iter().filter(|f| f.meta.when.as_ref().is_some_and(|when| when.day_text() == *day)) {
                            (cell(one, findings, pictures))
                        }
                    } }
                } } }
            }
        }
    }
}

fn cell(finding: &ImagingFinding, all: &[ImagingFinding], pictures: &BTreeMap<String, String>) -> Markup {
    let number = |finding: &ImagingFinding| finding.value.as_ref().map(|value| value.value);
    let of = |kind: FindingKind| {
        let same = |f: &&ImagingFinding| {
            f.kind == kind && f.lesion == finding.lesion && f.meta.when == finding.meta.when
        };
        all.iter().find(same).and_then(number)
    };
    let size = match (number(finding), of(FindingKind::ShortAxis), of(FindingKind::LesionVolume)) {
        (Some(long), Some(short), Some(volume)) => format!("{long:.1} × {short:.1} mm, {volume:.1} mL"),
        (Some(long), _, _) if long > 0.0 => format!("{long:.1} mm"),
        _ => "gone".to_owned(),
    };
    let lesion = finding.lesion.as_deref().unwrap_or("lesion");
    let picture = pictures.get(&format!("image:{}", finding.meta.id));
    html! {
        p { strong { (size) } }
        @for open in &finding.open { p.small { (open) } }
        @if let Some(png) = picture.filter(|png| is_base64(png)) {
            img src={ "data:image/png;base64," (png) } alt={ "Slice through " (lesion) ", " (size) };
        }
        @if let Some(region) = &finding.region { p.small { (region) } }
    }
}

fn is_base64(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}

fn whole_exams(findings: &[ImagingFinding]) -> Vec<String> {
    let day = |f: &ImagingFinding| f.meta.when.as_ref().map_or("undated", |when| when.day_text()).to_owned();
    let mut said: Vec<(String, String)> = findings
        .iter()
        .filter_map(|f| match f.kind {
            FindingKind::TumourBurden => f
                .value
                .as_ref()
                .map(|v| (day(f), format!("{}: {} {} of delineated lesions", day(f), v.text, v.unit))),
            FindingKind::MeasurableDisease => {
                let answer =
                    if f.answer? { "measurable disease" } else { "no delineated lesion is measurable" };
                let which = f.lesion.as_deref().filter(|_| f.answer == Some(true));
                let which = which.map(|ids| format!(" ({ids})")).unwrap_or_default();
                Some((day(f), format!("{}: {answer}{which}", day(f))))
            }
            _ => None,
        })
        .collect();
    said.sort();
    said.into_iter().map(|(_, words)| words).collect()
}

/// Findings alone as one self-contained page.
pub fn imaging_page(findings: &[ImagingFinding], pictures: &BTreeMap<String, String>) -> String {
    let policy = format!(
        "default-src 'none'; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        style::hash_source(style::SHEET)
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { "Measured in images, draft" }
                style { (PreEscaped(style::SHEET)) }
            }
            body {
                header.masthead { div {
                    h1 { "Measured in images" }
                    p.draft { "Draft, decision support. A reader confirms which lesion is which." }
                } }
                main { (section(findings, pictures)) }
            }
        }
    };
    page.into_string()
}
