//! How are files written so that a killed program leaves whole files or none?
//!
//! Everything a corpus writes goes through [`Disk`], so that tests can stop the work at any single step.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The few operations that change a corpus on disk.
pub(crate) trait Disk: Send + Sync {
    /// A new file, readable by its owner only; an older one of this name is emptied.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Durable>>;
    /// Gives a finished file its name, replacing an older one.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes names in this folder survive a power cut.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// A file being written.
pub(crate) trait Durable: Write {
    /// Flushes and makes the bytes survive a power cut.
    fn sync(&mut self) -> io::Result<()>;
}

/// The file system.
pub(crate) struct Real;

impl Disk for Real {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Durable>> {
        Ok(Box::new(BufWriter::with_capacity(1 << 16, private(path)?)))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        // Folders cannot be opened as files everywhere; there the rename alone must do.
        if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
    }
}

impl Durable for BufWriter<File> {
    fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        self.get_ref().sync_all()
    }
}

/// Opens for writing, mode 0600.
#[cfg(unix)]
pub(crate) fn private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Opens for writing.
#[cfg(not(unix))]
pub(crate) fn private(path: &Path) -> io::Result<File> {
    File::create(path)
}

/// The folder and those above it, mode 0700.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes a small file under a temporary name and renames it when whole.
pub(crate) fn write_whole(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = unfinished(path);
    let mut file = disk.create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync()?;
    disk.rename(&unfinished, path)
}

/// Ending of files that are not whole yet; removed when nobody is importing.
pub(crate) const UNFINISHED: &str = "tmp";

/// `x.json` → `x.json.tmp`.
pub(crate) fn unfinished(path: &Path) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(UNFINISHED);
    name.into()
}
