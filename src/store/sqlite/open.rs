//! Making, opening, upgrading, checking and copying a board's file.

use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{Db, SqliteStore, busy};
use crate::store::{Durability, Result, StoreError};

/// The schema this program writes.
pub const SCHEMA: i64 = MIGRATIONS.len() as i64;

/// `vayu` in ASCII; tells our files from others.
const APPLICATION_ID: i64 = 0x7661_7975;

/// Each step leads from the schema of its index to the next.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];

/// Where a board is or shall be.
pub struct Board {
    path: PathBuf,
}

impl Board {
    /// A board at this path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// A new board in memory, gone when it is dropped.
    pub fn in_memory() -> Result<SqliteStore> {
        let conn = Connection::open_in_memory()?;
        migrate(&conn, 0)?;
        ready(conn, None)
    }

    /// Makes a new, empty board. The file appears under its name only when it is complete.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if there is one, and whatever the file system says.
    pub fn create(&self) -> Result<SqliteStore> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        make_folder(folder)?;
        refuse_network(&self.path, folder)?;
        if self.path.exists() {
            return Err(StoreError::Exists(self.path.clone()));
        }
        let draft = folder.join(format!(".{}.{}", std::process::id(), uuid::Uuid::new_v4().simple()));
        let made = write_new(&draft).and_then(|()| {
            std::fs::hard_link(&draft, &self.path).map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => StoreError::Exists(self.path.clone()),
                _ => StoreError::Io { path: self.path.clone(), source },
            })
        });
        for leftover in [&draft, &with_suffix(&draft, "-wal"), &with_suffix(&draft, "-shm")] {
            match std::fs::remove_file(leftover) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(StoreError::Io { path: leftover.clone(), source });
                }
                _ => {}
            }
        }
        made?;
        self.open()
    }

    /// Opens the board, upgrading an older schema after a backup.
    ///
    /// # Errors
    /// A newer, foreign or damaged file is refused and left untouched.
    pub fn open(&self) -> Result<SqliteStore> {
        let metadata = std::fs::metadata(&self.path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => StoreError::NoBoard,
            _ => StoreError::Io { path: self.path.clone(), source },
        })?;
        if metadata.len() == 0 {
            return Err(StoreError::Corrupt { path: self.path.clone(), what: "the file is empty".into() });
        }
        refuse_network(&self.path, self.path.parent().unwrap_or(Path::new(".")))?;
        let mut conn = Connection::open_with_flags(
            &self.path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(|error| self.explain(error))?;
        conn.busy_handler(Some(busy::wait))?;
        let found = self.schema(&conn)?;
        if found > SCHEMA {
            return Err(StoreError::Newer { path: self.path.clone(), found, known: SCHEMA });
        }
        if found < SCHEMA {
            self.upgrade(&conn)?;
        }
        ready(conn, Some(self.path.clone())).map_err(|error| match error {
            StoreError::Sqlite(error) => self.explain(error),
            other => other,
        })
    }

    fn schema(&self, conn: &Connection) -> Result<i64> {
        let read = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let application = read("application_id").map_err(|error| self.explain(error))?;
        if application != APPLICATION_ID {
            return Err(StoreError::Foreign(self.path.clone()));
        }
        read("user_version").map_err(|error| self.explain(error))
    }

    /// One process upgrades, others wait for it; nothing is lost if it dies in between.
    fn upgrade(&self, conn: &Connection) -> Result<()> {
        let found = self.schema(conn)?;
        let folder = self.path.with_file_name("backups");
        make_folder(&folder)?;
        let name = format!("before-schema-{SCHEMA}-from-{found}-{}.db", uuid::Uuid::now_v7().simple());
        backup(conn, &folder.join(name))?;
        conn.execute_batch("BEGIN IMMEDIATE")?;
        let upgraded = self.schema(conn).and_then(|found| migrate_steps(conn, found));
        match upgraded {
            Ok(()) => Ok(conn.execute_batch("COMMIT")?),
            Err(error) => {
                conn.execute_batch("ROLLBACK")?;
                Err(error)
            }
        }
    }

    fn explain(&self, error: rusqlite::Error) -> StoreError {
        let path = self.path.clone();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => StoreError::Foreign(path),
            Some(ErrorCode::DatabaseCorrupt) => StoreError::Corrupt { path, what: error.to_string() },
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
                StoreError::Io { path, source: io::Error::new(io::ErrorKind::PermissionDenied, error.to_string()) }
            }
            _ => StoreError::from(error),
        }
    }
}

fn write_new(draft: &Path) -> Result<()> {
    let io = |source| StoreError::Io { path: draft.to_owned(), source };
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft).map_err(io)?;
    let conn = Connection::open(draft)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    migrate(&conn, 0)?;
    conn.close().map_err(|(_, error)| StoreError::from(error))
}

fn migrate(conn: &Connection, from: i64) -> Result<()> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    migrate_steps(conn, from)?;
    Ok(conn.execute_batch("COMMIT")?)
}

fn migrate_steps(conn: &Connection, from: i64) -> Result<()> {
    for step in MIGRATIONS.iter().skip(usize::try_from(from).unwrap_or(usize::MAX)) {
        conn.execute_batch(step)?;
    }
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(conn.pragma_update(None, "user_version", SCHEMA)?)
}

fn ready(mut conn: Connection, path: Option<PathBuf>) -> Result<SqliteStore> {
    conn.busy_handler(Some(busy::wait))?;
    conn.set_prepared_statement_cache_capacity(128);
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16777216;
         PRAGMA cache_size = -8000; PRAGMA trusted_schema = OFF;",
    )?;
    Ok(SqliteStore { db: Db { conn }, path, durability: Durability::Full })
}

/// Copies a board by SQLite's own means; safe while others write.
pub(super) fn backup(conn: &Connection, to: &Path) -> Result<()> {
    let io = |source| StoreError::Io { path: to.to_owned(), source };
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
    drop(file.map_err(io)?);
    conn.backup("main", to, None::<fn(rusqlite::backup::Progress)>)?;
    Ok(())
}

fn make_folder(folder: &Path) -> Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| StoreError::Io { path: folder.to_owned(), source })
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Magic numbers of file systems whose locks do not hold between hosts (`f_type` of statfs(2)).
const NETWORK: &[(i64, &str)] = &[
    (0x6969, "NFS"),
    (0x517B, "SMB"),
    (0xFF53_4D42, "CIFS"),
    (0xFE53_4D42, "SMB2"),
    (0x0102_1997, "9p"),
    (0x6573_5546, "FUSE"),
    (0x5346_414F, "AFS"),
    (0x00C3_6400, "Ceph"),
    (0x0BD0_0BD0, "Lustre"),
];

#[cfg(target_os = "linux")]
#[allow(clippy::useless_conversion, clippy::unnecessary_cast, reason = "the field's type differs between systems")]
fn magic_of(stat: &rustix::fs::StatFs) -> i64 {
    stat.f_type as i64 & 0xFFFF_FFFF
}

fn refuse_network(path: &Path, folder: &Path) -> Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let stat = rustix::fs::statfs(folder)
        .map_err(|source| StoreError::Io { path: folder.to_owned(), source: source.into() })?;
    #[cfg(target_os = "linux")]
    if let Some((_, kind)) = NETWORK.iter().find(|(magic, _)| *magic == magic_of(&stat)) {
        return Err(StoreError::Network { path: path.to_owned(), kind });
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (stat, path, NETWORK);
    Ok(())
}
