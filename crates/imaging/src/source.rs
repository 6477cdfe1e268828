//! Where did a volume come from? The identifiers a finding must carry so that a person can open the very picture.

/// One picture of a series: a file, or one frame of a file that holds many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// SOP Class UID of the object.
    pub sop_class: String,
    /// SOP Instance UID of the object.
    pub sop_instance: String,
    /// Number of the frame from 1; `None` where the object is one picture.
    pub number: Option<u32>,
}

/// The series a volume was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Study Instance UID.
    pub study: String,
    /// Series Instance UID.
    pub series: String,
    /// Frame of Reference UID: volumes that share it share their millimetres.
    pub frame_of_reference: Option<String>,
    /// `CT`, `MR`, `PT`.
    pub modality: String,
    /// Day of the acquisition (else of the series, else of the study) as `YYYYMMDD`, where the record has one.
    pub day: Option<String>,
    /// The picture of each slice: `frames[z]` is the slice `z` of the volume.
    pub frames: Vec<Frame>,
}

/// What the numbers of a volume mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Hounsfield units.
    Hounsfield,
    /// Standardised uptake value by body weight, g/ml.
    SuvBodyWeight,
    /// Activity concentration, Bq/ml.
    BecquerelPerMl,
    /// The scanner's own; not comparable between scans.
    Arbitrary,
}

impl Unit {
    /// Its code in UCUM.
    pub fn ucum(self) -> &'static str {
        match self {
            Unit::Hounsfield => "[hnsf'U]",
            Unit::SuvBodyWeight => "g/ml{SUVbw}",
            Unit::BecquerelPerMl => "Bq/ml",
            Unit::Arbitrary => "1",
        }
    }

    /// Its name in words.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Hounsfield => "Hounsfield unit",
            Unit::SuvBodyWeight => "Standardized Uptake Value body weight",
            Unit::BecquerelPerMl => "Becquerels per milliliter",
            Unit::Arbitrary => "no units",
        }
    }
}
