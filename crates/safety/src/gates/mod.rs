//! What does every rule say of every component of a regimen?
//!
//! One module per trigger. Each rule ends with an [`Answer`]: fired, not computable, clear, or resting on silence.
//! Nothing fired and nothing open is "checked clear" only when no answer rests on silence.

mod allergy;
mod always;
mod clonal;
mod concomitant;
mod condition;
mod intolerance;
mod lab;
mod pgx;
mod pregnancy;
mod sex;
mod subject;
mod untested;

use crate::finding::{SafetyFinding, SafetyVerdict};
use concilium_case::Case;
use concilium_evidence::Regimen;
use concilium_knowledge::{Knowledge, PriorTherapy, SafetyRule, Sourced};
use concilium_terms::DrugName;
use std::collections::BTreeSet;
use subject::Subject;

/// What one rule said of one drug.
pub(crate) enum Answer {
    /// The rule holds.
    Fired(SafetyFinding),
    /// It could not be computed: a test is due first.
    Open(SafetyFinding),
    /// Computed from stated facts, and it does not hold; names what was looked at.
    Clear(String),
    /// The record is silent on what the rule asks; never green. Names what was looked for.
    Silent(String),
}

impl Answer {
    /// The finding, when there is one.
    fn finding(&self) -> Option<&SafetyFinding> {
        match self {
            Answer::Fired(finding) | Answer::Open(finding) => Some(finding),
            Answer::Clear(_) | Answer::Silent(_) => None,
        }
    }
}

/// One question: this rule, of this drug in this regimen, for this case.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub case: &'a Case,
    pub knowledge: &'a Knowledge,
    pub regimen: &'a Regimen,
    pub subject: &'a Subject<'a>,
    pub rule: &'a SafetyRule,
}

impl<'a> Ask<'a> {
    /// The rule's verdict with what was found.
    fn fired(&self, about: &str, found: String, facts: Vec<String>) -> Answer {
        let verdict = verdict_of(&self.rule.verdict).unwrap_or(SafetyVerdict::TestFirst);
        Answer::Fired(self.finding(verdict, about, found, self.rule.action.clone(), facts))
    }

    /// The rule holds, but weaker than it says: `verdict` at most.
    fn weakened(&self, verdict: SafetyVerdict, about: &str, found: String, facts: Vec<String>) -> Answer {
        let stated = verdict_of(&self.rule.verdict).unwrap_or(SafetyVerdict::TestFirst);
        Answer::Fired(self.finding(stated.max(verdict), about, found, self.rule.action.clone(), facts))
    }

    /// What is missing, and what the rule would ask once it is known.
    fn open(&self, about: &str, found: String, facts: Vec<String>) -> Answer {
        let rule = self.rule;
        let action = match rule.verdict.as_str() {
            "test-first" => rule.action.clone(),
            verdict if rule.test.is_empty() => format!("{about} first; then {verdict}: {}", rule.action),
            verdict => format!("{about} first; at {}: {verdict}: {}", rule.test, rule.action),
        };
        Answer::Open(self.finding(SafetyVerdict::TestFirst, about, found, action, facts))
    }

    fn finding(
        &self,
        verdict: SafetyVerdict,
        about: &str,
        found: String,
        action: String,
        facts: Vec<String>,
    ) -> SafetyFinding {
        SafetyFinding {
            drug: self.subject.drug.clone(),
            verdict,
            rule: self.rule.id.clone(),
            about: about.to_owned(),
            found,
            action,
            strength: String::new(),
            sourced: self.sourced(),
            facts,
        }
    }

    /// A rule of a class rests on the labels of its members: of the drug it speaks of only that one's is named; where
    /// that is not among them, it is the one to check, and the rule's own source follows.
    fn sourced(&self) -> Sourced {
        let Sourced { source, checked } = &self.rule.sourced;
        let labels =
            source.strip_prefix("label: ").filter(|_| matches!(self.rule.applies_to, PriorTherapy::Class(_)));
        let Some(labels) = labels else { return self.rule.sourced.clone() };
        let drug = self.subject.drug;
        let end = [", section", ", boxed"].iter().filter_map(|word| labels.find(word)).min();
        let (names, section) = labels.split_at(end.unwrap_or(labels.len()));
        let source = match names.contains(drug.as_str()) {
            true => format!("label: {drug}{section}"),
            false => format!("label: {drug}, to check; the rule is the class's, written from {source}"),
        };
        Sourced { source, checked: *checked }
    }

    /// Does an `untested` rule of this drug already say that one of these tests is missing?
    fn said_untested(&self, keys: &[&str]) -> bool {
        let asks = |rule: &&SafetyRule| rule.trigger == "untested" && keys.contains(&rule.what.as_str());
        let rules = self.knowledge.rules.iter().filter(asks).filter(|rule| self.subject.is(&rule.applies_to));
        rules.into_iter().any(|rule| untested::ask(&Ask { rule, ..*self }).finding().is_some())
    }
}

/// Is there an `untested` rule of this component for the test? It then asks for it, where no result can be used.
pub(crate) fn untested_covers(subject: &Subject, knowledge: &Knowledge, key: &str) -> bool {
    let mut rules = knowledge.rules.iter().filter(|rule| rule.trigger == "untested" && rule.what == key);
    rules.any(|rule| subject.is(&rule.applies_to))
}

/// A gate reads one rule.
type Gate = fn(&Ask) -> Answer;

/// Triggers of `safety/rules.tsv`, in reading order.
static GATES: &[(&str, Gate)] = &[
    ("allergy", allergy::ask),
    ("lab", lab::ask),
    ("untested", untested::ask),
    ("concomitant", concomitant::ask),
    ("condition", condition::ask),
    ("clonal", clonal::ask),
    ("pregnancy", pregnancy::ask),
    ("sex", sex::ask),
    ("always", always::ask),
];

/// Every finding on every component, worst first, then by drug, subject and rule. Only `Contraindicated` refuses.
pub fn findings_for(regimen: &Regimen, case: &Case, knowledge: &Knowledge) -> Vec<SafetyFinding> {
    let of_drug = |drug: &DrugName| of_component(drug, regimen, case, knowledge);
    let mut findings: Vec<SafetyFinding> = regimen.components.iter().flat_map(of_drug).collect();
    if regimen.incomplete || regimen.components.is_empty() {
        let found = "components not fully named: not screened".to_owned();
        findings.push(no_rule(&DrugName::new(regimen.label()), "regimen", found));
    }
    merged(findings)
}

fn of_component(
    drug: &DrugName,
    regimen: &Regimen,
    case: &Case,
    knowledge: &Knowledge,
) -> Vec<SafetyFinding> {
    let subject = Subject::new(drug, knowledge);
    let rules: Vec<&SafetyRule> = knowledge.rules.iter().filter(|r| subject.is(&r.applies_to)).collect();
    let asks: Vec<Ask> =
        rules.iter().map(|rule| Ask { case, knowledge, regimen, subject: &subject, rule }).collect();
    let mut answers: Vec<Answer> = asks.iter().filter(|ask| ask.rule.trigger != "lab").map(answer).collect();
    answers.extend(lab::worst_of_each_analyte(asks.iter().filter(|a| a.rule.trigger == "lab").map(answer)));
    answers.extend(pgx::answers(&subject, case, knowledge));
    answers.extend(allergy::to_the_drug_itself(&subject, case, knowledge, &rules));
    answers.extend(intolerance::recorded(&subject, case, knowledge));
    let mut findings: Vec<SafetyFinding> = answers.iter().filter_map(Answer::finding).cloned().collect();
    if findings.is_empty() {
        findings.push(nothing_fired(drug, &answers, &rules));
    } else {
        findings.extend(unrecorded(drug, &answers, &rules));
    }
    if knowledge.drugs.get(drug).is_some_and(|row| row.kind != "drug") {
        findings.push(no_rule(drug, "regimen", "names a class, not a drug: not screened".into()));
    }
    findings
}

fn answer(ask: &Ask) -> Answer {
    let rule = ask.rule;
    let gate = GATES.iter().find(|(trigger, _)| *trigger == rule.trigger);
    match (gate, verdict_of(&rule.verdict)) {
        (Some((_, gate)), Some(_)) => gate(ask),
        (None, _) => {
            ask.open(&rule.what, format!("the rule's trigger `{}` is not known here", rule.trigger), vec![])
        }
        (_, None) => {
            ask.open(&rule.what, format!("the rule's verdict `{}` is not known here", rule.verdict), vec![])
        }
    }
}

/// A verdict as the tables spell it; `none` and unknown words are none.
pub(crate) fn verdict_of(word: &str) -> Option<SafetyVerdict> {
    match word {
        "contraindicated" => Some(SafetyVerdict::Contraindicated),
        "avoid" => Some(SafetyVerdict::Avoid),
        "modify" => Some(SafetyVerdict::ModifyDose),
        "test-first" => Some(SafetyVerdict::TestFirst),
        "monitor" => Some(SafetyVerdict::Monitor),
        _ => None,
    }
}

/// Lists of the record that rules of this drug asked and that are empty, whatever else fired: nobody asked is not
/// "none".
fn unrecorded(drug: &DrugName, answers: &[Answer], rules: &[&SafetyRule]) -> Option<SafetyFinding> {
    let silent = inputs(answers, |a| if let Answer::Silent(input) = a { Some(input) } else { None });
    let lists: Vec<String> = silent.into_iter().filter(|input| LISTS.contains(&input.as_str())).collect();
    let conditions: BTreeSet<&str> =
        rules.iter().filter(|rule| rule.trigger == "condition").map(|rule| rule.what.as_str()).collect();
    let named = |list: &String| match list.as_str() {
        DIAGNOSES => format!("{list}: {}", conditions.iter().copied().collect::<Vec<_>>().join(" / ")),
        _ => list.clone(),
    };
    (!lists.is_empty()).then(|| SafetyFinding {
        about: lists.iter().map(named).collect::<Vec<_>>().join(", "),
        found: format!("not recorded: {}", lists.join("; ")),
        ..nothing_fired(drug, answers, rules)
    })
}

/// What a gate says when a whole list of the record is empty.
const LISTS: [&str; 3] = ["allergies", "current drugs", DIAGNOSES];
const DIAGNOSES: &str = "other diagnoses";

/// No finding: no rule, or rules that rest on silence, or checked clear.
fn nothing_fired(drug: &DrugName, answers: &[Answer], rules: &[&SafetyRule]) -> SafetyFinding {
    let clear = inputs(answers, |a| if let Answer::Clear(input) = a { Some(input) } else { None });
    let silent = inputs(answers, |a| if let Answer::Silent(input) = a { Some(input) } else { None });
    if clear.is_empty() && silent.is_empty() {
        return no_rule(drug, "regimen", "no rule speaks of this drug".into());
    }
    let green = silent.is_empty();
    let rule = if answers.len() == 1 { "rule" } else { "rules" };
    let looked = match clear.is_empty() {
        true => format!("{} {rule} asked", answers.len()),
        false => format!("{} {rule} asked: {}", answers.len(), clear.join("; ")),
    };
    SafetyFinding {
        drug: drug.clone(),
        verdict: if green { SafetyVerdict::CheckedClear } else { SafetyVerdict::TestFirst },
        rule: if green { "checked-clear" } else { "not-recorded" }.into(),
        about: if green { "all rules of this drug".into() } else { silent.join(", ") },
        found: if green { looked } else { format!("not recorded: {}; {looked}", silent.join("; ")) },
        action: if green { String::new() } else { "ask, and record it".into() },
        strength: String::new(),
        sourced: Sourced {
            source: "every row of the safety tables for this drug".into(),
            checked: !rules.is_empty() && rules.iter().all(|rule| rule.sourced.checked),
        },
        facts: vec![],
    }
}

fn inputs(answers: &[Answer], of: impl Fn(&Answer) -> Option<&String>) -> Vec<String> {
    let mut found: Vec<String> = answers.iter().filter_map(of).cloned().collect();
    found.sort();
    found.dedup();
    found
}

fn no_rule(drug: &DrugName, about: &str, found: String) -> SafetyFinding {
    SafetyFinding {
        drug: drug.clone(),
        verdict: SafetyVerdict::NoRule,
        rule: "no-rule".into(),
        about: about.into(),
        found,
        action: "check the label".into(),
        strength: String::new(),
        sourced: Sourced { source: "safety tables of this release".into(), checked: false },
        facts: vec![],
    }
}

/// Sorted; what the same rule says twice of the same thing is one finding with the facts of both.
fn merged(mut findings: Vec<SafetyFinding>) -> Vec<SafetyFinding> {
    for finding in &mut findings {
        finding.facts.sort();
        finding.facts.dedup();
    }
    findings
        .sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| (&a.found, &a.action).cmp(&(&b.found, &b.action))));
    let mut kept: Vec<SafetyFinding> = vec![];
    for finding in findings {
        match kept.last_mut().filter(|last| key(last) == key(&finding)) {
            Some(last) => absorb(last, finding),
            None => kept.push(finding),
        }
    }
    kept
}

fn key(f: &SafetyFinding) -> (SafetyVerdict, &DrugName, &str, &str) {
    (f.verdict, &f.drug, &f.about, &f.rule)
}

fn absorb(kept: &mut SafetyFinding, other: SafetyFinding) {
    for (text, more) in [(&mut kept.found, other.found), (&mut kept.action, other.action)] {
        if !text.contains(&more) {
            *text = format!("{text}; {more}");
        }
    }
    kept.facts.extend(other.facts);
    kept.facts.sort();
    kept.facts.dedup();
    kept.sourced.checked &= other.sourced.checked;
}
