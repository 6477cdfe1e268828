//! Which files of a folder are one exam? An image, a label map on its grid, and what `study.json` says of them.

use concilium_imaging::follow::{Delineated, Visit};
use concilium_imaging::response::{Exam, Kind, Stated};
use concilium_imaging::{ImagingError, Mask, Volume, file, lesion, phantom};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// `study.json`; every key may be left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct Study {
    /// Day of the exam; else the folder's name.
    date: Option<String>,
    /// File of the image; else the one whose name begins with `image`.
    image: Option<String>,
    /// File of the label map; else the one whose name begins with `mask`, `label` or `segmentation`. `""`: none was
    /// drawn, no lesion is left.
    mask: Option<String>,
    /// DICOM modality; `CT` when not said.
    modality: Option<String>,
    /// Study instance UID.
    study: Option<String>,
    /// Series instance UID.
    series: Option<String>,
    /// Who drew the masks.
    drawn_by: Option<String>,
    /// A person confirmed the regions.
    confirmed: bool,
    /// SUL over image value (PET).
    sul_factor: Option<f64>,
    /// Sites the exam does not show.
    not_evaluable: Vec<String>,
    /// Label value → site and kind.
    labels: BTreeMap<u32, Label>,
    /// What a reader states.
    stated: Stated,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct Label {
    site: String,
    kind: Kind,
}

/// Why a folder is no exam.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// A file of it.
    #[error("{folder}: {what}")]
    Folder {
        /// The folder's own name.
        folder: String,
        /// What is wrong, and what to do.
        what: String,
    },
    /// An image or mask in it.
    #[error("{folder}")]
    Imaging {
        /// The folder's own name.
        folder: String,
        /// Cause.
        source: ImagingError,
    },
}

/// Most labels a map may hold: more is an image taken for a map.
const MOST_LABELS: usize = 256;

/// Reads one exam.
///
/// # Errors
/// No image, no day, a mask on another grid, a label map that is an image; each with the folder and what to do.
pub fn read_visit(folder: &Path) -> Result<Visit, StudyError> {
    let name =
        folder.file_name().map_or_else(|| "study".to_owned(), |name| name.to_string_lossy().into_owned());
    let wrong = |what: String| StudyError::Folder { folder: name.clone(), what };
    let imaging = |source| StudyError::Imaging { folder: name.clone(), source };
    let study = study(folder).map_err(wrong)?;
    let files = files(folder).map_err(wrong)?;
    let image = pick(&files, study.image.as_deref(), &["image"]);
    let image = image
        .ok_or_else(|| wrong("no image: name one `image.nii.gz`, or say which in study.json".to_owned()))?;
    let image = file::read(&folder.join(image)).map_err(imaging)?;
    let date = study.date.clone().unwrap_or_else(|| name.clone());
    let day = date
        .parse()
        .map_err(|_| wrong("no day: call the folder 2026-01-12, or say \"date\" in study.json".to_owned()))?;
    let regions = match study.mask.as_deref() {
        Some("") => vec![],
        stated => {
            let mask = pick(&files, stated, &["mask", "label", "segmentation"]);
            let mask = mask.ok_or_else(|| {
                wrong("no mask: name one `mask.nii.gz`, or say which in study.json".to_owned())
            })?;
            let labels = file::read(&folder.join(mask)).map_err(imaging)?;
            image.grid().check_same(labels.grid()).map_err(imaging)?;
            regions(&labels, &study).map_err(|error| match error {
                Wrong::Words(what) => wrong(what),
                Wrong::Imaging(source) => imaging(source),
            })?
        }
    };
    let slice_mm = image.grid().spacing_mm()[lesion::axial(image.grid()).axis];
    let sul_factor = study.sul_factor.unwrap_or(1.0);
    if !(sul_factor.is_finite() && sul_factor > 0.0) {
        return Err(wrong("sul-factor must be above zero".to_owned()));
    }
    Ok(Visit {
        exam: Exam { day, slice_mm, stated: study.stated },
        modality: study.modality.unwrap_or_else(|| "CT".to_owned()),
        series: study.series,
        study: study.study,
        drawn_by: study.drawn_by.unwrap_or_else(|| "somebody who is not stated".to_owned()),
        confirmed: study.confirmed,
        sul_factor,
        not_evaluable: study.not_evaluable,
        name,
        image,
        regions,
    })
}

fn study(folder: &Path) -> Result<Study, String> {
    let path = folder.join("study.json");
    if !path.exists() {
        return Ok(Study::default());
    }
    let text = std::fs::read_to_string(path).map_err(|_| "study.json cannot be read".to_owned())?;
    // serde's words repeat content.
    serde_json::from_str(&text).map_err(|error| {
        format!("study.json is not as expected at line {}, column {}", error.line(), error.column())
    })
}

fn files(folder: &Path) -> Result<Vec<String>, String> {
    let entries = std::fs::read_dir(folder).map_err(|_| "is no folder that can be read".to_owned())?;
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// The file that was named, else the first whose name begins so and is a volume. Only plain names.
fn pick(files: &[String], named: Option<&str>, begins: &[&str]) -> Option<String> {
    let volume = |name: &str| [".nii", ".nii.gz", ".nrrd", ".nhdr"].iter().any(|end| name.ends_with(end));
    match named {
        Some(named) => files.iter().find(|name| *name == named).cloned(),
        None => files
            .iter()
            .find(|name| volume(name) && begins.iter().any(|start| name.starts_with(start)))
            .cloned(),
    }
}

enum Wrong {
    Words(String),
    Imaging(ImagingError),
}

fn regions(labels: &Volume, study: &Study) -> Result<Vec<Delineated>, Wrong> {
    let [nz, ny, nx] = labels.grid().shape();
    let mut values = BTreeSet::new();
    for at in 0..nz * ny * nx {
        let value = labels.at([at / (ny * nx), at / nx % ny, at % nx]).unwrap_or_default();
        if value.fract() != 0.0 || !(0.0..=f64::from(u32::MAX)).contains(&value) {
            return Err(Wrong::Words(
                "the mask holds values that are no labels (whole numbers from 0)".to_owned(),
            ));
        }
        values.insert(value as u32);
        if values.len() > MOST_LABELS {
            return Err(Wrong::Words("the mask holds more than 256 values: is it an image?".to_owned()));
        }
    }
    values.remove(&0);
    // With a list of labels the others are anatomy, not lesions.
    let wanted = values.iter().filter(|value| study.labels.is_empty() || study.labels.contains_key(value));
    wanted
        .map(|&value| {
            let said = study.labels.get(&value).cloned().unwrap_or_default();
            let organ = if said.site.is_empty() { format!("label {value}") } else { said.site };
            let mask = Mask::from_labels(&organ, labels, value).map_err(Wrong::Imaging)?;
            Ok(Delineated { organ, kind: said.kind, label: value, mask })
        })
        .collect()
}

/// Writes the invented study: a folder an exam, as `read_visit` takes them. Gives the folders.
///
/// # Errors
/// A file cannot be written.
pub fn invent(into: &Path) -> Result<Vec<PathBuf>, StudyError> {
    let mut folders = vec![];
    for (at, exam) in phantom::study().into_iter().enumerate() {
        let name = exam.day.to_string();
        let folder = into.join(&name);
        let wrong = |what: &str| StudyError::Folder { folder: name.clone(), what: what.to_owned() };
        let imaging = |source| StudyError::Imaging { folder: name.clone(), source };
        std::fs::create_dir_all(&folder).map_err(|_| wrong("cannot be made"))?;
        let image = phantom::scan(&exam.lesions, &exam.motion, at as u64 + 1).map_err(imaging)?;
        let labels = phantom::labels(&exam.lesions, &exam.motion).map_err(imaging)?;
        for (file_name, volume) in [("image.nii.gz", &image), ("mask.nii.gz", &labels)] {
            file::write(&folder.join(file_name), volume, file::Format::Nifti1).map_err(imaging)?;
        }
        let label =
            |(value, site, kind): (u8, &str, Kind)| (u32::from(value), Label { site: site.to_owned(), kind });
        let study = Study {
            drawn_by: Some("the generator; invented, no person stands behind it".to_owned()),
            labels: phantom::SITES.into_iter().map(label).collect(),
            modality: Some("CT".to_owned()),
            ..Study::default()
        };
        let text = serde_json::to_string_pretty(&study).unwrap_or_default() + "\n";
        std::fs::write(folder.join("study.json"), text).map_err(|_| wrong("study.json cannot be written"))?;
        folders.push(folder);
    }
    Ok(folders)
}
