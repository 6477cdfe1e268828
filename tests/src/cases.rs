//! Does each invented patient's plan say what it must, and not what it must not?
//!
//! The expectations are data: `tests/cases/<name>/expected.json`, described in `tests/cases/README.md`.

use crate::support::plan;
use concilium_engine::demo::{DemoCase, cases};
use concilium_engine::recommend::{Cited, Plan, PlanOption};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(rename = "from")]
    _from: String,
    #[serde(rename = "as_of")]
    _as_of: String,
    files: Vec<String>,
    must: Vec<Must>,
    same_rank: Vec<Vec<Vec<String>>>,
    ranked_below: Vec<Below>,
    must_not: Vec<MustNot>,
    standard_contains: Vec<String>,
    missing_contains: Vec<String>,
    /// Text the missing facts must not hold, with what each would unlock.
    #[serde(default)]
    missing_silent: Vec<String>,
    /// Text of the standard box, as JSON.
    #[serde(default)]
    standard_says: Vec<String>,
    /// What the first of the next best facts must be about.
    #[serde(default)]
    missing_first: Option<String>,
    /// Number of the next systemic line, as the patient line says it.
    #[serde(default)]
    next_line: Option<String>,
    /// (1) holds nothing: no option may be discussed without a named fact.
    #[serde(default)]
    nothing_to_discuss: bool,
    alterations: Vec<String>,
    /// Labels that stand in the list of alterations exactly once.
    #[serde(default)]
    listed_once: Vec<String>,
    /// Text of the sheet's header, as JSON.
    #[serde(default)]
    patient_says: Vec<String>,
    /// Text the header must not hold.
    #[serde(default)]
    patient_silent: Vec<String>,
    /// Words of the issues.
    #[serde(default)]
    issues_say: Vec<String>,
    conflicts: Vec<String>,
    germline_contains: Vec<String>,
    retracted_contains: Vec<String>,
    abstain: Option<String>,
    no_systemic_ranking: Option<String>,
    refused_input: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Must {
    option: Vec<String>,
    section: u8,
    #[serde(rename = "for")]
    for_: Vec<String>,
    against: Vec<String>,
    notes_contain: Vec<String>,
    safety: Vec<Safety>,
    /// Statements in which another regimen did better.
    #[serde(default)]
    beaten_in: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Safety {
    drug: String,
    verdict: String,
    about: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Below {
    above: Vec<String>,
    below: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum MustNot {
    Placed { option: Vec<String>, section: u8 },
    Matched { evidence_matched: String },
}

/// Everything wrong with one case, collected so that one run shows all of it.
struct Wrong(Vec<String>);

impl Wrong {
    fn unless(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(what());
        }
    }
}

#[track_caller]
fn check(name: &str) {
    let case = crate::support::case(name);
    let expected: Expected = serde_json::from_value(case.expected.clone()).expect("expected.json");
    let mut wrong = Wrong(vec![]);
    inputs(&case, &expected, &mut wrong);
    match (plan(&case), &expected.refused_input) {
        (Ok(planned), None) => compare(&planned.plan, &expected, &mut wrong),
        (Err(error), Some(word)) => {
            wrong.unless(error.to_string().contains(word.as_str()), || {
                format!("refused, but not for {word}: {error}")
            });
        }
        (Ok(_), Some(word)) => wrong.0.push(format!("must be refused for {word}, got a plan")),
        (Err(error), None) => wrong.0.push(format!("no plan: {error}")),
    }
    assert!(wrong.0.is_empty(), "{}:\n  {}", case.name, wrong.0.join("\n  "));
}

fn inputs(case: &DemoCase, expected: &Expected, wrong: &mut Wrong) {
    for file in &expected.files {
        wrong.unless(case.files.iter().any(|f| f.name == *file), || format!("input {file} is missing"));
    }
}

fn compare(plan: &Plan, expected: &Expected, wrong: &mut Wrong) {
    expected.must.iter().for_each(|must| must_hold(plan, must, wrong));
    expected.must_not.iter().for_each(|not| must_not_hold(plan, not, wrong));
    for group in &expected.same_rank {
        let places: Vec<_> = group.iter().map(|o| option(plan, o).map(|o| (o.section, o.rank))).collect();
        wrong.unless(places.iter().all(|p| p.is_some() && *p == places[0]), || {
            format!("not a tie: {group:?} at {places:?}")
        });
    }
    for pair in &expected.ranked_below {
        let (above, below) = (option(plan, &pair.above), option(plan, &pair.below));
        let holds = match (above, below) {
            (Some(a), Some(b)) => (a.section, a.rank) < (b.section, b.rank),
            (Some(_), None) => true,
            (None, _) => false,
        };
        wrong.unless(holds, || format!("{:?} must stand above {:?}", pair.above, pair.below));
    }
    boxes(plan, expected, wrong);
    header(plan, expected, wrong);
}

/// The patient line, and what was read once or not at all.
fn header(plan: &Plan, expected: &Expected, wrong: &mut Wrong) {
    let header = serde_json::to_string(&plan.patient).expect("json");
    for text in &expected.patient_says {
        wrong.unless(header.contains(text.as_str()), || format!("the header lacks `{text}`: {header}"));
    }
    for text in &expected.patient_silent {
        wrong.unless(!header.contains(text.as_str()), || format!("the header says `{text}`: {header}"));
    }
    for label in &expected.listed_once {
        let times = plan.alterations.iter().filter(|a| a.label.starts_with(label.as_str())).count();
        wrong.unless(times == 1, || format!("{label} is listed {times} times"));
    }
    for words in &expected.issues_say {
        let said = plan.issues.iter().any(|issue| issue.what.contains(words.as_str()));
        wrong.unless(said, || format!("no issue says `{words}`"));
    }
}

fn boxes(plan: &Plan, expected: &Expected, wrong: &mut Wrong) {
    if let Some(first) = &expected.missing_first {
        let found = plan.next_facts.first().map_or("nothing", |fact| fact.fact.as_str());
        wrong.unless(found.starts_with(first.as_str()), || {
            format!("first missing fact is {found}, not {first}")
        });
    }
    if let Some(line) = &expected.next_line {
        let said = format!("next systemic line: {line} ");
        wrong.unless(plan.patient.line.contains(&said), || format!("line: {}", plan.patient.line));
    }
    let discussed = plan.options.iter().any(|o| o.section.number() == 1);
    wrong.unless(!(expected.nothing_to_discuss && discussed), || "(1) must be empty".into());
    let standard = serde_json::to_string(&plan.standard).expect("json").to_lowercase();
    let missing: String =
        plan.next_facts.iter().map(|f| format!("{} {} ", f.fact, f.unlocks.join(" "))).collect();
    contains_words("standard box", &standard, &expected.standard_contains, wrong);
    contains_words("missing facts", &missing.to_lowercase(), &expected.missing_contains, wrong);
    for text in &expected.missing_silent {
        wrong.unless(!missing.contains(text.as_str()), || format!("missing facts say `{text}`: {missing}"));
    }
    let said = serde_json::to_string(&plan.standard).expect("json");
    for text in &expected.standard_says {
        wrong.unless(said.contains(text.as_str()), || format!("the standard box lacks `{text}`"));
    }
    for label in &expected.alterations {
        let listed =
            plan.alterations.iter().any(|a| a.label.starts_with(label.as_str()) && !a.verdict.is_empty());
        let labels = || plan.alterations.iter().map(|a| a.label.as_str()).collect::<Vec<_>>().join(", ");
        wrong.unless(listed, || format!("alteration {label} has no verdict; listed: {}", labels()));
    }
    for about in &expected.conflicts {
        let shown = plan
            .conflicts
            .iter()
            .any(|c| c.about.to_lowercase().contains(&about.to_lowercase()) && 1 < c.sides.len());
        wrong.unless(shown, || {
            format!(
                "conflict about {about} not shown: {:?}",
                plan.conflicts.iter().map(|c| &c.about).collect::<Vec<_>>()
            )
        });
    }
    contains_words(
        "germline flags",
        &plan.germline_flags.join(" ").to_lowercase(),
        &expected.germline_contains,
        wrong,
    );
    for id in &expected.retracted_contains {
        wrong.unless(plan.retracted.iter().any(|r| r.id.contains(id.as_str())), || {
            format!("{id} is not among the retracted")
        });
    }
    let said = |said: &Option<String>, word: &Option<String>| match (said, word) {
        (None, None) => true,
        (Some(said), Some(word)) => said.contains(word.as_str()),
        _ => false,
    };
    wrong.unless(said(&plan.abstains, &expected.abstain), || format!("abstains: {:?}", plan.abstains));
    wrong.unless(said(&plan.no_systemic_ranking, &expected.no_systemic_ranking), || {
        format!("no systemic ranking: {:?}", plan.no_systemic_ranking)
    });
}

fn contains_words(where_: &str, text: &str, words: &[String], wrong: &mut Wrong) {
    for word in words {
        let found = text.split(|c: char| !c.is_alphanumeric()).any(|w| w == word)
            || (word.contains(' ') && text.contains(word.as_str()));
        wrong.unless(found, || format!("{where_} lacks the word {word}"));
    }
}

fn option<'p>(plan: &'p Plan, components: &[String]) -> Option<&'p PlanOption> {
    plan.options
        .iter()
        .find(|o| o.regimen.components.iter().map(|d| d.as_str()).eq(components.iter().map(String::as_str)))
}

fn must_hold(plan: &Plan, must: &Must, wrong: &mut Wrong) {
    let name = must.option.join("+");
    let Some(option) = option(plan, &must.option) else {
        wrong.0.push(format!("{name} is not in the plan"));
        return;
    };
    let reasons = || option.reasons.iter().map(|r| r.text.as_str()).collect::<Vec<_>>().join(" | ");
    wrong.unless(option.section.number() == must.section, || {
        format!("{name} stands in section {}, not {}: {}", option.section.number(), must.section, reasons())
    });
    keys(&name, "for", &option.for_, &must.for_, wrong);
    keys(&name, "against", &option.against, &must.against, wrong);
    for key in &must.beaten_in {
        let lost = option.beaten_by.iter().flat_map(|one| &one.statements).any(|k| k.as_str() == key);
        wrong.unless(lost, || format!("{name}: {key} is no comparison it lost"));
    }
    let words = words_of(option);
    for word in &must.notes_contain {
        wrong.unless(words.contains(word.as_str()), || {
            format!("{name}: its reasons lack `{word}`: {}", reasons())
        });
    }
    for safety in &must.safety {
        let found = option.safety.iter().any(|f| {
            let verdict = serde_json::to_value(f.verdict).expect("json");
            let about = format!("{} {}", f.about, f.action).to_lowercase();
            f.drug.as_str() == safety.drug
                && verdict == safety.verdict.as_str()
                && about.contains(&safety.about.to_lowercase())
        });
        wrong.unless(found, || {
            format!("{name}: no safety finding {} {} about {}", safety.drug, safety.verdict, safety.about)
        });
    }
}

fn keys(name: &str, column: &str, cited: &[Cited], wanted: &[String], wrong: &mut Wrong) {
    for key in wanted {
        wrong.unless(cited.iter().any(|c| c.key.as_str() == key), || {
            format!("{name}: {key} is not {column} it")
        });
    }
}

/// Reasons with the statements they name, remarks of notes, exposure lines.
fn words_of(option: &PlanOption) -> String {
    let reasons = option.reasons.iter().map(|r| {
        let keys: Vec<&str> = r.statements.iter().map(|k| k.as_str()).collect();
        format!("{} {}", r.text, keys.join(" "))
    });
    let remarks = option.for_.iter().chain(&option.against).chain(&option.notes).map(|c| c.remark.clone());
    let rest = option.exposure.iter().chain(&option.population).cloned();
    reasons.chain(remarks).chain(rest).collect::<Vec<_>>().join(" | ").to_lowercase()
}

fn must_not_hold(plan: &Plan, not: &MustNot, wrong: &mut Wrong) {
    match not {
        MustNot::Placed { option: components, section } => {
            let placed = option(plan, components).is_some_and(|o| o.section.number() == *section);
            wrong.unless(!placed, || format!("{} must not stand in section {section}", components.join("+")));
        }
        MustNot::Matched { evidence_matched } => {
            let by = plan
                .options
                .iter()
                .find(|o| o.for_.iter().chain(&o.against).any(|c| c.key.as_str() == evidence_matched));
            wrong.unless(by.is_none(), || {
                format!("{evidence_matched} must not be matched, stands in {}", by.map_or("", |o| &o.id))
            });
        }
    }
}

macro_rules! case_tests {
    ($($test:ident => $name:literal),* $(,)?) => {
        $( #[test] fn $test() { check($name); } )*

        /// Both ways: every folder has its test.
        #[test]
        fn every_case_folder_is_tested() {
            let named = [$($name),*];
            for case in cases() {
                assert!(named.iter().any(|n| case.name == *n), "{} has no test", case.name);
            }
        }
    };
}

case_tests! {
    a_lung_egfr => "A-lung-egfr",
    a2_lung_c797s => "A2-lung-c797s",
    a4_lung_crcl38 => "A4-lung-crcl38",
    b_colorectal_kras_g12c => "B-colorectal-kras-g12c",
    b3_colorectal_dpyd_uncovered => "B3-colorectal-dpyd-uncovered",
    c_melanoma_braf => "C-melanoma-braf",
    c2_melanoma_generic_code => "C2-melanoma-generic-code",
    d_colorectal_braf => "D-colorectal-braf",
    e_prostate_vus => "E-prostate-vus",
    e2_prostate_brca2_pathogenic => "E2-prostate-brca2-pathogenic",
    f_breast_contradictory => "F-breast-contradictory",
    f2_breast_corrected => "F2-breast-corrected",
    g_glioma_child => "G-glioma-child",
    g2_glioma_adult => "G2-glioma-adult",
    h_no_tumour => "H-no-tumour",
    i_same_identifier => "I-same-identifier",
    j_curative_untreated => "J-curative-untreated",
}
