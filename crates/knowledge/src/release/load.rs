//! How does a release come into memory? The embedded pack and a site's folder take the same path.

use super::SCHEMA;
use super::build::{hash_of, sha256};
use super::schema;
use super::sources::files_below;
use crate::authored::{self, Texts};
use crate::disease;
use crate::error::{Error, Result, read_text};
use crate::model::*;
use concilium_evidence::{Leaf, Profile, Statement};
use concilium_terms::StatementKey;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// A file of the embedded pack: name in a release, sha256 taken when the program was built, text.
pub struct Embedded {
    /// Name.
    pub name: &'static str,
    /// sha256.
    pub hash: &'static str,
    /// Text.
    pub text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The pack that is part of the program.
///
/// # Errors
/// A pack that was edited by hand, or an authored table that cannot be read.
pub fn builtin() -> Result<Knowledge> {
    let texts: Texts = EMBEDDED.iter().map(|file| (file.name.to_owned(), Cow::Borrowed(file.text))).collect();
    let hashes = EMBEDDED.iter().map(|file| (file.name.to_owned(), file.hash.to_owned())).collect();
    from_texts(&texts, hashes)
}

/// The authored tables that are part of the program.
pub(super) fn embedded_authored() -> Texts {
    let authored = EMBEDDED.iter().filter(|file| file.name.starts_with("authored/"));
    authored.map(|file| (file.name.to_owned(), Cow::Borrowed(file.text))).collect()
}

/// A table of the pack that is part of the program.
pub(super) fn embedded(table: &str) -> Option<&'static str> {
    EMBEDDED.iter().find(|file| file.name == table).map(|file| file.text)
}

/// The manifest of the pack that is part of the program.
pub(super) fn embedded_manifest() -> Result<Manifest> {
    parse_manifest(embedded("manifest.json"))
}

/// A release in a folder. Its tables must be those the manifest names.
///
/// # Errors
/// An unreadable folder, a changed table, another schema, or a refused row.
pub fn load(folder: &Path) -> Result<Knowledge> {
    let texts = folder_texts(folder)?;
    let hashes = texts.iter().map(|(file, text)| (file.clone(), sha256(text.as_bytes()))).collect();
    from_texts(&texts, hashes)
}

/// Tables and manifest below a folder, by their names in a release.
pub(super) fn folder_texts(folder: &Path) -> Result<Texts> {
    let mut texts = Texts::new();
    for path in files_below(folder)? {
        let inside: Vec<&str> =
            path.strip_prefix(folder).into_iter().flatten().filter_map(|part| part.to_str()).collect();
        let inside = inside.join("/");
        if inside.ends_with(".tsv") || inside == "manifest.json" {
            texts.insert(inside, Cow::Owned(read_text(&path)?));
        }
    }
    Ok(texts)
}

/// A base release with a site's layers on top. A layer folder holds `statements.tsv` and, for profiles the base lacks,
/// `profiles.tsv` and `leaves.tsv`; `layer.tsv` says its licence. Layers keep their names, are never merged into other
/// rows, and are never exported; the release hash covers them.
///
/// # Errors
/// A layer that cannot be read, has no name of its own, or reuses an id of what is already there.
pub fn load_layered(base: Knowledge, folders: &[&Path]) -> Result<Knowledge> {
    let mut knowledge = base;
    for folder in folders {
        let layer = read_layer(&folder_texts(folder)?)?;
        for (file, hash) in &layer.hashes {
            knowledge.manifest.files.insert(format!("layers/{}/{file}", layer.info.name), hash.clone());
        }
        add_layer(&mut knowledge, layer)?;
    }
    knowledge.manifest.hash = hash_of(&knowledge.manifest.files);
    Ok(knowledge)
}

/// Layers that lie in the release itself, below `layers/`.
fn add_own_layers(knowledge: &mut Knowledge, texts: &Texts) -> Result<()> {
    let mut layers: BTreeMap<&str, Texts> = BTreeMap::new();
    for (file, text) in texts {
        let inside = file.strip_prefix("layers/").and_then(|rest| rest.split_once('/'));
        if let Some((layer, file)) = inside {
            layers.entry(layer).or_default().insert(file.to_owned(), text.clone());
        }
    }
    // The manifest's list is made again from what is there.
    knowledge.manifest.layers.clear();
    layers.values().try_for_each(|texts| add_layer(knowledge, read_layer(texts)?))
}

struct Layer {
    info: LayerInfo,
    statements: Vec<Statement>,
    profiles: Vec<Profile>,
    leaves: Vec<Leaf>,
    sentences: BTreeMap<StatementKey, String>,
    hashes: BTreeMap<String, String>,
}

fn read_layer(texts: &Texts) -> Result<Layer> {
    if !texts.contains_key("statements.tsv") {
        return Err(Error::MissingFile {
            folder: "layer".to_owned(),
            wanted: "statements.tsv".to_owned(),
            remedy: "name the folder of a layer that `knowledge build --layer` wrote".to_owned(),
        });
    }
    let statements = table(texts, "statements.tsv", schema::read_statements)?;
    let name = layer_name(&statements)?;
    let stated = table(texts, "layer.tsv", schema::read_layer)?;
    let silent =
        || LayerInfo { name: name.clone(), licence: "not stated".to_owned(), ..LayerInfo::default() };
    let info = stated.filter(|info| info.name == name).unwrap_or_else(silent);
    Ok(Layer {
        info,
        statements,
        profiles: table(texts, "profiles.tsv", schema::read_profiles)?,
        leaves: table(texts, "leaves.tsv", schema::read_leaves)?,
        sentences: table(texts, "sentences.tsv", schema::read_sentences)?,
        hashes: texts.iter().map(|(file, text)| (file.clone(), sha256(text.as_bytes()))).collect(),
    })
}

fn add_layer(knowledge: &mut Knowledge, layer: Layer) -> Result<()> {
    refuse_collisions(knowledge, &layer)?;
    let is_known =
        |id: u64| layer.profiles.iter().any(|profile| profile.id == id) || knowledge.profile(id).is_some();
    if let Some(statement) = layer.statements.iter().find(|s| !is_known(s.profile)) {
        return Err(Error::Layer {
            layer: layer.info.name.clone(),
            what: format!("{} names profile {}, which is nowhere", statement.key, statement.profile),
            remedy: "build the layer again".to_owned(),
        });
    }
    knowledge.statements.extend(layer.statements);
    knowledge.profiles.extend(layer.profiles);
    knowledge.leaves.extend(layer.leaves);
    knowledge.sentences.extend(layer.sentences);
    knowledge.statements.sort_by(|a, b| (&a.key, &a.regimen).cmp(&(&b.key, &b.regimen)));
    knowledge.profiles.sort_by_key(|profile| profile.id);
    knowledge.leaves.sort_by_key(|leaf| leaf.id);
    knowledge.manifest.layers.push(layer.info);
    Ok(())
}

fn refuse_collisions(knowledge: &Knowledge, layer: &Layer) -> Result<()> {
    let name = &layer.info.name;
    let collides = |what: String, remedy: &str| {
        Err(Error::Layer { layer: name.clone(), what, remedy: remedy.to_owned() })
    };
    if knowledge.statements.iter().any(|s| s.layer == *name) {
        return collides(
            "the name is taken".to_owned(),
            "give every row of the file one name of its own in column `layer`",
        );
    }
    if let Some(profile) = layer.profiles.iter().find(|profile| knowledge.profile(profile.id).is_some()) {
        return collides(format!("profile {} is taken", profile.id), "use ids of its own");
    }
    if let Some(leaf) = layer.leaves.iter().find(|leaf| knowledge.leaf(leaf.id).is_some()) {
        return collides(format!("leaf {} is taken", leaf.id), "use ids of its own");
    }
    match layer.statements.iter().find(|s| !knowledge.statements_of(&s.key).is_empty()) {
        Some(statement) => collides(format!("key {} is taken", statement.key), "use ids of its own"),
        None => Ok(()),
    }
}

/// The one name all rows of a layer bear.
fn layer_name(statements: &[Statement]) -> Result<String> {
    let error = |layer: &str, what: &str| Error::Layer {
        layer: layer.to_owned(),
        what: what.to_owned(),
        remedy: "give every row of the file one name of its own in column `layer`".to_owned(),
    };
    let name = statements.first().map(|s| s.layer.clone()).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| error("", "no row names it"))?;
    if statements.iter().any(|s| s.layer != name) {
        return Err(error(&name, "rows of several layers in one file"));
    }
    Ok(name)
}

/// Reads every table. The two largest, gene names and diplotypes, are read beside the others.
fn from_texts(texts: &Texts, hashes: BTreeMap<String, String>) -> Result<Knowledge> {
    let manifest = manifest(texts, hashes)?;
    let (genes, pgx, mut knowledge) = std::thread::scope(|scope| {
        let (genes, pgx) = (scope.spawn(|| genes(texts)), scope.spawn(|| pgx(texts)));
        let others = others(texts);
        (finished(genes), finished(pgx), others)
    });
    if let Ok(knowledge) = &mut knowledge {
        (knowledge.manifest, knowledge.genes, knowledge.pgx) = (manifest, genes?, pgx?);
        add_own_layers(knowledge, texts)?;
    }
    knowledge
}

/// A panic of the thread stays a panic.
fn finished<T>(thread: std::thread::ScopedJoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn others(texts: &Texts) -> Result<Knowledge> {
    let terms = table(texts, "diseases.tsv", schema::read_diseases)?;
    Ok(Knowledge {
        statements: table(texts, "statements.tsv", schema::read_statements)?,
        sentences: table(texts, "sentences.tsv", schema::read_sentences)?,
        profiles: table(texts, "profiles.tsv", schema::read_profiles)?,
        leaves: table(texts, "leaves.tsv", schema::read_leaves)?,
        assertions: table(texts, "assertions.tsv", schema::read_assertions)?,
        oncogenicity: table(texts, "oncogenicity.tsv", schema::read_oncogenicity)?,
        diseases: disease::index(terms, table(texts, "oncotree.tsv", schema::read_oncotree)?, texts)?,
        drugs: authored::drugs(texts)?,
        settings: authored::settings(texts)?,
        oncogenic: authored::oncogenic(texts)?,
        possibly_prognostic: authored::possibly_prognostic(texts)?,
        errata: authored::errata(texts)?,
        disease_defaults: authored::defaults(texts)?,
        required_markers: authored::required_markers(texts)?,
        standard: authored::standard(texts)?,
        approvals: authored::approvals(texts)?,
        rules: authored::rules(texts)?,
        condition_words: authored::condition_words(texts)?,
        ..Knowledge::default()
    })
}

fn pgx(texts: &Texts) -> Result<Pgx> {
    Ok(Pgx {
        positions: table(texts, "pgx_positions.tsv", schema::read_positions)?,
        alleles: table(texts, "pgx_alleles.tsv", schema::read_alleles)?,
        diplotypes: table(texts, "pgx_diplotypes.tsv", schema::read_diplotypes)?,
        actions: authored::pgx_actions(texts)?,
    })
}

fn table<T: Default>(texts: &Texts, file: &str, read: impl Fn(&str, &str) -> Result<T>) -> Result<T> {
    optional(texts.get(file).map_or("", |text| text.as_ref()), file, read)
}

/// A release without this table has none of its rows.
fn optional<T: Default>(text: &str, file: &str, read: impl Fn(&str, &str) -> Result<T>) -> Result<T> {
    if text.is_empty() { Ok(T::default()) } else { read(file, text) }
}

/// The manifest of a release as it was written.
pub(super) fn stored_manifest(folder: &Path) -> Result<Manifest> {
    parse_manifest(Some(&read_text(&folder.join("manifest.json"))?))
}

/// The stored manifest, checked; files and hash cover the authored tables as they are now.
fn manifest(texts: &Texts, hashes: BTreeMap<String, String>) -> Result<Manifest> {
    let mut manifest = parse_manifest(texts.get("manifest.json").map(AsRef::as_ref))?;
    for (file, expected) in &manifest.files {
        let found = hashes.get(file).cloned().unwrap_or_else(|| "none".to_owned());
        if found != *expected {
            return Err(Error::Hash { file: file.clone(), expected: expected.clone(), found });
        }
    }
    manifest.files = hashes.into_iter().filter(|(file, _)| file.ends_with(".tsv")).collect();
    manifest.hash = hash_of(&manifest.files);
    Ok(manifest)
}

fn parse_manifest(text: Option<&str>) -> Result<Manifest> {
    let text = text.ok_or_else(|| Error::MissingFile {
        folder: "release".to_owned(),
        wanted: "manifest.json".to_owned(),
        remedy: "name the folder of a built release".to_owned(),
    })?;
    let manifest: Manifest = serde_json::from_str(text)
        .map_err(|source| Error::Json { file: "manifest.json".to_owned(), source })?;
    if manifest.schema != SCHEMA {
        return Err(Error::Schema { name: manifest.name, found: manifest.schema, expected: SCHEMA });
    }
    Ok(manifest)
}

fn genes(texts: &Texts) -> Result<Genes> {
    let mut rows = table(texts, "gene_names.tsv", schema::read_genes)?;
    let roles = authored::gene_roles(texts)?;
    for gene in &mut rows {
        if let Some((role, clonal)) = roles.get(&gene.symbol) {
            gene.role = *role;
            gene.clonal_haematopoiesis = *clonal;
        }
    }
    Ok(Genes::of(rows))
}
