//! How is text cut so that every spelling of a name is the same row of pieces?
//!
//! An atom is a run of letters or a run of digits, lower case, without plural `s`, in American spelling; a Greek
//! letter is an atom of its own, spelled out. Hyphens, blanks and slashes only separate: `PD-L1`, `PD L1` and `PD/L1`
//! are `pd l 1`. Every other sign breaks, and a break is part of the row.

/// One piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Atom {
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What stands before it.
    pub before: Joint,
}

/// What stands between two atoms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Joint {
    /// Nothing: letters and digits of one word.
    Glued,
    /// Hyphen, slash, underscore, apostrophe.
    Hyphen,
    /// A blank among them.
    Blank,
    /// Any other sign, or the start of the text.
    Break,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    Greek,
    Hyphen,
    Blank,
    Other,
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' | 'A'..='Z' => Class::Letter,
        '0'..='9' => Class::Digit,
        ' ' | '\t' | '\n' | '\r' => Class::Blank,
        '-' | '/' | '_' | '\'' => Class::Hyphen,
        c if c.is_ascii() => Class::Other,
        // Hyphens and dashes, minus, right quotation mark as apostrophe; soft hyphen and the non-breaking hyphen.
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2019}' | '\u{ad}' => Class::Hyphen,
        c if greek(c).is_some() => Class::Greek,
        c if c.is_whitespace() => Class::Blank,
        c if c.is_alphabetic() => Class::Letter,
        // Combining marks stay with the letter before them; digits of other scripts and superscripts do not count.
        '\u{300}'..='\u{36f}' => Class::Letter,
        _ => Class::Other,
    }
}

/// Names of the Greek letters that stand in names of genes and drugs.
pub(super) fn greek(c: char) -> Option<&'static str> {
    Some(match c {
        'α' | 'Α' => "alpha",
        'β' | 'Β' => "beta",
        'γ' | 'Γ' => "gamma",
        'δ' | 'Δ' => "delta",
        'ε' | 'Ε' => "epsilon",
        'ζ' | 'Ζ' => "zeta",
        'η' | 'Η' => "eta",
        'θ' | 'Θ' => "theta",
        'ι' | 'Ι' => "iota",
        'κ' | 'Κ' => "kappa",
        'λ' | 'Λ' => "lambda",
        'μ' | 'Μ' | 'µ' => "mu",
        'σ' | 'Σ' | 'ς' => "sigma",
        'τ' | 'Τ' => "tau",
        'ψ' | 'Ψ' => "psi",
        'ω' | 'Ω' => "omega",
        _ => return None,
    })
}

/// The atoms of a text, in order.
pub(super) fn atoms(text: &str) -> Vec<Atom> {
    let mut found: Vec<Atom> = Vec::with_capacity(text.len() / 5);
    let mut before = Joint::Break;
    let mut open: Option<Class> = None;
    for (at, c) in text.char_indices() {
        let class = class(c);
        let end = at + c.len_utf8();
        match class {
            Class::Letter | Class::Digit if open == Some(class) => {
                if let Some(atom) = found.last_mut() {
                    atom.end = end;
                }
                continue;
            }
            Class::Letter | Class::Digit | Class::Greek => {
                found.push(Atom { start: at, end, before });
                before = Joint::Glued;
                open = Some(class);
                continue;
            }
            Class::Hyphen => before = before.max(Joint::Hyphen),
            Class::Blank => before = before.max(Joint::Blank),
            Class::Other => before = Joint::Break,
        }
        open = None;
    }
    found
}

/// Writes the normal form of an atom's text into `to`, which is cleared first.
pub(super) fn normal_form(text: &str, to: &mut String) {
    to.clear();
    if text.is_ascii() {
        to.push_str(text);
        to.make_ascii_lowercase();
    } else {
        for c in text.chars() {
            match greek(c) {
                Some(name) => to.push_str(name),
                None => to.extend(c.to_lowercase()),
            }
        }
    }
    if to.len() < 4 || to.as_bytes()[0].is_ascii_digit() {
        return;
    }
    if is_plural(text) {
        to.pop();
    }
    if 6 <= to.len() {
        american(to);
    }
}

/// `tumours`, `TKIs`; not `loss`, `virus`, `metastasis`.
fn is_plural(text: &str) -> bool {
    match text.as_bytes() {
        [.., before, b's'] if before.is_ascii_uppercase() => true,
        [.., before, b's' | b'S'] => 5 <= text.len() && !b"suiSUI".contains(before),
        _ => false,
    }
}

/// `tumour` → `tumor`, `leukaemia` → `leukemia`, `oesophagus` → `esophagus`. Both sides are folded alike, so a word
/// that is spelled with `ae` everywhere stays itself.
fn american(word: &mut String) {
    for (british, american) in [("ae", "e"), ("oe", "e"), ("umour", "umor")] {
        if word.contains(british) {
            *word = word.replace(british, american);
        }
    }
}
