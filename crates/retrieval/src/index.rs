//! How does an index follow its corpus?
//!
//! Beside the parts of a corpus stand `index/words` (the index of words), `index/words.json` and, for each kind of store
//! and model, `index/vectors/KIND-MODEL.json`: which parts are in, under which knowledge and model, and how far an
//! unfinished run came. What changed is told by [`Live::changes_since`]; documents are written in batches, and a batch
//! that was half written is written again, so that a killed run loses no more than what was written since the last
//! commit and leaves nothing twice. A state is believed only while its store holds as many points as it says.

use crate::annotate::Annotator;
use crate::chunk::passages;
use crate::corpus::disk::{self, Real};
use crate::corpus::{Corpus, CorpusError, Links, Live, Notice};
use crate::lexical::{DocumentHead, Entry, LexicalError, LexicalIndex};
use crate::vectors::{Point, StoreError, StoreKind, VectorStore, clear as clear_store};
use concilium_evidence::passage::{Document, DocumentId, Standing};
use concilium_models::{Embedder, ModelError, ModelId, Stop, TextRole};
use concilium_terms::lexicon::Lexicon;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Changes whenever passages, facets or the state file change their shape.
const FORMAT: u32 = 1;
/// Letters of a model's hash in names of files and collections.
const HASH_LETTERS: usize = 12;

/// What documents are read with.
pub struct Names<'n> {
    /// Names of the release.
    pub lexicon: Arc<Lexicon>,
    /// DOID → DOIDs above it.
    pub ancestors: &'n (dyn Fn(&str) -> Vec<String> + Sync),
    /// Statements curated from publications.
    pub links: &'n Links,
    /// Hash of the release all this comes from: another one makes the index anew.
    pub knowledge: &'n str,
}

/// What an index holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    format: u32,
    /// Hash of the knowledge release.
    pub knowledge: String,
    /// Model that made the vectors; none for words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    /// Length of the vectors; 0 for words.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dimensions: usize,
    /// Where the vectors lie, where that is not beside this record: the server and its collection.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub store: String,
    /// Parts that are in.
    pub parts: Vec<String>,
    /// Hash of the corpus they make.
    pub corpus_hash: String,
    /// Documents of the corpus then.
    pub documents: u64,
    /// Passages.
    pub passages: u64,
    /// Documents that are not current, with the ids under which other corpora may speak of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub flagged: BTreeMap<DocumentId, Flagged>,
    /// What its documents say of others, whichever corpus holds those.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pending: Option<Pending>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A document that is not current.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flagged {
    /// Its other ids.
    pub ids: Vec<String>,
    /// Why it is not.
    pub standing: Standing,
}

/// An unfinished run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Pending {
    parts: Vec<String>,
    done: usize,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexProgress {
    /// Documents written.
    pub done: u64,
    /// Documents to write.
    pub of: u64,
    /// Passages written in this run.
    pub texts: u64,
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IndexReport {
    /// Corpus.
    pub corpus: String,
    /// Hash of the corpus that is now in the index.
    pub corpus_hash: String,
    /// Documents written in this run.
    pub written: u64,
    /// Documents taken out.
    pub removed: u64,
    /// Documents of the corpus.
    pub documents: u64,
    /// Passages in the index.
    pub passages: u64,
    /// Passages written in this run.
    pub texts: u64,
    /// Passages of this run that were longer than the model reads, and cut.
    pub cut: u64,
    /// Model that made the vectors; none for words.
    pub model: Option<ModelId>,
    /// Why the index was made anew, when it was.
    pub anew: Option<String>,
    /// Stopped before the end; the same command goes on.
    pub stopped: bool,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The corpus.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// The index of words.
    #[error(transparent)]
    Lexical(#[from] LexicalError),
    /// The store of vectors.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A file of the index.
    #[error("{}: {what}", path.display())]
    File {
        /// File or folder.
        path: PathBuf,
        /// What happened, and what to do.
        what: String,
    },
}

/// Result of this module.
pub type Result<T> = std::result::Result<T, IndexError>;

/// Folder of the index of words of a corpus.
pub fn words_folder(corpus: &Path) -> PathBuf {
    corpus.join("index").join("words")
}

/// The state of the index of words; `None` when there is none or another version wrote it.
pub fn words_state(corpus: &Path) -> Option<State> {
    read_state(&corpus.join("index").join("words.json"))
}

/// Under which name vectors of a model lie in a kind of store: `edge-0123456789ab`.
pub fn vectors_name(kind: StoreKind, model: &ModelId) -> String {
    format!("{}-{}", kind.name(), short(model))
}

/// The part of a model's hash that names files and collections.
pub fn short(model: &ModelId) -> &str {
    model.sha256.get(..HASH_LETTERS).unwrap_or("unhashed")
}

/// Folder of the vectors of a corpus, and of the records of them.
pub fn vectors_folder(corpus: &Path) -> PathBuf {
    corpus.join("index").join("vectors")
}

/// The state of the vectors of a model in a kind of store; `None` when there is none or another version wrote it.
pub fn vectors_state(corpus: &Path, kind: StoreKind, model: &ModelId) -> Option<State> {
    read_state(&vectors_folder(corpus).join(vectors_name(kind, model) + ".json"))
}

/// Every state of vectors of a corpus, by the name its vectors lie under.
pub fn vectors_states(corpus: &Path) -> BTreeMap<String, State> {
    let entries = std::fs::read_dir(vectors_folder(corpus)).into_iter().flatten();
    let named = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.ok()?.path();
        let name = path.file_name()?.to_str()?.strip_suffix(".json")?.to_owned();
        Some((name, read_state(&path)?))
    };
    entries.filter_map(named).collect()
}

/// Records that a store holds what another does: after points were moved.
///
/// # Errors
/// The record cannot be written.
pub fn write_vectors_state(corpus: &Path, store: &dyn VectorStore, state: &State) -> Result<()> {
    let Some(model) = &state.model else { return Ok(()) };
    let path = vectors_folder(corpus).join(vectors_name(store.kind(), model) + ".json");
    save(&path, &State { store: lies_in(store), ..state.clone() })
}

/// What a record says of a store that does not lie beside it.
fn lies_in(store: &dyn VectorStore) -> String {
    if store.kind() == StoreKind::Server { store.name() } else { String::new() }
}

fn save(path: &Path, state: &State) -> Result<()> {
    let wrong = |what: String| IndexError::File { path: path.to_owned(), what };
    let folder = path.parent().unwrap_or(Path::new("."));
    disk::private_folder(folder).map_err(|error| wrong(error.to_string()))?;
    let bytes = serde_json::to_vec_pretty(state).map_err(|error| wrong(error.to_string()))?;
    disk::write_whole(&Real, path, &bytes).map_err(|error| wrong(error.to_string()))
}

fn read_state(path: &Path) -> Option<State> {
    let state: State = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    (state.format == FORMAT).then_some(state)
}

impl State {
    /// A run was stopped before its end; the same command goes on.
    pub fn is_unfinished(&self) -> bool {
        self.pending.is_some()
    }
}

/// Where documents go.
trait Target {
    /// Documents handed over at once, and batches after which what was written is made durable.
    fn pace(&self) -> (usize, usize);
    fn remove(&mut self, documents: &[DocumentId]) -> Result<()>;
    fn add(&mut self, entries: Vec<Entry>) -> Result<()>;
    fn commit(&mut self) -> Result<()>;
    /// After the last batch; gives the passages there are.
    fn finish(&mut self) -> Result<u64>;
}

impl Target for LexicalIndex {
    fn pace(&self) -> (usize, usize) {
        (256, 40)
    }
    fn remove(&mut self, documents: &[DocumentId]) -> Result<()> {
        Ok(LexicalIndex::remove(self, documents)?)
    }
    fn add(&mut self, entries: Vec<Entry>) -> Result<()> {
        LexicalIndex::add(self, entries)?;
        Ok(())
    }
    fn commit(&mut self) -> Result<()> {
        Ok(LexicalIndex::commit(self)?)
    }
    fn finish(&mut self) -> Result<u64> {
        LexicalIndex::finish(self)?;
        Ok(LexicalIndex::count(self))
    }
}

/// Vectors of passages; each is read with its document's title before it.
struct Vectors<'v> {
    store: &'v dyn VectorStore,
    embedder: &'v dyn Embedder,
    stop: Stop<'v>,
}

impl Target for Vectors<'_> {
    /// Computing a vector takes a thousand times as long as indexing its words: less is lost, and more often said.
    fn pace(&self) -> (usize, usize) {
        (128, 16)
    }
    fn remove(&mut self, documents: &[DocumentId]) -> Result<()> {
        Ok(self.store.remove(documents)?)
    }
    fn add(&mut self, entries: Vec<Entry>) -> Result<()> {
        let texts: Vec<String> =
            entries.iter().map(|entry| format!("{}\n{}", entry.head.title, entry.passage.text)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let vectors = self.embedder.embed(&texts, TextRole::Passage, self.stop)?;
        let point = |(entry, vector): (Entry, Vec<f32>)| Point {
            key: entry.passage.key,
            vector,
            facets: entry.facets,
        };
        let points: Vec<Point> = entries.into_iter().zip(vectors).map(point).collect();
        Ok(self.store.upsert(&points)?)
    }
    fn commit(&mut self) -> Result<()> {
        Ok(self.store.flush()?)
    }
    fn finish(&mut self) -> Result<u64> {
        self.store.flush()?;
        Ok(self.store.count()?)
    }
}

/// Brings the index of words up to its corpus.
///
/// # Errors
/// The corpus or the index cannot be read or written, or another run is on.
pub fn index_words(
    corpus: &Corpus,
    names: &Names,
    progress: &mut dyn FnMut(IndexProgress),
    stop: Stop,
) -> Result<IndexReport> {
    let _lock = lock(corpus)?;
    let state_file = corpus.folder().join("index").join("words.json");
    let folder = words_folder(corpus.folder());
    let kept = read_state(&state_file);
    let (mut index, mut state, anew) = match (LexicalIndex::open(&folder, Arc::clone(&names.lexicon)), kept) {
        (Ok(index), Some(state)) if state.knowledge == names.knowledge => (index, state, None),
        (Err(error @ LexicalError::Locked { .. }), _) => return Err(error.into()),
        (opened, kept) => {
            let why = match opened {
                Err(LexicalError::Missing { .. }) => None,
                Err(error) => Some(error.to_string()),
                Ok(_) if kept.is_some() => Some("the knowledge release is another one".to_owned()),
                Ok(_) => Some("its record is missing or of another version".to_owned()),
            };
            clear(&state_file, &folder)?;
            (LexicalIndex::create(&folder, Arc::clone(&names.lexicon))?, State::default(), why)
        }
    };
    state.knowledge = names.knowledge.to_owned();
    let mut run = Run { corpus, names, state_file, state, anew, texts: 0 };
    run.go(&mut index, progress, stop)
}

/// Brings a store of vectors up to a corpus. The store holds vectors of this corpus and model only: where its record is
/// missing, or speaks of another release, another place or another number of points, it is emptied and filled anew.
///
/// # Errors
/// The corpus, the store or the model failed, or another run is on.
pub fn index_vectors(
    corpus: &Corpus,
    names: &Names,
    store: &dyn VectorStore,
    embedder: &dyn Embedder,
    progress: &mut dyn FnMut(IndexProgress),
    stop: Stop,
) -> Result<IndexReport> {
    let _lock = lock(corpus)?;
    let model = embedder.id();
    let state_file = vectors_folder(corpus.folder()).join(vectors_name(store.kind(), model) + ".json");
    let kept = read_state(&state_file);
    let held = store.count()?;
    let anew = kept.as_ref().and_then(|state| not_of(state, names, store, model, held));
    let mut state = kept.filter(|_| anew.is_none()).unwrap_or_default();
    if state == State::default() && 0 < held {
        clear_store(store)?;
    }
    state.knowledge = names.knowledge.to_owned();
    state.model = Some(model.clone());
    state.dimensions = store.dimensions();
    state.store = lies_in(store);
    let before = embedder.texts_cut();
    let mut run = Run { corpus, names, state_file, state, anew, texts: 0 };
    let mut report = run.go(&mut Vectors { store, embedder, stop }, progress, stop)?;
    report.cut = embedder.texts_cut() - before;
    Ok(report)
}

/// Why a record is not of these vectors.
fn not_of(
    state: &State,
    names: &Names,
    store: &dyn VectorStore,
    model: &ModelId,
    held: u64,
) -> Option<String> {
    if state.knowledge != names.knowledge {
        return Some("the knowledge release is another one".to_owned());
    }
    if state.model.as_ref() != Some(model) {
        return Some("the model is another one".to_owned());
    }
    if state.store != lies_in(store) {
        return Some(format!("the vectors lay in {}", state.store));
    }
    // A run that was killed may have written or removed more than it could say.
    let (said, fits) = match &state.pending {
        Some(pending) => ("some".to_owned(), pending.done == 0 || 0 < held),
        None => (state.passages.to_string(), state.passages == held),
    };
    (!fits).then(|| format!("{} holds {held} vectors and its record says {said}", store.name()))
}

fn lock(corpus: &Corpus) -> Result<File> {
    let folder = corpus.folder().join("index");
    let failed = |error: std::io::Error| IndexError::File { path: folder.clone(), what: error.to_string() };
    disk::private_folder(&folder).map_err(failed)?;
    let file = disk::private(&folder.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(IndexError::File {
            path: folder,
            what: "another run is indexing here; wait for it to end".into(),
        }),
        Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// The state goes first: without it what is left counts as nothing.
fn clear(state: &Path, folder: &Path) -> Result<()> {
    let gone = |path: &Path, removed: std::io::Result<()>| match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(IndexError::File { path: path.to_owned(), what: format!("cannot be removed: {error}") })
        }
        _ => Ok(()),
    };
    gone(state, std::fs::remove_file(state))?;
    gone(folder, std::fs::remove_dir_all(folder))
}

/// One run.
struct Run<'r> {
    corpus: &'r Corpus,
    names: &'r Names<'r>,
    state_file: PathBuf,
    state: State,
    anew: Option<String>,
    /// Passages written.
    texts: u64,
}

impl Run<'_> {
    fn go(
        &mut self,
        target: &mut dyn Target,
        progress: &mut dyn FnMut(IndexProgress),
        stop: Stop,
    ) -> Result<IndexReport> {
        let parts: Vec<String> = self.corpus.parts().iter().map(|part| part.key.clone()).collect();
        let mut report = IndexReport {
            corpus: self.corpus.about().name.clone(),
            corpus_hash: self.corpus.hash(),
            written: 0,
            removed: 0,
            documents: self.state.documents,
            passages: self.state.passages,
            texts: 0,
            cut: 0,
            model: self.state.model.clone(),
            anew: self.anew.clone(),
            stopped: false,
        };
        if self.state.pending.is_none() && self.state.corpus_hash == report.corpus_hash {
            return Ok(report);
        }
        let live = self.corpus.live()?;
        let (gone, fresh) = self.changes(&live, &parts)?;
        let done = self.state.pending.as_ref().filter(|p| p.parts == parts).map_or(0, |p| p.done);
        // Said before anything goes: a run killed from here on goes on, whatever the store then holds.
        if self.state.pending.is_none() {
            self.state.pending = Some(Pending { parts: parts.clone(), done });
            self.save()?;
        }
        gone.iter().for_each(|id| drop(self.state.flagged.remove(id)));
        target.remove(&gone.iter().cloned().collect::<Vec<_>>())?;
        report.removed = gone.len() as u64;
        let fresh: Vec<DocumentId> = fresh.into_iter().collect();
        let mut documents = live.documents_of(&fresh).skip(done);
        let mut at = done;
        loop {
            let batches = self.batches(&mut documents, target, stop, at, fresh.len(), progress)?;
            target.commit()?;
            at += batches.written;
            report.written += batches.written as u64;
            self.state.pending = Some(Pending { parts: parts.clone(), done: at });
            if batches.stopped || !batches.more {
                report.stopped = batches.stopped;
                break;
            }
            self.save()?;
        }
        if !report.stopped {
            self.state.passages = target.finish()?;
            self.state.documents = live.len() as u64;
            self.state.corpus_hash.clone_from(&report.corpus_hash);
            self.state.parts = parts;
            self.state.pending = None;
            let notices = self.corpus.parts().iter().flat_map(|part| part.notices.clone());
            self.state.notices = notices.filter(|notice| live.contains(&notice.by)).collect();
        }
        (report.documents, report.passages) = (live.len() as u64, self.state.passages);
        report.texts = self.texts;
        self.save()?;
        Ok(report)
    }

    /// What must go and what must be read again, beside both the finished and the unfinished state.
    fn changes(&self, live: &Live, parts: &[String]) -> Result<(BTreeSet<DocumentId>, BTreeSet<DocumentId>)> {
        let (mut gone, mut fresh) = (BTreeSet::new(), BTreeSet::new());
        let unfinished = self.state.pending.as_ref().map(|pending| &pending.parts);
        let others = unfinished.filter(|unfinished| unfinished.as_slice() != parts);
        for older in std::iter::once(&self.state.parts).chain(others) {
            let changes = live.changes_since(&self.corpus.live_of(older)?);
            gone.extend(changes.gone);
            fresh.extend(changes.fresh);
        }
        Ok((gone, fresh))
    }

    /// Some batches, as many as one commit takes.
    fn batches(
        &mut self,
        documents: &mut dyn Iterator<Item = std::result::Result<Document, CorpusError>>,
        target: &mut dyn Target,
        stop: Stop,
        before: usize,
        of: usize,
        progress: &mut dyn FnMut(IndexProgress),
    ) -> Result<Batches> {
        let mut written = 0;
        let (size, several) = target.pace();
        for _ in 0..several {
            if stop() {
                return Ok(Batches { written, more: true, stopped: true });
            }
            let mut batch = documents.take(size).collect::<std::result::Result<Vec<_>, _>>()?;
            if batch.is_empty() {
                return Ok(Batches { written, more: false, stopped: false });
            }
            let ids: Vec<DocumentId> = batch.iter().map(|document| document.id.clone()).collect();
            target.remove(&ids)?;
            batch.iter_mut().for_each(|document| self.names.links.apply(document));
            let entries: Vec<Entry> = batch.iter().flat_map(|document| self.entries(document)).collect();
            let several = entries.len() as u64;
            match target.add(entries) {
                Err(IndexError::Model(ModelError::Stopped)) => {
                    return Ok(Batches { written, more: true, stopped: true });
                }
                added => added?,
            }
            self.texts += several;
            batch.iter().for_each(|document| self.flag(document));
            written += batch.len();
            let done = (before + written) as u64;
            progress(IndexProgress { done, of: of as u64, texts: self.texts });
        }
        Ok(Batches { written, more: true, stopped: false })
    }

    fn entries(&self, document: &Document) -> Vec<Entry> {
        let annotator = Annotator { lexicon: &self.names.lexicon, ancestors: self.names.ancestors };
        let head = DocumentHead::from(document);
        let entry = |passage| {
            let facets = annotator.facets(document, &passage);
            Entry { facets, passage, head: head.clone() }
        };
        passages(document).into_iter().map(entry).collect()
    }

    fn flag(&mut self, document: &Document) {
        if document.standing == Standing::Current {
            self.state.flagged.remove(&document.id);
        } else {
            let flagged = Flagged { ids: document.ids.clone(), standing: document.standing.clone() };
            self.state.flagged.insert(document.id.clone(), flagged);
        }
    }

    fn save(&mut self) -> Result<()> {
        self.state.format = FORMAT;
        save(&self.state_file, &self.state)
    }
}

/// What some batches came to.
struct Batches {
    written: usize,
    more: bool,
    stopped: bool,
}

#[cfg(test)]
mod tests;
