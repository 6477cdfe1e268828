//! How does the same plan read as Markdown (CommonMark with pipe tables)? The front first, then details, then appendix.

use crate::words::{self, count, list_or_not_recorded, of_section, or_not_recorded, short};
use crate::{brief, front, gates, passages, trials, unreviewed};
use concilium_case::{Conflict, Level, Source};
use concilium_recommend::{Cited, Plan, PlanOption, Section};
use std::fmt::Write;

/// The plan as Markdown. Signs that mean something to Markdown or HTML are escaped in every field.
pub fn markdown(plan: &Plan) -> String {
    let mut out = String::new();
    front_part(&mut out, plan);
    let _ = writeln!(out, "\n# Details of sections 1 and 2");
    for section in [Section::ToDiscuss, Section::Conditional] {
        of_section(plan, section).into_iter().for_each(|(_, one)| option(&mut out, plan, one));
    }
    let _ = writeln!(out, "\n# Appendix");
    for section in [Section::NotApplicableNow, Section::RefusedBySafety] {
        of_section(plan, section).into_iter().for_each(|(_, one)| option(&mut out, plan, one));
    }
    tables(&mut out, plan);
    rest(&mut out, plan);
    out
}

/// Backslash escapes (CommonMark 0.31.2, section 2.4), `&lt;` and `&amp;` for what could open HTML; one line only.
pub(crate) fn md(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => out.extend(['\\', letter]),
            other if other.is_control() || "\u{2028}\u{2029}".contains(other) => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

/// Cells escaped, one row.
fn row(out: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| md(cell)).collect();
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

fn header(out: &mut String, title: &str, columns: &[&str]) {
    let _ = writeln!(out, "\n## {title}\n");
    row(out, columns);
    let _ = writeln!(out, "|{}", " --- |".repeat(columns.len()));
}

fn bullets<'a>(out: &mut String, title: &str, items: impl Iterator<Item = &'a String>, none: &str) {
    let _ = writeln!(out, "\n## {title}\n");
    let before = out.len();
    items.for_each(|item| {
        let _ = writeln!(out, "- {}", md(item));
    });
    if out.len() == before {
        let _ = writeln!(out, "{none}");
    }
}

/// What the board sees first.
fn front_part(out: &mut String, plan: &Plan) {
    head(out, plan);
    alerts(out, plan);
    standard(out, plan);
    [Section::ToDiscuss, Section::Conditional].into_iter().for_each(|section| wide(out, plan, section));
    [Section::NotApplicableNow, Section::RefusedBySafety]
        .into_iter()
        .for_each(|section| narrow(out, plan, section));
    next_facts(out, plan);
    bullets(out, trials::TITLE, trials::lines(plan).iter(), "");
    limits(out, plan);
    let _ = writeln!(
        out,
        "\n## Decision of the board\n\n- Question:\n- Decision and reasons:\n- Reviewers:\n- Date:"
    );
}

fn head(out: &mut String, plan: &Plan) {
    let (p, m) = (&plan.patient, &plan.manifest);
    let _ = writeln!(out, "# Therapy plan – draft, decision support\n");
    let organs: Vec<String> = p
        .organ_function
        .iter()
        .map(|o| format!("{} {} ({})", words::measured(&o.name), o.value, or_not_recorded(&o.date)))
        .collect();
    let born = [&p.birth_date, &p.age, &p.sex].map(|text| or_not_recorded(text)).join(", ");
    let knowledge = format!("{} ({})", or_not_recorded(&m.knowledge_date), or_not_recorded(&m.knowledge));
    for (name, value) in [
        ("Patient", or_not_recorded(&p.name).to_owned()),
        ("Identifiers", list_or_not_recorded(&p.identifiers)),
        ("Born, age, sex", born),
        ("Tumour", format!("{} {}", or_not_recorded(&p.tumour), p.doid)),
        ("Stage now", or_not_recorded(&p.stage).to_owned()),
        ("Sites, CNS", list_or_not_recorded(&p.sites)),
        ("Disease status", or_not_recorded(&p.status).to_owned()),
        ("Performance status", or_not_recorded(&p.performance).to_owned()),
        ("Intent and line", or_not_recorded(&p.line).to_owned()),
        ("Organ function", list_or_not_recorded(&organs)),
        ("Current drugs", list_or_not_recorded(&p.current_drugs)),
        ("Allergies", or_not_recorded(&p.allergies).to_owned()),
        ("Comorbidities", list_or_not_recorded(&p.comorbidities)),
        ("Family history", list_or_not_recorded(&p.family_history)),
        ("Procedures", list_or_not_recorded(&p.procedures)),
        ("Molecular findings", or_not_recorded(&brief::molecular(plan).join(" · ")).to_owned()),
        ("Results as written", p.findings.join("; ")),
        ("Plan of", brief::instant(or_not_recorded(&m.as_of))),
        ("Knowledge of", knowledge),
        ("Manifest", short(&m.run)),
    ] {
        // Results in words are a list that may be empty; every other field says that it is silent.
        if value.is_empty() {
            continue;
        }
        let _ = writeln!(out, "- **{name}:** {}", md(value.trim()));
    }
}

fn alerts(out: &mut String, plan: &Plan) {
    let _ = writeln!(out, "\n## Alerts\n");
    let mut say = |lead: &str, text: &str| {
        let _ = writeln!(out, "- **{}** {}", md(lead), md(text));
    };
    if let Some(old) = &plan.outdated {
        say("Old records:", old);
    }
    if let Some(missing) = &plan.abstains {
        say("This plan abstains.", &format!("Missing input: {missing}"));
    }
    if let Some(why) = &plan.no_systemic_ranking {
        say("No systemic ranking:", why);
    }
    for conflict in &plan.conflicts {
        let sides: Vec<&str> = conflict.sides.iter().map(|(said, _)| said.as_str()).collect();
        say(&format!("Conflict, {}:", conflict.about), &sides.join(" / "));
    }
    plan.alerts.iter().for_each(|one| say("Taken now:", one));
    plan.asked.iter().for_each(|one| say("Asked in the record:", one));
    plan.germline_flags.iter().for_each(|flag| say("Germline:", flag));
    let lost = front::of_level(plan, Level::Lost).len();
    if 0 < lost {
        say(&format!("{} not read.", count(lost, "input")), "");
    }
    if let Some(none) = front::no_alerts(plan) {
        let _ = writeln!(out, "- {}", md(&none));
    }
}

fn standard(out: &mut String, plan: &Plan) {
    header(
        out,
        "Standard options this knowledge does not rank",
        &[
            "Option",
            "For",
            "Conditions here",
            "Needs first",
            "Recorded",
            "Given before",
            "Gates",
            "This release says",
        ],
    );
    for entry in &plan.standard.entries {
        let mark = if entry.sourced.checked { "" } else { " [unreviewed]" };
        let cells = [
            &format!("{}{mark}", entry.option),
            &format!("{}, {}", entry.kind, words::standard_setting(entry)),
            &entry.conditions.join("; "),
            &entry.needs,
            &entry.have.join("; "),
            &entry.exposure.join("; "),
            &brief::gates(entry),
            &words::standard_evidence(entry),
        ];
        row(out, &cells.map(String::as_str));
    }
    if !plan.standard.note.is_empty() {
        let _ = writeln!(out, "\n{}", md(&plan.standard.note));
    }
}

fn section_title(plan: &Plan, section: Section, options: usize) -> String {
    let size = match options {
        0 => format!("no option{}", words::why_none(plan, section)),
        some => count(some, "option"),
    };
    format!("{}. {} – {size}", section.number(), section.title())
}

fn wide(out: &mut String, plan: &Plan, section: Section) {
    let options = of_section(plan, section);
    let columns = ["Rank (“=” is a tie)", "Option", "Why it stands here", "For", "Against", "Safety"];
    header(out, &section_title(plan, section, options.len()), &columns);
    for (_, one) in options {
        row(
            out,
            &[
                &words::rank(one, plan),
                &one.name,
                &brief::front_reasons(one).join("; "),
                &brief::side(plan, &one.for_),
                &brief::against(plan, one),
                &brief::safety(&one.safety).join(" · "),
            ],
        );
    }
}

fn narrow(out: &mut String, plan: &Plan, section: Section) {
    let options = of_section(plan, section);
    let columns = ["Rank (“=” is a tie)", "Option", "Why it stands here", "Against", "For"];
    header(out, &section_title(plan, section, options.len()), &columns);
    for (_, one) in options {
        let why = brief::reasons(one, 1).join("; ");
        let (against, for_) = (brief::against_tally(one), brief::tally(&one.for_));
        row(out, &[&words::rank(one, plan), &one.name, &why, &against, &for_]);
    }
}

fn next_facts(out: &mut String, plan: &Plan) {
    header(out, "Next best facts", &["Fact", "State", "What it would change"]);
    for (_, fact) in brief::front_facts(plan) {
        row(out, &[&fact.fact, &brief::found(&fact.state), &brief::unlocks(fact).join("; ")]);
    }
    let more = plan.next_facts.len().saturating_sub(brief::FRONT_FACTS);
    if 0 < more {
        let _ = writeln!(out, "\nAnd {} more in the appendix.", count(more, "fact"));
    }
}

fn limits(out: &mut String, plan: &Plan) {
    bullets(out, "Not covered here", plan.not_covered.iter(), "Nothing was named.");
    bullets(out, "Inputs not read", issues(plan, Level::Lost).iter(), "Every input was read.");
    let doubtful = front::of_level(plan, Level::Doubtful).len();
    let _ = writeln!(out, "\n{} read with doubt.", count(doubtful, "input"));
}

/// Issues of a level, the same words once.
fn issues(plan: &Plan, level: Level) -> Vec<String> {
    let groups = front::grouped(&front::of_level(plan, level));
    groups.into_iter().map(|(what, places)| format!("{what} – {}", places.join(", "))).collect()
}

fn option(out: &mut String, plan: &Plan, option: &PlanOption) {
    let number = option.section.number();
    let _ = writeln!(out, "\n## {number}.{} {}\n", words::rank(option, plan), md(&option.name));
    if option.regimen.incomplete {
        let _ = writeln!(out, "- ! Not every drug of this regimen is known: safety is not screened.");
    }
    for reason in &option.reasons {
        let _ = writeln!(out, "- Why here: {}", md(&words::short_reason(reason)));
    }
    side(out, plan, option, "For", &option.for_);
    if option.beaten_by.is_empty() || !option.against.is_empty() {
        side(out, plan, option, "Against", &option.against);
    }
    for one in &option.beaten_by {
        let _ = writeln!(out, "- Against: {}", md(&words::beaten_how(one)));
    }
    if matches!(option.section, Section::ToDiscuss | Section::Conditional) {
        for line in passages::lines(plan, option) {
            let _ = writeln!(out, "- {}", md(&line));
        }
    }
    for one in &option.notes {
        let said = format!("{}: {}", words::bearing(one.bearing), brief::without_references(&one.remark));
        statement(out, plan, option, "Not counted", one, &said);
    }
    safety(out, option);
    for part in &option.score.parts {
        let _ = writeln!(out, "- Stands here by {}: {}", md(&part.name), md(&part.because));
    }
    if let Some(moved) = words::moved(option) {
        let _ = writeln!(out, "- Stands here by comparison: {}", md(moved));
    }
    particulars(out, option);
    let facts: Vec<String> = words::facts_of(option).into_iter().collect();
    let _ = writeln!(out, "- Facts: {}", md(&list_or_not_recorded(&facts)));
}

fn side(out: &mut String, plan: &Plan, option: &PlanOption, title: &str, cited: &[Cited]) {
    if cited.is_empty() {
        let _ = writeln!(out, "- {title}: none in this release");
    }
    let common = words::said_of_all(cited);
    if !common.is_empty() {
        let _ = writeln!(out, "- {title}, all {}: {}", cited.len(), md(&common.join("; ")));
    }
    cited.iter().for_each(|one| statement(out, plan, option, title, one, &words::said_of_one(one, &common)));
}

fn statement(out: &mut String, plan: &Plan, option: &PlanOption, side: &str, cited: &Cited, said: &str) {
    let item = plan.evidence.get(&cited.key);
    let weaker = cited.bearing == concilium_evidence::Bearing::AgainstWeaker;
    let parts = [
        Some(words::strength(cited, item)),
        weaker.then(|| "weaker".to_owned()),
        words::other_regimen(cited, option).map(|other| format!("tested: {other}")),
        Some(said.to_owned()).filter(|said| !said.is_empty()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let _ = writeln!(out, "- {side}: **{}** {}", md(cited.key.as_str()), md(&parts.join("; ")));
}

fn safety(out: &mut String, option: &PlanOption) {
    if option.safety.is_empty() {
        let _ = writeln!(out, "- Safety: ? no rule for this drug (not a clear result)");
    }
    for group in gates::grouped(&option.safety) {
        let (symbol, verdict) = words::safety(group.verdict);
        let points: Vec<String> = group.points.iter().map(gates::Point::text).collect();
        let _ = writeln!(out, "- Safety: {symbol} {verdict}: {}: {}", md(group.drug), md(&points.join("; ")));
    }
}

fn particulars(out: &mut String, option: &PlanOption) {
    let _ = writeln!(out, "- Candidate because: {}", md(&list_or_not_recorded(&option.origin)));
    for (name, items, none) in words::particulars(option) {
        let said = if items.is_empty() { none.to_owned() } else { items.join("; ") };
        let _ = writeln!(out, "- {name}: {}", md(&said));
    }
}

fn tables(out: &mut String, plan: &Plan) {
    header(
        out,
        "Safety findings by drug, whole",
        &["Drug", "Verdict", "Looked at: found", "What to do", "Rule, source"],
    );
    for ((drug, verdict), findings) in gates::by_drug(plan) {
        let (symbol, words) = words::safety(verdict);
        for one in findings {
            let looked = format!("{}: {}", one.about, one.found);
            let todo = [one.action.as_str(), one.strength.as_str()].join(" ");
            let ground = format!("{}; {}; {}", one.rule, words::sourced(&one.sourced), one.facts.join(", "));
            row(out, &[drug, &format!("{symbol} {words}"), &looked, todo.trim(), &ground]);
        }
    }
    header(out, "Standard rows, sources", &["Option", "For", "Source"]);
    for entry in &plan.standard.entries {
        row(out, &[&entry.option, &entry.setting, &words::sourced(&entry.sourced)]);
    }
    header(
        out,
        "All alterations",
        &["Alteration", "Specimen, date, assay", "Source", "Verdict", "For", "Against", "Context"],
    );
    for one in &plan.alterations {
        let source = format!("{}; {}", one.id, places(&one.sources));
        let (supports, against) = (one.supports.join(", "), one.against.join(", "));
        let context = words::keys(&one.context);
        row(out, &[&one.label, &one.detail, &source, &one.verdict, &supports, &against, &context]);
    }
    bullets(out, "Studied, no variant reported", plan.negatives.iter(), "none named");
    header(out, "All next best facts", &["Fact", "State", "What it would change", "Other statements"]);
    for (_, fact) in brief::numbered_facts(plan) {
        let others = words::keys(&words::not_yet_named(&fact.statements, &fact.unlocks));
        row(out, &[&fact.fact, &fact.state, &fact.unlocks.join("; "), &others]);
    }
    header(
        out,
        "Systemic therapy, derived lines",
        &["Line", "Drugs", "From, to", "How it ended", "Counted so because"],
    );
    for line in plan.patient.lines.iter().map(words::line) {
        row(out, &[&line.number, &line.drugs, &line.span, &line.outcome, &line.because]);
    }
    evidence(out, plan);
}

fn evidence(out: &mut String, plan: &Plan) {
    let columns = ["Key", "Layer", "Profile", "Disease", "Therapies", "Claim", "Level", "Publication"];
    header(out, "Evidence cited", &columns);
    for item in plan.evidence.values() {
        let flagged = if item.flagged { " flagged" } else { "" };
        let level = format!("{}{flagged}", words::level(item.level));
        let trials =
            if item.trials.is_empty() { String::new() } else { format!(", {}", item.trials.join(", ")) };
        let publication = format!("{}{trials}", item.citation);
        let cells = [
            &item.key.as_str().to_owned(),
            &item.layer,
            &item.profile,
            &item.disease,
            &item.therapies,
            &item.claim,
            &level,
            &publication,
        ];
        row(out, &cells.map(String::as_str));
    }
}

fn places(sources: &[Source]) -> String {
    sources.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn conflict(conflict: &Conflict) -> String {
    let sides: Vec<String> =
        conflict.sides.iter().map(|(said, sources)| format!("{said} ({})", places(sources))).collect();
    format!("{}: {}", conflict.about, sides.join(" against "))
}

fn rest(out: &mut String, plan: &Plan) {
    let conflicts: Vec<String> = plan.conflicts.iter().map(conflict).collect();
    bullets(out, "Conflicts in the records", conflicts.iter(), "none found");
    bullets(out, "Germline flags", plan.germline_flags.iter(), "none");
    let opinions: Vec<String> = plan
        .lab_opinions
        .iter()
        .map(|one| format!("{} ({}; {})", one.about, one.alterations.join(", "), places(&one.meta.sources)))
        .collect();
    bullets(out, "The laboratory's opinion", opinions.iter(), "none stated");
    bullets(out, "How the tumour was resolved", plan.patient.tumour_steps.iter(), words::NOT_RECORDED);
    bullets(out, "How tumours of statements compare", words::tumour_steps(plan).iter(), "none compared");
    let gone: Vec<String> = plan
        .retracted
        .iter()
        .map(|one| format!("{}: {} – {} ({})", one.id, one.what, one.why, places(&one.sources)))
        .collect();
    bullets(out, "Facts that are no longer used", gone.iter(), "none");
    let context = |one: &Cited| {
        let strength = words::strength(one, plan.evidence.get(&one.key));
        format!("{} {strength}: {}", one.key, one.remark)
    };
    let context: Vec<String> = plan.context.iter().map(context).collect();
    bullets(out, "Context, not about an option", context.iter(), "none");
    for (title, level) in
        [("Issues: read with doubt", Level::Doubtful), ("Issues: read and set aside on purpose", Level::Note)]
    {
        bullets(out, title, issues(plan, level).iter(), "none");
    }
    let unreviewed: Vec<String> = unreviewed::groups(&plan.unreviewed)
        .into_iter()
        .map(|group| format!("{} ({}): {}", group.title, group.rows, group.lines.join(" · ")))
        .collect();
    bullets(out, "Unreviewed rows used", unreviewed.iter(), "none");
    manifest(out, plan);
}

fn manifest(out: &mut String, plan: &Plan) {
    let m = &plan.manifest;
    header(out, "Manifest", &["What", "Value"]);
    for (name, value) in words::manifest(m) {
        row(out, &[name, or_not_recorded(&value)]);
    }
    m.inputs.iter().for_each(|(file, hash)| row(out, &[&format!("Input {file}"), hash]));
    m.corpora.iter().for_each(|(name, hash)| row(out, &[&format!("Corpus {name}"), hash]));
}
