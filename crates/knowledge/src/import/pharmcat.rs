//! Which positions define the alleles of a pharmacogene, and which phenotype does a diplotype have? Reads PharmCAT's
//! definition (`*_translation.json`) and phenotype files.

use super::{Imported, Strictness, Tally};
use crate::error::{Error, Refusal, Result};
use crate::model::{PgxAllele, PgxPhenotype, PgxPosition};
use concilium_terms::GeneSymbol;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Definition of one gene's alleles.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// Gene.
    pub gene: GeneSymbol,
    /// Version as the source calls it.
    pub version: String,
    /// Defining positions in file order.
    pub positions: Vec<PgxPosition>,
    /// Named alleles in file order; function and activity come from the phenotype file.
    pub alleles: Imported<PgxAllele>,
}

/// Phenotypes of one gene's diplotypes.
#[derive(Clone, Debug, PartialEq)]
pub struct Phenotypes {
    /// Gene.
    pub gene: GeneSymbol,
    /// Allele → (function, activity value).
    pub functions: BTreeMap<String, (String, Option<f64>)>,
    /// (diplotype as written, phenotype).
    pub diplotypes: Imported<(String, PgxPhenotype)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DefinitionFile {
    version: String,
    gene: String,
    variants: Vec<VariantOf>,
    named_alleles: Vec<AlleleOf>,
}

#[derive(Deserialize)]
struct VariantOf {
    chromosome: String,
    position: u64,
    rsid: Option<String>,
    #[serde(rename = "ref")]
    reference: String,
    alts: Vec<String>,
}

#[derive(Deserialize)]
struct AlleleOf {
    name: String,
    alleles: Vec<Option<String>>,
    reference: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhenotypeFile {
    gene: String,
    diplotypes: Vec<DiplotypeOf>,
    named_alleles: Vec<FunctionOf>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DiplotypeOf {
    diplotype: String,
    activity_score: Option<String>,
    phenotype: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionOf {
    name: String,
    activity_value: Option<String>,
    function_value: Option<String>,
}

fn json<'a, T: Deserialize<'a>>(file: &str, text: &'a str) -> Result<T> {
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str(text).map_err(|source| Error::Json { file: file.to_owned(), source })
}

/// Reads a definition file.
///
/// # Errors
/// Not the expected JSON; in strict mode an allele whose list has another length than the positions.
pub fn definition(file: &str, text: &str, strictness: Strictness) -> Result<Definition> {
    let read: DefinitionFile = json(file, text)?;
    let reference = read.named_alleles.iter().find(|allele| allele.reference);
    let normal: Vec<Option<String>> = reference.map(|allele| allele.alleles.clone()).unwrap_or_default();
    let mut tally = Tally::new(&format!("pgx_alleles {}", read.gene), strictness);
    for allele in &read.named_alleles {
        tally.take(self::allele(file, allele, &normal, read.variants.len()).map(|allele| vec![allele]))?;
    }
    Ok(Definition {
        gene: GeneSymbol::new(&read.gene),
        version: read.version,
        positions: read.variants.into_iter().map(position).collect(),
        alleles: tally.finish(),
    })
}

fn position(variant: VariantOf) -> PgxPosition {
    PgxPosition {
        chromosome: variant.chromosome.trim_start_matches("chr").to_owned(),
        position: variant.position,
        rsid: variant.rsid.unwrap_or_default(),
        reference: variant.reference,
        alternates: variant.alts,
    }
}

fn allele(
    file: &str,
    allele: &AlleleOf,
    normal: &[Option<String>],
    positions: usize,
) -> std::result::Result<PgxAllele, Refusal> {
    if allele.alleles.len() != positions || normal.len() != positions {
        return Err(Refusal {
            file: file.to_owned(),
            line: 0,
            column: "alleles".to_owned(),
            what: format!("`{}` lists {} bases for {positions} positions", allele.name, allele.alleles.len()),
            remedy: "use an unedited definition file with a reference allele".to_owned(),
        });
    }
    let differs = |(at, (own, usual)): (usize, (&Option<String>, &Option<String>))| {
        own.as_ref().filter(|_| own != usual).map(|bases| (at, bases.clone()))
    };
    let defining = allele.alleles.iter().zip(normal).enumerate().filter_map(differs).collect();
    Ok(PgxAllele {
        name: allele.name.clone(),
        function: String::new(),
        activity: None,
        defining: if allele.reference { vec![] } else { defining },
        reference: allele.reference,
    })
}

/// Reads a phenotype file.
///
/// # Errors
/// Not the expected JSON; in strict mode a diplotype without phenotype.
pub fn phenotypes(file: &str, text: &str, strictness: Strictness) -> Result<Phenotypes> {
    let read: PhenotypeFile = json(file, text)?;
    let mut tally = Tally::new(&format!("pgx_diplotypes {}", read.gene), strictness);
    for diplotype in read.diplotypes {
        tally.take(self::diplotype(file, diplotype).map(|row| vec![row]))?;
    }
    let function = |row: FunctionOf| {
        (row.name, (row.function_value.unwrap_or_default(), number(row.activity_value.as_deref())))
    };
    Ok(Phenotypes {
        gene: GeneSymbol::new(&read.gene),
        functions: read.named_alleles.into_iter().map(function).collect(),
        diplotypes: tally.finish(),
    })
}

fn diplotype(file: &str, row: DiplotypeOf) -> std::result::Result<(String, PgxPhenotype), Refusal> {
    let phenotype = row.phenotype.filter(|text| !text.is_empty()).ok_or_else(|| Refusal {
        file: file.to_owned(),
        line: 0,
        column: "phenotype".to_owned(),
        what: format!("`{}` has none", row.diplotype),
        remedy: "use an unedited phenotype file".to_owned(),
    })?;
    Ok((row.diplotype, PgxPhenotype { phenotype, activity: number(row.activity_score.as_deref()) }))
}

/// `n/a` and absence are no number.
fn number(text: Option<&str>) -> Option<f64> {
    text?.parse().ok()
}
