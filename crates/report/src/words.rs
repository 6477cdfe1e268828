//! What do the plan's types say to a person? Every view takes its words from here, so that they never differ.

use crate::brief;
use concilium_case::Line;
use concilium_criteria::{Exactness, NotTested, Reason, SettingFit, TumourRelation, Verdict, Why};
use concilium_evidence::{Bearing, EvidenceLevel};
use concilium_recommend::{
    AlterationVerdict, BeatenBy, Cited, EvidenceItem, Meaning, Plan, PlanOption, RunManifest, Section,
    SectionReason, StandardEntry,
};
use concilium_safety::SafetyVerdict;
use concilium_terms::{DrugName, StatementKey, Truth};
use std::collections::BTreeSet;

/// Printed where a field is silent.
pub(crate) const NOT_RECORDED: &str = "not recorded";

/// The text, or "not recorded".
pub(crate) fn or_not_recorded(text: &str) -> &str {
    if text.trim().is_empty() { NOT_RECORDED } else { text }
}

/// Joined, or "not recorded".
pub(crate) fn list_or_not_recorded(items: &[String]) -> String {
    if items.is_empty() { NOT_RECORDED.to_owned() } else { items.join("; ") }
}

/// `A`.
pub(crate) fn level(level: EvidenceLevel) -> &'static str {
    match level {
        EvidenceLevel::A => "A",
        EvidenceLevel::B => "B",
        EvidenceLevel::C => "C",
        EvidenceLevel::D => "D",
        EvidenceLevel::E => "E",
    }
}

pub(crate) fn bearing(bearing: Bearing) -> &'static str {
    match bearing {
        Bearing::For => "for",
        Bearing::Against => "against",
        Bearing::AgainstWeaker => "against, weaker",
        Bearing::Neutral => "neutral: no resistance shown",
        Bearing::SafetyOnly => "safety only",
        Bearing::Context => "context",
    }
}

pub(crate) fn exactness(exactness: Exactness) -> &'static str {
    match exactness {
        Exactness::Exact => "exact",
        Exactness::Codon => "same codon",
        Exactness::Exon => "same exon",
        Exactness::Class => "same gene, class match",
        Exactness::Category => "category match",
    }
}

/// How near the statement's tumour is to the patient's; the steps stand once, under `tumour_steps`.
fn tumour(cited: &Cited) -> String {
    match cited.tumour.relation {
        TumourRelation::Matches if cited.tumour.distance == 0 => "same tumour".to_owned(),
        TumourRelation::Matches => format!("broader tumour term, {} up", cited.tumour.distance),
        TumourRelation::TissueAgnostic => "tissue-agnostic".to_owned(),
        TumourRelation::PatientBroader => "patient's term is broader".to_owned(),
        TumourRelation::Other => "other tumour".to_owned(),
        TumourRelation::Unknown => "tumour not comparable".to_owned(),
    }
}

/// Each comparison of a statement's tumour with the patient's, once: `broader tumour term, 1 up: … is a …`.
pub(crate) fn tumour_steps(plan: &Plan) -> BTreeSet<String> {
    let options = plan.options.iter().flat_map(|one| one.for_.iter().chain(&one.against).chain(&one.notes));
    let standard = plan.standard.entries.iter().flat_map(|entry| &entry.evidence);
    let cited = options.chain(standard).chain(&plan.context);
    let explained = cited.filter(|one| !one.tumour.because.is_empty());
    explained.map(|one| format!("{}: {}", tumour(one), one.tumour.because)).collect()
}

fn setting(fit: &SettingFit) -> String {
    match fit {
        SettingFit::Fits(_) => "setting fits".to_owned(),
        SettingFit::Open(verdict) => format!("setting open: {}", leaves(verdict)),
        SettingFit::NotStated => "setting not stated".to_owned(),
        SettingFit::DoesNotFit(verdict) => format!("setting does not fit: {}", leaves(verdict)),
    }
}

/// Deciding leaves in words.
fn leaves(verdict: &Verdict) -> String {
    verdict.leaves.iter().map(leaf).collect::<Vec<_>>().join("; ")
}

fn leaf(reason: &Reason) -> String {
    let why = match &reason.why {
        Why::Met if reason.truth == Truth::True => "met".to_owned(),
        Why::Met => "found".to_owned(),
        Why::MetUntil { until } if reason.truth == Truth::True => format!("met until {until}"),
        Why::MetUntil { until } => format!("found until {until}"),
        Why::NotMet { until: None } => "not met".to_owned(),
        Why::NotMet { until: Some(day) } => format!("not met, again on {day}"),
        Why::NotTested(how) => not_tested(*how).to_owned(),
        Why::Conflicting => "sources disagree".to_owned(),
        Why::NotComputable => "cannot be computed here".to_owned(),
        Why::NotApplicable => "does not apply".to_owned(),
        Why::NeedsJudgement => "needs judgement".to_owned(),
        Why::NotRecorded => "nothing recorded".to_owned(),
    };
    format!("{} [{why}]", reason.what)
}

fn not_tested(how: NotTested) -> &'static str {
    match how {
        NotTested::NeverDone => "not tested: never done",
        NotTested::Ordered => "not tested: ordered, no result",
        NotTested::Failed => "not tested: failed",
        NotTested::TooOld => "not tested: too old",
        NotTested::NotCovered => "not tested: assay does not cover it",
        NotTested::Uncertain => "uncertain significance",
        NotTested::Doubtful => "doubtful",
        NotTested::Elsewhere => "may stand in other records",
    }
}

/// How well a statement fits this patient: alteration, tumour, setting, doubts, notes, remark. One line of text each.
fn fit(cited: &Cited) -> Vec<String> {
    let molecular = match cited.molecular.verdict.truth {
        Truth::True => format!("alteration: {}", exactness(cited.molecular.exactness)),
        Truth::Open => format!(
            "alteration open ({}): {}",
            exactness(cited.molecular.exactness),
            leaves(&cited.molecular.verdict)
        ),
        Truth::False => format!("alteration not matched: {}", leaves(&cited.molecular.verdict)),
    };
    let mut parts = vec![molecular, tumour(cited), setting(&cited.setting)];
    if cited.tumour.markers.truth != Truth::True {
        parts.push(format!("tumour's markers: {}", leaves(&cited.tumour.markers)));
    }
    parts.extend(cited.molecular.doubts.iter().map(|doubt| format!("doubt: {doubt}")));
    parts.extend(cited.molecular.notes.iter().cloned());
    parts
}

/// The fit with the remark, one line of text each.
pub(crate) fn fit_and_remark(cited: &Cited) -> Vec<String> {
    let mut parts = fit(cited);
    parts.extend(remark_beside(cited, &parts));
    parts.iter().map(|part| brief::without_references(part)).collect()
}

/// Facts an option's reasons rest on, and those its statements' fit names: small print, once per option.
pub(crate) fn facts_of(option: &PlanOption) -> BTreeSet<String> {
    let named: Vec<String> = option.reasons.iter().map(|one| one.text.clone()).collect();
    let cited = option.for_.iter().chain(&option.against);
    let fits: Vec<String> = cited.flat_map(|one| fit(one).into_iter().chain([one.remark.clone()])).collect();
    let notes = option.notes.iter().map(|one| one.remark.clone());
    let texts: Vec<String> = named.into_iter().chain(fits).chain(notes).collect();
    let named = texts.iter().flat_map(|text| brief::references(text)).map(str::to_owned);
    option.reasons.iter().flat_map(|one| one.facts.iter().cloned()).chain(named).collect()
}

/// What holds for every one of two or more statements; it is said once.
pub(crate) fn said_of_all(cited: &[Cited]) -> Vec<String> {
    let mut fits = cited.iter().map(fit_and_remark);
    let (Some(mut common), true) = (fits.next(), 1 < cited.len()) else { return vec![] };
    fits.for_each(|fit| common.retain(|part| fit.contains(part)));
    common
}

/// What is said of one statement alone.
pub(crate) fn said_of_one(cited: &Cited, common: &[String]) -> String {
    let parts = fit_and_remark(cited).into_iter().filter(|part| !common.contains(part));
    parts.collect::<Vec<_>>().join(" · ")
}

/// The remark without what the fit already says: `does not count: line 1` beside `setting does not fit: line 1`.
fn remark_beside(cited: &Cited, fit: &[String]) -> Option<String> {
    let remark = cited.remark.as_str();
    match remark.split_once(": ") {
        Some((verdict, why)) if fit.iter().any(|part| part.contains(why)) => Some(verdict.to_owned()),
        _ => Some(remark.to_owned()).filter(|remark| !remark.is_empty() && remark != "counts"),
    }
}

/// Statements of which the same is said, in order of the first of them.
pub(crate) fn together(cited: &[Cited], said: impl Fn(&Cited) -> String) -> Vec<(String, Vec<&Cited>)> {
    let mut groups: Vec<(String, Vec<&Cited>)> = vec![];
    for one in cited {
        let words = said(one);
        match groups.iter_mut().find(|(known, _)| *known == words) {
            Some((_, some)) => some.push(one),
            None => groups.push((words, vec![one])),
        }
    }
    groups
}

/// `level A · rating 4 · 2023 · flagged`. The age of the evidence is the year itself.
pub(crate) fn strength(cited: &Cited, item: Option<&EvidenceItem>) -> String {
    let rating = cited.rating.map_or_else(|| "not rated".to_owned(), |rating| format!("rating {rating}"));
    let year =
        item.and_then(|item| item.year).map_or_else(|| "year not stated".to_owned(), |year| year.to_string());
    let flagged = item.filter(|item| item.flagged).map(|_| "flagged".to_owned());
    let parts = [Some(format!("level {}", level(cited.level))), Some(rating), Some(year), flagged];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The statement's regimen, when it is not the option's own.
pub(crate) fn other_regimen(cited: &Cited, option: &PlanOption) -> Option<String> {
    cited
        .regimen
        .as_ref()
        .filter(|regimen| **regimen != option.regimen)
        .map(concilium_evidence::Regimen::label)
}

/// Symbol and words; the symbol alone never carries the meaning.
pub(crate) fn safety(verdict: SafetyVerdict) -> (&'static str, &'static str) {
    match verdict {
        SafetyVerdict::Contraindicated => ("✕", "contraindicated"),
        SafetyVerdict::Avoid => ("▲", "avoid"),
        SafetyVerdict::ModifyDose => ("◆", "modify dose"),
        SafetyVerdict::TestFirst => ("◇", "test required first"),
        SafetyVerdict::Monitor => ("○", "monitor"),
        SafetyVerdict::CheckedClear => ("✓", "checked clear"),
        SafetyVerdict::NoRule => ("?", "no rule for this drug"),
    }
}

/// Remarks that take a statement's bearing away.
const DISCOUNTED: [&str; 2] = ["possibly prognostic", "not predictive"];

/// `EID3973 D against; EID87 B: possibly prognostic …`
pub(crate) fn standard_evidence(entry: &StandardEntry) -> String {
    let words = |cited: &Cited| {
        let said = DISCOUNTED.iter().find(|word| cited.remark.contains(**word)).copied();
        format!("{} {} {}", cited.key, level(cited.level), said.unwrap_or_else(|| bearing(cited.bearing)))
    };
    let said = entry.evidence.iter().map(words).chain(entry.beaten_by.iter().map(beaten));
    said.collect::<Vec<_>>().join(", ")
}

/// `beaten by dabrafenib + trametinib in EID6938, EID93`.
pub(crate) fn beaten(one: &BeatenBy) -> String {
    let only = if one.only_shown.is_some() { " (orders nothing)" } else { "" };
    format!("beaten by {} in {}{only}", one.by, keys(&one.statements))
}

/// The same with what the comparison found, and why it orders nothing where it does not.
pub(crate) fn beaten_how(one: &BeatenBy) -> String {
    let named = format!("beaten by {} in {}", one.by, keys(&one.statements));
    let effect = Some(one.effect.clone()).filter(|effect| !effect.is_empty());
    let only = one.only_shown.as_ref().map(|why| format!("orders nothing: {why}"));
    let how: Vec<String> = effect.into_iter().chain(only).collect();
    if how.is_empty() { named } else { format!("{named}: {}", how.join("; ")) }
}

/// Why it does not stand where its keys would put it.
pub(crate) fn moved(option: &PlanOption) -> Option<&str> {
    let because = option.score.because.as_str();
    (!because.is_empty() && because != concilium_recommend::KEY_BY_KEY).then_some(because)
}

/// Setting and line of a standard row, and its place in time beside molecular options.
pub(crate) fn standard_setting(entry: &StandardEntry) -> String {
    let parts = [entry.setting.as_str(), entry.sequence.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// `1 =` when another option of the section shares the rank.
pub(crate) fn rank(option: &PlanOption, plan: &Plan) -> String {
    let same = |other: &&PlanOption| other.section == option.section && other.rank == option.rank;
    let tie = if 1 < plan.options.iter().filter(same).count() { " =" } else { "" };
    format!("{}{tie}", option.rank)
}

/// Reason with what it rests on: `text (facts a, b; EID1; row: …, unreviewed)`.
pub(crate) fn reason(reason: &SectionReason) -> String {
    let facts = (!reason.facts.is_empty()).then(|| format!("facts {}", reason.facts.join(", ")));
    grounded(&reason.text, facts.into_iter().chain(ground(reason)))
}

/// The same without references to facts, which stand once at the foot of an option.
pub(crate) fn short_reason(reason: &SectionReason) -> String {
    grounded(&brief::without_references(&reason.text), ground(reason))
}

fn grounded(text: &str, ground: impl Iterator<Item = String>) -> String {
    let ground: Vec<String> = ground.collect();
    if ground.is_empty() { text.to_owned() } else { format!("{text} ({})", ground.join("; ")) }
}

/// Statements and row a reason rests on.
fn ground(reason: &SectionReason) -> impl Iterator<Item = String> {
    let statements = (!reason.statements.is_empty()).then(|| keys(&reason.statements));
    let row = reason.row.as_ref().map(|row| format!("row: {}", sourced(row)));
    [statements, row].into_iter().flatten()
}

/// `EID1, EID2`.
pub(crate) fn keys(keys: &[StatementKey]) -> String {
    keys.iter().map(StatementKey::as_str).collect::<Vec<_>>().join(", ")
}

/// Keys that no text of `said` names yet.
pub(crate) fn not_yet_named(keys: &[StatementKey], said: &[String]) -> Vec<StatementKey> {
    let named = |key: &StatementKey| {
        said.iter().any(|text| {
            let ends = text.match_indices(key.as_str()).map(|(at, _)| &text[at + key.as_str().len()..]);
            // EID12 is not named by EID123.
            ends.into_iter().any(|rest| !rest.starts_with(|letter: char| letter.is_ascii_digit()))
        })
    };
    keys.iter().filter(|key| !named(key)).cloned().collect()
}

/// Alterations of one label with one verdict, in order of the first of them.
pub(crate) fn readings(all: &[AlterationVerdict]) -> Vec<Vec<&AlterationVerdict>> {
    let same = |a: &AlterationVerdict, b: &AlterationVerdict| {
        (&a.label, &a.verdict, a.exactness, &a.supports, &a.against, &a.context)
            == (&b.label, &b.verdict, b.exactness, &b.supports, &b.against, &b.context)
    };
    let mut groups: Vec<Vec<&AlterationVerdict>> = vec![];
    for one in all {
        match groups.iter_mut().find(|some| same(some[0], one)) {
            Some(some) => some.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

/// A test by the name a clinician writes: `body-height` → `body height`.
pub(crate) fn measured(name: &str) -> String {
    let spoken = concilium_safety::spoken(name);
    if spoken == name { name.replace('-', " ") } else { spoken.to_owned() }
}

/// Fields of an option with the words for their silence; always all of them.
pub(crate) fn particulars(option: &PlanOption) -> [(&'static str, &[String], &'static str); 7] {
    [
        ("Studied population, this patient", &option.population, "no curated setting"),
        ("Ask first", &option.needs, "no standard row it is built upon asks for more"),
        ("Approval", &option.approval, "approval not in our table, check the label"),
        ("Effect size", &option.effects, "no effect size curated"),
        ("Exposure so far", &option.exposure, "no exposure recorded"),
        ("Would have to stop or be looked at", &option.would_stop, "no running drug to stop or look at"),
        ("Assertions", &option.assertions, "no assertion in this release"),
    ]
}

/// What names the run, without its inputs.
pub(crate) fn manifest(m: &RunManifest) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("Run", m.run.clone()),
        ("Plan of", brief::instant(&m.as_of)),
        ("Program", m.program.clone()),
        ("Code", m.code.clone()),
        ("Knowledge", m.knowledge.clone()),
        ("Knowledge hash", m.knowledge_hash.clone()),
        ("Knowledge of", m.knowledge_date.clone()),
        ("Settings", m.settings.clone()),
    ];
    rows.extend(m.meaning.iter().map(|meaning| ("Passages by", by_models(meaning))));
    rows
}

/// Models that had a part in finding passages, in a line.
fn by_models(m: &Meaning) -> String {
    let mut parts = vec![];
    if !m.model.is_empty() {
        parts.push(format!("{} ({}), store {}, {}", m.model, short(&m.model_sha256), m.store, m.fusion));
    }
    if !m.reranker.is_empty() {
        parts.push(format!("read again by {} ({})", m.reranker, short(&m.reranker_sha256)));
    }
    parts.join("; ")
}

/// Source with its review state.
pub(crate) fn sourced(row: &concilium_knowledge::Sourced) -> String {
    let state = if row.checked { "checked" } else { "unreviewed" };
    let source = if row.source.is_empty() { "source not stated" } else { &row.source };
    format!("{source} [{state}]")
}

/// First letters of a hash, enough to compare two sheets by eye.
pub(crate) fn short(hash: &str) -> String {
    if hash.is_empty() { NOT_RECORDED.to_owned() } else { hash.chars().take(12).collect() }
}

/// `PMID 123` → `123`.
pub(crate) fn pmid(citation: &str) -> Option<&str> {
    let digits = citation.strip_prefix("PMID ")?;
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// Number, intent, drugs, span, end and rules of a line of therapy.
pub(crate) struct LineWords {
    pub(crate) number: String,
    pub(crate) drugs: String,
    pub(crate) span: String,
    pub(crate) outcome: String,
    pub(crate) because: String,
}

pub(crate) fn line(line: &Line) -> LineWords {
    let (first, last) = line.number;
    let number = if first == last { first.to_string() } else { format!("{first}–{last}") };
    let day = |date: &Option<concilium_terms::PartialDate>, none: &str| {
        date.as_ref().map_or_else(|| none.to_owned(), |date| date.day_text().to_owned())
    };
    let end = if line.ongoing { "ongoing".to_owned() } else { day(&line.end, "end not recorded") };
    let progression = line.progression.as_ref().map(|date| format!("progression stated {}", date.day_text()));
    let intolerant =
        (!line.intolerant.is_empty()).then(|| format!("not tolerated: {}", drugs(&line.intolerant, ", ")));
    let outcome: Vec<String> = [progression, intolerant].into_iter().flatten().collect();
    LineWords {
        number: format!("{:?} {number}", line.intent).to_lowercase(),
        drugs: drugs(&line.drugs, " + "),
        span: format!("{} to {end}", day(&line.start, "start not recorded")),
        outcome: if outcome.is_empty() { NOT_RECORDED.to_owned() } else { outcome.join("; ") },
        because: line.because.join("; "),
    }
}

pub(crate) fn drugs(drugs: &[DrugName], joint: &str) -> String {
    drugs.iter().map(DrugName::as_str).collect::<Vec<_>>().join(joint)
}

/// Options of a section in plan order.
pub(crate) fn of_section(plan: &Plan, section: concilium_recommend::Section) -> Vec<(usize, &PlanOption)> {
    plan.options.iter().enumerate().filter(|(_, option)| option.section == section).collect()
}

/// Why a section to discuss is empty, in a clause behind "no option"; nothing for the others.
pub(crate) fn why_none(plan: &Plan, section: Section) -> String {
    if section != Section::ToDiscuss {
        return String::new();
    }
    let waiting = of_section(plan, Section::Conditional).len();
    let unfit =
        of_section(plan, Section::NotApplicableNow).len() + of_section(plan, Section::RefusedBySafety).len();
    let why = match () {
        () if plan.no_systemic_ranking.is_some() => "no systemic therapy is ranked, see the alerts",
        () if plan.abstains.is_some() => "this plan abstains, see the alerts",
        () if 0 < waiting => "what evidence supports waits for a fact, see 2",
        () if 0 < unfit => "what evidence names does not apply now or is refused, see 3 and 4",
        () => "no statement of this release supports a therapy by the findings on record",
    };
    format!(": {why}")
}

/// `1 option`, `3 options`.
pub(crate) fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}
