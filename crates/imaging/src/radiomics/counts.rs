//! Matrices that count things by grey level and size: runs (GLRLM, IBSI 3.7), zones (GLSZM 3.8), zones by distance
//! (GLDZM 3.9) and dependences (NGLDM 3.11). One set of formulas serves all four.

use super::grey::{Grey, Step};

/// Number of features that runs, zones and distances share.
pub const COUNT: usize = 16;

/// How many things of each grey level and size there are.
#[derive(Clone, Default)]
pub struct Counts {
    /// Level, size and count, ascending by level and size, each pair once.
    cells: Vec<(u32, u32, u32)>,
    /// Number of voxels that the percentage divides by.
    voxels: u64,
}

impl Counts {
    fn new(mut things: Vec<(u32, u32)>, voxels: u64) -> Counts {
        things.sort_unstable();
        let cells =
            things.chunk_by(|a, b| a == b).map(|same| (same[0].0, same[0].1, same.len() as u32)).collect();
        Counts { cells, voxels }
    }

    /// From a dense table of codes by sizes.
    fn dense(values: &[u32], table: &[u32], wide: usize, voxels: u64) -> Counts {
        let rows = table.chunks(wide).zip(values);
        let cells = rows.flat_map(|(row, &level)| {
            let used = row.iter().enumerate().filter(|(_, count)| **count > 0);
            used.map(move |(size, &count)| (level, size as u32, count))
        });
        Counts { cells: cells.collect(), voxels }
    }

    /// One matrix of many; voxels count once for each.
    pub fn merged(all: &[Counts]) -> Counts {
        let mut cells: Vec<_> = all.iter().flat_map(|counts| counts.cells.iter().copied()).collect();
        cells.sort_unstable();
        let merge = |same: &[(u32, u32, u32)]| (same[0].0, same[0].1, same.iter().map(|cell| cell.2).sum());
        let cells = cells.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).map(merge).collect();
        Counts { cells, voxels: all.iter().map(|counts| counts.voxels).sum() }
    }

    fn total(&self) -> f64 {
        self.cells.iter().map(|cell| f64::from(cell.2)).sum()
    }

    /// The features in the order of the list: short, long, low, high, short-low, short-high, long-low, long-high
    /// emphasis, grey level non-uniformity and normalised, size non-uniformity and normalised, percentage, grey level
    /// variance, size variance, entropy.
    pub fn features(&self) -> [f64; COUNT] {
        let total = self.total();
        let mean = |weight: fn(f64, f64) -> f64| {
            let part = |&(i, j, n): &(u32, u32, u32)| f64::from(n) * weight(f64::from(i), f64::from(j));
            self.cells.iter().map(part).sum::<f64>() / total
        };
        let squares = |key: fn(&(u32, u32, u32)) -> u32| {
            let mut sums: std::collections::BTreeMap<u32, f64> = std::collections::BTreeMap::new();
            self.cells.iter().for_each(|cell| *sums.entry(key(cell)).or_default() += f64::from(cell.2));
            sums.values().map(|n| n * n).sum::<f64>()
        };
        let (by_level, by_size) = (squares(|cell| cell.0), squares(|cell| cell.1));
        let (mean_i, mean_j) = (mean(|i, _| i), mean(|_, j| j));
        let spread = |of: fn(&(u32, u32, u32)) -> u32, centre: f64| {
            let part = |cell: &(u32, u32, u32)| f64::from(cell.2) * (f64::from(of(cell)) - centre).powi(2);
            self.cells.iter().map(part).sum::<f64>() / total
        };
        let p = self.cells.iter().map(|cell| f64::from(cell.2) / total);
        [
            mean(|_, j| 1.0 / (j * j)),
            mean(|_, j| j * j),
            mean(|i, _| 1.0 / (i * i)),
            mean(|i, _| i * i),
            mean(|i, j| 1.0 / (i * i * j * j)),
            mean(|i, j| i * i / (j * j)),
            mean(|i, j| j * j / (i * i)),
            mean(|i, j| i * i * j * j),
            by_level / total,
            by_level / total / total,
            by_size / total,
            by_size / total / total,
            total / self.voxels as f64,
            spread(|cell| cell.0, mean_i),
            spread(|cell| cell.1, mean_j),
            -p.map(|p| p * p.log2()).sum::<f64>(),
        ]
    }

    /// Energy of the normalised counts (NGLDM only).
    pub fn energy(&self) -> f64 {
        let total = self.total();
        self.cells.iter().map(|cell| (f64::from(cell.2) / total).powi(2)).sum()
    }
}

/// Runs of one level along `step`; `None` when no two voxels of the region lie on one line of this direction.
pub fn runs(grey: &Grey, roi: &[u32], step: Step) -> (Counts, bool) {
    let offset = grey.offset(step);
    let wide = grey.shape.iter().max().copied().unwrap_or(0) + 1;
    let mut table = vec![0u32; grey.n() * wide];
    let mut lines_of_two = false;
    for &at in roi {
        let at = at as usize;
        let code = grey.codes[at];
        let mut next = at.wrapping_add_signed(offset);
        lines_of_two |= grey.codes[next] != 0;
        if grey.codes[at.wrapping_add_signed(-offset)] == code {
            continue;
        }
        let mut length = 1;
        while grey.codes[next] == code {
            length += 1;
            next = next.wrapping_add_signed(offset);
        }
        table[usize::from(code - 1) * wide + length] += 1;
    }
    (Counts::dense(&grey.values, &table, wide, roi.len() as u64), lines_of_two)
}

/// Does any line along `step` hold two voxels of the region, also with a gap between them?
pub fn has_line(grey: &Grey, step: Step) -> bool {
    let moving: Vec<usize> = (0..3).filter(|&axis| step[axis] != 0).collect();
    let (lead, mut seen) = (moving[0], std::collections::HashSet::new());
    grey.roi.iter().any(|&at| {
        let at = at as usize;
        let place =
            [at / (grey.shape[1] * grey.shape[2]), at / grey.shape[2] % grey.shape[1], at % grey.shape[2]];
        // Where the line crosses coordinate 0 of its first moving axis names it.
        let t = place[lead] as i64 * i64::from(step[lead]);
        let name: [i64; 3] = std::array::from_fn(|axis| place[axis] as i64 - t * i64::from(step[axis]));
        !seen.insert(name)
    })
}

/// Zones of one level, neighbours by `offsets`: size, and with `distances` the smallest distance to the border.
pub fn zones(grey: &Grey, roi: &[u32], offsets: &[isize], distances: Option<&[u32]>) -> Counts {
    let mut codes = grey.codes.clone();
    let (mut stack, mut things) = (Vec::new(), Vec::new());
    for &start in roi {
        let code = codes[start as usize];
        if code == 0 {
            continue;
        }
        let (mut size, mut nearest) = (0u32, u32::MAX);
        codes[start as usize] = 0;
        stack.push(start as usize);
        while let Some(at) = stack.pop() {
            size += 1;
            nearest = distances.map_or(nearest, |distances| nearest.min(distances[at]));
            for &offset in offsets {
                let next = at.wrapping_add_signed(offset);
                if codes[next] == code {
                    codes[next] = 0;
                    stack.push(next);
                }
            }
        }
        things.push((grey.values[usize::from(code - 1)], if distances.is_some() { nearest } else { size }));
    }
    Counts::new(things, roi.len() as u64)
}

/// City-block distance of each padded voxel of `inside` to the nearest voxel outside; border voxels have 1.
/// `planes` stays within slices.
pub fn border_distances(inside: &[bool], shape: [usize; 3], planes: bool) -> Vec<u32> {
    let padded = shape.map(|n| n + 2);
    let (plane, row) = (padded[1] * padded[2], padded[2]);
    let mut distances = vec![0u32; padded.iter().product()];
    for (flat, _) in inside.iter().enumerate().filter(|(_, inside)| **inside) {
        let (z, y, x) = (flat / (shape[1] * shape[2]), flat / shape[2] % shape[1], flat % shape[2]);
        distances[(z + 1) * plane + (y + 1) * row + x + 1] = u32::MAX - 1;
    }
    // Two sweeps are exact for the city-block distance.
    let steps: &[usize] = if planes { &[1, row] } else { &[1, row, plane] };
    let n = distances.len();
    for at in plane..n.saturating_sub(plane) {
        let near = steps.iter().map(|step| distances[at - step]).min().unwrap_or(0);
        distances[at] = distances[at].min(near + 1).min(if distances[at] == 0 { 0 } else { u32::MAX });
    }
    for at in (plane..n.saturating_sub(plane)).rev() {
        let near = steps.iter().map(|step| distances[at + step]).min().unwrap_or(0);
        distances[at] = distances[at].min(near + 1);
    }
    distances
}

/// Dependences: neighbours by `offsets` whose level differs by at most `alpha`, the voxel itself included.
pub fn dependences(grey: &Grey, roi: &[u32], offsets: &[isize], alpha: u32) -> Counts {
    let wide = offsets.len() + 2;
    let mut table = vec![0u32; grey.n() * wide];
    for &at in roi {
        let at = at as usize;
        let code = grey.codes[at];
        let alike = |&&offset: &&isize| {
            let other = grey.codes[at.wrapping_add_signed(offset)];
            let level = |code: u16| grey.values[usize::from(code - 1)];
            other == code || (alpha > 0 && other != 0 && level(other).abs_diff(level(code)) <= alpha)
        };
        let count = 1 + offsets.iter().filter(alike).count();
        table[usize::from(code - 1) * wide + count] += 1;
    }
    Counts::dense(&grey.values, &table, wide, roi.len() as u64)
}
