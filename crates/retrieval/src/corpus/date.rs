//! How do sources write days, and how precise are they?

/// `2024`, `2024-03` or `2024-03-11` from parts as sources write them (`3`, `03`, `Mar`, `March`); empty without a year
/// of four digits. A part that is no month or no day makes the date less precise, not wrong.
pub(crate) fn iso_date(year: &str, month: &str, day: &str) -> String {
    if !is_year(year) {
        return String::new();
    }
    let Some(month) = month_number(month) else { return year.to_owned() };
    match day.parse::<u8>() {
        Ok(day @ 1..=31) => format!("{year}-{month:02}-{day:02}"),
        _ => format!("{year}-{month:02}"),
    }
}

/// Four digits.
pub(crate) fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Is this `2024`, `2024-03` or `2024-03-11`?
pub(crate) fn is_iso_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next().unwrap_or(""), parts.next(), parts.next());
    let two = |part: Option<&str>, most: u8| {
        part.is_none_or(|part| part.len() == 2 && part.parse().is_ok_and(|n: u8| (1..=most).contains(&n)))
    };
    parts.next().is_none() && is_year(year) && two(month, 12) && two(day, 31)
}

fn month_number(text: &str) -> Option<u8> {
    if let Ok(number) = text.parse() {
        return Some(number).filter(|month| (1..=12).contains(month));
    }
    let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let lower = text.to_ascii_lowercase();
    let found = names.iter().position(|name| lower.starts_with(name))?;
    Some(found as u8 + 1)
}

#[cfg(test)]
mod tests {
    use super::{is_iso_date, iso_date};

    #[track_caller]
    fn check(parts: [&str; 3], expect: &str) {
        let [year, month, day] = parts;
        assert_eq!(iso_date(year, month, day), expect);
        assert!(expect.is_empty() || is_iso_date(expect), "{expect}");
    }

    #[test]
    fn dates_are_as_precise_as_their_parts() {
        check(["2024", "Mar", "1"], "2024-03-01");
        check(["2024", "September", ""], "2024-09");
        check(["2024", "13", "1"], "2024");
        check(["2024", "2", "40"], "2024-02");
        check(["2024", "Spring", "1"], "2024");
        check(["24", "1", "1"], "");
    }

    #[test]
    fn other_forms_are_no_dates() {
        for text in [
            "",
            "24",
            "2024-",
            "2024-1",
            "2024-13",
            "2024-01-32",
            "2024-01-01-01",
            "2024-01-0a",
            "01.01.2024",
        ] {
            assert!(!is_iso_date(text), "{text}");
        }
    }
}
