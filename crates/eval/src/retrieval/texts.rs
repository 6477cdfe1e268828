//! Which texts are searched? Read where they lie.

use super::{EvalError, Result};
use crate::read::beir::BeirText;
use crate::read::bioasq::{Question, pmid};
use crate::read::{REMEDY, ReadError};
use concilium_evidence::passage::{Access, Document, DocumentId, DocumentKind, Standing, TextSection};
use concilium_retrieval::corpus::{About, Corpus, ImportOptions, by_name};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The statements of the newest CIViC release under `data/knowledge`, through the importer of corpora.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn civic(data: &Path, work: &Path) -> Result<Vec<Document>> {
    let file = newest(&data.join("knowledge"))?;
    let about =
        About { name: "civic".into(), licence: String::new(), created: String::new(), invented: false };
    let mut corpus = Corpus::create(&work.join("civic").join("corpus"), about)?;
    let options = ImportOptions { format: by_name("civic"), time: String::new(), strict: false };
    corpus.import(&file, &options, &mut |_| {}, &|| false)?;
    let live = corpus.live()?;
    let documents: std::result::Result<Vec<Document>, _> = live.documents().collect();
    Ok(documents?)
}

/// `civic_2025_09/01-Sep-2025-ClinicalEvidenceSummaries.tsv`: the last folder by name that has one.
fn newest(knowledge: &Path) -> Result<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        found.sort();
        found
    };
    let ends = |path: &PathBuf| path.to_string_lossy().ends_with("ClinicalEvidenceSummaries.tsv");
    let folders = list(knowledge).into_iter().rev();
    let found = folders.filter_map(|folder| list(&folder).into_iter().rfind(ends)).next();
    let missing = || ReadError::Missing {
        file: knowledge.join("civic_*/*ClinicalEvidenceSummaries.tsv"),
        remedy: REMEDY,
    };
    found.ok_or_else(|| EvalError::from(missing()))
}

/// Documents of the golden snippets: each snippet a section, said once however many questions it answers.
pub fn bioasq(questions: &[Question]) -> Vec<Document> {
    let mut parts: BTreeMap<&str, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
    for snippet in questions.iter().flat_map(|question| &question.snippets) {
        let Some(pmid) = pmid(&snippet.document) else { continue };
        let (titles, bodies) = parts.entry(pmid).or_default();
        let into = if snippet.section == "title" { titles } else { bodies };
        let words = snippet.text.trim();
        if !words.is_empty() && !into.contains(&words) {
            into.push(words);
        }
    }
    let document = |(pmid, (titles, bodies)): (&str, (Vec<&str>, Vec<&str>))| {
        article(&format!("pmid:{pmid}"), &titles.join(" "), &bodies)
    };
    parts.into_iter().map(document).collect()
}

/// Texts of a BEIR folder.
pub fn beir(texts: &[BeirText]) -> Vec<Document> {
    texts.iter().map(|text| article(&text.id, text.title.trim(), &[text.text.trim()])).collect()
}

/// An article of these parts.
pub(super) fn article(id: &str, title: &str, parts: &[&str]) -> Document {
    let (mut text, mut sections) = (String::new(), vec![]);
    let named = std::iter::once(("title", title)).chain(parts.iter().map(|part| ("abstract", *part)));
    for (name, words) in named.filter(|(_, words)| !words.is_empty()) {
        let start = text.len();
        text.push_str(words);
        sections.push(TextSection { name: name.to_owned(), start, end: text.len() });
        text.push('\n');
    }
    let sha256 = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    Document {
        id: DocumentId(id.to_owned()),
        kind: DocumentKind::Article,
        version: String::new(),
        corpus: "evaluation".to_owned(),
        title: title.to_owned(),
        text,
        sections,
        sha256,
        access: Access::AbstractOnly,
        types: vec![],
        date: String::new(),
        venue: String::new(),
        ids: vec![],
        language: String::new(),
        standing: Standing::Current,
        invented: false,
        statements: vec![],
    }
}
