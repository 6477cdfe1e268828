//! Which codes would answer a missing fact? Those this reader would read as that fact.

use crate::codes::{ANALYTES, MARKERS, Of};

/// LOINC codes of a fact by the name a plan gives it (`MSI / mismatch repair`, `HER2 positive`, `magnesium`); empty
/// when no code is known. Any one of them answers it. Codes still to be looked up in a licensed table are read and
/// never asked for.
pub fn codes_of(fact: &str) -> Vec<&'static str> {
    let analytes = ANALYTES.iter().filter(|(_, key)| *key == fact).map(|(code, _)| *code);
    let marker = marker(fact);
    let markers = MARKERS.iter().filter(|(_, of, _)| marker.is_some_and(|m| m == label(*of)));
    analytes.chain(markers.map(|(code, ..)| *code)).filter(|code| !UNCONFIRMED.contains(code)).collect()
}

/// The marker a name begins with.
fn marker(fact: &str) -> Option<&'static str> {
    let first = fact.split(' ').next()?;
    ["ER", "PR", "HER2", "PD-L1", "MSI"].into_iter().find(|name| *name == first)
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

/// The rows marked `*` in the code tables.
const UNCONFIRMED: [&str; 20] = [
    "2160-0", "98979-8", "62238-1", "2164-2", "1968-7", "26515-7", "751-8", "6301-6", "2823-3", "2951-2",
    "17861-6", "19123-9", "2345-7", "10230-1", "8636-3", "8634-8", "85330-9", "6298-4", "2947-0", "49765-1",
];

#[cfg(test)]
mod tests {
    use super::codes_of;

    #[track_caller]
    fn check(fact: &str, codes: &[&str]) {
        assert_eq!(codes_of(fact), codes, "{fact}");
    }

    #[test]
    fn a_fact_is_asked_for_by_the_codes_it_is_read_by() {
        check("MSI / mismatch repair", &["81695-9", "43368-0", "62862-8"]);
        check("PR positive", &["85339-0", "40557-1", "16113-3", "10861-3", "31207-4", "85325-9", "14230-7"]);
        check("haemoglobin", &["718-7"]);
        check("creatinine", &["38483-4"]);
        check("qtc", &[]);
        check("prior cdk4-6-inhibitor", &[]);
        check("", &[]);
    }
}
