//! What change does a protein, coding, genomic or fusion name describe? Grammar after HGVS nomenclature 21.0,
//! "Protein" and "DNA", with the older spellings that reports and curated sources still use.
//!
//! Names are compared as values: every spelling of one change parses to the same value, whose `Display` is the
//! one-letter normal form. Nothing is guessed: a name that can mean two changes is refused with a reason.

mod coding;
mod fusion;
mod genomic;
mod protein;
#[cfg(test)]
mod tests;

pub use coding::stated_gene;
pub use fusion::{FusionName, parse_fusion};
pub use genomic::chromosome_of_accession;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a text is not the name of a change. Never carries the text itself: names stand in patient records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a change: {why}")]
pub struct NotHgvs {
    /// What was wrong.
    pub why: &'static str,
}

impl NotHgvs {
    pub(crate) fn new(why: &'static str) -> NotHgvs {
        NotHgvs { why }
    }
}

/// A protein change in normal form: one-letter amino acids, `*` for stop, 1-based residues.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProteinChange {
    /// `V600E`
    Missense {
        /// Amino acid of the reference.
        reference: char,
        /// 1-based residue.
        residue: u32,
        /// Amino acid found.
        alternate: char,
    },
    /// `Q61*`
    Nonsense {
        /// Amino acid of the reference.
        reference: char,
        /// 1-based residue.
        residue: u32,
    },
    /// `E746_A750del`; `alternate` is non-empty for a deletion-insertion (`L747_P753delinsS`)
    Deletion {
        /// First deleted amino acid and its residue.
        first: (char, u32),
        /// Last deleted amino acid and its residue; equals `first` for one residue.
        last: (char, u32),
        /// Amino acids found instead; empty for a plain deletion.
        alternate: String,
    },
    /// `A767_V769dup`
    Duplication {
        /// First duplicated amino acid and its residue.
        first: (char, u32),
        /// Last one.
        last: (char, u32),
    },
    /// `D770_N771insSVD`
    Insertion {
        /// Amino acid before the insertion.
        after: (char, u32),
        /// Amino acid behind it, the next residue.
        before: (char, u32),
        /// Amino acids inserted.
        inserted: String,
    },
    /// `P191fs`, `S1982Rfs*22`: first changed residue; what follows is not kept
    Frameshift {
        /// Amino acid of the reference.
        reference: char,
        /// 1-based residue.
        residue: u32,
    },
    /// `M1?`, `M1V` as start loss is Missense; this is an unspecified start change
    StartLost,
    /// `*757Qext*9`
    StopLost {
        /// Residue of the reference stop.
        residue: u32,
    },
    /// `G12=`, `(=)`
    Synonymous {
        /// Residue, when one was named.
        residue: Option<u32>,
    },
}

/// A coding change as written after `c.`, normalised for comparison (trimmed, no parentheses, `>` kept).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct CodingChange {
    /// Transcript accession without version, e.g. `NM_004333` or `ENST00000288602`; empty when not given.
    pub transcript: String,
    /// E.g. `1799T>A`, `2235_2249del`.
    pub change: String,
}

/// A genomic change on one assembly. Positions are 1-based as in VCF.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct GenomicChange {
    /// Assembly.
    pub build: Build,
    /// Chromosome without `chr`.
    pub chromosome: String,
    /// 1-based position of the first reference base; for an insertion, of the base it stands before.
    pub position: u64,
    /// Reference bases (upper case), trimmed of shared suffix then shared prefix; may be empty for an insertion.
    pub reference: String,
    /// Alternate bases, trimmed likewise; may be empty for a deletion.
    pub alternate: String,
}

/// Genome assembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Build {
    /// hg19
    GRCh37,
    /// hg38
    GRCh38,
}

impl Build {
    /// Reads `GRCh37`, `GRCh38.p14`, `hg19`, `b37`, `hs37d5`, `37` and the like; `None` when the text names none.
    pub fn parse(text: &str) -> Option<Build> {
        let text = text.trim().to_ascii_lowercase();
        let names = |spellings: &[&str]| spellings.iter().any(|name| text.contains(name));
        let is_37 = text == "37" || names(&["grch37", "hg19", "b37", "hs37", "human_g1k_v37"]);
        let is_38 = text == "38" || names(&["grch38", "hg38", "hs38", "b38"]);
        match (is_37, is_38) {
            (true, false) => Some(Build::GRCh37),
            (false, true) => Some(Build::GRCh38),
            (true, true) | (false, false) => None,
        }
    }

    /// `GRCh37` or `GRCh38`.
    pub fn as_str(self) -> &'static str {
        match self {
            Build::GRCh37 => "GRCh37",
            Build::GRCh38 => "GRCh38",
        }
    }
}

impl std::fmt::Display for Build {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
