//! Which alteration does a variant entry state, and was it found?

use super::locus::{self, Names};
use super::{blank, components, fusion, genes, terms, value_text, values};
use crate::codes::genomic as loinc;
use crate::cx::{Cx, Late};
use crate::element::{self, all_words, concept, quantity};
use crate::genes::{known, known_in_text};
use crate::json::Json;
use concilium_case::{Alteration, AlterationKind, CopyCall, Origin, Presence, RegionStudied};
use concilium_terms::hgvs::stated_gene;
use concilium_terms::{Code, GeneSymbol};

/// A genetic variant assessment.
pub fn read(cx: &mut Cx, codes: &[Code]) -> bool {
    if !element::has(codes, loinc::VARIANT) {
        return false;
    }
    let json = cx.json();
    let mut genes = genes(cx, false);
    if genes.is_empty() {
        genes.extend(gene_in_name(json));
    }
    let presence = presence(cx);
    let names = locus::names(cx, json);
    let copies = copies(json);
    // Two genes of a loss or of a negative are a list; of anything else that is present, they are joined.
    let joined = presence != Presence::Absent && copies.is_none();
    let fusion = fusion::read(json, &genes, joined);
    if grouper(cx, &genes, &names) {
        return true;
    }
    if presence == Presence::Absent
        && fusion.is_none()
        && !names.any()
        && copies.is_none()
        && !genes.is_empty()
    {
        pertinent_negative(cx, genes);
        return true;
    }
    if genes.is_empty() && fusion.is_none() {
        cx.doubt(
            "component",
            "the variant names no gene; it can match by coordinate or ClinVar id only",
            "name the gene",
        );
    }
    alterations(cx, genes, names, copies, fusion, presence);
    true
}

/// A variant that only groups others says whether they lie on one chromosome; it is no alteration of its own.
fn grouper(cx: &mut Cx, genes: &[GeneSymbol], names: &Names) -> bool {
    let json = cx.json();
    if json.all("hasMember").is_empty() || !genes.is_empty() || names.any() {
        return false;
    }
    let said = all_words(&values(json, "81263-6")); // LOINC "Complex variant type"
    let cis =
        if said.contains("haplotype") { Some(true) } else { said.contains("heterozyg").then_some(false) };
    let variants = cx.targets("hasMember");
    cx.say(Late::Phase { variants, cis });
    cx.note("hasMember", "groups other variants, which are read as entries of their own", "");
    true
}

/// ClinVar's title and coding names write the gene in brackets.
fn gene_in_name(json: &Json) -> Option<GeneSymbol> {
    let codes = [values(json, loinc::VARIATION), values(json, loinc::CODING)].concat();
    let texts = codes.iter().flat_map(|c| [c.display.as_str(), c.code.as_str()]);
    let in_brackets = texts.clone().filter_map(stated_gene);
    let bracketed =
        in_brackets.map(|word| known(word).or_else(|| super::is_gene(word).then(|| GeneSymbol::new(word))));
    let words = texts.flat_map(str::split_whitespace).map(known_in_text);
    bracketed.chain(words).flatten().next()
}

/// Presence is the value, never the mere existence of the entry.
fn presence(cx: &mut Cx) -> Presence {
    let json = cx.json();
    if json.get("dataAbsentReason").is_some() {
        cx.doubt("dataAbsentReason", "the variant assessment gave no answer", "repeat the test");
        return Presence::Unknown;
    }
    let mut said = json.one("valueCodeableConcept").map(concept).unwrap_or_default();
    said.extend(json.str("valueString").map(Code::text));
    terms::presence(&said).unwrap_or_else(|| {
        cx.doubt(
            "value[x]",
            "neither present nor absent is stated; the presence stays unknown",
            "send the value",
        );
        Presence::Unknown
    })
}

/// "Absent" for whole genes: each is looked for and not found, and the genes were studied.
fn pertinent_negative(cx: &mut Cx, genes: Vec<GeneSymbol>) {
    for gene in &genes {
        let label = format!("{gene}: no variant found");
        let alteration =
            Alteration { presence: Presence::Absent, ..blank(cx, gene.as_str(), gene.clone(), label) };
        cx.facts.alterations.push(alteration);
    }
    let of = blank(cx, "region", GeneSymbol::new(""), String::new());
    let (meta, origin, specimen, assay) = (of.meta, of.origin, of.specimen, of.assay);
    let region = RegionStudied { meta, genes, ranges: vec![], uncovered: vec![], origin, specimen, assay };
    cx.facts.regions.push(region);
}

/// One entry can state a fusion, a small change and copies at once: each is a fact of its own.
fn alterations(
    cx: &mut Cx,
    genes: Vec<GeneSymbol>,
    names: Names,
    copies: Option<AlterationKind>,
    fusion: Option<AlterationKind>,
    presence: Presence,
) {
    let only = if genes.len() == 1 { genes[0].clone() } else { GeneSymbol::new("") };
    let mut made: Vec<(GeneSymbol, AlterationKind, String)> = Vec::new();
    let fused = fusion.is_some();
    if let Some(kind) = fusion {
        if names.point() {
            let what = "a fusion entry also names a point change; both are kept, the change without its gene";
            cx.doubt("component", what, "ask the laboratory which one was found");
        }
        made.push((fusion_gene(&kind, &genes), kind.clone(), fusion_label(&kind)));
    }
    let written = names.written.clone();
    if names.point() || (names.any() && !fused) {
        let label = label(&only, &names, written.as_deref());
        made.push((only.clone(), small(cx.json(), names), label));
    }
    if let Some(kind) = copies {
        let of: &[GeneSymbol] = if genes.is_empty() { std::slice::from_ref(&only) } else { &genes };
        made.extend(of.iter().map(|gene| (gene.clone(), kind.clone(), copy_label(gene, &kind))));
    }
    if made.is_empty() {
        made.push((only.clone(), untyped(cx, &genes), untyped_label(cx.json(), &genes)));
    }
    for (index, (gene, kind, label)) in made.into_iter().enumerate() {
        let part = if index == 0 { String::new() } else { (index + 1).to_string() };
        push(cx, &part, gene, kind, label, presence);
    }
}

fn push(cx: &mut Cx, part: &str, gene: GeneSymbol, kind: AlterationKind, label: String, presence: Presence) {
    let json = cx.json();
    let significance = values(json, loinc::SIGNIFICANCE);
    let effect = [values(json, "functional-effect"), values(json, "functional-annotation")].concat();
    // Fraction, reads and zygosity are about bases, not about copies.
    let of_bases = !matches!(kind, AlterationKind::CopyNumber { .. });
    let alteration = Alteration {
        kind,
        presence,
        significance: terms::significance(&significance),
        effect: terms::effect(&effect),
        homozygous: homozygous(json).filter(|_| of_bases),
        vaf: if of_bases { fraction(cx) } else { None },
        depth: depth(json).filter(|_| of_bases),
        ..blank(cx, part, gene, label)
    };
    let germline_noted = alteration.origin == Origin::Unknown;
    if germline_noted && part.is_empty() {
        cx.note("component", "the source class (somatic or germline) is not stated", "");
    }
    cx.facts.alterations.push(alteration);
}

fn small(json: &Json, names: Names) -> AlterationKind {
    let stated = ["molecular-consequence", "functional-annotation", loinc::PROTEIN_TYPE, loinc::CODING_TYPE];
    let codes: Vec<Code> = stated.iter().flat_map(|code| values(json, code)).collect();
    let consequence = terms::consequence(&codes).or_else(|| names.protein.as_ref().and_then(terms::implied));
    let exon = value_text(json, "47999-8"); // LOINC "DNA region name": `Exon 21`
    AlterationKind::Small {
        protein: names.protein,
        coding: names.coding,
        genomic: names.genomic,
        consequence,
        exon: exon.to_lowercase().strip_prefix("exon").and_then(|number| number.trim().parse().ok()),
        clinvar: names.clinvar,
    }
}

/// Copies as stated, as a change type or as a number.
fn copies(json: &Json) -> Option<AlterationKind> {
    let stated = ["molecular-consequence", "functional-annotation", loinc::CODING_TYPE, loinc::VARIATION];
    let mut codes: Vec<Code> = stated.iter().flat_map(|code| values(json, code)).collect();
    codes.extend(json.str("valueString").map(Code::text));
    let number = components(json, loinc::COPIES)
        .into_iter()
        .find_map(|part| part.one("valueQuantity").and_then(quantity));
    let call = terms::copies(&codes).or_else(|| number.as_ref().map(|_| CopyCall::NumberOnly))?;
    Some(AlterationKind::CopyNumber { call, copies: number.map(|q| q.value) })
}

/// What no name types: duplication and skipping in words, else nothing known.
fn untyped(cx: &mut Cx, genes: &[GeneSymbol]) -> AlterationKind {
    let json = cx.json();
    let codes: Vec<Code> = [loinc::VARIATION, loinc::CODING_TYPE, loinc::PROTEIN_TYPE]
        .iter()
        .flat_map(|code| values(json, code))
        .collect();
    let said = all_words(&codes);
    if said.contains("tandem duplication") || said.contains("kinase domain duplication") {
        return AlterationKind::Duplication;
    }
    if said.contains("exon 14 skipping") {
        return AlterationKind::Splice { name: "exon14skipping".into() };
    }
    if !genes.is_empty() {
        cx.doubt(
            "component",
            "the kind of alteration is not stated in a way that can be typed; kept as words",
            "name it",
        );
    }
    AlterationKind::Other
}

fn untyped_label(json: &Json, genes: &[GeneSymbol]) -> String {
    let names: Vec<&str> = genes.iter().map(GeneSymbol::as_str).collect();
    let codes =
        [values(json, loinc::VARIATION), values(json, loinc::CODING_TYPE), values(json, "81263-6")].concat();
    let bases = [loinc::REF, loinc::ALT].map(|code| value_text(json, code));
    let change = if bases.concat().is_empty() { String::new() } else { bases.join(">") };
    let parts = [names.join(" "), element::words(&codes), value_text(json, loinc::TRANSCRIPT), change];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `EGFR T790M` where the protein change is known, else the name as written, else the position.
fn label(gene: &GeneSymbol, names: &Names, written: Option<&str>) -> String {
    let protein = names.protein.as_ref().map(ToString::to_string);
    let position = names.genomic.as_ref().map(ToString::to_string);
    let change = protein.or(written.map(str::to_owned)).or(position).unwrap_or_default();
    format!("{gene} {change}").trim().to_owned()
}

fn fusion_gene(kind: &AlterationKind, genes: &[GeneSymbol]) -> GeneSymbol {
    let AlterationKind::Fusion { five, three, .. } = kind else { return GeneSymbol::new("") };
    three.clone().or(five.clone()).or(genes.first().cloned()).unwrap_or_else(|| GeneSymbol::new(""))
}

fn fusion_label(kind: &AlterationKind) -> String {
    let AlterationKind::Fusion { five, three, oriented } = kind else { return String::new() };
    let name = |gene: &Option<GeneSymbol>| gene.as_ref().map_or("?".to_owned(), ToString::to_string);
    match (five, oriented) {
        (None, _) => format!("{} fusion", name(three)),
        (_, true) => format!("{}::{} fusion", name(five), name(three)),
        (_, false) => format!("{}/{} fusion, orientation not stated", name(five), name(three)),
    }
}

fn copy_label(gene: &GeneSymbol, kind: &AlterationKind) -> String {
    let AlterationKind::CopyNumber { call, copies } = kind else { return String::new() };
    let call = match call {
        CopyCall::Amplified => "amplification",
        CopyCall::Gain => "copy number gain",
        CopyCall::HomozygousLoss => "homozygous loss",
        CopyCall::SingleLoss => "single-copy loss",
        CopyCall::Loss => "copy number loss",
        CopyCall::Neutral => "copy number neutral",
        CopyCall::NumberOnly => "copy number",
    };
    let copies = copies.map_or(String::new(), |copies| format!(" {copies}"));
    format!("{gene} {call}{copies}").trim().to_owned()
}

fn homozygous(json: &Json) -> Option<bool> {
    let codes = values(json, loinc::ZYGOSITY);
    let said = all_words(&codes);
    if element::has(&codes, "LA6706-1") || said.contains("heterozyg") {
        return Some(false);
    }
    (element::has(&codes, "LA6705-3") || said.contains("homozyg")).then_some(true)
}

fn depth(json: &Json) -> Option<u32> {
    let parts = components(json, loinc::DEPTH);
    let number = parts.iter().find_map(|part| part.one("valueQuantity").and_then(quantity))?;
    (number.value >= 0.0 && number.value <= f64::from(u32::MAX)).then_some(number.value as u32)
}

/// Unit `%`, or `1` within 0..=1; a number that fits neither is an issue.
fn fraction(cx: &mut Cx) -> Option<f64> {
    let json = cx.json();
    let parts = components(json, loinc::FRACTION);
    let number = parts.iter().find_map(|part| part.one("valueQuantity").and_then(quantity))?;
    let value = if number.unit == "%" { number.value / 100.0 } else { number.value };
    let stated = number.unit == "%" || number.unit == "1" || number.unit.is_empty();
    if stated && (0.0..=1.0).contains(&value) {
        return Some(value);
    }
    let what =
        format!("allelic fraction {} with unit `{}` is no fraction; not read", number.text, number.unit);
    cx.doubt("component", what, "send 0 to 1 with unit 1, or percent with unit %");
    None
}
