//! How does the server say no? RFC 9457 problem details; never with record content (`no-phi-out`).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use concilium_engine::EngineError;

/// A refusal with its status and what to do.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
}

impl Problem {
    /// A refusal.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        Problem { status, detail: detail.into() }
    }

    /// The request is not usable.
    pub fn bad_request(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Nothing under that name.
    pub fn missing(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, detail)
    }

    /// Not from there.
    pub fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, detail)
    }

    /// Come back.
    pub fn busy(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// Our fault.
    pub fn ours(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            answer.insert_header((header::RETRY_AFTER, "5"));
        }
        answer.content_type("application/problem+json").json(serde_json::json!({
            "type": "about:blank",
            "status": self.status.as_u16(),
            "title": self.status.canonical_reason().unwrap_or("refused"),
            "detail": self.detail,
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
            EngineError::Knowledge { .. }
            | EngineError::Fhir(_)
            | EngineError::Files { .. }
            | EngineError::Artefact { .. }
            | EngineError::OtherMaker(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Problem::new(status, error.to_string())
    }
}

/// Unknown route.
pub async fn not_found() -> Result<HttpResponse, Problem> {
    Err(Problem::missing("no such page; see / for what there is"))
}

/// A route that has other methods.
pub async fn not_allowed(methods: &'static str) -> HttpResponse {
    let what = format!("this address takes {methods}");
    let mut answer = Problem::new(StatusCode::METHOD_NOT_ALLOWED, what).error_response();
    answer.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(methods));
    answer
}
