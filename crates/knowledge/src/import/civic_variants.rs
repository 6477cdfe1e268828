//! Which alterations does each CIViC variant ask for? One row of the variant table becomes one typed pattern, by id.
//!
//! Name and variant types decide together; coordinates and HGVS names add further doors to exact changes. A name no
//! rule understands stays as text and is never matched.

use super::{Imported, Strictness, Tally};
use crate::error::{Refusal, Result};
use crate::import::exon_bounds::ExonBounds;
use crate::tsv::{Comments, Row, Table, split_list};
use concilium_evidence::Leaf;
use concilium_terms::GeneSymbol;
use concilium_terms::hgvs::{Build, CodingChange, GenomicChange, ProteinChange};
use concilium_terms::pattern::{Direction, ExonChange, MarkerKind, Pattern, Signature};

/// Columns the importer needs.
const COLUMNS: &[&str] = &[
    "variant_id",
    "feature_type",
    "feature_name",
    "variant",
    "variant_types",
    "chromosome",
    "start",
    "stop",
    "reference_bases",
    "variant_bases",
    "representative_transcript",
    "reference_build",
    "hgvs_descriptions",
    "clinvar_ids",
    "5_prime_partner_status",
    "5_prime_partner",
    "3_prime_partner_status",
    "3_prime_partner",
];

/// One variant of either layout, as far as patterns need it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variant {
    /// Variant id.
    pub id: u64,
    /// Gene, fusion or factor.
    pub feature_type: FeatureType,
    /// `BRAF`, `EML4::ALK`, `TMB`.
    pub feature: String,
    /// Name without the feature: `V600E`.
    pub name: String,
    /// Sequence Ontology names.
    pub types: Vec<String>,
    /// Chromosome without `chr`; empty when unknown.
    pub chromosome: String,
    /// 1-based, inclusive.
    pub start: Option<u64>,
    /// 1-based, inclusive.
    pub stop: Option<u64>,
    /// Reference bases, may be empty.
    pub reference: String,
    /// Variant bases, may be empty.
    pub alternate: String,
    /// Assembly of the coordinates.
    pub build: Option<Build>,
    /// Representative transcript with version.
    pub transcript: String,
    /// HGVS names.
    pub hgvs: Vec<String>,
    /// ClinVar ids.
    pub clinvar: Vec<u64>,
    /// 5' and 3' partner of a fusion, when known.
    pub partners: (Option<String>, Option<String>),
}

/// What a variant belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FeatureType {
    /// A gene.
    #[default]
    Gene,
    /// A fusion.
    Fusion,
    /// A tumour-wide factor.
    Factor,
}

/// Reads the variant table into leaves sorted by id.
///
/// # Errors
/// A missing column; in strict mode the first refused row.
pub fn import(file: &str, text: &str, strictness: Strictness) -> Result<Imported<Leaf>> {
    let table = Table::parse(file, text, Comments::None, COLUMNS)?;
    let mut variants = Tally::new("leaves", strictness);
    for row in table.rows() {
        variants.row(&row, "variant_id", |row| Ok(vec![variant(row)?]))?;
    }
    let Imported { rows, count } = variants.finish();
    Ok(Imported { rows: leaves(&rows), count })
}

/// Typed leaves of variants, sorted by id. Exon bounds are compiled from all variants together.
pub fn leaves(variants: &[Variant]) -> Vec<Leaf> {
    let bounds = ExonBounds::compile(variants);
    let mut leaves: Vec<Leaf> = variants.iter().map(|variant| leaf(variant, &bounds)).collect();
    leaves.sort_by_key(|leaf| leaf.id);
    leaves
}

fn leaf(variant: &Variant, bounds: &ExonBounds) -> Leaf {
    Leaf { id: variant.id, name: variant.full_name(), pattern: pattern(variant, bounds) }
}

fn variant(row: &Row) -> std::result::Result<Variant, Refusal> {
    let partner = |status: &str, name: &str| {
        (row.get(status) == "known" && !row.get(name).is_empty()).then(|| row.get(name).to_owned())
    };
    Ok(Variant {
        id: row.needed_number("variant_id")?,
        feature_type: feature_type(row)?,
        feature: row.get("feature_name").to_owned(),
        name: row.get("variant").to_owned(),
        types: split_list(row.get("variant_types"), ',').into_iter().map(str::to_owned).collect(),
        chromosome: row.get("chromosome").to_owned(),
        start: row.number("start")?,
        stop: row.number("stop")?,
        reference: row.get("reference_bases").to_owned(),
        alternate: row.get("variant_bases").to_owned(),
        build: build(row.get("reference_build")),
        transcript: row.get("representative_transcript").to_owned(),
        hgvs: split_list(row.get("hgvs_descriptions"), ',').into_iter().map(str::to_owned).collect(),
        clinvar: split_list(row.get("clinvar_ids"), ',')
            .into_iter()
            .filter_map(|id| id.parse().ok())
            .collect(),
        partners: (
            partner("5_prime_partner_status", "5_prime_partner"),
            partner("3_prime_partner_status", "3_prime_partner"),
        ),
    })
}

fn feature_type(row: &Row) -> std::result::Result<FeatureType, Refusal> {
    match row.get("feature_type") {
        "Gene" => Ok(FeatureType::Gene),
        "Fusion" => Ok(FeatureType::Fusion),
        "Factor" => Ok(FeatureType::Factor),
        other => Err(row.refuse(
            "feature_type",
            &format!("`{other}` is unknown"),
            "expected Gene, Fusion or Factor",
        )),
    }
}

/// Assembly by the source's spelling.
pub fn build(text: &str) -> Option<Build> {
    match text {
        "GRCh37" => Some(Build::GRCh37),
        "GRCh38" => Some(Build::GRCh38),
        _ => None,
    }
}

impl Variant {
    /// Name with its gene or fusion, as profiles spell it.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.feature, self.name)
    }

    fn has_type(&self, name: &str) -> bool {
        self.types.iter().any(|t| t == name)
    }

    fn gene(&self) -> GeneSymbol {
        GeneSymbol::new(&self.feature)
    }

    /// Lower case, hyphens as blanks, one blank between words, the gene's own name dropped: `AR-V7` of AR is `v7`.
    fn words(&self) -> String {
        let name = self.name.to_lowercase();
        let gene = self.feature.to_lowercase();
        let name = match name.strip_prefix(&gene) {
            Some(rest) if !rest.is_empty() => rest.trim_start_matches(['-', ' ']).to_owned(),
            _ => name,
        };
        name.replace('-', " ").split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// One reading of a variant; the first that answers decides.
type Reading = fn(&Variant, &ExonBounds) -> Option<Pattern>;

/// Tried in this order: what concerns no gene, what must never be read as an exact change, names, exons, exact
/// changes, codons, and at last markers.
static READINGS: &[Reading] = &[
    factor,
    fusion_feature,
    never_matched,
    by_name,
    exon,
    large_deletion,
    fusion_name,
    codons,
    exact,
    splice,
];

/// The typed pattern of a variant. What no reading understands is kept as text.
pub fn pattern(variant: &Variant, bounds: &ExonBounds) -> Pattern {
    READINGS.iter().find_map(|read| read(variant, bounds)).unwrap_or_else(|| opaque(variant))
}

fn opaque(variant: &Variant) -> Pattern {
    let gene = (variant.feature_type == FeatureType::Gene).then(|| variant.gene());
    Pattern::Opaque { gene, name: variant.name.clone() }
}

fn factor(variant: &Variant, _: &ExonBounds) -> Option<Pattern> {
    if variant.feature_type != FeatureType::Factor {
        return None;
    }
    let signature = match (variant.feature.to_uppercase().as_str(), variant.words().as_str()) {
        ("TMB", "high") => Signature::TmbHigh,
        ("TMB", "low") => Signature::TmbLow,
        ("MSI", "high") => Signature::MsiHigh,
        ("MSS", "positive") | ("MSI", "stable") => Signature::Mss,
        ("HRD", "positive" | "high") => Signature::Hrd,
        _ => return Some(Pattern::Opaque { gene: None, name: variant.full_name() }),
    };
    Some(Pattern::Signature { signature })
}

fn fusion_feature(variant: &Variant, _: &ExonBounds) -> Option<Pattern> {
    if variant.feature_type != FeatureType::Fusion {
        return None;
    }
    let (five, three) = &variant.partners;
    Some(Pattern::Fusion {
        five: five.as_ref().map(GeneSymbol::new),
        three: three.as_ref().map(GeneSymbol::new),
        // `v::ALK` asks for any partner, so one whose partner the laboratory could not name counts too.
        rearrangement: five.is_none() || three.is_none(),
    })
}

/// Names that look exact but mean more or less than one change: zygosity, two changes at once, star alleles,
/// "both alleles", "other than", rare ones.
fn never_matched(variant: &Variant, _: &ExonBounds) -> Option<Pattern> {
    let words = variant.words();
    let marks = [
        "homozygosity",
        "biallelic",
        "heterozygosity",
        " and ",
        "null (",
        "partial deletion",
        "polymorphism",
    ];
    let star_allele = words.starts_with('*') && !words.starts_with("*2a") && !variant.name.starts_with('*');
    let other_than = words.starts_with("non ") || words.starts_with("rare ");
    (star_allele || other_than || marks.iter().any(|mark| words.contains(mark))).then(|| opaque(variant))
}

fn by_name(variant: &Variant, _: &ExonBounds) -> Option<Pattern> {
    let gene = variant.gene();
    let marker = |what, direction| Pattern::Marker { gene: variant.gene(), what, direction };
    Some(match variant.words().as_str() {
        "mutation" | "mutations" => Pattern::Mutation { gene },
        "activating mutation" | "gain of function" => Pattern::Activating { gene },
        "loss of function" | "inactivating mutation" | "deleterious mutation" => {
            Pattern::LossOfFunction { gene }
        }
        "truncating mutation" | "truncation" => Pattern::Truncating { gene },
        "amplification" => Pattern::Amplification { gene },
        "loss" => Pattern::Loss { gene },
        "deletion" => Pattern::Deletion { gene },
        "wildtype" | "wild type" => Pattern::Wildtype { gene },
        "itd" | "internal duplication" | "internal tandem duplication" | "kinase domain duplication" => {
            Pattern::Duplication { gene }
        }
        "copy number variation" => marker(MarkerKind::CopyNumber, Direction::Present),
        "expression" => marker(MarkerKind::Expression, Direction::Present),
        "p16 expression" if variant.feature == "CDKN2A" => marker(MarkerKind::Expression, Direction::Present),
        "overexpression" => marker(MarkerKind::Expression, Direction::High),
        "underexpression" => marker(MarkerKind::Expression, Direction::Low),
        "nuclear expression" => marker(MarkerKind::NuclearExpression, Direction::Present),
        "loss of nuclear protein expression" => marker(MarkerKind::NuclearExpression, Direction::Absent),
        "cytoplasmic expression" | "cytoplasmic mislocalization" => {
            marker(MarkerKind::CytoplasmicExpression, Direction::Present)
        }
        "promoter hypermethylation" => marker(MarkerKind::Methylation, Direction::High),
        "promoter methylation" | "methylation" => marker(MarkerKind::Methylation, Direction::Present),
        "promoter demethylation" | "promoter hypomethylation" => {
            marker(MarkerKind::Methylation, Direction::Low)
        }
        "phosphorylation" => marker(MarkerKind::Phosphorylation, Direction::Present),
        "serum levels" => marker(MarkerKind::SerumLevel, Direction::Present),
        "fusion" | "fusions" | "rearrangement" | "rearrangements" | "translocation" => {
            Pattern::Fusion { five: None, three: Some(gene), rearrangement: true }
        }
        _ => return None,
    })
}

/// `Exon 19 Deletion`, `EXON 1-2 MUTATION`, `Exon 9 Frameshift`. A deletion counts as a change inside the exon only
/// where the variant types call it in-frame; the others delete whole exons.
fn exon(variant: &Variant, bounds: &ExonBounds) -> Option<Pattern> {
    let (first, last, what) = exon_name(&variant.words())?;
    let change = match what.as_str() {
        "mutation" => ExonChange::Mutation,
        "insertion" => ExonChange::Insertion,
        "frameshift" => ExonChange::Frameshift,
        "deletion" if first == last && variant.has_type("inframe_deletion") => ExonChange::Deletion,
        _ => return None,
    };
    let residues = if first == last { bounds.residues(&variant.feature, first) } else { None };
    Some(Pattern::Exon { gene: variant.gene(), first, last, change, residues })
}

/// `exon 1 2 deletion` → (1, 2, `deletion`); hyphens are blanks by now.
pub(super) fn exon_name(words: &str) -> Option<(u32, u32, String)> {
    let mut parts = words.split(' ');
    if parts.next()? != "exon" {
        return None;
    }
    let first: u32 = parts.next()?.parse().ok()?;
    let mut next = parts.next()?;
    let mut last = first;
    if let Ok(number) = next.parse() {
        last = number;
        next = parts.next()?;
    }
    (parts.next().is_none() && first <= last).then(|| (first, last, next.to_owned()))
}

/// A deletion of whole exons is matched by its name alone.
fn large_deletion(variant: &Variant, _: &ExonBounds) -> Option<Pattern> {
    let (first, last, what) = exon_name(&variant.words())?;
    let exons = if first == last { first.to_string() } else { format!("{first}-{last}") };
    (what == "deletion")
        .then(|| Pattern::Splice { gene: variant.gene(), name: format!("exon{exons}deletion") })
}

/// Named isoforms and deletion variants.
fn splice(variant: &Variant, _: &ExonBounds) -> Option<Pattern> {
    let words = variant.words();
    let name = match words.as_str() {
        "viii" | "v7" | "v6" => words.clone(),
        "alternative transcript (ati)" => "ati".to_owned(),
        _ => {
            let skipping = words.strip_suffix(" mutation").unwrap_or(&words);
            let number = skipping.strip_prefix("exon ")?.strip_suffix(" skipping")?;
            number.parse::<u32>().ok()?;
            format!("exon{number}skipping")
        }
    };
    Some(Pattern::Splice { gene: variant.gene(), name })
}

/// A gene's variant named like a fusion: `TCF3::HLF`.
fn fusion_name(variant: &Variant, _: &ExonBounds) -> Option<Pattern> {
    let (five, three) = variant.name.split_once("::")?;
    let is_gene =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (is_gene(five) && is_gene(three)).then(|| Pattern::Fusion {
        five: Some(GeneSymbol::new(five)),
        three: Some(GeneSymbol::new(three)),
        rearrangement: false,
    })
}

/// `D835`; `G12/G13` becomes every substitution at either residue, `D835H/Y` the substitutions it lists.
fn codons(variant: &Variant, _: &ExonBounds) -> Option<Pattern> {
    let parts: Vec<&str> = variant.name.split('/').collect();
    let (reference, residue, alternate) = residue_name(parts.first()?)?;
    if let ([_], None) = (parts.as_slice(), alternate) {
        return Some(Pattern::Codon { gene: variant.gene(), reference, residue });
    }
    let proteins = match alternate {
        _ if parts.len() < 2 => return None,
        None => parts
            .iter()
            .map(|part| residue_name(part).filter(|r| r.2.is_none()))
            .collect::<Option<Vec<_>>>()?,
        Some(_) => vec![],
    };
    let proteins = match alternate {
        None => {
            proteins.iter().flat_map(|(reference, residue, _)| substitutions(*reference, *residue)).collect()
        }
        Some(first) => listed(reference, residue, first, &parts[1..])?,
    };
    Some(Pattern::Exact {
        gene: variant.gene(),
        proteins,
        codings: vec![],
        loci: vec![],
        clinvar: variant.clinvar.clone(),
    })
}

const AMINO_ACIDS: &str = "ACDEFGHIKLMNPQRSTVWY";

fn substitutions(reference: char, residue: u32) -> Vec<ProteinChange> {
    let others = AMINO_ACIDS.chars().filter(|alternate| *alternate != reference);
    others.map(|alternate| ProteinChange::Missense { reference, residue, alternate }).collect()
}

fn listed(reference: char, residue: u32, first: char, rest: &[&str]) -> Option<Vec<ProteinChange>> {
    let mut alternates = vec![first];
    for part in rest {
        let mut chars = part.chars();
        alternates.push(chars.next().filter(|c| AMINO_ACIDS.contains(*c) && part.len() == 1)?);
    }
    Some(
        alternates
            .into_iter()
            .map(|alternate| ProteinChange::Missense { reference, residue, alternate })
            .collect(),
    )
}

/// `G12` → (G, 12, None); `G12D` → (G, 12, Some(D)).
fn residue_name(text: &str) -> Option<(char, u32, Option<char>)> {
    let reference = text.chars().next().filter(|c| AMINO_ACIDS.contains(*c))?;
    let rest = &text[1..];
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let residue = rest[..digits].parse().ok()?;
    let mut tail = rest[digits..].chars();
    let alternate = tail.next();
    let known = alternate.is_none_or(|c| AMINO_ACIDS.contains(c));
    (known && tail.next().is_none()).then_some((reference, residue, alternate))
}

/// A change named exactly: by its protein name, by an HGVS name, or by bases at a place.
fn exact(variant: &Variant, _: &ExonBounds) -> Option<Pattern> {
    let proteins = proteins(variant);
    let codings = codings(variant);
    let named = !proteins.is_empty() || is_coding_name(&variant.name) || is_rs_id(&variant.name);
    let noncoding = ["splice", "3'utr alteration", "intronic deletion", "del "];
    let placed = noncoding.iter().any(|start| variant.name.to_lowercase().starts_with(start));
    let loci: Vec<GenomicChange> = locus(variant).into_iter().collect();
    let has_door = !proteins.is_empty() || !codings.is_empty() || !loci.is_empty();
    ((named || placed) && has_door).then(|| Pattern::Exact {
        gene: variant.gene(),
        proteins,
        codings,
        loci,
        clinvar: variant.clinvar.clone(),
    })
}

/// The name's own change; where the name is none, those of its HGVS names.
fn proteins(variant: &Variant) -> Vec<ProteinChange> {
    if let Some(change) = protein_of_name(&variant.name) {
        return vec![change];
    }
    let is_protein = |name: &&String| name.contains(":p.") && !name.ends_with("p.=");
    let mut found: Vec<ProteinChange> = variant
        .hgvs
        .iter()
        .filter(is_protein)
        .filter_map(|name| ProteinChange::parse(name.rsplit(':').next().unwrap_or(name)).ok())
        .collect();
    found.sort();
    found.dedup();
    found
}

/// `V600E`, `W288FS`, `R200W (c.598C>T)`, `E746_T751>I`, `K706FS*19`.
pub(super) fn protein_of_name(name: &str) -> Option<ProteinChange> {
    let first = name.split([' ', '(']).next()?;
    if first.len() < 3 || first.starts_with("c.") || !first.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut text = first.trim_start_matches("p.").to_owned();
    for (written, normal) in
        [("DELINS", "delins"), ("DEL", "del"), ("INS", "ins"), ("DUP", "dup"), ("FS", "fs")]
    {
        text = text.replace(written, normal);
    }
    let text = if text.contains('_') { text.replace('>', "delins") } else { text };
    ProteinChange::parse(&text).ok()
}

fn is_coding_name(name: &str) -> bool {
    name.starts_with("c.")
        || name.contains("(c.")
        || name.contains(" c.")
        || name == "1100DELC"
        || name.starts_with("IVS")
}

fn is_rs_id(name: &str) -> bool {
    let digits = name.get(2..).unwrap_or("");
    name.get(..2).is_some_and(|rs| rs.eq_ignore_ascii_case("rs"))
        && !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
}

fn codings(variant: &Variant) -> Vec<CodingChange> {
    let named = variant.hgvs.iter().filter(|name| name.contains(":c."));
    let mut found: Vec<CodingChange> = named.filter_map(|name| CodingChange::parse(name).ok()).collect();
    if found.is_empty() && !variant.transcript.is_empty() {
        found.extend(coding_of_name(variant));
    }
    found.sort();
    found.dedup();
    found
}

/// `Splice Site (c.464-1G>A)` on the representative transcript.
fn coding_of_name(variant: &Variant) -> Option<CodingChange> {
    let from = variant.name.find("c.")?;
    let change = variant.name[from..].split([')', ' ']).next()?;
    CodingChange::parse(&format!("{}:{change}", variant.transcript)).ok()
}

/// The place of a change with known bases. CIViC writes an insertion as its two flanking positions.
fn locus(variant: &Variant) -> Option<GenomicChange> {
    let (build, start) = (variant.build?, variant.start?);
    let is_bases = |text: &str| text.bytes().all(|b| b"ACGTacgt".contains(&b));
    if variant.reference.is_empty() && variant.alternate.is_empty() || variant.chromosome.is_empty() {
        return None;
    }
    if !is_bases(&variant.reference) || !is_bases(&variant.alternate) {
        return None;
    }
    let position = if variant.reference.is_empty() { start + 1 } else { start };
    Some(trimmed(GenomicChange {
        build,
        chromosome: variant.chromosome.clone(),
        position,
        reference: variant.reference.to_uppercase(),
        alternate: variant.alternate.to_uppercase(),
    }))
}

/// Drops bases both alleles share, at the end first.
fn trimmed(mut change: GenomicChange) -> GenomicChange {
    let suffix = change
        .reference
        .bytes()
        .rev()
        .zip(change.alternate.bytes().rev())
        .take_while(|(a, b)| a == b)
        .count();
    change.reference.truncate(change.reference.len() - suffix);
    change.alternate.truncate(change.alternate.len() - suffix);
    let prefix = change.reference.bytes().zip(change.alternate.bytes()).take_while(|(a, b)| a == b).count();
    change.reference.drain(..prefix);
    change.alternate.drain(..prefix);
    change.position += prefix as u64;
    change
}

/// The word a snapshot counts a pattern under.
pub fn kind_name(pattern: &Pattern) -> &'static str {
    match pattern {
        Pattern::Exact { .. } => "exact",
        Pattern::Codon { .. } => "codon",
        Pattern::Exon { residues: Some(_), .. } => "exon, bounds known",
        Pattern::Exon { residues: None, .. } => "exon, bounds unknown",
        Pattern::Mutation { .. } => "mutation",
        Pattern::Activating { .. } => "activating",
        Pattern::LossOfFunction { .. } => "loss-of-function",
        Pattern::Truncating { .. } => "truncating",
        Pattern::Amplification { .. } => "amplification",
        Pattern::Loss { .. } => "loss",
        Pattern::Deletion { .. } => "deletion",
        Pattern::Fusion { rearrangement: false, .. } => "fusion, both partners named",
        Pattern::Fusion { rearrangement: true, .. } => "fusion, any partner",
        Pattern::Wildtype { .. } => "wildtype",
        Pattern::Duplication { .. } => "duplication",
        Pattern::Splice { .. } => "splice",
        Pattern::Marker { .. } => "marker",
        Pattern::Signature { .. } => "signature",
        Pattern::Opaque { .. } => "opaque",
    }
}
