//! What is in these files? Grids, types and ranges; the series, contours and masks of DICOM folders.

use super::Done;
use super::load::dicom;
use crate::args::Cli;
use crate::output;
use concilium_dicom::{DicomError, Group, Segmentation, Structures, scan};
use concilium_imaging::{Volume, file};
use serde_json::{Value, json};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Shows what is in files and folders; exit code 3 when a part of it could not be read.
pub fn inspect(cli: &Cli, files: &[PathBuf]) -> Done {
    let mut all = Vec::new();
    for path in files {
        if dicom(path)? {
            all.extend(folder(path)?);
        } else {
            all.push(described(&path.display().to_string(), &file::read(path)?)?);
        }
    }
    if cli.json {
        output::json(&all)?;
    } else {
        output::text(&output::plain(&all.iter().map(words).collect::<String>()))?;
    }
    let refused = all.iter().any(|one| one.get("refused").is_some());
    Ok(if refused { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

fn described(name: &str, volume: &Volume) -> Result<Value, Box<dyn Error>> {
    let (grid, extent) = (volume.grid(), volume.extent()?);
    Ok(json!({
        "file": name,
        "shape_zyx": grid.shape(),
        "spacing_mm_zyx": grid.spacing_mm(),
        "origin_mm_lps_xyz": grid.origin_mm(),
        "directions_lps_zyx": grid.directions(),
        "type": volume.voxels().kind(),
        "minimum": extent.minimum,
        "maximum": extent.maximum,
        "mean": extent.mean,
    }))
}

fn refused(name: &str, error: &DicomError) -> Value {
    json!({ "file": name, "refused": error.to_string() })
}

fn folder(path: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    let scan = scan(&[path.to_owned()])?;
    let mut all = Vec::new();
    for group in &scan.groups {
        all.push(series(path, group)?);
    }
    for path in &scan.structures {
        let regions = |read: Structures| {
            let region = |roi: &concilium_dicom::structures::Structure| json!({ "number": roi.number, "name": roi.name });
            read.structures.iter().map(region).collect()
        };
        all.push(listed(path, "RTSTRUCT", Structures::read(path).map(regions)));
    }
    for path in &scan.segmentations {
        let regions = |read: Segmentation| {
            let region = |segment: &concilium_dicom::segmentation::Segment| {
                let voxels = segment.mask.as_ref().map_or(0, concilium_imaging::Mask::count);
                json!({ "number": segment.number, "name": segment.description.label, "voxels": voxels })
            };
            read.segments.iter().map(region).collect()
        };
        all.push(listed(path, "SEG", Segmentation::read(path, None).map(regions)));
    }
    all.extend(
        scan.other
            .iter()
            .map(|(path, class)| json!({ "file": path.display().to_string(), "sop_class": class })),
    );
    all.extend(
        scan.foreign.iter().map(|path| json!({ "file": path.display().to_string(), "kind": "not DICOM" })),
    );
    all.extend(scan.refused.iter().map(|(path, error)| refused(&path.display().to_string(), error)));
    Ok(all)
}

fn listed(path: &Path, kind: &str, regions: Result<Vec<Value>, DicomError>) -> Value {
    let name = path.display().to_string();
    match regions {
        Ok(regions) => json!({ "file": name, "kind": kind, "regions": regions }),
        Err(error) => refused(&name, &error),
    }
}

fn series(path: &Path, group: &Group) -> Result<Value, Box<dyn Error>> {
    let name = format!("{} series {}", path.display(), group.series);
    Ok(match group.load(false) {
        Err(error) => refused(&name, &error),
        Ok(series) => {
            let mut one = described(&name, &series.volume)?;
            one["series"] = json!(group.series);
            one["modality"] = json!(series.source.modality);
            one["unit"] = json!(series.unit.ucum());
            one["notes"] = json!(series.notes);
            one
        }
    })
}

fn words(one: &Value) -> String {
    let part = |key: &str| one[key].to_string();
    let said = |key: &str| one[key].as_str().unwrap_or_default();
    let name = said("file");
    if one.get("refused").is_some() {
        return format!("{name}\n  refused: {}\n", said("refused"));
    }
    if let Some(regions) = one["regions"].as_array() {
        let region = |region: &Value| {
            let voxels = region.get("voxels").map(|voxels| format!(", {voxels} voxels")).unwrap_or_default();
            format!("  {} {}{voxels}\n", region["number"], region["name"].as_str().unwrap_or_default())
        };
        return format!("{name}\n  {}\n{}", said("kind"), regions.iter().map(region).collect::<String>());
    }
    if one.get("shape_zyx").is_none() {
        return format!("{name}\n  {}\n", [said("kind"), said("sop_class")].concat());
    }
    let series = match one.get("modality") {
        Some(_) => format!("  {}, unit {}\n", said("modality"), said("unit")),
        None => String::new(),
    };
    let notes: String = one["notes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|note| format!("  note: {}\n", note.as_str().unwrap_or_default()))
        .collect();
    format!(
        "{name}\n{series}  shape [z, y, x] {}, spacing {} mm, {}\n  origin (x, y, z) LPS {} mm, directions {}\n  values {} to \
         {}, mean {}\n{notes}",
        part("shape_zyx"),
        part("spacing_mm_zyx"),
        said("type"),
        part("origin_mm_lps_xyz"),
        part("directions_lps_zyx"),
        part("minimum"),
        part("maximum"),
        part("mean")
    )
}
