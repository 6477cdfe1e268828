//! How is XML read when it may be huge, broken or hostile?
//!
//! [`split`] cuts a stream into records by their tags, without trusting what is between them, so that one broken record
//! costs only itself. [`tree`] reads one record, strictly and of bounded size. [`flatten`] turns its markup into text.
//! Entities are never defined by a file: a file that tries is refused.

pub(crate) mod flatten;
pub(crate) mod split;
pub(crate) mod tree;

use super::error::Result;
use super::source::Source;

/// Refuses files in another encoding than UTF-8 by what they declare.
pub(crate) fn check_declaration(source: &Source) -> Result<()> {
    let head = source.head();
    let declaration = head.split(|&byte| byte == b'>').next().unwrap_or(head).to_ascii_lowercase();
    let Some(at) = memchr::memmem::find(&declaration, b"encoding") else { return Ok(()) };
    if !declaration.starts_with(b"<?xml") {
        return Ok(());
    }
    let value = declaration[at + 8..].split(|byte| matches!(byte, b'"' | b'\'')).nth(1).unwrap_or(b"");
    if matches!(value, b"utf-8" | b"utf8" | b"us-ascii" | b"ascii") {
        return Ok(());
    }
    Err(source.refuse(
        "the XML declares another encoding than UTF-8",
        "convert it to UTF-8 (iconv) and correct its first line",
    ))
}
