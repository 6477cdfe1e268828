//! Which fact of the patient would answer an ask, and is its absence routine?
//!
//! A key names what would have to be found out, so that many asks of many trials meet in one: `gene:EGFR`,
//! `lab:neutrophils`, `condition:hiv`.

use super::ask::{Ask, MarkerAsk, TherapyRef};
use super::expr::Expr;
use super::judge::{Context, Options, judge_ask};
use super::text::ref_words;
use crate::verdict::{Verdict, Why};
use concilium_case::Case;
use concilium_knowledge::Knowledge;
use concilium_terms::Truth;
use std::collections::BTreeSet;

/// Routine: what every screening settles by asking the patient or a physician (consent, contraception, any judgement,
/// a history nobody recorded). Such unknowns are counted apart and never order a worklist.
pub fn routine(verdict: &Verdict) -> bool {
    let asked = |why: &Why| matches!(why, Why::NeedsJudgement | Why::NotRecorded);
    verdict.truth == Truth::Open && verdict.leaves.iter().all(|leaf| asked(&leaf.why))
}

/// Keys of the facts that would have to be found out for the expression to be decided whatever they turn out to be:
/// those of every ask that is open and not routine, where the expression itself is open.
pub fn missing_facts(expr: &Expr, case: &Case, knowledge: &Knowledge, options: &Options) -> BTreeSet<String> {
    gather(expr, false, &|ask: &Ask, keeps_out| {
        judge_ask(&Context::new(case, knowledge, options, keeps_out), ask)
    })
    .1
}

/// Truth and keys; a part that is decided needs none, whatever is open inside it.
fn gather(
    expr: &Expr,
    keeps_out: bool,
    answer: &impl Fn(&Ask, bool) -> Verdict,
) -> (Truth, BTreeSet<String>) {
    let each = |of: &[Expr]| of.iter().map(|part| gather(part, keeps_out, answer)).collect::<Vec<_>>();
    let joined = |parts: Vec<(Truth, BTreeSet<String>)>, truth: &dyn Fn(Vec<Truth>) -> Truth| {
        let truth = truth(parts.iter().map(|(truth, _)| *truth).collect());
        let keys = if truth == Truth::Open {
            parts.into_iter().flat_map(|part| part.1).collect()
        } else {
            BTreeSet::new()
        };
        (truth, keys)
    };
    match expr {
        Expr::Ask(ask) => {
            let verdict = answer(ask, keeps_out);
            let needed = verdict.truth == Truth::Open && !routine(&verdict);
            (verdict.truth, if needed { ask.fact_keys().into_iter().collect() } else { BTreeSet::new() })
        }
        Expr::Not(inner) => {
            let (truth, keys) = gather(inner, !keeps_out, answer);
            (truth.not(), keys)
        }
        Expr::All(of) => joined(each(of), &|truths| Truth::all(truths)),
        Expr::Any(of) => joined(each(of), &|truths| Truth::any(truths)),
        Expr::AtLeast { n, of } => joined(each(of), &|truths| Truth::at_least(*n, truths)),
    }
}

impl Ask {
    /// What would have to be found out to answer it.
    pub fn fact_keys(&self) -> Vec<String> {
        let with = |kind: &str, key: &str| format!("{kind}:{key}");
        let therapies =
            |any_of: &[TherapyRef]| any_of.iter().map(|t| with("therapy", &ref_words(t))).collect();
        match self {
            Ask::Age { .. } => vec!["birth-date".into()],
            Ask::Sex { .. } => vec!["sex".into()],
            Ask::Disease { .. } => vec!["tumour".into()],
            Ask::Stage { .. } => vec!["stage".into()],
            Ask::Category { of, .. } => vec![with("category", of)],
            Ask::Extent { .. } => vec!["extent".into()],
            Ask::Metastasis { site, .. } => vec![with("metastasis", site)],
            Ask::Measurable { .. } => vec!["measurable-disease".into()],
            Ask::Biomarker { any_of, .. } => {
                let signature = |pattern| with("biomarker", &super::text::write_pattern(pattern));
                let genes: BTreeSet<String> = any_of
                    .iter()
                    .flat_map(|pattern| match pattern.genes().as_slice() {
                        [] => vec![signature(pattern)],
                        genes => genes.iter().map(|gene| with("gene", gene.as_str())).collect(),
                    })
                    .collect();
                genes.into_iter().collect()
            }
            Ask::Marker(MarkerAsk::Named { name, .. }) => vec![with("marker", name)],
            Ask::Marker(MarkerAsk::Gene { gene, .. }) => vec![with("marker", gene.as_str())],
            Ask::Performance { scale, .. } => vec![with("performance", scale)],
            Ask::Lab { analyte, .. } => vec![with("lab", analyte)],
            Ask::Prior { any_of, .. } | Ask::Recent { any_of, .. } | Ask::Concomitant { any_of, .. } => {
                therapies(any_of)
            }
            Ask::Condition { any_of, .. } => any_of.iter().map(|key| with("condition", key)).collect(),
            Ask::SecondMalignancy { .. } => vec!["second-malignancy".into()],
            Ask::Reproductive { state } => vec![with("reproductive", state)],
            Ask::Allergy { .. } => vec!["allergies".into()],
            Ask::Judgement { about, .. } => vec![with("judgement", super::words::Worded::word(*about))],
            // No fact of the patient answers it.
            Ask::NotComputable { .. } => vec![],
        }
    }
}
