//! Which lesion of one exam is which of the next? New, gone, back, split, merged.
//!
//! Every exam is laid over the first by a rigid motion; lesions of one site are linked where they overlap there, else
//! where they lie nearest. What is linked to two earlier ones has merged, what was one and is two has split. The bounds
//! are ours and `unreviewed`; every link is in the result, for a reader to check against the pictures.

use crate::geometry::components::Neighbours;
use crate::lesion::{self, Size};
use crate::radiomics::{Value, ibsi, local};
use crate::register::{Registration, Rigid, register};
use crate::response::{Exam, History, Kind, Lesion, Seen, Sizes, Uptake};
use crate::{ImagingError, IndexBox, Mask, Region, Volume};
use serde::Serialize;

/// Share of the smaller of two lesions that must lie in the other for a link (ours, unreviewed).
pub const LEAST_SHARE: f64 = 0.1;
/// How far apart the centres of two lesions that do not overlap may lie, mm (ours, unreviewed).
pub const NEAR_MM: f64 = 15.0;
/// Below this correlation the motion between two exams is not trusted and said so (ours, unreviewed).
pub const LEAST_CORRELATION: f64 = 0.6;
/// Voxels of a lesion that are laid over another at most.
const MOST_VOXELS: usize = 20_000;

/// One label of one exam.
#[derive(Clone, Debug)]
pub struct Delineated {
    /// Organ or site in words.
    pub organ: String,
    /// What its lesions are.
    pub kind: Kind,
    /// Value in the label map.
    pub label: u32,
    /// Where it is; its parts are the lesions.
    pub mask: Mask,
}

/// One exam as it is handed in.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Folder or file it came from, for messages and provenance.
    pub name: String,
    /// Day, slices, statements.
    pub exam: Exam,
    /// Modality: `CT`, `MR`, `PT`.
    pub modality: String,
    /// Series instance UID, where there is one.
    pub series: Option<String>,
    /// Study instance UID, where there is one.
    pub study: Option<String>,
    /// Who drew the masks, in words: a reader's role, or a model with its version.
    pub drawn_by: String,
    /// A person has confirmed the regions and what follows from them.
    pub confirmed: bool,
    /// What image values are multiplied with to be SUL (PET).
    pub sul_factor: f64,
    /// Sites the exam does not show.
    pub not_evaluable: Vec<String>,
    /// The image.
    pub image: Volume,
    /// Its labels.
    pub regions: Vec<Delineated>,
}

impl Visit {
    /// A visit of the invented patient without image and regions of its own yet.
    pub(crate) fn invented(name: &str) -> Visit {
        let still = Exam { day: jiff::civil::Date::ZERO, slice_mm: 1.0, stated: Default::default() };
        Visit {
            name: name.to_owned(),
            exam: still,
            modality: "CT".to_owned(),
            series: None,
            study: None,
            drawn_by: "the generator (invented)".to_owned(),
            confirmed: false,
            sul_factor: 1.0,
            not_evaluable: vec![],
            image: Volume::empty(),
            regions: vec![],
        }
    }
}

/// What happened to a lesion at an exam.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// First seen, after the baseline.
    New,
    /// Not there any more.
    Gone,
    /// There again.
    Back,
    /// In so many parts.
    Split(usize),
    /// One with another lesion, which carries its size.
    MergedInto(String),
}

/// One lesion at one exam.
#[derive(Clone, Debug, Serialize)]
pub struct At {
    /// Parts, largest first; none where it is not there or has merged into another.
    pub parts: Vec<Size>,
    /// What happened.
    pub events: Vec<Event>,
    /// Their masks.
    #[serde(skip)]
    pub masks: Vec<Mask>,
}

/// One lesion over all exams.
#[derive(Clone, Debug, Serialize)]
pub struct Tracked {
    /// `L1` of the baseline, `N1` of later exams.
    pub id: String,
    /// Organ or site.
    pub organ: String,
    /// What it is.
    pub kind: Kind,
    /// One an exam.
    pub exams: Vec<At>,
    /// Where it was last: exam and masks there.
    #[serde(skip)]
    last: (usize, Vec<Mask>),
}

/// Lesions followed over exams.
#[derive(Clone, Debug, Serialize)]
pub struct Followup {
    /// From the first exam's points to each exam's; the first is still.
    pub motions: Vec<Registration>,
    /// Lesions in the order of their ids.
    pub lesions: Vec<Tracked>,
    /// Sizes and statements for the response criteria.
    pub history: History,
    /// What a reader must know.
    pub notes: Vec<String>,
}

impl Followup {
    /// Where a lesion that an exam does not show would be there, LPS `(x, y, z)`, mm: where it was first, moved.
    pub fn place(&self, lesion: &Tracked, exam: usize) -> [f64; 3] {
        let seen = lesion.exams.iter().enumerate().find_map(|(at, one)| Some((at, one.parts.first()?)));
        let (first, centre) = seen.map_or((0, [0.0; 3]), |(at, part)| (at, part.centre_mm));
        self.motions[exam].motion.apply(self.motions[first].motion.back(centre))
    }
}

struct Part {
    organ: String,
    kind: Kind,
    mask: Mask,
    size: Size,
}

/// Follows the lesions of exams that are in order of time; without `align`, scanner coordinates are taken as they are.
///
/// # Errors
/// A mask on another grid than its image, values that are no numbers, no exam.
pub fn follow(visits: &[Visit], align: bool) -> Result<Followup, ImagingError> {
    let Some(first) = visits.first() else {
        return Err(ImagingError::setting("exams", "there is none: give a baseline"));
    };
    let still = Registration { motion: Rigid::STILL, correlation_before: 1.0, correlation: 1.0 };
    let (mut motions, mut notes, mut lesions) = (vec![still], vec![], Vec::<Tracked>::new());
    for (at, visit) in visits.iter().enumerate() {
        if at > 0 {
            let found = if align { register(&first.image, &visit.image)? } else { still };
            if found.correlation < LEAST_CORRELATION {
                notes.push(format!(
                    "{}: images fit badly (correlation {:.2}); check which lesion is which",
                    visit.name, found.correlation
                ));
            }
            motions.push(found);
        }
        let parts = parts(visit, &mut notes)?;
        take(&mut lesions, at, parts, &motions);
    }
    let history = history(visits, &lesions)?;
    Ok(Followup { motions, lesions, history, notes })
}

fn parts(visit: &Visit, notes: &mut Vec<String>) -> Result<Vec<Part>, ImagingError> {
    let mut parts = Vec::new();
    for region in &visit.regions {
        visit.image.grid().check_same(region.mask.grid())?;
        let (masks, specks) = lesion::lesions(&region.mask, Neighbours::TwentySix)?;
        if specks > 0 {
            let least = lesion::LEAST_VOXELS;
            notes.push(format!(
                "{}: {specks} parts of {} below {least} voxels are not counted",
                visit.name, region.organ
            ));
        }
        for mask in masks {
            let size = lesion::size(&mask);
            parts.push(Part { organ: region.organ.clone(), kind: region.kind, mask, size });
        }
    }
    let tilt = lesion::axial(visit.image.grid()).tilt_deg;
    if tilt > 10.0 {
        notes.push(format!(
            "{}: slices lie {tilt:.0}° off the axial plane; diameters are those of the slices",
            visit.name
        ));
    }
    // Largest first, so that the numbers of lesions do not depend on the order of labels.
    parts.sort_by(|a, b| {
        b.size
            .volume_mm3
            .total_cmp(&a.size.volume_mm3)
            .then_with(|| a.mask.bounds().lower.cmp(&b.mask.bounds().lower))
    });
    Ok(parts)
}

/// Links the parts of one exam to the lesions known so far, and takes up the new ones.
fn take(lesions: &mut Vec<Tracked>, exam: usize, parts: Vec<Part>, motions: &[Registration]) {
    let links = links(lesions, exam, &parts, motions);
    let mut owner: Vec<Option<usize>> = vec![None; parts.len()];
    let mut merged: Vec<Option<usize>> = vec![None; lesions.len()];
    for (part, owner) in owner.iter_mut().enumerate() {
        let mut to: Vec<usize> =
            links.iter().filter(|(_, p)| *p == part).map(|(lesion, _)| *lesion).collect();
        // A merged lesion goes on under the one that was measured last and was largest.
        to.sort_by(|a, b| {
            let rank = |at: usize| (carried(&lesions[at]), volume(&lesions[at].last.1));
            let ((ca, va), (cb, vb)) = (rank(*a), rank(*b));
            cb.cmp(&ca).then(vb.total_cmp(&va)).then_with(|| lesions[*a].id.cmp(&lesions[*b].id))
        });
        *owner = to.first().copied();
        for other in to.iter().skip(1) {
            merged[*other] = to.first().copied();
        }
    }
    let ids: Vec<String> = lesions.iter().map(|lesion| lesion.id.clone()).collect();
    for (at, known) in lesions.iter_mut().enumerate() {
        let own: Vec<&Part> =
            parts.iter().zip(&owner).filter(|(_, o)| **o == Some(at)).map(|(p, _)| p).collect();
        let into = merged[at].filter(|_| own.is_empty());
        let held: Vec<Mask> = match into {
            None => own.iter().map(|part| part.mask.clone()).collect(),
            Some(into) => parts
                .iter()
                .zip(&owner)
                .filter(|(_, o)| **o == Some(into))
                .map(|(p, _)| p.mask.clone())
                .collect(),
        };
        let events = events(known, &own, into.map(|into| ids[into].clone()));
        if !held.is_empty() {
            known.last = (exam, held);
        }
        known.exams.push(At {
            parts: own.iter().map(|part| part.size.clone()).collect(),
            events,
            masks: own.iter().map(|part| part.mask.clone()).collect(),
        });
    }
    for (part, _) in parts.into_iter().zip(&owner).filter(|(_, owner)| owner.is_none()) {
        lesions.push(fresh(lesions, exam, part));
    }
}

fn fresh(lesions: &[Tracked], exam: usize, part: Part) -> Tracked {
    let letter = if exam == 0 { 'L' } else { 'N' };
    let number = 1 + lesions.iter().filter(|lesion| lesion.id.starts_with(letter)).count();
    let none = || At { parts: vec![], events: vec![], masks: vec![] };
    let mut exams: Vec<At> = (0..exam).map(|_| none()).collect();
    let events = if exam == 0 { vec![] } else { vec![Event::New] };
    exams.push(At { parts: vec![part.size], events, masks: vec![part.mask.clone()] });
    Tracked {
        id: format!("{letter}{number}"),
        organ: part.organ,
        kind: part.kind,
        exams,
        last: (exam, vec![part.mask]),
    }
}

fn carried(lesion: &Tracked) -> bool {
    lesion.exams.last().is_some_and(|at| !at.parts.is_empty())
}

fn volume(masks: &[Mask]) -> f64 {
    masks.iter().map(|mask| mask.count() as f64 * mask.grid().voxel_mm3()).sum()
}

fn events(known: &Tracked, own: &[&Part], into: Option<String>) -> Vec<Event> {
    let before = known.exams.last();
    let was_merged = before.is_some_and(|at| at.events.iter().any(|e| matches!(e, Event::MergedInto(_))));
    let was_there = carried(known) || was_merged;
    let mut events = vec![];
    match (own.len(), into) {
        (0, Some(into)) => events.push(Event::MergedInto(into)),
        (0, None) if was_there => events.push(Event::Gone),
        (0, None) => {}
        (parts, _) => {
            if !was_there {
                events.push(Event::Back);
            }
            if parts > 1 {
                events.push(Event::Split(parts));
            }
        }
    }
    events
}

/// Pairs of lesion and part that belong together.
fn links(lesions: &[Tracked], exam: usize, parts: &[Part], motions: &[Registration]) -> Vec<(usize, usize)> {
    let now = &motions[exam].motion;
    let (mut linked, mut near) = (vec![], vec![]);
    for (at, known) in lesions.iter().enumerate() {
        let then = &motions[known.last.0].motion;
        for (number, part) in parts.iter().enumerate().filter(|(_, part)| same_site(known, part)) {
            let one = std::slice::from_ref(&part.mask);
            let share = share(one, now, &known.last.1, then).max(share(&known.last.1, then, one, now));
            if share >= LEAST_SHARE {
                linked.push((at, number));
                continue;
            }
            let centre = |masks: &[Mask], motion: &Rigid| motion.back(centre(masks));
            let (a, b) = (centre(&known.last.1, then), centre(one, now));
            let far = (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt();
            if far <= NEAR_MM {
                near.push((far, at, number));
            }
        }
    }
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    for (_, at, number) in near {
        if !linked.iter().any(|(lesion, part)| *lesion == at || *part == number) {
            linked.push((at, number));
        }
    }
    linked
}

fn same_site(known: &Tracked, part: &Part) -> bool {
    known.kind == part.kind && known.organ.trim().eq_ignore_ascii_case(part.organ.trim())
}

fn centre(masks: &[Mask]) -> [f64; 3] {
    let total: f64 = masks.iter().map(|mask| mask.count() as f64).sum();
    let mut sum = [0.0; 3];
    for mask in masks {
        let (own, weight) = (lesion::centre(mask), mask.count() as f64 / total);
        (0..3).for_each(|i| sum[i] += own[i] * weight);
    }
    sum
}

/// Share of the voxels of `one` that lie in `other`, both brought to the first exam.
fn share(one: &[Mask], from: &Rigid, other: &[Mask], to: &Rigid) -> f64 {
    let (mut inside, mut all) = (0usize, 0usize);
    for mask in one {
        let step = mask.count().div_ceil(MOST_VOXELS).max(1);
        for place in mask.places().step_by(step) {
            let point = to.apply(from.back(mask.grid().point(place.map(|index| index as f64))));
            all += 1;
            let held =
                other.iter().any(|mask| mask.grid().voxel(point).is_some_and(|voxel| mask.holds(voxel)));
            inside += usize::from(held);
        }
    }
    inside as f64 / all.max(1) as f64
}

fn history(visits: &[Visit], lesions: &[Tracked]) -> Result<History, ImagingError> {
    let seen = |known: &Tracked, at: usize| -> Result<Seen, ImagingError> {
        let exam = &known.exams[at];
        if !exam.parts.is_empty() {
            return Ok(Seen::Measured(sizes(&exam.parts, &exam.masks, &visits[at])?));
        }
        let hidden =
            visits[at].not_evaluable.iter().any(|site| site.trim().eq_ignore_ascii_case(known.organ.trim()));
        Ok(if hidden { Seen::NotEvaluable } else { Seen::Absent })
    };
    let lesion = |known: &Tracked| {
        let seen: Result<Vec<Seen>, ImagingError> = (0..visits.len()).map(|at| seen(known, at)).collect();
        Ok(Lesion { id: known.id.clone(), organ: known.organ.clone(), kind: known.kind, seen: seen? })
    };
    let lesions: Result<Vec<Lesion>, ImagingError> = lesions.iter().map(lesion).collect();
    Ok(History { exams: visits.iter().map(|visit| visit.exam.clone()).collect(), lesions: lesions? })
}

/// Of split parts the sum (RECIST 1.1: fragments are added up).
fn sizes(parts: &[Size], masks: &[Mask], visit: &Visit) -> Result<Sizes, ImagingError> {
    let sum = |of: &dyn Fn(&Size) -> f64| parts.iter().map(of).sum::<f64>();
    Ok(Sizes {
        longest_mm: sum(&|size| size.longest_mm),
        short_mm: sum(&|size| size.short_mm),
        product_mm2: sum(&|size| size.longest_mm * size.short_mm),
        volume_mm3: sum(&|size| size.volume_mm3),
        uptake: if visit.modality == "PT" { uptake(masks, visit)? } else { None },
    })
}

fn uptake(masks: &[Mask], visit: &Visit) -> Result<Option<Uptake>, ImagingError> {
    let mut found: Option<Uptake> = None;
    for mask in masks.iter().filter(|mask| mask.count() > 1) {
        let margin = local::margin(visit.image.grid().spacing_mm());
        let region = Region::cut(&visit.image, mask, margin)?;
        let inside = region.selected();
        let mean = inside.iter().sum::<f64>() / inside.len() as f64;
        let peak = local::peaks(&region, &region.inside)[1] * visit.sul_factor;
        let volume_ml = inside.len() as f64 * region.grid.voxel_mm3() / 1000.0;
        let own = Uptake { sul_peak: peak, glycolysis: mean * visit.sul_factor * volume_ml };
        found = Some(found.map_or(own, |sum| Uptake {
            sul_peak: sum.sul_peak.max(own.sul_peak),
            glycolysis: sum.glycolysis + own.glycolysis,
        }));
    }
    Ok(found)
}

/// One feature at two exams.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Delta {
    /// IBSI tag.
    pub name: String,
    /// At the earlier exam.
    pub before: Option<f64>,
    /// At the later exam.
    pub after: Option<f64>,
    /// After minus before.
    pub change: Option<f64>,
    /// The change over the size of the value before, per cent.
    pub percent: Option<f64>,
}

/// Delta-radiomics: the features of one lesion at two exams, parts taken together. `None` where it is missing at one.
///
/// # Errors
/// The region cannot be measured.
pub fn delta(
    visits: &[Visit],
    lesion: &Tracked,
    exams: [usize; 2],
    settings: &ibsi::Settings,
) -> Result<Option<Vec<Delta>>, ImagingError> {
    let values = |at: usize| -> Result<Option<Vec<Value>>, ImagingError> {
        let Some(mask) = joined(&lesion.exams[at].masks)? else { return Ok(None) };
        ibsi::measure(&visits[at].image, &mask, settings).map(Some)
    };
    let (Some(before), Some(after)) = (values(exams[0])?, values(exams[1])?) else { return Ok(None) };
    let pair = |(before, after): (&Value, &Value)| {
        let both = before.value.zip(after.value);
        let change = both.map(|(before, after)| after - before);
        let percent = both.filter(|(before, _)| *before != 0.0);
        let percent = percent.map(|(before, after)| 100.0 * (after - before) / before.abs());
        Delta { name: before.name.clone(), before: before.value, after: after.value, change, percent }
    };
    Ok(Some(before.iter().zip(&after).map(pair).collect()))
}

fn joined(masks: &[Mask]) -> Result<Option<Mask>, ImagingError> {
    let Some(first) = masks.first() else { return Ok(None) };
    let bounds = masks.iter().skip(1).fold(first.bounds(), |all, mask| IndexBox {
        lower: std::array::from_fn(|axis| all.lower[axis].min(mask.bounds().lower[axis])),
        upper: std::array::from_fn(|axis| all.upper[axis].max(mask.bounds().upper[axis])),
    });
    let mut inside = vec![false; bounds.shape().iter().product()];
    for mask in masks {
        inside.iter_mut().zip(mask.block(bounds)).for_each(|(all, own)| *all |= own);
    }
    Mask::from_block(&first.name, first.grid(), bounds, &inside).map(Some)
}

#[cfg(test)]
mod tests;
