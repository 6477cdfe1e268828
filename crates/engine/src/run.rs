//! How do files become a run, and how is it kept?
//!
//! A run names everything it was made from by hash (`replayable`): same inputs, code, knowledge and settings give
//! the same bytes.

use crate::assemble::{IdentityError, assemble};
use crate::input::{Budget, InputFile, read_file, sha256_text};
use crate::literature;
use crate::plan_trials::Held;
use crate::settings::Settings;
use crate::vectors::{Backends, equip};
use concilium_case::{Case, Facts};
use concilium_graph::{CaseGraph, StatementUse};
use concilium_knowledge::Knowledge;
use concilium_recommend::{Cited, Index, Meaning, Plan, PlanOption, RunManifest, build_plan};
use concilium_retrieval::corpus::{Corpus, CorpusError};
use concilium_retrieval::search::{NOTHING, Retrieval};
use concilium_terms::AsOf;
use concilium_terms::lexicon::Lexicon;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// sha256 over the program's sources, taken by the build script.
pub const CODE_HASH: &str = env!("CONCILIUM_CODE_HASH");
/// Name and version.
pub const PROGRAM: &str = concat!("concilium ", env!("CARGO_PKG_VERSION"));

/// Knowledge with what is built from it once. Shared by all cases.
#[derive(Debug)]
pub struct Engine {
    /// The release.
    pub knowledge: Knowledge,
    /// Look-ups over it.
    pub index: Index,
    /// Settings in force.
    pub settings: Settings,
    corpora: Corpora,
    backends: Backends,
    lexicon: OnceLock<Arc<Lexicon>>,
    texts: OnceLock<Texts>,
    notes: OnceLock<concilium_notes::Reader>,
    trials: OnceLock<Held>,
}

/// Which corpora a plan may quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Corpora {
    /// Those of real documents: an invented one never stands beside a patient.
    Real,
    /// Those of invented documents, for the invented patients.
    Invented,
    /// Those of these names: what a run that is replayed names.
    Named(Vec<String>),
}

/// Opened at the first plan, once.
#[derive(Debug)]
struct Texts {
    retrieval: Option<Retrieval>,
    meaning: Option<Meaning>,
    notices: Vec<String>,
}

impl Texts {
    fn none(notices: Vec<String>) -> Texts {
        Texts { retrieval: None, meaning: None, notices }
    }
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Knowledge cannot be loaded.
    #[error("knowledge {release} cannot be used")]
    Knowledge {
        /// Folder, or `builtin`.
        release: String,
        /// Cause: file, place, remedy.
        source: Box<concilium_knowledge::Error>,
    },
    /// Records of more than one person, or of nobody.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Inputs cannot be gathered.
    #[error(transparent)]
    Input(#[from] crate::input::InputError),
    /// The plan cannot be said in FHIR.
    #[error("cannot write the plan as FHIR")]
    Fhir(#[from] concilium_report::FhirError),
    /// Nothing could be read.
    #[error("nothing in the records could be read:\n{0}")]
    NothingRead(String),
    /// A file of a run or report cannot be written or read.
    #[error("cannot {what} {}", path.display())]
    Files {
        /// write, read.
        what: &'static str,
        /// Path.
        path: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// A stored artefact is not what it should be.
    #[error("{}: {what}", path.display())]
    Artefact {
        /// Path.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A run was made by another program or knowledge.
    #[error("{0}")]
    OtherMaker(String),
}

/// A case with its plan and graph.
#[derive(Debug)]
pub struct Planned {
    /// The case.
    pub case: Case,
    /// The plan.
    pub plan: Plan,
    /// The case's graph.
    pub graph: CaseGraph,
    /// What was noticed of the corpora; no part of the plan.
    pub notices: Vec<String>,
}

impl Engine {
    /// Loads the release the settings name, or the pack in the binary.
    ///
    /// # Errors
    /// The release is missing, damaged, or lacks a column.
    pub fn new(settings: Settings) -> Result<Engine, EngineError> {
        let wrong = |release: String| |source| EngineError::Knowledge { release, source: Box::new(source) };
        let base = if settings.knowledge.as_os_str().is_empty() {
            concilium_knowledge::builtin().map_err(wrong("builtin".into()))?
        } else {
            let folder = &settings.knowledge;
            concilium_knowledge::load(folder).map_err(wrong(folder.display().to_string()))?
        };
        let layers: Vec<&Path> = settings.layers.iter().map(PathBuf::as_path).collect();
        let knowledge = if layers.is_empty() {
            base
        } else {
            let names: Vec<String> = layers.iter().map(|layer| layer.display().to_string()).collect();
            concilium_knowledge::load_layered(base, &layers).map_err(wrong(names.join(", ")))?
        };
        let index = Index::new(&knowledge);
        let (corpora, backends) = (Corpora::Real, Backends::default());
        let (lexicon, texts, notes) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        let trials = OnceLock::new();
        Ok(Engine { knowledge, index, settings, corpora, backends, lexicon, texts, notes, trials })
    }

    /// The same, in a program that was built with these.
    #[must_use]
    pub fn with_backends(self, backends: Backends) -> Engine {
        Engine { backends, texts: OnceLock::new(), ..self }
    }

    /// What the program was built with.
    pub fn backends(&self) -> &Backends {
        &self.backends
    }

    /// Opens corpora for searching, by words and by whatever the settings ask for. What cannot be had is a notice.
    ///
    /// # Errors
    /// The folder of corpora cannot be read.
    pub fn open_texts(&self, chosen: &dyn Fn(&Corpus) -> bool) -> Result<Retrieval, CorpusError> {
        self.equipped(chosen).map(|(retrieval, _)| retrieval)
    }

    fn equipped(
        &self,
        chosen: &dyn Fn(&Corpus) -> bool,
    ) -> Result<(Retrieval, Option<Meaning>), CorpusError> {
        let words = Retrieval::open(&self.settings.corpora, self.lexicon(), chosen)?;
        if words.is_empty() {
            return Ok((words, None));
        }
        Ok(equip(words, &self.settings, &self.backends, &self.knowledge.manifest.hash))
    }

    /// The same, quoting from these corpora.
    #[must_use]
    pub fn quoting(self, corpora: Corpora) -> Engine {
        Engine { corpora, texts: OnceLock::new(), ..self }
    }

    /// The reader of notes with this release's vocabularies, built when first asked for.
    pub(crate) fn note_reader(&self) -> &concilium_notes::Reader {
        self.notes.get_or_init(|| concilium_notes::Reader::new(&self.knowledge))
    }

    /// The site's trials, read when a plan first asks for them.
    pub(crate) fn trials(&self) -> &Held {
        self.trials.get_or_init(|| Held::read(&self.settings.trials))
    }

    fn texts(&self) -> &Texts {
        self.texts.get_or_init(|| {
            let chosen = |corpus: &Corpus| match &self.corpora {
                Corpora::Real => !corpus.about().invented,
                Corpora::Invented => corpus.about().invented,
                Corpora::Named(names) => names.contains(&corpus.about().name),
            };
            let root = &self.settings.corpora;
            // Most runs have no corpus: the lexicon is built only where one is.
            if Corpus::list(root).is_ok_and(|folders| folders.is_empty()) {
                return Texts::none(vec![]);
            }
            match self.equipped(&chosen) {
                Ok((retrieval, meaning)) => {
                    let notices = retrieval.notices().to_vec();
                    Texts { retrieval: (!retrieval.is_empty()).then_some(retrieval), meaning, notices }
                }
                Err(error) => Texts::none(vec![format!("no text loaded: {error}")]),
            }
        })
    }

    /// Names of the release, for reading texts.
    pub(crate) fn lexicon(&self) -> &Arc<Lexicon> {
        self.lexicon.get_or_init(|| crate::texts::lexicon(&self.knowledge))
    }

    /// Of the passages a plan quotes, those that the corpora here hold word for word, and those they do not.
    pub(crate) fn held(&self, plan: &Plan) -> (usize, Vec<String>) {
        let chosen = |corpus: &Corpus| plan.manifest.corpora.contains_key(&corpus.about().name);
        let opened = Retrieval::open(&self.settings.corpora, self.lexicon(), &chosen);
        let quotes = plan.literature.values().flat_map(literature::quotes);
        let quotes: BTreeMap<&str, &str> = quotes.map(|quote| (&*quote.key, &*quote.text)).collect();
        let (held, lost): (Vec<_>, Vec<_>) = quotes
            .into_iter()
            .partition(|(key, text)| opened.as_ref().is_ok_and(|texts| texts.holds(key, text)));
        (held.len(), lost.into_iter().map(|(key, _)| key.to_owned()).collect())
    }

    /// Corpora that plans quote, with the hash of what is indexed of each.
    pub fn corpora(&self) -> BTreeMap<String, String> {
        self.texts().retrieval.as_ref().map(Retrieval::corpora).unwrap_or_default()
    }

    /// Stage 1 and 2: reads every file and assembles the case.
    ///
    /// # Errors
    /// Nothing could be read, or the records speak of several people.
    pub fn case(&self, files: &[InputFile], as_of: AsOf) -> Result<Case, EngineError> {
        if files.is_empty() {
            return Err(EngineError::NothingRead("  there are no records: give at least one file".into()));
        }
        let mut facts = Facts::default();
        let mut files: Vec<&InputFile> = files.iter().collect();
        files.sort_by(|a, b| (&a.name, &a.bytes).cmp(&(&b.name, &b.bytes)));
        let mut budget = Budget::new(self.settings.max_input_bytes);
        for file in files {
            facts.extend(read_file(file, &self.knowledge, &mut budget));
        }
        if !self.settings.imaging {
            crate::imaging::set_aside(&mut facts);
        }
        if facts.patients.is_empty() && facts.inputs.iter().all(|item| item.facts == 0) {
            let said: Vec<String> =
                facts.issues.iter().map(|i| format!("  {}: {}; {}", i.source, i.what, i.remedy)).collect();
            return Err(EngineError::NothingRead(said.join("\n")));
        }
        Ok(assemble(facts, &self.knowledge, as_of)?)
    }

    /// All stages.
    ///
    /// # Errors
    /// As [`Engine::case`].
    pub fn plan(&self, files: &[InputFile], as_of: AsOf) -> Result<Planned, EngineError> {
        let case = self.case(files, as_of)?;
        let manifest = self.manifest(files, &case.as_of);
        let mut plan = build_plan(&case, &self.knowledge, &self.index, manifest);
        let texts = self.texts();
        let mut notices = texts.notices.clone();
        plan.trials = self.trials_of(&case);
        match &texts.retrieval {
            Some(retrieval) => notices.extend(literature::fill(&mut plan, &self.knowledge, retrieval)),
            None => plan.literature_notes = vec![NOTHING.to_owned()],
        }
        if let Some(meaning) = &texts.meaning {
            plan.manifest.meaning = Some(Meaning { passages: passages_hash(&plan), ..meaning.clone() });
            plan.manifest.run = run_id(&plan.manifest);
        }
        Ok(self.planned(case, plan, notices))
    }

    /// All stages, with the passages of a run in the place of a search: what models found is not found again the same.
    ///
    /// # Errors
    /// As [`Engine::case`].
    pub(crate) fn plan_with_passages_of(
        &self,
        kept: &Plan,
        files: &[InputFile],
        as_of: AsOf,
    ) -> Result<Planned, EngineError> {
        let case = self.case(files, as_of)?;
        let mut manifest = self.manifest_quoting(files, &case.as_of, kept.manifest.corpora.clone());
        manifest.meaning.clone_from(&kept.manifest.meaning);
        manifest.run = run_id(&manifest);
        let mut plan = build_plan(&case, &self.knowledge, &self.index, manifest);
        plan.literature.clone_from(&kept.literature);
        plan.literature_notes.clone_from(&kept.literature_notes);
        plan.trials = self.trials_of(&case);
        Ok(self.planned(case, plan, vec![]))
    }

    fn planned(&self, case: Case, plan: Plan, notices: Vec<String>) -> Planned {
        let mut graph = concilium_graph::build(&case, &self.knowledge, &uses(&plan, &self.knowledge));
        if !plan.literature.is_empty() {
            concilium_graph::add_passages(&mut graph, &literature::uses(&plan, self.lexicon()));
        }
        Planned { case, plan, graph, notices }
    }

    /// Names everything the run is made from.
    pub fn manifest(&self, files: &[InputFile], as_of: &AsOf) -> RunManifest {
        self.manifest_quoting(files, as_of, self.corpora())
    }

    fn manifest_quoting(
        &self,
        files: &[InputFile],
        as_of: &AsOf,
        corpora: BTreeMap<String, String>,
    ) -> RunManifest {
        let inputs: BTreeMap<String, String> = files.iter().map(|f| (f.name.clone(), f.sha256())).collect();
        let release = &self.knowledge.manifest;
        let mut manifest = RunManifest {
            program: PROGRAM.into(),
            code: CODE_HASH.into(),
            knowledge: release.name.clone(),
            knowledge_hash: release.hash.clone(),
            knowledge_date: release.date.clone(),
            as_of: as_of.instant.clone(),
            inputs,
            settings: sha256_text(&self.settings.plan_relevant()),
            corpora,
            trials: self.trials().hash.clone(),
            meaning: None,
            run: String::new(),
        };
        manifest.run = run_id(&manifest);
        manifest
    }
}

/// The hash of the passages of a plan: where models found them, they are a part of what a run is made from.
pub(crate) fn passages_hash(plan: &Plan) -> String {
    sha256_text(&serde_json::to_string(&(&plan.literature, &plan.literature_notes)).unwrap_or_default())
}

/// The hash of everything a manifest names.
pub fn run_id(manifest: &RunManifest) -> String {
    let nameless = RunManifest { run: String::new(), ..manifest.clone() };
    sha256_text(&serde_json::to_string(&nameless).unwrap_or_default())
}

/// How the plan uses each statement, as the plain values the graph takes.
fn uses(plan: &Plan, knowledge: &Knowledge) -> Vec<StatementUse> {
    let of_option = |option: &PlanOption| {
        let counted = option.for_.iter().map(|c| (c, c.remark.starts_with("counts")));
        let against = option.against.iter().map(|c| (c, true));
        let notes = option.notes.iter().map(|c| (c, false));
        let all = counted.chain(against).chain(notes);
        all.map(|(cited, counts)| one_use(cited, option, counts, knowledge)).collect::<Vec<_>>()
    };
    plan.options.iter().flat_map(of_option).collect()
}

fn one_use(cited: &Cited, option: &PlanOption, counts: bool, knowledge: &Knowledge) -> StatementUse {
    let statement = knowledge.statements_of(&cited.key).first();
    StatementUse {
        statement: cited.key.clone(),
        option: option.id.clone(),
        components: option.regimen.components.clone(),
        bearing: cited.bearing,
        counts,
        remark: cited.remark.clone(),
        facts: cited.molecular.facts.clone(),
        profile: statement.map_or(0, |s| s.profile),
        disease: statement.and_then(|s| s.disease.clone()),
    }
}
