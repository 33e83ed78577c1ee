//! The rows that changes create, alter and remove, as one type: what undo, export and replay deal in.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::id::{AgentId, AttemptId, CommentId, EscalationId, SprintId, TaskId};
use super::task::Comment;
use super::{Agent, Attempt, Escalation, Policy, Sprint, Task};

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
            Self::Escalation(id) => write!(f, "question {id}"),
            Self::Comment(id) => write!(f, "comment {id}"),
            Self::Policy => f.write_str("settings"),
        }
    }
}

/// Fields that no undo takes back: they only ever go forward.
const FORWARD_ONLY: &[&str] = &["rev", "updated_at", "epoch"];

impl RecordId {
    /// The bare id; nil for the settings.
    pub fn uuid(self) -> uuid::Uuid {
        match self {
            Self::Task(id) => id.0,
            Self::Attempt(id) => id.0,
            Self::Agent(id) => id.0,
            Self::Sprint(id) => id.0,
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
        let now = self.fields();
        before
            .fields()
            .into_iter()
            .filter(|(name, value)| !FORWARD_ONLY.contains(&name.as_str()) && now.get(name) != Some(value))
            .collect()
    }

    /// This record as a patch onto nothing.
    pub fn whole(&self) -> Map<String, Value> {
        self.fields()
    }

    /// The record with `patch` laid over it.
    pub fn patched(current: Option<&Self>, patch: &Map<String, Value>) -> Result<Self, serde_json::Error> {
        let mut fields = current.map(Self::fields).unwrap_or_default();
        fields.extend(patch.iter().map(|(name, value)| (name.clone(), value.clone())));
        serde_json::from_value(Value::Object(fields))
    }
}
