//! Which bases changed, where, on which assembly?

use super::{Build, GenomicChange, NotHgvs};

/// RefSeq accession number → chromosome and version on GRCh37; GRCh38 is the next version of every one.
/// Source: NCBI assembly reports GCF_000001405.25 (GRCh37.p13) and GCF_000001405.40 (GRCh38.p14).
const VERSIONS_37: [(&str, u32); 24] = [
    ("1", 10),
    ("2", 11),
    ("3", 11),
    ("4", 11),
    ("5", 9),
    ("6", 11),
    ("7", 13),
    ("8", 10),
    ("9", 11),
    ("10", 10),
    ("11", 9),
    ("12", 11),
    ("13", 10),
    ("14", 8),
    ("15", 9),
    ("16", 9),
    ("17", 10),
    ("18", 9),
    ("19", 9),
    ("20", 10),
    ("21", 8),
    ("22", 10),
    ("X", 10),
    ("Y", 9),
];

/// Assembly and chromosome of `NC_000007.13`; `None` without a version, or for anything else.
pub fn chromosome_of_accession(accession: &str) -> Option<(Build, &'static str)> {
    let upper = accession.trim().to_ascii_uppercase();
    let (number, version) = upper.strip_prefix("NC_")?.split_once('.')?;
    let (number, version): (usize, u32) = (number.parse().ok()?, version.parse().ok()?);
    let (chromosome, version_37) = VERSIONS_37.get(number.checked_sub(1)?)?;
    match version.checked_sub(*version_37)? {
        0 => Some((Build::GRCh37, chromosome)),
        1 => Some((Build::GRCh38, chromosome)),
        _ => None,
    }
}

impl GenomicChange {
    /// From the columns of a VCF line or of a table with the same meaning; `-` and an empty cell are no bases.
    /// Shared suffix, then shared prefix are trimmed, so that every padding of one change gives one value.
    ///
    /// # Errors
    /// When the alleles are not bases, are equal, or the position is 0.
    pub fn from_vcf(
        build: Build,
        chromosome: &str,
        position: u64,
        reference: &str,
        alternate: &str,
    ) -> Result<GenomicChange, NotHgvs> {
        let (mut reference, mut alternate) = (bases(reference)?, bases(alternate)?);
        if position == 0 {
            return Err(NotHgvs::new("position 0"));
        }
        if reference == alternate {
            return Err(NotHgvs::new("reference and alternate are equal"));
        }
        let shared = |pairs: usize, all: usize| pairs.min(all);
        let shortest = reference.len().min(alternate.len());
        let suffix = reference.bytes().rev().zip(alternate.bytes().rev()).take_while(|(a, b)| a == b).count();
        reference.truncate(reference.len() - shared(suffix, shortest));
        alternate.truncate(alternate.len() - shared(suffix, shortest));
        let prefix = reference.bytes().zip(alternate.bytes()).take_while(|(a, b)| a == b).count();
        let position = position.checked_add(prefix as u64).ok_or(NotHgvs::new("position too large"))?;
        Ok(GenomicChange {
            build,
            chromosome: chromosome_name(chromosome)?,
            position,
            reference: reference.split_off(prefix),
            alternate: alternate.split_off(prefix),
        })
    }

    /// Reads `NC_000007.13:g.140453136A>T`, and `del`, `ins`, `dup`, `delins` where the bases are written out.
    ///
    /// # Errors
    /// When the accession is no chromosome of GRCh37 or GRCh38, or the deleted bases are not named
    /// (no reference sequence is at hand).
    pub fn parse(text: &str) -> Result<GenomicChange, NotHgvs> {
        if !text.is_ascii() {
            return Err(NotHgvs::new("letters outside ASCII"));
        }
        let (accession, change) = text.trim().split_once(":g.").ok_or(NotHgvs::new("no `:g.` in it"))?;
        let (build, chromosome) =
            chromosome_of_accession(accession).ok_or(NotHgvs::new("not a chromosome of GRCh37 or GRCh38"))?;
        let (first, last, edit) = interval(change)?;
        let (position, reference, alternate) = alleles(first, last, edit)?;
        GenomicChange::from_vcf(build, chromosome, position, &reference, &alternate)
    }
}

impl std::fmt::Display for GenomicChange {
    /// `GRCh37 chr7:140453136 A>T`; a missing allele is `-`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |bases: &str| if bases.is_empty() { "-".to_owned() } else { bases.to_owned() };
        let (reference, alternate) = (shown(&self.reference), shown(&self.alternate));
        write!(f, "{} chr{}:{} {reference}>{alternate}", self.build, self.chromosome, self.position)
    }
}

/// Without `chr`, `M` as `MT`, letters upper case.
fn chromosome_name(text: &str) -> Result<String, NotHgvs> {
    let text = text.trim();
    let bare = if text.get(..3).is_some_and(|p| p.eq_ignore_ascii_case("chr")) { &text[3..] } else { text };
    match bare {
        "" => Err(NotHgvs::new("no chromosome")),
        "M" | "m" | "Mt" | "mt" => Ok("MT".into()),
        _ if bare.len() <= 2 => Ok(bare.to_ascii_uppercase()),
        _ => Ok(bare.to_owned()),
    }
}

fn bases(text: &str) -> Result<String, NotHgvs> {
    let text = text.trim();
    match text {
        "-" | "" => Ok(String::new()),
        _ if text.bytes().all(|b| b"ACGTNacgtn".contains(&b)) => Ok(text.to_ascii_uppercase()),
        _ => Err(NotHgvs::new("an allele that is not bases")),
    }
}

fn interval(change: &str) -> Result<(u64, u64, &str), NotHgvs> {
    let (first, rest) = number(change)?;
    match rest.strip_prefix('_') {
        None => Ok((first, first, rest)),
        Some(rest) => {
            let (last, rest) = number(rest)?;
            if last < first { Err(NotHgvs::new("range runs backwards")) } else { Ok((first, last, rest)) }
        }
    }
}

fn number(text: &str) -> Result<(u64, &str), NotHgvs> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number = text[..end].parse().map_err(|_| NotHgvs::new("no genomic position"))?;
    Ok((number, &text[end..]))
}

/// Position, reference and alternate bases, as a VCF without padding would have them.
fn alleles(first: u64, last: u64, edit: &str) -> Result<(u64, String, String), NotHgvs> {
    let span = last - first + 1;
    let named = |bases: &str| match bases.len() as u64 == span {
        true => Ok(bases.to_owned()),
        false => Err(NotHgvs::new("deleted bases are not named, or disagree with the range")),
    };
    if let Some((reference, alternate)) = edit.split_once('>') {
        return Ok((first, named(reference)?, alternate.to_owned()));
    }
    if let Some(rest) = edit.strip_prefix("del") {
        let (deleted, alternate) = rest.split_once("ins").unwrap_or((rest, ""));
        return Ok((first, named(deleted)?, alternate.to_owned()));
    }
    if let Some(duplicated) = edit.strip_prefix("dup") {
        return Ok((first, String::new(), named(duplicated)?));
    }
    match edit.strip_prefix("ins") {
        Some(inserted) if span == 2 => Ok((last, String::new(), inserted.to_owned())),
        Some(_) => Err(NotHgvs::new("an insertion needs two neighbouring positions")),
        None => Err(NotHgvs::new("no known genomic change")),
    }
}
