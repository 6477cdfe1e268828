//! Words, numbers and signs of a sentence, with their places in the note.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Number,
    Sign,
}

/// One token; bytes of the note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
}

/// The tokens of a stretch of a note.
pub(crate) struct Tokens<'t> {
    /// The whole note.
    pub text: &'t str,
    /// In order.
    pub list: Vec<Token>,
    lower: String,
    from: usize,
}

impl<'t> Tokens<'t> {
    /// `start..end` must lie on character boundaries.
    pub fn new(text: &'t str, start: usize, end: usize) -> Tokens<'t> {
        let part = text.get(start..end).unwrap_or("");
        // Only ASCII is lowered, so that places stay the same.
        Tokens { text, list: cut(part, start), lower: part.to_ascii_lowercase(), from: start }
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Lower-case letters of a token; empty beyond the ends.
    pub fn word(&self, at: usize) -> &str {
        let Some(token) = self.list.get(at) else { return "" };
        self.lower.get(token.start - self.from..token.end - self.from).unwrap_or("")
    }

    /// As written; empty beyond the ends.
    pub fn raw(&self, at: usize) -> &'t str {
        self.list.get(at).and_then(|token| self.text.get(token.start..token.end)).unwrap_or("")
    }

    /// The number at a place; thousands may be parted by commas.
    pub fn number(&self, at: usize) -> Option<f64> {
        let token = self.list.get(at).filter(|token| token.kind == Kind::Number)?;
        let value: f64 = self.text.get(token.start..token.end)?.replace(',', "").parse().ok()?;
        value.is_finite().then_some(value)
    }

    /// A small whole number, in digits or as a word.
    pub fn whole(&self, at: usize) -> Option<u32> {
        let spelled = NUMBERS.iter().position(|word| *word == self.word(at));
        spelled.and_then(|at| u32::try_from(at).ok()).or_else(|| self.raw(at).parse().ok())
    }

    /// Nothing stands between a token and the one before.
    pub fn glued(&self, at: usize) -> bool {
        match (at.checked_sub(1).and_then(|before| self.list.get(before)), self.list.get(at)) {
            (Some(before), Some(token)) => before.end == token.start,
            _ => false,
        }
    }

    /// First token that starts at or behind a byte of the note.
    pub fn at_or_after(&self, byte: usize) -> usize {
        self.list.partition_point(|token| token.start < byte)
    }
}

/// Numbers as words, from zero.
const NUMBERS: [&str; 13] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
];

fn cut(part: &str, from: usize) -> Vec<Token> {
    let mut list: Vec<Token> = vec![];
    let mut chars = part.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let kind = match () {
            () if c.is_whitespace() => continue,
            () if c.is_ascii_digit() => Kind::Number,
            () if c.is_alphabetic() => Kind::Word,
            () => Kind::Sign,
        };
        let mut end = at + c.len_utf8();
        while let Some(&(next, d)) = chars.peek() {
            let goes_on = match kind {
                Kind::Word => d.is_alphabetic() || ('\u{300}'..='\u{36f}').contains(&d),
                Kind::Number => d.is_ascii_digit() || joins_digits(part.as_bytes(), at, next),
                Kind::Sign => false,
            };
            if !goes_on {
                break;
            }
            end = next + d.len_utf8();
            chars.next();
        }
        list.push(Token { start: from + at, end: from + end, kind });
    }
    list
}

/// A point before a digit, once; a comma before exactly three digits.
fn joins_digits(bytes: &[u8], start: usize, at: usize) -> bool {
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    match bytes[at] {
        b'.' => digit(at + 1) && !bytes[start..at].contains(&b'.'),
        b',' => {
            !bytes[start..at].contains(&b'.')
                && (at + 1..at + 4).all(digit)
                && !digit(at + 4)
                && at - start <= 3 + bytes[start..at].iter().filter(|b| **b == b',').count() * 4
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Tokens;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let tokens = Tokens::new(text, 0, text.len());
        let found: Vec<&str> = (0..tokens.len()).map(|at| tokens.raw(at)).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn words_numbers_and_signs() {
        check("Hb 8.4 g/dL.", &["Hb", "8.4", "g", "/", "dL", "."]);
        check("1,200, 1,2 and 12,345,678", &["1,200", ",", "1", ",", "2", "and", "12,345,678"]);
        check("90k É±2", &["90", "k", "É", "±", "2"]);
        check("1.2.3", &["1.2", ".", "3"]);
    }
}
