//! Tumour, stage, categories, extent, metastases, measurable disease.

use super::{Context, FactClass, images};
use crate::conditions::{Standing, brain};
use crate::eligibility::ask::{DiseaseExtent, LesionState};
use crate::eligibility::words::Worded;
use crate::record::{at_word, plain, plain_words};
use crate::setting::prior;
use crate::setting::stage::history_known;
use crate::staging::scale_fits;
use crate::tumour::{CANCER, SOLID_TUMOUR, TumourRelation, match_tumour};
use crate::verdict::{NotTested, Verdict, Why};
use concilium_case::{Condition, ConditionRole, Extent, Line, Stage, StageScale, Status, Tumour};
use concilium_knowledge::PriorTherapy;
use concilium_terms::{Doid, PartialDate, Truth};

/// Any of the terms, or a narrower one.
pub(super) fn tumour(context: &Context, any_of: &[Doid], words: &str, confirmed: bool) -> Verdict {
    let asked = if words.is_empty() { "disease" } else { words };
    let each = any_of.iter().map(|doid| one_tumour(context, doid, asked));
    let verdict = Verdict::any(each);
    let verdict = match verdict.truth {
        Truth::False => other_primary(context, any_of, asked).unwrap_or(verdict),
        Truth::True | Truth::Open => verdict,
    };
    if confirmed { verdict.and(histology(context)) } else { verdict }
}

fn one_tumour(context: &Context, doid: &Doid, asked: &str) -> Verdict {
    let diseases = &context.knowledge.diseases;
    let doid = diseases.alternative.get(doid).unwrap_or(doid);
    if !diseases.by_id.contains_key(doid) && ![SOLID_TUMOUR, CANCER].contains(&doid.as_str()) {
        return Verdict::not_computable(format!("{asked}: {doid} is no term of this release"), vec![]);
    }
    let found = match_tumour(context.case, context.knowledge, Some(doid));
    let facts: Vec<String> = context.case.tumour.iter().map(|tumour| tumour.condition.clone()).collect();
    let what = format!("{asked}: {}", found.because);
    match found.relation {
        TumourRelation::Matches | TumourRelation::TissueAgnostic => {
            Verdict::met(what, facts).and(found.markers)
        }
        TumourRelation::PatientBroader => Verdict::not_tested(NotTested::Uncertain, what, facts),
        TumourRelation::Other => Verdict::not_met(what, facts),
        TumourRelation::Unknown => Verdict::not_tested(NotTested::NeverDone, what, facts),
    }
}

/// Another tumour of the patient may be the one the trial is about: a person says which is treated.
fn other_primary(context: &Context, any_of: &[Doid], asked: &str) -> Option<Verdict> {
    let is_it =
        |tumour: &&Tumour| any_of.iter().any(|doid| context.knowledge.diseases.is_a(&tumour.doid, doid));
    let other = context.case.other_tumours.iter().find(is_it)?;
    let what = format!("{asked}: another primary of the patient is {}", other.name);
    Some(Verdict::not_tested(NotTested::Uncertain, what, vec![other.condition.clone()]))
}

/// Tissue or cells were looked at: a coded histology, or a result on tissue.
fn histology(context: &Context) -> Verdict {
    let case = context.case;
    let of_tumour = case.tumour.as_ref().map(|tumour| tumour.condition.as_str());
    let conditions = case.facts.conditions.iter().filter(|c| Some(c.meta.id.as_str()) == of_tumour);
    let coded = conditions.filter(|c| !c.histology.is_empty()).map(|c| c.meta.id.clone());
    let tissue = case.facts.specimens.iter().filter(|s| !s.plasma && !s.blood && s.kind.is_some());
    let facts: Vec<String> = coded.chain(tissue.map(|specimen| specimen.meta.id.clone())).collect();
    match facts.is_empty() {
        false => Verdict::met("histological or cytological proof: recorded", facts),
        true => Verdict::not_tested(
            NotTested::NeverDone,
            "histological or cytological proof: not recorded",
            vec![],
        ),
    }
}

fn no_tumour(asked: &str) -> Verdict {
    Verdict::not_tested(NotTested::NeverDone, format!("{asked}: the patient's tumour is unknown"), vec![])
}

/// The group now, or the newest statement on a scale named.
pub(super) fn stage(context: &Context, groups: &[String], scale: Option<&str>) -> Verdict {
    let asked = match scale {
        Some(scale) => format!("stage {} by {scale}", groups.join(" or ")),
        None => format!("stage {}", groups.join(" or ")),
    };
    let Some(tumour) = &context.case.tumour else { return no_tumour(&asked) };
    if let Some(scale) = scale {
        if !scale_fits(scale, &tumour.doid, context.knowledge) {
            return Verdict::not_computable(format!("{asked}: no scale of this tumour"), vec![]);
        }
        let on_scale = |stage: &Stage| matches!(&stage.scale, StageScale::Other(name) if name.eq_ignore_ascii_case(scale));
        return newest(context, &asked, on_scale, |value| any_group(value, groups));
    }
    if let Some(conflict) = context.case.conflicts.iter().find(|conflict| conflict.about == "stage group") {
        let sides: Vec<&str> = conflict.sides.iter().map(|(side, _)| side.as_str()).collect();
        let truths: Vec<Truth> = sides.iter().map(|side| any_group(side, groups)).collect();
        if truths.iter().any(|truth| *truth != truths[0]) {
            let facts = vec![tumour.condition.clone()];
            return Verdict::conflicting(format!("{asked}: recorded as {}", sides.join(" and ")), facts);
        }
    }
    let facts = vec![tumour.condition.clone()];
    let Some(group) = &tumour.stage else {
        return Verdict::not_tested(NotTested::NeverDone, format!("{asked}: no stage group recorded"), facts);
    };
    let spread_since =
        tumour.extent == Extent::Metastatic && any_group(group, &["IV".into()]) == Truth::False;
    if spread_since {
        let what = format!("{asked}: recorded {group}, and metastatic disease");
        return Verdict::not_tested(NotTested::Uncertain, what, facts);
    }
    decided(any_group(group, groups), format!("{asked}: recorded {group}"), facts)
}

fn decided(truth: Truth, what: String, facts: Vec<String>) -> Verdict {
    match truth {
        Truth::True => Verdict::met(what, facts),
        Truth::False => Verdict::not_met(what, facts),
        Truth::Open => Verdict::not_tested(NotTested::Uncertain, what, facts),
    }
}

fn any_group(value: &str, groups: &[String]) -> Truth {
    Truth::any(groups.iter().map(|group| is_group(value, group)))
}

/// `IIIB` is in `III`; `III` may be `IIIB`.
fn is_group(value: &str, asked: &str) -> Truth {
    let (value, asked) = (bare_group(value), bare_group(asked));
    match (roman(&value), roman(&asked)) {
        _ if value == asked => Truth::True,
        (Some((found, _)), Some((wanted, _))) if found != wanted => Truth::False,
        (Some((_, found)), Some((_, wanted))) if found.starts_with(wanted) => Truth::True,
        (Some((_, found)), Some((_, wanted))) if wanted.starts_with(found) => Truth::Open,
        (Some(_), Some(_)) => Truth::False,
        (None, _) | (_, None) => Truth::Open,
    }
}

fn bare_group(text: &str) -> String {
    let text = text.trim().to_uppercase();
    text.strip_prefix("STAGE").unwrap_or(&text).split_whitespace().collect()
}

/// The group's number and what follows it.
fn roman(group: &str) -> Option<(u32, &str)> {
    let numerals =
        [("IV", 4), ("III", 3), ("II", 2), ("I", 1), ("0", 0), ("4", 4), ("3", 3), ("2", 2), ("1", 1)];
    let (numeral, number) = numerals.iter().find(|(numeral, _)| group.starts_with(numeral))?;
    Some((*number, &group[numeral.len()..]))
}

/// The newest statements of a kind; those of one day must agree.
fn newest(
    context: &Context,
    asked: &str,
    is_kind: impl Fn(&Stage) -> bool,
    holds: impl Fn(&str) -> Truth,
) -> Verdict {
    let tumour = context.case.tumour.as_ref().map(|tumour| tumour.condition.as_str());
    let about = |stage: &&Stage| {
        is_kind(stage) && stage.condition.as_deref().is_none_or(|condition| Some(condition) == tumour)
    };
    let stated: Vec<&Stage> = context.case.facts.stages.iter().filter(about).collect();
    let last = stated.iter().map(|stage| &stage.meta.when).max();
    let stated: Vec<&Stage> = stated.iter().filter(|stage| Some(&stage.meta.when) == last).copied().collect();
    let facts: Vec<String> = stated.iter().map(|stage| stage.meta.id.clone()).collect();
    let Some(first) = stated.first() else {
        return Verdict::not_tested(NotTested::NeverDone, format!("{asked}: not recorded"), vec![]);
    };
    let found: Vec<&str> = stated.iter().map(|stage| stage.value.as_str()).collect();
    let found = format!("{asked}: recorded {}", found.join(" and "));
    let truth = holds(&first.value);
    match stated.iter().all(|stage| holds(&stage.value) == truth) {
        true => decided(truth, found, facts),
        false => Verdict::conflicting(found, facts),
    }
}

/// T, N, M, grade and the like.
pub(super) fn category(context: &Context, of: &str, any_of: &[String]) -> Verdict {
    let asked = format!("{of} {}", any_of.join(" or "));
    let scale = match of.to_lowercase().as_str() {
        "t" => StageScale::T,
        "n" => StageScale::N,
        "m" => StageScale::M,
        "grade" => StageScale::Grade,
        _ => StageScale::Other(of.to_owned()),
    };
    let same = |stage: &Stage| match (&stage.scale, &scale) {
        (StageScale::Other(found), StageScale::Other(wanted)) => found.eq_ignore_ascii_case(wanted),
        (found, wanted) => found == wanted,
    };
    newest(context, &asked, same, |value| {
        Truth::any(any_of.iter().map(|wanted| is_category(of, value, wanted)))
    })
}

/// `cT1b` is in `1`; `1` may be `1b`; `10` is not in `1`.
fn is_category(of: &str, value: &str, wanted: &str) -> Truth {
    let (value, wanted) = (bare_category(of, value), bare_category(of, wanted));
    let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let within = |narrow: &str, wide: &str| narrow.strip_prefix(wide).is_some_and(|rest| !digit(rest));
    match () {
        () if wanted.is_empty() || value.is_empty() => Truth::Open,
        () if within(&value, &wanted) => Truth::True,
        () if within(&wanted, &value) => Truth::Open,
        () if digit(&value) == digit(&wanted) => Truth::False,
        () => Truth::Open,
    }
}

fn bare_category(of: &str, text: &str) -> String {
    let text: String = text.to_lowercase().split_whitespace().collect();
    let of = of.to_lowercase();
    let without_basis = text.trim_start_matches(['c', 'p', 'y', 'r']);
    let bare = [text.strip_prefix(&of), without_basis.strip_prefix(&of), text.strip_prefix('g')];
    bare.into_iter().flatten().next().unwrap_or(&text).to_owned()
}

pub(super) fn extents(context: &Context, any_of: &[DiseaseExtent]) -> Verdict {
    Verdict::any(any_of.iter().map(|extent| one_extent(context, *extent)))
}

fn one_extent(context: &Context, wanted: DiseaseExtent) -> Verdict {
    let asked = wanted.word();
    let Some(tumour) = &context.case.tumour else { return no_tumour(asked) };
    let facts = vec![tumour.condition.clone()];
    let found = format!("{asked}: recorded as {}", extent_word(tumour.extent));
    let unknown =
        || Verdict::not_tested(NotTested::NeverDone, format!("{asked}: extent not known"), facts.clone());
    let is = |extent: Extent| {
        let truth = if tumour.extent == extent { Truth::True } else { Truth::False };
        if tumour.extent == Extent::Unknown {
            unknown()
        } else {
            decided(truth, found.clone(), facts.clone())
        }
    };
    match wanted {
        DiseaseExtent::Localised => is(Extent::Localised),
        DiseaseExtent::LocallyAdvanced => is(Extent::LocallyAdvanced),
        DiseaseExtent::Metastatic => is(Extent::Metastatic),
        DiseaseExtent::Remission => is(Extent::Remission),
        DiseaseExtent::Unresectable if tumour.extent == Extent::Remission => Verdict::not_met(found, facts),
        DiseaseExtent::Unresectable => {
            Verdict::leaf(Truth::Open, Why::NeedsJudgement, "unresectable: a surgeon's call", facts)
        }
        DiseaseExtent::Recurrent => recurrent(context, tumour),
        DiseaseExtent::Refractory => refractory(context),
        DiseaseExtent::Untreated => untreated(context),
    }
}

fn extent_word(extent: Extent) -> &'static str {
    match extent {
        Extent::Localised => "localised",
        Extent::LocallyAdvanced => "locally advanced",
        Extent::Metastatic => "metastatic",
        Extent::Remission => "in remission",
        Extent::Unknown => "unknown",
    }
}

/// Coded as recurrence or relapse, or progression stated after a curative operation or a complete response.
fn recurrent(context: &Context, tumour: &Tumour) -> Verdict {
    let facts = &context.case.facts;
    let coded = facts
        .conditions
        .iter()
        .filter(|condition| condition.meta.id == tumour.condition)
        .find(|condition| matches!(condition.clinical_status.as_deref(), Some("recurrence" | "relapse")));
    if let Some(condition) = coded {
        return Verdict::met("recurrent: coded so", vec![condition.meta.id.clone()]);
    }
    let cured = facts.procedures.iter().filter(|p| is_curative(p.intent.as_deref())).map(|p| &p.meta);
    let complete = facts.responses.iter().filter(|r| r.status == Status::Complete).map(|r| &r.meta);
    let free: Vec<_> = cured.chain(complete).collect();
    let after = |when: Option<&PartialDate>| {
        free.iter().find(|meta| match (&meta.when, when) {
            (Some(before), Some(when)) => before.surely_before(when),
            (None, _) | (_, None) => false,
        })
    };
    let progressed = facts.responses.iter().filter(|response| response.status == Status::Progressed);
    let mut came_back =
        progressed.filter_map(|response| Some((response, after(response.meta.when.as_ref())?)));
    match came_back.next() {
        Some((response, before)) => {
            let facts = vec![before.id.clone(), response.meta.id.clone()];
            Verdict::met("recurrent: progression after a cure or complete response", facts)
        }
        None if tumour.extent == Extent::Remission => {
            Verdict::not_met("recurrent: in remission", vec![tumour.condition.clone()])
        }
        None => Verdict::not_tested(NotTested::NeverDone, "recurrent: not stated", vec![]),
    }
}

fn is_curative(intent: Option<&str>) -> bool {
    intent.is_some_and(|intent| intent.to_lowercase().contains("curative"))
}

/// The last line ended by progression. What is not stated is not known.
fn refractory(context: &Context) -> Verdict {
    let last: Option<&Line> = context.case.lines.iter().max_by_key(|line| line.start.clone());
    match last {
        Some(line) if line.progression.is_some() => {
            Verdict::met("refractory: progressed on the last line", line.from.clone())
        }
        Some(line) => {
            let what = "refractory: progression on the last line is not stated";
            Verdict::not_tested(NotTested::NeverDone, what, line.from.clone())
        }
        None => Verdict::not_tested(NotTested::NeverDone, "refractory: no line of therapy recorded", vec![]),
    }
}

fn untreated(context: &Context) -> Verdict {
    let case = context.case;
    let lines: Vec<String> = case.lines.iter().flat_map(|line| line.from.clone()).collect();
    let local = case.facts.radiotherapies.iter().map(|course| course.meta.id.clone());
    let operated = case.facts.procedures.iter().filter(|p| is_curative(p.intent.as_deref()));
    let treated: Vec<String> =
        lines.into_iter().chain(local).chain(operated.map(|p| p.meta.id.clone())).collect();
    match () {
        () if !treated.is_empty() => Verdict::not_met("untreated: treatment is recorded", treated),
        () if !case.history_gaps.is_empty() => Verdict::not_tested(
            NotTested::Elsewhere,
            format!("untreated: {}", prior::gap_words(case)),
            vec![],
        ),
        () if history_known(case) && !prior::unmapped_cancer_drug(case) && !ordered(context) => {
            Verdict::met("untreated: none among the drugs recorded", vec![])
        }
        () => Verdict::not_tested(NotTested::NeverDone, "untreated: no record of drugs", vec![]),
    }
}

fn ordered(context: &Context) -> bool {
    crate::exposure_to(context.case, context.knowledge, &PriorTherapy::AnySystemic).may_have_received
}

/// Words a site goes by, matched at the start of a word.
const SITES: &[(&str, &[&str])] = &[
    ("bone", &["bone", "osseous", "skelet", "vertebra"]),
    ("leptomeningeal", &["leptomening", "mening"]),
    ("liver", &["liver", "hepat"]),
    ("lung", &["lung", "pulmon"]),
    ("lymph-node", &["lymph node", "lymph"]),
    ("peritoneum", &["periton", "omentum"]),
    ("pleura", &["pleura"]),
    ("visceral", &["liver", "hepat", "lung", "pulmon", "periton", "pleura", "adrenal", "brain", "cereb"]),
];

pub(super) fn at_site(site: &str, plain_text: &str) -> bool {
    if matches!(site, "brain" | "cns") {
        return brain(plain_text);
    }
    let own = [site];
    let stems = SITES.iter().find(|(name, _)| *name == site).map_or(&own[..], |(_, stems)| stems);
    stems.iter().any(|stem| at_word(plain_text, stem).is_some())
}

pub(super) fn metastasis(context: &Context, site: &str, state: LesionState) -> Verdict {
    let asked = match state {
        LesionState::Any => format!("metastasis ({site})"),
        other => format!("metastasis ({site}) {}", other.word()),
    };
    let present = at_all(context, site, &asked);
    match (present.truth, state) {
        (_, LesionState::Any) | (Truth::False | Truth::Open, _) => present,
        (Truth::True, state) => in_state(context, site, state, &asked, &present),
    }
}

/// Present at all. Only a statement of absence, or disease known to be local, says that there is none.
fn at_all(context: &Context, site: &str, asked: &str) -> Verdict {
    let case = context.case;
    let at = |condition: &&Condition| {
        condition.role == ConditionRole::Metastasis
            && (site == "any"
                || at_site(site, &plain_words(&[&condition.sites[..], &condition.codes[..]].concat())))
    };
    let recorded: Vec<&Condition> = case.facts.conditions.iter().filter(at).collect();
    let mut facts: Vec<String> =
        recorded.iter().filter(|c| c.present != Some(false)).map(|c| c.meta.id.clone()).collect();
    if matches!(site, "brain" | "cns") {
        facts.extend(images::brain_lesions(context));
    }
    if site == "brain" {
        let met = context.meeting("brain-metastases").into_iter();
        facts.extend(
            met.filter(|(standing, _)| *standing == Standing::Active).map(|(_, c)| c.meta.id.clone()),
        );
    }
    let listed = case.tumour.iter().flat_map(|tumour| &tumour.metastases);
    let listed = listed.into_iter().any(|place| site == "any" || at_site(site, &plain(place)));
    facts.sort();
    facts.dedup();
    let absent: Vec<String> =
        recorded.iter().filter(|c| c.present == Some(false)).map(|c| c.meta.id.clone()).collect();
    let extent = case.tumour.as_ref().map_or(Extent::Unknown, |tumour| tumour.extent);
    let tumour: Vec<String> = case.tumour.iter().map(|tumour| tumour.condition.clone()).collect();
    match (facts.is_empty() && !listed, absent.is_empty(), extent) {
        (false, false, _) => {
            Verdict::conflicting(format!("{asked}: stated both ways"), [facts, absent].concat())
        }
        (false, true, _) => Verdict::met(format!("{asked}: recorded"), [facts, tumour].concat()),
        (true, false, _) => Verdict::not_met(format!("{asked}: stated as absent"), absent),
        (true, true, Extent::Metastatic) if site == "any" => {
            Verdict::met(format!("{asked}: recorded"), tumour)
        }
        (true, true, Extent::Localised | Extent::LocallyAdvanced) => {
            Verdict::not_met(format!("{asked}: the disease is recorded as {}", extent_word(extent)), tumour)
        }
        (true, true, _) => context.silent(FactClass::Metastases, asked, false),
    }
}

/// Treated is what a record can show; stability and symptoms are a person's to see.
fn in_state(context: &Context, site: &str, state: LesionState, asked: &str, present: &Verdict) -> Verdict {
    let facts = &context.case.facts;
    let radiated = facts
        .radiotherapies
        .iter()
        .filter(|course| matches!(course.status.as_str(), "completed" | "stopped" | "in-progress" | ""))
        .filter(|course| at_site(site, &plain_words(&course.sites)));
    let treated: Vec<String> = radiated.map(|course| course.meta.id.clone()).collect();
    let found = present.leaves.iter().flat_map(|leaf| leaf.facts.clone()).collect::<Vec<_>>();
    match state {
        LesionState::Untreated if !treated.is_empty() => {
            Verdict::not_met(format!("{asked}: radiotherapy there is recorded"), treated)
        }
        LesionState::Treated if !treated.is_empty() => {
            Verdict::met(format!("{asked}: radiotherapy there is recorded"), [found, treated].concat())
        }
        LesionState::Untreated | LesionState::TreatedStable | LesionState::Treated => {
            let what = format!("{asked}: present; treatment and stability are not recorded");
            Verdict::not_tested(NotTested::NeverDone, what, [found, treated].concat())
        }
        LesionState::Active | LesionState::Symptomatic | LesionState::Stable | LesionState::Any => {
            let what = format!("{asked}: present; activity and symptoms are for a person to judge");
            Verdict::leaf(Truth::Open, Why::NeedsJudgement, what, found)
        }
    }
}

/// What a report says in so many words; in remission there is nothing to measure.
pub(super) fn measurable(context: &Context, evaluable_enough: bool) -> Verdict {
    let asked = if evaluable_enough { "evaluable disease" } else { "measurable disease" };
    let case = context.case;
    if let Some(tumour) = case.tumour.as_ref().filter(|tumour| tumour.extent == Extent::Remission) {
        return Verdict::not_met(format!("{asked}: in remission"), vec![tumour.condition.clone()]);
    }
    let said = case.facts.observations.iter().filter(|o| {
        let words = plain_words(&o.codes);
        at_word(&words, "measurable disease").is_some()
            || evaluable_enough && at_word(&words, "evaluable disease").is_some()
    });
    let last = said.max_by(|a, b| (&a.meta.when, &a.meta.id).cmp(&(&b.meta.when, &b.meta.id)));
    if let Some(measured) = images::measurable(case, evaluable_enough, asked, last) {
        return measured;
    }
    let Some(last) = last else {
        return Verdict::not_tested(NotTested::NeverDone, format!("{asked}: not recorded"), vec![]);
    };
    let value = plain(&last.value);
    let says = |words: &[&str]| words.iter().any(|word| at_word(&value, word).is_some());
    let facts = vec![last.meta.id.clone()];
    match (says(&["no", "absent", "false", "not", "non"]), says(&["yes", "present", "true", "measurable"])) {
        (true, _) => Verdict::not_met(format!("{asked}: stated as none"), facts),
        (false, true) => Verdict::met(format!("{asked}: stated"), facts),
        (false, false) => {
            Verdict::not_tested(NotTested::Uncertain, format!("{asked}: stated unclearly"), facts)
        }
    }
}
