//! Which picture and which region are meant? Files of any format the program reads become one volume and one mask.

use crate::args::SeriesArgs;
use concilium_dicom::segmentation::{Description, Drawn, Object};
use concilium_dicom::{Code, Scan, Segmentation, Series, Structures, is_dicom, scan, uid};
use concilium_imaging::{Mask, Unit, Volume, file};
use std::error::Error;
use std::path::Path;

/// An image, with the series it was made of.
pub enum Picture {
    /// From a file that says where its voxels lie and nothing else.
    Plain(Volume),
    /// From DICOM.
    Series(Box<Series>),
}

impl Picture {
    /// The values.
    pub fn volume(&self) -> &Volume {
        match self {
            Picture::Plain(volume) => volume,
            Picture::Series(series) => &series.volume,
        }
    }

    /// What they mean.
    pub fn unit(&self) -> Unit {
        match self {
            Picture::Plain(_) => Unit::Arbitrary,
            Picture::Series(series) => series.unit,
        }
    }

    /// The series, or words that say that one is needed.
    pub fn series(&self) -> Result<&Series, Box<dyn Error>> {
        match self {
            Picture::Series(series) => Ok(series),
            Picture::Plain(_) => Err("DICOM can only be written for an image that is a DICOM series".into()),
        }
    }
}

/// A region, with what is known of it.
pub struct Drawing {
    /// Its voxels.
    pub mask: Mask,
    /// What it says of itself.
    pub description: Description,
    /// The SEG object it came from, and its number there.
    pub object: Option<(Object, u32)>,
}

/// Is this DICOM?
pub fn dicom(path: &Path) -> Result<bool, Box<dyn Error>> {
    Ok(path.is_dir() || is_dicom(path)?)
}

/// Reads the headers under a path; a file that cannot be read might be a slice of any series, so that it stops.
pub fn scanned(path: &Path) -> Result<Scan, Box<dyn Error>> {
    let mut scan = scan(&[path.to_owned()])?;
    if scan.refused.is_empty() { Ok(scan) } else { Err(scan.refused.swap_remove(0).1.into()) }
}

/// Reads an image.
pub fn picture(path: &Path, wanted: &SeriesArgs) -> Result<Picture, Box<dyn Error>> {
    if !dicom(path)? {
        if wanted.suv || wanted.series.is_some() {
            return Err("--series and --suv are for DICOM series".into());
        }
        return Ok(Picture::Plain(file::read(path)?));
    }
    let scan = scanned(path)?;
    let fits = |uid: &str| wanted.series.as_ref().is_none_or(|end| uid.ends_with(end.as_str()));
    let groups: Vec<_> = scan.groups.iter().filter(|group| fits(&group.series)).collect();
    match groups[..] {
        [group] => Ok(Picture::Series(Box::new(group.load(wanted.suv)?))),
        [] => Err(format!("{}: no CT, MR or PET series that was asked for", path.display()).into()),
        _ => {
            let line = |group: &&concilium_dicom::Group| {
                format!("\n  {} ({}, {} pictures)", group.series, group.modality(), group.pictures())
            };
            let all: String = groups.iter().map(line).collect();
            Err(format!("{}: several series, choose one with --series:{all}", path.display()).into())
        }
    }
}

/// What is said of a region nobody described.
fn undescribed(picture: &Picture, number: u32) -> Description {
    let tissue = Code::new("85756007", "SCT", "Tissue");
    let series = match picture {
        Picture::Series(series) => series.source.series.as_str(),
        Picture::Plain(_) => "",
    };
    let label = format!("region {number}");
    let tracking = (label.clone(), uid(&["tracking", series, &label]));
    let drawn = Drawn::SemiAutomatic("not stated".to_owned());
    Description { label, category: tissue.clone(), kind: tissue, drawn, tracking: Some(tracking) }
}

/// Reads a region drawn on a picture.
pub fn drawing(path: &Path, picture: &Picture, label: Option<u32>) -> Result<Drawing, Box<dyn Error>> {
    if !dicom(path)? {
        return plain(path, &file::read(path)?, picture, label);
    }
    let scan = scanned(path)?;
    match (&scan.structures[..], &scan.segmentations[..]) {
        ([one], []) => contoured(&Structures::read(one)?, picture, label),
        ([], [one]) => segmented(Segmentation::read(one, Some(picture.volume().grid()))?, picture, label),
        _ => Err(format!("{}: holds not one RTSTRUCT or SEG; name the file", path.display()).into()),
    }
}

/// The region of a label map; `path` names it in messages.
pub fn plain(
    path: &Path,
    labels: &Volume,
    picture: &Picture,
    label: Option<u32>,
) -> Result<Drawing, Box<dyn Error>> {
    let number = label.unwrap_or(1);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mask = Mask::from_labels(&name, labels, number)?;
    Ok(Drawing { mask, description: undescribed(picture, number), object: None })
}

/// The number that was asked for, or the only one.
fn chosen(all: &[u32], label: Option<u32>, what: &str) -> Result<u32, Box<dyn Error>> {
    match (label, all) {
        (Some(label), _) if all.contains(&label) => Ok(label),
        (None, [only]) => Ok(*only),
        _ => Err(format!("choose one of the {what} with --label: {all:?}").into()),
    }
}

fn contoured(read: &Structures, picture: &Picture, label: Option<u32>) -> Result<Drawing, Box<dyn Error>> {
    let series = picture.series().map_err(|_| "contours need the DICOM series they were drawn on")?;
    let numbers: Vec<u32> = read.structures.iter().map(|structure| structure.number).collect();
    let number = chosen(&numbers, label, "regions of the RTSTRUCT")?;
    let structure = read.numbered(number).ok_or("no such region")?;
    let mask = read.mask(structure, series.volume.grid(), &series.source)?;
    Ok(Drawing { mask, description: undescribed(picture, number), object: None })
}

fn segmented(read: Segmentation, picture: &Picture, label: Option<u32>) -> Result<Drawing, Box<dyn Error>> {
    if let (Picture::Series(series), Some(on)) = (picture, &read.source_series)
        && *on != series.source.series
    {
        return Err(format!("{}: was drawn on another series", read.file).into());
    }
    let numbers: Vec<u32> = read.segments.iter().map(|segment| segment.number).collect();
    let number = chosen(&numbers, label, "segments of the SEG")?;
    let segment =
        read.segments.into_iter().find(|segment| segment.number == number).ok_or("no such segment")?;
    let mask = segment.mask.ok_or_else(|| format!("segment {number} has no voxels"))?;
    Ok(Drawing { mask, description: segment.description, object: Some((read.object, number)) })
}
