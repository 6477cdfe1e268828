//! When was it, as precisely as the record says, and what is "now"?

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A date as FHIR writes it: year, year and month, day, or an instant. The text is kept; the calendar day is
/// the one written, in the offset written (a date alone is the site's calendar day).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct PartialDate {
    text: String,
    earliest: Date,
    latest: Date,
}

/// Why a text is not a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a date: expected YYYY, YYYY-MM, YYYY-MM-DD or an instant with offset")]
pub struct NotADate {
    /// The text as written.
    pub text: String,
}

/// Why a text is no instant to plan for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a day (2026-06-15) or an instant with its offset or zone (2026-06-15T08:30:00+02:00[Europe/Berlin])"
)]
pub struct NotAnInstant {
    /// The text as written.
    pub text: String,
}

impl PartialDate {
    /// Reads `2024`, `2024-05`, `2024-05-17`, `2024-05-17T08:30:00+02:00`. No other spelling is guessed at.
    pub fn parse(text: &str) -> Result<PartialDate, NotADate> {
        let wrong = || NotADate { text: text.to_owned() };
        let day_text = text.split_once('T').map_or(text, |(day, _)| day);
        if day_text.len() != text.len() {
            check_time(&text[day_text.len() + 1..]).ok_or_else(wrong)?;
        }
        let (earliest, latest) = span_of(day_text).ok_or_else(wrong)?;
        Ok(PartialDate { text: text.to_owned(), earliest, latest })
    }

    /// A whole day.
    pub fn day(date: Date) -> PartialDate {
        PartialDate { text: date.to_string(), earliest: date, latest: date }
    }

    /// As written in the source.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The written day without its time, for people to read.
    pub fn day_text(&self) -> &str {
        self.text.split_once('T').map_or(&self.text, |(day, _)| day)
    }

    /// First calendar day it can mean.
    pub fn earliest(&self) -> Date {
        self.earliest
    }

    /// Last calendar day it can mean.
    pub fn latest(&self) -> Date {
        self.latest
    }

    /// Is it a single day?
    pub fn is_exact(&self) -> bool {
        self.earliest == self.latest
    }

    /// Certainly before `other`: every reading is.
    pub fn surely_before(&self, other: &PartialDate) -> bool {
        self.latest < other.earliest
    }

    /// Days from this date to `day`, as a range `(fewest, most)`; negative when `day` lies before.
    pub fn days_until(&self, day: Date) -> (i32, i32) {
        (days_between(self.latest, day), days_between(self.earliest, day))
    }
}

/// Whole days from `from` to `to`; negative when `to` lies before.
pub fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

fn span_of(day_text: &str) -> Option<(Date, Date)> {
    let digits = |part: &str, len: usize| {
        (part.len() == len && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<i16>().ok())?
    };
    let mut parts = day_text.split('-');
    let year = digits(parts.next()?, 4).filter(|&year| year > 0)?;
    let month = parts.next().map(|part| digits(part, 2)).map_or(Some(None), |m| m.map(Some))?;
    let day = parts.next().map(|part| digits(part, 2)).map_or(Some(None), |d| d.map(Some))?;
    if parts.next().is_some() {
        return None;
    }
    let date =
        |month: i16, day: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    match (month, day) {
        (None, _) => Some((date(1, 1)?, date(12, 31)?)),
        (Some(month), None) => Some((date(month, 1)?, date(month, 1)?.last_of_month())),
        (Some(month), Some(day)) => Some((date(month, day)?, date(month, day)?)),
    }
}

/// FHIR R4, "dateTime": with a time, seconds and an offset are required. Seconds are often left out; accepted.
fn check_time(time: &str) -> Option<()> {
    let end = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, offset) = time.split_at(end);
    clock.parse::<jiff::civil::Time>().ok()?;
    (offset.is_empty() || offset == "Z" || offset.len() == 6).then_some(())
}

impl PartialOrd for PartialDate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for PartialDate {
    /// By latest day, then earliest, then text: a total order for sorting, not a claim about time.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.latest, self.earliest, &self.text).cmp(&(other.latest, other.earliest, &other.text))
    }
}
impl std::fmt::Display for PartialDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
impl TryFrom<String> for PartialDate {
    type Error = NotADate;
    fn try_from(text: String) -> Result<Self, NotADate> {
        PartialDate::parse(&text)
    }
}
impl From<PartialDate> for String {
    fn from(date: PartialDate) -> String {
        date.text
    }
}

/// The instant a stage speaks of: a local calendar day with zone. Only programs read the clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AsOf {
    /// RFC 9557 text, e.g. `2026-06-15T08:00:00+02:00[Europe/Berlin]`.
    pub instant: String,
    /// The calendar day there.
    pub day: PartialDate,
}

impl AsOf {
    /// Reads a day (noon UTC is assumed), an RFC 9557 zoned instant, or an instant with offset, which is its own zone.
    ///
    /// # Errors
    /// Any other spelling; a part of a date is none, for it would leave open what is known.
    pub fn parse(text: &str) -> Result<AsOf, NotAnInstant> {
        let wrong = || NotAnInstant { text: text.to_owned() };
        // A civil date also parses from the beginning of an instant and would drop its time.
        if let Some(day) = PartialDate::parse(text).ok().filter(|day| text.len() == 10 && day.is_exact()) {
            return Ok(AsOf { instant: format!("{text}T12:00:00+00:00[UTC]"), day });
        }
        let zoned = zoned(text).ok_or_else(wrong)?;
        // A year that FHIR cannot write could not be read back.
        let day = PartialDate::parse(&zoned.date().to_string()).map_err(|_| wrong())?;
        Ok(AsOf { instant: zoned.to_string(), day })
    }

    /// The calendar day.
    pub fn date(&self) -> Date {
        self.day.latest()
    }
}

fn zoned(text: &str) -> Option<jiff::Zoned> {
    let offset =
        if text.ends_with('Z') { "UTC" } else { text.get(text.len().checked_sub("+00:00".len())?..)? };
    text.parse().or_else(|_| format!("{text}[{offset}]").parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::{AsOf, PartialDate};

    #[track_caller]
    fn check(text: &str, expect: Option<(&str, &str)>) {
        let span = PartialDate::parse(text).ok().map(|d| (d.earliest().to_string(), d.latest().to_string()));
        assert_eq!(span, expect.map(|(a, b)| (a.to_owned(), b.to_owned())), "{text}");
    }

    #[test]
    fn partial_dates_are_spans() {
        check("2024", Some(("2024-01-01", "2024-12-31")));
        check("2024-02", Some(("2024-02-01", "2024-02-29")));
        check("2024-02-29", Some(("2024-02-29", "2024-02-29")));
        check("2024-05-17T23:30:00-08:00", Some(("2024-05-17", "2024-05-17")));
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in
            ["", "24", "2023-02-29", "2024-13", "17.05.2024", "2024-05-17T99:00:00Z", "2024-5-1", "-2024"]
        {
            check(text, None);
        }
    }

    #[test]
    fn as_of_reads_a_day_or_a_zoned_instant() {
        assert_eq!(AsOf::parse("2026-06-15").map(|a| a.day.to_string()), Ok("2026-06-15".into()));
        let berlin = AsOf::parse("2026-06-15T23:30:00+02:00[Europe/Berlin]").expect("zoned");
        assert_eq!(berlin.date().to_string(), "2026-06-15");
        assert_eq!(berlin.instant, "2026-06-15T23:30:00+02:00[Europe/Berlin]", "the time of day is kept");
        assert_eq!(AsOf::parse("2026-06-15").map(|a| a.instant), Ok("2026-06-15T12:00:00+00:00[UTC]".into()));
        let offset = AsOf::parse("2026-06-15T23:30:00-08:00").expect("its own zone");
        assert_eq!(
            (offset.instant.as_str(), offset.date().to_string().as_str()),
            ("2026-06-15T23:30:00-08:00[-08:00]", "2026-06-15")
        );
        assert_eq!(
            AsOf::parse("2026-06-15T08:00:00Z").map(|a| a.instant),
            Ok("2026-06-15T08:00:00+00:00[UTC]".into())
        );
        for text in [
            "",
            "yesterday",
            "2026",
            "2026-06",
            "15.06.2026",
            "2026-06-15T10:00:00",
            "2026-06-15T08:00:00 ö",
            "-000001-01-01",
            "0000-01-01",
        ] {
            assert!(AsOf::parse(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,24}") { let _ = PartialDate::parse(&text); }
    }
}
