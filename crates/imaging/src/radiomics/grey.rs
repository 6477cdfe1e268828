//! Which grey level has each voxel of a region? The form in which every texture matrix reads the region.

use crate::{ImagingError, Region};

/// Most different grey levels that a region may have: a co-occurrence matrix has their square.
pub const MAX_LEVELS: usize = 8192;

/// Highest grey level: distributions of sums and differences have an entry for each.
pub const MAX_LEVEL: u32 = 1 << 20;

/// Discretisation of intensities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Discretisation {
    /// Whole numbers from 1 on are levels already.
    None,
    /// Fixed bin size: bins of this width from `from` on (IBSI 3.4.2).
    Size {
        /// Width of a bin, in the image's unit.
        width: f64,
        /// Lower edge of bin 1.
        from: f64,
    },
    /// Fixed bin number between smallest and largest intensity (IBSI 3.4.1).
    Number(u32),
}

impl Discretisation {
    /// The level of each value, 1 and up.
    pub fn levels(self, values: &[f64]) -> Result<Vec<u32>, ImagingError> {
        let bad = |what: String| Err(ImagingError::setting("discretisation", what));
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let top = match self {
            Discretisation::None if values.iter().any(|v| v.fract() != 0.0 || *v < 1.0) => {
                return bad("without bins, values must be whole numbers from 1 on".to_owned());
            }
            Discretisation::None => high,
            Discretisation::Size { width, from } if width > 0.0 && low >= from => {
                ((high - from) / width).floor() + 1.0
            }
            Discretisation::Size { width, from } => {
                return bad(format!("bins of {width} from {from} do not reach down to the smallest value"));
            }
            Discretisation::Number(n) => f64::from(n),
        };
        if !(1.0..=f64::from(MAX_LEVEL)).contains(&top) {
            return bad(format!("{top} levels are not between 1 and {MAX_LEVEL}"));
        }
        let level = |value: f64| match self {
            Discretisation::None => value,
            Discretisation::Size { width, from } => ((value - from) / width).floor() + 1.0,
            Discretisation::Number(n) if low < high => {
                ((f64::from(n) * (value - low) / (high - low)).floor() + 1.0).min(f64::from(n))
            }
            Discretisation::Number(n) => (f64::from(n) / 2.0).ceil(),
        };
        Ok(values.iter().map(|&value| level(value) as u32).collect())
    }
}

/// A step to a neighbour, `[z, y, x]`.
pub type Step = [i8; 3];

/// One of each pair of opposite steps to the 26 neighbours.
pub fn half_steps() -> Vec<Step> {
    all_steps().into_iter().filter(|step| *step > [0, 0, 0]).collect()
}

/// Steps to the 26 neighbours (Chebyshev distance 1).
pub fn all_steps() -> Vec<Step> {
    let steps = (0..27i8).map(|n| [n / 9 - 1, n / 3 % 3 - 1, n % 3 - 1]);
    steps.filter(|step| *step != [0, 0, 0]).collect()
}

/// Those that stay within a plane across `axis`.
pub fn in_plane(steps: Vec<Step>, axis: usize) -> Vec<Step> {
    steps.into_iter().filter(|step| step[axis] == 0).collect()
}

/// A region's grey levels in a block with one voxel of outside around it, so that no step leaves it.
pub struct Grey {
    /// Padded shape, `[z, y, x]`.
    pub shape: [usize; 3],
    /// Code of each padded voxel: 0 outside, else its place in `values` plus 1.
    pub codes: Vec<u16>,
    /// The grey levels that occur, ascending.
    pub values: Vec<u32>,
    /// Padded indices of the voxels inside, ascending.
    pub roi: Vec<u32>,
}

impl Grey {
    /// From the levels of the voxels inside, in their order.
    pub fn new(region: &Region, levels: &[u32]) -> Result<Grey, ImagingError> {
        let mut values = levels.to_vec();
        values.sort_unstable();
        values.dedup();
        if values.len() > MAX_LEVELS {
            let what =
                format!("{} grey levels are more than {MAX_LEVELS}; use wider or fewer bins", values.len());
            return Err(ImagingError::setting("discretisation", what));
        }
        let shape = region.grid.shape().map(|n| n + 2);
        let mut codes = vec![0u16; shape.iter().product()];
        let mut roi = Vec::with_capacity(levels.len());
        let mut next = levels.iter();
        let code = |level: &u32| values.binary_search(level).map_or(0, |at| at as u16 + 1);
        // A table beats a search wherever levels are dense, which is nearly always.
        let top = values.last().copied().unwrap_or(0) as usize;
        let table: Vec<u16> =
            if top < 1 << 20 { (0..=top as u32).map(|l| code(&l)).collect() } else { Vec::new() };
        let [_, ny, nx] = region.grid.shape();
        for (flat, _) in region.inside.iter().enumerate().filter(|(_, inside)| **inside) {
            let (z, y, x) = (flat / (ny * nx) + 1, flat / nx % ny + 1, flat % nx + 1);
            let at = (z * shape[1] + y) * shape[2] + x;
            if let Some(level) = next.next() {
                codes[at] = table.get(*level as usize).copied().unwrap_or_else(|| code(level));
                roi.push(at as u32);
            }
        }
        Ok(Grey { shape, codes, values, roi })
    }

    /// How far a step goes in the padded array.
    pub fn offset(&self, step: Step) -> isize {
        let [_, ny, nx] = self.shape.map(|n| n as isize);
        (isize::from(step[0]) * ny + isize::from(step[1])) * nx + isize::from(step[2])
    }

    /// Offsets of many steps.
    pub fn offsets(&self, steps: &[Step]) -> Vec<isize> {
        steps.iter().map(|step| self.offset(*step)).collect()
    }

    /// The voxels inside, slice by slice; slices without any are left out.
    pub fn slices(&self) -> Vec<&[u32]> {
        let plane = (self.shape[1] * self.shape[2]) as u32;
        self.roi.chunk_by(|a, b| a / plane == b / plane).collect()
    }

    /// Number of grey levels that occur.
    pub fn n(&self) -> usize {
        self.values.len()
    }

    /// The highest grey level: N_g of formulas that normalise by it.
    pub fn top(&self) -> f64 {
        self.values.last().map_or(0.0, |&level| f64::from(level))
    }
}
