//! How does markup read as plain text? `10<sup>-3</sup>` must not become `10-3`.

use super::super::text::push_tidy;
use super::tree::{Element, Node};

/// Text of an element on one line: markup flattened, white space single.
pub(crate) fn inline(element: &Element) -> String {
    let mut out = String::new();
    children(element, &mut out);
    out.replace('\n', " ").trim().to_owned()
}

/// Text of an element with a line for each paragraph, list item and row.
pub(crate) fn block(element: &Element) -> String {
    let mut out = String::new();
    walk(element, &mut out);
    out.trim().to_owned()
}

fn children(element: &Element, out: &mut String) {
    for node in &element.children {
        match node {
            Node::Text(text) => text.chars().for_each(|c| push_tidy(out, c)),
            Node::Element(child) => walk(child, out),
        }
    }
}

fn walk(element: &Element, out: &mut String) {
    match element.name.as_str() {
        "sup" => {
            if !is_only_citations(element) {
                script(element, '^', out);
            }
        }
        "sub" | "inf" => script(element, '_', out),
        "xref" if is_citation(element) && element.elements().any(|child| child.name == "sup") => {}
        "msup" | "msub" | "msubsup" | "munderover" | "munder" | "mover" => scripts(element, out),
        "mfrac" => fraction(element, out),
        "msqrt" => {
            out.push_str("sqrt(");
            children(element, out);
            out.push(')');
        }
        "tex-math" => out.push_str("[formula]"),
        "alternatives" | "inline-formula" | "disp-formula" => formula(element, out),
        // Tables and figures stand inside paragraphs; their captions are read on their own.
        "table-wrap" | "fig" | "graphic" | "inline-graphic" | "media" | "annotation" | "object-id" | "fn" => {
        }
        "br" | "break" => push_tidy(out, ' '),
        "p" | "title" | "list-item" | "def-item" | "tr" | "caption" | "disp-quote" => {
            line(out);
            children(element, out);
            line(out);
        }
        "td" | "th" => {
            push_tidy(out, ' ');
            children(element, out);
            push_tidy(out, ' ');
        }
        _ => children(element, out),
    }
}

/// Starts a new line unless one has just been started.
fn line(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

/// A raised or lowered text keeps a mark where reading it on the line would change a number or a name.
fn script(element: &Element, mark: char, out: &mut String) {
    let inner = inline(element);
    let before = out.chars().next_back();
    if needs_mark(before, &inner, mark) {
        out.push(mark);
    }
    out.push_str(&inner);
}

/// `10^-3`, `mm^3`, `BRAF^V600E`; but `CD4+`, `177Lu`, `IC50`, `CO2`.
fn needs_mark(before: Option<char>, inner: &str, mark: char) -> bool {
    let (Some(before), Some(first)) = (before, inner.chars().next()) else { return false };
    match mark {
        '^' => {
            let on_something = before.is_alphanumeric() || before == ')' || before == ']';
            on_something && inner.chars().any(char::is_alphanumeric)
        }
        _ => before.is_ascii_digit() && first.is_alphanumeric(),
    }
}

/// Base, then lowered, then raised.
fn scripts(element: &Element, out: &mut String) {
    let marks = match element.name.as_str() {
        "msup" | "mover" => ['^', '^'],
        _ => ['_', '^'],
    };
    for (place, child) in element.elements().enumerate() {
        match place {
            0 => walk(child, out),
            _ => {
                out.push(marks[(place - 1).min(1)]);
                grouped(child, out);
            }
        }
    }
}

fn fraction(element: &Element, out: &mut String) {
    for (place, child) in element.elements().enumerate() {
        if 0 < place {
            out.push('/');
        }
        grouped(child, out);
    }
}

/// In brackets when it is more than one word of letters and digits.
fn grouped(element: &Element, out: &mut String) {
    let mut inner = String::new();
    walk(element, &mut inner);
    let inner = inner.trim();
    let simple = inner.trim_start_matches(['-', '−']).chars().all(|c| c.is_alphanumeric() || c == '.');
    if simple {
        out.push_str(inner);
    } else {
        out.push('(');
        out.push_str(inner);
        out.push(')');
    }
}

/// A formula is told once, from MathML where there is any.
fn formula(element: &Element, out: &mut String) {
    let mut math = None;
    element.walk(&mut |child| {
        if child.name == "math" && math.is_none() {
            math = Some(child);
        }
    });
    match math {
        Some(math) => children(math, out),
        None if element.name == "alternatives" && element.at(&["tex-math"]).is_some() => {
            out.push_str("[formula]")
        }
        None => children(element, out),
    }
}

fn is_citation(element: &Element) -> bool {
    element.name == "xref" && element.attribute("ref-type") == "bibr"
}

/// Raised reference numbers are no exponents.
fn is_only_citations(element: &Element) -> bool {
    let loose = element.children.iter().any(|node| match node {
        Node::Text(text) => text.chars().any(char::is_alphanumeric),
        Node::Element(child) => !is_citation(child),
    });
    !loose && element.elements().next().is_some()
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;

    #[track_caller]
    fn check(xml: &str, expect: &str) {
        let tree = parse(format!("<x>{xml}</x>").as_bytes(), &[]).expect("well-formed");
        assert_eq!(super::inline(&tree), expect);
    }

    #[test]
    fn raised_and_lowered_text_keeps_its_meaning() {
        check("p = 3 × 10<sup>-3</sup>", "p = 3 × 10^-3");
        check("a mean of 85 mg/m<sup>2</sup>", "a mean of 85 mg/m^2");
        check("<i>BRAF</i><sup>V600E</sup> melanoma", "BRAF^V600E melanoma");
        check("<sup>177</sup>Lu and [<sup>68</sup>Ga]", "177Lu and [68Ga]");
        check("CD4<sup>+</sup> cells, IC<sub>50</sub>, CO<sub>2</sub>", "CD4+ cells, IC50, CO2");
        check("log10<sub>2</sub>", "log10_2");
    }

    #[test]
    fn citations_are_no_exponents() {
        check(
            "in 30<sup><xref ref-type=\"bibr\">12</xref>,<xref ref-type=\"bibr\">13</xref></sup> patients",
            "in 30 patients",
        );
        check("in 30<xref ref-type=\"bibr\"><sup>12</sup></xref> patients", "in 30 patients");
        check("as reported [<xref ref-type=\"bibr\">12</xref>]", "as reported [12]");
    }

    #[test]
    fn formulas_are_told_once() {
        check(
            "<mml:math xmlns:mml=\"m\"><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math>",
            "x^2",
        );
        check("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac></math>", "(a+b)/c");
        check("<math><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></math>", "x_i^2");
        check("<alternatives><tex-math>\\x</tex-math><math><mi>k</mi></math></alternatives>", "k");
        check(
            "by <inline-formula><tex-math>\\documentclass</tex-math></inline-formula> here",
            "by [formula] here",
        );
    }

    #[test]
    fn entities_comments_and_cdata_are_read() {
        check(
            "a &lt; b &amp; c &#x2265; d &alpha;&nbsp;e<!-- not this --><![CDATA[ <f> ]]>",
            "a < b & c ≥ d α e <f>",
        );
    }
}
