//! Parts on disk: whole or not there, each once, the newest version of what was not taken back.

use super::super::disk::{Disk, Durable, Real};
use super::super::{About, Corpus, CorpusError, Outcome, Progress};
use super::pubmed::article;
use super::{Folder, about, documents, import, open, options};
use concilium_models::never;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A disk that dies after some steps: from then on everything fails, cleaning up too.
struct Dying(AtomicU64);

impl Dying {
    fn step(&self) -> io::Result<()> {
        let left = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        left.map(|_| ()).map_err(|_| io::Error::other("killed"))
    }
}

struct DyingFile(Box<dyn Durable>, Arc<Dying>);

impl Write for DyingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(killed) = self.1.step() {
            // The last write is not whole.
            self.0.write_all(&bytes[..bytes.len() / 2])?;
            self.0.flush()?;
            return Err(killed);
        }
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Durable for DyingFile {
    fn sync(&mut self) -> io::Result<()> {
        self.1.step()?;
        self.0.sync()
    }
}

struct DyingDisk(Arc<Dying>);

impl Disk for DyingDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Durable>> {
        self.0.step()?;
        Ok(Box::new(DyingFile(Real.create(path)?, Arc::clone(&self.0))))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.step()?;
        Real.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.step()?;
        Real.remove(path)
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.0.step()?;
        Real.sync_folder(folder)
    }
}

fn set(records: &[String]) -> Vec<u8> {
    format!("<PubmedArticleSet>{}</PubmedArticleSet>", records.concat()).into_bytes()
}

fn delete(pmid: &str) -> String {
    format!("<DeleteCitation><PMID Version=\"1\">{pmid}</PMID></DeleteCitation>")
}

/// Every file of a corpus with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for place in [folder.to_owned(), folder.join("parts")] {
        for entry in std::fs::read_dir(&place).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                found.insert(name, std::fs::read(&path).expect("readable"));
            }
        }
    }
    found
}

#[test]
fn an_import_killed_at_any_step_leaves_whole_parts_and_goes_on() {
    let first = set(&[article("90000001", "2023", "First")]);
    let records: Vec<_> =
        (0..70).map(|n| article(&format!("9000{n:04}"), "2024", "Words of some length")).collect();
    let second = set(&records);
    let expected = Folder::new();
    import(&expected, "a.xml", &first, false).expect("first");
    import(&expected, "b.xml", &second, false).expect("second");
    let expected = files(&expected.corpus());
    for steps in 0.. {
        let folder = Folder::new();
        import(&folder, "a.xml", &first, false).expect("first");
        let before = documents(&folder);
        let input = folder.file("b.xml", &second);
        let dying = Arc::new(Dying(AtomicU64::new(steps)));
        let killed = Corpus::open_on(Arc::new(DyingDisk(dying)), &folder.corpus()).and_then(|mut corpus| {
            corpus.import(&input, &options(None, false), &mut |_: Progress| {}, &never)
        });
        let after = documents(&folder);
        let committed = folder.corpus().join("parts").read_dir().expect("parts").count() == 6;
        assert_eq!(after.len(), if committed { 70 } else { before.len() }, "after {steps} steps");
        assert!(files(&folder.corpus()).keys().all(|name| !name.ends_with(".tmp")), "after {steps} steps");
        import(&folder, "b.xml", &second, false).expect("goes on");
        assert_eq!(files(&folder.corpus()), expected, "after {steps} steps");
        if killed.is_ok() {
            assert!(10 < steps, "the disk was used");
            return;
        }
    }
}

#[test]
fn a_corpus_killed_while_being_made_can_be_made() {
    for steps in 0..8 {
        let folder = Folder::new();
        let dying = Arc::new(Dying(AtomicU64::new(steps)));
        if Corpus::create_on(Arc::new(DyingDisk(dying)), &folder.corpus(), about()).is_err() {
            let made = open(&folder.corpus());
            assert_eq!(made.about(), &about());
        }
    }
}

#[test]
fn the_same_input_again_is_nothing_to_do() {
    let folder = Folder::new();
    let bytes = set(&[article("90000001", "2024", "Words")]);
    import(&folder, "a.xml", &bytes, false).expect("first");
    let before = files(&folder.corpus());
    let mut corpus = open(&folder.corpus());
    let input = folder.file("renamed.xml", &bytes);
    let again = corpus.import(&input, &options(None, false), &mut |_: Progress| {}, &never).expect("again");
    assert!(matches!(again, Outcome::Already(_)));
    assert_eq!(files(&folder.corpus()), before);
}

#[track_caller]
fn check(inputs: &[(&str, Vec<u8>)], expect: &[&str]) {
    let folder = Folder::new();
    for (name, bytes) in inputs {
        import(&folder, name, bytes, false).expect("an import");
    }
    let mut found: Vec<_> = documents(&folder).iter().map(|d| format!("{} {}", d.id, d.title)).collect();
    found.sort();
    assert_eq!(found, expect);
    let live = open(&folder.corpus()).live().expect("live");
    for document in documents(&folder) {
        assert_eq!(live.document(&document.id).expect("readable"), Some(document));
    }
}

#[test]
fn the_newest_version_counts_whatever_the_order() {
    let old = set(&[article("90000001", "2023", "Old"), article("90000002", "2023", "Other")]);
    let new = set(&[article("90000001", "2024", "New")]);
    let expect = ["pmid:90000001 New", "pmid:90000002 Other"];
    check(&[("a.xml", old.clone()), ("b.xml", new.clone())], &expect);
    check(&[("b.xml", new), ("a.xml", old)], &expect);
    let both = set(&[
        article("90000001", "2024", "New"),
        article("90000001", "2023", "Old"),
        article("90000001", "2023", "Old"),
    ]);
    check(&[("c.xml", both)], &["pmid:90000001 New"]);
    let later = |title: &str| set(&[article("90000001", "2024", title)]);
    check(&[("a.xml", later("Before")), ("b.xml", later("After"))], &["pmid:90000001 After"]);
}

#[test]
fn what_was_taken_back_is_gone_until_it_comes_again() {
    let first = set(&[article("90000001", "2023", "One"), article("90000002", "2023", "Two")]);
    let taken = set(&[delete("90000001")]);
    let again = set(&[article("90000001", "2020", "Again")]);
    check(&[("a.xml", first.clone()), ("b.xml", taken.clone())], &["pmid:90000002 Two"]);
    let inputs = [("a.xml", first.clone()), ("b.xml", taken.clone()), ("c.xml", again)];
    check(&inputs, &["pmid:90000001 Again", "pmid:90000002 Two"]);
    // Files the source has numbered are applied in its order, even when imported in another.
    let numbered = [("pubmed26n0002.xml", taken), ("pubmed26n0001.xml", first)];
    check(&numbered, &["pmid:90000002 Two"]);
}

#[test]
fn the_hash_names_the_contents_and_not_the_time_of_import() {
    let hash = |inputs: &[(&str, &[u8])]| {
        let folder = Folder::new();
        for (name, bytes) in inputs {
            import(&folder, name, bytes, false).expect("an import");
        }
        open(&folder.corpus()).hash()
    };
    let (a, b) = (set(&[article("90000001", "2023", "One")]), set(&[article("90000002", "2023", "Two")]));
    let one = hash(&[("pubmed26n0001.xml", &a), ("pubmed26n0002.xml", &b)]);
    assert_eq!(one, hash(&[("pubmed26n0002.xml", &b), ("pubmed26n0001.xml", &a)]));
    assert_ne!(one, hash(&[("pubmed26n0001.xml", &a)]));
}

#[test]
fn changes_between_two_states_are_what_an_index_needs() {
    let folder = Folder::new();
    let three: Vec<_> = ["90000001", "90000002", "90000003"].map(|id| article(id, "2023", "Old")).into();
    let first = import(&folder, "a.xml", &set(&three), false).expect("first");
    let notice = article("90000009", "2024", "Notice").replace(
        "</Article>",
        "</Article><CommentsCorrectionsList><CommentsCorrections RefType=\"RetractionOf\"><PMID>90000003</PMID>\
         </CommentsCorrections></CommentsCorrectionsList>",
    );
    let second = set(&[article("90000001", "2024", "New"), delete("90000002"), notice]);
    import(&folder, "b.xml", &second, false).expect("second");
    let corpus = open(&folder.corpus());
    let (old, new) = (corpus.live_of(&[first.key]).expect("old"), corpus.live().expect("new"));
    let changes = new.changes_since(&old);
    let ids = |ids: &[concilium_evidence::passage::DocumentId]| {
        ids.iter().map(|id| id.0.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&changes.gone), ["pmid:90000002"]);
    assert_eq!(ids(&changes.fresh), ["pmid:90000001", "pmid:90000003", "pmid:90000009"]);
    assert_eq!(new.documents_of(&changes.fresh).count(), 3);
    assert_eq!(new.changes_since(&new).fresh, []);
}

#[test]
fn damage_is_found_and_named() {
    let folder = Folder::new();
    let part = import(&folder, "a.xml", &set(&[article("90000001", "2024", "Words")]), false).expect("part");
    let path = folder.corpus().join("parts").join(format!("{}.jsonl.gz", part.key));
    let mut bytes = std::fs::read(&path).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    std::fs::write(&path, &bytes).expect("writable");
    let problems = open(&folder.corpus()).verify().expect("readable");
    assert!(problems[0].contains("is not the recorded"), "{problems:?}");
    let live = open(&folder.corpus()).live().expect("rows are whole");
    let error = live.documents().next().expect("something").expect_err("damaged").to_string();
    assert!(error.contains("import its input again"), "{error}");
}

#[test]
fn stopping_leaves_finished_parts_only() {
    let folder = Folder::new();
    import(&folder, "a.xml", &set(&[article("90000001", "2024", "Words")]), false).expect("part");
    let before = files(&folder.corpus());
    let records: Vec<_> = (0..4000).map(|n| article(&format!("9000{n:04}"), "2024", "Words")).collect();
    let input = folder.file("b.xml", &set(&records));
    let asked = AtomicU64::new(0);
    let stop = || 20 < asked.fetch_add(1, Ordering::Relaxed);
    let mut corpus = open(&folder.corpus());
    let stopped = corpus.import(&input, &options(None, false), &mut |_: Progress| {}, &stop);
    assert!(matches!(stopped, Err(CorpusError::Stopped)), "{stopped:?}");
    assert_eq!(files(&folder.corpus()), before);
}

#[test]
fn two_imports_at_once_are_refused_and_reading_goes_on() {
    let folder = Folder::new();
    import(&folder, "a.xml", &set(&[article("90000001", "2024", "Words")]), false).expect("part");
    let input = folder.file("b.xml", &set(&[article("90000002", "2024", "Words")]));
    let (mut first, mut second) = (open(&folder.corpus()), open(&folder.corpus()));
    let mut inner = None;
    let mut during = |_: Progress| {
        let again = second.import(&input, &options(None, false), &mut |_: Progress| {}, &never);
        inner = Some((again.map_err(|e| e.to_string()), documents(&folder).len()));
    };
    first.import(&input, &options(None, false), &mut during, &never).expect("the first goes on");
    let (again, read) = inner.expect("progress was told");
    assert!(again.expect_err("busy").contains("another import is running"));
    assert_eq!(read, 1);
    assert_eq!(documents(&folder).len(), 2);
}

#[test]
fn a_corpus_is_not_made_twice_nor_opened_where_none_is() {
    let folder = Folder::new();
    let missing = Corpus::open(&folder.corpus()).err().expect("none there").to_string();
    assert!(missing.contains("holds no corpus.json"), "{missing}");
    open(&folder.corpus());
    let twice = Corpus::create(&folder.corpus(), About { name: "other".into(), ..about() });
    assert!(twice.err().expect("refused").to_string().contains("is there already"));
    assert_eq!(Corpus::list(&folder.0.join("corpora")).expect("listed"), [folder.corpus()]);
    assert_eq!(Corpus::list(&folder.0.join("nowhere")).expect("listed"), Vec::<std::path::PathBuf>::new());
}

#[cfg(unix)]
#[test]
fn files_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    import(&folder, "a.xml", &set(&[article("90000001", "2024", "Words")]), false).expect("part");
    for path in [folder.corpus(), folder.corpus().join("parts")] {
        assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o700);
        for entry in path.read_dir().expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o600, "{path:?}");
            }
        }
    }
}
