//! What do eligibility texts ask? Registry prose becomes typed criteria with the exact bytes they were read from.
//!
//! A clause is computed only when every word outside a short stop list was used by a rule; the rest is kept as not
//! computable. Rules work on names of a knowledge release and on the authored tables of [`words`] and [`clinical`].

mod biomarker;
mod clause;
mod clinical;
mod criteria;
mod frame;
mod lists;
mod number;
mod passes;
mod proposed;
mod structure;
mod tag;
mod token;
mod units;
mod window;
mod words;

pub use criteria::Read;
pub use proposed::{Proposed, Refused};

use concilium_criteria::eligibility::{Expr, Role};
use concilium_knowledge::Knowledge;
use concilium_terms::lexicon::{Kind, Lexicon, Writing};
use concilium_terms::{Doid, DrugName, GeneSymbol};
use std::collections::HashSet;
use std::sync::Arc;
use tag::{Tools, Words};

/// Reads eligibility texts with the names of one release. Made once, shared between threads.
pub struct Reader<'k> {
    knowledge: &'k Knowledge,
    lexicon: Arc<Lexicon>,
    words: Words,
    tumours: HashSet<Doid>,
}

impl<'k> Reader<'k> {
    /// A reader for a release.
    pub fn new(knowledge: &'k Knowledge) -> Reader<'k> {
        let lexicon = Arc::new(concilium_knowledge::lexicon(knowledge).0);
        Reader::with_lexicon(knowledge, lexicon)
    }

    /// A reader with the release's lexicon, already made.
    pub fn with_lexicon(knowledge: &'k Knowledge, lexicon: Arc<Lexicon>) -> Reader<'k> {
        // Disease Ontology: cancer, with the terms that stand below it.
        let root = Doid::new("DOID:162");
        let terms = knowledge.diseases.terms.iter().map(|term| &term.doid);
        let tumours = terms.filter(|doid| knowledge.diseases.is_a(doid, &root)).cloned().collect();
        Reader { knowledge, lexicon, words: Words::new(), tumours }
    }

    /// The criteria of an eligibility text.
    pub fn read(&self, text: &str) -> Read {
        criteria::read(&self.tools(), text)
    }

    /// One clause by itself.
    pub fn clause(&self, text: &str, role: Role) -> Expr {
        clause::read(&self.tools(), text, 0, text.len(), role)
    }

    /// Known drugs named in a text.
    pub fn drugs_in(&self, text: &str) -> Vec<DrugName> {
        let mentions = self.lexicon.find(text, Writing::Prose);
        let drugs =
            mentions.iter().filter_map(|mention| mention.likely()).filter(|entry| entry.kind == Kind::Drug);
        drugs.map(|entry| DrugName::new(&*entry.id)).collect()
    }

    /// The current symbol of a gene by any of its names; `None` when it is no gene or several.
    pub fn gene(&self, name: &str) -> Option<GeneSymbol> {
        self.knowledge.genes.resolve(name).map(|gene| gene.symbol.clone())
    }

    /// Terms of an OncoTree name: a tumour type, or every one of a tissue.
    pub fn oncotree(&self, name: &str) -> Option<Vec<Doid>> {
        let node = self
            .knowledge
            .diseases
            .oncotree
            .values()
            .find(|node| node.name.eq_ignore_ascii_case(name.trim()))?;
        node.doid.clone().map(|doid| vec![doid])
    }

    /// Words of a stretch that stand in no table and in no name: for whoever extends the tables.
    pub fn unread(&self, text: &str) -> Vec<String> {
        let tagged = tag::tag(&self.tools(), text, 0, text.len());
        let unknown = tagged.tags.iter().filter(|tag| matches!(tag.what, tag::What::Unknown));
        unknown
            .map(|tag| text[tagged.tokens[tag.from].start..tagged.tokens[tag.to - 1].end].to_lowercase())
            .collect()
    }

    /// Each sentence of a stretch as the row of meanings its frames see.
    pub fn rows(&self, text: &str) -> Vec<String> {
        let tools = self.tools();
        let row = |(from, to)| {
            let tagged = tag::tag(&tools, text, from, to);
            tagged.tags.iter().map(|tag| tagged.shown(tag)).collect::<Vec<_>>().join(" ")
        };
        clause::sentences(text, 0, text.len()).into_iter().map(row).collect()
    }

    fn tools(&self) -> Tools<'_> {
        Tools {
            knowledge: self.knowledge,
            lexicon: &self.lexicon,
            words: &self.words,
            tumours: &self.tumours,
        }
    }
}
