//! Whose case is kept, and may they be contacted?

use crate::{Error, Put, Result, Store};
use concilium_terms::AsOf;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

/// A patient's case as kept.
#[derive(Clone, Debug, PartialEq)]
pub struct PatientRow {
    /// Id in the store.
    pub id: String,
    /// Hash of the records it was read from.
    pub hash: String,
    /// Instant the case speaks of.
    pub as_of: String,
    /// The case, JSON.
    pub body: String,
    /// Must not be contacted: who said so, when, why.
    pub do_not_contact: Option<DoNotContact>,
}

/// A patient's or physician's wish.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DoNotContact {
    /// Who entered it.
    pub by: String,
    /// When.
    pub at: AsOf,
    /// In words.
    pub why: String,
}

impl Store {
    /// Keeps a case; the mark do-not-contact stays as it is.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_patient(&mut self, id: &str, hash: &str, as_of: &AsOf, body: &str) -> Result<Put> {
        let known: Option<(String, String)> = self
            .db
            .query_row("SELECT hash, as_of FROM patient WHERE id = ?1", [id], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let same = |(had, when): &(String, String)| had == hash && *when == as_of.instant;
        if known.as_ref().is_some_and(same) {
            return Ok(Put::Same);
        }
        self.db.execute(
            "INSERT INTO patient (id, hash, as_of, body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET hash = ?2, as_of = ?3, body = ?4",
            params![id, hash, as_of.instant, body],
        )?;
        Ok(if known.is_none() { Put::New } else { Put::Changed })
    }

    /// One patient.
    ///
    /// # Errors
    /// Nobody by that id, or SQLite's.
    pub fn patient(&self, id: &str) -> Result<PatientRow> {
        let row = self
            .db
            .query_row(&format!("{SELECT} WHERE id = ?1"), [id], read)
            .optional()?
            .ok_or_else(|| Error::Unknown { kind: "patient", id: id.to_owned() })?;
        finish(row)
    }

    /// All patients, by id, one after the other: a hospital's do not fit in memory at once.
    ///
    /// # Errors
    /// SQLite's, or that of `each`.
    pub fn each_patient<E: From<Error>>(
        &self,
        mut each: impl FnMut(PatientRow) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let mut statement = self.db.prepare(&format!("{SELECT} ORDER BY id")).map_err(Error::from)?;
        let rows = statement.query_map([], read).map_err(Error::from)?;
        for row in rows {
            each(finish(row.map_err(Error::from)?)?)?;
        }
        Ok(())
    }

    /// Marks or unmarks a patient.
    ///
    /// # Errors
    /// Nobody by that id, or SQLite's.
    pub fn set_do_not_contact(&mut self, id: &str, mark: Option<&DoNotContact>) -> Result<()> {
        let body = mark.map(crate::to_json).transpose()?;
        let changed =
            self.db.execute("UPDATE patient SET do_not_contact = ?2 WHERE id = ?1", params![id, body])?;
        if changed == 0 {
            return Err(Error::Unknown { kind: "patient", id: id.to_owned() });
        }
        Ok(())
    }

    /// Is the patient marked do-not-contact? Somebody unknown is not.
    pub(crate) fn must_not_contact(&self, id: &str) -> Result<bool> {
        let marked: Option<bool> = self
            .db
            .query_row("SELECT do_not_contact IS NOT NULL FROM patient WHERE id = ?1", [id], |row| row.get(0))
            .optional()?;
        Ok(marked.unwrap_or(false))
    }
}

const SELECT: &str = "SELECT id, hash, as_of, body, do_not_contact FROM patient";

type Raw = (PatientRow, Option<String>);

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let patient = PatientRow {
        id: row.get(0)?,
        hash: row.get(1)?,
        as_of: row.get(2)?,
        body: row.get(3)?,
        do_not_contact: None,
    };
    Ok((patient, row.get(4)?))
}

fn finish((mut patient, mark): Raw) -> Result<PatientRow> {
    patient.do_not_contact = mark.as_deref().map(crate::from_json).transpose()?;
    Ok(patient)
}
