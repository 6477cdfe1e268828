//! Which passages hold these words, or what they mean?
//!
//! A tantivy index of passages: BM25 over title and body, names met through any of their synonyms, every facet as an
//! exact filter. See `analyse` for the tokens, `query` for the scoring, `parse` for what may be typed.
//!
//! The same passages give the same scores, in whatever order and number of commits they came, once the index was closed
//! with [`LexicalIndex::finish`] (one segment). Where passages were removed, tantivy estimates the average length anew
//! from lengths of one byte: scores then differ by some percent from those of a fresh index, the same at every asking.
//! Equal scores (to four decimals) are ordered by passage key.

mod analyse;
mod filter;
pub mod parse;
mod query;
mod schema;
#[cfg(test)]
mod tests;

pub use parse::{Parsed, QueryError};
pub use query::Weights;

use crate::filter::{Facets, Filter};
use analyse::Analyser;
use concilium_evidence::passage::{
    Access, Document, DocumentId, DocumentKind, Passage, PassageKey, Standing,
};
use concilium_terms::StatementKey;
use concilium_terms::lexicon::{Lexicon, Writing};
use query::Builder;
use schema::Columns;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tantivy::collector::{Count, TopDocs};
use tantivy::indexer::NoMergePolicy;
use tantivy::query::{AllQuery, TermSetQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{
    DocAddress, DocSet, Index, IndexReader, IndexWriter, Order, ReloadPolicy, Searcher, TantivyDocument,
    TantivyError, Term,
};

/// What is known of a document beside its text: enough to show a hit and to cite it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentHead {
    /// Id.
    pub id: DocumentId,
    /// Kind.
    pub kind: DocumentKind,
    /// Version as the source states it.
    pub version: String,
    /// Corpus.
    pub corpus: String,
    /// Title.
    pub title: String,
    /// How much of the source the text is.
    pub access: Access,
    /// Publication types as the source spells them.
    pub types: Vec<String>,
    /// ISO date as precise as the source.
    pub date: String,
    /// Journal, registry or collection.
    pub venue: String,
    /// Other ids.
    pub ids: Vec<String>,
    /// Standing of the source.
    pub standing: Standing,
    /// Invented for the demo.
    pub invented: bool,
    /// Statements the document speaks of.
    pub statements: Vec<StatementKey>,
}

impl From<&Document> for DocumentHead {
    fn from(document: &Document) -> DocumentHead {
        DocumentHead {
            id: document.id.clone(),
            kind: document.kind,
            version: document.version.clone(),
            corpus: document.corpus.clone(),
            title: document.title.clone(),
            access: document.access,
            types: document.types.clone(),
            date: document.date.clone(),
            venue: document.venue.clone(),
            ids: document.ids.clone(),
            standing: document.standing.clone(),
            invented: document.invented,
            statements: document.statements.clone(),
        }
    }
}

/// A passage to be indexed.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Passage.
    pub passage: Passage,
    /// Its document.
    pub head: DocumentHead,
    /// Its facets, as `annotate` makes them.
    pub facets: Facets,
}

/// A question to the index.
#[derive(Clone, Debug, PartialEq)]
pub struct LexicalQuery {
    /// As typed: words, phrases, filters.
    pub text: String,
    /// Must hold beside the filters in the text.
    pub filter: Filter,
    /// At most so many hits.
    pub limit: usize,
    /// Read names by their meaning. Off only to measure what synonyms bring.
    pub synonyms: bool,
    /// What counts how much.
    pub weights: Weights,
}

impl LexicalQuery {
    /// The best ten, synonyms on, no filter beside those in the text.
    pub fn new(text: &str) -> LexicalQuery {
        LexicalQuery {
            text: text.to_owned(),
            filter: Filter::All,
            limit: 10,
            synonyms: true,
            weights: Weights::default(),
        }
    }
}

/// A passage found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LexicalHit {
    /// Passage with its key.
    pub passage: Passage,
    /// Its document.
    pub head: DocumentHead,
    /// BM25 score, to four decimals; 0 in a list that only a filter made.
    pub score: f32,
    /// Which words of the query it meets, and as what.
    pub matched: Vec<Matched>,
}

/// A word of the query that a hit meets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Matched {
    /// As written in the query.
    pub written: String,
    /// The token met: a stem, or what the word means (`gene:ERBB2`).
    pub token: String,
    /// `title`, `body`, `entities` (named anywhere in title or body) or `disease` (a narrower disease is named).
    pub field: String,
}

/// What went wrong with the index.
#[derive(Debug, thiserror::Error)]
pub enum LexicalError {
    /// The folder holds no index.
    #[error("{folder}: no index of words here; `concilium corpus index` makes one")]
    Missing {
        /// Folder.
        folder: PathBuf,
    },
    /// The folder holds one already.
    #[error("{folder}: holds an index already; open it, or remove the folder")]
    Exists {
        /// Folder.
        folder: PathBuf,
    },
    /// Made by another version of the program or with another vocabulary.
    #[error(
        "{folder}: the index was made with another vocabulary or version; `concilium corpus index` makes it anew"
    )]
    Outdated {
        /// Folder.
        folder: PathBuf,
    },
    /// Files are missing or cannot be read.
    #[error("{folder}: the index is damaged ({what}); `concilium corpus index` makes it anew")]
    Damaged {
        /// Folder.
        folder: PathBuf,
        /// What tantivy says.
        what: String,
    },
    /// Another process writes.
    #[error("{folder}: another process is indexing here; wait for it to end")]
    Locked {
        /// Folder.
        folder: PathBuf,
    },
    /// Writing failed.
    #[error("{folder}: cannot write the index: {what}")]
    Write {
        /// Folder.
        folder: PathBuf,
        /// What happened.
        what: String,
    },
    /// A passage that cannot be stored.
    #[error("passage {key} cannot be stored: {what}")]
    Passage {
        /// Key.
        key: String,
        /// What happened.
        what: String,
    },
    /// The query cannot be answered.
    #[error(transparent)]
    Query(#[from] QueryError),
}

/// Beside tantivy's files: what made the tokens.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Made {
    /// Version of the analyser.
    analyser: u32,
    /// Fingerprint of the lexicon, hexadecimal.
    lexicon: String,
}

const MADE: &str = "made.json";

/// Unpacked blocks of stored passages kept in memory, of 16 KiB each.
const STORED_BLOCKS: usize = 512;

/// Memory for passages not yet written, in bytes.
const WRITER_MEMORY: usize = 128 << 20;

/// Fetched beyond the limit, so that a tie at the limit is seen.
const MARGIN: usize = 16;

/// An index in a folder of its own. Searches see what was committed.
pub struct LexicalIndex {
    folder: PathBuf,
    index: Index,
    reader: IndexReader,
    writer: Option<IndexWriter>,
    columns: Columns,
    analyser: Analyser,
}

impl LexicalIndex {
    /// A new, empty index. The folder is made when missing, for its owner only.
    ///
    /// # Errors
    /// The folder holds an index already, or cannot be written.
    pub fn create(folder: &Path, lexicon: Arc<Lexicon>) -> Result<LexicalIndex, LexicalError> {
        if folder.join(MADE).exists() || folder.join("meta.json").exists() {
            return Err(LexicalError::Exists { folder: folder.to_owned() });
        }
        let failed = |error: &dyn std::fmt::Display| LexicalError::Write {
            folder: folder.to_owned(),
            what: error.to_string(),
        };
        make_folder(folder).map_err(|error| failed(&error))?;
        let (schema, _) = Columns::new();
        Index::create_in_dir(folder, schema).map_err(|error| failed(&error))?;
        // Last, so that a folder with it holds a whole index.
        let made = serde_json::to_string(&made(&lexicon)).map_err(|error| failed(&error))?;
        std::fs::write(folder.join(MADE), made).map_err(|error| failed(&error))?;
        LexicalIndex::open(folder, lexicon)
    }

    /// An index made before, with the same lexicon.
    ///
    /// # Errors
    /// No index, a damaged one, or one made with another lexicon or version: each names the folder and the remedy.
    pub fn open(folder: &Path, lexicon: Arc<Lexicon>) -> Result<LexicalIndex, LexicalError> {
        let damaged = |what: &dyn std::fmt::Display| LexicalError::Damaged {
            folder: folder.to_owned(),
            what: what.to_string(),
        };
        let text = match std::fs::read_to_string(folder.join(MADE)) {
            Ok(text) => text,
            Err(_) if folder.join("meta.json").exists() => return Err(damaged(&"made.json is missing")),
            Err(_) => return Err(LexicalError::Missing { folder: folder.to_owned() }),
        };
        let found: Made = serde_json::from_str(&text).map_err(|error| damaged(&error))?;
        let index = Index::open_in_dir(folder).map_err(|error| damaged(&error))?;
        let (schema, columns) = Columns::new();
        if found != made(&lexicon) || index.schema() != schema {
            return Err(LexicalError::Outdated { folder: folder.to_owned() });
        }
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
        let reader = reader.doc_store_cache_num_blocks(STORED_BLOCKS).try_into();
        let reader: IndexReader = reader.map_err(|error: TantivyError| damaged(&error))?;
        let folder = folder.to_owned();
        Ok(LexicalIndex { folder, index, reader, writer: None, columns, analyser: Analyser { lexicon } })
    }

    /// Reads every file against its checksum.
    ///
    /// # Errors
    /// A file that is missing or has changed.
    pub fn verify(&self) -> Result<(), LexicalError> {
        let broken = self.index.validate_checksum().map_err(|error| self.damaged(&error))?;
        let mut names: Vec<String> = broken.iter().map(|path| path.display().to_string()).collect();
        names.sort();
        if names.is_empty() { Ok(()) } else { Err(self.damaged(&names.join(", "))) }
    }

    /// Adds passages; a passage with a key that is there already stands beside it, so remove its document first.
    ///
    /// # Errors
    /// The folder is locked or cannot be written.
    pub fn add(&mut self, entries: impl IntoIterator<Item = Entry>) -> Result<usize, LexicalError> {
        let analyser = self.analyser.clone();
        let columns = self.columns.clone();
        let mut added = 0;
        let mut title: Option<(String, analyse::Analysis)> = None;
        for entry in entries {
            // Passages of one document follow each other and share its title.
            if title.as_ref().is_none_or(|(text, _)| *text != entry.head.title) {
                let analysis = analyser.analyse(&entry.head.title, Writing::Prose);
                title = Some((entry.head.title.clone(), analysis));
            }
            let Some((_, title)) = &title else { continue };
            let body = analyser.analyse(&entry.passage.text, Writing::Prose);
            let document = columns.document(&entry, title, &body)?;
            let writer = self.writer()?;
            writer.add_document(document).map_err(|error| self.unwritten(&error))?;
            added += 1;
        }
        Ok(added)
    }

    /// Removes every passage of these documents, also of those added since the last commit; unknown ones are no error.
    ///
    /// # Errors
    /// The folder is locked or cannot be written.
    pub fn remove(&mut self, documents: &[DocumentId]) -> Result<(), LexicalError> {
        let terms: Vec<Term> =
            documents.iter().map(|id| self.columns.facet(crate::filter::Field::Document, &id.0)).collect();
        let writer = self.writer()?;
        for term in terms {
            writer.delete_term(term);
        }
        Ok(())
    }

    /// Makes what was added and removed durable and visible.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn commit(&mut self) -> Result<(), LexicalError> {
        if let Some(writer) = &mut self.writer {
            let committed = writer.commit();
            committed.map_err(|error| self.unwritten(&error))?;
        }
        self.reader.reload().map_err(|error| self.damaged(&error))
    }

    /// Commits, and joins everything into one segment without removed passages: after the last part of an import.
    /// Frees the folder for other writers.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn finish(&mut self) -> Result<(), LexicalError> {
        self.writer()?;
        self.commit()?;
        let segments = self.index.searchable_segment_metas().map_err(|error| self.damaged(&error))?;
        let whole = segments.len() < 2 && segments.iter().all(|segment| segment.num_deleted_docs() == 0);
        if let Some(mut writer) = self.writer.take() {
            if !whole {
                let ids: Vec<_> = segments.iter().map(|segment| segment.id()).collect();
                writer.merge(&ids).wait().map_err(|error| self.unwritten(&error))?;
                writer.garbage_collect_files().wait().map_err(|error| self.unwritten(&error))?;
            }
            writer.wait_merging_threads().map_err(|error| self.unwritten(&error))?;
        }
        self.reader.reload().map_err(|error| self.damaged(&error))
    }

    /// Passages in the index.
    pub fn count(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// The best passages, best first; ties by key. A query of filters alone lists what meets them, by key.
    ///
    /// # Errors
    /// The query cannot be answered, or a file of the index cannot be read.
    pub fn search(&self, query: &LexicalQuery) -> Result<Vec<LexicalHit>, LexicalError> {
        let found = self.find(query)?;
        let all: Vec<usize> = (0..found.ranked.len()).collect();
        let matched = found.matched(&all)?;
        let hits = all.into_iter().zip(matched).map(|(at, matched)| {
            let (passage, head) = found.read(at)?;
            Ok(LexicalHit { passage, head, score: found.ranked[at].score, matched })
        });
        hits.collect()
    }

    /// The same by key and score alone: of many that are found few are shown, and only those need be read.
    ///
    /// # Errors
    /// As [`LexicalIndex::search`].
    pub fn find(&self, query: &LexicalQuery) -> Result<Found<'_>, LexicalError> {
        let parsed = parse::parse(&query.text, &self.analyser.lexicon)?;
        let builder = Builder {
            columns: &self.columns,
            analyser: &self.analyser,
            weights: query.weights,
            synonyms: query.synonyms,
        };
        let built = builder.build(&parsed, &query.filter)?;
        let searcher = self.reader.searcher();
        let limit = query.limit.min(usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX));
        let ranked = match () {
            () if limit == 0 => vec![],
            () if built.listing => self.listed(&searcher, &built, limit)?,
            () => self.best(&searcher, &built, limit)?,
        };
        Ok(Found { index: self, searcher, explain: built.explain, ranked })
    }

    /// The passages of these keys that are in the index, in the order asked.
    ///
    /// # Errors
    /// A file of the index cannot be read.
    pub fn passages(&self, keys: &[PassageKey]) -> Result<Vec<(Passage, DocumentHead)>, LexicalError> {
        let searcher = self.reader.searcher();
        let terms = keys.iter().map(|key| Term::from_field_text(self.columns.key, &key.to_string()));
        let collector = TopDocs::with_limit(keys.len().max(1)).order_by_score();
        let found =
            searcher.search(&TermSetQuery::new(terms), &collector).map_err(|error| self.damaged(&error))?;
        let found: Result<Vec<_>, _> = found.into_iter().map(|(_, at)| self.stored(&searcher, at)).collect();
        let mut found = found?;
        found.sort_by_key(|(passage, _)| keys.iter().position(|key| *key == passage.key));
        Ok(found)
    }

    /// How many passages meet a filter.
    ///
    /// # Errors
    /// A file of the index cannot be read.
    pub fn count_of(&self, filter: &Filter) -> Result<usize, LexicalError> {
        let query = filter::lower(filter, &self.columns);
        self.reader.searcher().search(&*query, &Count).map_err(|error| self.damaged(&error))
    }

    /// Every passage, in the order of the index, for building another index from this one.
    ///
    /// # Errors
    /// A file of the index cannot be read, or `visit` gives one.
    pub fn scan<E: From<LexicalError>>(
        &self,
        mut visit: impl FnMut(Passage, DocumentHead) -> Result<(), E>,
    ) -> Result<(), E> {
        let searcher = self.reader.searcher();
        let all = searcher.search(&AllQuery, &tantivy::collector::DocSetCollector);
        let mut all: Vec<DocAddress> = all.map_err(|error| self.damaged(&error))?.into_iter().collect();
        all.sort();
        for at in all {
            let (passage, head) = self.stored(&searcher, at)?;
            visit(passage, head)?;
        }
        Ok(())
    }

    /// Fetches more until no tie reaches beyond what was fetched.
    fn best(
        &self,
        searcher: &Searcher,
        built: &query::Built,
        limit: usize,
    ) -> Result<Vec<Ranked>, LexicalError> {
        let mut fetch = limit + MARGIN;
        loop {
            let collector = TopDocs::with_limit(fetch).order_by_score();
            let found = searcher.search(&*built.query, &collector).map_err(|error| self.damaged(&error))?;
            let scores: Vec<f32> = found.iter().map(|(score, _)| rounded(*score)).collect();
            let tied = scores.len() == fetch && scores.get(limit - 1) == scores.last();
            if tied {
                fetch *= 4;
                continue;
            }
            let last = scores.get(limit - 1).copied().unwrap_or(f32::MIN);
            let within = scores.into_iter().zip(found).filter(|(score, _)| last <= *score);
            let mut ranked = self.keyed(searcher, within.map(|(score, (_, at))| (score, at)).collect())?;
            ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.key.cmp(&b.key)));
            ranked.truncate(limit);
            return Ok(ranked);
        }
    }

    fn listed(
        &self,
        searcher: &Searcher,
        built: &query::Built,
        limit: usize,
    ) -> Result<Vec<Ranked>, LexicalError> {
        let collector = TopDocs::with_limit(limit).order_by_string_fast_field("key", Order::Asc);
        let found = searcher.search(&*built.query, &collector).map_err(|error| self.damaged(&error))?;
        self.keyed(searcher, found.into_iter().map(|(_, at)| (0.0, at)).collect())
    }

    /// Keys of these, in the order given, from their column: the store would be unpacked for each.
    fn keyed(&self, searcher: &Searcher, found: Vec<(f32, DocAddress)>) -> Result<Vec<Ranked>, LexicalError> {
        let mut keys: Vec<Option<PassageKey>> = vec![None; found.len()];
        for (segment, reader) in (0..).zip(searcher.segment_readers()) {
            let columns = reader.fast_fields();
            let column = columns.str("key").map_err(|error| self.damaged(&error))?;
            let Some(column) = column else { continue };
            // The dictionary is packed in blocks: asked in its own order, each is unpacked once.
            let mut places: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
            for (place, (_, at)) in found.iter().enumerate() {
                let ord = column.term_ords(at.doc_id).next().filter(|_| at.segment_ord == segment);
                ord.into_iter().for_each(|ord| places.entry(ord).or_default().push(place));
            }
            let ords: Vec<u64> = places.keys().copied().collect();
            let mut places = places.into_values();
            let read = column.dictionary().sorted_ords_to_term_cb(&ords, |bytes| {
                let key = std::str::from_utf8(bytes).ok().and_then(PassageKey::parse);
                places.next().into_iter().flatten().for_each(|place| keys[place] = key.clone());
            });
            read.map_err(|error| self.damaged(&error))?;
        }
        let ranked = found.into_iter().zip(keys).map(|((score, at), key)| {
            let key = key.ok_or_else(|| self.damaged(&"a passage has no key"))?;
            Ok(Ranked { score, key, at })
        });
        ranked.collect()
    }

    fn stored(&self, searcher: &Searcher, at: DocAddress) -> Result<(Passage, DocumentHead), LexicalError> {
        let document: TantivyDocument = searcher.doc(at).map_err(|error| self.damaged(&error))?;
        self.columns.read(&document).ok_or_else(|| self.damaged(&"a passage was not stored whole"))
    }

    fn writer(&mut self) -> Result<&mut IndexWriter, LexicalError> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            // One thread, no merging in the background: the same passages make the same index.
            None => {
                let writer: IndexWriter = self
                    .index
                    .writer_with_num_threads(1, WRITER_MEMORY)
                    .map_err(|error| self.unwritten(&error))?;
                writer.set_merge_policy(Box::new(NoMergePolicy));
                writer
            }
        };
        Ok(self.writer.insert(writer))
    }

    fn damaged(&self, what: &dyn std::fmt::Display) -> LexicalError {
        LexicalError::Damaged { folder: self.folder.clone(), what: what.to_string() }
    }

    fn unwritten(&self, error: &TantivyError) -> LexicalError {
        let folder = self.folder.clone();
        match error {
            TantivyError::LockFailure(..) => LexicalError::Locked { folder },
            _ => LexicalError::Write { folder, what: error.to_string() },
        }
    }
}

/// A folder only its owner may enter: a corpus may hold a site's own files.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// What was found and not read yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// BM25 score, to four decimals; 0 in a list that only a filter made.
    pub score: f32,
    /// Passage.
    pub key: PassageKey,
    at: DocAddress,
}

/// An answer by key, from which passages can be read.
pub struct Found<'i> {
    index: &'i LexicalIndex,
    searcher: Searcher,
    explain: query::Explain,
    /// Best first.
    pub ranked: Vec<Ranked>,
}

impl Found<'_> {
    /// The passage at this place of the list.
    ///
    /// # Errors
    /// A file of the index cannot be read.
    pub fn read(&self, at: usize) -> Result<(Passage, DocumentHead), LexicalError> {
        self.index.stored(&self.searcher, self.ranked[at].at)
    }

    /// Which of the query's tokens stand in the passages at these places, in the order asked. Each token's postings are
    /// opened once.
    ///
    /// # Errors
    /// A file of the index cannot be read.
    pub fn matched(&self, places: &[usize]) -> Result<Vec<Vec<Matched>>, LexicalError> {
        let mut order: Vec<(DocAddress, usize)> =
            places.iter().enumerate().map(|(nth, at)| (self.ranked[*at].at, nth)).collect();
        order.sort_unstable();
        let mut all = vec![vec![]; places.len()];
        let damaged = |error: &dyn std::fmt::Display| self.index.damaged(error);
        for (written, token, column) in &self.explain {
            let field = self.index.index.schema().get_field_name(*column).to_owned();
            let term = Term::from_field_text(*column, token);
            for some in order.chunk_by(|a, b| a.0.segment_ord == b.0.segment_ord) {
                let segment = self.searcher.segment_reader(some[0].0.segment_ord);
                let index = segment.inverted_index(*column).map_err(|error| damaged(&error))?;
                let postings = index.read_postings(&term, IndexRecordOption::Basic);
                let Some(mut postings) = postings.map_err(|error| damaged(&error))? else { continue };
                for (at, nth) in some {
                    if postings.doc() <= at.doc_id && postings.seek(at.doc_id) == at.doc_id {
                        let (written, token) = (written.clone(), token.clone());
                        all[*nth].push(Matched { written, token, field: field.clone() });
                    }
                }
            }
        }
        for matched in &mut all {
            matched.sort();
            matched.dedup();
        }
        Ok(all)
    }
}

fn made(lexicon: &Lexicon) -> Made {
    Made { analyser: analyse::VERSION, lexicon: format!("{:016x}", lexicon.fingerprint()) }
}

/// To four decimals: the order in which tantivy adds up a score's parts may differ in the last bits.
fn rounded(score: f32) -> f32 {
    (score * 1e4).round() / 1e4
}
