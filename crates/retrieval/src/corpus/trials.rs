//! What does a trial ask for? Registry records of ClinicalTrials.gov, JSON of its API version 2.
//!
//! One study, a page of `studies`, several of either one after another, or a study a line. Also flat lines of `nct_id`,
//! `title`, `brief_summary` and `eligibility_criteria`, as text collections have them.

use super::date::is_iso_date;
use super::error::{CorpusError, Result};
use super::format::{Item, Scope, Sink, holds, refused};
use super::source::{Bounded, Source};
use super::text::{Draft, one_line};
use super::{Format, id};
use concilium_evidence::passage::{Access, Document, DocumentKind};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::cell::RefCell;

/// The importer.
pub(crate) const FORMAT: Format = Format {
    name: "trials",
    reads: "ClinicalTrials.gov API v2 JSON: a study, a page of studies, or a study a line",
    looks_like: |_, head| holds(head, "\"protocolSection\"") || holds(head, "\"nct_id\""),
    read,
};

/// Largest study, bytes of JSON.
const LIMIT: usize = 64 << 20;

fn read(source: &mut Source, sink: &mut Sink) -> Result<Scope> {
    if is_lines(source) {
        lines(source, sink)?
    } else {
        values(source, sink)?
    }
    Ok(Scope::default())
}

/// By its name, or because its first line is a whole study.
fn is_lines(source: &Source) -> bool {
    let name = source.name.to_lowercase();
    let name = name.trim_end_matches(".gz");
    let first = source.head().split(|&byte| byte == b'\n').next().unwrap_or(&[]);
    let whole = first.len() < source.head().len()
        && serde_json::from_slice::<Study>(first).is_ok_and(|s| s.is_study());
    name.ends_with(".jsonl") || name.ends_with(".ndjson") || whole
}

fn lines(source: &mut Source, sink: &mut Sink) -> Result<()> {
    let mut number = 0;
    while let Some(line) = source.line(LIMIT)? {
        number += 1;
        let at = || format!("line {number}");
        match line {
            Ok(line) if line.trim_ascii().is_empty() => {}
            Ok(line) => study(&line, &at, sink)?,
            Err(_) => sink(refused(at(), "a study of more than 64 MB", ""))?,
        }
    }
    Ok(())
}

/// Reads value after value, study after study; only one study is in memory.
fn values(source: &mut Source, sink: &mut Sink) -> Result<()> {
    let bounded = Bounded::new(&mut *source, LIMIT);
    let allowance = bounded.allowance();
    let top = Top {
        sink: RefCell::new(sink),
        failed: RefCell::new(None),
        count: 0.into(),
        reset: &|| allowance.reset(),
    };
    let mut json = serde_json::Deserializer::from_reader(bounded);
    let mut broken = None;
    while broken.is_none() && json.end().is_err() {
        broken = top.deserialize(&mut json).err();
    }
    drop(json);
    let Top { sink, failed, count, .. } = top;
    match (failed.into_inner(), broken) {
        (Some(error), _) => Err(error),
        (None, None) => Ok(()),
        (None, Some(error)) if error.is_io() => Err(source.failed(error.into())),
        (None, Some(error)) => {
            let at = format!(
                "line {}, column {}, after {} studies",
                error.line(),
                error.column(),
                count.into_inner()
            );
            sink.into_inner()(refused(at, "broken JSON; what follows is lost", ""))
        }
    }
}

/// Takes studies out of whatever surrounds them.
struct Top<'t, 's, 'r> {
    sink: RefCell<&'t mut Sink<'s>>,
    failed: RefCell<Option<CorpusError>>,
    count: RefCell<u64>,
    reset: &'r dyn Fn(),
}

impl Top<'_, '_, '_> {
    fn take<E: serde::de::Error>(&self, raw: &[u8]) -> std::result::Result<(), E> {
        *self.count.borrow_mut() += 1;
        (self.reset)();
        let at = || format!("study {}", self.count.borrow());
        study(raw, &at, &mut **self.sink.borrow_mut()).map_err(|error| {
            *self.failed.borrow_mut() = Some(error);
            E::custom("stopped")
        })
    }
}

impl<'de> DeserializeSeed<'de> for &Top<'_, '_, '_> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> std::result::Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &Top<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        out.write_str("a study, a list of studies or an object with `studies`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        while let Some(raw) = list.next_element::<Box<RawValue>>()? {
            self.take(raw.get().as_bytes())?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> std::result::Result<(), A::Error> {
        let mut flat = serde_json::Map::new();
        while let Some(key) = object.next_key::<String>()? {
            match key.as_str() {
                "studies" => object.next_value_seed(self)?,
                "protocolSection" => {
                    let raw = object.next_value::<Box<RawValue>>()?;
                    self.take(format!("{{\"protocolSection\":{}}}", raw.get()).as_bytes())?;
                }
                "nct_id" | "title" | "brief_summary" | "eligibility_criteria" => {
                    flat.insert(key, object.next_value()?);
                }
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        if flat.contains_key("nct_id") {
            let bytes = serde_json::to_vec(&flat).map_err(A::Error::custom)?;
            self.take(&bytes)?;
        }
        Ok(())
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Study {
    protocol_section: Option<Protocol>,
    #[serde(rename = "nct_id")]
    flat_id: Option<String>,
    title: String,
    #[serde(rename = "brief_summary")]
    flat_summary: String,
    #[serde(rename = "eligibility_criteria")]
    flat_criteria: String,
}

impl Study {
    fn is_study(&self) -> bool {
        self.protocol_section.is_some() || self.flat_id.is_some()
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Protocol {
    identification_module: Identification,
    status_module: Status,
    description_module: Description,
    conditions_module: Conditions,
    design_module: Design,
    arms_interventions_module: Arms,
    eligibility_module: Eligibility,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Identification {
    nct_id: String,
    nct_id_aliases: Vec<String>,
    brief_title: String,
    official_title: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    overall_status: String,
    status_verified_date: String,
    start_date_struct: When,
    study_first_post_date_struct: When,
    last_update_post_date_struct: When,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct When {
    date: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Description {
    brief_summary: String,
    detailed_description: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Conditions {
    conditions: Vec<String>,
    keywords: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Design {
    study_type: String,
    phases: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Arms {
    arm_groups: Vec<Arm>,
    interventions: Vec<Intervention>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Arm {
    label: String,
    description: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Intervention {
    name: String,
    other_names: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Eligibility {
    eligibility_criteria: String,
}

fn study(json: &[u8], at: &dyn Fn() -> String, sink: &mut Sink) -> Result<()> {
    let read: std::result::Result<Study, _> = serde_json::from_slice(json);
    match read {
        Ok(Study { protocol_section: Some(protocol), .. }) => keep(protocol, at, sink),
        Ok(Study { flat_id: Some(id), title, flat_summary, flat_criteria, .. }) => {
            let mut protocol = Protocol::default();
            (protocol.identification_module.nct_id, protocol.identification_module.brief_title) = (id, title);
            protocol.description_module.brief_summary = flat_summary;
            protocol.eligibility_module.eligibility_criteria = flat_criteria;
            keep(protocol, at, sink)
        }
        Ok(_) => sink(refused(at(), "no study", "")),
        Err(error) if error.is_data() => sink(refused(at(), "a field of another type than expected", "")),
        Err(_) => sink(refused(at(), "broken JSON", "")),
    }
}

fn keep(protocol: Protocol, at: &dyn Fn() -> String, sink: &mut Sink) -> Result<()> {
    let number = protocol.identification_module.nct_id.trim().to_uppercase();
    let digits = number.strip_prefix("NCT").unwrap_or("");
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return sink(refused(at(), "an NCT id of another form than NCT and eight digits", ""));
    }
    let draft = draft(&protocol);
    if draft.is_empty() {
        return sink(refused(format!("{}, {number}", at()), "no text", ""));
    }
    let access = if draft.has_body() { Access::FullText } else { Access::TitleOnly };
    let mut document = draft.finish(id("nct", &number), DocumentKind::Trial, access);
    describe(&protocol, &mut document);
    sink(Item::Document(Box::new(document)))
}

fn draft(protocol: &Protocol) -> Draft {
    let (names, about) = (&protocol.identification_module, &protocol.description_module);
    let mut draft = Draft::new(&one_line(&names.brief_title));
    draft.push("overview", &overview(protocol));
    draft.push("summary", &paragraphs(&about.brief_summary));
    draft.push("description", &paragraphs(&about.detailed_description));
    let groups = protocol.arms_interventions_module.arm_groups.iter();
    let groups = groups.map(|arm| format!("{}: {}", one_line(&arm.label), one_line(&arm.description)));
    draft.push("arms", &groups.collect::<Vec<_>>().join("\n"));
    for (name, text) in eligibility(&paragraphs(&protocol.eligibility_module.eligibility_criteria)) {
        draft.push(name, &text);
    }
    draft
}

/// One section of what the registry keeps in short fields: a passage of two words would match everything.
fn overview(protocol: &Protocol) -> String {
    let drugs = protocol.arms_interventions_module.interventions.iter().map(|drug| {
        match drug.other_names.as_slice() {
            [] => one_line(&drug.name),
            others => format!("{} ({})", one_line(&drug.name), list(others)),
        }
    });
    let fields = [
        ("", one_line(&protocol.identification_module.official_title)),
        ("Conditions: ", list(&protocol.conditions_module.conditions)),
        ("Keywords: ", list(&protocol.conditions_module.keywords)),
        ("Interventions: ", drugs.collect::<Vec<_>>().join("; ")),
    ];
    let lines =
        fields.iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("{name}{text}"));
    lines.collect::<Vec<_>>().join("\n")
}

fn list(words: &[String]) -> String {
    words.iter().map(|word| one_line(word)).collect::<Vec<_>>().join("; ")
}

/// Lines kept, and the marks with which the registry guards `<`, `>` and bullets taken off.
fn paragraphs(text: &str) -> String {
    let unguarded = text
        .replace("\\>", ">")
        .replace("\\<", "<")
        .replace("\\*", "*")
        .replace("\\[", "[")
        .replace("\\]", "]");
    let lines: Vec<_> = unguarded.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n").trim().to_owned()
}

/// Cut at lines such as `Inclusion Criteria:`; what stands before the first is `eligibility`.
fn eligibility(text: &str) -> Vec<(&'static str, String)> {
    let mut found: Vec<(&str, String)> = vec![("eligibility", String::new())];
    for line in text.lines() {
        let bare: String = line.chars().filter(|c| c.is_alphabetic() || *c == ' ').collect();
        let words: Vec<_> = bare.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let is_heading =
            line.trim_end().ends_with(':') && words.len() <= 4 && words.iter().any(|w| w == "criteria");
        match words.iter().find(|word| ["inclusion", "exclusion"].contains(&word.as_str())) {
            Some(word) if is_heading => {
                let name =
                    if word == "inclusion" { "eligibility: inclusion" } else { "eligibility: exclusion" };
                found.push((name, String::new()));
            }
            _ => {
                if let Some((_, text)) = found.last_mut() {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
    }
    found
}

/// Status and its day stand with the venue: a status without its day says nothing.
fn describe(protocol: &Protocol, document: &mut Document) {
    let status = &protocol.status_module;
    let updated = first_date(&[&status.last_update_post_date_struct.date, &status.status_verified_date]);
    document.venue = match (status.overall_status.trim(), updated.as_str()) {
        ("", _) => "ClinicalTrials.gov".to_owned(),
        (said, "") => format!("ClinicalTrials.gov: {said} (no date)"),
        (said, day) => format!("ClinicalTrials.gov: {said} ({day})"),
    };
    document.version = updated;
    document.date = first_date(&[&status.study_first_post_date_struct.date, &status.start_date_struct.date]);
    let design = &protocol.design_module;
    document.types =
        design.phases.iter().chain(std::iter::once(&design.study_type)).map(|kind| one_line(kind)).collect();
    document.types.retain(|kind| !kind.is_empty());
    document.ids = protocol
        .identification_module
        .nct_id_aliases
        .iter()
        .map(|alias| format!("nct:{}", alias.trim()))
        .collect();
}

fn first_date(dates: &[&str]) -> String {
    dates.iter().find(|date| is_iso_date(date)).map(|date| (*date).to_owned()).unwrap_or_default()
}
