//! Do the letters of a text look as a name's must?

use super::atoms::{Atom, Joint, greek};
use super::{Case, Entry};

/// A stretch of text that has the atoms of a name.
pub(super) struct Spelled<'t> {
    text: &'t str,
    has_blank: bool,
    has_separator: bool,
}

impl<'t> Spelled<'t> {
    pub(super) fn new(text: &'t str, atoms: &[Atom]) -> Spelled<'t> {
        let inside = atoms.get(1..).unwrap_or(&[]);
        let text = match (atoms.first(), atoms.last()) {
            (Some(first), Some(last)) => &text[first.start..last.end],
            _ => "",
        };
        Spelled {
            text,
            has_blank: inside.iter().any(|atom| atom.before == Joint::Blank),
            has_separator: inside.iter().any(|atom| atom.before != Joint::Glued),
        }
    }

    /// `plain` are the entry's letters; `lower` lets an exact name be written in lower case.
    pub(super) fn is(&self, entry: &Entry, plain: &str, lower: bool) -> bool {
        let own_blank = !self.has_blank || entry.surface.contains(' ');
        match entry.case {
            Case::Any => true,
            Case::Verbatim => self.text == &*entry.surface,
            Case::Exact => {
                self.letters(plain, false) || lower && self.is_lower() && self.letters(plain, true)
            }
            Case::Letters => self.letters(plain, own_blank),
            Case::Marked => {
                let marked = self.has_separator || self.text.contains(char::is_uppercase);
                marked && self.letters(plain, own_blank)
            }
        }
    }

    /// An exact name with a capital, written as it is.
    pub(super) fn in_own_capitals(&self, entry: &Entry, plain: &str) -> bool {
        entry.case == Case::Exact && !self.is_lower() && self.letters(plain, false)
    }

    fn is_lower(&self) -> bool {
        !self.text.contains(char::is_uppercase)
    }

    /// The same letters and digits, whatever separates them; a plural `s` may follow.
    fn letters(&self, plain: &str, any_case: bool) -> bool {
        let mut wanted = plain.chars();
        for c in self.text.chars() {
            let name = greek(c).unwrap_or("");
            let own = [c].into_iter().filter(|c| name.is_empty() && c.is_alphanumeric());
            for c in name.chars().chain(own) {
                match wanted.next() {
                    Some(w) if w == c || any_case && w.eq_ignore_ascii_case(&c) => {}
                    Some(w) if !name.is_empty() && w.eq_ignore_ascii_case(&c) => {}
                    None if c == 's' && self.text.ends_with('s') => {}
                    _ => return false,
                }
            }
        }
        wanted.next().is_none()
    }
}

/// Letters and digits of a name, Greek letters spelled out.
pub(super) fn plain(surface: &str) -> String {
    let mut found = String::with_capacity(surface.len());
    for c in surface.chars() {
        match greek(c) {
            Some(name) => found.push_str(name),
            None if c.is_alphanumeric() => found.push(c),
            None => {}
        }
    }
    found
}
