//! What do CPIC and DPWG ask for, given a germline pharmacogene result?
//!
//! "Position not covered" is never normal; a result without a recommendation is never green.

use super::subject::Subject;
use super::{Answer, untested_covers, verdict_of};
use crate::finding::{SafetyFinding, SafetyVerdict};
use concilium_case::{Case, Pharmacogene};
use concilium_criteria::exposure_to;
use concilium_criteria::record::on_day;
use concilium_knowledge::{Knowledge, PgxAction, PriorTherapy};
use concilium_terms::GeneSymbol;
use std::collections::BTreeSet;

/// Genes read only as a phenotype the laboratory stated (clinical rules, section 5).
const STATED_PHENOTYPE_ONLY: [&str; 2] = ["CYP2D6", "G6PD"];

/// One drug's answers: per gene CPIC, and DPWG where it exists.
pub fn answers(subject: &Subject, case: &Case, knowledge: &Knowledge) -> Vec<Answer> {
    let actions: Vec<&PgxAction> =
        knowledge.pgx.actions.iter().filter(|a| subject.is_named(&a.drug)).collect();
    let genes: BTreeSet<&GeneSymbol> = actions.iter().map(|action| &action.gene).collect();
    let ask = |gene| Gene { subject, case, knowledge, gene, actions: &actions };
    let answers = genes.into_iter().flat_map(|gene| ask(gene).answers()).collect();
    stricter_thiopurine_gene(answers)
}

/// Is there something to look up?
pub fn is_usable(result: &Pharmacogene) -> bool {
    let stated = result.phenotype.is_some() || result.activity.is_some();
    result.uncovered.is_empty() && stated && !indeterminate(result)
}

fn indeterminate(result: &Pharmacogene) -> bool {
    let said = result.phenotype.as_deref().map(str::to_lowercase);
    said.is_some_and(|text| text.contains("indeterminate")) && result.activity.is_none()
}

/// Why a result cannot be used.
pub fn unusable(result: &Pharmacogene) -> String {
    match () {
        () if !result.uncovered.is_empty() => {
            format!("position not covered ({}), never read as normal", result.uncovered.join(", "))
        }
        () if indeterminate(result) => "indeterminate, never read as normal".into(),
        () => "no phenotype is known for it".into(),
    }
}

/// `DPYD *1/*2A, Intermediate Metabolizer, activity 1 on 2026-05-01`.
pub fn words(result: &Pharmacogene) -> String {
    let parts: Vec<String> = [
        result.diplotype.as_ref().map(|diplotype| format!("{} {diplotype}", result.gene)),
        result.phenotype.clone(),
        result.activity.map(|score| format!("activity {score}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let gene = if result.diplotype.is_none() { format!("{} ", result.gene) } else { String::new() };
    format!("{gene}{} {}", parts.join(", "), on_day(result.meta.when.as_ref()))
}

/// One gene's rows for one drug.
struct Gene<'a> {
    subject: &'a Subject<'a>,
    case: &'a Case,
    knowledge: &'a Knowledge,
    gene: &'a GeneSymbol,
    actions: &'a [&'a PgxAction],
}

impl Gene<'_> {
    fn answers(&self) -> Vec<Answer> {
        let results: Vec<&Pharmacogene> =
            self.case.facts.pharmacogenes.iter().filter(|result| result.gene == *self.gene).collect();
        if results.is_empty() {
            return vec![Answer::Silent(format!("{} result", self.gene))];
        }
        results.into_iter().flat_map(|result| self.of_result(result)).collect()
    }

    fn of_result(&self, result: &Pharmacogene) -> Vec<Answer> {
        if !self.readable(result) {
            return vec![self.not_readable(result)];
        }
        let frameworks: BTreeSet<&str> = self.rows().map(|row| row.framework.as_str()).collect();
        let mut answers = vec![];
        for framework in frameworks {
            // CPIC sorts first. DPWG's silence beside an answer of CPIC adds nothing.
            let row = self.row(framework, result);
            match (row, answers.is_empty()) {
                (Some(row), first) if first || verdict_of(&row.verdict).is_some() => {
                    answers.push(self.of_row(row, result));
                }
                _ => {}
            }
        }
        if answers.is_empty() {
            let found = format!("{}: no row of the tables covers this result", words(result));
            answers.push(self.open(result, found));
        }
        answers
    }

    fn readable(&self, result: &Pharmacogene) -> bool {
        let stated = result.phenotype.is_some() && result.meta.derived.is_none();
        is_usable(result) && (stated || !STATED_PHENOTYPE_ONLY.contains(&self.gene.as_str()))
    }

    /// An `untested` rule of the drug says the same; then it is not said twice.
    fn not_readable(&self, result: &Pharmacogene) -> Answer {
        let why = match is_usable(result) {
            true => "only a phenotype the laboratory states is used for this gene".to_owned(),
            false => unusable(result),
        };
        let found = format!("{}: {why}", words(result));
        let key = self.gene.as_str().to_lowercase();
        match !is_usable(result) && untested_covers(self.subject, self.knowledge, &key) {
            true => Answer::Silent(found),
            false => self.open(result, found),
        }
    }

    fn rows(&self) -> impl Iterator<Item = &PgxAction> {
        self.actions.iter().copied().filter(|row| row.gene == *self.gene)
    }

    /// The most specific row of a framework: activity or diplotype, then an activity range, then the phenotype. Of
    /// rows for several populations those outside oncology are left out; of what remains the strictest speaks.
    fn row(&self, framework: &str, result: &Pharmacogene) -> Option<&PgxAction> {
        let oncology = |row: &&PgxAction| row.population != "non-malignant disease";
        let rows = self.rows().filter(|row| row.framework == framework).filter(oncology);
        let ranked = rows.filter_map(|row| {
            let strictness = verdict_of(&row.verdict).unwrap_or(SafetyVerdict::CheckedClear);
            Some((specificity(&row.lookup, result, self.gene)?, strictness, row.start_percent, row))
        });
        ranked.min_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2))).map(|(.., row)| row)
    }

    fn of_row(&self, row: &PgxAction, result: &Pharmacogene) -> Answer {
        match (verdict_of(&row.verdict), row.strength.as_str()) {
            (Some(verdict), _) => Answer::Fired(self.finding(row, verdict, result)),
            (None, "No Recommendation") => {
                Answer::Silent(format!("{}: {} gives no recommendation", words(result), row.framework))
            }
            (None, _) => Answer::Clear(format!("{}: {} asks for nothing", words(result), row.framework)),
        }
    }

    fn finding(&self, row: &PgxAction, verdict: SafetyVerdict, result: &Pharmacogene) -> SafetyFinding {
        let grade = if row.strength.is_empty() { "not graded" } else { &row.strength };
        SafetyFinding {
            drug: self.subject.drug.clone(),
            verdict,
            rule: format!("{}:{}", row.framework.to_lowercase(), self.gene),
            about: self.gene.to_string(),
            found: format!("{}{}", words(result), self.exposure()),
            action: action(row, verdict),
            strength: format!("{}: {grade}; {}", row.framework, row.url),
            sourced: row.sourced.clone(),
            facts: vec![result.meta.id.clone()],
        }
    }

    fn open(&self, result: &Pharmacogene, found: String) -> Answer {
        let framework = self.rows().map(|row| row.framework.as_str()).min().unwrap_or("CPIC");
        let sourced = self.rows().next().map(|row| row.sourced.clone()).unwrap_or_default();
        Answer::Open(SafetyFinding {
            drug: self.subject.drug.clone(),
            verdict: SafetyVerdict::TestFirst,
            rule: format!("{}:{}", framework.to_lowercase(), self.gene),
            about: self.gene.to_string(),
            found: format!("{found}{}", self.exposure()),
            action: format!("{} genotype or activity that answers, before the first dose", self.gene),
            strength: String::new(),
            sourced,
            facts: vec![result.meta.id.clone()],
        })
    }

    /// Prior exposure stands beside a genotype; it never replaces it.
    fn exposure(&self) -> String {
        let item = PriorTherapy::Drug(self.subject.drug.clone());
        let state = exposure_to(self.case, self.knowledge, &item);
        let day = |date: &Option<concilium_terms::PartialDate>| {
            date.as_ref().map_or_else(|| "?".to_owned(), |d| d.day_text().to_owned())
        };
        let span = format!("{} to {}", day(&state.start), day(&state.end));
        match () {
            () if state.conflicting => "; records contradict one another on prior exposure".into(),
            () if !state.received => String::new(),
            () if state.intolerant => format!("; prior exposure {span}, stopped for intolerance"),
            () => format!("; prior exposure {span}, no intolerance recorded"),
        }
    }
}

/// How the row wants the dose, and what the source adds after its identifier.
fn action(row: &PgxAction, verdict: SafetyVerdict) -> String {
    let dose = match (verdict, row.start_percent) {
        (_, Some(percent)) if percent != 100 => format!("start at {percent} % of the usual dose"),
        (SafetyVerdict::ModifyDose, _) => "reduced start dose; the source states no single percentage".into(),
        (SafetyVerdict::Contraindicated, _) => "not given".into(),
        (SafetyVerdict::Avoid, _) => "avoid".into(),
        _ => "watch".into(),
    };
    let note = row.sourced.source.split_once("; ").map(|(_, note)| format!("; {note}")).unwrap_or_default();
    format!("{dose}{note}")
}

/// 0 exact activity or diplotype, 1 a range of activity, 2 the phenotype; none where the row does not fit.
fn specificity(lookup: &str, result: &Pharmacogene, gene: &GeneSymbol) -> Option<u8> {
    let phenotype_only = STATED_PHENOTYPE_ONLY.contains(&gene.as_str());
    match lookup.split_once(':') {
        Some(_) if phenotype_only => None,
        Some(("activity", score)) => activity(score, result.activity?),
        Some(("diplotype", wanted)) => (both(wanted) == both(result.diplotype.as_deref()?)).then_some(0),
        Some(_) => None,
        None => {
            let said = phenotype(result.phenotype.as_deref()?, gene);
            (said == phenotype(lookup, gene)).then_some(2)
        }
    }
}

fn activity(wanted: &str, score: f64) -> Option<u8> {
    match wanted.strip_prefix(">=") {
        Some(least) => (least.parse::<f64>().ok()? <= score).then_some(1),
        None => (wanted.parse::<f64>().ok()? == score).then_some(0),
    }
}

/// Both alleles, whichever stands first.
fn both(diplotype: &str) -> BTreeSet<(usize, &str)> {
    let mut alleles: Vec<&str> = diplotype.split('/').map(str::trim).collect();
    alleles.sort_unstable();
    alleles.into_iter().enumerate().collect()
}

/// Case, the British spelling and a leading gene name do not matter.
fn phenotype(text: &str, gene: &GeneSymbol) -> String {
    let lower = text.trim().to_lowercase().replace("metaboliser", "metabolizer");
    lower.strip_prefix(&gene.as_str().to_lowercase()).map_or(lower.clone(), |rest| rest.trim().to_owned())
}

/// TPMT and NUDT15 speak of one dose: the stricter gene's row stands and names the other.
fn stricter_thiopurine_gene(answers: Vec<Answer>) -> Vec<Answer> {
    let thiopurine = |answer: &Answer| matches!(answer, Answer::Fired(f) if f.rule == "cpic:TPMT" || f.rule == "cpic:NUDT15");
    let (mut doses, mut rest): (Vec<Answer>, Vec<Answer>) = answers.into_iter().partition(thiopurine);
    doses.sort_by_key(strictness);
    let mut doses = doses.into_iter();
    if let Some(Answer::Fired(mut strictest)) = doses.next() {
        for other in doses.filter_map(|answer| answer.finding().cloned()) {
            strictest.found = format!("{}; also {}: {}", strictest.found, other.found, other.action);
            strictest.facts.extend(other.facts);
        }
        rest.push(Answer::Fired(strictest));
    }
    rest
}

/// Worst verdict first, then the smallest stated start dose; the rule name fixes ties.
fn strictness(answer: &Answer) -> Option<(SafetyVerdict, u32, String)> {
    let finding = answer.finding()?;
    let percent =
        finding.action.strip_prefix("start at ").and_then(|text| text.split(' ').next()?.parse().ok());
    Some((finding.verdict, percent.unwrap_or(100), finding.rule.clone()))
}
