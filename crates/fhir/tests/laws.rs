//! What must hold for every input: no panic, and nothing handed in goes missing.

use proptest::prelude::*;

fn leaf() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::json;
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i32>().prop_map(|n| json!(n)),
        prop::sample::select(vec![
            "69548-6",
            "53041-0",
            "LA9633-4",
            "LA9634-2",
            "48018-6",
            "85337-4",
            "2160-0",
            "97509-4",
            "84413-4",
            "51963-7",
            "final",
            "EGFR",
            "p.L858R",
            "NM_1.1:c.1A>G",
            "NC_000007.13:g.5A>T",
            "2024-02-30",
            "Observation/1",
            "#1",
            "urn:uuid:1",
            "EML4::ALK",
            "3+",
        ])
        .prop_map(|s| json!(s)),
        "\\PC{0,12}".prop_map(|s| json!(s)),
    ]
}

const KEYS: [&str; 40] = [
    "code",
    "coding",
    "system",
    "display",
    "text",
    "value",
    "unit",
    "valueQuantity",
    "valueCodeableConcept",
    "valueString",
    "valueInteger",
    "valueRange",
    "valueRatio",
    "valueReference",
    "component",
    "extension",
    "url",
    "reference",
    "identifier",
    "status",
    "subject",
    "focus",
    "derivedFrom",
    "hasMember",
    "effectiveDateTime",
    "effectivePeriod",
    "start",
    "stage",
    "summary",
    "assessment",
    "name",
    "given",
    "note",
    "contained",
    "dosage",
    "content",
    "attachment",
    "data",
    "low",
    "condition",
];

fn tree() -> impl Strategy<Value = serde_json::Value> {
    leaf().prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::Array),
            prop::collection::vec((prop::sample::select(KEYS.to_vec()), inner), 0..5).prop_map(|pairs| pairs
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

fn resource() -> impl Strategy<Value = serde_json::Value> {
    let kinds = vec![
        "Observation",
        "Patient",
        "Condition",
        "DiagnosticReport",
        "DocumentReference",
        "MedicationRequest",
        "MedicationStatement",
        "MedicationAdministration",
        "Procedure",
        "Specimen",
        "AllergyIntolerance",
        "FamilyMemberHistory",
        "ServiceRequest",
        "Claim",
        "Odd",
    ];
    let fields = prop::collection::vec((prop::sample::select(KEYS.to_vec()), tree()), 0..8);
    (prop::sample::select(kinds), prop::option::of(0..3u8), fields).prop_map(|(kind, id, fields)| {
        let mut map = serde_json::Map::new();
        map.insert("resourceType".into(), kind.into());
        map.extend(id.map(|id| ("id".to_owned(), id.to_string().into())));
        map.extend(
            fields
                .into_iter()
                .filter(|(key, _)| *key != "contained")
                .map(|(key, value)| (key.to_owned(), value)),
        );
        map.into()
    })
}

proptest! {
    #[test]
    fn never_panics_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = concilium_fhir::read("x", &bytes);
    }

    #[test]
    fn never_panics_on_cut_records(resources in prop::collection::vec(resource(), 1..3), cut in any::<prop::sample::Index>()) {
        let text = serde_json::json!({"resourceType": "Bundle", "entry": resources}).to_string();
        let _ = concilium_fhir::read("x", &text.as_bytes()[..cut.index(text.len())]);
    }

    /// As many inputs come out as entries went in, and the facts they claim are the facts there are.
    #[test]
    fn entries_are_conserved(resources in prop::collection::vec(resource(), 0..6)) {
        let entries: Vec<_> = resources.iter().map(|r| serde_json::json!({"resource": r})).collect();
        let text = serde_json::json!({"resourceType": "Bundle", "entry": entries}).to_string();
        let facts = concilium_fhir::read("x", text.as_bytes()).expect("a bundle");
        prop_assert_eq!(facts.inputs.len(), resources.len());
        for input in facts.inputs.iter().filter(|input| input.facts == 0) {
            prop_assert!(facts.issues.iter().any(|issue| issue.source.to_string().contains(&input.id)), "{}", input.id);
        }
        let json = serde_json::to_value(&facts).expect("facts as JSON");
        let lists = json.as_object().into_iter().flatten().filter(|(key, _)| *key != "inputs" && *key != "issues");
        let there: usize = lists.map(|(_, list)| list.as_array().map_or(0, Vec::len)).sum();
        prop_assert_eq!(facts.inputs.iter().map(|input| input.facts).sum::<usize>(), there);
    }

    /// The same entries one a line give the same facts.
    #[test]
    fn lines_and_bundle_agree(resources in prop::collection::vec(resource(), 2..5)) {
        let lines: Vec<String> = resources.iter().map(ToString::to_string).collect();
        let entries: Vec<_> = resources.iter().map(|r| serde_json::json!({"resource": r})).collect();
        let bundle = serde_json::json!({"resourceType": "Bundle", "entry": entries}).to_string();
        let from_lines = concilium_fhir::read("x", lines.join("\n").as_bytes()).expect("lines");
        prop_assert_eq!(from_lines, concilium_fhir::read("x", bundle.as_bytes()).expect("bundle"));
    }

    #[test]
    fn size_is_limited(size in 1..50usize) {
        let limits = concilium_fhir::Limits { bytes: 10 };
        let read = concilium_fhir::read_within("x", &vec![b' '; size], limits);
        let expected = concilium_fhir::ReadError::TooLarge { bytes: size, limit: 10 };
        prop_assert_eq!(read == Err(expected), size > 10);
    }
}
