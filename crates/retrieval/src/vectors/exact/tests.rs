//! The exact store keeps the contract; its file is whole or refused.

use super::*;
use crate::vectors::contract::{self, Answers, DIMENSIONS, Subject};
use crate::vectors::migrate;
use concilium_models::never;
use std::cell::Cell;
use std::fs;

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("concilium-vectors-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn open(path: &Path) -> Exact {
    Exact::open(path, DIMENSIONS).unwrap()
}

/// A file with some points.
fn written(path: &Path) -> Exact {
    let store = open(path);
    store.upsert(&contract::points(30, DIMENSIONS, 1)).unwrap();
    store.flush().unwrap();
    store
}

#[test]
fn in_memory() {
    let empty = || Box::new(Exact::in_memory(DIMENSIONS)) as Box<dyn VectorStore>;
    contract::run(&Subject { empty: &empty, reopen: None, answers: Answers::Exact });
}

#[test]
fn in_a_file() {
    let (folder, made) = (folder("contract"), Cell::new(0));
    let open = || Box::new(open(&folder.join(format!("{}.vec", made.get())))) as Box<dyn VectorStore>;
    let empty = || {
        made.set(made.get() + 1);
        open()
    };
    contract::run(&Subject { empty: &empty, reopen: Some(&open), answers: Answers::Exact });
}

#[test]
fn same_points_same_bytes() {
    let folder = folder("bytes");
    let (one, other) = (folder.join("one.vec"), folder.join("other.vec"));
    drop(written(&one));
    let store = open(&other);
    let mut points = contract::points(30, DIMENSIONS, 1);
    points.reverse();
    store.upsert(&points[..20]).unwrap();
    store.upsert(&points[10..]).unwrap();
    store.flush().unwrap();
    assert_eq!(fs::read(&one).unwrap(), fs::read(&other).unwrap());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing unfinished is left");
}

#[test]
fn what_was_not_flushed_is_not_there() {
    let path = folder("unflushed").join("deeper").join("a.vec");
    let store = open(&path);
    store.upsert(&contract::points(3, DIMENSIONS, 1)).unwrap();
    drop(store);
    assert!(!path.exists());
    drop(written(&path));
    assert_eq!(open(&path).count().unwrap(), 30);
}

#[test]
fn a_damaged_file_is_refused() {
    let path = folder("damaged").join("a.vec");
    drop(written(&path));
    let whole = fs::read(&path).unwrap();
    let opened = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        Exact::open(&path, DIMENSIONS).map(|store| store.count().unwrap()).map_err(|error| error.to_string())
    };
    assert_eq!(opened(&whole), Ok(30));
    for length in (0..whole.len()).step_by(97).chain([whole.len() - 1]) {
        let error = opened(&whole[..length]).unwrap_err();
        assert!(error.contains("a.vec") && error.contains("index again"), "{length}: {error}");
    }
    for place in (0..whole.len()).step_by(61) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x20;
        assert!(opened(&bytes).unwrap_err().contains("index again"), "byte {place}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert!(opened(&longer).is_err());
    assert!(opened(b"{}").unwrap_err().contains("too short"));
    assert!(opened(&[b'x'; 500]).unwrap_err().contains("not a file of vectors"));
}

#[test]
fn another_model_is_refused() {
    let path = folder("model").join("a.vec");
    drop(written(&path));
    let error = Exact::open(&path, DIMENSIONS + 1).err().unwrap();
    assert!(matches!(error, StoreError::WrongSize { expected: DIMENSIONS, found: 25, .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn files_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let path = folder("mode").join("a.vec");
    drop(written(&path));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_migration_that_was_stopped_goes_on() {
    let (from, to) = (Exact::in_memory(DIMENSIONS), Exact::in_memory(DIMENSIONS));
    from.upsert(&contract::points(1_300, DIMENSIONS, 1)).unwrap();
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let second_time = || asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 1;
    let stopped = migrate(&from, &to, &mut |_, _| (), &second_time);
    assert!(matches!(stopped, Err(StoreError::Stopped { done: 512 })), "{stopped:?}");
    assert_eq!(to.count().unwrap(), 512);
    let mut heard = Vec::new();
    assert_eq!(migrate(&from, &to, &mut |done, of| heard.push((done, of)), &never).unwrap(), 1_300);
    assert_eq!(heard, [(0, 1_300), (512, 1_300), (1_024, 1_300), (1_300, 1_300)]);
    for query in contract::points(5, DIMENSIONS, 2) {
        let ask = |store: &Exact| store.nearest(&query.vector, &Filter::All, 20).unwrap();
        let keys = |found: Vec<Near>| found.into_iter().map(|near| near.key).collect::<Vec<_>>();
        assert_eq!(keys(ask(&from)), keys(ask(&to)));
    }
}

#[test]
fn a_migration_says_when_the_counts_differ() {
    let (from, to) = (Exact::in_memory(DIMENSIONS), Exact::in_memory(DIMENSIONS));
    let points = contract::points(8, DIMENSIONS, 1);
    from.upsert(&points[..4]).unwrap();
    to.upsert(&points[4..]).unwrap();
    let error = migrate(&from, &to, &mut |_, _| (), &never).unwrap_err().to_string();
    assert!(error.contains("holds 8 points after 4 of 4"), "{error}");
    let narrow = Exact::in_memory(DIMENSIONS - 1);
    assert!(matches!(migrate(&from, &narrow, &mut |_, _| (), &never), Err(StoreError::WrongSize { .. })));
}

proptest::proptest! {
    #[test]
    fn the_order_of_writing_does_not_matter(several in 0_usize..40, limit in 0_usize..50, seed: u64) {
        let points = contract::points(several, 9, seed);
        let (one, other) = (Exact::in_memory(9), Exact::in_memory(9));
        one.upsert(&points).unwrap();
        points.iter().rev().for_each(|point| other.upsert(std::slice::from_ref(point)).unwrap());
        let query = contract::Seeded(seed).vector(9);
        for filter in contract::filters() {
            proptest::prop_assert_eq!(
                one.nearest(&query, &filter, limit).unwrap(),
                other.nearest(&query, &filter, limit).unwrap()
            );
        }
    }
}
