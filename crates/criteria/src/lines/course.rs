//! Which records are systemic anticancer therapy that reached the patient?

use concilium_case::{Facts, LineIntent, Medication, StopReason};
use concilium_knowledge::{Drug, Knowledge};
use concilium_terms::{AsOf, DrugName, PartialDate};

/// One drug of one record, or the part of it that one line holds.
#[derive(Clone, Debug)]
pub(super) struct Course<'f> {
    pub drug: DrugName,
    pub start: Option<PartialDate>,
    pub end: Option<PartialDate>,
    pub ongoing: bool,
    pub stop: Option<StopReason>,
    pub record: &'f Medication,
}

impl Course<'_> {
    /// Last day it is known to have been given.
    pub fn last_day(&self) -> Option<&PartialDate> {
        self.end.as_ref().or(self.start.as_ref())
    }

    /// What of it lies before `day`: what goes on beyond belongs to the next line, and so does why it stopped.
    pub fn clip(&mut self, day: &PartialDate) {
        if self.ongoing || self.end.as_ref().is_some_and(|end| day.surely_before(end)) {
            self.end = Some(day.clone());
            self.ongoing = false;
            self.stop = None;
        }
    }

    /// As the record states it: `adjuvant`, `neoadjuvant`; palliative is advanced disease.
    pub fn intent(&self) -> Option<LineIntent> {
        let words = self.record.intent.as_deref()?.to_lowercase();
        match () {
            () if words.contains("neoadjuvant") || words.contains("neo-adjuvant") => {
                Some(LineIntent::Neoadjuvant)
            }
            () if words.contains("adjuvant") => Some(LineIntent::Adjuvant),
            () if ["palliative", "advanced", "metastatic"].iter().any(|word| words.contains(word)) => {
                Some(LineIntent::Advanced)
            }
            () => None,
        }
    }

    /// Planned maintenance, in the record's words.
    pub fn is_maintenance(&self) -> bool {
        self.record.intent.as_deref().unwrap_or("").to_lowercase().contains("maintenance")
    }
}

/// Courses with a start, by start; and those without one. Orders and plans are no exposure.
pub(super) fn courses<'f>(
    facts: &'f Facts,
    knowledge: &Knowledge,
    as_of: &AsOf,
) -> (Vec<Course<'f>>, Vec<Course<'f>>) {
    let given = |record: &&Medication| record.exposure.is_exposure() && record.meta.retraction.is_none();
    let begun =
        |record: &&Medication| record.meta.when.as_ref().is_none_or(|when| when.earliest() <= as_of.date());
    let records = facts.medications.iter().filter(given).filter(begun);
    let mut all: Vec<Course> = records.flat_map(|record| of_record(record, knowledge)).collect();
    all.sort_by(|a, b| (&a.start, &a.drug, &a.record.meta.id).cmp(&(&b.start, &b.drug, &b.record.meta.id)));
    all.into_iter().partition(|course| course.start.is_some())
}

/// Castration (and ovarian suppression) is kept through all lines: lines are counted by what is added to it.
/// Unreviewed; guideline: ESMO prostate cancer, castration-resistant disease.
const KEPT_THROUGHOUT: &str = "gnrh-analogue";

fn of_record<'f>(record: &'f Medication, knowledge: &Knowledge) -> Vec<Course<'f>> {
    let supportive =
        record.intent.as_deref().is_some_and(|words| words.to_lowercase().contains("supportive"));
    let makes_a_line = |drug: &&DrugName| knowledge.drugs.get(drug).is_some_and(Drug::makes_a_line);
    let kept = |drug: &&DrugName| knowledge.drugs.classes_of(drug).contains(KEPT_THROUGHOUT);
    let counts = |drug: &&DrugName| !supportive && makes_a_line(drug) && !kept(drug);
    let course = |drug: &DrugName| Course {
        drug: drug.clone(),
        start: record.meta.when.clone(),
        end: record.end.clone(),
        ongoing: record.ongoing,
        stop: record.stop,
        record,
    };
    record.drugs.iter().filter(counts).map(course).collect()
}
