//! Which documents count now? The newest version of each that was not taken back, with what others say of it.
//!
//! Parts are taken in their order (rank, then import). In each, its documents come first, then its deletions, which
//! reach everything up to and including that part. Among what is left the newest version of an id counts, and of equal
//! versions the later one.

use super::error::Result;
use super::part::{self, Lines, Part};
use super::text;
use concilium_evidence::passage::{Document, DocumentId, Standing};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Where one live document stands.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    part: u32,
    row: u32,
    offset: u64,
    line: u32,
    version: Box<str>,
}

/// Bytes of unpacked members kept at most: questions come back to the same documents and their neighbours.
const UNPACKED: usize = 32 << 20;

/// Id → place, and of the text only what was read last.
pub struct Live {
    corpus: PathBuf,
    parts: Vec<String>,
    places: HashMap<Box<str>, Place>,
    said: BTreeMap<String, Standing>,
    unpacked: Mutex<Unpacked>,
}

/// Members by part and first byte. Parts never change.
#[derive(Default)]
struct Unpacked {
    members: HashMap<(u32, u64), Arc<Vec<u8>>>,
    bytes: usize,
}

/// What changed between two states of a corpus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Live before and not now.
    pub gone: Vec<DocumentId>,
    /// Live now, and new, of another version or of another standing.
    pub fresh: Vec<DocumentId>,
}

impl Live {
    /// The state after these parts, given in their order.
    pub(crate) fn of(corpus: &Path, parts: &[&Part]) -> Result<Live> {
        let mut live = Live {
            corpus: corpus.to_owned(),
            parts: parts.iter().map(|part| part.key.clone()).collect(),
            places: HashMap::new(),
            said: BTreeMap::new(),
            unpacked: Mutex::default(),
        };
        for (index, part) in parts.iter().enumerate() {
            if let Some(beginning) = &part.complete {
                live.places.retain(|id, _| !id.starts_with(beginning.as_str()));
            }
            live.add(index as u32, &part.key)?;
            for id in &part.deleted {
                live.places.remove(id.0.as_str());
            }
        }
        live.hear(parts)?;
        Ok(live)
    }

    fn add(&mut self, part: u32, key: &str) -> Result<()> {
        for (row_number, row) in part::rows(&self.corpus, key)?.enumerate() {
            let part::Row { at, line, id, version, .. } = row?;
            let place =
                Place { part, row: row_number as u32, offset: at, line, version: version.into_boxed_str() };
            match self.places.get_mut(id.as_str()) {
                Some(old) if text::newer(&place.version, &old.version).is_lt() => {}
                Some(old) => *old = place,
                None => {
                    self.places.insert(id.into_boxed_str(), place);
                }
            }
        }
        Ok(())
    }

    /// Notices of documents that are live themselves, about a document by any of its ids.
    fn hear(&mut self, parts: &[&Part]) -> Result<()> {
        let mut said: BTreeMap<String, Standing> = BTreeMap::new();
        for notice in parts.iter().flat_map(|part| &part.notices) {
            if self.contains(&notice.by) {
                let heard = said.entry(notice.about.0.clone()).or_default();
                *heard = worse(heard.clone(), notice.standing.clone());
            }
        }
        if said.is_empty() {
            return Ok(());
        }
        for part in parts {
            for row in part::rows(&self.corpus, &part.key)? {
                let row = row?;
                for standing in std::iter::once(&row.id).chain(&row.ids).filter_map(|id| said.get(id)) {
                    let heard = self.said.entry(row.id.clone()).or_default();
                    *heard = worse(heard.clone(), standing.clone());
                }
            }
        }
        Ok(())
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// None at all?
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Does this document count?
    pub fn contains(&self, id: &DocumentId) -> bool {
        self.places.contains_key(id.0.as_str())
    }

    /// One document; `None` when it does not count.
    ///
    /// # Errors
    /// The part is damaged.
    pub fn document(&self, id: &DocumentId) -> Result<Option<Document>> {
        let Some(place) = self.places.get(id.0.as_str()) else { return Ok(None) };
        let key = &self.parts[place.part as usize];
        let member = self.member(place)?;
        let document = part::document_in(&self.corpus, key, &member, place.line)?;
        Ok(Some(self.with_standing(document)))
    }

    fn member(&self, place: &Place) -> Result<Arc<Vec<u8>>> {
        let unpacked = || self.unpacked.lock().unwrap_or_else(PoisonError::into_inner);
        let named = (place.part, place.offset);
        if let Some(member) = unpacked().members.get(&named) {
            return Ok(Arc::clone(member));
        }
        let key = &self.parts[place.part as usize];
        let member = Arc::new(part::member_at(&self.corpus, key, place.offset)?);
        let mut unpacked = unpacked();
        if UNPACKED < unpacked.bytes + member.len() {
            *unpacked = Unpacked::default();
        }
        if unpacked.members.insert(named, Arc::clone(&member)).is_none() {
            unpacked.bytes += member.len();
        }
        Ok(member)
    }

    fn with_standing(&self, mut document: Document) -> Document {
        if let Some(said) = self.said.get(&document.id.0) {
            document.standing = worse(document.standing, said.clone());
        }
        document
    }

    /// Every live document, part by part in their order; one at a time in memory.
    pub fn documents(&self) -> Documents<'_> {
        Documents { live: self, part: 0, open: None, wanted: None, line: vec![] }
    }

    /// Those of these ids that are live, in the order of [`Live::documents`].
    pub fn documents_of(&self, ids: &[DocumentId]) -> Documents<'_> {
        let wanted = ids.iter().filter_map(|id| Some((id.0.clone(), self.places.get(id.0.as_str())?.part)));
        Documents { wanted: Some(wanted.collect()), ..self.documents() }
    }

    /// What an index made of `older` must remove and read again, sorted by id.
    pub fn changes_since(&self, older: &Live) -> Changes {
        let ids = |ids: &mut dyn Iterator<Item = &Box<str>>| -> Vec<DocumentId> {
            let mut ids: Vec<_> = ids.map(|id| DocumentId(id.to_string())).collect();
            ids.sort();
            ids
        };
        Changes {
            gone: ids(&mut older.places.keys().filter(|id| !self.places.contains_key(*id))),
            fresh: ids(&mut self.places.keys().filter(|id| self.at(id) != older.at(id))),
        }
    }

    /// What decides how a document is indexed.
    fn at(&self, id: &str) -> Option<(&str, u32, Option<&Standing>)> {
        let place = self.places.get(id)?;
        Some((&self.parts[place.part as usize], place.row, self.said.get(id)))
    }
}

/// Live documents one by one.
pub struct Documents<'l> {
    live: &'l Live,
    part: usize,
    open: Option<OpenPart>,
    /// Ids asked for, each with its part; `None` = all.
    wanted: Option<HashMap<String, u32>>,
    line: Vec<u8>,
}

struct OpenPart {
    rows: Box<dyn Iterator<Item = Result<part::Row>>>,
    lines: Lines,
    row: u32,
}

impl Documents<'_> {
    fn step(&mut self) -> Result<Option<Document>> {
        while self.part < self.live.parts.len() {
            if self
                .wanted
                .as_ref()
                .is_some_and(|wanted| wanted.values().all(|part| *part as usize != self.part))
            {
                self.part += 1;
                continue;
            }
            if self.open.is_none() {
                let key = &self.live.parts[self.part];
                let rows = Box::new(part::rows(&self.live.corpus, key)?);
                let lines = Lines::open(&self.live.corpus, key)?;
                self.open = Some(OpenPart { rows, lines, row: 0 });
            }
            let found = self.next_of_part()?;
            if found.is_some() {
                return Ok(found);
            }
            self.open = None;
            self.part += 1;
        }
        Ok(None)
    }

    /// The next live document of the open part.
    fn next_of_part(&mut self) -> Result<Option<Document>> {
        let Some(open) = &mut self.open else { return Ok(None) };
        for row in open.rows.by_ref() {
            let id = row?.id;
            open.lines.next_line(&mut self.line)?;
            let here = open.row;
            open.row += 1;
            let place = self.live.places.get(id.as_str());
            let live = place.is_some_and(|place| place.part as usize == self.part && place.row == here);
            if live && self.wanted.as_ref().is_none_or(|wanted| wanted.contains_key(&id)) {
                return Ok(Some(self.live.with_standing(open.lines.parse(&self.line)?)));
            }
        }
        Ok(None)
    }
}

impl Iterator for Documents<'_> {
    type Item = Result<Document>;

    fn next(&mut self) -> Option<Result<Document>> {
        let step = self.step();
        if step.is_err() {
            // A damaged part ends the iteration: what follows would be read at the wrong place.
            self.part = self.live.parts.len();
            self.open = None;
        }
        step.transpose()
    }
}

/// The graver of two standings; of two equal ones that which names its source.
pub(crate) fn worse(a: Standing, b: Standing) -> Standing {
    if gravity(&a) < gravity(&b) { b } else { a }
}

fn gravity(standing: &Standing) -> (u8, bool) {
    match standing {
        Standing::Current => (0, false),
        Standing::Superseded(by) => (1, by.is_some()),
        Standing::Concern(by) => (2, by.is_some()),
        Standing::Retracted(by) => (3, by.is_some()),
    }
}
