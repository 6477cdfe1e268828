//! What changed that somebody should see?

use crate::{Error, Result, Store};
use concilium_terms::AsOf;
use concilium_trials::worklist::State;
use concilium_trials::worklist::alert::{Alert, Change, merge, order};
use rusqlite::{Connection, OptionalExtension, params};

impl Store {
    /// Open alerts, urgent first.
    ///
    /// # Errors
    /// SQLite's.
    pub fn open_alerts(&self) -> Result<Vec<Alert>> {
        self.alerts("seen = 0")
    }

    /// Every alert, seen ones too, urgent first.
    ///
    /// # Errors
    /// SQLite's.
    pub fn all_alerts(&self) -> Result<Vec<Alert>> {
        self.alerts("1")
    }

    fn alerts(&self, wanted: &str) -> Result<Vec<Alert>> {
        let mut statement = self.db.prepare(&format!("SELECT body FROM alert WHERE {wanted}"))?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        let mut alerts: Vec<Alert> = rows.map(|body| crate::from_json(&body?)).collect::<Result<_>>()?;
        alerts.sort_by_key(order);
        Ok(alerts)
    }

    /// Somebody has seen the open alert; the next change opens a new one.
    ///
    /// # Errors
    /// There is no open alert, or SQLite's.
    pub fn seen(&mut self, patient: &str, trial: &str, by: &str) -> Result<Alert> {
        let transaction = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut alert = open(&transaction, patient, trial)?
            .ok_or_else(|| Error::Unknown { kind: "open alert", id: format!("{patient} / {trial}") })?;
        alert.seen_by = Some(by.to_owned());
        transaction.execute(
            "UPDATE alert SET seen = 1, body = ?3 WHERE patient = ?1 AND trial = ?2 AND seen = 0",
            params![patient, trial, crate::to_json(&alert)?],
        )?;
        transaction.commit()?;
        Ok(alert)
    }
}

/// The open alert of a patient and a trial.
pub(crate) fn open(db: &Connection, patient: &str, trial: &str) -> Result<Option<Alert>> {
    let sql = "SELECT body FROM alert WHERE patient = ?1 AND trial = ?2 AND seen = 0";
    let body: Option<String> = db.query_row(sql, params![patient, trial], |row| row.get(0)).optional()?;
    body.as_deref().map(crate::from_json).transpose()
}

/// Joins a change to the open alert of its patient and trial, or opens one.
pub(crate) fn join(db: &Connection, change: &Change, at: &AsOf) -> Result<()> {
    let key = &change.key;
    let sql = "SELECT state FROM entry WHERE patient = ?1 AND trial = ?2 AND arm = ?3";
    let state: Option<String> =
        db.query_row(sql, params![key.patient, key.trial, key.arm], |row| row.get(0)).optional()?;
    let state = state.as_deref().map(crate::from_json::<State>).transpose()?;
    let merged = merge(open(db, &key.patient, &key.trial)?, change, state, at);
    db.execute(
        "DELETE FROM alert WHERE patient = ?1 AND trial = ?2 AND seen = 0",
        params![key.patient, key.trial],
    )?;
    if let Some(alert) = &merged {
        db.execute(
            "INSERT INTO alert (patient, trial, seen, body) VALUES (?1, ?2, 0, ?3)",
            params![key.patient, key.trial, crate::to_json(alert)?],
        )?;
    }
    Ok(())
}
