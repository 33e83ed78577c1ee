//! Writing the rows that a decision has touched.

use rusqlite::params;

use super::Db;
use super::papers::Paper;
use super::rows::{Key, Micros};
use crate::domain::task::Requirements;
use crate::domain::{
    Agent, Attempt, Escalation, Facts, Policy, RecordId, Sprint, Status, Task, Timestamp, task::Comment,
};
use crate::store::Result;

/// Most bytes of a text that full-text search knows.
const INDEXED_BYTES: usize = 64 << 10;

impl Db {
    pub(super) fn save_touched(&self, after: &Facts) -> Result<()> {
        for id in &after.touched {
            self.save_one(*id, after)?;
        }
        Ok(())
    }

    fn save_one(&self, id: RecordId, after: &Facts) -> Result<()> {
        match id {
            RecordId::Task(id) => match after.tasks.get(&id) {
                Some(task) => self.save_task(task),
                None => self.erase_task(Key(id.0)),
            },
            RecordId::Attempt(id) => match after.attempts.get(&id) {
                Some(attempt) => self.save_attempt(attempt),
                None => self.erase("DELETE FROM attempts WHERE id = ?1", Key(id.0)),
            },
            RecordId::Agent(id) => match after.agents.get(&id) {
                Some(agent) => self.save_agent(agent),
                None => self.erase("DELETE FROM agents WHERE id = ?1", Key(id.0)),
            },
            RecordId::Sprint(id) => match after.sprints.get(&id) {
                Some(sprint) => self.save_sprint(sprint),
                None => self.erase("DELETE FROM sprints WHERE id = ?1", Key(id.0)),
            },
            RecordId::Plan(id) => self.put_paper(Paper::Plan, id, after.plans.get(&id)),
            RecordId::Proposal(id) => self.put_paper(Paper::Proposal, id, after.proposals.get(&id)),
            RecordId::Baseline(id) => self.put_paper(Paper::Baseline, id, after.baselines.get(&id)),
            RecordId::Outcome(id) => self.put_paper(Paper::Outcome, id, after.outcomes.get(&id)),
            RecordId::Escalation(id) => match after.escalations.get(&id) {
                Some(escalation) => self.save_escalation(escalation),
                None => self.erase("DELETE FROM escalations WHERE id = ?1", Key(id.0)),
            },
            RecordId::Comment(id) => match after.comments.get(&id) {
                Some(comment) => self.save_comment(comment),
                None => self.erase("DELETE FROM comments WHERE id = ?1", Key(id.0)),
            },
            RecordId::Policy => {
                self.raise_counter("next_risk", after.next_risk.into())?;
                self.save_policy(&after.policy)
            }
        }
    }

    fn erase(&self, sql: &str, key: Key) -> Result<()> {
        self.conn.prepare_cached(sql)?.execute([key])?;
        Ok(())
    }

    fn erase_task(&self, key: Key) -> Result<()> {
        self.erase("DELETE FROM words WHERE rowid = (SELECT number FROM tasks WHERE id = ?1)", key)?;
        self.erase("DELETE FROM edges WHERE task = ?1", key)?;
        self.erase("DELETE FROM leases WHERE task = ?1", key)?;
        self.erase("DELETE FROM tasks WHERE id = ?1", key)
    }

    fn save_task(&self, task: &Task) -> Result<()> {
        let old = self.texts_of(task.number.0)?;
        if old.is_none() {
            self.raise_counter("next_task", task.number.0 + 1)?;
        }
        self.upsert_task(task)?;
        self.save_edges(task)?;
        self.drop_ended_lease(task)?;
        match old {
            None => self.index_words(task.number.0, &task.title, &task.description),
            Some((title, description)) if title != task.title || description != task.description => {
                self.erase_words(task.number.0)?;
                self.index_words(task.number.0, &task.title, &task.description)
            }
            Some(_) => Ok(()),
        }
    }

    fn texts_of(&self, number: i64) -> Result<Option<(String, String)>> {
        let mut statement = self.conn.prepare_cached("SELECT title, description FROM tasks WHERE number = ?1")?;
        super::rows::optional(statement.query_row([number], |row| Ok((row.get(0)?, row.get(1)?))))
    }

    fn erase_words(&self, number: i64) -> Result<()> {
        self.conn.prepare_cached("DELETE FROM words WHERE rowid = ?1")?.execute([number])?;
        Ok(())
    }

    pub(super) fn index_words(&self, number: i64, title: &str, description: &str) -> Result<()> {
        let sql = "INSERT INTO words (rowid, title, description) VALUES (?1, ?2, ?3)";
        let mut statement = self.conn.prepare_cached(sql)?;
        statement.execute(params![number, capped(title), capped(description)])?;
        Ok(())
    }

    fn upsert_task(&self, task: &Task) -> Result<()> {
        let doc = serde_json::to_string(&DocOf(task))?;
        let needs = (task.requirements != Requirements { team_size: 1, ..Requirements::default() })
            .then(|| serde_json::to_string(&task.requirements))
            .transpose()?;
        let tags = (!task.metadata.tags.is_empty()).then(|| serde_json::to_string(&task.metadata.tags)).transpose()?;
        let mut statement = self.conn.prepare_cached(UPSERT_TASK)?;
        statement.execute(params![
            task.number.0,
            Key(task.task_id.0),
            task.rev as i64,
            task.status.as_str(),
            task.lane().as_str(),
            task.level.as_str(),
            task.kind.as_str(),
            task.priority.rank(),
            task.parent_id.map(|id| Key(id.0)),
            task.sprint_id.map(|id| Key(id.0)),
            task.agent().map(|id| Key(id.0)),
            task.metadata.story_points,
            task.metadata.estimated_duration,
            task.execution.progress,
            Micros(task.created_at),
            Micros(task.updated_at),
            Micros(entered(task)),
            task.queued_at.map(Micros),
            task.deadline.map(Micros),
            task.not_before.map(Micros),
            task.retry_at.map(Micros),
            task.metadata.retry_count,
            task.admission.as_ref().map(|admission| admission.lane.as_str()),
            task.admission.as_ref().map(|admission| Micros(admission.since)),
            task.expedite,
            task.archived_at.is_some(),
            task.claim.as_ref().map(|claim| claim.epoch as i64),
            task.external.as_ref().map(|external| &external.source),
            task.external.as_ref().map(|external| &external.key),
            needs,
            tags,
            task.blocker.as_ref().map(|blocker| &blocker.reason),
            task.execution.current_step,
            task.title,
            doc,
            task.description,
            task.milestone_id,
        ])?;
        Ok(())
    }

    fn save_edges(&self, task: &Task) -> Result<()> {
        let wanted: Vec<Key> = task.dependencies.blocked_by.iter().map(|edge| Key(edge.task_id.0)).collect();
        let mut select = self.conn.prepare_cached("SELECT on_task FROM edges WHERE task = ?1")?;
        let stored: Vec<Key> = select.query_map([Key(task.task_id.0)], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for gone in stored.iter().filter(|key| !wanted.contains(key)) {
            let mut statement = self.conn.prepare_cached("DELETE FROM edges WHERE task = ?1 AND on_task = ?2")?;
            statement.execute([Key(task.task_id.0), *gone])?;
        }
        for new in wanted.iter().filter(|key| !stored.contains(key)) {
            let mut statement = self.conn.prepare_cached("INSERT OR IGNORE INTO edges VALUES (?1, ?2)")?;
            statement.execute([Key(task.task_id.0), *new])?;
        }
        Ok(())
    }

    /// A lease outlives its claim in no case.
    fn drop_ended_lease(&self, task: &Task) -> Result<()> {
        let epoch = task.claim.as_ref().map_or(-1, |claim| claim.epoch as i64);
        let mut statement = self.conn.prepare_cached("DELETE FROM leases WHERE task = ?1 AND epoch <> ?2")?;
        statement.execute(params![Key(task.task_id.0), epoch])?;
        Ok(())
    }

    fn save_attempt(&self, attempt: &Attempt) -> Result<()> {
        let sql = "INSERT INTO attempts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE SET
            ended_at = excluded.ended_at, outcome = excluded.outcome, doc = excluded.doc";
        self.conn.prepare_cached(sql)?.execute(params![
            Key(attempt.attempt_id.0),
            Key(attempt.task_id.0),
            Key(attempt.agent_id.0),
            Micros(attempt.started_at),
            attempt.ended_at.map(Micros),
            attempt.outcome.map(crate::domain::Outcome::as_str),
            serde_json::to_string(attempt)?,
        ])?;
        Ok(())
    }

    fn save_agent(&self, agent: &Agent) -> Result<()> {
        let sql = "INSERT INTO agents VALUES (?1, ?2, ?3)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, doc = excluded.doc";
        let doc = serde_json::to_string(agent)?;
        self.conn.prepare_cached(sql)?.execute(params![Key(agent.agent_id.0), agent.name, doc])?;
        Ok(())
    }

    fn save_sprint(&self, sprint: &Sprint) -> Result<()> {
        let sql = "INSERT INTO sprints VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (number) DO UPDATE SET
            name = excluded.name, state = excluded.state, doc = excluded.doc";
        self.raise_counter("next_sprint", sprint.number + 1)?;
        self.conn.prepare_cached(sql)?.execute(params![
            sprint.number,
            Key(sprint.sprint_id.0),
            sprint.name,
            sprint.state.as_str(),
            serde_json::to_string(sprint)?,
        ])?;
        Ok(())
    }

    fn save_escalation(&self, escalation: &Escalation) -> Result<()> {
        let sql = "INSERT INTO escalations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (number) DO UPDATE SET
            state = excluded.state, snoozed_until = excluded.snoozed_until, doc = excluded.doc";
        self.raise_counter("next_escalation", escalation.number + 1)?;
        self.conn.prepare_cached(sql)?.execute(params![
            escalation.number,
            Key(escalation.escalation_id.0),
            escalation.task_id.map(|id| Key(id.0)),
            escalation.kind.as_str(),
            escalation.state.as_str(),
            Micros(escalation.raised_at),
            escalation.snoozed_until.map(Micros),
            serde_json::to_string(escalation)?,
        ])?;
        Ok(())
    }

    fn save_comment(&self, comment: &Comment) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO comments VALUES (?1, ?2, ?3, ?4)";
        let doc = serde_json::to_string(comment)?;
        let mut statement = self.conn.prepare_cached(sql)?;
        statement.execute(params![Key(comment.comment_id.0), Key(comment.task_id.0), Micros(comment.at), doc])?;
        Ok(())
    }

    fn save_policy(&self, policy: &Policy) -> Result<()> {
        self.set_meta("policy", &serde_json::to_string(policy)?)
    }

    pub(super) fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        self.conn.prepare_cached("INSERT OR REPLACE INTO meta VALUES (?1, ?2)")?.execute([key, value])?;
        Ok(())
    }

    pub(super) fn raise_counter(&self, name: &str, least: i64) -> Result<()> {
        if self.counter(name)? < least {
            self.set_meta(name, &least.to_string())?;
        }
        Ok(())
    }
}

/// When the task entered its state, as far as the record tells; the upsert keeps an older time of the same state.
fn entered(task: &Task) -> Timestamp {
    match task.status {
        Status::Created if task.rev <= 1 => task.created_at,
        Status::Completed | Status::Cancelled => task.execution.ended_at.unwrap_or(task.updated_at),
        Status::Queued => task.queued_at.unwrap_or(task.updated_at),
        _ => task.updated_at,
    }
}

fn capped(text: &str) -> &str {
    let mut end = text.len().min(INDEXED_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The record without its long text, which has a column of its own.
struct DocOf<'a>(&'a Task);

impl serde::Serialize for DocOf<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.description.is_empty() {
            return self.0.serialize(serializer);
        }
        let mut bare = self.0.clone();
        bare.description = String::new();
        bare.serialize(serializer)
    }
}

const UPSERT_TASK: &str = "INSERT INTO tasks (number, id, rev, status, lane, level, type, priority, parent, sprint, agent,
        points, estimate, progress, created_at, updated_at, since, queued_at, deadline, not_before, retry_at, retries,
        admission_lane, admission_since, expedite, archived, claim_epoch, ext_source, ext_key, needs, tags, blocker, step,
        title, doc, description, milestone)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
        ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37)
    ON CONFLICT (id) DO UPDATE SET number = excluded.number, rev = excluded.rev,
        since = CASE WHEN status = excluded.status THEN since ELSE excluded.since END,
        status = excluded.status, lane = excluded.lane, level = excluded.level, type = excluded.type,
        priority = excluded.priority, parent = excluded.parent, sprint = excluded.sprint, agent = excluded.agent,
        points = excluded.points, estimate = excluded.estimate, progress = excluded.progress,
        created_at = excluded.created_at, updated_at = excluded.updated_at, queued_at = excluded.queued_at,
        deadline = excluded.deadline, not_before = excluded.not_before, retry_at = excluded.retry_at,
        retries = excluded.retries, admission_lane = excluded.admission_lane,
        admission_since = excluded.admission_since, expedite = excluded.expedite, archived = excluded.archived,
        claim_epoch = excluded.claim_epoch, ext_source = excluded.ext_source, ext_key = excluded.ext_key,
        needs = excluded.needs, tags = excluded.tags, blocker = excluded.blocker, step = excluded.step,
        title = excluded.title, doc = excluded.doc, description = excluded.description,
        milestone = excluded.milestone";
