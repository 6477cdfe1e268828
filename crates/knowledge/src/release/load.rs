//! How does a release come into memory? The embedded pack and a site's folder take the same path.

use super::SCHEMA;
use super::build::{hash_of, sha256};
use super::schema;
use super::sources::files_below;
use crate::authored::{self, Texts};
use crate::disease;
use crate::error::{Error, Result, io};
use crate::model::*;
use concilium_evidence::Statement;
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

/// Gene names of the pack that is part of the program.
pub(super) fn embedded_genes() -> Result<Vec<Gene>> {
    let file = EMBEDDED.iter().find(|file| file.name == "gene_names.tsv");
    file.map_or_else(|| Ok(vec![]), |file| schema::read_genes(file.name, file.text))
}

/// A release in a folder. Its tables must be those the manifest names.
///
/// # Errors
/// An unreadable folder, a changed table, another schema, or a refused row.
pub fn load(folder: &Path) -> Result<Knowledge> {
    let mut texts = Texts::new();
    for path in files_below(folder)? {
        let inside: Vec<&str> =
            path.strip_prefix(folder).into_iter().flatten().filter_map(|part| part.to_str()).collect();
        let text = std::fs::read_to_string(&path).map_err(io(path.display()))?;
        texts.insert(inside.join("/"), Cow::Owned(text));
    }
    let hashes = texts.iter().map(|(file, text)| (file.clone(), sha256(text.as_bytes()))).collect();
    from_texts(&texts, hashes)
}

/// A base release with a site's layers on top. A layer folder holds `statements.tsv` and, for profiles the base lacks,
/// `profiles.tsv` and `leaves.tsv`. Layers keep their names, are never merged into other rows, and are never exported;
/// the release hash covers them.
///
/// # Errors
/// A layer that cannot be read, has no name of its own, or reuses an id of what is already there.
pub fn load_layered(base: Knowledge, folders: &[&Path]) -> Result<Knowledge> {
    let mut knowledge = base;
    for folder in folders {
        add_layer(&mut knowledge, folder)?;
    }
    knowledge.manifest.hash = hash_of(&knowledge.manifest.files);
    Ok(knowledge)
}

fn add_layer(knowledge: &mut Knowledge, folder: &Path) -> Result<()> {
    let text =
        |file: &str| std::fs::read_to_string(folder.join(file)).map_err(io(folder.join(file).display()));
    let own = |file: &str| if folder.join(file).exists() { text(file) } else { Ok(String::new()) };
    let texts = [
        ("statements.tsv", text("statements.tsv")?),
        ("profiles.tsv", own("profiles.tsv")?),
        ("leaves.tsv", own("leaves.tsv")?),
    ];
    let statements = schema::read_statements(texts[0].0, &texts[0].1)?;
    let profiles = optional(&texts[1].1, texts[1].0, schema::read_profiles)?;
    let leaves = optional(&texts[2].1, texts[2].0, schema::read_leaves)?;
    let layer = layer_name(knowledge, &statements)?;
    let collides =
        |what: String| Error::Layer { layer: layer.clone(), what, remedy: "use ids of its own".to_owned() };
    if let Some(profile) = profiles.iter().find(|profile| knowledge.profile(profile.id).is_some()) {
        return Err(collides(format!("profile {} is taken", profile.id)));
    }
    if let Some(leaf) = leaves.iter().find(|leaf| knowledge.leaf(leaf.id).is_some()) {
        return Err(collides(format!("leaf {} is taken", leaf.id)));
    }
    let key_taken = |s: &&Statement| !knowledge.statements_of(&s.key).is_empty();
    if let Some(statement) = statements.iter().find(key_taken) {
        return Err(collides(format!("key {} is taken", statement.key)));
    }
    for (file, text) in texts.iter().filter(|(_, text)| !text.is_empty()) {
        knowledge.manifest.files.insert(format!("layer/{layer}/{file}"), sha256(text.as_bytes()));
    }
    knowledge.statements.extend(statements);
    knowledge.profiles.extend(profiles);
    knowledge.leaves.extend(leaves);
    knowledge.statements.sort_by(|a, b| (&a.key, &a.regimen).cmp(&(&b.key, &b.regimen)));
    knowledge.profiles.sort_by_key(|profile| profile.id);
    knowledge.leaves.sort_by_key(|leaf| leaf.id);
    knowledge.manifest.layers.push(layer);
    Ok(())
}

/// The one name all rows of a layer bear, which nothing else bears.
fn layer_name(knowledge: &Knowledge, statements: &[Statement]) -> Result<String> {
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
    if knowledge.statements.iter().any(|s| s.layer == name) {
        return Err(error(&name, "the name is taken"));
    }
    Ok(name)
}

/// Statements that may leave the house: those of the release itself, none of a site's layers.
pub fn exportable(knowledge: &Knowledge) -> impl Iterator<Item = &Statement> {
    knowledge.statements.iter().filter(|statement| !knowledge.manifest.layers.contains(&statement.layer))
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

/// The stored manifest, checked; files and hash cover the authored tables as they are now.
fn manifest(texts: &Texts, hashes: BTreeMap<String, String>) -> Result<Manifest> {
    let text = texts.get("manifest.json").ok_or_else(|| Error::MissingFile {
        folder: "release".to_owned(),
        wanted: "manifest.json".to_owned(),
        remedy: "name the folder of a built release".to_owned(),
    })?;
    let mut manifest: Manifest = serde_json::from_str(text)
        .map_err(|source| Error::Json { file: "manifest.json".to_owned(), source })?;
    if manifest.schema != SCHEMA {
        return Err(Error::Schema { name: manifest.name, found: manifest.schema, expected: SCHEMA });
    }
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

impl Genes {
    /// Rows sorted by symbol, with their indexes.
    pub(crate) fn of(rows: Vec<Gene>) -> Genes {
        let by_entrez = rows.iter().enumerate().map(|(at, gene)| (gene.entrez, at)).collect();
        Genes { by_name: gene_names(&rows), by_entrez, rows }
    }
}

/// Upper-cased names and aliases with the rows that bear them. Sorted first: a map built in order is built fast.
fn gene_names(rows: &[Gene]) -> BTreeMap<String, Vec<usize>> {
    let names = rows.iter().enumerate().flat_map(|(at, gene)| {
        let names = gene.aliases.iter().map(String::as_str).chain([gene.symbol.as_str()]);
        names.map(move |name| (name.to_ascii_uppercase(), at))
    });
    let mut names: Vec<(String, usize)> = names.collect();
    names.sort_unstable();
    names.dedup();
    let groups = names.chunk_by(|a, b| a.0 == b.0);
    groups.map(|group| (group[0].0.clone(), group.iter().map(|(_, at)| *at).collect())).collect()
}
