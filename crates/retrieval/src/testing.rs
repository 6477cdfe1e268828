//! Small documents and the builtin names, for the tests of this crate.

use crate::corpus::{About, Corpus, ImportOptions, Links};
use crate::index::{IndexReport, Names, index_words};
use concilium_evidence::passage::{
    Access, Document, DocumentId, DocumentKind, Passage, PassageKey, Standing, TextSection,
};
use concilium_knowledge::Knowledge;
use concilium_terms::Doid;
use concilium_terms::lexicon::Lexicon;
use std::path::Path;
use std::sync::{Arc, LazyLock};

static KNOWLEDGE: LazyLock<Knowledge> =
    LazyLock::new(|| concilium_knowledge::builtin().expect("the pack loads"));
static LEXICON: LazyLock<Arc<Lexicon>> =
    LazyLock::new(|| Arc::new(concilium_knowledge::lexicon(&KNOWLEDGE).0));

/// Names of the builtin release.
pub fn lexicon() -> &'static Arc<Lexicon> {
    &LEXICON
}

/// DOIDs above one, itself among them.
pub fn ancestors(doid: &str) -> Vec<String> {
    KNOWLEDGE.diseases.ancestors(&Doid::new(doid)).into_keys().map(|doid| doid.to_string()).collect()
}

/// An article of 2024 whose text is one section.
pub fn document(id: &str, title: &str, text: &str) -> Document {
    Document {
        id: DocumentId(id.to_owned()),
        kind: DocumentKind::Article,
        version: String::new(),
        corpus: "test (invented)".to_owned(),
        title: title.to_owned(),
        text: text.to_owned(),
        sections: vec![TextSection { name: "abstract".to_owned(), start: 0, end: text.len() }],
        sha256: "0".repeat(64),
        access: Access::AbstractOnly,
        types: vec!["Journal Article".to_owned()],
        date: "2024-03".to_owned(),
        venue: String::new(),
        ids: vec![],
        language: "eng".to_owned(),
        standing: Standing::Current,
        invented: true,
        statements: vec![],
    }
}

/// The whole text as one passage.
pub fn passages(document: &Document) -> Vec<Passage> {
    let key = PassageKey {
        document: document.id.clone(),
        text_hash: document.sha256[..12].to_owned(),
        start: 0,
        end: document.text.len(),
    };
    vec![Passage { key, section: "abstract".to_owned(), text: document.text.clone() }]
}

/// Imports these lines (documents of our own schema) as one file into a corpus under a folder, made when missing.
pub fn import(root: &Path, name: &str, lines: &[&str]) -> Corpus {
    let folder = root.join("corpora").join(name);
    let about =
        About { name: name.to_owned(), licence: String::new(), created: String::new(), invented: false };
    let mut corpus = Corpus::open(&folder).or_else(|_| Corpus::create(&folder, about)).expect("a corpus");
    let input = root.join(format!("{name}-{}.jsonl", corpus.parts().len()));
    std::fs::write(&input, lines.join("\n")).expect("an input");
    let options = ImportOptions { format: None, time: String::new(), strict: true };
    corpus.import(&input, &options, &mut |_| {}, &|| false).expect("imported");
    corpus
}

/// Indexes a corpus under a knowledge hash; stops when told.
pub fn index(corpus: &Corpus, knowledge: &str, stop: &(dyn Fn() -> bool + Sync)) -> IndexReport {
    let links = Links::new([("pmid:90000001".to_owned(), concilium_terms::StatementKey::new("EID90001"))]);
    let names = Names { lexicon: Arc::clone(lexicon()), ancestors: &ancestors, links: &links, knowledge };
    index_words(corpus, &names, &mut |_| {}, stop).expect("indexed")
}

/// An article as a line of our own schema.
pub fn article(pmid: u32, version: u32, more: &str, text: &str) -> String {
    format!(
        r#"{{"id":"pmid:{pmid}","kind":"article","version":"{version}","title":"Title","parts":[{{"name":"abstract","text":"{text}"}}]{more}}}"#
    )
}
