//! Invented short notes → what is read of them. `notes.txt` holds the notes, one a line (`\n`, `\r` escaped),
//! `mentions.txt` what they must read as; both are read by people.

use concilium_notes::{About, Assertion, Finding, Mention, Options, Reader};
use std::fmt::Write;
use std::sync::LazyLock;

static READER: LazyLock<Reader> =
    LazyLock::new(|| Reader::new(&concilium_knowledge::builtin().expect("the pack in the binary loads")));

#[track_caller]
fn check(notes: &str, expect: expect_test::ExpectFile) {
    let mut said = String::new();
    for line in notes.lines() {
        let _ = writeln!(said, "{line}");
        if line.starts_with('#') {
            continue;
        }
        let text = line.replace("\\n", "\n").replace("\\r", "\r");
        for mention in READER.read(&text, &Options::default()).mentions {
            let _ = writeln!(
                said,
                "    {} | {}",
                text[mention.start..mention.end].escape_debug(),
                words(&mention)
            );
        }
    }
    expect.assert_eq(&said);
}

fn words(mention: &Mention) -> String {
    let context = &mention.context;
    let mut said = vec![finding(&mention.finding)];
    if context.assertion != Assertion::Present {
        said.push(format!("{:?}", context.assertion).to_lowercase());
    }
    if context.about != About::Patient {
        said.push("family".into());
    }
    if context.history {
        said.push("history".into());
    }
    let day = |when: &Option<concilium_notes::When>| {
        when.as_ref().map(|when| when.date.as_ref().map_or("?".into(), ToString::to_string))
    };
    said.extend(day(&context.when).map(|day| format!("when {day}")));
    said.extend(day(&context.until).map(|day| format!("until {day}")));
    said.join(" | ")
}

fn finding(finding: &Finding) -> String {
    let class = finding.class();
    match finding {
        Finding::Age { amount, unit } => format!("{class} {amount} {unit:?}").to_lowercase(),
        Finding::Sex { sex } => format!("{class} {sex:?}").to_lowercase(),
        Finding::Disease { name, tumour, .. } => {
            format!("{}{name}", if *tumour { "tumour " } else { "disease " })
        }
        Finding::Condition { key } => format!("{class} {key}"),
        Finding::Stage { scale, value, basis } => format!("{class} {scale:?} {basis}{value}"),
        Finding::Metastasis { sites, qualities } => {
            format!("{class} {sites:?} {}", qualities.join(" ")).trim_end().to_owned()
        }
        Finding::Drug { drugs, class: named, status, stop } => {
            let drugs: Vec<&str> = drugs.iter().map(|drug| drug.as_str()).collect();
            let named = named.as_ref().map_or(String::new(), |named| format!(" ({named})"));
            let stop = stop.map_or(String::new(), |stop| format!(" {stop:?}").to_lowercase());
            format!("{class} {}{named} {}{stop}", drugs.join("+"), format!("{status:?}").to_lowercase())
        }
        Finding::Line { number, prior } => format!("{class} {number}{}", if *prior { " prior" } else { "" }),
        Finding::Response { status } => format!("{class} {status:?}").to_lowercase(),
        Finding::Lab { analyte, value, upto, low, high, words } => {
            let value = value
                .as_ref()
                .map(|v| format!("{}{} [{}]", v.comparator.as_deref().unwrap_or(""), v.value, v.unit));
            let said = [
                value,
                upto.map(|to| format!("to {to}")),
                low.map(|low| format!("low {low}")),
                high.map(|high| format!("high {high}")),
                words.clone(),
            ];
            format!("{class} {analyte} {}", said.into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
        Finding::Performance { scale, low, high } if low == high => {
            format!("{class} {scale:?} {low}").to_lowercase()
        }
        Finding::Performance { scale, low, high } => {
            format!("{class} {scale:?} {low} to {high}").to_lowercase()
        }
        Finding::Marker { marker, call, score, value } => {
            let value = value
                .as_ref()
                .map(|v| format!("{}{} [{}]", v.comparator.as_deref().unwrap_or(""), v.value, v.unit));
            let said = [call.map(|call| format!("{call:?}")), score.clone(), value];
            format!("{class} {marker:?} {}", said.into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
        Finding::Alteration { genes, change, uncertain } => {
            let genes: Vec<&str> = genes.iter().map(|gene| gene.as_str()).collect();
            format!("{class} {} {change}{}", genes.join("+"), if *uncertain { " uncertain" } else { "" })
        }
        Finding::Procedure { what, name } => format!("{class} {what} ({name})"),
        Finding::Trial => class.to_owned(),
    }
}

#[test]
fn short_notes_read_as_reviewed() {
    check(include_str!("notes.txt"), expect_test::expect_file!["mentions.txt"]);
}
