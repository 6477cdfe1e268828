//! Who is the person, as this record states them?

use crate::cx::Cx;
use crate::element::date;
use crate::json::Json;
use concilium_case::{Patient, Sex};
use concilium_terms::PartialDate;

/// Reads a Patient.
pub fn read(cx: &mut Cx) {
    let json = cx.json();
    let sex = sex(cx, json);
    let links = json.all("link").iter();
    let same = links
        .filter(|link| matches!(link.str("type"), Some("seealso" | "replaces" | "replaced-by" | "refer")));
    let patient = Patient {
        meta: cx.meta(""),
        name: name(json),
        birth_date: date(json, "birthDate"),
        sex,
        deceased: deceased(json),
        links: same.filter_map(|link| cx.input.target(cx.at, link.one("other")?)).collect(),
    };
    cx.facts.patients.push(patient);
}

fn sex(cx: &mut Cx, json: &Json) -> Option<Sex> {
    match json.str("gender")? {
        "female" => Some(Sex::Female),
        "male" => Some(Sex::Male),
        "other" => Some(Sex::Other),
        "unknown" => Some(Sex::Unknown),
        _ => {
            cx.doubt("gender", "not a code of R4 AdministrativeGender; sex is not known", "correct the code");
            None
        }
    }
}

/// The official or first name: prefix and suffix are left out.
fn name(json: &Json) -> Option<String> {
    let names = json.all("name");
    let name = names.iter().find(|name| name.str("use") == Some("official")).or(names.first())?;
    if let Some(text) = name.str("text") {
        return Some(text.to_owned());
    }
    let given = name.all("given").iter().filter_map(Json::text);
    let words: Vec<&str> = given.chain(name.str("family")).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn deceased(json: &Json) -> Option<Option<PartialDate>> {
    if json.get("deceasedDateTime").is_some() {
        return Some(date(json, "deceasedDateTime"));
    }
    json.bool("deceasedBoolean")?.then_some(None)
}
