//! What does every rule say of every component of a regimen?
//!
//! One module per trigger. Each rule ends with an [`Answer`]: fired, not computable, clear, or resting on silence.
//! Nothing fired and nothing open is "checked clear" only when no answer rests on silence.

mod allergy;
mod always;
mod clonal;
mod concomitant;
mod condition;
pub(crate) mod intolerance;
mod lab;
mod pgx;
mod pregnancy;
mod sex;
mod subject;
mod tolerance;
mod untested;

use crate::finding::{SafetyFinding, SafetyVerdict};
use concilium_case::{Case, ConditionRole};
use concilium_criteria::conditions::Conditions;
use concilium_evidence::Regimen;
use concilium_knowledge::{Knowledge, PriorTherapy, SafetyRule, Sourced};
use concilium_terms::DrugName;

use std::collections::BTreeMap;
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
    /// A diagnosis nobody stated either way; never green. A list of diagnoses is never known to be complete.
    Unasked(String),
}

impl Answer {
    /// The finding, when there is one.
    fn finding(&self) -> Option<&SafetyFinding> {
        match self {
            Answer::Fired(finding) | Answer::Open(finding) => Some(finding),
            Answer::Clear(_) | Answer::Silent(_) | Answer::Unasked(_) => None,
        }
    }

    /// What the record is silent on.
    fn silence(&self) -> Option<&String> {
        if let Answer::Silent(input) = self { Some(input) } else { None }
    }

    /// The diagnosis nobody stated.
    fn unasked(&self) -> Option<&String> {
        if let Answer::Unasked(diagnosis) = self { Some(diagnosis) } else { None }
    }
}

/// One question: this rule, of this drug in this regimen, for this case.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub case: &'a Case,
    pub knowledge: &'a Knowledge,
    pub conditions: &'a Conditions<'a>,
    pub regimen: &'a Regimen,
    pub subject: &'a Subject<'a>,
    pub rule: &'a SafetyRule,
    /// All rules of this drug.
    pub rules: &'a [&'a SafetyRule],
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
        let mut rules = self.rules.iter().copied().filter(asks);
        rules.any(|rule| untested::ask(&Ask { rule, ..*self }).finding().is_some())
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

/// The gates before one case. What the rules say of a drug, whatever it is given with, is asked once.
pub struct Gates<'a> {
    case: &'a Case,
    knowledge: &'a Knowledge,
    conditions: Conditions<'a>,
    of_drug: BTreeMap<DrugName, OfDrug<'a>>,
}

/// One drug's rules, and what all but those on the drugs beside it answer.
struct OfDrug<'a> {
    rules: Vec<&'a SafetyRule>,
    answers: Vec<Answer>,
}

impl<'a> Gates<'a> {
    /// Reads the recorded conditions; nothing is asked yet.
    pub fn new(case: &'a Case, knowledge: &'a Knowledge) -> Gates<'a> {
        Gates { case, knowledge, conditions: Conditions::of(case, knowledge), of_drug: BTreeMap::new() }
    }

    /// How many rules there are.
    pub fn rules(&self) -> usize {
        self.knowledge.rules.len()
    }

    /// Every finding on every component, worst first, then by drug, subject and rule. Only `Contraindicated` refuses.
    pub fn findings_for(&mut self, regimen: &Regimen) -> Vec<SafetyFinding> {
        let components = regimen.components.iter();
        let mut findings: Vec<SafetyFinding> =
            components.flat_map(|drug| self.of_component(drug, regimen)).collect();
        if regimen.incomplete || regimen.components.is_empty() {
            let found = "components not fully named: not screened".to_owned();
            findings.push(no_rule(&DrugName::new(regimen.label()), "regimen", found));
        }
        merged(findings)
    }

    fn of_component(&mut self, drug: &DrugName, regimen: &Regimen) -> Vec<SafetyFinding> {
        let (case, knowledge, conditions) = (self.case, self.knowledge, &self.conditions);
        let subject = Subject::new(drug, knowledge);
        let of_drug = self
            .of_drug
            .entry(drug.clone())
            .or_insert_with(|| OfDrug::ask(&subject, regimen, case, knowledge, conditions));
        let rules = of_drug.rules.as_slice();
        let beside = rules.iter().filter(|rule| depends_on_regimen(rule)).map(|rule| {
            answer(&Ask { case, knowledge, conditions, regimen, subject: &subject, rule, rules })
        });
        let beside: Vec<Answer> = beside.collect();
        let answers: Vec<&Answer> = of_drug.answers.iter().chain(&beside).collect();
        let mut findings: Vec<SafetyFinding> =
            answers.iter().filter_map(|answer| answer.finding()).cloned().collect();
        if findings.is_empty() {
            findings.push(nothing_fired(drug, &answers, rules, case));
        } else {
            findings.extend(unrecorded(drug, &answers, rules, case));
        }
        if knowledge.drugs.get(drug).is_some_and(|row| row.kind != "drug") {
            findings.push(no_rule(drug, "regimen", "names a class, not a drug: not screened".into()));
        }
        findings
    }
}

/// The only trigger that looks at the other components.
fn depends_on_regimen(rule: &SafetyRule) -> bool {
    rule.trigger == "concomitant"
}

impl<'a> OfDrug<'a> {
    fn ask(
        subject: &Subject,
        regimen: &Regimen,
        case: &Case,
        knowledge: &'a Knowledge,
        conditions: &Conditions,
    ) -> OfDrug<'a> {
        let of_subject = |rule: &&SafetyRule| subject.is(&rule.applies_to);
        let rules: Vec<&SafetyRule> = knowledge.rules.iter().filter(of_subject).collect();
        let asked =
            |rule| answer(&Ask { case, knowledge, conditions, regimen, subject, rule, rules: &rules });
        let alone = rules.iter().copied().filter(|rule| !depends_on_regimen(rule));
        let (labs, others): (Vec<_>, Vec<_>) = alone.partition(|rule| rule.trigger == "lab");
        let mut answers: Vec<Answer> = others.into_iter().map(asked).collect();
        answers.extend(lab::worst_of_each_analyte(labs.into_iter().map(asked)));
        answers.extend(pgx::answers(subject, case, knowledge));
        answers.extend(allergy::to_the_drug_itself(subject, case, knowledge, &rules));
        answers.extend(intolerance::recorded(subject, case, knowledge));
        answers.extend(intolerance::of_its_class(subject, case, knowledge));
        OfDrug { rules, answers }
    }
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

/// Lists of the record that rules of this drug asked and that are empty, and diagnoses nobody stated, whatever else
/// fired: nobody asked is not "none".
fn unrecorded(
    drug: &DrugName,
    answers: &[&Answer],
    rules: &[&SafetyRule],
    case: &Case,
) -> Option<SafetyFinding> {
    let mut open = inputs(answers, Answer::silence);
    open.retain(|input| LISTS.contains(&input.as_str()));
    let asked = Open { lists: open, diagnoses: inputs(answers, Answer::unasked), case };
    (!asked.is_empty()).then(|| SafetyFinding {
        about: asked.about(),
        found: asked.found(),
        ..nothing_fired(drug, answers, rules, case)
    })
}

/// What a gate says when a whole list of the record is empty.
const LISTS: [&str; 2] = ["allergies", "current drugs"];

/// What the record is silent on, in words.
struct Open<'c> {
    lists: Vec<String>,
    diagnoses: Vec<String>,
    case: &'c Case,
}

impl Open<'_> {
    fn is_empty(&self) -> bool {
        self.lists.is_empty() && self.diagnoses.is_empty()
    }

    /// `allergies, other diagnoses: autoimmune disease / transplant`.
    fn about(&self) -> String {
        let named = format!("{DIAGNOSES}: {}", self.diagnoses.join(" / "));
        let named = (!self.diagnoses.is_empty()).then_some(named);
        self.lists.iter().cloned().chain(named).collect::<Vec<_>>().join(", ")
    }

    /// The same, and how far the list of diagnoses goes: the cancer and its metastases are none of it.
    fn found(&self) -> String {
        let recorded = self.case.facts.conditions.iter().filter(|c| c.role == ConditionRole::Comorbidity);
        let list = match recorded.count() {
            0 => DIAGNOSES.to_owned(),
            _ => format!("{}, and a list of diagnoses need not be complete", self.diagnoses.join(", ")),
        };
        let list = (!self.diagnoses.is_empty()).then_some(list);
        let said: Vec<String> = self.lists.iter().cloned().chain(list).collect();
        format!("not recorded: {}", said.join("; "))
    }
}

/// How a finding begins to name diagnoses nobody stated.
pub(crate) const DIAGNOSES: &str = "other diagnoses";

/// No finding: no rule, or rules that rest on silence, or checked clear.
fn nothing_fired(drug: &DrugName, answers: &[&Answer], rules: &[&SafetyRule], case: &Case) -> SafetyFinding {
    let clear = inputs(answers, |a| if let Answer::Clear(input) = a { Some(input) } else { None });
    let open =
        Open { lists: inputs(answers, Answer::silence), diagnoses: inputs(answers, Answer::unasked), case };
    if clear.is_empty() && open.is_empty() {
        return no_rule(drug, "regimen", "no rule speaks of this drug".into());
    }
    let green = open.is_empty();
    let rule = if answers.len() == 1 { "rule" } else { "rules" };
    let looked = match clear.is_empty() {
        true => format!("{} {rule} asked", answers.len()),
        false => format!("{} {rule} asked: {}", answers.len(), clear.join("; ")),
    };
    SafetyFinding {
        drug: drug.clone(),
        verdict: if green { SafetyVerdict::CheckedClear } else { SafetyVerdict::TestFirst },
        rule: if green { "checked-clear" } else { "not-recorded" }.into(),
        about: if green { "all rules of this drug".into() } else { open.about() },
        found: if green { looked } else { format!("{}; {looked}", open.found()) },
        action: if green { String::new() } else { "ask, and record it".into() },
        strength: String::new(),
        sourced: Sourced {
            source: "every row of the safety tables for this drug".into(),
            checked: !rules.is_empty() && rules.iter().all(|rule| rule.sourced.checked),
        },
        facts: vec![],
    }
}

fn inputs(answers: &[&Answer], of: impl Fn(&Answer) -> Option<&String>) -> Vec<String> {
    let mut found: Vec<String> = answers.iter().filter_map(|answer| of(answer)).cloned().collect();
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
