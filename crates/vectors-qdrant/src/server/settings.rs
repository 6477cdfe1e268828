//! Where is the server, and what may be said to it over which line?

use concilium_retrieval::vectors::StoreError;
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// How to reach a collection.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `https://qdrant.example.org:6334`: the gRPC port. `https` is TLS.
    pub url: String,
    /// Key, when the server asks for one.
    pub api_key: Option<ApiKey>,
    /// Collection; made when it is not there.
    pub collection: String,
    /// Length of every vector.
    pub dimensions: usize,
    /// Longest time one request may take, repetitions included.
    pub timeout: Duration,
    /// Repetitions while the server says that it is unavailable.
    pub retries: u32,
    /// Search in eight-bit copies and score the best again with the full vectors; decided when the collection is made.
    pub quantize: bool,
    /// Links a point in the graph; decided when the collection is made.
    pub links: usize,
    /// Candidates kept while the graph is built; decided when the collection is made.
    pub build_beam: usize,
    /// Candidates kept while it is searched.
    pub search_beam: usize,
}

impl Settings {
    /// Ten seconds, three repetitions, eight bits with rescoring, 16 links, beams of 100 and 128, no key.
    pub fn new(url: &str, collection: &str, dimensions: usize) -> Settings {
        Settings {
            url: url.into(),
            api_key: None,
            collection: collection.into(),
            dimensions,
            timeout: Duration::from_secs(10),
            retries: 3,
            quantize: true,
            links: 16,
            build_beam: 100,
            search_beam: 128,
        }
    }

    /// For messages; holds no key.
    pub fn name(&self) -> String {
        format!("qdrant at {}, collection {}", self.url, self.collection)
    }

    /// Refuses an address that is none, that carries a password, or that would send the key in the clear.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        // Without the address: it may hold a password.
        let failed = |what: &str| Err(StoreError::Failed { store: "qdrant".into(), what: what.into() });
        let (secure, rest) = match (self.url.strip_prefix("https://"), self.url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return failed("the address must begin with https:// or http://"),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.is_empty() {
            return failed("the address names no host");
        }
        if authority.contains('@') {
            return failed("the address must hold no user or password; give the key by file or environment");
        }
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        let here = host == "localhost"
            || host == "[::1]"
            || host.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback());
        if self.api_key.is_some() && !secure && !here {
            return failed("the key would travel in the clear; use https:// for another machine");
        }
        if self.collection.is_empty() || self.dimensions == 0 {
            return failed("a collection needs a name and vectors at least one number");
        }
        Ok(())
    }
}

/// A key that is never printed.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// From an environment variable; `None` when it is not set or empty.
    pub fn from_env(variable: &str) -> Option<ApiKey> {
        std::env::var(variable).ok().filter(|key| !key.is_empty()).map(ApiKey)
    }

    /// First line of a file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn from_file(path: &Path) -> Result<ApiKey, StoreError> {
        let failed = |what: String| StoreError::Failed {
            store: "qdrant".into(),
            what: format!("key file {}: {what}", path.display()),
        };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let key = text.lines().next().unwrap_or_default().trim();
        if key.is_empty() { Err(failed("its first line is empty".into())) } else { Ok(ApiKey(key.into())) }
    }

    /// The key itself, for the header and nothing else.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("(not shown)")
    }
}
