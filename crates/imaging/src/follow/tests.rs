//! Which lesion is which, on trunks whose lesions were put in?

use super::*;
use crate::phantom::{self, Ball};
use crate::response::{Category, Criteria, assess};

/// Exams of the trunk with these lesions, each with its motion.
fn visits(exams: &[(&[Ball], Rigid)]) -> Vec<Visit> {
    let visit = |(at, (balls, motion)): (usize, &(&[Ball], Rigid))| {
        let labels = phantom::labels(balls, motion).unwrap();
        let mut regions = vec![];
        for (label, organ, kind) in phantom::SITES {
            if let Ok(mask) = Mask::from_labels(organ, &labels, u32::from(label)) {
                regions.push(Delineated { organ: organ.to_owned(), kind, label: u32::from(label), mask });
            }
        }
        let day = jiff::civil::Date::constant(2026, 1 + at as i8, 1);
        let exam = Exam { day, slice_mm: 5.0, stated: Default::default() };
        let image = phantom::scan(balls, motion, at as u64).unwrap();
        Visit { exam, image, regions, ..Visit::invented(&format!("exam {at}")) }
    };
    exams.iter().enumerate().map(visit).collect()
}

/// One line a lesion: `L1 22 18 gone`: rounded longest diameters and events.
fn story(followup: &Followup) -> String {
    let at = |at: &At| {
        let size: f64 = at.parts.iter().map(|part| part.longest_mm).sum();
        let size = if at.parts.is_empty() { "-".to_owned() } else { format!("{size:.0}") };
        let events = at.events.iter().map(|event| match event {
            Event::New => " new".to_owned(),
            Event::Gone => " gone".to_owned(),
            Event::Back => " back".to_owned(),
            Event::Split(parts) => format!(" split {parts}"),
            Event::MergedInto(id) => format!(" in {id}"),
        });
        size + &events.collect::<String>()
    };
    let line = |lesion: &Tracked| {
        let exams: Vec<String> = lesion.exams.iter().map(at).collect();
        format!("{} {}: {}\n", lesion.id, lesion.organ, exams.join(", "))
    };
    followup.lesions.iter().map(line).collect()
}

#[track_caller]
fn check(exams: &[(&[Ball], Rigid)], expect: expect_test::Expect) {
    expect.assert_eq(&story(&follow(&visits(exams), true).expect("can be followed")));
}

fn lung(x: f64, radius: f64) -> Ball {
    Ball::round([-60.0 + x, -5.0, 40.0], radius, -30.0, 1)
}

const STILL: Rigid = Rigid::STILL;

fn moved() -> Rigid {
    Rigid::new([0.0; 3], [0.03, 0.0, -0.05], [14.0, -9.0, 7.0])
}

#[test]
fn lesions_shrink_grow_appear_go_and_come_back_while_the_patient_moves() {
    let other = |radius| Ball::round([60.0, 0.0, 60.0], radius, -30.0, 1);
    check(
        &[
            (&[lung(0.0, 15.0), other(10.0)], STILL),
            (&[lung(0.0, 10.0)], moved()),
            (&[lung(0.0, 20.0), other(8.0), Ball::round([-45.0, -5.0, -60.0], 9.0, 40.0, 2)], STILL),
        ],
        expect_test::expect![[r#"
            L1 lung: 31, 22, 42
            L2 lung: 21, - gone, 17 back
            N1 liver: -, -, 17 new
        "#]],
    );
}

#[test]
fn two_lesions_merge_and_split_again() {
    check(
        &[
            (&[lung(-14.0, 12.0), lung(14.0, 10.0)], STILL),
            (&[lung(-14.0, 15.0), lung(14.0, 15.0)], moved()),
            (&[lung(-14.0, 12.0), lung(14.0, 10.0)], STILL),
        ],
        expect_test::expect![[r#"
            L1 lung: 25, 59, 46 split 2
            L2 lung: 21, - in L1, - in L1
        "#]],
    );
    check(
        &[(&[lung(-8.0, 12.0), lung(8.0, 12.0)], STILL), (&[lung(-14.0, 8.0), lung(14.0, 8.0)], moved())],
        expect_test::expect![[r#"
            L1 lung: 41, 34 split 2
        "#]],
    );
}

#[test]
fn without_alignment_a_moved_lesion_would_be_another() {
    let far = Rigid::new([0.0; 3], [0.0; 3], [0.0, 0.0, 40.0]);
    let exams: [(&[Ball], Rigid); 2] = [(&[lung(0.0, 10.0)], STILL), (&[lung(0.0, 10.0)], far)];
    let visits = visits(&exams);
    assert_eq!(follow(&visits, true).unwrap().lesions.len(), 1);
    assert_eq!(follow(&visits, false).unwrap().lesions.len(), 2);
}

#[test]
fn the_invented_study_responds_and_progresses() {
    let visits = phantom::visits().unwrap();
    let followup = follow(&visits, true).unwrap();
    expect_test::expect![[r#"
        L1 lung: 45, 30, 26, 37
        L2 liver: 31, 23, 21, 25
        L3 lung: 23, 15, - gone, -
        L4 mediastinal lymph node: 23, 16, 10, 10
        L5 vertebra: 17, 18, 18, 18
        N1 liver: -, -, -, 18 new
    "#]]
    .assert_eq(&story(&followup));
    let line = assess(&followup.history, Criteria::Recist).unwrap();
    let overall: Vec<Option<Category>> = line.points.iter().map(|point| point.overall).collect();
    let (partial, progression) = (Some(Category::Partial), Some(Category::Progression));
    assert_eq!(overall, [None, partial, partial, progression], "{:#?}", line.points);
    // Diameters are those that were put in, within a voxel.
    for (exam, put_in) in phantom::study().iter().enumerate() {
        let longest = 2.0 * put_in.lesions[0].radii_mm[0];
        let found = &followup.lesions[0].exams[exam].parts[0];
        assert!((found.longest_mm - longest).abs() < 2.5, "{} beside {longest}", found.longest_mm);
    }
    for (found, put_in) in followup.motions.iter().zip(phantom::study()).skip(1) {
        let (a, b) = (found.motion.apply([0.0; 3]), put_in.motion.apply([0.0; 3]));
        assert!((0..3).all(|i| (a[i] - b[i]).abs() < 1.5), "{a:?} beside {b:?}");
    }
}

#[test]
fn features_are_compared_between_exams() {
    let visits = visits(&[(&[lung(0.0, 15.0)], STILL), (&[lung(0.0, 10.0)], STILL)]);
    let followup = follow(&visits, true).unwrap();
    let settings = ibsi::Settings::default();
    let deltas = delta(&visits, &followup.lesions[0], [0, 1], &settings).unwrap().unwrap();
    let volume = deltas.iter().find(|delta| delta.name == "morph_vol_approx").expect("a volume");
    // (10 / 15)³ is 0.296; slices of 5 mm.
    assert!((volume.percent.unwrap() + 70.4).abs() < 5.0, "{volume:?}");
    let same = delta(&visits, &followup.lesions[0], [0, 0], &settings).unwrap().unwrap();
    assert!(same.iter().all(|delta| delta.change.is_none_or(|change| change == 0.0)));
}

#[test]
fn a_site_that_is_not_shown_is_not_evaluable() {
    let mut visits = visits(&[(&[lung(0.0, 15.0)], STILL), (&[], STILL)]);
    visits[1].not_evaluable = vec!["Lung".to_owned()];
    let followup = follow(&visits, true).unwrap();
    assert_eq!(followup.history.lesions[0].seen[1], Seen::NotEvaluable);
}
