//! Which records were sent, and where is the plan made from them?
//!
//! One record as the body itself (FHIR JSON, NDJSON, VCF), or several as JSON:
//! `{"as_of": "2026-06-15", "files": [{"name": "bundle.json", "content": …}]}`, where content is text or JSON.

use crate::problem::Problem;
use crate::{KEPT_PLANS, Shared};
use concilium_engine::Planned;
use concilium_engine::input::InputFile;
use concilium_engine::terms::AsOf;
use serde::Deserialize;
use std::sync::Arc;

/// A plan kept in memory.
#[derive(Clone)]
pub struct Kept {
    run: String,
    planned: Arc<Planned>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    as_of: Option<String>,
    files: Vec<File>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    content: serde_json::Value,
}

/// Files at most in one request.
const MAX_FILES: usize = 200;

/// Inputs of a request and the instant asked for.
pub fn read(body: &[u8], as_of: Option<&str>) -> Result<(Vec<InputFile>, AsOf), Problem> {
    if body.is_empty() {
        return Err(Problem::bad_request("the body is empty: send records"));
    }
    let (files, inner) = match serde_json::from_slice::<Envelope>(body) {
        Ok(envelope) => (files_of(envelope.files)?, envelope.as_of),
        Err(_) => (vec![InputFile { name: name_of(body).into(), bytes: body.to_vec() }], None),
    };
    let day = match inner.as_deref().or(as_of) {
        Some(text) => AsOf::parse(text).map_err(|error| Problem::bad_request(error.to_string()))?,
        None => now()?,
    };
    Ok((files, day))
}

fn files_of(files: Vec<File>) -> Result<Vec<InputFile>, Problem> {
    if files.is_empty() || MAX_FILES < files.len() {
        return Err(Problem::bad_request(format!("{} files: send 1 to {MAX_FILES}", files.len())));
    }
    let plain = |file: File| InputFile {
        name: file.name.replace(['\\', '\0'], "/").trim_start_matches('/').replace("..", "_"),
        bytes: match file.content {
            serde_json::Value::String(text) => text.into_bytes(),
            other => other.to_string().into_bytes(),
        },
    };
    Ok(files.into_iter().map(plain).collect())
}

fn name_of(body: &[u8]) -> &'static str {
    if body.starts_with(b"##fileformat=VCF") { "body.vcf" } else { "body.json" }
}

/// The clock is read here, by the program that serves.
fn now() -> Result<AsOf, Problem> {
    AsOf::parse(&jiff::Zoned::now().to_string()).map_err(|error| Problem::bad_request(error.to_string()))
}

impl Shared {
    /// Plans and keeps in memory; gives the run id.
    pub fn plan(&self, body: &[u8], as_of: Option<&str>) -> Result<(String, Arc<Planned>), Problem> {
        let (files, day) = read(body, as_of)?;
        let planned = Arc::new(self.engine.plan(&files, day)?);
        let run = planned.plan.manifest.run.clone();
        let mut plans = self.plans.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        plans.retain(|kept| kept.run != run);
        if plans.len() == KEPT_PLANS {
            plans.pop_front();
        }
        plans.push_back(Kept { run: run.clone(), planned: planned.clone() });
        Ok((run, planned))
    }

    /// A plan made earlier.
    pub fn find(&self, run: &str) -> Result<Arc<Planned>, Problem> {
        let plans = self.plans.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let kept = plans.iter().find(|kept| kept.run == run);
        kept.map(|kept| kept.planned.clone())
            .ok_or_else(|| Problem::missing("no such plan in memory: send its records again"))
    }

    /// The engine.
    pub fn engine(&self) -> &concilium_engine::Engine {
        &self.engine
    }
}
