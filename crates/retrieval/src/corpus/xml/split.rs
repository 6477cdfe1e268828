//! Where does each record begin and end?

use super::super::error::Result;
use super::super::source::Source;
use memchr::{memchr, memmem};
use std::io::Read;

/// Bytes fetched at a time.
const CHUNK: usize = 1 << 16;
/// Longest comment between records, bytes.
const COMMENT: usize = 1 << 20;

/// Cuts records of given names out of a stream. Holds one record in memory.
pub(crate) struct Records<'r, 'a> {
    source: &'r mut Source<'a>,
    names: &'static [&'static str],
    /// Largest record, bytes.
    limit: usize,
    buffer: Vec<u8>,
    /// Place of `buffer[0]` in the stream.
    offset: u64,
    /// First byte of `buffer` not yet dealt with.
    at: usize,
    ended: bool,
    /// Last end tag seen between records.
    last_end: Vec<u8>,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// A whole record, tags included, and where it begins.
    Record { name: &'static str, bytes: Vec<u8>, offset: u64 },
    /// A record begins here and has no end that could be believed.
    Broken { what: &'static str, offset: u64 },
}

enum End {
    At(usize),
    Broken(&'static str, usize),
}

impl<'r, 'a> Records<'r, 'a> {
    pub fn new(source: &'r mut Source<'a>, names: &'static [&'static str], limit: usize) -> Self {
        Records { source, names, limit, buffer: vec![], offset: 0, at: 0, ended: false, last_end: vec![] }
    }

    /// Was this the last end tag of the file? A file that was cut short between records lacks it.
    pub fn ended_with(&self, root: &str) -> bool {
        closes(&self.last_end, root).is_some()
    }

    /// Bytes held in memory.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        self.buffer.capacity()
    }

    /// The next record, or what is broken; after a broken one reading goes on at the next that begins.
    ///
    /// # Errors
    /// The file cannot be read, or it defines entities.
    pub fn next_cut(&mut self) -> Result<Option<Cut>> {
        loop {
            self.drop_used();
            let Some(tag) = self.find(b"<", self.at, usize::MAX)? else {
                return Ok(None);
            };
            self.at = tag;
            self.have(tag + 64)?;
            let here = &self.buffer[tag..];
            if here.starts_with(b"<!ENTITY") {
                return Err(self.source.refuse(
                    "the file defines XML entities of its own",
                    "resolve them first (`xmllint --noent` on a file you trust)",
                ));
            }
            if here.starts_with(b"<!--") || here.starts_with(b"<![CDATA[") {
                let end: &[u8] = if here.starts_with(b"<!--") { b"-->" } else { b"]]>" };
                match self.find(end, tag + 4, tag + COMMENT)? {
                    Some(at) => self.at = at + end.len(),
                    None => {
                        self.at = tag + 4;
                        return Ok(Some(self.broken("comment without an end", tag)));
                    }
                }
                continue;
            }
            if here.starts_with(b"</") {
                self.last_end = here[..here.len().min(64)].to_vec();
            }
            match self.names.iter().find(|name| opens(here, name)) {
                Some(name) => return self.record(name, tag).map(Some),
                None => self.at = tag + 1,
            }
        }
    }

    fn record(&mut self, name: &'static str, start: usize) -> Result<Cut> {
        Ok(match self.end_of(name, start)? {
            End::At(end) => {
                self.at = end;
                let bytes = self.buffer[start..end].to_vec();
                Cut::Record { name, bytes, offset: self.offset + start as u64 }
            }
            End::Broken(what, resume) => {
                self.at = resume;
                self.broken(what, start)
            }
        })
    }

    fn broken(&self, what: &'static str, at: usize) -> Cut {
        Cut::Broken { what, offset: self.offset + at as u64 }
    }

    /// Walks from tag to tag; comments and CDATA hide what is inside them.
    fn end_of(&mut self, name: &str, start: usize) -> Result<End> {
        let (after, last) = (start + 1 + name.len(), start.saturating_add(self.limit));
        let lost = |this: &Self| if this.ended { CUT_SHORT } else { TOO_LARGE };
        let mut at = after;
        if let Some(close) = self.find(b">", at, last)?
            && self.buffer[close - 1] == b'/'
        {
            return Ok(End::At(close + 1));
        }
        loop {
            let Some(tag) = self.find(b"<", at, last)? else {
                return Ok(End::Broken(lost(self), after));
            };
            self.have(tag + 64)?;
            let here = &self.buffer[tag..];
            let hidden: Option<&[u8]> = match here {
                _ if here.starts_with(b"<!--") => Some(b"-->"),
                _ if here.starts_with(b"<![CDATA[") => Some(b"]]>"),
                _ => None,
            };
            if let Some(end) = hidden {
                match self.find(end, tag + 4, last)? {
                    Some(found) => at = found + end.len(),
                    None => return Ok(End::Broken("comment or CDATA without an end", after)),
                }
            } else if let Some(length) = closes(here, name) {
                return Ok(End::At(tag + length));
            } else if opens(here, name) {
                return Ok(End::Broken("the next record begins before this one ends", tag));
            } else {
                at = tag + 1;
            }
        }
    }

    /// First place of `what` at or after `from` that begins before `last`; fetches as needed.
    fn find(&mut self, what: &[u8], from: usize, last: usize) -> Result<Option<usize>> {
        let mut from = from;
        loop {
            let until = self.buffer.len().min(last.saturating_add(what.len()));
            let found = match (what, self.buffer.get(from..until)) {
                (_, None) => None,
                ([one], Some(bytes)) => memchr(*one, bytes),
                (_, Some(bytes)) => memmem::find(bytes, what),
            };
            if let Some(at) = found {
                return Ok(Some(from + at));
            }
            if last <= self.buffer.len() || !self.fill()? {
                return Ok(None);
            }
            from = from.max(until.saturating_sub(what.len() - 1));
        }
    }

    /// Fetches until the buffer reaches this far, or the file ends.
    fn have(&mut self, length: usize) -> Result<()> {
        while self.buffer.len() < length && self.fill()? {}
        Ok(())
    }

    fn fill(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let before = self.buffer.len();
        let read = self.source.by_ref().take(CHUNK as u64).read_to_end(&mut self.buffer);
        read.map_err(|error| self.source.failed(error))?;
        self.ended = self.buffer.len() == before;
        Ok(!self.ended)
    }

    fn drop_used(&mut self) {
        if CHUNK * 4 < self.at {
            self.buffer.drain(..self.at);
            self.offset += self.at as u64;
            self.at = 0;
        }
    }
}

const CUT_SHORT: &str = "the file ends inside the record";
const TOO_LARGE: &str = "the record is too large";

/// `<Name` and then white space, `>` or `/`.
fn opens(here: &[u8], name: &str) -> bool {
    let after = here.strip_prefix(b"<").and_then(|rest| rest.strip_prefix(name.as_bytes()));
    after.is_some_and(|rest| matches!(rest.first(), Some(b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n')))
}

/// Length of `</Name  >`.
fn closes(here: &[u8], name: &str) -> Option<usize> {
    let after = here.strip_prefix(b"</")?.strip_prefix(name.as_bytes())?;
    let space = after.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    (after.get(space) == Some(&b'>')).then_some(2 + name.len() + space + 1)
}
