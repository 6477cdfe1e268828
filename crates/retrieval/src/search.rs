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
use crate::lexical::{
    DocumentHead, LexicalError, LexicalHit, LexicalIndex, LexicalQuery, Matched, QueryError,
};
use crate::vectors::{StoreError, VectorStore};
use concilium_evidence::passage::{Document, DocumentId, Passage, PassageKey, Standing};
use concilium_models::{Embedder, ModelId, Reranker, TextRole, never};
use concilium_terms::lexicon::Lexicon;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Hits of each leg for one that is shown: what fusion, diversity and checks choose from.
const DEPTH: usize = 5;
/// Never fewer than these.
const LEAST_DEPTH: usize = 50;
/// Passages a cross-encoder reads at most.
const RERANKED: usize = 50;
/// Vectors of questions remembered at most; a plan asks the same in several ways.
const REMEMBERED: usize = 512;

/// Added to a question for what speaks against what it asks for.
pub const CONTRARY_QUERY: &str = "resistance resistant refractory ineffective";

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// As typed: words, phrases, filters.
    pub text: String,
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
        let found = self.shelves.iter().filter_map(|shelf| {
            let (id, rest) = key.rsplit_once('@')?;
            let (hash, span) = rest.split_once('#')?;
            let (start, end) = span.split_once('-')?;
            let document = shelf.live().ok()?.document(&DocumentId(id.to_owned())).ok()??;
            let words = document.text.get(start.parse().ok()?..end.parse().ok()?)?;
            Some(!hash.is_empty() && document.sha256.starts_with(hash) && words == text)
        });
        found.into_iter().any(|same| same)
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
        let mut notices = self.notices.clone();
        let depth = (query.limit * DEPTH).max(LEAST_DEPTH);
        let words = match query.legs {
            Legs::Vector => vec![],
            Legs::All | Legs::Lexical => self.words(query, depth, &mut notices)?,
        };
        let (near, lost_vectors) = match query.legs {
            Legs::Lexical => (vec![], false),
            Legs::All | Legs::Vector => self.near(query, depth, &mut notices)?,
        };
        let list: Ranked = words.iter().map(|hit| (hit.passage.key.clone(), hit.score)).collect();
        let fused = fuse(self.fusion, &list, &near);
        let mut hits = self.hits(fused, words, &mut notices);
        self.rerank(query, &mut hits, &mut notices);
        let hits = self.checked(query, hits, &mut notices);
        Ok(Hits { hits, notices, lost_vectors })
    }

    /// The words of all corpora, best first.
    fn words(
        &self,
        query: &Query,
        depth: usize,
        notices: &mut Vec<String>,
    ) -> Result<Vec<LexicalHit>, QueryError> {
        let asked = LexicalQuery {
            filter: query.filter.clone(),
            limit: depth,
            synonyms: query.synonyms,
            ..LexicalQuery::new(&query.text)
        };
        // Read once even where there is no corpus: a wrong query is wrong everywhere.
        parse(&query.text, &self.lexicon)?;
        let mut found: Vec<LexicalHit> = vec![];
        for shelf in &self.shelves {
            match shelf.index.search(&asked) {
                Ok(hits) => found.extend(hits),
                Err(LexicalError::Query(error)) => return Err(error),
                Err(error) => {
                    notices.push(format!("corpus {} is left out: {error}", shelf.corpus.about().name))
                }
            }
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.passage.key.cmp(&b.passage.key)));
        let mut seen = BTreeSet::new();
        found.retain(|hit| seen.insert(hit.passage.key.clone()));
        Ok(found)
    }

    /// What lies near in meaning, and whether something did not answer. Filters alone have no meaning.
    fn near(
        &self,
        query: &Query,
        depth: usize,
        notices: &mut Vec<String>,
    ) -> Result<(Ranked, bool), QueryError> {
        let Some(vectors) = &self.vectors else {
            let why = self.no_vectors.as_deref().unwrap_or("no model is loaded");
            notices.push(format!("no vectors: {why}; words only"));
            return Ok((vec![], false));
        };
        let parsed = parse(&query.text, &self.lexicon)?;
        let text = [parsed.words.trim()].into_iter().chain(parsed.phrases.iter().map(String::as_str));
        let text = text.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return Ok((vec![], false));
        }
        let filter = match (&query.filter, parsed.filter) {
            (Filter::All, only) => only,
            (only, Filter::All) => only.clone(),
            (one, other) => Filter::And(vec![one.clone(), other]),
        };
        Ok(match vectors.of(&text) {
            Ok(vector) => vectors.nearest(&vector, &filter, depth, notices),
            Err(what) => {
                notices.push(format!("no vectors: {what}; words only"));
                (vec![], true)
            }
        })
    }

    /// Fused keys with their texts; a vector without a passage in any index is left out.
    fn hits(&self, fused: Vec<Fused>, words: Vec<LexicalHit>, notices: &mut Vec<String>) -> Vec<Hit> {
        let mut known: BTreeMap<PassageKey, (Passage, DocumentHead, Vec<Matched>)> = BTreeMap::new();
        for hit in words {
            known.insert(hit.passage.key.clone(), (hit.passage, hit.head, hit.matched));
        }
        let missing: Vec<PassageKey> =
            fused.iter().map(|hit| &hit.key).filter(|key| !known.contains_key(key)).cloned().collect();
        for shelf in self.shelves.iter().filter(|_| !missing.is_empty()) {
            match shelf.index.passages(&missing) {
                Ok(found) => known.extend(found.into_iter().map(|(p, h)| (p.key.clone(), (p, h, vec![])))),
                Err(error) => notices.push(error.to_string()),
            }
        }
        let before = fused.len();
        let hits: Vec<Hit> = fused
            .into_iter()
            .filter_map(|fused| {
                let (passage, head, matched) = known.remove(&fused.key)?;
                let Fused { score, legs, .. } = fused;
                Some(Hit { passage, head, flags: vec![], score, legs, matched, reranked: None })
            })
            .collect();
        if hits.len() < before {
            notices.push(format!(
                "{} vectors stand for passages no index holds: run `concilium corpus index`",
                before - hits.len()
            ));
        }
        hits
    }

    /// The best are put into the cross-encoder's order; ties keep theirs.
    fn rerank(&self, query: &Query, hits: &mut [Hit], notices: &mut Vec<String>) {
        let Some(reranker) = &self.reranker else { return };
        let best = hits.len().min(RERANKED);
        let best = &mut hits[..best];
        let texts: Vec<&str> = best.iter().map(|hit| hit.passage.text.as_str()).collect();
        match reranker.score(&query.text, &texts, &never) {
            Ok(scores) if scores.len() == best.len() => {
                best.iter_mut().zip(scores).for_each(|(hit, score)| hit.reranked = Some(score));
                best.sort_by(|a, b| {
                    b.reranked.unwrap_or(f32::MIN).total_cmp(&a.reranked.unwrap_or(f32::MIN))
                });
            }
            Ok(_) => notices.push(format!("not reranked: {} gave too few scores", reranker.id().name)),
            Err(error) => notices.push(format!("not reranked: {error}")),
        }
    }

    /// Held against the stored texts, one document not filling the list, with what is known against each.
    fn checked(&self, query: &Query, hits: Vec<Hit>, notices: &mut Vec<String>) -> Vec<Hit> {
        let order: Vec<Fused> = hits
            .iter()
            .map(|hit| Fused { key: hit.passage.key.clone(), score: hit.score, legs: vec![] })
            .collect();
        let kept: BTreeSet<PassageKey> =
            diverse(order, query.per_document.max(1)).into_iter().map(|hit| hit.key).collect();
        let mut claims: BTreeMap<Claim, usize> = BTreeMap::new();
        let mut shown = vec![];
        for mut hit in hits.into_iter().filter(|hit| kept.contains(&hit.passage.key)) {
            if shown.len() == query.limit {
                break;
            }
            match self.stored(&hit) {
                Ok(document) => {
                    hit.head.standing = document.standing;
                    self.flag(&mut hit);
                    if self.is_new(&hit, query.per_claim, &mut claims) {
                        shown.push(hit);
                    }
                }
                Err(why) => notices.push(format!("left out: {}: {why}", hit.passage.key)),
            }
        }
        shown
    }

    /// Is there room for one more of this claim? One that may not support is shown whatever else is.
    fn is_new(&self, hit: &Hit, per_claim: usize, claims: &mut BTreeMap<Claim, usize>) -> bool {
        if per_claim == usize::MAX || hit.head.standing != Standing::Current {
            return true;
        }
        let Some(claim) = Claim::of(&self.lexicon, &hit.head, &hit.passage) else { return true };
        let seen = claims.entry(claim).or_default();
        *seen += 1;
        *seen <= per_claim.max(1)
    }

    /// The document a hit was cut from, when its key and words still hold.
    fn stored(&self, hit: &Hit) -> Result<Document, String> {
        let name = &hit.head.corpus;
        let shelf = self.shelves.iter().find(|shelf| shelf.corpus.about().name == *name);
        let shelf = shelf.ok_or_else(|| format!("corpus {name} is not open"))?;
        let again = format!("run `concilium corpus index {name}`");
        let live = shelf.live().map_err(ToString::to_string)?;
        let document = live.document(&hit.passage.key.document).map_err(|error| error.to_string())?;
        let document = document.ok_or_else(|| format!("the corpus holds it no longer: {again}"))?;
        let key = &hit.passage.key;
        let same_text = !key.text_hash.is_empty() && document.sha256.starts_with(&key.text_hash);
        let same_words = document.text.get(key.start..key.end) == Some(hit.passage.text.as_str());
        match same_text && same_words {
            true => Ok(document),
            false => Err(format!("its words are not those stored: {again}")),
        }
    }

    /// The gravest standing known, and everything a reader must know, in words.
    fn flag(&self, hit: &mut Hit) {
        let own = &hit.head.id.0;
        let others = hit.head.ids.iter().filter(|id| is_publication(id));
        let mut worst: Said = (hit.head.standing.clone(), own.clone());
        for said in std::iter::once(own).chain(others).filter_map(|id| self.said.get(id)) {
            if crate::corpus::worse(worst.0.clone(), said.0.clone()) != worst.0 {
                worst = said.clone();
            }
        }
        let (standing, bearer) = worst;
        let subject = if bearer == *own { String::new() } else { format!("its source {bearer} is ") };
        if let Some(words) = standing_words(&standing) {
            hit.flags.push(format!("{subject}{words}"));
        }
        if hit.head.invented {
            hit.flags.push("invented for the demo, no source".to_owned());
        }
        hit.head.standing = standing;
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

impl Vectors {
    /// Vector of a question.
    fn of(&self, text: &str) -> Result<Vec<f32>, String> {
        let remembered = || self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vector) = remembered().get(text) {
            return Ok(vector.clone());
        }
        let mut vectors =
            self.embedder.embed(&[text], TextRole::Query, &never).map_err(|error| error.to_string())?;
        if vectors.len() != 1 {
            return Err(format!("{} gave no vector", self.embedder.id().name));
        }
        let vector = vectors.remove(0);
        let mut remembered = remembered();
        if REMEMBERED <= remembered.len() {
            remembered.clear();
        }
        remembered.insert(text.to_owned(), vector.clone());
        Ok(vector)
    }

    /// The nearest over all stores, and whether one did not answer: it is not waited for twice.
    fn nearest(
        &self,
        vector: &[f32],
        filter: &Filter,
        depth: usize,
        notices: &mut Vec<String>,
    ) -> (Ranked, bool) {
        let (mut found, mut lost): (Ranked, bool) = (vec![], false);
        for store in &self.stores {
            match store.nearest(vector, filter, depth) {
                Ok(near) => found.extend(near.into_iter().map(|near| (near.key, near.score))),
                Err(error) => {
                    notices.push(format!("no vectors: {error}"));
                    lost = matches!(error, StoreError::Unreachable { .. });
                    if lost {
                        break;
                    }
                }
            }
        }
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.truncate(depth);
        (found, lost)
    }
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
