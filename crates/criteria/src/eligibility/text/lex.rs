//! Words, quoted words and punctuation, each with its column.

use super::NotEligibility;

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    Quoted(String),
    /// One of `( ) [ ] , ;`.
    Sign(char),
}

/// A token with the 1-based column it begins at.
pub(super) type Placed = (usize, Token);

pub(super) fn is_sign(c: char) -> bool {
    matches!(c, '(' | ')' | '[' | ']' | ',' | ';')
}

/// Can it stand without quotes as one word?
pub(super) fn is_word(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !is_sign(c) && c != '"';
    !text.is_empty() && text.chars().all(plain)
}

/// All tokens of one line.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, NotEligibility> {
    let chars: Vec<char> = text.chars().collect();
    let (mut at, mut found) = (0, vec![]);
    while let Some(&c) = chars.get(at) {
        let column = at + 1;
        if c.is_whitespace() {
            at += 1;
        } else if is_sign(c) {
            found.push((column, Token::Sign(c)));
            at += 1;
        } else if c == '"' {
            let (words, next) = quoted(&chars, at + 1)?;
            found.push((column, Token::Quoted(words)));
            at = next;
        } else {
            let ends = |c: &char| c.is_whitespace() || is_sign(*c) || *c == '"';
            let len = chars[at..].iter().take_while(|c| !ends(c)).count();
            found.push((column, Token::Word(chars[at..at + len].iter().collect())));
            at += len;
        }
    }
    Ok(found)
}

/// From behind the opening quote to behind the closing one.
fn quoted(chars: &[char], mut at: usize) -> Result<(String, usize), NotEligibility> {
    let mut words = String::new();
    let wrong = |at: usize, expected: &str| NotEligibility { column: at + 1, expected: expected.to_owned() };
    loop {
        match chars.get(at) {
            None => return Err(wrong(at, "a closing quote")),
            Some('"') => return Ok((words, at + 1)),
            Some('\\') => {
                let (c, next) = escaped(chars, at + 1).ok_or_else(|| {
                    wrong(at + 1, "`\"`, `\\`, `n` or `u{…}` behind a backslash inside quotes")
                })?;
                words.push(c);
                at = next;
            }
            Some(c) => {
                words.push(*c);
                at += 1;
            }
        }
    }
}

fn escaped(chars: &[char], at: usize) -> Option<(char, usize)> {
    match chars.get(at)? {
        '"' => Some(('"', at + 1)),
        '\\' => Some(('\\', at + 1)),
        'n' => Some(('\n', at + 1)),
        'u' if chars.get(at + 1) == Some(&'{') => {
            let digits: String = chars.get(at + 2..)?.iter().take(7).take_while(|c| **c != '}').collect();
            let end = at + 2 + digits.chars().count();
            let c = char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?;
            (chars.get(end) == Some(&'}')).then_some((c, end + 1))
        }
        _ => None,
    }
}

/// With quotes, on one line.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() || c == '\u{2028}' || c == '\u{2029}' => {
                quoted.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
