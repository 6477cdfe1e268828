//! Which codes would answer a missing fact? Those this reader would read as that fact.

use crate::codes::{ANALYTES, MARKERS, Of, PERFORMANCE};

/// LOINC codes of a fact by the name a plan gives it (`MSI / mismatch repair`, `HER2 (ERBB2) status`, `magnesium`);
/// empty when no code is known, or when the name stands for several facts. Any one of the codes answers it. Codes
/// still to be looked up in a licensed table are read and never asked for.
pub fn codes_of(fact: &str) -> Vec<&'static str> {
    let key = fact.to_lowercase().replace(' ', "-");
    let analytes = ANALYTES.iter().filter(|(_, analyte)| *analyte == key).map(|(code, _)| *code);
    let marker = marker(fact);
    let markers = MARKERS.iter().filter(|(_, of, _)| marker.is_some_and(|name| name == label(*of)));
    let is_performance = fact == "performance status";
    let performance = PERFORMANCE.iter().filter(|(code, _)| is_performance && code.contains('-'));
    let all = analytes.chain(markers.map(|(code, ..)| *code)).chain(performance.map(|(code, _)| *code));
    all.filter(|code| !UNCONFIRMED.contains(code)).collect()
}

/// The marker a name speaks of, when it speaks of its state: a sequence or a copy number is another test.
fn marker(fact: &str) -> Option<&'static str> {
    let (name, state) = fact.split_once(' ').unwrap_or((fact, ""));
    let state = state.trim_start_matches("(ERBB2) ");
    let of_state = ["", "positive", "negative", "low", "high", "status", "expression"].contains(&state);
    let of_repair = ["/ mismatch repair", "or mismatch repair", "or mismatch repair test"].contains(&state);
    let names = ["ER", "PR", "HER2", "PD-L1", "MSI", "TMB"];
    let name = names.into_iter().find(|known| *known == name)?;
    (of_state || name == "MSI" && of_repair).then_some(name)
}

fn label(of: Of) -> &'static str {
    match of {
        Of::Er => "ER",
        Of::Pr => "PR",
        Of::Her2 => "HER2",
        Of::PdL1 => "PD-L1",
        Of::Msi => "MSI",
        Of::Tmb => "TMB",
        Of::Ki67 => "Ki-67",
        Of::Protein(_) | Of::Named(_) => "",
    }
}

/// The rows marked `*` in the code tables, and LVEF, which wants the same look-up.
const UNCONFIRMED: [&str; 17] = [
    "2160-0", "98979-8", "62238-1", "2164-2", "1968-7", "26515-7", "751-8", "6301-6", "2823-3", "2951-2",
    "17861-6", "19123-9", "2345-7", "10230-1", "8636-3", "8634-8", "85330-9",
];

#[cfg(test)]
mod tests {
    use super::{UNCONFIRMED, codes_of};

    #[track_caller]
    fn check(fact: &str, codes: &[&str]) {
        assert_eq!(codes_of(fact), codes, "{fact}");
    }

    #[test]
    fn a_fact_is_asked_for_by_the_codes_it_is_read_by() {
        check("MSI / mismatch repair", &["81695-9", "43368-0", "62862-8"]);
        check("PR positive", &["85339-0", "40557-1", "16113-3", "10861-3", "31207-4", "85325-9", "14230-7"]);
        check("MSI or mismatch repair test", &["81695-9", "43368-0", "62862-8"]);
        check("TMB status", &["94076-7"]);
        check("HER2 (ERBB2) status", &codes_of("HER2 positive"));
        check("haemoglobin", &["718-7"]);
        check("HbA1c", &["4548-4"]);
        check("performance status", &["89247-1", "89243-0"]);
        check("creatinine", &["38483-4"]);
    }

    #[test]
    fn another_test_or_several_facts_are_asked_for_in_words() {
        check("QTc", &[]);
        check("HER2 (ERBB2) sequence", &[]);
        check("HER2 (ERBB2) copy number", &[]);
        check("HER2 by immunohistochemistry or in situ hybridisation; RAS", &[]);
        check("MSI; DPYD; UGT1A1", &[]);
        check("prior cdk4-6-inhibitor", &[]);
        check("", &[]);
    }

    #[test]
    fn every_starred_row_is_unconfirmed() {
        let starred = include_str!("codes.rs").lines().filter(|line| line.ends_with("// *"));
        let codes: Vec<&str> = starred.filter_map(|line| line.split('"').nth(1)).collect();
        assert!(10 < codes.len());
        assert!(codes.iter().all(|code| UNCONFIRMED.contains(code)), "{codes:?}");
    }
}
