//! Do the gates say what clinical rules, section 5, asks for? Invented patients, a small invented table.
//!
//! A case is written as lines: `lab ANALYTE VALUE UNIT DAY [high=N]`, `takes DRUG`, `had DRUG`, `ordered DRUG`,
//! `condition STATUS: WORDS`, `absent: WORDS`, `icd CODE`, `allergy DRUG`, `no allergies`, `sex …`, `born …`,
//! `pgx GENE diplotype phenotype activity`, `uncovered GENE`, `procedure DAY: WORDS`, `observed DAY WORDS: VALUE`,
//! `note DAY: TEXT`.

use crate::{Candidate, Gates, SafetyFinding, SafetyVerdict, screen};
use concilium_case::*;
use concilium_evidence::Regimen;
use concilium_knowledge::*;
use concilium_terms::quantity::Quantity;
use concilium_terms::{AsOf, ClassId, Code, PartialDate, code::system};
use expect_test::{Expect, expect};
use proptest::prelude::*;

const RULES: &str = "\
capecitabine-crcl-30|drug:capecitabine|lab|creatinine-clearance|< 30 mL/min|contraindicated|not given|28
capecitabine-crcl-50|drug:capecitabine|lab|creatinine-clearance|< 50 mL/min|modify|75 % of the dose|28
pemetrexed-crcl-45|drug:pemetrexed|lab|creatinine-clearance|< 45 mL/min|avoid|not given below it|28
pemetrexed-untested|drug:pemetrexed|untested|creatinine-clearance||test-first|clearance before each cycle|28
pemetrexed-allergy|drug:pemetrexed|allergy|drug:pemetrexed||contraindicated|not given|
fluoropyrimidine-dpyd|class:fluoropyrimidine|untested|dpyd||test-first|DPYD genotype first|
fluoropyrimidine-warfarin|class:fluoropyrimidine|concomitant|drug:warfarin||avoid|INR|
docetaxel-bilirubin|drug:docetaxel|lab|bilirubin|> 1.5 xULN|avoid|not given|21
vemurafenib-qtc|class:braf-inhibitor|untested|qtc||test-first|ECG with QTc|28
vemurafenib-qt|drug:vemurafenib|concomitant|class:qt-prolonging||avoid|QTc prolongation|
trametinib-eye|drug:trametinib|untested|eye-exam||test-first|eye examination|180
trametinib-hypertension|drug:trametinib|condition|hypertension||avoid|blood pressure|
vandetanib-long-qt|drug:vandetanib|condition|long-qt-syndrome||contraindicated|not given|
olaparib-hb|drug:olaparib|lab|haemoglobin|< 10 g/dL|avoid|find the cause|28
olaparib-clonal|class:parp-inhibitor|clonal|haemoglobin|< 10 g/dL|test-first|marrow examination|28
olaparib-hb-always|drug:olaparib|always|||monitor|haemoglobin each month|
lenalidomide-pregnancy|drug:lenalidomide|pregnancy|||contraindicated|not in pregnancy|
brentuximab-bleomycin|drug:brentuximab vedotin|concomitant|drug:bleomycin||contraindicated|lung toxicity|
odd-trigger|drug:oddity|moonphase|full||avoid|no|
odd-test|drug:strangeness|lab|haemoglobin|about 10|avoid|no|28
for-men|drug:for men|sex|female||avoid|no|";

const DRUGS: &[(&str, &[&str])] = &[
    ("bleomycin", &[]),
    ("brentuximab vedotin", &[]),
    ("capecitabine", &["fluoropyrimidine"]),
    ("chemotherapy", &[]),
    ("docetaxel", &[]),
    ("fluorouracil", &["fluoropyrimidine"]),
    ("irinotecan", &[]),
    ("lenalidomide", &[]),
    ("mercaptopurine", &[]),
    ("olaparib", &["parp-inhibitor"]),
    ("ondansetron", &["qt-prolonging"]),
    ("pemetrexed", &[]),
    ("tegafur/gimeracil/oteracil", &["fluoropyrimidine"]),
    ("trametinib", &[]),
    ("trifluridine/tipiracil", &[]),
    ("vandetanib", &["qt-prolonging"]),
    ("vemurafenib", &["braf-inhibitor", "qt-prolonging"]),
    ("warfarin", &[]),
];

const ACTIONS: &str = "\
CPIC|fluorouracil|DPYD|activity:1.0|modify|50|Strong|general
CPIC|fluorouracil|DPYD|activity:2.0|none|100|Strong|general
CPIC|fluorouracil|DPYD|Intermediate Metabolizer|modify|60|Moderate|general
DPWG|fluorouracil|DPYD|activity:1.0|avoid|||
DPWG|fluorouracil|DPYD|activity:2.0|none||No Recommendation|
DPWG|tegafur|DPYD|activity:1.0|avoid|||
DPWG|irinotecan|UGT1A1|Normal Metabolizer|none||No Recommendation|
DPWG|irinotecan|UGT1A1|diplotype:*28/*80|modify|70||
CPIC|mercaptopurine|TPMT|Intermediate Metabolizer|modify|50|Strong|general
CPIC|mercaptopurine|NUDT15|Poor Metabolizer|modify|10|Strong|malignant disease
CPIC|mercaptopurine|NUDT15|Poor Metabolizer|avoid||Strong|non-malignant disease
CPIC|ondansetron|CYP2D6|activity:0.0|avoid||Strong|general
CPIC|ondansetron|CYP2D6|Poor Metabolizer|avoid||Strong|general";

const WORDS: &[(&str, &str, &str)] = &[
    ("hypertension", "icd10cm", "I10"),
    ("hypertension", "text", "hypertension"),
    ("pulmonary-hypertension", "text", "pulmonary hypertension"),
    ("long-qt-syndrome", "text", "long qt"),
    ("pregnancy", "text", "pregnant"),
];

fn sourced() -> Sourced {
    Sourced { source: "label: invented, section 1".into(), checked: false }
}

fn findings_for(regimen: &Regimen, case: &Case, knowledge: &Knowledge) -> Vec<SafetyFinding> {
    Gates::new(case, knowledge).findings_for(regimen)
}

fn knowledge() -> Knowledge {
    let rules = RULES.lines().map(rule).collect();
    let mut knowledge = Knowledge { rules, ..Knowledge::default() };
    knowledge.pgx.actions = ACTIONS.lines().map(action).collect();
    knowledge.condition_words = WORDS
        .iter()
        .map(|(key, system, code)| ConditionWord {
            key: (*key).into(),
            system: (*system).into(),
            code: (*code).into(),
        })
        .collect();
    knowledge.genes.rows = vec![Gene {
        symbol: GeneSymbol::new("DNMT3A"),
        entrez: 0,
        aliases: String::new(),
        role: None,
        clonal_haematopoiesis: true,
    }];
    for (at, (name, classes)) in DRUGS.iter().enumerate() {
        knowledge.drugs.rows.push(drug(name, classes));
        knowledge.drugs.by_name.insert((*name).into(), at);
    }
    knowledge
}

fn drug(name: &str, classes: &[&str]) -> Drug {
    Drug {
        name: DrugName::new(name),
        kind: if name == "chemotherapy" { "unspecified" } else { "drug" }.into(),
        synonyms: vec![],
        targets: vec![],
        classes: classes.iter().map(ClassId::new).collect(),
        role: "antineoplastic".into(),
        rxnorm: vec![],
        ncit: vec![],
        snomed: vec![],
        half_life_h: None,
        half_life_source: String::new(),
        sourced: sourced(),
    }
}

fn rule(line: &str) -> SafetyRule {
    let cell: Vec<&str> = line.split('|').collect();
    SafetyRule {
        id: cell[0].into(),
        applies_to: prior_therapy(cell[1]).expect("drug: or class:"),
        trigger: cell[2].into(),
        what: cell[3].into(),
        test: cell[4].into(),
        verdict: cell[5].into(),
        action: cell[6].into(),
        valid_days: cell[7].parse().ok(),
        sourced: sourced(),
    }
}

fn action(line: &str) -> PgxAction {
    let cell: Vec<&str> = line.split('|').collect();
    PgxAction {
        framework: cell[0].into(),
        drug: DrugName::new(cell[1]),
        gene: GeneSymbol::new(cell[2]),
        lookup: cell[3].into(),
        verdict: cell[4].into(),
        start_percent: cell[5].parse().ok(),
        strength: cell[6].into(),
        population: cell[7].into(),
        url: "https://example.org/row".into(),
        pmid: String::new(),
        sourced: sourced(),
    }
}

fn case(lines: &str) -> Case {
    let mut case = Case {
        as_of: AsOf::parse("2026-06-15").expect("a day"),
        patient: Patient::default(),
        tumour: None,
        other_tumours: vec![],
        facts: Facts::default(),
        lines: vec![],
        history_gaps: vec![],
        from_text: None,
        conflicts: vec![],
        retracted: vec![],
    };
    for (at, line) in lines.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        add(&mut case, line, format!("f{at}"));
    }
    case
}

fn add(case: &mut Case, line: &str, id: String) {
    let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
    let meta = Meta { id, ..Meta::default() };
    let (head, words) = rest.split_once(": ").unwrap_or(("", rest));
    let facts = &mut case.facts;
    match kind {
        "sex" => case.patient.sex = Some(if rest == "female" { Sex::Female } else { Sex::Male }),
        "born" => case.patient.birth_date = PartialDate::parse(rest).ok(),
        "lab" => facts.labs.push(lab(rest, meta)),
        "takes" | "had" | "ordered" | "intolerant" | "stale" => {
            facts.medications.push(medication(kind, rest, meta))
        }
        "condition" => facts.conditions.push(condition(Code::text(words), Some(head), None, meta)),
        "absent:" => facts.conditions.push(condition(Code::text(rest), None, Some(false), meta)),
        "icd" => facts.conditions.push(condition(Code::new(system::ICD10CM, rest), None, None, meta)),
        "plasma" => plasma(case, rest, meta),
        "allergy" | "no" => facts.allergies.push(allergy(kind, rest, meta)),
        "pgx" => facts.pharmacogenes.push(pharmacogene(rest, meta)),
        "uncovered" => facts.pharmacogenes.push(Pharmacogene {
            uncovered: vec!["rs3918290".into()],
            ..pharmacogene(&format!("{rest} *1/*1 Normal_Metabolizer 2.0"), meta)
        }),
        "procedure" => facts.procedures.push(Procedure {
            meta: Meta { when: PartialDate::parse(head).ok(), ..meta },
            codes: vec![Code::text(words)],
            sites: vec![],
            intent: None,
            status: "completed".into(),
        }),
        "observed" => {
            let (day, code) = head.split_once(' ').expect("day and words");
            facts.observations.push(OtherObservation {
                meta: Meta { when: PartialDate::parse(day).ok(), ..meta },
                codes: vec![Code::text(code)],
                value: words.into(),
                kind: "Observation".into(),
            });
        }
        "note" => facts.documents.push(Document {
            meta: Meta { when: PartialDate::parse(head).ok(), ..meta },
            title: String::new(),
            text: words.into(),
        }),
        other => panic!("unknown line `{other}`"),
    }
}

fn lab(text: &str, meta: Meta) -> Lab {
    let cell: Vec<&str> = text.split(' ').collect();
    let comparator = cell[1].starts_with('<').then(|| "<".to_owned());
    let number = cell[1].trim_start_matches('<');
    let unit = if cell[2] == "-" { "" } else { cell[2] };
    let value = Quantity { comparator, ..Quantity::new(number.parse().expect("a number"), unit) };
    Lab {
        site: None,
        condition: None,
        meta: Meta { when: PartialDate::parse(cell[3]).ok(), ..meta },
        analyte: Some(cell[0].into()),
        codes: vec![],
        value: Some(value),
        text: None,
        low: None,
        high: cell.get(4).and_then(|high| high.trim_start_matches("high=").parse().ok()),
        interpretation: None,
        implausible: text.ends_with(" implausible").then(|| "a thousandfold too high".into()),
    }
}

fn medication(kind: &str, name: &str, meta: Meta) -> Medication {
    let past = matches!(kind, "had" | "intolerant");
    Medication {
        meta: Meta { when: PartialDate::parse("2025-01-10").ok(), ..meta },
        drugs: if name == "?" { vec![] } else { vec![DrugName::new(name)] },
        codes: vec![],
        exposure: if kind == "ordered" { Exposure::Ordered } else { Exposure::Administered },
        state: match kind {
            "stale" => MedicationState::Stale,
            _ if past => MedicationState::Finished,
            _ => MedicationState::Open,
        },
        end: if past { PartialDate::parse("2025-06-10").ok() } else { None },
        ongoing: !past && kind != "stale",
        stop: (kind == "intolerant").then_some(StopReason::Intolerance),
        intent: None,
        dose: None,
        reason: None,
        about_class: None,
    }
}

/// A small variant of the gene in a plasma specimen of its own.
fn plasma(case: &mut Case, gene: &str, meta: Meta) {
    let specimen = format!("plasma-{}", meta.id);
    case.facts.specimens.push(concilium_testkit::specimen(&specimen, "2026-06-01", true));
    let found = concilium_testkit::whole_gene(gene);
    case.facts.alterations.push(Alteration { meta, specimen: Some(specimen), ..found });
}

fn condition(code: Code, status: Option<&str>, present: Option<bool>, meta: Meta) -> Condition {
    Condition {
        meta,
        codes: vec![code],
        histology: vec![],
        sites: vec![],
        role: ConditionRole::Comorbidity,
        certainty: if status == Some("suspected") { Certainty::Suspected } else { Certainty::Confirmed },
        clinical_status: status.map(str::to_owned),
        primary: None,
        present,
    }
}

fn allergy(kind: &str, name: &str, meta: Meta) -> Allergy {
    let none_known = kind == "no";
    let drugs = if none_known { vec![] } else { vec![DrugName::new(name)] };
    Allergy { meta, codes: vec![], drugs, none_known, active: true }
}

/// `DPYD *1/*2A Intermediate_Metabolizer 1.0`, `-` where not stated.
fn pharmacogene(text: &str, meta: Meta) -> Pharmacogene {
    let cell: Vec<&str> = text.split(' ').collect();
    let stated = |at: usize| cell.get(at).filter(|text| **text != "-").map(|text| text.replace('_', " "));
    Pharmacogene {
        meta: Meta { when: PartialDate::parse("2026-05-01").ok(), ..meta },
        gene: GeneSymbol::new(cell[0]),
        diplotype: stated(1),
        phenotype: stated(2),
        activity: stated(3).and_then(|score| score.parse().ok()),
        uncovered: vec![],
    }
}

fn regimen(names: &str) -> Regimen {
    Regimen::new(names.split(" + ").map(DrugName::new).collect(), false, false)
}

fn regimen_with_all_drugs() -> Regimen {
    Regimen::new(DRUGS.iter().map(|(name, _)| DrugName::new(name)).collect(), false, false)
}

fn shown(findings: &[SafetyFinding]) -> String {
    let line = |f: &SafetyFinding| {
        format!("{:?} {} [{}] {} | {} | {}\n", f.verdict, f.drug, f.rule, f.about, f.found, f.action)
    };
    findings.iter().map(line).collect()
}

#[track_caller]
fn check(drugs: &str, lines: &str, expect: Expect) {
    expect.assert_eq(&shown(&findings_for(&regimen(drugs), &case(lines), &knowledge())));
}

#[test]
fn a_value_below_the_threshold_fires_with_value_unit_and_day() {
    check(
        "pemetrexed",
        "lab creatinine-clearance 38 mL/min 2026-06-01",
        expect![[r#"
            Avoid pemetrexed [pemetrexed-crcl-45] creatinine-clearance | creatinine-clearance 38 mL/min on 2026-06-01; rule: < 45 mL/min | not given below it
            TestFirst pemetrexed [not-recorded] allergies | not recorded: allergies | ask, and record it
        "#]],
    );
}

#[test]
fn of_two_thresholds_the_worst_speaks() {
    check(
        "capecitabine",
        "lab creatinine-clearance 25 mL/min 2026-06-01\npgx DPYD *1/*1 Normal_Metabolizer 2.0",
        expect![[r#"
            Contraindicated capecitabine [capecitabine-crcl-30] creatinine-clearance | creatinine-clearance 25 mL/min on 2026-06-01; rule: < 30 mL/min | not given
            TestFirst capecitabine [not-recorded] current drugs | not recorded: current drugs | ask, and record it
        "#]],
    );
}

#[test]
fn a_missing_value_is_never_normal_and_egfr_is_no_clearance() {
    check(
        "pemetrexed",
        "no allergies",
        expect![[r#"
            TestFirst pemetrexed [pemetrexed-untested] creatinine-clearance | no creatinine clearance is recorded | clearance before each cycle
        "#]],
    );
    check(
        "capecitabine",
        "lab egfr 55 mL/min/{1.73_m2} 2026-06-01",
        expect![[r#"
            TestFirst capecitabine [capecitabine-crcl-30] creatinine-clearance | no creatinine clearance is recorded; egfr 55 mL/min/{1.73_m2} on 2026-06-01 is not the same and was not used | creatinine-clearance first; at < 30 mL/min: contraindicated: not given
            TestFirst capecitabine [not-recorded] current drugs | not recorded: current drugs | ask, and record it
            TestFirst capecitabine [fluoropyrimidine-dpyd] dpyd | no DPYD is recorded | DPYD genotype first
        "#]],
    );
}

/// A number that cannot be true clears nothing.
#[test]
fn an_implausible_value_is_not_compared() {
    check(
        "olaparib",
        "lab haemoglobin 8400 g/dL 2026-06-10 implausible",
        expect![[r#"
        TestFirst olaparib [olaparib-hb] haemoglobin | haemoglobin 8400 g/dL on 2026-06-10: implausible, not used (a thousandfold too high) | haemoglobin first; at < 10 g/dL: avoid: find the cause
        Monitor olaparib [olaparib-hb-always] every patient given this drug | holds for everyone given this drug | haemoglobin each month
    "#]],
    );
}

/// What an old record says is taken may still be taken.
#[test]
fn a_stale_drug_still_interacts() {
    check(
        "fluorouracil",
        "stale warfarin",
        expect![[r#"
        Avoid fluorouracil [fluoropyrimidine-warfarin] warfarin | warfarin on an old record, check whether it is still taken (since: on 2025-01-10) | INR
        TestFirst fluorouracil [fluoropyrimidine-dpyd] dpyd | no DPYD is recorded | DPYD genotype first
    "#]],
    );
}

#[test]
fn an_old_value_asks_again() {
    check(
        "olaparib",
        "lab haemoglobin 13 g/dL 2026-01-01",
        expect![[r#"
        TestFirst olaparib [olaparib-hb] haemoglobin | haemoglobin 13 g/dL on 2026-01-01: too old: 2026-01-01 is 165 days ago, at most 28 are allowed | haemoglobin first; at < 10 g/dL: avoid: find the cause
        Monitor olaparib [olaparib-hb-always] every patient given this drug | holds for everyone given this drug | haemoglobin each month
    "#]],
    );
    check(
        "olaparib",
        "lab haemoglobin 13 g/dL 2026",
        expect![[r#"
        TestFirst olaparib [olaparib-hb] haemoglobin | haemoglobin 13 g/dL on 2026: may be too old: only 2026 is stated, at most 28 days are allowed | haemoglobin first; at < 10 g/dL: avoid: find the cause
        Monitor olaparib [olaparib-hb-always] every patient given this drug | holds for everyone given this drug | haemoglobin each month
    "#]],
    );
}

#[test]
fn units_are_converted_and_unknown_ones_refused() {
    check(
        "olaparib",
        "lab haemoglobin 84 g/L 2026-06-04",
        expect![[r#"
        Avoid olaparib [olaparib-hb] haemoglobin | haemoglobin 84 g/L on 2026-06-04; rule: < 10 g/dL | find the cause
        Monitor olaparib [olaparib-hb-always] every patient given this drug | holds for everyone given this drug | haemoglobin each month
    "#]],
    );
    check(
        "olaparib",
        "lab haemoglobin 8.4 - 2026-06-04",
        expect![[r#"
        TestFirst olaparib [olaparib-hb] haemoglobin | haemoglobin 8.4 (no unit) on 2026-06-04: unit unknown: no unit is stated; `g/dL` is needed | haemoglobin first; at < 10 g/dL: avoid: find the cause
        Monitor olaparib [olaparib-hb-always] every patient given this drug | holds for everyone given this drug | haemoglobin each month
    "#]],
    );
    check(
        "olaparib",
        "lab haemoglobin <12 g/dL 2026-06-04",
        expect![[r#"
        TestFirst olaparib [olaparib-hb] haemoglobin | haemoglobin <12 g/dL on 2026-06-04 does not decide < 10 g/dL | haemoglobin first; at < 10 g/dL: avoid: find the cause
        Monitor olaparib [olaparib-hb-always] every patient given this drug | holds for everyone given this drug | haemoglobin each month
    "#]],
    );
}

#[test]
fn the_upper_limit_is_the_laboratorys_own() {
    check(
        "docetaxel",
        "lab bilirubin 2 mg/dL 2026-06-04 high=1.2",
        expect![[r#"
        Avoid docetaxel [docetaxel-bilirubin] bilirubin | bilirubin 2 mg/dL on 2026-06-04; rule: > 1.5 xULN | not given
    "#]],
    );
    check(
        "docetaxel",
        "lab bilirubin 1.5 mg/dL 2026-06-04 high=1.2",
        expect![[r#"
            CheckedClear docetaxel [checked-clear] all rules of this drug | 1 rule asked: bilirubin 1.5 mg/dL on 2026-06-04, not > 1.5 xULN | 
        "#]],
    );
    check(
        "docetaxel",
        "lab bilirubin 2 mg/dL 2026-06-04",
        expect![[r#"
        TestFirst docetaxel [docetaxel-bilirubin] bilirubin | bilirubin 2 mg/dL on 2026-06-04: the laboratory's upper limit is not stated | bilirubin first; at > 1.5 xULN: avoid: not given
    "#]],
    );
}

#[test]
fn clear_only_when_everything_was_computed_from_what_is_stated() {
    let value = "lab creatinine-clearance 80 mL/min 2026-06-01";
    check(
        "pemetrexed",
        &format!("{value}\nno allergies"),
        expect![[r#"
        CheckedClear pemetrexed [checked-clear] all rules of this drug | 3 rules asked: allergy to pemetrexed: none among the recorded allergies; creatinine-clearance 80 mL/min on 2026-06-01; creatinine-clearance 80 mL/min on 2026-06-01, not < 45 mL/min | 
    "#]],
    );
    check(
        "pemetrexed",
        value,
        expect![[r#"
            TestFirst pemetrexed [not-recorded] allergies | not recorded: allergies; 3 rules asked: creatinine-clearance 80 mL/min on 2026-06-01; creatinine-clearance 80 mL/min on 2026-06-01, not < 45 mL/min | ask, and record it
        "#]],
    );
}

#[test]
fn a_fluoropyrimidine_fires_the_gate_by_drug() {
    let carrier = "pgx DPYD *1/*2A Intermediate_Metabolizer 1.0\nhad fluorouracil";
    check(
        "fluorouracil + irinotecan",
        carrier,
        expect![[r#"
            Avoid fluorouracil [dpwg:DPYD] DPYD | DPYD *1/*2A, Intermediate Metabolizer, activity 1 on 2026-05-01; prior exposure 2025-01-10 to 2025-06-10, no stop for intolerance recorded | avoid
            ModifyDose fluorouracil [cpic:DPYD] DPYD | DPYD *1/*2A, Intermediate Metabolizer, activity 1 on 2026-05-01; prior exposure 2025-01-10 to 2025-06-10, no stop for intolerance recorded | start at 50 % of the usual dose
            TestFirst fluorouracil [not-recorded] current drugs | not recorded: current drugs | ask, and record it
            TestFirst irinotecan [not-recorded] UGT1A1 result | not recorded: UGT1A1 result; 1 rule asked | ask, and record it
        "#]],
    );
    check(
        "fluorouracil",
        &format!(
            "{carrier}\nnote 2026-06-09: Seen today. Fluorouracil was tolerated, mucositis grade 1 at most. Irinotecan: diarrhoea."
        ),
        expect![[r#"
            Avoid fluorouracil [dpwg:DPYD] DPYD | DPYD *1/*2A, Intermediate Metabolizer, activity 1 on 2026-05-01; prior exposure 2025-01-10 to 2025-06-10, no stop for intolerance recorded; a note (2026-06-09) says “Fluorouracil was tolerated, mucositis grade 1 at most” | avoid
            ModifyDose fluorouracil [cpic:DPYD] DPYD | DPYD *1/*2A, Intermediate Metabolizer, activity 1 on 2026-05-01; prior exposure 2025-01-10 to 2025-06-10, no stop for intolerance recorded; a note (2026-06-09) says “Fluorouracil was tolerated, mucositis grade 1 at most” | start at 50 % of the usual dose
            TestFirst fluorouracil [not-recorded] current drugs | not recorded: current drugs | ask, and record it
        "#]],
    );
    check(
        "tegafur/gimeracil/oteracil",
        "pgx DPYD *1/*2A Intermediate_Metabolizer 1.0",
        expect![[r#"
            Avoid tegafur/gimeracil/oteracil [dpwg:DPYD] DPYD | DPYD *1/*2A, Intermediate Metabolizer, activity 1 on 2026-05-01 | avoid
            TestFirst tegafur/gimeracil/oteracil [not-recorded] current drugs | not recorded: current drugs | ask, and record it
        "#]],
    );
    check(
        "trifluridine/tipiracil",
        carrier,
        expect![[r#"
        NoRule trifluridine/tipiracil [no-rule] regimen | no rule speaks of this drug | check the label
    "#]],
    );
}

#[test]
fn a_position_not_covered_is_never_normal() {
    check(
        "fluorouracil",
        "uncovered DPYD",
        expect![[r#"
            TestFirst fluorouracil [not-recorded] current drugs | not recorded: current drugs | ask, and record it
            TestFirst fluorouracil [fluoropyrimidine-dpyd] dpyd | DPYD *1/*1, Normal Metabolizer, activity 2 on 2026-05-01: position not covered (rs3918290), never read as normal | DPYD genotype first
        "#]],
    );
}

#[test]
fn prior_intolerance_stands_beside_the_genotype() {
    check(
        "fluorouracil",
        "pgx DPYD - Intermediate_metaboliser -\nintolerant fluorouracil",
        expect![[r#"
            Avoid fluorouracil [intolerance] not tolerated before | stopped because not tolerated (2025-01-10 to 2025-06-10) | given again only if the reason, its grade and what can be changed are known
            ModifyDose fluorouracil [cpic:DPYD] DPYD | DPYD Intermediate metaboliser on 2026-05-01; prior exposure 2025-01-10 to 2025-06-10, stopped for intolerance | start at 60 % of the usual dose
            TestFirst fluorouracil [not-recorded] current drugs | not recorded: current drugs | ask, and record it
        "#]],
    );
}

#[test]
fn no_recommendation_is_not_green() {
    check(
        "irinotecan",
        "pgx UGT1A1 *1/*1 Normal_Metabolizer -",
        expect![[r#"
            TestFirst irinotecan [not-recorded] UGT1A1 *1/*1, Normal Metabolizer on 2026-05-01: DPWG gives no recommendation | not recorded: UGT1A1 *1/*1, Normal Metabolizer on 2026-05-01: DPWG gives no recommendation; 1 rule asked | ask, and record it
        "#]],
    );
    check(
        "irinotecan",
        "pgx UGT1A1 *80/*28 Poor_Metabolizer -",
        expect![[r#"
        ModifyDose irinotecan [dpwg:UGT1A1] UGT1A1 | UGT1A1 *80/*28, Poor Metabolizer on 2026-05-01 | start at 70 % of the usual dose
    "#]],
    );
}

#[test]
fn the_stricter_thiopurine_gene_wins() {
    let both = "pgx TPMT *1/*3A Intermediate_Metabolizer -\npgx NUDT15 *3/*3 Poor_Metabolizer -";
    check(
        "mercaptopurine",
        both,
        expect![[r#"
        ModifyDose mercaptopurine [cpic:NUDT15] NUDT15 | NUDT15 *3/*3, Poor Metabolizer on 2026-05-01; also TPMT *1/*3A, Intermediate Metabolizer on 2026-05-01: start at 50 % of the usual dose | start at 10 % of the usual dose
    "#]],
    );
}

#[test]
fn cyp2d6_counts_only_as_a_stated_phenotype() {
    check(
        "ondansetron",
        "pgx CYP2D6 *4/*4 - 0.0",
        expect![[r#"
        TestFirst ondansetron [cpic:CYP2D6] CYP2D6 | CYP2D6 *4/*4, activity 0 on 2026-05-01: only a phenotype the laboratory states is used for this gene | CYP2D6 genotype or activity that answers, before the first dose
    "#]],
    );
    check(
        "ondansetron",
        "pgx CYP2D6 *4/*4 Poor_Metabolizer 0.0",
        expect![[r#"
        Avoid ondansetron [cpic:CYP2D6] CYP2D6 | CYP2D6 *4/*4, Poor Metabolizer, activity 0 on 2026-05-01 | avoid
    "#]],
    );
}

#[test]
fn current_drugs_fire_but_not_the_regimen_itself() {
    check(
        "vemurafenib",
        "takes ondansetron\ntakes vemurafenib\nlab qtc 420 ms 2026-06-10",
        expect![[r#"
        Avoid vemurafenib [vemurafenib-qt] ondansetron | ondansetron taken now (since: on 2025-01-10) | QTc prolongation
    "#]],
    );
    check(
        "vemurafenib + vandetanib",
        "takes vandetanib\nlab qtc 420 ms 2026-06-10",
        expect![[r#"
            TestFirst vandetanib [not-recorded] other diagnoses: long QT syndrome | not recorded: other diagnoses; 1 rule asked | ask, and record it
            CheckedClear vemurafenib [checked-clear] all rules of this drug | 2 rules asked: qt-prolonging: not among the current drugs; qtc 420 ms on 2026-06-10 | 
        "#]],
    );
    check(
        "fluorouracil",
        "ordered warfarin\npgx DPYD *1/*1 Normal_Metabolizer 2.0",
        expect![[r#"
        Avoid fluorouracil [fluoropyrimidine-warfarin] warfarin | warfarin ordered (since: on 2025-01-10) | INR
    "#]],
    );
    check(
        "fluorouracil",
        "takes ?\npgx DPYD *1/*1 Normal_Metabolizer 2.0",
        expect![[r#"
            TestFirst fluorouracil [not-recorded] what 1 current drugs are, which no drug table names | not recorded: what 1 current drugs are, which no drug table names; 3 rules asked: DPYD *1/*1, Normal Metabolizer, activity 2 on 2026-05-01; DPYD *1/*1, Normal Metabolizer, activity 2 on 2026-05-01: CPIC asks for nothing | ask, and record it
        "#]],
    );
    check(
        "brentuximab vedotin + bleomycin",
        "",
        expect![[r#"
        Contraindicated brentuximab vedotin [brentuximab-bleomycin] bleomycin | bleomycin is given together with it in this regimen | lung toxicity
        NoRule bleomycin [no-rule] regimen | no rule speaks of this drug | check the label
    "#]],
    );
}

#[test]
fn a_test_by_name_is_found_and_a_number_is_asked_for() {
    let warfarin = "takes warfarin";
    check(
        "vemurafenib",
        &format!("{warfarin}\nprocedure 2026-06-01: 12-lead ECG"),
        expect![[r#"
            TestFirst vemurafenib [vemurafenib-qtc] qtc | no QTc is recorded; the test stands in the record on 2026-06-01, its value does not | ECG with QTc
        "#]],
    );
    check(
        "trametinib",
        "procedure 2026-03-01: Ophthalmologic examination\nabsent: hypertension",
        expect![[r#"
        CheckedClear trametinib [checked-clear] all rules of this drug | 2 rules asked: eye-exam recorded on 2026-03-01; hypertension: stated as absent | 
    "#]],
    );
    check(
        "trametinib",
        "procedure 2025-03-01: Ophthalmologic examination\nabsent: hypertension",
        expect![[r#"
        TestFirst trametinib [trametinib-eye] eye-exam | eye-exam recorded on 2025-03-01: too old: 2025-03-01 is 471 days ago, at most 180 are allowed | eye examination
    "#]],
    );
}

#[test]
fn conditions_by_code_and_word_but_not_when_denied() {
    let eye = "procedure 2026-03-01: Eye exam";
    for (line, verdict) in [
        ("icd I10", SafetyVerdict::Avoid),
        ("condition active: Essential hypertension", SafetyVerdict::Avoid),
        ("condition resolved: Hypertension", SafetyVerdict::Avoid),
        ("condition suspected: Hypertension", SafetyVerdict::TestFirst),
        // Another diagnosis on record does not make the list complete.
        ("condition active: Pulmonary hypertension", SafetyVerdict::TestFirst),
        ("condition active: Family history of hypertension", SafetyVerdict::TestFirst),
        ("absent: stroke", SafetyVerdict::TestFirst),
        ("absent: hypertension", SafetyVerdict::CheckedClear),
    ] {
        let found = findings_for(&regimen("trametinib"), &case(&format!("{eye}\n{line}")), &knowledge());
        assert_eq!(found[0].verdict, verdict, "{line}: {}", shown(&found));
    }
}

#[test]
fn a_past_condition_warns_and_never_refuses() {
    check(
        "vandetanib",
        "condition resolved: Long QT syndrome",
        expect![[r#"
            Avoid vandetanib [vandetanib-long-qt] long-qt-syndrome | long QT syndrome in the past (undated) | not given
        "#]],
    );
    check(
        "vandetanib",
        "condition active: Long QT syndrome",
        expect![[r#"
            Contraindicated vandetanib [vandetanib-long-qt] long-qt-syndrome | long QT syndrome recorded (undated) | not given
        "#]],
    );
}

#[test]
fn pregnancy_is_asked_where_it_is_possible() {
    for (lines, verdict) in [
        ("sex female\nborn 1990-01-01", SafetyVerdict::TestFirst),
        ("sex female\nborn 1950-01-01", SafetyVerdict::CheckedClear),
        ("sex male\nborn 1990-01-01", SafetyVerdict::CheckedClear),
        ("", SafetyVerdict::TestFirst),
        ("sex female\nobserved 2026-06-10 Pregnancy status: Not pregnant", SafetyVerdict::CheckedClear),
        ("sex female\nobserved 2026-01-10 Pregnancy status: Not pregnant", SafetyVerdict::TestFirst),
        ("sex female\nobserved 2026-06-10 Pregnancy status: Unknown", SafetyVerdict::TestFirst),
        ("sex female\nobserved 2026-06-10 Pregnancy status: Pregnant", SafetyVerdict::Contraindicated),
        (
            "sex female\nborn 1990-01-01\nprocedure 2020-01-01: Total hysterectomy",
            SafetyVerdict::CheckedClear,
        ),
    ] {
        let found = findings_for(&regimen("lenalidomide"), &case(lines), &knowledge());
        assert_eq!(found[0].verdict, verdict, "{lines}: {}", shown(&found));
    }
}

#[test]
fn an_allergy_to_the_drug_refuses_with_or_without_a_row() {
    check(
        "pemetrexed",
        "allergy pemetrexed\nlab creatinine-clearance 80 mL/min 2026-06-01",
        expect![[r#"
        Contraindicated pemetrexed [pemetrexed-allergy] pemetrexed | allergy or intolerance to pemetrexed recorded (undated) | not given
    "#]],
    );
    check(
        "irinotecan",
        "allergy irinotecan\npgx UGT1A1 *1/*1 Normal_Metabolizer -",
        expect![[r#"
        Contraindicated irinotecan [allergy] irinotecan | allergy or intolerance to irinotecan recorded (undated) | not given unless an allergist clears it
    "#]],
    );
}

#[test]
fn no_rule_is_never_green() {
    check(
        "warfarin",
        "no allergies",
        expect![[r#"
        NoRule warfarin [no-rule] regimen | no rule speaks of this drug | check the label
    "#]],
    );
    check(
        "chemotherapy",
        "no allergies",
        expect![[r#"
        NoRule chemotherapy [no-rule] regimen | names a class, not a drug: not screened; no rule speaks of this drug | check the label
    "#]],
    );
    let incomplete = Regimen::new(vec![DrugName::new("warfarin")], false, true);
    expect![[r#"
        NoRule warfarin [no-rule] regimen | components not fully named: not screened; no rule speaks of this drug | check the label
    "#]].assert_eq(&shown(&findings_for(&incomplete, &case(""), &knowledge())));
}

#[test]
fn what_cannot_be_read_stays_open() {
    check(
        "oddity",
        "",
        expect![[r#"
        TestFirst oddity [odd-trigger] full | the rule's trigger `moonphase` is not known here | full first; then avoid: no
    "#]],
    );
    check(
        "strangeness",
        "lab haemoglobin 8 g/dL 2026-06-10",
        expect![[r#"
        TestFirst strangeness [odd-test] haemoglobin | the rule's comparison `about 10` cannot be read | haemoglobin first; at about 10: avoid: no
    "#]],
    );
    check(
        "for men",
        "",
        expect![[r#"
        TestFirst for men [for-men] sex | sex is not stated as female or male | sex first; then avoid: no
    "#]],
    );
}

#[test]
fn a_gene_of_clonal_haematopoiesis_with_low_counts_asks_for_the_marrow() {
    let anaemia = "lab haemoglobin 8.4 g/dL 2026-06-10";
    let marrow = |lines: &str| {
        let found = findings_for(&regimen("olaparib"), &case(lines), &knowledge());
        found.iter().find(|f| f.about == "clonal-haematopoiesis").map(|f| shown(std::slice::from_ref(f)))
    };
    expect![[r#"
        TestFirst olaparib [olaparib-clonal] clonal-haematopoiesis | DNMT3A variant found in blood or plasma; haemoglobin 8.4 g/dL on 2026-06-10; rule: < 10 g/dL | marrow examination
    "#]]
    .assert_eq(&marrow(&format!("{anaemia}\nplasma DNMT3A")).unwrap_or_default());
    assert_eq!(marrow(anaemia), None, "no gene");
    assert_eq!(marrow(&format!("{anaemia}\nplasma KRAS")), None, "another gene");
    assert_eq!(marrow("lab haemoglobin 13 g/dL 2026-06-10\nplasma DNMT3A"), None, "good counts");
    assert_eq!(marrow("plasma DNMT3A"), None, "the count's own rule asks for it");
}

#[test]
fn a_drug_that_was_not_tolerated_is_avoided_unless_it_is_taken_again() {
    check(
        "docetaxel",
        "intolerant docetaxel\nlab bilirubin 0.5 mg/dL 2026-06-10 high=1",
        expect![[r#"
        Avoid docetaxel [intolerance] not tolerated before | stopped because not tolerated (2025-01-10 to 2025-06-10) | given again only if the reason, its grade and what can be changed are known
    "#]],
    );
    let again =
        findings_for(&regimen("docetaxel"), &case("intolerant docetaxel\ntakes docetaxel"), &knowledge());
    assert!(again.iter().all(|f| f.rule != "intolerance"), "{}", shown(&again));
    let another = findings_for(&regimen("paclitaxel"), &case("intolerant docetaxel"), &knowledge());
    assert!(another.iter().all(|f| f.rule != "intolerance"), "{}", shown(&another));
}

/// Whether the reason holds for the class is asked, and the note beside the stop is quoted; nothing wider than one
/// action is a class.
#[test]
fn intolerance_of_one_drug_is_a_question_before_its_class_mates() {
    let knowledge = builtin().expect("the built-in release loads");
    let mut stopped = case("intolerant cisplatin");
    let record = stopped.facts.medications[0].meta.id.clone();
    let note = case("note 2025-06-10: Stopped due to blood in urine.").facts.documents.remove(0);
    let meta = Meta { id: format!("{record}#note[0]"), ..note.meta };
    stopped.facts.documents.push(Document { meta, ..note });
    for (drug, verdict, says) in [
        ("cisplatin", Some(SafetyVerdict::Avoid), "noted: “Stopped due to blood in urine.”"),
        ("carboplatin", Some(SafetyVerdict::TestFirst), "noted: “Stopped due to blood in urine.”"),
        ("docetaxel", None, ""),
        ("gefitinib", None, ""),
    ] {
        let found = findings_for(&regimen(drug), &stopped, &knowledge);
        let said = found.iter().find(|f| f.rule.starts_with("intolerance"));
        assert_eq!(said.map(|f| f.verdict), verdict, "{drug}: {}", shown(&found));
        assert!(said.is_none_or(|f| f.found.contains(says)), "{drug}: {}", shown(&found));
    }
    // A noted reason is not asked for again, only its grade and the recovery; without one, why.
    for (told, about) in [
        (&stopped, "grade and recovery of what stopped cisplatin"),
        (&case("intolerant cisplatin"), "why cisplatin was not tolerated"),
    ] {
        let found = findings_for(&regimen("carboplatin"), told, &knowledge);
        assert!(found.iter().any(|f| f.about == about), "{}", shown(&found));
    }
    let again = case("intolerant cisplatin\ntakes cisplatin");
    let found = findings_for(&regimen("carboplatin"), &again, &knowledge);
    assert!(!found.iter().any(|f| f.rule.starts_with("intolerance")), "{}", shown(&found));
}

/// Diagnoses that rules of a drug read are asked for, however many others are on record.
#[test]
fn one_diagnosis_answers_no_question_about_another() {
    let knowledge = builtin().expect("the built-in release loads");
    for (drug, lines, asked) in [
        ("nivolumab", "", "autoimmune disease"),
        ("nivolumab", "condition active: Atrial fibrillation", "autoimmune disease"),
        ("osimertinib", "condition active: heart failure", "interstitial lung disease"),
        ("amivantamab", "condition active: heart failure\nabsent: pneumonitis", "venous thromboembolism"),
    ] {
        let found = findings_for(&regimen(drug), &case(lines), &knowledge);
        let asks = |f: &SafetyFinding| f.rule == "not-recorded" && f.about.contains(asked);
        assert!(found.iter().any(asks), "{drug} {lines}: {}", shown(&found));
    }
    let stated = findings_for(&regimen("nivolumab"), &case("absent: autoimmune disease"), &knowledge);
    let asks = |f: &SafetyFinding| f.rule == "not-recorded" && f.about.contains("autoimmune");
    assert!(!stated.iter().any(asks), "{}", shown(&stated));
}

#[test]
fn a_class_rule_names_the_label_of_the_drug_it_speaks_of() {
    let knowledge = builtin().expect("the built-in release loads");
    for (drugs, rule, wanted) in [
        ("erlotinib", "egfr-tki-pregnancy", "label: erlotinib, section 5 and 8.1"),
        (
            "ipilimumab",
            "checkpoint-inhibitor-pregnancy",
            "label: ipilimumab, section 5 and 8.1 (embryo-fetal toxicity)",
        ),
        (
            "goserelin",
            "gnrh-analogue-always-bone-density-glucose",
            "label: goserelin, to check; the rule is the class's",
        ),
    ] {
        let female = case("sex female\nborn 1990-01-01\ncondition active: pregnant");
        let found = findings_for(&regimen(drugs), &female, &knowledge);
        let source =
            found.iter().find(|f| f.rule == rule).map(|f| f.sourced.source.as_str()).unwrap_or_default();
        assert!(source.starts_with(wanted), "{rule}: {source}");
    }
}

#[test]
fn the_builtin_tables_hold_the_expected_gates() {
    let knowledge = builtin().expect("the built-in release loads");
    for (drugs, lines, drug, verdict, about) in [
        ("amivantamab + pemetrexed", "", "amivantamab", SafetyVerdict::Monitor, "pneumonitis"),
        ("amivantamab + pemetrexed", "", "amivantamab", SafetyVerdict::Monitor, "skin"),
        ("amivantamab + pemetrexed", "", "amivantamab", SafetyVerdict::Monitor, "thrombo"),
        ("amivantamab + pemetrexed", "", "amivantamab", SafetyVerdict::Monitor, "infusion"),
        (
            "pemetrexed",
            "lab creatinine-clearance 38 mL/min 2026-06-01",
            "pemetrexed",
            SafetyVerdict::Avoid,
            "creatinine-clearance",
        ),
        (
            "fluorouracil",
            "pgx DPYD *1/*2A Intermediate_Metabolizer 1.0",
            "fluorouracil",
            SafetyVerdict::ModifyDose,
            "dpyd",
        ),
        ("fluorouracil", "uncovered DPYD", "fluorouracil", SafetyVerdict::TestFirst, "dpyd"),
        ("dabrafenib + trametinib", "", "trametinib", SafetyVerdict::TestFirst, "lvef"),
        ("dabrafenib + trametinib", "", "trametinib", SafetyVerdict::TestFirst, "eye-exam"),
        ("dabrafenib + trametinib", "", "dabrafenib", SafetyVerdict::Monitor, "g6pd"),
        ("dabrafenib + trametinib", "takes warfarin", "dabrafenib", SafetyVerdict::Monitor, "warfarin"),
        ("dabrafenib + trametinib", "takes apixaban", "trametinib", SafetyVerdict::Monitor, "apixaban"),
        (
            "dabrafenib + trametinib",
            "condition active: brain metastasis",
            "trametinib",
            SafetyVerdict::Monitor,
            "brain-metastases",
        ),
        ("dabrafenib + trametinib", "", "dabrafenib", SafetyVerdict::TestFirst, "qtc"),
        ("vemurafenib", "", "vemurafenib", SafetyVerdict::TestFirst, "ecg"),
        (
            "amivantamab + lazertinib",
            "",
            "amivantamab",
            SafetyVerdict::Monitor,
            "prophylactic anticoagulation",
        ),
        (
            "amivantamab + lazertinib",
            "",
            "lazertinib",
            SafetyVerdict::Monitor,
            "prophylactic anticoagulation",
        ),
        ("osimertinib", "", "osimertinib", SafetyVerdict::Monitor, "lvef"),
        ("osimertinib", "condition active: heart failure", "osimertinib", SafetyVerdict::TestFirst, "lvef"),
        ("cisplatin", "condition active: heart failure", "cisplatin", SafetyVerdict::Avoid, "hydration"),
        ("warfarin", "condition active: brain metastasis", "warfarin", SafetyVerdict::Monitor, "bleeding"),
        ("tovorafenib", "", "tovorafenib", SafetyVerdict::TestFirst, "nf1"),
        ("tovorafenib", "", "tovorafenib", SafetyVerdict::Monitor, "haemorrhage"),
        ("radium-223", "", "radium-223", SafetyVerdict::TestFirst, "haemoglobin"),
        (
            "lutetium (177lu) vipivotide tetraxetan",
            "lab haemoglobin 8.4 g/dL 2026-06-04",
            "lutetium (177lu) vipivotide tetraxetan",
            SafetyVerdict::TestFirst,
            "anaemia",
        ),
        (
            "olaparib",
            "lab haemoglobin 8.4 g/dL 2026-06-04\nplasma DNMT3A",
            "olaparib",
            SafetyVerdict::TestFirst,
            "marrow",
        ),
        ("binimetinib + encorafenib", "", "encorafenib", SafetyVerdict::TestFirst, "ecg"),
        ("binimetinib + encorafenib", "", "binimetinib", SafetyVerdict::TestFirst, "lvef"),
        (
            "olaparib",
            "lab haemoglobin 8.4 g/dL 2026-06-04",
            "olaparib",
            SafetyVerdict::Monitor,
            "haemoglobin",
        ),
        ("olaparib", "lab haemoglobin 8.4 g/dL 2026-06-04", "olaparib", SafetyVerdict::Avoid, "haemoglobin"),
        ("alpelisib + fulvestrant", "", "alpelisib", SafetyVerdict::TestFirst, "glucose"),
        ("alpelisib + fulvestrant", "", "alpelisib", SafetyVerdict::TestFirst, "hba1c"),
        ("capivasertib + fulvestrant", "", "capivasertib", SafetyVerdict::TestFirst, "glucose"),
        ("capivasertib + fulvestrant", "", "capivasertib", SafetyVerdict::TestFirst, "hba1c"),
    ] {
        let found = findings_for(&regimen(drugs), &case(lines), &knowledge);
        let says = |f: &SafetyFinding| format!("{} {}", f.about, f.action).to_lowercase().contains(about);
        let hit = found.iter().any(|f| f.drug.as_str() == drug && f.verdict == verdict && says(f));
        assert!(hit, "{drug} {verdict:?} {about}:\n{}", shown(&found));
    }
}

/// What holds for a combination only is not said of its part alone, and what is due at risk only is not asked of all.
#[test]
fn the_builtin_tables_do_not_say_more_than_holds() {
    let knowledge = builtin().expect("the built-in release loads");
    for (drugs, lines, verdict, about) in [
        (
            "amivantamab + carboplatin + pemetrexed",
            "",
            SafetyVerdict::Monitor,
            "prophylactic anticoagulation",
        ),
        ("lazertinib", "", SafetyVerdict::Monitor, "prophylactic anticoagulation"),
        ("osimertinib", "", SafetyVerdict::TestFirst, "lvef"),
        ("dabrafenib", "", SafetyVerdict::TestFirst, "g6pd"),
    ] {
        let found = findings_for(&regimen(drugs), &case(lines), &knowledge);
        let says = |f: &SafetyFinding| format!("{} {}", f.about, f.action).to_lowercase().contains(about);
        assert!(
            // Asking for a diagnosis nobody recorded is no test.
            !found.iter().any(|f| f.verdict == verdict && f.rule != "not-recorded" && says(f)),
            "{drugs} {about}:\n{}",
            shown(&found)
        );
    }
}

#[test]
fn every_built_in_rule_can_be_read() {
    let knowledge = builtin().expect("the built-in release loads");
    let case = case("");
    for rule in &knowledge.rules {
        if let PriorTherapy::Drug(name) = &rule.applies_to {
            let found = findings_for(&Regimen::new(vec![name.clone()], false, false), &case, &knowledge);
            let unread = found
                .iter()
                .find(|f| f.found.contains("not known here") || f.found.contains("cannot be read"));
            assert!(unread.is_none(), "{}: {}", rule.id, shown(&found));
        }
    }
}

fn any_drugs() -> impl Strategy<Value = Vec<DrugName>> {
    let names: Vec<&str> = DRUGS.iter().map(|(name, _)| *name).collect();
    prop::collection::vec(prop::sample::select(names).prop_map(DrugName::new), 0..4)
}

/// At most one lab of an analyte: beneath a removed value lies no older one.
fn any_lines() -> impl Strategy<Value = Vec<String>> {
    let lab = |analyte: &'static str, unit: &'static str, top: u32| {
        (0..top, 1..28u32)
            .prop_map(move |(value, day)| format!("lab {analyte} {value} {unit} 2026-05-{day:02} high=1"))
    };
    let one_each = (
        lab("haemoglobin", "g/dL", 18),
        lab("creatinine-clearance", "mL/min", 120),
        lab("bilirubin", "mg/dL", 4),
        lab("qtc", "ms", 600),
    )
        .prop_map(|(a, b, c, d)| vec![a, b, c, d]);
    let others = prop::sample::subsequence(
        vec![
            "no allergies",
            "allergy irinotecan",
            "takes warfarin",
            "takes ondansetron",
            "absent: hypertension",
            "condition active: Long QT syndrome",
            "uncovered DPYD",
            "pgx DPYD *1/*2A Intermediate_Metabolizer 1.0",
            "sex male",
        ],
        0..9,
    );
    (one_each.prop_flat_map(|labs| prop::sample::subsequence(labs, 0..=4)), others)
        .prop_map(|(labs, others)| labs.into_iter().chain(others.into_iter().map(str::to_owned)).collect())
}

fn worst_of(drugs: &[DrugName], lines: &[String], drug: &DrugName) -> SafetyVerdict {
    let regimen = Regimen::new(drugs.to_vec(), false, false);
    let found = findings_for(&regimen, &case(&lines.join("\n")), &knowledge());
    let of_it = found.iter().filter(|f| f.drug == *drug).map(|f| f.verdict);
    of_it.min().expect("every component has a finding")
}

proptest! {
    #[test]
    fn removing_a_lab_never_makes_a_component_clear(drugs in any_drugs(), lines in any_lines()) {
        for at in (0..lines.len()).filter(|at| lines[*at].starts_with("lab ")) {
            let mut fewer = lines.clone();
            fewer.remove(at);
            for drug in &drugs {
                let (before, after) = (worst_of(&drugs, &lines, drug), worst_of(&drugs, &fewer, drug));
                prop_assert!(after != SafetyVerdict::CheckedClear || before == SafetyVerdict::CheckedClear);
            }
        }
    }

    #[test]
    fn refused_is_exactly_contraindicated_and_nothing_is_lost(
        regimens in prop::collection::vec(any_drugs(), 0..5), lines in any_lines(),
    ) {
        let candidates: Vec<Candidate> = regimens
            .iter()
            .map(|drugs| Candidate { regimen: Regimen::new(drugs.clone(), false, false), origins: vec![] })
            .collect();
        let (case, knowledge) = (case(&lines.join("\n")), knowledge());
        let (passed, refused, _) = screen(candidates, &mut Gates::new(&case, &knowledge)).into_parts();
        prop_assert_eq!(passed.len() + refused.len(), regimens.len());
        let forbidden = |s: &crate::ScreenedCandidate| {
            s.findings.iter().any(|f| f.verdict == SafetyVerdict::Contraindicated)
        };
        prop_assert!(refused.iter().all(forbidden));
        prop_assert!(!passed.iter().any(forbidden));
    }

    /// What a drug was screened with before leaves no trace.
    #[test]
    fn findings_do_not_depend_on_what_was_screened_before(
        before in any_drugs(), drugs in any_drugs(), lines in any_lines(),
    ) {
        let (case, knowledge) = (case(&lines.join("\n")), knowledge());
        let regimen = Regimen::new(drugs, false, false);
        let mut gates = Gates::new(&case, &knowledge);
        gates.findings_for(&Regimen::new(before, false, false));
        gates.findings_for(&regimen_with_all_drugs());
        prop_assert_eq!(gates.findings_for(&regimen), findings_for(&regimen, &case, &knowledge));
    }

    #[test]
    fn every_component_has_a_finding_and_they_are_sorted(drugs in any_drugs(), lines in any_lines()) {
        let regimen = Regimen::new(drugs, false, false);
        let mut reversed = lines.clone();
        reversed.reverse();
        let found = findings_for(&regimen, &case(&lines.join("\n")), &knowledge());
        prop_assert!(regimen.components.iter().all(|drug| found.iter().any(|f| f.drug == *drug)));
        prop_assert!(found.windows(2).all(|pair| pair[0].verdict <= pair[1].verdict));
        let verdicts = |found: &[SafetyFinding]| {
            found.iter().map(|f| (f.verdict, f.drug.clone(), f.rule.clone(), f.found.clone())).collect::<Vec<_>>()
        };
        let again = findings_for(&regimen, &case(&reversed.join("\n")), &knowledge());
        prop_assert_eq!(verdicts(&found), verdicts(&again));
    }
}
