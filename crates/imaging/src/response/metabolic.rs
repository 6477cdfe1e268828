//! How did uptake respond? PERCIST 1.0: the hottest lesion of each exam beside the hottest of the baseline.

use super::rules::{
    PET_ABSOLUTE, PET_GLYCOLYSIS, PET_LIVER_DEVIATIONS, PET_LIVER_TIMES, PET_MOST, PET_PARTIAL,
    PET_PROGRESSION, thresholds,
};
use super::{Category, Criteria, History, Lesion, Point, Seen, Timeline, Uptake, percent};

pub(super) fn assess(history: &History) -> Timeline {
    let followed = hottest(history);
    let later: Vec<&Lesion> =
        history.lesions.iter().filter(|lesion| matches!(lesion.seen[0], Seen::Absent)).collect();
    let baseline = peak(&followed, 0);
    let mut points: Vec<Point> = vec![];
    for exam in 0..history.exams.len() {
        points.push(point(history, &followed, &later, exam, baseline));
    }
    let mut notes = vec![];
    match (baseline, history.exams[0].stated.liver_sul) {
        (None, _) => {
            notes.push("no uptake at the baseline: is the image PET, and are values SUL?".to_owned())
        }
        (Some(_), None) => {
            notes.push("the liver's uptake is not stated: measurability at baseline is open".to_owned())
        }
        (Some(peak), Some([mean, deviation])) => {
            let least = PET_LIVER_TIMES.value * mean + PET_LIVER_DEVIATIONS.value * deviation;
            let words = if peak >= least { "measurable" } else { "not measurable" };
            notes.push(format!("baseline {words}: SULpeak {peak:.2}, needed {least:.2}"));
        }
    }
    let ids = followed.iter().map(|lesion| lesion.id.clone()).collect();
    Timeline {
        criteria: Criteria::Percist,
        unit: "SUL",
        targets: ids,
        non_targets: vec![],
        points,
        thresholds: thresholds(Criteria::Percist),
        notes,
    }
}

fn uptake(lesion: &Lesion, exam: usize) -> Option<Uptake> {
    match &lesion.seen[exam] {
        Seen::Measured(sizes) => sizes.uptake,
        Seen::TooSmall | Seen::Absent | Seen::NotEvaluable => None,
    }
}

/// Lesions of the baseline, hottest first, at most as many as are followed.
fn hottest(history: &History) -> Vec<&Lesion> {
    let peak = |lesion: &Lesion| uptake(lesion, 0).map_or(0.0, |uptake| uptake.sul_peak);
    let mut hot: Vec<&Lesion> = history.lesions.iter().filter(|lesion| uptake(lesion, 0).is_some()).collect();
    hot.sort_by(|a, b| peak(b).total_cmp(&peak(a)).then_with(|| a.id.cmp(&b.id)));
    hot.truncate(PET_MOST.value as usize);
    hot
}

fn peak(lesions: &[&Lesion], exam: usize) -> Option<f64> {
    lesions.iter().filter_map(|lesion| uptake(lesion, exam)).map(|uptake| uptake.sul_peak).reduce(f64::max)
}

fn glycolysis(lesions: &[&Lesion], exam: usize) -> f64 {
    lesions.iter().filter_map(|lesion| uptake(lesion, exam)).map(|uptake| uptake.glycolysis).sum()
}

fn point(
    history: &History,
    followed: &[&Lesion],
    later: &[&Lesion],
    exam: usize,
    baseline: Option<f64>,
) -> Point {
    let unseen = followed.iter().any(|lesion| matches!(lesion.seen[exam], Seen::NotEvaluable));
    let now =
        if unseen { None } else { Some(peak(followed, exam).unwrap_or(0.0)) }.filter(|_| baseline.is_some());
    let new: Vec<String> = later
        .iter()
        .filter(|lesion| uptake(lesion, exam).is_some())
        .map(|lesion| lesion.id.clone())
        .collect();
    let mut point = Point {
        day: history.exams[exam].day,
        sum: now,
        baseline,
        nadir: None,
        from_baseline_percent: baseline.zip(now).and_then(|(from, to)| percent(from, to)),
        from_nadir_percent: None,
        target: None,
        non_target: None,
        new_lesions: new,
        overall: None,
        because: vec![],
        open: vec![],
    };
    if exam == 0 {
        point.because.push("baseline".to_owned());
        return point;
    }
    let grown = percent(glycolysis(followed, 0), glycolysis(followed, exam));
    let found = category(history, exam, &mut point, grown);
    point.target = Some(found);
    let new = !point.new_lesions.is_empty();
    if new {
        point.because.push(format!("new lesions with uptake: {}", point.new_lesions.join(", ")));
    }
    point.overall = Some(if new { Category::MetabolicProgression } else { found });
    point
}

fn category(history: &History, exam: usize, point: &mut Point, glycolysis: Option<f64>) -> Category {
    let (Some(from), Some(to)) = (point.baseline, point.sum) else {
        point.because.push("uptake is not evaluable".to_owned());
        return Category::NotEvaluable;
    };
    let change = point.from_baseline_percent.unwrap_or_default();
    point.because.push(format!("SULpeak {to:.2}, baseline {from:.2} ({change:+.1} %)"));
    if glycolysis.is_some_and(|change| change > PET_GLYCOLYSIS.value) {
        point.because.push(format!("total lesion glycolysis {:+.1} %", glycolysis.unwrap_or_default()));
        return Category::MetabolicProgression;
    }
    if change >= PET_PROGRESSION.value && to - from >= PET_ABSOLUTE.value {
        return Category::MetabolicProgression;
    }
    match history.exams[exam].stated.liver_sul {
        Some([liver, _]) if to < liver => {
            point.open.push("is it like the background around it? (reader)".to_owned());
            return Category::MetabolicComplete;
        }
        Some(_) => {}
        None => point.open.push("the liver's uptake is not stated: a complete response is open".to_owned()),
    }
    if -change >= PET_PARTIAL.value && from - to >= PET_ABSOLUTE.value {
        return Category::MetabolicPartial;
    }
    Category::MetabolicStable
}
