//! Which numbers describe a region? The features of IBSI-1, and the profile of PyRadiomics on the same code.

pub mod counts;
pub mod features;
pub mod glcm;
pub mod grey;
pub mod ibsi;
pub mod intensity;
pub mod local;
pub mod morphology;
pub mod ngtdm;
pub mod pyradiomics;
mod spatial;
mod yaml;

/// A feature's value under the name its profile gives it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Value {
    /// The tag (IBSI profile) or full name (PyRadiomics profile).
    pub name: String,
    /// The number; `None` where the feature is not defined for this region, with the reason in `note`.
    pub value: Option<f64>,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Value {
    /// A value that is no finite number is said to be none.
    pub(crate) fn new(name: String, value: f64) -> Value {
        let finite = value.is_finite();
        let note = (!finite).then(|| "not defined for this region (a divisor is zero)".to_owned());
        Value { name, value: finite.then_some(value), note }
    }
}
