//! What a store shows: rows for lists, lanes and logs, as light as the screen needs them.

mod live;
mod log;

use serde::Serialize;

use crate::domain::attempt::Attempt;
use crate::domain::task::{Comment, Complexity, Level, Requirements};
use crate::domain::{
    Agent, AgentId, AgentStatus, ChangeId, Days, Escalation, Lane, Priority, Sprint, SprintId, Status, Task, TaskId,
    TaskKind, TaskNumber, Timestamp,
};
pub use live::{LeaderRow, LeaseRow, Liveness, ProcessRow};
pub use log::{ActivityFilter, ActivityRow, Inverse, Undoing};

/// Which tasks to show. Empty: all that are not archived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a condition of its own")]
pub struct Filter {
    /// Words that must all occur in title or text, by prefix.
    pub text: String,
    /// States; empty: any.
    pub statuses: Vec<Status>,
    /// Priorities; empty: any.
    pub priorities: Vec<Priority>,
    /// Assigned to this agent.
    pub agent: Option<AgentId>,
    /// Assigned to nobody.
    pub unassigned: bool,
    /// In this sprint.
    pub sprint: Option<SprintId>,
    /// In no sprint.
    pub no_sprint: bool,
    /// For the milestone of this name, in capitals or not.
    pub milestone: Option<String>,
    /// Labelled with all of these.
    pub tags: Vec<String>,
    /// Sort of work.
    pub kind: Option<TaskKind>,
    /// Levels; empty: any.
    pub levels: Vec<Level>,
    /// Direct parts of this task.
    pub parent: Option<TaskId>,
    /// Only what an agent could start now.
    pub ready: bool,
    /// Show what the other conditions leave out, and the other way round.
    pub invert: bool,
    /// Show archived tasks, too.
    pub archived: bool,
}

/// A stretch of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Rows to skip.
    pub offset: usize,
    /// Most rows to return.
    pub limit: usize,
}

impl Page {
    /// Everything.
    pub const ALL: Self = Self { offset: 0, limit: usize::MAX >> 1 };
}

/// A stretch of a lane, by priority, then by age (the done lane: newest first).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneWindow {
    /// Which lane.
    pub lane: Lane,
    /// Which cards.
    pub filter: Filter,
    /// Which stretch.
    pub page: Page,
}

/// A task as a card.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Card {
    /// Id.
    pub task_id: TaskId,
    /// Short number.
    pub number: TaskNumber,
    /// At most the first 200 characters of the title.
    pub title: String,
    /// State.
    pub status: Status,
    /// Priority.
    pub priority: Priority,
    /// Lane that counts it.
    pub lane: Lane,
    /// Story points.
    pub points: Option<f64>,
    /// Estimate in minutes.
    pub estimate: Option<u32>,
    /// Percent.
    pub progress: u8,
    /// Who has it.
    pub agent_id: Option<AgentId>,
    /// Name of who has it.
    pub agent: Option<String>,
    /// When it entered its state, or was last changed.
    pub since: Timestamp,
    /// Wanted by.
    pub deadline: Option<Timestamp>,
    /// Not before.
    pub not_before: Option<Timestamp>,
    /// Retries so far.
    pub retries: u32,
    /// Next retry.
    pub retry_at: Option<Timestamp>,
    /// The oldest open question about it: since when.
    pub asked_since: Option<Timestamp>,
    /// Place in the queue for a lane, from 1.
    pub queue_place: Option<u32>,
    /// The lane it waits for.
    pub queue_lane: Option<Lane>,
    /// Predecessors that are not met, the first three.
    pub waits_for: Vec<TaskNumber>,
    /// What stands in the way, in words.
    pub blocker: Option<String>,
    /// True while the process of a worker whose claim or lease is over has not been seen gone.
    pub reclaim_waits: bool,
    /// Labels.
    pub tags: Vec<String>,
    /// Sprint.
    pub sprint_id: Option<SprintId>,
    /// Revision.
    pub rev: u64,
}

/// One lane in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LaneSummary {
    /// Which.
    pub lane: Lane,
    /// Cards that the filter shows.
    pub count: u64,
    /// Their points.
    pub points: f64,
    /// All cards.
    pub total: u64,
    /// Limit on cards.
    pub limit: Option<u32>,
}

/// The board in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BoardSummary {
    /// Project name.
    pub project: String,
    /// Lanes from left to right.
    pub lanes: Vec<LaneSummary>,
    /// Active sprint.
    pub sprint: Option<Sprint>,
    /// Open questions that are not snoozed, notices apart.
    pub asks: u64,
    /// Newest change.
    pub head: ChangeId,
    /// True when words match more cards than the lanes count and show; these are the newest ones then.
    pub more: bool,
}

/// A task that somebody holds, in a few words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Held {
    /// Id.
    pub task_id: TaskId,
    /// Short number.
    pub number: TaskNumber,
    /// Title, shortened.
    pub title: String,
    /// State.
    pub status: Status,
    /// Percent.
    pub progress: u8,
    /// What is being done.
    pub step: Option<String>,
    /// Since when in this state.
    pub since: Timestamp,
    /// Open question about it.
    pub asked: bool,
    /// Retries so far.
    pub retries: u32,
}

/// An agent with what it is up to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentRow {
    /// The record.
    #[serde(flatten)]
    pub agent: Agent,
    /// Derived state.
    pub status: AgentStatus,
    /// Tasks it holds.
    pub current_tasks: Vec<Held>,
    /// Percent of a core.
    pub cpu_usage: Option<f32>,
    /// Percent of the host's memory.
    pub memory_usage: Option<f32>,
    /// When it was last heard of.
    pub last_heartbeat: Option<Timestamp>,
    /// When the attempt that it ended last was lost: it stopped in the middle of its work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped_at: Option<Timestamp>,
    /// What it has done.
    pub metrics: AgentMetrics,
}

impl AgentRow {
    /// True if it could take a task now.
    pub fn is_available(&self, at: Timestamp, holidays: &[Days]) -> bool {
        self.status == AgentStatus::Online && self.agent.works_at(at, holidays)
    }

    /// Held tasks against the limit, in percent.
    pub fn load_percent(&self) -> u32 {
        self.current_tasks.len() as u32 * 100 / self.agent.wip_limit.max(1)
    }
}

/// Counts over an agent's attempts.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct AgentMetrics {
    /// Attempts that ended with a submission.
    pub submitted: u64,
    /// Attempts that failed or were lost.
    pub failed: u64,
    /// Mean minutes of a submitted attempt.
    pub mean_minutes: Option<f64>,
    /// Submissions on each of the last seven days, oldest first.
    pub last_week: [u32; 7],
}

/// Progress and size of all parts of a task.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RollUp {
    /// Tasks below it.
    pub tasks: u64,
    /// Completed ones.
    pub completed: u64,
    /// Percent, weighted by estimate (60 minutes where there is none).
    pub progress: f64,
    /// Minutes.
    pub estimated_minutes: u64,
    /// Story points.
    pub points: f64,
}

/// Another task in a few words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Link {
    /// Id.
    pub task_id: TaskId,
    /// Short number.
    pub number: TaskNumber,
    /// Title, shortened.
    pub title: String,
    /// State.
    pub status: Status,
}

/// A task with all that is known about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskDetail {
    /// The record, successors filled in.
    #[serde(flatten)]
    pub task: Task,
    /// Name of the agent who has it.
    pub agent: Option<String>,
    /// When its lease ends.
    pub lease_until: Option<Timestamp>,
    /// Why it does not move, if it waits: every reason.
    pub waits: Vec<String>,
    /// Predecessors.
    pub predecessors: Vec<Link>,
    /// Successors.
    pub successors: Vec<Link>,
    /// Direct parts.
    pub parts: Vec<Link>,
    /// Its parents, nearest first.
    pub parents: Vec<Link>,
    /// Sum of its parts, for levels above task.
    pub roll_up: Option<RollUp>,
    /// Remarks, oldest first.
    pub comments: Vec<Comment>,
    /// Attempts, newest first.
    pub attempts: Vec<Attempt>,
    /// Open questions about it.
    pub escalations: Vec<Escalation>,
}

/// A question with what it costs to leave it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EscalationRow {
    /// The record.
    #[serde(flatten)]
    pub escalation: Escalation,
    /// `ASK-31`.
    pub label: String,
    /// The task it is about.
    pub task: Option<Link>,
    /// Tasks that wait for it, the task itself included.
    pub holds_tasks: u64,
    /// Their points.
    pub holds_points: f64,
}

/// What is open of a milestone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MilestoneRow {
    /// Its name.
    pub name: String,
    /// Open tasks, in whatever sprint or in none.
    pub open: usize,
    /// The latest of their deadlines.
    pub due_at: Option<Timestamp>,
}

/// A ready task as far as handing it out needs to know it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadyRow {
    /// Id.
    pub task_id: TaskId,
    /// Short number.
    pub number: TaskNumber,
    /// Priority.
    pub priority: Priority,
    /// What it needs.
    pub requirements: Requirements,
    /// Since when it is ready.
    pub queued_at: Timestamp,
    /// Estimate in minutes.
    pub estimate: Option<u32>,
    /// Story points.
    pub points: Option<f64>,
    /// Looks.
    pub complexity: Option<Complexity>,
    /// Has the express pass.
    pub expedite: bool,
    /// Sprint.
    pub sprint_id: Option<SprintId>,
    /// Agents under whom it failed before.
    pub failed_with: Vec<AgentId>,
}

/// A reason for which a task needs attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// It failed, and the time of its next try has come.
    RetryDue,
    /// It failed for good, and nobody was asked about it since.
    RetriesSpent,
    /// It is blocked, for the first time, by something that passes by itself; those that wait longest come first.
    Passing,
    /// It is blocked by a missing ability or by the same thing again, and nobody was asked about that since.
    Stuck,
    /// It is not done and wanted by a time before `before`, by deadline and number; only those that come later than
    /// `after` in this order.
    Deadline {
        /// The last one of those before, if there are any.
        after: Option<(Timestamp, TaskNumber)>,
        /// Horizon.
        before: Timestamp,
    },
}

/// A task in a chain of predecessors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainRow {
    /// Id.
    pub task_id: TaskId,
    /// Short number.
    pub number: TaskNumber,
    /// Estimate in minutes.
    pub estimate: Option<u32>,
    /// Percent.
    pub progress: u8,
    /// Its predecessors, met ones included.
    pub waits_for: Vec<TaskId>,
}
