//! Which alterations, regions, pharmacogenes and opinions does the molecular report state?

pub mod implication;
pub mod pgx;
pub mod region;
pub mod variant;

mod fusion;
mod locus;
mod terms;

pub use terms::implied;

use crate::codes::genomic as loinc;
use crate::cx::{Cx, Late};
use crate::element::{self, all_words, concept, words};
use crate::genes::{self, Named};
use crate::json::Json;
use concilium_case::{Alteration, AlterationKind, Origin, Presence};
use concilium_terms::{Code, GeneSymbol};

/// Components with this LOINC code (or a word of its draft code).
pub fn components<'j, 'a>(json: &'j Json<'a>, code: &str) -> Vec<&'j Json<'a>> {
    let is = |part: &&Json| {
        part.one("code")
            .is_some_and(|c| c.all("coding").iter().any(|coding| coding.str("code") == Some(code)))
    };
    json.all("component").iter().filter(is).collect()
}

/// Codings of the value of the components with this code.
pub fn values(json: &Json, code: &str) -> Vec<Code> {
    let of = |part: &Json| {
        let mut codes = part.one("valueCodeableConcept").map(concept).unwrap_or_default();
        codes.extend(part.str("valueString").map(Code::text));
        codes
    };
    components(json, code).into_iter().flat_map(of).collect()
}

/// Words of a value, as one text; empty when there is none.
pub fn value_text(json: &Json, code: &str) -> String {
    values(json, code).first().map(shown).unwrap_or_default()
}

/// Code of a name (HGVS, accession) or its display, whichever is filled.
pub fn shown(code: &Code) -> String {
    if code.code.is_empty() { code.display.clone() } else { code.code.clone() }
}

/// An alteration of which only the common parts are known.
pub fn blank(cx: &Cx, part: &str, gene: GeneSymbol, label: String) -> Alteration {
    let json = cx.json();
    Alteration {
        meta: cx.meta(part),
        gene,
        label,
        kind: AlterationKind::Other,
        presence: Presence::Unknown,
        origin: origin(json),
        significance: None,
        effect: None,
        homozygous: None,
        vaf: None,
        vaf_floor: None,
        depth: None,
        specimen: cx.specimen(),
        assay: json.one("method").map(|method| words(&concept(method))),
        phase: vec![],
    }
}

/// Source class: somatic or germline.
pub fn origin(json: &Json) -> Origin {
    let codes = values(json, loinc::SOURCE);
    let said = all_words(&codes);
    match () {
        () if element::has(&codes, "LA6684-0") || said.contains("somatic") => Origin::Somatic,
        () if element::has(&codes, "LA6683-2") || said.contains("germline") => Origin::Germline,
        () => Origin::Unknown,
    }
}

/// The genes of all gene-studied components, one for each component (or each coding, for a list of genes).
/// Codes and words that disagree are an issue; the gene most of them name is taken.
pub fn genes(cx: &mut Cx, each_coding: bool) -> Vec<GeneSymbol> {
    let json = cx.json();
    let mut found: Vec<GeneSymbol> = Vec::new();
    for part in components(json, loinc::GENE) {
        let mut codes = part.one("valueCodeableConcept").map(concept).unwrap_or_default();
        codes.extend(part.str("valueString").map(Code::text));
        let groups: Vec<&[Code]> = if each_coding { codes.chunks(1).collect() } else { vec![&codes] };
        for group in groups {
            found.extend(gene(cx, group).filter(|gene| each_coding || !found.contains(gene)));
        }
    }
    found.dedup();
    found
}

fn gene(cx: &mut Cx, codes: &[Code]) -> Option<GeneSymbol> {
    let named: Vec<Named> = codes.iter().map(Named::of).collect();
    let mut votes: Vec<GeneSymbol> = Vec::new();
    for (name, code) in named.iter().zip(codes) {
        votes.extend(name.by_words.clone());
        votes.extend(name.by_code.clone());
        if name.disagrees() {
            let (by_code, by_words) = (&name.by_code, &name.by_words);
            let named = |gene: &Option<GeneSymbol>| gene.as_ref().map_or(String::new(), ToString::to_string);
            let what = format!(
                "gene code `{}` is {}, its display says {}",
                code.code,
                named(by_code),
                named(by_words)
            );
            cx.doubt("component", what, "ask the laboratory which gene was meant");
        }
    }
    let most = votes.iter().map(|gene| (votes.iter().filter(|other| *other == gene).count(), gene));
    // Of equals the first: the words, as people read them.
    let best = most.fold(None::<(usize, &GeneSymbol)>, |best, next| match best {
        Some(best) if best.0 >= next.0 => Some(best),
        _ => Some(next),
    });
    if best.is_none() && !codes.is_empty() {
        let what = format!("gene code `{}` is not known here and has no words", codes[0].code);
        cx.doubt("component", what, "add the gene symbol as display");
    }
    best.map(|(_, gene)| gene.clone())
}

/// Does the word name a gene? For fusion names.
pub fn is_gene(word: &str) -> bool {
    genes::known_in_text(word).is_some() || (genes::looks_like_symbol(word) && word.len() > 2)
}

/// Allelic phase of two variants.
pub fn phase(cx: &mut Cx, codes: &[Code]) -> bool {
    if !element::has(codes, loinc::PHASE) {
        return false;
    }
    let said = cx.json().one("valueCodeableConcept").map(|v| concept(v)).unwrap_or_default();
    let is = |word: &str| {
        said.iter().any(|c| c.code.eq_ignore_ascii_case(word) || c.display.eq_ignore_ascii_case(word))
    };
    let cis = if is("cis") {
        Some(true)
    } else if is("trans") {
        Some(false)
    } else {
        None
    };
    let variants = cx.targets("derivedFrom");
    cx.say(Late::Phase { variants, cis });
    cx.note("", "a phase statement; read into the variants it is derived from", "");
    true
}
