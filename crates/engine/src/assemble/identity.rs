//! Do these records speak of one person?
//!
//! Clinical rules, section 7: two records are joined only on identifier system and value **and** agreeing birth
//! date and name, or by `Patient.link`. Records that share an identifier and disagree are refused together.

use concilium_case::Patient;

/// Why records cannot be one plan. Names records, never what they contain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Nothing says whose records these are.
    #[error(
        "no Patient resource in the records: add the patient's own resource, the plan must know whose it is"
    )]
    NoPatient,
    /// The same identifier for two people.
    #[error(
        "{a} and {b} share an identifier but differ in {what}: two people under one identifier are refused; \
         correct the identifier at its source, then plan each alone"
    )]
    SharedIdentifier {
        /// First record.
        a: String,
        /// Second record.
        b: String,
        /// Fields that differ.
        what: String,
    },
    /// Two people.
    #[error(
        "{a} and {b} are not stated to be one person (no common identifier with agreeing birth date and name, no link): \
         give one patient's records at a time"
    )]
    TwoPatients {
        /// First record.
        a: String,
        /// Second record.
        b: String,
    },
}

/// One person out of all patient records, with everything each of them states.
pub fn one_person(patients: &[Patient]) -> Result<Patient, IdentityError> {
    let (first, rest) = patients.split_first().ok_or(IdentityError::NoPatient)?;
    let mut person = first.clone();
    for other in rest {
        same_person(&person, other)?;
        join(&mut person, other);
    }
    Ok(person)
}

fn same_person(a: &Patient, b: &Patient) -> Result<(), IdentityError> {
    let differs = disagreements(a, b);
    let shares =
        a.meta.identifiers.iter().any(|id| b.meta.identifiers.contains(id)) || a.meta.id == b.meta.id;
    let linked = a.links.contains(&b.meta.id) || b.links.contains(&a.meta.id);
    let names = || (place(a), place(b));
    match (shares, linked, differs.is_empty()) {
        (true, _, true) | (_, true, true) => Ok(()),
        (true, _, false) | (_, true, false) => {
            let (a, b) = names();
            Err(IdentityError::SharedIdentifier { a, b, what: differs.join(" and ") })
        }
        (false, false, _) => {
            let (a, b) = names();
            Err(IdentityError::TwoPatients { a, b })
        }
    }
}

fn place(patient: &Patient) -> String {
    let file = patient.meta.sources.first().map_or("", |source| source.file.as_str());
    format!("{} ({file})", patient.meta.id)
}

/// A field that only one side has is not a disagreement.
fn disagreements(a: &Patient, b: &Patient) -> Vec<&'static str> {
    let mut fields = Vec::new();
    let births = a.birth_date.as_ref().zip(b.birth_date.as_ref());
    if births.is_some_and(|(x, y)| x.latest() < y.earliest() || y.latest() < x.earliest()) {
        fields.push("birth date");
    }
    let names = a.name.as_deref().zip(b.name.as_deref());
    if names.is_some_and(|(x, y)| plain(x) != plain(y)) {
        fields.push("name");
    }
    fields
}

/// Letters only, lower case, words sorted: "Doe, Jane" is "Jane Doe".
fn plain(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    let mut words: Vec<String> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect();
    words.sort();
    words
}

fn join(person: &mut Patient, other: &Patient) {
    person.name = person.name.take().or_else(|| other.name.clone());
    person.birth_date = person.birth_date.take().or_else(|| other.birth_date.clone());
    person.sex = person.sex.or(other.sex);
    person.deceased = person.deceased.take().or_else(|| other.deceased.clone());
    person.links.extend(other.links.iter().cloned());
    person.meta.identifiers.extend(other.meta.identifiers.iter().cloned());
    person.meta.identifiers.sort();
    person.meta.identifiers.dedup();
    person.meta.sources.extend(other.meta.sources.iter().cloned());
    person.meta.sources.sort();
    person.meta.sources.dedup();
}

#[cfg(test)]
mod tests {
    use super::{IdentityError, one_person};
    use concilium_case::{Meta, Patient};
    use concilium_terms::PartialDate;

    fn patient(id: &str, identifier: &str, born: &str, name: &str) -> Patient {
        let meta = Meta { id: id.into(), identifiers: vec![identifier.into()], ..Meta::default() };
        Patient {
            meta,
            birth_date: PartialDate::parse(born).ok(),
            name: Some(name.into()),
            ..Patient::default()
        }
    }

    #[track_caller]
    fn check(records: &[Patient], expect: &str) {
        let said = match one_person(records) {
            Ok(_) => "one person",
            Err(IdentityError::NoPatient) => "nobody",
            Err(IdentityError::SharedIdentifier { .. }) => "refused: shared identifier",
            Err(IdentityError::TwoPatients { .. }) => "refused: two patients",
        };
        assert_eq!(said, expect);
    }

    #[test]
    fn joined_only_on_identifier_birth_date_and_name() {
        let jane = patient("Patient/1", "sys|7", "1951-02-03", "Doe, Jane");
        check(&[jane.clone(), patient("Patient/2", "sys|7", "1951-02-03", "Jane Doe")], "one person");
        check(
            &[jane.clone(), patient("Patient/2", "sys|7", "1962", "Jane Doe")],
            "refused: shared identifier",
        );
        check(
            &[jane.clone(), patient("Patient/2", "sys|8", "1951-02-03", "Jane Doe")],
            "refused: two patients",
        );
        check(&[], "nobody");
    }

    #[test]
    fn a_year_agrees_with_a_day_in_it() {
        let jane = patient("Patient/1", "sys|7", "1951-02-03", "Jane Doe");
        check(&[jane, patient("Patient/2", "sys|7", "1951", "Jane Doe")], "one person");
    }

    #[test]
    fn a_link_joins_but_not_against_the_birth_date() {
        let mut jane = patient("Patient/1", "a|1", "1951-02-03", "Jane Doe");
        jane.links.push("Patient/2".into());
        check(&[jane.clone(), patient("Patient/2", "b|2", "1951-02-03", "Jane Doe")], "one person");
        check(&[jane, patient("Patient/2", "b|2", "1962-02-03", "Jane Doe")], "refused: shared identifier");
    }
}
