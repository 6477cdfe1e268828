//! What was handed in about whom? Records stay as they came; a case is read from them anew.

use crate::{Put, Result, Store};
use rusqlite::{OptionalExtension, Transaction, params};

/// One record as handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Patient id in the store; empty: of nobody, such as a Medication that orders of many name.
    pub patient: String,
    /// File name, or `Type/id` of a line of an export.
    pub name: String,
    /// SHA-256 of the body.
    pub sha256: String,
    /// Version the record states; an older one does not replace a newer.
    pub version: Option<String>,
    /// `Type/id` of a record of nobody that it names.
    pub needs: Option<String>,
    /// The bytes.
    pub body: Vec<u8>,
    /// Where it takes the place of one of its name: does it say otherwise, or only more?
    pub corrects: bool,
}

impl Store {
    /// Keeps records, all of them or none. Each one that changes anything makes its patient due for screening.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_records(&mut self, records: &[Record]) -> Result<Vec<Put>> {
        let transaction = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let put = records.iter().map(|record| put_one(&transaction, record)).collect::<Result<_>>()?;
        transaction.commit()?;
        Ok(put)
    }

    /// Records of a patient by name, with those of nobody that they name.
    ///
    /// # Errors
    /// SQLite's.
    pub fn records_of(&self, patient: &str) -> Result<Vec<(String, Vec<u8>)>> {
        let mut statement = self.db.prepare_cached(
            "SELECT name, body FROM record WHERE patient = ?1
             UNION ALL SELECT name, body FROM record WHERE patient = '' AND name IN
                (SELECT needs FROM record WHERE patient = ?1 AND needs IS NOT NULL)
             ORDER BY 1",
        )?;
        let rows = statement.query_map([patient], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The bytes kept under a name.
    ///
    /// # Errors
    /// SQLite's.
    pub fn record(&self, patient: &str, name: &str) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT body FROM record WHERE patient = ?1 AND name = ?2";
        Ok(self.db.query_row(sql, [patient, name], |row| row.get(0)).optional()?)
    }
}

fn put_one(transaction: &Transaction<'_>, record: &Record) -> Result<Put> {
    let Record { patient, name, sha256, version, needs, body, corrects } = record;
    let known: Option<(String, Option<String>)> = transaction
        .prepare_cached("SELECT sha256, version FROM record WHERE patient = ?1 AND name = ?2")?
        .query_row([patient, name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let put = match &known {
        None => Put::New,
        Some((had, _)) if had == sha256 => return Ok(Put::Same),
        // Instants of one server compare as texts; without one the record that comes later counts.
        Some((_, Some(had))) if version.as_ref().is_some_and(|new| new < had) => return Ok(Put::Older),
        Some(_) => Put::Changed,
    };
    transaction
        .prepare_cached(
            "INSERT INTO record (patient, name, sha256, version, needs, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (patient, name) DO UPDATE SET sha256 = ?3, version = ?4, needs = ?5, body = ?6",
        )?
        .execute(params![patient, name, sha256, version, needs, body])?;
    let corrects = put == Put::Changed && *corrects;
    transaction
        .prepare_cached(
            "UPDATE patient SET revision = revision + 1,
                corrected = CASE WHEN ?3 THEN revision + 1 ELSE corrected END
             WHERE id = ?1 OR (?1 = '' AND id IN (SELECT patient FROM record WHERE needs = ?2))",
        )?
        .execute(params![patient, name, corrects])?;
    Ok(put)
}
