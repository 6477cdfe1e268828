//! How are a site's texts indexed and searched? Thin over [`concilium_retrieval`], with the names of the release.

use crate::settings::Settings;
use crate::vectors::{Backends, Unmet, Use, corpora};
use concilium_knowledge::Knowledge;
use concilium_retrieval::corpus::{Corpus, CorpusError, Links};
pub use concilium_retrieval::fusion::{Leg, LegScore};
pub use concilium_retrieval::index::{IndexError, IndexProgress, IndexReport};
use concilium_retrieval::index::{Names, index_vectors, index_words};
pub use concilium_retrieval::lexical::{Matched, QueryError};
pub use concilium_retrieval::search::{Hit, Hits, Legs, Query, Retrieval};
use concilium_terms::Doid;
use concilium_terms::lexicon::Lexicon;
use std::path::Path;
use std::sync::Arc;

/// Names of a release, for reading texts and queries.
pub fn lexicon(knowledge: &Knowledge) -> Arc<Lexicon> {
    Arc::new(concilium_knowledge::lexicon(knowledge).0)
}

/// Which statements were curated from which publication. Trials a statement names are no source of it.
fn links(knowledge: &Knowledge) -> Links {
    let of = |scheme: &str, citation: &str| format!("{scheme}:{citation}");
    Links::new(knowledge.statements.iter().filter_map(|statement| {
        let id = match statement.source_type.as_str() {
            "PubMed" => of("pmid", &statement.citation),
            "ASCO" => of("asco", &statement.citation),
            _ => return None,
        };
        (!statement.citation.is_empty()).then(|| (id, statement.key.clone()))
    }))
}

/// Brings the index of words of one corpus, or of all, up to its texts; what was indexed before is passed by.
///
/// # Errors
/// No such corpus, or a corpus or index that cannot be read or written.
pub fn index(
    root: &Path,
    name: Option<&str>,
    knowledge: &Knowledge,
    progress: &mut dyn FnMut(&str, IndexProgress),
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<IndexReport>, IndexError> {
    let corpora = corpora(root, name)?;
    with_names(knowledge, |names| {
        each(&corpora, |corpus, name| index_words(corpus, names, &mut |step| progress(name, step), stop))
    })
}

/// Brings the vectors of one corpus, or of all, up to its texts, in the store the settings name; likewise. Nothing is
/// done where the settings name no model.
///
/// # Errors
/// The model or the store cannot be had, or as [`index`].
pub fn index_meaning(
    (settings, backends): (&Settings, &Backends),
    name: Option<&str>,
    knowledge: &Knowledge,
    progress: &mut dyn FnMut(&str, IndexProgress),
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<IndexReport>, Unmet> {
    let Some(embedder) = crate::vectors::embedder(settings, backends)? else { return Ok(vec![]) };
    let corpora = corpora(&settings.corpora, name)?;
    let place = (settings.retrieval.store, Use::Write);
    with_names(knowledge, |names| {
        each(&corpora, |corpus, name| {
            let (id, dimensions) = (embedder.id(), embedder.dimensions());
            let store = crate::vectors::store(&settings.retrieval, backends, place, corpus, id, dimensions)?;
            let mut progress = |step| progress(name, step);
            Ok(index_vectors(corpus, names, &*store, &*embedder, &mut progress, stop)?)
        })
    })
}

/// One after another, until one was stopped.
fn each<E>(
    corpora: &[Corpus],
    mut one: impl FnMut(&Corpus, &str) -> Result<IndexReport, E>,
) -> Result<Vec<IndexReport>, E> {
    let mut reports = vec![];
    for corpus in corpora {
        let report = one(corpus, &corpus.about().name)?;
        let stopped = report.stopped;
        reports.push(report);
        if stopped {
            break;
        }
    }
    Ok(reports)
}

fn with_names<T>(knowledge: &Knowledge, go: impl FnOnce(&Names) -> T) -> T {
    let links = links(knowledge);
    let ancestors = |doid: &str| -> Vec<String> {
        knowledge.diseases.ancestors(&Doid::new(doid)).into_keys().map(|doid| doid.to_string()).collect()
    };
    let lexicon = lexicon(knowledge);
    go(&Names { lexicon, ancestors: &ancestors, links: &links, knowledge: &knowledge.manifest.hash })
}

/// Opens corpora for searching by words. What cannot be opened is left out with a notice.
///
/// # Errors
/// The folder of corpora cannot be read.
pub fn open(
    root: &Path,
    knowledge: &Knowledge,
    chosen: &dyn Fn(&Corpus) -> bool,
) -> Result<Retrieval, CorpusError> {
    Retrieval::open(root, &lexicon(knowledge), chosen)
}
