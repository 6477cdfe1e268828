//! Which UCUM unit did the laboratory mean, and which units never mix?

use super::UnitError;
use super::analyte::{Analyte, ifcc_of_ngsp, ngsp_of_ifcc};

/// A unit that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// UCUM, for the library.
    ucum: String,
    /// What UCUM's annotations hide: amounts of different families never convert.
    family: Family,
    /// Written with equivalents, which need a valence.
    equivalents: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Plain,
    /// Normalised to 1.73 m² of body surface: a different quantity from the same number without it.
    BodySurface,
    /// Mutations per megabase; in UCUM `Mb` is a megabarn.
    PerMegabase,
}

/// Whole units as laboratories write them → UCUM. Compared without regard to case unless UCUM tells the two apart.
const WHOLE: [(&str, &str); 46] = [
    ("k/ul", "10*3/uL"),
    ("k/mm3", "10*3/uL"),
    ("k/cumm", "10*3/uL"),
    ("k/mcl", "10*3/uL"),
    ("thou/ul", "10*3/uL"),
    ("thousand/ul", "10*3/uL"),
    ("thou/mm3", "10*3/uL"),
    ("th/ul", "10*3/uL"),
    ("m/ul", "10*6/uL"),
    ("mil/ul", "10*6/uL"),
    ("mio/ul", "10*6/uL"),
    ("million/ul", "10*6/uL"),
    ("cells/ul", "{cells}/uL"),
    ("cell/ul", "{cells}/uL"),
    ("cells/mm3", "{cells}/uL"),
    ("cells/cumm", "{cells}/uL"),
    ("/cumm", "/uL"),
    ("#/ul", "/uL"),
    ("copies/ml", "{copies}/mL"),
    ("gm/dl", "g/dL"),
    ("gm/l", "g/L"),
    ("mcg/l", "ug/L"),
    ("mcg/dl", "ug/dL"),
    ("mcg/ml", "ug/mL"),
    ("mcg", "ug"),
    ("unit/l", "U/L"),
    ("units/l", "U/L"),
    ("mmhg", "mm[Hg]"),
    ("percent", "%"),
    ("pct", "%"),
    ("inr", "{INR}"),
    ("ratio", "1"),
    ("sec", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("msec", "ms"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("week", "wk"),
    ("weeks", "wk"),
    ("month", "mo"),
    ("months", "mo"),
    ("year", "a"),
    ("years", "a"),
];

/// `G/L` and `T/L` are French and Swiss counts (giga and tera per litre); UCUM would read gauss and tesla.
const WHOLE_EXACT: [(&str, &str); 4] = [("G/L", "10*9/L"), ("T/L", "10*12/L"), ("yr", "a"), ("y", "a")];

/// Spellings of mutations per megabase; `1/1000000{Base}` is the one of the genomics reporting guide.
const PER_MEGABASE: [&str; 12] = [
    "mut/mb",
    "muts/mb",
    "mutations/mb",
    "mutation/mb",
    "mut/mbp",
    "mutations/mbp",
    "mutations/megabase",
    "mut/megabase",
    "{mutations}/mb",
    "{mutations}/{megabase}",
    "/mb",
    "1/1000000{base}",
];

impl Unit {
    /// Understands a unit as written. `wanted` only words the error for a missing one.
    pub(super) fn read(written: &str, wanted: &str, analyte: &Analyte) -> Result<Unit, UnitError> {
        let text = plain_letters(written);
        if text.is_empty() {
            return match analyte.ratio {
                true => Ok(Unit { ucum: "1".into(), family: Family::Plain, equivalents: false }),
                false => Err(UnitError::Unstated { wanted: shown(wanted) }),
            };
        }
        let lower = text.to_ascii_lowercase();
        if PER_MEGABASE.contains(&lower.as_str()) {
            return Ok(Unit { ucum: "1".into(), family: Family::PerMegabase, equivalents: false });
        }
        let (text, family) = without_body_surface(&text);
        let reads = |ucum: &String| !lost_its_power(ucum) && octofhir_ucum::validate(ucum).is_ok();
        let as_written = Some(respelled(&text)).filter(reads);
        let known = as_written.or_else(|| Some(respelled(&text.to_ascii_lowercase())).filter(reads));
        let ucum = known.ok_or_else(|| UnitError::Unknown { unit: shown(written) })?;
        Ok(Unit { equivalents: ucum.contains("eq"), ucum, family })
    }

    /// `value` of this unit in `to`; `None` when the two are of different kinds.
    pub(super) fn convert(&self, value: f64, to: &Unit, analyte: &Analyte) -> Option<f64> {
        if self.family != to.family {
            return None;
        }
        if analyte.hba1c && self.is_percent() != to.is_percent() {
            return between_hba1c_scales(value, self, to);
        }
        let valence = match self.equivalents == to.equivalents {
            true => 1.0,
            false => analyte.valence?,
        };
        let charges = if self.equivalents { 1.0 / valence } else { valence };
        let (from, to) = (self.for_analyte(analyte), to.for_analyte(analyte));
        let converted = octofhir_ucum::convert(value, &from, &to).ok();
        let converted = converted.or_else(|| through_molar_mass(value, &from, &to, analyte.molar_mass?));
        converted.map(|converted| converted * charges)
    }

    fn is_percent(&self) -> bool {
        self.ucum == "%"
    }

    fn for_analyte(&self, analyte: &Analyte) -> String {
        if analyte.enzyme { self.ucum.replace("[IU]", "U").replace("[iU]", "U") } else { self.ucum.clone() }
    }
}

/// At most 32 characters of a unit, for an error.
pub(super) fn shown(unit: &str) -> String {
    unit.trim().chars().take(32).collect()
}

/// Micro and times signs in ASCII; no blanks; `^` and a raised power of ten as UCUM's `*`, other raised digits plain.
fn plain_letters(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        match (c, raised_digit(c)) {
            (_, Some(digit)) if plain.ends_with("10") => plain.extend(['*', digit]),
            (_, Some(digit)) => plain.push(digit),
            ('µ' | 'μ', None) => plain.push('u'),
            ('×', None) => plain.push('x'),
            ('^', None) => plain.push('*'),
            (_, None) => plain.push(c),
        }
    }
    plain
}

fn raised_digit(c: char) -> Option<char> {
    let at = "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|raised| raised == c)?;
    char::from_digit(u32::try_from(at).ok()?, 10)
}

/// `109/L` is most likely 10⁹/L that lost its superscript; UCUM would read the factor 109.
fn lost_its_power(text: &str) -> bool {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    !matches!(&text[..digits], "" | "1" | "10")
}

/// `mL/min/1.73m2`, `mL/min/{1.73_m2}`, `mL/min/1.73m*2` → `mL/min` of the body surface family.
fn without_body_surface(text: &str) -> (String, Family) {
    let Some(at) = text.find("1.73") else { return (text.to_owned(), Family::Plain) };
    let tail = text[at + 4..].trim_matches(['{', '}', '_', '*', ')', '(']).to_ascii_lowercase();
    let head = text[..at].trim_end_matches(['{', '(', '[']);
    match (head.strip_suffix('/'), tail.as_str()) {
        (Some(head), "m2" | "m*2" | "sqm" | "m" | "m2}") => (head.to_owned(), Family::BodySurface),
        _ => (text.to_owned(), Family::Plain),
    }
}

fn respelled(text: &str) -> String {
    let lower = text.to_ascii_lowercase().replace("mm*3", "mm3");
    let whole = WHOLE.iter().find(|(spelling, _)| *spelling == lower);
    if let Some((_, ucum)) = WHOLE_EXACT.iter().find(|(spelling, _)| *spelling == text).or(whole) {
        return (*ucum).to_owned();
    }
    power_of_ten(text)
        .replace("mm*3", "mm3")
        .replace("mEq", "meq")
        .replace("Eq/", "eq/")
        .international_units()
}

/// `x10*9/L`, `*10*9/L`, `10E9/L`, `10e9/L`, `x10E3/uL` → `10*9/L`.
fn power_of_ten(text: &str) -> String {
    let bare = text.strip_prefix(['x', 'X', '*']).filter(|rest| rest.starts_with("10")).unwrap_or(text);
    match bare.strip_prefix("10E").or(bare.strip_prefix("10e")) {
        Some(power) if power.starts_with(|c: char| c.is_ascii_digit()) => format!("10*{power}"),
        _ => bare.to_owned(),
    }
}

trait InternationalUnits {
    /// `mIU/mL`, `IU/L` → `m[IU]/mL`, `[IU]/L`.
    fn international_units(&self) -> String;
}

impl InternationalUnits for str {
    fn international_units(&self) -> String {
        if self.contains("[IU]") || self.contains("[iU]") {
            return self.to_owned();
        }
        self.replace("IU", "[IU]").replace("iu/", "[IU]/")
    }
}

/// Mass against substance: g/L and mol/L differ by the molar mass, and so do g and mol.
fn through_molar_mass(value: f64, from: &str, to: &str, grams_per_mol: f64) -> Option<f64> {
    for (mass, substance) in [("g", "mol"), ("g/L", "mol/L")] {
        let convert = octofhir_ucum::convert;
        if let (Ok(grams), Ok(unit)) = (convert(value, from, mass), convert(1.0, substance, to)) {
            return Some(grams / grams_per_mol * unit);
        }
        if let (Ok(moles), Ok(unit)) = (convert(value, from, substance), convert(1.0, mass, to)) {
            return Some(moles * grams_per_mol * unit);
        }
    }
    None
}

/// A percentage of haemoglobin is on the NGSP scale, mmol/mol on the IFCC scale.
fn between_hba1c_scales(value: f64, from: &Unit, to: &Unit) -> Option<f64> {
    let convert = octofhir_ucum::convert;
    match from.is_percent() {
        true => convert(ifcc_of_ngsp(value), "mmol/mol", &to.ucum).ok(),
        false => convert(value, &from.ucum, "mmol/mol").ok().map(ngsp_of_ifcc),
    }
}
