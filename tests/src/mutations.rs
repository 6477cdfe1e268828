//! Does anything at all make a reader or a stage panic, or lose an input in silence?
//!
//! Arbitrary bytes, and the invented patients' own records with bytes or JSON nodes changed, through the whole path.

use crate::support::{ENGINE, conserved};
use concilium_engine::Settings;
use concilium_engine::demo::{DemoCase, cases};
use concilium_engine::input::InputFile;
use concilium_engine::terms::AsOf;
use concilium_engine::terms::hgvs::{CodingChange, GenomicChange, ProteinChange};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

static CASES: LazyLock<Vec<DemoCase>> = LazyLock::new(cases);

fn day() -> AsOf {
    AsOf::parse("2026-06-15").expect("a day")
}

/// A plan or a refusal; with a plan, every input and every alteration has its word.
fn survives(files: &[InputFile], as_of: AsOf) {
    match ENGINE.plan(files, as_of) {
        Ok(planned) => {
            conserved(&planned.case);
            let judged: BTreeSet<&str> = planned.plan.alterations.iter().map(|a| a.id.as_str()).collect();
            for alteration in &planned.case.facts.alterations {
                assert!(judged.contains(alteration.meta.id.as_str()), "{} has no verdict", alteration.label);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// One change of a text's bytes; positions are shares of its length.
#[derive(Clone, Debug)]
enum Change {
    Flip(f64, u8),
    Remove(f64, usize),
    Insert(f64, Vec<u8>),
    Repeat(f64, usize),
    Cut(f64),
}

fn any_change() -> impl Strategy<Value = Change> {
    let at = 0.0..1.0;
    let tokens = prop::sample::select(vec![
        "null", "[]", "{}", "\"", "\\u0000", ",", "-1", "1e999", "\t", "\n", "#", "}", "]", "\u{feff}",
    ]);
    let bytes = prop_oneof![
        tokens.prop_map(|token| token.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 1..8),
    ];
    prop_oneof![
        (at.clone(), any::<u8>()).prop_map(|(at, bits)| Change::Flip(at, bits)),
        (at.clone(), 1..400usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (at.clone(), bytes).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (at.clone(), 1..2000usize).prop_map(|(at, length)| Change::Repeat(at, length)),
        at.prop_map(Change::Cut),
    ]
}

/// The byte at a share of the length.
fn place(share: f64, length: usize) -> usize {
    ((share * length as f64) as usize).min(length.saturating_sub(1))
}

fn changed(mut bytes: Vec<u8>, change: &Change) -> Vec<u8> {
    if bytes.is_empty() {
        return bytes;
    }
    let length = bytes.len();
    let end = |at: usize, many: usize| (at + many).min(length);
    match change {
        Change::Flip(share, bits) => bytes[place(*share, length)] ^= bits,
        Change::Remove(share, many) => {
            let at = place(*share, length);
            bytes.drain(at..end(at, *many));
        }
        Change::Insert(share, new) => {
            let at = place(*share, length);
            bytes.splice(at..at, new.iter().copied());
        }
        Change::Repeat(share, many) => {
            let at = place(*share, length);
            let part = bytes[at..end(at, *many)].to_vec();
            bytes.splice(at..at, part);
        }
        Change::Cut(share) => bytes.truncate(place(*share, length)),
    }
    bytes
}

fn any_node() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "",
        "9999-99-99",
        "2026-06-15",
        "p.V600E",
        "c.1799T>A",
        "Patient/patient-d",
        "#",
        "final",
        "entered-in-error",
        "\u{0}",
        "urn:uuid:",
        "http://loinc.org",
        "Infinity",
        "p.(=)",
        "NC_000007.13:g.1_0del",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            ("[a-zA-Z]{0,9}", inner).prop_map(|(key, value)| serde_json::json!({ key: value })),
        ]
    })
}

/// Walks down by `steps` and puts `node` there.
fn replaced(value: &mut Value, steps: &[usize], node: Value) {
    let Some((step, rest)) = steps.split_first() else {
        *value = node;
        return;
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            let at = step % items.len();
            replaced(&mut items[at], rest, node);
        }
        Value::Object(pairs) if !pairs.is_empty() => {
            let at = step % pairs.len();
            if let Some((_, inner)) = pairs.iter_mut().nth(at) {
                replaced(inner, rest, node);
            }
        }
        other => *other = node,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn records_with_changed_bytes(
        case in 0..100usize, file in 0..8usize, changes in prop::collection::vec(any_change(), 1..6),
    ) {
        let mut files = CASES[case % CASES.len()].files.clone();
        let at = file % files.len();
        files[at].bytes = changes.iter().fold(files[at].bytes.clone(), changed);
        survives(&files, day());
    }

    #[test]
    fn records_with_changed_nodes(
        case in 0..100usize,
        nodes in prop::collection::vec((prop::collection::vec(0..60usize, 2..9), any_node()), 1..12),
    ) {
        let mut files = CASES[case % CASES.len()].files.clone();
        let bundle = files.iter_mut().find(|f| f.name.ends_with(".json")).expect("a bundle");
        let mut value: Value = serde_json::from_slice(&bundle.bytes).expect("a case is JSON");
        for (steps, node) in nodes {
            // Most changes go into an entry: `entry` is what a bundle is about.
            match value.get_mut("entry") {
                Some(entries) => replaced(entries, &steps, node),
                None => replaced(&mut value, &steps, node),
            }
        }
        bundle.bytes = value.to_string().into_bytes();
        survives(&files, day());
    }

    #[test]
    fn any_instant(case in 0..100usize, year in 1..9999i16, month in 1..13i8) {
        if let Ok(as_of) = AsOf::parse(&format!("{year:04}-{month:02}-01")) {
            survives(&CASES[case % CASES.len()].files, as_of);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_under_any_name(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        text in "\\PC{0,200}",
        start in prop::sample::select(vec![
            "", "{", "[", "##fileformat=VCFv4.2\n", "Hugo_Symbol\tHGVSp_Short\n", "\u{feff}", "{\"resourceType\":",
        ]),
        name in "[a-z]{0,3}(\\.(json|ndjson|vcf|maf|txt|md|gz|vcf\\.gz|pdf))?",
    ) {
        let files: Vec<InputFile> = [bytes, text.into_bytes()]
            .into_iter()
            .enumerate()
            .map(|(at, rest)| InputFile { name: format!("{at}{name}"), bytes: [start.as_bytes(), &rest].concat() })
            .collect();
        match ENGINE.case(&files, day()) {
            Ok(case) => conserved(&case),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn any_sequencing_lines(
        lines in prop::collection::vec("[\\PC\t]{0,60}|([0-9XYM]{1,3}\t[0-9]{0,20}\t\\.\t[ACGTN<>*\\[\\]:,.]{0,9}\t[ACGTN<>*\\[\\]:,.]{0,9}\t\\.\tPASS\t[A-Za-z=;|.>:0-9]{0,40})", 0..8),
        maf in any::<bool>(),
    ) {
        let header = match maf {
            true => "Hugo_Symbol\tHGVSp_Short\tHGVSc\tStart_Position\tNCBI_Build\tReference_Allele\tTumor_Seq_Allele2\tt_alt_count\n",
            false => "##fileformat=VCFv4.2\n##reference=GRCh38\n##INFO=<ID=CSQ,Number=.,Description=\"Format: Allele|SYMBOL|HGVSp\">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n",
        };
        let patient = InputFile { name: "p.json".into(), bytes: br#"{"resourceType":"Patient","id":"p"}"#.to_vec() };
        let bytes = format!("{header}{}\n", lines.join("\n")).into_bytes();
        let files = [patient, InputFile { name: "lines".into(), bytes }];
        conserved(&ENGINE.case(&files, day()).expect("a patient is a case"));
    }

    #[test]
    fn any_variant_name(text in "\\PC{0,40}", close in "[cgp]?\\.?\\(?[A-Za-z*?=]{0,4}[0-9]{0,20}[_+*>=delinsfup A-Z0-9()\\[\\];-]{0,16}") {
        for text in [&text, &close] {
            let _ = (ProteinChange::parse(text), CodingChange::parse(text), GenomicChange::parse(text));
        }
    }

    #[test]
    fn any_settings(text in "\\PC{0,80}", key in "[a-z-]{1,16}", value in "[\"\\[\\]a-z0-9:.-]{0,20}") {
        for text in [text, format!("{key} = {value}\n"), format!("max-input-bytes = {value}")] {
            if let Err(error) = Settings::parse(&text, Path::new("concilium.toml")) {
                prop_assert!(error.to_string().contains("line "), "{error}");
            }
        }
    }
}
