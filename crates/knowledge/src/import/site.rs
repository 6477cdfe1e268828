//! What does a site's own statement file say? One neutral table for licensed sources and for a site's own curation.
//!
//! The file becomes a layer: its own statements, profiles and leaves, under its own name, never merged into other rows
//! and never exported. Columns are described in `knowledge/README.md`.

use super::civic::{Read, Vocabularies, level_of};
use super::civic_variants::{self, FeatureType, Variant};
use super::therapy::{self, Interaction, Therapies};
use super::{Imported, Strictness, Tally, civic_profiles};
use crate::error::{Error, Result};
use crate::model::LayerInfo;
use crate::tsv::{Comments, Row, Table};
use concilium_evidence::{Leaf, Profile, Significance, Stance, Statement, StatementType, VariantOrigin};
use concilium_terms::pattern::Pattern;
use concilium_terms::{Code, Doid, StatementKey};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const COLUMNS: &[&str] =
    &["id", "alteration", "disease", "therapy", "direction", "significance", "level", "citation"];

/// A site's file, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Name, licence, version, date.
    pub info: LayerInfo,
    /// Statements with the count of what was read.
    pub statements: Imported<Statement>,
    /// Profiles sorted by id.
    pub profiles: Vec<Profile>,
    /// Leaves sorted by id.
    pub leaves: Vec<Leaf>,
    /// Sentences by key, for this site's eyes only.
    pub sentences: BTreeMap<StatementKey, String>,
}

/// Reads a file: head lines `# name: …`, `# licence: …`, `# version: …`, `# date: …`, `# attribution: …`, then a table.
///
/// # Errors
/// A head line or column is missing, the name is no plain word; in strict mode the first refused row.
pub fn import(file: &str, text: &str, vocabularies: Vocabularies, strictness: Strictness) -> Result<Site> {
    let info = head(file, text)?;
    let table = Table::parse(file, text, Comments::Skipped, COLUMNS)?;
    let mut tally = Tally::new(&format!("layer {}", info.name), strictness);
    let mut profiles = Profiles::new(&info.name);
    let mut sentences = BTreeMap::new();
    for row in table.rows() {
        let mut not_understood = false;
        tally.site_row(&row, "id", |row| {
            let (rows, opaque) = statements(row, &info, vocabularies, &mut profiles)?;
            not_understood = opaque;
            let sentence = Some(row.get("sentence")).filter(|sentence| !sentence.is_empty());
            sentences.extend(sentence.map(|text| (StatementKey::new(row.get("id")), text.to_owned())));
            Ok(rows)
        })?;
        if not_understood {
            tally.note("alteration not understood: matched to no patient");
        }
    }
    let mut statements = tally.finish();
    statements.rows.sort_by(|a, b| (&a.key, &a.regimen).cmp(&(&b.key, &b.regimen)));
    let (profiles, leaves) = profiles.finish();
    Ok(Site { info, statements, profiles, leaves, sentences })
}

fn head(file: &str, text: &str) -> Result<LayerInfo> {
    let value = |key: &str| {
        let lines = text.trim_start_matches('\u{feff}').lines().filter_map(|line| line.strip_prefix('#'));
        let mut found = lines.filter_map(|line| line.split_once(':')).filter(|(name, _)| name.trim() == key);
        found.next().map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let needed = |key: &str| {
        value(key).ok_or_else(|| Error::Layer {
            layer: file.to_owned(),
            what: format!("no line `# {key}: …` above the table"),
            remedy: "see \"a site's own statements\" in knowledge/README.md".to_owned(),
        })
    };
    let name = needed("name")?;
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(Error::Layer {
            layer: file.to_owned(),
            what: format!("`{name}` is no layer name"),
            remedy: "use letters, digits and hyphens".to_owned(),
        });
    }
    Ok(LayerInfo {
        name,
        licence: needed("licence")?,
        version: needed("version")?,
        date: needed("date")?,
        attribution: value("attribution").unwrap_or_default(),
    })
}

/// Profiles of a layer, one per distinct alteration cell. Ids begin where the layer's name leads, far above CIViC's.
struct Profiles {
    base: u64,
    by_text: BTreeMap<String, Profile>,
    leaf_ids: BTreeMap<String, u64>,
    leaves: Vec<Leaf>,
}

impl Profiles {
    fn new(layer: &str) -> Profiles {
        let hash = Sha256::digest(layer.as_bytes());
        let start = u64::from(u32::from_be_bytes([0x40 | (hash[0] & 0x3f), hash[1], hash[2], hash[3]]));
        // Below 2^53, so that every reader of JSON keeps it exactly.
        Profiles { base: start << 20, by_text: BTreeMap::new(), leaf_ids: BTreeMap::new(), leaves: vec![] }
    }

    /// Id of the profile, and whether a leaf of it is not understood.
    fn of(&mut self, row: &Row) -> Read<(u64, bool)> {
        let text = row.get("alteration");
        let names = leaf_names(text);
        for name in &names {
            let id = self.base + self.leaf_ids.len() as u64 + 1;
            if !self.leaf_ids.contains_key(name) {
                let variant = variant(id, name).ok_or_else(|| {
                    row.refuse("alteration", &format!("`{name}` names no gene"), "write `GENE alteration`")
                })?;
                self.leaf_ids.insert(name.clone(), id);
                self.leaves.extend(civic_variants::leaves(&[variant]));
            }
        }
        let leaves: Vec<(u64, &str)> =
            names.iter().map(|name| (self.leaf_ids[name], name.as_str())).collect();
        if !self.by_text.contains_key(text) {
            let expr = civic_profiles::parse(text, &leaves).map_err(|why| {
                row.refuse("alteration", &why, "join alterations by AND, OR, NOT and parentheses")
            })?;
            let id = self.base + self.by_text.len() as u64 + 1;
            self.by_text.insert(text.to_owned(), Profile { id, name: text.to_owned(), expr });
        }
        let is_opaque = |id: &u64| {
            let leaf = self.leaves.iter().find(|leaf| leaf.id == *id);
            leaf.is_some_and(|leaf| matches!(leaf.pattern, Pattern::Opaque { .. }))
        };
        Ok((self.by_text[text].id, leaves.iter().any(|(id, _)| is_opaque(id))))
    }

    fn finish(self) -> (Vec<Profile>, Vec<Leaf>) {
        let mut profiles: Vec<Profile> = self.by_text.into_values().collect();
        profiles.sort_by_key(|profile| profile.id);
        let mut leaves = self.leaves;
        leaves.sort_by_key(|leaf| leaf.id);
        (profiles, leaves)
    }
}

/// What stands between the operators: `( BRAF V600E OR BRAF V600K ) AND NOT KRAS G12C` → three names.
fn leaf_names(text: &str) -> Vec<String> {
    let mut names: Vec<String> = vec![];
    let mut words: Vec<&str> = vec![];
    let mut close = |words: &mut Vec<&str>| {
        let name = words.join(" ");
        words.clear();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    };
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if matches!(word, "AND" | "OR" | "NOT" | "(" | ")") { close(&mut words) } else { words.push(word) }
    }
    close(&mut words);
    names
}

/// `BRAF V600E`, `EML4::ALK Fusion`, `v::NTRK1 Fusion`, `TMB High`.
fn variant(id: u64, name: &str) -> Option<Variant> {
    let (feature, change) = name.split_once(' ')?;
    let mut variant =
        Variant { id, feature: feature.to_owned(), name: change.trim().to_owned(), ..Variant::default() };
    if matches!(feature, "TMB" | "MSI" | "MSS" | "HRD") {
        variant.feature_type = FeatureType::Factor;
    }
    // Without the word, a deletion named by its exon may be one of the whole exon.
    let in_frame = change.to_lowercase().replace("in-frame", "inframe");
    if let Some((exon, "")) = in_frame.split_once(" inframe deletion") {
        variant.name = format!("{exon} deletion");
        variant.types.push("inframe_deletion".to_owned());
    }
    if let Some((five, three)) = feature.split_once("::") {
        let partner = |text: &str| (!matches!(text, "" | "v")).then(|| text.to_owned());
        variant.feature_type = FeatureType::Fusion;
        variant.partners = (partner(five), partner(three));
    }
    Some(variant)
}

/// One statement per alternative therapy, and whether an alteration was not understood.
fn statements(
    row: &Row,
    info: &LayerInfo,
    vocabularies: Vocabularies,
    profiles: &mut Profiles,
) -> Read<(Vec<Statement>, bool)> {
    let facts = facts(row, info, vocabularies)?;
    let therapies = therapies(row, vocabularies)?;
    let (profile, opaque) = profiles.of(row)?;
    let base = Statement { profile, ..facts };
    if therapies.regimens.is_empty() {
        return Ok((vec![base], opaque));
    }
    let substitute = 1 < therapies.regimens.len();
    let with = |regimen| Statement { regimen: Some(regimen), substitute, ..base.clone() };
    Ok((therapies.regimens.into_iter().map(with).collect(), opaque))
}

fn facts(row: &Row, info: &LayerInfo, vocabularies: Vocabularies) -> Read<Statement> {
    let wrong =
        |column: &str, remedy: &str| row.refuse(column, &format!("`{}` is unknown", row.get(column)), remedy);
    let id = row.get("id");
    if id.is_empty() || id.contains(char::is_whitespace) {
        return Err(row.refuse("id", "empty or with blanks", "give each row an id of its own"));
    }
    let (significance, significance_text) = significance(row.get("significance")).ok_or_else(|| {
        wrong("significance", "write sensitivity, resistance, reduced-sensitivity or adverse-response")
    })?;
    let stance = match row.get("direction") {
        "supports" => Stance::Supports,
        "does-not-support" => Stance::DoesNotSupport,
        _ => return Err(wrong("direction", "write supports or does-not-support")),
    };
    let origin = match row.get("origin") {
        "" => VariantOrigin::Unstated,
        "somatic" => VariantOrigin::Somatic,
        "germline" => VariantOrigin::RareGermline,
        _ => return Err(wrong("origin", "write somatic, germline or nothing")),
    };
    Ok(Statement {
        key: StatementKey::new(id),
        layer: info.name.clone(),
        profile: 0,
        disease: Some(disease(row, vocabularies)?),
        disease_name: row.get("disease").to_owned(),
        regimen: None,
        substitute: false,
        kind: StatementType::Predictive,
        stance,
        significance,
        significance_text: significance_text.to_owned(),
        level: level_of(row.get("level")).ok_or_else(|| wrong("level", "expected A to E"))?,
        rating: None,
        origin,
        flagged: false,
        source_type: if row.get("citation_type").is_empty() {
            info.name.clone()
        } else {
            row.get("citation_type").to_owned()
        },
        citation: citation(row),
        year: row.number("year")?,
        trials: row.list("trials").into_iter().map(str::to_owned).collect(),
        reviewed: Some(row.get("reviewed").to_owned()).filter(|day| !day.is_empty()),
    })
}

fn significance(text: &str) -> Option<(Significance, &'static str)> {
    match text {
        "sensitivity" => Some((Significance::Sensitivity, "Sensitivity/Response")),
        "resistance" => Some((Significance::Resistance, "Resistance")),
        "reduced-sensitivity" => Some((Significance::ReducedSensitivity, "Reduced Sensitivity")),
        "adverse-response" => Some((Significance::AdverseResponse, "Adverse Response")),
        _ => None,
    }
}

/// The source's own level stands beside the citation, as the source calls it.
fn citation(row: &Row) -> String {
    match row.get("source_level") {
        "" => row.get("citation").to_owned(),
        own => format!("{} (its level: {own})", row.get("citation")),
    }
}

/// A DOID, an OncoTree code or a name; only what is known exactly.
fn disease(row: &Row, vocabularies: Vocabularies) -> Read<Doid> {
    let text = row.get("disease");
    let diseases = vocabularies.diseases;
    let wrong =
        |what: &str| row.refuse("disease", what, "write a DOID, `ONCOTREE:CODE` or a name of the ontology");
    let doid = diseases.canonical(&Doid::new(text));
    if diseases.by_id.contains_key(&doid) {
        return Ok(doid);
    }
    if let Some((found, _)) = super::civic::by_name(text, diseases) {
        return Ok(found);
    }
    let code = text.strip_prefix("ONCOTREE:").map(|code| Code {
        system: "oncotree".to_owned(),
        code: code.to_owned(),
        display: String::new(),
    });
    let words: &[&str] = if code.is_some() { &[] } else { &[text] };
    match diseases.resolve_disease(code.as_slice(), words) {
        Ok(found) if found.relation == "exact" && found.kind == "primary" => Ok(found.doid),
        Ok(_) => Err(wrong(&format!("`{text}` is known only roughly"))),
        Err(_) => Err(wrong(&format!("`{text}` is unknown"))),
    }
}

/// `A + B` together, `A | B` alternatives, `A > B` one after the other.
fn therapies(row: &Row, vocabularies: Vocabularies) -> Read<Therapies> {
    let mut found = Therapies::default();
    for alternative in row.list("therapy") {
        let (parts, interaction) = match (alternative.contains(" > "), alternative.contains(" + ")) {
            (true, false) => (alternative.split(" > ").collect(), Interaction::Sequential),
            (false, true) => (alternative.split(" + ").collect(), Interaction::Combination),
            (false, false) => (vec![alternative], Interaction::One),
            (true, true) => {
                return Err(row.refuse("therapy", "both `+` and `>`", "write one statement for each"));
            }
        };
        let read = therapy::resolve_parts(&parts, interaction, vocabularies.drugs);
        if let Some(unknown) = read.unknown.first() {
            let remedy = "use a name of drugs.tsv or regimens.tsv, or add the drug there";
            return Err(row.refuse("therapy", &format!("`{unknown}` is unknown"), remedy));
        }
        found.regimens.extend(read.regimens);
    }
    if found.regimens.is_empty() {
        return Err(row.refuse("therapy", "empty", "name the therapy the statement is about"));
    }
    Ok(found)
}
