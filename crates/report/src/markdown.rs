//! How does the same plan read as Markdown (CommonMark with pipe tables)?

use crate::words::{self, count, list_or_not_recorded, of_section, or_not_recorded, short};
use concilium_recommend::{Cited, Plan, PlanOption, Section};
use std::fmt::Write;

const SECTIONS: [Section; 4] =
    [Section::ToDiscuss, Section::Conditional, Section::NotApplicableNow, Section::RefusedBySafety];

/// The plan as Markdown. Signs that mean something to Markdown or HTML are escaped in every field.
pub fn markdown(plan: &Plan) -> String {
    let mut out = String::new();
    head(&mut out, plan);
    limits(&mut out, plan);
    standard(&mut out, plan);
    SECTIONS.into_iter().for_each(|section| options(&mut out, plan, section));
    tables(&mut out, plan);
    rest(&mut out, plan);
    out
}

/// Backslash escapes (CommonMark 0.31.2, section 2.4), `&lt;` and `&amp;` for what could open HTML; one line only.
fn md(text: &str) -> String {
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

fn head(out: &mut String, plan: &Plan) {
    let (p, m) = (&plan.patient, &plan.manifest);
    let _ = writeln!(out, "# Therapy plan – draft, decision support\n");
    let ids = list_or_not_recorded(&p.identifiers);
    let organs: Vec<String> =
        p.organ_function.iter().map(|o| format!("{} {} ({})", o.name, o.value, o.date)).collect();
    for (name, value) in [
        ("Patient", or_not_recorded(&p.name).to_owned()),
        ("Identifiers", ids),
        (
            "Born, age, sex",
            format!(
                "{}, {}, {}",
                or_not_recorded(&p.birth_date),
                or_not_recorded(&p.age),
                or_not_recorded(&p.sex)
            ),
        ),
        ("Tumour", format!("{} {}", or_not_recorded(&p.tumour), p.doid)),
        ("Stage now", or_not_recorded(&p.stage).to_owned()),
        ("Sites, CNS", list_or_not_recorded(&p.sites)),
        ("Performance status", or_not_recorded(&p.performance).to_owned()),
        ("Intent and line", or_not_recorded(&p.line).to_owned()),
        ("Organ function", list_or_not_recorded(&organs)),
        ("Current drugs", list_or_not_recorded(&p.current_drugs)),
        ("Allergies", or_not_recorded(&p.allergies).to_owned()),
        ("Comorbidities", list_or_not_recorded(&p.comorbidities)),
        ("Family history", list_or_not_recorded(&p.family_history)),
        ("Procedures", list_or_not_recorded(&p.procedures)),
        ("Plan of", or_not_recorded(&m.as_of).to_owned()),
        (
            "Knowledge of",
            format!("{} ({})", or_not_recorded(&m.knowledge_date), or_not_recorded(&m.knowledge)),
        ),
        ("Manifest", short(&m.run)),
    ] {
        let _ = writeln!(out, "- **{name}:** {}", md(value.trim()));
    }
    if let Some(missing) = &plan.abstains {
        let _ = writeln!(out, "\n**This plan abstains.** Missing input: {}.", md(missing));
    }
    if let Some(why) = &plan.no_systemic_ranking {
        let _ = writeln!(out, "\n**No systemic ranking:** {}", md(why));
    }
}

fn limits(out: &mut String, plan: &Plan) {
    bullets(out, "Not covered here", plan.not_covered.iter(), "Nothing was named.");
    let lost = plan.issues.iter().filter(|issue| issue.level == concilium_case::Level::Lost);
    let lost: Vec<String> = lost.map(|issue| format!("{} – {}", issue.what, issue.source)).collect();
    bullets(out, "Inputs not read", lost.iter(), "Every input was read.");
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
            "Exposure",
            "Safety",
            "This release says",
            "Source",
        ],
    );
    for entry in &plan.standard.entries {
        let safety: Vec<String> = entry.safety.iter().map(finding).collect();
        let setting = words::standard_setting(entry);
        let (conditions, exposure) = (entry.conditions.join("; "), entry.exposure.join("; "));
        let cells = [
            &entry.option,
            &setting,
            &conditions,
            &entry.needs,
            &exposure,
            &safety.join("; "),
            &words::standard_evidence(entry),
            &words::sourced(&entry.sourced),
        ];
        row(out, &cells.map(String::as_str));
    }
    if !plan.standard.note.is_empty() {
        let _ = writeln!(out, "\n{}", md(&plan.standard.note));
    }
}

fn finding(finding: &concilium_safety::SafetyFinding) -> String {
    let (symbol, verdict) = words::safety(finding.verdict);
    let parts = [
        &finding.about,
        &finding.found,
        &finding.action,
        &finding.strength,
        &words::sourced(&finding.sourced),
    ];
    let said = parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("; ");
    format!("{symbol} {verdict}: {} ({said})", finding.drug)
}

fn options(out: &mut String, plan: &Plan, section: Section) {
    let _ = writeln!(out, "\n## {}. {}\n", section.number(), section.title());
    let options = of_section(plan, section);
    let _ = writeln!(out, "{}. “=” marks a tie.", count(options.len(), "option"));
    options.into_iter().for_each(|(_, one)| option(out, plan, one));
}

fn option(out: &mut String, plan: &Plan, option: &PlanOption) {
    let number = option.section.number();
    let _ = writeln!(out, "\n### {number}.{} {}\n", words::rank(option, plan), md(&option.regimen.label()));
    for reason in &option.reasons {
        let _ = writeln!(out, "- Why here: {}", md(&words::reason(reason)));
    }
    for (side, cited) in [("For", &option.for_), ("Against", &option.against)] {
        if cited.is_empty() {
            let _ = writeln!(out, "- {side}: none in this release");
        }
        cited.iter().for_each(|one| statement(out, plan, option, side, one));
    }
    option.notes.iter().for_each(|one| statement(out, plan, option, "Not counted", one));
    if option.safety.is_empty() {
        let _ = writeln!(out, "- Safety: ? no rule for this drug (not a clear result)");
    }
    for one in &option.safety {
        let _ = writeln!(out, "- Safety: {}", md(&finding(one)));
    }
    for part in &option.score.parts {
        let _ = writeln!(out, "- Stands here by {}: {}", md(&part.name), md(&part.because));
    }
    particulars(out, option);
}

fn particulars(out: &mut String, option: &PlanOption) {
    for (name, items, none) in [
        ("Studied population", &option.population, "no curated setting"),
        ("Approval", &option.approval, "status not checked"),
        ("Effect size", &option.effects, "none curated"),
        ("Exposure so far", &option.exposure, "none recorded"),
        ("Would have to stop or be looked at", &option.would_stop, "no running drug named"),
    ] {
        let said = if items.is_empty() { none.to_owned() } else { items.join("; ") };
        let _ = writeln!(out, "- {name}: {}", md(&said));
    }
}

fn statement(out: &mut String, plan: &Plan, option: &PlanOption, side: &str, cited: &Cited) {
    let item = plan.evidence.get(&cited.key);
    let mut parts = vec![words::bearing(cited.bearing).to_owned(), words::strength(cited, item)];
    parts.extend(words::other_regimen(cited, option).map(|other| format!("tested: {other}")));
    parts.extend(item.map(|item| format!("{}, {}, {}", item.profile, item.disease, item.citation)));
    parts.extend(words::fit(cited));
    parts.extend((!cited.remark.is_empty()).then(|| cited.remark.clone()));
    let _ = writeln!(out, "- {side}: **{}** {}", md(cited.key.as_str()), md(&parts.join("; ")));
}

fn tables(out: &mut String, plan: &Plan) {
    header(out, "Next best facts", &["Fact", "State", "What it would change", "Statements"]);
    for fact in &plan.next_facts {
        row(out, &[&fact.fact, &fact.state, &fact.unlocks.join("; "), &words::keys(&fact.statements)]);
    }
    header(out, "All alterations", &["Alteration", "Specimen, date, assay", "Verdict", "For", "Against"]);
    for one in &plan.alterations {
        row(out, &[&one.label, &one.detail, &one.verdict, &one.supports.join(", "), &one.against.join(", ")]);
    }
    header(out, "Systemic therapy, derived lines", &["Line", "Drugs", "From, to", "How it ended"]);
    for line in plan.patient.lines.iter().map(words::line) {
        row(out, &[&line.number, &line.drugs, &line.span, &line.outcome]);
    }
    header(
        out,
        "Evidence cited",
        &["Key", "Profile", "Disease", "Therapies", "Claim", "Level", "Publication"],
    );
    for item in plan.evidence.values() {
        let flagged = if item.flagged { " flagged" } else { "" };
        let level = format!("{}{flagged}", words::level(item.level));
        row(
            out,
            &[
                item.key.as_str(),
                &item.profile,
                &item.disease,
                &item.therapies,
                &item.claim,
                &level,
                &item.citation,
            ],
        );
    }
}

fn rest(out: &mut String, plan: &Plan) {
    let sides = |conflict: &concilium_case::Conflict| {
        let side = |(said, sources): &(String, Vec<concilium_case::Source>)| {
            format!("{said} ({})", sources.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        };
        format!(
            "{}: {}",
            conflict.about,
            conflict.sides.iter().map(side).collect::<Vec<_>>().join(" against ")
        )
    };
    let conflicts: Vec<String> = plan.conflicts.iter().map(sides).collect();
    bullets(out, "Conflicts in the records", conflicts.iter(), "none found");
    bullets(out, "Germline flags", plan.germline_flags.iter(), "none");
    let opinions: Vec<String> = plan.lab_opinions.iter().map(|one| one.about.clone()).collect();
    bullets(out, "The laboratory's opinion", opinions.iter(), "none stated");
    let gone: Vec<String> =
        plan.retracted.iter().map(|one| format!("{}: {} – {}", one.id, one.what, one.why)).collect();
    bullets(out, "Facts that are no longer used", gone.iter(), "none");
    bullets(out, "Unreviewed rows used", plan.unreviewed.iter(), "none");
    let context = |one: &Cited| format!("{} {}", one.key, words::strength(one, plan.evidence.get(&one.key)));
    let context: Vec<String> = plan.context.iter().map(context).collect();
    bullets(out, "Context, not about an option", context.iter(), "none");
    let issues = plan.issues.iter().filter(|issue| issue.level != concilium_case::Level::Lost);
    let issues: Vec<String> = issues.map(|issue| format!("{} – {}", issue.what, issue.source)).collect();
    bullets(out, "Other issues", issues.iter(), "none");
}
