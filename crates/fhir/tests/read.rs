//! What does the reader make of small records?

mod common;

use expect_test::{Expect, expect};

/// Reads resources as one bundle; the facts and all issues, one line each.
#[track_caller]
fn check(resources: &[&str], expect: Expect) {
    let entries: Vec<String> =
        resources.iter().map(|resource| format!("{{\"resource\":{resource}}}")).collect();
    check_file(&format!("{{\"resourceType\":\"Bundle\",\"entry\":[{}]}}", entries.join(",")), expect);
}

#[track_caller]
fn check_file(text: &str, expect: Expect) {
    let shown = match concilium_fhir::read("r.json", text.as_bytes()) {
        Err(wrong) => format!("{wrong}\n"),
        Ok(facts) => {
            let mut lines = common::lines(&facts);
            lines.extend(common::issues(&facts, true).iter().map(|line| line.replace("r.json: ", "")));
            lines.extend(facts.inputs.iter().map(|input| format!("input {} {}", input.id, input.facts)));
            lines.join("\n") + "\n"
        }
    };
    expect.assert_eq(&shown);
}

/// An observation with a LOINC code and the given further elements.
fn observation(id: &str, loinc: &str, rest: &str) -> String {
    format!(
        r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"{loinc}"}}]}},{rest}}}"#
    )
}

/// A variant that is present, with components `code=value` (LOINC code and coded value) and extra raw components.
fn variant(components: &[(&str, &str)], raw: &str) -> String {
    let coded = components.iter().map(|(code, value)| {
        format!(r#"{{"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"valueCodeableConcept":{{"coding":[{value}]}}}}"#)
    });
    let all: Vec<String> = coded.chain((!raw.is_empty()).then(|| raw.to_owned())).collect();
    let rest = format!(
        r#""valueCodeableConcept":{{"coding":[{{"system":"http://loinc.org","code":"LA9633-4"}}]}},"component":[{}]"#,
        all.join(",")
    );
    observation("v", "69548-6", &rest)
}

const EGFR: (&str, &str) =
    ("48018-6", r#"{"system":"http://www.genenames.org/geneId","code":"HGNC:3236","display":"EGFR"}"#);

// Hazards: each must be said.

#[test]
fn unknown_element() {
    check(
        &[&observation("a", "718-7", r#""valueQuantity":{"value":9.50,"unit":"g/dL"},"colour":"red""#)],
        expect![[r#"
        lab haemoglobin 9.50 g/dL @ -
        Note Observation/a colour | `colour` is not an element of R4 Observation; it is not read
        input Observation/a 1
    "#]],
    );
}

#[test]
fn date_without_offset_or_seconds_or_sense() {
    let lab = |id, date| {
        observation(
            id,
            "718-7",
            &format!(r#""valueQuantity":{{"value":9,"unit":"g/dL"}},"effectiveDateTime":"{date}""#),
        )
    };
    check(
        &[
            &lab("a", "2024-05-17T08:30:00"),
            &lab("b", "2024-05-17T08:30Z"),
            &lab("c", "17.05.2024"),
            &lab("d", "2024-05"),
        ],
        expect![[r#"
        lab haemoglobin 9 g/dL @ 2024-05-17T08:30:00
        lab haemoglobin 9 g/dL @ 2024-05-17T08:30Z
        lab haemoglobin 9 g/dL @ -
        lab haemoglobin 9 g/dL @ 2024-05
        Doubtful Observation/a effectiveDateTime | the time lacks its offset or seconds; the calendar day as written is used
        Doubtful Observation/b effectiveDateTime | the time lacks its offset or seconds; the calendar day as written is used
        Doubtful Observation/c effectiveDateTime | the date cannot be read; the fact has none
        input Observation/a 1
        input Observation/b 1
        input Observation/c 1
        input Observation/d 1
    "#]],
    );
}

#[test]
fn offset_and_decimal_stay_as_written() {
    let lab =
        r#""valueQuantity":{"value":1.500,"unit":"mg/dL"},"effectiveDateTime":"2024-05-17T23:30:00-08:00""#;
    check(
        &[&observation("a", "2160-0", lab)],
        expect![[r#"
        lab creatinine 1.500 mg/dL @ 2024-05-17T23:30:00-08:00
        input Observation/a 1
    "#]],
    );
}

#[test]
fn choice_of_wrong_type_or_twice() {
    let patient = r#"{"resourceType":"Patient","id":"p","multipleBirthInteger":"2","birthDate":"1960-13"}"#;
    let twice = r#""valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"10828004"}]},"valueQuantity":{"value":90,"unit":"%"}"#;
    check(
        &[patient, &observation("er", "85337-4", twice)],
        expect![[r#"
        patient Patient/p | - | born - | None
        marker Er ihc | Positive | score - | 90 %
        Doubtful Patient/p multipleBirthInteger | `multipleBirthInteger` has the wrong JSON type; it may not have been read
        Doubtful Patient/p birthDate | the date cannot be read; the fact has none
        Doubtful Observation/er valueQuantity | a second value[x]; R4 allows one
        input Patient/p 1
        input Observation/er 1
    "#]],
    );
}

#[test]
fn status_required_rank_and_scalar() {
    let patient = r#"{"resourceType":"Patient","id":"p","name":{"family":"A"},"telecom":[{"rank":0}]}"#;
    let bogus =
        r#"{"resourceType":"Observation","id":"a","status":"bogus","code":{"text":"x"},"valueString":"y"}"#;
    let bare = r#"{"resourceType":"Observation","id":"b","_status":{"extension":[]},"valueString":"y"}"#;
    check(
        &[patient, bogus, bare],
        expect![[r#"
        patient Patient/p | A | born - | None
        other "x" = y
        other  = y
        Doubtful Patient/p name | one value where a list belongs; read as a list of one
        Doubtful Patient/p telecom[0].rank | rank 0 is not a positive integer
        Doubtful Observation/a status | status `bogus` is not a code of R4 Observation
        Doubtful Observation/b status | required element `status` is replaced by an extension; the rest is read
        Doubtful Observation/b code | required element `code` is missing; the rest is read
        Doubtful Observation/b code | the observation has no code and no words
        input Patient/p 1
        input Observation/a 1
        input Observation/b 1
    "#]],
    );
}

#[test]
fn repeated_key_number_as_text_and_modifier() {
    let lab = r#""issued":"2024-01-01T00:00:00Z","issued":"2025-01-01T00:00:00Z","valueQuantity":{"value":"57","unit":"U/L"},"modifierExtension":[{"url":"x"}]"#;
    check(
        &[&observation("a", "1920-8", lab)],
        expect![[r#"
        lab ast 57 U/L @ -
        Doubtful Observation/a issued | the key stands twice; the first value is read
        Doubtful Observation/a valueQuantity.value | a number written as text
        Doubtful Observation/a modifierExtension | a modifier extension can change the meaning of the entry, and it is not understood
        input Observation/a 1
    "#]],
    );
}

#[test]
fn unknown_and_set_aside_resource_types() {
    let missing = r#"{"id":"x"}"#;
    check(
        &[r#"{"resourceType":"Starship","id":"s"}"#, r#"{"resourceType":"Claim","id":"c"}"#, missing],
        expect![[r#"
        Lost Starship/s resourceType | not a resource type of R4; nothing in it was read
        Note Claim/c | Claim set aside: no stage uses this kind of resource
        Lost Entry/x | the entry has no resource, or one without `resourceType`
        input Starship/s 0
        input Claim/c 0
        input Entry/x 0
    "#]],
    );
}

#[test]
fn same_id_twice() {
    let a = observation("a", "718-7", r#""valueQuantity":{"value":9,"unit":"g/dL"}"#);
    let b = observation("a", "718-7", r#""valueQuantity":{"value":8,"unit":"g/dL"}"#);
    check(
        &[&a, &a, &b],
        expect![[r#"
        lab haemoglobin 9 g/dL @ -
        lab haemoglobin 8 g/dL @ -
        Note Observation/a | the same resource stood in the input before; read once
        Doubtful Observation/a | another resource in this input has the same id and other content; both are read
        input Observation/a 1
        input Observation/a 0
        input Observation/a 1
    "#]],
    );
}

#[test]
fn references_in_a_circle() {
    let a = observation("a", "77753-2", r#""hasMember":[{"reference":"Observation/b"}]"#);
    let b = observation("b", "77753-2", r#""hasMember":[{"reference":"Observation/a"}]"#);
    check(
        &[&a, &b],
        expect![[r#"
        other 77753-2 = groups 1 other observations
        other 77753-2 = groups 1 other observations
        Doubtful Observation/b | references run in a circle back to Observation/a
        input Observation/a 1
        input Observation/b 1
    "#]],
    );
}

#[test]
fn unit_unknown_missing_or_a_thousandfold() {
    let q = |id, loinc, quantity| observation(id, loinc, &format!(r#""valueQuantity":{{{quantity}}}"#));
    check(
        &[
            &q("a", "2160-0", r#""value":1.1,"unit":"mg per dl""#),
            &q("b", "2160-0", r#""value":1.1"#),
            &q("c", "26499-4", r#""value":3000,"unit":"10*3/uL""#),
        ],
        expect![[r#"
            lab creatinine 1.1 mg per dl @ -
            lab creatinine 1.1  @ -
            lab neutrophils 3000 10*3/uL implausible @ -
            Doubtful Observation/a valueQuantity | unit `mg per dl` is not known; it cannot be compared
            Doubtful Observation/b valueQuantity | a number without a unit; it cannot be compared
            Doubtful Observation/c valueQuantity | 3000 10*3/uL is a thousandfold too high to be true; the unit is probably /uL
            input Observation/a 1
            input Observation/b 1
            input Observation/c 1
        "#]],
    );
}

#[test]
fn not_json_not_fhir_and_ndjson() {
    check_file(
        "{\n  \"resourceType\": \"Patient\",\n  oops",
        expect![[r#"
        not JSON at line 3, column 3: a key expected
    "#]],
    );
    check_file(
        "{}",
        expect![[r#"
        no `resourceType`: this is not a FHIR resource
    "#]],
    );
    check_file(
        "{\"resourceType\":\"Patient\",\"id\":\"p\"}\n{oops\n\n{\"resourceType\":\"Claim\",\"id\":\"c\"}\n",
        expect![[r#"
        patient Patient/p | - | born - | None
        Lost r.json line 2  | this line is not JSON at byte 1: a key expected
        Note Claim/c | Claim set aside: no stage uses this kind of resource
        input r.json line 2 0
        input Patient/p 1
        input Claim/c 0
    "#]],
    );
}

// Markers and the code trap.

#[test]
fn er_percent_is_not_ki67_and_a_report_is_not_a_score() {
    let percent = |id, code, value| {
        observation(id, code, &format!(r#""valueQuantity":{{"value":{value},"unit":"%"}}"#))
    };
    let ki67 = r#"{"resourceType":"Observation","id":"k","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85329-1","display":"Ki-67"}]},"valueQuantity":{"value":90,"unit":"%"}}"#;
    check(
        &[&percent("er", "85329-1", 90), ki67, &percent("pd", "85147-7", 60), &percent("tps", "83053-9", 60)],
        expect![[r#"
        marker Er ihc | no call | score - | 90 %
        marker Er ihc | no call | score - | 90 %
        marker PdL1 ihc | no call | score - | 60 %
        other 85147-7 = 60 %
        Doubtful Observation/k code | the words say Ki-67, the code says Er; the code is followed
        Doubtful Observation/pd valueQuantity | this code names a PD-L1 report document; its number is not read as a tumour proportion score
        input Observation/er 1
        input Observation/k 1
        input Observation/pd 1
        input Observation/tps 1
    "#]],
    );
}

#[test]
fn her2_scores_are_no_calls() {
    let text = |id, words| observation(id, "85319-2", &format!(r#""valueString":"{words}""#));
    let all = [
        text("a", "3+"),
        text("b", "IHC 2+ (equivocal)"),
        text("c", "1+"),
        text("d", "HER2-low"),
        text("e", "not amplified"),
    ];
    check(
        &all.each_ref().map(String::as_str),
        expect![[r#"
        marker Her2 ihc | no call | score 3+ | -
        marker Her2 ihc | Equivocal | score IHC 2+ (equivocal) | -
        marker Her2 ihc | no call | score 1+ | -
        marker Her2 ihc | Low | score - | -
        marker Her2 ihc | Negative | score - | -
        input Observation/a 1
        input Observation/b 1
        input Observation/c 1
        input Observation/d 1
        input Observation/e 1
    "#]],
    );
}

#[test]
fn absent_values_and_signatures() {
    let absent = r#""dataAbsentReason":{"coding":[{"code":"error"}]}"#;
    let msi = r#""valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA26203-2","display":"MSI-H"}]}"#;
    let mss = r#""valueCodeableConcept":{"text":"MSS (stable)"}"#;
    check(
        &[
            &observation("a", "85337-4", absent),
            &observation("b", "81695-9", msi),
            &observation("c", "81695-9", mss),
            &observation("d", "69548-6", absent),
            &observation("e", "2160-0", absent),
        ],
        expect![[r#"
            alteration  | untyped | Unknown Unknown | gene 
            marker Er ihc | Failed | score - | -
            marker Signature(Msi) - | Positive | score - | -
            marker Signature(Msi) - | Negative | score - | -
            lab creatinine absent: error @ -
            Doubtful Observation/d dataAbsentReason | the variant assessment gave no answer
            Doubtful Observation/d component | the variant names no gene; it can match by coordinate or ClinVar id only
            Note Observation/d component | the source class (somatic or germline) is not stated
            Doubtful Observation/e valueQuantity | the value is stated as absent; it is never read as normal
            input Observation/a 1
            input Observation/b 1
            input Observation/c 1
            input Observation/d 1
            input Observation/e 1
        "#]],
    );
}

// Variants.

#[test]
fn small_variant_with_all_names() {
    let fraction = r#"{"code":{"coding":[{"code":"81258-6"}]},"valueQuantity":{"value":12.5,"unit":"%"}}"#;
    let names = [
        EGFR,
        ("48004-6", r#"{"code":"NM_005228.5:c.2369C>T"}"#),
        ("48005-3", r#"{"code":"p.(Thr790Met)"}"#),
        ("81290-9", r#"{"code":"NC_000007.13:g.55249071C>T"}"#),
        ("48002-0", r#"{"code":"LA6684-0"}"#),
        ("53034-5", r#"{"code":"LA6706-1"}"#),
        ("53037-8", r#"{"code":"LA6668-3"}"#),
    ];
    check(
        &[&variant(&names, fraction)],
        expect![[r#"
            alteration EGFR T790M | small T790M NM_005228:c.2369C>T GRCh37 chr7:55249071 C>T Missense | Present Somatic | gene EGFR | Pathogenic | homozygous false | vaf 0.125
            input Observation/v 1
        "#]],
    );
}

#[test]
fn fusions_in_every_form() {
    let gene = |symbol: &str| format!(r#"{{"display":"{symbol}"}}"#);
    let (eml4, alk) = (gene("EML4"), gene("ALK"));
    check(
        &[&variant(&[("48018-6", &eml4), ("48018-6", &alk)], "")],
        expect![[r#"
        alteration EML4/ALK fusion, orientation not stated | fusion EML4::ALK oriented false | Present Unknown | gene ALK
        Note Observation/v component | the source class (somatic or germline) is not stated
        input Observation/v 1
    "#]],
    );
    check(
        &[&variant(&[("81252-9", r#"{"display":"EML4::ALK"}"#)], "")],
        expect![[r#"
            alteration EML4::ALK fusion | fusion EML4::ALK oriented true | Present Unknown | gene ALK
            Note Observation/v component | the source class (somatic or germline) is not stated
            input Observation/v 1
        "#]],
    );
    check(
        &[&variant(&[("81252-9", r#"{"display":"ROS1 Fusion"}"#)], "")],
        expect![[r#"
            alteration ROS1 fusion | fusion ?::ROS1 oriented false | Present Unknown | gene ROS1
            Note Observation/v component | the source class (somatic or germline) is not stated
            input Observation/v 1
        "#]],
    );
    check(
        &[&variant(&[("48018-6", &alk), ("48019-4", r#"{"code":"SO:0001565"}"#)], "")],
        expect![[r#"
        alteration ALK fusion | fusion ?::ALK oriented false | Present Unknown | gene ALK
        Note Observation/v component | the source class (somatic or germline) is not stated
        input Observation/v 1
    "#]],
    );
}

#[test]
fn fusion_label_with_a_point_mutation() {
    let names = [
        ("48018-6", r#"{"display":"BCR"}"#),
        ("48018-6", r#"{"display":"ABL1"}"#),
        ("81290-9", r#"{"code":"NM_005157.6:c.1076T>G"}"#),
    ];
    check(
        &[&variant(&names, "")],
        expect![[r#"
        alteration BCR/ABL1 fusion, orientation not stated | fusion BCR::ABL1 oriented false | Present Unknown | gene ABL1
        alteration NM_005157.6:c.1076T>G | small - NM_005157:c.1076T>G | Present Unknown | gene 
        Note Observation/v component | a coding name stands in the component for the genomic one; read as coding
        Doubtful Observation/v component | a fusion entry also names a point change; both are kept, the change without its gene
        Note Observation/v component | the source class (somatic or germline) is not stated
        input Observation/v 2
    "#]],
    );
}

#[test]
fn gene_codes_that_disagree() {
    let bap1 = r#"{"system":"http://www.genenames.org","code":"HGNC:950","display":"BAP1"},{"system":"http://www.ncbi.nlm.nih.gov/gene","code":"3815","display":"BAP1"}"#;
    check(
        &[&variant(&[("48018-6", bap1), ("48005-3", r#"{"code":"p.Gln590Ter"}"#)], "")],
        expect![[r#"
            alteration BAP1 Q590* | small Q590* Nonsense | Present Unknown | gene BAP1
            Doubtful Observation/v component | gene code `3815` is KIT, its display says BAP1
            Note Observation/v component | the source class (somatic or germline) is not stated
            input Observation/v 1
        "#]],
    );
}

#[test]
fn copies_and_a_fraction_that_is_none() {
    let copies = r#"{"code":{"coding":[{"code":"82155-3"}]},"valueQuantity":{"value":14,"unit":"1"}},{"code":{"coding":[{"code":"81258-6"}]},"valueQuantity":{"value":14,"unit":"1"}}"#;
    check(
        &[&variant(&[EGFR, ("48019-4", r#"{"display":"Amplification"}"#)], copies)],
        expect![[r#"
        alteration EGFR amplification 14 | copies Amplified Some(14.0) | Present Unknown | gene EGFR
        Note Observation/v component | the source class (somatic or germline) is not stated
        input Observation/v 1
    "#]],
    );
    check(
        &[&variant(&[EGFR, ("48005-3", r#"{"code":"p.L858R"}"#)], copies)],
        expect![[r#"
        alteration EGFR L858R | small L858R Missense | Present Unknown | gene EGFR
        alteration EGFR copy number 14 | copies NumberOnly Some(14.0) | Present Unknown | gene EGFR
        Doubtful Observation/v component | allelic fraction 14 with unit `1` is no fraction; not read
        Note Observation/v component | the source class (somatic or germline) is not stated
        input Observation/v 2
    "#]],
    );
}

#[test]
fn negatives_regions_and_unnamed_genes() {
    let gene = r#""component":[{"code":{"coding":[{"code":"48018-6"}]},"valueCodeableConcept":{"coding":[{"display":"NRAS"}]}}]"#;
    let absent = format!(r#""valueCodeableConcept":{{"coding":[{{"code":"LA9634-2"}}]}},{gene}"#);
    let region = r#""component":[{"code":{"coding":[{"code":"48018-6"}]},"valueCodeableConcept":{"coding":[{"display":"BRCA1"},{"system":"http://www.genenames.org","code":"26144"}]}},{"code":{"coding":[{"code":"uncallable-regions"}]},"valueString":"BRCA2"}]"#;
    check(
        &[&observation("n", "69548-6", &absent), &observation("r", "53041-0", region), &variant(&[], "")],
        expect![[r#"
        alteration NRAS: no variant found | untyped | Absent Unknown | gene NRAS
        alteration  | untyped | Present Unknown | gene 
        region Observation/n#region | NRAS | not  | 
        region Observation/r | BRCA1,PALB2 | not BRCA2 | 
        Doubtful Observation/v component | the variant names no gene; it can match by coordinate or ClinVar id only
        Note Observation/v component | the source class (somatic or germline) is not stated
        input Observation/n 2
        input Observation/r 1
        input Observation/v 1
    "#]],
    );
}

#[test]
fn implications_reach_their_variant() {
    let opinion = r#""derivedFrom":[{"reference":"Observation/v"}],"component":[{"code":{"coding":[{"code":"51963-7"}]},"valueCodeableConcept":{"text":"osimertinib"}},{"code":{"coding":[{"code":"51961-1"}]},"valueCodeableConcept":{"text":"Responsive"}}]"#;
    let call = |id, code| {
        observation(
            id,
            "69999-0",
            &format!(
                r#""derivedFrom":[{{"reference":"Observation/v"}}],"component":[{{"code":{{"coding":[{{"code":"53037-8"}}]}},"valueCodeableConcept":{{"coding":[{{"code":"{code}"}}]}}}}]"#
            ),
        )
    };
    let found = variant(&[EGFR, ("48005-3", r#"{"code":"p.L858R"}"#)], "");
    check(
        &[&found, &observation("o", "51961-1", opinion), &call("c", "LA6668-3"), &call("d", "LA26333-7")],
        expect![[r#"
        alteration EGFR L858R | small L858R Missense | Present Unknown | gene EGFR | Pathogenic
        opinion osimertinib: Responsive <- Observation/v
        other 69999-0 = LA6668-3
        other 69999-0 = LA26333-7
        Note Observation/v component | the source class (somatic or germline) is not stated
        Doubtful Observation/d | a second, different call on the significance of Observation/v; the first is kept
        input Observation/v 1
        input Observation/o 1
        input Observation/c 1
        input Observation/d 1
    "#]],
    );
}

#[test]
fn pharmacogenes() {
    let value = |text| {
        format!(
            r#""valueCodeableConcept":{{"coding":[{{"display":"{text}"}}]}},"component":[{{"code":{{"coding":[{{"code":"48018-6"}}]}},"valueCodeableConcept":{{"coding":[{{"display":"DPYD"}}]}}}}]"#
        )
    };
    check(
        &[&observation("g", "84413-4", &value("DPYD *1/*2A")), &observation("h", "84414-2", &value("*2A"))],
        expect![[r#"
        pgx DPYD *1/*2A - None []
        pgx DPYD - - None ["second haplotype not stated; one is *2A"]
        input Observation/g 1
        input Observation/h 1
    "#]],
    );
}

// Disease, treatment, documents.

#[test]
fn roles_of_conditions() {
    let condition = |id: &str, system: &str, code: &str, display: &str, rest: &str| {
        format!(
            r#"{{"resourceType":"Condition","id":"{id}","subject":{{"reference":"Patient/p"}},"code":{{"coding":[{{"system":"{system}","code":"{code}","display":"{display}"}}]}}{rest}}}"#
        )
    };
    let icd = "http://hl7.org/fhir/sid/icd-10-cm";
    let sct = "http://snomed.info/sct";
    let refuted = r#","verificationStatus":{"coding":[{"code":"refuted"}]}"#;
    check(
        &[
            &condition("a", icd, "C34.1", "", ""),
            &condition("b", icd, "C79.31", "", ""),
            &condition("c", icd, "D05.1", "", ""),
            &condition("d", icd, "Z85.3", "", ""),
            &condition("e", sct, "1", "Secondary malignant neoplasm of liver", ""),
            &condition("f", sct, "2", "Suspected lung cancer", ""),
            &condition("g", sct, "3", "Neoplasm of kidney", ""),
            &condition("h", sct, "4", "Malignant hypertension", ""),
            &condition("i", sct, "5", "", ""),
            &condition("j", icd, "C50.9", "", refuted),
            &condition("k", sct, "6", "History of breast cancer", ""),
        ],
        expect![[r#"
            condition PrimaryCancer C34.1 | - @ -
            condition Metastasis C79.31 | - @ -
            condition NonInvasive D05.1 | - @ -
            condition CancerHistory Z85.3 | - @ -
            condition Metastasis 1 | - @ -
            condition PrimaryCancer 2 suspected | - @ -
            condition PrimaryCancer 3 suspected | - @ -
            condition Comorbidity 4 | - @ -
            condition Comorbidity 5 | - @ -
            condition PrimaryCancer C50.9 | - @ - RETRACTED refuted
            condition CancerHistory 6 | - @ -
            Doubtful Condition/g code | a neoplasm whose malignancy is not stated; read as a suspected primary
            Doubtful Condition/i code | the code has no words and its system gives no class here; read as another diagnosis
            input Condition/a 1
            input Condition/b 1
            input Condition/c 1
            input Condition/d 1
            input Condition/e 1
            input Condition/f 1
            input Condition/g 1
            input Condition/h 1
            input Condition/i 1
            input Condition/j 1
            input Condition/k 1
        "#]],
    );
}

#[test]
fn stages_side_by_side() {
    let condition = r#"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"},"code":{"text":"Breast cancer"},"stage":[{"summary":{"text":"Stage 3C"},"assessment":[{"reference":"Observation/s"}]}]}"#;
    let value = |text| {
        format!(
            r#""valueCodeableConcept":{{"coding":[{{"display":"{text}"}}]}},"focus":[{{"reference":"Condition/c"}}],"hasMember":[{{"reference":"Observation/t"}}]"#
        )
    };
    let t = r#""valueCodeableConcept":{"coding":[{"system":"http://cancerstaging.org","code":"cT2"}]}"#;
    check(
        &[condition, &observation("s", "21908-9", &value("Stage IIB")), &observation("t", "21905-5", t)],
        expect![[r#"
        condition PrimaryCancer "Breast cancer" | - @ -
        stage Group IIIC [] of Condition/c @ -
        stage Group IIB [c] of Condition/c @ -
        stage T cT2 [c] of Condition/c @ -
        Doubtful Condition/c stage[0] | the summary says `IIIC`, the assessment it points to says `IIB`; both are kept
        input Condition/c 2
        input Observation/s 1
        input Observation/t 1
    "#]],
    );
}

#[test]
fn performance_in_every_type() {
    let all = [
        observation("a", "89247-1", r#""valueInteger":1"#),
        observation("b", "89247-1", r#""valueQuantity":{"value":2}"#),
        observation("c", "89247-1", r#""valueCodeableConcept":{"coding":[{"code":"LA9624-3"}]}"#),
        observation("d", "89243-0", r#""valueCodeableConcept":{"text":"Karnofsky 80 %"}"#),
        observation("e", "89247-1", r#""valueInteger":9"#),
    ];
    check(
        &all.each_ref().map(String::as_str),
        expect![[r#"
        performance Ecog 1 @ -
        performance Ecog 2 @ -
        performance Ecog 2 @ -
        performance Karnofsky 80 @ -
        other 89247-1 = 9
        Doubtful Observation/e value[x] | no score between 0 and 5 can be read; the performance status stays unknown
        input Observation/a 1
        input Observation/b 1
        input Observation/c 1
        input Observation/d 1
        input Observation/e 1
    "#]],
    );
}

#[test]
fn a_proposal_by_software_is_nobodys_plan() {
    let proposal = |id: &str, requester: &str| {
        format!(
            r#"{{"resourceType":"MedicationRequest","id":"{id}","status":"draft","intent":"proposal","subject":{{"reference":"Patient/p"}},"medicationCodeableConcept":{{"text":"letrozole"}},"requester":{requester},"note":[{{"text":"draft"}}]}}"#
        )
    };
    check(
        &[
            &proposal("a", r#"{"reference":"Practitioner/x"}"#),
            &proposal("b", r#"{"reference":"https://ehr.example.org/fhir/Device/d"}"#),
            &proposal("c", r#"{"reference":"urn:uuid:d","type":"Device"}"#),
        ],
        expect![[r#"
            drug "letrozole" | Planned | - to -
            document MedicationRequest/a#note[0] | note of MedicationRequest/a | 5 bytes
            Note MedicationRequest/b requester | proposed by software, not by a person: no plan, no order and no exposure; not read
            Note MedicationRequest/c requester | proposed by software, not by a person: no plan, no order and no exposure; not read
            input MedicationRequest/a 2
            input MedicationRequest/b 0
            input MedicationRequest/c 0
        "#]],
    );
}

#[test]
fn medications_of_all_kinds() {
    let drug = |kind: &str, id: &str, status: &str, rest: &str| {
        format!(
            r#"{{"resourceType":"{kind}","id":"{id}","status":"{status}","intent":"order","subject":{{"reference":"Patient/p"}},"medicationCodeableConcept":{{"coding":[{{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"282388"}}]}}{rest}}}"#
        )
    };
    let adjuvant = r#","extension":[{"url":"http://x/mcode-procedure-intent","valueCodeableConcept":{"text":"Adjuvant intent"}}]"#;
    let never = r#"{"resourceType":"MedicationStatement","id":"n","status":"not-taken","subject":{"reference":"Patient/p"},"medicationCodeableConcept":{"text":"CDK4/6 inhibitor"}}"#;
    let by_reference = r##"{"resourceType":"MedicationRequest","id":"r","status":"active","intent":"order","subject":{"reference":"Patient/p"},"contained":[{"resourceType":"Medication","id":"m","code":{"text":"letrozole"}}],"medicationReference":{"reference":"#m"}}"##;
    check(
        &[
            &drug("MedicationRequest", "a", "active", adjuvant),
            &drug("MedicationRequest", "b", "draft", ""),
            &drug("MedicationRequest", "c", "stopped", r#","note":[{"text":"stopped for a rash"}]"#),
            &drug("MedicationRequest", "d", "active", r#","doNotPerform":true"#),
            &drug(
                "MedicationAdministration",
                "e",
                "completed",
                r#","effectivePeriod":{"start":"2024-01","end":"2024-03"},"statusReason":[{"coding":[{"code":"266721009"}]}]"#,
            ),
            &drug("MedicationAdministration", "f", "completed", r#","wasNotGiven":true"#),
            &drug("MedicationDispense", "g", "completed", ""),
            &drug("MedicationStatement", "h", "unknown", ""),
            &drug("MedicationStatement", "i", "entered-in-error", ""),
            never,
            by_reference,
        ],
        expect![[r#"
            drug 282388 | Ordered | - to - | ongoing | adjuvant
            drug 282388 | Planned | - to -
            drug 282388 | Ordered | - to - | finished
            drug 282388 | Administered | 2024-01 to 2024-03 | finished | stopped Progression
            drug 282388 | NotTaken | - to - | finished
            drug 282388 | Dispensed | - to - | finished
            drug 282388 | Ordered | - to -
            drug 282388 | Reported | - to - RETRACTED entered-in-error
            drug "CDK4/6 inhibitor" | NotTaken | - to - | finished | class CDK4/6 inhibitor
            drug "letrozole" | Ordered | - to - | ongoing
            document MedicationRequest/c#note[0] | note of MedicationRequest/c | 18 bytes
            Doubtful MedicationRequest/c statusReason | stopped without a coded reason; a note is kept as text
            Doubtful MedicationRequest/d doNotPerform | an order not to give this drug; it is no order and no exposure
            Note MedicationAdministration/e intent | `intent` is not an element of R4 MedicationAdministration; it is not read
            Note MedicationAdministration/f intent | `intent` is not an element of R4 MedicationAdministration; it is not read
            Note MedicationDispense/g intent | `intent` is not an element of R4 MedicationDispense; it is not read
            Note MedicationStatement/h intent | `intent` is not an element of R4 MedicationStatement; it is not read
            Doubtful MedicationStatement/h status | status `unknown` does not say that it was taken; not counted as exposure
            Note MedicationStatement/i intent | `intent` is not an element of R4 MedicationStatement; it is not read
            Note MedicationRequest/r#m | Medication set aside: read where another entry refers to it; no fact of its own
            input MedicationRequest/a 1
            input MedicationRequest/b 1
            input MedicationRequest/c 2
            input MedicationRequest/d 0
            input MedicationAdministration/e 1
            input MedicationAdministration/f 1
            input MedicationDispense/g 1
            input MedicationStatement/h 1
            input MedicationStatement/i 1
            input MedicationStatement/n 1
            input MedicationRequest/r 1
            input MedicationRequest/r#m 0
        "#]],
    );
}

#[test]
fn references_in_every_form() {
    let stage =
        |id, reference| observation(id, "21908-9", &format!(r#""valueString":"IV","focus":[{reference}]"#));
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"searchset","entry":[{{"fullUrl":"urn:uuid:77","resource":{{"resourceType":"Condition","id":"c","subject":{{"reference":"Patient/p"}},"identifier":[{{"system":"s","value":"9"}}],"code":{{"text":"lung cancer"}}}}}},{{"resource":{}}},{{"resource":{}}},{{"resource":{}}},{{"resource":{}}}]}}"#,
        stage("a", r#"{"reference":"urn:uuid:77"}"#),
        stage("b", r#"{"reference":"https://x.org/fhir/Condition/c/_history/2"}"#),
        stage("c", r#"{"type":"Condition","identifier":{"system":"s","value":"9"}}"#),
        stage("d", r#"{"reference":"Condition/elsewhere"}"#),
    );
    check_file(
        &bundle,
        expect![[r#"
            condition PrimaryCancer "lung cancer" | - @ -
            stage Group IV [c] of Condition/c @ -
            stage Group IV [c] of Condition/c @ -
            stage Group IV [c] of Condition/c @ -
            stage Group IV [c] of Condition/elsewhere @ -
            Doubtful Observation/d focus | what it is about (`focus`) is not in this input
            input Condition/c 1
            input Observation/a 1
            input Observation/b 1
            input Observation/c 1
            input Observation/d 1
        "#]],
    );
}

#[test]
fn history_status_and_comorbidities() {
    let none = r#"{"resourceType":"Observation","id":"h","status":"final","code":{"coding":[{"system":"http://snomed.info/sct","code":"1287652008"}]},"valueBoolean":false}"#;
    let worse =
        r#""effectiveDateTime":"2024-02-01","valueCodeableConcept":{"coding":[{"code":"271299001"}]}"#;
    let odd = r#""valueCodeableConcept":{"coding":[{"code":"999"}]}"#;
    check(
        &[none, &observation("w", "97509-4", worse), &observation("o", "97509-4", odd)],
        expect![[r#"
        condition CancerHistory 1287652008 present=false | - @ -
        response Progressed of - @ 2024-02-01
        other 97509-4 = 999
        Doubtful Observation/o valueCodeableConcept | disease status with a value that is not known here (`999`); kept as words
        input Observation/h 1
        input Observation/w 1
        input Observation/o 1
    "#]],
    );
}

#[test]
fn documents_and_reports() {
    let report = r#"{"resourceType":"DiagnosticReport","id":"d","status":"final","code":{"text":"Pathology"},"conclusion":"Adenocarcinoma.","presentedForm":[{"contentType":"text/html","data":"PGI+RUdGUjwvYj4gVDc5ME0="},{"contentType":"application/pdf","data":"AAAA"}],"result":[{"reference":"Observation/none"}]}"#;
    let note = r#"{"resourceType":"DocumentReference","id":"n","status":"current","description":"Note","content":[{"attachment":{"contentType":"text/plain","data":"RUNPRyAx"}},{"attachment":{"url":"http://x/1"}}]}"#;
    check(
        &[report, note],
        expect![[r#"
        document DiagnosticReport/d#conclusion | Pathology: conclusion | 15 bytes
        document DiagnosticReport/d#presentedForm[0] | Pathology | 10 bytes
        document DocumentReference/n#content[0].attachment | Note | 6 bytes
        Doubtful DiagnosticReport/d result[0] | a result of this report is not in this input
        Doubtful DiagnosticReport/d presentedForm[1] | the attachment is not readable as text; it was not read
        Note DiagnosticReport/d | a report of 1 results, which are read as entries of their own
        Doubtful DocumentReference/n content[1].attachment | the attachment is only an address; it was not fetched
        input DiagnosticReport/d 2
        input DocumentReference/n 1
    "#]],
    );
}

#[test]
fn another_persons_fact() {
    let lab = |id, subject| {
        observation(
            id,
            "718-7",
            &format!(r#""subject":{{"reference":"{subject}"}},"valueQuantity":{{"value":9,"unit":"g/dL"}}"#),
        )
    };
    check(
        &[r#"{"resourceType":"Patient","id":"p"}"#, &lab("a", "Patient/p"), &lab("b", "Patient/q")],
        expect![[r#"
        patient Patient/p | - | born - | None
        lab haemoglobin 9 g/dL @ -
        lab haemoglobin 9 g/dL @ -
        Doubtful Observation/b subject | the subject is not the patient of this input; the fact may belong to another person
        input Patient/p 1
        input Observation/a 1
        input Observation/b 1
    "#]],
    );
}

#[test]
fn radiotherapy_course() {
    let course = r#"{"resourceType":"Procedure","id":"r","status":"completed","subject":{"reference":"Patient/p"},"code":{"coding":[{"system":"http://snomed.info/sct","code":"1217123003"}]},"performedPeriod":{"start":"2024-01-02","end":"2024-02-09"},"extension":[{"url":"http://x/mcode-radiotherapy-dose-delivered-to-volume","extension":[{"url":"volume","valueReference":{"reference":"BodyStructure/b"}},{"url":"totalDoseDelivered","valueQuantity":{"value":5000,"unit":"cGy"}},{"url":"fractionsDelivered","valueUnsignedInt":25}]}]}"#;
    let body = r#"{"resourceType":"BodyStructure","id":"b","location":{"text":"left breast"}}"#;
    check(
        &[course, body],
        expect![[r#"
        radiotherapy 5000 cGy in 25 | - | "left breast" @ 2024-01-02 to 2024-02-09
        Note BodyStructure/b | BodyStructure set aside: read where another entry refers to it; no fact of its own
        input Procedure/r 1
        input BodyStructure/b 0
    "#]],
    );
}

#[test]
fn allergies_family_and_requests() {
    let allergy = r#"{"resourceType":"AllergyIntolerance","id":"a","patient":{"reference":"Patient/p"},"clinicalStatus":{"coding":[{"code":"active"}]},"code":{"text":"carboplatin"}}"#;
    let none = r#"{"resourceType":"AllergyIntolerance","id":"n","patient":{"reference":"Patient/p"},"code":{"coding":[{"code":"716186003"}]}}"#;
    let family = r#"{"resourceType":"FamilyMemberHistory","id":"f","status":"completed","patient":{"reference":"Patient/p"},"relationship":{"text":"sister"},"condition":[{"code":{"text":"breast cancer"},"onsetAge":{"value":44}}]}"#;
    let request = r#"{"resourceType":"ServiceRequest","id":"s","status":"active","intent":"order","subject":{"reference":"Patient/p"},"code":{"text":"MSI testing"}}"#;
    check(
        &[allergy, none, family, request],
        expect![[r#"
        allergy "carboplatin" active true none false
        allergy 716186003 active true none true
        other "breast cancer" = sister: breast cancer, onset at 44
        other "MSI testing" = requested, status active
        input AllergyIntolerance/a 1
        input AllergyIntolerance/n 1
        input FamilyMemberHistory/f 1
        input ServiceRequest/s 1
    "#]],
    );
}

#[test]
fn versions_and_retractions() {
    let version = |id: &str, value| {
        observation(
            "a",
            "718-7",
            &format!(
                r#""meta":{{"versionId":"{id}","lastUpdated":"2024-01-0{id}T00:00:00Z"}},"valueQuantity":{{"value":{value},"unit":"g/dL"}}"#
            ),
        )
    };
    let wrong = r#"{"resourceType":"Observation","id":"w","status":"entered-in-error","code":{"text":"PD-L1"},"valueString":"positive"}"#;
    check(
        &[&version("1", 9), &version("2", 8), wrong],
        expect![[r#"
        marker PdL1 - | Positive | score - | - RETRACTED entered-in-error
        lab haemoglobin 9 g/dL @ -
        lab haemoglobin 8 g/dL @ -
        Note Observation/a meta | another version of a resource in this input; both are handed on
        input Observation/a 1
        input Observation/a 1
        input Observation/w 1
    "#]],
    );
}

#[test]
fn gene_tests_and_stains() {
    let said =
        |id, code, words| observation(id, code, &format!(r#""valueCodeableConcept":{{"text":"{words}"}}"#));
    let all = [
        said("a", "78205-2", "Not detected"),
        said("b", "21702-6", "G12C"),
        said("c", "39004-7", "Positive"),
        said("d", "85299-6", "positive"),
        said("e", "85337-4", "mauve"),
    ];
    check(
        &all.each_ref().map(String::as_str),
        expect![[r#"
        alteration ALK rearrangement | fusion ?::ALK oriented false | Absent Unknown | gene ALK
        alteration KRAS G12C | small G12C Missense | Present Unknown | gene KRAS
        marker Gene(GeneSymbol("EGFR"), Expression) - | Positive | score - | -
        marker Other("BRAF V600E IHC") ihc | Positive | score - | -
        marker Er ihc | no call | score - | -
        Doubtful Observation/e valueCodeableConcept | the answer (in words) is not known here; no call is read
        Doubtful Observation/e value[x] | no call, score or number can be read; the marker stays unknown
        input Observation/a 1
        input Observation/b 1
        input Observation/c 1
        input Observation/d 1
        input Observation/e 1
    "#]],
    );
}

#[test]
fn variation_as_words() {
    check(
        &[&variant(&[("81252-9", r#"{"display":"ERBB2 amplification"}"#)], "")],
        expect![[r#"
        alteration ERBB2 amplification | copies Amplified None | Present Unknown | gene ERBB2
        Note Observation/v component | the source class (somatic or germline) is not stated
        input Observation/v 1
    "#]],
    );
    check(
        &[&variant(&[("81252-9", r#"{"display":"EGFR T790M"}"#)], "")],
        expect![[r#"
        alteration EGFR T790M | small T790M Missense | Present Unknown | gene EGFR
        Note Observation/v component | the source class (somatic or germline) is not stated
        input Observation/v 1
    "#]],
    );
    check(
        &[&variant(
            &[(
                "81252-9",
                r#"{"system":"http://www.ncbi.nlm.nih.gov/clinvar","code":"376280","display":"NM_004333.6(BRAF):c.1799T>A (p.Val600Glu)"}"#,
            )],
            "",
        )],
        expect![[r#"
            alteration BRAF V600E | small V600E NM_004333:c.1799T>A Missense clinvar 376280 | Present Unknown | gene BRAF
            Note Observation/v component | the source class (somatic or germline) is not stated
            input Observation/v 1
        "#]],
    );
}

#[test]
fn what_does_not_hold_changes_nothing_else() {
    let found = variant(&[EGFR, ("48005-3", r#"{"code":"p.L858R"}"#)], "");
    let wrong = r#"{"resourceType":"Observation","id":"c","status":"entered-in-error","code":{"text":"implication"},"derivedFrom":[{"reference":"Observation/v"}],"component":[{"code":{"coding":[{"code":"53037-8"}]},"valueCodeableConcept":{"coding":[{"code":"LA6668-3"}]}}]}"#;
    check(
        &[&found, wrong],
        expect![[r#"
        alteration EGFR L858R | small L858R Missense | Present Unknown | gene EGFR
        other "implication" = LA6668-3 RETRACTED entered-in-error
        Note Observation/v component | the source class (somatic or germline) is not stated
        input Observation/v 1
        input Observation/c 1
    "#]],
    );
}

#[test]
fn systems_and_markers_under_other_names() {
    let her2 = r#"{"resourceType":"Observation","id":"h","status":"final","code":{"coding":[{"system":"urn:oid:2.16.840.1.113883.6.1","code":"18474-7","display":"HER2 Ag [Presence] in Tissue by Immune stain"}]},"valueCodeableConcept":{"text":"Negative"}}"#;
    let shed = r#"{"resourceType":"Observation","id":"s","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1-8","display":"HER2 in Serum"}]},"valueQuantity":{"value":12,"unit":"ng/mL"}}"#;
    check(
        &[her2, shed],
        expect![[r#"
        marker Her2 ihc | Negative | score - | -
        lab 1-8 12 ng/mL @ -
        Doubtful Observation/h code | a LOINC code that is not in the table of markers; read by its words
        input Observation/h 1
        input Observation/s 1
    "#]],
    );
}

#[test]
fn english_words_are_no_genes() {
    check(
        &[&variant(&[("81252-9", r#"{"display":"criteria met, rest of the set not read"}"#)], "")],
        expect![[r#"
            alteration criteria met, rest of the set not read | untyped | Present Unknown | gene 
            Doubtful Observation/v component | the variant names no gene; it can match by coordinate or ClinVar id only
            Note Observation/v component | the source class (somatic or germline) is not stated
            input Observation/v 1
        "#]],
    );
}

/// Neither intolerance nor progression can be said of a drug that was never taken; other reasons say nothing of it.
#[test]
fn an_order_stopped_for_what_the_drug_did_was_taken() {
    let stopped = |id: &str, reason: &str| {
        format!(
            r#"{{"resourceType":"MedicationRequest","id":"{id}","status":"stopped","intent":"order","subject":{{"reference":"Patient/p"}},"authoredOn":"2019-05-15","statusReason":{{"coding":[{{"system":"http://snomed.info/sct","code":"{reason}"}}]}},"medicationCodeableConcept":{{"text":"cisplatin"}}}}"#
        )
    };
    check(
        &[&stopped("a", "407563006"), &stopped("b", "266721009"), &stopped("c", "105480006")],
        expect![[r#"
        drug "cisplatin" | Reported | 2019-05-15 to - | finished | stopped Intolerance
        drug "cisplatin" | Reported | 2019-05-15 to - | finished | stopped Progression
        drug "cisplatin" | Ordered | 2019-05-15 to - | finished | stopped Refused
        Note MedicationRequest/a statusReason | an order stopped for what the drug did or failed to do: it was taken
        Note MedicationRequest/b statusReason | an order stopped for what the drug did or failed to do: it was taken
        input MedicationRequest/a 1
        input MedicationRequest/b 1
        input MedicationRequest/c 1
    "#]],
    );
}

/// A summary that repeats its assessment is that assessment, with its day; another value stays a side of its own.
#[test]
fn a_stage_summary_takes_the_day_of_its_assessment() {
    let stage = r#"{"resourceType":"Observation","id":"s","status":"final","code":{"coding":[{"system":"http://snomed.info/sct","code":"399537006"}]},"effectiveDateTime":"2023-09-11","valueCodeableConcept":{"text":"Stage IVB"}}"#;
    let condition = |said: &str| {
        format!(
            r#"{{"resourceType":"Condition","id":"c","subject":{{"reference":"Patient/p"}},"onsetDateTime":"2019-05-14","code":{{"text":"Prostate cancer"}},"stage":[{{"summary":{{"text":"{said}"}},"assessment":[{{"reference":"Observation/s"}}]}}]}}"#
        )
    };
    check(
        &[&condition("IVB"), stage],
        expect![[r#"
        condition PrimaryCancer "Prostate cancer" | - @ 2019-05-14
        stage Group IVB [c] of Condition/c @ 2023-09-11
        input Condition/c 1
        input Observation/s 1
    "#]],
    );
    check(
        &[&condition("IIB"), stage],
        expect![[r#"
        condition PrimaryCancer "Prostate cancer" | - @ 2019-05-14
        stage Group IIB [] of Condition/c @ 2023-09-11
        stage Group IVB [c] of - @ 2023-09-11
        Doubtful Condition/c stage[0] | the summary says `IIB`, the assessment it points to says `IVB`; both are kept
        input Condition/c 2
        input Observation/s 1
    "#]],
    );
}

/// Whole blood is not plasma.
#[test]
fn fluids_of_specimens() {
    let specimen = |id: &str, kind: &str| {
        format!(
            r#"{{"resourceType":"Specimen","id":"{id}","subject":{{"reference":"Patient/p"}},"type":{kind}}}"#
        )
    };
    let coded = |code: &str| {
        format!(
            r#"{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v2-0487","code":"{code}"}}]}}"#
        )
    };
    let words = |text: &str| format!(r#"{{"text":"{text}"}}"#);
    check(
        &[
            &specimen("a", &coded("BLD")),
            &specimen("b", &coded("PLAS")),
            &specimen("c", &words("peripheral blood, ctDNA")),
            &specimen("d", &words("Serum")),
            &specimen("e", &coded("TISS")),
        ],
        expect![[r#"
            specimen Specimen/a | BLD | - | blood @ -
            specimen Specimen/b | PLAS | - | plasma @ -
            specimen Specimen/c | "peripheral blood, ctDNA" | - | plasma @ -
            specimen Specimen/d | "Serum" | - | blood @ -
            specimen Specimen/e | TISS | - | - @ -
            input Specimen/a 1
            input Specimen/b 1
            input Specimen/c 1
            input Specimen/d 1
            input Specimen/e 1
        "#]],
    );
}
