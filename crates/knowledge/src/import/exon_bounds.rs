//! Which residues does an exon hold, as far as the source's own coordinates tell?
//!
//! Inside one exon genomic and coding positions run in step, so exact variants with both positions anchor the exon's
//! coordinates to residues, and anchors with the same offset lie in the same exon.

use super::civic_variants::{Variant, exon_name};
use concilium_terms::hgvs::ProteinChange;
use std::collections::BTreeMap;

/// Residue bounds per (gene, exon).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExonBounds {
    residues: BTreeMap<(String, u32), (u32, u32)>,
}

/// An exact variant with genomic and coding position of its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Anchor {
    genomic: i64,
    coding: i64,
    forward: bool,
    rough: bool,
}

impl Anchor {
    /// Equal for all anchors of one exon, different across an intron.
    fn offset(&self) -> i64 {
        if self.forward { self.genomic - self.coding } else { self.genomic + self.coding }
    }

    fn coding_of(&self, genomic: i64) -> i64 {
        if self.forward { genomic - self.offset() } else { self.offset() - genomic }
    }
}

impl ExonBounds {
    /// Bounds of every exon a variant name speaks of, where they can be compiled.
    pub fn compile(variants: &[Variant]) -> ExonBounds {
        let anchors = anchors(variants);
        let mut residues: BTreeMap<(String, u32), (u32, u32)> = BTreeMap::new();
        for variant in variants {
            let Some((exon, bounds)) = exon_of(variant, &anchors) else { continue };
            let known = residues.entry((variant.feature.clone(), exon)).or_insert(bounds);
            *known = (known.0.min(bounds.0), known.1.max(bounds.1));
        }
        ExonBounds { residues }
    }

    /// First and last residue of an exon, when known.
    pub fn residues(&self, gene: &str, exon: u32) -> Option<(u32, u32)> {
        self.residues.get(&(gene.to_owned(), exon)).copied()
    }
}

fn exon_of(variant: &Variant, anchors: &BTreeMap<&str, Vec<Anchor>>) -> Option<(u32, (u32, u32))> {
    let words = variant.name.to_lowercase().replace('-', " ");
    let (exon, last, _) = exon_name(&words)?;
    if exon != last {
        return None;
    }
    let named = variant.hgvs.iter().find_map(|name| coding_range(name));
    let (from, to) = match named {
        Some(range) => range,
        None => by_anchors(variant, anchors.get(variant.feature.as_str())?)?,
    };
    (0 < from && from <= to).then(|| (exon, (residue(from), residue(to))))
}

/// Coding bounds of the variant's coordinates, widened to every anchor of the same exon.
fn by_anchors(variant: &Variant, anchors: &[Anchor]) -> Option<(i64, i64)> {
    let (start, stop) = (i64::try_from(variant.start?).ok()?, i64::try_from(variant.stop?).ok()?);
    let inside = anchors.iter().filter(|anchor| (start..=stop).contains(&anchor.genomic));
    let inside = inside.min_by_key(|anchor| anchor.rough)?;
    let (a, b) = (inside.coding_of(start), inside.coding_of(stop));
    let same_exon = anchors.iter().filter(|a| a.offset() == inside.offset() && !a.rough);
    let codings: Vec<i64> = same_exon.map(|anchor| anchor.coding).chain([a, b]).collect();
    // Coordinates that reach into the untranslated region begin before the first coding base.
    Some(((*codings.iter().min()?).max(1), *codings.iter().max()?))
}

fn anchors(variants: &[Variant]) -> BTreeMap<&str, Vec<Anchor>> {
    let mut found: BTreeMap<&str, Vec<Anchor>> = BTreeMap::new();
    for variant in variants {
        if let Some(anchor) = anchor(variant) {
            found.entry(variant.feature.as_str()).or_default().push(anchor);
        }
    }
    for variant in variants {
        let Some(known) = found.get_mut(variant.feature.as_str()) else { continue };
        let strand = known.first().map(|anchor| anchor.forward);
        known.extend(strand.and_then(|forward| rough_anchor(variant, forward)));
    }
    found
}

/// A deletion or duplication of whole residues with their place: where a gene's strand is known, its first residue
/// stands at its first base (the last one, on the reverse strand). Alignment may shift it by a residue, so it is only
/// used where no substitution lies in the exon.
fn rough_anchor(variant: &Variant, forward: bool) -> Option<Anchor> {
    let bases = variant.stop?.checked_sub(variant.start?)? + 1;
    let (first, last) = match super::civic_variants::protein_of_name(&variant.name)? {
        ProteinChange::Duplication { first, last } => (first.1, last.1),
        ProteinChange::Deletion { first, last, alternate } if alternate.is_empty() => (first.1, last.1),
        _ => return None,
    };
    if last < first || u64::from(last - first + 1) * 3 != bases {
        return None;
    }
    let genomic = i64::try_from(if forward { variant.start? } else { variant.stop? }).ok()?;
    Some(Anchor { genomic, coding: i64::from(first) * 3 - 2, forward, rough: true })
}

/// A substitution of one base on the representative transcript.
fn anchor(variant: &Variant) -> Option<Anchor> {
    let transcript = variant.transcript.split('.').next().filter(|text| !text.is_empty())?;
    let name = variant.hgvs.iter().find(|name| name.starts_with(transcript))?;
    let change = name.split_once(":c.")?.1;
    let digits = change.find(|c: char| !c.is_ascii_digit())?;
    let coding = change[..digits].parse().ok()?;
    let bases: Vec<char> = change[digits..].chars().collect();
    let [from, '>', _] = bases.as_slice() else { return None };
    let genomic = i64::try_from(variant.start.filter(|start| Some(*start) == variant.stop)?).ok()?;
    let reference = variant.reference.chars().next().filter(|_| variant.reference.len() == 1)?;
    let forward = match () {
        () if reference == *from => true,
        () if complement(reference) == Some(*from) => false,
        () => return None,
    };
    Some(Anchor { genomic, coding, forward, rough: false })
}

fn complement(base: char) -> Option<char> {
    match base {
        'A' => Some('T'),
        'C' => Some('G'),
        'G' => Some('C'),
        'T' => Some('A'),
        _ => None,
    }
}

/// `ENST00000275493.2:c.2185_2283del` → (2185, 2283); intronic offsets are not read.
fn coding_range(name: &str) -> Option<(i64, i64)> {
    let change = name.split_once(":c.")?.1.strip_suffix("del")?;
    let (from, to) = change.split_once('_')?;
    Some((from.parse().ok()?, to.parse().ok()?))
}

/// 1-based residue of a 1-based coding position.
fn residue(coding: i64) -> u32 {
    u32::try_from((coding + 2) / 3).unwrap_or(u32::MAX)
}
