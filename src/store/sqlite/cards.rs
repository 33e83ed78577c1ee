//! Cards, summaries, agents and details: what the screens ask for.

use std::collections::BTreeMap;

use rusqlite::params;
use rusqlite::types::Value;

use super::Db;
use super::live::PRESENCE_MS;
use super::rows::{Key, Micros, optional, record, word};
use crate::domain::escalation::EscalationKind;
use crate::domain::{
    Agent, AgentId, AgentKind, AgentStatus, Escalation, EscalationState, Lane, Level, Priority, SprintId, Status, Task,
    TaskId, TaskNumber, Timestamp,
};
use crate::store::view::{
    AgentMetrics, AgentRow, BoardSummary, Card, EscalationRow, Filter, Held, LaneSummary, Link, RollUp, TaskDetail,
};
use crate::store::{Now, Read as _, Result};

/// What [`card`] reads, from `tasks t`; then follow the oldest open question and the ghost of a process.
const CARD_COLUMNS: &str = "t.id, t.number, substr(t.title, 1, 200), t.status, t.priority, t.lane, t.points,
    t.estimate, t.progress, t.agent, (SELECT a.name FROM agents a WHERE a.id = t.agent), t.since, t.deadline,
    t.not_before, t.retries, t.retry_at, t.admission_lane, t.admission_since, t.blocker, t.tags, t.sprint, t.rev";
const ASKED_SINCE: &str =
    "(SELECT min(e.raised_at) FROM escalations e WHERE e.task = t.id AND e.state = 'open' AND e.kind <> 'notice')";
/// A process is on record whose claim has ended.
const CLAIM_ENDED: &str = "EXISTS (SELECT 1 FROM processes p WHERE p.task = t.id AND p.epoch IS NOT t.claim_epoch)";
/// A process is on record whose claim has ended, or whose lease is over: ?1 is the boot, ?2 the time since then.
pub(super) const RECLAIM_WAITS: &str = "EXISTS (SELECT 1 FROM processes p WHERE p.task = t.id AND NOT EXISTS (SELECT 1
    FROM leases l WHERE l.task = t.id AND p.epoch IS t.claim_epoch AND l.boot_id = ?1 AND l.expires_ms > ?2))";

/// A card without what other tables say about it.
pub(super) fn card(row: &rusqlite::Row) -> Result<Card> {
    let time = |index| row.get::<_, Option<Micros>>(index).map(|at| at.map(|at| at.0));
    let queue_lane: Option<String> = row.get(16)?;
    let tags: Option<String> = row.get(19)?;
    Ok(Card {
        task_id: TaskId(row.get::<_, Key>(0)?.0),
        number: TaskNumber(row.get(1)?),
        title: row.get(2)?,
        status: word(row.get_ref(3)?.as_str().unwrap_or_default())?,
        priority: Priority::from_rank(row.get(4)?),
        lane: word(row.get_ref(5)?.as_str().unwrap_or_default())?,
        points: row.get(6)?,
        estimate: row.get(7)?,
        progress: row.get(8)?,
        agent_id: row.get::<_, Option<Key>>(9)?.map(|key| AgentId(key.0)),
        agent: row.get(10)?,
        since: row.get::<_, Micros>(11)?.0,
        deadline: time(12)?,
        not_before: time(13)?,
        retries: row.get(14)?,
        retry_at: time(15)?,
        asked_since: time(22)?,
        queue_place: None,
        queue_lane: queue_lane.as_deref().map(word).transpose()?,
        waits_for: Vec::new(),
        blocker: row.get(18)?,
        reclaim_waits: row.get(23)?,
        tags: tags.as_deref().map(record).transpose()?.unwrap_or_default(),
        sprint_id: row.get::<_, Option<Key>>(20)?.map(|key| SprintId(key.0)),
        rev: row.get::<_, i64>(21)? as u64,
    })
}

impl Db {
    /// The columns of a card and the values that they bind first. Where nobody asks and nothing runs, no row looks for
    /// it; leases count only if it is said what time it is.
    pub(super) fn card_columns(&self, now: Option<&Now>) -> Result<(String, Vec<Value>)> {
        let any = |sql: &str| -> Result<bool> { Ok(self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?) };
        let asked = any("SELECT EXISTS (SELECT 1 FROM escalations WHERE state = 'open')")?;
        let asked = if asked { ASKED_SINCE } else { "NULL" };
        let (waits, values) = match (any("SELECT EXISTS (SELECT 1 FROM processes)")?, now) {
            (false, _) => ("0", Vec::new()),
            (true, None) => (CLAIM_ENDED, Vec::new()),
            (true, Some(now)) => (RECLAIM_WAITS, vec![Value::Text(now.boot_id.clone()), Value::Integer(now.boot_ms)]),
        };
        Ok((format!("{CARD_COLUMNS}, {asked}, {waits}"), values))
    }

    /// Adds what only waiting cards need to say.
    pub(super) fn complete(&self, mut card: Card) -> Result<Card> {
        if card.status == Status::Blocked {
            card.waits_for = self.unmet_of(card.task_id, 3)?;
        }
        if let Some(lane) = card.queue_lane {
            let sql = "SELECT count(*) FROM tasks w, tasks t WHERE t.id = ?2 AND w.admission_lane = ?1
                AND (w.admission_since, w.number) <= (t.admission_since, t.number)";
            let mut statement = self.conn.prepare_cached(sql)?;
            card.queue_place =
                Some(statement.query_row(params![lane.as_str(), Key(card.task_id.0)], |row| row.get(0))?);
        }
        Ok(card)
    }

    fn unmet_of(&self, id: TaskId, limit: i64) -> Result<Vec<TaskNumber>> {
        let sql = "SELECT p.number FROM edges e JOIN tasks p ON p.id = e.on_task
            WHERE e.task = ?1 AND p.status <> 'completed' ORDER BY p.number LIMIT ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map(params![Key(id.0), limit], |row| row.get(0).map(TaskNumber))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn board_summary(&self, filter: &Filter, now: &Now) -> Result<BoardSummary> {
        let policy = self.load_policy()?;
        let shown = if *filter == Filter::default() { None } else { Some(self.filtered_lanes(filter)?) };
        let mut lanes = Vec::new();
        for lane in Lane::ALL {
            let mut statement = self.conn.prepare_cached("SELECT cards, points FROM lanes WHERE lane = ?1")?;
            let (total, sum): (u64, f64) =
                statement.query_row([lane.as_str()], |row| Ok((row.get::<_, i64>(0)?.max(0) as u64, row.get(1)?)))?;
            let (count, points) = match &shown {
                Some(lanes) => lanes.get(lane).copied().unwrap_or_default(),
                None => (total, sum),
            };
            lanes.push(LaneSummary { lane: *lane, count, points, total, limit: policy.wip.get(lane).copied() });
        }
        let sql = "SELECT count(*) FROM escalations WHERE state = 'open' AND kind <> 'notice'
            AND (snoozed_until IS NULL OR snoozed_until <= ?1)";
        let asks: i64 = self.conn.prepare_cached(sql)?.query_row([Micros(now.wall)], |row| row.get(0))?;
        Ok(BoardSummary {
            project: policy.project,
            lanes,
            sprint: self.active_sprint()?,
            asks: asks as u64,
            head: self.newest_change()?,
            more: self.found(filter, |found| found.more)?.unwrap_or(false),
        })
    }

    /// Cards and points of each lane that the filter shows, counted in one walk.
    fn filtered_lanes(&self, filter: &Filter) -> Result<BTreeMap<Lane, (u64, f64)>> {
        let condition = self.board_condition(filter)?;
        let sql = format!(
            "SELECT t.lane, count(*), coalesce(sum(t.points), 0.0) FROM {} WHERE t.level = 'task' AND {} GROUP BY t.lane",
            condition.from, condition.sql
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(condition.values), |row| {
            Ok((word(row.get_ref(0)?.as_str()?)?, (row.get::<_, i64>(1)? as u64, row.get(2)?)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn agent_rows(&self, now: &Now) -> Result<Vec<AgentRow>> {
        let sql = "SELECT a.doc, p.boot_id, p.beat_ms, p.at, p.cpu, p.memory FROM agents a
            LEFT JOIN presence p ON p.agent = a.id ORDER BY a.name";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut agents = Vec::new();
        while let Some(row) = rows.next()? {
            let agent: Agent = record(&row.get::<_, String>(0)?)?;
            let beat: Option<(String, i64)> = row.get::<_, Option<String>>(1)?.zip(row.get(2)?);
            let here = beat.is_some_and(|(boot, at)| boot == now.boot_id && now.boot_ms - at <= PRESENCE_MS);
            let current_tasks = self.held_by(agent.agent_id)?;
            agents.push(AgentRow {
                status: status_of(&agent, here, self.in_hand(agent.agent_id)?),
                metrics: self.metrics_of(&agent, now)?,
                dropped_at: self.dropped_at(agent.agent_id)?,
                agent,
                current_tasks,
                cpu_usage: row.get(4)?,
                memory_usage: row.get(5)?,
                last_heartbeat: row.get::<_, Option<Micros>>(3)?.map(|at| at.0),
            });
        }
        Ok(agents)
    }

    fn dropped_at(&self, id: AgentId) -> Result<Option<Timestamp>> {
        let sql = "SELECT iif(outcome = 'lost', ended_at, NULL) FROM attempts
            WHERE agent = ?1 AND ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([Key(id.0)])?;
        let at = rows.next()?.map(|row| row.get::<_, Option<Micros>>(0)).transpose()?;
        Ok(at.flatten().map(|at| at.0))
    }

    fn held_by(&self, id: AgentId) -> Result<Vec<Held>> {
        let sql = "SELECT t.id, t.number, substr(t.title, 1, 200), t.status, t.progress, t.step, t.since, t.retries,
                EXISTS (SELECT 1 FROM escalations e WHERE e.task = t.id AND e.state = 'open')
            FROM tasks t WHERE t.agent = ?1 AND t.status IN ('assigned', 'executing', 'paused')
            ORDER BY t.status <> 'executing', t.priority, t.number LIMIT 100";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([Key(id.0)], |row| {
            Ok(Held {
                task_id: TaskId(row.get::<_, Key>(0)?.0),
                number: TaskNumber(row.get(1)?),
                title: row.get(2)?,
                status: word(&row.get::<_, String>(3)?)?,
                progress: row.get(4)?,
                step: row.get(5)?,
                since: row.get::<_, Micros>(6)?.0,
                retries: row.get(7)?,
                asked: row.get(8)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A program works as long as it runs; what of it was work of a person stands in the attempt.
    fn metrics_of(&self, agent: &Agent, now: &Now) -> Result<AgentMetrics> {
        let id = agent.agent_id;
        let sql = "SELECT coalesce(sum(outcome = 'submitted'), 0), coalesce(sum(outcome IN ('failed', 'lost')), 0),
                avg(CASE WHEN outcome = 'submitted' THEN
                    coalesce(iif(?2, json_extract(doc, '$.worked'), NULL), (ended_at - started_at) / 60e6) END)
            FROM attempts WHERE agent = ?1 AND ended_at IS NOT NULL";
        let mut statement = self.conn.prepare_cached(sql)?;
        let person = agent.kind == AgentKind::Human;
        let mut metrics = statement.query_row(params![Key(id.0), person], |row| {
            Ok(AgentMetrics {
                submitted: row.get::<_, i64>(0)? as u64,
                failed: row.get::<_, i64>(1)? as u64,
                mean_minutes: row.get(2)?,
                last_week: [0; 7],
            })
        })?;
        let sql = "SELECT (?2 - ended_at) / 86400000000, count(*) FROM attempts
            WHERE agent = ?1 AND outcome = 'submitted' AND ended_at > ?2 - 604800000000 AND ended_at <= ?2 GROUP BY 1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map(params![Key(id.0), Micros(now.wall)], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, u32>(1)?))
        })?;
        for row in rows {
            let (days_ago, count) = row?;
            if let Some(day) = usize::try_from(6 - days_ago).ok().and_then(|day| metrics.last_week.get_mut(day)) {
                *day += count;
            }
        }
        Ok(metrics)
    }

    pub(super) fn escalation_rows(&self, all: bool, now: &Now) -> Result<Vec<EscalationRow>> {
        let sql = if all {
            "SELECT doc FROM escalations ORDER BY number DESC LIMIT 1000"
        } else {
            "SELECT doc FROM escalations WHERE state = 'open' ORDER BY raised_at LIMIT 1000"
        };
        let asks: Vec<Escalation> = self.docs(sql, params![])?;
        let shown = |ask: &Escalation| all || ask.snoozed_until.is_none_or(|until| until <= now.wall);
        let mut rows =
            asks.into_iter().filter(shown).map(|ask| self.escalation_row(ask)).collect::<Result<Vec<_>>>()?;
        if !all {
            rows.sort_by(|a, b| cost(b, now).total_cmp(&cost(a, now)));
        }
        Ok(rows)
    }

    fn escalation_row(&self, escalation: Escalation) -> Result<EscalationRow> {
        let (mut holds_tasks, mut holds_points) = (0, 0.0);
        let mut task = None;
        if let Some(id) = escalation.task_id {
            (holds_tasks, holds_points) = self.held_up_by(id)?;
            task = self.link(id)?;
        }
        Ok(EscalationRow { label: escalation.label(), escalation, task, holds_tasks, holds_points })
    }

    /// Open tasks that cannot go on before this one, itself included, and their points; at most a thousand are counted.
    fn held_up_by(&self, id: TaskId) -> Result<(u64, f64)> {
        let sql = "WITH RECURSIVE held (id) AS (VALUES (?1) UNION SELECT e.task FROM edges e JOIN held h ON e.on_task = h.id LIMIT 1000)
            SELECT count(*), coalesce(sum(t.points), 0.0) FROM held JOIN tasks t ON t.id = held.id
            WHERE t.status NOT IN ('completed', 'cancelled')";
        let mut statement = self.conn.prepare_cached(sql)?;
        Ok(statement.query_row([Key(id.0)], |row| Ok((row.get::<_, i64>(0)? as u64, row.get(1)?)))?)
    }

    fn link(&self, id: TaskId) -> Result<Option<Link>> {
        Ok(self.links("SELECT id, number, substr(title, 1, 200), status FROM tasks WHERE id = ?1", id)?.pop())
    }

    fn links(&self, sql: &str, id: TaskId) -> Result<Vec<Link>> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([Key(id.0)], |row| {
            Ok(Link {
                task_id: TaskId(row.get::<_, Key>(0)?.0),
                number: TaskNumber(row.get(1)?),
                title: row.get(2)?,
                status: word(&row.get::<_, String>(3)?)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn detail(&self, id: TaskId, now: &Now) -> Result<Option<TaskDetail>> {
        let Some(mut task) = self.get_task(id)? else { return Ok(None) };
        task.dependencies.blocking = self.successors_of(id)?;
        let agent = task.agent().map(|agent| self.get_agent(agent)).transpose()?.flatten().map(|agent| agent.name);
        let lease_until = self.lease_until(id)?;
        let predecessors = self.links(
            "SELECT t.id, t.number, substr(t.title, 1, 200), t.status FROM edges e JOIN tasks t ON t.id = e.on_task WHERE e.task = ?1 ORDER BY t.number LIMIT 1000",
            id,
        )?;
        let parts = self.links(
            "SELECT id, number, substr(title, 1, 200), status FROM tasks WHERE parent = ?1 ORDER BY number LIMIT 1000",
            id,
        )?;
        let asked = "SELECT doc FROM escalations WHERE task = ?1 AND state = 'open' ORDER BY number";
        let escalations: Vec<Escalation> = self.docs(asked, params![Key(id.0)])?;
        Ok(Some(TaskDetail {
            agent,
            lease_until,
            waits: self.waits(&task, &predecessors, &escalations, now)?,
            successors: self.links(
                "SELECT t.id, t.number, substr(t.title, 1, 200), t.status FROM edges e JOIN tasks t ON t.id = e.task WHERE e.on_task = ?1 ORDER BY t.number LIMIT 1000",
                id,
            )?,
            parents: self.parents_of(&task)?,
            roll_up: (task.level != Level::Task).then(|| self.roll_up(id)).transpose()?,
            comments: self.comments(id)?,
            attempts: self.docs("SELECT doc FROM attempts WHERE task = ?1 ORDER BY started_at DESC", params![Key(id.0)])?,
            escalations,
            predecessors,
            parts,
            task,
        }))
    }

    fn lease_until(&self, id: TaskId) -> Result<Option<Timestamp>> {
        let mut statement = self.conn.prepare_cached("SELECT until FROM leases WHERE task = ?1")?;
        Ok(optional(statement.query_row([Key(id.0)], |row| row.get::<_, Micros>(0)))?.map(|at| at.0))
    }

    fn parents_of(&self, task: &Task) -> Result<Vec<Link>> {
        let mut parents = Vec::new();
        let mut next = task.parent_id;
        while let Some(id) = next.filter(|_| parents.len() < 100) {
            parents.extend(self.link(id)?);
            let mut statement = self.conn.prepare_cached("SELECT parent FROM tasks WHERE id = ?1")?;
            next = optional(statement.query_row([Key(id.0)], |row| row.get::<_, Option<Key>>(0)))?
                .flatten()
                .map(|key| TaskId(key.0));
        }
        Ok(parents)
    }

    /// Progress is weighted by estimate; a task without one counts an hour.
    fn roll_up(&self, id: TaskId) -> Result<RollUp> {
        let sql = "WITH RECURSIVE part (id) AS (SELECT id FROM tasks WHERE parent = ?1 UNION SELECT t.id FROM tasks t JOIN part p ON t.parent = p.id)
            SELECT count(*), coalesce(sum(t.status = 'completed'), 0),
                coalesce(sum(t.progress * coalesce(t.estimate, 60)) * 1.0 / sum(coalesce(t.estimate, 60)), 0.0),
                coalesce(sum(t.estimate), 0), coalesce(sum(t.points), 0.0)
            FROM part JOIN tasks t ON t.id = part.id WHERE t.level = 'task' AND t.status <> 'cancelled'";
        let mut statement = self.conn.prepare_cached(sql)?;
        Ok(statement.query_row([Key(id.0)], |row| {
            Ok(RollUp {
                tasks: row.get::<_, i64>(0)? as u64,
                completed: row.get::<_, i64>(1)? as u64,
                progress: row.get(2)?,
                estimated_minutes: row.get::<_, i64>(3)? as u64,
                points: row.get(4)?,
            })
        })?)
    }
}

/// A person is there whenever they work; a program is there while it is heard of.
pub(super) fn status_of(agent: &Agent, here: bool, held: u32) -> AgentStatus {
    match (agent.draining, here || agent.kind == AgentKind::Human) {
        (true, _) => AgentStatus::Draining,
        (false, false) => AgentStatus::Offline,
        (false, true) if held >= agent.wip_limit => AgentStatus::Busy,
        (false, true) => AgentStatus::Online,
    }
}

/// What it costs to leave a question: points held (at least one) times minutes waited; notices last.
fn cost(row: &EscalationRow, now: &Now) -> f64 {
    if row.escalation.kind == EscalationKind::Notice || row.escalation.state != EscalationState::Open {
        return -1.0;
    }
    let minutes = (now.wall - row.escalation.raised_at).num_seconds().max(0) as f64 / 60.0;
    row.holds_points.max(1.0) * (minutes + 1.0)
}
