//! What does every pattern need to know besides the pattern: the case, the curated rows, the origin asked for?

use concilium_case::{Alteration, Case, Origin, RegionStudied, Specimen};
use concilium_evidence::{Statement, VariantOrigin};
use concilium_knowledge::Knowledge;
use concilium_terms::{GeneSymbol, PartialDate};

/// Numbers that turn a measurement into a call. Each is a setting of the site.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    /// Copies at or above which a number alone counts as amplification. `unreviewed`: 6 copies, to be checked against
    /// the ASCO/CAP HER2 testing guideline (2018, ISH groups: average copy number) and the assay's own cut-off.
    pub amplified_copies: f64,
    /// Copies below which a number alone counts as two-copy loss; a caller reports whole copies, purity moves them by
    /// fractions. `unreviewed`: 0.5 copies, to be checked against the assay's validation.
    pub lost_copies: f64,
}

impl Default for Thresholds {
    fn default() -> Thresholds {
        Thresholds { amplified_copies: 6.0, lost_copies: 0.5 }
    }
}

/// Read-only surroundings of one match.
pub(super) struct Context<'a> {
    pub case: &'a Case,
    pub knowledge: &'a Knowledge,
    pub thresholds: &'a Thresholds,
    /// Origin the statement is about; `Unstated` takes both.
    pub wanted: VariantOrigin,
}

impl<'a> Context<'a> {
    pub fn new(
        case: &'a Case,
        knowledge: &'a Knowledge,
        thresholds: &'a Thresholds,
        statement: Option<&Statement>,
    ) -> Context<'a> {
        let wanted = statement.map_or(VariantOrigin::Unstated, |statement| statement.origin);
        Context::about(case, knowledge, thresholds, wanted)
    }

    /// As `new`, for a question that names the origin itself.
    pub fn about(
        case: &'a Case,
        knowledge: &'a Knowledge,
        thresholds: &'a Thresholds,
        wanted: VariantOrigin,
    ) -> Context<'a> {
        Context { case, knowledge, thresholds, wanted }
    }

    /// Alterations that name the gene, in either place of a fusion too.
    pub fn alterations_of(&self, gene: &GeneSymbol) -> impl Iterator<Item = &'a Alteration> {
        let gene = gene.clone();
        self.case.facts.alterations.iter().filter(move |alteration| names_gene(alteration, &gene))
    }

    pub fn specimen(&self, id: Option<&str>) -> Option<&'a Specimen> {
        let id = id?;
        self.case.facts.specimens.iter().find(|specimen| specimen.meta.id == id)
    }

    /// Collection day: the specimen's, else the finding's own.
    pub fn sampled(&self, specimen: Option<&str>, when: Option<&PartialDate>) -> Option<PartialDate> {
        self.specimen(specimen).and_then(|specimen| specimen.meta.when.clone()).or_else(|| when.cloned())
    }

    /// Does the statement ask for an inherited change?
    pub fn wants_germline(&self) -> bool {
        matches!(self.wanted, VariantOrigin::RareGermline | VariantOrigin::CommonGermline)
    }

    /// Can an assay of this origin answer the question? A germline test says nothing of the tumour's own changes, and
    /// a tumour test that does not say more cannot exclude an inherited one.
    pub fn answers(&self, region: &RegionStudied) -> bool {
        match region.origin {
            Origin::Germline => self.wants_germline(),
            Origin::Somatic | Origin::Unknown => !self.wants_germline(),
        }
    }
}

fn names_gene(alteration: &Alteration, gene: &GeneSymbol) -> bool {
    use concilium_case::AlterationKind::Fusion;
    let partner = match &alteration.kind {
        Fusion { five, three, .. } => five.as_ref() == Some(gene) || three.as_ref() == Some(gene),
        _ => false,
    };
    alteration.gene == *gene || partner
}
