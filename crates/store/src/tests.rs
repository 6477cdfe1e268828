//! The store as a coordinator's day uses it, and as a bad disk leaves it.

use super::*;
use concilium_terms::{AsOf, Truth};
use concilium_trials::worklist::alert::{Answer, Cause, Change, Flip};
use concilium_trials::worklist::{Command, MatchKey, NextAction, OutReason, ReasonCode, State};

fn at(day: u32) -> AsOf {
    AsOf::parse(&format!("2026-06-{day:02}")).expect("a day")
}

fn key(patient: &str, trial: &str) -> MatchKey {
    MatchKey { patient: patient.into(), trial: trial.into(), arm: "A".into() }
}

fn record(patient: &str, name: &str, sha256: &str) -> Record {
    let (patient, name, sha256) = (patient.to_owned(), name.to_owned(), sha256.to_owned());
    Record { patient, name, body: sha256.clone().into_bytes(), sha256, corrects: true, ..Record::default() }
}

fn kept(answer: Answer, rank: i64) -> Kept {
    Kept { answer, rank, truths: [("in-1".to_owned(), Truth::Open)].into(), body: "{}".into() }
}

fn go(to: State) -> Command {
    Command::Move { to, reasons: vec![] }
}

/// Two patients.
fn filled() -> Store {
    let mut store = Store::in_memory().expect("opens");
    for patient in ["p1", "p2"] {
        store.add_patient(patient, &[format!("Patient/{patient}")]).expect("kept");
    }
    store
}

fn keep(store: &mut Store, screened: Screened, day: u32) -> Result<Told> {
    store.keep_screening(&screened, &at(day))
}

fn answered(patient: &str, answers: Vec<(MatchKey, Kept)>) -> Screened {
    Screened { patient: patient.into(), answers, ..Screened::default() }
}

/// A folder of this test alone.
fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("concilium-store-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&path).expect("a folder for the test");
    path
}

#[test]
fn a_record_is_new_then_same_then_changed_and_makes_its_patient_due() {
    let mut store = filled();
    let mut put = |record: Record| store.put_records(&[record]).expect("kept")[0];
    let versioned = |sha256: &str, version: &str| Record {
        version: Some(version.to_owned()),
        ..record("p1", "Observation/a", sha256)
    };
    let added = Record { corrects: false, ..versioned("c", "2026-06-04") };
    assert_eq!(
        [put(record("p1", "Observation/a", "a")), put(record("p1", "Observation/a", "a"))],
        [Put::New, Put::Same]
    );
    assert_eq!([put(versioned("b", "2026-06-03")), put(added)], [Put::Changed, Put::Changed]);
    assert_eq!(put(versioned("d", "2026-06-01")), Put::Older);
    let patient = store.patient("p1").expect("kept");
    assert_eq!((patient.revision, patient.corrected, patient.screened), (3, 2, None));
    assert_eq!(store.records_of("p1").expect("read"), [("Observation/a".to_owned(), b"c".to_vec())]);
}

#[test]
fn a_record_of_nobody_goes_with_those_that_name_it() {
    let mut store = filled();
    let order = Record { needs: Some("Medication/m".into()), ..record("p1", "MedicationRequest/r", "r") };
    store
        .put_records(&[order, record("", "Medication/m", "m"), record("", "Medication/x", "x")])
        .expect("kept");
    let names = |store: &Store, id: &str| -> Vec<String> {
        store.records_of(id).expect("read").into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(&store, "p1"), ["Medication/m", "MedicationRequest/r"]);
    assert!(names(&store, "p2").is_empty());
    let before = store.patient("p1").expect("kept").revision;
    store.put_records(&[record("", "Medication/m", "m2")]).expect("kept");
    assert_eq!(store.patient("p1").expect("kept").revision, before + 1, "due again");
    assert_eq!(store.patient("p2").expect("kept").revision, 0);
}

#[test]
fn patients_are_known_by_their_names() {
    let mut store = filled();
    let name = |text: &str| text.to_owned();
    assert!(!store.add_patient("p1", &[name("mrn|7"), name("Patient/p2")]).expect("kept"));
    assert_eq!(store.known_as(&[name("mrn|7"), name("Patient/p1"), name("x")]).expect("read"), ["p1"]);
    assert_eq!(store.known_as(&[name("Patient/p2")]).expect("read"), ["p2"], "a name stays whose it was");
}

#[test]
fn a_screening_is_kept_whole() {
    let mut store = filled();
    let key = key("p1", "T-1");
    let screened = Screened {
        revision: 4,
        day: "2026-06-02".into(),
        trials: "set".into(),
        found: vec![key.clone()],
        ..answered("p1", vec![(key.clone(), kept(Answer::Open, 3))])
    };
    store.put_trial_set("set", &[("T-1".to_owned(), "h".to_owned())].into()).expect("kept");
    assert_eq!(keep(&mut store, screened, 2).expect("kept").found, std::slice::from_ref(&key));
    assert_eq!(store.answers_of("p1").expect("read"), [(key.clone(), kept(Answer::Open, 3))]);
    assert_eq!(store.answers_on("T-1").expect("read").len(), 1);
    let patient = store.patient("p1").expect("kept");
    assert_eq!((patient.screened, patient.day.as_deref()), (Some(4), Some("2026-06-02")));
    store.put_trial_set("other", &[].into()).expect("kept");
    assert_eq!(store.trial_set("set").expect("read")["T-1"], "h", "a set in use stays");
    let gone = Screened { gone: vec![key.clone()], ..answered("p1", vec![]) };
    assert!(keep(&mut store, gone, 3).expect("kept").found.is_empty());
    assert!(store.answers_of("p1").expect("read").is_empty());
    let nobody = answered("nobody", vec![(self::key("nobody", "T-1"), kept(Answer::Open, 1))]);
    assert!(keep(&mut store, nobody, 3).is_err(), "an answer needs its patient");
}

#[test]
fn the_list_has_what_is_due_first_then_the_likely() {
    let mut store = filled();
    for (patient, trial, rank) in [("p1", "T-1", 50), ("p2", "T-1", 10), ("p1", "T-2", 90)] {
        let answers = vec![(key(patient, trial), kept(Answer::Open, rank))];
        keep(&mut store, answered(patient, answers), 1).expect("kept");
        assert!(store.found(&key(patient, trial)).expect("listed"));
        assert!(!store.found(&key(patient, trial)).expect("listed"), "a match is listed once");
    }
    let next = Some(NextAction { what: "call the clinic".into(), due: at(5).date() });
    store.apply(&key("p1", "T-2"), [Command::Plan { next }], &at(2), "kim").expect("planned");
    let order = |day| -> Vec<(String, String)> {
        let listed = store.worklist(&Wanted::default(), at(day).date()).expect("a list");
        listed.into_iter().map(|line| (line.entry.key.patient, line.entry.key.trial)).collect()
    };
    let pairs = |of: [(&str, &str); 3]| of.map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(order(6), pairs([("p1", "T-2"), ("p2", "T-1"), ("p1", "T-1")]));
    assert_eq!(order(4), pairs([("p2", "T-1"), ("p1", "T-1"), ("p1", "T-2")]), "not due yet");
    let wanted = Wanted { trial: Some("T-1".into()), states: vec![State::New], ..Wanted::default() };
    assert_eq!(store.worklist(&wanted, at(6).date()).expect("a list").len(), 2);
}

#[test]
fn a_mark_stops_contact_until_it_is_lifted() {
    let mut store = filled();
    let key = key("p1", "T-1");
    store.found(&key).expect("listed");
    store.apply(&key, [go(State::Reviewing)], &at(2), "kim").expect("a step");
    let mark = DoNotContact { by: "kim".into(), at: at(2), why: "asked not to be called".into() };
    store.set_do_not_contact("p1", Some(&mark)).expect("marked");
    assert!(matches!(store.apply(&key, [go(State::Contacted)], &at(3), "kim"), Err(Error::Refused(_))));
    assert_eq!(store.patient("p1").expect("kept").do_not_contact, Some(mark));
    store.put_records(&[record("p1", "a", "h2")]).expect("kept");
    assert!(store.patient("p1").expect("kept").do_not_contact.is_some(), "new records do not lift it");
    store.set_do_not_contact("p1", None).expect("lifted");
    assert_eq!(store.apply(&key, [go(State::Contacted)], &at(4), "kim").expect("a step").history.len(), 2);
    assert!(matches!(store.set_do_not_contact("nobody", None), Err(Error::Unknown { .. })));
}

#[test]
fn events_cannot_be_changed_or_taken_out() {
    let mut store = filled();
    let key = key("p1", "T-1");
    store.found(&key).expect("listed");
    let reasons = vec![OutReason { code: ReasonCode::CriterionNotMet, criterion: Some("in-1".into()) }];
    store.apply(&key, [Command::Move { to: State::ScreenedOut, reasons }], &at(2), "kim").expect("out");
    for sql in ["UPDATE event SET body = '{}'", "DELETE FROM event"] {
        let said = store.db.execute_batch(sql).expect_err(sql).to_string();
        assert!(said.contains("only added"), "{said}");
    }
}

#[test]
fn changes_are_joined_until_somebody_has_seen_them() {
    let mut store = filled();
    let flip = |from, to| Flip { arm: "A".into(), criterion: "in-1".into(), from, to, why: "ECOG 2".into() };
    let change = |before, after, flip| Change {
        key: key("p1", "T-1"),
        cause: Cause::PatientChanged,
        before: Some(before),
        after,
        flips: vec![flip],
    };
    let first = change(Answer::NoKnownConflict, Answer::Open, flip(Truth::True, Truth::Open));
    let second = change(Answer::Open, Answer::Blocked, flip(Truth::Open, Truth::False));
    let mut tell = |change: &Change, day| {
        let screened = Screened { changes: vec![change.clone()], ..answered("p1", vec![]) };
        keep(&mut store, screened, day).expect("told").alerts.len()
    };
    assert_eq!([tell(&first, 2), tell(&second, 3)], [1, 1]);
    let open = store.open_alerts().expect("a list");
    assert_eq!((open.len(), open[0].changes, open[0].flips.len()), (1, 2, 1));
    assert_eq!(store.seen("p1", "T-1", "kim").expect("seen").seen_by, Some("kim".into()));
    assert!(store.open_alerts().expect("a list").is_empty());
    let again = Screened { changes: vec![second], ..answered("p1", vec![]) };
    keep(&mut store, again, 4).expect("told");
    assert_eq!(store.all_alerts().expect("a list").len(), 2);
    assert_eq!(store.open_alerts().expect("a list")[0].changes, 1, "a new alert after it was seen");
    assert!(matches!(store.seen("p2", "T-1", "kim"), Err(Error::Unknown { .. })));
}

#[test]
fn a_file_is_opened_again_and_stays_its_owners() {
    let path = folder("again").join("store.sqlite");
    {
        let mut store = Store::open(&path).expect("made");
        store.add_patient("p1", &[]).expect("kept");
        store.put_records(&[record("p1", "a", "h")]).expect("kept");
    }
    let store = Store::open(&path).expect("opens");
    assert_eq!(store.record("p1", "a").expect("read"), Some(b"h".to_vec()));
    store.verify().expect("whole");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}

#[test]
fn two_programs_take_turns() {
    let path = folder("turns").join("store.sqlite");
    let mut one = Store::open(&path).expect("made");
    let mut two = Store::open(&path).expect("opens");
    one.add_patient("p1", &[]).expect("kept");
    one.found(&key("p1", "T-1")).expect("listed");
    one.apply(&key("p1", "T-1"), [go(State::Reviewing)], &at(1), "kim").expect("a step");
    let again = two.apply(&key("p1", "T-1"), [go(State::Reviewing)], &at(1), "lee");
    assert!(matches!(again, Err(Error::Refused(_))), "the second sees what the first did: {again:?}");
}

#[track_caller]
fn check_refused(name: &str, make: impl Fn(&Path), expect: &str) {
    let path = folder(name).join("store.sqlite");
    make(&path);
    let said = Store::open(&path).expect_err(name).to_string();
    assert!(said.contains(expect) && said.contains("store.sqlite"), "{said}");
}

#[test]
fn other_files_are_refused_by_name() {
    let sql = |sql: &'static str| {
        move |path: &Path| {
            let _ = std::fs::remove_file(path);
            Connection::open(path).and_then(|db| db.execute_batch(sql)).expect("a database");
        }
    };
    check_refused(
        "text",
        |path| std::fs::write(path, "not a database ".repeat(90)).expect("written"),
        "not a store",
    );
    check_refused("foreign", sql("CREATE TABLE other (x)"), "another program");
    check_refused("newer", sql("PRAGMA user_version = 99"), "newer program (schema 99");
}
