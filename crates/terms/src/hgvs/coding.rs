//! Which coding change does a name describe, and on which transcript?

use super::{CodingChange, NotHgvs};

impl CodingChange {
    /// Reads `NM_004333.4:c.1799T>A`, `NM_000455.5(STK11):c.725G>A (p.Gly242Glu)`, `c.1799T>A`.
    ///
    /// The transcript's version goes; bases named after `del` and `dup` go too, since the range says them.
    ///
    /// # Errors
    /// When there is no `c.`, or what follows is not a position and a change.
    pub fn parse(text: &str) -> Result<CodingChange, NotHgvs> {
        if !text.is_ascii() {
            return Err(NotHgvs::new("letters outside ASCII"));
        }
        let at = coding_at(text).ok_or(NotHgvs::new("no `c.` in it"))?;
        let change = normal_change(&text[at + 2..])?;
        Ok(CodingChange { transcript: transcript_of(&text[..at]), change })
    }

    /// Same change, and the same transcript where both name one.
    pub fn agrees_with(&self, other: &CodingChange) -> bool {
        let transcripts_agree = self.transcript == other.transcript && !self.transcript.is_empty();
        transcripts_agree && self.change == other.change
    }
}

impl std::fmt::Display for CodingChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.transcript.is_empty() {
            true => write!(f, "c.{}", self.change),
            false => write!(f, "{}:c.{}", self.transcript, self.change),
        }
    }
}

impl std::str::FromStr for CodingChange {
    type Err = NotHgvs;
    fn from_str(text: &str) -> Result<CodingChange, NotHgvs> {
        CodingChange::parse(text)
    }
}

/// The gene in brackets behind the accession: `NM_000455.5(STK11):c.…` names STK11.
pub fn stated_gene(text: &str) -> Option<&str> {
    let (accession, _) = text.split_once(':')?;
    let gene = accession.trim().strip_suffix(')')?.rsplit_once('(')?.1.trim();
    let plausible = !gene.is_empty() && gene.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    plausible.then_some(gene)
}

fn coding_at(text: &str) -> Option<usize> {
    let starts_word = |at: usize| at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric();
    text.match_indices("c.").map(|(at, _)| at).find(|at| starts_word(*at))
}

/// Accession without version and gene; empty when the text before `c.` is not one.
fn transcript_of(before: &str) -> String {
    let Some((accession, _)) = before.rsplit_once(':') else { return String::new() };
    let accession = accession.split_whitespace().last().unwrap_or("");
    let accession = accession.split('(').next().unwrap_or("");
    accession.split('.').next().unwrap_or("").to_ascii_uppercase()
}

/// Bases upper case, keywords lower case, bases named after `del` and `dup` dropped.
fn normal_change(text: &str) -> Result<String, NotHgvs> {
    let word = text.split_whitespace().next().unwrap_or("");
    let word = word.split(',').next().unwrap_or("").trim_matches(['(', ')', '[', ']', ';']);
    let lower = word.to_ascii_lowercase().replace("%3d", "=");
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+-*>=?".contains(c);
    let placed = lower.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '*');
    if !placed || !lower.chars().all(allowed) {
        return Err(NotHgvs::new("no coding position after `c.`"));
    }
    let letters_at = lower.find(|c: char| c.is_ascii_alphabetic() || c == '>' || c == '=');
    let (position, change) =
        lower.split_at(letters_at.ok_or(NotHgvs::new("a coding position without a change"))?);
    Ok(format!("{position}{}", normal_edit(change)?))
}

fn normal_edit(change: &str) -> Result<String, NotHgvs> {
    if let Some(rest) = change.strip_prefix("del") {
        return Ok(match rest.split_once("ins") {
            Some((_, inserted)) => format!("delins{}", inserted.to_ascii_uppercase()),
            None => "del".into(),
        });
    }
    match change {
        _ if change.starts_with("dup") => Ok("dup".into()),
        _ if change.starts_with("inv") => Ok("inv".into()),
        _ if change.starts_with("ins") => Ok(format!("ins{}", change[3..].to_ascii_uppercase())),
        _ if change.ends_with('=') => Ok("=".into()),
        _ if is_substitution(change) => Ok(change.to_ascii_uppercase()),
        _ => Err(NotHgvs::new("no known coding change")),
    }
}

/// `t>a`, `ct>aa`: the second is written as it stands, no reference is at hand to restate it.
fn is_substitution(change: &str) -> bool {
    let bases = |text: &str| !text.is_empty() && text.bytes().all(|b| b"acgtun".contains(&b));
    change.split_once('>').is_some_and(|(reference, alternate)| bases(reference) && bases(alternate))
}
