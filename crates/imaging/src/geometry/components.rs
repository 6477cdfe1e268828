//! Which voxels hang together, and how does a mask grow and shrink?

use crate::radiomics::grey::{Step, all_steps};

/// When two voxels are neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neighbours {
    /// They share a face.
    Six,
    /// They share a face or an edge.
    Eighteen,
    /// They share a face, an edge or a corner.
    TwentySix,
}

impl Neighbours {
    fn steps(self) -> Vec<Step> {
        let most = match self {
            Neighbours::Six => 1,
            Neighbours::Eighteen => 2,
            Neighbours::TwentySix => 3,
        };
        let reach = |step: &Step| step.iter().map(|part| part.abs()).sum::<i8>();
        all_steps().into_iter().filter(|step| reach(step) <= most).collect()
    }
}

fn moved(at: usize, shape: [usize; 3], step: Step) -> Option<usize> {
    let place = [at / (shape[1] * shape[2]), at / shape[2] % shape[1], at % shape[2]];
    let mut next = [0; 3];
    for axis in 0..3 {
        next[axis] = place[axis].checked_add_signed(isize::from(step[axis])).filter(|i| *i < shape[axis])?;
    }
    Some((next[0] * shape[1] + next[1]) * shape[2] + next[2])
}

/// Component of each voxel, `[z, y, x]`: 0 outside, then from 1 in the order of first voxels; and their sizes.
pub fn components(inside: &[bool], shape: [usize; 3], neighbours: Neighbours) -> (Vec<u32>, Vec<usize>) {
    let steps = neighbours.steps();
    let (mut labels, mut sizes, mut stack) = (vec![0u32; inside.len()], Vec::new(), Vec::new());
    for start in 0..inside.len() {
        if !inside[start] || labels[start] != 0 {
            continue;
        }
        let label = sizes.len() as u32 + 1;
        labels[start] = label;
        stack.push(start);
        let mut size = 0;
        while let Some(at) = stack.pop() {
            size += 1;
            for next in steps.iter().filter_map(|step| moved(at, shape, *step)) {
                if inside[next] && labels[next] == 0 {
                    labels[next] = label;
                    stack.push(next);
                }
            }
        }
        sizes.push(size);
    }
    (labels, sizes)
}

/// Voxels inside or next to one inside.
pub fn dilate(inside: &[bool], shape: [usize; 3], neighbours: Neighbours) -> Vec<bool> {
    let steps = neighbours.steps();
    let near = |at: usize| steps.iter().filter_map(|step| moved(at, shape, *step)).any(|next| inside[next]);
    (0..inside.len()).map(|at| inside[at] || near(at)).collect()
}

/// Voxels inside whose neighbours are all inside; beyond the block everything is outside.
pub fn erode(inside: &[bool], shape: [usize; 3], neighbours: Neighbours) -> Vec<bool> {
    let steps = neighbours.steps();
    let held = |at: usize| steps.iter().all(|step| moved(at, shape, *step).is_some_and(|next| inside[next]));
    (0..inside.len()).map(|at| inside[at] && held(at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_edges_and_corners_join_as_the_name_says() {
        let check = |inside: [bool; 8], parts: [usize; 3]| {
            let ways = [Neighbours::Six, Neighbours::Eighteen, Neighbours::TwentySix];
            assert_eq!(ways.map(|how| components(&inside, [2; 3], how).1.len()), parts, "{inside:?}");
        };
        let [o, i] = [false, true];
        check([i, i, o, o, o, o, o, o], [1, 1, 1]);
        check([i, o, o, i, o, o, o, o], [2, 1, 1]);
        check([i, o, o, o, o, o, o, i], [2, 2, 1]);
    }

    proptest::proptest! {
        #[test]
        fn shrinking_undoes_growing_away_from_the_edge(at in proptest::collection::vec(proptest::bool::ANY, 27)) {
            let mut block = vec![false; 343];
            (0..27).for_each(|i| block[(i / 9 + 2) * 49 + (i / 3 % 3 + 2) * 7 + i % 3 + 2] = at[i]);
            for how in [Neighbours::Six, Neighbours::Eighteen, Neighbours::TwentySix] {
                let closed = erode(&dilate(&block, [7; 3], how), [7; 3], how);
                proptest::prop_assert!(block.iter().zip(&closed).all(|(before, after)| !before | after));
                let opened = dilate(&erode(&block, [7; 3], how), [7; 3], how);
                proptest::prop_assert!(block.iter().zip(&opened).all(|(before, after)| before | !after));
            }
        }
    }
}
