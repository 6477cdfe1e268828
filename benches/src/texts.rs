//! What do many abstracts look like to an index? Invented sentences about real names of the release, from a seed.
//!
//! Names are drawn from the release's own statements, so that a frequent gene is frequent here; the other words from
//! two lists, the second with the inverse of their place as weight (Zipf), so that postings are long and short.

use crate::seeded::Seeded;
use concilium_engine::knowledge::Knowledge;
use std::fmt::Write;

const VERBS: [&str; 10] = [
    "improved",
    "was associated with",
    "predicted",
    "did not change",
    "prolonged",
    "reduced",
    "conferred resistance to",
    "was compared with",
    "preceded",
    "was evaluated for",
];
const OUTCOMES: [&str; 12] = [
    "progression-free survival",
    "overall survival",
    "objective response",
    "tumour growth",
    "acquired resistance",
    "time to treatment failure",
    "disease control",
    "intracranial response",
    "toxicity",
    "cell viability",
    "downstream signalling",
    "quality of life",
];
const DESIGNS: [&str; 8] = [
    "In a phase 2 study",
    "In a retrospective cohort",
    "In xenograft models",
    "In a randomized phase 3 trial",
    "In an open-label basket study",
    "In cell lines",
    "In a case series",
    "In a pooled analysis",
];
/// Share of documents in one of a hundred that carry the publication type the filter asks for.
pub const EVERY: usize = 100;
/// That type.
pub const CHOSEN: &str = "Selected";

/// Names that documents and questions are made of.
pub struct Names<'k> {
    /// Gene, disease and drugs of each statement that has all three.
    triples: Vec<(String, &'k str, Vec<&'k str>)>,
}

impl<'k> Names<'k> {
    /// Those of a release.
    pub fn new(knowledge: &'k Knowledge) -> Names<'k> {
        let of = |statement: &'k concilium_evidence::Statement| {
            let regimen = statement.regimen.as_ref()?;
            let drugs: Vec<&str> = regimen.components.iter().map(|drug| drug.as_str()).collect();
            let profile = knowledge.profiles.iter().find(|profile| profile.id == statement.profile)?;
            let whole = !statement.disease_name.is_empty() && !drugs.is_empty();
            whole.then(|| (profile.name.replace([':', '"'], " "), statement.disease_name.as_str(), drugs))
        };
        Names { triples: knowledge.statements.iter().filter_map(of).collect() }
    }

    /// One document as a line of our own schema: some 90 words, one passage.
    pub fn document(&self, number: usize, choice: &mut Seeded) -> String {
        let mut text = String::new();
        for _ in 0..3 {
            text.push_str(&self.sentence(choice));
        }
        let (profile, disease, _) = self.triple(choice);
        let types = if number.is_multiple_of(EVERY) { CHOSEN } else { "Journal Article" };
        let line = serde_json::json!({
            "id": format!("pmid:{}", 90_000_000 + number), "kind": "article", "version": "1",
            "title": format!("{profile} in {disease}"), "types": [types],
            "date": (2000 + choice.below(26)).to_string(),
            "parts": [{ "name": "abstract", "text": text.trim_end() }],
        });
        line.to_string()
    }

    /// A question: alteration, drug and tumour, with a word that tells it from others.
    pub fn question(&self, choice: &mut Seeded) -> String {
        let (profile, disease, drugs) = self.triple(choice);
        let outcome = OUTCOMES[choice.below(OUTCOMES.len())];
        format!("{} {profile} {disease} {outcome}", drugs[0])
    }

    fn triple(&self, choice: &mut Seeded) -> &(String, &'k str, Vec<&'k str>) {
        &self.triples[choice.below(self.triples.len())]
    }

    fn sentence(&self, choice: &mut Seeded) -> String {
        let (profile, disease, drugs) = self.triple(choice);
        let mut word = |of: &[&'static str]| of[choice.below(of.len())];
        let (design, verb, outcome, other) = (word(&DESIGNS), word(&VERBS), word(&OUTCOMES), word(&OUTCOMES));
        let drugs = drugs.join(" and ");
        let patients = 5 + choice.below(900);
        let mut text =
            format!("{design} of {patients} patients with {disease} and {profile}, {drugs} {verb} {outcome}");
        for _ in 0..6 {
            // The inverse of a uniform number is distributed as Zipf's law says.
            let rank = 4_000 / (1 + choice.below(4_000));
            // Writing into a String cannot fail.
            let _ = write!(text, " {}", invented(rank));
        }
        let _ = write!(text, "; {other} was {}.{} months. ", 1 + choice.below(40), choice.below(10));
        text
    }
}

/// A word for a number, alike to no other.
fn invented(mut number: usize) -> String {
    const PARTS: [&str; 16] =
        ["ba", "co", "di", "fe", "gu", "ha", "jo", "ki", "le", "mu", "na", "po", "qui", "re", "so", "ta"];
    let mut word = String::new();
    loop {
        word.push_str(PARTS[number % 16]);
        number /= 16;
        if number == 0 {
            return word + "n";
        }
    }
}
