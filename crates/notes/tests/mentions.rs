//! Invented short notes → what is read of them. `notes.txt` holds the notes, one a line (`\n`, `\r` escaped),
//! `mentions.txt` what they must read as; both are read by people.

use concilium_notes::{Options, Reader};
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
            let _ = writeln!(said, "    {} | {}", text[mention.start..mention.end].escape_debug(), mention);
        }
    }
    expect.assert_eq(&said);
}

#[test]
fn short_notes_read_as_reviewed() {
    check(include_str!("notes.txt"), expect_test::expect_file!["mentions.txt"]);
}
