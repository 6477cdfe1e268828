//! Which drug records still speak of the present?
//!
//! An order or statement that nothing ended and nothing supports for a year is not "taken now": whether it holds is not
//! known. The record stays a fact.

use concilium_case::{Exposure, Facts, Medication, MedicationState};
use concilium_terms::AsOf;
use std::collections::BTreeSet;

/// Days without support after which an open record says nothing of the present (12 months; `unreviewed`).
const SUPPORT_DAYS: i32 = 365;

/// Marks open records without recent support. Drugs must be resolved.
pub fn mark(facts: &mut Facts, as_of: &AsOf) {
    let recent: Vec<BTreeSet<String>> =
        facts.medications.iter().filter(|record| supports(record, as_of)).map(names).collect();
    for record in facts.medications.iter_mut() {
        let supported = recent.iter().any(|drugs| !drugs.is_disjoint(&names(record)));
        let dated = last_said(record, as_of).is_some();
        if record.state == MedicationState::Open && dated && !supported {
            record.state = MedicationState::Stale;
            record.ongoing = false;
        }
    }
}

/// Does it show that the drug was wanted or taken within the last twelve months?
fn supports(record: &Medication, as_of: &AsOf) -> bool {
    record.exposure != Exposure::NotTaken
        && last_said(record, as_of).is_some_and(|fewest| fewest <= SUPPORT_DAYS)
}

/// Fewest days since the record's last word: its end, its start, or the day it was written.
fn last_said(record: &Medication, as_of: &AsOf) -> Option<i32> {
    let days = [&record.end, &record.meta.when, &record.meta.issued];
    days.into_iter().flatten().map(|day| day.days_until(as_of.date()).0).min()
}

/// By resolved name, else by the record's own words.
fn names(record: &Medication) -> BTreeSet<String> {
    let resolved: BTreeSet<String> = record.drugs.iter().map(ToString::to_string).collect();
    match resolved.is_empty() {
        false => resolved,
        true => {
            record.codes.iter().map(|code| code.display.to_lowercase()).filter(|w| !w.is_empty()).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use concilium_testkit::{as_of, day, given};

    /// One record beside `others`; is it still open on 2026-06-15?
    #[track_caller]
    fn check(record: Medication, others: &[Medication], expect: MedicationState) {
        let mut facts = Facts { medications: vec![record], ..Facts::default() };
        facts.medications.extend(others.iter().cloned());
        mark(&mut facts, &as_of("2026-06-15"));
        assert_eq!(facts.medications[0].state, expect);
        assert_eq!(facts.medications[0].ongoing, expect == MedicationState::Open);
    }

    #[test]
    fn open_records_need_support_within_a_year() {
        let taken = |start: &str| Medication { ongoing: true, ..given("warfarin", start) };
        check(taken("2025-07-01"), &[], MedicationState::Open);
        check(taken("2022-09-14"), &[], MedicationState::Stale);
        check(taken(""), &[], MedicationState::Open);
        let mut asserted = taken("2022-09-14");
        asserted.meta.issued = Some(day("2026-06-08"));
        check(asserted, &[], MedicationState::Open);
        check(taken("2022-09-14"), &[given("warfarin", "2026-01-10")], MedicationState::Open);
        check(taken("2022-09-14"), &[given("goserelin", "2026-01-10")], MedicationState::Stale);
        let denied = Medication { exposure: Exposure::NotTaken, ..given("warfarin", "2026-01-10") };
        check(taken("2022-09-14"), &[denied], MedicationState::Stale);
        let finished = Medication { state: MedicationState::Finished, ..given("warfarin", "2022-09-14") };
        let mut facts = Facts { medications: vec![finished], ..Facts::default() };
        mark(&mut facts, &as_of("2026-06-15"));
        assert_eq!(facts.medications[0].state, MedicationState::Finished);
    }
}
