//! Who is on the list, in which order, and what happened to them?

use crate::{Error, Result, Store};
use concilium_terms::AsOf;
use concilium_trials::worklist::{Command, Entry, Event, MatchKey, State};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};

/// One line of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The entry with its history.
    pub entry: Entry,
    /// What lists show of its newest answer, where one is kept.
    pub answer: Option<String>,
    /// Who the patient is, in words.
    pub about: String,
    /// The patient must not be contacted.
    pub do_not_contact: bool,
}

/// Which lines are wanted; empty fields ask for all.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of this trial.
    pub trial: Option<String>,
    /// Of this patient.
    pub patient: Option<String>,
    /// Of this owner.
    pub owner: Option<String>,
    /// In one of these states.
    pub states: Vec<State>,
}

impl Store {
    /// Puts a match on the list; one that is there already stays as it is. `true` if it is new.
    ///
    /// # Errors
    /// SQLite's.
    pub fn found(&mut self, key: &MatchKey) -> Result<bool> {
        find(&self.db, &Entry::found(key.clone()))
    }

    /// Carries out commands one after another: all of them, or none.
    ///
    /// # Errors
    /// No such entry, a step that is refused, or SQLite's.
    pub fn apply(
        &mut self,
        key: &MatchKey,
        commands: impl IntoIterator<Item = Command>,
        at: &AsOf,
        by: &str,
    ) -> Result<Entry> {
        let do_not_contact = self.must_not_contact(&key.patient)?;
        // Taken at once: two people who act on one entry are put in order, the second sees what the first did.
        let transaction = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut entry = entry_of(&transaction, key)?.ok_or_else(|| Error::Unknown {
            kind: "match",
            id: format!("{} / {} / {}", key.patient, key.trial, key.arm),
        })?;
        for command in commands {
            entry = entry.apply(command, at, by, do_not_contact)?;
            let event = entry.history.last().map(crate::to_json).transpose()?.unwrap_or_default();
            transaction.execute(
                "INSERT INTO event (patient, trial, arm, body) VALUES (?1, ?2, ?3, ?4)",
                params![key.patient, key.trial, key.arm, event],
            )?;
        }
        write(&transaction, &entry)?;
        transaction.commit()?;
        Ok(entry)
    }

    /// One entry with its history.
    ///
    /// # Errors
    /// SQLite's.
    pub fn entry(&self, key: &MatchKey) -> Result<Option<Entry>> {
        entry_of(&self.db, key)
    }

    /// The list: what is due by `today` first, then the likely eligible, then by patient and trial.
    ///
    /// # Errors
    /// SQLite's.
    pub fn worklist(&self, wanted: &Wanted, today: Date) -> Result<Vec<Listed>> {
        let mut statement = self.db.prepare(
            "SELECT e.patient, e.trial, e.arm, a.body, p.about, p.do_not_contact IS NOT NULL
             FROM entry e
             LEFT JOIN answer a ON (a.patient, a.trial, a.arm) = (e.patient, e.trial, e.arm)
             LEFT JOIN patient p ON p.id = e.patient
             WHERE (?1 IS NULL OR e.trial = ?1) AND (?2 IS NULL OR e.patient = ?2) AND (?3 IS NULL OR e.owner = ?3)
             ORDER BY CASE WHEN e.due <= ?4 THEN e.due ELSE '9999-12-31' END,
                a.rank IS NULL, a.rank, e.patient, e.trial, e.arm",
        )?;
        let asked = params![wanted.trial, wanted.patient, wanted.owner, today.to_string()];
        let rows = statement.query_map(asked, |row| {
            let key = MatchKey { patient: row.get(0)?, trial: row.get(1)?, arm: row.get(2)? };
            let of_patient = (row.get::<_, Option<String>>(4)?, row.get::<_, Option<bool>>(5)?);
            Ok((key, row.get::<_, Option<String>>(3)?, of_patient))
        })?;
        let mut listed = Vec::new();
        for row in rows {
            let (key, answer, (about, do_not_contact)) = row?;
            let Some(entry) = entry_of(&self.db, &key)? else { continue };
            if wanted.states.is_empty() || wanted.states.contains(&entry.state) {
                let (about, do_not_contact) = (about.unwrap_or_default(), do_not_contact.unwrap_or(false));
                listed.push(Listed { entry, answer, about, do_not_contact });
            }
        }
        Ok(listed)
    }
}

fn write(db: &Connection, entry: &Entry) -> Result<()> {
    let key = &entry.key;
    let due = entry.next_action.as_ref().map(|action| action.due.to_string());
    db.execute(
        "UPDATE entry SET state = ?4, owner = ?5, due = ?6, body = ?7 WHERE patient = ?1 AND trial = ?2 AND arm = ?3",
        params![
            key.patient,
            key.trial,
            key.arm,
            crate::to_json(&entry.state)?,
            entry.owner,
            due,
            crate::to_json(&without_history(entry))?
        ],
    )?;
    Ok(())
}

/// Puts an entry on the list unless it stands there.
pub(crate) fn find(db: &Connection, entry: &Entry) -> Result<bool> {
    let (key, state) = (&entry.key, crate::to_json(&entry.state)?);
    let added = db.execute(
        "INSERT OR IGNORE INTO entry (patient, trial, arm, state, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![key.patient, key.trial, key.arm, state, crate::to_json(entry)?],
    )?;
    Ok(added == 1)
}

fn entry_of(db: &Connection, key: &MatchKey) -> Result<Option<Entry>> {
    let body: Option<String> = db
        .query_row(
            "SELECT body FROM entry WHERE patient = ?1 AND trial = ?2 AND arm = ?3",
            params![key.patient, key.trial, key.arm],
            |row| row.get(0),
        )
        .optional()?;
    let Some(body) = body else { return Ok(None) };
    let mut entry: Entry = crate::from_json(&body)?;
    entry.history = history_of(db, key)?;
    Ok(Some(entry))
}

fn history_of(db: &Connection, key: &MatchKey) -> Result<Vec<Event>> {
    let mut statement = db.prepare_cached(
        "SELECT body FROM event WHERE patient = ?1 AND trial = ?2 AND arm = ?3 ORDER BY seq",
    )?;
    let rows =
        statement.query_map(params![key.patient, key.trial, key.arm], |row| row.get::<_, String>(0))?;
    rows.map(|body| crate::from_json(&body?)).collect()
}

fn without_history(entry: &Entry) -> Entry {
    Entry { history: vec![], ..entry.clone() }
}
