//! What the orchestrator sees: three looks at the board, the cheap one often, the deep one seldom. All of them bounded.

use std::collections::{BTreeMap, HashMap};

use crate::agents::identity::{Identity, Life, life, mark};
use crate::domain::attempt::Attempt;
use crate::domain::sprint::Guide;
use crate::domain::{
    AgentId, AgentStatus, Escalation, EscalationId, Lane, Policy, Priority, Sprint, SprintState, Status, Task, TaskId,
    TaskNumber, Timestamp,
};
use crate::plan::assign::{Candidate, HeldWork, Planned, Ready, Record, Situation};
use crate::plan::capacity::PointRule;
use crate::plan::course::Ahead;
use crate::service::Error;
use crate::service::course::course;
use crate::service::planning::point_rule;
use crate::store::view::{AgentRow, ChainRow, Concern, EscalationRow, Filter, LeaseRow, ReadyRow};
use crate::store::{Now, Read};

use super::NAME;

/// Ready tasks of one priority that are looked at, and those kept of one set of requirements.
const SCANNED: usize = 5_000;
const KEPT_ALIKE: usize = 64;
/// Tasks of one concern per look.
const WORRIES: usize = 50;
/// Deadlines per look.
const DEADLINES: usize = 200;
/// Deadlines further away are not looked at yet.
const HORIZON_DAYS: i64 = 30;
/// Predecessors that count for a deadline.
const CHAIN: usize = 500;

/// A process that was away for longer than this was asleep, and its host perhaps, too.
const NAP_MS: i64 = 10_000;
/// How long it is believed what a story point is.
const RULE_MS: i64 = 600_000;

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Leases and retries: what time alone changes.
    Pulse,
    /// And work to hand out.
    Work,
    /// And everything that may need the human.
    Worries,
}

/// The board as a tick sees it.
#[derive(Debug)]
pub struct Survey {
    /// Now.
    pub now: Now,
    /// The settings.
    pub policy: Policy,
    /// Claims whose lease is over, and processes whose claim has ended.
    pub over: Vec<Over>,
    /// Failed tasks whose next try is due.
    pub due: Vec<Task>,
    /// Work to hand out, if that was looked at.
    pub work: Option<Work>,
    /// What may need the human, if that was looked at.
    pub worries: Option<Worries>,
}

/// A claim whose lease is over, or a process whose claim has ended.
#[derive(Debug)]
pub struct Over {
    /// The lease and the process.
    pub row: LeaseRow,
    /// Name of the holder.
    pub holder: String,
    /// What is left of the process; `None`: none is on record.
    pub life: Option<Life>,
    /// Milliseconds since this was first seen.
    pub seen_ms: i64,
    /// True if the workers may have been asleep together with this process, and may still be heard of.
    pub dawn: bool,
    /// What was asked about the task before.
    pub history: Vec<Escalation>,
}

impl Over {
    /// True if the claim has ended and only its process is left.
    pub fn is_orphan(&self) -> bool {
        self.row.until.is_none() && self.row.process.is_some()
    }

    /// How its process is recognized.
    pub fn identity(&self) -> Option<Identity> {
        identity(&self.row)
    }
}

/// Work to hand out.
#[derive(Debug)]
pub struct Work {
    /// Ready tasks that are pushed, the team and the room.
    pub situation: Situation,
    /// Tasks that were handed out here, and whose agent left before it began.
    pub stranded: Vec<Stranded>,
}

/// A task that waits for an agent who is away.
#[derive(Debug)]
pub struct Stranded {
    /// The task.
    pub task: Task,
    /// Why its agent does not begin.
    pub why: String,
}

/// What may need the human.
#[derive(Debug)]
pub struct Worries {
    /// The team.
    pub team: Vec<AgentRow>,
    /// Open questions that vayu itself has asked, with their tasks.
    pub asks: Vec<(EscalationRow, Option<Task>)>,
    /// Failed for good.
    pub spent: Vec<Worry>,
    /// Blocked by what passes.
    pub passing: Vec<Task>,
    /// Blocked by a missing ability, or by the same thing again.
    pub stuck: Vec<Worry>,
    /// Wanted soon, or asked about for their deadline.
    pub due: Vec<Worry>,
    /// Ready tasks that nobody on the team can do.
    pub unfit: Situation,
    /// What was asked about each of them before.
    pub unfit_history: BTreeMap<TaskId, Vec<Escalation>>,
    /// Questions about the board as such, newest first.
    pub board_history: Vec<Escalation>,
    /// The running sprint, if it has a plan.
    pub way: Option<UnderWay>,
    /// Workers that died or could not be started lately, since the last answer to a question about that.
    pub misfires: u64,
}

/// A sprint under way.
#[derive(Debug)]
pub struct UnderWay {
    /// The sprint.
    pub sprint: Sprint,
    /// The question about the change of its plan that waits for somebody's word.
    pub question: Option<EscalationId>,
    /// What becomes of its plan.
    pub ahead: Ahead,
}

/// A task that may need the human.
#[derive(Debug)]
pub struct Worry {
    /// The task, successors filled in.
    pub task: Task,
    /// What was asked about it before, newest first.
    pub history: Vec<Escalation>,
    /// Its attempts, newest first.
    pub attempts: Vec<Attempt>,
    /// It and the open tasks before it.
    pub chain: Vec<ChainRow>,
}

/// Looks at boards, and remembers since when something has been over.
#[derive(Debug, Default)]
pub struct Surveyor {
    seen: BTreeMap<(TaskId, u64), i64>,
    /// When it was last awake, and when it last woke from a sleep.
    awake_ms: Option<i64>,
    woke_ms: Option<i64>,
    /// The last deadline that was looked at, if there are more than one look takes.
    last_deadline: Option<(Timestamp, TaskNumber)>,
    /// What a story point is, and when that was found out.
    rule: Option<(i64, PointRule)>,
}

impl Surveyor {
    /// Notes that this process is awake. After a gap, for example when the host was suspended, the workers were asleep,
    /// too: they get time to be heard of before their claims are taken.
    pub fn wake(&mut self, now: &Now) {
        if self.awake_ms.is_some_and(|last| now.boot_ms - last > NAP_MS) {
            self.woke_ms = Some(now.boot_ms);
        }
        self.awake_ms = Some(now.boot_ms);
    }

    /// True shortly after a sleep: for half a lease, but for ten seconds at least.
    fn is_dawn(&self, now: &Now, policy: &Policy) -> bool {
        let grace = (i64::from(policy.lease_seconds) * 500).max(NAP_MS);
        self.woke_ms.is_some_and(|woke| now.boot_ms - woke < grace)
    }

    /// Looks at the board.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn look(&mut self, read: &dyn Read, now: Now, depth: Depth) -> Result<Survey, Error> {
        let policy = read.policy()?;
        let team = if depth >= Depth::Work { read.agents(&now)? } else { Vec::new() };
        let dawn = self.is_dawn(&now, &policy);
        let rule = if depth >= Depth::Work { self.rule(read, &now)? } else { PointRule::default() };
        Ok(Survey {
            over: self.over(read, &now, dawn)?,
            due: read.concerns(Concern::RetryDue, WORRIES, &now)?,
            work: (depth >= Depth::Work).then(|| work(read, &policy, &team, dawn, &rule, &now)).transpose()?,
            worries: (depth >= Depth::Worries).then(|| self.worries(read, team, &now)).transpose()?,
            policy,
            now,
        })
    }

    /// What a story point is; it changes slowly, so that it is read seldom.
    fn rule(&mut self, read: &dyn Read, now: &Now) -> Result<PointRule, Error> {
        match &self.rule {
            Some((read_ms, rule)) if now.boot_ms - read_ms < RULE_MS => Ok(rule.clone()),
            _ => {
                let rule = point_rule(read)?;
                self.rule = Some((now.boot_ms, rule.clone()));
                Ok(rule)
            }
        }
    }

    fn over(&mut self, read: &dyn Read, now: &Now, dawn: bool) -> Result<Vec<Over>, Error> {
        let rows: Vec<LeaseRow> = read.leases(now)?.into_iter().filter(|row| row.expired).collect();
        let before = std::mem::take(&mut self.seen);
        let mut over = Vec::new();
        for row in rows {
            let key = (row.task_id, row.epoch);
            let first = *self.seen.entry(key).or_insert(before.get(&key).copied().unwrap_or(now.boot_ms));
            over.push(Over {
                holder: read.agent_named(&row.agent_id.to_string())?.map(|agent| agent.name).unwrap_or_default(),
                life: identity(&row).map(|identity| life(&identity)),
                seen_ms: now.boot_ms - first,
                dawn,
                history: if row.human { read.questions(Some(row.task_id))? } else { Vec::new() },
                row,
            });
        }
        Ok(over)
    }

    fn worries(&mut self, read: &dyn Read, team: Vec<AgentRow>, now: &Now) -> Result<Worries, Error> {
        let asks = own_questions(read, now)?;
        let board_history = read.questions(None)?;
        let unfit = unfit(read, &team, &self.rule(read, now)?, now)?;
        let mut unfit_history = BTreeMap::new();
        for found in crate::plan::assign::unfit(&unfit) {
            unfit_history.insert(found.ready.task_id, read.questions(Some(found.ready.task_id))?);
        }
        Ok(Worries {
            spent: concerns(read, Concern::RetriesSpent, now)?,
            passing: read.concerns(Concern::Passing, WORRIES, now)?,
            stuck: concerns(read, Concern::Stuck, now)?,
            due: self.deadlines(read, &asks, now)?,
            team,
            asks,
            unfit,
            unfit_history,
            way: under_way(read, now)?,
            misfires: read.misfires(misfires_since(&board_history, now))?,
            board_history,
        })
    }

    /// Tasks wanted soon, and those that were asked about already. If one look cannot take all of them, the next one
    /// begins where this one ends.
    fn deadlines(
        &mut self,
        read: &dyn Read,
        asks: &[(EscalationRow, Option<Task>)],
        now: &Now,
    ) -> Result<Vec<Worry>, Error> {
        let before = now.wall + chrono::Duration::days(HORIZON_DAYS);
        let wanted = read.concerns(Concern::Deadline { after: self.last_deadline, before }, DEADLINES, now)?;
        let last = wanted.last().filter(|_| wanted.len() == DEADLINES);
        self.last_deadline = last.and_then(|task| Some((task.deadline?, task.number)));
        let asked = asks.iter().filter(|(row, _)| row.escalation.topic == super::asks::DEADLINE);
        let mut ids: Vec<TaskId> = wanted.iter().map(|task| task.task_id).collect();
        ids.extend(asked.filter_map(|(row, _)| row.escalation.task_id));
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().map(|id| worry(read, id)).filter_map(Result::transpose).collect()
    }
}

/// The running sprint and what becomes of its plan. A plan that makes no sense any more, such as tasks that wait for
/// themselves, is left to those who make it.
fn under_way(read: &dyn Read, now: &Now) -> Result<Option<UnderWay>, Error> {
    let active = read.sprints()?.into_iter().find(|sprint| sprint.state == SprintState::Active);
    let Some(sprint) = active else { return Ok(None) };
    if read.plan(sprint.sprint_id)?.is_none() {
        return Ok(None);
    }
    let course = course(read, now, &sprint)?;
    let question = course.open.as_ref().and_then(|open| open.question);
    Ok(course.ahead().ok().map(|ahead| UnderWay { sprint, question, ahead }))
}

fn identity(row: &LeaseRow) -> Option<Identity> {
    row.process.as_ref().map(|process| Identity {
        pid: process.pid,
        start_ticks: process.start_ticks,
        boot_id: process.boot_id.clone(),
        mark: mark(row.task_id, row.epoch),
    })
}

fn work(
    read: &dyn Read,
    policy: &Policy,
    team: &[AgentRow],
    dawn: bool,
    rule: &PointRule,
    now: &Now,
) -> Result<Work, Error> {
    let summary = read.summary(&Filter::default(), now)?;
    let lane = summary.lanes.iter().find(|lane| lane.lane == Lane::InProgress);
    let room = lane.and_then(|lane| lane.limit.map(|limit| limit.saturating_sub(lane.total as u32)));
    let sprint = summary.sprint.as_ref().filter(|_| policy.sprint_only).map(|sprint| sprint.sprint_id);
    let team_room: u32 =
        team.iter().map(|row| row.agent.wip_limit.saturating_sub(row.current_tasks.len() as u32)).sum();
    let guide = guide(read, summary.sprint.as_ref(), team, now)?;
    let mut ready = Vec::new();
    if team_room > 0 && room != Some(0) {
        for priority in Priority::ALL {
            let wanted = |row: &ReadyRow| sprint.is_none() || row.sprint_id == sprint;
            ready.extend(
                pushed(read, *priority, policy, now)?
                    .into_iter()
                    .filter(wanted)
                    .map(|row| Ready { planned: planned(row.task_id, &guide, team), ..ready_of(row, rule) }),
            );
        }
    }
    let mut held = BTreeMap::new();
    for task in team.iter().flat_map(|row| &row.current_tasks) {
        held.extend(read.task(task.task_id)?.map(|task| (task.task_id, task)));
    }
    let stranded = if dawn { Vec::new() } else { stranded(team, &held) };
    let team = team.iter().map(|row| candidate(row, &held, rule)).collect();
    Ok(Work { situation: Situation { ready, team, room }, stranded })
}

/// The ready tasks of one priority that the strategy hands out; of many alike only as many as may be handed out at once.
fn pushed(read: &dyn Read, priority: Priority, policy: &Policy, now: &Now) -> Result<Vec<ReadyRow>, Error> {
    let mut alike: HashMap<String, usize> = HashMap::new();
    let (mut rows, mut scanned) = (Vec::new(), 0);
    read.each_ready(priority, now, &mut |row| {
        let hours = (now.wall - row.queued_at).num_seconds() as f64 / 3600.0;
        if policy.pushes(row.priority, row.expedite, hours).is_none() {
            return false; // The others have waited less long.
        }
        scanned += 1;
        let count = alike.entry(needs_key(&row)).or_default();
        *count += 1;
        if *count <= KEPT_ALIKE {
            rows.push(row);
        }
        scanned < SCANNED
    })?;
    Ok(rows)
}

fn needs_key(row: &ReadyRow) -> String {
    format!("{:?}{:?}", row.requirements.capabilities, row.requirements.roles)
}

fn ready_of(row: ReadyRow, rule: &PointRule) -> Ready {
    Ready {
        planned: None,
        task_id: row.task_id,
        number: row.number,
        priority: row.priority,
        requirements: row.requirements,
        queued_at: row.queued_at,
        minutes: rule.work_minutes(row.estimate, row.points),
        complexity: row.complexity.unwrap_or(crate::domain::task::Complexity::Moderate),
        expedite: row.expedite,
        failed_with: row.failed_with,
    }
}

/// How the plan of the active sprint guides who takes what.
fn guide(read: &dyn Read, sprint: Option<&Sprint>, team: &[AgentRow], now: &Now) -> Result<Guide, Error> {
    let Some(plan) = sprint.map(|sprint| read.plan(sprint.sprint_id)).transpose()?.flatten() else {
        return Ok(Guide::default());
    };
    let is_here = |id| {
        let row = team.iter().find(|row| row.agent.agent_id == id);
        row.is_some_and(|row| row.status != AgentStatus::Offline && !row.agent.draining)
    };
    Ok(Guide::of(&plan.layout, now.wall, is_here))
}

/// For whom the plan has a task, if they are still on the team.
fn planned(task: TaskId, guide: &Guide, team: &[AgentRow]) -> Option<Planned> {
    let agent_id = guide.planned_for(task)?;
    let row = team.iter().find(|row| row.agent.agent_id == agent_id)?;
    Some(Planned { agent_id, agent: row.agent.name.clone(), kept: guide.kept_for(task).is_some() })
}

fn candidate(row: &AgentRow, held: &BTreeMap<TaskId, Task>, rule: &PointRule) -> Candidate {
    let work = |task: &crate::store::view::Held| Some(HeldWork::of(held.get(&task.task_id)?, task.progress, rule));
    Candidate {
        agent: row.agent.clone(),
        present: row.status != AgentStatus::Offline,
        held: row.current_tasks.iter().filter_map(work).collect(),
        record: Record {
            submitted: row.metrics.submitted,
            failed: row.metrics.failed,
            mean_minutes: row.metrics.mean_minutes,
        },
        cpu_usage: row.cpu_usage,
        memory_usage: row.memory_usage,
    }
}

/// What was handed out here (a person's choice stands) to agents who left before they began.
fn stranded(team: &[AgentRow], held: &BTreeMap<TaskId, Task>) -> Vec<Stranded> {
    let away = team.iter().filter(|row| row.status == AgentStatus::Offline || row.agent.draining);
    let tasks = away.flat_map(|row| row.current_tasks.iter().map(move |task| (row, task)));
    tasks
        .filter(|(_, task)| task.status == Status::Assigned)
        .filter_map(|(row, task)| {
            let task = held.get(&task.task_id)?;
            let ours = task.assignment.as_ref().is_some_and(|assignment| assignment.why.is_some());
            let state = if row.agent.draining { "draining" } else { "offline" };
            let why = format!("{} is {state} and had not begun", row.agent.name);
            (ours && task.claim.is_none()).then(|| Stranded { task: task.clone(), why })
        })
        .collect()
}

/// What happened before the human's last word about it does not count again.
fn misfires_since(history: &[Escalation], now: &Now) -> Timestamp {
    let word = history.iter().filter(|ask| ask.topic == super::asks::BREAKER).filter_map(|ask| ask.closed_at).max();
    let window = now.wall - chrono::Duration::minutes(super::BREAKER_MINUTES);
    word.map_or(window, |word| word.max(window))
}

fn own_questions(read: &dyn Read, now: &Now) -> Result<Vec<(EscalationRow, Option<Task>)>, Error> {
    let own = read.escalations(false, now)?.into_iter().filter(|row| row.escalation.asked_by == NAME);
    own.map(|row| {
        let task = row.escalation.task_id.map(|id| read.task(id)).transpose()?.flatten();
        Ok((row, task))
    })
    .collect()
}

fn concerns(read: &dyn Read, concern: Concern, now: &Now) -> Result<Vec<Worry>, Error> {
    read.concerns(concern, WORRIES, now)?
        .into_iter()
        .map(|task| worry(read, task.task_id))
        .filter_map(Result::transpose)
        .collect()
}

fn worry(read: &dyn Read, id: TaskId) -> Result<Option<Worry>, Error> {
    let Some(task) = read.task(id)? else { return Ok(None) };
    let (history, attempts) = (read.questions(Some(id))?, read.attempts(id)?);
    let chain = if task.deadline.is_some() { read.chain(id, CHAIN)? } else { Vec::new() };
    Ok(Some(Worry { task, history, attempts, chain }))
}

/// Ready tasks that no agent can do, whoever is there.
fn unfit(read: &dyn Read, team: &[AgentRow], rule: &PointRule, now: &Now) -> Result<Situation, Error> {
    let mut known: HashMap<String, bool> = HashMap::new();
    let mut ready = Vec::new();
    for priority in Priority::ALL {
        let mut scanned = 0;
        read.each_ready(*priority, now, &mut |row| {
            scanned += 1;
            let nobody = || team.iter().all(|member| member.agent.misfit(&row.requirements).is_some());
            if *known.entry(needs_key(&row)).or_insert_with(nobody) {
                ready.push(ready_of(row, rule));
            }
            scanned < SCANNED
        })?;
    }
    // What nobody can do does not depend on what they have in hand.
    let team = team.iter().map(|row| candidate(row, &BTreeMap::new(), rule)).collect();
    Ok(Situation { ready, team, room: None })
}

/// Who could do a task, whether there or not.
pub fn able<'a>(team: &'a [AgentRow], task: &Task) -> Vec<&'a AgentRow> {
    team.iter().filter(|row| row.agent.misfit(&task.requirements).is_none()).collect()
}

/// The id of the agent who worked on it last.
pub fn last_worker(worry: &Worry) -> Option<AgentId> {
    worry.attempts.first().map(|attempt| attempt.agent_id)
}
