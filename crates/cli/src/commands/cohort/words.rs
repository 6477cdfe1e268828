//! How does a coordinator read a cohort in a terminal?

use crate::commands::trials::screen::{count_words, gate_words};
use concilium_engine::cohort::{
    Alert, ArmSummary, Command, Conversion, Entry, Event, ImportReport, Line, MatchKey, MatchRow, OutReason,
    PatientLine, ScreenReport,
};
use concilium_engine::trials::Label;
use std::fmt::Write;

/// Lines of one kind shown at most where `--json` has all.
pub const SHOWN: usize = 40;

/// A value's name as JSON writes it.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn match_words(key: &MatchKey) -> String {
    let arm = if key.arm.is_empty() { String::new() } else { format!(" / {}", key.arm) };
    format!("{}  {}{arm}", key.patient, key.trial)
}

/// What came in.
pub fn imported(report: &ImportReport) -> String {
    let mut words = String::new();
    for source in &report.sources {
        let _ = writeln!(
            words,
            "{}: {} new records, {} changed, {} as kept, {} older, {} about nobody, {} refused",
            source.source.display(),
            source.new,
            source.changed,
            source.same,
            source.older,
            source.about_nobody,
            source.refused
        );
        for refused in &source.refusals {
            let _ = writeln!(words, "  {}: {}", refused.at, refused.why);
        }
        if source.refusals.len() < source.refused {
            let _ = writeln!(words, "  and {} more", source.refused - source.refusals.len());
        }
    }
    let _ = writeln!(words, "{} patients, {} of them new", report.patients, report.new_patients);
    words
}

/// What a screening came to.
pub fn screened(report: &ScreenReport) -> String {
    let mut words = format!(
        "{} patients, {} due; {} trials; {} arms judged, {} answers new or changed; as of {}\n",
        report.patients, report.due, report.trials, report.judged, report.changed, report.as_of
    );
    for (patient, problem) in &report.problems {
        let _ = writeln!(words, "{patient}: not screened: {problem}");
    }
    let _ = writeln!(words, "new on the worklist: {}", report.found.len());
    for key in report.found.iter().take(SHOWN) {
        let _ = writeln!(words, "  {}", match_words(key));
    }
    if SHOWN < report.found.len() {
        let _ = writeln!(words, "  and {} more; see `concilium cohort worklist`", report.found.len() - SHOWN);
    }
    if 0 < report.untold {
        let _ = writeln!(words, "changes of matches nobody works on (kept, no alert): {}", report.untold);
    }
    let _ = writeln!(words, "alerts: {}", report.alerts.len());
    words + &report.alerts.iter().map(alert).collect::<String>()
}

/// One patient.
pub fn patient(line: &PatientLine) -> String {
    let mut words = format!("{}  {}", line.patient, line.about);
    match &line.screened {
        Some(day) => words += &format!("  screened {day}"),
        None => words += "not screened yet",
    }
    if line.is_due && line.screened.is_some() {
        words += ", records changed since";
    }
    let _ = write!(words, "  {} on the worklist", line.open_entries);
    if let Some(why) = &line.do_not_contact {
        let _ = write!(words, "  DO NOT CONTACT: {why}");
    }
    if let Some(problem) = &line.problem {
        let _ = write!(words, "\n  not screened: {problem}");
    }
    words + "\n"
}

/// Worth a look without being asked for all?
pub fn is_shown(row: &MatchRow) -> bool {
    let label = row.answer.as_ref().map(|answer| &answer.label);
    let open = matches!(
        label,
        Some(Label::NoKnownConflict | Label::Likely | Label::OpenQuestions | Label::BlockedUntil { .. })
    );
    open || row.state.is_some()
}

/// Matches, best first.
pub fn matches(rows: &[MatchRow]) -> String {
    let mut words = format!("{} matches. Nobody is called eligible here: a person decides.\n", rows.len());
    for row in rows.iter().take(SHOWN) {
        let state = row.state.map_or(String::new(), |state| format!("  [{}]", word(&state)));
        let _ = writeln!(words, "{}{state}", match_words(&row.key));
        words += &row.answer.as_ref().map(answer).unwrap_or_default();
    }
    if SHOWN < rows.len() {
        let _ = writeln!(words, "and {} more; --json has all", rows.len() - SHOWN);
    }
    words
}

fn answer(answer: &ArmSummary) -> String {
    let mut words = format!(
        "  {}{}; {}\n",
        answer.label,
        gate_words(answer.gate, answer.stale_status),
        count_words(&answer.counts)
    );
    words.extend(answer.deciding.iter().map(|line| format!("    {line}\n")));
    words
}

/// One line of the worklist, with its history when asked for.
pub fn entry(line: &Line, history: bool) -> String {
    let mark = if line.do_not_contact { "  DO NOT CONTACT" } else { "" };
    let mut words = format!("{}  ({}){mark}\n", match_words(&line.entry.key), line.about);
    words += &format!("  {}", standing(&line.entry));
    if let Some(days) = line.overdue {
        let _ = writeln!(words, "  overdue by {days} days");
    }
    words += &line.answer.as_ref().map_or("  not screened, or no arm takes patients\n".to_owned(), answer);
    if history {
        words.extend(line.entry.history.iter().map(event));
    }
    words
}

/// Where an entry stands.
pub fn standing(entry: &Entry) -> String {
    let mut words = word(&entry.state);
    if !entry.reasons.is_empty() {
        let reasons: Vec<String> = entry.reasons.iter().map(reason).collect();
        let _ = write!(words, " ({})", reasons.join(", "));
    }
    if let Some(owner) = &entry.owner {
        let _ = write!(words, ", with {owner}");
    }
    if let Some(next) = &entry.next_action {
        let _ = write!(words, ", next: {} by {}", next.what, next.due);
    }
    if 0 < entry.rescreens {
        let _ = write!(words, ", taken up again {} times", entry.rescreens);
    }
    words + "\n"
}

fn reason(reason: &OutReason) -> String {
    let criterion = reason.criterion.as_ref().map_or(String::new(), |criterion| format!(" {criterion}"));
    format!("{}{criterion}", word(&reason.code))
}

fn event(event: &Event) -> String {
    let done = match &event.command {
        Command::Move { to, reasons } if reasons.is_empty() => format!("moved to {}", word(to)),
        Command::Move { to, reasons } => {
            let reasons: Vec<String> = reasons.iter().map(reason).collect();
            format!("moved to {}: {}", word(to), reasons.join(", "))
        }
        Command::Assign { owner: Some(owner) } if !owner.trim().is_empty() => format!("given to {owner}"),
        Command::Assign { .. } => "given back".to_owned(),
        Command::Plan { next: Some(next) } => format!("next: {} by {}", next.what, next.due),
        Command::Plan { next: None } => "nothing next".to_owned(),
        Command::Note { text } => format!("“{text}”"),
    };
    format!("    {} {}: {done}\n", event.at.date(), event.by)
}

/// One alert, with the criteria that flipped.
pub fn alert(alert: &Alert) -> String {
    let urgent = if alert.urgent { "URGENT " } else { "" };
    let causes: Vec<String> = alert.causes.iter().map(word).collect();
    let mut words =
        format!("{urgent}{}  {}  {} ({})", alert.patient, alert.trial, alert.last.date(), causes.join(", "));
    if alert.withdrawn {
        words += "  all is again as it was last seen";
    }
    if let Some(by) = &alert.seen_by {
        let _ = write!(words, "  seen by {by}");
    }
    words.push('\n');
    for (arm, (was, now)) in &alert.arms {
        let arm = if arm.is_empty() { String::new() } else { format!("{arm}: ") };
        let was = was.map_or("not answered".to_owned(), |was| word(&was));
        let _ = writeln!(words, "  {arm}{was} → {}", word(now));
    }
    for flip in &alert.flips {
        let _ =
            writeln!(words, "  {} {} → {}: {}", flip.criterion, word(&flip.from), word(&flip.to), flip.why);
    }
    words
}

/// How many got how far; the empty name is all trials together.
pub fn conversion(trial: &str, one: &Conversion) -> String {
    let mut words = format!("{}\n", if trial.is_empty() { "all trials" } else { trial });
    let reached: Vec<String> = one
        .reached
        .iter()
        .map(|(state, count)| {
            let now = one.now.get(state).copied().unwrap_or(0);
            format!("{} {count} (now {now})", word(state))
        })
        .collect();
    let _ = writeln!(words, "  reached: {}", reached.join(", "));
    let out: Vec<String> = one.out.iter().map(|(code, count)| format!("{} {count}", word(code))).collect();
    if !out.is_empty() {
        let _ = writeln!(words, "  out: {}", out.join(", "));
    }
    let criteria: Vec<String> =
        one.out_by_criterion.iter().map(|(criterion, count)| format!("{criterion} {count}")).collect();
    if !criteria.is_empty() {
        let _ = writeln!(words, "  by criterion: {}", criteria.join(", "));
    }
    if 0 < one.rescreened {
        let _ = writeln!(words, "  taken up again: {}", one.rescreened);
    }
    if let Some(days) = one.days_to_enrolment {
        let _ = writeln!(words, "  median days to enrolment: {days}");
    }
    words
}
