//! Invented scans of a few pixels, written by dicom-object.

use concilium_dicom::{DicomError, Scan, Series, scan};
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

pub const STUDY: &str = "1.2.3.4.1";
pub const SERIES: &str = "1.2.3.4.1.1";
pub const FRAME_OF_REFERENCE: &str = "1.2.3.4.9";

/// A folder that goes away.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("concilium-dicom-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn scan(&self) -> Scan {
        scan(std::slice::from_ref(&self.0)).unwrap()
    }

    /// The one series of the folder.
    pub fn load(&self) -> Result<Series, DicomError> {
        let scan = self.scan();
        if let Some((_, error)) = scan.refused.into_iter().next() {
            return Err(error);
        }
        assert_eq!(scan.groups.len(), 1, "not one series");
        scan.groups[0].load(false)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn text(object: &mut InMemDicomObject, tag: Tag, value: &str) {
    use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
    let vr = StandardDataDictionary.by_tag(tag).map_or(VR::LO, |entry| entry.vr().relaxed());
    object.put(DataElement::new(tag, vr, PrimitiveValue::from(value)));
}

pub fn whole(object: &mut InMemDicomObject, tag: Tag, value: u16) {
    object.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
}

pub fn cells(object: &mut InMemDicomObject, values: &[u16]) {
    let value = PrimitiveValue::U16(values.iter().copied().collect());
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OW, value));
}

/// Patient, study and series of every sample.
pub fn anybody(sop_class: &str, sop_instance: &str, modality: &str) -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    for (tag, value) in [
        (tags::SOP_CLASS_UID, sop_class),
        (tags::SOP_INSTANCE_UID, sop_instance),
        (tags::STUDY_DATE, "20260105"),
        (tags::STUDY_TIME, "101500"),
        (tags::ACCESSION_NUMBER, ""),
        (tags::MODALITY, modality),
        (tags::MANUFACTURER, "Invented"),
        (tags::REFERRING_PHYSICIAN_NAME, ""),
        (tags::PATIENT_NAME, "Invented^Ines"),
        (tags::PATIENT_ID, "INV-1"),
        (tags::PATIENT_BIRTH_DATE, "19600102"),
        (tags::PATIENT_SEX, "F"),
        (tags::STUDY_INSTANCE_UID, STUDY),
        (tags::SERIES_INSTANCE_UID, SERIES),
        (tags::STUDY_ID, "1"),
        (tags::SERIES_NUMBER, "2"),
        (tags::FRAME_OF_REFERENCE_UID, FRAME_OF_REFERENCE),
        (tags::POSITION_REFERENCE_INDICATOR, ""),
    ] {
        text(&mut object, tag, value);
    }
    object
}

/// Slice `k` of an upright CT of 2 rows and 3 columns, spaced 2.5 × 0.5 (rows) × 0.75 mm; pixel = 10 k + its number,
/// shown with intercept −1024.
pub fn slice(k: i32) -> InMemDicomObject {
    let mut object = anybody(uids::CT_IMAGE_STORAGE, &format!("{SERIES}.{}", 100 + k), "CT");
    for (tag, value) in [
        (tags::IMAGE_TYPE, "ORIGINAL\\PRIMARY\\AXIAL".to_owned()),
        (tags::ACQUISITION_DATE, "20260105".to_owned()),
        (tags::INSTANCE_NUMBER, format!("{}", 50 - k)),
        (tags::IMAGE_POSITION_PATIENT, format!("-10\\20\\{}", 2.5 * f64::from(k) - 100.0)),
        (tags::IMAGE_ORIENTATION_PATIENT, "1\\0\\0\\0\\1\\0".to_owned()),
        (tags::PIXEL_SPACING, "0.5\\0.75".to_owned()),
        (tags::SLICE_THICKNESS, "2.5".to_owned()),
        (tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME2".to_owned()),
        (tags::RESCALE_SLOPE, "1".to_owned()),
        (tags::RESCALE_INTERCEPT, "-1024".to_owned()),
    ] {
        text(&mut object, tag, &value);
    }
    for (tag, value) in [
        (tags::SAMPLES_PER_PIXEL, 1),
        (tags::ROWS, 2),
        (tags::COLUMNS, 3),
        (tags::BITS_ALLOCATED, 16),
        (tags::BITS_STORED, 12),
        (tags::HIGH_BIT, 11),
        (tags::PIXEL_REPRESENTATION, 0),
    ] {
        whole(&mut object, tag, value);
    }
    cells(&mut object, &std::array::from_fn::<u16, 6, _>(|i| 10 * k as u16 + i as u16));
    object
}

/// The values of `n` slices as `slice` makes them.
pub fn expected(n: usize) -> Vec<i16> {
    (0..n as i16).flat_map(|k| (0..6).map(move |i| 10 * k + i - 1024)).collect()
}

/// Bytes of a file in a transfer syntax.
pub fn bytes(object: InMemDicomObject, syntax: &str) -> Vec<u8> {
    let file = object.with_meta(FileMetaTableBuilder::new().transfer_syntax(syntax)).unwrap();
    let mut bytes = Vec::new();
    file.write_all(&mut bytes).unwrap();
    bytes
}

pub fn put(folder: &Path, name: &str, object: InMemDicomObject) {
    std::fs::write(folder.join(name), bytes(object, uids::EXPLICIT_VR_LITTLE_ENDIAN)).unwrap();
}

/// `n` slices under names in the wrong order.
pub fn stack(n: i32) -> Folder {
    changed(n, |_, _| {})
}

/// The same, each slice changed.
pub fn changed(n: i32, change: impl Fn(i32, &mut InMemDicomObject)) -> Folder {
    let folder = Folder::new();
    for k in 0..n {
        let mut object = slice(k);
        change(k, &mut object);
        put(&folder.0, &format!("{:02}.dcm", (k * 7) % 10), object);
    }
    folder
}

/// A sequence of one item.
pub fn sequence(object: &mut InMemDicomObject, tag: Tag, items: Vec<InMemDicomObject>) {
    object.put(DataElement::new(tag, VR::SQ, dicom_core::value::DataSetSequence::from(items)));
}

/// An item of text attributes.
pub fn item(parts: &[(Tag, &str)]) -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    parts.iter().for_each(|(tag, value)| text(&mut object, *tag, value));
    object
}

/// Encapsulated pixel data: an offset table and fragments.
pub fn encapsulated(object: &mut InMemDicomObject, offsets: &[u32], fragments: Vec<Vec<u8>>) {
    let value = dicom_core::value::PixelFragmentSequence::new(offsets.to_vec(), fragments);
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, value));
}

/// `0x`-free hexadecimal digits.
pub fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u32> = digits.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}
