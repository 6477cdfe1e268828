//! Which pieces does a clause consist of? Words, numbers and signs with their bytes; escapes of the registry are blanks.

use concilium_terms::lexicon::plain_word;
use std::sync::OnceLock;

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Letters, digits behind a letter among them (`T790M`, `CD20`).
    Word,
    /// A number; thousands separators are read.
    Number(f64),
    /// `<`, `>`, `=`, `(`, `,` … one sign a piece.
    Sign(char),
}

/// One piece.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Kind.
    pub kind: Kind,
    /// Words: lower case, American, without plural `s`. Signs and numbers: as written.
    pub norm: String,
    /// Nothing stands between it and the piece before.
    pub glued: bool,
}

impl Token {
    /// Is it this sign?
    pub fn is(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    /// Its number.
    pub fn number(&self) -> Option<f64> {
        match self.kind {
            Kind::Number(value) => Some(value),
            Kind::Word | Kind::Sign(_) => None,
        }
    }
}

/// The pieces of `text[from..to]`, with offsets into `text`.
pub(crate) fn tokens(text: &str, from: usize, to: usize) -> Vec<Token> {
    let mut found: Vec<Token> = vec![];
    let mut at = from;
    while let Some(c) = text.get(at..to).and_then(|rest| rest.chars().next()) {
        let end = match c {
            c if c.is_whitespace() || is_blank(c) => {
                at += c.len_utf8();
                continue;
            }
            c if c.is_ascii_digit() => number_end(&text[..to], at),
            c if c.is_alphabetic() => word_end(&text[..to], at),
            c => at + c.len_utf8(),
        };
        let written = &text[at..end];
        let kind = match c {
            c if c.is_ascii_digit() => written.replace(',', "").parse().map_or(Kind::Word, Kind::Number),
            c if c.is_alphabetic() => Kind::Word,
            c => Kind::Sign(plain_sign(c)),
        };
        let norm = if kind == Kind::Word { plain_word(written) } else { written.to_owned() };
        let glued = found.last().is_some_and(|last| last.end == at);
        found.push(Token { start: at, end, kind, norm, glued });
        at = end;
    }
    found
}

/// Guards of the registry's Markdown, emphasis, and marks that carry nothing.
fn is_blank(c: char) -> bool {
    matches!(c, '\\' | '*' | '_' | '"' | '“' | '”' | '`' | '\u{ad}' | '\u{feff}' | '®' | '™' | '†' | '‡')
}

fn plain_sign(c: char) -> char {
    match c {
        '‐' | '‑' | '‒' | '–' | '—' | '−' | '―' => '-',
        '≧' | '⩾' => '≥',
        '≦' | '⩽' => '≤',
        '’' | '‘' | '´' => '\'',
        '•' | '·' | '▪' | '●' => '•',
        '×' | '✕' => '×',
        '＞' => '>',
        '＜' => '<',
        c => c,
    }
}

/// `1,500`, `100,000`, `1.5`; a full stop or comma without a digit behind it does not belong.
fn number_end(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut end = digits(from);
    if end - from <= 3 {
        while bytes.get(end) == Some(&b',') && digits(end + 1) == end + 4 {
            end += 4;
        }
    }
    if bytes.get(end) == Some(&b'.') && digits(end + 1) != end + 1 {
        end = digits(end + 1);
    }
    end
}

/// Letters and digits; a digit run inside a word belongs to it.
fn word_end(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    let length = rest.find(|c: char| !c.is_alphanumeric() || superscript(c)).unwrap_or(rest.len());
    from + length.max(rest.chars().next().map_or(0, char::len_utf8))
}

fn superscript(c: char) -> bool {
    matches!(c, '²' | '³' | '¹' | '⁰'..='⁹')
}

/// A phrase as the rows of a table are compared: words and numbers, hyphens and apostrophes left out.
pub(crate) fn phrase(text: &str) -> Vec<String> {
    let all = tokens(text, 0, text.len());
    all.into_iter().filter(|token| !skipped(token)).map(|token| token.norm).collect()
}

/// Signs inside a phrase that do not count.
pub(crate) fn skipped(token: &Token) -> bool {
    matches!(token.kind, Kind::Sign('-' | '\'' | '/'))
}

/// Phrases, cut on first use and then kept.
pub(crate) struct Rows {
    words: &'static [&'static str],
    cut: OnceLock<Vec<Vec<String>>>,
}

impl Rows {
    /// A table of phrases, in the order they are tried.
    pub const fn new(words: &'static [&'static str]) -> Rows {
        Rows { words, cut: OnceLock::new() }
    }

    /// Each phrase as the words it is compared by.
    pub fn all(&self) -> &[Vec<String>] {
        self.cut.get_or_init(|| self.words.iter().map(|words| phrase(words)).collect())
    }
}

/// Single words that do one thing at one place, split on first use and then kept.
pub(crate) struct OneOf {
    words: &'static str,
    split: OnceLock<Vec<&'static str>>,
}

impl OneOf {
    /// Words parted by blanks.
    pub const fn new(words: &'static str) -> OneOf {
        OneOf { words, split: OnceLock::new() }
    }

    /// Is it one of them?
    pub fn holds(&self, word: &str) -> bool {
        self.split.get_or_init(|| self.words.split_whitespace().collect()).contains(&word)
    }
}
