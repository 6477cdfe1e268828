//! What does a note say of how a drug was borne?
//!
//! Notes are not read as facts; a sentence that names the drug and its tolerance is quoted as written, for the reader.

use concilium_case::{Case, Document};
use concilium_knowledge::Knowledge;
use concilium_terms::DrugName;

/// Beginnings of words that speak of tolerance. Unreviewed.
const TOLERANCE: [&str; 8] =
    ["tolerat", "toxic", "mucositis", "stomatitis", "diarrh", "neutropeni", "hand-foot", "side effect"];
/// A name shorter than this is no word to look for in prose.
const SHORTEST: usize = 4;
/// Letters of a quoted sentence.
const LONGEST: usize = 200;

/// The sentence of the newest note, with its day: `“Fluorouracil was tolerated in both lines …” (2026-06-09)`.
pub(super) fn quoted(drug: &DrugName, case: &Case, knowledge: &Knowledge) -> Option<String> {
    let names = names(drug, knowledge);
    let said = |document: &Document| {
        let sentences = document.text.split(['.', '\n']).map(str::trim);
        let of_it = sentences.filter(|sentence| speaks(&sentence.to_lowercase(), &names));
        of_it.map(str::to_owned).next()
    };
    let mut documents: Vec<&Document> = case.facts.documents.iter().collect();
    documents
        .sort_by_key(|document| std::cmp::Reverse((document.meta.when.clone(), document.meta.id.clone())));
    let (document, sentence) = documents.into_iter().find_map(|d| Some((d, said(d)?)))?;
    let day = document.meta.when.as_ref().map_or("undated", |when| when.day_text());
    let cut: String = sentence.chars().take(LONGEST).collect();
    Some(format!("a note ({day}) says “{cut}”"))
}

/// The drug's own names and those of regimens that hold it, in small letters.
fn names(drug: &DrugName, knowledge: &Knowledge) -> Vec<String> {
    let synonyms = knowledge.drugs.get(drug).into_iter().flat_map(|row| row.synonyms.iter().cloned());
    let regimens = knowledge.drugs.regimens.values().filter(|regimen| regimen.components.contains(drug));
    let all =
        [drug.to_string()].into_iter().chain(synonyms).chain(regimens.map(|regimen| regimen.name.clone()));
    all.map(|name| name.to_lowercase()).filter(|name| SHORTEST <= name.chars().count()).collect()
}

fn speaks(sentence: &str, names: &[String]) -> bool {
    let is_word = |at: usize, name: &str| {
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !letter(sentence[..at].chars().next_back()) && !letter(sentence[at + name.len()..].chars().next())
    };
    let named =
        names.iter().any(|name| sentence.match_indices(name.as_str()).any(|(at, _)| is_word(at, name)));
    named && TOLERANCE.iter().any(|word| sentence.contains(word))
}
