//! Which changes does a text name, and of which gene?
//!
//! The grammar of [`crate::hgvs`] over words, and the phrases reports use for what HGVS does not name: exon changes,
//! amplification, fusion. A change belongs to a gene of its own sentence or to none.

use super::atoms::{Joint, atoms};
use super::sentence::sentences;
use super::{Kind, Lexicon, Mention, Writing};
use crate::hgvs::{CodingChange, ProteinChange, stated_gene};
use std::ops::Range;

/// What kind of change a mention names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VariantKind {
    /// `V600E`
    Protein,
    /// `V600`: any change at this residue
    Codon,
    /// `c.1799T>A`
    Coding,
    /// `exon 19 deletion`
    Exon,
    /// `amplification`
    Amplification,
    /// `EML4::ALK`
    Fusion,
    /// `ALK fusion`, `ALK rearrangement`: no partner named
    Rearrangement,
}

/// A change named in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantMention {
    /// Bytes of the text, on character boundaries.
    pub span: Range<usize>,
    /// What kind.
    pub kind: VariantKind,
    /// Normal form without the gene: `V600E`, `exon 19 deletion`, `amplification`; of a fusion the whole `EML4::ALK`.
    pub change: String,
    /// Symbols of its genes: two of a fusion, all of a family (`NTRK fusion`), none when its sentence names no gene it
    /// could be of.
    pub genes: Vec<String>,
}

impl VariantMention {
    /// `BRAF V600E`, `ERBB2 amplification`, `EML4::ALK`; one for each gene of a family, none without a gene.
    pub fn names(&self) -> Vec<String> {
        match self.kind {
            VariantKind::Fusion => vec![self.change.clone()],
            _ => self.genes.iter().map(|gene| format!("{gene} {}", self.change)).collect(),
        }
    }
}

/// Everything found in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading<'l> {
    /// Names, in order.
    pub mentions: Vec<Mention<'l>>,
    /// Changes, in order.
    pub variants: Vec<VariantMention>,
}

/// A change before its gene is known.
struct Change {
    span: Range<usize>,
    kind: VariantKind,
    change: String,
    /// The text itself names the gene: `BRAF:p.V600E`, `BRAFV600E`.
    gene: Option<Vec<String>>,
    /// Could be something else (`S6K`, `T47D`, `V600`): counts only directly behind a gene.
    weak: bool,
}

/// A sentence and the genes in it.
struct Sentence<'t> {
    text: &'t str,
    range: Range<usize>,
    genes: Vec<GeneAt>,
}

/// Where a gene stands, and which it may be: several for a family or a shared alias.
#[derive(Clone)]
struct GeneAt {
    span: Range<usize>,
    symbols: Vec<String>,
}

impl Lexicon {
    /// The names and the changes in a text.
    pub fn read(&self, text: &str, writing: Writing) -> Reading<'_> {
        let mentions = self.find(text, writing);
        let mut variants = vec![];
        let mut rest = mentions.as_slice();
        for range in sentences(text) {
            let (own, others) = rest.split_at(rest.partition_point(|m| m.span.start < range.end));
            rest = others;
            let sentence = Sentence::new(text, range, own);
            let mut found = sentence.fusions();
            let fused: Vec<Range<usize>> = found.iter().map(|fusion| fusion.span.clone()).collect();
            let changes =
                self.changes(&sentence, own, writing).into_iter().chain(sentence.phrases(self, &fused));
            found.extend(changes.filter_map(|change| self.with_gene(&sentence, change)));
            found.sort_by_key(|change| (change.span.start, change.span.end, change.kind));
            variants.extend(found);
        }
        Reading { mentions, variants }
    }

    /// Changes written as one word.
    fn changes(&self, sentence: &Sentence, mentions: &[Mention], writing: Writing) -> Vec<Change> {
        let mut found = vec![];
        let named = |span: &Range<usize>| {
            mentions.iter().any(|m| m.span.start <= span.start && span.end <= m.span.end && !m.nested)
        };
        let own = &sentence.text[sentence.range.clone()];
        if !own.bytes().any(|b| b.is_ascii_digit()) {
            return found;
        }
        for (at, word) in words(own) {
            if word.len() <= LONGEST && could_be_a_change(word) {
                let start = sentence.range.start + at;
                found.extend(
                    self.word(word, start, writing).into_iter().filter(|change| !named(&change.span)),
                );
            }
        }
        found
    }

    fn word(&self, word: &str, start: usize, writing: Writing) -> Vec<Change> {
        if let Ok(coding) = CodingChange::parse(word) {
            let change = format!("c.{}", coding.change);
            let gene = stated_gene(word).and_then(|name| self.gene_named(name)).map(|gene| vec![gene]);
            let span = start..start + word.len();
            return vec![Change { span, kind: VariantKind::Coding, change, gene, weak: false }];
        }
        let mut found: Vec<Change> = vec![];
        let mut last_place: Option<String> = None;
        for (at, piece) in pieces(word, |c| matches!(c, '/' | ',' | ';' | '+' | '&' | '|')) {
            let listed =
                last_place.as_ref().filter(|_| piece.len() == 1).map(|place| format!("{place}{piece}"));
            let text = listed.as_deref().unwrap_or(piece);
            for mut change in self.piece(text, start + at, writing) {
                if listed.is_some() {
                    change.span = start + at..start + at + piece.len();
                }
                if change.kind == VariantKind::Protein {
                    let place = change.change.trim_end_matches(|c: char| !c.is_ascii_digit());
                    last_place = Some(place.to_owned());
                }
                found.push(change);
            }
        }
        found
    }

    /// `V600E`, `E746-A750del`, `V600E-mutant`, `BRAF-V600E`, `BRAFV600E`, `V600`.
    fn piece(&self, piece: &str, start: usize, writing: Writing) -> Vec<Change> {
        let whole = start..start + piece.len();
        if let Some(change) = self.protein(piece, whole.clone(), writing) {
            return vec![change];
        }
        let lower = piece.to_ascii_lowercase();
        if ["del", "ins", "dup"].iter().any(|keyword| lower.contains(keyword)) {
            let range: String = piece.chars().map(|c| if is_hyphen(c) { '_' } else { c }).collect();
            let change = self.protein(&range, whole.clone(), writing).filter(|_| range.contains('_'));
            if let Some(change) = change {
                return vec![Change { span: whole, ..change }];
            }
        }
        pieces(piece, is_hyphen)
            .into_iter()
            .filter_map(|(at, part)| {
                let span = start + at..start + at + part.len();
                self.protein(part, span.clone(), writing)
                    .or_else(|| self.glued(part, span.start))
                    .or_else(|| codon(part, span, writing))
            })
            .collect()
    }

    fn protein(&self, text: &str, span: Range<usize>, writing: Writing) -> Option<Change> {
        let text = text.trim_end_matches(['.', ':']);
        let change = ProteinChange::parse(text).ok()?;
        let (before, bare) = text.rsplit_once("p.").or(text.rsplit_once(':')).unwrap_or(("", text));
        let stated = text.contains("p.");
        let gene = before.trim_end_matches(':');
        let weak = !stated && doubtful(&change, bare, writing)?;
        let gene = Some(gene).filter(|gene| !gene.is_empty()).and_then(|gene| self.gene_named(gene));
        let gene = gene.map(|gene| vec![gene]);
        let span = span.start..span.start + text.len().min(span.len());
        Some(Change { span, kind: VariantKind::Protein, change: change.to_string(), gene, weak })
    }

    /// `BRAFV600E`: a gene and a change in one word.
    fn glued(&self, word: &str, start: usize) -> Option<Change> {
        if !word.is_ascii() {
            return None;
        }
        (2..word.len().saturating_sub(3)).rev().find_map(|at| {
            let (gene, change) = word.split_at(at);
            let span = start + at..start + word.len();
            let change = self.protein(change, span, Writing::Prose).filter(|change| !change.weak)?;
            Some(Change { gene: Some(vec![self.gene_named(gene)?]), ..change })
        })
    }

    /// The symbol of a gene whose name this is, when it is the name of one.
    fn gene_named(&self, name: &str) -> Option<String> {
        match self.named(name, Kind::Gene).as_slice() {
            [gene] => Some(gene.id.to_string()),
            _ => None,
        }
    }

    /// Gives a change its gene: the one the text states, the one the change is known of, the one before, the one after.
    fn with_gene(&self, sentence: &Sentence, found: Change) -> Option<VariantMention> {
        let Change { span, kind, change, gene, weak } = found;
        let knows = |symbol: &str| self.knows(&format!("{symbol} {change}"));
        let genes = match gene {
            Some(gene) => gene,
            None if weak => sentence.directly_before(&span)?,
            None => {
                let known = sentence.genes.iter().filter_map(|gene| {
                    let symbols: Vec<String> = gene.symbols.iter().filter(|s| knows(s)).cloned().collect();
                    (!symbols.is_empty()).then(|| GeneAt { span: gene.span.clone(), symbols })
                });
                let known: Vec<GeneAt> = known.collect();
                let among = if known.is_empty() { &sentence.genes } else { &known };
                sentence.nearest(among, &span)
            }
        };
        // `T1799A`, `C1653T`: with such a number rather a base than an amino acid, unless it is known.
        if kind == VariantKind::Protein && like_bases(&change) && !genes.iter().any(|symbol| knows(symbol)) {
            return None;
        }
        Some(VariantMention { span, kind, change, genes })
    }
}

/// A substitution of one of A, C, G, T by another at a place of four digits or more.
fn like_bases(change: &str) -> bool {
    let base = |byte: Option<&u8>| byte.is_some_and(|b| b"ACGT".contains(b));
    let bytes = change.as_bytes();
    base(bytes.first())
        && base(bytes.last())
        && 6 <= bytes.len()
        && bytes[1..bytes.len() - 1].iter().all(u8::is_ascii_digit)
}

/// A number right behind a letter or stop, or a prefix: without either the grammar need not be asked.
fn could_be_a_change(word: &str) -> bool {
    let place = |pair: &[u8]| (pair[0].is_ascii_alphabetic() || pair[0] == b'*') && pair[1].is_ascii_digit();
    let prefix = |pair: &[u8]| pair == b"c." || pair == b"p.";
    word.as_bytes().windows(2).any(|pair| place(pair) || prefix(pair))
}

/// Longest word that is read as a change, in bytes: longer ones are sequences or noise.
const LONGEST: usize = 80;

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Words between blanks and brackets, without the signs around them. `p.(Val600Glu)` is one word.
fn words(text: &str) -> Vec<(usize, &str)> {
    let around = |c: char| "()[]{}\"'“”‘’.,;:!?".contains(c);
    pieces(text, char::is_whitespace)
        .into_iter()
        .map(|(at, word)| {
            let start = word.len() - word.trim_start_matches(around).len();
            let inner = word[start..].trim_end_matches(around);
            let open = inner.matches('(').count().saturating_sub(inner.matches(')').count());
            let closing = word[start + inner.len()..].bytes().take(open).take_while(|b| *b == b')').count();
            (at + start, &word[start..start + inner.len() + closing])
        })
        .collect()
}

fn pieces(text: &str, separator: impl Fn(char) -> bool) -> Vec<(usize, &str)> {
    let mut at = 0;
    let mut found = vec![];
    for piece in text.split(&separator) {
        if !piece.is_empty() {
            found.push((at, piece));
        }
        at += piece.len() + text[at + piece.len()..].chars().next().map_or(0, char::len_utf8);
    }
    found
}

/// `None`: surely no change. `true`: could well be something else.
fn doubtful(change: &ProteinChange, text: &str, writing: Writing) -> Option<bool> {
    let ordinary = |letter: char| "ACDEFGHIKLMNPQRSTVWY*".contains(letter);
    let letters = match change {
        ProteinChange::Missense { reference, alternate, .. } => ordinary(*reference) && ordinary(*alternate),
        ProteinChange::Nonsense { reference, .. } | ProteinChange::Frameshift { reference, .. } => {
            ordinary(*reference)
        }
        ProteinChange::Deletion { first, .. }
        | ProteinChange::Duplication { first, .. }
        | ProteinChange::Insertion { after: first, .. } => ordinary(first.0),
        ProteinChange::StopLost { .. } => true,
        // `M1?` is also a stage nobody is sure of, `=` an equals sign.
        ProteinChange::StartLost | ProteinChange::Synonymous { .. } => false,
    };
    let bytes = text.as_bytes();
    let one_letter = bytes.get(1).is_some_and(u8::is_ascii_digit);
    let capital = !bytes.first().is_some_and(u8::is_ascii_lowercase)
        && (!matches!(change, ProteinChange::Missense { .. })
            || !bytes.last().is_some_and(u8::is_ascii_lowercase));
    if !letters || one_letter && writing == Writing::Prose && !capital {
        return None;
    }
    let low = change.residues().is_none_or(|(first, _)| first < 10);
    Some(one_letter && (low || CELL_LINES.iter().any(|name| text.eq_ignore_ascii_case(name))))
}

/// Cell lines that read as a substitution.
const CELL_LINES: [&str; 2] = ["A375P", "T47D"];

/// `V600`, two to four digits, directly behind a gene.
fn codon(text: &str, span: Range<usize>, writing: Writing) -> Option<Change> {
    let (letter, digits) = text.split_at_checked(1)?;
    let upper = letter.to_ascii_uppercase();
    let letter_fits =
        "ACDEFGHIKLMNPQRSTVWY".contains(&upper) && (upper == letter || writing == Writing::Query);
    let digits_fit = (2..=4).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|b| b.is_ascii_digit());
    (letter_fits && digits_fit).then(|| Change {
        span,
        kind: VariantKind::Codon,
        change: format!("{upper}{digits}"),
        gene: None,
        weak: true,
    })
}

/// Words behind a joint that make it a pathway and no fusion.
const PATHWAY: [&str; 9] =
    ["pathway", "signal", "axis", "cascade", "inhibit", "interact", "mediated", "depend", "complex"];
/// Words that make two genes at a slash a fusion.
const FUSED: [&str; 5] = ["fusion", "fused", "rearrang", "translocat", "transcript"];
/// How far a word may stand from the gene it speaks of, in bytes.
const NEAR: usize = 28;

impl<'t> Sentence<'t> {
    fn new(text: &'t str, range: Range<usize>, mentions: &[Mention]) -> Sentence<'t> {
        let gene = |mention: &Mention| {
            let symbols: Vec<String> = match mention.likely() {
                Some(entry) if entry.kind == Kind::Gene => vec![entry.id.to_string()],
                Some(_) => vec![],
                None => {
                    mention.preferred().filter(|e| e.kind == Kind::Gene).map(|e| e.id.to_string()).collect()
                }
            };
            (!symbols.is_empty()).then(|| GeneAt { span: mention.span.clone(), symbols })
        };
        let genes = mentions.iter().filter_map(gene).collect();
        Sentence { text, range, genes }
    }

    /// The last gene before; without one, the first after when it is close: `V600E mutation in BRAF`, not `T790M and
    /// HER2`. A shared name gives a change to nobody.
    fn nearest(&self, genes: &[GeneAt], span: &Range<usize>) -> Vec<String> {
        let before = genes.iter().rev().find(|gene| gene.span.start <= span.start);
        let after = || {
            let gene = genes.iter().find(|gene| span.end <= gene.span.start)?;
            let between = self.text.get(span.end..gene.span.start)?;
            let apart =
                between.contains([',', ';', ':']) || [" and ", " or "].iter().any(|w| between.contains(w));
            (between.len() <= NEAR && !apart).then_some(gene)
        };
        match before.or_else(after).map(|gene| gene.symbols.as_slice()) {
            Some([only]) => vec![only.clone()],
            _ => vec![],
        }
    }

    /// The gene whose name ends just before, with nothing but one separator or ` p.` between.
    fn directly_before(&self, span: &Range<usize>) -> Option<Vec<String>> {
        let gene = self.genes.iter().rev().find(|gene| gene.span.end <= span.start)?;
        let between = self.text.get(gene.span.end..span.start)?;
        let joined =
            between.chars().count() <= 2 && between.chars().all(|c| " -:(/".contains(c) || is_hyphen(c));
        joined.then(|| gene.symbols.clone())
    }

    /// Two genes at one joint. Three in a row are a pathway.
    fn fusions(&self) -> Vec<VariantMention> {
        let joints: Vec<&str> = self
            .genes
            .windows(2)
            .map(|pair| self.text.get(pair[0].span.end..pair[1].span.start).unwrap_or(" "))
            .collect();
        let hyphen = |at: usize| joints.get(at).is_some_and(|joint| single(joint, is_hyphen));
        let mut found = vec![];
        for (at, pair) in self.genes.windows(2).enumerate() {
            let [five_at, three_at] = pair else { continue };
            let ([five], [three]) = (five_at.symbols.as_slice(), three_at.symbols.as_slice()) else {
                continue;
            };
            let after = self.after(three_at.span.end);
            let alone = !hyphen(at + 1) && (at == 0 || !hyphen(at - 1));
            let fused = match joints[at] {
                "::" => true,
                joint if single(joint, is_hyphen) => {
                    alone && !PATHWAY.iter().any(|word| after.contains(word))
                }
                "/" => FUSED.iter().any(|word| after.contains(word)),
                _ => false,
            };
            if fused && five != three {
                found.push(VariantMention {
                    span: five_at.span.start..three_at.span.end,
                    kind: VariantKind::Fusion,
                    change: format!("{five}::{three}"),
                    genes: vec![five.clone(), three.clone()],
                });
            }
        }
        found
    }

    /// The next bytes of the sentence, lower case.
    fn after(&self, at: usize) -> String {
        let mut end = (at + NEAR).min(self.range.end);
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        self.text.get(at..end).unwrap_or("").to_ascii_lowercase()
    }

    /// Exon changes, amplifications, fusions without a partner.
    fn phrases(&self, lexicon: &Lexicon, fused: &[Range<usize>]) -> Vec<Change> {
        let own = &self.text[self.range.clone()];
        let lower = own.to_ascii_lowercase();
        let mut found = vec![];
        let digits = own.bytes().any(|b| b.is_ascii_digit());
        if digits && (lower.contains("exon") || digit_joins(&lower)) {
            found.extend(exons(own, &lower, self.range.start, |name| lexicon.gene_named(name)));
        }
        let words = [
            ("amplif", VariantKind::Amplification, "amplification"),
            ("fusion", VariantKind::Rearrangement, "fusion"),
            ("rearrang", VariantKind::Rearrangement, "rearrangement"),
        ];
        for (word, kind, change) in words {
            for (at, _) in lower.match_indices(word) {
                let starts = at == 0 || !lower.as_bytes()[at - 1].is_ascii_alphanumeric();
                let at = self.range.start + at;
                let Some(gene) = self.spoken_of(at).filter(|_| starts) else { continue };
                if fused.iter().any(|fusion| fusion.start <= gene.span.start && gene.span.end <= fusion.end) {
                    continue;
                }
                let end =
                    self.text[at..].find(|c: char| !c.is_alphanumeric()).map_or(self.range.end, |n| at + n);
                let change = change.to_owned();
                found.push(Change { span: at..end, kind, change, gene: Some(gene.symbols), weak: false });
            }
        }
        found
    }

    /// `MET amplification`, `MET gene amplification`, `amplification of MET`.
    fn spoken_of(&self, at: usize) -> Option<GeneAt> {
        let near = |from: usize, to: usize| {
            let between = self.text.get(from..to)?;
            (between.len() <= NEAR && !between.contains([',', ';', '.', ':']))
                .then(|| between.to_ascii_lowercase())
        };
        let close = |gene: &&GeneAt| {
            near(gene.span.end, at)
                .is_some_and(|between| !between.contains(" and ") && between.split_whitespace().count() < 3)
        };
        let before = self.genes.iter().rev().find(|gene| gene.span.end <= at).filter(close);
        let after = || {
            let word_end = self.text[at..].find(|c: char| !c.is_alphanumeric()).map(|n| at + n)?;
            let gene = self.genes.iter().find(|gene| word_end <= gene.span.start)?;
            let between = near(word_end, gene.span.start)?;
            [" of ", " in ", " of the "].contains(&between.as_str()).then_some(gene)
        };
        before.or_else(after).cloned()
    }
}

fn single(joint: &str, is: impl Fn(char) -> bool) -> bool {
    let mut letters = joint.chars();
    matches!((letters.next(), letters.next()), (Some(c), None) if is(c))
}

/// Is there `ex19`, `del19`, `19del`, `20ins`?
fn digit_joins(lower: &str) -> bool {
    let bytes = lower.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    ["ex", "del", "ins"].iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| digit(Some(at + word.len())) || digit(at.checked_sub(1)))
    })
}

/// `exon 19 deletion`, `ex19del`, `deletions in exon 19`, `METex14 skipping`, `del19`.
fn exons(text: &str, lower: &str, start: usize, gene_named: impl Fn(&str) -> Option<String>) -> Vec<Change> {
    let atoms = atoms(text);
    let word = |at: usize| atoms.get(at).map_or("", |atom| &lower[atom.start..atom.end]);
    let joined = |at: usize| atoms.get(at).is_some_and(|atom| atom.before != Joint::Break);
    let glued = |at: usize| atoms.get(at).is_some_and(|atom| atom.before == Joint::Glued);
    let number =
        |at: usize| word(at).parse::<u32>().ok().filter(|n| (1..100).contains(n)).map(|n| n.to_string());
    let mut found = vec![];
    let mut push = |first: usize, last: usize, number: String, kind: &str| {
        let span = start + atoms[first].start..start + atoms[last].end;
        let change = format!("exon {number} {kind}");
        let glued =
            text[atoms[first].start..atoms[first].end].strip_suffix("ex").filter(|gene| !gene.is_empty());
        found.push(Change {
            span,
            kind: VariantKind::Exon,
            change,
            gene: glued.and_then(&gene_named).map(|gene| vec![gene]),
            weak: false,
        });
    };
    for at in 0..atoms.len() {
        let named = matches!(word(at), "exon" | "exons") || word(at).ends_with("ex") && glued(at + 1);
        if let Some(exon) = number(at + 1).filter(|_| named && joined(at + 1)) {
            let behind = (at + 2..at + 6)
                .take_while(|next| joined(*next))
                .find_map(|next| Some((next, exon_kind(word(next))?)));
            let before = || {
                let preposition = matches!(word(at.checked_sub(1)?), "in" | "of" | "at" | "on" | "within");
                let from = at.saturating_sub(3);
                (from..at - 1)
                    .rev()
                    .filter(|_| preposition)
                    .find_map(|kind| Some((kind, exon_kind(word(kind))?)))
            };
            if let Some((last, kind)) = behind {
                push(at, last, exon, kind);
            } else if let Some((first, kind)) = before() {
                push(first, at + 1, exon, kind);
            }
        } else if let (Some("19"), true, "del") | (Some("20"), true, "ins") =
            (number(at + 1).as_deref(), glued(at + 1), word(at))
        {
            push(at, at + 1, word(at + 1).to_owned(), exon_kind(word(at)).unwrap_or("mutation"));
        }
    }
    found
}

fn exon_kind(word: &str) -> Option<&'static str> {
    let kinds = [
        ("del", "deletion"),
        ("ins", "insertion"),
        ("skip", "skipping"),
        ("dup", "duplication"),
        ("mutat", "mutation"),
        ("alter", "mutation"),
    ];
    kinds.iter().find(|(start, _)| word.starts_with(start)).map(|(_, kind)| *kind)
}
