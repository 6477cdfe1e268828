//! How does the page look, on screen and on A4?

use crate::brief;
use crate::words::{or_not_recorded, short};
use concilium_recommend::Plan;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// All rules that do not depend on the plan.
pub(crate) const SHEET: &str = include_str!("sheet.css");

/// The whole text of the page's one style element.
pub(crate) fn style(plan: &Plan) -> String {
    format!("{SHEET}{}", page_boxes(plan))
}

/// Running head and foot (CSS Paged Media, "Page-margin boxes"): they stand on every printed page.
fn page_boxes(plan: &Plan) -> String {
    let foot = foot(plan);
    let mut css = String::from("@page{");
    let below = format!("{}\n{}", foot.who, foot.what.join(" · "));
    for (place, text) in [("top-left", &foot.draft), ("top-right", &foot.rows), ("bottom-left", &below)] {
        let _ = write!(css, "@{place}{{content:{}}}", css_string(text));
    }
    css.push_str("@bottom-right{content:\"page \" counter(page) \" of \" counter(pages)}}\n");
    css
}

/// The footer of clinical rules, section 8, in its parts. The page count is the printer's.
pub(crate) struct Foot {
    pub(crate) draft: String,
    pub(crate) who: String,
    pub(crate) what: [String; 2],
    pub(crate) rows: String,
}

pub(crate) fn foot(plan: &Plan) -> Foot {
    let ids = plan.patient.identifiers.iter().take(2).cloned().collect::<Vec<_>>().join(" · ");
    let birth = format!("born {}", or_not_recorded(&plan.patient.birth_date));
    // Two identifiers: a record with one identifier is told apart by birth date, and the birth date always stands there.
    let who = format!("{} · {birth}", if ids.is_empty() { "identifier not recorded" } else { &ids });
    let m = &plan.manifest;
    Foot {
        draft: "DRAFT, decision support. People decide.".to_owned(),
        who,
        what: [
            format!("plan of {}", brief::instant(or_not_recorded(&m.as_of))),
            format!("manifest {} · knowledge of {}", short(&m.run), or_not_recorded(&m.knowledge_date)),
        ],
        rows: format!("unreviewed rows used: {} · reviewers: ____________________", plan.unreviewed.len()),
    }
}

/// A CSS string. All but plain letters, digits and a few signs become hexadecimal escapes (CSS Syntax, section 4.3.7),
/// so that no text can end the string, the rule or the style element.
fn css_string(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() || " .,:;-_/+".contains(letter) {
            out.push(letter);
        } else if letter == '\0' {
            out.push_str("\\fffd ");
        } else {
            let _ = write!(out, "\\{:x} ", u32::from(letter));
        }
    }
    out.push('"');
    out
}

/// `'sha256-…'` of a style element's text (Content Security Policy Level 3, "hash-source").
pub(crate) fn hash_source(style: &str) -> String {
    format!("'sha256-{}'", base64(&Sha256::digest(style.as_bytes())))
}

/// RFC 4648, section 4, with padding.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{base64, css_string};

    /// RFC 4648, section 10, test vectors.
    #[test]
    fn base64_agrees_with_the_rfc() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn a_css_string_cannot_be_left() {
        assert_eq!(css_string("a\"}</style>\n\\"), r#""a\22 \7d \3c /style\3e \a \5c ""#);
    }
}
