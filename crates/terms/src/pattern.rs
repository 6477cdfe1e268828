//! Which alterations does a curated leaf ask for? One variant per row of the table "Who matches: alterations".

use crate::GeneSymbol;
use crate::hgvs::{CodingChange, GenomicChange, ProteinChange};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A typed leaf of a molecular profile. Made from the source's variant table by id, never by guessing at a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Pattern {
    /// One of the listed changes exactly, by any of its names.
    Exact {
        /// Gene.
        gene: GeneSymbol,
        /// Protein changes, any of which satisfies (`G12/G13` lists give several).
        proteins: Vec<ProteinChange>,
        /// Coding names, same transcript, version ignored.
        codings: Vec<CodingChange>,
        /// Genomic loci, same build only.
        loci: Vec<GenomicChange>,
        /// ClinVar variation ids.
        clinvar: Vec<u64>,
    },
    /// Any protein change at a residue (`D835`).
    Codon {
        /// Gene.
        gene: GeneSymbol,
        /// One-letter reference amino acid.
        reference: char,
        /// 1-based residue.
        residue: u32,
    },
    /// A change of one kind inside exons `first..=last`.
    Exon {
        /// Gene.
        gene: GeneSymbol,
        /// First exon, 1-based.
        first: u32,
        /// Last exon.
        last: u32,
        /// Which change.
        change: ExonChange,
        /// Residue bounds compiled from the source's coordinates of exact variants; `None` = annotation needed.
        residues: Option<(u32, u32)>,
    },
    /// Any protein-altering small variant called oncogenic or pathogenic.
    Mutation {
        /// Gene.
        gene: GeneSymbol,
    },
    /// An activating change: only with such a call.
    Activating {
        /// Gene.
        gene: GeneSymbol,
    },
    /// A deleterious / inactivating / loss-of-function change: such a call, or truncating in a loss-of-function gene.
    LossOfFunction {
        /// Gene.
        gene: GeneSymbol,
    },
    /// Nonsense, frameshift or essential splice.
    Truncating {
        /// Gene.
        gene: GeneSymbol,
    },
    /// Amplification stated, or copies at or above the threshold.
    Amplification {
        /// Gene.
        gene: GeneSymbol,
    },
    /// `Loss`: homozygous or two-copy loss, or loss of function.
    Loss {
        /// Gene.
        gene: GeneSymbol,
    },
    /// `Deletion`: homozygous or two-copy loss.
    Deletion {
        /// Gene.
        gene: GeneSymbol,
    },
    /// A fusion; `None` is any partner. `rearrangement` accepts one without known partner.
    Fusion {
        /// 5' gene.
        five: Option<GeneSymbol>,
        /// 3' gene.
        three: Option<GeneSymbol>,
        /// Partner or orientation need not be known.
        rearrangement: bool,
    },
    /// Tested and no protein-altering variant found.
    Wildtype {
        /// Gene.
        gene: GeneSymbol,
    },
    /// Internal tandem duplication or kinase domain duplication.
    Duplication {
        /// Gene.
        gene: GeneSymbol,
    },
    /// A named splice or deletion variant: `AR-V7`, `VIII`, `Exon 14 Skipping`.
    Splice {
        /// Gene.
        gene: GeneSymbol,
        /// Name in lower case without blanks: `v7`, `viii`, `exon14skipping`.
        name: String,
    },
    /// Expression, IHC, methylation, phosphorylation: the same gene, quantity and direction as the lab states it.
    Marker {
        /// Gene.
        gene: GeneSymbol,
        /// What was looked at.
        what: MarkerKind,
        /// Which way.
        direction: Direction,
    },
    /// MSI, TMB, HRD and the like.
    Signature {
        /// Which.
        signature: Signature,
    },
    /// A copy-number gain of unspecified extent, polymorphism, domain mutation … : kept as text, never matched.
    Opaque {
        /// Gene, when the source names one.
        gene: Option<GeneSymbol>,
        /// The source's own name of the variant.
        name: String,
    },
}

/// Kinds of change an exon leaf asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExonChange {
    /// In-frame deletion (deletion-insertions that shorten included).
    Deletion,
    /// In-frame insertion or duplication.
    Insertion,
    /// Any protein-altering change.
    Mutation,
    /// Frameshift.
    Frameshift,
}

/// What a marker leaf looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MarkerKind {
    /// Expression of transcript or protein, method unstated.
    Expression,
    /// Nuclear expression.
    NuclearExpression,
    /// Cytoplasmic expression or mislocalisation.
    CytoplasmicExpression,
    /// Promoter methylation.
    Methylation,
    /// Phosphorylation.
    Phosphorylation,
    /// Serum or plasma level.
    SerumLevel,
    /// Copy number stated without direction.
    CopyNumber,
}

/// Which way a marker leans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Over, high, hyper.
    High,
    /// Under, low, hypo, loss of.
    Low,
    /// Present / positive.
    Present,
    /// Absent / negative.
    Absent,
}

/// Tumour-wide signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Signature {
    /// Microsatellite instability high / mismatch repair deficient.
    MsiHigh,
    /// Tumour mutational burden high.
    TmbHigh,
    /// Homologous recombination deficiency.
    Hrd,
    /// Microsatellite stable.
    Mss,
    /// Burden low.
    TmbLow,
}

impl Pattern {
    /// Genes that must be looked at; two for a named fusion, none for signatures.
    pub fn genes(&self) -> Vec<&GeneSymbol> {
        match self {
            Pattern::Exact { gene, .. }
            | Pattern::Codon { gene, .. }
            | Pattern::Exon { gene, .. }
            | Pattern::Mutation { gene }
            | Pattern::Activating { gene }
            | Pattern::LossOfFunction { gene }
            | Pattern::Truncating { gene }
            | Pattern::Amplification { gene }
            | Pattern::Loss { gene }
            | Pattern::Deletion { gene }
            | Pattern::Wildtype { gene }
            | Pattern::Duplication { gene }
            | Pattern::Splice { gene, .. }
            | Pattern::Marker { gene, .. } => vec![gene],
            Pattern::Fusion { five, three, .. } => five.iter().chain(three).collect(),
            Pattern::Opaque { gene, .. } => gene.iter().collect(),
            Pattern::Signature { .. } => vec![],
        }
    }
}
