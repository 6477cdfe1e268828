//! Do the rules hold for the built-in release's own profiles, by evidence id?

mod support;

use concilium_case::{Alteration, Marker, MarkerCall, MarkerName, Origin, Significance};
use concilium_criteria::{MolecularMatch, match_profile};
use concilium_knowledge::Knowledge;
use concilium_terms::{StatementKey, Truth};
use concilium_testkit::{CaseBuilder, marker, pharmacogene, small};
use std::sync::LazyLock;
use support::outcome;

static RELEASE: LazyLock<Knowledge> =
    LazyLock::new(|| concilium_knowledge::builtin().expect("the built-in release loads"));

fn matched(case: CaseBuilder, key: &str) -> MolecularMatch {
    let statement =
        RELEASE.statements_of(&StatementKey::new(key)).first().expect("the statement is in the release");
    let profile = RELEASE.profile(statement.profile).expect("the profile is in the release");
    match_profile(&case.build(), &RELEASE, &profile.expr, Some(statement))
}

#[track_caller]
fn check(case: CaseBuilder, key: &str, truth: Truth, with_doubt: bool) {
    let found = matched(case, key);
    assert_eq!(
        (found.verdict.truth, !found.doubts.is_empty()),
        (truth, with_doubt),
        "{key}: {}",
        outcome(&found)
    );
}

fn case() -> CaseBuilder {
    CaseBuilder::new("2026-06-15")
}

fn with(alteration: Alteration) -> CaseBuilder {
    case().alteration(alteration)
}

fn of_origin(origin: Origin, alteration: Alteration) -> Alteration {
    Alteration { origin, ..alteration }
}

#[test]
fn exact_changes_and_exons() {
    check(with(small("KRAS", "G12C")), "EID12063", Truth::True, false);
    check(with(small("KRAS", "G12D")), "EID12063", Truth::Open, false);
    check(with(small("EGFR", "C797S")), "EID964", Truth::True, false);
    check(with(small("BRAF", "V600E")), "EID1411", Truth::True, false);
}

#[test]
fn three_changes_of_one_gene_keep_the_phase() {
    let case = with(small("EGFR", "E746_A750del"))
        .alteration(small("EGFR", "T790M"))
        .alteration(small("EGFR", "C797S"));
    let found = matched(case, "EID1396");
    assert_eq!(found.verdict.truth, Truth::True, "{}", outcome(&found));
    assert!(found.notes.iter().any(|note| note.contains("phase")), "{}", outcome(&found));
}

#[test]
fn germline_and_somatic_swapped() {
    let brca1 = |origin| with(of_origin(origin, small("BRCA1", "E23fs")));
    let brca2 = |origin| with(of_origin(origin, small("BRCA2", "S1982fs")));
    check(brca1(Origin::Germline), "EID7384", Truth::True, false);
    check(brca1(Origin::Somatic), "EID7384", Truth::Open, false);
    check(brca2(Origin::Germline), "EID7385", Truth::True, false);
    check(brca2(Origin::Unknown), "EID7385", Truth::True, true);
    assert_eq!(matched(brca1(Origin::Somatic), "EID7384").facts, Vec::<String>::new());
}

#[test]
fn zygosity_of_dpyd() {
    let diplotype = |text: &str| case().pharmacogene(pharmacogene("DPYD", text));
    check(diplotype("*1/*2A"), "EID1800", Truth::False, false);
    check(diplotype("*2A/*2A"), "EID1800", Truth::True, false);
    check(diplotype("*1/*13"), "EID1801", Truth::False, false);
    check(diplotype("*1/*2A"), "EID1803", Truth::Open, false);
}

#[test]
fn uncertain_variants_never_match() {
    let vus = |gene: &str, change: &str| {
        with(Alteration { significance: Some(Significance::Uncertain), ..small(gene, change) })
    };
    check(vus("ATM", "R337C"), "EID8505", Truth::Open, false);
    check(vus("BRCA2", "A75P"), "EID8842", Truth::Open, false);
    let pathogenic = Alteration { significance: Some(Significance::Pathogenic), ..small("BRCA2", "S1982fs") };
    check(with(of_origin(Origin::Germline, pathogenic)), "EID8842", Truth::True, false);
}

#[test]
fn a_stained_receptor_is_no_amplification() {
    let stained = Marker { score: Some("3+".into()), ..marker(MarkerName::Her2, Some(MarkerCall::Positive)) };
    check(case().marker(stained), "EID11249", Truth::Open, false);
}
