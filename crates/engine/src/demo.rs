//! Which invented patients does the program carry?
//!
//! The case folders of `tests/cases`, embedded, so that `demo` needs nothing but the binary.

use crate::corpus::{Corpus, CorpusError, ImportJob, import};
use crate::imaging::{self, RespondError};
use crate::input::{InputFile, sha256};
use crate::run::Engine;
use crate::texts::IndexError;
use concilium_imaging::response::Criteria;
use concilium_knowledge::Knowledge;
use concilium_terms::AsOf;
use include_dir::{Dir, include_dir};
use std::path::Path;

/// Invented texts, for the invented patients only. Each says of itself that it is invented.
const TEXTS: &[u8] = include_bytes!("../../../tests/demo-corpus/demo.jsonl");
/// Name of their corpus.
const CORPUS: &str = "demo";

static CASES: Dir = include_dir!("$CARGO_MANIFEST_DIR/../../tests/cases");

/// One invented patient.
#[derive(Clone, Debug)]
pub struct DemoCase {
    /// Folder name, e.g. `A-lung-egfr`.
    pub name: String,
    /// The day to plan for.
    pub as_of: String,
    /// Its records.
    pub files: Vec<InputFile>,
    /// What it must and must not say.
    pub expected: serde_json::Value,
}

/// All case folders, by name.
pub fn cases() -> Vec<DemoCase> {
    let mut cases: Vec<DemoCase> = CASES.dirs().filter_map(case).collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// The six patients `demo` plans: A to F without their variants.
pub fn demo_cases() -> Vec<DemoCase> {
    let lettered = |case: &DemoCase| {
        let mut chars = case.name.chars();
        matches!((chars.next(), chars.next()), (Some('A'..='F'), Some('-')))
    };
    cases().into_iter().filter(lettered).collect()
}

/// Puts the invented texts into the corpus `demo` under a folder and indexes it; an older state of it is replaced.
///
/// # Errors
/// The folder holds a corpus of real texts by that name, or cannot be written.
pub fn texts(root: &Path, knowledge: &Knowledge) -> Result<(), IndexError> {
    let folder = root.join(CORPUS);
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| CorpusError::Files { what: "write", path, source }
    };
    if let Ok(corpus) = Corpus::open(&folder) {
        if !corpus.about().invented {
            let what = "is a corpus of real texts where the demo's belongs".to_owned();
            let remedy = "give another folder with --out";
            return Err(CorpusError::Corpus { folder, what, remedy }.into());
        }
        let current = corpus.parts().iter().all(|part| part.input_sha256 == sha256(TEXTS));
        if !current || corpus.parts().len() != 1 {
            std::fs::remove_dir_all(&folder).map_err(failed(&folder))?;
        }
    }
    let input = root.join("demo.jsonl");
    crate::store::write(&input, TEXTS)
        .map_err(|error| IndexError::File { path: input.clone(), what: error.to_string() })?;
    let job = ImportJob {
        root,
        name: CORPUS,
        licence: "invented for the demo",
        invented: true,
        files: &[input],
        format: None,
        strict: true,
        // The demo is the same whenever it is made.
        time: "",
    };
    import(&job, &mut |_, _| {}, &|| false)?;
    crate::texts::index(root, Some(CORPUS), knowledge, &mut |_, _| {}, &|| false)?;
    Ok(())
}

/// Name of the case that `demo` shows with images.
const WITH_IMAGES: &str = "A-lung-egfr";

/// The records of a case as `demo` plans them: one of them with findings in an invented study, made and measured here.
///
/// # Errors
/// The case's own records cannot be read, or the study cannot be measured.
pub fn records(case: &DemoCase, engine: &Engine) -> Result<Vec<InputFile>, DemoError> {
    let mut files = case.files.clone();
    if case.name == WITH_IMAGES {
        let patient = engine.case(&files, AsOf::parse(&case.as_of)?)?.patient;
        let visits = concilium_imaging::phantom::visits().map_err(RespondError::from)?;
        let responded = imaging::respond(visits, &[Criteria::Recist, Criteria::Volumetric], true)?;
        let fhir = imaging::fhir(&responded, Some(&patient))?;
        files.push(InputFile { name: "images/findings.fhir.json".into(), bytes: fhir.into_bytes() });
    }
    Ok(files)
}

/// Why the demo has no records.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The case's own.
    #[error(transparent)]
    Engine(#[from] crate::run::EngineError),
    /// The invented study.
    #[error(transparent)]
    Respond(#[from] RespondError),
    /// The day of the case.
    #[error(transparent)]
    Instant(#[from] concilium_terms::date::NotAnInstant),
}

fn case(folder: &Dir) -> Option<DemoCase> {
    let expected: serde_json::Value =
        serde_json::from_slice(folder.get_file(folder.path().join("expected.json"))?.contents()).ok()?;
    let mut files = Vec::new();
    collect(folder, folder, &mut files);
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Some(DemoCase {
        name: folder.path().file_name()?.to_string_lossy().into_owned(),
        as_of: expected.get("as_of")?.as_str()?.to_owned(),
        files,
        expected,
    })
}

fn collect(top: &Dir, folder: &Dir, files: &mut Vec<InputFile>) {
    for file in folder.files().filter(|f| !f.path().ends_with("expected.json")) {
        let name =
            file.path().strip_prefix(top.path()).unwrap_or(file.path()).to_string_lossy().replace('\\', "/");
        files.push(InputFile { name, bytes: file.contents().to_vec() });
    }
    folder.dirs().for_each(|inner| collect(top, inner, files));
}
