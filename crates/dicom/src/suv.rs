//! When are the numbers of a PET scan uptake values, and by which factor do they become so?
//!
//! Body weight only. SUV = activity concentration (Bq/ml) × weight (g) ÷ dose (Bq), the dose decayed to the time the
//! concentration is stated for. The steps follow QIBA's vendor-neutral SUV recipe: the scan must be corrected for
//! attenuation and decay; with DecayCorrection START the concentration is that of the start of the scan, with ADMIN that of
//! the injection. Whatever is missing is an error with its tag: an uptake value is never guessed.

use crate::element::Record;
use crate::error::DicomError;
use concilium_imaging::Unit;
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// What the scaled numbers of a PET file are, and the factor that makes them SUV by body weight.
pub(crate) struct Uptake {
    pub unit: Unit,
    /// `Err` says what is missing.
    pub factor: Result<f64, DicomError>,
}

/// Reads the units of one PET file.
pub(crate) fn uptake(record: &Record) -> Result<Uptake, DicomError> {
    let units = record.needed_text(tags::UNITS)?;
    Ok(match units.as_str() {
        "BQML" => Uptake { unit: Unit::BecquerelPerMl, factor: factor(record) },
        // PS3.3 C.8.9.1: without SUVType the type is body weight.
        "GML" if record.text(tags::SUV_TYPE).is_none_or(|kind| kind == "BW") => {
            Uptake { unit: Unit::SuvBodyWeight, factor: Ok(1.0) }
        }
        _ => Uptake {
            unit: Unit::Arbitrary,
            factor: Err(
                record.wrong(tags::UNITS, "is neither BQML nor GML by body weight: no SUV can be made of it")
            ),
        },
    })
}

fn positive(record: &Record, tag: Tag) -> Result<f64, DicomError> {
    match record.number(tag)? {
        Some(number) if number > 0.0 => Ok(number),
        Some(_) => Err(record.wrong(tag, "is not above zero: no SUV can be made without it")),
        None => Err(record.wrong(tag, "is missing: no SUV can be made without it")),
    }
}

fn factor(record: &Record) -> Result<f64, DicomError> {
    let corrected = record.needed_text(tags::CORRECTED_IMAGE)?;
    if !["ATTN", "DECY"].iter().all(|wanted| corrected.split('\\').any(|word| word.trim() == *wanted)) {
        let what = "does not hold ATTN and DECY: the scan is not corrected for attenuation and decay";
        return Err(record.wrong(tags::CORRECTED_IMAGE, what));
    }
    let weight_g = positive(record, tags::PATIENT_WEIGHT)? * 1000.0;
    let drug = record
        .item(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE)
        .ok_or_else(|| record.wrong(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, "is missing"))?;
    let dose_bq = positive(&drug, tags::RADIONUCLIDE_TOTAL_DOSE)?;
    let decay = match record.needed_text(tags::DECAY_CORRECTION)?.as_str() {
        "ADMIN" => 1.0,
        "START" => {
            let half_life_s = positive(&drug, tags::RADIONUCLIDE_HALF_LIFE)?;
            (-elapsed_s(record, &drug)? / half_life_s).exp2()
        }
        _ => return Err(record.wrong(tags::DECAY_CORRECTION, "is neither START nor ADMIN")),
    };
    Ok(weight_g / (dose_bq * decay))
}

/// Seconds from injection to the start of the scan.
fn elapsed_s(record: &Record, drug: &Record) -> Result<f64, DicomError> {
    let day = |tag| {
        record.needed_text(tag).and_then(|text| days(&text).ok_or_else(|| record.wrong(tag, "is no date")))
    };
    let time = |tag| {
        record.needed_text(tag).and_then(|text| seconds(&text).ok_or_else(|| record.wrong(tag, "is no time")))
    };
    let started = day(tags::SERIES_DATE)? * 86_400.0 + time(tags::SERIES_TIME)?;
    let acquired = day(tags::ACQUISITION_DATE)? * 86_400.0 + time(tags::ACQUISITION_TIME)?;
    // A series time after the acquisition is that of a later reconstruction and not the reference of the decay.
    if started > acquired {
        return Err(
            record.wrong(tags::SERIES_TIME, "is after the acquisition: the start of the scan is not known")
        );
    }
    let moment = tags::RADIOPHARMACEUTICAL_START_DATE_TIME;
    let injected = match drug.text(moment) {
        Some(text) => date_time(&text).ok_or_else(|| drug.wrong(moment, "is no date and time"))?,
        None => {
            let tag = tags::RADIOPHARMACEUTICAL_START_TIME;
            let text = drug.needed_text(tag)?;
            day(tags::SERIES_DATE)? * 86_400.0
                + seconds(&text).ok_or_else(|| drug.wrong(tag, "is no time"))?
        }
    };
    let elapsed = started - injected;
    // One day is many half-lives of what is measured this way: beyond it, day or clock is wrong.
    if (0.0..86_400.0).contains(&elapsed) {
        return Ok(elapsed);
    }
    Err(drug.wrong(moment, "lies after the scan or more than a day before it (by clock time of the day of the scan, where the day is not given)"))
}

/// Days since a fixed day, of `YYYYMMDD`.
fn days(text: &str) -> Option<f64> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, month, day) =
        (text[..4].parse::<i64>().ok()?, text[4..6].parse::<i64>().ok()?, text[6..].parse::<i64>().ok()?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March put the leap day last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some((365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day) as f64)
}

/// Seconds of the day, of `HHMMSS.FFFFFF`, shortened from the right.
fn seconds(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(whole.len(), 2 | 4 | 6) || !digits(whole) || !digits(fraction) {
        return None;
    }
    let part = |at: usize| whole.get(at..at + 2).map_or(Some(0.0), |two| two.parse::<f64>().ok());
    let (hours, minutes, seconds) = (part(0)?, part(2)?, part(4)?);
    let plausible = hours < 24.0 && minutes < 60.0 && seconds <= 60.0;
    plausible
        .then_some(hours * 3600.0 + minutes * 60.0 + seconds + format!("0.{fraction}").parse::<f64>().ok()?)
}

/// Seconds since a fixed day, of `YYYYMMDDHHMMSS.FFFFFF`; an offset from UTC is left away, as clocks of one scanner agree.
fn date_time(text: &str) -> Option<f64> {
    let clock = text.split(['+', '-']).next()?;
    Some(days(clock.get(..8)?)? * 86_400.0 + seconds(clock.get(8..)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_may_be_shortened() {
        for (text, expected) in [
            ("10", Some(36_000.0)),
            ("1030", Some(37_800.0)),
            ("103015.5", Some(37_815.5)),
            ("24", None),
            ("1:30", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
        assert_eq!(date_time("20260301001000.00+0100"), Some(days("20260301").unwrap() * 86_400.0 + 600.0));
    }

    #[test]
    fn days_follow_the_calendar() {
        for (a, b, apart) in
            [("20240228", "20240301", 2.0), ("20230228", "20230301", 1.0), ("20231231", "20240101", 1.0)]
        {
            assert_eq!(days(b).unwrap() - days(a).unwrap(), apart);
        }
        assert_eq!(days("20231301"), None);
        assert_eq!(days("2023-1-1"), None);
    }
}
