//! Which diplotype, and which phenotype does it have?
//!
//! A diplotype is called by exact match: every pair of named alleles that explains all genotypes, phased ones on
//! one strand each. A position that was not covered is an answer of its own and never the reference allele.

use crate::Options;
use concilium_case::{Facts, Level, Meta, Origin, Pharmacogene};
use concilium_knowledge::{Knowledge, PgxAllele, PgxPhenotype, PgxPosition};
use concilium_terms::GeneSymbol;
use concilium_terms::hgvs::{Build, GenomicChange};
use std::collections::{BTreeMap, BTreeSet};

/// Phenotype of a stated diplotype: `*1/*2A`, `Reference/c.1905+1G>A (*2A)`, `c.1905+1G>A/Reference`.
/// `None` when the release has no such diplotype: that is never normal.
pub fn phenotype_of<'k>(
    knowledge: &'k Knowledge,
    gene: &GeneSymbol,
    diplotype: &str,
) -> Option<&'k PgxPhenotype> {
    if let Some(found) = knowledge.pgx.phenotype(gene, diplotype) {
        return Some(found);
    }
    let (first, second) = diplotype.split_once('/')?;
    let (first, second) = (allele(knowledge, gene, first)?, allele(knowledge, gene, second)?);
    knowledge.pgx.phenotype(gene, &format!("{}/{}", first.name, second.name))
}

/// As the release finds an allele; also by the name before the brackets, without regard to blanks.
fn allele<'k>(knowledge: &'k Knowledge, gene: &GeneSymbol, name: &str) -> Option<&'k PgxAllele> {
    let name = name.trim();
    if let Some(found) = knowledge.pgx.allele(gene, name) {
        return Some(found);
    }
    let bare = |name: &str| name.split('(').next().unwrap_or("").split_whitespace().collect::<String>();
    let wanted = bare(name);
    if wanted.eq_ignore_ascii_case("reference") || wanted.eq_ignore_ascii_case("wildtype") {
        return knowledge.pgx.alleles.get(gene)?.iter().find(|allele| allele.reference);
    }
    let mut alike = knowledge.pgx.alleles.get(gene)?.iter().filter(|allele| bare(&allele.name) == wanted);
    let found = alike.next()?;
    (alike.next().is_none() && !wanted.is_empty()).then_some(found)
}

/// Bases on both strands of one position; `None` is a base no definition knows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Genotype {
    strands: [Option<String>; 2],
    phased: bool,
}

/// Genotypes met at pharmacogene positions while a file is read.
pub(crate) struct Genotypes<'k> {
    knowledge: &'k Knowledge,
    /// (chromosome, position) → (gene, index of the position).
    index: BTreeMap<(&'k str, u64), Vec<(&'k GeneSymbol, usize)>>,
    found: BTreeMap<(&'k GeneSymbol, usize), Genotype>,
}

/// A genotype as the file has it. `alleles` index `changes`, 0 is the reference.
pub(crate) struct Call<'r> {
    pub(crate) chromosome: &'r str,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) reference: &'r str,
    pub(crate) alternates: &'r [Option<GenomicChange>],
    pub(crate) alleles: [usize; 2],
    pub(crate) phased: bool,
}

impl<'k> Genotypes<'k> {
    pub(crate) fn new(knowledge: &'k Knowledge) -> Genotypes<'k> {
        let mut index: BTreeMap<(&str, u64), Vec<_>> = BTreeMap::new();
        for (gene, positions) in &knowledge.pgx.positions {
            for (at, place) in positions.iter().enumerate() {
                index.entry((place.chromosome.as_str(), place.position)).or_default().push((gene, at));
            }
        }
        Genotypes { knowledge, index, found: BTreeMap::new() }
    }

    /// Does any defining position lie in the range?
    pub(crate) fn covers(&self, chromosome: &str, first: u64, last: u64) -> bool {
        first <= last && self.index.range((chromosome, first)..=(chromosome, last)).next().is_some()
    }

    /// Takes the genotype of every defining position a record spans. A variant call is not overwritten by a
    /// reference block.
    pub(crate) fn take(&mut self, call: &Call) {
        if call.last < call.first {
            return;
        }
        let places: Vec<(&GeneSymbol, usize)> = self
            .index
            .range((call.chromosome, call.first)..=(call.chromosome, call.last))
            .flat_map(|(_, at)| at.clone())
            .collect();
        for (gene, at) in places {
            let Some(place) = self.knowledge.pgx.positions.get(gene).and_then(|all| all.get(at)) else {
                continue;
            };
            if !same_reference(place, call) {
                continue;
            }
            let strand = |allele: usize| bases_at(place, call, allele);
            let genotype =
                Genotype { strands: [strand(call.alleles[0]), strand(call.alleles[1])], phased: call.phased };
            let reference = call.alleles == [0, 0];
            if !reference || !self.found.contains_key(&(gene, at)) {
                self.found.insert((gene, at), genotype);
            }
        }
    }

    /// One fact a gene with any covered position.
    pub(crate) fn finish(self, file: &str, facts: &mut Facts, options: &Options) {
        let genes: BTreeSet<&GeneSymbol> = self.found.keys().map(|(gene, _)| *gene).collect();
        for gene in genes {
            let fact = self.call(gene, file, options);
            if fact.phenotype.is_none() {
                let what = format!(
                    "{gene}: {} of the defining positions are not covered, phenotype not assigned",
                    fact.uncovered.len()
                );
                let what = if fact.uncovered.is_empty() {
                    format!("{gene}: no single phenotype fits the genotypes")
                } else {
                    what
                };
                let remedy = "use a file with genotypes at every defining position, or the lab's diplotype";
                facts.issues.push(crate::file_issue(file, Level::Doubtful, what, remedy));
            }
            facts.pharmacogenes.push(fact);
        }
    }

    fn call(&self, gene: &GeneSymbol, file: &str, options: &Options) -> Pharmacogene {
        let positions = self.knowledge.pgx.positions.get(gene).map_or(&[][..], Vec::as_slice);
        let genotypes: Vec<Option<&Genotype>> =
            (0..positions.len()).map(|at| self.found.get(&(gene, at))).collect();
        let uncovered = positions.iter().zip(&genotypes).filter(|(_, found)| found.is_none());
        let uncovered: Vec<String> = uncovered.map(|(place, _)| place_name(place)).collect();
        let fits = diplotypes(
            self.knowledge.pgx.alleles.get(gene).map_or(&[][..], Vec::as_slice),
            positions,
            &genotypes,
        );
        let phenotypes: Vec<Option<&PgxPhenotype>> = fits
            .iter()
            .map(|(a, b)| self.knowledge.pgx.phenotype(gene, &format!("{}/{}", a.name, b.name)))
            .collect();
        let agreed = phenotypes
            .first()
            .copied()
            .flatten()
            .filter(|first| phenotypes.iter().all(|other| *other == Some(*first)));
        let agreed = agreed.filter(|_| uncovered.is_empty());
        let only_reference = fits.iter().all(|(a, b)| a.reference && b.reference);
        let shown = !fits.is_empty() && (uncovered.is_empty() || !only_reference);
        let names: Vec<String> = fits.iter().map(|(a, b)| format!("{}/{}", a.name, b.name)).collect();
        Pharmacogene {
            meta: Meta {
                id: format!("pgx/{file}#{gene}"),
                when: options.collected.clone(),
                sources: vec![concilium_case::Source {
                    file: file.to_owned(),
                    place: concilium_case::Place::File,
                }],
                derived: Some(format!(
                    "exact match of {} covered positions",
                    positions.len() - uncovered.len()
                )),
                ..Meta::default()
            },
            gene: gene.clone(),
            diplotype: shown.then(|| names.join(" or ")),
            phenotype: agreed.map(|row| row.phenotype.clone()),
            activity: agreed.and_then(|row| row.activity),
            uncovered,
        }
    }
}

/// Germline files on GRCh38 only; somatic variants are no pharmacogenes.
pub(crate) fn may_call(options: &Options, build: Option<Build>) -> bool {
    options.origin == Origin::Germline && build == Some(Build::GRCh38)
}

fn place_name(place: &PgxPosition) -> String {
    if place.rsid.is_empty() {
        format!("{}:{}", place.chromosome, place.position)
    } else {
        place.rsid.clone()
    }
}

/// Do the record's reference bases agree with the definition's, as far as both reach? Else the file was not called
/// on this assembly, and the position counts as not covered.
fn same_reference(place: &PgxPosition, call: &Call) -> bool {
    let Ok(offset) = usize::try_from(place.position - call.first) else { return false };
    let record = call.reference.get(offset..).unwrap_or("").bytes();
    record
        .zip(place.reference.bytes())
        .all(|(found, defined)| found.eq_ignore_ascii_case(&defined) || found == b'N')
}

/// The definition's own bases for one allele of a record; `None` for a change no definition lists.
fn bases_at(place: &PgxPosition, call: &Call, allele: usize) -> Option<String> {
    if allele == 0 {
        return Some(place.reference.clone());
    }
    let found = call.alternates.get(allele - 1)?.as_ref()?;
    let same = |alternate: &&String| {
        let defined = GenomicChange::from_vcf(
            found.build,
            &place.chromosome,
            place.position,
            &place.reference,
            alternate,
        );
        defined.is_ok_and(|defined| defined == *found)
    };
    place.alternates.iter().find(same).cloned()
}

/// Every unordered pair of named alleles that explains all covered genotypes.
fn diplotypes<'a>(
    alleles: &'a [PgxAllele],
    positions: &[PgxPosition],
    genotypes: &[Option<&Genotype>],
) -> Vec<(&'a PgxAllele, &'a PgxAllele)> {
    let possible: Vec<&PgxAllele> =
        alleles.iter().filter(|allele| is_possible(allele, positions, genotypes)).collect();
    let mut found = vec![];
    for (at, first) in possible.iter().enumerate() {
        for second in &possible[at..] {
            if explains(first, second, positions, genotypes) {
                found.push((*first, *second));
            }
        }
    }
    found
}

/// All its defining bases lie on some strand, and its defining positions are covered.
fn is_possible(allele: &PgxAllele, positions: &[PgxPosition], genotypes: &[Option<&Genotype>]) -> bool {
    (0..positions.len()).all(|at| match genotypes.get(at).copied().flatten() {
        Some(genotype) => {
            genotype.strands.iter().any(|strand| agrees(strand, bases_of(allele, positions, at)))
        }
        None => !allele.defining.iter().any(|(defined, _)| *defined == at),
    })
}

fn bases_of<'a>(allele: &'a PgxAllele, positions: &'a [PgxPosition], at: usize) -> &'a str {
    let defined = allele.defining.iter().find(|(defined, _)| *defined == at).map(|(_, bases)| bases.as_str());
    defined.unwrap_or(positions.get(at).map_or("", |place| place.reference.as_str()))
}

/// Phased positions must hold with one assignment of strands for all of them; others with either.
fn explains(
    a: &PgxAllele,
    b: &PgxAllele,
    positions: &[PgxPosition],
    genotypes: &[Option<&Genotype>],
) -> bool {
    let (mut straight, mut crossed) = (true, true);
    for (at, genotype) in genotypes.iter().enumerate().filter_map(|(at, found)| Some((at, (*found)?))) {
        let (first, second) = (bases_of(a, positions, at), bases_of(b, positions, at));
        let along = agrees(&genotype.strands[0], first) && agrees(&genotype.strands[1], second);
        let across = agrees(&genotype.strands[1], first) && agrees(&genotype.strands[0], second);
        if !along && !across {
            return false;
        }
        if genotype.phased {
            straight &= along;
            crossed &= across;
        }
    }
    straight || crossed
}

/// Equal, or covered by a one-letter ambiguity code of the definition (IUPAC 1985).
fn agrees(strand: &Option<String>, defined: &str) -> bool {
    let Some(found) = strand.as_deref() else { return false };
    let ambiguous = match defined {
        "R" => "AG",
        "Y" => "CT",
        "S" => "CG",
        "W" => "AT",
        "K" => "GT",
        "M" => "AC",
        "B" => "CGT",
        "D" => "AGT",
        "H" => "ACT",
        "V" => "ACG",
        _ => return found == defined,
    };
    found.len() == 1 && ambiguous.contains(found)
}
