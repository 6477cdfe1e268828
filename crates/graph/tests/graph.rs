//! Does the graph say why, the same way every time, whatever the text?

use concilium_case::{
    Alteration, AlterationKind, Case, Extent, Facts, Meta, Origin, Patient, Presence, Tumour,
};
use concilium_evidence::{
    Bearing, EvidenceLevel, Profile, ProfileExpr, Regimen, Significance, Stance, Statement, StatementType,
    VariantOrigin,
};
use concilium_graph::{
    CaseGraph, Edge, GraphError, MAX_NODES, Node, NodeKind, Relation, StatementUse, build,
};
use concilium_knowledge::Knowledge;
use concilium_terms::{AsOf, Doid, DrugName, GeneSymbol, StatementKey};
use expect_test::{Expect, expect};

fn alteration(id: &str, gene: &str, label: &str) -> Alteration {
    Alteration {
        meta: Meta { id: id.into(), ..Meta::default() },
        gene: GeneSymbol::new(gene),
        label: label.into(),
        kind: AlterationKind::Other,
        presence: Presence::Present,
        origin: Origin::Somatic,
        significance: None,
        effect: None,
        homozygous: None,
        vaf: Some(0.31),
        vaf_floor: None,
        depth: None,
        specimen: None,
        assay: None,
        phase: vec![],
    }
}

fn case(alterations: Vec<Alteration>) -> Case {
    let tumour = Tumour {
        condition: "Condition/1".into(),
        doid: Doid::new("DOID:9256"),
        name: "colorectal cancer".into(),
        steps: vec![],
        broader_than_code: false,
        stage: None,
        extent: Extent::Metastatic,
        metastases: vec![],
        diagnosed: None,
    };
    Case {
        as_of: AsOf::parse("2026-06-15").expect("a day"),
        patient: Patient { meta: Meta { id: "Patient/1".into(), ..Meta::default() }, ..Patient::default() },
        tumour: Some(tumour),
        other_tumours: vec![],
        facts: Facts { alterations, ..Facts::default() },
        lines: vec![],
        history_gaps: vec![],
        from_text: None,
        conflicts: vec![],
        retracted: vec![],
    }
}

fn drugs(names: &[&str]) -> Vec<DrugName> {
    names.iter().map(DrugName::new).collect()
}

fn statement(
    key: &str,
    level: EvidenceLevel,
    profile: u64,
    components: &[&str],
    citation: &str,
) -> Statement {
    Statement {
        key: StatementKey::new(key),
        layer: "civic".into(),
        profile,
        disease: Some(Doid::new("DOID:9256")),
        disease_name: "Colorectal Cancer".into(),
        regimen: Some(Regimen::new(drugs(components), false, false)),
        substitute: false,
        kind: StatementType::Predictive,
        stance: Stance::Supports,
        significance: Significance::Sensitivity,
        significance_text: "Sensitivity/Response".into(),
        level,
        rating: Some(4),
        origin: VariantOrigin::Somatic,
        flagged: false,
        source_type: "PubMed".into(),
        citation: citation.into(),
        year: Some(2023),
        trials: vec![],
        reviewed: None,
    }
}

/// Invented rows: names and numbers stand for nothing outside this test.
fn knowledge() -> Knowledge {
    let profile = |id: u64, name: &str| Profile { id, name: name.into(), expr: ProfileExpr::Leaf(id) };
    Knowledge {
        statements: vec![
            statement("EID1", EvidenceLevel::A, 10, &["alphamab", "betanib"], "1001"),
            statement("EID2", EvidenceLevel::B, 11, &["alphamab"], "1002"),
        ],
        profiles: vec![profile(10, "KRAS G12C"), profile(11, "KRAS Mutation")],
        ..Knowledge::default()
    }
}

fn used(key: &str, option: &[&str], bearing: Bearing, profile: u64, facts: &[&str]) -> StatementUse {
    StatementUse {
        statement: StatementKey::new(key),
        option: option.join("+"),
        components: drugs(option),
        bearing,
        counts: true,
        remark: "same regimen".into(),
        facts: facts.iter().map(|fact| (*fact).to_owned()).collect(),
        profile,
        disease: Some(Doid::new("DOID:9256")),
    }
}

fn uses() -> Vec<StatementUse> {
    let mut listed = used("EID2", &["alphamab", "betanib"], Bearing::Against, 11, &["alt-kras"]);
    listed.counts = false;
    vec![
        used("EID1", &["alphamab", "betanib"], Bearing::For, 10, &["alt-kras"]),
        used("EID2", &["alphamab"], Bearing::Against, 11, &["alt-kras"]),
        listed,
    ]
}

fn small() -> CaseGraph {
    let facts =
        vec![alteration("alt-kras", "KRAS", "KRAS G12C"), alteration("alt-tp53", "TP53", "TP53 R175H")];
    build(&case(facts), &knowledge(), &uses())
}

#[track_caller]
fn check(text: &str, expect: Expect) {
    expect.assert_eq(text);
}

#[test]
fn a_small_case_as_dot() {
    check(
        &small().dot(),
        expect![[r#"
        digraph case {
          rankdir=LR;
          node [shape=box];
          "disease:DOID:9256" [label="DOID:9256\nDOID:9256", class="disease"];
          "drug:alphamab" [label="alphamab", class="drug"];
          "drug:betanib" [label="betanib", class="drug"];
          "fact:alt-kras" [label="KRAS G12C\nVAF 31.0 %", class="fact"];
          "fact:alt-tp53" [label="TP53 R175H\nVAF 31.0 %", class="fact"];
          "gene:KRAS" [label="KRAS", class="gene"];
          "gene:TP53" [label="TP53", class="gene"];
          "option:alphamab" [label="alphamab", class="option"];
          "option:alphamab+betanib" [label="alphamab + betanib", class="option"];
          "patient:Patient/1" [label="Patient", class="patient"];
          "profile:10" [label="KRAS G12C", class="profile"];
          "profile:11" [label="KRAS Mutation", class="profile"];
          "source:PMID 1001" [label="PMID 1001", class="source"];
          "source:PMID 1002" [label="PMID 1002", class="source"];
          "statement:EID1" [label="EID1\nlevel A, 2023", class="statement"];
          "statement:EID2" [label="EID2\nlevel B, 2023", class="statement"];
          "fact:alt-kras" -> "gene:KRAS" [label="concerns-gene"];
          "fact:alt-kras" -> "profile:10" [label="satisfies"];
          "fact:alt-kras" -> "profile:11" [label="satisfies"];
          "fact:alt-tp53" -> "gene:TP53" [label="concerns-gene"];
          "option:alphamab" -> "drug:alphamab" [label="names-drug"];
          "option:alphamab+betanib" -> "drug:alphamab" [label="names-drug"];
          "option:alphamab+betanib" -> "drug:betanib" [label="names-drug"];
          "patient:Patient/1" -> "disease:DOID:9256" [label="has-disease"];
          "patient:Patient/1" -> "fact:alt-kras" [label="has-fact"];
          "patient:Patient/1" -> "fact:alt-tp53" [label="has-fact"];
          "profile:10" -> "statement:EID1" [label="ground-of"];
          "profile:11" -> "statement:EID2" [label="ground-of"];
          "statement:EID1" -> "disease:DOID:9256" [label="about-disease"];
          "statement:EID1" -> "option:alphamab+betanib" [label="for"];
          "statement:EID1" -> "source:PMID 1001" [label="published-in"];
          "statement:EID2" -> "disease:DOID:9256" [label="about-disease"];
          "statement:EID2" -> "option:alphamab" [label="against", style=dashed];
          "statement:EID2" -> "option:alphamab+betanib" [label="listed"];
          "statement:EID2" -> "source:PMID 1002" [label="published-in"];
        }
    "#]],
    );
}

#[test]
fn a_small_picture() {
    check(
        &small().svg("alphamab+betanib"),
        expect![[r##"
        <svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 760 67" width="760" height="67" font-family="Arial, Helvetica, sans-serif" font-size="11.5" fill="#111">
        <title>Paths to alphamab + betanib</title>
        <desc>1 paths for (solid), 0 against (dashed). EID1 for level A, 2023.</desc>
        <text x="2" y="13" font-weight="bold" font-size="11">Patient</text>
        <text x="80" y="13" font-weight="bold" font-size="11">Fact</text>
        <text x="252" y="13" font-weight="bold" font-size="11">Profile</text>
        <text x="432" y="13" font-weight="bold" font-size="11">Statement</text>
        <text x="610" y="13" font-weight="bold" font-size="11">Option</text>
        <path d="M58.0 43.5 C69.0 43.5 69.0 43.5 80.0 43.5" fill="none" stroke="#333" stroke-width="1.2"/>
        <path d="M228.0 43.5 C240.0 43.5 240.0 43.5 252.0 43.5" fill="none" stroke="#333" stroke-width="1.2"/>
        <path d="M408.0 43.5 C420.0 43.5 420.0 43.5 432.0 43.5" fill="none" stroke="#333" stroke-width="1.2"/>
        <path d="M586.0 43.5 C598.0 43.5 598.0 43.5 610.0 43.5" fill="none" stroke="#333" stroke-width="1.2"/>
        <g><title>Patient</title><rect x="2" y="27.5" width="56" height="32" rx="3" fill="#fff" stroke="#333"/><text x="7.0" y="47.5">Patient</text></g>
        <g><title>KRAS G12C, VAF 31.0 %</title><rect x="80" y="27.5" width="148" height="32" rx="3" fill="#fff" stroke="#333"/><text x="85.0" y="41.0">KRAS G12C</text><text x="85.0" y="54.0">VAF 31.0 %</text></g>
        <g><title>KRAS G12C</title><rect x="252" y="27.5" width="156" height="32" rx="3" fill="#fff" stroke="#333"/><text x="257.0" y="47.5">KRAS G12C</text></g>
        <g><title>EID1 for, level A, 2023</title><rect x="432" y="27.5" width="154" height="32" rx="3" fill="#fff" stroke="#333"/><text x="437.0" y="41.0">EID1 for</text><text x="437.0" y="54.0">level A, 2023</text></g>
        <g><title>alphamab + betanib</title><rect x="610" y="27.5" width="148" height="32" rx="3" fill="#fff" stroke="#333"/><text x="615.0" y="47.5">alphamab + betanib</text></g>
        </svg>
    "##]],
    );
}

#[test]
fn paths_count_only_what_counts() {
    let graph = small();
    let keys = |paths: Vec<concilium_graph::Path>| paths.into_iter().map(|p| p.statement).collect::<Vec<_>>();
    assert_eq!(keys(graph.paths_for("alphamab+betanib")), ["statement:EID1"]);
    assert!(graph.paths_against("alphamab+betanib").is_empty(), "a listed statement is no path");
    assert_eq!(keys(graph.paths_against("alphamab")), ["statement:EID2"]);
    assert!(graph.paths_for("no such option").is_empty());
}

#[test]
fn removing_a_fact_can_be_foreseen() {
    let hanging = small().hangs_on("alt-kras");
    let ground: Vec<(&str, bool)> = hanging.iter().map(|h| (h.option.as_str(), h.sole_ground)).collect();
    assert_eq!(ground, [("alphamab", false), ("alphamab+betanib", true)]);
    assert!(small().hangs_on("alt-tp53").is_empty());
}

/// Two statements share a profile; each path shows only the facts its own statement used.
#[test]
fn a_path_shows_the_facts_of_its_own_statement() {
    let uses = [
        used("EID1", &["alphamab"], Bearing::For, 10, &["alt-kras"]),
        used("EID2", &["alphamab"], Bearing::For, 10, &["alt-tp53"]),
    ];
    let facts =
        vec![alteration("alt-kras", "KRAS", "KRAS G12C"), alteration("alt-tp53", "TP53", "TP53 R175H")];
    let graph = build(&case(facts), &knowledge(), &uses);
    let facts: Vec<Vec<String>> = graph.paths_for("alphamab").into_iter().map(|p| p.facts).collect();
    assert_eq!(facts, [["fact:alt-kras"], ["fact:alt-tp53"]]);
}

#[test]
fn nearest_starts_at_the_facts_and_adds_up() {
    let ranked = small().nearest(&["fact:alt-kras"]);
    let total: f64 = ranked.iter().map(|(_, share)| share).sum();
    assert!((total - 1.0).abs() < 1e-9, "{total}");
    assert_eq!(ranked[0].0, "fact:alt-kras");
    assert!(small().nearest(&["fact:none"]).is_empty());
}

#[test]
fn later_stages_attach_plain_values() {
    let mut graph = small();
    let passage = Node::new("passage:7", NodeKind::Passage, "a passage");
    let bears = Edge::new("passage:7", "option:alphamab", Relation::BearsOn, "PMID 1001");
    assert_eq!(graph.attach(passage.clone(), vec![bears]), Ok(()));
    let loose = Edge::new("passage:7", "option:none", Relation::BearsOn, "PMID 1001");
    assert!(matches!(graph.attach(passage.clone(), vec![loose]), Err(GraphError::NoSuchNode { .. })));
    let mut bare = Edge::new("passage:7", "option:alphamab", Relation::BearsOn, "x");
    bare.provenance.clear();
    assert!(matches!(graph.attach(passage, vec![bare]), Err(GraphError::NoProvenance { .. })));
    let clash = Node::new("option:alphamab", NodeKind::Passage, "x");
    assert!(matches!(graph.attach(clash, vec![]), Err(GraphError::OtherKind { .. })));
}

#[test]
fn a_huge_record_never_crowds_out_a_cited_fact() {
    let many = (0..MAX_NODES + 50).map(|n| alteration(&format!("a{n:05}"), "TP53", "TP53 R175H"));
    let facts = many.chain([alteration("zz-kras", "KRAS", "KRAS G12C")]).collect();
    let graph =
        build(&case(facts), &knowledge(), &[used("EID1", &["alphamab"], Bearing::For, 10, &["zz-kras"])]);
    assert!(graph.node("fact:zz-kras").is_some());
    assert!(graph.nodes().count() <= MAX_NODES);
    assert!(!graph.left_out().is_empty());
    assert_eq!(
        graph.paths_for("alphamab").len(),
        1,
        "what the plan cites is drawn even when the record is huge"
    );
}

#[test]
fn many_paths_are_counted_not_dropped() {
    let uses: Vec<StatementUse> = (0..20)
        .map(|n| {
            let bearing = if n % 4 == 0 { Bearing::Against } else { Bearing::For };
            used(&format!("EID{}", 100 + n), &["alphamab"], bearing, 10 + n / 5, &["alt-kras"])
        })
        .collect();
    let svg =
        build(&case(vec![alteration("alt-kras", "KRAS", "KRAS G12C")]), &knowledge(), &uses).svg("alphamab");
    assert_eq!(svg.matches(" against</text>").count(), 5, "every path against is drawn");
    assert!(svg.contains("+8 more: 8 for, 0 against"), "{svg}");
}

/// A reader of tags strict enough to catch what an escape forgot: names balance, attributes are quoted.
fn well_formed(xml: &str) -> Result<(), String> {
    let mut open: Vec<String> = vec![];
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        if rest[..at].contains('>') {
            return Err(format!("stray > in `{}`", &rest[..at]));
        }
        let end = rest[at..].find('>').ok_or("tag without end")? + at;
        let tag = &rest[at + 1..end];
        if tag.contains('<') || tag.matches('"').count() % 2 == 1 {
            return Err(format!("odd tag `{tag}`"));
        }
        match tag.strip_prefix('/') {
            Some(name) if open.pop().as_deref() == Some(name) => {}
            Some(name) => return Err(format!("`{name}` closes nothing")),
            None if tag.starts_with('?') || tag.ends_with('/') => {}
            None => open.push(tag.split(' ').next().unwrap_or_default().to_owned()),
        }
        rest = &rest[end + 1..];
    }
    if open.is_empty() { Ok(()) } else { Err(format!("left open: {open:?}")) }
}

/// Quotes outside escapes balance on every line, and no line is split by a raw newline inside quotes.
fn dot_is_quoted(dot: &str) -> bool {
    dot.lines().all(|line| line.replace("\\\\", "").replace("\\\"", "").matches('"').count() % 2 == 0)
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn odd_text_never_breaks_an_export(odd in "(\\PC|[<>&\"'\\\\\u{0}-\u{1f}\u{fffe}]){0,40}") {
        let mut one = used("EID1", &["alphamab"], Bearing::For, 10, &[&odd]);
        one.option.clone_from(&odd);
        one.remark.clone_from(&odd);
        let graph = build(&case(vec![alteration(&odd, "KRAS", &odd)]), &knowledge(), &[one]);
        proptest::prop_assert_eq!(well_formed(&graph.graphml()), Ok(()));
        proptest::prop_assert_eq!(well_formed(&graph.svg(&odd)), Ok(()));
        proptest::prop_assert!(dot_is_quoted(&graph.dot()));
        let json: serde_json::Value = serde_json::from_str(&graph.json().expect("json")).expect("reads back");
        proptest::prop_assert_eq!(json["nodes"].as_array().map(Vec::len), Some(graph.nodes().count()));
    }

    #[test]
    fn order_of_facts_and_uses_does_not_matter(seed in 0usize..6, turn in 0usize..2) {
        let mut uses = uses();
        uses.rotate_left(seed % 3);
        if 3 <= seed { uses.reverse(); }
        let mut facts = vec![alteration("alt-kras", "KRAS", "KRAS G12C"), alteration("alt-tp53", "TP53", "TP53 R175H")];
        facts.rotate_left(turn);
        let turned = build(&case(facts), &knowledge(), &uses);
        proptest::prop_assert_eq!(turned.graphml(), small().graphml());
        proptest::prop_assert_eq!(turned.svg("alphamab"), small().svg("alphamab"));
        proptest::prop_assert_eq!(turned.nearest(&["fact:alt-kras"]), small().nearest(&["fact:alt-kras"]));
    }
}
