//! What a decision needs to know, loaded by scope and never the whole board; also the rows it changes.

use std::collections::{BTreeMap, BTreeSet};

use super::deps::Edges;
use super::event::Event;
use super::id::{AgentId, AttemptId, ClaimToken, CommentId, EscalationId, SprintId, TaskId, TaskNumber};
use super::record::{Record, RecordId};
use super::sprint::{Baseline, SprintOutcome};
use super::task::Comment;
use super::{
    Agent, Attempt, Escalation, Lane, Level, Policy, Proposal, Rejection, Sprint, SprintPlan, Status, Task, Timestamp,
};

/// One thing a command needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// A task with what work on it needs: predecessors' states, ancestors, open attempt, lease, agents, open questions.
    Task(TaskId),
    /// Like [`Need::Task`], and what its end may touch: its successors, parts, and those of its ancestors.
    Reach(TaskId),
    /// Only number, state and level of a task.
    Brief(TaskId),
    /// The same for the task that has this number.
    Number(TaskNumber),
    /// A task and all its parts, each like [`Need::Reach`].
    Subtree(TaskId),
    /// All edges that lead to a task.
    Upstream(TaskId),
    /// An agent and its load.
    Agent(AgentId),
    /// The agent of this name.
    AgentNamed(String),
    /// The best ready task that suits the agent, like [`Need::Task`].
    ReadyFor(AgentId),
    /// A sprint.
    Sprint(SprintId),
    /// The active sprint.
    ActiveSprint,
    /// The sprint that was closed last.
    LastClosedSprint,
    /// All tasks of a sprint.
    SprintScope(SprintId),
    /// Everybody on the team.
    Team,
    /// The tasks that a sprint began with, and what happened to its present members, as far as it says how their time
    /// went; after [`Need::SprintScope`].
    SprintPast(SprintId),
    /// A sprint with the names of its members, its baseline and outcome, its plan, and the open proposal to change it with
    /// the agents that it names and the question about it.
    SprintPlan(SprintId),
    /// The same for the sprint that a task is in.
    SprintOf(TaskId),
    /// An escalation and its task.
    Escalation(EscalationId),
    /// The task that came from this source under this key.
    External(String, String),
    /// The task with the express pass.
    Expedited,
    /// Any row, and what refers to it; of the settings, everyone who waits for room in a lane.
    Record(RecordId),
}

/// A task in a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// Short number.
    pub number: TaskNumber,
    /// State.
    pub status: Status,
    /// Level.
    pub level: Level,
    /// Put away.
    pub archived: bool,
}

/// The liveness of a claim, kept outside the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Fencing number it belongs to.
    pub epoch: u64,
    /// The worker's proof.
    pub token: ClaimToken,
    /// True once no heartbeat came for the length of the lease.
    pub expired: bool,
    /// When it ends by the wall clock, for people.
    pub until: Option<Timestamp>,
    /// True while the worker's process is on record and has not been seen gone.
    pub has_process: bool,
}

/// How full a lane with a limit is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LaneLoad {
    /// Admitted cards.
    pub count: u32,
    /// Limit.
    pub limit: u32,
    /// Cards that wait for room, first come first.
    pub waiting: Vec<TaskId>,
}

/// Parts of a task by how they ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts {
    /// Not ended.
    pub open: u32,
    /// Completed.
    pub completed: u32,
}

/// Why no task could be chosen for an agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoCandidate {
    /// In words, the commonest reason.
    pub why: String,
}

/// The rows and circumstances of one decision.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Full tasks.
    pub tasks: BTreeMap<TaskId, Task>,
    /// Tasks of which only this much matters.
    pub briefs: BTreeMap<TaskId, Brief>,
    /// Successors of the full tasks.
    pub successors: BTreeMap<TaskId, Vec<TaskId>>,
    /// Parts of the full tasks.
    pub parts: BTreeMap<TaskId, Parts>,
    /// Edges, where circles must be ruled out.
    pub edges: Edges,
    /// Open attempts of the full tasks, and those to be restored.
    pub attempts: BTreeMap<AttemptId, Attempt>,
    /// Agents.
    pub agents: BTreeMap<AgentId, Agent>,
    /// Tasks that each of these agents holds.
    pub load: BTreeMap<AgentId, u32>,
    /// Tasks that each of these agents has a claim on.
    pub claimed: BTreeMap<AgentId, u32>,
    /// Sprints.
    pub sprints: BTreeMap<SprintId, Sprint>,
    /// Members of the sprints whose scope was asked for.
    pub scope: BTreeMap<SprintId, Vec<TaskId>>,
    /// Plans of sprints.
    pub plans: BTreeMap<SprintId, SprintPlan>,
    /// Open proposals to change them.
    pub proposals: BTreeMap<SprintId, Proposal>,
    /// What sprints set out to do.
    pub baselines: BTreeMap<SprintId, Baseline>,
    /// What became of sprints.
    pub outcomes: BTreeMap<SprintId, SprintOutcome>,
    /// What happened to tasks and when, in order, as far as it says how their time went.
    pub past: BTreeMap<TaskId, Vec<(Timestamp, Event)>>,
    /// Escalations.
    pub escalations: BTreeMap<EscalationId, Escalation>,
    /// Comments to be restored, and those added.
    pub comments: BTreeMap<CommentId, Comment>,
    /// Leases of the full tasks.
    pub leases: BTreeMap<TaskId, Lease>,
    /// Tasks where the process of an earlier worker has not been seen gone yet.
    pub haunted: BTreeSet<TaskId>,
    /// Lanes that have a limit.
    pub lanes: BTreeMap<Lane, LaneLoad>,
    /// The board's settings.
    pub policy: Policy,
    /// What [`Need::ReadyFor`] found.
    pub candidate: Option<Result<TaskId, NoCandidate>>,
    /// Rows that others refer to, so that they cannot be removed: what refers, in words.
    pub referred: BTreeMap<RecordId, String>,
    /// Next short number of a task.
    pub next_task: i64,
    /// Next short number of an escalation.
    pub next_escalation: i64,
    /// Next number of a sprint.
    pub next_sprint: i64,
    /// Next number of a risk.
    pub next_risk: u32,
    /// Rows that events have changed.
    pub touched: BTreeSet<RecordId>,
    /// Those of them that came in as they are: their revision and time of change are not stamped.
    pub verbatim: BTreeSet<RecordId>,
}

impl Facts {
    /// The task, or a rejection that says it does not exist.
    pub fn task(&self, id: TaskId) -> Result<&Task, Rejection> {
        self.tasks.get(&id).ok_or_else(|| Rejection::no_task(id))
    }

    /// The agent, or a rejection.
    pub fn agent(&self, id: AgentId) -> Result<&Agent, Rejection> {
        self.agents.get(&id).ok_or_else(|| Rejection::NotFound { what: "agent", name: id.to_string(), hint: None })
    }

    /// Name of an agent, for messages.
    pub fn agent_name(&self, id: AgentId) -> String {
        self.agents.get(&id).map_or_else(|| id.to_string(), |agent| agent.name.clone())
    }

    /// Number and state of any known task.
    pub fn brief(&self, id: TaskId) -> Option<Brief> {
        self.tasks
            .get(&id)
            .map(|t| Brief { number: t.number, status: t.status, level: t.level, archived: t.archived_at.is_some() })
            .or_else(|| self.briefs.get(&id).cloned())
    }

    /// Predecessors that do not meet their edge.
    pub fn unmet(&self, task: &Task) -> Vec<TaskNumber> {
        task.dependencies
            .blocked_by
            .iter()
            .filter_map(|edge| {
                let brief = self.brief(edge.task_id)?;
                (!edge.met_by(brief.status)).then_some(brief.number)
            })
            .collect()
    }

    /// The open attempt of a task.
    pub fn open_attempt(&self, task: TaskId) -> Option<&Attempt> {
        self.attempts.values().find(|attempt| attempt.task_id == task && attempt.ended_at.is_none())
    }

    /// The row as it stands.
    pub fn record(&self, id: RecordId) -> Option<Record> {
        Some(match id {
            RecordId::Task(id) => Record::Task(Box::new(self.tasks.get(&id)?.clone())),
            RecordId::Attempt(id) => Record::Attempt(Box::new(self.attempts.get(&id)?.clone())),
            RecordId::Agent(id) => Record::Agent(Box::new(self.agents.get(&id)?.clone())),
            RecordId::Sprint(id) => Record::Sprint(Box::new(self.sprints.get(&id)?.clone())),
            RecordId::Plan(id) => Record::Plan(Box::new(self.plans.get(&id)?.clone())),
            RecordId::Proposal(id) => Record::Proposal(Box::new(self.proposals.get(&id)?.clone())),
            RecordId::Baseline(id) => Record::Baseline(Box::new(self.baselines.get(&id)?.clone())),
            RecordId::Outcome(id) => Record::Outcome(Box::new(self.outcomes.get(&id)?.clone())),
            RecordId::Escalation(id) => Record::Escalation(Box::new(self.escalations.get(&id)?.clone())),
            RecordId::Comment(id) => Record::Comment(Box::new(self.comments.get(&id)?.clone())),
            RecordId::Policy => Record::Policy(Box::new(self.policy.clone())),
        })
    }

    /// Takes the row out; the settings stay.
    pub fn take(&mut self, id: RecordId) -> Option<Record> {
        Some(match id {
            RecordId::Task(id) => Record::Task(Box::new(self.tasks.remove(&id)?)),
            RecordId::Attempt(id) => Record::Attempt(Box::new(self.attempts.remove(&id)?)),
            RecordId::Agent(id) => Record::Agent(Box::new(self.agents.remove(&id)?)),
            RecordId::Sprint(id) => Record::Sprint(Box::new(self.sprints.remove(&id)?)),
            RecordId::Plan(id) => Record::Plan(Box::new(self.plans.remove(&id)?)),
            RecordId::Proposal(id) => Record::Proposal(Box::new(self.proposals.remove(&id)?)),
            RecordId::Baseline(id) => Record::Baseline(Box::new(self.baselines.remove(&id)?)),
            RecordId::Outcome(id) => Record::Outcome(Box::new(self.outcomes.remove(&id)?)),
            RecordId::Escalation(id) => Record::Escalation(Box::new(self.escalations.remove(&id)?)),
            RecordId::Comment(id) => Record::Comment(Box::new(self.comments.remove(&id)?)),
            RecordId::Policy => Record::Policy(Box::new(self.policy.clone())),
        })
    }

    /// Names of all full rows, settings apart.
    pub fn ids(&self) -> impl Iterator<Item = RecordId> {
        let work = self
            .tasks
            .keys()
            .map(|id| RecordId::Task(*id))
            .chain(self.attempts.keys().map(|id| RecordId::Attempt(*id)));
        let team = self
            .agents
            .keys()
            .map(|id| RecordId::Agent(*id))
            .chain(self.sprints.keys().map(|id| RecordId::Sprint(*id)));
        let plans = self
            .plans
            .keys()
            .map(|id| RecordId::Plan(*id))
            .chain(self.proposals.keys().map(|id| RecordId::Proposal(*id)));
        let books = self
            .baselines
            .keys()
            .map(|id| RecordId::Baseline(*id))
            .chain(self.outcomes.keys().map(|id| RecordId::Outcome(*id)));
        let words = self.escalations.keys().map(|id| RecordId::Escalation(*id));
        work.chain(team)
            .chain(plans)
            .chain(books)
            .chain(words)
            .chain(self.comments.keys().map(|id| RecordId::Comment(*id)))
    }
}
