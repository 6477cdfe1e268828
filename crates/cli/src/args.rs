//! What can be typed?

use crate::backends::VERSION;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use concilium_engine::terms::{AsOf, PartialDate};
use concilium_engine::vectors::StoreKind;
use concilium_eval::retrieval::Set;
use std::path::PathBuf;

const EXIT_CODES: &str = "Exit codes: 0 done; 1 not done; 2 wrong usage; 3 done, but some records could not be read; \
    4 a replay or check found a difference.";

/// Cited, replayable treatment planning for tumor boards.
///
/// Decision support for clinicians: it ranks and explains, people decide. No record leaves this machine; only a Qdrant
/// server, where the settings name one, is sent vectors and filters made from them.
#[derive(Debug, Parser)]
#[command(name = "concilium", version = VERSION.as_str(), propagate_version = true, max_term_width = 110, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Settings file (default: concilium.toml in this folder, if there).
    #[arg(long, global = true, env = "CONCILIUM_CONFIG", hide_env_values = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of a knowledge release to use instead of the built-in pack.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub knowledge: Option<PathBuf>,
    /// Folder where runs are kept for replay.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub runs: Option<PathBuf>,
    /// Folder of the corpora of texts.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub corpora: Option<PathBuf>,
    /// Folder of the trials.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub trials: Option<PathBuf>,
    /// Machine-readable output on standard output, nothing else there.
    #[arg(long, global = true)]
    pub json: bool,
    /// No progress and no summary, only results and errors.
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// The jobs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Plan the invented patients A–F and write their sheets under out/.
    Demo(DemoArgs),
    /// Plan a patient's records: FHIR R4 JSON or NDJSON, VCF, MAF, text notes; files or folders.
    Plan(PlanArgs),
    /// Show what was read: assembled facts, lines of therapy, conflicts and issues.
    Case(CaseArgs),
    /// Read free text by rules: what each note says, of whom, how surely, with the place of every word.
    Notes(NotesArgs),
    /// Say why an option stands where it stands.
    Explain(ExplainArgs),
    /// Plan a kept run again and compare the bytes.
    Replay(ReplayArgs),
    /// Compare two kept runs: what moved, and which fact or evidence moved it.
    Diff(DiffArgs),
    /// Build, show, verify, compare and search knowledge releases.
    Knowledge(KnowledgeArgs),
    /// Import, list and show corpora of texts: articles, statements, trials, documents of your own.
    Corpus(CorpusArgs),
    /// Fetch, list and verify model weights.
    Models(ModelsArgs),
    /// Find passages in the indexed corpora: words, "phrases" and filters such as gene:EGFR year:2019..
    Search(SearchArgs),
    /// Measure how good the program is against labels others wrote.
    Eval(EvalArgs),
    /// Import, list and show trials, and what they ask of a patient as logic.
    Trials(TrialsArgs),
    /// Look at, convert and measure images and masks: NIfTI and NRRD.
    Image(ImageArgs),
    /// Serve plans on this machine over HTTP.
    Serve(ServeArgs),
    /// Check this machine, the settings and the knowledge.
    Doctor,
    /// Print the JSON Schema of an artefact.
    Schema(SchemaArgs),
}

/// `demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where to write (default: `out` of the settings).
    #[arg(long, short, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Plan every invented case, variants too.
    #[arg(long)]
    pub all: bool,
    /// Find passages by meaning too, with the models and the store the settings name. Without it no model has a part in
    /// the demo, and it is the same everywhere.
    #[arg(long)]
    pub vectors: bool,
}

/// `plan`
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Records of one patient.
    #[arg(required = true, value_name = "RECORDS")]
    pub records: Vec<PathBuf>,
    /// Plan as of this day or zoned instant (default: now). Nothing issued later is used.
    #[arg(long, value_name = "DATE", value_parser = AsOf::parse)]
    pub as_of: Option<AsOf>,
    /// Write HTML, Markdown, JSON, FHIR and graph files into this folder.
    #[arg(long, short, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Do not keep the run for replay.
    #[arg(long)]
    pub no_keep: bool,
}

/// `case`
#[derive(Debug, Args)]
pub struct CaseArgs {
    /// Records of one patient.
    #[arg(required = true, value_name = "RECORDS")]
    pub records: Vec<PathBuf>,
    /// As of this day or zoned instant (default: now).
    #[arg(long, value_name = "DATE", value_parser = AsOf::parse)]
    pub as_of: Option<AsOf>,
}

/// `notes`
#[derive(Debug, Args)]
pub struct NotesArgs {
    /// Notes (.txt, .md), or FHIR files whose texts are read; files or folders.
    #[arg(required = true, value_name = "FILES")]
    pub files: Vec<PathBuf>,
    /// Day the notes were written, against which "3 weeks ago" is counted (default: what they say themselves).
    #[arg(long, value_name = "DATE", value_parser = PartialDate::parse)]
    pub date: Option<PartialDate>,
}

/// `explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A plan.json, a folder with one, or a run id.
    pub plan: String,
    /// Option id, label, or a part that names one: `dabrafenib+trametinib`; without it, the options are listed.
    pub option: Option<String>,
}

/// `replay`
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Run id, its beginning, or its folder.
    pub run: String,
    /// Run even if another program or knowledge made it, and show the first difference.
    #[arg(long)]
    pub anyway: bool,
}

/// `diff`
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Older run.
    pub older: String,
    /// Newer run.
    pub newer: String,
}

/// `knowledge`
#[derive(Debug, Args)]
pub struct KnowledgeArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: KnowledgeCommand,
}

/// Jobs on releases.
#[derive(Debug, Subcommand)]
pub enum KnowledgeCommand {
    /// Build a release from a folder of downloads (CIViC TSV, OBO, OncoTree, NCBI Gene, PharmCAT, found by name).
    Build {
        /// Folder with the downloads; searched to any depth.
        sources: PathBuf,
        /// Where to write the release.
        #[arg(long, short)]
        out: PathBuf,
        /// Name of the release.
        #[arg(long, default_value = "site")]
        name: String,
        /// Stop at the first row that cannot be read instead of counting it.
        #[arg(long)]
        strict: bool,
        /// Folder of authored tables to use instead of those in the binary.
        #[arg(long)]
        authored: Option<PathBuf>,
        /// A site's own statement file, e.g. of a licensed source; a layer of its own that is never exported. Columns:
        /// knowledge/README.md. May be given several times.
        #[arg(long, value_name = "FILE")]
        layer: Vec<PathBuf>,
    },
    /// Turn a site's own statement file into a layer folder for the setting `layers`.
    Layer {
        /// The file; columns: knowledge/README.md.
        file: PathBuf,
        /// Where to write the layer.
        #[arg(long, short)]
        out: PathBuf,
        /// Count rows that cannot be read instead of stopping at the first.
        #[arg(long)]
        lenient: bool,
    },
    /// Show sources, licences, layers and counts of the release in use; with keys, those statements.
    Show {
        /// Statement keys, e.g. EID1409.
        keys: Vec<String>,
    },
    /// Check hashes and that every reference resolves.
    Verify {
        /// Release folder; default: the release in use.
        release: Option<PathBuf>,
    },
    /// Compare two releases: what was added, what went, what changed; with records, which plans move.
    Diff {
        /// Older release folder, or `builtin`.
        older: String,
        /// Newer release folder, or `builtin`.
        newer: String,
        /// Records to plan with both: files or a folder of one patient, or a folder with a folder per patient.
        #[arg(long, num_args = 1.., value_name = "RECORDS")]
        plan: Vec<PathBuf>,
        /// As of this day or zoned instant (default: now).
        #[arg(long, value_name = "DATE", value_parser = AsOf::parse)]
        as_of: Option<AsOf>,
    },
    /// Find statements by gene, variant, drug, disease or key.
    Search {
        /// Words; all must occur.
        #[arg(required = true)]
        words: Vec<String>,
        /// Show at most so many.
        #[arg(long, default_value_t = 30)]
        limit: usize,
    },
}

/// `corpus`
#[derive(Debug, Args)]
pub struct CorpusArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CorpusCommand,
}

/// Jobs on corpora.
#[derive(Debug, Subcommand)]
pub enum CorpusCommand {
    /// Import files into a corpus, made when missing. What was imported before is passed by.
    Import(CorpusImportArgs),
    /// Index a corpus, or all, for searching: its words and, where the settings name a model, its vectors. What is
    /// indexed is passed by; a stopped run goes on where it was.
    Index {
        /// Corpus; without one, all.
        name: Option<String>,
        /// Words only, whatever the settings name.
        #[arg(long)]
        lexical_only: bool,
    },
    /// Copy vectors from one kind of store to another and count them in both; no model is needed. The old ones stay.
    Migrate {
        /// Corpus; without one, all that have vectors there.
        name: Option<String>,
        /// Store they lie in.
        #[arg(long, value_parser = store_kinds(), value_name = "STORE")]
        from: StoreKind,
        /// Store they go to.
        #[arg(long, value_parser = store_kinds(), value_name = "STORE")]
        to: StoreKind,
    },
    /// Have the Qdrant server write a snapshot of the vectors of a corpus, or of all.
    Snapshot {
        /// Corpus; without one, all that have vectors there.
        name: Option<String>,
    },
    /// List the corpora with their documents and vectors.
    List,
    /// Show what came into a corpus, or one document with its passages.
    Show {
        /// Corpus.
        name: String,
        /// Document id, such as `pmid:123`.
        document: Option<String>,
        /// Check every hash, id and section instead.
        #[arg(long, conflicts_with = "document")]
        verify: bool,
    },
}

/// Names of the kinds of stores.
fn store_kinds() -> impl TypedValueParser<Value = StoreKind> {
    let names = StoreKind::ALL.map(StoreKind::name);
    PossibleValuesParser::new(names)
        .map(|name| StoreKind::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or_default())
}

/// Names of the importers.
fn formats() -> clap::builder::PossibleValuesParser {
    concilium_engine::corpus::FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().into()
}

/// `corpus import`
#[derive(Debug, Args)]
pub struct CorpusImportArgs {
    /// Corpus: lower-case letters, digits, `-`, `_`, `.`.
    pub name: String,
    /// PubMed or JATS XML, CIViC TSV, registry JSON, .txt, .md, documents as .jsonl; plain or .gz; files or folders.
    #[arg(required = true, value_name = "INPUTS")]
    pub inputs: Vec<PathBuf>,
    /// Importer for all inputs instead of recognising each.
    #[arg(long, value_parser = formats())]
    pub format: Option<String>,
    /// Terms under which you hold the texts; kept with a new corpus.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub licence: String,
    /// A new corpus holds invented documents and nothing else.
    #[arg(long)]
    pub invented: bool,
    /// Stop at the first record or file that cannot be read instead of leaving it out and counting it.
    #[arg(long)]
    pub strict: bool,
}

/// `models`
#[derive(Debug, Args)]
pub struct ModelsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ModelsCommand,
}

/// Jobs on model weights.
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// Bring what lacks into the folder of models. Opens an outgoing connection: to the addresses in models.lock, or
    /// through pip, sending no record content.
    Fetch {
        /// Model; default: those the program uses.
        name: Option<String>,
    },
    /// Show which models are there, which lack, and what that means.
    List,
    /// Hash every file and compare; exit code 4 when one differs.
    Verify {
        /// Model; default: those of which anything is there.
        name: Option<String>,
    },
}

/// `trials`
#[derive(Debug, Args)]
pub struct TrialsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: TrialsCommand,
}

/// Jobs on trials.
#[derive(Debug, Subcommand)]
pub enum TrialsCommand {
    /// Import trials: registry JSON (API v2: a study, a page, a study a line, the bulk zip), CTML in JSON or YAML, tables
    /// with `nctid`, FHIR ResearchStudy. What is stored as it stands is passed by; a newer version takes its place.
    Import {
        /// Files or folders.
        #[arg(required = true, value_name = "INPUTS")]
        inputs: Vec<PathBuf>,
    },
    /// Read the stored texts again with the rules of this program and the knowledge in use.
    Update,
    /// List the trials with status, arms and how much of their criteria is logic.
    List,
    /// Show one trial.
    Show {
        /// Registry id or protocol number.
        id: String,
    },
    /// Show what a trial asks: text and logic one under the other, with the bytes; or count over files.
    Criteria {
        /// Registry id or protocol number.
        #[arg(required_unless_present = "stats")]
        id: Option<String>,
        /// Count over these files instead; nothing is stored.
        #[arg(long, num_args = 1.., value_name = "INPUTS", conflicts_with = "id")]
        stats: Vec<PathBuf>,
        /// Only trials with an oncology word among their conditions; the words are printed.
        #[arg(long, requires = "stats")]
        oncology: bool,
        /// So many trials, drawn by the seed; 0 = all.
        #[arg(long, default_value_t = 0, requires = "stats", value_name = "N")]
        sample: usize,
        /// Seed of the draw.
        #[arg(long, default_value_t = 1, requires = "stats")]
        seed: u64,
    },
    /// Hold one patient against the stored trials: arm by arm, what is met, what fails and until when, what nobody knows.
    /// Nobody is called eligible.
    Screen {
        /// Records of one patient.
        #[arg(required = true, value_name = "RECORDS")]
        records: Vec<PathBuf>,
        /// As of this day or zoned instant (default: now).
        #[arg(long, value_name = "DATE", value_parser = AsOf::parse)]
        as_of: Option<AsOf>,
        /// Only this trial, with every criterion, its words and the facts that decide; may be given several times.
        #[arg(long, value_name = "ID")]
        trial: Vec<String>,
        /// List closed and blocked arms too.
        #[arg(long)]
        all: bool,
    },
}

/// `search`
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Words, "phrases" and filters; names are met through their synonyms.
    #[arg(required = true, value_name = "WORDS")]
    pub words: Vec<String>,
    /// Only passages for which this holds: `gene:EGFR year:2019.. -standing:retracted`.
    #[arg(long, value_name = "FILTERS", default_value = "", allow_hyphen_values = true)]
    pub filter: String,
    /// Show at most so many.
    #[arg(long, default_value_t = 10)]
    pub limit: usize,
    /// Passages of one document at most.
    #[arg(long, default_value_t = 2, value_name = "N")]
    pub per_document: usize,
    /// Passages of one claim at most: the same genes, drugs and diseases, and both of success or both of failure.
    #[arg(long, default_value_t = 3, value_name = "N")]
    pub per_claim: usize,
    /// Only this corpus; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub corpus: Vec<String>,
    /// Find by words only, whatever the settings name.
    #[arg(long)]
    pub lexical_only: bool,
}

/// `eval`
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// What to measure.
    #[command(subcommand)]
    pub command: EvalCommand,
}

/// What can be measured.
#[derive(Debug, Subcommand)]
pub enum EvalCommand {
    /// Which passages are found, beside BM25 alone. Labels are read where they lie and never copied.
    Retrieval(EvalRetrievalArgs),
}

/// `eval retrieval`
#[derive(Debug, Args)]
pub struct EvalRetrievalArgs {
    /// What to measure; may be given several times. Default: all but `beir`, which wants --beir.
    #[arg(long = "set", value_name = "SET", value_parser = sets())]
    pub sets: Vec<String>,
    /// Folder of the evaluation data: `eval/`, `literature/` and `knowledge/civic_*/` below it.
    #[arg(long, default_value = "../shared/data", value_name = "FOLDER")]
    pub data: PathBuf,
    /// Folder with corpus.jsonl, queries.jsonl and qrels/test.tsv.
    #[arg(long, value_name = "FOLDER")]
    pub beir: Option<PathBuf>,
    /// Every step: words by field, synonyms, narrower diseases, vectors alone, ways to join.
    #[arg(long)]
    pub ablate: bool,
    /// Choose weights on one half of the questions and report them on the other; instead of the tables without --ablate.
    #[arg(long)]
    pub tune: bool,
    /// Decides halves, resamples and which other names are asked with.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Keep vectors in this folder between runs.
    #[arg(long, value_name = "FOLDER")]
    pub vectors: Option<PathBuf>,
    /// Words only, also where a model of embeddings is there.
    #[arg(long)]
    pub no_vectors: bool,
}

/// Names of the sets.
fn sets() -> clap::builder::PossibleValuesParser {
    let all = Set::OWN.into_iter().chain([Set::Beir]);
    all.map(Set::name).collect::<Vec<_>>().into()
}

/// `serve`
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address to listen on (default: loopback, from the settings).
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "port")]
    pub bind: Option<String>,
    /// Port on loopback; 0 takes a free one, and the address is printed.
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Allow an address that other machines can reach. There are no accounts: everybody who reaches it can plan.
    #[arg(long)]
    pub allow_remote: bool,
}

/// `schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Artefact name; without one, the names are listed.
    pub name: Option<String>,
}

/// `image`
#[derive(Debug, Args)]
pub struct ImageArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ImageCommand,
}

/// Jobs on images.
#[derive(Debug, Subcommand)]
pub enum ImageCommand {
    /// Show grid, type and value range of images or label maps.
    Inspect {
        /// Files: .nii, .nii.gz, .nrrd, .nhdr.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Write an image in another format.
    Convert {
        /// What to read.
        #[arg(value_name = "FROM")]
        from: PathBuf,
        /// What to write; the ending says the format: .nii, .nii.gz or .nrrd.
        #[arg(value_name = "TO")]
        to: PathBuf,
        /// Write NIfTI-2 instead of NIfTI-1.
        #[arg(long)]
        nifti2: bool,
    },
    /// Compute the radiomic features of one region.
    Measure(ImageMeasureArgs),
}

/// `image measure`
#[derive(Debug, Args)]
pub struct ImageMeasureArgs {
    /// The image.
    #[arg(value_name = "IMAGE")]
    pub image: PathBuf,
    /// The label map, on the image's grid.
    #[arg(value_name = "MASK")]
    pub mask: PathBuf,
    /// Label of the region (default: that of the settings, else 1).
    #[arg(long, value_name = "N")]
    pub label: Option<u32>,
    /// Whose names and rules.
    #[arg(long, value_enum, default_value = "ibsi")]
    pub profile: ImageProfile,
    /// Settings of the profile: YAML; for `pyradiomics` its own parameter file. What is not followed is refused.
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Write a table feature,value,unit into this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Whose features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ImageProfile {
    /// The features of IBSI-1.
    Ibsi,
    /// The features of PyRadiomics under its own names.
    Pyradiomics,
}
