//! PubMed XML: what is read, and what bad files cost.

use super::super::xml::split::{Cut, Records};
use super::{Folder, alone, check, check_refused, counts, gzip, import};
use expect_test::expect;

/// A file around records.
fn set(records: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE PubmedArticleSet PUBLIC \"-//NLM//DTD\" \
         \"pubmed.dtd\">\n<PubmedArticleSet>{records}</PubmedArticleSet>\n"
    )
}

/// The smallest article.
pub(super) fn article(pmid: &str, revised: &str, title: &str) -> String {
    format!(
        "<PubmedArticle><MedlineCitation><PMID Version=\"1\">{pmid}</PMID><DateRevised><Year>{revised}</Year>\
         </DateRevised><Article><ArticleTitle>{title}</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
    )
}

#[test]
fn a_full_record_is_read() {
    let records = "<PubmedArticle>
      <MedlineCitation Status=\"MEDLINE\" Owner=\"NLM\"><PMID Version=\"2\">90000001</PMID>
        <DateRevised><Year>2024</Year><Month>03</Month><Day>11</Day></DateRevised>
        <Article PubModel=\"Print\"><Journal><JournalIssue><PubDate><Year>2023</Year><Month>Dec</Month></PubDate></JournalIssue>
          <Title>The Invented Journal</Title><ISOAbbreviation>Inv J</ISOAbbreviation></Journal>
          <ArticleTitle>Inventinib in <i>BRAF</i><sup>V600E</sup> disease: p &lt; 10<sup>-3</sup>.</ArticleTitle>
          <ELocationID EIdType=\"doi\" ValidYN=\"Y\">10.9999/INV.1</ELocationID>
          <Abstract><AbstractText Label=\"BACKGROUND\" NlmCategory=\"BACKGROUND\">Nothing was
             known.</AbstractText><AbstractText Label=\"RESULTS\">Response in 30&#xa0;% of <b>50</b>.</AbstractText>
             <CopyrightInformation>Nobody.</CopyrightInformation></Abstract>
          <AuthorList><Author><LastName>Nobody</LastName></Author></AuthorList>
          <Language>fre</Language>
          <PublicationTypeList><PublicationType UI=\"D016449\">Randomized Controlled Trial</PublicationType></PublicationTypeList>
          <VernacularTitle>L'inventinib.</VernacularTitle></Article>
        <OtherAbstract Type=\"Publisher\" Language=\"fre\"><AbstractText>Rien.</AbstractText></OtherAbstract>
        <CommentsCorrectionsList><CommentsCorrections RefType=\"ErratumIn\"><RefSource>Inv J. 2024</RefSource>
          <PMID Version=\"1\">90000009</PMID></CommentsCorrections></CommentsCorrectionsList></MedlineCitation>
      <PubmedData><ArticleIdList><ArticleId IdType=\"pubmed\">90000001</ArticleId><ArticleId IdType=\"doi\">10.9999/inv.1</ArticleId>
        <ArticleId IdType=\"pmc\">PMC90001</ArticleId></ArticleIdList>
        <ReferenceList><Reference><ArticleIdList><ArticleId IdType=\"doi\">10.9999/other</ArticleId></ArticleIdList></Reference></ReferenceList></PubmedData>
    </PubmedArticle>";
    check(
        "some.xml",
        set(records).as_bytes(),
        expect![[r#"
            pubmed read 1, kept 1
            pmid:90000001 v[2 (2024-03-11)] Article AbstractOnly small
              types ["Randomized Controlled Trial"] date 2023-12 venue Inv J ids ["doi:10.9999/inv.1", "pmc:PMC90001", "erratum:pmid:90000009"] language fre
              Current
              [title] Inventinib in BRAF^V600E disease: p < 10^-3.
              [vernacular title] L'inventinib.
              [abstract: background] Nothing was known.
              [abstract: results] Response in 30 % of 50.
              [abstract (fre, publisher)] Rien.
        "#]],
    );
}

#[test]
fn retractions_reach_the_article_from_both_sides() {
    let corrected = |pmid: &str, kind: &str, other: &str| {
        article(pmid, "2024", "Words").replace(
            "</Article>",
            &format!(
                "</Article><CommentsCorrectionsList><CommentsCorrections RefType=\"{kind}\"><RefSource>J</RefSource>\
                 <PMID>{other}</PMID></CommentsCorrections></CommentsCorrectionsList>"
            ),
        )
    };
    let typed = article("90000006", "2024", "Words").replace(
        "</ArticleTitle>",
        "</ArticleTitle><PublicationTypeList><PublicationType>Retracted Publication</PublicationType></PublicationTypeList>",
    );
    let records = [
        corrected("90000001", "RetractionIn", "90000011"),
        article("90000002", "2024", "Words"),
        corrected("90000003", "RetractionOf", "90000002"),
        corrected("90000004", "ExpressionOfConcernIn", "90000014"),
        corrected("90000005", "UpdateIn", "90000015"),
        typed,
        corrected("90000007", "CommentIn", "90000017"),
    ];
    let (_, documents) = alone("some.xml", set(&records.concat()).as_bytes());
    let standings: String = documents.iter().map(|d| format!("{} {:?}\n", d.id, d.standing)).collect();
    expect![[r#"
        pmid:90000001 Retracted(Some("pmid:90000011"))
        pmid:90000002 Retracted(Some("pmid:90000003"))
        pmid:90000003 Current
        pmid:90000004 Concern(Some("pmid:90000014"))
        pmid:90000005 Superseded(Some("pmid:90000015"))
        pmid:90000006 Retracted(None)
        pmid:90000007 Current
    "#]]
    .assert_eq(&standings);
}

#[test]
fn dates_are_as_precise_as_the_source() {
    let dates = [
        "<Year>2024</Year><Month>Feb</Month><Day>3</Day>",
        "<Year>2024</Year><Season>Spring</Season>",
        "<MedlineDate>1998 Dec-1999 Jan</MedlineDate>",
        "<Year>2024</Year><Month>13</Month>",
        "<MedlineDate>no year</MedlineDate>",
    ];
    let records = dates.iter().enumerate().map(|(at, date)| {
        let issue =
            format!("<Article><Journal><JournalIssue><PubDate>{date}</PubDate></JournalIssue></Journal>");
        article(&format!("9000000{at}"), "2024", "Words").replace("<Article>", &issue)
    });
    let (_, documents) = alone("some.xml", set(&records.collect::<String>()).as_bytes());
    let found: Vec<_> = documents.iter().map(|d| d.date.as_str()).collect();
    assert_eq!(found, ["2024-02-03", "2024", "1998", "2024", ""]);
}

#[test]
fn a_broken_article_costs_only_itself() {
    let good = |n: u8| article(&format!("9000000{n}"), "2024", "Good");
    let broken = [
        good(1),
        article("90000002", "2024", "<i>never closed"),
        good(3),
        "<PubmedArticle><MedlineCitation><PMID>90000004</PMID>".to_owned(),
        good(5),
        article("90000006", "2024", "an &unknown; entity"),
        article("9x", "2024", "no number"),
        article("90000007", "2024", ""),
        "<!-- <PubmedArticle> is not one -->".to_owned(),
        good(8),
        "<PubmedBookArticle><x/></PubmedBookArticle>".to_owned(),
        "<PubmedArticle><MedlineCitation><PMID>90000009</PMID>".to_owned(),
    ];
    let (part, documents) = alone("some.xml", set(&broken.concat()).as_bytes());
    let ids: Vec<_> = documents.iter().map(|d| d.id.0.as_str()).collect();
    assert_eq!(ids, ["pmid:90000001", "pmid:90000003", "pmid:90000005", "pmid:90000008"]);
    let refusals: String =
        part.refusals.iter().map(|r| format!("{}: {} {}\n", r.at, r.reason, r.detail)).collect();
    expect![[r#"
        read 11, kept 4, refused 1 a PMID that is no number, refused 1 a book chapter, which is not read, refused 4 broken XML, refused 1 neither title nor abstract
        byte 461, pmid 90000002: broken XML ill-formed document: expected `</i>`, but `</ArticleTitle>` was found
        byte 715: broken XML the next record begins before this one ends
        byte 1098, pmid 90000006: broken XML an entity that is not known
        byte 1173: a PMID that is no number 
        byte 1367: neither title nor abstract 
        byte 1788: a book chapter, which is not read 
        byte 1831: broken XML the file ends inside the record
    "#]].assert_eq(&format!("{}\n{refusals}", counts(&part)));
    let folder = Folder::new();
    let strict = import(&folder, "some.xml", set(&broken.concat()).as_bytes(), true).expect_err("strict");
    expect!["some.xml, byte 461, pmid 90000002: broken XML: ill-formed document: expected `</i>`, but `</ArticleTitle>` was found; without strict reading the record is left out and counted"].assert_eq(&strict);
}

#[test]
fn a_file_cut_short_between_records_says_so() {
    let whole = set(&article("90000001", "2024", "Words"));
    let cut = whole.trim_end().trim_end_matches("</PubmedArticleSet>");
    let (part, _) = alone("some.xml", cut.as_bytes());
    assert_eq!(
        counts(&part),
        "read 2, kept 1, refused 1 the file ends before its last tag; was it cut short?"
    );
}

#[test]
fn bad_files_are_refused_as_a_whole() {
    let whole = set(&article("90000001", "2024", "Words"));
    check_refused("empty.xml", b"", "empty.xml: the file is empty; copy or download it again");
    let packed = gzip(whole.as_bytes());
    check_refused(
        "cut.xml.gz",
        &packed[..packed.len() / 2],
        "cut.xml.gz: the gzip stream is cut short or damaged; copy or download it again",
    );
    let bomb = whole.replace("\"pubmed.dtd\"", "\"pubmed.dtd\" [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]");
    check_refused(
        "bomb.xml",
        bomb.as_bytes(),
        "bomb.xml: the file defines XML entities of its own; resolve them first (`xmllint --noent` on a file you trust)",
    );
    check_refused(
        "latin.xml",
        whole.replace("utf-8", "ISO-8859-1").as_bytes(),
        "latin.xml: the XML declares another encoding than UTF-8; convert it to UTF-8 (iconv) and correct its first line",
    );
    let wide: Vec<u8> =
        "\u{feff}".encode_utf16().chain(whole.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    check_refused("wide.xml", &wide, "wide.xml: the file is UTF-16 or UTF-32; convert it to UTF-8");
    check_refused(
        "page.xml",
        b"<!DOCTYPE html><html></html>",
        "page.xml: a web page (HTML); save its text as .txt or .md, or import the publisher's JATS XML",
    );
    check_refused(
        "other.bin",
        b"\x00\x01\x02",
        "other.bin: its format is not recognised; name it: pubmed, jats, civic, trials, documents, plain",
    );
    check_refused("zip.xml", b"PK\x03\x04....", "zip.xml: a zip archive; unpack it and import the folder");
    let mut bytes = whole.into_bytes();
    let at = bytes.windows(5).position(|w| w == b"Words").expect("there");
    bytes[at] = 0xff;
    check_refused(
        "bytes.xml",
        &bytes,
        "bytes.xml: none of 1 records can be kept; the first, at byte 251, pmid 90000001: broken XML (not UTF-8); is this a file of format `pubmed`?",
    );
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    let deep = format!("{}{}", "<b>".repeat(100_000), "</b>".repeat(100_000));
    let records = article("90000001", "2024", "Words") + &article("90000002", "2024", &deep);
    let (part, _) = alone("deep.xml", set(&records).as_bytes());
    assert_eq!(counts(&part), "read 2, kept 1, refused 1 broken XML");
}

#[test]
fn packed_and_plain_files_give_the_same_documents() {
    let file = set(&article("90000001", "2024", "Words"));
    assert_eq!(alone("a.xml", file.as_bytes()).1, alone("a.xml.gz", &gzip(file.as_bytes())).1);
}

#[test]
fn reading_holds_one_record_and_not_the_file() {
    let one = article("90000001", "2024", &"words ".repeat(2000));
    let folder = Folder::new();
    let input = folder.file("large.xml", set(&one.repeat(1500)).as_bytes());
    let mut source = super::super::source::Source::open(&input, &concilium_models::never).expect("open");
    let mut records = Records::new(&mut source, &["PubmedArticle"], 1 << 20);
    let (mut found, mut largest) = (0, 0);
    while let Some(cut) = records.next_cut().expect("readable") {
        assert!(matches!(&cut, Cut::Record { bytes, .. } if bytes.len() == one.len()));
        found += 1;
        largest = largest.max(records.held());
    }
    assert_eq!(found, 1500);
    assert!(largest < 1 << 20, "{largest} bytes held of {} MB", (one.len() * 1500) >> 20);
}

#[test]
fn a_record_over_the_limit_is_passed_by() {
    let folder = Folder::new();
    let huge = article("90000001", "2024", &"words ".repeat(100_000));
    let small = article("90000002", "2024", "Words");
    let input = folder.file("some.xml", set(&(huge + &small)).as_bytes());
    let mut source = super::super::source::Source::open(&input, &concilium_models::never).expect("open");
    let mut records = Records::new(&mut source, &["PubmedArticle"], 100_000);
    let first = records.next_cut().expect("readable");
    assert!(matches!(first, Some(Cut::Broken { what: "the record is too large", .. })), "{first:?}");
    let second = records.next_cut().expect("readable");
    assert!(matches!(second, Some(Cut::Record { bytes, .. }) if bytes == small.as_bytes()));
}
