//! The client keeps the contract against a stub of the server, and gives up in time when it goes away.

mod stub;

use super::*;
use concilium_models::never;
use concilium_retrieval::vectors::contract::{self, Answers, DIMENSIONS, Subject};
use concilium_retrieval::vectors::exact::Exact;
use concilium_retrieval::vectors::migrate;
use std::cell::Cell;
use std::time::Duration;
use stub::{Fault, Stub};

fn settings(url: &str, collection: &str) -> Settings {
    Settings { timeout: Duration::from_secs(5), ..Settings::new(url, collection, DIMENSIONS) }
}

fn filled(stub: &Stub) -> Server {
    let server = Server::open(&settings(&stub.url, "passages")).unwrap();
    server.upsert(&contract::points(20, DIMENSIONS, 1)).unwrap();
    server
}

fn ask(server: &Server) -> Result<Vec<Near>, StoreError> {
    server.nearest(&contract::Seeded(1).vector(DIMENSIONS), &Filter::All, 3)
}

fn check_contract(url: &str, prefix: &str) {
    let made = Cell::new(0);
    let open = || {
        let settings = Settings {
            timeout: Duration::from_secs(60),
            ..settings(url, &format!("{prefix}{}", made.get()))
        };
        Box::new(Server::open(&settings).unwrap_or_else(|error| panic!("{error}"))) as Box<dyn VectorStore>
    };
    let empty = || {
        made.set(made.get() + 1);
        open()
    };
    contract::run(&Subject { empty: &empty, reopen: Some(&open), answers: Answers::Approximate });
}

#[test]
fn against_the_stub() {
    check_contract(&Stub::start().url, "contract");
}

/// Runs where `QDRANT_TEST_URL` names a server for tests, without a key; leaves its collections there.
#[test]
fn against_a_real_server_where_one_is_named() {
    if let Ok(url) = std::env::var("QDRANT_TEST_URL") {
        check_contract(&url, &format!("concilium-contract-{}-", std::process::id()));
    }
}

#[test]
fn a_collection_is_made_once_with_its_indexes() {
    let stub = Stub::start();
    drop(filled(&stub));
    let again = Server::open(&settings(&stub.url, "passages")).unwrap();
    assert_eq!(again.count().unwrap(), 20);
    assert_eq!(stub.indexes("passages"), shape::indexes().count());
    assert_eq!(again.snapshot().unwrap(), "passages-1.snapshot");
}

#[test]
fn another_length_or_kind_is_refused() {
    let stub = Stub::start();
    drop(filled(&stub));
    let wide = Settings { dimensions: DIMENSIONS + 1, ..settings(&stub.url, "passages") };
    let error = Server::open(&wide).err().unwrap();
    assert!(matches!(error, StoreError::WrongSize { expected: DIMENSIONS, found: 25, .. }), "{error}");
    stub.foreign("others");
    let error = Server::open(&settings(&stub.url, "others")).err().unwrap().to_string();
    assert!(error.contains("name another collection"), "{error}");
}

#[test]
fn a_server_that_is_away_for_a_moment_is_asked_again() {
    let stub = Stub::start();
    let server = filled(&stub);
    stub.fault(Fault::Unavailable(2));
    assert_eq!(ask(&server).unwrap().len(), 3);
    stub.fault(Fault::Unavailable(100));
    assert!(matches!(ask(&server), Err(StoreError::Unreachable { .. })));
}

#[test]
fn a_server_that_hangs_is_given_up() {
    let stub = Stub::start();
    drop(filled(&stub));
    let hasty = Settings { timeout: Duration::from_millis(200), ..settings(&stub.url, "passages") };
    let server = Server::open(&hasty).unwrap();
    stub.fault(Fault::Hang);
    let error = ask(&server).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
    stub.fault(Fault::None);
    assert_eq!(ask(&server).unwrap().len(), 3, "and asked again later");
}

#[test]
fn a_server_that_goes_away_is_unreachable() {
    let mut stub = Stub::start();
    let server = filled(&stub);
    stub.stop();
    let error = ask(&server).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("search goes on without vectors"), "{error}");
    let error = Server::open(&settings(&stub.url, "passages")).err().unwrap();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
}

#[test]
fn a_wrong_key_is_said_and_never_shown() {
    let stub = Stub::start();
    stub.fault(Fault::Key("right".into()));
    let folder = std::env::temp_dir().join(format!("concilium-key-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let key = |text: &str| {
        std::fs::write(folder.join("key"), text).unwrap();
        ApiKey::from_file(&folder.join("key"))
    };
    assert!(key("\n").is_err());
    let with = |text: &str| Settings { api_key: Some(key(text).unwrap()), ..settings(&stub.url, "passages") };
    let wrong = with("secret-and-wrong\n");
    let error = Server::open(&wrong).err().unwrap().to_string();
    assert!(error.contains("refuses the API key"), "{error}");
    assert!(!format!("{error}{wrong:?}").contains("secret"), "{error}");
    assert!(Server::open(&with("right\nanything")).is_ok());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn addresses_that_leak_are_refused() {
    let check = |url: &str, key: bool| {
        let api_key = key.then(|| ApiKey::from_env("PATH").unwrap());
        Settings { api_key, ..settings(url, "passages") }.check().err().map(|error| error.to_string())
    };
    assert_eq!(check("https://qdrant.example.org:6334", true), None);
    assert_eq!(check("http://qdrant.example.org:6334", false), None);
    assert_eq!(check("http://127.0.0.1:6334", true), None);
    assert_eq!(check("http://[::1]:6334", true), None);
    assert!(check("http://qdrant.example.org:6334", true).unwrap().contains("in the clear"));
    assert!(check("http://localhost.example.org", true).unwrap().contains("in the clear"));
    let error = check("https://user:secret@example.org", false).unwrap();
    assert!(error.contains("no user or password") && !error.contains("secret"), "{error}");
    assert!(check("qdrant:6334", false).is_some() && check("https://", false).is_some());
}

#[test]
fn points_move_to_a_server() {
    let stub = Stub::start();
    let server = Server::open(&settings(&stub.url, "moved")).unwrap();
    let exact = Exact::in_memory(DIMENSIONS);
    exact.upsert(&contract::points(700, DIMENSIONS, 2)).unwrap();
    assert_eq!(migrate(&exact, &server, &mut |_, _| (), &never).unwrap(), 700);
    let query = contract::Seeded(4).vector(DIMENSIONS);
    let keys = |found: Vec<Near>| found.into_iter().map(|near| near.key).collect::<Vec<_>>();
    let found = |store: &dyn VectorStore| keys(store.nearest(&query, &Filter::All, 20).unwrap());
    assert_eq!(found(&exact), found(&server));
}
