//! Whose records are these? A folder of patients, or an export with a resource a line, into the store.
//!
//! A folder inside the folder, and a file with one Patient in it, is one patient's and is kept whole. Lines of an
//! export, and files with several patients or none, are taken apart: a resource goes to the patient it names. What
//! cannot be read or belongs to nobody is named, counted and left out alone.

use super::{CohortError, FILE, files_of};
use crate::input::{InputFile, gather, sha256};
use crate::run::Engine;
use concilium_store::{Put, Record, Store};
use concilium_terms::AsOf;
use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// What an import came to.
#[derive(Debug, Default, Serialize)]
pub struct ImportReport {
    /// Files and folders in order.
    pub sources: Vec<SourceReport>,
    /// Patients that were not known before.
    pub new_patients: usize,
    /// Patients in the store now.
    pub patients: usize,
    /// Stopped before the end; what was taken stays, and the same import again goes on.
    pub stopped: bool,
}

/// One file or folder.
#[derive(Debug, Default, Serialize)]
pub struct SourceReport {
    /// File or folder, as given.
    pub source: PathBuf,
    /// Records not known before.
    pub new: usize,
    /// Records that took the place of one of their name.
    pub changed: usize,
    /// Records known to the letter.
    pub same: usize,
    /// Records older than what is known, left out.
    pub older: usize,
    /// Resources about nobody (practitioners, organisations), left out.
    pub about_nobody: usize,
    /// Records left out because they cannot be read or placed.
    pub refused: usize,
    /// The first of them by name.
    pub refusals: Vec<Refused>,
}

/// A record left out.
#[derive(Debug, Serialize)]
pub struct Refused {
    /// File and line.
    pub at: String,
    /// Why, and what to do.
    pub why: String,
}

/// Refused records named one by one; the rest is counted.
const NAMED: usize = 50;
/// Longest line, bytes.
const LONGEST: u64 = 64_000_000;
/// Lines kept in one transaction.
const BATCH: usize = 2_000;

/// Takes files and folders into the store. `step` is told how many sources of how many are done and says whether to go
/// on.
///
/// # Errors
/// A path cannot be read, or the store's. A record that cannot be read or placed is no error.
pub fn import(
    engine: &Engine,
    store: &mut Store,
    paths: &[PathBuf],
    as_of: &AsOf,
    step: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<ImportReport, CohortError> {
    let sources = sources(paths)?;
    let mut import =
        Import { engine, store, as_of, placed: HashMap::new(), new_patients: 0, at: 0, all: sources.len() };
    let mut report = ImportReport::default();
    // Whoever is told of in lines must be known before what is told of them, whatever the files are called.
    let mut persons: BTreeMap<PathBuf, SourceReport> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.is_export) {
        let mut one = SourceReport { source: source.path.clone(), ..SourceReport::default() };
        import.export(source, Pass::Persons, &mut one, step)?;
        persons.insert(source.path.clone(), one);
    }
    for (at, source) in sources.iter().enumerate() {
        if !step(at, sources.len()) {
            report.stopped = true;
            break;
        }
        import.at = at;
        let one = persons.remove(&source.path);
        let mut one = one.unwrap_or(SourceReport { source: source.path.clone(), ..SourceReport::default() });
        match source.is_export {
            true => report.stopped |= !import.export(source, Pass::Rest, &mut one, step)?,
            false => import.unit(&source.path, &mut one)?,
        }
        report.sources.push(one);
    }
    report.new_patients = import.new_patients;
    report.patients = store.patients()?.len();
    Ok(report)
}

struct Source {
    path: PathBuf,
    /// A resource a line.
    is_export: bool,
}

/// Files and folders below what was given, one level deep, by name.
fn sources(paths: &[PathBuf]) -> Result<Vec<Source>, CohortError> {
    let mut found = vec![];
    for path in paths {
        let failed = |source| crate::input::InputError::read(path, source);
        if path.is_dir() {
            let entries = std::fs::read_dir(path).map_err(failed)?;
            let mut inside: Vec<PathBuf> =
                entries.map(|entry| Ok(entry.map_err(failed)?.path())).collect::<Result<_, CohortError>>()?;
            inside.retain(|path| !name_of(path).starts_with('.'));
            inside.sort();
            found.extend(inside);
        } else {
            std::fs::metadata(path).map_err(failed)?;
            found.push(path.clone());
        }
    }
    Ok(found.into_iter().map(|path| Source { is_export: is_export(&path), path }).collect())
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn is_export(path: &Path) -> bool {
    let name = name_of(path).to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    path.is_file() && (name.ends_with(".ndjson") || name.ends_with(".jsonl"))
}

#[derive(Clone, Copy, PartialEq)]
enum Pass {
    Persons,
    Rest,
}

struct Import<'i> {
    engine: &'i Engine,
    store: &'i mut Store,
    as_of: &'i AsOf,
    /// Patient in the store, by the name a resource gives.
    placed: HashMap<String, Option<String>>,
    new_patients: usize,
    /// Sources done, of how many.
    at: usize,
    all: usize,
}

impl SourceReport {
    fn refuse(&mut self, at: String, why: impl Into<String>) {
        self.refused += 1;
        if self.refusals.len() < NAMED {
            self.refusals.push(Refused { at, why: why.into() });
        }
    }

    fn count(&mut self, put: &[Put]) {
        for put in put {
            match put {
                Put::New => self.new += 1,
                Put::Changed => self.changed += 1,
                Put::Same => self.same += 1,
                Put::Older => self.older += 1,
            }
        }
    }
}

impl Import<'_> {
    /// A folder or a file.
    fn unit(&mut self, path: &Path, report: &mut SourceReport) -> Result<(), CohortError> {
        let files = match gather(&[path.to_owned()]) {
            Ok(files) => files,
            Err(error) => {
                report.refuse(name_of(path), error.to_string());
                return Ok(());
            }
        };
        if path.is_file() {
            match persons_in(&files) {
                Some(1) => {}
                Some(_) => return self.apart(&files, report),
                None => {
                    let why =
                        "belongs to nobody: not FHIR JSON; put it into a folder with its patient's records";
                    report.refuse(name_of(path), why);
                    return Ok(());
                }
            }
        }
        self.whole(path, &files, report)
    }

    /// One patient's files, kept as they are.
    fn whole(
        &mut self,
        path: &Path,
        files: &[InputFile],
        report: &mut SourceReport,
    ) -> Result<(), CohortError> {
        let case = match self.engine.case(files, self.as_of.clone()) {
            Ok(case) => case,
            Err(error) => {
                report.refuse(name_of(path), error.to_string());
                return Ok(());
            }
        };
        let aliases = aliases(case.facts.patients.iter().chain([&case.patient]).map(|one| &one.meta));
        let Some(patient) = self.place(&case.patient.meta.id, &aliases, files, name_of(path), report)? else {
            return Ok(());
        };
        let mut records = vec![];
        for file in files {
            let name = format!("{FILE}{}", file.name);
            let before = self.store.record(&patient, &name)?;
            records.push(Record {
                patient: patient.clone(),
                corrects: before.is_some_and(|before| is_correction(&before, &file.bytes)),
                name,
                sha256: sha256(&file.bytes),
                body: file.bytes.clone(),
                ..Record::default()
            });
        }
        report.count(&self.store.put_records(&records)?);
        Ok(())
    }

    /// The patient these names stand for, made when nobody bears one. Refused where the names or the person disagree.
    fn place(
        &mut self,
        own: &str,
        aliases: &[String],
        files: &[InputFile],
        at: String,
        report: &mut SourceReport,
    ) -> Result<Option<String>, CohortError> {
        let known = self.store.known_as(aliases)?;
        let id = match known.as_slice() {
            [] => own.strip_prefix("Patient/").unwrap_or(own).to_owned(),
            [one] => {
                let mut all = files_of(self.store.records_of(one)?);
                all.retain(|had| files.iter().all(|new| new.name != had.name));
                all.extend(files.iter().cloned());
                if let Err(error) = self.engine.case(&all, self.as_of.clone()) {
                    report.refuse(at, format!("does not go with what is kept of that patient: {error}"));
                    return Ok(None);
                }
                one.clone()
            }
            several => {
                report.refuse(
                    at,
                    format!(
                        "bears names of {} patients who are kept apart: join or correct them at their source",
                        several.len()
                    ),
                );
                return Ok(None);
            }
        };
        if known.is_empty() && self.store.patient(&id).is_ok() {
            report.refuse(at, "its id is that of another patient of the cohort; give it an id of its own");
            return Ok(None);
        }
        self.new_patients += usize::from(self.store.add_patient(&id, aliases)?);
        self.placed.clear();
        Ok(Some(id))
    }

    /// Files whose resources are of several patients, or of patients that are known.
    fn apart(&mut self, files: &[InputFile], report: &mut SourceReport) -> Result<(), CohortError> {
        let mut resources: Vec<(String, Vec<u8>)> = vec![];
        for file in files {
            let Ok(value) = serde_json::from_slice::<Value>(&file.bytes) else { continue };
            flatten(value, &mut |value| {
                let at = format!("{} resource {}", file.name, resources.len() + 1);
                resources.push((at, serde_json::to_vec(&value).unwrap_or_default()));
            });
        }
        for pass in [Pass::Persons, Pass::Rest] {
            let mut batch = vec![];
            for (at, bytes) in &resources {
                self.line(at, bytes, pass, report, &mut batch)?;
            }
            report.count(&self.store.put_records(&batch)?);
        }
        Ok(())
    }

    /// A file with a resource a line; `false` when it was stopped.
    fn export(
        &mut self,
        source: &Source,
        pass: Pass,
        report: &mut SourceReport,
        step: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<bool, CohortError> {
        let name = name_of(&source.path);
        let mut lines = match Lines::open(&source.path) {
            Ok(lines) => lines,
            Err(error) => {
                if pass == Pass::Rest {
                    report.refuse(name, format!("cannot be read: {error}"));
                }
                return Ok(true);
            }
        };
        let mut batch = vec![];
        let mut go_on = true;
        while go_on {
            match lines.next_line() {
                Ok(Some(bytes)) => {
                    self.line(&format!("{name} line {}", lines.number), &bytes, pass, report, &mut batch)?
                }
                Ok(None) => break,
                Err(why) if pass == Pass::Rest => report.refuse(format!("{name} line {}", lines.number), why),
                Err(_) => {}
            }
            if lines.is_broken {
                break;
            }
            if BATCH <= batch.len() {
                report.count(&self.store.put_records(&std::mem::take(&mut batch))?);
                go_on = step(self.at, self.all);
            }
        }
        report.count(&self.store.put_records(&batch)?);
        Ok(go_on)
    }

    /// One resource of an export: a person in the first pass, everything else in the second.
    fn line(
        &mut self,
        at: &str,
        bytes: &[u8],
        pass: Pass,
        report: &mut SourceReport,
        batch: &mut Vec<Record>,
    ) -> Result<(), CohortError> {
        let head = match serde_json::from_slice::<Head>(bytes) {
            Ok(head) if !head.kind.is_empty() => head,
            _ if pass == Pass::Persons => return Ok(()),
            Ok(_) => {
                report.refuse(at.to_owned(), "no `resourceType`: not a FHIR resource");
                return Ok(());
            }
            Err(error) => {
                report.refuse(
                    at.to_owned(),
                    format!("not JSON at byte {}; export the line again", error.column()),
                );
                return Ok(());
            }
        };
        if (head.kind == "Patient") != (pass == Pass::Persons) {
            return Ok(());
        }
        let name = match head.id.as_str() {
            // Without an id nobody can replace it: its words are its name.
            Some(id) => format!("{}/{id}", head.kind),
            None => format!("{}/{}", head.kind, sha256(bytes)),
        };
        let patient = match (head.kind.as_str(), head.of()) {
            ("Patient", _) => self.person(&name, bytes, at, report)?,
            ("Medication", _) => Some(String::new()),
            (_, Some(reference)) => {
                let found = self.known(&reference)?;
                if found.is_none() {
                    let why = "speaks of a patient of whom there is no Patient resource; hand that in too";
                    report.refuse(at.to_owned(), why);
                }
                found
            }
            (_, None) => {
                report.about_nobody += 1;
                None
            }
        };
        let Some(patient) = patient else { return Ok(()) };
        batch.push(Record {
            patient,
            name,
            sha256: sha256(bytes),
            version: head.version(),
            needs: head.medication.reference.as_str().and_then(|text| local(text, "Medication")),
            body: bytes.to_vec(),
            corrects: true,
        });
        Ok(())
    }

    fn person(
        &mut self,
        name: &str,
        bytes: &[u8],
        at: &str,
        report: &mut SourceReport,
    ) -> Result<Option<String>, CohortError> {
        let file = InputFile { name: LINE.to_owned(), bytes: bytes.to_vec() };
        let Ok(facts) = concilium_fhir::read(LINE, bytes) else {
            report.refuse(at.to_owned(), "a Patient that cannot be read; export the line again");
            return Ok(None);
        };
        let mut aliases = aliases(facts.patients.iter().map(|one| &one.meta));
        aliases.insert(0, name.to_owned());
        if let [one] = self.store.known_as(&aliases)?.as_slice()
            && self.store.record(one, name)?.is_some_and(|had| had == bytes)
        {
            return Ok(Some(one.clone()));
        }
        self.place(name, &aliases, &[file], at.to_owned(), report)
    }

    fn known(&mut self, reference: &str) -> Result<Option<String>, CohortError> {
        if let Some(found) = self.placed.get(reference) {
            return Ok(found.clone());
        }
        let found = self.store.known_as(&[reference.to_owned()])?.pop();
        self.placed.insert(reference.to_owned(), found.clone());
        Ok(found)
    }
}

/// Name of a single line while it is held against what is kept.
const LINE: &str = "line.json";

/// Names by which records may speak of a person: `Type/id`, and identifiers as `system|value`.
fn aliases<'m>(metas: impl Iterator<Item = &'m concilium_case::Meta>) -> Vec<String> {
    let of = |meta: &concilium_case::Meta| {
        // A value without a system names nobody for sure.
        let named = meta.identifiers.iter().filter(|text| !text.starts_with('|') && text.contains('|'));
        named.cloned().chain([meta.id.clone()]).collect::<Vec<_>>()
    };
    metas.flat_map(of).collect::<BTreeSet<String>>().into_iter().collect()
}

/// How many Patients stand in files; `None` where one is no FHIR JSON.
fn persons_in(files: &[InputFile]) -> Option<usize> {
    let mut count = 0;
    for file in files {
        let value: Value = serde_json::from_slice(&file.bytes).ok()?;
        let mut resources = 0;
        flatten(value, &mut |value| {
            resources += usize::from(value["resourceType"].is_string());
            count += usize::from(value["resourceType"] == "Patient");
        });
        if resources == 0 {
            return None;
        }
    }
    Some(count)
}

/// Resources of a document: the entries of bundles, the items of a list, or itself.
fn flatten(value: Value, take: &mut dyn FnMut(Value)) {
    match value {
        Value::Array(items) => items.into_iter().for_each(|item| flatten(item, take)),
        Value::Object(mut object) if object.get("resourceType").is_some_and(|kind| kind == "Bundle") => {
            if let Some(Value::Array(entries)) = object.remove("entry") {
                for mut entry in entries {
                    flatten(entry["resource"].take(), take);
                }
            }
        }
        Value::Object(_) => take(value),
        _ => {}
    }
}

/// Does the new file take back or change a resource of the old one, or only add some? What is no FHIR JSON is taken
/// as changed.
fn is_correction(before: &[u8], after: &[u8]) -> bool {
    let resources = |bytes: &[u8]| -> Option<BTreeMap<String, String>> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let mut found = BTreeMap::new();
        flatten(value, &mut |value| {
            let text = value.to_string();
            let name = value["id"].as_str().map(|id| format!("{}/{id}", value["resourceType"]));
            found.insert(name.unwrap_or_else(|| text.clone()), text);
        });
        Some(found)
    };
    match (resources(before), resources(after)) {
        (Some(before), Some(after)) => before.iter().any(|(name, text)| after.get(name) != Some(text)),
        _ => true,
    }
}

/// What decides where a resource goes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Head {
    #[serde(rename = "resourceType")]
    kind: String,
    id: Value,
    meta: Value,
    subject: Value,
    patient: Value,
    #[serde(rename = "medicationReference")]
    medication: Reference,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reference {
    reference: Value,
}

impl Head {
    /// Whom it is about, as `Patient/id`.
    fn of(&self) -> Option<String> {
        let named = [&self.subject, &self.patient].into_iter().find_map(|of| of["reference"].as_str())?;
        local(named, "Patient").or_else(|| named.starts_with("urn:").then(|| named.to_owned()))
    }

    fn version(&self) -> Option<String> {
        self.meta["lastUpdated"].as_str().map(str::to_owned)
    }
}

/// `Type/id` of a relative or absolute reference, without its version.
fn local(reference: &str, kind: &str) -> Option<String> {
    let mut parts = reference.split('/').skip_while(|part| *part != kind);
    let (kind, id) = (parts.next()?, parts.next()?);
    Some(format!("{kind}/{id}"))
}

/// Lines of a plain or packed file, each bounded.
struct Lines {
    from: Box<dyn BufRead>,
    number: usize,
    /// Nothing more can be read after an error.
    is_broken: bool,
}

impl Lines {
    fn open(path: &Path) -> std::io::Result<Lines> {
        let mut file = BufReader::new(File::open(path)?);
        let packed = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let from: Box<dyn BufRead> =
            if packed { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) };
        Ok(Lines { from, number: 0, is_broken: false })
    }

    /// The next line that is not empty.
    fn next_line(&mut self) -> Result<Option<Vec<u8>>, String> {
        loop {
            self.number += 1;
            let mut line = vec![];
            let read = self.from.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(|error| {
                self.is_broken = true;
                format!("the file cannot be read from here on: {error}")
            })?;
            if read == 0 {
                return Ok(None);
            }
            if LONGEST <= read as u64 {
                self.skip_line()?;
                return Err(format!("longer than {LONGEST} bytes; split the resource"));
            }
            let inner = line.trim_ascii();
            if !inner.is_empty() {
                return Ok(Some(inner.to_vec()));
            }
        }
    }

    fn skip_line(&mut self) -> Result<(), String> {
        loop {
            let mut rest = vec![];
            let read = self.from.by_ref().take(1 << 20).read_until(b'\n', &mut rest);
            match read {
                Ok(0) => return Ok(()),
                Ok(_) if rest.ends_with(b"\n") => return Ok(()),
                Ok(_) => {}
                Err(error) => {
                    self.is_broken = true;
                    return Err(format!("the file cannot be read from here on: {error}"));
                }
            }
        }
    }
}
