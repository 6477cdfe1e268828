//! Which alterations does a MAF hold? Columns by their header, after the GDC MAF format 1.0 and its older forms.

use crate::input::Lines;
use crate::{
    Line, Options, ReadError, Unreadable, blank, consequence_of_protein, consequence_of_terms, file_issue,
    gene_symbol, no_records, note_gene,
};
use concilium_case::{Alteration, AlterationKind, Facts, Level, Origin};
use concilium_terms::hgvs::{Build, CodingChange, GenomicChange, ProteinChange};
use std::collections::{BTreeMap, BTreeSet};

/// Reads a MAF, plain or gzip. With several tumour barcodes, `options.sample` names the one to read; lines of
/// other samples are notes, never facts.
///
/// # Errors
/// When there is no header with `Hugo_Symbol`, or several barcodes and none chosen.
pub fn read_maf(file: &str, bytes: &[u8], options: &Options) -> Result<Facts, ReadError> {
    let mut lines = Lines::new(bytes, options.limit_bytes);
    let columns = header(&mut lines)?;
    let mut facts = Facts::default();
    let mut barcodes = BTreeSet::new();
    let mut unreadable = Unreadable::default();
    while let Some((number, text)) = lines.next_line()? {
        if text.is_some_and(|text| text.trim().is_empty() || text.starts_with('#')) {
            continue;
        }
        let line = Line { file, number };
        let before = facts.alterations.len();
        match text.ok_or("not UTF-8").and_then(|text| Row::split(text, &columns)) {
            Ok(row) => {
                barcodes.insert(row.get("Tumor_Sample_Barcode").to_owned());
                row.read(&line, options, &mut facts);
            }
            Err(why) => {
                unreadable.take(&line, why, &mut facts);
                continue;
            }
        }
        facts.inputs.push(line.input(facts.alterations.len() - before));
    }
    unreadable.finish(file, &mut facts);
    no_records(file, &mut facts);
    match options.sample {
        None if 1 < barcodes.len() => Err(ReadError::WhichSample { found: barcodes.len() }),
        Some(_) if facts.alterations.is_empty() && !barcodes.is_empty() => {
            let what = "no line carries the sample that was asked for";
            facts.issues.push(file_issue(file, Level::Doubtful, what, "check the tumour sample barcode"));
            Ok(facts)
        }
        _ => Ok(facts),
    }
}

/// Column names in lower case → index.
fn header(lines: &mut Lines) -> Result<BTreeMap<String, usize>, ReadError> {
    let not_maf = |line, why| ReadError::NotThis { format: "MAF", line, why };
    let mut last = 1;
    while let Some((number, text)) = lines.next_line()? {
        last = number;
        let text = text.ok_or(not_maf(number, "the header is not UTF-8"))?;
        if text.starts_with('#') || text.trim().is_empty() {
            continue;
        }
        let names = text.trim_start_matches('\u{feff}').split('\t').enumerate();
        let columns: BTreeMap<String, usize> =
            names.map(|(at, name)| (name.trim().to_ascii_lowercase(), at)).collect();
        let has = |name: &str| columns.contains_key(name);
        return match has("hugo_symbol") && (has("variant_classification") || has("hgvsp_short")) {
            true => Ok(columns),
            false => Err(not_maf(
                number,
                "no Hugo_Symbol with Variant_Classification or HGVSp_Short in the header",
            )),
        };
    }
    Err(not_maf(last, "it has no header line"))
}

struct Row<'l> {
    columns: &'l BTreeMap<String, usize>,
    values: Vec<&'l str>,
}

impl<'l> Row<'l> {
    fn split(text: &'l str, columns: &'l BTreeMap<String, usize>) -> Result<Row<'l>, &'static str> {
        let row = Row { columns, values: text.split('\t').collect() };
        match () {
            () if row.values.len() < 2 => Err("not tab separated"),
            () if row.get("Hugo_Symbol").is_empty() => Err("no Hugo_Symbol"),
            () if columns.len() < row.values.len() => Err("more columns than the header"),
            () => Ok(row),
        }
    }

    fn get(&self, name: &str) -> &'l str {
        let at = self.columns.get(&name.to_ascii_lowercase());
        let value = at.and_then(|at| self.values.get(*at)).copied().unwrap_or("").trim();
        if matches!(value, "." | "NA" | "--") { "" } else { value }
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.get(name).parse().ok()
    }

    fn read(&self, line: &Line, options: &Options, facts: &mut Facts) {
        let barcode = self.get("Tumor_Sample_Barcode");
        if options.sample.as_deref().is_some_and(|sample| sample != barcode) {
            return facts.issues.push(line.issue(Level::Note, "Tumor_Sample_Barcode", "another sample", ""));
        }
        let (gene, known) = gene_symbol(options.knowledge, self.get("Hugo_Symbol"));
        note_gene(facts, line, known);
        let protein_text = [self.get("HGVSp_Short"), self.get("HGVSp"), self.get("Protein_Change")];
        let protein_text = protein_text.into_iter().find(|text| !text.is_empty()).unwrap_or("");
        let protein = ProteinChange::parse(protein_text).ok();
        if protein.is_none() && !protein_text.is_empty() && !protein_text.ends_with("_splice") {
            facts.issues.push(line.issue(
                Level::Doubtful,
                "HGVSp_Short",
                "the protein name cannot be read",
                "check the annotation",
            ));
        }
        let coding = self.coding();
        let label = match (&protein, &coding) {
            (Some(protein), _) => format!("{gene} {protein}"),
            (None, Some(coding)) => format!("{gene} c.{}", coding.change),
            (None, None) => format!("{gene} {}", self.get("Variant_Classification").replace('_', " ")),
        };
        let kind = self.kind(protein, coding, line, options, facts);
        let meta = line.meta("maf", "", options);
        let mut found = blank(meta, gene, label, kind, options);
        found.specimen = found.specimen.or_else(|| (!barcode.is_empty()).then(|| barcode.to_owned()));
        facts.alterations.push(self.with_reads(found));
    }

    fn coding(&self) -> Option<CodingChange> {
        let coding = CodingChange::parse(self.get("HGVSc")).ok()?;
        if !coding.transcript.is_empty() {
            return Some(coding);
        }
        let transcript = self.get("Transcript_ID").split('.').next().unwrap_or("").to_owned();
        Some(CodingChange { transcript, ..coding })
    }

    fn kind(
        &self,
        protein: Option<ProteinChange>,
        coding: Option<CodingChange>,
        line: &Line,
        options: &Options,
        facts: &mut Facts,
    ) -> AlterationKind {
        let consequence = consequence_of_terms(self.get("Variant_Classification"));
        let consequence = consequence.or_else(|| consequence_of_protein(protein.as_ref()?));
        AlterationKind::Small {
            consequence,
            protein,
            coding: coding.into_iter().collect(),
            genomic: self.genomic(line, options, facts),
            exon: self.get("Exon_Number").split('/').next().and_then(|number| number.parse().ok()),
            clinvar: vec![],
        }
    }

    /// MAF writes `-` for no bases; the start of an insertion is the base before it.
    fn genomic(&self, line: &Line, options: &Options, facts: &mut Facts) -> Option<GenomicChange> {
        let start: u64 = self.get("Start_Position").parse().ok()?;
        let stated = Build::parse(self.get("NCBI_Build"));
        let build = match (stated, options.build) {
            (Some(stated), Some(asked)) if stated != asked => None,
            (stated, asked) => stated.or(asked),
        };
        let Some(build) = build else {
            let what = "NCBI_Build is missing or contradicts the setting: the coordinate is not matched";
            facts.issues.push(line.issue(Level::Doubtful, "NCBI_Build", what, "state the assembly"));
            return None;
        };
        let (reference, second) = (self.get("Reference_Allele"), self.get("Tumor_Seq_Allele2"));
        let alternate =
            if second.is_empty() || second == reference { self.get("Tumor_Seq_Allele1") } else { second };
        let start = if reference == "-" { start.checked_add(1)? } else { start };
        let change = GenomicChange::from_vcf(build, self.get("Chromosome"), start, reference, alternate);
        change
            .inspect_err(|error| {
                facts.issues.push(line.issue(
                    Level::Doubtful,
                    "Tumor_Seq_Allele2",
                    error.why,
                    "check the alleles",
                ))
            })
            .ok()
    }

    fn with_reads(&self, found: Alteration) -> Alteration {
        let status = self.get("Mutation_Status").to_ascii_lowercase();
        let origin = match status.as_str() {
            "somatic" => Origin::Somatic,
            "germline" => Origin::Germline,
            _ => found.origin,
        };
        let (alternate, reference) = (self.number("t_alt_count"), self.number("t_ref_count"));
        let total = alternate.zip(reference).and_then(|(a, b)| a.checked_add(b));
        let vaf = alternate
            .zip(total)
            .filter(|(_, total)| 0 < *total)
            .map(|(a, total)| f64::from(a) / f64::from(total));
        Alteration { origin, vaf, depth: self.number("t_depth").or(total), ..found }
    }
}
