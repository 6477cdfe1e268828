//! Which words carry nothing, and which turn a meaning round?
//!
//! Two closed lists. A word on neither is a word of content: it must stand in the cited sentence. `GLUE` is kept short
//! on purpose: "or", "should", "all", "first" are not on it, because each changes what is claimed.

/// Words a free sentence may use whatever its source says.
#[rustfmt::skip]
const GLUE: &[&str] = &[
    "a", "an", "the", "this", "that", "these", "those", "it", "its", "they", "their", "which", "who", "whose", "there",
    "of", "in", "on", "for", "to", "with", "by", "at", "from", "as", "and", "into", "about", "per", "also", "while",
    "is", "are", "was", "were", "be", "been", "being", "has", "have", "had", "do", "does", "did",
    "source", "statement", "evidence", "text", "cited", "states", "stated", "describes", "described", "says", "said",
    "reports", "reported",
];

/// Words that say no.
#[rustfmt::skip]
const NEGATIONS: &[&str] = &[
    "no", "not", "never", "without", "neither", "nor", "none", "cannot", "lack", "lacks", "lacked", "lacking", "absence",
    "absent", "fail", "fails", "failed", "failure", "unable", "nothing", "hardly", "rarely", "unlikely",
];

/// Starts of words that decide which way a sentence points, how surely it is meant and of whom: what the source says
/// here may not be left out, and nothing may be added.
#[rustfmt::skip]
const CUES: &[&str] = &[
    // Direction.
    "resist", "refractor", "sensitiv", "insensitiv", "respon", "nonrespon", "unrespon", "effective", "ineffective",
    "efficac", "activ", "inactiv", "benefi", "superior", "inferior", "noninferior", "better", "worse", "longer",
    "shorter", "higher", "lower", "greater", "smaller", "fewer", "more", "less", "increas", "decreas", "improv",
    "reduc", "prolong", "toler", "intoler", "toxic", "advers", "harm", "contraindicat", "approv", "unapprov",
    "investigational", "experimental", "progress", "relaps", "recur", "death", "died", "mortal", "fatal", "surviv",
    "significan", "insignifican", "nonsignifican", "equivalen", "similar", "different", "withdraw", "discontinu",
    "stop", "avoid", "caution", "recommend", "should", "must",
    // Comparison and restriction.
    "than", "versus", "vs", "compar", "or", "only", "except", "unless", "if", "subgroup", "subset", "all", "most",
    "some", "few", "half", "after", "before", "following", "prior", "previous", "pretreated", "untreated", "naive",
    "first", "second", "third", "refus", "despite", "although", "however", "but", "rather",
    // Doubt.
    "may", "might", "could", "would", "suggest", "possib", "potential", "appear", "seem", "trend", "unclear",
    "unknown", "uncertain", "hypothe", "anecdot", "preliminar", "retrospective", "interim",
    // No patients.
    "mice", "mouse", "murine", "rat", "rats", "xenograft", "vitro", "vivo", "preclinical", "organoid", "animal",
    "cells", "cell", "case", "cases", "model", "models", "simulat",
];

/// Cues that are whole words: `rat` is no start of `rate`.
#[rustfmt::skip]
const WHOLE: &[&str] = &[
    "than", "versus", "vs", "or", "only", "if", "all", "most", "some", "few", "half", "more", "less", "but", "may",
    "might", "could", "would", "should", "must", "rat", "rats", "cell", "cells", "case", "cases", "model", "models",
    "mice", "mouse", "first", "second", "third", "after", "before", "died", "better", "worse", "higher", "lower",
    "longer", "shorter", "greater", "smaller", "fewer", "rather", "prior", "stop",
];

/// Units of numbers, each spelling with the one name it is compared by.
#[rustfmt::skip]
const UNITS: &[(&str, &str)] = &[
    ("%", "%"), ("percent", "%"), ("months", "month"), ("month", "month"), ("mo", "month"), ("weeks", "week"),
    ("week", "week"), ("days", "day"), ("day", "day"), ("years", "year"), ("year", "year"), ("hours", "hour"),
    ("hour", "hour"), ("h", "hour"), ("mg", "mg"), ("g", "g"), ("kg", "kg"), ("ml", "ml"), ("mm", "mm"), ("cm", "cm"),
    ("fold", "fold"), ("patients", "patient"), ("patient", "patient"), ("cycles", "cycle"), ("cycle", "cycle"),
    ("gy", "gy"), ("nm", "nm"), ("µm", "um"), ("μm", "um"), ("um", "um"),
];

/// May stand anywhere?
pub(crate) fn glue(word: &str) -> bool {
    GLUE.contains(&word)
}

/// Says no?
pub(crate) fn negation(word: &str) -> bool {
    NEGATIONS.contains(&word) || word.ends_with("n't") || word.ends_with("n’t")
}

/// Turns the meaning? Gives the word's part that is compared.
pub(crate) fn cue(word: &str) -> Option<&'static str> {
    let matches =
        |cue: &&&'static str| if WHOLE.contains(*cue) { word == **cue } else { word.starts_with(**cue) };
    CUES.iter().filter(matches).max_by_key(|cue| cue.len()).copied()
}

/// The name a unit is compared by.
pub(crate) fn unit(word: &str) -> Option<&'static str> {
    UNITS.iter().find(|(spelled, _)| *spelled == word).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::{CUES, GLUE, NEGATIONS, WHOLE, cue, negation};

    #[test]
    fn no_word_is_on_two_lists() {
        for word in GLUE {
            assert!(cue(word).is_none() && !negation(word), "{word}");
        }
        for word in NEGATIONS {
            assert!(cue(word).is_none(), "{word}");
        }
        for word in WHOLE {
            assert!(CUES.contains(word), "{word} is whole and no cue");
        }
    }

    #[test]
    fn starts_of_words_are_cues_and_whole_ones_stay_whole() {
        assert_eq!(cue("resistance"), Some("resist"));
        assert_eq!(cue("insensitive"), Some("insensitiv"));
        assert_eq!(cue("rate"), None);
        assert_eq!(cue("orbit"), None);
        assert!(negation("didn't"));
    }
}
