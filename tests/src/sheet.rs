//! Is anything of a plan lost on its way to paper?

use crate::support::plan;
use concilium_engine::demo::cases;
use concilium_engine::recommend::Plan;
use concilium_engine::{report, store};

/// Keys, safety findings, alterations and issues, in the words of the plan.
fn content(plan: &Plan) -> Vec<&str> {
    let mut said: Vec<&str> = plan.evidence.keys().map(|key| key.as_str()).collect();
    for option in &plan.options {
        said.extend(option.reasons.iter().flat_map(|reason| &reason.statements).map(|key| key.as_str()));
    }
    said.extend(plan.next_facts.iter().flat_map(|fact| &fact.statements).map(|key| key.as_str()));
    said.extend(plan.alterations.iter().flat_map(|one| &one.context).map(|key| key.as_str()));
    let findings = plan.options.iter().flat_map(|option| &option.safety);
    for one in findings.chain(plan.standard.entries.iter().flat_map(|entry| &entry.safety)) {
        said.extend([one.drug.as_str(), &one.rule, &one.about, &one.action, &one.strength]);
        // What holds for everyone is said by `about` alone.
        said.extend((!one.about.contains("every patient")).then_some(one.found.as_str()));
    }
    said.extend(plan.alterations.iter().flat_map(|one| [one.label.as_str(), &one.detail]));
    said.extend(plan.issues.iter().map(|issue| issue.what.as_str()));
    said.extend(plan.next_facts.iter().map(|fact| fact.fact.as_str()));
    said.extend(
        plan.not_covered
            .iter()
            .chain(&plan.asked)
            .chain(&plan.alerts)
            .chain(&plan.outdated)
            .chain(&plan.negatives)
            .map(String::as_str),
    );
    said.extend(plan.unreviewed.iter().flat_map(|row| unreviewed_parts(row)));
    said.extend(
        plan.standard.entries.iter().flat_map(|entry| [entry.option.as_str(), &entry.sourced.source]),
    );
    let lost = plan.options.iter().flat_map(|option| &option.beaten_by);
    for one in lost.chain(plan.standard.entries.iter().flat_map(|entry| &entry.beaten_by)) {
        said.push(&one.by);
        said.extend(one.statements.iter().map(|key| key.as_str()));
    }
    said
}

/// Rows stand by kind, what several share is said once: name and source may stand apart. A setting's source is its
/// statement; a standard row has a table of its own.
fn unreviewed_parts(row: &str) -> Vec<&str> {
    match (row.strip_prefix("setting "), row.strip_prefix("standard "), row.strip_prefix("placement of ")) {
        (Some(setting), _, _) => parts(setting)[..1].to_vec(),
        (_, Some(_), _) => vec![],
        (_, _, Some(placement)) => parts(placement),
        (None, None, None) => parts(row.strip_prefix("safety ").unwrap_or(row)),
    }
}

/// Name and source.
fn parts(row: &str) -> Vec<&str> {
    row.split_once(": ").map_or(vec![row], |(name, source)| vec![name, source])
}

/// `conserved`, to the last view: the front is short, the document is whole.
#[test]
fn nothing_is_lost_between_the_plan_and_the_sheet() {
    for case in cases() {
        let Ok(planned) = plan(&case) else { continue };
        let page = report::html(&planned.plan, &store::pictures(&planned));
        let text = report::markdown(&planned.plan).replace('\\', "");
        for said in content(&planned.plan) {
            let said = report::escape(said);
            assert!(page.contains(&said), "{}: not on the page: {said}", case.name);
            let said = said.replace("&quot;", "\"");
            assert!(text.contains(said.trim()), "{}: not in the Markdown: {said}", case.name);
        }
    }
}

/// Options rest on findings: the front names them with fraction, specimen and day, and what was looked for in vain, before
/// the first option.
#[test]
fn the_front_names_what_was_found_before_any_option() {
    for (name, wanted) in [
        (
            "A-lung",
            "left iliac crest, 2026-05-12: EGFR C797S 11.5 %; EGFR E746_A750del 34.6 %; EGFR T790M 15.6 %",
        ),
        (
            "A-lung",
            "left lower lobe of lung, before the last systemic line, 2025-02-04: EGFR E746_A750del 31.0 %",
        ),
        ("A-lung", "not found: BRAF, KRAS (2026-05-12)"),
        ("E-prostate-vus", "DNMT3A R882H 2.0 %, possible clonal haematopoiesis"),
        ("E-prostate-vus", "BRCA2 R2488G 51.0 %, germline, uncertain significance"),
        ("C-melanoma-braf", "skin of back, excision, 2026-05-26: BRAF V600E 39.3 %"),
    ] {
        let planned = plan(&crate::support::case(name)).expect("a plan");
        let page = report::html(&planned.plan, &store::pictures(&planned));
        let text = report::markdown(&planned.plan).replace('\\', "");
        for (view, front) in [("page", page), ("Markdown", text)] {
            let front = front.split("Standard options this knowledge").next().unwrap_or_default();
            assert!(front.contains(wanted), "{name}: the {view} lacks `{wanted}`");
        }
    }
}

/// A patient with metastases of the brain does not simply fit a population that is silent on them; the first table says so.
#[test]
fn a_population_silent_on_brain_metastases_is_open() {
    let planned = plan(&crate::support::case("C-melanoma-braf")).expect("a plan");
    let text = report::markdown(&planned.plan);
    let front = text.split("# Details of").next().unwrap_or_default();
    assert!(front.contains("open: CNS metastases, 4 of 4 curated rows silent"), "the front is silent");
    let lines = planned.plan.options.iter().flat_map(|option| &option.population);
    let silent: Vec<&String> = lines.filter(|line| line.contains("does not say whether")).collect();
    assert!(
        !silent.is_empty() && silent.iter().all(|line| line.ends_with("this patient has 2 lesions measured"))
    );
    assert!(silent.iter().all(|line| !line.contains("— fits")), "{silent:?}");
    // A row that names them to say that it does not know is silent too.
    assert!(silent.iter().any(|line| line.starts_with("EID11238: ")), "{silent:?}");
}

/// Numbers of the facts run on, on the front and over all of them.
#[test]
fn facts_are_numbered_without_a_gap() {
    for case in cases() {
        let Ok(planned) = plan(&case) else { continue };
        let page = report::terminal(&planned.plan, 100, false);
        let facts = page.split("Next best facts").nth(1).and_then(|rest| rest.split("Read this").next());
        let starts = facts.unwrap_or_default().lines().filter(|line| line.starts_with("   "));
        let numbers: Vec<usize> = starts.filter_map(|line| line.get(..5)?.trim().parse().ok()).collect();
        let wanted: Vec<usize> = (1..=planned.plan.next_facts.len().min(8)).collect();
        assert_eq!(numbers, wanted, "{}", case.name);
    }
}

/// The board reads the front; it must not grow with the evidence.
#[test]
fn the_terminal_text_stays_short() {
    for (name, most) in [("A-lung", 119), ("B-colorectal", 127), ("E-prostate", 107)] {
        let planned = plan(&crate::support::case(name)).expect("a plan");
        let lines = report::terminal(&planned.plan, 100, false).lines().count();
        assert!(lines <= most, "{name}: {lines} lines");
    }
}

/// A row without a drug or a gate ends with its last word, not with the joint to a part that is silent.
#[test]
fn no_line_ends_with_a_joint() {
    for name in ["A-lung", "B-colorectal", "C-melanoma", "J-curative"] {
        let planned = plan(&crate::support::case(name)).expect("a plan");
        let page = report::terminal(&planned.plan, 140, false);
        let dangling: Vec<&str> = page.lines().filter(|line| line.trim_end().ends_with(" ·")).collect();
        // A full line may break at a joint; then the next one goes on.
        let dangling: Vec<&&str> = dangling.iter().filter(|line| line.chars().count() < 120).collect();
        assert!(dangling.is_empty(), "{name}: {dangling:?}");
    }
}
