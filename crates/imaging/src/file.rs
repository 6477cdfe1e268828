//! How are images read from files and written to them? NIfTI-1, NIfTI-2 and NRRD, by name and by content.

mod bytes;
mod nifti;
mod nrrd;

use crate::{ImagingError, Volume};
use std::path::{Path, PathBuf};

/// Largest number of bytes a file may unpack to.
pub const MAX_BYTES: usize = 1 << 33;

/// A format a volume can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// NIfTI-1, `.nii` or `.nii.gz`.
    Nifti1,
    /// NIfTI-2, `.nii` or `.nii.gz`.
    Nifti2,
    /// NRRD, `.nrrd`: header and data in one file.
    Nrrd,
}

impl Format {
    /// By the ending of the name; NIfTI means NIfTI-1.
    pub fn of(path: &Path) -> Result<Format, ImagingError> {
        let name = name(path).to_lowercase();
        if name.ends_with(".nii") || name.ends_with(".nii.gz") {
            return Ok(Format::Nifti1);
        }
        if name.ends_with(".nrrd") {
            return Ok(Format::Nrrd);
        }
        Err(ImagingError::field(&name, "name", "must end in .nii, .nii.gz or .nrrd"))
    }
}

/// The file's own name: folders may bear a patient's name.
fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn load(path: &Path) -> Result<Vec<u8>, ImagingError> {
    std::fs::read(path).map_err(|source| ImagingError::Io { file: name(path), source })
}

/// Reads a volume; the content says which format it is.
pub fn read(path: &Path) -> Result<Volume, ImagingError> {
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    parse(&name(path), &load(path)?, &Beside::Folder(folder))
}

/// Where a header may look for its data.
pub enum Beside {
    /// Nowhere: the bytes are all there is.
    Nothing,
    /// Plain file names in this folder.
    Folder(PathBuf),
}

impl Beside {
    fn load(&self, header: &str, data: &str) -> Result<Vec<u8>, ImagingError> {
        let plain = Path::new(data).components().count() == 1 && !data.starts_with('.');
        match self {
            Beside::Folder(folder) if plain => load(&folder.join(data)),
            Beside::Folder(_) => {
                Err(ImagingError::field(header, "data file", "must be a plain name in the same folder"))
            }
            Beside::Nothing => Err(ImagingError::field(header, "data file", "there is no folder to look in")),
        }
    }
}

/// Reads a volume from bytes. `file` is the name for messages.
pub fn parse(file: &str, bytes: &[u8], beside: &Beside) -> Result<Volume, ImagingError> {
    if bytes.starts_with(b"NRRD") {
        return nrrd::parse(file, bytes, beside);
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return nifti::parse(file, &bytes::unzip(file, "gzip", bytes, None)?);
    }
    nifti::parse(file, bytes)
}

/// Writes a volume; the name says how. The file is written beside its place and moved.
pub fn write(path: &Path, volume: &Volume, format: Format) -> Result<(), ImagingError> {
    let mut bytes = match format {
        Format::Nifti1 => nifti::compose(&name(path), volume, nifti::Version::One)?,
        Format::Nifti2 => nifti::compose(&name(path), volume, nifti::Version::Two)?,
        Format::Nrrd => nrrd::compose(volume),
    };
    if name(path).to_lowercase().ends_with(".gz") {
        bytes = bytes::zip(&bytes);
    }
    let failed = |source| ImagingError::Io { file: name(path), source };
    let partial = path.with_file_name(format!("{}.part", name(path)));
    std::fs::write(&partial, bytes).map_err(failed)?;
    std::fs::rename(&partial, path).map_err(failed)
}

#[cfg(test)]
mod tests;
