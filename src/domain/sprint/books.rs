//! What a sprint set out to do, and what became of it. Both are written once and stay.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::id::{PlanId, SprintId, TaskId, TaskNumber};
use crate::domain::waits::WaitKind;
use crate::domain::{Actor, Priority, Status, Timestamp};

/// Characters of a title that are kept.
pub const KEPT_TITLE: usize = 200;

/// So many tasks with so many story points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Tasks.
    pub tasks: u32,
    /// Their story points; those without count as 0.
    pub points: f64,
}

impl Tally {
    /// Counts one more.
    #[must_use]
    pub fn and(self, points: Option<f64>) -> Self {
        Self { tasks: self.tasks + 1, points: self.points + points.unwrap_or(0.0) }
    }
}

/// A task as it was when the sprint began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BaselineTask {
    /// The task.
    pub task_id: TaskId,
    /// Its number.
    pub number: TaskNumber,
    /// The beginning of its title.
    pub title: String,
    /// Urgency.
    pub priority: Priority,
    /// Story points.
    #[serde(default)]
    pub points: Option<f64>,
    /// Minutes of the whole task.
    #[serde(default)]
    pub estimate: Option<u32>,
    /// Minutes that were left of it.
    #[serde(default)]
    pub remaining: Option<u32>,
    /// Done if there is time: nobody has committed to it.
    #[serde(default)]
    pub stretch: bool,
    /// The sprint that it was left over from.
    #[serde(default)]
    pub carried_from: Option<SprintId>,
    /// Name of the agent who was planned for it.
    #[serde(default)]
    pub agent: Option<String>,
    /// Planned begin.
    #[serde(default)]
    pub starts_at: Option<Timestamp>,
    /// Planned end, review included.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
}

/// What a sprint set out to do. Written when it starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// The sprint.
    pub sprint_id: SprintId,
    /// Raised by every change; there is none but the first.
    #[serde(default)]
    pub rev: u64,
    /// When.
    pub taken_at: Timestamp,
    /// Who started it.
    pub taken_by: Actor,
    /// Working minutes of the team.
    #[serde(default)]
    pub capacity_minutes: Option<u32>,
    /// Names of the team, in order.
    #[serde(default)]
    pub team: Vec<String>,
    /// The plan that agents and dates are from.
    #[serde(default)]
    pub plan_id: Option<PlanId>,
    /// What was committed to.
    pub committed: Tally,
    /// What is done if there is time: what the plan calls so, and what has no place in it.
    pub stretch: Tally,
    /// By number.
    pub tasks: Vec<BaselineTask>,
}

/// How a task stood when the sprint was closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskOutcome {
    /// The task.
    pub task_id: TaskId,
    /// Its number.
    pub number: TaskNumber,
    /// The beginning of its title.
    pub title: String,
    /// Story points at that time.
    #[serde(default)]
    pub points: Option<f64>,
    /// Minutes of the whole task at that time.
    #[serde(default)]
    pub estimate: Option<u32>,
    /// State; none if it was not there any more.
    #[serde(default)]
    pub status: Option<Status>,
    /// True if it was completed as a task of this sprint.
    pub done: bool,
    /// When it was completed.
    #[serde(default)]
    pub done_at: Option<Timestamp>,
    /// Seconds of this sprint in which it was worked on or checked by a command.
    #[serde(default)]
    pub active_seconds: u64,
    /// Seconds of this sprint in which it waited, by what for; by the clock, nights count.
    #[serde(default)]
    pub waiting_seconds: BTreeMap<WaitKind, u64>,
    /// Minutes of work that were measured, of all its attempts.
    #[serde(default)]
    pub actual: Option<u32>,
    /// Minutes that are left of it; of leftovers only.
    #[serde(default)]
    pub remaining: Option<u32>,
    /// Where it went as a carry-over.
    #[serde(default)]
    pub carried_to: Option<SprintId>,
}

impl TaskOutcome {
    /// True if the sprint ended before it did: it was a task of the sprint to the end.
    pub fn is_left_over(&self) -> bool {
        self.status.is_some_and(|status| !status.is_closed())
    }

    /// All its waiting, in seconds.
    pub fn waiting(&self) -> u64 {
        self.waiting_seconds.values().sum()
    }
}

/// What became of a sprint. Written when it is closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SprintOutcome {
    /// The sprint.
    pub sprint_id: SprintId,
    /// Raised by every change; there is none but the first.
    #[serde(default)]
    pub rev: u64,
    /// When.
    pub written_at: Timestamp,
    /// Who closed it.
    pub written_by: Actor,
    /// Name of the sprint that leftovers went to.
    #[serde(default)]
    pub carried_to: Option<String>,
    /// What it had from its beginning to its end; without a baseline: all that it had at its end.
    pub tasks: Vec<TaskOutcome>,
    /// What came later and was there at the end.
    pub added: Vec<TaskOutcome>,
    /// What it began with and was not there at the end.
    pub removed: Vec<TaskOutcome>,
}

/// What is left of a task that a sprint was closed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carry {
    /// The sprint that it was left over from last.
    pub from: SprintId,
    /// Minutes that were left of it then.
    #[serde(default)]
    pub remaining: Option<u32>,
}
