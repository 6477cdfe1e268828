//! What does bad input do? Each row: the bytes, and what must be said of them: file, place, remedy. The rest is planned.
//!
//! The good part is case D; what is bad stands beside it. Bad content carries the word `SECRET`, which may turn up
//! in no issue and no refusal (`no-phi-out`).

use crate::support::{ENGINE, case, conserved};
use concilium_engine::Planned;
use concilium_engine::input::{InputFile, gather};
use concilium_engine::terms::AsOf;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Stands for what a record says of a person.
const SECRET: &str = "Zzyzx";

/// An option of case D that must survive whatever stands beside its records.
const GOOD: &str = "cetuximab+encorafenib";

fn file(name: &str, bytes: impl Into<Vec<u8>>) -> InputFile {
    InputFile { name: name.into(), bytes: bytes.into() }
}

/// Case D with further files.
fn beside(extra: Vec<InputFile>) -> Vec<InputFile> {
    case("D-colorectal").files.into_iter().chain(extra).collect()
}

fn planned(files: &[InputFile]) -> Planned {
    let as_of = AsOf::parse("2026-06-15").expect("a day");
    ENGINE.plan(files, as_of).unwrap_or_else(|error| panic!("no plan: {error}"))
}

fn said(planned: &Planned) -> Vec<String> {
    let issues = planned.case.facts.issues.iter();
    issues.map(|i| format!("{:?} {}: {}; {}", i.level, i.source, i.what, i.remedy)).collect()
}

/// One of the lines has all `words`, none names the secret, nothing is lost in silence, the good option stands.
#[track_caller]
fn holds(planned: &Planned, words: &[&str]) {
    let lines = said(planned);
    let found = lines.iter().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(words.is_empty() || found, "no issue has {words:?}:\n{}", lines.join("\n"));
    for issue in &planned.case.facts.issues {
        let text = format!("{} {}", issue.what, issue.remedy);
        assert!(!text.contains(SECRET), "an issue tells content: {text}");
    }
    let option = planned.plan.options.iter().find(|o| o.id == GOOD);
    assert_eq!(option.map(|o| o.section.number()), Some(1), "{GOOD} must still be discussed");
    conserved(&planned.case);
}

/// A bad file beside good records.
#[track_caller]
fn check(name: &str, bytes: impl Into<Vec<u8>>, words: &[&str]) {
    holds(&planned(&beside(vec![file(name, bytes)])), words);
}

/// A bad resource in a bundle of its own beside good records.
#[track_caller]
fn check_resource(resource: &str, words: &[&str]) {
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{}}}]}}"#,
        resource.replace("SUBJECT", r#""subject":{"reference":"Patient/patient-d"}"#)
    );
    check("bad.json", bundle, words);
}

/// Records that give no plan at all.
#[track_caller]
fn check_refused(files: &[InputFile], as_of: &str, words: &[&str]) {
    let as_of = AsOf::parse(as_of).expect("a day");
    let error = ENGINE.plan(files, as_of).map(|_| ()).expect_err("must be refused").to_string();
    assert!(words.iter().all(|word| error.contains(word)), "lacks one of {words:?}: {error}");
    assert!(!error.contains(SECRET), "{error}");
}

#[test]
fn json_that_is_cut_off() {
    let bundle =
        case("D-colorectal").files.into_iter().find(|f| f.name == "bundle.json").expect("bundle").bytes;
    let ends = ["Lost bad.json", "not JSON at line", "column", "the text ends early", "export it again"];
    for at in [1, 10, 1000, bundle.len() / 2, bundle.len() - 3] {
        check("bad.json", &bundle[..at], &ends);
    }
    check("bad.json", format!(r#"{{"resourceType":"Patient","id":"{SECRET}"#), &ends);
    check("bad.json", format!(r#"{{"a" "{SECRET}"}}"#), &["bad.json", "line 1, column 6", "`:` expected"]);
}

#[test]
fn files_that_are_something_else() {
    let no_reader = "FHIR JSON or NDJSON, VCF, MAF or text notes";
    check("bad.json", "", &["Lost bad.json", "empty", "export it again"]);
    check("bad.json", "\u{feff} \n", &["Lost bad.json", "empty", "export it again"]);
    check("bad.json", [0u8, 1, 2, 3, 0xff].repeat(100), &["Lost bad.json", "binary data", no_reader]);
    check("bad.vcf", [0u8, 1, 2, 3, 0xff].repeat(100), &["Lost bad.vcf", "binary data", no_reader]);
    check("bad.txt", [0xffu8, 0xfe, b'h', 0, b'i', 0], &["Lost bad.txt", "UTF-16", "save it as UTF-8"]);
    check(
        "bad.txt",
        b"caf\xe9".to_vec(),
        &["Lost bad.txt", "not UTF-8 from byte 3", "save the note as UTF-8"],
    );
    check("bad.json", b"{\"a\":\"caf\xe9\"}".to_vec(), &["Lost bad.json", "not UTF-8 from byte 9", "UTF-8"]);
    check(
        "bad.xml",
        format!("<Bundle>{SECRET}</Bundle>"),
        &["Lost bad.xml", "XML", "export it as FHIR JSON"],
    );
    check("bad.json", "<html><body>Login</body></html>", &["Lost bad.json", "XML or HTML", "FHIR JSON"]);
    check("report.pdf", b"%PDF-1.7\x00".to_vec(), &["Lost report.pdf", "PDF", "text (.txt)"]);
    check("records.zip", b"PK\x03\x04zip".to_vec(), &["Lost records.zip", "zip", "unpack it"]);
    check("table.csv", "a,b\n1,2\n", &["Lost table.csv", "no reader", no_reader]);
    check("bad.json", r#"{"name": "Zzyzx"}"#, &["Lost bad.json", "resourceType", "Bundle"]);
    check("bad.json", "42", &["Lost bad.json", "resourceType", "Bundle"]);
    check("bad.json", "[]", &["Lost bad.json", "resourceType", "Bundle"]);
    check("bad.gz", [0x1fu8, 0x8b, 8, 0, 1, 2, 3], &["Lost bad.gz", "gzip", "copy the file again"]);
}

#[test]
fn what_stands_in_a_file_counts_more_than_its_name() {
    let patient = r#"{"resourceType":"Patient","id":"patient-d"}"#;
    let facts = |name: &str, bytes: &[u8]| {
        let planned = planned(&beside(vec![file(name, bytes)]));
        holds(&planned, &[]);
        planned.case.facts.inputs.iter().filter(|i| i.file == name).map(|i| i.facts).sum::<usize>()
    };
    let vcf = case("D-colorectal").files.into_iter().find(|f| f.name == "variants.vcf").expect("vcf").bytes;
    let maf =
        "#version 2.4\nHugo_Symbol\tVariant_Classification\tHGVSp_Short\nTP53\tMissense_Mutation\tp.R175H\n";
    let marked = [b"\xef\xbb\xbf".as_slice(), &vcf].concat();
    for (name, bytes) in [
        ("fhir.txt", patient.as_bytes()),
        ("fhir.vcf", patient.as_bytes()),
        ("fhir", patient.as_bytes()),
        ("list.json", format!("[{patient}]").as_bytes()),
        ("vcf.json", &vcf),
        ("vcf-mark.txt", &marked),
        ("data_mutations.txt", maf.as_bytes()),
    ] {
        assert_eq!(facts(name, bytes), 1, "{name}");
    }
}

#[test]
fn lines_of_ndjson_fail_alone() {
    let good = r#"{"resourceType":"Observation","id":"x","status":"final"}"#;
    let text = format!("{good}\n{{\"resourceType\":\"Patient\",\"name\":\"{SECRET}\n{good}\n");
    check("bad.ndjson", text, &["Lost bad.ndjson line 2", "not JSON at byte", "export the line again"]);
}

#[test]
fn wrong_resources() {
    check_resource("42", &["Lost bad.json: Entry/entry-1", "without `resourceType`", "send the resource"]);
    check_resource(
        r#"{"resourceType":"Zzyzx2"}"#,
        &["Lost bad.json", "not a resource type of R4", "send R4"],
    );
    let nobody = file("bad.json", r#"{"resourceType":["Patient"]}"#);
    check_refused(&beside(vec![nobody]), "2026-06-15", &["Patient/entry-1 (bad.json)", "one person"]);
    check_resource(
        r#"{"resourceType":"Observation","id":"o","status":"Zzyzx of 12 Main Street",SUBJECT}"#,
        &["bad.json: Observation/o status", "not a code of R4", "correct the status"],
    );
    check_resource(
        r#"{"resourceType":"Observation","id":"o","status":"final",SUBJECT,
            "code":{"coding":[{"system":"http://loinc.org","code":"2160-0"}]},
            "valueQuantity":{"value":1,"unit":"mg/dL"},"valueString":"Zzyzx"}"#,
        &["bad.json: Observation/o valueString", "a second value[x]", "keep the one that holds"],
    );
    check_resource(
        r#"{"resourceType":"Observation","id":"o","status":"final",SUBJECT,
            "code":{"coding":[{"system":"http://loinc.org","code":"2160-0"}]},
            "effectiveDateTime":"Zzyzx","valueQuantity":{"value":1,"unit":"mg/dL"}}"#,
        &["bad.json: Observation/o effectiveDateTime", "date cannot be read", "YYYY-MM-DD"],
    );
}

/// A name of any length stays a name in an issue, not a copy of the file.
#[test]
fn names_without_end_are_cut_short() {
    let key = "k".repeat(100_000);
    let resource = format!(
        r#"{{"resourceType":"Patient","id":"patient-d","{key}":1,"name":{{"{key}":{{"valueDateTime":"x","{key}":1}}}}}}"#
    );
    let planned = planned(&beside(vec![file("long.json", resource)]));
    holds(&planned, &["long.json: Patient/patient-d k", "is not an element of R4 Patient"]);
    let longest = said(&planned).iter().map(String::len).max();
    assert!(longest < Some(2000), "{longest:?}");
}

#[test]
fn units_and_codes_nobody_knows() {
    check_resource(
        r#"{"resourceType":"Observation","id":"o","status":"final",SUBJECT,
            "code":{"coding":[{"system":"http://loinc.org","code":"2160-0"}]},
            "effectiveDateTime":"2026-06-01","valueQuantity":{"value":1,"unit":"bananas"}}"#,
        &["bad.json: Observation/o", "unit"],
    );
    let unknown = r#"{"resourceType":"Observation","id":"o","status":"final","subject":{"reference":"Patient/patient-d"},
        "code":{"coding":[{"system":"urn:nobody:knows","code":"Zzyzx"}]},"valueBoolean":true}"#;
    let planned = planned(&beside(vec![file("bad.json", unknown)]));
    holds(&planned, &[]);
    let kept = planned.case.facts.observations.iter().any(|o| o.meta.id == "Observation/o");
    assert!(kept, "an observation nobody knows is kept as words");
    check_resource(
        r#"{"resourceType":"Condition","id":"c",SUBJECT,
            "code":{"coding":[{"system":"urn:nobody:knows","code":"Zzyzx"}]}}"#,
        &["bad.json: Condition/c"],
    );
}

#[test]
fn one_id_with_two_contents() {
    let one = |value: u8| {
        format!(
            r#"{{"resource":{{"resourceType":"Observation","id":"twice","status":"final",
            "subject":{{"reference":"Patient/patient-d"}},"code":{{"coding":[{{"system":"http://loinc.org","code":"2160-0"}}]}},
            "effectiveDateTime":"2026-06-01","valueQuantity":{{"value":{value},"unit":"mg/dL"}}}}}}"#
        )
    };
    let bundle = format!(r#"{{"resourceType":"Bundle","entry":[{},{}]}}"#, one(1), one(2));
    check(
        "bad.json",
        bundle,
        &["bad.json: Observation/twice", "same id and other content", "its own id and version"],
    );
}

#[test]
fn references_in_circles_end() {
    let stage = r#"{"resourceType":"Bundle","type":"collection","entry":[
        {"resource":{"resourceType":"Condition","id":"ring","subject":{"reference":"Patient/patient-d"},
          "code":{"text":"ring"},"stage":[{"assessment":[{"reference":"Observation/ring"}]}]}},
        {"resource":{"resourceType":"Observation","id":"ring","status":"final","subject":{"reference":"Patient/patient-d"},
          "code":{"coding":[{"system":"http://loinc.org","code":"21908-9"}]},"focus":[{"reference":"Condition/ring"}],
          "hasMember":[{"reference":"Observation/ring"}]}}]}"#;
    check(
        "bad.json",
        stage,
        &["bad.json: Observation/ring", "circle back to Observation/ring", "remove one"],
    );
    let linked = r#"{"resourceType":"Patient","id":"patient-d","link":[{"other":{"reference":"Patient/patient-d"},"type":"seealso"}]}"#;
    check("bad.json", linked, &["bad.json: Patient/patient-d", "circle", "remove one"]);
    check_resource(
        r##"{"resourceType":"Observation","id":"self","status":"final",SUBJECT,"code":{"text":"x"},
            "specimen":{"reference":"#s"},"hasMember":[{"reference":"#"}],
            "contained":[{"resourceType":"Specimen","id":"s","parent":[{"reference":"#s"}]}]}"##,
        &["bad.json: Observation/self", "circle back to Observation/self"],
    );
}

#[test]
fn nesting_without_end() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
    check("bad.json", deep("[", "]"), &["Lost bad.json", "line 1, column 129", "nested more than 128 deep"]);
    check("bad.json", deep("{\"a\":", "}"), &["Lost bad.json", "nested more than 128 deep"]);
}

#[test]
fn a_bundle_of_sixteen_megabytes() {
    let mut bundle = String::from(r#"{"resourceType":"Bundle","type":"collection","entry":["#);
    let mut at = 0;
    while bundle.len() < 16_000_000 {
        bundle.push_str(&format!(
            r#"{{"fullUrl":"urn:uuid:{at}","resource":{{"resourceType":"Observation","id":"lab-{at}","status":"final",
            "subject":{{"reference":"Patient/patient-d"}},"effectiveDateTime":"20{:02}-01-01",
            "code":{{"coding":[{{"system":"http://loinc.org","code":"2160-0"}}]}},
            "valueQuantity":{{"value":1.{at},"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}}}}},"#,
            at % 24
        ));
        at += 1;
    }
    bundle.push_str(r#"{"resource":{"resourceType":"Basic","id":"last"}}]}"#);
    let planned = planned(&beside(vec![file("large.json", bundle)]));
    assert_eq!(planned.case.facts.inputs.iter().filter(|i| i.file == "large.json").count(), at + 1);
    holds(&planned, &["large.json: Basic/last"]);
}

#[test]
fn more_than_the_limit_is_named() {
    let settings = concilium_engine::Settings { max_input_bytes: 100_000, ..Default::default() };
    let engine = concilium_engine::Engine::new(settings).expect("the pack");
    let large = vec![b'\n'; 100_001];
    let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
    packed.write_all(&large).expect("in memory");
    let files =
        beside(vec![file("large.txt", large), file("bomb.json.gz", packed.finish().expect("in memory"))]);
    let planned = engine.plan(&files, AsOf::parse("2026-06-15").expect("a day")).expect("the rest");
    holds(&planned, &["Lost large.txt", "100001 bytes, limit 100000", "raise max-input-bytes"]);
    holds(&planned, &["Lost bomb.json.gz", "more than 100000 bytes when unpacked", "raise max-input-bytes"]);
}

/// Many archives that are each small enough are too large together.
#[test]
fn more_than_the_limit_of_all_files_is_named() {
    let settings = concilium_engine::Settings { max_input_bytes: 100_000, ..Default::default() };
    let engine = concilium_engine::Engine::new(settings).expect("the pack");
    let files = beside((0..9).map(|at| file(&format!("z{at}.txt"), vec![b'\n'; 99_000])).collect());
    let planned = engine.plan(&files, AsOf::parse("2026-06-15").expect("a day")).expect("the rest");
    holds(&planned, &["Lost z8.txt", "left for all files together", "give fewer files"]);
}

/// A wrong export is a thousand issues and a count, not millions.
#[test]
fn lines_without_end() {
    let broken = "{broken\n".repeat(50_000);
    let patient = r#"{"resourceType":"Patient","id":"patient-d"}"#;
    let ndjson = format!("{patient}\n{broken}");
    check(
        "bad.ndjson",
        ndjson,
        &["Lost bad.ndjson line 1002", "48999 further ones", "export the file again"],
    );
    check(
        "bad.vcf",
        format!("{VCF}{COLUMNS}\n{broken}"),
        &["Lost bad.vcf line 1004", "48999 further ones", "export the file again"],
    );
    let maf = format!("Hugo_Symbol\tHGVSp_Short\n{broken}");
    check("bad.maf", maf, &["Lost bad.maf line 1002", "48999 further ones", "export the file again"]);
}

const VCF: &str = "##fileformat=VCFv4.2\n##reference=GRCh37\n";
const COLUMNS: &str = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO";

#[test]
fn sequencing_files() {
    let vcf = |lines: &str| format!("{VCF}{COLUMNS}\n{lines}");
    check("bad.vcf", "hello", &["Lost bad.vcf", "line 1", "##fileformat=VCF", "with its header"]);
    check("bad.vcf", VCF, &["Lost bad.vcf", "line 2", "no #CHROM line", "with its header"]);
    check("bad.vcf", format!("{VCF}7\t1\t.\tA\tT\t.\t.\t.\n"), &["Lost bad.vcf", "line 3", "no #CHROM line"]);
    check("bad.vcf", vcf("7\t1\t.\tA\n"), &["Lost bad.vcf line 4", "fewer than 8", "export the line again"]);
    check("bad.vcf", vcf("7\tZzyzx\t.\tA\tT\t.\tPASS\t.\n"), &["Lost bad.vcf line 4", "POS is not a number"]);
    check("bad.vcf", vcf("7\t-5\t.\tA\tT\t.\tPASS\t.\n"), &["Lost bad.vcf line 4", "POS is not a number"]);
    check("bad.vcf", vcf("7\t18446744073709551615\t.\tA\tT\t.\tPASS\tGENE=BRAF\n"), &["bad.vcf line 4"]);
    check(
        "bad.vcf",
        vcf("7\t5\t.\tA\tZzyzx\t.\tPASS\t.\n"),
        &["Lost bad.vcf line 4 ALT", "export the line again"],
    );
    let symbolic = vcf("7\t5\t.\tA\tT,<DUP>,*,<DEL:ME>,A[7:9[\t.\tPASS\tGENE=BRAF\n");
    check("bad.vcf", symbolic, &["bad.vcf line 4", "needs annotation", "VEP"]);
    let huge = vcf(&format!("7\t5\t.\tA\tT\t.\tPASS\tGENE=BRAF;X={}\n", "Zzyzx".repeat(1_000_000)));
    check("bad.vcf", huge, &["bad.vcf line 4", "needs annotation"]);
    let two = format!("{VCF}{COLUMNS}\tFORMAT\tone\ttwo\n7\t5\t.\tA\tT\t.\tPASS\t.\tGT\t0/1\t0/0\n");
    check("bad.vcf", two, &["Lost bad.vcf", "2 samples", "##tumor_sample=NAME"]);
    check("bad.vcf", format!("{VCF}{COLUMNS}\n"), &["bad.vcf", "no record"]);
    let other = "##fileformat=VCFv4.2\n##reference=hg99\n";
    let lines = format!("{COLUMNS}\n7\t140453136\t.\tA\tT\t.\tPASS\tGENE=BRAF\n");
    check(
        "bad.vcf",
        format!("{other}{lines}"),
        &["Doubtful bad.vcf", "names no assembly", "state the assembly"],
    );
    let both = "##fileformat=VCFv4.2\n##reference=GRCh38\n##contig=<ID=1,length=249250621>\n";
    check(
        "bad.vcf",
        format!("{both}{lines}"),
        &["Doubtful bad.vcf", "contradict each other", "state the assembly"],
    );
    let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    packed.write_all(format!("{VCF}{lines}").as_bytes()).expect("in memory");
    let packed = packed.finish().expect("in memory");
    let cut = &packed[..packed.len() - 12];
    check("bad.vcf.gz", cut, &["Lost bad.vcf.gz", "breaks off", "copy the file again"]);
    check("bad.maf", "Zzyzx\tb\n", &["Lost bad.maf", "line 1", "Hugo_Symbol", "header line"]);
    check("bad.maf", "Hugo_Symbol\tx\nTP53\t1\n", &["Lost bad.maf", "line 1", "Variant_Classification"]);
    let maf = "Hugo_Symbol\tHGVSp_Short\nTP53\tp.R175H\nTP53\nKRAS\tp.Zzyzx\n";
    check("bad.maf", maf, &["Lost bad.maf line 3", "not tab separated", "export the line again"]);
    check("bad.maf", maf, &["Doubtful bad.maf line 4 HGVSp_Short", "cannot be read", "check the annotation"]);
}

/// VCF has no standard place to say "germline": the file's name may, and the case says that it did.
#[test]
fn a_germline_name_is_an_assumption_said_aloud() {
    let text = format!("{VCF}{COLUMNS}\n17\t7577120\t.\tC\tT\t.\tPASS\tGENE=TP53\n");
    check(
        "x/germline.vcf",
        text.clone(),
        &["Note x/germline.vcf", "its name says so", "take `germline` out"],
    );
    let tumour = text.replace("##reference", "##tumor_sample=x\n##reference");
    check("germline.vcf", tumour, &["Doubtful germline.vcf", "names a tumour sample", "a file of their own"]);
    for name in ["tumor-germline-filtered.vcf", "nongermline.vcf", "germline-vs-somatic.maf.vcf"] {
        check(name, text.clone(), &["Doubtful", name, "origin of its calls is left unknown", "germline.vcf"]);
    }
}

#[test]
fn people_and_times() {
    let patient = |id: &str, born: &str| {
        let text = format!(
            r#"{{"resourceType":"Patient","id":"{id}","birthDate":"{born}","name":[{{"text":"{SECRET}"}}],
            "identifier":[{{"system":"http://hospital.example.org/mrn","value":"{SECRET}"}}]}}"#
        );
        file(&format!("{id}-{born}.json"), text)
    };
    let (one, other) = (patient("one", "1950-01-01"), patient("two", "1950-01-01"));
    holds(&planned(&beside(vec![file("again.json", case("D-colorectal").files[0].bytes.clone())])), &[]);
    check_refused(&beside(vec![one.clone()]), "2026-06-15", &["Patient/one", "not stated to be one person"]);
    let younger = patient("two", "1980-01-01");
    check_refused(
        &[one.clone(), younger],
        "2026-06-15",
        &["Patient/one", "share an identifier", "birth date"],
    );
    assert!(ENGINE.case(&[one, other], AsOf::parse("2026-06-15").expect("a day")).is_ok());
    check_refused(&[file("n.txt", "a note")], "2026-06-15", &["no Patient resource"]);
    check_refused(&[file("n.json", "{")], "2026-06-15", &["n.json", "not JSON at line 1", "export it again"]);
    check_refused(&[], "2026-06-15", &["no records"]);
}

#[test]
fn a_result_of_the_future_is_listed_and_not_used() {
    let later = r#"{"resourceType":"Observation","id":"o","status":"final","subject":{"reference":"Patient/patient-d"},
        "effectiveDateTime":"2999-01-01","code":{"coding":[{"system":"http://loinc.org","code":"2160-0"}]},
        "valueQuantity":{"value":1,"unit":"mg/dL"}}"#;
    let planned = planned(&beside(vec![file("later.json", later)]));
    holds(&planned, &[]);
    let gone = planned.case.retracted.iter().find(|r| r.id == "Observation/o").expect("listed");
    assert!(gone.why.contains("known only since 2999-01-01"), "{gone:?}");
}

#[test]
fn contradictions_stay_side_by_side() {
    let msi = |id: &str, words: &str| {
        format!(
            r#"{{"resource":{{"resourceType":"Observation","id":"{id}","status":"final",
            "subject":{{"reference":"Patient/patient-d"}},"effectiveDateTime":"2026-06-01",
            "code":{{"coding":[{{"system":"http://loinc.org","code":"81695-9"}}]}},
            "valueCodeableConcept":{{"text":"{words}"}}}}}}"#
        )
    };
    let bundle = format!(
        r#"{{"resourceType":"Bundle","entry":[{},{}]}}"#,
        msi("high", "MSI-H"),
        msi("stable", "MSS (stable)")
    );
    let planned = planned(&beside(vec![file("msi.json", bundle)]));
    let sides = planned.plan.conflicts.iter().find(|c| c.about.contains("MSI")).map(|c| c.sides.len());
    assert_eq!(sides, Some(2), "{:?}", planned.plan.conflicts);
}

/// Before anything was known there is a plan that knows nothing, not a failure.
#[test]
fn an_instant_before_everything() {
    let as_of = AsOf::parse("1900-01-01").expect("a day");
    let planned = ENGINE.plan(&case("D-colorectal").files, as_of).expect("a plan");
    assert!(planned.plan.options.is_empty() && planned.case.facts.alterations.is_empty());
    assert!(planned.plan.abstains.is_some(), "a plan without a tumour says that it abstains");
}

/// A folder of this test alone.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("concilium-bad-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("temp folder");
    folder
}

#[track_caller]
fn check_gather(paths: &[PathBuf], words: &[&str]) {
    let error = gather(paths).map(|_| ()).expect_err("must be refused").to_string();
    assert!(words.iter().all(|word| error.contains(word)), "lacks one of {words:?}: {error}");
}

#[test]
fn paths_that_give_nothing() {
    let top = folder("paths");
    check_gather(&[top.join("nowhere")], &["cannot read", "nowhere", "check the path"]);
    check_gather(std::slice::from_ref(&top), &["no records in", "FHIR JSON"]);
    std::fs::write(top.join("plan.json"), "{}").expect("write");
    std::fs::write(top.join("plan.html"), "").expect("write");
    check_gather(std::slice::from_ref(&top), &["holds a plan", "move it out"]);
    std::fs::remove_dir_all(top).expect("clean");
}

#[test]
fn nothing_in_a_folder_is_passed_over_in_silence() {
    let top = folder("silent");
    for name in ["a.json", "b.pdf", "c", "d.JSON", ".hidden", "Thumbs.db"] {
        std::fs::write(top.join(name), "{}").expect("write");
    }
    let names: Vec<String> =
        gather(std::slice::from_ref(&top)).expect("files").into_iter().map(|f| f.name).collect();
    assert_eq!(names, ["a.json", "b.pdf", "c", "d.JSON"]);
    std::fs::remove_dir_all(top).expect("clean");
}

#[cfg(unix)]
#[test]
fn links_that_lead_back_end() {
    let top = folder("links");
    std::fs::create_dir_all(top.join("inner")).expect("folder");
    std::fs::write(top.join("inner/a.json"), "{}").expect("write");
    std::os::unix::fs::symlink(&top, top.join("inner/up")).expect("link");
    std::os::unix::fs::symlink("itself", top.join("itself")).expect("link");
    let found = |path: &Path| gather(&[path.to_owned()]).map(|files| files.len());
    assert!(found(&top.join("inner")).is_err_and(|error| error.to_string().contains("itself")));
    std::fs::remove_file(top.join("itself")).expect("clean");
    assert_eq!(found(&top).expect("files"), 1);
    std::fs::remove_dir_all(top).expect("clean");
}
