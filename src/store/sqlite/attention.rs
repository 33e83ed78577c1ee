//! What the orchestrator looks for: ready work in order of urgency, and tasks that need attention. All bounded.

use rusqlite::params;

use super::Db;
use super::rows::{Key, Micros, record, task as task_row, word};
use crate::domain::task::Requirements;
use crate::domain::{AgentId, Escalation, Priority, Task, TaskId, TaskNumber, Timestamp};
use crate::store::view::{ChainRow, Concern, ReadyRow};
use crate::store::{Now, Result};

/// Ready, not waiting for a lane, and free of an earlier worker's process.
const READY: &str = "status = 'queued' AND level = 'task' AND archived = 0 AND admission_lane IS NULL
    AND NOT EXISTS (SELECT 1 FROM processes p WHERE p.task = t.id)";

const READY_COLUMNS: &str = "t.id, t.number, t.needs, t.queued_at, t.estimate, t.doc ->> '$.metadata.complexity',
    t.expedite, t.sprint, t.retries, t.not_before, t.points";

impl Db {
    pub(super) fn ready_by_priority(
        &self,
        priority: Priority,
        now: &Now,
        each: &mut dyn FnMut(ReadyRow) -> bool,
    ) -> Result<()> {
        let express = format!(
            "SELECT {READY_COLUMNS} FROM tasks t INDEXED BY tasks_expedite WHERE expedite = 1 AND priority = ?1 AND {READY}"
        );
        let others = format!(
            "SELECT {READY_COLUMNS} FROM tasks t INDEXED BY tasks_ready WHERE {READY} AND priority = ?1 AND expedite = 0
             ORDER BY queued_at, number"
        );
        if self.ready_rows(&express, priority, now, each)? {
            self.ready_rows(&others, priority, now, each)?;
        }
        Ok(())
    }

    /// False once `each` wants no more.
    fn ready_rows(
        &self,
        sql: &str,
        priority: Priority,
        now: &Now,
        each: &mut dyn FnMut(ReadyRow) -> bool,
    ) -> Result<bool> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([priority.rank()])?;
        while let Some(row) = rows.next()? {
            let not_before: Option<Micros> = row.get(9)?;
            if not_before.is_some_and(|at| at.0 > now.wall) {
                continue;
            }
            if !each(self.ready_row(row, priority, now)?) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn ready_row(&self, row: &rusqlite::Row, priority: Priority, now: &Now) -> Result<ReadyRow> {
        let task_id = TaskId(row.get::<_, Key>(0)?.0);
        let needs: Option<String> = row.get(2)?;
        let complexity: Option<String> = row.get(5)?;
        let failed_before = row.get::<_, u32>(8)? > 0;
        Ok(ReadyRow {
            task_id,
            number: TaskNumber(row.get(1)?),
            priority,
            requirements: needs.map_or_else(|| Ok(Requirements::default()), |needs| record(&needs))?,
            queued_at: row.get::<_, Option<Micros>>(3)?.map_or(now.wall, |at| at.0),
            estimate: row.get(4)?,
            points: row.get(10)?,
            complexity: complexity.as_deref().map(word).transpose()?,
            expedite: row.get(6)?,
            sprint_id: row.get::<_, Option<Key>>(7)?.map(|key| crate::domain::SprintId(key.0)),
            failed_with: if failed_before { self.failed_with(task_id)? } else { Vec::new() },
        })
    }

    fn failed_with(&self, id: TaskId) -> Result<Vec<AgentId>> {
        let sql = "SELECT DISTINCT agent FROM attempts WHERE task = ?1 AND outcome IN ('failed', 'lost') LIMIT 100";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([Key(id.0)], |row| row.get::<_, Key>(0))?;
        Ok(rows.map(|key| key.map(|key| AgentId(key.0))).collect::<Result<_, _>>()?)
    }

    pub(super) fn concerning(&self, concern: Concern, limit: usize, now: &Now) -> Result<Vec<Task>> {
        let (index, condition, order, values) = match concern {
            Concern::RetryDue => (
                "tasks_retry",
                "t.status = 'failed' AND t.retry_at <= ?2",
                "t.retry_at",
                vec![now.wall.timestamp_micros()],
            ),
            Concern::RetriesSpent => (
                "tasks_status",
                "t.status = 'failed' AND t.retry_at IS NULL
                 AND NOT EXISTS (SELECT 1 FROM escalations e WHERE e.task = t.id AND e.raised_at >= t.since)",
                "t.since",
                Vec::new(),
            ),
            Concern::Passing => (
                "tasks_stuck",
                "t.status IN ('blocked', 'paused') AND t.blocker IS NOT NULL
                 AND t.doc ->> '$.blocker.kind' = 'transient' AND t.doc ->> '$.blocker.count' < 2",
                "t.doc ->> '$.blocker.since'",
                Vec::new(),
            ),
            // The blocker's own time: a task that waits for another, too, does not change its status with it.
            Concern::Stuck => (
                "tasks_stuck",
                "t.status IN ('blocked', 'paused') AND t.blocker IS NOT NULL
                 AND t.doc ->> '$.blocker.kind' <> 'input'
                 AND (t.doc ->> '$.blocker.kind' = 'capability' OR t.doc ->> '$.blocker.count' >= 2)
                 AND NOT EXISTS (SELECT 1 FROM escalations e WHERE e.task = t.id AND e.doc ->> '$.topic' = 'blocker'
                     AND e.raised_at >= unixepoch(t.doc ->> '$.blocker.since', 'subsec') * 1000000)",
                "t.since",
                Vec::new(),
            ),
            Concern::Deadline { after, before } => (
                "tasks_due",
                "t.deadline <= ?2 AND t.status NOT IN ('completed', 'cancelled', 'reviewing')
                 AND t.deadline >= ?3 AND (t.deadline > ?3 OR t.number > ?4)",
                "t.deadline, t.number",
                {
                    let (at, number) = after.map_or((i64::MIN, 0), |(at, number)| (at.timestamp_micros(), number.0));
                    vec![before.timestamp_micros(), at, number]
                },
            ),
        };
        let sql = format!(
            "SELECT t.doc, t.description FROM tasks t INDEXED BY {index}
             WHERE {condition} AND t.level = 'task' AND t.archived = 0 ORDER BY {order} LIMIT ?1"
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(std::iter::once(limit as i64).chain(values)))?;
        let mut tasks = Vec::new();
        while let Some(row) = rows.next()? {
            tasks.push(task_row(&row.get::<_, String>(0)?, row.get(1)?)?);
        }
        Ok(tasks)
    }

    pub(super) fn questions_about(&self, task: Option<TaskId>) -> Result<Vec<Escalation>> {
        let Some(id) = task else {
            let board = "SELECT doc FROM escalations INDEXED BY escalations_board WHERE task IS NULL
                ORDER BY number DESC LIMIT 50";
            return self.docs(board, params![]);
        };
        let sql = "SELECT doc FROM escalations WHERE task = ?1 ORDER BY number DESC LIMIT 50";
        self.docs(sql, params![Key(id.0)])
    }

    pub(super) fn open_chain(&self, id: TaskId, limit: usize) -> Result<Vec<ChainRow>> {
        let sql = "WITH RECURSIVE up (id) AS (VALUES (?1) UNION
                SELECT e.on_task FROM edges e JOIN up u ON e.task = u.id JOIN tasks t ON t.id = e.on_task
                WHERE t.status NOT IN ('completed', 'cancelled') LIMIT ?2)
            SELECT t.id, t.number, t.estimate, t.progress FROM up JOIN tasks t ON t.id = up.id";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![Key(id.0), limit as i64])?;
        let mut chain = Vec::new();
        while let Some(row) = rows.next()? {
            let key: Key = row.get(0)?;
            chain.push(ChainRow {
                task_id: TaskId(key.0),
                number: TaskNumber(row.get(1)?),
                estimate: row.get(2)?,
                progress: row.get(3)?,
                waits_for: self.ids("SELECT on_task FROM edges WHERE task = ?1", params![key])?,
            });
        }
        Ok(chain)
    }

    pub(super) fn misfires_since(&self, at: Timestamp) -> Result<u64> {
        // A cross join keeps the order: few agents first, then the newest attempts of each.
        let sql = "SELECT count(*) FROM agents a CROSS JOIN attempts x ON x.agent = a.id AND x.ended_at > ?1
            WHERE x.outcome = 'lost' OR x.doc ->> '$.failure' = 'spawn'";
        let count: i64 = self.conn.prepare_cached(sql)?.query_row([Micros(at)], |row| row.get(0))?;
        Ok(count as u64)
    }
}
