//! Which alterations does CIViC's layout of 2021 ask for? A statement named one variant, so each variant is its own
//! profile. Fusions were spelled with a hyphen (`EML4-ALK`), and with a second change behind it (`BCR-ABL T315I`).

use super::civic::Read;
use super::civic_variants::{self, FeatureType, Variant};
use super::{Imported, Strictness, Tally};
use crate::error::Result;
use crate::model::Genes;
use crate::tsv::{Comments, Row, Table};
use concilium_evidence::{Leaf, Profile, ProfileExpr};
use concilium_terms::GeneSymbol;
use concilium_terms::pattern::Pattern;
use std::collections::BTreeSet;

const COLUMNS: &[&str] = &[
    "gene",
    "variant",
    "variant_id",
    "chromosome",
    "start",
    "stop",
    "reference_bases",
    "variant_bases",
    "reference_build",
];

/// Parts of a variant that names several changes get ids above every id of the source.
const PART_IDS: u64 = 1_000_000_000;
/// At most so many parts per variant.
const PARTS: u64 = 10;

/// Leaves sorted by id, with one profile per variant. `genes` tells a fusion from other hyphens.
///
/// # Errors
/// A missing column; in strict mode the first refused row.
pub fn variants(
    file: &str,
    text: &str,
    genes: &Genes,
    strictness: Strictness,
) -> Result<(Imported<Leaf>, Vec<Profile>)> {
    let table = Table::parse(file, text, Comments::None, COLUMNS)?;
    let mut tally = Tally::new("leaves", strictness);
    let mut seen = BTreeSet::new();
    for row in table.rows() {
        // One row per statement: a variant stands in many. The statements' importer asks for ids that stand once.
        match row.whole().and_then(|()| variant(&row)) {
            Ok(variant) if !seen.insert(variant.id) => tally.skip("variant already read"),
            outcome => tally.take(outcome.map(|variant| vec![variant]))?,
        }
    }
    let Imported { rows, count } = tally.finish();
    let (simple, compound) = split(rows, genes);
    let mut leaves = civic_variants::leaves(&simple);
    let whole =
        |leaf: &Leaf| Profile { id: leaf.id, name: leaf.name.clone(), expr: ProfileExpr::Leaf(leaf.id) };
    let mut profiles: Vec<Profile> = leaves.iter().map(whole).collect();
    for (variant, parts) in compound {
        let expr = ProfileExpr::And(parts.iter().map(|leaf| ProfileExpr::Leaf(leaf.id)).collect());
        profiles.push(Profile { id: variant.id, name: variant.full_name(), expr });
        leaves.extend(parts);
    }
    leaves.sort_by_key(|leaf| leaf.id);
    profiles.sort_by_key(|profile| profile.id);
    Ok((Imported { rows: leaves, count }, profiles))
}

fn variant(row: &Row) -> Read<Variant> {
    Ok(Variant {
        id: row.needed_number("variant_id")?,
        feature: row.get("gene").to_owned(),
        name: row.get("variant").to_owned(),
        chromosome: row.get("chromosome").to_owned(),
        start: row.number("start")?,
        stop: row.number("stop")?,
        reference: row.get("reference_bases").to_owned(),
        alternate: row.get("variant_bases").to_owned(),
        build: civic_variants::build(row.get("reference_build")),
        transcript: row.get("representative_transcript").to_owned(),
        ..Variant::default()
    })
}

type Compound = (Variant, Vec<Leaf>);

/// Variants that ask for one thing, and those that ask for a fusion and more.
fn split(variants: Vec<Variant>, genes: &Genes) -> (Vec<Variant>, Vec<Compound>) {
    let (mut simple, mut compound) = (vec![], vec![]);
    for variant in variants {
        let Some((partners, rest)) = hyphenated(&variant, genes) else {
            simple.push(variant);
            continue;
        };
        let fusion = fusion(&variant, partners);
        if rest.is_empty() || is_junction(&rest) {
            simple.push(fusion);
        } else if let Some(parts) = parts(&variant, fusion, &rest) {
            compound.push((variant, parts));
        } else {
            simple.push(variant);
        }
    }
    (simple, compound)
}

/// Partners and what stands behind them: `BCR-ABL T315I` of ABL1 → (BCR, ABL1), `T315I`. Both sides must name a gene,
/// and one of them the variant's own.
fn hyphenated(variant: &Variant, genes: &Genes) -> Option<((GeneSymbol, GeneSymbol), String)> {
    let name = variant.name.trim();
    let (pair, rest) = name.split_once(' ').unwrap_or((name, ""));
    let own = GeneSymbol::new(&variant.feature);
    let hyphens = pair.match_indices('-').map(|(at, _)| at);
    let partners =
        hyphens.filter_map(|at| Some((gene(&pair[..at], &own, genes)?, gene(&pair[at + 1..], &own, genes)?)));
    let found = partners.into_iter().find(|(five, three)| (*five == own) != (*three == own))?;
    Some((found, rest.trim().to_owned()))
}

/// A symbol; else an alias that the variant's own gene bears, or one gene alone.
fn gene(text: &str, own: &GeneSymbol, genes: &Genes) -> Option<GeneSymbol> {
    let upper = text.to_ascii_uppercase();
    let bearers = genes.bearers(&upper).iter().map(|at| &genes.rows[*at].symbol);
    let bearers: Vec<&GeneSymbol> = bearers.collect();
    let named = bearers.iter().find(|symbol| symbol.as_str() == upper);
    let of_own = bearers.iter().find(|symbol| **symbol == own);
    let alone = || if let [one] = bearers.as_slice() { Some(one) } else { None };
    named.or(of_own).or_else(alone).map(|symbol| (*symbol).clone())
}

fn fusion(variant: &Variant, (five, three): (GeneSymbol, GeneSymbol)) -> Variant {
    Variant {
        id: variant.id,
        feature_type: FeatureType::Fusion,
        feature: variant.feature.clone(),
        name: variant.name.clone(),
        partners: (Some(five.to_string()), Some(three.to_string())),
        ..Variant::default()
    }
}

/// `e20-e20`: the exons that are joined; the present layout's fusions are matched without them, too.
fn is_junction(rest: &str) -> bool {
    let is_exon = |text: &str| {
        text.strip_prefix('e').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    rest.split_once('-').is_some_and(|(five, three)| is_exon(five) && is_exon(three))
}

/// The fusion and each further change as leaves; `None` where a part is not understood, so that the whole stays text.
fn parts(variant: &Variant, fusion: Variant, rest: &str) -> Option<Vec<Leaf>> {
    let changes = rest.split_whitespace().filter(|word| *word != "and").map(|name| Variant {
        feature: variant.feature.clone(),
        name: name.to_owned(),
        ..Variant::default()
    });
    let of = |(at, part): (usize, Variant)| {
        let id = PART_IDS + variant.id * PARTS + at as u64;
        Variant { id, ..part }
    };
    let variants: Vec<Variant> = std::iter::once(fusion).chain(changes).enumerate().map(of).collect();
    let leaves = civic_variants::leaves(&variants);
    let is_known = |leaf: &Leaf| !matches!(leaf.pattern, Pattern::Opaque { .. });
    (variants.len() as u64 <= PARTS && leaves.iter().all(is_known)).then_some(leaves)
}
