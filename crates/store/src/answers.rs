//! What was the answer for a patient and an arm the last time it was asked?

use crate::{Result, Store};
use concilium_terms::Truth;
use concilium_trials::worklist::MatchKey;
use concilium_trials::worklist::alert::Answer;
use rusqlite::{OptionalExtension, params};
use std::collections::BTreeMap;

/// One answer as kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The whole answer.
    pub answer: Answer,
    /// Place on a list: smaller stands first.
    pub rank: i64,
    /// Truth of each criterion's demand, by criterion id; `status` for the arm's own.
    pub truths: BTreeMap<String, Truth>,
}

impl Store {
    /// Keeps an answer and gives back the one before it, both in one transaction.
    ///
    /// # Errors
    /// The patient or the trial is not in the store, or SQLite's.
    pub fn put_answer(&mut self, key: &MatchKey, kept: &Kept) -> Result<Option<Kept>> {
        let transaction = self.db.transaction()?;
        let before =
            transaction.query_row(SELECT, params![key.patient, key.trial, key.arm], read).optional()?;
        let before = before.map(finish).transpose()?;
        if before.as_ref() != Some(kept) {
            transaction.execute(
                "INSERT INTO answer (patient, trial, arm, answer, rank, truths) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (patient, trial, arm) DO UPDATE SET answer = ?4, rank = ?5, truths = ?6",
                params![
                    key.patient,
                    key.trial,
                    key.arm,
                    crate::to_json(&kept.answer)?,
                    kept.rank,
                    crate::to_json(&kept.truths)?
                ],
            )?;
            transaction.commit()?;
        }
        Ok(before)
    }

    /// The newest answer.
    ///
    /// # Errors
    /// SQLite's.
    pub fn answer(&self, key: &MatchKey) -> Result<Option<Kept>> {
        let raw = self.db.query_row(SELECT, params![key.patient, key.trial, key.arm], read).optional()?;
        raw.map(finish).transpose()
    }
}

const SELECT: &str = "SELECT answer, rank, truths FROM answer WHERE patient = ?1 AND trial = ?2 AND arm = ?3";

type Raw = (String, i64, String);

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn finish((answer, rank, truths): Raw) -> Result<Kept> {
    Ok(Kept { answer: crate::from_json(&answer)?, rank, truths: crate::from_json(&truths)? })
}
