//! Does the lab call the tumour-wide signature, and which way?

use super::Exactness;
use super::context::Context;
use super::marker::marker_finding;
use super::profile::Found;
use super::weighing::{Covers, Question, Vote, conclude};
use crate::verdict::{NotTested, Why};
use concilium_case::{Marker, MarkerCall, MarkerName, SignatureName};
use concilium_evidence::Leaf;
use concilium_terms::pattern::Signature;

/// Looks for the signature. A number without a call stays open.
pub(super) fn find(context: &Context, leaf: &Leaf, signature: Signature) -> Found {
    let (name, wants_high) = match signature {
        Signature::MsiHigh => (SignatureName::Msi, true),
        Signature::Mss => (SignatureName::Msi, false),
        Signature::TmbHigh => (SignatureName::Tmb, true),
        Signature::TmbLow => (SignatureName::Tmb, false),
        Signature::Hrd => (SignatureName::Hrd, true),
    };
    let markers =
        context.case.facts.markers.iter().filter(|marker| marker.name == MarkerName::Signature(name));
    let findings = markers.map(|marker| marker_finding(context, marker, vote(marker, wants_high))).collect();
    let question = Question { words: &leaf.name, genes: vec![], covers: Covers::Nothing };
    conclude(context, &question, findings)
}

fn vote(marker: &Marker, wants_high: bool) -> Vote {
    let near = |words: &str| Vote::Near(Why::NotTested(NotTested::Uncertain), words.into());
    let is_high = match marker.call {
        Some(MarkerCall::Positive) => true,
        Some(MarkerCall::Negative | MarkerCall::Low) => false,
        Some(MarkerCall::Equivocal) => return near("equivocal"),
        Some(MarkerCall::Failed) => return Vote::Failed,
        None => return near("only a number: the lab gave no call"),
    };
    if is_high == wants_high { Vote::Hit(Exactness::Exact) } else { Vote::Refuted }
}
