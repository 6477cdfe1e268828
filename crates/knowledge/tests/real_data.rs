//! Are whole downloads read without loss? Runs only where the downloads lie beside the project.

use concilium_knowledge::import::civic_variants::kind_name;
use concilium_knowledge::{Knowledge, Options, SourcePaths, Strictness, build, diff, load};
use expect_test::expect;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn downloads(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/knowledge").join(folder);
    let there = path.is_dir();
    if !there {
        println!("skipped: no downloads at {}", path.display());
    }
    there.then_some(path)
}

fn authored() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge")
}

fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("concilium-knowledge-{name}-{}", std::process::id()))
}

/// Builds a full release and loads it again.
fn release(folder: &Path, name: &str) -> Knowledge {
    let out = temporary(name);
    let sources = SourcePaths::find(folder).expect("sources");
    build(&sources, &authored(), &out, &Options::full(name, Strictness::Strict)).expect("builds");
    let knowledge = load(&out).expect("loads");
    std::fs::remove_dir_all(&out).expect("own folder");
    knowledge
}

#[test]
fn nothing_of_the_2025_release_is_lost() {
    let Some(folder) = downloads("") else { return };
    let knowledge = release(&folder, "full");
    let mut shown = String::new();
    let wanted = ["statements", "profiles", "leaves", "assertions", "gene_names"];
    for count in knowledge.manifest.counts.iter().filter(|count| wanted.contains(&count.table.as_str())) {
        writeln!(shown, "{} {} {}", count.table, count.read, count.kept).expect("text");
    }
    expect![[r#"
        statements 4587 4587
        leaves 1811 1811
        profiles 1836 1836
        assertions 93 93
        gene_names 20598 20598
    "#]]
    .assert_eq(&shown);
    let unknown = knowledge.manifest.counts.iter().flat_map(|count| count.left_out.keys());
    let unknown: Vec<&String> = unknown.filter(|why| why.contains("unknown therapy")).collect();
    assert!(
        unknown.is_empty(),
        "{} components unknown, e.g. {:?}",
        unknown.len(),
        &unknown[..unknown.len().min(5)]
    );
    let one_order = |count: &&concilium_knowledge::ImportCount| count.table.starts_with("pgx_diplotypes");
    assert_eq!(
        knowledge.manifest.counts.iter().filter(one_order).map(|count| count.kept).sum::<usize>(),
        10_138
    );
}

#[test]
fn every_variant_has_a_kind() {
    let Some(folder) = downloads("") else { return };
    let knowledge = release(&folder, "kinds");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    knowledge.leaves.iter().for_each(|leaf| *counts.entry(kind_name(&leaf.pattern)).or_default() += 1);
    let shown: String = counts.iter().map(|(kind, n)| format!("{kind} {n}\n")).collect();
    expect![[r#"
        activating 5
        amplification 41
        codon 24
        deletion 10
        duplication 4
        exact 1064
        exon, bounds known 11
        exon, bounds unknown 9
        fusion, any partner 37
        fusion, both partners named 178
        loss 21
        loss-of-function 21
        marker 192
        mutation 90
        opaque 74
        signature 1
        splice 17
        truncating 4
        wildtype 8
    "#]]
    .assert_eq(&shown);
}

#[test]
fn diplotypes_agree_with_their_source_one_by_one() {
    let Some(folder) = downloads("pharmcat/phenotype") else { return };
    let knowledge = concilium_knowledge::builtin().expect("pack");
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).expect("folder") {
        let text = std::fs::read_to_string(entry.expect("entry").path()).expect("text");
        let json: serde_json::Value = serde_json::from_str(&text).expect("json");
        let gene = concilium_knowledge::GeneSymbol::new(json["gene"].as_str().expect("gene"));
        for row in json["diplotypes"].as_array().expect("rows") {
            let found =
                knowledge.pgx.phenotype(&gene, row["diplotype"].as_str().expect("name")).expect("known");
            assert_eq!(found.phenotype, row["phenotype"].as_str().expect("phenotype"));
            let score = row["activityScore"].as_str().and_then(|score| score.parse::<f64>().ok());
            assert_eq!(found.activity, score);
            compared += 1;
        }
    }
    assert_eq!(compared, 10_138);
}

#[test]
fn the_pack_is_what_its_sources_make_of_it() {
    let Some(folder) = downloads("") else { return };
    let out = temporary("pack");
    let sources = SourcePaths::find(&folder).expect("sources");
    build(&sources, &authored(), &out, &Options::pack()).expect("builds");
    for entry in std::fs::read_dir(&out).expect("folder") {
        let path = entry.expect("entry").path();
        let committed = authored().join("pack").join(path.file_name().expect("name"));
        let same = std::fs::read(&path).ok() == std::fs::read(&committed).ok();
        assert!(same, "{} differs: run `cargo xtask knowledge --sources DIR`", committed.display());
    }
    std::fs::remove_dir_all(&out).expect("own folder");
}

#[test]
fn the_2021_layout_is_read_and_compared() {
    let (Some(all), Some(old)) = (downloads(""), downloads("civic_2021_02")) else { return };
    let (older, newer) = (release(&old, "old"), release(&all, "new"));
    let count = older.manifest.counts.iter().find(|count| count.table == "statements").expect("count");
    assert_eq!((count.read, count.kept), (3706, 3706));
    let difference = diff(&older, &newer);
    assert_eq!((difference.added.len(), difference.gone.len()), (899, 18));
    assert!(diff(&newer, &newer).changed.is_empty());
}
