//! Which symbols and aliases do genes have? Reads the NCBI Gene extract.

use super::{Imported, Strictness, Tally};
use crate::error::{Refusal, Result};
use crate::model::Gene;
use crate::tsv::{Comments, Row, Table};
use concilium_terms::GeneSymbol;

const COLUMNS: &[&str] = &["entrez_id", "symbol", "aliases"];

/// Genes sorted by symbol; roles are added from the authored table.
///
/// # Errors
/// A missing column; in strict mode the first refused row.
pub fn import(file: &str, text: &str, strictness: Strictness) -> Result<Imported<Gene>> {
    let table = Table::parse(file, text, Comments::None, COLUMNS)?;
    let mut tally = Tally::new("gene_names", strictness);
    for row in table.rows() {
        tally.row(&row, "entrez_id", |row| Ok(vec![gene(row)?]))?;
    }
    let mut imported = tally.finish();
    imported.rows.sort_by(|a: &Gene, b| (&a.symbol, a.entrez).cmp(&(&b.symbol, b.entrez)));
    Ok(imported)
}

fn gene(row: &Row) -> std::result::Result<Gene, Refusal> {
    let symbol = row.get("symbol");
    if symbol.is_empty() {
        return Err(row.refuse("symbol", "empty", "fill in the symbol"));
    }
    Ok(Gene {
        symbol: GeneSymbol::new(symbol),
        entrez: row.needed_number("entrez_id")?,
        aliases: row.list("aliases").join("|"),
        role: None,
        clonal_haematopoiesis: false,
    })
}
