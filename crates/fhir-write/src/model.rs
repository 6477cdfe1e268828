//! What must a caller say about a plan? Plain values, none of another crate's types.

/// One plan, ready to be said in FHIR.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanBundle {
    /// sha256 of the run's manifest, hex: every id is derived from it.
    pub run: String,
    /// Run of the earlier plan that this one replaces.
    pub replaces: Option<String>,
    /// The instant planned for, RFC 3339 with offset; a zone in brackets is dropped.
    pub instant: String,
    /// What made the plan.
    pub software: Software,
    /// Whom it is for.
    pub patient: PatientRecord,
    /// The disease in words, with the record it rests on.
    pub disease: Option<String>,
    /// Patient line of the sheet, one line a field.
    pub summary: Vec<String>,
    /// What a reader must see before any option: abstention, standard of care, limits.
    pub boxes: Vec<NotedBox>,
    /// Sections in order, never interleaved.
    pub sections: Vec<ProposedSection>,
    /// Facts whose absence keeps the plan open, most useful first.
    pub missing: Vec<MissingFact>,
    /// Safety findings, each told once.
    pub issues: Vec<SafetyIssue>,
    /// What the plan was made from.
    pub sources: Vec<ProvenanceSource>,
}

/// The program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Software {
    /// `concilium`
    pub name: String,
    /// `0.1.0`
    pub version: String,
    /// sha256 of its sources.
    pub code: String,
}

/// The person as the record has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PatientRecord {
    /// Logical id in the record (`abc` of `Patient/abc`), kept when it is a valid FHIR id.
    pub id: Option<String>,
    /// System (may be empty) and value.
    pub identifiers: Vec<(String, String)>,
    /// Name as recorded.
    pub name: Option<String>,
    /// Administrative sex.
    pub sex: Option<Sex>,
    /// As precise as recorded: `1951`, `1951-03`, `1951-03-09`.
    pub birth_date: Option<String>,
    /// Died: with the date, or without one.
    pub deceased: Option<Option<String>>,
}

/// Administrative sex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// `female`
    Female,
    /// `male`
    Male,
    /// `other`
    Other,
    /// `unknown`
    Unknown,
}

/// A titled list of lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NotedBox {
    /// Heading.
    pub title: String,
    /// Lines.
    pub lines: Vec<String>,
}

/// One section of the plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProposedSection {
    /// `1`–`4`.
    pub number: u8,
    /// `To discuss`
    pub title: String,
    /// Options in order; equal ranks are a tie.
    pub options: Vec<ProposedOption>,
}

/// One option.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProposedOption {
    /// Stable id inside the plan.
    pub id: String,
    /// Rank in its section, 1-based.
    pub rank: u32,
    /// `dabrafenib + trametinib`
    pub title: String,
    /// Why it stands where it stands, as the sheet words it.
    pub reasons: Vec<String>,
    /// Statements it rests on, for and against.
    pub citations: Vec<Citation>,
    /// Components to be requested; empty when the option is listed and not proposed.
    pub drugs: Vec<ProposedDrug>,
}

/// One component of a proposed option.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProposedDrug {
    /// Canonical name.
    pub name: String,
    /// Ingredient code, when one is known.
    pub code: Option<Coding>,
    /// What must be read with it: conditions, "no rule for this drug", parts that are not known.
    pub notes: Vec<String>,
}

/// A code of a system.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coding {
    /// System URI.
    pub system: String,
    /// Code.
    pub code: String,
}

/// A cited statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Citation {
    /// Citation key: `EID1411`.
    pub key: String,
    /// What it means here: `for, level A`.
    pub bearing: String,
    /// `PMID 24265153`
    pub citation: String,
    /// PubMed id, digits only.
    pub pmid: Option<String>,
}

/// A fact that is not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MissingFact {
    /// Resource type that would carry it: `Observation`.
    pub kind: String,
    /// The fact by name.
    pub name: String,
    /// Codes of tests any of which would answer it, when some are known.
    pub codes: Vec<Coding>,
    /// Why it is open, and what it would unlock.
    pub detail: String,
}

/// How grave an issue is (FHIR `detectedissue-severity`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// May be life-threatening or do permanent harm.
    High,
    /// May do noticeable harm.
    Moderate,
    /// Little harm, or watched anyway.
    Low,
}

/// One safety finding.
#[derive(Clone, Debug, PartialEq)]
pub struct SafetyIssue {
    /// `avoid`, `test required first`
    pub verdict: String,
    /// How grave.
    pub severity: Severity,
    /// Component it is about.
    pub drug: String,
    /// Ids of the options that hold it; a standard option, which is not requested here, in words.
    pub options: Vec<String>,
    /// What was found, what to do (first), and on which source that rests.
    pub detail: String,
    /// Link to the source, when it is one.
    pub url: Option<String>,
}

/// Something the plan was made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProvenanceSource {
    /// For people: name and version, or a file name.
    pub title: String,
    /// What the hash is over: `knowledge release`, `input file`.
    pub kind: String,
    /// sha256, hex.
    pub sha256: String,
}
