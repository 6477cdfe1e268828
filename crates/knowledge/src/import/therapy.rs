//! Which regimens does a therapy cell name? Components are found by longest known name, named regimens are expanded.

use crate::model::Drugs;
use concilium_evidence::Regimen;
use concilium_terms::DrugName;

/// How the source joins the therapies of one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// Nothing stated: one therapy, even with a comma in its name.
    One,
    /// Given together.
    Combination,
    /// Each for itself: one statement per therapy.
    Substitutes,
    /// One after another; the listed order is not reliable.
    Sequential,
}

impl Interaction {
    /// By the source's spelling.
    pub fn parse(text: &str) -> Option<Interaction> {
        match text {
            "" => Some(Interaction::One),
            "Combination" => Some(Interaction::Combination),
            "Substitutes" => Some(Interaction::Substitutes),
            "Sequential" => Some(Interaction::Sequential),
            _ => None,
        }
    }
}

/// Regimens of one cell, and the components no table knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Therapies {
    /// One, or one per substitute; none when the cell names no therapy.
    pub regimens: Vec<Regimen>,
    /// Components kept by their own name because neither drugs nor regimens know them.
    pub unknown: Vec<String>,
    /// The cell holds words that stand for "no therapy".
    pub not_a_therapy: bool,
}

/// Resolves one therapy cell.
pub fn resolve(cell: &str, interaction: Interaction, drugs: &Drugs) -> Therapies {
    if cell.is_empty() || cell.eq_ignore_ascii_case("not applicable") {
        return Therapies { not_a_therapy: !cell.is_empty(), ..Therapies::default() };
    }
    let names = split(cell, interaction, drugs);
    resolve_parts(&names.iter().map(String::as_str).collect::<Vec<_>>(), interaction, drugs)
}

/// Resolves the parts of a therapy that were told apart already.
pub fn resolve_parts(names: &[&str], interaction: Interaction, drugs: &Drugs) -> Therapies {
    let parts: Vec<Part> = names.iter().map(|name| part(name, drugs)).collect();
    let unknown = parts.iter().filter_map(|part| part.unknown.clone()).collect();
    let regimens = match interaction {
        Interaction::Substitutes => parts.into_iter().map(|part| regimen(vec![part], false)).collect(),
        Interaction::Sequential => vec![regimen(parts, true)],
        Interaction::One | Interaction::Combination => vec![regimen(parts, false)],
    };
    Therapies { regimens, unknown, not_a_therapy: false }
}

/// Component names of a cell. Without an interaction a known whole name is one; otherwise the comma separates, and
/// the longest known name wins over a shorter one.
pub fn split(cell: &str, interaction: Interaction, drugs: &Drugs) -> Vec<String> {
    if interaction == Interaction::One {
        return vec![cell.to_owned()];
    }
    let words: Vec<&str> = cell.split(',').collect();
    let mut names = vec![];
    let mut from = 0;
    while from < words.len() {
        let to = (from + 1..=words.len()).rev().find(|to| is_known(&words[from..*to].join(","), drugs));
        let to = to.unwrap_or(from + 1);
        names.push(words[from..to].join(",").trim().to_owned());
        from = to;
    }
    names.retain(|name| !name.is_empty());
    names
}

fn is_known(name: &str, drugs: &Drugs) -> bool {
    drugs.resolve(name).is_some() || drugs.regimens.contains_key(&name.trim().to_lowercase())
}

struct Part {
    components: Vec<DrugName>,
    incomplete: bool,
    unknown: Option<String>,
}

/// One component: a drug, a named regimen with its drugs, or a name nobody knows.
fn part(name: &str, drugs: &Drugs) -> Part {
    let lower = name.trim().to_lowercase();
    if let Some(regimen) = drugs.regimens.get(&lower) {
        let components = if regimen.components.is_empty() {
            vec![DrugName::new(&lower)]
        } else {
            regimen.components.clone()
        };
        return Part { components, incomplete: !regimen.complete, unknown: None };
    }
    match drugs.resolve(name) {
        // A class or "Chemotherapy" names no drug that could be screened.
        Some(drug) => {
            Part { components: vec![drug.name.clone()], incomplete: drug.kind != "drug", unknown: None }
        }
        None => Part { components: vec![DrugName::new(&lower)], incomplete: true, unknown: Some(lower) },
    }
}

fn regimen(parts: Vec<Part>, sequential: bool) -> Regimen {
    let incomplete = parts.iter().any(|part| part.incomplete);
    Regimen::new(parts.into_iter().flat_map(|part| part.components).collect(), sequential, incomplete)
}
