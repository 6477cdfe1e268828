//! How does the stored text of a document come about, and when is it sound?

use super::source::sha256;
use concilium_evidence::passage::{Access, Document, DocumentId, DocumentKind, Standing, TextSection};

/// Longest section name, letters.
const NAME: usize = 80;

/// Title and sections before they become one text.
#[derive(Default)]
pub(crate) struct Draft {
    text: String,
    title: String,
    sections: Vec<TextSection>,
}

impl Draft {
    /// Starts with a title; an empty one is none.
    pub fn new(title: &str) -> Draft {
        let mut draft = Draft { title: title.trim().to_owned(), ..Draft::default() };
        draft.push("title", title);
        draft
    }

    /// Adds a section; white space around it is dropped, an empty one is left out.
    pub fn push(&mut self, name: &str, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        let start = self.text.len();
        self.text.push_str(text);
        let name: String = name.trim().to_lowercase().chars().take(NAME).collect();
        self.sections.push(TextSection { name, start, end: self.text.len() });
    }

    /// Is there anything but a title?
    pub fn has_body(&self) -> bool {
        self.sections.iter().any(|section| section.name != "title")
    }

    /// Bytes of text so far.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Is there anything at all?
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// A document of this text; everything the source says beside it is filled in by the importer, the corpus name by
    /// the corpus.
    pub fn finish(self, id: DocumentId, kind: DocumentKind, access: Access) -> Document {
        Document {
            id,
            kind,
            version: String::new(),
            corpus: String::new(),
            title: self.title,
            sha256: sha256(self.text.as_bytes()),
            text: self.text,
            sections: self.sections,
            access,
            types: vec![],
            date: String::new(),
            venue: String::new(),
            ids: vec![],
            language: String::new(),
            standing: Standing::Current,
            invented: false,
            statements: vec![],
        }
    }
}

/// What is wrong with a document, if anything: its id, its sections, its hash.
pub(crate) fn problem(document: &Document) -> Option<String> {
    let id = &document.id.0;
    let wrong = |what: &str| Some(format!("{id}: {what}"));
    if !is_id(id) {
        return Some("an id is not of the form `pmid:123`".to_owned());
    }
    if document.version.chars().any(char::is_control) {
        return wrong("control characters in its version");
    }
    let mut last = 0;
    for section in &document.sections {
        if section.start < last || document.text.get(section.start..section.end).is_none() {
            return wrong("a section lies outside the text, overlaps another or cuts a character");
        }
        last = section.end;
    }
    if sha256(document.text.as_bytes()) != document.sha256 {
        return wrong("its text is not what was hashed");
    }
    None
}

/// `pmid:24265153`, `pmc:PMC123`: a known beginning and something short, without white space, after it.
fn is_id(id: &str) -> bool {
    let Some((scheme, rest)) = id.split_once(':') else { return false };
    ["pmid", "pmc", "doi", "nct", "civic", "file", "demo"].contains(&scheme)
        && !rest.is_empty()
        && rest.len() <= 200
        && !rest.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Publishers put it before the title: `RETRACTED: …`, `Retracted article: …`.
pub(crate) fn says_retracted(title: &str) -> bool {
    let start: String = title.trim_start_matches('[').chars().take(20).collect::<String>().to_lowercase();
    ["retracted:", "retracted article:", "retracted]"].iter().any(|mark| start.starts_with(mark))
}

/// Every run of white space becomes one space; control characters and soft hyphens go.
pub(crate) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push_tidy(&mut out, c);
    }
    out.truncate(out.trim_end().len());
    out
}

/// Adds a character of running text.
pub(crate) fn push_tidy(out: &mut String, c: char) {
    if c == '\u{ad}' || c == '\u{feff}' {
        return;
    }
    if !c.is_whitespace() && !c.is_control() {
        out.push(c);
    } else if !out.is_empty() && !out.ends_with([' ', '\n']) {
        out.push(' ');
    }
}

/// Compares versions as people read them: runs of digits by their value, the rest letter by letter.
pub(crate) fn newer(a: &str, b: &str) -> std::cmp::Ordering {
    let (mut left, mut right) = (runs(a), runs(b));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return std::cmp::Ordering::Equal,
            (None, Some(_)) => std::cmp::Ordering::Less,
            (Some(_), None) => std::cmp::Ordering::Greater,
            (Some(x), Some(y)) => run_key(x).cmp(&run_key(y)),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Digit runs compare by length without leading zeros, then letter by letter.
fn run_key(run: &str) -> (bool, usize, &str) {
    let digits = run.starts_with(|c: char| c.is_ascii_digit());
    let trimmed = if digits { run.trim_start_matches('0') } else { run };
    (digits, if digits { trimmed.len() } else { 0 }, trimmed)
}

fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()).scan(0, |at, run| {
        let start = *at;
        *at += run.len();
        text.get(start..*at)
    })
}

#[cfg(test)]
mod tests {
    use super::{newer, one_line};
    use std::cmp::Ordering;

    #[track_caller]
    fn check(older: &str, younger: &str) {
        assert_eq!(newer(older, younger), Ordering::Less, "{older} {younger}");
        assert_eq!(newer(younger, older), Ordering::Greater, "{younger} {older}");
    }

    #[test]
    fn versions_compare_by_their_numbers() {
        check("", "1");
        check("1 (2024-03-11)", "1 (2024-11-02)");
        check("1 (2024-11-02)", "2 (2020-01-01)");
        check("9", "10");
        check("2024-03", "2024-03-11");
        assert_eq!(newer("1 (2024-03-11)", "1 (2024-03-11)"), Ordering::Equal);
        assert_eq!(newer("007", "7"), Ordering::Equal);
    }

    #[test]
    fn white_space_becomes_one_space() {
        assert_eq!(one_line("  p\u{2009}<\u{a0}0.05\r\n\tof  co\u{ad}hort \u{0}"), "p < 0.05 of cohort");
    }

    proptest::proptest! {
        #[test]
        fn comparing_versions_is_an_order(a in "[0-9 a-b.]{0,6}", b in "[0-9 a-b.]{0,6}", c in "[0-9 a-b.]{0,6}") {
            proptest::prop_assert_eq!(newer(&a, &b), newer(&b, &a).reverse());
            if newer(&a, &b).is_le() && newer(&b, &c).is_le() {
                proptest::prop_assert!(newer(&a, &c).is_le());
            }
        }
    }
}
