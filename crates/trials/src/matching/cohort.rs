//! How is a whole cohort held against every arm?

use super::{Compiled, Screening};
use concilium_case::Case;
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
                let screening = self.screen(&case);
                screened.fetch_add(1, Ordering::Relaxed);
                if !each(at, &case, screening) {
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
