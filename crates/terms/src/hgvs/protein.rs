//! Which protein change does a name describe?
//!
//! One pass: strip what surrounds the change (`NP_004324.2:p.(…)`), read the residue or range, then the change.
//! Letters are read without regard to case; the keywords (`del`, `ins`, `dup`, `fs`, `ext`) come before amino
//! acids, and no amino acid name collides with them.

use super::{NotHgvs, ProteinChange};

/// Three-letter and one-letter codes: IUPAC-IUB 1984, with Sec and Pyl of the 2001 newsletter.
const AMINO_ACIDS: [(&str, char); 25] = [
    ("ala", 'A'),
    ("arg", 'R'),
    ("asn", 'N'),
    ("asp", 'D'),
    ("cys", 'C'),
    ("gln", 'Q'),
    ("glu", 'E'),
    ("gly", 'G'),
    ("his", 'H'),
    ("ile", 'I'),
    ("leu", 'L'),
    ("lys", 'K'),
    ("met", 'M'),
    ("phe", 'F'),
    ("pro", 'P'),
    ("ser", 'S'),
    ("thr", 'T'),
    ("trp", 'W'),
    ("tyr", 'Y'),
    ("val", 'V'),
    ("sec", 'U'),
    ("pyl", 'O'),
    ("asx", 'B'),
    ("glx", 'Z'),
    ("ter", '*'),
];

type Place = (char, u32);

impl ProteinChange {
    /// Reads every common spelling; see the tests for the list. Accession, `p.`, and brackets are optional.
    ///
    /// # Errors
    /// When the text is no protein change, names no change (`D835`), or contradicts itself (`E746_A750delEL`).
    pub fn parse(text: &str) -> Result<ProteinChange, NotHgvs> {
        let text = one_letter_marked(bare_change(text)?, text);
        if text.is_empty() {
            return Err(NotHgvs::new("no change named"));
        }
        if text == "=" {
            return Ok(ProteinChange::Synonymous { residue: None });
        }
        if let Some(residue) = text.strip_suffix('=').and_then(|digits| digits.parse().ok()) {
            return synonymous(residue);
        }
        let (first, rest) = place(&text)?;
        match rest.strip_prefix('_') {
            Some(rest) => {
                let (last, rest) = place(rest)?;
                range_change(checked_range(first, last)?, rest)
            }
            None => single_change(first, rest),
        }
    }

    /// First and last residue touched; both neighbours for an insertion. `None` for `p.=`.
    pub fn residues(&self) -> Option<(u32, u32)> {
        match self {
            ProteinChange::Missense { residue, .. }
            | ProteinChange::Nonsense { residue, .. }
            | ProteinChange::Frameshift { residue, .. }
            | ProteinChange::StopLost { residue } => Some((*residue, *residue)),
            ProteinChange::Deletion { first, last, .. } | ProteinChange::Duplication { first, last } => {
                Some((first.1, last.1))
            }
            ProteinChange::Insertion { after, before, .. } => Some((after.1, before.1)),
            ProteinChange::StartLost => Some((1, 1)),
            ProteinChange::Synonymous { residue } => residue.map(|residue| (residue, residue)),
        }
    }

    /// Does the name itself say that the protein ends early? A stop inside inserted residues counts.
    pub fn truncates(&self) -> bool {
        match self {
            ProteinChange::Nonsense { .. } | ProteinChange::Frameshift { .. } => true,
            ProteinChange::Deletion { alternate, .. } => alternate.contains('*'),
            ProteinChange::Insertion { inserted, .. } => inserted.contains('*'),
            ProteinChange::Missense { .. }
            | ProteinChange::Duplication { .. }
            | ProteinChange::StartLost
            | ProteinChange::StopLost { .. }
            | ProteinChange::Synonymous { .. } => false,
        }
    }

    /// Does the protein differ from the reference?
    pub fn alters_protein(&self) -> bool {
        !matches!(self, ProteinChange::Synonymous { .. })
    }

    /// Amino acids gained (positive) or lost (negative); `None` where the name does not tell.
    pub fn length_change(&self) -> Option<i64> {
        let span = |first: &Place, last: &Place| i64::from(last.1) - i64::from(first.1) + 1;
        let length = |sequence: &str| i64::try_from(sequence.len()).ok();
        match self {
            ProteinChange::Missense { .. } | ProteinChange::Synonymous { .. } => Some(0),
            ProteinChange::Duplication { first, last } => Some(span(first, last)),
            _ if self.truncates() => None,
            ProteinChange::Deletion { first, last, alternate } => {
                Some(length(alternate)? - span(first, last))
            }
            ProteinChange::Insertion { inserted, .. } => length(inserted),
            ProteinChange::Nonsense { .. }
            | ProteinChange::Frameshift { .. }
            | ProteinChange::StartLost
            | ProteinChange::StopLost { .. } => None,
        }
    }

    /// The Sequence Ontology term the name itself implies.
    pub fn so_term(&self) -> &'static str {
        if self.truncates() && !matches!(self, ProteinChange::Frameshift { .. }) {
            return "stop_gained";
        }
        match (self, self.length_change().unwrap_or(0)) {
            (ProteinChange::Frameshift { .. }, _) => "frameshift_variant",
            (ProteinChange::StartLost, _) => "start_lost",
            (ProteinChange::StopLost { .. }, _) => "stop_lost",
            (ProteinChange::Synonymous { .. }, _) => "synonymous_variant",
            (_, change) if change < 0 => "inframe_deletion",
            (_, change) if 0 < change => "inframe_insertion",
            _ => "missense_variant",
        }
    }
}

impl std::fmt::Display for ProteinChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ProteinChange::Missense { reference, residue, alternate } => {
                write!(f, "{reference}{residue}{alternate}")
            }
            ProteinChange::Nonsense { reference, residue } => write!(f, "{reference}{residue}*"),
            ProteinChange::Deletion { first, last, alternate } if alternate.is_empty() => {
                write!(f, "{}del", Range(*first, *last))
            }
            ProteinChange::Deletion { first, last, alternate } => {
                write!(f, "{}delins{alternate}", Range(*first, *last))
            }
            ProteinChange::Duplication { first, last } => write!(f, "{}dup", Range(*first, *last)),
            ProteinChange::Insertion { after, before, inserted } => {
                write!(f, "{}ins{inserted}", Range(*after, *before))
            }
            ProteinChange::Frameshift { reference, residue } => write!(f, "{reference}{residue}fs"),
            ProteinChange::StartLost => f.write_str("M1?"),
            ProteinChange::StopLost { residue } => write!(f, "*{residue}ext"),
            ProteinChange::Synonymous { residue: Some(residue) } => write!(f, "{residue}="),
            ProteinChange::Synonymous { residue: None } => f.write_str("="),
        }
    }
}

impl std::str::FromStr for ProteinChange {
    type Err = NotHgvs;
    fn from_str(text: &str) -> Result<ProteinChange, NotHgvs> {
        ProteinChange::parse(text)
    }
}

/// One residue, or the first and last of several.
struct Range(Place, Place);

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.0.0, self.0.1)?;
        if self.0 != self.1 {
            write!(f, "_{}{}", self.1.0, self.1.1)?;
        }
        Ok(())
    }
}

/// Lower case, without accession, `p.` and the brackets of a predicted change.
fn bare_change(text: &str) -> Result<String, NotHgvs> {
    if !text.is_ascii() {
        return Err(NotHgvs::new("letters outside ASCII"));
    }
    let text = text.trim().to_ascii_lowercase().replace("%3d", "="); // VEP escapes `=` in VCF
    let text = after_prefix(&text)?;
    let mut bare = text.trim().trim_matches(['[', ']']);
    while let Some(inner) = bare.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        bare = inner.trim();
    }
    // `NM_000455.5(STK11):c.725G>A (p.Gly242Glu)` leaves one closing bracket behind.
    Ok(bare.strip_suffix(')').filter(|rest| !rest.contains('(')).unwrap_or(bare).to_owned())
}

/// `A1_A2delinsALA`: where places are written with one letter, so is what is put in, unless its letters say otherwise
/// (`delinsAla`). Capitals in the lower-case text say it to [`inserted`].
fn one_letter_marked(bare: String, text: &str) -> String {
    let mut first = bare.chars();
    let one_letter = first.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '*')
        && first.next().is_some_and(|c| c.is_ascii_digit());
    let spelled_out = {
        let after = text.to_ascii_lowercase().rfind("ins").map_or("", |at| &text[at + 3..]);
        let mut letters = after.chars();
        letters.next().is_some_and(|c| c.is_ascii_uppercase())
            && letters.next().is_some_and(|c| c.is_ascii_lowercase())
    };
    match bare.rfind("ins") {
        Some(at) if one_letter && !spelled_out => {
            let (head, tail) = bare.split_at(at + 3);
            format!("{head}{}", tail.to_ascii_uppercase())
        }
        _ => bare,
    }
}

/// What follows `p.`; without one, what follows the accession's colon. Another kind of name is refused.
fn after_prefix(text: &str) -> Result<&str, NotHgvs> {
    let starts_word = |at: usize| at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric();
    if let Some((at, _)) = text.match_indices("p.").find(|(at, _)| starts_word(*at)) {
        return Ok(&text[at + 2..]);
    }
    if ["c.", "g.", "n.", "m.", "r."]
        .iter()
        .any(|kind| text.starts_with(kind) || text.contains(&format!(":{kind}")))
    {
        return Err(NotHgvs::new("a nucleotide name, not a protein name"));
    }
    Ok(text.rsplit_once(':').map_or(text, |(_, change)| change))
}

/// An amino acid (or stop) at the start: three letters, `*`, or one letter.
fn amino_acid(text: &str) -> Option<(char, &str)> {
    let three = AMINO_ACIDS.iter().find(|(name, _)| text.starts_with(name));
    if let Some((name, letter)) = three {
        return Some((*letter, &text[name.len()..]));
    }
    let letter = text.chars().next()?.to_ascii_uppercase();
    let known = AMINO_ACIDS.iter().any(|(_, code)| *code == letter);
    known.then(|| (letter, &text[1..]))
}

/// As `amino_acid`, and `X` as the old spelling of stop (`Q61X`), and `stop`.
fn amino_acid_or_stop(text: &str) -> Option<(char, &str)> {
    if let Some(rest) = text.strip_prefix("stop") {
        return Some(('*', rest));
    }
    match text.strip_prefix('x') {
        Some(rest) if !rest.starts_with("aa") => Some(('*', rest)),
        _ => amino_acid(text),
    }
}

/// An amino acid followed by its residue number: `v600`, `val600`, `*757`.
///
/// One letter is tried before three, because only a letter directly before the digits can be the whole code.
fn place(text: &str) -> Result<(Place, &str), NotHgvs> {
    let digits_at = text.find(|c: char| c.is_ascii_digit()).ok_or(NotHgvs::new("no residue number"))?;
    let (name, rest) = text.split_at(digits_at);
    let letter = match amino_acid_or_stop(name) {
        Some((letter, "")) => letter,
        _ => return Err(NotHgvs::new("no amino acid before the residue number")),
    };
    let digits_end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let residue: u32 = rest[..digits_end].parse().map_err(|_| NotHgvs::new("residue number too large"))?;
    match residue {
        0 => Err(NotHgvs::new("residue 0")),
        _ => Ok(((letter, residue), &rest[digits_end..])),
    }
}

fn checked_range(first: Place, last: Place) -> Result<(Place, Place), NotHgvs> {
    match first.1.cmp(&last.1) {
        std::cmp::Ordering::Greater => Err(NotHgvs::new("range runs backwards")),
        std::cmp::Ordering::Equal if first.0 != last.0 => Err(NotHgvs::new("two amino acids at one residue")),
        _ => Ok((first, last)),
    }
}

/// A whole sequence of amino acids; `X` (any) and `*` may stand in it.
fn sequence(text: &str) -> Result<String, NotHgvs> {
    let mut found = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (letter, after) = sequence_letter(rest).ok_or(NotHgvs::new("no amino acid sequence"))?;
        found.push(letter);
        rest = after;
    }
    match found.is_empty() {
        true => Err(NotHgvs::new("inserted amino acids not named")),
        false => Ok(found),
    }
}

fn sequence_letter(text: &str) -> Option<(char, &str)> {
    match text.strip_prefix("xaa").or(text.strip_prefix('x')) {
        Some(rest) => Some(('X', rest)),
        None => amino_acid(text),
    }
}

/// `SerGly` could also be read letter by letter, so three letters win only if the whole text reads that way.
fn inserted(text: &str) -> Result<String, NotHgvs> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) && !text.contains('*') {
        return one_letter_sequence(text);
    }
    let text = &text.to_ascii_lowercase();
    let all_three = text.len().is_multiple_of(3)
        && text
            .as_bytes()
            .chunks(3)
            .all(|code| code == b"xaa" || AMINO_ACIDS.iter().any(|(name, _)| name.as_bytes() == code));
    if all_three || text.contains('*') || text.contains("ter") {
        return sequence(text);
    }
    one_letter_sequence(text)
}

fn one_letter_sequence(text: &str) -> Result<String, NotHgvs> {
    let known = |letter: char| letter == 'X' || AMINO_ACIDS.iter().any(|(_, code)| *code == letter);
    let upper = text.to_ascii_uppercase();
    match upper.is_empty() || !upper.chars().all(known) {
        true => Err(NotHgvs::new("inserted amino acids not named")),
        false => Ok(upper),
    }
}

fn synonymous(residue: u32) -> Result<ProteinChange, NotHgvs> {
    match residue {
        0 => Err(NotHgvs::new("residue 0")),
        _ => Ok(ProteinChange::Synonymous { residue: Some(residue) }),
    }
}

fn single_change(at: Place, rest: &str) -> Result<ProteinChange, NotHgvs> {
    let (reference, residue) = at;
    match rest {
        "" => return Err(NotHgvs::new("a residue without a change")),
        "=" => return synonymous(residue),
        "?" if at == ('M', 1) => return Ok(ProteinChange::StartLost),
        "?" => return Err(NotHgvs::new("change not stated")),
        _ => {}
    }
    if ["del", "dup", "ins", ">"].iter().any(|keyword| rest.starts_with(keyword)) {
        return range_change((at, at), rest);
    }
    if let Some(after) = rest.strip_prefix("fs").or(rest.strip_prefix("frameshift")) {
        return frameshift(at, after);
    }
    if let Some(after) = rest.strip_prefix("ext") {
        return stop_lost(at, after);
    }
    let (alternate, after) =
        amino_acid_or_stop(rest).ok_or(NotHgvs::new("no known change after the residue"))?;
    match after {
        "" => substitution(at, alternate),
        _ if after.starts_with("fs") => frameshift(at, &after[2..]),
        _ if after.starts_with("ext") => stop_lost(at, &after[3..]),
        _ => Err(NotHgvs::new(match reference {
            '*' => "unreadable stop change",
            _ => "text after the change",
        })),
    }
}

fn substitution((reference, residue): Place, alternate: char) -> Result<ProteinChange, NotHgvs> {
    Ok(match (reference, alternate) {
        _ if reference == alternate => ProteinChange::Synonymous { residue: Some(residue) },
        ('*', _) => ProteinChange::StopLost { residue },
        (_, '*') => ProteinChange::Nonsense { reference, residue },
        _ => ProteinChange::Missense { reference, residue, alternate },
    })
}

/// `fs`, `fs*22`, `fsX22`, `fsTer22`, `fs*?`, `fs*`: where the new frame ends is not kept.
fn frameshift((reference, residue): Place, after: &str) -> Result<ProteinChange, NotHgvs> {
    let end = after.trim_start_matches("ter").trim_start_matches(['*', 'x']);
    match (reference, end == "?" || end.bytes().all(|b| b.is_ascii_digit())) {
        ('*', _) => Err(NotHgvs::new("a frameshift cannot start at a stop")),
        (_, true) => Ok(ProteinChange::Frameshift { reference, residue }),
        (_, false) => Err(NotHgvs::new("unreadable end of the frameshift")),
    }
}

/// `ext*9`, `extTer9`, `ext*?`, `ext9`.
fn stop_lost((reference, residue): Place, after: &str) -> Result<ProteinChange, NotHgvs> {
    let end = after.trim_start_matches("ter").trim_start_matches(['*', 'x']);
    match (reference, end == "?" || end.bytes().all(|b| b.is_ascii_digit())) {
        ('*', true) => Ok(ProteinChange::StopLost { residue }),
        ('*', false) => Err(NotHgvs::new("unreadable extension")),
        _ => Err(NotHgvs::new("an extension that does not start at a stop")),
    }
}

fn range_change(range: (Place, Place), rest: &str) -> Result<ProteinChange, NotHgvs> {
    let (first, last) = range;
    if let Some(alternate) =
        rest.strip_prefix("delins").or(rest.strip_prefix("del/ins")).or(rest.strip_prefix('>'))
    {
        return deletion_insertion(range, inserted(alternate)?);
    }
    if let Some(after) = rest.strip_prefix("del") {
        return deletion(range, after);
    }
    if let Some(after) = rest.strip_prefix("dup") {
        same_length(range, after)?;
        return Ok(ProteinChange::Duplication { first, last });
    }
    if let Some(after) = rest.strip_prefix("ins") {
        return insertion(range, after);
    }
    match rest {
        "fs" => frameshift(first, ""),
        "" => Err(NotHgvs::new("a range without a change")),
        _ => Err(NotHgvs::new("no known change after the range")),
    }
}

/// `del`, `delELREA`, `del5`, `delELREAinsS`.
fn deletion(range: (Place, Place), after: &str) -> Result<ProteinChange, NotHgvs> {
    if let Some((deleted, alternate)) = after.split_once("ins") {
        same_length(range, deleted)?;
        return deletion_insertion(range, inserted(alternate)?);
    }
    same_length(range, after)?;
    Ok(ProteinChange::Deletion { first: range.0, last: range.1, alternate: String::new() })
}

/// One residue replaced by one is a substitution, whatever it is called.
fn deletion_insertion((first, last): (Place, Place), alternate: String) -> Result<ProteinChange, NotHgvs> {
    let mut letters = alternate.chars();
    match (first == last, letters.next(), letters.next()) {
        (true, Some('X'), None) => Err(NotHgvs::new("amino acid not named")),
        (true, Some(letter), None) => substitution(first, letter),
        _ => Ok(ProteinChange::Deletion { first, last, alternate }),
    }
}

fn insertion((after, before): (Place, Place), text: &str) -> Result<ProteinChange, NotHgvs> {
    if after.1.checked_add(1) != Some(before.1) {
        return Err(NotHgvs::new("an insertion needs two neighbouring residues"));
    }
    Ok(ProteinChange::Insertion { after, before, inserted: inserted(text)? })
}

/// A stated deleted or duplicated sequence, or its length, must agree with the range.
fn same_length((first, last): (Place, Place), stated: &str) -> Result<(), NotHgvs> {
    if stated.is_empty() {
        return Ok(());
    }
    let length = u64::from(last.1 - first.1) + 1;
    let disagrees = NotHgvs::new("stated amino acids and range disagree");
    if let Ok(number) = stated.parse::<u64>() {
        return if number == length { Ok(()) } else { Err(disagrees) };
    }
    let sequence = inserted(stated)?;
    let ends_agree = sequence.starts_with(first.0) && sequence.ends_with(last.0);
    if sequence.len() as u64 == length && ends_agree { Ok(()) } else { Err(disagrees) }
}
