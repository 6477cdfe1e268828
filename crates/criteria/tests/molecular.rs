//! Clinical rules, section 2: at least one golden test for each row of "Who matches: alterations".

mod support;

use concilium_case::{
    Alteration, AlterationKind, Consequence, CopyCall, Effect, Line, LineIntent, Marker, MarkerCall,
    MarkerName, Origin, Presence, RegionStudied, SignatureName, Significance,
};
use concilium_criteria::match_profile;
use concilium_evidence::{ProfileExpr, VariantOrigin};
use concilium_terms::pattern::MarkerKind;
use concilium_testkit::{
    CaseBuilder, copies, day, fusion, marker, on, pharmacogene, region, small, specimen, splice, whole_gene,
};
use expect_test::{Expect, expect};
use support::{gene, knowledge, leaf, matched, outcome, statement};

#[track_caller]
fn check(case: CaseBuilder, asked: &str, expected: Expect) {
    expected.assert_eq(&outcome(&matched(&case.build(), &leaf(asked))));
}

fn case() -> CaseBuilder {
    CaseBuilder::new("2026-06-15")
}

fn with(alteration: Alteration) -> CaseBuilder {
    case().alteration(alteration)
}

fn called(significance: Significance, alteration: Alteration) -> Alteration {
    Alteration { significance: Some(significance), ..alteration }
}

fn absent(alteration: Alteration) -> Alteration {
    Alteration { presence: Presence::Absent, ..alteration }
}

fn annotated(exon: Option<u32>, consequence: Consequence, mut alteration: Alteration) -> Alteration {
    if let AlterationKind::Small { exon: e, consequence: c, .. } = &mut alteration.kind {
        (*e, *c) = (exon, Some(consequence));
    }
    alteration
}

#[test]
fn exact_change() {
    check(
        with(small("BRAF", "p.Val600Glu")),
        "BRAF V600E",
        expect![[r#"
        True
          Met: BRAF V600E: found [A1]
          as Exact by [A1]"#]],
    );
    check(
        with(small("BRAF", "V600K")),
        "BRAF V600E",
        expect![[r#"
        Open
          NotTested(NeverDone): BRAF V600E: no result recorded (no region studied covers BRAF)
          as Exact by []"#]],
    );
    check(
        with(small("BRAF", "V600K")).region(region(&["BRAF"])),
        "BRAF V600E",
        expect![[r#"
        False
          NotMet { until: None }: BRAF V600E: tested, not found [R1]"#]],
    );
    check(
        with(absent(small("BRAF", "V600E"))),
        "BRAF V600E",
        expect![[r#"
        False
          NotMet { until: None }: BRAF V600E: tested, not found [A1]"#]],
    );
    check(
        with(Alteration { presence: Presence::Unknown, ..small("BRAF", "V600E") }),
        "BRAF V600E",
        expect![[r#"
        Open
          NotTested(Failed): BRAF V600E: test failed [A1]
          as Exact by []"#]],
    );
    check(
        case(),
        "BRAF V600E",
        expect![[r#"
        Open
          NotTested(NeverDone): BRAF V600E: no result recorded (no region studied covers BRAF)
          as Exact by []"#]],
    );
    let gap = RegionStudied { uncovered: vec![gene("BRAF")], ..region(&["KRAS"]) };
    check(
        case().region(gap),
        "BRAF V600E",
        expect![[r#"
        Open
          NotTested(NotCovered): BRAF V600E: not covered: the assay's report does not answer for BRAF [R1]
          as Exact by []"#]],
    );
    check(
        with(annotated(None, Consequence::Missense, whole_gene("BRAF"))),
        "BRAF V600E",
        expect![[r#"
        Open
          NotComputable: BRAF V600E: cannot be compared: it needs annotation: no kind of name in common (BRAF variant) [A1]
          as Exact by []"#]],
    );
}

#[test]
fn codon() {
    check(
        with(small("FLT3", "D835Y")),
        "FLT3 D835",
        expect![[r#"
        True
          Met: FLT3 D835: found as FLT3 D835Y [A1]
          as Codon by [A1]"#]],
    );
    check(
        with(small("FLT3", "D839G")),
        "FLT3 D835",
        expect![[r#"
        Open
          NotTested(NeverDone): FLT3 D835: no result recorded (no region studied covers FLT3)
          as Codon by []"#]],
    );
    check(
        with(called(Significance::Uncertain, small("FLT3", "D835A"))),
        "FLT3 D835",
        expect![[r#"
        True
          Met: FLT3 D835: found as FLT3 D835A [A1]
          as Codon by [A1]
          doubt: FLT3 D835A: called uncertain significance"#]],
    );
}

#[test]
fn exon() {
    check(
        with(small("EGFR", "E746_A750del")),
        "EGFR Exon 19 Deletion",
        expect![[r#"
        True
          Met: EGFR Exon 19 Deletion: found as EGFR E746_A750del [A1]
          as Exon by [A1]"#]],
    );
    check(
        with(small("EGFR", "L747_P753delinsS")),
        "EGFR Exon 19 Deletion",
        expect![[r#"
        True
          Met: EGFR Exon 19 Deletion: found as EGFR L747_P753delinsS [A1]
          as Exon by [A1]"#]],
    );
    check(
        with(small("EGFR", "D770_N771insSVD")),
        "EGFR Exon 20 Insertion",
        expect![[r#"
        Open
          NotComputable: EGFR Exon 20 Insertion: cannot be compared: it needs annotation: no exon number, and no bounds of the exon (EGFR D770_N771insSVD) [A1]
          as Exon by []"#]],
    );
    let insertion = annotated(Some(20), Consequence::InframeInsertion, small("EGFR", "D770_N771insSVD"));
    check(
        with(insertion),
        "EGFR Exon 20 Insertion",
        expect![[r#"
        True
          Met: EGFR Exon 20 Insertion: found as EGFR D770_N771insSVD [A1]
          as Exon by [A1]"#]],
    );
    check(
        with(small("KIT", "W557R")),
        "KIT Exon 11 Mutation",
        expect![[r#"
        True
          Met: KIT Exon 11 Mutation: found as KIT W557R [A1]
          as Exon by [A1]"#]],
    );
}

#[test]
fn mutation() {
    check(
        with(called(Significance::LikelyPathogenic, small("ATM", "R337C"))),
        "ATM Mutation",
        expect![[r#"
        True
          Met: ATM Mutation: found as ATM R337C [A1]
          as Class by [A1]"#]],
    );
    check(
        with(called(Significance::Uncertain, small("ATM", "R337C"))),
        "ATM Mutation",
        expect![[r#"
        Open
          NotTested(Uncertain): ATM Mutation: undetermined: uncertain significance (ATM R337C) [A1]
          as Class by [A1]"#]],
    );
    check(
        with(called(Significance::Benign, small("ATM", "R337C"))),
        "ATM Mutation",
        expect![[r#"
        False
          NotMet { until: None }: ATM Mutation: not matched: ATM R337C called benign [A1]"#]],
    );
    check(
        with(called(Significance::Pathogenic, small("ATM", "R337="))),
        "ATM Mutation",
        expect![[r#"
        False
          NotMet { until: None }: ATM Mutation: not matched: ATM 337= does not alter the protein [A1]"#]],
    );
    check(
        with(small("ATM", "R337C")),
        "ATM Mutation",
        expect![[r#"
        Open
          NotTested(Uncertain): ATM Mutation: undetermined: significance not called (ATM R337C) [A1]
          as Class by [A1]"#]],
    );
    check(
        with(small("EGFR", "L858R")),
        "EGFR Mutation",
        expect![[r#"
        True
          Met: EGFR Mutation: found as EGFR L858R [A1]
          as Class by [A1]"#]],
    );
    check(
        with(copies("EGFR", CopyCall::Amplified, None)),
        "EGFR Mutation",
        expect![[r#"
        Open
          NotTested(NeverDone): EGFR Mutation: no result recorded (no region studied covers EGFR)
          as Class by []"#]],
    );
    check(
        with(absent(whole_gene("EGFR"))),
        "EGFR Mutation",
        expect![[r#"
        False
          NotMet { until: None }: EGFR Mutation: tested, not found [A1]"#]],
    );
}

#[test]
fn activating_and_loss_of_function() {
    let stated = Alteration { effect: Some(Effect::Activating), ..small("KIT", "V559D") };
    check(
        with(stated),
        "KIT Activating Mutation",
        expect![[r#"
        True
          Met: KIT Activating Mutation: found as KIT V559D [A1]
          as Class by [A1]"#]],
    );
    check(
        with(small("KIT", "D816V")),
        "KIT Activating Mutation",
        expect![[r#"
        True
          Met: KIT Activating Mutation: found as KIT D816V [A1]
          as Class by [A1]"#]],
    );
    check(
        with(small("KIT", "V559D")),
        "KIT Activating Mutation",
        expect![[r#"
        Open
          NotTested(Uncertain): KIT Activating Mutation: undetermined: no activating call (KIT V559D) [A1]
          as Class by [A1]"#]],
    );
    check(
        with(small("BRCA1", "E23fs")),
        "BRCA1 Loss-of-function",
        expect![[r#"
        True
          Met: BRCA1 Loss-of-function: found as BRCA1 E23fs [A1]
          as Class by [A1]"#]],
    );
    check(
        with(small("BRCA1", "C61G")),
        "BRCA1 Loss-of-function",
        expect![[r#"
        Open
          NotTested(Uncertain): BRCA1 Loss-of-function: undetermined: no loss-of-function call (BRCA1 C61G) [A1]
          as Class by [A1]"#]],
    );
    check(
        with(small("TP53", "R213*")),
        "TP53 Truncating",
        expect![[r#"
        True
          Met: TP53 Truncating: found as TP53 R213* [A1]
          as Class by [A1]"#]],
    );
}

#[test]
fn amplification() {
    check(
        with(copies("EGFR", CopyCall::Amplified, None)),
        "EGFR Amplification",
        expect![[r#"
        True
          Met: EGFR Amplification: found as EGFR copies (Amplified) [A1]
          as Exact by [A1]"#]],
    );
    check(
        with(copies("EGFR", CopyCall::NumberOnly, Some(9.0))),
        "EGFR Amplification",
        expect![[r#"
        True
          Met: EGFR Amplification: found as EGFR copies (NumberOnly) [A1]
          as Exact by [A1]"#]],
    );
    check(
        with(copies("EGFR", CopyCall::NumberOnly, Some(4.0))),
        "EGFR Amplification",
        expect![[r#"
        Open
          NotTested(Uncertain): EGFR Amplification: undetermined: 4 copies, below the threshold of 6; amplification not stated (EGFR copies (NumberOnly)) [A1]
          as Exact by [A1]"#]],
    );
    check(
        with(copies("EGFR", CopyCall::Gain, None)),
        "EGFR Amplification",
        expect![[r#"
        Open
          NotTested(Uncertain): EGFR Amplification: undetermined: gain of unspecified extent (EGFR copies (Gain)) [A1]
          as Exact by [A1]"#]],
    );
    check(
        with(copies("EGFR", CopyCall::Neutral, Some(2.0))),
        "EGFR Amplification",
        expect![[r#"
        False
          NotMet { until: None }: EGFR Amplification: tested, not found [A1]"#]],
    );
    check(
        case().region(region(&["EGFR"])),
        "EGFR Amplification",
        expect![[r#"
        Open
          NotTested(NotCovered): EGFR Amplification: not covered: the assay's report does not answer for EGFR [R1]
          as Exact by []"#]],
    );
    let panel = with(copies("MYC", CopyCall::Amplified, None)).region(region(&["EGFR"]));
    check(
        panel,
        "EGFR Amplification",
        expect![[r#"
        False
          NotMet { until: None }: EGFR Amplification: tested, not found [R1]"#]],
    );
}

#[test]
fn loss_and_deletion() {
    check(
        with(copies("CDKN2A", CopyCall::HomozygousLoss, None)),
        "CDKN2A Deletion",
        expect![[r#"
        True
          Met: CDKN2A Deletion: found as CDKN2A copies (HomozygousLoss) [A1]
          as Exact by [A1]"#]],
    );
    check(
        with(copies("CDKN2A", CopyCall::SingleLoss, None)),
        "CDKN2A Loss",
        expect![[r#"
        Open
          NotTested(Uncertain): CDKN2A Loss: undetermined: single-copy loss: one copy remains (CDKN2A copies (SingleLoss)) [A1]
          as Exact by [A1]"#]],
    );
    check(
        with(copies("CDKN2A", CopyCall::Loss, None)),
        "CDKN2A Deletion",
        expect![[r#"
        Open
          NotTested(Uncertain): CDKN2A Deletion: undetermined: loss of unspecified extent: one or both copies (CDKN2A copies (Loss)) [A1]
          as Exact by [A1]"#]],
    );
    check(
        with(small("CDKN2A", "R58*")),
        "CDKN2A Loss",
        expect![[r#"
        True
          Met: CDKN2A Loss: found as CDKN2A R58* [A1]
          as Class by [A1]"#]],
    );
    check(
        with(small("CDKN2A", "R58*")),
        "CDKN2A Deletion",
        expect![[r#"
        Open
          NotTested(NeverDone): CDKN2A Deletion: no result recorded (no region studied covers CDKN2A)
          as Exact by []"#]],
    );
}

#[test]
fn fusions() {
    check(
        with(fusion("EML4", "ALK", true)),
        "EML4::ALK Fusion",
        expect![[r#"
        True
          Met: EML4::ALK Fusion: found [A1]
          as Exact by [A1]"#]],
    );
    check(
        with(fusion("KIF5B", "ALK", true)),
        "v::ALK Fusion",
        expect![[r#"
        True
          Met: v::ALK Fusion: found as KIF5B::ALK fusion [A1]
          as Class by [A1]"#]],
    );
    check(
        with(fusion("ALK", "EML4", false)),
        "EML4::ALK Fusion",
        expect![[r#"
        True
          Met: EML4::ALK Fusion: found as ALK::EML4 fusion [A1]
          as Category by [A1]"#]],
    );
    check(
        with(fusion("", "ALK", false)),
        "v::ALK Fusion",
        expect![[r#"
        True
          Met: v::ALK Fusion: found as ::ALK fusion [A1]
          as Category by [A1]"#]],
    );
    check(
        with(fusion("", "ALK", false)),
        "EML4::ALK Fusion",
        expect![[r#"
        Open
          NotTested(Uncertain): EML4::ALK Fusion: undetermined: partner not stated (::ALK fusion) [A1]
          as Exact by [A1]"#]],
    );
    check(
        with(absent(fusion("", "ALK", false))),
        "EML4::ALK Fusion",
        expect![[r#"
        False
          NotMet { until: None }: EML4::ALK Fusion: tested, not found [A1]"#]],
    );
    check(
        with(fusion("KIF5B", "ALK", true)),
        "EML4::ALK Fusion",
        expect![[r#"
        Open
          NotTested(NeverDone): EML4::ALK Fusion: no result recorded (no region studied covers EML4, ALK)
          as Exact by []"#]],
    );
}

#[test]
fn wildtype_is_never_read_from_silence() {
    check(
        case(),
        "KRAS Wildtype",
        expect![[r#"
        Open
          NotTested(NeverDone): KRAS Wildtype: not tested (no region studied covers it)
          as Exact by []"#]],
    );
    check(
        case().region(region(&["KRAS"])),
        "KRAS Wildtype",
        expect![[r#"
        True
          Met: KRAS Wildtype: studied, no altering variant found [R1]
          as Exact by [R1]"#]],
    );
    check(
        with(small("KRAS", "G12C")).region(region(&["KRAS"])),
        "KRAS Wildtype",
        expect![[r#"
        False
          NotMet { until: None }: KRAS Wildtype: an altering variant was found [A1]"#]],
    );
    let gap = RegionStudied { uncovered: vec![gene("KRAS")], ..region(&["KRAS"]) };
    check(
        case().region(gap),
        "KRAS Wildtype",
        expect![[r#"
        Open
          NotTested(NotCovered): KRAS Wildtype: not covered by the assay [R1]
          as Exact by []"#]],
    );
    let germline = RegionStudied { origin: Origin::Germline, ..region(&["KRAS"]) };
    check(
        case().region(germline),
        "KRAS Wildtype",
        expect![[r#"
        Open
          NotTested(NeverDone): KRAS Wildtype: not tested (no region studied covers it)
          as Exact by []"#]],
    );
}

#[test]
fn markers_are_taken_as_stated() {
    let egfr = |call| marker(MarkerName::Gene(gene("EGFR"), MarkerKind::Expression), call);
    check(
        case().marker(egfr(Some(MarkerCall::Positive))),
        "EGFR Mutation",
        expect![[r#"
        Open
          NotTested(NeverDone): EGFR Mutation: no result recorded (no region studied covers EGFR)
          as Class by []"#]],
    );
    check(
        case().marker(egfr(Some(MarkerCall::Positive))),
        "EGFR Overexpression",
        expect![[r#"
        Open
          NotTested(Uncertain): EGFR Overexpression: undetermined: positive; the lab did not say high (EGFR expression positive) [M1]
          as Exact by [M1]"#]],
    );
    check(
        case().marker(egfr(None)),
        "EGFR Overexpression",
        expect![[r#"
        Open
          NotTested(Uncertain): EGFR Overexpression: undetermined: only a number or score: the lab gave no call (EGFR expression no call) [M1]
          as Exact by [M1]"#]],
    );
    let over = Marker { score: Some("overexpressed".into()), ..egfr(Some(MarkerCall::Positive)) };
    check(
        case().marker(over),
        "EGFR Overexpression",
        expect![[r#"
        True
          Met: EGFR Overexpression: found as EGFR expression overexpressed positive [M1]
          as Exact by [M1]"#]],
    );
    let her2 =
        Marker { score: Some("3+".into()), method: Some("ihc".into()), ..marker(MarkerName::Her2, None) };
    check(
        case().marker(her2.clone()),
        "ERBB2 Overexpression",
        expect![[r#"
        True
          Met: ERBB2 Overexpression: found as HER2 ihc 3+ no call [M1]
          as Exact by [M1]"#]],
    );
    check(
        case().marker(her2),
        "ERBB2 Amplification",
        expect![[r#"
        Open
          NotTested(Uncertain): ERBB2 Amplification: undetermined: HER2 protein positive; copy number not stated here (HER2 ihc 3+ no call) [M1]
          as Exact by [M1]"#]],
    );
    check(
        case().marker(marker(MarkerName::PdL1, Some(MarkerCall::Negative))),
        "CD274 Expression",
        expect![[r#"
        False
          NotMet { until: None }: CD274 Expression: tested, not found [M1]"#]],
    );
}

#[test]
fn signatures() {
    let msi = |call| marker(MarkerName::Signature(SignatureName::Msi), call);
    check(
        case().marker(msi(Some(MarkerCall::Positive))),
        "MSI-High",
        expect![[r#"
        True
          Met: MSI-High: found as MSI positive [M1]
          as Exact by [M1]"#]],
    );
    check(
        case().marker(msi(Some(MarkerCall::Negative))),
        "MSI-High",
        expect![[r#"
        False
          NotMet { until: None }: MSI-High: tested, not found [M1]"#]],
    );
    check(
        case().marker(msi(None)),
        "MSI-High",
        expect![[r#"
        Open
          NotTested(Uncertain): MSI-High: undetermined: only a number: the lab gave no call (MSI no call) [M1]
          as Exact by [M1]"#]],
    );
    check(
        case(),
        "MSI-High",
        expect![[r#"
        Open
          NotTested(NeverDone): MSI-High: no result recorded
          as Exact by []"#]],
    );
}

#[test]
fn named_forms() {
    check(
        with(splice("AR", "v7")),
        "AR-V7",
        expect![[r#"
        True
          Met: AR-V7: found as AR v7 [A1]
          as Exact by [A1]"#]],
    );
    check(
        with(absent(splice("AR", "v7"))),
        "AR-V7",
        expect![[r#"
        False
          NotMet { until: None }: AR-V7: tested, not found [A1]"#]],
    );
    check(
        case().region(region(&["AR"])),
        "AR-V7",
        expect![[r#"
        Open
          NotTested(NotCovered): AR-V7: not covered: the assay's report does not answer for AR [R1]
          as Exact by []"#]],
    );
}

#[test]
fn zygosity_matters() {
    check(
        case().pharmacogene(pharmacogene("DPYD", "*1/*2A")),
        "DPYD*2A HOMOZYGOSITY",
        expect![[r#"
        False
          NotMet { until: None }: DPYD*2A HOMOZYGOSITY: 1 of two alleles in *1/*2A [G1]"#]],
    );
    check(
        case().pharmacogene(pharmacogene("DPYD", "*2A/*2A")),
        "DPYD*2A HOMOZYGOSITY",
        expect![[r#"
        True
          Met: DPYD*2A HOMOZYGOSITY: both alleles [G1]
          as Exact by [G1]"#]],
    );
    check(
        case(),
        "NRG1 Something",
        expect![[r#"
        Open
          NotComputable: NRG1 Something: no rule reads this name
          as Category by []"#]],
    );
}

#[track_caller]
fn check_origin(found: Origin, asked: VariantOrigin, expected: Expect) {
    let case = with(Alteration { origin: found, ..small("BRCA1", "E23fs") }).build();
    let statement = statement("EID7384", asked);
    let found = match_profile(&case, &knowledge(), &leaf("BRCA1 Loss-of-function"), Some(&statement));
    expected.assert_eq(&outcome(&found));
}

#[test]
fn origin() {
    check_origin(
        Origin::Germline,
        VariantOrigin::RareGermline,
        expect![[r#"
        True
          Met: BRCA1 Loss-of-function: found as BRCA1 E23fs [A1]
          as Class by [A1]"#]],
    );
    check_origin(
        Origin::Somatic,
        VariantOrigin::RareGermline,
        expect![[r#"
        Open
          NotTested(NeverDone): BRCA1 Loss-of-function: no result recorded (no germline region studied covers BRCA1); BRCA1 E23fs: found as somatic only; the statement is about germline variants
          as Class by []"#]],
    );
    check_origin(
        Origin::Unknown,
        VariantOrigin::RareGermline,
        expect![[r#"
        True
          Met: BRCA1 Loss-of-function: found as BRCA1 E23fs [A1]
          as Class by [A1]
          doubt: BRCA1 E23fs: origin not stated; the statement is about germline variants"#]],
    );
    check_origin(
        Origin::Germline,
        VariantOrigin::Somatic,
        expect![[r#"
        True
          Met: BRCA1 Loss-of-function: found as BRCA1 E23fs [A1]
          as Class by [A1]
          doubt: BRCA1 E23fs: found in the germline; the source's row is about changes of the tumour itself: it counts once tissue shows the change there"#]],
    );
    check_origin(
        Origin::Germline,
        VariantOrigin::Unstated,
        expect![[r#"
        True
          Met: BRCA1 Loss-of-function: found as BRCA1 E23fs [A1]
          as Class by [A1]"#]],
    );
}

#[test]
fn low_fraction_and_clonal_haematopoiesis_are_doubts() {
    let low = Alteration { vaf: Some(0.01), vaf_floor: Some(0.02), ..small("BRAF", "V600E") };
    check(
        with(low),
        "BRAF V600E",
        expect![[r#"
        True
          Met: BRAF V600E: found [A1]
          as Exact by [A1]
          doubt: BRAF V600E: allele fraction 0.01 is below the assay's floor 0.02"#]],
    );
    let plasma = Alteration {
        specimen: Some("S/p".into()),
        ..called(Significance::Pathogenic, small("ATM", "R337C"))
    };
    let case = case().specimen(specimen("S/p", "2026-05-01", true)).alteration(plasma);
    check(
        case.clone(),
        "ATM Mutation",
        expect![[r#"
        True
          Met: ATM Mutation: found as ATM R337C [A1]
          as Class by [A1]
          doubt: ATM R337C: possible clonal haematopoiesis: plasma without paired normal"#]],
    );
    let normal = RegionStudied { origin: Origin::Germline, ..region(&["ATM"]) };
    check(
        case.region(normal),
        "ATM Mutation",
        expect![[r#"
        True
          Met: ATM Mutation: found as ATM R337C [A1]
          as Class by [A1]"#]],
    );
}

#[test]
fn samples_that_disagree_stay_side_by_side() {
    let in_sample = |id: &str, alteration| Alteration { specimen: Some(id.into()), ..alteration };
    let two = || {
        case().specimen(specimen("S/1", "2025-01-01", false)).specimen(specimen("S/2", "2026-01-01", false))
    };
    let found = |id| in_sample(id, small("EGFR", "T790M"));
    check(
        two().alteration(found("S/1")).alteration(absent(found("S/1"))),
        "EGFR T790M",
        expect![[r#"
        Open
          Conflicting: EGFR T790M: for: EGFR T790M in S/1 (2025-01-01); against: EGFR T790M in S/1 (2025-01-01) [A1 A2]
          as Exact by [A1 A2]"#]],
    );
    check(
        two().alteration(found("S/1")).alteration(absent(found("S/2"))),
        "EGFR T790M",
        expect![[r#"
        True
          Met: EGFR T790M: found [A1]
          as Exact by [A1]
          doubt: EGFR T790M: absent in S/2 (2026-01-01)"#]],
    );
    check(
        two().alteration(found("S/2")).alteration(absent(found("S/1"))),
        "EGFR T790M",
        expect![[r#"
        True
          Met: EGFR T790M: found [A1]
          as Exact by [A1]
          note: EGFR T790M: absent in S/1 (2025-01-01)"#]],
    );
}

#[test]
fn her2_stain_against_in_situ_of_another_sample() {
    let her2 = |method: &str, when: &str, call| Marker {
        meta: on(when),
        method: Some(method.into()),
        ..marker(MarkerName::Her2, Some(call))
    };
    let case = case().marker(her2("ihc", "2021-03-01", MarkerCall::Positive)).marker(her2(
        "ish",
        "2026-03-01",
        MarkerCall::Negative,
    ));
    check(
        case,
        "ERBB2 Amplification",
        expect![[r#"
        Open
          Conflicting: ERBB2 Amplification: for: HER2 ihc positive in M1 (2021-03-01); against: HER2 ish negative in M2 (2026-03-01) [M1 M2]
          as Exact by [M1 M2]"#]],
    );
}

#[test]
fn a_sample_before_the_last_line_is_stale() {
    let line = |start: &str| Line {
        number: (1, 1),
        intent: LineIntent::Advanced,
        drugs: vec![],
        start: Some(day(start)),
        end: None,
        ongoing: true,
        progression: None,
        intolerant: vec![],
        from: vec![],
        because: vec![],
        after_metastasis: None,
    };
    let sampled = |origin| with(Alteration { meta: on("2024-01-01"), origin, ..small("BRAF", "V600E") });
    check(
        sampled(Origin::Somatic).line(line("2025-01-01")),
        "BRAF V600E",
        expect![[r#"
        True
          Met: BRAF V600E: found [A1]
          as Exact by [A1]
          note: BRAF V600E: stale, sampled 2024-01-01 before the last systemic line began (2025-01-01)"#]],
    );
    check(
        sampled(Origin::Somatic).line(line("2023-01-01")),
        "BRAF V600E",
        expect![[r#"
        True
          Met: BRAF V600E: found [A1]
          as Exact by [A1]"#]],
    );
    check(
        sampled(Origin::Germline).line(line("2025-01-01")),
        "BRAF V600E",
        expect![[r#"
        True
          Met: BRAF V600E: found [A1]
          as Exact by [A1]"#]],
    );
}

/// The rule is one for every sample: an inherited finding of the same change makes no old tissue young.
#[test]
fn an_inherited_finding_makes_no_tissue_young() {
    let line = Line {
        number: (1, 1),
        intent: LineIntent::Advanced,
        drugs: vec![],
        start: Some(day("2025-01-01")),
        end: None,
        ongoing: true,
        progression: None,
        intolerant: vec![],
        from: vec![],
        because: vec![],
        after_metastasis: None,
    };
    let on_day = |origin, when: &str| Alteration { meta: on(when), origin, ..small("BRAF", "V600E") };
    check(
        with(on_day(Origin::Somatic, "2024-01-01"))
            .alteration(on_day(Origin::Germline, "2025-06-01"))
            .line(line),
        "BRAF V600E",
        expect![[r#"
            True
              Met: BRAF V600E: found [A1 A2]
              as Exact by [A1 A2]
              note: BRAF V600E: stale, sampled 2024-01-01 before the last systemic line began (2025-01-01)"#]],
    );
}

#[test]
fn profiles() {
    let case = || {
        let when = |alteration| Alteration { meta: on("2026-03-01"), ..alteration };
        with(when(small("EGFR", "E746_A750del")))
            .alteration(when(small("EGFR", "T790M")))
            .alteration(when(small("EGFR", "C797S")))
            .build()
    };
    let triple =
        ProfileExpr::And(vec![leaf("EGFR T790M"), leaf("EGFR Exon 19 Deletion"), leaf("EGFR C797S")]);
    expect![[r#"
        True
          Met: EGFR C797S: found [A3]
          Met: EGFR Exon 19 Deletion: found as EGFR E746_A750del [A1]
          Met: EGFR T790M: found [A2]
          as Exon by [A1 A2 A3]
          note: phase of the EGFR changes unknown (cis or trans not reported)"#]]
    .assert_eq(&outcome(&matched(&case(), &triple)));
    let either = ProfileExpr::Or(vec![leaf("EGFR L858R"), leaf("EGFR Exon 19 Deletion")]);
    expect![[r#"
        True
          Met: EGFR Exon 19 Deletion: found as EGFR E746_A750del [A1]
          as Exon by [A1]"#]]
    .assert_eq(&outcome(&matched(&case(), &either)));
    let l858r = with(small("EGFR", "L858R")).build();
    expect![[r#"
        True
          Met: EGFR L858R: found [A1]
          as Exact by [A1]"#]]
    .assert_eq(&outcome(&matched(&l858r, &either)));
    let not = ProfileExpr::Not(Box::new(leaf("KIT D816V")));
    expect![[r#"
        Open
          NotTested(NeverDone): KIT D816V: no result recorded (no region studied covers KIT)
          as Exact by []"#]]
    .assert_eq(&outcome(&matched(&case(), &not)));
    let tested = support_case_with_region();
    expect![[r#"
        True
          NotMet { until: None }: KIT D816V: tested, not found [R1]
          as Exact by [R1]"#]]
    .assert_eq(&outcome(&matched(&tested, &not)));
}

fn support_case_with_region() -> concilium_case::Case {
    case().region(region(&["KIT"])).build()
}
