//! What does a passage speak of? Its words and its document's title, read with the lexicon, as facets.

use crate::filter::{Facets, Field};
use concilium_evidence::passage::{Access, Document, DocumentKind, Passage, Standing};
use concilium_terms::lexicon::{Kind, Lexicon, Reading, Writing};
use std::collections::BTreeSet;

/// Reads passages. `ancestors` gives everything above a disease; itself may be among them.
pub struct Annotator<'a> {
    /// Names.
    pub lexicon: &'a Lexicon,
    /// DOID → DOIDs above it.
    pub ancestors: &'a (dyn Fn(&str) -> Vec<String> + Sync),
}

impl Annotator<'_> {
    /// The facets of one passage of a document. A name several things share counts for each of them that curated
    /// knowledge speaks of (all when there is none): a filter must not lose a passage over an alias.
    pub fn facets(&self, document: &Document, passage: &Passage) -> Facets {
        let title = self.lexicon.read(&document.title, Writing::Prose);
        let body = self.lexicon.read(&passage.text, Writing::Prose);
        let mut named = Named::default();
        named.add(&title);
        named.add(&body);
        named.take_regimen_drugs(&document.title, &title, self.lexicon);
        named.take_regimen_drugs(&passage.text, &body, self.lexicon);
        named.take_title_gene(&title, &body, self.lexicon);
        let above: Vec<String> = named.diseases.iter().flat_map(|doid| (self.ancestors)(doid)).collect();
        named.diseases.extend(above);
        let mut facets = of_document(document);
        facets.set(Field::Gene, named.genes.into_iter().collect());
        facets.set(Field::Variant, named.variants.into_iter().collect());
        facets.set(Field::Disease, named.diseases.into_iter().collect());
        facets.set(Field::Drug, named.drugs.into_iter().collect());
        facets
    }
}

/// What names stand for, each once.
#[derive(Default)]
struct Named {
    genes: BTreeSet<String>,
    variants: BTreeSet<String>,
    diseases: BTreeSet<String>,
    drugs: BTreeSet<String>,
}

impl Named {
    fn add(&mut self, reading: &Reading) {
        for entry in reading.mentions.iter().flat_map(|mention| mention.preferred()) {
            let set = match entry.kind {
                Kind::Gene => &mut self.genes,
                Kind::Disease => &mut self.diseases,
                Kind::Drug => &mut self.drugs,
                Kind::DrugClass | Kind::Other => continue,
            };
            set.insert(entry.id.to_string());
        }
        for variant in &reading.variants {
            self.genes.extend(variant.genes.iter().cloned());
            self.variants.extend(variant.names());
        }
    }

    /// A regimen named by its drugs (`carboplatin and pemetrexed`) also names each of them.
    fn take_regimen_drugs(&mut self, text: &str, reading: &Reading, lexicon: &Lexicon) {
        let regimens = reading.mentions.iter().filter(|mention| mention.is(Kind::Other));
        for words in regimens.filter_map(|mention| text.get(mention.span.clone())) {
            let each = words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            let drugs = each.flat_map(|word| lexicon.named(word, Kind::Drug));
            self.drugs.extend(drugs.map(|entry| entry.id.to_string()));
        }
    }

    /// A change without a gene in its sentence is of the title's gene when it is known of that gene.
    fn take_title_gene(&mut self, title: &Reading, body: &Reading, lexicon: &Lexicon) {
        let genes =
            title.mentions.iter().filter_map(|mention| mention.likely()).filter(|e| e.kind == Kind::Gene);
        let genes: BTreeSet<&str> = genes.map(|entry| &*entry.id).collect();
        for variant in body.variants.iter().filter(|variant| variant.genes.is_empty()) {
            let names = genes.iter().map(|gene| format!("{gene} {}", variant.change));
            self.variants.extend(names.filter(|name| lexicon.knows(name)));
        }
    }
}

/// What the document says of itself, the same for each of its passages.
fn of_document(document: &Document) -> Facets {
    let mut facets = Facets::default();
    let mut one = |field, value: &str| facets.set(field, vec![value.to_owned()]);
    one(Field::Document, &document.id.0);
    one(Field::Kind, kind_name(document.kind));
    one(Field::Corpus, &document.corpus);
    one(Field::Access, access_name(document.access));
    one(Field::Standing, standing_name(&document.standing));
    one(Field::Invented, if document.invented { "true" } else { "false" });
    let statements = document.statements.iter().map(|key| key.as_str().to_owned()).collect();
    facets.set(Field::Statement, statements);
    facets.set(Field::Type, document.types.iter().map(|name| name.to_lowercase()).collect());
    facets.set(Field::Year, document.year().map(|year| year.to_string()).into_iter().collect());
    facets
}

/// As in `Field::Kind`.
pub fn kind_name(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Article => "article",
        DocumentKind::Statement => "statement",
        DocumentKind::Trial => "trial",
        DocumentKind::File => "file",
    }
}

/// As in `Field::Access`.
pub fn access_name(access: Access) -> &'static str {
    match access {
        Access::TitleOnly => "title-only",
        Access::AbstractOnly => "abstract-only",
        Access::FullText => "full-text",
        Access::CuratedSummary => "curated-summary",
    }
}

/// As in `Field::Standing`.
pub fn standing_name(standing: &Standing) -> &'static str {
    match standing {
        Standing::Current => "current",
        Standing::Retracted(_) => "retracted",
        Standing::Superseded(_) => "superseded",
        Standing::Concern(_) => "concern",
    }
}

#[cfg(test)]
mod tests;
