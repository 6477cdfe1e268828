//! The folder keeps the contract, with and without a graph, with and without eight-bit copies.

use super::*;
use concilium_models::never;
use concilium_retrieval::vectors::contract::{self, Answers, DIMENSIONS, Subject};
use concilium_retrieval::vectors::exact::Exact;
use concilium_retrieval::vectors::migrate;
use std::cell::Cell;
use std::fs;

/// A folder of this test's own, not there yet.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("concilium-edge-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// Small enough that 200 points get a graph when `graph` is asked for.
fn settings(quantize: bool, graph: bool) -> Settings {
    Settings { quantize, scan_below_kb: if graph { 1 } else { 10_000 }, ..Settings::new(DIMENSIONS) }
}

#[track_caller]
fn check_contract(name: &str, settings: &Settings, answers: Answers) {
    let (folder, made) = (folder(name), Cell::new(0));
    let open = || {
        let opened = Edge::open(&folder.join(made.get().to_string()), settings);
        Box::new(opened.unwrap_or_else(|error| panic!("{error}"))) as Box<dyn VectorStore>
    };
    let empty = || {
        made.set(made.get() + 1);
        open()
    };
    contract::run(&Subject { empty: &empty, reopen: Some(&open), answers });
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn with_eight_bit_copies() {
    check_contract("int8", &settings(true, false), Answers::Approximate);
}

#[test]
fn without_copies() {
    check_contract("f32", &settings(false, false), Answers::Approximate);
}

#[test]
fn with_a_graph() {
    check_contract("graph", &settings(true, true), Answers::Approximate);
}

#[test]
fn a_graph_finds_nearly_all() {
    let folder = folder("recall");
    let points = contract::points(1_500, DIMENSIONS, 21);
    for quantize in [false, true] {
        // 144 kB of vectors: all of them go through the graph, filters that few points meet do not. Wide beams, because
        // the graph differs from build to build and vectors without structure are the hardest to find in one.
        let wide = Settings { build_beam: 256, search_beam: 512, ..settings(quantize, true) };
        let settings = Settings { scan_below_kb: 40, ..wide };
        let edge = Edge::open(&folder.join(quantize.to_string()), &settings).unwrap();
        edge.upsert(&points).unwrap();
        edge.flush().unwrap();
        assert_eq!(edge.shard.info().indexed_vectors_count, 1_500, "a graph was built");
        let recall = contract::recall(Answers::Approximate, &edge, &points, 2, 10);
        assert!(contract::RECALL <= recall, "{recall} with quantize = {quantize}");
    }
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn settings_may_change_between_openings() {
    let folder = folder("settings");
    let points = contract::points(200, DIMENSIONS, 2);
    let first = Edge::open(&folder, &settings(false, false)).unwrap();
    first.upsert(&points).unwrap();
    first.flush().unwrap();
    assert_eq!(first.shard.info().indexed_vectors_count, 0);
    drop(first);
    let second = Edge::open(&folder, &settings(true, true)).unwrap();
    second.flush().unwrap();
    assert_eq!(second.shard.info().indexed_vectors_count, 200);
    assert!(contract::RECALL <= contract::recall(Answers::Approximate, &second, &points, 1, 10));
    drop(second);
    let error = Edge::open(&folder, &Settings::new(DIMENSIONS + 1)).err().unwrap();
    assert!(matches!(error, StoreError::WrongSize { expected: DIMENSIONS, found: 25, .. }), "{error}");
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_folder_in_use_or_damaged_is_refused() {
    let folder = folder("refused");
    let edge = Edge::open(&folder, &settings(true, false)).unwrap();
    edge.upsert(&contract::points(20, DIMENSIONS, 2)).unwrap();
    edge.flush().unwrap();
    let refused = |what: &str| {
        let error =
            Edge::open(&folder, &settings(true, false)).err().unwrap_or_else(|| panic!("{what} is refused"));
        let error = error.to_string();
        assert!(error.contains("concilium-edge-") && error.contains("delete the folder"), "{what}: {error}");
    };
    refused("a folder in use");
    drop(edge);
    let config = folder.join("edge_config.json");
    let whole = fs::read(&config).unwrap();
    fs::write(&config, &whole[..whole.len() / 2]).unwrap();
    refused("a settings file cut short");
    fs::write(&config, &whole).unwrap();
    let segment = fs::read_dir(folder.join("segments")).unwrap().next().unwrap().unwrap().path();
    fs::write(segment.join("segment.json"), b"{").unwrap();
    refused("a segment that is damaged");
    fs::remove_dir_all(&folder).unwrap();
}

#[cfg(unix)]
#[test]
fn the_folder_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("mode").join("deeper");
    drop(Edge::open(&folder, &settings(true, false)).unwrap());
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
}

#[test]
fn points_move_from_the_exact_store_and_back() {
    let folder = folder("migrate");
    let (exact, back) = (Exact::in_memory(DIMENSIONS), Exact::in_memory(DIMENSIONS));
    let edge = Edge::open(&folder, &settings(true, false)).unwrap();
    exact.upsert(&contract::points(700, DIMENSIONS, 2)).unwrap();
    assert_eq!(migrate(&exact, &edge, &mut |_, _| (), &never).unwrap(), 700);
    assert_eq!(migrate(&edge, &back, &mut |_, _| (), &never).unwrap(), 700);
    for filter in contract::filters() {
        let query = contract::Seeded(6).vector(DIMENSIONS);
        let keys = |store: &dyn VectorStore| {
            let near = store.nearest(&query, &filter, 700).unwrap();
            near.into_iter().map(|near| near.key).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(keys(&exact), keys(&edge), "{filter:?}");
        assert_eq!(keys(&exact), keys(&back), "{filter:?}");
    }
    drop(edge);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn conditions_are_spelled_as_the_server_reads_them() {
    let filter = Filter::And(vec![
        Filter::AnyOf(concilium_retrieval::Field::Gene, vec!["BRAF".into(), "EGFR".into()]),
        Filter::Or(vec![Filter::Years(Some(2015), None), Filter::Not(Box::new(Filter::Years(None, None)))]),
    ]);
    let Asked::When(condition) = shape::lower(&filter) else { panic!("a condition is left") };
    expect_test::expect![[r#"
        {
          "must": [
            {
              "key": "gene",
              "match": {
                "any": [
                  "BRAF",
                  "EGFR"
                ]
              }
            },
            {
              "should": [
                {
                  "key": "year_number",
                  "range": {
                    "gte": 2015,
                    "lte": 65535
                  }
                },
                {
                  "must_not": [
                    {
                      "key": "year_number",
                      "range": {
                        "gte": 0,
                        "lte": 65535
                      }
                    }
                  ]
                }
              ]
            }
          ]
        }"#]]
    .assert_eq(&format!("{:#}", spelled(&condition)));
}
