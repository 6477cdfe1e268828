//! How does a test say what is known of an invented patient, in a few words?
//!
//! Free functions make one fact with plain values; fields are set with struct update. `CaseBuilder` gathers facts
//! and gives ids (`A1`, `R1`, `M1` …) in the order they are added. A text that does not parse panics: tests only.

pub mod planted;

use concilium_case::{
    Allergy, Alteration, AlterationKind, Case, Certainty, Condition, ConditionRole, CopyCall, Exposure,
    Extent, Facts, ImagingFinding, Lab, Line, Marker, MarkerCall, MarkerName, Medication, MedicationState,
    Meta, Origin, OtherObservation, Patient, Performance, PerformanceScale, Pharmacogene, Place, Presence,
    Procedure, Radiotherapy, RegionStudied, Response, Sex, Source, Specimen, Stage, StageScale, Status,
    Tumour,
};
use concilium_terms::hgvs::ProteinChange;
use concilium_terms::quantity::Quantity;
use concilium_terms::{AsOf, Code, Doid, DrugName, GeneSymbol, PartialDate};

/// A date of a test.
pub fn day(text: &str) -> PartialDate {
    PartialDate::parse(text).expect("a test's date parses")
}

/// The instant of a test.
pub fn as_of(text: &str) -> AsOf {
    AsOf::parse(text).expect("a test's instant parses")
}

/// A fact's frame with a time; the id is given by the builder.
pub fn on(text: &str) -> Meta {
    Meta { when: Some(day(text)), ..unnamed() }
}

/// A fact's frame without a time.
pub fn unnamed() -> Meta {
    let source = Source { file: "test".into(), place: Place::File };
    Meta { sources: vec![source], ..Meta::default() }
}

/// An alteration of unstated origin and significance.
pub fn alteration(gene: &str, label: &str, kind: AlterationKind) -> Alteration {
    Alteration {
        meta: unnamed(),
        gene: GeneSymbol::new(gene),
        label: label.into(),
        kind,
        presence: Presence::Present,
        origin: Origin::Unknown,
        significance: None,
        effect: None,
        homozygous: None,
        vaf: None,
        vaf_floor: None,
        depth: None,
        specimen: None,
        assay: None,
        phase: vec![],
    }
}

/// A small variant by its protein name; its consequence is what the name implies.
pub fn small(gene: &str, change: &str) -> Alteration {
    let protein = ProteinChange::parse(change).expect("a test's protein change parses");
    let label = format!("{gene} {protein}");
    let kind = AlterationKind::Small {
        protein: Some(protein),
        coding: vec![],
        genomic: None,
        consequence: None,
        exon: None,
        clinvar: vec![],
    };
    alteration(gene, &label, kind)
}

/// A small-variant statement about the gene as a whole, as in "BRAF mutation: not detected".
pub fn whole_gene(gene: &str) -> Alteration {
    let kind = AlterationKind::Small {
        protein: None,
        coding: vec![],
        genomic: None,
        consequence: None,
        exon: None,
        clinvar: vec![],
    };
    alteration(gene, &format!("{gene} variant"), kind)
}

/// A copy number as called.
pub fn copies(gene: &str, call: CopyCall, copies: Option<f64>) -> Alteration {
    alteration(gene, &format!("{gene} copies ({call:?})"), AlterationKind::CopyNumber { call, copies })
}

/// A fusion; an empty name is an unknown partner.
pub fn fusion(five: &str, three: &str, oriented: bool) -> Alteration {
    let gene = |name: &str| (!name.is_empty()).then(|| GeneSymbol::new(name));
    let kind = AlterationKind::Fusion { five: gene(five), three: gene(three), oriented };
    let named = if three.is_empty() { five } else { three };
    alteration(named, &format!("{five}::{three} fusion"), kind)
}

/// A named splice form.
pub fn splice(gene: &str, name: &str) -> Alteration {
    alteration(gene, &format!("{gene} {name}"), AlterationKind::Splice { name: name.into() })
}

/// A somatic study of whole genes.
pub fn region(genes: &[&str]) -> RegionStudied {
    RegionStudied {
        meta: unnamed(),
        genes: genes.iter().map(GeneSymbol::new).collect(),
        ranges: vec![],
        uncovered: vec![],
        origin: Origin::Somatic,
        specimen: None,
        assay: None,
    }
}

/// A marker with the lab's call.
pub fn marker(name: MarkerName, call: Option<MarkerCall>) -> Marker {
    Marker { meta: unnamed(), name, method: None, call, score: None, value: None, specimen: None }
}

/// A specimen under its own id.
pub fn specimen(id: &str, collected: &str, plasma: bool) -> Specimen {
    Specimen { meta: Meta { id: id.into(), ..on(collected) }, kind: None, site: None, plasma, blood: false }
}

/// A germline pharmacogene result.
pub fn pharmacogene(gene: &str, diplotype: &str) -> Pharmacogene {
    Pharmacogene {
        meta: unnamed(),
        gene: GeneSymbol::new(gene),
        diplotype: Some(diplotype.into()),
        phenotype: None,
        activity: None,
        uncovered: vec![],
    }
}

/// A drug that was given from a day; no end, not known to go on.
pub fn given(drug: &str, start: &str) -> Medication {
    Medication {
        meta: if start.is_empty() { unnamed() } else { on(start) },
        drugs: vec![DrugName::new(drug)],
        codes: vec![],
        exposure: Exposure::Reported,
        state: MedicationState::Open,
        end: None,
        ongoing: false,
        stop: None,
        intent: None,
        dose: None,
        reason: None,
        about_class: None,
    }
}

/// A statement of disease status.
pub fn response(status: Status, when: &str) -> Response {
    Response { meta: on(when), status, codes: vec![], condition: None }
}

/// An operation with curative intent.
pub fn curative_operation(when: &str) -> Procedure {
    Procedure {
        meta: on(when),
        codes: vec![],
        sites: vec![],
        intent: Some("curative".into()),
        status: "completed".into(),
    }
}

/// A tumour term with its extent.
pub fn tumour(doid: &str, name: &str, extent: Extent) -> Tumour {
    Tumour {
        condition: "Condition/tumour".into(),
        doid: Doid::new(doid),
        name: name.into(),
        steps: vec![],
        broader_than_code: false,
        stage: None,
        extent,
        metastases: vec![],
        diagnosed: None,
    }
}

/// A diagnosis in words, now.
pub fn diagnosis(words: &str, role: ConditionRole, when: &str) -> Condition {
    Condition {
        meta: if when.is_empty() { unnamed() } else { on(when) },
        codes: vec![Code::text(words)],
        histology: vec![],
        sites: vec![],
        role,
        certainty: Certainty::Confirmed,
        clinical_status: None,
        primary: None,
        present: None,
    }
}

/// A measurement with the laboratory's upper limit, where it gives one.
pub fn lab(analyte: &str, value: f64, unit: &str, high: Option<f64>, when: &str) -> Lab {
    Lab {
        meta: if when.is_empty() { unnamed() } else { on(when) },
        analyte: Some(analyte.into()),
        codes: vec![],
        value: Some(Quantity::new(value, unit)),
        text: None,
        low: None,
        high,
        interpretation: None,
        implausible: None,
        site: None,
        condition: None,
    }
}

/// A performance status.
pub fn performance(scale: PerformanceScale, value: u32, when: &str) -> Performance {
    Performance { meta: on(when), scale, value }
}

/// A stage statement.
pub fn stage(scale: StageScale, value: &str, when: &str) -> Stage {
    Stage { meta: on(when), scale, value: value.into(), basis: String::new(), codes: vec![], condition: None }
}

/// A course of radiotherapy to a site in words.
pub fn radiotherapy(site: &str, start: &str, end: Option<&str>) -> Radiotherapy {
    Radiotherapy {
        meta: on(start),
        end: end.map(day),
        modality: None,
        sites: if site.is_empty() { vec![] } else { vec![Code::text(site)] },
        doses: vec![],
        fractions: None,
        intent: None,
        status: "completed".into(),
    }
}

/// A procedure in words that was done.
pub fn procedure(words: &str, when: &str) -> Procedure {
    Procedure {
        meta: on(when),
        codes: vec![Code::text(words)],
        sites: vec![],
        intent: None,
        status: "completed".into(),
    }
}

/// A coded observation in words.
pub fn observation(words: &str, value: &str, when: &str) -> OtherObservation {
    OtherObservation {
        meta: on(when),
        codes: vec![Code::text(words)],
        value: value.into(),
        kind: "Observation".into(),
    }
}

/// An allergy to a drug; an empty name says that none is known.
pub fn allergy(drug: &str) -> Allergy {
    Allergy {
        meta: unnamed(),
        codes: vec![],
        drugs: if drug.is_empty() { vec![] } else { vec![DrugName::new(drug)] },
        none_known: drug.is_empty(),
        active: true,
    }
}

/// Gathers the facts of one case.
#[derive(Clone, Debug)]
pub struct CaseBuilder {
    case: Case,
}

impl CaseBuilder {
    /// An empty case at a day.
    pub fn new(at: &str) -> CaseBuilder {
        let patient = Patient { meta: Meta { id: "Patient/test".into(), ..unnamed() }, ..Patient::default() };
        CaseBuilder {
            case: Case {
                as_of: as_of(at),
                patient,
                tumour: None,
                other_tumours: vec![],
                facts: Facts::default(),
                lines: vec![],
                history_gaps: vec![],
                from_text: None,
                conflicts: vec![],
                retracted: vec![],
            },
        }
    }

    /// The tumour the plan is for.
    pub fn tumour(mut self, tumour: Tumour) -> CaseBuilder {
        self.case.tumour = Some(tumour);
        self
    }

    /// Born on.
    pub fn born(mut self, when: &str) -> CaseBuilder {
        self.case.patient.birth_date = Some(day(when));
        self
    }

    /// Sex as recorded.
    pub fn sex(mut self, sex: Sex) -> CaseBuilder {
        self.case.patient.sex = Some(sex);
        self
    }

    /// A derived line.
    pub fn line(mut self, line: Line) -> CaseBuilder {
        self.case.lines.push(line);
        self
    }

    /// The case.
    pub fn build(self) -> Case {
        self.case
    }
}

macro_rules! adders {
    ($($(#[$doc:meta])* $name:ident: $field:ident, $fact:ty, $letter:literal;)*) => {
        impl CaseBuilder {
            $(
                $(#[$doc])*
                pub fn $name(mut self, mut fact: $fact) -> CaseBuilder {
                    let facts = &mut self.case.facts.$field;
                    if fact.meta.id.is_empty() {
                        fact.meta.id = format!(concat!($letter, "{}"), facts.len() + 1);
                    }
                    facts.push(fact);
                    self
                }
            )*
        }
    };
}

adders! {
    /// Adds a finding in images (`F1` …).
    finding: imaging, ImagingFinding, "F";
    /// Adds an alteration (`A1` …).
    alteration: alterations, Alteration, "A";
    /// Adds a study of regions (`R1` …).
    region: regions, RegionStudied, "R";
    /// Adds a marker (`M1` …).
    marker: markers, Marker, "M";
    /// Adds a specimen.
    specimen: specimens, Specimen, "S";
    /// Adds a pharmacogene result (`G1` …).
    pharmacogene: pharmacogenes, Pharmacogene, "G";
    /// Adds a drug record (`D1` …).
    medication: medications, Medication, "D";
    /// Adds a disease status (`P1` …).
    response: responses, Response, "P";
    /// Adds a procedure (`O1` …).
    procedure: procedures, Procedure, "O";
    /// Adds a diagnosis (`C1` …).
    condition: conditions, Condition, "C";
    /// Adds a measurement (`L1` …).
    lab: labs, Lab, "L";
    /// Adds a performance status (`E1` …).
    performance: performance, Performance, "E";
    /// Adds a stage statement (`T1` …).
    stage: stages, Stage, "T";
    /// Adds a course of radiotherapy (`X1` …).
    radiotherapy: radiotherapies, Radiotherapy, "X";
    /// Adds an allergy (`I1` …).
    allergy: allergies, Allergy, "I";
    /// Adds an observation (`B1` …).
    observation: observations, OtherObservation, "B";
}
