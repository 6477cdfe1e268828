//! How is each resource named without chance? By hash of the run and what the resource is about.

use sha2::{Digest, Sha256};

/// System of an identifier whose value is a URI (FHIR R4, "Identifier", "urn:ietf:rfc:3986").
pub const URI_SYSTEM: &str = "urn:ietf:rfc:3986";

/// A resource of the Bundle: its logical id and its address inside the Bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// `[A-Za-z0-9\-.]{1,64}`
    pub id: String,
    /// `urn:uuid:…`
    pub url: String,
}

/// Name of the resource of this kind about this key in this run.
pub fn name(run: &str, kind: &str, key: &str) -> Name {
    let hash = hash(&[run, kind, key]);
    Name {
        id: format!("{}-{}", kind.to_lowercase(), hex(&hash[16..])),
        url: format!("urn:uuid:{}", uuid(&hash)),
    }
}

/// Parts are told apart by their lengths, so that no two lists of parts give one hash.
fn hash(parts: &[&str]) -> [u8; 32] {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part.as_bytes());
    }
    sha.finalize().into()
}

/// A name-based UUID of version 8 over SHA-256 (RFC 9562, section 5.8 and appendix B.2).
fn uuid(hash: &[u8; 32]) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex(&bytes);
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// FHIR R4, "id": letters, digits, `-` and `.`, 1 to 64 of them.
pub fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::{is_id, name};

    #[test]
    fn names_are_valid_and_differ() {
        let keys = [("a", "b"), ("ab", ""), ("", "ab"), ("a", "c")];
        let names: Vec<_> = keys.iter().map(|(kind, key)| name("run", kind, key)).collect();
        for (at, one) in names.iter().enumerate() {
            assert!(is_id(&one.id), "{one:?}");
            assert_eq!(one.url.len(), "urn:uuid:00000000-0000-0000-0000-000000000000".len());
            assert_eq!(&one.url[23..24], "8", "version of {one:?}");
            assert!("89ab".contains(&one.url[28..29]), "variant of {one:?}");
            assert!(names[..at].iter().all(|other| other.url != one.url && other.id != one.id));
        }
        assert_eq!(names[0], name("run", "a", "b"));
    }

    #[test]
    fn ids_of_records_are_kept_only_when_valid() {
        for good in ["abc", "A-1.b", &"x".repeat(64)] {
            assert!(is_id(good), "{good}");
        }
        for bad in ["", "a b", "a/b", "ä", "urn:uuid:1", &"x".repeat(65)] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
