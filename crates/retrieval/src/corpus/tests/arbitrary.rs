//! No bytes make an importer panic, and what it keeps is sound.

use super::super::{Corpus, FORMATS, ImportOptions, Outcome, Progress, text};
use super::{Folder, about};
use concilium_models::never;
use proptest::prelude::*;

/// Pieces of what importers look for, so that random files get past the first look.
const PIECES: &[&str] = &[
    "<PubmedArticleSet>",
    "<PubmedArticle>",
    "</PubmedArticle>",
    "<MedlineCitation>",
    "</MedlineCitation>",
    "<PMID>1</PMID>",
    "<Article>",
    "</Article>",
    "<ArticleTitle>a</ArticleTitle>",
    "<DeleteCitation>",
    "</DeleteCitation>",
    "<article>",
    "</article>",
    "<front>",
    "<article-meta>",
    "<article-id pub-id-type=\"doi\">1</article-id>",
    "</article-meta>",
    "</front>",
    "<body>",
    "<sec>",
    "<p>x",
    "</p>",
    "</sec>",
    "</body>",
    "<sup>",
    "</sup>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "&#x110000;",
    "&#0;",
    "&x;",
    "<",
    ">",
    "\"",
    "\n",
    "\t",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"protocolSection\"",
    "\"studies\"",
    "\"identificationModule\"",
    "\"nctId\"",
    "\"NCT90000001\"",
    "\"briefTitle\"",
    "\"nct_id\"",
    "\"id\"",
    "\"kind\"",
    "\"text\"",
    "\"pmid:1\"",
    "\"article\"",
    "evidence_id\tevidence_statement\tevidence_type\tdisease\tlast_review_date",
    "1\tWords.\tPredictive\tx\t2024-01-01",
    "# ",
    "```",
    "\u{fe0f}",
    "é",
    "\u{feff}",
    "\0",
];

fn files() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_bytes_make_an_importer_panic(bytes in files(), zipped in any::<bool>()) {
        let folder = Folder::new();
        let mut corpus = Corpus::create(&folder.corpus(), about()).expect("new");
        let bytes = if zipped { super::gzip(&bytes) } else { bytes };
        let input = folder.file("some.txt", &bytes);
        let automatic = std::iter::once(None);
        for format in automatic.chain(FORMATS.iter().map(Some)) {
            let options = ImportOptions { format, time: String::new(), strict: false };
            let outcome = corpus.import(&input, &options, &mut |_: Progress| {}, &never);
            if let Ok(Outcome::Imported(part)) = outcome {
                for document in corpus.live().expect("live").documents() {
                    prop_assert_eq!(text::problem(&document.expect("sound")), None);
                }
                prop_assert_eq!(corpus.verify().expect("readable"), Vec::<String>::new());
                prop_assert_eq!(part.read, part.kept + part.repeated + part.refused_in_all());
            }
        }
    }
}

#[test]
fn no_importer_keeps_half_of_a_packed_file_that_was_cut_short() {
    let folder = Folder::new();
    let mut corpus = Corpus::create(&folder.corpus(), about()).expect("new");
    let lines: String =
        (0..500).map(|n| format!("{{\"nct_id\":\"NCT9{n:07}\",\"title\":\"Words {n}\"}}\n")).collect();
    let packed = super::gzip(lines.as_bytes());
    for format in FORMATS {
        for ending in ["jsonl", "json"] {
            let input = folder.file(&format!("cut.{ending}.gz"), &packed[..packed.len() * 3 / 4]);
            let options = ImportOptions { format: Some(format), time: String::new(), strict: false };
            let error = corpus
                .import(&input, &options, &mut |_: Progress| {}, &never)
                .expect_err("refused")
                .to_string();
            let cut = error.contains("cut short or damaged");
            let other_type = format.name == "civic" && error.contains("is missing");
            assert!(cut || other_type, "{}: {error}", format.name);
        }
    }
    assert_eq!(corpus.parts(), []);
}
