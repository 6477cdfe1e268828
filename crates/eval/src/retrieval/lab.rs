//! A corpus that can be asked in several ways.

use super::plain::Plain;
use super::{EvalError, Result};
use crate::metrics::List;
use concilium_evidence::passage::{Document, DocumentId, PassageKey};
use concilium_knowledge::Knowledge;
use concilium_models::{Embedder, TextRole, never};
use concilium_retrieval::annotate::Annotator;
use concilium_retrieval::chunk::passages;
use concilium_retrieval::claim::is_contrary;
use concilium_retrieval::fusion::{Fusion, Ranked, fuse};
use concilium_retrieval::lexical::{DocumentHead, Entry, LexicalIndex, LexicalQuery, Weights};
use concilium_retrieval::vectors::exact::Exact;
use concilium_retrieval::vectors::{Point, VectorStore};
use concilium_retrieval::{Filter, filter::Facets};
use concilium_terms::Doid;
use concilium_terms::lexicon::Lexicon;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// Passages of each leg that fusion sees: what the engine looks at for an option.
const FUSED: usize = 150;
/// Texts embedded at once.
const BATCH: usize = 256;

/// A way of asking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum System {
    /// BM25 alone.
    Plain,
    /// The index of words.
    Words {
        /// Names are read by their meaning.
        synonyms: bool,
        /// What counts how much.
        weights: Weights,
    },
    /// Vectors alone.
    Vectors,
    /// Both legs.
    Both {
        /// Of the words.
        weights: Weights,
        /// How they are joined.
        fusion: Fusion,
    },
}

/// Names that texts and questions are read with.
pub struct Names<'n> {
    pub(super) lexicon: Arc<Lexicon>,
    knowledge: &'n Knowledge,
}

impl<'n> Names<'n> {
    /// Of a release.
    pub fn of(knowledge: &'n Knowledge) -> Names<'n> {
        Names { lexicon: Arc::new(concilium_knowledge::lexicon(knowledge).0), knowledge }
    }

    fn ancestors(&self, doid: &str) -> Vec<String> {
        let above = self.knowledge.diseases.ancestors(&Doid::new(doid));
        above.into_keys().map(|doid| doid.to_string()).collect()
    }
}

/// A corpus with its indexes.
pub struct Lab<'l> {
    heads: HashMap<DocumentId, DocumentHead>,
    /// Passages that hold a word of failure.
    contrary: HashSet<PassageKey>,
    passages: usize,
    plain: Plain,
    words: LexicalIndex,
    vectors: Option<(Exact, &'l dyn Embedder)>,
    /// Questions that were asked before, with their vectors.
    asked: RefCell<HashMap<String, Vec<f32>>>,
    pub(super) lexicon: Arc<Lexicon>,
}

impl<'l> Lab<'l> {
    /// Indexes documents in a folder that holds nothing yet; vectors are kept in a folder of their own, when one is given.
    ///
    /// # Errors
    /// A folder cannot be written, or the model failed.
    pub fn make(
        documents: &[Document],
        names: &Names,
        embedder: Option<&'l dyn Embedder>,
        folder: &Path,
        vectors: Option<&Path>,
    ) -> Result<Lab<'l>> {
        let ancestors = |doid: &str| names.ancestors(doid);
        let annotator = Annotator { lexicon: &names.lexicon, ancestors: &ancestors };
        let (mut heads, mut entries, mut plain) = (HashMap::new(), vec![], Plain::default());
        let mut contrary = HashSet::new();
        for document in documents {
            let head = DocumentHead::from(document);
            for passage in passages(document) {
                plain.add(passage.key.clone(), &format!("{}\n{}", head.title, passage.text));
                if is_contrary(&passage.text) {
                    contrary.insert(passage.key.clone());
                }
                let facets = annotator.facets(document, &passage);
                entries.push(Entry { passage, head: head.clone(), facets });
            }
            heads.insert(document.id.clone(), head);
        }
        let vectors = embedder
            .map(|embedder| Ok::<_, EvalError>((embed(&entries, embedder, vectors)?, embedder)))
            .transpose()?;
        let mut words = LexicalIndex::create(folder, Arc::clone(&names.lexicon))?;
        let passages = words.add(entries)?;
        words.finish()?;
        Ok(Lab {
            heads,
            contrary,
            passages,
            plain,
            words,
            vectors,
            asked: RefCell::default(),
            lexicon: Arc::clone(&names.lexicon),
        })
    }

    /// Does this passage hold a word of failure?
    pub(super) fn is_contrary(&self, key: &PassageKey) -> bool {
        self.contrary.contains(key)
    }

    /// Documents and passages.
    pub fn size(&self) -> (usize, usize) {
        (self.heads.len(), self.passages)
    }

    /// Documents by id.
    pub fn heads(&self) -> &HashMap<DocumentId, DocumentHead> {
        &self.heads
    }

    /// Is there a model?
    pub fn has_vectors(&self) -> bool {
        self.vectors.is_some()
    }

    /// Passages for each question, best first. Vectors that lack give nothing.
    ///
    /// # Errors
    /// An index cannot be read, or the model failed.
    pub fn ask(&self, system: System, questions: &[&str], depth: usize) -> Result<Vec<Ranked>> {
        match system {
            System::Plain => Ok(questions.iter().map(|text| self.plain.search(text, depth)).collect()),
            System::Words { synonyms, weights } => {
                questions.iter().map(|text| self.by_words(text, synonyms, weights, depth)).collect()
            }
            System::Vectors => self.by_vectors(questions, depth),
            System::Both { weights, fusion } => {
                let (words, near) = self.legs(weights, questions)?;
                Ok(words.iter().zip(&near).map(|(words, near)| joined(fusion, words, near)).collect())
            }
        }
    }

    /// Both legs apart, as deep as fusion sees them.
    ///
    /// # Errors
    /// As [`Lab::ask`].
    pub(super) fn legs(&self, weights: Weights, questions: &[&str]) -> Result<(Vec<Ranked>, Vec<Ranked>)> {
        let words = self.ask(System::Words { synonyms: true, weights }, questions, FUSED)?;
        Ok((words, self.by_vectors(questions, FUSED)?))
    }

    fn by_words(&self, text: &str, synonyms: bool, weights: Weights, depth: usize) -> Result<Ranked> {
        let query = LexicalQuery { limit: depth, synonyms, weights, ..LexicalQuery::new(&bare(text)) };
        match self.words.search(&query) {
            Ok(hits) => Ok(hits.into_iter().map(|hit| (hit.passage.key, hit.score)).collect()),
            // A question of stop words alone finds nothing.
            Err(concilium_retrieval::lexical::LexicalError::Query(_)) => Ok(vec![]),
            Err(error) => Err(error.into()),
        }
    }

    fn by_vectors(&self, questions: &[&str], depth: usize) -> Result<Vec<Ranked>> {
        let Some((store, embedder)) = &self.vectors else { return Ok(vec![vec![]; questions.len()]) };
        let mut known = self.asked.borrow_mut();
        let new: BTreeSet<&str> =
            questions.iter().copied().filter(|text| !known.contains_key(*text)).collect();
        let new: Vec<&str> = new.into_iter().collect();
        let vectors = embedder.embed(&new, TextRole::Query, &never)?;
        known.extend(new.into_iter().map(str::to_owned).zip(vectors));
        let mut found = vec![];
        for vector in questions.iter().filter_map(|text| known.get(*text)) {
            let near = store.nearest(vector, &Filter::All, depth)?;
            found.push(near.into_iter().map(|near| (near.key, near.score)).collect());
        }
        Ok(found)
    }
}

pub(super) fn joined(fusion: Fusion, words: &Ranked, near: &Ranked) -> Ranked {
    fuse(fusion, words, near).into_iter().map(|hit| (hit.key, hit.score)).collect()
}

/// What stands for an operator in a query is only a sign in a question.
fn bare(text: &str) -> String {
    text.replace(['"', ':'], " ")
}

/// Documents, or what the labels call them, by their best passage; what has no name in the labels keeps its id.
pub(super) fn by_unit(ranked: &Ranked, units: &HashMap<DocumentId, String>) -> List {
    let mut seen = BTreeSet::new();
    let name = |key: &PassageKey| units.get(&key.document).unwrap_or(&key.document.0).clone();
    let named = ranked.iter().map(|(key, score)| (name(key), f64::from(*score)));
    named.filter(|(unit, _)| seen.insert(unit.clone())).collect()
}

/// As the program indexes them: the title before each passage.
fn embed(entries: &[Entry], embedder: &dyn Embedder, folder: Option<&Path>) -> Result<Exact> {
    let store = match folder {
        Some(folder) => {
            let failed = |source| EvalError::Folder { folder: folder.to_owned(), source };
            std::fs::create_dir_all(folder).map_err(failed)?;
            Exact::open(
                &folder.join(format!("{}.vectors", fingerprint(entries, embedder))),
                embedder.dimensions(),
            )?
        }
        None => Exact::in_memory(embedder.dimensions()),
    };
    if store.count()? == entries.len() as u64 {
        return Ok(store);
    }
    for batch in entries.chunks(BATCH) {
        let texts: Vec<String> =
            batch.iter().map(|entry| format!("{}\n{}", entry.head.title, entry.passage.text)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let vectors = embedder.embed(&texts, TextRole::Passage, &never)?;
        let point = |(entry, vector): (&Entry, Vec<f32>)| Point {
            key: entry.passage.key.clone(),
            vector,
            facets: Facets::default(),
        };
        store.upsert(&batch.iter().zip(vectors).map(point).collect::<Vec<_>>())?;
    }
    store.flush()?;
    Ok(store)
}

/// Model and texts: other ones are other vectors.
fn fingerprint(entries: &[Entry], embedder: &dyn Embedder) -> String {
    let mut hash = Sha256::new();
    hash.update(&embedder.id().sha256);
    for entry in entries {
        hash.update(format!("\n{}\n{}", entry.passage.key, entry.head.title));
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
