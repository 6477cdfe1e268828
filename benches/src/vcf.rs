//! What does a large annotated VCF look like? Invented lines over real gene names of the release, from a seed.

use crate::seeded::Seeded;
use concilium_engine::knowledge::Knowledge;
use std::fmt::Write;

const BASES: [&str; 4] = ["A", "C", "G", "T"];
const RESIDUES: [&str; 8] = ["Ala", "Arg", "Asp", "Cys", "Gly", "Leu", "Ser", "Val"];
const CONSEQUENCES: [&str; 4] =
    ["missense_variant", "synonymous_variant", "missense_variant&splice_region_variant", "stop_gained"];
/// Annotations a line carries: one for each of so many transcripts.
const TRANSCRIPTS_A_LINE: usize = 3;

const HEADER: &str = "##fileformat=VCFv4.2
##source=invented benchmark corpus, no real person
##reference=GRCh37
##contig=<ID=7,length=159138663,assembly=GRCh37>
##FILTER=<ID=PASS,Description=\"All filters passed\">
##INFO=<ID=SOMATIC,Number=0,Type=Flag,Description=\"Somatic\">
##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations. Format: Allele|Consequence|SYMBOL|Gene|Feature|HGVSc|HGVSp|EXON\">
##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Reads per allele\">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"Reads\">
##FORMAT=<ID=AF,Number=A,Type=Float,Description=\"Allele fraction\">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ttumour
";

/// A sorted VCF of `n` annotated single-base changes on one chromosome.
pub fn annotated(n: usize, seed: u64, knowledge: &Knowledge) -> String {
    let mut choice = Seeded::new(seed);
    let mut text = HEADER.to_owned();
    let mut position = 10_000;
    for _ in 0..n {
        position += 1 + choice.below(700);
        line(&mut text, position, &mut choice, knowledge);
    }
    text
}

fn line(text: &mut String, position: usize, choice: &mut Seeded, knowledge: &Knowledge) {
    let reference = choice.below(4);
    let (from, to) = (BASES[reference], BASES[(reference + 1 + choice.below(3)) % 4]);
    let gene = choice.pick(&knowledge.genes.rows).map_or("TP53", |gene| gene.symbol.as_str());
    let annotations: Vec<String> =
        (0..TRANSCRIPTS_A_LINE).map(|_| annotation(from, to, gene, choice)).collect();
    let (alternate, other) = (5 + choice.below(300), 100 + choice.below(400));
    let total = alternate + other;
    let fraction = alternate as f64 / total as f64;
    let annotations = annotations.join(",");
    // Writing into a String cannot fail.
    let _ = writeln!(
        text,
        "7\t{position}\t.\t{from}\t{to}\t.\tPASS\tSOMATIC;CSQ={annotations}\tGT:AD:DP:AF\t0/1:{other},{alternate}:{total}:{fraction:.4}"
    );
}

fn annotation(from: &str, to: &str, gene: &str, choice: &mut Seeded) -> String {
    let consequence = CONSEQUENCES[choice.below(CONSEQUENCES.len())];
    let number = 100_000 + choice.below(500_000);
    let base = 1 + choice.below(6_000);
    let residue = base.div_ceil(3);
    let old = RESIDUES[choice.below(RESIDUES.len())];
    let new = match consequence {
        "stop_gained" => "Ter",
        "synonymous_variant" => "=",
        _ => RESIDUES[choice.below(RESIDUES.len())],
    };
    format!(
        "{to}|{consequence}|{gene}|ENSG00000{number}|ENST00000{number}|ENST00000{number}.3:c.{base}{from}>{to}|ENSP00000{number}.3:p.{old}{residue}{new}|{}/28",
        1 + choice.below(28)
    )
}
