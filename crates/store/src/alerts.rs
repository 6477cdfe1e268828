//! What changed that somebody should see?

use crate::{Error, Result, Store};
use concilium_terms::AsOf;
use concilium_trials::worklist::alert::{Alert, Change, merge, order};
use rusqlite::{OptionalExtension, params};

impl Store {
    /// Joins a change to the open alert of its patient and trial, or opens one.
    ///
    /// # Errors
    /// SQLite's.
    pub fn tell(&mut self, change: &Change, at: &AsOf) -> Result<Option<Alert>> {
        let state = self.entry(&change.key)?.map(|entry| entry.state);
        let transaction = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let (patient, trial) = (&change.key.patient, &change.key.trial);
        let body: Option<String> = transaction
            .query_row(
                "SELECT body FROM alert WHERE patient = ?1 AND trial = ?2 AND seen = 0",
                params![patient, trial],
                |row| row.get(0),
            )
            .optional()?;
        let open = body.as_deref().map(crate::from_json::<Alert>).transpose()?;
        let merged = merge(open, change, state, at);
        transaction.execute(
            "DELETE FROM alert WHERE patient = ?1 AND trial = ?2 AND seen = 0",
            params![patient, trial],
        )?;
        if let Some(alert) = &merged {
            transaction.execute(
                "INSERT INTO alert (patient, trial, seen, body) VALUES (?1, ?2, 0, ?3)",
                params![patient, trial, crate::to_json(alert)?],
            )?;
        }
        transaction.commit()?;
        Ok(merged)
    }

    /// Open alerts, urgent first.
    ///
    /// # Errors
    /// SQLite's.
    pub fn open_alerts(&self) -> Result<Vec<Alert>> {
        let mut statement = self.db.prepare("SELECT body FROM alert WHERE seen = 0")?;
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
        let row: Option<(i64, String)> = transaction
            .query_row(
                "SELECT seq, body FROM alert WHERE patient = ?1 AND trial = ?2 AND seen = 0",
                params![patient, trial],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let (seq, body) =
            row.ok_or_else(|| Error::Unknown { kind: "open alert", id: format!("{patient} / {trial}") })?;
        let mut alert: Alert = crate::from_json(&body)?;
        alert.seen_by = Some(by.to_owned());
        transaction.execute(
            "UPDATE alert SET seen = 1, body = ?2 WHERE seq = ?1",
            params![seq, crate::to_json(&alert)?],
        )?;
        transaction.commit()?;
        Ok(alert)
    }
}
