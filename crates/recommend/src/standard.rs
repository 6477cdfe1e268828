//! What is standard here that this knowledge does not rank?
//!
//! Curated rows by tumour, setting and line (clinical rules, section 4). The box opens every plan.

use crate::compare::{Won, beaten_by};
use crate::describe::exposure;
use crate::disease;
use crate::judge::{Judged, is_present};
use crate::needs::recorded;
use crate::patient::first_words;
use crate::plan::{BeatenBy, Cited, StandardBox, StandardEntry};
use crate::weigh::{Standing, cite, weigh};
use concilium_case::{Case, Extent, Line, LineIntent, MarkerCall, MarkerName, SignatureName, Status};
use concilium_criteria::lines::shared_class;
use concilium_criteria::{
    ExposureState, NextLine, SettingFit, TumourRelation, counts_as_prior, exposure_to, next_line,
};
use concilium_evidence::Regimen;
use concilium_knowledge::{EarlyTherapy, Knowledge, Need, PriorTherapy, StandardOption, prior_condition};
use concilium_safety::{
    Candidate, CandidateOrigin, Gates, SafetyFinding, SafetyVerdict, ScreenedCandidate, screen, spoken,
};
use concilium_terms::{ClassId, Code, Doid, DrugName, Truth};
use std::collections::{BTreeMap, BTreeSet};

/// Entries whose tumour, setting and line fit and whose conditions are not refuted: those of the nearest term that has
/// one which holds, for guidelines are written per tumour, and of narrower terms what is not settled; beside them what
/// holds for every tumour.
pub(crate) fn standard_box(
    case: &Case,
    knowledge: &Knowledge,
    judged: &[Judged],
    winners: &[(String, Vec<Won>)],
    gates: &mut Gates,
) -> StandardBox {
    let nearest = nearest_rows(case, knowledge);
    let mut global = global_rows(case, knowledge);
    global.retain(|general| !nearest.iter().any(|own| covers(own, general)));
    let note = note(case, nearest.is_empty());
    let fits = nearest.into_iter().chain(global);
    let told = |fit| StandardEntry {
        beaten_by: did_better(&fit, winners),
        ..entry(fit, case, knowledge, judged, gates)
    };
    let entries = fits.map(told).collect();
    StandardBox { entries, note }
}

/// A row that is not refuted, with each of its conditions in words.
struct Fit<'k> {
    row: &'k StandardOption,
    conditions: Vec<(Truth, String)>,
}

/// Rows that stand under this term hold for every tumour.
const EVERY_TUMOUR: &str = "DOID:162";

fn nearest_rows<'k>(case: &Case, knowledge: &'k Knowledge) -> Vec<Fit<'k>> {
    let above = above(case, knowledge);
    let own = knowledge.standard.iter().filter(|row| row.doid.as_str() != EVERY_TUMOUR);
    let mut fits: Vec<(u32, Fit)> = own
        .filter_map(|row| above.get(&row.doid).map(|distance| (*distance, row)))
        .filter_map(|(distance, row)| fit(row, &above, case, knowledge).map(|fit| (distance, fit)))
        .collect();
    // A narrower term whose rows all wait for a fact does not push out what holds for the tumour as a whole.
    let holds = |fit: &Fit| fit.conditions.iter().all(|(truth, _)| *truth == Truth::True);
    let held = fits.iter().filter(|(_, fit)| holds(fit)).map(|(distance, _)| *distance).min();
    let nearest = held.or_else(|| fits.iter().map(|(distance, _)| *distance).min());
    fits.retain(|(distance, _)| nearest.is_some_and(|nearest| *distance <= nearest));
    fits.sort_by_key(|(distance, _)| std::cmp::Reverse(*distance));
    fits.into_iter().map(|(_, fit)| fit).collect()
}

/// Rows for every tumour, the unknown one included: only where what they ask for is known to hold. What they ask to be
/// absent may be unknown, and is then shown as such.
fn global_rows<'k>(case: &Case, knowledge: &'k Knowledge) -> Vec<Fit<'k>> {
    let above = above(case, knowledge);
    let global = knowledge.standard.iter().filter(|row| row.doid.as_str() == EVERY_TUMOUR);
    let holds = |fit: &Fit| {
        let mut pairs = fit.row.when.iter().zip(&fit.conditions);
        pairs.all(|(when, (truth, _))| *truth == Truth::True || when.trim_start().starts_with("not-"))
    };
    global.filter_map(|row| fit(row, &above, case, knowledge)).filter(holds).collect()
}

fn above(case: &Case, knowledge: &Knowledge) -> BTreeMap<Doid, u32> {
    case.tumour.as_ref().map(|tumour| knowledge.diseases.ancestors(&tumour.doid)).unwrap_or_default()
}

fn fit<'k>(
    row: &'k StandardOption,
    above: &BTreeMap<Doid, u32>,
    case: &Case,
    knowledge: &Knowledge,
) -> Option<Fit<'k>> {
    let extent = case.tumour.as_ref().map_or(Extent::Unknown, |tumour| tumour.extent);
    let excluded = row.excludes.iter().any(|doid| above.contains_key(doid));
    if excluded || !setting_fits(row, extent) || !line_fits(row, case) {
        return None;
    }
    let conditions: Vec<(Truth, String)> =
        row.when.iter().map(|when| condition(when, row, case, knowledge)).collect();
    let refuted = conditions.iter().any(|(truth, _)| *truth == Truth::False);
    (!refuted).then_some(Fit { row, conditions })
}

/// A tumour's own row of the same kind that holds, under the same conditions or more, says what the general one would.
fn covers(own: &Fit, general: &Fit) -> bool {
    let holds = own.conditions.iter().all(|(truth, _)| *truth == Truth::True);
    let wanted: Vec<&String> = general.row.when.iter().filter(|when| !when.starts_with("not-")).collect();
    let same = wanted.iter().all(|when| own.row.when.contains(when));
    holds && own.row.kind == general.row.kind && !wanted.is_empty() && same
}

/// Options that did better than the drugs of the row; of a row that names no drugs nothing can be said.
fn did_better(fit: &Fit, winners: &[(String, Vec<Won>)]) -> Vec<BeatenBy> {
    let mut components = fit.row.components.clone();
    components.sort();
    if components.is_empty() { vec![] } else { beaten_by(&components, winners) }
}

fn note(case: &Case, nothing_own: bool) -> String {
    match &case.tumour {
        None => "tumour type unknown: only what holds for every tumour stands here; settle the tumour type first, \
                 standard of care is written per tumour"
            .into(),
        Some(tumour) if nothing_own => format!(
            "standard of care not modelled for {} in this setting and line; only what holds for every tumour can stand here",
            tumour.name
        ),
        Some(_) => String::new(),
    }
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

fn line_fits(row: &StandardOption, case: &Case) -> bool {
    let NextLine { fewest, most, .. } = next_line(case);
    match row.line.as_str() {
        "any" => true,
        "3+" => 3 <= most,
        number => number.parse::<u32>().is_ok_and(|n| fewest <= n && n <= most),
    }
}

/// Asked before immunotherapy wherever metastases of the brain are on record, as other rows of the table ask it. Unreviewed.
const BESIDE_BRAIN_METASTASES: [&str; 2] = ["steroid dose", "symptoms of brain metastases"];

/// What the row asks to look at, and what this patient adds to it.
fn needs_of<'k>(row: &'k StandardOption, case: &Case, knowledge: &'k Knowledge) -> Vec<&'k Need> {
    let mut needs: Vec<&Need> = row.needs.iter().collect();
    if row.kind == "immunotherapy" && disease::has_brain_metastases(case) {
        for label in BESIDE_BRAIN_METASTASES {
            let mut others = knowledge.standard.iter().flat_map(|other| &other.needs);
            let asked = others.find(|need| need.label == label);
            needs.extend(asked.filter(|_| !row.needs.iter().any(|need| need.label == label)));
        }
    }
    needs
}

fn entry(
    fit: Fit,
    case: &Case,
    knowledge: &Knowledge,
    judged: &[Judged],
    gates: &mut Gates,
) -> StandardEntry {
    let Fit { row, mut conditions } = fit;
    conditions.extend(excluded_kinds(row, case, knowledge));
    let regimen = Regimen::new(row.components.clone(), false, row.components.is_empty());
    let safety = if row.components.is_empty() {
        named_drugs(&row.option, knowledge)
            .into_iter()
            .flat_map(|drug| findings(row, &Regimen::new(vec![drug], false, false), gates))
            .collect()
    } else {
        findings(row, &regimen, gates)
    };
    let mut safety: Vec<SafetyFinding> = safety;
    safety.extend(unfit_of_named_classes(row, knowledge, gates));
    let answers = needs_of(row, case, knowledge).into_iter().map(|need| (need, recorded(need, case)));
    let (have, missing): (Vec<_>, Vec<_>) = answers.partition(|(_, answer)| answer.is_some());
    let needs: Vec<&str> = missing.into_iter().map(|(need, _)| need.label.as_str()).collect();
    let have = have.into_iter().filter_map(|(_, answer)| answer).collect();
    StandardEntry {
        option: row.option.clone(),
        kind: row.kind.clone(),
        setting: format!("{}, line {}", row.setting, row.line),
        conditions: conditions.into_iter().map(|(_, words)| words).chain(brain(row, case)).collect(),
        needs: needs.join("; "),
        have,
        sequence: sequence_words(&row.sequence),
        exposure: exposure(&regimen, case, knowledge),
        safety,
        evidence: evidence(&regimen, judged, case, knowledge),
        beaten_by: vec![],
        sourced: row.sourced.clone(),
    }
}

/// A row that speaks of the brain stands beside what is measured there: its words may fit this patient or not.
fn brain(row: &StandardOption, case: &Case) -> Option<String> {
    let says = disease::says_brain(&row.option) || disease::says_brain(&row.sequence);
    says.then(|| disease::brain_state(case)).flatten()
}

/// `before: in fit patients` is "to be weighed before the molecular options: in fit patients".
fn sequence_words(sequence: &str) -> String {
    let (place, words) =
        sequence.split_once(':').map_or((sequence, ""), |(place, words)| (place, words.trim()));
    let said = match place {
        "before" => "to be weighed before the molecular options",
        "after" => "to be weighed after the molecular options",
        "instead" => "in place of the molecular options",
        _ => return String::new(),
    };
    if words.is_empty() { said.to_owned() } else { format!("{said}: {words}") }
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
    // What moves nothing is shown also from another line: the exact row of the patient's alteration among them.
    let shown = |j: &Judged| here(j) || is_prognostic_here(j, knowledge);
    let notes = weighed.notes.iter().filter(|(j, _)| shown(j)).map(|(j, words)| cite(j, words.clone()));
    for_.chain(against).chain(notes).collect()
}

/// A cohort without a comparison by biomarker, of this tumour and alteration: its line is no reason to leave it out.
fn is_prognostic_here(judged: &Judged, knowledge: &Knowledge) -> bool {
    let listed = knowledge.possibly_prognostic.contains_key(&judged.statement.key);
    listed && judged.is_carried() && judged.tumour.relation == TumourRelation::Matches
}

/// Carried beyond doubt, of this tumour, and not of a setting that does not fit.
pub(crate) fn is_here(carried: bool, relation: TumourRelation, setting: &SettingFit) -> bool {
    carried && relation == TumourRelation::Matches && !matches!(setting, SettingFit::DoesNotFit(_))
}

/// Drugs an option names as alternatives: each is screened for itself.
fn named_drugs(option: &str, knowledge: &Knowledge) -> BTreeSet<DrugName> {
    let text = format!(" {} ", option.to_lowercase().replace([',', ';', '(', ')', ':'], " "));
    let blanks: Vec<usize> = text.match_indices(' ').map(|(at, _)| at).collect();
    // Whatever stands between two blanks may be a name.
    let spans = blanks.iter().enumerate().flat_map(|(n, from)| {
        let ends = &blanks[n + 1..];
        let text = &text;
        ends.iter().map(move |to| &text[from + 1..*to])
    });
    let rows = &knowledge.drugs.rows;
    let found = spans.filter_map(|span| rows.binary_search_by(|row| row.name.as_str().cmp(span)).ok());
    found.map(|at| &rows[at]).filter(|row| row.kind == "drug").map(|row| row.name.clone()).collect()
}

/// A narrower kind of this very tumour that the row leaves out, and whether the recorded histology rules it out.
fn excluded_kinds(row: &StandardOption, case: &Case, knowledge: &Knowledge) -> Vec<(Truth, String)> {
    let Some(tumour) = &case.tumour else { return vec![] };
    let own = case.facts.conditions.iter().find(|condition| condition.meta.id == tumour.condition);
    let histology = own.map(|condition| condition.histology.as_slice()).unwrap_or_default();
    let written = first_words(histology);
    let written = written.map(|words| format!(" (recorded: “{words}”)")).unwrap_or_default();
    let kinds = row.excludes.iter().filter(|doid| knowledge.diseases.is_a(doid, &tumour.doid));
    let words = |doid: &Doid| {
        let name = knowledge.diseases.name(doid);
        let truth = if is_ruled_out(&name, &tumour.name, case, histology, knowledge) {
            Truth::True
        } else {
            Truth::Open
        };
        (truth, format!("{OTHER_KIND}{name}: {}{written}", truth_words(truth)))
    };
    kinds.map(words).collect()
}

/// Adenocarcinoma (Disease Ontology), as morphologies are coded.
const ADENOCARCINOMA: &str = "DOID:299";

/// An adenocarcinoma is no other kind of carcinoma, unless a word of the record names that kind beside it
/// (`adenosquamous`). Broader words, `non-small cell`, neither say nor contradict anything.
fn is_ruled_out(kind: &str, tumour: &str, case: &Case, histology: &[Code], knowledge: &Knowledge) -> bool {
    let glandular = histology.iter().any(|code| {
        let read = knowledge.diseases.resolve_disease(std::slice::from_ref(code), &[]);
        read.is_ok_and(|read| knowledge.diseases.is_a(&read.doid, &Doid::new(ADENOCARCINOMA)))
    });
    let own_words = kind.split(' ').filter(|word| !tumour.split(' ').any(|of_all| of_all == *word));
    let own_words: Vec<&str> =
        own_words.filter(|word| !["cell", "carcinoma", "cancer"].contains(word)).collect();
    let of_kind = |text: &str| own_words.iter().any(|word| text.to_lowercase().contains(word));
    let named = histology.iter().any(|code| of_kind(&code.display))
        || case.facts.observations.iter().any(|observation| of_kind(&observation.value));
    glandular && !named && !own_words.is_empty() && !kind.contains("adeno")
}

/// How a condition begins that leaves out a narrower kind of the tumour.
pub(crate) const OTHER_KIND: &str = "histology other than ";

/// Members of a class the option names in words (`platinum`) that speak against themselves here, where the row leaves the
/// choice among them to the reader: `(carboplatin with paclitaxel)` has chosen. Of a class that is one way among others
/// (`osimertinib, alone or with platinum-pemetrexed`) it is said that they matter only if it is taken.
fn unfit_of_named_classes(
    row: &StandardOption,
    knowledge: &Knowledge,
    gates: &mut Gates,
) -> Vec<SafetyFinding> {
    let said = format!(" {} ", row.option.to_lowercase().replace([',', ';', '(', ')', ':', '-'], " "));
    let words_of = |id: &ClassId| id.as_str().replace('-', " ");
    let is_named = |id: &ClassId| {
        let words = words_of(id);
        said.contains(&format!(" {words} ")) || said.contains(&format!(" {words}s "))
    };
    let in_class = |name: &DrugName, id: &ClassId| {
        knowledge.drugs.get(name).is_some_and(|drug| drug.classes.contains(id))
    };
    let chosen = named_drugs(&row.option, knowledge);
    let classes = knowledge.drugs.classes.keys().filter(|id| is_named(id));
    let open = classes.filter(|id| shares_an_action(id, knowledge));
    let open = open.filter(|id| !chosen.iter().any(|name| in_class(name, id)));
    let mut unfit = vec![];
    for class in open {
        let other_way =
            !row.components.is_empty() && !row.components.iter().any(|name| in_class(name, class));
        let members = knowledge.drugs.rows.iter().filter(|drug| drug.kind == "drug");
        let members = members.filter(|drug| drug.classes.contains(class));
        for drug in members.filter(|drug| !row.components.contains(&drug.name)) {
            let found = findings(row, &Regimen::new(vec![drug.name.clone()], false, false), gates);
            let grave =
                found.into_iter().filter(|f| f.verdict <= SafetyVerdict::Avoid && !f.facts.is_empty());
            unfit.extend(grave.map(|finding| match other_way {
                true => {
                    let about = format!("{}, only if a {} is given", spoken(&finding.about), words_of(class));
                    SafetyFinding { about, ..finding }
                }
                false => finding,
            }));
        }
    }
    unfit
}

/// A class of drugs that act alike, and none too wide to be one treatment.
fn shares_an_action(class: &ClassId, knowledge: &Knowledge) -> bool {
    let members = knowledge.drugs.rows.iter().filter(|drug| drug.classes.contains(class));
    let mut members = members.map(|drug| &drug.name);
    members.next().is_some_and(|one| shared_class(knowledge, one, one).is_some_and(|shared| shared == *class))
}

/// What the rows that hold here ask to look at and the records lack, with the drugs of each: a regimen built upon those
/// drugs asks the same.
pub(crate) fn needs_of_rows(case: &Case, knowledge: &Knowledge) -> Vec<(Vec<DrugName>, Vec<String>)> {
    let holds = |fit: &Fit| fit.conditions.iter().all(|(truth, _)| *truth == Truth::True);
    let rows = nearest_rows(case, knowledge).into_iter();
    let rows = rows.filter(|fit| holds(fit) && !fit.row.components.is_empty());
    let missing = |fit: &Fit| {
        let needs = needs_of(fit.row, case, knowledge).into_iter();
        needs.filter(|need| recorded(need, case).is_none()).map(|need| need.label.clone()).collect()
    };
    rows.map(|fit| (fit.row.components.clone(), missing(&fit))).collect()
}

fn findings(row: &StandardOption, regimen: &Regimen, gates: &mut Gates) -> Vec<SafetyFinding> {
    let origins = vec![CandidateOrigin::Standard(row.option.clone())];
    let candidate = Candidate { regimen: regimen.clone(), origins };
    let (passed, refused, _) = screen(vec![candidate], gates).into_parts();
    passed.into_iter().chain(refused).flat_map(|ScreenedCandidate { findings, .. }| findings).collect()
}

/// One `when` item of the table with its truth here, in words.
fn condition(when: &str, row: &StandardOption, case: &Case, knowledge: &Knowledge) -> (Truth, String) {
    let text = when.trim();
    let (kind, what) = text.split_once(':').unwrap_or((text, ""));
    let truth = match kind {
        "marker" => marker(what, case),
        "altered" => altered(what, case),
        // Not reported is not "not altered": the row stays, and says that the gene must be known.
        "not-altered" => altered(what, case).not(),
        "prior" => received(what, row, case, knowledge),
        "not-prior" => received(what, row, case, knowledge).not(),
        "running" => running(what, case, knowledge),
        "met" => metastasis(what, case),
        "age" => age(what, case),
        "disease" => relapsed(case),
        _ => Truth::Open,
    };
    let early = match kind {
        "prior" | "not-prior" if truth == Truth::Open && named_beside(what, case).is_some() => {
            named_beside(what, case).unwrap_or_default()
        }
        "prior" | "not-prior" => only_early(what, row, case, knowledge).unwrap_or_default(),
        _ => String::new(),
    };
    (truth, format!("{}: {}{early}", words(kind, what, knowledge), truth_words(truth)))
}

fn words(kind: &str, what: &str, knowledge: &Knowledge) -> String {
    let plain = |item: &str| therapy_words(item, knowledge);
    match kind {
        "marker" => what.replace('=', " "),
        "altered" => format!("{what} altered"),
        "not-altered" => format!("{what} not altered"),
        "prior" => format!("prior {}", plain(what)),
        "not-prior" => format!("no prior {}", plain(what)),
        "running" => format!("{} running", plain(what)),
        "disease" => format!("{what} or refractory"),
        "met" => format!("{what} metastases"),
        "age" => match (what.strip_prefix('<'), what.strip_prefix(">=")) {
            (Some(years), _) => format!("age under {years}"),
            (_, Some(years)) => format!("age {years} or older"),
            (None, None) => format!("age {what}"),
        },
        _ => format!("{kind} {what}"),
    }
}

/// A class by its label, a drug by its name.
fn therapy_words(item: &str, knowledge: &Knowledge) -> String {
    match prior_condition(item) {
        Some((PriorTherapy::Class(id), _)) => {
            knowledge.drugs.classes.get(&id).map_or_else(|| id.to_string(), |row| row.label.clone())
        }
        Some((PriorTherapy::Drug(name), _)) => name.to_string(),
        Some((PriorTherapy::AnySystemic, _)) => "systemic therapy".into(),
        None => item.to_owned(),
    }
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

/// In the row's own setting: of advanced disease, neo- or adjuvant therapy counts by the row's window only. While the
/// records leave out a time, silence is no "not received".
fn received(what: &str, row: &StandardOption, case: &Case, knowledge: &Knowledge) -> Truth {
    match exposed(what, case, knowledge, |state| state.received) {
        Truth::False if denied(what, case, knowledge) => Truth::False,
        Truth::False if !case.history_gaps.is_empty() || named_beside(what, case).is_some() => Truth::Open,
        Truth::True => in_setting(what, row, case, knowledge),
        truth => truth,
    }
}

/// Stated as never received: what the records leave out is then answered.
fn denied(what: &str, case: &Case, knowledge: &Knowledge) -> bool {
    prior_condition(what).is_some_and(|(item, _)| exposure_to(case, knowledge, &item).denied)
}

/// A drug that no record of its own holds and that the note of another drug's record names: it may have been given with
/// it. Such a note is not read, so that it opens the question and answers nothing.
fn named_beside(what: &str, case: &Case) -> Option<String> {
    let Some((PriorTherapy::Drug(drug), _)) = prior_condition(what) else { return None };
    let of_a_record = |id: &str| {
        let record = id.split_once("#note").map(|(record, _)| record);
        case.facts.medications.iter().any(|m| Some(m.meta.id.as_str()) == record && !m.drugs.contains(&drug))
    };
    let names = |text: &str| {
        let lower = text.to_lowercase();
        lower.split(|c: char| !c.is_alphanumeric() && c != '-').any(|word| word == drug.as_str())
    };
    let own = case.facts.medications.iter().any(|m| m.drugs.contains(&drug));
    let note = case.facts.documents.iter().find(|d| of_a_record(&d.meta.id) && names(&d.text));
    note.filter(|_| !own).map(|_| format!(" (the note of another drug's record names {drug})"))
}

/// Lines with the therapy, where every one of them was neo- or adjuvant and the row is about advanced disease.
fn early_lines<'c>(
    what: &str,
    row: &StandardOption,
    case: &'c Case,
    knowledge: &Knowledge,
) -> Option<(Vec<&'c Line>, EarlyTherapy)> {
    let (item, early) = prior_condition(what).filter(|_| row.setting == "advanced")?;
    let with_it = |line: &&Line| line.drugs.iter().any(|drug| knowledge.drugs.is(drug, &item));
    let lines: Vec<&Line> = case.lines.iter().filter(with_it).collect();
    let all_early = !lines.is_empty() && lines.iter().all(|line| line.intent != LineIntent::Advanced);
    all_early.then_some((lines, early))
}

fn in_setting(what: &str, row: &StandardOption, case: &Case, knowledge: &Knowledge) -> Truth {
    let Some((lines, early)) = early_lines(what, row, case, knowledge) else { return Truth::True };
    lines.into_iter().map(|line| counts_as_prior(case, line, early)).fold(Truth::False, Truth::or)
}

/// ` (as neo- or adjuvant therapy only …)`, so that the reader sees what did not count, and when it would.
fn only_early(what: &str, row: &StandardOption, case: &Case, knowledge: &Knowledge) -> Option<String> {
    let (lines, early) = early_lines(what, row, case, knowledge)?;
    let after = lines.iter().find_map(|line| line.after_metastasis.as_ref());
    if let Some(day) = after.filter(|_| early != EarlyTherapy::Counted) {
        return Some(format!(
            " (given as neo- or adjuvant therapy by the record, but begun after a metastasis was recorded, {}: for \
             which disease is open)",
            day.day_text()
        ));
    }
    Some(match early {
        EarlyTherapy::NotCounted => {
            " (given as neo- or adjuvant therapy only, which does not count here)".into()
        }
        EarlyTherapy::Within(months) => format!(
            " (given as neo- or adjuvant therapy only; it counts where the relapse came within {months} months)"
        ),
        EarlyTherapy::Counted => " (given as neo- or adjuvant therapy, which counts here)".into(),
    })
}

/// Taken now; what was only ordered does not run. An old record leaves it open.
fn running(what: &str, case: &Case, knowledge: &Knowledge) -> Truth {
    let old =
        prior_condition(what).is_some_and(|(item, _)| exposure_to(case, knowledge, &item).may_be_ongoing);
    match exposed(what, case, knowledge, |state| state.received && state.ongoing) {
        Truth::False if old => Truth::Open,
        truth => truth,
    }
}

fn exposed(what: &str, case: &Case, knowledge: &Knowledge, holds: fn(&ExposureState) -> bool) -> Truth {
    let Some((item, _)) = prior_condition(what) else { return Truth::Open };
    let state = exposure_to(case, knowledge, &item);
    match () {
        () if state.conflicting => Truth::Open,
        () if holds(&state) => Truth::True,
        () if state.may_have_received => Truth::Open,
        () if case.lines.is_empty() && case.facts.medications.is_empty() => Truth::Open,
        () => Truth::False,
    }
}

/// `<18`, `>=18` in completed years; a birth date known only in part may leave it open.
fn age(what: &str, case: &Case) -> Truth {
    let below = what.strip_prefix('<');
    let Some(limit) = below.or_else(|| what.strip_prefix(">=")).and_then(|years| years.parse::<u32>().ok())
    else {
        return Truth::Open;
    };
    let younger = match case.age_years() {
        Some((_, oldest)) if oldest < limit => Truth::True,
        Some((youngest, _)) if limit <= youngest => Truth::False,
        Some(_) | None => Truth::Open,
    };
    if below.is_some() { younger } else { younger.not() }
}

/// Words by which a record names a metastatic site; other sites go by their own name.
fn site_words(site: &str) -> Vec<&str> {
    match site {
        "brain" => vec!["brain", "cerebr", "cerebell", "central nervous system", "mening"],
        "bone" => vec!["bone", "osseous", "skelet", "vertebra"],
        other => vec![other],
    }
}

/// Progression on record; silence leaves it open.
fn relapsed(case: &Case) -> Truth {
    let by_line = case.lines.iter().any(|line| line.progression.is_some());
    let stated =
        case.facts.responses.iter().any(|r| r.status == Status::Progressed && r.meta.retraction.is_none());
    if by_line || stated { Truth::True } else { Truth::Open }
}

fn metastasis(site: &str, case: &Case) -> Truth {
    let Some(tumour) = &case.tumour else { return Truth::Open };
    let names = |said: &String| site_words(site).iter().any(|word| said.to_lowercase().contains(word));
    if tumour.metastases.iter().any(names) { Truth::True } else { Truth::Open }
}
