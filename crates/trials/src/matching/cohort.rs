//! How is a whole cohort held against every arm?

use super::{ArmId, Compiled, Decision, Screening};
use crate::arm::Label;
use concilium_case::Case;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What a run over a cohort came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CohortRun {
    /// Patients screened.
    pub screened: usize,
    /// Patients whose case could not be had.
    pub without_case: usize,
    /// It was stopped before the end.
    pub stopped: bool,
}

/// A patient an arm may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Place in the cohort.
    pub patient: usize,
    /// The decision for the arm.
    pub decision: Decision,
}

impl Compiled<'_> {
    /// Screens patients `0..n` with so many threads. `case_of` gives a patient's case, `None` where there is none;
    /// `each` is given every screening, in no order and from any thread, and says whether to go on.
    pub fn cohort(
        &self,
        n: usize,
        threads: usize,
        case_of: &(dyn Fn(usize) -> Option<Case> + Sync),
        each: &(dyn Fn(usize, &Case, Screening) -> bool + Sync),
    ) -> CohortRun {
        self.each_case(n, threads, case_of, &|at, case| each(at, case, self.screen(case)))
    }

    /// Patients an arm is not known to be closed to, likely ones first; `go_on` is asked after each patient.
    pub fn patients_for(
        &self,
        arm: ArmId,
        n: usize,
        threads: usize,
        case_of: &(dyn Fn(usize) -> Option<Case> + Sync),
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> (Vec<Found>, CohortRun) {
        let found = Mutex::new(vec![]);
        let run = self.each_case(n, threads, case_of, &|patient, case| {
            let decided = self.screen_arms(case, &[arm]).pop();
            let open = |decision: &Decision| {
                !matches!(decision.label, Label::BlockedPermanently | Label::BlockedForNow | Label::Closed)
            };
            if let Some((_, decision)) = decided.filter(|(_, decision)| open(decision)) {
                // A list is whole after each push, also where another thread stopped in the middle of its work.
                let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                found.push(Found { patient, decision });
            }
            go_on()
        });
        let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        found.sort_by(|a, b| (&a.decision.label, a.patient).cmp(&(&b.decision.label, b.patient)));
        (found, run)
    }

    fn each_case(
        &self,
        n: usize,
        threads: usize,
        case_of: &(dyn Fn(usize) -> Option<Case> + Sync),
        each: &(dyn Fn(usize, &Case) -> bool + Sync),
    ) -> CohortRun {
        let (next, screened, without) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let stop = AtomicBool::new(false);
        let work = || {
            while !stop.load(Ordering::Relaxed) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if n <= at {
                    break;
                }
                let Some(case) = case_of(at) else {
                    without.fetch_add(1, Ordering::Relaxed);
                    continue;
                };
                let go_on = each(at, &case);
                screened.fetch_add(1, Ordering::Relaxed);
                if !go_on {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.max(1) {
                scope.spawn(work);
            }
            work();
        });
        CohortRun {
            screened: screened.into_inner(),
            without_case: without.into_inner(),
            stopped: stop.into_inner(),
        }
    }
}
