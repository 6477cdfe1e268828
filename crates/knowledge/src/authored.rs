//! What do the tables written here say? One reader per table; the columns are described in `knowledge/README.md`.

use crate::error::{Refusal, Result};
use crate::model::*;
use crate::tsv::{Comments, Row, Table, split_list};
use concilium_terms::{ClassId, Doid, DrugName, GeneSymbol, StatementKey};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Texts of a release by name: `statements.tsv`, `authored/drugs.tsv` …
pub type Texts = BTreeMap<String, Cow<'static, str>>;

type Read<T> = std::result::Result<T, Refusal>;

/// Rows of `authored/<name>`; none when the release has no such table.
fn rows<T>(texts: &Texts, name: &str, needed: &[&str], read: impl Fn(&Row) -> Read<T>) -> Result<Vec<T>> {
    let Some(text) = texts.get(&format!("authored/{name}")) else { return Ok(vec![]) };
    let table = Table::parse(name, text, Comments::Skipped, needed)?;
    let rows: Read<Vec<T>> = table.rows().map(|row| read(&row)).collect();
    Ok(rows?)
}

/// Adds `source` and `review`, which every authored table has.
macro_rules! columns {
    ($($name:literal),* $(,)?) => { &[$($name,)* "source", "review"] };
}

fn sourced(row: &Row) -> Sourced {
    Sourced { source: row.get("source").to_owned(), checked: row.get("review") == "checked" }
}

fn owned(parts: Vec<&str>) -> Vec<String> {
    parts.into_iter().map(str::to_owned).collect()
}

fn needed(row: &Row, column: &str) -> Read<String> {
    match row.get(column) {
        "" => Err(row.refuse(column, "empty", "fill in the cell")),
        cell => Ok(cell.to_owned()),
    }
}

/// Drugs with classes and regimens, indexed.
///
/// # Errors
/// A missing column or a refused row of one of the three tables.
pub fn drugs(texts: &Texts) -> Result<Drugs> {
    let mut rows = rows(texts, "drugs.tsv", DRUG_COLUMNS, drug)?;
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    let mut drugs = Drugs { rows, classes: classes(texts)?, regimens: regimens(texts)?, ..Drugs::default() };
    index_drugs(&mut drugs);
    Ok(drugs)
}

const DRUG_COLUMNS: &[&str] = columns![
    "name",
    "kind",
    "synonyms",
    "targets",
    "classes",
    "role",
    "rxnorm",
    "ncit",
    "snomed",
    "half_life_h"
];

fn drug(row: &Row) -> Read<Drug> {
    Ok(Drug {
        name: DrugName::new(needed(row, "name")?.to_lowercase()),
        kind: row.get("kind").to_owned(),
        synonyms: owned(row.list("synonyms")),
        targets: row.list("targets").into_iter().map(GeneSymbol::new).collect(),
        classes: row.list("classes").into_iter().map(ClassId::new).collect(),
        role: row.get("role").to_owned(),
        rxnorm: owned(row.list("rxnorm")),
        ncit: owned(row.list("ncit")),
        snomed: owned(row.list("snomed")),
        half_life_h: row.number("half_life_h")?,
        half_life_source: row.get("half_life_source").to_owned(),
        sourced: sourced(row),
    })
}

/// A canonical name wins over another drug's synonym.
fn index_drugs(drugs: &mut Drugs) {
    for (at, drug) in drugs.rows.iter().enumerate() {
        for synonym in &drug.synonyms {
            drugs.by_name.entry(synonym.to_lowercase()).or_insert(at);
        }
        drug.rxnorm.iter().for_each(|code| _ = drugs.by_rxnorm.insert(code.clone(), at));
        drug.ncit.iter().for_each(|code| _ = drugs.by_ncit.insert(code.clone(), at));
        drug.snomed.iter().for_each(|code| _ = drugs.by_snomed.insert(code.clone(), at));
    }
    for (at, drug) in drugs.rows.iter().enumerate() {
        drugs.by_name.insert(drug.name.as_str().to_lowercase(), at);
    }
}

fn classes(texts: &Texts) -> Result<BTreeMap<ClassId, DrugClass>> {
    let class = |row: &Row| {
        let parent = Some(row.get("parent")).filter(|id| !id.is_empty()).map(ClassId::new);
        Ok((ClassId::new(needed(row, "id")?), DrugClass { label: row.get("label").to_owned(), parent }))
    };
    Ok(rows(texts, "classes.tsv", columns!["id", "label", "parent"], class)?.into_iter().collect())
}

fn regimens(texts: &Texts) -> Result<BTreeMap<String, NamedRegimen>> {
    let read = |row: &Row| {
        let regimen = NamedRegimen {
            name: needed(row, "name")?,
            components: row
                .list("components")
                .into_iter()
                .map(|name| DrugName::new(name.to_lowercase()))
                .collect(),
            complete: row.get("complete") == "yes",
            sourced: sourced(row),
        };
        Ok((owned(row.list("synonyms")), regimen))
    };
    let mut named = BTreeMap::new();
    for (synonyms, regimen) in
        rows(texts, "regimens.tsv", columns!["name", "synonyms", "components", "complete"], read)?
    {
        for name in synonyms.iter().chain([&regimen.name]) {
            named.insert(name.to_lowercase(), regimen.clone());
        }
    }
    Ok(named)
}

/// Gene roles: symbol → (role, clonal haematopoiesis).
///
/// # Errors
/// A missing column or an unknown role.
pub fn gene_roles(texts: &Texts) -> Result<BTreeMap<GeneSymbol, (Option<GeneRole>, bool)>> {
    let read = |row: &Row| {
        let role = match row.get("role") {
            "oncogene" => Some(GeneRole::Oncogene),
            "tumour-suppressor" => Some(GeneRole::TumourSuppressor),
            "both" => Some(GeneRole::Both),
            "none" | "" => None,
            other => {
                return Err(row.refuse("role", &format!("`{other}` is unknown"), "see knowledge/README.md"));
            }
        };
        Ok((GeneSymbol::new(needed(row, "gene")?), (role, row.get("clonal_haematopoiesis") == "yes")))
    };
    Ok(rows(texts, "genes.tsv", columns!["gene", "role", "clonal_haematopoiesis"], read)?
        .into_iter()
        .collect())
}

/// Code map sorted by (system, code).
///
/// # Errors
/// A missing column or an empty code.
pub fn disease_map(texts: &Texts) -> Result<Vec<DiseaseCode>> {
    let columns = columns!["system", "code", "label", "doid", "relation", "kind"];
    let mut map = rows(texts, "disease_map.tsv", columns, |row| {
        Ok(DiseaseCode {
            system: needed(row, "system")?,
            code: needed(row, "code")?,
            label: row.get("label").to_owned(),
            doid: Doid::new(row.get("doid")),
            relation: row.get("relation").to_owned(),
            kind: row.get("kind").to_owned(),
            sourced: sourced(row),
        })
    })?;
    map.sort_by(|a, b| (&a.system, &a.code).cmp(&(&b.system, &b.code)));
    Ok(map)
}

/// Is-a links the ontologies lack: (child, parent).
///
/// # Errors
/// A missing column or cell.
pub fn bridges(texts: &Texts) -> Result<Vec<(Doid, Doid)>> {
    rows(texts, "disease_bridges.tsv", columns!["child", "parent"], |row| {
        Ok((Doid::new(needed(row, "child")?), Doid::new(needed(row, "parent")?)))
    })
}

/// Receptor-defined diseases.
///
/// # Errors
/// A missing column or a condition that is not `MARKER=positive|negative`.
pub fn markers(texts: &Texts) -> Result<Vec<DiseaseMarker>> {
    rows(texts, "disease_markers.tsv", columns!["doid", "base_doid", "requires"], |row| {
        Ok(DiseaseMarker {
            doid: Doid::new(needed(row, "doid")?),
            base: Doid::new(needed(row, "base_doid")?),
            requires: conditions(row)?,
            sourced: sourced(row),
        })
    })
}

const SETTING_COLUMNS: &[&str] = columns![
    "evidence_id",
    "intent",
    "line_min",
    "line_max",
    "prior_required",
    "prior_excluded",
    "age_min",
    "age_max",
    "excluded",
    "population",
    "backbone",
    "comparator",
    "effect",
];

/// Settings by statement key.
///
/// # Errors
/// A missing column or a refused row.
pub fn settings(texts: &Texts) -> Result<BTreeMap<StatementKey, Setting>> {
    let read = |row: &Row| Ok((StatementKey::new(needed(row, "evidence_id")?), setting(row)?));
    Ok(rows(texts, "settings/civic.tsv", SETTING_COLUMNS, read)?.into_iter().collect())
}

fn setting(row: &Row) -> Read<Setting> {
    Ok(Setting {
        intent: Some(row.get("intent")).filter(|intent| !intent.is_empty()).map(str::to_owned),
        line_min: row.number("line_min")?,
        line_max: row.number("line_max")?,
        prior_required: prior_items(row, "prior_required")?,
        prior_excluded: prior_items(row, "prior_excluded")?,
        age_min: row.number("age_min")?,
        age_max: row.number("age_max")?,
        excluded: row.list("excluded").into_iter().map(Doid::new).collect(),
        population: row.get("population").to_owned(),
        backbone: row.list("backbone").into_iter().map(DrugName::new).collect(),
        comparator: row.get("comparator").to_owned(),
        effect: row.get("effect").to_owned(),
        sourced: sourced(row),
    })
}

fn prior_items(row: &Row, column: &str) -> Read<Vec<PriorItem>> {
    let item = |text: &str| {
        prior_item(text).ok_or_else(|| {
            row.refuse(
                column,
                &format!("`{text}` is no prior therapy"),
                "write drug:NAME, class:ID or any-systemic",
            )
        })
    };
    split_list(row.get(column), ';').into_iter().map(item).collect()
}

/// `class:anti-her2x2`, `drug:trastuzumab|drug:pertuzumab`; a row's alternatives share the largest count.
pub fn prior_item(text: &str) -> Option<PriorItem> {
    let mut lines = 1;
    let mut any_of = vec![];
    for alternative in split_list(text, '|') {
        let (name, count) = repeated(alternative);
        lines = lines.max(count);
        any_of.push(prior_therapy(name)?);
    }
    (!any_of.is_empty()).then_some(PriorItem { any_of, lines })
}

/// A single digit after a final `x` is a count; `plx4720` is a name.
fn repeated(text: &str) -> (&str, u32) {
    let split = text.rsplit_once('x').filter(|(name, count)| count.len() == 1 && !name.ends_with('-'));
    split.and_then(|(name, count)| Some((name, count.parse().ok()?))).unwrap_or((text, 1))
}

/// `drug:NAME`, `class:ID`, `any-systemic`.
pub fn prior_therapy(text: &str) -> Option<PriorTherapy> {
    match text.trim().split_once(':') {
        Some(("drug", name)) if !name.trim().is_empty() => Some(PriorTherapy::Drug(DrugName::new(name))),
        Some(("class", id)) if !id.trim().is_empty() => Some(PriorTherapy::Class(ClassId::new(id))),
        None if text.trim() == "any-systemic" => Some(PriorTherapy::AnySystemic),
        _ => None,
    }
}

/// The therapy of a `prior:`, `not-prior:` or `running:` condition, and when neo- or adjuvant therapy counts:
/// `class:platinum` never, `class:platinum@6` where the relapse came within six months, `class:platinum@any` always.
pub fn prior_condition(text: &str) -> Option<(PriorTherapy, EarlyTherapy)> {
    let Some((therapy, window)) = text.rsplit_once('@') else {
        return Some((prior_therapy(text)?, EarlyTherapy::NotCounted));
    };
    let early = match window.trim() {
        "any" => EarlyTherapy::Counted,
        months => EarlyTherapy::Within(months.parse().ok()?),
    };
    Some((prior_therapy(therapy)?, early))
}

/// Standard options in file order.
///
/// # Errors
/// A missing column or cell.
pub fn standard(texts: &Texts) -> Result<Vec<StandardOption>> {
    let columns =
        columns!["doid", "excludes", "setting", "line", "when", "option", "kind", "components", "needs"];
    rows(texts, "standard/options.tsv", columns, |row| {
        Ok(StandardOption {
            doid: Doid::new(needed(row, "doid")?),
            excludes: row.list("excludes").into_iter().map(Doid::new).collect(),
            setting: row.get("setting").to_owned(),
            line: row.get("line").to_owned(),
            when: owned(split_list(row.get("when"), ';')),
            option: needed(row, "option")?,
            kind: row.get("kind").to_owned(),
            components: row.list("components").into_iter().map(DrugName::new).collect(),
            needs: needs(row)?,
            sequence: sequence(row)?,
            sourced: sourced(row),
        })
    })
}

/// Kinds of a need; `text` cannot be looked up in a record.
const NEED_KINDS: [&str; 7] = ["lab", "marker", "gene", "test", "fact", "pgx", "text"];

/// `lab:ldh=LDH`.
pub fn need(text: &str) -> Option<Need> {
    let (place, label) = text.split_once('=')?;
    let (kind, key) = place.split_once(':')?;
    let parts = [kind, key, label].map(str::trim);
    let known = NEED_KINDS.contains(&parts[0]) && parts.iter().all(|part| !part.is_empty());
    known.then(|| Need { kind: parts[0].into(), key: parts[1].into(), label: parts[2].into() })
}

fn needs(row: &Row) -> Read<Vec<Need>> {
    let item = |text: &str| {
        let refused =
            || row.refuse("needs", &format!("`{text}` is no need"), "write lab:ldh=LDH, or text:key=words");
        need(text).ok_or_else(refused)
    };
    row.list("needs").into_iter().map(item).collect()
}

fn sequence(row: &Row) -> Read<String> {
    let cell = row.get("sequence");
    match cell.split(':').next().unwrap_or_default() {
        "" | "before" | "after" | "instead" => Ok(cell.to_owned()),
        other => Err(row.refuse(
            "sequence",
            &format!("`{other}` is no place in time"),
            "write before, after or instead, alone or followed by `: words`",
        )),
    }
}

/// Approvals in file order.
///
/// # Errors
/// A missing column or cell.
pub fn approvals(texts: &Texts) -> Result<Vec<Approval>> {
    let columns = columns!["therapy", "doid", "biomarker", "region", "status", "date"];
    rows(texts, "regulatory/approvals.tsv", columns, |row| {
        Ok(Approval {
            therapy: row.list("therapy").into_iter().map(DrugName::new).collect(),
            doid: Doid::new(needed(row, "doid")?),
            biomarker: row.get("biomarker").to_owned(),
            region: needed(row, "region")?,
            status: needed(row, "status")?,
            date: row.get("date").to_owned(),
            read_on: row.get("read_on").to_owned(),
            sourced: sourced(row),
        })
    })
}

/// Safety gates in file order.
///
/// # Errors
/// A missing column, cell, or a subject that is neither drug nor class.
pub fn rules(texts: &Texts) -> Result<Vec<SafetyRule>> {
    let columns = columns!["id", "applies_to", "trigger", "what", "test", "verdict", "action", "valid_days"];
    rows(texts, "safety/rules.tsv", columns, |row| {
        let subject = prior_therapy(row.get("applies_to"));
        Ok(SafetyRule {
            id: needed(row, "id")?,
            applies_to: subject
                .ok_or_else(|| row.refuse("applies_to", "no subject", "write drug:NAME or class:ID"))?,
            trigger: needed(row, "trigger")?,
            what: row.get("what").to_owned(),
            test: row.get("test").to_owned(),
            verdict: needed(row, "verdict")?,
            action: row.get("action").to_owned(),
            valid_days: row.number("valid_days")?,
            sourced: sourced(row),
        })
    })
}

/// Words and codes of conditions in file order.
///
/// # Errors
/// A missing column or cell.
pub fn condition_words(texts: &Texts) -> Result<Vec<ConditionWord>> {
    rows(texts, "safety/condition_words.tsv", columns!["key", "system", "code"], |row| {
        Ok(ConditionWord {
            key: needed(row, "key")?,
            system: needed(row, "system")?,
            code: needed(row, "code")?,
        })
    })
}

const ACTION_COLUMNS: &[&str] =
    columns!["drug", "gene", "lookup", "verdict", "start_percent", "strength", "population", "url", "pmid"];

/// Dose actions sorted by (drug, gene, framework).
///
/// # Errors
/// A missing column or cell.
pub fn pgx_actions(texts: &Texts) -> Result<Vec<PgxAction>> {
    let mut actions = rows(texts, "safety/pgx_actions.tsv", ACTION_COLUMNS, |row| pgx_action(row, "CPIC"))?;
    actions
        .extend(rows(texts, "safety/pgx_actions_dpwg.tsv", ACTION_COLUMNS, |row| pgx_action(row, "DPWG"))?);
    actions.sort_by(|a, b| (&a.drug, &a.gene, &a.framework).cmp(&(&b.drug, &b.gene, &b.framework)));
    Ok(actions)
}

fn pgx_action(row: &Row, framework: &str) -> Read<PgxAction> {
    Ok(PgxAction {
        framework: framework.to_owned(),
        drug: DrugName::new(needed(row, "drug")?),
        gene: GeneSymbol::new(needed(row, "gene")?),
        lookup: row.get("lookup").to_owned(),
        verdict: needed(row, "verdict")?,
        start_percent: row.number("start_percent")?,
        strength: row.get("strength").to_owned(),
        population: row.get("population").to_owned(),
        url: row.get("url").to_owned(),
        pmid: row.get("pmid").to_owned(),
        sourced: sourced(row),
    })
}

/// Broad terms read as their usual form.
///
/// # Errors
/// A missing column or cell.
pub fn defaults(texts: &Texts) -> Result<Vec<DiseaseDefault>> {
    rows(texts, "disease_defaults.tsv", columns!["doid", "read_as", "unless"], |row| {
        Ok(DiseaseDefault {
            doid: Doid::new(needed(row, "doid")?),
            read_as: Doid::new(needed(row, "read_as")?),
            unless: row.list("unless").into_iter().map(str::to_lowercase).collect(),
            sourced: sourced(row),
        })
    })
}

/// Recurrent changes called oncogenic where the lab gave no call.
///
/// # Errors
/// A missing column.
pub fn oncogenic(texts: &Texts) -> Result<BTreeMap<(GeneSymbol, String), Sourced>> {
    let row = |row: &Row| {
        let key = (GeneSymbol::new(row.get("gene")), row.get("protein").to_owned());
        Ok((key, sourced(row)))
    };
    Ok(rows(texts, "oncogenic.tsv", columns!["gene", "protein", "call"], row)?.into_iter().collect())
}

/// Statements that may only be prognostic, or say only that the marker made no difference.
///
/// # Errors
/// A missing column or cell, or a kind that is neither.
pub fn possibly_prognostic(texts: &Texts) -> Result<BTreeMap<StatementKey, Discounted>> {
    let row = |row: &Row| {
        let not_predictive = match row.get("kind") {
            "" | "prognostic" => false,
            "not-predictive" => true,
            _ => return Err(row.refuse("kind", "no such kind", "write prognostic or not-predictive")),
        };
        let key = StatementKey::new(needed(row, "evidence_id")?);
        Ok((key, Discounted { not_predictive, sourced: sourced(row) }))
    };
    Ok(rows(texts, "settings/possibly_prognostic.tsv", columns!["evidence_id"], row)?.into_iter().collect())
}

/// What is known wrong in a source.
///
/// # Errors
/// A missing column or cell, or an unknown action or column.
pub fn errata(texts: &Texts) -> Result<BTreeMap<StatementKey, Erratum>> {
    let unknown = |row: &Row, column: &str, remedy: &str| {
        row.refuse(column, &format!("`{}` is unknown", row.get(column)), remedy)
    };
    let read = |row: &Row| {
        let counts = match row.get("action") {
            "do_not_count" => false,
            "note" => true,
            _ => return Err(unknown(row, "action", "write do_not_count or note")),
        };
        let column = match row.get("column") {
            "therapy" => ErratumColumn::Therapy,
            "significance" => ErratumColumn::Significance,
            "disease" => ErratumColumn::Disease,
            _ => return Err(unknown(row, "column", "write therapy, significance or disease")),
        };
        let (says, what) = (needed(row, "says")?, needed(row, "what")?);
        let erratum = Erratum { counts, column, says, what, sourced: sourced(row) };
        Ok((StatementKey::new(needed(row, "evidence_id")?), erratum))
    };
    let columns = columns!["evidence_id", "action", "column", "says", "what"];
    Ok(rows(texts, "source_errata.tsv", columns, read)?.into_iter().collect())
}

/// What a statement's population had besides its profile.
///
/// # Errors
/// A missing column, or a condition that is none of `MARKER=positive|negative`, `not-altered:GENE`, `grade:2`.
pub fn required_markers(texts: &Texts) -> Result<BTreeMap<StatementKey, RequiredMarkers>> {
    let read = |row: &Row| {
        let mut markers =
            RequiredMarkers { requires: vec![], not_altered: vec![], grades: vec![], sourced: sourced(row) };
        for item in split_list(row.get("requires"), ';') {
            match item.split_once(':') {
                Some(("not-altered", gene)) => markers.not_altered.push(GeneSymbol::new(gene.trim())),
                Some(("grade", grades)) => markers.grades.extend(grades_of(row, grades)?),
                _ => markers.requires.push(receptor_state(row, item)?),
            }
        }
        Ok((StatementKey::new(needed(row, "evidence_id")?), markers))
    };
    let columns = columns!["evidence_id", "requires"];
    Ok(rows(texts, "settings/required_markers.tsv", columns, read)?.into_iter().collect())
}

/// `2`, `3-4`: grades from 1 to 4.
fn grades_of(row: &Row, text: &str) -> Read<std::ops::RangeInclusive<u8>> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    match (from.trim().parse::<u8>(), to.trim().parse::<u8>()) {
        (Ok(from), Ok(to)) if (1..=4).contains(&from) && from <= to && to <= 4 => Ok(from..=to),
        _ => Err(row.refuse(
            "requires",
            &format!("`{text}` is no grade"),
            "write a grade from 1 to 4, or two of them as 3-4",
        )),
    }
}

/// `HER2=positive;ER=negative` of the column `requires`.
fn conditions(row: &Row) -> Read<Vec<(String, bool)>> {
    split_list(row.get("requires"), ';').into_iter().map(|text| receptor_state(row, text)).collect()
}

fn receptor_state(row: &Row, text: &str) -> Read<(String, bool)> {
    match text.split_once('=') {
        Some((marker, "positive")) => Ok((marker.trim().to_owned(), true)),
        Some((marker, "negative")) => Ok((marker.trim().to_owned(), false)),
        _ => Err(row.refuse(
            "requires",
            &format!("`{text}` is no condition"),
            "write MARKER=positive or =negative",
        )),
    }
}
