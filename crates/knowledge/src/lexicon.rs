//! Which names does a release know, and which of them can be trusted in running text?
//!
//! Names come from the gene, drug, disease and class tables. What would mislead is left out by rule, with counts:
//! gene tables hold thousands of old aliases that are ordinary abbreviations (`not`, `OS`, `CI` are aliases of genes).

mod hazards;

use crate::model::{Drug, Drugs, Gene, ImportCount, Knowledge};
use concilium_terms::hgvs::ProteinChange;
use concilium_terms::lexicon::{Case, Entry, Kind, Lexicon};
use concilium_terms::pattern::{ExonChange, Pattern};
use concilium_terms::{ClassId, Doid, GeneSymbol};
use hazards::{DISEASES, DRUGS, GENES, Hazard, MORE_GENES, SUPPORT, TRUSTED};
use std::collections::{BTreeMap, BTreeSet};

/// The names of a release as a matcher, with what was read, kept and left out by reason.
pub fn lexicon(knowledge: &Knowledge) -> (Lexicon, ImportCount) {
    let mut names = Names::new(knowledge);
    names.drugs(knowledge);
    names.classes(knowledge);
    names.diseases(knowledge);
    names.genes(knowledge);
    let count = ImportCount {
        table: "lexicon".to_owned(),
        read: names.read,
        kept: names.entries.len(),
        left_out: names.left_out,
    };
    (Lexicon::new(names.entries, SUPPORT.iter().copied(), known_changes(knowledge)), count)
}

/// Why a name is left out.
type Reason = &'static str;

#[derive(Default)]
struct Names {
    entries: Vec<Entry>,
    read: usize,
    left_out: BTreeMap<String, usize>,
    /// Genes that statements, roles or drug targets speak of.
    curated: BTreeSet<GeneSymbol>,
    /// Upper-case symbols.
    symbols: BTreeSet<String>,
    /// Upper-case symbols and aliases of curated genes.
    curated_names: BTreeSet<String>,
    /// Upper-case names of drugs, regimens and diseases: no alias of a gene may stand beside them.
    taken: BTreeMap<String, Reason>,
}

impl Names {
    fn new(knowledge: &Knowledge) -> Names {
        let curated = curated_genes(knowledge);
        let of_curated = knowledge.genes.rows.iter().filter(|gene| curated.contains(&gene.symbol));
        let curated_names = of_curated
            .flat_map(|gene| gene.aliases().chain([gene.symbol.as_str()]))
            .map(str::to_uppercase)
            .collect();
        let symbols = knowledge.genes.rows.iter().map(|gene| gene.symbol.as_str().to_uppercase()).collect();
        Names { curated, curated_names, symbols, ..Names::default() }
    }

    fn add(&mut self, name: Result<Entry, Reason>) {
        self.read += 1;
        match name {
            Ok(entry) => self.entries.push(entry),
            Err(reason) => *self.left_out.entry(reason.to_owned()).or_default() += 1,
        }
    }

    fn drugs(&mut self, knowledge: &Knowledge) {
        for drug in &knowledge.drugs.rows {
            let names = drug.synonyms.iter().map(String::as_str).chain([drug.name.as_str()]);
            for name in names {
                self.taken.insert(name.to_uppercase(), "alias that is also a drug");
                self.add(drug_name(drug, name));
            }
        }
        for (name, regimen) in &knowledge.drugs.regimens {
            self.taken.insert(name.to_uppercase(), "alias that is also a regimen");
            let case = if name.len() < 5 { Case::Marked } else { Case::Any };
            self.add(Ok(Entry::new(Kind::Other, &format!("regimen:{}", regimen.name), name, case)));
        }
    }

    /// Labels and ids (`egfr-tki`) of the classes a therapy may have; roles in safety rules are no names.
    fn classes(&mut self, knowledge: &Knowledge) {
        for (id, class) in &knowledge.drugs.classes {
            let role = root_class(&knowledge.drugs, id) == "interaction-role";
            for name in [id.as_str(), class.label.as_str()] {
                let hazard = DRUGS.iter().any(|(known, _)| *known == name);
                let entry = Entry::new(Kind::DrugClass, id.as_str(), name, Case::Any);
                self.add(match (role, hazard) {
                    (true, _) => Err("role in safety rules"),
                    (_, true) => Err("name of a drug that misleads"),
                    _ => Ok(entry),
                });
            }
        }
    }

    fn diseases(&mut self, knowledge: &Knowledge) {
        let tumours = Tumours::new(knowledge);
        for term in &knowledge.diseases.terms {
            let synonyms = term.synonyms.iter().map(|name| (name, 2));
            for (name, rank) in [(&term.name, 1)].into_iter().chain(synonyms) {
                self.add_disease(name, disease_name(&term.doid, name, rank, &tumours));
            }
        }
        for row in
            knowledge.diseases.map.iter().filter(|row| row.kind == "primary" && !row.doid.as_str().is_empty())
        {
            let doid = knowledge.diseases.canonical(&row.doid);
            match row.system.as_str() {
                // `aml` stands for the label: an abbreviation, written in capitals.
                "text" if row.code.len() <= 5 && row.code != row.label => {
                    let entry =
                        Entry::new(Kind::Disease, doid.as_str(), &row.code.to_uppercase(), Case::Exact);
                    self.add_disease(&row.code, Ok(Entry { rank: 1, ..entry }));
                }
                "text" | "civic-name" => {
                    self.add_disease(&row.code, disease_name(&doid, &row.code, 1, &tumours))
                }
                _ => {}
            }
        }
        for node in knowledge.diseases.oncotree.values() {
            if let Some(doid) = &node.doid {
                // `Lung` stands there for the tumours of the lung; in a text it is the organ.
                let organ = node.parent.as_deref() == Some("TISSUE");
                let name = if organ {
                    Err("organ that stands for its tumours")
                } else {
                    disease_name(doid, &node.name, 2, &tumours)
                };
                self.add_disease(&node.name, name);
            }
        }
    }

    fn add_disease(&mut self, surface: &str, name: Result<Entry, Reason>) {
        self.taken.entry(surface.to_uppercase()).or_insert("alias that is also a disease");
        self.add(name);
    }

    fn genes(&mut self, knowledge: &Knowledge) {
        for gene in &knowledge.genes.rows {
            let prominent = self.curated.contains(&gene.symbol);
            let symbol = symbol_entry(gene, prominent);
            self.add(symbol);
            for alias in gene.aliases() {
                let entry = self.alias(gene, alias, prominent);
                self.add(entry);
            }
        }
        for (name, symbols) in MORE_GENES {
            for symbol in
                symbols.iter().filter(|symbol| knowledge.genes.get(&GeneSymbol::new(symbol)).is_some())
            {
                let short = letters_only(name) && name.len() <= 5;
                let case = match (short, name.contains(' ')) {
                    (true, _) => Case::Exact,
                    (false, true) => Case::Any,
                    (false, false) => Case::Letters,
                };
                let needs_context = hazard(name) == Some(Hazard::Context);
                let entry = Entry::new(Kind::Gene, symbol, name, case);
                self.add(Ok(Entry { rank: 1, prominent: true, needs_context, ..entry }));
            }
        }
    }

    fn alias(&self, gene: &Gene, alias: &str, prominent: bool) -> Result<Entry, Reason> {
        let upper = alias.to_uppercase();
        let length = alias.chars().filter(|c| c.is_alphanumeric()).count();
        let digits = alias.bytes().any(|b| b.is_ascii_digit());
        match () {
            () if length < 3 => return Err("alias of one or two letters"),
            () if alias.contains([',', ';']) => return Err("several names in one alias"),
            () if self.symbols.contains(&upper) => return Err("alias that is another gene's symbol"),
            () if self.taken.contains_key(&upper) => return Err(self.taken[&upper]),
            () if ProteinChange::parse(alias).is_ok() => return Err("alias that reads as a change"),
            () if reads_as_a_stage(alias) => return Err("alias that reads as a stage"),
            () if GREEK.contains(&alias.to_lowercase().as_str()) => {
                return Err("alias that is a Greek letter");
            }
            () if self.names_a_fusion(&upper) => return Err("alias that names a fusion"),
            () if !digits && !alias.contains(char::is_uppercase) => {
                return Err("alias in lower-case letters");
            }
            () if !prominent && length < 5 && !digits => {
                return Err("short alias of a gene nothing is curated for");
            }
            () if !prominent && length < 4 => return Err("short alias of a gene nothing is curated for"),
            () => {}
        }
        let case = match () {
            () if letters_only(alias) => Case::Exact,
            () if digits => Case::Letters,
            () => Case::Marked,
        };
        let doubtful = letters_only(alias) && length < 5 && !TRUSTED.contains(&alias);
        gene_entry(gene, alias, case, prominent).map(|entry| Entry {
            rank: 2,
            needs_context: entry.needs_context || doubtful,
            ..entry
        })
    }

    /// `BCR-ABL` is an alias of ABL1 in the gene table; `HLA-A` and `TGF-beta` are none.
    fn names_a_fusion(&self, upper: &str) -> bool {
        upper.match_indices(['-', '/']).any(|(at, _)| {
            let (five, three) = (&upper[..at], &upper[at + 1..]);
            [five, three].iter().all(|side| 3 <= side.len() && self.curated_names.contains(*side))
        })
    }
}

/// The class at the top of a class; a circle ends after as many steps as no table is deep.
fn root_class<'k>(drugs: &'k Drugs, id: &'k ClassId) -> &'k str {
    let mut root = id;
    for _ in 0..32 {
        let Some(parent) = drugs.classes.get(root).and_then(|class| class.parent.as_ref()) else { break };
        root = parent;
    }
    root.as_str()
}

fn symbol_entry(gene: &Gene, prominent: bool) -> Result<Entry, Reason> {
    let symbol = gene.symbol.as_str();
    match symbol.len() {
        0 | 1 => Err("symbol of one letter"),
        length if letters_only(symbol) || length < 4 => gene_entry(gene, symbol, Case::Exact, prominent),
        _ => gene_entry(gene, symbol, Case::Letters, prominent),
    }
}

fn gene_entry(gene: &Gene, name: &str, case: Case, prominent: bool) -> Result<Entry, Reason> {
    let hazard = hazard(name);
    if hazard == Some(Hazard::Never) {
        return Err("name of a gene that nearly always means something else");
    }
    let entry = Entry::new(Kind::Gene, gene.symbol.as_str(), name, case);
    Ok(Entry { prominent, needs_context: hazard.is_some(), ..entry })
}

/// `T2`, `cT2`, `ypN1a`.
fn reads_as_a_stage(alias: &str) -> bool {
    let stage = alias.trim_start_matches(['c', 'C', 'p', 'P', 'y', 'Y']);
    let digits = stage.trim_start_matches(['T', 'N', 'M', 't', 'n', 'm']);
    digits.len() + 1 == stage.len()
        && (1..=2).contains(&digits.len())
        && digits.starts_with(|c| ('0'..='4').contains(&c))
        && digits[1..].chars().all(|c| c.is_ascii_lowercase())
}

/// Letters that number subtypes and chains, not genes.
const GREEK: [&str; 8] = ["alpha", "beta", "gamma", "delta", "epsilon", "kappa", "lambda", "zeta"];

fn hazard(name: &str) -> Option<Hazard> {
    GENES.iter().find(|(known, ..)| *known == name).map(|(_, hazard, _)| *hazard)
}

fn letters_only(name: &str) -> bool {
    name.chars().all(char::is_alphabetic)
}

fn drug_name(drug: &Drug, name: &str) -> Result<Entry, Reason> {
    let length = name.chars().filter(|c| c.is_alphanumeric()).count();
    let kind = if drug.kind == "drug" { Kind::Drug } else { Kind::DrugClass };
    let entry = |surface: &str, case| Ok(Entry::new(kind, drug.name.as_str(), surface, case));
    match () {
        () if DRUGS.iter().any(|(known, _)| *known == name) => Err("name of a drug that misleads"),
        () if name.bytes().all(|b| b.is_ascii_digit()) => Err("number"),
        () if length < 4 => entry(&name.to_uppercase(), Case::Verbatim),
        () if letters_only(name) && length < 5 => entry(name, Case::Marked),
        // A class of the class table goes before the component of the same name.
        () if kind == Kind::DrugClass => {
            Ok(Entry { rank: 1, ..Entry::new(kind, drug.name.as_str(), name, Case::Any) })
        }
        () if name.bytes().any(|b| b.is_ascii_digit()) && !name.contains(' ') => entry(name, Case::Letters),
        () => entry(name, Case::Any),
    }
}

/// Terms at or below cancer.
struct Tumours(BTreeSet<Doid>);

impl Tumours {
    fn new(knowledge: &Knowledge) -> Tumours {
        // Disease Ontology: cancer, with the terms that stand below it.
        let root = Doid::new("DOID:162");
        let terms = knowledge.diseases.terms.iter().map(|term| &term.doid);
        Tumours(terms.filter(|doid| knowledge.diseases.is_a(doid, &root)).cloned().collect())
    }
}

fn disease_name(doid: &Doid, name: &str, rank: u8, tumours: &Tumours) -> Result<Entry, Reason> {
    let length = name.chars().filter(|c| c.is_alphanumeric()).count();
    let capitals = name.chars().filter(|c| c.is_uppercase()).count();
    let abbreviation = !name.contains(' ') && length < 8 && 2 <= capitals;
    match () {
        () if length < 3 => Err("disease of one or two letters"),
        // Signs are no letters: `HER2- breast cancer` would be found where HER2-positive disease is spoken of.
        () if name.contains("- ") => Err("name of a disease with a minus sign"),
        () if DISEASES.iter().any(|(known, _)| *known == name) => Err("name of a disease that misleads"),
        () if abbreviation && length < 4 && !tumours.0.contains(doid) => {
            Err("short abbreviation of no tumour")
        }
        () => {
            let case = if abbreviation { Case::Exact } else { Case::Any };
            Ok(Entry { rank, ..Entry::new(Kind::Disease, doid.as_str(), name, case) })
        }
    }
}

/// Genes of profiles, of curated roles and of drug targets.
fn curated_genes(knowledge: &Knowledge) -> BTreeSet<GeneSymbol> {
    let leaves = knowledge.leaves.iter().flat_map(|leaf| leaf.pattern.genes()).cloned();
    let roles =
        knowledge.genes.rows.iter().filter(|gene| gene.role.is_some()).map(|gene| gene.symbol.clone());
    let targets = knowledge.drugs.rows.iter().flat_map(|drug| drug.targets.iter().cloned());
    leaves.chain(roles).chain(targets).collect()
}

/// Changes of the profiles' leaves and of the table of recurrent changes, as the text reader names them.
fn known_changes(knowledge: &Knowledge) -> Vec<String> {
    let recurrent = knowledge.oncogenic.keys().map(|(gene, protein)| format!("{gene} {protein}"));
    knowledge.leaves.iter().flat_map(|leaf| named(&leaf.pattern)).chain(recurrent).collect()
}

fn named(pattern: &Pattern) -> Vec<String> {
    match pattern {
        Pattern::Exact { gene, proteins, codings, .. } => {
            let proteins = proteins.iter().map(|protein| format!("{gene} {protein}"));
            proteins.chain(codings.iter().map(|coding| format!("{gene} c.{}", coding.change))).collect()
        }
        Pattern::Codon { gene, reference, residue } => vec![format!("{gene} {reference}{residue}")],
        Pattern::Exon { gene, first, change, .. } => {
            let change = match change {
                ExonChange::Deletion => "deletion",
                ExonChange::Insertion => "insertion",
                ExonChange::Mutation => "mutation",
                ExonChange::Frameshift => return vec![],
            };
            vec![format!("{gene} exon {first} {change}")]
        }
        Pattern::Amplification { gene } => vec![format!("{gene} amplification")],
        _ => vec![],
    }
}

#[cfg(test)]
mod tests;
