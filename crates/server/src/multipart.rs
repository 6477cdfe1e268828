//! Which parts does a form hold? `multipart/form-data` after RFC 7578, of a body that is already here whole.

/// One part: the field's name, the file's name when it is a file, and the bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Part<'b> {
    /// `name` of the field.
    pub field: String,
    /// `filename`; `None` for a plain field.
    pub file: Option<String>,
    /// Content as sent.
    pub bytes: &'b [u8],
}

/// The parts of a body; `None` when it is no form with this boundary.
pub fn parts<'b>(content_type: &str, body: &'b [u8]) -> Option<Vec<Part<'b>>> {
    let boundary =
        parameter(content_type, "boundary").filter(|boundary| (1..=70).contains(&boundary.len()))?;
    let mark = format!("--{boundary}");
    let between = format!("\r\n{mark}");
    let start = find(body, mark.as_bytes())?;
    let mut rest = &body[start + mark.len()..];
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let inner = rest.strip_prefix(b"\r\n")?;
        let end = find(inner, between.as_bytes())?;
        parts.push(part(&inner[..end])?);
        rest = &inner[end + between.len()..];
    }
    Some(parts)
}

fn part(bytes: &[u8]) -> Option<Part<'_>> {
    let head = find(bytes, b"\r\n\r\n")?;
    let headers = std::str::from_utf8(&bytes[..head]).ok()?;
    let of_form = |line: &&str| {
        line.split_once(':').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))
    };
    let disposition = headers.split("\r\n").find(of_form)?;
    Some(Part {
        field: parameter(disposition, "name")?,
        file: parameter(disposition, "filename"),
        bytes: &bytes[head + 4..],
    })
}

/// A parameter of a header, quoted or not. Browsers write a quote inside a name as `%22`, so the next quote ends it.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut rest = header.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, left) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(';').map_or((after.trim(), ""), |(value, left)| (value.trim(), left)),
        };
        if name.trim_matches([' ', ';', '\t']).eq_ignore_ascii_case(wanted) {
            return Some(value.to_owned());
        }
        rest = left;
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    // Looking for the first byte first keeps large bodies quick.
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(step) = text.get(from..)?.iter().position(|byte| *byte == first) {
        if text[from + step..].starts_with(wanted) {
            return Some(from + step);
        }
        from += step + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Part, parts};

    #[track_caller]
    fn check(body: &str, expect: Option<&[(&str, Option<&str>, &str)]>) {
        let found = parts("multipart/form-data; boundary=x", body.as_bytes());
        let wanted = expect.map(|rows| {
            let part = |(field, file, text): &(&str, Option<&str>, &'static str)| Part {
                field: (*field).into(),
                file: file.map(str::to_owned),
                bytes: text.as_bytes(),
            };
            rows.iter()
                .map(|(a, b, c)| part(&(*a, *b, Box::leak(c.to_string().into_boxed_str()))))
                .collect::<Vec<_>>()
        });
        assert_eq!(found, wanted, "{body:?}");
    }

    #[test]
    fn forms_as_browsers_write_them() {
        check(
            "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\ncontent-disposition: form-data; name=\"r\"; \
             filename=\"a; b.json\"\r\nContent-Type: application/json\r\n\r\n{\r\n\r\n}\r\n--x--\r\n",
            Some(&[("a", None, "1"), ("r", Some("a; b.json"), "{\r\n\r\n}")]),
        );
        check("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--x--", Some(&[("a", None, "")]));
        check("--x--", Some(&[]));
        for broken in [
            "",
            "hello",
            "--x",
            "--x\r\n",
            "--x\r\n\r\n\r\n--x--",
            "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1",
        ] {
            check(broken, None);
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(header in "\\PC{0,40}", body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), text in "(--x|\r\n|:|;|=|\"|[a-z]){0,40}") {
            let _ = (parts(&header, &body), parts("multipart/form-data; boundary=x", &body));
            let _ = parts(&format!("multipart/form-data; {text}"), text.as_bytes());
            let _ = parts("multipart/form-data; boundary=x", text.as_bytes());
        }
    }
}
