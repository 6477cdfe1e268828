//! How is an alteration that is asked for written in words?
//!
//! `EGFR T790M`, `KRAS G12C/G12D`, `EGFR exon 20 insertion`, `EML4::ALK fusion`, `v::ALK rearrangement`, `TP53 loss`,
//! `msi-high`. `v` stands for any partner.

use super::super::words::Worded;
use concilium_terms::GeneSymbol;
use concilium_terms::hgvs::{Build, CodingChange, GenomicChange, ProteinChange};
use concilium_terms::pattern::{Direction, ExonChange, MarkerKind, Pattern, Signature};

/// In words, without quotes.
pub(in super::super) fn write(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Exact { gene, proteins, codings, loci, clinvar } => {
            exact(gene, proteins, codings, loci, clinvar)
        }
        Pattern::Codon { gene, reference, residue } => format!("{gene} codon {reference}{residue}"),
        Pattern::Exon { gene, first, last, change, residues } => {
            let exons = if first == last { first.to_string() } else { format!("{first}-{last}") };
            let bounds = residues.map(|(from, to)| format!(" residues {from}-{to}")).unwrap_or_default();
            format!("{gene} exon {exons} {}{bounds}", change.word())
        }
        Pattern::Mutation { gene } => format!("{gene} mutation"),
        Pattern::Activating { gene } => format!("{gene} activating"),
        Pattern::LossOfFunction { gene } => format!("{gene} loss-of-function"),
        Pattern::Truncating { gene } => format!("{gene} truncating"),
        Pattern::Amplification { gene } => format!("{gene} amplification"),
        Pattern::Loss { gene } => format!("{gene} loss"),
        Pattern::Deletion { gene } => format!("{gene} deletion"),
        Pattern::Wildtype { gene } => format!("{gene} wildtype"),
        Pattern::Duplication { gene } => format!("{gene} duplication"),
        Pattern::Fusion { five, three, rearrangement } => {
            let kind = if *rearrangement { "rearrangement" } else { "fusion" };
            format!("{}::{} {kind}", partner(five.as_ref()), partner(three.as_ref()))
        }
        Pattern::Splice { gene, name } => format!("{gene} splice {name}"),
        Pattern::Marker { gene, what, direction } => format!("{gene} {} {}", what.word(), direction.word()),
        Pattern::Signature { signature } => signature.word().to_owned(),
        Pattern::Opaque { gene, name } => {
            format!("opaque {} {name}", gene.as_ref().map_or("-", GeneSymbol::as_str))
        }
    }
}

fn partner(gene: Option<&GeneSymbol>) -> &str {
    gene.map_or("v", GeneSymbol::as_str)
}

/// Proteins alone as people write them; else every name with its letter.
fn exact(
    gene: &GeneSymbol,
    proteins: &[ProteinChange],
    codings: &[CodingChange],
    loci: &[GenomicChange],
    clinvar: &[u64],
) -> String {
    let bare = codings.is_empty() && loci.is_empty() && clinvar.is_empty() && !proteins.is_empty();
    let named = |letter: &str| proteins.iter().map(|p| format!("{letter}{p}")).collect::<Vec<_>>();
    if bare {
        return format!("{gene} {}", named("").join("/"));
    }
    let mut parts = named("p:");
    parts.extend(codings.iter().map(|c| format!("c:{}:{}", c.transcript, c.change)));
    parts.extend(
        loci.iter().map(|g| {
            format!("g:{}:{}:{}:{}:{}", g.build, g.chromosome, g.position, g.reference, g.alternate)
        }),
    );
    parts.extend(clinvar.iter().map(|id| format!("clinvar:{id}")));
    [vec![gene.to_string(), "exact".into()], parts].concat().join(" ")
}

/// Reads what `write` writes.
pub(in super::super) fn read(text: &str) -> Option<Pattern> {
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        ["opaque", gene, name @ ..] => Some(Pattern::Opaque {
            gene: (*gene != "-").then(|| GeneSymbol::new(gene)),
            name: name.join(" "),
        }),
        [signature] => Signature::of_word(signature).map(|signature| Pattern::Signature { signature }),
        [partners, kind @ ("fusion" | "rearrangement")] if partners.contains("::") => {
            let (five, three) = partners.split_once("::")?;
            let gene = |name: &str| (name != "v").then(|| GeneSymbol::new(name));
            let rearrangement = *kind == "rearrangement";
            Some(Pattern::Fusion { five: gene(five), three: gene(three), rearrangement })
        }
        [gene, rest @ ..] if !gene.is_empty() => of_gene(GeneSymbol::new(gene), rest),
        _ => None,
    }
}

fn of_gene(gene: GeneSymbol, rest: &[&str]) -> Option<Pattern> {
    Some(match rest {
        ["mutation"] => Pattern::Mutation { gene },
        ["activating"] => Pattern::Activating { gene },
        ["loss-of-function"] => Pattern::LossOfFunction { gene },
        ["truncating"] => Pattern::Truncating { gene },
        ["amplification"] => Pattern::Amplification { gene },
        ["loss"] => Pattern::Loss { gene },
        ["deletion"] => Pattern::Deletion { gene },
        ["wildtype"] => Pattern::Wildtype { gene },
        ["duplication"] => Pattern::Duplication { gene },
        ["splice", name] => Pattern::Splice { gene, name: (*name).to_owned() },
        ["codon", place] => {
            let mut letters = place.chars();
            let reference = letters.next()?;
            Pattern::Codon { gene, reference, residue: number(letters.as_str())? }
        }
        ["exon", exons, change, bounds @ ..] => {
            let (first, last) = pair(exons).or_else(|| number(exons).map(|exon| (exon, exon)))?;
            let residues = match bounds {
                [] => None,
                ["residues", bounds] => Some(pair(bounds)?),
                _ => return None,
            };
            Pattern::Exon { gene, first, last, change: ExonChange::of_word(change)?, residues }
        }
        ["exact", names @ ..] => with_names(gene, names)?,
        [what, direction] => Pattern::Marker {
            gene,
            what: MarkerKind::of_word(what)?,
            direction: Direction::of_word(direction)?,
        },
        [changes] => {
            let proteins: Result<_, _> = changes.split('/').map(ProteinChange::parse).collect();
            Pattern::Exact { gene, proteins: proteins.ok()?, codings: vec![], loci: vec![], clinvar: vec![] }
        }
        _ => return None,
    })
}

/// Digits only: no sign, no blank.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

fn pair(text: &str) -> Option<(u32, u32)> {
    let (from, to) = text.split_once('-')?;
    Some((number(from)?, number(to)?))
}

fn with_names(gene: GeneSymbol, names: &[&str]) -> Option<Pattern> {
    let (mut proteins, mut codings, mut loci, mut clinvar) = (vec![], vec![], vec![], vec![]);
    for name in names {
        match name.split_once(':')? {
            ("p", change) => proteins.push(ProteinChange::parse(change).ok()?),
            ("c", coding) => {
                let (transcript, change) = coding.split_once(':')?;
                codings.push(CodingChange { transcript: transcript.into(), change: change.into() });
            }
            ("g", locus) => loci.push(read_locus(locus)?),
            ("clinvar", id) => clinvar.push(id.parse().ok()?),
            _ => return None,
        }
    }
    Some(Pattern::Exact { gene, proteins, codings, loci, clinvar })
}

fn read_locus(text: &str) -> Option<GenomicChange> {
    let parts: Vec<&str> = text.split(':').collect();
    let [build, chromosome, position, reference, alternate] = parts.as_slice() else { return None };
    Some(GenomicChange {
        build: Build::parse(build)?,
        chromosome: (*chromosome).to_owned(),
        position: position.parse().ok()?,
        reference: (*reference).to_owned(),
        alternate: (*alternate).to_owned(),
    })
}
