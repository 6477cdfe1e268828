//! What was the answer for a patient and an arm the last time it was asked, and with which trials?

use crate::{Result, Store};
use concilium_terms::{AsOf, Truth};
use concilium_trials::worklist::alert::{Alert, Answer, Change};
use concilium_trials::worklist::{Entry, MatchKey};
use rusqlite::{OptionalExtension, Row, params};
use std::collections::{BTreeMap, BTreeSet};

/// One answer as kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The whole answer.
    pub answer: Answer,
    /// Place on a list: smaller stands first.
    pub rank: i64,
    /// Truth of each criterion's demand, by criterion; `status` for the arm's own.
    pub truths: BTreeMap<String, Truth>,
    /// What lists show of it, JSON of the caller.
    pub body: String,
}

/// One patient screened: all of it is kept, or nothing.
#[derive(Clone, Debug, Default)]
pub struct Screened {
    /// Patient id.
    pub patient: String,
    /// Revision of the records that were screened.
    pub revision: i64,
    /// Day of the screening, ISO.
    pub day: String,
    /// Set of the trials, by its hash.
    pub trials: String,
    /// Age, sex and tumour in words.
    pub about: String,
    /// Answers that are new or differ.
    pub answers: Vec<(MatchKey, Kept)>,
    /// Matches that have no answer any more.
    pub gone: Vec<MatchKey>,
    /// Matches for the list; those that stand on it stay as they are.
    pub found: Vec<MatchKey>,
    /// What somebody should be told.
    pub changes: Vec<Change>,
}

/// What keeping a screening led to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Matches that are new on the list.
    pub found: Vec<MatchKey>,
    /// Alerts as they stand now.
    pub alerts: Vec<Alert>,
}

impl Store {
    /// Keeps trials and rules of a screening under their hash.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_trial_set(&mut self, hash: &str, trials: &BTreeMap<String, String>) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO trial_set (hash, body) VALUES (?1, ?2)";
        self.db.execute(sql, params![hash, crate::to_json(trials)?])?;
        self.db.execute(
            "DELETE FROM trial_set WHERE hash <> ?1
             AND hash NOT IN (SELECT trials FROM patient WHERE trials IS NOT NULL)",
            [hash],
        )?;
        Ok(())
    }

    /// Trials and rules of a screening; empty where nobody was screened with them.
    ///
    /// # Errors
    /// SQLite's.
    pub fn trial_set(&self, hash: &str) -> Result<BTreeMap<String, String>> {
        let sql = "SELECT body FROM trial_set WHERE hash = ?1";
        let body: Option<String> = self.db.query_row(sql, [hash], |row| row.get(0)).optional()?;
        body.map_or(Ok(BTreeMap::new()), |body| crate::from_json(&body))
    }

    /// Keeps what a screening of one patient came to, in one transaction: a program that is stopped leaves patients
    /// screened whole or not at all, and no change of an answer without its alert.
    ///
    /// # Errors
    /// The patient is not in the store, or SQLite's.
    pub fn keep_screening(&mut self, screened: &Screened, at: &AsOf) -> Result<Told> {
        let transaction = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for (key, kept) in &screened.answers {
            let (answer, truths) = (crate::to_json(&kept.answer)?, crate::to_json(&kept.truths)?);
            transaction.prepare_cached(
                "INSERT INTO answer (patient, trial, arm, answer, rank, truths, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (patient, trial, arm) DO UPDATE SET answer = ?4, rank = ?5, truths = ?6, body = ?7",
            )?
            .execute(params![key.patient, key.trial, key.arm, answer, kept.rank, truths, kept.body])?;
        }
        for key in &screened.gone {
            let sql = "DELETE FROM answer WHERE patient = ?1 AND trial = ?2 AND arm = ?3";
            transaction.execute(sql, params![key.patient, key.trial, key.arm])?;
        }
        let mut told = Told::default();
        for key in &screened.found {
            if crate::worklist::find(&transaction, &Entry::found(key.clone()))? {
                told.found.push(key.clone());
            }
        }
        let mut changed: BTreeSet<(&str, &str)> = BTreeSet::new();
        for change in &screened.changes {
            crate::alerts::join(&transaction, change, at)?;
            changed.insert((&change.key.patient, &change.key.trial));
        }
        for (patient, trial) in changed {
            told.alerts.extend(crate::alerts::open(&transaction, patient, trial)?);
        }
        transaction.execute(
            "UPDATE patient SET screened = ?2, day = ?3, trials = ?4, about = ?5, problem = NULL WHERE id = ?1",
            params![screened.patient, screened.revision, screened.day, screened.trials, screened.about],
        )?;
        transaction.commit()?;
        Ok(told)
    }

    /// Newest answers of a patient, best first.
    ///
    /// # Errors
    /// SQLite's.
    pub fn answers_of(&self, patient: &str) -> Result<Vec<(MatchKey, Kept)>> {
        self.answers("WHERE patient = ?1 ORDER BY rank, trial, arm", patient)
    }

    /// Newest answers of a trial, best first.
    ///
    /// # Errors
    /// SQLite's.
    pub fn answers_on(&self, trial: &str) -> Result<Vec<(MatchKey, Kept)>> {
        self.answers("WHERE trial = ?1 ORDER BY rank, patient, arm", trial)
    }

    fn answers(&self, rest: &str, id: &str) -> Result<Vec<(MatchKey, Kept)>> {
        let sql = format!("SELECT patient, trial, arm, answer, rank, truths, body FROM answer {rest}");
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map([id], read)?;
        rows.map(|row| finish(row?)).collect()
    }
}

type Raw = (MatchKey, String, i64, String, String);

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let key = MatchKey { patient: row.get(0)?, trial: row.get(1)?, arm: row.get(2)? };
    Ok((key, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

fn finish((key, answer, rank, truths, body): Raw) -> Result<(MatchKey, Kept)> {
    let kept = Kept { answer: crate::from_json(&answer)?, rank, truths: crate::from_json(&truths)?, body };
    Ok((key, kept))
}
