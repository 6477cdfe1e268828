//! Spellings as data, and the laws every name obeys.

use super::{Build, CodingChange, GenomicChange, ProteinChange, parse_fusion, stated_gene};
use proptest::prelude::*;

/// Each line: spelling(s) separated by `|`, then ` => ` and the normal form, or `! reason`.
#[track_caller]
fn check(table: &str, read: impl Fn(&str) -> Result<String, String>) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (spellings, expected) = line.split_once(" => ").expect("a line of the table has ` => `");
        for spelling in spellings.split(" | ") {
            let found = read(spelling.trim()).unwrap_or_else(|why| format!("! {why}"));
            assert_eq!(found, expected.trim(), "reading `{spelling}`");
        }
    }
}

fn protein(text: &str) -> Result<String, String> {
    ProteinChange::parse(text).map(|change| change.to_string()).map_err(|error| error.why.to_owned())
}

#[test]
fn protein_names() {
    check(
        "
        V600E | p.V600E | p.Val600Glu | p.(Val600Glu) | NP_004324.2:p.V600E | v600e | VAL600GLU | BRAF:p.V600E => V600E
        NM_000455.5(STK11):c.725G>A (p.Gly242Glu) => G242E
        V600delinsE | V600>E => V600E
        E746_A750del | Glu746_Ala750del | E746_A750delELREA | E746_A750DEL | E746_A750del5 | p.(Glu746_Ala750del) => E746_A750del
        K745del | p.Lys745del | K745_K745del => K745del
        L747_P753delinsS | p.Leu747_Pro753delinsSer | L747_P753>S | L747_P753delLREATSPinsS | L747_P753DELINSS => L747_P753delinsS
        E746_S752delinsV => E746_S752delinsV
        A1_A2delinsALA | p.(a1_a2delinsala) => A1_A2delinsALA
        A1_A2delinsAla | p.Ala1_Ala2delinsALA | p.Ala1_Ala2delinsAla => A1_A2delinsA
        D770_N771insSVD | p.Asp770_Asn771insSerValAsp | D770_N771INSSVD => D770_N771insSVD
        V769_D770insASV => V769_D770insASV
        A767_V769dup | p.Ala767_Val769dup | A767_V769dupASV | A767_V769DUP => A767_V769dup
        Y772dup => Y772dup
        Q61* | Q61X | Q61Ter | p.Gln61Ter | Q61stop | p.(Gln61*) => Q61*
        P191fs | P191FS | p.Pro191fs | P191fs*22 | P191fsX22 | P191Lfs*? => P191fs
        p.Ser1982ArgfsTer22 | S1982Rfs*22 | S1982RfsX22 | p.Ser1982Argfs*22 => S1982fs
        *757Qext*9 | p.Ter757GlnextTer9 | *757Q | *757ext => *757ext
        M1? | p.Met1? | p.(Met1?) => M1?
        M1V => M1V
        G12= | p.Gly12= | G12G | p.Gly12%3D => 12=
        (=) | p.= | p.(=) | = => =
        D770_N771insSV* | p.Asp770_Asn771insSerValTer => D770_N771insSV*
        ",
        protein,
    );
}

#[test]
fn refused_protein_names() {
    check(
        "
        D835 => ! a residue without a change
        E746_A750delEL => ! stated amino acids and range disagree
        A750_E746del => ! range runs backwards
        D770_N772insS => ! an insertion needs two neighbouring residues
        V0E => ! residue 0
        c.1799T>A | NM_004333.4:c.1799T>A => ! a nucleotide name, not a protein name
        Amplification => ! no residue number
        p.X125_splice => ! no residue number
        J12K => ! no amino acid before the residue number
        V600E/K => ! text after the change
        V99999999999E => ! residue number too large
        D770_N771ins => ! inserted amino acids not named
        G12Xaa => ! no known change after the residue
        ",
        protein,
    );
}

#[test]
fn what_a_protein_name_implies() {
    let implied = |text: &str| {
        let change = ProteinChange::parse(text).map_err(|error| error.why.to_owned())?;
        Ok(format!("{} {:?} {}", change.so_term(), change.residues(), change.truncates()))
    };
    check(
        "
        V600E => missense_variant Some((600, 600)) false
        Q61* => stop_gained Some((61, 61)) true
        E746_A750del => inframe_deletion Some((746, 750)) false
        L747_P753delinsS => inframe_deletion Some((747, 753)) false
        V600_K601delinsEN => missense_variant Some((600, 601)) false
        D770_N771insSV* => stop_gained Some((770, 771)) true
        D770_N771insSVD => inframe_insertion Some((770, 771)) false
        A767_V769dup => inframe_insertion Some((767, 769)) false
        P191fs => frameshift_variant Some((191, 191)) true
        p.= => synonymous_variant None false
        ",
        implied,
    );
}

#[test]
fn coding_names() {
    let read = |text: &str| CodingChange::parse(text).map(|c| c.to_string()).map_err(|e| e.why.to_owned());
    check(
        "
        NM_004333.4:c.1799T>A | NM_004333:c.1799t>a | NM_004333.6(BRAF):c.1799T>A (p.Val600Glu) => NM_004333:c.1799T>A
        ENST00000288602.6:c.1799T>A => ENST00000288602:c.1799T>A
        c.1799T>A | c.(1799T>A) => c.1799T>A
        c.2235_2249del | c.2235_2249del15 | c.2235_2249delGGAATTAAGAGAAGC | c.2235_2249DEL => c.2235_2249del
        c.2240_2257delinsA | c.2240_2257delTAAGAGAAGCAACATCTCinsA => c.2240_2257delinsA
        c.1905+1G>A => c.1905+1G>A
        c.-124C>T => c.-124C>T
        c.180= | c.180G= => c.180=
        c.2308_2309insGGT => c.2308_2309insGGT
        V600E => ! no `c.` in it
        c.V600E => ! no coding position after `c.`
        c.1799 => ! a coding position without a change
        ",
        read,
    );
    assert_eq!(stated_gene("NM_000455.5(STK11):c.725G>A (p.Gly242Glu)"), Some("STK11"));
}

#[test]
fn genomic_names() {
    let read = |text: &str| GenomicChange::parse(text).map(|c| c.to_string()).map_err(|e| e.why.to_owned());
    check(
        "
        NC_000007.13:g.140453136A>T => GRCh37 chr7:140453136 A>T
        NC_000007.14:g.140753336A>T => GRCh38 chr7:140753336 A>T
        NC_000001.10:g.115256529T>C => GRCh37 chr1:115256529 T>C
        NC_000023.11:g.10_12delACG => GRCh38 chrX:10 ACG>-
        NC_000023.11:g.10_12delACGinsT => GRCh38 chrX:10 ACG>T
        NC_000023.11:g.10_11insT => GRCh38 chrX:11 ->T
        NC_000023.11:g.10_12del => ! deleted bases are not named, or disagree with the range
        NC_000007.12:g.140453136A>T => ! not a chromosome of GRCh37 or GRCh38
        ",
        read,
    );
}

#[test]
fn paddings_of_one_change_are_one() {
    let vcf = |position, reference, alternate| {
        GenomicChange::from_vcf(Build::GRCh37, "chr7", position, reference, alternate).expect("bases")
    };
    assert_eq!(vcf(100, "AGG", "ATG"), vcf(101, "G", "T"));
    assert_eq!(vcf(100, "ACG", "A"), vcf(99, "TACG", "TA"));
    assert_eq!(
        vcf(100, "A", "ATT"),
        GenomicChange { position: 101, alternate: "TT".into(), ..vcf(101, "", "TT") }
    );
    assert!(GenomicChange::from_vcf(Build::GRCh37, "7", 100, "A", "A").is_err());
    assert!(GenomicChange::from_vcf(Build::GRCh37, "7", 100, "A", "<DEL>").is_err());
}

#[test]
fn fusion_names() {
    let genes = ["EML4", "ALK", "NKX2-1", "HLA-A", "HLA", "KIAA1549", "BRAF"];
    let read = |text: &str| {
        let fusion = parse_fusion(text, |name| genes.contains(&name)).map_err(|e| e.why.to_owned())?;
        let side =
            |gene: &Option<crate::GeneSymbol>| gene.as_ref().map_or("?".to_owned(), ToString::to_string);
        let joint = if fusion.oriented { "::" } else { " with " };
        Ok(format!("{}{joint}{}", side(&fusion.five), side(&fusion.three)))
    };
    check(
        "
        EML4::ALK | EML4-ALK | EML4-ALK fusion | EML4(13)::ALK(20) | EML4 exon 13::ALK exon 20 => EML4::ALK
        EML4/ALK | EML4 and ALK rearrangement => EML4 with ALK
        v::ALK | v::ALK Fusion | ?::ALK => ?::ALK
        ALK::v => ALK::?
        ALK fusion | ALK rearrangement | ALK-rearranged fusion => ? with ALK
        NKX2-1-ALK => NKX2-1::ALK
        NKX2-1::ALK => NKX2-1::ALK
        HLA-A-BRAF => HLA-A::BRAF
        KIAA1549::BRAF => KIAA1549::BRAF
        ALK => ! nothing says it is a fusion
        EML4::FOO => ! a partner that is no known gene
        ",
        read,
    );
}

fn any_place() -> impl Strategy<Value = (char, u32)> {
    (prop::sample::select(("ACDEFGHIKLMNPQRSTVWY").chars().collect::<Vec<_>>()), 1..5000_u32)
}

fn any_change() -> impl Strategy<Value = ProteinChange> {
    let sequence = "[ACDEFGHIKLMNPQRSTVWY]{2,6}";
    prop_oneof![
        (any_place(), any_place()).prop_filter("a change", |(a, b)| a.0 != b.0).prop_map(
            |((reference, residue), (alternate, _))| ProteinChange::Missense {
                reference,
                residue,
                alternate
            }
        ),
        any_place().prop_map(|(reference, residue)| ProteinChange::Nonsense { reference, residue }),
        any_place().prop_map(|(reference, residue)| ProteinChange::Frameshift { reference, residue }),
        (any_place(), any_place(), prop_oneof![Just(String::new()), sequence.prop_map(String::from)])
            .prop_map(|(first, (letter, more), alternate)| {
                let last = (letter, first.1 + more);
                ProteinChange::Deletion { first, last, alternate }
            }),
        any_place().prop_map(|first| ProteinChange::Duplication { first, last: first }),
        (any_place(), any_place(), sequence).prop_map(|(after, (letter, _), inserted)| {
            ProteinChange::Insertion { after, before: (letter, after.1 + 1), inserted }
        }),
        Just(ProteinChange::StartLost),
        (1..5000_u32).prop_map(|residue| ProteinChange::StopLost { residue }),
        prop::option::of(1..5000_u32).prop_map(|residue| ProteinChange::Synonymous { residue }),
    ]
}

proptest! {
    #[test]
    fn the_normal_form_reads_back(change in any_change()) {
        prop_assert_eq!(ProteinChange::parse(&change.to_string()), Ok(change.clone()));
        prop_assert_eq!(ProteinChange::parse(&format!("p.({change})")), Ok(change));
    }

    #[test]
    fn case_does_not_matter(change in any_change()) {
        prop_assert_eq!(ProteinChange::parse(&change.to_string().to_lowercase()), Ok(change.clone()));
        prop_assert_eq!(ProteinChange::parse(&change.to_string().to_uppercase()), Ok(change));
    }

    #[test]
    fn no_text_panics(text in ".{0,40}", near in "[pcg.]{0,2}[A-Za-z*]{0,3}[0-9]{0,12}_?[A-Za-z*0-9>=()]{0,12}") {
        for text in [&text, &near] {
            let protein = ProteinChange::parse(text);
            if let Ok(change) = protein {
                prop_assert_eq!(ProteinChange::parse(&change.to_string()), Ok(change));
            }
            if let Ok(change) = CodingChange::parse(text) {
                prop_assert_eq!(CodingChange::parse(&change.to_string()), Ok(change));
            }
            let _ = GenomicChange::parse(text);
            let _ = parse_fusion(text, |name| name.len() < 3);
        }
    }

    #[test]
    fn trimming_keeps_the_change(prefix in "[ACGT]{0,4}", a in "[ACGT]{1,4}", b in "[ACGT]{1,4}", suffix in "[ACGT]{0,4}") {
        prop_assume!(a != b);
        let vcf = |position, reference: &str, alternate: &str| GenomicChange::from_vcf(Build::GRCh38, "1", position, reference, alternate);
        let change = vcf(100, &format!("{prefix}{a}{suffix}"), &format!("{prefix}{b}{suffix}")).expect("bases");
        let offset = usize::try_from(change.position - 100).expect("small");
        let whole = format!("{prefix}{a}{suffix}");
        let rebuilt = format!("{}{}{}", &whole[..offset], change.alternate, &whole[offset + change.reference.len()..]);
        prop_assert_eq!(rebuilt, format!("{prefix}{b}{suffix}"));
    }
}
