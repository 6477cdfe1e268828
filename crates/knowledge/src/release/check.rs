//! Does everything a release refers to exist? Hashes are checked on loading; this checks references.

use super::build::INPUTS;
use crate::error::Result;
use crate::model::*;
use concilium_terms::{ClassId, Doid, DrugName, StatementKey};
use std::collections::BTreeSet;
use std::path::Path;

/// Loads a release and checks it; a table the manifest does not list is a problem, too.
///
/// # Errors
/// As `load`: the first table whose bytes are not those of the manifest is named.
pub fn verify_folder(folder: &Path) -> Result<Vec<String>> {
    let mut problems = verify(&super::load::load(folder)?);
    let listed = super::load::stored_manifest(folder)?.files;
    let unlisted = super::load::folder_texts(folder)?.into_keys().filter(|file| file.ends_with(".tsv"));
    let unlisted = unlisted.filter(|file| !listed.contains_key(file));
    problems.extend(unlisted.map(|file| format!("{file}: not in the manifest; build the release again")));
    Ok(problems)
}

/// Every reference that leads nowhere, one line each, sorted; empty when all is well.
pub fn verify(knowledge: &Knowledge) -> Vec<String> {
    let mut problems = Problems { knowledge, found: BTreeSet::new() };
    problems.statements();
    problems.profiles();
    problems.drugs();
    problems.diseases();
    problems.settings();
    problems.standard();
    problems.safety();
    problems.sources();
    problems.found.into_iter().collect()
}

struct Problems<'a> {
    knowledge: &'a Knowledge,
    found: BTreeSet<String>,
}

impl Problems<'_> {
    fn add(&mut self, table: &str, what: String) {
        self.found.insert(format!("{table}: {what}"));
    }

    fn drug(&mut self, table: &str, name: &DrugName) {
        if self.knowledge.drugs.get(name).is_none() {
            self.add(table, format!("`{name}` is not in drugs.tsv"));
        }
    }

    fn class(&mut self, table: &str, id: &ClassId) {
        if !self.knowledge.drugs.classes.contains_key(id) {
            self.add(table, format!("class `{id}` is not in classes.tsv"));
        }
    }

    fn therapy(&mut self, table: &str, item: &PriorTherapy) {
        match item {
            PriorTherapy::Drug(name) => self.drug(table, name),
            PriorTherapy::Class(id) => self.class(table, id),
            PriorTherapy::AnySystemic => {}
        }
    }

    fn disease(&mut self, table: &str, doid: &Doid) {
        if !self.knowledge.diseases.by_id.contains_key(doid) {
            self.add(table, format!("{doid} is no disease term"));
        }
    }

    fn key(&mut self, table: &str, key: &StatementKey) {
        if self.knowledge.statements_of(key).is_empty() {
            self.add(table, format!("{key} is no statement"));
        }
    }

    fn sourced(&mut self, table: &str, row: &str, sourced: &Sourced) {
        if sourced.source.is_empty() {
            self.add(table, format!("`{row}` has no source"));
        }
    }

    fn statements(&mut self) {
        let knowledge = self.knowledge;
        for statement in &knowledge.statements {
            if knowledge.profile(statement.profile).is_none() {
                self.add("statements.tsv", format!("{} has no profile {}", statement.key, statement.profile));
            }
            let components = statement.regimen.iter().flat_map(|regimen| &regimen.components);
            components.for_each(|name| self.drug("statements.tsv", name));
            statement.disease.iter().for_each(|doid| self.disease("statements.tsv", doid));
        }
    }

    fn profiles(&mut self) {
        let knowledge = self.knowledge;
        for profile in &knowledge.profiles {
            for id in profile.expr.leaves().into_iter().filter(|id| knowledge.leaf(*id).is_none()) {
                self.add("profiles.tsv", format!("{} names no leaf {id}", profile.id));
            }
        }
        let profiles = knowledge.oncogenicity.iter().map(|call| call.profile);
        for id in profiles.filter(|id| knowledge.profile(*id).is_none()) {
            self.add("oncogenicity.tsv", format!("no profile {id}"));
        }
        for assertion in knowledge.assertions.iter().filter(|a| knowledge.profile(a.profile).is_none()) {
            self.add("assertions.tsv", format!("{} has no profile {}", assertion.key, assertion.profile));
        }
    }

    fn drugs(&mut self) {
        let drugs = &self.knowledge.drugs;
        for drug in &drugs.rows {
            drug.classes.iter().for_each(|id| self.class("drugs.tsv", id));
            self.sourced("drugs.tsv", drug.name.as_str(), &drug.sourced);
        }
        for parent in drugs.classes.values().filter_map(|class| class.parent.as_ref()) {
            self.class("classes.tsv", parent);
        }
        for regimen in drugs.regimens.values() {
            regimen.components.iter().for_each(|name| self.drug("regimens.tsv", name));
        }
    }

    fn diseases(&mut self) {
        let diseases = &self.knowledge.diseases;
        for term in &diseases.terms {
            term.parents.iter().for_each(|parent| self.disease("diseases.tsv", parent));
        }
        for row in diseases.map.iter().filter(|row| !row.doid.as_str().is_empty()) {
            self.disease("disease_map.tsv", &row.doid);
        }
        for marker in &diseases.markers {
            self.disease("disease_markers.tsv", &marker.doid);
            self.disease("disease_markers.tsv", &marker.base);
        }
        for row in &self.knowledge.disease_defaults {
            self.disease("disease_defaults.tsv", &row.doid);
            self.disease("disease_defaults.tsv", &row.read_as);
        }
    }

    fn settings(&mut self) {
        let knowledge = self.knowledge;
        for (key, setting) in &knowledge.settings {
            self.key("settings/civic.tsv", key);
            let items =
                setting.prior_required.iter().chain(&setting.prior_excluded).flat_map(|item| &item.any_of);
            items.for_each(|item| self.therapy("settings/civic.tsv", item));
            setting.excluded.iter().for_each(|doid| self.disease("settings/civic.tsv", doid));
            setting.backbone.iter().for_each(|name| self.drug("settings/civic.tsv", name));
        }
        knowledge
            .possibly_prognostic
            .keys()
            .for_each(|key| self.key("settings/possibly_prognostic.tsv", key));
        for (key, erratum) in &knowledge.errata {
            self.sourced("source_errata.tsv", key.as_str(), &erratum.sourced);
            let rows = knowledge.statements_of(key);
            if !rows.is_empty() && !rows.iter().any(|row| erratum.speaks_of(row)) {
                self.add(
                    "source_errata.tsv",
                    format!("{key} no longer says `{}`: remove the row", erratum.says),
                );
            }
        }
        knowledge.required_markers.keys().for_each(|key| self.key("settings/required_markers.tsv", key));
        for approval in &knowledge.approvals {
            self.disease("regulatory/approvals.tsv", &approval.doid);
            approval.therapy.iter().for_each(|name| self.drug("regulatory/approvals.tsv", name));
        }
    }

    fn standard(&mut self) {
        let table = "standard/options.tsv";
        for option in &self.knowledge.standard {
            self.disease(table, &option.doid);
            option.excludes.iter().for_each(|doid| self.disease(table, doid));
            option.components.iter().for_each(|name| self.drug(table, name));
            option.when.iter().for_each(|when| self.condition(table, when));
            self.sourced(table, &option.option, &option.sourced);
        }
    }

    /// A condition nobody can evaluate would stay unknown for ever.
    fn condition(&mut self, table: &str, when: &str) {
        let (kind, what) = when.split_once(':').unwrap_or((when, ""));
        match (kind, crate::prior_condition(what)) {
            ("prior" | "not-prior" | "running", Some((item, _))) => self.therapy(table, &item),
            ("disease", _) if what == "relapsed" => {}
            ("marker" | "altered" | "not-altered" | "met" | "age", _) if !what.is_empty() => {}
            _ => self.add(table, format!("`{when}` is no condition")),
        }
    }

    fn safety(&mut self) {
        let knowledge = self.knowledge;
        for rule in &knowledge.rules {
            self.therapy("safety/rules.tsv", &rule.applies_to);
            self.sourced("safety/rules.tsv", &rule.id, &rule.sourced);
        }
        for action in &knowledge.pgx.actions {
            self.drug("safety/pgx_actions", &action.drug);
        }
    }

    /// Were names resolved through the drugs, regimens and disease map that lie beside the pack now?
    fn sources(&mut self) {
        let manifest = &self.knowledge.manifest;
        let stored = manifest.sources.iter().find(|source| source.name == "Concilium authored tables");
        for input in INPUTS {
            let then = stored.and_then(|source| source.files.get(*input));
            let now = manifest.files.get(&format!("authored/{input}"));
            if then != now {
                self.add(
                    "manifest.json",
                    format!("{input} has changed since the release was compiled: rebuild it"),
                );
            }
        }
    }
}
