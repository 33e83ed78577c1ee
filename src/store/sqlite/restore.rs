//! Putting a backup back in the place of a board.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, params};

use super::SqliteStore;
use super::draft::{Draft, copy, with_suffix};
use super::open::{Board, folder_of, make_folder, side_folder};
use crate::store::{Result, Store, StoreError};

/// What came after the backup may still be at work: no fencing number of that time is given out again, and no claim
/// of the time of the backup is alive.
const NEW_AGE: &str = "
    UPDATE tasks SET doc = json_set(doc, '$.epoch', coalesce(doc ->> '$.epoch', 0) + 1000);
    UPDATE leases SET expires_ms = 0, token = randomblob(16);";

impl Board {
    /// Puts the backup `from` in the place of this board and says where the present one was kept, if there was one.
    /// Other processes may have the board open: they go on with the restored one.
    ///
    /// # Errors
    /// When `from` is not a board of ours in good order; nothing has changed then.
    pub fn restore(&self, from: &Path) -> Result<Option<PathBuf>> {
        make_folder(folder_of(self.path()))?;
        let draft = self.validated(from)?;
        match self.open().and_then(|present| self.replace(present, &draft)) {
            Err(StoreError::NoBoardAt(_)) => draft.publish(self.path()).map(|()| None),
            Err(StoreError::Corrupt { .. } | StoreError::Damaged(_)) => self.set_aside(draft).map(Some),
            Err(StoreError::Foreign(_) | StoreError::Newer { .. }) if self.is_ours() => self.set_aside(draft).map(Some),
            done => done.map(Some),
        }
    }

    /// Keeps a copy of the present board and writes the draft over it, in one transaction: nobody else can write
    /// between the one and the other.
    fn replace(&self, mut present: SqliteStore, draft: &Draft) -> Result<PathBuf> {
        let kept = self.place_for("before-restore")?;
        let reader = self.open()?;
        let source = open_source(draft.path())?;
        let backup = Backup::new(&source, &mut present.db.conn).map_err(|error| self.explain(error))?;
        // The first page takes the write lock, which is held to the end; whoever gives up in between changes nothing.
        self.advance(&backup, 1)?;
        reader.backup(&kept)?;
        match carry_processes(&reader.db.conn, draft) {
            // Nothing can be known of them, and the damage is what one restores for.
            Err(StoreError::Damaged(_)) => {}
            carried => carried?,
        }
        self.advance(&backup, -1)?;
        Ok(kept)
    }

    /// Copies so many pages; all that are left, if negative.
    fn advance(&self, backup: &Backup, pages: i32) -> Result<()> {
        match backup.step(pages).map_err(|error| self.explain(error))? {
            StepResult::Done | StepResult::More => Ok(()),
            _ => Err(StoreError::Busy(super::PATIENCE)),
        }
    }

    /// A copy of `from` that has been checked and brought to the present schema.
    fn validated(&self, from: &Path) -> Result<Draft> {
        let original = Board::at(from);
        let source = open_backup(original.path())?;
        original.known_schema(&source)?;
        let draft = Draft::beside(self.path())?;
        let mut target = Connection::open(draft.path())?;
        copy(&source, from, &mut target)?;
        drop(target);
        let damaged = |what: String| StoreError::Corrupt { path: from.to_owned(), what };
        let mut copied = Board::at(draft.path()).open().map_err(|error| damaged(error.to_string()))?;
        if let Some(what) = copied.check()?.into_iter().next() {
            return Err(damaged(what));
        }
        if !copied.drift()?.is_empty() {
            copied.mend()?;
        }
        copied.db.conn.execute_batch(&format!("BEGIN IMMEDIATE;{NEW_AGE}COMMIT"))?;
        Ok(draft)
    }

    fn place_for(&self, what: &str) -> Result<PathBuf> {
        let folder = side_folder(self.path()).join("backups");
        make_folder(&folder)?;
        Ok(folder.join(format!("{what}-{}.db", uuid::Uuid::now_v7().simple())))
    }

    /// Moves a file that SQLite cannot read out of the way, with what belongs to it.
    fn set_aside(&self, draft: Draft) -> Result<PathBuf> {
        let aside = self.place_for("damaged")?;
        for suffix in ["", "-wal", "-shm"] {
            let (old, new) = (with_suffix(self.path(), suffix), with_suffix(&aside, suffix));
            match std::fs::rename(&old, &new) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(StoreError::Io { path: old, source });
                }
                _ => {}
            }
        }
        draft.publish(self.path())?;
        Ok(aside)
    }

    /// Whether a file here can only be a board, whatever its first bytes say now: by its name, or by its backups.
    pub fn is_ours(&self) -> bool {
        let folder = self.path().parent().and_then(Path::file_name);
        folder.is_some_and(|name| name == ".vayu") || side_folder(self.path()).join("backups").is_dir()
    }
}

/// The processes of the present board that have not been seen gone are waited for on the restored one, too.
fn carry_processes(present: &Connection, draft: &Draft) -> Result<()> {
    let target = Connection::open(draft.path())?;
    let mut insert = target.prepare(
        "INSERT OR REPLACE INTO processes SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM tasks WHERE id = ?1)",
    )?;
    let mut select = present.prepare("SELECT task, epoch, pid, start_ticks, boot_id FROM processes")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (task, epoch, pid): (Vec<u8>, i64, i32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        insert.execute(params![task, epoch, pid, row.get::<_, i64>(3)?, row.get::<_, String>(4)?])?;
    }
    Ok(())
}

/// Opens a backup, which nobody writes to, without a trace beside it.
fn open_backup(from: &Path) -> Result<Connection> {
    if with_suffix(from, "-wal").exists() { open_source(from) } else { open_unchanging(from) }
}

/// Opens a file for reading only, wherever it lies: a backup in a folder that cannot be written needs no lock.
pub(super) fn open_source(from: &Path) -> Result<Connection> {
    refuse_empty(from)?;
    let reads = |conn: &Connection| conn.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).is_ok();
    let plain = Connection::open_with_flags(from, READ_ONLY)?;
    if reads(&plain) || with_suffix(from, "-wal").exists() {
        return Ok(plain);
    }
    open_unchanging(from)
}

const READ_ONLY: OpenFlags = OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

fn open_unchanging(from: &Path) -> Result<Connection> {
    refuse_empty(from)?;
    let uri = format!("file:{}?immutable=1", encoded(from));
    Ok(Connection::open_with_flags(uri, READ_ONLY | OpenFlags::SQLITE_OPEN_URI)?)
}

fn refuse_empty(from: &Path) -> Result<()> {
    let metadata = std::fs::metadata(from).map_err(|source| StoreError::Io { path: from.to_owned(), source })?;
    if metadata.len() == 0 {
        return Err(StoreError::Corrupt { path: from.to_owned(), what: "the file is empty".into() });
    }
    Ok(())
}

/// A path as the path of a URI.
fn encoded(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let bytes = path.as_os_str().as_bytes().iter();
    bytes.map(|byte| if plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
