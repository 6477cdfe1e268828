//! What is common to the objects we write? Elements, codes, identifiers, the modules of patient, study and equipment.

use crate::element::Record;
use crate::error::DicomError;
use concilium_imaging::Frame;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use sha2::{Digest, Sha256};

/// A coded concept. Those written here are of PS3.16, checked against pydicom 3.0.2's tables of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Code Value.
    pub value: String,
    /// Coding Scheme Designator, such as `SCT`.
    pub scheme: String,
    /// Code Meaning.
    pub meaning: String,
}

impl Code {
    /// A code from its three parts.
    pub fn new(value: &str, scheme: &str, meaning: &str) -> Code {
        Code { value: value.to_owned(), scheme: scheme.to_owned(), meaning: meaning.to_owned() }
    }

    pub(crate) fn item(&self) -> InMemDicomObject {
        item(&[
            (tags::CODE_VALUE, &self.value),
            (tags::CODING_SCHEME_DESIGNATOR, &self.scheme),
            (tags::CODE_MEANING, &self.meaning),
        ])
    }

    /// The code of a code item.
    pub(crate) fn read(record: &Record) -> Option<Code> {
        let value = [tags::CODE_VALUE, tags::LONG_CODE_VALUE].into_iter().find_map(|tag| record.text(tag))?;
        let scheme = record.text(tags::CODING_SCHEME_DESIGNATOR)?;
        Some(Code { value, scheme, meaning: record.text(tags::CODE_MEANING).unwrap_or_default() })
    }
}

/// When and by what an object was made. Programs read the clock, not this crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// `YYYYMMDD`.
    pub day: String,
    /// `HHMMSS`.
    pub time: String,
    /// Version of the program.
    pub version: String,
}

/// The program as DICOM names equipment.
pub(crate) const MANUFACTURER: &str = "Concilium";
pub(crate) const MODEL: &str = "concilium";

/// A UID that follows from what it names: the same things give the same UID (2.25 and 128 bits of SHA-256).
pub fn uid(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let bits = digest.iter().take(16).fold(0u128, |bits, &byte| bits << 8 | u128::from(byte));
    // The bits of a version 8 UUID (RFC 9562), which is what 2.25 stands for.
    let bits = bits & !(0xF << 76) & !(0x3 << 62) | 0x8 << 76 | 0x2 << 62;
    format!("2.25.{bits}")
}

pub(crate) fn text(object: &mut InMemDicomObject, tag: Tag, value: &str) {
    let vr = StandardDataDictionary.by_tag(tag).map_or(VR::LO, |entry| entry.vr().relaxed());
    let value = if value.is_empty() { PrimitiveValue::Empty } else { PrimitiveValue::from(value) };
    object.put(DataElement::new(tag, vr, value));
}

pub(crate) fn whole(object: &mut InMemDicomObject, tag: Tag, value: u16) {
    object.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
}

pub(crate) fn tag_value(object: &mut InMemDicomObject, tag: Tag, value: Tag) {
    object.put(DataElement::new(tag, VR::AT, PrimitiveValue::from(value)));
}

pub(crate) fn sequence(object: &mut InMemDicomObject, tag: Tag, items: Vec<InMemDicomObject>) {
    object.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
}

pub(crate) fn item(parts: &[(Tag, &str)]) -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    parts.iter().for_each(|(tag, value)| text(&mut object, *tag, value));
    object
}

/// Numbers as decimal strings of at most 16 characters.
pub(crate) fn decimals(object: &mut InMemDicomObject, tag: Tag, values: &[f64]) {
    let words: Vec<String> = values.iter().map(|&value| decimal(value)).collect();
    object.put(DataElement::new(tag, VR::DS, PrimitiveValue::from(words.join("\\").as_str())));
}

/// The shortest decimal string that reads back to the number, or the nearest one that fits 16 characters.
pub(crate) fn decimal(value: f64) -> String {
    let plain = value.to_string();
    let exact =
        [plain, format!("{value:e}")].into_iter().min_by_key(String::len).filter(|text| text.len() <= 16);
    exact.unwrap_or_else(|| {
        let short = |digits: usize| [format!("{value:.digits$e}"), format!("{value:.digits$}")];
        let fits = (0..16).rev().flat_map(short).filter(|text| text.len() <= 16);
        fits.min_by(|a, b| off(a, value).total_cmp(&off(b, value))).unwrap_or_default()
    })
}

fn off(text: &str, value: f64) -> f64 {
    text.parse::<f64>().map_or(f64::INFINITY, |read| (read - value).abs())
}

/// Attributes of patient and study that an object made from a series shares with it.
const SHARED: [Tag; 12] = [
    tags::PATIENT_NAME,
    tags::PATIENT_ID,
    tags::PATIENT_BIRTH_DATE,
    tags::PATIENT_SEX,
    tags::STUDY_INSTANCE_UID,
    tags::STUDY_DATE,
    tags::STUDY_TIME,
    tags::REFERRING_PHYSICIAN_NAME,
    tags::STUDY_ID,
    tags::ACCESSION_NUMBER,
    tags::PATIENT_IDENTITY_REMOVED,
    tags::DEIDENTIFICATION_METHOD,
];
/// Those of them that may be absent; the others are empty when they are.
const OPTIONAL: [Tag; 2] = [tags::PATIENT_IDENTITY_REMOVED, tags::DEIDENTIFICATION_METHOD];

/// Patient, study, series and equipment of an object made from `header`.
pub(crate) fn begin(
    header: &InMemDicomObject,
    sop_class: &str,
    modality: &str,
    uids: [&str; 2],
    made: &Made,
) -> InMemDicomObject {
    let [series, instance] = uids;
    let mut object = InMemDicomObject::new_empty();
    for tag in SHARED {
        match header.get(tag) {
            Some(element) => drop(object.put(element.clone())),
            None if OPTIONAL.contains(&tag) => {}
            None => text(&mut object, tag, ""),
        }
    }
    for (tag, value) in [
        (tags::SPECIFIC_CHARACTER_SET, "ISO_IR 192"),
        (tags::SOP_CLASS_UID, sop_class),
        (tags::SOP_INSTANCE_UID, instance),
        (tags::MODALITY, modality),
        (tags::SERIES_INSTANCE_UID, series),
        (tags::SERIES_NUMBER, "1"),
        (tags::SERIES_DATE, &made.day),
        (tags::SERIES_TIME, &made.time),
        (tags::INSTANCE_NUMBER, "1"),
        (tags::CONTENT_DATE, &made.day),
        (tags::CONTENT_TIME, &made.time),
        (tags::MANUFACTURER, MANUFACTURER),
        (tags::MANUFACTURER_MODEL_NAME, MODEL),
        (tags::DEVICE_SERIAL_NUMBER, "0"),
        (tags::SOFTWARE_VERSIONS, &made.version),
    ] {
        text(&mut object, tag, value);
    }
    object
}

/// References to objects, each once.
pub(crate) fn references<'a>(frames: impl Iterator<Item = &'a Frame>, list: Tag) -> InMemDicomObject {
    let mut seen = std::collections::BTreeSet::new();
    let once = frames.filter(|frame| seen.insert(&frame.sop_instance));
    let items = once.map(|frame| reference(&frame.sop_class, &frame.sop_instance)).collect();
    let mut object = InMemDicomObject::new_empty();
    sequence(&mut object, list, items);
    object
}

pub(crate) fn reference(sop_class: &str, sop_instance: &str) -> InMemDicomObject {
    item(&[(tags::REFERENCED_SOP_CLASS_UID, sop_class), (tags::REFERENCED_SOP_INSTANCE_UID, sop_instance)])
}

/// The bytes of a file, explicit little-endian.
pub(crate) fn file(object: InMemDicomObject) -> Result<Vec<u8>, DicomError> {
    // Every value was made here or was read by the same parser.
    let failed = || DicomError::file("new object", "cannot be written");
    let meta = FileMetaTableBuilder::new().transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    let mut bytes = Vec::new();
    object.with_meta(meta).map_err(|_| failed())?.write_all(&mut bytes).map_err(|_| failed())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn decimal_strings_fit_and_are_near(value in -1e12f64..1e12, small in -1e-6f64..1e-6) {
            for value in [value, small, value * 1e200, 0.1 + small] {
                let text = decimal(value);
                proptest::prop_assert!(text.len() <= 16, "{}", text);
                let read: f64 = text.parse().unwrap();
                proptest::prop_assert!((read - value).abs() <= 1e-8 * value.abs(), "{} {}", value, text);
            }
        }
    }

    #[test]
    fn uids_are_of_legal_form_and_follow_from_their_parts() {
        let one = uid(&["a", "bc"]);
        assert_eq!(one, uid(&["a", "bc"]));
        assert_ne!(one, uid(&["ab", "c"]));
        assert!(one.len() <= 64 && one.starts_with("2.25.") && !one.starts_with("2.25.0"));
    }
}
