//! Does the standard box hold what the tables say for this tumour, setting, line and patient, and nothing else?
//!
//! Invented patients against the built-in pack. Options are asked for by the beginning of their text.

use concilium_case::{
    Case, Condition, ConditionRole, Exposure, Extent, Line, LineIntent, Marker, MarkerCall, MarkerName,
    Medication, MedicationState, SignatureName, StopReason, Tumour,
};
use concilium_knowledge::{Knowledge, builtin};
use concilium_recommend::{Index, RunManifest, StandardBox, StandardEntry, build_plan};
use concilium_terms::{Code, DrugName};
use concilium_testkit::{CaseBuilder, day, diagnosis, given, marker, region, small, tumour};
use std::sync::LazyLock;

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| builtin().expect("the pack in the binary loads"));

const LUNG: (&str, &str) = ("DOID:3910", "lung adenocarcinoma");
const NSCLC: (&str, &str) = ("DOID:3908", "lung non-small cell carcinoma");
const COLON: (&str, &str) = ("DOID:9256", "colorectal cancer");
const MELANOMA: (&str, &str) = ("DOID:8923", "skin melanoma");
const BREAST: (&str, &str) = ("DOID:1612", "breast cancer");
const PILOCYTIC: (&str, &str) = ("DOID:4851", "pilocytic astrocytoma");

fn standard(case: &Case) -> StandardBox {
    build_plan(case, &KNOWLEDGE, &Index::new(&KNOWLEDGE), RunManifest::default()).standard
}

fn entry<'b>(found: &'b StandardBox, start: &str) -> Option<&'b StandardEntry> {
    found.entries.iter().find(|entry| entry.option.starts_with(start))
}

/// `+ text` must stand in the box once, `- text` must not.
#[track_caller]
fn check(case: CaseBuilder, wanted: &[&str]) {
    let found = standard(&case.build());
    let options: Vec<&str> = found.entries.iter().map(|entry| entry.option.as_str()).collect();
    for line in wanted {
        let (sign, start) = line.split_once(' ').expect("+ or -");
        let times = options.iter().filter(|option| option.starts_with(start)).count();
        let expected = usize::from(sign == "+");
        assert_eq!(times, expected, "{start}: {times} times in {options:#?}");
    }
}

fn patient() -> CaseBuilder {
    CaseBuilder::new("2026-06-15").born("1960-01-01")
}

fn metastatic(name: (&str, &str), sites: &[&str]) -> CaseBuilder {
    let metastases = sites.iter().map(|site| (*site).to_owned()).collect();
    patient().tumour(Tumour { metastases, ..tumour(name.0, name.1, Extent::Metastatic) })
}

fn running(drug: &str) -> Medication {
    Medication { ongoing: true, end: None, ..given(drug, "2025-06-01") }
}

fn msi_high() -> Marker {
    marker(MarkerName::Signature(SignatureName::Msi), Some(MarkerCall::Positive))
}

fn egfr_after(medication: Medication) -> CaseBuilder {
    metastatic(LUNG, &[]).alteration(small("EGFR", "L858R")).medication(medication)
}

#[test]
fn keeping_the_inhibitor_needs_an_inhibitor_that_runs() {
    let local = "local treatment of a limited number of progressing sites";
    check(egfr_after(running("osimertinib")), &[&format!("+ {local}")]);
    let stopped = Medication { ongoing: false, ..given("osimertinib", "2024-01-01") };
    check(egfr_after(stopped), &[&format!("- {local}"), "+ platinum-pemetrexed chemotherapy"]);
}

#[test]
fn a_platinum_partner_other_than_pemetrexed_stands_beside_it() {
    let stopped = Medication { ongoing: false, ..given("osimertinib", "2024-01-01") };
    check(egfr_after(stopped), &["+ platinum doublet without pemetrexed"]);
}

/// What speaks against cisplatin stands where the row leaves the platinum open, not where it names carboplatin; where
/// platinum is one way among others it says so.
#[test]
fn a_row_that_names_its_platinum_leaves_none_open() {
    let kidneys = Medication { stop: Some(StopReason::Intolerance), ..given("cisplatin", "2024-01-01") };
    let order = Medication {
        exposure: Exposure::Ordered,
        state: MedicationState::Stale,
        ..given("gefitinib", "2024-06-01")
    };
    let adjuvant = Line {
        intent: LineIntent::Adjuvant,
        drugs: vec![DrugName::new("cisplatin")],
        start: Some(day("2024-01-01")),
        end: Some(day("2024-03-01")),
        ..line(1)
    };
    let case = metastatic(NSCLC, &[]).medication(kidneys).medication(order).line(adjuvant);
    let found = standard(&case.build());
    let avoided = |start: &str| -> Vec<String> {
        let entry = entry(&found, start).unwrap_or_else(|| panic!("no {start}"));
        let of_it = entry.safety.iter().filter(|f| f.drug.as_str() == "cisplatin");
        of_it.map(|f| f.about.clone()).collect()
    };
    assert_eq!(avoided("platinum-pemetrexed chemotherapy"), ["not tolerated before"]);
    assert!(avoided("platinum doublet without pemetrexed (carboplatin").is_empty());
    let other_way = avoided("osimertinib, alone or with platinum-pemetrexed");
    assert_eq!(other_way, ["not tolerated before, only if a platinum is given"]);
}

/// Steroids and symptoms decide on immunotherapy beside metastases of the brain, whichever row names it.
#[test]
fn immunotherapy_beside_brain_metastases_asks_for_steroids_and_symptoms() {
    let asked = |sites: &[&str]| {
        let found = standard(&metastatic(NSCLC, sites).build());
        entry(&found, "platinum-pemetrexed with pembrolizumab").expect("a row").needs.clone()
    };
    let beside = asked(&["Secondary malignant neoplasm of brain"]);
    assert!(beside.ends_with("steroid dose; symptoms of brain metastases"), "{beside}");
    assert!(!asked(&["Secondary malignant neoplasm of bone"]).contains("steroid dose"));
}

/// A recorded adenocarcinoma is not squamous; broader words and mixed kinds leave it open.
#[test]
fn a_recorded_adenocarcinoma_rules_the_squamous_kind_out() {
    for (written, said) in [
        (vec!["Adenocarcinoma"], "yes (recorded: “Adenocarcinoma”)"),
        (vec!["Adenocarcinoma", "Non-small cell carcinoma"], "yes (recorded: “Adenocarcinoma”)"),
        (vec!["Carcinoma"], "not known (recorded: “Carcinoma”)"),
        (vec!["Adenosquamous carcinoma"], "not known (recorded: “Adenosquamous carcinoma”)"),
        (vec!["Adenocarcinoma", "Squamous cell carcinoma"], "not known (recorded: “Adenocarcinoma”)"),
        (vec![], "not known"),
    ] {
        let case = metastatic(NSCLC, &[]);
        let histology = written.iter().map(|words| Code::text(words)).collect();
        let primary =
            Condition { histology, ..diagnosis("NSCLC", ConditionRole::PrimaryCancer, "2024-01-01") };
        let mut case = case.condition(primary).build();
        let id = case.facts.conditions[0].meta.id.clone();
        case.tumour.as_mut().expect("a tumour").condition = id;
        let found = standard(&case);
        let entry = entry(&found, "platinum-pemetrexed with pembrolizumab").expect("a row");
        let wanted = format!("histology other than lung squamous cell carcinoma: {said}");
        assert!(entry.conditions.contains(&wanted), "{written:?}: {:?}", entry.conditions);
    }
}

#[test]
fn the_guideline_of_childhood_is_for_children() {
    let glioma = |born: &str| {
        CaseBuilder::new("2026-06-15").born(born).tumour(tumour(PILOCYTIC.0, PILOCYTIC.1, Extent::Unknown))
    };
    check(glioma("2017-03-01"), &["+ resection; observation after complete resection"]);
    check(
        glioma("1987-03-01"),
        &["- resection; observation after complete resection", "- another chemotherapy such as vinblastine"],
    );
    // Eighteen on some day of this year.
    check(glioma("2008"), &["+ resection; observation after complete resection"]);
}

/// Neither limit is met by a birth date that allows both sides.
#[test]
fn the_age_is_told_as_it_is_known() {
    let said = |born: &str| {
        let case = CaseBuilder::new("2026-06-15").born(born);
        let found = standard(&case.tumour(tumour(PILOCYTIC.0, PILOCYTIC.1, Extent::Unknown)).build());
        entry(&found, "resection; observation").map(|entry| entry.conditions.join("; "))
    };
    assert_eq!(said("2017-03-01").as_deref(), Some("age under 18: yes"));
    assert_eq!(said("2008").as_deref(), Some("age under 18: not known"));
    assert_eq!(said("1987-03-01"), None);
}

#[test]
fn anti_her2_therapy_of_colorectal_cancer_needs_ras_unaltered() {
    let after_two = || {
        let first = given("oxaliplatin", "2024-01-01");
        let mut case = metastatic(COLON, &[])
            .marker(marker(MarkerName::Her2, Some(MarkerCall::Positive)))
            .medication(first);
        for number in [1, 2] {
            case = case.line(line(number));
        }
        case
    };
    let studied = || after_two().region(region(&["KRAS", "NRAS"]));
    check(studied(), &["+ anti-HER2 therapy"]);
    check(studied().alteration(small("NRAS", "Q61K")), &["- anti-HER2 therapy"]);
    check(studied().alteration(small("KRAS", "G12D")), &["- anti-HER2 therapy"]);
}

fn line(number: u32) -> Line {
    Line {
        number: (number, number),
        intent: LineIntent::Advanced,
        drugs: vec![DrugName::new("oxaliplatin")],
        start: None,
        end: None,
        ongoing: false,
        progression: None,
        intolerant: vec![],
        from: vec![],
        because: vec![],
        after_metastasis: None,
    }
}

#[test]
fn what_holds_for_every_tumour_stands_beside_the_nearer_rows() {
    let agnostic = "anti-PD-1 (tissue-agnostic use, microsatellite";
    check(metastatic(BREAST, &[]).marker(msi_high()), &[&format!("+ {agnostic}"), "+ best supportive"]);
    check(metastatic(BREAST, &[]), &[&format!("- {agnostic}"), "+ best supportive"]);
    // Colorectal cancer has its own row on the same marker.
    check(
        metastatic(COLON, &[]).marker(msi_high()),
        &[&format!("- {agnostic}"), "+ pembrolizumab, or nivolumab"],
    );
    let tmb = marker(MarkerName::Signature(SignatureName::Tmb), Some(MarkerCall::Positive));
    check(
        metastatic(BREAST, &[]).marker(tmb),
        &["+ anti-PD-1 (tissue-agnostic use, high tumour mutational burden)"],
    );
}

#[test]
fn an_unknown_tumour_gets_what_holds_for_every_tumour_and_why_it_is_short() {
    check(
        patient().marker(msi_high()),
        &["+ anti-PD-1 (tissue-agnostic use, microsatellite", "+ best supportive"],
    );
    let found = standard(&patient().build());
    assert!(found.note.contains("settle the tumour type first"), "{}", found.note);
    assert!(entry(&found, "anti-PD-1").is_none(), "an untested marker is not met");
}

#[test]
fn metastases_of_bone_and_brain_ask_for_local_opinions_once() {
    let brain = "local therapy opinion for brain metastases";
    check(
        metastatic(BREAST, &["Secondary malignant neoplasm of bone"]),
        &["+ bone-modifying drug", "+ radiotherapy opinion for bone metastases", &format!("- {brain}")],
    );
    check(metastatic(COLON, &["Metastasis to brain"]), &[&format!("+ {brain}"), "- bone-modifying drug"]);
    check(metastatic(MELANOMA, &["Metastasis to brain"]), &["+ radiosurgery opinion", &format!("- {brain}")]);
    check(metastatic(LUNG, &["Metastasis to brain"]), &["+ radiosurgery opinion", &format!("- {brain}")]);
}

#[test]
fn immunotherapy_of_melanoma_says_that_it_is_weighed_before() {
    let found = standard(&metastatic(MELANOMA, &["Metastasis to brain"]).build());
    let sequence = &entry(&found, "nivolumab with ipilimumab").expect("first line").sequence;
    assert!(sequence.starts_with("to be weighed before the molecular options: "), "{sequence}");
    let relatlimab = entry(&found, "nivolumab with relatlimab").expect("first line");
    assert!(relatlimab.option.contains("no evidence in active brain metastases"));
}

/// Adjuvant platinum is no prior platinum of advanced disease, unless the relapse came within the row's own time.
#[test]
fn prior_therapy_is_meant_in_the_rows_own_setting() {
    let after = |intent, relapse: Option<&str>| {
        let line = Line {
            number: (1, 1),
            intent,
            drugs: vec![DrugName::new("cisplatin")],
            start: Some(day("2023-01-01")),
            end: Some(day("2023-04-01")),
            ongoing: false,
            progression: relapse.map(day),
            intolerant: vec![],
            from: vec![],
            because: vec![],
            after_metastasis: None,
        };
        let case = metastatic(LUNG, &[])
            .alteration(small("EGFR", "L858R"))
            .medication(Medication { end: Some(day("2025-06-01")), ..given("osimertinib", "2024-06-01") });
        let case =
            case.medication(Medication { end: Some(day("2023-04-01")), ..given("cisplatin", "2023-01-01") });
        let osimertinib = Line {
            intent: LineIntent::Advanced,
            drugs: vec![DrugName::new("osimertinib")],
            start: Some(day("2024-06-01")),
            end: Some(day("2025-06-01")),
            progression: Some(day("2025-06-01")),
            ..line.clone()
        };
        case.line(line).line(osimertinib)
    };
    let docetaxel =
        |case: CaseBuilder| entry(&standard(&case.build()), "docetaxel").map(|row| row.conditions.join("; "));
    let palliative =
        docetaxel(after(LineIntent::Advanced, None)).expect("platinum of advanced disease counts");
    assert!(palliative.contains("prior platinum compound: yes;"), "{palliative}");
    assert_eq!(docetaxel(after(LineIntent::Adjuvant, Some("2024-06-01"))), None, "relapse after a year");
    let early =
        docetaxel(after(LineIntent::Adjuvant, Some("2023-07-01"))).expect("relapse after three months");
    assert!(early.contains("prior platinum compound: yes (given as neo- or adjuvant"), "{early}");
}

/// A narrower term whose rows all wait for a fact does not push out what holds for the disease as a whole.
#[test]
fn waiting_rows_of_a_narrow_term_leave_the_others_standing() {
    let child = CaseBuilder::new("2026-06-15").born("2021-01-01");
    let leukaemia = tumour("DOID:0080638", "B-cell acute lymphoblastic leukemia", Extent::Unknown);
    check(
        child.tumour(leukaemia.clone()),
        &[
            "+ multi-agent chemotherapy on a paediatric protocol",
            "- multi-agent induction",
            "+ BCR::ABL1 inhibitor",
        ],
    );
    check(
        patient().tumour(leukaemia),
        &["+ multi-agent induction", "- multi-agent chemotherapy on a paediatric"],
    );
}
