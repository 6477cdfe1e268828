//! Which receptor, expression or signature, and what did the laboratory call it?

use super::Part;
use crate::accept::Proposed;
use crate::mention::Finding;
use crate::token::{Kind, Tokens};
use concilium_case::{MarkerCall, MarkerName, SignatureName};
use concilium_terms::quantity::Quantity;

/// A marker's name in a sentence.
struct Name {
    marker: MarkerName,
    end: usize,
    /// Its name says the result: `MSS`, `dMMR`.
    call: Option<MarkerCall>,
    /// Means something else without a result beside it.
    doubtful: bool,
}

/// What stands behind a name.
#[derive(Clone, Default)]
struct Result {
    call: Option<MarkerCall>,
    score: Option<String>,
    value: Option<Quantity>,
    end: usize,
}

impl Result {
    fn is_empty(&self) -> bool {
        self.call.is_none() && self.score.is_none() && self.value.is_none()
    }
}

pub(super) fn find(part: &Part) -> Vec<Proposed> {
    let tokens = &part.tokens;
    let mut found = vec![];
    let mut at = 0;
    while at < tokens.len() {
        let Some(name) = name(tokens, at) else {
            at += 1;
            continue;
        };
        let own = own_result(tokens, at, &name);
        let end = if own.is_empty() { name.end } else { own.end.max(name.end) };
        let result = if own.is_empty() { listed(tokens, name.end, 4) } else { own };
        let something_else = name.doubtful && result.is_empty() || protein_of_other_kind(tokens, name.end);
        if !something_else {
            let Result { call, score, value, .. } = result;
            found.extend(part.over(at..end, Finding::Marker { marker: name.marker, call, score, value }));
        }
        at = end;
    }
    found
}

/// `HER2 mutation`, `HER2 inhibitor`, `PD-L1 inhibitor` speak of something else.
fn protein_of_other_kind(tokens: &Tokens, at: usize) -> bool {
    let at = if tokens.word(at) == "-" { at + 1 } else { at };
    [
        "mutat",
        "mutant",
        "inhibitor",
        "antibod",
        "directed",
        "targeted",
        "therap",
        "block",
        "exon",
        "gene",
        "vaccin",
    ]
    .iter()
    .any(|word| tokens.word(at).starts_with(word))
}

fn own_result(tokens: &Tokens, at: usize, name: &Name) -> Result {
    if let Some(call) = name.call {
        return Result { call: Some(call), end: name.end, ..Result::default() };
    }
    let behind = result(tokens, name.end, &name.marker);
    if !behind.is_empty() {
        return behind;
    }
    // `deficient mismatch repair`, `positive for PD-L1`: the result stands before.
    let before = at.checked_sub(1).map_or("", |at| tokens.word(at));
    let for_ = before == "for" || before == "is";
    let word = if for_ { at.checked_sub(2).map_or("", |at| tokens.word(at)) } else { before };
    let call = match word {
        "deficient" if name.marker == Of::MMR => Some(MarkerCall::Positive),
        "proficient" if name.marker == Of::MMR => Some(MarkerCall::Negative),
        "positive" if for_ => Some(MarkerCall::Positive),
        "negative" if for_ => Some(MarkerCall::Negative),
        _ => None,
    };
    Result { call, end: name.end, ..Result::default() }
}

struct Of;
impl Of {
    const MMR: MarkerName = MarkerName::Signature(SignatureName::Msi);
}

/// The name of a marker at a token.
fn name(tokens: &Tokens, at: usize) -> Option<Name> {
    let plain = |marker, end| Some(Name { marker, end, call: None, doubtful: false });
    let doubtful = |marker, end| Some(Name { marker, end, call: None, doubtful: true });
    let called = |marker, end, call| Some(Name { marker, end, call: Some(call), doubtful: false });
    let hyphen = |at: usize| at + usize::from(matches!(tokens.word(at), "-" | "‑" | "–"));
    let (word, raw) = (tokens.word(at), tokens.raw(at));
    let next = tokens.word(at + 1);
    match word {
        "er" if raw == "ER" => doubtful(MarkerName::Er, at + 1),
        "pr" | "pgr" if raw == "PR" || raw == "PgR" || raw == "PGR" => doubtful(MarkerName::Pr, at + 1),
        "estrogen" | "oestrogen" if next == "receptor" => plain(MarkerName::Er, at + 2),
        "progesterone" if next == "receptor" => plain(MarkerName::Pr, at + 2),
        "hormone" if next == "receptor" => doubtful(MarkerName::Other("hormone-receptor".into()), at + 2),
        "hr" if raw == "HR"
            && (tokens.word(at + 1) == "+"
                || tokens.word(hyphen(at + 1)) == "positive"
                || tokens.word(hyphen(at + 1)) == "negative") =>
        {
            doubtful(MarkerName::Other("hormone-receptor".into()), at + 1)
        }
        "triple" if tokens.word(hyphen(at + 1)) == "negative" => {
            called(MarkerName::Other("triple-negative".into()), hyphen(at + 1) + 1, MarkerCall::Negative)
        }
        "tnbc" => called(MarkerName::Other("triple-negative".into()), at + 1, MarkerCall::Negative),
        "her" | "cerbb" | "erbb" if tokens.raw(hyphen(at + 1)) == "2" && raw != "her" => {
            let mut end = hyphen(at + 1) + 1;
            while matches!(tokens.word(end), "/" | "-") && tokens.word(end + 1) == "neu" {
                end += 2;
            }
            plain(MarkerName::Her2, if tokens.word(end) == "neu" { end + 1 } else { end })
        }
        "pd" if tokens.word(hyphen(at + 1)) == "l" && tokens.raw(hyphen(at + 1) + 1) == "1" => {
            plain(MarkerName::PdL1, hyphen(at + 1) + 2)
        }
        "pdl" if tokens.raw(at + 1) == "1" => plain(MarkerName::PdL1, at + 2),
        "ki" if tokens.raw(hyphen(at + 1)) == "67" => plain(MarkerName::Ki67, hyphen(at + 1) + 1),
        "mss" if raw == "MSS" => called(Of::MMR, at + 1, MarkerCall::Negative),
        "msi" if raw == "MSI" => Some(match tokens.word(hyphen(at + 1)) {
            "h" | "high" => return called(Of::MMR, hyphen(at + 1) + 1, MarkerCall::Positive),
            "l" | "low" => return called(Of::MMR, hyphen(at + 1) + 1, MarkerCall::Low),
            _ => Name { marker: Of::MMR, end: at + 1, call: None, doubtful: false },
        }),
        "microsatellite" => microsatellites(tokens, at),
        "dmmr" => called(Of::MMR, at + 1, MarkerCall::Positive),
        "pmmr" => called(Of::MMR, at + 1, MarkerCall::Negative),
        "mmr" if raw == "MMR" => doubtful(Of::MMR, at + 1),
        "mismatch" if next == "repair" => plain(Of::MMR, at + 2),
        "tmb" if raw == "TMB" => plain(MarkerName::Signature(SignatureName::Tmb), at + 1),
        "tumor" | "tumour" if next == "mutational" || next == "mutation" => {
            let end = at + 2 + usize::from(tokens.word(at + 2) == "burden");
            plain(MarkerName::Signature(SignatureName::Tmb), end)
        }
        "hrd" if raw == "HRD" => plain(MarkerName::Signature(SignatureName::Hrd), at + 1),
        _ => None,
    }
}

/// `microsatellite stable`, `microsatellite instability-high`, `microsatellite status`.
fn microsatellites(tokens: &Tokens, at: usize) -> Option<Name> {
    let mut end = at + 1;
    let call = match tokens.word(end) {
        "-" if tokens.word(end + 1) == "stable" => {
            end += 1;
            Some(MarkerCall::Negative)
        }
        "stable" => Some(MarkerCall::Negative),
        "unstable" => Some(MarkerCall::Positive),
        "instability" => {
            let grade = end + 1 + usize::from(tokens.word(end + 1) == "-");
            match tokens.word(grade) {
                "high" => {
                    end = grade;
                    Some(MarkerCall::Positive)
                }
                "low" => {
                    end = grade;
                    Some(MarkerCall::Low)
                }
                _ => None,
            }
        }
        "status" => None,
        _ => return None,
    };
    Some(Name { marker: Of::MMR, end: end + 1, call, doubtful: false })
}

/// `ER/PR negative`, `ER, PR and HER2 negative`: the result behind the list.
fn listed(tokens: &Tokens, at: usize, depth: u8) -> Result {
    let mut next = at;
    while matches!(tokens.word(next), "/" | "," | "and" | "&") && next < at + 2 {
        next += 1;
    }
    if next == at || depth == 0 {
        return Result::default();
    }
    let Some(name) = name(tokens, next).filter(|name| name.call.is_none()) else { return Result::default() };
    let own = result(tokens, name.end, &name.marker);
    // Only a plain call is said of a whole list; a score belongs to its neighbour.
    match own.is_empty() {
        true => listed(tokens, name.end, depth - 1),
        false if own.score.is_none() && own.value.is_none() && tokens.word(own.end - 1).len() > 1 => own,
        false => Result::default(),
    }
}

/// Words between a marker and its result.
const LINKS: [&str; 31] = [
    ":",
    "=",
    "is",
    "was",
    "are",
    "were",
    "status",
    "expression",
    "receptor",
    "(",
    "ihc",
    "by",
    "immunohistochemistry",
    "tps",
    "cps",
    "score",
    "of",
    "tumor",
    "tumour",
    "proportion",
    "combined",
    "protein",
    "immunostain",
    "index",
    "staining",
    "level",
    "with",
    "at",
    ",",
    "strongly",
    "weakly",
];

fn result(tokens: &Tokens, at: usize, marker: &MarkerName) -> Result {
    let mut next = at;
    let mut proportion: Option<&str> = None;
    while LINKS.contains(&tokens.word(next)) && next < at + 6 {
        if tokens.word(next) == "," && !matches!(tokens.word(next + 1), "tps" | "cps") {
            return Result::default();
        }
        if matches!(tokens.word(next), "tps" | "cps") {
            proportion = Some(if tokens.word(next) == "tps" { "TPS" } else { "CPS" });
        }
        next += 1;
    }
    let sign_or_hyphen = tokens.word(next) == "-" && is_call(tokens.word(next + 1));
    if sign_or_hyphen {
        next += 1;
    }
    if let Some((call, end)) = call(tokens, next, at, marker) {
        return Result { call: Some(call), end, ..Result::default() };
    }
    scored(tokens, next, marker).or_else(|| measured(tokens, next, marker, proportion)).unwrap_or_default()
}

fn is_call(word: &str) -> bool {
    matches!(
        word,
        "positive"
            | "pos"
            | "negative"
            | "neg"
            | "low"
            | "high"
            | "equivocal"
            | "overexpressed"
            | "overexpression"
            | "overexpressing"
            | "deficient"
            | "proficient"
            | "intact"
            | "stable"
            | "unstable"
    )
}

fn call(tokens: &Tokens, at: usize, start: usize, marker: &MarkerName) -> Option<(MarkerCall, usize)> {
    let signature = matches!(marker, MarkerName::Signature(_) | MarkerName::PdL1);
    let mmr = *marker == Of::MMR;
    let call = match tokens.word(at) {
        "+" => MarkerCall::Positive,
        // A minus stands at the name itself and before no word or number: `PR-/HER2-`.
        "-" | "–" | "−" | "‑"
            if at == start && (tokens.glued(at) || sign_ends(tokens, at)) && !tokens.glued_word(at + 1) =>
        {
            MarkerCall::Negative
        }
        "positive" | "pos" if tokens.word(at + 1) != "for" => MarkerCall::Positive,
        "negative" | "neg" if tokens.word(at + 1) != "for" => MarkerCall::Negative,
        "not" if matches!(tokens.word(at + 1), "overexpressed" | "expressed") => {
            return Some((MarkerCall::Negative, at + 2));
        }
        "overexpressed" | "overexpression" | "overexpressing" => MarkerCall::Positive,
        "low" if *marker != MarkerName::Ki67 => MarkerCall::Low,
        "high" if signature => MarkerCall::Positive,
        "equivocal" => MarkerCall::Equivocal,
        "deficient" | "deficiency" | "unstable" | "lost" if mmr => MarkerCall::Positive,
        "proficient" | "intact" | "stable" | "retained" if mmr => MarkerCall::Negative,
        _ => return None,
    };
    Some((call, at + 1))
}

fn sign_ends(tokens: &Tokens, at: usize) -> bool {
    matches!(tokens.word(at + 1), "" | "," | "." | ";" | ")" | "/")
}

/// `3+`, `IHC 2+`, and for HER2 a bare `0`.
fn scored(tokens: &Tokens, at: usize, marker: &MarkerName) -> Option<Result> {
    let number = tokens.number(at).filter(|number| *number <= 3.0 && number.fract() == 0.0)?;
    let plus = tokens.word(at + 1) == "+" && tokens.glued(at + 1);
    let bare = *marker == MarkerName::Her2 && (number == 0.0 || plus) && tokens.word(at + 1) != "%";
    (plus || bare).then(|| Result {
        score: Some(format!("{}{}", tokens.raw(at), if plus { "+" } else { "" })),
        end: at + 1 + usize::from(plus),
        ..Result::default()
    })
}

/// `60 %`, `TPS 60%`, `<1%`, `12 mut/Mb`.
fn measured(tokens: &Tokens, at: usize, marker: &MarkerName, proportion: Option<&str>) -> Option<Result> {
    let (comparator, at) = comparator(tokens, at);
    let value = tokens.number(at)?;
    let (unit, end) = match tokens.word(at + 1) {
        "%" => ("%".to_owned(), at + 2),
        "percent" => ("percent".to_owned(), at + 2),
        "mut" | "muts" | "mutations" | "m" if tokens.word(at + 2) == "/" => {
            let (first, last) = (tokens.list.get(at + 1)?, tokens.list.get(at + 3)?);
            (tokens.text.get(first.start..last.end)?.to_owned(), at + 4)
        }
        _ => (String::new(), at + 1),
    };
    let signature = matches!(marker, MarkerName::Signature(SignatureName::Tmb | SignatureName::Hrd));
    if unit.is_empty() && proportion.is_none() && !signature {
        return None;
    }
    let value = Quantity { value, text: tokens.raw(at).to_owned(), comparator, unit };
    // The words of the score: `TPS60%` is what stands there without its blanks.
    let score = proportion
        .map(|kind| format!("{kind} {}{}", value.text, value.unit))
        .filter(|_| tokens.list.get(at).is_some());
    Some(Result { call: None, score, value: Some(value), end })
}

/// `<`, `>=`, `≥` before a number, and the token behind.
pub(super) fn comparator(tokens: &Tokens, at: usize) -> (Option<String>, usize) {
    match (tokens.word(at), tokens.word(at + 1)) {
        ("<" | ">", "=") => (Some(format!("{}=", tokens.word(at))), at + 2),
        ("<" | ">", _) => (Some(tokens.word(at).to_owned()), at + 1),
        ("≥", _) => (Some(">=".into()), at + 1),
        ("≤", _) => (Some("<=".into()), at + 1),
        ("~", _) => (None, at + 1),
        _ => (None, at),
    }
}

impl Tokens<'_> {
    /// A word or number is glued to the token before.
    fn glued_word(&self, at: usize) -> bool {
        self.glued(at) && self.list.get(at).is_some_and(|token| token.kind != Kind::Sign)
    }
}

/// Does some text name a marker?
pub(crate) fn names_a_marker(words: &str) -> bool {
    let tokens = Tokens::new(words, 0, words.len());
    (0..tokens.len()).any(|at| name(&tokens, at).is_some())
}
