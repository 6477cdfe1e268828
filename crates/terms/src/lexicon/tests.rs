//! Names in sentences as data, and the laws every reading obeys.

use super::*;
use expect_test::{Expect, expect};
use proptest::prelude::*;
use std::sync::LazyLock;

/// kind, id, surface, case; `+` prominent, `?` needs context, `2` rank 2.
const NAMES: &str = "
    gene BRAF BRAF exact +
    gene EGFR EGFR exact +
    gene MET MET exact +?
    gene MET c-Met marked +
    gene ERBB2 ERBB2 letters +
    gene ERBB2 HER2 letters +2
    gene ERBB2 HER-2/neu letters +2
    gene CD274 PD-L1 letters +2
    gene PDCD1 PD-1 letters +2
    gene RPL17 PD-1 letters 2
    gene PIK3CA PI3K letters +2
    gene PIK3CB PI3K letters +2
    gene KIT KIT exact +?
    gene ALK ALK exact +
    gene EML4 EML4 letters
    gene KRAS KRAS exact +
    gene NRAS NRAS exact +
    gene RAF1 RAF1 letters +
    gene MAP2K1 MEK1 letters 2
    gene NKX2-1 NKX2-1 letters
    gene TGFB1 TGF-beta letters 2
    gene NF1 NF1 letters
    gene RPS6KB1 S6K exact 2
    disease DOID:1 NF1 letters 1
    disease DOID:2 ALL exact
    disease DOID:3908 non-small_cell_lung_cancer any
    disease DOID:3908 NSCLC exact
    disease DOID:162 tumor any
    disease DOID:3 acute_myeloid_leukemia any
    drug osimertinib osimertinib any
    drug osimertinib AZD9291 any
    drug s-1 S-1 verbatim
    drug methotrexate mtx marked
    drug trastuzumab_deruxtecan trastuzumab_deruxtecan any
    drug trastuzumab trastuzumab any
    class egfr-tki EGFR_inhibitor any
    class anti-her2 anti-HER2_antibody any
    other x 2,4-d any
";

fn small() -> &'static Lexicon {
    static SMALL: LazyLock<Lexicon> = LazyLock::new(|| {
        let entries = NAMES.lines().map(str::trim).filter(|line| !line.is_empty()).map(entry);
        let context = ["amplification", "mutation", "inhibitor", "exon", "mutant", "positive"];
        Lexicon::new(entries, context, ["EGFR T790M".to_owned(), "MET D1228N".to_owned()])
    });
    &SMALL
}

fn entry(line: &str) -> Entry {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let kinds = [Kind::Gene, Kind::Drug, Kind::DrugClass, Kind::Disease, Kind::Other];
    let cases = [Case::Any, Case::Letters, Case::Marked, Case::Exact, Case::Verbatim];
    let kind = kinds.into_iter().find(|kind| kind.name() == parts[0]).expect("a kind");
    let case = cases.into_iter().find(|case| format!("{case:?}").to_lowercase() == parts[3]).expect("a case");
    let flags = parts.get(4).copied().unwrap_or("");
    Entry {
        rank: flags
            .chars()
            .find_map(|c| c.to_digit(10))
            .map_or(0, |rank| u8::try_from(rank).expect("one digit")),
        prominent: flags.contains('+'),
        needs_context: flags.contains('?'),
        ..Entry::new(kind, &parts[1].replace('_', " "), &parts[2].replace('_', " "), case)
    }
}

/// `text → kind:id@surface …`, nested in brackets, ambiguous with `|`.
fn names(text: &str, writing: Writing) -> String {
    let shown = |mention: &Mention| {
        let ids: Vec<String> =
            mention.candidates.iter().map(|entry| format!("{}:{}", entry.kind.name(), entry.id)).collect();
        let shown = format!("{}@{}", ids.join("|"), &text[mention.span.clone()]);
        if mention.nested { format!("[{shown}]") } else { shown }
    };
    small().find(text, writing).iter().map(shown).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(writing: Writing, texts: &str, expected: Expect) {
    let lines = texts.lines().map(str::trim).filter(|line| !line.is_empty());
    let found: Vec<String> = lines.map(|text| format!("{text} → {}\n", names(text, writing))).collect();
    expected.assert_eq(&found.concat());
}

#[test]
fn names_in_prose() {
    check(
        Writing::Prose,
        "
        PD-L1, PD L1, PDL1, PD‑L1 and pd-l1 are one; PD L2 is not.
        HER2, HER-2, her2, HER 2, HER-2/neu and HER2/neu; her 2 children
        TGF-beta, TGFβ, TGF-β and TGFbeta
        patients met criteria; c-Met, cMET and c-met
        MET status
        MET amplification
        MET D1228N
        KIT of reagents
        The tumours were non–small cell lung cancers (NSCLC); NSCLCs; nsclc
        acute myeloid leukaemia
        PD-1 expression and PI3K
        NF1 is a gene and a disease; ALL patients, all patients
        S-1 was given; Table S1; mtx, MTX
        osimertinib (AZD9291, azd-9291), Osimertinib; trastuzumab deruxtecan; trastuzumab.
        EGFR inhibitors; anti-HER2 antibody; eGFR of 60; egfr
        BRAFfoo, fooBRAF, BRAF-mutant, (BRAF), BRAF+
        a PD L1, c met
        NKX2-1-ALK and 2,4-D but not 2 4 D
        ",
        expect![[r#"
            PD-L1, PD L1, PDL1, PD‑L1 and pd-l1 are one; PD L2 is not. → gene:CD274@PD-L1 gene:CD274@PD L1 gene:CD274@PDL1 gene:CD274@PD‑L1 gene:CD274@pd-l1
            HER2, HER-2, her2, HER 2, HER-2/neu and HER2/neu; her 2 children → gene:ERBB2@HER2 gene:ERBB2@HER-2 gene:ERBB2@her2 gene:ERBB2@HER 2 gene:ERBB2@HER-2/neu gene:ERBB2@HER2/neu
            TGF-beta, TGFβ, TGF-β and TGFbeta → gene:TGFB1@TGF-beta gene:TGFB1@TGFβ gene:TGFB1@TGF-β gene:TGFB1@TGFbeta
            patients met criteria; c-Met, cMET and c-met → gene:MET@c-Met gene:MET@cMET gene:MET@c-met
            MET status → 
            MET amplification → gene:MET@MET
            MET D1228N → gene:MET@MET
            KIT of reagents → 
            The tumours were non–small cell lung cancers (NSCLC); NSCLCs; nsclc → disease:DOID:162@tumours disease:DOID:3908@non–small cell lung cancers disease:DOID:3908@NSCLC disease:DOID:3908@NSCLCs
            acute myeloid leukaemia → disease:DOID:3@acute myeloid leukaemia
            PD-1 expression and PI3K → gene:PDCD1|gene:RPL17@PD-1 gene:PIK3CA|gene:PIK3CB@PI3K
            NF1 is a gene and a disease; ALL patients, all patients → gene:NF1@NF1 disease:DOID:2@ALL
            S-1 was given; Table S1; mtx, MTX → drug:s-1@S-1 drug:methotrexate@MTX
            osimertinib (AZD9291, azd-9291), Osimertinib; trastuzumab deruxtecan; trastuzumab. → drug:osimertinib@osimertinib drug:osimertinib@AZD9291 drug:osimertinib@azd-9291 drug:osimertinib@Osimertinib drug:trastuzumab deruxtecan@trastuzumab deruxtecan drug:trastuzumab@trastuzumab
            EGFR inhibitors; anti-HER2 antibody; eGFR of 60; egfr → class:egfr-tki@EGFR inhibitors [gene:EGFR@EGFR] class:anti-her2@anti-HER2 antibody [gene:ERBB2@HER2]
            BRAFfoo, fooBRAF, BRAF-mutant, (BRAF), BRAF+ → gene:BRAF@BRAF gene:BRAF@BRAF gene:BRAF@BRAF
            a PD L1, c met → gene:CD274@PD L1
            NKX2-1-ALK and 2,4-D but not 2 4 D → gene:NKX2-1@NKX2-1 gene:ALK@ALK other:x@2,4-D
        "#]],
    );
}

#[test]
fn names_in_queries() {
    check(
        Writing::Query,
        "
        kras g12c nsclc
        met exon 14 skipping
        patients met criteria
        MET
        eGFR
        egfr her2
        ",
        expect![[r#"
            kras g12c nsclc → gene:KRAS@kras disease:DOID:3908@nsclc
            met exon 14 skipping → gene:MET@met
            patients met criteria → 
            MET → gene:MET@MET
            eGFR → 
            egfr her2 → gene:EGFR@egfr gene:ERBB2@her2
        "#]],
    );
}

/// `change@text` with its gene in front.
fn variants(text: &str, writing: Writing) -> String {
    let shown = |found: &VariantMention| {
        let names = found.names().join("|");
        let name = if names.is_empty() { format!("– {}", found.change) } else { names };
        format!("{name}@{}", &text[found.span.clone()])
    };
    small().read(text, writing).variants.iter().map(shown).collect::<Vec<_>>().join("; ")
}

#[track_caller]
fn check_variants(writing: Writing, texts: &str, expected: Expect) {
    let lines = texts.lines().map(str::trim).filter(|line| !line.is_empty());
    let found: Vec<String> = lines.map(|text| format!("{text} → {}\n", variants(text, writing))).collect();
    expected.assert_eq(&found.concat());
}

#[test]
fn changes_in_prose() {
    check_variants(
        Writing::Prose,
        "
        BRAF V600E, p.Val600Glu, p.(Val600Glu) and c.1799T>A
        BRAF:p.V600E; NM_004333.4(BRAF):c.1799T>A (p.Val600Glu); BRAFV600E; BRAF-V600E; BRAFV600E-mutant
        The V600E change. EGFR was wild type. V600E mutation of BRAF. G12C and EGFR.
        EGFR T790M/C797S in cis; KRAS G12C/D/V; V600E/K
        EGFR E746_A750del, E746-A750del and E746–A750del
        EGFR exon 19 deletion, ex19del, exon-19 deletions, exon 19 in-frame deletion, del19, deletions in exon 19
        EGFR exon 20 insertion; METex14 skipping; MET exon 14 skipping mutation
        ERBB2 amplification; MET-amplified; amplification of ERBB2; ERBB2 gene amplification; amplification
        EML4::ALK; EML4-ALK fusion; EML4/ALK rearrangement; EML4/ALK; NKX2-1-ALK
        KRAS-RAF1-MEK1 pathway; KRAS-RAF1 signalling; ALK fusion; ALK-rearranged; rearrangement of ALK
        After EGFR inhibition T790M and MET D1228N; T790M with MET and EGFR
        BRAF V600 mutations; V600 mutations; stage T2N, H2O, C57BL/6, S6K, T47D cells; A1C 6.5
        BRAF p.G3V and BRAF G3V but not G3V
        BRAF T1799A and BRAF C1156Y; PI3K fusion; BRAF and PI3K H1047R; BRAF and PI3K V600E
        ",
        expect![[r#"
            BRAF V600E, p.Val600Glu, p.(Val600Glu) and c.1799T>A → BRAF V600E@V600E; BRAF V600E@p.Val600Glu; BRAF V600E@p.(Val600Glu); BRAF c.1799T>A@c.1799T>A
            BRAF:p.V600E; NM_004333.4(BRAF):c.1799T>A (p.Val600Glu); BRAFV600E; BRAF-V600E; BRAFV600E-mutant → BRAF V600E@BRAF:p.V600E; BRAF c.1799T>A@NM_004333.4(BRAF):c.1799T>A; BRAF V600E@p.Val600Glu; BRAF V600E@V600E; BRAF V600E@V600E; BRAF V600E@V600E
            The V600E change. EGFR was wild type. V600E mutation of BRAF. G12C and EGFR. → – V600E@V600E; BRAF V600E@V600E; – G12C@G12C
            EGFR T790M/C797S in cis; KRAS G12C/D/V; V600E/K → EGFR T790M@T790M; EGFR C797S@C797S; KRAS G12C@G12C; KRAS G12D@D; KRAS G12V@V; KRAS V600E@V600E; KRAS V600K@K
            EGFR E746_A750del, E746-A750del and E746–A750del → EGFR E746_A750del@E746_A750del; EGFR E746_A750del@E746-A750del; EGFR E746_A750del@E746–A750del
            EGFR exon 19 deletion, ex19del, exon-19 deletions, exon 19 in-frame deletion, del19, deletions in exon 19 → EGFR exon 19 deletion@exon 19 deletion; EGFR exon 19 deletion@ex19del; EGFR exon 19 deletion@exon-19 deletions; EGFR exon 19 deletion@exon 19 in-frame deletion; EGFR exon 19 deletion@del19; EGFR exon 19 deletion@deletions in exon 19
            EGFR exon 20 insertion; METex14 skipping; MET exon 14 skipping mutation → EGFR exon 20 insertion@exon 20 insertion; MET exon 14 skipping@METex14 skipping; MET exon 14 skipping@exon 14 skipping
            ERBB2 amplification; MET-amplified; amplification of ERBB2; ERBB2 gene amplification; amplification → ERBB2 amplification@amplification; ERBB2 amplification@amplification; ERBB2 amplification@amplification
            EML4::ALK; EML4-ALK fusion; EML4/ALK rearrangement; EML4/ALK; NKX2-1-ALK → EML4::ALK@EML4::ALK; EML4::ALK@EML4-ALK; EML4::ALK@EML4/ALK; NKX2-1::ALK@NKX2-1-ALK
            KRAS-RAF1-MEK1 pathway; KRAS-RAF1 signalling; ALK fusion; ALK-rearranged; rearrangement of ALK → ALK fusion@fusion; ALK rearrangement@rearranged; ALK rearrangement@rearrangement
            After EGFR inhibition T790M and MET D1228N; T790M with MET and EGFR → EGFR T790M@T790M; MET D1228N@D1228N; EGFR T790M@T790M
            BRAF V600 mutations; V600 mutations; stage T2N, H2O, C57BL/6, S6K, T47D cells; A1C 6.5 → BRAF V600@V600
            BRAF p.G3V and BRAF G3V but not G3V → BRAF G3V@p.G3V; BRAF G3V@G3V
            BRAF T1799A and BRAF C1156Y; PI3K fusion; BRAF and PI3K H1047R; BRAF and PI3K V600E → BRAF C1156Y@C1156Y; PIK3CA fusion|PIK3CB fusion@fusion; – H1047R@H1047R; – V600E@V600E
        "#]],
    );
}

#[test]
fn changes_in_queries() {
    check_variants(
        Writing::Query,
        "braf v600e\nkras g12c\negfr ex19del\nbraf v600",
        expect![[r#"
        braf v600e → BRAF V600E@v600e
        kras g12c → KRAS G12C@g12c
        egfr ex19del → EGFR exon 19 deletion@ex19del
        braf v600 → BRAF V600@v600
    "#]],
    );
}

#[test]
fn only_one_prominent_candidate_is_likely() {
    let likely = |text: &str| {
        let found = small().find(text, Writing::Prose);
        found.first().and_then(|mention| mention.likely().map(|entry| entry.id.to_string()))
    };
    assert_eq!(likely("PD-1").as_deref(), Some("PDCD1"));
    assert_eq!(likely("PI3K"), None);
    assert_eq!(small().find("PI3K", Writing::Prose)[0].preferred().count(), 2);
}

#[test]
fn the_fingerprint_is_that_of_the_content() {
    let build = |names: &str| Lexicon::new(names.lines().map(entry), ["mutation"], []);
    let one = build("gene A A exact\ngene B B exact");
    assert_eq!(one.fingerprint(), build("gene B B exact\ngene A A exact").fingerprint());
    assert_ne!(one.fingerprint(), build("gene A A exact\ngene B B letters").fingerprint());
    assert_eq!(Lexicon::new([], [], []).find("any text", Writing::Prose), vec![]);
}

/// Text near the names, so that they occur.
fn near_names() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(NAMES.split_whitespace().map(str::to_owned).collect::<Vec<_>>()),
        "[ -/.:()αβé–]{0,2}",
        ".{0,3}",
        "(exon|ex|del|V600E|p\\.|c\\.|fusion|amplified)",
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn spans_hold_known_names(text in prop_oneof![near_names(), ".{0,60}"], query in any::<bool>()) {
        let writing = if query { Writing::Query } else { Writing::Prose };
        let reading = small().read(&text, writing);
        prop_assert_eq!(&reading.mentions, &small().find(&text, writing));
        let mut end = 0;
        for mention in &reading.mentions {
            let words = text.get(mention.span.clone()).expect("on character boundaries");
            let entry = mention.candidates.first().expect("a candidate");
            if mention.nested {
                prop_assert!(entry.kind == Kind::Gene && mention.span.end <= end);
            } else {
                prop_assert!(end <= mention.span.start);
                end = mention.span.end;
            }
            // The words alone, with support for a doubtful name, are that name again.
            let alone = format!("{words} mutation");
            let again = small().find(&alone, writing);
            prop_assert!(again.iter().any(|m| m.span == (0..words.len()) && m.candidates.contains(entry)), "{words}");
        }
        for variant in &reading.variants {
            prop_assert!(text.get(variant.span.clone()).is_some_and(|words| !words.is_empty()));
            prop_assert!(variant.genes.iter().all(|gene| small().entries().iter().any(|e| &*e.id == gene)));
        }
    }

    #[test]
    fn every_surface_is_found(at in 0..NAMES.trim().lines().count()) {
        let wanted = &small().entries()[at % small().len()];
        let text = format!("the {} mutation", wanted.surface.to_uppercase());
        let text = if wanted.case == Case::Exact || wanted.case == Case::Verbatim { format!("the {} mutation", wanted.surface) } else { text };
        let lowest = small().find(&text, Writing::Prose);
        let found = lowest.iter().find(|m| text[m.span.clone()].eq_ignore_ascii_case(&wanted.surface));
        let found = found.expect("the surface is found as a whole");
        prop_assert!(found.candidates.contains(&wanted) || found.candidates.iter().all(|e| e.rank < wanted.rank || e.id == wanted.id));
    }
}
