//! Which curated statements were made from this document?

use concilium_evidence::passage::Document;
use concilium_terms::StatementKey;
use std::collections::{BTreeMap, BTreeSet};

/// Document or publication id → statements curated from it, as plain values of a knowledge release.
#[derive(Clone, Debug, Default)]
pub struct Links(BTreeMap<String, BTreeSet<StatementKey>>);

impl Links {
    /// From pairs such as (`pmid:24265153`, statement) and (`nct:NCT01234567`, statement).
    pub fn new(pairs: impl IntoIterator<Item = (String, StatementKey)>) -> Links {
        let mut links = Links::default();
        for (id, key) in pairs {
            links.0.entry(id).or_default().insert(key);
        }
        links
    }

    /// Adds the statements made from the document, whichever of its ids they cite. Statements themselves are left as
    /// they are: that two statements cite one paper does not make them one.
    pub fn apply(&self, document: &mut Document) {
        if document.kind == concilium_evidence::passage::DocumentKind::Statement {
            return;
        }
        let ids = std::iter::once(&document.id.0).chain(&document.ids);
        let found: Vec<_> = ids.filter_map(|id| self.0.get(id)).flatten().cloned().collect();
        document.statements.extend(found);
        document.statements.sort();
        document.statements.dedup();
    }
}
