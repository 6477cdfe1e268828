//! How are the vocabularies asked? Read-only look-ups over a loaded release.

use crate::model::{
    Assertion, Diseases, Drug, Drugs, Erratum, ErratumColumn, Gene, Genes, Knowledge, Oncogenicity,
    OncotreeNode, PriorTherapy,
};
use concilium_evidence::{Leaf, Profile, ProfileExpr, Statement};
use concilium_terms::{ClassId, Doid, DrugName, GeneSymbol, StatementKey};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

impl Knowledge {
    /// Profile by id.
    pub fn profile(&self, id: u64) -> Option<&Profile> {
        self.profiles.binary_search_by_key(&id, |p| p.id).ok().map(|at| &self.profiles[at])
    }

    /// Leaf by variant id.
    pub fn leaf(&self, id: u64) -> Option<&Leaf> {
        self.leaves.binary_search_by_key(&id, |l| l.id).ok().map(|at| &self.leaves[at])
    }

    /// All statements with a key (several when the source lists substitutes).
    pub fn statements_of(&self, key: &StatementKey) -> &[Statement] {
        let from = self.statements.partition_point(|s| s.key < *key);
        let to = self.statements.partition_point(|s| s.key <= *key);
        &self.statements[from..to]
    }

    /// What is known wrong in a statement, while it still says so: a release that mends the row outlives the erratum.
    pub fn erratum(&self, statement: &Statement) -> Option<&Erratum> {
        self.errata.get(&statement.key).filter(|erratum| erratum.speaks_of(statement))
    }

    /// May a statement count? Not when an erratum says that it must not.
    pub fn counts(&self, statement: &Statement) -> bool {
        self.erratum(statement).is_none_or(|erratum| erratum.counts)
    }

    /// Curated calls of single variants of a gene, with the leaf each is about.
    pub fn calls_on(&self, gene: &GeneSymbol) -> impl Iterator<Item = (&Oncogenicity, &Leaf)> {
        let calls = self.calls.0.get_or_init(|| self.calls_by_gene()).get(gene).into_iter().flatten();
        calls.filter_map(|(at, leaf)| Some((self.oncogenicity.get(*at)?, self.leaf(*leaf)?)))
    }

    fn calls_by_gene(&self) -> HashMap<GeneSymbol, Vec<(usize, u64)>> {
        let mut by_gene: HashMap<GeneSymbol, Vec<(usize, u64)>> = HashMap::new();
        for (at, row) in self.oncogenicity.iter().enumerate() {
            let Some(ProfileExpr::Leaf(id)) = self.profile(row.profile).map(|profile| &profile.expr) else {
                continue;
            };
            for gene in self.leaf(*id).iter().flat_map(|leaf| leaf.pattern.genes()) {
                by_gene.entry(gene.clone()).or_default().push((at, *id));
            }
        }
        by_gene
    }

    /// Assertions that rest on a statement.
    pub fn assertions_on<'a>(&'a self, key: &'a StatementKey) -> impl Iterator<Item = &'a Assertion> {
        self.assertions.iter().filter(move |a| a.evidence.contains(key))
    }
}

impl Erratum {
    /// Does the statement still say what the erratum was written about?
    pub fn speaks_of(&self, statement: &Statement) -> bool {
        match self.column {
            ErratumColumn::Significance => statement.significance_text == self.says,
            ErratumColumn::Disease => statement.disease_name == self.says,
            ErratumColumn::Therapy => {
                let components = statement.regimen.iter().flat_map(|regimen| &regimen.components);
                let names: Vec<&str> = components.map(DrugName::as_str).collect();
                names.join("|") == self.says
            }
        }
    }
}

impl Genes {
    /// Of rows in any order.
    pub fn of(mut rows: Vec<Gene>) -> Genes {
        rows.sort_by(|a, b| (&a.symbol, a.entrez).cmp(&(&b.symbol, b.entrez)));
        Genes { rows, ..Genes::default() }
    }

    /// Gene by symbol, then by an alias that names exactly one gene. Case does not matter.
    pub fn resolve(&self, name: &str) -> Option<&Gene> {
        let upper = name.trim().to_ascii_uppercase();
        if let Ok(at) = self.rows.binary_search_by(|g| g.symbol.as_str().cmp(upper.as_str())) {
            return Some(&self.rows[at]);
        }
        match self.bearers(&upper) {
            [] => None,
            [at] => Some(&self.rows[*at]),
            several => several
                .iter()
                .map(|at| &self.rows[*at])
                .find(|g| g.symbol.as_str().eq_ignore_ascii_case(&upper)),
        }
    }

    /// Rows whose symbol or alias is the upper-cased name.
    pub(crate) fn bearers(&self, upper: &str) -> &[usize] {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name: HashMap<String, Vec<usize>> = HashMap::with_capacity(4 * self.rows.len());
            for (at, gene) in self.rows.iter().enumerate() {
                for name in gene.aliases().chain([gene.symbol.as_str()]) {
                    let rows = by_name.entry(name.to_ascii_uppercase()).or_default();
                    if rows.last() != Some(&at) {
                        rows.push(at);
                    }
                }
            }
            by_name
        });
        by_name.get(upper).map_or(&[], Vec::as_slice)
    }

    /// Gene row by symbol.
    pub fn get(&self, symbol: &GeneSymbol) -> Option<&Gene> {
        self.rows.binary_search_by(|g| g.symbol.cmp(symbol)).ok().map(|at| &self.rows[at])
    }
}

impl Gene {
    /// Aliases.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.aliases.split('|').map(str::trim).filter(|alias| !alias.is_empty())
    }
}

impl Diseases {
    /// Term name; the id itself when unknown.
    pub fn name(&self, doid: &Doid) -> String {
        self.by_id.get(doid).map_or_else(|| doid.to_string(), |at| self.terms[*at].name.clone())
    }

    /// Ancestors with their smallest distance, itself at 0.
    pub fn ancestors(&self, doid: &Doid) -> BTreeMap<Doid, u32> {
        self.known_ancestors(doid).cloned().unwrap_or_else(|| BTreeMap::from([(doid.clone(), 0)]))
    }

    /// is_a steps from a term up to an ancestor; 0 when they are the same.
    pub fn steps_up(&self, doid: &Doid, ancestor: &Doid) -> Option<u32> {
        if doid == ancestor {
            return Some(0);
        }
        self.known_ancestors(doid)?.get(ancestor).copied()
    }

    /// Every tumour is compared with hundreds of diseases: a term is climbed once. An unknown term has no ancestors.
    fn known_ancestors(&self, doid: &Doid) -> Option<&BTreeMap<Doid, u32>> {
        let at = *self.by_id.get(doid)?;
        let ancestry = self.ancestry.get_or_init(|| vec![OnceLock::new(); self.terms.len()]);
        Some(ancestry.get(at)?.get_or_init(|| self.climb(doid)))
    }

    /// Breadth first, cycles are survived.
    fn climb(&self, doid: &Doid) -> BTreeMap<Doid, u32> {
        let mut found = BTreeMap::from([(doid.clone(), 0)]);
        let mut ring = vec![doid.clone()];
        let mut distance = 0;
        while !ring.is_empty() {
            distance += 1;
            let parents: BTreeSet<Doid> = ring.iter().flat_map(|id| self.parents(id)).cloned().collect();
            ring = parents.into_iter().filter(|id| !found.contains_key(id)).collect();
            found.extend(ring.iter().map(|id| (id.clone(), distance)));
        }
        found
    }

    /// Ancestors by the Disease Ontology alone, without bridges; itself among them.
    pub fn own_ancestors(&self, doid: &Doid) -> BTreeSet<Doid> {
        let mut found = BTreeSet::new();
        let mut open = vec![doid.clone()];
        while let Some(id) = open.pop() {
            let own = |parent: &&Doid| !self.bridges.contains(&(id.clone(), (*parent).clone()));
            open.extend(self.parents(&id).iter().filter(own).filter(|id| !found.contains(*id)).cloned());
            found.insert(id);
        }
        found
    }

    /// OncoTree's own parents that are no ancestors here: (child, its term, nearest parent with a term, that term). What
    /// a reviewer reads before adding a bridge.
    pub fn oncotree_links_left_out(&self) -> Vec<(&OncotreeNode, &Doid, &OncotreeNode, &Doid)> {
        let with_term = |node: &'_ OncotreeNode| self.oncotree.get(node.parent.as_deref()?);
        let mut found = vec![];
        for child in self.oncotree.values() {
            let Some(term) = &child.doid else { continue };
            let mut above = with_term(child);
            while let Some(node) = above.filter(|node| node.doid.is_none()) {
                above = with_term(node);
            }
            let Some((parent, parent_term)) = above.and_then(|node| Some((node, node.doid.as_ref()?))) else {
                continue;
            };
            if !self.is_a(term, parent_term) {
                found.push((child, term, parent, parent_term));
            }
        }
        found
    }

    /// Direct parents.
    pub fn parents(&self, doid: &Doid) -> &[Doid] {
        self.by_id.get(doid).map_or(&[], |at| &self.terms[*at].parents)
    }

    /// Is `child` the same as `ancestor` or below it?
    pub fn is_a(&self, child: &Doid, ancestor: &Doid) -> bool {
        self.steps_up(child, ancestor).is_some()
    }
}

impl Drugs {
    /// Drug by canonical name or synonym; case does not matter.
    pub fn resolve(&self, name: &str) -> Option<&Drug> {
        self.by_name.get(&name.trim().to_lowercase()).map(|at| &self.rows[*at])
    }

    /// Drug by canonical name.
    pub fn get(&self, name: &DrugName) -> Option<&Drug> {
        self.position(name).map(|at| &self.rows[at])
    }

    /// Classes of a drug with all ancestors; none of a drug without a row.
    pub fn classes_of(&self, name: &DrugName) -> &BTreeSet<ClassId> {
        static NONE: BTreeSet<ClassId> = BTreeSet::new();
        let ancestry = self.ancestry.get_or_init(|| self.rows.iter().map(|row| self.climb(row)).collect());
        self.position(name).and_then(|at| ancestry.get(at)).unwrap_or(&NONE)
    }

    fn climb(&self, row: &Drug) -> BTreeSet<ClassId> {
        let mut found = BTreeSet::new();
        let mut open: Vec<ClassId> = row.classes.clone();
        while let Some(class) = open.pop() {
            open.extend(
                self.classes.get(&class).and_then(|c| c.parent.clone()).filter(|p| !found.contains(p)),
            );
            found.insert(class);
        }
        found
    }

    fn position(&self, name: &DrugName) -> Option<usize> {
        self.rows.binary_search_by(|d| d.name.cmp(name)).ok()
    }

    /// Is the drug what the item names?
    pub fn is(&self, name: &DrugName, item: &PriorTherapy) -> bool {
        match item {
            PriorTherapy::Drug(wanted) => name == wanted,
            PriorTherapy::Class(class) => self.classes_of(name).contains(class),
            PriorTherapy::AnySystemic => self.get(name).is_some_and(Drug::makes_a_line),
        }
    }
}

impl Drug {
    /// Antineoplastic and endocrine drugs make lines of therapy.
    pub fn makes_a_line(&self) -> bool {
        matches!(self.role.as_str(), "antineoplastic" | "endocrine")
    }
}
