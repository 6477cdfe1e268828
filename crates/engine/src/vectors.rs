//! Which models and stores does a site ask for, can this build open them, and what lies in them?
//!
//! The engines are heavy and stay out of the default build: a program hands in what it was built with ([`Backends`]).
//! What is asked for and cannot be had is an [`Unmet`] that names the setting, the file or the feature; indexing stops
//! with it, searching goes on by words alone and says it. A Qdrant server is asked only where the settings name it
//! (`no-phi-out`).

use crate::models::{self, Found, Lock, State, Task, lock};
use crate::settings::{RetrievalSettings, Settings};
pub use concilium_models::ModelId;
use concilium_models::{Embedder, ModelError, Reranker};
use concilium_recommend::Meaning;
use concilium_retrieval::corpus::{Corpus, CorpusError};
use concilium_retrieval::fusion::Fusion;
use concilium_retrieval::index::{
    IndexError, State as Recorded, short, vectors_folder, vectors_name, vectors_state, vectors_states,
    write_vectors_state,
};
use concilium_retrieval::search::Retrieval;
use concilium_retrieval::vectors::exact::Exact;
pub use concilium_retrieval::vectors::{OpenStore, Place, ServerPlace, StoreKind, Use};
use concilium_retrieval::vectors::{StoreError, VectorStore, clear, migrate};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Opens a model: the publisher's name, its folder.
pub type Open<T> = fn(&str, &Path) -> std::result::Result<T, ModelError>;
/// Opens a sentence encoder.
pub type OpenEmbedder = Open<Box<dyn Embedder>>;
/// Opens a cross-encoder.
pub type OpenReranker = Open<Box<dyn Reranker>>;

/// What a program was built with. The exact store is always there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backends {
    /// Feature `embed`.
    pub embedder: Option<OpenEmbedder>,
    /// Feature `embed`.
    pub reranker: Option<OpenReranker>,
    /// Feature `qdrant`.
    pub store: Option<OpenStore>,
}

/// What is asked for and cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Unmet {
    /// This build lacks it.
    #[error(
        "the setting retrieval.{setting} = {value:?} needs a build with `--features {feature}` (or `full`); this one has it not"
    )]
    Feature {
        /// Setting.
        setting: &'static str,
        /// Its value.
        value: String,
        /// Feature of the program.
        feature: &'static str,
    },
    /// A setting names nothing, or something else.
    #[error("the setting retrieval.{setting} = {value:?} {what}")]
    Setting {
        /// Setting.
        setting: &'static str,
        /// Its value.
        value: String,
        /// What is wrong, and what to do.
        what: String,
    },
    /// No weights.
    #[error("{name} is not in {}: run `concilium models fetch {name}`", folder.display())]
    NotFetched {
        /// Model.
        name: String,
        /// Folder of models.
        folder: PathBuf,
    },
    /// The model's files.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The corpus.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// Vectors that are not there, or not whole.
    #[error("corpus {corpus}: {what}")]
    Vectors {
        /// Corpus.
        corpus: String,
        /// What is wrong, and what to do.
        what: String,
    },
}

type Result<T> = std::result::Result<T, Unmet>;

/// The encoder the settings name; `None` where they name none.
///
/// # Errors
/// It cannot be had.
pub fn embedder(settings: &Settings, backends: &Backends) -> Result<Option<Box<dyn Embedder>>> {
    let asked = Asked { setting: "embedder", value: &settings.retrieval.embedder, task: Task::Embed };
    asked.open(settings, backends.embedder)
}

/// The cross-encoder the settings name; `None` where they name none.
///
/// # Errors
/// It cannot be had.
pub fn reranker(settings: &Settings, backends: &Backends) -> Result<Option<Box<dyn Reranker>>> {
    let asked = Asked { setting: "reranker", value: &settings.retrieval.reranker, task: Task::Rerank };
    asked.open(settings, backends.reranker)
}

/// A model a setting names.
struct Asked<'s> {
    setting: &'static str,
    value: &'s str,
    task: Task,
}

impl Asked<'_> {
    fn open<T>(&self, settings: &Settings, open: Option<Open<T>>) -> Result<Option<T>> {
        if self.value.is_empty() {
            return Ok(None);
        }
        let value = self.value.to_owned();
        let open = open.ok_or(Unmet::Feature { setting: self.setting, value, feature: "embed" })?;
        let lock = lock().map_err(|what| self.wrong(what))?;
        let (name, folder) = self.files(&lock, &settings.models)?;
        Ok(Some(open(&name, &folder)?))
    }

    /// Name and folder. What is locked is held against its hashes; a folder of the site's own is named by them.
    fn files(&self, lock: &Lock, models: &Path) -> Result<(String, PathBuf)> {
        if let Some(locked) = lock.models.iter().find(|model| model.name == self.value) {
            if locked.task != self.task {
                return Err(self.wrong(format!("is a model to {}", locked.task.name())));
            }
            whole(&models::look(locked, models, true), models)?;
            return Ok((locked.publisher.clone(), locked.folder(models)));
        }
        let folder = PathBuf::from(self.value);
        if !folder.is_dir() {
            let known = lock.models.iter().filter(|model| model.task == self.task);
            let known = known.map(|model| model.name.as_str()).collect::<Vec<_>>().join(", ");
            let known = if known.is_empty() { "none for this task".to_owned() } else { known };
            return Err(self.wrong(format!("is no folder, and no model of models.lock ({known})")));
        }
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok((name, folder))
    }

    fn wrong(&self, what: String) -> Unmet {
        Unmet::Setting { setting: self.setting, value: self.value.to_owned(), what }
    }
}

fn whole(found: &Found, models: &Path) -> Result<()> {
    if found.is_absent() {
        return Err(Unmet::NotFetched { name: found.name.clone(), folder: models.to_owned() });
    }
    let Some(wrong) = found.files.iter().find(|file| file.state != State::Right) else { return Ok(()) };
    let file = found.folder.join(&wrong.path).display().to_string();
    Err(Unmet::Model(match &wrong.state {
        State::WrongHash { expected, found } => {
            ModelError::WrongHash { file, expected: expected.clone(), found: found.clone() }
        }
        State::WrongSize { expected, found } => {
            let what = format!("has {found} bytes, expected {expected}; delete it and fetch the model again");
            ModelError::Unreadable { file, what }
        }
        State::Unreadable(why) => ModelError::Unreadable { file, what: why.clone() },
        State::Missing | State::Right => {
            ModelError::MissingFile { folder: found.folder.display().to_string(), file: wrong.path.clone() }
        }
    }))
}

/// Opens the store of a kind for a corpus and a model.
///
/// # Errors
/// This build lacks it, the settings do not say where it is, or it cannot be opened.
pub fn store(
    settings: &RetrievalSettings,
    backends: &Backends,
    (kind, to): (StoreKind, Use),
    corpus: &Corpus,
    model: &ModelId,
    dimensions: usize,
) -> Result<Box<dyn VectorStore>> {
    let place = place(settings, (kind, to), corpus, model)?;
    if let Place::Exact { file } = &place {
        return Ok(Box::new(Exact::open(file, dimensions)?));
    }
    let value = kind.name().to_owned();
    let open = backends.store.ok_or(Unmet::Feature { setting: "store", value, feature: "qdrant" })?;
    Ok(open(&place, dimensions)?)
}

fn place(
    settings: &RetrievalSettings,
    (kind, to): (StoreKind, Use),
    corpus: &Corpus,
    model: &ModelId,
) -> Result<Place> {
    let beside = vectors_folder(corpus.folder()).join(vectors_name(kind, model));
    Ok(match kind {
        StoreKind::Exact => Place::Exact { file: beside.with_extension("bin") },
        StoreKind::Edge => Place::Edge { folder: beside, beams: settings.beams() },
        StoreKind::Server => {
            let server = &settings.server;
            if server.url.is_empty() {
                let what = "is empty: say where the Qdrant server is".to_owned();
                return Err(Unmet::Setting { setting: "server.url", value: String::new(), what });
            }
            let key_file = &server.api_key_file;
            Place::Server(ServerPlace {
                url: server.url.clone(),
                key_file: (!key_file.as_os_str().is_empty()).then(|| key_file.clone()),
                collection: format!("{}{}-{}", server.collection_prefix, corpus.about().name, short(model)),
                timeout: Duration::from_millis(server.timeout_ms),
                beams: settings.beams(),
                to,
            })
        }
    })
}

/// Gives corpora the vectors and the cross-encoder the settings ask for. What cannot be had is said in every answer;
/// the manifest's part names what can.
pub(crate) fn equip(
    retrieval: Retrieval,
    settings: &Settings,
    backends: &Backends,
    knowledge: &str,
) -> (Retrieval, Option<Meaning>) {
    let fusion = settings.retrieval.joined_by();
    let mut retrieval = retrieval.with_fusion(fusion);
    let mut meaning = Meaning::default();
    match embedder(settings, backends) {
        Ok(None) => {}
        Ok(Some(embedder)) => {
            let (stores, notices) = stores(&retrieval, settings, backends, &*embedder, knowledge);
            if !stores.is_empty() {
                let id = embedder.id();
                (meaning.model, meaning.model_sha256) = (id.name.clone(), id.sha256.clone());
                meaning.store = settings.retrieval.store.name().to_owned();
                meaning.fusion = said(fusion);
            }
            retrieval = retrieval.noticing(notices).with_stores(stores, embedder);
        }
        Err(unmet) => retrieval = retrieval.without_vectors(&unmet.to_string()),
    }
    match reranker(settings, backends) {
        Ok(None) => {}
        Ok(Some(reranker)) => {
            let id = reranker.id();
            (meaning.reranker, meaning.reranker_sha256) = (id.name.clone(), id.sha256.clone());
            retrieval = retrieval.with_reranker(reranker);
        }
        Err(unmet) => retrieval = retrieval.noticing(vec![format!("not read again: {unmet}")]),
    }
    (retrieval, (meaning != Meaning::default()).then_some(meaning))
}

fn said(fusion: Fusion) -> String {
    match fusion {
        Fusion::ReciprocalRank { k, vector } => {
            format!("reciprocal ranks, k {k}, vectors {vector} to words 1")
        }
        Fusion::Convex { vector } => format!("convex, vectors {vector}"),
    }
}

/// The store of each corpus that has vectors of this model, and what to say of the others.
fn stores(
    retrieval: &Retrieval,
    settings: &Settings,
    backends: &Backends,
    embedder: &dyn Embedder,
    knowledge: &str,
) -> (Vec<Box<dyn VectorStore>>, Vec<String>) {
    let kind = settings.retrieval.store;
    let (mut stores, mut notices) = (vec![], vec![]);
    for corpus in retrieval.open_corpora() {
        let name = &corpus.about().name;
        let again = format!("run `concilium corpus index {name}`");
        let Some(state) = vectors_state(corpus.folder(), kind, embedder.id()) else {
            let model = &embedder.id().name;
            notices.push(format!("corpus {name}: no vectors of {model} in store {}: {again}", kind.name()));
            continue;
        };
        // Some of the passages would stand in the place of all of them.
        if state.is_unfinished() && state.passages == 0 {
            notices.push(format!("corpus {name}: no vectors: they are not finished: {again}"));
            continue;
        }
        if state.is_unfinished() || state.corpus_hash != corpus.hash() || state.knowledge != knowledge {
            notices.push(format!(
                "corpus {name}: its vectors are older than the texts or not finished: {again}"
            ));
        }
        let (id, found) = (embedder.id(), embedder.dimensions());
        if state.dimensions != found {
            let unlike =
                StoreError::WrongSize { store: kind.name().into(), expected: state.dimensions, found };
            notices.push(format!("corpus {name}: no vectors: {unlike}"));
            continue;
        }
        match store(&settings.retrieval, backends, (kind, Use::Search), corpus, id, found) {
            Ok(store) => {
                // A server is asked with the first question only, so that it cannot hold up the start.
                let held = if kind == StoreKind::Server { Ok(state.passages) } else { store.count() };
                if !state.is_unfinished() && held.is_ok_and(|held| held != state.passages) {
                    notices.push(format!("corpus {name}: its vectors are not all there: {again}"));
                }
                stores.push(store);
            }
            Err(unmet) => notices.push(format!("corpus {name}: no vectors: {unmet}")),
        }
    }
    (stores, notices)
}

/// Vectors of a corpus, as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VectorsSummary {
    /// Kind of store and beginning of the model's hash.
    pub name: String,
    /// Model.
    pub model: String,
    /// Its hash.
    pub model_sha256: String,
    /// Server and collection, where they lie in one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server: String,
    /// Passages that have one.
    pub passages: u64,
    /// They are of the corpus as it is now.
    pub current: bool,
}

/// What has vectors, of which model.
pub(crate) fn summaries(corpus: &Corpus) -> Vec<VectorsSummary> {
    let hash = corpus.hash();
    let of = |(name, state): (String, Recorded)| {
        let model = state.model.clone()?;
        let current = !state.is_unfinished() && state.corpus_hash == hash;
        let (server, passages) = (state.store, state.passages);
        Some(VectorsSummary {
            name,
            model: model.name,
            model_sha256: model.sha256,
            server,
            passages,
            current,
        })
    };
    vectors_states(corpus.folder()).into_iter().filter_map(of).collect()
}

/// Vectors that were moved, or lay there before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Corpus.
    pub corpus: String,
    /// Model.
    pub model: String,
    /// Store they were copied from.
    pub from: String,
    /// Store they lie in now.
    pub to: String,
    /// How many, counted in both.
    pub points: u64,
    /// They were there already.
    pub already: bool,
}

/// Copies the vectors of one corpus, or of all, from one kind of store to another, and counts them in both. What was
/// copied before is passed by; one that was stopped is copied again. The old ones stay.
///
/// # Errors
/// There are none, they are not whole, or a store failed or was stopped.
pub fn migrate_vectors(
    (settings, backends): (&Settings, &Backends),
    name: Option<&str>,
    (from, to): (StoreKind, StoreKind),
    progress: &mut dyn FnMut(&str, u64, u64),
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Moved>> {
    let mut moved = vec![];
    for corpus in corpora(&settings.corpora, name)? {
        for state in states(&corpus, from, name)? {
            moved.push(move_one((settings, backends), &corpus, &state, (from, to), progress, stop)?);
        }
    }
    Ok(moved)
}

fn move_one(
    (settings, backends): (&Settings, &Backends),
    corpus: &Corpus,
    state: &Recorded,
    (from, to): (StoreKind, StoreKind),
    progress: &mut dyn FnMut(&str, u64, u64),
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Moved> {
    let name = corpus.about().name.clone();
    let wrong = |what: &str| Unmet::Vectors { corpus: name.clone(), what: what.to_owned() };
    let model = state.model.clone().ok_or_else(|| wrong("its record names no model; index it again"))?;
    if state.is_unfinished() {
        return Err(wrong("its vectors are not finished: run `concilium corpus index` first"));
    }
    let open =
        |kind| store(&settings.retrieval, backends, (kind, Use::Write), corpus, &model, state.dimensions);
    let (old, new) = (open(from)?, open(to)?);
    if old.count()? != state.passages {
        return Err(wrong("its vectors are not all there: run `concilium corpus index` first"));
    }
    let there = vectors_state(corpus.folder(), to, &model);
    let same = there.as_ref().is_some_and(|there| {
        (&there.corpus_hash, &there.knowledge) == (&state.corpus_hash, &state.knowledge)
            && !there.is_unfinished()
    });
    let already = same && new.count()? == state.passages;
    if !already {
        // What we recorded there is of an older corpus; what nobody recorded is not ours to empty.
        if there.is_some() {
            clear(&*new)?;
        }
        migrate(&*old, &*new, &mut |done, of| progress(&name, done, of), stop)?;
        write_vectors_state(corpus.folder(), &*new, state)?;
    }
    let (from, to) = (old.name(), new.name());
    Ok(Moved { corpus: name, model: model.name, from, to, points: state.passages, already })
}

/// A snapshot that a server wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// Corpus.
    pub corpus: String,
    /// Where the vectors lie.
    pub store: String,
    /// Name the server gave it.
    pub snapshot: String,
}

/// Has the server write a snapshot of the vectors of one corpus, or of all.
///
/// # Errors
/// There are none there, or the server failed.
pub fn snapshots(settings: &Settings, backends: &Backends, name: Option<&str>) -> Result<Vec<Snapshot>> {
    let mut made = vec![];
    for corpus in corpora(&settings.corpora, name)? {
        for state in states(&corpus, StoreKind::Server, name)? {
            let Some(model) = &state.model else { continue };
            let place = (StoreKind::Server, Use::Write);
            let store = store(&settings.retrieval, backends, place, &corpus, model, state.dimensions)?;
            let snapshot = store.snapshot()?;
            made.push(Snapshot { corpus: corpus.about().name.clone(), store: store.name(), snapshot });
        }
    }
    Ok(made)
}

/// One corpus, or all.
pub(crate) fn corpora(root: &Path, name: Option<&str>) -> std::result::Result<Vec<Corpus>, CorpusError> {
    let folders = match name {
        Some(name) => vec![crate::corpus::folder(root, name)?],
        None => Corpus::list(root)?,
    };
    folders.iter().map(|folder| Corpus::open(folder)).collect()
}

/// Records of the vectors of a corpus in a kind of store; a corpus asked for by name must have some.
fn states(corpus: &Corpus, kind: StoreKind, name: Option<&str>) -> Result<Vec<Recorded>> {
    let prefix = format!("{}-", kind.name());
    let all = vectors_states(corpus.folder()).into_iter().filter(|(name, _)| name.starts_with(&prefix));
    let states: Vec<Recorded> = all.map(|(_, state)| state).collect();
    if states.is_empty() && name.is_some() {
        let what = format!("has no vectors in store {}; see `concilium corpus list`", kind.name());
        return Err(Unmet::Vectors { corpus: corpus.about().name.clone(), what });
    }
    Ok(states)
}
