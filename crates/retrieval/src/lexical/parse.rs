//! What does a typed query ask for? Words, quoted phrases, and filters: `osimertinib "disease control" gene:EGFR
//! year:2019.. type:"randomized controlled trial" -standing:retracted`.

use crate::filter::{Field, Filter};
use concilium_terms::lexicon::{Kind, Lexicon, Writing};

/// Longest query that is read, in bytes. A query is a question, not a document.
pub const LONGEST_QUERY: usize = 16 * 1024;

/// A query read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// Everything that is no filter and no phrase.
    pub words: String,
    /// Quoted phrases: all must be met.
    pub phrases: Vec<String>,
    /// Phrases with a minus sign: none may be met.
    pub without: Vec<String>,
    /// The filters, all of them.
    pub filter: Filter,
}

/// Why a query cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Too long.
    #[error("the query has {found} bytes, at most {LONGEST_QUERY} are read: ask for its main words")]
    TooLong {
        /// Its bytes.
        found: usize,
    },
    /// A field no passage has.
    #[error("no field `{field}:` in the query; there are {known}; words with a colon go into quotes", known = known())]
    UnknownField {
        /// As written.
        field: String,
    },
    /// A field without or with a wrong value.
    #[error("`{field}:` in the query {what}")]
    Value {
        /// Field.
        field: &'static str,
        /// What was wrong and what to write.
        what: String,
    },
    /// Only words that stand in every text, or none.
    #[error("the query has no word to search for: only signs or words like `the` and `of`")]
    NoWords,
    /// Words where only filters may stand.
    #[error("`{found}` is no filter; write `field:value`, such as gene:EGFR or year:2019..")]
    NotAFilter {
        /// As written.
        found: String,
    },
}

fn known() -> String {
    Field::ALL.map(Field::name).join(", ")
}

/// Reads a query. Names in filters are read with the lexicon: `gene:HER2` is ERBB2, `drug:Tagrisso` osimertinib,
/// `disease:NSCLC` its DOID. A quote that is never closed is a sign like any other.
///
/// # Errors
/// A query that is too long, an unknown field, a field without value or with one it cannot have.
pub fn parse(text: &str, lexicon: &Lexicon) -> Result<Parsed, QueryError> {
    if LONGEST_QUERY < text.len() {
        return Err(QueryError::TooLong { found: text.len() });
    }
    let mut parsed = Parsed::default();
    let mut filters = vec![];
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (negated, piece) = match rest.strip_prefix('-') {
            Some(piece) if piece.starts_with(['"']) || field_of(piece)?.is_some() => (true, piece),
            _ => (false, rest),
        };
        if let Some((phrase, after)) = quoted(piece) {
            let phrases = if negated { &mut parsed.without } else { &mut parsed.phrases };
            phrases.push(phrase.to_owned());
            rest = after.trim_start();
        } else if let Some((field, value)) = field_of(piece)? {
            let (value, after) = quoted(value).unwrap_or_else(|| bare(value));
            let is_quoted = value.len() + 1 < piece.len() - field.name().len() - after.len();
            let filter = condition(field, value, is_quoted, lexicon)?;
            filters.push(if negated { Filter::Not(Box::new(filter)) } else { filter });
            rest = after.trim_start();
        } else {
            let (word, after) = bare(rest);
            parsed.words.push_str(word);
            parsed.words.push(' ');
            rest = after.trim_start();
        }
    }
    parsed.filter = match filters.len() {
        0 => Filter::All,
        1 => filters.remove(0),
        _ => Filter::And(filters),
    };
    Ok(parsed)
}

/// Up to the next blank.
fn bare(text: &str) -> (&str, &str) {
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

/// The inside of quotes and what follows; `None` when there are none or they never close.
fn quoted(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('"')?.split_once('"')
}

/// A field name with a colon at the start, and what follows it. A colon inside other words is a sign: `EML4::ALK`,
/// `BRAF:p.V600E`, `1:2`.
fn field_of(text: &str) -> Result<Option<(Field, &str)>, QueryError> {
    let (word, _) = bare(text);
    let Some((name, _)) = word.split_once(':') else { return Ok(None) };
    let value = &text[name.len() + 1..];
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase()) || value.starts_with([':', '/']) {
        return Ok(None);
    }
    match Field::ALL.into_iter().find(|field| field.name() == name) {
        Some(field) => Ok(Some((field, value))),
        // `note: read on` is prose; `genes:EGFR` a mistake that would be searched as words without a hint.
        None if value.is_empty() || value.starts_with(char::is_whitespace) => Ok(None),
        None => Err(QueryError::UnknownField { field: name.to_owned() }),
    }
}

fn condition(field: Field, value: &str, is_quoted: bool, lexicon: &Lexicon) -> Result<Filter, QueryError> {
    let error = |what: String| QueryError::Value { field: field.name(), what };
    if value.trim().is_empty() {
        return Err(error(
            "has no value; write it directly behind the colon, in quotes when it has blanks".to_owned(),
        ));
    }
    if field == Field::Year {
        return years(value)
            .ok_or_else(|| error("wants a year or a range: 2019, 2019..2024, 2019.., ..2024".to_owned()));
    }
    let parts: Vec<&str> =
        if is_quoted { vec![value] } else { value.split(',').filter(|v| !v.is_empty()).collect() };
    let mut values = vec![];
    for part in parts {
        values.extend(canonical(field, part.trim(), lexicon).map_err(error)?);
    }
    values.sort();
    values.dedup();
    Ok(Filter::AnyOf(field, values))
}

fn years(value: &str) -> Option<Filter> {
    let year = |text: &str| match text.trim() {
        "" => Some(None),
        text => text.parse::<u16>().ok().map(Some),
    };
    match value.split_once("..") {
        Some((from, to)) => {
            let (from, to) = (year(from)?, year(to)?);
            (from.is_some() || to.is_some()).then_some(Filter::Years(from, to))
        }
        None => year(value)?.map(|only| Filter::Years(Some(only), Some(only))),
    }
}

/// Values as the index holds them.
fn canonical(field: Field, value: &str, lexicon: &Lexicon) -> Result<Vec<String>, String> {
    let ids =
        |kind| lexicon.named(value, kind).into_iter().map(|entry| entry.id.to_string()).collect::<Vec<_>>();
    let or_itself = |ids: Vec<String>| if ids.is_empty() { vec![value.to_owned()] } else { ids };
    match field {
        Field::Gene => Ok(or_itself(ids(Kind::Gene))),
        Field::Drug => Ok(or_itself(ids(Kind::Drug))),
        Field::Disease => Ok(or_itself(ids(Kind::Disease))),
        Field::Variant => {
            let names = lexicon.read(value, Writing::Query).variants.iter().flat_map(|v| v.names()).collect();
            Ok(or_itself(names))
        }
        Field::Type => Ok(vec![value.to_lowercase()]),
        Field::Kind => one_of(value, &["article", "statement", "trial", "file"]),
        Field::Access => one_of(value, &["title-only", "abstract-only", "full-text", "curated-summary"]),
        Field::Standing => one_of(value, &["current", "retracted", "superseded", "concern"]),
        Field::Invented => one_of(value, &["true", "false"]),
        Field::Document | Field::Corpus | Field::Statement | Field::Year => Ok(vec![value.to_owned()]),
    }
}

fn one_of(value: &str, known: &[&str]) -> Result<Vec<String>, String> {
    match known.contains(&value) {
        true => Ok(vec![value.to_owned()]),
        false => Err(format!("wants one of {}", known.join(", "))),
    }
}
