//! Which tests nobody has done would bring a level A or B statement into play?
//!
//! Only what could still count: the tumour fits, the studied setting does not exclude this patient, and the regimen is
//! not used up. A test costs tissue and hope, so what is asked of its setting is more than of an option: a child is
//! tested for what was studied in children, a grade that the study asks for must be known, and what was studied across
//! solid tumours is no reason to test a blood cancer. Tests that would bring the same regimens are one line.

use super::priority;
use crate::judge::Index;
use crate::plan::{NextFact, PlanOption, Section};
use concilium_case::{Case, Tumour};
use concilium_criteria::tumour::HAEMATOLOGICAL;
use concilium_criteria::{
    SettingFit, TumourRelation, Verdict, exposure_to, judge_setting, match_profile, match_tumour,
};
use concilium_evidence::{EvidenceLevel, Profile, ProfileExpr, Regimen, Statement};
use concilium_knowledge::{Knowledge, PriorTherapy};
use concilium_terms::pattern::{Pattern, Signature};
use concilium_terms::{Doid, GeneSymbol, StatementKey, Truth};
use std::collections::{BTreeMap, BTreeSet};

/// A test by gene and kind: `ALK` `fusion`.
type Test = (String, &'static str);
/// Regimens it would bring, each with its best level and the statements.
type Brings = BTreeMap<String, (EvidenceLevel, BTreeMap<StatementKey, EvidenceLevel>)>;

/// What a test promises: regimens with their best levels.
type Promise = Vec<(String, EvidenceLevel)>;

/// Level A, then B of this tumour, one line for tests that bring the same; level B across tumours in one line.
pub(super) fn from_untested(
    case: &Case,
    knowledge: &Knowledge,
    index: &Index,
    options: &[PlanOption],
) -> Vec<NextFact> {
    let closed =
        options.iter().filter(|o| Section::NotApplicableNow <= o.section).map(|o| &o.regimen).collect();
    let spoken_against = options
        .iter()
        .filter(|o| o.against.iter().any(|c| c.counts && c.level <= EvidenceLevel::B))
        .map(|o| &o.regimen)
        .collect();
    let is_blood = |tumour: &Tumour| knowledge.diseases.is_a(&tumour.doid, &Doid::new(HAEMATOLOGICAL));
    let mut asking = Asking {
        case,
        knowledge,
        child: case.age_years().is_some_and(|(_, oldest)| oldest < ADULT),
        blood: case.tumour.as_ref().is_some_and(is_blood),
        closed,
        spoken_against,
        tumours: BTreeMap::new(),
        used_up: BTreeMap::new(),
    };
    let mut here: BTreeMap<Test, Brings> = BTreeMap::new();
    let mut agnostic: BTreeMap<Test, Brings> = BTreeMap::new();
    for (id, statements) in index.strong_support() {
        let statements = statements.iter().map(|at| &knowledge.statements[*at]);
        let strong: Vec<(&Statement, TumourRelation)> =
            statements.filter_map(|s| asking.could_count(s).map(|relation| (s, relation))).collect();
        let (Some((first, _)), Some(profile)) = (strong.first(), knowledge.profile(*id)) else { continue };
        let molecular = match_profile(case, knowledge, &profile.expr, Some(first));
        if molecular.verdict.truth != Truth::Open || !molecular.facts.is_empty() {
            continue;
        }
        let tests = asking.never_done(profile, first);
        for (statement, relation) in strong {
            let into = if relation == TumourRelation::Matches { &mut here } else { &mut agnostic };
            tests.iter().for_each(|test| bring(into.entry(test.clone()).or_default(), statement));
        }
    }
    let level_a = |(_, brings): &(Test, Brings)| best(brings) == Some(EvidenceLevel::A);
    let (drivers, further): (BTreeMap<_, _>, BTreeMap<_, _>) = here.into_iter().partition(level_a);
    let (strong, weak): (BTreeMap<_, _>, BTreeMap<_, _>) = agnostic.into_iter().partition(level_a);
    let mut facts = match driver_found(options) {
        // One driver is proved: the others are looked for together, as a way round it.
        Some(found) => {
            together(&drivers, &format!("other drivers beside {found}"), UNTESTED, priority::DRIVERS)
                .into_iter()
                .collect()
        }
        None => lines(drivers, priority::UNTESTED[0]),
    };
    facts.extend(lines(strong, priority::UNTESTED[1]));
    let level_b = "never tested, as far as the records say; level B";
    facts.extend(together(&further, "further markers of this tumour", level_b, priority::UNTESTED[2]));
    let across = "never tested, as far as the records say; level B across tumours";
    facts.extend(together(&weak, "a wider panel", across, priority::WIDER));
    facts
}

/// Years from which a patient is an adult.
const ADULT: u32 = 18;
/// A study that ends at this age or before it was one of children and the young.
const YOUNG: u32 = 25;

/// What is asked again and again for one case.
struct Asking<'c, 'k> {
    case: &'c Case,
    knowledge: &'k Knowledge,
    /// Surely younger than an adult.
    child: bool,
    /// A cancer of blood or lymph.
    blood: bool,
    /// Regimens of (3) and (4): no test reopens them.
    closed: BTreeSet<&'c Regimen>,
    /// Regimens level A/B evidence speaks against here; what contains no more than them is not worth a test.
    spoken_against: BTreeSet<&'c Regimen>,
    tumours: BTreeMap<Option<&'k Doid>, TumourRelation>,
    used_up: BTreeMap<&'k Regimen, bool>,
}

impl<'k> Asking<'_, 'k> {
    /// Support in this tumour or across tumours that this patient's setting does not exclude.
    fn could_count(&mut self, statement: &'k Statement) -> Option<TumourRelation> {
        let (case, knowledge) = (self.case, self.knowledge);
        let relation = *self
            .tumours
            .entry(statement.disease.as_ref())
            .or_insert_with(|| match_tumour(case, knowledge, statement.disease.as_ref()).relation);
        let near = match relation {
            TumourRelation::Matches => true,
            TumourRelation::TissueAgnostic => !self.blood,
            TumourRelation::PatientBroader | TumourRelation::Other | TumourRelation::Unknown => false,
        };
        let regimen = statement.regimen.as_ref()?;
        let open = near && !self.closed.contains(regimen) && !self.rests_on_refuted(regimen);
        // The setting is asked last: it costs most.
        let counts = open && !self.is_used_up(regimen) && self.setting_allows(statement);
        counts.then_some(relation)
    }

    /// The study's setting does not exclude this patient, and says that patients of this age and grade were in it.
    fn setting_allows(&self, statement: &Statement) -> bool {
        let of_grade = |verdict: &Verdict| verdict.leaves.iter().any(|leaf| leaf.what.starts_with("grade "));
        let fit = judge_setting(self.case, self.knowledge, statement);
        let allowed = match &fit {
            SettingFit::Fits(_) | SettingFit::NotStated => true,
            SettingFit::Open(verdict) => !of_grade(verdict),
            SettingFit::DoesNotFit(_) => false,
        };
        allowed && (!self.child || self.studied_in_children(statement))
    }

    /// The setting row gives an age below that of adults, or the disease is one of childhood.
    fn studied_in_children(&self, statement: &Statement) -> bool {
        let row = self.knowledge.settings.get(&statement.key);
        let by_age = row.is_some_and(|row| {
            row.age_min.is_some_and(|min| min < ADULT) || row.age_max.is_some_and(|max| max <= YOUNG)
        });
        by_age || statement.disease_name.to_lowercase().contains("child")
    }

    /// Its targeted part alone is spoken against in this tumour and alteration.
    fn rests_on_refuted(&self, regimen: &Regimen) -> bool {
        self.spoken_against.iter().any(|against| {
            let part = against.components.iter().all(|drug| regimen.components.contains(drug));
            let directed = |drug: &concilium_terms::DrugName| {
                self.knowledge.drugs.get(drug).is_some_and(|row| !row.targets.is_empty())
            };
            part && against.components.iter().any(directed)
        })
    }

    /// Tests of the profile's leaves that nobody has done: a gene that was studied is not asked for again.
    fn never_done(&self, profile: &Profile, statement: &Statement) -> BTreeSet<Test> {
        let knowledge = self.knowledge;
        let leaves = profile.expr.leaves().into_iter().filter_map(|id| knowledge.leaf(id));
        let untested = leaves.filter(|leaf| {
            let alone = ProfileExpr::Leaf(leaf.id);
            let found = match_profile(self.case, knowledge, &alone, Some(statement));
            let studied = leaf.pattern.genes().iter().any(|gene| self.is_studied(gene, &leaf.pattern));
            found.verdict.truth == Truth::Open && found.facts.is_empty() && !studied
        });
        untested.filter_map(|leaf| test_for(&leaf.pattern)).collect()
    }

    /// Sequenced in any sample, as far as small variants go.
    fn is_studied(&self, gene: &GeneSymbol, pattern: &Pattern) -> bool {
        let by_sequence = !matches!(
            pattern,
            Pattern::Marker { .. } | Pattern::Fusion { .. } | Pattern::Amplification { .. }
        );
        by_sequence && self.case.facts.regions.iter().any(|region| region.genes.contains(gene))
    }

    /// Progressed on every drug of it.
    fn is_used_up(&mut self, regimen: &'k Regimen) -> bool {
        let (case, knowledge) = (self.case, self.knowledge);
        *self.used_up.entry(regimen).or_insert_with(|| {
            let progressed = |drug: &concilium_terms::DrugName| {
                exposure_to(case, knowledge, &PriorTherapy::Drug(drug.clone())).progressed.is_some()
            };
            !regimen.components.is_empty() && regimen.components.iter().all(progressed)
        })
    }
}

fn bring(brings: &mut Brings, statement: &Statement) {
    let Some(regimen) = &statement.regimen else { return };
    let (level, keys) = brings.entry(regimen.label()).or_insert((statement.level, BTreeMap::new()));
    *level = (*level).min(statement.level);
    keys.insert(statement.key.clone(), statement.level);
}

fn best(brings: &Brings) -> Option<EvidenceLevel> {
    brings.values().map(|(level, _)| *level).min()
}

/// The alteration level A evidence of this tumour already rests on, for or against.
fn driver_found(options: &[PlanOption]) -> Option<String> {
    let cited = options.iter().flat_map(|o| o.for_.iter().chain(&o.notes));
    cited
        .filter(|c| c.level == EvidenceLevel::A && c.molecular.verdict.truth == Truth::True)
        .filter(|c| c.tumour.relation == TumourRelation::Matches)
        .find_map(|c| c.molecular.verdict.leaves.first().map(|leaf| leaf.what.clone()))
        .map(|what| what.split(':').next().unwrap_or(&what).to_owned())
}

/// Tests of one kind that bring the same regimens at the same levels share a line: `NTRK1, NTRK2, NTRK3 fusion`.
fn lines(tests: BTreeMap<Test, Brings>, priority: i64) -> Vec<NextFact> {
    let mut groups: BTreeMap<(&'static str, Promise), (Vec<String>, Brings)> = BTreeMap::new();
    for ((gene, kind), brings) in tests {
        let same = brings.iter().map(|(regimen, (level, _))| (regimen.clone(), *level)).collect();
        let (genes, all) = groups.entry((kind, same)).or_default();
        genes.push(gene);
        add(all, &brings);
    }
    groups
        .into_iter()
        .map(|((kind, _), (genes, brings))| {
            fact(format!("{} {kind}", genes.join(", ")).trim_end().to_owned(), &brings, priority)
        })
        .collect()
}

/// All of them in one line, for one panel answers them.
fn together(tests: &BTreeMap<Test, Brings>, what: &str, state: &str, priority: i64) -> Option<NextFact> {
    let mut brings = Brings::new();
    tests.values().for_each(|of_test| add(&mut brings, of_test));
    let mut by_kind: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (gene, kind) in tests.keys() {
        by_kind.entry(kind).or_default().push(gene);
    }
    let names: Vec<String> = by_kind
        .into_iter()
        .map(|(kind, genes)| format!("{} {kind}", genes.join(", ")).trim_end().to_owned())
        .collect();
    (!names.is_empty()).then(|| NextFact {
        state: state.into(),
        ..fact(format!("{what}: {}", names.join("; ")), &brings, priority)
    })
}

fn add(all: &mut Brings, more: &Brings) {
    for (regimen, (level, keys)) in more {
        let (best, known) = all.entry(regimen.clone()).or_insert((*level, BTreeMap::new()));
        *best = (*best).min(*level);
        known.extend(keys.clone());
    }
}

/// Said of a test nobody has done.
const UNTESTED: &str = "never tested, as far as the records say";

fn fact(name: String, brings: &Brings, priority: i64) -> NextFact {
    let mut rows: Vec<_> = brings.iter().collect();
    rows.sort_by_key(|(regimen, (level, _))| (*level, *regimen));
    // The statement named is one of the level named.
    let words = |(regimen, (level, keys)): (&String, &(EvidenceLevel, BTreeMap<_, EvidenceLevel>))| {
        let best = keys.iter().find(|(_, of)| *of == level).map(|(key, _): (&StatementKey, _)| key.as_str());
        let more = if 1 < keys.len() { format!(" and {} more", keys.len() - 1) } else { String::new() };
        format!("{regimen} (level {level:?}, {}{more})", best.unwrap_or_default())
    };
    let statements: BTreeSet<StatementKey> =
        brings.values().flat_map(|(_, keys)| keys.keys().cloned()).collect();
    NextFact {
        fact: name,
        state: UNTESTED.into(),
        unlocks: rows.into_iter().map(words).collect(),
        priority,
        statements: statements.into_iter().collect(),
    }
}

/// The test a clinician would order, by gene and kind.
fn test_for(pattern: &Pattern) -> Option<Test> {
    let of = |gene: &str, kind| Some((receptor(gene), kind));
    match pattern {
        Pattern::Signature { signature: Signature::MsiHigh | Signature::Mss } => {
            Some(("MSI / mismatch repair".into(), ""))
        }
        Pattern::Signature { signature: Signature::TmbHigh | Signature::TmbLow } => {
            Some(("TMB".into(), "status"))
        }
        Pattern::Signature { signature: Signature::Hrd } => Some(("HRD".into(), "status")),
        Pattern::Opaque { .. } => None,
        Pattern::Marker { gene, .. } => of(gene.as_str(), "expression"),
        Pattern::Amplification { gene } | Pattern::Loss { gene } | Pattern::Deletion { gene } => {
            of(gene.as_str(), "copy number")
        }
        Pattern::Fusion { five, three, .. } => of(three.as_ref().or(five.as_ref())?.as_str(), "fusion"),
        Pattern::Splice { gene, name } if gene.as_str() == "AR" && name == "v7" => {
            Some(("AR-V7".into(), "in plasma"))
        }
        other => of(other.genes().first()?.as_str(), "sequence"),
    }
}

fn receptor(gene: &str) -> String {
    if gene == "ERBB2" { "HER2 (ERBB2)".into() } else { gene.to_owned() }
}
