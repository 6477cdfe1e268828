//! `notes`: what free text says, one line a mention.

use super::Done;
use crate::args::{Cli, NotesArgs};
use crate::output;
use concilium_engine::case::Level;
use concilium_engine::input::gather;
use concilium_engine::notes::NoteReading;
use concilium_engine::{Engine, Settings};
use std::fmt::Write;
use std::process::ExitCode;

/// Reads notes and shows their mentions.
pub fn notes(cli: &Cli, settings: Settings, args: &NotesArgs) -> Done {
    let files = gather(&args.files)?;
    let engine = Engine::new(settings)?;
    let read = engine.notes(&files, args.date.as_ref())?;
    if cli.json {
        output::json(&read)?;
    } else {
        let words: String = read.notes.iter().map(note_words).collect();
        output::text(&output::plain(&words))?;
    }
    let lost = read.issues.iter().any(|issue| issue.level == Level::Lost);
    Ok(if lost { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

fn note_words(note: &NoteReading) -> String {
    let reading = &note.reading;
    let day = reading.date.as_ref().map_or("day not known".to_owned(), ToString::to_string);
    let mut out = format!("{} ({day}): {} sentences\n", note.document, reading.sentences.len());
    for mention in &reading.mentions {
        let words = note.text.get(mention.start..mention.end).unwrap_or("");
        let place = format!("{}..{}", mention.start, mention.end);
        let _ = writeln!(out, "  {place:>11}  {words}  =  {mention}");
    }
    out
}
