//! How long did it take, in the middle and in the tail?

use std::time::{Duration, Instant};

/// Times of one job, sorted.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Sorts what was measured.
    pub fn new(mut times: Vec<Duration>) -> Times {
        times.sort();
        Times(times)
    }

    /// Runs a job `n` times. Its result is kept from being optimised away.
    pub fn of<T>(n: usize, mut job: impl FnMut() -> T) -> Times {
        let one = |_| {
            let start = Instant::now();
            std::hint::black_box(job());
            start.elapsed()
        };
        Times::new((0..n).map(one).collect())
    }

    /// Nearest-rank percentile in milliseconds, `percent` within `0..=100`; NaN without any time.
    pub fn percentile_ms(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1) - 1;
        self.0.get(rank).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    }

    /// Median, 99th percentile and worst, in words.
    pub fn words(&self) -> String {
        let [median, p99, worst] = [50, 99, 100].map(|percent| self.percentile_ms(percent));
        format!("median {median:.2} ms, p99 {p99:.2} ms, worst {worst:.2} ms (n = {})", self.0.len())
    }
}

/// A watch that does not count how long this thread stood ready and another had the processor, so that a busy machine
/// measures as an idle one does, but for colder caches. It counts reading from disk, and nothing that other threads wait.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    start: Instant,
    waited: Duration,
}

impl Watch {
    /// From now.
    pub fn start() -> Watch {
        Watch { waited: waited(), start: Instant::now() }
    }

    /// Time since, without waiting; the wall clock's where the system does not say (off Linux).
    pub fn elapsed(&self) -> Duration {
        let wall = self.start.elapsed();
        wall.saturating_sub(waited().saturating_sub(self.waited))
    }
}

/// How long this thread was ready and did not run: the second number of `schedstat`, in nanoseconds.
fn waited() -> Duration {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let waited = said.split_whitespace().nth(1).and_then(|number| number.parse().ok());
    Duration::from_nanos(waited.unwrap_or(0))
}

/// Has everything that would be spread over all cores run in this thread, so that a [`Watch`] sees it all. Call it
/// first; `false` when it came too late.
pub fn one_thread() -> bool {
    rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global().is_ok()
}

/// Two jobs in turn, so that both meet the same machine: seconds of each, over `rounds` rounds after a warming one.
pub fn in_turn_s(rounds: usize, ours: impl Fn(), theirs: impl Fn()) -> (f64, f64) {
    let timed = |job: &dyn Fn()| {
        let start = Instant::now();
        job();
        start.elapsed().as_secs_f64()
    };
    ours();
    theirs();
    (0..rounds).fold((0.0, 0.0), |(a, b), _| (a + timed(&ours), b + timed(&theirs)))
}

#[cfg(test)]
mod tests {
    use super::Times;
    use std::time::Duration;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let times = Times::new((1..=200).rev().map(Duration::from_millis).collect());
        let all: Vec<f64> = [0, 50, 99, 100].iter().map(|p| times.percentile_ms(*p)).collect();
        assert_eq!(all, [1.0, 100.0, 198.0, 200.0]);
        assert!(Times::default().percentile_ms(50).is_nan());
    }
}
