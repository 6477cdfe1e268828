//! Which statements speak of this patient, and how well do they fit?

use concilium_case::{AlterationKind, Case, MarkerName, Presence};
use concilium_criteria::{
    MolecularMatch, SettingFit, TumourMatch, TumourRelation, Verdict, judge_setting, match_profile,
    match_tumour,
};
use concilium_evidence::{Bearing, EvidenceLevel, Statement, StatementType, VariantOrigin};
use concilium_knowledge::Knowledge;
use concilium_terms::pattern::Pattern;
use concilium_terms::{Doid, GeneSymbol, Truth};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Which profiles speak of a gene, and which statements rest on a profile. Built once per release.
#[derive(Debug, Default)]
pub struct Index {
    by_gene: HashMap<GeneSymbol, Vec<u64>>,
    wildtype_of: HashMap<GeneSymbol, Vec<u64>>,
    signatures: Vec<u64>,
    statements_on: HashMap<u64, Vec<usize>>,
    strong_support: Vec<(u64, Vec<usize>)>,
}

impl Index {
    /// Walks all profiles and statements once.
    pub fn new(knowledge: &Knowledge) -> Index {
        let mut index = Index::default();
        for profile in &knowledge.profiles {
            for leaf in profile.expr.leaves().into_iter().filter_map(|id| knowledge.leaf(id)) {
                index.add(profile.id, &leaf.pattern);
            }
        }
        for (at, statement) in knowledge.statements.iter().enumerate() {
            index.statements_on.entry(statement.profile).or_default().push(at);
        }
        for profile in &knowledge.profiles {
            let on = index.statements_on(profile.id).iter().copied();
            let strong: Vec<usize> =
                on.filter(|at| is_strong(&knowledge.statements[*at], knowledge)).collect();
            if !strong.is_empty() {
                index.strong_support.push((profile.id, strong));
            }
        }
        index
    }

    fn add(&mut self, profile: u64, pattern: &Pattern) {
        if matches!(pattern, Pattern::Signature { .. }) {
            self.signatures.push(profile);
        }
        for gene in pattern.genes() {
            self.by_gene.entry(gene.clone()).or_default().push(profile);
            if matches!(pattern, Pattern::Wildtype { .. }) {
                self.wildtype_of.entry(gene.clone()).or_default().push(profile);
            }
        }
    }

    /// Profiles that can be other than "never tested" for this patient.
    fn profiles_for(&self, case: &Case) -> BTreeSet<u64> {
        let genes = genes_in(case);
        let named = genes.iter().filter_map(|gene| self.by_gene.get(gene)).flatten();
        let studied = case.facts.regions.iter().flat_map(|region| &region.genes);
        let wildtype = studied.filter_map(|gene| self.wildtype_of.get(gene)).flatten();
        named.chain(wildtype).chain(&self.signatures).copied().collect()
    }

    /// Profiles with unflagged level A/B support that counts, and the positions of those statements.
    pub(crate) fn strong_support(&self) -> &[(u64, Vec<usize>)] {
        &self.strong_support
    }

    /// Positions in `Knowledge::statements` resting on a profile.
    pub fn statements_on(&self, profile: u64) -> &[usize] {
        self.statements_on.get(&profile).map_or(&[], Vec::as_slice)
    }
}

fn is_strong(statement: &Statement, knowledge: &Knowledge) -> bool {
    let supports = statement.level <= EvidenceLevel::B && statement.bearing() == Bearing::For;
    supports && !statement.flagged && knowledge.counts(statement)
}

/// Genes the case has any word about: alterations, fusion partners, receptors, expression.
fn genes_in(case: &Case) -> BTreeSet<GeneSymbol> {
    let mut genes: BTreeSet<GeneSymbol> = BTreeSet::new();
    for alteration in &case.facts.alterations {
        genes.insert(alteration.gene.clone());
        if let AlterationKind::Fusion { five, three, .. } = &alteration.kind {
            genes.extend(five.iter().chain(three).cloned());
        }
    }
    genes.extend(case.facts.markers.iter().filter_map(|marker| marker_gene(&marker.name)));
    genes.extend(case.facts.pharmacogenes.iter().map(|result| result.gene.clone()));
    genes
}

/// The gene whose product a receptor or expression marker measures.
pub(crate) fn marker_gene(name: &MarkerName) -> Option<GeneSymbol> {
    match name {
        MarkerName::Er => Some(GeneSymbol::new("ESR1")),
        MarkerName::Pr => Some(GeneSymbol::new("PGR")),
        MarkerName::Her2 => Some(GeneSymbol::new("ERBB2")),
        MarkerName::PdL1 => Some(GeneSymbol::new("CD274")),
        MarkerName::Ki67 => Some(GeneSymbol::new("MKI67")),
        MarkerName::Gene(gene, _) => Some(gene.clone()),
        MarkerName::Signature(_) | MarkerName::Other(_) => None,
    }
}

/// A statement with what it means for this patient.
#[derive(Clone, Debug)]
pub struct Judged<'k> {
    /// The statement.
    pub statement: &'k Statement,
    /// What it says for an option.
    pub bearing: Bearing,
    /// The molecular part.
    pub molecular: MolecularMatch,
    /// The tumour part.
    pub tumour: TumourMatch,
    /// The setting part; `NotStated` for types without therapy.
    pub setting: SettingFit,
    /// What is known wrong in the statement, when it must not count for that.
    pub erratum: Option<&'k str>,
}

impl Judged<'_> {
    /// Does a fact of the patient satisfy the profile beyond doubt?
    pub fn is_carried(&self) -> bool {
        self.molecular.verdict.truth == Truth::True
    }

    /// The remark of a statement that is only shown: its erratum, else `otherwise`.
    pub fn remark_or(&self, otherwise: &str) -> String {
        self.erratum.map_or_else(
            || otherwise.to_owned(),
            |what| format!("does not count: wrong in the source: {what}"),
        )
    }
}

/// A statement known wrong in its source is shown and never counts; a lesser doubt stands beside it.
fn with_erratum<'k>(mut judged: Judged<'k>, knowledge: &'k Knowledge) -> Judged<'k> {
    match knowledge.erratum(judged.statement) {
        None => {}
        Some(erratum) if erratum.counts => {
            judged.molecular.notes.push(format!("in the source: {}", erratum.what))
        }
        Some(erratum) => {
            judged.bearing = Bearing::Context;
            judged.erratum = Some(&erratum.what);
        }
    }
    judged
}

/// Judges every statement a fact of the patient could satisfy. What is refuted is left out; what is open
/// stays only when a fact of the patient stands behind it (the rest is asked for by the next best facts).
pub fn judge_statements<'k>(case: &Case, knowledge: &'k Knowledge, index: &Index) -> Vec<Judged<'k>> {
    let mut tumours: BTreeMap<Option<&Doid>, TumourMatch> = BTreeMap::new();
    let mut judged = Vec::new();
    for profile in index.profiles_for(case).into_iter().filter_map(|id| knowledge.profile(id)) {
        let mut by_origin: BTreeMap<VariantOrigin, MolecularMatch> = BTreeMap::new();
        for statement in index.statements_on(profile.id).iter().map(|at| &knowledge.statements[*at]) {
            let molecular = by_origin
                .entry(statement.origin)
                .or_insert_with(|| match_profile(case, knowledge, &profile.expr, Some(statement)));
            let open_with_fact = molecular.verdict.truth == Truth::Open && !molecular.facts.is_empty();
            if molecular.verdict.truth != Truth::True && !open_with_fact {
                continue;
            }
            let tumour = tumours
                .entry(statement.disease.as_ref())
                .or_insert_with(|| match_tumour(case, knowledge, statement.disease.as_ref()));
            judged.push(with_erratum(
                Judged {
                    statement,
                    bearing: statement.bearing(),
                    molecular: molecular.clone(),
                    tumour: excluded(case, knowledge, statement, tumour).unwrap_or_else(|| tumour.clone()),
                    setting: setting_of(case, knowledge, statement),
                    erratum: None,
                },
                knowledge,
            ));
        }
    }
    judged.sort_by(|a, b| {
        (&a.statement.key, &a.statement.regimen).cmp(&(&b.statement.key, &b.statement.regimen))
    });
    judged
}

/// A tissue-agnostic study that excluded this tumour says nothing about it (EID12013: not breast, not colorectal).
fn excluded(
    case: &Case,
    knowledge: &Knowledge,
    statement: &Statement,
    found: &TumourMatch,
) -> Option<TumourMatch> {
    let tumour = case.tumour.as_ref().filter(|_| found.relation == TumourRelation::TissueAgnostic)?;
    let row = knowledge.settings.get(&statement.key)?;
    let without = row.excluded.iter().find(|doid| knowledge.diseases.is_a(&tumour.doid, doid))?;
    let because = format!("studied without {}", knowledge.diseases.name(without));
    Some(TumourMatch { relation: TumourRelation::Other, distance: 0, markers: Verdict::all([]), because })
}

fn setting_of(case: &Case, knowledge: &Knowledge, statement: &Statement) -> SettingFit {
    match statement.kind {
        StatementType::Predictive => judge_setting(case, knowledge, statement),
        StatementType::Prognostic
        | StatementType::Diagnostic
        | StatementType::Predisposing
        | StatementType::Oncogenic
        | StatementType::Functional => SettingFit::NotStated,
    }
}

/// Present alterations, for lists and flags.
pub(crate) fn is_present(presence: Presence) -> bool {
    presence == Presence::Present
}
