//! What was sent, within the limits of size, count and time?

use crate::Shared;
use crate::problem::Problem;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use actix_web::{HttpRequest, web};
use std::sync::atomic::Ordering;

/// A body with its declared kind.
pub struct Body {
    /// Bytes as sent.
    pub bytes: web::Bytes,
    /// The whole `Content-Type`; empty when there is none.
    pub content_type: String,
}

/// One of the places for requests with records; given back when dropped.
pub struct Place(web::Data<Shared>);

impl Place {
    /// A free place, or 503.
    pub fn take(shared: &web::Data<Shared>) -> Result<Place, Problem> {
        let more = |taken: usize| (taken < shared.limits.jobs).then_some(taken + 1);
        match shared.jobs.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more) {
            Ok(_) => Ok(Place(shared.clone())),
            Err(_) => Err(Problem::busy("too many plans at one time; send it again in a few seconds")),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.jobs.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Reads the body of a request.
pub async fn read(shared: &Shared, request: &HttpRequest, payload: web::Payload) -> Result<Body, Problem> {
    let content_type = text(request.headers(), CONTENT_TYPE);
    known(&content_type)?;
    let limit = shared.limits.body_bytes;
    let stated = text(request.headers(), CONTENT_LENGTH).parse::<usize>().ok();
    let too_large = || {
        let what =
            format!("the body is larger than {limit} bytes; send fewer files, or raise max-body-bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, what)
    };
    if stated.is_some_and(|stated| limit < stated) {
        return Err(too_large());
    }
    let arriving = actix_web::rt::time::timeout(shared.limits.body_time, payload.to_bytes_limited(limit));
    let Ok(arrived) = arriving.await else {
        let what = "the body did not arrive in time; send it again";
        return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, what));
    };
    let bytes = arrived.map_err(|_| too_large())?;
    let bytes = bytes.map_err(|_| Problem::bad_request("the body broke off; send it again"))?;
    if bytes.is_empty() {
        return Err(Problem::bad_request("the body is empty: send records"));
    }
    Ok(Body { bytes, content_type })
}

fn text(headers: &HeaderMap, name: actix_web::http::header::HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned()
}

/// Kinds of bodies that can hold records.
const KNOWN: [&str; 9] = [
    "application/fhir+json",
    "application/json",
    "application/x-ndjson",
    "application/ndjson",
    "application/fhir+ndjson",
    "application/octet-stream",
    "multipart/form-data",
    "text/plain",
    "text/tab-separated-values",
];

fn known(content_type: &str) -> Result<(), Problem> {
    let essence = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if essence.is_empty() || KNOWN.contains(&essence.as_str()) {
        return Ok(());
    }
    let what = format!("this Content-Type holds no records; send one of: {}", KNOWN.join(", "));
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, what))
}
