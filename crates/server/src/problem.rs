//! How does the server say no? RFC 9457 problem details; never with record content (`no-phi-out`).

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use concilium_engine::EngineError;

/// A refusal with its status and what to do.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    title: String,
}

impl Problem {
    /// The request is not usable.
    pub fn bad_request(title: impl Into<String>) -> Problem {
        Problem { status: StatusCode::BAD_REQUEST, title: title.into() }
    }

    /// Nothing under that name.
    pub fn missing(title: impl Into<String>) -> Problem {
        Problem { status: StatusCode::NOT_FOUND, title: title.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.title)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status).content_type("application/problem+json").json(serde_json::json!({
            "type": "about:blank",
            "status": self.status.as_u16(),
            "title": self.title,
        }))
    }
}

impl From<EngineError> for Problem {
    /// Records that cannot be one plan are the caller's to mend; anything else is ours.
    fn from(error: EngineError) -> Problem {
        let status = match &error {
            EngineError::Identity(_) | EngineError::NothingRead(_) | EngineError::Input(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            EngineError::Knowledge(_)
            | EngineError::Fhir(_)
            | EngineError::Files { .. }
            | EngineError::Artefact { .. }
            | EngineError::OtherMaker(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Problem { status, title: error.to_string() }
    }
}

/// Unknown route.
pub async fn not_found() -> Result<HttpResponse, Problem> {
    Err(Problem::missing("no such page; see / for what there is"))
}
