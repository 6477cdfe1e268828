//! The pages: where to put records, and the plan.

use crate::Shared;
use crate::problem::Problem;
use actix_web::{HttpResponse, http::header, web};
use concilium_engine::{report, store};

type Answer = Result<HttpResponse, Problem>;

/// No script, nothing loaded from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn page(html: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("Content-Security-Policy", POLICY))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(html)
}

/// Paste a record, or see how to send several.
pub async fn start(shared: web::Data<Shared>) -> HttpResponse {
    let release = &shared.engine().knowledge.manifest;
    page(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Concilium</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>{STYLE}</style></head>\
         <body><main><h1>Concilium</h1>\
         <p>Cited, replayable treatment planning for tumor boards. Decision support for clinicians: it ranks and \
         explains, people decide. Records stay in this machine's memory and are not written to disk.</p>\
         <form method=\"post\" action=\"/plans\" enctype=\"text/plain\">\
         <label for=\"records\">One patient's records: a FHIR R4 Bundle or resource as JSON</label>\
         <textarea id=\"records\" name=\"records\" rows=\"16\" spellcheck=\"false\" required></textarea>\
         <label for=\"as_of\">Plan as of (YYYY-MM-DD; empty: today)</label>\
         <input id=\"as_of\" name=\"as_of\" pattern=\"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}\">\
         <button>Plan</button></form>\
         <h2>Several files</h2><p><code>POST /api/v1/plans</code> with \
         <code>{{\"as_of\": \"2026-06-15\", \"files\": [{{\"name\": \"bundle.json\", \"content\": {{…}}}}, \
         {{\"name\": \"variants.vcf\", \"content\": \"##fileformat=VCFv4.2…\"}}]}}</code></p>\
         <p>Knowledge: {} as of {}.</p></main></body></html>",
        report::escape(&release.name),
        report::escape(&release.date)
    ))
}

const STYLE: &str = "body{font:17px/1.5 system-ui,sans-serif;margin:0;color:#111;background:#fff}\
    main{max-width:48rem;margin:2rem auto;padding:0 1rem}label{display:block;margin:1rem 0 .3rem;font-weight:600}\
    textarea,input{width:100%;box-sizing:border-box;font:15px/1.4 ui-monospace,monospace;padding:.5rem;border:1px solid #555}\
    button{margin-top:1rem;font:inherit;padding:.5rem 2rem;border:2px solid #111;background:#fff;cursor:pointer}\
    button:focus-visible,textarea:focus-visible,input:focus-visible{outline:3px solid #1a5fb4;outline-offset:2px}\
    code{overflow-wrap:anywhere;background:#f2f2f2}";

/// Plans what the form (or a client) sends and shows the page.
pub async fn create(shared: web::Data<Shared>, body: web::Bytes) -> Answer {
    let (records, as_of) = form(&body);
    let job = move || shared.plan(&records, as_of.as_deref());
    let (run, _) = web::block(job).await.map_err(|_| Problem::bad_request("the request was cancelled"))??;
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, format!("/plans/{run}"))).finish())
}

/// A `text/plain` form (`records=…\r\nas_of=…`), else the body itself.
fn form(body: &[u8]) -> (Vec<u8>, Option<String>) {
    let text = std::str::from_utf8(body).ok().and_then(|text| text.strip_prefix("records="));
    let Some(text) = text else { return (body.to_vec(), None) };
    let (records, rest) = text.rsplit_once("as_of=").unwrap_or((text, ""));
    let day = Some(rest.trim().to_owned()).filter(|day| !day.is_empty());
    (records.trim_end().as_bytes().to_vec(), day)
}

/// The plan page.
pub async fn plan(shared: web::Data<Shared>, run: web::Path<String>) -> Answer {
    let planned = shared.find(&run)?;
    Ok(page(report::html(&planned.plan, &store::pictures(&planned))))
}
