//! What does an attribute say? Typed access that names file and tag when it does not say it.

use crate::error::DicomError;
use dicom_core::Tag;
use dicom_object::InMemDicomObject;

/// A data set or an item of a sequence, with the file's name for messages.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub file: &'a str,
    pub object: &'a InMemDicomObject,
}

impl<'a> Record<'a> {
    /// The error of one of its attributes.
    pub fn wrong(&self, tag: Tag, what: impl Into<String>) -> DicomError {
        DicomError::tag(self.file, tag, what)
    }

    /// Text without padding; `None` when absent or empty.
    pub fn text(&self, tag: Tag) -> Option<String> {
        let text = self.object.get(tag)?.to_str().ok()?;
        let text = text.trim_matches([' ', '\0']);
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Text that must be there.
    pub fn needed_text(&self, tag: Tag) -> Result<String, DicomError> {
        self.text(tag).ok_or_else(|| self.wrong(tag, "is missing"))
    }

    /// All finite numbers of an attribute; `None` when absent or empty.
    pub fn numbers(&self, tag: Tag) -> Result<Option<Vec<f64>>, DicomError> {
        let Some(element) = self.object.get(tag) else { return Ok(None) };
        if element.value().primitive().is_none_or(|value| value.calculate_byte_len() == 0) {
            return Ok(None);
        }
        let numbers = element.to_multi_float64().map_err(|_| self.wrong(tag, "is no number"))?;
        if !numbers.iter().all(|number| number.is_finite()) {
            return Err(self.wrong(tag, "is not finite"));
        }
        Ok((!numbers.is_empty()).then_some(numbers))
    }

    /// Exactly `N` numbers.
    pub fn array<const N: usize>(&self, tag: Tag) -> Result<Option<[f64; N]>, DicomError> {
        let Some(numbers) = self.numbers(tag)? else { return Ok(None) };
        let count = numbers.len();
        let wrong = |_| self.wrong(tag, format!("has {count} values, needs {N}"));
        <[f64; N]>::try_from(numbers).map(Some).map_err(wrong)
    }

    /// Exactly `N` numbers that must be there.
    pub fn needed_array<const N: usize>(&self, tag: Tag) -> Result<[f64; N], DicomError> {
        self.array(tag)?.ok_or_else(|| self.wrong(tag, "is missing"))
    }

    /// One number.
    pub fn number(&self, tag: Tag) -> Result<Option<f64>, DicomError> {
        Ok(self.array::<1>(tag)?.map(|[number]| number))
    }

    /// One whole number that is not negative.
    pub fn whole(&self, tag: Tag) -> Result<Option<u32>, DicomError> {
        let Some(number) = self.number(tag)? else { return Ok(None) };
        let whole = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
        if whole { Ok(Some(number as u32)) } else { Err(self.wrong(tag, "is no whole number from 0")) }
    }

    /// One whole number that must be there.
    pub fn needed_whole(&self, tag: Tag) -> Result<u32, DicomError> {
        self.whole(tag)?.ok_or_else(|| self.wrong(tag, "is missing"))
    }

    /// The items of a sequence; none when it is absent.
    pub fn items(&self, tag: Tag) -> impl ExactSizeIterator<Item = Record<'a>> + use<'a> {
        let items = self.object.get(tag).and_then(|element| element.items()).unwrap_or_default();
        let file = self.file;
        items.iter().map(move |object| Record { file, object })
    }

    /// The first item of a sequence.
    pub fn item(&self, tag: Tag) -> Option<Record<'a>> {
        self.items(tag).next()
    }
}
