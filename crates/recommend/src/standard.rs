//! What is standard here that this knowledge does not rank?
//!
//! Curated rows by tumour, setting and line (clinical rules, section 4). The box opens every plan.

use crate::describe::exposure;
use crate::judge::{Judged, is_present};
use crate::plan::{Cited, StandardBox, StandardEntry};
use crate::weigh::{Standing, cite, weigh};
use concilium_case::{Case, Extent, LineIntent, MarkerCall, MarkerName, SignatureName};
use concilium_criteria::{SettingFit, TumourRelation, exposure_to};
use concilium_evidence::Regimen;
use concilium_knowledge::{Knowledge, PriorTherapy, StandardOption};
use concilium_safety::{Candidate, CandidateOrigin, ScreenedCandidate, screen};
use concilium_terms::{ClassId, DrugName, Truth};

/// Entries whose tumour, setting and line fit and whose conditions are not refuted, most specific tumour first.
pub fn standard_box(case: &Case, knowledge: &Knowledge, judged: &[Judged]) -> StandardBox {
    let Some(tumour) = &case.tumour else {
        return StandardBox {
            entries: vec![],
            note: "standard of care not modelled: tumour type unknown".into(),
        };
    };
    let above = knowledge.diseases.ancestors(&tumour.doid);
    let mut rows: Vec<(u32, &StandardOption)> = knowledge
        .standard
        .iter()
        .filter(|row| !row.excludes.iter().any(|doid| above.contains_key(doid)))
        .filter_map(|row| above.get(&row.doid).map(|distance| (*distance, row)))
        .filter(|(_, row)| setting_fits(row, tumour.extent) && line_fits(row, case))
        .collect();
    // A nearer term's rows replace a broader term's: guidelines are written per tumour.
    let nearest = rows.iter().map(|(distance, _)| *distance).min();
    rows.retain(|(distance, _)| Some(*distance) == nearest);
    let entries: Vec<StandardEntry> =
        rows.into_iter().filter_map(|(_, row)| entry(row, case, knowledge, judged)).collect();
    let note = if entries.is_empty() {
        format!("standard of care not modelled for {} in this setting and line", tumour.name)
    } else {
        String::new()
    };
    StandardBox { entries, note }
}

fn setting_fits(row: &StandardOption, extent: Extent) -> bool {
    matches!(
        (row.setting.as_str(), extent),
        ("any", _)
            | (_, Extent::Unknown)
            | ("advanced", Extent::Metastatic)
            | ("locally-advanced", Extent::LocallyAdvanced)
            | ("resectable", Extent::Localised | Extent::LocallyAdvanced)
    )
}

/// Fewest and most number of the next line in the advanced setting.
pub fn next_line(case: &Case) -> (u32, u32) {
    let advanced = case.lines.iter().filter(|line| line.intent == LineIntent::Advanced);
    advanced.fold((1, 1), |(fewest, most), line| (fewest.max(line.number.0 + 1), most.max(line.number.1 + 1)))
}

fn line_fits(row: &StandardOption, case: &Case) -> bool {
    let (fewest, most) = next_line(case);
    match row.line.as_str() {
        "any" => true,
        "3+" => 3 <= most,
        number => number.parse::<u32>().is_ok_and(|n| fewest <= n && n <= most),
    }
}

fn entry(
    row: &StandardOption,
    case: &Case,
    knowledge: &Knowledge,
    judged: &[Judged],
) -> Option<StandardEntry> {
    let conditions: Vec<(Truth, String)> =
        row.when.iter().map(|when| condition(when, case, knowledge)).collect();
    if conditions.iter().any(|(truth, _)| *truth == Truth::False) {
        return None;
    }
    let regimen = Regimen::new(row.components.clone(), false, row.components.is_empty());
    let safety = if row.components.is_empty() { vec![] } else { findings(row, &regimen, case, knowledge) };
    Some(StandardEntry {
        option: row.option.clone(),
        kind: row.kind.clone(),
        setting: format!("{}, line {}", row.setting, row.line),
        conditions: conditions.into_iter().map(|(_, words)| words).collect(),
        needs: row.needs.replace('|', "; "),
        exposure: exposure(&regimen, case, knowledge),
        safety,
        evidence: evidence(&regimen, judged, case, knowledge),
        sourced: row.sourced.clone(),
    })
}

/// Statements of the same drugs that the patient's alterations satisfy in this tumour.
fn evidence(regimen: &Regimen, judged: &[Judged], case: &Case, knowledge: &Knowledge) -> Vec<Cited> {
    if regimen.components.is_empty() {
        return vec![];
    }
    let weighed = weigh(regimen, judged, case, knowledge);
    let here = |j: &Judged| is_here(j.is_carried(), j.tumour.relation, &j.setting);
    let remark = "shown; a standard row is not moved by it";
    let for_ = weighed.support.iter().filter(|s| here(s.judged) && s.standing == Standing::Counts);
    let for_ = for_.map(|s| cite(s.judged, remark));
    let against = weighed.against.iter().filter(|j| here(j)).map(|j| cite(j, remark));
    let notes = weighed.notes.iter().filter(|(j, _)| here(j)).map(|(j, words)| cite(j, words.clone()));
    for_.chain(against).chain(notes).collect()
}

/// Carried beyond doubt, of this tumour, and not of a setting that does not fit.
pub(crate) fn is_here(carried: bool, relation: TumourRelation, setting: &SettingFit) -> bool {
    carried && relation == TumourRelation::Matches && !matches!(setting, SettingFit::DoesNotFit(_))
}

fn findings(
    row: &StandardOption,
    regimen: &Regimen,
    case: &Case,
    knowledge: &Knowledge,
) -> Vec<concilium_safety::SafetyFinding> {
    let origins = vec![CandidateOrigin::Standard(row.option.clone())];
    let candidate = Candidate { regimen: regimen.clone(), origins };
    let (passed, refused, _) = screen(vec![candidate], case, knowledge).into_parts();
    passed.into_iter().chain(refused).flat_map(|ScreenedCandidate { findings, .. }| findings).collect()
}

/// One `when` item of the table with its truth here, in words.
fn condition(when: &str, case: &Case, knowledge: &Knowledge) -> (Truth, String) {
    let text = when.trim();
    let (kind, what) = text.split_once(':').unwrap_or((text, ""));
    let truth = match kind {
        "marker" => marker(what, case),
        "altered" => altered(what, case),
        // Not reported is not "not altered": the row stays, and says that the gene must be known.
        "not-altered" => altered(what, case).not(),
        "prior" => received(what, case, knowledge),
        "not-prior" => received(what, case, knowledge).not(),
        "met" => metastasis(what, case),
        _ => Truth::Open,
    };
    (truth, format!("{}: {}", words(kind, what), truth_words(truth)))
}

fn words(kind: &str, what: &str) -> String {
    match kind {
        "marker" => what.replace('=', " "),
        "altered" => format!("{what} altered"),
        "not-altered" => format!("{what} not altered"),
        "prior" => format!("prior {}", plain(what)),
        "not-prior" => format!("no prior {}", plain(what)),
        "met" => format!("{what} metastases"),
        _ => format!("{kind} {what}"),
    }
}

fn plain(item: &str) -> &str {
    item.split_once(':').map_or(item, |(_, name)| name)
}

fn truth_words(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "yes",
        Truth::Open => "not known",
        Truth::False => "no",
    }
}

fn marker(what: &str, case: &Case) -> Truth {
    let Some((name, wanted)) = what.split_once('=') else { return Truth::Open };
    let calls: Vec<MarkerCall> =
        case.facts.markers.iter().filter(|m| marker_is(&m.name, name)).filter_map(|m| m.call).collect();
    let truths = calls.into_iter().filter_map(|call| call_is(call, wanted));
    agreed(truths)
}

/// All agree, or open.
fn agreed(truths: impl Iterator<Item = Truth>) -> Truth {
    let mut seen = truths.collect::<Vec<_>>();
    seen.sort();
    seen.dedup();
    match seen.as_slice() {
        [one] => *one,
        _ => Truth::Open,
    }
}

fn marker_is(name: &MarkerName, wanted: &str) -> bool {
    match name {
        MarkerName::Er => wanted == "ER",
        MarkerName::Pr => wanted == "PR",
        MarkerName::Her2 => wanted == "HER2",
        MarkerName::PdL1 => wanted == "PD-L1",
        MarkerName::Signature(SignatureName::Msi) => matches!(wanted, "MSI" | "MMR"),
        MarkerName::Signature(SignatureName::Tmb) => wanted == "TMB",
        MarkerName::Signature(SignatureName::Hrd) => wanted == "HRD",
        MarkerName::Gene(gene, _) => gene.as_str() == wanted,
        MarkerName::Ki67 | MarkerName::Other(_) => false,
    }
}

fn call_is(call: MarkerCall, wanted: &str) -> Option<Truth> {
    let is = |yes: bool| Some(if yes { Truth::True } else { Truth::False });
    match (call, wanted) {
        (MarkerCall::Failed | MarkerCall::Equivocal, _) => None,
        (MarkerCall::Positive, _) => is(matches!(wanted, "positive" | "high" | "deficient")),
        (MarkerCall::Low, _) => is(matches!(wanted, "low" | "negative")),
        (MarkerCall::Negative, _) => is(matches!(wanted, "negative" | "low" | "stable" | "proficient")),
    }
}

fn altered(gene: &str, case: &Case) -> Truth {
    let of_gene = || case.facts.alterations.iter().filter(|a| a.gene.as_str() == gene);
    let studied = case.facts.regions.iter().any(|r| r.genes.iter().any(|g| g.as_str() == gene));
    match () {
        () if of_gene().any(|a| is_present(a.presence)) => Truth::True,
        () if studied || of_gene().next().is_some() => Truth::False,
        () => Truth::Open,
    }
}

fn received(what: &str, case: &Case, knowledge: &Knowledge) -> Truth {
    let item = match what.split_once(':') {
        Some(("drug", name)) => PriorTherapy::Drug(DrugName::new(name)),
        Some(("class", id)) => PriorTherapy::Class(ClassId::new(id)),
        _ => return Truth::Open,
    };
    let state = exposure_to(case, knowledge, &item);
    match () {
        () if state.conflicting => Truth::Open,
        () if state.received => Truth::True,
        () if case.lines.is_empty() && case.facts.medications.is_empty() => Truth::Open,
        () => Truth::False,
    }
}

fn metastasis(site: &str, case: &Case) -> Truth {
    let Some(tumour) = &case.tumour else { return Truth::Open };
    let found = tumour.metastases.iter().any(|m| m.to_lowercase().contains(site));
    if found { Truth::True } else { Truth::Open }
}
