//! What an assignment needs to know: the ready tasks, the team, the room.

use crate::domain::task::{Complexity, Requirements};
use crate::domain::{Agent, AgentId, Priority, Task, TaskId, TaskNumber, Timestamp};
use crate::plan::capacity::PointRule;

/// Minutes that a task without an estimate is taken to need.
pub const USUAL_MINUTES: u32 = 60;

/// The board as an assignment sees it.
#[derive(Debug, Clone, Default)]
pub struct Situation {
    /// Tasks that could start now, in any order.
    pub ready: Vec<Ready>,
    /// The team, people and programs, absent ones included.
    pub team: Vec<Candidate>,
    /// Cards that `In progress` still admits; `None`: no limit.
    pub room: Option<u32>,
}

/// A task that could start now.
#[derive(Debug, Clone, PartialEq)]
pub struct Ready {
    /// Id.
    pub task_id: TaskId,
    /// Short number.
    pub number: TaskNumber,
    /// Urgency as written down; aging comes on top.
    pub priority: Priority,
    /// What it needs.
    pub requirements: Requirements,
    /// Since when it is ready.
    pub queued_at: Timestamp,
    /// Estimate in minutes.
    pub minutes: u32,
    /// Looks.
    pub complexity: Complexity,
    /// Has the express pass.
    pub expedite: bool,
    /// Agents under whom it failed before: they get it only if nobody else suits.
    pub failed_with: Vec<AgentId>,
    /// For whom the sprint's plan has it.
    pub planned: Option<Planned>,
}

/// What a sprint's plan says about a ready task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Who should do it.
    pub agent_id: AgentId,
    /// Name of that agent.
    pub agent: String,
    /// Nobody else gets it now: the agent is there, and its time for it has not passed.
    pub kept: bool,
}

impl Ready {
    /// The task as far as an assignment looks at it.
    pub fn of(task: &Task, failed_with: Vec<AgentId>) -> Self {
        Self {
            task_id: task.task_id,
            number: task.number,
            priority: task.priority,
            requirements: task.requirements.clone(),
            queued_at: task.queued_at.unwrap_or(task.created_at),
            minutes: task.metadata.estimated_duration.unwrap_or(USUAL_MINUTES).max(1),
            complexity: task.metadata.complexity.unwrap_or(Complexity::Moderate),
            expedite: task.expedite,
            failed_with,
            planned: None,
        }
    }

    /// Hours it has been waiting, never negative.
    pub fn hours_queued(&self, now: Timestamp) -> f64 {
        ((now - self.queued_at).num_seconds().max(0) as f64) / 3600.0
    }
}

/// A member of the team.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The record.
    pub agent: Agent,
    /// Whether it was heard of lately.
    pub present: bool,
    /// What it has in hand.
    pub held: Vec<HeldWork>,
    /// What it has done so far.
    pub record: Record,
    /// Percent of a core.
    pub cpu_usage: Option<f32>,
    /// Percent of memory.
    pub memory_usage: Option<f32>,
}

impl Candidate {
    /// Tasks it may still take.
    pub fn room(&self) -> u32 {
        self.agent.wip_limit.saturating_sub(self.held.len() as u32)
    }
}

/// A task in hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeldWork {
    /// Minutes still to do.
    pub minutes: u32,
    /// Looks.
    pub complexity: Complexity,
}

impl HeldWork {
    /// A task in hand that is done by so many percent.
    pub fn of(task: &Task, progress: u8, rule: &PointRule) -> Self {
        let metadata = &task.metadata;
        let whole = u64::from(rule.work_minutes(metadata.estimated_duration, metadata.story_points));
        // A share of a u32 is one.
        let minutes = (whole * u64::from(100 - progress.min(100)) / 100) as u32;
        Self { minutes, complexity: metadata.complexity.unwrap_or(Complexity::Moderate) }
    }
}

/// An agent's past in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Record {
    /// Attempts that ended with a submission.
    pub submitted: u64,
    /// Attempts that failed or were lost.
    pub failed: u64,
    /// Mean minutes of a submitted attempt.
    pub mean_minutes: Option<f64>,
}

impl Record {
    /// Share of attempts that succeed, 0 to 1; one half as long as nothing is known, so that newcomers get a chance.
    pub fn success(&self) -> f64 {
        (self.submitted as f64 + 1.0) / ((self.submitted + self.failed) as f64 + 2.0)
    }
}
