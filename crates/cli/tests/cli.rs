//! Does the program itself keep its word: help, exit codes, one JSON document, clean output, clear errors?

use expect_test::expect_file;
use serde_json::Value;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

const PROGRAM: &str = env!("CARGO_BIN_EXE_concilium");
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cases");

/// A folder for these tests, emptied first, with the runs of cases F and F2 kept in it.
static HOME: LazyLock<PathBuf> = LazyLock::new(|| {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli");
    if home.exists() {
        std::fs::remove_dir_all(&home).expect("what an earlier test run left");
    }
    std::fs::create_dir_all(&home).expect("temp folder");
    for case in ["F-breast-contradictory", "F2-breast-corrected"] {
        let records = format!("{CASES}/{case}");
        let done = run_in(&home, &["plan", &records, "--as-of", "2026-06-15", "--out", case, "-q"]);
        assert_eq!(done.code, 0, "{}", done.err);
    }
    home
});

struct Done {
    code: i32,
    out: String,
    err: String,
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(args).current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CONCILIUM_") || name == "COLUMNS" {
            command.env_remove(name);
        }
    }
    command
}

fn run_in(folder: &Path, args: &[&str]) -> Done {
    let output = command(folder, args).output().expect("the program starts");
    Done {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn run(args: &[&str]) -> Done {
    run_in(&HOME, args)
}

fn records(case: &str) -> String {
    format!("{CASES}/{case}")
}

/// The run ids of F and F2.
fn runs() -> [String; 2] {
    ["F-breast-contradictory", "F2-breast-corrected"].map(|case| {
        let text = std::fs::read_to_string(HOME.join(case).join("plan.json")).expect("plan.json");
        let plan: Value = serde_json::from_str(&text).expect("JSON");
        plan["manifest"]["run"].as_str().expect("run id").to_owned()
    })
}

/// A copy of the kept run of F to damage.
fn copied_run(name: &str) -> PathBuf {
    let from = HOME.join("runs").join(&runs()[0][..16]);
    let to = HOME.join(name);
    copy(&from, &to);
    to
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("folder");
    for entry in std::fs::read_dir(from).expect("folder") {
        let path = entry.expect("entry").path();
        let target = to.join(path.file_name().expect("name"));
        if path.is_dir() {
            copy(&path, &target)
        } else {
            std::fs::copy(&path, &target).map(|_| ()).expect("copy")
        }
    }
}

#[track_caller]
fn check(args: &[&str], code: i32, err: &str) {
    let done = run(args);
    assert_eq!(done.code, code, "{args:?}: {}{}", done.out, done.err);
    assert!(done.err.contains(err), "{args:?}: `{err}` is not in: {}", done.err);
}

#[test]
fn help_of_every_command() {
    let commands: &[&[&str]] = &[
        &[],
        &["demo"],
        &["plan"],
        &["case"],
        &["notes"],
        &["explain"],
        &["replay"],
        &["diff"],
        &["knowledge"],
        &["knowledge", "build"],
        &["knowledge", "show"],
        &["knowledge", "verify"],
        &["knowledge", "diff"],
        &["knowledge", "search"],
        &["corpus"],
        &["corpus", "import"],
        &["corpus", "index"],
        &["corpus", "migrate"],
        &["corpus", "snapshot"],
        &["corpus", "list"],
        &["corpus", "show"],
        &["models"],
        &["models", "fetch"],
        &["models", "list"],
        &["models", "verify"],
        &["cohort"],
        &["cohort", "import"],
        &["cohort", "screen"],
        &["cohort", "list"],
        &["cohort", "show"],
        &["cohort", "worklist"],
        &["cohort", "set"],
        &["cohort", "contact"],
        &["cohort", "alerts"],
        &["cohort", "report"],
        &["cohort", "export"],
        &["search"],
        &["eval"],
        &["eval", "retrieval"],
        &["trials"],
        &["trials", "import"],
        &["trials", "update"],
        &["trials", "list"],
        &["trials", "show"],
        &["trials", "criteria"],
        &["trials", "screen"],
        &["image"],
        &["image", "inspect"],
        &["image", "convert"],
        &["image", "measure"],
        &["serve"],
        &["doctor"],
    ];
    let mut all = String::new();
    for command in commands {
        let done = run(&[*command, &["--help"]].concat());
        assert_eq!((done.code, done.err.as_str()), (0, ""));
        all.push_str(&format!("$ concilium {}\n{}\n", [*command, &["--help"]].concat().join(" "), done.out));
    }
    expect_file!["help.txt"].assert_eq(&all);
}

#[test]
fn a_new_plan_names_the_one_it_replaces() {
    let [first, _] = runs();
    let plan = |case: &str, out: &str| {
        let records = records(case);
        let day = ["plan", &records, "--as-of", "2026-06-15", "--no-keep", "-q"];
        run(&[&day[..], &["--out", out, "--replaces", &first]].concat())
    };
    let done = plan("F2-breast-corrected", "replacing");
    assert_eq!(done.code, 0, "{}", done.err);
    let care_plan = |folder: &str| -> Value {
        let text = std::fs::read_to_string(HOME.join(folder).join("plan.fhir.json")).expect("the Bundle");
        let bundle: Value = serde_json::from_str(&text).expect("JSON");
        let entries = bundle["entry"].as_array().expect("entries").iter().map(|entry| &entry["resource"]);
        entries.into_iter().find(|r| r["resourceType"] == "CarePlan").expect("a CarePlan").clone()
    };
    let earlier = &care_plan("F-breast-contradictory")["identifier"][0];
    assert_eq!(&care_plan("replacing")["replaces"][0]["identifier"], earlier);
    assert!(care_plan("F-breast-contradictory")["replaces"].is_null());
    let other = plan("D-colorectal-braf", "not-replacing");
    assert!(other.code == 1 && other.err.contains("another person"), "{}", other.err);
    let same = plan("F-breast-contradictory", "not-replacing");
    assert!(same.code == 1 && same.err.contains("does not replace itself"), "{}", same.err);
}

#[test]
fn exit_codes_as_the_readme_says() {
    let [f, _] = runs();
    let d = records("D-colorectal-braf");
    check(&["case", &d], 0, "");
    check(&["schema", "plan"], 0, "");
    check(&["replay", &f], 0, "");
    check(
        &["eval", "retrieval", "--data", "nowhere", "--set", "bioasq"],
        1,
        "bioasq_7b-11b_oncology_subset.json: missing; name the folder that holds the evaluation data with --data",
    );
    check(&["eval", "retrieval", "--set", "beir"], 1, "the set `beir` wants a folder: --beir FOLDER");
    check(&["plan", "nowhere"], 1, "cannot read nowhere: check the path and its permissions: No such file");
    check(&["plan", &records("I-same-identifier")], 1, "share an identifier");
    check(&["explain", "nowhere", "x"], 1, "no such run");
    check(&["schema", "plans"], 1, "there are: case, facts, plan");
    check(&["--config", "nowhere.toml", "doctor"], 1, "cannot read settings file nowhere.toml");
    check(&["plan"], 2, "required");
    check(&["plan", &d, "--as-of", "soon"], 2, "2026-06-15");
    check(&["plna", &d], 2, "'plan'");
    check(&["serve", "--port", "0", "--bind", "127.0.0.1:0"], 2, "cannot be used with");
    let bad = HOME.join("bad");
    std::fs::create_dir_all(&bad).expect("folder");
    std::fs::write(bad.join("x.json"), "{").expect("write");
    let both = ["plan", &d, "bad", "--no-keep", "--as-of", "2026-06-15"];
    check(&both, 3, "x.json: not JSON at line 1, column 2");
    check(&["case", &d, "bad"], 3, "");
    let damaged = copied_run("damaged-exit");
    std::fs::write(damaged.join("plan.json"), "{}").expect("write");
    check(&["replay", "damaged-exit"], 4, "");
}

#[test]
fn json_is_one_document_and_nothing_beside_it() {
    let [f, f2] = runs();
    let d = records("D-colorectal-braf");
    let commands: [(&[&str], i32); 22] = [
        (&["demo", "--out", "demo"], 0),
        (&["plan", &d, "--no-keep"], 0),
        (&["plan", &d, "--out", "json-sheet"], 0),
        (&["case", &d], 0),
        (&["explain", "F-breast-contradictory"], 0),
        (&["explain", "F-breast-contradictory", "elacestrant"], 0),
        (&["replay", &f], 0),
        (&["diff", &f, &f2], 0),
        (&["knowledge", "show"], 0),
        (&["knowledge", "verify"], 0),
        (&["knowledge", "diff", "builtin", "builtin"], 0),
        (&["knowledge", "search", "BRAF", "--limit", "3"], 0),
        (&["doctor"], 0),
        (&["schema"], 0),
        (&["schema", "settings"], 0),
        (&["plan", "nowhere"], 1),
        (&["knowledge", "build", "nowhere", "--out", "release"], 1),
        (&["knowledge", "show", "--knowledge", "nowhere"], 1),
        (&["serve", "--bind", "0.0.0.0:0"], 1),
        (&["plan"], 2),
        (&["plan", &d, "--as-of", "soon"], 2),
        (&["nonsense"], 2),
    ];
    for (args, code) in commands {
        let done = run(&[args, &["--json"]].concat());
        assert_eq!((done.code, done.err.as_str()), (code, ""), "{args:?}: {}", done.out);
        let value: Value =
            serde_json::from_str(&done.out).unwrap_or_else(|error| panic!("{args:?}: {error}: {}", done.out));
        assert_eq!(value.get("error").is_some(), code != 0, "{args:?}");
    }
}

#[test]
fn nothing_but_plain_text_where_nobody_watches() {
    let [f, f2] = runs();
    let d = records("D-colorectal-braf");
    let commands: [&[&str]; 6] = [
        &["demo", "--out", "plain"],
        &["plan", &d, "--no-keep"],
        &["case", &d],
        &["explain", "F-breast-contradictory", "elacestrant"],
        &["diff", &f, &f2],
        &["doctor"],
    ];
    for args in commands {
        let done = run(args);
        assert_eq!(done.code, 0, "{args:?}: {}", done.err);
        for text in [&done.out, &done.err] {
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{args:?}: {text:?}");
        }
        let quiet = run(&[args, &["--quiet"]].concat());
        assert_eq!(quiet.err, "", "{args:?}");
    }
}

#[test]
fn days_and_instants() {
    let d = records("D-colorectal-braf");
    for (text, day) in [
        ("2026-06-15", "2026-06-15"),
        ("2026-06-15T23:30:00+02:00[Europe/Berlin]", "2026-06-15"),
        ("2026-06-15T23:30:00-08:00", "2026-06-15"),
        ("2026-06-15T23:30:00Z", "2026-06-15"),
    ] {
        let done = run(&["case", &d, "--as-of", text]);
        assert!(done.out.contains(&format!("as of {day}")), "{text}: {}{}", done.out, done.err);
    }
    for text in ["2026", "15.06.2026", "2026-02-30", "tomorrow", ""] {
        check(&["case", &d, "--as-of", text], 2, "is not a day (2026-06-15) or an instant with its offset");
    }
}

#[test]
fn an_option_nobody_knows_has_neighbours() {
    let near = "no option of this plan is called `elacestrnt`; the nearest: elacestrant, ";
    check(&["explain", "F-breast-contradictory", "elacestrnt"], 1, near);
    check(&["explain", "F-breast-contradictory", ""], 1, "is empty");
    check(&["explain", "F-breast-contradictory", "fulvestrant"], 1, "names several options: ");
    check(&["explain", "F-breast-contradictory", "Fulvestrant + Palbociclib"], 0, "");
}

/// `replayable`
#[test]
fn a_run_of_another_maker() {
    let run_folder = copied_run("other-maker");
    for name in ["manifest.json", "plan.json"] {
        let text = std::fs::read_to_string(run_folder.join(name)).expect("kept");
        let value: Value = serde_json::from_str(&text).expect("JSON");
        let code =
            value.pointer("/manifest/code").or(value.get("code")).and_then(Value::as_str).expect("code");
        std::fs::write(run_folder.join(name), text.replace(code, "0123456789abcdef")).expect("write");
    }
    check(&["replay", "other-maker"], 1, "this run was made by concilium");
    check(&["replay", "other-maker"], 1, "changed on disk since: plan.json, manifest.json");
    let done = run(&["replay", "other-maker", "--anyway"]);
    assert_eq!(done.code, 4);
    for words in
        ["differs", "here: concilium", "first difference: plan.json line", "code: 0123456789abcdef →"]
    {
        assert!(done.out.contains(words), "{words}: {}", done.out);
    }
}

#[test]
fn a_damaged_run_is_named() {
    let damaged = copied_run("damaged");
    let note =
        std::fs::read_dir(damaged.join("inputs/notes")).expect("notes").next().expect("one").expect("entry");
    let mut bytes = std::fs::read(note.path()).expect("note");
    bytes[0] ^= 1;
    std::fs::write(note.path(), bytes).expect("write");
    std::fs::write(damaged.join("case.json"), "{}").expect("write");
    let done = run(&["replay", "damaged"]);
    assert_eq!(done.code, 4, "{}", done.err);
    assert!(done.out.contains("kept file changed on disk: case.json"), "{}", done.out);
    assert!(done.out.contains("input changed on disk: notes/"), "{}", done.out);
    check(&["diff", "damaged", "damaged"], 1, "case.json: not the shape this version writes at line 1");
}

#[test]
fn a_case_as_people_read_it() {
    let done = run(&["case", &records("B-colorectal-kras-g12c"), "--as-of", "2026-06-15"]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    expect_file!["case.txt"].assert_eq(&done.out);
}

/// `retractable`
#[test]
fn a_difference_names_what_moved() {
    let [f, f2] = runs();
    let done = run(&["diff", &f, &f2]);
    let moved = done.out.split("elacestrant:").nth(1).and_then(|rest| rest.lines().nth(1)).unwrap_or("");
    assert!(moved.contains("esr1") && moved.contains("entered-in-error"), "{}", done.out);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let d = records("D-colorectal-braf");
    let commands: [&[&str]; 4] = [
        &["plan", &d, "--no-keep"],
        &["knowledge", "search", "a"],
        &["schema", "plan"],
        &["demo", "--out", "pipe"],
    ];
    for args in commands {
        let mut child = command(&HOME, args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut err).expect("UTF-8");
        assert_eq!(child.wait().expect("ends").code(), Some(0), "{args:?}: {err}");
        assert!(!err.contains("panicked"), "{args:?}: {err}");
    }
    assert!(HOME.join("pipe/D-colorectal-braf/plan.html").is_file(), "the sheets are written all the same");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has one");
    let output = command(&HOME, &["schema", "plan"]).stdout(full).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("No space left"));
}

#[test]
fn places_that_cannot_be_written() {
    let d = records("D-colorectal-braf");
    std::fs::write(HOME.join("a-file"), "").expect("write");
    let args = ["plan", &d, "--no-keep", "--out", "a-file/sheet"];
    check(&args, 1, "cannot write a-file/sheet/plan.html: Not a directory");
    check(&["plan", &d, "--runs", "a-file"], 1, "cannot write a-file/");
    copy(Path::new(&d), &HOME.join("own"));
    check(&["plan", "own", "--out", "own/sheet"], 1, "lies among the records");
    check(&["plan", "own", "--out", "./own"], 1, "lies among the records");
    check(&["plan", "own", "--out", "own-sheet", "--no-keep"], 0, "sheet: own-sheet/plan.html");
    check(&["plan", "own-sheet"], 1, "own-sheet holds a plan this program wrote");
}

#[test]
fn settings_are_refused_by_name() {
    std::fs::write(HOME.join("wrong.toml"), "runs = \"r\"\nbund = \"x\"\n").expect("write");
    check(&["--config", "wrong.toml", "doctor"], 1, "wrong.toml: line 2, column 1: unknown field `bund`");
    let d = records("D-colorectal-braf");
    let record = format!("{d}/bundle.json");
    let done = run(&["--config", &record, "doctor"]);
    assert!(done.code == 1 && !done.err.contains("resourceType"), "{}", done.err);
    let output = command(&HOME, &["doctor"]).env("CONCILIUM_BUND", "1").output().expect("the program starts");
    assert!(
        String::from_utf8_lossy(&output.stderr)
            .contains("environment variable CONCILIUM_BUND: names no setting")
    );
}

#[test]
fn a_release_that_does_not_hold() {
    std::fs::create_dir_all(HOME.join("release")).expect("folder");
    std::fs::write(HOME.join("release/manifest.json"), "{").expect("write");
    check(&["knowledge", "verify", "release"], 4, "");
    check(
        &["doctor", "--knowledge", "release"],
        1,
        "knowledge release cannot be used: manifest.json, line 1, column 1: not the expected JSON",
    );
    check(&["knowledge", "verify", "nowhere"], 1, "nowhere");
    check(&["knowledge", "diff", "builtin", "nowhere"], 1, "give a folder or `builtin`");
}

#[cfg(unix)]
#[test]
fn serve_says_where_and_stops_when_asked() {
    use std::io::{BufRead, BufReader, Write};
    let mut child = command(&HOME, &["serve", "--port", "0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
    assert!(!address.ends_with(":0"), "{line}");
    let mut stream = std::net::TcpStream::connect(address).expect("listens");
    let request = format!("GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("send");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answer");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"status\":\"ok\""), "{answer}");
    let asked = Command::new("kill").arg(child.id().to_string()).status().expect("kill");
    assert!(asked.success());
    assert_eq!(child.wait().expect("ends").code(), Some(0));
    check(&["serve", "--bind", "0.0.0.0:0"], 1, "can be reached from other machines");
    check(&["serve", "--bind", "nonsense"], 1, "HOST:PORT");
}

#[test]
fn texts_come_in_are_listed_and_shown() {
    let folder = HOME.join("texts");
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("note.txt");
    std::fs::write(&file, "Invented note\n\nWords of it.\n").expect("a file");
    let corpora = folder.join("corpora");
    let corpora = corpora.to_str().expect("UTF-8");
    let input = file.to_str().expect("UTF-8");
    let corpus = |args: &[&str], code: i32, out: &str| {
        let done = run(&[&["corpus", "--corpora", corpora], args].concat());
        assert_eq!(done.code, code, "{args:?}: {}{}", done.out, done.err);
        assert!((done.out.clone() + &done.err).contains(out), "{args:?}: {}{}", done.out, done.err);
    };
    corpus(&["list"], 0, "no corpus yet");
    corpus(&["import", "own", input, "--format", "song"], 2, "possible values: pubmed");
    corpus(&["import", "own", "nowhere"], 1, "cannot read nowhere");
    corpus(&["import", "own", input], 0, "note.txt (plain): read 1, kept 1");
    corpus(&["import", "own", input], 0, "already there");
    corpus(&["import", "own", input, "--json"], 0, "\"outcome\": \"already\"");
    corpus(&["list"], 0, "own: 1 documents in 1 parts");
    corpus(&["show", "own"], 0, "note.txt");
    corpus(&["show", "own", "--verify"], 0, "every hash, id and section holds");
    corpus(&["show", "own", "pmid:1"], 1, "holds no document `pmid:1`");
    corpus(&["show", "other"], 1, "holds no corpus.json");
    let list = run(&["corpus", "--corpora", corpora, "list", "--json"]);
    let list: Value = serde_json::from_str(&list.out).expect("one JSON document");
    assert_eq!(list[0]["documents"], 1);
    let search = |args: &[&str], code: i32, out: &str| {
        let done = run(&[&["search", "--corpora", corpora], args].concat());
        assert_eq!(done.code, code, "{args:?}: {}{}", done.out, done.err);
        assert!((done.out.clone() + &done.err).contains(out), "{args:?}: {}{}", done.out, done.err);
    };
    search(&["words"], 0, "run `concilium corpus index own`");
    corpus(&["index", "other"], 1, "holds no corpus.json");
    corpus(&["index"], 0, "corpus own: 1 documents indexed, 0 taken out; 1 passages of 1 documents");
    corpus(&["index", "own"], 0, "corpus own: 0 documents indexed");
    search(&["words"], 0, "Words of it.");
    search(&["words", "--filter", "-kind:file"], 0, "nothing found");
    search(&["words", "--filter", "lung"], 1, "`lung` is no filter");
    search(&["words", "--limit", "1", "--json"], 0, "\"hits\"");
    search(&["words", "--lexical-only"], 0, "because of words: place 1, BM25 ");
    search(&["words", "--corpus", "own"], 0, "Words of it.");
    search(&["words", "--corpus", "other"], 1, "holds no corpus.json");
    corpus(&["migrate", "--from", "exact", "--to", "edge"], 0, "no corpus has vectors in store exact");
    corpus(&["migrate", "--from", "exact", "--to", "exact"], 1, "are the same store");
    corpus(&["migrate", "--from", "exact", "--to", "shed"], 2, "possible values: exact, edge, server");
    corpus(&["migrate", "own", "--from", "edge", "--to", "exact"], 1, "has no vectors in store edge");
    corpus(&["snapshot"], 0, "no corpus has vectors in a server");
}

/// The default build has no model; a build with `embed` misses its files here. Both say so, and words go on.
#[test]
fn a_model_that_is_not_there_is_said() {
    let folder = HOME.join("modelless");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("note.txt"), "Invented note\n\nWords of it.\n").expect("a file");
    std::fs::write(folder.join("concilium.toml"), "[retrieval]\nembedder = \"all-MiniLM-L6-v2\"\n")
        .expect("a file");
    let missing =
        if cfg!(feature = "embed") { "concilium models fetch all-MiniLM-L6-v2" } else { "--features embed" };
    let check = |args: &[&str], code: i32, words: &[&str]| {
        let done = run_in(&folder, args);
        assert_eq!(done.code, code, "{args:?}: {}{}", done.out, done.err);
        let all = done.out + &done.err;
        words.iter().for_each(|word| assert!(all.contains(word), "{args:?}: `{word}` is not in: {all}"));
    };
    check(&["corpus", "import", "own", "note.txt"], 0, &[]);
    check(&["corpus", "index"], 1, &["1 documents indexed", missing]);
    check(&["corpus", "index", "--lexical-only"], 0, &["0 documents indexed"]);
    check(&["search", "words"], 0, &["Words of it.", "no vectors: ", missing]);
    check(&["search", "words", "--lexical-only"], 0, &["Words of it."]);
    check(&["doctor"], 0, &["embedder: ", missing, "found by their words only"]);
    check(&["plan", &records("D-colorectal-braf"), "--no-keep"], 0, &["no vectors: ", missing]);
}

#[test]
fn the_version_says_what_the_program_was_built_with() {
    let done = run(&["--version"]);
    let (with, out) = done.out.split_once("without").unwrap_or((&done.out, ""));
    for (name, is_in) in [("embed", cfg!(feature = "embed")), ("qdrant", cfg!(feature = "qdrant"))] {
        assert_eq!((with.contains(name), out.contains(name)), (is_in, !is_in), "{}", done.out);
    }
    assert!(run(&["doctor"]).out.contains("(code "));
}

/// The whole way of a coordinator: a registry's text in, one patient held against it, criterion by criterion.
#[test]
fn a_patient_screened_as_people_read_it() {
    let folder = HOME.join("screened");
    let trials = folder.to_str().expect("a path");
    check(&["trials", "screen", "demo-a", "--trials", trials], 1, "no trial is stored");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/screen.ndjson");
    check(&["trials", "import", file, "--trials", trials], 0, "");
    let case = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cases/A-lung-egfr");
    let of = ["trials", "screen", case, "--as-of", "2026-06-15", "--trials", trials];
    let list = run(&of);
    let one = run(&[&of[..], &["--trial", "NCT00000000"]].concat());
    assert_eq!((list.code, one.code), (0, 0), "{}{}", list.err, one.err);
    expect_file!["screen.txt"].assert_eq(&format!("{}\n{}", list.out, one.out));
    check(&[&of[..], &["--trial", "NOBODY-7"]].concat(), 1, "no trial `NOBODY-7` is stored");
}
