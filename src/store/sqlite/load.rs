//! Loading what a decision needs: a neighbourhood of rows, never the board.

use std::collections::BTreeSet;

use rusqlite::params;

use super::Db;
use super::load_sprint::{ACTIVE_SPRINT, LAST_CLOSED_SPRINT};
use super::rows::{Key, Micros, optional, record, task as task_row, word};
use crate::domain::facts::{Brief, LaneLoad, Parts};
use crate::domain::{
    Agent, AgentId, Attempt, AttemptId, Escalation, EscalationId, Facts, Lease, Need, Policy, RecordId, Remedy, Status,
    Task, TaskId, TaskNumber,
};
use crate::store::{Now, Result};

impl Db {
    pub(super) fn load_facts(&self, needs: &[Need], now: &Now) -> Result<Facts> {
        let mut facts = Facts {
            policy: self.load_policy()?,
            next_task: self.counter("next_task")?,
            next_escalation: self.counter("next_escalation")?,
            next_sprint: self.counter("next_sprint")?,
            next_risk: self.counter("next_risk")?.try_into().unwrap_or(u32::MAX),
            ..Facts::default()
        };
        self.load_lanes(&mut facts)?;
        let erased: BTreeSet<RecordId> =
            needs.iter().filter_map(|need| if let Need::Record(id) = need { Some(*id) } else { None }).collect();
        for need in needs {
            self.load_need(&mut facts, need, &erased, now)?;
        }
        self.load_queues(&mut facts, needs.contains(&Need::Record(RecordId::Policy)), now)?;
        Ok(facts)
    }

    fn load_need(&self, facts: &mut Facts, need: &Need, erased: &BTreeSet<RecordId>, now: &Now) -> Result<()> {
        match need {
            Need::Task(id) => self.load_task(facts, *id, now).map(|_| ()),
            Need::Reach(id) => self.load_reach(facts, *id, now),
            Need::Brief(id) => self.load_brief(facts, *id),
            Need::Number(number) => self.load_number(facts, *number),
            Need::Subtree(id) => self.load_subtree(facts, *id, now),
            Need::Upstream(id) => self.load_upstream(facts, *id),
            Need::Agent(id) => self.load_agent(facts, *id),
            Need::AgentNamed(name) => self.load_agent_named(facts, name),
            Need::ReadyFor(id) => self.load_candidate(facts, *id, now),
            Need::Sprint(id) => self.load_sprint(facts, *id),
            Need::ActiveSprint => self.load_one_sprint(facts, ACTIVE_SPRINT),
            Need::LastClosedSprint => self.load_one_sprint(facts, LAST_CLOSED_SPRINT),
            Need::SprintScope(id) => self.load_scope(facts, *id, now),
            Need::Team => self.load_team(facts),
            Need::SprintPast(id) => self.load_sprint_past(facts, *id, now),
            Need::SprintPlan(id) => self.load_sprint_plan(facts, *id),
            Need::SprintOf(id) => self.load_sprint_of(facts, *id),
            Need::Escalation(id) => self.load_escalation(facts, *id, now),
            Need::External(source, key) => self.load_external(facts, source, key, now),
            Need::Expedited => self.load_expedited(facts, now),
            Need::Record(id) => self.load_record(facts, *id, erased, now),
        }
    }

    pub(super) fn load_policy(&self) -> Result<Policy> {
        Ok(match self.meta("policy")? {
            Some(doc) => record(&doc)?,
            None => Policy::default(),
        })
    }

    pub(super) fn meta(&self, key: &str) -> Result<Option<String>> {
        let mut statement = self.conn.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        optional(statement.query_row([key], |row| row.get(0)))
    }

    /// A counter's next value; counters start at 1.
    pub(super) fn counter(&self, name: &str) -> Result<i64> {
        Ok(self.meta(name)?.and_then(|value| value.parse().ok()).unwrap_or(1))
    }

    fn load_lanes(&self, facts: &mut Facts) -> Result<()> {
        for (lane, limit) in facts.policy.wip.clone() {
            let mut statement = self.conn.prepare_cached("SELECT cards FROM lanes WHERE lane = ?1")?;
            let count = statement.query_row([lane.as_str()], |row| row.get(0))?;
            facts.lanes.insert(lane, LaneLoad { count, limit, waiting: Vec::new() });
        }
        Ok(())
    }

    /// Those of the cards that wait for room in each limited lane whom the change could let in: one for each free place
    /// and for each place that a loaded card may leave, and the expedited one; all of them if the limits may change.
    fn load_queues(&self, facts: &mut Facts, limits_may_change: bool, now: &Now) -> Result<()> {
        let loaded = facts.tasks.len();
        for (lane, load) in facts.lanes.clone() {
            let places = load.limit.saturating_sub(load.count) as usize + loaded.min(load.count as usize);
            let most = if limits_may_change { i64::MAX } else { places as i64 + 1 };
            let sql = "SELECT id FROM tasks WHERE admission_lane = ?1 ORDER BY expedite DESC, admission_since, number LIMIT ?2";
            let waiting = self.ids(sql, params![lane.as_str(), most])?;
            for id in &waiting {
                self.load_task(facts, *id, now)?;
            }
            if let Some(load) = facts.lanes.get_mut(&lane) {
                load.waiting = waiting;
            }
        }
        Ok(())
    }

    pub(super) fn get_task(&self, id: TaskId) -> Result<Option<Task>> {
        let mut statement = self.conn.prepare_cached("SELECT doc, description FROM tasks WHERE id = ?1")?;
        let row = optional(statement.query_row([Key(id.0)], |row| Ok((row.get::<_, String>(0)?, row.get(1)?))))?;
        row.map(|(doc, description)| task_row(&doc, description)).transpose()
    }

    /// Loads the task, its parents, and what work on them needs; false if there is no such task.
    pub(super) fn load_task(&self, facts: &mut Facts, id: TaskId, now: &Now) -> Result<bool> {
        let mut next = Some(id);
        while let Some(id) = next.filter(|id| !facts.tasks.contains_key(id)) {
            let Some(task) = self.get_task(id)? else { break };
            next = task.parent_id;
            if let Some(parent) = next {
                self.load_parts(facts, parent)?;
            }
            self.load_around(facts, task, now)?;
        }
        Ok(facts.tasks.contains_key(&id))
    }

    fn load_around(&self, facts: &mut Facts, task: Task, now: &Now) -> Result<()> {
        let id = task.task_id;
        let (agent, claim) = (task.agent(), task.claim.as_ref().map(|claim| (claim.agent_id, claim.epoch)));
        if !task.dependencies.blocked_by.is_empty() {
            self.load_predecessors(facts, id)?;
        }
        facts.tasks.insert(id, task);
        self.load_open_attempt(facts, id)?;
        self.load_lease(facts, id, claim.map(|(_, epoch)| epoch), now)?;
        for agent in [agent, claim.map(|(agent, _)| agent)].into_iter().flatten() {
            self.load_agent(facts, agent)?;
        }
        self.load_questions(facts, id)
    }

    fn load_predecessors(&self, facts: &mut Facts, id: TaskId) -> Result<()> {
        let sql = "SELECT t.id, t.number, t.status, t.archived, t.level FROM edges e JOIN tasks t ON t.id = e.on_task WHERE e.task = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([Key(id.0)], brief_row)?;
        for row in rows {
            let (id, brief) = row?;
            facts.briefs.insert(id, brief);
        }
        Ok(())
    }

    fn load_brief(&self, facts: &mut Facts, id: TaskId) -> Result<()> {
        let sql = "SELECT id, number, status, archived, level FROM tasks WHERE id = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        facts.briefs.extend(optional(statement.query_row([Key(id.0)], brief_row))?);
        Ok(())
    }

    fn load_number(&self, facts: &mut Facts, number: TaskNumber) -> Result<()> {
        let sql = "SELECT id, number, status, archived, level FROM tasks WHERE number = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        facts.briefs.extend(optional(statement.query_row([number.0], brief_row))?);
        Ok(())
    }

    fn load_open_attempt(&self, facts: &mut Facts, id: TaskId) -> Result<()> {
        let sql = "SELECT doc FROM attempts WHERE task = ?1 AND ended_at IS NULL";
        let mut statement = self.conn.prepare_cached(sql)?;
        if let Some(doc) = optional(statement.query_row([Key(id.0)], |row| row.get::<_, String>(0)))? {
            let attempt: Attempt = record(&doc)?;
            facts.attempts.insert(attempt.attempt_id, attempt);
        }
        Ok(())
    }

    fn load_lease(&self, facts: &mut Facts, id: TaskId, epoch: Option<u64>, now: &Now) -> Result<()> {
        let mut statement = self.conn.prepare_cached("SELECT epoch FROM processes WHERE task = ?1")?;
        let processes: Vec<i64> = statement.query_map([Key(id.0)], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if processes.iter().any(|of| Some(*of as u64) != epoch) {
            facts.haunted.insert(id);
        }
        let sql = "SELECT epoch, token, boot_id, expires_ms, until FROM leases WHERE task = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let lease = optional(statement.query_row([Key(id.0)], |row| {
            let epoch: i64 = row.get(0)?;
            let token: Key = row.get(1)?;
            let (boot, expires): (String, i64) = (row.get(2)?, row.get(3)?);
            let until: Micros = row.get(4)?;
            Ok(Lease {
                epoch: epoch as u64,
                token: crate::domain::ClaimToken(token.0),
                expired: boot != now.boot_id || expires <= now.boot_ms,
                until: Some(until.0),
                has_process: processes.contains(&epoch),
            })
        }))?;
        facts.leases.extend(lease.map(|lease| (id, lease)));
        Ok(())
    }

    fn load_questions(&self, facts: &mut Facts, id: TaskId) -> Result<()> {
        let sql = "SELECT doc FROM escalations WHERE task = ?1 AND state = 'open'";
        let mut statement = self.conn.prepare_cached(sql)?;
        let docs: Vec<String> = statement.query_map([Key(id.0)], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for doc in docs {
            let ask: Escalation = record(&doc)?;
            facts.escalations.insert(ask.escalation_id, ask);
        }
        Ok(())
    }

    fn load_parts(&self, facts: &mut Facts, id: TaskId) -> Result<()> {
        let sql = "SELECT status, count(*) FROM tasks WHERE parent = ?1 GROUP BY status";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([Key(id.0)], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?)))?;
        let mut parts = Parts::default();
        for row in rows {
            match row? {
                (status, count) if status == Status::Completed.as_str() => parts.completed += count,
                (status, _) if status == Status::Cancelled.as_str() => {}
                (_, count) => parts.open += count,
            }
        }
        facts.parts.insert(id, parts);
        Ok(())
    }

    fn load_reach(&self, facts: &mut Facts, id: TaskId, now: &Now) -> Result<()> {
        let mut next = Some(id);
        while let Some(id) = next {
            if !self.load_task(facts, id, now)? {
                return Ok(());
            }
            self.load_parts(facts, id)?;
            self.load_successors(facts, id, now)?;
            next = facts.tasks.get(&id).and_then(|task| task.parent_id);
        }
        Ok(())
    }

    fn load_successors(&self, facts: &mut Facts, id: TaskId, now: &Now) -> Result<()> {
        let mut statement = self.conn.prepare_cached("SELECT task FROM edges WHERE on_task = ?1")?;
        let keys: Vec<Key> = statement.query_map([Key(id.0)], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let successors: Vec<TaskId> = keys.into_iter().map(|key| TaskId(key.0)).collect();
        for successor in &successors {
            self.load_task(facts, *successor, now)?;
        }
        facts.successors.insert(id, successors);
        Ok(())
    }

    fn load_subtree(&self, facts: &mut Facts, root: TaskId, now: &Now) -> Result<()> {
        let sql =
            "WITH RECURSIVE part (id) AS (VALUES (?1) UNION SELECT t.id FROM tasks t JOIN part p ON t.parent = p.id)
            SELECT id FROM part";
        let mut statement = self.conn.prepare_cached(sql)?;
        let keys: Vec<Key> = statement.query_map([Key(root.0)], |row| row.get(0))?.collect::<Result<_, _>>()?;
        keys.into_iter().try_for_each(|key| self.load_reach(facts, TaskId(key.0), now))
    }

    fn load_upstream(&self, facts: &mut Facts, from: TaskId) -> Result<()> {
        let sql =
            "WITH RECURSIVE up (id) AS (VALUES (?1) UNION SELECT e.on_task FROM edges e JOIN up u ON e.task = u.id)
            SELECT t.id, t.number, t.status, t.archived, t.level FROM up JOIN tasks t ON t.id = up.id";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows: Vec<_> = statement.query_map([Key(from.0)], brief_row)?.collect::<Result<_, _>>()?;
        let mut edges = self.conn.prepare_cached("SELECT on_task FROM edges WHERE task = ?1")?;
        for (id, brief) in rows {
            let keys: Vec<Key> = edges.query_map([Key(id.0)], |row| row.get(0))?.collect::<Result<_, _>>()?;
            facts.edges.insert(id, keys.into_iter().map(|key| TaskId(key.0)).collect());
            facts.briefs.insert(id, brief);
        }
        Ok(())
    }

    pub(super) fn get_agent(&self, id: AgentId) -> Result<Option<Agent>> {
        let mut statement = self.conn.prepare_cached("SELECT doc FROM agents WHERE id = ?1")?;
        let doc = optional(statement.query_row([Key(id.0)], |row| row.get::<_, String>(0)))?;
        doc.map(|doc| record(&doc)).transpose()
    }

    pub(super) fn load_agent(&self, facts: &mut Facts, id: AgentId) -> Result<()> {
        if facts.agents.contains_key(&id) {
            return Ok(());
        }
        let Some(agent) = self.get_agent(id)? else { return Ok(()) };
        facts.agents.insert(id, agent);
        facts.load.insert(id, self.in_hand(id)?);
        facts.claimed.insert(id, self.claimed_by(id)?);
        Ok(())
    }

    /// Tasks that take up an agent's time: a paused one that nobody holds waits for an answer, and the agent is free.
    pub(super) fn in_hand(&self, id: AgentId) -> Result<u32> {
        let sql = "SELECT count(*) FROM tasks WHERE agent = ?1
            AND (status IN ('assigned', 'executing') OR (status = 'paused' AND claim_epoch IS NOT NULL))";
        Ok(self.conn.prepare_cached(sql)?.query_row([Key(id.0)], |row| row.get(0))?)
    }

    fn claimed_by(&self, id: AgentId) -> Result<u32> {
        // Only what is held can be claimed; without the states this would walk over all that the agent ever did.
        let sql = "SELECT count(*) FROM tasks WHERE agent = ?1 AND status IN ('assigned', 'executing', 'paused')
            AND claim_epoch IS NOT NULL";
        Ok(self.conn.prepare_cached(sql)?.query_row([Key(id.0)], |row| row.get(0))?)
    }

    fn load_team(&self, facts: &mut Facts) -> Result<()> {
        let mut statement = self.conn.prepare_cached("SELECT id FROM agents")?;
        let keys: Vec<Key> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        keys.into_iter().try_for_each(|key| self.load_agent(facts, AgentId(key.0)))
    }

    fn load_agent_named(&self, facts: &mut Facts, name: &str) -> Result<()> {
        let mut statement = self.conn.prepare_cached("SELECT id FROM agents WHERE name = ?1")?;
        match optional(statement.query_row([name.trim()], |row| row.get::<_, Key>(0)))? {
            Some(key) => self.load_agent(facts, AgentId(key.0)),
            None => Ok(()),
        }
    }

    fn load_escalation(&self, facts: &mut Facts, id: EscalationId, now: &Now) -> Result<()> {
        let Some(ask) = self.escalation(id)? else { return Ok(()) };
        for choice in &ask.choices {
            match choice.remedy {
                Remedy::Reassign { agent_id } => self.load_agent(facts, agent_id)?,
                Remedy::Cancel => ask.task_id.map_or(Ok(()), |task| self.load_subtree(facts, task, now))?,
                _ => {}
            }
        }
        // All ways that decide on a plan are about one proposal.
        if let Some(sprint) = ask.choices.iter().find_map(|choice| choice.remedy.sprint()) {
            self.load_sprint_plan(facts, sprint)?;
        }
        if let Some(task) = ask.task_id {
            self.load_reach(facts, task, now)?;
        }
        facts.escalations.insert(id, ask);
        Ok(())
    }

    pub(super) fn escalation(&self, id: EscalationId) -> Result<Option<Escalation>> {
        let mut statement = self.conn.prepare_cached("SELECT doc FROM escalations WHERE id = ?1")?;
        let doc = optional(statement.query_row([Key(id.0)], |row| row.get::<_, String>(0)))?;
        doc.map(|doc| record(&doc)).transpose()
    }

    fn load_external(&self, facts: &mut Facts, source: &str, key: &str, now: &Now) -> Result<()> {
        let mut statement = self.conn.prepare_cached("SELECT id FROM tasks WHERE ext_source = ?1 AND ext_key = ?2")?;
        match optional(statement.query_row([source, key], |row| row.get::<_, Key>(0)))? {
            Some(id) => self.load_task(facts, TaskId(id.0), now).map(|_| ()),
            None => Ok(()),
        }
    }

    fn load_expedited(&self, facts: &mut Facts, now: &Now) -> Result<()> {
        let sql = "SELECT id FROM tasks WHERE expedite = 1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let keys: Vec<Key> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        keys.into_iter().try_for_each(|key| self.load_task(facts, TaskId(key.0), now).map(|_| ()))
    }

    fn load_record(&self, facts: &mut Facts, id: RecordId, erased: &BTreeSet<RecordId>, now: &Now) -> Result<()> {
        match id {
            RecordId::Task(task) => {
                self.load_task(facts, task, now)?;
                self.note_references(facts, id, "SELECT id FROM tasks WHERE parent = ?1", "it has parts", erased)
            }
            RecordId::Attempt(attempt) => self.load_attempt(facts, attempt),
            RecordId::Agent(agent) => {
                self.load_agent(facts, agent)?;
                self.note_references(facts, id, "SELECT id FROM tasks WHERE agent = ?1", "it has tasks", erased)?;
                let sql = "SELECT id FROM attempts WHERE agent = ?1";
                self.note_references(facts, id, sql, "it has worked on tasks", erased)
            }
            RecordId::Sprint(sprint) => {
                self.load_sprint(facts, sprint)?;
                self.note_references(facts, id, "SELECT id FROM tasks WHERE sprint = ?1", "it has tasks", erased)
            }
            RecordId::Plan(sprint)
            | RecordId::Proposal(sprint)
            | RecordId::Baseline(sprint)
            | RecordId::Outcome(sprint) => self.load_sprint_plan(facts, sprint),
            RecordId::Escalation(ask) => self.load_escalation(facts, ask, now),
            RecordId::Comment(comment) => {
                let mut statement = self.conn.prepare_cached("SELECT doc FROM comments WHERE id = ?1")?;
                if let Some(doc) = optional(statement.query_row([Key(comment.0)], |row| row.get::<_, String>(0)))? {
                    facts.comments.insert(comment, record(&doc)?);
                }
                Ok(())
            }
            RecordId::Policy => Ok(()),
        }
    }

    fn load_attempt(&self, facts: &mut Facts, id: AttemptId) -> Result<()> {
        let mut statement = self.conn.prepare_cached("SELECT doc FROM attempts WHERE id = ?1")?;
        if let Some(doc) = optional(statement.query_row([Key(id.0)], |row| row.get::<_, String>(0)))? {
            facts.attempts.insert(id, record(&doc)?);
        }
        Ok(())
    }

    /// Notes that rows refer to `id` which the same change does not put back itself.
    fn note_references(
        &self,
        facts: &mut Facts,
        id: RecordId,
        sql: &str,
        what: &str,
        together: &BTreeSet<RecordId>,
    ) -> Result<()> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let keys: Vec<Key> = statement.query_map([Key(id.uuid())], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let others = keys.iter().any(|key| !together.iter().any(|record| record.uuid() == key.0));
        if others {
            facts.referred.insert(id, what.to_owned());
        }
        Ok(())
    }
}

fn brief_row(row: &rusqlite::Row) -> rusqlite::Result<(TaskId, Brief)> {
    let key: Key = row.get(0)?;
    let status: String = row.get(2)?;
    let level: String = row.get(4)?;
    let (number, archived) = (TaskNumber(row.get(1)?), row.get(3)?);
    Ok((TaskId(key.0), Brief { number, status: word(&status)?, level: word(&level)?, archived }))
}
