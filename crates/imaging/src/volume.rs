//! Where do voxels lie, and which of them belong to the region?
//!
//! Axis order is `[z, y, x]` everywhere: shape, spacing, indices and arrays, x running fastest. Points in space are LPS
//! millimetres in the order `(x, y, z)`.

use crate::ImagingError;

/// Largest number of voxels a volume may have (8 GiB as `f64`).
pub const MAX_VOXELS: usize = 1 << 30;
/// How far spacings (relative) and directions of two grids may differ: headers hold single precision.
const GRID_TOLERANCE: f64 = 1e-5;
/// How far origins may differ, in voxels.
const ORIGIN_TOLERANCE: f64 = 1e-3;
/// How far directions may be from orthonormal: headers hold single-precision quaternions.
const DIRECTION_TOLERANCE: f64 = 1e-4;

/// Where voxel centres lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    shape: [usize; 3],
    spacing_mm: [f64; 3],
    origin_mm: [f64; 3],
    directions: [[f64; 3]; 3],
}

impl Grid {
    /// Checks and makes a grid. `shape` and `spacing_mm` are `[z, y, x]`; `origin_mm` is the LPS point of voxel
    /// `[0, 0, 0]`; `directions[k]` is the LPS unit vector along which index `k` of `[z, y, x]` grows.
    pub fn new(
        shape: [usize; 3],
        spacing_mm: [f64; 3],
        origin_mm: [f64; 3],
        directions: [[f64; 3]; 3],
    ) -> Result<Grid, ImagingError> {
        let voxels = shape.iter().try_fold(1usize, |product, &n| product.checked_mul(n));
        if !voxels.is_some_and(|n| (1..=MAX_VOXELS).contains(&n)) {
            return Err(ImagingError::Grid(format!(
                "shape {shape:?} [z, y, x] is empty or above {MAX_VOXELS} voxels"
            )));
        }
        if !spacing_mm.iter().all(|s| s.is_finite() && *s > 0.0) {
            return Err(ImagingError::Grid(format!(
                "spacing {spacing_mm:?} mm must be finite and above zero"
            )));
        }
        if !origin_mm.iter().all(|o| o.is_finite()) {
            return Err(ImagingError::Grid(format!("origin {origin_mm:?} mm is not finite")));
        }
        check_directions(&directions)?;
        Ok(Grid { shape, spacing_mm, origin_mm, directions })
    }

    /// An upright grid at the origin.
    pub fn upright(shape: [usize; 3], spacing_mm: [f64; 3]) -> Result<Grid, ImagingError> {
        Grid::new(shape, spacing_mm, [0.0; 3], [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    }

    /// Number of voxels, `[z, y, x]`.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Distance of neighbouring centres in mm, `[z, y, x]`.
    pub fn spacing_mm(&self) -> [f64; 3] {
        self.spacing_mm
    }

    /// LPS point `(x, y, z)` of voxel `[0, 0, 0]`, mm.
    pub fn origin_mm(&self) -> [f64; 3] {
        self.origin_mm
    }

    /// LPS unit vectors `(x, y, z)` of the axes z, y, x.
    pub fn directions(&self) -> [[f64; 3]; 3] {
        self.directions
    }

    /// Number of voxels in all.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// A grid is never empty; for the sake of the lint that asks.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Volume of one voxel, mm³.
    pub fn voxel_mm3(&self) -> f64 {
        self.spacing_mm.iter().product()
    }

    /// LPS point `(x, y, z)` in mm of an index `[z, y, x]` that may lie between voxels.
    pub fn point(&self, index: [f64; 3]) -> [f64; 3] {
        let along =
            |axis: usize, part: usize| self.directions[axis][part] * self.spacing_mm[axis] * index[axis];
        std::array::from_fn(|part| self.origin_mm[part] + (0..3).map(|axis| along(axis, part)).sum::<f64>())
    }

    /// Index `[z, y, x]`, between voxels as a rule, of an LPS point `(x, y, z)` in mm.
    pub fn index(&self, point: [f64; 3]) -> [f64; 3] {
        let from: [f64; 3] = std::array::from_fn(|part| point[part] - self.origin_mm[part]);
        std::array::from_fn(|axis| {
            let along: f64 = (0..3).map(|part| self.directions[axis][part] * from[part]).sum();
            along / self.spacing_mm[axis]
        })
    }

    /// The voxel `[z, y, x]` an LPS point in mm lies in; `None` outside the grid.
    pub fn voxel(&self, point: [f64; 3]) -> Option<[usize; 3]> {
        let nearest = self.index(point).map(f64::round);
        let inside = (0..3).all(|axis| nearest[axis] >= 0.0 && nearest[axis] < self.shape[axis] as f64);
        inside.then(|| nearest.map(|at| at as usize))
    }

    /// The same grid with another shape and spacing whose voxel `[0, 0, 0]` lies at `first` of this one.
    pub fn regrid(
        &self,
        shape: [usize; 3],
        spacing_mm: [f64; 3],
        first: [f64; 3],
    ) -> Result<Grid, ImagingError> {
        Grid::new(shape, spacing_mm, self.point(first), self.directions)
    }

    /// Refuses a mask's grid that is not this one.
    pub fn check_same(&self, mask: &Grid) -> Result<(), ImagingError> {
        let other = |field, image: String, mask: String| Err(ImagingError::OtherGrid { field, image, mask });
        if self.shape != mask.shape {
            return other("shape", format!("{:?}", self.shape), format!("{:?}", mask.shape));
        }
        let smallest = self.spacing_mm.iter().copied().fold(f64::INFINITY, f64::min);
        let near = |a: &[f64; 3], b: &[f64; 3], tolerance: f64| {
            a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance)
        };
        if !near(&self.spacing_mm, &mask.spacing_mm, GRID_TOLERANCE * smallest) {
            return other("spacing", format!("{:?}", self.spacing_mm), format!("{:?}", mask.spacing_mm));
        }
        if !near(&self.origin_mm, &mask.origin_mm, ORIGIN_TOLERANCE * smallest) {
            return other("origin", format!("{:?}", self.origin_mm), format!("{:?}", mask.origin_mm));
        }
        if !self.directions.iter().zip(&mask.directions).all(|(a, b)| near(a, b, GRID_TOLERANCE)) {
            return other("directions", format!("{:?}", self.directions), format!("{:?}", mask.directions));
        }
        Ok(())
    }
}

fn check_directions(directions: &[[f64; 3]; 3]) -> Result<(), ImagingError> {
    let dot = |a: &[f64; 3], b: &[f64; 3]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    for (i, a) in directions.iter().enumerate() {
        for (j, b) in directions.iter().enumerate() {
            let wanted = if i == j { 1.0 } else { 0.0 };
            let off = (dot(a, b) - wanted).abs();
            if off.is_nan() || off > DIRECTION_TOLERANCE {
                return Err(ImagingError::Grid(format!(
                    "axes are not orthogonal unit vectors (off by {off:.2e}): a sheared or gantry-tilted volume must be \
                     resampled before it is measured"
                )));
            }
        }
    }
    Ok(())
}

/// A block of indices: `lower` is in, `upper` is out, both `[z, y, x]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexBox {
    /// First index of each axis.
    pub lower: [usize; 3],
    /// One past the last index of each axis.
    pub upper: [usize; 3],
}

impl IndexBox {
    /// All of a shape.
    pub fn all(shape: [usize; 3]) -> IndexBox {
        IndexBox { lower: [0; 3], upper: shape }
    }

    /// Number of voxels, `[z, y, x]`.
    pub fn shape(&self) -> [usize; 3] {
        std::array::from_fn(|axis| self.upper[axis].saturating_sub(self.lower[axis]))
    }

    /// Grown by `margin` voxels on each side, within `shape`.
    pub fn grown(&self, margin: [usize; 3], shape: [usize; 3]) -> IndexBox {
        IndexBox {
            lower: std::array::from_fn(|axis| self.lower[axis].saturating_sub(margin[axis])),
            upper: std::array::from_fn(|axis| (self.upper[axis] + margin[axis]).min(shape[axis])),
        }
    }

    /// Start of each row of the block in an array of `shape`, with the row's length.
    pub(crate) fn rows(&self, shape: [usize; 3]) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
        let IndexBox { lower, upper } = *self;
        (lower[0]..upper[0]).flat_map(move |z| {
            (lower[1]..upper[1]).map(move |y| {
                let start = (z * shape[1] + y) * shape[2] + lower[2];
                start..start + (upper[2] - lower[2])
            })
        })
    }
}

/// Voxel values as stored, `[z, y, x]`, x fastest.
#[derive(Clone, Debug, PartialEq)]
pub enum Voxels {
    /// 8 bits, no sign.
    U8(Vec<u8>),
    /// 8 bits, signed.
    I8(Vec<i8>),
    /// 16 bits, no sign.
    U16(Vec<u16>),
    /// 16 bits, signed.
    I16(Vec<i16>),
    /// 32 bits, no sign.
    U32(Vec<u32>),
    /// 32 bits, signed.
    I32(Vec<i32>),
    /// Single precision.
    F32(Vec<f32>),
    /// Double precision.
    F64(Vec<f64>),
}

/// One expression over whichever vector is there.
macro_rules! each {
    ($voxels:expr, $v:ident => $body:expr) => {
        match $voxels {
            $crate::Voxels::U8($v) => $body,
            $crate::Voxels::I8($v) => $body,
            $crate::Voxels::U16($v) => $body,
            $crate::Voxels::I16($v) => $body,
            $crate::Voxels::U32($v) => $body,
            $crate::Voxels::I32($v) => $body,
            $crate::Voxels::F32($v) => $body,
            $crate::Voxels::F64($v) => $body,
        }
    };
}
pub(crate) use each;

/// A number a voxel may hold.
pub(crate) trait Sample: Copy + PartialOrd {
    fn value(self) -> f64;
}

macro_rules! sample {
    ($($t:ty),*) => { $(impl Sample for $t { fn value(self) -> f64 { f64::from(self) } })* };
}
sample!(u8, i8, u16, i16, u32, i32, f32, f64);

impl Voxels {
    /// How many there are.
    pub fn len(&self) -> usize {
        each!(self, v => v.len())
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of the type, as in NumPy.
    pub fn kind(&self) -> &'static str {
        match self {
            Voxels::U8(_) => "uint8",
            Voxels::I8(_) => "int8",
            Voxels::U16(_) => "uint16",
            Voxels::I16(_) => "int16",
            Voxels::U32(_) => "uint32",
            Voxels::I32(_) => "int32",
            Voxels::F32(_) => "float32",
            Voxels::F64(_) => "float64",
        }
    }

    /// The value range of the type when it holds whole numbers.
    pub fn whole_range(&self) -> Option<(f64, f64)> {
        match self {
            Voxels::U8(_) => Some((0.0, 255.0)),
            Voxels::I8(_) => Some((-128.0, 127.0)),
            Voxels::U16(_) => Some((0.0, 65_535.0)),
            Voxels::I16(_) => Some((-32_768.0, 32_767.0)),
            Voxels::U32(_) => Some((0.0, f64::from(u32::MAX))),
            Voxels::I32(_) => Some((f64::from(i32::MIN), f64::from(i32::MAX))),
            Voxels::F32(_) | Voxels::F64(_) => None,
        }
    }
}

/// An image: values on a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    grid: Grid,
    voxels: Voxels,
}

/// Smallest, largest and mean value of a volume.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Smallest value.
    pub minimum: f64,
    /// Largest value.
    pub maximum: f64,
    /// Arithmetic mean.
    pub mean: f64,
}

impl Volume {
    /// Refuses voxels that are not as many as the grid has.
    pub fn new(grid: Grid, voxels: Voxels) -> Result<Volume, ImagingError> {
        if voxels.len() != grid.len() {
            let what =
                format!("shape {:?} needs {} voxels, there are {}", grid.shape, grid.len(), voxels.len());
            return Err(ImagingError::Grid(what));
        }
        Ok(Volume { grid, voxels })
    }

    /// One voxel of zero: a stand-in.
    pub(crate) fn empty() -> Volume {
        let directions = [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]];
        let grid = Grid { shape: [1; 3], spacing_mm: [1.0; 3], origin_mm: [0.0; 3], directions };
        Volume { grid, voxels: Voxels::U8(vec![0]) }
    }

    /// Where the voxels lie.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The values as stored.
    pub fn voxels(&self) -> &Voxels {
        &self.voxels
    }

    /// Value at `[z, y, x]`, `None` outside.
    pub fn at(&self, index: [usize; 3]) -> Option<f64> {
        let shape = self.grid.shape;
        let inside = index.iter().zip(shape).all(|(&i, n)| i < n);
        let flat = (index[0] * shape[1] + index[1]) * shape[2] + index[2];
        inside.then(|| each!(&self.voxels, v => v[flat].value()))
    }

    /// Smallest, largest and mean value; refuses values that are not finite.
    pub fn extent(&self) -> Result<Extent, ImagingError> {
        let extent = each!(&self.voxels, v => extent_of(v));
        let whole = extent.minimum.is_finite() && extent.maximum.is_finite() && extent.mean.is_finite();
        if whole { Ok(extent) } else { Err(self.not_finite()) }
    }

    fn not_finite(&self) -> ImagingError {
        let bad = |value: f64| !value.is_finite();
        let (count, first) = each!(&self.voxels, v => {
            let count = v.iter().filter(|s| bad(s.value())).count();
            (count, v.iter().position(|s| bad(s.value())).unwrap_or(0))
        });
        let [_, ny, nx] = self.grid.shape;
        ImagingError::NotFinite { count, at: [first / (ny * nx), first / nx % ny, first % nx] }
    }

    /// The values of a block as numbers; refuses values that are not finite.
    pub fn crop(&self, bounds: IndexBox) -> Result<(Grid, Vec<f64>), ImagingError> {
        let first = bounds.lower.map(|i| i as f64);
        let grid = self.grid.regrid(bounds.shape(), self.grid.spacing_mm, first)?;
        let mut values = Vec::with_capacity(grid.len());
        each!(&self.voxels, v => {
            for row in bounds.rows(self.grid.shape) {
                values.extend(v[row].iter().map(|s| s.value()));
            }
        });
        if values.iter().all(|value| value.is_finite()) { Ok((grid, values)) } else { Err(self.not_finite()) }
    }
}

fn extent_of<T: Sample>(values: &[T]) -> Extent {
    // Blocks of a row's length keep the sum exact enough and let the compiler use wide instructions.
    let (mut minimum, mut maximum, mut sum) = (f64::INFINITY, f64::NEG_INFINITY, 0.0);
    for block in values.chunks(512) {
        let (mut low, mut high, mut part) = (block[0], block[0], 0.0);
        for &value in block {
            low = if value < low { value } else { low };
            high = if value > high { value } else { high };
            part += value.value();
        }
        (minimum, maximum, sum) = (minimum.min(low.value()), maximum.max(high.value()), sum + part);
    }
    Extent { minimum, maximum, mean: sum / values.len() as f64 }
}

/// Which voxels of a named grid belong: stored for the bounding box only.
#[derive(Clone, Debug, PartialEq)]
pub struct Mask {
    /// What the mask is called in messages and findings.
    pub name: String,
    grid: Grid,
    bounds: IndexBox,
    inside: Vec<bool>,
}

impl Mask {
    /// The voxels of a label map that bear `label`. Refuses values that are no whole numbers, an absent label, and a
    /// label that fills the volume (nothing can be outside: it is no delineation).
    pub fn from_labels(name: &str, labels: &Volume, label: u32) -> Result<Mask, ImagingError> {
        let refuse = |what: String| Err(ImagingError::Mask { name: name.to_owned(), what });
        let fraction = match &labels.voxels {
            Voxels::F32(v) => v.iter().any(|s| s.fract() != 0.0),
            Voxels::F64(v) => v.iter().any(|s| s.fract() != 0.0),
            _ => false,
        };
        if fraction {
            return refuse(
                "holds fractions or values that are not finite; threshold it to a label map first".to_owned(),
            );
        }
        let wanted = f64::from(label);
        let Some(bounds) = each!(&labels.voxels, v => bounds_of(v, labels.grid.shape, wanted)) else {
            return refuse(format!("no voxel has label {label}"));
        };
        let mut inside = Vec::with_capacity(bounds.shape().iter().product());
        each!(&labels.voxels, v => {
            for row in bounds.rows(labels.grid.shape) {
                inside.extend(v[row].iter().map(|s| s.value() == wanted));
            }
        });
        if inside.len() == labels.grid.len() && inside.iter().all(|&inside| inside) {
            return refuse(format!("label {label} fills the whole volume, nothing is outside"));
        }
        Ok(Mask { name: name.to_owned(), grid: labels.grid.clone(), bounds, inside })
    }

    /// A mask from one truth value a voxel, `[z, y, x]`. Refuses an empty one.
    pub fn from_bools(name: &str, grid: Grid, inside: &[bool]) -> Result<Mask, ImagingError> {
        let refuse = |what: &str| Err(ImagingError::Mask { name: name.to_owned(), what: what.to_owned() });
        if inside.len() != grid.len() {
            return refuse("does not have one truth value for each voxel of its grid");
        }
        let numbers: Vec<u8> = inside.iter().map(|&inside| u8::from(inside)).collect();
        let Some(bounds) = bounds_of(&numbers, grid.shape, 1.0) else { return refuse("is empty") };
        let inside = bounds.rows(grid.shape).flat_map(|row| inside[row].iter().copied()).collect();
        Ok(Mask { name: name.to_owned(), grid, bounds, inside })
    }

    /// A mask from one truth value for each voxel of a block of a grid, `[z, y, x]`. Refuses an empty one.
    pub fn from_block(
        name: &str,
        grid: &Grid,
        block: IndexBox,
        inside: &[bool],
    ) -> Result<Mask, ImagingError> {
        let refuse = |what: &str| Err(ImagingError::Mask { name: name.to_owned(), what: what.to_owned() });
        let fits = (0..3).all(|axis| block.upper[axis] <= grid.shape[axis]);
        if !fits || inside.len() != block.shape().iter().product::<usize>() {
            return refuse("does not have one truth value for each voxel of a block of its grid");
        }
        let numbers: Vec<u8> = inside.iter().map(|&inside| u8::from(inside)).collect();
        let Some(own) = bounds_of(&numbers, block.shape(), 1.0) else { return refuse("is empty") };
        let inside = own.rows(block.shape()).flat_map(|row| inside[row].iter().copied()).collect();
        let moved = |place: [usize; 3]| std::array::from_fn(|axis| place[axis] + block.lower[axis]);
        let bounds = IndexBox { lower: moved(own.lower), upper: moved(own.upper) };
        Ok(Mask { name: name.to_owned(), grid: grid.clone(), bounds, inside })
    }

    /// The grid the mask was drawn on.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Is the voxel at `[z, y, x]` inside? Beyond the grid nothing is.
    pub fn holds(&self, at: [usize; 3]) -> bool {
        let IndexBox { lower, upper } = self.bounds;
        let own = self.bounds.shape();
        let there = (0..3).all(|axis| (lower[axis]..upper[axis]).contains(&at[axis]));
        there && {
            let [z, y, x]: [usize; 3] = std::array::from_fn(|axis| at[axis] - lower[axis]);
            self.inside[(z * own[1] + y) * own[2] + x]
        }
    }

    /// Indices `[z, y, x]` of the voxels inside, in order.
    pub fn places(&self) -> impl Iterator<Item = [usize; 3]> + '_ {
        let ([_, ny, nx], lower) = (self.bounds.shape(), self.bounds.lower);
        let inside = self.inside.iter().enumerate().filter(|(_, inside)| **inside);
        inside.map(move |(at, _)| {
            let own = [at / (ny * nx), at / nx % ny, at % nx];
            std::array::from_fn(|axis| own[axis] + lower[axis])
        })
    }

    /// The smallest block that holds the region.
    pub fn bounds(&self) -> IndexBox {
        self.bounds
    }

    /// Truth values of the bounding box, `[z, y, x]`.
    pub fn inside(&self) -> &[bool] {
        &self.inside
    }

    /// One truth value for each voxel of the grid, `[z, y, x]`.
    pub fn whole(&self) -> Vec<bool> {
        let mut all = vec![false; self.grid.len()];
        let rows = self.bounds.rows(self.grid.shape).zip(self.inside.chunks(self.bounds.shape()[2]));
        rows.for_each(|(place, row)| all[place].copy_from_slice(row));
        all
    }

    /// Number of voxels inside.
    pub fn count(&self) -> usize {
        self.inside.iter().filter(|&&inside| inside).count()
    }

    /// Truth values of another block of the grid.
    pub fn block(&self, bounds: IndexBox) -> Vec<bool> {
        let shape = bounds.shape();
        let mut block = vec![false; shape.iter().product()];
        let own = self.bounds.shape();
        for (row, inside) in self.inside.chunks(own[2]).enumerate() {
            let (z, y) = (self.bounds.lower[0] + row / own[1], self.bounds.lower[1] + row % own[1]);
            for (x, _) in inside.iter().enumerate().filter(|(_, inside)| **inside) {
                let at = [z, y, self.bounds.lower[2] + x];
                if (0..3).all(|axis| (bounds.lower[axis]..bounds.upper[axis]).contains(&at[axis])) {
                    let [z, y, x]: [usize; 3] = std::array::from_fn(|axis| at[axis] - bounds.lower[axis]);
                    block[(z * shape[1] + y) * shape[2] + x] = true;
                }
            }
        }
        block
    }
}

fn bounds_of<T: Sample>(labels: &[T], shape: [usize; 3], label: f64) -> Option<IndexBox> {
    let [_, ny, nx] = shape;
    let mut bounds: Option<IndexBox> = None;
    for (row, values) in labels.chunks(nx).enumerate() {
        // Most rows hold no label: ask them one cheap question.
        if !values.iter().fold(false, |any, s| any | (s.value() == label)) {
            continue;
        }
        let first = values.iter().position(|s| s.value() == label)?;
        let last = values.iter().rposition(|s| s.value() == label)?;
        let (z, y) = (row / ny, row % ny);
        let own = IndexBox { lower: [z, y, first], upper: [z + 1, y + 1, last + 1] };
        bounds = Some(bounds.map_or(own, |b| IndexBox {
            lower: std::array::from_fn(|axis| b.lower[axis].min(own.lower[axis])),
            upper: std::array::from_fn(|axis| b.upper[axis].max(own.upper[axis])),
        }));
    }
    bounds
}

/// A block of an image with the voxels that belong: what features are computed on.
#[derive(Clone, Debug)]
pub struct Region {
    /// Where the block lies.
    pub grid: Grid,
    /// Image values of the block, `[z, y, x]`, also outside the region.
    pub values: Vec<f64>,
    /// Which belong, `[z, y, x]`.
    pub inside: Vec<bool>,
}

impl Region {
    /// Cuts the mask's bounding box and `margin` voxels `[z, y, x]` around it out of the image.
    /// Refuses a mask on another grid, one voxel, and values that are not finite.
    pub fn cut(image: &Volume, mask: &Mask, margin: [usize; 3]) -> Result<Region, ImagingError> {
        image.grid.check_same(&mask.grid)?;
        if mask.count() < 2 {
            let what = "has one voxel only: no feature of shape or texture is defined".to_owned();
            return Err(ImagingError::Mask { name: mask.name.clone(), what });
        }
        let bounds = mask.bounds.grown(margin, image.grid.shape);
        let (grid, values) = image.crop(bounds)?;
        Ok(Region { grid, values, inside: mask.block(bounds) })
    }

    /// Values of the voxels inside, in the order `[z, y, x]`.
    pub fn selected(&self) -> Vec<f64> {
        self.values.iter().zip(&self.inside).filter(|(_, inside)| **inside).map(|(value, _)| *value).collect()
    }

    /// The bounding box of `inside` in this block.
    pub fn bounds(&self) -> Option<IndexBox> {
        let numbers: Vec<u8> = self.inside.iter().map(|&inside| u8::from(inside)).collect();
        bounds_of(&numbers, self.grid.shape, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused<T: std::fmt::Debug>(result: Result<T, ImagingError>, words: &str) {
        let message = result.expect_err("must be refused").to_string();
        assert!(message.contains(words), "`{message}` does not say `{words}`");
    }

    fn labels(shape: [usize; 3], values: Vec<u8>) -> Volume {
        Volume::new(Grid::upright(shape, [1.0; 3]).unwrap(), Voxels::U8(values)).unwrap()
    }

    #[test]
    fn grids_that_cannot_stand_are_refused() {
        refused(Grid::upright([0, 1, 1], [1.0; 3]), "empty");
        refused(Grid::upright([usize::MAX, 2, 2], [1.0; 3]), "above");
        refused(Grid::upright([1, 1, 1], [1.0, f64::NAN, 1.0]), "spacing");
        let sheared = [[0.0, 0.2, 0.98], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]];
        refused(Grid::new([1; 3], [1.0; 3], [0.0; 3], sheared), "not orthogonal");
    }

    #[test]
    fn masks_that_say_nothing_are_refused() {
        refused(Mask::from_labels("m", &labels([1, 1, 3], vec![0, 2, 0]), 1), "no voxel has label 1");
        refused(Mask::from_labels("m", &labels([1, 1, 3], vec![1, 1, 1]), 1), "fills the whole volume");
        let soft =
            Volume::new(Grid::upright([1, 1, 2], [1.0; 3]).unwrap(), Voxels::F32(vec![0.5, 1.0])).unwrap();
        refused(Mask::from_labels("m", &soft, 1), "fractions");
        let one = Mask::from_labels("m", &labels([1, 1, 3], vec![0, 1, 0]), 1).unwrap();
        refused(Region::cut(&labels([1, 1, 3], vec![5; 3]), &one, [0; 3]), "one voxel only");
    }

    #[test]
    fn a_mask_on_another_grid_is_refused() {
        let mask = Mask::from_labels("m", &labels([1, 1, 3], vec![1, 1, 0]), 1).unwrap();
        refused(Region::cut(&labels([1, 3, 1], vec![5; 3]), &mask, [0; 3]), "shape");
        let moved = Grid::new([1, 1, 3], [1.0; 3], [0.0, 0.0, 2.0], mask.grid().directions()).unwrap();
        refused(Region::cut(&Volume::new(moved, Voxels::U8(vec![5; 3])).unwrap(), &mask, [0; 3]), "origin");
        // Rounded to single precision, as in another file format, it is the same grid.
        let rounded = Grid::new([1, 1, 3], [1.0; 3], [0.0, 0.0, 1e-6], mask.grid().directions()).unwrap();
        assert!(rounded.check_same(mask.grid()).is_ok());
    }

    #[test]
    fn numbers_that_are_none_are_refused_where_they_stand() {
        let values = Voxels::F32(vec![1.0, f32::NAN, 3.0]);
        let image = Volume::new(Grid::upright([1, 1, 3], [1.0; 3]).unwrap(), values).unwrap();
        refused(image.extent(), "[0, 0, 1]");
        refused(image.crop(IndexBox::all([1, 1, 3])), "not finite");
    }

    #[test]
    fn a_region_keeps_its_place() {
        let image = labels([2, 2, 3], (0..12).collect());
        let mask =
            Mask::from_labels("m", &labels([2, 2, 3], vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]), 1).unwrap();
        let region = Region::cut(&image, &mask, [0; 3]).unwrap();
        assert_eq!(region.selected(), vec![10.0, 11.0]);
        assert_eq!(region.grid.origin_mm(), [1.0, 1.0, 1.0]);
        assert_eq!(Region::cut(&image, &mask, [1; 3]).unwrap().inside.iter().filter(|&&b| b).count(), 2);
    }
}
