//! What do the common FHIR data types say?

use crate::json::Json;
use concilium_terms::{Code, PartialDate, code::system, quantity::Quantity};

/// One `Coding`.
pub fn coding(json: &Json) -> Code {
    let field = |key: &str| json.str(key).unwrap_or("").trim().to_owned();
    let written = field("system");
    let system = usual(&written).map_or(written, str::to_owned);
    Code { system, code: field("code"), display: field("display") }
}

/// The usual address of a code system written another way: as an OID (HL7 OID registry) or with https.
fn usual(written: &str) -> Option<&'static str> {
    let bare = written.strip_prefix("urn:oid:").unwrap_or(written);
    let bare = bare.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
    match bare {
        "2.16.840.1.113883.6.1" | "loinc.org" | "www.loinc.org" => Some(system::LOINC),
        "2.16.840.1.113883.6.96" | "snomed.info/sct" => Some(system::SNOMED),
        "2.16.840.1.113883.6.90" | "hl7.org/fhir/sid/icd-10-cm" => Some(system::ICD10CM),
        "2.16.840.1.113883.6.3" | "hl7.org/fhir/sid/icd-10" => Some(system::ICD10),
        "2.16.840.1.113883.6.88" | "www.nlm.nih.gov/research/umls/rxnorm" => Some(system::RXNORM),
        "2.16.840.1.113883.3.26.1.1" | "ncimeta.nci.nih.gov" => Some(system::NCIT),
        other if other.starts_with("ncicb.nci.nih.gov") => Some(system::NCIT),
        _ => None,
    }
}

/// Codings of a `CodeableConcept`, then its text.
pub fn concept(json: &Json) -> Vec<Code> {
    let mut codes: Vec<Code> =
        json.all("coding").iter().map(coding).filter(|c| *c != Code::default()).collect();
    let text = json.str("text").map(str::trim).filter(|text| !text.is_empty());
    codes.extend(text.map(Code::text));
    codes
}

/// Codings and texts of all concepts under `key`.
pub fn concepts(json: &Json, key: &str) -> Vec<Code> {
    json.all(key).iter().flat_map(concept).collect()
}

/// First of the codings that has one of `codes`, with its row.
pub fn find<'t, T>(codes: &[Code], table: &'t [T], key: impl Fn(&T) -> &str) -> Option<&'t T> {
    codes.iter().filter(|c| !c.code.is_empty()).find_map(|c| table.iter().find(|row| key(row) == c.code))
}

/// Is one of the codings this code?
pub fn has(codes: &[Code], code: &str) -> bool {
    codes.iter().any(|c| c.code == code)
}

/// Words of the codings for people: text or display, else code.
pub fn words(codes: &[Code]) -> String {
    let text = codes.iter().rev().find(|c| c.code.is_empty() && !c.display.is_empty());
    let shown = text.or_else(|| codes.iter().find(|c| !c.display.is_empty()));
    match (shown, codes.first()) {
        (Some(code), _) => code.display.clone(),
        (None, Some(code)) => code.code.clone(),
        (None, None) => String::new(),
    }
}

/// All words of the codings in lower case, one text to search in.
pub fn all_words(codes: &[Code]) -> String {
    let words: Vec<String> = codes.iter().map(|c| c.display.to_lowercase()).collect();
    words.join(" | ")
}

/// A `Quantity` with the unit as written: the UCUM code where there is one.
pub fn quantity(json: &Json) -> Option<Quantity> {
    let value = json.number("value")?;
    let is_ucum = json.str("system") == Some(system::UCUM);
    let unit =
        if is_ucum { json.str("code").or(json.str("unit")) } else { json.str("unit").or(json.str("code")) };
    Some(Quantity {
        value,
        text: json.str("value").unwrap_or("").to_owned(),
        comparator: json.str("comparator").map(str::to_owned),
        unit: unit.unwrap_or("").trim().to_owned(),
    })
}

/// A quantity in words: `>= 10 %`.
pub fn quantity_words(quantity: &Quantity) -> String {
    let comparator = quantity.comparator.as_deref().unwrap_or("");
    [comparator, &quantity.text, &quantity.unit]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A date under `key`, if it can be read (the hazard check reports one that cannot).
pub fn date(json: &Json, key: &str) -> Option<PartialDate> {
    PartialDate::parse(json.str(key)?).ok()
}

/// Extension whose address ends in `name`.
pub fn extension<'j, 'a>(json: &'j Json<'a>, name: &str) -> Option<&'j Json<'a>> {
    extensions(json, name).next()
}

/// Extensions whose address ends in `name`.
pub fn extensions<'j, 'a>(json: &'j Json<'a>, name: &str) -> impl Iterator<Item = &'j Json<'a>> {
    json.all("extension").iter().filter(move |ext| {
        let url = ext.str("url").unwrap_or("");
        url == name || url.strip_suffix(name).is_some_and(|rest| rest.ends_with('/'))
    })
}

/// Text without markup: tags become blanks, the five entities of XHTML are read.
pub fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                text.push(' ');
            }
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    let text = entities.iter().fold(text, |text, (entity, c)| text.replace(entity, c));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Standard base64 (RFC 4648, section 4), blanks ignored; `None` when it is not.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count, mut padding) = (0u32, 0u32, 0u32);
    for b in text.bytes().filter(|b| !b.is_ascii_whitespace()) {
        let value = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (padding <= 2 && count < 6 && bits == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{base64, plain};

    #[test]
    fn base64_as_written() {
        assert_eq!(base64("UHV0IA=="), Some(b"Put ".to_vec()));
        assert_eq!(base64("UHV0\nIGE="), Some(b"Put a".to_vec()));
        assert_eq!(base64("U*"), None);
        assert_eq!(base64("U"), None);
    }

    #[test]
    fn markup_goes_and_words_stay() {
        assert_eq!(plain("<div>A&amp;B<br/>x &lt; 3</div>"), "A&B x < 3");
    }
}
