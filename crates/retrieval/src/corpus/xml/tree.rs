//! What stands in one record? A small tree of elements, read strictly.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Deepest nesting that is read.
const DEPTH: usize = 200;

/// An element; names without their prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Node>,
}

/// Element or text, in the order they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
}

/// Where reading failed and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// Byte within the record.
    pub at: u64,
    pub what: String,
}

/// Reads one record. Elements named in `skip` are checked and left out.
pub(crate) fn parse(bytes: &[u8], skip: &[&str]) -> Result<Element, Malformed> {
    if let Err(error) = std::str::from_utf8(bytes) {
        return Err(Malformed { at: error.valid_up_to() as u64, what: "not UTF-8".to_owned() });
    }
    let mut reader = Reader::from_reader(bytes);
    let mut builder = Builder { open: vec![], done: None, skipping: 0, skip };
    loop {
        let at = reader.buffer_position();
        let wrong = |what: String| Malformed { at, what };
        match reader.read_event().map_err(|error| wrong(error.to_string()))? {
            Event::Start(tag) => builder.start(&tag).map_err(wrong)?,
            Event::End(_) => builder.end(),
            Event::Empty(tag) => {
                builder.start(&tag).map_err(wrong)?;
                builder.end();
            }
            Event::Text(text) => builder.text(&String::from_utf8_lossy(&text)),
            Event::CData(text) => builder.text(&String::from_utf8_lossy(&text)),
            Event::GeneralRef(reference) => builder.reference(&reference).map_err(wrong)?,
            Event::DocType(_) => return Err(wrong("a document type inside a record".to_owned())),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::Eof => break,
        }
    }
    let at = bytes.len() as u64;
    match builder.done {
        Some(root) if builder.open.is_empty() && builder.skipping == 0 => Ok(root),
        _ => Err(Malformed { at, what: "an element is not closed".to_owned() }),
    }
}

struct Builder<'s> {
    open: Vec<Element>,
    done: Option<Element>,
    /// Depth below a skipped element; 0 = not skipping.
    skipping: usize,
    skip: &'s [&'s str],
}

impl Builder<'_> {
    fn start(&mut self, tag: &BytesStart) -> Result<(), String> {
        let name = String::from_utf8_lossy(tag.local_name().into_inner()).into_owned();
        if 0 < self.skipping || self.skip.contains(&name.as_str()) {
            self.skipping += 1;
            return Ok(());
        }
        if DEPTH <= self.open.len() {
            return Err("nested too deep".to_owned());
        }
        let mut element = Element { name, ..Element::default() };
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let name = String::from_utf8_lossy(attribute.key.local_name().into_inner()).into_owned();
            let value =
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            element.attributes.push((name, value.into_owned()));
        }
        self.open.push(element);
        Ok(())
    }

    fn end(&mut self) {
        if 0 < self.skipping {
            self.skipping -= 1;
            return;
        }
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.done = Some(element),
        }
    }

    fn text(&mut self, text: &str) {
        if 0 < self.skipping {
            return;
        }
        let Some(parent) = self.open.last_mut() else { return };
        match parent.children.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            Some(Node::Element(_)) | None => parent.children.push(Node::Text(text.to_owned())),
        }
    }

    /// `&amp;`, `&#8211;` and the usual names; others are errors, because only a file could define them.
    fn reference(&mut self, reference: &BytesRef) -> Result<(), String> {
        if let Some(c) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
            self.text(c.encode_utf8(&mut [0; 4]));
            return Ok(());
        }
        let name = reference.decode().map_err(|error| error.to_string())?;
        let known = quick_xml::escape::resolve_predefined_entity(&name).or_else(|| named(&name));
        match known {
            Some(text) => self.text(text),
            None => return Err("an entity that is not known".to_owned()),
        }
        Ok(())
    }
}

/// Names that files of publishers use without defining them (ISO 8879 and HTML sets: Greek, signs, spaces).
/// quick-xml's own HTML table is not used: version 0.41 gives `;` for `alpha`.
fn named(name: &str) -> Option<&'static str> {
    let found = NAMED.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| *text)
}

#[rustfmt::skip]
const NAMED: &[(&str, &str)] = &[
    ("nbsp", " "), ("ensp", " "), ("emsp", " "), ("thinsp", " "), ("shy", ""),
    ("ndash", "–"), ("mdash", "—"), ("minus", "−"), ("hellip", "…"), ("bull", "•"), ("middot", "·"),
    ("lsquo", "‘"), ("rsquo", "’"), ("ldquo", "“"), ("rdquo", "”"), ("prime", "′"), ("Prime", "″"),
    ("plusmn", "±"), ("times", "×"), ("divide", "÷"), ("le", "≤"), ("ge", "≥"), ("ne", "≠"), ("asymp", "≈"),
    ("deg", "°"), ("micro", "µ"), ("reg", "®"), ("copy", "©"), ("trade", "™"), ("sect", "§"), ("infin", "∞"),
    ("rarr", "→"), ("larr", "←"), ("harr", "↔"), ("uarr", "↑"), ("darr", "↓"), ("radic", "√"), ("sum", "∑"),
    ("alpha", "α"), ("beta", "β"), ("gamma", "γ"), ("delta", "δ"), ("epsilon", "ε"), ("zeta", "ζ"), ("eta", "η"),
    ("theta", "θ"), ("iota", "ι"), ("kappa", "κ"), ("lambda", "λ"), ("mu", "μ"), ("nu", "ν"), ("xi", "ξ"),
    ("pi", "π"), ("rho", "ρ"), ("sigma", "σ"), ("tau", "τ"), ("phi", "φ"), ("chi", "χ"), ("psi", "ψ"),
    ("omega", "ω"), ("Gamma", "Γ"), ("Delta", "Δ"), ("Theta", "Θ"), ("Lambda", "Λ"), ("Pi", "Π"), ("Sigma", "Σ"),
    ("Phi", "Φ"), ("Psi", "Ψ"), ("Omega", "Ω"),
    ("agrave", "à"), ("aacute", "á"), ("acirc", "â"), ("atilde", "ã"), ("auml", "ä"), ("aring", "å"), ("aelig", "æ"),
    ("ccedil", "ç"), ("egrave", "è"), ("eacute", "é"), ("ecirc", "ê"), ("euml", "ë"), ("iacute", "í"), ("icirc", "î"),
    ("iuml", "ï"), ("ntilde", "ñ"), ("oacute", "ó"), ("ocirc", "ô"), ("otilde", "õ"), ("ouml", "ö"), ("oslash", "ø"),
    ("uacute", "ú"), ("ucirc", "û"), ("uuml", "ü"), ("szlig", "ß"), ("Auml", "Ä"), ("Ouml", "Ö"), ("Uuml", "Ü"),
    ("Eacute", "É"), ("Oslash", "Ø"),
];

impl Element {
    /// Child elements.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Child elements of a name.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.elements().filter(move |element| element.name == name)
    }

    /// First child of a name, then its first child of the next name, and so on.
    pub fn at(&self, path: &[&str]) -> Option<&Element> {
        path.iter().try_fold(self, |element, name| element.elements().find(|child| child.name == **name))
    }

    /// Text at a path, markup flattened; empty when there is none.
    pub fn text_at(&self, path: &[&str]) -> String {
        self.at(path).map(super::flatten::inline).unwrap_or_default()
    }

    /// An attribute; empty when there is none.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Visits every element below, depth first, itself included.
    pub fn walk<'e>(&'e self, visit: &mut dyn FnMut(&'e Element)) {
        visit(self);
        self.elements().for_each(|child| child.walk(visit));
    }
}
