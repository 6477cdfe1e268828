//! How long does a question take at 10 k, 100 k and 1 M passages, and how many of the nearest does the graph find?
//!
//! Measured: import, index of words and index of vectors (documents a second, bytes on disk, largest memory); then
//! `Retrieval::search` of words and vectors together, from question to ten verified passages, 1 client and 8, without
//! a filter and with one that one passage in a hundred meets, warm, and cold (the page cache emptied of these files by
//! GNU `dd`, everything opened anew), waiting for a processor not counted; recall@10 of the graph beside a scan of all vectors, by width of the search beam.
//! Corpus: invented abstracts about names of the release (`texts`), vectors with the measured cluster structure
//! (`clusters`), seed 3. The embedding of the question is not in these times; it stands beside them where weights are
//! (`CONCILIUM_MODELS`, else `models` in this folder). Peer: the scan. Target: p99 under 20 ms, recall@10 0.98.
//! Run: `cargo bench -p concilium-benches --bench retrieval -- 10000 100000`; it needs 4.5 GB of disk for a million,
//! in the folder `CONCILIUM_SCRATCH` or the system's own, and removes what it made.

use concilium_benches::clusters::{Clusters, DIMENSIONS};
use concilium_benches::seeded::Seeded;
use concilium_benches::texts::{CHOSEN, Names};
use concilium_benches::timing::{Times, Watch};
use concilium_benches::{engine, is_quick, line, process};
use concilium_engine::corpus::{Corpus, ImportJob, import};
use concilium_engine::texts::{Query, Retrieval, lexicon};
use concilium_engine::{Engine, texts};
use concilium_evidence::passage::PassageKey;
use concilium_models::{Embedder, ModelError, ModelId, Stop, TextRole, never};
use concilium_models_candle::{CandleEmbedder, Options};
use concilium_retrieval::filter::{Facets, Field, Filter};
use concilium_retrieval::index::words_folder;
use concilium_retrieval::lexical::{LexicalError, LexicalIndex};
use concilium_retrieval::vectors::Point;
use std::collections::BTreeSet;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

type Done<T = ()> = Result<T, Box<dyn Error>>;

const SEED: u64 = 3;
/// Documents of one input file.
const A_FILE: usize = 100_000;
/// Points written at once.
const BATCH: usize = 2_000;
/// Numbers of questions' vectors begin here.
const QUESTIONS: u64 = 1 << 40;

fn main() -> Done {
    let named = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let mut sizes: Vec<usize> = named.collect();
    if sizes.is_empty() {
        sizes = if is_quick() { vec![300] } else { vec![10_000, 100_000] };
    }
    let engine = engine()?;
    embedding(&engine)?;
    for size in sizes {
        let scratch = Scratch::new()?;
        println!("\n{size} passages");
        let made = Made::new(&engine, size, &scratch.0)?;
        made.recall()?;
        made.questions(&engine)?;
    }
    Ok(())
}

/// What the question's own vector costs.
fn embedding(engine: &Engine) -> Done {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../models");
    let folder = std::env::var_os("CONCILIUM_MODELS").map_or(root, PathBuf::from).join("all-MiniLM-L6-v2");
    if !folder.join("model.safetensors").is_file() {
        println!("no weights in {}: the embedding of a question is not measured", folder.display());
        return Ok(());
    }
    let model = CandleEmbedder::open("all-MiniLM-L6-v2", &folder, Options::default())?;
    let (names, mut choice) = (Names::new(&engine.knowledge), Seeded::new(SEED));
    let times = Times::of(if is_quick() { 3 } else { 200 }, || {
        model.embed(&[names.question(&mut choice).as_str()], TextRole::Query, &never).is_ok()
    });
    line("embedding of one question", times.words(), "");
    Ok(())
}

/// Vectors of questions by their words, at no cost.
struct Drawn {
    id: ModelId,
    family: Arc<Clusters>,
}

impl Embedder for Drawn {
    fn id(&self) -> &ModelId {
        &self.id
    }
    fn dimensions(&self) -> usize {
        DIMENSIONS
    }
    fn embed(&self, texts: &[&str], _: TextRole, _: Stop) -> Result<Vec<Vec<f32>>, ModelError> {
        Ok(texts.iter().map(|text| self.family.vector(QUESTIONS + number(text))).collect())
    }
}

/// FNV-1a of a text, to name its vector by.
fn number(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step) >> 24
}

/// A corpus with both indexes.
struct Made {
    root: PathBuf,
    size: usize,
    family: Arc<Clusters>,
    /// Which vector each passage has.
    keys: Vec<PassageKey>,
}

impl Made {
    fn new(engine: &Engine, size: usize, root: &Path) -> Done<Made> {
        let start = Instant::now();
        let files = written(engine, size, root)?;
        line("texts written (not ours to count)", seconds(start), "");
        let start = Instant::now();
        let corpora = root.join("corpora");
        let job = ImportJob {
            root: &corpora,
            name: "bench",
            licence: "invented",
            invented: true,
            files: &files,
            format: None,
            strict: true,
            time: "",
        };
        import(&job, &mut |_, _| {}, &|| false)?;
        rate("import", size, start);
        let start = Instant::now();
        texts::index(&corpora, None, &engine.knowledge, &mut |_, _| {}, &|| false)?;
        rate("index of words", size, start);
        for file in files {
            std::fs::remove_file(file)?;
        }
        let mut made = Made {
            root: root.to_owned(),
            size,
            family: Arc::new(Clusters::new(size, SEED)),
            keys: Vec::with_capacity(size),
        };
        made.vectors(engine)?;
        let bytes = |folder: &Path| format!("{:.0} bytes a passage", size_of(folder) as f64 / size as f64);
        line("corpus on disk", bytes(&corpora.join("bench").join("parts")), "");
        line("index of words on disk", bytes(&words_folder(&corpora.join("bench"))), "");
        line("vectors on disk, without journal", bytes(&made.store_folder()), "");
        memory();
        Ok(made)
    }

    fn store_folder(&self) -> PathBuf {
        self.root.join("vectors")
    }

    /// Writes the vectors in the order of the words' index.
    fn vectors(&mut self, engine: &Engine) -> Done {
        let folder = words_folder(&self.root.join("corpora").join("bench"));
        let words = LexicalIndex::open(&folder, lexicon(&engine.knowledge))?;
        let start = Instant::now();
        let store = store::open(&self.store_folder(), store::BEAM)?;
        let (mut batch, mut failed) = (vec![], None);
        let (family, keys) = (&self.family, &mut self.keys);
        words.scan(|passage, head| -> Result<(), LexicalError> {
            let mut facets = Facets::default();
            facets.set(Field::Type, head.types);
            batch.push(Point { key: passage.key.clone(), vector: family.vector(keys.len() as u64), facets });
            keys.push(passage.key);
            if batch.len() == BATCH {
                failed = failed.take().or(store.upsert(&batch).err());
                batch.clear();
            }
            Ok(())
        })?;
        failed.map_or(Ok(()), Err)?;
        store.upsert(&batch)?;
        rate("vectors written", self.size, start);
        let start = Instant::now();
        store::close(store, &self.store_folder())?;
        rate(store::CLOSED, self.size, start);
        Ok(())
    }

    /// Of the ten nearest by scan, how many does the graph find?
    fn recall(&self) -> Done {
        let several = if is_quick() { 5 } else { 200 };
        let asked: Vec<Vec<f32>> = (0..several).map(|n| self.family.vector(QUESTIONS + n)).collect();
        let mut best: Vec<Vec<(f32, usize)>> = vec![vec![]; asked.len()];
        for row in 0..self.keys.len() {
            let vector = self.family.vector(row as u64);
            for (question, best) in asked.iter().zip(&mut best) {
                let score = dot(question, &vector);
                if best.len() < 10 || best[9].0 < score {
                    let at = best.partition_point(|(other, _)| score <= *other);
                    best.insert(at, (score, row));
                    best.truncate(10);
                }
            }
        }
        for beam in store::BEAMS {
            let store = store::open(&self.store_folder(), *beam)?;
            let (mut found, mut times) = (0, vec![]);
            for (question, best) in asked.iter().zip(&best) {
                let right: BTreeSet<&PassageKey> = best.iter().map(|(_, row)| &self.keys[*row]).collect();
                let start = Watch::start();
                let near = store.nearest(question, &Filter::All, 10)?;
                times.push(start.elapsed());
                found += near.iter().filter(|near| right.contains(&near.key)).count();
            }
            let recall = found as f64 / best.iter().map(Vec::len).sum::<usize>() as f64;
            let said = format!("{recall:.4}; {}", Times::new(times).words());
            line(
                &format!("recall@10 of the graph, beam {beam}"),
                said,
                if *beam == store::BEAM { "0.98" } else { "" },
            );
        }
        Ok(())
    }

    fn open(&self, engine: &Engine) -> Done<Retrieval> {
        let words = texts::open(&self.root.join("corpora"), &engine.knowledge, &|_: &Corpus| true)?;
        let id = ModelId { name: "drawn".into(), sha256: String::new() };
        let drawn = Drawn { id, family: Arc::clone(&self.family) };
        Ok(words.with_vectors(store::open(&self.store_folder(), store::BEAM)?, Box::new(drawn)))
    }

    fn questions(&self, engine: &Engine) -> Done {
        let names = Names::new(&engine.knowledge);
        let several = if is_quick() { 8 } else { 400 };
        let mut choice = Seeded::new(SEED + 1);
        let mut drawn = |several: usize, filter: &Filter| -> Vec<Query> {
            let query = |_| Query { filter: filter.clone(), ..Query::new(&names.question(&mut choice)) };
            (0..several).map(query).collect()
        };
        let rare = Filter::AnyOf(Field::Type, vec![CHOSEN.to_owned()]);
        for (filter, name) in [(Filter::All, "no filter"), (rare, "1 % filter")] {
            let asked = drawn(several.min(50), &filter);
            if !is_quick() && forget(&self.root) {
                let start = Instant::now();
                let texts = self.open(engine)?;
                line(&format!("cold, {name}: opened in"), seconds(start), "");
                let start = Instant::now();
                ask(&texts, &asked[..1])?;
                line(&format!("cold, {name}: the first question"), seconds(start), "");
                line(&format!("cold, {name}: the next"), ask(&texts, &asked[1..])?.words(), "");
            }
            let texts = self.open(engine)?;
            ask(&texts, &drawn(several.min(100), &filter))?;
            let alone = ask(&texts, &drawn(several, &filter))?;
            line(&format!("warm, {name}, 1 client"), alone.words(), "p99 20 ms");
            let lists: Vec<Vec<Query>> = (0..8).map(|_| drawn(several / 4, &filter)).collect();
            let start = Instant::now();
            let (texts, mut all) = (&texts, vec![]);
            std::thread::scope(|scope| -> Done {
                let mut running = vec![];
                for list in &lists {
                    let client = move || timed(texts, list).map_err(|error| error.to_string());
                    running.push(scope.spawn(client));
                }
                for one in running {
                    all.extend(one.join().map_err(|_| "a client broke off")??);
                }
                Ok(())
            })?;
            let rate = format!("{:.0} a second; ", all.len() as f64 / start.elapsed().as_secs_f64());
            line(&format!("warm, {name}, 8 clients"), rate + &Times::new(all).words(), "");
        }
        memory();
        Ok(())
    }
}

fn ask(texts: &Retrieval, queries: &[Query]) -> Done<Times> {
    Ok(Times::new(timed(texts, queries)?))
}

fn timed(texts: &Retrieval, queries: &[Query]) -> Done<Vec<Duration>> {
    let one = |query| {
        let start = Watch::start();
        let answer = texts.search(query)?;
        let time = start.elapsed();
        match answer.notices.first() {
            None => Ok(time),
            Some(notice) => Err(notice.clone().into()),
        }
    };
    queries.iter().map(one).collect()
}

/// Files of documents, by hundreds of thousands.
fn written(engine: &Engine, size: usize, root: &Path) -> Done<Vec<PathBuf>> {
    let (names, mut choice) = (Names::new(&engine.knowledge), Seeded::new(SEED));
    let mut files = vec![];
    for from in (0..size).step_by(A_FILE) {
        let path = root.join(format!("texts-{from}.jsonl"));
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
        for at in from..size.min(from + A_FILE) {
            writeln!(file, "{}", names.document(at, &mut choice))?;
        }
        file.flush()?;
        files.push(path);
    }
    Ok(files)
}

/// Has the system forget what it keeps of these files in memory; `false` where it cannot be told to.
fn forget(folder: &Path) -> bool {
    let one = |file: &PathBuf| {
        let mut dd = std::process::Command::new("dd");
        dd.arg(format!("if={}", file.display())).args(["iflag=nocache", "count=0", "status=none"]);
        dd.status().is_ok_and(|status| status.success())
    };
    let done = files(folder).iter().all(one);
    if !done {
        println!("nothing measured cold: no `dd` with iflag=nocache here");
    }
    done
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (vec![], vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

fn size_of(folder: &Path) -> u64 {
    files(folder).iter().map(|file| on_disk(file)).sum()
}

/// Bytes a file takes, not those it is said to have: the engine reserves more than it fills.
fn on_disk(file: &Path) -> u64 {
    let Ok(about) = std::fs::metadata(file) else { return 0 };
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::blocks(&about) * 512;
    #[cfg(not(unix))]
    about.len()
}

fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (a, b) in left.chunks_exact(8).zip(right.chunks_exact(8)) {
        (0..8).for_each(|lane| sums[lane] += a[lane] * b[lane]);
    }
    sums.iter().sum()
}

fn seconds(start: Instant) -> String {
    format!("{:.2} s", start.elapsed().as_secs_f64())
}

fn rate(what: &str, several: usize, start: Instant) {
    let time = start.elapsed().as_secs_f64();
    line(what, format!("{:.0} a second ({time:.1} s)", several as f64 / time), "");
}

fn memory() {
    let mib = |bytes: Option<u64>| bytes.map_or("unknown".to_owned(), |bytes| format!("{} MiB", bytes >> 20));
    let said = format!("{} now, {} at most", mib(process::resident_bytes()), mib(process::peak_bytes()));
    line("resident memory (files mapped by the engines included)", said, "");
}

/// qdrant-edge.
#[cfg(feature = "qdrant")]
mod store {
    use super::{DIMENSIONS, Done};
    use concilium_retrieval::vectors::VectorStore;
    use concilium_vectors_qdrant::edge::{Edge, Settings};
    use std::path::Path;

    /// The default.
    pub const BEAM: usize = 128;
    pub const BEAMS: &[usize] = &[32, 64, 96, 128, 192, 256];
    pub const CLOSED: &str = "graph of vectors built";

    pub fn open(folder: &Path, beam: usize) -> Done<Box<dyn VectorStore>> {
        let settings = Settings { search_beam: beam, ..Settings::new(DIMENSIONS) };
        Ok(Box::new(Edge::open(folder, &settings)?))
    }

    pub fn close(store: Box<dyn VectorStore>, folder: &Path) -> Done {
        drop(store);
        // The engine's journal is as large as the vectors and is never read: nothing more is written here.
        std::fs::remove_dir_all(folder.join("wal"))?;
        Ok(open(folder, BEAM)?.flush()?)
    }
}

/// Every vector is looked at.
#[cfg(not(feature = "qdrant"))]
mod store {
    use super::{DIMENSIONS, Done};
    use concilium_retrieval::vectors::VectorStore;
    use concilium_retrieval::vectors::exact::Exact;
    use std::path::Path;

    /// Of no meaning.
    pub const BEAM: usize = 0;
    pub const BEAMS: &[usize] = &[BEAM];
    pub const CLOSED: &str = "file of vectors written";

    pub fn open(folder: &Path, _: usize) -> Done<Box<dyn VectorStore>> {
        Ok(Box::new(Exact::open(&folder.join("vectors.bin"), DIMENSIONS)?))
    }

    pub fn close(store: Box<dyn VectorStore>, _: &Path) -> Done {
        Ok(store.flush()?)
    }
}

/// A folder that is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Done<Scratch> {
        let base = std::env::var_os("CONCILIUM_SCRATCH").map_or_else(std::env::temp_dir, PathBuf::from);
        let folder = base.join(format!("concilium-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Scratch(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is left to whoever cleans the temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
