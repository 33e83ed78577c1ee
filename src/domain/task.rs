//! The task record: the JSON that `--json` prints, that import and export use, and that the log stores.

mod kinds;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::id::{AgentId, CommentId, SprintId, TaskId, TaskNumber};
use super::lane::Lane;
use super::lifecycle::Status;
use super::sprint::Carry;
use super::{ActorKind, Timestamp};
pub use kinds::{
    AssignmentMethod, BlockerKind, Category, Complexity, DependencyKind, Level, Priority, ReviewKind, ReviewStatus,
    TaskKind, TeamPattern,
};

/// Longest title in bytes; longer ones are refused.
pub const MAX_TITLE: usize = 1 << 20;
/// Most bytes of a comment.
pub const MAX_COMMENT: usize = 1 << 20;
/// Longest description in bytes; longer ones are refused.
pub const MAX_DESCRIPTION: usize = 16 << 20;

/// One checkable condition for calling the task done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// The condition.
    pub text: String,
    /// Whether it has been seen to hold.
    #[serde(default)]
    pub met: bool,
}

/// Who asked for the task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// Sort of requester.
    #[serde(rename = "type")]
    pub kind: ActorKind,
    /// Name.
    pub id: String,
    /// Where the wish came from, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
}

/// What the work needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Requirements {
    /// Skill and minimum level, 1 to 5. Empty: every agent suits.
    pub capabilities: BTreeMap<String, u8>,
    /// Named resources and amounts.
    pub resources: BTreeMap<String, f64>,
    /// Further conditions in words.
    pub constraints: Vec<String>,
    /// Agents wanted at once; at least 1.
    #[serde(default = "one")]
    pub team_size: u32,
    /// Roles wanted; empty: any.
    pub roles: Vec<String>,
}

fn one() -> u32 {
    1
}

/// Who does it and how that came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The agent who answers for the result.
    pub primary_agent: AgentId,
    /// Others on the team.
    #[serde(default)]
    pub collaborators: Vec<AgentId>,
    /// When.
    pub assigned_at: Timestamp,
    /// By what way.
    pub assignment_method: AssignmentMethod,
    /// Team pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<TeamPattern>,
    /// Why this agent: candidates, scores and the losers' reasons, as the assignment computed them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Value>,
}

/// One predecessor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// The predecessor.
    pub task_id: TaskId,
    /// Meaning of the edge.
    pub kind: DependencyKind,
    /// The condition of a conditional edge, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Whether somebody said that the condition holds; means nothing for the other kinds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub holds: bool,
}

impl Dependency {
    /// A plain edge: `task_id` must be completed first.
    pub fn sequential(task_id: TaskId) -> Self {
        Self { task_id, kind: DependencyKind::Sequential, condition: None, holds: false }
    }

    /// Whether the edge is met by a predecessor in `status`.
    pub fn met_by(&self, status: Status) -> bool {
        status == Status::Completed && (self.kind != DependencyKind::Conditional || self.holds)
    }
}

/// Edges of a task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dependencies {
    /// Successors; derived, filled only where a record is shown.
    pub blocking: Vec<TaskId>,
    /// Predecessors.
    pub blocked_by: Vec<Dependency>,
}

/// A named point that work can go back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// When.
    pub at: Timestamp,
    /// What had been reached.
    pub note: String,
}

/// How the work goes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Execution {
    /// Start of the first attempt.
    pub started_at: Option<Timestamp>,
    /// End of the last attempt that closed the task.
    pub ended_at: Option<Timestamp>,
    /// Percent, 0 to 100.
    pub progress: u8,
    /// What is being done, in a few words.
    pub current_step: Option<String>,
    /// When the worker expects to be done.
    pub estimated_completion: Option<Timestamp>,
    /// Points to go back to.
    pub checkpoints: Vec<Checkpoint>,
    /// Paths or addresses of results.
    pub artifacts: Vec<String>,
    /// Paths of transcripts.
    pub logs: Vec<String>,
    /// Named results for those who build on this task.
    pub outputs: BTreeMap<String, Value>,
}

/// Judgement of the work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Who judges.
    pub kind: ReviewKind,
    /// Name of the judge.
    #[serde(default)]
    pub reviewer: Option<String>,
    /// Outcome.
    pub status: ReviewStatus,
    /// What the judge said.
    #[serde(default)]
    pub feedback: Option<String>,
    /// 0 to 100.
    #[serde(default)]
    pub quality_score: Option<u8>,
    /// Score by criterion, 0 to 100.
    #[serde(default)]
    pub criteria: BTreeMap<String, u8>,
}

/// Sizes and counters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Expected effort in minutes.
    pub estimated_duration: Option<u32>,
    /// Minutes that are undercut and exceeded in one of ten cases each, where the estimate was a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate_range: Option<[u32; 2]>,
    /// Where the estimate is from, if not from whoever wrote it down: `history`, `playbook NAME` or `model NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate_by: Option<String>,
    /// Measured effort in minutes.
    pub actual_duration: Option<u32>,
    /// Relative size.
    pub story_points: Option<f64>,
    /// Looks.
    pub complexity: Option<Complexity>,
    /// Labels.
    pub tags: Vec<String>,
    /// Retries so far.
    pub retry_count: u32,
    /// Retries allowed.
    pub max_retries: u32,
    /// Longest run of one attempt in seconds; none: the runner's own limit.
    pub run_limit: Option<u32>,
}

impl Default for Metadata {
    fn default() -> Self {
        Self {
            estimated_duration: None,
            estimate_range: None,
            estimate_by: None,
            actual_duration: None,
            story_points: None,
            complexity: None,
            tags: Vec::new(),
            retry_count: 0,
            max_retries: 3,
            run_limit: None,
        }
    }
}

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    /// Kind.
    pub kind: BlockerKind,
    /// In words.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// How often this task was blocked for the same reason, this time included.
    pub count: u32,
    /// It was in the backlog before, and goes back there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shelved: bool,
}

/// A card's place in the queue for a full lane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    /// The lane it waits for.
    pub lane: Lane,
    /// Since when; the queue is first come, first served.
    pub since: Timestamp,
    /// Who takes it on when it enters `In progress`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
}

/// A worker's hold on a task. The token that proves it is kept apart and never shown with the task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Fencing number: rises with every claim of the task.
    pub epoch: u64,
    /// Who holds it.
    pub agent_id: AgentId,
    /// Since when.
    pub claimed_at: Timestamp,
    /// Lease in seconds; a missed heartbeat for this long ends the claim.
    pub lease_seconds: u32,
}

/// Where an imported task came from: the key by which a second import finds it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct External {
    /// Importer, such as `beads` or `github`.
    pub source: String,
    /// The task's id there.
    pub key: String,
    /// Address there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Fingerprints of what was last seen there, so that the next import changes only what has changed there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub seen: String,
}

/// A remark on a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Id.
    pub comment_id: CommentId,
    /// On which task.
    pub task_id: TaskId,
    /// Who.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// One task, to the field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Permanent id.
    pub task_id: TaskId,
    /// Short number.
    pub number: TaskNumber,
    /// Raised by every change of the record.
    #[serde(default)]
    pub rev: u64,
    /// Title; may hold any text, shown safely.
    pub title: String,
    /// Long text.
    #[serde(default)]
    pub description: String,
    /// Sort of work.
    #[serde(rename = "type")]
    pub kind: TaskKind,
    /// Level in the breakdown.
    pub level: Level,
    /// The task this is a part of.
    #[serde(default)]
    pub parent_id: Option<TaskId>,
    /// What the work does.
    pub category: Category,
    /// Where it stands.
    pub status: Status,
    /// Urgency.
    pub priority: Priority,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When the record last changed.
    pub updated_at: Timestamp,
    /// Wanted by.
    #[serde(default)]
    pub deadline: Option<Timestamp>,
    /// Not to be started earlier.
    #[serde(default)]
    pub not_before: Option<Timestamp>,
    /// When it is done.
    #[serde(default)]
    pub acceptance: Vec<Criterion>,
    /// Who asked.
    pub requester: Requester,
    /// What it needs.
    #[serde(default)]
    pub requirements: Requirements,
    /// Who does it.
    #[serde(default)]
    pub assignment: Option<Assignment>,
    /// Edges.
    #[serde(default)]
    pub dependencies: Dependencies,
    /// How it goes.
    #[serde(default)]
    pub execution: Execution,
    /// Judgement.
    #[serde(default)]
    pub review: Option<Review>,
    /// Sizes and counters.
    #[serde(default)]
    pub metadata: Metadata,
    /// Sprint it is planned in.
    #[serde(default)]
    pub sprint_id: Option<SprintId>,
    /// What was left of it when a sprint was closed over it.
    #[serde(default)]
    pub carry: Option<Carry>,
    /// Milestone, by name.
    #[serde(default)]
    pub milestone_id: Option<String>,
    /// Workflow, by name.
    #[serde(default)]
    pub workflow_id: Option<String>,
    /// What stands in the way.
    #[serde(default)]
    pub blocker: Option<Blocker>,
    /// What stood in the way before: the same reason again is counted on, across unblocking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_blocker: Option<Blocker>,
    /// When a failed task is tried again.
    #[serde(default)]
    pub retry_at: Option<Timestamp>,
    /// When it last became ready; aging counts from here.
    #[serde(default)]
    pub queued_at: Option<Timestamp>,
    /// Place in the queue for a full lane.
    #[serde(default)]
    pub admission: Option<Admission>,
    /// Passes lane limits; at most one task at a time.
    #[serde(default)]
    pub expedite: bool,
    /// Put away; not on the board any more.
    #[serde(default)]
    pub archived_at: Option<Timestamp>,
    /// The present hold.
    #[serde(default)]
    pub claim: Option<Claim>,
    /// The last fencing number given out; never goes back.
    #[serde(default)]
    pub epoch: u64,
    /// Where it came from.
    #[serde(default)]
    pub external: Option<External>,
}

impl Task {
    /// The lane that counts this card: one that waits to be admitted still counts where it came from.
    pub fn lane(&self) -> Lane {
        match &self.admission {
            Some(admission) if Lane::of(self.status) == admission.lane => match admission.lane {
                Lane::Review => Lane::InProgress,
                Lane::InProgress => Lane::Ready,
                _ => Lane::Backlog,
            },
            _ => Lane::of(self.status),
        }
    }

    /// True for a task that takes up a place in a lane with a limit.
    pub fn is_card(&self) -> bool {
        self.level == Level::Task && self.archived_at.is_none()
    }

    /// The agent who answers for it, if any.
    pub fn agent(&self) -> Option<AgentId> {
        self.claim.as_ref().map(|c| c.agent_id).or(self.assignment.as_ref().map(|a| a.primary_agent))
    }

    /// Minutes that are left of it, by its estimate and its progress: at least 1 while it is open, 0 afterwards.
    pub fn remaining_minutes(&self) -> Option<u32> {
        let whole = u64::from(self.metadata.estimated_duration?);
        let left = (whole * u64::from(100 - self.execution.progress.min(100))).div_ceil(100);
        // A share of a u32 is one.
        Some(if self.status.is_closed() { 0 } else { (left as u32).max(1) })
    }

    /// True while it takes up its agent's time: a paused task that nobody holds waits for an answer, and the agent is
    /// free.
    pub fn takes_time(&self) -> bool {
        match self.status {
            Status::Assigned | Status::Executing => true,
            Status::Paused => self.claim.is_some(),
            _ => false,
        }
    }
}
