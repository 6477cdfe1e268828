//! What does a small release hold, and how is an outcome put in words?

#![allow(dead_code)] // each test binary uses a part

use concilium_case::Case;
use concilium_criteria::{MolecularMatch, Verdict, match_profile};
use concilium_evidence::{
    EvidenceLevel, Leaf, Profile, ProfileExpr, Regimen, Significance, Stance, Statement, StatementType,
    VariantOrigin,
};
use concilium_knowledge::{
    DiseaseTerm, Drug, DrugClass, Gene, GeneRole, Knowledge, Oncogenicity, PriorTherapy, Setting, Sourced,
};
use concilium_terms::hgvs::ProteinChange;
use concilium_terms::pattern::{Direction, ExonChange, MarkerKind, Pattern, Signature};
use concilium_terms::{ClassId, Doid, DrugName, GeneSymbol, StatementKey};

pub fn gene(name: &str) -> GeneSymbol {
    GeneSymbol::new(name)
}

pub fn exact(name: &str, change: &str) -> Pattern {
    let protein = ProteinChange::parse(change).expect("a test's change parses");
    Pattern::Exact {
        gene: gene(name),
        proteins: vec![protein],
        codings: vec![],
        loci: vec![],
        clinvar: vec![],
    }
}

pub fn exon(name: &str, number: u32, change: ExonChange, residues: Option<(u32, u32)>) -> Pattern {
    Pattern::Exon { gene: gene(name), first: number, last: number, change, residues }
}

/// Leaves by name; the id is the place in the list.
fn leaves() -> Vec<(&'static str, Pattern)> {
    let fusion = |five: &str, three: &str, rearrangement| Pattern::Fusion {
        five: (!five.is_empty()).then(|| gene(five)),
        three: (!three.is_empty()).then(|| gene(three)),
        rearrangement,
    };
    let expressed =
        |name: &str, direction| Pattern::Marker { gene: gene(name), what: MarkerKind::Expression, direction };
    vec![
        ("BRAF V600E", exact("BRAF", "V600E")),
        ("EGFR L858R", exact("EGFR", "L858R")),
        ("EGFR T790M", exact("EGFR", "T790M")),
        ("EGFR C797S", exact("EGFR", "C797S")),
        ("EGFR Exon 19 Deletion", exon("EGFR", 19, ExonChange::Deletion, Some((729, 761)))),
        ("EGFR Exon 20 Insertion", exon("EGFR", 20, ExonChange::Insertion, None)),
        ("KIT Exon 11 Mutation", exon("KIT", 11, ExonChange::Mutation, Some((550, 592)))),
        ("FLT3 D835", Pattern::Codon { gene: gene("FLT3"), reference: 'D', residue: 835 }),
        ("EGFR Mutation", Pattern::Mutation { gene: gene("EGFR") }),
        ("ATM Mutation", Pattern::Mutation { gene: gene("ATM") }),
        ("KIT Activating Mutation", Pattern::Activating { gene: gene("KIT") }),
        ("BRCA1 Loss-of-function", Pattern::LossOfFunction { gene: gene("BRCA1") }),
        ("EGFR Amplification", Pattern::Amplification { gene: gene("EGFR") }),
        ("ERBB2 Amplification", Pattern::Amplification { gene: gene("ERBB2") }),
        ("CDKN2A Loss", Pattern::Loss { gene: gene("CDKN2A") }),
        ("CDKN2A Deletion", Pattern::Deletion { gene: gene("CDKN2A") }),
        ("v::ALK Fusion", fusion("", "ALK", true)),
        ("EML4::ALK Fusion", fusion("EML4", "ALK", false)),
        ("KRAS Wildtype", Pattern::Wildtype { gene: gene("KRAS") }),
        ("EGFR Overexpression", expressed("EGFR", Direction::High)),
        ("ERBB2 Overexpression", expressed("ERBB2", Direction::High)),
        ("CD274 Expression", expressed("CD274", Direction::Present)),
        ("MSI-High", Pattern::Signature { signature: Signature::MsiHigh }),
        ("AR-V7", Pattern::Splice { gene: gene("AR"), name: "v7".into() }),
        ("FLT3 ITD", Pattern::Duplication { gene: gene("FLT3") }),
        (
            "DPYD*2A HOMOZYGOSITY",
            Pattern::Opaque { gene: Some(gene("DPYD")), name: "DPYD*2A HOMOZYGOSITY".into() },
        ),
        ("NRG1 Something", Pattern::Opaque { gene: Some(gene("NRG1")), name: "Something".into() }),
        ("KIT D816V", exact("KIT", "D816V")),
        ("TP53 Truncating", Pattern::Truncating { gene: gene("TP53") }),
    ]
}

/// Id of a leaf by its name.
pub fn id(name: &str) -> u64 {
    let at = leaves().iter().position(|(leaf, _)| *leaf == name);
    at.and_then(|at| u64::try_from(at).ok()).expect("the leaf is in the small release")
}

pub fn leaf(name: &str) -> ProfileExpr {
    ProfileExpr::Leaf(id(name))
}

fn checked() -> Sourced {
    Sourced { source: "test".into(), checked: true }
}

/// A release of a few rows.
pub fn knowledge() -> Knowledge {
    let mut knowledge = Knowledge::default();
    for (at, (name, pattern)) in leaves().into_iter().enumerate() {
        let id = u64::try_from(at).expect("few leaves");
        knowledge.leaves.push(Leaf { id, name: name.into(), pattern });
        knowledge.profiles.push(Profile { id, name: name.into(), expr: ProfileExpr::Leaf(id) });
    }
    let call = |profile: &str, call: &str, key: &str| Oncogenicity {
        profile: id(profile),
        call: call.into(),
        key: StatementKey::new(key),
    };
    knowledge.oncogenicity =
        vec![call("EGFR L858R", "oncogenic", "EID1"), call("KIT D816V", "gain-of-function", "EID2")];
    add_genes(&mut knowledge);
    add_diseases(&mut knowledge);
    add_drugs(&mut knowledge);
    knowledge
}

fn add_genes(knowledge: &mut Knowledge) {
    let row = |name: &str, role, clonal_haematopoiesis| Gene {
        symbol: gene(name),
        entrez: 0,
        aliases: String::new(),
        role,
        clonal_haematopoiesis,
    };
    knowledge.genes.rows = vec![
        row("ATM", Some(GeneRole::TumourSuppressor), true),
        row("BRCA1", Some(GeneRole::TumourSuppressor), false),
        row("CDKN2A", Some(GeneRole::TumourSuppressor), false),
        row("EGFR", Some(GeneRole::Oncogene), false),
        row("TP53", Some(GeneRole::TumourSuppressor), true),
    ];
}

fn add_diseases(knowledge: &mut Knowledge) {
    let rows = [
        ("CIVIC:solid-tumor", "Solid Tumor", vec![]),
        ("DOID:0060081", "triple-receptor negative breast cancer", vec!["DOID:1612"]),
        ("DOID:0060079", "Her2-receptor positive breast cancer", vec!["DOID:1612"]),
        ("DOID:1612", "breast cancer", vec!["DOID:162"]),
        ("DOID:162", "cancer", vec![]),
        ("DOID:1909", "melanoma", vec!["DOID:162"]),
        ("DOID:2531", "hematologic cancer", vec!["DOID:162"]),
        ("DOID:3459", "breast carcinoma", vec!["DOID:1612"]),
        ("DOID:3908", "lung non-small cell carcinoma", vec!["DOID:162"]),
        ("DOID:3910", "lung adenocarcinoma", vec!["DOID:3908"]),
        ("DOID:8923", "skin melanoma", vec!["DOID:162"]),
        ("DOID:12603", "acute leukemia", vec!["DOID:2531"]),
        ("DOID:9119", "acute myeloid leukemia", vec!["DOID:12603"]),
        ("DOID:9256", "colorectal cancer", vec!["DOID:162"]),
    ];
    for (at, (doid, name, parents)) in rows.into_iter().enumerate() {
        let parents = parents.into_iter().map(Doid::new).collect();
        let doid = Doid::new(doid);
        knowledge.diseases.by_id.insert(doid.clone(), at);
        let term = DiseaseTerm { doid, name: name.into(), synonyms: vec![], parents, xrefs: vec![] };
        knowledge.diseases.terms.push(term);
    }
    let receptor = |doid: &str, requires: &[(&str, bool)]| concilium_knowledge::DiseaseMarker {
        doid: Doid::new(doid),
        base: Doid::new("DOID:1612"),
        requires: requires.iter().map(|(name, yes)| ((*name).to_owned(), *yes)).collect(),
        sourced: checked(),
    };
    knowledge.diseases.markers = vec![
        receptor("DOID:0060079", &[("HER2", true)]),
        receptor("DOID:0060081", &[("ER", false), ("PR", false), ("HER2", false)]),
    ];
    knowledge.disease_defaults = vec![concilium_knowledge::DiseaseDefault {
        doid: Doid::new("DOID:1909"),
        read_as: Doid::new("DOID:8923"),
        unless: vec![],
        sourced: checked(),
    }];
}

fn add_drugs(knowledge: &mut Knowledge) {
    let rows = [
        ("abiraterone", "androgen-pathway-inhibitor", "endocrine"),
        ("afatinib", "egfr-tki-gen2", "antineoplastic"),
        ("bevacizumab", "anti-vegf", "antineoplastic"),
        ("carboplatin", "platinum", "antineoplastic"),
        ("cisplatin", "platinum", "antineoplastic"),
        ("erlotinib", "egfr-tki-gen1", "antineoplastic"),
        ("gefitinib", "egfr-tki-gen1", "antineoplastic"),
        ("goserelin", "gnrh-analogue", "endocrine"),
        ("letrozole", "aromatase-inhibitor", "endocrine"),
        ("osimertinib", "egfr-tki-gen3", "antineoplastic"),
        ("palbociclib", "cdk4-6-inhibitor", "antineoplastic"),
        ("pemetrexed", "antifolate", "antineoplastic"),
        ("trastuzumab", "anti-her2", "antineoplastic"),
        ("warfarin", "anticoagulant", "other"),
    ];
    for (at, (name, class, role)) in rows.into_iter().enumerate() {
        knowledge.drugs.by_name.insert(name.into(), at);
        knowledge.drugs.rows.push(Drug {
            name: DrugName::new(name),
            kind: "drug".into(),
            synonyms: vec![],
            targets: vec![],
            classes: vec![ClassId::new(class)],
            role: role.into(),
            rxnorm: vec![],
            ncit: vec![],
            snomed: vec![],
            half_life_h: None,
            half_life_source: String::new(),
            sourced: checked(),
        });
    }
    let classes = [
        ("antineoplastic", "antineoplastic drug", None),
        ("endocrine", "endocrine therapy", None),
        ("anticoagulant", "anticoagulant", None),
        ("egfr-tki", "EGFR tyrosine kinase inhibitor", Some("antineoplastic")),
        ("egfr-tki-gen1", "first-generation EGFR tyrosine kinase inhibitor", Some("egfr-tki")),
        ("egfr-tki-gen2", "second-generation EGFR tyrosine kinase inhibitor", Some("egfr-tki")),
        ("egfr-tki-gen3", "third-generation EGFR tyrosine kinase inhibitor", Some("egfr-tki")),
        ("platinum", "platinum compound", Some("antineoplastic")),
        ("antifolate", "antifolate", Some("antineoplastic")),
        ("anti-vegf", "anti-VEGF", Some("antineoplastic")),
        ("anti-her2", "HER2-directed therapy", Some("antineoplastic")),
        ("aromatase-inhibitor", "aromatase inhibitor", Some("endocrine")),
        ("cdk4-6-inhibitor", "CDK4/6 inhibitor", Some("antineoplastic")),
    ];
    for (class, label, parent) in classes {
        let row = DrugClass { label: label.into(), parent: parent.map(ClassId::new) };
        knowledge.drugs.classes.insert(ClassId::new(class), row);
    }
}

/// A predictive statement of an origin.
pub fn statement(key: &str, origin: VariantOrigin) -> Statement {
    Statement {
        key: StatementKey::new(key),
        layer: "civic".into(),
        profile: 0,
        disease: None,
        disease_name: String::new(),
        regimen: Some(Regimen::new(vec![], false, false)),
        substitute: false,
        kind: StatementType::Predictive,
        stance: Stance::Supports,
        significance: Significance::Sensitivity,
        significance_text: "Sensitivity/Response".into(),
        level: EvidenceLevel::A,
        rating: None,
        origin,
        flagged: false,
        source_type: "PubMed".into(),
        citation: String::new(),
        year: None,
        trials: vec![],
        reviewed: None,
    }
}

/// A setting row that asks for nothing.
pub fn setting() -> Setting {
    Setting {
        intent: None,
        line_min: None,
        line_max: None,
        prior_required: vec![],
        prior_excluded: vec![],
        age_min: None,
        age_max: None,
        excluded: vec![],
        population: String::new(),
        backbone: vec![],
        comparator: String::new(),
        effect: String::new(),
        sourced: checked(),
    }
}

pub fn class(id: &str) -> PriorTherapy {
    PriorTherapy::Class(ClassId::new(id))
}

pub fn drug(name: &str) -> PriorTherapy {
    PriorTherapy::Drug(DrugName::new(name))
}

/// A verdict in words: truth, then each deciding leaf.
pub fn words(verdict: &Verdict) -> String {
    let mut text = format!("{:?}", verdict.truth);
    for leaf in &verdict.leaves {
        let facts =
            if leaf.facts.is_empty() { String::new() } else { format!(" [{}]", leaf.facts.join(" ")) };
        text += &format!("\n  {:?}: {}{facts}", leaf.why, leaf.what);
    }
    text
}

/// A match in words.
pub fn outcome(found: &MolecularMatch) -> String {
    let mut text = words(&found.verdict);
    if found.verdict.truth != concilium_terms::Truth::False {
        text += &format!("\n  as {:?} by [{}]", found.exactness, found.facts.join(" "));
    }
    let remarks =
        found.doubts.iter().map(|doubt| ("doubt", doubt)).chain(found.notes.iter().map(|n| ("note", n)));
    for (kind, remark) in remarks {
        text += &format!("\n  {kind}: {remark}");
    }
    text
}

/// Matches a profile of the small release, any origin.
pub fn matched(case: &Case, expr: &ProfileExpr) -> MolecularMatch {
    match_profile(case, &knowledge(), expr, None)
}
