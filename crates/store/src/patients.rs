//! Who is kept, what was screened of them last, and may they be contacted?

use crate::{Error, Result, Store};
use concilium_terms::AsOf;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

/// A patient as kept; the records stand apart.
#[derive(Clone, Debug, PartialEq)]
pub struct PatientRow {
    /// Id in the store.
    pub id: String,
    /// Grows with every record that comes or changes.
    pub revision: i64,
    /// Revision at which a record was last replaced by other words.
    pub corrected: i64,
    /// Revision that was screened last; `None` = never.
    pub screened: Option<i64>,
    /// Day of that screening, ISO.
    pub day: Option<String>,
    /// Trials and rules of that screening, by the hash of their set.
    pub trials: Option<String>,
    /// Age, sex and tumour in words, as of that screening.
    pub about: String,
    /// Why the records make no case.
    pub problem: Option<String>,
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
    /// Patients that records may speak of by one of these names, each once.
    ///
    /// # Errors
    /// SQLite's.
    pub fn known_as(&self, aliases: &[String]) -> Result<Vec<String>> {
        let mut statement = self.db.prepare_cached("SELECT patient FROM alias WHERE alias = ?1")?;
        let mut found: Vec<String> = vec![];
        for alias in aliases {
            found.extend(statement.query_row([alias], |row| row.get(0)).optional()?);
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Adds a patient, or names of one that is kept. `true` if the patient is new. A name that another patient bears
    /// stays theirs.
    ///
    /// # Errors
    /// SQLite's.
    pub fn add_patient(&mut self, id: &str, aliases: &[String]) -> Result<bool> {
        let transaction = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let added = transaction.execute("INSERT OR IGNORE INTO patient (id) VALUES (?1)", [id])?;
        for alias in aliases {
            transaction
                .execute("INSERT OR IGNORE INTO alias (alias, patient) VALUES (?1, ?2)", [alias, id])?;
        }
        transaction.commit()?;
        Ok(added == 1)
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

    /// All patients, by id.
    ///
    /// # Errors
    /// SQLite's.
    pub fn patients(&self) -> Result<Vec<PatientRow>> {
        let mut statement = self.db.prepare(&format!("{SELECT} ORDER BY id"))?;
        let rows = statement.query_map([], read)?;
        rows.map(|row| finish(row?)).collect()
    }

    /// Says why the records of a patient make no case; they are not screened until they change.
    ///
    /// # Errors
    /// SQLite's.
    pub fn set_problem(&mut self, id: &str, revision: i64, problem: &str) -> Result<()> {
        self.db.execute(
            "UPDATE patient SET problem = ?3, screened = ?2 WHERE id = ?1",
            params![id, revision, problem],
        )?;
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

const SELECT: &str =
    "SELECT id, revision, corrected, screened, day, trials, about, problem, do_not_contact FROM patient";

type Raw = (PatientRow, Option<String>);

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let patient = PatientRow {
        id: row.get(0)?,
        revision: row.get(1)?,
        corrected: row.get(2)?,
        screened: row.get(3)?,
        day: row.get(4)?,
        trials: row.get(5)?,
        about: row.get(6)?,
        problem: row.get(7)?,
        do_not_contact: None,
    };
    Ok((patient, row.get(8)?))
}

fn finish((mut patient, mark): Raw) -> Result<PatientRow> {
    patient.do_not_contact = mark.as_deref().map(crate::from_json).transpose()?;
    Ok(patient)
}
