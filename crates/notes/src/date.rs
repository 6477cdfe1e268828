//! Which days does a sentence name, and which mention are they of?
//!
//! A date without a year, or counted back (`3 weeks ago`), is resolved against the day of the note and marked; without
//! that day it stays unknown. `04/06/2026` can be two days: only its year is kept.

use crate::mention::{Finding, Mention, When};
use crate::text::Note;
use crate::token::Tokens;
use concilium_terms::PartialDate;
use jiff::civil::Date;

/// What a date is of the thing it is said of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Its day or its beginning.
    From,
    /// Its end.
    To,
}

struct Dated {
    when: When,
    role: Role,
    /// Stands before the words it is said of: `2021: ER positive`, `In May 2024, …`.
    leads: bool,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const FULL: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Head lines that may bear the note's own date.
const HEAD_LINES: usize = 6;
/// Longest head line in bytes: a longer one is a paragraph.
const HEAD_LINE: usize = 100;

/// First whole date in the head of a note; a birth date is none.
pub(crate) fn of_head(text: &str) -> Option<PartialDate> {
    let mut at = 0;
    let mut lines = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        lines += 1;
        let lower = line.to_lowercase();
        let birth = ["birth", "dob", "born"].iter().any(|word| lower.contains(word));
        if HEAD_LINES < lines || HEAD_LINE < line.len() {
            return None;
        }
        let tokens = Tokens::new(text, start, start + line.len());
        let mut found = (0..tokens.len()).filter_map(|at| absolute(&tokens, at)).map(|(date, _)| date);
        if let Some(date) = found.find(PartialDate::is_exact).filter(|_| !birth) {
            return Some(date);
        }
    }
    None
}

/// Gives dates to the mentions of each sentence.
pub(crate) fn assign(note: &Note, mentions: &mut [Mention]) {
    let mut at = 0;
    while at < mentions.len() {
        let sentence = mentions[at].sentence;
        let end = at + mentions[at..].partition_point(|mention| mention.sentence == sentence);
        if let Some(own) = note.sentences.get(sentence) {
            let tokens = Tokens::new(note.text, own.start, own.end);
            let dates = find(&tokens, note.date.as_ref());
            if !dates.is_empty() {
                in_sentence(&tokens, &dates, &mut mentions[at..end]);
            }
        }
        at = end;
    }
}

/// Most tokens between a mention and its date.
const REACH: usize = 8;

fn in_sentence(tokens: &Tokens, dates: &[Dated], mentions: &mut [Mention]) {
    let mut taken = vec![false; dates.len()];
    for at in (0..mentions.len()).rev().filter(|at| happens(&mentions[*at].finding)).collect::<Vec<_>>() {
        let bound = next_event(tokens, mentions, at).unwrap_or(usize::MAX);
        let mut end = mentions[at].end;
        for (nth, date) in dates.iter().enumerate() {
            let near =
                end <= date.when.start && date.when.start < bound && reaches(tokens, end, date.when.start);
            if !near || date.leads {
                continue;
            }
            let context = &mut mentions[at].context;
            match date.role {
                Role::From if context.when.is_none() => context.when = Some(date.when.clone()),
                Role::To if context.until.is_none() => context.until = Some(date.when.clone()),
                Role::From | Role::To => continue,
            }
            taken[nth] = true;
            end = date.when.end;
        }
    }
    for mention in mentions.iter_mut().filter(|mention| happens(&mention.finding)) {
        let before = dates.iter().enumerate().rev().find(|(_, date)| date.when.end <= mention.start);
        let Some((nth, date)) = before.filter(|_| mention.context.when.is_none()) else { continue };
        let lead = dates[..=nth].iter().rev().find(|date| date.leads);
        let directly =
            !taken[nth] && date.role == Role::From && reaches(tokens, date.when.end, mention.start);
        let chosen = if directly { Some(date) } else { lead };
        mention.context.when = chosen.map(|date| date.when.clone());
    }
}

/// Does it happen on a day? Age, sex and performance of the note's own day do not.
fn happens(finding: &Finding) -> bool {
    !matches!(finding, Finding::Age { .. } | Finding::Sex { .. } | Finding::Line { .. })
}

/// Where the next mention begins that is not listed with this one (`letrozole + palbociclib`).
fn next_event(tokens: &Tokens, mentions: &[Mention], at: usize) -> Option<usize> {
    let mut last = &mentions[at];
    for next in mentions[at + 1..].iter().filter(|next| last.end <= next.start && happens(&next.finding)) {
        let listed = (tokens.at_or_after(last.end)..tokens.at_or_after(next.start))
            .all(|token| matches!(tokens.word(token), "+" | "/" | "," | "and" | "&" | "-" | "plus" | "with"));
        let kind = matches!(next.finding, Finding::Drug { .. } | Finding::Procedure { .. });
        if !listed || !kind || last.finding.class() != next.finding.class() {
            return Some(next.start);
        }
        last = next;
    }
    None
}

fn reaches(tokens: &Tokens, from: usize, to: usize) -> bool {
    let between = tokens.at_or_after(from)..tokens.at_or_after(to);
    between.len() <= REACH && !between.into_iter().any(|at| matches!(tokens.word(at), ";" | "." | ":"))
}

fn find(tokens: &Tokens, today: Option<&PartialDate>) -> Vec<Dated> {
    let mut found: Vec<Dated> = vec![];
    let mut at = 0;
    while at < tokens.len() {
        let one = absolute(tokens, at).map(|(date, end)| (Some(date), end, false));
        let one = one.or_else(|| undated(tokens, at, today)).or_else(|| relative(tokens, at, today));
        let Some((date, end, relative)) = one else {
            at += 1;
            continue;
        };
        let when = When { start: tokens.list[at].start, end: tokens.list[end - 1].end, date, relative };
        let behind_date =
            found.last().is_some_and(|last| 0 < at && last.when.end == tokens.list[at.saturating_sub(2)].end);
        let role = role(tokens, at, behind_date);
        let leads =
            tokens.word(end) == ":" || (opens(tokens, at) && tokens.word(end) == "," && role == Role::From);
        found.push(Dated { when, role, leads });
        at = end;
    }
    found
}

/// Nothing but prepositions stands before: `In May 2024, …`.
fn opens(tokens: &Tokens, at: usize) -> bool {
    (0..at).all(|at| {
        matches!(tokens.word(at), "in" | "on" | "since" | "by" | "early" | "late" | "mid" | "of" | "the")
    })
}

fn role(tokens: &Tokens, at: usize, behind_date: bool) -> Role {
    let Some(before) = at.checked_sub(1) else { return Role::From };
    match tokens.word(before) {
        "until" | "till" | "through" | "ended" | "finished" => Role::To,
        "to" | "-" | "–" | "and" if behind_date => Role::To,
        _ => Role::From,
    }
}

type Found = (PartialDate, usize);

/// A date that needs no other: the date and the token behind it.
fn absolute(tokens: &Tokens, at: usize) -> Option<Found> {
    iso(tokens, at)
        .or_else(|| dotted(tokens, at))
        .or_else(|| slashed(tokens, at))
        .or_else(|| worded(tokens, at))
        .or_else(|| bare_year(tokens, at))
}

/// Four digits from 1900 to 2099.
fn year(tokens: &Tokens, at: usize) -> Option<u32> {
    let raw = tokens.raw(at);
    let year = (raw.len() == 4).then(|| raw.parse().ok()).flatten()?;
    (1900..2100).contains(&year).then_some(year)
}

fn two(tokens: &Tokens, at: usize, most: u32) -> Option<u32> {
    let raw = tokens.raw(at);
    let value = (raw.len() <= 2).then(|| raw.parse().ok()).flatten()?;
    (1..=most).contains(&value).then_some(value)
}

fn parsed(year: u32, month: Option<u32>, day: Option<u32>) -> Option<PartialDate> {
    let text = match (month, day) {
        (None, _) => format!("{year:04}"),
        (Some(month), None) => format!("{year:04}-{month:02}"),
        (Some(month), Some(day)) => format!("{year:04}-{month:02}-{day:02}"),
    };
    PartialDate::parse(&text).ok()
}

/// `2026-06-15`, `2026-06`.
fn iso(tokens: &Tokens, at: usize) -> Option<Found> {
    let year = year(tokens, at)?;
    let joined = |at: usize| tokens.word(at) == "-" && tokens.glued(at) && tokens.glued(at + 1);
    if !joined(at + 1) || tokens.raw(at + 2).len() != 2 {
        return None;
    }
    let month = two(tokens, at + 2, 12)?;
    match two(tokens, at + 4, 31).filter(|_| joined(at + 3)) {
        Some(day) => Some((parsed(year, Some(month), Some(day))?, at + 5)),
        None => Some((parsed(year, Some(month), None)?, at + 3)),
    }
}

/// `15.06.2026`: day first, as it is wherever dots are written.
fn dotted(tokens: &Tokens, at: usize) -> Option<Found> {
    let (day, month) = tokens.raw(at).split_once('.')?;
    let joined = tokens.word(at + 1) == "." && tokens.glued(at + 1) && tokens.glued(at + 2);
    let year = year(tokens, at + 2).filter(|_| joined)?;
    Some((parsed(year, Some(month.parse().ok()?), Some(day.parse().ok()?))?, at + 3))
}

/// `06/15/2026`, `15/06/2026`, `06/2026`; only the year where both orders are days.
fn slashed(tokens: &Tokens, at: usize) -> Option<Found> {
    let joined = |at: usize| tokens.word(at) == "/" && tokens.glued(at) && tokens.glued(at + 1);
    let first = two(tokens, at, 31).filter(|_| joined(at + 1))?;
    if let Some(year) = year(tokens, at + 2) {
        return Some((parsed(year, Some(first), None)?, at + 3));
    }
    let second = two(tokens, at + 2, 31).filter(|_| joined(at + 3))?;
    let year = year(tokens, at + 4)?;
    let date = match (first, second) {
        (day, month) if day == month || 12 < day => parsed(year, Some(month), Some(day)),
        (month, day) if 12 < day => parsed(year, Some(month), Some(day)),
        _ => parsed(year, None, None),
    };
    Some((date?, at + 5))
}

fn month(tokens: &Tokens, at: usize) -> Option<u32> {
    let word = tokens.word(at);
    let named = FULL.iter().position(|name| *name == word);
    let short = || MONTHS.iter().position(|name| *name == word || (*name == "sep" && word == "sept"));
    let capital = tokens.raw(at).starts_with(|c: char| c.is_ascii_uppercase());
    named.or_else(short).filter(|_| capital).and_then(|at| u32::try_from(at + 1).ok())
}

/// Past `st`, `nd`, `rd`, `th`, or the point of a shortened month.
fn past(tokens: &Tokens, at: usize, words: &[&str]) -> usize {
    if words.contains(&tokens.word(at)) && tokens.glued(at) { at + 1 } else { at }
}

const ORDINAL: [&str; 4] = ["st", "nd", "rd", "th"];

/// `15 June 2026`, `June 15, 2026`, `June 2026`.
fn worded(tokens: &Tokens, at: usize) -> Option<Found> {
    let (month, day, end) = day_and_month(tokens, at)?;
    let end = if tokens.word(end) == "," || tokens.word(end) == "of" { end + 1 } else { end };
    let year = year(tokens, end)?;
    Some((parsed(year, Some(month), day)?, end + 1))
}

/// `15 June`, `June 15`, `June`: month, day and the token behind.
fn day_and_month(tokens: &Tokens, at: usize) -> Option<(u32, Option<u32>, usize)> {
    if let Some(day) = two(tokens, at, 31) {
        let behind = past(tokens, at + 1, &ORDINAL);
        let behind = if tokens.word(behind) == "of" { behind + 1 } else { behind };
        return Some((month(tokens, behind)?, Some(day), past(tokens, behind + 1, &["."])));
    }
    let month = month(tokens, at)?;
    let behind = past(tokens, at + 1, &["."]);
    let day = two(tokens, behind, 31).filter(|_| tokens.word(behind + 1) != "/");
    let end = if day.is_some() { past(tokens, behind + 1, &ORDINAL) } else { behind };
    Some((month, day, end))
}

/// A year behind a preposition, in brackets, or before a colon: any other number of four digits is a number.
fn bare_year(tokens: &Tokens, at: usize) -> Option<Found> {
    let year = year(tokens, at)?;
    let before = at.checked_sub(1).map_or("", |before| tokens.word(before));
    let after = tokens.word(at + 1);
    let said = [
        "in", "since", "from", "until", "till", "during", "of", "early", "late", "mid", "by", "summer",
        "winter", "spring", "autumn", "fall",
    ];
    let clear = matches!(
        after,
        "" | ","
            | "."
            | ";"
            | ":"
            | ")"
            | "and"
            | "to"
            | "with"
            | "for"
            | "he"
            | "she"
            | "at"
            | "when"
            | "after"
            | "-"
            | "–"
            | "due"
            | "by"
            | "who"
            | "which"
            | "was"
            | "were"
    );
    let leads = at == 0 && after == ":";
    let bracketed = before == "(" && matches!(after, ")" | "," | ";");
    let ranged = matches!(before, "to" | "-" | "–")
        && at.checked_sub(2).is_some_and(|at| self::year(tokens, at).is_some());
    let from = year_starts_range(tokens, at);
    // `mastectomy 2018;`: behind a word, at the end of its part.
    let word_before = 3 < before.len() && before.chars().all(char::is_alphabetic);
    let behind_a_word = word_before && matches!(after, "" | "." | "," | ";" | ")");
    (leads || behind_a_word || bracketed || (said.contains(&before) && clear) || ranged || from)
        .then_some(())?;
    Some((parsed(year, None, None)?, at + 1))
}

/// `2019 to 2021`, `2019-2021`.
fn year_starts_range(tokens: &Tokens, at: usize) -> bool {
    matches!(tokens.word(at + 1), "to" | "-" | "–") && year(tokens, at + 2).is_some()
}

/// A day and month without a year: the last such day up to the note's.
fn undated(
    tokens: &Tokens,
    at: usize,
    today: Option<&PartialDate>,
) -> Option<(Option<PartialDate>, usize, bool)> {
    let (month, day, end) = day_and_month(tokens, at)?;
    let before = at.checked_sub(1).map_or("", |before| tokens.word(before));
    let said = ["in", "since", "from", "until", "on", "till", "of", "to", "last", "early", "late", "mid"];
    if day.is_none() && !said.contains(&before) {
        return None;
    }
    let today = today.filter(|today| today.is_exact()).map(PartialDate::latest);
    let date = today.and_then(|today| {
        let year = u32::try_from(today.year()).ok()?;
        let of = |year: u32| parsed(year, Some(month), day);
        let this = of(year).filter(|date| date.earliest() <= today);
        this.or_else(|| of(year.checked_sub(1)?))
    });
    Some((date, end, true))
}

/// `3 weeks ago`, `yesterday`, `last month`, `for the past 6 months`. Weeks are kept as the month they fall into.
fn relative(
    tokens: &Tokens,
    at: usize,
    today: Option<&PartialDate>,
) -> Option<(Option<PartialDate>, usize, bool)> {
    let today = today.filter(|today| today.is_exact()).map(PartialDate::latest);
    let counted = |n: u32, unit: &str| today.and_then(|today| back(today, n, unit));
    match tokens.word(at) {
        "today" => return Some((counted(0, "day"), at + 1, true)),
        "yesterday" => return Some((counted(1, "day"), at + 1, true)),
        "last" if is_unit(tokens.word(at + 1)) => {
            return Some((counted(1, tokens.word(at + 1)), at + 2, true));
        }
        _ => {}
    }
    let number = match tokens.word(at) {
        "a" | "an" => Some(1),
        _ => tokens.whole(at),
    }?;
    let unit = tokens.word(at + 1);
    if !is_unit(unit) {
        return None;
    }
    let before = at.checked_sub(1).map_or("", |before| tokens.word(before));
    match tokens.word(at + 2) {
        "ago" | "back" => Some((counted(number, unit), at + 3, true)),
        _ if matches!(before, "past" | "last") => Some((counted(number, unit), at + 2, true)),
        // Counted from something else than the note.
        "before" | "earlier" | "prior" | "later" | "after" => Some((None, at + 3, true)),
        _ => None,
    }
}

fn is_unit(word: &str) -> bool {
    matches!(word.strip_suffix('s').unwrap_or(word), "day" | "week" | "month" | "year")
}

fn back(today: Date, number: u32, unit: &str) -> Option<PartialDate> {
    let number = i64::from(number);
    let month = |date: Date| parsed(u32::try_from(date.year()).ok()?, u32::try_from(date.month()).ok(), None);
    match unit.strip_suffix('s').unwrap_or(unit) {
        "day" => today.checked_sub(jiff::Span::new().try_days(number).ok()?).ok().map(PartialDate::day),
        "week" => month(today.checked_sub(jiff::Span::new().try_weeks(number).ok()?).ok()?),
        "month" => month(today.checked_sub(jiff::Span::new().try_months(number).ok()?).ok()?),
        "year" => parsed(u32::try_from(i64::from(today.year()) - number).ok()?, None, None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let today = PartialDate::parse("2026-06-08").expect("a day");
        let tokens = Tokens::new(text, 0, text.len());
        let found: Vec<String> = find(&tokens, Some(&today))
            .iter()
            .map(|date| {
                let words = &text[date.when.start..date.when.end];
                let day = date.when.date.as_ref().map_or("?", PartialDate::as_str);
                format!("{words}={day}{}", if date.role == Role::To { " end" } else { "" })
            })
            .collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn dates_as_people_write_them() {
        check("on 2026-05-28 and in 2026-04", &["2026-05-28=2026-05-28", "2026-04=2026-04"]);
        check(
            "from 28 April 2026 to May 3rd, 2026",
            &["28 April 2026=2026-04-28", "May 3rd, 2026=2026-05-03 end"],
        );
        check(
            "15.06.2025, 06/15/2025, 15/06/2025, 04/06/2025, 03/2025",
            &[
                "15.06.2025=2025-06-15",
                "06/15/2025=2025-06-15",
                "15/06/2025=2025-06-15",
                "04/06/2025=2025",
                "03/2025=2025-03",
            ],
        );
        check("February 2024 to April 2026", &["February 2024=2024-02", "April 2026=2026-04 end"]);
        check("since 2019, 2000 mg; 2021: ER positive (2020)", &["2019=2019", "2020=2020"]);
        check("2021: ER positive", &["2021=2021"]);
        check("2019-2021", &["2019=2019", "2021=2021 end"]);
    }

    #[test]
    fn relative_dates_need_the_notes_day() {
        check("3 weeks ago", &["3 weeks ago=2026-05"]);
        check(
            "two days ago, last year, yesterday",
            &["two days ago=2026-06-06", "last year=2025", "yesterday=2026-06-07"],
        );
        check("on 4 June, in December", &["4 June=2026-06-04", "December=2025-12"]);
        check("two weeks earlier", &["two weeks earlier=?"]);
        check("patients may march for 3 weeks", &[]);
        let tokens = Tokens::new("3 weeks ago", 0, 11);
        assert_eq!(find(&tokens, None)[0].when.date, None);
        let huge = "4000000000 weeks ago 4000000000 years ago 99999999999 days ago";
        assert!(
            find(&Tokens::new(huge, 0, huge.len()), PartialDate::parse("2026-06-08").ok().as_ref())
                .iter()
                .all(|d| d.when.date.is_none())
        );
    }

    #[test]
    fn the_head_dates_the_note() {
        let date = |text: &str| of_head(text).map(|date| date.to_string());
        assert_eq!(date("Clinic, 2026-06-08\nPatient: X").as_deref(), Some("2026-06-08"));
        assert_eq!(date("DOB: 12 May 1960\nVisit 3 June 2026").as_deref(), Some("2026-06-03"));
        assert_eq!(date("She was seen in 2019 for a mass"), None);
    }
}
