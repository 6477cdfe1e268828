//! Which records were sent, and where is the plan made from them?
//!
//! One record as the body itself (FHIR JSON, NDJSON, VCF, MAF), a form with files, or several records as JSON:
//! `{"as_of": "2026-06-15", "files": [{"name": "bundle.json", "content": …}]}`, where content is text or JSON.

use crate::body::Body;
use crate::multipart;
use crate::problem::Problem;
use crate::{KEPT_BYTES, KEPT_PLANS, Shared};
use concilium_engine::Planned;
use concilium_engine::input::{InputFile, settled};
use concilium_engine::terms::AsOf;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::sync::Arc;

/// A plan kept in memory.
#[derive(Clone)]
pub struct Kept {
    run: String,
    /// Bytes of its records, a measure of its own size.
    bytes: usize,
    planned: Arc<Planned>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'b> {
    as_of: Option<String>,
    #[serde(borrow)]
    files: Vec<File<'b>>,
}

/// Content stays as it was written: a parsed value would lose decimals and repeated keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'b> {
    name: String,
    #[serde(borrow)]
    content: &'b RawValue,
}

/// Tells an envelope from a resource.
#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "resourceType")]
    resource: Option<IgnoredAny>,
    files: Option<IgnoredAny>,
}

/// Files at most in one request.
const MAX_FILES: usize = 200;

/// Inputs of a request and the instant asked for: in the body first, else in the query, else now.
pub fn read(body: &Body, as_of: Option<&str>) -> Result<(Vec<InputFile>, AsOf), Problem> {
    let (files, inner) = if body.content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
        of_form(body)?
    } else if is_envelope(&body.bytes) {
        of_envelope(&body.bytes)?
    } else {
        (vec![InputFile { name: "body".into(), bytes: body.bytes.to_vec() }], None)
    };
    if files.is_empty() || MAX_FILES < files.len() {
        return Err(Problem::bad_request(format!("{} files: send 1 to {MAX_FILES}", files.len())));
    }
    let day = match inner.as_deref().or(as_of).map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => AsOf::parse(text).map_err(|_| {
            Problem::bad_request("as_of is not a day (2026-06-15) or an instant with its offset or zone")
        })?,
        None => now()?,
    };
    Ok((settled(files), day))
}

fn is_envelope(body: &[u8]) -> bool {
    let shape = serde_json::from_slice::<Shape>(body);
    shape.is_ok_and(|shape| shape.files.is_some() && shape.resource.is_none())
}

type Given = (Vec<InputFile>, Option<String>);

fn of_envelope(body: &[u8]) -> Result<Given, Problem> {
    // The words of serde repeat content (`no-phi-out`); the place does not.
    let envelope: Envelope = serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let shape = "{\"as_of\": DATE, \"files\": [{\"name\": …, \"content\": text or JSON}]}";
        Problem::bad_request(format!("line {line}, column {column}: not of the shape {shape}"))
    })?;
    let plain = |(at, file): (usize, File)| {
        let text = serde_json::from_str::<String>(file.content.get());
        let bytes = text.map_or_else(|_| file.content.get().as_bytes().to_vec(), String::into_bytes);
        InputFile { name: name(&file.name, at), bytes }
    };
    Ok((envelope.files.into_iter().enumerate().map(plain).collect(), envelope.as_of))
}

fn of_form(body: &Body) -> Result<Given, Problem> {
    let parts = multipart::parts(&body.content_type, &body.bytes)
        .ok_or_else(|| Problem::bad_request("the form cannot be read as multipart/form-data"))?;
    let (mut files, mut as_of) = (Vec::new(), None);
    for (at, part) in parts.into_iter().enumerate() {
        match part.field.as_str() {
            "as_of" => as_of = Some(String::from_utf8_lossy(part.bytes).into_owned()),
            // A file field left empty, or a text field with nothing in it.
            "records"
                if part.bytes.trim_ascii().is_empty() && part.file.as_deref().unwrap_or("").is_empty() => {}
            "records" => {
                let given = part.file.as_deref().unwrap_or("pasted");
                files.push(InputFile { name: name(given, at), bytes: part.bytes.to_vec() });
            }
            _ => return Err(Problem::bad_request("the form has a field other than `records` and `as_of`")),
        }
    }
    Ok((files, as_of))
}

/// A name to show in sources: no way out of a folder, no control characters, of bounded length.
fn name(given: &str, at: usize) -> String {
    let parts = given.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    let joined = parts.collect::<Vec<_>>().join("/");
    let plain: String = joined.chars().filter(|c| !c.is_control()).take(200).collect();
    if plain.is_empty() { format!("file-{}", at + 1) } else { plain }
}

/// The clock is read here, by the program that serves.
fn now() -> Result<AsOf, Problem> {
    AsOf::parse(&jiff::Zoned::now().to_string()).map_err(|error| Problem::ours(error.to_string()))
}

impl Shared {
    /// Plans and keeps in memory; gives the run id.
    pub fn plan(&self, body: &Body, as_of: Option<&str>) -> Result<(String, Arc<Planned>), Problem> {
        let (files, day) = read(body, as_of)?;
        let planned = Arc::new(self.engine.plan(&files, day)?);
        let run = planned.plan.manifest.run.clone();
        let bytes = files.iter().map(|file| file.bytes.len()).sum();
        let mut plans = self.plans.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        plans.retain(|kept| kept.run != run);
        plans.push_back(Kept { run: run.clone(), bytes, planned: planned.clone() });
        let held =
            |plans: &std::collections::VecDeque<Kept>| plans.iter().map(|kept| kept.bytes).sum::<usize>();
        while KEPT_PLANS < plans.len() || (1 < plans.len() && KEPT_BYTES < held(&plans)) {
            plans.pop_front();
        }
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

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn names_lead_nowhere() {
        assert_eq!(name("../../etc/passwd", 0), "etc/passwd");
        assert_eq!(name("C:\\Users\\a\\bundle.json", 0), "C:/Users/a/bundle.json");
        assert_eq!(name("..\u{1b}[2J", 0), "..[2J");
        assert_eq!(name("/..//.", 4), "file-5");
        assert_eq!(name(&"x".repeat(999), 0).len(), 200);
    }
}
