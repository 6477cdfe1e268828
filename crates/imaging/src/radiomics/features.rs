//! Which features are there? One list with tag, IBSI identifier, name, unit and formula; every computation and test
//! walks it.
//!
//! Source: Image Biomarker Standardisation Initiative, reference manual (IBSI-1); identifiers and tags as its reference
//! implementation MIRP 2.7.0 names them. `I` is the image's unit of intensity. Texture formulas: n counts, N their sum,
//! i level, j size.

/// A family of features: what they are computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// 3.1
    Morphology,
    /// 3.2
    LocalIntensity,
    /// 3.3
    Statistics,
    /// 3.4
    Histogram,
    /// 3.5
    VolumeHistogram,
    /// 3.6, GLCM
    Cooccurrence,
    /// 3.7, GLRLM
    RunLength,
    /// 3.8, GLSZM
    SizeZone,
    /// 3.9, GLDZM
    DistanceZone,
    /// 3.10, NGTDM
    ToneDifference,
    /// 3.11, NGLDM
    Dependence,
}

/// How a family joins slices and directions; the suffix of the tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// By slice; directions averaged.
    SliceAverage,
    /// By slice; directions merged.
    SliceMerged,
    /// In-plane directions over all slices, averaged.
    PlaneAverage,
    /// In-plane directions over all slices, merged.
    PlaneMerged,
    /// In space, averaged.
    SpaceAverage,
    /// In space, merged.
    SpaceMerged,
}

/// All joins in the order of the references.
pub const JOINS: [Join; 6] = [
    Join::SliceAverage,
    Join::SliceMerged,
    Join::PlaneAverage,
    Join::PlaneMerged,
    Join::SpaceAverage,
    Join::SpaceMerged,
];

impl Family {
    /// Has the family a matrix for each direction?
    pub fn has_directions(self) -> bool {
        matches!(self, Family::Cooccurrence | Family::RunLength)
    }

    /// The suffix of a tag; `None` where the family does not know this join.
    pub fn suffix(self, join: Join) -> Option<&'static str> {
        match (self, join) {
            (family, join) if family.has_directions() => Some(match join {
                Join::SliceAverage => "_2D_avg",
                Join::SliceMerged => "_2D_comb",
                Join::PlaneAverage => "_2_5D_avg",
                Join::PlaneMerged => "_2_5D_comb",
                Join::SpaceAverage => "_3D_avg",
                Join::SpaceMerged => "_3D_comb",
            }),
            (
                Family::SizeZone | Family::DistanceZone | Family::ToneDifference | Family::Dependence,
                Join::SliceAverage,
            ) => Some("_2D"),
            (
                Family::SizeZone | Family::DistanceZone | Family::ToneDifference | Family::Dependence,
                Join::PlaneMerged,
            ) => Some("_2_5D"),
            (
                Family::SizeZone | Family::DistanceZone | Family::ToneDifference | Family::Dependence,
                Join::SpaceMerged,
            ) => Some("_3D"),
            _ => None,
        }
    }
}

/// One feature.
#[derive(Clone, Copy, Debug)]
pub struct Feature {
    /// What it is computed from.
    pub family: Family,
    /// Short name, without the join's suffix.
    pub tag: &'static str,
    /// IBSI identifier.
    pub id: &'static str,
    /// Name in words.
    pub name: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Formula.
    pub formula: &'static str,
}

/// Every ending that a tag may get, none included.
pub const SUFFIXES: [&str; 10] =
    ["", "_2D_avg", "_2D_comb", "_2_5D_avg", "_2_5D_comb", "_3D_avg", "_3D_comb", "_2D", "_2_5D", "_3D"];

/// Features of the reference tables that have no consensus value; they are not offered.
pub const NOT_OFFERED: &[(&str, &str)] = &[
    ("morph_vol_dens_ombb", "oriented minimum bounding box: no consensus value"),
    ("morph_area_dens_ombb", "oriented minimum bounding box: no consensus value"),
    ("morph_vol_dens_mvee", "minimum volume enclosing ellipsoid: no consensus value"),
    ("morph_area_dens_mvee", "minimum volume enclosing ellipsoid: no consensus value"),
    ("ivh_auc", "area under the intensity-volume histogram: no consensus value"),
];

/// The features of a family, in the order in which its function returns them.
pub fn of(family: Family) -> impl Iterator<Item = &'static Feature> {
    FEATURES.iter().filter(move |feature| feature.family == family)
}

const fn f(
    family: Family,
    tag: &'static str,
    id: &'static str,
    name: &'static str,
    unit: &'static str,
    formula: &'static str,
) -> Feature {
    Feature { family, tag, id, name, unit, formula }
}

use Family::*;

/// Every feature, in the order of the manual.
#[rustfmt::skip]
pub const FEATURES: &[Feature] = &[
    f(Morphology, "morph_volume", "RNU0", "volume", "mm³", "V = |Σ a·(b×c)/6| over the surface's triangles"),
    f(Morphology, "morph_vol_approx", "YEKZ", "approximate volume", "mm³", "voxels times voxel volume"),
    f(Morphology, "morph_area_mesh", "C0JK", "surface area", "mm²", "A = Σ |ab×ac|/2 over the surface's triangles"),
    f(Morphology, "morph_av", "2PR5", "surface to volume ratio", "1/mm", "A/V"),
    f(Morphology, "morph_comp_1", "SKGS", "compactness 1", "1", "V/(√π A^1.5)"),
    f(Morphology, "morph_comp_2", "BQWJ", "compactness 2", "1", "36π V²/A³"),
    f(Morphology, "morph_sph_dispr", "KRCK", "spherical disproportion", "1", "A/(36π V²)^⅓"),
    f(Morphology, "morph_sphericity", "QCFX", "sphericity", "1", "(36π V²)^⅓/A"),
    f(Morphology, "morph_asphericity", "25C7", "asphericity", "1", "(A³/(36π V²))^⅓ − 1"),
    f(Morphology, "morph_com", "KLMA", "centre of mass shift", "mm", "distance of the voxels' centre and the intensities' centre"),
    f(Morphology, "morph_diam", "L0JK", "maximum 3d diameter", "mm", "largest distance of two surface vertices"),
    f(Morphology, "morph_pca_maj_axis", "TDIC", "major axis length", "mm", "4√λ₁, λ eigenvalues of the covariance of voxel centres, λ₁ ≥ λ₂ ≥ λ₃"),
    f(Morphology, "morph_pca_min_axis", "P9VJ", "minor axis length", "mm", "4√λ₂"),
    f(Morphology, "morph_pca_least_axis", "7J51", "shortest axis length", "mm", "4√λ₃"),
    f(Morphology, "morph_pca_elongation", "Q3CK", "elongation", "1", "√(λ₂/λ₁)"),
    f(Morphology, "morph_pca_flatness", "N17B", "flatness", "1", "√(λ₃/λ₁)"),
    f(Morphology, "morph_vol_dens_aabb", "PBX1", "axis-aligned bounding box volume density", "1", "V over the volume of the axis-aligned box of the vertices"),
    f(Morphology, "morph_area_dens_aabb", "R59B", "axis-aligned bounding box area density", "1", "A over the surface of that box"),
    f(Morphology, "morph_vol_dens_aee", "6BDE", "approximate enclosing ellipsoid volume density", "1", "V over 4π/3 abc of the ellipsoid with semi-axes 2√λ"),
    f(Morphology, "morph_area_dens_aee", "RDD2", "approximate enclosing ellipsoid area density", "1", "A over the surface of that ellipsoid"),
    f(Morphology, "morph_vol_dens_conv_hull", "R3ER", "convex hull volume density", "1", "V over the volume of the convex hull of the vertices"),
    f(Morphology, "morph_area_dens_conv_hull", "7T7F", "convex hull area density", "1", "A over the surface of that hull"),
    f(Morphology, "morph_integ_int", "99N0", "integrated intensity", "I·mm³", "mean intensity times V"),
    f(Morphology, "morph_moran_i", "N365", "Moran's I", "1", "N/Σw Σ w(x_i−μ)(x_j−μ)/Σ(x−μ)², w = 1/distance"),
    f(Morphology, "morph_geary_c", "NPT7", "Geary's C", "1", "(N−1)/2Σw Σ w(x_i−x_j)²/Σ(x−μ)², w = 1/distance"),
    f(LocalIntensity, "loc_peak_loc", "VJGA", "local peak", "I", "mean of 1 cm³ around the brightest voxel"),
    f(LocalIntensity, "loc_peak_glob", "0F91", "global peak", "I", "highest mean of 1 cm³ around any voxel"),
    f(Statistics, "stat_mean", "Q4LE", "mean", "I", "μ = Σx/N"),
    f(Statistics, "stat_var", "ECT3", "variance", "I²", "σ² = Σ(x−μ)²/N"),
    f(Statistics, "stat_skew", "KE2A", "skewness", "1", "Σ(x−μ)³/N/σ³"),
    f(Statistics, "stat_kurt", "IPH6", "kurtosis", "1", "Σ(x−μ)⁴/N/σ⁴ − 3"),
    f(Statistics, "stat_median", "Y12H", "median", "I", "P50"),
    f(Statistics, "stat_min", "1GSF", "minimum", "I", "min x"),
    f(Statistics, "stat_p10", "QG58", "10th percentile", "I", "P10"),
    f(Statistics, "stat_p90", "8DWT", "90th percentile", "I", "P90"),
    f(Statistics, "stat_max", "84IY", "maximum", "I", "max x"),
    f(Statistics, "stat_iqr", "SALO", "interquartile range", "I", "P75 − P25"),
    f(Statistics, "stat_range", "2OJQ", "range", "I", "max x − min x"),
    f(Statistics, "stat_mad", "4FUA", "mean absolute deviation", "I", "Σ|x−μ|/N"),
    f(Statistics, "stat_rmad", "1128", "robust mean absolute deviation", "I", "the same over values from P10 to P90"),
    f(Statistics, "stat_medad", "N72L", "median absolute deviation", "I", "Σ|x−P50|/N"),
    f(Statistics, "stat_cov", "7TET", "coefficient of variation", "1", "σ/μ"),
    f(Statistics, "stat_qcod", "9S40", "quartile coefficient of dispersion", "1", "(P75−P25)/(P75+P25)"),
    f(Statistics, "stat_energy", "N8CA", "energy", "I²", "Σx²"),
    f(Statistics, "stat_rms", "5ZWQ", "root mean square", "I", "√(Σx²/N)"),
    f(Histogram, "ih_mean", "X6K6", "mean", "1", "μ = Σx/N"),
    f(Histogram, "ih_var", "CH89", "variance", "1", "σ² = Σ(x−μ)²/N"),
    f(Histogram, "ih_skew", "88K1", "skewness", "1", "Σ(x−μ)³/N/σ³"),
    f(Histogram, "ih_kurt", "C3I7", "kurtosis", "1", "Σ(x−μ)⁴/N/σ⁴ − 3"),
    f(Histogram, "ih_median", "WIFQ", "median", "1", "P50"),
    f(Histogram, "ih_min", "1PR8", "minimum", "1", "min x"),
    f(Histogram, "ih_p10", "GPMT", "10th percentile", "1", "P10"),
    f(Histogram, "ih_p90", "OZ0C", "90th percentile", "1", "P90"),
    f(Histogram, "ih_max", "3NCY", "maximum", "1", "max x"),
    f(Histogram, "ih_mode", "AMMC", "mode", "1", "the level with most voxels; of several the one nearest to the mean"),
    f(Histogram, "ih_iqr", "WR0O", "interquartile range", "1", "P75 − P25"),
    f(Histogram, "ih_range", "5Z3W", "range", "1", "max x − min x"),
    f(Histogram, "ih_mad", "D2ZX", "mean absolute deviation", "1", "Σ|x−μ|/N"),
    f(Histogram, "ih_rmad", "WRZB", "robust mean absolute deviation", "1", "the same over values from P10 to P90"),
    f(Histogram, "ih_medad", "4RNL", "median absolute deviation", "1", "Σ|x−P50|/N"),
    f(Histogram, "ih_cov", "CWYJ", "coefficient of variation", "1", "σ/μ"),
    f(Histogram, "ih_qcod", "SLWD", "quartile coefficient of dispersion", "1", "(P75−P25)/(P75+P25)"),
    f(Histogram, "ih_entropy", "TLU2", "entropy", "bit", "−Σp log₂ p"),
    f(Histogram, "ih_uniformity", "BJ5W", "uniformity", "1", "Σp²"),
    f(Histogram, "ih_max_grad", "12CE", "maximum histogram gradient", "1", "largest slope of the histogram"),
    f(Histogram, "ih_max_grad_g", "8E6O", "maximum histogram gradient grey level", "1", "its level"),
    f(Histogram, "ih_min_grad", "VQB3", "minimum histogram gradient", "1", "smallest slope of the histogram"),
    f(Histogram, "ih_min_grad_g", "RHQZ", "minimum histogram gradient grey level", "1", "its level"),
    f(VolumeHistogram, "ivh_v10", "NK6P", "volume fraction at 10 % intensity", "1", "share of voxels with at least 10 % of the intensity range"),
    f(VolumeHistogram, "ivh_v90", "4279", "volume fraction at 90 % intensity", "1", "share of voxels with at least 90 % of the intensity range"),
    f(VolumeHistogram, "ivh_i10", "PWN1", "intensity at 10 % volume", "I", "smallest intensity that at most 10 % of the voxels reach"),
    f(VolumeHistogram, "ivh_i90", "BOHI", "intensity at 90 % volume", "I", "smallest intensity that at most 90 % of the voxels reach"),
    f(VolumeHistogram, "ivh_diff_v10_v90", "WITY", "difference of volume fractions at 10 % and 90 % intensity", "1", "V10 − V90"),
    f(VolumeHistogram, "ivh_diff_i10_i90", "JXJA", "difference of intensities at 10 % and 90 % volume", "I", "I10 − I90"),
    f(Cooccurrence, "cm_joint_max", "GYBY", "joint maximum", "1", "max p(i,j)"),
    f(Cooccurrence, "cm_joint_avg", "60VM", "joint average", "1", "μ = Σ i p(i,j)"),
    f(Cooccurrence, "cm_joint_var", "UR99", "joint variance", "1", "Σ(i−μ)² p(i,j)"),
    f(Cooccurrence, "cm_joint_entr", "TU9B", "joint entropy", "bit", "−Σp log₂ p"),
    f(Cooccurrence, "cm_diff_avg", "TF7R", "difference average", "1", "Σ k d(k), d(k) = Σ p(i,j) over |i−j| = k"),
    f(Cooccurrence, "cm_diff_var", "D3YU", "difference variance", "1", "variance of d"),
    f(Cooccurrence, "cm_diff_entr", "NTRS", "difference entropy", "bit", "−Σd log₂ d"),
    f(Cooccurrence, "cm_sum_avg", "ZGXS", "sum average", "1", "Σ k s(k), s(k) = Σ p(i,j) over i+j = k"),
    f(Cooccurrence, "cm_sum_var", "OEEB", "sum variance", "1", "variance of s"),
    f(Cooccurrence, "cm_sum_entr", "P6QZ", "sum entropy", "bit", "−Σs log₂ s"),
    f(Cooccurrence, "cm_energy", "8ZQL", "angular second moment", "1", "Σp²"),
    f(Cooccurrence, "cm_contrast", "ACUI", "contrast", "1", "Σ k² d(k)"),
    f(Cooccurrence, "cm_dissimilarity", "8S9J", "dissimilarity", "1", "Σ k d(k)"),
    f(Cooccurrence, "cm_inv_diff", "IB1Z", "inverse difference", "1", "Σ d(k)/(1+k)"),
    f(Cooccurrence, "cm_inv_diff_norm", "NDRX", "normalised inverse difference", "1", "Σ d(k)/(1+k/N_g)"),
    f(Cooccurrence, "cm_inv_diff_mom", "WF0Z", "inverse difference moment", "1", "Σ d(k)/(1+k²)"),
    f(Cooccurrence, "cm_inv_diff_mom_norm", "1QCO", "normalised inverse difference moment", "1", "Σ d(k)/(1+k²/N_g²)"),
    f(Cooccurrence, "cm_inv_var", "E8JP", "inverse variance", "1", "Σ d(k)/k² over k > 0"),
    f(Cooccurrence, "cm_corr", "NI2N", "correlation", "1", "(Σ i j p(i,j) − μ²)/σ²"),
    f(Cooccurrence, "cm_auto_corr", "QWB0", "autocorrelation", "1", "Σ i j p(i,j)"),
    f(Cooccurrence, "cm_clust_tend", "DG8W", "cluster tendency", "1", "Σ(i+j−2μ)² p(i,j)"),
    f(Cooccurrence, "cm_clust_shade", "7NFM", "cluster shade", "1", "Σ(i+j−2μ)³ p(i,j)"),
    f(Cooccurrence, "cm_clust_prom", "AE86", "cluster prominence", "1", "Σ(i+j−2μ)⁴ p(i,j)"),
    f(Cooccurrence, "cm_info_corr1", "R8DG", "first measure of information correlation", "1", "(HXY − HXY1)/HX"),
    f(Cooccurrence, "cm_info_corr2", "JN9H", "second measure of information correlation", "1", "√(1 − exp(−2(HXY2 − HXY)))"),
    f(RunLength, "rlm_sre", "22OV", "short runs emphasis", "1", "Σn/j²/N"),
    f(RunLength, "rlm_lre", "W4KF", "long runs emphasis", "1", "Σn j²/N"),
    f(RunLength, "rlm_lgre", "V3SW", "low grey level run emphasis", "1", "Σn/i²/N"),
    f(RunLength, "rlm_hgre", "G3QZ", "high grey level run emphasis", "1", "Σn i²/N"),
    f(RunLength, "rlm_srlge", "HTZT", "short run low grey level emphasis", "1", "Σn/(i²j²)/N"),
    f(RunLength, "rlm_srhge", "GD3A", "short run high grey level emphasis", "1", "Σn i²/j²/N"),
    f(RunLength, "rlm_lrlge", "IVPO", "long run low grey level emphasis", "1", "Σn j²/i²/N"),
    f(RunLength, "rlm_lrhge", "3KUM", "long run high grey level emphasis", "1", "Σn i²j²/N"),
    f(RunLength, "rlm_glnu", "R5YN", "grey level non-uniformity", "1", "Σ_i(Σ_j n)²/N"),
    f(RunLength, "rlm_glnu_norm", "OVBL", "normalised grey level non-uniformity", "1", "Σ_i(Σ_j n)²/N²"),
    f(RunLength, "rlm_rlnu", "W92Y", "run length non-uniformity", "1", "Σ_j(Σ_i n)²/N"),
    f(RunLength, "rlm_rlnu_norm", "IC23", "normalised run length non-uniformity", "1", "Σ_j(Σ_i n)²/N²"),
    f(RunLength, "rlm_r_perc", "9ZK5", "run percentage", "1", "N over voxels"),
    f(RunLength, "rlm_gl_var", "8CE5", "grey level variance", "1", "variance of i"),
    f(RunLength, "rlm_rl_var", "SXLW", "run length variance", "1", "variance of j"),
    f(RunLength, "rlm_rl_entr", "HJ9O", "run entropy", "bit", "−Σp log₂ p, p = n/N"),
    f(SizeZone, "szm_sze", "5QRC", "small zone emphasis", "1", "Σn/j²/N"),
    f(SizeZone, "szm_lze", "48P8", "large zone emphasis", "1", "Σn j²/N"),
    f(SizeZone, "szm_lgze", "XMSY", "low grey level zone emphasis", "1", "Σn/i²/N"),
    f(SizeZone, "szm_hgze", "5GN9", "high grey level zone emphasis", "1", "Σn i²/N"),
    f(SizeZone, "szm_szlge", "5RAI", "small zone low grey level emphasis", "1", "Σn/(i²j²)/N"),
    f(SizeZone, "szm_szhge", "HW1V", "small zone high grey level emphasis", "1", "Σn i²/j²/N"),
    f(SizeZone, "szm_lzlge", "YH51", "large zone low grey level emphasis", "1", "Σn j²/i²/N"),
    f(SizeZone, "szm_lzhge", "J17V", "large zone high grey level emphasis", "1", "Σn i²j²/N"),
    f(SizeZone, "szm_glnu", "JNSA", "grey level non-uniformity", "1", "Σ_i(Σ_j n)²/N"),
    f(SizeZone, "szm_glnu_norm", "Y1RO", "normalised grey level non-uniformity", "1", "Σ_i(Σ_j n)²/N²"),
    f(SizeZone, "szm_zsnu", "4JP3", "zone size non-uniformity", "1", "Σ_j(Σ_i n)²/N"),
    f(SizeZone, "szm_zsnu_norm", "VB3A", "normalised zone size non-uniformity", "1", "Σ_j(Σ_i n)²/N²"),
    f(SizeZone, "szm_z_perc", "P30P", "zone percentage", "1", "N over voxels"),
    f(SizeZone, "szm_gl_var", "BYLV", "grey level variance", "1", "variance of i"),
    f(SizeZone, "szm_zs_var", "3NSA", "zone size variance", "1", "variance of j"),
    f(SizeZone, "szm_zs_entr", "GU8N", "zone size entropy", "bit", "−Σp log₂ p, p = n/N"),
    f(DistanceZone, "dzm_sde", "0GBI", "small distance emphasis", "1", "Σn/j²/N"),
    f(DistanceZone, "dzm_lde", "MB4I", "large distance emphasis", "1", "Σn j²/N"),
    f(DistanceZone, "dzm_lgze", "S1RA", "low grey level zone emphasis", "1", "Σn/i²/N"),
    f(DistanceZone, "dzm_hgze", "K26C", "high grey level zone emphasis", "1", "Σn i²/N"),
    f(DistanceZone, "dzm_sdlge", "RUVG", "small distance low grey level emphasis", "1", "Σn/(i²j²)/N"),
    f(DistanceZone, "dzm_sdhge", "DKNJ", "small distance high grey level emphasis", "1", "Σn i²/j²/N"),
    f(DistanceZone, "dzm_ldlge", "A7WM", "large distance low grey level emphasis", "1", "Σn j²/i²/N"),
    f(DistanceZone, "dzm_ldhge", "KLTH", "large distance high grey level emphasis", "1", "Σn i²j²/N"),
    f(DistanceZone, "dzm_glnu", "VFT7", "grey level non-uniformity", "1", "Σ_i(Σ_j n)²/N"),
    f(DistanceZone, "dzm_glnu_norm", "7HP3", "normalised grey level non-uniformity", "1", "Σ_i(Σ_j n)²/N²"),
    f(DistanceZone, "dzm_zdnu", "V294", "zone distance non-uniformity", "1", "Σ_j(Σ_i n)²/N"),
    f(DistanceZone, "dzm_zdnu_norm", "IATH", "normalised zone distance non-uniformity", "1", "Σ_j(Σ_i n)²/N²"),
    f(DistanceZone, "dzm_z_perc", "VIWW", "zone percentage", "1", "N over voxels"),
    f(DistanceZone, "dzm_gl_var", "QK93", "grey level variance", "1", "variance of i"),
    f(DistanceZone, "dzm_zd_var", "7WT1", "zone distance variance", "1", "variance of j"),
    f(DistanceZone, "dzm_zd_entr", "GBDU", "zone distance entropy", "bit", "−Σp log₂ p, p = n/N"),
    f(ToneDifference, "ngt_coarseness", "QCDE", "coarseness", "1", "1/Σ p s"),
    f(ToneDifference, "ngt_contrast", "65HE", "contrast", "1", "ΣΣ p_i p_j (i−j)²/(N(N−1)) Σs/N_v"),
    f(ToneDifference, "ngt_busyness", "NQ30", "busyness", "1", "Σ p s/ΣΣ|i p_i − j p_j|"),
    f(ToneDifference, "ngt_complexity", "HDEZ", "complexity", "1", "ΣΣ|i−j|(p_i s_i + p_j s_j)/(p_i + p_j)/N_v"),
    f(ToneDifference, "ngt_strength", "1X9X", "strength", "1", "ΣΣ(p_i + p_j)(i−j)²/Σs"),
    f(Dependence, "ngl_lde", "SODN", "low dependence emphasis", "1", "Σn/j²/N"),
    f(Dependence, "ngl_hde", "IMOQ", "high dependence emphasis", "1", "Σn j²/N"),
    f(Dependence, "ngl_lgce", "TL9H", "low grey level count emphasis", "1", "Σn/i²/N"),
    f(Dependence, "ngl_hgce", "OAE7", "high grey level count emphasis", "1", "Σn i²/N"),
    f(Dependence, "ngl_ldlge", "EQ3F", "low dependence low grey level emphasis", "1", "Σn/(i²j²)/N"),
    f(Dependence, "ngl_ldhge", "JA6D", "low dependence high grey level emphasis", "1", "Σn i²/j²/N"),
    f(Dependence, "ngl_hdlge", "NBZI", "high dependence low grey level emphasis", "1", "Σn j²/i²/N"),
    f(Dependence, "ngl_hdhge", "9QMG", "high dependence high grey level emphasis", "1", "Σn i²j²/N"),
    f(Dependence, "ngl_glnu", "FP8K", "grey level non-uniformity", "1", "Σ_i(Σ_j n)²/N"),
    f(Dependence, "ngl_glnu_norm", "5SPA", "normalised grey level non-uniformity", "1", "Σ_i(Σ_j n)²/N²"),
    f(Dependence, "ngl_dcnu", "Z87G", "dependence count non-uniformity", "1", "Σ_j(Σ_i n)²/N"),
    f(Dependence, "ngl_dcnu_norm", "OKJI", "normalised dependence count non-uniformity", "1", "Σ_j(Σ_i n)²/N²"),
    f(Dependence, "ngl_dc_perc", "6XV8", "dependence count percentage", "1", "N over voxels"),
    f(Dependence, "ngl_gl_var", "1PFV", "grey level variance", "1", "variance of i"),
    f(Dependence, "ngl_dc_var", "DNX2", "dependence count variance", "1", "variance of j"),
    f(Dependence, "ngl_dc_entr", "FCBV", "dependence count entropy", "bit", "−Σp log₂ p, p = n/N"),
    f(Dependence, "ngl_dc_energy", "CAS9", "dependence count energy", "1", "Σp²"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_identifiers_are_unique() {
        for of in [|f: &Feature| f.tag, |f: &Feature| f.id] {
            let mut all: Vec<_> = FEATURES.iter().map(of).collect();
            all.sort_unstable();
            assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "{all:?}");
        }
        assert!(FEATURES.iter().all(|f| f.id.len() == 4 && !f.formula.is_empty() && !f.unit.is_empty()));
    }
}
