//! Is this picture a plain drawing that may stand in the page as it is?
//!
//! Pictures arrive as text. Only shapes and words are let through: no scripts, links, styles, ids or foreign content.

const ELEMENTS: [&str; 8] = ["svg", "g", "title", "desc", "path", "line", "rect", "text"];
const ATTRIBUTES: [&str; 25] = [
    "xmlns",
    "role",
    "viewBox",
    "width",
    "height",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "rx",
    "d",
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "font-family",
    "font-size",
    "font-weight",
    "text-anchor",
    "class",
    "aria-label",
    "opacity",
    "transform",
];

/// `Err` names the first thing that is no part of a plain drawing.
pub(crate) fn check(svg: &str) -> Result<(), String> {
    let svg = svg.trim();
    if !svg.starts_with("<svg ") || !svg.ends_with("</svg>") {
        return Err("it is not one svg element".to_owned());
    }
    let mut open: Vec<&str> = vec![];
    let mut rest = svg;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').ok_or("a tag has no end")? + at;
        check_tag(&rest[at + 1..end], &mut open)?;
        rest = &rest[end + 1..];
        if open.is_empty() && !rest.is_empty() {
            return Err("something follows the svg element".to_owned());
        }
    }
    if open.is_empty() { Ok(()) } else { Err("an element is not closed".to_owned()) }
}

fn check_tag<'a>(tag: &'a str, open: &mut Vec<&'a str>) -> Result<(), String> {
    if let Some(name) = tag.strip_prefix('/') {
        return if open.pop() == Some(name) { Ok(()) } else { Err(format!("`{name}` closes nothing")) };
    }
    let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
    let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
    if !ELEMENTS.contains(&name) {
        return Err(format!("element `{name}`"));
    }
    if !empty {
        open.push(name);
    }
    check_attributes(attributes.trim())
}

/// `name="value"` pairs, double-quoted, and nothing else.
fn check_attributes(mut rest: &str) -> Result<(), String> {
    while !rest.is_empty() {
        let (name, tail) = rest.split_once("=\"").ok_or_else(|| format!("`{rest}` is not an attribute"))?;
        let (value, tail) = tail.split_once('"').ok_or_else(|| format!("`{name}` has no end"))?;
        if !ATTRIBUTES.contains(&name) {
            return Err(format!("attribute `{name}`"));
        }
        if name != "xmlns" && (value.contains("url(") || value.contains("script:")) {
            return Err(format!("value of `{name}`"));
        }
        rest = tail.trim_start();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_plain_drawing_passes() {
        assert_eq!(
            check(
                "<svg xmlns=\"http://www.w3.org/2000/svg\"><g><title>a &lt; b</title><rect x=\"1\"/></g></svg>\n"
            ),
            Ok(())
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for odd in [
            "",
            "<p>text</p>",
            "<svg x=\"1\"><script>1</script></svg>",
            "<svg x=\"1\"><g onload=\"1\"></g></svg>",
            "<svg x=\"1\"><a href=\"#\"></a></svg>",
            "<svg x=\"1\"></svg><script>1</script><svg x=\"1\"></svg>",
            "<svg x=\"1\"><rect fill=\"url(http://a)\"/></svg>",
            "<svg x=\"1\"><!-- --></svg>",
            "<svg x=\"1\"><g></svg>",
            "<svg x='1'></svg>",
        ] {
            assert!(check(odd).is_err(), "{odd}");
        }
    }
}
