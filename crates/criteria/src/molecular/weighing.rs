//! What do all findings on one leaf say together?
//!
//! A sure finding decides, unless the same sample says the opposite. Then what is nearly so keeps the question open,
//! then a negative of the very thing refutes, then the regions studied. Silence is never a negative.

use super::Exactness;
use super::context::Context;
use super::profile::Found;
use crate::lines::outdated_by;
use crate::verdict::{NotTested, Verdict, Why};
use concilium_case::{Alteration, Origin, Presence, RegionStudied, Significance};
use concilium_terms::{GeneSymbol, PartialDate, Truth};

/// What one fact says to one leaf.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Vote {
    /// Satisfies it.
    Hit(Exactness),
    /// Satisfies it, with something that makes it conditional.
    Doubtful(Exactness, String),
    /// May satisfy it; why it cannot be told.
    Near(Why, String),
    /// Cannot be compared with it: nothing in the fact points to this leaf more than to any other of the gene.
    Incomparable(String),
    /// Says that it is not there.
    Refuted,
    /// Was looked for, without an answer.
    Failed,
    /// Found, and called benign or without effect on the protein: what was found is not it.
    Innocent(String),
    /// Found in the other origin: to this leaf as if it were not there, and said so.
    Dismissed(String),
    /// Speaks of something else.
    Silent,
}

/// One vote with the fact behind it.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub id: String,
    pub label: String,
    pub specimen: Option<String>,
    pub sampled: Option<PartialDate>,
    /// Inherited changes do not grow stale.
    pub ages: bool,
    pub doubts: Vec<String>,
    pub vote: Vote,
}

/// What was asked, in words, and what a study must have covered to make a negative.
pub(super) struct Question<'a> {
    pub words: &'a str,
    /// Any of them covered makes the negative (all, for a named fusion, would be asking too much of a report).
    pub genes: Vec<&'a GeneSymbol>,
    pub covers: Covers,
}

/// Which studies make a negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Covers {
    /// A region studied answers for small variants.
    SmallVariants,
    /// A region studied answers only when the same assay reported something of this kind: a panel that reads bases
    /// need not count copies or see breakpoints.
    CopyNumber,
    /// As `CopyNumber`, for breakpoints and splice forms.
    Rearrangements,
    /// Only the marker itself answers.
    Nothing,
}

/// Turns an alteration into a finding; `present` judges what was found, `absent` says whether its absence refutes.
pub(super) fn finding(
    context: &Context,
    alteration: &Alteration,
    present: impl Fn(&Alteration) -> Vote,
    absent: impl Fn(&Alteration) -> bool,
) -> Finding {
    let vote = match alteration.presence {
        Presence::Present => by_origin(context, alteration, present(alteration)),
        Presence::Absent if absent(alteration) => Vote::Refuted,
        Presence::Unknown if absent(alteration) => Vote::Failed,
        Presence::Absent | Presence::Unknown => Vote::Silent,
    };
    Finding {
        id: alteration.meta.id.clone(),
        label: alteration.label.clone(),
        specimen: alteration.specimen.clone(),
        sampled: context.sampled(alteration.specimen.as_deref(), alteration.meta.when.as_ref()),
        ages: alteration.origin != Origin::Germline,
        doubts: doubts(context, alteration),
        vote,
    }
}

/// A change stated as somatic is not an inherited one: to a germline statement it says nothing at all.
fn by_origin(context: &Context, alteration: &Alteration, vote: Vote) -> Vote {
    let mismatch = context.wants_germline() && alteration.origin == Origin::Somatic;
    match vote {
        Vote::Hit(_) | Vote::Doubtful(..) | Vote::Near(..) if mismatch => {
            Vote::Dismissed("found as somatic only; the statement is about germline variants".into())
        }
        vote => vote,
    }
}

fn doubts(context: &Context, alteration: &Alteration) -> Vec<String> {
    let found = [
        origin_doubt(context, alteration),
        fraction_doubt(alteration),
        haematopoiesis_doubt(context, alteration),
    ];
    found.into_iter().flatten().map(|why| format!("{}: {why}", alteration.label)).collect()
}

fn origin_doubt(context: &Context, alteration: &Alteration) -> Option<String> {
    use concilium_evidence::VariantOrigin::{CommonGermline, RareGermline, Somatic, Unstated};
    match (context.wanted, alteration.origin) {
        (RareGermline | CommonGermline, Origin::Unknown) => {
            Some("origin not stated; the statement is about germline variants".into())
        }
        (Somatic, Origin::Germline) => {
            Some("found in the germline; the source's row is about changes of the tumour itself: it counts once tissue shows the change there".into())
        }
        (RareGermline | CommonGermline, Origin::Germline | Origin::Somatic)
        | (Somatic, Origin::Somatic | Origin::Unknown)
        | (Unstated, _) => None,
    }
}

fn fraction_doubt(alteration: &Alteration) -> Option<String> {
    let (vaf, floor) = (alteration.vaf?, alteration.vaf_floor?);
    (vaf < floor).then(|| format!("allele fraction {vaf} is below the assay's floor {floor}"))
}

/// Clinical rules, section 2: a clonal-haematopoiesis gene in plasma (or blood) without paired normal is conditional.
fn haematopoiesis_doubt(context: &Context, alteration: &Alteration) -> Option<String> {
    let specimen = context.specimen(alteration.specimen.as_deref());
    let (plasma, blood) = specimen.map_or((false, false), |specimen| (specimen.plasma, specimen.blood));
    let gene = context.knowledge.genes.get(&alteration.gene)?;
    let open = (plasma || blood) && gene.clonal_haematopoiesis && alteration.origin != Origin::Germline;
    (open && !has_paired_normal(context, alteration)).then(|| {
        let fluid = if plasma { "plasma" } else { "blood" };
        format!("possible clonal haematopoiesis: {fluid} without paired normal")
    })
}

fn has_paired_normal(context: &Context, alteration: &Alteration) -> bool {
    let covers =
        |region: &RegionStudied| region.origin == Origin::Germline && region.genes.contains(&alteration.gene);
    let assay = alteration.assay.as_deref().unwrap_or("").to_lowercase();
    let paired = ["paired normal", "matched normal", "tumor-normal", "tumour-normal"];
    paired.iter().any(|words| assay.contains(words)) || context.case.facts.regions.iter().any(covers)
}

/// A doubt when the lab's call speaks against taking the change for granted.
pub(super) fn by_call(alteration: &Alteration, exactness: Exactness) -> Vote {
    match alteration.significance {
        Some(Significance::Uncertain) => {
            Vote::Doubtful(exactness, format!("{}: called uncertain significance", alteration.label))
        }
        Some(Significance::LikelyBenign | Significance::Benign) => {
            Vote::Doubtful(exactness, format!("{}: called benign", alteration.label))
        }
        Some(Significance::Pathogenic | Significance::LikelyPathogenic) | None => Vote::Hit(exactness),
    }
}

/// The verdict on one leaf.
pub(super) fn conclude(context: &Context, question: &Question, mut findings: Vec<Finding>) -> Found {
    findings.sort_by(|a, b| (&a.id, &a.label).cmp(&(&b.id, &b.label)));
    let hits: Vec<&Finding> = findings.iter().filter(|f| hit_exactness(&f.vote).is_some()).collect();
    let refuted: Vec<&Finding> = findings.iter().filter(|f| f.vote == Vote::Refuted).collect();
    if !hits.is_empty() {
        return conclude_hits(context, question, &hits, &refuted);
    }
    let is_near =
        |f: &&Finding| matches!(f.vote, Vote::Near(..)) && !refuted.iter().any(|r| same_sample(f, r));
    let near: Vec<&Finding> = findings.iter().filter(is_near).collect();
    if !near.is_empty() {
        return conclude_near(question, &near, &refuted);
    }
    if !refuted.is_empty() {
        return Found::of(Verdict::not_met(format!("{}: tested, not found", question.words), ids(&refuted)));
    }
    Found::of(without_finding(context, question, &findings))
}

fn hit_exactness(vote: &Vote) -> Option<Exactness> {
    match vote {
        Vote::Hit(exactness) | Vote::Doubtful(exactness, _) => Some(*exactness),
        Vote::Near(..)
        | Vote::Incomparable(_)
        | Vote::Refuted
        | Vote::Failed
        | Vote::Innocent(_)
        | Vote::Dismissed(_)
        | Vote::Silent => None,
    }
}

/// Same specimen; where none is named, same day.
fn same_sample(a: &Finding, b: &Finding) -> bool {
    match (&a.specimen, &b.specimen) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a.sampled == b.sampled,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn ids(findings: &[&Finding]) -> Vec<String> {
    findings.iter().map(|finding| finding.id.clone()).collect()
}

fn conclude_hits(context: &Context, question: &Question, hits: &[&Finding], refuted: &[&Finding]) -> Found {
    let contradicted = |hit: &&&Finding| !refuted.iter().any(|other| same_sample(hit, other));
    let standing: Vec<&Finding> = hits.iter().filter(contradicted).copied().collect();
    let all: Vec<&Finding> = hits.iter().chain(refuted).copied().collect();
    if standing.is_empty() {
        let verdict = Verdict::conflicting(conflict_words(question, hits, refuted), ids(&all));
        return Found {
            facts: ids(&all),
            exactness: hits.iter().filter_map(|h| hit_exactness(&h.vote)).min(),
            ..Found::of(verdict)
        };
    }
    let Some(best) = standing.iter().min_by_key(|hit| best_first(hit)) else {
        return Found::of(Verdict::not_computable(question.words, vec![]));
    };
    let sampled = newest(&standing);
    let mut found = Found::of(Verdict::met(met_words(question, best), ids(&standing)));
    found.exactness = standing.iter().filter_map(|hit| hit_exactness(&hit.vote)).min();
    found.facts = ids(&standing);
    found.doubts = own_doubts(best);
    add_other_samples(question, &sampled, refuted, &mut found);
    // Each sample ages for itself; an inherited change of the same kind makes no tissue young.
    if let Some(newest) = newest(&standing.iter().filter(|hit| hit.ages).copied().collect::<Vec<_>>()) {
        found.notes.extend(stale_note(context, question, Some(&newest)));
    }
    found.sampled = sampled;
    found
}

/// A finding without doubt before one with, then the nearer, then by id.
fn best_first(hit: &Finding) -> (bool, Option<Exactness>, &str) {
    (!own_doubts(hit).is_empty(), hit_exactness(&hit.vote), &hit.id)
}

fn own_doubts(finding: &Finding) -> Vec<String> {
    let mut doubts = finding.doubts.clone();
    if let Vote::Doubtful(_, why) = &finding.vote {
        doubts.push(why.clone());
    }
    doubts
}

fn met_words(question: &Question, best: &Finding) -> String {
    match question.words.eq_ignore_ascii_case(&best.label) {
        true => format!("{}: found", question.words),
        false => format!("{}: found as {}", question.words, best.label),
    }
}

fn newest(findings: &[&Finding]) -> Option<PartialDate> {
    findings.iter().filter_map(|finding| finding.sampled.clone()).max()
}

/// A negative of an earlier sample is history; one that is later or undated makes the match conditional.
fn add_other_samples(
    question: &Question,
    sampled: &Option<PartialDate>,
    refuted: &[&Finding],
    found: &mut Found,
) {
    for other in refuted {
        let words = format!("{}: absent in {}", question.words, sample_words(other));
        let earlier = match (&other.sampled, sampled) {
            (Some(other), Some(sampled)) => other.surely_before(sampled),
            (None, _) | (_, None) => false,
        };
        if earlier { found.notes.push(words) } else { found.doubts.push(words) }
    }
}

fn sample_words(finding: &Finding) -> String {
    let day = finding.sampled.as_ref().map_or("undated", |day| day.day_text());
    match &finding.specimen {
        Some(specimen) => format!("{specimen} ({day})"),
        None => format!("{} ({day})", finding.id),
    }
}

fn conflict_words(question: &Question, sides: &[&Finding], refuted: &[&Finding]) -> String {
    let list = |side: &[&Finding]| {
        side.iter().map(|f| format!("{} in {}", f.label, sample_words(f))).collect::<Vec<_>>().join(", ")
    };
    format!("{}: for: {}; against: {}", question.words, list(sides), list(refuted))
}

/// Older than the last systemic line = stale, said so (clinical rules, section 2).
fn stale_note(context: &Context, question: &Question, sampled: Option<&PartialDate>) -> Option<String> {
    let sampled = sampled?;
    let last = outdated_by(context.case, sampled)?;
    Some(format!(
        "{}: stale, sampled {} before the last systemic line began ({})",
        question.words,
        sampled.day_text(),
        last.day_text()
    ))
}

fn conclude_near(question: &Question, near: &[&Finding], refuted: &[&Finding]) -> Found {
    let both: Vec<&Finding> = near.iter().chain(refuted).copied().collect();
    let facts = ids(&both);
    let verdict = match refuted.is_empty() {
        true => Verdict::any(near.iter().filter_map(|finding| near_verdict(question, finding))),
        false => Verdict::conflicting(conflict_words(question, near, refuted), facts.clone()),
    };
    Found {
        facts,
        doubts: near.iter().flat_map(|finding| finding.doubts.clone()).collect(),
        sampled: newest(near),
        ..Found::of(verdict)
    }
}

fn near_verdict(question: &Question, finding: &Finding) -> Option<Verdict> {
    let Vote::Near(why, words) = &finding.vote else { return None };
    let what = format!("{}: undetermined: {words} ({})", question.words, finding.label);
    Some(Verdict::leaf(Truth::Open, why.clone(), what, vec![finding.id.clone()]))
}

/// Nothing was found: was it looked for?
fn without_finding(context: &Context, question: &Question, findings: &[Finding]) -> Verdict {
    let with =
        |wanted: fn(&Vote) -> bool| findings.iter().filter(move |f| wanted(&f.vote)).collect::<Vec<_>>();
    let failed = with(|vote| *vote == Vote::Failed);
    let incomparable = with(|vote| matches!(vote, Vote::Incomparable(_)));
    if let Some(first) = incomparable.first() {
        let Vote::Incomparable(why) = &first.vote else {
            return Verdict::not_computable(question.words, vec![]);
        };
        let what = format!("{}: cannot be compared: {why} ({})", question.words, first.label);
        return Verdict::not_computable(what, ids(&incomparable));
    }
    let innocent = with(|vote| matches!(vote, Vote::Innocent(_)));
    let by_region = by_regions(context, question);
    if by_region.truth == Truth::Open && !innocent.is_empty() {
        return Verdict::any(innocent.iter().filter_map(|finding| innocent_verdict(question, finding)));
    }
    if by_region.truth == Truth::Open && !failed.is_empty() {
        return Verdict::not_tested(
            NotTested::Failed,
            format!("{}: test failed", question.words),
            ids(&failed),
        );
    }
    with_dismissals(by_region, findings)
}

fn innocent_verdict(question: &Question, finding: &Finding) -> Option<Verdict> {
    let Vote::Innocent(why) = &finding.vote else { return None };
    let what = format!("{}: not matched: {} {why}", question.words, finding.label);
    Some(Verdict::not_met(what, vec![finding.id.clone()]))
}

/// What was found and does not count is said in the same breath.
fn with_dismissals(mut verdict: Verdict, findings: &[Finding]) -> Verdict {
    for finding in findings {
        let (Vote::Dismissed(why) | Vote::Innocent(why)) = &finding.vote else { continue };
        for leaf in &mut verdict.leaves {
            leaf.what = format!("{}; {}: {why}", leaf.what, finding.label);
        }
    }
    verdict
}

/// A study of the region without the finding is a negative; silence is not.
fn by_regions(context: &Context, question: &Question) -> Verdict {
    let names = question.genes.iter().map(|gene| gene.as_str()).collect::<Vec<_>>().join(", ");
    let studies: Vec<&RegionStudied> =
        context.case.facts.regions.iter().filter(|r| context.answers(r)).collect();
    let studied = |r: &&&RegionStudied| covers(r, question) && reports(context, question.covers, r);
    let covering: Vec<String> = sorted(studies.iter().filter(studied).map(|r| r.meta.id.clone()));
    if !covering.is_empty() {
        return Verdict::not_met(format!("{}: tested, not found", question.words), covering);
    }
    let listed =
        |r: &&&RegionStudied| question.genes.iter().any(|g| r.genes.contains(g) || r.uncovered.contains(g));
    let partly: Vec<String> = sorted(studies.iter().filter(listed).map(|r| r.meta.id.clone()));
    if !partly.is_empty() {
        let what = format!("{}: not covered: the assay's report does not answer for {names}", question.words);
        return Verdict::not_tested(NotTested::NotCovered, what, partly);
    }
    let kind = if context.wants_germline() { "germline " } else { "" };
    let asked =
        if names.is_empty() { String::new() } else { format!(" (no {kind}region studied covers {names})") };
    Verdict::not_tested(
        NotTested::NeverDone,
        format!("{}: no result recorded{asked}", question.words),
        vec![],
    )
}

fn sorted(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut ids: Vec<String> = ids.collect();
    ids.sort();
    ids.dedup();
    ids
}

fn covers(region: &RegionStudied, question: &Question) -> bool {
    question.genes.iter().any(|gene| region.genes.contains(gene) && !region.uncovered.contains(gene))
}

/// Did the study's assay report this kind of finding at all?
fn reports(context: &Context, kind: Covers, region: &RegionStudied) -> bool {
    use concilium_case::AlterationKind::{CopyNumber, Duplication, Fusion, Other, Small, Splice};
    let of_kind = |alteration: &Alteration| match (kind, &alteration.kind) {
        (Covers::CopyNumber, CopyNumber { .. }) => true,
        (Covers::Rearrangements, Fusion { .. } | Splice { .. } | Duplication) => true,
        (_, Small { .. } | CopyNumber { .. } | Fusion { .. } | Splice { .. } | Duplication | Other) => false,
    };
    let same_test = |a: &Alteration| a.specimen == region.specimen && a.assay == region.assay;
    match kind {
        Covers::SmallVariants => true,
        Covers::Nothing => false,
        Covers::CopyNumber | Covers::Rearrangements => {
            context.case.facts.alterations.iter().any(|a| of_kind(a) && same_test(a))
        }
    }
}
