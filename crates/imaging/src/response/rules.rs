//! Which thresholds does each set of criteria have, and who says so?
//!
//! Source of the rows marked checked: open-access tables read on 2026-11-25; where they repeat a guideline, both are
//! named. Rows that no table we could open says are `unreviewed` and stand so in every report.

use serde::Serialize;

/// A set of criteria.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criteria {
    /// RECIST 1.1: solid tumours.
    Recist,
    /// iRECIST: immunotherapy.
    Irecist,
    /// RANO 2010: high-grade glioma, enhancing disease.
    Rano,
    /// mRECIST: hepatocellular carcinoma, arterially enhancing parts.
    Mrecist,
    /// PERCIST 1.0: FDG-PET.
    Percist,
    /// Volumes.
    Volumetric,
}

impl Criteria {
    /// All, in the order reports list them.
    pub const ALL: [Criteria; 6] = [
        Criteria::Recist,
        Criteria::Irecist,
        Criteria::Rano,
        Criteria::Mrecist,
        Criteria::Percist,
        Criteria::Volumetric,
    ];

    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Criteria::Recist => "RECIST 1.1",
            Criteria::Irecist => "iRECIST",
            Criteria::Rano => "RANO 2010",
            Criteria::Mrecist => "mRECIST",
            Criteria::Percist => "PERCIST 1.0",
            Criteria::Volumetric => "volumes",
        }
    }

    /// As the command line takes it.
    pub fn key(self) -> &'static str {
        match self {
            Criteria::Recist => "recist",
            Criteria::Irecist => "irecist",
            Criteria::Rano => "rano",
            Criteria::Mrecist => "mrecist",
            Criteria::Percist => "percist",
            Criteria::Volumetric => "volumetric",
        }
    }
}

/// Was the row compared with an open source?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Review {
    /// Compared with the source named.
    Checked,
    /// Not yet.
    Unreviewed,
}

/// One number of a guideline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Threshold {
    /// What it bounds.
    pub what: &'static str,
    /// The number.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// Who says so.
    pub source: &'static str,
    /// Was it compared?
    pub review: Review,
}

const fn checked(what: &'static str, value: f64, unit: &'static str, source: &'static str) -> Threshold {
    Threshold { what, value, unit, source, review: Review::Checked }
}

const fn unreviewed(what: &'static str, value: f64, unit: &'static str, source: &'static str) -> Threshold {
    Threshold { what, value, unit, source, review: Review::Unreviewed }
}

/// What is summed over target lesions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Longest diameter; of nodes the short axis.
    Diameter,
    /// Product of the two diameters.
    Product,
    /// Volume.
    Volume,
}

/// Criteria that sum a measure over target lesions.
#[derive(Debug)]
pub(super) struct SumRules {
    pub criteria: Criteria,
    pub measure: Measure,
    pub unit: &'static str,
    pub most_targets: Threshold,
    pub most_per_organ: Option<Threshold>,
    pub least_mm: Threshold,
    pub least_node_mm: Option<Threshold>,
    pub thick_slice: Option<[Threshold; 2]>,
    pub normal_node_mm: Option<Threshold>,
    pub too_small: Threshold,
    pub partial: Threshold,
    pub progression: Threshold,
    pub absolute: Option<Threshold>,
    pub least_new_mm: Option<Threshold>,
    pub confirm_days: Option<Threshold>,
}

const RECIST_FAQ: &str = "RECIST 1.1 (Eisenhauer 2009)";
const RECIST_DESIGN: &str =
    "RECIST 1.1 (Eisenhauer 2009), rows confirmed against open-access tables in the project's design notes";
const RANO_TABLE: &str = "RANO (Wen 2010), table of response, to be compared with it";
const MRECIST: &str = "mRECIST (Lencioni 2010), not compared with the guideline";
const RANO_2: &str = "RANO 2.0 (2023), not compared with the guideline";
const OURS: &str = "ours: no guideline says it";

pub(super) static RECIST: SumRules = SumRules {
    criteria: Criteria::Recist,
    measure: Measure::Diameter,
    unit: "mm",
    most_targets: checked("target lesions at most", 5.0, "lesions", RECIST_DESIGN),
    most_per_organ: Some(checked("target lesions of one organ at most", 2.0, "lesions", RECIST_DESIGN)),
    least_mm: checked("measurable: longest diameter at least", 10.0, "mm", RECIST_DESIGN),
    least_node_mm: Some(checked("measurable node: short axis at least", 15.0, "mm", RECIST_DESIGN)),
    thick_slice: Some([
        checked("slices count as thick above", 5.0, "mm", RECIST_DESIGN),
        checked(
            "measurable in thick slices: longest diameter in slices at least",
            2.0,
            "slices",
            RECIST_DESIGN,
        ),
    ]),
    normal_node_mm: Some(checked("normal node: short axis below", 10.0, "mm", RECIST_DESIGN)),
    too_small: checked("too small to measure counts as", 5.0, "mm", RECIST_DESIGN),
    partial: checked("partial response: decrease from baseline at least", 30.0, "%", RECIST_DESIGN),
    progression: checked("progression: increase from the smallest sum at least", 20.0, "%", RECIST_DESIGN),
    absolute: Some(checked("progression: increase from the smallest sum at least", 5.0, "mm", RECIST_DESIGN)),
    least_new_mm: None,
    confirm_days: Some(checked("confirmation of a response after at least", 28.0, "days", RECIST_DESIGN)),
};

static RANO: SumRules = SumRules {
    criteria: Criteria::Rano,
    measure: Measure::Product,
    unit: "mm²",
    most_targets: unreviewed("target lesions at most", 5.0, "lesions", RANO_TABLE),
    most_per_organ: None,
    least_mm: unreviewed("measurable: both diameters at least", 10.0, "mm", RANO_TABLE),
    least_node_mm: None,
    thick_slice: None,
    normal_node_mm: None,
    too_small: unreviewed("too small to measure counts as", 25.0, "mm²", OURS),
    partial: unreviewed("partial response: decrease from baseline at least", 50.0, "%", RANO_TABLE),
    progression: unreviewed("progression: increase from the smallest sum at least", 25.0, "%", RANO_TABLE),
    absolute: None,
    least_new_mm: None,
    confirm_days: Some(unreviewed("confirmation of a response after at least", 28.0, "days", RANO_TABLE)),
};

static MRECIST_RULES: SumRules = SumRules {
    criteria: Criteria::Mrecist,
    measure: Measure::Diameter,
    unit: "mm",
    most_targets: unreviewed("target lesions at most", 5.0, "lesions", MRECIST),
    most_per_organ: Some(unreviewed("target lesions of one organ at most", 2.0, "lesions", MRECIST)),
    least_mm: unreviewed("measurable: longest diameter of the enhancing part at least", 10.0, "mm", MRECIST),
    least_node_mm: Some(unreviewed("measurable node: short axis at least", 15.0, "mm", MRECIST)),
    thick_slice: None,
    normal_node_mm: Some(unreviewed("normal node: short axis below", 10.0, "mm", MRECIST)),
    too_small: unreviewed("too small to measure counts as", 5.0, "mm", MRECIST),
    partial: unreviewed("partial response: decrease from baseline at least", 30.0, "%", MRECIST),
    progression: unreviewed("progression: increase from the smallest sum at least", 20.0, "%", MRECIST),
    absolute: None,
    least_new_mm: Some(unreviewed("a new lesion counts from", 10.0, "mm", MRECIST)),
    confirm_days: Some(unreviewed("confirmation of a response after at least", 28.0, "days", MRECIST)),
};

static VOLUMES: SumRules = SumRules {
    criteria: Criteria::Volumetric,
    measure: Measure::Volume,
    unit: "mm³",
    most_targets: unreviewed("target lesions at most", 5.0, "lesions", OURS),
    most_per_organ: None,
    least_mm: unreviewed("measurable: longest diameter at least", 10.0, "mm", OURS),
    least_node_mm: None,
    thick_slice: None,
    normal_node_mm: None,
    // A ball of 5 mm.
    too_small: unreviewed("too small to measure counts as", 65.449_846_949_787_36, "mm³", OURS),
    partial: unreviewed("partial response: decrease from baseline at least", 65.0, "%", RANO_2),
    progression: unreviewed("progression: increase from the smallest sum at least", 40.0, "%", RANO_2),
    absolute: None,
    least_new_mm: None,
    confirm_days: None,
};

/// Rules of criteria that sum; those of RECIST for iRECIST, and for PERCIST, which does not sum.
pub(super) fn of(criteria: Criteria) -> &'static SumRules {
    match criteria {
        Criteria::Recist | Criteria::Irecist | Criteria::Percist => &RECIST,
        Criteria::Rano => &RANO,
        Criteria::Mrecist => &MRECIST_RULES,
        Criteria::Volumetric => &VOLUMES,
    }
}

const IRECIST_TABLE: &str = "iRECIST (Seymour 2017), table 2, to be compared with it";

pub(super) static IMMUNE_INCREASE: Threshold =
    unreviewed("confirmed: further increase of a sum since iUPD at least", 5.0, "mm", IRECIST_TABLE);
pub(super) static IMMUNE_EARLIEST: Threshold = unreviewed(
    "confirmation not before",
    28.0,
    "days",
    "recist.eortc.org, scans earlier than four weeks after iUPD",
);
pub(super) static IMMUNE_LATEST: Threshold =
    unreviewed("confirmation is due within", 56.0, "days", IRECIST_TABLE);
pub(super) static IMMUNE_MOST_NEW: Threshold = unreviewed(
    "new lesions measured at most",
    5.0,
    "lesions",
    "iRECIST (Seymour 2017), not compared with the guideline",
);
pub(super) static IMMUNE_NEW_PER_ORGAN: Threshold = unreviewed(
    "new lesions of one organ measured at most",
    2.0,
    "lesions",
    "iRECIST (Seymour 2017), not compared with the guideline",
);

const PERCIST_DESIGN: &str =
    "PERCIST 1.0 (Wahl 2009), rows confirmed against open-access tables in the project's design notes";

pub(super) static PET_LIVER_TIMES: Threshold =
    checked("measurable: SULpeak at least this times the liver's mean", 1.5, "", PERCIST_DESIGN);
pub(super) static PET_LIVER_DEVIATIONS: Threshold =
    checked("measurable: and this many standard deviations of it", 2.0, "", PERCIST_DESIGN);
pub(super) static PET_PARTIAL: Threshold =
    checked("partial metabolic response: decrease of SULpeak at least", 30.0, "%", PERCIST_DESIGN);
pub(super) static PET_PROGRESSION: Threshold =
    checked("progressive metabolic disease: increase of SULpeak at least", 30.0, "%", PERCIST_DESIGN);
pub(super) static PET_ABSOLUTE: Threshold = checked("and by at least", 0.8, "SUL", PERCIST_DESIGN);
pub(super) static PET_GLYCOLYSIS: Threshold = checked(
    "progressive metabolic disease: increase of total lesion glycolysis above",
    75.0,
    "%",
    PERCIST_DESIGN,
);
pub(super) static PET_MOST: Threshold = checked("lesions followed at most", 5.0, "lesions", PERCIST_DESIGN);

/// Shortest time after which stable disease counts, days; each protocol sets its own.
pub static LEAST_STABLE: Threshold =
    unreviewed("stable disease counts from", 42.0, "days after the baseline", RECIST_FAQ);

/// Every number a set of criteria applies.
pub fn thresholds(criteria: Criteria) -> Vec<Threshold> {
    let rules = of(criteria);
    let mut all: Vec<Threshold> = match criteria {
        Criteria::Percist => vec![
            PET_LIVER_TIMES,
            PET_LIVER_DEVIATIONS,
            PET_PARTIAL,
            PET_PROGRESSION,
            PET_ABSOLUTE,
            PET_GLYCOLYSIS,
            PET_MOST,
        ],
        _ => vec![rules.most_targets, rules.least_mm, rules.too_small, rules.partial, rules.progression],
    };
    if criteria != Criteria::Percist {
        all.extend(rules.most_per_organ);
        all.extend(rules.least_node_mm);
        all.extend(rules.thick_slice.into_iter().flatten());
        all.extend(rules.normal_node_mm);
        all.extend(rules.absolute);
        all.extend(rules.least_new_mm);
        all.extend(rules.confirm_days);
    }
    if criteria == Criteria::Irecist {
        all.extend([IMMUNE_INCREASE, IMMUNE_EARLIEST, IMMUNE_LATEST, IMMUNE_MOST_NEW, IMMUNE_NEW_PER_ORGAN]);
    }
    all
}
