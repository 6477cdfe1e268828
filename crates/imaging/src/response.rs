//! How did the disease respond? RECIST 1.1, iRECIST, RANO, mRECIST, PERCIST and volumes, from sizes at several dates.
//!
//! Pure: takes what was measured and what a reader stated, gives a category at each date with the numbers behind it.
//! What needs a reader's word (unequivocal progression of non-target disease, corticosteroids, tumour markers) is
//! never made up: while it is not stated, the point names it as open.

mod best;
mod immune;
mod metabolic;
mod rules;
mod sums;

pub use best::{Best, best, best_immune};
pub use rules::{Criteria, LEAST_STABLE, Review, Threshold, thresholds};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a lesion is, for rules that treat it apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Soft tissue.
    #[default]
    Tumour,
    /// A lymph node: its short axis counts.
    Node,
    /// Bone without a soft-tissue part: never measurable.
    Bone,
}

/// Uptake of a lesion in PET.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Uptake {
    /// Highest mean of a sphere of 1 cm³, SUV by lean body mass.
    pub sul_peak: f64,
    /// Mean SUL times volume, SUL · mL.
    pub glycolysis: f64,
}

/// The numbers of one lesion at one date.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Sizes {
    /// Longest axial diameter, mm; of split parts the sum.
    pub longest_mm: f64,
    /// Short axis across it, mm; of split parts the sum.
    pub short_mm: f64,
    /// Product of both, mm²; of split parts the sum.
    pub product_mm2: f64,
    /// Volume, mm³.
    pub volume_mm3: f64,
    /// Uptake, where the image is PET.
    pub uptake: Option<Uptake>,
}

/// What was seen of a lesion at one date.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// It was measured.
    Measured(Sizes),
    /// There, and too small to measure.
    TooSmall,
    /// Not there.
    Absent,
    /// The exam does not show its place, or not well enough.
    NotEvaluable,
}

/// One lesion over all exams.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lesion {
    /// `L1`, in the order of the first exam, then as they appear.
    pub id: String,
    /// Organ or site in words; lesions of one organ compete for its places among the targets.
    pub organ: String,
    /// What it is.
    pub kind: Kind,
    /// What was seen at each exam.
    pub seen: Vec<Seen>,
}

impl Lesion {
    /// Index of the exam that first shows it.
    pub fn first(&self) -> Option<usize> {
        self.seen.iter().position(|seen| matches!(seen, Seen::Measured(_) | Seen::TooSmall))
    }
}

/// How something stands beside an earlier exam, as a reader states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    /// Less, or better.
    Better,
    /// The same.
    Stable,
    /// More, or worse.
    Worse,
}

/// What only a reader can state of an exam; `None` is "not stated".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Stated {
    /// Non-target disease progressed unequivocally.
    pub non_target_progression: Option<bool>,
    /// Non-target disease grew further since the exam before (iRECIST: need not be unequivocal).
    pub non_target_increase: Option<bool>,
    /// Tumour markers are normal.
    pub markers_normal: Option<bool>,
    /// Dose of corticosteroids beside the baseline's (RANO).
    pub steroids: Option<Course>,
    /// No corticosteroids beyond replacement (RANO).
    pub no_steroids: Option<bool>,
    /// Clinical state (RANO).
    pub clinical: Option<Course>,
    /// T2/FLAIR lesions (RANO).
    pub flair: Option<Course>,
    /// Uptake of the liver, SUL: mean and standard deviation of a 3 cm sphere (PERCIST).
    pub liver_sul: Option<[f64; 2]>,
}

/// One exam.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exam {
    /// Its day.
    pub day: Date,
    /// Distance of slices, mm.
    pub slice_mm: f64,
    /// What a reader stated.
    pub stated: Stated,
}

/// Exams in order with every lesion seen in them. The first exam is the baseline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct History {
    /// In order of time.
    pub exams: Vec<Exam>,
    /// Each with one `Seen` an exam.
    pub lesions: Vec<Lesion>,
}

/// Why there is nothing to assess.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// No exam.
    #[error("there is no exam: give a baseline and at least one later exam")]
    NoExam,
    /// Days not in order.
    #[error("exam {0} lies on or before the day of the one before it: give exams in order, one a day")]
    Order(usize),
    /// A lesion without one `Seen` an exam.
    #[error("lesion {id} is described at {found} of {exams} exams")]
    Exams {
        /// Lesion.
        id: String,
        /// Entries it has.
        found: usize,
        /// Exams there are.
        exams: usize,
    },
    /// A size that is no size.
    #[error("lesion {0} has a size that is negative or no number")]
    Size(String),
}

/// A category of any of the criteria.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Category {
    /// Complete response.
    #[serde(rename = "CR")]
    Complete,
    /// Partial response.
    #[serde(rename = "PR")]
    Partial,
    /// Stable disease.
    #[serde(rename = "SD")]
    Stable,
    /// Without target lesions: neither complete response nor progression.
    #[serde(rename = "non-CR/non-PD")]
    Neither,
    /// Progression.
    #[serde(rename = "PD")]
    Progression,
    /// Not evaluable.
    #[serde(rename = "NE")]
    NotEvaluable,
    /// iRECIST: complete response.
    #[serde(rename = "iCR")]
    ImmuneComplete,
    /// iRECIST: partial response.
    #[serde(rename = "iPR")]
    ImmunePartial,
    /// iRECIST: stable disease.
    #[serde(rename = "iSD")]
    ImmuneStable,
    /// iRECIST: progression that waits for confirmation.
    #[serde(rename = "iUPD")]
    Unconfirmed,
    /// iRECIST: confirmed progression.
    #[serde(rename = "iCPD")]
    Confirmed,
    /// PERCIST: complete metabolic response.
    #[serde(rename = "CMR")]
    MetabolicComplete,
    /// PERCIST: partial metabolic response.
    #[serde(rename = "PMR")]
    MetabolicPartial,
    /// PERCIST: stable metabolic disease.
    #[serde(rename = "SMD")]
    MetabolicStable,
    /// PERCIST: progressive metabolic disease.
    #[serde(rename = "PMD")]
    MetabolicProgression,
}

impl Category {
    /// As reports print it.
    pub fn short(self) -> &'static str {
        match self {
            Category::Complete => "CR",
            Category::Partial => "PR",
            Category::Stable => "SD",
            Category::Neither => "non-CR/non-PD",
            Category::Progression => "PD",
            Category::NotEvaluable => "NE",
            Category::ImmuneComplete => "iCR",
            Category::ImmunePartial => "iPR",
            Category::ImmuneStable => "iSD",
            Category::Unconfirmed => "iUPD",
            Category::Confirmed => "iCPD",
            Category::MetabolicComplete => "CMR",
            Category::MetabolicPartial => "PMR",
            Category::MetabolicStable => "SMD",
            Category::MetabolicProgression => "PMD",
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Category::Complete | Category::ImmuneComplete => "complete response",
            Category::Partial | Category::ImmunePartial => "partial response",
            Category::Stable | Category::ImmuneStable => "stable disease",
            Category::Neither => "neither complete response nor progression",
            Category::Progression => "progression",
            Category::NotEvaluable => "not evaluable",
            Category::Unconfirmed => "progression to be confirmed",
            Category::Confirmed => "confirmed progression",
            Category::MetabolicComplete => "complete metabolic response",
            Category::MetabolicPartial => "partial metabolic response",
            Category::MetabolicStable => "stable metabolic disease",
            Category::MetabolicProgression => "progressive metabolic disease",
        }
    }
}

/// One date under one set of criteria.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// The exam's day.
    pub day: Date,
    /// Sum over the targets in the criteria's measure; `None` where one of them is not evaluable.
    pub sum: Option<f64>,
    /// Of the baseline.
    pub baseline: Option<f64>,
    /// Smallest sum up to the exam before.
    pub nadir: Option<f64>,
    /// Change from the baseline, per cent; `None` where the baseline is zero.
    pub from_baseline_percent: Option<f64>,
    /// Change from the smallest sum before, per cent.
    pub from_nadir_percent: Option<f64>,
    /// Target lesions; `None` at the baseline and without target lesions.
    pub target: Option<Category>,
    /// Non-target lesions; `None` at the baseline and without them.
    pub non_target: Option<Category>,
    /// Lesions that the baseline did not show and this exam does.
    pub new_lesions: Vec<String>,
    /// All together; `None` at the baseline.
    pub overall: Option<Category>,
    /// Why, in words with the numbers.
    pub because: Vec<String>,
    /// What is not stated and could change the category.
    pub open: Vec<String>,
}

/// All dates under one set of criteria.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timeline {
    /// Which.
    pub criteria: Criteria,
    /// Unit of the sums.
    pub unit: &'static str,
    /// Ids of the target lesions, chosen at the baseline.
    pub targets: Vec<String>,
    /// Ids of the other lesions of the baseline.
    pub non_targets: Vec<String>,
    /// One an exam.
    pub points: Vec<Point>,
    /// Thresholds that were applied, with their sources.
    pub thresholds: Vec<Threshold>,
    /// What a reader of the whole line must know.
    pub notes: Vec<String>,
}

impl History {
    fn check(&self) -> Result<(), ResponseError> {
        if self.exams.is_empty() {
            return Err(ResponseError::NoExam);
        }
        if let Some(at) = self.exams.windows(2).position(|pair| pair[1].day <= pair[0].day) {
            return Err(ResponseError::Order(at + 2));
        }
        for lesion in &self.lesions {
            if lesion.seen.len() != self.exams.len() {
                let (id, found) = (lesion.id.clone(), lesion.seen.len());
                return Err(ResponseError::Exams { id, found, exams: self.exams.len() });
            }
            let fine = |value: f64| value.is_finite() && value >= 0.0;
            let sane = |seen: &Seen| match seen {
                Seen::Measured(s) => {
                    [s.longest_mm, s.short_mm, s.product_mm2, s.volume_mm3].into_iter().all(fine)
                }
                Seen::TooSmall | Seen::Absent | Seen::NotEvaluable => true,
            };
            if !lesion.seen.iter().all(sane) {
                return Err(ResponseError::Size(lesion.id.clone()));
            }
        }
        Ok(())
    }
}

/// The whole line under one set of criteria.
///
/// # Errors
/// No exam, exams out of order, a lesion that is not described at every exam.
pub fn assess(history: &History, criteria: Criteria) -> Result<Timeline, ResponseError> {
    history.check()?;
    Ok(match criteria {
        Criteria::Recist | Criteria::Mrecist | Criteria::Rano | Criteria::Volumetric => {
            sums::assess(history, rules::of(criteria))
        }
        Criteria::Irecist => immune::assess(history),
        Criteria::Percist => metabolic::assess(history),
    })
}

/// Lesions that are measurable at one exam by RECIST 1.1, by id.
pub fn measurable(history: &History, exam: usize) -> Vec<String> {
    let rules = rules::of(Criteria::Recist);
    let slice_mm = history.exams.get(exam).map_or(1.0, |exam| exam.slice_mm);
    let fits = |lesion: &&Lesion| match lesion.seen.get(exam) {
        Some(Seen::Measured(sizes)) => sums::measurable(lesion, sizes, slice_mm, rules),
        _ => false,
    };
    history.lesions.iter().filter(fits).map(|lesion| lesion.id.clone()).collect()
}

/// Decrease from the baseline that makes a partial response, per cent.
pub fn partial_percent(criteria: Criteria) -> Option<f64> {
    match criteria {
        Criteria::Percist => Some(rules::PET_PARTIAL.value),
        _ => Some(rules::of(criteria).partial.value),
    }
}

/// Days between two dates.
fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// Change from `from` to `to`, per cent; `None` from zero.
fn percent(from: f64, to: f64) -> Option<f64> {
    (from > 0.0).then(|| 100.0 * (to - from) / from)
}

#[cfg(test)]
mod tests;
