//! How is the same plan said to an electronic record? As a FHIR R4 Bundle of drafts and proposals.
//!
//! This is the mapping from a plan's types to the plain structs of `fhir-write`; words come from where every other
//! view takes them.

use crate::trials;
use crate::words::{self, or_not_recorded};
use concilium_case::{Case, Level};
use concilium_fhir_write as write;
use concilium_knowledge::Knowledge;
use concilium_recommend::{Cited, NextFact, Plan, PlanOption, Section, StandardEntry};
use concilium_safety::{SafetyFinding, SafetyVerdict};
use concilium_terms::code::system;
use concilium_terms::{DrugName, StatementKey};
use std::collections::{BTreeMap, BTreeSet};

/// The plan as a FHIR R4 Bundle (JSON text). `replaces` is the run of the plan this one takes the place of.
///
/// # Errors
/// The plan's instant has no offset, or a resource cannot be built or written.
pub fn fhir(
    plan: &Plan,
    case: &Case,
    knowledge: &Knowledge,
    replaces: Option<&str>,
) -> Result<String, write::Error> {
    write::write(&write::PlanBundle {
        run: plan.manifest.run.clone(),
        replaces: replaces.map(str::to_owned),
        instant: plan.manifest.as_of.clone(),
        software: software(plan),
        patient: patient_record(&case.patient),
        disease: case.tumour.as_ref().map(|t| format!("{} ({}; {})", t.name, t.doid, t.condition)),
        summary: summary(plan),
        boxes: boxes(plan),
        sections: SECTIONS.into_iter().map(|section| proposed(plan, knowledge, section)).collect(),
        missing: missing(plan),
        issues: issues(plan),
        sources: sources(plan),
    })
}

const SECTIONS: [Section; 4] =
    [Section::ToDiscuss, Section::Conditional, Section::NotApplicableNow, Section::RefusedBySafety];

/// Said wherever the screen had nothing to say about a drug: silence is not a clear result.
const NO_RULE: &str = "no rule for this drug: not screened, this is not a clear result";

fn software(plan: &Plan) -> write::Software {
    let (name, version) = plan.manifest.program.rsplit_once(' ').unwrap_or((&plan.manifest.program, ""));
    write::Software { name: name.into(), version: version.into(), code: plan.manifest.code.clone() }
}

/// The person of a record, as FHIR that we write names them.
pub fn patient_record(patient: &concilium_case::Patient) -> write::PatientRecord {
    use concilium_case::Sex;
    let identifiers = patient.meta.identifiers.iter();
    write::PatientRecord {
        id: patient.meta.id.strip_prefix("Patient/").map(str::to_owned),
        identifiers: identifiers.map(|text| text.split_once('|').unwrap_or(("", text))).map(owned).collect(),
        name: patient.name.clone(),
        sex: patient.sex.map(|sex| match sex {
            Sex::Female => write::Sex::Female,
            Sex::Male => write::Sex::Male,
            Sex::Other => write::Sex::Other,
            Sex::Unknown => write::Sex::Unknown,
        }),
        birth_date: patient.birth_date.as_ref().map(|date| date.as_str().to_owned()),
        deceased: patient.deceased.as_ref().map(|when| when.as_ref().map(|date| date.as_str().to_owned())),
    }
}

fn owned((system, value): (&str, &str)) -> (String, String) {
    (system.to_owned(), value.to_owned())
}

/// The patient line without the name.
fn summary(plan: &Plan) -> Vec<String> {
    let (p, m) = (&plan.patient, &plan.manifest);
    let fields = [
        ("Age, sex", format!("{}, {}", or_not_recorded(&p.age), or_not_recorded(&p.sex))),
        ("Tumour", format!("{} {}", or_not_recorded(&p.tumour), p.doid)),
        ("Stage now", or_not_recorded(&p.stage).to_owned()),
        ("Sites, CNS", words::list_or_not_recorded(&p.sites)),
        ("Performance status", or_not_recorded(&p.performance).to_owned()),
        ("Intent and line", or_not_recorded(&p.line).to_owned()),
        ("Current drugs", words::list_or_not_recorded(&p.current_drugs)),
        ("Allergies", or_not_recorded(&p.allergies).to_owned()),
        ("Plan of", or_not_recorded(&m.as_of).to_owned()),
        (
            "Knowledge of",
            format!("{} ({})", or_not_recorded(&m.knowledge_date), or_not_recorded(&m.knowledge)),
        ),
        ("Manifest", words::short(&m.run)),
    ];
    fields.into_iter().map(|(name, value)| format!("{name}: {}", value.trim())).collect()
}

/// What stands before the options on the sheet; a box without lines is left out.
fn boxes(plan: &Plan) -> Vec<write::NotedBox> {
    let abstains = plan.abstains.iter().map(|missing| format!("missing input: {missing}"));
    let note = Some(plan.standard.note.clone()).filter(|note| !note.is_empty());
    let standard = note.into_iter().chain(plan.standard.entries.iter().map(standard));
    let lost = plan.issues.iter().filter(|issue| issue.level == Level::Lost);
    let conflicts = plan.conflicts.iter().map(|conflict| {
        let sides: Vec<&str> = conflict.sides.iter().map(|(words, _)| words.as_str()).collect();
        format!("{}: {}", conflict.about, sides.join(" / "))
    });
    let boxes: [(&str, Vec<String>); 11] = [
        ("This plan abstains", abstains.collect()),
        ("No systemic ranking", plan.no_systemic_ranking.iter().cloned().collect()),
        ("Standard options this knowledge does not rank", standard.collect()),
        ("Conflicts in the records", conflicts.collect()),
        ("Old records", plan.outdated.iter().cloned().collect()),
        ("Dangers in what is taken now", plan.alerts.clone()),
        ("Germline flags", plan.germline_flags.clone()),
        (trials::TITLE, trials::lines(plan)),
        ("Not covered here", plan.not_covered.clone()),
        ("Inputs not read", lost.map(|issue| format!("{} – {}", issue.what, issue.source)).collect()),
        ("Unreviewed rows this plan rests on", plan.unreviewed.clone()),
    ];
    let filled = boxes.into_iter().filter(|(_, lines)| !lines.is_empty());
    filled.map(|(title, lines)| write::NotedBox { title: title.into(), lines }).collect()
}

fn standard(entry: &StandardEntry) -> String {
    let needs = (!entry.needs.is_empty()).then(|| format!("needs first: {}", entry.needs));
    let parts = [entry.setting.clone()].into_iter().chain(entry.conditions.iter().cloned()).chain(needs);
    let exposure = entry.exposure.iter().map(|line| format!("exposure: {line}"));
    let says = !entry.evidence.is_empty() || !entry.beaten_by.is_empty();
    let evidence = says.then(|| words::standard_evidence(entry));
    let rest = exposure.chain(evidence).chain([words::sourced(&entry.sourced)]);
    let parts: Vec<String> = parts.chain(rest).collect();
    format!("{} ({})", entry.option, parts.join("; "))
}

fn proposed(plan: &Plan, knowledge: &Knowledge, section: Section) -> write::ProposedSection {
    let options = words::of_section(plan, section);
    write::ProposedSection {
        number: section.number(),
        title: section.title().into(),
        options: options.into_iter().map(|(_, option)| one(plan, knowledge, option)).collect(),
    }
}

fn one(plan: &Plan, knowledge: &Knowledge, option: &PlanOption) -> write::ProposedOption {
    // Listed only: what does not apply now or is refused is never something to order.
    let is_proposed = option.section <= Section::Conditional;
    let components = option.regimen.components.iter().filter(|_| is_proposed);
    write::ProposedOption {
        id: option.id.clone(),
        rank: option.rank,
        title: option.regimen.label(),
        reasons: option
            .reasons
            .iter()
            .map(words::reason)
            .chain(option.beaten_by.iter().map(words::beaten_how))
            .collect(),
        citations: citations(plan, option),
        drugs: components.map(|name| drug(knowledge, option, name)).collect(),
    }
}

fn drug(knowledge: &Knowledge, option: &PlanOption, name: &DrugName) -> write::ProposedDrug {
    let row = knowledge.drugs.by_name.get(name.as_str()).map(|at| &knowledge.drugs.rows[*at]);
    // A row with several codes lists products beside the ingredient: which is which is not said, so none is used.
    let code = row.and_then(|row| match row.rxnorm.as_slice() {
        [code] => Some(write::Coding { system: system::RXNORM.into(), code: code.clone() }),
        _ => None,
    });
    let mut notes = Vec::new();
    if option.section == Section::Conditional {
        notes
            .extend(option.reasons.iter().map(|reason| format!("conditional on: {}", words::reason(reason))));
    }
    let findings = || option.safety.iter().filter(|finding| finding.drug == *name);
    if findings().all(|finding| finding.verdict == SafetyVerdict::NoRule) {
        notes.push(NO_RULE.into());
    }
    if option.regimen.incomplete {
        notes.push("the regimen's components are not all known: not screened".into());
    }
    if row.is_none_or(|row| row.kind != "drug") {
        notes.push("names a class or kind of treatment, not one drug".into());
    }
    write::ProposedDrug { name: name.as_str().into(), code, notes }
}

/// Every statement the option names, once: for, against, in its reasons, listed and not counted.
fn citations(plan: &Plan, option: &PlanOption) -> Vec<write::Citation> {
    let counted =
        option.for_.iter().chain(&option.against).map(|cited| (&cited.key, strength(plan, cited, "")));
    let reasons = option.reasons.iter().flat_map(|reason| &reason.statements);
    let named = reasons.map(|key| (key, "named in a reason".to_owned()));
    let notes =
        option.notes.iter().map(|cited| (&cited.key, strength(plan, cited, "listed and not counted: ")));
    let mut seen = BTreeSet::new();
    let all = counted.chain(notes).chain(named).filter(|(key, _)| seen.insert(*key));
    all.map(|(key, bearing)| citation(plan, key, bearing)).collect()
}

fn strength(plan: &Plan, cited: &Cited, before: &str) -> String {
    let item = plan.evidence.get(&cited.key);
    format!("{before}{}, {}", words::bearing(cited.bearing), words::strength(cited, item))
}

fn citation(plan: &Plan, key: &StatementKey, bearing: String) -> write::Citation {
    let citation = plan.evidence.get(key).map(|item| item.citation.clone()).unwrap_or_default();
    let pmid = words::pmid(&citation).map(str::to_owned);
    write::Citation { key: key.as_str().into(), bearing, citation, pmid }
}

/// What the plan abstains on first, then the next best facts in their order.
fn missing(plan: &Plan) -> Vec<write::MissingFact> {
    let abstains = plan.abstains.iter().map(|name| write::MissingFact {
        kind: "Condition".into(),
        name: name.clone(),
        codes: vec![],
        detail: "the plan abstains without it".into(),
    });
    abstains.chain(plan.next_facts.iter().map(next_fact)).collect()
}

fn next_fact(fact: &NextFact) -> write::MissingFact {
    let kind = match fact.fact.as_str() {
        "allergies" => "AllergyIntolerance",
        name if name.starts_with("prior ") => "MedicationStatement",
        _ => "Observation",
    };
    let loinc = |code: &str| write::Coding { system: system::LOINC.into(), code: code.into() };
    write::MissingFact {
        kind: kind.into(),
        name: fact.fact.clone(),
        codes: concilium_fhir::codes_of(&fact.fact).into_iter().map(loinc).collect(),
        detail: format!("{}; would settle or unlock: {}", fact.state, fact.unlocks.join("; ")),
    }
}

/// Findings that ask for something, each once with all options that hold it. "Checked clear" is no issue; "no rule"
/// is none either and is said at the request instead.
fn issues(plan: &Plan) -> Vec<write::SafetyIssue> {
    let of_options = plan.options.iter().flat_map(|o| o.safety.iter().map(|f| (f, o.id.clone())));
    let entries = plan.standard.entries.iter();
    let of_standard =
        entries.flat_map(|e| e.safety.iter().map(|f| (f, format!("standard option {}", e.option))));
    let mut found: BTreeMap<(SafetyVerdict, String, String), (&SafetyFinding, Vec<String>)> = BTreeMap::new();
    for (finding, option) in of_options.chain(of_standard) {
        let key = (finding.verdict, finding.drug.as_str().to_owned(), detail(finding));
        let options = &mut found.entry(key).or_insert((finding, vec![])).1;
        if !options.contains(&option) {
            options.push(option);
        }
    }
    found.into_values().filter_map(|(finding, options)| issue(finding, options)).collect()
}

fn issue(finding: &SafetyFinding, options: Vec<String>) -> Option<write::SafetyIssue> {
    let severity = match finding.verdict {
        SafetyVerdict::Contraindicated | SafetyVerdict::Avoid => write::Severity::High,
        SafetyVerdict::ModifyDose | SafetyVerdict::TestFirst => write::Severity::Moderate,
        SafetyVerdict::Monitor => write::Severity::Low,
        SafetyVerdict::CheckedClear | SafetyVerdict::NoRule => return None,
    };
    let mut said = finding.sourced.source.split_whitespace().chain(finding.strength.split_whitespace());
    let source = said.find(|word| word.starts_with("https://"));
    Some(write::SafetyIssue {
        verdict: words::safety(finding.verdict).1.into(),
        severity,
        drug: finding.drug.as_str().into(),
        options,
        detail: detail(finding),
        url: source.map(|word| word.trim_end_matches([',', ';', ')', '.']).to_owned()),
    })
}

fn detail(finding: &SafetyFinding) -> String {
    let first = if finding.verdict == SafetyVerdict::TestFirst { "Required first" } else { "To do" };
    let action = (!finding.action.is_empty()).then(|| format!("{first}: {}.", finding.action));
    let strength = (!finding.strength.is_empty()).then(|| format!("Strength: {}.", finding.strength));
    let facts = (!finding.facts.is_empty()).then(|| format!("Facts: {}.", finding.facts.join(", ")));
    let found = Some(format!("{}: {}.", finding.about, finding.found));
    let source = Some(format!("Source: {}.", words::sourced(&finding.sourced)));
    [found, action, strength, facts, source].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Knowledge, settings and every input by hash.
fn sources(plan: &Plan) -> Vec<write::ProvenanceSource> {
    let m = &plan.manifest;
    let knowledge = (format!("knowledge {} as of {}", m.knowledge, m.knowledge_date), "knowledge release");
    let settings = ("settings in force".to_owned(), "settings");
    let inputs = m.inputs.iter().map(|(name, hash)| ((name.clone(), "input file"), hash));
    let all = [(knowledge, &m.knowledge_hash), (settings, &m.settings)].into_iter().chain(inputs);
    all.map(|((title, kind), hash)| write::ProvenanceSource {
        title,
        kind: kind.into(),
        sha256: hash.clone(),
    })
    .collect()
}
