//! Which trials stand in JSON? Values one after another, or one a line; pages and lists give their members.

use super::{Item, Origin, RECORD, ReadError, Refusal, Sink, ctgov, ctml, fhir};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::{BufRead, Read};

/// Reads values or lines.
pub(super) fn read(
    origin: &Origin,
    mut input: impl BufRead,
    lines: bool,
    sink: &mut Sink,
) -> Result<(), ReadError> {
    let failed = |source| ReadError::Io { file: origin.file.clone(), source };
    if lines {
        let mut number = 0;
        loop {
            let mut line = vec![];
            let length =
                input.by_ref().take(RECORD as u64 + 1).read_until(b'\n', &mut line).map_err(failed)?;
            if length == 0 {
                return Ok(());
            }
            number += 1;
            if RECORD < length {
                refuse(sink, format!("line {number}"), "a record of more than 64 MB");
                skip_line(&mut input).map_err(failed)?;
            } else if !line.trim_ascii().is_empty() {
                value(origin, line.trim_ascii(), &format!("line {number}"), sink, 0);
            }
        }
    }
    let mut bytes = vec![];
    // One value at a time would need a reader that stops between values; a page of the registry is far smaller.
    input.take(4 * RECORD as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if 4 * RECORD < bytes.len() {
        let what = "a single JSON value of more than 256 MB".to_owned();
        return Err(ReadError::Shape {
            file: origin.file.clone(),
            what,
            remedy: "give one study a line (NDJSON)",
        });
    }
    let values = serde_json::Deserializer::from_slice(&bytes).into_iter::<&RawValue>();
    let mut number = 0;
    for next in values {
        number += 1;
        match next {
            Ok(raw) => value(origin, raw.get().as_bytes(), &format!("value {number}"), sink, 0),
            Err(error) => {
                refuse(
                    sink,
                    format!("line {}, column {}", error.line(), error.column()),
                    "broken JSON; what follows is lost",
                );
                return Ok(());
            }
        }
    }
    Ok(())
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let bytes = input.fill_buf()?;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(bytes.len(), |at| at + 1);
        let done = end.is_some() || bytes.is_empty();
        input.consume(used);
        if done {
            return Ok(());
        }
    }
}

pub(super) fn refuse(sink: &mut Sink, at: String, why: &str) {
    sink(Item::Refused(Refusal { at, why: why.to_owned() }));
}

/// What tells the shapes apart.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Shape<'a> {
    #[serde(borrow)]
    studies: Option<Vec<&'a RawValue>>,
    #[serde(rename = "protocolSection", borrow)]
    protocol: Option<&'a RawValue>,
    #[serde(borrow)]
    nct_id: Option<&'a RawValue>,
    #[serde(borrow)]
    protocol_no: Option<&'a RawValue>,
    #[serde(borrow)]
    treatment_list: Option<&'a RawValue>,
    #[serde(rename = "resourceType", borrow)]
    resource_type: Option<&'a RawValue>,
}

/// One value: a record, a page, or a list of records.
fn value(origin: &Origin, raw: &[u8], at: &str, sink: &mut Sink, depth: usize) {
    if raw.starts_with(b"[") && depth < 3 {
        match serde_json::from_slice::<Vec<&RawValue>>(raw) {
            Ok(members) => {
                for (number, member) in members.iter().enumerate() {
                    value(
                        origin,
                        member.get().as_bytes(),
                        &format!("{at}, member {}", number + 1),
                        sink,
                        depth + 1,
                    );
                }
            }
            Err(_) => refuse(sink, at.to_owned(), "broken JSON"),
        }
        return;
    }
    let shape: Shape = match serde_json::from_slice(raw) {
        Ok(shape) => shape,
        Err(error) if error.is_data() => {
            return refuse(sink, at.to_owned(), "a field of another type than expected");
        }
        Err(_) => return refuse(sink, at.to_owned(), "broken JSON"),
    };
    let read = match shape {
        Shape { studies: Some(studies), .. } => {
            for (number, study) in studies.iter().enumerate() {
                value(origin, study.get().as_bytes(), &format!("study {}", number + 1), sink, depth + 1);
            }
            return;
        }
        Shape { protocol: Some(_), .. } => ctgov::study(origin, raw),
        Shape { nct_id: Some(_), .. } => ctgov::flat(origin, raw),
        Shape { treatment_list: Some(_), .. } | Shape { protocol_no: Some(_), .. } => ctml::json(origin, raw),
        Shape { resource_type: Some(_), .. } => return fhir::resource(origin, raw, at, sink),
        _ => Err("no trial: neither protocolSection, nct_id, treatment_list nor resourceType".to_owned()),
    };
    match read {
        Ok(trial) => sink(Item::Trial(Box::new(trial))),
        Err(why) => refuse(sink, at.to_owned(), &why),
    }
}
