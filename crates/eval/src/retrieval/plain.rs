//! BM25 alone: what is found by words as they stand?
//!
//! The measure to beat, made apart from everything of ours: words are runs of letters and digits in small letters, title
//! and passage one text; no stems, no stop words, no names. k1 = 1.2, b = 0.75, Lucene's idf.

use concilium_evidence::passage::PassageKey;
use std::collections::{BTreeMap, HashMap};

const K1: f64 = 1.2;
const B: f64 = 0.75;

/// An index of words.
#[derive(Default)]
pub(super) struct Plain {
    keys: Vec<PassageKey>,
    lengths: Vec<f64>,
    /// Word → passages with how often it stands there.
    places: HashMap<String, Vec<(usize, f64)>>,
}

impl Plain {
    pub fn add(&mut self, key: PassageKey, text: &str) {
        let mut counts: BTreeMap<String, f64> = BTreeMap::new();
        for word in words(text) {
            *counts.entry(word).or_default() += 1.0;
        }
        self.lengths.push(counts.values().sum());
        for (word, count) in counts {
            self.places.entry(word).or_default().push((self.keys.len(), count));
        }
        self.keys.push(key);
    }

    /// The best, ties by key. A word that stands twice in the question counts twice.
    pub fn search(&self, question: &str, limit: usize) -> Vec<(PassageKey, f32)> {
        let passages = self.keys.len() as f64;
        let mean = self.lengths.iter().sum::<f64>() / passages.max(1.0);
        let mut scores: HashMap<usize, f64> = HashMap::new();
        for places in words(question).filter_map(|word| self.places.get(&word)) {
            let holding = places.len() as f64;
            let idf = (1.0 + (passages - holding + 0.5) / (holding + 0.5)).ln();
            for (passage, count) in places {
                let length = K1 * (1.0 - B + B * self.lengths[*passage] / mean);
                *scores.entry(*passage).or_default() += idf * count * (K1 + 1.0) / (count + length);
            }
        }
        // Scores to f32 first: what shows as a tie is one.
        let mut found: Vec<(PassageKey, f32)> =
            scores.into_iter().map(|(passage, score)| (self.keys[passage].clone(), score as f32)).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.truncate(limit);
        found
    }
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::{Plain, words};
    use concilium_evidence::passage::{DocumentId, PassageKey};

    fn key(name: &str) -> PassageKey {
        PassageKey { document: DocumentId(name.into()), text_hash: String::new(), start: 0, end: 1 }
    }

    #[test]
    fn scores_are_those_of_lucene() {
        let texts = [
            ("a", "red fox and red hen"),
            ("b", "a fox"),
            ("c", "the hen sat on the red mat near another hen"),
            ("d", "nothing of it"),
        ];
        let mut plain = Plain::default();
        texts.iter().for_each(|(name, text)| plain.add(key(name), text));
        // bm25s 0.3.16, method "lucene", k1 = 1.2, b = 0.75, on the same words; times k1 + 1, which Lucene dropped in 8.
        let expected = [("a", 1.063_350_8), ("c", 0.561_716_4), ("b", 0.417_558_55)];
        let found = plain.search("red fox hen", 10);
        assert_eq!(found.len(), expected.len());
        for ((found, score), (name, wanted)) in found.iter().zip(expected) {
            assert_eq!(found.document.0, name);
            assert!((score / 2.2 - wanted).abs() < 1e-5, "{name}: {}", score / 2.2);
        }
    }

    #[test]
    fn words_are_letters_and_digits() {
        assert_eq!(
            words("BRAF (p.V600E), HER2-low").collect::<Vec<_>>(),
            ["braf", "p", "v600e", "her2", "low"]
        );
    }
}
