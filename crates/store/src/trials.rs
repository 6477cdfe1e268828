//! Which trials are kept, in which version?

use crate::{Error, Put, Result, Store};
use rusqlite::{OptionalExtension, params};

/// A trial as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialRow {
    /// Trial id.
    pub id: String,
    /// Day of the version the source states.
    pub version: Option<String>,
    /// Hash of the record.
    pub hash: String,
    /// The trial, JSON.
    pub body: String,
}

impl Store {
    /// Keeps a trial as the current one. A version with an older stated day does not replace a newer one.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_trial(&mut self, trial: &TrialRow) -> Result<Put> {
        let transaction = self.db.transaction()?;
        let known: Option<(String, Option<String>)> = transaction
            .query_row("SELECT hash, version FROM trial WHERE id = ?1", [&trial.id], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let put = match &known {
            None => Put::New,
            Some((hash, _)) if *hash == trial.hash => return Ok(Put::Same),
            // ISO days compare as texts; without a day the one that comes later counts.
            Some((_, Some(had))) if trial.version.as_ref().is_some_and(|new| new < had) => {
                return Ok(Put::Older);
            }
            Some(_) => Put::Changed,
        };
        let TrialRow { id, version, hash, body } = trial;
        transaction.execute(
            "INSERT INTO trial (id, version, hash, body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET version = ?2, hash = ?3, body = ?4",
            params![id, version, hash, body],
        )?;
        transaction.execute(
            "INSERT OR IGNORE INTO trial_version (id, hash, version, body) VALUES (?1, ?2, ?3, ?4)",
            params![id, hash, version, body],
        )?;
        transaction.commit()?;
        Ok(put)
    }

    /// The current version of a trial.
    ///
    /// # Errors
    /// None by that id, or SQLite's.
    pub fn trial(&self, id: &str) -> Result<TrialRow> {
        self.db
            .query_row("SELECT id, version, hash, body FROM trial WHERE id = ?1", [id], read)
            .optional()?
            .ok_or_else(|| Error::Unknown { kind: "trial", id: id.to_owned() })
    }

    /// Current versions of all trials, by id.
    ///
    /// # Errors
    /// SQLite's.
    pub fn trials(&self) -> Result<Vec<TrialRow>> {
        let mut statement = self.db.prepare("SELECT id, version, hash, body FROM trial ORDER BY id")?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Hashes of all versions of a trial that were ever current, by stated day.
    ///
    /// # Errors
    /// SQLite's.
    pub fn trial_versions(&self, id: &str) -> Result<Vec<(String, Option<String>)>> {
        let mut statement = self
            .db
            .prepare("SELECT hash, version FROM trial_version WHERE id = ?1 ORDER BY version, hash")?;
        let rows = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<TrialRow> {
    Ok(TrialRow { id: row.get(0)?, version: row.get(1)?, hash: row.get(2)?, body: row.get(3)? })
}
