//! Which passages answer this query, over all corpora and both legs?
//!
//! A missing leg, a store that does not answer, an index older than its corpus: each is a notice in words, never an
//! error, and the rest answers. Every hit is held against the stored text before it is shown, and bears what any corpus
//! says of its document or of the publication it is about: a retraction reaches the statements curated from the paper.
//!
//! Each corpus has an index of its own; their lists are joined by score. BM25 scores of two corpora are alike, not the
//! same: what is rare in one may be common in the other.

use crate::claim::Claim;
use crate::corpus::{Corpus, CorpusError, Live};
use crate::filter::Filter;
use crate::fusion::{Fused, Fusion, Leg, LegScore, Ranked, diverse, fuse};
use crate::index::{State, words_folder, words_state};
use crate::lexical::parse::parse;
use crate::lexical::{DocumentHead, Found, LexicalError, LexicalIndex, LexicalQuery, Matched, QueryError};
use crate::vectors::{Question, StoreError, VectorStore};
use concilium_evidence::passage::{Document, Passage, PassageKey, Standing};
use concilium_models::{Embedder, ModelId, Reranker, TextRole, never};
use concilium_terms::lexicon::Lexicon;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Hits of each leg for one that is shown: what fusion, diversity and checks choose from.
const DEPTH: usize = 5;
/// Never fewer than these.
const LEAST_DEPTH: usize = 50;
/// Passages a cross-encoder reads at most.
const RERANKED: usize = 50;
/// Vectors of questions remembered at most; a plan asks the same in several ways.
const REMEMBERED: usize = 4_096;
/// Passages kept at most that were read and held against their texts; a plan meets the same in several questions.
const HELD: usize = 4_096;

/// Added to a question for what speaks against what it asks for.
pub const CONTRARY_QUERY: &str = "resistance resistant refractory ineffective";

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// As typed: words, phrases, filters.
    pub text: String,
    /// What the vectors are asked for, where it is not the text.
    pub meaning: Option<String>,
    /// Must hold beside the filters in the text. `standing` is what the document's own corpus says of it.
    pub filter: Filter,
    /// At most so many hits.
    pub limit: usize,
    /// Passages of one document at most.
    pub per_document: usize,
    /// Passages of one claim ([`Claim`]) at most; those that claim nothing are not counted.
    pub per_claim: usize,
    /// Which legs are asked.
    pub legs: Legs,
    /// Read names by their meaning. Off only to measure what synonyms bring.
    pub synonyms: bool,
}

impl Query {
    /// The best ten, two of a document at most, every leg there is; claims are not counted.
    pub fn new(text: &str) -> Query {
        Query {
            text: text.to_owned(),
            meaning: None,
            filter: Filter::All,
            limit: 10,
            per_document: 2,
            per_claim: usize::MAX,
            legs: Legs::All,
            synonyms: true,
        }
    }
}

/// Which legs are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Legs {
    /// Every one there is.
    All,
    /// Words only.
    Lexical,
    /// Vectors only.
    Vector,
}

/// A passage that answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// The passage with its key, byte for byte as stored.
    pub passage: Passage,
    /// Its document; the standing is the gravest that any corpus knows.
    pub head: DocumentHead,
    /// Why it is not to be taken as it stands: `retracted`, `its source pmid:1 is retracted`, `invented`, …
    pub flags: Vec<String>,
    /// Fused score; comparable within one answer only.
    pub score: f32,
    /// What each leg said.
    pub legs: Vec<LegScore>,
    /// Words of the query it meets.
    pub matched: Vec<Matched>,
    /// What the cross-encoder said, when one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reranked: Option<f32>,
}

impl Hit {
    /// Why it stands where it stands, in one line.
    pub fn because(&self) -> String {
        let mut met: Vec<&str> = self.matched.iter().map(|matched| matched.written.as_str()).collect();
        met.dedup();
        let met = if met.is_empty() { String::new() } else { format!(", meets {}", met.join(", ")) };
        let leg = |score: &LegScore| match score.leg {
            Leg::Lexical => format!("words: place {}, BM25 {:.2}{met}", score.rank, score.score),
            Leg::Vector => format!("meaning: place {}, cosine {:.3}", score.rank, score.score),
        };
        let mut parts: Vec<String> = self.legs.iter().map(leg).collect();
        parts.push(format!("together {:.4}", self.score));
        parts.extend(self.reranked.map(|score| format!("read again {score:.3}")));
        parts.join("; ")
    }
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hits {
    /// Best first.
    pub hits: Vec<Hit>,
    /// What was missing or left out, in words.
    pub notices: Vec<String>,
    /// The vectors were asked and could not answer: asking again soon would only wait again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lost_vectors: bool,
}

/// One corpus open for searching.
struct Shelf {
    corpus: Corpus,
    index: LexicalIndex,
    state: State,
    live: OnceLock<Result<Live, CorpusError>>,
}

impl Shelf {
    fn live(&self) -> Result<&Live, &CorpusError> {
        self.live.get_or_init(|| self.corpus.live()).as_ref()
    }
}

/// The vector leg.
struct Vectors {
    stores: Vec<Box<dyn VectorStore>>,
    embedder: Box<dyn Embedder>,
    /// Question → its vector. In memory only: questions come from records.
    remembered: Mutex<BTreeMap<String, Vec<f32>>>,
}

/// A passage that was held against the stored text, with what stands against it.
struct Held {
    passage: Passage,
    head: DocumentHead,
    flags: Vec<String>,
    claim: OnceLock<Option<Claim>>,
}

/// By shelf, or [`ANYWHERE`] for one that only its key names.
type Shelved = (usize, PassageKey);
const ANYWHERE: usize = usize::MAX;

/// What the words of all corpora found, not read yet.
#[derive(Default)]
struct Words<'r> {
    /// Shelf and its answer.
    found: Vec<(usize, Found<'r>)>,
    /// Place in `found` and in its list.
    places: BTreeMap<PassageKey, (usize, usize)>,
    /// Best first.
    list: Ranked,
}

/// What the vectors of all stores found.
#[derive(Default)]
struct Nearby {
    list: Ranked,
    notices: Vec<String>,
    /// Something did not answer.
    lost: bool,
}

/// What another corpus, or the same, says of a document.
type Said = (Standing, String);

/// Everything that can be searched.
pub struct Retrieval {
    shelves: Vec<Shelf>,
    lexicon: Arc<Lexicon>,
    vectors: Option<Vectors>,
    /// Why there are none, where they were asked for.
    no_vectors: Option<String>,
    reranker: Option<Box<dyn Reranker>>,
    fusion: Fusion,
    notices: Vec<String>,
    /// Id → its standing and the document that bears it.
    said: BTreeMap<String, Said>,
    held: Mutex<HashMap<Shelved, Arc<Held>>>,
}

impl std::fmt::Debug for Retrieval {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.shelves.iter().map(|shelf| &shelf.corpus.about().name).collect();
        out.debug_struct("Retrieval").field("corpora", &names).finish_non_exhaustive()
    }
}

impl Retrieval {
    /// Opens every corpus under a folder. One that is not indexed, or cannot be opened, is left out with a notice.
    /// `chosen` says by name which corpora take part.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn open(
        root: &Path,
        lexicon: &Arc<Lexicon>,
        chosen: &dyn Fn(&Corpus) -> bool,
    ) -> Result<Retrieval, CorpusError> {
        let mut found = Retrieval {
            shelves: vec![],
            lexicon: Arc::clone(lexicon),
            vectors: None,
            no_vectors: None,
            reranker: None,
            fusion: Fusion::default(),
            notices: vec![],
            said: BTreeMap::new(),
            held: Mutex::default(),
        };
        for folder in Corpus::list(root)? {
            match Corpus::open(&folder) {
                Ok(corpus) if chosen(&corpus) => found.add(corpus),
                Ok(_) => {}
                Err(error) => found.notices.push(format!("left out: {error}")),
            }
        }
        if found.shelves.is_empty() {
            found.notices.push(NOTHING.to_owned());
        }
        found.said = found.standings();
        Ok(found)
    }

    fn add(&mut self, corpus: Corpus) {
        let name = corpus.about().name.clone();
        let opened = LexicalIndex::open(&words_folder(corpus.folder()), Arc::clone(&self.lexicon));
        match (opened, words_state(corpus.folder())) {
            (Ok(index), Some(state)) => {
                if state.corpus_hash != corpus.hash() {
                    self.notices.push(format!(
                        "corpus {name}: the index is older than the corpus or not finished: run `concilium corpus index {name}`"
                    ));
                }
                self.shelves.push(Shelf { corpus, index, state, live: OnceLock::new() });
            }
            (Err(LexicalError::Missing { .. }), _) => self.notices.push(format!(
                "corpus {name} is left out: it has no index yet: run `concilium corpus index {name}`"
            )),
            (Err(error), _) => self.notices.push(format!("corpus {name} is left out: {error}")),
            (Ok(_), None) => self.notices.push(format!(
                "corpus {name} is left out: its index has no record: run `concilium corpus index {name}`"
            )),
        }
    }

    /// With vectors: the store holds passages of every corpus.
    #[must_use]
    pub fn with_vectors(self, store: Box<dyn VectorStore>, embedder: Box<dyn Embedder>) -> Retrieval {
        self.with_stores(vec![store], embedder)
    }

    /// With vectors: each passage lies in one of the stores.
    #[must_use]
    pub fn with_stores(self, stores: Vec<Box<dyn VectorStore>>, embedder: Box<dyn Embedder>) -> Retrieval {
        Retrieval { vectors: Some(Vectors { stores, embedder, remembered: Mutex::default() }), ..self }
    }

    /// Without vectors, for this reason: what every answer then says.
    #[must_use]
    pub fn without_vectors(self, why: &str) -> Retrieval {
        Retrieval { vectors: None, no_vectors: Some(why.to_owned()), ..self }
    }

    /// With more to say in every answer.
    #[must_use]
    pub fn noticing(mut self, notices: Vec<String>) -> Retrieval {
        self.notices.extend(notices);
        self
    }

    /// With a cross-encoder that reads the best hits again.
    #[must_use]
    pub fn with_reranker(self, reranker: Box<dyn Reranker>) -> Retrieval {
        Retrieval { reranker: Some(reranker), ..self }
    }

    /// With another way to join the legs.
    #[must_use]
    pub fn with_fusion(self, fusion: Fusion) -> Retrieval {
        Retrieval { fusion, ..self }
    }

    /// Corpora that take part.
    pub fn open_corpora(&self) -> impl Iterator<Item = &Corpus> {
        self.shelves.iter().map(|shelf| &shelf.corpus)
    }

    /// Nobody asked for vectors: that there are none is no fault.
    pub fn is_lexical_by_choice(&self) -> bool {
        self.vectors.is_none() && self.no_vectors.is_none()
    }

    /// Model the vectors are of, where there are any.
    pub fn model(&self) -> Option<&ModelId> {
        self.vectors.as_ref().map(|vectors| vectors.embedder.id())
    }

    /// Names texts and queries are read with.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// What was noticed on opening.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Nothing to search?
    pub fn is_empty(&self) -> bool {
        self.shelves.is_empty()
    }

    /// Corpora that take part, with the hash of what their index holds: part of every run's manifest.
    pub fn corpora(&self) -> BTreeMap<String, String> {
        let named = |shelf: &Shelf| (shelf.corpus.about().name.clone(), shelf.state.corpus_hash.clone());
        self.shelves.iter().map(named).collect()
    }

    /// Does a corpus hold this passage, word for word? `key` as it is printed.
    pub fn holds(&self, key: &str, text: &str) -> bool {
        let Some(key) = PassageKey::parse(key) else { return false };
        let found =
            self.shelves.iter().filter_map(|shelf| shelf.live().ok()?.document(&key.document).ok()?);
        found.into_iter().any(|document| is_of(&key, text, &document))
    }

    /// Reads filters as they are typed: `gene:EGFR year:2019..`.
    ///
    /// # Errors
    /// Anything that is no filter.
    pub fn filter(&self, text: &str) -> Result<Filter, QueryError> {
        let parsed = parse(text, &self.lexicon)?;
        match parsed.words.is_empty() && parsed.phrases.is_empty() && parsed.without.is_empty() {
            true => Ok(parsed.filter),
            false => Err(QueryError::NotAFilter { found: parsed.words.trim().to_owned() }),
        }
    }

    /// The best passages, best first; ties by key.
    ///
    /// # Errors
    /// A query that cannot be read. Everything else is a notice.
    pub fn search(&self, query: &Query) -> Result<Hits, QueryError> {
        let near = self.near_each(std::slice::from_ref(query)).pop();
        self.answer(query, near.unwrap_or_else(|| Ok(Nearby::default())))
    }

    /// Many questions at once, each answered as [`Retrieval::search`] does: their vectors are computed together, each
    /// store is asked once, the rest is done side by side.
    pub fn search_each(&self, queries: &[Query]) -> Vec<Result<Hits, QueryError>> {
        let near = self.near_each(queries);
        queries.par_iter().zip(near).map(|(query, near)| self.answer(query, near)).collect()
    }

    fn answer(&self, query: &Query, near: Result<Nearby, QueryError>) -> Result<Hits, QueryError> {
        let mut notices = self.notices.clone();
        let words = match query.legs {
            Legs::Vector => Words::default(),
            Legs::All | Legs::Lexical => self.words(query, depth(query), &mut notices)?,
        };
        let near = near?;
        notices.extend(near.notices);
        let order = fuse(self.fusion, &words.list, &near.list);
        let mut desk = Desk { of: self, words: &words, read: HashMap::new(), homeless: 0, notices };
        let (order, reranked) = desk.reranked(query, order);
        let mut hits = desk.shown(query, diverse(order, query.per_document.max(1)), &reranked);
        desk.explain(&mut hits);
        let mut notices = desk.notices;
        if 0 < desk.homeless {
            let said = "vectors stand for passages no index holds: run `concilium corpus index`";
            notices.push(format!("{} {said}", desk.homeless));
        }
        Ok(Hits { hits, notices, lost_vectors: near.lost })
    }

    /// The words of all corpora, best first.
    fn words(&self, query: &Query, depth: usize, notices: &mut Vec<String>) -> Result<Words<'_>, QueryError> {
        let asked = LexicalQuery {
            filter: query.filter.clone(),
            limit: depth,
            synonyms: query.synonyms,
            ..LexicalQuery::new(&query.text)
        };
        // Read once even where there is no corpus: a wrong query is wrong everywhere.
        parse(&query.text, &self.lexicon)?;
        let mut words = Words::default();
        for (at, shelf) in self.shelves.iter().enumerate() {
            match shelf.index.find(&asked) {
                Ok(found) => words.found.push((at, found)),
                Err(LexicalError::Query(error)) => return Err(error),
                Err(error) => {
                    notices.push(format!("corpus {} is left out: {error}", shelf.corpus.about().name))
                }
            }
        }
        let mut all: Vec<(f32, &PassageKey, (usize, usize))> = vec![];
        for (nth, (_, found)) in words.found.iter().enumerate() {
            all.extend(found.ranked.iter().enumerate().map(|(at, hit)| (hit.score, &hit.key, (nth, at))));
        }
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        for (score, key, place) in all {
            if !words.places.contains_key(key) {
                words.places.insert(key.clone(), place);
                words.list.push((key.clone(), score));
            }
        }
        Ok(words)
    }

    /// What lies near each question in meaning. Filters alone have no meaning.
    fn near_each(&self, queries: &[Query]) -> Vec<Result<Nearby, QueryError>> {
        let mut answers: Vec<Result<Nearby, QueryError>> =
            queries.iter().map(|_| Ok(Nearby::default())).collect();
        let Some(vectors) = &self.vectors else {
            let why = self.no_vectors.as_deref().unwrap_or("no model is loaded");
            let asked = queries.iter().zip(&mut answers).filter(|(query, _)| query.legs != Legs::Lexical);
            for (_, answer) in asked {
                let notices = vec![format!("no vectors: {why}; words only")];
                *answer = Ok(Nearby { notices, ..Nearby::default() });
            }
            return answers;
        };
        let mut asked = vec![];
        for (at, query) in queries.iter().enumerate().filter(|(_, query)| query.legs != Legs::Lexical) {
            match self.meaning(query) {
                Ok((text, _)) if text.is_empty() => {}
                Ok((text, filter)) => asked.push((at, text, filter, depth(query))),
                Err(error) => answers[at] = Err(error),
            }
        }
        let texts: Vec<&str> = asked.iter().map(|(_, text, _, _)| text.as_str()).collect();
        match vectors.of(&texts) {
            Ok(found) => {
                let questions = asked.iter().zip(found).map(|((_, _, filter, limit), vector)| Question {
                    vector,
                    filter: filter.clone(),
                    limit: *limit,
                });
                let near = vectors.nearest(&questions.collect::<Vec<_>>());
                asked.iter().zip(near).for_each(|((at, ..), near)| answers[*at] = Ok(near));
            }
            Err(what) => asked.iter().for_each(|(at, ..)| {
                let notices = vec![format!("no vectors: {what}; words only")];
                answers[*at] = Ok(Nearby { notices, lost: true, ..Nearby::default() });
            }),
        }
        answers
    }

    /// Words to make a vector of, and the filter of the text joined with that of the query.
    fn meaning(&self, query: &Query) -> Result<(String, Filter), QueryError> {
        let parsed = parse(&query.text, &self.lexicon)?;
        let filter = match (&query.filter, parsed.filter) {
            (Filter::All, only) => only,
            (only, Filter::All) => only.clone(),
            (one, other) => Filter::And(vec![one.clone(), other]),
        };
        if let Some(meaning) = &query.meaning {
            return Ok((meaning.trim().to_owned(), filter));
        }
        let text = [parsed.words.trim()].into_iter().chain(parsed.phrases.iter().map(String::as_str));
        let text = text.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        Ok((text, filter))
    }

    /// A passage as it may be shown: its words are those stored, and what is known against it is said.
    fn hold(&self, passage: Passage, mut head: DocumentHead) -> Result<Held, String> {
        head.standing = self.stored(&passage, &head)?.standing;
        let flags = self.flags(&mut head);
        Ok(Held { passage, head, flags, claim: OnceLock::new() })
    }

    /// The document a passage was cut from, when its key and words still hold.
    fn stored(&self, passage: &Passage, head: &DocumentHead) -> Result<Document, String> {
        let name = &head.corpus;
        let shelf = self.shelves.iter().find(|shelf| shelf.corpus.about().name == *name);
        let shelf = shelf.ok_or_else(|| format!("corpus {name} is not open"))?;
        let again = format!("run `concilium corpus index {name}`");
        let live = shelf.live().map_err(ToString::to_string)?;
        let document = live.document(&passage.key.document).map_err(|error| error.to_string())?;
        let document = document.ok_or_else(|| format!("the corpus holds it no longer: {again}"))?;
        match is_of(&passage.key, &passage.text, &document) {
            true => Ok(document),
            false => Err(format!("its words are not those stored: {again}")),
        }
    }

    /// Sets the gravest standing known, and gives everything a reader must know, in words.
    fn flags(&self, head: &mut DocumentHead) -> Vec<String> {
        let own = &head.id.0;
        let others = head.ids.iter().filter(|id| is_publication(id));
        let mut worst: Said = (head.standing.clone(), own.clone());
        for said in std::iter::once(own).chain(others).filter_map(|id| self.said.get(id)) {
            if crate::corpus::worse(worst.0.clone(), said.0.clone()) != worst.0 {
                worst = said.clone();
            }
        }
        let (standing, bearer) = worst;
        let subject = if bearer == *own { String::new() } else { format!("its source {bearer} is ") };
        let mut flags: Vec<String> =
            standing_words(&standing).map(|words| format!("{subject}{words}")).into_iter().collect();
        flags.extend(head.invented.then(|| "invented for the demo, no source".to_owned()));
        head.standing = standing;
        flags
    }

    fn cached(&self) -> MutexGuard<'_, HashMap<Shelved, Arc<Held>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What all corpora say, by every id of the document spoken of, with notices about documents they do not hold.
    fn standings(&self) -> BTreeMap<String, Said> {
        let mut said: BTreeMap<String, Said> = BTreeMap::new();
        let mut hear = |id: &str, standing: &Standing, bearer: &str| {
            let heard = said.entry(id.to_owned()).or_insert_with(|| (Standing::Current, bearer.to_owned()));
            if crate::corpus::worse(heard.0.clone(), standing.clone()) != heard.0 {
                *heard = (standing.clone(), bearer.to_owned());
            }
        };
        for shelf in &self.shelves {
            for (document, flagged) in &shelf.state.flagged {
                hear(&document.0, &flagged.standing, &document.0);
                let others = flagged.ids.iter().filter(|id| is_publication(id));
                // A statement is not its source: what is said of it does not reach the paper.
                let others = others.filter(|_| is_publication(&document.0));
                others.for_each(|id| hear(id, &flagged.standing, &document.0));
            }
            for notice in &shelf.state.notices {
                hear(&notice.about.0, &notice.standing, &notice.about.0);
            }
        }
        said
    }
}

/// Where one question's passages are read, each once.
struct Desk<'r> {
    of: &'r Retrieval,
    words: &'r Words<'r>,
    /// `None`: it may not be shown.
    read: HashMap<PassageKey, Option<Arc<Held>>>,
    /// Vectors without a passage.
    homeless: usize,
    notices: Vec<String>,
}

impl Desk<'_> {
    /// Reads what was not read yet: from memory, by its place in an index, else by its key.
    fn read(&mut self, some: &[Fused]) {
        let mut unplaced = vec![];
        for key in some.iter().map(|fused| &fused.key) {
            if self.read.contains_key(key) {
                continue;
            }
            match self.words.places.get(key) {
                Some((nth, at)) => {
                    let (shelf, found) = &self.words.found[*nth];
                    self.take((*shelf, key.clone()), || found.read(*at).map_err(|error| error.to_string()));
                }
                None => unplaced.push(key.clone()),
            }
        }
        let cached: HashMap<PassageKey, Arc<Held>> = {
            let cached = self.of.cached();
            let known = |key: &PassageKey| Some((key.clone(), cached.get(&(ANYWHERE, key.clone()))?.clone()));
            unplaced.iter().filter_map(known).collect()
        };
        unplaced.retain(|key| !cached.contains_key(key));
        self.read.extend(cached.into_iter().map(|(key, held)| (key, Some(held))));
        self.read_by_key(&unplaced);
    }

    fn read_by_key(&mut self, keys: &[PassageKey]) {
        let mut found = BTreeMap::new();
        for shelf in self.of.shelves.iter().filter(|_| !keys.is_empty()) {
            match shelf.index.passages(keys) {
                Ok(some) => found.extend(some.into_iter().map(|(p, h)| (p.key.clone(), (p, h)))),
                Err(error) => self.notices.push(error.to_string()),
            }
        }
        for key in keys {
            match found.remove(key) {
                Some(read) => self.take((ANYWHERE, key.clone()), || Ok(read)),
                None => {
                    self.homeless += 1;
                    self.read.insert(key.clone(), None);
                }
            }
        }
    }

    /// Remembers a passage that holds; says why one does not.
    fn take(&mut self, place: Shelved, read: impl FnOnce() -> Result<(Passage, DocumentHead), String>) {
        let cached = self.of.cached().get(&place).cloned();
        let held = match cached {
            Some(held) => Ok(held),
            None => read().and_then(|(passage, head)| self.of.hold(passage, head)).map(|held| {
                let held = Arc::new(held);
                let mut cached = self.of.cached();
                if HELD <= cached.len() {
                    cached.clear();
                }
                cached.insert(place.clone(), Arc::clone(&held));
                held
            }),
        };
        if let Err(why) = &held {
            self.notices.push(format!("left out: {}: {why}", place.1));
        }
        self.read.insert(place.1, held.ok());
    }

    fn held(&self, key: &PassageKey) -> Option<&Arc<Held>> {
        self.read.get(key)?.as_ref()
    }

    /// The best are put into the cross-encoder's order; ties keep theirs. What it said, by key.
    fn reranked(&mut self, query: &Query, order: Vec<Fused>) -> (Vec<Fused>, BTreeMap<PassageKey, f32>) {
        let Some(reranker) = &self.of.reranker else { return (order, BTreeMap::new()) };
        let (mut best, mut rest) = (order, vec![]);
        if RERANKED < best.len() {
            rest = best.split_off(RERANKED);
        }
        self.read(&best);
        best.retain(|fused| self.held(&fused.key).is_some());
        let held: Vec<Arc<Held>> = best.iter().filter_map(|fused| self.held(&fused.key).cloned()).collect();
        let texts: Vec<&str> = held.iter().map(|held| held.passage.text.as_str()).collect();
        let said = match reranker.score(&query.text, &texts, &never) {
            Ok(scores) if scores.len() == best.len() => {
                best.iter().map(|fused| fused.key.clone()).zip(scores).collect::<BTreeMap<_, _>>()
            }
            Ok(_) => {
                self.notices.push(format!("not reranked: {} gave too few scores", reranker.id().name));
                BTreeMap::new()
            }
            Err(error) => {
                self.notices.push(format!("not reranked: {error}"));
                BTreeMap::new()
            }
        };
        let of = |fused: &Fused| said.get(&fused.key).copied().unwrap_or(f32::MIN);
        best.sort_by(|a, b| of(b).total_cmp(&of(a)));
        best.extend(rest);
        (best, said)
    }

    /// The first that may be shown, of one claim not too many. No more are read than are needed.
    fn shown(&mut self, query: &Query, order: Vec<Fused>, reranked: &BTreeMap<PassageKey, f32>) -> Vec<Hit> {
        let mut claims: BTreeMap<Claim, usize> = BTreeMap::new();
        let mut shown = vec![];
        for some in order.chunks(query.limit.max(1)) {
            if shown.len() == query.limit {
                break;
            }
            self.read(some);
            for fused in some {
                let Some(held) = self.held(&fused.key).cloned() else { continue };
                if shown.len() < query.limit && self.is_new(&held, query.per_claim, &mut claims) {
                    shown.push(Hit {
                        passage: held.passage.clone(),
                        head: held.head.clone(),
                        flags: held.flags.clone(),
                        score: fused.score,
                        legs: fused.legs.clone(),
                        matched: vec![],
                        reranked: reranked.get(&fused.key).copied(),
                    });
                }
            }
        }
        shown
    }

    /// Is there room for one more of this claim? One that may not support is shown whatever else is.
    fn is_new(&self, held: &Held, per_claim: usize, claims: &mut BTreeMap<Claim, usize>) -> bool {
        if per_claim == usize::MAX || held.head.standing != Standing::Current {
            return true;
        }
        let claim = || Claim::of(&self.of.lexicon, &held.head, &held.passage);
        let Some(claim) = held.claim.get_or_init(claim) else { return true };
        let seen = claims.entry(claim.clone()).or_default();
        *seen += 1;
        *seen <= per_claim.max(1)
    }

    /// Which words of the query each hit meets.
    fn explain(&mut self, hits: &mut [Hit]) {
        for (nth, (_, found)) in self.words.found.iter().enumerate() {
            let here = |hit: &Hit| match self.words.places.get(&hit.passage.key) {
                Some((other, at)) if *other == nth => Some(*at),
                _ => None,
            };
            let places: Vec<usize> = hits.iter().filter_map(here).collect();
            match found.matched(&places) {
                Ok(matched) => {
                    let those = hits.iter_mut().filter(|hit| here(hit).is_some());
                    those.zip(matched).for_each(|(hit, matched)| hit.matched = matched);
                }
                Err(error) => self.notices.push(error.to_string()),
            }
        }
    }
}

impl Vectors {
    /// Vectors of questions; those not remembered are computed together.
    fn of(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, String> {
        let remembered = || self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known: BTreeMap<&str, Vec<f32>> = {
            let remembered = remembered();
            texts.iter().filter_map(|text| Some((*text, remembered.get(*text)?.clone()))).collect()
        };
        let new: BTreeSet<&str> = texts.iter().filter(|text| !known.contains_key(*text)).copied().collect();
        if !new.is_empty() {
            let new: Vec<&str> = new.into_iter().collect();
            let vectors = self.embedder.embed(&new, TextRole::Query, &never);
            let vectors = vectors.map_err(|error| error.to_string())?;
            if vectors.len() != new.len() {
                return Err(format!("{} gave no vector", self.embedder.id().name));
            }
            let mut remembered = remembered();
            if REMEMBERED < remembered.len() + new.len() {
                remembered.clear();
            }
            for (text, vector) in new.into_iter().zip(vectors) {
                remembered.insert(text.to_owned(), vector.clone());
                known.insert(text, vector);
            }
        }
        Ok(texts.iter().map(|text| known[text].clone()).collect())
    }

    /// The nearest to each question over all stores, and whether one did not answer: it is not waited for twice.
    fn nearest(&self, questions: &[Question]) -> Vec<Nearby> {
        let mut all: Vec<Nearby> = questions.iter().map(|_| Nearby::default()).collect();
        for store in self.stores.iter().filter(|_| !questions.is_empty()) {
            match store.nearest_each(questions) {
                Ok(near) => all.iter_mut().zip(near).for_each(|(all, near)| {
                    all.list.extend(near.into_iter().map(|near| (near.key, near.score)));
                }),
                Err(error) => {
                    let lost = matches!(error, StoreError::Unreachable { .. });
                    for one in &mut all {
                        one.notices.push(format!("no vectors: {error}"));
                        one.lost = lost;
                    }
                    if lost {
                        break;
                    }
                }
            }
        }
        for (near, question) in all.iter_mut().zip(questions) {
            near.list.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            near.list.truncate(question.limit);
        }
        all
    }
}

/// Hits of each leg that are fused.
fn depth(query: &Query) -> usize {
    (query.limit * DEPTH).max(LEAST_DEPTH)
}

/// Was this passage cut from this document, word for word?
fn is_of(key: &PassageKey, text: &str, document: &Document) -> bool {
    let same_text = !key.text_hash.is_empty() && document.sha256.starts_with(&key.text_hash);
    same_text && document.text.get(key.start..key.end) == Some(text)
}

/// Said where there is nothing to search.
pub const NOTHING: &str = "no text loaded: no corpus is indexed; see `concilium corpus import --help`";

/// Ids that name a publication, under which one document may be the source of another.
fn is_publication(id: &str) -> bool {
    ["pmid:", "pmc:", "doi:"].iter().any(|scheme| id.starts_with(scheme))
}

/// `retracted (notice pmid:2)`; nothing for a current one.
pub fn standing_words(standing: &Standing) -> Option<String> {
    let (word, by) = match standing {
        Standing::Current => return None,
        Standing::Retracted(by) => ("retracted", by),
        Standing::Superseded(by) => ("superseded", by),
        Standing::Concern(by) => ("under an expression of concern", by),
    };
    Some(by.as_ref().map_or_else(|| word.to_owned(), |by| format!("{word} (see {by})")))
}

#[cfg(test)]
mod tests;
