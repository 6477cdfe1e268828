//! What does a build say of downloads that were cut off, edited, or saved by another program? Invented rows only.

use concilium_knowledge::{Manifest, Options, SourcePaths, Strictness, build, load};
use expect_test::{Expect, expect};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

const EVIDENCE: &str = "01-Jan-2026-ClinicalEvidenceSummaries.tsv";
const PROFILES: &str = "01-Jan-2026-MolecularProfileSummaries.tsv";
const VARIANTS: &str = "01-Jan-2026-VariantSummaries.tsv";
const ASSERTIONS: &str = "01-Jan-2026-AssertionSummaries.tsv";
const GENES: &str = "human_protein_coding_genes_2026-01.tsv";
const OBO: &str = "DO_cancer_slim.obo";
const ONCOTREE: &str = "oncotree_2026_01_01.json";

type Downloads = BTreeMap<&'static str, Vec<u8>>;

/// Two rows of everything.
fn downloads() -> Downloads {
    let evidence_row = |id: u32, profile: u32| {
        format!(
            "G V{profile}\t{profile}\tthing\t0001\tgefitinib\t\tPredictive\tSupports\tB\tSensitivity/Response\tInvented words.\t1{id}\tPubMed\tA et al., 2020\t\t3\taccepted\t{id}\tSomatic\t2025-01-01\tfalse\n"
        )
    };
    let variant_row =
        |id: u32| format!("{id}\tGene\tG\tV{id}00E\tmissense_variant\t\t\t\t\t\t\t\t\t\t\t\t\t\n");
    let texts = [
        (
            EVIDENCE,
            format!(
                "molecular_profile\tmolecular_profile_id\tdisease\tdoid\ttherapies\ttherapy_interaction_type\tevidence_type\tevidence_direction\tevidence_level\tsignificance\tevidence_statement\tcitation_id\tsource_type\tcitation\tnct_ids\trating\tevidence_status\tevidence_id\tvariant_origin\tlast_review_date\tis_flagged\n{}{}",
                evidence_row(1, 7),
                evidence_row(2, 8)
            ),
        ),
        (PROFILES, "name\tmolecular_profile_id\tvariant_ids\nG V700E\t7\t7\nG V800E\t8\t8\n".to_owned()),
        (
            VARIANTS,
            format!(
                "variant_id\tfeature_type\tfeature_name\tvariant\tvariant_types\tchromosome\tstart\tstop\treference_bases\tvariant_bases\trepresentative_transcript\treference_build\thgvs_descriptions\tclinvar_ids\t5_prime_partner_status\t5_prime_partner\t3_prime_partner_status\t3_prime_partner\n{}{}",
                variant_row(7),
                variant_row(8)
            ),
        ),
        (
            ASSERTIONS,
            "molecular_profile_id\tdisease\tdoid\tassertion_type\tsignificance\tamp_category\tnccn_guideline\tnccn_guideline_version\tregulatory_approval\tfda_companion_test\tassertion_id\tevidence_item_ids\n7\tthing\t0001\tPredictive\tSensitivity/Response\t\t\t\tfalse\tfalse\t1\t1\n8\tthing\t0001\tPredictive\tSensitivity/Response\t\t\t\tfalse\tfalse\t2\t2\n".to_owned(),
        ),
        (GENES, "entrez_id\tsymbol\taliases\n1\tG\tGG\n2\tH\tHH\n".to_owned()),
        (
            OBO,
            "format-version: 1.2\ndata-version: doid/releases/2026-01-02/x.obo\n\n[Term]\nid: DOID:0001\nname: thing\nxref: NCI:C1\n\n[Term]\nid: DOID:0002\nname: other thing\nis_a: DOID:0001 ! thing\n".to_owned(),
        ),
        (
            ONCOTREE,
            "{\"TISSUE\":{\"code\":\"TISSUE\",\"name\":\"Tissue\",\"children\":{\n\"T\":{\"code\":\"T\",\"name\":\"Thing\",\"parent\":\"TISSUE\",\"children\":{}},\n\"U\":{\"code\":\"U\",\"name\":\"Unlike\",\"parent\":\"TISSUE\",\"children\":{}}}}}\n".to_owned(),
        ),
    ];
    texts.into_iter().map(|(file, text)| (file, text.into_bytes())).collect()
}

static RUN: AtomicUsize = AtomicUsize::new(0);

/// Builds a release of the downloads; the error with its cause, without the folder's name.
fn built(downloads: &Downloads, strictness: Strictness) -> Result<(Manifest, PathBuf), String> {
    let number = RUN.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("concilium-damage-{}-{number}", std::process::id()));
    std::fs::create_dir_all(folder.join("in")).expect("own folder");
    for (file, bytes) in downloads {
        std::fs::write(folder.join("in").join(file), bytes).expect("own file");
    }
    let said = |error: concilium_knowledge::Error| {
        error.to_string().replace(&format!("{}/in/", folder.display()), "")
    };
    let sources = SourcePaths::find(&folder.join("in")).map_err(said)?;
    let options = Options { fill_from_pack: false, ..Options::full("damage", strictness) };
    let authored = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge");
    let out = folder.join("out");
    let manifest = build(&sources, &authored, &out, &options).map_err(|error| {
        let text = said(error);
        std::fs::remove_dir_all(&folder).expect("own folder");
        text
    })?;
    Ok((manifest, out))
}

fn remove(out: &Path) {
    std::fs::remove_dir_all(out.parent().expect("a folder")).expect("own folder");
}

type Damage = fn(Vec<u8>) -> Vec<u8>;

/// Strict: the error. Lenient: what was left out, or the error.
#[track_caller]
fn check(file: &'static str, damage: Damage, strict: Expect, lenient: Expect) {
    let mut downloads = downloads();
    let bytes = downloads.remove(file).expect("a download");
    downloads.insert(file, damage(bytes));
    match built(&downloads, Strictness::Strict) {
        Ok((_, out)) => {
            remove(&out);
            strict.assert_eq("built");
        }
        Err(text) => strict.assert_eq(&text),
    }
    match built(&downloads, Strictness::Lenient) {
        Err(text) => lenient.assert_eq(&text),
        Ok((manifest, out)) => {
            load(&out).expect("what was built loads");
            remove(&out);
            let refused = manifest.counts.iter().flat_map(|count| {
                let why = count.left_out.iter().filter(|(why, _)| why.starts_with("refused"));
                why.map(|(why, n)| {
                    format!("{}: {} of {} kept, {n} {why}", count.table, count.kept, count.read)
                })
            });
            lenient.assert_eq(&refused.collect::<Vec<_>>().join("\n"));
        }
    }
}

fn replaced(bytes: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    String::from_utf8(bytes).expect("text").replacen(from, to, 1).into_bytes()
}

fn cut(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - 3);
    bytes
}

fn cut_deep(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - 14);
    bytes
}

/// The last data row once more.
fn repeated(bytes: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(bytes).expect("text");
    let last = text.lines().last().expect("a row").to_owned();
    (text + &last + "\n").into_bytes()
}

fn other_header(bytes: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(bytes).expect("text");
    text.split_once('\n').map(|(_, rows)| format!("a,b,c\n{rows}")).expect("a header").into_bytes()
}

fn no_text(mut bytes: Vec<u8>) -> Vec<u8> {
    let at = bytes.len() - 6;
    bytes[at] = 0xff;
    bytes
}

#[test]
fn undamaged_downloads_build() {
    check(EVIDENCE, |bytes| bytes, expect!["built"], expect![""]);
}

#[test]
fn a_missing_column_is_an_error_either_way() {
    check(
        EVIDENCE,
        |b| replaced(b, "evidence_level", "level"),
        expect![
            "01-Jan-2026-ClinicalEvidenceSummaries.tsv: column `evidence_level` is missing (found: molecular_profile, molecular_profile_id, disease, doid, therapies, therapy_interaction_type, evidence_type, evidence_direction, level, significance, evidence_statement, citation_id, source_type, citation, nct_ids, rating, evidence_status, evidence_id, variant_origin, last_review_date, is_flagged); export the table again or rename the column"
        ],
        expect![
            "01-Jan-2026-ClinicalEvidenceSummaries.tsv: column `evidence_level` is missing (found: molecular_profile, molecular_profile_id, disease, doid, therapies, therapy_interaction_type, evidence_type, evidence_direction, level, significance, evidence_statement, citation_id, source_type, citation, nct_ids, rating, evidence_status, evidence_id, variant_origin, last_review_date, is_flagged); export the table again or rename the column"
        ],
    );
    check(
        VARIANTS,
        |b| replaced(b, "feature_name", "gene"),
        expect![
            "01-Jan-2026-VariantSummaries.tsv: column `feature_name` is missing (found: variant_id, feature_type, gene, variant, variant_types, chromosome, start, stop, reference_bases, variant_bases, representative_transcript, reference_build, hgvs_descriptions, clinvar_ids, 5_prime_partner_status, 5_prime_partner, 3_prime_partner_status, 3_prime_partner); export the table again or rename the column"
        ],
        expect![
            "01-Jan-2026-VariantSummaries.tsv: column `feature_name` is missing (found: variant_id, feature_type, gene, variant, variant_types, chromosome, start, stop, reference_bases, variant_bases, representative_transcript, reference_build, hgvs_descriptions, clinvar_ids, 5_prime_partner_status, 5_prime_partner, 3_prime_partner_status, 3_prime_partner); export the table again or rename the column"
        ],
    );
    check(
        PROFILES,
        |b| replaced(b, "variant_ids", "variants"),
        expect![
            "01-Jan-2026-MolecularProfileSummaries.tsv: column `variant_ids` is missing (found: name, molecular_profile_id, variants); export the table again or rename the column"
        ],
        expect![
            "01-Jan-2026-MolecularProfileSummaries.tsv: column `variant_ids` is missing (found: name, molecular_profile_id, variants); export the table again or rename the column"
        ],
    );
    check(
        ASSERTIONS,
        |b| replaced(b, "amp_category", "amp"),
        expect![
            "01-Jan-2026-AssertionSummaries.tsv: column `amp_category` is missing (found: molecular_profile_id, disease, doid, assertion_type, significance, amp, nccn_guideline, nccn_guideline_version, regulatory_approval, fda_companion_test, assertion_id, evidence_item_ids); export the table again or rename the column"
        ],
        expect![
            "01-Jan-2026-AssertionSummaries.tsv: column `amp_category` is missing (found: molecular_profile_id, disease, doid, assertion_type, significance, amp, nccn_guideline, nccn_guideline_version, regulatory_approval, fda_companion_test, assertion_id, evidence_item_ids); export the table again or rename the column"
        ],
    );
    check(
        GENES,
        other_header,
        expect![
            "human_protein_coding_genes_2026-01.tsv: column `entrez_id` is missing (found: a,b,c); export the table again or rename the column"
        ],
        expect![
            "human_protein_coding_genes_2026-01.tsv: column `entrez_id` is missing (found: a,b,c); export the table again or rename the column"
        ],
    );
}

#[test]
fn a_file_that_was_cut_off_is_refused_where_it_ends() {
    check(
        EVIDENCE,
        cut,
        expect![
            "01-Jan-2026-ClinicalEvidenceSummaries.tsv, line 3, column `is_flagged`: the file ends inside this line; download the file again; it must not be edited or quoted by other programs"
        ],
        expect!["statements: 1 of 2 kept, 1 refused, column `is_flagged`: the file ends inside this line"],
    );
    check(
        EVIDENCE,
        cut_deep,
        expect![
            "01-Jan-2026-ClinicalEvidenceSummaries.tsv, line 3, column `last_review_date`: `20` cells for `21` columns; download the file again; it must not be edited or quoted by other programs"
        ],
        expect!["statements: 1 of 2 kept, 1 refused, column `last_review_date`: … cells for … columns"],
    );
    check(
        VARIANTS,
        cut_deep,
        expect![
            "01-Jan-2026-VariantSummaries.tsv, line 3, column `variant_types`: `5` cells for `18` columns; download the file again; it must not be edited or quoted by other programs"
        ],
        expect![[r#"
        leaves: 1 of 2 kept, 1 refused, column `variant_types`: … cells for … columns
        profiles: 1 of 2 kept, 1 refused, column `variant_ids`: no variant …"#]],
    );
    check(
        GENES,
        cut,
        expect![
            "human_protein_coding_genes_2026-01.tsv, line 3, column `aliases`: the file ends inside this line; download the file again; it must not be edited or quoted by other programs"
        ],
        expect!["gene_names: 1 of 2 kept, 1 refused, column `aliases`: the file ends inside this line"],
    );
    check(
        OBO,
        cut,
        expect![
            "DO_cancer_slim.obo, line 9, column `id`: the file ends inside this term; download an OBO release again, unedited"
        ],
        expect![
            "diseases of DO_cancer_slim.obo: 1 of 2 kept, 1 refused, column `id`: the file ends inside this term"
        ],
    );
    check(
        ONCOTREE,
        cut,
        expect![
            "oncotree_2026_01_01.json, line 3, column 65: not the expected JSON; download the file again, unedited"
        ],
        expect![
            "oncotree_2026_01_01.json, line 3, column 65: not the expected JSON; download the file again, unedited"
        ],
    );
}

#[test]
fn an_id_that_stands_twice_is_refused_the_second_time() {
    check(
        EVIDENCE,
        repeated,
        expect![
            "01-Jan-2026-ClinicalEvidenceSummaries.tsv, line 4, column `evidence_id`: `2` stands in line `3` already; keep one of the two rows, or download the file again"
        ],
        expect!["statements: 2 of 3 kept, 1 refused, column `evidence_id`: … stands in line … already"],
    );
    check(
        VARIANTS,
        repeated,
        expect![
            "01-Jan-2026-VariantSummaries.tsv, line 4, column `variant_id`: `8` stands in line `3` already; keep one of the two rows, or download the file again"
        ],
        expect!["leaves: 2 of 3 kept, 1 refused, column `variant_id`: … stands in line … already"],
    );
    check(
        PROFILES,
        repeated,
        expect![
            "01-Jan-2026-MolecularProfileSummaries.tsv, line 4, column `molecular_profile_id`: `8` stands in line `3` already; keep one of the two rows, or download the file again"
        ],
        expect![
            "profiles: 2 of 3 kept, 1 refused, column `molecular_profile_id`: … stands in line … already"
        ],
    );
    check(
        ASSERTIONS,
        repeated,
        expect![
            "01-Jan-2026-AssertionSummaries.tsv, line 4, column `assertion_id`: `2` stands in line `3` already; keep one of the two rows, or download the file again"
        ],
        expect!["assertions: 2 of 3 kept, 1 refused, column `assertion_id`: … stands in line … already"],
    );
    check(
        GENES,
        repeated,
        expect![
            "human_protein_coding_genes_2026-01.tsv, line 4, column `entrez_id`: `2` stands in line `3` already; keep one of the two rows, or download the file again"
        ],
        expect!["gene_names: 2 of 3 kept, 1 refused, column `entrez_id`: … stands in line … already"],
    );
    check(
        OBO,
        |b| replaced(b, "DOID:0002\n", "DOID:0001\n"),
        expect![
            "DO_cancer_slim.obo, line 9, column `id`: the term stands in line `4` already; download an OBO release again, unedited"
        ],
        expect![
            "diseases of DO_cancer_slim.obo: 1 of 2 kept, 1 refused, column `id`: the term stands in line … already"
        ],
    );
}

#[test]
fn bytes_that_are_no_text_are_named_by_line_and_column() {
    check(
        EVIDENCE,
        no_text,
        expect![
            "01-Jan-2026-ClinicalEvidenceSummaries.tsv, line 3, byte 147 of it: not UTF-8; save the file as UTF-8, or download it again"
        ],
        expect!["statements: 1 of 2 kept, 1 refused, column `is_flagged`: not UTF-8"],
    );
    check(
        GENES,
        no_text,
        expect![
            "human_protein_coding_genes_2026-01.tsv, line 3, byte 2 of it: not UTF-8; save the file as UTF-8, or download it again"
        ],
        expect!["gene_names: 1 of 2 kept, 1 refused, column `symbol`: … cells for … columns"],
    );
    check(
        OBO,
        no_text,
        expect![
            "DO_cancer_slim.obo, line 12, byte 19 of it: not UTF-8; save the file as UTF-8, or download it again"
        ],
        expect!["diseases of DO_cancer_slim.obo: 1 of 2 kept, 1 refused, column `name`: not UTF-8"],
    );
}

#[test]
fn a_cell_with_a_tab_in_it_is_refused() {
    check(
        EVIDENCE,
        |b| replaced(b, "Invented words.", "Invented\twords."),
        expect![
            "01-Jan-2026-ClinicalEvidenceSummaries.tsv, line 2, column `is_flagged`: `22` cells for `21` columns; download the file again; it must not be edited or quoted by other programs"
        ],
        expect!["statements: 1 of 2 kept, 1 refused, column `is_flagged`: … cells for … columns"],
    );
}

/// Tables by name, without the manifest.
fn tables(downloads: &Downloads) -> BTreeMap<String, String> {
    let (_, out) = built(downloads, Strictness::Strict).expect("builds");
    let knowledge = load(&out).expect("loads");
    remove(&out);
    knowledge.manifest.files
}

#[test]
fn byte_order_marks_and_line_ends_of_other_systems_change_nothing() {
    let plain = tables(&downloads());
    let marked =
        downloads().into_iter().map(|(file, bytes)| (file, [b"\xef\xbb\xbf".to_vec(), bytes].concat()));
    assert_eq!(tables(&marked.collect()), plain);
    let windows = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text").replace('\n', "\r\n").into_bytes();
    let windows = downloads().into_iter().map(|(file, bytes)| (file, windows(bytes)));
    assert_eq!(tables(&windows.collect()), plain);
}
