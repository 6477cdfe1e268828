//! CIViC tables: both layouts, rows that cannot be kept, and releases that withdraw statements.

use super::{Folder, check, check_refused, documents, import};
use expect_test::expect;

const HEADER: &str = "molecular_profile\tdisease\ttherapies\ttherapy_interaction_type\tevidence_type\tevidence_direction\t\
    evidence_level\tsignificance\tevidence_statement\tcitation_id\tsource_type\tasco_abstract_id\tnct_ids\tevidence_status\t\
    evidence_id\tlast_review_date\tis_flagged";

fn row(id: &str, day: &str, sentence: &str) -> String {
    format!(
        "GENE1 V1A\tInvented Carcinoma\tInventinib,Otherinib\tCombination\tPredictive\tSupports\tB\t\
         Sensitivity/Response\t{sentence}\t90000001\tPubMed\t\tNCT90000001\taccepted\t{id}\t{day} 21:46:26 UTC\tfalse"
    )
}

#[test]
fn statements_are_read_and_bad_rows_named() {
    let rows = [
        row("90001", "2023-01-09", "Of 12 patients with \"GENE1 V1A\", 6 responded."),
        row("x", "2023-01-09", "No number."),
        row("90002", "2023-01-09", ""),
        row("90003", "2023-01-09", "Pending.").replace("accepted", "submitted"),
        String::new(),
        row("90004", "2024-02-01", "Reported at a meeting.")
            .replace("PubMed\t", "ASCO\t123")
            .replace("false", "true"),
    ];
    let file = format!("{HEADER}\r\n{}\r\n", rows.join("\r\n"));
    check(
        "01-Sep-2025-ClinicalEvidenceSummaries.tsv",
        file.as_bytes(),
        expect![[r#"
        civic read 5, kept 2, refused 1 an evidence_id that is no number, refused 1 no sentence, refused 1 not accepted by CIViC's editors
        line 3: an evidence_id that is no number 
        line 4: no sentence 
        line 5: not accepted by CIViC's editors 
        civic:EID90001 v[2023-01-09] Statement CuratedSummary small
          types ["Predictive", "Sensitivity/Response", "Supports", "Level B"] date 2023-01-09 venue CIViC 01-Sep-2025 ids ["pmid:90000001", "nct:NCT90000001"] language eng
          Current
          statements [StatementKey("EID90001")]
          [title] GENE1 V1A, Invented Carcinoma, Inventinib + Otherinib
          [statement] Of 12 patients with "GENE1 V1A", 6 responded.
        civic:EID90004 v[2024-02-01] Statement CuratedSummary small
          types ["Predictive", "Sensitivity/Response", "Supports", "Level B", "Flagged"] date 2024-02-01 venue CIViC 01-Sep-2025 ids ["asco:123", "nct:NCT90000001"] language eng
          Current
          statements [StatementKey("EID90004")]
          [title] GENE1 V1A, Invented Carcinoma, Inventinib + Otherinib
          [statement] Reported at a meeting.
    "#]],
    );
}

#[test]
fn the_older_layout_is_read() {
    let header = "gene\tvariant\tdisease\tdrugs\tdrug_interaction_type\tevidence_type\tclinical_significance\t\
                  evidence_statement\tevidence_id\tlast_review_date";
    let row = "GENE1\tV1A\tInvented Carcinoma\tA,B\tSubstitutes\tPrognostic\tPoor Outcome\tWords.\t90001\t";
    check(
        "nightly-ClinicalEvidenceSummaries.tsv",
        format!("{header}\n{row}\n").as_bytes(),
        expect![[r#"
        civic read 1, kept 1
        civic:EID90001 v[] Statement CuratedSummary small
          types ["Prognostic", "Poor Outcome"] date  venue CIViC nightly ids [] language eng
          Current
          statements [StatementKey("EID90001")]
          [title] GENE1 V1A, Invented Carcinoma, A or B
          [statement] Words.
    "#]],
    );
}

#[test]
fn a_newer_release_withdraws_what_it_no_longer_lists() {
    let release = |rows: &[String]| format!("{HEADER}\n{}\n", rows.join("\n")).into_bytes();
    let old = release(&[row("90001", "2023-01-09", "One."), row("90002", "2023-01-09", "Two.")]);
    let new = release(&[row("90002", "2023-01-09", "Two."), row("90003", "2024-01-09", "Three.")]);
    for order in [[&old, &new], [&new, &old]] {
        let folder = Folder::new();
        order.iter().for_each(|bytes| {
            import(&folder, "x.tsv", bytes, false).expect("an import");
        });
        let mut ids: Vec<_> = documents(&folder).into_iter().map(|d| d.id.0).collect();
        ids.sort();
        assert_eq!(ids, ["civic:EID90002", "civic:EID90003"]);
    }
}

#[test]
fn another_table_is_refused() {
    check_refused(
        "x.tsv",
        b"disease\tevidence_statement\tevidence_type\tevidence_id\nx\ty\tz\t1\n",
        "x.tsv: column `last_review_date` is missing; give ClinicalEvidenceSummaries.tsv as CIViC publishes it",
    );
}
