//! Registry records in every shape they come in.

use super::{alone, check, check_refused, counts};
use expect_test::expect;

fn study(nct: &str, title: &str) -> String {
    format!(
        "{{\"protocolSection\":{{\"identificationModule\":{{\"nctId\":\"{nct}\",\"briefTitle\":\"{title}\"}}}},\"hasResults\":false}}"
    )
}

#[test]
fn a_study_is_read_by_its_modules() {
    let json = r#"{
  "protocolSection": {
    "identificationModule": {"nctId": "NCT90000001", "briefTitle": "Inventinib trial", "officialTitle": "A Trial of Inventinib", "organization": {"fullName": "Nobody"}},
    "statusModule": {"statusVerifiedDate": "2023-04", "overallStatus": "RECRUITING", "startDateStruct": {"date": "2015-08"},
      "studyFirstPostDateStruct": {"date": "2015-07-31", "type": "ESTIMATED"}, "lastUpdatePostDateStruct": {"date": "2023-06-15"}},
    "descriptionModule": {"briefSummary": "First.\n\nSecond \\> 5."},
    "conditionsModule": {"conditions": ["Invented Carcinoma"], "keywords": ["EGFR"]},
    "designModule": {"studyType": "INTERVENTIONAL", "phases": ["PHASE1", "PHASE2"]},
    "armsInterventionsModule": {"armGroups": [{"label": "Arm A", "description": "Inventinib daily."}],
      "interventions": [{"type": "DRUG", "name": "Inventinib", "otherNames": ["IN-1"]}]},
    "eligibilityModule": {"eligibilityCriteria": "Adults only.\n\nInclusion Criteria:\n\n* EGFR T790M\n* ECOG 0-1\n\nKey Exclusion Criteria:\n\n* Brain metastases", "sex": "ALL"}
  },
  "hasResults": true
}"#;
    check(
        "NCT90000001.json",
        json.as_bytes(),
        expect![[r#"
            trials read 1, kept 1
            nct:NCT90000001 v[2023-06-15] Trial FullText small
              types ["PHASE1", "PHASE2", "INTERVENTIONAL"] date 2015-07-31 venue ClinicalTrials.gov: RECRUITING (2023-06-15) ids [] language 
              Current
              [title] Inventinib trial
              [overview] A Trial of Inventinib
            Conditions: Invented Carcinoma
            Keywords: EGFR
            Interventions: Inventinib (IN-1)
              [summary] First.

            Second > 5.
              [arms] Arm A: Inventinib daily.
              [eligibility] Adults only.
              [eligibility: inclusion] * EGFR T790M
            * ECOG 0-1
              [eligibility: exclusion] * Brain metastases
        "#]],
    );
}

#[test]
fn pages_lists_and_lines_give_the_same_studies() {
    let (a, b) = (study("NCT90000001", "One"), study("NCT90000002", "Two"));
    let shapes = [
        ("page.json", format!("{{\"totalCount\":2,\"studies\":[{a},\n{b}],\"nextPageToken\":\"x\"}}")),
        ("list.json", format!("[{a},{b}]")),
        ("lines.ndjson", format!("{a}\n\n{b}\n")),
        ("lines.json", format!("{a}\n{b}\n")),
        ("values.json", format!("{{\"studies\":[{a}]}} {{\"studies\":[{b}]}}")),
        (
            "flat.jsonl",
            "{\"nct_id\":\"NCT90000001\",\"title\":\"One\"}\n{\"nct_id\":\"NCT90000002\",\"title\":\"Two\"}"
                .into(),
        ),
        (
            "flat.json",
            "[{\"nct_id\":\"NCT90000001\",\"title\":\"One\"},{\"nct_id\":\"NCT90000002\",\"title\":\"Two\"}]"
                .into(),
        ),
    ];
    let expect = alone(shapes[0].0, shapes[0].1.as_bytes()).1;
    assert_eq!(expect.iter().map(|d| d.title.as_str()).collect::<Vec<_>>(), ["One", "Two"]);
    for (name, text) in shapes {
        assert_eq!(alone(name, text.as_bytes()).1, expect, "{name}");
    }
}

#[test]
fn bad_studies_cost_only_themselves_where_lines_or_lists_hold() {
    let good = |n: u8| study(&format!("NCT9000000{n}"), "Good");
    let bad_type = good(2).replace("\"Good\"", "7");
    let bad_id = study("NCT1", "Bad");
    let page = format!("{{\"studies\":[{},{bad_type},{bad_id},{}]}}", good(1), good(3));
    check(
        "page.json",
        page.as_bytes(),
        expect![[r#"
            trials read 4, kept 2, refused 1 a field of another type than expected, refused 1 an NCT id of another form than NCT and eight digits
            study 2: a field of another type than expected 
            study 3: an NCT id of another form than NCT and eight digits 
            nct:NCT90000001 v[] Trial TitleOnly small
              types [] date  venue ClinicalTrials.gov ids [] language 
              Current
              [title] Good
            nct:NCT90000003 v[] Trial TitleOnly small
              types [] date  venue ClinicalTrials.gov ids [] language 
              Current
              [title] Good
        "#]],
    );
    let lines = format!("{}\n{{\"protocolSection\":\n{}\n", good(1), good(3));
    let (part, _) = alone("lines.ndjson", lines.as_bytes());
    assert_eq!(counts(&part), "read 3, kept 2, refused 1 broken JSON");
    let cut = format!("{{\"studies\":[{},{}", good(1), &good(2)[..40]);
    let (part, _) = alone("page.json", cut.as_bytes());
    assert_eq!(counts(&part), "read 2, kept 1, refused 1 broken JSON; what follows is lost");
    assert_eq!(part.refusals[0].at, "line 1, column 160, after 1 studies");
    check_refused(
        "page.json",
        b"{\"nct_id\": 7}",
        "page.json: none of 1 records can be kept; the first, at study 1: a field of another type than expected; is this \
         a file of format `trials`?",
    );
}
