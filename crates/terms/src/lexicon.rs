//! Which known names stand in a text, and where?
//!
//! A [`Lexicon`] is built once from [`Entry`]s and never changed. Text is cut into atoms (see `atoms`), and names are
//! walked through a tree of atoms: a match starts and ends at a word by construction, the longest name at a place
//! wins, and hyphen, blank, slash, Greek and British spellings are the same row. What an entry's letters must look
//! like is its [`Case`]; a name that is also an ordinary word or abbreviation asks for a supporting word near it.
//! A name that several things share gives all of them, flagged: [`Mention::is_ambiguous`].

mod atoms;
mod case;
mod sentence;
#[cfg(test)]
mod tests;
mod variants;

pub use sentence::sentences;
pub use variants::{Reading, VariantKind, VariantMention};

use atoms::{Atom, Joint, atoms, normal_form};
use case::{Spelled, plain};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Gene or its product.
    Gene,
    /// Drug.
    Drug,
    /// Class of drugs.
    DrugClass,
    /// Disease.
    Disease,
    /// Anything else a caller wants to find.
    Other,
}

impl Kind {
    /// `gene`, `drug`, `class`, `disease`, `other`: the prefix of ids in an index.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Gene => "gene",
            Kind::Drug => "drug",
            Kind::DrugClass => "class",
            Kind::Disease => "disease",
            Kind::Other => "other",
        }
    }
}

/// How the letters of a text must look to be this name. Separators never matter except for `Verbatim`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Case {
    /// As the atoms say: case, plural and British spelling do not matter (`tumours` is `tumor`).
    Any,
    /// The same letters in any case. A blank the name has not needs them in the name's own case: `HER 2`, not `her 2`.
    Letters,
    /// As `Letters`, with a capital or a hyphen among them: `c-met`, `cMET`, `MTX`; not `cmet`.
    Marked,
    /// The same letters in the same case; a plural `s` may follow.
    Exact,
    /// Sign for sign: `S-1` is not `S1`.
    Verbatim,
}

/// One name of one thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Kind.
    pub kind: Kind,
    /// Canonical id: gene symbol, drug name, class id, DOID.
    pub id: Box<str>,
    /// The name as the source spells it.
    pub surface: Box<str>,
    /// How its letters must look.
    pub case: Case,
    /// Of several things with one name, those of the lowest rank win; equals are ambiguous. 0 = its own name.
    pub rank: u8,
    /// Curated knowledge speaks of it: to be preferred by a reader who must choose.
    pub prominent: bool,
    /// Counts only with a supporting word near it.
    pub needs_context: bool,
}

impl Entry {
    /// A name of rank 0, not prominent, without need of context.
    pub fn new(kind: Kind, id: &str, surface: &str, case: Case) -> Entry {
        Entry {
            kind,
            id: id.into(),
            surface: surface.into(),
            case,
            rank: 0,
            prominent: false,
            needs_context: false,
        }
    }
}

/// Who wrote the text?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// Sentences: capitals mean something.
    Prose,
    /// A typed query: `Exact` names may be all lower case (`kras g12c`). Those that need context need none in their own
    /// capitals: `MET` is the gene, `met` is it only beside `amplification`.
    Query,
}

/// A name found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention<'l> {
    /// Bytes of the text, on character boundaries.
    pub span: Range<usize>,
    /// What it may stand for: never empty, sorted, each thing once.
    pub candidates: Vec<&'l Entry>,
    /// A gene inside a longer name of a disease or a class: `EGFR` in `EGFR inhibitor`.
    pub nested: bool,
}

impl<'l> Mention<'l> {
    /// May it stand for several things?
    pub fn is_ambiguous(&self) -> bool {
        1 < self.candidates.len()
    }

    /// The thing a reader who must choose may take: the only candidate, or the only prominent one.
    pub fn likely(&self) -> Option<&'l Entry> {
        let mut prominent = self.candidates.iter().copied().filter(|entry| entry.prominent);
        match (self.candidates.as_slice(), prominent.next(), prominent.next()) {
            ([only], _, _) => Some(only),
            (_, Some(first), None) => Some(first),
            _ => None,
        }
    }

    /// The prominent candidates, or all when none is.
    pub fn preferred(&self) -> impl Iterator<Item = &'l Entry> {
        let any = self.candidates.iter().any(|entry| entry.prominent);
        self.candidates.iter().copied().filter(move |entry| !any || entry.prominent)
    }

    /// Is it a mention of this kind?
    pub fn is(&self, kind: Kind) -> bool {
        self.candidates.iter().any(|entry| entry.kind == kind)
    }
}

/// Names and how to find them. Immutable; made by [`Lexicon::new`].
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    entries: Vec<Entry>,
    /// Letters and digits of each entry's surface.
    plain: Vec<Box<str>>,
    /// Normal form of an atom → its number.
    words: HashMap<Box<str>, u32, Fast>,
    /// Numbers of the words that support a doubtful name.
    context: HashSet<u32, Fast>,
    /// (node, atom, after a break) → node.
    steps: HashMap<(u32, u32), u32, Fast>,
    /// Entries that end at a node: `ends[node]..ends[node + 1]` of `ending`.
    ends: Vec<u32>,
    ending: Vec<u32>,
    /// `BRAF V600E`: changes known of a gene.
    known: HashSet<Box<str>>,
    fingerprint: u64,
}

/// Atoms of a text with their numbers.
struct Cut<'t> {
    text: &'t str,
    atoms: Vec<Atom>,
    ids: Vec<u32>,
    /// Doubtful names need no support: the caller knows that it is a name.
    trusted: bool,
}

/// An atom no entry has.
const UNKNOWN: u32 = u32::MAX;
/// A word as the matcher compares it: lower case, American spelling, without plural `s`.
pub fn plain_word(word: &str) -> String {
    let mut normal = String::new();
    normal_form(word, &mut normal);
    normal
}

/// How far a supporting word may stand from the name it supports, in atoms.
const CONTEXT: usize = 6;

impl Lexicon {
    /// Builds the matcher. Names without a letter or digit are left out; repeated entries count once.
    ///
    /// `context` are words that support a doubtful name, `known` are changes known of a gene (`BRAF V600E`), used to
    /// give a change to its gene where a sentence names several.
    pub fn new<'a>(
        entries: impl IntoIterator<Item = Entry>,
        context: impl IntoIterator<Item = &'a str>,
        known: impl IntoIterator<Item = String>,
    ) -> Lexicon {
        let entries: BTreeSet<Entry> = entries.into_iter().collect();
        let mut lexicon = Lexicon { entries: entries.into_iter().collect(), ..Lexicon::default() };
        lexicon.known = known.into_iter().map(String::into_boxed_str).collect();
        let mut ending: Vec<Vec<u32>> = vec![vec![]];
        for at in 0..lexicon.entries.len() {
            let surface = lexicon.entries[at].surface.clone();
            lexicon.plain.push(plain(&surface).into());
            for row in lexicon.rows(&surface) {
                lexicon.insert(&row, at, &mut ending);
            }
        }
        lexicon.ends.push(0);
        for entries in ending {
            lexicon.ending.extend(entries);
            lexicon.ends.push(u32::try_from(lexicon.ending.len()).unwrap_or(u32::MAX));
        }
        for word in context {
            let number = lexicon.number(word);
            lexicon.context.insert(number);
        }
        lexicon.fingerprint = lexicon.hash();
        lexicon
    }

    /// Number of names.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// No names?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Every name, sorted.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Changes when a name, a rule or a known change does: an index made with another lexicon must be made anew.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Is this change known of this gene? `BRAF V600E`.
    pub fn knows(&self, gene_and_change: &str) -> bool {
        self.known.contains(gene_and_change)
    }

    /// What a text that is one name as a whole stands for; empty when it is none. No supporting word is asked for, and
    /// lower case will do.
    pub fn named(&self, name: &str, kind: Kind) -> Vec<&Entry> {
        let name = name.trim();
        let cut = Cut { trusted: true, ..self.cut(name) };
        let mentions = self.find_in(&cut, Writing::Query);
        let whole = mentions.iter().find(|mention| mention.span == (0..name.len()) && mention.is(kind));
        whole.map_or(vec![], |mention| mention.preferred().filter(|entry| entry.kind == kind).collect())
    }

    /// The names in a text, in order. Spans do not overlap, except that a nested gene lies inside the name before it.
    pub fn find(&self, text: &str, writing: Writing) -> Vec<Mention<'_>> {
        self.find_in(&self.cut(text), writing)
    }

    fn find_in(&self, cut: &Cut, writing: Writing) -> Vec<Mention<'_>> {
        let mut found = vec![];
        let mut at = 0;
        while at < cut.atoms.len() {
            let Some((last, candidates)) = self.longest(cut, at, cut.atoms.len(), writing) else {
                at += 1;
                continue;
            };
            let mention = Mention { span: cut.span(at, last), candidates, nested: false };
            let holds_genes = mention.is(Kind::Disease) || mention.is(Kind::DrugClass);
            found.push(mention);
            if holds_genes {
                self.nested(cut, at, last, writing, &mut found);
            }
            at = last + 1;
        }
        found
    }

    /// Genes inside `first..=last`.
    fn nested<'l>(
        &'l self,
        cut: &Cut,
        first: usize,
        last: usize,
        writing: Writing,
        found: &mut Vec<Mention<'l>>,
    ) {
        let mut at = first;
        while at <= last {
            // The whole name again is no nested one: a name starting at its first atom ends before its last.
            let until = if at == first { last } else { last + 1 };
            match self.longest(cut, at, until, writing) {
                Some((end, candidates)) if candidates.iter().all(|entry| entry.kind == Kind::Gene) => {
                    found.push(Mention { span: cut.span(at, end), candidates, nested: true });
                    at = end + 1;
                }
                _ => at += 1,
            }
        }
    }

    /// The longest name that starts at an atom and ends before atom `until`: its last atom and what it stands for.
    fn longest(
        &self,
        cut: &Cut,
        first: usize,
        until: usize,
        writing: Writing,
    ) -> Option<(usize, Vec<&Entry>)> {
        if cut.atoms[first].before == Joint::Glued {
            return None;
        }
        let mut node = 0;
        let mut best = None;
        for at in first..until {
            let broken = first < at && cut.atoms[at].before == Joint::Break;
            let Some(next) = self.step(node, cut.ids[at], broken) else { break };
            node = next;
            let ends_here = cut.atoms.get(at + 1).is_none_or(|next| next.before != Joint::Glued);
            if !ends_here || self.ending_at(node).is_empty() {
                continue;
            }
            let candidates = self.candidates(cut, node, first, at, writing);
            if !candidates.is_empty() {
                best = Some((at, candidates));
            }
        }
        best
    }

    /// Entries of a node that accept the letters as written; of those the lowest rank, each thing once.
    fn candidates(&self, cut: &Cut, node: u32, first: usize, last: usize, writing: Writing) -> Vec<&Entry> {
        let spelled = Spelled::new(cut.text, &cut.atoms[first..=last]);
        let mut supported = None;
        let mut found: Vec<&Entry> = vec![];
        for &at in self.ending_at(node) {
            let entry = &self.entries[at as usize];
            let lower = writing == Writing::Query && entry.case == Case::Exact;
            if !spelled.is(entry, &self.plain[at as usize], lower) {
                continue;
            }
            // Typed in capitals on purpose: `MET` in a query is no verb.
            let meant = writing == Writing::Query && spelled.in_own_capitals(entry, &self.plain[at as usize]);
            if entry.needs_context
                && !meant
                && !*supported.get_or_insert_with(|| self.supported(cut, first, last))
            {
                continue;
            }
            found.push(entry);
        }
        let Some(lowest) = found.iter().map(|entry| entry.rank).min() else { return found };
        found.retain(|entry| entry.rank == lowest);
        found.sort_by_key(|entry| (entry.kind, entry.id.clone(), !entry.prominent));
        found.dedup_by_key(|entry| (entry.kind, entry.id.clone()));
        found
    }

    /// Does a supporting word stand near, or a change (`MET D1228N`) directly behind?
    fn supported(&self, cut: &Cut, first: usize, last: usize) -> bool {
        if cut.trusted || cut.place_at(last + 1) {
            return true;
        }
        let supports = |at: usize| self.context.contains(&cut.ids[at]);
        let before = (first.saturating_sub(CONTEXT)..first).rev();
        let after = last + 1..(last + 1 + CONTEXT).min(cut.ids.len());
        before.take_while(|at| !cut.clause_ends_behind(*at)).any(supports)
            || after.take_while(|at| !cut.clause_ends_behind(at - 1)).any(supports)
    }

    fn step(&self, node: u32, atom: u32, broken: bool) -> Option<u32> {
        if atom == UNKNOWN {
            return None;
        }
        self.steps.get(&(node, atom << 1 | u32::from(broken))).copied()
    }

    fn ending_at(&self, node: u32) -> &[u32] {
        let from = self.ends.get(node as usize).copied().unwrap_or(0) as usize;
        let to = self.ends.get(node as usize + 1).copied().unwrap_or(0) as usize;
        self.ending.get(from..to).unwrap_or(&[])
    }

    fn cut<'t>(&self, text: &'t str) -> Cut<'t> {
        let atoms = atoms(text);
        let mut buffer = String::new();
        let ids = atoms
            .iter()
            .map(|atom| {
                normal_form(&text[atom.start..atom.end], &mut buffer);
                self.words.get(buffer.as_str()).copied().unwrap_or(UNKNOWN)
            })
            .collect();
        Cut { text, atoms, ids, trusted: false }
    }

    fn number(&mut self, word: &str) -> u32 {
        let mut normal = String::new();
        normal_form(word, &mut normal);
        let next = u32::try_from(self.words.len()).unwrap_or(UNKNOWN);
        *self.words.entry(normal.into_boxed_str()).or_insert(next)
    }

    fn insert(&mut self, row: &[(u32, bool)], entry: usize, ending: &mut Vec<Vec<u32>>) {
        let mut node = 0;
        for (atom, broken) in row {
            let next = u32::try_from(ending.len()).unwrap_or(u32::MAX);
            let step = self.steps.entry((node, atom << 1 | u32::from(*broken)));
            node = *step.or_insert_with(|| {
                ending.push(vec![]);
                next
            });
        }
        if let Some(entries) = ending.get_mut(node as usize).filter(|_| !row.is_empty()) {
            entries.push(u32::try_from(entry).unwrap_or(u32::MAX));
        }
    }

    /// The atoms of a name, and again with each of its first hyphens between letters left out (`PDL1`, `cMET`).
    fn rows(&mut self, surface: &str) -> Vec<Vec<(u32, bool)>> {
        let atoms = atoms(surface);
        let letters = |at: usize| !surface.as_bytes()[atoms[at].start].is_ascii_digit();
        let hyphens: Vec<usize> = (1..atoms.len())
            .filter(|&at| atoms[at].before == Joint::Hyphen && letters(at - 1) && letters(at))
            .take(2)
            .collect();
        let mut rows = vec![];
        for left_out in 0..1_usize << hyphens.len() {
            let joined =
                |at: usize| hyphens.iter().position(|h| *h == at).is_some_and(|bit| left_out >> bit & 1 == 1);
            let mut words: Vec<(String, bool)> = vec![];
            for (at, atom) in atoms.iter().enumerate() {
                let text = &surface[atom.start..atom.end];
                match words.last_mut().filter(|_| joined(at)) {
                    Some((word, _)) => word.push_str(text),
                    None => words.push((text.to_owned(), 0 < at && atom.before == Joint::Break)),
                }
            }
            rows.push(words.iter().map(|(word, broken)| (self.number(word), *broken)).collect());
        }
        rows
    }

    /// FNV-1a over everything that decides what is found: the same on every machine.
    fn hash(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut add = |text: &str| {
            for byte in text.bytes().chain([0]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        };
        for entry in &self.entries {
            add(&entry.id);
            add(&entry.surface);
            add(&format!(
                "{} {:?} {} {} {}",
                entry.kind.name(),
                entry.case,
                entry.rank,
                entry.prominent,
                entry.needs_context
            ));
        }
        let mut words: Vec<&str> =
            self.words.iter().filter(|(_, at)| self.context.contains(at)).map(|(word, _)| &**word).collect();
        words.sort_unstable();
        let mut known: Vec<&str> = self.known.iter().map(|known| &**known).collect();
        known.sort_unstable();
        words.into_iter().chain(known).for_each(add);
        hash
    }
}

impl Cut<'_> {
    fn span(&self, first: usize, last: usize) -> Range<usize> {
        self.atoms[first].start..self.atoms[last].end
    }

    /// Does a semicolon, or a full stop with a blank, stand behind an atom?
    fn clause_ends_behind(&self, at: usize) -> bool {
        let between = match (self.atoms.get(at), self.atoms.get(at + 1)) {
            (Some(atom), Some(next)) => &self.text[atom.end..next.start],
            _ => "",
        };
        between.contains(';') || between.contains(". ")
    }

    /// One letter with a number of two digits or more behind it: `D1228`.
    fn place_at(&self, at: usize) -> bool {
        let (Some(letter), Some(number)) = (self.atoms.get(at), self.atoms.get(at + 1)) else { return false };
        let letter_first =
            letter.end - letter.start == 1 && !self.text.as_bytes()[letter.start].is_ascii_digit();
        letter_first && number.before == Joint::Glued && 2 <= number.end - number.start
    }
}

/// Hash of small keys: the tables hold our own vocabulary, never keys an adversary may choose.
type Fast = std::hash::BuildHasherDefault<Quick>;

/// Rotate, xor and multiply, a word of eight bytes at a time.
#[derive(Clone, Default)]
struct Quick(u64);

impl std::hash::Hasher for Quick {
    fn finish(&self) -> u64 {
        // The table takes its bucket from the low bits and its tag from the high ones.
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.write_u64(u64::from(byte));
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}
