//! How do the compiled tables look on disk? One writer and one reader per table, side by side.

use crate::error::{Refusal, Result};
use crate::import::civic::{kind_of, level_of, significance};
use crate::import::civic_profiles::{parse_ids, to_ids};
use crate::model::*;
use crate::tsv::{Comments, Row, Table, Writer};
use concilium_evidence::{
    EvidenceLevel, Leaf, Profile, Regimen, Stance, Statement, StatementType, VariantOrigin,
};
use concilium_terms::{Doid, DrugName, GeneSymbol, StatementKey};
use std::collections::BTreeMap;

type Read<T> = std::result::Result<T, Refusal>;

/// Reads every row; the first refusal is the error, because a release is written by this program.
pub(crate) fn read<T>(
    file: &str,
    text: &str,
    columns: &[&str],
    row: impl Fn(&Row) -> Read<T>,
) -> Result<Vec<T>> {
    let table = Table::parse(file, text, Comments::Skipped, columns)?;
    let rows: Read<Vec<T>> = table.rows().map(|line| row(&line)).collect();
    Ok(rows?)
}

fn flag(value: bool) -> &'static str {
    if value { "yes" } else { "" }
}

fn optional(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn joined<T: std::fmt::Display>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join("|")
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Columns of `statements.tsv`; a site's own statements file has the same.
pub const STATEMENTS: &[&str] = &[
    "key",
    "layer",
    "profile",
    "disease",
    "disease_name",
    "therapy",
    "given",
    "substitute",
    "type",
    "stance",
    "significance",
    "level",
    "rating",
    "origin",
    "flagged",
    "source_type",
    "citation",
    "year",
    "trials",
    "reviewed",
];

/// Statements as a table.
pub fn write_statements(statements: &[Statement]) -> String {
    let mut writer = Writer::new(STATEMENTS);
    for s in statements {
        writer.row(&[
            s.key.to_string(),
            s.layer.clone(),
            s.profile.to_string(),
            optional(s.disease.as_ref()),
            s.disease_name.clone(),
            s.regimen.as_ref().map(|r| joined(&r.components)).unwrap_or_default(),
            s.regimen.as_ref().map(given).unwrap_or_default(),
            flag(s.substitute).to_owned(),
            kind_text(s.kind).to_owned(),
            stance_text(s.stance).to_owned(),
            s.significance_text.clone(),
            level_text(s.level).to_owned(),
            optional(s.rating),
            origin_text(s.origin).to_owned(),
            flag(s.flagged).to_owned(),
            s.source_type.clone(),
            s.citation.clone(),
            optional(s.year),
            s.trials.join("|"),
            s.reviewed.clone().unwrap_or_default(),
        ]);
    }
    writer.finish()
}

/// Reads `statements.tsv`, sorted by (key, regimen).
///
/// # Errors
/// A missing column or a refused cell.
pub fn read_statements(file: &str, text: &str) -> Result<Vec<Statement>> {
    let mut statements = read(file, text, STATEMENTS, statement)?;
    statements.sort_by(|a, b| (&a.key, &a.regimen).cmp(&(&b.key, &b.regimen)));
    Ok(statements)
}

fn statement(row: &Row) -> Read<Statement> {
    let wrong = |column: &str| {
        row.refuse(column, &format!("`{}` is unknown", row.get(column)), "see the table's schema")
    };
    Ok(Statement {
        key: StatementKey::new(row.get("key")),
        layer: row.get("layer").to_owned(),
        profile: row.needed_number("profile")?,
        disease: some(row.get("disease")).map(Doid::new),
        disease_name: row.get("disease_name").to_owned(),
        regimen: regimen(row),
        substitute: row.get("substitute") == "yes",
        kind: kind_of(row.get("type")).ok_or_else(|| wrong("type"))?,
        stance: stance(row.get("stance")).ok_or_else(|| wrong("stance"))?,
        significance: significance(row.get("significance")),
        significance_text: row.get("significance").to_owned(),
        level: level_of(row.get("level")).ok_or_else(|| wrong("level"))?,
        rating: row.number("rating")?,
        origin: origin(row.get("origin")).ok_or_else(|| wrong("origin"))?,
        flagged: row.get("flagged") == "yes",
        source_type: row.get("source_type").to_owned(),
        citation: row.get("citation").to_owned(),
        year: row.number("year")?,
        trials: row.list("trials").into_iter().map(str::to_owned).collect(),
        reviewed: some(row.get("reviewed")),
    })
}

/// `sequential`, `incomplete`, both, or nothing: together and fully named.
fn given(regimen: &Regimen) -> String {
    let words = [(regimen.sequential, "sequential"), (regimen.incomplete, "incomplete")];
    words.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect::<Vec<_>>().join("|")
}

fn regimen(row: &Row) -> Option<Regimen> {
    let components: Vec<DrugName> = row.list("therapy").into_iter().map(DrugName::new).collect();
    let given = row.list("given");
    let says = |word: &str| given.contains(&word);
    (!components.is_empty()).then(|| Regimen::new(components, says("sequential"), says("incomplete")))
}

fn kind_text(kind: StatementType) -> &'static str {
    match kind {
        StatementType::Predictive => "Predictive",
        StatementType::Prognostic => "Prognostic",
        StatementType::Diagnostic => "Diagnostic",
        StatementType::Predisposing => "Predisposing",
        StatementType::Oncogenic => "Oncogenic",
        StatementType::Functional => "Functional",
    }
}

fn level_text(level: EvidenceLevel) -> &'static str {
    match level {
        EvidenceLevel::A => "A",
        EvidenceLevel::B => "B",
        EvidenceLevel::C => "C",
        EvidenceLevel::D => "D",
        EvidenceLevel::E => "E",
    }
}

fn stance_text(stance: Stance) -> &'static str {
    match stance {
        Stance::Supports => "supports",
        Stance::DoesNotSupport => "does-not-support",
        Stance::NotStated => "",
    }
}

fn stance(text: &str) -> Option<Stance> {
    [Stance::Supports, Stance::DoesNotSupport, Stance::NotStated]
        .into_iter()
        .find(|s| stance_text(*s) == text)
}

fn origin_text(origin: VariantOrigin) -> &'static str {
    match origin {
        VariantOrigin::Somatic => "somatic",
        VariantOrigin::RareGermline => "rare-germline",
        VariantOrigin::CommonGermline => "common-germline",
        VariantOrigin::Unstated => "",
    }
}

fn origin(text: &str) -> Option<VariantOrigin> {
    let all = [
        VariantOrigin::Somatic,
        VariantOrigin::RareGermline,
        VariantOrigin::CommonGermline,
        VariantOrigin::Unstated,
    ];
    all.into_iter().find(|origin| origin_text(*origin) == text)
}

/// Columns of `profiles.tsv`; `leaves` is the expression over variant ids.
pub const PROFILES: &[&str] = &["id", "name", "leaves"];

/// Profiles as a table.
pub fn write_profiles(profiles: &[Profile]) -> String {
    let mut writer = Writer::new(PROFILES);
    profiles.iter().for_each(|p| writer.row(&[p.id.to_string(), p.name.clone(), to_ids(&p.expr)]));
    writer.finish()
}

/// Reads `profiles.tsv`, sorted by id.
///
/// # Errors
/// A missing column or an expression that cannot be read.
pub fn read_profiles(file: &str, text: &str) -> Result<Vec<Profile>> {
    let mut profiles = read(file, text, PROFILES, |row| {
        let expr = parse_ids(row.get("leaves"))
            .map_err(|why| row.refuse("leaves", &why, "write ids, AND, OR, NOT, ( )"))?;
        Ok(Profile { id: row.needed_number("id")?, name: row.get("name").to_owned(), expr })
    })?;
    profiles.sort_by_key(|profile| profile.id);
    Ok(profiles)
}

/// Columns of `leaves.tsv`; `pattern` is the typed pattern as JSON.
pub const LEAVES: &[&str] = &["id", "name", "pattern"];

/// Leaves as a table.
pub fn write_leaves(leaves: &[Leaf]) -> String {
    let mut writer = Writer::new(LEAVES);
    for leaf in leaves {
        let pattern = serde_json::to_string(&leaf.pattern).unwrap_or_default();
        writer.row(&[leaf.id.to_string(), leaf.name.clone(), pattern]);
    }
    writer.finish()
}

/// Reads `leaves.tsv`, sorted by id.
///
/// # Errors
/// A missing column or a pattern that cannot be read.
pub fn read_leaves(file: &str, text: &str) -> Result<Vec<Leaf>> {
    let mut leaves = read(file, text, LEAVES, |row| {
        let pattern = serde_json::from_str(row.get("pattern"))
            .map_err(|why| row.refuse("pattern", &why.to_string(), "see schemas for the pattern"))?;
        Ok(Leaf { id: row.needed_number("id")?, name: row.get("name").to_owned(), pattern })
    })?;
    leaves.sort_by_key(|leaf| leaf.id);
    Ok(leaves)
}

/// Columns of `sentences.tsv`.
pub const SENTENCES: &[&str] = &["key", "sentence"];

/// Sentences as a table.
pub fn write_sentences(sentences: &BTreeMap<StatementKey, String>) -> String {
    let mut writer = Writer::new(SENTENCES);
    sentences.iter().for_each(|(key, sentence)| writer.row(&[key.as_str(), sentence]));
    writer.finish()
}

/// Reads `sentences.tsv`.
///
/// # Errors
/// A missing column.
pub fn read_sentences(file: &str, text: &str) -> Result<BTreeMap<StatementKey, String>> {
    let row = |row: &Row| Ok((StatementKey::new(row.get("key")), row.get("sentence").to_owned()));
    Ok(read(file, text, SENTENCES, row)?.into_iter().collect())
}

/// Columns of a layer's `layer.tsv`: one row.
pub const LAYER: &[&str] = &["name", "licence", "version", "date", "attribution"];

/// What a layer is, as a table of one row.
pub fn write_layer(info: &LayerInfo) -> String {
    let mut writer = Writer::new(LAYER);
    writer.row(&[&info.name, &info.licence, &info.version, &info.date, &info.attribution]);
    writer.finish()
}

/// Reads `layer.tsv`; `None` when it has no row.
///
/// # Errors
/// A missing column.
pub fn read_layer(file: &str, text: &str) -> Result<Option<LayerInfo>> {
    let rows = read(file, text, LAYER, |row| {
        Ok(LayerInfo {
            name: row.get("name").to_owned(),
            licence: row.get("licence").to_owned(),
            version: row.get("version").to_owned(),
            date: row.get("date").to_owned(),
            attribution: row.get("attribution").to_owned(),
        })
    })?;
    Ok(rows.into_iter().next())
}

/// Columns of `assertions.tsv`.
pub const ASSERTIONS: &[&str] =
    &["key", "profile", "disease", "amp", "guideline", "approval", "companion_test", "evidence", "flagged"];

/// Assertions as a table.
pub fn write_assertions(assertions: &[Assertion]) -> String {
    let mut writer = Writer::new(ASSERTIONS);
    for a in assertions {
        writer.row(&[
            a.key.to_string(),
            a.profile.to_string(),
            optional(a.disease.as_ref()),
            a.amp.clone(),
            a.guideline.clone(),
            flag(a.approval).to_owned(),
            flag(a.companion_test).to_owned(),
            joined(&a.evidence),
            flag(a.flagged).to_owned(),
        ]);
    }
    writer.finish()
}

/// Reads `assertions.tsv`, sorted by key.
///
/// # Errors
/// A missing column or a refused cell.
pub fn read_assertions(file: &str, text: &str) -> Result<Vec<Assertion>> {
    let mut assertions = read(file, text, ASSERTIONS, |row| {
        Ok(Assertion {
            key: StatementKey::new(row.get("key")),
            profile: row.needed_number("profile")?,
            disease: some(row.get("disease")).map(Doid::new),
            amp: row.get("amp").to_owned(),
            guideline: row.get("guideline").to_owned(),
            approval: row.get("approval") == "yes",
            companion_test: row.get("companion_test") == "yes",
            evidence: row.list("evidence").into_iter().map(StatementKey::new).collect(),
            flagged: row.get("flagged") == "yes",
        })
    })?;
    assertions.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(assertions)
}

/// Columns of `oncogenicity.tsv`.
pub const ONCOGENICITY: &[&str] = &["profile", "call", "key"];

/// Calls as a table.
pub fn write_oncogenicity(calls: &[Oncogenicity]) -> String {
    let mut writer = Writer::new(ONCOGENICITY);
    calls
        .iter()
        .for_each(|call| writer.row(&[call.profile.to_string(), call.call.clone(), call.key.to_string()]));
    writer.finish()
}

/// Reads `oncogenicity.tsv`.
///
/// # Errors
/// A missing column or a refused cell.
pub fn read_oncogenicity(file: &str, text: &str) -> Result<Vec<Oncogenicity>> {
    read(file, text, ONCOGENICITY, |row| {
        Ok(Oncogenicity {
            profile: row.needed_number("profile")?,
            call: row.get("call").to_owned(),
            key: StatementKey::new(row.get("key")),
        })
    })
}

/// Columns of `diseases.tsv`.
pub const DISEASES: &[&str] = &["doid", "name", "synonyms", "parents", "xrefs"];

/// Disease terms as a table.
pub fn write_diseases(terms: &[DiseaseTerm]) -> String {
    let mut writer = Writer::new(DISEASES);
    for term in terms {
        let synonyms = joined(&term.synonyms);
        writer.row(&[
            term.doid.to_string(),
            term.name.clone(),
            synonyms,
            joined(&term.parents),
            joined(&term.xrefs),
        ]);
    }
    writer.finish()
}

/// Reads `diseases.tsv`, sorted by id.
///
/// # Errors
/// A missing column.
pub fn read_diseases(file: &str, text: &str) -> Result<Vec<DiseaseTerm>> {
    let strings = |parts: Vec<&str>| parts.into_iter().map(str::to_owned).collect();
    let mut terms = read(file, text, DISEASES, |row| {
        Ok(DiseaseTerm {
            doid: Doid::new(row.get("doid")),
            name: row.get("name").to_owned(),
            synonyms: strings(row.list("synonyms")),
            parents: row.list("parents").into_iter().map(Doid::new).collect(),
            xrefs: strings(row.list("xrefs")),
        })
    })?;
    terms.sort_by(|a, b| a.doid.cmp(&b.doid));
    Ok(terms)
}

/// Columns of `oncotree.tsv`.
pub const ONCOTREE: &[&str] = &["code", "name", "parent", "nci", "doid"];

/// OncoTree nodes as a table.
pub fn write_oncotree(nodes: &[OncotreeNode]) -> String {
    let mut writer = Writer::new(ONCOTREE);
    for node in nodes {
        let parent = node.parent.clone().unwrap_or_default();
        writer.row(&[
            node.code.clone(),
            node.name.clone(),
            parent,
            joined(&node.nci),
            optional(node.doid.as_ref()),
        ]);
    }
    writer.finish()
}

/// Reads `oncotree.tsv` by code.
///
/// # Errors
/// A missing column.
pub fn read_oncotree(file: &str, text: &str) -> Result<BTreeMap<String, OncotreeNode>> {
    let nodes = read(file, text, ONCOTREE, |row| {
        Ok(OncotreeNode {
            code: row.get("code").to_owned(),
            name: row.get("name").to_owned(),
            parent: some(row.get("parent")),
            nci: row.list("nci").into_iter().map(str::to_owned).collect(),
            doid: some(row.get("doid")).map(Doid::new),
        })
    })?;
    Ok(nodes.into_iter().map(|node| (node.code.clone(), node)).collect())
}

/// Columns of `gene_names.tsv`.
pub const GENE_NAMES: &[&str] = &["symbol", "entrez", "aliases"];

/// Gene names as a table.
pub fn write_genes(genes: &[Gene]) -> String {
    let mut writer = Writer::new(GENE_NAMES);
    genes.iter().for_each(|gene| {
        writer.row(&[gene.symbol.to_string(), gene.entrez.to_string(), gene.aliases.clone()]);
    });
    writer.finish()
}

/// Reads `gene_names.tsv`, sorted by symbol.
///
/// # Errors
/// A missing column or a refused cell.
pub fn read_genes(file: &str, text: &str) -> Result<Vec<Gene>> {
    let mut genes = read(file, text, GENE_NAMES, |row| {
        Ok(Gene {
            symbol: GeneSymbol::new(row.get("symbol")),
            entrez: row.needed_number("entrez")?,
            aliases: row.get("aliases").to_owned(),
            role: None,
            clonal_haematopoiesis: false,
        })
    })?;
    genes.sort_by(|a, b| (&a.symbol, a.entrez).cmp(&(&b.symbol, b.entrez)));
    Ok(genes)
}

/// Columns of `pgx_positions.tsv`; rows of a gene are in the order the alleles index.
pub const PGX_POSITIONS: &[&str] = &["gene", "chromosome", "position", "rsid", "reference", "alternates"];

/// Defining positions as a table.
pub fn write_positions(positions: &BTreeMap<GeneSymbol, Vec<PgxPosition>>) -> String {
    let mut writer = Writer::new(PGX_POSITIONS);
    for (gene, position) in positions.iter().flat_map(|(gene, rows)| rows.iter().map(move |row| (gene, row)))
    {
        writer.row(&[
            gene.to_string(),
            position.chromosome.clone(),
            position.position.to_string(),
            position.rsid.clone(),
            position.reference.clone(),
            position.alternates.join("|"),
        ]);
    }
    writer.finish()
}

/// Reads `pgx_positions.tsv`.
///
/// # Errors
/// A missing column or a refused cell.
pub fn read_positions(file: &str, text: &str) -> Result<BTreeMap<GeneSymbol, Vec<PgxPosition>>> {
    let rows = read(file, text, PGX_POSITIONS, |row| {
        let position = PgxPosition {
            chromosome: row.get("chromosome").to_owned(),
            position: row.needed_number("position")?,
            rsid: row.get("rsid").to_owned(),
            reference: row.get("reference").to_owned(),
            alternates: row.list("alternates").into_iter().map(str::to_owned).collect(),
        };
        Ok((GeneSymbol::new(row.get("gene")), position))
    })?;
    Ok(grouped(rows))
}

/// Columns of `pgx_alleles.tsv`; `defining` is `position index=bases` joined by `|`.
pub const PGX_ALLELES: &[&str] = &["gene", "name", "function", "activity", "defining", "reference"];

/// Named alleles as a table.
pub fn write_alleles(alleles: &BTreeMap<GeneSymbol, Vec<PgxAllele>>) -> String {
    let mut writer = Writer::new(PGX_ALLELES);
    for (gene, allele) in alleles.iter().flat_map(|(gene, rows)| rows.iter().map(move |row| (gene, row))) {
        let defining: Vec<String> =
            allele.defining.iter().map(|(at, bases)| format!("{at}={bases}")).collect();
        writer.row(&[
            gene.to_string(),
            allele.name.clone(),
            allele.function.clone(),
            optional(allele.activity),
            defining.join("|"),
            flag(allele.reference).to_owned(),
        ]);
    }
    writer.finish()
}

/// Reads `pgx_alleles.tsv`.
///
/// # Errors
/// A missing column or a refused cell.
pub fn read_alleles(file: &str, text: &str) -> Result<BTreeMap<GeneSymbol, Vec<PgxAllele>>> {
    let rows = read(file, text, PGX_ALLELES, |row| {
        let pair = |text: &str| {
            text.split_once('=').and_then(|(at, bases)| Some((at.parse().ok()?, bases.to_owned())))
        };
        let defining: Option<Vec<(usize, String)>> = row.list("defining").into_iter().map(pair).collect();
        let allele = PgxAllele {
            name: row.get("name").to_owned(),
            function: row.get("function").to_owned(),
            activity: row.number("activity")?,
            defining: defining
                .ok_or_else(|| row.refuse("defining", "not `index=bases`", "see the schema"))?,
            reference: row.get("reference") == "yes",
        };
        Ok((GeneSymbol::new(row.get("gene")), allele))
    })?;
    Ok(grouped(rows))
}

fn grouped<T>(rows: Vec<(GeneSymbol, T)>) -> BTreeMap<GeneSymbol, Vec<T>> {
    let mut found: BTreeMap<GeneSymbol, Vec<T>> = BTreeMap::new();
    rows.into_iter().for_each(|(gene, row)| found.entry(gene).or_default().push(row));
    found
}

/// Columns of `pgx_diplotypes.tsv`.
pub const PGX_DIPLOTYPES: &[&str] = &["gene", "diplotype", "phenotype", "activity"];

/// One diplotype's phenotype.
pub type Diplotype = (GeneSymbol, String, PgxPhenotype);

/// Diplotypes as a table, one order each.
pub fn write_diplotypes(diplotypes: &[Diplotype]) -> String {
    let mut writer = Writer::new(PGX_DIPLOTYPES);
    for (gene, name, row) in diplotypes {
        writer.row(&[gene.to_string(), name.clone(), row.phenotype.clone(), optional(row.activity)]);
    }
    writer.finish()
}

/// Reads `pgx_diplotypes.tsv`, sorted by diplotype within each gene.
///
/// # Errors
/// A missing column or a refused cell.
pub fn read_diplotypes(file: &str, text: &str) -> Result<BTreeMap<GeneSymbol, Vec<(String, PgxPhenotype)>>> {
    let table = Table::parse(file, text, Comments::Skipped, PGX_DIPLOTYPES)?;
    let mut found: BTreeMap<GeneSymbol, Vec<(String, PgxPhenotype)>> = BTreeMap::new();
    for row in table.rows() {
        let phenotype =
            PgxPhenotype { phenotype: row.get("phenotype").to_owned(), activity: row.number("activity")? };
        let named = (row.get("diplotype").to_owned(), phenotype);
        match found.get_mut(row.get("gene")) {
            Some(rows) => rows.push(named),
            None => drop(found.insert(GeneSymbol::new(row.get("gene")), vec![named])),
        }
    }
    found.values_mut().for_each(|rows| rows.sort_by(|a, b| a.0.cmp(&b.0)));
    Ok(found)
}
