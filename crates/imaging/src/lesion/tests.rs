//! Are diameters those of the drawn shapes, of all pairs, and of the peer?

use super::*;
use crate::file;
use crate::radiomics::pyradiomics;
use proptest::prelude::*;

fn mask(shape: [usize; 3], spacing: [f64; 3], inside: &[bool]) -> Mask {
    Mask::from_bools("m", Grid::upright(shape, spacing).unwrap(), inside).unwrap()
}

/// A slice drawn with letters: `#` is inside.
fn slice(rows: &[&str], spacing: [f64; 2]) -> Mask {
    let inside: Vec<bool> = rows.iter().flat_map(|row| row.bytes().map(|letter| letter == b'#')).collect();
    mask([1, rows.len(), rows[0].len()], [5.0, spacing[0], spacing[1]], &inside)
}

#[track_caller]
fn check(rows: &[&str], spacing: [f64; 2], longest: f64, short: f64) {
    let size = size(&slice(rows, spacing));
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    assert!(near(size.longest_mm, longest) && near(size.short_mm, short), "{size:?}");
    for (ends, length) in [(size.longest_ends_mm, longest), (size.short_ends_mm, short)] {
        let far: f64 = (0..3).map(|i| (ends[0][i] - ends[1][i]).powi(2)).sum();
        assert!(near(far.sqrt(), length), "ends {ends:?} are not {length} apart");
    }
    let dot: f64 = (0..3)
        .map(|i| {
            (size.longest_ends_mm[0][i] - size.longest_ends_mm[1][i])
                * (size.short_ends_mm[0][i] - size.short_ends_mm[1][i])
        })
        .sum();
    assert!(dot.abs() < 1e-9, "the axes are not at a right angle");
}

#[test]
fn diameters_of_drawn_shapes() {
    check(&["....", ".#..", "...."], [2.0, 2.0], 2.0, 2.0);
    check(&["......", ".####.", "......"], [1.0, 1.0], 4.0, 1.0);
    check(&["......", ".####.", "......"], [1.0, 3.0], 12.0, 1.0);
    // Ends at the half-way points of the arms; the bar across is as long.
    check(&["..#..", "..#..", "#####", "..#..", "..#.."], [1.0, 1.0], 5.0, 5.0);
    // A hook is spanned by its hull.
    let hook = 34f64.sqrt();
    let size = size(&slice(&["#....", "#....", "#....", "#####"], [1.0, 1.0]));
    assert!(size.longest_mm > 5.0 && size.longest_mm <= hook, "{size:?}");
}

#[test]
fn the_plane_is_axial_whatever_the_header_calls_its_axes() {
    let inside: Vec<bool> = (0..4 * 3 * 2).map(|_| true).chain(std::iter::repeat_n(false, 24)).collect();
    let slabs = [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]];
    let grid = Grid::new([8, 3, 2], [1.0, 2.0, 5.0], [0.0; 3], slabs).unwrap();
    assert_eq!(axial(&grid), Plane { axis: 2, tilt_deg: 0.0 });
    // 4 voxels of 1 mm by 3 of 2 mm in the axial plane; the third axis (5 mm) does not count.
    let size = size(&Mask::from_bools("m", grid, &inside).unwrap());
    assert!((5.0..7.3).contains(&size.longest_mm), "{size:?}");
    assert_eq!(size.volume_mm3, 24.0 * 10.0);
    let half = std::f64::consts::FRAC_1_SQRT_2;
    let tilted = [[0.0, -half, half], [0.0, half, half], [1.0, 0.0, 0.0]];
    let tilted = Grid::new([2; 3], [1.0; 3], [0.0; 3], tilted).unwrap();
    assert!((axial(&tilted).tilt_deg - 45.0).abs() < 1e-6);
}

#[test]
fn parts_are_told_apart_largest_first_and_specks_are_counted() {
    let drawn = slice(&["##...#", "##....", "......", ".#####"], [1.0, 1.0]);
    let (parts, specks) = lesions(&drawn, Neighbours::Six).unwrap();
    assert_eq!(parts.iter().map(Mask::count).collect::<Vec<_>>(), vec![5, 4]);
    assert_eq!(specks, 1);
    assert!(parts[0].name.ends_with(" 1") && parts[1].holds([0, 1, 1]) && !parts[1].holds([0, 3, 1]));
}

/// Each slice, each pair of half-way points.
fn slow(mask: &Mask) -> f64 {
    let mut most = 0.0f64;
    let points: Vec<[f64; 3]> = mask
        .places()
        .flat_map(|[z, y, x]| {
            [(0.5, 0.0), (-0.5, 0.0), (0.0, 0.5), (0.0, -0.5)]
                .map(|(dy, dx)| [z as f64, y as f64 + dy, x as f64 + dx])
        })
        .collect();
    let spacing = mask.grid().spacing_mm();
    for a in &points {
        for b in points.iter().filter(|b| b[0] == a[0]) {
            most = most.max(((a[1] - b[1]) * spacing[1]).hypot((a[2] - b[2]) * spacing[2]));
        }
    }
    most
}

fn blobs() -> impl Strategy<Value = Vec<bool>> {
    proptest::collection::vec(proptest::bool::weighted(0.3), 2 * 6 * 7)
        .prop_filter("not empty", |inside| inside.iter().any(|&inside| inside))
}

proptest! {
    #[test]
    fn the_hull_finds_the_longest_of_all_pairs(inside in blobs(), dy in 0.3..2.0f64, dx in 0.3..2.0f64) {
        let mask = mask([2, 6, 7], [3.0, dy, dx], &inside);
        let size = size(&mask);
        prop_assert!((size.longest_mm - slow(&mask)).abs() < 1e-9);
        prop_assert!(size.short_mm <= size.longest_mm + 1e-9 && size.short_mm > 0.0);
    }

    #[test]
    fn sizes_scale_with_the_spacing(inside in blobs(), by in 0.1..10.0f64) {
        let (one, many) = ([3.0, 0.7, 1.1], [3.0 * by, 0.7 * by, 1.1 * by]);
        let (a, b) = (size(&mask([2, 6, 7], one, &inside)), size(&mask([2, 6, 7], many, &inside)));
        prop_assert!((a.longest_mm * by - b.longest_mm).abs() < 1e-9 * by.max(1.0));
        prop_assert!((a.short_mm * by - b.short_mm).abs() < 1e-6 * by.max(1.0));
        prop_assert!((a.volume_mm3 * by.powi(3) / b.volume_mm3 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn no_part_is_lost(inside in blobs()) {
        let whole = mask([2, 6, 7], [1.0; 3], &inside);
        for how in [Neighbours::Six, Neighbours::Eighteen, Neighbours::TwentySix] {
            let (parts, specks) = lesions(&whole, how).unwrap();
            let counted: usize = parts.iter().map(Mask::count).sum();
            prop_assert!(counted <= whole.count() && whole.count() <= counted + specks * (LEAST_VOXELS - 1));
            prop_assert!(parts.iter().all(|part| part.places().all(|place| whole.holds(place))));
        }
    }
}

/// The peer's name for the same length, on its own images.
#[test]
fn the_longest_diameter_is_that_of_pyradiomics() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = folder.join("../../../shared/data/imaging/pyradiomics/data");
    if !folder.is_dir() {
        eprintln!("skipped: no {}", folder.display());
        return;
    }
    for case in ["lung1", "brain1", "breast1"] {
        let read = |what: &str| file::read(&folder.join(format!("{case}_{what}.nrrd"))).unwrap();
        let (image, labels) = (read("image"), read("label"));
        let mask = Mask::from_labels(case, &labels, 1).unwrap();
        let ours = size(&mask);
        // Theirs also spans points between two slices, so that one slice is compared.
        let slice: Vec<bool> = (0..mask.grid().len())
            .map(|at| {
                let [_, ny, nx] = mask.grid().shape();
                let place = [at / (ny * nx), at / nx % ny, at % nx];
                place[0] == ours.slice && mask.holds(place)
            })
            .collect();
        let slice = Mask::from_bools(case, mask.grid().clone(), &slice).unwrap();
        let theirs = pyradiomics::measure(&image, &slice, &pyradiomics::Settings::default()).unwrap();
        let theirs = theirs.iter().find(|value| value.name.ends_with("Maximum2DDiameterSlice"));
        let (ours, theirs) = (ours.longest_mm, theirs.and_then(|value| value.value).unwrap());
        assert!((ours / theirs - 1.0).abs() < 1e-9, "{case}: {ours} beside {theirs}");
    }
}
