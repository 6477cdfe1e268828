//! How are the site's trials read beside a plan? The same lines on the page, in Markdown, in a terminal and in FHIR.

use concilium_recommend::{Plan, TrialArm};
use maud::{Markup, html};

/// Heading of the section.
pub(crate) const TITLE: &str = "Trials";

/// `NCT…, cohort 2: likely`
pub(crate) fn head(arm: &TrialArm) -> String {
    let of = if arm.arm.is_empty() { String::new() } else { format!(", {}", arm.arm) };
    format!("{}{of}: {}", arm.trial, arm.answer)
}

/// Status, counts, what decides, what is missing.
pub(crate) fn details(arm: &TrialArm) -> Vec<String> {
    let mut lines = vec![format!("{}; {}", arm.status, arm.criteria)];
    lines.extend(arm.deciding.iter().cloned());
    if !arm.missing.is_empty() {
        lines.push(format!("missing: {}", arm.missing.join(", ")));
    }
    lines
}

/// What was asked, and how all arms stand.
pub(crate) fn note(plan: &Plan) -> String {
    let answers: Vec<String> =
        plan.trials.answers.iter().map(|(answer, count)| format!("{count} {answer}")).collect();
    let arms = if answers.is_empty() { String::new() } else { format!(" Arms: {}.", answers.join(", ")) };
    let note = if plan.trials.note.is_empty() { "no trial was asked" } else { &plan.trials.note };
    format!("{note}.{arms}")
}

/// The section on the page.
pub(crate) fn section(plan: &Plan) -> Markup {
    html! {
        section aria-labelledby="trials" {
            h2 #trials { (TITLE) }
            p.small { (note(plan)) }
            @if !plan.trials.arms.is_empty() {
                ul {
                    @for arm in &plan.trials.arms {
                        li {
                            strong { (head(arm)) } " " (arm.title)
                            ul { @for line in details(arm) { li.small { (line) } } }
                        }
                    }
                }
            }
        }
    }
}

/// Plain lines.
pub(crate) fn lines(plan: &Plan) -> Vec<String> {
    let arms = plan.trials.arms.iter().map(|arm| {
        let details = details(arm);
        format!("{} – {} ({})", head(arm), arm.title, details.join("; "))
    });
    std::iter::once(note(plan)).chain(arms).collect()
}
