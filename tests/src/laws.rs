//! Laws of the whole path: order of inputs, removal of facts, conservation, one plan for two codings.

use crate::support::{ENGINE, case, plan};
use concilium_engine::case::{Case, Facts, Presence};
use concilium_engine::demo::cases;
use concilium_engine::recommend::{Plan, RunManifest, build_plan};
use concilium_engine::terms::AsOf;
use concilium_engine::{diff, store};
use std::collections::{BTreeMap, BTreeSet};

fn replanned(case: &Case) -> Plan {
    build_plan(case, &ENGINE.knowledge, &ENGINE.index, RunManifest::default())
}

/// `replayable`: the same records in another order are the same bytes.
#[test]
fn input_order_does_not_matter() {
    for mut case in cases() {
        let Ok(first) = plan(&case) else { continue };
        case.files.reverse();
        let second = plan(&case).expect("still a plan");
        assert_eq!(store::json(&first.plan), store::json(&second.plan), "{}", case.name);
        assert_eq!(store::json(&first.case), store::json(&second.case), "{}", case.name);
    }
}

/// `unknown-stays`: an option may only rise when the removed fact spoke against it, or held it down by what the
/// patient had already been given; silence itself raises nothing.
#[test]
fn removing_a_fact_raises_no_option_it_did_not_hold_down() {
    for case in cases() {
        let Ok(planned) = plan(&case) else { continue };
        let before = replanned(&planned.case);
        for (id, without) in one_fact_less(&planned.case) {
            let after = replanned(&without);
            for raised in raised(&before, &after) {
                assert!(holds_down(&before, &raised, &id), "{}: without {id}, {raised} rises", case.name);
            }
        }
    }
}

/// Every case with one supporting kind of fact removed. Treatment history, disease and person are left alone:
/// without them it is another patient, not the same one less well known.
fn one_fact_less(case: &Case) -> Vec<(String, Case)> {
    let mut out = Vec::new();
    macro_rules! each { ($($field:ident),*) => { $(
        for at in 0..case.facts.$field.len() {
            let mut less = case.clone();
            let gone = less.facts.$field.remove(at);
            out.push((gone.meta.id, less));
        }
    )* } }
    each!(
        alterations,
        regions,
        markers,
        pharmacogenes,
        labs,
        performance,
        observations,
        procedures,
        lab_opinions
    );
    out
}

fn places(plan: &Plan) -> BTreeMap<String, (u8, Vec<i64>)> {
    let keys =
        |o: &concilium_engine::recommend::PlanOption| o.score.parts.iter().map(|p| p.value).take(7).collect();
    plan.options.iter().map(|o| (o.id.clone(), (o.section.number(), keys(o)))).collect()
}

/// Options in a better section than before, or new in section 1 or 2.
fn raised(before: &Plan, after: &Plan) -> Vec<String> {
    let old = places(before);
    places(after)
        .into_iter()
        .filter(|(id, (section, _))| old.get(id).map_or(*section <= 2, |(was, _)| section < was))
        .map(|(id, _)| id)
        .collect()
}

/// Did the fact stand behind something against the option, or behind one of its reasons for standing low?
fn holds_down(before: &Plan, option: &str, fact: &str) -> bool {
    let Some(row) = before.options.iter().find(|o| o.id == option) else { return false };
    let against = row.against.iter().chain(&row.notes).any(|c| c.molecular.facts.iter().any(|f| f == fact));
    let reasons = row.reasons.iter().any(|r| r.facts.iter().any(|f| f == fact) || r.text.contains(fact));
    let markers =
        row.for_.iter().any(|c| c.tumour.markers.leaves.iter().any(|l| l.facts.iter().any(|f| f == fact)));
    let safety = row.safety.iter().any(|f| f.facts.iter().any(|f| f == fact));
    let setting =
        row.for_.iter().any(|c| serde_json::to_string(&c.setting).is_ok_and(|text| text.contains(fact)));
    against || reasons || markers || safety || setting
}

/// `conserved`
#[test]
fn alterations_and_resources_are_conserved() {
    for case in cases() {
        let Ok(planned) = plan(&case) else { continue };
        let judged: BTreeSet<&str> = planned.plan.alterations.iter().map(|a| a.id.as_str()).collect();
        for alteration in &planned.case.facts.alterations {
            assert!(
                judged.contains(alteration.meta.id.as_str()),
                "{}: {} has no verdict",
                case.name,
                alteration.label
            );
        }
        silent_inputs(&case.name, &planned.case.facts);
    }
}

/// An input that gave no fact has an issue or was retracted.
fn silent_inputs(name: &str, facts: &Facts) {
    for item in facts.inputs.iter().filter(|item| item.facts == 0) {
        let explained = facts.issues.iter().any(|issue| issue.source.to_string().contains(item.id.as_str()));
        assert!(explained, "{name}: {} gave no fact and no issue says why", item.id);
    }
}

#[test]
fn coded_narrowly_or_broadly_it_is_one_plan() {
    let (narrow, broad) =
        (plan(&case("C-melanoma")).expect("plan"), plan(&case("C2-melanoma")).expect("plan"));
    assert_eq!(places(&narrow.plan), places(&broad.plan));
}

#[test]
fn absent_alterations_never_support() {
    for case in cases() {
        let Ok(planned) = plan(&case) else { continue };
        let absent: BTreeSet<&str> = planned
            .case
            .facts
            .alterations
            .iter()
            .filter(|a| a.presence != Presence::Present)
            .map(|a| a.meta.id.as_str())
            .collect();
        for option in planned.plan.options.iter().filter(|o| o.section.number() == 1) {
            let only_absent =
                option.for_.iter().all(|c| c.molecular.facts.iter().all(|f| absent.contains(f.as_str())));
            assert!(
                option.for_.is_empty() || !only_absent,
                "{}: {} rests on absent alterations",
                case.name,
                option.id
            );
        }
    }
}

#[test]
fn sections_are_never_interleaved_and_ranks_never_fall() {
    for case in cases() {
        let Ok(planned) = plan(&case) else { continue };
        let order: Vec<_> = planned.plan.options.iter().map(|o| (o.section, o.rank)).collect();
        assert!(order.is_sorted(), "{}: {order:?}", case.name);
    }
}

/// `screened`, `closed-candidates`: each option has reasons, findings of the screen, and an origin.
#[test]
fn every_option_says_why() {
    for case in cases() {
        let Ok(planned) = plan(&case) else { continue };
        for option in &planned.plan.options {
            assert!(
                !option.reasons.is_empty() && !option.safety.is_empty() && !option.origin.is_empty(),
                "{}: {}",
                case.name,
                option.id
            );
        }
    }
}

#[test]
fn every_cited_statement_is_in_the_evidence_list() {
    for case in cases() {
        let Ok(planned) = plan(&case) else { continue };
        let plan = &planned.plan;
        let cited = plan
            .options
            .iter()
            .flat_map(|o| o.for_.iter().chain(&o.against).chain(&o.notes))
            .chain(&plan.context);
        for c in cited {
            assert!(plan.evidence.contains_key(&c.key), "{}: {} does not resolve", case.name, c.key);
        }
    }
}

#[test]
fn a_plan_differs_from_itself_in_nothing() {
    let planned = plan(&case("D-colorectal")).expect("plan");
    let found = diff::diff(&planned.plan, &planned.case, &planned.plan, &planned.case);
    assert!(found.moves.is_empty() && found.facts_added.is_empty() && found.circumstances.is_empty());
}

/// `dated`: a plan as of an earlier day knows nothing that was issued or happened later.
#[test]
fn nothing_later_than_the_instant_is_used() {
    let case = case("A-lung");
    let early = AsOf::parse("2025-01-31").expect("a day");
    let planned = ENGINE.plan(&case.files, early.clone()).expect("plan");
    let facts = &planned.case.facts;
    let days = facts.alterations.iter().map(|a| &a.meta).chain(facts.labs.iter().map(|l| &l.meta));
    for meta in days.chain(facts.responses.iter().map(|r| &r.meta)) {
        let known = meta.issued.as_ref().or(meta.when.as_ref());
        assert!(known.is_none_or(|day| day.earliest() <= early.date()), "{} is known only later", meta.id);
    }
    assert!(planned.case.retracted.iter().any(|r| r.why.contains("known only since")));
}

/// `no-phi-out`: a refusal names files and resources, never what they say of a person.
#[test]
fn a_refusal_names_no_person() {
    let case = case("I-same-identifier");
    let words = plan(&case).expect_err("two people").to_string();
    for file in &case.files {
        let text = String::from_utf8_lossy(&file.bytes);
        for family in text.split("\"family\": \"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(!words.contains(family), "{words}");
        }
    }
    assert!(!words.contains("1951") && !words.contains("1962"), "{words}");
}

/// `no-phi-out`: what a run keeps is readable by its owner only.
#[cfg(unix)]
#[test]
fn kept_files_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let case = case("D-colorectal");
    let folder = std::env::temp_dir().join(format!("concilium-private-{}", std::process::id()));
    let kept = store::keep(&plan(&case).expect("plan"), &case.files, &folder).expect("kept");
    for name in ["plan.json", "case.json", "manifest.json", "inputs/bundle.json"] {
        let mode = std::fs::metadata(kept.join(name)).expect("file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
    std::fs::remove_dir_all(folder).expect("clean");
}
