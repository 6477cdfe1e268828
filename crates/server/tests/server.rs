//! Does the server answer as its pages say, and refuse what it must, over a real socket?

use concilium_engine::demo::{DemoCase, cases};
use concilium_engine::{Corpora, Engine, Settings, report};
use concilium_server::{Limits, Reach, serve_within};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::LazyLock;
use std::sync::mpsc::channel;
use std::time::Duration;

/// Stands for what a record says of a person: it may stand in no refusal (`no-phi-out`).
const SECRET: &str = "Zzyzx";

/// `127.0.0.1:PORT` of a server that lives as long as the tests.
fn started(limits: Limits) -> String {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let settings = Settings { bind: "127.0.0.1:0".into(), ..Settings::default() };
        let engine = Engine::new(settings).expect("the pack in the binary");
        let ready = |address: &str| tell.send(address.to_owned()).map_err(std::io::Error::other);
        serve_within(engine, Reach::ThisMachine, limits, ready).expect("serves");
    });
    let address = told.recv().expect("an address");
    address.trim_start_matches("http://").trim_end_matches('/').to_owned()
}

/// The same with invented texts, and with a model that this build does not have.
fn started_without_its_model() -> String {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("server-corpora");
        let mut settings = Settings { bind: "127.0.0.1:0".into(), corpora: folder, ..Settings::default() };
        settings.retrieval.embedder = "all-MiniLM-L6-v2".into();
        let engine = Engine::new(settings).expect("the pack in the binary").quoting(Corpora::Invented);
        concilium_engine::demo::texts(&engine.settings.corpora, &engine.knowledge).expect("indexed");
        let ready = |address: &str| tell.send(address.to_owned()).map_err(std::io::Error::other);
        serve_within(engine, Reach::ThisMachine, Limits::new(2_000_000), ready).expect("serves");
    });
    let address = told.recv().expect("an address");
    address.trim_start_matches("http://").trim_end_matches('/').to_owned()
}

static SERVER: LazyLock<String> = LazyLock::new(|| started(Limits::new(2_000_000)));

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Sends bytes as they are and reads until the server closes.
fn raw(address: &str, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a socket");
    // A server that refuses early closes early; what it said is still read.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

fn ask(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    ask_at(&SERVER, method, path, headers, body)
}

fn ask_at(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut lines =
        format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| *name == "Host") {
        lines.push_str(&format!("Host: {address}\r\n"));
    }
    headers.iter().for_each(|(name, value)| lines.push_str(&format!("{name}: {value}\r\n")));
    raw(address, &[lines.as_bytes(), b"\r\n", body].concat())
}

const FHIR: (&str, &str) = ("Content-Type", "application/fhir+json");
const JSON: (&str, &str) = ("Content-Type", "application/json");

fn case(name: &str) -> DemoCase {
    cases().into_iter().find(|case| case.name.starts_with(name)).expect("a case")
}

fn bundle() -> Vec<u8> {
    case("D-colorectal").files.into_iter().find(|f| f.name == "bundle.json").expect("bundle").bytes
}

/// Problem details of this status that say `words`, and nothing of the record.
#[track_caller]
fn refused(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header("Content-Type"), Some("application/problem+json"));
    let problem = answer.json();
    assert_eq!(problem["status"], status);
    let detail = problem["detail"].as_str().unwrap_or("");
    assert!(detail.contains(words), "`{words}` is not in: {detail}");
    assert!(!answer.body.contains(SECRET), "{detail}");
    locked(answer);
}

/// Headers every answer carries.
#[track_caller]
fn locked(answer: &Answer) {
    assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"), "{}", answer.head);
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    assert_eq!(answer.header("Referrer-Policy"), Some("same-origin"));
    assert_eq!(answer.header("Cross-Origin-Resource-Policy"), Some("same-origin"));
    let policy = answer.header("Content-Security-Policy").unwrap_or("");
    assert!(
        policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[test]
fn the_start_page_loads_its_style_and_no_more() {
    let page = ask("GET", "/", &[], b"");
    assert_eq!(page.status, 200);
    locked(&page);
    assert!(page.body.contains("enctype=\"multipart/form-data\"") && !page.body.contains("<style"));
    assert!(!page.body.contains("style=") && !page.body.contains("<script"));
    let style = ask("GET", "/style.css", &[], b"");
    assert_eq!((style.status, style.header("Content-Type")), (200, Some("text/css; charset=utf-8")));
    let head = ask("HEAD", "/health", &[], b"");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let health = ask("GET", "/health", &[], b"");
    assert_eq!(health.json()["status"], "ok");
    locked(&health);
}

/// What a browser sends for the form: two files, an empty text field, a day.
fn form(files: &[(&str, &[u8])], as_of: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in files {
        let head = format!(
            "--sep\r\nContent-Disposition: form-data; name=\"records\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        body.extend([head.as_bytes(), *bytes, b"\r\n"].concat());
    }
    let rest = format!(
        "--sep\r\nContent-Disposition: form-data; name=\"records\"\r\n\r\n\r\n\
         --sep\r\nContent-Disposition: form-data; name=\"as_of\"\r\n\r\n{as_of}\r\n--sep--\r\n"
    );
    body.extend(rest.as_bytes());
    body
}

const FORM: (&str, &str) = ("Content-Type", "multipart/form-data; boundary=sep");

#[test]
fn a_form_with_files_leads_to_the_plan_page() {
    let case = case("D-colorectal");
    let files: Vec<(&str, &[u8])> =
        case.files.iter().map(|f| (f.name.as_str(), f.bytes.as_slice())).collect();
    let own = format!("http://{}", *SERVER);
    let headers = [FORM, ("Origin", own.as_str()), ("Sec-Fetch-Site", "same-origin")];
    let sent = ask("POST", "/plans", &headers, &form(&files, "2026-06-15"));
    assert_eq!(sent.status, 303, "{}", sent.body);
    let place = sent.header("Location").expect("a place").to_owned();
    let page = ask("GET", &place, &[], b"");
    assert_eq!(page.status, 200);
    locked(&page);
    let json = format!("</api/v1{place}>; rel=\"alternate\"; type=\"application/json\"");
    assert_eq!(page.header("Link"), Some(json.as_str()));
    let plan = ask("GET", &format!("/api/v1{place}"), &[], b"");
    let engine = Engine::new(Settings::default()).expect("the pack");
    let as_of = concilium_engine::terms::AsOf::parse("2026-06-15").expect("a day");
    let planned = engine.plan(&case.files, as_of).expect("a plan");
    assert_eq!(
        plan.json(),
        serde_json::to_value(&planned.plan).expect("JSON"),
        "the same plan as the program's"
    );
    let policy = report::content_security_policy(&planned.plan) + "; frame-ancestors 'none'";
    assert_eq!(page.header("Content-Security-Policy"), Some(policy.as_str()), "the page's own policy");
}

#[test]
fn stages_as_json() {
    let sent = ask("POST", "/api/v1/plans?as_of=2026-06-15", &[FHIR], &bundle());
    assert_eq!(sent.status, 201, "{}", sent.body);
    let place = sent.header("Location").expect("a place").to_owned();
    assert_eq!(sent.json()["manifest"]["as_of"], "2026-06-15T12:00:00+00:00[UTC]");
    for (artefact, kind) in [
        ("case", "application/json"),
        ("graph", "application/json"),
        ("graphml", "application/xml"),
        ("dot", "text/vnd.graphviz"),
        ("markdown", "text/markdown; charset=utf-8"),
        ("fhir", "application/fhir+json; fhirVersion=4.0"),
    ] {
        let found = ask("GET", &format!("{place}/{artefact}"), &[], b"");
        assert_eq!((found.status, found.header("Content-Type")), (200, Some(kind)), "{artefact}");
        locked(&found);
    }
    let said = ask("GET", &format!("{place}/fhir"), &[], b"").json();
    let kinds: Vec<&str> = said["entry"]
        .as_array()
        .expect("entries")
        .iter()
        .filter_map(|e| e["resource"]["resourceType"].as_str())
        .collect();
    assert_eq!(said["resourceType"], "Bundle");
    assert!(["CarePlan", "RequestGroup", "Provenance"].iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    refused(&ask("GET", &format!("{place}/secrets"), &[], b""), 404, "artefacts: case");
    let read = ask("POST", "/api/v1/cases?as_of=2026-06-15", &[FHIR], &bundle());
    assert_eq!((read.status, &read.json()["tumour"]["doid"]), (200, &json!("DOID:219")));
    assert_eq!(ask("GET", "/api/v1/schemas/plan", &[], b"").status, 200);
    assert_eq!(ask("GET", "/api/v1/knowledge", &[], b"").json()["name"], "builtin");
}

#[test]
fn several_files_as_json_stay_as_written() {
    let text =
        |file: &concilium_engine::input::InputFile| String::from_utf8(file.bytes.clone()).expect("UTF-8");
    let files: Vec<Value> =
        case("D-colorectal").files.iter().map(|f| json!({ "name": f.name, "content": text(f) })).collect();
    let body = json!({ "as_of": "2026-06-15", "files": files }).to_string();
    let sent = ask("POST", "/api/v1/cases", &[JSON], body.as_bytes());
    assert_eq!(sent.status, 200, "{}", sent.body);
    let whole = String::from_utf8(bundle()).expect("UTF-8");
    let inner = format!(r#"{{"files":[{{"name":"bundle.json","content":{whole}}}],"as_of":"2026-06-15"}}"#);
    assert_eq!(ask("POST", "/api/v1/cases", &[JSON], inner.as_bytes()).status, 200);
    // Trailing zeros and repeated keys reach the reader.
    let twice = r#"{"resourceType":"Patient","id":"a","gender":"male","gender":"female"}"#;
    let body = format!(
        r#"{{"files":[{{"name":"../../p.json","content":{twice}}},{{"name":"p.json","content":"x"}},{{"name":"p.json","content":"y"}}]}}"#
    );
    let read = ask("POST", "/api/v1/cases", &[JSON], body.as_bytes());
    assert!(read.body.contains("the key stands twice"), "{}", read.body);
    let names: Vec<Value> = read.json()["facts"]["inputs"]
        .as_array()
        .expect("inputs")
        .iter()
        .map(|i| i["file"].clone())
        .collect();
    assert_eq!(names.len(), 3, "two files of one name are two files: {names:?}");
}

#[test]
fn what_cannot_be_used() {
    let post = |headers: &[(&str, &str)], body: &str| ask("POST", "/api/v1/plans", headers, body.as_bytes());
    refused(&post(&[FHIR], ""), 400, "the body is empty");
    refused(
        &post(&[FHIR], &format!(r#"{{"resourceType":"Patient","name":"{SECRET}"#)),
        422,
        "not JSON at line 1",
    );
    refused(&post(&[FHIR], SECRET), 422, "no reader for this kind of file");
    refused(&post(&[JSON], &format!(r#"{{"files":"{SECRET}"}}"#)), 400, "line 1, column");
    refused(&post(&[JSON], &format!(r#"{{"files":[],"{SECRET}":1}}"#)), 400, "not of the shape");
    refused(&post(&[JSON], r#"{"files":[]}"#), 400, "0 files: send 1 to 200");
    refused(
        &post(&[JSON], &format!(r#"{{"files":[{{"name":"a","content":"x"}}],"as_of":"{SECRET}"}}"#)),
        400,
        "as_of",
    );
    refused(
        &ask("POST", &format!("/api/v1/plans?as_of={SECRET}"), &[FHIR], b"{}"),
        400,
        "as_of is not a day",
    );
    let form_type = ("Content-Type", "application/x-www-form-urlencoded");
    refused(&post(&[form_type], "{}"), 415, "application/fhir+json");
    refused(&post(&[("Content-Type", "text/html")], "{}"), 415, "multipart/form-data");
    refused(&post(&[FORM], SECRET), 400, "cannot be read as multipart");
    refused(&post(&[("Content-Type", "multipart/form-data")], "--"), 400, "cannot be read as multipart");
    let people: Vec<Value> = case("I-same-identifier")
        .files
        .iter()
        .map(|f| json!({ "name": f.name, "content": String::from_utf8_lossy(&f.bytes) }))
        .collect();
    refused(&post(&[JSON], &json!({ "files": people }).to_string()), 422, "share an identifier");
}

#[test]
fn a_person_reads_a_refusal_as_a_page() {
    let browser = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    let scan = form(&[("report<b>.pdf", b"%PDF-1.7")], "");
    let answer = ask("POST", "/plans", &[FORM, browser], &scan);
    assert_eq!((answer.status, answer.header("Content-Type")), (422, Some("text/html; charset=utf-8")));
    assert!(answer.body.contains("a PDF document; give its words as UTF-8 text"), "{}", answer.body);
    assert!(answer.body.contains("report&lt;b&gt;.pdf") && !answer.body.contains("<b>"));
    locked(&answer);
    refused(&ask("POST", "/api/v1/plans", &[FORM, browser], &scan), 422, "a PDF document");
    assert_eq!(ask("GET", "/nowhere", &[browser], b"").status, 404);
}

#[test]
fn what_is_not_there() {
    refused(&ask("GET", "/nowhere", &[], b""), 404, "no such page");
    refused(&ask("GET", "/api/v1/plans/0123", &[], b""), 404, "no such plan in memory");
    for path in [
        "/plans/..%2f..%2fetc%2fpasswd",
        "/plans/%00",
        "/plans/%ff",
        "/api/v1/plans/..%5c..%5cx/case",
        "/../etc/passwd",
    ] {
        let answer = ask("GET", path, &[], b"");
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
        assert!(!answer.body.contains("root:"), "{path}");
    }
    refused(&ask("GET", "/api/v1/schemas/x", &[], b""), 404, "no such schema");
    let wrong = ask("GET", "/plans", &[], b"");
    refused(&wrong, 405, "this address takes POST");
    assert_eq!(wrong.header("Allow"), Some("POST"));
    let wrong = ask("DELETE", "/health", &[], b"");
    refused(&wrong, 405, "this address takes GET");
    assert_eq!(wrong.header("Allow"), Some("GET, HEAD"));
}

#[test]
fn pages_of_other_sites() {
    refused(&ask("GET", "/health", &[("Host", "evil.example")], b""), 403, "names another machine");
    refused(&ask("GET", "/health", &[("Host", "")], b""), 403, "names another machine");
    let foreign = [FHIR, ("Origin", "http://evil.example")];
    refused(&ask("POST", "/api/v1/plans", &foreign, b"{}"), 403, "another site");
    refused(&ask("POST", "/plans", &[FORM, ("Origin", "null")], b"{}"), 403, "another site");
    refused(&ask("POST", "/plans", &[FORM, ("Sec-Fetch-Site", "cross-site")], b"{}"), 403, "another site");
}

#[test]
fn more_than_the_limit() {
    let head = |length: &str| {
        format!("POST /api/v1/plans HTTP/1.1\r\nHost: {0}\r\nConnection: close\r\n{length}\r\n\r\n", *SERVER)
    };
    let said = raw(&SERVER, head("Content-Length: 2000001").as_bytes());
    refused(&said, 413, "larger than 2000000 bytes");
    let chunk = format!("{:x}\r\n{}\r\n", 1_500_000, " ".repeat(1_500_000));
    let said =
        raw(&SERVER, format!("{}{chunk}{chunk}0\r\n\r\n", head("Transfer-Encoding: chunked")).as_bytes());
    refused(&said, 413, "larger than 2000000 bytes");
    let deep = format!("{}1{}", "[".repeat(900_000), "]".repeat(900_000));
    refused(&ask("POST", "/api/v1/plans", &[JSON], deep.as_bytes()), 422, "nested more than 128 deep");
}

#[test]
fn a_client_that_dawdles_and_one_too_many() {
    let limits = Limits { body_time: Duration::from_millis(50), ..Limits::new(1000) };
    let slow = started(limits);
    let request = format!("POST /api/v1/plans HTTP/1.1\r\nHost: {slow}\r\nContent-Length: 10\r\n\r\n{{");
    refused(&raw(&slow, request.as_bytes()), 408, "did not arrive in time");
    let full = started(Limits { jobs: 0, ..limits });
    let answer = ask_at(&full, "POST", "/api/v1/plans", &[FHIR], b"{}");
    refused(&answer, 503, "send it again");
    assert_eq!(answer.header("Retry-After"), Some("5"));
    assert_eq!(ask_at(&full, "GET", "/health", &[], b"").status, 200);
}

#[test]
fn only_loopback_unless_it_is_meant() {
    let settings = Settings { bind: "0.0.0.0:0".into(), ..Settings::default() };
    let engine = Engine::new(settings).expect("the pack");
    let error = concilium_server::serve(engine, Reach::ThisMachine, |_| Ok(())).expect_err("must be refused");
    assert!(error.to_string().contains("--allow-remote"), "{error}");
}

#[test]
fn what_was_noticed_while_planning_is_shown() {
    let address = started_without_its_model();
    let files: Vec<Value> = case("A-lung-egfr")
        .files
        .iter()
        .map(|file| json!({ "name": file.name, "content": String::from_utf8_lossy(&file.bytes) }))
        .collect();
    let body = json!({ "as_of": "2026-06-15", "files": files }).to_string();
    let made = ask_at(&address, "POST", "/api/v1/plans", &[JSON], body.as_bytes());
    assert_eq!(made.status, 201, "{}", made.body);
    let place = made.header("Location").expect("a place").to_owned();
    let notices = ask_at(&address, "GET", &format!("{place}/notices"), &[], b"").json();
    let said = notices[0].as_str().expect("a notice");
    assert!(said.contains("no vectors") && said.contains("--features embed"), "{said}");
    let page = ask_at(&address, "GET", &place.replace("/api/v1", ""), &[], b"");
    assert!(page.body.contains("Noticed while planning") && page.body.contains("--features embed"));
}
