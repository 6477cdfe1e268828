//! Which facts of the case follow from a reading? Each bears its span as source and says that it was read from text.
//!
//! Present and absent make facts; what is possible, hypothetical, not assessed or a relative's makes none. A number
//! whose range, unit or day the note leaves open stays as open as the note left it.

use crate::Reading;
use crate::mention::{About, AgeUnit, Assertion, Context, DrugStatus, Finding, Mention};
use concilium_case::{
    Allergy, Alteration, AlterationKind, Certainty, Condition, ConditionRole, Consequence, CopyCall,
    Document, Exposure, Facts, Lab, Marker, MarkerName, Medication, MedicationState, Meta, Origin,
    OtherObservation, Patient, Performance, Place, Presence, Procedure, Radiotherapy, Response, Significance,
    Source, Stage,
};
use concilium_terms::hgvs::{CodingChange, ProteinChange};
use concilium_terms::{Code, GeneSymbol, PartialDate};

/// How a fact says where it is from.
const READ: &str = "read from text by rules";

/// Facts of a document's reading.
pub fn facts(document: &Document, reading: &Reading) -> Facts {
    let file = document.meta.sources.first().map_or(String::new(), |source| source.file.clone());
    let writer = Writer { document, reading, file };
    let mut facts = Facts::default();
    for mention in &reading.mentions {
        if mention.context.about == About::Patient {
            writer.add(mention, &mut facts);
        }
    }
    let person = writer.person();
    facts.patients.extend(person);
    facts
}

struct Writer<'r> {
    document: &'r Document,
    reading: &'r Reading,
    file: String,
}

impl Writer<'_> {
    fn meta(&self, mention: &Mention) -> Meta {
        let document = self.document.meta.id.clone();
        let place = Place::Span { document: document.clone(), start: mention.start, end: mention.end };
        Meta {
            id: format!("{document}@{}-{}", mention.start, mention.end),
            when: mention.context.when.as_ref().and_then(|when| when.date.clone()),
            issued: self
                .reading
                .date
                .clone()
                .or_else(|| self.document.meta.issued.clone())
                .or_else(|| self.document.meta.when.clone()),
            sources: vec![Source { file: self.file.clone(), place }],
            derived: Some(READ.to_owned()),
            ..Meta::default()
        }
    }

    /// The value of the note's own day, where it states no other.
    fn measured(&self, mention: &Mention) -> Meta {
        let mut meta = self.meta(mention);
        if mention.context.when.is_none() && !mention.context.history {
            meta.when = self.reading.date.clone();
        }
        meta
    }

    fn words(&self, mention: &Mention) -> Vec<Code> {
        vec![Code::text(self.document.text.get(mention.start..mention.end).unwrap_or(""))]
    }

    fn add(&self, mention: &Mention, facts: &mut Facts) {
        let context = &mention.context;
        let present = context.assertion == Assertion::Present;
        match &mention.finding {
            Finding::Age { amount, unit } => facts.observations.push(self.age(mention, *amount, *unit)),
            Finding::Sex { .. } | Finding::Line { .. } => {}
            Finding::Disease { name, tumour, .. } => {
                facts.conditions.extend(self.disease(mention, name, *tumour))
            }
            Finding::Condition { key } => self.condition(mention, key, facts),
            Finding::Stage { scale, value, basis } if present => facts.stages.push(Stage {
                meta: self.meta(mention),
                scale: scale.clone(),
                value: value.clone(),
                basis: basis.clone(),
                codes: vec![],
                condition: None,
            }),
            Finding::Metastasis { sites, .. } => facts.conditions.extend(self.metastasis(mention, sites)),
            Finding::Drug { status, .. } => self.drug(mention, *status, facts),
            Finding::Response { status } if present => {
                let codes = self.words(mention);
                facts.responses.push(Response {
                    meta: self.meta(mention),
                    status: *status,
                    codes,
                    condition: None,
                });
            }
            Finding::Lab { .. } if present => facts.labs.extend(self.lab(mention)),
            Finding::Performance { scale, low, high } if present && low == high => {
                facts.performance.push(Performance {
                    meta: self.measured(mention),
                    scale: *scale,
                    value: *low,
                });
            }
            Finding::Marker { .. } => facts.markers.extend(self.marker(mention)),
            Finding::Alteration { .. } => facts.alterations.extend(self.alteration(mention)),
            Finding::Procedure { what, name } if present => self.procedure(mention, what, name, facts),
            Finding::Trial if present => {
                facts.observations.push(self.observation(mention, "trial participation"))
            }
            Finding::Stage { .. }
            | Finding::Response { .. }
            | Finding::Lab { .. }
            | Finding::Performance { .. }
            | Finding::Procedure { .. }
            | Finding::Trial => {}
        }
    }

    /// Sex as said; the birth year that an age and the note's day leave.
    fn person(&self) -> Option<Patient> {
        let of = |wanted: &str| {
            let found: Vec<&Mention> = self
                .reading
                .mentions
                .iter()
                .filter(|m| m.finding.class() == wanted && m.context.holds())
                .collect();
            found
        };
        let (sexes, ages) = (of("sex"), of("age"));
        let sex = match sexes.as_slice() {
            [only] => match only.finding {
                Finding::Sex { sex } => Some(sex),
                _ => None,
            },
            _ => None,
        };
        let born = match ages.as_slice() {
            [only] => self.born(only),
            _ => None,
        };
        let first = sexes.first().or(ages.first())?;
        (sex.is_some() || born.is_some()).then(|| Patient {
            meta: self.meta(first),
            sex,
            birth_date: born,
            ..Patient::default()
        })
    }

    /// The age as stated.
    fn age(&self, mention: &Mention, amount: f64, unit: AgeUnit) -> OtherObservation {
        let unit = match unit {
            AgeUnit::Years => "years",
            AgeUnit::Months => "months",
            AgeUnit::Weeks => "weeks",
            AgeUnit::Days => "days",
        };
        let codes = vec![Code::text("age")];
        OtherObservation {
            meta: self.measured(mention),
            codes,
            value: format!("{amount} {unit}"),
            kind: "text".into(),
        }
    }

    /// An age in years leaves two calendar years; only one that both agree on could be written, so that none is unless
    /// the age is counted in days.
    fn born(&self, mention: &Mention) -> Option<PartialDate> {
        let Finding::Age { amount, unit: AgeUnit::Days } = mention.finding else { return None };
        let day = self.reading.date.as_ref().filter(|date| date.is_exact())?.latest();
        day.checked_sub(jiff::Span::new().try_days(amount as i64).ok()?).ok().map(PartialDate::day)
    }

    fn disease(&self, mention: &Mention, name: &str, tumour: bool) -> Option<Condition> {
        let role = match (tumour, mention.context.history) {
            (true, true) => ConditionRole::CancerHistory,
            (true, false) => ConditionRole::PrimaryCancer,
            (false, _) => ConditionRole::Comorbidity,
        };
        let mut codes = self.words(mention);
        codes.push(Code::text(name));
        self.condition_of(mention, codes, role)
    }

    /// Present, absent, or suspected; what is neither known nor suspected is no condition.
    fn condition_of(&self, mention: &Mention, codes: Vec<Code>, role: ConditionRole) -> Option<Condition> {
        let (present, certainty) = match mention.context.assertion {
            Assertion::Present => (Some(true), Certainty::Confirmed),
            Assertion::Absent => (Some(false), Certainty::Confirmed),
            Assertion::Possible => (None, Certainty::Suspected),
            Assertion::Hypothetical | Assertion::Planned | Assertion::NotAssessed => return None,
        };
        Some(Condition {
            meta: self.meta(mention),
            codes,
            histology: vec![],
            sites: vec![],
            role,
            certainty,
            clinical_status: None,
            primary: None,
            present,
        })
    }

    /// States are observations, diagnoses conditions.
    fn condition(&self, mention: &Mention, key: &str, facts: &mut Facts) {
        let states = [
            "smoking",
            "pregnancy",
            "lactation",
            "postmenopausal",
            "premenopausal",
            "perimenopausal",
            "contraception",
            "measurable-disease",
            "treatment-naive",
            "alcohol-use",
            "drug-use",
        ];
        if key == "drug-allergy" {
            if mention.context.assertion == Assertion::Absent {
                facts.allergies.push(Allergy {
                    meta: self.meta(mention),
                    drugs: vec![],
                    codes: self.words(mention),
                    none_known: true,
                    active: true,
                });
            }
        } else if states.contains(&key) {
            if matches!(mention.context.assertion, Assertion::Present | Assertion::Absent) {
                facts.observations.push(self.observation(mention, key));
            }
        } else {
            let mut codes = self.words(mention);
            codes.push(Code::text(&key.replace('-', " ")));
            facts.conditions.extend(self.condition_of(mention, codes, ConditionRole::Comorbidity));
        }
    }

    fn observation(&self, mention: &Mention, key: &str) -> OtherObservation {
        let value = match (mention.context.assertion, mention.context.history) {
            (Assertion::Absent, _) => "no",
            (_, true) => "in the past",
            _ => "yes",
        };
        let mut codes = vec![Code::text(key)];
        codes.extend(self.words(mention));
        OtherObservation { meta: self.meta(mention), codes, value: value.into(), kind: "text".into() }
    }

    /// Spread to lymph nodes alone may be regional: it is no metastasis of the case.
    fn metastasis(&self, mention: &Mention, sites: &[String]) -> Option<Condition> {
        if !sites.is_empty() && sites.iter().all(|site| site == "lymph node") {
            return None;
        }
        let condition = self.condition_of(mention, self.words(mention), ConditionRole::Metastasis)?;
        Some(Condition { sites: sites.iter().map(|site| Code::text(site)).collect(), ..condition })
    }

    fn drug(&self, mention: &Mention, status: DrugStatus, facts: &mut Facts) {
        let Finding::Drug { drugs, class, stop, .. } = &mention.finding else { return };
        let context = &mention.context;
        if status == DrugStatus::Allergic {
            if context.assertion == Assertion::Present {
                let codes = self.words(mention);
                facts.allergies.push(Allergy {
                    meta: self.meta(mention),
                    drugs: drugs.clone(),
                    codes,
                    none_known: false,
                    active: true,
                });
            }
            return;
        }
        let Some(exposure) = exposure(context, status, self.said_never(context)) else { return };
        let over =
            matches!(status, DrugStatus::Stopped | DrugStatus::Refused) || exposure == Exposure::NotTaken;
        let ongoing = status == DrugStatus::Taking && exposure == Exposure::Reported;
        facts.medications.push(Medication {
            meta: self.meta(mention),
            drugs: drugs.clone(),
            codes: self.words(mention),
            exposure,
            state: if over { MedicationState::Finished } else { MedicationState::Open },
            end: context.until.as_ref().and_then(|until| until.date.clone()),
            ongoing,
            stop: *stop,
            intent: None,
            dose: None,
            reason: None,
            about_class: (exposure == Exposure::NotTaken && drugs.is_empty())
                .then(|| class.clone())
                .flatten(),
        });
    }

    /// "never" and "no prior" speak of the whole past; "not on" and "no" of now.
    fn said_never(&self, context: &Context) -> bool {
        context.cues.iter().any(|cue| {
            let words = self.document.text.get(cue.start..cue.end).unwrap_or("").to_lowercase();
            ["never", "prior", "previous", "history", "naive", "did not"]
                .iter()
                .any(|word| words.contains(word))
        })
    }

    fn lab(&self, mention: &Mention) -> Option<Lab> {
        let Finding::Lab { analyte, value, upto, low, high, words } = &mention.finding else { return None };
        if value.is_none() && words.is_none() {
            return None;
        }
        let ranged = upto.is_some() || analyte == "blood-pressure";
        let text =
            if ranged { self.words(mention).first().map(|code| code.display.clone()) } else { words.clone() };
        Some(Lab {
            meta: self.measured(mention),
            analyte: Some(analyte.clone()),
            codes: self.words(mention),
            value: value.clone().filter(|_| !ranged),
            text,
            low: *low,
            high: *high,
            interpretation: None,
            implausible: None,
            site: None,
            condition: None,
        })
    }

    fn marker(&self, mention: &Mention) -> Vec<Marker> {
        let Finding::Marker { marker, call, score, value } = &mention.finding else { return vec![] };
        let call = match mention.context.assertion {
            Assertion::Present => *call,
            _ => return vec![],
        };
        if call.is_none() && score.is_none() && value.is_none() {
            return vec![];
        }
        let triple = *marker == MarkerName::Other("triple-negative".into());
        let names = if triple {
            vec![MarkerName::Er, MarkerName::Pr, MarkerName::Her2]
        } else {
            vec![marker.clone()]
        };
        let one = |(at, name): (usize, MarkerName)| {
            let mut meta = self.meta(mention);
            if 0 < at {
                meta.id = format!("{}/{at}", meta.id);
            }
            Marker {
                meta,
                name,
                method: None,
                call,
                score: score.clone(),
                value: value.clone(),
                specimen: None,
            }
        };
        names.into_iter().enumerate().map(one).collect()
    }

    fn alteration(&self, mention: &Mention) -> Option<Alteration> {
        let Finding::Alteration { genes, change, uncertain } = &mention.finding else { return None };
        let presence = match mention.context.assertion {
            Assertion::Present => Presence::Present,
            Assertion::Absent => Presence::Absent,
            Assertion::NotAssessed => Presence::Unknown,
            _ => return None,
        };
        let kind = kind_of(change, genes);
        // A family's name gives a change to none of its members.
        let gene = match (&kind, genes.as_slice()) {
            (AlterationKind::Fusion { .. }, [.., last]) if change.contains("::") => last.clone(),
            (_, [only]) => only.clone(),
            _ => return None,
        };
        let label =
            if change.contains("::") { format!("{change} fusion") } else { format!("{gene} {change}") };
        Some(Alteration {
            meta: self.meta(mention),
            gene,
            label,
            kind,
            presence,
            origin: Origin::Unknown,
            significance: uncertain.then_some(Significance::Uncertain),
            effect: None,
            homozygous: None,
            vaf: None,
            vaf_floor: None,
            depth: None,
            specimen: None,
            assay: None,
            phase: vec![],
        })
    }

    fn procedure(&self, mention: &Mention, what: &str, name: &str, facts: &mut Facts) {
        let status = "completed".to_owned();
        if what == "radiotherapy" {
            facts.radiotherapies.push(Radiotherapy {
                meta: self.meta(mention),
                end: mention.context.until.as_ref().and_then(|until| until.date.clone()),
                modality: Some(name.to_owned()),
                sites: vec![],
                doses: vec![],
                fractions: None,
                intent: None,
                status,
            });
        } else {
            let codes = self.words(mention);
            facts.procedures.push(Procedure {
                meta: self.meta(mention),
                codes,
                sites: vec![],
                intent: None,
                status,
            });
        }
    }
}

/// What a statement says of having had the drug.
fn exposure(context: &Context, status: DrugStatus, never: bool) -> Option<Exposure> {
    match (context.assertion, status) {
        (Assertion::Present, DrugStatus::Taking | DrugStatus::Given | DrugStatus::Stopped) => {
            Some(Exposure::Reported)
        }
        (Assertion::Present | Assertion::Planned, DrugStatus::Planned) => Some(Exposure::Planned),
        (Assertion::Present | Assertion::Absent, DrugStatus::Refused) => Some(Exposure::NotTaken),
        (Assertion::Absent, _) if never => Some(Exposure::NotTaken),
        _ => None,
    }
}

fn kind_of(change: &str, genes: &[GeneSymbol]) -> AlterationKind {
    let small = |protein: Option<ProteinChange>, coding: Vec<CodingChange>, consequence, exon| {
        AlterationKind::Small { protein, coding, genomic: None, consequence, exon, clinvar: vec![] }
    };
    if change == "amplification" {
        return AlterationKind::CopyNumber { call: CopyCall::Amplified, copies: None };
    }
    if change == "fusion" || change == "rearrangement" || change.contains("::") {
        let both = change.contains("::") && genes.len() == 2;
        let (five, three) = if both {
            (Some(genes[0].clone()), Some(genes[1].clone()))
        } else {
            (None, genes.last().cloned())
        };
        return AlterationKind::Fusion { five, three, oriented: both };
    }
    if let Some((number, kind)) = change.strip_prefix("exon ").and_then(|rest| rest.split_once(' ')) {
        let consequence = match kind {
            "deletion" => Some(Consequence::InframeDeletion),
            "insertion" | "duplication" => Some(Consequence::InframeInsertion),
            _ => None,
        };
        return match kind {
            "skipping" => AlterationKind::Splice { name: format!("exon{number}skipping") },
            _ => small(None, vec![], consequence, number.parse().ok()),
        };
    }
    if change.starts_with("c.") {
        return small(None, CodingChange::parse(change).into_iter().collect(), None, None);
    }
    match ProteinChange::parse(change) {
        Ok(protein) => small(Some(protein), vec![], None, None),
        Err(_) => AlterationKind::Other,
    }
}
