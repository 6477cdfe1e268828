//! Plans over HTTP, on this machine: give records, see the plan page and the same stages as JSON.
//!
//! Loopback by default, limits on size, count and time, errors as problem details without record content. Routes live
//! under `/api/v1` and `/`, so that accounts, FHIR and hooks can grow beside them.

mod api;
mod body;
mod guard;
mod multipart;
mod pages;
mod problem;
mod records;

use actix_web::dev::Server;
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::{App, FromRequest, Handler, HttpServer, Resource, Responder, web};
use concilium_engine::Engine;
use problem::Problem;
use std::collections::VecDeque;
use std::io::Write;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

/// Why the server cannot start or stops.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be taken.
    #[error("cannot listen on {bind}: is it HOST:PORT, free, and yours to take?")]
    Bind {
        /// Address.
        bind: String,
        /// Cause.
        source: std::io::Error,
    },
    /// Other machines could reach it, and nobody said that they may.
    #[error(
        "{bind} can be reached from other machines, and there are no accounts: stay on 127.0.0.1, or say --allow-remote"
    )]
    Remote {
        /// Address.
        bind: String,
    },
    /// Serving failed.
    #[error("the server stopped")]
    Run(#[source] std::io::Error),
}

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Programs and browsers on this machine, under a loopback name only.
    ThisMachine,
    /// Whoever reaches the address. There are no accounts.
    Network,
}

/// Bounds on what one server takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest request body, bytes.
    pub body_bytes: usize,
    /// Time a body may take to arrive.
    pub body_time: Duration,
    /// Requests with records at one time; more are asked to come back.
    pub jobs: usize,
}

impl Limits {
    /// A hospital network sends 32 MB in seconds; a minute tells a slow client from a stuck one.
    pub fn new(body_bytes: usize) -> Limits {
        Limits { body_bytes, body_time: Duration::from_secs(60), jobs: 8 }
    }
}

/// What all routes share: the engine, and the last plans in memory (never on disk).
pub struct Shared {
    engine: Engine,
    reach: Reach,
    limits: Limits,
    jobs: AtomicUsize,
    plans: Mutex<VecDeque<records::Kept>>,
}

/// Plans kept in memory; the oldest leaves.
const KEPT_PLANS: usize = 64;
/// Bytes of records behind the plans kept in memory; a plan takes some ten times as much.
const KEPT_BYTES: usize = 128_000_000;
/// Connections at one time; more wait in the system's queue.
const MAX_CONNECTIONS: usize = 256;

impl Shared {
    /// Around a loaded engine.
    pub fn new(engine: Engine, reach: Reach, limits: Limits) -> Shared {
        let plans = Mutex::new(VecDeque::with_capacity(KEPT_PLANS));
        Shared { engine, reach, limits, jobs: AtomicUsize::new(0), plans }
    }
}

/// Serves until the process is asked to stop (Ctrl-C, SIGTERM). `ready` is told the address once it is taken.
///
/// # Errors
/// The address cannot be taken, or is not loopback where it must be, or serving fails.
pub fn serve(
    engine: Engine,
    reach: Reach,
    ready: impl FnOnce(&str) -> std::io::Result<()>,
) -> Result<(), ServeError> {
    let limits = Limits::new(engine.settings.max_body_bytes);
    serve_within(engine, reach, limits, ready)
}

/// As [`serve`], with other limits.
///
/// # Errors
/// As [`serve`].
pub fn serve_within(
    engine: Engine,
    reach: Reach,
    limits: Limits,
    ready: impl FnOnce(&str) -> std::io::Result<()>,
) -> Result<(), ServeError> {
    let bind = engine.settings.bind.clone();
    let addresses = addresses(&bind, reach)?;
    let shared = web::Data::new(Shared::new(engine, reach, limits));
    let run = async move {
        let (server, taken) =
            listen(shared, &addresses).map_err(|source| ServeError::Bind { bind: bind.clone(), source })?;
        ready(&format!("http://{taken}/")).map_err(ServeError::Run)?;
        if reach == Reach::Network {
            // Where nobody reads standard error, nobody is to be warned.
            let _ = writeln!(
                std::io::stderr(),
                "concilium: reachable from other machines, without accounts; stop it when it is not needed"
            );
        }
        server.await.map_err(ServeError::Run)
    };
    actix_web::rt::System::new().block_on(run)
}

fn addresses(bind: &str, reach: Reach) -> Result<Vec<SocketAddr>, ServeError> {
    let found: Vec<SocketAddr> =
        bind.to_socket_addrs().map_err(|source| ServeError::Bind { bind: bind.into(), source })?.collect();
    let inside = found.iter().all(|address| address.ip().is_loopback());
    match reach {
        Reach::ThisMachine if !inside => Err(ServeError::Remote { bind: bind.into() }),
        Reach::ThisMachine | Reach::Network => Ok(found),
    }
}

fn listen(shared: web::Data<Shared>, addresses: &[SocketAddr]) -> std::io::Result<(Server, SocketAddr)> {
    let app = move || {
        App::new().app_data(shared.clone()).wrap(from_fn(guard::guard)).wrap(headers()).configure(routes)
    };
    let server = HttpServer::new(app)
        .workers(2)
        .max_connections(MAX_CONNECTIONS)
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(10)
        .bind(addresses)?;
    let taken = server.addrs().first().copied().ok_or(std::io::ErrorKind::AddrNotAvailable)?;
    Ok((server.run(), taken))
}

/// On every answer: nothing is cached, guessed at, framed or loaded. The referrer stays on this origin: with none at
/// all, browsers send `Origin: null` with our own form (Fetch, "append a request Origin header").
fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("Cache-Control", "no-store"))
        .add(("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add(("Cross-Origin-Resource-Policy", "same-origin"))
        .add(("Referrer-Policy", "same-origin"))
        .add(("X-Content-Type-Options", "nosniff"))
}

/// All routes.
fn routes(config: &mut web::ServiceConfig) {
    config
        .app_data(web::QueryConfig::default().error_handler(|_, _| {
            Problem::bad_request("the query cannot be read: only ?as_of=DATE is known").into()
        }))
        .app_data(web::PathConfig::default().error_handler(|_, _| Problem::missing("no such page").into()))
        .service(get("/", pages::start))
        .service(get("/style.css", pages::style))
        .service(get("/health", api::health))
        .service(post("/plans", pages::create))
        .service(get("/plans/{run}", pages::plan))
        .service(
            web::scope("/api/v1")
                .service(post("/plans", api::create))
                .service(get("/plans/{run}", api::plan))
                .service(get("/plans/{run}/{artefact}", api::artefact))
                .service(post("/cases", api::case))
                .service(get("/knowledge", api::knowledge))
                .service(get("/schemas/{name}", api::schema)),
        )
        .default_service(web::to(problem::not_found));
}

fn get<F, A>(path: &str, handler: F) -> Resource
where
    F: Handler<A>,
    A: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path)
        .route(web::get().to(handler.clone()))
        .route(web::head().to(handler))
        .default_service(web::to(|| problem::not_allowed("GET, HEAD")))
}

fn post<F, A>(path: &str, handler: F) -> Resource
where
    F: Handler<A>,
    A: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path)
        .route(web::post().to(handler))
        .default_service(web::to(|| problem::not_allowed("POST")))
}
