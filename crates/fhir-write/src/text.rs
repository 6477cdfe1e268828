//! How does any text become a FHIR string, Markdown or XHTML that means the same and nothing more?

use fhir_sdk::r4b::codes::NarrativeStatus;
use fhir_sdk::r4b::types::Narrative;

/// FHIR R4, "string": no control characters but tab and line ends, not empty. `None` when nothing is left.
pub fn string(text: &str) -> Option<String> {
    let clean: String = text.chars().map(|c| if is_allowed(c) { c } else { ' ' }).collect();
    let clean = clean.trim();
    (!clean.is_empty()).then(|| clean.to_owned())
}

/// XML 1.0, "Char": what may stand in a narrative may stand in a string.
fn is_allowed(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r')
        || !(letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}'))
}

/// Text that Markdown draws as itself (CommonMark 0.31.2, section 2.4), on one line.
pub fn markdown(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for letter in string(text)?.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => out.extend(['\\', letter]),
            '\t' | '\n' | '\r' => out.push(' '),
            other => out.push(other),
        }
    }
    Some(out)
}

/// A generated narrative: headings, paragraphs and lists of escaped text, nothing else.
#[derive(Default)]
pub struct Page {
    body: String,
}

impl Page {
    /// A heading.
    pub fn heading(&mut self, text: &str) {
        self.element("h2", text);
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str) {
        self.element("p", text);
    }

    /// A list; without lines nothing.
    pub fn list(&mut self, lines: impl IntoIterator<Item = String>) {
        let before = self.body.len();
        self.body.push_str("<ul>");
        let empty = self.body.len();
        lines.into_iter().for_each(|line| self.element("li", &line));
        if self.body.len() == empty {
            self.body.truncate(before);
        } else {
            self.body.push_str("</ul>");
        }
    }

    fn element(&mut self, tag: &str, text: &str) {
        let Some(text) = string(text) else { return };
        self.body.push_str(&format!("<{tag}>{}</{tag}>", escape(&text)));
    }

    /// The narrative.
    pub fn narrative(self) -> Result<Narrative, fhir_sdk::BuilderError> {
        let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div>", self.body);
        Narrative::builder().status(NarrativeStatus::Generated).div(div).build()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{Page, markdown, string};

    #[track_caller]
    fn check(text: &str, as_string: Option<&str>, as_markdown: Option<&str>) {
        assert_eq!(string(text).as_deref(), as_string, "{text:?}");
        assert_eq!(markdown(text).as_deref(), as_markdown, "{text:?}");
    }

    #[test]
    fn text_means_itself_and_nothing_more() {
        check(" lung ", Some("lung"), Some("lung"));
        check("", None, None);
        check(" \u{0}\u{7} ", None, None);
        check("a\u{b}b\u{ffff}", Some("a b"), Some("a b"));
        check("DPYD *1/*2A", Some("DPYD *1/*2A"), Some("DPYD \\*1/\\*2A"));
        check("<b>1 & 2</b>", Some("<b>1 & 2</b>"), Some("&lt;b&gt;1 &amp; 2&lt;/b&gt;"));
        check("two\nlines", Some("two\nlines"), Some("two lines"));
    }

    #[test]
    fn a_page_holds_escaped_text_and_no_empty_element() {
        let mut page = Page::default();
        page.heading("a < b");
        page.paragraph(" ");
        page.list([]);
        page.list(["\"x\"".to_owned(), String::new()]);
        let narrative = page.narrative().expect("complete");
        assert_eq!(
            narrative.div,
            "<div xmlns=\"http://www.w3.org/1999/xhtml\"><h2>a &lt; b</h2><ul><li>&quot;x&quot;</li></ul></div>"
        );
    }
}
