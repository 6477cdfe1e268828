//! What does the text say, with nothing lost?
//!
//! A borrowed JSON tree. `serde_json::Value` loses what FHIR calls significant: the decimal as written (trailing
//! zeros), repeated keys, and with them the chance to report them. Strings borrow from the text unless escaped.

use std::borrow::Cow;

/// Deepest nesting that is read; the limit serde_json uses.
pub const MAX_DEPTH: usize = 128;

/// One JSON value. Objects keep every pair in the order written, repeated keys included.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// The number as written.
    Number(&'a str),
    /// Text, unescaped.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Json<'a>>),
    /// Pairs as written.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// Where and why the text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Byte offset.
    pub at: usize,
    /// What was expected.
    pub what: &'static str,
}

impl<'a> Json<'a> {
    /// First value under `key`; `None` for `null` and for anything but an object.
    pub fn get(&self, key: &str) -> Option<&Json<'a>> {
        match self {
            Json::Object(pairs) => pairs
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value)
                .filter(|v| **v != Json::Null),
            _ => None,
        }
    }

    /// One value: of a list where one belongs, the first.
    pub fn one(&self, key: &str) -> Option<&Json<'a>> {
        match self.get(key)? {
            Json::List(items) => items.first(),
            value => Some(value),
        }
    }

    /// All values: a single value where a list belongs counts as a list of one.
    pub fn all(&self, key: &str) -> &[Json<'a>] {
        match self.get(key) {
            None => &[],
            Some(Json::List(items)) => items,
            Some(value) => std::slice::from_ref(value),
        }
    }

    /// Text of a string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Text under `key`; a number or boolean where text belongs is given as written.
    pub fn str(&self, key: &str) -> Option<&str> {
        match self.one(key)? {
            Json::Text(text) => Some(text),
            Json::Number(text) => Some(text),
            Json::Bool(true) => Some("true"),
            Json::Bool(false) => Some("false"),
            Json::Null | Json::List(_) | Json::Object(_) => None,
        }
    }

    /// Boolean under `key`.
    pub fn bool(&self, key: &str) -> Option<bool> {
        match self.one(key)? {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A number under `key`, also when it was written as text.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.str(key)?.parse::<f64>().ok().filter(|value| value.is_finite())
    }

    /// Value at `a.b.c`, first of each list on the way.
    pub fn path(&self, path: &str) -> Option<&Json<'a>> {
        path.split('.').filter(|key| !key.is_empty()).try_fold(self, |value, key| value.one(key))
    }
}

/// Reads one value that fills the whole text.
pub fn parse(text: &str) -> Result<Json<'_>, JsonError> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0 };
    let value = parser.value(0)?;
    parser.blanks();
    if parser.at < text.len() { Err(parser.wrong("end of text expected")) } else { Ok(value) }
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Parser<'a> {
    fn wrong(&self, what: &'static str) -> JsonError {
        JsonError { at: self.at, what }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Skips blanks and takes `byte` if it comes next.
    fn took(&mut self, byte: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Json<'a>, JsonError> {
        self.blanks();
        match self.peek() {
            Some(b'{' | b'[') if depth == MAX_DEPTH => Err(self.wrong("nested more than 128 deep")),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.list(depth + 1),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            _ => Err(self.wrong("a value expected")),
        }
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Result<Json<'a>, JsonError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.wrong("true, false or null expected"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn object(&mut self, depth: usize) -> Result<Json<'a>, JsonError> {
        self.at += 1;
        let mut pairs = Vec::new();
        if self.took(b'}') {
            return Ok(Json::Object(pairs));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a key expected"));
            }
            let key = self.string()?;
            if !self.took(b':') {
                return Err(self.wrong("`:` expected"));
            }
            pairs.push((key, self.value(depth)?));
            if self.took(b'}') {
                return Ok(Json::Object(pairs));
            }
            if !self.took(b',') {
                return Err(self.wrong("`,` or `}` expected"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json<'a>, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        if self.took(b']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth)?);
            if self.took(b']') {
                return Ok(Json::List(items));
            }
            if !self.took(b',') {
                return Err(self.wrong("`,` or `]` expected"));
            }
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at - start
    }

    /// RFC 8259, section 6.
    fn number(&mut self) -> Result<Json<'a>, JsonError> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || (leading_zero && whole > 1) {
            return Err(self.wrong("a number expected"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.wrong("digits expected after the point"));
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return Err(self.wrong("digits expected in the exponent"));
            }
        }
        Ok(Json::Number(&self.text[start..self.at]))
    }

    /// Moves to the next quote, backslash or control character.
    fn plain(&mut self) -> &'a str {
        let start = self.at;
        let rest = &self.bytes[start..];
        let length = rest.iter().position(|&b| b == b'"' || b == b'\\' || b < 0x20).unwrap_or(rest.len());
        self.at += length;
        &self.text[start..self.at]
    }

    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.at += 1;
        let first = self.plain();
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(first));
        }
        let mut text = first.to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(text));
                }
                Some(b'\\') => text.push(self.escape()?),
                _ => return Err(self.wrong("unfinished text or bare control character")),
            }
            text.push_str(self.plain());
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let kind = self.bytes.get(self.at + 1).copied();
        self.at += 2;
        Ok(match kind {
            Some(plain @ (b'"' | b'\\' | b'/')) => char::from(plain),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.wrong("unknown escape")),
        })
    }

    fn unicode(&mut self) -> Result<char, JsonError> {
        let high = self.hex()?;
        if !(0xD800..0xDC00).contains(&high) {
            return char::from_u32(high).ok_or(self.wrong("half a surrogate pair"));
        }
        if !self.bytes[self.at.min(self.bytes.len())..].starts_with(b"\\u") {
            return Err(self.wrong("half a surrogate pair"));
        }
        self.at += 2;
        let low = self.hex()?.wrapping_sub(0xDC00);
        let code = 0x10000 + ((high - 0xD800) << 10) + low;
        if low < 0x400 {
            char::from_u32(code).ok_or(self.wrong("no character"))
        } else {
            Err(self.wrong("half a pair"))
        }
    }

    fn hex(&mut self) -> Result<u32, JsonError> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or(self.wrong("four hex digits expected"))?;
        let digit = |b: &u8| char::from(*b).to_digit(16);
        let code = digits.iter().try_fold(0, |code, b| Some(code * 16 + digit(b)?));
        self.at += 4;
        code.ok_or(self.wrong("four hex digits expected"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Json, parse};
    use serde_json::Value;

    fn same(ours: &Json, theirs: &Value) -> bool {
        match (ours, theirs) {
            (Json::Null, Value::Null) => true,
            (Json::Bool(a), Value::Bool(b)) => a == b,
            (Json::Number(a), Value::Number(b)) => a.parse::<f64>().ok() == b.as_f64(),
            (Json::Text(a), Value::String(b)) => a == b,
            (Json::List(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
            }
            (Json::Object(a), Value::Object(b)) => a.iter().all(|(key, _)| {
                let last = a.iter().rev().find(|(k, _)| k == key);
                last.zip(b.get(key.as_ref())).is_some_and(|((_, a), b)| same(a, b))
            }),
            _ => false,
        }
    }

    #[track_caller]
    fn check(text: &str) {
        match (parse(text), serde_json::from_str::<Value>(text)) {
            (Ok(ours), Ok(theirs)) => assert!(same(&ours, &theirs), "{text}"),
            (Err(_), Err(_)) => {}
            (ours, theirs) => {
                // A number beyond f64 is a number to us: the text is kept.
                let beyond = theirs.as_ref().is_err_and(|e| e.to_string().contains("number out of range"));
                assert!(beyond && ours.is_ok(), "{text}: {ours:?} {theirs:?}");
            }
        }
    }

    #[test]
    fn reads_what_serde_json_reads() {
        for text in
            ["{}", "[1,2.50,-0e+1]", r#""\u00e9\ud83d\ude00\n""#, "01", "1.", "[1,]", "nul", r#""\ud83d""#]
        {
            check(text);
        }
        check(&format!("{}{}", "[".repeat(127), "]".repeat(127)));
        check(&format!("{}{}", "[".repeat(129), "]".repeat(129)));
        check(&"[".repeat(100_000));
    }

    #[test]
    fn keeps_decimals_and_repeated_keys() {
        let json = parse(r#"{"a":1.50,"a":2}"#).expect("json");
        assert_eq!(json.str("a"), Some("1.50"));
        assert!(matches!(json, Json::Object(pairs) if pairs.len() == 2));
    }

    proptest::proptest! {
        #[test]
        fn agrees_with_serde_json(text in r#"[\[\]{}",:0-9.eE+\-\\untrfalse \u{e9}]{0,40}"#) { check(&text); }
    }
}
