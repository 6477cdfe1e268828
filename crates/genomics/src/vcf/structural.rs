//! What does a symbolic or breakend allele say about copies or fusions?

use super::genotype::Sample;
use super::info_value;
use crate::Options;
use concilium_case::{AlterationKind, CopyCall};
use concilium_terms::GeneSymbol;

/// Is it an allele without bases of its own?
pub(super) fn is_structural(alternate: &str) -> bool {
    alternate.starts_with('<') || alternate.contains(['[', ']'])
}

/// Allele of a reference block or an unlisted allele of a gVCF.
pub(super) fn is_reference_marker(alternate: &str) -> bool {
    matches!(alternate, "." | "<NON_REF>" | "<*>" | "*")
}

/// Kind of a structural allele; the words stay in the label.
pub(super) fn kind(
    alternate: &str,
    info: &str,
    sample: &Sample,
    sex_chromosome: bool,
    genes: &[GeneSymbol],
    options: &Options,
) -> AlterationKind {
    if alternate.contains(['[', ']']) || alternate == "<BND>" || alternate == "<TRA>" {
        return fusion(genes);
    }
    let stated = sample.get("CN").or_else(|| info_value(info, "CN"));
    let copies = stated
        .and_then(|text| text.parse::<f64>().ok())
        .filter(|copies| copies.is_finite() && 0.0 <= *copies);
    let name = alternate.trim_matches(['<', '>']).split(':').next().unwrap_or("").to_ascii_uppercase();
    let normal = if sex_chromosome { None } else { Some(2.0) };
    match name.as_str() {
        "DEL" | "LOSS" => AlterationKind::CopyNumber { call: loss(copies, normal), copies },
        "AMP" | "AMPLIFICATION" => AlterationKind::CopyNumber { call: CopyCall::Amplified, copies },
        "DUP" | "GAIN" => {
            AlterationKind::CopyNumber { call: amplified(copies, options).unwrap_or(CopyCall::Gain), copies }
        }
        "CNV" => AlterationKind::CopyNumber { call: from_number(copies, normal, options), copies },
        _ => AlterationKind::Other,
    }
}

/// The order of two genes of a breakend is not stated.
fn fusion(genes: &[GeneSymbol]) -> AlterationKind {
    match genes {
        [] => AlterationKind::Other,
        [one] => AlterationKind::Fusion { five: None, three: Some(one.clone()), oriented: false },
        [one, other, ..] => {
            AlterationKind::Fusion { five: Some(one.clone()), three: Some(other.clone()), oriented: false }
        }
    }
}

fn loss(copies: Option<f64>, normal: Option<f64>) -> CopyCall {
    match (copies, normal) {
        (Some(copies), _) if copies < 0.5 => CopyCall::HomozygousLoss,
        (Some(copies), Some(normal)) if (copies - (normal - 1.0)).abs() < 0.5 => CopyCall::SingleLoss,
        _ => CopyCall::Loss,
    }
}

fn amplified(copies: Option<f64>, options: &Options) -> Option<CopyCall> {
    (options.amplification_copies? <= copies?).then_some(CopyCall::Amplified)
}

fn from_number(copies: Option<f64>, normal: Option<f64>, options: &Options) -> CopyCall {
    let Some(number) = copies else { return CopyCall::NumberOnly };
    match normal {
        _ if number < 0.5 => CopyCall::HomozygousLoss,
        Some(normal) if (number - (normal - 1.0)).abs() < 0.5 => CopyCall::SingleLoss,
        Some(normal) if (number - normal).abs() < 0.5 => CopyCall::Neutral,
        _ => amplified(copies, options).unwrap_or(CopyCall::NumberOnly),
    }
}
