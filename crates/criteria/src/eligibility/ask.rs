//! One question about one fact of the patient.

use concilium_knowledge::PriorTherapy;
use concilium_terms::pattern::Pattern;
use concilium_terms::{Doid, GeneSymbol};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One question. Each kind says what makes it true, what makes it false, and what silence is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Ask {
    /// Age at the day of screening.
    Age {
        /// Completed years.
        years: Range,
    },
    /// Sex.
    Sex {
        /// `true` female, `false` male.
        female: bool,
    },
    /// The tumour is one of these or a narrower one. A broader tumour is open, another is false.
    Disease {
        /// Terms, any of which.
        any_of: Vec<Doid>,
        /// The words, for people.
        words: String,
        /// Histological or cytological proof is asked for.
        confirmed: bool,
    },
    /// Stage group is one of these (`IIIB` is in `III`; `III` is open for `IIIB`).
    Stage {
        /// Roman groups, `0`, `I` … `IVB`.
        groups: Vec<String>,
        /// Scale by name where it is not the TNM group (`FIGO`, `Ann Arbor`, `INSS`, …).
        scale: Option<String>,
    },
    /// A T, N, M category or a grade.
    Category {
        /// `T`, `N`, `M`, `grade`, `gleason`, …
        of: String,
        /// As written, without basis prefix: `1`, `1b`, `4`, `high`.
        any_of: Vec<String>,
    },
    /// Extent of disease now.
    Extent {
        /// Any of which.
        any_of: Vec<DiseaseExtent>,
    },
    /// A metastasis at a site.
    Metastasis {
        /// Key of the site: `brain`, `liver`, `bone`, `leptomeningeal`, `visceral`, `any`.
        site: String,
        /// In which state; `Any` = present at all.
        state: LesionState,
    },
    /// Measurable (or only evaluable) disease.
    Measurable {
        /// Response criteria by name, when stated.
        by: Option<String>,
        /// Evaluable, not measurable disease is enough.
        evaluable_enough: bool,
    },
    /// An alteration or signature.
    Biomarker {
        /// Any of which.
        any_of: Vec<Pattern>,
        /// `Present`, or `Absent`: tested for and not found.
        stated: Stated,
        /// Only a germline (`Some(true)`) or only a somatic (`Some(false)`) finding answers.
        germline: Option<bool>,
        /// The words, for people.
        words: String,
    },
    /// A receptor, stain or expression result.
    Marker(MarkerAsk),
    /// Performance status.
    Performance {
        /// `ecog`, `karnofsky`, `lansky`.
        scale: String,
        /// Points.
        points: Range,
    },
    /// A measurement: laboratory, vital sign, ejection fraction, QT interval. Silence is "not tested".
    Lab {
        /// Analyte key of the safety tables (`haemoglobin`, `neutrophils`, `creatinine-clearance`, …).
        analyte: String,
        /// What the value must lie in.
        value: Range,
        /// Unit of the range.
        unit: UnitOf,
        /// Not older than this.
        within: Option<Span>,
    },
    /// A prior therapy. True: received so. False: treatment is on record and this is not in it.
    Prior {
        /// Any of which.
        any_of: Vec<TherapyRef>,
        /// Number of lines with it (or of lines altogether for `Systemic`); `None` = at least one.
        lines: Option<Range>,
        /// `neoadjuvant`, `adjuvant`, `advanced`; `None` = any.
        intent: Option<String>,
        /// How it ended.
        outcome: PriorOutcome,
    },
    /// The last dose, fraction or operation lies less than the washout before the anchor. "At least 4 weeks since"
    /// is the negation.
    Recent {
        /// Any of which.
        any_of: Vec<TherapyRef>,
        /// How long.
        washout: Washout,
    },
    /// Taken now.
    Concomitant {
        /// Any of which.
        any_of: Vec<TherapyRef>,
        /// Daily dose in mg of prednisone or its equivalent above which it counts.
        prednisone_mg_over: Option<f64>,
    },
    /// A diagnosis other than the tumour.
    Condition {
        /// Keys of the condition vocabulary, any of which.
        any_of: Vec<String>,
        /// In which state.
        state: ConditionState,
        /// Not longer ago than this.
        within: Option<Span>,
        /// The text says "known": silence is `NotRecorded`, which does not block (clinical rules, section 6).
        known: bool,
    },
    /// Another malignancy.
    SecondMalignancy {
        /// Not longer ago than this; `None` = ever.
        within: Option<Span>,
        /// Needs treatment or progresses.
        active: bool,
        /// Cancers that do not count, as terms.
        except: Vec<Doid>,
        /// The text names exceptions no term could be found for.
        other_exceptions: bool,
    },
    /// Pregnancy, lactation or the ability to bear children.
    Reproductive {
        /// `pregnant`, `breastfeeding`, `childbearing-potential`.
        state: String,
    },
    /// An allergy or hypersensitivity.
    Allergy {
        /// Any of which; empty = to the study drugs.
        to: Vec<TherapyRef>,
    },
    /// What a person must see or decide.
    Judgement {
        /// Which kind.
        about: Judgement,
        /// The words, for people.
        words: String,
    },
    /// Not said by any kind above: the words stand at the criterion's span.
    NotComputable {
        /// Why, short: `no rule for "adequate tissue"`.
        why: String,
    },
}

/// A closed or open interval; both ends may be missing, not both at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// Lowest value.
    pub min: Option<f64>,
    /// `min` itself is outside.
    pub above_min: bool,
    /// Highest value.
    pub max: Option<f64>,
    /// `max` itself is outside.
    pub below_max: bool,
}

/// What a number is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UnitOf {
    /// A UCUM unit; empty = a pure number.
    Ucum(String),
    /// Multiples of the laboratory's own upper limit.
    TimesUpperLimit,
    /// Multiples of the laboratory's own lower limit.
    TimesLowerLimit,
    /// Inside the laboratory's own limits; the range is empty of meaning.
    WithinLimits,
}

/// Present, or looked for and absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stated {
    /// Found.
    Present,
    /// Tested for and not found.
    Absent,
}

/// A receptor, stain or expression result that is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "marker")]
pub enum MarkerAsk {
    /// `er`, `pr`, `her2`, `hr` (either of ER and PR), `triple-negative`, `pd-l1`, `ki-67`.
    Named {
        /// Which.
        name: String,
        /// `positive`, `negative`, `low`; `None` = a score decides.
        call: Option<String>,
        /// Score in the unit of the stain: percent, combined positive score, 0–3.
        score: Option<Range>,
        /// `percent`, `cps`, `ihc`, `h-score`.
        score_unit: Option<String>,
    },
    /// The protein of a gene.
    Gene {
        /// Gene.
        gene: GeneSymbol,
        /// Positive (expressed, over-expressed as the laboratory says) or negative.
        positive: bool,
        /// Score, as above.
        score: Option<Range>,
        /// As above.
        score_unit: Option<String>,
    },
}

/// Extent of disease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DiseaseExtent {
    /// Confined to the organ, resectable.
    Localised,
    /// Locally advanced.
    LocallyAdvanced,
    /// Cannot be resected.
    Unresectable,
    /// Metastatic.
    Metastatic,
    /// Came back.
    Recurrent,
    /// Did not respond to, or progressed on, the last therapy.
    Refractory,
    /// In remission or without evidence of disease.
    Remission,
    /// Newly diagnosed, untreated.
    Untreated,
}

/// State of a metastasis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LesionState {
    /// Present at all.
    Any,
    /// Present and untreated.
    Untreated,
    /// Present, and unstable, active, progressing or uncontrolled.
    Active,
    /// Present and symptomatic or in need of steroids.
    Symptomatic,
    /// Present, treated and stable.
    TreatedStable,
    /// Present and treated.
    Treated,
    /// Present and stable or without symptoms.
    Stable,
}

/// How a prior therapy ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PriorOutcome {
    /// Received at all.
    Received,
    /// Progressed on or after it.
    Progressed,
    /// Not tolerated.
    Intolerant,
    /// Either of the two.
    ProgressedOrIntolerant,
}

/// What was given, or may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TherapyRef {
    /// A drug, a class, or any systemic anticancer therapy.
    Drug(PriorTherapy),
    /// A drug of a trial that is not named.
    Investigational,
    /// Radiotherapy; `Some(site)` to that site (`brain`, `thorax`, `pelvis`, …).
    Radiotherapy(Option<String>),
    /// Major surgery.
    MajorSurgery,
    /// Surgery of the tumour.
    TumourSurgery,
    /// `allogeneic`, `autologous`, `organ`; `None` any transplant.
    Transplant(Option<String>),
    /// CAR-T and other cellular therapy.
    CellTherapy,
    /// A live vaccine.
    LiveVaccine,
    /// A transfusion of blood or platelets.
    Transfusion,
    /// A growth factor.
    GrowthFactor,
    /// What a name could not be resolved to: kept, and open whenever it decides.
    Unresolved(String),
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// How many.
    pub amount: f64,
    /// Of what.
    pub unit: SpanUnit,
}

/// Units of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SpanUnit {
    /// Days.
    Days,
    /// Weeks.
    Weeks,
    /// Calendar months.
    Months,
    /// Calendar years.
    Years,
    /// Half-lives of the drug, by the drug table; without one not computable.
    HalfLives,
    /// Hours.
    Hours,
}

/// How several spans are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SpanRule {
    /// The shorter of them.
    Shorter,
    /// The longer of them.
    Longer,
}

/// A washout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Washout {
    /// One or two spans.
    pub spans: Vec<Span>,
    /// Which of them counts.
    pub rule: SpanRule,
    /// Until what.
    pub before: Anchor,
}

/// The day a span ends on. A screening date stands in for those not yet known, and the verdict says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Anchor {
    /// First dose of study treatment.
    FirstDose,
    /// Consent.
    Consent,
    /// Enrolment, registration or randomisation.
    Enrolment,
    /// Screening, or not said.
    Screening,
}

/// State of a diagnosis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConditionState {
    /// Present now or ever.
    Ever,
    /// Present now.
    Active,
    /// Present now and uncontrolled, unstable or clinically significant: severity is a person's to judge.
    Uncontrolled,
    /// Present now or ever, and severe or clinically significant then: severity is a person's to judge.
    EverSevere,
    /// Present and in need of the treatment the words name, now or, with a span, within it: a person's to judge.
    NeedingTreatment,
    /// Present now or ever, and then in need of the treatment the words name: a person's to judge.
    EverNeedingTreatment,
}

/// What a person must see or decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    /// Consent, willingness, compliance.
    Consent,
    /// Contraception.
    Contraception,
    /// Life expectancy.
    LifeExpectancy,
    /// "In the investigator's opinion".
    InvestigatorOpinion,
    /// Organ function "adequate" without numbers.
    OrganFunction,
    /// Tissue or a biopsy can be had.
    Tissue,
    /// Can swallow, lie flat, come to visits.
    Ability,
    /// Residual toxicity of earlier therapy.
    Toxicity,
    /// Standard therapy exhausted, refused or unsuitable.
    StandardExhausted,
    /// Any other judgement.
    Other,
}
