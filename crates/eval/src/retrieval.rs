//! Which passages are found, beside BM25 alone?
//!
//! [`sets`] makes questions with labels, [`lab`] a corpus that can be asked in several ways, [`ablation`] the table of what
//! each step brings, [`tuning`] weights chosen on one half of the questions and reported on the other, [`contrary`]
//! whether what speaks against a claim is found. Everything is read where it lies, indexed in a folder that is removed
//! afterwards, and the same at every run with the same seed.

pub mod ablation;
pub mod contrary;
pub mod lab;
mod plain;
pub mod sets;
#[cfg(test)]
mod tests;
pub mod texts;
pub mod tuning;
mod words;

use crate::read::{Broken, ReadError};
use ablation::Table;
use concilium_evidence::passage::Document;
use concilium_knowledge::Knowledge;
use concilium_models::{Embedder, ModelError, ModelId};
use concilium_retrieval::corpus::CorpusError;
use concilium_retrieval::lexical::LexicalError;
use concilium_retrieval::vectors::StoreError;
use contrary::Contrary;
use lab::{Lab, Names};
use serde::Serialize;
use sets::Task;
use std::path::{Path, PathBuf};
use tuning::Tuned;
pub use words::words;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Set {
    /// TREC Precision Medicine 2017: publications CIViC cites, judged for a patient in a few words.
    TrecPm2017,
    /// BioASQ questions on cancer: documents by their golden snippets.
    Bioasq,
    /// A CIViC statement found again by what it is about, by its own names and by others.
    KnownItem,
    /// What speaks against a claim that CIViC has evidence for and against.
    Contrary,
    /// A folder in the layout of BEIR.
    Beir,
}

impl Set {
    /// Those measured when none is named: all but the folder somebody brings.
    pub const OWN: [Set; 4] = [Set::TrecPm2017, Set::Bioasq, Set::KnownItem, Set::Contrary];

    /// As typed.
    pub fn name(self) -> &'static str {
        match self {
            Set::TrecPm2017 => "trec-pm-2017",
            Set::Bioasq => "bioasq",
            Set::KnownItem => "known-item",
            Set::Contrary => "contrary",
            Set::Beir => "beir",
        }
    }
}

/// What to measure, and how.
#[derive(Clone, Debug)]
pub struct Job<'j> {
    /// Sets, in this order.
    pub sets: Vec<Set>,
    /// Folder of the evaluation data.
    pub data: &'j Path,
    /// Folder in the layout of BEIR, for [`Set::Beir`].
    pub beir: Option<&'j Path>,
    /// Every step, not only BM25 and the whole.
    pub ablate: bool,
    /// Choose weights on one half of the questions and report on the other; instead of the tables, unless every step is
    /// wanted.
    pub tune: bool,
    /// Decides the halves, the resamples and which other names are taken.
    pub seed: u64,
    /// Where vectors are kept between runs; without it they are made each time.
    pub vectors: Option<&'j Path>,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Seed.
    pub seed: u64,
    /// Hash of the release whose names were used.
    pub knowledge: String,
    /// Model of the vectors; none = words only.
    pub model: Option<ModelId>,
    /// One a set.
    pub tables: Vec<Table>,
    /// Against claims, when asked for.
    pub contrary: Option<Contrary>,
    /// Weights, when asked for.
    pub tuned: Option<Tuned>,
    /// Lines of labels that were left out.
    pub broken: Vec<Broken>,
    /// What was missing, in words.
    pub notices: Vec<String>,
}

/// Why nothing can be measured.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// Labels.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Texts.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// The index of words.
    #[error(transparent)]
    Lexical(#[from] LexicalError),
    /// Vectors.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The folder for indexes.
    #[error("{}: cannot be used for indexes", folder.display())]
    Folder {
        /// Folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Nothing to ask.
    #[error("{set}: no question with a relevant document in the corpus; is this the right data?")]
    Empty {
        /// Set.
        set: &'static str,
    },
}

/// Result of a measurement.
pub type Result<T> = std::result::Result<T, EvalError>;

/// Measures what the job names. `say` is told each step.
///
/// # Errors
/// Labels or texts are missing or cannot be read; the error names them.
pub fn evaluate(
    job: &Job,
    knowledge: &Knowledge,
    embedder: Option<&dyn Embedder>,
    say: &mut dyn FnMut(&str),
) -> Result<Report> {
    let work = Work::new()?;
    let names = Names::of(knowledge);
    let mut report = Report {
        seed: job.seed,
        knowledge: knowledge.manifest.hash.clone(),
        model: embedder.map(|embedder| embedder.id().clone()),
        tables: vec![],
        contrary: None,
        tuned: None,
        broken: vec![],
        notices: vec![],
    };
    if embedder.is_none() {
        report.notices.push(WORDS_ONLY.to_owned());
    }
    let maker = Maker { job, knowledge, names: &names, embedder, work: &work };
    let asked = maker.labs(&mut report, say)?;
    for (lab, tasks) in asked.iter().filter(|_| job.ablate || !job.tune) {
        for task in tasks {
            say(&format!("{}: {} questions", task.name, task.questions.len()));
            report.tables.push(ablation::measure(lab, task, job.ablate, job.seed)?);
        }
    }
    if job.tune {
        report.tuned = Some(tuning::tune(&asked, job.seed, say)?);
    }
    Ok(report)
}

const WORDS_ONLY: &str = "no model of embeddings: words only; `concilium models fetch` brings one";

/// What every corpus is made with.
struct Maker<'m> {
    job: &'m Job<'m>,
    knowledge: &'m Knowledge,
    names: &'m Names<'m>,
    embedder: Option<&'m dyn Embedder>,
    work: &'m Work,
}

impl<'m> Maker<'m> {
    /// Each corpus that is asked for with its questions; claims are asked at once.
    fn labs(&self, report: &mut Report, say: &mut dyn FnMut(&str)) -> Result<Vec<(Lab<'m>, Vec<Task>)>> {
        let wanted = |set| self.job.sets.contains(&set);
        let mut found = vec![];
        if [Set::TrecPm2017, Set::KnownItem, Set::Contrary].into_iter().any(wanted) {
            say("indexing the statements of CIViC");
            let lab = self.lab("civic", &texts::civic(self.job.data, &self.work.0)?)?;
            let tasks = self.civic_tasks(&lab, report)?;
            if wanted(Set::Contrary) {
                say("asking for what speaks against claims");
                report.contrary = Some(contrary::measure(self.knowledge, &lab, self.job.seed)?);
            }
            found.push((lab, tasks));
        }
        if wanted(Set::Bioasq) {
            say("indexing the snippets of BioASQ");
            let questions = sets::bioasq_questions(self.job.data, &mut report.broken)?;
            let lab = self.lab("bioasq", &texts::bioasq(&questions))?;
            found.push((lab, vec![sets::bioasq(&questions)?]));
        }
        if let (true, Some(folder)) = (wanted(Set::Beir), self.job.beir) {
            say("indexing the texts of the BEIR folder");
            let beir = crate::read::beir::read(folder, "test")?;
            report.broken.extend(beir.broken);
            let lab = self.lab("beir", &texts::beir(&beir.value.corpus))?;
            found.push((lab, vec![sets::beir(&beir.value)?]));
        }
        Ok(found)
    }

    fn civic_tasks(&self, lab: &Lab, report: &mut Report) -> Result<Vec<Task>> {
        let mut tasks = vec![];
        if self.job.sets.contains(&Set::TrecPm2017) {
            tasks.extend(sets::trec_pm(self.job.data, lab, &mut report.broken)?);
        }
        if self.job.sets.contains(&Set::KnownItem) {
            tasks.extend(sets::known_items(self.knowledge, lab, self.job.seed)?);
        }
        Ok(tasks)
    }

    fn lab(&self, name: &str, documents: &[Document]) -> Result<Lab<'m>> {
        let vectors = self.job.vectors.map(|folder| folder.join(name));
        let words = self.work.0.join(name).join("words");
        Lab::make(documents, self.names, self.embedder, &words, vectors.as_deref())
    }
}

/// A folder for indexes, removed at the end.
struct Work(PathBuf);

impl Work {
    fn new() -> Result<Work> {
        let base = std::env::temp_dir();
        for number in 0..u32::MAX {
            let folder = base.join(format!("concilium-eval-{}-{number}", std::process::id()));
            match std::fs::create_dir(&folder) {
                Ok(()) => return Ok(Work(folder)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(EvalError::Folder { folder, source }),
            }
        }
        Err(EvalError::Folder { folder: base, source: std::io::ErrorKind::AlreadyExists.into() })
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // What cannot be removed is left to whoever cleans the temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
