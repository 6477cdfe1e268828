//! How do few invented patients become many different ones? Tumour, alterations and year of birth are drawn anew.
//!
//! Each draw takes the whole record of one demo case, gives it another case's tumour, puts alterations of all cases
//! in the place of its own (bundle and VCF) and shifts the year of birth. The rest of the record stays.

use crate::seeded::Seeded;
use concilium_engine::demo;
use concilium_engine::input::InputFile;
use serde_json::Value;

/// LOINC "Genetic variant assessment".
const VARIANT: &str = "69548-6";
const PRIMARY: &str = "mcode-primary-cancer-condition";
/// What tells one tumour from another in a condition.
const TUMOUR_FIELDS: [&str; 3] = ["code", "bodySite", "extension"];

/// Records of one patient and the day to plan for.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Records.
    pub files: Vec<InputFile>,
    /// Day.
    pub as_of: String,
}

/// What is drawn from.
#[derive(Debug, Default)]
struct Pool {
    tumours: Vec<Value>,
    alterations: Vec<Value>,
    vcf_lines: Vec<String>,
}

/// `n` patients drawn from the demo cases; the same seed gives the same bytes.
pub fn draw(n: usize, seed: u64) -> Vec<Drawn> {
    let bases = plannable();
    let pool = pool(&bases);
    let mut choice = Seeded::new(seed);
    (0..n)
        .filter_map(|_| choice.pick(&bases).cloned().map(|base| redrawn(base, &pool, &mut choice)))
        .collect()
}

/// The demo cases as they are: those with a plan (one case is refused, as two people share an identifier).
pub fn plannable() -> Vec<Drawn> {
    let cases = demo::cases().into_iter().filter(|case| !case.name.starts_with("I-"));
    cases.map(|case| Drawn { files: case.files, as_of: case.as_of }).collect()
}

fn pool(bases: &[Drawn]) -> Pool {
    let mut pool = Pool::default();
    for file in bases.iter().flat_map(|base| &base.files) {
        for resource in bundle(file).iter().flat_map(resources) {
            match () {
                () if is_primary(resource) => pool.tumours.push(resource.clone()),
                () if is_variant(resource) => pool.alterations.extend(resource.get("component").cloned()),
                () => {}
            }
        }
        pool.vcf_lines.extend(data_lines(file).map(|line| first_columns(line, 8).to_owned()));
    }
    pool
}

fn redrawn(base: Drawn, pool: &Pool, choice: &mut Seeded) -> Drawn {
    let tumour = choice.pick(&pool.tumours).cloned();
    let year_shift = choice.below(11);
    let mut changed = |file: &InputFile| match bundle(file) {
        Some(mut json) => {
            let entries = json.get_mut("entry").and_then(Value::as_array_mut).into_iter().flatten();
            let resources = entries.filter_map(|entry| entry.get_mut("resource"));
            resources.for_each(|resource| change(resource, tumour.as_ref(), year_shift, pool, choice));
            InputFile { name: file.name.clone(), bytes: json.to_string().into_bytes() }
        }
        None if file.name.ends_with(".vcf") => redrawn_vcf(file, pool, choice),
        None => file.clone(),
    };
    Drawn { files: base.files.iter().map(&mut changed).collect(), as_of: base.as_of }
}

fn change(resource: &mut Value, tumour: Option<&Value>, year_shift: usize, pool: &Pool, choice: &mut Seeded) {
    if is_primary(resource) {
        for field in TUMOUR_FIELDS {
            if let Some(value) = tumour.and_then(|tumour| tumour.get(field)) {
                resource[field] = value.clone();
            }
        }
    }
    if is_variant(resource)
        && let Some(components) = choice.pick(&pool.alterations)
    {
        resource["component"] = components.clone();
    }
    if let Some(born) =
        resource.get("birthDate").and_then(Value::as_str).and_then(|born| shifted(born, year_shift))
    {
        resource["birthDate"] = born.into();
    }
}

/// A birth date some years earlier; the day is kept within every month.
fn shifted(date: &str, years: usize) -> Option<String> {
    let (year, rest) = date.split_once('-')?;
    let year: usize = year.parse().ok()?;
    Some(format!("{:04}-{}", year.checked_sub(years)?, rest.replace("02-29", "02-28")))
}

/// The header, the sample columns and the number of lines stay; what each line says is drawn.
fn redrawn_vcf(file: &InputFile, pool: &Pool, choice: &mut Seeded) -> InputFile {
    let text = String::from_utf8_lossy(&file.bytes).into_owned();
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let sample = line.get(first_columns(line, 8).len()..).unwrap_or("");
        match choice.pick(&pool.vcf_lines).filter(|_| !line.starts_with('#')) {
            Some(said) => out.extend([said, sample, "\n"]),
            None => out.extend([line, "\n"]),
        }
    }
    InputFile { name: file.name.clone(), bytes: out.into_bytes() }
}

fn bundle(file: &InputFile) -> Option<Value> {
    file.name.ends_with(".json").then(|| serde_json::from_slice(&file.bytes).ok()).flatten()
}

fn resources(bundle: &Value) -> impl Iterator<Item = &Value> {
    bundle
        .get("entry")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.get("resource"))
}

fn is_primary(resource: &Value) -> bool {
    let profiles = resource.pointer("/meta/profile").and_then(Value::as_array);
    profiles.into_iter().flatten().any(|profile| profile.as_str().is_some_and(|url| url.ends_with(PRIMARY)))
}

fn is_variant(resource: &Value) -> bool {
    resource.pointer("/code/coding/0/code").and_then(Value::as_str) == Some(VARIANT)
}

fn data_lines(file: &InputFile) -> impl Iterator<Item = &str> {
    let text = if file.name.ends_with(".vcf") { std::str::from_utf8(&file.bytes).unwrap_or("") } else { "" };
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

fn first_columns(line: &str, n: usize) -> &str {
    line.match_indices('\t').nth(n - 1).map_or(line, |(at, _)| &line[..at])
}

#[cfg(test)]
mod tests {
    use super::draw;

    #[test]
    fn a_seed_names_its_patients_and_they_differ() {
        let bytes =
            |seed| draw(40, seed).into_iter().flat_map(|d| d.files).map(|f| f.bytes).collect::<Vec<_>>();
        let (first, again, other) = (bytes(7), bytes(7), bytes(8));
        assert_eq!(first, again);
        assert_ne!(first, other);
        let distinct: std::collections::BTreeSet<_> = first.iter().collect();
        assert!(60 < distinct.len(), "{}", distinct.len());
    }
}
