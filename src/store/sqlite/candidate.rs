//! The task that an agent should begin next: what it was handed, what the plan gives it, then the most urgent that suits.

use std::collections::BTreeSet;

use rusqlite::params;

use super::Db;
use super::live::PRESENCE_MS;
use super::rows::{Key, Micros, optional, record};
use crate::domain::facts::NoCandidate;
use crate::domain::policy::Strategy;
use crate::domain::sprint::{Guide, Word};
use crate::domain::task::Requirements;
use crate::domain::{Agent, AgentId, Facts, Policy, Priority, SprintId, Status, TaskId};
use crate::store::{Now, Read as _, Result};

/// Ready tasks looked at when none suits; beyond it, the answer is that none does.
const CANDIDATES: i64 = 20_000;

/// Tasks of one status that are counted to say why none is ready; agents ask that all the time.
const MOST_COUNTED: i64 = 100;

impl Db {
    /// The best ready task that suits the agent: what is assigned to it, then by aged priority, the active sprint first.
    pub(super) fn load_candidate(&self, facts: &mut Facts, id: AgentId, now: &Now) -> Result<()> {
        self.load_agent(facts, id)?;
        let Some(agent) = facts.agents.get(&id).cloned() else { return Ok(()) };
        let found = match self.assigned_to(facts, id, now)? {
            Some(task) => Ok(task),
            None => self.best_ready(facts, &agent, now)?,
        };
        facts.candidate = Some(found);
        Ok(())
    }

    /// True if work on the task could begin now; what is offered is refused by no rule, or it would keep all else from
    /// being offered. The task is loaded.
    fn may_begin(&self, facts: &mut Facts, id: TaskId, now: &Now) -> Result<bool> {
        self.load_task(facts, id, now)?;
        let Some(task) = facts.tasks.get(&id) else { return Ok(false) };
        Ok(facts.unmet(task).is_empty() && task.not_before.is_none_or(|at| at <= now.wall))
    }

    fn assigned_to(&self, facts: &mut Facts, id: AgentId, now: &Now) -> Result<Option<TaskId>> {
        let sql =
            "SELECT id FROM tasks WHERE agent = ?1 AND status = 'assigned' AND claim_epoch IS NULL AND archived = 0
            AND NOT EXISTS (SELECT 1 FROM processes p WHERE p.task = tasks.id) ORDER BY priority, number LIMIT 200";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([Key(id.0)])?;
        while let Some(row) = rows.next()? {
            let task = TaskId(row.get::<_, Key>(0)?.0);
            if self.may_begin(facts, task, now)? {
                return Ok(Some(task));
            }
        }
        Ok(None)
    }

    fn best_ready(&self, facts: &mut Facts, agent: &Agent, now: &Now) -> Result<Result<TaskId, NoCandidate>> {
        if facts.policy.strategy == Strategy::Push && self.leader_row(now)?.is_some_and(|leader| !leader.expired) {
            return Ok(Err(NoCandidate { why: "tasks are assigned here, and none is assigned to it".into() }));
        }
        let search = Search {
            agent,
            sprint: self.active_sprint()?.map(|sprint| sprint.sprint_id),
            guide: self.guide(now)?,
            now,
        };
        let mut misfits = Misfits::default();
        let mut fits = self.due_retries(&search)?;
        for priority in Priority::ALL {
            fits.extend(self.first_fits(facts, &search, *priority, &mut misfits)?);
        }
        let outside = facts.policy.sprint_only && search.sprint.is_some();
        fits.retain(|fit| fit.in_sprint || !outside);
        fits.extend(self.planned_fits(&search)?);
        fits.sort_by(|a, b| a.order().partial_cmp(&b.order()).unwrap_or(std::cmp::Ordering::Equal));
        for fit in fits {
            if self.may_begin(facts, fit.task, now)? {
                return Ok(Ok(fit.task));
            }
        }
        Ok(Err(NoCandidate { why: self.why_nothing(&misfits, &facts.policy)? }))
    }

    /// How the plan of the active sprint guides who takes what; nobody is guided where there is none.
    fn guide(&self, now: &Now) -> Result<Guide> {
        let Some(plan) = self.active_sprint()?.map(|sprint| self.plan(sprint.sprint_id)).transpose()?.flatten() else {
            return Ok(Guide::default());
        };
        let sql = "SELECT p.agent FROM presence p JOIN agents a ON a.id = p.agent
            WHERE p.boot_id = ?1 AND ?2 - p.beat_ms <= ?3 AND NOT json_extract(a.doc, '$.draining')";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map(params![now.boot_id, now.boot_ms, PRESENCE_MS], |row| row.get::<_, Key>(0))?;
        let here: BTreeSet<AgentId> = rows.map(|key| key.map(|key| AgentId(key.0))).collect::<Result<_, _>>()?;
        Ok(Guide::of(&plan.layout, now.wall, |agent| here.contains(&agent)))
    }

    /// What the plan gives the agent, is still in the sprint and ready, in the order of the plan.
    fn planned_fits(&self, search: &Search) -> Result<Vec<Fit>> {
        let sql = "SELECT needs FROM tasks WHERE id = ?1 AND status = 'queued' AND archived = 0
            AND sprint = ?2 AND admission_lane IS NULL
            AND NOT EXISTS (SELECT 1 FROM processes p WHERE p.task = tasks.id)";
        let Some(sprint) = search.sprint else { return Ok(Vec::new()) };
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut fits = Vec::new();
        for (place, task) in search.guide.tasks_of(search.agent.agent_id).into_iter().enumerate() {
            let needs =
                optional(statement.query_row([Key(task.0), Key(sprint.0)], |row| row.get::<_, Option<String>>(0)))?;
            if let Some(needs) = needs
                && misfit(search.agent, needs.as_deref())?.is_none()
            {
                fits.push(Fit { task, in_sprint: true, rank: 0.0, planned: Some(place) });
            }
        }
        Ok(fits)
    }

    /// The oldest fitting task of this priority, and the oldest one of the active sprint; what the plan keeps for others
    /// is left to them.
    fn first_fits(
        &self,
        facts: &Facts,
        search: &Search,
        priority: Priority,
        misfits: &mut Misfits,
    ) -> Result<Vec<Fit>> {
        let Search { agent, sprint, now, .. } = *search;
        let sql = "SELECT id, queued_at, needs, sprint, not_before FROM tasks INDEXED BY tasks_ready
            WHERE status = 'queued' AND level = 'task' AND archived = 0 AND priority = ?1 AND admission_lane IS NULL
              AND NOT EXISTS (SELECT 1 FROM processes p WHERE p.task = tasks.id) ORDER BY queued_at LIMIT ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![priority.rank(), CANDIDATES])?;
        let mut fits: Vec<Fit> = Vec::new();
        while let Some(row) = rows.next()? {
            let key: Key = row.get(0)?;
            let not_before: Option<Micros> = row.get(4)?;
            if not_before.is_some_and(|at| at.0 > now.wall) {
                misfits.later += 1;
                continue;
            }
            let needs: Option<String> = row.get(2)?;
            if let Some(why) = misfit(agent, needs.as_deref())? {
                misfits.add(why);
                continue;
            }
            if let Word::KeptFor(_) = search.guide.word(TaskId(key.0), agent.agent_id) {
                misfits.add("planned for others, who are there".into());
                continue;
            }
            let in_sprint = sprint.is_some() && row.get::<_, Option<Key>>(3)?.map(|key| SprintId(key.0)) == sprint;
            if fits.iter().any(|fit| fit.in_sprint == in_sprint) {
                continue;
            }
            let queued: Option<Micros> = row.get(1)?;
            let hours = queued.map_or(0.0, |at| (now.wall - at.0).num_seconds() as f64 / 3600.0);
            let rank = facts.policy.aged_rank(priority, hours);
            fits.push(Fit { task: TaskId(key.0), in_sprint, rank, planned: None });
            if in_sprint || sprint.is_none() {
                break;
            }
        }
        Ok(fits)
    }

    /// Failed tasks whose backoff is over; they need not wait for an orchestrator to queue them.
    fn due_retries(&self, search: &Search) -> Result<Vec<Fit>> {
        let Search { agent, sprint, now, .. } = *search;
        let sql = "SELECT id, needs, sprint, priority FROM tasks INDEXED BY tasks_retry WHERE retry_at <= ?1 AND status = 'failed'
            AND archived = 0 AND NOT EXISTS (SELECT 1 FROM processes p WHERE p.task = tasks.id) ORDER BY retry_at LIMIT 200";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([Micros(now.wall)])?;
        let mut due = Vec::new();
        while let Some(row) = rows.next()? {
            if misfit(agent, row.get::<_, Option<String>>(1)?.as_deref())?.is_none() {
                let in_sprint = sprint.is_some() && row.get::<_, Option<Key>>(2)?.map(|key| SprintId(key.0)) == sprint;
                let task = TaskId(row.get::<_, Key>(0)?.0);
                due.push(Fit { task, in_sprint, rank: row.get(3)?, planned: None });
            }
        }
        Ok(due)
    }

    fn why_nothing(&self, misfits: &Misfits, policy: &Policy) -> Result<String> {
        if let Some((why, count)) = misfits.commonest() {
            return Ok(format!("{} ready, none suits: {count} {why}", misfits.total()));
        }
        if misfits.later > 0 {
            return Ok(format!("{} ready, but not before a later time", misfits.later));
        }
        let sql =
            "SELECT count(*) FROM (SELECT 1 FROM tasks WHERE status = ?1 AND level = 'task' AND archived = 0 LIMIT ?2)";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut waiting = Vec::new();
        for status in Status::ALL.iter().filter(|status| !status.is_closed()) {
            let count: i64 = statement.query_row(params![status.as_str(), MOST_COUNTED + 1], |row| row.get(0))?;
            match count {
                0 => {}
                1..=MOST_COUNTED => waiting.push(format!("{count} {status}")),
                _ => waiting.push(format!("more than {MOST_COUNTED} {status}")),
            }
        }
        let outside = if policy.sprint_only { " in the active sprint" } else { "" };
        Ok(if waiting.is_empty() {
            "the board has no open task".into()
        } else {
            format!("no task is ready{outside} ({})", waiting.join(", "))
        })
    }
}

fn misfit(agent: &Agent, needs: Option<&str>) -> Result<Option<String>> {
    let Some(needs) = needs else { return Ok(None) };
    let needs: Requirements = record(needs)?;
    Ok(agent.misfit(&needs))
}

/// Who looks for work, and what guides them.
struct Search<'a> {
    agent: &'a Agent,
    /// The active sprint.
    sprint: Option<SprintId>,
    guide: Guide,
    now: &'a Now,
}

/// A ready task that suits.
struct Fit {
    task: TaskId,
    in_sprint: bool,
    /// Priority after aging.
    rank: f64,
    /// Its place among what the plan gives the agent.
    planned: Option<usize>,
}

impl Fit {
    /// The active sprint comes first; in it what is critical and in no plan, then the plan, then by urgency.
    fn order(&self) -> (bool, bool, usize, f64) {
        let urgent = self.planned.is_none() && self.rank <= 0.0;
        (!self.in_sprint, !urgent, self.planned.unwrap_or(usize::MAX), self.rank)
    }
}

/// Why ready tasks did not suit, counted.
#[derive(Default)]
struct Misfits {
    reasons: std::collections::BTreeMap<String, usize>,
    later: usize,
}

impl Misfits {
    fn add(&mut self, why: String) {
        *self.reasons.entry(why).or_default() += 1;
    }

    fn total(&self) -> usize {
        self.reasons.values().sum()
    }

    fn commonest(&self) -> Option<(&str, usize)> {
        self.reasons.iter().max_by_key(|(_, count)| **count).map(|(why, count)| (why.as_str(), *count))
    }
}
