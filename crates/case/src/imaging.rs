//! What was found in images? Typed findings only: never pixels that a stage could judge by.

use crate::Meta;
use concilium_terms::quantity::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Code system of our imaging findings in FHIR.
pub const FINDING_SYSTEM: &str = "https://concilium.example.org/imaging-finding";

/// What a finding says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Longest axial diameter of one lesion.
    LongestDiameter,
    /// Short axis of one lesion.
    ShortAxis,
    /// Volume of one lesion.
    LesionVolume,
    /// Sum over the target lesions.
    SumOfTargets,
    /// Volume of all lesions delineated.
    TumourBurden,
    /// Is there measurable disease?
    MeasurableDisease,
    /// Category by response criteria.
    Response,
}

impl FindingKind {
    /// All of them.
    pub const ALL: [FindingKind; 7] = [
        FindingKind::LongestDiameter,
        FindingKind::ShortAxis,
        FindingKind::LesionVolume,
        FindingKind::SumOfTargets,
        FindingKind::TumourBurden,
        FindingKind::MeasurableDisease,
        FindingKind::Response,
    ];

    /// Code in [`FINDING_SYSTEM`].
    pub fn key(self) -> &'static str {
        match self {
            FindingKind::LongestDiameter => "longest-diameter",
            FindingKind::ShortAxis => "short-axis",
            FindingKind::LesionVolume => "lesion-volume",
            FindingKind::SumOfTargets => "sum-of-targets",
            FindingKind::TumourBurden => "tumour-burden",
            FindingKind::MeasurableDisease => "measurable-disease",
            FindingKind::Response => "response",
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            FindingKind::LongestDiameter => "longest diameter",
            FindingKind::ShortAxis => "short axis",
            FindingKind::LesionVolume => "volume",
            FindingKind::SumOfTargets => "sum of targets",
            FindingKind::TumourBurden => "volume of all lesions",
            FindingKind::MeasurableDisease => "measurable disease",
            FindingKind::Response => "response",
        }
    }

    /// The kind of this code.
    pub fn of(key: &str) -> Option<FindingKind> {
        FindingKind::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// One finding in images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImagingFinding {
    /// Id, day of the exam, sources.
    pub meta: Meta,
    /// What it says.
    pub kind: FindingKind,
    /// The number with its unit, where it is one.
    pub value: Option<Quantity>,
    /// A category (`PR`) or words, where it is no number.
    pub text: Option<String>,
    /// Yes or no, where that is the question.
    pub answer: Option<bool>,
    /// Lesion it is about: `L1`.
    pub lesion: Option<String>,
    /// Organ or site in words.
    pub site: Option<String>,
    /// `target`, `non-target`, `new`; criteria of a response or a sum (`RECIST 1.1`).
    pub role: Option<String>,
    /// How it was found, with program and version.
    pub method: Option<String>,
    /// Who drew the region and how sure that is, in words.
    pub confidence: Option<String>,
    /// Region in words: label and place in the patient's coordinates.
    pub region: Option<String>,
    /// Series instance UID or name of the images.
    pub series: Option<String>,
    /// What is open: what a reader has to say before the finding stands.
    pub open: Vec<String>,
    /// A person has confirmed it. What only a program measured is shown and fills no line of therapy.
    pub confirmed: bool,
    /// A picture of the region as PNG in base64; for pages only, no stage reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

impl crate::Facts {
    /// Findings of the newest exam; undated ones are older than any.
    pub fn newest_images(&self) -> Vec<&ImagingFinding> {
        let newest = self.imaging.iter().map(|finding| finding.meta.when.as_ref()).max().flatten();
        self.imaging.iter().filter(|finding| finding.meta.when.as_ref() == newest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::FindingKind;

    #[test]
    fn keys_lead_back_to_their_kinds() {
        for kind in FindingKind::ALL {
            assert_eq!(FindingKind::of(kind.key()), Some(kind));
        }
        assert_eq!(FindingKind::of("weight"), None);
    }
}
