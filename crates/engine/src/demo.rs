//! Which invented patients does the program carry?
//!
//! The case folders of `tests/cases`, embedded, so that `demo` needs nothing but the binary.

use crate::input::InputFile;
use include_dir::{Dir, include_dir};

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
