//! What can go wrong with a store, each with what to do about it.

use std::path::{Path, PathBuf};

/// The world failed, or the board cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no board.
    #[error("no board here or above; `vayu init` makes one, `vayu demo` shows one")]
    NoBoard,
    /// It was found above the present folder and belongs to somebody else.
    #[error("{} belongs to another user; name it by --board or VAYU_BOARD if you trust it", .0.display())]
    NotOwn(PathBuf),
    /// There is none at this place.
    #[error("there is no board at {}; `vayu init --board PATH` makes one", .0.display())]
    NoBoardAt(PathBuf),
    /// There is one already.
    #[error("there is a board at {} already", .0.display())]
    Exists(PathBuf),
    /// The file was written by a newer vayu.
    #[error("{} was written by a newer vayu (schema {found}, this one knows {known}); it was left untouched: update vayu", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// The file is something else.
    #[error("{} is not a vayu board; it was left untouched", .0.display())]
    Foreign(PathBuf),
    /// The file is damaged.
    #[error("{} is damaged: {what}; it was left untouched. `vayu restore FILE` brings back a backup from {}", path.display(), super::sqlite::side_folder(path).join("backups").display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        what: String,
    },
    /// The file lies on a file system that cannot lock.
    #[error("{} lies on a network file system ({kind}), where locks cannot be trusted; move the board to a local disk", path.display())]
    Network {
        /// The file.
        path: PathBuf,
        /// Name of the file system.
        kind: &'static str,
    },
    /// Others wrote for too long.
    #[error("the board is busy: other processes kept writing for {0:?}; try again")]
    Busy(std::time::Duration),
    /// The file or its folder cannot be written.
    #[error("this board can only be looked at from here: its file or its folder cannot be written")]
    ReadOnly,
    /// No room left.
    #[error(
        "there is no room: the disk is full, or a quota or a limit on file sizes is met; nothing was written. Make room and try again"
    )]
    Full,
    /// It cannot be opened or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No or several tasks have this prefix.
    #[error(transparent)]
    Rejected(#[from] crate::domain::Rejection),
    /// SQLite found damage while it read.
    #[error("the board is damaged: {0}; `vayu doctor` says more, `vayu restore FILE` brings back a backup")]
    Damaged(rusqlite::Error),
    /// Anything else from SQLite.
    #[error("the board could not be read or written: {0}")]
    Sqlite(rusqlite::Error),
    /// A row holds what it should not.
    #[error("the board holds a row that cannot be read: {0}")]
    Row(#[from] serde_json::Error),
}

impl StoreError {
    /// True if this file is no board in good order that this program can read.
    pub fn is_about(&self, file: &Path) -> bool {
        match self {
            Self::Corrupt { path, .. } | Self::Newer { path, .. } | Self::Foreign(path) => path == file,
            Self::Damaged(_) => true,
            _ => false,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            Some(rusqlite::ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(_) if is_refused_write(&error) => Self::Full,
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                Self::Busy(super::sqlite::PATIENCE)
            }
            Some(rusqlite::ErrorCode::DatabaseCorrupt) => Self::Damaged(error),
            _ => Self::Sqlite(error),
        }
    }
}

/// A write that the system refused, for want of room or for a limit; also that of the index beside the log, which is
/// made anew by who opens a board that nobody had open.
fn is_refused_write(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_WRITE};
    error.sqlite_error().is_some_and(|error| [SQLITE_IOERR_WRITE, SQLITE_IOERR_SHMSIZE].contains(&error.extended_code))
}
