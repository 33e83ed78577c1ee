//! Liveness: leases, presence, processes and the orchestrator's lease. Narrow rows, no log, relaxed durability.

use rusqlite::params;

use super::Db;
use super::rows::{Key, Micros, optional};
use crate::domain::{AgentId, ClaimToken, TaskId, TaskNumber};
use crate::store::view::{LeaderRow, LeaseRow, Liveness, ProcessRow};
use crate::store::{Now, Result};

/// How long after its last heartbeat an agent counts as there, in milliseconds.
pub(super) const PRESENCE_MS: i64 = 90_000;

impl Db {
    pub(super) fn grant_lease(
        &self,
        task: TaskId,
        epoch: u64,
        token: ClaimToken,
        seconds: u32,
        now: &Now,
    ) -> Result<()> {
        let lease_ms = i64::from(seconds) * 1000;
        let until = now.wall + chrono::Duration::milliseconds(lease_ms);
        let sql = "INSERT OR REPLACE INTO leases VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.conn.prepare_cached(sql)?.execute(params![
            Key(task.0),
            epoch as i64,
            Key(token.0),
            now.boot_id,
            now.boot_ms + lease_ms,
            lease_ms,
            Micros(until),
        ])?;
        Ok(())
    }

    /// Renews the lease of this token and the presence of its agent.
    pub(super) fn renew(&self, token: ClaimToken, life: &Liveness, now: &Now) -> Result<Option<TaskId>> {
        let sql = "SELECT l.task, l.lease_ms, t.agent FROM leases l JOIN tasks t ON t.id = l.task
            WHERE l.token = ?1 AND t.claim_epoch = l.epoch";
        let mut statement = self.conn.prepare_cached(sql)?;
        let found = statement.query_row([Key(token.0)], |row| {
            Ok((row.get::<_, Key>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<Key>>(2)?))
        });
        let Some((task, lease_ms, agent)) = optional(found)? else { return Ok(None) };
        let sql = "UPDATE leases SET boot_id = ?2, expires_ms = ?3, until = ?4 WHERE task = ?1";
        let until = now.wall + chrono::Duration::milliseconds(lease_ms);
        let mut statement = self.conn.prepare_cached(sql)?;
        statement.execute(params![task, now.boot_id, now.boot_ms + lease_ms, Micros(until)])?;
        if let Some(agent) = agent {
            self.note_presence(AgentId(agent.0), life, now)?;
        }
        Ok(Some(TaskId(task.0)))
    }

    pub(super) fn note_presence(&self, agent: AgentId, life: &Liveness, now: &Now) -> Result<()> {
        let sql = "INSERT INTO presence VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (agent) DO UPDATE SET
            boot_id = excluded.boot_id, beat_ms = excluded.beat_ms, at = excluded.at,
            cpu = coalesce(excluded.cpu, cpu), memory = coalesce(excluded.memory, memory)";
        let mut statement = self.conn.prepare_cached(sql)?;
        let at = Micros(now.wall);
        statement.execute(params![Key(agent.0), now.boot_id, now.boot_ms, at, life.cpu_usage, life.memory_usage])?;
        Ok(())
    }

    pub(super) fn note_process(&self, task: TaskId, epoch: u64, process: &ProcessRow) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO processes VALUES (?1, ?2, ?3, ?4, ?5)";
        let ticks = process.start_ticks as i64;
        let mut statement = self.conn.prepare_cached(sql)?;
        statement.execute(params![Key(task.0), epoch as i64, process.pid, ticks, process.boot_id])?;
        Ok(())
    }

    pub(super) fn forget_process(&self, task: TaskId, epoch: u64) -> Result<()> {
        let mut statement = self.conn.prepare_cached("DELETE FROM processes WHERE task = ?1 AND epoch = ?2")?;
        statement.execute(params![Key(task.0), epoch as i64])?;
        Ok(())
    }

    /// Every claim, and every process that has not been seen gone though its claim ended.
    pub(super) fn list_leases(&self, now: &Now) -> Result<Vec<LeaseRow>> {
        let sql = "SELECT t.id, t.number, t.agent, t.claim_epoch, l.boot_id, l.expires_ms, l.until,
                p.pid, p.start_ticks, p.boot_id, a.doc ->> '$.kind' = 'human'
            FROM tasks t LEFT JOIN leases l ON l.task = t.id AND l.epoch = t.claim_epoch
            LEFT JOIN processes p ON p.task = t.id AND p.epoch = t.claim_epoch
            LEFT JOIN agents a ON a.id = t.agent
            WHERE t.claim_epoch IS NOT NULL AND t.agent IS NOT NULL
            UNION ALL
            SELECT t.id, t.number, t.agent, p.epoch, NULL, NULL, NULL, p.pid, p.start_ticks, p.boot_id, NULL
            FROM processes p JOIN tasks t ON t.id = p.task WHERE t.claim_epoch IS NOT p.epoch";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| lease_row(row, now))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn take_lead(&self, holder: &str, lease_ms: i64, now: &Now) -> Result<Option<u64>> {
        let current = self.leader_row(now)?;
        let epoch = match &current {
            Some(leader) if leader.holder == holder && !leader.expired => leader.epoch,
            Some(leader) if !leader.expired => return Ok(None),
            Some(leader) => leader.epoch + 1,
            None => 1,
        };
        let sql = "INSERT OR REPLACE INTO leader VALUES (1, ?1, ?2, ?3, ?4)";
        let mut statement = self.conn.prepare_cached(sql)?;
        statement.execute(params![holder, epoch as i64, now.boot_id, now.boot_ms + lease_ms])?;
        Ok(Some(epoch))
    }

    pub(super) fn leader_row(&self, now: &Now) -> Result<Option<LeaderRow>> {
        let mut statement = self.conn.prepare_cached("SELECT holder, epoch, boot_id, expires_ms FROM leader")?;
        optional(statement.query_row([], |row| {
            let (boot, expires): (String, i64) = (row.get(2)?, row.get(3)?);
            Ok(LeaderRow {
                holder: row.get(0)?,
                epoch: row.get::<_, i64>(1)? as u64,
                expired: boot != now.boot_id || expires <= now.boot_ms,
            })
        }))
    }

    /// The row stays, with its lease over, so that epochs go on rising.
    pub(super) fn end_lead(&self, holder: &str) -> Result<()> {
        self.conn.prepare_cached("UPDATE leader SET expires_ms = 0 WHERE holder = ?1")?.execute([holder])?;
        Ok(())
    }
}

fn lease_row(row: &rusqlite::Row, now: &Now) -> rusqlite::Result<LeaseRow> {
    let boot: Option<String> = row.get(4)?;
    let expires: Option<i64> = row.get(5)?;
    let pid: Option<i32> = row.get(7)?;
    let agent: Option<Key> = row.get(2)?;
    let process = match pid {
        Some(pid) => Some(ProcessRow { pid, start_ticks: row.get::<_, i64>(8)? as u64, boot_id: row.get(9)? }),
        None => None,
    };
    Ok(LeaseRow {
        task_id: TaskId(row.get::<_, Key>(0)?.0),
        number: TaskNumber(row.get(1)?),
        agent_id: AgentId(agent.map_or(uuid::Uuid::nil(), |key| key.0)),
        human: row.get::<_, Option<bool>>(10)?.unwrap_or(false),
        epoch: row.get::<_, i64>(3)? as u64,
        until: row.get::<_, Option<Micros>>(6)?.map(|at| at.0),
        expired: boot.as_deref() != Some(now.boot_id.as_str()) || expires.is_none_or(|at| at <= now.boot_ms),
        process,
    })
}
