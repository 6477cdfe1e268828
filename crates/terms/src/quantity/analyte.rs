//! What does the analyte itself settle? Molar mass, valence, enzyme units, HbA1c scales, pure ratios.

/// What is known of one analyte. Keys are those of the lab table.
pub(super) struct Analyte {
    /// g/mol.
    pub molar_mass: Option<f64>,
    /// Charges a molecule: 1 eq = 1/valence mol.
    pub valence: Option<f64>,
    /// An enzyme activity, where one international unit is one U.
    pub enzyme: bool,
    /// Glycated haemoglobin, measured on two scales.
    pub hba1c: bool,
    /// A pure ratio, so that a missing unit means 1.
    pub ratio: bool,
}

/// (key, formula mass in g/mol, valence). Masses: IUPAC standard atomic weights 2021 (abridged) summed over the
/// formula beside the row; a test sums them again.
pub(super) const MASSES: [(&str, &str, f64, Option<f64>); 14] = [
    ("creatinine", "C4H7N3O", 113.120, None),
    ("bilirubin", "C33H36N4O6", 584.673, None),
    ("glucose", "C6H12O6", 180.156, None),
    ("urea", "CH4N2O", 60.056, None),
    ("bun", "N2", 28.014, None), // urea nitrogen: both nitrogens of one urea
    ("urate", "C5H4N4O3", 168.112, None),
    ("testosterone", "C19H28O2", 288.431, None),
    ("calcium", "Ca", 40.078, Some(2.0)),
    ("magnesium", "Mg", 24.305, Some(2.0)),
    ("phosphate", "P", 30.974, None), // reported as phosphorus
    ("potassium", "K", 39.098, Some(1.0)),
    ("sodium", "Na", 22.990, Some(1.0)),
    ("chloride", "Cl", 35.45, Some(1.0)),
    ("iron", "Fe", 55.845, None),
];

/// Haemoglobin as its monomer, g/mol: ICSH 1996 recommendations for haemoglobinometry, "molar mass of the monomer".
const HAEMOGLOBIN_MONOMER: f64 = 16_114.5;

/// 1 U (UCUM: 1 umol/min) is the international unit of enzyme activity: IUB Enzyme Commission 1964, "units".
const ENZYMES: [&str; 8] = ["ast", "alt", "alp", "ldh", "ggt", "ck", "lipase", "amylase"];

impl Analyte {
    /// Nothing known.
    pub(super) const NONE: Analyte =
        Analyte { molar_mass: None, valence: None, enzyme: false, hba1c: false, ratio: false };

    /// What is known of a key; an unknown key settles nothing.
    pub(super) fn of(key: &str) -> Analyte {
        let key = key.trim().to_ascii_lowercase();
        let row = MASSES.iter().find(|(name, ..)| *name == key);
        let haemoglobin = matches!(key.as_str(), "haemoglobin" | "hemoglobin").then_some(HAEMOGLOBIN_MONOMER);
        Analyte {
            molar_mass: row.map(|(_, _, mass, _)| *mass).or(haemoglobin),
            valence: row.and_then(|(_, _, _, valence)| *valence),
            enzyme: ENZYMES.contains(&key.as_str()),
            hba1c: key == "hba1c",
            ratio: key == "inr",
        }
    }
}

/// NGSP percent from IFCC mmol/mol: master equation NGSP = 0.09148 · IFCC + 2.152 (IFCC working group on HbA1c,
/// Clin Chem 2004;50:166, and ngsp.org, "IFCC standardization").
pub(super) fn ngsp_of_ifcc(mmol_per_mol: f64) -> f64 {
    0.09148 * mmol_per_mol + 2.152
}

/// The same equation turned round.
pub(super) fn ifcc_of_ngsp(percent: f64) -> f64 {
    (percent - 2.152) / 0.09148
}
