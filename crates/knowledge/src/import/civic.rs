//! What do CIViC's evidence and assertion tables say, as facts? Reads the present layout and that of 2021; sentences
//! are not taken.

use super::therapy::{self, Interaction, Therapies};
use super::{Imported, Strictness, Tally};
use crate::error::{Refusal, Result};
use crate::model::{Assertion, DiseaseCode, Diseases, Drugs, Oncogenicity};
use crate::tsv::{Comments, Row, Table, split_list};
use concilium_evidence::{EvidenceLevel, Significance, Stance, Statement, StatementType, VariantOrigin};
use concilium_terms::{Doid, StatementKey};
use std::collections::BTreeMap;

/// Columns whose names changed between the layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Column of the profile id; in 2021 a statement spoke of one variant, which is then its own profile.
    pub profile: &'static str,
    therapies: &'static str,
    interaction: &'static str,
    significance: &'static str,
}

/// Since 2022: molecular profiles.
pub const PROFILES: Layout = Layout {
    profile: "molecular_profile_id",
    therapies: "therapies",
    interaction: "therapy_interaction_type",
    significance: "significance",
};

/// Until 2022: one variant per statement, its columns in the same row.
pub const VARIANTS: Layout = Layout {
    profile: "variant_id",
    therapies: "drugs",
    interaction: "drug_interaction_type",
    significance: "clinical_significance",
};

const SHARED: &[&str] = &[
    "disease",
    "doid",
    "evidence_type",
    "evidence_direction",
    "evidence_level",
    "citation_id",
    "source_type",
    "citation",
    "nct_ids",
    "rating",
    "evidence_status",
    "evidence_id",
    "variant_origin",
    "last_review_date",
];

/// Vocabularies the import resolves names through.
#[derive(Clone, Copy)]
pub struct Vocabularies<'a> {
    /// Drugs and regimens.
    pub drugs: &'a Drugs,
    /// Diseases and their code map.
    pub diseases: &'a Diseases,
}

/// Which layout does a table have?
pub fn layout(text: &str) -> Layout {
    let header = text.lines().next().unwrap_or("");
    if header.split('\t').any(|column| column == VARIANTS.significance) { VARIANTS } else { PROFILES }
}

/// Statements sorted by (key, regimen).
///
/// # Errors
/// A missing column; in strict mode the first refused row.
pub fn statements(
    file: &str,
    text: &str,
    vocabularies: Vocabularies,
    strictness: Strictness,
) -> Result<Imported<Statement>> {
    let layout = layout(text);
    let own = [layout.profile, layout.therapies, layout.interaction, layout.significance];
    let needed: Vec<&str> = SHARED.iter().copied().chain(own).collect();
    let table = Table::parse(file, text, Comments::None, &needed)?;
    let mut tally = Tally::new("statements", strictness);
    for row in table.rows() {
        let mut notes = vec![];
        tally.row(&row, "evidence_id", |row| statement(row, layout, vocabularies, &mut notes))?;
        notes.iter().for_each(|note| tally.note(note));
    }
    let mut imported = tally.finish();
    imported.rows.sort_by(|a, b| (&a.key, &a.regimen).cmp(&(&b.key, &b.regimen)));
    Ok(imported)
}

/// The sentence of each statement, in either layout. Only a site's own release keeps them.
///
/// # Errors
/// A missing column.
pub fn sentences(file: &str, text: &str) -> Result<BTreeMap<StatementKey, String>> {
    let table = Table::parse(file, text, Comments::None, &["evidence_id", "evidence_statement"])?;
    let sentence = |row: Row| {
        let key = StatementKey::new(format!("EID{}", row.get("evidence_id")));
        (key, row.get("evidence_statement").to_owned())
    };
    Ok(table.rows().map(sentence).filter(|(_, text)| !text.is_empty()).collect())
}

pub(super) type Read<T> = std::result::Result<T, Refusal>;

/// One statement per regimen; `notes` takes what is worth counting about the row.
fn statement(
    row: &Row,
    layout: Layout,
    vocabularies: Vocabularies,
    notes: &mut Vec<String>,
) -> Read<Vec<Statement>> {
    let facts = facts(row, layout)?;
    let interaction = Interaction::parse(row.get(layout.interaction)).ok_or_else(|| {
        row.refuse(
            layout.interaction,
            &unknown(row, layout.interaction),
            "expected Combination, Substitutes, Sequential or empty",
        )
    })?;
    let disease = disease(row, vocabularies.diseases, notes)?;
    let therapies = therapy::resolve(row.get(layout.therapies), interaction, vocabularies.drugs);
    note_therapies(&therapies, facts.kind, notes);
    let base = Statement { disease, ..facts };
    if therapies.regimens.is_empty() {
        return Ok(vec![base]);
    }
    let substitute = 1 < therapies.regimens.len();
    let with = |regimen| Statement { regimen: Some(regimen), substitute, ..base.clone() };
    Ok(therapies.regimens.into_iter().map(with).collect())
}

fn note_therapies(therapies: &Therapies, kind: StatementType, notes: &mut Vec<String>) {
    if therapies.not_a_therapy {
        notes.push("therapy `Not Applicable` read as none".to_owned());
    }
    if kind == StatementType::Predictive && therapies.regimens.is_empty() {
        notes.push("predictive without therapy: context only".to_owned());
    }
    notes.extend(therapies.unknown.iter().map(|name| format!("unknown therapy component `{name}`")));
}

fn unknown(row: &Row, column: &str) -> String {
    format!("`{}` is unknown", row.get(column))
}

/// Everything but disease and therapy.
fn facts(row: &Row, layout: Layout) -> Read<Statement> {
    let id: u64 = row.needed_number("evidence_id")?;
    let significance_text = row.get(layout.significance).to_owned();
    Ok(Statement {
        key: StatementKey::new(format!("EID{id}")),
        layer: "civic".to_owned(),
        profile: row.needed_number(layout.profile)?,
        disease: None,
        disease_name: row.get("disease").to_owned(),
        regimen: None,
        substitute: false,
        kind: kind(row)?,
        stance: stance(row)?,
        significance: significance(&significance_text),
        significance_text,
        level: level(row)?,
        rating: row.number("rating")?,
        origin: origin(row.get("variant_origin")),
        flagged: row.get("is_flagged") == "true",
        source_type: row.get("source_type").to_owned(),
        citation: row.get("citation_id").to_owned(),
        year: year(row.get("citation")),
        trials: split_list(row.get("nct_ids"), ',').into_iter().map(str::to_owned).collect(),
        reviewed: row.get("last_review_date").get(..10).map(str::to_owned),
    })
}

fn kind(row: &Row) -> Read<StatementType> {
    kind_of(row.get("evidence_type")).ok_or_else(|| {
        row.refuse("evidence_type", &unknown(row, "evidence_type"), "expected one of CIViC's six types")
    })
}

/// Type by the source's spelling.
pub(crate) fn kind_of(text: &str) -> Option<StatementType> {
    match text {
        "Predictive" => Some(StatementType::Predictive),
        "Prognostic" => Some(StatementType::Prognostic),
        "Diagnostic" => Some(StatementType::Diagnostic),
        "Predisposing" => Some(StatementType::Predisposing),
        "Oncogenic" => Some(StatementType::Oncogenic),
        "Functional" => Some(StatementType::Functional),
        _ => None,
    }
}

fn stance(row: &Row) -> Read<Stance> {
    match row.get("evidence_direction") {
        "Supports" => Ok(Stance::Supports),
        "Does Not Support" => Ok(Stance::DoesNotSupport),
        "N/A" | "" => Ok(Stance::NotStated),
        _ => Err(row.refuse(
            "evidence_direction",
            &unknown(row, "evidence_direction"),
            "expected Supports or Does Not Support",
        )),
    }
}

/// What the source's significance means for a therapy.
pub(crate) fn significance(text: &str) -> Significance {
    match text {
        "Sensitivity/Response" => Significance::Sensitivity,
        "Resistance" => Significance::Resistance,
        "Reduced Sensitivity" => Significance::ReducedSensitivity,
        "Adverse Response" => Significance::AdverseResponse,
        _ => Significance::Other,
    }
}

fn level(row: &Row) -> Read<EvidenceLevel> {
    level_of(row.get("evidence_level"))
        .ok_or_else(|| row.refuse("evidence_level", &unknown(row, "evidence_level"), "expected A to E"))
}

pub(crate) fn level_of(text: &str) -> Option<EvidenceLevel> {
    match text {
        "A" => Some(EvidenceLevel::A),
        "B" => Some(EvidenceLevel::B),
        "C" => Some(EvidenceLevel::C),
        "D" => Some(EvidenceLevel::D),
        "E" => Some(EvidenceLevel::E),
        _ => None,
    }
}

/// `Combined`, `Unknown` and `N/A` say nothing that could be relied on.
pub(crate) fn origin(text: &str) -> VariantOrigin {
    match text {
        "Somatic" => VariantOrigin::Somatic,
        "Rare Germline" => VariantOrigin::RareGermline,
        "Common Germline" => VariantOrigin::CommonGermline,
        _ => VariantOrigin::Unstated,
    }
}

/// `Levine et al., 2005, Blood` → 2005.
fn year(citation: &str) -> Option<u16> {
    let mut years =
        citation.split([',', ' ']).filter(|word| word.len() == 4).filter_map(|word| word.parse().ok());
    years.rfind(|year| (1900..2100).contains(year))
}

/// The DOID as written, with its zeros; without one, the row of the disease map for the name.
fn disease(row: &Row, diseases: &Diseases, notes: &mut Vec<String>) -> Read<Option<Doid>> {
    let (name, written) = (row.get("disease"), row.get("doid"));
    if !written.is_empty() {
        if !written.bytes().all(|b| b.is_ascii_digit()) {
            return Err(row.refuse("doid", &unknown(row, "doid"), "expected digits, leading zeros included"));
        }
        return Ok(Some(diseases.canonical(&Doid::new(format!("DOID:{written}")))));
    }
    if name.is_empty() {
        notes.push("no disease stated".to_owned());
        return Ok(None);
    }
    let mapped = by_name(name, diseases);
    notes.push(match mapped {
        Some((_, relation)) => format!("disease by name, {relation} row of disease_map.tsv"),
        None => format!("unmapped disease {name}: matched to no patient"),
    });
    Ok(mapped.map(|(doid, _)| doid))
}

/// Exact rows, or narrower ones: whoever has the narrower disease has the one named. A broader term would let the
/// statement reach patients it does not speak of.
pub(super) fn by_name<'a>(name: &str, diseases: &'a Diseases) -> Option<(Doid, &'a str)> {
    let is_row = |row: &&DiseaseCode| {
        row.system == "civic-name"
            && matches!(row.relation.as_str(), "exact" | "narrower")
            && row.code.eq_ignore_ascii_case(name)
    };
    diseases.map.iter().find(is_row).map(|row| (row.doid.clone(), row.relation.as_str()))
}

const ASSERTION_COLUMNS: &[&str] = &[
    "molecular_profile_id",
    "disease",
    "doid",
    "assertion_type",
    "significance",
    "amp_category",
    "nccn_guideline",
    "nccn_guideline_version",
    "regulatory_approval",
    "fda_companion_test",
    "assertion_id",
    "evidence_item_ids",
];

/// Assertions sorted by key, with the calls they make on single variants.
///
/// # Errors
/// A missing column; in strict mode the first refused row.
pub fn assertions(
    file: &str,
    text: &str,
    diseases: &Diseases,
    strictness: Strictness,
) -> Result<(Imported<Assertion>, Vec<Oncogenicity>)> {
    let table = Table::parse(file, text, Comments::None, ASSERTION_COLUMNS)?;
    let mut tally = Tally::new("assertions", strictness);
    let mut calls = vec![];
    for row in table.rows() {
        let mut notes = vec![];
        tally.row(&row, "assertion_id", |row| {
            let assertion = assertion(row, diseases, &mut notes)?;
            calls.extend(asserted_call(row, &assertion));
            Ok(vec![assertion])
        })?;
        notes.iter().for_each(|note| tally.note(note));
    }
    let mut imported = tally.finish();
    imported.rows.sort_by(|a, b| a.key.cmp(&b.key));
    Ok((imported, calls))
}

fn assertion(row: &Row, diseases: &Diseases, notes: &mut Vec<String>) -> Read<Assertion> {
    let id: u64 = row.needed_number("assertion_id")?;
    let guideline = format!("{} {}", row.get("nccn_guideline"), row.get("nccn_guideline_version"));
    let evidence = split_list(row.get("evidence_item_ids"), ',');
    Ok(Assertion {
        key: StatementKey::new(format!("AID{id}")),
        profile: row.needed_number("molecular_profile_id")?,
        disease: disease(row, diseases, notes)?,
        amp: row.get("amp_category").to_owned(),
        guideline: guideline.trim().to_owned(),
        approval: row.get("regulatory_approval") == "true",
        companion_test: row.get("fda_companion_test") == "true",
        evidence: evidence.into_iter().map(|id| StatementKey::new(format!("EID{id}"))).collect(),
        flagged: row.get("is_flagged") == "true",
    })
}

fn asserted_call(row: &Row, assertion: &Assertion) -> Option<Oncogenicity> {
    let call = match (row.get("assertion_type"), row.get("significance")) {
        ("Oncogenic", "Oncogenic") => "oncogenic",
        ("Oncogenic", "Likely Oncogenic") => "likely-oncogenic",
        ("Predisposing", "Pathogenic") => "pathogenic",
        ("Predisposing", "Likely Pathogenic") => "likely-pathogenic",
        _ => return None,
    };
    Some(Oncogenicity { profile: assertion.profile, call: call.to_owned(), key: assertion.key.clone() })
}

/// The call a statement makes on its variant, if it makes one. A statement that does not support, is flagged, or has
/// no such significance makes none. CIViC's "Predisposition" is a risk statement and not a pathogenicity class; the
/// classes of the 2021 layout are.
pub fn call(statement: &Statement) -> Option<Oncogenicity> {
    if statement.stance != Stance::Supports || statement.flagged {
        return None;
    }
    let call = match (statement.kind, statement.significance_text.as_str()) {
        (StatementType::Oncogenic, "Oncogenicity" | "Oncogenic") => "oncogenic",
        (StatementType::Oncogenic, "Likely Oncogenic") => "likely-oncogenic",
        (StatementType::Functional, "Gain of Function") => "gain-of-function",
        (StatementType::Functional, "Loss of Function") => "loss-of-function",
        (StatementType::Functional, "Unaltered Function") => "neutral",
        (StatementType::Predisposing, "Pathogenic") => "pathogenic",
        (StatementType::Predisposing, "Likely Pathogenic") => "likely-pathogenic",
        _ => return None,
    };
    Some(Oncogenicity { profile: statement.profile, call: call.to_owned(), key: statement.key.clone() })
}
