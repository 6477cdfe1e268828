//! The release's own names in sentences a board would read, and what was left out.

use super::*;
use concilium_terms::lexicon::Writing;
use expect_test::{Expect, expect};
use std::sync::LazyLock;

fn builtin() -> &'static (Lexicon, ImportCount) {
    static BUILTIN: LazyLock<(Lexicon, ImportCount)> =
        LazyLock::new(|| lexicon(&crate::builtin().expect("the pack loads")));
    &BUILTIN
}

#[track_caller]
fn check(texts: &str, expected: Expect) {
    let shown = |text: &str| {
        let reading = builtin().0.read(text, Writing::Prose);
        let names = reading.mentions.iter().map(|mention| {
            let ids: Vec<String> = mention
                .candidates
                .iter()
                .map(|entry| format!("{}:{}", entry.kind.name(), entry.id))
                .collect();
            format!("{}@{}", ids.join("|"), &text[mention.span.clone()])
        });
        let changes =
            reading.variants.iter().map(|found| format!("{} of {}", found.change, found.genes.join("|")));
        format!("{text}\n    {}\n", names.chain(changes).collect::<Vec<_>>().join("\n    "))
    };
    let lines = texts.lines().map(str::trim).filter(|line| !line.is_empty());
    expected.assert_eq(&lines.map(shown).collect::<String>());
}

#[test]
fn sentences() {
    check(
        "
        HER2 (ERBB2) amplification in HER2-positive breast cancer treated with Herceptin or T-DM1
        AZD9291 in NSCLC with EGFR T790M/C797S; non-small cell lung carcinoma
        Patients who met the criteria were not at risk (OS, PFS, HR 0.5, 95% CI); all had ALL or CML with BCR-ABL
        PD-L1 and PD-1 expression, PDL1, anti-PD-1 antibodies and EGFR-TKIs
        MET exon 14 skipping; c-MET; FISH, PCR and MRI were done in every arm
        p53, c-KIT, NTRK fusions, RAS-mutated colorectal cancer, MEK inhibitors
        ER-positive and PR-negative tumours; ER visits; PR in 4 patients
        oesophageal squamous cell carcinoma, tumour of the stomach, acute myeloid leukaemia (AML)
        eGFR below 45 mL/min; the EGFR gene
        HER2- breast cancer; luminal breast cancer; cT2 tumour; δ; MSCs; BTC; a MYB rearrangement
        mFOLFOX6, CHOP and FOLFIRI plus bevacizumab
        lung, breast, prostate, pancreas and thyroid; CNS/brain metastases; hyperlipemia; breast cancer
        ",
        expect![[r#"
            HER2 (ERBB2) amplification in HER2-positive breast cancer treated with Herceptin or T-DM1
                gene:ERBB2@HER2
                gene:ERBB2@ERBB2
                disease:DOID:0060079@HER2-positive breast cancer
                gene:ERBB2@HER2
                drug:trastuzumab@Herceptin
                drug:trastuzumab emtansine@T-DM1
                amplification of ERBB2
            AZD9291 in NSCLC with EGFR T790M/C797S; non-small cell lung carcinoma
                drug:osimertinib@AZD9291
                disease:DOID:3908@NSCLC
                gene:EGFR@EGFR
                disease:DOID:3908@non-small cell lung carcinoma
                T790M of EGFR
                C797S of EGFR
            Patients who met the criteria were not at risk (OS, PFS, HR 0.5, 95% CI); all had ALL or CML with BCR-ABL
                disease:DOID:9952@ALL
                disease:DOID:8552@CML
                gene:BCR@BCR
                gene:ABL1@ABL
                BCR::ABL1 of BCR|ABL1
            PD-L1 and PD-1 expression, PDL1, anti-PD-1 antibodies and EGFR-TKIs
                gene:CD274@PD-L1
                gene:PDCD1@PD-1
                gene:CD274@PDL1
                class:anti-pd-1@anti-PD-1
                gene:PDCD1@PD-1
                class:egfr-tki@EGFR-TKIs
                gene:EGFR@EGFR
            MET exon 14 skipping; c-MET; FISH, PCR and MRI were done in every arm
                gene:MET@MET
                gene:MET@c-MET
                exon 14 skipping of MET
            p53, c-KIT, NTRK fusions, RAS-mutated colorectal cancer, MEK inhibitors
                gene:TP53@p53
                gene:KIT@c-KIT
                gene:NTRK1|gene:NTRK2|gene:NTRK3@NTRK
                gene:HRAS|gene:KRAS|gene:NRAS@RAS
                disease:DOID:9256@colorectal cancer
                class:mek-inhibitor@MEK inhibitors
                gene:MAP2K1|gene:MAP2K2@MEK
                fusion of NTRK1|NTRK2|NTRK3
            ER-positive and PR-negative tumours; ER visits; PR in 4 patients
                gene:ESR1@ER
                gene:PGR@PR
            oesophageal squamous cell carcinoma, tumour of the stomach, acute myeloid leukaemia (AML)
                disease:DOID:3748@oesophageal squamous cell carcinoma
                disease:DOID:9119@acute myeloid leukaemia
                disease:DOID:9119@AML
            eGFR below 45 mL/min; the EGFR gene
                gene:EGFR@EGFR
            HER2- breast cancer; luminal breast cancer; cT2 tumour; δ; MSCs; BTC; a MYB rearrangement
                gene:ERBB2@HER2
                disease:DOID:1612@breast cancer
                disease:DOID:1612@breast cancer
                gene:MYB@MYB
                rearrangement of MYB
            mFOLFOX6, CHOP and FOLFIRI plus bevacizumab
                other:regimen:folfox@mFOLFOX6
                other:regimen:chop@CHOP
                other:regimen:folfiri@FOLFIRI
                drug:bevacizumab@bevacizumab
            lung, breast, prostate, pancreas and thyroid; CNS/brain metastases; hyperlipemia; breast cancer
                disease:DOID:1612@breast cancer
        "#]],
    );
}

#[test]
fn every_name_is_kept_or_left_out_for_a_reason() {
    let count = &builtin().1;
    // Numbers are left to the release: they change with every row of the tables.
    let reasons: Vec<String> = count.left_out.keys().map(|reason| format!("{reason}\n")).collect();
    expect![[r#"
        alias in lower-case letters
        alias of one or two letters
        alias that is a Greek letter
        alias that is also a disease
        alias that is also a drug
        alias that is also a regimen
        alias that is another gene's symbol
        alias that names a fusion
        alias that reads as a change
        alias that reads as a stage
        disease of one or two letters
        name of a disease that misleads
        name of a disease with a minus sign
        name of a drug that misleads
        name of a gene that nearly always means something else
        number
        organ that stands for its tumours
        role in safety rules
        several names in one alias
        short abbreviation of no tumour
        short alias of a gene nothing is curated for
    "#]]
    .assert_eq(&reasons.concat());
    assert_eq!(count.read, count.kept + count.left_out.values().sum::<usize>());
    assert!(4 * count.left_out.values().sum::<usize>() < count.read, "most names are kept");
}

#[test]
fn tables_are_in_order_and_used() {
    let genes = builtin().0.entries();
    assert!(GENES.is_sorted_by_key(|row| row.0.to_uppercase()), "sort the hazards by name");
    assert!(GENES.iter().all(|(.., reason)| !reason.is_empty()));
    let known = crate::builtin().expect("the pack loads").genes;
    for (_, symbols) in MORE_GENES {
        assert!(symbols.iter().all(|symbol| known.get(&GeneSymbol::new(symbol)).is_some()), "{symbols:?}");
    }
    assert!(genes.iter().all(|entry| entry.surface.chars().any(char::is_alphanumeric)));
}
