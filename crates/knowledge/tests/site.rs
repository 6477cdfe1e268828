//! Does a site's own statement file become a layer that plans use, and that never leaves the house?

use concilium_knowledge::import::civic::Vocabularies;
use concilium_knowledge::import::site;
use concilium_knowledge::{
    Knowledge, StatementKey, Strictness, build_layer, builtin, diff, exportable, exportable_sentences,
    load_layered, sentence_for_export, verify,
};
use expect_test::{Expect, expect};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static BASE: LazyLock<Knowledge> = LazyLock::new(|| builtin().expect("the pack loads"));

const HEAD: &str = "# name: house\n# licence: agreement 17, no export\n# version: 4.2\n# date: 2026-02-01\n\
    id\talteration\tdisease\ttherapy\tdirection\tsignificance\tlevel\tsource_level\torigin\tcitation_type\tcitation\tyear\tsentence\n";
const ROW: &str = "H1\tBRAF V600E OR BRAF V600K\tmelanoma\tdabrafenib + trametinib | vemurafenib\tsupports\tsensitivity\tA\tLEVEL_1\tsomatic\tPubMed\t12345\t2020\tInvented words of a licensed source.\n";

fn read(rows: &str, strictness: Strictness) -> concilium_knowledge::Result<site::Site> {
    let vocabularies = Vocabularies { drugs: &BASE.drugs, diseases: &BASE.diseases };
    site::import("house.tsv", &format!("{HEAD}{rows}"), vocabularies, strictness)
}

#[track_caller]
fn check(row: &str, expect: Expect) {
    let shown = match read(row, Strictness::Strict) {
        Err(error) => error.to_string(),
        Ok(site) => {
            let statement = |s: &concilium_evidence::Statement| {
                let regimen = s.regimen.as_ref().map(|r| r.label()).unwrap_or_default();
                let disease = s.disease.as_ref().map(ToString::to_string).unwrap_or_default();
                format!(
                    "{} {}, {disease}, {regimen}, {:?} {:?}, {}",
                    s.key,
                    s.layer,
                    s.level,
                    s.bearing(),
                    s.citation
                )
            };
            let leaves = site.leaves.iter().map(|leaf| serde_json::to_string(&leaf.pattern).expect("json"));
            let lines: Vec<String> = site.statements.rows.iter().map(statement).chain(leaves).collect();
            lines.join("\n")
        }
    };
    expect.assert_eq(&shown);
}

fn row(cells: &[(&str, &str)]) -> String {
    let columns: Vec<&str> = HEAD.lines().last().expect("header").split('\t').collect();
    let mut values: Vec<String> = ROW.trim_end().split('\t').map(str::to_owned).collect();
    for (column, value) in cells {
        let at = columns.iter().position(|name| name == column).expect("column");
        values[at] = (*value).to_owned();
    }
    values.join("\t") + "\n"
}

#[test]
fn a_row_says_what_its_cells_say() {
    check(
        ROW,
        expect![[r#"
        H1 house, DOID:1909, dabrafenib + trametinib, A For, 12345 (its level: LEVEL_1)
        H1 house, DOID:1909, vemurafenib, A For, 12345 (its level: LEVEL_1)
        {"kind":"exact","gene":"BRAF","proteins":[{"missense":{"reference":"V","residue":600,"alternate":"E"}}],"codings":[],"loci":[],"clinvar":[]}
        {"kind":"exact","gene":"BRAF","proteins":[{"missense":{"reference":"V","residue":600,"alternate":"K"}}],"codings":[],"loci":[],"clinvar":[]}"#]],
    );
    check(
        &row(&[("alteration", "v::NTRK1 Fusion"), ("disease", "Solid Tumor"), ("therapy", "larotrectinib")]),
        expect![[r#"
            H1 house, CIVIC:solid-tumor, larotrectinib, A For, 12345 (its level: LEVEL_1)
            {"kind":"fusion","five":null,"three":"NTRK1","rearrangement":true}"#]],
    );
    check(
        &row(&[("alteration", "MSI High"), ("disease", "ONCOTREE:COAD"), ("therapy", "pembrolizumab")]),
        expect![[r#"
            H1 house, DOID:234, pembrolizumab, A For, 12345 (its level: LEVEL_1)
            {"kind":"signature","signature":"msi-high"}"#]],
    );
    check(
        &row(&[
            ("alteration", "EGFR Exon 19 In-frame Deletion AND NOT ( EGFR T790M )"),
            ("therapy", "gefitinib > osimertinib"),
            ("significance", "resistance"),
        ]),
        expect![[r#"
            H1 house, DOID:1909, gefitinib and, in sequence, osimertinib, A Against, 12345 (its level: LEVEL_1)
            {"kind":"exon","gene":"EGFR","first":19,"last":19,"change":"deletion","residues":null}
            {"kind":"exact","gene":"EGFR","proteins":[{"missense":{"reference":"T","residue":790,"alternate":"M"}}],"codings":[],"loci":[],"clinvar":[]}"#]],
    );
}

#[test]
fn a_cell_that_is_not_understood_is_refused_with_its_place() {
    check(
        &row(&[("therapy", "unheardofinib")]),
        expect![
            "house.tsv, line 6, column `therapy`: `unheardofinib` is unknown; use a name of drugs.tsv or regimens.tsv, or add the drug there"
        ],
    );
    check(
        &row(&[("therapy", "")]),
        expect!["house.tsv, line 6, column `therapy`: empty; name the therapy the statement is about"],
    );
    check(
        &row(&[("therapy", "dabrafenib + trametinib > vemurafenib")]),
        expect!["house.tsv, line 6, column `therapy`: both `+` and `>`; write one statement for each"],
    );
    check(
        &row(&[("disease", "a tumour of no name")]),
        expect![
            "house.tsv, line 6, column `disease`: `a tumour of no name` is unknown; write a DOID, `ONCOTREE:CODE` or a name of the ontology"
        ],
    );
    check(
        &row(&[("direction", "Supports")]),
        expect![
            "house.tsv, line 6, column `direction`: `Supports` is unknown; write supports or does-not-support"
        ],
    );
    check(
        &row(&[("significance", "good")]),
        expect![
            "house.tsv, line 6, column `significance`: `good` is unknown; write sensitivity, resistance, reduced-sensitivity or adverse-response"
        ],
    );
    check(
        &row(&[("level", "1")]),
        expect!["house.tsv, line 6, column `level`: `1` is unknown; expected A to E"],
    );
    check(
        &row(&[("alteration", "BRAF")]),
        expect!["house.tsv, line 6, column `alteration`: `BRAF` names no gene; write `GENE alteration`"],
    );
    check(
        &row(&[("alteration", "( BRAF V600E")]),
        expect![
            "house.tsv, line 6, column `alteration`: no `)` before ``; join alterations by AND, OR, NOT and parentheses"
        ],
    );
    check(
        &row(&[("id", "")]),
        expect!["house.tsv, line 6, column `id`: empty or with blanks; give each row an id of its own"],
    );
}

#[test]
fn lenient_counts_what_is_refused_and_not_understood() {
    let rows = format!(
        "{ROW}{}{}",
        row(&[("id", "H2"), ("level", "1")]),
        row(&[("id", "H3"), ("alteration", "BRAF odd words")])
    );
    let count = read(&rows, Strictness::Lenient).expect("lenient").statements.count;
    expect![[r#"ImportCount { table: "layer house", read: 3, kept: 2, left_out: {"kept: alteration not understood: matched to no patient": 1, "refused, column `level`: … is unknown": 1} }"#]].assert_eq(&format!("{count:?}"));
}

#[test]
fn the_head_must_name_layer_and_licence() {
    let vocabularies = Vocabularies { drugs: &BASE.drugs, diseases: &BASE.diseases };
    let said = |text: &str| {
        site::import("house.tsv", text, vocabularies, Strictness::Lenient).expect_err("refused").to_string()
    };
    expect![[r#"layer `house.tsv`: no line `# licence: …` above the table; see "a site's own statements" in knowledge/README.md"#]].assert_eq(&said(&HEAD.replace("# licence: agreement 17, no export\n", "")));
    expect!["layer `house.tsv`: `our house` is no layer name; use letters, digits and hyphens"]
        .assert_eq(&said(&HEAD.replace("name: house", "name: our house")));
}

fn folder(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("concilium-site-{name}-{}", std::process::id()))
}

fn layered(name: &str) -> Knowledge {
    let folder = folder(name);
    std::fs::create_dir_all(&folder).expect("own folder");
    let file = folder.join("house.tsv");
    std::fs::write(&file, format!("{HEAD}{ROW}")).expect("own file");
    let out = folder.join("layer");
    build_layer(&file, &BASE, &out, Strictness::Strict).expect("a layer");
    let knowledge = load_layered(BASE.clone(), &[Path::new(&out)]).expect("loads");
    std::fs::remove_dir_all(&folder).expect("own folder");
    knowledge
}

#[test]
fn a_layer_is_named_with_its_licence_and_its_references_hold() {
    let knowledge = layered("licence");
    expect![[r#"[{"name":"house","licence":"agreement 17, no export","version":"4.2","date":"2026-02-01","attribution":""}]"#]].assert_eq(&serde_json::to_string(&knowledge.manifest.layers).expect("json"));
    assert!(knowledge.manifest.files.contains_key("layers/house/statements.tsv"));
    assert_ne!(knowledge.manifest.hash, BASE.manifest.hash);
    assert_eq!(verify(&knowledge), Vec::<String>::new());
    assert_eq!(knowledge.statements_of(&StatementKey::new("H1")).len(), 2);
}

#[test]
fn no_word_of_a_layer_leaves_the_house() {
    let knowledge = layered("export");
    let key = StatementKey::new("H1");
    assert!(knowledge.sentences.contains_key(&key), "the site itself may read it");
    assert_eq!(exportable(&knowledge).count(), BASE.statements.len());
    assert_eq!(exportable_sentences(&knowledge).count(), 0);
    expect!["H1 is of layer `house` (agreement 17, no export), which is never exported; leave it out"]
        .assert_eq(&sentence_for_export(&knowledge, &key).expect_err("refused").to_string());
    assert_eq!(sentence_for_export(&knowledge, &StatementKey::new("EID12063")).expect("no layer"), None);
    let text = diff(&BASE, &knowledge).to_string();
    expect![[r#"
        added 0
        gone 0
        changed 0
        not compared: 2 statements of layer house, which is never exported
    "#]]
    .assert_eq(&text);
}
