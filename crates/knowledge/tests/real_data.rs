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

fn kinds(knowledge: &Knowledge) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    knowledge.leaves.iter().for_each(|leaf| *counts.entry(kind_name(&leaf.pattern)).or_default() += 1);
    counts.iter().map(|(kind, n)| format!("{kind} {n}\n")).collect()
}

/// Of the names with a hyphen that stay text, none joins two genes that are known. 273 stayed text when fusions did.
#[test]
fn fusions_of_the_2021_layout_are_fusions() {
    let Some(folder) = downloads("civic_2021_02") else { return };
    let knowledge = release(&folder, "fusions-2021");
    expect![[r#"
        activating 3
        amplification 37
        codon 23
        deletion 7
        duplication 3
        exact 860
        exon, bounds unknown 18
        fusion, any partner 15
        fusion, both partners named 184
        loss 16
        loss-of-function 18
        marker 184
        mutation 72
        opaque 89
        splice 14
        truncating 3
        wildtype 6
    "#]]
    .assert_eq(&kinds(&knowledge));
    let is_opaque =
        |leaf: &&concilium_evidence::Leaf| kind_name(&leaf.pattern) == "opaque" && leaf.name.contains('-');
    let left: Vec<&str> = knowledge.leaves.iter().filter(is_opaque).map(|leaf| leaf.name.as_str()).collect();
    expect![[r#"
        CEBPA N-TERMINAL FRAME SHIFT
        FLI1 EWSR1-FLI1 Type 1
        ALK EML4-ALK T1151INST
        VEGFA Decreased Peri-therapeutic Expression
        ALK EML4-ALK C1156Y-L1198F
        ALK DEL4-11
        HLA-C COPY-NEUTRAL LOSS OF HETEROZYGOSITY
        EGFR RARE Exon 18-21 Mutation
        VHL Intronic deletion (c.341-13delCGTTTCCAACAATTTCTCGGTGT)
        BRAF WASFL-BRAF
        VHL 3p26.3-25.3 11Mb del
        VHL c.128-?_250+?
        ABL1 P-Loop Mutation
        ABL1 Non-P-Loop Mutation
        BRAF Non-V600
        VHL c.341-59_341-14del
        VHL Splicing alteration (c.464-2G>A)
        ABL1 ABL1-RCSD
        ATM c.902-1G>T"#]]
    .assert_eq(&left.join("\n"));
    let compound =
        knowledge.profiles.iter().find(|profile| profile.name == "ABL1 BCR-ABL T315I").expect("profile");
    let leaves = compound.expr.leaves();
    let parts: Vec<String> =
        leaves.iter().map(|id| format!("{:?}", knowledge.leaf(*id).map(|leaf| &leaf.pattern))).collect();
    expect![[r#"
        Some(Fusion { five: Some(GeneSymbol("BCR")), three: Some(GeneSymbol("ABL1")), rearrangement: false })
        Some(Exact { gene: GeneSymbol("ABL1"), proteins: [Missense { reference: 'T', residue: 315, alternate: 'I' }], codings: [], loci: [], clinvar: [] })"#]].assert_eq(&parts.join("\n"));
}

#[test]
fn every_variant_has_a_kind() {
    let Some(folder) = downloads("") else { return };
    let shown = kinds(&release(&folder, "kinds"));
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
