//! What does a plan hold? Every line names the facts and statements it rests on.

use crate::literature::OptionPassages;
use crate::trials::PlanTrials;
use concilium_case::{Conflict, ImagingFinding, Issue, LabOpinion, Line, Retracted, Source};
use concilium_criteria::{Exactness, MolecularMatch, SettingFit, TumourMatch};
use concilium_evidence::{Bearing, EvidenceLevel, Regimen, StatementType, VariantOrigin};
use concilium_knowledge::Sourced;
use concilium_safety::SafetyFinding;
use concilium_terms::{DrugName, StatementKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A therapy plan as of an instant: decision support for clinicians; people decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Who and what was made from what.
    pub manifest: RunManifest,
    /// The patient line of the sheet.
    pub patient: PatientLine,
    /// Set when the plan abstains: the missing input by name, e.g. `tumour type`.
    pub abstains: Option<String>,
    /// Set when no systemic ranking is given: a curative path untreated, remission, unfit.
    pub no_systemic_ranking: Option<String>,
    /// Set when no fact of the records is recent: the age of the newest one, and what that asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outdated: Option<String>,
    /// "Standard options this knowledge does not rank".
    pub standard: StandardBox,
    /// Dangers in what is taken now, whatever is chosen: a current drug beside a recorded condition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<String>,
    /// What the record asks: therapies ordered or proposed, each with the answer of this plan.
    pub asked: Vec<String>,
    /// Options, sections never interleaved, in order.
    pub options: Vec<PlanOption>,
    /// Every alteration of the case with its verdict.
    pub alterations: Vec<AlterationVerdict>,
    /// Genes studied in which no variant was reported, one line a test.
    pub negatives: Vec<String>,
    /// Untested facts that would change the plan, ordered by what they unlock.
    pub next_facts: Vec<NextFact>,
    /// Prognostic, diagnostic and predisposing statements that match; never options.
    pub context: Vec<Cited>,
    /// Conflicting facts, both sides.
    pub conflicts: Vec<Conflict>,
    /// What the lab itself concluded; the lab's opinion.
    pub lab_opinions: Vec<LabOpinion>,
    /// Germline findings that ask for a genetics referral.
    pub germline_flags: Vec<String>,
    /// What was read with trouble or not at all.
    pub issues: Vec<Issue>,
    /// Facts in the records that are not used, and why.
    pub retracted: Vec<Retracted>,
    /// What this plan does not cover, in words: effect sizes, dose, approval outside the rows …
    pub not_covered: Vec<String>,
    /// All statements cited anywhere, by key.
    pub evidence: BTreeMap<StatementKey, EvidenceItem>,
    /// Unreviewed rows the plan rests on.
    pub unreviewed: Vec<String>,
    /// Passages beside each option, by its id; filled after ranking, moving nothing.
    #[serde(default)]
    pub literature: BTreeMap<String, OptionPassages>,
    /// Findings in images, for the page; their pictures stand in the case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imaging: Vec<ImagingFinding>,
    /// Which texts were asked, or that none is loaded.
    #[serde(default)]
    pub literature_notes: Vec<String>,
    /// Trials of the site against this patient; filled after ranking, moving nothing.
    #[serde(default)]
    pub trials: PlanTrials,
}

/// What names a run (`replayable`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunManifest {
    /// `concilium 0.1.0`
    pub program: String,
    /// sha256 of the program's sources, taken at build.
    pub code: String,
    /// Knowledge release name.
    pub knowledge: String,
    /// Knowledge release hash.
    pub knowledge_hash: String,
    /// Knowledge as of.
    pub knowledge_date: String,
    /// The instant planned for.
    pub as_of: String,
    /// Input file name → sha256, sorted.
    pub inputs: BTreeMap<String, String>,
    /// sha256 of the settings that were in force.
    pub settings: String,
    /// Corpora whose passages stand in the plan, with the hash of what was indexed of each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub corpora: BTreeMap<String, String>,
    /// sha256 over the site's trials; none where it holds none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trials: Option<String>,
    /// Models that had a part in finding passages; none where words alone did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<Meaning>,
    /// sha256 over the above: the run's id.
    pub run: String,
}

/// Models and vectors that had a part in finding the plan's passages. Their answers may differ by a hair from machine to
/// machine, and a graph of neighbours from build to build: a replay takes the passages from the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Meaning {
    /// Model of the vectors; empty: none.
    pub model: String,
    /// sha256 over its files.
    pub model_sha256: String,
    /// Kind of store they lay in: `exact`, `edge`, `server`.
    pub store: String,
    /// How words and vectors were joined.
    pub fusion: String,
    /// Cross-encoder; empty: none.
    pub reranker: String,
    /// sha256 over its files.
    pub reranker_sha256: String,
    /// sha256 over the passages that were found.
    pub passages: String,
}

/// The patient line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PatientLine {
    /// Name as recorded.
    pub name: String,
    /// Two identifiers for the footer.
    pub identifiers: Vec<String>,
    /// ISO birth date as recorded.
    pub birth_date: String,
    /// Age in words.
    pub age: String,
    /// Sex.
    pub sex: String,
    /// Tumour name, with the steps of its resolution.
    pub tumour: String,
    /// Steps of the resolution.
    pub tumour_steps: Vec<String>,
    /// DOID.
    pub doid: String,
    /// Stage now, with all sides if they conflict.
    pub stage: String,
    /// Metastatic sites; for solid tumours outside the CNS it says so where nothing is on record of it.
    pub sites: Vec<String>,
    /// The newest statement of response or progression as recorded, with its date.
    pub status: String,
    /// Performance status with date.
    pub performance: String,
    /// Intent and next line in words: `palliative, line 3 next (derived)`.
    pub line: String,
    /// Derived lines.
    pub lines: Vec<Line>,
    /// Organ function and blood counts with dates and sources, newest first.
    pub organ_function: Vec<Measured>,
    /// Current drugs.
    pub current_drugs: Vec<String>,
    /// Allergies and drugs not tolerated, in words; "not recorded" when silent.
    pub allergies: String,
    /// Comorbidities, and cancers in the past, in words.
    pub comorbidities: Vec<String>,
    /// Family history: relative, condition, age.
    pub family_history: Vec<String>,
    /// Operations, biopsies and radiotherapy, done and requested, with their day.
    pub procedures: Vec<String>,
    /// Results in words that nothing else types, quoted as written.
    pub findings: Vec<String>,
    /// Where these were read.
    pub sources: Vec<Source>,
}

/// One measured value for the sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// Name.
    pub name: String,
    /// Value with unit.
    pub value: String,
    /// Date, or "date not stated".
    pub date: String,
    /// Fact id.
    pub fact: String,
}

/// Sections, in order, never interleaved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    /// (1)
    ToDiscuss,
    /// (2)
    Conditional,
    /// (3)
    NotApplicableNow,
    /// (4)
    RefusedBySafety,
}

impl Section {
    /// 1–4.
    pub fn number(self) -> u8 {
        match self {
            Section::ToDiscuss => 1,
            Section::Conditional => 2,
            Section::NotApplicableNow => 3,
            Section::RefusedBySafety => 4,
        }
    }
    /// Heading for people.
    pub fn title(self) -> &'static str {
        match self {
            Section::ToDiscuss => "To discuss",
            Section::Conditional => "Conditional on a named fact",
            Section::NotApplicableNow => "Not applicable now",
            Section::RefusedBySafety => "Refused by safety",
        }
    }
}

/// One option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanOption {
    /// Stable id: `dabrafenib+trametinib`.
    pub id: String,
    /// What would be given.
    pub regimen: Regimen,
    /// For people: the regimen, and what it was studied with when its statements name only a part of it.
    pub name: String,
    /// Section.
    pub section: Section,
    /// Why it is in this section; never empty.
    pub reasons: Vec<SectionReason>,
    /// Rank of its group inside the section, 1-based; equal ranks are a tie.
    pub rank: u32,
    /// Why it stands where it stands: one line a key, in order.
    pub score: Score,
    /// Counting statements for.
    pub for_: Vec<Cited>,
    /// Counting statements against.
    pub against: Vec<Cited>,
    /// Regimens that did better in a comparison with it; they stand in the "against" beside the statements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beaten_by: Vec<BeatenBy>,
    /// Listed and not counted: neutral, component notes, other tumours, setting does not fit, prognostic-like.
    pub notes: Vec<Cited>,
    /// Safety findings, worst first.
    pub safety: Vec<SafetyFinding>,
    /// Facts to obtain before it is decided that the records do not hold: of the standard rows it is built upon.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// Approval rows, with whether this patient carries what they are for; or that the table has none.
    pub approval: Vec<String>,
    /// Studied population against this patient, one line a statement with a curated setting.
    pub population: Vec<String>,
    /// Curated effect sizes.
    pub effects: Vec<String>,
    /// Running drugs that are not part of it and would have to be looked at.
    pub would_stop: Vec<String>,
    /// Exposure in words: what of it the patient has had, and how it ended.
    pub exposure: Vec<String>,
    /// Why it is a candidate.
    pub origin: Vec<String>,
    /// CIViC assertions with their AMP category.
    pub assertions: Vec<String>,
}

/// A comparison inside statements that count for this patient, in which a regimen did worse than another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BeatenBy {
    /// The regimen that did better, by name.
    pub by: String,
    /// Statements of level A or B that hold the comparison, strongest first.
    pub statements: Vec<StatementKey>,
    /// What the strongest of them says of the difference; empty where no row was curated.
    pub effect: String,
    /// Why it orders nothing; without it the beaten regimen stands below, within a section.
    pub only_shown: Option<String>,
}

/// One reason with the facts and statements behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SectionReason {
    /// In words, short.
    pub text: String,
    /// Facts it rests on.
    pub facts: Vec<String>,
    /// Statements it rests on.
    pub statements: Vec<StatementKey>,
    /// Curated row it rests on, when any, with its review state.
    pub row: Option<Sourced>,
}

/// A key of the order with its parts; the number and its words are one value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// What is compared.
    pub name: String,
    /// Sort value: smaller stands higher.
    pub value: i64,
    /// In words.
    pub because: String,
    /// Parts.
    pub parts: Vec<Score>,
}

/// A cited statement as it bears on this patient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cited {
    /// Key.
    pub key: StatementKey,
    /// What it means for the option.
    pub bearing: Bearing,
    /// Level.
    pub level: EvidenceLevel,
    /// Rating.
    pub rating: Option<u8>,
    /// Regimen it tested.
    pub regimen: Option<Regimen>,
    /// Does it move this option, for or against? What does not is shown with its remark.
    pub counts: bool,
    /// Which of the patient's facts satisfy the profile, and how exactly.
    pub molecular: MolecularMatch,
    /// Tumour relation.
    pub tumour: TumourMatch,
    /// Setting.
    pub setting: SettingFit,
    /// Why it counts or does not, in words; never empty for notes.
    pub remark: String,
}

/// A statement's facts for the evidence list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceItem {
    /// Key.
    pub key: StatementKey,
    /// Layer.
    pub layer: String,
    /// Profile name.
    pub profile: String,
    /// Disease name as the source has it.
    pub disease: String,
    /// Therapies.
    pub therapies: String,
    /// Type.
    pub kind: StatementType,
    /// `Supports Sensitivity/Response` in the source's words.
    pub claim: String,
    /// Level.
    pub level: EvidenceLevel,
    /// Rating.
    pub rating: Option<u8>,
    /// Origin.
    pub origin: VariantOrigin,
    /// Flagged.
    pub flagged: bool,
    /// `PMID 24265153`, `ASCO 103114`.
    pub citation: String,
    /// Year.
    pub year: Option<u16>,
    /// Trials named by the source.
    pub trials: Vec<String>,
    /// Last curated.
    pub reviewed: String,
}

/// The standard-of-care box.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StandardBox {
    /// Entries that apply.
    pub entries: Vec<StandardEntry>,
    /// Said when there is none: `standard of care not modelled for …`.
    pub note: String,
}

/// One standard option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StandardEntry {
    /// What a clinician calls it.
    pub option: String,
    /// Kind.
    pub kind: String,
    /// Setting and line it is for.
    pub setting: String,
    /// Conditions of the row with their verdict here: `MSI high: not tested`.
    pub conditions: Vec<String>,
    /// Facts to obtain first that the record does not hold.
    pub needs: String,
    /// Facts the row asks for that the record holds, with value and date.
    pub have: Vec<String>,
    /// Where it stands in time beside molecular options, in words; empty where the row does not say.
    pub sequence: String,
    /// Already given, and how it ended.
    pub exposure: Vec<String>,
    /// Safety findings of its components.
    pub safety: Vec<SafetyFinding>,
    /// What this release says of the same drugs, for and against. Shown; it does not move a standard row.
    pub evidence: Vec<Cited>,
    /// Options that did better in a comparison with these very drugs. Shown; it does not move a standard row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beaten_by: Vec<BeatenBy>,
    /// Source and review.
    pub sourced: Sourced,
}

/// One alteration with its verdict (`conserved`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlterationVerdict {
    /// Fact id.
    pub id: String,
    /// For people.
    pub label: String,
    /// Presence, origin, fraction, specimen, date, assay in words.
    pub detail: String,
    /// The same in the few words of the front.
    #[serde(default)]
    pub short: ShortResult,
    /// Verdict in words.
    pub verdict: String,
    /// Best exactness of a matched predictive profile.
    pub exactness: Option<Exactness>,
    /// Options it speaks for.
    pub supports: Vec<String>,
    /// Options it speaks against.
    pub against: Vec<String>,
    /// Context statements.
    pub context: Vec<StatementKey>,
    /// Sources.
    pub sources: Vec<Source>,
}

/// What a test of one alteration or marker gave, in the few words of the front.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShortResult {
    /// Was it there?
    pub found: Found,
    /// Fraction, score or call, and what else must not be missed: `34.6 %`, `germline`, `uncertain significance`.
    pub amount: String,
    /// Site of the specimen, and whether it is older than the last line: `left iliac crest`, `plasma, stale`.
    pub specimen: String,
    /// Day of the result; empty where none is recorded.
    pub date: String,
}

/// Was it there? A test without an answer is neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// An alteration that is there; a marker that is not plainly negative.
    Yes,
    /// Tested and not there.
    No,
    /// Failed, or no call.
    #[default]
    NoAnswer,
}

/// A missing fact and what it would change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NextFact {
    /// The fact by name: `MSI / mismatch repair`.
    pub fact: String,
    /// Why it is open: never tested, conflicting, failed.
    pub state: String,
    /// What it would unlock or settle, in words with keys.
    pub unlocks: Vec<String>,
    /// Order: smaller first.
    pub priority: i64,
    /// Statements behind it; empty when only a curated standard row is.
    pub statements: Vec<StatementKey>,
}

/// Drugs the plan speaks of, for indexes.
pub fn drugs_of(plan: &Plan) -> Vec<DrugName> {
    let mut drugs: Vec<DrugName> = plan.options.iter().flat_map(|o| o.regimen.components.clone()).collect();
    drugs.sort();
    drugs.dedup();
    drugs
}
