//! Which patients and trials have a truth that is known because it was planted?
//!
//! The plan of a patient says what is so, what was tested and what was not; the plan of an arm says what it asks. Truth
//! is read from the two plans by comparing small numbers, before any record or text is written: nothing of the
//! evaluators is used. Then the patient is written as facts, and the arm in the text form of trials. A seed names its
//! patients and arms.

use crate::{CaseBuilder, diagnosis, given, lab, marker, performance, region, small, tumour};
use concilium_case::{
    Case, ConditionRole, Extent, MarkerCall, MarkerName, Medication, MedicationState, PerformanceScale, Sex,
};
use concilium_terms::PartialDate;

/// The day everything is planned for.
pub const TODAY: &str = "2026-06-15";
/// Days a laboratory value may be old where an arm does not say otherwise, as the site's settings have it.
const LAB_DAYS: u32 = 28;
/// The same of a performance status.
const PERFORMANCE_DAYS: u32 = 90;

/// How often something is planted, in percent of patients or arms.
pub mod rates {
    /// A fact that was never recorded.
    pub const MISSING: usize = 15;
    /// A result that is too old.
    pub const STALE: usize = 10;
    /// Two sources that disagree.
    pub const CONFLICT: usize = 5;
    /// A drug whose last dose lies within a month or two.
    pub const WASHOUT: usize = 30;
    /// An arm that is closed.
    pub const CLOSED: usize = 20;
}

/// A tumour: its term, and those of the list that it is a kind of.
const TUMOURS: [(&str, &str, &[&str]); 12] = [
    ("DOID:3910", "lung adenocarcinoma", &["DOID:3910", "DOID:3908"]),
    ("DOID:3908", "lung non-small cell carcinoma", &["DOID:3908"]),
    ("DOID:5409", "lung small cell carcinoma", &["DOID:5409"]),
    ("DOID:3459", "breast carcinoma", &["DOID:3459", "DOID:1612"]),
    ("DOID:219", "colon cancer", &["DOID:219", "DOID:9256"]),
    ("DOID:8923", "skin melanoma", &["DOID:8923"]),
    ("DOID:10283", "prostate cancer", &["DOID:10283"]),
    ("DOID:1793", "pancreatic cancer", &["DOID:1793"]),
    ("DOID:2394", "ovarian cancer", &["DOID:2394"]),
    ("DOID:9538", "multiple myeloma", &["DOID:9538"]),
    ("DOID:684", "hepatocellular carcinoma", &["DOID:684"]),
    ("DOID:10534", "stomach cancer", &["DOID:10534"]),
];

/// A value that is recorded, or why it does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// Recorded so many days ago.
    Value(T, u32),
    /// Never recorded.
    Missing,
    /// Two values of one day.
    Conflict(T, T),
}

/// What is planted of a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatientPlan {
    /// Completed years; the birthday is half a year away.
    pub age: Option<u32>,
    /// Sex.
    pub female: Option<bool>,
    /// Place in the list of tumours.
    pub tumour: Option<usize>,
    /// ECOG.
    pub ecog: Known<u32>,
    /// Neutrophils, tenths of 10⁹/L.
    pub neutrophils: Known<u32>,
    /// EGFR T790M: found, or looked for and not found.
    pub t790m: Option<bool>,
    /// HER2 by the laboratory's call.
    pub her2: Option<bool>,
    /// Days since the last dose of osimertinib; `Some(None)`: the records keep drugs, and not this one.
    pub osimertinib: Option<Option<u32>>,
    /// HIV: recorded, or stated as absent; both is a conflict.
    pub hiv: (bool, bool),
}

/// One question of an arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// At least so old.
    AgeFrom(u32),
    /// At most so old.
    AgeTo(u32),
    /// Of this sex.
    Female(bool),
    /// This tumour, by its place in the list.
    Tumour(usize),
    /// ECOG at most.
    EcogTo(u32),
    /// At least so many tenths of 10⁹/L.
    Neutrophils(u32),
    /// EGFR T790M found, or not found.
    T790m(bool),
    /// HER2 positive.
    Her2,
    /// No osimertinib within so many days.
    Washout(u32),
    /// Has had osimertinib.
    PriorOsimertinib,
    /// No known HIV.
    NoHiv,
}

/// What is planted of an arm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArmPlan {
    /// Takes nobody.
    pub closed: bool,
    /// All must hold.
    pub questions: Vec<Question>,
}

/// The truth of a question about a patient.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Planted {
    /// Holds.
    Met,
    /// Does not hold, and will not.
    Never,
    /// Does not hold until the ISO day.
    NotUntil(String),
    /// Not recorded, or too old: nobody knows.
    Untested,
    /// Sources disagree.
    Disputed,
    /// A history nobody recorded.
    Unrecorded,
}

/// A stream of choices (SplitMix64, Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Draw {
        Draw(seed)
    }

    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let wide = u64::from(n.max(1));
        u32::try_from((mixed ^ (mixed >> 31)) % wide).unwrap_or(0)
    }

    fn percent(&mut self, percent: usize) -> bool {
        (self.below(100) as usize) < percent
    }

    fn place<T>(&mut self, list: &[T]) -> usize {
        self.below(u32::try_from(list.len()).unwrap_or(u32::MAX)) as usize
    }

    fn known<T>(&mut self, valid_days: u32, value: T, other: T) -> Known<T> {
        match () {
            () if self.percent(rates::MISSING) => Known::Missing,
            () if self.percent(rates::STALE) => Known::Value(value, valid_days + 1 + self.below(300)),
            () if self.percent(rates::CONFLICT) => Known::Conflict(value, other),
            () => Known::Value(value, self.below(valid_days)),
        }
    }

    fn unless_missing<T>(&mut self, value: T) -> Option<T> {
        if self.percent(rates::MISSING) { None } else { Some(value) }
    }

    /// A patient.
    pub fn patient(&mut self) -> PatientPlan {
        let age = 1 + self.below(95);
        let female = self.below(2) == 0;
        let tumour = self.place(&TUMOURS);
        let (ecog, other_ecog) = (self.below(4), self.below(5));
        let (neutrophils, other) = (self.below(80), self.below(80));
        let last_dose = if self.percent(rates::WASHOUT) { self.below(70) } else { 100 + self.below(900) };
        let had = self.percent(40).then_some(last_dose);
        let (t790m, her2) = (self.percent(30), self.percent(20));
        PatientPlan {
            age: self.unless_missing(age),
            female: self.unless_missing(female),
            tumour: self.unless_missing(tumour),
            ecog: self.known(PERFORMANCE_DAYS, ecog, if other_ecog == ecog { ecog + 1 } else { other_ecog }),
            neutrophils: self.known(LAB_DAYS, neutrophils, other),
            t790m: self.unless_missing(t790m),
            her2: self.unless_missing(her2),
            osimertinib: self.unless_missing(had),
            hiv: (self.percent(10), self.percent(30)),
        }
    }

    /// An arm with one question of each of some kinds; the tumour is always asked for.
    pub fn arm(&mut self) -> ArmPlan {
        let mut questions = vec![Question::Tumour(self.place(&TUMOURS))];
        let optional = [
            Question::AgeFrom(if self.percent(80) { 18 } else { self.below(60) }),
            Question::AgeTo(60 + self.below(30)),
            Question::Female(self.below(2) == 0),
            Question::EcogTo(self.below(3)),
            Question::Neutrophils(10 + self.below(11)),
            Question::T790m(self.below(2) == 0),
            Question::Her2,
            Question::Washout(7 * (1 + self.below(6))),
            Question::PriorOsimertinib,
            Question::NoHiv,
        ];
        questions.extend(optional.into_iter().filter(|_| self.percent(45)));
        ArmPlan { closed: self.percent(rates::CLOSED), questions }
    }
}

impl PatientPlan {
    /// The truth of a question, from the plan alone.
    pub fn truth(&self, question: Question) -> Planted {
        let plain = |holds: Option<bool>| match holds {
            Some(true) => Planted::Met,
            Some(false) => Planted::Never,
            None => Planted::Untested,
        };
        match question {
            Question::AgeFrom(years) => match self.age {
                Some(age) if age < years => Planted::NotUntil(birthday(age, years)),
                age => plain(age.map(|_| true)),
            },
            Question::AgeTo(years) => plain(self.age.map(|age| age <= years)),
            Question::Female(female) => plain(self.female.map(|is| is == female)),
            Question::Tumour(asked) => plain_tumour(self.tumour, asked),
            Question::EcogTo(most) => aging(self.ecog, PERFORMANCE_DAYS, |value| value <= most),
            Question::Neutrophils(least) => {
                // Results of one day that agree on the question settle it.
                match self.neutrophils {
                    Known::Conflict(a, b) if (least <= a) == (least <= b) => {
                        aging(Known::Value(a, 1), LAB_DAYS, |value| least <= value)
                    }
                    known => aging(known, LAB_DAYS, |value| least <= value),
                }
            }
            Question::T790m(found) => plain(self.t790m.map(|is| is == found)),
            Question::Her2 => plain(self.her2),
            Question::Washout(days) => match self.osimertinib {
                Some(Some(ago)) if ago < days => {
                    Planted::NotUntil(day_from_now(i64::from(days) - i64::from(ago)))
                }
                Some(_) => Planted::Met,
                None => Planted::Untested,
            },
            Question::PriorOsimertinib => plain(self.osimertinib.map(|had| had.is_some())),
            Question::NoHiv => match self.hiv {
                (true, true) => Planted::Disputed,
                (true, false) => Planted::Never,
                (false, true) => Planted::Met,
                (false, false) => Planted::Unrecorded,
            },
        }
    }

    /// The patient as facts.
    pub fn case(&self) -> Case {
        let mut builder = CaseBuilder::new(TODAY);
        if let Some(age) = self.age {
            builder = builder.born(&born(age));
        }
        if let Some(female) = self.female {
            builder = builder.sex(if female { Sex::Female } else { Sex::Male });
        }
        if let Some((doid, name, _)) = self.tumour.and_then(|at| TUMOURS.get(at)) {
            builder = builder.tumour(tumour(doid, name, Extent::Metastatic));
        }
        for (value, ago) in self.ecog.recorded() {
            builder = builder.performance(performance(PerformanceScale::Ecog, value, &days_ago(ago)));
        }
        for (tenths, ago) in self.neutrophils.recorded() {
            let value = f64::from(tenths) / 10.0;
            builder = builder.lab(lab("neutrophils", value, "10*9/L", None, &days_ago(ago)));
        }
        if let Some(found) = self.t790m {
            builder = builder.region(region(&["EGFR"]));
            if found {
                builder = builder.alteration(small("EGFR", "T790M"));
            }
        }
        if let Some(positive) = self.her2 {
            let call = if positive { MarkerCall::Positive } else { MarkerCall::Negative };
            builder = builder.marker(marker(MarkerName::Her2, Some(call)));
        }
        self.with_history(builder).build()
    }

    fn with_history(&self, mut builder: CaseBuilder) -> CaseBuilder {
        if let Some(had) = self.osimertinib {
            // A drug of years ago: these records keep drugs.
            builder = builder.medication(finished("carboplatin", 1_400, 1_300));
            if let Some(ago) = had {
                builder = builder.medication(finished("osimertinib", ago + 100, ago));
            }
        }
        let hiv = || {
            diagnosis("human immunodeficiency virus infection", ConditionRole::Comorbidity, &days_ago(500))
        };
        if self.hiv.0 {
            builder = builder.condition(hiv());
        }
        if self.hiv.1 {
            builder = builder.condition(concilium_case::Condition { present: Some(false), ..hiv() });
        }
        builder
    }
}

impl<T: Copy> Known<T> {
    fn recorded(&self) -> Vec<(T, u32)> {
        match *self {
            Known::Value(value, ago) => vec![(value, ago)],
            Known::Missing => vec![],
            Known::Conflict(a, b) => vec![(a, 1), (b, 1)],
        }
    }
}

/// What fails by a value is open again once the value is too old.
fn aging(known: Known<u32>, valid_days: u32, holds: impl Fn(u32) -> bool) -> Planted {
    match known {
        Known::Missing => Planted::Untested,
        Known::Conflict(..) => Planted::Disputed,
        Known::Value(_, ago) if valid_days < ago => Planted::Untested,
        Known::Value(value, _) if holds(value) => Planted::Met,
        Known::Value(_, ago) => Planted::NotUntil(day_from_now(i64::from(valid_days) + 1 - i64::from(ago))),
    }
}

/// Broader than what is asked is not known to be it.
fn plain_tumour(has: Option<usize>, asked: usize) -> Planted {
    let Some(has) = has else { return Planted::Untested };
    let (asked_doid, has_doid) = (TUMOURS[asked].0, TUMOURS[has].0);
    match () {
        () if TUMOURS[has].2.contains(&asked_doid) => Planted::Met,
        () if TUMOURS[asked].2.contains(&has_doid) => Planted::Untested,
        () => Planted::Never,
    }
}

impl Question {
    /// The criterion in the text form of trials.
    pub fn line(self, id: usize) -> String {
        match self {
            Question::AgeFrom(years) => format!("in-{id} inclusion: age >= {years} years"),
            Question::AgeTo(years) => format!("in-{id} inclusion: age <= {years} years"),
            Question::Female(true) => format!("in-{id} inclusion: sex female"),
            Question::Female(false) => format!("ex-{id} exclusion: sex female"),
            Question::Tumour(at) => {
                format!("in-{id} inclusion: disease [{}] \"{}\"", TUMOURS[at].0, TUMOURS[at].1)
            }
            Question::EcogTo(most) => format!("in-{id} inclusion: performance ecog 0 to {most}"),
            Question::Neutrophils(least) => {
                format!("in-{id} inclusion: lab neutrophils >= {} 10*9/L", f64::from(least) / 10.0)
            }
            Question::T790m(true) => format!("in-{id} inclusion: biomarker present [EGFR T790M]"),
            Question::T790m(false) => format!("ex-{id} exclusion: biomarker present [EGFR T790M]"),
            Question::Her2 => format!("in-{id} inclusion: marker her2 is positive"),
            Question::Washout(days) => {
                format!("ex-{id} exclusion: recent([drug:osimertinib], {days} days, before first-dose)")
            }
            Question::PriorOsimertinib => format!("in-{id} inclusion: prior [drug:osimertinib]"),
            Question::NoHiv => format!("ex-{id} exclusion: condition [hiv] ever known"),
        }
    }
}

impl ArmPlan {
    /// The criteria, a line each.
    pub fn lines(&self) -> Vec<String> {
        self.questions.iter().enumerate().map(|(at, question)| question.line(at)).collect()
    }
}

fn finished(drug: &str, start_ago: u32, end_ago: u32) -> Medication {
    Medication {
        end: Some(exact(&days_ago(end_ago))),
        state: MedicationState::Finished,
        ..given(drug, &days_ago(start_ago))
    }
}

fn exact(text: &str) -> PartialDate {
    PartialDate::parse(text).expect("a planted day parses")
}

/// Born half a year before the last birthday would be today: no birthday is near.
fn born(age: u32) -> String {
    format!("{:04}-12-15", 2025 - age)
}

/// The day on which somebody who is `age` now completes `years`.
fn birthday(age: u32, years: u32) -> String {
    format!("{:04}-12-15", 2025 - age + years)
}

fn days_ago(days: u32) -> String {
    day_from_now(-i64::from(days))
}

/// Civil day so many days from [`TODAY`] (days of the proleptic Gregorian calendar, Hinnant 2013).
fn day_from_now(days: i64) -> String {
    /// 2026-06-15 in days from 1970-01-01.
    const TODAY_DAYS: i64 = 20_619;
    let z = TODAY_DAYS + days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::{Draw, TODAY, day_from_now};

    #[test]
    fn days_are_counted_by_the_calendar() {
        let days = [0, 1, 16, -15, -107, 625].map(day_from_now);
        let expected = [TODAY, "2026-06-16", "2026-07-01", "2026-05-31", "2026-02-28", "2028-03-01"];
        assert_eq!(days, expected);
    }

    #[test]
    fn a_seed_names_its_patients() {
        let mut draws = [Draw::new(1), Draw::new(1), Draw::new(2)];
        let [a, b, c] = draws.each_mut().map(|draw| [draw.patient(), draw.patient()]);
        assert_eq!(a, b);
        assert_ne!(a, c);
        assert_ne!(a[0], a[1]);
    }
}
