//! Which articles stand in a PubMed/MEDLINE XML file, and which did the source take back?
//!
//! Baseline and update files as the U.S. National Library of Medicine describes them ("MEDLINE/PubMed XML Element
//! Descriptions and their Attributes", 2018 production year): `PubmedArticle` and `DeleteCitation`, whatever lies around.

use super::date::{is_year, iso_date};
use super::error::Result;
use super::format::{Item, Scope, Sink, holds, refused};
use super::live::worse;
use super::part::Notice;
use super::source::Source;
use super::text::{Draft, says_retracted};
use super::xml::split::{Cut, Records};
use super::xml::tree::{Element, parse};
use super::xml::{check_declaration, flatten};
use super::{Format, id};
use concilium_evidence::passage::{Access, Document, DocumentId, DocumentKind, Standing};

/// The importer.
pub(crate) const FORMAT: Format = Format {
    name: "pubmed",
    reads: "PubMed/MEDLINE XML, baseline and update files, .xml or .xml.gz",
    looks_like: |_, head| holds(head, "<PubmedArticle") || holds(head, "<DeleteCitation"),
    read,
};

/// Largest article, bytes of XML.
const LIMIT: usize = 16 << 20;

/// Not needed, and the larger part of a record.
const SKIP: &[&str] = &[
    "AuthorList",
    "InvestigatorList",
    "MeshHeadingList",
    "ChemicalList",
    "GrantList",
    "ReferenceList",
    "PersonalNameSubjectList",
    "KeywordList",
    "SupplMeshList",
    "DataBankList",
];

fn read(source: &mut Source, sink: &mut Sink) -> Result<Scope> {
    check_declaration(source)?;
    let rooted = holds(source.head(), "<PubmedArticleSet");
    let scope = Scope { rank: file_number(&source.name), complete: None };
    let mut records = Records::new(source, &["PubmedArticle", "PubmedBookArticle", "DeleteCitation"], LIMIT);
    while let Some(cut) = records.next_cut()? {
        match cut {
            Cut::Broken { what, offset } => sink(refused(format!("byte {offset}"), "broken XML", what))?,
            Cut::Record { name: "PubmedBookArticle", offset, .. } => {
                sink(refused(format!("byte {offset}"), "a book chapter, which is not read", ""))?;
            }
            Cut::Record { name, bytes, offset } => record(name, &bytes, offset, sink)?,
        }
    }
    if rooted && !records.ended_with("PubmedArticleSet") {
        sink(refused("end of the file", "the file ends before its last tag; was it cut short?", ""))?;
    }
    Ok(scope)
}

/// `pubmed26n1275.xml.gz` → 26·10⁶ + 1275: the order in which the source wants its files applied.
fn file_number(name: &str) -> Option<u64> {
    let rest = name.strip_prefix("pubmed")?;
    let (year, rest) = rest.split_at_checked(2)?;
    let number = rest.strip_prefix('n')?.split('.').next()?;
    Some(year.parse::<u64>().ok()? * 1_000_000 + number.parse::<u64>().ok().filter(|n| *n < 1_000_000)?)
}

fn record(name: &str, bytes: &[u8], offset: u64, sink: &mut Sink) -> Result<()> {
    let tree = match parse(bytes, SKIP) {
        Ok(tree) => tree,
        Err(error) => {
            let at = match pmid_of_broken(bytes) {
                Some(pmid) => format!("byte {}, pmid {pmid}", offset + error.at),
                None => format!("byte {}", offset + error.at),
            };
            return sink(refused(at, "broken XML", error.what));
        }
    };
    if name == "DeleteCitation" {
        return deletions(&tree, offset, sink);
    }
    match article(&tree) {
        Ok((document, notices)) => {
            sink(Item::Document(Box::new(document)))?;
            notices.into_iter().try_for_each(|notice| sink(Item::Notice(notice)))
        }
        Err(what) => sink(refused(format!("byte {offset}"), what, "")),
    }
}

/// First PMID of a record that cannot be read as XML.
fn pmid_of_broken(bytes: &[u8]) -> Option<String> {
    let at = memchr::memmem::find(bytes, b"<PMID")?;
    let digits = bytes[at..].iter().skip_while(|byte| **byte != b'>').skip(1);
    let digits: String =
        digits.take_while(|byte| byte.is_ascii_digit()).take(10).map(|b| char::from(*b)).collect();
    (!digits.is_empty()).then_some(digits)
}

fn deletions(tree: &Element, offset: u64, sink: &mut Sink) -> Result<()> {
    for element in tree.all("PMID") {
        match pmid(element) {
            Some(id) => sink(Item::Deleted(id))?,
            None => sink(refused(format!("byte {offset}"), "a PMID that is no number", ""))?,
        }
    }
    Ok(())
}

/// Digits only, without leading zeros.
fn pmid(element: &Element) -> Option<DocumentId> {
    let text = flatten::inline(element);
    let number: u64 =
        if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok()? } else { return None };
    Some(id("pmid", &number.to_string()))
}

/// The document of one article, and what it says about others.
fn article(tree: &Element) -> std::result::Result<(Document, Vec<Notice>), &'static str> {
    let citation = tree.at(&["MedlineCitation"]).ok_or("no MedlineCitation")?;
    let number = citation.at(&["PMID"]).ok_or("no PMID")?;
    let id = pmid(number).ok_or("a PMID that is no number")?;
    let article = citation.at(&["Article"]).ok_or("no Article")?;
    let (draft, has_abstract) = draft(citation, article);
    if draft.is_empty() {
        return Err("neither title nor abstract");
    }
    let access = if has_abstract { Access::AbstractOnly } else { Access::TitleOnly };
    let mut document = draft.finish(id, DocumentKind::Article, access);
    document.version = version(number, citation);
    document.types = types(article);
    document.date = date(article, tree);
    document.venue = venue(citation, article);
    document.ids = ids(article, tree);
    document.language = article
        .all("Language")
        .map(flatten::inline)
        .filter(|code| !code.is_empty())
        .collect::<Vec<_>>()
        .join(", ");
    let notices = corrections(citation, &mut document);
    Ok((document, notices))
}

/// Title, abstract by its labels, the title as first printed, and abstracts in other languages.
fn draft(citation: &Element, article: &Element) -> (Draft, bool) {
    let (title, vernacular) = (article.text_at(&["ArticleTitle"]), article.text_at(&["VernacularTitle"]));
    let mut draft = if title.is_empty() { Draft::new(&vernacular) } else { Draft::new(&title) };
    if !title.is_empty() {
        draft.push("vernacular title", &vernacular);
    }
    let mut has_abstract = false;
    for text in article.at(&["Abstract"]).iter().flat_map(|found| found.all("AbstractText")) {
        let words = flatten::block(text);
        has_abstract |= !words.is_empty();
        draft.push(&named("abstract", text.attribute("Label")), &words);
    }
    for other in citation.all("OtherAbstract") {
        let which: Vec<_> = [other.attribute("Language"), other.attribute("Type")]
            .into_iter()
            .filter(|w| !w.is_empty())
            .collect();
        for text in other.all("AbstractText") {
            let words = flatten::block(text);
            has_abstract |= !words.is_empty();
            let name = format!("abstract ({})", which.join(", "));
            draft.push(&named(&name, text.attribute("Label")), &words);
        }
    }
    (draft, has_abstract)
}

fn named(name: &str, label: &str) -> String {
    match label.trim().trim_end_matches(':') {
        "" => name.to_owned(),
        label => format!("{name}: {label}"),
    }
}

/// Version of the record, then the day it was last revised: `1 (2024-03-11)`.
fn version(number: &Element, citation: &Element) -> String {
    let version = number.attribute("Version").trim();
    let version = if version.is_empty() { "1" } else { version };
    let days = [citation.at(&["DateRevised"]), citation.at(&["DateCompleted"])];
    match days.into_iter().flatten().map(day).find(|day| !day.is_empty()) {
        Some(day) => format!("{version} ({day})"),
        None => version.to_owned(),
    }
}

fn types(article: &Element) -> Vec<String> {
    let list = article.at(&["PublicationTypeList"]);
    let types = list.iter().flat_map(|list| list.all("PublicationType")).map(flatten::inline);
    types.filter(|kind| !kind.is_empty()).collect()
}

fn venue(citation: &Element, article: &Element) -> String {
    let places: [&[&str]; 3] =
        [&["Journal", "ISOAbbreviation"], &["Journal", "Title"], &["MedlineJournalInfo", "MedlineTA"]];
    let found = places
        .iter()
        .map(|path| if path[0] == "Journal" { article.text_at(path) } else { citation.text_at(path) });
    found.into_iter().find(|name| !name.is_empty()).unwrap_or_default()
}

/// Date of the issue, else of the electronic version, else of entry into PubMed.
fn date(article: &Element, tree: &Element) -> String {
    let entered = tree.at(&["PubmedData", "History"]);
    let entered = entered.and_then(|history| {
        history.all("PubMedPubDate").find(|date| date.attribute("PubStatus") == "pubmed")
    });
    let places = [article.at(&["Journal", "JournalIssue", "PubDate"]), article.at(&["ArticleDate"]), entered];
    places.into_iter().flatten().map(day).find(|day| !day.is_empty()).unwrap_or_default()
}

/// `2024`, `2024-03` or `2024-03-11`. A season, and a `MedlineDate` such as `1998 Dec-1999 Jan`, give the first year:
/// anything finer would be more than the source says.
fn day(element: &Element) -> String {
    let year = element.text_at(&["Year"]);
    if !is_year(&year) {
        let free = element.text_at(&["MedlineDate"]);
        return free
            .split(|c: char| !c.is_ascii_digit())
            .find(|word| is_year(word))
            .unwrap_or_default()
            .to_owned();
    }
    iso_date(&year, &element.text_at(&["Month"]), &element.text_at(&["Day"]))
}

/// DOI and PMC id, sorted; those of its references are not its own.
fn ids(article: &Element, tree: &Element) -> Vec<String> {
    let listed = tree.at(&["PubmedData", "ArticleIdList"]);
    let listed = listed
        .iter()
        .flat_map(|list| list.all("ArticleId"))
        .map(|e| (e.attribute("IdType"), flatten::inline(e)));
    let located = article.all("ELocationID").filter(|e| e.attribute("ValidYN") != "N");
    let located = located.map(|e| (e.attribute("EIdType"), flatten::inline(e)));
    let mut ids: Vec<_> = listed.chain(located).filter_map(|(kind, text)| other_id(kind, &text)).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// `doi:10.…` in lower case, `pmc:PMC…`.
pub(crate) fn other_id(kind: &str, text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_whitespace) {
        return None;
    }
    match kind {
        "doi" => Some(format!("doi:{}", text.to_lowercase())),
        "pmc" | "pmcid" => Some(format!("pmc:PMC{}", text.to_uppercase().trim_start_matches("PMC"))),
        "pmid" => Some(format!("pmid:{text}")),
        _ => None,
    }
}

/// Standing of the article by its corrections and types; notices about the articles it speaks of.
fn corrections(citation: &Element, document: &mut Document) -> Vec<Notice> {
    let mut notices = vec![];
    if document.types.iter().any(|kind| kind == "Retracted Publication") || says_retracted(&document.title) {
        document.standing = Standing::Retracted(None);
    }
    let list = citation.at(&["CommentsCorrectionsList"]);
    for correction in list.iter().flat_map(|list| list.all("CommentsCorrections")) {
        let other = correction.at(&["PMID"]).and_then(pmid);
        let name = other
            .as_ref()
            .map(|id| id.0.clone())
            .or_else(|| Some(correction.text_at(&["RefSource"])).filter(|source| !source.is_empty()));
        let kind = correction.attribute("RefType");
        if let Some(standing) = standing_by(kind, name.clone()) {
            document.standing = worse(std::mem::take(&mut document.standing), standing);
        }
        if let ("ErratumIn", Some(name)) = (kind, name) {
            document.ids.push(format!("erratum:{name}"));
        }
        if let (Some(about), Some(standing)) = (other, standing_of(kind, &document.id)) {
            notices.push(Notice { about, by: document.id.clone(), standing });
        }
    }
    notices
}

/// What `…In` another publication means for this one. An erratum leaves it standing.
fn standing_by(kind: &str, by: Option<String>) -> Option<Standing> {
    match kind {
        "RetractionIn" | "RetractedandRepublishedIn" => Some(Standing::Retracted(by)),
        "ExpressionOfConcernIn" => Some(Standing::Concern(by)),
        "CorrectedandRepublishedIn" | "UpdateIn" => Some(Standing::Superseded(by)),
        _ => None,
    }
}

/// What `…Of` or `…For` another publication means for that one.
fn standing_of(kind: &str, by: &DocumentId) -> Option<Standing> {
    let by = Some(by.0.clone());
    match kind {
        "RetractionOf" | "RetractedandRepublishedFrom" => Some(Standing::Retracted(by)),
        "ExpressionOfConcernFor" => Some(Standing::Concern(by)),
        "CorrectedandRepublishedFrom" | "UpdateOf" => Some(Standing::Superseded(by)),
        _ => None,
    }
}
