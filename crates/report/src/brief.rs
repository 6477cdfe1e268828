//! What fits on the front? Short forms of the plan's texts; the details and the appendix hold them whole.

use crate::gates;
use crate::words::{self, count, level};
use concilium_evidence::{Bearing, EvidenceLevel};
use concilium_recommend::{
    AlterationVerdict, CNS_OPEN, Cited, Found, NextFact, Plan, PlanOption, StandardEntry,
};
use concilium_safety::{SafetyFinding, SafetyVerdict};
use std::collections::BTreeMap;

/// Facts on the front and in a terminal; the appendix has all.
pub(crate) const FRONT_FACTS: usize = 8;
/// What one fact would change, on the front.
const UNLOCKS: usize = 3;
/// Statements named one by one before they are only counted. What stands against is always named.
const NAMED: usize = 6;
/// Letters of a reason, and of what was found, in a line of the front.
const REASON: usize = 150;
const FOUND: usize = 100;
/// Letters of a reason that names what an option waits for.
const WAITS: usize = 600;
/// Letters of one thing a fact would change.
const UNLOCK: usize = 90;
/// Reasons of one option on the front.
const REASONS: usize = 2;
/// Findings no statement speaks of that are named on the front; the others are counted.
const SILENT_FINDINGS: usize = 8;
/// Letters of the genes studied without a variant, on the front.
const NEGATIVES: usize = 200;

/// At most `most` letters, cut behind a whole part or a whole word; `…` says that there is more.
pub(crate) fn brief(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let head: String = text.chars().take(most).collect();
    let end = head.rfind("; ").or_else(|| head.rfind(' ')).unwrap_or(head.len());
    format!("{} …", &head[..end])
}

/// Kinds of resources whose references may stand in a text.
const REFERENCES: [&str; 9] = [
    "Condition/",
    "DiagnosticReport/",
    "DocumentReference/",
    "MedicationAdministration/",
    "MedicationRequest/",
    "MedicationStatement/",
    "Observation/",
    "Procedure/",
    "Specimen/",
];

/// References to resources that stand in a text.
pub(crate) fn references(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split([' ', '(', ')', ';', ',']);
    words.filter(|word| REFERENCES.iter().any(|kind| word.starts_with(kind)))
}

/// The text without references to resources: `positive (Specimen/a, 2021)` → `positive (2021)`.
pub(crate) fn without_references(text: &str) -> String {
    let mut said = String::new();
    for word in text.split(' ') {
        let bare = word.trim_start_matches('(');
        if !REFERENCES.iter().any(|kind| bare.starts_with(kind)) {
            said.push_str(word);
            said.push(' ');
            continue;
        }
        said.truncate(said.strip_suffix("in ").map_or(said.len(), str::len));
        said.push_str(&word[..word.len() - bare.len()]);
        if let Some(closed) = bare.find([')', ';']) {
            said.truncate(said.trim_end_matches([' ', '(']).len());
            said.push_str(bare[closed..].trim_start_matches(')'));
            said.push(' ');
        }
    }
    said.trim_end().to_owned()
}

/// What was found or is open, without the list of every rule that was asked.
pub(crate) fn found(text: &str) -> String {
    let text = without_references(text);
    let before = text.split_once(" rules asked").and_then(|(head, _)| head.rsplit_once("; "));
    match before {
        Some((said, _)) => format!("{said} …"),
        None => brief(&text, FOUND),
    }
}

/// `2026-06-15T12:00:00+00:00[UTC]` → `2026-06-15 12:00 UTC`. What is no such instant stays as it is.
pub(crate) fn instant(text: &str) -> String {
    let parts = || {
        let (rest, zone) = text.strip_suffix(']')?.split_once('[')?;
        let (day, clock) = rest.split_once('T')?;
        let (clock, offset) = clock.split_at_checked(8)?;
        let minutes = clock.strip_suffix(":00").unwrap_or(clock);
        let offset = if zone == "UTC" { String::new() } else { format!(" {offset}") };
        Some(format!("{day} {minutes}{offset} {zone}"))
    };
    parts().unwrap_or_else(|| text.to_owned())
}

/// The first reasons, short; the number of the others.
pub(crate) fn reasons(option: &PlanOption, most: usize) -> Vec<String> {
    reasons_within(option, most, REASON)
}

fn reasons_within(option: &PlanOption, most: usize, letters: usize) -> Vec<String> {
    let short = |text: &str| brief(&without_references(text), letters);
    let mut said: Vec<String> = option.reasons.iter().take(most).map(|one| short(&one.text)).collect();
    let more = option.reasons.len().saturating_sub(most);
    match said.last_mut() {
        Some(last) if 0 < more => last.push_str(&format!(" (+{more} more)")),
        Some(_) => {}
        None => said.push(words::NOT_RECORDED.to_owned()),
    }
    said
}

/// Reasons of an option on the front. What an option waits for is named in full.
pub(crate) fn front_reasons(option: &PlanOption) -> Vec<String> {
    let waits = option.section == concilium_recommend::Section::Conditional;
    let mut said = reasons_within(option, REASONS, if waits { WAITS } else { REASON });
    said.extend(cns(option));
    said.extend((!option.needs.is_empty()).then(|| format!("ask first: {}", option.needs.join("; "))));
    said
}

/// `open: CNS metastases, 4 of 4 curated rows silent`: how many of the studied populations leave open whether patients with CNS metastases took part, where this one has them.
fn cns(option: &PlanOption) -> Option<String> {
    let open = option.population.iter().filter(|line| is_silent(line)).count();
    let of = count(option.population.len(), "curated row");
    (0 < open).then(|| format!("open: CNS metastases, {open} of {of} silent"))
}

/// Does a studied population of it leave open whether patients with CNS metastases took part?
pub(crate) fn is_silent_on_cns(option: &PlanOption) -> bool {
    option.population.iter().any(|line| is_silent(line))
}

fn is_silent(line: &str) -> bool {
    line.contains(CNS_OPEN)
}

/// What a fact would change; the number of the rest.
pub(crate) fn unlocks(fact: &NextFact) -> Vec<String> {
    let mut said: Vec<String> = fact.unlocks.iter().take(UNLOCKS).map(|one| brief(one, UNLOCK)).collect();
    let more = fact.unlocks.len().saturating_sub(UNLOCKS);
    if 0 < more {
        said.push(format!("and {more} more"));
    }
    said
}

/// Statements of one side by level, strongest first.
pub(crate) fn by_level(cited: &[Cited]) -> BTreeMap<EvidenceLevel, Vec<&Cited>> {
    let mut levels: BTreeMap<EvidenceLevel, Vec<&Cited>> = BTreeMap::new();
    cited.iter().for_each(|one| levels.entry(one.level).or_default().push(one));
    levels
}

/// Is each statement of this side named on the front? What stands against is never folded.
pub(crate) fn is_named(cited: &[Cited]) -> bool {
    cited.len() <= NAMED || cited.iter().any(|one| one.bearing != Bearing::For)
}

/// `16: A 1 · B 15 (9 count)`; `none`.
pub(crate) fn tally(cited: &[Cited]) -> String {
    if cited.is_empty() {
        return "none".to_owned();
    }
    let levels: Vec<String> =
        by_level(cited).iter().map(|(at, some)| format!("{} {}", level(*at), some.len())).collect();
    let counting = cited.iter().filter(|one| one.counts).count();
    let note = if counting < cited.len() { format!(" ({counting} count)") } else { String::new() };
    format!("{}: {}{note}", cited.len(), levels.join(" · "))
}

/// What a reader must know of a statement beside its key: `flagged`, `weaker`, `if settled`, `does not count`.
pub(crate) fn marks(plan: &Plan, cited: &Cited) -> String {
    let flagged = plan.evidence.get(&cited.key).is_some_and(|item| item.flagged);
    let weaker = cited.bearing == Bearing::AgainstWeaker;
    // A statement that waits for a fact is told apart by its remark; it is not one that was set aside.
    let waits = !cited.counts && cited.remark.contains("would count if settled");
    let aside = !cited.counts && !waits;
    let marks = [(flagged, "flagged"), (weaker, "weaker"), (waits, "if settled"), (aside, "does not count")];
    let said: Vec<&str> = marks.iter().filter(|(holds, _)| *holds).map(|(_, word)| *word).collect();
    if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) }
}

/// `A EID1, EID2 · B EID3 (flagged)`, or the tally when there are many.
pub(crate) fn side(plan: &Plan, cited: &[Cited]) -> String {
    if cited.is_empty() {
        return "none in this release".to_owned();
    }
    if !is_named(cited) {
        return tally(cited);
    }
    let named = |some: &[&Cited]| {
        some.iter().map(|one| format!("{}{}", one.key, marks(plan, one))).collect::<Vec<_>>().join(", ")
    };
    let levels: Vec<String> =
        by_level(cited).iter().map(|(at, some)| format!("{} {}", level(*at), named(some))).collect();
    levels.join(" · ")
}

/// What stands against an option: statements, and comparisons it lost.
pub(crate) fn against(plan: &Plan, option: &PlanOption) -> String {
    join_beaten(side(plan, &option.against), option)
}

/// The same with statements only counted.
pub(crate) fn against_tally(option: &PlanOption) -> String {
    join_beaten(tally(&option.against), option)
}

fn join_beaten(statements: String, option: &PlanOption) -> String {
    let said = (option.beaten_by.is_empty() || !option.against.is_empty()).then_some(statements);
    said.into_iter().chain(option.beaten_by.iter().map(words::beaten)).collect::<Vec<_>>().join(" · ")
}

/// What was found, one line a specimen, newest first; then what was looked for and not found, and what gave no answer.
/// What a statement of this release speaks of, and every inherited change, is named whatever the number.
pub(crate) fn molecular(plan: &Plan) -> Vec<String> {
    let of = |found: Found| plan.alterations.iter().filter(move |one| one.short.found == found);
    let mut silent = 0;
    let (named, left): (Vec<_>, Vec<_>) = of(Found::Yes).partition(|one| {
        let speaks = one.exactness.is_some() || one.short.amount.contains("germline");
        silent += usize::from(!speaks);
        speaks || silent <= SILENT_FINDINGS
    });
    let mut said = by_specimen(&named);
    if !left.is_empty() {
        said.push(format!("and {} more in “All alterations”", count(left.len(), "finding")));
    }
    let studied = plan.negatives.iter().map(|line| brief(&without_references(line), NEGATIVES));
    let absent: Vec<String> =
        by_specimen(&of(Found::No).collect::<Vec<_>>()).into_iter().chain(studied).collect();
    said.extend((!absent.is_empty()).then(|| format!("not found: {}", absent.join("; "))));
    let open = by_specimen(&of(Found::NoAnswer).collect::<Vec<_>>());
    said.extend((!open.is_empty()).then(|| format!("no answer: {}", open.join("; "))));
    said
}

/// `left iliac crest, 2026-05-12: EGFR T790M 15.6 %, EGFR C797S 11.5 %`; undated specimens last.
fn by_specimen(findings: &[&AlterationVerdict]) -> Vec<String> {
    let mut groups: BTreeMap<(std::cmp::Reverse<&str>, &str), Vec<String>> = BTreeMap::new();
    for one in findings {
        let words = format!("{} {}", one.label, one.short.amount).trim_end().to_owned();
        let of = (std::cmp::Reverse(one.short.date.as_str()), one.short.specimen.as_str());
        let said = groups.entry(of).or_default();
        if !said.contains(&words) {
            said.push(words);
        }
    }
    let words = |((date, specimen), said): ((std::cmp::Reverse<&str>, &str), Vec<String>)| {
        let date = if date.0.is_empty() { "undated" } else { date.0 };
        let test = if specimen.is_empty() { date.to_owned() } else { format!("{specimen}, {date}") };
        format!("{test}: {}", said.join("; "))
    };
    groups.into_iter().map(words).collect()
}

/// One line a verdict, worst first, naming what it is about: `◇ test required first: LVEF, QTc`.
pub(crate) fn safety(findings: &[SafetyFinding]) -> Vec<String> {
    let mut verdicts: BTreeMap<SafetyVerdict, Vec<String>> = BTreeMap::new();
    // What the record leaves open stands after the tests that are named, each list once.
    let (silent, named): (Vec<_>, Vec<_>) = findings.iter().partition(|one| one.rule == NOT_RECORDED);
    for one in named {
        let (names, name) = (verdicts.entry(one.verdict).or_default(), topic(one));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if verdicts.is_empty() && silent.is_empty() {
        return vec!["? no rule for this drug (not a clear result)".to_owned()];
    }
    let said = verdicts.into_iter().map(|(verdict, names)| verdict_line(verdict, &names));
    said.chain(unrecorded(&silent)).collect()
}

/// `◇ ask, not recorded: allergies, other diagnoses`: each list once; which diagnoses stands once for the plan, among the
/// next best facts, and on the card.
fn unrecorded(silent: &[&SafetyFinding]) -> Option<String> {
    let mut lists: Vec<&str> = vec![];
    for list in silent.iter().flat_map(|one| one.about.split(", ")) {
        let name = list.split(": ").next().unwrap_or(list);
        if !lists.contains(&name) {
            lists.push(name);
        }
    }
    let (symbol, _) = words::safety(SafetyVerdict::TestFirst);
    (!lists.is_empty()).then(|| format!("{symbol} ask, not recorded: {}", lists.join(", ")))
}

/// The facts of the front; their numbers are those of [`numbered_facts`].
pub(crate) fn front_facts(plan: &Plan) -> Vec<(usize, &NextFact)> {
    numbered_facts(plan).into_iter().take(FRONT_FACTS).collect()
}

/// All facts, numbered from one without a gap: the first ones and the one question about diagnoses, wherever it stands,
/// for the front; then the others.
pub(crate) fn numbered_facts(plan: &Plan) -> Vec<(usize, &NextFact)> {
    let diagnoses = |fact: &NextFact| fact.fact.starts_with("other diagnoses");
    let later = plan.next_facts.iter().skip(FRONT_FACTS).any(diagnoses);
    let first = FRONT_FACTS - usize::from(later);
    let (front, rest): (Vec<_>, Vec<_>) =
        plan.next_facts.iter().enumerate().partition(|(at, fact)| *at < first || diagnoses(fact));
    (1..).zip(front.into_iter().chain(rest).map(|(_, fact)| fact)).collect()
}

/// Rule of a finding that says what the record is silent on.
const NOT_RECORDED: &str = "not-recorded";

fn verdict_line(verdict: SafetyVerdict, names: &[String]) -> String {
    let (symbol, words) = words::safety(verdict);
    format!("{symbol} {words}: {}", names.join(", "))
}

/// Kinds of standard rows that name no drug: no drug rule can speak of them.
const DRUGLESS: [&str; 3] = ["surgery", "radiotherapy", "supportive"];

/// The gates of a standard row: what must be done first by name, monitoring by number.
pub(crate) fn gates(entry: &StandardEntry) -> String {
    let findings = &entry.safety;
    let monitored = findings.iter().filter(|one| one.verdict == SafetyVerdict::Monitor).count();
    let others: Vec<SafetyFinding> =
        findings.iter().filter(|one| one.verdict != SafetyVerdict::Monitor).cloned().collect();
    let mut said = if others.is_empty() { vec![] } else { safety(&others) };
    if findings.is_empty() && !DRUGLESS.contains(&entry.kind.as_str()) {
        said.push("? no rule spoke (not a clear result)".to_owned());
    }
    if 0 < monitored {
        said.push(format!("○ monitor: {}", count(monitored, "point")));
    }
    said.join(" · ")
}

/// What a finding is about: the test or condition; else the first words of what to do; else the drug.
fn topic(finding: &SafetyFinding) -> String {
    let about = concilium_safety::spoken(&finding.about);
    let drug = finding.drug.as_str();
    let general = about.is_empty() || gates::is_general(finding);
    let head = asked(&finding.action);
    match finding.verdict {
        SafetyVerdict::NoRule | SafetyVerdict::CheckedClear => drug.to_owned(),
        _ if general && head.is_empty() => drug.to_owned(),
        _ if general => head,
        SafetyVerdict::Contraindicated | SafetyVerdict::Avoid | SafetyVerdict::ModifyDose => {
            format!("{about} ({drug})")
        }
        SafetyVerdict::TestFirst | SafetyVerdict::Monitor => about.to_owned(),
    }
}

/// What an action asks for, whole: `folic acid; blood counts each cycle` is two things. Behind a colon stands how.
fn asked(action: &str) -> String {
    let topic = match (action.find(':'), action.find(';')) {
        (Some(colon), semicolon) if semicolon.is_none_or(|at| colon < at) => &action[..colon],
        _ => action,
    };
    topic.split("; ").map(str::trim).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{asked, brief, found, instant, without_references};

    #[test]
    fn what_an_action_asks_for_is_not_cut() {
        for (action, topic) in [
            (
                "folic acid and vitamin B12 before and throughout; blood counts each cycle",
                "folic acid and vitamin B12 before and throughout, blood counts each cycle",
            ),
            ("infusion reaction: premedication, split first dose", "infusion reaction"),
            ("pneumonitis: new cough; stop for good if confirmed", "pneumonitis"),
            ("eye symptoms, paronychia, albumin", "eye symptoms, paronychia, albumin"),
            ("liver values; fever: look at once", "liver values, fever: look at once"),
            ("", ""),
        ] {
            assert_eq!(asked(action), topic);
        }
    }

    #[test]
    fn a_reference_is_left_out_and_its_date_kept() {
        for (text, short) in [
            (
                "positive (Specimen/a-1, 2021); negative (Specimen/b, 2026)",
                "positive (2021); negative (2026)",
            ),
            ("3+ in Specimen/a (2021)", "3+ (2021)"),
            ("found (Observation/x) here", "found here"),
            ("from Observation/x; then", "from; then"),
            ("Sensitivity/Response", "Sensitivity/Response"),
        ] {
            assert_eq!(without_references(text), short);
        }
    }

    #[test]
    fn an_instant_is_read_by_people() {
        for (machine, people) in [
            ("2026-06-15T12:00:00+00:00[UTC]", "2026-06-15 12:00 UTC"),
            ("2026-06-15T08:00:00+02:00[Europe/Berlin]", "2026-06-15 08:00 +02:00 Europe/Berlin"),
            ("2026-06-15T08:00:07+02:00[Europe/Berlin]", "2026-06-15 08:00:07 +02:00 Europe/Berlin"),
            ("2026-06-15", "2026-06-15"),
            ("", ""),
            ("2026Tä[UTC]", "2026Tä[UTC]"),
        ] {
            assert_eq!(instant(machine), people);
        }
    }

    #[test]
    fn the_rules_that_were_asked_are_left_to_the_appendix() {
        assert_eq!(found("not recorded: allergies; 8 rules asked: a; b"), "not recorded: allergies …");
        assert_eq!(found("no QTc is recorded"), "no QTc is recorded");
    }

    #[test]
    fn a_text_is_cut_behind_a_part_or_a_word() {
        for (text, most, short) in [
            ("short", 10, "short"),
            ("not recorded: x; 8 rules asked", 25, "not recorded: x …"),
            ("one two three", 9, "one two …"),
            ("onetwothree", 4, "onet …"),
            ("äöü äöü", 4, "äöü …"),
        ] {
            assert_eq!(brief(text, most), short);
        }
    }
}
