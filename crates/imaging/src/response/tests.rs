//! The guidelines' tables row by row, and what always holds of a response.

use super::*;
use proptest::prelude::*;

fn day(at: i64) -> Date {
    Date::constant(2026, 1, 1).saturating_add(jiff::Span::new().days(at))
}

fn sized(longest: f64, short: f64) -> Seen {
    let ball = std::f64::consts::PI / 6.0 * longest.powi(3);
    Seen::Measured(Sizes {
        longest_mm: longest,
        short_mm: short,
        product_mm2: longest * short,
        volume_mm3: ball,
        uptake: None,
    })
}

/// One lesion a word: `liver:30,20,-,?,<`; diameters in mm (`30x20`: with a short axis), `-` absent, `?` not evaluable,
/// `<` too small. A site that begins with `node` is a node whose numbers are short axes, `bone` is bone.
fn history(every_days: i64, lesions: &str) -> History {
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let seen = |kind: Kind, text: &str| match text {
        "-" => Seen::Absent,
        "?" => Seen::NotEvaluable,
        "<" => Seen::TooSmall,
        _ => match text.split_once('x') {
            Some((long, short)) => sized(number(long), number(short)),
            None if kind == Kind::Node => sized(2.0 * number(text), number(text)),
            None => sized(number(text), number(text)),
        },
    };
    let lesion = |(at, words): (usize, &str)| {
        let (organ, sizes) = words.split_once(':').expect("organ:sizes");
        let kind = match organ {
            organ if organ.starts_with("node") => Kind::Node,
            organ if organ.starts_with("bone") => Kind::Bone,
            _ => Kind::Tumour,
        };
        let seen = sizes.split(',').map(|text| seen(kind, text)).collect();
        Lesion { id: format!("L{}", at + 1), organ: organ.to_owned(), kind, seen }
    };
    let lesions: Vec<Lesion> = lesions.split_whitespace().enumerate().map(lesion).collect();
    let exams = lesions.first().map_or(0, |lesion| lesion.seen.len());
    let exam =
        |at: usize| Exam { day: day(every_days * at as i64), slice_mm: 1.0, stated: Stated::default() };
    History { exams: (0..exams).map(exam).collect(), lesions }
}

fn words(line: &Timeline) -> String {
    let overall = line.points[1..].iter().map(|point| point.overall.map_or("none", Category::short));
    overall.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(criteria: Criteria, lesions: &str, expect: &str) {
    let line = assess(&history(60, lesions), criteria).expect("can be assessed");
    assert_eq!(words(&line), expect, "{lesions}: {:#?}", line.points);
}

#[test]
fn targets_are_the_largest_two_of_an_organ_five_in_all() {
    let all = "liver:30,30 Liver:40,40 liver:50,50 lung:12,12 lung:9,9 node-neck:16,16 node-groin:20,20 node-axilla:15,15 \
               bone:60,60 adrenal:11,11 spleen:10,10";
    let line = assess(&history(60, all), Criteria::Recist).unwrap();
    // Largest first; nodes are one organ; bone and 9 mm are not measurable; the sixth does not fit.
    assert_eq!(line.targets, ["L3", "L2", "L7", "L6", "L4"]);
    assert_eq!(line.non_targets, ["L1", "L5", "L8", "L9", "L10", "L11"]);
    assert_eq!(line.points[0].sum, Some(50.0 + 40.0 + 20.0 + 16.0 + 12.0));
}

#[test]
fn thick_slices_and_small_nodes() {
    let mut thick = history(60, "lung:15,15 lung:17,17 node:9,9 node:12,12");
    thick.exams.iter_mut().for_each(|exam| exam.slice_mm = 8.0);
    let line = assess(&thick, Criteria::Recist).unwrap();
    // 2 × 8 mm; a node below 10 mm is normal, one of 10 to 14 mm is non-target.
    assert_eq!(
        (line.targets, line.non_targets),
        (vec!["L2".to_owned()], vec!["L1".to_owned(), "L4".to_owned()])
    );
}

#[test]
fn target_lesions_by_their_thresholds() {
    let recist = |lesions, expect| check(Criteria::Recist, lesions, expect);
    recist("liver:100,70", "PR");
    recist("liver:100,70.1", "SD");
    recist("liver:100,120", "PD");
    recist("liver:100,119.9", "SD");
    recist("liver:20,24", "SD"); // + 20 %, but only 4 mm
    recist("liver:20,25", "PD");
    recist("liver:100,60,71,72", "PR SD PD"); // from the smallest sum: 60 → 72 is + 20 %
    recist("liver:100,<", "PR"); // 5 mm
    recist("liver:30,- lung:30,-", "CR");
    recist("liver:30,- node:20,9", "CR");
    recist("liver:30,- node:20,10", "PR");
    recist("node:20,5,9.9", "CR CR"); // a normal node, though it grew by 5 mm
    recist("liver:30,?", "NE");
    recist("liver:30,? lung:30,90", "PD"); // what is seen alone is progression
    recist("liver:30,? lung:30,-", "NE");
    recist("liver:30,20,- lung:-,12,14", "PD PD");
    recist("liver:30,20 node:-,9", "PR"); // a normal node is no new lesion
    recist("liver:30,20 node:-,11", "PD");
    recist("liver:30,-,12 lung:20,-,-", "CR PD"); // back after a complete response
    recist("liver:30,-,12 lung:20,10,10", "PR PD"); // 10 → 22 mm is progression by the sum
    recist("liver:50,-,12 lung:60,60,50", "PR PR"); // back, and no progression
}

/// RECIST 1.1 (2009), table 1: patients with target lesions. `-`: no non-target lesion.
#[test]
fn table_1_of_recist() {
    use Category::{
        Complete as Cr, Neither, NotEvaluable as Ne, Partial as Pr, Progression as Pd, Stable as Sd,
    };
    for (target, other, new, expect) in [
        (Cr, Some(Cr), false, Cr),
        (Cr, None, false, Cr),
        (Cr, Some(Neither), false, Pr),
        (Cr, Some(Ne), false, Pr),
        (Pr, Some(Neither), false, Pr),
        (Pr, Some(Cr), false, Pr),
        (Pr, Some(Ne), false, Pr),
        (Sd, Some(Neither), false, Sd),
        (Sd, Some(Ne), false, Sd),
        (Ne, Some(Neither), false, Ne),
        (Ne, Some(Cr), false, Ne),
        (Pd, Some(Neither), false, Pd),
        (Pd, Some(Cr), true, Pd),
        (Cr, Some(Pd), false, Pd),
        (Sd, Some(Pd), true, Pd),
        (Cr, Some(Cr), true, Pd),
        (Ne, Some(Ne), true, Pd),
    ] {
        assert_eq!(sums::overall(Some(target), other, new), expect, "{target:?} {other:?} {new}");
    }
}

/// RECIST 1.1 (2009), table 2: patients with non-target disease only.
#[test]
fn table_2_of_recist() {
    use Category::{Complete as Cr, Neither, NotEvaluable as Ne, Progression as Pd};
    for (other, new, expect) in [
        (Cr, false, Cr),
        (Neither, false, Neither),
        (Ne, false, Ne),
        (Pd, false, Pd),
        (Pd, true, Pd),
        (Cr, true, Pd),
        (Neither, true, Pd),
        (Ne, true, Pd),
    ] {
        assert_eq!(sums::overall(None, Some(other), new), expect, "{other:?} {new}");
    }
    check(Criteria::Recist, "bone:30,30,-", "non-CR/non-PD CR");
}

#[test]
fn what_a_reader_states_decides_and_what_is_not_stated_is_open() {
    let with = |lesions: &str, stated: Stated, criteria: Criteria| {
        let mut history = history(60, lesions);
        history.exams[1].stated = stated;
        assess(&history, criteria).unwrap().points.remove(1)
    };
    let silent = with("liver:30,30 bone:30,60", Stated::default(), Criteria::Recist);
    assert_eq!((silent.overall, silent.open.len()), (Some(Category::Stable), 1));
    let stated = Stated { non_target_progression: Some(true), ..Stated::default() };
    assert_eq!(with("liver:30,30 bone:30,60", stated, Criteria::Recist).overall, Some(Category::Progression));
    let markers = |normal| Stated { markers_normal: normal, ..Stated::default() };
    let complete = with("liver:30,-", markers(None), Criteria::Recist);
    assert_eq!((complete.overall, complete.open.len()), (Some(Category::Complete), 1));
    assert_eq!(with("liver:30,-", markers(Some(false)), Criteria::Recist).overall, Some(Category::Partial));
    assert_eq!(with("liver:30,-", markers(Some(true)), Criteria::Recist).open.len(), 0);
}

#[test]
fn rano_by_products_steroids_and_state() {
    check(Criteria::Rano, "brain:30x20,30x10", "PR");
    check(Criteria::Rano, "brain:30x20,30x10.1", "SD");
    check(Criteria::Rano, "brain:30x20,30x25", "PD");
    check(Criteria::Rano, "brain:30x20,30x24.9", "SD");
    check(Criteria::Rano, "brain:30x9,30x30", "non-CR/non-PD"); // 9 mm across: not measurable
    let with = |lesions: &str, stated: Stated| {
        let mut history = history(60, lesions);
        history.exams[1].stated = stated;
        let point = assess(&history, Criteria::Rano).unwrap().points.remove(1);
        (point.overall.unwrap(), point.open.len())
    };
    let fine = Stated {
        steroids: Some(Course::Stable),
        no_steroids: Some(true),
        clinical: Some(Course::Stable),
        flair: Some(Course::Better),
        ..Stated::default()
    };
    assert_eq!(with("brain:30x20,-", fine.clone()), (Category::Complete, 0));
    assert_eq!(
        with("brain:30x20,-", Stated { no_steroids: Some(false), ..fine.clone() }).0,
        Category::Partial
    );
    let raised = Stated { steroids: Some(Course::Worse), ..fine.clone() };
    assert_eq!(with("brain:30x20,30x10", raised), (Category::Stable, 0));
    let worse = Stated { clinical: Some(Course::Worse), ..fine };
    assert_eq!(with("brain:30x20,30x10", worse), (Category::Progression, 0));
    assert_eq!(with("brain:30x20,-", Stated::default()), (Category::Complete, 3));
}

#[test]
fn mrecist_and_volumes() {
    check(Criteria::Mrecist, "liver:20,24", "PD"); // no least growth in mm
    check(Criteria::Mrecist, "liver:40,20 liver:-,9", "PR"); // a new lesion counts from 10 mm
    check(Criteria::Mrecist, "liver:40,20 liver:-,10", "PD");
    // A ball: 0.7 of the diameter is 0.343 of the volume, 1.12 is 1.405.
    check(Criteria::Volumetric, "liver:100,70", "PR");
    check(Criteria::Volumetric, "liver:100,71", "SD");
    check(Criteria::Volumetric, "liver:100,112", "PD");
    check(Criteria::Volumetric, "liver:100,111", "SD");
}

#[test]
fn immune_progression_waits_and_is_confirmed_or_reset() {
    let immune = |lesions, expect| check(Criteria::Irecist, lesions, expect);
    immune("liver:50,40,30", "iSD iPR");
    immune("liver:50,60,65", "iUPD iCPD"); // 5 mm more
    immune("liver:50,60,64.9", "iUPD iUPD");
    immune("liver:50,60,63,65", "iUPD iUPD iCPD"); // increases add up
    immune("liver:50,60,50", "iUPD iSD"); // the bar is reset
    immune("liver:50,60,35,41,42", "iUPD iPR iSD iUPD"); // and can be reached again: 35 → 42
    immune("liver:50,60,65,20", "iUPD iCPD iCPD");
    immune("liver:50,50,50 lung:-,12,17", "iUPD iCPD"); // the new lesion grew by 5 mm
    immune("liver:50,50,50 lung:-,12,13", "iUPD iUPD");
    immune("liver:50,50,50 lung:-,8,9", "iUPD iCPD"); // not measurable: any growth
    immune("liver:50,50,50 lung:-,12,12 lung:-,-,8", "iUPD iCPD"); // one more
    immune("liver:50,30,30 lung:-,12,-", "iUPD iPR"); // gone again
    immune("liver:50,50,60 lung:-,12,12", "iUPD iCPD"); // another part
    immune("liver:50,-,-", "iCR iCR");
}

#[test]
fn immune_confirmation_needs_four_weeks() {
    let mut soon = history(60, "liver:50,60,70,71");
    soon.exams[2].day = day(60 + 27);
    soon.exams[3].day = day(60 + 28);
    assert_eq!(words(&assess(&soon, Criteria::Irecist).unwrap()), "iUPD iUPD iCPD");
}

#[test]
fn uptake_by_percist() {
    let pet = |peaks: &[f64], stated: Stated| {
        let seen = |&peak: &f64| {
            let Seen::Measured(sizes) = sized(20.0, 20.0) else { return Seen::Absent };
            let uptake = Some(Uptake { sul_peak: peak, glycolysis: 4.0 * peak });
            if peak > 0.0 { Seen::Measured(Sizes { uptake, ..sizes }) } else { Seen::Absent }
        };
        let mut history = history(60, "liver:20,20");
        history.exams[1].stated = stated;
        history.lesions[0].seen = peaks.iter().map(seen).collect();
        assess(&history, Criteria::Percist).unwrap().points.remove(1).overall.unwrap().short()
    };
    let silent = Stated::default;
    let liver = || Stated { liver_sul: Some([2.0, 0.3]), ..Stated::default() };
    assert_eq!(pet(&[10.0, 7.0], silent()), "PMR");
    assert_eq!(pet(&[10.0, 7.1], silent()), "SMD");
    assert_eq!(pet(&[10.0, 13.0], silent()), "PMD");
    assert_eq!(pet(&[10.0, 12.9], silent()), "SMD");
    assert_eq!(pet(&[2.0, 1.3], silent()), "SMD"); // − 35 %, but only 0.7
    assert_eq!(pet(&[10.0, 1.9], liver()), "CMR");
    assert_eq!(pet(&[10.0, 0.0], silent()), "PMR"); // without the liver no complete response is claimed
}

/// RECIST 1.1 (2009), table 3: best overall response where it must be confirmed. Exams on day 60 and 120; `late` false
/// puts the first on day 30, before stable disease counts.
#[test]
fn table_3_of_recist() {
    use Category::{Complete as Cr, NotEvaluable as Ne, Partial as Pr, Progression as Pd, Stable as Sd};
    for (first, second, late, expect) in [
        (Cr, Cr, true, Cr),
        (Cr, Sd, true, Sd),
        (Cr, Pd, true, Sd),
        (Cr, Pd, false, Pd),
        (Cr, Ne, true, Sd),
        (Cr, Ne, false, Ne),
        (Pr, Cr, true, Pr),
        (Pr, Pr, true, Pr),
        (Pr, Sd, true, Sd),
        (Pr, Pd, true, Sd),
        (Pr, Pd, false, Pd),
        (Pr, Ne, true, Sd),
        (Pr, Ne, false, Ne),
        (Ne, Ne, true, Ne),
    ] {
        let mut line = assess(&history(60, "liver:50,50,50"), Criteria::Recist).unwrap();
        line.points[1].day = day(if late { 60 } else { 30 });
        line.points[1].overall = Some(first);
        line.points[2].overall = Some(second);
        assert_eq!(best(&line).confirmed, Some(expect), "{first:?} {second:?} {late}");
    }
    // What comes after progression does not count, and a response after 27 days is not confirmed.
    let of = |lesions, every| best(&assess(&history(every, lesions), Criteria::Recist).unwrap());
    assert_eq!(of("liver:50,70,20,20", 60).unconfirmed, Some(Pd));
    assert_eq!(of("liver:50,30,30", 27), Best { unconfirmed: Some(Pr), confirmed: Some(Sd) });
    assert_eq!(of("liver:50,30,30", 28).confirmed, Some(Pr));
}

/// iRECIST (Seymour 2017), table 3, its examples.
#[test]
fn examples_of_best_immune_response() {
    use Category::*;
    for (line, expect) in [
        (vec![ImmuneComplete, ImmunePartial, Unconfirmed, Unconfirmed, Confirmed], ImmuneComplete),
        (vec![Unconfirmed, ImmuneStable, ImmuneComplete, Unconfirmed, Confirmed], ImmuneComplete),
        (vec![Unconfirmed, ImmunePartial, ImmuneStable, Unconfirmed, Confirmed], ImmunePartial),
        (vec![Unconfirmed, NotEvaluable, ImmunePartial, Unconfirmed, Confirmed], ImmunePartial),
        (vec![Unconfirmed, ImmuneStable, Unconfirmed, Confirmed, NotEvaluable], ImmuneStable),
        (vec![Unconfirmed, Confirmed, ImmunePartial], Confirmed),
        (vec![Unconfirmed, Unconfirmed, Confirmed], Confirmed),
        (vec![Unconfirmed, NotEvaluable, NotEvaluable], Unconfirmed),
    ] {
        let dated: Vec<(Date, Category)> =
            line.iter().enumerate().map(|(at, category)| (day(60 * at as i64), *category)).collect();
        assert_eq!(best_immune(&dated), Some(expect), "{line:?}");
    }
}

#[test]
fn what_cannot_be_assessed_is_refused() {
    let fails = |history: History| assess(&history, Criteria::Recist).unwrap_err().to_string();
    assert!(fails(history(60, "")).contains("no exam"));
    assert!(fails(history(0, "liver:1,1")).contains("exam 2"));
    let mut short = history(60, "liver:10,10 lung:10,10");
    short.lesions[1].seen.pop();
    assert!(fails(short).contains("L2 is described at 1 of 2"));
    assert!(fails(history(60, "liver:10,NaN")).contains("L1"));
}

#[test]
fn every_threshold_has_a_source() {
    for criteria in Criteria::ALL {
        for one in thresholds(criteria) {
            assert!(!one.source.is_empty() && one.value > 0.0, "{criteria:?} {one:?}");
            let unsure = one.source.contains("not compared") || one.source.starts_with("ours");
            assert!(!unsure || one.review == Review::Unreviewed, "{one:?}");
        }
    }
}

fn any_seen() -> impl Strategy<Value = Seen> {
    prop_oneof![
        6 => (1.0..80.0f64, 0.2..1.0f64).prop_map(|(long, part)| sized(long, long * part)),
        2 => Just(Seen::Absent),
        1 => Just(Seen::TooSmall),
        1 => Just(Seen::NotEvaluable),
    ]
}

fn any_history() -> impl Strategy<Value = History> {
    let lesion = (0..4usize, 0..5usize, proptest::collection::vec(any_seen(), 4));
    proptest::collection::vec(lesion, 1..8).prop_map(|lesions| {
        let mut history = history(60, "liver:1,1,1,1");
        let make = |(at, (organ, kind, seen)): (usize, (usize, usize, Vec<Seen>))| Lesion {
            id: format!("L{}", at + 1),
            organ: ["liver", "lung", "adrenal", "neck"][organ].to_owned(),
            kind: [Kind::Tumour, Kind::Tumour, Kind::Tumour, Kind::Node, Kind::Bone][kind],
            seen,
        };
        history.lesions = lesions.into_iter().enumerate().map(make).collect();
        history
    })
}

proptest! {
    /// Targets are chosen by size and id, never by the order they are listed in.
    #[test]
    fn the_order_of_lesions_does_not_matter(history in any_history(), turn in 0..8usize) {
        let mut turned = history.clone();
        let by = turn % turned.lesions.len();
        turned.lesions.rotate_left(by);
        for criteria in Criteria::ALL {
            let (a, b) = (assess(&history, criteria).unwrap(), assess(&turned, criteria).unwrap());
            prop_assert_eq!(words(&a), words(&b));
            prop_assert_eq!(a.targets, b.targets);
        }
    }

    /// Where only shares count (volumes, no threshold in mm once targets are chosen), a common scale changes nothing.
    #[test]
    fn volumes_know_no_scale(sizes in proptest::collection::vec(10.0..50.0f64, 8), by in 1.0..4.0f64) {
        let at = |scale: f64| {
            let of = |half: &[f64]| half.iter().map(|s| (s * scale).to_string()).collect::<Vec<_>>().join(",");
            history(60, &format!("liver:{} lung:{}", of(&sizes[..4]), of(&sizes[4..])))
        };
        let of = |history: &History| words(&assess(history, Criteria::Volumetric).unwrap());
        prop_assert_eq!(of(&at(1.0)), of(&at(by)));
    }

    /// A new lesion never makes a category better than progression; taking one away never adds progression.
    #[test]
    fn a_new_lesion_is_progression(history in any_history(), exam in 1..4usize) {
        let mut worse = history.clone();
        let seen = (0..4).map(|at| if at < exam { Seen::Absent } else { sized(30.0, 30.0) }).collect();
        worse.lesions.push(Lesion { id: "L99".to_owned(), organ: "brain".to_owned(), kind: Kind::Tumour, seen });
        let line = assess(&worse, Criteria::Recist).unwrap();
        prop_assert!(line.points[exam..].iter().all(|point| point.overall == Some(Category::Progression)));
        let before = assess(&history, Criteria::Recist).unwrap();
        prop_assert_eq!(&before.points[..exam], &line.points[..exam]);
    }

    /// Nadir is the smallest sum so far, and progression always names one that was smaller.
    #[test]
    fn progression_of_targets_is_growth(history in any_history()) {
        let line = assess(&history, Criteria::Recist).unwrap();
        for point in &line.points[1..] {
            if let (Some(Category::Progression), Some(sum), Some(nadir)) = (point.target, point.sum, point.nadir) {
                prop_assert!(sum >= nadir + 5.0 && sum >= 1.2 * nadir - 1e-9);
            }
            if point.target == Some(Category::Partial) {
                prop_assert!(point.sum.unwrap() <= 0.7 * point.baseline.unwrap() + 1e-9);
            }
        }
    }
}
