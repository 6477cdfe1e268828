//! The pages: where to put records, and the plan.

use crate::Shared;
use crate::api::away;
use crate::body::{self, Place};
use crate::problem::Problem;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use concilium_engine::{report, store};

type Answer = Result<HttpResponse, Problem>;

/// The start page: its own style sheet, its own form, nothing else.
const START: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn page(status: StatusCode, policy: &str, html: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header(("Content-Security-Policy", policy))
        .body(html)
}

/// Choose files or paste a record, and see how a program sends several.
pub async fn start(shared: web::Data<Shared>) -> HttpResponse {
    let release = &shared.engine().knowledge.manifest;
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Concilium</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"/style.css\"></head>\
         <body><main><h1>Concilium</h1>\
         <p>Cited, replayable treatment planning for tumor boards. Decision support for clinicians: it ranks and \
         explains, people decide. Records stay in this machine's memory and are not written to disk.</p>\
         <form method=\"post\" action=\"/plans\" enctype=\"multipart/form-data\">\
         <label for=\"files\">One patient's records: FHIR R4 JSON or NDJSON, VCF, MAF, text notes</label>\
         <input id=\"files\" type=\"file\" name=\"records\" multiple>\
         <label for=\"records\">or a FHIR R4 Bundle, VCF or MAF as text</label>\
         <textarea id=\"records\" name=\"records\" rows=\"12\" spellcheck=\"false\"></textarea>\
         <label for=\"as_of\">Plan as of (empty: now)</label>\
         <input id=\"as_of\" type=\"date\" name=\"as_of\">\
         <button>Plan</button></form>\
         <h2>From a program</h2><p><code>POST /api/v1/plans</code> with a record as the body, a form as above, or \
         <code>{{\"as_of\": \"2026-06-15\", \"files\": [{{\"name\": \"bundle.json\", \"content\": {{…}}}}, \
         {{\"name\": \"variants.vcf\", \"content\": \"##fileformat=VCFv4.2…\"}}]}}</code>. \
         <code>POST /api/v1/cases</code> shows what was read. Errors are problem details (RFC 9457).</p>\
         <p>Knowledge: {} as of {}. <a href=\"/health\">Health</a>.</p></main></body></html>",
        report::escape(&release.name),
        report::escape(&release.date)
    );
    page(StatusCode::OK, START, html)
}

/// A refusal for a person.
pub fn refusal(problem: &Problem) -> HttpResponse {
    let status = problem.status_code();
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Concilium: no plan</title>\
         <link rel=\"stylesheet\" href=\"/style.css\"></head><body><main><h1>{}</h1><pre>{}</pre>\
         <p><a href=\"/\">Back to the records</a></p></main></body></html>",
        report::escape(status.canonical_reason().unwrap_or("Refused")),
        report::escape(&problem.to_string())
    );
    page(status, START, html)
}

/// The start page's style.
pub async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE)
}

const STYLE: &str = "body{font:17px/1.5 system-ui,sans-serif;margin:0;color:#111;background:#fff}\
    main{max-width:48rem;margin:2rem auto;padding:0 1rem}label{display:block;margin:1rem 0 .3rem;font-weight:600}\
    textarea,input{width:100%;box-sizing:border-box;font:15px/1.4 ui-monospace,monospace;padding:.5rem;border:1px solid #555}\
    button{margin-top:1rem;font:inherit;padding:.5rem 2rem;border:2px solid #111;background:#fff;cursor:pointer}\
    button:focus-visible,textarea:focus-visible,input:focus-visible{outline:3px solid #1a5fb4;outline-offset:2px}\
    pre{white-space:pre-wrap;font:inherit}\
    code{overflow-wrap:anywhere;background:#f2f2f2}";

/// Plans what the form (or a client) sends and shows the page.
pub async fn create(shared: web::Data<Shared>, request: HttpRequest, payload: web::Payload) -> Answer {
    let place = Place::take(&shared)?;
    let body = body::read(&shared, &request, payload).await?;
    let (run, _) = away(move || {
        let planned = shared.plan(&body, None);
        drop(place);
        planned
    })
    .await?;
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, format!("/plans/{run}"))).finish())
}

/// The plan page, under the policy it carries itself.
pub async fn plan(shared: web::Data<Shared>, run: web::Path<String>) -> Answer {
    let planned = shared.find(&run)?;
    let policy = report::content_security_policy(&planned.plan) + "; frame-ancestors 'none'";
    let html =
        away(move || Ok(report::html_noticing(&planned.plan, &store::pictures(&planned), &planned.notices)))
            .await?;
    let mut answer = page(StatusCode::OK, &policy, html);
    let link = format!("</api/v1/plans/{run}>; rel=\"alternate\"; type=\"application/json\"");
    let link = header::HeaderValue::from_str(&link).map_err(|_| Problem::missing("no such page"))?;
    answer.headers_mut().insert(header::LINK, link);
    Ok(answer)
}
