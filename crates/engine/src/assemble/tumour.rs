//! Which tumour is the plan for, and how far has it gone?
//!
//! Only confirmed primary cancers count; suspected, in-situ and secondary codes never become the primary
//! (clinical rules, section 3). Each step of the resolution is kept for the page.

use concilium_case::{
    Certainty, Condition, ConditionRole, Extent, Facts, Issue, Level, Place, Source, Stage, StageScale,
    Status, Tumour,
};
use concilium_criteria::tumour::{CANCER, HAEMATOLOGICAL};
use concilium_knowledge::{DiseaseDefault, Diseases, Knowledge, Resolution};
use concilium_terms::{Code, Doid};

/// Tumours, the one to plan for first: metastatic before others, then the most recently diagnosed, then by id.
pub fn resolve(facts: &mut Facts, knowledge: &Knowledge) -> Vec<Tumour> {
    let mut tumours = Vec::new();
    let mut issues = Vec::new();
    for condition in facts.conditions.iter().filter(|c| is_candidate(c)) {
        match read_condition(condition, &knowledge.diseases)
            .map(|read| by_default(condition, read, knowledge))
        {
            Ok((resolution, steps)) if resolution.kind == "primary" => {
                tumours.push(tumour(condition, &resolution, steps, facts, knowledge));
            }
            Ok((resolution, _)) => issues.push(issue(
                condition,
                format!(
                    "the code states a {} condition; it is not taken as the primary tumour",
                    resolution.kind
                ),
            )),
            Err(words) => issues.push(issue(condition, words)),
        }
    }
    facts.issues.extend(issues);
    let mut tumours = one_per_disease(tumours, &knowledge.diseases);
    tumours.sort_by(|a, b| {
        let key = |t: &Tumour| {
            (t.extent != Extent::Metastatic, std::cmp::Reverse(t.diagnosed.clone()), t.condition.clone())
        };
        key(a).cmp(&key(b))
    });
    tumours
}

fn is_candidate(condition: &Condition) -> bool {
    condition.role == ConditionRole::PrimaryCancer
        && condition.certainty == Certainty::Confirmed
        && condition.present != Some(false)
}

/// A tumour recorded twice, once broadly and once narrowly, is one: the narrower term stays, its steps name both.
fn one_per_disease(tumours: Vec<Tumour>, diseases: &Diseases) -> Vec<Tumour> {
    let mut kept: Vec<Tumour> = Vec::new();
    for tumour in tumours {
        match kept
            .iter_mut()
            .find(|k| diseases.is_a(&k.doid, &tumour.doid) || diseases.is_a(&tumour.doid, &k.doid))
        {
            Some(known) if known.doid != tumour.doid && diseases.is_a(&tumour.doid, &known.doid) => {
                *known = tumour
            }
            Some(_) => {}
            None => kept.push(tumour),
        }
    }
    kept
}

/// Condition codes first; histology refines them when it names a narrower term.
fn read_condition(condition: &Condition, diseases: &Diseases) -> Result<(Resolution, Vec<String>), String> {
    let own =
        look_up(&condition.codes, &condition.sites, diseases).map(|own| by_site(condition, own, diseases));
    let histology = (!condition.histology.is_empty())
        .then(|| look_up(&condition.histology, &[], diseases).ok())
        .flatten();
    match (own, histology) {
        (Ok(own), Some(finer))
            if finer.kind == "primary" && own.doid != finer.doid && diseases.is_a(&finer.doid, &own.doid) =>
        {
            let mut steps = own.steps;
            steps.push(format!("histology refines it to {}", diseases.name(&finer.doid)));
            steps.extend(finer.steps.clone());
            Ok((Resolution { kind: own.kind, ..finer }, steps))
        }
        (Ok(own), _) => {
            let steps = own.steps.clone();
            Ok((own, steps))
        }
        (Err(_), Some(histology)) if histology.kind == "primary" => {
            let steps = histology.steps.clone();
            Ok((histology, steps))
        }
        (Err(words), _) => Err(words),
    }
}

/// Terms that name no organ: Disease Ontology "cancer" and "carcinoma".
const WITHOUT_ORGAN: [&str; 2] = ["DOID:162", "DOID:305"];

/// A code that names no organ is read, provisionally, as the cancer of the recorded body site.
fn by_site(condition: &Condition, own: Resolution, diseases: &Diseases) -> Resolution {
    if !WITHOUT_ORGAN.contains(&own.doid.as_str()) {
        return own;
    }
    let words = condition.sites.iter().flat_map(|site| {
        let organ = site.display.to_lowercase();
        organ.split(|c: char| !c.is_alphabetic()).map(str::to_owned).collect::<Vec<_>>()
    });
    let cancer_of = |organ: String| {
        let name = format!("{organ} cancer");
        let found =
            (3 < organ.len()).then(|| diseases.resolve_disease(&[], &[name.as_str()]).ok()).flatten()?;
        diseases.is_a(&found.doid, &Doid::new(CANCER)).then_some(found.doid)
    };
    let Some(doid) = words.into_iter().find_map(cancer_of) else { return own };
    let mut steps = own.steps;
    steps.push(format!("{}, by body site: provisional", diseases.name(&doid)));
    Resolution { doid, relation: "broader".into(), steps, ..own }
}

/// A broad term that is read as its usual form (`disease_defaults.tsv`), unless a word of the record forbids it.
fn by_default(
    condition: &Condition,
    (resolution, mut steps): (Resolution, Vec<String>),
    knowledge: &Knowledge,
) -> (Resolution, Vec<String>) {
    let words: Vec<String> = [&condition.codes, &condition.histology, &condition.sites]
        .into_iter()
        .flatten()
        .map(|code| code.display.to_lowercase())
        .collect();
    let allowed = |row: &&DiseaseDefault| {
        row.doid == resolution.doid
            && !row.unless.iter().any(|word| words.iter().any(|w| w.contains(word.as_str())))
    };
    let Some(row) = knowledge.disease_defaults.iter().find(allowed) else { return (resolution, steps) };
    steps.push(format!(
        "no other site recorded: read as {} ({})",
        knowledge.diseases.name(&row.read_as),
        row.sourced.source
    ));
    (Resolution { doid: row.read_as.clone(), ..resolution }, steps)
}

fn look_up(codes: &[Code], sites: &[Code], diseases: &Diseases) -> Result<Resolution, String> {
    let texts: Vec<&str> =
        codes.iter().chain(sites).map(|c| c.display.as_str()).filter(|t| !t.is_empty()).collect();
    diseases.resolve_disease(codes, &texts).map_err(|unresolved| {
        let near: Vec<String> =
            unresolved.suggestions.iter().take(3).map(|(id, name)| format!("{name} ({id})")).collect();
        let hint = if near.is_empty() { String::new() } else { format!("; near: {}", near.join(", ")) };
        format!("the cancer code is not in the disease map{hint}")
    })
}

fn issue(condition: &Condition, what: String) -> Issue {
    let place = Place::Resource { resource: condition.meta.id.clone(), element: "code".into() };
    let file = condition.meta.sources.first().map_or(String::new(), |s| s.file.clone());
    Issue {
        level: Level::Doubtful,
        source: Source { file, place },
        what,
        remedy: "add the code to disease_map.tsv of your release, or code the histology".into(),
    }
}

fn tumour(
    condition: &Condition,
    resolution: &Resolution,
    steps: Vec<String>,
    facts: &Facts,
    knowledge: &Knowledge,
) -> Tumour {
    let stages = stages_of(condition, facts);
    // What is recorded as a metastasis beside a blood cancer is another tumour's (`conflicts::second_malignancy`).
    let blood = is_blood_cancer(&resolution.doid, knowledge);
    let metastases = if blood { vec![] } else { metastases(condition, facts) };
    Tumour {
        condition: condition.meta.id.clone(),
        doid: resolution.doid.clone(),
        name: knowledge.diseases.name(&resolution.doid),
        steps,
        broader_than_code: resolution.relation == "broader",
        stage: newest_group(&stages),
        extent: extent(condition, &stages, &metastases, facts),
        metastases,
        diagnosed: condition.meta.when.clone(),
    }
}

/// Stages that name this condition, or none.
fn stages_of<'f>(condition: &Condition, facts: &'f Facts) -> Vec<&'f Stage> {
    facts.stages.iter().filter(|s| s.condition.as_ref().is_none_or(|id| *id == condition.meta.id)).collect()
}

fn newest_group(stages: &[&Stage]) -> Option<String> {
    let groups = stages.iter().filter(|s| s.scale == StageScale::Group);
    groups.max_by_key(|s| (s.meta.when.clone(), s.meta.id.clone())).map(|s| s.value.clone())
}

/// Is it a cancer of blood or lymph?
pub(super) fn is_blood_cancer(doid: &Doid, knowledge: &Knowledge) -> bool {
    knowledge.diseases.is_a(doid, &Doid::new(HAEMATOLOGICAL))
}

fn metastases(primary: &Condition, facts: &Facts) -> Vec<String> {
    let own = facts.conditions.iter().filter(|c| {
        c.role == ConditionRole::Metastasis
            && c.present != Some(false)
            && c.primary.as_ref().is_none_or(|id| *id == primary.meta.id)
    });
    let mut words: Vec<String> = own
        .filter_map(|c| {
            c.sites.iter().chain(&c.codes).map(|code| code.display.clone()).find(|d| !d.is_empty())
        })
        .collect();
    words.sort();
    words.dedup();
    words
}

/// Recorded metastases and M1 outweigh a stage group; the group decides otherwise. Groups are read by their roman
/// numeral (AJCC, "stage groups").
fn extent(condition: &Condition, stages: &[&Stage], metastases: &[String], facts: &Facts) -> Extent {
    let m1 = stages.iter().any(|s| s.scale == StageScale::M && s.value.to_uppercase().contains("M1"));
    if in_remission(condition, facts) {
        return Extent::Remission;
    }
    if m1 || !metastases.is_empty() {
        return Extent::Metastatic;
    }
    let group = newest_group(stages).map(|g| numeral(&g));
    match group.as_deref() {
        Some("IV") => Extent::Metastatic,
        Some("III") => Extent::LocallyAdvanced,
        Some("0" | "I" | "II") => Extent::Localised,
        Some(_) | None => named_extent(condition),
    }
}

/// "Metastatic …" in the condition's own words.
fn named_extent(condition: &Condition) -> Extent {
    let says = |word: &str| condition.codes.iter().any(|c| c.display.to_lowercase().contains(word));
    if says("metastatic") || says("stage iv") { Extent::Metastatic } else { Extent::Unknown }
}

/// Roman numeral of a stage group: `IIIC` and `3c` are `III`; empty when there is none.
pub(super) fn numeral(group: &str) -> String {
    let upper = group.to_uppercase();
    let word = upper.split_whitespace().last().unwrap_or("");
    let roman: String = word.chars().take_while(|c| matches!(c, 'I' | 'V')).collect();
    let arabic = word.chars().next().filter(char::is_ascii_digit);
    match (roman.as_str(), arabic) {
        ("", Some('0')) => "0".into(),
        ("", Some('1')) => "I".into(),
        ("", Some('2')) => "II".into(),
        ("", Some('3')) => "III".into(),
        ("", Some('4')) => "IV".into(),
        (roman, _) => roman.to_owned(),
    }
}

/// The condition's own status, or the newest response statement.
fn in_remission(condition: &Condition, facts: &Facts) -> bool {
    let stated = condition.clinical_status.as_deref().is_some_and(|s| matches!(s, "remission" | "resolved"));
    let newest = facts
        .responses
        .iter()
        .filter(|r| r.condition.as_ref().is_none_or(|id| *id == condition.meta.id))
        .max_by_key(|r| (r.meta.when.clone(), r.meta.id.clone()));
    stated || newest.is_some_and(|r| r.status == Status::Complete)
}
