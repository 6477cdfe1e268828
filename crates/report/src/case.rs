//! What was read of this patient? A case in plain text, for a terminal.

use concilium_case::{Case, Level, Line, LineIntent};
use std::fmt::Write;

/// Facts by kind, lines of therapy, conflicts, what is not used, and issues by how much they matter.
pub fn case_text(case: &Case) -> String {
    let mut out = String::new();
    let patient = &case.patient;
    let _ = writeln!(out, "patient {} as of {}", patient.meta.id, case.as_of.day);
    match &case.tumour {
        Some(tumour) => {
            let _ = writeln!(out, "tumour: {} ({}), {:?}", tumour.name, tumour.doid, tumour.extent);
            tumour.steps.iter().for_each(|step| line(&mut out, step));
        }
        None => out.push_str("tumour: not known\n"),
    }
    counts(case, &mut out);
    section(&mut out, "lines of systemic therapy (derived)", case.lines.iter().map(line_words));
    section(
        &mut out,
        "alterations",
        case.facts.alterations.iter().map(|a| format!("{} {:?} [{}]", a.label, a.presence, a.meta.id)),
    );
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
        let of_level = case.facts.issues.iter().filter(|i| i.level == level);
        section(&mut out, title, of_level.map(|i| format!("{}: {}{}", i.source, i.what, remedy(&i.remedy))));
    }
    out
}

fn remedy(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!(" — {words}") }
}

fn line(out: &mut String, words: &str) {
    let _ = writeln!(out, "  {words}");
}

fn section(out: &mut String, title: &str, rows: impl Iterator<Item = String>) {
    let rows: Vec<String> = rows.collect();
    if !rows.is_empty() {
        let _ = writeln!(out, "{title} ({}):", rows.len());
        rows.iter().for_each(|row| line(out, row));
    }
}

fn counts(case: &Case, out: &mut String) {
    let f = &case.facts;
    let _ = writeln!(
        out,
        "facts: {} conditions, {} stages, {} alterations, {} regions studied, {} markers, {} pharmacogenes, {} labs, \
         {} medications, {} responses, {} procedures, {} radiotherapies, {} documents, {} other; {} inputs",
        f.conditions.len(),
        f.stages.len(),
        f.alterations.len(),
        f.regions.len(),
        f.markers.len(),
        f.pharmacogenes.len(),
        f.labs.len(),
        f.medications.len(),
        f.responses.len(),
        f.procedures.len(),
        f.radiotherapies.len(),
        f.documents.len(),
        f.observations.len(),
        f.inputs.len()
    );
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
