//! Does the pack that is part of the program hold together?

use concilium_evidence::{EvidenceLevel, Significance, Stance};
use concilium_knowledge::{Knowledge, builtin};
use concilium_terms::code::system;
use concilium_terms::{Code, Doid, GeneSymbol, StatementKey};
use expect_test::{Expect, expect};
use std::sync::LazyLock;

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| builtin().expect("the pack loads"));

#[test]
fn every_reference_leads_somewhere() {
    let problems = concilium_knowledge::verify(&KNOWLEDGE);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn functional_and_oncogenic_rows_are_left_out_and_counted() {
    let count = KNOWLEDGE.manifest.counts.iter().find(|count| count.table == "statements").expect("count");
    let left_out: usize =
        count.left_out.iter().filter(|(why, _)| !why.starts_with("kept: ")).map(|(_, n)| n).sum();
    assert_eq!((count.read, count.kept, left_out), (4587, 4331, 256));
    assert!(KNOWLEDGE.statements_of(&StatementKey::new("EID11147")).is_empty());
    assert!(
        KNOWLEDGE.oncogenicity.iter().any(|call| call.key.as_str() == "EID11147" && call.call == "oncogenic")
    );
}

#[test]
fn no_sentence_is_in_the_pack() {
    let words = |text: &str| text.split_whitespace().count();
    let longest = KNOWLEDGE.statements.iter().map(|s| words(&s.disease_name)).max();
    assert!(longest < Some(16), "{longest:?}");
    assert!(KNOWLEDGE.leaves.iter().all(|leaf| words(&leaf.name) < 12));
}

#[test]
fn a_need_is_one_fact_of_a_known_kind() {
    let read = |text: &str| {
        concilium_knowledge::need(text).map(|need| [need.kind, need.key, need.label].join(" / "))
    };
    assert_eq!(read("lab:ldh=LDH").as_deref(), Some("lab / ldh / LDH"));
    assert_eq!(read("text:t(11;14)=t(11;14)").as_deref(), Some("text / t(11;14) / t(11;14)"));
    for refused in ["LDH", "lab:ldh", "lab:=LDH", "lab:ldh=", "labs:ldh=LDH", ""] {
        assert_eq!(read(refused), None, "{refused}");
    }
    let labelled =
        KNOWLEDGE.standard.iter().flat_map(|row| &row.needs).filter(|need| need.kind == "lab").count();
    assert!(30 < labelled, "{labelled}");
}

/// A change not in normal form would match nothing, in silence.
#[test]
fn recurrent_changes_stand_in_normal_form() {
    for (gene, protein) in KNOWLEDGE.oncogenic.keys() {
        let read = concilium_terms::hgvs::ProteinChange::parse(protein).expect(protein);
        assert_eq!(&read.to_string(), protein, "{gene}");
    }
}

#[track_caller]
fn check_statement(key: &str, expect: Expect) {
    let rows = KNOWLEDGE.statements_of(&StatementKey::new(key));
    let show = |s: &concilium_evidence::Statement| {
        let regimen = s.regimen.as_ref().map_or("no therapy".to_owned(), |r| r.label());
        let disease = s.disease.as_ref().map_or("no disease".to_owned(), ToString::to_string);
        format!("{regimen}, {disease}, {:?}, {:?}", s.level, s.bearing())
    };
    expect.assert_eq(&rows.iter().map(show).collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_awkward_rows_are_read_as_they_are_meant() {
    check_statement("EID12374", expect!["no therapy, DOID:0080645, B, SafetyOnly"]);
    check_statement("EID1266", expect!["no therapy, DOID:4450, E, For"]);
    check_statement("EID1499", expect!["trastuzumab, DOID:3717, A, For"]);
    check_statement("EID12161", expect!["dabrafenib + trametinib, CIVIC:solid-tumor, A, For"]);
    check_statement("EID12063", expect!["adagrasib + cetuximab, DOID:9256, A, For"]);
    check_statement(
        "EID1153",
        expect![[r#"
            gefitinib, DOID:162, D, Against
            HER2 inhibitor CP-724,714, DOID:162, D, Against
            selumetinib, DOID:162, D, Against"#]],
    );
    check_statement("EID1192", expect!["2,4-pyrimidinediamine, DOID:3908, D, For"]);
    check_statement("EID1113", expect!["neratinib and, in sequence, trastuzumab, DOID:0060079, A, For"]);
}

#[track_caller]
fn check_erratum(key: &str, mend: impl Fn(&mut concilium_evidence::Statement), expect: Expect) {
    let mut statement = KNOWLEDGE.statements_of(&StatementKey::new(key))[0].clone();
    mend(&mut statement);
    let erratum = KNOWLEDGE.erratum(&statement).map_or("none", |erratum| erratum.what.as_str());
    expect.assert_eq(&format!("counts {}: {erratum}", KNOWLEDGE.counts(&statement)));
}

#[test]
fn an_erratum_holds_while_the_source_says_so() {
    check_erratum(
        "EID6965",
        |_| {},
        expect![
            "counts false: the statement describes vemurafenib with cobimetinib (coBRIM); the therapies named are of another trial"
        ],
    );
    check_erratum(
        "EID8505",
        |_| {},
        expect![
            "counts true: for ATM alone the statement gives a hazard ratio of 1.04 (0.61–1.87): no benefit shown in the subgroup the row speaks of"
        ],
    );
    check_erratum("EID6965", |s| s.regimen = None, expect!["counts true: none"]);
    check_erratum("EID12063", |_| {}, expect!["counts true: none"]);
    let mut mended = KNOWLEDGE.clone();
    mended.statements.iter_mut().filter(|s| s.key.as_str() == "EID6965").for_each(|s| s.regimen = None);
    expect!["source_errata.tsv: EID6965 no longer says `dabrafenib|trametinib`: remove the row"]
        .assert_eq(&concilium_knowledge::verify(&mended).join("\n"));
}

#[test]
fn a_discounted_row_speaks_against_in_the_way_its_kind_says() {
    for (key, row) in &KNOWLEDGE.possibly_prognostic {
        let wanted = match row.not_predictive {
            true => (Significance::Sensitivity, Stance::DoesNotSupport),
            false => (Significance::Resistance, Stance::Supports),
        };
        let statements = KNOWLEDGE.statements_of(key);
        assert!(!statements.is_empty(), "{key}");
        assert!(
            statements.iter().all(|s| s.level <= EvidenceLevel::B && (s.significance, s.stance) == wanted),
            "{key}"
        );
    }
}

#[test]
fn a_disease_name_without_doid_is_mapped_or_counted_by_name() {
    let of =
        |table: &str| KNOWLEDGE.manifest.counts.iter().find(|count| count.table == table).expect("count");
    let shown = |table: &str| {
        let by_name = of(table).left_out.iter().filter(|(why, _)| why.contains("disease"));
        by_name.map(|(why, n)| format!("{n} {why}\n")).collect::<String>()
    };
    expect![[r#"
        53 kept: disease by name, exact row of disease_map.tsv
        2 kept: disease by name, narrower row of disease_map.tsv
        143 kept: no disease stated
        3 kept: unmapped disease Acute Myeloid Leukemia With MECOM Rearrangement: matched to no patient
        4 kept: unmapped disease Acute Myeloid Leukemia With NUP98 Rearrangement: matched to no patient
        3 kept: unmapped disease B-lymphoblastic Leukaemia/lymphoma With Other Defined Genetic Alterations: matched to no patient
        1 kept: unmapped disease Cervical Sarcoma: matched to no patient
        3 kept: unmapped disease Cribriform Neuroepithelial Tumor: matched to no patient
        1 kept: unmapped disease Gynandroblastoma: matched to no patient
        2 kept: unmapped disease Isomorphic Diffuse Glioma: matched to no patient
        3 kept: unmapped disease Large B-cell Lymphoma With IRF4 Rearrangement: matched to no patient
        3 kept: unmapped disease Low-grade Fibromyxoid Sarcoma: matched to no patient
        1 kept: unmapped disease Pigmented Epithelioid Melanocytoma: matched to no patient
        3 kept: unmapped disease Sclerosing Epithelioid Fibrosarcoma: matched to no patient
    "#]].assert_eq(&shown("statements"));
    expect![[r#"
        16 kept: disease by name, exact row of disease_map.tsv
        1 kept: unmapped disease Acute Myeloid Leukemia With MECOM Rearrangement: matched to no patient
        1 kept: unmapped disease Acute Myeloid Leukemia With NUP98 Rearrangement: matched to no patient
        1 kept: unmapped disease B-lymphoblastic Leukaemia/lymphoma With Other Defined Genetic Alterations: matched to no patient
        1 kept: unmapped disease Cribriform Neuroepithelial Tumor: matched to no patient
        1 kept: unmapped disease Low-grade Fibromyxoid Sarcoma: matched to no patient
        1 kept: unmapped disease Pigmented Epithelioid Melanocytoma: matched to no patient
        1 kept: unmapped disease Sclerosing Epithelioid Fibrosarcoma: matched to no patient
    "#]].assert_eq(&shown("assertions"));
    check_statement("EID11708", expect!["vorasidenib, DOID:0060108, A, For"]);
}

#[track_caller]
fn check_disease(code_system: &str, code: &str, words: &str, expect: Expect) {
    let code = Code { system: code_system.into(), code: code.into(), display: words.into() };
    let shown = match KNOWLEDGE.diseases.resolve_disease(&[code], &[]) {
        Ok(found) => format!("{} {} {}", found.doid, found.kind, found.relation),
        Err(unresolved) => format!("nothing, {} suggestions", unresolved.suggestions.len()),
    };
    expect.assert_eq(&shown);
}

#[test]
fn codes_and_words_find_their_tumour() {
    check_disease(system::SNOMED, "254637007", "", expect!["DOID:3908 primary exact"]);
    check_disease("http://oncotree.mskcc.org", "SKCM", "", expect!["DOID:8923 primary exact"]);
    check_disease("", "", "Non-small cell lung carcinoma", expect!["DOID:3908 primary exact"]);
    check_disease(system::ICD10CM, "C79.31", "", expect!["DOID:162 secondary broader"]);
    check_disease(system::ICD10CM, "C34.99", "", expect!["DOID:1324 primary broader"]);
    check_disease(system::ICD10CM, "D05.99", "", expect!["DOID:8719 in-situ broader"]);
    check_disease("", "", "Unheard-of melanoma variant", expect!["nothing, 5 suggestions"]);
}

#[test]
fn skin_melanoma_lies_below_melanoma() {
    let skin = Doid::new("DOID:8923");
    assert!(KNOWLEDGE.diseases.is_a(&skin, &Doid::new("DOID:1909")));
    assert!(!KNOWLEDGE.diseases.is_a(&Doid::new("DOID:1909"), &skin));
}

#[track_caller]
fn check_ancestry(child: &str, parent: &str, expected: bool) {
    let term = |name: &str| KNOWLEDGE.diseases.by_name(name).unwrap_or_else(|| panic!("no term `{name}`"));
    let found = KNOWLEDGE.diseases.is_a(&term(child).doid, &term(parent).doid);
    assert_eq!(found, expected, "{child} below {parent}");
}

/// OncoTree groups by organ and by clinic: benign beside malignant, and nodes whose codes name another disease.
#[test]
fn no_ancestry_comes_from_crossing_into_oncotree_and_back() {
    check_ancestry("acute myeloid leukemia", "myeloproliferative neoplasm", false);
    check_ancestry("acute myeloid leukemia", "chronic myeloid leukemia", false);
    check_ancestry("gastric adenocarcinoma", "gastroesophageal junction adenocarcinoma", false);
    check_ancestry("esophagus adenocarcinoma", "gastroesophageal junction adenocarcinoma", false);
    check_ancestry("multiple myeloma", "lymphoma", false);
    check_ancestry("kidney angiomyolipoma", "renal cell carcinoma", false);
    check_ancestry("benign breast phyllodes tumor", "breast cancer", false);
    check_ancestry("testicular granulosa cell tumor", "ovarian sex-cord stromal tumor", false);
    check_ancestry("cervical clear cell adenocarcinoma", "endometrial carcinoma", false);
    check_ancestry("myxopapillary ependymoma", "high grade glioma", false);
    check_ancestry("mucinous adenocarcinoma", "cervical cancer", false);
    check_ancestry("transient myeloproliferative syndrome", "acute myeloid leukemia", false);
}

#[test]
fn reviewed_bridges_carry_what_both_name_alike() {
    check_ancestry("chronic myeloid leukemia", "myeloproliferative neoplasm", true);
    check_ancestry("colon adenocarcinoma", "colorectal adenocarcinoma", true);
    check_ancestry("adenosquamous lung carcinoma", "lung non-small cell carcinoma", true);
    check_ancestry("laryngeal squamous cell carcinoma", "head and neck squamous cell carcinoma", true);
    check_ancestry("endometrial serous adenocarcinoma", "endometrial cancer", true);
    check_ancestry("spitzoid melanoma", "melanoma", true);
}

/// Every is-a pair the Disease Ontology does not have itself runs through a row of `disease_bridges.tsv`; how many
/// there are is seen here, because one row can carry many pairs.
#[test]
fn pairs_beyond_the_disease_ontology_are_counted() {
    let diseases = &KNOWLEDGE.diseases;
    let own = |doid: &Doid| diseases.own_ancestors(doid);
    let beyond = |term: &concilium_knowledge::DiseaseTerm| {
        let own = own(&term.doid);
        diseases.ancestors(&term.doid).into_keys().filter(|above| !own.contains(above)).count()
    };
    let counts: Vec<usize> = diseases.terms.iter().map(beyond).filter(|n| 0 < *n).collect();
    expect!["611 pairs, 254 children, 44 bridges"].assert_eq(&format!(
        "{} pairs, {} children, {} bridges",
        counts.iter().sum::<usize>(),
        counts.len(),
        diseases.bridges.len()
    ));
}

/// Left out on purpose; `cargo xtask knowledge --links` lists them for review.
#[test]
fn oncotree_links_that_are_no_ancestry_are_counted() {
    let left_out = KNOWLEDGE.diseases.oncotree_links_left_out();
    let codes: Vec<&str> = left_out.iter().map(|(child, ..)| child.code.as_str()).collect();
    expect!["74"].assert_eq(&codes.len().to_string());
    assert!(codes.contains(&"RAML"));
    assert!(!codes.contains(&"COAD"));
}

#[test]
fn no_oncotree_code_means_another_disease() {
    let oncotree = "http://oncotree.mskcc.org";
    check_disease(oncotree, "CML", "", expect!["DOID:8552 primary exact"]);
    check_disease(oncotree, "EPM", "", expect!["DOID:3620 primary broader"]);
    check_disease(oncotree, "SBWDNET", "", expect!["DOID:10155 primary broader"]);
    check_disease(oncotree, "PEMESO", "", expect!["DOID:1788 primary exact"]);
    check_disease(oncotree, "UCCC", "", expect!["DOID:2871 primary broader"]);
    check_disease(oncotree, "VDYS", "", expect!["nothing, 0 suggestions"]);
    check_disease(oncotree, "SCBC", "", expect!["DOID:7132 primary exact"]);
}

#[test]
fn no_disease_lies_below_itself() {
    for term in &KNOWLEDGE.diseases.terms {
        let above = term.parents.iter().any(|parent| KNOWLEDGE.diseases.is_a(parent, &term.doid));
        assert!(!above, "{} {}", term.doid, term.name);
    }
}

#[track_caller]
fn check_phenotype(gene: &str, diplotype: &str, expect: Expect) {
    let found = KNOWLEDGE.pgx.phenotype(&GeneSymbol::new(gene), diplotype);
    expect.assert_eq(&found.map_or("none".into(), |p| format!("{} {:?}", p.phenotype, p.activity)));
}

#[test]
fn diplotypes_have_phenotypes_in_either_order() {
    check_phenotype("DPYD", "Reference/c.1905+1G>A (*2A)", expect!["Intermediate Metabolizer Some(1.0)"]);
    check_phenotype("DPYD", "*2A/*1", expect!["Intermediate Metabolizer Some(1.0)"]);
    check_phenotype("UGT1A1", "*28/*28", expect!["Poor Metabolizer None"]);
    check_phenotype("TPMT", "*3A/*1", expect!["Intermediate Metabolizer None"]);
    check_phenotype("DPYD", "*1/*999", expect!["none"]);
}

#[test]
fn search_reads_aliases_and_whole_keys() {
    let keys = |query: &str| KNOWLEDGE.search(query).iter().map(|s| s.key.to_string()).collect::<Vec<_>>();
    assert!(keys("her2 trastuzumab").contains(&"EID1499".to_owned()));
    assert_eq!(keys("eid12063"), ["EID12063"]);
    assert!(keys("").is_empty());
}

const LAYER: &str = "key\tlayer\tprofile\tdisease\tdisease_name\ttherapy\tgiven\tsubstitute\ttype\tstance\tsignificance\tlevel\trating\torigin\tflagged\tsource_type\tcitation\tyear\ttrials\treviewed\n";

/// Loads one invented row as a layer on top of the pack.
fn with_layer(name: &str, row: &str) -> concilium_knowledge::Result<Knowledge> {
    let folder = std::env::temp_dir().join(format!("concilium-layer-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("own folder");
    std::fs::write(folder.join("statements.tsv"), format!("{LAYER}{row}\n")).expect("own file");
    let loaded = concilium_knowledge::load_layered(KNOWLEDGE.clone(), &[folder.as_path()]);
    std::fs::remove_dir_all(&folder).expect("own folder");
    loaded
}

const OWN: &str = "SITE1\thouse\t12\tDOID:1909\tMelanoma\tvemurafenib\t\t\tPredictive\tsupports\tSensitivity/Response\tB\t\tsomatic\t\t\t\t\t\t";

#[test]
fn a_layer_keeps_its_name_changes_the_hash_and_is_not_exported() {
    let layered = with_layer("own", OWN).expect("layer");
    let own = layered.statements_of(&StatementKey::new("SITE1"));
    assert_eq!((own.len(), own[0].layer.as_str()), (1, "house"));
    assert_ne!(layered.manifest.hash, KNOWLEDGE.manifest.hash);
    let exported = concilium_knowledge::exportable(&layered).count();
    assert_eq!(exported, KNOWLEDGE.statements.len());
}

#[test]
fn a_layer_is_never_merged() {
    let refused = |name: &str, row: &str| with_layer(name, row).expect_err("collides").to_string();
    expect![
        "layer `civic`: the name is taken; give every row of the file one name of its own in column `layer`"
    ]
    .assert_eq(&refused("name", &OWN.replace("house", "civic")));
    expect!["layer `house`: key EID1 is taken; use ids of its own"]
        .assert_eq(&refused("key", &OWN.replace("SITE1", "EID1")));
}
