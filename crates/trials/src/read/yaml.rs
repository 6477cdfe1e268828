//! How does YAML become JSON values? Plain documents only: an alias could unfold without end and is refused.

use super::json::refuse;
use super::{Item, Origin, RECORD, ReadError, Sink, ctml};
use serde_json::{Map, Value};
use std::io::Read;
use yaml_rust2::Event;
use yaml_rust2::parser::Parser;
use yaml_rust2::scanner::TScalarStyle;

/// Deepest nesting.
const DEPTH: usize = 64;

/// Reads every document.
pub(super) fn read(origin: &Origin, input: impl Read, sink: &mut Sink) -> Result<(), ReadError> {
    let failed = |source| ReadError::Io { file: origin.file.clone(), source };
    let mut bytes = vec![];
    input.take(RECORD as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    let shape = |what: &str| ReadError::Shape {
        file: origin.file.clone(),
        what: what.to_owned(),
        remedy: "write plain YAML without anchors",
    };
    if RECORD < bytes.len() {
        return Err(shape("YAML of more than 64 MB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| shape("YAML that is not UTF-8"))?;
    let documents = documents(&text).map_err(|what| shape(&what))?;
    for (number, document) in documents.into_iter().enumerate() {
        let members = match document {
            Value::Array(members) => members,
            other => vec![other],
        };
        for member in members {
            match ctml::trial(origin, &member, member.to_string().as_bytes()) {
                Ok(trial) => sink(Item::Trial(Box::new(trial))),
                Err(why) => refuse(sink, format!("document {}", number + 1), &why),
            }
        }
    }
    Ok(())
}

fn documents(text: &str) -> Result<Vec<Value>, String> {
    let mut parser = Parser::new_from_str(text);
    let mut found = vec![];
    loop {
        let (event, _) = parser.next_token().map_err(|error| broken(&error))?;
        match event {
            Event::StreamEnd => return Ok(found),
            Event::StreamStart | Event::DocumentStart | Event::DocumentEnd | Event::Nothing => {}
            other => found.push(node(&mut parser, other, 0)?),
        }
    }
}

fn broken(error: &yaml_rust2::ScanError) -> String {
    format!("broken YAML at line {}", error.marker().line())
}

fn node(parser: &mut Parser<std::str::Chars>, event: Event, depth: usize) -> Result<Value, String> {
    if DEPTH < depth {
        return Err("YAML nested too deep".to_owned());
    }
    let next = |parser: &mut Parser<std::str::Chars>| {
        parser.next_token().map(|(event, _)| event).map_err(|error| broken(&error))
    };
    match event {
        Event::Scalar(text, style, ..) => Ok(scalar(text, style)),
        Event::SequenceStart(..) => {
            let mut members = vec![];
            loop {
                match next(parser)? {
                    Event::SequenceEnd => return Ok(Value::Array(members)),
                    event => members.push(node(parser, event, depth + 1)?),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut map = Map::new();
            loop {
                let key = match next(parser)? {
                    Event::MappingEnd => return Ok(Value::Object(map)),
                    Event::Scalar(key, ..) => key,
                    _ => return Err("a key that is no word".to_owned()),
                };
                let event = next(parser)?;
                let value = node(parser, event, depth + 1)?;
                map.insert(key, value);
            }
        }
        Event::Alias(_) => Err("an alias (`*name`)".to_owned()),
        _ => Err("a document that ends too early".to_owned()),
    }
}

fn scalar(text: String, style: TScalarStyle) -> Value {
    match (style, text.as_str()) {
        (TScalarStyle::Plain, "" | "~" | "null") => Value::Null,
        (TScalarStyle::Plain, "true") => Value::Bool(true),
        (TScalarStyle::Plain, "false") => Value::Bool(false),
        _ => Value::String(text),
    }
}
