//! The SQLite adapter: one file, many processes.
//!
//! It owns the rules of `PRAGMA`, locking and durability. It never opens the database file by other means than SQLite
//! while a connection is open: closing such a descriptor would drop the process's locks.

mod attention;
mod busy;
mod candidate;
mod cards;
mod derived;
mod draft;
mod live;
mod load;
mod load_sprint;
mod log;
mod open;
mod papers;
mod past;
mod queries;
mod queue;
mod read;
mod restore;
mod rows;
mod save;
mod search;
mod waits;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::{Durability, Ending, Opener, Read, Result, Store, StoreError, Write};

pub use draft::with_suffix;
pub use open::{Board, SCHEMA, behind_links, private_folder, side_folder};

/// How long a write waits for other writers before it gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Bytes of the write-ahead log from which on tidying up is worth the while.
const LONG_LOG: u64 = 16 << 20;

/// A connection, as the queries see it.
pub(crate) struct Db {
    conn: Connection,
    /// What the words that a board is filtered by were found in last: every lane asks for the same.
    found: RefCell<Option<search::Found>>,
}

impl Db {
    fn run(&self, statement: &str) -> Result<()> {
        self.conn.prepare_cached(statement)?.execute([])?;
        Ok(())
    }
}

/// A board in a SQLite file or in memory.
pub struct SqliteStore {
    db: Db,
    path: Option<PathBuf>,
    queue: queue::Queue,
    durability: Durability,
}

impl SqliteStore {
    /// Takes the write lock. The next one comes to the front then, and waits there for our end.
    fn begin(&mut self) -> Result<()> {
        let _turn = self.queue.turn();
        self.db.run("BEGIN IMMEDIATE")
    }

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
        self.begin()?;
        let done = match work(&mut self.db) {
            Ending::Commit => self.db.run("COMMIT"),
            Ending::Rollback => Ok(()),
        };
        // A commit that failed may have left the transaction open; some failures have ended it already.
        if !self.db.conn.is_autocommit() {
            self.db.run("ROLLBACK")?;
        }
        done
    }

    fn version(&self) -> Result<i64> {
        Ok(self.db.conn.pragma_query_value(None, "data_version", |row| row.get(0))?)
    }

    fn opener(&self) -> Opener {
        let path = self.path.clone();
        Box::new(move || match &path {
            Some(path) => Ok(Box::new(Board::at(path).open()?)),
            None => Err(StoreError::Sqlite(rusqlite::Error::InvalidPath("a board in memory has one handle".into()))),
        })
    }

    fn tidy(&mut self) -> Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let log = std::fs::metadata(with_suffix(path, "-wal")).map_or(0, |log| log.len());
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
        let found = self.db.lines("PRAGMA quick_check(20)").and_then(|found| {
            let strange = || open::strange(&self.db.conn);
            if found.is_empty() { strange() } else { Ok(found) }
        });
        match found {
            Err(StoreError::Damaged(error)) => Ok(vec![error.to_string()]),
            found => found,
        }
    }

    fn drift(&self) -> Result<Vec<String>> {
        match self.db.drift() {
            Err(StoreError::Damaged(error)) => Ok(vec![error.to_string()]),
            found => found,
        }
    }

    fn mend(&mut self) -> Result<()> {
        self.begin()?;
        if let Err(error) = self.db.derive() {
            self.db.run("ROLLBACK")?;
            return Err(error);
        }
        self.db.run("COMMIT")
    }

    fn kind(&self) -> String {
        format!("SQLite {}, schema {SCHEMA}", rusqlite::version())
    }

    fn folder(&self) -> Option<PathBuf> {
        self.path.as_deref().map(side_folder)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::{Arc, Mutex};

    use rusqlite::trace::{TraceEvent, TraceEventCodes};

    use super::*;
    use crate::domain::command::{NewAgent, NewTask, Report};
    use crate::domain::task::Dependency;
    use crate::domain::{Actor, AgentKind, Command, Fence, Lane, Priority, TaskId, Timestamp, Zone};
    use crate::service::Service;
    use crate::store::view::{ActivityFilter, Concern, Filter, LaneWindow, Liveness, Page, ProcessRow};

    /// Statements that were run, in the words of the code.
    type Heard = Arc<Mutex<BTreeSet<String>>>;

    /// Tables that grow with the board and its age; a walk over one of them is too slow for a screen.
    const GROWING: &[&str] = &["tasks", "edges", "attempts", "comments", "changes", "events", "touches", "escalations"];

    /// Indexes that hold only the rows that are looked for.
    const NARROW: &[&str] = &["escalations_open", "tasks_stuck"];

    fn listening(path: &Path) -> (Service, Heard) {
        let mut store = Board::at(path).open().unwrap();
        let heard = Heard::default();
        let hears = Arc::clone(&heard);
        let note = move |event: TraceEvent<'_>| {
            if let TraceEvent::Stmt(statement, _) = event {
                hears.lock().unwrap().insert(statement.sql().into_owned());
            }
        };
        store.db.conn.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(note)).unwrap();
        (Service::new(Box::new(store)), heard)
    }

    /// Steps of a plan that walk over a whole table that grows, or sort a whole lane.
    fn slow_steps(conn: &Connection, sql: &str) -> Vec<String> {
        let mut names: Vec<String> = GROWING.iter().map(|table| (*table).to_owned()).collect();
        let words: Vec<&str> = sql.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let aliases = words.windows(2).filter(|pair| GROWING.contains(&pair[0])).map(|pair| pair[1].to_owned());
        names.extend(aliases.collect::<Vec<_>>());
        let walks = |step: &str| {
            let narrow = NARROW.iter().any(|index| step.ends_with(index));
            let table = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            let sorts = sql.contains("t.lane = ") && step.contains("TEMP B-TREE");
            sorts || !narrow && table.is_some_and(|table| names.iter().any(|name| name == table))
        };
        let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let mut rows = plan.raw_query();
        let mut slow = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            slow.extend(Some(row.get::<_, String>(3).unwrap()).filter(|step| walks(step)));
        }
        slow
    }

    fn act(service: &mut Service, command: Command) -> crate::service::Done {
        service.submit(&Actor::human("po"), command).unwrap()
    }

    fn task(service: &mut Service, title: &str, on: &[TaskId]) -> TaskId {
        let blocked_by = on.iter().copied().map(Dependency::sequential).collect();
        let new = NewTask { title: title.into(), blocked_by, ..NewTask::default() };
        act(service, Command::CreateTask(Box::new(new))).task().unwrap()
    }

    /// Work as it goes: one task done and another begun, while a third waits.
    fn work(service: &mut Service) -> TaskId {
        let new = NewAgent {
            name: "builder".into(),
            kind: AgentKind::Ai,
            role: None,
            skills: BTreeMap::new(),
            wip_limit: 9,
            availability: Vec::new(),
            time_zone: Zone::default(),
            cost_per_hour: None,
            also: Vec::new(),
        };
        act(service, Command::AddAgent(Box::new(new)));
        let agent_id = service.read().agent_named("builder").unwrap().unwrap().agent_id;
        service.present(agent_id, &Liveness::default()).unwrap();
        let first = task(service, "first", &[]);
        let second = task(service, "second", &[]);
        task(service, "third", &[second]);
        for (task_id, ends) in [(first, true), (second, false)] {
            let claim = Command::ClaimTask { agent_id, task_id: None, lease_seconds: None };
            let claimed = act(service, claim).claimed.unwrap();
            let fence = Fence::Token(claimed.token);
            act(service, Command::StartTask { task_id, fence, workspace: None });
            let process = ProcessRow { pid: 1, start_ticks: 1, boot_id: "boot".into() };
            service.process_started(task_id, claimed.epoch, &process).unwrap();
            service.beat(claimed.token, &Liveness::default()).unwrap();
            if ends {
                service.process_gone(task_id, claimed.epoch).unwrap();
                act(service, Command::SubmitTask { task_id, fence, report: Report::default() });
            }
        }
        act(service, Command::MoveTask { task_id: second, lane: Lane::Ready, agent_id: None, fence: Fence::Force });
        second
    }

    /// What the board reads after each key or change that needs it.
    fn look(service: &Service, task: TaskId) {
        let (read, now) = (service.read(), service.now());
        read.summary(&Filter::default(), &now).unwrap();
        for lane in Lane::ALL {
            let page = Page { offset: 0, limit: 64 };
            read.window(&LaneWindow { lane: *lane, filter: Filter::default(), page }, &now).unwrap();
        }
        read.escalations(false, &now).unwrap();
        read.leader(&now).unwrap();
        read.agents(&now).unwrap();
        read.task_detail(task, &now).unwrap();
        read.activity(&ActivityFilter { limit: 50, ..ActivityFilter::default() }).unwrap();
        read.search("first", 20).unwrap();
    }

    /// What the orchestrator reads in a round.
    fn survey(service: &Service, task: TaskId) {
        let (read, now) = (service.read(), service.now());
        let late = Concern::Deadline { after: None, before: now.wall };
        for concern in [Concern::RetryDue, Concern::RetriesSpent, Concern::Passing, Concern::Stuck, late] {
            read.concerns(concern, 50, &now).unwrap();
        }
        read.leases(&now).unwrap();
        for priority in Priority::ALL {
            read.each_ready(*priority, &now, &mut |_| true).unwrap();
        }
        read.misfires(Timestamp::UNIX_EPOCH).unwrap();
        read.chain(task, 50).unwrap();
        read.questions(Some(task)).unwrap();
        read.attempts(task).unwrap();
        assert_eq!(read.attempts_since(Timestamp::UNIX_EPOCH, 9).unwrap().len(), 2);
    }

    #[test]
    fn neither_a_screen_nor_a_round_nor_a_change_walks_over_a_table_that_grows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("board.db");
        drop(Board::at(&path).create().unwrap());
        let (mut service, heard) = listening(&path);
        let task = work(&mut service);
        look(&service, task);
        survey(&service, task);
        drop(service);
        let db = Board::at(&path).open().unwrap().db;
        // Makes what searches read beside the tables.
        db.query_of("word").unwrap();
        let conn = db.conn;
        let heard = heard.lock().unwrap();
        let own =
            heard.iter().filter(|sql| ["SELECT", "UPDATE", "DELETE", "WITH"].iter().any(|verb| sql.starts_with(verb)));
        let own: Vec<_> = own.filter(|sql| !sql.contains("'main'.") && !sql.contains("PRAGMA")).collect();
        assert!(own.len() > 60, "too little was heard: {}", own.len());
        let slow: Vec<_> =
            own.iter().map(|sql| (sql, slow_steps(&conn, sql))).filter(|(_, steps)| !steps.is_empty()).collect();
        assert!(slow.is_empty(), "{slow:#?}");
    }
}
