//! What do the sums over target lesions, the other lesions and new ones say together?
//!
//! Decisions where the guideline leaves room: all targets gone and nodes normal is a complete response of the targets
//! even where a normal node grew by more than the threshold from its smallest size; where a target is not evaluable,
//! progression of the others still is progression (their sum alone reaches it), and nothing else can be said;
//! each date is judged by its own numbers, so that a partial response that grows a little reads "stable" and only the
//! best response remembers it; a lesion that comes back is no new lesion, but after an overall complete response it is progression.

use super::rules::{Measure, SumRules, thresholds};
use super::{Category, Criteria, History, Kind, Lesion, Point, Seen, Sizes, Stated, Timeline, percent};

/// Is the lesion measurable at this exam?
pub(super) fn measurable(lesion: &Lesion, sizes: &Sizes, slice_mm: f64, rules: &SumRules) -> bool {
    match (lesion.kind, rules.least_node_mm) {
        (Kind::Bone, _) => false,
        (Kind::Node, Some(least)) => sizes.short_mm >= least.value,
        (Kind::Node | Kind::Tumour, _) => {
            let least = match rules.thick_slice {
                Some([thick, slices]) if slice_mm > thick.value => {
                    rules.least_mm.value.max(slices.value * slice_mm)
                }
                _ => rules.least_mm.value,
            };
            let both = rules.measure == Measure::Product;
            sizes.longest_mm >= least && (!both || sizes.short_mm >= least)
        }
    }
}

fn measure(kind: Kind, sizes: &Sizes, rules: &SumRules) -> f64 {
    match (rules.measure, kind) {
        (Measure::Diameter, Kind::Node) => sizes.short_mm,
        (Measure::Diameter, Kind::Tumour | Kind::Bone) => sizes.longest_mm,
        (Measure::Product, _) => sizes.product_mm2,
        (Measure::Volume, _) => sizes.volume_mm3,
    }
}

/// What a lesion adds to a sum; `None` where it is not evaluable.
pub(super) fn value(lesion: &Lesion, exam: usize, rules: &SumRules) -> Option<f64> {
    match &lesion.seen[exam] {
        Seen::Measured(sizes) => Some(measure(lesion.kind, sizes, rules)),
        Seen::TooSmall => Some(rules.too_small.value),
        Seen::Absent => Some(0.0),
        Seen::NotEvaluable => None,
    }
}

/// The largest measurable lesions of one exam: at most so many in all and of one organ. Ties go by id.
pub(super) fn choose<'h>(
    candidates: impl Iterator<Item = &'h Lesion>,
    exam: usize,
    slice_mm: f64,
    rules: &SumRules,
    most: [f64; 2],
) -> Vec<&'h Lesion> {
    let fit = |lesion: &&Lesion| matches!(&lesion.seen[exam], Seen::Measured(s) if measurable(lesion, s, slice_mm, rules));
    let mut fit: Vec<&Lesion> = candidates.filter(fit).collect();
    let size = |lesion: &Lesion| value(lesion, exam, rules).unwrap_or_default();
    fit.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.id.cmp(&b.id)));
    let mut chosen: Vec<&Lesion> = vec![];
    for lesion in fit {
        // All nodes are one organ.
        let same = |other: &&&Lesion| organ(other) == organ(lesion);
        if (chosen.len() as f64) < most[0] && (chosen.iter().filter(same).count() as f64) < most[1] {
            chosen.push(lesion);
        }
    }
    chosen
}

fn organ(lesion: &Lesion) -> String {
    if lesion.kind == Kind::Node { "lymph nodes".to_owned() } else { lesion.organ.trim().to_lowercase() }
}

/// Lesions parted by their role.
pub(super) struct Roles<'h> {
    pub targets: Vec<&'h Lesion>,
    pub others: Vec<&'h Lesion>,
    /// Those the baseline does not show.
    pub later: Vec<&'h Lesion>,
}

pub(super) fn roles<'h>(history: &'h History, rules: &SumRules) -> Roles<'h> {
    let most = [rules.most_targets.value, rules.most_per_organ.map_or(f64::INFINITY, |most| most.value)];
    // A node below the normal size is no disease.
    let normal = |lesion: &Lesion| match (&lesion.seen[0], rules.normal_node_mm) {
        (Seen::Measured(s), Some(limit)) => lesion.kind == Kind::Node && s.short_mm < limit.value,
        _ => false,
    };
    let at_baseline = |lesion: &&Lesion| !matches!(lesion.seen[0], Seen::Absent);
    let (first, later): (Vec<&Lesion>, Vec<&Lesion>) = history.lesions.iter().partition(at_baseline);
    let first: Vec<&Lesion> = first.into_iter().filter(|lesion| !normal(lesion)).collect();
    let targets = choose(first.iter().copied(), 0, history.exams[0].slice_mm, rules, most);
    let others = first.into_iter().filter(|lesion| !targets.iter().any(|one| one.id == lesion.id)).collect();
    Roles { targets, others, later }
}

pub(super) fn assess(history: &History, rules: &SumRules) -> Timeline {
    let roles = roles(history, rules);
    let mut points: Vec<Point> = vec![];
    for exam in 0..history.exams.len() {
        let point = point(history, rules, &roles, exam, &points);
        points.push(point);
    }
    let ids = |lesions: &[&Lesion]| lesions.iter().map(|lesion| lesion.id.clone()).collect();
    let mut notes = vec![];
    if roles.targets.is_empty() {
        notes.push(
            "no measurable lesion at the baseline: only non-target and new lesions are judged".to_owned(),
        );
    }
    if rules.criteria == Criteria::Mrecist {
        notes.push(
            "the masks must hold the arterially enhancing part only; this cannot be seen from them"
                .to_owned(),
        );
    }
    Timeline {
        criteria: rules.criteria,
        unit: rules.unit,
        targets: ids(&roles.targets),
        non_targets: ids(&roles.others),
        points,
        thresholds: thresholds(rules.criteria),
        notes,
    }
}

/// One exam beside those before it.
pub(super) fn point(
    history: &History,
    rules: &SumRules,
    roles: &Roles<'_>,
    exam: usize,
    before: &[Point],
) -> Point {
    let known: Vec<Option<f64>> = roles.targets.iter().map(|lesion| value(lesion, exam, rules)).collect();
    let whole: Option<f64> = known.iter().copied().sum();
    let baseline = before.first().map_or(whole, |first| first.sum);
    let nadir = before.iter().filter_map(|point| point.sum).reduce(f64::min);
    let change = |from: Option<f64>| from.zip(whole).and_then(|(from, to)| percent(from, to));
    let mut point = Point {
        day: history.exams[exam].day,
        sum: whole.filter(|_| !roles.targets.is_empty()),
        baseline,
        nadir,
        from_baseline_percent: change(baseline),
        from_nadir_percent: change(nadir),
        target: None,
        non_target: None,
        new_lesions: new_lesions(roles, exam, rules),
        overall: None,
        because: vec![],
        open: vec![],
    };
    if exam == 0 {
        point.because.push("baseline".to_owned());
        return point;
    }
    let stated = &history.exams[exam].stated;
    point.target = target(roles, exam, rules, &mut point);
    point.non_target = non_target(roles, exam, rules, stated, &mut point);
    if !point.new_lesions.is_empty() {
        point.because.push(format!("new since the baseline: {}", point.new_lesions.join(", ")));
    }
    let back = came_back(roles, exam, before);
    if let Some(id) = &back {
        point.because.push(format!("{id} is back after an overall complete response"));
    }
    let new = !point.new_lesions.is_empty() || back.is_some();
    let together = overall(point.target, point.non_target, new);
    point.overall = Some(with_statements(together, rules, stated, &mut point));
    point
}

fn new_lesions(roles: &Roles<'_>, exam: usize, rules: &SumRules) -> Vec<String> {
    let counts = |lesion: &&&Lesion| match (&lesion.seen[exam], rules.least_new_mm) {
        (Seen::Measured(sizes), Some(least)) => sizes.longest_mm >= least.value,
        (Seen::Measured(sizes), None) => {
            let normal = rules.normal_node_mm.is_some_and(|limit| sizes.short_mm < limit.value);
            lesion.kind != Kind::Node || !normal
        }
        (Seen::TooSmall, least) => least.is_none() && lesion.kind != Kind::Node,
        (Seen::Absent | Seen::NotEvaluable, _) => false,
    };
    roles.later.iter().filter(counts).map(|lesion| lesion.id.clone()).collect()
}

/// recist.eortc.org, "Does a new lesion always result in PD?": a lesion that disappeared and is back is progression
/// where the exam before was an overall complete response.
fn came_back(roles: &Roles<'_>, exam: usize, before: &[Point]) -> Option<String> {
    let complete = before.last().is_some_and(|point| point.overall == Some(Category::Complete));
    let back = |lesion: &&&Lesion| {
        matches!(lesion.seen[exam - 1], Seen::Absent)
            && matches!(lesion.seen[exam], Seen::Measured(_) | Seen::TooSmall)
    };
    let all = || roles.targets.iter().chain(&roles.others);
    complete.then(|| all().find(back).map(|lesion| lesion.id.clone())).flatten()
}

fn gone(lesion: &Lesion, exam: usize, rules: &SumRules) -> bool {
    match (&lesion.seen[exam], lesion.kind, rules.normal_node_mm) {
        (Seen::Absent, _, _) => true,
        (Seen::Measured(sizes), Kind::Node, Some(limit)) => sizes.short_mm < limit.value,
        (Seen::TooSmall, Kind::Node, Some(_)) => true,
        _ => false,
    }
}

fn target(roles: &Roles<'_>, exam: usize, rules: &SumRules, point: &mut Point) -> Option<Category> {
    if roles.targets.is_empty() {
        return None;
    }
    let known: f64 = roles.targets.iter().filter_map(|lesion| value(lesion, exam, rules)).sum();
    let grew = |nadir: f64| {
        let enough = rules.absolute.is_none_or(|least| known - nadir >= least.value);
        known > nadir && enough && known - nadir >= nadir * rules.progression.value / 100.0
    };
    let unit = rules.unit;
    let say = |number: Option<f64>| number.map_or("–".to_owned(), |number| format!("{number:.1}"));
    let change =
        |change: Option<f64>| change.map_or("no percentage".to_owned(), |change| format!("{change:+.1} %"));
    point.because.push(format!(
        "targets: {} {unit}, baseline {} ({}), smallest before {} ({})",
        say(point.sum),
        say(point.baseline),
        change(point.from_baseline_percent),
        say(point.nadir),
        change(point.from_nadir_percent)
    ));
    let unseen: Vec<&str> =
        roles.targets.iter().filter(|l| value(l, exam, rules).is_none()).map(|l| l.id.as_str()).collect();
    if !unseen.is_empty() {
        point.because.push(format!("not evaluable: {}", unseen.join(", ")));
        // What is seen alone reaches progression: what is not seen cannot take it away.
        return Some(if point.nadir.is_some_and(grew) {
            Category::Progression
        } else {
            Category::NotEvaluable
        });
    }
    if roles.targets.iter().all(|lesion| gone(lesion, exam, rules)) {
        return Some(Category::Complete);
    }
    if point.nadir.is_some_and(grew) {
        return Some(Category::Progression);
    }
    let shrank = |baseline: f64| baseline - known >= baseline * rules.partial.value / 100.0;
    Some(match point.baseline {
        None => Category::NotEvaluable,
        Some(baseline) if shrank(baseline) => Category::Partial,
        Some(_) => Category::Stable,
    })
}

fn non_target(
    roles: &Roles<'_>,
    exam: usize,
    rules: &SumRules,
    stated: &Stated,
    point: &mut Point,
) -> Option<Category> {
    if stated.non_target_progression == Some(true) {
        point.because.push("non-target disease: unequivocal progression as stated by the reader".to_owned());
        return Some(Category::Progression);
    }
    if roles.others.is_empty() {
        return None;
    }
    let grown = |lesion: &&&Lesion| {
        let sizes = |at: usize| value(lesion, at, rules);
        let enough =
            |least: f64, then: f64| rules.absolute.map_or(0.0, |least| least.value).max(then * least);
        // Asked only where a target would have progressed: a voxel more is no question for a reader.
        sizes(exam).zip(sizes(exam - 1)).is_some_and(|(now, then)| {
            now > then && now - then >= enough(rules.progression.value / 100.0, then)
        })
    };
    let grown: Vec<&str> = roles.others.iter().filter(grown).map(|lesion| lesion.id.as_str()).collect();
    if stated.non_target_progression.is_none() && !grown.is_empty() {
        let what = format!(
            "non-target {} measured larger: is it unequivocal progression? (reader)",
            grown.join(", ")
        );
        point.open.push(what);
    }
    let all_gone = roles.others.iter().all(|lesion| gone(lesion, exam, rules));
    let unseen = roles.others.iter().any(|lesion| matches!(lesion.seen[exam], Seen::NotEvaluable));
    Some(match (all_gone, unseen) {
        (true, _) => Category::Complete,
        (false, true) => Category::NotEvaluable,
        (false, false) => Category::Neither,
    })
}

/// RECIST 1.1 (2009), tables 1 and 2: time-point response.
pub(super) fn overall(target: Option<Category>, other: Option<Category>, new: bool) -> Category {
    use Category::{Complete, Neither, NotEvaluable, Partial, Progression, Stable};
    if new || target == Some(Progression) || other == Some(Progression) {
        return Progression;
    }
    match (target, other) {
        (Some(Complete) | None, Some(Complete)) | (Some(Complete), None) => Complete,
        (Some(Complete), Some(_)) => Partial,
        (Some(Partial), _) => Partial,
        (Some(Stable), _) => Stable,
        (None, Some(Neither)) => Neither,
        (None, _) | (Some(_), _) => NotEvaluable,
    }
}

/// What a reader must have stated before a category stands; what is not stated is open.
fn with_statements(found: Category, rules: &SumRules, stated: &Stated, point: &mut Point) -> Category {
    match rules.criteria {
        Criteria::Rano => rano(found, stated, point),
        _ => {
            match (found, stated.markers_normal) {
                (Category::Complete, None) => point.open.push("tumour markers are not stated".to_owned()),
                (Category::Complete, Some(false)) => {
                    point.because.push("tumour markers are not normal".to_owned());
                    return if point.target.is_some() { Category::Partial } else { Category::Neither };
                }
                _ => {}
            }
            found
        }
    }
}

/// RANO (Wen 2010), table of response, to be compared with it: worse T2/FLAIR or clinical state is progression
/// (steroids alone are not); complete response needs none, partial response no more than stable steroids.
fn rano(found: Category, stated: &Stated, point: &mut Point) -> Category {
    use super::Course::Worse;
    let worse: Vec<&str> = [("T2/FLAIR", stated.flair), ("clinical state", stated.clinical)]
        .iter()
        .filter(|(_, course)| *course == Some(Worse))
        .map(|(what, _)| *what)
        .collect();
    if !worse.is_empty() {
        point.because.push(format!("{} worse as stated", worse.join(" and ")));
        return Category::Progression;
    }
    for (what, silent) in [
        ("T2/FLAIR is not stated", stated.flair.is_none()),
        ("the clinical state is not stated", stated.clinical.is_none()),
    ] {
        if silent {
            point.open.push(what.to_owned());
        }
    }
    if !matches!(found, Category::Complete | Category::Partial) {
        return found;
    }
    let mut kept = found;
    if kept == Category::Complete {
        match stated.no_steroids {
            None => point.open.push("corticosteroids are not stated".to_owned()),
            Some(true) => {}
            Some(false) => kept = Category::Partial,
        }
    }
    match stated.steroids {
        Some(Worse) => {
            point.because.push("corticosteroids were raised".to_owned());
            Category::Stable
        }
        None if kept == Category::Partial => {
            point.open.push("the dose of corticosteroids is not stated".to_owned());
            kept
        }
        _ => kept,
    }
}
