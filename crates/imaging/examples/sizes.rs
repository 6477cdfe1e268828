//! How far are our diameters from a reader's? `sizes FOLDER`: a folder laid out as `kits19_masks`, tumour label 2.
//!
//! The numbers are in BENCHMARKS.md. The reader's size is in centimetres by magnitude, in whichever plane they chose.

use concilium_imaging::geometry::components::Neighbours;
use concilium_imaging::{Mask, file, lesion};
use std::path::Path;

type Done = Result<(), Box<dyn std::error::Error>>;

fn main() -> Done {
    let Some(folder) = std::env::args().nth(1) else { return Err("sizes FOLDER".into()) };
    let folder = Path::new(&folder);
    let cases: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("kits.json"))?)?;
    let mut errors = Vec::new();
    println!("case        ours_mm short_mm reader_mm difference_mm slice_mm");
    for case in cases.as_array().into_iter().flatten() {
        let (Some(name), Some(reader)) = (case["case_id"].as_str(), case["radiographic_size"].as_f64())
        else {
            continue;
        };
        let path = folder.join(name).join("segmentation.nii.gz");
        if !path.is_file() {
            continue;
        }
        let labels = file::read(&path)?;
        let mask = Mask::from_labels(name, &labels, 2)?;
        let (parts, _) = lesion::lesions(&mask, Neighbours::TwentySix)?;
        let sizes = parts.iter().map(lesion::size);
        let Some(size) = sizes.max_by(|a, b| a.longest_mm.total_cmp(&b.longest_mm)) else { continue };
        let (reader, thick) = (10.0 * reader, labels.grid().spacing_mm()[lesion::axial(labels.grid()).axis]);
        let off = size.longest_mm - reader;
        println!(
            "{name}  {:7.1}  {:7.1}  {reader:8.1}  {off:12.1}  {thick:7.2}",
            size.longest_mm, size.short_mm
        );
        errors.push(off);
    }
    let n = errors.len() as f64;
    let mean = errors.iter().sum::<f64>() / n;
    let absolute = errors.iter().map(|off| off.abs()).sum::<f64>() / n;
    errors.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let middle = errors.get(errors.len() / 2).map_or(f64::NAN, |off| off.abs());
    println!(
        "{n} cases: mean difference {mean:.1} mm, mean absolute {absolute:.1}, median absolute {middle:.1}"
    );
    Ok(())
}
