//! Which lines of an eligibility text belong together, under which heading? Every line that is not blank lands in an
//! item or is a heading: nothing falls away.

use concilium_criteria::eligibility::{Role, TextSpan};

/// One bullet, numbered line or paragraph with what is nested under it.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Its own words, without bullet and children.
    pub span: TextSpan,
    pub children: Vec<Item>,
    pub role: Role,
    /// Number of the heading it stands under: nothing joins across one.
    pub section: usize,
    indent: usize,
    marker: Marker,
    /// A paragraph in its own right, set off by a blank line.
    paragraph: bool,
    /// Stands for its children, any of which will do.
    pub joined: bool,
}

impl Item {
    /// Takes another alternative.
    pub fn join(&mut self, other: Item) {
        if !self.joined {
            let own = self.clone();
            self.span.end = self.end();
            self.children = vec![own];
            self.joined = true;
        }
        self.children.push(other);
    }

    /// A line without bullet or number.
    pub fn is_paragraph(&self) -> bool {
        self.marker == Marker::None
    }

    /// Last byte of it and of all under it.
    pub fn end(&self) -> usize {
        self.children.last().map_or(self.span.end, Item::end)
    }
}

/// An eligibility text, cut.
#[derive(Clone, Debug, Default)]
pub(crate) struct Structure {
    pub items: Vec<Item>,
    /// Lines that only say what follows.
    pub headings: Vec<TextSpan>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marker {
    None,
    Bullet(char),
    Number,
    Letter,
    Roman,
    Bracketed,
}

/// A line without its break.
struct Line {
    start: usize,
    end: usize,
    blank_before: bool,
}

/// Longest text that is cut; what is longer is no criteria.
pub(crate) const LONGEST: usize = 1 << 20;

/// Cuts a text.
pub(crate) fn structure(text: &str) -> Structure {
    let mut found = Structure::default();
    let mut flat: Vec<Item> = vec![];
    let mut role = Role::Inclusion;
    let mut section = 0;
    for mut line in lines(text) {
        let mut start = line.start;
        if let Some((new_role, behind)) = opening(&text[start..line.end]) {
            role = new_role;
            section += 1;
            found.headings.push(trimmed(text, start, start + behind));
            start += behind;
            // What stands behind a heading goes on with nothing before it.
            line.blank_before = true;
            if text[start..line.end].trim().is_empty() {
                flat.push(Item {
                    span: TextSpan { start, end: start },
                    children: vec![],
                    role,
                    section,
                    indent: 0,
                    marker: Marker::None,
                    paragraph: true,
                    joined: false,
                });
                continue;
            }
        }
        take(text, &line, start, (role, section), &mut flat);
    }
    let numbered: Vec<Item> = flat
        .into_iter()
        .filter(|item| item.span.start < item.span.end)
        .flat_map(|item| renumbered(text, item))
        .collect();
    found.items = nested(numbered);
    found
}

fn lines(text: &str) -> Vec<Line> {
    let (mut found, mut at, mut blank): (Vec<Line>, usize, bool) = (vec![], 0, true);
    for piece in text.split_inclusive('\n') {
        let (start, end) = (at, at + piece.trim_end().len());
        at += piece.len();
        if piece.trim().is_empty() {
            blank = true;
            continue;
        }
        // A heading inside a line: `… Exclusion Criteria: 1. …`.
        let mut from = start;
        for cut in inner_headings(&text[start..end]) {
            let cut = start + cut;
            if from < cut && !text[from..cut].trim().is_empty() {
                found.push(Line {
                    start: from,
                    end: from + text[from..cut].trim_end().len(),
                    blank_before: blank,
                });
                from = cut;
                blank = true;
            }
        }
        found.push(Line { start: from, end, blank_before: blank });
        blank = false;
    }
    found
}

fn inner_headings(line: &str) -> Vec<usize> {
    let lower = line.to_ascii_lowercase();
    let mut found = vec![];
    for name in ["inclusion criteria:", "exclusion criteria:", "inclusion criteria :", "exclusion criteria :"]
    {
        for (at, _) in lower.match_indices(name) {
            let before = line[..at].trim_end();
            if before.ends_with(['.', ';', ')'])
                || before.ends_with("Key") && before.trim_end_matches("Key").trim_end().ends_with('.')
            {
                found.push(at);
            }
        }
    }
    found.sort_unstable();
    found
}

fn trimmed(text: &str, start: usize, end: usize) -> TextSpan {
    let inner = &text[start..end];
    let from = start + (inner.len() - inner.trim_start().len());
    TextSpan { start: from, end: (from + inner.trim().len()).max(from) }
}

/// A line that opens a section: role, and how many of its bytes are heading.
fn opening(line: &str) -> Option<(Role, usize)> {
    let colon = line.find(':');
    let head = &line[..colon.unwrap_or(line.len())];
    let lower = head.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    let has = |word: &str| words.contains(&word);
    let end = colon.map_or(line.len(), |colon| colon + 1);
    let behind_is_text = colon.is_some() && !line[end..].trim().is_empty();
    if words.is_empty() || 10 < words.len() || head.trim_start().starts_with("Other ") && has("apply") {
        return None;
    }
    let old = ["characteristics", "therapy"];
    let capitals = head.chars().filter(|c| c.is_lowercase()).count() == 0;
    if capitals && colon.is_some() && words.iter().any(|word| old.contains(word)) && words.len() <= 4 {
        return Some((Role::Inclusion, end));
    }
    let role = match (has("inclusion") || has("include") && has("criteria"), has("exclusion")) {
        (true, false) => Role::Inclusion,
        (false, true) => Role::Exclusion,
        _ => return None,
    };
    let criteria = has("criteria")
        || has("criterion")
        || has("criterions")
        || words.len() <= 3 && colon.is_some()
        || words.len() == 1;
    let sentence = head.trim_end().ends_with('.') && 4 < words.len();
    let verbs = ["meet", "apply", "met", "eligible", "must", "patients", "subjects", "participants"];
    let verb = words.iter().any(|word| verbs.contains(word)) && behind_is_text;
    (criteria && !sentence && !verb && (colon.is_some() || words.len() <= 6)).then_some((role, end))
}

fn take(text: &str, line: &Line, start: usize, (role, section): (Role, usize), flat: &mut Vec<Item>) {
    let body = &text[start..line.end];
    let indent: usize =
        body.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 4 } else { 1 }).sum();
    let inner = start + (body.len() - body.trim_start().len());
    let (marker, length) = marker(&text[inner..line.end]);
    let span = trimmed(text, inner + length, line.end);
    if marker == Marker::None
        && let Some(last) = flat.last_mut().filter(|last| last.span.start < last.span.end)
    {
        let before = text[..last.span.end].trim_end();
        let open = !before.ends_with(['.', ':', ';', '?', '!']);
        let lower = text[span.start..].chars().next().is_some_and(char::is_lowercase);
        let hangs = last.marker != Marker::None && last.indent < indent;
        let goes_on = !line.blank_before
            && (hangs
                || open && lower
                || last.marker == Marker::None && open && !body.is_empty() && previous_is_long(text, last));
        if goes_on && last.section == section {
            last.span.end = span.end;
            return;
        }
    }
    let paragraph = marker == Marker::None && line.blank_before;
    flat.push(Item { span, children: vec![], role, section, indent, marker, paragraph, joined: false });
}

/// A wrapped line is long.
fn previous_is_long(text: &str, last: &Item) -> bool {
    let line = text[..last.span.end].rsplit('\n').next().unwrap_or("");
    70 < line.len()
}

/// The bullet or number a line starts with, and its bytes with the blanks behind.
fn marker(line: &str) -> (Marker, usize) {
    let blanks = |from: usize| line[from..].len() - line[from..].trim_start().len();
    let mut chars = line.chars();
    let first = chars.next().unwrap_or(' ');
    if "*•·-–—▪●◦○➢✓■□➤".contains(first) || (first == 'o' && line[1..].starts_with([' ', '\t']))
    {
        let length = first.len_utf8();
        let blank = blanks(length);
        // `-5` is a number, `**` emphasis.
        if 0 < blank || "•·▪●◦○➢✓■□➤".contains(first) {
            let (_, inner) = marker_number(&line[length + blank..]);
            return (Marker::Bullet(first), length + blank + inner);
        }
        if first != '*' && first != '-'
            || !line[length..].starts_with(|c: char| c.is_ascii_digit() || c == '*') && first == '-'
        {
            return (Marker::Bullet(first), length);
        }
        return (Marker::None, 0);
    }
    marker_number(line)
}

/// `1.`, `1\.`, `(1)`, `1)`, `a.`, `(a)`, `iv)`, `1.2`, `I1.`
fn marker_number(line: &str) -> (Marker, usize) {
    let open = usize::from(line.starts_with('('));
    let rest = &line[open..];
    let core = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len());
    let label = rest[..core].trim_end_matches('.');
    if label.is_empty() || 6 < label.len() {
        return (Marker::None, 0);
    }
    let mut next = open + label.len();
    if line[next..].starts_with('\\') {
        next += 1;
    }
    let closing = line[next..].chars().next().unwrap_or(' ');
    let dotted = label.contains('.');
    if !matches!(closing, '.' | ')' | ':') && !dotted
        || open == 1 && closing != ')'
        || closing == ':' && !label.bytes().all(|b| b.is_ascii_digit())
    {
        return (Marker::None, 0);
    }
    if matches!(closing, '.' | ')' | ':') {
        next += 1;
    }
    if line[next..].starts_with(')') {
        next += 1;
    }
    let blank = line[next..].len() - line[next..].trim_start().len();
    let digits = label.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let roman = label.len() <= 4 && label.bytes().all(|b| b"ivxIVX".contains(&b));
    let kind = match () {
        () if digits && label.len() <= 5 => Marker::Number,
        () if roman && 1 < label.len() || label == "i" => Marker::Roman,
        () if label.len() == 1 && label.bytes().all(|b| b.is_ascii_alphabetic()) => Marker::Letter,
        () if label.len() <= 4
            && label.starts_with(|c: char| c.is_ascii_uppercase())
            && label[1..].bytes().all(|b| b.is_ascii_digit() || b == b'.') =>
        {
            Marker::Number
        }
        () => return (Marker::None, 0),
    };
    // `1.5 x ULN` is no number of a line; neither is `2.` without anything behind.
    if blank == 0 && closing != ')' && !line[next..].starts_with(|c: char| c.is_uppercase())
        || dotted && !matches!(closing, '.' | ')') && blank == 0
    {
        return (Marker::None, 0);
    }
    if digits
        && dotted
        && closing != ')'
        && closing != '.'
        && !line[next..].trim_start().starts_with(|c: char| c.is_uppercase())
    {
        return (Marker::None, 0);
    }
    (if open == 1 && kind == Marker::Number { Marker::Bracketed } else { kind }, next + blank)
}

/// `… 2. … 3. …` inside one item becomes items.
fn renumbered(text: &str, item: Item) -> Vec<Item> {
    let own = &text[item.span.start..item.span.end];
    let before = text[..item.span.start].trim_end();
    let digits: String = before
        .trim_end_matches(['.', ')', '\\', ' '])
        .chars()
        .rev()
        .take_while(char::is_ascii_digit)
        .collect();
    let first: Option<u32> = digits.chars().rev().collect::<String>().parse().ok();
    let mut number = match (item.marker, first) {
        (Marker::Number | Marker::Bracketed, Some(first)) => first,
        (Marker::None, _) | (Marker::Bullet(_), _) => 0,
        _ => return vec![item],
    };
    let mut cuts: Vec<(usize, usize)> = vec![];
    let mut from = 0;
    if number == 0 {
        // A paragraph that numbers its own sentences starts with one.
        match find_number(own, 0, 1) {
            Some((at, end))
                if own[..at].trim_end().ends_with([':', '.']) && find_number(own, end, 2).is_some() =>
            {
                cuts.push((at, end));
                (from, number) = (end, 1);
            }
            _ => return vec![item],
        }
    }
    while let Some((at, end)) = find_number(own, from, number + 1) {
        cuts.push((at, end));
        (from, number) = (end, number + 1);
    }
    if cuts.is_empty() {
        return vec![item];
    }
    let mut found = vec![];
    let mut start = item.span.start;
    for (at, end) in cuts {
        let span = trimmed(text, start, item.span.start + at);
        if span.start < span.end {
            found.push(Item { span, children: vec![], ..item.clone() });
        }
        start = item.span.start + end;
    }
    let span = trimmed(text, start, item.span.end);
    if span.start < span.end {
        found.push(Item { span, children: vec![], ..item });
    }
    found
}

/// ` 3. Word` or ` 3) Word`: where it starts and where the words start.
fn find_number(text: &str, from: usize, number: u32) -> Option<(usize, usize)> {
    let wanted = number.to_string();
    for (at, _) in text[from..].match_indices(&wanted) {
        let at = from + at;
        let before = text[..at].chars().next_back();
        let open = before == Some('(');
        let boundary = before.is_none_or(char::is_whitespace) || open;
        let rest = &text[at + wanted.len()..];
        let rest_plain = rest.strip_prefix('\\').unwrap_or(rest);
        let closes = rest_plain.starts_with(['.', ')']) && (!open || rest_plain.starts_with(')'));
        let behind = rest_plain.get(1..).unwrap_or("");
        let word = behind.starts_with(char::is_whitespace)
            && behind.trim_start().starts_with(|c: char| c.is_uppercase() || "≥≤<>\\".contains(c));
        let head = text[..at].trim_end_matches('(').trim_end();
        let sentence = head.is_empty()
            || head.ends_with(['.', ';', ':', ',', ')'])
            || head.chars().next_back().is_some_and(char::is_alphanumeric) && !rest_plain.starts_with('.');
        if boundary && closes && word && sentence {
            let words = text.len() - behind.trim_start().len();
            return Some((if open { at - 1 } else { at }, words));
        }
    }
    None
}

/// Puts items under those they are indented below.
fn nested(flat: Vec<Item>) -> Vec<Item> {
    let mut roots: Vec<Item> = vec![];
    let mut open: Vec<Item> = vec![];
    for item in flat {
        while let Some(top) = open.last() {
            let deeper = top.section == item.section
                && (top.indent < item.indent && !(item.paragraph && top.marker == Marker::None)
                    || top.indent == item.indent && below_by_kind(&open, &item));
            if deeper {
                break;
            }
            close(&mut open, &mut roots);
        }
        open.push(item);
    }
    while !open.is_empty() {
        close(&mut open, &mut roots);
    }
    roots
}

/// `a.` behind `1.` at the same indent is below it, and a bullet behind a paragraph that ends with a colon.
fn below_by_kind(open: &[Item], item: &Item) -> bool {
    let Some(top) = open.last() else { return false };
    let seen = open.iter().any(|above| above.indent == item.indent && same_kind(above.marker, item.marker));
    let kinds = matches!(
        (top.marker, item.marker),
        (Marker::Number | Marker::Bracketed, Marker::Letter | Marker::Roman | Marker::Bullet(_))
            | (Marker::Letter, Marker::Roman | Marker::Bullet(_))
    );
    kinds && !seen
}

fn same_kind(one: Marker, two: Marker) -> bool {
    std::mem::discriminant(&one) == std::mem::discriminant(&two)
}

fn close(open: &mut Vec<Item>, roots: &mut Vec<Item>) {
    if let Some(done) = open.pop() {
        match open.last_mut() {
            Some(parent) => parent.children.push(done),
            None => roots.push(done),
        }
    }
}
