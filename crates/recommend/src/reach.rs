//! How far does evidence from outside this tumour reach?
//!
//! Clinical rules, sections 3 and 4: tissue-agnostic evidence stands below this tumour's own and yields to what speaks
//! against it here; another tumour's evidence stands below both and is carried over only where this tumour is silent.

use crate::judge::{Judged, is_present};
use crate::weigh::{TumourClass, is_component, same_regimen};
use concilium_case::{Alteration, AlterationKind, Case};
use concilium_criteria::TumourRelation;
use concilium_criteria::tumour::HAEMATOLOGICAL;
use concilium_evidence::{Bearing, EvidenceLevel, Regimen};
use concilium_knowledge::Knowledge;
use concilium_terms::{Doid, GeneSymbol, StatementKey};
use std::collections::BTreeSet;

/// What support from outside this tumour yields to, for one regimen.
pub(crate) struct Yields {
    /// Level A/B evidence against the regimen or a part of it in this tumour.
    against: BTreeSet<StatementKey>,
    /// Level A/B support in this tumour for a regimen that contains this one and more.
    wider: Option<(StatementKey, String)>,
    /// Evidence against this regimen in other tumours: (disease, level, key).
    contested: Vec<(Option<Doid>, EvidenceLevel, StatementKey)>,
    /// This very regimen has level A/B support in this tumour.
    supported_here: bool,
}

impl Yields {
    /// Looks once over all statements of the case.
    pub fn of(regimen: &Regimen, judged: &[Judged], knowledge: &Knowledge) -> Yields {
        let own = judged.iter().filter(|j| is_own_support(j)).filter_map(|j| j.statement.regimen.as_ref());
        Yields {
            against: specific_against(regimen, judged, knowledge),
            wider: wider_here(regimen, judged),
            contested: contested(regimen, judged, knowledge),
            supported_here: own.into_iter().any(|own| own == regimen),
        }
    }

    /// Why a statement from outside this tumour does not count here; empty when it does.
    pub fn words(
        &self,
        judged: &Judged,
        class: TumourClass,
        all: &[Judged],
        case: &Case,
        knowledge: &Knowledge,
    ) -> Vec<String> {
        let mut words = Vec::new();
        if !self.against.is_empty() {
            let keys = self.against.iter().map(StatementKey::as_str).collect::<Vec<_>>().join(", ");
            words.push(format!("yields to evidence against it in this tumour ({keys})"));
        }
        if class == TumourClass::Other
            && let Some((key, regimen)) = &self.wider
        {
            words.push(format!("yields to what is studied in this tumour: {regimen} ({key})"));
        }
        words.extend(self.contested_words(judged));
        if words.is_empty() {
            words.extend(self.own_words(judged, class, all, case, knowledge));
        }
        words
    }

    fn contested_words(&self, judged: &Judged) -> impl Iterator<Item = String> {
        let statement = judged.statement;
        self.contested
            .iter()
            .filter(|(disease, level, _)| *disease == statement.disease && *level <= statement.level)
            .map(|(_, level, key)| {
                format!("yields to level {level:?} evidence against it in its own tumour ({key})")
            })
    }

    /// Below level A, evidence across tumours yields where this tumour has its own for the alteration; another
    /// tumour's always does, and must be level A/B, settled and about the altered gene.
    fn own_words(
        &self,
        judged: &Judged,
        class: TumourClass,
        all: &[Judged],
        case: &Case,
        knowledge: &Knowledge,
    ) -> Option<String> {
        let level = judged.statement.level;
        let agnostic = class == TumourClass::Agnostic;
        if self.supported_here || (agnostic && level == EvidenceLevel::A) {
            return None;
        }
        if let Some(own) = own_support(judged, all) {
            let regimen = own.statement.regimen.as_ref().map(Regimen::label).unwrap_or_default();
            let whose = if agnostic { "across tumours" } else { "of another tumour" };
            let key = &own.statement.key;
            return Some(format!(
                "level {level:?} evidence {whose} yields to this tumour's own: {regimen} ({key})"
            ));
        }
        let carried = judged.is_carried()
            && level <= EvidenceLevel::B
            && is_directed(judged, case, knowledge)
            && same_kind(judged, case, knowledge);
        (!agnostic && !carried).then(|| format!("another tumour: {}", judged.tumour.because))
    }
}

/// Evidence of another tumour is worth a line only when it is level A/B, the drug is directed at the very gene the
/// patient's tumour carries altered, and this tumour has no level A/B support of its own for that alteration.
pub(crate) fn carries_over(judged: &Judged, all: &[Judged], case: &Case, knowledge: &Knowledge) -> bool {
    judged.is_carried()
        && judged.statement.level <= EvidenceLevel::B
        && is_directed(judged, case, knowledge)
        && same_kind(judged, case, knowledge)
        && own_support(judged, all).is_none()
}

/// Evidence of a blood cancer is not carried to a solid tumour, nor the other way.
fn same_kind(judged: &Judged, case: &Case, knowledge: &Knowledge) -> bool {
    let (Some(tumour), Some(disease)) = (&case.tumour, &judged.statement.disease) else { return true };
    let blood = |doid: &Doid| knowledge.diseases.is_a(doid, &Doid::new(HAEMATOLOGICAL));
    blood(&tumour.doid) == blood(disease)
}

/// Level A/B support in this tumour for an alteration the statement rests on, best level first.
fn own_support<'a, 'k>(judged: &Judged, all: &'a [Judged<'k>]) -> Option<&'a Judged<'k>> {
    let shares = |own: &&Judged| own.molecular.facts.iter().any(|fact| judged.molecular.facts.contains(fact));
    all.iter()
        .filter(|own| is_own_support(own))
        .filter(shares)
        .min_by_key(|own| (own.statement.level, own.statement.key.clone()))
}

fn is_own_support(judged: &Judged) -> bool {
    judged.bearing == Bearing::For && judged.is_carried() && is_strong_here(judged)
}

/// Level A/B in this very tumour.
pub(crate) fn is_strong_here(judged: &Judged) -> bool {
    judged.statement.level <= EvidenceLevel::B && judged.tumour.relation == TumourRelation::Matches
}

/// Level A/B "against" in this very tumour on the regimen or one of its parts: what tissue-agnostic and
/// other-tumour support yields to (clinical rules, section 3; EID12161 must not reach colorectal cancer).
fn specific_against(regimen: &Regimen, judged: &[Judged], knowledge: &Knowledge) -> BTreeSet<StatementKey> {
    let speaks_against = |j: &&Judged| {
        j.bearing == Bearing::Against
            && j.is_carried()
            && is_strong_here(j)
            && !knowledge.possibly_prognostic.contains_key(&j.statement.key)
    };
    let about = |tested: &Regimen| same_regimen(tested, regimen, knowledge) || is_component(tested, regimen);
    judged
        .iter()
        .filter(speaks_against)
        .filter(|j| j.statement.regimen.as_ref().is_some_and(about))
        .map(|j| j.statement.key.clone())
        .collect()
}

/// A regimen with level A/B support in this tumour that contains this one and more: BRAF inhibition in colorectal
/// cancer is studied with an EGFR antibody, so another tumour's support for the part alone is not carried over.
fn wider_here(regimen: &Regimen, judged: &[Judged]) -> Option<(StatementKey, String)> {
    judged
        .iter()
        .filter(|j| is_own_support(j))
        .filter_map(|j| j.statement.regimen.as_ref().map(|wider| (j, wider)))
        .find(|(_, wider)| is_component(regimen, wider))
        .map(|(j, wider)| (j.statement.key.clone(), wider.label()))
}

/// Evidence against this very regimen in other tumours the patient's alteration also satisfies (EID1142 against
/// EID2998: what failed in its own tumour is not carried to another).
fn contested(
    regimen: &Regimen,
    judged: &[Judged],
    knowledge: &Knowledge,
) -> Vec<(Option<Doid>, EvidenceLevel, StatementKey)> {
    judged
        .iter()
        .filter(|j| {
            j.bearing == Bearing::Against && j.is_carried() && j.tumour.relation != TumourRelation::Matches
        })
        .filter(|j| j.statement.regimen.as_ref().is_some_and(|r| same_regimen(r, regimen, knowledge)))
        .map(|j| (j.statement.disease.clone(), j.statement.level, j.statement.key.clone()))
        .collect()
}

/// Does a component target a gene whose alteration, found in the patient, satisfies the statement?
pub(crate) fn is_directed(judged: &Judged, case: &Case, knowledge: &Knowledge) -> bool {
    let altered: BTreeSet<&GeneSymbol> = case
        .facts
        .alterations
        .iter()
        .filter(|a| is_present(a.presence) && judged.molecular.facts.contains(&a.meta.id))
        .flat_map(genes_of)
        .collect();
    let components = judged.statement.regimen.iter().flat_map(|regimen| &regimen.components);
    components
        .filter_map(|drug| knowledge.drugs.get(drug))
        .any(|drug| drug.targets.iter().any(|target| altered.contains(target)))
}

fn genes_of(alteration: &Alteration) -> Vec<&GeneSymbol> {
    match &alteration.kind {
        AlterationKind::Fusion { five, three, .. } => five.iter().chain(three).collect(),
        _ => vec![&alteration.gene],
    }
}
