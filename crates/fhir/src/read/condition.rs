//! Which diagnosis is this: a primary tumour, a metastasis, cancer in the past, or something else?

use super::stage;
use crate::cx::Cx;
use crate::element::{self, concept, concepts, extension, extensions};
use crate::json::Json;
use concilium_case::{Certainty, Condition, ConditionRole};
use concilium_terms::{Code, code::system};

/// Reads a Condition and its `stage`.
pub fn read(cx: &mut Cx) {
    let json = cx.json();
    let codes = json.one("code").map(concept).unwrap_or_default();
    if codes.is_empty() {
        cx.doubt("code", "the condition has no code and no words", "code the diagnosis");
    }
    let histology =
        extensions(json, "mcode-histology-morphology-behavior").flat_map(value).collect::<Vec<_>>();
    let related = related_primary(cx, json);
    let staged = !histology.is_empty() || json.get("stage").is_some() || related.is_primary;
    let (role, sure) = role(&codes, staged);
    let role = if related.is_primary { ConditionRole::Metastasis } else { role };
    warn(cx, role, &codes, &histology, sure);
    let condition = Condition {
        meta: cx.meta(""),
        sites: sites(json),
        certainty: certainty(json, sure),
        clinical_status: status(json),
        primary: related.target,
        present: None,
        codes,
        histology,
        role,
    };
    cx.facts.conditions.push(condition);
    stage::of_condition(cx);
    cx.notes();
}

fn value(extension: &Json) -> Vec<Code> {
    extension.one("valueCodeableConcept").map(concept).unwrap_or_default()
}

struct Related {
    target: Option<String>,
    is_primary: bool,
}

/// `mcode-related-primary-cancer-condition` says "metastasis of"; the general `condition-related` only links.
fn related_primary(cx: &Cx, json: &Json) -> Related {
    let primary = extension(json, "mcode-related-primary-cancer-condition");
    let any = primary.or_else(|| extension(json, "condition-related"));
    let target = any.and_then(|ext| cx.input.target(cx.at, ext.one("valueReference")?));
    Related { target, is_primary: primary.is_some() }
}

/// Sites and their laterality, which mCODE writes as an extension of the site or of the condition.
fn sites(json: &Json) -> Vec<Code> {
    let mut sites = concepts(json, "bodySite");
    let names = ["mcode-laterality-qualifier", "mcode-body-location-qualifier"];
    for holder in std::iter::once(json).chain(json.all("bodySite")) {
        sites.extend(names.iter().flat_map(|name| extensions(holder, name)).flat_map(value));
    }
    sites
}

fn status(json: &Json) -> Option<String> {
    let status = json.one("clinicalStatus")?;
    concept(status)
        .into_iter()
        .map(|c| c.code)
        .find(|code| !code.is_empty())
        .or(status.text().map(str::to_owned))
}

fn certainty(json: &Json, sure: bool) -> Certainty {
    let codes = json.one("verificationStatus").map(concept).unwrap_or_default();
    let unsure = ["provisional", "differential", "unconfirmed"].iter().any(|word| element::has(&codes, word));
    if unsure || !sure { Certainty::Suspected } else { Certainty::Confirmed }
}

fn warn(cx: &mut Cx, role: ConditionRole, codes: &[Code], histology: &[Code], sure: bool) {
    let in_situ = element::all_words(histology).contains("in situ");
    if in_situ && role == ConditionRole::PrimaryCancer {
        let what = "coded as malignant, but the histology says in situ; both are kept";
        cx.doubt("extension", what, "ask pathology which one holds");
    }
    if role == ConditionRole::PrimaryCancer && !sure && !element::all_words(codes).contains("suspected") {
        let what = "a neoplasm whose malignancy is not stated; read as a suspected primary";
        cx.doubt("code", what, "code the malignant disease");
    }
    let words = element::all_words(codes);
    if !codes.is_empty()
        && words.trim_matches([' ', '|']).is_empty()
        && role == ConditionRole::Comorbidity
        && icd(codes).is_none()
    {
        let what = "the code has no words and its system gives no class here; read as another diagnosis";
        cx.doubt("code", what, "add the display, or map the code");
    }
}

/// Role, and whether malignancy is stated. `staged`: the record treats it as a tumour (stage or histology given).
fn role(codes: &[Code], staged: bool) -> (ConditionRole, bool) {
    let words = element::all_words(codes);
    let by_code = icd(codes).or_else(|| by_snomed(codes));
    let suspected = words.contains("suspect");
    match by_code.or_else(|| by_words(&words)) {
        Some((role, sure)) => (role, sure && !suspected),
        None if staged => (ConditionRole::PrimaryCancer, !suspected),
        None => (ConditionRole::Comorbidity, !suspected),
    }
}

/// ICD-10 chapter II and Z85 (ICD-10-CM 2026, tabular list).
fn icd(codes: &[Code]) -> Option<(ConditionRole, bool)> {
    let ours = |c: &&Code| c.system.starts_with("http://hl7.org/fhir/sid/icd-10");
    codes.iter().filter(ours).find_map(|c| icd_role(&c.code.to_ascii_uppercase()))
}

fn icd_role(code: &str) -> Option<(ConditionRole, bool)> {
    let number = code.get(1..3).and_then(|digits| digits.parse::<u8>().ok());
    let letter = code.chars().next()?;
    match (letter, number) {
        ('C', Some(77..=79)) => Some((ConditionRole::Metastasis, true)),
        ('C', None) if code.starts_with("C7B") => Some((ConditionRole::Metastasis, true)),
        ('C', _) => Some((ConditionRole::PrimaryCancer, true)),
        ('D', Some(0..=36)) => Some((ConditionRole::NonInvasive, true)),
        // Polycythaemia vera, myelodysplastic and other myeloid neoplasms stand among "uncertain behaviour".
        ('D', Some(45..=47)) => Some((ConditionRole::PrimaryCancer, true)),
        ('D', Some(37..=49)) => Some((ConditionRole::PrimaryCancer, false)),
        ('Z', Some(85)) => Some((ConditionRole::CancerHistory, true)),
        _ => None,
    }
}

/// SNOMED codes seen in the mCODE 4.0.0 examples and in Synthea records.
fn by_snomed(codes: &[Code]) -> Option<(ConditionRole, bool)> {
    let table: &[(&str, ConditionRole, bool)] = &[
        ("128462008", ConditionRole::Metastasis, true),
        ("94225005", ConditionRole::Metastasis, true),
        ("363346000", ConditionRole::PrimaryCancer, true),
        ("254637007", ConditionRole::PrimaryCancer, true),
        ("254837009", ConditionRole::PrimaryCancer, true),
        ("353431000119107", ConditionRole::PrimaryCancer, true),
        ("277571004", ConditionRole::PrimaryCancer, true),
        ("92814006", ConditionRole::PrimaryCancer, true),
        ("93761005", ConditionRole::PrimaryCancer, true),
        ("109838007", ConditionRole::PrimaryCancer, true),
        ("424132000", ConditionRole::PrimaryCancer, true),
        ("162573006", ConditionRole::PrimaryCancer, false),
        ("92691004", ConditionRole::NonInvasive, true),
        ("126906006", ConditionRole::PrimaryCancer, false),
    ];
    let snomed: Vec<Code> = codes.iter().filter(|c| c.system == system::SNOMED).cloned().collect();
    element::find(&snomed, table, |row| row.0).map(|row| (row.1, row.2))
}

static CANCER_WORDS: &[&str] = &[
    "malignant neoplas",
    "malignant tumo",
    "malignancy",
    "cancer",
    "carcinoma",
    "sarcoma",
    "leukemia",
    "leukaemia",
    "lymphoma",
    "melanoma",
    "myeloma",
    "blastoma",
    "glioma",
    "mesothelioma",
    "seminoma",
    "metastatic malignan",
];

fn by_words(words: &str) -> Option<(ConditionRole, bool)> {
    let any = |list: &[&str]| list.iter().any(|word| words.contains(word));
    if any(&["screening", "fear of", "family history", "risk of", "no evidence of malignan"]) {
        return None;
    }
    let cancer = any(CANCER_WORDS);
    if any(&["history of"]) && (cancer || words.contains("metasta")) {
        return Some((ConditionRole::CancerHistory, true));
    }
    if any(&["secondary malignant", "secondary neoplas", "metasta"]) {
        return Some((ConditionRole::Metastasis, true));
    }
    if any(&["in situ", "benign neoplas", "benign tumo", "adenomatous polyp", "intraepithelial neoplas"]) {
        return Some((ConditionRole::NonInvasive, true));
    }
    match (cancer, any(&["neoplasm", "tumor of", "tumour of"])) {
        (true, _) => Some((ConditionRole::PrimaryCancer, true)),
        (false, true) => Some((ConditionRole::PrimaryCancer, false)),
        (false, false) => None,
    }
}
