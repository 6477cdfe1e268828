//! How does a folder of downloads become a release? Reads, resolves, writes our tables, and says what was left out.

use super::SCHEMA;
use super::schema::{self, Diplotype};
use super::sources::{SourcePaths, files_below, name};
use crate::authored::{self, Texts};
use crate::error::{Error, Result, io, read_source, read_text};
use crate::import::civic::{self, Vocabularies};
use crate::import::{
    Imported, Strictness, civic_2021, civic_profiles, civic_variants, ncbi_gene, obo, oncotree, pharmcat,
    site,
};
use crate::model::*;
use concilium_evidence::{Leaf, Profile, Statement, StatementType};
use concilium_terms::{Doid, GeneSymbol, StatementKey};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What kind of release is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Name in the manifest.
    pub name: String,
    /// What a refused row does.
    pub strictness: Strictness,
    /// Functional and Oncogenic statements too; the pack leaves them out and keeps their calls.
    pub all_types: bool,
    /// Put the authored tables beside the compiled ones, as a site's release needs them.
    pub copy_authored: bool,
    /// Take what the downloads lack (ontologies, gene names, pharmacogene tables) from the built-in pack.
    pub fill_from_pack: bool,
    /// Keep the sentences of statements; the pack has none.
    pub sentences: bool,
    /// A site's own statement files, each a layer of its own that is never exported.
    pub layers: Vec<PathBuf>,
}

impl Options {
    /// The committed pack.
    pub fn pack() -> Options {
        Options {
            name: "builtin".into(),
            strictness: Strictness::Strict,
            all_types: false,
            copy_authored: false,
            fill_from_pack: false,
            sentences: false,
            layers: vec![],
        }
    }

    /// A site's full release.
    pub fn full(name: &str, strictness: Strictness) -> Options {
        Options {
            name: name.to_owned(),
            strictness,
            all_types: true,
            copy_authored: true,
            fill_from_pack: true,
            sentences: true,
            layers: vec![],
        }
    }
}

/// Builds the release of `sources` with the authored tables in `authored` into the folder `out`.
///
/// # Errors
/// A file that cannot be read or written; a missing column; in strict mode the first refused row.
pub fn build(sources: &SourcePaths, authored: &Path, out: &Path, options: &Options) -> Result<Manifest> {
    build_from(sources, read_authored(authored)?, out, options)
}

/// As [`build`], with the authored tables that are part of the program.
///
/// # Errors
/// As [`build`].
pub fn build_with_builtin_tables(sources: &SourcePaths, out: &Path, options: &Options) -> Result<Manifest> {
    build_from(sources, super::load::embedded_authored(), out, options)
}

fn build_from(sources: &SourcePaths, authored: Texts, out: &Path, options: &Options) -> Result<Manifest> {
    let (mut texts, mut manifest) = compile(sources, &authored, options)?;
    if options.copy_authored {
        texts.extend(authored);
    }
    manifest.files = texts.iter().map(|(file, text)| (file.clone(), sha256(text.as_bytes()))).collect();
    manifest.hash = hash_of(&manifest.files);
    write(out, &texts, &manifest)?;
    Ok(manifest)
}

/// Writes a site's own statement file as a layer folder, to be laid over `base` without building a release.
///
/// # Errors
/// As `import::site::import`; a file that cannot be read or written.
pub fn build_layer(
    file: &Path,
    base: &Knowledge,
    out: &Path,
    strictness: Strictness,
) -> Result<(LayerInfo, ImportCount)> {
    let vocabularies = Vocabularies { drugs: &base.drugs, diseases: &base.diseases };
    let read = site::import(name(file), &read_source(file, strictness)?, vocabularies, strictness)?;
    for (table, text) in layer_tables(&read) {
        write_file(&out.join(table), text.as_bytes())?;
    }
    Ok((read.info, read.statements.count))
}

/// Tables of a layer by name.
fn layer_tables(read: &site::Site) -> [(&'static str, String); 5] {
    [
        ("layer.tsv", schema::write_layer(&read.info)),
        ("statements.tsv", schema::write_statements(&read.statements.rows)),
        ("profiles.tsv", schema::write_profiles(&read.profiles)),
        ("leaves.tsv", schema::write_leaves(&read.leaves)),
        ("sentences.tsv", schema::write_sentences(&read.sentences)),
    ]
}

fn write(out: &Path, texts: &Texts, manifest: &Manifest) -> Result<()> {
    for (file, text) in texts {
        write_file(&out.join(file), text.as_bytes())?;
    }
    let json = serde_json::to_string_pretty(manifest)
        .map_err(|source| Error::Json { file: "manifest.json".to_owned(), source })?;
    write_file(&out.join("manifest.json"), format!("{json}\n").as_bytes())
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io(folder.display()))?;
    }
    std::fs::write(path, bytes).map_err(io(path.display()))
}

/// The authored tables below a folder, by their names in a release; the pack and texts that are no tables are not.
///
/// # Errors
/// A folder or file that cannot be read.
pub fn read_authored(folder: &Path) -> Result<Texts> {
    let mut texts = Texts::new();
    for path in files_below(folder)? {
        let inside: Vec<&str> =
            path.strip_prefix(folder).into_iter().flatten().filter_map(|part| part.to_str()).collect();
        if inside.first() != Some(&"pack") && name(&path).ends_with(".tsv") {
            texts.insert(format!("authored/{}", inside.join("/")), Cow::Owned(read_text(&path)?));
        }
    }
    Ok(texts)
}

/// sha256 as lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hash of a release: sha256 over `file hash` lines in file order.
pub fn hash_of(files: &BTreeMap<String, String>) -> String {
    let lines: String = files.iter().map(|(file, hash)| format!("{file} {hash}\n")).collect();
    sha256(lines.as_bytes())
}

/// Everything read so far.
struct Compiler<'a> {
    options: &'a Options,
    texts: Texts,
    counts: Vec<ImportCount>,
    sources: Vec<SourceInfo>,
}

/// Compiles without writing: tables by name, and the manifest without file hashes.
///
/// # Errors
/// As `build`.
pub fn compile(sources: &SourcePaths, authored: &Texts, options: &Options) -> Result<(Texts, Manifest)> {
    let mut compiler = Compiler { options, texts: Texts::new(), counts: vec![], sources: vec![] };
    let (terms, oncotree) = compiler.diseases(sources, &authored::disease_map(authored)?)?;
    let drugs = authored::drugs(authored)?;
    // The table holds the ontology's own links: bridges are added when a release is loaded.
    let diseases = crate::disease::index_unbridged(terms, oncotree, authored)?;
    let vocabularies = Vocabularies { drugs: &drugs, diseases: &diseases };
    let missing = compiler.civic(sources, vocabularies)?;
    let layers = compiler.layers(vocabularies)?;
    let mut terms = diseases.terms;
    terms.extend(missing);
    terms.sort_by(|a, b| a.doid.cmp(&b.doid));
    compiler.put("diseases.tsv", schema::write_diseases(&terms));
    compiler.genes(sources)?;
    compiler.pgx(sources)?;
    compiler.sources.push(authored_inputs(authored));
    let date = compiler.sources.iter().map(|source| source.date.clone()).max().unwrap_or_default();
    let manifest = Manifest {
        name: options.name.clone(),
        schema: SCHEMA,
        date,
        sources: compiler.sources,
        counts: compiler.counts,
        layers,
        ..Manifest::default()
    };
    Ok((compiler.texts, manifest))
}

/// Tables the compiled ones depend on: names of therapies and diseases are resolved through them.
pub const INPUTS: &[&str] = &["drugs.tsv", "regimens.tsv", "disease_map.tsv"];

fn authored_inputs(authored: &Texts) -> SourceInfo {
    let hash =
        |file: &&str| Some((file.to_string(), sha256(authored.get(&format!("authored/{file}"))?.as_bytes())));
    SourceInfo {
        name: "Concilium authored tables".to_owned(),
        licence: "Apache-2.0 OR MIT".to_owned(),
        files: INPUTS.iter().filter_map(hash).collect(),
        ..SourceInfo::default()
    }
}

/// Name, licence and attribution of a source; version, date and files are filled in while reading.
struct Publisher {
    name: &'static str,
    licence: &'static str,
    attribution: &'static str,
}

const CIVIC: Publisher = Publisher {
    name: "CIViC",
    licence: "CC0-1.0",
    attribution: "CIViC, Clinical Interpretation of Variants in Cancer, civicdb.org",
};
const DISEASE_ONTOLOGY: Publisher = Publisher {
    name: "Disease Ontology",
    licence: "CC0-1.0",
    attribution: "Human Disease Ontology, disease-ontology.org",
};
const ONCOTREE: Publisher = Publisher {
    name: "OncoTree",
    licence: "CC-BY-4.0",
    attribution: "OncoTree, Memorial Sloan Kettering Cancer Center, oncotree.mskcc.org, CC BY 4.0; codes, names, parents and NCI references taken, linked to the Disease Ontology",
};
const NCBI_GENE: Publisher = Publisher {
    name: "NCBI Gene",
    licence: "public domain",
    attribution: "NCBI Gene, National Library of Medicine",
};
const PHARMCAT: Publisher = Publisher {
    name: "PharmCAT tables (CPIC, PharmVar)",
    licence: "CC0-1.0 (CPIC); allele definitions with attribution to PharmVar; PharmCAT MPL-2.0",
    attribution: "CPIC, cpicpgx.org; PharmVar, pharmvar.org; PharmCAT, pharmcat.clinpgx.org: allele definitions and diplotype phenotypes",
};

impl Compiler<'_> {
    fn put(&mut self, file: &str, text: String) {
        self.texts.insert(file.to_owned(), Cow::Owned(text));
    }

    /// Takes tables of the built-in pack as they are, with the sources they come from.
    fn fill(&mut self, tables: &[&str], publishers: &[&Publisher]) -> Result<()> {
        if !self.options.fill_from_pack {
            return Ok(());
        }
        let mut files = BTreeMap::new();
        for (table, text) in tables.iter().filter_map(|table| Some((*table, super::load::embedded(table)?))) {
            self.texts.insert(table.to_owned(), Cow::Borrowed(text));
            files.insert(format!("{table} of the built-in pack"), sha256(text.as_bytes()));
        }
        let pack = super::load::embedded_manifest()?;
        let used = pack.sources.into_iter().filter(|source| publishers.iter().any(|p| p.name == source.name));
        self.sources.extend(used.map(|source| SourceInfo { files: files.clone(), ..source }));
        Ok(())
    }

    fn keep<T>(&mut self, imported: Imported<T>) -> Vec<T> {
        self.counts.push(imported.count);
        imported.rows
    }

    fn source(&mut self, publisher: &Publisher, date: String, files: &[(&Path, &str)]) {
        self.sources.push(SourceInfo {
            name: publisher.name.to_owned(),
            version: date.clone(),
            date,
            licence: publisher.licence.to_owned(),
            attribution: publisher.attribution.to_owned(),
            files: files
                .iter()
                .map(|(path, text)| (name(path).to_owned(), sha256(text.as_bytes())))
                .collect(),
        });
    }

    /// Terms of all ontologies with the codes of OncoTree; also writes `oncotree.tsv`.
    fn diseases(
        &mut self,
        sources: &SourcePaths,
        map: &[DiseaseCode],
    ) -> Result<(Vec<DiseaseTerm>, BTreeMap<String, OncotreeNode>)> {
        if sources.ontologies.is_empty() && self.options.fill_from_pack {
            return self.diseases_of_pack();
        }
        let texts = read_all(&sources.ontologies, self.options.strictness)?;
        let mut files = vec![];
        for (path, text) in &texts {
            let imported = obo::import(name(path), text, self.options.strictness)?;
            files.push(self.keep(imported));
        }
        let mut terms = obo::union(files);
        let date =
            texts.iter().filter_map(|(_, text)| obo::release_date(text)).max().unwrap_or_default().to_owned();
        self.source(&DISEASE_ONTOLOGY, date, &borrowed(&texts));
        let nodes = match &sources.oncotree {
            Some(path) => self.oncotree(path, &mut terms, map)?,
            None => vec![],
        };
        Ok((terms, nodes.into_iter().map(|node| (node.code.clone(), node)).collect()))
    }

    fn diseases_of_pack(&mut self) -> Result<(Vec<DiseaseTerm>, BTreeMap<String, OncotreeNode>)> {
        let tables = ["diseases.tsv", "oncotree.tsv"];
        self.fill(&tables, &[&DISEASE_ONTOLOGY, &ONCOTREE])?;
        let text = |table: &str| super::load::embedded(table).unwrap_or_default();
        Ok((
            schema::read_diseases(tables[0], text(tables[0]))?,
            schema::read_oncotree(tables[1], text(tables[1]))?,
        ))
    }

    fn oncotree(
        &mut self,
        path: &Path,
        terms: &mut [DiseaseTerm],
        map: &[DiseaseCode],
    ) -> Result<Vec<OncotreeNode>> {
        let text = read_source(path, self.options.strictness)?;
        let mut imported = oncotree::import(name(path), &text, self.options.strictness)?;
        let links = oncotree::link(&mut imported.rows, terms, map);
        let notes = [
            ("kept: without disease term of its own", imported.rows.len() - links.linked),
            ("kept: disease term set or denied by disease_map.tsv", links.authored),
            ("kept: reference leads to another node's disease term", links.shared),
        ];
        imported.count.left_out.extend(notes.map(|(note, n)| (note.to_owned(), n)));
        let nodes = self.keep(imported);
        self.put("oncotree.tsv", schema::write_oncotree(&nodes));
        self.source(&ONCOTREE, date_in(name(path)), &[(path, &text)]);
        Ok(nodes)
    }

    /// Writes the CIViC tables; returns terms for diseases the ontologies do not hold.
    fn civic(&mut self, sources: &SourcePaths, vocabularies: Vocabularies) -> Result<Vec<DiseaseTerm>> {
        let Some(path) = &sources.evidence else { return Ok(vec![]) };
        let text = read_source(path, self.options.strictness)?;
        let imported = civic::statements(name(path), &text, vocabularies, self.options.strictness)?;
        if self.options.sentences {
            let kept: BTreeSet<&StatementKey> = imported.rows.iter().map(|row| &row.key).collect();
            let mut sentences = civic::sentences(name(path), &text)?;
            sentences.retain(|key, _| kept.contains(key));
            self.put("sentences.tsv", schema::write_sentences(&sentences));
        }
        let mut files: Vec<(PathBuf, String)> = vec![(path.clone(), text)];
        let (statements, mut calls) = self.of_wanted_types(imported);
        let (leaves, profiles) = self.variants(sources, &mut files)?;
        if let Some(path) = &sources.assertions {
            let text = read_source(path, self.options.strictness)?;
            let (imported, asserted) =
                civic::assertions(name(path), &text, vocabularies.diseases, self.options.strictness)?;
            let assertions = self.keep(imported);
            self.put("assertions.tsv", schema::write_assertions(&assertions));
            calls.extend(asserted);
            files.push((path.clone(), text));
        }
        calls.sort_by(|a, b| (a.profile, &a.call, &a.key).cmp(&(b.profile, &b.call, &b.key)));
        self.put("oncogenicity.tsv", schema::write_oncogenicity(&calls));
        self.put("statements.tsv", schema::write_statements(&statements));
        self.put("profiles.tsv", schema::write_profiles(&profiles));
        self.put("leaves.tsv", schema::write_leaves(&leaves));
        self.source(&CIVIC, civic_date(path, &statements), &borrowed(&files));
        Ok(missing_terms(&statements, vocabularies.diseases))
    }

    /// Writes the tables of a site's own files below `layers/NAME/`.
    fn layers(&mut self, vocabularies: Vocabularies) -> Result<Vec<LayerInfo>> {
        let mut infos: Vec<LayerInfo> = vec![];
        for path in &self.options.layers {
            let read = site::import(
                name(path),
                &read_source(path, self.options.strictness)?,
                vocabularies,
                self.options.strictness,
            )?;
            if read.info.name == "civic" || infos.iter().any(|info| info.name == read.info.name) {
                return Err(Error::Layer {
                    layer: read.info.name,
                    what: "the name is taken".to_owned(),
                    remedy: "give each layer a name of its own".to_owned(),
                });
            }
            for (file, text) in layer_tables(&read) {
                self.put(&format!("layers/{}/{file}", read.info.name), text);
            }
            self.counts.push(read.statements.count);
            infos.push(read.info);
        }
        Ok(infos)
    }

    /// Calls of all statements, and the statements this release keeps.
    fn of_wanted_types(&mut self, mut imported: Imported<Statement>) -> (Vec<Statement>, Vec<Oncogenicity>) {
        let calls = imported.rows.iter().filter_map(civic::call).collect();
        if !self.options.all_types {
            leave_out(&mut imported, StatementType::Functional, "Functional: only its call is kept");
            leave_out(&mut imported, StatementType::Oncogenic, "Oncogenic: only its call is kept");
        }
        (self.keep(imported), calls)
    }

    fn variants(
        &mut self,
        sources: &SourcePaths,
        files: &mut Vec<(PathBuf, String)>,
    ) -> Result<(Vec<Leaf>, Vec<Profile>)> {
        let strictness = self.options.strictness;
        let (Some(variants), Some(profiles)) = (&sources.variants, &sources.profiles) else {
            let Some((path, text)) = files.first() else { return Ok((vec![], vec![])) };
            let genes = known_genes(sources)?;
            let (imported, profiles) = civic_2021::variants(name(path), text, &genes, strictness)?;
            return Ok((self.keep(imported), profiles));
        };
        let text = read_source(variants, self.options.strictness)?;
        let imported = civic_variants::import(name(variants), &text, strictness)?;
        let leaves = self.keep(imported);
        files.push((variants.clone(), text));
        let text = read_source(profiles, self.options.strictness)?;
        let imported = civic_profiles::import(name(profiles), &text, &leaves, strictness)?;
        files.push((profiles.clone(), text));
        Ok((leaves, self.keep(imported)))
    }

    fn genes(&mut self, sources: &SourcePaths) -> Result<()> {
        let Some(path) = &sources.genes else { return self.fill(&["gene_names.tsv"], &[&NCBI_GENE]) };
        let text = read_source(path, self.options.strictness)?;
        let imported = ncbi_gene::import(name(path), &text, self.options.strictness)?;
        let genes = self.keep(imported);
        self.put("gene_names.tsv", schema::write_genes(&genes));
        self.source(&NCBI_GENE, date_in(name(path)), &[(path, &text)]);
        Ok(())
    }

    fn pgx(&mut self, sources: &SourcePaths) -> Result<()> {
        let (definitions, phenotypes) = (
            read_all(&sources.definitions, self.options.strictness)?,
            read_all(&sources.phenotypes, self.options.strictness)?,
        );
        if definitions.is_empty() && phenotypes.is_empty() {
            return self.fill(&["pgx_positions.tsv", "pgx_alleles.tsv", "pgx_diplotypes.tsv"], &[&PHARMCAT]);
        }
        let (functions, diplotypes) = self.phenotypes(&phenotypes)?;
        let (mut positions, mut alleles) = (BTreeMap::new(), BTreeMap::new());
        let mut version = String::new();
        for (path, text) in &definitions {
            let definition = pharmcat::definition(name(path), text, self.options.strictness)?;
            version = version.max(definition.version);
            let mut rows = self.keep(definition.alleles);
            rows.iter_mut().for_each(|allele| add_function(allele, functions.get(&definition.gene)));
            positions.insert(definition.gene.clone(), definition.positions);
            alleles.insert(definition.gene, rows);
        }
        self.put("pgx_positions.tsv", schema::write_positions(&positions));
        self.put("pgx_alleles.tsv", schema::write_alleles(&alleles));
        self.put("pgx_diplotypes.tsv", schema::write_diplotypes(&diplotypes));
        let date = version.get(..10).unwrap_or_default().to_owned();
        self.source(&PHARMCAT, date, &[borrowed(&definitions), borrowed(&phenotypes)].concat());
        Ok(())
    }

    fn phenotypes(&mut self, texts: &[(PathBuf, String)]) -> Result<(Functions, Vec<Diplotype>)> {
        let (mut functions, mut diplotypes) = (BTreeMap::new(), vec![]);
        for (path, text) in texts {
            let read = pharmcat::phenotypes(name(path), text, self.options.strictness)?;
            let rows = self.keep(read.diplotypes);
            diplotypes.extend(rows.into_iter().map(|(name, phenotype)| (read.gene.clone(), name, phenotype)));
            functions.insert(read.gene, read.functions);
        }
        Ok((functions, diplotypes))
    }
}

/// Gene → allele → (function, activity value).
type Functions = BTreeMap<GeneSymbol, BTreeMap<String, (String, Option<f64>)>>;

/// Gene names of the downloads, else of the built-in pack: what a hyphenated name speaks of.
fn known_genes(sources: &SourcePaths) -> Result<Genes> {
    let rows = match &sources.genes {
        Some(path) => {
            ncbi_gene::import(name(path), &read_source(path, Strictness::Lenient)?, Strictness::Lenient)?.rows
        }
        None => {
            let text = super::load::embedded("gene_names.tsv").unwrap_or_default();
            schema::read_genes("gene_names.tsv", text)?
        }
    };
    Ok(Genes::of(rows))
}

fn add_function(allele: &mut PgxAllele, functions: Option<&BTreeMap<String, (String, Option<f64>)>>) {
    if let Some((function, activity)) = functions.and_then(|functions| functions.get(&allele.name)) {
        allele.function.clone_from(function);
        allele.activity = *activity;
    }
}

fn leave_out(imported: &mut Imported<Statement>, kind: StatementType, reason: &str) {
    let leaving: BTreeSet<StatementKey> =
        imported.rows.iter().filter(|s| s.kind == kind).map(|s| s.key.clone()).collect();
    imported.rows.retain(|s| s.kind != kind);
    imported.count.kept -= leaving.len();
    imported.count.left_out.insert(reason.to_owned(), leaving.len());
}

/// CIViC's own name for a disease no ontology file holds; bridges may give it parents.
fn missing_terms(statements: &[Statement], diseases: &Diseases) -> Vec<DiseaseTerm> {
    let mut found: BTreeMap<Doid, String> = BTreeMap::new();
    for statement in statements {
        let unknown = statement.disease.as_ref().filter(|doid| !diseases.by_id.contains_key(*doid));
        unknown.map(|doid| found.insert(doid.clone(), statement.disease_name.clone()));
    }
    let term = |(doid, name)| DiseaseTerm { doid, name, synonyms: vec![], parents: vec![], xrefs: vec![] };
    found.into_iter().map(term).collect()
}

fn read_all(paths: &[PathBuf], strictness: Strictness) -> Result<Vec<(PathBuf, String)>> {
    paths.iter().map(|path| Ok((path.clone(), read_source(path, strictness)?))).collect()
}

fn borrowed(texts: &[(PathBuf, String)]) -> Vec<(&Path, &str)> {
    texts.iter().map(|(path, text)| (path.as_path(), text.as_str())).collect()
}

/// The file's own date; a nightly file has none, then the newest review it holds.
fn civic_date(path: &Path, statements: &[Statement]) -> String {
    match date_in(name(path)) {
        none if none.is_empty() => {
            statements.iter().filter_map(|s| s.reviewed.clone()).max().unwrap_or_default()
        }
        date => date,
    }
}

/// `01-Sep-2025-…`, `…_2025_10_03.json`, `…_2022-09.tsv` → ISO date, as precise as the name.
pub(crate) fn date_in(name: &str) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = name.split(['-', '_', '.']).collect();
    let is = |text: &str, digits: usize| text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    for triple in words.windows(3) {
        let month = MONTHS.iter().position(|month| *month == triple[1]);
        if let (Some(month), true, true) = (month, is(triple[0], 2), is(triple[2], 4)) {
            return format!("{}-{:02}-{}", triple[2], month + 1, triple[0]);
        }
        if is(triple[0], 4) && is(triple[1], 2) {
            let day = if is(triple[2], 2) { format!("-{}", triple[2]) } else { String::new() };
            return format!("{}-{}{day}", triple[0], triple[1]);
        }
    }
    String::new()
}
