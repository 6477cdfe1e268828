//! What was read of this patient? A case in plain text, for a terminal.

mod facts;

use concilium_case::{Case, Facts, Issue, Level, Line, LineIntent};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Facts by kind, lines of therapy, conflicts, what is not used, and issues by how much they matter.
pub fn case_text(case: &Case) -> String {
    let mut out = String::new();
    let patient = &case.patient;
    let _ = writeln!(out, "patient {} as of {}", patient.meta.id, case.as_of.day);
    match &case.tumour {
        Some(tumour) => {
            let extent = facts::kebab(&tumour.extent);
            let _ = writeln!(out, "tumour: {} ({}), {extent}", tumour.name, tumour.doid);
            tumour.steps.iter().for_each(|step| line(&mut out, step));
        }
        None => out.push_str("tumour: not known\n"),
    }
    let inputs = &case.facts.inputs;
    let silent = inputs.iter().filter(|item| item.facts == 0).count();
    let _ = writeln!(out, "inputs: {} resources and lines, {silent} of them without a fact", inputs.len());
    section(&mut out, "lines of systemic therapy (derived)", case.lines.iter().map(line_words));
    for (title, rows) in facts::sections(&case.facts) {
        section(&mut out, title, rows.into_iter());
    }
    from_text(&mut out, case.from_text.as_ref());
    section(
        &mut out,
        "conflicts",
        case.conflicts.iter().map(|c| {
            let sides: Vec<&str> = c.sides.iter().map(|(words, _)| words.as_str()).collect();
            format!("{}: {}", c.about, sides.join(" / "))
        }),
    );
    section(
        &mut out,
        "in the records and not used",
        case.retracted.iter().map(|r| format!("{} {}: {}", r.id, r.what, r.why)),
    );
    for (level, title) in
        [(Level::Lost, "could not be read"), (Level::Doubtful, "doubtful"), (Level::Note, "set aside")]
    {
        section(&mut out, title, issue_lines(&case.facts.issues, level).into_iter());
    }
    out
}

/// What the notes state beside the records; nothing of it moves a plan.
fn from_text(out: &mut String, text: Option<&Facts>) {
    let Some(text) = text else { return };
    section(out, "from text: tumours named", facts::tumours(text).into_iter());
    for (title, rows) in facts::sections(text) {
        section(out, &format!("from text: {title}"), rows.into_iter());
    }
}

/// Issues that say the same of several places of one file stand in one line.
fn issue_lines(issues: &[Issue], level: Level) -> Vec<String> {
    let mut same: BTreeMap<(&str, &str, &str), Vec<String>> = BTreeMap::new();
    for issue in issues.iter().filter(|issue| issue.level == level) {
        let file = issue.source.file.as_str();
        let place = issue.source.to_string();
        let inside = place.strip_prefix(file).unwrap_or(&place).trim_start_matches(':').trim().to_owned();
        same.entry((file, &issue.what, &issue.remedy)).or_default().push(inside);
    }
    let line = |((file, what, advice), places): ((&str, &str, &str), Vec<String>)| {
        let shown: Vec<&str> =
            places.iter().take(PLACES).map(String::as_str).filter(|p| !p.is_empty()).collect();
        let more = places.len().saturating_sub(PLACES);
        let more = if 0 < more { format!(" and {more} more") } else { String::new() };
        let inside = if shown.is_empty() { String::new() } else { format!(": {}", shown.join(", ")) };
        format!("{what}{} [{file}{inside}{more}]", remedy(advice))
    };
    same.into_iter().map(line).collect()
}

/// Places named of one issue; the rest is counted.
const PLACES: usize = 3;

fn remedy(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!("; {words}") }
}

fn line(out: &mut String, words: &str) {
    let _ = writeln!(out, "  {words}");
}

/// Lines of one kind at most; a person reads no further, and the rest is counted.
const SHOWN: usize = 100;

fn section(out: &mut String, title: &str, rows: impl Iterator<Item = String>) {
    let rows: Vec<String> = rows.collect();
    if !rows.is_empty() {
        let _ = writeln!(out, "{title} ({}):", rows.len());
        rows.iter().take(SHOWN).for_each(|row| line(out, row));
        if SHOWN < rows.len() {
            line(out, &format!("and {} more; --json lists all", rows.len() - SHOWN));
        }
    }
}

fn line_words(line: &Line) -> String {
    let number = if line.number.0 == line.number.1 {
        line.number.0.to_string()
    } else {
        format!("{}–{}", line.number.0, line.number.1)
    };
    let intent = match line.intent {
        LineIntent::Neoadjuvant => "neoadjuvant",
        LineIntent::Adjuvant => "adjuvant",
        LineIntent::Advanced => "advanced",
    };
    let drugs: Vec<&str> = line.drugs.iter().map(|d| d.as_str()).collect();
    let day = |d: &Option<concilium_terms::PartialDate>| {
        d.as_ref().map_or("?".to_owned(), |d| d.day_text().to_owned())
    };
    let end = if line.ongoing { "running".into() } else { day(&line.end) };
    let progression =
        line.progression.as_ref().map_or(String::new(), |d| format!(", progression {}", d.day_text()));
    format!("{intent} {number}: {} ({} to {end}{progression})", drugs.join(" + "), day(&line.start))
}
