//! How does a place of a site's settings become an open store?

use crate::edge::{self, Edge};
use crate::server::{self, ApiKey, Server};
use concilium_retrieval::vectors::exact::Exact;
use concilium_retrieval::vectors::{Place, ServerPlace, StoreError, Use, VectorStore};
use std::time::Duration;

/// Environment variable that may hold the server's key.
pub const KEY_VARIABLE: &str = "CONCILIUM_QDRANT_API_KEY";
/// Writing and making collections may take longer than a reader waits for an answer.
const WRITING: Duration = Duration::from_secs(30);

/// Opens the store at a place, for vectors of this length.
///
/// # Errors
/// As [`Exact::open`], [`Edge::open`], [`Server::open`], [`Server::attach`]; the key cannot be read.
pub fn open(place: &Place, dimensions: usize) -> Result<Box<dyn VectorStore>, StoreError> {
    Ok(match place {
        Place::Exact { file } => Box::new(Exact::open(file, dimensions)?),
        Place::Edge { folder, beams } => {
            let settings = edge::Settings {
                quantize: beams.quantize,
                links: beams.links,
                build_beam: beams.build,
                search_beam: beams.search,
                ..edge::Settings::new(dimensions)
            };
            Box::new(Edge::open(folder, &settings)?)
        }
        Place::Server(place) => {
            let settings = server_settings(place, dimensions)?;
            Box::new(match place.to {
                Use::Search => Server::attach(&settings)?,
                Use::Write => Server::open(&settings)?,
            })
        }
    })
}

fn server_settings(place: &ServerPlace, dimensions: usize) -> Result<server::Settings, StoreError> {
    let api_key = match &place.key_file {
        Some(file) => Some(ApiKey::from_file(file)?),
        None => ApiKey::from_env(KEY_VARIABLE),
    };
    let timeout = match place.to {
        Use::Search => place.timeout,
        Use::Write => place.timeout.max(WRITING),
    };
    Ok(server::Settings {
        api_key,
        timeout,
        quantize: place.beams.quantize,
        links: place.beams.links,
        build_beam: place.beams.build,
        search_beam: place.beams.search,
        ..server::Settings::new(&place.url, &place.collection, dimensions)
    })
}
