//! What was asked? The topics of TREC Precision Medicine as XML.

use super::{Broken, Read, ReadError, Result, text};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::path::Path;

/// A patient in a few words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topic {
    /// Number of the topic.
    pub id: String,
    /// Tumour.
    pub disease: String,
    /// Genes with what is found in each: `KRAS (G13D), BRAF (V600E)`.
    pub gene: String,
    /// `52-year-old male`.
    pub demographic: String,
    /// Other diagnoses; `None` where there are none.
    pub other: String,
}

impl Topic {
    fn field(&mut self, name: &[u8]) -> Option<&mut String> {
        match name {
            b"disease" => Some(&mut self.disease),
            b"gene" => Some(&mut self.gene),
            b"demographic" => Some(&mut self.demographic),
            b"other" => Some(&mut self.other),
            _ => None,
        }
    }
}

/// Topics in the order of the file; one without number, disease or gene is left out.
///
/// # Errors
/// The file cannot be read, is no XML, or holds no topic.
pub fn read(file: &Path) -> Result<Read<Vec<Topic>>> {
    parse(file, &text(file)?)
}

pub(super) fn parse(file: &Path, text: &str) -> Result<Read<Vec<Topic>>> {
    let wrong = |what: String| ReadError::Wrong { file: file.to_owned(), what };
    let line = |at: u64| {
        text.bytes().take(usize::try_from(at).unwrap_or(usize::MAX)).filter(|b| *b == b'\n').count() + 1
    };
    let mut xml = Reader::from_str(text);
    let (mut found, mut broken) = (Read::<Vec<Topic>>::default(), vec![]);
    let (mut topic, mut field): (Option<Topic>, Vec<u8>) = (None, vec![]);
    let mut number = 0;
    loop {
        let event = xml.read_event();
        let at = line(xml.buffer_position());
        match event.map_err(|error| wrong(format!("line {at}: no XML that can be read: {error}")))? {
            Event::Start(tag) if tag.name().as_ref() == b"topic" => {
                number += 1;
                let id = tag.try_get_attribute("number").ok().flatten();
                let id = id.map(|value| String::from_utf8_lossy(&value.value).trim().to_owned());
                topic = Some(Topic { id: id.unwrap_or_default(), ..Topic::default() });
            }
            Event::Start(tag) => field = tag.name().as_ref().to_vec(),
            Event::Text(words) => add(&mut topic, &field, &words.decode().unwrap_or_default()),
            Event::GeneralRef(name) => {
                let name = name.decode().unwrap_or_default();
                let meant = quick_xml::escape::unescape(&format!("&{name};"))
                    .map_or(String::new(), |c| c.into_owned());
                add(&mut topic, &field, &meant);
            }
            Event::End(tag) if tag.name().as_ref() == b"topic" => match topic.take().map(complete) {
                Some(Ok(topic)) => found.value.push(topic),
                Some(Err(what)) => broken.push(Broken { file: file.to_owned(), at: number, what }),
                None => {}
            },
            Event::End(_) => field.clear(),
            Event::Eof => break,
            _ => {}
        }
    }
    if topic.is_some() {
        broken.push(Broken { file: file.to_owned(), at: number, what: "the topic never ends".to_owned() });
    }
    if found.value.is_empty() {
        return Err(wrong("holds no topic with number, disease and gene".to_owned()));
    }
    found.broken = broken;
    Ok(found)
}

fn add(topic: &mut Option<Topic>, field: &[u8], words: &str) {
    if let Some(into) = topic.as_mut().and_then(|topic| topic.field(field)) {
        into.push_str(words);
    }
}

fn complete(mut topic: Topic) -> std::result::Result<Topic, String> {
    for name in ["disease", "gene", "demographic", "other"] {
        if let Some(words) = topic.field(name.as_bytes()) {
            *words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }
    let lacks = [("number", &topic.id), ("disease", &topic.disease), ("gene", &topic.gene)];
    let lacking = lacks.iter().find(|(_, words)| words.is_empty()).map(|(name, _)| *name);
    match lacking {
        Some(name) => Err(format!("the topic has no {name}")),
        None => Ok(topic),
    }
}
