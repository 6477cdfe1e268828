//! Which texts are computed together?

use std::ops::Range;

/// Texts of like length together: an order (longest first, ties as given) and the ranges of it that form a batch of
/// at most `budget` tokens; a text longer than that is alone.
pub fn batches(lengths: &[usize], budget: usize) -> (Vec<usize>, Vec<Range<usize>>) {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&text| (std::cmp::Reverse(lengths[text]), text));
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut filled = 0;
    for (at, &text) in order.iter().enumerate() {
        filled += lengths[text];
        match ranges.last_mut() {
            Some(range) if filled <= budget => range.end = at + 1,
            _ => {
                ranges.push(at..at + 1);
                filled = lengths[text];
            }
        }
    }
    (order, ranges)
}

#[cfg(test)]
mod tests {
    use super::batches;
    use proptest::prelude::*;

    #[track_caller]
    fn check(lengths: &[usize], budget: usize, expect: &[&[usize]]) {
        let (order, ranges) = batches(lengths, budget);
        let said: Vec<&[usize]> = ranges.into_iter().map(|range| &order[range]).collect();
        assert_eq!(said, expect);
    }

    #[test]
    fn like_lengths_stand_together_within_the_budget() {
        check(&[], 8, &[]);
        check(&[3], 2, &[&[0]]);
        check(&[2, 9, 4, 4], 8, &[&[1], &[2, 3], &[0]]);
        check(&[1, 1, 1], 2, &[&[0, 1], &[2]]);
    }

    proptest! {
        #[test]
        fn every_text_is_in_one_batch(lengths in prop::collection::vec(1usize..50, 0..40), budget in 1usize..80) {
            let (order, ranges) = batches(&lengths, budget);
            let mut seen: Vec<usize> = ranges.iter().flat_map(|range| order[range.clone()].to_vec()).collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
            for range in ranges {
                let tokens: usize = order[range.clone()].iter().map(|&text| lengths[text]).sum();
                prop_assert!(tokens <= budget || range.len() == 1);
            }
        }
    }
}
