//! Board files in the making: a new file appears under its name when it is complete, or not at all.

use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::open::Board;
use crate::store::{Result, StoreError};

/// A database file in the making, beside the place where it shall appear; whatever is left of it goes with this value.
pub(super) struct Draft {
    path: PathBuf,
}

impl Draft {
    /// A new, empty file in the folder of `place`.
    pub fn beside(place: &Path) -> Result<Self> {
        let path = place.with_file_name(format!(".{}.{}", std::process::id(), uuid::Uuid::new_v4().simple()));
        let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        made.map_err(|source| StoreError::Io { path: place.to_owned(), source })?;
        Ok(Self { path })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name; a file that has it already stays what it is.
    pub fn publish(self, place: &Path) -> Result<()> {
        std::fs::hard_link(&self.path, place).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => StoreError::Exists(place.to_owned()),
            _ => StoreError::Io { path: place.to_owned(), source },
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let _never_made_or_gone = std::fs::remove_file(with_suffix(&self.path, suffix));
        }
    }
}

/// Copies a board into a new file by SQLite's own means; safe while others write.
pub(super) fn backup(conn: &Connection, to: &Path) -> Result<()> {
    let draft = Draft::beside(to)?;
    copy(conn, draft.path(), &mut Connection::open(draft.path())?)?;
    draft.publish(to)
}

/// All pages in one transaction: who reads the target sees the old board or the new one, and nothing between.
pub(super) fn copy(from: &Connection, name: &Path, to: &mut Connection) -> Result<()> {
    let stepped = Backup::new(from, to).and_then(|backup| backup.step(-1));
    match stepped.map_err(|error| Board::at(name).explain(error))? {
        StepResult::Done => Ok(()),
        _ => Err(StoreError::Busy(super::PATIENCE)),
    }
}

/// `board.db` and `-wal` make `board.db-wal`.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
