//! Where does one passage end and the next begin?
//!
//! Passages are groups of whole sentences inside one section, none overlapping, none across sections. The same text is
//! always cut the same way, because keys name spans of it. Only here are [`PassageKey`]s made.

use concilium_evidence::passage::{Document, DocumentKind, Passage, PassageKey, TextSection};

/// Longest passage made of several sentences, words. About 250 word pieces, what small encoders read at once.
const MOST_WORDS: usize = 180;
/// Letters of a word that count as one; longer ones, and writing without spaces, count again for each such stretch.
const WORD_LETTERS: usize = 16;
/// Letters of the text's hash in a key.
const HASH_LETTERS: usize = 12;

/// Passages of a document, in the order of its text.
///
/// The title has a field of its own in every index and is a passage only where there is no other text. A curated
/// statement is one passage however long.
pub fn passages(document: &Document) -> Vec<Passage> {
    let body: Vec<&TextSection> =
        document.sections.iter().filter(|section| section.name != "title").collect();
    let chosen = if body.is_empty() { document.sections.iter().collect() } else { body };
    if document.kind == DocumentKind::Statement {
        let (Some(first), Some(last)) = (chosen.first(), chosen.last()) else { return vec![] };
        let whole = trimmed(&document.text, first.start..last.end);
        return whole.into_iter().map(|span| passage(document, &first.name, span)).collect();
    }
    let of_section = |section: &&TextSection| -> Vec<Passage> {
        let Some(text) = document.text.get(section.start..section.end) else { return vec![] };
        let spans = spans(text).into_iter().map(|span| section.start + span.start..section.start + span.end);
        spans.map(|span| passage(document, &section.name, span)).collect()
    };
    chosen.iter().flat_map(of_section).collect()
}

type Span = std::ops::Range<usize>;

fn passage(document: &Document, section: &str, span: Span) -> Passage {
    Passage {
        text: document.text[span.clone()].to_owned(),
        section: section.to_owned(),
        key: PassageKey {
            document: document.id.clone(),
            text_hash: document.sha256.chars().take(HASH_LETTERS).collect(),
            start: span.start,
            end: span.end,
        },
    }
}

/// Spans of the passages of one section: as few as hold [`MOST_WORDS`] each, of about equal length.
fn spans(text: &str) -> Vec<Span> {
    let units: Vec<(Span, usize)> = sentences(text)
        .into_iter()
        .flat_map(|sentence| pieces(text, sentence))
        .map(|unit| (unit.clone(), words(&text[unit])))
        .collect();
    let mut left: usize = units.iter().map(|(_, words)| words).sum();
    let mut groups: Vec<(Span, usize)> = vec![];
    let mut target = 0;
    for (unit, words) in units {
        match groups.last_mut() {
            // The sentence goes where it leaves the group nearer to its target.
            Some((group, held)) if *held + words / 2 < target && *held + words <= MOST_WORDS => {
                group.end = unit.end;
                *held += words;
            }
            _ => {
                // What is left is shared evenly among as few passages as can hold it.
                target = left.div_ceil(left.div_ceil(MOST_WORDS).max(1));
                groups.push((unit, words));
            }
        }
        left -= words;
    }
    groups.into_iter().map(|(group, _)| group).collect()
}

/// Words, long ones counted by their length.
fn words(text: &str) -> usize {
    text.split_whitespace().map(|word| word.chars().count().div_ceil(WORD_LETTERS)).sum()
}

/// A sentence as it is, or cut at white space (within a word only where there is none) when it is over the most.
fn pieces(text: &str, sentence: Span) -> Vec<Span> {
    if words(&text[sentence.clone()]) <= MOST_WORDS {
        return vec![sentence];
    }
    let mut found: Vec<Span> = vec![];
    let (mut start, mut held) = (sentence.start, 0);
    for word in split_words(text, sentence.clone()) {
        let count = words(&text[word.clone()]);
        if MOST_WORDS < held + count {
            found.extend(trimmed(text, start..word.start));
            (start, held) = (word.start, 0);
        }
        held += count;
    }
    found.extend(trimmed(text, start..sentence.end));
    found
}

/// Words, those of more letters than a passage holds cut into stretches.
fn split_words(text: &str, within: Span) -> Vec<Span> {
    let mut found = vec![];
    let (mut start, mut letters) = (None, 0);
    for (at, c) in text[within.clone()].char_indices() {
        let at = within.start + at;
        match start {
            Some(from) if c.is_whitespace() || letters == MOST_WORDS * WORD_LETTERS => {
                found.push(from..at);
                (start, letters) = if c.is_whitespace() { (None, 0) } else { (Some(at), 1) };
            }
            Some(_) => letters += 1,
            None if !c.is_whitespace() => (start, letters) = (Some(at), 1),
            None => {}
        }
    }
    found.extend(start.map(|from| from..within.end));
    found
}

/// The span without white space at its ends; `None` when nothing is left.
fn trimmed(text: &str, span: Span) -> Option<Span> {
    let inner = text.get(span.clone())?;
    let start = span.start + (inner.len() - inner.trim_start().len());
    let end = span.start + inner.trim_end().len();
    (start < end).then_some(start..end)
}

/// Spans of the sentences of a text, without the white space around them.
pub fn sentences(text: &str) -> Vec<Span> {
    let mut found = vec![];
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let after = at + c.len_utf8();
        if start == at && c.is_whitespace() {
            start = after;
            continue;
        }
        let ends = match c {
            '\n' => ends_line(&text[after..]),
            '.' | '!' | '?' => ends_sentence(&text[start..at], c, &text[after..]),
            '。' | '！' | '？' => true,
            _ => false,
        };
        if ends {
            let end = after + closing(&text[after..]);
            if start < end {
                found.extend(trimmed(text, start..end));
                start = end;
            }
        }
    }
    found.extend(trimmed(text, start..text.len()));
    found
}

/// Bytes of quotes and brackets that still belong to the sentence: `(see there.)`, `"No."`.
fn closing(after: &str) -> usize {
    after
        .chars()
        .take_while(|c| matches!(c, ')' | ']' | '"' | '\'' | '”' | '’' | '»'))
        .map(char::len_utf8)
        .sum()
}

/// An empty line, or a line break before a list item, ends what stands before it.
fn ends_line(after: &str) -> bool {
    let line = after.split('\n').next().unwrap_or("").trim_start();
    if line.trim().is_empty() {
        return true;
    }
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = number.len() < line.len() && (number.starts_with(". ") || number.starts_with(") "));
    numbered || ["* ", "- ", "• ", "– ", "# ", "## ", "### "].iter().any(|mark| line.starts_with(mark))
}

/// Words after whose full stop a sentence goes on; lower case, without the stop.
#[rustfmt::skip]
const ABBREVIATIONS: &[&str] = &[
    "al", "approx", "ca", "cf", "co", "corp", "dept", "dr", "eds", "e.g", "eg", "etc", "i.e", "ie", "inc", "incl", "jr",
    "ltd", "mr", "mrs", "ms", "prof", "resp", "sp", "spp", "st", "subsp", "suppl", "u.k", "u.s", "univ", "var", "viz", "vs",
];
/// The same, only before a number: `no.` can end a sentence, `no. 5` cannot.
const BEFORE_NUMBERS: &[&str] =
    &["ed", "eq", "eqs", "ext", "fig", "figs", "no", "nos", "nr", "p", "pp", "ref", "refs", "tab", "vol"];

/// Does this `.`, `!` or `?` end a sentence?
fn ends_sentence(before: &str, mark: char, after: &str) -> bool {
    let rest = &after[closing(after)..];
    let next = rest.trim_start();
    if next.is_empty() || rest.len() == next.len() {
        // The end of the text is told by itself; without white space it is a decimal, a name or `p.V600E`.
        return false;
    }
    if !starts_sentence(next) {
        return false;
    }
    mark != '.' || !goes_on(before, next.starts_with(|c: char| c.is_ascii_digit()))
}

/// A capital, a digit, a bracket, a quote, another alphabet; or a name such as `p53`, `mTOR`, `eGFR`, `miR-21`.
fn starts_sentence(next: &str) -> bool {
    let Some(first) = next.chars().next() else { return false };
    if !first.is_lowercase() {
        return first.is_alphanumeric()
            || matches!(first, '(' | '[' | '"' | '“' | '\'' | '‘' | '<' | '≥' | '≤' | '~' | '*' | '•');
    }
    let word = next.split(|c: char| c.is_whitespace()).next().unwrap_or("");
    word.chars().skip(1).any(|c| c.is_uppercase() || c.is_ascii_digit())
}

/// `et al.`, `e.g.`, `Fig. 2`, single letters as in `E. coli` and `J. Smith`, and the number of a list item.
fn goes_on(before: &str, number_follows: bool) -> bool {
    let starts_word = |c: char| c.is_whitespace() || matches!(c, '(' | '[' | ',' | ';');
    let word = before.rsplit(starts_word).next().unwrap_or("");
    let lower = word.to_lowercase();
    if ABBREVIATIONS.contains(&lower.as_str()) || number_follows && BEFORE_NUMBERS.contains(&lower.as_str()) {
        return true;
    }
    let left_of_word = before[..before.len() - word.len()].trim_end_matches([' ', '\t']);
    let opens_line = left_of_word.is_empty() || left_of_word.ends_with('\n');
    let mut letters = word.chars();
    let single = letters.next().is_some_and(char::is_uppercase) && letters.next().is_none();
    single || opens_line && word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{MOST_WORDS, passages, sentences, words};
    use concilium_evidence::passage::{Access, Document, DocumentId, DocumentKind, Standing, TextSection};
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let found: Vec<_> = sentences(text).into_iter().map(|span| &text[span]).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn abbreviations_decimals_and_names_do_not_end_sentences() {
        check("It rose (e.g. in lung). It fell.", &["It rose (e.g. in lung).", "It fell."]);
        check("Smith et al. 2019 said so. We do not.", &["Smith et al. 2019 said so.", "We do not."]);
        check(
            "PFS 9.6 vs. 4.2 months (P < .001). OS too.",
            &["PFS 9.6 vs. 4.2 months (P < .001).", "OS too."],
        );
        check("The p.V600E change. A c.1799T>A change.", &["The p.V600E change.", "A c.1799T>A change."]);
        check("See Fig. 2 and Ref. 3. Then stop.", &["See Fig. 2 and Ref. 3.", "Then stop."]);
        check("Found in E. coli by J. Smith. Yes.", &["Found in E. coli by J. Smith.", "Yes."]);
        check("Was there any? No. We looked at no. 5.", &["Was there any?", "No.", "We looked at no. 5."]);
        check("In the U.S. Phase 3 trial. Done", &["In the U.S. Phase 3 trial.", "Done"]);
    }

    #[test]
    fn sentences_end_where_they_end() {
        check(
            "Was it so? It was! \"No.\" (He left.) [He did.]",
            &["Was it so?", "It was!", "\"No.\"", "(He left.)", "[He did.]"],
        );
        check(
            "Loss of TP53. p53 was lost. mTOR rose. and so on.",
            &["Loss of TP53.", "p53 was lost.", "mTOR rose. and so on."],
        );
        check("In 30% of 2.5. 12 died.", &["In 30% of 2.5.", "12 died."]);
        check("第一。第二。", &["第一。", "第二。"]);
        check("", &[]);
        check(" \n\n ", &[]);
        check("...", &["..."]);
    }

    #[test]
    fn empty_lines_and_list_items_end_what_stands_before() {
        let text = "Inclusion\n\n* Age 18\n  or more\n* ECOG 0-1\n1. First\n2) Second\nwrapped line";
        check(
            text,
            &["Inclusion", "* Age 18\n  or more", "* ECOG 0-1", "1. First", "2) Second\nwrapped line"],
        );
    }

    fn document(kind: DocumentKind, parts: &[(&str, String)]) -> Document {
        let (mut text, mut sections) = (String::new(), vec![]);
        for (name, words) in parts {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            let start = text.len();
            text.push_str(words);
            sections.push(TextSection { name: (*name).into(), start, end: text.len() });
        }
        Document {
            id: DocumentId("demo:a".into()),
            kind,
            version: String::new(),
            corpus: "demo (invented)".into(),
            title: String::new(),
            sha256: "0123456789abcdef".into(),
            text,
            sections,
            access: Access::AbstractOnly,
            types: vec![],
            date: String::new(),
            venue: String::new(),
            ids: vec![],
            language: String::new(),
            standing: Standing::Current,
            invented: true,
            statements: vec![],
        }
    }

    fn sentence(words: usize) -> String {
        format!("Word{}. ", " word".repeat(words - 1))
    }

    #[track_caller]
    fn check_lengths(body: &str, expect: &[usize]) {
        let made = document(DocumentKind::Article, &[("title", "Title.".into()), ("abstract", body.into())]);
        let lengths: Vec<_> = passages(&made).iter().map(|passage| words(&passage.text)).collect();
        assert_eq!(lengths, expect);
    }

    #[test]
    fn passages_are_even_groups_of_sentences() {
        check_lengths(&sentence(20).repeat(9), &[180]);
        check_lengths(&sentence(20).repeat(10), &[100, 100]);
        check_lengths(&sentence(20).repeat(20), &[140, 120, 140]);
        check_lengths(&(sentence(10) + &sentence(400) + &sentence(10)), &[10, 180, 180, 50]);
        check_lengths(&"x".repeat(MOST_WORDS * 16 * 2 + 5), &[180, 180, 1]);
        check_lengths("Short.", &[1]);
    }

    #[test]
    fn hostile_texts_are_cut_in_one_pass() {
        for piece in ["\n", ". ", "A. ", "1. ", "x.) ", "(", "\n* ", "word "] {
            let text = piece.repeat(200_000);
            assert!(sentences(&text).len() <= 200_000, "{piece:?}");
        }
    }

    #[test]
    fn titles_and_statements_are_treated_as_what_they_are() {
        let title = ("title", "Only a title.".to_owned());
        let alone = passages(&document(DocumentKind::Article, std::slice::from_ref(&title)));
        assert_eq!(alone.len(), 1);
        assert_eq!((alone[0].section.as_str(), alone[0].text.as_str()), ("title", "Only a title."));
        let statement =
            passages(&document(DocumentKind::Statement, &[title, ("statement", sentence(30).repeat(9))]));
        assert_eq!(statement.len(), 1);
        assert_eq!(statement[0].section, "statement");
        assert_eq!(
            statement[0].key.to_string(),
            format!("demo:a@0123456789ab#15-{}", 15 + sentence(30).len() * 9 - 1)
        );
    }

    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => "[A-Za-z]{1,9}",
            2 => prop::sample::select(vec![" ", ". ", "? ", "\n", "\n\n", "* ", "et al. ", "p.V600E ", "0.05", "(", ")", "。", "é", "\u{1f9ec}", "\u{301}", "\u{2009}"])
                .prop_map(str::to_owned),
            1 => any::<String>(),
        ];
        prop::collection::vec(piece, 0..150).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn passages_cover_every_section_once_and_never_cross(title in text(), one in text(), two in text()) {
            let made = document(DocumentKind::Article, &[("title", title), ("one", one), ("two", two)]);
            let found = passages(&made);
            prop_assert_eq!(&found, &passages(&made));
            let mut last = 0;
            for passage in &found {
                let key = &passage.key;
                prop_assert!(last <= key.start && key.start < key.end);
                prop_assert_eq!(made.text.get(key.start..key.end), Some(passage.text.as_str()));
                prop_assert_eq!(passage.text.trim(), passage.text.as_str());
                prop_assert!(words(&passage.text) <= MOST_WORDS);
                last = key.end;
            }
            for section in &made.sections[1..] {
                let inside = found.iter().filter(|p| p.section == section.name);
                prop_assert!(inside.clone().all(|p| section.start <= p.key.start && p.key.end <= section.end));
                let words = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
                let joined: String = inside.map(|p| words(&p.text)).collect();
                prop_assert_eq!(joined, words(&made.text[section.start..section.end]));
            }
        }
    }
}
