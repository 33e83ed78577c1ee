//! The floor: the same kind of statements straight to SQLite, with nothing around them, and the disk alone.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::{Outcome, boards};

const TABLES: &str = "
    CREATE TABLE work (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT, state TEXT NOT NULL,
        rank INTEGER NOT NULL, owner TEXT, until INTEGER, epoch INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX work_ready ON work (rank, id) WHERE state = 'ready';
    CREATE INDEX work_lane ON work (state, rank, id);
    CREATE TABLE audit (seq INTEGER PRIMARY KEY AUTOINCREMENT, work INTEGER NOT NULL, who TEXT, what TEXT, at INTEGER);
    CREATE INDEX audit_work ON audit (work);";
const INDEX: &str = "
    CREATE VIRTUAL TABLE found USING fts5 (title, body, content = '', prefix = '2 3');
    CREATE TRIGGER work_found AFTER INSERT ON work BEGIN
        INSERT INTO found (rowid, title, body) VALUES (new.id, new.title, new.body); END;";

/// Opens a database as vayu does.
pub fn open(file: &Path, full: bool) -> Outcome<Connection> {
    let conn = Connection::open(file)?;
    conn.busy_timeout(Duration::from_secs(20))?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", if full { "FULL" } else { "NORMAL" })?;
    Ok(conn)
}

/// Loads so many tasks with a full-text index into a new file; how long that took.
pub fn load(file: &Path, tasks: usize) -> Outcome<Duration> {
    let start = Instant::now();
    let mut conn = open(file, true)?;
    conn.execute_batch(TABLES)?;
    conn.execute_batch(INDEX)?;
    insert(&mut conn, tasks)?;
    Ok(start.elapsed())
}

/// A file with so many tasks to claim.
pub fn fill(file: &Path, tasks: usize) -> Outcome<()> {
    let mut conn = open(file, false)?;
    conn.execute_batch(TABLES)?;
    insert(&mut conn, tasks)
}

fn insert(conn: &mut Connection, tasks: usize) -> Outcome<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let sql = "INSERT INTO work (title, body, state, rank) VALUES (?1, ?2, 'ready', ?3)";
    for made in (0..tasks).map(boards::task) {
        tx.prepare_cached(sql)?.execute(params![made.title, made.text, (made.n % 4) as i64])?;
    }
    Ok(tx.commit()?)
}

/// Takes the best task that is ready and writes down who has it; false when there is none.
pub fn claim(conn: &mut Connection, who: &str) -> Outcome<bool> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let Some(id) = take(&tx, who)? else { return Ok(false) };
    let sql = "INSERT INTO audit (work, who, what, at) VALUES (?1, ?2, 'claimed', 0)";
    tx.prepare_cached(sql)?.execute(params![id, who])?;
    tx.commit()?;
    Ok(true)
}

fn take(tx: &Transaction, who: &str) -> Outcome<Option<i64>> {
    let sql = "UPDATE work SET state = 'held', owner = ?1, until = 60000, epoch = epoch + 1
        WHERE id = (SELECT id FROM work WHERE state = 'ready' ORDER BY rank, id LIMIT 1) RETURNING id";
    let mut statement = tx.prepare_cached(sql)?;
    let ids: Vec<i64> = statement.query_map([who], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(ids.first().copied())
}

/// How often in a second a page can be written over and brought to the disk.
pub fn syncs_per_second(file: &Path, time: Duration) -> Outcome<f64> {
    let out = File::create(file)?;
    let (start, mut count) = (Instant::now(), 0_u32);
    while start.elapsed() < time {
        out.write_all_at(&[7; 4096], u64::from(count % 64) * 4096)?;
        out.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}
