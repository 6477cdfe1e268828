//! Which names does the variant have: protein, coding, genomic, ClinVar?

use super::{components, shown, value_text, values};
use crate::codes::genomic as loinc;
use crate::cx::Cx;
use crate::element::all_words;
use crate::json::Json;
use concilium_terms::hgvs::{Build, CodingChange, GenomicChange, ProteinChange};

/// The names a variant entry carries.
#[derive(Default)]
pub struct Names {
    /// Protein change.
    pub protein: Option<ProteinChange>,
    /// Coding changes.
    pub coding: Vec<CodingChange>,
    /// Genomic change.
    pub genomic: Option<GenomicChange>,
    /// ClinVar variation ids.
    pub clinvar: Vec<u64>,
    /// For people, the first name as written.
    pub written: Option<String>,
}

impl Names {
    /// Was any change named, readable or not?
    pub fn any(&self) -> bool {
        self.point() || !self.clinvar.is_empty() || self.written.is_some()
    }

    /// Was a change of bases or residues read?
    pub fn point(&self) -> bool {
        self.protein.is_some() || !self.coding.is_empty() || self.genomic.is_some()
    }
}

/// Reads all names; what cannot be read is an issue.
pub fn names(cx: &mut Cx, json: &Json) -> Names {
    let mut names = Names { clinvar: clinvar(json), ..Names::default() };
    protein(cx, json, &mut names);
    coding(cx, json, &mut names);
    genomic(cx, json, &mut names);
    bracketed(json, &mut names);
    names
}

fn protein(cx: &mut Cx, json: &Json, names: &mut Names) {
    for code in values(json, loinc::PROTEIN) {
        let text = shown(&code);
        match ProteinChange::parse(&text) {
            Ok(change) => names.protein = names.protein.take().or(Some(change)),
            Err(wrong) => {
                let what = format!("the protein name cannot be read: {}", wrong.why);
                cx.doubt("component", what, "write it as HGVS, e.g. p.Val600Glu");
            }
        }
        names.written = names.written.take().or(Some(text));
    }
}

fn coding(cx: &mut Cx, json: &Json, names: &mut Names) {
    let transcript = transcript(cx, json);
    for code in values(json, loinc::CODING) {
        let text = shown(&code);
        match CodingChange::parse(&text) {
            Ok(mut change) => {
                if change.transcript.is_empty() {
                    change.transcript = transcript.clone();
                } else if !transcript.is_empty() && change.transcript != transcript {
                    let what = format!(
                        "transcript {transcript} beside a coding name on {}; the name's own is taken",
                        change.transcript
                    );
                    cx.doubt("component", what, "ask the laboratory for the transcript");
                }
                names.coding.push(change);
            }
            Err(wrong) => {
                let what = format!("the coding name cannot be read: {}", wrong.why);
                cx.doubt("component", what, "write it as HGVS, e.g. NM_004333.4:c.1799T>A");
            }
        }
        names.written = names.written.take().or(Some(text));
    }
}

/// Transcript accession without its version.
fn transcript(cx: &mut Cx, json: &Json) -> String {
    let codes = values(json, loinc::TRANSCRIPT);
    let bare = |text: &str| text.split('.').next().unwrap_or("").trim().to_owned();
    let Some(code) = codes.first() else { return String::new() };
    let is_accession =
        |text: &str| text.starts_with("NM_") || text.starts_with("ENST") || text.starts_with("NR_");
    if is_accession(&code.code) && is_accession(&code.display) && bare(&code.code) != bare(&code.display) {
        let what = format!("transcript code {} and display {} differ", bare(&code.code), bare(&code.display));
        cx.doubt("component", what, "ask the laboratory for the transcript");
    }
    bare(&shown(code))
}

fn genomic(cx: &mut Cx, json: &Json, names: &mut Names) {
    for code in values(json, loinc::GENOMIC) {
        let text = shown(&code);
        names.written = names.written.take().or(Some(text.clone()));
        // Some reports write a coding name here.
        if let Ok(change) = CodingChange::parse(&text) {
            cx.note(
                "component",
                "a coding name stands in the component for the genomic one; read as coding",
                "",
            );
            names.coding.push(change);
            continue;
        }
        match GenomicChange::parse(&with_accession(json, &text)) {
            Ok(change) => names.genomic = names.genomic.take().or(Some(change)),
            Err(wrong) => {
                let what = format!("the genomic name gives no position on GRCh37 or GRCh38: {}", wrong.why);
                cx.doubt("component", what, "write it as HGVS on an NC_ accession with version, bases named");
            }
        }
    }
    if names.genomic.is_none() {
        names.genomic = from_parts(json);
    }
}

fn build(json: &Json) -> Option<Build> {
    let said = all_words(&values(json, loinc::ASSEMBLY));
    if said.contains("grch37") || said.contains("hg19") {
        return Some(Build::GRCh37);
    }
    (said.contains("grch38") || said.contains("hg38")).then_some(Build::GRCh38)
}

/// `9:g.5073770G>T` with a stated assembly, as if it stood on the chromosome's accession.
fn with_accession(json: &Json, text: &str) -> String {
    let Some((chromosome, change)) = text.split_once(":g.") else { return text.to_owned() };
    let bare = chromosome.trim_start_matches("chr");
    let Some(build) = build(json).filter(|_| bare.len() <= 2) else { return text.to_owned() };
    let number = match bare {
        "X" => 23,
        "Y" => 24,
        digits => digits.parse::<u32>().unwrap_or(0),
    };
    let found = (1..=20).map(|version| format!("NC_{number:06}.{version}")).find(|accession| {
        concilium_terms::hgvs::chromosome_of_accession(accession).is_some_and(|(of, _)| of == build)
    });
    found.map_or(text.to_owned(), |accession| format!("{accession}:g.{change}"))
}

/// Reference accession, start, reference and alternate bases, when all four are given and 1-based.
fn from_parts(json: &Json) -> Option<GenomicChange> {
    let accession = value_text(json, loinc::REFERENCE);
    let (build, chromosome) = concilium_terms::hgvs::chromosome_of_accession(&accession)?;
    let system = value_text(json, "92822-6");
    // LOINC 92822-6: LA30102-0 counts characters from 1; the interval systems need a shift nobody stated.
    if !system.is_empty() && system != "LA30102-0" {
        return None;
    }
    let parts =
        [loinc::START_END, "exact-start-end"].iter().flat_map(|code| components(json, code)).next()?;
    let start = parts.path("valueRange.low")?.number("value").filter(|n| *n >= 1.0 && n.fract() == 0.0)?;
    let (reference, alternate) = (value_text(json, loinc::REF), value_text(json, loinc::ALT));
    if reference.is_empty() || alternate.is_empty() {
        return None;
    }
    GenomicChange::from_vcf(build, chromosome, start as u64, &reference, &alternate).ok()
}

fn clinvar(json: &Json) -> Vec<u64> {
    let codes = values(json, loinc::VARIATION);
    codes.iter().filter(|c| c.system.contains("clinvar")).filter_map(|c| c.code.trim().parse().ok()).collect()
}

/// `NM_000455.5(STK11):c.725G>A (p.Gly242Glu)`: ClinVar's title of a variation, as its display.
fn bracketed(json: &Json, names: &mut Names) {
    for code in values(json, loinc::VARIATION) {
        let title = code.display.trim();
        if let Ok(change) = CodingChange::parse(title)
            && !names.coding.contains(&change)
        {
            names.coding.push(change);
        }
        let inner = title.rfind("(p.").and_then(|at| title[at + 1..].strip_suffix(')'));
        if let Some(Ok(change)) = inner.map(ProteinChange::parse) {
            names.protein = names.protein.take().or(Some(change));
        }
        if code.system.is_empty() && names.protein.is_none() {
            names.protein = title.split_whitespace().find_map(|word| ProteinChange::parse(word).ok());
        }
        // A title that names no change is for the label only.
        let named = names.protein.is_some() || !names.coding.is_empty() || !names.clinvar.is_empty();
        if !title.is_empty() && named {
            names.written = names.written.take().or(Some(title.to_owned()));
        }
    }
}
