//! Conversions and comparisons as data, and their laws.

use super::analyte::MASSES;
use super::{Comparison, Quantity, UnitError};
use crate::Truth;
use proptest::prelude::*;

/// `5 mg/dL creatinine => 442 umol/L` (four significant digits), `=> ! error`; the analyte may be missing.
#[track_caller]
fn check(table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (from, to) = line.split_once(" => ").expect("a line of the table has ` => `");
        let mut words = from.split(' ');
        let value: f64 = words.next().and_then(|word| word.parse().ok()).expect("a value");
        let (unit, analyte) = (words.next().unwrap_or(""), words.next());
        let (expected, unit_to) = to.split_once(' ').expect("a value and a unit");
        let found = Quantity::new(value, unit.trim_matches('`')).to(unit_to, analyte);
        match (expected.parse::<f64>(), found) {
            (Ok(expected), Ok(found)) => {
                let close = (found - expected).abs() <= 5e-4 * expected.abs();
                assert!(close, "{line}: found {found}");
            }
            (Err(_), Err(error)) => {
                let kind = match error {
                    UnitError::Unstated { .. } => "unstated",
                    UnitError::Unknown { .. } => "unknown",
                    UnitError::Different { .. } => "different",
                    UnitError::Comparator { .. } => "comparator",
                    UnitError::NotFinite => "not-finite",
                };
                assert_eq!(kind, expected, "{line}");
            }
            (_, found) => panic!("{line}: found {found:?}"),
        }
    }
}

#[test]
fn counts() {
    check(
        "
        1500 /uL => 1.5 10*9/L
        1.5 10*9/L => 1500 /uL
        1.5 10*3/uL => 1500 /uL
        1.5 10^3/µL => 1500 /uL
        1.5 10^3/μL => 1.5 10*9/L
        150 K/uL => 150 10*9/L
        150 k/uL => 150 x10^9/L
        150 x10E3/uL => 150 10*9/L
        150 ×10⁹/L => 150 10*3/uL
        150 G/L => 150 10*9/L
        4.5 T/L => 4.5 10*12/L
        4.5 M/uL => 4.5 10*12/L
        1500 cells/mm3 => 1.5 10*9/L
        1500 /mm3 => 1.5 10*9/L
        1500 {cells}/uL => 1.5 10*9/L
        3000 10*3/uL => 3000 10*9/L
        200 {copies}/mL => 200 copies/mL
        ",
    );
}

#[test]
fn concentrations() {
    check(
        "
        1.0 mg/dL creatinine => 88.40 umol/L
        88.4 umol/L creatinine => 1.0 mg/dL
        1.0 mg/dL bilirubin => 17.10 umol/L
        100 mg/dL glucose => 5.551 mmol/L
        10 mg/dL calcium => 2.495 mmol/L
        2 mg/dL magnesium => 0.8229 mmol/L
        2 meq/L magnesium => 1 mmol/L
        1 mmol/L calcium => 2 mEq/L
        4 mEq/L potassium => 4 mmol/L
        12 g/dL haemoglobin => 120 g/L
        12 g/dL => 120 g/L
        7.447 mmol/L haemoglobin => 12.0 g/dL
        35 G/DL => 350 g/L
        1 MG/DL creatinine => 88.40 umol/L
        2 meq/L => different mmol/L
        1 mg/dL => different umol/L
        40 U/L ast => 40 [IU]/L
        40 IU/L ast => 40 U/L
        40 IU/L => 40 [IU]/L
        40 IU/L => different U/L
        ",
    );
}

#[test]
fn other_kinds() {
    check(
        "
        60 mL/min => 3.6 L/h
        60 mL/min/{1.73_m2} => 60 mL/min/1.73m²
        60 mL/min/1.73m2 => 60 mL/min/{1.73_m2}
        60 mL/min/{1.73_m2} => different mL/min
        48 mmol/mol hba1c => 6.543 %
        6.5 % hba1c => 47.53 mmol/mol
        55 % => 0.55 1
        0.48 s => 480 ms
        2 wk => 14 d
        6 months => 0.5 a
        12 mo => 1 year
        6 mm => 0.6 cm
        6000 cGy => 60 Gy
        57 mut/Mb => 57 {mutations}/Mb
        57 1/1000000{Base} => 57 mut/Mb
        57 mut/Mb => different 1
        1.1 {INR} inr => 1.1 1
        1.1 `` inr => 1.1 1
        1.1 `` => unstated 1
        5 `` creatinine => unstated mg/dL
        5 furlongs/fortnight => unknown mg/dL
        5 mg/dL => unknown smoots
        5 d => different mm
        150 109/L => unknown 10*9/L
        150 103/uL => unknown 10*9/L
        ",
    );
}

#[test]
fn comparators_are_ranges() {
    let compare = |text: &str, op: &str, threshold: f64| {
        let at = text.find(|c: char| c.is_ascii_digit()).expect("a digit");
        let comparator = (at != 0).then(|| text[..at].to_owned());
        let quantity =
            Quantity { comparator, ..Quantity::new(text[at..].parse().expect("a number"), "10*9/L") };
        quantity.compare(Comparison::parse(op).expect("an operator"), threshold, "10*9/L", None)
    };
    for (text, op, threshold, expected) in [
        ("<5", ">=", 10.0, Truth::False),
        ("<5", ">=", 3.0, Truth::Open),
        ("<5", ">=", 5.0, Truth::False),
        ("<5", "<", 5.0, Truth::True),
        ("<5", "<=", 4.9, Truth::Open),
        ("<=5", "<", 5.0, Truth::Open),
        ("<=5", "<=", 5.0, Truth::True),
        (">5", ">", 5.0, Truth::True),
        (">=5", ">", 5.0, Truth::Open),
        (">=5", ">=", 5.0, Truth::True),
        (">60", "<", 45.0, Truth::False),
        ("5", ">=", 5.0, Truth::True),
        ("5", "<", 5.0, Truth::False),
        ("5", "=", 5.0, Truth::True),
        ("<5", "=", 5.0, Truth::False),
        ("<5", "=", 4.0, Truth::Open),
    ] {
        assert_eq!(compare(text, op, threshold), Ok(expected), "{text} {op} {threshold}");
    }
    assert!(matches!(compare("~5", ">", 1.0), Err(UnitError::Comparator { .. })));
}

#[test]
fn conversion_noise_does_not_decide() {
    let platelets = Quantity::new(0.1, "10*12/L");
    assert_eq!(platelets.compare(Comparison::AtLeast, 100_000.0, "/uL", None), Ok(Truth::True));
}

#[test]
fn molar_masses_are_the_sums_of_their_formulas() {
    let weight = |element: &str| match element {
        "H" => 1.008,
        "C" => 12.011,
        "N" => 14.007,
        "O" => 15.999,
        "Na" => 22.990,
        "Mg" => 24.305,
        "P" => 30.974,
        "Cl" => 35.45,
        "K" => 39.098,
        "Ca" => 40.078,
        "Fe" => 55.845,
        _ => panic!("no weight for {element}"),
    };
    for (name, formula, mass, _) in MASSES {
        let mut sum = 0.0;
        let mut rest = formula;
        while !rest.is_empty() {
            let letters = rest[1..].find(|c: char| !c.is_ascii_lowercase()).map_or(rest.len(), |at| at + 1);
            let digits =
                rest[letters..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |at| at + letters);
            sum += weight(&rest[..letters]) * rest[letters..digits].parse::<f64>().unwrap_or(1.0);
            rest = &rest[digits..];
        }
        assert!((sum - mass).abs() < 0.0015, "{name}: {sum}");
    }
}

proptest! {
    #[test]
    fn there_and_back(value in 0.001..1e6_f64, pair in prop::sample::select(vec![
        ("mg/dL", "umol/L", Some("creatinine")), ("%", "mmol/mol", Some("hba1c")), ("10*9/L", "/uL", None),
        ("g/dL", "g/L", None), ("mg/dL", "mmol/L", Some("calcium")), ("meq/L", "mmol/L", Some("magnesium")),
        ("a", "d", None), ("Gy", "cGy", None), ("U/L", "[IU]/L", Some("alt")),
    ])) {
        let (from, to, analyte) = pair;
        let there = Quantity::new(value, from).to(to, analyte).expect("convertible");
        let back = Quantity::new(there, to).to(from, analyte).expect("convertible");
        prop_assert!((back - value).abs() <= 1e-9 * value.abs().max(1.0));
    }

    #[test]
    fn less_and_at_least_are_opposites(value in 0.0..10.0_f64, threshold in 0.0..10.0_f64, comparator in prop::sample::select(vec!["<", "<=", "=", ">=", ">"])) {
        let quantity = Quantity { comparator: Some(comparator.into()), ..Quantity::new(value, "g/L") };
        let holds = |op| quantity.compare(op, threshold, "g/L", None).expect("same unit");
        prop_assert_eq!(holds(Comparison::Less), holds(Comparison::AtLeast).not());
        prop_assert_eq!(holds(Comparison::More), holds(Comparison::AtMost).not());
    }

    #[test]
    fn no_unit_panics(unit in ".{0,24}", near in "[a-zA-Z0-9*/{}\\[\\].^µ²]{0,16}", value in any::<f64>()) {
        for unit in [unit, near] {
            let _ = Quantity::new(value, &unit).to("mg/dL", Some("creatinine"));
            let _ = Quantity::new(value, "mg/dL").to(&unit, None);
        }
    }
}
