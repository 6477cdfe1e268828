//! Do the importers read what they should, refuse what they should, and say where? Invented rows only.

use concilium_evidence::ProfileExpr;
use concilium_knowledge::import::civic::{self, Vocabularies};
use concilium_knowledge::import::therapy::{self, Interaction};
use concilium_knowledge::import::{civic_profiles, civic_variants, ncbi_gene, obo, oncotree, pharmcat};
use concilium_knowledge::{Diseases, Drug, DrugName, Drugs, NamedRegimen, Strictness, prior_item, schema};
use concilium_terms::Code;
use expect_test::{Expect, expect};
use proptest::prelude::*;

const VARIANT_HEADER: &str = "variant_id\tfeature_type\tfeature_name\tvariant\tvariant_types\tchromosome\tstart\tstop\treference_bases\tvariant_bases\trepresentative_transcript\treference_build\thgvs_descriptions\tclinvar_ids\t5_prime_partner_status\t5_prime_partner\t3_prime_partner_status\t3_prime_partner\n";

/// One gene variant by gene, name and types, as its pattern's kind and JSON.
#[track_caller]
fn check_pattern(gene: &str, name: &str, types: &str, expect: Expect) {
    let row = format!("7\tGene\t{gene}\t{name}\t{types}\t\t\t\t\t\t\t\t\t\t\t\t\t\n");
    let leaves =
        civic_variants::import("v.tsv", &format!("{VARIANT_HEADER}{row}"), Strictness::Strict).expect("row");
    expect.assert_eq(&serde_json::to_string(&leaves.rows[0].pattern).expect("json"));
}

#[test]
fn a_name_becomes_the_pattern_it_means_and_no_more() {
    check_pattern(
        "FLT3",
        "D835",
        "",
        expect![[r#"{"kind":"codon","gene":"FLT3","reference":"D","residue":835}"#]],
    );
    check_pattern("NF1", "LOSS", "", expect![[r#"{"kind":"loss","gene":"NF1"}"#]]);
    check_pattern("AR", "AR-V7", "", expect![[r#"{"kind":"splice","gene":"AR","name":"v7"}"#]]);
    check_pattern(
        "MET",
        "Exon 14 Skipping Mutation",
        "exon_loss_variant",
        expect![[r#"{"kind":"splice","gene":"MET","name":"exon14skipping"}"#]],
    );
    check_pattern(
        "EGFR",
        "Overexpression",
        "",
        expect![[r#"{"kind":"marker","gene":"EGFR","what":"expression","direction":"high"}"#]],
    );
}

#[test]
fn the_variant_types_decide_whether_a_deletion_lies_inside_its_exon() {
    check_pattern(
        "EGFR",
        "Exon 19 Deletion",
        "inframe_deletion",
        expect![[
            r#"{"kind":"exon","gene":"EGFR","first":19,"last":19,"change":"deletion","residues":null}"#
        ]],
    );
    check_pattern(
        "EGFR",
        "Exon 4 Deletion",
        "exon_loss_variant",
        expect![[r#"{"kind":"splice","gene":"EGFR","name":"exon4deletion"}"#]],
    );
}

#[test]
fn what_looks_exact_and_is_not_stays_text() {
    let opaque = |name: &str| format!(r#"{{"kind":"opaque","gene":"VHL","name":"{name}"}}"#);
    for name in [
        "P81S (c.241C>T) and L188V (c.562C>G)",
        "RS67376798 HOMOZYGOSITY",
        "Biallelic Inactivation",
        "Non-V600",
        "Rare Mutation",
        "Frameshift Truncation",
    ] {
        let row = format!("7\tGene\tVHL\t{name}\t\t\t\t\t\t\t\t\t\t\t\t\t\t\n");
        let read = civic_variants::import("v.tsv", &format!("{VARIANT_HEADER}{row}"), Strictness::Strict)
            .expect("row");
        assert_eq!(serde_json::to_string(&read.rows[0].pattern).expect("json"), opaque(name));
    }
}

#[test]
fn exon_bounds_come_from_coordinates_of_exact_variants() {
    // Forward strand: 1000 is coding base 100, so 901..=1200 are bases 1..=300, residues 1..=100.
    let rows = "1\tGene\tG\tA34T\tmissense_variant\t1\t1000\t1000\tC\tT\tENST1.1\tGRCh37\tENST1.1:c.100C>T\t\t\t\t\t\n\
                2\tGene\tG\tExon 2 Mutation\texon_variant\t1\t901\t1200\t\t\tENST1.1\tGRCh37\t\t\t\t\t\t\n";
    let read = civic_variants::import("v.tsv", &format!("{VARIANT_HEADER}{rows}"), Strictness::Strict)
        .expect("rows");
    expect![[r#"{"kind":"exon","gene":"G","first":2,"last":2,"change":"mutation","residues":[1,100]}"#]]
        .assert_eq(&serde_json::to_string(&read.rows[1].pattern).expect("json"));
}

fn drugs() -> Drugs {
    let names =
        ["cetuximab", "gefitinib", "her2 inhibitor cp-724,714", "fluorouracil", "oxaliplatin", "selumetinib"];
    let mut drugs = Drugs::default();
    for name in names {
        let drug = Drug {
            name: DrugName::new(name),
            kind: "drug".into(),
            synonyms: vec![],
            targets: vec![],
            classes: vec![],
            role: "antineoplastic".into(),
            rxnorm: vec![],
            ncit: vec![],
            snomed: vec![],
            half_life_h: None,
            half_life_source: String::new(),
            sourced: Default::default(),
        };
        drugs.by_name.insert(name.to_owned(), drugs.rows.len());
        drugs.rows.push(drug);
    }
    let folfox = NamedRegimen {
        name: "FOLFOX".into(),
        components: vec![DrugName::new("fluorouracil"), DrugName::new("oxaliplatin")],
        complete: true,
        sourced: Default::default(),
    };
    drugs.regimens.insert("folfox".into(), folfox);
    drugs
}

#[track_caller]
fn check_therapy(cell: &str, interaction: &str, expect: Expect) {
    let read = therapy::resolve(cell, Interaction::parse(interaction).expect("interaction"), &drugs());
    let show = |r: &concilium_evidence::Regimen| {
        format!("{}{}", r.label(), if r.incomplete { " (incomplete)" } else { "" })
    };
    expect.assert_eq(&read.regimens.iter().map(show).collect::<Vec<_>>().join(" / "));
}

#[test]
fn a_therapy_cell_becomes_regimens() {
    check_therapy(
        "Gefitinib,HER2 Inhibitor CP-724,714,Selumetinib",
        "Substitutes",
        expect!["gefitinib / HER2 inhibitor CP-724,714 / selumetinib"],
    );
    check_therapy("FOLFOX,Cetuximab", "Combination", expect!["cetuximab + fluorouracil + oxaliplatin"]);
    check_therapy("Cetuximab,Gefitinib", "Sequential", expect!["cetuximab and, in sequence, gefitinib"]);
    check_therapy("2,4-pyrimidinediamine", "", expect!["2,4-pyrimidinediamine (incomplete)"]);
    check_therapy("Not Applicable", "", expect![""]);
    check_therapy("", "", expect![""]);
}

#[track_caller]
fn check_profile(name: &str, leaves: &[(u64, &str)], expect: Expect) {
    let shown = match civic_profiles::parse(name, leaves) {
        Ok(expr) => civic_profiles::to_ids(&expr),
        Err(why) => format!("refused: {why}"),
    };
    expect.assert_eq(&shown);
}

#[test]
fn profiles_read_operators_and_nothing_else() {
    let leaves = [(1, "BRAF V600"), (2, "BRAF V600E"), (3, "MET Splice Site (c.3028G>A)")];
    check_profile(
        "BRAF V600 AND ( BRAF V600E OR MET Splice Site (c.3028G>A) )",
        &leaves,
        expect!["1 AND ( 2 OR 3 )"],
    );
    check_profile(
        "BRAF V600 OR BRAF V600E AND MET Splice Site (c.3028G>A)",
        &leaves,
        expect!["1 OR ( 2 AND 3 )"],
    );
    check_profile("NOT BRAF V600E", &leaves[1..2], expect!["NOT 2"]);
    check_profile("BRAF V600EK", &leaves[1..2], expect!["refused: `BRAF V600EK` names no listed variant"]);
    check_profile("BRAF V600", &leaves[..2], expect!["refused: variant `2` is listed and not mentioned"]);
    check_profile("( BRAF V600", &leaves[..1], expect!["refused: no `)` before ``"]);
}

#[test]
fn a_missing_column_names_file_column_and_remedy() {
    let error = ncbi_gene::import("genes.tsv", "entrez_id\tname\n1\tx\n", Strictness::Lenient)
        .expect_err("no symbol");
    expect!["genes.tsv: column `symbol` is missing (found: entrez_id, name); export the table again or rename the column"]
        .assert_eq(&error.to_string());
}

#[test]
fn strict_stops_at_the_first_refusal_and_lenient_counts_it() {
    let text = "entrez_id\tsymbol\taliases\n1\tA1BG\tA1B|ABG\nx\tA2M\t\n";
    let strict = ncbi_gene::import("genes.tsv", text, Strictness::Strict).expect_err("x is no id");
    expect!["genes.tsv, line 3, column `entrez_id`: `x` is not a number; write digits"]
        .assert_eq(&strict.to_string());
    let lenient = ncbi_gene::import("genes.tsv", text, Strictness::Lenient).expect("lenient");
    expect![[r#"ImportCount { table: "gene_names", read: 2, kept: 1, left_out: {"refused, column `entrez_id`: … is not a number": 1} }"#]]
        .assert_eq(&format!("{:?}", lenient.count));
}

#[test]
fn prior_therapies_count_lines_and_keep_names_with_digits() {
    let shown = |text: &str| format!("{:?}", prior_item(text).map(|item| (item.any_of.len(), item.lines)));
    assert_eq!(shown("class:anti-her2x2"), "Some((1, 2))");
    assert_eq!(shown("drug:plx4720"), "Some((1, 1))");
    assert_eq!(shown("drug:a|class:b"), "Some((2, 1))");
    assert_eq!(shown("trastuzumab"), "None");
}

const OBO: &str = "format-version: 1.2\ndata-version: doid/releases/2026-01-02/x.obo\n\n[Term]\nid: DOID:0001\nname: lung thing\nsynonym: \"lung matter\" EXACT []\nsynonym: \"matter\" BROAD []\nxref: NCI:C1\nxref: SNOMEDCT_US_2025_09_01:11\nalt_id: DOID:99\nis_a: DOID:0002 ! thing\n\n[Term]\nid: DOID:0002\nname: thing\nxref: ICD10CM:C34\n\n[Term]\nid: DOID:0003\nname: old\nis_obsolete: true\n\n[Typedef]\nid: part_of\nname: part of\n";

#[test]
fn obo_terms_keep_zeros_exact_synonyms_and_codes() {
    let read = obo::import("x.obo", OBO, Strictness::Strict).expect("obo");
    assert_eq!((read.count.read, read.count.kept), (3, 2));
    expect![[r#"DiseaseTerm { doid: Doid("DOID:0001"), name: "lung thing", synonyms: ["lung matter"], parents: [Doid("DOID:0002")], xrefs: ["ALT:DOID:99", "NCI:C1", "SNOMEDCT_US:11"] }"#]]
        .assert_eq(&format!("{:?}", read.rows[0]));
    assert_eq!(obo::release_date(OBO), Some("2026-01-02"));
}

#[test]
fn oncotree_parents_are_carried_over_without_circles() {
    let json = r#"{"TISSUE":{"code":"TISSUE","name":"Tissue","children":{"B":{"code":"B","name":"thing","parent":"TISSUE","children":{
        "A":{"code":"A","name":"other","parent":"B","externalReferences":{"NCI":["C1"]},"children":{
        "Z":{"code":"Z","name":"thing","parent":"A","children":{}}}}}}}}}"#;
    let mut nodes = oncotree::import("o.json", json, Strictness::Strict).expect("tree").rows;
    let mut terms = obo::union(vec![obo::import("x.obo", OBO, Strictness::Strict).expect("obo").rows]);
    terms[0].parents.clear();
    oncotree::link(&mut nodes, &mut terms);
    let shown: Vec<String> = terms.iter().map(|t| format!("{} < {:?}", t.doid, t.parents)).collect();
    expect![[r#"DOID:0001 < [Doid("DOID:0002")]; DOID:0002 < []"#]].assert_eq(&shown.join("; "));
}

proptest! {
    #[test]
    fn no_importer_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        let (drugs, diseases) = (Drugs::default(), Diseases::default());
        for strictness in [Strictness::Strict, Strictness::Lenient] {
            let vocabularies = Vocabularies { drugs: &drugs, diseases: &diseases };
            let _ = civic::statements("f", &text, vocabularies, strictness);
            let _ = civic::assertions("f", &text, &diseases, strictness);
            let _ = obo::import("f", &text, strictness);
            let _ = oncotree::import("f", &text, strictness);
            let _ = pharmcat::definition("f", &text, strictness);
            let _ = pharmcat::phenotypes("f", &text, strictness);
        }
    }

    #[test]
    fn no_row_of_the_variant_table_panics(cells in prop::collection::vec("[\\PC&&[^\t]]{0,12}", 18)) {
        let row = cells.join("\t");
        let _ = civic_variants::import("f", &format!("{VARIANT_HEADER}{row}\n"), Strictness::Lenient);
        let typed = format!("{VARIANT_HEADER}7\tGene\t{}\t{}\t{}\t1\t10\t20\t{}\t{}\tT.1\tGRCh37\t{}\t1\t\t\t\t\n",
            cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]);
        let _ = civic_variants::import("f", &typed, Strictness::Lenient);
    }

    #[test]
    fn no_profile_name_panics(name in "(NOT |AND |OR |\\( |\\) |A |B |\\PC){0,40}") {
        let _ = civic_profiles::parse(&name, &[(1, "A"), (2, "B")]);
    }

    #[test]
    fn an_expression_survives_writing_and_reading(expr in any_expr()) {
        prop_assert_eq!(civic_profiles::parse_ids(&civic_profiles::to_ids(&expr)), Ok(expr));
    }

    #[test]
    fn no_release_table_panics(text in "\\PC{0,200}") {
        let _ = schema::read_statements("f", &text);
        let _ = schema::read_leaves("f", &text);
        let _ = schema::read_profiles("f", &text);
        let _ = schema::read_alleles("f", &text);
    }

    #[test]
    fn no_code_panics(system in "(icd10|oncotree|snomed|\\PC{0,5})", code in "\\PC{0,8}", words in "\\PC{0,20}") {
        let code = Code { system, code, display: words.clone() };
        let _ = Diseases::default().resolve_disease(&[code], &[&words]);
    }
}

/// Expressions as a parser builds them: at least two parts, no repeated operator directly inside itself is required.
fn any_expr() -> impl Strategy<Value = ProfileExpr> {
    (1u64..9).prop_map(ProfileExpr::Leaf).prop_recursive(3, 12, 3, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            parts().prop_map(ProfileExpr::And),
            parts().prop_map(ProfileExpr::Or),
            (1u64..9).prop_map(|id| ProfileExpr::Not(Box::new(ProfileExpr::Leaf(id)))),
        ]
    })
}
