//! What did we keep? Patients with their records, answers, worklist and alerts, in one SQLite file of its owner.
//!
//! Trials are not kept here but in their folder; an answer names the set of trials it was made with. Every change is
//! one transaction: it happened whole or not at all. Events of the worklist are only ever added; the database itself
//! refuses to change or delete them.

mod alerts;
mod answers;
mod error;
mod patients;
mod records;
mod schema;
mod worklist;

pub use answers::{Kept, Screened, Told};
pub use error::{Error, Result};
pub use patients::{DoNotContact, PatientRow};
pub use records::Record;
pub use schema::VERSION;
pub use worklist::{Listed, Wanted};

use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One open store.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    path: PathBuf,
}

/// What putting a record did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Put {
    /// Not known before.
    New,
    /// Known, with other content.
    Changed,
    /// Known, the same content: nothing was written.
    Same,
    /// Older than what is known: nothing was written.
    Older,
}

impl Store {
    /// Opens a file, makes it where there is none (readable by its owner only), and brings it to this schema.
    ///
    /// # Errors
    /// Not a store, a store of a newer program, or a file that cannot be opened; names the file.
    pub fn open(path: &Path) -> Result<Store> {
        owner_only(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        let db = Connection::open(path).map_err(|source| Error::Open { path: path.to_owned(), source })?;
        Store::with(db, path)
    }

    /// A store that is gone with its value.
    ///
    /// # Errors
    /// SQLite cannot make one.
    pub fn in_memory() -> Result<Store> {
        let path = PathBuf::from(":memory:");
        let db = Connection::open_in_memory().map_err(|source| Error::Open { path: path.clone(), source })?;
        Store::with(db, &path)
    }

    fn with(db: Connection, path: &Path) -> Result<Store> {
        let mut store = Store { db, path: path.to_owned() };
        // Another program may hold the file for a moment: wait, then say so.
        store.db.busy_timeout(Duration::from_secs(10))?;
        store.db.pragma_update(None, "foreign_keys", true)?;
        store.migrate()?;
        Ok(store)
    }

    fn migrate(&mut self) -> Result<()> {
        let wrong = |source| Error::Open { path: self.path.clone(), source };
        let found: u32 = self.db.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(wrong)?;
        if VERSION < found {
            return Err(Error::Newer { path: self.path.clone(), found, known: VERSION });
        }
        let tables: u32 = self
            .db
            .query_row("SELECT count(*) FROM sqlite_master WHERE type = 'table'", [], |row| row.get(0))
            .map_err(wrong)?;
        if found == 0 && 0 < tables {
            return Err(Error::Foreign { path: self.path.clone() });
        }
        let transaction = self.db.transaction()?;
        for step in schema::steps_after(found) {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
        Ok(())
    }

    /// Runs `PRAGMA integrity_check`.
    ///
    /// # Errors
    /// The file is damaged; says what SQLite found first.
    pub fn verify(&self) -> Result<()> {
        let said: String = self.db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if said == "ok" { Ok(()) } else { Err(Error::Damaged { path: self.path.clone(), said }) }
    }
}

#[cfg(unix)]
fn owner_only(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path).map(drop)
}

#[cfg(not(unix))]
fn owner_only(path: &Path) -> std::io::Result<()> {
    std::fs::OpenOptions::new().append(true).create(true).open(path).map(drop)
}

/// A value as JSON text.
fn to_json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|source| Error::Row { what: "writing", source })
}

/// A value from JSON text we wrote.
fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|source| Error::Row { what: "reading", source })
}

#[cfg(test)]
mod tests;
