//! Which gene does a code or a word name?

use concilium_terms::{Code, GeneSymbol};
use std::collections::HashMap;
use std::sync::OnceLock;

static ROWS: &str = include_str!("gene_ids.tsv");

struct Tables {
    by_word: HashMap<String, &'static str>,
    by_entrez: HashMap<&'static str, &'static str>,
    by_hgnc: HashMap<&'static str, &'static str>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables =
            Tables { by_word: HashMap::new(), by_entrez: HashMap::new(), by_hgnc: HashMap::new() };
        for row in ROWS.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let mut cells = row.split('\t');
            let mut cell = || cells.next().unwrap_or("");
            let (symbol, entrez, hgnc, aliases) = (cell(), cell(), cell(), cell());
            tables.by_word.insert(symbol.to_uppercase(), symbol);
            tables.by_entrez.insert(entrez, symbol);
            if !hgnc.is_empty() {
                tables.by_hgnc.insert(hgnc, symbol);
            }
            for alias in aliases.split('|').filter(|alias| !alias.is_empty()) {
                tables.by_word.entry(alias.to_uppercase()).or_insert(symbol);
            }
        }
        tables
    })
}

/// Current symbol of a word that is a known symbol or an alias of one gene only.
pub fn known(word: &str) -> Option<GeneSymbol> {
    tables().by_word.get(word.trim().to_uppercase().as_str()).map(GeneSymbol::new)
}

/// As [`known`], for a word in running text: `met`, `set` and `rest` in lower case are English.
pub fn known_in_text(word: &str) -> Option<GeneSymbol> {
    let word = word.trim_matches([',', ';', '.', '(', ')']);
    looks_like_symbol(word).then(|| known(word)).flatten()
}

/// What one coding says: by its code, and by its words.
pub struct Named {
    /// Symbol of the code.
    pub by_code: Option<GeneSymbol>,
    /// Symbol of the display.
    pub by_words: Option<GeneSymbol>,
}

impl Named {
    /// Reads one coding of a gene-studied component.
    pub fn of(code: &Code) -> Named {
        let words = code.display.trim();
        let by_words = known(words).or_else(|| looks_like_symbol(words).then(|| GeneSymbol::new(words)));
        Named { by_code: by_code(code), by_words }
    }

    /// Both are given and differ.
    pub fn disagrees(&self) -> bool {
        matches!((&self.by_code, &self.by_words), (Some(code), Some(words)) if code != words)
    }
}

/// HGNC ids are written `HGNC:1100` and bare; NCBI Gene ids bare; some write the symbol as the code.
fn by_code(code: &Code) -> Option<GeneSymbol> {
    let bare = code.code.trim().trim_start_matches("HGNC:").trim_start_matches("hgnc:");
    if bare.is_empty() || !bare.bytes().all(|b| b.is_ascii_digit()) {
        return known(bare).or_else(|| looks_like_symbol(bare).then(|| GeneSymbol::new(bare)));
    }
    let system = code.system.to_lowercase();
    let is_hgnc = system.contains("genenames") || system.contains("hgnc");
    let is_entrez = system.contains("ncbi.nlm.nih.gov/gene");
    let tables = tables();
    let found = match (is_hgnc, is_entrez) {
        (true, _) => tables.by_hgnc.get(bare),
        (_, true) => tables.by_entrez.get(bare),
        (false, false) => None,
    };
    found.map(GeneSymbol::new)
}

/// Upper-case letters, digits and hyphens, as HGNC symbols are (`C9orf72` apart).
pub fn looks_like_symbol(word: &str) -> bool {
    let shaped = word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    shaped && (2..=12).contains(&word.len()) && word.as_bytes()[0].is_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::{Named, known};
    use concilium_terms::Code;

    #[track_caller]
    fn check(system: &str, code: &str, display: &str, expect: (Option<&str>, Option<&str>)) {
        let named = Named::of(&Code { system: system.into(), code: code.into(), display: display.into() });
        assert_eq!(
            (named.by_code.as_ref().map(|g| g.as_str()), named.by_words.as_ref().map(|g| g.as_str())),
            expect
        );
    }

    #[test]
    fn codes_and_words() {
        check("http://www.genenames.org", "HGNC:26144", "PALB2", (Some("PALB2"), Some("PALB2")));
        check("http://www.genenames.org", "1100", "BRCA1", (Some("BRCA1"), Some("BRCA1")));
        check("http://www.genenames.org/geneId", "HGNC:11389", "", (Some("STK11"), None));
        check("http://www.genenames.org/geneId", "JAK2", "JAK2", (Some("JAK2"), Some("JAK2")));
        check("http://www.ncbi.nlm.nih.gov/gene", "3815", "BAP1", (Some("KIT"), Some("BAP1")));
        check("", "", "RUNx1", (None, Some("RUNX1")));
        assert_eq!(known("HER2").map(|g| g.to_string()), Some("ERBB2".into()));
    }
}
