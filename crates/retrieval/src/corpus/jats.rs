//! What does a full text say? JATS XML (ANSI/NISO Z39.96) as PubMed Central and publishers hand it out.
//!
//! Front matter, abstracts, body sections by their titles, captions of tables and figures. References, authors, tables'
//! cells and review reports are left out.

use super::Format;
use super::date::iso_date;
use super::error::Result;
use super::format::{Item, Scope, Sink, holds, refused};
use super::live::worse;
use super::part::Notice;
use super::pubmed::other_id;
use super::source::Source;
use super::text::{Draft, says_retracted};
use super::xml::split::{Cut, Records};
use super::xml::tree::{Element, Node, parse};
use super::xml::{check_declaration, flatten};
use concilium_evidence::passage::{Access, Document, DocumentId, DocumentKind, Standing};

/// The importer.
pub(crate) const FORMAT: Format = Format {
    name: "jats",
    reads: "full text in JATS XML, one article or a set of them, .xml, .nxml or .gz",
    looks_like: |_, head| {
        ["<article ", "<article>", "<article\n", "<article\r", "<pmc-articleset"]
            .iter()
            .any(|tag| holds(head, tag))
    },
    read,
};

/// Largest article, bytes of XML.
const LIMIT: usize = 64 << 20;

const SKIP: &[&str] = &[
    "back",
    "ref-list",
    "contrib-group",
    "aff",
    "author-notes",
    "permissions",
    "funding-group",
    "sub-article",
    "response",
    "table",
    "supplementary-material",
];

fn read(source: &mut Source, sink: &mut Sink) -> Result<Scope> {
    check_declaration(source)?;
    let mut records = Records::new(source, &["article"], LIMIT);
    while let Some(cut) = records.next_cut()? {
        match cut {
            Cut::Broken { what, offset } => sink(refused(format!("byte {offset}"), "broken XML", what))?,
            Cut::Record { bytes, offset, .. } => record(&bytes, offset, sink)?,
        }
    }
    Ok(Scope::default())
}

fn record(bytes: &[u8], offset: u64, sink: &mut Sink) -> Result<()> {
    let tree = match parse(bytes, SKIP) {
        Ok(tree) => tree,
        Err(error) => return sink(refused(format!("byte {}", offset + error.at), "broken XML", error.what)),
    };
    match article(&tree) {
        Ok((document, notices)) => {
            sink(Item::Document(Box::new(document)))?;
            notices.into_iter().try_for_each(|notice| sink(Item::Notice(notice)))
        }
        Err(what) => sink(refused(format!("byte {offset}"), what, "")),
    }
}

fn article(tree: &Element) -> std::result::Result<(Document, Vec<Notice>), &'static str> {
    let meta = tree.at(&["front", "article-meta"]).ok_or("no article-meta")?;
    let mut ids: Vec<_> = meta
        .all("article-id")
        .filter_map(|e| other_id(e.attribute("pub-id-type"), &flatten::inline(e)))
        .collect();
    ids.sort();
    ids.dedup();
    let id = own_id(&mut ids).ok_or("neither PMC id, DOI nor PMID")?;
    let mut draft = Draft::new(&title(meta));
    for summary in meta.all("abstract").chain(meta.all("trans-abstract")) {
        push_abstract(summary, &mut draft);
    }
    let has_abstract = draft.has_body();
    let before = draft.len();
    for body in tree.all("body").chain(tree.all("floats-group")) {
        push_section(body, "body", &mut draft);
    }
    if draft.is_empty() {
        return Err("neither title nor text");
    }
    let access = match (before < draft.len(), has_abstract) {
        (true, _) => Access::FullText,
        (false, true) => Access::AbstractOnly,
        (false, false) => Access::TitleOnly,
    };
    let mut document = draft.finish(id, DocumentKind::Article, access);
    document.types = vec![tree.attribute("article-type").to_owned()];
    document.types.retain(|kind| !kind.is_empty());
    document.date = date(meta);
    document.venue = venue(tree);
    document.ids = ids;
    document.language = tree.attribute("lang").to_owned();
    let notices = relations(tree, meta, &mut document);
    Ok((document, notices))
}

/// The id under which the full text is kept, taken out of the others: its PMC id, else its DOI, else its PMID.
fn own_id(ids: &mut Vec<String>) -> Option<DocumentId> {
    let at = ["pmc:", "doi:", "pmid:"]
        .iter()
        .find_map(|scheme| ids.iter().position(|id| id.starts_with(scheme)))?;
    Some(DocumentId(ids.remove(at)))
}

fn title(meta: &Element) -> String {
    let (title, subtitle) =
        (meta.text_at(&["title-group", "article-title"]), meta.text_at(&["title-group", "subtitle"]));
    if subtitle.is_empty() { title } else { format!("{title}: {subtitle}") }
}

/// `abstract`, `abstract: methods`, `abstract (teaser)`, `abstract (fr): methods`.
fn push_abstract(summary: &Element, draft: &mut Draft) {
    let language = if summary.name == "trans-abstract" { summary.attribute("lang") } else { "" };
    let which: Vec<_> =
        [language, summary.attribute("abstract-type")].into_iter().filter(|w| !w.is_empty()).collect();
    let name =
        if which.is_empty() { "abstract".to_owned() } else { format!("abstract ({})", which.join(", ")) };
    push_section(summary, &name, draft);
}

fn flatten_title(section: &Element) -> String {
    section.text_at(&["title"]).trim_end_matches([':', '.']).to_owned()
}

/// A section's own words, then its captions, then its subsections: `methods / patients`, `abstract: results`.
fn push_section(section: &Element, name: &str, draft: &mut Draft) {
    draft.push(name, &own_text(section));
    captions(section, draft);
    for child in section.elements().filter(|child| is_section(child)) {
        let title = flatten_title(child);
        let path = match (name, title.as_str()) {
            (name, "") => name.to_owned(),
            ("body", title) => title.to_owned(),
            (name, title) if name.starts_with("abstract") && !name.contains(": ") => {
                format!("{name}: {title}")
            }
            (name, title) => format!("{name} / {title}"),
        };
        push_section(child, &path, draft);
    }
}

fn is_section(element: &Element) -> bool {
    matches!(element.name.as_str(), "sec" | "boxed-text")
}

/// Words that are neither in a subsection nor a heading.
fn own_text(section: &Element) -> String {
    let mut lines = vec![];
    for node in &section.children {
        match node {
            Node::Element(child) if is_section(child) => {}
            Node::Element(child)
                if matches!(child.name.as_str(), "title" | "label" | "table-wrap" | "fig") => {}
            Node::Element(child) => lines.push(flatten::block(child)),
            Node::Text(text) => lines.push(text.trim().to_owned()),
        }
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// Captions of tables and figures of this section, wherever they stand in it.
fn captions(section: &Element, draft: &mut Draft) {
    for child in section.elements().filter(|child| !is_section(child)) {
        if matches!(child.name.as_str(), "table-wrap" | "fig") {
            let kind = if child.name == "fig" { "figure" } else { "table" };
            let label = child.text_at(&["label"]);
            let name = if label.is_empty() { kind.to_owned() } else { label };
            let words = child.at(&["caption"]).map(flatten::block).unwrap_or_default();
            draft.push(name.trim_end_matches('.'), &words);
        } else {
            captions(child, draft);
        }
    }
}

/// Electronic publication, else print, else whatever is dated.
fn date(meta: &Element) -> String {
    let kind = |date: &Element| match (date.attribute("date-type"), date.attribute("pub-type")) {
        ("pub", _) | (_, "epub") => 0,
        (_, "ppub") => 1,
        (_, "collection") => 2,
        _ => 3,
    };
    let mut dates: Vec<_> = meta.all("pub-date").collect();
    dates.sort_by_key(|date| kind(date));
    let iso = |date: &&Element| {
        iso_date(&date.text_at(&["year"]), &date.text_at(&["month"]), &date.text_at(&["day"]))
    };
    dates.iter().map(iso).find(|date| !date.is_empty()).unwrap_or_default()
}

fn venue(tree: &Element) -> String {
    let journal = ["front", "journal-meta"];
    let grouped = tree.text_at(&[journal[0], journal[1], "journal-title-group", "journal-title"]);
    if grouped.is_empty() { tree.text_at(&[journal[0], journal[1], "journal-title"]) } else { grouped }
}

/// Standing by the article's own type, title and relations; notices about the articles it is a notice of.
fn relations(tree: &Element, meta: &Element, document: &mut Document) -> Vec<Notice> {
    let mut notices = vec![];
    if tree.attribute("article-type") == "retracted-article" || says_retracted(&document.title) {
        document.standing = Standing::Retracted(None);
    }
    for related in meta.all("related-article") {
        let other = other_id(related.attribute("ext-link-type"), related.attribute("href"));
        let kind = related.attribute("related-article-type");
        if let Some(standing) = standing_by(kind, other.clone()) {
            document.standing = worse(std::mem::take(&mut document.standing), standing);
        }
        if let ("correction-forward", Some(other)) = (kind, &other) {
            document.ids.push(format!("erratum:{other}"));
        }
        if let (Some(about), Some(standing)) = (other, standing_of(kind, &document.id)) {
            notices.push(Notice { about: DocumentId(about), by: document.id.clone(), standing });
        }
    }
    notices
}

fn standing_by(kind: &str, by: Option<String>) -> Option<Standing> {
    match kind {
        "retraction" | "retraction-forward" => Some(Standing::Retracted(by)),
        "expression-of-concern" | "concern-forward" => Some(Standing::Concern(by)),
        _ => None,
    }
}

fn standing_of(kind: &str, by: &DocumentId) -> Option<Standing> {
    match kind {
        "retracted-article" => Some(Standing::Retracted(Some(by.0.clone()))),
        "object-of-concern" => Some(Standing::Concern(Some(by.0.clone()))),
        _ => None,
    }
}
