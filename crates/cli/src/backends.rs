//! What was this program built with? The heavy engines are features: `embed`, `qdrant`; `full` has all.

use concilium_engine::{Backends, Engine, EngineError, Settings};
use std::sync::LazyLock;

/// The features, and whether each is in.
pub const FEATURES: [(&str, bool); 3] = [
    ("embed", cfg!(feature = "embed")),
    ("qdrant", cfg!(feature = "qdrant")),
    ("remote", cfg!(feature = "remote")),
];

/// Version and features, for `--version`.
pub static VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{} ({})", env!("CARGO_PKG_VERSION"), features()));

/// Which features are in and which are not, in words.
pub fn features() -> String {
    let names = |is_in| {
        let chosen = FEATURES.iter().filter(|(_, there)| *there == is_in).map(|(name, _)| *name);
        chosen.collect::<Vec<_>>().join(", ")
    };
    match (names(true).as_str(), names(false).as_str()) {
        ("", out) => format!("built without {out}"),
        (with, "") => format!("built with {with}"),
        (with, out) => format!("built with {with}, without {out}"),
    }
}

/// What the engine gets.
pub fn backends() -> Backends {
    #[allow(unused_mut, reason = "nothing is added where no feature is in")]
    let mut backends = Backends::default();
    #[cfg(feature = "embed")]
    {
        backends.embedder = Some(concilium_models_candle::open_embedder);
        backends.reranker = Some(concilium_models_candle::open_reranker);
    }
    #[cfg(feature = "qdrant")]
    {
        backends.store = Some(concilium_vectors_qdrant::open);
    }
    backends
}

/// The engine of this program.
pub fn engine(settings: Settings) -> Result<Engine, EngineError> {
    Ok(Engine::new(settings)?.with_backends(backends()))
}
