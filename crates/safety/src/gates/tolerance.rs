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

/// Notes quoted for one drug.
const NOTES: usize = 2;

/// A sentence of each of the newest notes, undated ones last: `a note (2026-06-09) says “Fluorouracil was tolerated …”`.
pub(super) fn quoted(drug: &DrugName, case: &Case, knowledge: &Knowledge) -> Option<String> {
    let names = names(drug, knowledge);
    let mut documents: Vec<&Document> = case.facts.documents.iter().collect();
    documents.sort_by_key(|d| std::cmp::Reverse((d.meta.when.clone(), d.meta.id.clone())));
    let mut said: Vec<String> = vec![];
    for document in documents {
        let Some(sentence) = sentence(document, &names) else { continue };
        let quote = format!("says “{sentence}”");
        if said.iter().any(|known| known.ends_with(&quote)) {
            continue;
        }
        let day = document.meta.when.as_ref().map_or("undated", |when| when.day_text());
        said.push(format!("a note ({day}) {quote}"));
    }
    said.truncate(NOTES);
    (!said.is_empty()).then(|| said.join("; "))
}

fn sentence(document: &Document, names: &[String]) -> Option<String> {
    let mut sentences = document.text.split(['.', '\n']).map(str::trim);
    let found = sentences.find(|sentence| speaks(&sentence.to_lowercase(), names))?;
    Some(found.chars().take(LONGEST).collect())
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
