//! Is the difference between two systems more than chance?
//!
//! Paired by topic, both ways with a seed of their own so that the same values give the same answer: an interval for the
//! mean difference by bootstrap over topics (percentiles), and a two-sided p by randomisation, exact where there are few
//! topics (Smucker, Allan, Carterette, CIKM 2007).

use serde::Serialize;

/// Resamples of the bootstrap, and of the randomisation where not every sign can be tried.
const RESAMPLES: u32 = 10_000;
/// Up to so many topics that differ, every choice of signs is tried.
const EXACT: usize = 16;

/// One system against another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Topics.
    pub topics: usize,
    /// Mean of the first minus mean of the second.
    pub difference: f64,
    /// 95 % interval of the difference.
    pub interval: (f64, f64),
    /// Chance of a difference as large if the systems were alike.
    pub p: f64,
}

/// Compares values of the same topics in the same order. `None` without topics.
pub fn compare(pairs: &[(f64, f64)], seed: u64) -> Option<Comparison> {
    let differences: Vec<f64> = pairs.iter().map(|(first, second)| first - second).collect();
    let difference = mean(&differences)?;
    let mut random = Random::new(seed);
    Some(Comparison {
        topics: pairs.len(),
        difference,
        interval: bootstrap(&differences, &mut random),
        p: randomisation(&differences, &mut random),
    })
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn bootstrap(differences: &[f64], random: &mut Random) -> (f64, f64) {
    let count = differences.len();
    let mut one = || (0..count).map(|_| differences[random.below(count)]).sum::<f64>() / count as f64;
    let mut means: Vec<f64> = (0..RESAMPLES).map(|_| one()).collect();
    means.sort_by(f64::total_cmp);
    let at = |share: f64| means[((means.len() - 1) as f64 * share).round() as usize];
    (at(0.025), at(0.975))
}

/// Signs of the differences are chance if the systems are alike.
fn randomisation(differences: &[f64], random: &mut Random) -> f64 {
    let differing: Vec<f64> = differences.iter().copied().filter(|difference| *difference != 0.0).collect();
    let seen = differing.iter().sum::<f64>().abs();
    // Sums of the same numbers in another order may differ in the last bits.
    let as_large = |sum: f64| seen - 1e-12 <= sum.abs();
    let signed = |signs: u64| -> f64 {
        differing.iter().enumerate().map(|(at, d)| if (signs >> (at % 64)) & 1 == 1 { -d } else { *d }).sum()
    };
    if differing.len() <= EXACT {
        let all = 1_u64 << differing.len();
        return (0..all).filter(|signs| as_large(signed(*signs))).count() as f64 / all as f64;
    }
    let mut met = 0;
    for _ in 0..RESAMPLES {
        let sum = differing.iter().map(|d| if random.bits() & 1 == 1 { -d } else { *d }).sum();
        met += u32::from(as_large(sum));
    }
    f64::from(met + 1) / f64::from(RESAMPLES + 1)
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): small, and the same everywhere.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of `0..count`; 0 of none. The unevenness of the remainder is below 2^−40 for any count of topics.
    pub fn below(&mut self, count: usize) -> usize {
        (self.bits() % count.max(1) as u64) as usize
    }
}

/// Puts items into two halves by chance, development and test. Seed and name decide, whatever else is there: items of one
/// name stay together, over several sets too.
pub fn halves<T>(items: Vec<T>, seed: u64, name: impl Fn(&T) -> &str) -> (Vec<T>, Vec<T>) {
    items.into_iter().partition(|item| drawn(name(item), seed) & 1 == 0)
}

/// A number of a name, even over names.
pub fn drawn(name: &str, seed: u64) -> u64 {
    let mixed = name.bytes().fold(seed, |state, byte| Random(state ^ u64::from(byte)).bits());
    Random(mixed).bits()
}

#[cfg(test)]
mod tests {
    use super::{Random, compare, halves};
    use proptest::prelude::*;

    #[test]
    fn p_is_the_exact_one_where_topics_are_few() {
        // scipy 1.17.1: permutation_test((a, b), mean of differences, permutation_type="samples") = 0.09375.
        let first = [0.9, 0.4, 0.7, 0.2, 0.5, 0.8, 0.3];
        let second = [0.5, 0.4, 0.5, 0.3, 0.1, 0.6, 0.2];
        let pairs: Vec<(f64, f64)> = first.into_iter().zip(second).collect();
        let found = compare(&pairs, 1).expect("topics");
        assert!((found.p - 0.09375).abs() < 1e-12, "{}", found.p);
        assert!((found.difference - 1.2 / 7.0).abs() < 1e-12);
        assert!(found.interval.0 < found.difference && found.difference < found.interval.1);
    }

    #[test]
    fn a_lasting_difference_is_no_chance_and_none_is() {
        let better: Vec<(f64, f64)> = (0..40).map(|at| (0.6 + f64::from(at % 5) / 100.0, 0.5)).collect();
        assert!(compare(&better, 1).expect("topics").p < 0.001);
        let alike = vec![(0.5, 0.5); 40];
        let found = compare(&alike, 1).expect("topics");
        assert_eq!((found.p, found.interval), (1.0, (0.0, 0.0)));
        assert_eq!(compare(&[], 1), None);
    }

    #[test]
    fn numbers_are_those_of_splitmix64() {
        // First outputs for seed 1234567, as published with the reference implementation of the generator.
        let mut random = Random::new(1_234_567);
        let found = [random.bits(), random.bits(), random.bits()];
        assert_eq!(found, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    proptest! {
        #[test]
        fn changing_sides_changes_signs_only(pairs in prop::collection::vec((0.0..1.0, 0.0..1.0), 1..30)) {
            let there = compare(&pairs, 3).expect("topics");
            let turned: Vec<(f64, f64)> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
            let back = compare(&turned, 3).expect("topics");
            prop_assert!((there.difference + back.difference).abs() < 1e-12);
            prop_assert!((there.p - back.p).abs() < 1e-12);
            prop_assert!((0.0..=1.0).contains(&there.p));
        }

        #[test]
        fn halves_keep_everything_and_a_name_its_half(
            names in prop::collection::btree_set("[a-z]{1,6}", 0..40),
            seed in 0_u64..99,
        ) {
            let names: Vec<String> = names.into_iter().collect();
            let (one, two) = halves(names.clone(), seed, |name| name);
            for name in &names {
                let (first, second) = halves(vec![name.clone()], seed, |name| name);
                prop_assert_eq!(first.len() + second.len(), 1);
                prop_assert_eq!(one.contains(name), first.len() == 1);
                prop_assert_eq!(two.contains(name), second.len() == 1);
            }
        }
    }

    #[test]
    fn halves_are_about_halves() {
        for seed in 0..5 {
            let names: Vec<String> = (0..1000).map(|at| format!("EID{at}")).collect();
            let (one, _) = halves(names, seed, |name| name);
            assert!((440..560).contains(&one.len()), "{}", one.len());
        }
    }
}
