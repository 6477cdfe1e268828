//! How is a drug name written for people? Names are kept in lower case so that they compare; codes and targets are
//! written in capitals.

use crate::DrugName;

/// Targets inside names of classes and of experimental drugs.
const TARGETS: &[(&str, &str)] = &[
    ("abl", "ABL"),
    ("akt", "AKT"),
    ("alk", "ALK"),
    ("b", "B"),
    ("bet", "BET"),
    ("braf", "BRAF"),
    ("cdk", "CDK"),
    ("ctla", "CTLA"),
    ("egfr", "EGFR"),
    ("jak", "JAK"),
    ("mek", "MEK"),
    ("met", "MET"),
    ("mtor", "mTOR"),
    ("parp", "PARP"),
    ("pd", "PD"),
    ("raf", "RAF"),
    ("stat", "STAT"),
    ("tim", "TIM"),
    ("trk", "TRK"),
    ("vegf", "VEGF"),
    ("vegfr", "VEGFR"),
];

/// Words that carry a number and are no code.
const WORDS: &[&str] = &["alfa", "anti", "nutlin", "radium", "rapalink"];

/// Most letters a code has beside its digits (`AMGMDS3`); longer words are words.
const CODE_LETTERS: usize = 6;

impl DrugName {
    /// For people: `AZD5438`, `MEK inhibitor RO4987655`, `anti-PD-L1 monoclonal antibody`; `dabrafenib` as it is.
    pub fn spelled(&self) -> String {
        self.as_str().split(' ').map(word).collect::<Vec<_>>().join(" ")
    }
}

fn word(word: &str) -> String {
    if is_code(word) {
        return word.to_uppercase();
    }
    let mut out = String::new();
    for token in word.split_inclusive(['-', '/']) {
        let bare = token.trim_end_matches(['-', '/']);
        out.push_str(&part(bare));
        out.push_str(&token[bare.len()..]);
    }
    out
}

fn part(token: &str) -> String {
    let target = TARGETS.iter().find(|(name, _)| *name == token).map(|(_, spelled)| (*spelled).to_owned());
    target.unwrap_or_else(|| if is_code(token) { token.to_uppercase() } else { token.to_owned() })
}

/// A few letters with digits, letters first: `azd5438`, `ci-1040`, `pd1`.
fn is_code(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let plain = word.split('-').next().unwrap_or(word);
    word.starts_with(|c: char| c.is_alphabetic())
        && word.contains(|c: char| c.is_ascii_digit())
        && letters <= CODE_LETTERS
        && !WORDS.contains(&plain)
}

#[cfg(test)]
mod tests {
    use crate::DrugName;

    #[track_caller]
    fn check(spelled: &str) {
        assert_eq!(DrugName::new(spelled.to_lowercase()).spelled(), spelled);
    }

    #[test]
    fn codes_and_targets_in_capitals_words_as_they_are() {
        for name in [
            "dabrafenib",
            "trifluridine/tipiracil",
            "trastuzumab deruxtecan",
            "AZD5438",
            "MEK inhibitor RO4987655",
            "MEK inhibitor CI-1040",
            "HER2 inhibitor CP-724,714",
            "B-RAF/VEGFR-2 inhibitor RAF265",
            "anti-PD-L1 monoclonal antibody",
            "anti-PD1 monoclonal antibody",
            "anti-CTLA-4 monoclonal antibody",
            "mTOR kinase inhibitor PP242",
            "PI3K/AKT/mTOR inhibitors",
            "nutlin-3",
            "radium-223",
            "2,4-pyrimidinediamine",
            "5-fluoro-2-deoxycytidine",
            "peginterferon alfa-2a",
            "NVP-AEW541",
        ] {
            check(name);
        }
    }
}
