//! Which stage is stated, on which scale?

use crate::codes::{STAGES, Scale};
use crate::cx::{Cx, Late};
use crate::element::{self, concept, concepts, quantity, quantity_words};
use crate::input::Entry;
use crate::json::Json;
use concilium_case::{Stage, StageScale};
use concilium_terms::{Code, PartialDate};

/// A stage observation; true when it was one.
pub fn observation(cx: &mut Cx, codes: &[Code]) -> bool {
    let row = element::find(codes, STAGES, |row| row.0).map(|row| (row.1.get(), row.2));
    let Some((scale, basis)) = row.or_else(|| by_words(codes)) else { return false };
    let json = cx.json();
    let value = json.one("valueCodeableConcept").map(concept).unwrap_or_default();
    let written = value_words(json, &value, &scale);
    match &written {
        None => cx.doubt("value[x]", "the stage has no value", "complete the staging"),
        Some(words) if words.to_lowercase().contains("not applicable") => {
            cx.note("value[x]", "staged as not applicable; kept as written", "");
        }
        Some(_) => {}
    }
    let Some(written) = written else {
        super::observation::other(cx, codes);
        return true;
    };
    let (basis, written) = split_basis(basis, &written, &scale);
    let mut all = value;
    all.extend(concepts(json, "method"));
    if let Some(condition) = cx.condition() {
        let members = cx.targets("hasMember");
        cx.say(Late::StageOf { members, condition });
    }
    push(cx, "", scale, written, basis, all, cx.condition());
    components(cx);
    true
}

/// Modifiers of a staging (B symptoms, bulky disease …) are kept as words.
fn components(cx: &mut Cx) {
    let json = cx.json();
    for (index, component) in json.all("component").iter().enumerate() {
        super::observation::component(cx, component, index);
    }
}

fn push(
    cx: &mut Cx,
    part: &str,
    scale: StageScale,
    value: String,
    basis: String,
    codes: Vec<Code>,
    of: Option<String>,
) {
    let stage = Stage { meta: cx.meta(part), scale, value, basis, codes, condition: of };
    cx.facts.stages.push(stage);
}

/// A staging whose code is not in the table is still a staging when its words say so.
fn by_words(codes: &[Code]) -> Option<(StageScale, &'static str)> {
    let words = element::all_words(codes);
    if words.contains("histologic grade") || words.contains("histological grade") {
        return Some((StageScale::Grade, ""));
    }
    let is_stage = words.contains("tumor stage")
        || words.contains("tumour stage")
        || words.contains("staging")
        || words.contains("cancer stage")
        || words.contains("stage group");
    is_stage.then(|| (StageScale::Other(element::words(codes)), ""))
}

fn value_words(json: &Json, value: &[Code], scale: &StageScale) -> Option<String> {
    let number = json.one("valueQuantity").and_then(quantity).map(|q| quantity_words(&q));
    let written = json.str("valueString").or(json.str("valueInteger")).map(str::to_owned);
    let words = stage_words(value, scale);
    words.or(written).or(number).filter(|words| !words.is_empty())
}

/// The category itself, without the name of the system around it.
fn stage_words(value: &[Code], scale: &StageScale) -> Option<String> {
    let tnm = matches!(scale, StageScale::Group | StageScale::T | StageScale::N | StageScale::M);
    let from_display = value.iter().map(|c| c.display.as_str()).find(|words| !words.is_empty());
    let written = from_display.or_else(|| value.first().map(|c| c.code.as_str()))?;
    Some(if tnm { category(written) } else { trim(written).split(": ").next().unwrap_or("").to_owned() })
}

/// `American Joint Committee on Cancer stage IIIC (qualifier value)` → `IIIC`; `Stage 3A` → `IIIA`; `T2 category` → `T2`.
fn category(written: &str) -> String {
    let mut words = trim(written);
    for name in [
        "American Joint Committee on Cancer",
        "Union for International Cancer Control",
        "AJCC",
        "UICC",
        "TNM",
    ] {
        words = words.strip_prefix(name).unwrap_or(words).trim();
    }
    for name in ["clinical", "pathologic", "stage", "Stage"] {
        words = words.strip_prefix(name).unwrap_or(words).trim();
    }
    words = words.strip_suffix("category").unwrap_or(words).trim();
    roman(words)
}

fn trim(written: &str) -> &str {
    let end = written.find(" (").filter(|_| written.ends_with(')')).unwrap_or(written.len());
    written[..end].trim()
}

/// Arabic group numbers become Roman ones, so that `3A` and `IIIA` are one stage; anything else stays.
fn roman(words: &str) -> String {
    let (basis, rest) = match words.strip_prefix("yp") {
        Some(rest) => ("yp", rest),
        None => words.strip_prefix(['c', 'p']).map_or(("", words), |rest| (&words[..1], rest)),
    };
    let mut chars = rest.chars();
    let number = match chars.next() {
        Some('1') => "I",
        Some('2') => "II",
        Some('3') => "III",
        Some('4') => "IV",
        _ => return words.to_owned(),
    };
    let letters = chars.as_str();
    let shaped = letters.len() <= 2 && letters.chars().all(|c| c.is_ascii_alphanumeric());
    if shaped { format!("{basis}{number}{}", letters.to_uppercase()) } else { words.to_owned() }
}

/// Clinical or pathological, from the observation's code or from the letter before a T, N, M or group value.
fn split_basis(basis: &str, written: &str, scale: &StageScale) -> (String, String) {
    let prefixes = ["yp", "yc", "c", "p", "r", "a"];
    let tnm = matches!(scale, StageScale::Group | StageScale::T | StageScale::N | StageScale::M);
    let stated = prefixes.into_iter().filter(|_| tnm).find(|prefix| {
        let rest = written.strip_prefix(prefix).and_then(|rest| rest.chars().next());
        rest.is_some_and(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    });
    (stated.unwrap_or(basis).to_owned(), written.to_owned())
}

/// `Condition.stage`: a summary that repeats the assessment it points to is that assessment; any other is a statement
/// of its own, of the assessment's day where there is one.
pub fn of_condition(cx: &mut Cx) {
    let json = cx.json();
    for (index, stage) in json.all("stage").iter().enumerate() {
        let part = format!("stage[{index}]");
        let summary = stage.one("summary").map(concept).unwrap_or_default();
        let kind = stage.one("type").map(concept).unwrap_or_default();
        let scale = scale_of(&summary, &kind);
        let assessed = assessments(cx, stage, &scale);
        let Some(written) = stage_words(&summary, &scale) else { continue };
        let condition = cx.entry().id.clone();
        if let Some(same) = assessed.iter().find(|one| one.value.eq_ignore_ascii_case(&written)) {
            let by = cx.source(&part);
            cx.say(Late::StageSummary { assessment: same.id.clone(), condition, by });
            continue;
        }
        if let Some(other) = assessed.first() {
            let what = format!(
                "the summary says `{written}`, the assessment it points to says `{}`; both are kept",
                other.value
            );
            cx.doubt(&part, what, "ask which staging holds");
        }
        let (basis, value) = split_basis("", &written, &scale);
        let codes = summary.into_iter().chain(kind).collect();
        let mut meta = cx.meta(&part);
        meta.when = assessed.into_iter().find_map(|one| one.when).or(meta.when);
        cx.facts.stages.push(Stage { meta, scale, value, basis, codes, condition: Some(condition) });
    }
}

/// A summary's scale: named by its type or words, else the TNM group.
fn scale_of(summary: &[Code], kind: &[Code]) -> StageScale {
    let row = element::find(kind, STAGES, |row| row.0);
    if let Some((_, scale, _)) = row {
        return scale.get();
    }
    let words = format!("{} {}", element::all_words(summary), element::all_words(kind));
    let named: [(&str, Scale); 5] = [
        ("rai", Scale::Other("Rai")),
        ("binet", Scale::Other("Binet")),
        ("figo", Scale::Other("FIGO")),
        ("gleason", Scale::Other("Gleason")),
        ("ann arbor", Scale::Other("Ann Arbor")),
    ];
    let word = |name: &str| {
        words.split(|c: char| !c.is_alphanumeric() && c != ' ').any(|part| {
            part.trim() == name
                || part.split(' ').any(|w| w == name)
                || (name.contains(' ') && part.contains(name))
        })
    };
    named.iter().find(|(name, _)| word(name)).map_or(StageScale::Group, |(_, scale)| scale.get())
}

/// A stage observation that a summary points to.
struct Assessed {
    id: String,
    value: String,
    when: Option<PartialDate>,
}

/// Those of the same scale that hold.
fn assessments(cx: &Cx, stage: &Json, scale: &StageScale) -> Vec<Assessed> {
    let assessed = stage.all("assessment").iter().filter_map(|reference| cx.resolve(reference));
    let holds = |entry: &&Entry| !matches!(entry.json.str("status"), Some("entered-in-error" | "cancelled"));
    let same = assessed.filter(holds).filter(|entry| {
        let codes = entry.json.one("code").map(concept).unwrap_or_default();
        element::find(&codes, STAGES, |row| row.0).is_some_and(|row| row.1.get() == *scale)
    });
    let read = |entry: &Entry| {
        let value = stage_words(&concept(entry.json.one("valueCodeableConcept")?), scale)?;
        let when = element::date(entry.json, "effectiveDateTime");
        Some(Assessed { id: entry.id.clone(), value, when })
    };
    same.filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::category;

    #[test]
    fn the_category_alone() {
        let check = |written: &str, expect: &str| assert_eq!(category(written), expect);
        check("American Joint Committee on Cancer stage IIIC (qualifier value)", "IIIC");
        check("American Joint Committee on Cancer cT3 (qualifier value)", "cT3");
        check("Stage 3A (qualifier value)", "IIIA");
        check("c3A", "cIIIA");
        check("T2 category (finding)", "T2");
    }
}
