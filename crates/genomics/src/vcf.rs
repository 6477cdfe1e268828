//! Which alterations does a VCF hold, and which genotypes at pharmacogene positions?
//!
//! Read line by line after VCF 4.3, tolerantly, without a VCF library: those stop at the first broken record, and
//! here a broken line is an issue while the rest is read. Each record line ends as facts, as issues, or both.

mod annotation;
mod genotype;
mod structural;

use crate::input::Lines;
use crate::pgx::{Call, Genotypes, may_call};
use crate::{
    Line, Options, ReadError, Unreadable, blank, file_issue, gene_symbol, no_records, note_gene,
    release_transcripts,
};
use annotation::{Allele, Annotation, Format};
use concilium_case::{Alteration, AlterationKind, Facts, Level, Origin, Presence};
use concilium_terms::hgvs::{Build, GenomicChange};
use concilium_terms::{GeneSymbol, PartialDate};
use genotype::Sample;
use std::collections::BTreeSet;

/// Length of chromosome 1 on the two assemblies: NCBI assembly reports of GRCh37 and GRCh38.
const CHROMOSOME_1: [(&str, Build); 2] = [("249250621", Build::GRCh37), ("248956422", Build::GRCh38)];

/// Reads a VCF 4.x, plain or gzip. `file` is the name facts and issues carry.
///
/// # Errors
/// When it is no VCF, the sample cannot be told, or it is larger than allowed. A broken line is an issue.
pub fn read_vcf(file: &str, bytes: &[u8], options: &Options) -> Result<Facts, ReadError> {
    let mut lines = Lines::new(bytes, options.limit_bytes);
    let mut facts = Facts::default();
    let header = Header::read(&mut lines, options)?;
    header.note_build(file, &mut facts);
    let origin = header.origin(file, options.origin, &mut facts);
    let options = &Options { origin, ..options.clone() };
    let mut reader = Reader {
        options,
        build: header.build,
        format: header.format,
        sample: header.sample,
        specimen: options.specimen.clone().or(header.sample_name),
        columns: header.columns,
        transcripts: release_transcripts(options.knowledge),
        genotypes: Genotypes::new(options.knowledge),
        pharmacogene_lines: 0,
    };
    let mut unreadable = Unreadable::default();
    while let Some((number, text)) = lines.next_line()? {
        if text.is_some_and(|text| text.is_empty() || text.starts_with('#')) {
            continue;
        }
        let line = Line { file, number };
        let before = facts.alterations.len();
        match text.ok_or("not UTF-8").and_then(|text| Record::split(text, reader.columns)) {
            Ok(record) => reader.record(&record, &line, &mut facts),
            Err(why) => {
                unreadable.take(&line, why, &mut facts);
                continue;
            }
        }
        let found = facts.alterations.len() - before;
        facts.inputs.push(line.input(found));
    }
    unreadable.finish(file, &mut facts);
    reader.finish(file, &mut facts);
    known_since(header.made.as_ref(), &mut facts);
    no_records(file, &mut facts);
    Ok(facts)
}

/// A result made later is never used earlier (`dated`).
fn known_since(made: Option<&PartialDate>, facts: &mut Facts) {
    let alterations = facts.alterations.iter_mut().map(|a| &mut a.meta);
    for meta in alterations.chain(facts.pharmacogenes.iter_mut().map(|p| &mut p.meta)) {
        meta.issued = meta.issued.take().or_else(|| made.cloned());
    }
}

/// The value of an INFO key; `None` when it is missing.
fn info_value<'l>(info: &'l str, key: &str) -> Option<&'l str> {
    info.split(';').find_map(|item| item.strip_prefix(key)?.strip_prefix('='))
}

fn info_flag(info: &str, key: &str) -> bool {
    info.split(';').any(|item| item == key)
}

#[derive(Default)]
struct Header {
    build: Option<Build>,
    /// The file's own lines name both assemblies, or one other than the one the user states.
    build_conflict: bool,
    format: Option<Format>,
    tumour: Option<String>,
    /// `##fileDate`: the results are known since then.
    made: Option<PartialDate>,
    /// Column of the sample to read.
    sample: Option<usize>,
    /// Its name: what a record may call the specimen.
    sample_name: Option<String>,
    columns: usize,
}

impl Header {
    fn read(lines: &mut Lines, options: &Options) -> Result<Header, ReadError> {
        let not_vcf = |line, why| ReadError::NotThis { format: "VCF", line, why };
        let mut header = Header::default();
        let mut builds = BTreeSet::new();
        let mut first = true;
        let mut last = 1;
        while let Some((number, text)) = lines.next_line()? {
            last = number;
            let text = text.ok_or(not_vcf(number, "the header is not UTF-8"))?;
            let text = text.trim_start_matches('\u{feff}');
            if std::mem::take(&mut first) && !text.starts_with("##fileformat=VCF") {
                return Err(not_vcf(number, "the first line is not ##fileformat=VCF"));
            }
            if text.starts_with("#CHROM") {
                header.settle(text, &builds, options)?;
                return Ok(header);
            }
            if !text.starts_with("##") {
                return Err(not_vcf(number, "no #CHROM line before the records"));
            }
            builds.extend(build_of(text));
            header.format = Format::from_header(text).or(header.format.take());
            header.made = text.strip_prefix("##fileDate=").and_then(file_date).or(header.made.take());
            header.tumour = text.strip_prefix("##tumor_sample=").map(str::to_owned).or(header.tumour.take());
        }
        Err(not_vcf(last, "no #CHROM line"))
    }

    fn settle(
        &mut self,
        columns: &str,
        builds: &BTreeSet<Build>,
        options: &Options,
    ) -> Result<(), ReadError> {
        let names: Vec<&str> = columns.split('\t').collect();
        self.columns = names.len();
        let stated = (builds.len() == 1).then(|| builds.first().copied()).flatten();
        self.build_conflict =
            1 < builds.len() || (stated.is_some() && options.build.is_some() && stated != options.build);
        self.build = if self.build_conflict { None } else { options.build.or(stated) };
        let samples = names.get(9..).unwrap_or(&[]);
        self.sample =
            pick_sample(samples, options.sample.as_deref(), self.tumour.as_deref())?.map(|at| at + 9);
        self.sample_name = self.sample.and_then(|at| names.get(at)).map(|name| (*name).to_owned());
        Ok(())
    }

    /// A file with a tumour sample is no germline file, whatever its name or the caller says.
    fn origin(&self, file: &str, stated: Origin, facts: &mut Facts) -> Origin {
        if stated != Origin::Germline || self.tumour.is_none() {
            return stated;
        }
        let what = "stated to be germline, but the header names a tumour sample; the origin of its calls is left unknown";
        let remedy = "give the germline calls in a file of their own";
        facts.issues.push(file_issue(file, Level::Doubtful, what, remedy));
        Origin::Unknown
    }

    fn note_build(&self, file: &str, facts: &mut Facts) {
        let what = match (self.build_conflict, self.build) {
            (true, _) => {
                "the assemblies named by the header, or by it and the setting, contradict each other; coordinates are not matched"
            }
            (false, None) => "the header names no assembly (GRCh37 or GRCh38); coordinates are not matched",
            (false, Some(_)) => return,
        };
        facts.issues.push(file_issue(
            file,
            Level::Doubtful,
            what,
            "state the assembly the file was called on",
        ));
    }
}

/// VCF 4.3, section 1.4, writes `##fileDate=20090805`; others write it with hyphens.
fn file_date(text: &str) -> Option<PartialDate> {
    let digits: String = text.trim().chars().filter(|c| *c != '-').collect();
    let (year, rest) = digits.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    PartialDate::parse(&format!("{year}-{month}-{day}")).ok()
}

/// The assembly a header line names.
fn build_of(line: &str) -> Option<Build> {
    if let Some(reference) = line.strip_prefix("##reference=").or(line.strip_prefix("##assembly=")) {
        return Build::parse(reference);
    }
    let contig = line.strip_prefix("##contig=<")?;
    let field = |key: &str| contig.trim_end_matches('>').split(',').find_map(|item| item.strip_prefix(key));
    if let Some(build) = field("assembly=").and_then(|text| Build::parse(text.trim_matches('"'))) {
        return Some(build);
    }
    let first = matches!(field("ID="), Some("1" | "chr1"));
    let length = field("length=").filter(|_| first)?;
    CHROMOSOME_1.iter().find(|(known, _)| *known == length).map(|(_, build)| *build)
}

/// The asked one; the only one; the one the header or its name marks as the tumour.
fn pick_sample(
    samples: &[&str],
    asked: Option<&str>,
    tumour: Option<&str>,
) -> Result<Option<usize>, ReadError> {
    let found = samples.len();
    if let Some(name) = asked {
        let at = samples.iter().position(|sample| *sample == name);
        return at.map(Some).ok_or(ReadError::NoSuchSample { found });
    }
    let marked = |sample: &str| {
        tumour == Some(sample)
            || sample.eq_ignore_ascii_case("tumor")
            || sample.eq_ignore_ascii_case("tumour")
    };
    match found {
        0 => Ok(None),
        1 => Ok(Some(0)),
        _ => {
            samples.iter().position(|sample| marked(sample)).map(Some).ok_or(ReadError::WhichSample { found })
        }
    }
}

/// The columns of one line.
struct Record<'l> {
    columns: Vec<&'l str>,
    position: u64,
}

impl<'l> Record<'l> {
    fn split(text: &'l str, expected: usize) -> Result<Record<'l>, &'static str> {
        let columns: Vec<&str> = text.split('\t').collect();
        if columns.len() < 8 {
            return Err("fewer than 8 tab separated columns");
        }
        if columns.len() < expected {
            return Err("fewer columns than the header");
        }
        let position = columns[1].parse().map_err(|_| "POS is not a number")?;
        if columns[3].is_empty() || columns[4].is_empty() || columns[0].is_empty() {
            return Err("CHROM, REF or ALT is empty");
        }
        Ok(Record { columns, position })
    }

    fn chromosome(&self) -> &'l str {
        self.columns[0].strip_prefix("chr").unwrap_or(self.columns[0])
    }

    fn reference(&self) -> &'l str {
        self.columns[3]
    }

    fn alternates(&self) -> Vec<&'l str> {
        self.columns[4].split(',').collect()
    }

    fn info(&self) -> &'l str {
        self.columns[7]
    }

    /// Names of the filters the line failed.
    fn failed_filter(&self) -> Option<&'l str> {
        Some(self.columns[6]).filter(|filter| !matches!(*filter, "PASS" | "." | ""))
    }

    fn sample(&self, column: Option<usize>) -> Sample<'l> {
        match (self.columns.get(8), column.and_then(|at| self.columns.get(at))) {
            (Some(keys), Some(values)) => Sample::new(keys, values),
            _ => Sample::default(),
        }
    }

    fn last(&self) -> u64 {
        let end = info_value(self.info(), "END").and_then(|end| end.parse().ok());
        end.unwrap_or(self.position.saturating_add(self.reference().len() as u64).saturating_sub(1))
    }
}

struct Reader<'o, 'k> {
    options: &'o Options<'k>,
    build: Option<Build>,
    format: Option<Format>,
    sample: Option<usize>,
    specimen: Option<String>,
    columns: usize,
    transcripts: BTreeSet<&'k str>,
    genotypes: Genotypes<'k>,
    /// Lines at pharmacogene positions, for the note that they were not called.
    pharmacogene_lines: usize,
}

impl Reader<'_, '_> {
    fn record(&mut self, record: &Record, line: &Line, facts: &mut Facts) {
        let sample = record.sample(self.sample);
        self.pharmacogene(record, &sample);
        let alternates = record.alternates();
        for (at, alternate) in alternates.iter().enumerate() {
            if structural::is_reference_marker(alternate) {
                continue;
            }
            let allele = Allele {
                reference: record.reference(),
                alternate,
                number: at + 1,
                only: alternates.len() == 1,
            };
            match self.alteration(record, &allele, &sample, line, facts) {
                Ok(found) => facts.alterations.push(found),
                Err(why) => {
                    facts.issues.push(line.issue(Level::Lost, "ALT", why, "repair or export the line again"))
                }
            }
        }
        if alternates.iter().all(|alternate| structural::is_reference_marker(alternate)) {
            facts.issues.push(line.issue(Level::Note, "ALT", "a reference call, no alteration", ""));
        }
        if let Some(filter) = record.failed_filter() {
            let what = format!(
                "FILTER is `{}`: kept as unknown, not as found",
                filter.chars().take(60).collect::<String>()
            );
            facts.issues.push(line.issue(
                Level::Note,
                "FILTER",
                what,
                "confirm the call with the laboratory",
            ));
        }
    }

    fn alteration(
        &self,
        record: &Record,
        allele: &Allele,
        sample: &Sample,
        line: &Line,
        facts: &mut Facts,
    ) -> Result<Alteration, &'static str> {
        let structural = structural::is_structural(allele.alternate);
        let genomic = if structural { None } else { self.genomic(record, allele.alternate)? };
        let annotation =
            self.format.as_ref().and_then(|format| format.read(record.info(), allele, &self.transcripts));
        let annotation = annotation.unwrap_or_default();
        let genes = self.genes(record.info(), &annotation, line, facts);
        note_annotation(&annotation, structural, &genes, line, facts);
        let sex_chromosome = matches!(record.chromosome(), "X" | "Y");
        let label = label(record, allele.alternate, &annotation, &genes);
        let kind = match structural {
            true => structural::kind(
                allele.alternate,
                record.info(),
                sample,
                sex_chromosome,
                &genes,
                self.options,
            ),
            false => small(annotation, genomic),
        };
        let gene = match &kind {
            AlterationKind::Fusion { three: Some(three), .. } => three.clone(),
            _ => genes.first().cloned().unwrap_or_else(|| GeneSymbol::new("")),
        };
        let meta = line.meta("vcf", &format!(".{}", allele.number), self.options);
        let found = sample.found(allele.number);
        let failed = record.failed_filter().is_some();
        Ok(Alteration {
            presence: if failed { Presence::Unknown } else { found.presence },
            origin: origin(record.info(), self.options.origin),
            homozygous: found.homozygous,
            specimen: self.specimen.clone(),
            vaf: sample.fraction(allele.number),
            depth: sample.depth().or_else(|| info_value(record.info(), "DP")?.parse().ok()),
            ..blank(meta, gene, label, kind, self.options)
        })
    }

    /// Checks the bases on either assembly; gives the change only when the assembly is known.
    fn genomic(&self, record: &Record, alternate: &str) -> Result<Option<GenomicChange>, &'static str> {
        let assembly = self.build.unwrap_or(Build::GRCh38);
        let change = GenomicChange::from_vcf(
            assembly,
            record.columns[0],
            record.position,
            record.reference(),
            alternate,
        );
        change.map(|change| self.build.map(|_| change)).map_err(|error| error.why)
    }

    fn genes(&self, info: &str, annotation: &Annotation, line: &Line, facts: &mut Facts) -> Vec<GeneSymbol> {
        let stated = ["GENE", "SYMBOL", "GN", "GENES", "Gene"]
            .iter()
            .find_map(|key| info_value(info, key))
            .unwrap_or("");
        let from_info = stated.split([',', '|', '&']).map(str::to_owned);
        let names: Vec<String> =
            if annotation.genes.is_empty() { from_info.collect() } else { annotation.genes.clone() };
        let (mut found, mut seen) = (vec![], BTreeSet::new());
        for name in names.iter().filter(|name| !name.trim().is_empty() && *name != ".") {
            let (gene, known) = gene_symbol(self.options.knowledge, name);
            note_gene(facts, line, known);
            // A line can name a hundred thousand; looking through `found` each time would take minutes.
            if seen.insert(gene.clone()) {
                found.push(gene);
            }
        }
        found
    }

    fn pharmacogene(&mut self, record: &Record, sample: &Sample) {
        let (first, last) = (record.position, record.last());
        if !self.genotypes.covers(record.chromosome(), first, last) {
            return;
        }
        self.pharmacogene_lines += 1;
        let (alleles, phased) = sample.alleles();
        let somatic = origin(record.info(), self.options.origin) == Origin::Somatic;
        let ([Some(a), Some(b)], None, false) = (alleles.as_slice(), record.failed_filter(), somatic) else {
            return;
        };
        let alternates: Vec<Option<GenomicChange>> = record
            .alternates()
            .iter()
            .map(|alternate| self.genomic(record, alternate).ok().flatten())
            .collect();
        let call = Call {
            chromosome: record.chromosome(),
            first,
            last,
            reference: record.reference(),
            alternates: &alternates,
            alleles: [*a, *b],
            phased,
        };
        if may_call(self.options, self.build) {
            self.genotypes.take(&call);
        }
    }

    fn finish(self, file: &str, facts: &mut Facts) {
        if may_call(self.options, self.build) {
            return self.genotypes.finish(file, facts, self.options);
        }
        let wrong_build = self.build != Some(Build::GRCh38);
        let what = match (self.options.origin, self.pharmacogene_lines) {
            (Origin::Germline, _) if wrong_build => {
                "pharmacogenes are not called: their positions are known on GRCh38 only"
            }
            (Origin::Unknown, 1..) if !wrong_build => {
                "pharmacogene positions are present but not called: the file is not stated to be germline"
            }
            _ => return,
        };
        facts.issues.push(file_issue(
            file,
            Level::Note,
            what,
            "give a germline file on GRCh38, or the laboratory's diplotypes",
        ));
    }
}

fn origin(info: &str, stated: Origin) -> Origin {
    let status = info_value(info, "STATUS").unwrap_or("").to_ascii_lowercase();
    let varscan = info_value(info, "SS").unwrap_or(""); // VarScan 2 manual, "SS": 1 germline, 2 somatic
    match () {
        () if info_flag(info, "SOMATIC") || status.contains("somatic") || varscan == "2" => Origin::Somatic,
        () if info_flag(info, "GERMLINE") || status == "germline" || varscan == "1" => Origin::Germline,
        () => stated,
    }
}

fn small(annotation: Annotation, genomic: Option<GenomicChange>) -> AlterationKind {
    AlterationKind::Small {
        protein: annotation.protein,
        coding: annotation.codings,
        genomic,
        consequence: annotation.consequence,
        exon: annotation.exon,
        clinvar: vec![],
    }
}

fn note_annotation(
    annotation: &Annotation,
    structural: bool,
    genes: &[GeneSymbol],
    line: &Line,
    facts: &mut Facts,
) {
    let remedy = "annotate the file with VEP or SnpEff and read it again";
    if annotation.unread_protein {
        facts.issues.push(line.issue(
            Level::Doubtful,
            "HGVSp",
            "the protein name cannot be read",
            "check the annotation",
        ));
    }
    let named =
        annotation.protein.is_some() || !annotation.codings.is_empty() || annotation.consequence.is_some();
    if genes.is_empty() || !(named || structural) {
        facts.issues.push(line.issue(
            Level::Doubtful,
            "INFO",
            "needs annotation: matched by coordinate only",
            remedy,
        ));
    }
}

/// `EGFR T790M`, `EGFR c.2369C>T`, `ERBB2 <AMP>`, or `chr7:55249071 C>T`.
fn label(record: &Record, alternate: &str, annotation: &Annotation, genes: &[GeneSymbol]) -> String {
    let names: Vec<&str> = genes.iter().map(GeneSymbol::as_str).collect();
    let change = match (&annotation.protein, annotation.codings.first()) {
        (Some(protein), _) => protein.to_string(),
        (None, Some(coding)) => format!("c.{}", coding.change),
        (None, None) if structural::is_structural(alternate) && !genes.is_empty() => alternate.to_owned(),
        (None, None) => {
            return format!(
                "chr{}:{} {}>{alternate}",
                record.chromosome(),
                record.position,
                record.reference()
            );
        }
    };
    format!("{} {change}", names.join("-")).trim().to_owned()
}
