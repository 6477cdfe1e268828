//! Which tumour does a code or a word mean? Code, then broader code, then name; every step is printed.

use crate::authored::{self, Texts};
use crate::error::Result;
use crate::import::obo::tidy;
use crate::model::*;
use concilium_terms::code::system;
use concilium_terms::{Code, Doid};
use std::collections::{BTreeMap, BTreeSet};

/// Builds the indexes over terms; adds the authored map, bridges and markers.
///
/// # Errors
/// An authored table that cannot be read.
pub(crate) fn index(
    terms: Vec<DiseaseTerm>,
    oncotree: BTreeMap<String, OncotreeNode>,
    texts: &Texts,
) -> Result<Diseases> {
    let mut diseases = index_unbridged(terms, oncotree, texts)?;
    add_bridges(&mut diseases, authored::bridges(texts)?);
    Ok(diseases)
}

/// As `index`, with the ontology's own links only.
///
/// # Errors
/// An authored table that cannot be read.
pub(crate) fn index_unbridged(
    mut terms: Vec<DiseaseTerm>,
    oncotree: BTreeMap<String, OncotreeNode>,
    texts: &Texts,
) -> Result<Diseases> {
    terms.sort_by(|a, b| a.doid.cmp(&b.doid));
    let mut diseases = Diseases { terms, oncotree, ..Diseases::default() };
    index_terms(&mut diseases);
    diseases.map = authored::disease_map(texts)?;
    diseases.markers = authored::markers(texts)?;
    Ok(diseases)
}

/// Positions by id, and the ids that were given up for others.
fn index_terms(diseases: &mut Diseases) {
    diseases.by_id = diseases.terms.iter().enumerate().map(|(at, term)| (term.doid.clone(), at)).collect();
    for term in &diseases.terms {
        let old = term.xrefs.iter().filter_map(|xref| xref.strip_prefix("ALT:"));
        diseases.alternative.extend(old.map(|old| (Doid::new(old), term.doid.clone())));
    }
}

impl DiseaseIndex {
    /// A term's own name wins over another term's synonym.
    fn of(terms: &[DiseaseTerm]) -> DiseaseIndex {
        let mut index = DiseaseIndex::default();
        for (at, term) in terms.iter().enumerate() {
            for synonym in &term.synonyms {
                index.by_name.entry(synonym.to_lowercase()).or_insert(at);
            }
            for xref in term.xrefs.iter().filter(|xref| !xref.starts_with("ALT:")) {
                index.by_xref.entry(xref.clone()).or_default().push(at);
            }
        }
        for (at, term) in terms.iter().enumerate() {
            index.by_name.insert(term.name.to_lowercase(), at);
        }
        index
    }
}

/// Adds is-a links; a child or parent no file knows becomes a term named by its id.
fn add_bridges(diseases: &mut Diseases, bridges: Vec<(Doid, Doid)>) {
    let unknown: BTreeSet<Doid> = bridges
        .iter()
        .flat_map(|(a, b)| [a, b])
        .filter(|doid| !diseases.by_id.contains_key(*doid))
        .cloned()
        .collect();
    let term = |doid: Doid| DiseaseTerm {
        name: doid.to_string(),
        doid,
        synonyms: vec![],
        parents: vec![],
        xrefs: vec![],
    };
    diseases.terms.extend(unknown.into_iter().map(term));
    diseases.terms.sort_by(|a, b| a.doid.cmp(&b.doid));
    diseases.by_id = diseases.terms.iter().enumerate().map(|(at, term)| (term.doid.clone(), at)).collect();
    for (child, parent) in bridges {
        let Some(term) = diseases.by_id.get(&child).map(|at| &mut diseases.terms[*at]) else { continue };
        // A link the ontology has itself needs no bridge.
        if !term.parents.contains(&parent) {
            term.parents.push(parent.clone());
            tidy(term);
            diseases.bridges.insert((child, parent));
        }
    }
}

/// What a record's codes and words were read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The term.
    pub doid: Doid,
    /// primary, secondary, in-situ, suspected, benign, history: only `primary` may be the primary tumour.
    pub kind: String,
    /// exact, narrower, broader: how the term relates to what was written.
    pub relation: String,
    /// What was tried, in order.
    pub steps: Vec<String>,
}

/// Codes and words no table knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unresolved {
    /// What was tried, in order.
    pub steps: Vec<String>,
    /// Terms whose name shares the most words: (id, name), best first.
    pub suggestions: Vec<(Doid, String)>,
    /// What kind of condition the code states all the same, when that is known (`secondary`, `benign` …).
    pub kind: Option<String>,
}

/// One way to find a term; says what it did.
struct Hit {
    doid: Doid,
    kind: String,
    relation: &'static str,
    how: String,
}

/// How a code is read: as it stands, then as a broader one.
type CodeReading = fn(&Diseases, &Code) -> Option<Hit>;
static CODE_READINGS: &[(&str, CodeReading)] =
    &[("code", Diseases::by_code), ("broader code", Diseases::by_broader)];

impl Diseases {
    fn index(&self) -> &DiseaseIndex {
        self.index.get_or_init(|| DiseaseIndex::of(&self.terms))
    }

    /// Term by name or synonym; case does not matter.
    pub fn by_name(&self, name: &str) -> Option<&DiseaseTerm> {
        self.index().by_name.get(&name.trim().to_lowercase()).map(|at| &self.terms[*at])
    }

    /// The present id of a term: alternative ids are followed.
    pub fn canonical(&self, doid: &Doid) -> Doid {
        if self.by_id.contains_key(doid) {
            return doid.clone();
        }
        self.alternative.get(doid).unwrap_or(doid).clone()
    }

    /// Reads codes (in the order of the record) and words: each code as such, then broader codes, then names and
    /// synonyms of displays and texts.
    ///
    /// # Errors
    /// Nothing knows them: the steps tried, and suggestions.
    pub fn resolve_disease(
        &self,
        codes: &[Code],
        texts: &[&str],
    ) -> std::result::Result<Resolution, Unresolved> {
        let mut steps = vec![];
        for (what, reading) in CODE_READINGS {
            for code in codes.iter().filter(|code| !code.code.is_empty()) {
                let what = format!("{what} {}", written(code));
                if let Some(resolution) = self.step(what, reading(self, code), codes, &mut steps) {
                    return Ok(resolution);
                }
            }
        }
        let displays = codes.iter().map(|code| code.display.as_str());
        let words: Vec<&str> =
            displays.chain(texts.iter().copied()).filter(|text| !text.trim().is_empty()).collect();
        for text in &words {
            let found = self.by_words(text);
            if let Some(resolution) = self.step(format!("name `{text}`"), found, codes, &mut steps) {
                return Ok(resolution);
            }
        }
        let in_words =
            || words.iter().map(|text| kind_in_words(&text.to_lowercase())).find(|kind| *kind != "primary");
        let kind = codes.iter().find_map(icd10_kind).or_else(in_words).map(str::to_owned);
        Err(Unresolved { steps, suggestions: self.suggest(&words.join(" ")), kind })
    }

    fn step(
        &self,
        what: String,
        hit: Option<Hit>,
        codes: &[Code],
        steps: &mut Vec<String>,
    ) -> Option<Resolution> {
        let Some(hit) = hit else {
            steps.push(format!("{what}: nothing"));
            return None;
        };
        let doid = self.canonical(&hit.doid);
        steps.push(format!("{what}: {} {doid} {} ({})", hit.relation, self.name(&doid), hit.how));
        // A word may name the tumour while the code says that it is secondary or in situ: the code's kind holds.
        let stated =
            codes.iter().find_map(icd10_kind).filter(|kind| hit.kind == "primary" && *kind != "primary");
        let kind = stated.map_or(hit.kind, str::to_owned);
        Some(Resolution { doid, kind, relation: hit.relation.to_owned(), steps: std::mem::take(steps) })
    }

    /// The authored map first, because it is reviewed; then the cross references of terms.
    fn by_code(&self, code: &Code) -> Option<Hit> {
        let systems = short_systems(code);
        let row = systems.iter().find_map(|system| self.map_row(system, &code.code));
        if let Some(row) = row {
            let how = format!("disease map, {}", if row.sourced.checked { "checked" } else { "unreviewed" });
            return Some(Hit {
                doid: row.doid.clone(),
                kind: row.kind.clone(),
                relation: relation(&row.relation),
                how,
            });
        }
        let kind = icd10_kind(code).unwrap_or("primary").to_owned();
        if systems.contains(&"oncotree") {
            let doid = self.oncotree.get(&code.code)?.doid.clone()?;
            return Some(Hit {
                doid,
                kind,
                relation: "exact",
                how: "OncoTree by NCI code or name".to_owned(),
            });
        }
        let xref =
            systems.iter().find_map(|system| Some(format!("{}:{}", xref_prefix(system)?, code.code)))?;
        let [at] = self.index().by_xref.get(&xref)?.as_slice() else { return None };
        Some(Hit {
            doid: self.terms[*at].doid.clone(),
            kind,
            relation: "exact",
            how: format!("cross reference {xref}"),
        })
    }

    fn map_row(&self, system: &str, code: &str) -> Option<&DiseaseCode> {
        let at =
            self.map.binary_search_by(|row| (row.system.as_str(), row.code.as_str()).cmp(&(system, code)));
        at.ok().map(|at| &self.map[at]).filter(|row| !row.doid.as_str().is_empty())
    }

    /// ICD-10 codes lose their last characters; OncoTree climbs to the parent. Other systems have no order here.
    fn by_broader(&self, code: &Code) -> Option<Hit> {
        let systems = short_systems(code);
        let broader: Vec<Code> = match () {
            () if systems.contains(&"icd10cm") => icd10_broader(code),
            () if systems.contains(&"oncotree") => self.oncotree_broader(code),
            () => vec![],
        };
        let (code, hit) = broader.iter().find_map(|code| Some((code, self.by_code(code)?)))?;
        Some(Hit { relation: "broader", how: format!("as {}, {}", written(code), hit.how), ..hit })
    }

    fn oncotree_broader(&self, code: &Code) -> Vec<Code> {
        let mut found: Vec<Code> = vec![];
        let mut at = self.oncotree.get(&code.code);
        while let Some(parent) = at.and_then(|node| node.parent.as_ref()).filter(|_| found.len() < 16) {
            found.push(Code::new(&code.system, parent));
            at = self.oncotree.get(parent);
        }
        found
    }

    fn by_words(&self, text: &str) -> Option<Hit> {
        let lower = text.trim().to_lowercase();
        if let Some(row) = self.map_row("text", &lower) {
            let how = "disease map, text".to_owned();
            return Some(Hit {
                doid: row.doid.clone(),
                kind: row.kind.clone(),
                relation: relation(&row.relation),
                how,
            });
        }
        let plain = plain_name(&lower);
        for candidate in [lower.as_str(), plain.as_str()] {
            let oncotree =
                || self.oncotree.values().find(|node| node.name.to_lowercase() == candidate)?.doid.clone();
            if let Some(doid) = self.by_name(candidate).map(|term| term.doid.clone()).or_else(oncotree) {
                let how = "name or synonym".to_owned();
                return Some(Hit { doid, kind: kind_in_words(&lower).to_owned(), relation: "exact", how });
            }
        }
        None
    }

    /// Terms that share most words with the text; at most five.
    fn suggest(&self, text: &str) -> Vec<(Doid, String)> {
        let words = significant_words(text);
        if words.is_empty() {
            return vec![];
        }
        let shared = |term: &DiseaseTerm| significant_words(&term.name).intersection(&words).count();
        let mut scored: Vec<(usize, usize, &DiseaseTerm)> = self
            .terms
            .iter()
            .map(|term| (shared(term), term.name.len(), term))
            .filter(|(n, ..)| 0 < *n)
            .collect();
        scored.sort_by(|a, b| (b.0, a.1, &a.2.doid).cmp(&(a.0, b.1, &b.2.doid)));
        scored.into_iter().take(5).map(|(.., term)| (term.doid.clone(), term.name.clone())).collect()
    }
}

fn written(code: &Code) -> String {
    format!("{}|{}", code.system, code.code)
}

fn relation(text: &str) -> &'static str {
    match text {
        "narrower" => "narrower",
        "broader" => "broader",
        _ => "exact",
    }
}

/// Names of the authored map for a system URI or a short name.
fn short_systems(code: &Code) -> &'static [&'static str] {
    match code.system.as_str() {
        system::SNOMED | "snomed" => &["snomed"],
        system::ICD10CM | system::ICD10 | "icd10cm" | "icd10" => &["icd10cm"],
        system::ICDO3 | "icdo3" => &["icdo3-morphology", "icdo3-topography"],
        system::NCIT | "ncit" => &["ncit"],
        other if other.to_lowercase().contains("oncotree") => &["oncotree"],
        other if other.to_lowercase().contains("disease-ontology") || other.eq_ignore_ascii_case("doid") => {
            &["doid"]
        }
        _ => &[],
    }
}

fn xref_prefix(system: &str) -> Option<&'static str> {
    match system {
        "snomed" => Some("SNOMEDCT_US"),
        "icd10cm" => Some("ICD10CM"),
        "icdo3-morphology" => Some("ICDO"),
        "ncit" => Some("NCI"),
        _ => None,
    }
}

/// `C34.11` → `C34.1`, `C34`.
fn icd10_broader(code: &Code) -> Vec<Code> {
    let mut found = vec![];
    let mut text = code.code.as_str();
    while 3 < text.len() {
        let Some(shorter) = text.get(..text.len() - 1) else { break };
        text = shorter.trim_end_matches('.');
        found.push(Code::new(&code.system, text));
    }
    found
}

/// ICD-10, chapter II: C77–C79 and C7B secondary, D00–D09 in situ, D10–D36 benign; D37–D48 and D49 are of uncertain or
/// unspecified behaviour and never a primary; Z85 is history.
fn icd10_kind(code: &Code) -> Option<&'static str> {
    if !short_systems(code).contains(&"icd10cm") {
        return None;
    }
    let block = code.code.get(..3)?.to_uppercase();
    let number: Option<u32> = block.get(1..).and_then(|digits| digits.parse().ok());
    match (block.as_bytes().first()?, number) {
        (b'C', Some(77..=79)) => Some("secondary"),
        (b'C', None) if block == "C7B" => Some("secondary"),
        (b'C', _) => Some("primary"),
        (b'D', Some(0..=9)) => Some("in-situ"),
        (b'D', Some(10..=36)) => Some("benign"),
        (b'D', Some(37..=49)) => Some("suspected"),
        (b'Z', Some(85)) => Some("history"),
        _ => None,
    }
}

/// SNOMED displays end in `(disorder)` and the like; `of the` and `primary malignant neoplasm` are spelled many ways.
fn plain_name(lower: &str) -> String {
    let cut = lower.rsplit_once(" (").filter(|(_, end)| end.ends_with(')')).map_or(lower, |(name, _)| name);
    let cut = cut.strip_prefix("primary ").unwrap_or(cut);
    let cut = cut.strip_prefix("metastatic ").unwrap_or(cut);
    match cut.strip_prefix("malignant neoplasm of ").or_else(|| cut.strip_prefix("malignant tumor of ")) {
        Some(site) => format!("{} cancer", site.trim_start_matches("the ")),
        None => cut.to_owned(),
    }
}

/// Words that keep a condition from being the primary tumour.
fn kind_in_words(lower: &str) -> &'static str {
    let kinds = [
        ("secondary", "secondary"),
        ("metastasis to", "secondary"),
        ("in situ", "in-situ"),
        ("suspected", "suspected"),
        ("history of", "history"),
        ("benign", "benign"),
    ];
    kinds.iter().find(|(word, _)| lower.contains(word)).map_or("primary", |(_, kind)| kind)
}

fn significant_words(text: &str) -> BTreeSet<String> {
    let words = text.to_lowercase();
    let words = words.split(|c: char| !c.is_alphanumeric()).filter(|word| 3 < word.len());
    words
        .filter(|word| !matches!(*word, "cancer" | "malignant" | "neoplasm" | "disorder"))
        .map(str::to_owned)
        .collect()
}
