//! What do the plan's types say to a person? Every view takes its words from here, so that they never differ.

use concilium_case::Line;
use concilium_criteria::{Exactness, NotTested, Reason, SettingFit, TumourRelation, Verdict, Why};
use concilium_evidence::{Bearing, EvidenceLevel};
use concilium_recommend::{Cited, EvidenceItem, Plan, PlanOption, SectionReason, StandardEntry};
use concilium_safety::SafetyVerdict;
use concilium_terms::{DrugName, StatementKey, Truth};

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

fn tumour(cited: &Cited) -> String {
    let relation = match cited.tumour.relation {
        TumourRelation::Matches if cited.tumour.distance == 0 => "same tumour".to_owned(),
        TumourRelation::Matches => format!("broader tumour term, {} up", cited.tumour.distance),
        TumourRelation::TissueAgnostic => "tissue-agnostic".to_owned(),
        TumourRelation::PatientBroader => "patient's term is broader".to_owned(),
        TumourRelation::Other => "other tumour".to_owned(),
        TumourRelation::Unknown => "tumour not comparable".to_owned(),
    };
    if cited.tumour.because.is_empty() { relation } else { format!("{relation} ({})", cited.tumour.because) }
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
pub(crate) fn fit(cited: &Cited) -> Vec<String> {
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

/// The worst verdict; without any finding no rule spoke.
pub(crate) fn worst(option: &PlanOption) -> SafetyVerdict {
    option.safety.iter().map(|finding| finding.verdict).min().unwrap_or(SafetyVerdict::NoRule)
}

/// A drug that no rule speaks of stays visible even beside a worse or a clear finding.
pub(crate) fn safety_summary(option: &PlanOption) -> String {
    let verdict = worst(option);
    let (symbol, words) = safety(verdict);
    let mut said = format!("{symbol} {words}");
    let about = about(option, verdict);
    if !about.is_empty() && verdict != SafetyVerdict::NoRule {
        said.push_str(&format!(" ({about})"));
    }
    let unruled = option.safety.iter().filter(|finding| finding.verdict == SafetyVerdict::NoRule);
    let mut unruled: Vec<&str> = unruled.map(|finding| finding.drug.as_str()).collect();
    unruled.dedup();
    if verdict != SafetyVerdict::NoRule && !unruled.is_empty() {
        said.push_str(&format!("; ? no rule for {}", unruled.join(", ")));
    }
    said
}

/// What the findings of one verdict are about: tests and conditions by their key, each once.
fn about(option: &PlanOption, verdict: SafetyVerdict) -> String {
    let names =
        option.safety.iter().filter(|f| f.verdict == verdict).map(|f| concilium_safety::spoken(&f.about));
    let mut named: Vec<&str> =
        names.filter(|name| !name.is_empty() && !name.contains("every patient")).collect();
    named.sort_unstable();
    named.dedup();
    named.join(", ")
}

/// `EID3973 D against; EID87 B: possibly prognostic …`
pub(crate) fn standard_evidence(entry: &StandardEntry) -> String {
    let words = |cited: &Cited| format!("{} {} {}", cited.key, level(cited.level), bearing(cited.bearing));
    entry.evidence.iter().map(words).collect::<Vec<_>>().join(", ")
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
    let ground = reason_ground(reason);
    if ground.is_empty() { reason.text.clone() } else { format!("{} ({ground})", reason.text) }
}

/// What a reason rests on.
pub(crate) fn reason_ground(reason: &SectionReason) -> String {
    let facts = (!reason.facts.is_empty()).then(|| format!("facts {}", reason.facts.join(", ")));
    let statements = (!reason.statements.is_empty()).then(|| keys(&reason.statements));
    let row = reason.row.as_ref().map(|row| format!("row: {}", sourced(row)));
    [facts, statements, row].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// `EID1, EID2`.
pub(crate) fn keys(keys: &[StatementKey]) -> String {
    keys.iter().map(StatementKey::as_str).collect::<Vec<_>>().join(", ")
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

/// `1 option`, `3 options`.
pub(crate) fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}
