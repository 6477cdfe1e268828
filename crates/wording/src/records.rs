//! Which records may be cited about an option?

use concilium_evidence::passage::Standing;
use concilium_grounding::{Record, RecordKey, Records, Side};
use concilium_recommend::{Cited, EvidenceItem, Plan, PlanOption, Quote, sentence};
use concilium_safety::{SafetyFinding, SafetyVerdict, spoken};
use concilium_terms::StatementKey;
use std::collections::{BTreeMap, BTreeSet};

/// Statements of one side at most: the strongest stand first in the plan.
const STATEMENTS: usize = 8;
/// Passages of one side at most.
const PASSAGES: usize = 4;
/// Safety findings at most, worst first.
const FINDINGS: usize = 6;

/// The records of one option, in the order statements, passages, safety; their keys are `E1`, `P1`, `S1` … and hold in
/// this request only. Everything against it is among them up to the same bound as what is for it.
pub fn records_of(plan: &Plan, option: &PlanOption) -> Records {
    let mut records = vec![];
    let mut statements = 0;
    for (cited, side) in [(&option.for_, Side::For), (&option.against, Side::Against)] {
        for item in items(cited, &plan.evidence) {
            statements += 1;
            records.push(statement(statements, item, side));
        }
    }
    let mut passages = 0;
    if let Some(found) = plan.literature.get(&option.id) {
        let sides = [
            (found.for_.iter().chain(&found.found_for), Side::For),
            (found.against.iter().chain(&found.found_against), Side::Against),
        ];
        for (quotes, side) in sides {
            for quote in quotes.filter(|quote| quote.standing == Standing::Current).take(PASSAGES) {
                passages += 1;
                records.push(passage(passages, quote, side));
            }
        }
    }
    let telling = option.safety.iter().filter(|finding| tells(finding)).take(FINDINGS);
    records.extend(telling.enumerate().map(|(at, finding)| safety(at + 1, finding)));
    // A passage whose words are nothing a reader sees cannot be cited; the rest can.
    records.retain(|record| record.sentence.is_some() || !record.text.trim().is_empty());
    Records::new(records).unwrap_or_default()
}

fn items<'p>(
    cited: &[Cited],
    evidence: &'p BTreeMap<StatementKey, EvidenceItem>,
) -> impl Iterator<Item = &'p EvidenceItem> {
    let mut seen = BTreeSet::new();
    let keys: Vec<&StatementKey> = cited
        .iter()
        .map(|cited| &cited.key)
        .filter(|key| seen.insert((*key).clone()))
        .take(STATEMENTS)
        .collect();
    keys.into_iter().filter_map(|key| evidence.get(key)).collect::<Vec<_>>().into_iter()
}

fn statement(at: usize, item: &EvidenceItem, side: Side) -> Record {
    let said = format!("{}.", sentence(item));
    let key = RecordKey(format!("E{at}"));
    Record { key, source: item.key.to_string(), text: said.clone(), sentence: Some(said), side }
}

fn passage(at: usize, quote: &Quote, side: Side) -> Record {
    let key = RecordKey(format!("P{at}"));
    Record { key, source: quote.key.clone(), text: quote.text.clone(), sentence: None, side }
}

/// Does a finding say anything of this patient?
fn tells(finding: &SafetyFinding) -> bool {
    !matches!(finding.verdict, SafetyVerdict::CheckedClear)
}

/// What is due and what was found, in the words of the rule. A finding that refuses or advises against is evidence
/// against: it is shown whatever a model says.
fn safety(at: usize, finding: &SafetyFinding) -> Record {
    let (drug, about) = (&finding.drug, spoken(&finding.about));
    let head = match finding.verdict {
        SafetyVerdict::Contraindicated => format!("{drug} is contraindicated: {about}"),
        SafetyVerdict::Avoid => format!("{drug} is better avoided: {about}"),
        SafetyVerdict::ModifyDose => format!("{drug} needs a changed dose: {about}"),
        SafetyVerdict::TestFirst => format!("Before {drug} a test is due: {about}"),
        SafetyVerdict::Monitor => format!("With {drug} watch: {about}"),
        SafetyVerdict::CheckedClear => format!("{drug}, {about}: checked, clear"),
        SafetyVerdict::NoRule => {
            format!("No safety rule speaks of {drug}, so that nothing is known to be clear")
        }
    };
    let details: Vec<&str> = [finding.found.as_str(), finding.action.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let said = match details.as_slice() {
        [] => format!("{head}."),
        some => format!("{head}; {}.", some.join("; ")),
    };
    let side = match finding.verdict {
        SafetyVerdict::Contraindicated | SafetyVerdict::Avoid => Side::Against,
        _ => Side::Neither,
    };
    let key = RecordKey(format!("S{at}"));
    let source = format!("safety rule {}", finding.rule);
    Record { key, source, text: said.clone(), sentence: Some(said), side }
}
