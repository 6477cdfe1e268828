//! Is the sheet complete, honest about what is missing, and safe whatever the text?

mod sample;

use concilium_recommend::{Plan, Section};
use concilium_report::{content_security_policy, html, json, markdown, terminal};
use expect_test::expect_file;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn page(plan: &Plan) -> String {
    html(plan, &BTreeMap::new())
}

#[test]
fn the_page_of_a_small_plan() {
    // One element a line, so that a change is read as a change.
    expect_file!["sample/plan.html"].assert_eq(&page(&sample::plan()).replace("><", ">\n<"));
}

#[test]
fn the_markdown_of_a_small_plan() {
    expect_file!["sample/plan.md"].assert_eq(&markdown(&sample::plan()));
}

#[test]
fn the_terminal_text_of_a_small_plan() {
    expect_file!["sample/plan.txt"].assert_eq(&terminal(&sample::plan(), 100, false));
}

#[test]
fn json_reads_back_as_the_same_plan() {
    let plan = sample::plan();
    let back: Plan = serde_json::from_str(&json(&plan).expect("json")).expect("a plan");
    assert_eq!(back, plan);
}

/// Everything the sheet must carry stands in this order.
#[test]
fn the_standard_of_care_stands_before_every_option() {
    let page = page(&sample::plan());
    let places: Vec<usize> = [
        "id=\"patient\"",
        "id=\"alerts\"",
        "Standard options this knowledge does not rank",
        "id=\"s1\"",
        "id=\"s2\"",
        "id=\"s3\"",
        "id=\"s4\"",
        "id=\"next\"",
        "Not covered here",
        "Inputs not read",
        "id=\"decision\"",
        "id=\"details\"",
        "id=\"o1\"",
        "id=\"others\"",
        "id=\"safety\"",
        "id=\"standard-rows\"",
        "All alterations",
        "All next best facts",
        "Conflicts in the records",
        "Germline flags",
        "The laboratory's opinion",
        "Given, decided and changed before",
        "Evidence cited",
        "id=\"issues\"",
        "id=\"unreviewed\"",
        "id=\"manifest\"",
    ]
    .iter()
    .map(|mark| page.find(mark).unwrap_or_else(|| panic!("{mark} is missing")))
    .collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn a_tie_is_printed_as_a_tie() {
    let page = page(&sample::plan());
    assert_eq!(page.matches("1.1 =").count(), 2, "two options share rank 1 of section 1");
    assert!(!page.contains("2.1 ="), "an option alone in its rank is no tie");
}

#[test]
fn no_rule_is_never_green() {
    let mut plan = sample::plan();
    plan.options.retain(|option| option.regimen.label() == "regorafenib");
    for section in [Section::ToDiscuss, Section::NotApplicableNow] {
        plan.options[0].section = section;
        let page = page(&plan);
        assert!(page.contains("? no rule for this drug (not a clear result)"));
        assert!(!page.contains("checked clear"));
        let is_full = section == Section::ToDiscuss;
        assert_eq!(page.contains("of this option. This is not a clear result."), is_full);
    }
    plan.options[0].section = Section::ToDiscuss;
    assert!(terminal(&plan, 80, false).contains("? no rule for this drug"));
}

#[test]
fn an_empty_side_says_so_and_is_as_wide_as_the_other() {
    let page = page(&sample::plan());
    assert!(page.contains("<h4>Against (0)</h4><p class=\"silent\">none in this release</p>"));
    let front = page.split("id=\"details\"").next().unwrap_or_default();
    assert!(front.contains("<td><span class=\"silent\">none in this release</span></td>"));
    assert!(!page.contains("<details"), "nothing is folded");
}

#[test]
fn an_empty_plan_says_what_is_missing() {
    let mut plan = sample::plan();
    let empty = |section| format!("id=\"s{section}\"");
    plan.abstains = Some("tumour type".into());
    plan.no_systemic_ranking = Some("in remission".into());
    plan.options.clear();
    plan.standard = Default::default();
    plan.patient = Default::default();
    plan.evidence.clear();
    plan.alterations.clear();
    let page = page(&plan);
    assert!(page.contains("This plan abstains") && page.contains("No systemic ranking"));
    assert!(page.contains("Standard of care not modelled for this case."));
    assert!(page.matches("not recorded").count() >= 12, "silent fields are named");
    assert!(page.contains("not in the evidence list"), "a key without evidence is not linked");
    for section in 1..=4 {
        assert!(page.contains(&empty(section)));
    }
}

/// The policy names the hash of the very style element in the page: a browser that enforces it draws the page.
#[test]
fn the_policy_matches_the_page() {
    let plan = sample::plan();
    let page = page(&plan);
    let policy = content_security_policy(&plan);
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    assert!(page.contains(&policy.replace('\'', "&#39;")) || page.contains(&policy));
    assert_eq!(page.matches("<style>").count(), 1);
    assert!(
        !page.contains(" style=\"")
            && !page.contains("<script")
            && !page.contains("<img")
            && !page.contains("<link")
    );
}

#[test]
fn headings_never_skip_a_level() {
    let page = page(&sample::plan());
    let levels: Vec<u8> = page
        .match_indices("<h")
        .filter_map(|(at, _)| page.as_bytes().get(at + 2))
        .filter(|b| b.is_ascii_digit())
        .map(|b| b - b'0')
        .collect();
    assert_eq!(levels[0], 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
}

#[test]
fn a_link_on_the_page_leads_somewhere() {
    let page = page(&sample::plan());
    for (at, _) in page.match_indices("href=\"#") {
        let target = page[at + 7..].split('"').next().unwrap_or_default();
        assert!(page.contains(&format!("id=\"{target}\"")), "#{target}");
    }
}

#[test]
fn a_picture_that_is_no_plain_drawing_is_left_out() {
    let plan = sample::plan();
    let id = plan.options[0].id.clone();
    let drawn = html(
        &plan,
        &BTreeMap::from([(id.clone(), "<svg viewBox=\"0 0 1 1\"><rect x=\"1\"/></svg>".to_owned())]),
    );
    assert!(drawn.contains("<svg viewBox"));
    let refused = html(&plan, &BTreeMap::from([(id, "<svg x=\"1\"><script>1</script></svg>".to_owned())]));
    assert!(refused.contains("Picture left out") && !refused.contains("<script"));
}

#[test]
fn every_option_and_every_key_is_on_every_long_view() {
    let plan = sample::plan();
    for view in [page(&plan), markdown(&plan)] {
        plan.options.iter().for_each(|option| assert!(view.contains(&option.name)));
        plan.evidence.keys().for_each(|key| assert!(view.contains(key.as_str())));
    }
    let text = terminal(&plan, 80, true);
    assert_eq!(plan.options.iter().filter(|o| o.section == Section::ToDiscuss).count(), 2);
    plan.options.iter().for_each(|option| assert!(text.contains(&option.name)));
}

/// What the plan says, in the words of its fields; where and how often is the view's choice.
fn content(plan: &Plan) -> Vec<&str> {
    let mut said: Vec<&str> = plan.evidence.keys().map(|key| key.as_str()).collect();
    let options = plan.options.iter().flat_map(|one| &one.safety);
    for one in options.chain(plan.standard.entries.iter().flat_map(|entry| &entry.safety)) {
        said.extend([one.drug.as_str(), &one.rule, &one.about, &one.found, &one.action, &one.strength]);
        said.extend([one.sourced.source.as_str()].into_iter().chain(one.facts.iter().map(String::as_str)));
    }
    for option in &plan.options {
        let lists = [&option.approval, &option.population, &option.effects, &option.would_stop];
        said.extend(
            lists
                .into_iter()
                .chain([&option.exposure, &option.origin, &option.assertions])
                .flatten()
                .map(String::as_str),
        );
        for reason in &option.reasons {
            said.extend(reason.facts.iter().chain([&reason.text]).map(String::as_str));
            said.extend(reason.statements.iter().map(|key| key.as_str()));
        }
        for cited in option.for_.iter().chain(&option.against).chain(&option.notes) {
            said.extend([cited.key.as_str(), &cited.remark, &cited.tumour.because]);
        }
    }
    for one in &plan.alterations {
        said.extend([one.label.as_str(), &one.detail, &one.verdict, &one.id]);
        said.extend(one.supports.iter().chain(&one.against).map(String::as_str));
    }
    for fact in &plan.next_facts {
        said.extend(fact.unlocks.iter().chain([&fact.fact, &fact.state]).map(String::as_str));
        said.extend(fact.statements.iter().map(|key| key.as_str()));
    }
    for entry in &plan.standard.entries {
        said.extend(entry.conditions.iter().chain(&entry.exposure).chain(&entry.have).map(String::as_str));
        said.extend([
            entry.option.as_str(),
            &entry.setting,
            &entry.kind,
            &entry.needs,
            &entry.sourced.source,
        ]);
        said.extend(entry.evidence.iter().map(|one| one.key.as_str()));
    }
    said.extend(plan.issues.iter().flat_map(|issue| [issue.what.as_str(), &issue.remedy]));
    said.extend(plan.conflicts.iter().flat_map(|one| one.sides.iter().map(|(side, _)| side.as_str())));
    said.extend(plan.retracted.iter().flat_map(|one| [one.id.as_str(), &one.what, &one.why]));
    said.extend(plan.germline_flags.iter().chain(&plan.not_covered).map(String::as_str));
    // Rows stand by kind, so that a row's kind, name and source stand apart.
    said.extend(
        plan.unreviewed.iter().flat_map(|row| row.split(": ")).map(|part| part.trim_start_matches("safety ")),
    );
    said.extend(plan.asked.iter().chain(&plan.negatives).map(String::as_str));
    said.extend(plan.lab_opinions.iter().map(|one| one.about.as_str()));
    said
}

/// `conserved`: what is short on the front stands whole further down, in the page and in the Markdown.
#[test]
fn nothing_of_the_plan_is_lost_in_a_long_view() {
    let plan = sample::plan_with(&|text| format!("{text} & <more>, and so on; {}", "long ".repeat(40)));
    let page = page(&plan);
    let text = markdown(&plan).replace('\\', "");
    for said in content(&plan) {
        let said = concilium_report::escape(said);
        assert!(page.contains(&said), "not on the page: {said}");
        let said = said.replace("&quot;", "\"");
        assert!(text.contains(said.trim()), "not in the Markdown: {said}");
    }
}

/// What is only counted on the front is named on the card.
#[test]
fn the_front_counts_many_statements_for_and_names_all_against() {
    let mut plan = sample::plan();
    let (one, other) = (plan.options[0].for_[0].clone(), plan.options[0].against[0].clone());
    plan.options[0].for_ = vec![one; 9];
    plan.options[0].against = vec![other; 9];
    let page = page(&plan);
    let front = page.split("id=\"details\"").next().unwrap_or_default();
    assert!(front.contains("9: A 9"));
    assert_eq!(
        front.matches(">EID90003<").count(),
        10,
        "nine against the option, one beside the standard row"
    );
}

#[test]
fn the_terminal_keeps_its_width() {
    for width in [0, 60, 80, 100, 400] {
        let text = terminal(&sample::plan(), width, false);
        let longest = text.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(longest <= width.clamp(60, 140), "{longest} letters at width {width}");
    }
}

/// Tags of the page without attributes, in order: hostile text must not add, remove or change one.
fn tags(page: &str) -> Vec<String> {
    let body = page.split_once("</style>").map_or(page, |(_, body)| body);
    let names =
        |(at, _): (usize, &str)| body[at + 1..].split([' ', '>']).next().unwrap_or_default().to_owned();
    body.match_indices('<').map(names).collect()
}

fn hostile() -> impl Strategy<Value = String> {
    let bait = prop_oneof![
        Just("</style><script>alert(1)</script>"),
        Just("\"><img src=x onerror=alert(1)>"),
        Just("' onmouseover='x"),
        Just("--></title><svg onload=x>"),
        Just("a|b\n|c|\n# h\n"),
        Just("[x](javascript:alert(1))"),
        Just("\u{1b}[31m\r\u{202e}"),
        Just("&amp;&lt;\\22 }"),
    ];
    (bait, "\\PC{0,12}").prop_map(|(bait, tail)| format!("{bait}{tail}"))
}

/// Found by the property below: a line feed in a record once added lines to the page's foot.
#[test]
fn a_line_feed_in_a_record_adds_nothing() {
    let with = |tail: &str| page(&sample::plan_with(&|text| format!("{text}{tail}")));
    assert!(tags(&with("a|b\n|c|\n# h\n")) == tags(&with("~")));
}

proptest! {
    // Failures are kept as example tests, not as files of seeds.
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_out_of_the_page(bait in hostile()) {
        let hostile = page(&sample::plan_with(&|text| format!("{text}{bait}")));
        prop_assert!(!hostile.contains("<script") && !hostile.contains("<img") && !hostile.contains("<svg"));
        prop_assert_eq!(hostile.matches("</style").count(), 1);
        let plain = page(&sample::plan_with(&|text| format!("{text}~")));
        prop_assert!(tags(&hostile) == tags(&plain), "a tag was added, removed or changed");
    }

    #[test]
    fn markdown_keeps_rows_and_escapes_html(bait in hostile()) {
        let plain = markdown(&sample::plan_with(&|text| format!("{text}~")));
        let hostile = markdown(&sample::plan_with(&|text| format!("{text}{bait}")));
        prop_assert!(!hostile.contains('<'));
        prop_assert_eq!(hostile.lines().count(), plain.lines().count());
        let bars = |text: &str| text.replace("\\\\", "").replace("\\|", "").lines().map(|l| l.matches('|').count()).collect::<Vec<_>>();
        prop_assert_eq!(bars(&hostile), bars(&plain));
    }

    #[test]
    fn the_terminal_never_obeys_a_record(bait in hostile()) {
        let text = terminal(&sample::plan_with(&|text| format!("{text}{bait}")), 80, false);
        prop_assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'));
    }
}
