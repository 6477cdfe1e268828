//! What does a loaded release hold? Plain rows; the columns are described in `knowledge/README.md`.

use concilium_evidence::{Leaf, Profile, Statement};
use concilium_terms::{ClassId, Doid, DrugName, GeneSymbol, StatementKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

/// One release in memory.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// Identity, sources and counts.
    pub manifest: Manifest,
    /// Statements sorted by (key, regimen).
    pub statements: Vec<Statement>,
    /// Sentences of statements, in a site's own release only; the built-in pack has none.
    pub sentences: BTreeMap<StatementKey, String>,
    /// Profiles sorted by id.
    pub profiles: Vec<Profile>,
    /// Leaves sorted by id.
    pub leaves: Vec<Leaf>,
    /// CIViC assertions sorted by id.
    pub assertions: Vec<Assertion>,
    /// Curated calls of single variants, sorted by gene.
    pub oncogenicity: Vec<Oncogenicity>,
    /// Which of `oncogenicity` speak of a gene; asked through `Knowledge::calls_on`.
    pub calls: CallIndex,
    /// Recurrent changes called oncogenic (`oncogenic.tsv`), by gene and protein change in normal form.
    pub oncogenic: BTreeMap<(GeneSymbol, String), Sourced>,
    /// Gene symbols and aliases.
    pub genes: Genes,
    /// Disease terms, ancestry, code map.
    pub diseases: Diseases,
    /// Drugs, classes, regimens.
    pub drugs: Drugs,
    /// In which setting a statement was studied, by key.
    pub settings: BTreeMap<StatementKey, Setting>,
    /// Rows that seem to speak against a regimen and do not settle it (`settings/possibly_prognostic.tsv`).
    pub possibly_prognostic: BTreeMap<StatementKey, Discounted>,
    /// Receptor state of the studied population, by key (`settings/required_markers.tsv`).
    pub required_markers: BTreeMap<StatementKey, RequiredMarkers>,
    /// What is known wrong in a source (`source_errata.tsv`), by key; asked through `Knowledge::erratum`.
    pub errata: BTreeMap<StatementKey, Erratum>,
    /// How a term coded without a site is read (`disease_defaults.tsv`).
    pub disease_defaults: Vec<DiseaseDefault>,
    /// Standard options not ranked here.
    pub standard: Vec<StandardOption>,
    /// Approval rows.
    pub approvals: Vec<Approval>,
    /// Safety gates.
    pub rules: Vec<SafetyRule>,
    /// Words and codes that meet a condition key.
    pub condition_words: Vec<ConditionWord>,
    /// Pharmacogene tables.
    pub pgx: Pgx,
}

/// Who says so, and has anyone checked it?
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Sourced {
    /// Document and section.
    pub source: String,
    /// Compared with an open source.
    pub checked: bool,
}

/// Identity of a release. Its hash is in every run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// `builtin`, or the site's name for it.
    pub name: String,
    /// sha256 over the sorted (file name, file hash) list of the release's tables.
    pub hash: String,
    /// Schema version of the tables.
    pub schema: u32,
    /// Newest date of any source: "knowledge as of".
    pub date: String,
    /// Sources with version, date, licence, attribution.
    pub sources: Vec<SourceInfo>,
    /// File name → sha256.
    pub files: BTreeMap<String, String>,
    /// Per importer: read, kept, refused by reason.
    pub counts: Vec<ImportCount>,
    /// A site's own layers on top; none of their rows is exported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<LayerInfo>,
}

/// A site's own layer: a licensed source, or its own curation. Never exported, never part of the built-in pack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LayerInfo {
    /// Name all its statements bear.
    pub name: String,
    /// Licence in the site's words.
    pub licence: String,
    /// Version as the source calls it.
    pub version: String,
    /// ISO date.
    pub date: String,
    /// Text to show where a licence asks for it.
    pub attribution: String,
}

/// One source of a release.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SourceInfo {
    /// `CIViC`, `Disease Ontology` …
    pub name: String,
    /// Version as the source calls it.
    pub version: String,
    /// ISO date.
    pub date: String,
    /// SPDX id or words.
    pub licence: String,
    /// Text to show where a licence asks for it.
    pub attribution: String,
    /// sha256 of each file read.
    pub files: BTreeMap<String, String>,
}

/// What an importer did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImportCount {
    /// Table.
    pub table: String,
    /// Rows read.
    pub read: usize,
    /// Rows kept.
    pub kept: usize,
    /// Rows left out on purpose or refused, by reason.
    pub left_out: BTreeMap<String, usize>,
}

/// A CIViC assertion as facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Assertion {
    /// `AID6`.
    pub key: StatementKey,
    /// Profile id.
    pub profile: u64,
    /// Disease.
    pub disease: Option<Doid>,
    /// AMP/ASCO/CAP category as written.
    pub amp: String,
    /// Guideline name and version as written.
    pub guideline: String,
    /// CIViC flags a regulatory approval.
    pub approval: bool,
    /// CIViC flags a companion test.
    pub companion_test: bool,
    /// Evidence it rests on.
    pub evidence: Vec<StatementKey>,
    /// Flagged.
    pub flagged: bool,
}

/// A curated call on one variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Oncogenicity {
    /// Profile id whose alteration is called.
    pub profile: u64,
    /// `oncogenic`, `likely-oncogenic`, `gain-of-function`, `loss-of-function`, `neutral`, `pathogenic`, `likely-pathogenic`.
    pub call: String,
    /// Statement it rests on.
    pub key: StatementKey,
}

/// Curated calls by gene: the call's row and the one leaf of its profile; made when first asked for.
#[derive(Clone, Debug, Default)]
pub struct CallIndex(pub(crate) OnceLock<HashMap<GeneSymbol, Vec<(usize, u64)>>>);

/// Gene symbols and aliases (NCBI Gene), roles (`genes.tsv`).
#[derive(Clone, Debug, Default)]
pub struct Genes {
    /// Sorted by symbol.
    pub rows: Vec<Gene>,
    /// Upper-cased alias or symbol → row indexes; made when a name is asked for that is no symbol.
    pub(crate) by_name: OnceLock<HashMap<String, Vec<usize>>>,
}

/// One gene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gene {
    /// Symbol.
    pub symbol: GeneSymbol,
    /// NCBI Gene id.
    pub entrez: u64,
    /// Aliases joined by `|`, as the table has them: most are never asked for.
    pub aliases: String,
    /// Role, when curated.
    pub role: Option<GeneRole>,
    /// Known for clonal haematopoiesis.
    pub clonal_haematopoiesis: bool,
}

/// How alterations of a gene act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GeneRole {
    /// Gain of function drives.
    Oncogene,
    /// Loss of function drives.
    TumourSuppressor,
    /// Either.
    Both,
}

/// Disease terms with ancestry of the Disease Ontology and our bridges. OncoTree's own order is never carried over.
#[derive(Clone, Debug, Default)]
pub struct Diseases {
    /// Sorted by DOID.
    pub terms: Vec<DiseaseTerm>,
    /// DOID → index.
    pub by_id: BTreeMap<Doid, usize>,
    /// Code map rows sorted by (system, code).
    pub map: Vec<DiseaseCode>,
    /// Lower-cased name or synonym → position in `terms`, cross reference → positions; made when first asked for.
    pub(crate) index: OnceLock<DiseaseIndex>,
    /// Beside each of `terms`: itself and its ancestors with their smallest distance; made when first asked for.
    pub(crate) ancestry: OnceLock<Vec<OnceLock<BTreeMap<Doid, u32>>>>,
    /// Receptor-defined diseases.
    pub markers: Vec<DiseaseMarker>,
    /// Alternative id → present id (Disease Ontology `alt_id`).
    pub alternative: BTreeMap<Doid, Doid>,
    /// OncoTree nodes by code.
    pub oncotree: BTreeMap<String, OncotreeNode>,
    /// Reviewed is-a links the ontology lacks (`disease_bridges.tsv`): (child, parent).
    pub bridges: BTreeSet<(Doid, Doid)>,
}

/// Look-ups over disease terms.
#[derive(Clone, Debug, Default)]
pub(crate) struct DiseaseIndex {
    /// Lower-cased name or synonym → position.
    pub by_name: HashMap<String, usize>,
    /// Cross reference (`NCI:C3224`) → positions.
    pub by_xref: HashMap<String, Vec<usize>>,
}

/// One tumour type of OncoTree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OncotreeNode {
    /// Code, e.g. `LUAD`.
    pub code: String,
    /// Name.
    pub name: String,
    /// Code of the parent.
    pub parent: Option<String>,
    /// NCI Thesaurus codes.
    pub nci: Vec<String>,
    /// Its disease term: by the code map, else by NCI code or exact name where that is not contradicted.
    pub doid: Option<Doid>,
}

/// One disease term.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DiseaseTerm {
    /// Id.
    pub doid: Doid,
    /// Name.
    pub name: String,
    /// Synonyms.
    pub synonyms: Vec<String>,
    /// is_a parents: union of both OBO files, then bridges.
    pub parents: Vec<Doid>,
    /// Cross references `NCI:C3224`, `SNOMEDCT_US:254637007`, `ICD10CM:C34`, `ONCOTREE:LUAD` …
    pub xrefs: Vec<String>,
}

/// One row of `disease_map.tsv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DiseaseCode {
    /// Short system name: snomed, icd10cm, icdo3-morphology, ncit, oncotree, civic-name, text.
    pub system: String,
    /// Code.
    pub code: String,
    /// Our words.
    pub label: String,
    /// Term.
    pub doid: Doid,
    /// exact, narrower, broader.
    pub relation: String,
    /// primary, secondary, in-situ, suspected, benign, history.
    pub kind: String,
    /// Source and review.
    #[serde(flatten)]
    pub sourced: Sourced,
}

/// A disease defined by tumour plus biomarkers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DiseaseMarker {
    /// The receptor-defined disease.
    pub doid: Doid,
    /// The tumour.
    pub base: Doid,
    /// (`HER2`, positive?).
    pub requires: Vec<(String, bool)>,
    /// Source and review.
    pub sourced: Sourced,
}

/// Drugs, classes, regimens.
#[derive(Clone, Debug, Default)]
pub struct Drugs {
    /// Sorted by name.
    pub rows: Vec<Drug>,
    /// Lower-cased name or synonym → index.
    pub by_name: BTreeMap<String, usize>,
    /// RxNorm id → index.
    pub by_rxnorm: BTreeMap<String, usize>,
    /// NCIt code → index.
    pub by_ncit: BTreeMap<String, usize>,
    /// SNOMED code → index.
    pub by_snomed: BTreeMap<String, usize>,
    /// Class → parents (self excluded).
    pub classes: BTreeMap<ClassId, DrugClass>,
    /// Lower-cased regimen name or synonym → regimen.
    pub regimens: BTreeMap<String, NamedRegimen>,
    /// Beside each of `rows`: its classes with all their ancestors; made when first asked for.
    pub(crate) ancestry: OnceLock<Vec<BTreeSet<ClassId>>>,
}

/// One drug.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Drug {
    /// Canonical name.
    pub name: DrugName,
    /// drug, class, unspecified.
    pub kind: String,
    /// Synonyms.
    pub synonyms: Vec<String>,
    /// Targets.
    pub targets: Vec<GeneSymbol>,
    /// Classes as written (ancestors through `Drugs::classes_of`).
    pub classes: Vec<ClassId>,
    /// antineoplastic, endocrine, supportive, other.
    pub role: String,
    /// RxNorm ids.
    pub rxnorm: Vec<String>,
    /// NCIt.
    pub ncit: Vec<String>,
    /// SNOMED.
    pub snomed: Vec<String>,
    /// Half-life in hours.
    pub half_life_h: Option<f64>,
    /// Where the half-life is from.
    pub half_life_source: String,
    /// Source and review.
    pub sourced: Sourced,
}

/// One class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DrugClass {
    /// Words.
    pub label: String,
    /// Parent class.
    pub parent: Option<ClassId>,
}

/// A named regimen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NamedRegimen {
    /// Name.
    pub name: String,
    /// Components.
    pub components: Vec<DrugName>,
    /// All components named.
    pub complete: bool,
    /// Source and review.
    pub sourced: Sourced,
}

/// One row of `settings/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Setting {
    /// neoadjuvant, adjuvant, perioperative, advanced, any.
    pub intent: Option<String>,
    /// Fewest line number in the advanced setting, 1 = untreated.
    pub line_min: Option<u32>,
    /// Most.
    pub line_max: Option<u32>,
    /// All items needed.
    pub prior_required: Vec<PriorItem>,
    /// Any item excludes.
    pub prior_excluded: Vec<PriorItem>,
    /// Years.
    pub age_min: Option<u32>,
    /// Years.
    pub age_max: Option<u32>,
    /// Excluded tumours.
    pub excluded: Vec<Doid>,
    /// Studied population in our words.
    pub population: String,
    /// Given with it in the study.
    pub backbone: Vec<DrugName>,
    /// Comparator in words.
    pub comparator: String,
    /// Effect size in words.
    pub effect: String,
    /// Source and review.
    pub sourced: Sourced,
}

/// An "against" row that is shown and never moves a regimen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Discounted {
    /// The marker made no difference to a regimen that works in all comers. Otherwise the cohort had no comparison of
    /// biomarker by treatment, so that a bad prognosis cannot be told from resistance.
    pub not_predictive: bool,
    /// Source and review.
    pub sourced: Sourced,
}

/// What a studied population had in common beside the statement's own profile: receptors, genes without an
/// alteration, grade of the tumour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequiredMarkers {
    /// All needed: (`HER2`, positive?) as in `disease_markers.tsv`.
    pub requires: Vec<(String, bool)>,
    /// Genes that were without an oncogenic alteration.
    pub not_altered: Vec<GeneSymbol>,
    /// Histological grades that were studied; empty = not said.
    pub grades: Vec<u8>,
    /// Source and review.
    pub sourced: Sourced,
}

/// One row of `source_errata.tsv`. It holds only while the statement still says what the row was written about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Erratum {
    /// May the statement count all the same? Otherwise it is only shown.
    pub counts: bool,
    /// Column of `statements.tsv` that is wrong: `therapy`, `significance`, `disease`.
    pub column: ErratumColumn,
    /// What that column says.
    pub says: String,
    /// What is wrong, in our own words.
    pub what: String,
    /// Source and review.
    pub sourced: Sourced,
}

/// Columns an erratum may speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ErratumColumn {
    /// The regimen.
    Therapy,
    /// The significance as written.
    Significance,
    /// The disease name as written.
    Disease,
}

/// One row of `disease_defaults.tsv`: `doid` coded alone is read as `read_as` unless a site word contradicts; the
/// two count as the same term in distance (narrow to broad only).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DiseaseDefault {
    /// The broad term as coded.
    pub doid: Doid,
    /// How it is read.
    pub read_as: Doid,
    /// Lower-case words in site, histology or display that forbid it.
    pub unless: Vec<String>,
    /// Source and review.
    pub sourced: Sourced,
}

/// One prior-therapy item: any of the alternatives, in at least `lines` lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PriorItem {
    /// Alternatives.
    pub any_of: Vec<PriorTherapy>,
    /// Lines that must contain one.
    pub lines: u32,
}

/// A therapy named in a prior-therapy item or gate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PriorTherapy {
    /// `drug:NAME`
    Drug(DrugName),
    /// `class:ID`, descendants included.
    Class(ClassId),
    /// `any-systemic`
    AnySystemic,
}

/// When does neo- or adjuvant therapy count as "prior" in a row about advanced disease?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EarlyTherapy {
    /// Never: the row speaks of treatment of advanced disease.
    NotCounted,
    /// Where the relapse came within so many months of its end.
    Within(u32),
    /// Always.
    Counted,
}

/// One row of `standard/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StandardOption {
    /// Tumour, descendants included.
    pub doid: Doid,
    /// Descendants it does not apply to.
    pub excludes: Vec<Doid>,
    /// resectable, locally-advanced, advanced, any.
    pub setting: String,
    /// 1, 2, 3+, any.
    pub line: String,
    /// Conditions as written in the table, split at `;`.
    pub when: Vec<String>,
    /// What a clinician calls it.
    pub option: String,
    /// Kind.
    pub kind: String,
    /// Components.
    pub components: Vec<DrugName>,
    /// Facts to obtain first, one each.
    pub needs: Vec<Need>,
    /// Where it stands in time beside molecular options: `before`, `after` or `instead`, with `: words` or alone;
    /// empty where the source does not say.
    pub sequence: String,
    /// Source and review.
    pub sourced: Sourced,
}

/// A fact to obtain before a standard option, as `kind:key=label` in the table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Need {
    /// lab, marker, gene, test, fact, pgx, text.
    pub kind: String,
    /// Within the kind: analyte, marker, gene symbol, test, fact; for `text` a short word that only names it.
    pub key: String,
    /// What a clinician calls it.
    pub label: String,
}

/// One row of `regulatory/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// Components.
    pub therapy: Vec<DrugName>,
    /// Tumour.
    pub doid: Doid,
    /// Biomarker in words.
    pub biomarker: String,
    /// US, EU.
    pub region: String,
    /// approved, accelerated, withdrawn, narrowed, not-approved, discontinued.
    pub status: String,
    /// ISO day of the regulator's decision; empty where the source does not give it.
    pub date: String,
    /// ISO day on which the source was last read against it; empty where not stated.
    pub read_on: String,
    /// Source and review.
    pub sourced: Sourced,
}

/// One row of `safety/rules.tsv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SafetyRule {
    /// Id.
    pub id: String,
    /// Drug or class it guards.
    pub applies_to: PriorTherapy,
    /// always, lab, untested, concomitant, condition, pregnancy, allergy, sex.
    pub trigger: String,
    /// Analyte, test, drug / class, condition key.
    pub what: String,
    /// Comparison with unit.
    pub test: String,
    /// contraindicated, avoid, modify, test-first, monitor.
    pub verdict: String,
    /// What to do.
    pub action: String,
    /// How old a value may be.
    pub valid_days: Option<u32>,
    /// Source and review.
    pub sourced: Sourced,
}

/// One row of `safety/condition_words.tsv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConditionWord {
    /// Condition key.
    pub key: String,
    /// snomed, icd10cm, text.
    pub system: String,
    /// Code or lower-case word.
    pub code: String,
}

/// Pharmacogene tables (PharmCAT / CPIC) and dose actions.
#[derive(Clone, Debug, Default)]
pub struct Pgx {
    /// Gene → positions that define its alleles.
    pub positions: BTreeMap<GeneSymbol, Vec<PgxPosition>>,
    /// Gene → named alleles.
    pub alleles: BTreeMap<GeneSymbol, Vec<PgxAllele>>,
    /// Gene → (`*1/*2A`, phenotype and activity) sorted by diplotype, in the order the source writes its alleles; ask
    /// through `phenotype`, which knows both orders.
    pub diplotypes: BTreeMap<GeneSymbol, Vec<(String, PgxPhenotype)>>,
    /// Dose actions sorted by (drug, gene, framework).
    pub actions: Vec<PgxAction>,
}

/// A defining position, GRCh38.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PgxPosition {
    /// Chromosome without `chr`.
    pub chromosome: String,
    /// 1-based, GRCh38.
    pub position: u64,
    /// dbSNP id, may be empty.
    pub rsid: String,
    /// Reference bases as in VCF.
    pub reference: String,
    /// Alternate bases as in VCF.
    pub alternates: Vec<String>,
}

/// A named allele.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PgxAllele {
    /// `*2A`, or `Reference`.
    pub name: String,
    /// Function as CPIC words it.
    pub function: String,
    /// Activity value, when the gene has them.
    pub activity: Option<f64>,
    /// (index into positions, bases) for positions that differ from the reference.
    pub defining: Vec<(usize, String)>,
    /// The reference allele.
    pub reference: bool,
}

/// Phenotype of a diplotype.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PgxPhenotype {
    /// Phenotype.
    pub phenotype: String,
    /// Activity score, when the gene has one.
    pub activity: Option<f64>,
}

/// What CPIC or DPWG asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PgxAction {
    /// `CPIC` or `DPWG`.
    pub framework: String,
    /// Drug.
    pub drug: DrugName,
    /// Gene.
    pub gene: GeneSymbol,
    /// Phenotype name, or `activity:1.0`.
    pub lookup: String,
    /// contraindicated, avoid, modify, monitor, none.
    pub verdict: String,
    /// Percent of the usual start dose.
    pub start_percent: Option<u32>,
    /// Strength of the recommendation.
    pub strength: String,
    /// Population as written.
    pub population: String,
    /// Link.
    pub url: String,
    /// PMID.
    pub pmid: String,
    /// Source and review.
    pub sourced: Sourced,
}
