//! Documents of our own schema, and the wall between invented and real ones.

use super::super::{About, Corpus, Progress};
use super::{Folder, about, alone, check, counts, options};
use concilium_models::never;
use expect_test::expect;

#[test]
fn lines_are_read_in_either_spelling() {
    let lines = [
        r#"{"id":"pmid:90000001","kind":"article","title":"Words","parts":[{"name":"Abstract","text":"More words."}],"date":"2024","statements":["EID1"]}"#,
        r#"{"id":"file:0000000000000001","kind":"file","text":"All of it."}"#,
    ];
    check(
        "some.jsonl",
        lines.join("\n").as_bytes(),
        expect![[r#"
        documents read 2, kept 2
        pmid:90000001 v[] Article AbstractOnly small
          types [] date 2024 venue  ids [] language 
          Current
          statements [StatementKey("EID1")]
          [title] Words
          [abstract] More words.
        file:0000000000000001 v[] File FullText small
          types [] date  venue  ids [] language 
          Current
          [text] All of it.
    "#]],
    );
}

#[test]
fn what_is_written_can_be_read_again() {
    let line = r#"{"id":"pmid:90000001","kind":"article","title":"Ü","parts":[{"name":"abstract","text":"More words."}]}"#;
    let first = alone("some.jsonl", line.as_bytes()).1;
    let again = serde_json::to_string(&first[0]).expect("json");
    assert_eq!(alone("again.jsonl", again.as_bytes()).1, first);
}

#[test]
fn unsound_lines_are_named() {
    let good = r#"{"id":"pmid:90000001","kind":"article","text":"Wörter"}"#;
    let lines = [
        good.to_owned(),
        good.to_owned(),
        "{".to_owned(),
        good.replace("article", "song"),
        good.replace("text", "txt"),
        good.replace("Wörter", ""),
        good.replace("pmid:", "pmid "),
        good.replace("}", r#","sha256":"00"}"#),
        good.replace("}", r#","sections":[{"name":"x","start":0,"end":2}]}"#),
        good.replace("}", r#","sections":[{"name":"x","start":0,"end":99}]}"#),
        good.replace("}", r#","sections":[{"name":"x","start":0,"end":3},{"name":"y","start":1,"end":4}]}"#),
        good.replace("}", r#","invented":true}"#),
        good.replace("pmid", "demo"),
    ];
    check(
        "some.jsonl",
        lines.join("\n").as_bytes(),
        expect![[r#"
        documents read 13, kept 1, repeated 1, refused 1 broken JSON, refused 2 no document of our schema, refused 1 no text, refused 6 not a sound document, refused 1 the text is not what was hashed
        line 3: broken JSON column 1
        line 4: no document of our schema column 35
        line 5: no document of our schema column 44
        line 6: no text pmid:90000001
        pmid 90000001: not a sound document an id is not of the form `pmid:123`
        line 8: the text is not what was hashed pmid:90000001
        pmid:90000001: not a sound document pmid:90000001: a section lies outside the text, overlaps another or cuts a character
        pmid:90000001: not a sound document pmid:90000001: a section lies outside the text, overlaps another or cuts a character
        pmid:90000001: not a sound document pmid:90000001: a section lies outside the text, overlaps another or cuts a character
        pmid:90000001: not a sound document pmid:90000001: an invented document in a corpus of real ones
        demo:90000001: not a sound document demo:90000001: invented documents, and only they, have ids of the form `demo:…`
        pmid:90000001 v[] Article AbstractOnly small
          types [] date  venue  ids [] language 
          Current
          [text] Wörter
    "#]],
    );
}

#[test]
fn invented_documents_live_among_themselves_without_real_ids() {
    let folder = Folder::new();
    let invented = About { invented: true, ..about() };
    let mut corpus = Corpus::create(&folder.corpus(), invented).expect("new");
    let line = |id: &str, invented: bool| {
        format!(r#"{{"id":"{id}","kind":"article","text":"x","invented":{invented}}}"#)
    };
    let lines = [line("demo:a", true), line("pmid:90000001", true), line("pmid:90000002", false)];
    let input = folder.file("demo.jsonl", lines.join("\n").as_bytes());
    corpus.import(&input, &options(None, false), &mut |_: Progress| {}, &never).expect("one is kept");
    assert_eq!(counts(&corpus.parts()[0]), "read 3, kept 1, refused 2 not a sound document");
    let kept: Vec<_> = corpus.live().expect("live").documents().map(|d| d.expect("sound")).collect();
    assert!(kept.len() == 1 && kept[0].invented);
}
