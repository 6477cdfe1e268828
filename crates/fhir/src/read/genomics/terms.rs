//! What do the words of a molecular report mean: consequence, change type, significance, effect?

use concilium_case::{Consequence, CopyCall, Effect, Presence, Significance};
use concilium_terms::Code;
use concilium_terms::hgvs::ProteinChange;

/// Sequence Ontology 3.1 and the words of LOINC answer lists.
pub fn consequence(codes: &[Code]) -> Option<Consequence> {
    let by_so: &[(&str, Consequence)] = &[
        ("SO:0001583", Consequence::Missense),
        ("SO:0001587", Consequence::Nonsense),
        ("SO:0001589", Consequence::Frameshift),
        ("SO:0000865", Consequence::Frameshift),
        ("SO:0001822", Consequence::InframeDeletion),
        ("SO:0001821", Consequence::InframeInsertion),
        ("SO:0001574", Consequence::SpliceSite),
        ("SO:0001575", Consequence::SpliceSite),
        ("SO:0002012", Consequence::StartStop),
        ("SO:0001578", Consequence::StartStop),
        ("SO:0001819", Consequence::Synonymous),
        ("SO:0001627", Consequence::Noncoding),
        ("SO:0001623", Consequence::Noncoding),
        ("SO:0001624", Consequence::Noncoding),
        ("SO:0001631", Consequence::Noncoding),
        ("SO:0001632", Consequence::Noncoding),
        ("SO:0001628", Consequence::Noncoding),
    ];
    let found = crate::element::find(codes, by_so, |row| row.0).map(|row| row.1);
    found.or_else(|| codes.iter().find_map(|code| consequence_words(&code.display.to_lowercase())))
}

fn consequence_words(words: &str) -> Option<Consequence> {
    let named: &[(&str, Consequence)] = &[
        ("missense", Consequence::Missense),
        ("nonsense", Consequence::Nonsense),
        ("stop_gained", Consequence::Nonsense),
        ("stop gained", Consequence::Nonsense),
        ("frameshift", Consequence::Frameshift),
        ("frame shift", Consequence::Frameshift),
        ("inframe_deletion", Consequence::InframeDeletion),
        ("in-frame deletion", Consequence::InframeDeletion),
        ("inframe_insertion", Consequence::InframeInsertion),
        ("in-frame insertion", Consequence::InframeInsertion),
        ("splice_donor", Consequence::SpliceSite),
        ("splice_acceptor", Consequence::SpliceSite),
        ("synonymous", Consequence::Synonymous),
        ("silent", Consequence::Synonymous),
        ("intron", Consequence::Noncoding),
    ];
    let negated = words.contains("nonsynonymous") || words.contains("non-synonymous");
    named
        .iter()
        .find(|(name, _)| words.contains(name) && !(negated && *name == "synonymous"))
        .map(|(_, c)| *c)
}

/// What the protein name itself says.
pub fn implied(protein: &ProteinChange) -> Option<Consequence> {
    Some(match protein {
        ProteinChange::Missense { reference: 'M', residue: 1, .. } => Consequence::StartStop,
        ProteinChange::Missense { .. } => Consequence::Missense,
        ProteinChange::Nonsense { .. } => Consequence::Nonsense,
        ProteinChange::Deletion { .. } => return deletion(protein),
        ProteinChange::Duplication { .. } | ProteinChange::Insertion { .. } => Consequence::InframeInsertion,
        ProteinChange::Frameshift { .. } => Consequence::Frameshift,
        ProteinChange::StartLost | ProteinChange::StopLost { .. } => Consequence::StartStop,
        ProteinChange::Synonymous { .. } => Consequence::Synonymous,
    })
}

/// A deletion-insertion that lengthens is an insertion; one with a stop in it truncates.
fn deletion(protein: &ProteinChange) -> Option<Consequence> {
    if protein.truncates() {
        return Some(Consequence::Nonsense);
    }
    match protein.length_change()? {
        ..0 => Some(Consequence::InframeDeletion),
        0 => Some(Consequence::Missense),
        _ => Some(Consequence::InframeInsertion),
    }
}

/// Copy number call, from Sequence Ontology or words; `None` when nothing speaks of copies.
pub fn copies(codes: &[Code]) -> Option<CopyCall> {
    let has = |code: &str| crate::element::has(codes, code);
    let words = crate::element::all_words(codes).replace('_', " ");
    let any = |list: &[&str]| list.iter().any(|word| words.contains(word));
    if any(&["amplification", "amplified"]) {
        return Some(CopyCall::Amplified);
    }
    if any(&[
        "homozygous loss",
        "homozygous deletion",
        "two-copy loss",
        "biallelic deletion",
        "deep deletion",
    ]) {
        return Some(CopyCall::HomozygousLoss);
    }
    if any(&[
        "single copy loss",
        "single-copy loss",
        "heterozygous loss",
        "heterozygous deletion",
        "hemizygous",
    ]) {
        return Some(CopyCall::SingleLoss);
    }
    if has("SO:0001743") || any(&["copy number loss"]) {
        return Some(CopyCall::Loss);
    }
    (has("SO:0001742") || any(&["copy number gain"])).then_some(CopyCall::Gain)
}

/// LOINC 53037-8 answers as in the genomics-reporting value set, else the words.
pub fn significance(codes: &[Code]) -> Option<Significance> {
    let answers: &[(&str, Significance)] = &[
        ("LA6668-3", Significance::Pathogenic),
        ("LA26332-9", Significance::LikelyPathogenic),
        ("LA26333-7", Significance::Uncertain),
        ("LA26334-5", Significance::LikelyBenign),
        ("LA6675-8", Significance::Benign),
    ];
    let words = crate::element::all_words(codes);
    let any = |list: &[&str]| list.iter().any(|word| words.contains(word));
    let by_words = || {
        let uncertain = any(&["uncertain", "unknown significance", "vus"]);
        let pathogenic = any(&["pathogenic", "oncogenic"]);
        let benign = words.contains("benign");
        match (uncertain, any(&["likely"]), pathogenic, benign) {
            (true, ..) => Some(Significance::Uncertain),
            (_, true, true, false) => Some(Significance::LikelyPathogenic),
            (_, false, true, false) => Some(Significance::Pathogenic),
            (_, true, _, true) => Some(Significance::LikelyBenign),
            (_, false, _, true) => Some(Significance::Benign),
            (_, _, false, false) => None,
        }
    };
    crate::element::find(codes, answers, |row| row.0).map(|row| row.1).or_else(by_words)
}

/// Functional effect.
pub fn effect(codes: &[Code]) -> Option<Effect> {
    let words = crate::element::all_words(codes).replace(['_', '-'], " ");
    let has = |code: &str| crate::element::has(codes, code);
    if has("SO:0002054") || words.contains("loss of function") {
        return Some(Effect::LossOfFunction);
    }
    (has("SO:0002053") || words.contains("gain of function") || words.contains("activating"))
        .then_some(Effect::Activating)
}

/// Present, absent, or no answer; `None` when the words say neither.
pub fn presence(codes: &[Code]) -> Option<Presence> {
    let has = |list: &[&str]| list.iter().any(|code| crate::element::has(codes, code));
    let words = crate::element::all_words(codes);
    let any = |list: &[&str]| list.iter().any(|word| words.contains(word));
    if has(&["LA9634-2", "2667000", "260385009", "LA6577-6"]) {
        return Some(Presence::Absent);
    }
    if has(&["LA9633-4", "52101004", "10828004", "LA6576-8"]) {
        return Some(Presence::Present);
    }
    if any(&["indeterminate", "no call", "failed", "not assess", "inconclusive"]) {
        return Some(Presence::Unknown);
    }
    if any(&["absent", "not detected", "negative", "not present"]) {
        return Some(Presence::Absent);
    }
    any(&["present", "detected", "positive"]).then_some(Presence::Present)
}
