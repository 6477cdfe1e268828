//! What does a settings file say? The part of YAML that parameter files use: block and flow maps and lists of scalars,
//! comments. Anchors, tags, multi-line strings and several documents are refused.

use crate::ImagingError;

/// A value of a settings file.
#[derive(Clone, Debug, PartialEq)]
pub enum Yaml {
    /// Empty, `null`, `~`, `None`.
    Null,
    /// A word, number or quoted text.
    Scalar(String),
    /// A list.
    List(Vec<Yaml>),
    /// A map, in its own order.
    Map(Vec<(String, Yaml)>),
}

impl Yaml {
    /// The text of a scalar, empty for anything else.
    pub fn word(&self) -> &str {
        if let Yaml::Scalar(word) = self { word } else { "" }
    }

    /// A finite number.
    pub fn number(&self, key: &str) -> Result<f64, ImagingError> {
        let parsed = self.word().parse().ok().filter(|n: &f64| n.is_finite());
        parsed.ok_or_else(|| ImagingError::setting(key, "must be a number"))
    }

    /// A whole number from 0 on.
    pub fn whole(&self, key: &str) -> Result<u32, ImagingError> {
        let n = self.number(key)?;
        let fits = n.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&n);
        if fits { Ok(n as u32) } else { Err(ImagingError::setting(key, "must be a whole number from 0 on")) }
    }

    /// True or false.
    pub fn switch(&self, key: &str) -> Result<bool, ImagingError> {
        match self.word().to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(ImagingError::setting(key, "must be true or false")),
        }
    }

    /// A list of `N` numbers, some of them left out.
    pub fn numbers<const N: usize>(&self, key: &str) -> Result<[Option<f64>; N], ImagingError> {
        let one = |item: &Yaml| if *item == Yaml::Null { Ok(None) } else { item.number(key).map(Some) };
        let items = if let Yaml::List(items) = self { items.as_slice() } else { &[] };
        let all = items.iter().map(one).collect::<Result<Vec<_>, _>>()?;
        all.try_into().map_err(|_| ImagingError::setting(key, format!("must be a list of {N} numbers")))
    }
}

fn bad(line: usize, what: &str) -> ImagingError {
    ImagingError::setting("file", format!("line {line}: {what}"))
}

/// A line that says something: number, indentation, text without comment.
struct Line {
    number: usize,
    indent: usize,
    text: String,
}

fn uncommented(line: &str) -> &str {
    let (mut quote, mut before) = (None, ' ');
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if before.is_whitespace() => return &line[..at],
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        before = c;
    }
    line
}

/// Reads a whole file.
pub fn parse(text: &str) -> Result<Yaml, ImagingError> {
    let mut lines = Vec::new();
    for (at, raw) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = uncommented(raw).trim_end();
        let text = line.trim_start_matches(' ');
        if text.is_empty() || (at == 0 && text == "---") {
            continue;
        }
        if text.starts_with(['\t', '&', '*', '!', '%', '|', '>']) || text == "---" {
            return Err(bad(at + 1, "tabs, anchors, tags and further documents are not read"));
        }
        lines.push(Line { number: at + 1, indent: line.len() - text.len(), text: text.to_owned() });
    }
    let mut rest = lines.as_slice();
    let value = block(&mut rest, 0, 0)?;
    rest.first()
        .map_or(Ok(value), |line| Err(bad(line.number, "is indented otherwise than what is before it")))
}

const DEEPEST: usize = 16;

fn block(rest: &mut &[Line], least: usize, depth: usize) -> Result<Yaml, ImagingError> {
    let Some(first) = rest.first().filter(|line| line.indent >= least) else { return Ok(Yaml::Null) };
    if depth > DEEPEST {
        return Err(bad(first.number, "is nested too deeply"));
    }
    let indent = first.indent;
    if first.text.starts_with(['{', '[']) {
        let value = flow(first.number, &first.text)?;
        *rest = &rest[1..];
        return Ok(value);
    }
    if first.text.starts_with("- ") || first.text == "-" {
        let mut list = Vec::new();
        while let Some(line) = rest.first().filter(|line| line.indent == indent && line.text.starts_with('-'))
        {
            list.push(flow(line.number, line.text[1..].trim())?);
            *rest = &rest[1..];
        }
        return Ok(Yaml::List(list));
    }
    let mut map: Vec<(String, Yaml)> = Vec::new();
    while let Some(line) = rest.first().filter(|line| line.indent == indent) {
        let Some((key, value)) = line.text.split_once(':') else {
            return Err(bad(line.number, "is no `key: value`"));
        };
        let (number, key, value) = (line.number, unquoted(key.trim()).to_owned(), value.trim().to_owned());
        if map.iter().any(|(known, _)| *known == key) {
            return Err(bad(number, "repeats a key"));
        }
        *rest = &rest[1..];
        // A list may stand at its key's own indentation.
        let list_here = rest.first().is_some_and(|next| next.indent == indent && next.text.starts_with('-'));
        let value = match value.as_str() {
            "" => block(rest, if list_here { indent } else { indent + 1 }, depth + 1)?,
            value => flow(number, value)?,
        };
        map.push((key, value));
    }
    Ok(Yaml::Map(map))
}

fn unquoted(word: &str) -> &str {
    let inner = |quote: char| word.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('\'').or_else(|| inner('"')).unwrap_or(word)
}

fn flow(line: usize, text: &str) -> Result<Yaml, ImagingError> {
    let mut rest = text;
    let value = flow_value(line, &mut rest, 0)?;
    if rest.trim().is_empty() { Ok(value) } else { Err(bad(line, "has words after its value")) }
}

fn flow_value(line: usize, rest: &mut &str, depth: usize) -> Result<Yaml, ImagingError> {
    *rest = rest.trim_start();
    if depth > DEEPEST {
        return Err(bad(line, "is nested too deeply"));
    }
    let close = match rest.chars().next() {
        Some('[') => ']',
        Some('{') => '}',
        Some('&' | '*' | '!' | '|' | '>' | '@' | '`') => {
            return Err(bad(line, "anchors, tags and blocks are not read"));
        }
        _ => return Ok(scalar(rest, depth > 0)),
    };
    *rest = rest[1..].trim_start();
    let (mut list, mut map) = (Vec::new(), Vec::new());
    loop {
        if let Some(after) = rest.strip_prefix(close) {
            *rest = after;
            return Ok(if close == ']' { Yaml::List(list) } else { Yaml::Map(map) });
        }
        if close == ']' {
            list.push(flow_value(line, rest, depth + 1)?);
        } else {
            let Some((key, after)) = rest.split_once(':') else { return Err(bad(line, "has an open brace")) };
            *rest = after;
            map.push((unquoted(key.trim()).to_owned(), flow_value(line, rest, depth + 1)?));
        }
        *rest = rest.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => *rest = after.trim_start(),
            None if rest.starts_with(close) => {}
            None => return Err(bad(line, "has an open bracket")),
        }
    }
}

fn scalar(rest: &mut &str, inside: bool) -> Yaml {
    let end = match rest.chars().next() {
        Some(quote @ ('\'' | '"')) => rest[1..].find(quote).map(|at| at + 2),
        _ if inside => rest.find([',', ']', '}']),
        _ => None,
    };
    let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
    *rest = after;
    match word.trim() {
        "" | "null" | "Null" | "NULL" | "~" | "None" => Yaml::Null,
        word => Yaml::Scalar(unquoted(word).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_and_flow_say_the_same() {
        let text = "setting:\n  binWidth: 25 # HU\n  resampledPixelSpacing: [1, 2, 3]\n  resegmentRange:\n  - -3\n  - 3\n\
                    imageType:\n  Original: {}\nfeatureClass:\n  shape:\n";
        let flow = "{setting: {binWidth: 25, 'resampledPixelSpacing': [1, 2, 3], resegmentRange: [-3, 3]}, \
                    imageType: {Original: {}}, featureClass: {shape: null}}";
        assert_eq!(parse(text).unwrap(), parse(flow).unwrap());
    }

    #[test]
    fn what_is_not_read_is_refused() {
        for text in [
            "a: &x 1",
            "a: 1\n  b: 2",
            "a: 1\na: 2",
            "a: [1, 2",
            "{a: 1",
            "a: 'x' y",
            "words",
            "---\na: 1\n---",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[a-c:\\[\\]{},'\"# \n&-]{0,60}") {
            let _ = parse(&text);
        }
    }
}
