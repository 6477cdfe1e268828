//! How are the features of IBSI-1 computed for one region? Resampling, re-segmentation, discretisation, features.

use super::features::{self, Family, JOINS, Join};
use super::glcm::{self, Matrix};
use super::grey::{Discretisation, Grey, MAX_LEVEL, Step, all_steps, half_steps, in_plane};
use super::intensity::{self, VolumeBins};
use super::yaml::{self, Yaml};
use super::{Value, counts, local, morphology, ngtdm};
use crate::geometry::resample::{self, Axis, Interpolation};
use crate::{ImagingError, IndexBox, Mask, Region, Volume};

/// Bins of intensities for histogram and texture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bins {
    /// Intensities are levels.
    None,
    /// Fixed bin size, from the lower limit of the re-segmentation, which must be given.
    Size(f64),
    /// Fixed bin number.
    Number(u32),
}

/// What is done before features are computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// New spacing, mm, `[z, y, x]`; `None` leaves an axis alone.
    pub spacing_mm: [Option<f64>; 3],
    /// Interpolation of the image (of the mask: linear, half a voxel and more is inside).
    pub interpolation: Interpolation,
    /// Intensities become whole numbers after interpolation (computed tomography).
    pub round: bool,
    /// Re-segmentation by intensity, both limits inside.
    pub range: [Option<f64>; 2],
    /// Re-segmentation by standard deviations from the mean.
    pub sigma: Option<f64>,
    /// Bins of histogram and texture.
    pub bins: Bins,
    /// Bins of the intensity-volume histogram.
    pub volume_bins: VolumeBins,
    /// How texture joins slices and directions.
    pub joins: Vec<Join>,
}

impl Default for Settings {
    /// The image as it is, 32 bins, texture in space.
    fn default() -> Settings {
        Settings {
            spacing_mm: [None; 3],
            interpolation: Interpolation::Linear,
            round: false,
            range: [None; 2],
            sigma: None,
            bins: Bins::Number(32),
            volume_bins: VolumeBins::Units,
            joins: JOINS[4..].to_vec(),
        }
    }
}

impl Settings {
    /// Settings whose parts contradict each other.
    fn check(&self) -> Result<(), ImagingError> {
        let bad = |key: &str, what: &str| Err(ImagingError::setting(key, what));
        if self.spacing_mm.iter().flatten().any(|s| !s.is_finite() || *s <= 0.0) {
            return bad("spacing_mm", "must be finite and above zero");
        }
        if self.range.iter().flatten().any(|limit| !limit.is_finite()) {
            return bad("range", "limits must be finite");
        }
        if self.sigma.is_some_and(|sigma| !sigma.is_finite() || sigma <= 0.0) {
            return bad("sigma", "must be finite and above zero");
        }
        match self.bins {
            Bins::Size(_) if self.range[0].is_none() => {
                bad("bins", "of fixed size start at the lower limit of the range, which is missing")
            }
            Bins::Size(width) if !width.is_finite() || width <= 0.0 => bad("bins", "must be wider than zero"),
            Bins::Number(0) => bad("bins", "must be at least one"),
            _ => self.check_volume_bins(),
        }
    }

    fn check_volume_bins(&self) -> Result<(), ImagingError> {
        match self.volume_bins {
            VolumeBins::Size(width) if !width.is_finite() || width <= 0.0 => {
                Err(ImagingError::setting("volume_bins", "must be wider than zero"))
            }
            VolumeBins::Number(0 | 1) => Err(ImagingError::setting("volume_bins", "must be at least two")),
            _ => Ok(()),
        }
    }
}

impl Settings {
    /// Reads a settings file (YAML, one map). Keys: `spacing_mm` (`[z, y, x]`, null leaves an axis), `interpolation`
    /// (nearest, linear, cubic), `round`, `range` (`[lower, upper]`, null leaves a side), `sigma`, `bin_size` or
    /// `bin_number`, `levels` (true: intensities are levels), `volume_bin_size` or `volume_bin_number`, `texture`
    /// (2D, 2.5D, 3D). Refuses any other.
    pub fn parse(text: &str) -> Result<Settings, ImagingError> {
        let mut settings = Settings::default();
        let map = match yaml::parse(text)? {
            Yaml::Map(map) => map,
            Yaml::Null => return Ok(settings),
            _ => return Err(ImagingError::setting("file", "must be a map")),
        };
        let bins = ["bin_size", "bin_number", "levels"];
        if map.iter().filter(|(key, _)| bins.contains(&key.as_str())).count() > 1 {
            return Err(ImagingError::setting("bin_size", "stands beside bin_number or levels: give one"));
        }
        for (key, value) in &map {
            settings.apply(key, value)?;
        }
        settings.check()?;
        Ok(settings)
    }

    fn apply(&mut self, key: &str, value: &Yaml) -> Result<(), ImagingError> {
        match key {
            "spacing_mm" => self.spacing_mm = value.numbers(key)?,
            "range" => self.range = value.numbers(key)?,
            "sigma" => self.sigma = Some(value.number(key)?),
            "round" => self.round = value.switch(key)?,
            "levels" if value.switch(key)? => self.bins = Bins::None,
            "levels" => {}
            "bin_size" => self.bins = Bins::Size(value.number(key)?),
            "bin_number" => self.bins = Bins::Number(value.whole(key)?),
            "volume_bin_size" => self.volume_bins = VolumeBins::Size(value.number(key)?),
            "volume_bin_number" => self.volume_bins = VolumeBins::Number(value.whole(key)?),
            "interpolation" => {
                self.interpolation = match value.word() {
                    "nearest" => Interpolation::Nearest,
                    "linear" => Interpolation::Linear,
                    "cubic" => Interpolation::CubicSpline,
                    _ => return Err(ImagingError::setting(key, "must be nearest, linear or cubic")),
                }
            }
            "texture" => {
                self.joins = match value.word() {
                    "2D" => JOINS[..2].to_vec(),
                    "2.5D" => JOINS[2..4].to_vec(),
                    "3D" => JOINS[4..].to_vec(),
                    _ => return Err(ImagingError::setting(key, "must be 2D, 2.5D or 3D")),
                }
            }
            _ => return Err(ImagingError::setting(key, "is unknown")),
        }
        Ok(())
    }
}

/// A region ready to be measured: the block, its morphological mask (`region.inside`) and its intensity mask.
pub struct Prepared {
    /// Values and morphological mask.
    pub region: Region,
    /// Intensity mask: the morphological one less what the re-segmentation took away.
    pub intensity: Vec<bool>,
}

/// The needed part of a resampled image and mask.
fn resampled(image: &Volume, mask: &Mask, settings: &Settings) -> Result<Region, ImagingError> {
    image.grid().check_same(mask.grid())?;
    let (grid, axes) = resample::centred(image.grid(), settings.spacing_mm)?;
    let margin = local::margin(grid.spacing_mm());
    // The new voxels that the mask can reach, and a margin; then the old voxels they are made of.
    let reach = |axis: usize| {
        let to_new = |old: f64| (old - axes[axis].first) / axes[axis].step;
        let low = to_new(mask.bounds().lower[axis] as f64 - 1.0).floor() - margin[axis] as f64;
        let high = to_new(mask.bounds().upper[axis] as f64).ceil() + margin[axis] as f64 + 1.0;
        (low.max(0.0) as usize, (high.max(0.0) as usize).min(axes[axis].count))
    };
    let wanted = IndexBox {
        lower: std::array::from_fn(|axis| reach(axis).0),
        upper: std::array::from_fn(|axis| reach(axis).1),
    };
    let (needed, local) = needed(&wanted, &axes, image.grid().shape(), settings.interpolation);
    let (block, values) = image.crop(needed)?;
    let inside: Vec<f64> = mask.block(needed).into_iter().map(|inside| f64::from(u8::from(inside))).collect();
    let mut values = resample::resample(&values, block.shape(), local, settings.interpolation);
    if settings.round {
        // Halves go up, whatever the sign: a shift of all intensities by a whole number changes nothing.
        values.iter_mut().for_each(|value| *value = (*value + 0.5).floor());
    }
    let inside = resample::resample(&inside, block.shape(), local, Interpolation::Linear);
    let inside = inside.into_iter().map(|share| share >= 0.5 - 1e-9).collect();
    let grid = grid.regrid(wanted.shape(), grid.spacing_mm(), wanted.lower.map(|i| i as f64))?;
    Ok(Region { grid, values, inside })
}

/// The old voxels that new ones are made of, and the new axes counted from there.
pub(crate) fn needed(
    wanted: &IndexBox,
    axes: &[Axis; 3],
    shape: [usize; 3],
    how: Interpolation,
) -> (IndexBox, [Axis; 3]) {
    // A spline's coefficients depend on all voxels, each by 0.27 of its neighbour: 40 voxels on, by 10⁻²³.
    let margin = if how == Interpolation::CubicSpline { 40 } else { 1 };
    let old = |axis: usize, new: usize| (axes[axis].first + axes[axis].step * new as f64).max(0.0);
    let block = IndexBox {
        lower: std::array::from_fn(|axis| {
            (old(axis, wanted.lower[axis]).floor() as usize).min(shape[axis] - 1).saturating_sub(margin)
        }),
        upper: std::array::from_fn(|axis| {
            (old(axis, wanted.upper[axis]).ceil() as usize + 1 + margin).min(shape[axis])
        }),
    };
    let local = std::array::from_fn(|axis| Axis {
        first: axes[axis].first + axes[axis].step * wanted.lower[axis] as f64 - block.lower[axis] as f64,
        step: axes[axis].step,
        count: wanted.upper[axis] - wanted.lower[axis],
    });
    (block, local)
}

/// Brings a region onto its grid and re-segments it.
pub fn prepare(image: &Volume, mask: &Mask, settings: &Settings) -> Result<Prepared, ImagingError> {
    settings.check()?;
    let region = if settings.spacing_mm.iter().any(Option::is_some) {
        resampled(image, mask, settings)?
    } else {
        Region::cut(image, mask, local::margin(image.grid().spacing_mm()))?
    };
    let refuse = |what: String| Err(ImagingError::Mask { name: mask.name.clone(), what });
    let values = region.selected();
    if values.len() < 2 {
        return refuse(format!("has {} voxels after resampling", values.len()));
    }
    let mut limits =
        [settings.range[0].unwrap_or(f64::NEG_INFINITY), settings.range[1].unwrap_or(f64::INFINITY)];
    if let Some(sigma) = settings.sigma {
        // Mean and deviation within the range, when there is one (IBSI 2.5: outliers after the range).
        let kept: Vec<f64> = values.iter().copied().filter(|v| (limits[0]..=limits[1]).contains(v)).collect();
        let mean = kept.iter().sum::<f64>() / kept.len() as f64;
        let deviation = (kept.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / kept.len() as f64).sqrt();
        limits = [limits[0].max(mean - sigma * deviation), limits[1].min(mean + sigma * deviation)];
    }
    let keep = |(value, inside): (&f64, &bool)| *inside && (limits[0]..=limits[1]).contains(value);
    let intensity: Vec<bool> = region.values.iter().zip(&region.inside).map(keep).collect();
    match intensity.iter().filter(|inside| **inside).count() {
        0 | 1 => refuse("has fewer than two voxels after re-segmentation".to_owned()),
        _ => Ok(Prepared { region, intensity }),
    }
}

/// The region cut to its morphological bounding box, so that nothing walks over the margin.
fn tight(prepared: &Prepared) -> (Region, Vec<bool>) {
    let Prepared { region, intensity } = prepared;
    let Some(bounds) = region.bounds() else { return (region.clone(), intensity.clone()) };
    let rows = || bounds.rows(region.grid.shape());
    let take = |from: &[bool]| rows().flat_map(|row| from[row].iter().copied()).collect::<Vec<bool>>();
    let values = rows().flat_map(|row| region.values[row].iter().copied()).collect();
    let first = bounds.lower.map(|i| i as f64);
    let Ok(grid) = region.grid.regrid(bounds.shape(), region.grid.spacing_mm(), first) else {
        return (region.clone(), intensity.clone());
    };
    (Region { grid, values, inside: take(&region.inside) }, take(intensity))
}

/// Every feature of the list for one region.
pub fn measure(image: &Volume, mask: &Mask, settings: &Settings) -> Result<Vec<Value>, ImagingError> {
    let prepared = prepare(image, mask, settings)?;
    let peaks = local::peaks(&prepared.region, &prepared.intensity);
    let (region, intensity) = tight(&prepared);
    drop(prepared);
    let mut values = Vec::new();
    let mut put = |family: Family, suffix: &str, numbers: &[f64]| {
        let named = features::of(family).zip(numbers);
        values.extend(named.map(|(feature, value)| Value::new(format!("{}{suffix}", feature.tag), *value)));
    };
    put(Family::Morphology, "", &morphology::features(&region, &region.inside, &intensity));
    put(Family::LocalIntensity, "", &peaks);
    let of_intensity = Region { inside: intensity, ..region.clone() };
    let selected = of_intensity.selected();
    put(Family::Statistics, "", &intensity::statistics(&selected));
    let from = settings.range[0].unwrap_or(0.0);
    let (discretisation, bins) = match settings.bins {
        Bins::None => (Discretisation::None, 0),
        Bins::Size(width) => (Discretisation::Size { width, from }, 0),
        Bins::Number(n) => (Discretisation::Number(n), n),
    };
    let levels = discretisation.levels(&selected)?;
    put(Family::Histogram, "", &intensity::discretised(&levels, bins));
    check_steps(&selected, settings)?;
    let volume = intensity::volume_histogram(&selected, settings.volume_bins, settings.range);
    put(Family::VolumeHistogram, "", &volume);
    let grey = Grey::new(&of_intensity, &levels)?;
    let texture = Texture { grey: &grey, morphology: &region.inside, shape: region.grid.shape() };
    for family in TEXTURES {
        for (join, suffix) in settings.joins.iter().filter_map(|join| Some((*join, family.suffix(*join)?))) {
            put(family, suffix, &texture.features(family, join));
        }
    }
    Ok(values)
}

/// Refuses an intensity axis of more steps than anybody looks at.
fn check_steps(values: &[f64], settings: &Settings) -> Result<(), ImagingError> {
    let low = values.iter().copied().fold(settings.range[0].unwrap_or(f64::INFINITY), f64::min);
    let high = values.iter().copied().fold(settings.range[1].unwrap_or(f64::NEG_INFINITY), f64::max);
    let step = if let VolumeBins::Size(width) = settings.volume_bins { width } else { 1.0 };
    let numbered = matches!(settings.volume_bins, VolumeBins::Number(n) if n <= MAX_LEVEL);
    if numbered || (high - low) / step <= f64::from(MAX_LEVEL) {
        return Ok(());
    }
    let what = format!("make more than {MAX_LEVEL} steps of intensity; give volume_bin_number");
    Err(ImagingError::setting("volume_bins", what))
}

const TEXTURES: [Family; 6] = [
    Family::Cooccurrence,
    Family::RunLength,
    Family::SizeZone,
    Family::DistanceZone,
    Family::ToneDifference,
    Family::Dependence,
];

struct Texture<'a> {
    grey: &'a Grey,
    morphology: &'a [bool],
    shape: [usize; 3],
}

/// The mean of each feature over matrices.
fn mean(all: &[Vec<f64>]) -> Vec<f64> {
    let width = all.first().map_or(0, Vec::len);
    (0..width).map(|i| all.iter().map(|one| one[i]).sum::<f64>() / all.len() as f64).collect()
}

impl Texture<'_> {
    fn features(&self, family: Family, join: Join) -> Vec<f64> {
        let slices = self.grey.slices();
        let whole = [self.grey.roi.as_slice()];
        let parts: &[&[u32]] =
            if matches!(join, Join::SliceAverage | Join::SliceMerged) { &slices } else { &whole };
        let planar = !matches!(join, Join::SpaceAverage | Join::SpaceMerged);
        let steps = |all: Vec<Step>| if planar { in_plane(all, 0) } else { all };
        let merge = matches!(join, Join::SliceMerged | Join::PlaneMerged | Join::SpaceMerged);
        match family {
            Family::Cooccurrence => self.cooccurrence(parts, &steps(half_steps()), merge),
            Family::RunLength => self.runs(parts, &steps(half_steps()), merge),
            other => {
                let offsets = self.grey.offsets(&steps(all_steps()));
                let distances = (other == Family::DistanceZone)
                    .then(|| counts::border_distances(self.morphology, self.shape, planar));
                mean(
                    &parts
                        .iter()
                        .map(|roi| self.around(other, roi, &offsets, distances.as_deref()))
                        .collect::<Vec<_>>(),
                )
            }
        }
    }

    fn cooccurrence(&self, parts: &[&[u32]], steps: &[Step], merge: bool) -> Vec<f64> {
        let mut scratch = Vec::new();
        let mut all = Vec::new();
        for roi in parts {
            let matrices =
                steps.iter().map(|step| Matrix::count(self.grey, roi, self.grey.offset(*step), &mut scratch));
            let mut matrices: Vec<Matrix> = matrices.collect();
            if merge {
                let rest = matrices.split_off(1);
                rest.iter().for_each(|other| matrices[0].add(other));
            }
            let used = matrices.iter().filter(|matrix| !matrix.is_empty());
            all.extend(used.map(|m| glcm::features(m, &self.grey.values, self.grey.top()).to_vec()));
        }
        mean(&all)
    }

    fn runs(&self, parts: &[&[u32]], steps: &[Step], merge: bool) -> Vec<f64> {
        let mut all = Vec::new();
        for roi in parts {
            let counts: Vec<_> = steps.iter().map(|step| counts::runs(self.grey, roi, *step).0).collect();
            if merge {
                all.push(counts::Counts::merged(&counts).features().to_vec());
            } else {
                all.extend(counts.iter().map(|counts| counts.features().to_vec()));
            }
        }
        mean(&all)
    }

    fn around(&self, family: Family, roi: &[u32], offsets: &[isize], distances: Option<&[u32]>) -> Vec<f64> {
        match family {
            Family::ToneDifference => {
                ngtdm::features(&ngtdm::tones(self.grey, roi, offsets), &self.grey.values).to_vec()
            }
            Family::Dependence => {
                let counts = counts::dependences(self.grey, roi, offsets, 0);
                let mut all = counts.features().to_vec();
                all.push(counts.energy());
                all
            }
            _ => counts::zones(self.grey, roi, offsets, distances).features().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests;
