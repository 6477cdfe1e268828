//! Which phenotype does a diplotype have? Accepts either order and the star names laboratories write.

use crate::model::{Pgx, PgxAllele, PgxPhenotype};
use concilium_terms::GeneSymbol;

impl Pgx {
    /// Phenotype of `first/second`. Either order; a DPYD allele may be named by its star name (`*2A`), and `*1` is the
    /// reference allele. `None` when the tables hold no such diplotype: that is never normal.
    pub fn phenotype(&self, gene: &GeneSymbol, diplotype: &str) -> Option<&PgxPhenotype> {
        let rows = self.diplotypes.get(gene)?;
        if let Some(found) = either_order(rows, diplotype.trim()) {
            return Some(found);
        }
        let (first, second) = diplotype.split_once('/')?;
        let (first, second) = (self.allele(gene, first)?, self.allele(gene, second)?);
        either_order(rows, &format!("{}/{}", first.name, second.name))
    }

    /// Named allele by its name, by the name in parentheses behind it (`*2A`, `HapB3`), or `*1` for the reference.
    pub fn allele(&self, gene: &GeneSymbol, name: &str) -> Option<&PgxAllele> {
        let alleles = self.alleles.get(gene)?;
        let name = name.trim();
        let star = format!("({name})");
        alleles
            .iter()
            .find(|allele| allele.name == name)
            .or_else(|| alleles.iter().find(|allele| !name.is_empty() && allele.name.ends_with(&star)))
            .or_else(|| alleles.iter().find(|allele| name == "*1" && allele.reference))
    }
}

/// The tables write each diplotype in one order.
fn either_order<'a>(rows: &'a [(String, PgxPhenotype)], name: &str) -> Option<&'a PgxPhenotype> {
    let find = |name: &str| {
        let at = rows.binary_search_by(|(row, _)| row.as_str().cmp(name)).ok()?;
        Some(&rows[at].1)
    };
    let swapped = || name.split_once('/').map(|(first, second)| format!("{second}/{first}"));
    find(name).or_else(|| find(&swapped()?))
}
