//! Plans over HTTP, on this machine: give records, see the plan page and the same stages as JSON.
//!
//! Loopback by default, limits on size and count, errors as problem details without record content. Routes live
//! under `/api/v1` and `/`, so that accounts, FHIR and hooks can grow beside them.

mod api;
mod pages;
mod problem;
mod records;

use actix_web::{App, HttpServer, web};
use concilium_engine::Engine;
use std::collections::VecDeque;
use std::sync::Mutex;

/// Why the server cannot start or stops.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be taken.
    #[error("cannot listen on {bind}: is it free, and yours to take?")]
    Bind {
        /// Address.
        bind: String,
        /// Cause.
        source: std::io::Error,
    },
    /// Serving failed.
    #[error("the server stopped")]
    Run(#[source] std::io::Error),
}

/// What all routes share: the engine, and the last plans in memory (never on disk).
pub struct Shared {
    engine: Engine,
    plans: Mutex<VecDeque<records::Kept>>,
}

/// Plans kept in memory; the oldest leaves.
const KEPT_PLANS: usize = 64;

impl Shared {
    /// Around a loaded engine.
    pub fn new(engine: Engine) -> Shared {
        Shared { engine, plans: Mutex::new(VecDeque::with_capacity(KEPT_PLANS)) }
    }
}

/// Serves until the process is asked to stop (Ctrl-C, SIGTERM).
///
/// # Errors
/// The address cannot be taken, or serving fails.
pub fn serve(engine: Engine) -> Result<(), ServeError> {
    let bind = engine.settings.bind.clone();
    let limit = engine.settings.max_body_bytes;
    let shared = web::Data::new(Shared::new(engine));
    let run = async move {
        let server = HttpServer::new(move || App::new().configure(|c| routes(c, shared.clone(), limit)))
            .workers(2)
            .bind(&bind)
            .map_err(|source| ServeError::Bind { bind: bind.clone(), source })?;
        for address in server.addrs() {
            eprintln!("concilium serves http://{address}/ (stop with Ctrl-C)");
        }
        server.run().await.map_err(ServeError::Run)
    };
    actix_web::rt::System::new().block_on(run)
}

/// All routes; also what tests mount.
pub fn routes(config: &mut web::ServiceConfig, shared: web::Data<Shared>, max_body: usize) {
    config
        .app_data(shared)
        .app_data(web::PayloadConfig::new(max_body))
        .service(web::resource("/").route(web::get().to(pages::start)))
        .service(web::resource("/health").route(web::get().to(api::health)))
        .service(web::resource("/plans").route(web::post().to(pages::create)))
        .service(web::resource("/plans/{run}").route(web::get().to(pages::plan)))
        .service(
            web::scope("/api/v1")
                .service(web::resource("/plans").route(web::post().to(api::create)))
                .service(web::resource("/plans/{run}").route(web::get().to(api::plan)))
                .service(web::resource("/plans/{run}/{artefact}").route(web::get().to(api::artefact)))
                .service(web::resource("/cases").route(web::post().to(api::case)))
                .service(web::resource("/knowledge").route(web::get().to(api::knowledge)))
                .service(web::resource("/schemas/{name}").route(web::get().to(api::schema))),
        )
        .default_service(web::to(problem::not_found));
}
