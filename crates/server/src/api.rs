//! The stages as JSON.

use crate::Shared;
use crate::body::{self, Place};
use crate::problem::Problem;
use crate::records;
use actix_web::{HttpRequest, HttpResponse, web};
use concilium_engine::{CODE_HASH, PROGRAM, report, store};
use serde::Deserialize;

/// `?as_of=`
#[derive(Deserialize)]
pub struct When {
    as_of: Option<String>,
}

type Answer = Result<HttpResponse, Problem>;

/// Runs a stage off the workers' threads, so that a large bundle does not hold up others.
pub async fn away<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    web::block(job)
        .await
        .map_err(|_| Problem::ours("the stage broke off; report it with the records' kind"))?
}

/// Alive, and on which knowledge.
pub async fn health(shared: web::Data<Shared>) -> HttpResponse {
    let release = &shared.engine().knowledge.manifest;
    HttpResponse::Ok().json(serde_json::json!({
        "status": "ok", "program": PROGRAM, "code": CODE_HASH,
        "knowledge": release.name, "knowledge_hash": release.hash, "knowledge_date": release.date,
    }))
}

/// Plans records.
pub async fn create(
    shared: web::Data<Shared>,
    when: web::Query<When>,
    request: HttpRequest,
    payload: web::Payload,
) -> Answer {
    let place = Place::take(&shared)?;
    let body = body::read(&shared, &request, payload).await?;
    let (run, planned) = away(move || {
        let planned = shared.plan(&body, when.as_of.as_deref());
        drop(place);
        planned
    })
    .await?;
    Ok(HttpResponse::Created()
        .insert_header(("Location", format!("/api/v1/plans/{run}")))
        .json(&planned.plan))
}

/// Assembles records without planning.
pub async fn case(
    shared: web::Data<Shared>,
    when: web::Query<When>,
    request: HttpRequest,
    payload: web::Payload,
) -> Answer {
    let place = Place::take(&shared)?;
    let body = body::read(&shared, &request, payload).await?;
    let case = away(move || {
        let (files, day) = records::read(&body, when.as_of.as_deref())?;
        let case = shared.engine().case(&files, day)?;
        drop(place);
        Ok(case)
    });
    Ok(HttpResponse::Ok().json(case.await?))
}

/// A plan made earlier.
pub async fn plan(shared: web::Data<Shared>, run: web::Path<String>) -> Answer {
    Ok(HttpResponse::Ok().json(&shared.find(&run)?.plan))
}

/// FHIR R4, "MIME type": the version stands beside it.
const FHIR_JSON: &str = "application/fhir+json; fhirVersion=4.0";

/// One artefact of a plan: case, fhir, graph, graphml, dot, markdown, notices (what was noticed while planning).
pub async fn artefact(shared: web::Data<Shared>, path: web::Path<(String, String)>) -> Answer {
    let (run, name) = path.into_inner();
    let planned = shared.find(&run)?;
    let (kind, text) = match name.as_str() {
        "case" => ("application/json", store::json(&planned.case)),
        "fhir" => (FHIR_JSON, store::fhir(shared.engine(), &planned)?),
        "graph" => ("application/json", planned.graph.json().unwrap_or_default()),
        "graphml" => ("application/xml", planned.graph.graphml()),
        "dot" => ("text/vnd.graphviz", planned.graph.dot()),
        "markdown" => ("text/markdown; charset=utf-8", report::markdown(&planned.plan)),
        "notices" => ("application/json", store::json(&planned.notices)),
        _ => return Err(Problem::missing("artefacts: case, fhir, graph, graphml, dot, markdown, notices")),
    };
    Ok(HttpResponse::Ok().content_type(kind).body(text))
}

/// The release in use.
pub async fn knowledge(shared: web::Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(&shared.engine().knowledge.manifest)
}

/// The schema of an artefact.
pub async fn schema(name: web::Path<String>) -> Answer {
    let schemas = concilium_engine::schema::schemas();
    let found = schemas.into_iter().find(|(known, _)| *known == name.as_str());
    let (_, schema) = found.ok_or_else(|| Problem::missing("no such schema"))?;
    Ok(HttpResponse::Ok().json(schema))
}
