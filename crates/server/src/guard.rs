//! Who may ask? Only programs that know this server by a name of this machine, and pages that came from it.
//!
//! A page of another site can make a browser send requests to loopback. Under its own host name (DNS rebinding) it is
//! told apart by `Host`; from its own origin (request forgery) by `Origin` and `Sec-Fetch-Site`.

use crate::problem::Problem;
use crate::{Reach, Shared, pages};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError, web};
use std::net::IpAddr;

/// Lets the request through, or answers 403.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let reach = request.app_data::<web::Data<Shared>>().map_or(Reach::ThisMachine, |shared| shared.reach);
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let refused = refusal(reach, header("Host"), changes, header("Origin"), header("Sec-Fetch-Site"));
    match refused {
        Some(why) => Ok(request.into_response(Problem::forbidden(why).error_response())),
        None => Ok(readable(next.call(request).await?.map_into_boxed_body())),
    }
}

/// A browser shows a refusal as a page; a program gets problem details.
fn readable(answer: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let accept = answer.request().headers().get("Accept").and_then(|value| value.to_str().ok()).unwrap_or("");
    let page = accept.contains("text/html") && !answer.request().path().starts_with("/api/");
    let problem = answer.response().error().and_then(|error| error.as_error::<Problem>()).filter(|_| page);
    match problem.map(pages::refusal) {
        Some(page) => answer.into_response(page),
        None => answer,
    }
}

/// Why not, if not.
fn refusal(
    reach: Reach,
    host: Option<&str>,
    changes: bool,
    origin: Option<&str>,
    site: Option<&str>,
) -> Option<&'static str> {
    let host = host.unwrap_or("");
    if reach == Reach::ThisMachine && !is_loopback(host) {
        return Some("the Host header names another machine; ask 127.0.0.1 or localhost");
    }
    let foreign_origin = origin.is_some_and(|origin| origin.strip_prefix("http://") != Some(host));
    let foreign_site = site.is_some_and(|site| !matches!(site, "same-origin" | "none"));
    (changes && (foreign_origin || foreign_site)).then_some("the request comes from a page of another site")
}

/// `127.0.0.1:8480`, `localhost`, `[::1]:8480`.
fn is_loopback(host: &str) -> bool {
    let bare = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::refusal;
    use crate::Reach;

    #[track_caller]
    fn check(reach: Reach, host: &str, origin: Option<&str>, site: Option<&str>, allowed: bool) {
        let said = refusal(reach, Some(host), true, origin, site);
        assert_eq!(said.is_none(), allowed, "{host} {origin:?} {site:?}: {said:?}");
    }

    #[test]
    fn only_names_of_this_machine() {
        for host in ["127.0.0.1:8480", "localhost:8480", "LOCALHOST", "[::1]:8480", "127.0.0.2"] {
            check(Reach::ThisMachine, host, None, None, true);
        }
        for host in ["", "evil.example", "evil.example:8480", "localhost.evil.example", "10.0.0.1", "[::2]:1"]
        {
            check(Reach::ThisMachine, host, None, None, false);
            check(Reach::Network, host, None, None, true);
        }
    }

    #[test]
    fn only_pages_of_this_server() {
        let host = "127.0.0.1:8480";
        check(Reach::ThisMachine, host, Some("http://127.0.0.1:8480"), Some("same-origin"), true);
        for origin in ["http://evil.example", "null", "https://127.0.0.1:8480", "http://127.0.0.1:9", "?"] {
            check(Reach::ThisMachine, host, Some(origin), None, false);
            check(Reach::Network, host, Some(origin), None, false);
        }
        check(Reach::ThisMachine, host, None, Some("cross-site"), false);
        check(Reach::ThisMachine, host, None, Some("none"), true);
        assert_eq!(refusal(Reach::ThisMachine, Some(host), false, Some("null"), Some("cross-site")), None);
    }
}
