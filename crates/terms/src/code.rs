//! Which code of which system was written, and what did it say in words?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// System URIs as FHIR writes them (HL7 terminology, "Code systems"; listed in mCODE 4.0.0).
pub mod system {
    /// Observation, test and document codes.
    pub const LOINC: &str = "http://loinc.org";
    /// Clinical findings, procedures, products.
    pub const SNOMED: &str = "http://snomed.info/sct";
    /// Diagnoses (US clinical modification).
    pub const ICD10CM: &str = "http://hl7.org/fhir/sid/icd-10-cm";
    /// Diagnoses (WHO).
    pub const ICD10: &str = "http://hl7.org/fhir/sid/icd-10";
    /// Tumour topography and morphology.
    pub const ICDO3: &str = "http://terminology.hl7.org/CodeSystem/icd-o-3";
    /// NCI Thesaurus.
    pub const NCIT: &str = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl";
    /// Drugs.
    pub const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
    /// Genes.
    pub const HGNC: &str = "http://www.genenames.org";
    /// Variant names.
    pub const HGVS: &str = "http://varnomen.hgvs.org";
    /// ClinVar variation ids.
    pub const CLINVAR: &str = "http://www.ncbi.nlm.nih.gov/clinvar";
    /// Units.
    pub const UCUM: &str = "http://unitsofmeasure.org";
}

/// One coding: system, code and the words that stood beside it. An empty `system` means text only.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Code {
    /// System URI; empty when the source gave text only.
    pub system: String,
    /// Code as written; empty when the source gave text only.
    pub code: String,
    /// Display or text.
    pub display: String,
}

impl Code {
    /// A coding with system and code, words unknown.
    pub fn new(system: &str, code: &str) -> Code {
        Code { system: system.into(), code: code.into(), display: String::new() }
    }

    /// Words without a code.
    pub fn text(words: &str) -> Code {
        Code { display: words.into(), ..Code::default() }
    }

    /// Same system and code.
    pub fn is(&self, system: &str, code: &str) -> bool {
        self.system == system && self.code == code
    }
}
