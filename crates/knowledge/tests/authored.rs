//! Do the authored tables agree with themselves and with the sources their rows name?
//!
//! Whether a source says what a row says is for a reader; that a row names a thing which is not there, or says the
//! contrary of another row, is for a program.

use concilium_knowledge::{Approval, Knowledge, StandardOption, builtin};
use concilium_terms::{DrugName, StatementKey};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| builtin().expect("the pack loads"));

/// Names `PREFIX123` in a text.
fn named(prefix: &str, text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let is_key = |word: &&str| {
        word.strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    words.filter(is_key).map(str::to_owned).collect()
}

fn place(row: &Approval) -> String {
    let therapy: Vec<&str> = row.therapy.iter().map(DrugName::as_str).collect();
    format!("{} {} {} {} {}", therapy.join("|"), row.doid, row.biomarker, row.region, row.status)
}

#[track_caller]
fn none(problems: &[String]) {
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn approvals_name_what_their_source_is_about() {
    let mut problems = vec![];
    for row in &KNOWLEDGE.approvals {
        let source = &row.sourced.source;
        for key in named("AID", source) {
            let assertion = KNOWLEDGE.assertions.iter().find(|a| a.key.as_str() == key);
            let profile = assertion.and_then(|a| KNOWLEDGE.profile(a.profile)).map(|p| p.name.as_str());
            if assertion.is_none_or(|a| !a.approval || a.disease.as_ref() != Some(&row.doid))
                || profile != Some(&row.biomarker)
            {
                problems.push(format!("{}: {key} says otherwise ({profile:?})", place(row)));
            }
        }
        for key in named("EID", source) {
            let statements = KNOWLEDGE.statements_of(&StatementKey::new(&key));
            let about = |drug: &DrugName| {
                statements.iter().filter_map(|s| s.regimen.as_ref()).any(|r| r.components.contains(drug))
            };
            if !row.therapy.iter().any(about) {
                problems.push(format!("{}: {key} is not about this therapy", place(row)));
            }
        }
        if let Some(label) =
            source.strip_prefix("label: ").or(source.strip_prefix("EMA product information: "))
        {
            let whose = label.split([',', ';']).next().unwrap_or_default();
            let is_its = |drug: &DrugName| whose.contains(drug.as_str());
            if !row.therapy.iter().any(is_its) {
                problems.push(format!("{}: its source is the label of {whose}", place(row)));
            }
        }
    }
    none(&problems);
}

#[test]
fn no_approval_row_contradicts_another() {
    let mut said: BTreeMap<(Vec<DrugName>, &str, String, &str), BTreeSet<&str>> = BTreeMap::new();
    for row in &KNOWLEDGE.approvals {
        let key = (row.therapy.clone(), row.doid.as_str(), row.biomarker.to_lowercase(), row.region.as_str());
        assert!(said.entry(key).or_default().insert(&row.status), "stands twice: {}", place(row));
    }
    let contrary = said.into_iter().filter(|(_, statuses)| 1 < statuses.len());
    none(&contrary.map(|(key, statuses)| format!("{key:?}: {statuses:?}")).collect::<Vec<_>>());
}

fn option_place(row: &StandardOption) -> String {
    format!("{} {} line {} [{}] {}", row.doid, row.setting, row.line, row.when.join(";"), row.option)
}

#[test]
fn no_standard_row_contradicts_itself_or_stands_twice() {
    let mut problems = vec![];
    let mut seen = BTreeSet::new();
    for row in &KNOWLEDGE.standard {
        let denied = row.when.iter().filter_map(|when| when.strip_prefix("not-"));
        let contrary = denied.filter(|when| row.when.iter().any(|other| other == when));
        problems.extend(
            contrary.map(|when| format!("{}: asks for {when} and for its absence", option_place(row))),
        );
        if row.excludes.contains(&row.doid) {
            problems.push(format!("{}: excludes its own tumour", option_place(row)));
        }
        if !seen.insert(option_place(row)) {
            problems.push(format!("{}: stands twice", option_place(row)));
        }
    }
    none(&problems);
}

/// `lutetium (177lu) vipivotide tetraxetan` is said as `lutetium-177 PSMA therapy`.
fn first_word(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}

/// What is screened for a row must be what its words say: each component stands in them by name, by a class of it or
/// inside a named regimen. A folinate goes with its fluoropyrimidine.
#[test]
fn standard_rows_name_the_drugs_they_are_screened_for() {
    let plain = |text: &str| text.to_lowercase().replace(['-', '‑'], " ");
    let mut problems = vec![];
    for row in &KNOWLEDGE.standard {
        let words = plain(&row.option);
        for drug in row.components.iter().filter(|drug| drug.as_str() != "leucovorin") {
            let own =
                KNOWLEDGE.drugs.get(drug).map(|d| d.synonyms.iter().any(|name| words.contains(&plain(name))));
            let by_class = KNOWLEDGE.drugs.classes_of(drug).iter().any(|class| {
                let label =
                    KNOWLEDGE.drugs.classes.get(class).map(|row| plain(&row.label)).unwrap_or_default();
                let names = [plain(class.as_str()), label.trim_end_matches('s').to_owned()];
                names.iter().any(|name| !name.is_empty() && words.contains(name.as_str()))
            });
            let by_regimen = KNOWLEDGE
                .drugs
                .regimens
                .iter()
                .any(|(name, r)| r.components.contains(drug) && words.contains(&plain(name)));
            if !(words.contains(first_word(&plain(drug.as_str())))
                || own == Some(true)
                || by_class
                || by_regimen)
            {
                problems.push(format!("{}: its words do not name {drug}", option_place(row)));
            }
        }
    }
    none(&problems);
}
