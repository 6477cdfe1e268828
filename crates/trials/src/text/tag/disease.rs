//! Stages, response criteria and classes of heart failure, wherever they start.

use super::{Tagger, What};
use crate::text::token::{Kind, OneOf, Rows, Token};
use concilium_criteria::eligibility::{Ask, Expr};

static RESPONSE_CRITERIA: Rows = Rows::new(&[
    "response evaluation criteria in solid tumors",
    "response evaluation criteria in solid tumor",
    "response evaluation criteria for solid tumors",
    "recist",
    "irecist",
    "mrecist",
    "rano",
    "lugano",
    "lugano classification",
    "imwg",
    "cheson",
    "pcwg3",
    "prostate cancer working group 3",
    "recist1",
    "lugano criteria",
    "iwcll",
    "recist criteria",
    "international myeloma working group",
    "response assessment in neuro oncology",
    "lugano response criteria",
    "response evaluation criteria in solid tumours",
]);
static NYHA: Rows = Rows::new(&["new york heart association", "nyha"]);
static HEART_FAILURE: Rows = Rows::new(&[
    "congestive heart failure",
    "heart failure",
    "cardiac disease",
    "heart disease",
    "chf",
    "cardiac failure",
    "cardiac insufficiency",
]);

impl Tagger<'_, '_, '_> {
    /// Name and version of response criteria with what joins them: `by RECIST v1.1`.
    pub(super) fn response_criteria(&self, at: usize) -> Option<usize> {
        let p = self.pieces;
        let mut next = at;
        while p.among(next, &RESPONSE_CRITERIA_JOIN) && next < at + 6 {
            next += 1;
        }
        next = p.longest(next, &RESPONSE_CRITERIA)?;
        let mut steps = 0;
        while steps < 10 {
            steps += 1;
            let number = p
                .tokens
                .get(next)
                .and_then(Token::number)
                .is_some_and(|n| n < 4.0 || (2000.0..2040.0).contains(&n));
            if p.among(next, &RESPONSE_CRITERIA_TAIL)
                || number
                || p.is(next, '.') && !p.is(next + 1, '.') && p.tokens.get(next + 1).is_some_and(|t| t.glued)
            {
                next += 1;
            } else if p.is(next, '(') || p.is(next, '[') {
                let close = (next + 1..next + 7).find(|at| p.is(*at, ')') || p.is(*at, ']'))?;
                let inside = (next + 1..close).all(|at| {
                    p.among(at, &RESPONSE_CRITERIA_TAIL)
                        || p.tokens[at].kind != Kind::Word
                        || p.tokens[at].norm.starts_with('v')
                        || p.any(at, &["recist", "rano", "lugano", "imwg", "mrecist"])
                });
                if !inside {
                    break;
                }
                next = close + 1;
            } else if p.is(next, ',') && (p.any(next + 1, &["version", "v", "v1", "ver"])) {
                next += 1;
            } else {
                break;
            }
        }
        if p.any(next, &["and", "or"])
            && let Some(more) = self.response_criteria(next + 1)
        {
            next = more;
        }
        Some(next)
    }

    /// `stage IIIB or IV`, `stage III-IV`.
    pub(super) fn stage(&self, at: usize) -> Option<(What, usize)> {
        let p = self.pieces;
        let (_, mut next) = self.tools.words.longest(p, at)?;
        let scale = ["figo", "ann", "iss"].iter().find(|word| p.any(at, &[word])).map(|word| match *word {
            "figo" => "FIGO".to_owned(),
            "ann" => "Ann Arbor".to_owned(),
            _ => "ISS".to_owned(),
        });
        while p.is(next, ':') || p.any(next, &["group", "of"]) {
            next += 1;
        }
        let (first, behind) = self.group(next)?;
        next = behind;
        let mut groups = vec![first];
        loop {
            let mut after = next;
            let mut range = false;
            while p.any(after, &["or", "and", "to", "through", "stage"])
                || p.is(after, ',')
                || p.is(after, '/')
                || p.is(after, '-')
            {
                range |= p.any(after, &["to", "through"]) || p.is(after, '-');
                after += 1;
            }
            let Some((group, behind)) = self.group(after).filter(|_| next < after) else { break };
            if range {
                let last = groups.last().cloned().unwrap_or_default();
                groups.extend(between(&last, &group)?);
            }
            groups.push(group);
            next = behind;
        }
        Some((What::Stage(groups, scale), next))
    }

    pub(super) fn group(&self, at: usize) -> Option<(String, usize)> {
        let raw = self.raw(at);
        let upper = raw.to_uppercase();
        let digits = raw.trim_end_matches(|c: char| c.is_alphabetic());
        let roman = match digits {
            "0" => Some("0"),
            "1" => Some("I"),
            "2" => Some("II"),
            "3" => Some("III"),
            "4" => Some("IV"),
            _ => None,
        };
        if let Some(roman) = roman {
            let letter = self.raw(at + 1);
            let glued = self.pieces.tokens.get(at + 1).is_some_and(|t| t.glued)
                && letter.len() == 1
                && "abcdABCD".contains(letter);
            return Some(if glued {
                (format!("{roman}{}", letter.to_uppercase()), at + 2)
            } else {
                (roman.to_owned(), at + 1)
            });
        }
        let body = upper.trim_end_matches(|c: char| c.is_ascii_digit());
        let major = body.trim_end_matches(['A', 'B', 'C', 'D']);
        let fits = ["I", "II", "III", "IV"].contains(&major)
            && upper.len() - major.len() <= 2
            && raw.chars().next().is_some_and(char::is_uppercase);
        fits.then(|| (upper.clone(), at + 1))
    }

    /// `NYHA class III or IV heart failure`: heart failure that is there and matters.
    pub(super) fn heart_class(&self, at: usize) -> Option<(What, usize)> {
        let p = self.pieces;
        let mut next = p.first(at, &NYHA)?;
        if let Some(behind) = p.abbreviation(next) {
            next = behind;
        }
        while p.any(
            next,
            &[
                "class",
                "classification",
                "functional",
                "grade",
                "stage",
                "heart",
                "failure",
                "greater",
                "than",
                "or",
                "equal",
                "to",
            ],
        ) || p.is(next, '≥')
            || p.is(next, '>')
            || p.is(next, '=')
        {
            next += 1;
        }
        let (first, behind) = self.group(next)?;
        next = behind;
        while p.any(
            next,
            &["or", "and", "to", "greater", "higher", "above", "ii", "iii", "iv", "class", "2", "3", "4"],
        ) || p.is(next, '/')
            || p.is(next, '-')
        {
            next += 1;
        }
        let behind = p.first(next, &HEART_FAILURE);
        (first != "I").then_some(())?;
        let ask = Ask::Condition {
            any_of: vec!["heart-failure".to_owned()],
            state: concilium_criteria::eligibility::ConditionState::Uncontrolled,
            within: None,
            known: false,
        };
        Some((What::Ask(Expr::ask(ask)), behind.unwrap_or(next)))
    }
}

/// Stage groups strictly between two: `I` to `III` gives `II`; `IB` to `IIIA` gives `IC`, `II`.
fn between(first: &str, last: &str) -> Option<Vec<String>> {
    const MAJOR: [&str; 5] = ["0", "I", "II", "III", "IV"];
    let split = |group: &str| {
        let major =
            group.trim_end_matches(|c: char| "ABCD".contains(c) || c.is_ascii_digit() && group != "0");
        MAJOR.iter().position(|known| *known == major).map(|at| (at, group[major.len()..].chars().next()))
    };
    let ((low, low_letter), (high, high_letter)) = (split(first)?, split(last)?);
    if high < low {
        return None;
    }
    let letters = |from: char, to: char| ('A'..='C').filter(move |c| from < *c && *c < to);
    let mut found = vec![];
    if low == high {
        if let (Some(from), Some(to)) = (low_letter, high_letter) {
            found.extend(letters(from, to).map(|c| format!("{}{c}", MAJOR[low])));
        }
        return Some(found);
    }
    if let Some(from) = low_letter {
        found.extend(letters(from, 'D').map(|c| format!("{}{c}", MAJOR[low])));
    }
    found.extend((low + 1..high).map(|at| MAJOR[at].to_owned()));
    if let Some(to) = high_letter {
        found.extend(letters('@', to).map(|c| format!("{}{c}", MAJOR[high])));
    }
    Some(found)
}

static RESPONSE_CRITERIA_JOIN: OneOf = OneOf::new(
    "by per according to based on as defined using the in with assessed determined under accordance \
     measured evaluated investigator and modified revised standard",
);
static RESPONSE_CRITERIA_TAIL: OneOf = OneOf::new(
    "version v v1 criteria guideline classification 1 2 vs working group response recist ver solid tumor \
     for rano imwg edition",
);
