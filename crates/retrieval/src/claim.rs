//! Do two passages say the same? Roughly: the same genes, drugs and diseases, and both of success or both of failure.
//!
//! Good enough to keep ten papers on one finding from filling a list; what a passage really says is for its reader.

use crate::lexical::DocumentHead;
use concilium_evidence::passage::{DocumentKind, Passage};
use concilium_terms::lexicon::{Entry, Kind, Lexicon, Writing};
use std::collections::BTreeSet;

/// One of these in small letters makes a passage one of failure. "Progressed" and "failed" are none of them: they are
/// said of the therapy before.
#[rustfmt::skip]
const CONTRARY: &[&str] = &[
    "resistan", "refractory", "ineffective", "no benefit", "not benefit", "no response", "not respond", "did not",
    "lack of", "inferior",
];

/// Do these words speak of failure?
pub fn is_contrary(text: &str) -> bool {
    let small = text.to_lowercase();
    CONTRARY.iter().any(|word| small.contains(word))
}

/// Genes, drugs and diseases that a passage and its title name without doubt, by kind and id.
pub fn speaks_of(lexicon: &Lexicon, title: &str, text: &str) -> BTreeSet<(Kind, String)> {
    let mut names = BTreeSet::new();
    for text in [title, text] {
        let reading = lexicon.read(text, Writing::Prose);
        let named = reading.mentions.iter().filter_map(|mention| mention.likely());
        let counts = |kind| matches!(kind, Kind::Gene | Kind::Disease | Kind::Drug);
        names.extend(named.filter(|e| counts(e.kind)).map(|entry| (entry.kind, entry.id.to_string())));
        let genes = reading.variants.iter().flat_map(|variant| variant.genes.iter());
        names.extend(genes.map(|gene| (Kind::Gene, gene.clone())));
    }
    names
}

/// Words and signs between two drugs that are given together.
const JOINTS: [&str; 14] = [
    "with",
    "and",
    "plus",
    "+",
    "/",
    "-",
    "–",
    ",",
    ", and",
    "combined with",
    "in combination with",
    "together with",
    "given with",
    "followed by",
];

/// Words before a drug that was given earlier: the result is of what came then.
const EARLIER: [&str; 10] = [
    "progressed on",
    "progression on",
    "progressing on",
    "after",
    "failure of",
    "failed",
    "refractory to",
    "pretreated with",
    "previously treated with",
    "previously received",
];

/// Before the name of a regimen in a lexicon's ids.
pub const REGIMEN: &str = "regimen:";

/// Drugs a text names together, or one alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Together {
    /// Ids of drugs; of a regimen with a name of its own `regimen:NAME`.
    pub drugs: BTreeSet<String>,
    /// Named as given before something else.
    pub earlier: bool,
}

/// Which drugs are named together (`dabrafenib with trametinib`)? In the order of the text. `or` joins nothing.
pub fn together(lexicon: &Lexicon, text: &str) -> Vec<Together> {
    let reading = lexicon.read(text, Writing::Prose);
    let named = reading.mentions.iter().filter_map(|mention| {
        let therapy = |entry: &&Entry| entry.kind == Kind::Drug || entry.id.starts_with(REGIMEN);
        let entry = mention.likely().filter(therapy)?;
        Some((mention.span.clone(), entry.id.to_string()))
    });
    let mut found: Vec<Together> = vec![];
    let mut end = 0;
    for (span, drug) in named {
        let between = text.get(end..span.start).unwrap_or_default().trim().to_lowercase();
        end = span.end;
        match found.last_mut() {
            Some(last) if JOINTS.contains(&between.as_str()) => {
                last.drugs.insert(drug);
            }
            _ => {
                let earlier = EARLIER.iter().any(|words| between.ends_with(words));
                found.push(Together { drugs: BTreeSet::from([drug]), earlier });
            }
        }
    }
    found
}

/// What a passage claims.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    names: BTreeSet<(Kind, String)>,
    /// What the curators call it, where they do (`Predictive`, `Resistance`, `Does Not Support`); else whether the words
    /// speak of failure.
    direction: BTreeSet<String>,
}

impl Claim {
    /// The claim of a passage; `None` where it names no drug together with a gene or a disease: such a passage is like
    /// no other.
    pub fn of(lexicon: &Lexicon, head: &DocumentHead, passage: &Passage) -> Option<Claim> {
        let names = speaks_of(lexicon, &head.title, &passage.text);
        let of = |kind| names.iter().any(|(other, _)| *other == kind);
        if !of(Kind::Drug) || !(of(Kind::Gene) || of(Kind::Disease)) {
            return None;
        }
        let direction = match head.kind {
            DocumentKind::Statement if !head.types.is_empty() => head
                .types
                .iter()
                .filter(|name| !name.starts_with("Level ") && *name != "Flagged")
                .cloned()
                .collect(),
            _ => BTreeSet::from([is_contrary(&passage.text).to_string()]),
        };
        Some(Claim { names, direction })
    }
}

#[cfg(test)]
mod tests {
    use super::Claim;
    use crate::lexical::DocumentHead;
    use crate::testing::{document, lexicon, passages};
    use concilium_evidence::passage::DocumentKind;

    fn claim(title: &str, text: &str, kind: DocumentKind, types: &[&str]) -> Option<Claim> {
        let mut document = document("pmid:90000001", title, text);
        document.kind = kind;
        document.types = types.iter().map(ToString::to_string).collect();
        Claim::of(lexicon(), &DocumentHead::from(&document), &passages(&document)[0])
    }

    fn article(text: &str) -> Option<Claim> {
        claim("Title", text, DocumentKind::Article, &[])
    }

    #[track_caller]
    fn check(one: &str, other: &str, same: bool) {
        let (one, other) = (article(one), article(other));
        assert!(one.is_some() && other.is_some());
        assert_eq!(one == other, same, "{one:?} {other:?}");
    }

    #[test]
    fn names_and_direction_make_a_claim() {
        let plain = "Osimertinib helped patients with EGFR L858R lung adenocarcinoma.";
        check(plain, "In lung adenocarcinoma with EGFR L858R, AZD9291 prolonged survival.", true);
        check(plain, "EGFR L858R lung adenocarcinoma was resistant to osimertinib.", false);
        check(plain, "Gefitinib helped patients with EGFR L858R lung adenocarcinoma.", false);
        check(plain, "Osimertinib helped patients with EGFR L858R melanoma.", false);
    }

    #[track_caller]
    fn joined(text: &str, expected: &[(&str, bool)]) {
        let said = super::together(lexicon(), text).into_iter().map(|one| {
            let drugs: Vec<String> = one.drugs.into_iter().collect();
            (drugs.join(" + "), one.earlier)
        });
        let expected: Vec<(String, bool)> =
            expected.iter().map(|(text, flag)| ((*text).to_owned(), *flag)).collect();
        assert_eq!(said.collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn drugs_named_together_are_one_therapy() {
        joined("dabrafenib with trametinib gave responses", &[("dabrafenib + trametinib", false)]);
        joined(
            "Dabrafenib/trametinib or vemurafenib",
            &[("dabrafenib + trametinib", false), ("vemurafenib", false)],
        );
        joined(
            "progressed on osimertinib and received amivantamab with carboplatin and pemetrexed",
            &[("osimertinib", true), ("amivantamab + regimen:carboplatin-pemetrexed", false)],
        );
        joined("trametinib, in combination with dabrafenib", &[("trametinib", false), ("dabrafenib", false)]);
        joined("no drug here", &[]);
    }

    #[test]
    fn words_without_a_drug_claim_nothing_of_one() {
        assert_eq!(article("EGFR L858R lung adenocarcinoma is frequent."), None);
        assert_eq!(article("Osimertinib was given."), None);
    }

    #[test]
    fn curators_say_the_direction_of_their_own() {
        let text = "Vemurafenib in BRAF V600E colorectal cancer: resistance was described.";
        let of = |types: &[&str]| claim("BRAF V600E", text, DocumentKind::Statement, types);
        assert_eq!(
            of(&["Predictive", "Resistance", "Level B"]),
            of(&["Predictive", "Resistance", "Level C"])
        );
        assert_ne!(of(&["Predictive", "Resistance"]), of(&["Predictive", "Sensitivity/Response"]));
    }
}
