//! Making, opening, upgrading, checking and copying a board's file.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::draft::{Draft, backup, with_suffix};
use super::queue::Queue;
use super::restore::open_source;
use super::{Db, SqliteStore, busy};
use crate::store::{Durability, Result, StoreError};

/// The schema this program writes.
pub const SCHEMA: i64 = MIGRATIONS.len() as i64;

/// `vayu` in ASCII; tells our files from others.
const APPLICATION_ID: i64 = 0x7661_7975;

/// Each step leads from the schema of its index to the next.
const MIGRATIONS: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("schema-2.sql"),
    include_str!("schema-3.sql"),
    include_str!("schema-4.sql"),
];

/// Where a board is or shall be.
pub struct Board {
    path: PathBuf,
}

impl Board {
    /// A board at this path, or at the end of the link that is there.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: behind_links(path.into()) }
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
        let folder = folder_of(&self.path);
        make_folder(folder)?;
        refuse_network(&self.path, folder)?;
        if self.path.exists() {
            return Err(StoreError::Exists(self.path.clone()));
        }
        let draft = Draft::beside(&self.path)?;
        write_new(draft.path())?;
        draft.publish(&self.path)?;
        self.open()
    }

    /// Opens the board, upgrading an older schema after a backup.
    ///
    /// # Errors
    /// A newer, foreign or damaged file is refused and left untouched.
    pub fn open(&self) -> Result<SqliteStore> {
        let metadata = std::fs::metadata(&self.path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => StoreError::NoBoardAt(self.path.clone()),
            _ => StoreError::Io { path: self.path.clone(), source },
        })?;
        if metadata.len() == 0 {
            return Err(StoreError::Corrupt { path: self.path.clone(), what: "the file is empty".into() });
        }
        refuse_network(&self.path, folder_of(&self.path))?;
        match self.open_to_write() {
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => {
                self.open_to_read()
            }
            opened => opened,
        }
    }

    /// Where the folder or the file cannot be written, the board can be looked at as it is.
    fn open_to_read(&self) -> Result<SqliteStore> {
        let conn = open_source(&self.path).map_err(|error| match error {
            StoreError::Sqlite(error) => self.explain(error),
            other => other,
        })?;
        if self.known_schema(&conn)? < SCHEMA {
            return Err(StoreError::ReadOnly);
        }
        ready(conn, Some(self.path.clone()))
    }

    fn open_to_write(&self) -> Result<SqliteStore> {
        let mut conn = Connection::open_with_flags(
            &self.path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(|error| self.explain(error))?;
        conn.busy_handler(Some(busy::wait))?;
        if self.known_schema(&conn)? < SCHEMA {
            self.upgrade(&conn)?;
        }
        ready(conn, Some(self.path.clone())).map_err(|error| match error {
            StoreError::Sqlite(error) => self.explain(error),
            other => other,
        })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The schema of a file that is ours and not from the future.
    pub(super) fn known_schema(&self, conn: &Connection) -> Result<i64> {
        let found = self.schema(conn)?;
        if found > SCHEMA {
            return Err(StoreError::Newer { path: self.path.clone(), found, known: SCHEMA });
        }
        Ok(found)
    }

    fn schema(&self, conn: &Connection) -> Result<i64> {
        let read = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let application = read("application_id").map_err(|error| self.explain(error))?;
        if application != APPLICATION_ID {
            return Err(StoreError::Foreign(self.path.clone()));
        }
        let found = read("user_version").map_err(|error| self.explain(error))?;
        if found < 1 {
            let what = format!("it says that its schema is {found}");
            return Err(StoreError::Corrupt { path: self.path.clone(), what });
        }
        Ok(found)
    }

    /// One process copies and upgrades, others wait for it; nothing is lost if it dies in between.
    fn upgrade(&self, conn: &Connection) -> Result<()> {
        conn.execute_batch("BEGIN IMMEDIATE")?;
        match self.upgrade_alone(conn) {
            Ok(()) => Ok(conn.execute_batch("COMMIT")?),
            Err(error) => {
                conn.execute_batch("ROLLBACK")?;
                Err(error)
            }
        }
    }

    fn upgrade_alone(&self, conn: &Connection) -> Result<()> {
        let found = self.schema(conn)?;
        if found == SCHEMA {
            return Ok(());
        }
        let folder = side_folder(&self.path).join("backups");
        make_folder(&folder)?;
        let name = format!("before-schema-{SCHEMA}-from-{found}-{}.db", uuid::Uuid::now_v7().simple());
        let reader = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        backup(&reader, &folder.join(name))?;
        migrate_steps(conn, found)
    }

    /// What an error of SQLite means for this file.
    pub(super) fn explain(&self, error: rusqlite::Error) -> StoreError {
        let path = self.path.clone();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => StoreError::Foreign(path),
            Some(ErrorCode::DatabaseCorrupt) => StoreError::Corrupt { path, what: error.to_string() },
            // Of a number in the header that no version of SQLite writes; there is no code for it.
            Some(ErrorCode::Unknown) if error.to_string().contains("unsupported file format") => {
                StoreError::Corrupt { path, what: error.to_string() }
            }
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
                StoreError::Io { path, source: io::Error::new(io::ErrorKind::PermissionDenied, error.to_string()) }
            }
            _ => StoreError::from(error),
        }
    }
}

fn write_new(draft: &Path) -> Result<()> {
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

/// What of the schema is not as this version makes it: SQLite knows whether a table holds what it should, not whether it
/// should.
pub(super) fn strange(conn: &Connection) -> Result<Vec<String>> {
    let fresh = Connection::open_in_memory()?;
    migrate(&fresh, 0)?;
    let (own, made) = (parts(conn)?, parts(&fresh)?);
    // What others have added beside it does no harm.
    let differs = |part: &(&String, &String)| own.get(part.0) != Some(part.1);
    Ok(made.iter().filter(differs).map(|(name, _)| format!("{name} of its schema is not as it was made")).collect())
}

/// The parts of a schema by name, but for those that SQLite makes by itself.
fn parts(conn: &Connection) -> Result<BTreeMap<String, String>> {
    let mut statement = conn.prepare(
        "SELECT CAST(name AS BLOB), CAST(type || ' ' || tbl_name || ' ' || coalesce(sql, '') AS BLOB) FROM sqlite_schema
         WHERE name NOT GLOB 'words_*' AND name NOT GLOB 'sqlite_*'",
    )?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let rows = statement.query_map([], |row| Ok((text(row.get(0)?), text(row.get(1)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn ready(mut conn: Connection, path: Option<PathBuf>) -> Result<SqliteStore> {
    conn.busy_handler(Some(busy::wait))?;
    conn.set_prepared_statement_cache_capacity(128);
    // Else each new value of a parameter that a partial index might care for has its statement prepared anew.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16777216;
         PRAGMA cache_size = -2000; PRAGMA trusted_schema = OFF;",
    )?;
    let queue = Queue::at(path.as_deref().map(side_folder));
    Ok(SqliteStore { db: Db { conn, found: RefCell::default() }, path, queue, durability: Durability::Full })
}

/// The folder that belongs to the board at `path` and to nothing else: notices, runs, work, backups and the user's own
/// roles and playbooks lie there. For `.vayu/board.db` this is `.vayu`; any other `x.db` lies among files that are not
/// vayu's, and has `x.db.d` beside it. One board has one such folder, whatever link it is reached by. The answer is
/// absolute; the folder need not be there.
pub fn side_folder(path: &Path) -> PathBuf {
    let real = path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned());
    if real.ends_with(".vayu/board.db") {
        return folder_of(&real).to_owned();
    }
    with_suffix(&real, ".d")
}

/// The file that a path means: what SQLite keeps beside a board lies beside the file, never beside a link to it, and a
/// board is moved by its file. A path that is no link, or whose link leads nowhere, stays as it was given.
pub fn behind_links(path: PathBuf) -> PathBuf {
    if path.is_symlink() { path.canonicalize().unwrap_or(path) } else { path }
}

/// The folder of a board's file.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) fn make_folder(folder: &Path) -> Result<()> {
    private_folder(folder).map_err(|source| StoreError::Io { path: folder.to_owned(), source })
}

/// Makes a folder that only its owner may look into, and those above it that are missing; one that is there stays.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
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
