//! What can be typed?

use crate::backends::VERSION;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use concilium_engine::cohort::{OutReason, REASONS, STATES, State};
use concilium_engine::terms::{AsOf, PartialDate};
use concilium_engine::vectors::StoreKind;
use concilium_eval::retrieval::Set;
use std::path::PathBuf;

const EXIT_CODES: &str = "Exit codes: 0 done; 1 not done; 2 wrong usage; 3 done, but some records could not be read; \
    4 a replay or check found a difference.";

/// Cited, replayable treatment planning for tumor boards.
///
/// Decision support for clinicians: it ranks and explains, people decide. No record leaves this machine. Only where they
/// are named, a Qdrant server is sent vectors and filters made from records, and a model server what an option rests on.
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
    /// File of the cohort: patients' records, answers, worklist, alerts.
    #[arg(long, global = true, value_name = "FILE")]
    pub cohort: Option<PathBuf>,
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
    /// Say a finished plan in words: the records' own, or a model's where every sentence is carried by its records.
    Word(WordArgs),
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
    /// Screen a cohort of patients against the trials, work the list, see what changed.
    Cohort(CohortArgs),
    /// Look at, convert and measure images and masks: DICOM, NIfTI and NRRD.
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
    /// Say in the FHIR file that this plan takes the place of an earlier one of the same patient: a kept run's id, its
    /// beginning, or its folder.
    #[arg(long, value_name = "RUN", requires = "out")]
    pub replaces: Option<String>,
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

/// `word`
#[derive(Debug, Args)]
pub struct WordArgs {
    /// A plan.json, a folder with one, or a run id.
    pub plan: String,
    /// Server that speaks the OpenAI chat interface, on this machine: http://127.0.0.1:8080/v1 (default: the settings').
    #[arg(long, value_name = "ADDRESS")]
    pub server: Option<String>,
    /// The model's name at that server.
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Judge the replies kept in this wording.json again; no model is asked.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["server", "model"])]
    pub again: Option<PathBuf>,
    /// Write wording.html, wording.md and wording.json into this folder.
    #[arg(long, short, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
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

/// `cohort`
#[derive(Debug, Args)]
pub struct CohortArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CohortCommand,
}

/// Jobs on a cohort.
#[derive(Debug, Subcommand)]
pub enum CohortCommand {
    /// Take patients' records into the cohort: a folder with a bundle or a folder for each patient, or a bulk export with
    /// a resource a line (.ndjson). The same again is nothing to do; a changed or new record makes its patient due.
    Import {
        /// Files or folders.
        #[arg(required = true, value_name = "INPUTS")]
        inputs: Vec<PathBuf>,
        /// As of this day or zoned instant (default: now); decides only whether records make a case.
        #[arg(long, value_name = "DATE", value_parser = AsOf::parse)]
        as_of: Option<AsOf>,
    },
    /// Hold the cohort against the stored trials. Only what is due is judged: changed patients, changed trials, and
    /// everything on a new day. Likely matches go onto the worklist, changes become alerts.
    Screen {
        /// As of this day or zoned instant (default: now).
        #[arg(long, value_name = "DATE", value_parser = AsOf::parse)]
        as_of: Option<AsOf>,
        /// Only this patient; may be given several times.
        #[arg(long, value_name = "ID")]
        patient: Vec<String>,
        /// Judge everything, also what is not due.
        #[arg(long)]
        again: bool,
    },
    /// List the patients; or the matches of one patient, or on one trial, best first.
    List {
        /// Matches of this patient.
        #[arg(long, value_name = "ID", conflicts_with = "trial")]
        patient: Option<String>,
        /// Matches on this trial.
        #[arg(long, value_name = "ID")]
        trial: Option<String>,
        /// Blocked and closed ones too.
        #[arg(long)]
        all: bool,
        /// Reasons as of this day or zoned instant (default: now).
        #[arg(long, value_name = "DATE", value_parser = AsOf::parse)]
        as_of: Option<AsOf>,
    },
    /// Show one patient against one trial, judged now: every criterion with its words and the facts that decide, and what
    /// people did.
    Show {
        /// Patient.
        patient: String,
        /// Trial.
        trial: String,
        /// As of this day or zoned instant (default: now).
        #[arg(long, value_name = "DATE", value_parser = AsOf::parse)]
        as_of: Option<AsOf>,
    },
    /// The worklist: what is due first, then the likely eligible.
    Worklist(WorklistArgs),
    /// Write down what was done about a match: a step, an owner, the next action, a remark. Nothing is ever taken back;
    /// every step stays in the history.
    Set(SetArgs),
    /// Mark a patient do-not-contact, or lift the mark.
    Contact {
        /// Patient.
        patient: String,
        /// Must not be contacted, because …
        #[arg(long, value_name = "WHY", required_unless_present = "allow")]
        not: Option<String>,
        /// Lift the mark.
        #[arg(long, conflicts_with = "not")]
        allow: bool,
        /// Who says so.
        #[arg(long, env = "USER", hide_env_values = true, value_name = "NAME")]
        by: String,
    },
    /// What changed since somebody looked: one alert a patient and trial, with the criteria that flipped; urgent first.
    Alerts {
        /// The alert of this patient and trial was seen.
        #[arg(long, num_args = 2, value_names = ["PATIENT", "TRIAL"])]
        seen: Option<Vec<String>>,
        /// Who saw it.
        #[arg(long, env = "USER", hide_env_values = true, value_name = "NAME", default_value = "")]
        by: String,
        /// Those that were seen, too.
        #[arg(long)]
        all: bool,
    },
    /// How many matches reached which state, and where they were lost; in all and by trial.
    Report,
    /// Write the worklist as a table or as a FHIR R4 Bundle.
    Export {
        /// CSV file.
        #[arg(long, value_name = "FILE", required_unless_present = "fhir")]
        csv: Option<PathBuf>,
        /// FHIR file: evaluations with missing facts, and a ResearchSubject once a person has acted.
        #[arg(long, value_name = "FILE")]
        fhir: Option<PathBuf>,
        /// Evaluations as of this day or zoned instant (default: now).
        #[arg(long, value_name = "DATE", value_parser = AsOf::parse)]
        as_of: Option<AsOf>,
    },
}

/// `cohort worklist`
#[derive(Debug, Args)]
pub struct WorklistArgs {
    /// Of this patient.
    #[arg(long, value_name = "ID")]
    pub patient: Option<String>,
    /// Of this trial.
    #[arg(long, value_name = "ID")]
    pub trial: Option<String>,
    /// Of this owner.
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// In this state; may be given several times.
    #[arg(long, value_name = "STATE", value_parser = states())]
    pub state: Vec<State>,
    /// Those that are out, enrolled or withdrawn, too.
    #[arg(long)]
    pub all: bool,
    /// With the history of every entry.
    #[arg(long)]
    pub history: bool,
    /// Due as of this day (default: today).
    #[arg(long, value_name = "DATE", value_parser = AsOf::parse)]
    pub as_of: Option<AsOf>,
}

/// `cohort set`
#[derive(Debug, Args)]
pub struct SetArgs {
    /// Patient.
    pub patient: String,
    /// Trial.
    pub trial: String,
    /// Arm, where the trial has several on the list.
    #[arg(long, value_name = "LABEL")]
    pub arm: Option<String>,
    /// Put the match on the list where screening did not.
    #[arg(long)]
    pub add: bool,
    /// Move to this state.
    #[arg(long, value_name = "STATE", value_parser = states())]
    pub to: Option<State>,
    /// Why out: a code, or `criterion-not-met:in-3` and `criterion-not-known:in-3` with the criterion; may be given
    /// several times.
    #[arg(long, value_name = "CODE[:CRITERION]", requires = "to", value_parser = out_reason, long_help = reasons_help())]
    pub reason: Vec<OutReason>,
    /// Give it to somebody; an empty name gives it back.
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// What is to be done next; empty: nothing any more.
    #[arg(long, value_name = "WORDS")]
    pub next: Option<String>,
    /// Until this day.
    #[arg(long, value_name = "DATE", requires = "next", value_parser = AsOf::parse)]
    pub due: Option<AsOf>,
    /// A remark.
    #[arg(long, value_name = "WORDS")]
    pub note: Option<String>,
    /// Who did it.
    #[arg(long, env = "USER", hide_env_values = true, value_name = "NAME")]
    pub by: String,
    /// When (default: now).
    #[arg(long, value_name = "DATE", value_parser = AsOf::parse)]
    pub at: Option<AsOf>,
}

/// Names as JSON writes them.
fn name_of<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Names of the states.
fn states() -> impl TypedValueParser<Value = State> {
    PossibleValuesParser::new(STATES.map(state_name))
        .map(|name| STATES.into_iter().find(|state| state_name(*state) == name).unwrap_or(State::New))
}

/// As JSON writes it.
fn state_name(state: State) -> &'static str {
    match state {
        State::New => "new",
        State::Reviewing => "reviewing",
        State::Contacted => "contacted",
        State::Consented => "consented",
        State::ScreenedIn => "screened-in",
        State::ScreenedOut => "screened-out",
        State::Enrolled => "enrolled",
        State::Withdrawn => "withdrawn",
    }
}

fn reasons_help() -> String {
    let codes: Vec<String> = REASONS.iter().map(name_of).collect();
    format!(
        "Why out, a code: {}. The two about a criterion name it: `criterion-not-met:in-3`. May be given several times",
        codes.join(", ")
    )
}

/// `code` or `code:criterion`.
fn out_reason(text: &str) -> Result<OutReason, String> {
    let (code, criterion) =
        text.split_once(':').map_or((text, None), |(code, criterion)| (code, Some(criterion.to_owned())));
    let known = REASONS.into_iter().find(|known| name_of(known) == code);
    known.map(|code| OutReason { code, criterion }).ok_or_else(reasons_help)
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
    /// Show grid, type and value range of images or label maps; the series, contours and masks of DICOM folders.
    Inspect {
        /// Files: .nii, .nii.gz, .nrrd, .nhdr; DICOM files and folders.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Write an image or a mask in another format.
    Convert(ImageConvertArgs),
    /// Compute the radiomic features of one region.
    Measure(ImageMeasureArgs),
    /// Follow lesions over exams and say how the disease responded.
    Respond(ImageRespondArgs),
    /// Write an invented study of four exams, to try `respond` with.
    Invent {
        /// Where to: a folder an exam is made in it.
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
}

/// Which series of a DICOM folder, and what its values become.
#[derive(Debug, Args)]
pub struct SeriesArgs {
    /// Series Instance UID, or the end of it, where a folder holds several series.
    #[arg(long, value_name = "UID")]
    pub series: Option<String>,
    /// Make a PET series standardised uptake values by body weight.
    #[arg(long)]
    pub suv: bool,
}

/// `image convert`
#[derive(Debug, Args)]
pub struct ImageConvertArgs {
    /// What to read: an image, or a mask: label map, RTSTRUCT or SEG.
    #[arg(value_name = "FROM")]
    pub from: PathBuf,
    /// What to write; the ending says the format: .nii, .nii.gz, .nrrd, or .dcm for a mask as SEG.
    #[arg(value_name = "TO")]
    pub to: PathBuf,
    /// Write NIfTI-2 instead of NIfTI-1.
    #[arg(long)]
    pub nifti2: bool,
    /// The DICOM series a mask was drawn on: needed for RTSTRUCT and for .dcm.
    #[arg(long, value_name = "FOLDER")]
    pub on: Option<PathBuf>,
    /// Label, ROI number or segment number of the mask.
    #[arg(long, value_name = "N")]
    pub label: Option<u32>,
    /// Write a series although it says that text is burned into its pictures, which may name the patient.
    #[arg(long)]
    pub burned_in: bool,
    /// Which series.
    #[command(flatten)]
    pub series: SeriesArgs,
}

/// `image measure`
#[derive(Debug, Args)]
pub struct ImageMeasureArgs {
    /// The image: a file, or the folder of a DICOM series.
    #[arg(value_name = "IMAGE")]
    pub image: PathBuf,
    /// The mask on the image's grid: a label map, an RTSTRUCT or a SEG.
    #[arg(value_name = "MASK")]
    pub mask: PathBuf,
    /// Label, ROI number or segment number of the region (default: that of the settings, else the only one, else 1).
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
    /// Write the mask as DICOM SEG; the image must be a DICOM series.
    #[arg(long, value_name = "FILE")]
    pub seg: Option<PathBuf>,
    /// Write the features as DICOM SR (TID 1500); the mask must be a SEG or be written with --seg.
    #[arg(long, value_name = "FILE")]
    pub sr: Option<PathBuf>,
    /// Which series.
    #[command(flatten)]
    pub series: SeriesArgs,
}

/// `image respond`
#[derive(Debug, Args)]
pub struct ImageRespondArgs {
    /// One folder an exam, in any order: `image.*` and `mask.*` (.nii, .nii.gz, .nrrd), and `study.json` with what they
    /// are. Without it the folder's name is the day (2026-01-12) and each label a site of its own.
    #[arg(required = true, value_name = "EXAM")]
    pub exams: Vec<PathBuf>,
    /// Criteria, several by comma.
    #[arg(long, value_delimiter = ',', default_value = "recist", value_name = "NAMES")]
    pub criteria: Vec<ResponseCriteria>,
    /// Take scanner coordinates as they are instead of laying each exam over the first.
    #[arg(long)]
    pub no_align: bool,
    /// Records of the patient: the findings then name the same person, and can be planned with those records.
    #[arg(long, value_name = "RECORDS")]
    pub patient: Vec<PathBuf>,
    /// Write response.html, response.json, response.txt and findings.fhir.json into this folder.
    #[arg(long, short, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Compare the radiomic features (IBSI) of each lesion at its last exam with those at its first, in response.json.
    #[arg(long)]
    pub delta: bool,
}

/// Whose rules of response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ResponseCriteria {
    /// RECIST 1.1.
    Recist,
    /// iRECIST.
    Irecist,
    /// RANO 2010 (glioma).
    Rano,
    /// mRECIST (hepatocellular carcinoma; masks of the enhancing part).
    Mrecist,
    /// PERCIST 1.0 (FDG-PET).
    Percist,
    /// Volumes.
    Volumetric,
    /// All of them.
    All,
}

/// Whose features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ImageProfile {
    /// The features of IBSI-1.
    Ibsi,
    /// The features of PyRadiomics under its own names.
    Pyradiomics,
}
