//! Invented files: what is read, what is left out, what is refused.

use super::{Read, ReadError, Result, bioasq, civic_pm, qrels, run, topics};
use crate::metrics::{Run, ranked};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use std::path::Path;

/// What was read, then each line that was not; or the error.
#[track_caller]
fn check<T: std::fmt::Debug>(found: Result<Read<T>>, show: impl Fn(&T) -> String, expected: Expect) {
    let said = match found {
        Ok(read) => {
            let broken = read.broken.iter().map(|broken| format!("\n{broken}"));
            show(&read.value) + &broken.collect::<String>()
        }
        Err(error) => format!("error: {error}"),
    };
    expected.assert_eq(&said);
}

fn file() -> &'static Path {
    Path::new("labels")
}

#[test]
fn qrels_are_read_line_by_line() {
    let text = "1 0 a 2\r\n1\t0\tb\t-1\n\n1 0 a 1\n1 0 c\n2 0 a x\n2 0 b 0\n";
    check(
        qrels::parse(file(), text),
        |value| format!("{value:?}"),
        expect![[r#"
            {"1": {"a": 2, "b": -1}, "2": {"b": 0}}
            labels:4: topic and document were judged on a line before
            labels:5: 3 columns, not 4
            labels:6: the grade is no whole number"#]],
    );
    check(
        qrels::parse(file(), "a table, of something else\n"),
        |value| format!("{value:?}"),
        expect!["error: labels: no line can be read; line 1: 5 columns, not 4"],
    );
}

#[test]
fn sampled_qrels_have_strata() {
    let text = "1 0 a 1 2\n1 0 b 2 -1\n1 0 b 2 1\n1 0 c 1\n";
    check(
        qrels::parse_sampled(file(), text),
        |value| format!("{:?}", value["1"].values().map(|s| (&*s.stratum, s.grade)).collect::<Vec<_>>()),
        expect![[r#"
            [("1", Some(2)), ("2", None)]
            labels:3: topic and document stand on a line before
            labels:4: 4 columns, not 5"#]],
    );
}

#[test]
fn runs_are_read_and_written() {
    let text = "1 Q0 a 1 2.5 mine\n1 Q0 b 2 2.5 mine\n1 Q0 a 3 1 mine\n1 Q0 c 4 NaN mine\n1 Q0 d 5 x mine\n";
    check(
        run::parse(file(), text),
        |value| run::write(value, "ours"),
        expect![[r#"
            1 Q0 b 1 2.5 ours
            1 Q0 a 2 2.5 ours

            labels:3: the topic has this document on a line before
            labels:4: the score is not finite
            labels:5: the score is no number"#]],
    );
}

#[test]
fn topics_are_patients() {
    let text = "<topics>\n <topic number=\"1\"><disease>Melanoma</disease>\n<gene>BRAF (V600E),\n KIT &amp; more</gene>\
        <demographic>40-year-old male</demographic><other>None</other></topic>\n\
        <topic number=\"2\"><disease>Glioma</disease></topic><topic number=\"3\"><disease>x</disease></topics>";
    check(
        topics::parse(file(), text.strip_suffix("</topics>").expect("ends so")),
        |value| format!("{value:?}"),
        expect![[r#"
            [Topic { id: "1", disease: "Melanoma", gene: "BRAF (V600E), KIT & more", demographic: "40-year-old male", other: "None" }]
            labels:2: the topic has no gene
            labels:3: the topic never ends"#]],
    );
    check(
        topics::parse(file(), "<a>\n</b>"),
        |value| format!("{value:?}"),
        expect![
            "error: labels: line 2: no XML that can be read: ill-formed document: expected `</a>`, but `</b>` was found"
        ],
    );
    check(
        topics::parse(file(), "<topics/>"),
        |value| format!("{value:?}"),
        expect!["error: labels: holds no topic with number, disease and gene"],
    );
}

#[test]
fn judgments_on_cited_publications() {
    let head = "year\ttopic\tdisease\tgene\tdemographic\tpmid\tscore_0_1_2\n";
    let rows = "2017\t1\tGlioma\tABC (X1Y)\t\t11\t2\n2017\t1\tGlioma\tABC (X1Y)\t\t12\t\n2017\t\tGlioma\tA\t\t1\t1\n";
    check(
        civic_pm::parse(file(), &format!("{head}{rows}")),
        |value| format!("{:?} {:?}", value.topics.keys().collect::<Vec<_>>(), value.qrels),
        expect![[r#"
            ["1"] {"1": {"pmid:11": 2}}
            labels:3: `score_0_1_2` is empty
            labels:4: `topic` is empty"#]],
    );
    check(
        civic_pm::parse(file(), "topic\tdisease\n1\tx\n"),
        |value| format!("{value:?}"),
        expect!["error: labels: line 1: column `gene` is missing"],
    );
}

#[test]
fn questions_with_snippets() {
    let snippet = r#"{"document": "http://x/pubmed/7", "text": "words", "beginSection": "title"}"#;
    let text = format!(
        r#"[{{"id": "q1", "body": "Which?", "type": "list", "snippets": [{snippet}]}},
            {{"id": "q2", "body": "What?"}}, {{"id": "q3"}}]"#
    );
    check(
        bioasq::parse(file(), &text),
        |value| format!("{} {:?}", value[0].id, bioasq::pmid(&value[0].snippets[0].document)),
        expect![[r#"
            q1 Some("7")
            labels:2: no snippet of a PubMed record
            labels:3: lacks id, body or the text of a snippet"#]],
    );
    let wrong = bioasq::parse(file(), "{\n\"questions\": 1}").expect_err("no list").to_string();
    assert_eq!(wrong, "labels: no list of questions, bare or under `questions`");
    assert_eq!(bioasq::pmid("http://x/pubmed/PMC7"), None);
}

#[test]
fn a_folder_in_the_layout_of_beir() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    let missing = super::beir::read(folder.path(), "test").expect_err("empty");
    assert!(matches!(missing, ReadError::Missing { .. }), "{missing}");
    write(
        "corpus.jsonl",
        "{\"_id\": \"d1\", \"title\": \"T\", \"text\": \"words\"}\nno json\n{\"_id\": \"d2\", \"text\": \"\"}\n",
    );
    write("queries.jsonl", "{\"_id\": \"q1\", \"text\": \"which?\", \"metadata\": {}}\n");
    write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\nq1\td3\t0\n");
    let found = super::beir::read(folder.path(), "test").expect("read");
    let ids: Vec<&str> = found.value.corpus.iter().map(|text| text.id.as_str()).collect();
    assert_eq!(ids, ["d1", "d2"]);
    assert_eq!(found.value.queries["q1"], "which?");
    assert_eq!(found.value.qrels["q1"].len(), 2);
    let broken: Vec<(usize, &str)> = found.broken.iter().map(|b| (b.at, b.what.as_str())).collect();
    let json = "column 2: no JSON object with `_id` and `text`";
    assert_eq!(broken, [(2, json), (3, "2 columns between tabs, not 3")]);
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(text in "\\PC*|[<>/a-z0-9 \"\\t\\n\\[\\]{}:,]*") {
        let _ = qrels::parse(file(), &text);
        let _ = qrels::parse_sampled(file(), &text);
        let _ = run::parse(file(), &text);
        let _ = topics::parse(file(), &text);
        let _ = bioasq::parse(file(), &text);
        let _ = civic_pm::parse(file(), &text);
        let _ = super::beir::judgments(file(), &text, &mut Default::default());
    }

    #[test]
    fn a_run_written_is_the_run_read(
        rows in prop::collection::btree_map("[a-z]{1,4}", -9_i32..9, 1..9),
    ) {
        let list: Vec<(String, f64)> = rows.into_iter().map(|(id, score)| (id, f64::from(score) / 4.0)).collect();
        let before = Run::from([("t".to_owned(), list)]);
        let after = run::parse(file(), &run::write(&before, "x")).expect("read").value;
        prop_assert_eq!(ranked(&before["t"]), ranked(&after["t"]));
    }
}
