//! The SQLite adapter: one file, many processes.
//!
//! It owns the rules of `PRAGMA`, locking and durability. It never opens the database file by other means than SQLite
//! while a connection is open: closing such a descriptor would drop the process's locks.

mod attention;
mod busy;
mod cards;
mod draft;
mod live;
mod load;
mod log;
mod open;
mod queries;
mod read;
mod restore;
mod rows;
mod save;
mod waits;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::{Durability, Ending, Read, Result, Store, StoreError, Write};

pub use open::{Board, SCHEMA};

/// How long a write waits for other writers before it gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Bytes of the write-ahead log from which on tidying up is worth the while.
const LONG_LOG: u64 = 16 << 20;

/// A connection, as the queries see it.
pub(crate) struct Db {
    conn: Connection,
}

impl Db {
    fn quick_check(&self) -> Result<Vec<String>> {
        let mut statement = self.conn.prepare("PRAGMA quick_check(20)")?;
        let lines: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }
}

/// A board in a SQLite file or in memory.
pub struct SqliteStore {
    db: Db,
    path: Option<PathBuf>,
    durability: Durability,
}

impl SqliteStore {
    fn set_durability(&mut self, wanted: Durability) -> Result<()> {
        if self.durability != wanted {
            let level = if wanted == Durability::Full { "FULL" } else { "NORMAL" };
            self.db.conn.pragma_update(None, "synchronous", level)?;
            self.durability = wanted;
        }
        Ok(())
    }
}

impl Store for SqliteStore {
    fn read(&self) -> &dyn Read {
        &self.db
    }

    fn write(&mut self, durability: Durability, work: &mut dyn FnMut(&mut dyn Write) -> Ending) -> Result<()> {
        self.set_durability(durability)?;
        self.db.conn.execute_batch("BEGIN IMMEDIATE")?;
        let done = match work(&mut self.db) {
            Ending::Commit => self.db.conn.execute_batch("COMMIT"),
            Ending::Rollback => Ok(()),
        };
        // A commit that failed may have left the transaction open; some failures have ended it already.
        if !self.db.conn.is_autocommit() {
            self.db.conn.execute_batch("ROLLBACK")?;
        }
        Ok(done?)
    }

    fn version(&self) -> Result<i64> {
        Ok(self.db.conn.pragma_query_value(None, "data_version", |row| row.get(0))?)
    }

    fn another(&self) -> Result<Box<dyn Store>> {
        match &self.path {
            Some(path) => Ok(Box::new(Board::at(path).open()?)),
            None => Err(StoreError::Sqlite(rusqlite::Error::InvalidPath("a board in memory has one handle".into()))),
        }
    }

    fn tidy(&mut self) -> Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let log = std::fs::metadata(draft::with_suffix(path, "-wal")).map_or(0, |log| log.len());
        if log < LONG_LOG {
            return Ok(());
        }
        self.db.conn.busy_handler(None::<fn(i32) -> bool>)?;
        let tried = self.db.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        self.db.conn.busy_handler(Some(busy::wait))?;
        match tried.map_err(StoreError::from) {
            Err(StoreError::Busy(_)) => Ok(()),
            other => other,
        }
    }

    fn backup(&self, to: &Path) -> Result<()> {
        draft::backup(&self.db.conn, to)
    }

    fn check(&self) -> Result<Vec<String>> {
        match self.db.quick_check() {
            Err(StoreError::Damaged(error)) => Ok(vec![error.to_string()]),
            found => found,
        }
    }

    fn kind(&self) -> String {
        format!("SQLite {}, schema {SCHEMA}", rusqlite::version())
    }

    fn folder(&self) -> Option<PathBuf> {
        self.path.as_deref().and_then(Path::parent).map(Path::to_owned)
    }
}
