//! What happened to tasks, from the log: as much of it as says how their time went.

use std::collections::{BTreeMap, BTreeSet};

use super::Db;
use super::rows::{Key, Micros, record};
use crate::domain::event::Event;
use crate::domain::{RecordId, TaskId, Timestamp};
use crate::store::Result;

/// Events that change how a task stands; their names stand first in their documents.
const TELLING: &str = "SELECT c.at, e.doc FROM events e JOIN changes c ON c.id = e.change WHERE e.change = ?1
    AND substr(e.doc, 11, instr(substr(e.doc, 11), '\"') - 1) IN ('task_created', 'task_imported', 'record_imported',
        'task_stepped', 'blocker_set', 'admission_queued', 'admission_ended', 'review_set', 'restored') ORDER BY e.seq";

impl Db {
    /// Each task's telling events in order. A change that is about many of the tasks is read once.
    pub(super) fn past_of(&self, tasks: &[TaskId]) -> Result<BTreeMap<TaskId, Vec<(Timestamp, Event)>>> {
        let mut past: BTreeMap<TaskId, Vec<(Timestamp, Event)>> = tasks.iter().map(|id| (*id, Vec::new())).collect();
        let mut events = self.conn.prepare_cached(TELLING)?;
        for change in self.changes_of(tasks)? {
            let mut rows = events.query([change])?;
            while let Some(row) = rows.next()? {
                let event: Event = record(&row.get::<_, String>(1)?)?;
                let Some(RecordId::Task(id)) = event.records().first().copied() else { continue };
                if let Some(past) = past.get_mut(&id) {
                    past.push((row.get::<_, Micros>(0)?.0, event));
                }
            }
        }
        Ok(past)
    }

    fn changes_of(&self, tasks: &[TaskId]) -> Result<BTreeSet<i64>> {
        let mut changes = BTreeSet::new();
        let mut statement = self.conn.prepare_cached("SELECT change FROM touches WHERE record = ?1")?;
        for id in tasks {
            for change in statement.query_map([Key(id.0)], |row| row.get::<_, i64>(0))? {
                changes.insert(change?);
            }
        }
        Ok(changes)
    }
}
