//! How does a person read a response on a terminal?

use super::Responded;
use concilium_imaging::follow::{At, Event};
use concilium_imaging::response::{Category, LEAST_STABLE, Review};
use std::fmt::Write;

/// Lesions by exam, then each set of criteria with its numbers, then what must be known.
pub fn text(responded: &Responded) -> String {
    let mut out = String::new();
    lesions(responded, &mut out);
    for (line, (_, best)) in responded.lines.iter().zip(&responded.best) {
        let _ = writeln!(out, "\n{}: targets {}", line.criteria.name(), list(&line.targets));
        for point in &line.points {
            let overall = point.overall.map_or("baseline", Category::short);
            let sum = point.sum.map_or("–".to_owned(), |sum| format!("{sum:.1} {}", line.unit));
            let _ = writeln!(out, "  {}  {overall:<14} sum {sum}", point.day);
            for words in point.because.iter().filter(|words| *words != "baseline") {
                let _ = writeln!(out, "      {words}");
            }
            point.open.iter().for_each(|words| {
                let _ = writeln!(out, "      open: {words}");
            });
        }
        let short = |category: Option<Category>| category.map_or("–", Category::short);
        let _ = writeln!(
            out,
            "  best: {} ({} where it must be confirmed; stable disease from {} days on, unreviewed)",
            short(best.unconfirmed),
            short(best.confirmed),
            LEAST_STABLE.value
        );
        line.notes.iter().for_each(|note| {
            let _ = writeln!(out, "  note: {note}");
        });
        let unreviewed = line.thresholds.iter().filter(|one| one.review == Review::Unreviewed);
        for one in unreviewed {
            let _ = writeln!(out, "  unreviewed: {} {} {} ({})", one.what, one.value, one.unit, one.source);
        }
    }
    responded.followup.notes.iter().for_each(|note| {
        let _ = writeln!(out, "note: {note}");
    });
    out += "Measured by a program on regions that others drew: a reader confirms which lesion is which.\n";
    out
}

fn list(ids: &[String]) -> String {
    if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
}

fn lesions(responded: &Responded, out: &mut String) {
    let days: String =
        responded.visits.iter().map(|visit| format!("  {:<22}", visit.exam.day.to_string())).collect();
    let _ = writeln!(out, "{:<32}{}", "longest × short diameter, mm", days.trim_end());
    for lesion in &responded.followup.lesions {
        let cells: String = lesion.exams.iter().map(|at| format!("  {:<22}", cell(at))).collect();
        let _ = writeln!(out, "{:<4} {:<27}{}", lesion.id, lesion.organ, cells.trim_end());
    }
}

fn cell(at: &At) -> String {
    let sizes: Vec<String> =
        at.parts.iter().map(|part| format!("{:.1} × {:.1}", part.longest_mm, part.short_mm)).collect();
    let events = at.events.iter().map(|event| match event {
        Event::New => "new".to_owned(),
        Event::Gone => "gone".to_owned(),
        Event::Back => "back".to_owned(),
        Event::Split(parts) => format!("{parts} parts"),
        Event::MergedInto(id) => format!("in {id}"),
    });
    let words: Vec<String> =
        Some(sizes.join(" + ")).filter(|s| !s.is_empty()).into_iter().chain(events).collect();
    if words.is_empty() { "–".to_owned() } else { words.join(" ") }
}
