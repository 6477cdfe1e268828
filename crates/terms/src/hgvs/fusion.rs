//! Which genes does a fusion name join, and which stands first?
//!
//! `::` (HGNC 2021) and the older `-` are written 5' to 3'. `/` and words like `with` say nothing about order.

use super::NotHgvs;
use crate::GeneSymbol;

/// A fusion as named. Symbols are as written; aliases are for the caller to resolve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FusionName {
    /// 5' gene; the first named when `oriented` is false.
    pub five: Option<GeneSymbol>,
    /// 3' gene; the second named, or the only one, when `oriented` is false.
    pub three: Option<GeneSymbol>,
    /// Was the order stated?
    pub oriented: bool,
}

/// Words around a fusion's genes that carry no gene.
const FUSION_WORDS: [&str; 12] = [
    "fusion",
    "fusions",
    "fused",
    "gene",
    "rearrangement",
    "rearrangements",
    "rearranged",
    "translocation",
    "translocations",
    "positive",
    "transcript",
    "detected",
];

/// Reads `EML4::ALK`, `v::ALK`, `EML4-ALK fusion`, `EML4/ALK`, `ALK rearrangement`. `is_gene` decides where a
/// symbol with a hyphen (`NKX2-1`, `HLA-A`) ends, so it must know symbols and aliases.
///
/// # Errors
/// When no gene is recognised, or one side of the joint is not a gene.
pub fn parse_fusion(text: &str, is_gene: impl Fn(&str) -> bool) -> Result<FusionName, NotHgvs> {
    let text = text.trim();
    if let Some((five, three)) = text.split_once("::") {
        return joined(partner(five, &is_gene)?, partner(three, &is_gene)?, true);
    }
    let words: Vec<&str> =
        text.split_whitespace().map(|word| word.trim_matches(['(', ')', ',', ':', ';'])).collect();
    let pairs = |separator: char| words.iter().find_map(|word| split_at_joint(word, separator, &is_gene));
    if let Some((five, three)) = pairs('-') {
        return joined(Some(five), Some(three), true);
    }
    if let Some((one, other)) = pairs('/') {
        return joined(Some(one), Some(other), false);
    }
    from_words(&words, &is_gene)
}

fn joined(five: Option<&str>, three: Option<&str>, oriented: bool) -> Result<FusionName, NotHgvs> {
    if five.is_none() && three.is_none() {
        return Err(NotHgvs::new("no gene on either side"));
    }
    Ok(FusionName { five: five.map(GeneSymbol::new), three: three.map(GeneSymbol::new), oriented })
}

/// One side of `::`: a gene, perhaps with exons behind it, or `v` / `?` for any partner.
fn partner<'t>(side: &'t str, is_gene: &impl Fn(&str) -> bool) -> Result<Option<&'t str>, NotHgvs> {
    let words =
        || side.split(|c: char| c.is_whitespace() || "(),:".contains(c)).filter(|word| !word.is_empty());
    if let Some(gene) = words().find(|word| is_gene(word)) {
        return Ok(Some(gene));
    }
    match words().next() {
        None | Some("v" | "V" | "?") => Ok(None),
        Some(_) => Err(NotHgvs::new("a partner that is no known gene")),
    }
}

/// `NKX2-1-ALK`: the joint is the hyphen with a gene on both sides. A whole word that is a gene is not split.
fn split_at_joint<'t>(
    word: &'t str,
    separator: char,
    is_gene: &impl Fn(&str) -> bool,
) -> Option<(&'t str, &'t str)> {
    if is_gene(word) {
        return None;
    }
    let splits =
        word.match_indices(separator).map(|(at, _)| (&word[..at], &word[at + separator.len_utf8()..]));
    let mut genes = splits.filter(|(left, right)| is_gene(left) && is_gene(right));
    let found = genes.next()?;
    genes.next().is_none().then_some(found)
}

/// `ALK fusion`, `EML4 and ALK rearrangement`: no order stated. One of the words must speak of a fusion.
fn from_words(words: &[&str], is_gene: &impl Fn(&str) -> bool) -> Result<FusionName, NotHgvs> {
    let bare = |word: &str| word.to_ascii_lowercase();
    let speaks = words.iter().any(|word| FUSION_WORDS.contains(&bare(word).as_str()));
    let mut genes: Vec<&str> = vec![];
    for word in words.iter().filter(|word| !FUSION_WORDS.contains(&bare(word).as_str())) {
        let word = word.trim_end_matches("-rearranged").trim_end_matches("-fusion");
        if is_gene(word) && !genes.contains(&word) {
            genes.push(word);
        }
    }
    match (speaks, genes.as_slice()) {
        (true, [one]) => joined(None, Some(one), false),
        (true, [one, other]) => joined(Some(one), Some(other), false),
        (true, []) => Err(NotHgvs::new("no known gene in a fusion name")),
        (true, _) => Err(NotHgvs::new("more than two genes in a fusion name")),
        (false, _) => Err(NotHgvs::new("nothing says it is a fusion")),
    }
}
