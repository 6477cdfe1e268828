//! What was found, or looked for and not found, in tumour or germline?

use crate::Meta;
use concilium_terms::hgvs::{CodingChange, GenomicChange, ProteinChange};
use concilium_terms::pattern::{Direction, MarkerKind, Signature};
use concilium_terms::{Code, GeneSymbol, quantity::Quantity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Present, absent, or neither known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// Found.
    Present,
    /// Looked for and not found.
    Absent,
    /// Looked for, no answer (failed, indeterminate, not covered).
    Unknown,
}

/// Somatic, germline, or not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Acquired by the tumour.
    Somatic,
    /// Inherited.
    Germline,
    /// Not said, or the assay cannot tell.
    Unknown,
}

/// The lab's call. Only what was stated; never computed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Significance {
    /// Oncogenic or pathogenic.
    Pathogenic,
    /// Likely so.
    LikelyPathogenic,
    /// Uncertain significance.
    Uncertain,
    /// Likely benign.
    LikelyBenign,
    /// Benign.
    Benign,
}

/// Functional effect as stated by the lab or a curated row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Gain of function.
    Activating,
    /// Loss of function.
    LossOfFunction,
}

/// Consequence on the protein as annotated (Sequence Ontology), grouped. Never computed from bases here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Consequence {
    /// missense_variant
    Missense,
    /// stop_gained
    Nonsense,
    /// frameshift_variant
    Frameshift,
    /// inframe_deletion and shortening delins
    InframeDeletion,
    /// inframe_insertion, duplication
    InframeInsertion,
    /// splice_donor_variant, splice_acceptor_variant
    SpliceSite,
    /// start_lost, stop_lost
    StartStop,
    /// synonymous_variant
    Synonymous,
    /// Intronic, UTR, intergenic, up- or downstream
    Noncoding,
}

impl Consequence {
    /// Does it change the protein?
    pub fn alters_protein(self) -> bool {
        !matches!(self, Consequence::Synonymous | Consequence::Noncoding)
    }

    /// Nonsense, frameshift or essential splice site.
    pub fn truncates(self) -> bool {
        matches!(self, Consequence::Nonsense | Consequence::Frameshift | Consequence::SpliceSite)
    }
}

/// Copies as stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CopyCall {
    /// Stated as amplification.
    Amplified,
    /// Gain of unspecified extent.
    Gain,
    /// Homozygous or two-copy loss.
    HomozygousLoss,
    /// Single-copy loss.
    SingleLoss,
    /// Loss of unspecified extent.
    Loss,
    /// Normal copies.
    Neutral,
    /// Only a number was given.
    NumberOnly,
}

/// What kind of alteration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum AlterationKind {
    /// Substitution or small insertion / deletion.
    Small {
        /// Protein change in normal form.
        protein: Option<ProteinChange>,
        /// Coding names (one per transcript).
        coding: Vec<CodingChange>,
        /// Genomic change.
        genomic: Option<GenomicChange>,
        /// Annotated consequence (stated, or implied by the protein name itself).
        consequence: Option<Consequence>,
        /// Exon number as annotated.
        exon: Option<u32>,
        /// ClinVar variation ids.
        clinvar: Vec<u64>,
    },
    /// Copy number of a gene.
    CopyNumber {
        /// As stated.
        call: CopyCall,
        /// Copies, when a number was given.
        copies: Option<f64>,
    },
    /// Fusion or rearrangement. `gene` of the alteration is the 3' gene when known, else the one named.
    Fusion {
        /// 5' gene.
        five: Option<GeneSymbol>,
        /// 3' gene.
        three: Option<GeneSymbol>,
        /// Was orientation stated?
        oriented: bool,
    },
    /// Named splice variant: `v7`, `viii`, `exon14skipping` (same spelling as `Pattern::Splice::name`).
    Splice {
        /// Normalised name.
        name: String,
    },
    /// Internal tandem or kinase domain duplication.
    Duplication,
    /// What could not be typed; the words are in `label`.
    Other,
}

/// One alteration, as one source states it. The same alteration from two sources of one specimen is one (assembly merges).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alteration {
    /// Id, time (collection), sources.
    pub meta: Meta,
    /// Gene, resolved; empty only when the record names none (kept with an issue).
    pub gene: GeneSymbol,
    /// For people: `EGFR T790M`, `EML4::ALK fusion`, as near to the record as possible.
    pub label: String,
    /// What it is.
    pub kind: AlterationKind,
    /// Found or looked for and not found.
    pub presence: Presence,
    /// Somatic or germline.
    pub origin: Origin,
    /// The lab's call.
    pub significance: Option<Significance>,
    /// The lab's functional call.
    pub effect: Option<Effect>,
    /// `Some(true)` homozygous.
    pub homozygous: Option<bool>,
    /// Alternate allele fraction, `0.0..=1.0`.
    pub vaf: Option<f64>,
    /// Lowest fraction the assay claims to detect.
    pub vaf_floor: Option<f64>,
    /// Reads at the site.
    pub depth: Option<u32>,
    /// Id of the specimen in `Facts::specimens`, when stated.
    pub specimen: Option<String>,
    /// Assay or method as named.
    pub assay: Option<String>,
    /// Stated phase with other alterations: (label or id, `Some(true)` cis, `Some(false)` trans, `None` unknown).
    pub phase: Vec<(String, Option<bool>)>,
}

/// Which genes an assay looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RegionStudied {
    /// Id, time, sources.
    pub meta: Meta,
    /// Genes fully or partly covered.
    pub genes: Vec<GeneSymbol>,
    /// Ranges as written, when only ranges were given.
    pub ranges: Vec<String>,
    /// Genes stated as uncallable or failed.
    pub uncovered: Vec<GeneSymbol>,
    /// Somatic or germline assay.
    pub origin: Origin,
    /// Specimen id.
    pub specimen: Option<String>,
    /// Assay or method as named.
    pub assay: Option<String>,
}

/// What a marker measures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MarkerName {
    /// Oestrogen receptor.
    Er,
    /// Progesterone receptor.
    Pr,
    /// HER2 by IHC or ISH (`method` tells).
    Her2,
    /// PD-L1.
    PdL1,
    /// Ki-67.
    Ki67,
    /// MSI, TMB, HRD.
    Signature(SignatureName),
    /// Protein or expression of a gene, e.g. EGFR IHC, PSMA.
    Gene(GeneSymbol, MarkerKind),
    /// Anything else, by name.
    Other(String),
}

/// Tumour-wide signatures by name; which way is in the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureName {
    /// Microsatellite instability / mismatch repair.
    Msi,
    /// Tumour mutational burden.
    Tmb,
    /// Homologous recombination deficiency.
    Hrd,
}

/// A receptor, expression or signature result with the lab's own call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Marker {
    /// Id, time, sources.
    pub meta: Meta,
    /// What was measured.
    pub name: MarkerName,
    /// `ihc`, `ish`, `ngs`, `pcr` … when stated.
    pub method: Option<String>,
    /// The lab's call in our words; `None` = only a number or score (no threshold of ours is applied).
    pub call: Option<MarkerCall>,
    /// Score as written: `3+`, `1+`, `TPS 60 %`.
    pub score: Option<String>,
    /// Number with unit.
    pub value: Option<Quantity>,
    /// Specimen id.
    pub specimen: Option<String>,
}

/// The lab's call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MarkerCall {
    /// Positive, present, high, deficient (MMR), unstable.
    Positive,
    /// Negative, absent, stable, proficient.
    Negative,
    /// Low (HER2-low, TMB-low as stated).
    Low,
    /// Equivocal.
    Equivocal,
    /// Failed or not assessable.
    Failed,
}

impl Marker {
    /// The signature a positive or negative call stands for.
    pub fn signature(&self) -> Option<(Signature, Direction)> {
        let direction = match self.call? {
            MarkerCall::Positive => Direction::High,
            MarkerCall::Negative | MarkerCall::Low => Direction::Low,
            MarkerCall::Equivocal | MarkerCall::Failed => return None,
        };
        let signature = match (&self.name, direction) {
            (MarkerName::Signature(SignatureName::Msi), Direction::High) => Signature::MsiHigh,
            (MarkerName::Signature(SignatureName::Msi), _) => Signature::Mss,
            (MarkerName::Signature(SignatureName::Tmb), Direction::High) => Signature::TmbHigh,
            (MarkerName::Signature(SignatureName::Tmb), _) => Signature::TmbLow,
            (MarkerName::Signature(SignatureName::Hrd), _) => Signature::Hrd,
            _ => return None,
        };
        Some((signature, direction))
    }
}

/// A germline pharmacogene result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pharmacogene {
    /// Id, time, sources.
    pub meta: Meta,
    /// Gene.
    pub gene: GeneSymbol,
    /// Diplotype as written, e.g. `*1/*2A`.
    pub diplotype: Option<String>,
    /// Phenotype as stated by the lab, or computed from the diplotype by the release's table (then `meta.derived`).
    pub phenotype: Option<String>,
    /// Activity score, stated or from the table.
    pub activity: Option<f64>,
    /// Defining positions that were not covered; non-empty means "not covered", never normal.
    pub uncovered: Vec<String>,
}

/// A specimen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Specimen {
    /// Id (`Specimen/abc`), collection time, sources.
    pub meta: Meta,
    /// Type as coded.
    pub kind: Option<Code>,
    /// Body site as coded.
    pub site: Option<Code>,
    /// Plasma: cell-free DNA.
    pub plasma: bool,
    /// Blood that is not plasma: whole blood, serum, leucocytes.
    pub blood: bool,
}

/// The lab's own therapeutic implication; shown as the lab's opinion, never an option's support.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LabOpinion {
    /// Id, time, sources.
    pub meta: Meta,
    /// Words of the implication in the record's codes: drug, effect, level.
    pub about: String,
    /// Alteration ids it is derived from, when stated.
    pub alterations: Vec<String>,
}
