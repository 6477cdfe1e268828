//! What do all whole-path tests share? One engine on the pack in the binary.

use concilium_engine::case::Case;
use concilium_engine::demo::DemoCase;
use concilium_engine::terms::AsOf;
use concilium_engine::{Engine, EngineError, Planned, Settings};
use std::path::PathBuf;
use std::sync::LazyLock;

/// The engine on the built-in pack.
pub static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(Settings::default()).expect("the pack in the binary loads"));

/// Plans an invented case as of its own day.
pub fn plan(case: &DemoCase) -> Result<Planned, EngineError> {
    ENGINE.plan(&case.files, AsOf::parse(&case.as_of).expect("a day"))
}

/// A case by the beginning of its folder name.
#[track_caller]
pub fn case(name: &str) -> DemoCase {
    let found = concilium_engine::demo::cases().into_iter().find(|case| case.name.starts_with(name));
    found.unwrap_or_else(|| panic!("no case folder begins with {name}"))
}

/// Real data beside the project; `None`, said aloud, where it is absent.
pub fn shared_data(part: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(part);
    if !path.exists() {
        println!("skipped: real data ({part}) is not beside the project");
        return None;
    }
    Some(path)
}

/// `conserved`: an input that gave no fact has an issue that names it.
#[track_caller]
pub fn conserved(case: &Case) {
    use std::collections::HashSet;
    let places: Vec<String> = case.facts.issues.iter().map(|issue| issue.source.to_string()).collect();
    // Most places are `file: Type/id element`; looking those up first keeps large bundles quick.
    let words: HashSet<&str> = places.iter().flat_map(|place| place.split([' ', ':'])).collect();
    for item in case.facts.inputs.iter().filter(|item| item.facts == 0) {
        let explained =
            words.contains(item.id.as_str()) || places.iter().any(|place| place.contains(&item.id));
        assert!(explained, "{} gave no fact and no issue says why", item.id);
    }
}
