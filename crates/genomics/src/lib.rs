//! Which alterations, signatures, diplotypes and phenotypes?
//!
//! Reads sequencing results (VCF, MAF) into facts, line by line: a line that cannot be read becomes an issue with
//! its number, and the rest is read. Consequences are taken from annotation, never computed from bases.

mod input;
mod maf;
mod pgx;
#[cfg(test)]
mod tests;
mod vcf;

pub use maf::read_maf;
pub use pgx::phenotype_of;
pub use vcf::read_vcf;

use concilium_case::Origin;
use concilium_case::{
    Alteration, AlterationKind, Consequence, Facts, InputItem, Issue, Level, Meta, Place, Presence, Source,
};
use concilium_knowledge::Knowledge;
use concilium_terms::hgvs::{Build, ProteinChange};
use concilium_terms::pattern::Pattern;
use concilium_terms::{GeneSymbol, PartialDate};
use std::collections::BTreeSet;

/// What the user says about a file. Nothing here is guessed from its name.
#[derive(Clone, Debug)]
pub struct Options<'k> {
    /// Gene names, pharmacogene tables, transcripts.
    pub knowledge: &'k Knowledge,
    /// Assembly, when the file does not say it or says it wrongly.
    pub build: Option<Build>,
    /// Which sample or tumour barcode to read; needed when there are several and none is marked as the tumour.
    pub sample: Option<String>,
    /// What the assay looked at. Pharmacogenes are called from germline files only.
    pub origin: Origin,
    /// Lowest allele fraction the assay claims to detect, `0.0..=1.0`.
    pub vaf_floor: Option<f64>,
    /// Copies from which a gain is an amplification; `None` leaves the number as it is.
    pub amplification_copies: Option<f64>,
    /// Specimen id the results belong to.
    pub specimen: Option<String>,
    /// Assay name.
    pub assay: Option<String>,
    /// Collection date.
    pub collected: Option<PartialDate>,
    /// Most bytes after decompression.
    pub limit_bytes: u64,
}

impl<'k> Options<'k> {
    /// Nothing stated; at most 4 GiB of text.
    pub fn new(knowledge: &'k Knowledge) -> Options<'k> {
        Options {
            knowledge,
            build: None,
            sample: None,
            origin: Origin::Unknown,
            vaf_floor: None,
            amplification_copies: None,
            specimen: None,
            assay: None,
            collected: None,
            limit_bytes: 4 << 30,
        }
    }
}

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No header where one must be.
    #[error("not a {format} file: line {line}: {why}")]
    NotThis {
        /// `VCF`, `MAF`.
        format: &'static str,
        /// 1-based line at which that was seen.
        line: usize,
        /// What is missing.
        why: &'static str,
    },
    /// Several samples, none chosen.
    #[error("{found} samples and none is marked as the tumour: name the one to read")]
    WhichSample {
        /// How many.
        found: usize,
    },
    /// The chosen sample is not in the file.
    #[error("the sample asked for is not among the {found} in the file")]
    NoSuchSample {
        /// How many.
        found: usize,
    },
    /// Larger than allowed.
    #[error("more than {limit_bytes} bytes after decompression")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// Broken compression.
    #[error("cannot be decompressed")]
    Compressed(#[source] std::io::Error),
}

impl ReadError {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            ReadError::NotThis { format: "MAF", .. } => "give a MAF file with its header line",
            ReadError::NotThis { .. } => "give a VCF 4.x file with its header",
            ReadError::WhichSample { .. } | ReadError::NoSuchSample { .. } => {
                "give one sample a file, or name the tumour: a VCF header line ##tumor_sample=NAME, or a column TUMOR"
            }
            ReadError::TooLarge { .. } => "cut it down to the genes asked about",
            ReadError::Compressed(_) => "copy the file again, or unpack it",
        }
    }
}

/// The Sequence Ontology terms an annotation lists, grouped by the gravest; `None` when there is none.
/// Order: VEP "Ensembl variation, calculated consequences", from frameshift down.
pub fn consequence_of_terms(terms: &str) -> Option<Consequence> {
    let lower = terms.to_ascii_lowercase().replace(' ', "_");
    let one = |term: &str| match term {
        "frameshift_variant"
        | "frame_shift_del"
        | "frame_shift_ins"
        | "frameshift_truncation"
        | "frameshift_elongation" => Consequence::Frameshift,
        "stop_gained" | "nonsense_mutation" => Consequence::Nonsense,
        "splice_acceptor_variant" | "splice_donor_variant" | "splice_site" => Consequence::SpliceSite,
        "start_lost"
        | "stop_lost"
        | "initiator_codon_variant"
        | "nonstop_mutation"
        | "translation_start_site" => Consequence::StartStop,
        "missense_variant" | "missense_mutation" | "protein_altering_variant" => Consequence::Missense,
        "synonymous_variant" | "stop_retained_variant" | "start_retained_variant" | "silent" => {
            Consequence::Synonymous
        }
        _ if term.ends_with("inframe_deletion") || term == "in_frame_del" => Consequence::InframeDeletion,
        _ if term.ends_with("inframe_insertion") || term == "in_frame_ins" => Consequence::InframeInsertion,
        _ => Consequence::Noncoding,
    };
    lower.split(['&', ',']).filter(|term| !term.is_empty()).map(one).min_by_key(|found| gravity(*found))
}

fn gravity(consequence: Consequence) -> u8 {
    match consequence {
        Consequence::SpliceSite => 0,
        Consequence::Nonsense => 1,
        Consequence::Frameshift => 2,
        Consequence::StartStop => 3,
        Consequence::InframeInsertion => 4,
        Consequence::InframeDeletion => 5,
        Consequence::Missense => 6,
        Consequence::Synonymous => 7,
        Consequence::Noncoding => 8,
    }
}

/// What the protein name itself implies.
pub fn consequence_of_protein(change: &ProteinChange) -> Option<Consequence> {
    consequence_of_terms(change.so_term())
}

/// One line being read: where it stands, what it gave.
struct Line<'f> {
    file: &'f str,
    number: usize,
}

impl Line<'_> {
    fn source(&self, field: &str) -> Source {
        Source {
            file: self.file.to_owned(),
            place: Place::Line { line: self.number, field: field.to_owned() },
        }
    }

    fn issue(&self, level: Level, field: &str, what: impl Into<String>, remedy: &str) -> Issue {
        Issue { level, source: self.source(field), what: what.into(), remedy: remedy.to_owned() }
    }

    fn meta(&self, kind: &str, part: &str, options: &Options) -> Meta {
        Meta {
            id: format!("{kind}/{}#L{}{part}", self.file, self.number),
            when: options.collected.clone(),
            sources: vec![self.source("")],
            ..Meta::default()
        }
    }

    fn input(&self, facts: usize) -> InputItem {
        InputItem { id: format!("{} line {}", self.file, self.number), file: self.file.to_owned(), facts }
    }
}

/// Lines that cannot be read: the first are named one by one; of a file that is no such file at all, the rest is
/// counted, so that a wrong export does not become millions of issues.
#[derive(Default)]
struct Unreadable {
    named: usize,
    first_unnamed: usize,
    unnamed: usize,
}

impl Unreadable {
    const NAMED: usize = 1000;

    fn take(&mut self, line: &Line, why: &str, facts: &mut Facts) {
        if self.named < Unreadable::NAMED {
            self.named += 1;
            facts.issues.push(line.issue(Level::Lost, "", why, "repair or export the line again"));
            facts.inputs.push(line.input(0));
        } else {
            self.first_unnamed = if self.unnamed == 0 { line.number } else { self.first_unnamed };
            self.unnamed += 1;
        }
    }

    fn finish(self, file: &str, facts: &mut Facts) {
        if 0 < self.unnamed {
            let line = Line { file, number: self.first_unnamed };
            let what = format!("this line and {} further ones cannot be read", self.unnamed - 1);
            facts.issues.push(line.issue(Level::Lost, "", what, "export the file again"));
            facts.inputs.push(line.input(0));
        }
    }
}

/// A present alteration with nothing else known of it.
fn blank(meta: Meta, gene: GeneSymbol, label: String, kind: AlterationKind, options: &Options) -> Alteration {
    Alteration {
        meta,
        gene,
        label,
        kind,
        presence: Presence::Present,
        origin: options.origin,
        significance: None,
        effect: None,
        homozygous: None,
        vaf: None,
        vaf_floor: options.vaf_floor,
        depth: None,
        specimen: options.specimen.clone(),
        assay: options.assay.clone(),
        phase: vec![],
    }
}

/// The current symbol; the name as written, and `false`, when the release does not know it.
fn gene_symbol(knowledge: &Knowledge, name: &str) -> (GeneSymbol, bool) {
    match knowledge.genes.resolve(name) {
        Some(gene) => (gene.symbol.clone(), true),
        None => (GeneSymbol::new(name), name.trim().is_empty()),
    }
}

/// Transcripts the release's exact leaves are written on, without version.
fn release_transcripts(knowledge: &Knowledge) -> BTreeSet<&str> {
    let codings = knowledge.leaves.iter().flat_map(|leaf| match &leaf.pattern {
        Pattern::Exact { codings, .. } => codings.as_slice(),
        _ => &[],
    });
    codings.map(|coding| coding.transcript.as_str()).filter(|transcript| !transcript.is_empty()).collect()
}

/// A whole-file issue.
fn file_issue(file: &str, level: Level, what: impl Into<String>, remedy: &str) -> Issue {
    let source = Source { file: file.to_owned(), place: Place::File };
    Issue { level, source, what: what.into(), remedy: remedy.to_owned() }
}

/// A file of a header alone is an input too; it says nothing about any gene.
fn no_records(file: &str, facts: &mut Facts) {
    if facts.inputs.is_empty() {
        facts.inputs.push(InputItem { id: file.to_owned(), file: file.to_owned(), facts: 0 });
        let what = "a header and no record: nothing was found, and nothing is said to have been tested";
        facts.issues.push(file_issue(file, Level::Note, what, "state the regions the assay covered"));
    }
}

/// Notes a gene name the release does not know.
fn note_gene(facts: &mut Facts, line: &Line, known: bool) {
    if !known {
        let what = "the gene is not known to the knowledge release under this name";
        facts.issues.push(line.issue(Level::Doubtful, "gene", what, "give the current HGNC symbol"));
    }
}
