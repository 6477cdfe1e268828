//! In what order do the screened options stand?
//!
//! Takes a [`Screened`] by value: without the safety screen there is nothing to rank (`screened`). The order is
//! lexicographic and total; it does not depend on the order of inputs. Equal keys are one group, a tie.

use crate::compare::{Won, beaten_by, won};
use crate::describe::{OptionFacts, describe};
use crate::judge::Judged;
use crate::place::{Circumstances, mark_outlived, place};
use crate::plan::{PlanOption, Section};
use crate::score::{score, sort_key};
use crate::weigh::weigh;
use concilium_case::Case;
use concilium_knowledge::Knowledge;
use concilium_safety::{Screened, ScreenedCandidate};
use concilium_terms::DrugName;
use std::collections::{BTreeMap, BTreeSet};

/// Ranked options: sections in order, groups inside, names only fixing bytes.
pub(crate) fn rank(
    screened: Screened,
    judged: &[Judged],
    case: &Case,
    knowledge: &Knowledge,
    circumstances: &Circumstances,
) -> Ranked {
    let (passed, refused, _) = screened.into_parts();
    let mut rows: Vec<Row> = passed
        .iter()
        .chain(&refused)
        .map(|candidate| row(candidate, judged, case, knowledge, circumstances))
        .collect();
    let winners = tell_the_beaten(&mut rows);
    rows.sort_by(|a, b| {
        (a.option.section, &a.key, &a.option.id).cmp(&(b.option.section, &b.key, &b.option.id))
    });
    let mut ranked = Vec::new();
    for section in
        [Section::ToDiscuss, Section::Conditional, Section::NotApplicableNow, Section::RefusedBySafety]
    {
        let (of_section, rest) = rows.into_iter().partition(|row: &Row| row.option.section == section);
        rows = rest;
        ranked.extend(numbered(head_to_head(of_section)));
    }
    Ranked { options: ranked, winners }
}

/// Options in order.
pub(crate) struct Ranked {
    /// Sections in order, groups inside.
    pub options: Vec<PlanOption>,
    /// Who won which comparison: standard rows are told too.
    pub winners: Vec<(String, Vec<Won>)>,
}

struct Row {
    option: PlanOption,
    key: Vec<i64>,
    /// Comparisons it won.
    won: Vec<Won>,
    /// Regimens it stands above for that, and for what its parts won.
    beats: BTreeSet<Vec<DrugName>>,
    /// Set when a comparison inside a statement placed it lower than its key.
    placed_below: bool,
}

fn row(
    screened: &ScreenedCandidate,
    judged: &[Judged],
    case: &Case,
    knowledge: &Knowledge,
    circumstances: &Circumstances,
) -> Row {
    let mut weighed = weigh(&screened.candidate.regimen, judged, case, knowledge);
    mark_outlived(&screened.candidate.regimen, &mut weighed, case, knowledge);
    let (section, reasons) = place(screened, &weighed, case, knowledge, circumstances);
    let score = score(&weighed, case, knowledge);
    let key = sort_key(&score);
    let won = won(&screened.candidate.regimen, &weighed, case, knowledge);
    let orders = won.iter().filter(|won| won.only_shown.is_none());
    let beats = orders.map(|won| won.beaten.clone()).collect();
    let option =
        describe(OptionFacts { screened, weighed: &weighed, section, reasons, score }, case, knowledge);
    Row { option, key, won, beats, placed_below: false }
}

/// Each option hears which others did better than it, in whatever section they stand; gives who won what.
fn tell_the_beaten(rows: &mut [Row]) -> Vec<(String, Vec<Won>)> {
    let mut winners: Vec<(String, Vec<Won>)> = rows
        .iter()
        .map(|row| (row.option.name.clone(), row.won.clone()))
        .filter(|(_, won)| !won.is_empty())
        .collect();
    winners.sort_by(|a, b| a.0.cmp(&b.0));
    for row in rows {
        row.option.beaten_by = beaten_by(&row.option.regimen.components, &winners);
    }
    winners
}

/// An option beaten inside a statement stands below every option that beat it, within its section.
fn head_to_head(mut rows: Vec<Row>) -> Vec<Row> {
    close_over(&mut rows);
    let ids: Vec<Vec<DrugName>> = rows.iter().map(|row| row.option.regimen.components.clone()).collect();
    for beaten in ids {
        let at = rows.iter().position(|row| row.option.regimen.components == beaten);
        let below = rows
            .iter()
            .rposition(|row| row.beats.contains(&beaten) && row.option.regimen.components != beaten);
        if let (Some(at), Some(below)) = (at, below)
            && (at < below || rows[at].key == rows[below].key)
        {
            let mut row = rows.remove(at);
            let below = below - usize::from(at < below);
            let by = rows[below].option.regimen.label();
            row.placed_below = true;
            row.option.score.because =
                format!("stands below {by}, which was compared with it and did better");
            rows.insert(end_of_group(&rows, below) + 1, row);
        }
    }
    rows
}

/// What beat a regimen that beat another stands above both; and so does a regimen that contains one which beat it
/// (the triplet holds the doublet that beat the single drug).
fn close_over(rows: &mut [Row]) {
    let direct: Vec<(Vec<DrugName>, BTreeSet<Vec<DrugName>>)> =
        rows.iter().map(|row| (row.option.regimen.components.clone(), row.beats.clone())).collect();
    for row in rows.iter_mut() {
        let own = &row.option.regimen.components;
        let within =
            direct.iter().filter(|(part, _)| part != own && part.iter().all(|drug| own.contains(drug)));
        let beaten: Vec<Vec<DrugName>> =
            within.flat_map(|(_, beaten)| beaten).filter(|beaten| *beaten != own).cloned().collect();
        row.beats.extend(beaten);
    }
    let beats: BTreeMap<Vec<DrugName>, BTreeSet<Vec<DrugName>>> =
        rows.iter().map(|row| (row.option.regimen.components.clone(), row.beats.clone())).collect();
    for row in rows {
        let own = row.option.regimen.components.clone();
        let mut open: Vec<Vec<DrugName>> = row.beats.iter().cloned().collect();
        while let Some(beaten) = open.pop() {
            let further = beats.get(&beaten).into_iter().flatten();
            open.extend(further.filter(|r| **r != own && row.beats.insert((*r).clone())).cloned());
        }
    }
}

/// Last position of the group that `at` belongs to, so that a tie is not torn apart.
fn end_of_group(rows: &[Row], at: usize) -> usize {
    let same = rows[at..]
        .iter()
        .take_while(|row| row.key == rows[at].key && row.placed_below == rows[at].placed_below);
    at + same.count() - 1
}

/// Rank numbers: a group shares one, the next group goes on counting options (1, 1, 3).
fn numbered(rows: Vec<Row>) -> Vec<PlanOption> {
    let mut options = Vec::new();
    let mut previous: Option<(Vec<i64>, bool)> = None;
    let mut rank = 0;
    for (position, mut row) in rows.into_iter().enumerate() {
        let group = (row.key.clone(), row.placed_below);
        if previous.as_ref() != Some(&group) || row.placed_below {
            rank = u32::try_from(position).unwrap_or(u32::MAX) + 1;
        }
        previous = Some(group);
        row.option.rank = rank;
        options.push(row.option);
    }
    options
}

/// How many options share a rank in a section; more than one is a tie.
pub fn ties(options: &[PlanOption]) -> BTreeMap<(Section, u32), usize> {
    let mut sizes = BTreeMap::new();
    for option in options {
        *sizes.entry((option.section, option.rank)).or_default() += 1;
    }
    sizes
}
