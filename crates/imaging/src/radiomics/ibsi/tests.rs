//! IBSI-1 reference values: digital phantom and configurations A to D.
//!
//! Skipped with a message where the reference data are not there.

use super::*;
use crate::file;
use std::collections::BTreeMap;
use std::path::PathBuf;

fn data() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/imaging/ibsi"));
    if !folder.is_dir() {
        eprintln!("skipped: no IBSI reference data");
        return None;
    }
    Some(folder)
}

/// Reference value, tolerance and the number of digits it was published with, by tag.
fn references(path: &std::path::Path) -> BTreeMap<String, Option<(f64, f64, f64)>> {
    let text = std::fs::read_to_string(path).unwrap();
    let row = |line: &str| {
        let mut parts = line.split(';');
        let (value, tolerance, tag) = (parts.next()?, parts.next()?, parts.next()?);
        let half = |value: &str| {
            let (mantissa, exponent) = value.split_once('E').unwrap_or((value, "0"));
            let digits = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len() as i32);
            let power = exponent.parse::<i32>().unwrap();
            // Values have three significant digits; trailing zeros of whole numbers may be rounding.
            let zeros = mantissa.trim_start_matches('-').len() as i32 - 3;
            let place = if digits == 0 && power == 0 { zeros.max(0) } else { power - digits };
            0.5 * 10f64.powi(place)
        };
        let known = value.parse().ok().map(|number| (number, tolerance.parse().unwrap(), half(value)));
        Some((tag.to_owned(), known))
    };
    text.lines().skip(1).filter_map(row).collect()
}

/// Holds every feature against its reference, both ways, and prints the table (`--nocapture`).
#[track_caller]
fn check(phantom: &str, table: &str, settings: &Settings, known_misses: &[&str]) {
    let Some(folder) = data() else { return };
    let image = file::read(&folder.join(phantom).join("nifti/image/phantom.nii.gz")).unwrap();
    let labels = file::read(&folder.join(phantom).join("nifti/mask/mask.nii.gz")).unwrap();
    let mask = Mask::from_labels("mask", &labels, 1).unwrap();
    let measured = measure(&image, &mask, settings).unwrap();
    let references = references(&folder.join("reference_values").join(table));
    let (mut misses, mut met) = (Vec::new(), 0);
    for value in &measured {
        let reference =
            references.get(&value.name).unwrap_or_else(|| panic!("{} has no reference", value.name));
        let (wanted, tolerance, rounding) = reference.expect("a feature without consensus is not offered");
        let found = value.value.unwrap_or(f64::NAN);
        let within = (found - wanted).abs() <= tolerance + rounding * 1.0001;
        println!(
            "{:28} {found:>14.6} {wanted:>12} ± {tolerance:<10} {}",
            value.name,
            if within { "" } else { "MISS" }
        );
        met += usize::from(within);
        if !within {
            misses.push(value.name.as_str());
        }
    }
    let diagnostic = |tag: &str| tag.ends_with("_img") || tag.ends_with("_roi");
    for (tag, reference) in references.iter().filter(|(tag, _)| !diagnostic(tag)) {
        let offered = measured.iter().any(|value| value.name == *tag);
        let declined = features::NOT_OFFERED.iter().any(|(name, _)| name == tag) && reference.is_none();
        assert!(offered || declined, "reference {tag} has no feature");
    }
    println!("{table}: {met} of {} within tolerance", measured.len());
    assert_eq!(misses, known_misses, "misses of {table}");
}

#[test]
fn a_settings_file_says_what_the_type_says() {
    let text = "spacing_mm: [null, 2, 2]\nrange: [-500, 400]\nround: true\nbin_number: 32\ntexture: 2D\n";
    let wanted = Settings {
        spacing_mm: [None, Some(2.0), Some(2.0)],
        range: [Some(-500.0), Some(400.0)],
        joins: JOINS[..2].to_vec(),
        ..chest()
    };
    assert_eq!(Settings::parse(text).unwrap(), wanted);
    for (text, words) in [
        ("bins: 3", "bins: is unknown"),
        ("bin_size: 25", "lower limit"),
        ("bin_size: 25\nbin_number: 32", "give one"),
        ("range: [1]", "list of 2"),
        ("sigma: -1", "sigma"),
        ("texture: 4D", "2D, 2.5D or 3D"),
        ("volume_bin_size: 0", "wider than zero"),
    ] {
        let message = Settings::parse(text).expect_err(text).to_string();
        assert!(message.contains(words), "{message}");
    }
}

/// An image of a row of values whose first four are the region.
fn row(values: [f64; 6]) -> (Volume, Mask) {
    let grid = crate::Grid::upright([1, 1, 6], [1.0; 3]).unwrap();
    let mask = Mask::from_bools("m", grid.clone(), &[true, true, true, true, false, false]).unwrap();
    (Volume::new(grid, crate::Voxels::F64(values.to_vec())).unwrap(), mask)
}

#[test]
fn values_that_would_need_endless_bins_are_refused() {
    let (image, mask) = row([0.0, 1.0, 2.0, 1e12, 0.0, 0.0]);
    let message = measure(&image, &mask, &Settings::default()).unwrap_err().to_string();
    assert!(message.contains("volume_bin_number"), "{message}");
    let levels = Settings {
        volume_bins: VolumeBins::Number(10),
        bins: Bins::Size(1.0),
        range: [Some(0.0), None],
        ..Settings::default()
    };
    let message = measure(&image, &mask, &levels).unwrap_err().to_string();
    assert!(message.contains("levels are not between"), "{message}");
}

#[test]
fn a_flat_region_has_values_or_says_why_not() {
    let (image, mask) = row([5.0; 6]);
    for value in measure(&image, &mask, &Settings::default()).unwrap() {
        assert_eq!(value.value.is_none(), value.note.is_some(), "{value:?}");
        assert!(value.value.is_none_or(f64::is_finite), "{value:?}");
    }
}

#[test]
fn the_digital_phantom() {
    let settings = Settings { bins: Bins::None, joins: JOINS.to_vec(), ..Settings::default() };
    check("ibsi_1_digital_phantom", "ibsi_1_dig_phantom.csv", &settings, &[]);
}

fn chest() -> Settings {
    Settings { round: true, ..Settings::default() }
}

const CHEST: &str = "ibsi_1_ct_radiomics_phantom";

#[test]
fn configuration_a() {
    let settings = Settings {
        range: [Some(-500.0), Some(400.0)],
        bins: Bins::Size(25.0),
        joins: JOINS[..4].to_vec(),
        ..chest()
    };
    check(CHEST, "ibsi_1_chest_config_a.csv", &settings, &[]);
}

#[test]
fn configuration_b() {
    let settings = Settings {
        spacing_mm: [None, Some(2.0), Some(2.0)],
        range: [Some(-500.0), Some(400.0)],
        bins: Bins::Number(32),
        joins: JOINS[..4].to_vec(),
        ..chest()
    };
    check(CHEST, "ibsi_1_chest_config_b.csv", &settings, &[]);
}

#[test]
fn configuration_c() {
    let settings = Settings {
        spacing_mm: [Some(2.0); 3],
        range: [Some(-1000.0), Some(400.0)],
        bins: Bins::Size(25.0),
        volume_bins: VolumeBins::Size(2.5),
        ..chest()
    };
    check(CHEST, "ibsi_1_chest_config_c.csv", &settings, &[]);
}

#[test]
fn configuration_d() {
    let settings =
        Settings { spacing_mm: [Some(2.0); 3], sigma: Some(3.0), bins: Bins::Number(32), ..chest() };
    check(CHEST, "ibsi_1_chest_config_d.csv", &settings, &[]);
}
