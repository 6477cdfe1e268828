//! Do awkward rows of the knowledge become the options they mean, and no others?

use crate::support::ENGINE;
use concilium_engine::case::{Alteration, Case, Extent, Significance};
use concilium_engine::knowledge;
use concilium_engine::recommend::{Plan, RunManifest, build_plan};
use concilium_engine::{Engine, Settings};
use concilium_testkit::{CaseBuilder, fusion, small, tumour};

const DAY: &str = "2026-03-01";

fn planned(case: &Case) -> Plan {
    build_plan(case, &ENGINE.knowledge, &ENGINE.index, RunManifest::default())
}

fn metastatic(doid: &str, name: &str) -> CaseBuilder {
    CaseBuilder::new(DAY).tumour(tumour(doid, name, Extent::Metastatic))
}

/// Where a plan cites a statement: `for OPTION: remark`, `note OPTION: remark`, `context: remark`.
fn cited(plan: &Plan, key: &str) -> Vec<String> {
    let mut found = vec![];
    for option in &plan.options {
        let places = [("for", &option.for_), ("against", &option.against), ("note", &option.notes)];
        for (place, cited) in places {
            let here = cited.iter().filter(|c| c.key.as_str() == key);
            found.extend(here.map(|c| format!("{place} {}: {}", option.id, c.remark)));
        }
    }
    let context = plan.context.iter().filter(|c| c.key.as_str() == key);
    found.extend(context.map(|c| format!("context: {}", c.remark)));
    found
}

/// A row that names other drugs than its own statement is shown with the erratum and never counts.
#[test]
fn an_erratum_is_shown_and_its_statement_does_not_count() {
    let plan = planned(&metastatic("DOID:1909", "melanoma").alteration(small("BRAF", "V600K")).build());
    let said = cited(&plan, "EID6965");
    let is_noted = |line: &String| {
        line.starts_with("note dabrafenib+trametinib: does not count") && line.contains("vemurafenib")
    };
    assert!(said.iter().any(is_noted), "{said:?}");
    assert!(!said.iter().any(|line| line.starts_with("for ")), "{said:?}");
    let counted = plan.options.iter().flat_map(|o| &o.reasons).flat_map(|r| &r.statements);
    assert!(counted.into_iter().all(|key| key.as_str() != "EID6965"));
}

#[test]
fn a_lesser_erratum_stands_beside_a_statement_that_counts() {
    let atm = Alteration { significance: Some(Significance::Pathogenic), ..small("ATM", "R3008C") };
    let case = metastatic("DOID:0080909", "castration-resistant prostate carcinoma").alteration(atm).build();
    let said = cited(&planned(&case), "EID8505");
    assert!(
        said.iter().any(|line| line.starts_with("for olaparib") && line.contains("hazard ratio of 1.04")),
        "{said:?}"
    );
}

const SITE: &str = "# name: house\n# licence: agreement 17, no export\n# version: 4.2\n# date: 2026-02-01\n\
    id\talteration\tdisease\ttherapy\tdirection\tsignificance\tlevel\tcitation\tsentence\n\
    H1\tBRAF V600K\tmelanoma\tbinimetinib\tsupports\tsensitivity\tA\tits page 3\tInvented words of a licensed source.\n";

/// A site's own statement makes an option, under its layer's name; its words are in no page, no export and no diff.
#[test]
fn a_sites_own_layer_is_used_and_named_and_stays_in_the_house() {
    let folder = std::env::temp_dir().join(format!("concilium-layer-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("own folder");
    let (file, layer) = (folder.join("house.tsv"), folder.join("house"));
    std::fs::write(&file, SITE).expect("own file");
    knowledge::build_layer(&file, &ENGINE.knowledge, &layer, knowledge::Strictness::Strict).expect("a layer");
    let engine = Engine::new(Settings { layers: vec![layer], ..Settings::default() }).expect("loads");
    std::fs::remove_dir_all(&folder).expect("own folder");

    let case = metastatic("DOID:1909", "melanoma").alteration(small("BRAF", "V600K")).build();
    let plan = build_plan(&case, &engine.knowledge, &engine.index, RunManifest::default());
    let said = cited(&plan, "H1");
    assert!(said.iter().any(|line| line.starts_with("for binimetinib: counts")), "{said:?}");
    let item = plan.evidence.values().find(|item| item.key.as_str() == "H1").expect("in the list");
    assert_eq!(item.layer, "house");
    assert_eq!(engine.knowledge.manifest.layers[0].licence, "agreement 17, no export");

    let changed = knowledge::diff(&ENGINE.knowledge, &engine.knowledge);
    let shown = [serde_json::to_string(&plan), serde_json::to_string(&changed), Ok(changed.to_string())];
    assert!(shown.iter().all(|text| !text.as_ref().expect("text").contains("Invented words")));
    assert!(changed.added.is_empty());
    let key = knowledge::StatementKey::new("H1");
    assert!(knowledge::sentence_for_export(&engine.knowledge, &key).is_err());
}

/// EID1266 names no therapy, EID12374 "Not Applicable": neither makes a candidate, whatever the alteration.
#[test]
fn a_statement_without_therapy_makes_no_option() {
    let kidney =
        metastatic("DOID:4450", "renal cell carcinoma").alteration(fusion("EML4", "ALK", true)).build();
    let leukaemia = metastatic("DOID:0080645", "B-lymphoblastic leukemia/lymphoma with ETV6-RUNX1")
        .alteration(fusion("ETV6", "RUNX1", true))
        .build();
    for (case, key) in [(kidney, "EID1266"), (leukaemia, "EID12374")] {
        let plan = planned(&case);
        let said = cited(&plan, key);
        assert!(said.iter().all(|line| line.starts_with("context")), "{said:?}");
        assert!(plan.options.iter().all(|o| !o.id.is_empty() && !o.id.contains("applicable")));
    }
}
