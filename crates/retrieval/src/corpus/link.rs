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

#[cfg(test)]
mod tests {
    use super::super::tests::documents_of;
    use super::Links;
    use concilium_terms::StatementKey;

    #[test]
    fn documents_get_the_statements_made_from_them_by_any_id() {
        let lines = [
            r#"{"id":"pmid:90000001","kind":"article","text":"x"}"#,
            r#"{"id":"pmc:PMC90002","kind":"article","text":"x","ids":["pmid:90000001"],"statements":["EID3"]}"#,
            r#"{"id":"nct:NCT90000001","kind":"trial","text":"x"}"#,
            r#"{"id":"civic:EID1","kind":"statement","text":"x","ids":["pmid:90000001"],"statements":["EID1"]}"#,
        ];
        let pairs = [("pmid:90000001", "EID2"), ("pmid:90000001", "EID1"), ("nct:NCT90000001", "EID1")];
        let links = Links::new(pairs.map(|(id, key)| (id.to_owned(), StatementKey::new(key))));
        let linked = documents_of(&lines.join("\n")).into_iter().map(|mut document| {
            links.apply(&mut document);
            document.statements.iter().map(|key| key.as_str().to_owned()).collect::<Vec<_>>().join(" ")
        });
        assert_eq!(linked.collect::<Vec<_>>(), ["EID1 EID2", "EID1 EID2 EID3", "EID1", "EID1"]);
    }
}
