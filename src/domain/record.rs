//! The rows that changes create, alter and remove, as one type: what undo, export and replay deal in.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::id::{AgentId, AttemptId, CommentId, EscalationId, SprintId, TaskId};
use super::sprint::{Baseline, SprintOutcome};
use super::task::Comment;
use super::{Agent, Attempt, Escalation, Policy, Proposal, Sprint, SprintPlan, Task};

/// One row of any kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// A task.
    Task(Box<Task>),
    /// An attempt.
    Attempt(Box<Attempt>),
    /// An agent.
    Agent(Box<Agent>),
    /// A sprint.
    Sprint(Box<Sprint>),
    /// The plan of a sprint.
    Plan(Box<SprintPlan>),
    /// An open proposal to change a plan.
    Proposal(Box<Proposal>),
    /// What a sprint set out to do.
    Baseline(Box<Baseline>),
    /// What became of a sprint.
    Outcome(Box<SprintOutcome>),
    /// An escalation.
    Escalation(Box<Escalation>),
    /// A comment.
    Comment(Box<Comment>),
    /// The board's settings.
    Policy(Box<Policy>),
}

/// Names one row of any kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "record", content = "id", rename_all = "snake_case")]
pub enum RecordId {
    /// A task.
    Task(TaskId),
    /// An attempt.
    Attempt(AttemptId),
    /// An agent.
    Agent(AgentId),
    /// A sprint.
    Sprint(SprintId),
    /// The plan of this sprint.
    Plan(SprintId),
    /// The open proposal for this sprint.
    Proposal(SprintId),
    /// What this sprint set out to do.
    Baseline(SprintId),
    /// What became of this sprint.
    Outcome(SprintId),
    /// An escalation.
    Escalation(EscalationId),
    /// A comment.
    Comment(CommentId),
    /// The board's settings.
    Policy,
}

impl std::fmt::Display for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::Task(id) => write!(f, "task {id}"),
            Self::Attempt(id) => write!(f, "attempt {id}"),
            Self::Agent(id) => write!(f, "agent {id}"),
            Self::Sprint(id) => write!(f, "sprint {id}"),
            Self::Plan(id) => write!(f, "plan of sprint {id}"),
            Self::Proposal(id) => write!(f, "proposal for sprint {id}"),
            Self::Baseline(id) => write!(f, "baseline of sprint {id}"),
            Self::Outcome(id) => write!(f, "outcome of sprint {id}"),
            Self::Escalation(id) => write!(f, "question {id}"),
            Self::Comment(id) => write!(f, "comment {id}"),
            Self::Policy => f.write_str("settings"),
        }
    }
}

/// Fields that no undo takes back: they only ever go forward.
const FORWARD_ONLY: &[&str] = &["rev", "updated_at", "epoch"];

/// Marks of the rows that belong to a sprint. Ids begin with their time; it reaches these bits in the year 2527.
const PLAN: u8 = 0x10;
const PROPOSAL: u8 = 0x20;
const BASELINE: u8 = 0x40;
const OUTCOME: u8 = 0x80;

/// The sprint's id with the mark in its first byte; marking twice gives the id back.
fn marked(id: SprintId, mark: u8) -> uuid::Uuid {
    uuid::Uuid::from_u128(id.0.as_u128() ^ (u128::from(mark) << 120))
}

impl RecordId {
    /// The kind of row in one word, for the log's index.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Task(_) => "task",
            Self::Attempt(_) => "attempt",
            Self::Agent(_) => "agent",
            Self::Sprint(_) => "sprint",
            Self::Plan(_) => "plan",
            Self::Proposal(_) => "proposal",
            Self::Baseline(_) => "baseline",
            Self::Outcome(_) => "outcome",
            Self::Escalation(_) => "escalation",
            Self::Comment(_) => "comment",
            Self::Policy => "policy",
        }
    }

    /// The row of this kind with this bare id; the settings for a word that is none of the kinds.
    pub fn of_kind(kind: &str, id: uuid::Uuid) -> Self {
        match kind {
            "task" => Self::Task(TaskId(id)),
            "attempt" => Self::Attempt(AttemptId(id)),
            "agent" => Self::Agent(AgentId(id)),
            "sprint" => Self::Sprint(SprintId(id)),
            "plan" => Self::Plan(SprintId(marked(SprintId(id), PLAN))),
            "proposal" => Self::Proposal(SprintId(marked(SprintId(id), PROPOSAL))),
            "baseline" => Self::Baseline(SprintId(marked(SprintId(id), BASELINE))),
            "outcome" => Self::Outcome(SprintId(marked(SprintId(id), OUTCOME))),
            "escalation" => Self::Escalation(EscalationId(id)),
            "comment" => Self::Comment(CommentId(id)),
            _ => Self::Policy,
        }
    }

    /// The bare id; nil for the settings. What belongs to a sprint has the sprint's with a mark of its own.
    pub fn uuid(self) -> uuid::Uuid {
        match self {
            Self::Task(id) => id.0,
            Self::Attempt(id) => id.0,
            Self::Agent(id) => id.0,
            Self::Sprint(id) => id.0,
            Self::Plan(id) => marked(id, PLAN),
            Self::Proposal(id) => marked(id, PROPOSAL),
            Self::Baseline(id) => marked(id, BASELINE),
            Self::Outcome(id) => marked(id, OUTCOME),
            Self::Escalation(id) => id.0,
            Self::Comment(id) => id.0,
            Self::Policy => uuid::Uuid::nil(),
        }
    }
}

impl Record {
    /// Which row this is.
    pub fn id(&self) -> RecordId {
        match self {
            Self::Task(r) => RecordId::Task(r.task_id),
            Self::Attempt(r) => RecordId::Attempt(r.attempt_id),
            Self::Agent(r) => RecordId::Agent(r.agent_id),
            Self::Sprint(r) => RecordId::Sprint(r.sprint_id),
            Self::Plan(r) => RecordId::Plan(r.sprint_id),
            Self::Proposal(r) => RecordId::Proposal(r.sprint_id),
            Self::Baseline(r) => RecordId::Baseline(r.sprint_id),
            Self::Outcome(r) => RecordId::Outcome(r.sprint_id),
            Self::Escalation(r) => RecordId::Escalation(r.escalation_id),
            Self::Comment(r) => RecordId::Comment(r.comment_id),
            Self::Policy(_) => RecordId::Policy,
        }
    }

    /// How often the row was changed; settings and comments do not count.
    pub fn rev(&self) -> u64 {
        match self {
            Self::Task(r) => r.rev,
            Self::Attempt(r) => r.rev,
            Self::Agent(r) => r.rev,
            Self::Sprint(r) => r.rev,
            Self::Plan(r) => r.rev,
            Self::Proposal(r) => r.rev,
            Self::Baseline(r) => r.rev,
            Self::Outcome(r) => r.rev,
            Self::Escalation(r) => r.rev,
            Self::Comment(_) | Self::Policy(_) => 0,
        }
    }

    pub(super) fn rev_mut(&mut self) -> Option<&mut u64> {
        match self {
            Self::Task(r) => Some(&mut r.rev),
            Self::Attempt(r) => Some(&mut r.rev),
            Self::Agent(r) => Some(&mut r.rev),
            Self::Sprint(r) => Some(&mut r.rev),
            Self::Plan(r) => Some(&mut r.rev),
            Self::Proposal(r) => Some(&mut r.rev),
            Self::Baseline(r) => Some(&mut r.rev),
            Self::Outcome(r) => Some(&mut r.rev),
            Self::Escalation(r) => Some(&mut r.rev),
            Self::Comment(_) | Self::Policy(_) => None,
        }
    }

    fn fields(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => unreachable!("every record serializes to an object"),
        }
    }

    /// The fields of `before` that differ from this record: applying them with [`Record::patched`] leads back.
    pub fn difference(&self, before: &Self) -> Map<String, Value> {
        let (now, mut then) = (self.fields(), before.fields());
        for name in now.keys() {
            // What was nothing is not written.
            then.entry(name.clone()).or_insert(Value::Null);
        }
        then.retain(|name, value| !FORWARD_ONLY.contains(&name.as_str()) && now.get(name) != Some(value));
        then
    }

    /// This record as a patch onto nothing.
    pub fn whole(&self) -> Map<String, Value> {
        self.fields()
    }

    /// The record with `patch` laid over it.
    pub fn patched(current: Option<&Self>, patch: &Map<String, Value>) -> Result<Self, serde_json::Error> {
        let mut fields = current.map(Self::fields).unwrap_or_default();
        fields.extend(patch.iter().map(|(name, value)| (name.clone(), value.clone())));
        // What is nothing is not written, whatever it is where it is something.
        fields.retain(|_, value| !value.is_null());
        serde_json::from_value(Value::Object(fields))
    }
}
