//! An invented plan that uses every field. Keys, numbers and claims stand for nothing outside these tests.

use concilium_case::{Conflict, Issue, LabOpinion, Level, Line, LineIntent, Meta, Place, Retracted, Source};
use concilium_criteria::{
    Exactness, MolecularMatch, NotTested, SettingFit, TumourMatch, TumourRelation, Verdict,
};
use concilium_evidence::{Bearing, EvidenceLevel, Regimen, StatementType, VariantOrigin};
use concilium_knowledge::Sourced;
use concilium_recommend::*;
use concilium_safety::{SafetyFinding, SafetyVerdict};
use concilium_terms::{DrugName, PartialDate, StatementKey};
use std::collections::BTreeMap;

pub type Maker<'a> = dyn Fn(&str) -> String + 'a;

fn day(text: &str) -> Option<PartialDate> {
    PartialDate::parse(text).ok()
}

fn place(file: &str, resource: &str) -> Source {
    Source { file: file.into(), place: Place::Resource { resource: resource.into(), element: String::new() } }
}

fn row(source: &str, checked: bool) -> Sourced {
    Sourced { source: source.into(), checked }
}

pub fn regimen(names: &[&str]) -> Regimen {
    Regimen::new(names.iter().map(DrugName::new).collect(), false, false)
}

fn cited(t: &Maker, key: &str, bearing: Bearing, level: EvidenceLevel, tested: &[&str]) -> Cited {
    Cited {
        counts: true,
        key: StatementKey::new(key),
        bearing,
        level,
        rating: Some(4),
        regimen: Some(regimen(tested)),
        molecular: MolecularMatch {
            verdict: Verdict::met(t("KRAS G12C found"), vec!["Observation/kras".into()]),
            exactness: Exactness::Exact,
            facts: vec!["Observation/kras".into()],
            doubts: vec![],
            notes: vec![t("sampled before line 2")],
            sampled: day("2025-03-02"),
        },
        tumour: TumourMatch {
            relation: TumourRelation::Matches,
            distance: 1,
            markers: Verdict::met("", vec![]),
            because: t("colon adenocarcinoma is a colorectal cancer"),
        },
        setting: SettingFit::Open(Verdict::not_tested(NotTested::NeverDone, t("HER2"), vec![])),
        remark: t("same regimen, same tumour"),
    }
}

fn finding(
    t: &Maker,
    drug: &str,
    verdict: SafetyVerdict,
    about: &str,
    found: &str,
    action: &str,
) -> SafetyFinding {
    SafetyFinding {
        drug: DrugName::new(drug),
        verdict,
        rule: t("rule-7"),
        about: t(about),
        found: t(found),
        action: t(action),
        strength: t("strong"),
        sourced: row(&t("Invented label, section 5.1"), false),
        facts: vec![t("Observation/egfr")],
    }
}

fn score(t: &Maker) -> Score {
    let part =
        |name: &str, because: &str| Score { name: t(name), value: 1, because: t(because), parts: vec![] };
    let parts = vec![
        part("evidence tier", "level A, this tumour, setting fits"),
        part("exactness", "exact"),
        part("tumour distance", "1 step"),
        part("balance", "2 for, 1 against"),
        part("rating and year", "4, 2023"),
    ];
    Score { name: t("order"), value: 0, because: String::new(), parts }
}

fn option(t: &Maker, names: &[&str], section: Section, rank: u32) -> PlanOption {
    let words: Vec<String> = names.iter().map(|name| t(name)).collect();
    let names: Vec<&str> = words.iter().map(String::as_str).collect();
    PlanOption {
        id: names.join("+"),
        name: regimen(&names).label(),
        regimen: regimen(&names),
        section,
        reasons: vec![SectionReason {
            text: t("KRAS G12C present, two prior lines, setting fits"),
            facts: vec![t("Observation/kras")],
            statements: vec![StatementKey::new(t("EID90001"))],
            row: Some(row(&t("settings row of EID90001"), false)),
        }],
        rank,
        score: score(t),
        for_: vec![cited(t, &t("EID90001"), Bearing::For, EvidenceLevel::A, &names)],
        against: vec![],
        beaten_by: vec![],
        notes: vec![cited(t, &t("EID90004"), Bearing::Neutral, EvidenceLevel::C, &["cetuximab"])],
        safety: vec![
            finding(
                t,
                names[0],
                SafetyVerdict::TestFirst,
                "QTc",
                "not recorded",
                "ECG before the first dose",
            ),
            SafetyFinding {
                facts: vec![],
                ..finding(t, names[0], SafetyVerdict::NoRule, "", "no rule speaks of this drug", "")
            },
        ],
        needs: vec![t("MET amplification")],
        approval: vec![t("EU: approved 2024-06-21 [unreviewed]")],
        population: vec![t("studied: at least one prior line; this patient: two")],
        effects: vec![t("response 34 % against 4 % (EID90001)")],
        would_stop: vec![t("warfarin: interaction to be looked at")],
        exposure: vec![],
        origin: vec![t("statement EID90001")],
        assertions: vec![t("AID900: AMP tier I, level A")],
    }
}

fn options(t: &Maker) -> Vec<PlanOption> {
    let mut first = option(t, &["adagrasib", "cetuximab"], Section::ToDiscuss, 1);
    first.against = vec![cited(t, &t("EID90003"), Bearing::Against, EvidenceLevel::B, &["cetuximab"])];
    first.for_.push(cited(t, &t("EID90002"), Bearing::For, EvidenceLevel::B, &["adagrasib", "cetuximab"]));
    let second = option(t, &["panitumumab", "sotorasib"], Section::ToDiscuss, 1);
    let conditional = option(t, &["trastuzumab", "tucatinib"], Section::Conditional, 1);
    let mut late = option(t, &["cetuximab"], Section::NotApplicableNow, 1);
    late.for_.clear();
    late.beaten_by = vec![beaten(t)];
    late.against = vec![cited(t, &t("EID90003"), Bearing::AgainstWeaker, EvidenceLevel::B, &["cetuximab"])];
    let mut refused = option(t, &["fluorouracil"], Section::RefusedBySafety, 1);
    refused.safety = vec![finding(
        t,
        "fluorouracil",
        SafetyVerdict::Contraindicated,
        "DPYD",
        "activity score 0",
        "do not give",
    )];
    let mut unscreened = option(t, &["regorafenib"], Section::NotApplicableNow, 2);
    unscreened.safety.clear();
    vec![first, second, conditional, late, unscreened, refused]
}

fn patient(t: &Maker) -> PatientLine {
    let line = Line {
        number: (1, 1),
        intent: LineIntent::Advanced,
        drugs: vec![DrugName::new(t("fluorouracil")), DrugName::new(t("oxaliplatin"))],
        start: day("2024-01-10"),
        end: day("2024-09-30"),
        ongoing: false,
        progression: day("2024-10-02"),
        intolerant: vec![],
        from: vec![],
        because: vec![t("drugs within 28 days are one regimen [unreviewed]")],
        after_metastasis: None,
    };
    PatientLine {
        name: t("Invented, Person"),
        identifiers: vec![t("urn:hospital|4711"), t("urn:registry|0815")],
        birth_date: t("1968-02-11"),
        age: t("58 years"),
        sex: t("male"),
        tumour: t("colon adenocarcinoma"),
        tumour_steps: vec![t("SNOMED code → map row → term")],
        doid: t("DOID:234"),
        stage: t("IV (2025-03-01)"),
        sites: vec![t("liver"), t("CNS: not stated")],
        status: t("Disease progression (2026-05-28)"),
        performance: t("ECOG 1 (2026-06-01)"),
        line: t("palliative, line 3 next (derived)"),
        lines: vec![line],
        organ_function: vec![
            Measured {
                name: t("creatinine clearance"),
                value: t("62 mL/min"),
                date: t("2026-06-01"),
                fact: t("Observation/egfr"),
            },
            Measured {
                name: t("haemoglobin"),
                value: t("11.2 g/dL"),
                date: t("2026-06-01"),
                fact: t("Observation/hb"),
            },
        ],
        current_drugs: vec![t("warfarin")],
        allergies: String::new(),
        comorbidities: vec![t("atrial fibrillation")],
        family_history: vec![],
        procedures: vec![t("resection of sigmoid colon (2024-03-02)")],
        findings: vec![t("Marrow report: “no infiltration” (2024-03-05, as written)")],
        sources: vec![],
    }
}

fn item(t: &Maker, key: &str, level: EvidenceLevel, citation: &str) -> (StatementKey, EvidenceItem) {
    let key = StatementKey::new(key);
    let item = EvidenceItem {
        key: key.clone(),
        layer: t("civic"),
        profile: t("KRAS G12C"),
        disease: t("Colorectal Cancer"),
        therapies: t("Adagrasib, Cetuximab"),
        kind: StatementType::Predictive,
        claim: t("Supports Sensitivity/Response"),
        level,
        rating: Some(4),
        origin: VariantOrigin::Somatic,
        flagged: key.as_str().starts_with("EID90002"),
        citation: citation.into(),
        year: Some(2023),
        trials: vec![t("NCT90000001")],
        reviewed: t("2024-02-01"),
    };
    (key, item)
}

fn alteration(t: &Maker, label: &str, verdict: &str, supports: &[&str]) -> AlterationVerdict {
    AlterationVerdict {
        id: t("Observation/kras"),
        label: t(label),
        detail: t("present, somatic, VAF 31 %, liver biopsy 2025-03-02, panel NGS"),
        short: ShortResult {
            found: Found::Yes,
            amount: t("31.0 %"),
            specimen: t("liver"),
            date: t("2025-03-02"),
        },
        verdict: t(verdict),
        exactness: (!supports.is_empty()).then_some(Exactness::Exact),
        supports: supports.iter().map(|one| t(one)).collect(),
        against: vec![],
        context: vec![],
        sources: vec![place(&t("bundle.json"), &t("Observation/kras"))],
    }
}

fn issue(t: &Maker, level: Level, what: &str) -> Issue {
    Issue {
        level,
        source: place(&t("bundle.json"), &t("Observation/9")),
        what: t(what),
        remedy: t("map the code"),
    }
}

fn beaten(t: &Maker) -> BeatenBy {
    BeatenBy {
        by: t("sotorasib + panitumumab"),
        statements: vec![StatementKey::new(t("EID90001"))],
        effect: t("progression-free survival 5.6 against 2.0 months"),
        only_shown: Some(t("the study does not say whether it took patients like this one")),
    }
}

fn standard(t: &Maker) -> StandardBox {
    let entry = StandardEntry {
        option: t("trifluridine/tipiracil + bevacizumab"),
        kind: t("chemotherapy"),
        setting: t("advanced, line 3"),
        conditions: vec![t("two prior lines: met")],
        needs: t("neutrophils"),
        sequence: t("to be weighed before the molecular options"),
        exposure: vec![t("bevacizumab, with lines 1 and 2")],
        safety: vec![finding(
            t,
            "bevacizumab",
            SafetyVerdict::Monitor,
            "blood pressure",
            "132/80, 2026-06-01",
            "measure",
        )],
        evidence: vec![cited(t, &t("EID90003"), Bearing::Against, EvidenceLevel::B, &["bevacizumab"])],
        beaten_by: vec![beaten(t)],
        have: vec![t("platelets 231 10*9/L (2026-06-01)")],
        sourced: row(&t("Invented guideline 2025, table 3"), false),
    };
    StandardBox { entries: vec![entry], note: String::new() }
}

/// Every text of the plan goes through `t` once.
pub fn plan_with(t: &Maker) -> Plan {
    let next = |fact: &str, unlocks: &[&str]| NextFact {
        fact: t(fact),
        state: t("never tested"),
        unlocks: unlocks.iter().map(|one| t(one)).collect(),
        priority: 1,
        statements: vec![StatementKey::new(t("EID90011")), StatementKey::new(t("EID90012"))],
    };
    let drug = "alectinib (level A, EID90011)";
    let mut next_facts: Vec<NextFact> = (1..=8).map(|at| next(&format!("fusion {at}"), &[drug])).collect();
    next_facts.insert(0, next("MSI / mismatch repair", &["immunotherapy row", drug, drug, drug, drug]));
    let evidence = [
        item(t, &t("EID90001"), EvidenceLevel::A, "PMID 10000001"),
        item(t, &t("EID90002"), EvidenceLevel::B, "PMID 10000002"),
        item(t, &t("EID90003"), EvidenceLevel::B, &t("ASCO 1003")),
        item(t, &t("EID90004"), EvidenceLevel::C, "PMID 10000004"),
    ];
    Plan {
        imaging: vec![],
        manifest: RunManifest {
            program: t("concilium 0.1.0"),
            code: t("c0de"),
            knowledge: t("builtin"),
            knowledge_hash: t("abcdef"),
            knowledge_date: t("2025-09-01"),
            as_of: t("2026-06-15T08:00:00+02:00[Europe/Berlin]"),
            corpora: BTreeMap::new(),
            trials: None,
            meaning: None,
            inputs: BTreeMap::from([(t("bundle.json"), t("1234"))]),
            settings: t("5e77"),
            run: t("0123456789abcdef0123456789abcdef"),
        },
        patient: patient(t),
        outdated: Some(t("newest clinical fact 2025-03-02, 1 year old: restage")),
        alerts: vec![t("warfarin, beside it brain metastases recorded: bleeding [unreviewed]")],
        asked: vec![t("adagrasib + cetuximab: (1) to discuss")],
        negatives: vec![t("NRAS (Specimen/liver, 2025-03-02)")],
        abstains: None,
        no_systemic_ranking: None,
        standard: standard(t),
        options: options(t),
        alterations: vec![
            alteration(t, "KRAS G12C", "matched, exact", &["adagrasib + cetuximab"]),
            alteration(t, "ATM V2424G", "not matched: uncertain significance", &[]),
        ],
        next_facts,
        context: vec![cited(t, &t("EID90004"), Bearing::Context, EvidenceLevel::C, &[])],
        conflicts: vec![Conflict {
            about: t("stage group"),
            sides: vec![
                (t("IIIC"), vec![place(&t("a.json"), &t("Observation/1"))]),
                (t("IIB"), vec![place(&t("b.json"), &t("Observation/2"))]),
            ],
        }],
        lab_opinions: vec![LabOpinion {
            meta: Meta {
                id: t("Observation/op"),
                when: day("2025-03-09"),
                sources: vec![place(&t("lab.json"), &t("Observation/op"))],
                ..Meta::default()
            },
            about: t("responsive to sotorasib, level A"),
            alterations: vec![t("Observation/kras")],
        }],
        germline_flags: vec![t("BRCA2 truncation on a hereditary panel: genetics referral")],
        issues: vec![
            issue(t, Level::Lost, "medication code without system"),
            issue(t, Level::Doubtful, "unit missing"),
        ],
        retracted: vec![Retracted {
            id: t("Observation/esr1"),
            what: t("ESR1 D538G"),
            why: t("entered in error"),
            sources: vec![place(&t("b.json"), &t("Observation/esr1"))],
        }],
        not_covered: vec![t("dose and formulation"), t("trials")],
        evidence: BTreeMap::from(evidence),
        unreviewed: vec![t("settings/advanced.tsv EID90001"), t("safety rule-7")],
        literature: BTreeMap::new(),
        literature_notes: vec![],
        trials: concilium_recommend::PlanTrials {
            note: t("2 trials of this site were asked"),
            arms: vec![concilium_recommend::TrialArm {
                trial: t("NCT90000001"),
                title: t("An invented trial"),
                arm: t("cohort 2"),
                answer: t("likely"),
                status: t("unconfirmed at site; status of 2026-01-01, 165 days old"),
                criteria: t("3 met, 0 not met, 1 open, 2 for a person"),
                deciding: vec![t("in-1 met: lung adenocarcinoma [Condition/c]")],
                missing: vec![t("lab:neutrophils")],
            }],
            answers: BTreeMap::from([(t("likely"), 1), (t("closed"), 1)]),
        },
    }
}

/// The plan as it stands.
pub fn plan() -> Plan {
    plan_with(&|text| text.to_owned())
}
