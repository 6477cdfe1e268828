//! Which resources were handed in, and which one does a reference mean?

use crate::ReadError;
use crate::json::{self, Json, JsonError};
use concilium_case::{Issue, Level, Place, Source};
use std::collections::HashMap;

/// One resource: a bundle entry, a line, the file itself, or a resource contained in another.
pub struct Entry<'a> {
    /// The resource.
    pub json: &'a Json<'a>,
    /// `Type/id`; contained: `Type/id#inner`. Without an id, the full URL or the position stands for it.
    pub id: String,
    /// `resourceType`; empty when there is none.
    pub kind: &'a str,
    /// The container's index, for a contained resource.
    pub container: Option<usize>,
    /// Place of the first entry with the same id, when there was one.
    pub repeats: Option<usize>,
}

/// All entries of one file, with an index for references.
pub struct Input<'a> {
    /// File name as given.
    pub file: &'a str,
    /// Entries in order; contained ones follow their container.
    pub entries: Vec<Entry<'a>>,
    by_name: HashMap<String, usize>,
}

/// The JSON documents of a file: one, a list of them, or one a line (NDJSON). A line that is not JSON is an issue.
pub fn documents<'a>(file: &str, text: &'a str) -> Result<(Vec<Json<'a>>, Vec<Issue>), ReadError> {
    let wrong = match json::parse(text) {
        Ok(json) if json.get("resourceType").is_some() => return Ok((vec![json], vec![])),
        Ok(Json::List(items)) if items.iter().any(is_resource) => return Ok((items, vec![])),
        Ok(_) => return Err(ReadError::NotFhir),
        Err(wrong) => wrong,
    };
    let mut found = Vec::new();
    let mut issues = Vec::new();
    let (mut first_unnamed, mut unnamed) = (0, 0);
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match json::parse(line) {
            Ok(json) => found.push(json),
            Err(wrong) if issues.len() < NAMED_LINES => issues.push(line_issue(file, index + 1, &wrong)),
            Err(_) => {
                first_unnamed = if unnamed == 0 { index + 1 } else { first_unnamed };
                unnamed += 1;
            }
        }
    }
    if 0 < unnamed {
        issues.push(unnamed_lines(file, first_unnamed, unnamed));
    }
    let is_ndjson = found.iter().any(is_resource);
    if is_ndjson { Ok((found, issues)) } else { Err(not_json(text, &wrong)) }
}

/// Broken lines named one by one; of a file that is no NDJSON at all, the rest is counted.
const NAMED_LINES: usize = 1000;

fn unnamed_lines(file: &str, line: usize, count: usize) -> Issue {
    Issue {
        level: Level::Lost,
        source: Source { file: file.into(), place: Place::Line { line, field: String::new() } },
        what: format!("this line and {} further ones are not JSON", count - 1),
        remedy: "export the file again".into(),
    }
}

fn is_resource(json: &Json) -> bool {
    json.get("resourceType").is_some()
}

fn line_issue(file: &str, line: usize, wrong: &JsonError) -> Issue {
    Issue {
        level: Level::Lost,
        source: Source { file: file.into(), place: Place::Line { line, field: String::new() } },
        what: format!("this line is not JSON at byte {}: {}", wrong.at, wrong.what),
        remedy: "export the line again".into(),
    }
}

fn not_json(text: &str, wrong: &JsonError) -> ReadError {
    let before = &text.as_bytes()[..wrong.at.min(text.len())];
    let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
    let column = 1 + before.iter().rev().take_while(|&&b| b != b'\n').count();
    let ends = if text.trim_end().len() <= wrong.at { "the text ends early: " } else { "" };
    ReadError::NotJson { line, column, what: format!("{ends}{}", wrong.what) }
}

impl<'a> Input<'a> {
    /// Lists the entries of all documents.
    pub fn new(file: &'a str, documents: &'a [Json<'a>]) -> Input<'a> {
        let mut input = Input { file, entries: vec![], by_name: HashMap::new() };
        for document in documents {
            input.add(document, None);
        }
        input
    }

    fn add(&mut self, resource: &'a Json<'a>, full_url: Option<&str>) {
        if resource.str("resourceType") != Some("Bundle") {
            return self.add_resource(resource, full_url);
        }
        for entry in resource.all("entry") {
            let url = entry.str("fullUrl");
            match entry.one("resource") {
                Some(inner) => self.add(inner, url),
                None => self.add_resource(entry, url),
            }
        }
    }

    fn add_resource(&mut self, json: &'a Json<'a>, full_url: Option<&str>) {
        let kind = json.str("resourceType").unwrap_or("");
        let name = json.str("id").map(str::to_owned).or_else(|| full_url.map(str::to_owned));
        let name = name.unwrap_or_else(|| format!("entry-{}", self.entries.len() + 1));
        let shown_kind = if kind.is_empty() { "Entry" } else { kind };
        let id = format!("{shown_kind}/{name}");
        let index = self.entries.len();
        let repeats = self.by_name.get(&id).copied();
        self.name(full_url.map(str::to_owned), index);
        self.name(json.str("id").map(|id| format!("urn:uuid:{id}")), index);
        self.name(Some(id.clone()), index);
        for identifier in json.all("identifier") {
            self.name(identifier_key(kind, identifier), index);
            self.name(identifier_key("", identifier), index);
        }
        self.entries.push(Entry { json, id, kind, container: None, repeats });
        self.add_contained(json, index);
    }

    fn add_contained(&mut self, json: &'a Json<'a>, container: usize) {
        for (position, inner) in json.all("contained").iter().enumerate() {
            let kind = inner.str("resourceType").unwrap_or("");
            let name = inner
                .str("id")
                .map_or_else(|| format!("{}", position + 1), |id| id.trim_start_matches('#').into());
            let id = format!("{}#{name}", self.entries[container].id);
            let index = self.entries.len();
            let repeats = self.by_name.get(&id).copied();
            self.name(Some(id.clone()), index);
            self.entries.push(Entry { json: inner, id, kind, container: Some(container), repeats });
        }
    }

    fn name(&mut self, name: Option<String>, index: usize) {
        if let Some(name) = name {
            self.by_name.entry(name).or_insert(index);
        }
    }

    /// The entry a reference written in entry `from` means: urn, relative, absolute, `#contained` or by identifier.
    pub fn resolve(&self, from: usize, reference: &Json) -> Option<usize> {
        let Some(text) = reference.str("reference") else {
            let identifier = reference.one("identifier")?;
            let kind = reference.str("type").unwrap_or("");
            return self.by_name.get(&identifier_key(kind, identifier)?).copied();
        };
        let text = text.split_once("/_history/").map_or(text, |(before, _)| before);
        if let Some(inner) = text.strip_prefix('#') {
            let container = self.entries[from].container.unwrap_or(from);
            return match inner {
                "" => Some(container),
                inner => self.by_name.get(&format!("{}#{inner}", self.entries[container].id)).copied(),
            };
        }
        let exact = self.by_name.get(text);
        exact.or_else(|| self.by_name.get(last_two(text)?)).copied()
    }

    /// The id of the entry meant; of one that is not in the input, the words of the reference.
    pub fn target(&self, from: usize, reference: &Json) -> Option<String> {
        let found = self.resolve(from, reference).map(|index| self.entries[index].id.clone());
        found.or_else(|| {
            let text = reference.str("reference")?;
            Some(last_two(text).unwrap_or(text).to_owned())
        })
    }
}

/// `Type/id` at the end of an absolute address.
fn last_two(address: &str) -> Option<&str> {
    let (rest, _) = address.rsplit_once('/')?;
    Some(rest.rfind('/').map_or(address, |slash| &address[slash + 1..]))
}

fn identifier_key(kind: &str, identifier: &Json) -> Option<String> {
    let value = identifier.str("value")?;
    Some(format!("{kind}?identifier={}|{value}", identifier.str("system").unwrap_or("")))
}
