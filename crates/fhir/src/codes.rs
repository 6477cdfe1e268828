//! Which codes does the reader know, and what do they stand for?
//!
//! Tables only. LOINC, SNOMED and NCIt codes are used as facts. Sources: mCODE 4.0.0 value sets and profiles,
//! genomics-reporting 2.0.0 and 4.0.0 CI build; rows marked `*` are not in them and want a licensed LOINC table.

use concilium_case::{MarkerName, PerformanceScale, SignatureName, StageScale, Status};
use concilium_terms::GeneSymbol;
use concilium_terms::pattern::MarkerKind;

/// Genetic variant assessment and its companions (LOINC).
pub mod genomic {
    /// Variant.
    pub const VARIANT: &str = "69548-6";
    /// DNA region studied.
    pub const REGION: &str = "53041-0";
    /// Genotype.
    pub const GENOTYPE: &str = "84413-4";
    /// Haplotype.
    pub const HAPLOTYPE: &str = "84414-2";
    /// Allelic phase.
    pub const PHASE: &str = "82120-7";
    /// Gene studied.
    pub const GENE: &str = "48018-6";
    /// Coding HGVS.
    pub const CODING: &str = "48004-6";
    /// Protein HGVS.
    pub const PROTEIN: &str = "48005-3";
    /// Genomic HGVS.
    pub const GENOMIC: &str = "81290-9";
    /// Variation code.
    pub const VARIATION: &str = "81252-9";
    /// Transcript reference.
    pub const TRANSCRIPT: &str = "51958-7";
    /// Genomic reference.
    pub const REFERENCE: &str = "48013-7";
    /// Assembly.
    pub const ASSEMBLY: &str = "62374-4";
    /// Coding change type.
    pub const CODING_TYPE: &str = "48019-4";
    /// Amino acid change type.
    pub const PROTEIN_TYPE: &str = "48006-1";
    /// Source class.
    pub const SOURCE: &str = "48002-0";
    /// Allelic fraction.
    pub const FRACTION: &str = "81258-6";
    /// Read depth.
    pub const DEPTH: &str = "82121-5";
    /// Allelic state.
    pub const ZYGOSITY: &str = "53034-5";
    /// Copy number.
    pub const COPIES: &str = "82155-3";
    /// Reference bases.
    pub const REF: &str = "69547-8";
    /// Alternate bases.
    pub const ALT: &str = "69551-0";
    /// Start and end.
    pub const START_END: &str = "81254-5";
    /// ISCN.
    pub const ISCN: &str = "81291-7";
    /// Clinical significance.
    pub const SIGNIFICANCE: &str = "53037-8";
    /// Level of evidence.
    pub const LEVEL: &str = "93044-6";
    /// Medication assessed.
    pub const DRUG: &str = "51963-7";
    /// Ranges studied.
    pub const RANGES: &str = "51959-5";
    /// Effect on efficacy; on metabolism; on risk.
    pub const EFFECTS: [&str; 3] = ["51961-1", "53040-2", "83009-1"];
}

/// LOINC → analyte key of the safety tables (knowledge/README.md), extended by keys of its own for other tests.
pub static ANALYTES: &[(&str, &str)] = &[
    ("2160-0", "creatinine"), // *
    ("38483-4", "creatinine"),
    ("33914-3", "egfr"),
    ("98979-8", "egfr"),                // *
    ("62238-1", "egfr"),                // *
    ("2164-2", "creatinine-clearance"), // *
    ("1975-2", "bilirubin"),
    ("1968-7", "bilirubin-direct"), // *
    ("1920-8", "ast"),
    ("1742-6", "alt"),
    ("6768-6", "alp"),
    ("1751-7", "albumin"),
    ("777-3", "platelets"),
    ("26515-7", "platelets"), // *
    ("751-8", "neutrophils"), // *
    ("26499-4", "neutrophils"),
    ("6690-2", "wbc"),
    ("26464-8", "wbc"),
    ("718-7", "haemoglobin"),
    ("6301-6", "inr"),        // *
    ("2823-3", "potassium"),  // *
    ("6298-4", "potassium"),  // seen in Synthea records
    ("2951-2", "sodium"),     // *
    ("2947-0", "sodium"),     // seen in Synthea records
    ("17861-6", "calcium"),   // *
    ("49765-1", "calcium"),   // seen in Synthea records
    ("19123-9", "magnesium"), // *
    ("2339-0", "glucose"),    // seen in Synthea records
    ("2345-7", "glucose"),    // *
    ("4548-4", "hba1c"),
    ("10230-1", "lvef"),
    ("8636-3", "qtc"),            // *
    ("8634-8", "qt-uncorrected"), // *
    ("2532-0", "ldh"),
    ("14804-9", "ldh"),
    ("8302-2", "body-height"),
    ("29463-7", "body-weight"),
    ("8277-6", "body-surface-area"),
    ("39156-5", "body-mass-index"),
    ("2857-1", "psa"),
    ("35741-8", "psa"),
    ("19195-7", "psa"),
    ("2039-6", "cea"),
    ("83085-1", "cea"),
    ("10334-1", "ca-125"),
    ("83082-8", "ca-125"),
    ("24108-3", "ca-19-9"),
    ("83084-4", "ca-19-9"),
    ("1952-1", "beta-2-microglobulin"),
    ("3013-0", "thyroglobulin"),
    ("1992-7", "calcitonin"),
    ("9811-1", "chromogranin"),
    ("21889-1", "tumour-size"),
    ("33728-7", "tumour-size-longest"),
    ("33729-5", "tumour-size-other"),
];

/// What a marker code measures.
#[derive(Clone, Copy)]
pub enum Of {
    /// Oestrogen receptor.
    Er,
    /// Progesterone receptor.
    Pr,
    /// HER2.
    Her2,
    /// PD-L1.
    PdL1,
    /// Ki-67.
    Ki67,
    /// Microsatellites.
    Msi,
    /// Burden.
    Tmb,
    /// Protein of a gene.
    Protein(&'static str),
    /// By name.
    Named(&'static str),
}

impl Of {
    /// The marker's name.
    pub fn name(self) -> MarkerName {
        match self {
            Of::Er => MarkerName::Er,
            Of::Pr => MarkerName::Pr,
            Of::Her2 => MarkerName::Her2,
            Of::PdL1 => MarkerName::PdL1,
            Of::Ki67 => MarkerName::Ki67,
            Of::Msi => MarkerName::Signature(SignatureName::Msi),
            Of::Tmb => MarkerName::Signature(SignatureName::Tmb),
            Of::Protein(gene) => MarkerName::Gene(GeneSymbol::new(gene), MarkerKind::Expression),
            Of::Named(name) => MarkerName::Other(name.to_owned()),
        }
    }
}

/// LOINC → marker and method. 85329-1 is the percentage of ER (not Ki-67); 85147-7 is a report (not PD-L1 TPS).
pub static MARKERS: &[(&str, Of, &str)] = &[
    ("85337-4", Of::Er, "ihc"),
    ("40556-3", Of::Er, "ihc"),
    ("16112-5", Of::Er, ""),
    ("14130-9", Of::Er, ""),
    ("85329-1", Of::Er, "ihc"),
    ("14228-1", Of::Er, "ihc"),
    ("85339-0", Of::Pr, "ihc"),
    ("40557-1", Of::Pr, "ihc"),
    ("16113-3", Of::Pr, ""),
    ("10861-3", Of::Pr, ""),
    ("31207-4", Of::Pr, ""),
    ("85325-9", Of::Pr, "ihc"),
    ("14230-7", Of::Pr, "ihc"),
    ("85319-2", Of::Her2, "ihc"),
    ("48676-1", Of::Her2, ""),
    ("72383-3", Of::Her2, "ihc"),
    ("72382-5", Of::Her2, "ihc"),
    ("85318-4", Of::Her2, "ish"),
    ("31150-6", Of::Her2, "ish"),
    ("96893-3", Of::Her2, "ish"),
    ("49683-6", Of::Her2, "ish"),
    ("74860-8", Of::Her2, "ish"),
    ("83053-9", Of::PdL1, "ihc"),
    ("83052-1", Of::PdL1, "ihc"),
    ("83055-4", Of::PdL1, "ihc"),
    ("83057-0", Of::PdL1, "ihc"),
    ("83054-7", Of::PdL1, "ihc"),
    ("83056-2", Of::PdL1, "ihc"),
    ("85330-9", Of::Ki67, "ihc"), // *
    ("81695-9", Of::Msi, ""),
    ("43368-0", Of::Msi, ""),
    ("62862-8", Of::Msi, "ihc"),
    ("94076-7", Of::Tmb, ""),
    ("39004-7", Of::Protein("EGFR"), ""), // mCODE example
    ("85299-6", Of::Named("BRAF V600E IHC"), "ihc"),
];

/// Narrative report documents about PD-L1: text, never a percentage.
pub static REPORT_DOCUMENTS: [&str; 3] = ["85147-7", "85148-5", "85149-3"];

/// LOINC → gene whose mutation or rearrangement was tested; true: a rearrangement (FISH).
pub static GENE_TESTS: &[(&str, &str, bool)] = &[
    ("78205-2", "ALK", true),
    ("78210-2", "ALK", true),
    ("78233-4", "ALK", true),
    ("79206-9", "EML4::ALK", true),
    ("21702-6", "KRAS", false),
    ("82535-6", "KRAS", false),
    ("85509-8", "KRAS", false),
    ("21636-6", "BRCA1", false),
    ("38530-2", "BRCA2", false),
];

/// Stage codes: code, scale, basis.
pub static STAGES: &[(&str, Scale, &str)] = &[
    ("399390009", Scale::Group, ""),
    ("399537006", Scale::Group, "c"),
    ("399588009", Scale::Group, "p"),
    ("21908-9", Scale::Group, "c"),
    ("21902-2", Scale::Group, "p"),
    ("21914-7", Scale::Group, ""),
    ("78873005", Scale::T, ""),
    ("399504009", Scale::T, "c"),
    ("384625004", Scale::T, "p"),
    ("21905-5", Scale::T, "c"),
    ("21899-0", Scale::T, "p"),
    ("21911-3", Scale::T, ""),
    ("277206009", Scale::N, ""),
    ("399534004", Scale::N, "c"),
    ("371494008", Scale::N, "p"),
    ("21906-3", Scale::N, "c"),
    ("21900-6", Scale::N, "p"),
    ("21912-1", Scale::N, ""),
    ("277208005", Scale::M, ""),
    ("399387003", Scale::M, "c"),
    ("371497001", Scale::M, "p"),
    ("21907-1", Scale::M, "c"),
    ("21901-4", Scale::M, "p"),
    ("21913-9", Scale::M, ""),
    ("C18000", Scale::Grade, ""),
    ("44648-4", Scale::Grade, ""),
    ("C141212", Scale::Other("Binet"), ""),
    ("C141207", Scale::Other("Rai"), ""),
    ("385361009", Scale::Other("FIGO"), ""),
    ("385377005", Scale::Other("Gleason"), ""),
    ("106243009", Scale::Other("Breslow"), ""),
    ("103419001", Scale::Other("Clark"), ""),
    ("C139007", Scale::Other("ISS"), ""),
    ("C141392", Scale::Other("R-ISS"), ""),
    ("C133427", Scale::Other("INRGSS"), ""),
    ("409720004", Scale::Other("INSS"), ""),
    ("405916000", Scale::Other("IRS group"), ""),
    ("385388004", Scale::Other("Lymphoma stage"), ""),
    ("405931009", Scale::Other("NWTS"), ""),
    ("708895006", Scale::Other("Deauville"), ""),
    ("C167435", Scale::Other("ALL risk"), ""),
    ("C148010", Scale::Other("RMS risk"), ""),
];

/// A `StageScale` that can stand in a table.
#[derive(Clone, Copy)]
pub enum Scale {
    /// Stage group.
    Group,
    /// T.
    T,
    /// N.
    N,
    /// M.
    M,
    /// Grade.
    Grade,
    /// Another, by name.
    Other(&'static str),
}

impl Scale {
    /// The scale.
    pub fn get(self) -> StageScale {
        match self {
            Scale::Group => StageScale::Group,
            Scale::T => StageScale::T,
            Scale::N => StageScale::N,
            Scale::M => StageScale::M,
            Scale::Grade => StageScale::Grade,
            Scale::Other(name) => StageScale::Other(name.to_owned()),
        }
    }
}

/// Performance status codes.
pub static PERFORMANCE: &[(&str, PerformanceScale)] = &[
    ("89247-1", PerformanceScale::Ecog),
    ("89243-0", PerformanceScale::Karnofsky),
    ("C38144", PerformanceScale::Lansky),
];

/// Cancer disease status observation.
pub const DISEASE_STATUS: &str = "97509-4";
/// Its values (SNOMED).
pub static STATUSES: &[(&str, Status)] = &[
    ("268910001", Status::Partial),
    ("359746009", Status::Stable),
    ("271299001", Status::Progressed),
    ("709137006", Status::Undetermined),
    ("550991000124107", Status::Complete),
    ("103338009", Status::Complete),
    ("551001000124108", Status::Partial),
    ("103337004", Status::Partial),
    ("399409002", Status::Undetermined),
];

/// Histologic behaviour and type.
pub const HISTOLOGY: &str = "31206-6";
/// History of metastatic malignant neoplasm; `valueBoolean` false negates.
pub const HISTORY_OF_METASTASIS: &str = "1287652008";
/// History of cancer metastatic to liver (mCODE example).
pub const HISTORY_OF_LIVER_METASTASIS: &str = "1098951000119108";
/// Radiotherapy course summary.
pub const RADIOTHERAPY_COURSE: &str = "1217123003";
