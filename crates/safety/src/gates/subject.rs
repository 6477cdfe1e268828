//! Under which names and classes do rules speak of a component?

use concilium_knowledge::{Knowledge, PriorTherapy};
use concilium_terms::{ClassId, DrugName};
use std::collections::BTreeSet;

/// One component with all names and classes a rule can reach it by.
pub(crate) struct Subject<'a> {
    /// As the regimen names it.
    pub drug: &'a DrugName,
    /// Itself, and each substance of a fixed combination (`tegafur/gimeracil/oteracil` is also tegafur).
    names: BTreeSet<DrugName>,
    classes: BTreeSet<ClassId>,
    makes_a_line: bool,
}

impl<'a> Subject<'a> {
    /// Classes with their ancestors.
    pub fn new(drug: &'a DrugName, knowledge: &Knowledge) -> Subject<'a> {
        let parts = drug.as_str().split('/').map(DrugName::new);
        let names: BTreeSet<DrugName> = parts.chain([drug.clone()]).collect();
        let classes = names.iter().flat_map(|name| knowledge.drugs.classes_of(name)).cloned().collect();
        let makes_a_line = knowledge.drugs.get(drug).is_some_and(|row| row.makes_a_line());
        Subject { drug, names, classes, makes_a_line }
    }

    /// Does the item cover this component?
    pub fn is(&self, item: &PriorTherapy) -> bool {
        match item {
            PriorTherapy::Drug(name) => self.is_named(name),
            PriorTherapy::Class(class) => self.classes.contains(class),
            PriorTherapy::AnySystemic => self.makes_a_line,
        }
    }

    /// Is this one of its names?
    pub fn is_named(&self, name: &DrugName) -> bool {
        self.names.contains(name)
    }
}
