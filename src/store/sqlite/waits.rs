//! The circumstances of one card, for the rule that says why it does not move.

use std::collections::BTreeMap;

use rusqlite::params;

use super::Db;
use super::cards::{RECLAIM_WAITS, status_of};
use super::live::PRESENCE_MS;
use super::rows::{Key, record};
use crate::domain::attempt::Attempt;
use crate::domain::facts::LaneLoad;
use crate::domain::waits::{Member, Standing, Unmet, waits};
use crate::domain::{Agent, AgentStatus, Escalation, Failure, Lane, Policy, Task, TaskId};
use crate::store::view::Link;
use crate::store::{Now, Result};

/// Places of an admission queue that are counted.
const QUEUE: i64 = 1000;

impl Db {
    /// Every reason why the task does not move.
    pub(super) fn waits(
        &self,
        task: &Task,
        predecessors: &[Link],
        asks: &[Escalation],
        now: &Now,
    ) -> Result<Vec<String>> {
        let policy = self.load_policy()?;
        let team = self.team(now)?;
        let member = |(agent, status, load)| Member { agent, status, load };
        let standing = Standing {
            task,
            unmet: self.unmet(task, predecessors)?,
            asks: asks.iter().map(Escalation::label).collect(),
            lanes: self.lane_loads(task, &policy)?,
            last_failure: self.last_failure(task.task_id)?,
            haunted: self.is_haunted(task, now)?,
            team: team.iter().map(|(agent, status, load)| member((agent, *status, *load))).collect(),
            sprint: self.active_sprint()?.map(|sprint| sprint.sprint_id),
            orchestrated: self.leader_row(now)?.is_some_and(|leader| !leader.expired),
            policy: &policy,
            at: now.wall,
        };
        Ok(waits(&standing).into_iter().map(|wait| wait.why).collect())
    }

    fn lane_loads(&self, task: &Task, policy: &Policy) -> Result<BTreeMap<Lane, LaneLoad>> {
        let wanted = task.admission.as_ref().map(|admission| admission.lane);
        let mut loads = BTreeMap::new();
        for (lane, limit) in &policy.wip {
            let mut statement = self.conn.prepare_cached("SELECT cards FROM lanes WHERE lane = ?1")?;
            let count = statement.query_row([lane.as_str()], |row| row.get(0))?;
            let sql = "SELECT id FROM tasks WHERE admission_lane = ?1 ORDER BY expedite DESC, admission_since, number LIMIT ?2";
            let queue = if wanted == Some(*lane) { QUEUE } else { 0 };
            let waiting = self.ids(sql, params![lane.as_str(), queue])?;
            loads.insert(*lane, LaneLoad { count, limit: *limit, waiting });
        }
        Ok(loads)
    }

    fn last_failure(&self, id: TaskId) -> Result<Option<Failure>> {
        let sql = "SELECT doc FROM attempts WHERE task = ?1 ORDER BY started_at DESC LIMIT 1";
        let last: Option<Attempt> = self.docs(sql, params![Key(id.0)])?.pop();
        Ok(last.and_then(|attempt| attempt.failure))
    }

    fn is_haunted(&self, task: &Task, now: &Now) -> Result<bool> {
        let sql = format!("SELECT {RECLAIM_WAITS} FROM tasks t WHERE t.id = ?3");
        let values = params![now.boot_id, now.boot_ms, Key(task.task_id.0)];
        Ok(self.conn.prepare_cached(&sql)?.query_row(values, |row| row.get(0))?)
    }

    /// Everybody with state and number of tasks in hand.
    fn team(&self, now: &Now) -> Result<Vec<(Agent, AgentStatus, u32)>> {
        let sql = "SELECT a.doc, (SELECT p.beat_ms FROM presence p WHERE p.agent = a.id AND p.boot_id = ?1)
            FROM agents a ORDER BY a.name";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([&now.boot_id])?;
        let mut team = Vec::new();
        while let Some(row) = rows.next()? {
            let agent: Agent = record(&row.get::<_, String>(0)?)?;
            let here = row.get::<_, Option<i64>>(1)?.is_some_and(|at| now.boot_ms - at <= PRESENCE_MS);
            let load = self.in_hand(agent.agent_id)?;
            let status = status_of(&agent, here, load);
            team.push((agent, status, load));
        }
        Ok(team)
    }

    fn unmet(&self, task: &Task, predecessors: &[Link]) -> Result<Vec<Unmet>> {
        let sql = "SELECT t.id FROM edges e JOIN tasks t ON t.id = e.on_task WHERE e.task = ?1 AND t.archived = 1";
        let archived = self.ids(sql, params![Key(task.task_id.0)])?;
        let edges = task.dependencies.blocked_by.iter();
        let unmet = edges.filter_map(|edge| {
            let link = predecessors.iter().find(|link| link.task_id == edge.task_id)?;
            let Link { number, status, .. } = *link;
            let archived = archived.contains(&edge.task_id);
            (!edge.met_by(status)).then(|| Unmet { number, status, archived, condition: edge.condition.clone() })
        });
        Ok(unmet.collect())
    }
}
