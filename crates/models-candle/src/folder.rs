//! What lies in a model's folder, and which bytes decide its answers?

use concilium_models::{ModelError, ModelId};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A model folder being read. Remembers what was read, so that the identity covers exactly the bytes used.
pub struct Folder {
    path: PathBuf,
    read: Vec<(String, [u8; 32])>,
}

impl Folder {
    /// Nothing is read yet.
    pub fn new(path: &Path) -> Folder {
        Folder { path: path.to_owned(), read: vec![] }
    }

    /// The folder as its errors name it.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// A file the model cannot do without.
    pub fn need(&mut self, file: &str) -> Result<Vec<u8>, ModelError> {
        let read = self.may(file)?;
        read.ok_or_else(|| ModelError::MissingFile { folder: self.name(), file: file.to_owned() })
    }

    /// A file that may be absent; unreadable is an error all the same.
    pub fn may(&mut self, file: &str) -> Result<Option<Vec<u8>>, ModelError> {
        match std::fs::read(self.path.join(file)) {
            Ok(bytes) => {
                self.read.push((file.to_owned(), Sha256::digest(&bytes).into()));
                Ok(Some(bytes))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.wrong(file, format!("cannot be read: {error}"))),
        }
    }

    /// A JSON file that may be absent.
    pub fn may_json(&mut self, file: &str) -> Result<Option<Value>, ModelError> {
        let Some(bytes) = self.may(file)? else { return Ok(None) };
        let value = serde_json::from_slice(&bytes);
        value
            .map(Some)
            .map_err(|error| self.wrong(file, format!("is not JSON ({error}); fetch the model again")))
    }

    /// A JSON file the model cannot do without.
    pub fn need_json(&mut self, file: &str) -> Result<Value, ModelError> {
        let bytes = self.need(file)?;
        let value = serde_json::from_slice(&bytes);
        value.map_err(|error| self.wrong(file, format!("is not JSON ({error}); fetch the model again")))
    }

    /// An error about one of its files.
    pub fn wrong(&self, file: &str, what: impl Into<String>) -> ModelError {
        ModelError::Unreadable { file: self.path.join(file).display().to_string(), what: what.into() }
    }

    /// Name and the hash over all files read so far, in order of their names.
    pub fn id(&mut self, name: &str) -> ModelId {
        self.read.sort();
        let mut all = Sha256::new();
        for (file, hash) in &self.read {
            all.update(file.as_bytes());
            all.update([0]);
            all.update(hash);
        }
        let sha256 = all.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        ModelId { name: name.to_owned(), sha256 }
    }
}
