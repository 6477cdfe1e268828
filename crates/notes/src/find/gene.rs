//! Which changes of which genes, and which genes were found unchanged?

use crate::Reader;
use crate::accept::Proposed;
use crate::mention::{Assertion, Finding};
use crate::text::Note;
use crate::token::Tokens;
use concilium_terms::GeneSymbol;
use concilium_terms::lexicon::{Kind, Reading, VariantKind, VariantMention, Writing};
use std::collections::BTreeSet;
use std::ops::Range;

pub(super) fn find(reader: &Reader, note: &Note, names: &Reading) -> Vec<Proposed> {
    let genes = genes(names);
    let all: BTreeSet<&str> = genes.iter().flat_map(|gene| gene.symbols.iter().map(String::as_str)).collect();
    let mut found: Vec<Proposed> =
        names.variants.iter().filter_map(|variant| named(reader, note, variant, &all)).collect();
    for sentence in &note.sentences {
        let from = genes.partition_point(|gene| gene.span.start < sentence.start);
        let to = genes.partition_point(|gene| gene.span.start < sentence.end);
        if from < to {
            let tokens = Tokens::new(note.text, sentence.start, sentence.end);
            found.extend(states(note, &tokens, &genes[from..to]));
        }
    }
    found
}

struct GeneAt {
    span: Range<usize>,
    symbols: Vec<String>,
}

fn genes(names: &Reading) -> Vec<GeneAt> {
    let gene = |mention: &concilium_terms::lexicon::Mention| {
        let symbols: Vec<String> = mention
            .preferred()
            .filter(|entry| entry.kind == Kind::Gene)
            .map(|entry| entry.id.to_string())
            .collect();
        (!symbols.is_empty()).then(|| GeneAt { span: mention.span.clone(), symbols })
    };
    let mut found: Vec<GeneAt> = names.mentions.iter().filter_map(gene).collect();
    found.sort_by_key(|gene| (gene.span.start, gene.span.end));
    found
}

/// A change by its name. One whose sentence names no gene goes to the one of the note it is known of.
fn named(reader: &Reader, note: &Note, variant: &VariantMention, genes: &BTreeSet<&str>) -> Option<Proposed> {
    let mut own: Vec<GeneSymbol> = variant.genes.iter().map(GeneSymbol::new).collect();
    if own.is_empty() {
        let knows = |gene: &&&str| reader.names.knows(&format!("{gene} {}", variant.change));
        let known: Vec<&&str> = genes.iter().filter(knows).collect();
        if let [only] = known.as_slice() {
            own.push(GeneSymbol::new(only));
        }
    }
    // `T10`, `L1`: a place alone is a vertebra, and a change nobody knows of no gene is often a lot number.
    let weak = own.is_empty() && variant.kind != VariantKind::Protein;
    let words = note.text.get(variant.span.clone())?;
    let lower = note.text.get(..variant.span.start)?.trim_end().to_lowercase();
    let before = lower.rsplit(char::is_whitespace).next().unwrap_or("");
    let denied = variant.kind == VariantKind::Amplification
        && (matches!(before, "not" | "non" | "without") || before.ends_with("non-"));
    let finding = Finding::Alteration { genes: own, change: variant.change.clone(), uncertain: false };
    let assertion = denied.then_some(Assertion::Absent);
    (!weak).then(|| Proposed {
        start: variant.span.start,
        end: variant.span.end,
        words: words.to_owned(),
        finding,
        assertion,
    })
}

/// `EGFR wild-type`, `KRAS mutation`, `ALK and ROS1 negative`, `ATM variant of uncertain significance`.
fn states(note: &Note, tokens: &Tokens, genes: &[GeneAt]) -> Vec<Proposed> {
    let mut found = vec![];
    for (at, gene) in genes.iter().enumerate() {
        let behind = tokens.at_or_after(gene.span.end);
        let own = state(tokens, behind).map(|state| (state, true));
        let Some((state, whole)) = own.or_else(|| listed(tokens, &genes[at..]).map(|state| (state, false)))
        else {
            continue;
        };
        let symbols: Vec<&str> = gene.symbols.iter().map(String::as_str).collect();
        let Some((change, assertion)) = meaning(&symbols, &state) else { continue };
        let end = if whole { tokens.list[state.end - 1].end } else { gene.span.end };
        let Some(words) = note.text.get(gene.span.start..end) else { continue };
        let finding = Finding::Alteration {
            genes: symbols.iter().map(GeneSymbol::new).collect(),
            change: change.to_owned(),
            uncertain: state.what == What::Uncertain,
        };
        found.push(Proposed { start: gene.span.start, end, words: words.to_owned(), finding, assertion });
    }
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    WildType,
    Mutated,
    NotMutated,
    Positive,
    Negative,
    Uncertain,
}

struct State {
    what: What,
    end: usize,
}

fn state(tokens: &Tokens, at: usize) -> Option<State> {
    let mut next = at;
    while matches!(
        tokens.word(next),
        "-" | "‑" | "–" | "(" | ":" | "is" | "was" | "gene" | "status" | "were" | "both" | "=" | "a"
    ) && next < at + 3
    {
        next += 1;
    }
    let word = tokens.word(next);
    let second = tokens.word(next + 1 + usize::from(tokens.word(next + 1) == "-"));
    let far = next + 2 + usize::from(tokens.word(next + 1) == "-");
    match word {
        "wild" if second == "type" => Some(State { what: What::WildType, end: far }),
        "wildtype" => Some(State { what: What::WildType, end: next + 1 }),
        "wt" if tokens.raw(next) == "WT" || tokens.raw(next) == "wt" => {
            Some(State { what: What::WildType, end: next + 1 })
        }
        "mutation" | "mutations" | "mutant" | "mutated" | "mut" => Some(mutated(tokens, next)),
        "variant" | "variants"
            if tokens.word(next + 1) == "of" && matches!(tokens.word(next + 2), "uncertain" | "unknown") =>
        {
            Some(State {
                what: What::Uncertain,
                end: next + 3 + usize::from(tokens.word(next + 3) == "significance"),
            })
        }
        "vus" => Some(State { what: What::Uncertain, end: next + 1 }),
        "positive" | "pos" | "rearranged" | "+" => Some(State { what: What::Positive, end: next + 1 }),
        "negative" | "neg" if tokens.word(next + 1) != "for" => {
            Some(State { what: What::Negative, end: next + 1 })
        }
        "not" if matches!(tokens.word(next + 1), "rearranged" | "mutated") => {
            let what = if tokens.word(next + 1) == "mutated" { What::NotMutated } else { What::Negative };
            Some(State { what, end: next + 2 })
        }
        _ => None,
    }
}

/// `EGFR mutation negative`, `KRAS mutation: not detected`.
fn mutated(tokens: &Tokens, at: usize) -> State {
    let mut next = at + 1;
    while matches!(tokens.word(next), "-" | ":" | "status" | "is" | "was" | "testing" | "analysis" | "test")
        && next < at + 3
    {
        next += 1;
    }
    let not = tokens.word(next) == "not"
        && matches!(tokens.word(next + 1), "detected" | "found" | "identified" | "present");
    match tokens.word(next) {
        "negative" | "neg" | "absent" => State { what: What::NotMutated, end: next + 1 },
        "not" if not => State { what: What::NotMutated, end: next + 2 },
        _ => State { what: What::Mutated, end: at + 1 },
    }
}

/// The state behind a list of genes: `EGFR, ALK and ROS1 negative`.
fn listed(tokens: &Tokens, genes: &[GeneAt]) -> Option<State> {
    for pair in genes.windows(2) {
        let between = tokens.at_or_after(pair[0].span.end)..tokens.at_or_after(pair[1].span.start);
        let joined = !between.is_empty()
            && between.len() <= 2
            && between.into_iter().all(|at| matches!(tokens.word(at), "/" | "," | "and" | "&" | "or"));
        if !joined {
            return None;
        }
        if let Some(state) = state(tokens, tokens.at_or_after(pair[1].span.end)) {
            return Some(state);
        }
    }
    None
}

/// Genes of which "positive" and "negative" speak of a rearrangement, and those of which they speak of a mutation.
/// Of any other gene they may speak of a protein.
const REARRANGED: [&str; 6] = ["ALK", "ROS1", "RET", "NTRK1", "NTRK2", "NTRK3"];
const MUTATED: [&str; 7] = ["KRAS", "NRAS", "BRAF", "BRCA1", "BRCA2", "IDH1", "IDH2"];

fn meaning(symbols: &[&str], state: &State) -> Option<(&'static str, Option<Assertion>)> {
    let all = |of: &[&str]| symbols.iter().all(|symbol| of.contains(symbol));
    let absent = Some(Assertion::Absent);
    let negative_of_mutation = all(&MUTATED) || all(&["EGFR"]);
    match state.what {
        What::WildType | What::NotMutated => Some(("mutation", absent)),
        What::Mutated => Some(("mutation", None)),
        What::Uncertain => Some(("variant", None)),
        What::Positive if all(&REARRANGED) => Some(("fusion", None)),
        What::Negative if all(&REARRANGED) => Some(("fusion", absent)),
        What::Positive if all(&MUTATED) => Some(("mutation", None)),
        What::Negative if negative_of_mutation => Some(("mutation", absent)),
        What::Positive | What::Negative => None,
    }
}

impl Reader {
    /// Do the words name the change, or its gene?
    pub(crate) fn change_in(&self, genes: &[GeneSymbol], change: &str, words: &str) -> bool {
        let read = self.names.read(words, Writing::Prose);
        let same = |variant: &VariantMention| variant.change == change;
        let stated = ["mutation", "fusion", "variant"].contains(&change)
            && genes.iter().all(|gene| {
                read.mentions
                    .iter()
                    .flat_map(|mention| &mention.candidates)
                    .any(|entry| &*entry.id == gene.as_str())
                    || self.names.named(words, Kind::Gene).iter().any(|entry| &*entry.id == gene.as_str())
            });
        let spelled: String =
            words.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        let wanted: String =
            change.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        let root = wanted.get(..6).unwrap_or(&wanted);
        read.variants.iter().any(same)
            || stated
            || spelled.contains(&wanted)
            || spelled.contains(root)
            || exon_in(change, &spelled)
    }
}

/// `exon 19 deletion` stands in `ex19del`, `del19`, `deletion in exon 19`; `T790M` in `L858R/T790M` as its last letter.
fn exon_in(change: &str, spelled: &str) -> bool {
    let Some(rest) = change.strip_prefix("exon ") else {
        return change.len() <= 6 && spelled.len() == 1 && change.to_lowercase().ends_with(spelled);
    };
    let Some((number, kind)) = rest.split_once(' ') else { return false };
    let kind = kind.get(..3).unwrap_or(kind);
    spelled.contains(number) && (spelled.contains(kind) || kind == "mut" && spelled.contains("alter"))
}
