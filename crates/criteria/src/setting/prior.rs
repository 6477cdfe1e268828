//! Has the patient had the therapy a study required or excluded?
//!
//! A missing drug record is not "never received": only a record that shows treatment of the advanced disease can say
//! that something was not part of it. "Prior" is meant in the study's own setting: for advanced disease, neo- or adjuvant
//! therapy counts where the relapse came early, and leaves it open otherwise.

use super::stage::history_known;
use crate::exposure::{ExposureState, exposure_to};
use crate::lines::counts_by_rule;
use crate::verdict::{NotTested, Verdict};
use concilium_case::{Case, LineIntent, Medication};
use concilium_knowledge::{Knowledge, PriorItem, PriorTherapy};

/// Any of the alternatives, in at least so many lines.
pub(super) fn judge_required(
    case: &Case,
    knowledge: &Knowledge,
    item: &PriorItem,
    advanced: bool,
) -> Verdict {
    let had = gather(case, knowledge, item, advanced);
    let asked = match item.lines {
        0 | 1 => format!("prior {} required", had.words),
        lines => format!("prior {} in {lines} lines required", had.words),
    };
    let needed = item.lines.max(1);
    match () {
        () if had.conflicting => Verdict::conflicting(format!("{asked}: records disagree"), had.facts),
        () if needed <= had.lines.0 => Verdict::met(format!("{asked}: received"), had.facts),
        () if needed <= had.lines.1 => {
            Verdict::not_tested(NotTested::Uncertain, format!("{asked}: {}", had.unsure()), had.facts)
        }
        () if had.denied => Verdict::not_met(format!("{asked}: stated as never received"), had.facts),
        () if had.may_have_received => Verdict::not_tested(
            NotTested::Uncertain,
            format!("{asked}: ordered, receipt not recorded"),
            had.facts,
        ),
        () if !case.history_gaps.is_empty() => {
            Verdict::not_tested(NotTested::Elsewhere, format!("{asked}: {}", gap_words(case)), had.facts)
        }
        () if treated_for_advanced(case) && !unmapped_cancer_drug(case) => {
            Verdict::not_met(format!("{asked}: {}", short_of(&had)), had.facts)
        }
        () => Verdict::not_tested(NotTested::NeverDone, format!("{asked}: no record"), had.facts),
    }
}

/// Any of the alternatives excludes.
pub(super) fn judge_excluded(
    case: &Case,
    knowledge: &Knowledge,
    item: &PriorItem,
    advanced: bool,
) -> Verdict {
    let had = gather(case, knowledge, item, advanced);
    let asked = format!("no prior {}", had.words);
    let needed = item.lines.max(1);
    match () {
        () if had.conflicting => Verdict::conflicting(format!("{asked}: records disagree"), had.facts),
        () if needed <= had.lines.0 => Verdict::not_met(format!("{asked}: received"), had.facts),
        () if needed <= had.lines.1 => {
            Verdict::not_tested(NotTested::Uncertain, format!("{asked}: {}", had.unsure()), had.facts)
        }
        () if had.denied => Verdict::met(format!("{asked}: stated as never received"), had.facts),
        () if had.may_have_received => Verdict::not_tested(
            NotTested::Uncertain,
            format!("{asked}: ordered, receipt not recorded"),
            had.facts,
        ),
        () if !case.history_gaps.is_empty() => {
            Verdict::not_tested(NotTested::Elsewhere, format!("{asked}: {}", gap_words(case)), had.facts)
        }
        () if history_known(case) && !unmapped_cancer_drug(case) => {
            Verdict::met(format!("{asked}: none recorded"), had.facts)
        }
        () => Verdict::not_tested(NotTested::NeverDone, format!("{asked}: no record of drugs"), had.facts),
    }
}

/// Exposure to the alternatives together.
struct Had {
    words: String,
    lines: (u32, u32),
    /// Only as neo- or adjuvant therapy, without an early relapse on record.
    early_only: bool,
    /// Such therapy that began after a metastasis was recorded.
    after_metastasis: bool,
    conflicting: bool,
    may_have_received: bool,
    /// Every alternative is stated as never received.
    denied: bool,
    facts: Vec<String>,
}

impl Had {
    fn unsure(&self) -> &'static str {
        match (self.after_metastasis, self.early_only) {
            (true, _) => {
                "received as neo- or adjuvant therapy by the record, but after a metastasis was recorded: \
                 for which disease is open"
            }
            (false, true) => {
                "received as neo- or adjuvant therapy only; it counts where the relapse came within 6 months"
            }
            (false, false) => "number of lines not certain",
        }
    }
}

fn gather(case: &Case, knowledge: &Knowledge, item: &PriorItem, advanced: bool) -> Had {
    let states: Vec<ExposureState> =
        item.any_of.iter().map(|therapy| exposure_to(case, knowledge, therapy)).collect();
    let words: Vec<String> = item.any_of.iter().map(|therapy| name(knowledge, therapy)).collect();
    let is_any = |drug: &concilium_terms::DrugName| {
        item.any_of.iter().any(|therapy| knowledge.drugs.is(drug, therapy))
    };
    let with_it = || case.lines.iter().filter(|line| line.drugs.iter().any(is_any));
    let count = |lines: usize| u32::try_from(lines).unwrap_or(u32::MAX);
    let in_lines = count(with_it().count());
    let counted = count(with_it().filter(|line| !advanced || counts_by_rule(case, line)).count());
    // A drug that makes no line was received all the same.
    let outside = u32::from(in_lines == 0 && states.iter().any(|state| state.received));
    // Drugs without a start may have been given in any number of lines.
    let uncounted = with_it().any(|line| line.start.is_none()) || 0 < outside;
    let mut facts: Vec<String> = states.iter().flat_map(|state| state.facts.clone()).collect();
    facts.sort();
    facts.dedup();
    Had {
        words: words.join(" or "),
        lines: (counted.max(outside), if uncounted { u32::MAX } else { in_lines }),
        early_only: 0 < in_lines && counted == 0,
        after_metastasis: counted == 0 && with_it().any(|line| line.after_metastasis.is_some()),
        conflicting: states.iter().any(|state| state.conflicting),
        may_have_received: states.iter().any(|state| state.may_have_received),
        denied: !states.is_empty() && states.iter().all(|state| state.denied),
        facts,
    }
}

pub(crate) fn name(knowledge: &Knowledge, therapy: &PriorTherapy) -> String {
    match therapy {
        PriorTherapy::Drug(drug) => drug.to_string(),
        PriorTherapy::Class(class) => {
            knowledge.drugs.classes.get(class).map_or_else(|| class.to_string(), |row| row.label.clone())
        }
        PriorTherapy::AnySystemic => "systemic therapy".into(),
    }
}

fn short_of(had: &Had) -> String {
    match had.lines.0 {
        0 => "not among the lines recorded".into(),
        1 => "in 1 line recorded".into(),
        lines => format!("in {lines} lines recorded"),
    }
}

/// Treatment that no record handed in tells of may have been the one asked for.
pub(crate) fn gap_words(case: &Case) -> String {
    let gaps: Vec<String> = case.history_gaps.iter().map(|gap| gap.words()).collect();
    gaps.join("; ")
}

fn treated_for_advanced(case: &Case) -> bool {
    case.lines.iter().any(|line| line.intent == LineIntent::Advanced)
}

/// A drug that reached the patient for the tumour and could not be mapped: it may be the one asked for.
pub(crate) fn unmapped_cancer_drug(case: &Case) -> bool {
    let tumour = case.tumour.as_ref().map(|tumour| tumour.condition.as_str());
    let for_tumour = |record: &Medication| {
        let intent = record.intent.as_deref().unwrap_or("").to_lowercase();
        let stated = ["curative", "palliative", "adjuvant"].iter().any(|word| intent.contains(word));
        stated || record.reason.is_some() && record.reason.as_deref() == tumour
    };
    case.facts.medications.iter().any(|r| r.drugs.is_empty() && r.exposure.is_exposure() && for_tumour(r))
}
