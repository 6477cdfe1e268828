//! What can a note say, of whom, how surely, and when?

use crate::text::Section;
use concilium_case::{MarkerCall, MarkerName, PerformanceScale, Sex, StageScale, Status, StopReason};
use concilium_terms::quantity::Quantity;
use concilium_terms::{Doid, DrugName, GeneSymbol, PartialDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One finding with the words it stands in and what stands around them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mention {
    /// First byte of the note.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Index of its sentence.
    pub sentence: usize,
    /// What is said.
    pub finding: Finding,
    /// How it is said.
    pub context: Context,
}

/// What a note may say. Values are as written; no threshold of ours is applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Finding {
    /// Age at the note's day.
    Age {
        /// Whole or decimal number as written.
        amount: f64,
        /// Its unit.
        unit: AgeUnit,
    },
    /// Sex.
    Sex {
        /// Which.
        sex: Sex,
    },
    /// A disease of the release.
    Disease {
        /// Term.
        doid: Doid,
        /// Name of the term.
        name: String,
        /// Stands at or below cancer.
        tumour: bool,
    },
    /// A condition or state of the authored list: `hiv`, `pregnancy`, `smoking`.
    Condition {
        /// Key.
        key: String,
    },
    /// A stage.
    Stage {
        /// Scale.
        scale: StageScale,
        /// As written, without `stage`: `IIIB`, `T2`.
        value: String,
        /// `c`, `p`, `yp`; empty when not said.
        basis: String,
    },
    /// Spread.
    Metastasis {
        /// Organs, in our words; empty: not said.
        sites: Vec<String>,
        /// `treated`, `stable`, `asymptomatic`, `untreated`, `symptomatic` as said beside it.
        qualities: Vec<String>,
    },
    /// One drug, all drugs of a regimen, or a class.
    Drug {
        /// Names of the release; empty for a class.
        drugs: Vec<DrugName>,
        /// Class or regimen in words.
        class: Option<String>,
        /// What became of it.
        status: DrugStatus,
        /// Why it ended.
        stop: Option<StopReason>,
    },
    /// Number of a line of therapy, or how many there were.
    Line {
        /// 1-based number, or the count.
        number: u32,
        /// It counts the lines before.
        prior: bool,
    },
    /// Course of the disease.
    Response {
        /// Which way.
        status: Status,
    },
    /// A laboratory or vital value.
    Lab {
        /// Key of the analyte tables.
        analyte: String,
        /// Number with unit as written; the unit is empty when none was.
        value: Option<Quantity>,
        /// Upper end where a range was written.
        upto: Option<f64>,
        /// Reference range as written beside it: lower limit.
        low: Option<f64>,
        /// Upper limit.
        high: Option<f64>,
        /// `normal`, `high`, `low` where words stand instead of a number.
        words: Option<String>,
    },
    /// Performance status; two different ends where a range was written.
    Performance {
        /// Scale.
        scale: PerformanceScale,
        /// Lower end.
        low: u32,
        /// Upper end.
        high: u32,
    },
    /// A receptor, expression or signature result.
    Marker {
        /// Which.
        marker: MarkerName,
        /// The call in our words.
        call: Option<MarkerCall>,
        /// Score as written: `3+`, `TPS 60 %`.
        score: Option<String>,
        /// Number with unit as written.
        value: Option<Quantity>,
    },
    /// A change of a gene.
    Alteration {
        /// Symbols; two of a fusion, none when the note names no gene it could be of.
        genes: Vec<GeneSymbol>,
        /// Normal form: `V600E`, `exon 19 deletion`, `amplification`, `mutation`, `EML4::ALK`.
        change: String,
        /// Stated as of uncertain significance.
        uncertain: bool,
    },
    /// Surgery, radiotherapy, biopsy.
    Procedure {
        /// `surgery`, `radiotherapy`, `biopsy`.
        what: String,
        /// Its name.
        name: String,
    },
    /// Took or takes part in a trial.
    Trial,
}

/// Unit of an age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AgeUnit {
    /// Years.
    Years,
    /// Months.
    Months,
    /// Weeks.
    Weeks,
    /// Days.
    Days,
}

/// What became of a drug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DrugStatus {
    /// Taken now.
    Taking,
    /// Was given; whether it still is was not said.
    Given,
    /// Given and over.
    Stopped,
    /// Meant to be given.
    Planned,
    /// Refused by the patient.
    Refused,
    /// Allergy or intolerance.
    Allergic,
    /// Named without saying whether it was given.
    Named,
}

/// How surely a finding is the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Assertion {
    /// Stated as being so.
    Present,
    /// Stated as not being so.
    Absent,
    /// Suspected, questioned, or the reach of a negation is not clear.
    Possible,
    /// Would be, or is feared.
    Hypothetical,
    /// Meant to happen.
    Planned,
    /// Stated as not tested, not done or not known.
    NotAssessed,
}

/// Of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// The patient.
    Patient,
    /// A relative.
    Family,
}

/// What stands around a finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Context {
    /// How surely.
    pub assertion: Assertion,
    /// Of whom.
    pub about: About,
    /// Said to be of the past: "history of", "prior", "s/p", a section of past history.
    pub history: bool,
    /// Section it stands in.
    pub section: Section,
    /// When it was so, or began.
    pub when: Option<When>,
    /// When it ended.
    pub until: Option<When>,
    /// The words that decided.
    pub cues: Vec<CueSpan>,
}

/// A date as the note gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct When {
    /// First byte of its words.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The date; `None` when it is relative and the note has no date, or ambiguous.
    pub date: Option<PartialDate>,
    /// Counted from the note's date.
    pub relative: bool,
}

/// A word that decided, and as what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CueSpan {
    /// First byte.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// What it says.
    pub says: CueKind,
}

/// What a cue says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CueKind {
    /// Not so.
    Negated,
    /// Perhaps so.
    Possible,
    /// If it were so.
    Hypothetical,
    /// To be done.
    Planned,
    /// Nobody looked, or there is no result.
    NotAssessed,
    /// Of a relative.
    Family,
    /// Of the past.
    History,
}

impl Finding {
    /// Name of its class, for counting and for deciding which readings may stand in one another.
    pub fn class(&self) -> &'static str {
        match self {
            Finding::Age { .. } => "age",
            Finding::Sex { .. } => "sex",
            Finding::Disease { .. } => "disease",
            Finding::Condition { .. } => "condition",
            Finding::Stage { .. } => "stage",
            Finding::Metastasis { .. } => "metastasis",
            Finding::Drug { .. } => "drug",
            Finding::Line { .. } => "line",
            Finding::Response { .. } => "response",
            Finding::Lab { .. } => "lab",
            Finding::Performance { .. } => "performance",
            Finding::Marker { .. } => "marker",
            Finding::Alteration { .. } => "alteration",
            Finding::Procedure { .. } => "procedure",
            Finding::Trial => "trial",
        }
    }

    /// A value stands beside it, so that a "no" before it belongs to something else.
    pub(crate) fn states_a_value(&self) -> bool {
        match self {
            Finding::Age { .. }
            | Finding::Sex { .. }
            | Finding::Stage { .. }
            | Finding::Performance { .. } => true,
            Finding::Lab { value, words, .. } => value.is_some() || words.is_some(),
            Finding::Marker { call, score, value, .. } => {
                call.is_some() || score.is_some() || value.is_some()
            }
            _ => false,
        }
    }
}

impl Context {
    /// Is it the patient's, and surely so?
    pub fn holds(&self) -> bool {
        self.assertion == Assertion::Present && self.about == About::Patient
    }
}
