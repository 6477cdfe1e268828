//! What would PyRadiomics say? Its feature names, parameter file and values, on our matrices.
//!
//! Checked against the baselines that PyRadiomics 3 ships. Settings that we do not follow are refused by name.

use super::glcm::{self, Matrix};
use super::grey::{Grey, MAX_LEVEL, Step, all_steps, half_steps, in_plane};
use super::ibsi::needed;
use super::intensity::{Summary, percentile};
use super::yaml::{self, Yaml};
use super::{Value, counts, morphology, ngtdm};
use crate::geometry::components::{Neighbours, components};
use crate::geometry::mesh;
use crate::geometry::resample::{self, Axis, Interpolation};
use crate::volume::{Sample, each};
use crate::{ImagingError, IndexBox, Mask, Region, Volume, Voxels};
use rayon::prelude::*;

/// Feature classes in the order of the output, with their features. `shape2D` is not offered.
pub const CLASSES: &[(&str, &[&str])] = &[
    (
        "shape",
        &[
            "Elongation",
            "Flatness",
            "LeastAxisLength",
            "MajorAxisLength",
            "Maximum2DDiameterColumn",
            "Maximum2DDiameterRow",
            "Maximum2DDiameterSlice",
            "Maximum3DDiameter",
            "MeshVolume",
            "MinorAxisLength",
            "Sphericity",
            "SurfaceArea",
            "SurfaceVolumeRatio",
            "VoxelVolume",
        ],
    ),
    (
        "firstorder",
        &[
            "10Percentile",
            "90Percentile",
            "Energy",
            "Entropy",
            "InterquartileRange",
            "Kurtosis",
            "Maximum",
            "MeanAbsoluteDeviation",
            "Mean",
            "Median",
            "Minimum",
            "Range",
            "RobustMeanAbsoluteDeviation",
            "RootMeanSquared",
            "Skewness",
            "TotalEnergy",
            "Uniformity",
            "Variance",
        ],
    ),
    (
        "glcm",
        &[
            "Autocorrelation",
            "ClusterProminence",
            "ClusterShade",
            "ClusterTendency",
            "Contrast",
            "Correlation",
            "DifferenceAverage",
            "DifferenceEntropy",
            "DifferenceVariance",
            "Id",
            "Idm",
            "Idmn",
            "Idn",
            "Imc1",
            "Imc2",
            "InverseVariance",
            "JointAverage",
            "JointEnergy",
            "JointEntropy",
            "MCC",
            "MaximumProbability",
            "SumAverage",
            "SumEntropy",
            "SumSquares",
        ],
    ),
    (
        "gldm",
        &[
            "DependenceEntropy",
            "DependenceNonUniformity",
            "DependenceNonUniformityNormalized",
            "DependenceVariance",
            "GrayLevelNonUniformity",
            "GrayLevelVariance",
            "HighGrayLevelEmphasis",
            "LargeDependenceEmphasis",
            "LargeDependenceHighGrayLevelEmphasis",
            "LargeDependenceLowGrayLevelEmphasis",
            "LowGrayLevelEmphasis",
            "SmallDependenceEmphasis",
            "SmallDependenceHighGrayLevelEmphasis",
            "SmallDependenceLowGrayLevelEmphasis",
        ],
    ),
    (
        "glrlm",
        &[
            "GrayLevelNonUniformity",
            "GrayLevelNonUniformityNormalized",
            "GrayLevelVariance",
            "HighGrayLevelRunEmphasis",
            "LongRunEmphasis",
            "LongRunHighGrayLevelEmphasis",
            "LongRunLowGrayLevelEmphasis",
            "LowGrayLevelRunEmphasis",
            "RunEntropy",
            "RunLengthNonUniformity",
            "RunLengthNonUniformityNormalized",
            "RunPercentage",
            "RunVariance",
            "ShortRunEmphasis",
            "ShortRunHighGrayLevelEmphasis",
            "ShortRunLowGrayLevelEmphasis",
        ],
    ),
    (
        "glszm",
        &[
            "GrayLevelNonUniformity",
            "GrayLevelNonUniformityNormalized",
            "GrayLevelVariance",
            "HighGrayLevelZoneEmphasis",
            "LargeAreaEmphasis",
            "LargeAreaHighGrayLevelEmphasis",
            "LargeAreaLowGrayLevelEmphasis",
            "LowGrayLevelZoneEmphasis",
            "SizeZoneNonUniformity",
            "SizeZoneNonUniformityNormalized",
            "SmallAreaEmphasis",
            "SmallAreaHighGrayLevelEmphasis",
            "SmallAreaLowGrayLevelEmphasis",
            "ZoneEntropy",
            "ZonePercentage",
            "ZoneVariance",
        ],
    ),
    ("ngtdm", &["Busyness", "Coarseness", "Complexity", "Contrast", "Strength"]),
];

/// Places of the names above in `glcm::features`; 25 is the maximal correlation coefficient.
const GLCM: [usize; 24] =
    [19, 22, 21, 20, 11, 18, 4, 6, 5, 13, 15, 16, 14, 23, 24, 17, 1, 10, 3, 25, 0, 7, 9, 2];
/// Places of the names above in `Counts::features`.
const GLDM: [usize; 14] = [15, 10, 11, 14, 8, 13, 3, 1, 7, 6, 2, 0, 5, 4];
const GLRLM: [usize; 16] = [8, 9, 13, 3, 1, 7, 6, 2, 15, 10, 11, 12, 14, 0, 5, 4];
const GLSZM: [usize; 16] = [8, 9, 13, 3, 1, 7, 6, 2, 10, 11, 0, 5, 4, 15, 12, 14];
/// Places of the names above in `ngtdm::features`.
const NGTDM: [usize; 5] = [2, 0, 3, 1, 4];

/// From how many voxels on classes are computed beside each other; below, waking threads costs more.
const PARALLEL_VOXELS: usize = 20_000;

/// How `resegmentRange` is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Intensities.
    Absolute,
    /// Shares of the region's maximum.
    Relative,
    /// Standard deviations from the region's mean.
    Sigma,
}

/// The settings that are followed, with PyRadiomics' defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `label`
    pub label: u32,
    /// `binWidth`
    pub bin_width: f64,
    /// `binCount`; goes before `binWidth`.
    pub bin_count: Option<u32>,
    /// `normalize` with `normalizeScale`
    pub normalize: Option<f64>,
    /// `removeOutliers`, in standard deviations; only with `normalize`.
    pub remove_outliers: Option<f64>,
    /// `resampledPixelSpacing`, mm, turned to `[z, y, x]`; 0 keeps the mask's.
    pub spacing_mm: Option<[f64; 3]>,
    /// `interpolator`; `None` switches resampling off.
    pub interpolator: Option<Interpolation>,
    /// `padDistance`: how many new voxels beyond the mask's old bounding box are kept when resampling. Where voxels
    /// become many times finer, PyRadiomics cuts the region itself there, and so do we.
    pub pad: u32,
    /// `resegmentRange`, lower and upper limit.
    pub range: Option<(f64, Option<f64>)>,
    /// `resegmentMode`
    pub mode: Mode,
    /// `resegmentShape`
    pub resegment_shape: bool,
    /// `force2D` with `force2Ddimension`, an axis of `[z, y, x]`.
    pub plane: Option<usize>,
    /// `minimumROIDimensions`
    pub minimum_dimensions: usize,
    /// `minimumROISize`
    pub minimum_size: Option<usize>,
    /// `gldm_a`
    pub gldm_a: u32,
    /// `voxelArrayShift`
    pub shift: f64,
    /// `weightingNorm: no_weighting`: one merged matrix instead of a mean over directions.
    pub merged: bool,
    /// `featureClass`: class and its features (empty: all); `None`: all classes.
    pub classes: Option<Vec<(String, Vec<String>)>>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            label: 1,
            bin_width: 25.0,
            bin_count: None,
            normalize: None,
            remove_outliers: None,
            spacing_mm: None,
            interpolator: Some(Interpolation::CubicSpline),
            pad: 5,
            range: None,
            mode: Mode::Absolute,
            resegment_shape: false,
            plane: None,
            minimum_dimensions: 2,
            minimum_size: None,
            gldm_a: 0,
            shift: 0.0,
            merged: false,
            classes: None,
        }
    }
}

fn above_zero(key: &str, value: &Yaml) -> Result<f64, ImagingError> {
    let n = value.number(key)?;
    if n > 0.0 { Ok(n) } else { Err(ImagingError::setting(key, "must be above zero")) }
}

fn list(key: &str, value: &Yaml) -> Result<Vec<f64>, ImagingError> {
    match value {
        Yaml::List(items) => items.iter().map(|item| item.number(key)).collect(),
        _ => Err(ImagingError::setting(key, "must be a list of numbers")),
    }
}

/// A setting that must stay at the one value we follow.
fn only(key: &str, holds: bool, what: &str) -> Result<(), ImagingError> {
    if holds { Ok(()) } else { Err(ImagingError::setting(key, format!("is not supported but for {what}"))) }
}

impl Settings {
    /// Reads a parameter file (YAML with `setting`, `imageType`, `featureClass`). Refuses what is not followed.
    pub fn parse(text: &str) -> Result<Settings, ImagingError> {
        let mut settings = Settings::default();
        let sections = match yaml::parse(text)? {
            Yaml::Map(map) => map,
            Yaml::Null => return Ok(settings),
            _ => {
                return Err(ImagingError::setting(
                    "file",
                    "must be a map of setting, imageType and featureClass",
                ));
            }
        };
        for (section, content) in &sections {
            match (section.as_str(), content) {
                (_, Yaml::Null) => {}
                ("setting", Yaml::Map(map)) => settings.apply_all(map)?,
                ("imageType", Yaml::Map(map)) => check_images(map)?,
                ("featureClass", Yaml::Map(map)) => settings.classes = Some(classes(map)?),
                ("setting" | "imageType" | "featureClass", _) => {
                    return Err(ImagingError::setting(section, "must be a map"));
                }
                _ => {
                    return Err(ImagingError::setting(
                        section,
                        "is not supported (setting, imageType, featureClass are)",
                    ));
                }
            }
        }
        Ok(settings)
    }

    fn apply_all(&mut self, map: &[(String, Yaml)]) -> Result<(), ImagingError> {
        // A scale and an axis count only with their switch, wherever they stand.
        let get = |key: &str| {
            map.iter().find(|(name, value)| name == key && *value != Yaml::Null).map(|(_, value)| value)
        };
        let scale = get("normalizeScale").map_or(Ok(1.0), |value| above_zero("normalizeScale", value))?;
        let axis = get("force2Ddimension").map_or(Ok(0), |value| value.whole("force2Ddimension"))? as usize;
        only("force2Ddimension", axis < 3, "0, 1 and 2")?;
        if let Some(value) = get("normalize") {
            self.normalize = value.switch("normalize")?.then_some(scale);
        }
        if let Some(value) = get("force2D") {
            self.plane = value.switch("force2D")?.then_some(axis);
        }
        map.iter()
            .filter(|(_, value)| *value != Yaml::Null)
            .try_for_each(|(key, value)| self.apply(key, value))?;
        if map.iter().any(|(key, value)| key == "interpolator" && *value == Yaml::Null) {
            self.interpolator = None;
        }
        Ok(())
    }

    fn apply(&mut self, key: &str, value: &Yaml) -> Result<(), ImagingError> {
        let word = value.word();
        match key {
            // Handled with their switches, or without influence on any value.
            "normalize" | "normalizeScale" | "force2D" | "force2Ddimension" => {}
            "additionalInfo" | "preCrop" => drop(value.switch(key)?),
            "padDistance" => self.pad = value.whole(key)?,
            "label" => self.label = value.whole(key)?,
            "binWidth" => self.bin_width = above_zero(key, value)?,
            "binCount" => self.bin_count = Some(above_zero(key, value).and_then(|_| value.whole(key))?),
            "removeOutliers" => self.remove_outliers = Some(above_zero(key, value)?),
            "resampledPixelSpacing" => self.spacing_mm = Some(spacing(key, value)?),
            "interpolator" => self.interpolator = Some(interpolator(key, word)?),
            "resegmentRange" => self.range = Some(range(key, value)?),
            "resegmentMode" => self.mode = mode(key, word)?,
            "resegmentShape" => self.resegment_shape = value.switch(key)?,
            "minimumROIDimensions" => self.minimum_dimensions = value.whole(key)? as usize,
            "minimumROISize" => self.minimum_size = Some(value.whole(key)? as usize),
            "gldm_a" => self.gldm_a = value.whole(key)?,
            "voxelArrayShift" => self.shift = value.number(key)?,
            "weightingNorm" => {
                only(key, word == "no_weighting", "no_weighting and null")?;
                self.merged = true;
            }
            "distances" => only(key, list(key, value)? == [1.0], "[1]")?,
            "symmetricalGLCM" => only(key, value.switch(key)?, "true")?,
            "correctMask" => only(key, !value.switch(key)?, "false: resample the mask onto the image first")?,
            "label_channel" => only(key, value.whole(key)? == 0, "0")?,
            "geometryTolerance" => only(key, value.number(key)? == 1e-6, "1e-6")?,
            _ => return Err(ImagingError::setting(key, "is unknown or not supported")),
        }
        Ok(())
    }
}

fn spacing(key: &str, value: &Yaml) -> Result<[f64; 3], ImagingError> {
    match list(key, value)?[..] {
        [x, y, z] if x >= 0.0 && y >= 0.0 && z >= 0.0 => Ok([z, y, x]),
        _ => Err(ImagingError::setting(key, "must be three numbers from 0 on")),
    }
}

fn interpolator(key: &str, word: &str) -> Result<Interpolation, ImagingError> {
    match word {
        "sitkNearestNeighbor" => Ok(Interpolation::Nearest),
        "sitkLinear" => Ok(Interpolation::Linear),
        "sitkBSpline" => Ok(Interpolation::CubicSpline),
        _ => Err(ImagingError::setting(
            key,
            "is not supported but for sitkNearestNeighbor, sitkLinear, sitkBSpline, null",
        )),
    }
}

fn range(key: &str, value: &Yaml) -> Result<(f64, Option<f64>), ImagingError> {
    let mut limits = list(key, value)?;
    limits.sort_unstable_by(f64::total_cmp);
    match limits[..] {
        [low] => Ok((low, None)),
        [low, high] => Ok((low, Some(high))),
        _ => Err(ImagingError::setting(key, "must be one or two numbers")),
    }
}

fn mode(key: &str, word: &str) -> Result<Mode, ImagingError> {
    match word {
        "absolute" => Ok(Mode::Absolute),
        "relative" => Ok(Mode::Relative),
        "sigma" => Ok(Mode::Sigma),
        _ => Err(ImagingError::setting(key, "must be absolute, relative or sigma")),
    }
}

fn check_images(map: &[(String, Yaml)]) -> Result<(), ImagingError> {
    for (image, custom) in map {
        only("imageType", image == "Original", "Original: filters are not computed")?;
        let plain = matches!(custom, Yaml::Null) || matches!(custom, Yaml::Map(map) if map.is_empty());
        only("imageType Original", plain, "no settings of its own")?;
    }
    Ok(())
}

fn classes(map: &[(String, Yaml)]) -> Result<Vec<(String, Vec<String>)>, ImagingError> {
    let mut classes = Vec::new();
    for (class, wanted) in map {
        let Some((_, all)) = CLASSES.iter().find(|(name, _)| name == class) else {
            return Err(ImagingError::setting("featureClass", format!("{class} is not supported")));
        };
        let mut names = Vec::new();
        let items = if let Yaml::List(items) = wanted { items.as_slice() } else { &[] };
        for item in items {
            match item {
                Yaml::Scalar(name) if all.contains(&name.as_str()) => names.push(name.clone()),
                other => {
                    return Err(ImagingError::setting("featureClass", format!("{class} has no {other:?}")));
                }
            }
        }
        classes.push((class.clone(), names));
    }
    Ok(classes)
}

/// The whole image, normalised: (x − mean) / standard deviation, times the scale.
fn normalised(image: &Volume, settings: &Settings) -> Result<Option<Volume>, ImagingError> {
    let Some(scale) = settings.normalize else { return Ok(None) };
    let mean = image.extent()?.mean;
    let n = image.grid().len() as f64;
    let squares: f64 = each!(image.voxels(), v => v.iter().map(|s| (s.value() - mean).powi(2)).sum());
    let deviation = (squares / (n - 1.0)).sqrt();
    if deviation == 0.0 {
        return Err(ImagingError::setting("normalize", "is not defined for an image of one value"));
    }
    let limit = settings.remove_outliers.unwrap_or(f64::INFINITY);
    let factor = 1.0 / deviation;
    let one = |value: f64| ((value - mean) * factor).clamp(-limit, limit) * scale;
    let values = each!(image.voxels(), v => v.iter().map(|s| one(s.value())).collect());
    Volume::new(image.grid().clone(), Voxels::F64(values)).map(Some)
}

/// Region of the resampled image: PyRadiomics' grid starts at the corner of the image.
fn resampled(
    image: &Volume,
    mask: &Mask,
    spacing: [f64; 3],
    how: Interpolation,
    pad: f64,
) -> Result<Option<Region>, ImagingError> {
    let (grid, own) = (image.grid(), mask.bounds().shape());
    grid.check_same(mask.grid())?;
    let old = grid.spacing_mm();
    let keep = |axis: usize| spacing[axis] == 0.0 || own[axis] == 1;
    let new: [f64; 3] = std::array::from_fn(|axis| if keep(axis) { old[axis] } else { spacing[axis] });
    if new.iter().zip(old).all(|(new, old)| (new - old).abs() <= 1e-8 + 1e-5 * new.abs()) {
        return Ok(None);
    }
    let axes: [Axis; 3] = std::array::from_fn(|axis| {
        let step = new[axis] / old[axis];
        let count = (grid.shape()[axis] as f64 / step).ceil() as usize;
        Axis { first: 0.5 * (step - 1.0), step, count }
    });
    let bounds = mask.bounds();
    let reach = |axis: usize| {
        let step = axes[axis].step;
        let low = ((bounds.lower[axis] as f64 - 0.5) / step - pad).floor().max(0.0) as usize;
        let high = ((bounds.upper[axis] as f64 - 0.5) / step + pad).ceil() as usize + 1;
        (low, high.min(axes[axis].count))
    };
    let wanted = IndexBox {
        lower: std::array::from_fn(|axis| reach(axis).0),
        upper: std::array::from_fn(|axis| reach(axis).1),
    };
    let first = std::array::from_fn(|axis| axes[axis].first + axes[axis].step * wanted.lower[axis] as f64);
    let fine = grid.regrid(wanted.shape(), new, first)?;
    let (block, local) = needed(&wanted, &axes, grid.shape(), how);
    let (cut, values) = image.crop(block)?;
    let inside: Vec<f64> = mask.block(block).into_iter().map(|inside| f64::from(u8::from(inside))).collect();
    let mut values = resample::resample(&values, cut.shape(), local, how);
    match image.voxels() {
        Voxels::F64(_) => {}
        Voxels::F32(_) => values.iter_mut().for_each(|value| *value = f64::from(*value as f32)),
        whole => {
            let (low, high) = whole.whole_range().unwrap_or((f64::MIN, f64::MAX));
            values.iter_mut().for_each(|value| *value = value.clamp(low, high).trunc());
        }
    }
    let inside = resample::resample(&inside, cut.shape(), local, Interpolation::Nearest);
    Ok(Some(Region { grid: fine, values, inside: inside.into_iter().map(|share| share > 0.5).collect() }))
}

/// The region cut to a block.
fn cut(region: &Region, bounds: IndexBox) -> Result<Region, ImagingError> {
    let rows = || bounds.rows(region.grid.shape());
    let first = bounds.lower.map(|i| i as f64);
    Ok(Region {
        grid: region.grid.regrid(bounds.shape(), region.grid.spacing_mm(), first)?,
        values: rows().flat_map(|row| region.values[row].iter().copied()).collect(),
        inside: rows().flat_map(|row| region.inside[row].iter().copied()).collect(),
    })
}

/// PyRadiomics' requirements of a mask.
fn check(region: &Region, mask: &Mask, settings: &Settings) -> Result<IndexBox, ImagingError> {
    let refuse = |what: String| Err(ImagingError::Mask { name: mask.name.clone(), what });
    let Some(bounds) = region.bounds() else { return refuse("is empty".to_owned()) };
    let dimensions = bounds.shape().iter().filter(|&&n| n > 1).count();
    if dimensions == 0 || dimensions < settings.minimum_dimensions {
        let least = settings.minimum_dimensions;
        return refuse(format!("extends in {dimensions} dimensions, minimumROIDimensions is {least}"));
    }
    let size = region.inside.iter().filter(|inside| **inside).count();
    if settings.minimum_size.is_some_and(|least| size <= least) {
        return refuse(format!("has {size} voxels, not more than minimumROISize"));
    }
    Ok(bounds)
}

fn resegmented(region: &Region, range: (f64, Option<f64>), mode: Mode) -> Vec<bool> {
    let values = region.selected();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let limit = |limit: f64| match mode {
        Mode::Absolute => limit,
        Mode::Relative => limit * highest,
        Mode::Sigma => mean + deviation * limit,
    };
    let (low, high) = (limit(range.0), range.1.map_or(f64::INFINITY, limit));
    region.values.iter().zip(&region.inside).map(|(v, inside)| *inside && (low..=high).contains(v)).collect()
}

/// Level of each value by PyRadiomics' bin edges: multiples of the width from below the minimum, or equal parts.
fn levels(values: &[f64], settings: &Settings) -> Result<Vec<u32>, ImagingError> {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if let Some(n) = settings.bin_count {
        if n > MAX_LEVEL {
            return Err(ImagingError::setting("binCount", format!("must not be above {MAX_LEVEL}")));
        }
        // Equal values: NumPy widens the range by a half on both sides.
        let (low, high) = if low == high { (low - 0.5, high + 0.5) } else { (low, high) };
        let step = (high - low) / f64::from(n);
        let edge = |i: u32| if i >= n { high + 1.0 } else { low + step * f64::from(i) };
        return Ok(values.iter().map(|&v| settle(v, ((v - low) / step) as u32, &edge)).collect());
    }
    let width = settings.bin_width;
    let start = low - low.rem_euclid(width);
    if (high - start) / width >= f64::from(MAX_LEVEL) {
        return Err(ImagingError::setting("binWidth", "is too small for the range of intensities"));
    }
    let edge = |i: u32| start + width * f64::from(i);
    Ok(values.iter().map(|&v| settle(v, ((v - start) / width) as u32, &edge)).collect())
}

/// How many edges are at or below a value; `near` is a guess that rounding may have put one beside.
fn settle(value: f64, near: u32, edge: &impl Fn(u32) -> f64) -> u32 {
    let mut below = near.saturating_sub(1);
    while edge(below + 1) <= value {
        below += 1;
    }
    below + 1
}

fn shape(region: &Region) -> [f64; 14] {
    let (extent, spacing) = (region.grid.shape(), region.grid.spacing_mm());
    let mesh = mesh::mesh(&region.inside, extent, spacing);
    let [least, minor, major] = morphology::principal(&region.inside, extent, spacing, 0.0).map(f64::sqrt);
    let (v, a) = (mesh.volume_mm3, mesh.area_mm2);
    let voxels = region.inside.iter().filter(|inside| **inside).count() as f64;
    [
        minor / major,
        least / major,
        4.0 * least,
        4.0 * major,
        mesh.planar_diameter_mm(1, spacing),
        mesh.planar_diameter_mm(2, spacing),
        mesh.planar_diameter_mm(0, spacing),
        mesh.diameter_mm(spacing),
        v,
        4.0 * minor,
        (36.0 * std::f64::consts::PI * v * v).cbrt() / a,
        a,
        a / v,
        voxels * region.grid.voxel_mm3(),
    ]
}

fn first_order(values: &[f64], levels: &[u32], settings: &Settings, voxel_mm3: f64) -> [f64; 18] {
    let summary = Summary::new(values);
    let n = values.len() as f64;
    let energy: f64 = values.iter().map(|v| (v + settings.shift).powi(2)).sum();
    let mut sorted = levels.to_vec();
    sorted.sort_unstable();
    let p = || sorted.chunk_by(|a, b| a == b).map(|same| same.len() as f64 / n);
    let at = |percent| percentile(&summary.sorted, percent);
    let (low, high) = (summary.sorted[0], summary.sorted[summary.sorted.len() - 1]);
    [
        at(10.0),
        at(90.0),
        energy,
        -p().map(|p| p * p.log2()).sum::<f64>(),
        at(75.0) - at(25.0),
        summary.kurtosis(),
        high,
        summary.deviation,
        summary.mean,
        at(50.0),
        low,
        high - low,
        summary.robust_deviation,
        (energy / n).sqrt(),
        summary.skewness(),
        energy * voxel_mm3,
        p().map(|p| p * p).sum(),
        summary.moments[0],
    ]
}

fn mean(all: &[Vec<f64>]) -> Vec<f64> {
    let width = all.first().map_or(0, Vec::len);
    (0..width).map(|i| all.iter().map(|one| one[i]).sum::<f64>() / all.len() as f64).collect()
}

struct Texture<'a> {
    grey: &'a Grey,
    half: Vec<Step>,
    offsets: Vec<isize>,
    settings: &'a Settings,
}

impl Texture<'_> {
    fn glcm(&self) -> Vec<f64> {
        let mut scratch = Vec::new();
        let count =
            |step: &Step| Matrix::count(self.grey, &self.grey.roi, self.grey.offset(*step), &mut scratch);
        let mut matrices: Vec<Matrix> =
            self.half.iter().map(count).filter(|matrix| !matrix.is_empty()).collect();
        if self.settings.merged && !matrices.is_empty() {
            let rest = matrices.split_off(1);
            rest.iter().for_each(|other| matrices[0].add(other));
        }
        let one = |matrix: &Matrix| {
            let mut all = glcm::features(matrix, &self.grey.values, self.grey.top()).to_vec();
            all.push(glcm::maximal_correlation(matrix));
            GLCM.iter().map(|at| all[*at]).collect::<Vec<f64>>()
        };
        mean(&matrices.iter().map(one).collect::<Vec<_>>())
    }

    fn glrlm(&self) -> Vec<f64> {
        let used = self.half.iter().filter_map(|step| {
            let (counts, neighbours) = counts::runs(self.grey, &self.grey.roi, *step);
            (neighbours || counts::has_line(self.grey, *step)).then_some(counts)
        });
        let mut used: Vec<counts::Counts> = used.collect();
        if self.settings.merged {
            used = vec![counts::Counts::merged(&used)];
        }
        mean(&used.iter().map(|counts| pick(&counts.features(), &GLRLM)).collect::<Vec<_>>())
    }

    fn class(&self, class: &str) -> Vec<f64> {
        let (grey, roi) = (self.grey, self.grey.roi.as_slice());
        match class {
            "glcm" => self.glcm(),
            "glrlm" => self.glrlm(),
            "glszm" => pick(&counts::zones(grey, roi, &self.offsets, None).features(), &GLSZM),
            "gldm" => {
                pick(&counts::dependences(grey, roi, &self.offsets, self.settings.gldm_a).features(), &GLDM)
            }
            _ => pick(&ngtdm::features(&ngtdm::tones(grey, roi, &self.offsets), &grey.values), &NGTDM),
        }
    }
}

fn pick(all: &[f64], places: &[usize]) -> Vec<f64> {
    places.iter().map(|at| all[*at]).collect()
}

/// Every feature of the enabled classes as `original_class_Name`, in the order of `CLASSES`.
pub fn measure(image: &Volume, mask: &Mask, settings: &Settings) -> Result<Vec<Value>, ImagingError> {
    let normalised = normalised(image, settings)?;
    let image = normalised.as_ref().unwrap_or(image);
    let new = match (settings.spacing_mm, settings.interpolator) {
        (Some(spacing), Some(how)) => resampled(image, mask, spacing, how, f64::from(settings.pad))?,
        _ => None,
    };
    let whole = new.map_or_else(|| Region::cut(image, mask, [0; 3]), Ok)?;
    let mut bounds = check(&whole, mask, settings)?;
    let mut textured = whole.clone();
    if let Some(range) = settings.range {
        textured.inside = resegmented(&whole, range, settings.mode);
        bounds = check(&textured, mask, settings)?;
    }
    // The shape, too, is cut to the re-segmented bounding box: so does PyRadiomics.
    let shaped = cut(if settings.resegment_shape { &textured } else { &whole }, bounds)?;
    let textured = cut(&textured, bounds)?;
    let values = textured.selected();
    let levels = levels(&values, settings)?;
    let grey = Grey::new(&textured, &levels)?;
    let planar = |steps: Vec<Step>| settings.plane.map_or(steps.clone(), |axis| in_plane(steps, axis));
    let moving = |step: &Step| (0..3).all(|axis| step[axis] == 0 || bounds.shape()[axis] > 1);
    let half = planar(half_steps()).into_iter().filter(moving).collect();
    let offsets = grey.offsets(&planar(all_steps()));
    let texture = Texture { grey: &grey, half, offsets, settings };
    let enabled =
        |class: &str| settings.classes.as_ref().is_none_or(|all| all.iter().any(|(name, _)| name == class));
    let compute = |class: &str| match class {
        "shape" => shape(&shaped).to_vec(),
        "firstorder" => first_order(&values, &levels, settings, textured.grid.voxel_mm3()).to_vec(),
        other => texture.class(other),
    };
    let wanted: Vec<_> = CLASSES.iter().filter(|(class, _)| enabled(class)).collect();
    let computed: Vec<Vec<f64>> = if values.len() < PARALLEL_VOXELS {
        wanted.iter().map(|(class, _)| compute(class)).collect()
    } else {
        wanted.par_iter().map(|(class, _)| compute(class)).collect()
    };
    let rows = wanted.iter().zip(computed).flat_map(|((class, names), numbers)| {
        let own = settings.classes.as_ref().and_then(|all| all.iter().find(|(name, _)| name == class));
        let keep =
            move |name: &str| own.is_none_or(|(_, own)| own.is_empty() || own.iter().any(|own| own == name));
        let named = names.iter().zip(numbers).filter(move |(name, _)| keep(name));
        named.map(move |(name, value)| Value::new(format!("original_{class}_{name}"), value))
    });
    Ok(rows.collect())
}

/// What PyRadiomics says of its input under `diagnostics_…`, as text; lists in its order x, y, z.
pub fn diagnostics(image: &Volume, mask: &Mask) -> Result<Vec<(String, String)>, ImagingError> {
    let extent = image.extent()?;
    let bounds = mask.bounds();
    let turned = |v: [f64; 3]| format!("({}, {}, {})", v[2], v[1], v[0]);
    let sizes = |v: [usize; 3]| format!("({}, {}, {})", v[2], v[1], v[0]);
    let ([nz, ny, nx], count) = (bounds.shape(), mask.count() as f64);
    let mut centre = [0.0; 3];
    for (at, _) in mask.inside().iter().enumerate().filter(|(_, inside)| **inside) {
        let place = [at / (ny * nx), at / nx % ny, at % nx];
        (0..3).for_each(|axis| centre[axis] += (place[axis] + bounds.lower[axis]) as f64 / count);
    }
    let point = mask.grid().point(centre);
    let parts = components(mask.inside(), [nz, ny, nx], Neighbours::TwentySix).1.len();
    let [z, y, x] = bounds.lower;
    let rows = [
        ("Image-original_Spacing", turned(image.grid().spacing_mm())),
        ("Image-original_Size", sizes(image.grid().shape())),
        ("Image-original_Mean", extent.mean.to_string()),
        ("Image-original_Minimum", extent.minimum.to_string()),
        ("Image-original_Maximum", extent.maximum.to_string()),
        ("Mask-original_Spacing", turned(mask.grid().spacing_mm())),
        ("Mask-original_Size", sizes(mask.grid().shape())),
        ("Mask-original_BoundingBox", format!("({x}, {y}, {z}, {nx}, {ny}, {nz})")),
        ("Mask-original_VoxelNum", mask.count().to_string()),
        ("Mask-original_VolumeNum", parts.to_string()),
        ("Mask-original_CenterOfMassIndex", turned(centre)),
        ("Mask-original_CenterOfMass", format!("({}, {}, {})", point[0], point[1], point[2])),
    ];
    Ok(rows.map(|(name, value)| (format!("diagnostics_{name}"), value)).into())
}

#[cfg(test)]
mod tests;
