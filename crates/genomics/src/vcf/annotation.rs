//! What did the annotator write on this line? VEP `CSQ` by the header's format, SnpEff `ANN` by its fixed one.

use concilium_case::Consequence;
use concilium_terms::hgvs::{CodingChange, ProteinChange};
use std::collections::BTreeSet;

/// Order of `ANN` fields: "Variant annotations in VCF format", version 1.0, 2015.
const ANN: [&str; 11] = [
    "Allele",
    "Consequence",
    "IMPACT",
    "SYMBOL",
    "Gene",
    "Feature_type",
    "Feature",
    "BIOTYPE",
    "EXON",
    "HGVSc",
    "HGVSp",
];

/// Which INFO key carries annotation, and the names of its fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Format {
    key: String,
    fields: Vec<String>,
}

/// One alternate allele as annotated.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Annotation {
    pub(super) genes: Vec<String>,
    pub(super) protein: Option<ProteinChange>,
    pub(super) codings: Vec<CodingChange>,
    pub(super) consequence: Option<Consequence>,
    pub(super) exon: Option<u32>,
    /// A protein name stood there and could not be read.
    pub(super) unread_protein: bool,
}

impl Format {
    /// From a header line `##INFO=<ID=CSQ,…Format: Allele|Consequence|…">`; `None` for any other.
    pub(super) fn from_header(line: &str) -> Option<Format> {
        let rest = line.strip_prefix("##INFO=<ID=")?;
        let (key, rest) = rest.split_once(',')?;
        match key {
            "ANN" => Some(Format { key: key.into(), fields: ANN.map(String::from).to_vec() }),
            "CSQ" | "vep" => {
                let (_, format) = rest.split_once("Format: ")?;
                let fields =
                    format.trim_end_matches(['>', '"']).split('|').map(|name| name.trim().to_owned());
                Some(Format { key: key.into(), fields: fields.collect() })
            }
            _ => None,
        }
    }

    /// The transcript to show for one allele, with the coding names of all transcripts of its gene.
    pub(super) fn read(
        &self,
        info: &str,
        allele: &Allele,
        transcripts: &BTreeSet<&str>,
    ) -> Option<Annotation> {
        let text = super::info_value(info, &self.key)?;
        let all: Vec<Entry> =
            text.split(',').map(|entry| Entry { format: self, values: entry.split('|').collect() }).collect();
        let own: Vec<&Entry> = all.iter().filter(|entry| allele.is(entry)).collect();
        let chosen = choose(&own, transcripts)?;
        let gene = chosen.get("SYMBOL").to_owned();
        let mut annotation = chosen.annotation();
        annotation.codings = own
            .iter()
            .filter(|entry| entry.get("SYMBOL") == gene)
            .filter_map(|entry| entry.coding())
            .collect();
        annotation.codings.sort();
        annotation.codings.dedup();
        Some(annotation)
    }
}

/// The allele an entry must speak of.
pub(super) struct Allele<'a> {
    pub(super) reference: &'a str,
    pub(super) alternate: &'a str,
    /// 1-based number among the alternates.
    pub(super) number: usize,
    /// The only one of the line: every entry speaks of it.
    pub(super) only: bool,
}

impl Allele<'_> {
    fn is(&self, entry: &Entry) -> bool {
        if self.only {
            return true;
        }
        let number = entry.get("ALLELE_NUM");
        if !number.is_empty() {
            return number.parse() == Ok(self.number);
        }
        let named = entry.get("Allele");
        named == self.alternate || named == self.as_vep()
    }

    /// VEP leaves out the first base of indels and writes `-` for nothing.
    fn as_vep(&self) -> &str {
        let indel = self.reference.len() != self.alternate.len();
        let shared = indel && self.reference.get(..1) == self.alternate.get(..1);
        match (shared, self.alternate.get(1..)) {
            (true, Some("") | None) => "-",
            (true, Some(rest)) => rest,
            (false, _) => self.alternate,
        }
    }
}

struct Entry<'a> {
    format: &'a Format,
    values: Vec<&'a str>,
}

impl Entry<'_> {
    fn get(&self, field: &str) -> &str {
        let at = self.format.fields.iter().position(|name| name == field);
        at.and_then(|at| self.values.get(at)).copied().unwrap_or("").trim()
    }

    fn coding(&self) -> Option<CodingChange> {
        let text = self.get("HGVSc");
        let coding = CodingChange::parse(text).ok()?;
        if !coding.transcript.is_empty() {
            return Some(coding);
        }
        let transcript = without_version(self.get("Feature")).to_owned();
        Some(CodingChange { transcript, ..coding })
    }

    fn annotation(&self) -> Annotation {
        let protein_text = self.get("HGVSp");
        let protein = ProteinChange::parse(protein_text).ok();
        let consequence = crate::consequence_of_terms(self.get("Consequence"));
        Annotation {
            genes: self.get("SYMBOL").split('&').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            consequence: consequence.or_else(|| crate::consequence_of_protein(protein.as_ref()?)),
            unread_protein: protein.is_none() && !protein_text.is_empty(),
            protein,
            codings: vec![],
            exon: self.get("EXON").split('/').next().and_then(|number| number.parse().ok()),
        }
    }
}

fn without_version(accession: &str) -> &str {
    accession.split('.').next().unwrap_or("")
}

/// MANE Select, canonical, the annotator's pick, a transcript the release uses, else the first with a gene.
fn choose<'a, 'b>(entries: &[&'a Entry<'b>], transcripts: &BTreeSet<&str>) -> Option<&'a Entry<'b>> {
    let rank = |entry: &Entry| match () {
        () if !entry.get("MANE_SELECT").is_empty() => 0,
        () if entry.get("CANONICAL") == "YES" => 1,
        () if entry.get("PICK") == "1" => 2,
        () if transcripts.contains(without_version(entry.get("Feature"))) => 3,
        () if !entry.get("SYMBOL").is_empty() => 4,
        () => 5,
    };
    entries.iter().min_by_key(|entry| rank(entry)).copied()
}
