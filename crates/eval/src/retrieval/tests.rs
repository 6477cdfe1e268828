//! A small invented collection, measured whole.

use super::texts::article;
use super::{Job, Set, evaluate, sets, words};
use crate::read::bioasq::{Question, Snippet};
use concilium_evidence::Bearing;
use concilium_knowledge::{Knowledge, Statement};
use concilium_models::{Embedder, ModelError, ModelId, Stop, TextRole};
use std::path::Path;
use std::sync::LazyLock;

static KNOWLEDGE: LazyLock<Knowledge> =
    LazyLock::new(|| concilium_knowledge::builtin().expect("the pack loads"));

/// Counts letters: near in spelling is near.
struct Letters(ModelId);

impl Embedder for Letters {
    fn id(&self) -> &ModelId {
        &self.0
    }
    fn dimensions(&self) -> usize {
        26
    }
    fn embed(&self, texts: &[&str], _: TextRole, _: Stop) -> Result<Vec<Vec<f32>>, ModelError> {
        let one = |text: &&str| {
            let mut vector = vec![0.0; 26];
            let letters = text.bytes().map(|b| b.to_ascii_lowercase()).filter(u8::is_ascii_lowercase);
            letters.for_each(|letter| vector[usize::from(letter - b'a')] += 1.0);
            vector
        };
        Ok(texts.iter().map(one).collect())
    }
}

fn letters() -> Letters {
    Letters(ModelId { name: "letters".into(), sha256: "00".into() })
}

/// Statements of the pack: one claim with both sides, and some others.
fn chosen() -> Vec<&'static Statement> {
    let about =
        |statement: &Statement| (statement.profile, statement.disease.clone(), statement.regimen.clone());
    let of =
        |bearing| KNOWLEDGE.statements.iter().filter(move |s| s.bearing() == bearing && s.regimen.is_some());
    let (for_, against) = of(Bearing::For)
        .find_map(|one| Some((one, of(Bearing::Against).find(|other| about(other) == about(one))?)))
        .expect("the pack has a claim with both sides");
    let others = of(Bearing::For).filter(|other| other.profile != for_.profile).step_by(40).take(6);
    [for_, against].into_iter().chain(others).collect()
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("inside")).expect("made");
    std::fs::write(path, text).expect("written");
}

/// The data's layout with sentences of our own; publications have numbers that no publication has.
fn data(folder: &Path) {
    let columns = [
        "molecular_profile",
        "disease",
        "therapies",
        "evidence_type",
        "evidence_statement",
        "citation_id",
        "source_type",
        "evidence_id",
        "evidence_status",
        "last_review_date",
    ];
    let mut table = columns.join("\t");
    for (at, statement) in chosen().iter().enumerate() {
        let profile = &KNOWLEDGE.profile(statement.profile).expect("known").name;
        let drugs = statement.regimen.as_ref().expect("chosen so").label().replace(" + ", ",");
        let sentence = match statement.bearing() {
            Bearing::Against => "Invented: nobody responded, all were resistant.",
            _ => "Invented: patients responded.",
        };
        let id = statement.key.as_str().trim_start_matches("EID");
        let pmid = 99_000_000 + at;
        table += &format!(
            "\n{profile}\t{}\t{drugs}\tPredictive\t{sentence}\t{pmid}\tPubMed\t{id}\taccepted\t2020-01-01",
            statement.disease_name
        );
    }
    write(folder, "knowledge/civic_2020_01/01-Jan-2020-ClinicalEvidenceSummaries.tsv", &table);
    let statement = chosen()[0];
    let profile = KNOWLEDGE.profile(statement.profile).expect("known").name.replace('&', "and");
    let (disease, gene) = (&statement.disease_name, profile.as_str());
    write(
        folder,
        "eval/trec_pm_2017/topics2017.xml",
        &format!(
            "<topics><topic number=\"1\"><disease>{disease}</disease><gene>{gene}</gene><demographic>9-year-old</demographic></topic></topics>"
        ),
    );
    write(
        folder,
        "eval/trecpm2017_on_civic_pmids.tsv",
        &format!(
            "topic\tdisease\tgene\tdemographic\tpmid\tscore_0_1_2\n1\t{disease}\t{gene}\t\t99000000\t2\n1\t{disease}\t{gene}\t\t99000001\t2\n1\t{disease}\t{gene}\t\t99000003\t0\nbroken\n"
        ),
    );
    let snippet = |number: u32, words: &str| {
        format!(
            r#"{{"document": "http://x/pubmed/{number}", "text": "{words}", "beginSection": "abstract"}}"#
        )
    };
    write(
        folder,
        "literature/bioasq/bioasq_7b-11b_oncology_subset.json",
        &format!(
            r#"[{{"id": "a", "body": "Does a red fox run?", "snippets": [{}]}}, {{"id": "b", "body": "What does a hen eat?", "snippets": [{}]}}]"#,
            snippet(99_000_101, "The red fox does run."),
            snippet(99_000_102, "A hen eats corn."),
        ),
    );
}

fn job<'j>(data: &'j Path, sets: &[Set]) -> Job<'j> {
    Job { sets: sets.to_vec(), data, beir: None, ablate: true, tune: false, seed: 1, vectors: None }
}

#[test]
fn every_set_is_measured_and_twice_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    data(folder.path());
    let model = letters();
    let vectors = folder.path().join("vectors");
    let job = Job { tune: true, vectors: Some(&vectors), ..job(folder.path(), &Set::OWN) };
    let measured = || evaluate(&job, &KNOWLEDGE, Some(&model), &mut |_| {}).expect("measured");
    let report = measured();
    let names: Vec<&str> = report.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "TREC PM 2017 on CIViC",
            "TREC PM 2017 on CIViC, age and sex too",
            "Known item in CIViC",
            "Known item in CIViC, other names",
            "BioASQ oncology"
        ]
    );
    for table in &report.tables {
        assert_eq!(table.rows[0].system, "BM25 alone");
        assert_eq!(table.rows.len(), 8, "{}", table.name);
        assert!(table.rows.iter().skip(1).all(|row| row.beside_bm25.is_some()));
        for (measure, value) in table.rows.iter().flat_map(|row| &row.values) {
            assert!((0.0..=1.0).contains(value), "{}: {measure} {value}", table.name);
        }
    }
    // Both publications on the topic among eight, asked for by name; each snippet answers one question.
    let first = |table: usize, row: usize| report.tables[table].rows[row].values[0].1;
    assert_eq!((first(0, 3), first(4, 0), first(4, 3)), (1.0, 1.0, 1.0));
    let contrary = report.contrary.as_ref().expect("asked for");
    assert_eq!((contrary.claims, contrary.against, contrary.for_, contrary.rows.len()), (1, 1, 1, 8));
    let with_words = &contrary.rows[5];
    assert_eq!((with_words.contrary_words, with_words.mrr, with_words.above_for), (true, 1.0, 1.0));
    assert_eq!(report.broken.len(), 1);
    assert_eq!(report.tuned.as_ref().expect("asked for").rows.len(), 8);
    let said = words(&report);
    assert_eq!(said, words(&measured()));
    assert!(said.contains("trecpm2017_on_civic_pmids.tsv:5: `disease` is empty"), "{said}");
}

#[test]
fn without_a_model_words_are_measured_and_it_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    data(folder.path());
    let report =
        evaluate(&job(folder.path(), &[Set::Bioasq]), &KNOWLEDGE, None, &mut |_| {}).expect("measured");
    assert_eq!(report.tables[0].rows.len(), 4);
    assert_eq!(report.notices, ["no model of embeddings: words only; `concilium models fetch` brings one"]);
}

#[test]
fn what_is_missing_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    for (set, missing) in [
        (Set::TrecPm2017, "knowledge/civic_*/*ClinicalEvidenceSummaries.tsv"),
        (Set::Bioasq, "literature/bioasq/bioasq_7b-11b_oncology_subset.json"),
    ] {
        let error =
            evaluate(&job(folder.path(), &[set]), &KNOWLEDGE, None, &mut |_| {}).expect_err("nothing there");
        let expected = folder.path().join(missing).display().to_string();
        assert_eq!(
            error.to_string(),
            format!("{expected}: missing; name the folder that holds the evaluation data with --data")
        );
    }
}

#[test]
fn a_beir_folder_is_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    write(
        folder.path(),
        "corpus.jsonl",
        "{\"_id\": \"d1\", \"title\": \"Fox\", \"text\": \"A red fox.\"}\n{\"_id\": \"d2\", \"text\": \"A hen.\"}\n",
    );
    write(folder.path(), "queries.jsonl", "{\"_id\": \"q\", \"text\": \"red: \\\"fox\"}\n");
    write(folder.path(), "qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\td1\t1\n");
    let job = Job { beir: Some(folder.path()), ablate: false, ..job(folder.path(), &[Set::Beir]) };
    let report = evaluate(&job, &KNOWLEDGE, None, &mut |_| {}).expect("measured");
    let values: Vec<f64> = report.tables[0].rows.iter().map(|row| row.values[0].1).collect();
    assert_eq!(values, [1.0, 1.0]);
}

#[test]
fn snippets_of_a_document_are_said_once_and_its_title_is_one() {
    let snippet = |section: &str, text: &str| Snippet {
        document: "http://x/pubmed/99000001".into(),
        text: text.into(),
        section: section.into(),
    };
    let question = |snippets| Question {
        id: "q".into(),
        body: "?".into(),
        kind: String::new(),
        documents: vec![],
        snippets,
    };
    let found = super::texts::bioasq(&[
        question(vec![snippet("abstract", "One. "), snippet("title", "Title.")]),
        question(vec![snippet("abstract", "One."), snippet("abstract", "Two.")]),
    ]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0], article("pmid:99000001", "Title.", &["One.", "Two."]));
    let cut: Vec<&str> = found[0].sections.iter().map(|s| &found[0].text[s.start..s.end]).collect();
    assert_eq!(cut, ["Title.", "One.", "Two."]);
}

#[test]
fn the_most_that_can_be_reached_counts_statements_about_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    data(folder.path());
    let names = super::lab::Names::of(&KNOWLEDGE);
    let work = folder.path().join("work");
    let documents = super::texts::civic(folder.path(), &work).expect("read");
    let lab = super::lab::Lab::make(&documents, &names, None, &work.join("words"), None).expect("indexed");
    let tasks = sets::known_items(&KNOWLEDGE, &lab, 1).expect("questions");
    // Two statements of one claim: (1 + 1/2) / 2 each; the others 1.
    let count = tasks[0].questions.len() as f64;
    let expected = (1.5 + (count - 2.0)) / count;
    assert!((tasks[0].ceiling.expect("given") - expected).abs() < 1e-12);
    assert_eq!(tasks[0].questions.len(), documents.len());
}
