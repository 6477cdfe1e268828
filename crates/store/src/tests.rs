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

fn trial(id: &str, version: Option<&str>, hash: &str) -> TrialRow {
    TrialRow { id: id.into(), version: version.map(Into::into), hash: hash.into(), body: "{}".into() }
}

fn kept(answer: Answer, rank: i64) -> Kept {
    Kept { answer, rank, truths: [("in-1".to_owned(), Truth::Open)].into() }
}

fn go(to: State) -> Command {
    Command::Move { to, reasons: vec![] }
}

/// Two patients and one trial.
fn filled() -> Store {
    let mut store = Store::in_memory().expect("opens");
    for patient in ["p1", "p2"] {
        store.put_patient(patient, "h1", &at(1), "{}").expect("kept");
    }
    store.put_trial(&trial("T-1", None, "t1")).expect("kept");
    store
}

/// A folder of this test alone.
fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("concilium-store-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&path).expect("a folder for the test");
    path
}

#[test]
fn a_patient_is_new_then_same_then_changed() {
    let mut store = Store::in_memory().expect("opens");
    let mut put = |hash: &str, day| store.put_patient("p1", hash, &at(day), "{}").expect("kept");
    assert_eq!(
        [put("a", 1), put("a", 1), put("b", 1), put("b", 2)],
        [Put::New, Put::Same, Put::Changed, Put::Changed]
    );
}

#[test]
fn an_older_version_of_a_trial_does_not_replace_a_newer() {
    let mut store = Store::in_memory().expect("opens");
    let mut put = |version, hash| store.put_trial(&trial("T-1", version, hash)).expect("kept");
    assert_eq!(put(Some("2026-01-01"), "a"), Put::New);
    assert_eq!(put(Some("2026-03-01"), "b"), Put::Changed);
    assert_eq!(put(Some("2026-02-01"), "c"), Put::Older);
    assert_eq!(put(Some("2026-03-01"), "b"), Put::Same);
    assert_eq!(store.trial("T-1").expect("kept").hash, "b");
    assert_eq!(store.trial_versions("T-1").expect("kept").len(), 2, "what was never current is not kept");
}

#[test]
fn answers_give_back_the_one_before() {
    let mut store = filled();
    let key = key("p1", "T-1");
    assert_eq!(store.put_answer(&key, &kept(Answer::Open, 3)).expect("kept"), None);
    let before = store.put_answer(&key, &kept(Answer::Blocked, 9)).expect("kept");
    assert_eq!(before, Some(kept(Answer::Open, 3)));
    assert_eq!(store.answer(&key).expect("read"), Some(kept(Answer::Blocked, 9)));
    let unknown = store.put_answer(&self::key("nobody", "T-1"), &kept(Answer::Open, 1));
    assert!(unknown.is_err(), "an answer needs its patient");
}

#[test]
fn the_list_has_what_is_due_first_then_the_likely() {
    let mut store = filled();
    store.put_trial(&trial("T-2", None, "t2")).expect("kept");
    for (patient, trial, rank) in [("p1", "T-1", 50), ("p2", "T-1", 10), ("p1", "T-2", 90)] {
        store.put_answer(&key(patient, trial), &kept(Answer::Open, rank)).expect("kept");
        assert!(store.found(&key(patient, trial)).expect("listed"));
        assert!(!store.found(&key(patient, trial)).expect("listed"), "a match is listed once");
    }
    let next = Some(NextAction { what: "call the clinic".into(), due: at(5).date() });
    store.apply(&key("p1", "T-2"), Command::Plan { next }, &at(2), "kim").expect("planned");
    let listed = store.worklist(&Wanted::default()).expect("a list");
    let order: Vec<(&str, &str)> =
        listed.iter().map(|line| (&*line.entry.key.patient, &*line.entry.key.trial)).collect();
    assert_eq!(order, [("p1", "T-2"), ("p2", "T-1"), ("p1", "T-1")]);
    let wanted = Wanted { trial: Some("T-1".into()), states: vec![State::New], ..Wanted::default() };
    assert_eq!(store.worklist(&wanted).expect("a list").len(), 2);
}

#[test]
fn a_mark_stops_contact_until_it_is_lifted() {
    let mut store = filled();
    let key = key("p1", "T-1");
    store.found(&key).expect("listed");
    store.apply(&key, go(State::Reviewing), &at(2), "kim").expect("a step");
    let mark = DoNotContact { by: "kim".into(), at: at(2), why: "asked not to be called".into() };
    store.set_do_not_contact("p1", Some(&mark)).expect("marked");
    assert!(matches!(store.apply(&key, go(State::Contacted), &at(3), "kim"), Err(Error::Refused(_))));
    assert_eq!(store.patient("p1").expect("kept").do_not_contact, Some(mark));
    store.put_patient("p1", "h2", &at(3), "{}").expect("kept");
    assert!(store.patient("p1").expect("kept").do_not_contact.is_some(), "new records do not lift it");
    store.set_do_not_contact("p1", None).expect("lifted");
    assert_eq!(store.apply(&key, go(State::Contacted), &at(4), "kim").expect("a step").history.len(), 2);
    assert!(matches!(store.set_do_not_contact("nobody", None), Err(Error::Unknown { .. })));
}

#[test]
fn events_cannot_be_changed_or_taken_out() {
    let mut store = filled();
    let key = key("p1", "T-1");
    store.found(&key).expect("listed");
    let reasons = vec![OutReason { code: ReasonCode::CriterionNotMet, criterion: Some("in-1".into()) }];
    store.apply(&key, Command::Move { to: State::ScreenedOut, reasons }, &at(2), "kim").expect("out");
    for sql in ["UPDATE event SET body = '{}'", "DELETE FROM event", "DELETE FROM trial_version"] {
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
    store.tell(&first, &at(2)).expect("told");
    store.tell(&second, &at(3)).expect("told");
    let open = store.open_alerts().expect("a list");
    assert_eq!((open.len(), open[0].changes, open[0].flips.len()), (1, 2, 1));
    assert_eq!(store.seen("p1", "T-1", "kim").expect("seen").seen_by, Some("kim".into()));
    assert!(store.open_alerts().expect("a list").is_empty());
    store.tell(&second, &at(4)).expect("told");
    assert_eq!(store.open_alerts().expect("a list")[0].changes, 1, "a new alert after it was seen");
    assert!(matches!(store.seen("p2", "T-1", "kim"), Err(Error::Unknown { .. })));
}

#[test]
fn a_file_is_opened_again_and_stays_its_owners() {
    let path = folder("again").join("store.sqlite");
    {
        let mut store = Store::open(&path).expect("made");
        store.put_patient("p1", "h", &at(1), "{\"x\":1}").expect("kept");
    }
    let store = Store::open(&path).expect("opens");
    assert_eq!(store.patient("p1").expect("kept").body, "{\"x\":1}");
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
    one.put_patient("p1", "h", &at(1), "{}").expect("kept");
    one.found(&key("p1", "T-1")).expect("listed");
    one.apply(&key("p1", "T-1"), go(State::Reviewing), &at(1), "kim").expect("a step");
    let again = two.apply(&key("p1", "T-1"), go(State::Reviewing), &at(1), "lee");
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
