//! How is a plan read in a terminal, at a glance?
//!
//! The same order and words as the page, shorter: who, what is missing, and one row an option. The page has the rest.

use crate::words::{self, list_or_not_recorded, of_section, or_not_recorded, short};
use crate::{brief, trials};
use concilium_recommend::{Plan, PlanOption, Section};
use concilium_safety::{SafetyFinding, SafetyVerdict};

/// Narrowest and widest text; below, columns cannot be told apart, above, lines cannot be read.
const NARROWEST: usize = 60;
const WIDEST: usize = 140;

/// The plan as lines of at most `width` letters. Colour only repeats what the words and symbols say.
pub fn terminal(plan: &Plan, width: usize, colour: bool) -> String {
    let mut text = Text { out: String::new(), width: width.clamp(NARROWEST, WIDEST), colour };
    head(&mut text, plan);
    standard(&mut text, plan);
    for section in
        [Section::ToDiscuss, Section::Conditional, Section::NotApplicableNow, Section::RefusedBySafety]
    {
        options(&mut text, plan, section);
    }
    missing(&mut text, plan);
    site_trials(&mut text, plan);
    foot(&mut text, plan);
    text.out
}

/// Text under way.
struct Text {
    out: String,
    width: usize,
    colour: bool,
}

impl Text {
    /// A heading with a rule below.
    fn heading(&mut self, words: &str) {
        let words = clean(words);
        let (on, off) = if self.colour { ("\u{1b}[1;34m", "\u{1b}[0m") } else { ("", "") };
        let rule = "─".repeat(self.width);
        self.out.push_str(&format!("\n{on}{words}{off}\n{rule}\n"));
    }

    /// Like `labelled`, in bold.
    fn bold(&mut self, label: &str, words: &str) {
        let (on, off) = if self.colour { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        self.out.push_str(on);
        self.labelled(0, label, words);
        self.out.push_str(off);
    }

    /// `label` in a column of its own, then words wrapped beside it.
    fn labelled(&mut self, indent: usize, label: &str, words: &str) {
        let left = indent + letters(label) + usize::from(!label.is_empty());
        let lines = wrap(&clean(words), self.width.saturating_sub(left).max(20));
        let label = if label.is_empty() { String::new() } else { format!("{label} ") };
        for (at, line) in lines.iter().enumerate() {
            let start = if at == 0 { format!("{}{label}", " ".repeat(indent)) } else { " ".repeat(left) };
            self.out.push_str(&format!("{start}{line}\n"));
        }
    }
}

/// One line, no control characters: a record cannot move the cursor or change colours.
fn clean(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn letters(text: &str) -> usize {
    text.chars().count()
}

/// Breaks at blanks; a word longer than the line is broken inside.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace().flat_map(|word| pieces(word, width)) {
        let used = lines.last().map_or(0, |line| letters(line));
        if used != 0 && width < used + 1 + letters(&word) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
    }
    lines
}

fn pieces(word: &str, width: usize) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    letters.chunks(width.max(1)).map(|piece| piece.iter().collect()).collect()
}

fn head(text: &mut Text, plan: &Plan) {
    let p = &plan.patient;
    text.heading("Therapy plan – draft, decision support");
    let who = format!(
        "{}, {}, {}, {}",
        or_not_recorded(&p.name),
        or_not_recorded(&p.age),
        or_not_recorded(&p.sex),
        list_or_not_recorded(&p.identifiers)
    );
    let tumour =
        if p.tumour.is_empty() { "not known".to_owned() } else { format!("{} {}", p.tumour, p.doid) };
    for (name, value) in [
        ("Patient    ", who),
        ("Tumour     ", tumour),
        ("Stage      ", or_not_recorded(&p.stage).to_owned()),
        ("Sites      ", list_or_not_recorded(&p.sites)),
        ("Status     ", or_not_recorded(&p.status).to_owned()),
        ("Performance", or_not_recorded(&p.performance).to_owned()),
        ("Line       ", or_not_recorded(&p.line).to_owned()),
        ("Molecular  ", or_not_recorded(&brief::molecular(plan).join(" · ")).to_owned()),
    ] {
        text.labelled(0, name, &value);
    }
    if let Some(old) = &plan.outdated {
        text.labelled(0, "!", &format!("Old records: {old}"));
    }
    if let Some(missing) = &plan.abstains {
        text.labelled(0, "!", &format!("This plan abstains. Missing input: {missing}"));
    }
    if let Some(why) = &plan.no_systemic_ranking {
        text.labelled(0, "!", &format!("No systemic ranking: {why}"));
    }
    for conflict in &plan.conflicts {
        let sides: Vec<&str> = conflict.sides.iter().map(|(said, _)| said.as_str()).collect();
        text.labelled(0, "!", &format!("Conflict, {}: {}", conflict.about, sides.join(" / ")));
    }
    plan.alerts.iter().for_each(|one| text.labelled(0, "!", &format!("Taken now: {one}")));
    plan.asked.iter().for_each(|one| text.labelled(0, "!", &format!("Asked in the record: {one}")));
    plan.germline_flags.iter().for_each(|flag| text.labelled(0, "!", &format!("Germline: {flag}")));
}

fn standard(text: &mut Text, plan: &Plan) {
    text.heading("Standard options this knowledge does not rank");
    for entry in &plan.standard.entries {
        let conditions = if entry.conditions.is_empty() {
            String::new()
        } else {
            format!(" – {}", entry.conditions.join("; "))
        };
        let state = if entry.sourced.checked { "" } else { " [unreviewed]" };
        text.labelled(2, "·", &format!("{} ({}){conditions}{state}", entry.option, entry.kind));
        if !entry.sequence.is_empty() {
            text.labelled(4, "sequence:", &entry.sequence);
        }
        let gates = brief::gates(entry);
        let first: Vec<&str> =
            [entry.needs.as_str(), gates.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
        if !first.is_empty() {
            text.labelled(4, "first:", &first.join(" · "));
        }
        if !entry.evidence.is_empty() || !entry.beaten_by.is_empty() {
            text.labelled(4, "this release:", &words::standard_evidence(entry));
        }
    }
    let none = plan.standard.entries.is_empty() && plan.standard.note.is_empty();
    let note = if none { "standard of care not modelled for this case" } else { &plan.standard.note };
    if !note.is_empty() {
        text.labelled(2, "", note);
    }
}

fn options(text: &mut Text, plan: &Plan, section: Section) {
    let options = of_section(plan, section);
    let none = if options.is_empty() { words::why_none(plan, section) } else { String::new() };
    let size = words::count(options.len(), "option");
    text.heading(&format!("({}) {} – {size}{none}", section.number(), section.title()));
    for (_, one) in options {
        match section {
            Section::ToDiscuss | Section::Conditional => option(text, plan, one),
            Section::NotApplicableNow | Section::RefusedBySafety => short_option(text, plan, one),
        }
    }
}

fn option(text: &mut Text, plan: &Plan, option: &PlanOption) {
    text.bold(&format!("{:>4} ", words::rank(option, plan)), &option.name);
    why(text, option);
    text.labelled(6, "for    ", &brief::side(plan, &option.for_));
    text.labelled(6, "against", &brief::against(plan, option));
    for (at, line) in brief::safety(&option.safety).iter().enumerate() {
        text.labelled(6, if at == 0 { "safety " } else { "       " }, line);
    }
}

fn why(text: &mut Text, option: &PlanOption) {
    for (at, reason) in brief::front_reasons(option).iter().enumerate() {
        text.labelled(6, if at == 0 { "why    " } else { "       " }, reason);
    }
}

/// Name, first reason and how much stands on each side. What is refused also says by which finding.
fn short_option(text: &mut Text, plan: &Plan, option: &PlanOption) {
    let mut said = vec![
        format!("{} – {}", option.name, brief::reasons(option, 1).join("; ")),
        format!("against {}", option.against.len()),
        format!("for {}", option.for_.len()),
    ];
    said.extend(option.beaten_by.iter().map(words::beaten));
    let refusing: Vec<SafetyFinding> =
        option.safety.iter().filter(|one| one.verdict == SafetyVerdict::Contraindicated).cloned().collect();
    if !refusing.is_empty() {
        said.extend(brief::safety(&refusing));
    }
    text.labelled(0, &format!("{:>4} ", words::rank(option, plan)), &said.join(" · "));
}

fn missing(text: &mut Text, plan: &Plan) {
    text.heading("Next best facts");
    for (number, fact) in brief::front_facts(plan) {
        let said =
            format!("{} ({}): {}", fact.fact, brief::found(&fact.state), brief::unlocks(fact).join("; "));
        text.labelled(0, &format!("{number:>4} "), &said);
    }
    let more = plan.next_facts.len().saturating_sub(brief::FRONT_FACTS);
    if 0 < more {
        text.labelled(2, "", &format!("and {more} more in the sheet"));
    }
    if plan.next_facts.is_empty() {
        text.labelled(2, "", "no missing fact was found to change this plan");
    }
}

fn site_trials(text: &mut Text, plan: &Plan) {
    text.heading(trials::TITLE);
    text.labelled(2, "", &trials::note(plan));
    for arm in &plan.trials.arms {
        text.labelled(2, "", &format!("{} – {}", trials::head(arm), arm.title));
        trials::details(arm).iter().for_each(|line| text.labelled(6, "", line));
    }
}

fn foot(text: &mut Text, plan: &Plan) {
    text.heading("Read this with care");
    text.labelled(2, "not covered:", &list_or_not_recorded(&plan.not_covered));
    let lost = plan.issues.iter().filter(|issue| issue.level == concilium_case::Level::Lost).count();
    let unread = format!("{} not read", words::count(lost, "input"));
    let counts = [
        unread,
        words::count(plan.conflicts.len(), "conflict"),
        words::count(plan.germline_flags.len(), "germline flag"),
        words::count(plan.unreviewed.len(), "unreviewed row"),
    ];
    text.labelled(2, "", &counts.join(" · "));
    let m = &plan.manifest;
    let run = format!(
        "plan of {} · knowledge of {} · manifest {}",
        brief::instant(or_not_recorded(&m.as_of)),
        or_not_recorded(&m.knowledge_date),
        short(&m.run)
    );
    text.labelled(2, "", &run);
}
