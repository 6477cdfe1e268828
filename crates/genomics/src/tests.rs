//! Files as text, facts as lines, and the laws of reading.

use crate::{Options, ReadError, phenotype_of, read_maf, read_vcf};
use concilium_case::{AlterationKind, Facts, Level, Origin};
use concilium_knowledge::Knowledge;
use concilium_terms::GeneSymbol;
use concilium_terms::hgvs::{Build, GenomicChange};
use proptest::prelude::*;
use std::io::Write;
use std::sync::OnceLock;

fn knowledge() -> &'static Knowledge {
    static BUILTIN: OnceLock<Knowledge> = OnceLock::new();
    BUILTIN.get_or_init(|| concilium_knowledge::builtin().expect("the pack loads"))
}

const HEADER: &str = "##fileformat=VCFv4.2\n##reference=GRCh37.fa\n##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations. Format: Allele|Consequence|SYMBOL|Feature|EXON|HGVSc|HGVSp|CANONICAL\">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n";

/// One line a fact: label, consequence or copies, presence, fraction, depth; then one line an issue.
fn shown(facts: &Facts) -> String {
    let mut lines = vec![];
    for found in &facts.alterations {
        let kind = match &found.kind {
            AlterationKind::Small { consequence, genomic, exon, .. } => {
                let genomic = genomic.as_ref().map_or("no locus".to_owned(), ToString::to_string);
                format!("{consequence:?} exon {exon:?} {genomic}")
            }
            AlterationKind::CopyNumber { call, copies } => format!("{call:?} {copies:?}"),
            AlterationKind::Fusion { five, three, .. } => format!("fusion {five:?} {three:?}"),
            other => format!("{other:?}"),
        };
        let gene = &found.gene;
        lines.push(format!(
            "{} [{gene}] {kind} {:?} {:?} {:?} {:?}",
            found.label, found.presence, found.origin, found.vaf, found.depth
        ));
    }
    lines.extend(
        facts.issues.iter().map(|issue| format!("! {:?} {}: {}", issue.level, issue.source, issue.what)),
    );
    lines.join("\n")
}

/// Columns separated by blanks in `records`; each expected line must stand somewhere in the result.
#[track_caller]
fn check(records: &str, expected: &[&str]) -> Facts {
    let body: String =
        records.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join("\t") + "\n").collect();
    let facts =
        read_vcf("a.vcf", format!("{HEADER}{body}").as_bytes(), &Options::new(knowledge())).expect("a VCF");
    let found = shown(&facts);
    for line in expected {
        assert!(found.contains(line), "wanted `{line}` in\n{found}");
    }
    conserved(&facts);
    facts
}

/// Every record line ends as a fact or an issue.
#[track_caller]
fn conserved(facts: &Facts) {
    for input in &facts.inputs {
        let named = |source: &concilium_case::Source| {
            let (place, id) = (source.to_string().replace(':', ""), input.id.replace(':', ""));
            place == id || place.starts_with(&format!("{id} "))
        };
        let kept = facts.alterations.iter().filter(|a| a.meta.sources.iter().any(named)).count();
        assert_eq!(kept, input.facts, "{}", input.id);
        assert!(0 < kept || facts.issues.iter().any(|issue| named(&issue.source)), "{} vanished", input.id);
    }
}

#[test]
fn annotated_substitution() {
    check(
        "7 55249071 . C T . PASS CSQ=T|missense_variant|EGFR|ENST00000455089|19/27|ENST00000455089.1:c.2234C>T|ENSP1:p.Thr745Met|,T|missense_variant|EGFR|ENST00000275493|20/28|ENST00000275493.2:c.2369C>T|ENSP2:p.Thr790Met|YES GT:AD:DP 0/1:90,10:100",
        &[
            "EGFR T790M [EGFR] Some(Missense) exon Some(20) GRCh37 chr7:55249071 C>T Present Unknown Some(0.1) Some(100)",
        ],
    );
}

#[test]
fn alleles_of_one_line_are_told_apart() {
    check(
        "7 140453136 . A T,C . PASS CSQ=T|missense_variant|BRAF|E|15/18|E:c.1799T>A|p.Val600Glu|YES,C|missense_variant|BRAF|E|15/18|E:c.1799T>G|p.Val600Gly|YES GT:AF 0/1:0.25,0.0",
        &[
            "BRAF V600E [BRAF] Some(Missense) exon Some(15) GRCh37 chr7:140453136 A>T Present Unknown Some(0.25)",
            "BRAF V600G [BRAF]",
            "A>C Absent",
        ],
    );
}

#[test]
fn doubtful_and_broken_lines() {
    check(
        "7 55249071 . C T . PASS DP=40 GT 0/1
         7 55249071 . C T . lowqual SOMATIC GT 0/1
         7 abc . C T . PASS . GT 0/1
         7 12
         7 100 . C . . PASS . GT 0/0
         7 100 . C Q . PASS . GT 0/1
         7 100 . C T . PASS . GT 0/0
         7 100 . C T . PASS . GT ./.",
        &[
            "chr7:55249071 C>T [] None exon None GRCh37 chr7:55249071 C>T Present Unknown None Some(40)",
            "! Doubtful a.vcf line 5 INFO: needs annotation",
            "C>T Unknown Somatic",
            "! Note a.vcf line 6 FILTER: FILTER is `lowqual`",
            "! Lost a.vcf line 7 : POS is not a number",
            "! Lost a.vcf line 8 : fewer than 8",
            "! Note a.vcf line 9 ALT: a reference call",
            "! Lost a.vcf line 10 ALT: an allele that is not bases",
            "chr7:100 C>T [] None exon None GRCh37 chr7:100 C>T Absent",
            "chr7:100 C>T [] None exon None GRCh37 chr7:100 C>T Unknown",
        ],
    );
}

#[test]
fn copies_and_breakends() {
    check(
        "17 37844347 . N <DUP> . PASS GENE=ERBB2;END=37884911 GT:CN 0/1:12
         9 21967751 . N <DEL> . PASS GENE=CDKN2A GT:CN 1/1:0
         9 21967751 . N <DEL> . PASS GENE=CDKN2A GT:CN 0/1:1
         9 21967751 . N <DEL> . PASS GENE=CDKN2A GT 0/1
         2 29446394 . G G[2:42522656[ . PASS GENE=EML4,ALK GT 0/1
         2 29446394 . G G[2:42522656[ . PASS . GT 0/1",
        &[
            "ERBB2 <DUP> [ERBB2] Gain Some(12.0) Present",
            "CDKN2A <DEL> [CDKN2A] HomozygousLoss Some(0.0)",
            "[CDKN2A] SingleLoss Some(1.0)",
            "[CDKN2A] Loss None",
            "[ALK] fusion Some(GeneSymbol(\"EML4\")) Some(GeneSymbol(\"ALK\"))",
            "! Doubtful a.vcf line 10 INFO: needs annotation",
        ],
    );
    let text = format!("{HEADER}17\t37844347\t.\tN\t<DUP>\t.\tPASS\tGENE=ERBB2\tCN\t12\n");
    let options = Options { amplification_copies: Some(8.0), ..Options::new(knowledge()) };
    let facts = read_vcf("a.vcf", text.as_bytes(), &options).expect("a VCF");
    assert!(shown(&facts).contains("Amplified Some(12.0)"));
}

#[test]
fn without_an_assembly_no_coordinate_is_matched() {
    let text = HEADER.replace("##reference=GRCh37.fa\n", "") + "7\t55249071\t.\tC\tT\t.\tPASS\t.\tGT\t0/1\n";
    let facts = read_vcf("a.vcf", text.as_bytes(), &Options::new(knowledge())).expect("a VCF");
    assert!(shown(&facts).contains("no locus") && shown(&facts).contains("names no assembly"));
    let both =
        text.replace("#CHROM", "##contig=<ID=chr1,length=248956422>\n##contig=<ID=2,assembly=hg19>\n#CHROM");
    let facts = read_vcf("a.vcf", both.as_bytes(), &Options::new(knowledge())).expect("a VCF");
    assert!(shown(&facts).contains("no locus") && shown(&facts).contains("contradict"));
}

#[test]
fn what_is_no_vcf_is_refused() {
    let read = |text: &str| read_vcf("a.vcf", text.as_bytes(), &Options::new(knowledge()));
    assert!(matches!(read(""), Err(ReadError::NotThis { .. })));
    assert!(matches!(read("hello"), Err(ReadError::NotThis { .. })));
    let two = HEADER.replace("\tS1", "\tS1\tS2");
    assert!(matches!(read(&two), Err(ReadError::WhichSample { found: 2 })));
    let options = Options { limit_bytes: 20, ..Options::new(knowledge()) };
    assert!(matches!(read_vcf("a", HEADER.as_bytes(), &options), Err(ReadError::TooLarge { .. })));
}

#[test]
fn gzip_reads_the_same() {
    let text = format!("{HEADER}7\t55249071\t.\tC\tT\t.\tPASS\t.\tGT\t0/1\n");
    let mut gzip = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).expect("into memory");
    let packed = gzip.finish().expect("into memory");
    let options = Options::new(knowledge());
    assert_eq!(
        read_vcf("a", &packed, &options).expect("a VCF"),
        read_vcf("a", text.as_bytes(), &options).expect("a VCF")
    );
    assert!(matches!(read_vcf("a", &packed[..packed.len() - 12], &options), Err(ReadError::Compressed(_))));
}

/// A germline GRCh38 file with a genotype at every defining position of `gene`, reference where none is given.
fn genotyped(gene: &str, given: &[(&str, &str, &str)]) -> String {
    let header = HEADER.replace("GRCh37", "GRCh38");
    let positions = &knowledge().pgx.positions[&GeneSymbol::new(gene)];
    let line = |place: &concilium_knowledge::PgxPosition| {
        let found = given.iter().find(|(rsid, ..)| *rsid == place.rsid);
        let (alternate, genotype) =
            found.map_or((".", "0/0"), |(_, alternate, genotype)| (*alternate, *genotype));
        let (chromosome, position, reference) = (&place.chromosome, place.position, &place.reference);
        format!("chr{chromosome}\t{position}\t.\t{reference}\t{alternate}\t.\tPASS\t.\tGT\t{genotype}\n")
    };
    header + &positions.iter().map(line).collect::<String>()
}

/// `diplotype => phenotype activity, n uncovered`
fn pharmacogene(text: &str) -> String {
    let options = Options { origin: Origin::Germline, ..Options::new(knowledge()) };
    let facts = read_vcf("g.vcf", text.as_bytes(), &options).expect("a VCF");
    let shown = |fact: &concilium_case::Pharmacogene| {
        format!(
            "{} {:?} => {:?} {:?}, {} uncovered",
            fact.gene,
            fact.diplotype,
            fact.phenotype,
            fact.activity,
            fact.uncovered.len()
        )
    };
    facts.pharmacogenes.iter().map(shown).collect::<Vec<_>>().join("; ")
}

#[test]
fn diplotypes_by_exact_match() {
    assert_eq!(
        pharmacogene(&genotyped("DPYD", &[])),
        "DPYD Some(\"Reference/Reference\") => Some(\"Normal Metabolizer\") Some(2.0), 0 uncovered"
    );
    assert_eq!(
        pharmacogene(&genotyped("DPYD", &[("rs3918290", "T", "0/1")])),
        "DPYD Some(\"Reference/c.1905+1G>A (*2A)\") => Some(\"Intermediate Metabolizer\") Some(1.0), 0 uncovered"
    );
    let unphased = pharmacogene(&genotyped("TPMT", &[("rs1142345", "C", "0/1"), ("rs1800460", "T", "0/1")]));
    assert_eq!(unphased, "TPMT Some(\"*1/*3A or *3B/*3C\") => None None, 0 uncovered");
    let phased = pharmacogene(&genotyped("TPMT", &[("rs1142345", "C", "0|1"), ("rs1800460", "T", "0|1")]));
    assert_eq!(phased, "TPMT Some(\"*1/*3A\") => Some(\"Intermediate Metabolizer\") None, 0 uncovered");
}

#[test]
fn a_position_not_covered_is_never_normal() {
    let whole = genotyped("DPYD", &[]);
    let short = &whole[..whole.trim_end().rfind('\n').expect("lines") + 1];
    assert_eq!(pharmacogene(short), "DPYD None => None None, 1 uncovered");
    let failed = genotyped("DPYD", &[("rs3918290", "T", "./.")]);
    assert_eq!(pharmacogene(&failed), "DPYD None => None None, 1 uncovered");
    let elsewhere = genotyped("DPYD", &[]).replacen("\tT\t.\t.\tPASS", "\tG\t.\t.\tPASS", 1);
    assert_eq!(
        pharmacogene(&elsewhere),
        "DPYD None => None None, 1 uncovered",
        "reference bases of another assembly"
    );
    let other = genotyped("DPYD", &[("rs3918290", "A", "0/1")]);
    assert_eq!(pharmacogene(&other), "DPYD None => None None, 0 uncovered");
}

#[test]
fn pharmacogenes_only_from_germline_on_grch38() {
    let text = genotyped("DPYD", &[("rs3918290", "T", "0/1")]);
    let read = |text: &str, origin| {
        let options = Options { origin, ..Options::new(knowledge()) };
        read_vcf("g.vcf", text.as_bytes(), &options).expect("a VCF")
    };
    for facts in [
        read(&text, Origin::Unknown),
        read(&text.replace("GRCh38", "GRCh37"), Origin::Germline),
        read(&text, Origin::Somatic),
    ] {
        assert!(facts.pharmacogenes.is_empty());
    }
    assert!(shown(&read(&text, Origin::Unknown)).contains("not stated to be germline"));
    assert!(shown(&read(&text.replace("GRCh38", "GRCh37"), Origin::Germline)).contains("GRCh38 only"));
}

#[test]
fn stated_diplotypes() {
    let phenotype = |gene: &str, text: &str| {
        phenotype_of(knowledge(), &GeneSymbol::new(gene), text)
            .map(|row| (row.phenotype.clone(), row.activity))
    };
    for text in [
        "*1/*2A",
        "*2A/*1",
        "c.1905+1G>A (*2A)/Reference",
        "Reference/c.1905+1G>A",
        "c.1905+1G>A(*2A) / reference",
    ] {
        assert_eq!(phenotype("DPYD", text), Some(("Intermediate Metabolizer".into(), Some(1.0))), "{text}");
    }
    assert_eq!(phenotype("DPYD", "*1/*999"), None);
    assert_eq!(phenotype("DPYD", ""), None);
    assert_eq!(phenotype("NOGENE", "*1/*1"), None);
}

#[test]
fn maf_lines() {
    let text = "#version 2.4\nHugo_Symbol\tNCBI_Build\tChromosome\tStart_Position\tReference_Allele\tTumor_Seq_Allele2\tVariant_Classification\tTumor_Sample_Barcode\tHGVSc\tHGVSp_Short\tt_ref_count\tt_alt_count\tTranscript_ID\n\
        BRAF\tGRCh37\t7\t140453136\tA\tT\tMissense_Mutation\tP1\tc.1799T>A\tp.V600E\t75\t25\tENST00000288602\n\
        EGFR\tGRCh37\t7\t55249009\t-\tACC\tIn_Frame_Ins\tP1\t\tp.D770_N771insH\t\t\t\n\
        broken\n\
        TP53\t\t17\t7577121\tG\tA\tMissense_Mutation\tP1\t\tp.unreadable\t\t\t\n";
    let facts = read_maf("a.maf", text.as_bytes(), &Options::new(knowledge())).expect("a MAF");
    let found = shown(&facts);
    for line in [
        "BRAF V600E [BRAF] Some(Missense) exon None GRCh37 chr7:140453136 A>T Present Unknown Some(0.25) Some(100)",
        "EGFR D770_N771insH [EGFR] Some(InframeInsertion) exon None GRCh37 chr7:55249010 ->ACC",
        "! Lost a.maf line 5 : not tab separated",
        "! Doubtful a.maf line 6 HGVSp_Short: the protein name cannot be read",
        "! Doubtful a.maf line 6 NCBI_Build: NCBI_Build is missing",
    ] {
        assert!(found.contains(line), "wanted `{line}` in\n{found}");
    }
    conserved(&facts);
    let two = text.replace("p.unreadable", "p.R248Q").replace(
        "TP53\t\t17\t7577121\tG\tA\tMissense_Mutation\tP1",
        "TP53\t\t17\t7577121\tG\tA\tMissense_Mutation\tP2",
    );
    assert!(matches!(
        read_maf("a.maf", two.as_bytes(), &Options::new(knowledge())),
        Err(ReadError::WhichSample { found: 2 })
    ));
    let options = Options { sample: Some("P2".into()), ..Options::new(knowledge()) };
    assert_eq!(read_maf("a.maf", two.as_bytes(), &options).expect("a MAF").alterations.len(), 1);
}

/// The accepted variants of CIViC, when the data folder is there.
#[test]
fn real_data() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/knowledge/civic_2025_09/01-Sep-2025-civic_accepted.vcf");
    let Ok(bytes) = std::fs::read(&path) else { return eprintln!("skipped: no ../shared/data here") };
    let facts = read_vcf("civic.vcf", &bytes, &Options::new(knowledge())).expect("a VCF");
    conserved(&facts);
    assert_eq!(facts.inputs.len(), 815);
    let lost = facts.issues.iter().filter(|issue| issue.level == Level::Lost);
    let reasons: Vec<&str> = lost.map(|issue| issue.what.as_str()).collect();
    assert_eq!(reasons, ["reference and alternate are equal"], "one record of that release changes nothing");
    let located = facts
        .alterations
        .iter()
        .filter(|a| matches!(&a.kind, AlterationKind::Small { genomic: Some(_), .. }))
        .count();
    assert!(800 < located, "{located} with a locus");
    names_agree_with_columns(&String::from_utf8_lossy(&bytes));
}

/// Where a line carries NC_ names, one of them reads to the very change its columns say (synonymous DNA changes of
/// one protein change stand beside it).
fn names_agree_with_columns(text: &str) {
    let (mut agree, mut disagree) = (0, 0);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let position = columns[1].parse().expect("a position");
        let change = GenomicChange::from_vcf(Build::GRCh37, columns[0], position, columns[3], columns[4]);
        let names =
            columns[7].split(['|', '&', ',']).filter(|name| name.starts_with("NC_") && name.contains('>'));
        let named: Vec<GenomicChange> = names.filter_map(|name| GenomicChange::parse(name).ok()).collect();
        match (change, named.is_empty()) {
            (Ok(change), false) if named.contains(&change) => agree += 1,
            (Ok(_), false) => disagree += 1,
            (Err(_), _) | (_, true) => {}
        }
    }
    assert!(500 < agree && disagree * 100 < agree, "{agree} agree, {disagree} disagree");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_panic_and_no_line_vanishes(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        lines in prop::collection::vec("(chr)?[0-9X]{1,2}\t[0-9]{0,21}\t\\.\t[ACGTN]{0,3}\t([ACGT]{1,3}|<DEL>|<CNV>|\\.|,|\\*){0,3}\t.?\t(PASS|q)?\t[A-Z;=|,0-9&]{0,12}\tGT:AD\t[0-9./|:,]{0,9}", 0..6),
        tail in "\\PC{0,40}",
    ) {
        let options = Options { origin: Origin::Germline, ..Options::new(knowledge()) };
        let _ = read_vcf("a", &bytes, &options);
        let _ = read_maf("a", &bytes, &options);
        for header in [HEADER.to_owned(), HEADER.replace("GRCh37", "GRCh38")] {
            let text = format!("{header}{}\n{tail}\n", lines.join("\n"));
            let facts = read_vcf("a", text.as_bytes(), &options).expect("the header is sound");
            conserved(&facts);
            let _ = read_vcf("a", &[text.as_bytes(), &bytes].concat(), &options);
        }
    }
}
