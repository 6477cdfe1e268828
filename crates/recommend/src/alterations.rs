//! What became of each alteration? None is left without a verdict (`conserved`).

use crate::judge::Judged;
use crate::plan::{AlterationVerdict, Found, PlanOption, ShortResult};
use concilium_case::{
    Alteration, Case, Marker, MarkerCall, MarkerName, Origin, Presence, SignatureName, Significance,
};
use concilium_criteria::outdated_by;
use concilium_evidence::Bearing;
use concilium_knowledge::Knowledge;
use concilium_terms::pattern::MarkerKind;
use concilium_terms::{PartialDate, Truth};
use std::collections::BTreeSet;

/// Verdicts in order of the fact ids: alterations first, then markers.
pub fn alteration_verdicts(
    case: &Case,
    knowledge: &Knowledge,
    judged: &[Judged],
    options: &[PlanOption],
) -> Vec<AlterationVerdict> {
    let alterations = case.facts.alterations.iter().map(|a| Entry {
        id: &a.meta.id,
        label: a.label.clone(),
        detail: alteration_detail(a, case),
        short: short_alteration(a, case),
        silent: pharmacogene_words(a, case).unwrap_or_else(|| alteration_silence(a, knowledge)),
        sources: &a.meta.sources,
    });
    let markers = case.facts.markers.iter().map(|m| Entry {
        id: &m.meta.id,
        label: marker_label(m),
        detail: marker_detail(m, case),
        short: short_marker(m, case),
        silent: "no statement of this release matches it".into(),
        sources: &m.meta.sources,
    });
    alterations.chain(markers).map(|entry| verdict(entry, judged, options)).collect()
}

struct Entry<'c> {
    id: &'c str,
    label: String,
    detail: String,
    short: ShortResult,
    /// What to say when no statement speaks of it.
    silent: String,
    sources: &'c [concilium_case::Source],
}

fn verdict(entry: Entry, judged: &[Judged], options: &[PlanOption]) -> AlterationVerdict {
    let speaks = |j: &&Judged| j.molecular.facts.iter().any(|fact| fact == entry.id);
    let of_it: Vec<&Judged> = judged.iter().filter(speaks).collect();
    let carried: Vec<&&Judged> = of_it.iter().filter(|j| j.is_carried()).collect();
    let supports = named(options, entry.id, |o| &o.for_);
    let against = named(options, entry.id, |o| &o.against);
    let context: BTreeSet<_> =
        carried.iter().filter(|j| j.bearing == Bearing::Context).map(|j| j.statement.key.clone()).collect();
    AlterationVerdict {
        id: entry.id.to_owned(),
        exactness: carried.iter().map(|j| j.molecular.exactness).min(),
        verdict: with_doubts(
            words(&of_it, &supports, &against, context.len(), entry.silent),
            &of_it,
            &entry.label,
        ),
        short: doubted(entry.short, &of_it, &entry.label),
        label: entry.label,
        detail: entry.detail,
        supports,
        against,
        context: context.into_iter().collect(),
        sources: entry.sources.to_vec(),
    }
}

fn named(
    options: &[PlanOption],
    fact: &str,
    column: fn(&PlanOption) -> &Vec<crate::plan::Cited>,
) -> Vec<String> {
    let mut names: Vec<String> = options
        .iter()
        .filter(|o| {
            column(o).iter().any(|c| {
                c.molecular.verdict.truth == Truth::True && c.molecular.facts.iter().any(|f| f == fact)
            })
        })
        .map(|o| o.regimen.label())
        .collect();
    names.sort();
    names.dedup();
    names
}

fn words(
    of_it: &[&Judged],
    supports: &[String],
    against: &[String],
    context: usize,
    silent: String,
) -> String {
    let mut parts = Vec::new();
    if !supports.is_empty() {
        parts.push(format!("evidence for {} option(s)", supports.len()));
    }
    if !against.is_empty() {
        parts.push(format!("evidence against {} option(s)", against.len()));
    }
    if context > 0 {
        parts.push(format!("{context} statement(s) of context"));
    }
    if parts.is_empty() {
        parts.push(not_matched(of_it).unwrap_or(silent));
    }
    parts.join("; ")
}

/// Doubts about the finding itself: clonal haematopoiesis, a low fraction.
fn doubts<'j>(of_it: &[&'j Judged], label: &str) -> BTreeSet<&'j str> {
    let doubts = of_it.iter().flat_map(|j| &j.molecular.doubts).filter_map(|d| d.strip_prefix(label));
    doubts.map(|words| words.trim_start_matches([':', ' '])).collect()
}

/// On the front, what else it may be, without the reason: `possible clonal haematopoiesis`. A doubt about one statement's
/// origin needs no word there.
fn doubted(short: ShortResult, of_it: &[&Judged], label: &str) -> ShortResult {
    let wanted = ["possible ", "allele fraction "];
    let possible =
        doubts(of_it, label).into_iter().filter(|doubt| wanted.iter().any(|w| doubt.starts_with(w)));
    let named: BTreeSet<&str> = possible.filter_map(|doubt| doubt.split(':').next()).collect();
    let parts = Some(short.amount.as_str()).filter(|amount| !amount.is_empty()).into_iter().chain(named);
    ShortResult { amount: parts.collect::<Vec<_>>().join(", "), ..short }
}

/// They stand beside whatever it matches.
fn with_doubts(verdict: String, of_it: &[&Judged], label: &str) -> String {
    let doubts: Vec<&str> =
        doubts(of_it, label).into_iter().filter(|doubt| !verdict.contains(doubt)).collect();
    if doubts.is_empty() { verdict } else { format!("{verdict}; {}", doubts.join("; ")) }
}

/// The first open leaf says why nothing matched.
fn not_matched(of_it: &[&Judged]) -> Option<String> {
    let open = of_it.iter().find(|j| j.molecular.verdict.truth == Truth::Open)?;
    open.molecular.verdict.leaves.first().map(|leaf| leaf.what.clone())
}

/// A variant of a gene whose phenotype the record states is read for drug safety, not for response.
fn pharmacogene_words(alteration: &Alteration, case: &Case) -> Option<String> {
    let result = case.facts.pharmacogenes.iter().find(|result| result.gene == alteration.gene)?;
    let said = result.diplotype.as_deref().or(result.phenotype.as_deref()).unwrap_or("result recorded");
    Some(format!("read for drug safety: {} {said}; see the safety findings", result.gene))
}

fn alteration_silence(alteration: &Alteration, knowledge: &Knowledge) -> String {
    match alteration.presence {
        Presence::Absent => return "tested and not found".into(),
        Presence::Unknown => return "tested, no answer".into(),
        Presence::Present => {}
    }
    match alteration.significance {
        Some(Significance::Uncertain) => "uncertain significance: not matched to any statement".into(),
        Some(Significance::Benign | Significance::LikelyBenign) => "called benign: not matched".into(),
        Some(Significance::Pathogenic | Significance::LikelyPathogenic) | None => {
            let known = knowledge.genes.resolve(alteration.gene.as_str()).is_some();
            if known {
                "no statement of this release matches this change".into()
            } else {
                "gene not known to this release".into()
            }
        }
    }
}

fn alteration_detail(alteration: &Alteration, case: &Case) -> String {
    let mut parts =
        vec![presence_words(alteration.presence).to_owned(), origin_words(alteration.origin).to_owned()];
    parts.extend(alteration.significance.map(|s| significance_words(s).to_owned()));
    parts.extend(alteration.vaf.map(|vaf| format!("allele fraction {:.1} %", vaf * 100.0)));
    parts.extend(alteration.depth.map(|depth| format!("depth {depth}")));
    parts.extend(
        alteration
            .homozygous
            .map(|homozygous| if homozygous { "homozygous" } else { "heterozygous" }.to_owned()),
    );
    parts.extend(specimen_words(alteration.specimen.as_deref(), case));
    parts.extend(alteration.meta.when.as_ref().map(|when| when.day_text().to_owned()));
    if alteration.origin != Origin::Germline {
        parts.extend(stale(alteration.specimen.as_deref(), alteration.meta.when.as_ref(), case));
    }
    parts.extend(alteration.assay.clone());
    parts.extend(alteration.phase.iter().map(|(other, cis)| phase_words(other, *cis)));
    parts.join(", ")
}

fn short_alteration(alteration: &Alteration, case: &Case) -> ShortResult {
    let germline = alteration.origin == Origin::Germline;
    let called = match alteration.significance {
        // What the laboratory holds for a driver needs no word on the front.
        Some(Significance::Pathogenic | Significance::LikelyPathogenic) if !germline => None,
        Some(other) => Some(significance_words(other).trim_start_matches("lab: ").to_owned()),
        None => None,
    };
    let amount = [
        // A fraction of a test without an answer would read as one.
        alteration
            .vaf
            .filter(|_| alteration.presence != Presence::Unknown)
            .map(|vaf| format!("{:.1} %", vaf * 100.0)),
        germline.then(|| "germline".to_owned()),
        called,
    ];
    ShortResult {
        found: match alteration.presence {
            Presence::Present => Found::Yes,
            Presence::Absent => Found::No,
            Presence::Unknown => Found::NoAnswer,
        },
        amount: amount.into_iter().flatten().collect::<Vec<_>>().join(", "),
        specimen: short_specimen(
            alteration.specimen.as_deref(),
            alteration.meta.when.as_ref(),
            !germline,
            case,
        ),
        date: day(alteration.meta.when.as_ref()),
    }
}

fn short_marker(marker: &Marker, case: &Case) -> ShortResult {
    let value = marker.value.as_ref();
    let value = value.map(|q| format!("{}{} {}", q.comparator.as_deref().unwrap_or(""), q.text, q.unit));
    let said = value.or_else(|| marker.score.clone());
    let found = match marker.call {
        Some(MarkerCall::Positive | MarkerCall::Low | MarkerCall::Equivocal) => Found::Yes,
        Some(MarkerCall::Negative) => Found::No,
        Some(MarkerCall::Failed) => Found::NoAnswer,
        None if said.is_some() => Found::Yes,
        None => Found::NoAnswer,
    };
    let call = marker.call.map_or("no call by the lab", call_words).to_owned();
    ShortResult {
        found,
        amount: [Some(call), said].into_iter().flatten().collect::<Vec<_>>().join(", "),
        specimen: short_specimen(marker.specimen.as_deref(), marker.meta.when.as_ref(), true, case),
        date: day(marker.meta.when.as_ref()),
    }
}

fn short_specimen(specimen: Option<&str>, when: Option<&PartialDate>, ages: bool, case: &Case) -> String {
    let old = ages && stale(specimen, when, case).is_some();
    let parts = [specimen_words(specimen, case), old.then(|| "before the last systemic line".to_owned())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn day(when: Option<&PartialDate>) -> String {
    when.map_or(String::new(), |when| when.day_text().to_owned())
}

fn phase_words(other: &str, cis: Option<bool>) -> String {
    match cis {
        Some(true) => format!("in cis with {other}"),
        Some(false) => format!("in trans with {other}"),
        None => format!("phase with {other} unknown"),
    }
}

fn specimen_words(specimen: Option<&str>, case: &Case) -> Option<String> {
    let id = specimen?;
    let row = case.facts.specimens.iter().find(|s| s.meta.id == id)?;
    let site = row.site.as_ref().or(row.kind.as_ref()).map_or(String::new(), |code| code.display.clone());
    Some(if row.plasma {
        "plasma".into()
    } else if site.is_empty() {
        id.to_owned()
    } else {
        site
    })
}

/// Tissue and plasma, findings and negatives alike: sampled before the last systemic line began.
fn stale(specimen: Option<&str>, when: Option<&PartialDate>, case: &Case) -> Option<String> {
    let row = specimen.and_then(|id| case.facts.specimens.iter().find(|s| s.meta.id == id));
    let sampled = row.and_then(|s| s.meta.when.as_ref()).or(when)?;
    let line = outdated_by(case, sampled)?;
    Some(format!("stale: before the last systemic line ({})", line.day_text()))
}

fn presence_words(presence: Presence) -> &'static str {
    match presence {
        Presence::Present => "found",
        Presence::Absent => "not found",
        Presence::Unknown => "no answer",
    }
}

fn origin_words(origin: Origin) -> &'static str {
    match origin {
        Origin::Somatic => "somatic",
        Origin::Germline => "germline",
        Origin::Unknown => "origin not stated",
    }
}

fn significance_words(significance: Significance) -> &'static str {
    match significance {
        Significance::Pathogenic => "lab: pathogenic or oncogenic",
        Significance::LikelyPathogenic => "lab: likely pathogenic or oncogenic",
        Significance::Uncertain => "lab: uncertain significance",
        Significance::LikelyBenign => "lab: likely benign",
        Significance::Benign => "lab: benign",
    }
}

/// Name of a marker for people.
pub fn marker_label(marker: &Marker) -> String {
    let name = match &marker.name {
        MarkerName::Er => "ER".to_owned(),
        MarkerName::Pr => "PR".into(),
        MarkerName::Her2 => "HER2".into(),
        MarkerName::PdL1 => "PD-L1".into(),
        MarkerName::Ki67 => "Ki-67".into(),
        MarkerName::Signature(SignatureName::Msi) => "MSI / mismatch repair".into(),
        MarkerName::Signature(SignatureName::Tmb) => "tumour mutational burden".into(),
        MarkerName::Signature(SignatureName::Hrd) => "homologous recombination deficiency".into(),
        MarkerName::Gene(gene, kind) => format!("{gene} {}", kind_words(*kind)),
        MarkerName::Other(name) => name.clone(),
    };
    match &marker.method {
        Some(method) => format!("{name} ({method})"),
        None => name,
    }
}

fn kind_words(kind: MarkerKind) -> &'static str {
    match kind {
        MarkerKind::Expression => "expression",
        MarkerKind::NuclearExpression => "nuclear expression",
        MarkerKind::CytoplasmicExpression => "cytoplasmic expression",
        MarkerKind::Methylation => "methylation",
        MarkerKind::Phosphorylation => "phosphorylation",
        MarkerKind::SerumLevel => "serum level",
        MarkerKind::CopyNumber => "copy number",
    }
}

fn marker_detail(marker: &Marker, case: &Case) -> String {
    let mut parts = vec![marker.call.map_or("no call by the lab", call_words).to_owned()];
    parts.extend(marker.score.clone());
    parts.extend(
        marker
            .value
            .as_ref()
            .map(|q| format!("{}{} {}", q.comparator.as_deref().unwrap_or(""), q.text, q.unit)),
    );
    parts.extend(specimen_words(marker.specimen.as_deref(), case));
    parts.extend(marker.meta.when.as_ref().map(|when| when.day_text().to_owned()));
    parts.extend(stale(marker.specimen.as_deref(), marker.meta.when.as_ref(), case));
    parts.join(", ")
}

fn call_words(call: MarkerCall) -> &'static str {
    match call {
        MarkerCall::Positive => "positive or high",
        MarkerCall::Negative => "negative or stable",
        MarkerCall::Low => "low",
        MarkerCall::Equivocal => "equivocal",
        MarkerCall::Failed => "failed",
    }
}
