//! Which statements speak of these words? Genes, drugs, diseases, variants and keys; every word must be met.

use crate::model::Knowledge;
use concilium_evidence::Statement;
use std::cmp::Reverse;

impl Knowledge {
    /// Statements that hold every word of `query`, strongest level first, then rating, then newest. Brand names and
    /// gene aliases are read as the names used here.
    pub fn search(&self, query: &str) -> Vec<&Statement> {
        let words: Vec<Vec<String>> = self.words(query);
        if words.is_empty() {
            return vec![];
        }
        let meets = |statement: &&Statement| {
            let text = self.text_of(statement);
            words.iter().all(|spellings| spellings.iter().any(|spelling| text.contains(spelling)))
        };
        let mut found: Vec<&Statement> = self.statements.iter().filter(meets).collect();
        found.sort_by_key(|s| (s.level, Reverse(s.rating), Reverse(s.year), s.key.clone()));
        found
    }

    /// Each word with the names it may stand for. A query that is one drug's name as a whole is one word.
    fn words(&self, query: &str) -> Vec<Vec<String>> {
        let whole = query.trim().to_lowercase();
        if let Some(drug) = self.drugs.resolve(&whole).filter(|_| whole.contains(' ')) {
            return vec![vec![drug.name.as_str().to_lowercase()]];
        }
        whole.split_whitespace().map(|word| self.spellings(word)).collect()
    }

    fn spellings(&self, word: &str) -> Vec<String> {
        let drug = self.drugs.resolve(word).map(|drug| drug.name.as_str().to_lowercase());
        let gene = self.genes.resolve(word).map(|gene| gene.symbol.as_str().to_lowercase());
        // A key is met as a whole: EID12 is not EID1201.
        let is_key = ["eid", "aid"].iter().any(|start| word.starts_with(start));
        let own = if is_key { format!(" {word} ") } else { word.to_owned() };
        [Some(own), drug, gene].into_iter().flatten().collect()
    }

    fn text_of(&self, statement: &Statement) -> String {
        let profile = self.profile(statement.profile).map_or("", |profile| profile.name.as_str());
        let regimen = statement.regimen.as_ref().map(|regimen| regimen.label()).unwrap_or_default();
        let disease = statement.disease.as_ref().map(|doid| self.diseases.name(doid)).unwrap_or_default();
        let key = statement.key.as_str();
        format!(" {key} {profile} {regimen} {} {disease} ", statement.disease_name).to_lowercase()
    }
}
