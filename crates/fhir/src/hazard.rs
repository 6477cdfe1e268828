//! What in this resource breaks the format in a way that could hide a fact?
//!
//! One walk over each resource that is read. Found here, for all kinds alike: unknown elements, missing required
//! ones, unknown status codes, a second `value[x]`, a choice element of the wrong type, scalars where lists belong
//! and the reverse, dates that cannot be read, numbers written as text, repeated keys, modifier extensions.

use crate::cx::Cx;
use crate::json::Json;
use crate::kinds::{COMMON, KINDS, Kind};
use concilium_case::Level;
use concilium_terms::PartialDate;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Reports every hazard of the entry.
pub fn check(cx: &mut Cx, kind: &Kind) {
    let json = cx.json();
    elements(cx, kind, json);
    status(cx, kind, json);
    let mut path = Vec::new();
    walk(cx, json, &mut path);
}

type Declared = HashMap<&'static str, &'static str>;

/// Elements of each kind by name, with their `*` and `!`; made once.
fn declared(kind: &Kind) -> &'static Declared {
    static TABLES: OnceLock<HashMap<&'static str, Declared>> = OnceLock::new();
    let table = |kind: &'static Kind| {
        let words = COMMON.split_whitespace().chain(kind.elements.split_whitespace());
        (kind.name, words.map(|word| (word.trim_end_matches(['!', '*']), word)).collect())
    };
    &TABLES.get_or_init(|| KINDS.iter().map(table).collect())[kind.name]
}

fn elements(cx: &mut Cx, kind: &Kind, json: &Json) {
    let Json::Object(pairs) = json else { return };
    let table = declared(kind);
    for (name, value) in pairs {
        match table.get(name.strip_prefix('_').unwrap_or(name)) {
            None => {
                let name = clip(name);
                let what = format!("`{name}` is not an element of R4 {}; it is not read", kind.name);
                cx.note(name, what, "check the name; a site's own data belongs into an extension");
            }
            Some(word) => shape(cx, name, word.contains('*'), value),
        }
    }
    let names: Vec<&str> = kind.elements.split_whitespace().filter(|word| word.contains('!')).collect();
    for word in names {
        required(cx, word.trim_end_matches(['!', '*']), json);
    }
}

fn shape(cx: &mut Cx, name: &str, is_list: bool, value: &Json) {
    match (is_list, value) {
        (true, Json::List(_) | Json::Null) => {}
        (true, _) => cx.doubt(name, "one value where a list belongs; read as a list of one", "write a list"),
        (false, Json::List(_)) => {
            cx.doubt(name, "a list where one value belongs; the first is read", "write one value")
        }
        (false, _) => {}
    }
}

fn required(cx: &mut Cx, name: &str, json: &Json) {
    if json.get(name).is_some() {
        return;
    }
    let extended = json.get(&format!("_{name}")).is_some();
    let what = if extended { "replaced by an extension" } else { "missing" };
    cx.doubt(name, format!("required element `{name}` is {what}; the rest is read"), "complete the record");
}

fn measured_by_us(json: &Json) -> bool {
    let codes = json.one("code").map(crate::element::concept).unwrap_or_default();
    codes.iter().any(|code| code.system == concilium_case::FINDING_SYSTEM)
}

fn status(cx: &mut Cx, kind: &Kind, json: &Json) {
    let Some(status) = json.str("status") else { return };
    if !kind.statuses.is_empty() && !kind.statuses.contains(&status) {
        let what = match is_code(status) {
            true => format!("status `{status}` is not a code of R4 {}", kind.name),
            false => format!("the status is not a code of R4 {}", kind.name),
        };
        cx.doubt("status", what, "correct the status; until then the entry is read as it stands");
    } else if status == "preliminary" && measured_by_us(json) {
        cx.note("status", "measured in images by a program; no person has confirmed it", "");
    } else if matches!(status, "preliminary" | "registered" | "partial") && kind.name != "FamilyMemberHistory"
    {
        cx.doubt(
            "status",
            format!("status is `{status}`: the result may still change"),
            "read again when final",
        );
    }
}

/// Names of elements are short; of one without end only the beginning is repeated.
fn clip(name: &str) -> &str {
    name.char_indices().nth(60).map_or(name, |(end, _)| &name[..end])
}

/// Status codes are short words of small letters; anything else could be content and is not repeated.
fn is_code(word: &str) -> bool {
    word.len() <= 30 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

#[derive(Clone, Copy)]
enum Step<'j> {
    Key(&'j str),
    Index(usize),
}

fn shown(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(clip(key)),
            Step::Key(key) => text.extend([".", clip(key)]),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

fn walk<'j>(cx: &mut Cx, json: &'j Json, path: &mut Vec<Step<'j>>) {
    match json {
        Json::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                walk(cx, item, path);
                path.pop();
            }
        }
        Json::Object(pairs) => {
            let parent =
                path.iter().rev().find_map(|step| if let Step::Key(key) = step { Some(*key) } else { None });
            repeated(cx, pairs, path);
            choices(cx, pairs, path);
            for (key, value) in pairs {
                // Contained resources are entries of their own; narrative is markup.
                if path.is_empty() && matches!(key.as_ref(), "contained" | "text") {
                    continue;
                }
                path.push(Step::Key(key));
                value_check(cx, parent.unwrap_or(""), key, value, path);
                walk(cx, value, path);
                path.pop();
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => {}
    }
}

type Pairs<'a> = [(std::borrow::Cow<'a, str>, Json<'a>)];

fn repeated(cx: &mut Cx, pairs: &Pairs, path: &[Step]) {
    let mut keys: Vec<&str> = pairs.iter().map(|(key, _)| key.as_ref()).collect();
    keys.sort_unstable();
    for key in keys.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]) {
        let place = format!("{}.{key}", shown(path));
        cx.doubt(
            place.trim_start_matches('.'),
            "the key stands twice; the first value is read",
            "keep one value",
        );
    }
}

/// Names of choice elements.
static CHOICES: &[&str] = &[
    "value",
    "effective",
    "onset",
    "abatement",
    "performed",
    "deceased",
    "multipleBirth",
    "medication",
    "occurrence",
    "asNeeded",
    "collected",
    "born",
    "age",
];

/// Data types of choice elements by the JSON they need: `o`bject, `t`ext, `n`umber, `b`oolean.
static TYPES: &[(&str, char)] = &[
    ("Quantity", 'o'),
    ("CodeableConcept", 'o'),
    ("Coding", 'o'),
    ("String", 't'),
    ("Boolean", 'b'),
    ("Integer", 'n'),
    ("UnsignedInt", 'n'),
    ("PositiveInt", 'n'),
    ("Decimal", 'n'),
    ("Range", 'o'),
    ("Ratio", 'o'),
    ("SampledData", 'o'),
    ("Time", 't'),
    ("DateTime", 't'),
    ("Instant", 't'),
    ("Date", 't'),
    ("Period", 'o'),
    ("Timing", 'o'),
    ("Reference", 'o'),
    ("Age", 'o'),
    ("Code", 't'),
    ("Uri", 't'),
    ("Identifier", 'o'),
    ("Attachment", 'o'),
    ("Address", 'o'),
    ("Markdown", 't'),
];

/// The choice element and type a key spells: `valueQuantity` → (`value`, object).
fn choice(key: &str) -> Option<(&'static str, char)> {
    CHOICES.iter().find_map(|name| {
        let rest = key.strip_prefix(name)?;
        TYPES.iter().find(|(kind, _)| *kind == rest).map(|(_, needs)| (*name, *needs))
    })
}

fn choices(cx: &mut Cx, pairs: &Pairs, path: &[Step]) {
    let mut seen: Vec<&str> = Vec::new();
    for (key, value) in pairs.iter().filter(|(_, value)| *value != Json::Null) {
        let Some((name, needs)) = choice(key) else { continue };
        let place = format!("{}.{key}", shown(path));
        let place = place.trim_start_matches('.');
        if seen.contains(&name) {
            cx.doubt(place, format!("a second {name}[x]; R4 allows one"), "keep the one that holds");
        }
        seen.push(name);
        let fits = match value {
            Json::Object(_) => needs == 'o',
            Json::Text(_) => needs == 't',
            Json::Number(_) => needs == 'n',
            Json::Bool(_) => needs == 'b',
            Json::List(_) | Json::Null => false,
        };
        if !fits {
            cx.doubt(
                place,
                format!("`{key}` has the wrong JSON type; it may not have been read"),
                "correct the type",
            );
        }
    }
}

fn value_check(cx: &mut Cx, parent: &str, key: &str, value: &Json, path: &[Step]) {
    if is_date(key)
        && let Json::Text(text) = value
    {
        date(cx, text, path);
    }
    let text_wanted = matches!((parent, key), ("coding", "system" | "code" | "display") | (_, "reference"));
    if text_wanted && matches!(value, Json::Number(_) | Json::Bool(_)) {
        cx.doubt(&shown(path), "a number or boolean where text belongs; read as written", "write text");
    }
    let number_wanted = key == "value" && parent.ends_with("Quantity");
    if number_wanted && matches!(value, Json::Text(_)) {
        cx.doubt(&shown(path), "a number written as text", "write a JSON number");
    }
    if key == "rank" && *value == Json::Number("0") {
        cx.doubt(&shown(path), "rank 0 is not a positive integer", "count from 1");
    }
    if key == "modifierExtension" {
        let what = "a modifier extension can change the meaning of the entry, and it is not understood";
        cx.doubt(&shown(path), what, "have the entry checked by hand");
    }
}

fn is_date(key: &str) -> bool {
    key.ends_with("DateTime")
        || key.ends_with("Instant")
        || matches!(key, "issued" | "authoredOn" | "start" | "end" | "date" | "dateAsserted" | "recordedDate")
        || matches!(
            key,
            "birthDate" | "deceasedDate" | "receivedTime" | "lastUpdated" | "whenHandedOver" | "recorded"
        )
}

/// R4, "dateTime": with a time, seconds and an offset are required.
fn date(cx: &mut Cx, text: &str, path: &[Step]) {
    if PartialDate::parse(text).is_err() {
        let remedy = "write YYYY, YYYY-MM, YYYY-MM-DD or an instant with offset";
        return cx.issue(Level::Doubtful, &shown(path), "the date cannot be read; the fact has none", remedy);
    }
    let Some((_, time)) = text.split_once('T') else { return };
    let clock = time.split(['Z', '+', '-']).next().unwrap_or("");
    if clock.len() < 8 || clock.len() == time.len() {
        let what = "the time lacks its offset or seconds; the calendar day as written is used";
        cx.doubt(&shown(path), what, "write hh:mm:ss and the offset");
    }
}
