//! What shape has each artefact? JSON Schema of every stage, generated from the types and committed under schemas/.

use schemars::{Schema, schema_for};

/// Name and schema of every artefact.
pub fn schemas() -> Vec<(&'static str, Schema)> {
    vec![
        ("case", schema_for!(concilium_case::Case)),
        ("facts", schema_for!(concilium_case::Facts)),
        ("plan", schema_for!(concilium_recommend::Plan)),
        ("notes", schema_for!(crate::notes::Notes)),
        ("manifest", schema_for!(concilium_recommend::RunManifest)),
        ("replay", schema_for!(crate::replay::Replay)),
        ("diff", schema_for!(crate::diff::RunDiff)),
        ("explanation", schema_for!(crate::explain::Explanation)),
        ("settings", schema_for!(crate::settings::Settings)),
        ("release", schema_for!(concilium_knowledge::Manifest)),
        ("criterion", schema_for!(concilium_criteria::eligibility::Criterion)),
    ]
}
