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
